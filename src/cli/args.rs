//! What a person types.

mod audit;
mod check;
mod kubernetes;
mod trust;

use std::path::PathBuf;

pub use audit::{AcceptArgs, AuditArgs, BaselineAct, DiffArgs, HistoryArgs};
pub use check::CheckArgs;
use clap::{Args, Parser, Subcommand, ValueEnum};
pub use kubernetes::KubernetesArgs;
pub use trust::{DoctorArgs, PermissionsArgs};

use crate::collect::SecretSight;
use crate::hcl::Limit;
use crate::model::Version;

/// Drift reports and import plans for Google Cloud and OpenTofu
///
/// driftline reads Google Cloud projects through their REST APIs (GET requests only), puts what it finds into the words of the
/// google provider, and compares that with OpenTofu state and configuration.
///
/// Exit codes: 0 looked at everything and found nothing, 1 could not finish, 2 found differences, 3 found no difference but
/// something could not be read.
#[derive(Debug, Parser)]
#[command(
    name = "driftline",
    version,
    max_term_width = 110,
    after_help = "Results go to stdout, everything else to stderr."
)]
pub struct Cli {
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, hide_possible_values = true, value_name = "auto|always|never")]
    pub color: Colour,
    /// The verb.
    #[command(subcommand)]
    pub command: Command,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compare the cloud with state
    Drift(DriftArgs),
    /// Ask rules of production readiness of the cloud, of state, or of configuration before anything exists
    ///
    /// The cloud (--project, --snapshot, --demo), state (where --state names it) or, with --config alone, files only.
    Check(CheckArgs),
    /// Look at several projects and states as driftline.toml says, and tell what is new, resolved and oldest
    Audit(AuditArgs),
    /// List the runs an audit remembers, or take out old ones
    History(HistoryArgs),
    /// Hold two runs of an audit against each other: what is new, changed, resolved or out of sight in the later
    Diff(DiffArgs),
    /// Read projects once and store what was found
    Scan(ScanArgs),
    /// Write import blocks and configuration for what no state holds
    Plan(PlanArgs),
    /// Evaluate expressions of a configuration, as `tofu console` does
    Console(ConsoleArgs),
    /// Show the resource graph
    Graph(GraphArgs),
    /// List the supported resource types
    Types(TypesArgs),
    /// Say how a resource type is read and compared, what a rule of `check` asks, or why an address has its verdict
    Explain(ExplainArgs),
    /// Look at whether this machine can scan: credential, endpoints, clock, and each API in each project
    Doctor(DoctorArgs),
    /// List the IAM permissions that a scan needs
    Permissions(PermissionsArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print or write the manual pages
    Man {
        /// Write a page for each command into this folder, instead of the main page to stdout
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

/// How the cloud is read.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What to read")]
pub struct LiveArgs {
    /// Project to read; may be repeated [default: GOOGLE_PROJECT, GOOGLE_CLOUD_PROJECT, or the projects that provider blocks and state mention]
    #[arg(long = "project", value_name = "ID")]
    pub projects: Vec<String>,
    /// Read every active project below this folder; may be repeated
    #[arg(long = "folder", value_name = "NUMBER")]
    pub folders: Vec<String>,
    /// Read every active project of this organization; may be repeated
    #[arg(long = "organization", value_name = "NUMBER")]
    pub organizations: Vec<String>,
    /// Read only this resource type; may be repeated
    #[arg(long = "type", value_name = "TYPE")]
    pub types: Vec<String>,
    /// Read too what is read only where state, configuration or --type names it: secret versions, grants, certificate authorities
    #[arg(long, conflicts_with = "types")]
    pub deep: bool,
    /// Most objects to read a second time, by themselves, before a verdict rests on something absent
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub confirm: usize,
    /// Whether all objects of which a list leaves something out are read by themselves, however many: code is written from them.
    #[arg(skip)]
    pub whole: bool,
    /// What is read of clusters, where they are read, too.
    #[arg(skip)]
    pub kubernetes: Option<SecretSight>,
    /// Most requests in flight
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=2000))]
    pub concurrency: u16,
    /// Seconds for all requests together; what is unread by then is a gap
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..=86400))]
    pub timeout: u32,
    /// Service account to act as
    #[arg(
        long,
        value_name = "EMAIL",
        env = "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
        hide_env_values = true
    )]
    pub impersonate: Option<String>,
    /// Service account on the way to the one to act as; may be repeated, in order
    #[arg(long = "delegate", value_name = "EMAIL", requires = "impersonate")]
    pub delegates: Vec<String>,
}

