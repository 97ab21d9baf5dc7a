//! The ways in which a list is known to say something else than GET, each with both answers, and what becomes of a verdict.
//!
//! | risk | where it is held |
//! |---|---|
//! | a bucket's filter is a summary in the list; it shows to who may see it | `looks::what_lists_are_known_to_leave_out…`, [`a_filter_that_nobody_showed_is_hidden`] |
//! | a cluster's certificate shows to who may get credentials | `looks::what_a_permission_shows_is_hidden_not_gone` |
//! | quotas of keys and secrets | [`super::quota`] |
//! | a repository's address, a policy's ciphers, what a young API leaves out | `looks::what_lists_are_known_to_leave_out…` |
//! | one region that does not answer | [`one_region_out_of_reach_hides_itself_alone`] |
//! | what lies in a database instance that is stopped, being made, or busy | [`what_lies_in_an_instance_that_does_not_answer_is_not_known`], `looks::children_of_a_stopped_instance…` |
//! | lists that lag behind | [`a_list_that_lags_behind_is_not_believed`], `looks::what_a_list_lost…`, [`what_lies_in_what_no_list_shows_waits_for_its_second_look`] |

use std::collections::BTreeSet;
use std::time::Duration;

use super::looks::read;
use crate::support;
use crate::support::cloud::{Cloud, Fault};
use crate::support::estate::{Estate, PROJECT};
use driftline::collect::Settings;
use driftline::compare::{Comparison, Inputs, Verdict, compare};
use driftline::model::{Capture, GapReason, State};
use driftline::normalize::normalize;
use driftline::tofu::state;
use serde_json::{Value, json};

/// Types read from one cloud, and the state of what was there first.
struct Case {
    estate: Estate,
    types: BTreeSet<String>,
    states: Vec<State>,
}

impl Case {
    /// A cloud as it stands, and a state of all that it has.
    async fn of(cloud: &Cloud, types: &[&str]) -> Self {
        let estate = Estate::of(support::catalog(), cloud.clone());
        let types = types.iter().map(|rtype| (*rtype).to_owned()).collect();
        let whole = read(&estate.catalog, &estate.settings(), &types, &[], 0).await;
        assert!(whole.gaps.is_empty(), "{:?}", whole.gaps);
        let document = estate.state(&whole, &|_| ()).to_string();
        let states = vec![state::parse("estate", document.into_bytes()).unwrap()];
        Self {
            estate,
            types,
            states,
        }
    }

    /// The same, of which state has these types alone.
    fn only(mut self, types: &[&str]) -> Self {
        for state in &mut self.states {
            let of = |rtype: &String| types.contains(&rtype.as_str());
            state.instances.retain(|one| of(&one.address.rtype));
            assert!(!state.instances.is_empty());
        }
        self
    }

    async fn look(&self, most: usize) -> (Capture, Comparison) {
        self.look_with(&self.estate.settings(), most).await
    }

    async fn look_with(&self, settings: &Settings, most: usize) -> (Capture, Comparison) {
        let catalog = &self.estate.catalog;
        let capture = read(catalog, settings, &self.types, &self.states, most).await;
        let cloud = normalize(&capture, catalog);
        let comparison = compare(&Inputs::new(catalog, &capture, &cloud, &self.states));
        (capture, comparison)
    }
}

fn count(comparison: &Comparison, verdict: Verdict) -> usize {
    let rows = comparison.rows.iter();
    rows.filter(|row| row.verdict == verdict).count()
}

fn refusal(status: u16, reason: &str, message: &str) -> Fault {
    let errors = json!([{ "reason": reason }]);
    let body = json!({"error": {"code": status, "message": message, "errors": errors}});
    Fault::Status(status, body, "")
}

const INSTANCES: &str = "sqladmin.googleapis.com/sql/v1beta4/projects/estate-project/instances";
const SQL: [&str; 3] = [
    "google_sql_database_instance",
    "google_sql_database",
    "google_sql_user",
];

