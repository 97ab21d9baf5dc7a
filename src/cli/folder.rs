//! The folder a plan is written into: read as it is, added to, never rewritten.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use super::error::CommandError;
use crate::input;

/// The configuration files of a folder and of the folders below it, by path; nothing where there is no such folder.
///
/// # Errors
/// A file that cannot be read.
pub fn read(dir: &Path) -> Result<BTreeMap<String, String>, CommandError> {
    let mut files = BTreeMap::new();
    if dir.exists() {
        gather(dir, "", &mut files)?;
    }
    Ok(files)
}

fn gather(
    dir: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, String>,
) -> Result<(), CommandError> {
    let fail = |error: std::io::Error| {
        CommandError::new(format!("cannot read {}: {error}", dir.display()))
    };
    for entry in std::fs::read_dir(dir).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(fail)?;
        if kind.is_dir() && !name.starts_with('.') {
            gather(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else if kind.is_file() && (name.ends_with(".tf") || name.ends_with(".tofu")) {
            files.insert(
                format!("{prefix}{name}"),
                input::text(&entry.path()).map_err(fail)?,
            );
        }
    }
    Ok(())
}

/// Writes files, all of them or none. What a file held before stands unchanged at its front.
///
/// # Errors
/// A path that leads out of the folder, a file that would lose something, or one that cannot be written: then everything is as it
/// was.
pub fn write(
    dir: &Path,
    existing: &BTreeMap<String, String>,
    files: &BTreeMap<String, String>,
) -> Result<(), CommandError> {
    for (name, text) in files {
        let inside = Path::new(name)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        let kept = existing
            .get(name)
            .is_none_or(|old| text.starts_with(old.as_str()));
        if !inside || !kept {
            return Err(CommandError::new(format!(
                "`{name}` will not be written to {}",
                dir.display()
            ))
            .hint("this is a bug in driftline; please report it"));
        }
        let file = dir.join(name);
        if file
            .symlink_metadata()
            .is_ok_and(|found| found.file_type().is_symlink())
        {
            return Err(CommandError::new(format!(
                "{} is a symbolic link and will not be written through",
                file.display()
            )));
        }
        if file.exists() && !existing.contains_key(name) {
            return Err(CommandError::new(format!(
                "{} appeared while the plan was made",
                file.display()
            ))
            .hint("run the plan again"));
        }
    }
    let mut made = Made::default();
    let done = made.write(dir, files).and_then(|staged| made.place(staged));
    done.map_err(|error| {
        made.undo(existing, dir);
        error.hint("nothing was written")
    })
}

/// What was made on the way, to be undone when the rest cannot be.
#[derive(Default)]
struct Made {
    /// Folders that were not there, outermost first.
    folders: Vec<PathBuf>,
    /// Files that are in their place.
    files: Vec<PathBuf>,
}

/// A file that is written and not in its place yet.
type Staged = (PathBuf, tempfile::NamedTempFile);

impl Made {
    /// Writes each file beside its place: a full disk shows before anything is replaced.
    fn write(
        &mut self,
        dir: &Path,
        files: &BTreeMap<String, String>,
    ) -> Result<Vec<Staged>, CommandError> {
        let stage = |(name, text): (&String, &String)| {
            let file = dir.join(name);
            let fail = |error: std::io::Error| {
                CommandError::new(format!("cannot write {}: {error}", file.display()))
            };
            let parent = file.parent().unwrap_or(dir);
            let missing = parent.ancestors().take_while(|part| !part.exists());
            let mut missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
            missing.reverse();
            self.folders.extend(missing);
            std::fs::create_dir_all(parent).map_err(fail)?;
            let mut builder = tempfile::Builder::new();
            // As any editor makes a file: what others may do is for the umask to say.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
            let mut temporary = builder.tempfile_in(parent).map_err(fail)?;
            temporary.write_all(text.as_bytes()).map_err(fail)?;
            temporary.as_file().sync_all().map_err(fail)?;
            Ok((file, temporary))
        };
        files.iter().map(stage).collect()
    }

    fn place(&mut self, staged: Vec<Staged>) -> Result<(), CommandError> {
        for (file, temporary) in staged {
            temporary.persist(&file).map_err(|error| {
                CommandError::new(format!("cannot write {}: {}", file.display(), error.error))
            })?;
            self.files.push(file);
        }
        Ok(())
    }

    /// Takes away what is new and gives files back what they held, as far as that can be done.
    fn undo(&self, existing: &BTreeMap<String, String>, dir: &Path) {
        for file in &self.files {
            let name = file.strip_prefix(dir).ok().and_then(Path::to_str);
            let _ = match name.and_then(|name| existing.get(name)) {
                Some(held) => std::fs::write(file, held),
                None => std::fs::remove_file(file),
            };
        }
        for folder in self.folders.iter().rev() {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// Replaces the text of files: each path with what it was read as and what it is to hold. All are looked at before any is written,
/// and each is replaced as a whole, keeping its permissions.
///
/// # Errors
/// A file that is no longer as it was read, is a symbolic link, or cannot be written.
pub fn splice(files: &[(&Path, &str, &str)]) -> Result<(), CommandError> {
    for (path, read, _) in files {
        let fail = |error: std::io::Error| {
            CommandError::new(format!("cannot edit {}: {error}", path.display()))
        };
        if path
            .symlink_metadata()
            .map_err(fail)?
            .file_type()
            .is_symlink()
        {
            return Err(CommandError::new(format!(
                "{} is a symbolic link and will not be edited through",
                path.display()
            )));
        }
        if input::bytes(path, input::MOST_TEXT).map_err(fail)? != read.as_bytes() {
            return Err(CommandError::new(format!(
                "{} changed while the suggestions were made; nothing was edited",
                path.display()
            ))
            .hint("run the command again"));
        }
    }
    for (path, _, text) in files {
        let fail = |error: std::io::Error| {
            CommandError::new(format!("cannot edit {}: {error}", path.display()))
        };
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let mut temporary = tempfile::NamedTempFile::new_in(parent).map_err(fail)?;
        temporary.write_all(text.as_bytes()).map_err(fail)?;
        let permissions = std::fs::metadata(path).map_err(fail)?.permissions();
        temporary
            .as_file()
            .set_permissions(permissions)
            .map_err(fail)?;
        temporary.persist(path).map_err(|error| fail(error.error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changed_is_not_edited_and_neither_are_the_others() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one.tf"), dir.path().join("two.tf"));
        std::fs::write(&one, "a").unwrap();
        std::fs::write(&two, "changed").unwrap();
        let refused = splice(&[(&one, "a", "b"), (&two, "c", "d")])
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("two.tf changed") && std::fs::read_to_string(&one).unwrap() == "a",
            "{refused}"
        );
        splice(&[(&one, "a", "b")]).unwrap();
        assert_eq!(std::fs::read_to_string(&one).unwrap(), "b");
    }
}
