//! `--suggest` and `--write` of the commands that forecast: configuration edited in memory, and on request on disk.

use std::path::Path;

use crate::catalog::Catalog;
use crate::cli::args::TofuArgs;
use crate::cli::configuration;
use crate::cli::error::CommandError;
use crate::cli::{folder, terminal};
use crate::model::{Note, Severity, Sources};
use crate::suggest::{self, Findings, Suggestions, Texts};
use crate::tofu::config::Workspace;

/// The configuration that edits are for.
pub(super) struct Editing<'a> {
    pub folder: &'a Path,
    pub tofu: &'a TofuArgs,
    pub catalog: &'a Catalog,
}

impl Editing<'_> {
    /// Works out suggestions; `again` forecasts a configuration as `findings` and `notes` were.
    pub fn suggest(
        &self,
        workspace: &Workspace,
        findings: &Findings,
        notes: &[Note],
        again: &dyn Fn(&Workspace) -> (Findings, Vec<Note>),
    ) -> Suggestions {
        let errors = errors(notes);
        let judge = |texts: &Texts| -> Option<Findings> {
            let edited = configuration::edited(self.folder, self.tofu, texts.clone()).ok()?;
            let (findings, notes) = again(&edited);
            (self::errors(&notes) <= errors).then_some(findings)
        };
        suggest::suggest(self.catalog, &workspace.sources(), findings, &judge)
    }
}

fn errors(notes: &[Note]) -> usize {
    notes
        .iter()
        .filter(|note| note.severity == Severity::Error)
        .count()
}

/// Writes the edited files, each whole or not at all; none if one of them is no longer what was read.
///
/// # Errors
/// A file that changed meanwhile, is a symbolic link, or cannot be written.
pub(super) fn write(sources: &Sources, suggestions: &Suggestions) -> Result<(), CommandError> {
    let edited = sources
        .files
        .iter()
        .filter_map(|file| Some((file, suggestions.texts.get(&file.path)?)));
    let edited: Vec<_> = edited
        .map(|(file, text)| (file.path.as_path(), file.text.as_str(), text.as_str()))
        .collect();
    folder::splice(&edited)?;
    let count = edited.len();
    terminal::say(&format!(
        "{count} file{} of the configuration edited",
        if count == 1 { "" } else { "s" }
    ));
    Ok(())
}
