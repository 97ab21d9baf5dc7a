//! What changed in the cloud of each case, against what real tofu said of it (`truth.json`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::{Cloud, catalog, projects, shared};
use driftline::catalog::{Catalog, Kind, Schema};
use driftline::compare::{Comparison, Inputs, Verdict, compare};
use driftline::forecast::by_state;
use driftline::model::{Address, Capture, Gap, GapReason};
use driftline::normalize::normalize;
use driftline::tofu::state;
use serde_json::Value as Json;

/// A verdict with the attributes it is about.
type Said = (&'static str, BTreeSet<String>);

/// Only the types, estates and cases that `DRIFTLINE_TYPE` and `DRIFTLINE_CASE` name, where set: for work on a definition.
fn wanted(variable: &str, text: &str) -> bool {
    std::env::var(variable).map_or(true, |only| {
        if variable == "DRIFTLINE_TYPE" {
            only == text
        } else {
            text.contains(&only)
        }
    })
}

/// Every difference that `tofu plan -refresh-only` names is found, and none besides.
#[test]
fn cases_agree_with_tofu() {
    let Some(shared) = shared() else { return };
    let catalog = catalog();
    let (mut wrong, mut held) = (Vec::new(), 0);
    for estate in folders(&shared.join("estates")) {
        for case in folders(&estate.join("cases")) {
            let name = format!("{}/{}", file_name(&estate), file_name(&case));
            if wanted("DRIFTLINE_CASE", &name) && case.join("truth.json").exists() {
                held += 1;
                wrong.extend(
                    judge(&estate, &case, &catalog)
                        .into_iter()
                        .map(|line| format!("{name}: {line}")),
                );
            }
        }
    }
    eprintln!("{held} cases");
    assert!(
        wrong.is_empty(),
        "{} differences\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn judge(estate: &Path, case: &Path, catalog: &Catalog) -> Vec<String> {
    let truth: Json =
        serde_json::from_str(&std::fs::read_to_string(case.join("truth.json")).unwrap()).unwrap();
    let faults: Vec<String> = [estate, case].iter().flat_map(|dir| faults(dir)).collect();
    let want = expected(&truth, catalog);
    let got = reported(comparison(estate, case, catalog, &faults), catalog);
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
    let failed: Vec<_> = list(&truth["errors"], "plan")
        .iter()
        .filter_map(|r| r["address"].as_str())
        .collect();
    for (address, (said, paths, forecast)) in &got {
        if !want.contains_key(address) && (*said != "unknown" || faults.is_empty()) {
            wrong.push(format!("false {said} {address} {paths:?}"));
        }
        let is = planned(&truth, address);
        if *forecast != "unknown" && *forecast != is && !failed.contains(&address.as_str()) {
            wrong.push(format!("forecast {address}: said {forecast}, is {is}"));
        }
    }
    wrong
}

fn comparison(estate: &Path, case: &Path, catalog: &Catalog, faults: &[String]) -> Comparison {
    let mut cloud = Cloud::estate(estate);
    let projects = projects(&cloud);
    if case.join("api").is_dir() {
        cloud.0.extend(Cloud::estate(case).0);
    }
    let gone = std::fs::read_to_string(case.join("gone")).unwrap_or_default();
    for path in gone.lines().map(str::trim).filter(|path| !path.is_empty()) {
        cloud
            .0
            .retain(|name, _| name != path && !name.starts_with(&format!("{path}/")));
    }
    let mut capture = Capture::default();
    for project in &projects {
        let part = cloud.capture(catalog, project);
        capture.projects.push(project.clone());
        capture.pages.extend(part.pages);
        capture.gaps.extend(part.gaps);
    }
    refuse(&mut capture, catalog, faults);
    let text = std::fs::read(estate.join("tofu/terraform.tfstate")).unwrap();
    let states = [state::parse("terraform.tfstate", text).unwrap()];
    let normalized = normalize(&capture, catalog);
    compare(&Inputs::new(catalog, &capture, &normalized, &states))
}

/// Requests that a fault stands in the way of become gaps.
fn refuse(capture: &mut Capture, catalog: &Catalog, faults: &[String]) {
    let Capture { pages, gaps, .. } = capture;
    pages.retain(|page| {
        let base = &catalog.services[&catalog.listings[&page.listing].service].base;
        let line = format!(
            "GET {}{}",
            base.trim_start_matches("https://"),
            page.request
        );
        let hit = faults.iter().any(|fault| fits(&line, fault));
        if hit {
            gaps.push(Gap {
                listing: page.listing.clone(),
                scope: page.scope.clone(),
                reason: GapReason::Stopped,
                detail: "refused".to_owned(),
                fix: String::new(),
            });
        }
        !hit
    });
}

/// The patterns of requests that fail.
fn faults(dir: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(dir.join("faults")).unwrap_or_default();
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Json>(line).ok());
    lines
        .filter_map(|fault| Some(fault["match"].as_str()?.to_owned()))
        .collect()
}

/// Whether a line holds what a pattern of the estates says: text, `.*`, and one group of alternatives.
fn fits(line: &str, pattern: &str) -> bool {
    if let Some((head, rest)) = pattern.split_once('(')
        && let Some((words, tail)) = rest.split_once(')')
    {
        return words
            .split('|')
            .any(|word| fits(line, &format!("{head}{word}{tail}")));
    }
    let mut rest = line;
    pattern.split(".*").all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

fn expected(truth: &Json, catalog: &Catalog) -> BTreeMap<String, Said> {
    let mut out = BTreeMap::new();
    for row in list(truth, "refresh_only") {
        let address = row["address"].as_str().unwrap();
        let Some(schema) = schema(address, catalog) else {
            continue;
        };
        let gone = list(row, "actions").iter().any(|action| action == "delete");
        let paths = list(row, "attributes")
            .iter()
            .filter_map(|a| a["path"].as_str());
        let paths: Vec<&str> = paths
            .filter(|path| !schema.is_sensitive(&family(schema, path)))
            .collect();
        let families = paths.iter().map(|path| family(schema, path)).collect();
        let verdict = match () {
            () if gone => "missing",
            () if paths.is_empty() => continue,
            () if paths.iter().all(|path| schema.is_computed(&plain(path))) => "computed-drift",
            () => "drifted",
        };
        out.insert(address.to_owned(), (verdict, families));
    }
    for row in list(&truth["errors"], "refresh_only") {
        let address = row["address"].as_str().unwrap();
        if schema(address, catalog).is_some() {
            out.insert(address.to_owned(), ("missing", BTreeSet::new()));
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
    let rows = outlook.outcomes.iter().filter(|outcome| {
        let row = &outcome.row;
        verdicts.contains(&row.verdict) && wanted("DRIFTLINE_TYPE", &row.rtype)
    });
    let row = |outcome: &driftline::forecast::Outcome| {
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

/// What the plan does with an address.
fn planned(truth: &Json, address: &str) -> &'static str {
    let row = list(truth, "plan")
        .iter()
        .find(|row| row["address"] == address);
    let actions: Vec<&str> = row
        .map(|row| {
            list(row, "actions")
                .iter()
                .filter_map(Json::as_str)
                .collect()
        })
        .unwrap_or_default();
    match actions.join("/").as_str() {
        "update" => "update",
        "delete/create" | "create/delete" => "replace",
        "create" => "create",
        "delete" => "delete",
        _ => "none",
    }
}

/// The attribute a path is about: without indices, cut at the first set or map.
fn family(schema: &Schema, path: &str) -> String {
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
fn plain(path: &str) -> String {
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
        .filter(|_| wanted("DRIFTLINE_TYPE", &rtype))
        .map(|definition| &definition.schema)
}

fn list<'a>(value: &'a Json, key: &str) -> &'a [Json] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn folders(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut out: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|p| p.is_dir())
        .collect();
    out.sort();
    out
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Patterns of faults are read as far as the estates use them.
#[test]
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
