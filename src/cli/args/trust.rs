//! Arguments of `driftline doctor` and `driftline permissions`.

use clap::Args;

use super::{KubernetesArgs, LiveArgs, OutArgs, TofuArgs};

/// `driftline doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// What a scan would read.
    #[command(flatten)]
    pub live: LiveArgs,
    /// What is read of clusters.
    #[command(flatten)]
    pub kubernetes: KubernetesArgs,
    /// What OpenTofu knows.
    #[command(flatten)]
    pub tofu: TofuArgs,
    /// Results.
    #[command(flatten)]
    pub out: OutArgs,
}

/// `driftline permissions`.
#[derive(Debug, Args)]
pub struct PermissionsArgs {
    /// Only what this resource type needs; may be repeated
    #[arg(long = "type", value_name = "TYPE")]
    pub types: Vec<String>,
    /// With what reading clusters needs.
    #[command(flatten)]
    pub kubernetes: KubernetesArgs,
    /// With what reading a state whose key Cloud KMS wraps needs
    #[arg(long)]
    pub allow_kms_decrypt: bool,
    /// Results.
    #[command(flatten)]
    pub out: OutArgs,
}
