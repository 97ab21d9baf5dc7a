//! Arguments of `driftline check`.

use std::path::PathBuf;

use clap::Args;

use super::{AcceptArgs, CloudArgs, KubernetesArgs, OutArgs, TofuArgs};
use crate::check::Priority;

/// `driftline check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// What to read.
    #[command(flatten)]
    pub cloud: CloudArgs,
    /// What is read of clusters.
    #[command(flatten)]
    pub kubernetes: KubernetesArgs,
    /// What OpenTofu knows.
    #[command(flatten)]
    pub tofu: TofuArgs,
    /// Ask only this rule, `*` is any text; may be repeated
    #[arg(long = "rule", value_name = "ID", help_heading = "Rules")]
    pub rules: Vec<String>,
    /// Ask only rules of this priority and graver
    #[arg(long, value_name = "P0|P1|P2", value_parser = priority, help_heading = "Rules")]
    pub min_priority: Option<Priority>,
    /// File with own `[[rule]]` and `[[ignore]]` [default: driftline.toml here or above, up to the root of the repository, if there is one]
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    pub config_file: Option<PathBuf>,
    /// List the rules, and look at nothing
    #[arg(long, help_heading = "Rules")]
    pub list: bool,
    /// Fail with exit code 1 if anything could not be read or told
    #[arg(long)]
    pub require_complete: bool,
    /// When that is, RFC 3339, instead of now: to look at a snapshot as of the day it was taken
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// What is accepted, and what fails.
    #[command(flatten)]
    pub accept: AcceptArgs,
    /// Results.
    #[command(flatten)]
    pub out: OutArgs,
}

fn priority(word: &str) -> Result<Priority, String> {
    Priority::parse(word).ok_or_else(|| "one of P0, P1, P2".to_owned())
}
