//! `driftline scan`.

use super::args::ScanArgs;
use super::error::{CommandError, Outcome};
use super::{definitions, source, terminal};

pub fn run(args: &ScanArgs) -> Result<Outcome, CommandError> {
    let catalog = definitions::catalog()?;
    let cloud = source::cloud(&args.cloud, &[], &catalog)?;
    terminal::say(&format!("{} answers", cloud.capture.pages.len()));
    Ok(if cloud.capture.gaps.is_empty() { Outcome::Clean } else { Outcome::Incomplete })
}