fn instance(name: &str, state: &str) -> Value {
    json!({"name": name, "project": PROJECT, "region": "eu", "state": state, "databaseVersion": "POSTGRES_16",
        "instanceType": "CLOUD_SQL_INSTANCE", "settings": {"tier": "db-f1-micro", "activationPolicy": "ALWAYS"}})
}

/// An instance with a database and a user.
fn instances() -> Cloud {
    let cloud = Cloud::serve(&[(INSTANCES, json!({"items": [instance("a", "RUNNABLE")]}))]);
    let within =
        |name: &str| json!({"items": [{"name": name, "instance": "a", "project": PROJECT}]});
    cloud.put(&format!("{INSTANCES}/a/users"), within("ann"));
    cloud.put(&format!("{INSTANCES}/a/databases"), within("orders"));
    cloud
}

/// A region that does not answer is named beside what the others have: what lies there is not known, what lies elsewhere is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_region_out_of_reach_hides_itself_alone() {
    let compute = "compute.googleapis.com/compute/v1/projects/estate-project";
    let whole = format!("{compute}/aggregated/addresses?maxResults=500");
    let asked = format!("{compute}/aggregated/addresses?returnPartialSuccess=true&maxResults=500");
    let address = |region: &str| {
        json!({"name": "door", "address": "192.0.2.1", "region": format!("https://{compute}/regions/{region}"),
            "selfLink": format!("https://{compute}/regions/{region}/addresses/door")})
    };
    let group = |region: &str| json!({"addresses": [address(region)]});
    let body = json!({"items": {"regions/us-east1": group("us-east1"), "regions/us-west1": group("us-west1")}});
    let cloud = Cloud::serve(&[(asked.as_str(), body)]);
    let case = Case::of(&cloud, &["google_compute_address"]).await;
    assert_eq!(case.states[0].instances.len(), 2);

    let warning = json!({"code": "UNREACHABLE", "message": "the region is away"});
    cloud.put(
        &asked,
        json!({"items": {"regions/us-east1": group("us-east1"), "regions/us-west1": {"warning": warning}}}),
    );
    // GET of it fails as the region does; a list without the parameter would be refused as a whole.
    cloud.plant(
        "us-west1/addresses/door$",
        0,
        refusal(503, "backendError", "away"),
    );
    cloud.plant(
        &format!("{whole}$"),
        0,
        refusal(503, "backendError", "away"),
    );
    let (capture, seen) = case.look(10).await;
    assert_eq!(count(&seen, Verdict::InSync), 1, "{:?}", seen.rows);
    assert_eq!(count(&seen, Verdict::Unknown), 1, "{:?}", seen.rows);
    let scopes = capture
        .gaps
        .iter()
        .map(|gap| (gap.reason, gap.scope.location.as_deref()));
    assert_eq!(
        scopes.collect::<Vec<_>>(),
        [(GapReason::Unreachable, Some("us-west1"))]
    );
}

/// Stopped without its policy saying so, being made, or busy: its users and databases are not known, and never gone. What passes
/// is asked again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lies_in_an_instance_that_does_not_answer_is_not_known() {
    let cloud = instances();
    let case = Case::of(&cloud, &SQL).await;
    assert_eq!(case.states[0].instances.len(), 3);
    let within = ["/a/users$", "/a/databases$"];
    let stopped = "Invalid request: Invalid request since instance is not running.";
    let busy = "The instance or operation is not in an appropriate state to handle the request.";
    for (state, fault, reason) in [
        (
            "RUNNABLE",
            refusal(400, "invalid", stopped),
            GapReason::Stopped,
        ),
        (
            "PENDING_CREATE",
            refusal(400, "invalid", stopped),
            GapReason::Stopped,
        ),
        (
            "RUNNABLE",
            refusal(409, "invalidState", busy),
            GapReason::Unavailable,
        ),
    ] {
        cloud.heal();
        cloud.put(INSTANCES, json!({"items": [instance("a", state)]}));
        (within.iter()).for_each(|path| cloud.plant(path, 0, fault.clone()));
        let (capture, seen) = case.look(10).await;
        assert_eq!(
            count(&seen, Verdict::Missing),
            0,
            "{reason:?}: {:?}",
            seen.rows
        );
        assert_eq!(
            count(&seen, Verdict::Unknown),
            2,
            "{reason:?}: {:?}",
            seen.rows
        );
        let reasons: Vec<_> = capture.gaps.iter().map(|gap| gap.reason).collect();
        assert_eq!(reasons, [reason, reason]);
    }
    // An operation that comes to its end.
    cloud.heal();
    cloud.put(INSTANCES, json!({"items": [instance("a", "RUNNABLE")]}));
    (within.iter()).for_each(|path| cloud.plant(path, 2, refusal(409, "invalidState", busy)));
    let (capture, seen) = case.look(10).await;
    assert!(capture.gaps.is_empty(), "{:?}", capture.gaps);
    assert_eq!(count(&seen, Verdict::InSync), 3, "{:?}", seen.rows);
}

