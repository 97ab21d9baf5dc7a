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
    let locked = match root(args, states) {
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

/// The folder of the root module whose lock file counts: the configuration's; the one at hand, whose backend is where state is
/// looked for; or that of the one state given, which lies in it as a backend of files leaves it.
fn root<'a>(args: &'a TofuArgs, states: &'a [State]) -> Option<&'a Path> {
    let given = || match states {
        [state] => Path::new(&state.source).parent().filter(|_| {
            let name = Path::new(&state.source).file_name();
            name.is_some_and(|name| name == "terraform.tfstate")
        }),
        _ => None,
    };
    match &args.config {
        Some(folder) => Some(folder),
        None if args.states.is_empty() => Some(Path::new(".")),
        None => given(),
    }
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