/// Where the cloud side comes from.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What to read")]
pub struct CloudArgs {
    /// The cloud itself.
    #[command(flatten)]
    pub live: LiveArgs,
    /// Read this snapshot instead of the cloud
    #[arg(long, value_name = "DIR", conflicts_with_all = ["projects", "folders", "organizations", "demo"])]
    pub snapshot: Option<PathBuf>,
    /// Read the built-in demo estate: no account, no network
    #[arg(long, conflicts_with_all = ["projects", "folders", "organizations"])]
    pub demo: bool,
    /// Of the demo, so many weeks ago.
    #[arg(skip)]
    pub weeks_ago: usize,
}

/// Where results go.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Results")]
pub struct OutArgs {
    /// Write a result as FORMAT://FILE; may be repeated; FILE `-` is stdout [default: console://-]
    #[arg(long = "out", value_name = "FORMAT://FILE")]
    pub out: Vec<String>,
}

/// What OpenTofu knows.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "State and configuration")]
pub struct TofuArgs {
    /// State: a file, folder, pattern, gs://BUCKET/PREFIX, http(s)://… or `-` for stdin; may be repeated [default: what the configuration's backend says]
    #[arg(long = "state", value_name = "STATE")]
    pub states: Vec<String>,
    /// Folder of the root module; its backend is where state is looked for, and forecasts follow what it says
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,
    /// Input variable of the configuration; may be repeated
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub vars: Vec<String>,
    /// File of input variables; may be repeated
    #[arg(long = "var-file", value_name = "FILE")]
    pub var_files: Vec<PathBuf>,
    /// Backend setting, as `tofu init` takes it; may be repeated
    #[arg(long = "backend-config", value_name = "KEY=VALUE|FILE")]
    pub backend_config: Vec<String>,
    /// Workspace, over TF_WORKSPACE and the one selected
    #[arg(long, value_name = "NAME")]
    pub workspace: Option<String>,
    /// Release of the google provider to judge by, over what the lock file, constraints and state say
    #[arg(long, value_name = "VERSION")]
    pub provider_version: Option<Version>,
    /// Let functions of the configuration read files outside its repository
    #[arg(long)]
    pub allow_outside_files: bool,
    /// Most steps to evaluate a configuration in; how many values and instances there may be is in proportion to it
    #[arg(long, value_name = "STEPS", default_value_t = Limit::USUAL, value_parser = clap::value_parser!(u64).range(1000..=1_000_000_000_000))]
    pub evaluation_limit: u64,
    /// Let Cloud KMS unwrap the key of an encrypted state: the one POST request that needs a permission to decrypt
    #[arg(long)]
    pub allow_kms_decrypt: bool,
}

/// `driftline drift`.
#[derive(Debug, Args)]
pub struct DriftArgs {
    /// What to read.
    #[command(flatten)]
    pub cloud: CloudArgs,
    /// What OpenTofu knows.
    #[command(flatten)]
    pub tofu: TofuArgs,
    /// List what is in sync too, and the outputs that changed
    #[arg(long)]
    pub all: bool,
    /// Fail with exit code 1 if anything could not be read
    #[arg(long)]
    pub require_complete: bool,
    /// Show the edits of the configuration that would make it say what the cloud has, each verified by a new forecast
    #[arg(long, help_heading = "Suggestions")]
    pub suggest: bool,
    /// Make the suggested edits, in the files of the configuration
    #[arg(long, requires = "suggest", help_heading = "Suggestions")]
    pub write: bool,
    /// What is accepted, and what fails.
    #[command(flatten)]
    pub accept: AcceptArgs,
    /// Results.
    #[command(flatten)]
    pub out: OutArgs,
}

/// `driftline scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// What to read.
    #[command(flatten)]
    pub live: LiveArgs,
    /// What is read of clusters.
    #[command(flatten)]
    pub kubernetes: KubernetesArgs,
    /// What OpenTofu knows: of what is read on demand its types are read, what its data sources ask for, and what it knows and the lists do not show is looked at.
    #[command(flatten)]
    pub tofu: TofuArgs,
    /// The folder to store the snapshot in; one that holds a snapshot is replaced as a whole
    #[arg(long, value_name = "DIR")]
    pub snapshot: PathBuf,
}

