//! How often each API is asked: the table in `providers/README.md`, and a scan of two objects of every type that keeps to it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support;
use crate::support::cloud::Cloud;
use crate::support::estate::{Estate, PROJECT, Planted};
use crate::support::recorded::{ESTATES, Recorded};
use driftline::catalog::{Listing, Per, Service};
use driftline::collect::collect;
use driftline::model::Capture;
use serde_json::value::to_raw_value;
use serde_json::{Value as Json, json};

/// How often a listing is asked, as the table says it.
fn cadence(listing: &Listing) -> String {
    let often = match &listing.per {
        Per::Named => return "once an object of the type that state has".to_owned(),
        Per::Demand => {
            return "once a data source of the configuration that asks for it".to_owned();
        }
        Per::Project => "once a project".to_owned(),
        Per::ProjectWith(owner) => format!("once a project that has a `{owner}`"),
        Per::Location(_) => "once a location, and once a project for the locations".to_owned(),
        Per::Parent { listing, when, .. } if when.is_empty() => format!("once a `{listing}`"),
        Per::Parent { listing, .. } => {
            format!("once a `{listing}`, where its definition has it asked")
        }
    };
    if listing.on_demand {
        format!(
            "{often}, only where state, configuration or `--type` names the type, or with `--deep`"
        )
    } else {
        often
    }
}

#[test]
fn the_table_of_requests_is_the_definitions() {
    let catalog = support::catalog();
    let mut table = "| listing | asked |\n|---|---|\n".to_owned();
    for listing in catalog.listings.values() {
        table += &format!("| `{}` | {} |\n", listing.name, cadence(listing));
    }
    let file = Path::new("providers/README.md");
    let text = std::fs::read_to_string(file).unwrap();
    let (start, end) = (
        "<!-- requests, written by tests/suite/requests.rs -->\n",
        "<!-- end of requests -->",
    );
    let (head, rest) = text.split_once(start).expect("the mark of the table");
    let (_, tail) = rest.split_once(end).expect("the mark of its end");
    let wrong = support::expect(file, &format!("{head}{start}{table}{end}{tail}"));
    assert!(
        wrong.is_none(),
        "{}\nUPDATE_EXPECT=1 rewrites it",
        wrong.unwrap_or_default()
    );
}

