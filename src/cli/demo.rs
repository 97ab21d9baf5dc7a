//! The estate that is built into the binary, so that a first look needs no account and no network.

use include_dir::{Dir, include_dir};

use super::error::CommandError;
use crate::model::State;
use crate::snapshot::{self, Snapshot};
use crate::tofu;

static DEMO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/snapshots/demo");

/// What the demo's cloud holds.
///
/// # Errors
/// Only if the binary was built from a damaged checkout.
pub fn snapshot() -> Result<Snapshot, CommandError> {
    let text = |path: &str| {
        let file = DEMO.get_file(path).and_then(|file| file.contents_utf8());
        file.map(str::to_owned).ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))
    };
    snapshot::read("demo", &text).map_err(CommandError::new)
}

/// What the demo's state remembers.
///
/// # Errors
/// Only if the binary was built from a damaged checkout.
pub fn state() -> Result<State, CommandError> {
    let text = DEMO.get_file("tofu/terraform.tfstate").map(|file| file.contents().to_vec()).unwrap_or_default();
    tofu::state::parse("demo/tofu/terraform.tfstate", text).map_err(CommandError::new)
}
