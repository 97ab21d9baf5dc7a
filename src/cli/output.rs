//! Results to where they were asked to go: `FORMAT://FILE`.

use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::error::CommandError;
use super::terminal;

/// One place a result goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The format's name.
    pub format: String,
    /// The file; nothing for stdout.
    pub file: Option<PathBuf>,
}

/// Reads `--out` values; `formats` are those the command has, the first being the default.
///
/// # Errors
/// A value that is not `FORMAT://FILE`, or names a format the command does not have; a file that is named twice.
pub fn outputs(values: &[String], formats: &[&str]) -> Result<Vec<Output>, CommandError> {
    if values.is_empty() {
        return Ok(vec![Output {
            format: formats[0].to_owned(),
            file: None,
        }]);
    }
    let parse = |value: &String| {
        let known = formats.join(", ");
        let (format, file) = value.split_once("://").ok_or_else(|| {
            CommandError::new(format!("`--out {value}` is not FORMAT://FILE"))
                .hint(format!("formats: {known}; FILE `-` is stdout"))
        })?;
        if !formats.contains(&format) {
            return Err(
                CommandError::new(format!("`{format}` is no format of this command"))
                    .hint(format!("formats: {known}")),
            );
        }
        let file = (file != "-" && !file.is_empty()).then(|| PathBuf::from(file));
        Ok(Output {
            format: format.to_owned(),
            file,
        })
    };
    let outputs: Vec<Output> = values.iter().map(parse).collect::<Result<_, _>>()?;
    for (at, output) in outputs.iter().enumerate() {
        // Devices and pipes take one after the other; of a file only the last would be left.
        let file = output
            .file
            .as_deref()
            .filter(|file| !file.exists() || file.is_file());
        if let Some(file) =
            file.filter(|_| outputs[..at].iter().any(|other| other.file == output.file))
        {
            let error = CommandError::new(format!("two results would go to `{}`", file.display()));
            return Err(error.hint("give each its own file"));
        }
    }
    Ok(outputs)
}

/// Writes one result.
///
/// # Errors
/// If the file cannot be written; then it is as it was before.
pub fn write(output: &Output, text: &str) -> Result<(), CommandError> {
    match &output.file {
        None if output.format == "console" => terminal::result(text),
        None => terminal::plain(text),
        Some(file) => file_whole(file, &uncoloured(text)),
    }
}

/// Text without colour; formats for machines have none to look for.
pub fn uncoloured(text: &str) -> Cow<'_, str> {
    if text.contains('\u{1b}') {
        Cow::Owned(anstream::adapter::strip_str(text).to_string())
    } else {
        Cow::Borrowed(text)
    }
}

/// Writes a file so that it is either the old one or the new one, readable by its owner alone. A pipe or device is written to.
///
/// # Errors
/// If it is a folder or a symbolic link, which could lead anywhere, or if the folder cannot be written to.
pub fn file_whole(file: &Path, text: &str) -> Result<(), CommandError> {
    let fail = |error: std::io::Error| {
        CommandError::new(format!("cannot write `{}`: {error}", file.display()))
    };
    match std::fs::metadata(file) {
        Ok(found) if found.is_dir() => {
            return Err(CommandError::new(format!(
                "cannot write `{}`: it is a folder",
                file.display()
            ))
            .hint("name a file in it"));
        }
        // Whatever leads there, nothing is replaced: `/dev/null`, `>(command)`.
        Ok(found) if !found.is_file() => {
            let mut stream = std::fs::OpenOptions::new()
                .write(true)
                .open(file)
                .map_err(fail)?;
            return stream.write_all(text.as_bytes()).map_err(fail);
        }
        _ => {}
    }
    if std::fs::symlink_metadata(file).is_ok_and(|found| found.is_symlink()) {
        return Err(CommandError::new(format!(
            "`{}` is a symbolic link; it is left as it is",
            file.display()
        ))
        .hint("name the file itself; `-` is stdout"));
    }
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(CommandError::new(format!(
            "cannot write `{}`: there is no folder `{}`",
            file.display(),
            folder.display()
        )));
    }
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    temporary.write_all(text.as_bytes()).map_err(fail)?;
    temporary.persist(file).map_err(|error| fail(error.error))?;
    Ok(())
}
