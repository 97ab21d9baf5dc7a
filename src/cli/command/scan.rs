//! `driftline scan`.

use std::collections::BTreeSet;
use std::time::SystemTime;

use crate::cli::args::ScanArgs;
use crate::cli::error::{CommandError, Outcome};
use crate::cli::{definitions, source, terminal};
use crate::snapshot::{self, Redactor};

pub fn run(args: &ScanArgs) -> Result<Outcome, CommandError> {
    let catalog = definitions::catalog()?;
    definitions::known_types(&args.live.types, &catalog)?;
    let cloud = source::live(&args.live, &[], &BTreeSet::new(), &catalog)?;
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