/// `driftline graph`.
#[derive(Debug, Args)]
pub struct GraphArgs {
    /// What to read.
    #[command(flatten)]
    pub cloud: CloudArgs,
    /// What is read of clusters.
    #[command(flatten)]
    pub kubernetes: KubernetesArgs,
    /// Results.
    #[command(flatten)]
    pub out: OutArgs,
}

/// `driftline types`.
#[derive(Debug, Args)]
pub struct TypesArgs {
    /// Results.
    #[command(flatten)]
    pub out: OutArgs,
}

/// `driftline explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A resource type, a rule of `check`, or the address of a resource instance
    #[arg(value_name = "TYPE|RULE|ADDRESS")]
    pub subject: String,
    /// What to read.
    #[command(flatten)]
    pub cloud: CloudArgs,
    /// What OpenTofu knows.
    #[command(flatten)]
    pub tofu: TofuArgs,
}

/// How resource blocks are spread over files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LayoutArg {
    /// One file for all.
    Flat,
    /// A file a service.
    #[default]
    Service,
    /// A module a service.
    Module,
}

/// How much of each object is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DetailArg {
    /// What must be, so that the plan is a no-op.
    #[default]
    Minimal,
    /// Also what the provider would otherwise take from the cloud.
    Full,
}

/// `driftline plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// What to read.
    #[command(flatten)]
    pub cloud: CloudArgs,
    /// What OpenTofu knows.
    #[command(flatten)]
    pub tofu: TofuArgs,
    /// What to plan.
    #[command(flatten)]
    pub choice: PlanChoice,
    /// Write the configuration into this folder; files that are there are added to, never rewritten; configuration that is
    /// there is planned into, as with --config
    #[arg(long, value_name = "DIR", help_heading = "Results")]
    pub write: Option<PathBuf>,
    /// After writing, run `tofu init` and `tofu plan` in the folder and hold the forecast against what tofu says
    #[arg(long, requires = "write", help_heading = "Results")]
    pub verify: bool,
    /// Show the edits of the configuration (--config) that would make imports no-ops, each verified by a new forecast; with
    /// --write they are made, in the files of the configuration
    #[arg(long, requires = "config", help_heading = "Suggestions")]
    pub suggest: bool,
    /// Results.
    #[command(flatten)]
    pub out: OutArgs,
}

/// What to plan.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What to plan")]
pub struct PlanChoice {
    /// Only objects of this type, import id, name (`*` is any text) or label (KEY=VALUE); may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub only: Vec<String>,
    /// Not these objects; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
    /// Place everything that no mapping places in this module
    #[arg(long, value_name = "module.NAME")]
    pub into: Option<String>,
    /// File of `[[map]] match = "PATTERN" to = "ADDRESS or module.NAME"`
    #[arg(long = "map", value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// How resource blocks are spread over files
    #[arg(long, value_enum, default_value_t)]
    pub layout: LayoutArg,
    /// How much of each object is written
    #[arg(long, value_enum, default_value_t)]
    pub detail: DetailArg,
    /// Cut the plan into batches of so many steps, a folder each, that plan cleanly by themselves
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub batch: Option<u32>,
    /// Write families of alike resources as one block with for_each
    #[arg(long)]
    pub group: bool,
    /// Write labels although the provider takes them over only by an update
    #[arg(long)]
    pub adopt_labels: bool,
    /// Write steps that would replace an object
    #[arg(long)]
    pub allow_replace: bool,
    /// Plan Google's own objects too: default databases, system users, default networks
    #[arg(long)]
    pub include_defaults: bool,
}

/// `driftline console`.
#[derive(Debug, Args)]
pub struct ConsoleArgs {
    /// Expressions; without any they are read from stdin, one a line
    #[arg(value_name = "EXPRESSION", allow_hyphen_values = true)]
    pub expressions: Vec<String>,
    /// What answers data sources.
    #[command(flatten)]
    pub cloud: CloudArgs,
    /// What OpenTofu knows.
    #[command(flatten)]
    pub tofu: TofuArgs,
    /// Results.
    #[command(flatten)]
    pub out: OutArgs,
}
