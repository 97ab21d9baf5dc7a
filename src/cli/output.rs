//! Results to where they were asked to go: `FORMAT://FILE`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::{
    FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use super::error::CommandError;
use super::terminal;

/// The formats of a command: an enum of its own, so that a format without an arm that renders it does not compile.
pub trait Format: Copy + 'static {
    /// All of them, the default first.
    const ALL: &'static [Self];

    /// The word in `--out WORD://FILE`.
    fn word(self) -> &'static str;
}

/// Defines the formats of a command, the default first.
macro_rules! formats {
    ($(#[$about:meta])* $name:ident { $($variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(in crate::cli) enum $name { $($variant,)+ }

        impl $crate::cli::output::Format for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

pub(in crate::cli) use formats;

/// The word of what people read; only it keeps its colours on a terminal.
const CONSOLE: &str = "console";

/// One place a result goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output<F> {
    /// The format.
    pub format: F,
    /// The file; nothing for stdout.
    pub file: Option<PathBuf>,
}

/// Reads `--out` values.
///
/// # Errors
/// A value that is not `FORMAT://FILE`, or names a format the command does not have; a file that is named twice.
pub fn outputs<F: Format>(values: &[String]) -> Result<Vec<Output<F>>, CommandError> {
    if values.is_empty() {
        let stdout = |format: &F| Output {
            format: *format,
            file: None,
        };
        return Ok(F::ALL.iter().take(1).map(stdout).collect());
    }
    let outputs: Vec<Output<F>> = values
        .iter()
        .map(|value| parse(value))
        .collect::<Result<_, _>>()?;
    let mut taken = BTreeSet::new();
    for output in &outputs {
        let Some(file) = output.file.as_deref() else {
            continue;
        };
        writable(file)?;
        // Devices and pipes take one after the other; of a file only the last would be left.
        let only_last = !file.exists() || file.is_file();
        if only_last && !taken.insert(place(file)) {
            let error = CommandError::new(format!("two results would go to `{}`", file.display()));
            return Err(error.hint("give each its own file"));
        }
    }
    Ok(outputs)
}

fn parse<F: Format>(value: &str) -> Result<Output<F>, CommandError> {
    let known: Vec<&str> = F::ALL.iter().map(|format| format.word()).collect();
    let known = known.join(", ");
    let (word, file) = value.split_once("://").ok_or_else(|| {
        CommandError::new(format!("`--out {value}` is not FORMAT://FILE"))
            .hint(format!("formats: {known}; FILE `-` is stdout"))
    })?;
    let format = F::ALL.iter().copied().find(|format| format.word() == word);
    let format = format.ok_or_else(|| {
        CommandError::new(format!("`{word}` is no format of this command"))
            .hint(format!("formats: {known}"))
    })?;
    let file = (file != "-" && !file.is_empty()).then(|| PathBuf::from(file));
    Ok(Output { format, file })
}

/// What a file is, however it is spelt: its number where it is there, else its name in its folder's.
fn place(file: &Path) -> (u64, u64, PathBuf) {
    if let Ok(found) = std::fs::metadata(file) {
        return (found.dev(), found.ino(), PathBuf::new());
    }
    let folder = std::fs::metadata(folder(file));
    let name = file.file_name().map(PathBuf::from).unwrap_or_default();
    folder.map_or_else(
        |_| (0, 0, file.to_owned()),
        |folder| (folder.dev(), folder.ino(), name),
    )
}

/// The folder a file is in.
fn folder(file: &Path) -> &Path {
    let folder = file.parent();
    folder
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Writes one result.
///
/// # Errors
/// If the file cannot be written; then it is as it was before.
pub fn write<F: Format>(output: &Output<F>, text: &str) -> Result<(), CommandError> {
    match &output.file {
        None if output.format.word() == CONSOLE => terminal::result(text),
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
/// As [`writable`].
pub fn file_whole(file: &Path, text: &str) -> Result<(), CommandError> {
    whole(file, text, None)
}

/// The same for a file that is to be committed and shared: who may read it is as the process has new files, or as it was.
///
/// # Errors
/// As [`writable`].
pub fn file_shared(file: &Path, text: &str) -> Result<(), CommandError> {
    let there = std::fs::metadata(file).ok().filter(|found| found.is_file());
    let mode = there.map(|found| found.permissions());
    whole(file, text, Some(mode))
}

/// `mode` is none for a file of its owner's alone; else the one the file has, if it is there, or what the umask leaves.
fn whole(file: &Path, text: &str, mode: Option<Option<Permissions>>) -> Result<(), CommandError> {
    let fail = |error: std::io::Error| cannot_write(file, &error);
    writable(file)?;
    // Whatever leads there, nothing is replaced: `/dev/null`, `>(command)`.
    if std::fs::metadata(file).is_ok_and(|found| !found.is_file()) {
        let mut stream = std::fs::OpenOptions::new()
            .write(true)
            .open(file)
            .map_err(fail)?;
        return stream.write_all(text.as_bytes()).map_err(fail);
    }
    let mut builder = tempfile::Builder::new();
    if mode.is_some() {
        builder.permissions(Permissions::from_mode(0o666));
    }
    let mut temporary = builder.tempfile_in(folder(file)).map_err(fail)?;
    temporary.write_all(text.as_bytes()).map_err(fail)?;
    if let Some(Some(was)) = mode {
        temporary.as_file().set_permissions(was).map_err(fail)?;
    }
    temporary.persist(file).map_err(|error| fail(error.error))?;
    Ok(())
}

fn cannot_write(file: &Path, error: &std::io::Error) -> CommandError {
    CommandError::new(format!("cannot write `{}`: {error}", file.display()))
}

/// Whether a result can go to a file, found before anything is read for it.
///
/// # Errors
/// If it is a folder, a pipe that nobody reads, or a symbolic link, which could lead anywhere, or if its folder cannot be
/// written to.
pub fn writable(file: &Path) -> Result<(), CommandError> {
    match std::fs::metadata(file) {
        Ok(found) if found.is_dir() => {
            return Err(CommandError::new(format!(
                "cannot write `{}`: it is a folder",
                file.display()
            ))
            .hint("name a file in it"));
        }
        Ok(found) if found.file_type().is_fifo() => {
            let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
            let mut options = std::fs::OpenOptions::new();
            let opened = options.write(true).custom_flags(flags).open(file);
            return opened.map(drop).map_err(|error| {
                cannot_write(file, &error).hint("it is a pipe; start who reads it first")
            });
        }
        Ok(found) if !found.is_file() => return Ok(()),
        _ => {}
    }
    if std::fs::symlink_metadata(file).is_ok_and(|found| found.is_symlink()) {
        return Err(CommandError::new(format!(
            "`{}` is a symbolic link; it is left as it is",
            file.display()
        ))
        .hint("name the file itself; `-` is stdout"));
    }
    let folder = folder(file);
    if !folder.is_dir() {
        return Err(CommandError::new(format!(
            "cannot write `{}`: there is no folder `{}`",
            file.display(),
            folder.display()
        )));
    }
    let tried = tempfile::tempfile_in(folder);
    tried.map(drop).map_err(|error| cannot_write(file, &error))
}

/// Whether files can be written into a folder that may not be there yet, found before anything is read for them.
///
/// # Errors
/// If it is no folder, or cannot be made or written to.
pub fn folder_writable(dir: &Path) -> Result<(), CommandError> {
    let nearest = dir.ancestors().find(|part| part.exists());
    let nearest = nearest.filter(|part| !part.as_os_str().is_empty());
    let nearest = nearest.unwrap_or(Path::new("."));
    let fail =
        |why: String| CommandError::new(format!("cannot write to `{}`: {why}", dir.display()));
    if !nearest.is_dir() {
        return Err(fail(format!("`{}` is no folder", nearest.display())));
    }
    let tried = tempfile::tempfile_in(nearest);
    tried.map(drop).map_err(|error| fail(error.to_string()))
}
