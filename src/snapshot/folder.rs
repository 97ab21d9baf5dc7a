//! Snapshots as folders: written beside the old one and put in its place in one step.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::manifest::{
    FORMAT_VERSION, GapEntry, MANIFEST, Manifest, PageEntry, RemovalEntry, Tool, read,
};
use super::{Redactor, Removal, Snapshot, SnapshotError, canonical};
use crate::input;
use crate::model::{Capture, Page};

/// Largest file read back, in bytes.
const LARGEST: u64 = 256 << 20;
/// The folder of pages within a snapshot.
const PAGES: &str = "raw";
/// Folders that a killed run left behind are removed once they are this old.
const STALE: Duration = Duration::from_secs(3600);

/// Whether a snapshot can be stored in a folder, found before anything is read for it.
///
/// # Errors
/// As [`save`].
pub fn ready(dir: &Path) -> Result<(), SnapshotError> {
    let (parent, name) = place(dir)?;
    replaceable(dir)?;
    let nearest = parent.ancestors().find(|part| part.exists());
    let nearest = nearest.filter(|part| !part.as_os_str().is_empty());
    let tried = beside(nearest.unwrap_or(Path::new(".")), &name);
    tried.map(drop).map_err(|error| {
        SnapshotError(format!(
            "snapshot {}: cannot be written: {error}",
            dir.display()
        ))
    })
}

/// Writes a capture to a folder, whole or not at all: killed at any moment it leaves the folder as it was, or as it is to be.
///
/// What the redactor still finds is removed before it is written; `removals` is what it took out before.
///
/// # Errors
/// One sentence: the folder holds something other than a snapshot, is a symbolic link, or cannot be written.
pub fn save(
    dir: &Path,
    capture: &Capture,
    redactor: &Redactor,
    removals: &[Removal],
    taken: SystemTime,
) -> Result<(), SnapshotError> {
    let problem = |what: &str, error: io::Error| {
        SnapshotError(format!("snapshot {}: {what}: {error}", dir.display()))
    };
    let (parent, name) = place(dir)?;
    fs::create_dir_all(&parent)
        .map_err(|error| problem("cannot make the folder around it", error))?;
    restore(dir, &parent, &name);
    replaceable(dir)?;
    clear(&parent, &name);
    let fresh = beside(&parent, &name).map_err(|error| problem("cannot write beside it", error))?;
    write(fresh.path(), capture, redactor, removals, taken)
        .map_err(|error| problem("cannot write", error))?;
    replace(dir, &parent, &name, fresh)
        .map_err(|error| problem("cannot put the new one in place", error))
}

/// Reads a snapshot folder.
///
/// # Errors
/// One sentence naming the file that is missing, torn, or of a newer format.
pub fn open(dir: &Path) -> Result<Snapshot, SnapshotError> {
    let (parent, name) = place(dir)?;
    let previous = parent.join(previous(&name));
    let from = if !dir.exists() && previous.join(MANIFEST).is_file() {
        previous
    } else {
        dir.to_owned()
    };
    if !from.is_dir() {
        return Err(SnapshotError(format!(
            "snapshot {}: there is no such folder; `driftline scan --snapshot` makes one",
            dir.display()
        )));
    }
    if !from.join(MANIFEST).exists() {
        return Err(SnapshotError(format!(
            "{} is not a snapshot: there is no {MANIFEST} in it",
            dir.display()
        )));
    }
    read(&dir.display().to_string(), &|path| text(&from.join(path)))
}

fn text(path: &Path) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    input::text_within(path, LARGEST)
}

/// The folder around a snapshot and its name in there.
fn place(dir: &Path) -> Result<(PathBuf, String), SnapshotError> {
    let name = dir
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.ok_or_else(|| {
        SnapshotError(format!(
            "{} cannot be a snapshot; name a folder",
            dir.display()
        ))
    })?;
    let parent = dir
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    Ok((parent.to_owned(), name))
}

fn previous(name: &str) -> String {
    format!(".{name}.previous")
}

/// A new folder, for the owner alone, that is removed again unless it is put in place.
fn beside(parent: &Path, name: &str) -> io::Result<tempfile::TempDir> {
    let prefix = format!(".{name}.partial-");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(parent)
}

/// Whether the folder may be replaced: it is not there, is empty, or is a snapshot.
fn replaceable(dir: &Path) -> Result<(), SnapshotError> {
    let refuse = |why: &str| {
        Err(SnapshotError(format!(
            "{} {why}; it is left as it is: choose another folder",
            dir.display()
        )))
    };
    let Ok(found) = fs::symlink_metadata(dir) else {
        return Ok(());
    };
    if found.is_symlink() {
        return refuse("is a symbolic link");
    }
    if !found.is_dir() {
        return refuse("is a file");
    }
    let empty = fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none());
    let marked = text(&dir.join(MANIFEST)).is_ok_and(|text| text.contains("\"format_version\""));
    if !empty && !marked {
        return refuse("holds something other than a snapshot");
    }
    match foreign(dir) {
        // It would be gone with the old snapshot.
        Some(name) => refuse(&format!("holds `{name}` beside a snapshot")),
        None => Ok(()),
    }
}

/// What lies in a snapshot's folder and is no part of one.
fn foreign(dir: &Path) -> Option<String> {
    let names = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> = names
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name != MANIFEST && name != PAGES)
        .collect();
    names.sort();
    names.into_iter().next()
}

/// Undoes a replacement that was cut off between its two steps.
fn restore(dir: &Path, parent: &Path, name: &str) {
    let kept = parent.join(previous(name));
    if kept.join(MANIFEST).is_file() && fs::symlink_metadata(dir).is_err() {
        // If it cannot be put back it stays where `open` finds it.
        let _ = fs::rename(&kept, dir);
    }
}

