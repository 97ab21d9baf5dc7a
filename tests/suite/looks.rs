//! Two looks before an alarm: what a list leaves out is read by itself before it is said, what is really gone is confirmed, and
//! what could not be looked at is a gap or is said not to be confirmed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use crate::support;
use crate::support::cloud::{Cloud, Fault};
use crate::support::estate::{Estate, PROJECT, Planted};
use driftline::catalog::{Catalog, Get, Listing, Origin};
use driftline::collect::{Session, Settings};
use driftline::compare::{Comparison, Inputs, Verdict, compare, doubts};
use driftline::model::{Capture, GapReason, State};
use driftline::normalize::normalize;
use driftline::snapshot::{self, Redactor};
use driftline::tofu::state;
use serde_json::{Value, json};

/// Reads with second looks, at most so many, as the commands do.
pub async fn read(
    catalog: &Catalog,
    settings: &Settings,
    types: &BTreeSet<String>,
    states: &[State],
    most: usize,
) -> Capture {
    let mut session = Session::open(catalog, settings, Some(types)).await.unwrap();
    let mut capture = session.read(&[PROJECT.to_owned()], &|_| ()).await;
    capture.looks.most = Some(most);
    for _ in 0..3 {
        let cloud = normalize(&capture, catalog);
        let inputs = Inputs::new(catalog, &capture, &cloud, states);
        let left = most.saturating_sub(cloud.looked.len());
        let doubts = doubts(&compare(&inputs), &inputs).within(left, false);
        if doubts.is_empty() {
            break;
        }
        let looks = session.look(&doubts, &|_| ()).await;
        capture.add(looks);
    }
    capture
}

fn compared(catalog: &Catalog, capture: &Capture, states: &[State]) -> Comparison {
    let cloud = normalize(capture, catalog);
    compare(&Inputs::new(catalog, capture, &cloud, states))
}

/// Verdicts by address.
fn verdicts(comparison: &Comparison) -> BTreeMap<String, Verdict> {
    let rows = comparison.rows.iter();
    rows.filter_map(|row| Some((row.address.as_ref()?.to_string(), row.verdict)))
        .collect()
}

fn count(comparison: &Comparison, verdict: Verdict) -> usize {
    let rows = comparison.rows.iter();
    rows.filter(|row| row.verdict == verdict).count()
}

fn states(document: &Value) -> Vec<State> {
    vec![state::parse("estate", document.to_string().into_bytes()).unwrap()]
}

/// An estate whose lists have lost the first object that each of them showed, though GET still has it.
pub struct Lagging {
    pub estate: Estate,
    types: BTreeSet<String>,
    pub states: Vec<State>,
    /// Verdicts when nothing is lost.
    whole: BTreeMap<String, Verdict>,
    /// What the lists lost: the listing, and the path of its own GET.
    pub lost: Vec<(String, String)>,
}

/// The types whose objects are the bodies of a listing, where the provider reads one by itself.
fn is_named(catalog: &Catalog, listing: &Listing) -> bool {
    let definition = catalog.definition(&listing.name);
    definition.is_some_and(|definition| {
        definition.get == Get::Named && matches!(definition.origin, Origin::Listed)
    })
}

/// Takes the first object out of a list; gives it.
fn first_out(body: &mut Value, items: &[String]) -> Option<Value> {
    let Some((key, rest)) = items.split_first() else {
        let list = body.as_array_mut().filter(|list| !list.is_empty())?;
        return Some(list.remove(0));
    };
    if key == "*" {
        let groups = body.as_object_mut()?.values_mut();
        return groups.into_iter().find_map(|group| first_out(group, rest));
    }
    first_out(body.get_mut(key)?, rest)
}

