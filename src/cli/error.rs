//! What goes wrong, said once: what, why, and what to do.

use std::fmt;

/// A failure that ends the run with exit code 1.
#[derive(Debug)]
pub struct CommandError {
    message: String,
    hints: Vec<String>,
}

impl CommandError {
    /// A failure with its sentence: lower case, no full stop, the thing it is about named.
    pub fn new(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            hints: Vec::new(),
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        for hint in &self.hints {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for CommandError {}

/// How a run ended, as an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Looked at everything and found nothing.
    Clean,
    /// Could not finish, or was asked to fail on gaps and found some.
    Failed,
    /// Found differences.
    Different,
    /// Found no difference, but something could not be read.
    Incomplete,
}

impl Outcome {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Failed => 1,
            Self::Different => 2,
            Self::Incomplete => 3,
        }
    }
}