/// A user is read from the list of its instance's users alone. Where no list shows the instance, nobody asked for them: the
/// instance is looked at first, whether state has it or not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lies_in_what_no_list_shows_waits_for_its_second_look() {
    let get = format!("{INSTANCES}/a");
    for of in [&SQL[..], &SQL[2..]] {
        let cloud = instances();
        let case = Case::of(&cloud, &SQL).await.only(of);
        let all = case.states[0].instances.len();
        cloud.put(INSTANCES, json!({}));
        cloud.put(&get, instance("a", "RUNNABLE"));

        let (capture, found) = case.look(10).await;
        assert!(capture.gaps.is_empty(), "{:?}", capture.gaps);
        assert_eq!(count(&found, Verdict::InSync), all, "{:?}", found.rows);

        let (_, blind) = case.look(0).await;
        assert_eq!(count(&blind, Verdict::Missing), all, "{:?}", blind.rows);
        assert_eq!(blind.coverage.looks.unconfirmed.len(), all);

        cloud.plant(&format!("{get}$"), 0, refusal(403, "forbidden", "no"));
        let (_, denied) = case.look(10).await;
        assert_eq!(count(&denied, Verdict::Unknown), all, "{:?}", denied.rows);
        assert_eq!(count(&denied, Verdict::Missing), 0, "{:?}", denied.rows);

        cloud.heal();
        cloud.plant(&format!("{get}$"), 0, refusal(404, "notFound", "gone"));
        let before = cloud.log().len();
        let (capture, gone) = case.look(10).await;
        assert_eq!(count(&gone, Verdict::Missing), all, "{:?}", gone.rows);
        assert!(gone.coverage.looks.unconfirmed.is_empty());
        assert_eq!(capture.looks.gone.len(), 1);
        let looks = cloud.log().split_off(before);
        let looks = looks.iter().filter(|line| line.ends_with(&get));
        assert_eq!(looks.count(), 1, "one look says it of all that lies in it");
    }
}

/// A filter that neither the list nor GET shows may be hidden from the caller: it is not known to be gone, unless the caller has
/// the permission that shows it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_that_nobody_showed_is_hidden() {
    let list = "storage.googleapis.com/storage/v1/b?project=estate-project&returnPartialSuccess=true&maxResults=1000";
    let get = "storage.googleapis.com/storage/v1/b/pictures";
    let test = "cloudresourcemanager.googleapis.com/v3/projects/estate-project:testIamPermissions";
    let bare = json!({"name": "pictures", "location": "EU", "storageClass": "STANDARD"});
    let mut body = bare.clone();
    body["ipFilter"] = json!({"mode": "Enabled", "publicNetworkSource": {"allowedIpCidrRanges": ["192.0.2.0/24"]}});
    let cloud = Cloud::serve(&[(list, json!({"items": [body.clone()]})), (get, body)]);
    let case = Case::of(&cloud, &["google_storage_bucket"]).await;
    cloud.put(list, json!({"items": [bare.clone()]}));
    cloud.put(get, bare);
    let (_, seen) = case.look(10).await;
    assert_eq!(count(&seen, Verdict::Unknown), 1, "{:?}", seen.rows);
    cloud.put(
        test,
        json!({"permissions": ["storage.buckets.getIpFilter"]}),
    );
    let (capture, seen) = case.look(10).await;
    assert_eq!(capture.looks.held.len(), 1);
    assert_eq!(count(&seen, Verdict::Drifted), 1, "{:?}", seen.rows);
}

