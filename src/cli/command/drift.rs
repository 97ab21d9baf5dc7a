//! `driftline drift`.

use super::suggest::{self, Editing};
use crate::cli::args::DriftArgs;
use crate::cli::error::{CommandError, Outcome};
use crate::cli::{configuration, definitions, demo, output, source, terminal};
use crate::compare::{Comparison, Inputs, compare};
use crate::normalize::normalize;
use crate::render::{self, Heading};
use crate::tofu::config::Workspace;

pub fn run(args: &DriftArgs) -> Result<Outcome, CommandError> {
    let outputs = output::outputs(&args.out.out, &["console", "json"])?;
    let catalog = definitions::catalog()?;
    let mut states = source::states(&args.tofu, &args.cloud, &catalog)?;
    let unpacked = (args.cloud.demo && args.tofu.config.is_none() && args.tofu.states.is_empty())
        .then(demo::configuration)
        .transpose()?;
    let folder = args
        .tofu
        .config
        .as_deref()
        .or(unpacked.as_ref().map(|folder| folder.path()));
    if args.suggest && folder.is_none() {
        return Err(CommandError::new("--suggest needs a configuration to edit")
            .hint("give its folder with --config"));
    }
    let workspace = folder
        .map(|folder| configuration::workspace(folder, &args.tofu))
        .transpose()?;
    let declared = workspace.as_ref().map(Workspace::types).unwrap_or_default();
    let cloud = source::cloud(
        &source::configured(&args.cloud, workspace.as_ref(), &states),
        &states,
        &declared,
        &catalog,
    )?;
    let normalized = normalize(&cloud.capture, &catalog);
    let types = (!args.cloud.live.types.is_empty()).then_some(args.cloud.live.types.as_slice());
    let keep = workspace.is_some();
    let moved = configuration::moved(workspace.as_ref(), &mut states);
    let mut comparison = compare(&Inputs {
        types,
        keep,
        ..Inputs::new(&catalog, &cloud.capture, &normalized, &states)
    });
    let (mut suggestions, mut sources) = (None, None);
    if let Some((workspace, folder)) = workspace.as_ref().zip(folder) {
        let base = args.suggest.then(|| comparison.clone());
        let settled = configuration::settle(workspace, &mut comparison, &states, &catalog);
        terminal::notes(&settled.notes);
        configuration::tell_moved(&mut comparison, &moved);
        if let Some(base) = base {
            let again = |workspace: &Workspace| {
                configuration::settle(workspace, &mut base.clone(), &states, &catalog)
            };
            let edits = Editing {
                folder,
                tofu: &args.tofu,
                catalog: &catalog,
            };
            sources = Some(workspace.sources());
            suggestions = Some(edits.suggest(workspace, &settled, &again));
        }
    }
    let written = if args.write { sources } else { None };
    let heading = Heading {
        version: env!("CARGO_PKG_VERSION"),
        projects: cloud.capture.projects.clone(),
        source: cloud.source,
        states: comparison.states.clone(),
        all: args.all,
    };
    for output in &outputs {
        let text = match output.format.as_str() {
            "json" => render::json::suggesting(&comparison, &heading, suggestions.as_ref()),
            _ => {
                render::console::drift(&comparison, &heading)
                    + &suggestions
                        .as_ref()
                        .map(render::suggest::console)
                        .unwrap_or_default()
            }
        };
        output::write(output, &text)?;
    }
    if let Some((written, suggestions)) = written.zip(suggestions.as_ref()) {
        suggest::write(&written, suggestions)?;
    }
    Ok(outcome(&comparison, args.require_complete))
}

/// The exit code of a comparison.
fn outcome(comparison: &Comparison, require_complete: bool) -> Outcome {
    let complete = comparison.gaps.is_empty();
    match comparison
        .rows
        .iter()
        .any(|row| row.verdict.is_difference())
    {
        _ if require_complete && !complete => Outcome::Failed,
        true => Outcome::Different,
        false if complete => Outcome::Clean,
        false => Outcome::Incomplete,
    }
}
