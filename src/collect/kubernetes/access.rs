//! From the body of a cluster to the ways to its control plane.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::catalog::{Clusters, Context, Way};
use crate::collect::endpoint::Endpoint;
use crate::collect::kubernetes::ControlPlane;
use crate::collect::settings::{CONTROL_PLANE, Settings};
use crate::collect::transport::Channel;
use crate::model::{Capture, Page, Scope, Value};

/// A cluster that a scan saw.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    /// Project, location, and its path below the API as parent.
    pub scope: Scope,
    /// Its path: `projects/P/locations/L/clusters/C`.
    pub path: String,
    body: Value,
}

/// One way that may lead there.
pub(super) struct Access<'a> {
    pub channel: Channel,
    /// The way as it is defined; nothing of one that a variable names.
    pub way: Option<&'a Way>,
}

/// The clusters on the pages of a capture, in order.
pub(super) fn clusters(capture: &Capture, known: &Clusters) -> Vec<Cluster> {
    let pages = capture.pages.iter();
    let listed = pages.filter(|page| page.listing == known.listing);
    let mut out: Vec<Cluster> = listed.flat_map(|page| on_page(page, known)).collect();
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out.dedup_by(|a, b| a.path == b.path);
    out
}

fn on_page(page: &Page, known: &Clusters) -> Vec<Cluster> {
    // What is no JSON is a gap already.
    let Ok(body) = serde_json::from_str::<Value>(page.body.get()) else {
        return Vec::new();
    };
    let found = match page.scope.object {
        Some(_) => vec![body],
        None => {
            let list = known.items.iter().try_fold(&body, |at, key| at.get(key));
            list.and_then(Value::as_list).unwrap_or_default().to_vec()
        }
    };
    let context = Context {
        project: &page.scope.project,
        ..Context::default()
    };
    let cluster = |body: Value| {
        let path = known.id.fill(&body, &context)?;
        Some(Cluster {
            scope: Scope {
                project: page.scope.project.clone(),
                location: known.location.text(&body, &context),
                parent: Some(path.clone()),
                object: None,
            },
            path,
            body,
        })
    };
    found.into_iter().filter_map(cluster).collect()
}

impl Cluster {
    /// The ways to its control plane, in the order they are tried.
    ///
    /// # Errors
    /// One line, if the variable that names one cannot be used.
    pub fn ways<'a>(
        &self,
        known: &'a Clusters,
        settings: &Settings,
    ) -> Result<Vec<Access<'a>>, String> {
        let name = format!("kubernetes/{}/", self.path);
        if let Some(url) = &settings.control_plane {
            let endpoint = Endpoint::at(url, CONTROL_PLANE, name)?;
            let channel = Channel::of_cluster(endpoint, ControlPlane::new(None, false));
            return Ok(vec![Access { channel, way: None }]);
        }
        let context = Context {
            root: Some(&self.body),
            project: &self.scope.project,
            ..Context::default()
        };
        let open = known.ways.iter().filter(|way| {
            let mut all = way.when.iter();
            all.all(|condition| condition.holds(&self.body, &context))
        });
        let access = |way: &'a Way| {
            let url = way.url.fill(&self.body, &context)?;
            let endpoint = Endpoint::at(&url, &way.name, name.clone()).ok()?;
            // A name has a certificate of a public authority, an address one of the cluster's own.
            let certificate = match endpoint.is_address() {
                true => Some(self.certificate(known, &context)?),
                false => None,
            };
            let plane = ControlPlane::new(certificate, way.google);
            Some(Access {
                channel: Channel::of_cluster(endpoint, plane),
                way: Some(way),
            })
        };
        Ok(open.filter_map(access).collect())
    }

    /// The certificate of the cluster's own authority, PEM; nothing where its body has none, and then nothing is sent.
    fn certificate(&self, known: &Clusters, context: &Context<'_>) -> Option<Vec<u8>> {
        let text = known.certificate.text(&self.body, context)?;
        BASE64_STANDARD.decode(text).ok()
    }
}
