//! Places of files and times of runs, as an audit tells them.

use std::path::{Path, PathBuf};

use crate::cli::error::CommandError;
use crate::findings::{self, Owners};
use crate::input;

/// The root of the repository that a folder lies in; the folder itself where it lies in none.
pub(in crate::cli::command) fn repository(folder: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let Ok(whole) = folder.canonicalize() else {
        return folder.to_owned();
    };
    let root = whole.ancestors().find(|above| above.join(".git").exists());
    root.map_or(whole.clone(), Path::to_owned)
}

/// Who owns the files of a repository; nobody, where it does not say.
pub(in crate::cli::command) fn owners(root: &Path) -> Owners {
    let texts = Owners::PLACES
        .iter()
        .map(|place| input::text(&root.join(place)));
    let text = texts.flatten().next();
    text.map(|text| Owners::parse(&text)).unwrap_or_default()
}

/// A file as a path below the root of the repository, with slashes; below the folder of the configuration where it lies outside.
pub(in crate::cli::command) fn within(root: &Path, folder: Option<&Path>, file: &str) -> String {
    let named = folder.map(|folder| folder.join(file));
    let mut places = named.iter().map(PathBuf::as_path).chain([Path::new(file)]);
    let whole = places
        .find_map(|place| place.canonicalize().ok())
        .unwrap_or_else(|| PathBuf::from(file));
    let folder = folder.and_then(|folder| folder.canonicalize().ok());
    let inner = whole.strip_prefix(root).ok();
    let inner = inner.or_else(|| whole.strip_prefix(folder?).ok());
    inner
        .unwrap_or(Path::new(file))
        .to_string_lossy()
        .replace('\\', "/")
}

/// A path of the file, below the folder of the file: URLs and `-` are what they are, `FORMAT://FILE` keeps its format.
pub(in crate::cli::command) fn below(folder: &Path, name: &str) -> String {
    let join = |name: &str| {
        if name == "-" || name.is_empty() || folder.as_os_str().is_empty() {
            name.to_owned()
        } else {
            folder.join(name).display().to_string()
        }
    };
    match name.split_once("://") {
        Some((scheme @ ("gs" | "s3" | "http" | "https"), rest)) => format!("{scheme}://{rest}"),
        Some((format, file)) => format!("{format}://{}", join(file)),
        None => join(name),
    }
}

/// When the run is.
pub(in crate::cli::command) fn now(at: Option<&str>) -> Result<String, CommandError> {
    let text = at.map_or_else(|| jiff::Timestamp::now().to_string(), str::to_owned);
    findings::moment(&text).ok_or_else(|| {
        CommandError::new(format!("`--at {text}` is no time")).hint("write 2026-12-01T06:00:00Z")
    })
}

pub(in crate::cli::command) fn day(at: &str) -> &str {
    at.split('T').next().unwrap_or(at)
}
