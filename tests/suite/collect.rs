//! The collector against a small cloud that fails in every way, and against the estates where they are at hand.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::support::cloud::{self, Cloud, Fault};
use driftline::catalog::{Enabled, Expression};
use driftline::collect::{Settings, collect};
use driftline::model::{Capture, GapReason, Scope};
use driftline::normalize::normalize;
use serde_json::{Value, json};

async fn run(settings: &Settings) -> Capture {
    collect(
        &cloud::catalog(),
        settings,
        &["p".to_owned()],
        None,
        &|_| (),
    )
    .await
    .unwrap()
}

fn pages(capture: &Capture) -> Vec<String> {
    capture
        .pages
        .iter()
        .map(|page| format!("{} {} {}", page.listing, page.scope, page.request))
        .collect()
}

fn gaps(capture: &Capture) -> Vec<String> {
    capture
        .gaps
        .iter()
        .map(|gap| format!("{} {} {}", gap.listing, gap.scope, gap.reason.as_str()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_of_listing_gives_its_pages_in_order() {
    let cloud = Cloud::serve(&cloud::project());
    let capture = run(&cloud.settings()).await;
    assert_eq!(
        pages(&capture),
        [
            "t_cache p cache.example/v1/projects/p/locations/-/caches?pageSize=2",
            "t_cache p cache.example/v1/projects/p/locations/-/caches?pageSize=2&pageToken=x/y",
            "t_cache.ca p/projects/p/locations/l/caches/a cache.example/v1/projects/p/locations/l/caches/a/ca",
            "t_cache.machines p sql.example/v1/projects/p/machines",
            "t_instance p sql.example/v1/projects/p/instances",
            "t_instance p sql.example/v1/projects/p/instances?pageToken=2",
            "t_repository p/eu registry.example/v1/projects/p/locations/eu/repositories",
            "t_repository p/us registry.example/v1/projects/p/locations/us/repositories",
            "t_user p/a sql.example/v1/projects/p/instances/a/users",
            "t_user p/c sql.example/v1/projects/p/instances/c/users",
        ]
    );
    assert_eq!(gaps(&capture), ["t_user p/b stopped"]);
    assert!(
        capture.gaps[0].detail.contains("b is not running"),
        "{:?}",
        capture.gaps
    );
}

#[tokio::test]
async fn only_what_the_wanted_types_take_is_asked() {
    let cloud = Cloud::serve(&cloud::project());
    let types = BTreeSet::from(["t_node".to_owned()]);
    let capture = collect(
        &cloud::catalog(),
        &cloud.settings(),
        &["p".to_owned()],
        Some(&types),
        &|_| (),
    )
    .await
    .unwrap();
    assert!(capture.pages.iter().all(|page| page.listing == "t_cache") && capture.pages.len() == 2);
    assert_eq!(cloud.log().len(), 2);
}

/// An API is asked where the project's list of APIs names it, on whichever page; all are where that list cannot be had, or where
/// it is not among what is asked.
#[tokio::test]
async fn an_api_is_asked_where_the_project_has_it() {
    let mut catalog = cloud::catalog();
    catalog.enabled = Some(Enabled {
        listing: "t_instance".to_owned(),
        api: Expression::path("name"),
    });
    for service in ["cache", "registry"] {
        Arc::make_mut(&mut catalog.services)
            .get_mut(service)
            .unwrap()
            .where_enabled = true;
    }
    let list = |name: &str| json!({"items": [{"name": name}], "nextPageToken": "2"});
    let asked = async |first: &str, second: &str, types: &[&str], refused: bool| {
        let cloud = Cloud::serve(&cloud::project());
        let path = "sql.example/v1/projects/p/instances";
        cloud.put(path, list(first));
        cloud.put(
            &format!("{path}?pageToken=2"),
            json!({"items": [{"name": second}]}),
        );
        if refused {
            let denied = Fault::Status(403, refusal(403, "forbidden", "no"), "");
            cloud.plant("/instances", 0, denied);
        }
        let types: BTreeSet<String> = types.iter().map(|rtype| (*rtype).to_owned()).collect();
        let projects = ["p".to_owned()];
        let types = (!types.is_empty()).then_some(&types);
        let settings = cloud.settings();
        let reading = collect(&catalog, &settings, &projects, types, &|_| ());
        reading.await.unwrap();
        let log = cloud.log();
        let of = |api: &str| log.iter().filter(|line| line.contains(api)).count();
        (of("cache.example"), of("registry.example"))
    };
    assert_eq!(asked("cache.example", "other", &[], false).await, (5, 0));
    assert_eq!(asked("other", "registry.example", &[], false).await, (0, 3));
    assert_eq!(
        asked("cache.example", "registry.example", &[], false).await,
        (5, 3)
    );
    assert_eq!(
        asked("cache.example", "registry.example", &[], true).await,
        (5, 3)
    );
    assert_eq!(
        asked("other", "other", &["t_repository"], false).await,
        (0, 3)
    );
}

fn refusal(status: u16, reason: &str, message: &str) -> Value {
    json!({"error": {"code": status, "message": message, "errors": [{"reason": reason}]}})
}

/// Every fault: how often it strikes, and the reason of the gap it makes; none where a second try gets the right answer.
fn faults() -> Vec<(&'static str, usize, Fault, Option<GapReason>)> {
    use GapReason::{
        ApiDisabled, PermissionDenied, Refused, Timeout, Unauthenticated, Unavailable,
        UnexpectedBody,
    };
    let status =
        |code: u16, reason: &str| Fault::Status(code, refusal(code, reason, "injected"), "");
    vec![
        ("401", 0, status(401, "authError"), Some(Unauthenticated)),
        ("403", 0, status(403, "forbidden"), Some(PermissionDenied)),
        (
            "403 disabled",
            0,
            status(403, "accessNotConfigured"),
            Some(ApiDisabled),
        ),
        ("403 rate", 2, status(403, "rateLimitExceeded"), None),
        (
            "429",
            2,
            Fault::Status(
                429,
                refusal(429, "rateLimitExceeded", "slow"),
                "Retry-After: 0\r\n",
            ),
            None,
        ),
        (
            "429 dated",
            1,
            Fault::Status(
                429,
                refusal(429, "x", "slow"),
                "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
            ),
            None,
        ),
        (
            "429 beyond --timeout",
            0,
            Fault::Status(429, refusal(429, "x", "slow"), "Retry-After: 3600\r\n"),
            Some(Unavailable),
        ),
        ("503 twice", 2, status(503, "backendError"), None),
        ("503", 0, status(503, "backendError"), Some(Unavailable)),
        ("400", 0, status(400, "invalid"), Some(Refused)),
        (
            "302",
            0,
            Fault::Status(302, json!({}), "Location: https://elsewhere.example/\r\n"),
            Some(Refused),
        ),
        ("reset once", 1, Fault::Reset, None),
        ("reset", 0, Fault::Reset, Some(Unavailable)),
        ("truncated once", 1, Fault::Truncated, None),
        ("truncated", 0, Fault::Truncated, Some(Unavailable)),
        (
            "cut in JSON",
            0,
            Fault::Body("{\"items\": [{\"na".to_owned()),
            Some(Unavailable),
        ),
        (
            "not JSON",
            0,
            Fault::Body("<html>sign in to the hotel's network</html>".to_owned()),
            Some(UnexpectedBody),
        ),
        (
            "another shape",
            0,
            Fault::Body("[1, 2]".to_owned()),
            Some(UnexpectedBody),
        ),
        (
            "slow",
            0,
            Fault::Slow(Duration::from_secs(60)),
            Some(Timeout),
        ),
    ]
}

/// Where a fault strikes, and the listing and scope of the gap there.
fn places() -> Vec<(&'static str, &'static str, &'static str)> {
    vec![
        ("projects/p/instances$", "t_instance", "p"),
        ("instances?pageToken=2$", "t_instance", "p"),
        ("instances/a/users$", "t_user", "p/a"),
        ("p/locations$", "t_repository", "p"),
        ("locations/eu/repositories$", "t_repository", "p/eu"),
        ("caches?pageSize=2$", "t_cache", "p"),
        ("pageToken=x/y$", "t_cache", "p"),
        (
            "caches/a/ca$",
            "t_cache.ca",
            "p/projects/p/locations/l/caches/a",
        ),
        ("projects/p/machines$", "t_cache.machines", "p"),
    ]
}

/// Whether a gap stands for what is not there: same listing, and its scope or a wider one.
fn covered(capture: &Capture, listing: &str, scope: &Scope) -> bool {
    let within = |wide: &Option<String>, own: &Option<String>| wide.is_none() || wide == own;
    capture.gaps.iter().any(|gap| {
        gap.listing == listing
            && gap.scope.project == scope.project
            && within(&gap.scope.location, &scope.location)
            && within(&gap.scope.parent, &scope.parent)
    })
}

async fn strike(
    fault: (&'static str, usize, Fault, Option<GapReason>),
    place: (&'static str, &'static str, &'static str),
    right: Vec<String>,
) {
    let (name, times, fault, reason) = fault;
    let (matches, listing, scope) = place;
    let case = format!("{name} at {matches}");
    let cloud = Cloud::serve(&cloud::project());
    let mut settings = Settings {
        request_timeout: Duration::from_secs(20),
        timeout: Duration::from_secs(60),
        ..cloud.settings()
    };
    if let Fault::Slow(_) = fault {
        settings.request_timeout = Duration::from_millis(2500);
        settings.tries = 2;
    }
    cloud.plant(matches, times, fault);
    let capture = run(&settings).await;
    let got = pages(&capture);
    assert!(
        got.iter().all(|page| right.contains(page)),
        "{case}: {got:?}"
    );
    match reason {
        None => {
            assert_eq!(got, right, "{case}");
            assert_eq!(gaps(&capture), ["t_user p/b stopped"], "{case}");
        }
        Some(reason) => {
            let gap = capture
                .gaps
                .iter()
                .find(|gap| gap.listing == listing && gap.scope.to_string() == scope);
            let gap = gap.unwrap_or_else(|| panic!("{case}: {:?}", capture.gaps));
            assert_eq!(
                gap.reason,
                if reason == GapReason::ApiDisabled {
                    GapReason::ApiDisabled
                } else {
                    reason
                },
                "{case}: {gap:?}"
            );
            assert!(
                !gap.detail.is_empty() && !gap.fix.is_empty() && !gap.detail.contains('\n'),
                "{case}: {gap:?}"
            );
        }
    }
    let whole = Cloud::serve(&cloud::project());
    for page in &run(&whole.settings()).await.pages {
        let there = capture.pages.iter().any(|got| got.request == page.request);
        assert!(
            there || covered(&capture, &page.listing, &page.scope),
            "{case}: {} {} is silently missing",
            page.listing,
            page.scope
        );
    }
    assert!(
        cloud.log().iter().all(|line| line.starts_with("GET ")),
        "{case}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_everywhere_is_the_right_answer_or_a_named_gap() {
    let right = pages(&run(&Cloud::serve(&cloud::project()).settings()).await);
    let mut cases = tokio::task::JoinSet::new();
    for place in places() {
        for fault in faults() {
            cases.spawn(strike(fault, place, right.clone()));
        }
    }
    assert_eq!(cases.join_all().await.len(), 9 * 19);
}

/// A user's sign-in whose tokens come from the cloud of the test.
fn user(cloud: &Cloud) -> Settings {
    let mut settings = cloud.settings();
    settings.credentials.access_token = None;
    let key = json!({"type": "authorized_user", "client_id": "c", "client_secret": "planted-secret", "refresh_token": "planted-secret",
        "token_uri": format!("http://{}/token", cloud.address)});
    settings.credentials.key = Some(("GOOGLE_CREDENTIALS".to_owned(), key.to_string()));
    settings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_the_token_call_is_survived_or_said() {
    let right = pages(&run(&Cloud::serve(&cloud::project()).settings()).await);
    // Token services know no 403 that passes.
    for (name, times, fault, reason) in faults().into_iter().filter(|fault| fault.0 != "403 rate") {
        let mut answers = cloud::project();
        answers.push((
            "token",
            json!({"access_token": "planted-secret", "expires_in": 3600, "token_type": "Bearer"}),
        ));
        let cloud = Cloud::serve(&answers);
        let mut settings = Settings {
            token_timeout: Duration::from_secs(10),
            ..user(&cloud)
        };
        if let Fault::Slow(_) = fault {
            settings.token_timeout = Duration::from_millis(300);
        }
        cloud.plant("token$", times, fault);
        let capture = run(&settings).await;
        let text = format!("{:?}", capture.gaps);
        assert!(!text.contains("planted-secret"), "{name}: {text}");
        let apis = cloud
            .log()
            .iter()
            .filter(|line| !line.ends_with("token"))
            .count();
        if reason.is_none() || pages(&capture) == right {
            assert_eq!(pages(&capture), right, "{name}: {text}");
        } else {
            assert!(capture.pages.is_empty() && apis == 0, "{name}");
            assert!(
                capture
                    .gaps
                    .iter()
                    .all(|gap| gap.reason == GapReason::Unauthenticated),
                "{name}: {text}"
            );
            assert!(
                ["t_instance", "t_user", "t_cache", "t_node", "t_repository"]
                    .iter()
                    .all(|t| text.contains(t)),
                "{name}: {text}"
            );
        }
    }
}

#[tokio::test]
async fn after_a_refused_credential_an_api_is_left_alone() {
    let cloud = Cloud::serve(&cloud::project());
    cloud.plant(
        "sql.example",
        0,
        Fault::Status(
            401,
            refusal(
                401,
                "authError",
                "Request had invalid authentication credentials.",
            ),
            "",
        ),
    );
    let capture = run(&cloud.settings()).await;
    // One more may be on its way when the first refusal comes in.
    assert!(
        cloud
            .log()
            .iter()
            .filter(|line| line.contains("sql.example"))
            .count()
            <= 2
    );
    assert!(
        capture
            .gaps
            .iter()
            .filter(|gap| gap.listing == "t_user")
            .all(|gap| gap.reason == GapReason::Unauthenticated)
    );
    assert!(
        capture
            .pages
            .iter()
            .any(|page| page.listing == "t_repository"),
        "the other APIs are read"
    );
}

#[tokio::test]
async fn a_parent_that_cannot_be_listed_hides_what_is_below_it() {
    let cloud = Cloud::serve(&cloud::project());
    cloud.plant(
        "projects/p/instances$",
        0,
        Fault::Status(403, refusal(403, "SERVICE_DISABLED", "off"), ""),
    );
    cloud.plant(
        "caches?pageSize=2$",
        0,
        Fault::Status(403, refusal(403, "forbidden", "no"), ""),
    );
    let capture = run(&cloud.settings()).await;
    assert_eq!(
        gaps(&capture),
        [
            "t_cache p permission-denied",
            "t_cache.ca p permission-denied",
            "t_cache.machines p permission-denied",
            "t_instance p api-disabled",
            "t_node p permission-denied",
            "t_user p api-disabled",
        ]
    );
    assert_eq!(capture.gaps[0].fix, "grant cache.caches.list on project p");
    assert_eq!(
        capture.gaps[3].fix,
        "enable it with: gcloud services enable sql.example --project p"
    );
}

#[tokio::test]
async fn places_out_of_reach_and_pages_without_end_are_gaps() {
    let mut answers = cloud::project();
    answers.push((
        "cache.example/v1/projects/q/locations/-/caches?pageSize=2",
        json!({
        "caches": [{"name": "projects/q/locations/l/caches/a"}, {"name": "projects/q/locations/far/caches/-"}],
        "unreachable": ["projects/q/locations/off", "projects/q/locations/far"], "nextPageToken": "again"}),
    ));
    answers.push((
        "cache.example/v1/projects/q/locations/-/caches?pageSize=2&pageToken=again",
        json!({"nextPageToken": "again"}),
    ));
    let cloud = Cloud::serve(&answers);
    let types = BTreeSet::from(["t_cache".to_owned()]);
    let capture = collect(
        &cloud::catalog(),
        &cloud.settings(),
        &["q".to_owned()],
        Some(&types),
        &|_| (),
    )
    .await
    .unwrap();
    let own: Vec<String> = gaps(&capture)
        .into_iter()
        .filter(|gap| gap.starts_with("t_cache "))
        .collect();
    assert_eq!(
        own,
        [
            "t_cache q cut-short",
            "t_cache q/far unreachable",
            "t_cache q/off unreachable"
        ]
    );
    assert!(
        !cloud.log().iter().any(|line| line.contains("caches/-/ca")),
        "nothing is asked about a stand-in"
    );
    let short = Settings {
        page_limit: 1,
        ..cloud.settings()
    };
    let capture = collect(
        &cloud::catalog(),
        &short,
        &["p".to_owned()],
        Some(&types),
        &|_| (),
    )
    .await
    .unwrap();
    assert!(
        capture
            .gaps
            .iter()
            .any(|gap| gap.reason == GapReason::CutShort && gap.detail == "more than 1 pages")
    );
}

#[tokio::test]
async fn when_time_is_up_the_rest_is_a_gap() {
    let cloud = Cloud::serve(&cloud::project());
    cloud.plant("registry.example", 0, Fault::Slow(Duration::from_secs(60)));
    let settings = Settings {
        timeout: Duration::from_millis(1500),
        request_timeout: Duration::from_secs(30),
        ..cloud.settings()
    };
    let capture = run(&settings).await;
    assert!(
        gaps(&capture).contains(&"t_repository p timeout".to_owned()),
        "{:?}",
        capture.gaps
    );
    assert!(capture.pages.iter().any(|page| page.listing == "t_user"));
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let cloud = Cloud::serve(&cloud::project());
    let capture = run(&Settings {
        body_limit: 60,
        ..cloud.settings()
    })
    .await;
    assert!(
        capture
            .gaps
            .iter()
            .any(|gap| gap.reason == GapReason::UnexpectedBody
                && gap.detail.contains("larger than 60 bytes"))
    );
}

#[tokio::test]
async fn what_breaks_a_promise_of_the_api_is_a_gap_and_the_rest_is_kept() {
    let path = "sql.example/v1/projects/q/instances";
    let cases = [
        json!({"items": [{"name": "a"}], "nextPageToken": 2}),
        json!({"items": [{"name": "a"}, {"name": 7}]}),
    ];
    for body in cases {
        let cloud = Cloud::serve(&[(path, body.clone())]);
        cloud.put(&format!("{path}/a/users"), json!({}));
        let types = BTreeSet::from(["t_instance".to_owned()]);
        let (catalog, settings) = (cloud::catalog(), cloud.settings());
        let projects = ["q".to_owned()];
        let reading = collect(&catalog, &settings, &projects, Some(&types), &|_| ());
        let capture = reading.await.unwrap();
        assert_eq!(gaps(&capture), ["t_instance q unexpected-body"], "{body}");
        assert_eq!(capture.pages.len(), 1, "{body}");
        let normalized = normalize(&capture, &catalog);
        assert_eq!(normalized.objects.len(), 1, "{body}: the named one alone");
    }
}

#[tokio::test]
async fn empty_pages_go_on_and_one_object_out_of_reach_hides_itself_alone() {
    let path = "sql.example/v1/projects/q/instances";
    let cloud = Cloud::serve(&[(path, json!({"nextPageToken": "more"}))]);
    let second = json!({"items": [{"name": "a"}], "unreachable": ["projects/_/buckets/b"]});
    cloud.put(&format!("{path}?pageToken=more"), second);
    let types = BTreeSet::from(["t_instance".to_owned()]);
    let (catalog, settings) = (cloud::catalog(), cloud.settings());
    let projects = ["q".to_owned()];
    let reading = collect(&catalog, &settings, &projects, Some(&types), &|_| ());
    let capture = reading.await.unwrap();
    assert_eq!(capture.pages.len(), 2);
    assert_eq!(gaps(&capture), ["t_instance q/b unreachable"]);
    let scope = &capture.gaps[0].scope;
    assert!(scope.means("//sql.example/b") && !scope.means("//sql.example/a"));
}
