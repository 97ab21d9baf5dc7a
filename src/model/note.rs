//! Complaints of the core, with the place they are about.

/// A place in a text the user wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the user would name it.
    pub file: String,
    /// The line, from 1; 0 when only the file is known.
    pub line: usize,
    /// The column, from 1; 0 when only the line is known.
    pub column: usize,
    /// The line of source itself, for an excerpt; empty when there is none.
    pub excerpt: String,
}

/// How grave a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth saying.
    Info,
    /// Something was left out or is incomplete.
    Warning,
    /// Something could not be done.
    Error,
}

/// A complaint: what, about what, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// How grave.
    pub severity: Severity,
    /// What is the matter, in one line: lower case, no full stop.
    pub message: String,
    /// Where, if it is about a text of the user's.
    pub place: Option<Place>,
    /// What to do about it; empty when there is nothing to do.
    pub hint: String,
}
