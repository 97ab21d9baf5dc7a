//! `driftline scan`.

use std::time::SystemTime;

use crate::cli::args::{CloudArgs, LiveArgs, ScanArgs};
use crate::cli::error::{CommandError, Outcome};
use crate::cli::source::Cloud;
use crate::cli::{configuration, definitions, source, terminal};
use crate::pipeline;
use crate::snapshot::{self, Redactor};
use crate::tofu::config::Workspace;

pub fn run(args: &ScanArgs) -> Result<Outcome, CommandError> {
    let catalog = definitions::catalog()?;
    definitions::known_types(&args.live.types, &catalog)?;
    snapshot::ready(&args.snapshot).map_err(CommandError::new)?;
    let folder = args.tofu.config.as_deref();
    let reads = CloudArgs {
        live: LiveArgs {
            kubernetes: args.kubernetes.sight(),
            ..args.live.clone()
        },
        ..CloudArgs::default()
    };
    let states = if args.tofu.states.is_empty() && folder.is_none() {
        Vec::new()
    } else {
        source::states(&args.tofu, &reads, &catalog)?
    };
    let workspace = folder.map(|folder| configuration::workspace(folder, &args.tofu));
    let workspace = workspace.transpose()?;
    let declared = workspace.as_ref().map(Workspace::types).unwrap_or_default();
    let reads = source::configured(&reads, workspace.as_ref(), &states);
    let cloud = source::live(&reads.live, &states, &declared, &catalog)?;
    let reading = pipeline::read(states, workspace);
    let cloud = match folder {
        Some(_) => {
            let seen = source::answered(&reads, &args.tofu, cloud, &reading, &catalog)?;
            Cloud {
                capture: seen.observed.capture,
                source: seen.source,
                removals: seen.removals,
            }
        }
        None => cloud,
    };
    snapshot::save(
        &args.snapshot,
        &cloud.capture,
        &Redactor::new(&catalog),
        &cloud.removals,
        SystemTime::now(),
    )
    .map_err(CommandError::new)?;
    let gaps = cloud.capture.gaps.len();
    terminal::say(&format!(
        "{} answers of {} stored in {}; {gaps} gaps, {} values removed",
        cloud.capture.pages.len(),
        cloud.capture.projects.join(", "),
        args.snapshot.display(),
        cloud
            .removals
            .iter()
            .map(|removal| removal.count)
            .sum::<usize>(),
    ));
    Ok(if gaps == 0 {
        Outcome::Clean
    } else {
        Outcome::Incomplete
    })
}
