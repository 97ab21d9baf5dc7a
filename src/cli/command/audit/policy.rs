//! What is accepted, read from files; and where the file of an audit is.

use std::path::{Path, PathBuf};

use crate::cli::args::AcceptArgs;
use crate::cli::error::CommandError;
use crate::findings::{AuditFile, Baseline, IgnoreFile, Policy};
use crate::input;

/// What the file is called.
pub(in crate::cli::command) const NAME: &str = "driftline.toml";

/// Where the file of an audit is: here, or above, up to the root of the repository.
///
/// # Errors
/// If there is none.
pub(in crate::cli::command) fn file() -> Result<PathBuf, CommandError> {
    let here = std::env::current_dir()
        .map_err(|error| CommandError::new(format!("cannot tell which folder this is: {error}")))?;
    let mut up = PathBuf::new();
    for folder in here.ancestors() {
        let found = folder.join(NAME);
        if found.is_file() {
            return Ok(up.join(NAME));
        }
        if folder.join(".git").exists() {
            break;
        }
        up.push("..");
    }
    Err(CommandError::new(format!(
        "there is no {NAME} here, nor above in this repository"
    ))
    .hint("`driftline audit --init` writes a first one; `--config-file` names another"))
}

/// Reads the file of an audit.
///
/// # Errors
/// If it cannot be read, or says something that cannot be.
pub(in crate::cli::command) fn read(file: &Path) -> Result<AuditFile, CommandError> {
    let parsed = AuditFile::parse(&file.display().to_string(), &text(file)?);
    parsed.map_err(CommandError::new)
}

/// Reads a baseline; an empty one where `must` is not said and the file is not there.
///
/// # Errors
/// If it cannot be read.
pub(in crate::cli::command) fn baseline(file: &Path, must: bool) -> Result<Baseline, CommandError> {
    if !must && !file.exists() {
        return Ok(Baseline::default());
    }
    Baseline::from_ndjson(&text(file)?).map_err(|error| {
        CommandError::new(format!("{}: {error}", file.display())).hint(
            "put back the file as it was, or make it anew with `driftline audit --baseline write`",
        )
    })
}

/// What arguments say is accepted.
///
/// # Errors
/// If a file cannot be read, or says something that cannot be.
pub(in crate::cli::command) fn accepted(
    args: &AcceptArgs,
    today: &str,
) -> Result<Policy, CommandError> {
    let mut rules = Vec::new();
    for file in &args.ignore_files {
        let parsed = IgnoreFile::parse(&file.display().to_string(), &text(file)?);
        rules.extend(parsed.map_err(CommandError::new)?.rules);
    }
    let baseline = args
        .baseline
        .as_deref()
        .map(|file| baseline(file, true))
        .transpose()?;
    Ok(Policy {
        rules,
        baseline: baseline.unwrap_or_default(),
        today: today.to_owned(),
    })
}

pub(in crate::cli::command) fn text(file: &Path) -> Result<String, CommandError> {
    input::text(file)
        .map_err(|error| CommandError::new(format!("cannot read {}: {error}", file.display())))
}
