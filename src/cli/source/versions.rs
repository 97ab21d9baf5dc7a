//! Which releases of the providers a command is about.

use std::path::Path;

use crate::catalog::{Catalog, Evidence};
use crate::cli::args::TofuArgs;
use crate::cli::error::CommandError;
use crate::cli::terminal;
use crate::model::{Note, Range, Severity, State};
use crate::render;
use crate::tofu::config::Workspace;
use crate::tofu::root::locked_providers;

/// The definitions as of the releases that the command line, the lock file, configuration and state tell of.
///
/// # Errors
/// A lock file that cannot be read, and a state that these releases refuse.
pub fn told(
    catalog: &Catalog,
    args: &TofuArgs,
    workspace: Option<&Workspace>,
    states: &[State],
) -> Result<Catalog, CommandError> {
    // The backend of the folder at hand is where state is looked for, so its lock file counts, too.
    let here = args.states.is_empty().then_some(Path::new("."));
    let locked = match args.config.as_deref().or(here) {
        Some(folder) => locked_providers(folder).map_err(CommandError::new)?,
        None => Vec::new(),
    };
    let (required, notes) = workspace
        .map(Workspace::required_providers)
        .unwrap_or_default();
    terminal::notes(&notes);
    let told = catalog
        .told(&Evidence {
            asked: args.provider_version,
            locked: &locked,
            required: &required,
            states,
        })
        .map_err(|error| {
            CommandError::new(error).hint("this is a bug in driftline; please report it")
        })?;
    terminal::notes(&warnings(&told));
    refused(&told, states)?;
    Ok(told)
}

/// What is said aloud of releases whose facts are not known.
fn warnings(catalog: &Catalog) -> Vec<Note> {
    let unknown = |version: &crate::model::ProviderVersion| version.range != Range::Known;
    let warning = |version: crate::model::ProviderVersion| Note {
        severity: Severity::Warning,
        message: render::version::sentence(&version),
        place: None,
        hint: "a newer driftline may know it; --provider-version takes another release".into(),
    };
    let versions = catalog.versions().into_iter();
    versions.filter(unknown).map(warning).collect()
}

/// A state object of a newer schema than the provider's is refused, as the provider refuses it.
fn refused(catalog: &Catalog, states: &[State]) -> Result<(), CommandError> {
    for state in states {
        for instance in &state.instances {
            let catalog = catalog.flavour(instance.provider.beta);
            let version = &catalog.version;
            let Some(definition) = catalog.definition(&instance.address.rtype) else {
                continue;
            };
            let known = definition.schema.schema_version;
            if version.range != Range::Known
                || !version.is_decided()
                || instance.schema_version <= known
            {
                continue;
            }
            return Err(CommandError::new(format!(
                "{}: `{}` was written by a newer provider: its schema version is {}, that of {} {} is {known}",
                state.source,
                instance.address,
                instance.schema_version,
                version.name(),
                version.releases,
            ))
            .hint("tofu refuses to read it, too; run `tofu init -upgrade`, or give --provider-version"));
        }
    }
    Ok(())
}
