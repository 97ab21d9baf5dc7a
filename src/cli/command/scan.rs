//! `driftline scan`.

use crate::cli::args::ScanArgs;
use crate::cli::error::{CommandError, Outcome};
use crate::cli::{definitions, source, terminal};

pub fn run(args: &ScanArgs) -> Result<Outcome, CommandError> {
    let catalog = definitions::catalog()?;
    let cloud = source::cloud(&args.cloud, &[], &catalog)?;
    terminal::say(&format!("{} answers", cloud.capture.pages.len()));
    Ok(if cloud.capture.gaps.is_empty() { Outcome::Clean } else { Outcome::Incomplete })
}
