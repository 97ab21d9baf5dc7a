//! The weeks of the demo: what an audit remembers that has run for a month.

use super::{How, looked_at};
use crate::cli::demo;
use crate::cli::error::CommandError;
use crate::findings::{AuditFile, Run};

/// When the demo is looked at, if nobody says otherwise.
pub(super) fn now() -> String {
    demo::time(demo::WEEKS[0])
}

/// What the demo's audit goes by.
///
/// # Errors
/// Only if the binary was built from a damaged checkout.
pub(super) fn file() -> Result<AuditFile, CommandError> {
    let text = demo::audit_file()?;
    AuditFile::parse("driftline.toml", text).map_err(CommandError::new)
}

/// The runs of the weeks before the last.
pub(super) fn before(file: &AuditFile, how: &How<'_>) -> Vec<Run> {
    let weeks = demo::WEEKS.iter().enumerate().skip(1);
    let run = |(weeks_ago, week): (usize, &&str)| {
        let at = demo::time(week);
        let then = How {
            weeks_ago,
            at: &at,
            ..*how
        };
        looked_at(file, &then)
    };
    weeks.map(run).collect()
}
