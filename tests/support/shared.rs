//! Where the shared material lies that is not part of this repository.

use std::path::{Path, PathBuf};

/// One part of it, as an absolute path (a test may run the program in a folder of its own); nothing where it is absent.
pub fn part(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("DRIFTLINE_SHARED")
        .map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let part = Path::new(env!("CARGO_MANIFEST_DIR")).join(root).join(name);
    part.exists().then_some(part)
}

/// Whether its absence fails a test.
pub fn required() -> bool {
    std::env::var("DRIFTLINE_REQUIRE_SHARED").is_ok_and(|required| required == "1")
}
