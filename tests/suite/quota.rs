//! Read quotas against a small cloud that keeps them: nothing is lost to one, and none slows another API down.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::support::cloud::{self, Cloud, Fault};
use crate::support::estate::Estate;
use driftline::catalog::{Catalog, Quota};
use driftline::collect::{Progress, Settings, Wait, collect};
use driftline::model::{Capture, GapReason};
use serde_json::{Value, json};

const INSTANCES: usize = 5;

/// Projects whose instances each have a list of users.
fn fleet(projects: usize) -> (Cloud, Vec<String>) {
    let names: Vec<String> = (0..projects).map(|at| format!("p{at}")).collect();
    let cloud = Cloud::serve(&[]);
    for project in &names {
        let instance = |at: usize| json!({"name": format!("i{at}"), "state": "RUNNABLE"});
        let instances: Vec<Value> = (0..INSTANCES).map(instance).collect();
        let path = format!("sql.example/v1/projects/{project}/instances");
        cloud.put(&path, json!({"items": instances}));
        for at in 0..INSTANCES {
            cloud.put(
                &format!("{path}/i{at}/users"),
                json!({"items": [{"name": "u"}]}),
            );
        }
        let path = format!("cache.example/v1/projects/{project}/locations/-/caches?pageSize=2");
        cloud.put(&path, json!({}));
    }
    (cloud, names)
}

/// The definitions, with a quota of one of their services.
fn catalog(service: &str, requests: u32) -> Catalog {
    let mut catalog = cloud::catalog();
    let quota = Quota {
        requests,
        seconds: 1,
    };
    Arc::make_mut(&mut catalog.services)
        .get_mut(service)
        .unwrap()
        .quota = quota;
    catalog
}

fn patient(cloud: &Cloud) -> Settings {
    Settings {
        timeout: Duration::from_secs(120),
        request_timeout: Duration::from_secs(20),
        ..cloud.settings()
    }
}

