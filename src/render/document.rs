//! Documents for machines, as text.

use serde::Serialize;

/// A document, indented, with a line end.
///
/// # Panics
/// If it cannot be written as JSON, which no document of this program is: its keys are texts.
pub fn pretty(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("a document is plain data");
    text.push('\n');
    text
}

/// A part of a document.
///
/// # Panics
/// As [`pretty`].
pub(super) fn value(part: impl Serialize) -> serde_json::Value {
    serde_json::to_value(part).expect("a document is plain data")
}
