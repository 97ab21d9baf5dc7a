//! Opening an envelope: the methods of the target in their order, and one complaint when none opens it.

use zeroize::Zeroizing;

use super::cipher::{self, Sealed};
use super::envelope::{Envelope, tampered};
use super::keys::NoKey;
use super::kms::KmsKeys;
use super::settings::{Encryption, Sealing};
use crate::model::State;
use crate::tofu::state::{self, StateError, StateErrorKind as Kind};

/// What came of one method, by how much it tells a person: the last of these is the complaint.
enum Failure {
    NotUsed,
    Undeclared(String),
    Unsupported(String),
    Unavailable(String, String),
    NotWrapped(String),
    OtherKey(String),
    KeyLength(String),
    Changed(String, bool),
    ChangedMeta(String),
    Short,
}

impl Failure {
    /// How much it tells: that the key was right tells more than that it was another.
    fn weight(&self) -> u8 {
        match self {
            Self::NotUsed => 0,
            Self::Undeclared(_) => 1,
            Self::Unsupported(_) => 2,
            Self::OtherKey(_) | Self::NotWrapped(_) => 3,
            Self::Unavailable(..) => 4,
            Self::KeyLength(_) => 5,
            Self::ChangedMeta(_) => 6,
            Self::Changed(..) | Self::Short => 7,
        }
    }
}

impl Encryption {
    /// Opens an envelope: the text of the state in it.
    ///
    /// # Errors
    /// [`Kind::WrongKey`], [`Kind::MissingKeyProvider`] and [`Kind::Tampered`], as far as they can be told apart (see the module);
    /// [`Kind::Unsupported`] and [`Kind::Unreadable`] when a key cannot be had.
    pub fn open(
        &self,
        envelope: &Envelope,
        kms: &KmsKeys,
    ) -> Result<Zeroizing<Vec<u8>>, StateError> {
        let mut worst: Option<Failure> = None;
        for method in &self.methods {
            let failure = match &method.sealing {
                Sealing::Plain => continue,
                Sealing::Unsupported(kind) => Failure::Unsupported(format!("method `{kind}`")),
                Sealing::AesGcm { keys, aad } => match self.try_method(keys, aad, envelope, kms) {
                    Ok(text) => return Ok(text),
                    Err(failure) => failure,
                },
            };
            if worst
                .as_ref()
                .is_none_or(|worst| failure.weight() > worst.weight())
            {
                worst = Some(failure);
            }
        }
        Err(self.complaint(worst, envelope))
    }

    /// Opens an envelope and reads the state in it.
    ///
    /// # Errors
    /// As [`Encryption::open`]; [`Kind::Tampered`] also when serial or lineage differ outside and inside; as
    /// [`state::parse`] for the text itself.
    pub fn state(&self, envelope: &Envelope, kms: &KmsKeys) -> Result<State, StateError> {
        let mut open = self.open(envelope, kms)?;
        let state = state::parse(&envelope.source, std::mem::take(&mut *open))?;
        envelope.agrees(state.serial, &state.lineage)?;
        Ok(state)
    }

    fn try_method(
        &self,
        keys: &str,
        aad: &[u8],
        envelope: &Envelope,
        kms: &KmsKeys,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let key = self.key(keys, envelope, kms).map_err(|none| match none {
            NoKey::NotUsed => Failure::NotUsed,
            NoKey::Undeclared(address) => Failure::Undeclared(address),
            NoKey::Changed(meta) => Failure::ChangedMeta(meta),
            NoKey::NotWrapped(key) => Failure::NotWrapped(key),
            NoKey::Unavailable(message, hint) => Failure::Unavailable(message, hint),
            NoKey::Unsupported(kind) => Failure::Unsupported(format!("key provider `{kind}`")),
        })?;
        cipher::open(&key, aad, &envelope.data).map_err(|sealed| match sealed {
            Sealed::Short => Failure::Short,
            Sealed::Changed => Failure::Changed(keys.to_owned(), !aad.is_empty()),
            Sealed::OtherKey => Failure::OtherKey(keys.to_owned()),
            Sealed::KeyLength => Failure::KeyLength(keys.to_owned()),
        })
    }

    fn complaint(&self, failure: Option<Failure>, envelope: &Envelope) -> StateError {
        let source = envelope.source.as_str();
        let error =
            |kind, message: String, hint: String| StateError::new(kind, source, message).hint(hint);
        let sealed_with = listed(envelope.meta.keys().map(String::as_str));
        let configured = listed(
            self.providers
                .values()
                .map(|provider| provider.meta.as_str()),
        );
        let pull = "or hand the state over opened: `tofu state pull | driftline drift --state -`";
        match failure {
            None => error(
                Kind::MissingKeyProvider,
                format!("the state is encrypted with {sealed_with}, and `{}` configures no method to open state with", self.file),
                format!("add the method to `state` in the `encryption` block or TF_ENCRYPTION, {pull}"),
            ),
            Some(Failure::NotUsed) => error(
                Kind::MissingKeyProvider,
                format!("the state is encrypted with {sealed_with}, and the methods for state in `{}` use {configured}", self.file),
                format!("declare that key provider (or name it in `encrypted_metadata_alias`) and add its method as a `fallback`, {pull}"),
            ),
            Some(Failure::Undeclared(address)) => error(
                Kind::MissingKeyProvider,
                format!("the key provider `key_provider.{address}` is used in `{}` and declared nowhere", self.file),
                "declare it in the `encryption` block or in TF_ENCRYPTION".into(),
            ),
            Some(Failure::Unsupported(what)) => error(
                Kind::Unsupported,
                format!("the state is encrypted with {sealed_with}; driftline does not open the {what}"),
                "let tofu open it: `tofu state pull | driftline drift --state -`".into(),
            ),
            Some(Failure::Unavailable(message, hint)) => error(Kind::Unreadable, message, hint),
            Some(Failure::NotWrapped(key)) => error(
                Kind::WrongKey,
                format!("wrong key: Cloud KMS says that `{key}` did not wrap the key of this state"),
                "look at `kms_encryption_key` in the configuration the state was written with".into(),
            ),
            Some(Failure::OtherKey(address)) => error(
                Kind::WrongKey,
                format!("wrong passphrase or key: `key_provider.{address}` gives a key that does not open this state"),
                "give the passphrase it was written with (after a rotation, keep the old one as a `fallback`); a changed salt in `meta` looks \
                 the same"
                    .into(),
            ),
            Some(Failure::KeyLength(address)) => error(
                Kind::Configuration,
                format!("`key_provider.{address}` gives a key of a length that AES does not have"),
                "AES keys have 16, 24 or 32 bytes: `key_length`".into(),
            ),
            Some(Failure::Short) => tampered(source, "the encrypted data is too short to be a state"),
            Some(Failure::ChangedMeta(meta)) => {
                tampered(source, &format!("the metadata of `{meta}` is not what that key provider leaves"))
            }
            Some(Failure::Changed(address, aad)) => {
                let which = if aad { ", or `aad` is not what it was" } else { "" };
                tampered(source, &format!("the key of `key_provider.{address}` fits, and the text fails its check{which}"))
            }
        }
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "no key provider that leaves metadata".into()
    } else {
        names.join(" and ")
    }
}
