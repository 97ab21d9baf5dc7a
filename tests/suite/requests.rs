//! How often each API is asked: the table in `providers/README.md`, and a scan of two objects of every type that keeps to it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support;
use crate::support::estate::{Estate, PROJECT, Planted};
use driftline::catalog::{Listing, Per};
use driftline::collect::collect;
use driftline::model::Capture;

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
    let everything = estate.read(&estate.settings()).await;
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
    // One that was slow is sent again: what counts is what is asked.
    let distinct: BTreeSet<&String> = sent.iter().collect();
    assert!(
        distinct.len() <= allowed + later + places.len(),
        "{} asked, {allowed} allowed, {later} later, {places:?}",
        distinct.len()
    );
    assert!(
        sent.len() > 50 && later > 10 && !places.is_empty(),
        "only {} requests, of them {later} later pages and {} for locations",
        sent.len(),
        places.len()
    );

    let plain = collect(
        &estate.catalog,
        &estate.settings(),
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