async fn read(
    catalog: &Catalog,
    settings: &Settings,
    projects: &[String],
    types: &[&str],
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Capture {
    let types: BTreeSet<String> = types.iter().map(|rtype| (*rtype).to_owned()).collect();
    collect(catalog, settings, projects, Some(&types), progress)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quota_that_is_known_is_kept_over_all_projects_and_said() {
    let (cloud, projects) = fleet(20);
    cloud.quota("sql.example", 40, Duration::from_secs(1), 429);
    let waits: Mutex<Vec<Wait>> = Mutex::default();
    let note = |progress: Progress| waits.lock().unwrap().extend(progress.waiting);
    let catalog = catalog("sql", 40);
    let capture = read(
        &catalog,
        &patient(&cloud),
        &projects,
        &["t_instance", "t_user"],
        &note,
    )
    .await;
    assert!(capture.gaps.is_empty(), "{:?}", capture.gaps);
    assert_eq!(capture.pages.len(), 20 * (1 + INSTANCES));
    let waits = waits.into_inner().unwrap();
    assert!(!waits.is_empty() && waits.iter().all(|wait| wait.api == "sql"));
}

/// What is refused goes again for as long as the time allows, not a number of times: the window is longer than many tries.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quota_that_nobody_knows_of_is_waited_out() {
    for status in [429, 403] {
        let (cloud, projects) = fleet(6);
        cloud.quota("sql.example", 12, Duration::from_millis(600), status);
        let settings = patient(&cloud);
        let catalog = cloud::catalog();
        let types = ["t_instance", "t_user"];
        let capture = read(&catalog, &settings, &projects, &types, &|_| ()).await;
        assert!(capture.gaps.is_empty(), "{status}: {:?}", capture.gaps);
        assert_eq!(capture.pages.len(), 6 * (1 + INSTANCES), "{status}");
        assert!(cloud.refused() > settings.tries, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_quota_of_one_api_does_not_stop_another() {
    let (cloud, projects) = fleet(10);
    cloud.quota("cache.example", 0, Duration::from_secs(3600), 429);
    let settings = Settings {
        timeout: Duration::from_secs(8),
        quota_pause: Duration::from_secs(2),
        ..patient(&cloud)
    };
    let catalog = cloud::catalog();
    let types = ["t_instance", "t_user", "t_cache"];
    let capture = read(&catalog, &settings, &projects, &types, &|_| ()).await;
    let users = capture.pages.iter().filter(|page| page.listing == "t_user");
    assert_eq!(users.count(), 10 * INSTANCES);
    let gaps: Vec<_> = capture
        .gaps
        .iter()
        .filter(|gap| gap.listing == "t_cache")
        .collect();
    assert_eq!(gaps.len(), 10);
    for gap in gaps {
        assert_eq!(gap.reason, GapReason::Unavailable, "{gap:?}");
        assert!(gap.fix.contains("--timeout"), "{gap:?}");
    }
}

/// The shape of a weekly scan, a minute being two seconds: twenty projects of sixty places each at one API, a hundred and twenty
/// instances at another, and a third that has no quota to speak of.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_places_and_instances_take_as_long_as_their_own_quota_says() {
    const WINDOW: Duration = Duration::from_secs(2);
    let names: Vec<String> = (0..20).map(|at| format!("quota-p{at}")).collect();
    let cloud = Cloud::serve(&[]);
    cloud.otherwise(json!({}));
    let place = |at: usize| json!({"locationId": format!("place-{at}")});
    let places: Vec<Value> = (0..60).map(place).collect();
    for name in &names {
        let path = format!("cloudkms.googleapis.com/v1/projects/{name}/locations?pageSize=1000");
        cloud.put(&path, json!({ "locations": places }));
    }
    let instance = |at: usize| json!({"name": format!("i{at}"), "state": "RUNNABLE", "settings": {"activationPolicy": "ALWAYS"}});
    let instances: Vec<Value> = (0..120).map(instance).collect();
    let path = format!(
        "sqladmin.googleapis.com/sql/v1beta4/projects/{}/instances",
        names[0]
    );
    cloud.put(&path, json!({ "items": instances }));
    let mut estate = Estate::of(crate::support::catalog(), cloud.clone());
    for (service, requests, status) in [("kms", 300, 429), ("sql", 180, 403)] {
        let services = Arc::make_mut(&mut estate.catalog.services);
        let service = services.get_mut(service).unwrap();
        // What is kept is what is documented, but for the length of the minute.
        let documented = crate::support::catalog().services[&service.name].quota;
        assert_eq!((documented.requests, documented.seconds), (requests, 60));
        service.quota = Quota {
            requests,
            seconds: 2,
        };
        let host = service.api.clone();
        cloud.quota(&host, usize::try_from(requests).unwrap(), WINDOW, status);
    }
    let settings = Settings {
        timeout: Duration::from_secs(300),
        request_timeout: Duration::from_secs(60),
        quota_pause: WINDOW,
        ..estate.settings()
    };
    let types = [
        "google_kms_key_ring",
        "google_sql_database_instance",
        "google_sql_database",
        "google_sql_user",
        "google_storage_bucket",
    ];
    let start = Instant::now();
    let capture = read(&estate.catalog, &settings, &names, &types, &|_| ()).await;
    let took = start.elapsed();
    assert!(capture.gaps.is_empty(), "{:?}", capture.gaps);
    let log = cloud.log();
    let of = |host: &str| {
        let at = log
            .iter()
            .enumerate()
            .filter(|(_, line)| line.contains(host));
        at.map(|(at, _)| at).collect::<Vec<_>>()
    };
    let (keys, sql, buckets) = (of("cloudkms"), of("sqladmin"), of("storage."));
    assert!(keys.len() >= 20 * 61 && sql.len() >= 20 + 240 && buckets.len() == 20);
    // 1,220 requests of 300 a window: the fifth has begun.
    assert!(took >= WINDOW * 4, "{took:?}");
    assert!(took < WINDOW * 12, "{took:?}");
    // Nobody waits for the quota of another: the third API is through within the first window, the second within three.
    assert!(buckets.iter().all(|at| *at < keys[300]));
    assert!(sql.iter().all(|at| *at < keys[900]));
}

#[tokio::test]
async fn a_pause_beyond_every_clock_is_a_gap() {
    for (status, after) in [(429, "18446744073709551615"), (503, "99999999999999999999")] {
        let (cloud, projects) = fleet(1);
        let body = json!({"error": {"code": status, "message": "later"}});
        let header: &'static str = format!("Retry-After: {after}\r\n").leak();
        cloud.plant("p0/instances$", 0, Fault::Status(status, body, header));
        let catalog = cloud::catalog();
        let capture = read(
            &catalog,
            &patient(&cloud),
            &projects,
            &["t_instance"],
            &|_| (),
        )
        .await;
        let gap = capture.gaps.first().unwrap();
        assert_eq!(gap.reason, GapReason::Unavailable, "{gap:?}");
        let asked = cloud.log().len();
        assert_eq!(asked, 1, "{status}");
    }
}
