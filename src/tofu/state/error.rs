//! Why a state could not be had.

use std::fmt;

/// What kind of trouble it is; for tests and for callers that treat one kind differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateErrorKind {
    /// There is nothing at the place named.
    NotFound,
    /// It is there and may not or could not be read.
    Unreadable,
    /// The text ends before the document does.
    Truncated,
    /// The text is not JSON.
    Syntax,
    /// JSON, but no state: another document, or one that breaks the format's own rules.
    Foreign,
    /// A state of another format version.
    Version,
    /// A plan, not a state.
    Plan,
    /// The pointer file `.terraform/terraform.tfstate`, which names a backend and holds no resource.
    Pointer,
    /// Encrypted, and there is no configuration that could open it.
    Encrypted,
    /// The passphrase or key is not the one it was written with.
    WrongKey,
    /// Encrypted by a key provider or method that the configuration does not have.
    MissingKeyProvider,
    /// The encrypted text is not what was written.
    Tampered,
    /// A key provider, method or backend that driftline does not read from.
    Unsupported,
    /// The configuration that says where or how state is kept is wrong or cannot be known.
    Configuration,
}

/// One clear complaint: about what, where, what is the matter, and what to do. Holds nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateError {
    /// The kind of trouble.
    pub kind: StateErrorKind,
    /// What it is about, as a person would name it: a path, `gs://…`, `-`.
    pub file: String,
    /// Line and column, from 1, where the trouble has a place in a text.
    pub place: Option<(usize, usize)>,
    /// What is the matter: one line, lower case, no full stop.
    pub message: String,
    /// What to do about it; empty when the message says it.
    pub hint: String,
}

impl StateError {
    /// A complaint about a whole file.
    pub fn new(kind: StateErrorKind, file: &str, message: impl Into<String>) -> Self {
        Self {
            kind,
            file: file.to_owned(),
            place: None,
            message: brief(message.into()),
            hint: String::new(),
        }
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The same, at a line and column of the file.
    #[must_use]
    pub fn at(mut self, line: usize, column: usize) -> Self {
        self.place = (line > 0).then_some((line, column));
        self
    }
}

/// Most characters of a message.
const MOST: usize = 400;

/// A message without its middle where it quotes something longer than anybody reads.
fn brief(message: String) -> String {
    let count = message.chars().count();
    if count <= MOST {
        return message;
    }
    let head = message.chars().take(MOST / 2);
    head.chain(" … ".chars())
        .chain(message.chars().skip(count - MOST / 2))
        .collect()
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.file)?;
        if let Some((line, column)) = self.place {
            write!(f, " line {line} column {column}")?;
        }
        write!(f, ": {}", self.message)?;
        if !self.hint.is_empty() {
            write!(f, "\nhint: {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for StateError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_its_ends_and_loses_a_long_middle() {
        let said = |reason: String| StateError::new(StateErrorKind::Foreign, "f", reason).message;
        assert_eq!(said("short".into()), "short");
        let long = said(format!("the mode `{}` is none", "é".repeat(3000)));
        assert!(
            long.starts_with("the mode `éé") && long.ends_with("éé` is none"),
            "{long}"
        );
        assert!(long.chars().count() <= MOST + 3, "{long}");
    }
}
