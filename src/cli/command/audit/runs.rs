//! Run files: `DIR/runs/date=YYYY-MM-DD/TIME-AUDIT.ndjson`. Each appears whole and is never changed.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::cli::error::CommandError;
use crate::findings::Run;
use crate::input;

/// Run files of a folder with what they hold, the oldest first; none where there is no such folder.
///
/// # Errors
/// A file that cannot be read: what it says is not guessed.
pub(super) fn read(folder: &Path) -> Result<Vec<(PathBuf, Run)>, CommandError> {
    let mut out = Vec::new();
    let runs = folder.join("runs");
    for day in entries(&runs)? {
        let named = day
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("date="));
        if !named || !day.is_dir() {
            continue;
        }
        for file in entries(&day)? {
            if file
                .extension()
                .is_none_or(|extension| extension != "ndjson")
            {
                continue;
            }
            let run = one(&file)?;
            out.push((file, run));
        }
    }
    out.sort_by(|a, b| (&a.1.at, &a.0).cmp(&(&b.1.at, &b.0)));
    Ok(out)
}

/// Reads one run file.
///
/// # Errors
/// If it cannot be read: what it says is not guessed.
pub(super) fn one(file: &Path) -> Result<Run, CommandError> {
    if file.is_dir() {
        return Err(folder(file));
    }
    let fail = |what: String| {
        let error = CommandError::new(format!("{}: {what}", file.display()));
        match file.exists() {
            true => {
                error.hint("run files are never changed: put it back as it was, or take it out")
            }
            false => error.hint("`driftline history DIR` lists the runs of a folder"),
        }
    };
    let text = input::text(file).map_err(|error| fail(error.to_string()))?;
    Run::from_ndjson(&text).map_err(|error| fail(error.to_string()))
}

/// A folder in the place of a run file: which file of it could be meant.
fn folder(dir: &Path) -> CommandError {
    let error = CommandError::new(format!(
        "{} is a folder, and a run is a file",
        dir.display()
    ));
    let newest = read(dir).ok().and_then(|runs| runs.into_iter().next_back());
    match newest {
        Some((file, _)) => error.hint(format!("its newest run is {}", file.display())),
        None => error.hint(
            "run files lie in runs/date=…/ of the folder that `history` of driftline.toml names",
        ),
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let fail = |error: std::io::Error| {
        CommandError::new(format!("cannot read {}: {error}", folder.display()))
    };
    let all = std::fs::read_dir(folder).map_err(fail)?;
    let mut all: Vec<PathBuf> = all
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(fail)?;
    all.sort();
    Ok(all)
}

/// Writes the file of a run.
///
/// # Errors
/// If it cannot be written, or is there already: then nothing is changed.
pub(super) fn write(folder: &Path, run: &Run) -> Result<PathBuf, CommandError> {
    let day = run.at.split('T').next().unwrap_or(&run.at);
    let stamp: String = run.at.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let folder = folder.join("runs").join(format!("date={day}"));
    let file = folder.join(format!("{stamp}-{}.ndjson", run.audit));
    let fail = |error: std::io::Error| {
        CommandError::new(format!("cannot write {}: {error}", file.display()))
    };
    std::fs::create_dir_all(&folder).map_err(fail)?;
    let mut temporary = tempfile::NamedTempFile::new_in(&folder).map_err(fail)?;
    temporary
        .write_all(run.to_ndjson().as_bytes())
        .map_err(fail)?;
    temporary.as_file().sync_all().map_err(fail)?;
    temporary.persist_noclobber(&file).map_err(|error| {
        let error = fail(error.error);
        error.hint("a run file is never changed; run again, or name another time with --at")
    })?;
    Ok(file)
}

/// Takes out run files of before a day, and folders that become empty. Gives how many.
///
/// # Errors
/// If one cannot be read or taken out.
pub(super) fn prune(folder: &Path, day: &str) -> Result<usize, CommandError> {
    let mut count = 0;
    for (file, run) in read(folder)? {
        if run.at.as_str() >= day {
            continue;
        }
        let fail = |error: std::io::Error| {
            CommandError::new(format!("cannot remove {}: {error}", file.display()))
        };
        std::fs::remove_file(&file).map_err(fail)?;
        count += 1;
        if let Some(parent) = file.parent() {
            // One that still holds something stays.
            let _ = std::fs::remove_dir(parent);
        }
    }
    Ok(count)
}
