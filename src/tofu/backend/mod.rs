//! Where state lives: files, folders, patterns, Cloud Storage, HTTP, standard input, and what a configuration's backend says.
//!
//! Nothing is ever written, no lock is taken, and a workspace that has no state is not made.

mod args;
mod discover;
mod fetch;
mod gcs;
mod http;
mod load;
mod local;
mod lock;
mod pointer;
mod s3;
mod settings;

pub use args::{AskPassphrase, StateArgs};
pub use discover::remote;
pub use fetch::{Fetch, FetchError, Request, Response, Tls};

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::model::{Note, Severity, State};
use crate::tofu::encryption::KmsDecrypt;
use crate::tofu::root::{Environment, Root};
use crate::tofu::state::StateError;

/// The states that were found, and what is to be said about them.
#[derive(Debug, Default)]
pub struct Resolved {
    /// The states, in the order they were asked for; those of a folder, pattern or prefix by name.
    pub states: Vec<State>,
    /// Locks that are held, places without state, files that were passed over.
    pub notes: Vec<Note>,
}

/// One document, read but not parsed.
struct Fetched {
    /// What a person would call the place.
    source: String,
    /// What it is, whatever it was called: the file, or the whole URL; nothing where its source says all.
    place: Option<PathBuf>,
    bytes: Vec<u8>,
    origin: Origin,
}

/// Leaves out what was read already, by whatever name.
fn once(documents: Vec<Fetched>, notes: &mut Vec<Note>) -> Vec<Fetched> {
    let mut seen: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut out = Vec::new();
    for document in documents {
        let place = document.place.clone();
        let place = place.unwrap_or_else(|| PathBuf::from(&document.source));
        match seen.get(&place) {
            None => {
                seen.insert(place, document.source.clone());
                out.push(document);
            }
            Some(first) => notes.push(note(
                Severity::Info,
                format!(
                    "`{}` is the same state as `{first}`, and counts once",
                    document.source
                ),
                "",
            )),
        }
    }
    out
}

/// How a document was come by, which decides what is made of plain text where encryption is configured.
enum Origin {
    /// Standard input: opened by someone on purpose.
    Stdin,
    /// Named by `--state`; a file's folder may hold the configuration that opens it.
    Named(Option<PathBuf>),
    /// Found through a configuration's backend.
    Backend,
}

/// Finds and reads every state asked for, or that of the configuration when none is.
///
/// A configuration without any state yet gives no states and a note. States are parsed side by side.
///
/// # Errors
/// The first place that cannot be read, text that is no state, encrypted state that does not open, a backend that
/// driftline does not read from: each with what to do about it.
pub async fn resolve(
    args: &StateArgs,
    environment: &Environment,
    fetch: &dyn Fetch,
    kms: &dyn KmsDecrypt,
) -> Result<Resolved, StateError> {
    let mut notes = Vec::new();
    let documents = if args.state.is_empty() {
        discover::documents(args, environment, fetch, &mut notes).await?
    } else {
        let mut documents = Vec::new();
        for value in &args.state {
            documents.extend(args::documents(value, args, environment, fetch, &mut notes).await?);
        }
        once(documents, &mut notes)
    };
    let states = load::parse_all(documents, args, environment, kms, &mut notes).await?;
    Ok(Resolved { states, notes })
}

/// The root module at a folder, with the selected workspace known to its expressions.
fn root_at(
    dir: &std::path::Path,
    args: &StateArgs,
    environment: &Environment,
) -> Result<Root, StateError> {
    let mut root = Root::read(dir, &args.inputs, environment)?;
    root.values
        .set_workspace(&pointer::workspace(dir, args, environment)?);
    Ok(root)
}

fn note(severity: Severity, message: impl Into<String>, hint: impl Into<String>) -> Note {
    Note {
        severity,
        message: message.into(),
        place: None,
        hint: hint.into(),
    }
}
