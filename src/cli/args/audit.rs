//! Arguments of `driftline audit`, and of what goes with it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::OutArgs;
use crate::findings::FailOn;

/// What is accepted, and what fails.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What is accepted")]
pub struct AcceptArgs {
    /// What makes the exit code 2: new:KIND or any:KIND, gap, never; may be repeated. KIND is a class, a severity, a priority of `check`, replace, delete or all
    #[arg(long, value_name = "WHAT")]
    pub fail_on: Vec<FailOn>,
    /// File of `[[ignore]]` rules; may be repeated
    #[arg(long = "ignore-file", value_name = "FILE")]
    pub ignore_files: Vec<PathBuf>,
    /// Baseline that `driftline audit --baseline write` made: what is in it, unchanged, fails nothing
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
}

impl AcceptArgs {
    /// Whether anything is said.
    pub fn is_given(&self) -> bool {
        !self.fail_on.is_empty() || !self.ignore_files.is_empty() || self.baseline.is_some()
    }
}

/// `driftline audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// The configuration of the audit [default: driftline.toml here or above, up to the root of the repository]
    #[arg(long, value_name = "FILE")]
    pub config_file: Option<PathBuf>,
    /// Audit the built-in demo estate, the last of four weeks: no account, no network, no file
    #[arg(long, conflicts_with_all = ["config_file", "init", "check"])]
    pub demo: bool,
    /// Write a first driftline.toml here, with comments
    #[arg(long, conflicts_with_all = ["config_file", "check"])]
    pub init: bool,
    /// Check the file, its rules and the baseline, and look at nothing
    #[arg(long)]
    pub check: bool,
    /// Print the JSON Schema of driftline.toml
    #[arg(long, conflicts_with_all = ["init", "check", "demo"])]
    pub schema: bool,
    /// Accept everything there is (write), or take out of the baseline what is gone or changed (update: adds nothing)
    #[arg(
        long,
        value_enum,
        value_name = "write|update",
        hide_possible_values = true
    )]
    pub baseline: Option<BaselineAct>,
    /// What makes the exit code 2, over what the file says; may be repeated
    #[arg(long, value_name = "WHAT")]
    pub fail_on: Vec<FailOn>,
    /// Leave no run file
    #[arg(long)]
    pub no_history: bool,
    /// When the run is, RFC 3339, instead of now: to look at snapshots as of the day they were taken
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Results.
    #[command(flatten)]
    pub out: OutArgs,
}

/// What to do with the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BaselineAct {
    /// Make it anew of everything there is.
    Write,
    /// Take out what is gone or changed.
    Update,
}

/// `driftline history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// The folder that `history` of driftline.toml names
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Take out run files of before this day, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    pub prune_before: Option<String>,
}

/// `driftline diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The earlier run file
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,
    /// The later run file
    #[arg(value_name = "AFTER")]
    pub after: PathBuf,
    /// Results.
    #[command(flatten)]
    pub out: OutArgs,
}
