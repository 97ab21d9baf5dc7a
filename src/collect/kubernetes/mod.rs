//! Reading the clusters that a scan saw, through their control planes.
//!
//! ```text
//! capture of a scan ─▶ access: clusters, ways ─▶ discover: what there is ─▶ read: lists of kinds ─▶ keep ─▶ pages, gaps
//!                                                                                    └─▶ images that workloads name
//! ```
//!
//! Requests of a cluster: two to discover, one for each kind that it has (and each further page); where a list over all
//! namespaces is refused, one for each namespace in its place; at `names`, secrets are asked for namespace by namespace.

mod access;
mod collection;
mod control_plane;
mod discover;
mod images;
mod keep;
mod read;
mod touched;

use std::collections::BTreeSet;

pub(in crate::collect) use collection::Collection;
pub(in crate::collect) use control_plane::{ControlPlane, only_token};
pub(super) use read::{Probed, probe};

use super::credentials::Credentials;
use super::settings::Settings;
use super::transport::Transport;
use crate::catalog::{Catalog, Sight};
use crate::model::{Capture, worded};
use access::clusters;

worded! {
    /// What is read of objects that hold payloads.
    pub enum SecretSight {
        /// Nothing.
        Off = "off",
        /// Their names, types and how many keys they have.
        Names = "names",
        /// The names of their keys, too.
        Keys = "keys",
    }
}

/// Reads the clusters on the pages of a capture. Gives what comes of it alone: pages, gaps, and the types that were asked.
///
/// # Errors
/// One line, where the variable that names a control plane cannot be used.
pub(super) async fn read_clusters(
    catalog: &Catalog,
    settings: &Settings,
    credentials: Credentials,
    capture: &Capture,
    secrets: SecretSight,
) -> Result<Capture, String> {
    let mut out = Capture::default();
    let Some(known) = &catalog.kinds.clusters else {
        return Ok(out);
    };
    let transport = Transport::new(settings, credentials);
    let mut asked: BTreeSet<String> = BTreeSet::new();
    for kind in catalog.kinds.all.values() {
        if kind.sight != Sight::Veiled || secrets != SecretSight::Off {
            asked.insert(kind.definition.rtype.clone());
        }
    }
    let found = clusters(capture, known);
    for cluster in &found {
        let ways = cluster.ways(known, settings)?;
        let reading = read::Reading {
            catalog,
            transport: &transport,
            cluster,
            secrets,
        };
        out.add(reading.cluster(ways).await);
    }
    out.add(images::images(catalog, settings, &transport, &out, &capture.projects).await?);
    out.asked = asked.into_iter().collect();
    Ok(out)
}