/// The first pages of each listing by what they were asked for.
fn asked(capture: &Capture) -> BTreeMap<&str, Vec<String>> {
    let mut asked: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for page in capture
        .pages
        .iter()
        .filter(|page| !page.request.contains("pageToken=second"))
    {
        asked
            .entry(&page.listing)
            .or_default()
            .push(page.scope.to_string());
    }
    asked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_asks_no_more_than_the_table_says() {
    let planted = Planted {
        text: "text".to_owned(),
        ..Planted::default()
    };
    let estate = Estate::grow(support::catalog(), planted).await;
    let before = estate.cloud.log().len();
    let everything = estate.read(&estate.patient()).await;
    let sent: Vec<String> = estate.cloud.log().split_off(before);

    let asked = asked(&everything);
    let mut allowed = 0;
    let scanned = estate.catalog.listings.values();
    for listing in scanned.filter(|listing| !matches!(listing.per, Per::Demand | Per::Named)) {
        let scopes = asked
            .get(listing.name.as_str())
            .cloned()
            .unwrap_or_default();
        let conditional = matches!(&listing.per, Per::Parent { when, .. } if !when.is_empty());
        assert!(
            conditional || !scopes.is_empty(),
            "{} is never asked",
            listing.name
        );
        let most = match &listing.per {
            Per::Demand | Per::Named => 0,
            Per::Project | Per::ProjectWith(_) => 1,
            // The estate has one location; the list of locations is a request of its own.
            Per::Location(_) => 1,
            // Two objects of each parent, in each place where the parent is listed.
            Per::Parent {
                listing: parent, ..
            } => 2 * asked.get(parent.as_str()).map_or(0, Vec::len),
        };
        assert!(
            scopes.len() <= most,
            "{}: {scopes:?} where the table allows {most}",
            listing.name
        );
        let one_each: BTreeSet<&String> = scopes.iter().collect();
        assert_eq!(one_each.len(), scopes.len(), "{}: {scopes:?}", listing.name);
        allowed += scopes.len();
    }
    let later = everything
        .pages
        .iter()
        .filter(|page| page.request.contains("pageToken=second"))
        .count();
    let places: BTreeSet<_> = estate
        .catalog
        .listings
        .values()
        .filter(|listing| matches!(listing.per, Per::Location(_)))
        .map(|listing| &listing.service)
        .collect();
    let expected = allowed + later + places.len();
    assert!(
        sent.len() <= expected,
        "{} sent, {allowed} allowed, {later} later, {places:?}",
        sent.len()
    );
    assert!(
        sent.len() > 50 && later > 10 && !places.is_empty(),
        "only {} requests, of them {later} later pages and {} for locations",
        sent.len(),
        places.len()
    );

    let plain = collect(
        &estate.catalog,
        &estate.patient(),
        &[PROJECT.to_owned()],
        None,
        &|_| (),
    )
    .await
    .unwrap();
    let on_demand = plain
        .pages
        .iter()
        .find(|page| estate.catalog.listings[&page.listing].on_demand);
    assert!(
        on_demand.is_none(),
        "asked though nobody named it: {on_demand:?}"
    );
}

/// Most requests that a scan of the estate `staging` may send, whatever is enabled in its project.
const MOST: usize = 150;

/// With every API enabled, a scan stays below a bound: what few have is asked only where somebody names it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_with_every_api_takes_few_requests() {
    let catalog = support::catalog();
    let staging = Recorded::read(ESTATES, "staging");
    let mut there = staging.capture(None, &catalog);
    let [project] = &there.projects.clone()[..] else {
        panic!("staging is one project: {:?}", there.projects);
    };
    let gate = &catalog.enabled.as_ref().unwrap().listing;
    let service =
        |service: &Service| json!({"name": format!("projects/{project}/services/{}", service.api)});
    let all: Vec<_> = catalog.services.values().map(service).collect();
    let tells = there.pages.iter_mut().find(|page| page.listing == *gate);
    tells.unwrap().body = to_raw_value(&json!({ "services": all })).unwrap();

    // What is asked is answered as staging has it, until nothing new is asked.
    let cloud = Cloud::serve(&[]);
    cloud.otherwise(json!({}));
    let mut settings = Estate::of(catalog.clone(), cloud.clone()).patient();
    settings.concurrency = 8;
    let mut answered = BTreeSet::new();
    loop {
        let before = cloud.log().len();
        let scan = collect(
            &catalog,
            &settings,
            std::slice::from_ref(project),
            None,
            &|_| (),
        )
        .await;
        let (scan, sent) = (scan.unwrap(), cloud.log().split_off(before));
        let asked = scan.pages.iter().filter_map(|page| {
            let mut known = there.pages.iter();
            let known = known.find(|one| one.listing == page.listing && one.scope == page.scope);
            Some((
                page.request.clone(),
                serde_json::from_str(known?.body.get()).unwrap(),
            ))
        });
        let places = sent.iter().filter_map(|line| {
            let request = line.strip_prefix("GET ")?;
            let folder = request.split('?').next()?;
            let names = staging.places(folder.strip_suffix("/locations").map(|_| folder)?);
            let names: Vec<_> = names
                .iter()
                .map(|name| json!({"locationId": name}))
                .collect();
            Some((request.to_owned(), json!({ "locations": names })))
        });
        let fresh: Vec<(String, Json)> = asked.chain(places).collect();
        let fresh = fresh
            .into_iter()
            .filter(|(request, _)| answered.insert(request.clone()));
        let fresh: Vec<_> = fresh.collect();
        if fresh.is_empty() {
            let gated = scan
                .pages
                .iter()
                .any(|page| page.listing == "google_pubsub_topic");
            assert!(
                gated && scan.gaps.is_empty(),
                "no API was enabled: {:?}",
                scan.gaps
            );
            assert!((100..MOST).contains(&sent.len()), "{} requests", sent.len());
            return;
        }
        fresh
            .iter()
            .for_each(|(request, body)| cloud.put(request, body.clone()));
    }
}
