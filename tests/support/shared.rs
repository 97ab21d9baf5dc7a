//! Where the shared material lies: facts, estates, expressions, encrypted states.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::path::{Path, PathBuf};

/// One part of the shared folder, as an absolute path (a test may run the program in a folder of its own);
/// nothing, said loudly, where it is absent.
pub fn part(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("DRIFTLINE_SHARED")
        .map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(root).join(name);
    if dir.exists() {
        return Some(dir);
    }
    eprintln!(
        "SKIPPED: {} is not there; DRIFTLINE_SHARED names the folder it is in",
        dir.display()
    );
    None
}