/// A second look is asked again as every request is, and one that finds no time is a gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_look_waits_for_its_quota_and_never_decides_without() {
    let cloud = instances();
    let case = Case::of(&cloud, &SQL).await;
    cloud.put(INSTANCES, json!({}));
    cloud.put(&format!("{INSTANCES}/a"), instance("a", "RUNNABLE"));
    for status in [429, 403] {
        cloud.heal();
        cloud.plant(
            "instances/a$",
            2,
            refusal(status, "rateLimitExceeded", "slow down"),
        );
        let (capture, seen) = case.look(10).await;
        assert!(capture.gaps.is_empty(), "{status}: {:?}", capture.gaps);
        assert_eq!(
            count(&seen, Verdict::InSync),
            3,
            "{status}: {:?}",
            seen.rows
        );

        cloud.plant(
            "instances/a$",
            0,
            refusal(status, "rateLimitExceeded", "slow down"),
        );
        let settings = Settings {
            timeout: Duration::from_millis(1500),
            ..case.estate.settings()
        };
        let (capture, seen) = case.look_with(&settings, 10).await;
        assert_eq!(
            count(&seen, Verdict::Missing),
            0,
            "{status}: {:?}",
            seen.rows
        );
        assert_eq!(
            count(&seen, Verdict::Unknown),
            3,
            "{status}: {:?}",
            seen.rows
        );
        let reasons: BTreeSet<_> = capture.gaps.iter().map(|gap| gap.reason.as_str()).collect();
        assert_eq!(reasons, BTreeSet::from(["unavailable"]), "{status}");
    }
}

/// APIs that are documented to be consistent only in the end: an object that the list has not yet, or no more, is there if GET says
/// so, and gone if it says that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_lags_behind_is_not_believed() {
    let account = "app@estate-project.iam.gserviceaccount.com";
    let project = "projects/estate-project";
    let cases = [
        (
            "google_service_account",
            "accounts",
            json!({"name": format!("{project}/serviceAccounts/{account}"), "email": account, "projectId": PROJECT, "uniqueId": "1"}),
        ),
        (
            "google_project_iam_custom_role",
            "roles",
            json!({"name": format!("{project}/roles/deployer"), "title": "Deployer", "stage": "GA",
                "includedPermissions": ["storage.buckets.get"]}),
        ),
        (
            "google_secret_manager_secret",
            "secrets",
            json!({"name": format!("{project}/secrets/token"), "replication": {"automatic": {}}}),
        ),
    ];
    for (rtype, items, body) in cases {
        let cloud = Cloud::serve(&[]);
        let estate = Estate::of(support::catalog(), cloud.clone());
        let types = BTreeSet::from([rtype.to_owned()]);
        read(&estate.catalog, &estate.settings(), &types, &[], 0).await;
        let asked = |log: Vec<String>| log.last().unwrap().trim_start_matches("GET ").to_owned();
        let list = asked(cloud.log());
        cloud.put(&list, json!({ items: [body.clone()] }));
        let case = Case::of(&cloud, &[rtype]).await;
        assert_eq!(case.states[0].instances.len(), 1, "{rtype}");

        cloud.put(&list, json!({}));
        let (capture, gone) = case.look(10).await;
        assert_eq!(
            count(&gone, Verdict::Missing),
            1,
            "{rtype}: {:?}",
            gone.rows
        );
        assert_eq!(capture.looks.gone.len(), 1, "{rtype}");
        let get = asked(cloud.log());
        assert!(
            get.contains("/projects/estate-project/") && get != list,
            "{get}"
        );

        cloud.put(&get, body);
        let (_, found) = case.look(10).await;
        assert_eq!(
            count(&found, Verdict::InSync),
            1,
            "{rtype}: {:?}",
            found.rows
        );
    }
}
