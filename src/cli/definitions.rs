//! The definitions that are built into the binary.

use include_dir::{Dir, include_dir};

use super::error::CommandError;
use crate::catalog::Catalog;

static PROVIDERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/providers");

/// The definitions, checked.
///
/// # Errors
/// A built-in definition that does not hold is a bug of this program; the tests load them all.
pub fn catalog() -> Result<Catalog, CommandError> {
    let mut files = Vec::new();
    gather(&PROVIDERS, &mut files);
    Catalog::load(files).map_err(|error| {
        CommandError::new(error).hint("this is a bug in driftline; please report it")
    })
}

fn gather<'a>(dir: &'a Dir<'a>, files: &mut Vec<(&'a str, &'a str)>) {
    for file in dir.files() {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            files.push((path, text));
        }
    }
    dir.dirs().for_each(|dir| gather(dir, files));
}

/// The types of a list that have no definition are an error that names those near it.
///
/// # Errors
/// The first unknown type, with the nearest known ones.
pub fn known_types(types: &[String], catalog: &Catalog) -> Result<(), CommandError> {
    if let Some(rtype) = types
        .iter()
        .find(|rtype| catalog.definition(rtype).is_none())
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
