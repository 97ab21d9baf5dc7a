//! Reading the files of a module.

mod excerpt;
pub mod json;
mod merge;
mod module;
mod native;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

pub use module::{Call, Module, Provider, Resource, Variable};
pub use source::{Attribute, Block, Content, Source};

use crate::input::{self, MOST_TEXT};
use crate::model::{Note, Severity};

/// The extensions of configuration files; the second of a pair hides the first where the name before is the same.
const EXTENSIONS: [(&str, &str); 2] = [(".tf", ".tofu"), (".tf.json", ".tofu.json")];

/// Texts that stand in place of what files hold, by path: an edit that is not made yet.
pub type Texts = BTreeMap<PathBuf, String>;

/// Reads a folder as a module. Files that are wrong are left out with a note.
pub fn read_module(folder: &Path, shown: &str, texts: &Texts, notes: &mut Vec<Note>) -> Module {
    let (primary, overriding) = files(folder, notes);
    let mut sources = Vec::new();
    let mut read = |names: &[String], notes: &mut Vec<Note>| {
        let mut content = Content::default();
        let read: Vec<_> = names
            .par_iter()
            .map(|name| read_file(folder, shown, name, texts))
            .collect();
        for found in read {
            let part = found.and_then(|(file, part)| {
                // Those that override are read last and come first.
                sources.insert(0, file);
                part
            });
            match part {
                Ok(part) => {
                    content.attributes.extend(part.attributes);
                    content.blocks.extend(part.blocks);
                }
                Err(note) => notes.push(note),
            }
        }
        content
    };
    let mut content = read(&primary, notes);
    let above = read(&overriding, notes);
    merge::apply(&mut content, above);
    let mut module = Module::new(content, notes);
    module.sources = sources;
    module
}

/// Whether a folder holds a configuration file; one that only says where state is kept is one too.
pub fn has_files(folder: &Path) -> bool {
    let (primary, overriding) = files(folder, &mut Vec::new());
    !primary.is_empty() || !overriding.is_empty()
}

/// A file and what it says; one that cannot be read is a complaint alone.
fn read_file(
    folder: &Path,
    shown: &str,
    name: &str,
    texts: &Texts,
) -> Result<(Arc<Source>, Result<Content, Note>), Note> {
    let shown = if shown == "." {
        name.to_owned()
    } else {
        format!("{shown}/{name}")
    };
    let file = Arc::new(read_source(&folder.join(name), shown, texts)?);
    let part = if name.ends_with(".json") {
        json::parse(&file)
    } else {
        native::parse(&file)
    };
    Ok((file, part))
}

/// Reads a file.
///
/// # Errors
/// A complaint naming the file.
pub fn read_source(path: &Path, shown: String, texts: &Texts) -> Result<Source, Note> {
    if let Some(text) = texts.get(path) {
        return Ok(Source::new(shown, text.clone()).at(path));
    }
    let complain = |message: String| Note {
        severity: Severity::Error,
        message,
        place: None,
        hint: String::new(),
    };
    let bytes = input::bytes(path, MOST_TEXT)
        .map_err(|error| complain(format!("cannot read {shown}: {error}")))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(shown, text).at(path)),
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let source = Source::new(
                shown.clone(),
                String::from_utf8_lossy(error.as_bytes()).into_owned(),
            )
            .private();
            let note = complain(format!("{shown} is not UTF-8 text"));
            Err(Note {
                place: Some(source.place_of_mistake(offset)),
                hint: "save the file as UTF-8".into(),
                ..note
            })
        }
    }
}

/// Reads a file of variable values in native syntax.
///
/// # Errors
/// A complaint with its place.
pub fn read_values(file: &Arc<Source>) -> Result<Content, Note> {
    native::parse(file)
}

/// The names of a folder's configuration files, in order: primary ones, and those that override.
fn files(folder: &Path, notes: &mut Vec<Note>) -> (Vec<String>, Vec<String>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let message = format!("cannot read the folder {}: {error}", folder.display());
            notes.push(Note {
                severity: Severity::Error,
                message,
                place: None,
                hint: String::new(),
            });
            return Default::default();
        }
    };
    let names = entries
        .flatten()
        .filter(|entry| !entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok());
    let ignored = |name: &str| {
        name.starts_with('.')
            || name.ends_with('~')
            || (name.starts_with('#') && name.ends_with('#'))
    };
    let names: BTreeSet<String> = names.filter(|name| !ignored(name)).collect();
    let (mut primary, mut overriding) = (Vec::new(), Vec::new());
    for name in &names {
        for (plain, stronger) in EXTENSIONS {
            let stem = match (name.strip_suffix(plain), name.strip_suffix(stronger)) {
                (Some(stem), _) if !names.contains(&format!("{stem}{stronger}")) => stem,
                (_, Some(stem)) => stem,
                _ => continue,
            };
            let over = stem == "override" || stem.ends_with("_override");
            if over { &mut overriding } else { &mut primary }.push(name.clone());
        }
    }
    (primary, overriding)
}
