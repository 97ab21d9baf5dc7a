//! Arguments about clusters.

use clap::Args;

use crate::collect::SecretSight;

/// What is read of clusters.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What to read")]
pub struct KubernetesArgs {
    /// Read too what lies in each GKE cluster, through its control plane, with the same credential; lists only
    #[arg(long)]
    pub kubernetes: bool,
    /// What is read of Secrets: nothing (off), names, or names of keys [default: off]. No value is kept; but the right to list Secrets is the right to read them
    #[arg(
        long,
        value_name = "off|names|keys",
        requires = "kubernetes",
        value_parser = secret_sight
    )]
    pub kubernetes_secrets: Option<SecretSight>,
}

impl KubernetesArgs {
    /// What is read; nothing where clusters are not.
    pub fn sight(&self) -> Option<SecretSight> {
        let secrets = self.kubernetes_secrets.unwrap_or(SecretSight::Off);
        self.kubernetes.then_some(secrets)
    }
}

fn secret_sight(word: &str) -> Result<SecretSight, String> {
    SecretSight::parse(word).ok_or_else(|| "one of off, names, keys".to_owned())
}
