//! State documents: format version 4, and what `tofu show -json` prints of one.
//!
//! The text is held once and attributes stay parts of it, so a state of hundreds of megabytes costs little more than itself.

mod document;
mod error;
mod not_a_state;
mod provider;
mod sensitive;
mod show;

use std::sync::Arc;

pub use error::{StateError, StateErrorKind};
pub(in crate::tofu) use provider::beta;

use crate::model::State;
use document::Broken;

/// Reads a state: format version 4, or the output of `tofu show -json` for a state.
///
/// `source` is what a person would call the place it came from.
///
/// # Errors
/// One that says what the text is instead: cut short, no JSON, another document, another version, a plan, encrypted.
pub fn parse(source: &str, bytes: impl Into<Vec<u8>>) -> Result<State, StateError> {
    parse_text(source, &text(source, bytes.into())?)
}

/// The text of a state document, shared by all that is read from it.
///
/// It need not be valid UTF-8: what is not becomes U+FFFD, as in tofu.
///
/// # Errors
/// What shows by its first bytes that it is no state: an empty file, a plan file, UTF-16.
pub fn text(source: &str, bytes: Vec<u8>) -> Result<Arc<String>, StateError> {
    not_a_state::by_first_bytes(source, &bytes)?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Arc::new(text),
        Err(invalid) => Arc::new(String::from_utf8_lossy(invalid.as_bytes()).into_owned()),
    })
}

/// Reads a state from a text that the caller keeps: [`StateErrorKind::Encrypted`] is where decryption begins.
///
/// # Errors
/// As [`parse`].
pub fn parse_text(source: &str, text: &Arc<String>) -> Result<State, StateError> {
    let mut state = State {
        source: source.to_owned(),
        ..State::default()
    };
    let document =
        document::read(text, &mut state).map_err(|e| not_a_state::explain(source, text, &e))?;
    not_a_state::by_members(source, &document)?;
    if document.format_version && document.version.is_none() {
        return show::state(&document, state, text)
            .map_err(|Broken(reason)| not_a_state::broken(source, &reason));
    }
    Ok(state)
}
