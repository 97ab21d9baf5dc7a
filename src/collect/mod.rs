//! Reading the cloud: from a catalog's listings to a [`Capture`]. Only reads are sent, and what cannot be read is a gap.
//!
//! ```text
//! settings ─▶ credentials ─▶ transport (one request, its retries)
//! catalog ─▶ scan: plan (listings, what follows from what) ─▶ jobs ─▶ schedule (who goes next, by quota) ─▶ Capture
//! ```

mod api_error;
mod credentials;
mod doctor;
mod endpoint;
mod envelope;
mod kubernetes;
mod no_token;
mod projects;
mod scan;
mod settings;
mod transport;
mod web;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use credentials::{Credentials, CredentialsError};
pub use doctor::{Check, Status, doctor, doctor_of_clusters};
pub use kubernetes::SecretSight;
pub use no_token::{NoToken, NoTokenWhy};
pub use projects::{FoundProjects, projects_of};
pub use settings::{CredentialSettings, Settings};
pub use transport::install_tls;
pub use web::{Answer, Asked, ClientTls, Web, WebError};

use endpoint::Endpoint;
use scan::{Plan, Scan};
use settings::PROJECTS_ENDPOINT;
use transport::Channel;

use crate::catalog::{Catalog, Get, Per, Sight};
use crate::model::{Capture, Demand, Doubts};

/// Why nothing could be collected at all: one sentence with what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CollectError {
    /// There is no credential, or one that cannot be used.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// An endpoint variable holds something that cannot be used.
    #[error("{0}")]
    Endpoint(String),
}

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Requests answered.
    pub done: usize,
    /// Requests that wait or are in flight.
    pub open: usize,
    /// Objects seen.
    pub objects: usize,
    /// Gaps found.
    pub gaps: usize,
    /// The API whose quota is waited for longest.
    pub waiting: Option<Wait>,
}

/// An API that is not asked until its quota is there again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The name people use: `Cloud KMS`.
    pub api: String,
    /// How long it still takes.
    pub left: Duration,
}

/// A reading of the cloud: first what the lists show, then, where that is not enough, single objects. Quotas and time-out are
/// those of both together.
#[derive(Debug)]
pub struct Session {
    scan: Scan,
    /// The way to the API that says which permissions the caller has, where it can be used.
    projects: Option<Channel>,
}

impl Session {
    /// Starts to read the wanted types (all but those read on demand, when none are named); the time runs from now.
    ///
    /// # Errors
    /// One sentence, where nothing can be asked: no credential, or an endpoint that cannot be used.
    pub async fn open(
        catalog: &Catalog,
        settings: &Settings,
        types: Option<&BTreeSet<String>>,
    ) -> Result<Self, CollectError> {
        let credentials = Credentials::find(settings).await?;
        let settings = credentials.settle(settings);
        let plan = Plan::new(catalog, types, &settings).map_err(CollectError::Endpoint)?;
        let projects = Endpoint::new(projects::BASE, PROJECTS_ENDPOINT, &settings).ok();
        Ok(Self {
            scan: Scan::start(plan, &settings, credentials).await,
            projects: projects.map(Channel::new),
        })
    }

