//! The estate that is built into the binary, so that a first look needs no account and no network.

use std::path::Path;

use include_dir::{Dir, include_dir};
use tempfile::TempDir;

use super::error::CommandError;
use crate::model::State;
use crate::snapshot::{self, Snapshot};
use crate::tofu;

static DEMO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/snapshots/demo");

/// The last week of the demo, and those before it. `weeks/DAY` has what was otherwise then than a week later.
pub const WEEKS: [&str; 4] = ["2026-11-23", "2026-11-16", "2026-11-09", "2026-11-02"];

/// When the demo is looked at in a week: a day of the demo's own, so that what it tells does not depend on today.
pub fn time(week: &str) -> String {
    format!("{week}T06:00:00Z")
}

/// What the demo's cloud held some weeks ago; 0 is the last week.
///
/// # Errors
/// Only if the binary was built from a damaged checkout.
pub fn snapshot(weeks_ago: usize) -> Result<Snapshot, CommandError> {
    let text = |path: &str| {
        let weeks = WEEKS.iter().take(weeks_ago + 1).rev();
        let mut places = weeks.map(|week| format!("weeks/{week}/{path}"));
        let file = places
            .find_map(|place| DEMO.get_file(place))
            .or_else(|| DEMO.get_file(path));
        file.and_then(|file| file.contents_utf8())
            .map(str::to_owned)
            .ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))
    };
    snapshot::read("demo", &text).map_err(CommandError::new)
}

/// The file of the demo's audit.
///
/// # Errors
/// Only if the binary was built from a damaged checkout.
pub fn audit_file() -> Result<&'static str, CommandError> {
    let file = DEMO.get_file("driftline.toml");
    let text = file.and_then(|file| file.contents_utf8());
    text.ok_or_else(|| CommandError::new("the demo has no driftline.toml"))
}

/// The demo's configuration, in a folder of its own that goes away with the value.
///
/// # Errors
/// If no temporary folder can be made.
pub fn configuration() -> Result<TempDir, CommandError> {
    let fail =
        |error: std::io::Error| CommandError::new(format!("cannot unpack the demo: {error}"));
    let folder = tempfile::tempdir().map_err(fail)?;
    if let Some(tofu) = DEMO.get_dir("tofu") {
        unpack(tofu, tofu.path(), folder.path()).map_err(fail)?;
    }
    Ok(folder)
}

fn unpack(dir: &Dir<'_>, root: &Path, into: &Path) -> std::io::Result<()> {
    for file in dir.files() {
        let target = into.join(file.path().strip_prefix(root).unwrap_or(file.path()));
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(target, file.contents())?;
    }
    dir.dirs().try_for_each(|dir| unpack(dir, root, into))
}

/// What the demo's state remembers.
///
/// # Errors
/// Only if the binary was built from a damaged checkout.
pub fn state() -> Result<State, CommandError> {
    let text = DEMO
        .get_file("tofu/terraform.tfstate")
        .map(|file| file.contents().to_vec())
        .unwrap_or_default();
    tofu::state::parse("demo/tofu/terraform.tfstate", text).map_err(CommandError::new)
}
