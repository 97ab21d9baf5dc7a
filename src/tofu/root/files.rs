//! Which files of a folder make the root module, and in which order they count.

use std::path::Path;

use rayon::prelude::*;

use super::block::{self, Block};
use crate::input;
use crate::model::{Note, Place, Severity};
use crate::tofu::state::{StateError, StateErrorKind};

/// The blocks that are read at all; resources, which are most of a configuration, are not.
const WANTED: &[&str] = &["terraform", "variable", "locals"];

/// The blocks of a root module.
#[derive(Default)]
pub(super) struct Files {
    /// Top-level blocks: primary files by name, then override files by name.
    pub(super) blocks: Vec<Block>,
    /// Files left out.
    pub(super) notes: Vec<Note>,
}

/// Reads the configuration files of a folder.
pub(super) fn read(dir: &Path) -> Result<Files, StateError> {
    let shown = dir.display().to_string();
    let entries = std::fs::read_dir(dir).map_err(|error| {
        StateError::new(
            StateErrorKind::Unreadable,
            &shown,
            format!("the folder cannot be read: {error}"),
        )
        .hint("name the folder of the root module: `--config DIR`")
    })?;
    let names = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let mut files = Files::default();
    let read: Vec<_> = order(names)
        .into_par_iter()
        .map(|name| file(&dir.join(name)))
        .collect();
    for read in read {
        match read? {
            Ok(blocks) => files.blocks.extend(blocks),
            Err(note) => files.notes.push(note),
        }
    }
    Ok(files)
}

/// The blocks of one file that count here, or that it was left out.
fn file(path: &Path) -> Result<Result<Vec<Block>, Note>, StateError> {
    let file = path.display().to_string();
    let text = input::text(path).map_err(|error| {
        StateError::new(
            StateErrorKind::Unreadable,
            &file,
            format!("cannot be read: {error}"),
        )
    })?;
    let parsed = if file.ends_with(".json") {
        block::json(&file, &text, "")
    } else {
        block::top(&file, &text, WANTED)
    };
    match parsed {
        Ok(whole) => Ok(Ok(whole.blocks)),
        Err(error) if settings_stand_in(&text) => Err(error),
        Err(error) => Ok(Err(left_out(&error))),
    }
}

/// Whether a file that cannot be parsed seems to say where or how state is kept.
fn settings_stand_in(text: &str) -> bool {
    ["backend", "encryption", "cloud {"]
        .iter()
        .any(|word| text.contains(word))
        && text.contains("terraform")
}

fn left_out(error: &StateError) -> Note {
    let (line, column) = error.place.unwrap_or_default();
    Note {
        severity: Severity::Warning,
        message: error.message.clone(),
        place: Some(Place {
            file: error.file.clone(),
            line,
            column,
            excerpt: String::new(),
        }),
        hint: "variables and locals declared in this file are not known while state is looked for"
            .into(),
    }
}

/// The configuration files among names, in order. `x.tofu` hides `x.tf`, `x.tofu.json` hides `x.tf.json`.
fn order(names: Vec<String>) -> Vec<String> {
    let ignored = |name: &str| {
        name.starts_with('.')
            || name.ends_with('~')
            || (name.starts_with('#') && name.ends_with('#'))
    };
    let hidden = |name: &str| match (name.strip_suffix(".tf"), name.strip_suffix(".tf.json")) {
        (Some(stem), _) => names.contains(&format!("{stem}.tofu")),
        (_, Some(stem)) => names.contains(&format!("{stem}.tofu.json")),
        _ => false,
    };
    let stem = |name: &str| {
        [".tf", ".tofu", ".tf.json", ".tofu.json"]
            .iter()
            .find_map(|ending| name.strip_suffix(ending).map(str::to_owned))
    };
    let mut kept: Vec<(bool, String)> = Vec::new();
    for name in &names {
        let Some(stem) = stem(name) else { continue };
        if !ignored(name) && !hidden(name) {
            kept.push((
                stem == "override" || stem.ends_with("_override"),
                name.clone(),
            ));
        }
    }
    kept.sort();
    kept.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn tofu_files_hide_their_twins_and_overrides_come_last() {
        let names = [
            "b.tf",
            "a.tf",
            "a.tofu",
            "override.tf",
            "a_override.tf",
            "c.tf.json",
            "c.tofu",
            ".d.tf",
            "e.tf~",
            "x.tfvars",
        ];
        let kept = order(names.map(str::to_owned).to_vec());
        assert_eq!(
            kept,
            [
                "a.tofu",
                "b.tf",
                "c.tf.json",
                "c.tofu",
                "a_override.tf",
                "override.tf"
            ]
        );
    }
}
