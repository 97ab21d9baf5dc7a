//! The definitions that are built into the binary, or those of a folder that somebody works on.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::error::CommandError;
use crate::catalog::Catalog;
use crate::check::Rules;

static PROVIDERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/providers");

/// Names a folder to be read in place of what is built in, so that a definition can be tried as it is written.
const FOLDER: &str = "DRIFTLINE_PROVIDERS";

/// The definitions, checked.
///
/// # Errors
/// A built-in definition that does not hold is a bug of this program; the tests load them all. Of a folder: what cannot be read,
/// or does not hold.
pub fn catalog() -> Result<Catalog, CommandError> {
    if let Some(folder) = std::env::var_os(FOLDER).filter(|folder| !folder.is_empty()) {
        return in_folder(&PathBuf::from(folder));
    }
    let mut files = Vec::new();
    gather(&PROVIDERS, &mut files);
    Catalog::built_in(files).map_err(|error| {
        CommandError::new(error).hint("this is a bug in driftline; please report it")
    })
}

/// The folder of the rules of `check` among the definitions.
const RULES: &str = "rules/";

/// The rules of `check` that are built in, or those of the folder that is worked on, checked.
///
/// # Errors
/// As [`catalog`].
pub fn rules(catalog: &Catalog) -> Result<Rules, CommandError> {
    let is_rules = |file: &str| file.starts_with(RULES) && file.ends_with(".toml");
    if let Some(folder) = std::env::var_os(FOLDER).filter(|folder| !folder.is_empty()) {
        let mut files = Vec::new();
        read(&PathBuf::from(folder), "", &mut files)?;
        let texts = files.iter().filter(|(name, _)| is_rules(name));
        let texts = texts.map(|(name, text)| (name.as_str(), text.as_str()));
        return Rules::load(texts, catalog).map_err(|error| {
            CommandError::new(error).hint(format!("correct it, or unset {FOLDER}"))
        });
    }
    let mut files = Vec::new();
    gather(&PROVIDERS, &mut files);
    let texts = files.into_iter().filter(|(name, _)| is_rules(name));
    Rules::load(texts, catalog).map_err(|error| {
        CommandError::new(error).hint("this is a bug in driftline; please report it")
    })
}

fn gather(dir: &'static Dir<'static>, files: &mut Vec<(&'static str, &'static str)>) {
    for file in dir.files() {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            files.push((path, text));
        }
    }
    dir.dirs().for_each(|dir| gather(dir, files));
}

/// The definitions of a folder that is laid out as `providers/` is.
fn in_folder(folder: &Path) -> Result<Catalog, CommandError> {
    let mut files = Vec::new();
    read(folder, "", &mut files)?;
    let texts = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    Catalog::load(texts)
        .map_err(|error| CommandError::new(error).hint(format!("correct it, or unset {FOLDER}")))
}

fn read(
    folder: &Path,
    prefix: &str,
    files: &mut Vec<(String, String)>,
) -> Result<(), CommandError> {
    let failed = |path: &Path, error: std::io::Error| {
        CommandError::new(format!("{}: {error}", path.display()))
            .hint(format!("{FOLDER} names a folder laid out as `providers/`"))
    };
    for entry in std::fs::read_dir(folder).map_err(|error| failed(folder, error))? {
        let path = entry.map_err(|error| failed(folder, error))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            read(&path, &format!("{name}/"), files)?;
        } else if name.ends_with(".toml") || name.ends_with(".json") {
            let text = crate::input::text(&path).map_err(|error| failed(&path, error))?;
            files.push((name, text));
        }
    }
    Ok(())
}
/// The types of a list that have no definition are an error that names those near it.
///
/// # Errors
/// The first unknown type, with the nearest known ones.
pub fn known_types(types: &[String], catalog: &Catalog) -> Result<(), CommandError> {
    if let Some(rtype) = types
        .iter()
        .find(|rtype| !catalog.definitions.contains_key(*rtype))
    {
        let near = similar::get_close_matches(
            rtype.as_str(),
            &catalog
                .definitions
                .keys()
                .map(String::as_str)
                .collect::<Vec<_>>(),
            3,
            0.6,
        );
        let hint = if near.is_empty() {
            "`driftline types` lists them".to_owned()
        } else {
            format!("did you mean {}?", near.join(", "))
        };
        return Err(
            CommandError::new(format!("`{rtype}` is no supported resource type")).hint(hint),
        );
    }
    Ok(())
}
