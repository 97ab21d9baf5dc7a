//! The collector against a small cloud that fails in every way, and against the estates where they are at hand.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cloud;

use std::collections::BTreeSet;

use cloud::Cloud;
use driftline::collect::{Settings, collect};
use driftline::model::Capture;

async fn run(settings: &Settings) -> Capture {
    collect(&cloud::catalog(), settings, &["p".to_owned()], None, &|_| ()).await.unwrap()
}

fn pages(capture: &Capture) -> Vec<String> {
    capture.pages.iter().map(|page| format!("{} {} {}", page.listing, page.scope, page.request)).collect()
}

fn gaps(capture: &Capture) -> Vec<String> {
    capture.gaps.iter().map(|gap| format!("{} {} {}", gap.listing, gap.scope, gap.reason.as_str())).collect()
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
    assert!(capture.gaps[0].detail.contains("b is not running"), "{:?}", capture.gaps);
}

#[tokio::test]
async fn only_what_the_wanted_types_take_is_asked() {
    let cloud = Cloud::serve(&cloud::project());
    let types = BTreeSet::from(["t_node".to_owned()]);
    let capture = collect(&cloud::catalog(), &cloud.settings(), &["p".to_owned()], Some(&types), &|_| ()).await.unwrap();
    assert!(capture.pages.iter().all(|page| page.listing == "t_cache") && capture.pages.len() == 2);
    assert_eq!(cloud.log().len(), 2);
}