/// Removes what runs that were killed long ago left behind.
fn clear(parent: &Path, name: &str) {
    let prefix = format!(".{name}.partial-");
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let old = entry
            .metadata()
            .and_then(|m| m.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > STALE));
        if old && entry.file_name().to_string_lossy().starts_with(&prefix) {
            // Another run may have removed it first.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Puts a written folder in the place of the old one, in one step where the system has it.
fn replace(dir: &Path, parent: &Path, name: &str, fresh: tempfile::TempDir) -> io::Result<()> {
    if fs::symlink_metadata(dir).is_err() {
        return fs::rename(fresh.keep(), dir);
    }
    if exchange(fresh.path(), dir) {
        return Ok(()); // what is dropped now is the old one
    }
    let kept = parent.join(previous(name));
    if kept.exists() {
        fs::remove_dir_all(&kept)?;
    }
    fs::rename(dir, &kept)?;
    fs::rename(fresh.keep(), dir)?;
    fs::remove_dir_all(&kept)
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exchange(a: &Path, b: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> bool {
    false
}

fn write(
    dir: &Path,
    capture: &Capture,
    redactor: &Redactor,
    removals: &[Removal],
    taken: SystemTime,
) -> io::Result<()> {
    let mut names = Names::default();
    let mut all = removals.to_vec();
    let mut pages = Vec::with_capacity(capture.pages.len());
    for page in &capture.pages {
        let file = names.file(page);
        let (clean, more) = redactor.page(page);
        all.extend(more);
        let path = dir.join(&file);
        if let Some(folder) = path.parent() {
            make(folder)?;
        }
        put(
            &path,
            canonical::pretty(clean.as_deref().unwrap_or(&page.body)).as_bytes(),
        )?;
        pages.push(PageEntry {
            listing: page.listing.clone(),
            scope: (&page.scope).into(),
            request: page.request.clone(),
            file,
        });
    }
    all.sort();
    let manifest = Manifest {
        format_version: FORMAT_VERSION,
        tool: Tool {
            name: "driftline".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        taken: jiff::Timestamp::try_from(taken)
            .and_then(|at| at.round(jiff::Unit::Second))
            .map_err(io::Error::other)?
            .to_string(),
        projects: capture.projects.clone(),
        asked: capture.asked.clone(),
        pages,
        gaps: capture.gaps.iter().map(GapEntry::from).collect(),
        looks: (&capture.looks).into(),
        removed: all
            .into_iter()
            .map(|r| RemovalEntry {
                listing: r.listing,
                path: r.path,
                because: r.because,
                count: r.count,
            })
            .collect(),
    };
    let mut text = serde_json::to_string_pretty(&manifest)?;
    text.push('\n');
    put(&dir.join(MANIFEST), text.as_bytes())?;
    fs::File::open(dir.join(MANIFEST))?.sync_all()
}

fn make(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

/// File names of pages: readable, unique, and nothing but letters, digits, dots, dashes and underscores.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    fn file(&mut self, page: &Page) -> String {
        let service = page.request.split(['.', '/']).next().unwrap_or_default();
        let around = format!("projects/{}/", page.scope.project);
        // Of a canonical name the API is said already.
        let object = page.scope.object.as_deref();
        let object = object.map(|name| {
            name.trim_start_matches('/')
                .split_once('/')
                .map_or(name, |(_, path)| path)
        });
        let scope = [&page.scope.location, &page.scope.parent];
        let scope: Vec<String> = scope
            .into_iter()
            .flatten()
            .map(String::as_str)
            .chain(object)
            .map(|part| plain(part.strip_prefix(&around).unwrap_or(part)))
            .collect();
        let mut stem = format!(
            "{PAGES}/{}/{}/{}",
            plain(service),
            plain(&page.scope.project),
            plain(&page.listing)
        );
        if !scope.is_empty() {
            stem = format!("{stem}/{}", scope.join("."));
        }
        let mut file = format!("{stem}.json");
        let mut number = 2;
        // Some file systems take upper and lower case for one.
        while !self.0.insert(file.to_lowercase()) {
            file = format!("{stem}.{number}.json");
            number += 1;
        }
        file
    }
}

fn plain(text: &str) -> String {
    const LONGEST: usize = 100;
    let name: String = text
        .chars()
        .take(LONGEST)
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
                c
            } else {
                '_'
            }
        })
        .collect();
    if name.is_empty() || name.starts_with('.') {
        format!("_{name}")
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;
    use crate::model::Scope;

    #[test]
    fn file_names_are_plain_and_unique() {
        let mut names = Names::default();
        let mut file = |listing: &str, location: Option<&str>, parent: Option<&str>| {
            let scope = Scope {
                project: "p".into(),
                location: location.map(str::to_owned),
                parent: parent.map(str::to_owned),
                object: None,
            };
            let request = "sqladmin.googleapis.com/v1/x".to_owned();
            names.file(&Page {
                listing: listing.into(),
                scope,
                request,
                body: RawValue::from_string("{}".into()).unwrap(),
            })
        };
        assert_eq!(file("t", None, None), "raw/sqladmin/p/t.json");
        assert_eq!(file("t", None, None), "raw/sqladmin/p/t.2.json");
        assert_eq!(file("u", Some("eu"), None), "raw/sqladmin/p/u/eu.json");
        assert_eq!(
            file("u", None, Some("projects/p/locations/l/x/a")),
            "raw/sqladmin/p/u/locations_l_x_a.json"
        );
        assert_eq!(file("u", None, Some("EU")), "raw/sqladmin/p/u/EU.2.json");
        assert_eq!(
            file("u", None, Some("../../x\u{1b}")),
            "raw/sqladmin/p/u/_.._.._x_.json"
        );
    }
}
