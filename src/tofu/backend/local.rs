//! State in files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Fetched, Origin, lock, note};
use crate::input;
use crate::model::{Note, Severity};
use crate::tofu::root::Environment;
use crate::tofu::state::{StateError, StateErrorKind};

/// How often a file that changes while it is read is read again.
const TRIES: usize = 20;
/// How long to wait for whoever writes it.
const PAUSE: Duration = Duration::from_millis(50);

/// The documents that a file, a folder or a pattern means.
pub(super) fn named(
    value: &str,
    environment: &Environment,
    notes: &mut Vec<Note>,
) -> Result<Vec<Fetched>, StateError> {
    let path = environment.path(value);
    if path.is_dir() {
        let mut found = BTreeSet::new();
        walk(&path, &mut found, notes);
        return several(
            value,
            found,
            environment,
            notes,
            "the folder holds no file that ends in .tfstate",
        );
    }
    if !path.exists() && value.contains(['*', '?', '[']) {
        return several(
            value,
            matching(value, environment)?,
            environment,
            notes,
            "no file matches the pattern",
        );
    }
    let folder = path.parent().map(Path::to_owned);
    Ok(vec![Fetched {
        source: value.to_owned(),
        place: path.canonicalize().ok(),
        bytes: read(&path, value, notes)?,
        origin: Origin::Named(folder),
    }])
}

fn unreadable(dir: &Path, error: &std::io::Error) -> Note {
    let message = format!("the folder `{}` cannot be read: {error}", dir.display());
    note(Severity::Warning, message, "states in it are not compared")
}

/// Every `.tfstate` file in a folder and below, but for hidden folders: `.terraform` holds a pointer, no state.
fn walk(dir: &Path, found: &mut BTreeSet<PathBuf>, notes: &mut Vec<Note>) {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => return notes.push(unreadable(dir, &error)),
    };
    for entry in entries {
        let (entry, kind) = match entry.and_then(|entry| Ok((entry.file_type()?, entry))) {
            Ok((kind, entry)) => (entry, kind),
            Err(error) => {
                notes.push(unreadable(dir, &error));
                continue;
            }
        };
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        // Links are not followed: they may lead back up.
        if kind.is_dir() && !name.starts_with('.') {
            walk(&path, found, notes);
        } else if name == "errored.tfstate" {
            let message = format!(
                "`{}` was passed over: a failed apply left it, and it may be newer than the state",
                path.display()
            );
            notes.push(note(
                Severity::Warning,
                message,
                "push it (`tofu state push errored.tfstate`) or name it by itself",
            ));
        } else if name.ends_with(".tfstate") && !name.starts_with('.') && path.is_file() {
            found.insert(path);
        }
    }
}

/// The files that match a pattern; a leading dot of a name is only matched by a dot.
fn matching(pattern: &str, environment: &Environment) -> Result<BTreeSet<PathBuf>, StateError> {
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let whole = if Path::new(pattern).is_absolute() {
        pattern.to_owned()
    } else {
        format!(
            "{}/{pattern}",
            glob::Pattern::escape(&environment.cwd.to_string_lossy())
        )
    };
    let paths = glob::glob_with(&whole, options).map_err(|error| {
        StateError::new(StateErrorKind::NotFound, pattern, format!("not a valid pattern: {}", error.msg))
            .hint("`*` matches within one folder, `**` across folders, `?` one character, `[ab]` one of several")
    })?;
    Ok(paths.flatten().filter(|path| path.is_file()).collect())
}

/// Reads the files found, passing over what is no state by nature: pointers and empty files.
fn several(
    value: &str,
    found: BTreeSet<PathBuf>,
    environment: &Environment,
    notes: &mut Vec<Note>,
    none: &str,
) -> Result<Vec<Fetched>, StateError> {
    let mut documents = Vec::new();
    let looked_at = found.len();
    for path in found {
        let source = shown(&path, environment);
        let bytes = read(&path, &source, notes)?;
        if bytes.is_empty() {
            notes.push(note(
                Severity::Info,
                format!("`{source}` is empty: no state yet"),
                "",
            ));
        } else if super::pointer::is_pointer(&bytes) {
            notes.push(note(
                Severity::Info,
                format!("`{source}` was passed over: it names a backend and holds no resource"),
                "",
            ));
        } else {
            documents.push(Fetched {
                source,
                place: path.canonicalize().ok(),
                bytes,
                origin: Origin::Named(path.parent().map(Path::to_owned)),
            });
        }
    }
    if documents.is_empty() && looked_at == 0 {
        return Err(StateError::new(StateErrorKind::NotFound, value, none)
            .hint("remote state is found through its configuration: `--config DIR`, or given as gs://BUCKET/PREFIX"));
    }
    Ok(documents)
}

/// A path as a person in the working directory would write it.
pub(super) fn shown(path: &Path, environment: &Environment) -> String {
    path.strip_prefix(&environment.cwd)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// Reads one state file, again if it changes meanwhile, and notes a lock that is held on it.
pub(super) fn read(
    path: &Path,
    source: &str,
    notes: &mut Vec<Note>,
) -> Result<Vec<u8>, StateError> {
    let lock_path = path.with_file_name(format!(
        ".{}.lock.info",
        path.file_name().unwrap_or_default().to_string_lossy()
    ));
    let failed = |error: std::io::Error| {
        match error.kind() {
        std::io::ErrorKind::NotFound => StateError::new(StateErrorKind::NotFound, source, "there is no such file")
            .hint("`--state` takes a file, a folder, a pattern, gs://BUCKET/PREFIX, a URL, or `-`; `--config DIR` finds state by itself"),
        _ => StateError::new(StateErrorKind::Unreadable, source, format!("cannot be read: {error}")),
    }
    };
    let mut again = false;
    let mut bytes = Vec::new();
    for _ in 0..TRIES {
        let before = stamp(path).map_err(failed)?;
        bytes = input::state(path).map_err(failed)?;
        // A pipe has neither, and gives what it has once.
        if !path.is_file() {
            return Ok(bytes);
        }
        // Tofu truncates and writes in place, so a half is there for a moment.
        let whole = before.0 == bytes.len() as u64 && stamp(path).map_err(failed)? == before;
        let unfinished = !bytes.trim_ascii_end().ends_with(b"}") && lock_path.exists();
        if whole && !unfinished {
            break;
        }
        again = true;
        std::thread::sleep(PAUSE);
    }
    if again {
        notes.push(note(
            Severity::Info,
            format!("`{source}` was written while it was read, and was read again"),
            "",
        ));
    }
    if let Ok(info) = input::bytes(&lock_path, input::MOST_TEXT) {
        notes.push(lock::held(source, &info));
    }
    Ok(bytes)
}

/// Size and time of the last change.
fn stamp(path: &Path) -> std::io::Result<(u64, Option<std::time::SystemTime>)> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.len(), metadata.modified().ok()))
}
