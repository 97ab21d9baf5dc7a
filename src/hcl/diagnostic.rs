//! What can be wrong with an expression.

use std::ops::Range;

/// Why an expression has no value, in the words of tofu's own summaries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of mistake: `Invalid index`.
    pub summary: String,
    /// What exactly is wrong, in one sentence. Never the content of a value that is sensitive.
    pub detail: String,
    /// Bytes of the source it is about, where known.
    pub span: Option<Range<usize>>,
    /// Whether a reference is at fault: tofu refuses those before it evaluates anything, even inside `try`.
    pub reference: bool,
}

impl Diagnostic {
    /// A complaint without a place.
    pub fn new(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { summary: summary.into(), detail: detail.into(), span: None, reference: false }
    }

    /// A complaint about a reference.
    pub fn reference(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { reference: true, ..Self::new(summary, detail) }
    }

    /// The same complaint about a place, unless it has one already.
    pub fn at(mut self, span: Option<Range<usize>>) -> Self {
        self.span = self.span.or(span);
        self
    }
}

/// A value, or why there is none.
pub type Outcome = Result<super::value::Value, Diagnostic>;