pub async fn lagging() -> Lagging {
    let planted = Planted {
        text: "text".to_owned(),
        ..Planted::default()
    };
    let estate = Estate::grow(support::catalog(), planted).await;
    let capture = estate.read(&estate.settings()).await;
    assert!(capture.gaps.is_empty(), "{:?}", capture.gaps);
    let catalog = &estate.catalog;
    let states = states(&estate.state(&capture, &|_| ()));
    let whole = verdicts(&compared(catalog, &capture, &states));
    let mut lost: BTreeMap<String, String> = BTreeMap::new();
    for page in &capture.pages {
        let listing = &catalog.listings[&page.listing];
        if !is_named(catalog, listing) || lost.contains_key(&listing.name) {
            continue;
        }
        let mut body: Value = serde_json::from_str(page.body.get()).unwrap();
        let Some(object) = first_out(&mut body, &listing.items) else {
            continue;
        };
        // The name of the object, as a capture of it alone has it.
        let mut list = json!([object.clone()]);
        for key in listing.items.iter().rev() {
            let key = if key == "*" {
                "regions/us-central1"
            } else {
                key
            };
            list = json!({ key: list });
        }
        let alone = |body: &Value| {
            let mut page = page.clone();
            page.body = serde_json::from_value(body.clone()).unwrap();
            let capture = Capture {
                projects: capture.projects.clone(),
                pages: vec![page],
                ..Capture::default()
            };
            normalize(&capture, catalog).objects
        };
        let objects = alone(&list);
        let listed = |rtype: &str| catalog.listed_by(rtype).map(|l| &l.name) == Some(&listing.name);
        let object_there = objects.iter().find(|object| {
            let within = &catalog.definition(&object.rtype).unwrap().origin;
            listed(&object.rtype)
                && !matches!(within, Origin::Within { path, .. } if !path.is_empty())
        });
        let Some(there) = object_there else { continue };
        // Two of one name are one.
        let others = capture
            .pages
            .iter()
            .filter(|other| other.listing == page.listing && other.request != page.request);
        let others = others.map(|page| serde_json::from_str(page.body.get()).unwrap());
        let again = |body: Value| alone(&body).iter().any(|other| other.id == there.id);
        if others.chain([body.clone()]).any(again) {
            continue;
        }
        let service = &catalog.services[&listing.service];
        let path = there.id.strip_prefix(&format!("//{}/", service.api));
        let path = format!(
            "{}{}",
            service.base.trim_start_matches("https://"),
            path.unwrap()
        );
        let parameters = listing.get_query.iter().enumerate();
        let query: String = parameters
            .map(|(at, (key, value))| format!("{}{key}={value}", if at == 0 { '?' } else { '&' }))
            .collect();
        let path = path + &query;
        estate.cloud.put(&path, object);
        estate.cloud.put(&page.request, body);
        lost.insert(listing.name.clone(), path);
    }
    let types = catalog.definitions.keys();
    let parts = types
        .clone()
        .flat_map(|rtype| catalog.on_demand_parts(rtype));
    let parts = parts.map(str::to_owned);
    let types = types.cloned().chain(parts).collect();
    assert!(lost.len() > 25, "{lost:?}");
    Lagging {
        lost: lost.into_iter().collect(),
        types,
        states,
        whole,
        estate,
    }
}

impl Lagging {
    async fn read(&self, most: usize) -> Capture {
        let settings = self.estate.settings();
        read(
            &self.estate.catalog,
            &settings,
            &self.types,
            &self.states,
            most,
        )
        .await
    }

    fn compared(&self, capture: &Capture) -> Comparison {
        compared(&self.estate.catalog, capture, &self.states)
    }

    /// What was lost and lies in nothing else that was: what comes of a second look at that holds for what lies in it.
    pub fn apart(&self) -> Vec<&(String, String)> {
        let within = |path: &String| {
            let mut others = self.lost.iter();
            others.any(|(_, other)| path.starts_with(&format!("{other}/")))
        };
        let lost = self.lost.iter();
        lost.filter(|(_, path)| !within(path)).collect()
    }

    /// Every verdict is what it is when nothing is lost.
    #[track_caller]
    fn as_whole(&self, comparison: &Comparison) {
        let now = verdicts(comparison);
        let other: Vec<_> = now
            .iter()
            .filter(|(address, verdict)| self.whole.get(*address) != Some(*verdict))
            .collect();
        assert!(
            other.is_empty() && now.len() == self.whole.len(),
            "{other:?}: {:?}",
            comparison
                .rows
                .iter()
                .flat_map(|row| &row.changes)
                .collect::<Vec<_>>()
        );
    }

