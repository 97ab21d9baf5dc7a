//! From bytes to states: side by side, opened where encrypted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::{Fetched, Origin, StateArgs, note};
use crate::model::{Note, Severity, State};
use crate::tofu::encryption::{Encryption, Envelope, KmsDecrypt, KmsKeys};
use crate::tofu::root::Environment;
use crate::tofu::state::{self, StateError, StateErrorKind};

/// A document after the first look at its text.
enum Looked {
    Plain(State),
    Sealed(Envelope, StateError),
}

/// Parses every document, in order.
pub(super) async fn parse_all(
    documents: Vec<Fetched>,
    args: &StateArgs,
    environment: &Environment,
    kms: &dyn KmsDecrypt,
    notes: &mut Vec<Note>,
) -> Result<Vec<State>, StateError> {
    let mut keyrings = Keyrings {
        args,
        environment,
        by_folder: BTreeMap::new(),
    };
    let look = |document: Fetched| (look(&document.source, document.bytes), document.origin);
    let looked: Vec<_> = documents.into_par_iter().map(look).collect();
    // The first error in order, before anyone is asked for a passphrase.
    let looked = looked
        .into_iter()
        .map(|(looked, origin)| Ok((looked?, origin)))
        .collect::<Result<Vec<_>, StateError>>()?;
    let mut states = Vec::new();
    let mut sealed = Vec::new();
    for (at, (looked, origin)) in looked.into_iter().enumerate() {
        match looked {
            Looked::Plain(state) => {
                keyrings.accept_plain(&state.source, &origin, notes)?;
                states.push(Some(state));
            }
            Looked::Sealed(envelope, unopened) => {
                let encryption = keyrings.asked(&origin, &envelope)?.ok_or(unopened)?;
                let keys = KmsKeys::unwrap_for(&encryption, &envelope, kms).await;
                states.push(None);
                sealed.push((at, envelope, encryption, keys));
            }
        }
    }
    let open = |(at, envelope, encryption, keys): (_, Envelope, Arc<Encryption>, _)| {
        (at, encryption.state(&envelope, &keys))
    };
    let opened: Vec<_> = sealed.into_par_iter().map(open).collect();
    for (at, state) in opened {
        states[at] = Some(state?);
    }
    Ok(states.into_iter().flatten().collect())
}

fn look(source: &str, bytes: Vec<u8>) -> Result<Looked, StateError> {
    let text = state::text(source, bytes)?;
    match state::parse_text(source, &text) {
        Ok(state) => Ok(Looked::Plain(state)),
        Err(unopened) if unopened.kind == StateErrorKind::Encrypted => {
            Ok(Looked::Sealed(Envelope::parse(source, &text)?, unopened))
        }
        Err(error) => Err(error),
    }
}

/// The encryption that each folder's configuration asks for.
struct Keyrings<'a> {
    args: &'a StateArgs,
    environment: &'a Environment,
    by_folder: BTreeMap<PathBuf, Option<Arc<Encryption>>>,
}

impl Keyrings<'_> {
    /// The encryption for a document: that of `--config`, else of the file's own folder, else of the working directory.
    fn of(&mut self, origin: &Origin) -> Result<Option<Arc<Encryption>>, StateError> {
        if let Some(config) = self.args.config.clone() {
            return self.at(&self.environment.path(config));
        }
        if let Origin::Named(Some(folder)) = origin
            && let Some(found) = self.at(&folder.clone())?
        {
            return Ok(Some(found));
        }
        self.at(&self.environment.cwd.clone())
    }

    /// The encryption for a document, once a person was asked for the passphrases that are not known.
    fn asked(
        &mut self,
        origin: &Origin,
        envelope: &Envelope,
    ) -> Result<Option<Arc<Encryption>>, StateError> {
        let Some(configured) = self.of(origin)? else {
            let Some(mut guessed) = Encryption::guessed(envelope) else {
                return Ok(None);
            };
            return Ok(self
                .complete(&mut guessed, envelope)
                .then(|| Arc::new(guessed)));
        };
        let mut completed = Encryption::clone(&configured);
        if !self.complete(&mut completed, envelope) {
            return Ok(Some(configured));
        }
        let completed = Arc::new(completed);
        // Nobody is asked twice.
        let same = |known: &&mut Option<Arc<Encryption>>| {
            known
                .as_ref()
                .is_some_and(|known| Arc::ptr_eq(known, &configured))
        };
        self.by_folder
            .values_mut()
            .filter(same)
            .for_each(|known| *known = Some(Arc::clone(&completed)));
        Ok(Some(completed))
    }

    /// Asks for the passphrases an envelope wants. Gives whether one was typed.
    fn complete(&self, encryption: &mut Encryption, envelope: &Envelope) -> bool {
        let mut typed = false;
        for address in encryption.wanted_passphrases(envelope) {
            let question = format!(
                "passphrase of `key_provider.{address}`, for `{}`",
                envelope.source
            );
            if let Some(passphrase) =
                (self.args.ask)(&question).filter(|passphrase| !passphrase.is_empty())
            {
                encryption.give_passphrase(&address, passphrase);
                typed = true;
            }
        }
        typed
    }

    fn at(&mut self, dir: &Path) -> Result<Option<Arc<Encryption>>, StateError> {
        if let Some(known) = self.by_folder.get(dir) {
            return Ok(known.clone());
        }
        let root = super::root_at(dir, self.args, self.environment)?;
        let found =
            Encryption::read(&root.encryption, &root.values, self.environment)?.map(Arc::new);
        self.by_folder.insert(dir.to_owned(), found.clone());
        Ok(found)
    }

    /// Whether plain text is in order where encryption is configured. Tofu refuses it; what was handed over by hand is taken
    /// with a word, unless the configuration enforces encryption.
    fn accept_plain(
        &mut self,
        source: &str,
        origin: &Origin,
        notes: &mut Vec<Note>,
    ) -> Result<(), StateError> {
        // A file named by itself has no configuration unless one is named too.
        if matches!(origin, Origin::Stdin)
            || (matches!(origin, Origin::Named(_)) && self.args.config.is_none())
        {
            return Ok(());
        }
        let Some(encryption) = self
            .of(origin)?
            .filter(|encryption| !encryption.accepts_plain())
        else {
            return Ok(());
        };
        let file = super::local::shown(encryption.file.as_ref(), self.environment);
        let message = format!("the state is not encrypted, and `{file}` accepts no plain text");
        if matches!(origin, Origin::Backend) || encryption.enforced {
            return Err(StateError::new(StateErrorKind::Configuration, source, message).hint(
                "while state is being migrated, add an `unencrypted` method as `fallback`; a state opened on purpose comes in by `--state -`",
            ));
        }
        notes.push(note(
            Severity::Warning,
            format!("`{source}`: {message}"),
            "tofu would refuse it; is it the right file?",
        ));
        Ok(())
    }
}
