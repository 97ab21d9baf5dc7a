//! A capture on disk: a folder that people can read, written whole or not at all, with no secret in it.
//!
//! ```text
//! snapshot.json                                   what was asked, what answered, what could not be read, what was removed
//! raw/sqladmin/PROJECT/TYPE.json                  bodies as received, less what was removed, with sorted keys
//! raw/sqladmin/PROJECT/TYPE/PARENT.json           one a parent or a location, where it is asked that way
//! ```

mod canonical;
mod folder;
mod manifest;
mod redact;
mod scan;

pub use folder::{open, ready, save};
pub use manifest::{FORMAT_VERSION, read};
pub(crate) use scan::is_shallow;

pub use redact::{Redactor, Removal, redact};

pub use crate::model::REDACTED;

use crate::model::Capture;

/// A capture with what is written down about it.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The capture, redacted.
    pub capture: Capture,
    /// What was removed before it was written.
    pub removals: Vec<Removal>,
    /// When it was taken, as RFC 3339 in UTC; empty if that is not known.
    pub taken: String,
    /// The version of the program that wrote it.
    pub version: String,
}

/// Why a snapshot could not be read or written: one sentence with the path.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SnapshotError(pub(crate) String);