    /// Makes every second look fail.
    fn refuse(&self, status: u16, reason: &str) {
        self.estate.cloud.heal();
        for (_, path) in &self.lost {
            let body = json!({"error": {"code": status, "message": "injected", "errors": [{"reason": reason}]}});
            self.estate
                .cloud
                .plant(&format!("{path}$"), 0, Fault::Status(status, body, ""));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_list_lost_is_there_gone_or_not_known() {
    let lab = lagging().await;

    // LIST without, GET with: as if nothing were lost, with all that lies in it, and a replay says the same.
    let capture = lab.read(1000).await;
    let found = lab.compared(&capture);
    assert!(capture.gaps.is_empty(), "{:?}", capture.gaps);
    lab.as_whole(&found);
    assert!(
        found.coverage.looks.unconfirmed.is_empty(),
        "{:?}",
        found.coverage.looks.unconfirmed
    );
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("snapshot");
    let mut capture = capture;
    let removals = snapshot::redact(&mut capture, &lab.estate.catalog);
    let redactor = Redactor::new(&lab.estate.catalog);
    snapshot::save(&dir, &capture, &redactor, &removals, SystemTime::UNIX_EPOCH).unwrap();
    let replayed = snapshot::open(&dir).unwrap().capture;
    assert_eq!(replayed.looks, capture.looks);
    assert_eq!(
        verdicts(&lab.compared(&replayed)),
        verdicts(&lab.compared(&capture))
    );

    // GET 404: missing, each of them looked at.
    lab.refuse(404, "notFound");
    let capture = lab.read(1000).await;
    assert!(capture.gaps.is_empty(), "{:?}", capture.gaps);
    assert_eq!(capture.looks.gone.len(), lab.apart().len());
    let gone = lab.compared(&capture);
    let missing = count(&gone, Verdict::Missing);
    assert!(missing >= lab.lost.len(), "{missing}");
    assert!(
        gone.coverage.looks.unconfirmed.is_empty(),
        "{:?}",
        gone.coverage.looks.unconfirmed
    );

    // As many as may be looked at, and no more; the others say so.
    let capture = lab.read(3).await;
    assert_eq!(capture.looks.gone.len(), 3);
    let some = lab.compared(&capture);
    assert_eq!(count(&some, Verdict::Missing), missing);
    assert!(some.coverage.looks.unconfirmed.len() >= lab.apart().len() - 3);
    let none = lab.compared(&lab.read(0).await);
    assert!(none.coverage.looks.unconfirmed.len() > some.coverage.looks.unconfirmed.len());

    // GET 403: not known, with a gap that says what would show it; nothing is called missing.
    lab.refuse(403, "forbidden");
    let capture = lab.read(1000).await;
    let denied = lab.compared(&capture);
    let called: Vec<_> = denied
        .rows
        .iter()
        .filter(|row| row.verdict == Verdict::Missing)
        .map(|row| &row.canonical)
        .collect();
    assert!(called.is_empty(), "{called:?}");
    assert_eq!(count(&denied, Verdict::Unknown), missing);
    let hidden: BTreeSet<&str> = (capture.gaps.iter())
        .filter(|gap| gap.scope.object.is_some() && gap.reason == GapReason::PermissionDenied)
        .map(|gap| gap.listing.as_str())
        .collect();
    assert_eq!(hidden.len(), lab.apart().len(), "{hidden:?}");
    assert!(
        capture.gaps.iter().all(|gap| gap.fix.contains(".get")),
        "{:?}",
        capture.gaps
    );
}

/// One type, with the answers of its list and of GET.
struct Risk {
    rtype: &'static str,
    list: &'static str,
    /// The list's body around an object.
    around: fn(Value) -> Value,
    /// The path of its own GET.
    get: &'static str,
    /// The object as GET has it.
    body: Value,
    /// The fields that the list leaves out.
    drop: &'static [&'static str],
    /// A field, and what became of it in a cloud that really drifted.
    drift: (&'static str, Value),
    verdict: Verdict,
}

fn risks() -> Vec<Risk> {
    vec![
        Risk {
            rtype: "google_storage_bucket",
            list: "storage.googleapis.com/storage/v1/b?project=estate-project&returnPartialSuccess=true&maxResults=1000",
            around: |object| json!({"items": [object]}),
            get: "storage.googleapis.com/storage/v1/b/pictures",
            body: json!({"name": "pictures", "location": "EU", "storageClass": "STANDARD", "ipFilter": {
                "mode": "Enabled", "allowAllServiceAgentAccess": true,
                "publicNetworkSource": {"allowedIpCidrRanges": ["192.0.2.0/24"]},
                "vpcNetworkSources": [{"network": "projects/p/global/networks/n", "allowedIpCidrRanges": ["10.0.0.0/8"]}]}}),
            drop: &["ipFilter.publicNetworkSource", "ipFilter.vpcNetworkSources"],
            drift: (
                "ipFilter.publicNetworkSource",
                json!({"allowedIpCidrRanges": ["198.51.100.0/24"]}),
            ),
            verdict: Verdict::Drifted,
        },
        Risk {
            rtype: "google_artifact_registry_repository",
            list: "artifactregistry.googleapis.com/v1/projects/estate-project/locations/eu/repositories?pageSize=1000",
            around: |object| json!({"repositories": [object]}),
            get: "artifactregistry.googleapis.com/v1/projects/estate-project/locations/eu/repositories/r",
            body: json!({"name": "projects/estate-project/locations/eu/repositories/r", "format": "DOCKER",
                "registryUri": "eu-docker.pkg.dev/estate-project/r"}),
            drop: &["registryUri"],
            drift: ("registryUri", json!("us-docker.pkg.dev/estate-project/r")),
            verdict: Verdict::ComputedDrift,
        },
        Risk {
            rtype: "google_compute_ssl_policy",
            list: "compute.googleapis.com/compute/v1/projects/estate-project/global/sslPolicies?maxResults=500",
            around: |object| json!({"items": [object]}),
            get: "compute.googleapis.com/compute/v1/projects/estate-project/global/sslPolicies/modern",
            body: json!({"name": "modern", "profile": "MODERN", "minTlsVersion": "TLS_1_2",
                "selfLink": "https://www.googleapis.com/compute/v1/projects/estate-project/global/sslPolicies/modern",
                "enabledFeatures": ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"]}),
            drop: &["enabledFeatures"],
            drift: ("enabledFeatures", json!(["TLS_AES_128_GCM_SHA256"])),
            verdict: Verdict::ComputedDrift,
        },
        // A young API, of which nobody knows what its list leaves out.
        Risk {
            rtype: "google_memcache_instance",
            list: "memcache.googleapis.com/v1/projects/estate-project/locations/-/instances?pageSize=1000",
            around: |object| json!({"instances": [object]}),
            get: "memcache.googleapis.com/v1/projects/estate-project/locations/eu/instances/m",
            body: json!({"name": "projects/estate-project/locations/eu/instances/m", "nodeCount": 1,
                "parameters": {"id": "x", "params": {"max-item-size": "8388608"}},
                "labels": {"team": "shop", "stage": "prod"}}),
            drop: &["parameters", "labels.stage"],
            drift: ("labels", json!({"team": "shop"})),
            verdict: Verdict::Drifted,
        },
    ]
}

/// The places that an API lists, where its objects are listed by place.
const PLACES: &str =
    "artifactregistry.googleapis.com/v1/projects/estate-project/locations?pageSize=1000";

fn set(body: &mut Value, path: &str, value: Value) {
    let pointer = format!("/{}", path.replace('.', "/"));
    *body.pointer_mut(&pointer).unwrap() = value;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lists_are_known_to_leave_out_is_read_by_get() {
    for risk in risks() {
        let name = risk.rtype;
        let cloud = Cloud::serve(&[]);
        cloud.put(PLACES, json!({"locations": [{"locationId": "eu"}]}));
        cloud.put(risk.list, (risk.around)(risk.body.clone()));
        let estate = Estate::of(support::catalog(), cloud.clone());
        let settings = estate.settings();
        let types = BTreeSet::from([name.to_owned()]);
        let full = read(&estate.catalog, &settings, &types, &[], 0).await;
        assert!(full.gaps.is_empty(), "{name}: {:?}", full.gaps);
        let states = states(&estate.state(&full, &|_| ()));
        assert_eq!(states[0].instances.len(), 1, "{name}");

        cloud.put(risk.get, risk.body.clone());
        cloud.lists(risk.list, risk.drop);
        let at = |most| read(&estate.catalog, &settings, &types, &states, most);
        let before = cloud.log().len();
        let capture = at(10).await;
        let sent = cloud.log().split_off(before);
        let looks = sent.iter().filter(|line| line.ends_with(risk.get));
        assert_eq!(looks.count(), 1, "{name}: {sent:?}");
        let clean = compared(&estate.catalog, &capture, &states);
        assert_eq!(
            count(&clean, Verdict::InSync),
            1,
            "{name}: {:?}",
            clean.rows
        );

        // Nobody looked: never in sync, and never an alarm that is not said to be open.
        let blind = compared(&estate.catalog, &at(0).await, &states);
        let open = count(&blind, Verdict::Unknown) + blind.coverage.looks.unconfirmed.len();
        assert_eq!(open, 1, "{name}: {:?}", blind.rows);

        // A GET that is refused.
        let denied =
            json!({"error": {"code": 403, "message": "no", "errors": [{"reason": "forbidden"}]}});
        cloud.plant(&format!("{}$", risk.get), 0, Fault::Status(403, denied, ""));
        let capture = at(10).await;
        assert_eq!(capture.gaps.len(), 1, "{name}: {:?}", capture.gaps);
        let refused = compared(&estate.catalog, &capture, &states);
        assert_eq!(
            count(&refused, Verdict::Unknown),
            1,
            "{name}: {:?}",
            refused.rows
        );
        cloud.heal();

        // What really drifted is said.
        let mut drifted = risk.body.clone();
        set(&mut drifted, risk.drift.0, risk.drift.1);
        cloud.put(risk.list, (risk.around)(drifted.clone()));
        cloud.put(risk.get, drifted);
        let seen = compared(&estate.catalog, &at(10).await, &states);
        assert_eq!(count(&seen, risk.verdict), 1, "{name}: {:?}", seen.rows);
        assert!(seen.coverage.looks.unconfirmed.is_empty(), "{name}");
    }
}

/// What shows only to who has a permission, and does not, is not known to be gone; where the caller has it, it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_permission_shows_is_hidden_not_gone() {
    let list = "container.googleapis.com/v1/projects/estate-project/locations/-/clusters";
    let get = "container.googleapis.com/v1/projects/estate-project/locations/eu/clusters/c";
    let test = "cloudresourcemanager.googleapis.com/v3/projects/estate-project:testIamPermissions";
    let body = json!({"name": "c", "location": "eu", "status": "RUNNING",
        "selfLink": "https://container.googleapis.com/v1/projects/estate-project/locations/eu/clusters/c",
        "masterAuth": {"clusterCaCertificate": "ca", "clientCertificate": "certificate"}});
    let cloud = Cloud::serve(&[(list, json!({"clusters": [body.clone()]}))]);
    let estate = Estate::of(support::catalog(), cloud.clone());
    let settings = estate.settings();
    let types = BTreeSet::from(["google_container_cluster".to_owned()]);
    let full = read(&estate.catalog, &settings, &types, &[], 0).await;
    let states = states(&estate.state(&full, &|_| ()));
    let mut shown = body;
    set(
        &mut shown,
        "masterAuth",
        json!({"clusterCaCertificate": "ca"}),
    );
    cloud.put(list, json!({"clusters": [shown.clone()]}));
    cloud.put(get, shown);

    let at = || read(&estate.catalog, &settings, &types, &states, 10);
    // Whether the caller has the permission cannot be told.
    let seen = compared(&estate.catalog, &at().await, &states);
    assert_eq!(count(&seen, Verdict::Unknown), 1, "{:?}", seen.rows);
    cloud.put(test, json!({}));
    let seen = compared(&estate.catalog, &at().await, &states);
    assert_eq!(count(&seen, Verdict::Unknown), 1, "{:?}", seen.rows);
    cloud.put(
        test,
        json!({"permissions": ["container.clusters.getCredentials"]}),
    );
    let capture = at().await;
    assert_eq!(capture.looks.held.len(), 1);
    let seen = compared(&estate.catalog, &capture, &states);
    assert_eq!(count(&seen, Verdict::Drifted), 1, "{:?}", seen.rows);
}

/// What lies in an instance that does not always run stays as state has it, and nothing is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn children_of_a_stopped_instance_stay_as_state_has_them() {
    let list = "sqladmin.googleapis.com/sql/v1beta4/projects/estate-project/instances";
    let instance = |name: &str, policy: &str, kind: &str| {
        json!({"name": name, "project": "estate-project", "region": "eu", "state": "RUNNABLE", "databaseVersion": "POSTGRES_16",
            "instanceType": kind, "settings": {"tier": "db-f1-micro", "activationPolicy": policy}})
    };
    let primary = "CLOUD_SQL_INSTANCE";
    let cloud = Cloud::serve(&[(list, json!({"items": [instance("a", "ALWAYS", primary)]}))]);
    let named = |name: &str, of: &str| json!({"items": [{"name": name, "instance": of, "project": "estate-project"}]});
    cloud.put(&format!("{list}/a/users"), named("ann", "a"));
    cloud.put(&format!("{list}/a/databases"), named("orders", "a"));
    let estate = Estate::of(support::catalog(), cloud.clone());
    let settings = estate.settings();
    let types: BTreeSet<String> = ["instance", "user", "database"]
        .iter()
        .map(|kind| match *kind {
            "user" => "google_sql_user".to_owned(),
            "database" => "google_sql_database".to_owned(),
            _ => "google_sql_database_instance".to_owned(),
        })
        .collect();
    let full = read(&estate.catalog, &settings, &types, &[], 0).await;
    let states = states(&estate.state(&full, &|_| ()));
    assert_eq!(states[0].instances.len(), 3);

    cloud.put(list, json!({"items": [instance("a", "NEVER", primary)]}));
    let before = cloud.log().len();
    let capture = read(&estate.catalog, &settings, &types, &states, 10).await;
    let sent = cloud.log().split_off(before);
    assert!(
        !sent
            .iter()
            .any(|line| line.contains("/users") || line.contains("/databases")),
        "{sent:?}"
    );
    assert!(capture.gaps.is_empty(), "{:?}", capture.gaps);
    let stopped = compared(&estate.catalog, &capture, &states);
    assert_eq!(count(&stopped, Verdict::Missing), 0, "{:?}", stopped.rows);
    assert_eq!(count(&stopped, Verdict::InSync), 2, "{:?}", stopped.rows);

    // A replica answers with what the primary has: nobody manages it there, and nobody needs to.
    let replica = instance("copy", "ALWAYS", "READ_REPLICA_INSTANCE");
    cloud.put(
        list,
        json!({"items": [instance("a", "ALWAYS", primary), replica]}),
    );
    cloud.put(&format!("{list}/copy/users"), named("ann", "copy"));
    cloud.put(&format!("{list}/copy/databases"), named("orders", "copy"));
    let capture = read(&estate.catalog, &settings, &types, &states, 10).await;
    let copied = compared(&estate.catalog, &capture, &states);
    let unmanaged: Vec<&str> = (copied.rows.iter())
        .filter(|row| row.verdict == Verdict::Unmanaged)
        .map(|row| row.import_id.as_str())
        .collect();
    assert_eq!(unmanaged, ["projects/estate-project/instances/copy"]);
    assert_eq!(count(&copied, Verdict::Owned), 2);
}