    /// Reads what the lists of some projects show.
    ///
    /// Whatever could not be read is a gap of the capture; the order of the capture does not depend on the order of answers.
    pub async fn read(
        &mut self,
        projects: &[String],
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Capture {
        self.scan.read(projects, progress).await
    }

    /// Takes second looks; gives what comes of them, to be added to what was read.
    pub async fn look(
        &mut self,
        doubts: &Doubts,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Capture {
        let projects = self.projects.as_ref();
        self.scan.look(doubts, projects, progress).await
    }
}

/// Reads the objects of the wanted types (all, when none are named) of some projects, as the lists show them.
///
/// # Errors
/// Those of [`Session::open`].
pub async fn collect(
    catalog: &Catalog,
    settings: &Settings,
    projects: &[String],
    types: Option<&BTreeSet<String>>,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Capture, CollectError> {
    let mut session = Session::open(catalog, settings, types).await?;
    Ok(session.read(projects, progress).await)
}

/// Reads what data sources of a configuration demand, each once. What could not be read is a gap.
///
/// # Errors
/// Those of [`Session::open`].
pub async fn demanded(
    catalog: &Catalog,
    settings: &Settings,
    demands: &BTreeSet<Demand>,
) -> Result<Capture, CollectError> {
    let listings = demands
        .iter()
        .map(|demand| demand.listing.clone())
        .collect();
    let mut session = Session::open(catalog, settings, Some(&listings)).await?;
    Ok(session.scan.demanded(demands, &|_| ()).await)
}

/// Reads the clusters that a capture saw, through their control planes; gives what comes of it alone. What could not be read is a
/// gap. Of objects that hold payloads what `secrets` says is read; no payload is ever kept.
///
/// # Errors
/// Those of [`Session::open`].
pub async fn clusters(
    catalog: &Catalog,
    settings: &Settings,
    capture: &Capture,
    secrets: SecretSight,
) -> Result<Capture, CollectError> {
    let credentials = Credentials::find(settings).await?;
    let settings = credentials.settle(settings);
    kubernetes::read_clusters(catalog, &settings, credentials, capture, secrets)
        .await
        .map_err(CollectError::Endpoint)
}

/// The IAM permissions that reading clusters takes.
pub fn cluster_permissions(catalog: &Catalog, secrets: SecretSight) -> BTreeSet<String> {
    let kinds = catalog.kinds.all.values();
    let read = kinds.filter(|kind| kind.sight != Sight::Veiled || secrets != SecretSight::Off);
    let ways = catalog.kinds.clusters.iter();
    let ways = ways.flat_map(|clusters| &clusters.ways);
    // A way of Google's own is another's permission: it is taken where the first ways are closed.
    let ways = ways.filter(|way| !way.google).map(|way| &way.permission);
    let all = read.map(|kind| &kind.permission).chain(ways);
    all.filter(|one| !one.is_empty()).cloned().collect()
}

/// The IAM permissions that reading these types takes (all types, when none are named), on each project: those of the lists, and
/// those of second looks.
pub fn permissions(catalog: &Catalog, types: Option<&BTreeSet<String>>) -> BTreeSet<String> {
    let listings = scan::needed(catalog, types)
        .into_iter()
        .filter_map(|name| catalog.listings.get(name));
    let mut out = BTreeSet::new();
    for listing in listings.filter(|listing| !listing.permission.is_empty()) {
        out.insert(listing.permission.clone());
        if let (Per::Location(_), Some((service, _))) =
            (&listing.per, listing.permission.split_once('.'))
        {
            out.insert(format!("{service}.locations.list"));
        }
    }
    let needed = scan::needed(catalog, types);
    let looked = catalog.definitions.values();
    let looked = looked.filter(|definition| definition.get == Get::Named);
    let listings = looked.filter_map(|definition| catalog.listed_by(&definition.rtype));
    for listing in listings.filter(|listing| needed.contains(listing.name.as_str())) {
        if !listing.permission.is_empty() {
            out.insert(listing.get_permission());
        }
    }
    out
}

/// Permissions that a scan does without: each shows attributes that every answer leaves out for who lacks it, and that are then
/// not known. With the attributes, as `TYPE.ATTRIBUTE`.
pub fn showing(
    catalog: &Catalog,
    types: Option<&BTreeSet<String>>,
) -> BTreeMap<String, BTreeSet<String>> {
    let wanted = |rtype: &str| types.is_none_or(|types| types.contains(rtype));
    let definitions = catalog.definitions.values();
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for definition in definitions.filter(|definition| wanted(&definition.rtype)) {
        for (name, permission) in &definition.hidden {
            let shown = out.entry(permission.clone()).or_default();
            shown.insert(format!("{}.{name}", definition.rtype));
        }
    }
    out
}
