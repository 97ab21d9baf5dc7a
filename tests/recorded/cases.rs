//! What changed in the cloud of each case, against what real tofu said of it. `cargo test --test recorded cases::`.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::recorded::{ESTATES, Recorded, Truth, fits, names};
use crate::{CATALOG, none, test};
use driftline::catalog::{Catalog, Kind, Schema};
use driftline::compare::{Comparison, Inputs, Verdict, compare};
use driftline::forecast::{Outcome, by_state};
use driftline::model::Address;
use driftline::normalize::normalize;
use driftline::tofu::state;
use libtest_mimic::Trial;

/// A verdict with the attributes it is about.
type Said = (&'static str, BTreeSet<String>);

pub fn tests() -> Vec<Trial> {
    let of = |estate: String| {
        let cases = Recorded::read(ESTATES, &estate).cases.into_keys();
        cases.map(move |case| {
            let estate = estate.clone();
            test(format!("cases::{estate}/{case}"), move || {
                none(&judge(&Recorded::read(ESTATES, &estate), &case));
            })
        })
    };
    let mut tests: Vec<Trial> = names(ESTATES).into_iter().flat_map(of).collect();
    tests.push(test(
        "cases::faults_are_matched".to_owned(),
        faults_are_matched,
    ));
    tests
}

/// Only the type that `DRIFTLINE_TYPE` names, where set: for work on a definition.
fn wanted(rtype: &str) -> bool {
    std::env::var("DRIFTLINE_TYPE").map_or(true, |only| only == rtype)
}

/// Every difference that `tofu plan -refresh-only` names is found, and none besides; what is forecast is what tofu plans.
fn judge(estate: &Recorded, case: &str) -> Vec<String> {
    let catalog = &*CATALOG;
    let truth = &estate.cases[case].truth;
    let faulty = !(estate.faults.is_empty() && estate.cases[case].faults.is_empty());
    let want = expected(truth, catalog);
    let got = reported(comparison(estate, case, catalog), catalog);
    let mut wrong = Vec::new();
    for (address, (verdict, paths)) in &want {
        match got.get(address) {
            None => wrong.push(format!("missed {verdict} {address} {paths:?}")),
            Some((said, _, _)) if said != verdict => {
                wrong.push(format!("{address}: said {said}, is {verdict}"))
            }
            Some(_) if *verdict == "missing" => {}
            Some((_, found, _)) => {
                wrong.extend(
                    paths
                        .iter()
                        .filter(|p| !near(p, found))
                        .map(|p| format!("missed {address} {p}")),
                );
                wrong.extend(
                    found
                        .iter()
                        .filter(|p| !near(p, paths))
                        .map(|p| format!("false {address} {p}")),
                );
            }
        }
    }
    let plan = truth.plan.as_ref().unwrap();
    for (address, (said, paths, forecast)) in &got {
        if !want.contains_key(address) && (*said != "unknown" || !faulty) {
            wrong.push(format!("false {said} {address} {paths:?}"));
        }
        let is = plan.get(address).map_or("none", String::as_str);
        if *forecast != "unknown" && *forecast != is && !truth.failed_to_plan.contains(address) {
            wrong.push(format!("forecast {address}: said {forecast}, is {is}"));
        }
    }
    wrong
}

fn comparison(estate: &Recorded, case: &str, catalog: &Catalog) -> Comparison {
    let capture = estate.capture(Some(case), catalog);
    let text = std::fs::read(estate.state().unwrap()).unwrap();
    let states = [state::parse("terraform.tfstate", text).unwrap()];
    let normalized = normalize(&capture, catalog);
    compare(&Inputs::new(catalog, &capture, &normalized, &states))
}

/// What a report must say of each address that a refresh sees changed.
fn expected(truth: &Truth, catalog: &Catalog) -> BTreeMap<String, Said> {
    let mut out = BTreeMap::new();
    for (address, seen) in truth.refresh_only.as_ref().unwrap() {
        let Some(schema) = schema(address, catalog) else {
            continue;
        };
        let paths: Vec<&String> = (seen.attributes.iter())
            .filter(|path| !schema.is_sensitive(&family(schema, path)))
            .collect();
        let families = paths.iter().map(|path| family(schema, path)).collect();
        let verdict = match () {
            () if seen.gone => "missing",
            () if paths.is_empty() => continue,
            () if paths.iter().all(|path| schema.is_computed(&plain(path))) => "computed-drift",
            () => "drifted",
        };
        out.insert(address.clone(), (verdict, families));
    }
    // Of a child whose parent is gone tofu fails to read what is gone with it.
    for address in &truth.failed_to_refresh {
        if schema(address, catalog).is_some() {
            out.insert(address.clone(), ("missing", BTreeSet::new()));
        }
    }
    out
}

fn reported(
    comparison: Comparison,
    catalog: &Catalog,
) -> BTreeMap<String, (&'static str, BTreeSet<String>, &'static str)> {
    let outlook = by_state(comparison, catalog);
    let verdicts = [
        Verdict::Drifted,
        Verdict::ComputedDrift,
        Verdict::Missing,
        Verdict::Unknown,
    ];
    let rows = (outlook.outcomes.iter())
        .filter(|outcome| verdicts.contains(&outcome.row.verdict) && wanted(&outcome.row.rtype));
    let row = |outcome: &Outcome| {
        let row = &outcome.row;
        let schema = &catalog.definition(&row.rtype).unwrap().schema;
        let changes = row
            .changes
            .iter()
            .filter(|change| !schema.is_sensitive(&change.path.family()));
        let families = changes
            .map(|change| family(schema, &change.path.to_string()))
            .collect();
        Some((
            row.address.as_ref()?.to_string(),
            (row.verdict.as_str(), families, outcome.forecast.as_str()),
        ))
    };
    rows.filter_map(row).collect()
}

/// The attribute a path is about: without indices, cut at the first set or map.
pub fn family(schema: &Schema, path: &str) -> String {
    let mut out = String::new();
    for part in plain(path).split('.') {
        out = if out.is_empty() {
            part.to_owned()
        } else {
            format!("{out}.{part}")
        };
        if schema
            .attributes
            .get(&out)
            .is_none_or(|facts| matches!(facts.kind, Kind::Set | Kind::Map))
        {
            break;
        }
    }
    out
}

/// A path without what stands in brackets.
pub fn plain(path: &str) -> String {
    let pieces = path.split('[').enumerate();
    pieces
        .map(|(at, piece)| {
            if at == 0 {
                piece
            } else {
                piece.split_once(']').map_or("", |(_, rest)| rest)
            }
        })
        .collect()
}

/// Whether a path, one above it or one below it is among others.
fn near(path: &str, others: &BTreeSet<String>) -> bool {
    let below =
        |a: &str, b: &str| a == b || a.strip_prefix(b).is_some_and(|rest| rest.starts_with('.'));
    others
        .iter()
        .any(|other| below(path, other) || below(other, path))
}

fn schema<'a>(address: &str, catalog: &'a Catalog) -> Option<&'a Schema> {
    let rtype = Address::parse(address)?.rtype;
    catalog
        .definition(&rtype)
        .filter(|_| wanted(&rtype))
        .map(|definition| &definition.schema)
}

/// Patterns of faults are read as far as the estates use them.
fn faults_are_matched() {
    assert!(fits(
        "GET sqladmin.googleapis.com/x/instances/i/users",
        "GET sqladmin.*/instances/i/(databases|users)"
    ));
    assert!(!fits(
        "GET sqladmin.googleapis.com/x/instances/i",
        "GET sqladmin.*/instances/i/(databases|users)"
    ));
}
