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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::Catalog;

    fn ways(body: serde_json::Value) -> Vec<String> {
        let text = include_str!("../../../providers/kubernetes/cluster.toml");
        let catalog = Catalog::load([("kubernetes/cluster.toml", text)]).unwrap();
        let known = catalog.kinds.clusters.as_ref().unwrap();
        let cluster = Cluster {
            scope: Scope::default(),
            path: "projects/p/locations/l/clusters/c".to_owned(),
            body: Value::from_json(body),
        };
        let ways = cluster.ways(known, &Settings::default()).unwrap();
        let told = |access: &Access<'_>| {
            let plane = access.channel.control_plane.as_ref().unwrap();
            let (own, google) = (plane.certificate.is_some(), plane.google);
            let way = access.way.unwrap();
            format!(
                "{} {} own={own} google={google}",
                way.name, access.channel.endpoint.url
            )
        };
        ways.iter().map(told).collect()
    }

    #[test]
    fn a_name_is_trusted_by_public_authorities_and_an_address_by_the_clusters_own() {
        let ip = json!({"enabled": true, "enablePublicEndpoint": true, "publicEndpoint": "203.0.113.1", "privateEndpoint": "10.0.0.2"});
        let dns = json!({"allowExternalTraffic": true, "endpoint": "gke-1.l.gke.goog"});
        let auth = json!({"clusterCaCertificate": "UEVN"});
        let all = ways(json!({"masterAuth": auth, "endpoint": "203.0.113.1",
            "controlPlaneEndpointsConfig": {"dnsEndpointConfig": dns, "ipEndpointsConfig": ip},
            "fleet": {"membership": "//gkehub.googleapis.com/projects/p/locations/global/memberships/m"}}));
        assert_eq!(
            all,
            [
                "DNS endpoint https://gke-1.l.gke.goog/ own=false google=false",
                "public address https://203.0.113.1/ own=true google=false",
                "private address https://10.0.0.2/ own=true google=false",
                "Connect Gateway https://connectgateway.googleapis.com/v1/projects/p/locations/global/gkeMemberships/m/ own=false google=true",
            ]
        );
        // With access by address disabled the old field holds the name.
        let old = ways(json!({"masterAuth": auth, "endpoint": "gke-1.l.gke.goog"}));
        assert_eq!(
            old,
            ["address https://gke-1.l.gke.goog/ own=false google=false"]
        );
        // Nothing is sent to an address that cannot be told from another.
        assert!(ways(json!({"endpoint": "203.0.113.1"})).is_empty());
    }
}
