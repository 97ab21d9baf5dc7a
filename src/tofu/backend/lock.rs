//! Locks of others: read and told, never taken.

use serde::Deserialize;

use super::note;
use crate::model::{Note, Severity};

/// What whoever holds a lock wrote about it.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Lock {
    operation: String,
    who: String,
    created: String,
}

/// The note about a lock that is held on a state.
pub(super) fn held(source: &str, bytes: &[u8]) -> Note {
    let mut message = format!("the state `{source}` is locked");
    let lock = serde_json::from_slice::<Lock>(bytes).unwrap_or_else(|_| {
        message += ", by a lock that does not say whose it is";
        Lock::default()
    });
    for (word, text) in [
        ("by", &lock.who),
        ("for", &lock.operation),
        ("since", &lock.created),
    ] {
        if !text.is_empty() {
            message += &format!(" {word} {text}");
        }
    }
    note(
        Severity::Warning,
        message,
        "it may be about to change: look again when the lock is gone",
    )
}
