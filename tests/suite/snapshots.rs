//! Every folder below `snapshots/` gives what its `expected/` says: bodies in, graph and report out.
//!
//! `UPDATE_EXPECT=1 cargo test --test suite snapshots::` rewrites the expected files; a reviewer reads the difference.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::{self, catalog, expect};
use driftline::catalog::Catalog;
use driftline::compare::{Inputs, compare};
use driftline::forecast::by_state;
use driftline::graph::Graph;
use driftline::model::State;
use driftline::normalize::normalize;
use driftline::render::{self, Heading};

/// Folders that hold a snapshot.
fn folders(dir: &Path, found: &mut Vec<PathBuf>) {
    if dir.join("snapshot.json").is_file() {
        found.push(dir.to_owned());
        return;
    }
    for entry in std::fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            folders(&path, found);
        }
    }
    found.sort();
}

fn states(dir: &Path) -> Vec<State> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir.join("tofu"))
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "tfstate")
    });
    files.sort();
    let read = |file: &PathBuf| {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        driftline::tofu::state::parse(&name, std::fs::read(file).unwrap()).unwrap()
    };
    files.iter().map(read).collect()
}

fn check(dir: &Path, catalog: &Catalog, wrong: &mut Vec<String>) {
    let snapshot = driftline::snapshot::open(dir).unwrap();
    let cloud = normalize(&snapshot.capture, catalog);
    let graph = Graph::new(&cloud.objects, catalog);
    let mut outputs = vec![
        (
            "graph.json",
            render::graph::json(&graph, &cloud.gaps, catalog),
        ),
        ("graph.txt", render::graph::tree(&graph, &cloud.gaps)),
    ];
    // The pictures of a whole project; of one object there is little to see.
    if dir.ends_with("demo") {
        outputs.push((
            "graph.dot",
            render::graph::dot(&graph, &cloud.gaps, catalog),
        ));
        outputs.push((
            "graph.mmd",
            render::graph::mermaid(&graph, &cloud.gaps, catalog),
        ));
        outputs.push((
            "graph.svg",
            render::graph::svg(&graph, &cloud.gaps, catalog),
        ));
    }
    let states = states(dir);
    if !states.is_empty() {
        let comparison = compare(&Inputs::new(catalog, &snapshot.capture, &cloud, &states));
        let outlook = by_state(comparison, catalog);
        let heading = Heading {
            version: "test",
            projects: snapshot.capture.projects.clone(),
            source: "snapshot".to_owned(),
            states: outlook.coverage.states.clone(),
            all: true,
        };
        outputs.push(("drift.txt", render::console::drift(&outlook, &heading)));
        outputs.push(("drift.json", render::json::drift(&outlook, &heading)));
    }
    for (name, text) in outputs {
        let text = anstream::adapter::strip_str(&text).to_string();
        wrong.extend(expect(&dir.join("expected").join(name), &text));
    }
}

#[test]
fn snapshots_give_what_is_expected() {
    let catalog = catalog();
    let mut found = Vec::new();
    folders(Path::new("snapshots"), &mut found);
    assert!(!found.is_empty());
    let mut wrong = Vec::new();
    for dir in found {
        check(&dir, &catalog, &mut wrong);
    }
    assert!(
        wrong.is_empty(),
        "{}\n(UPDATE_EXPECT=1 rewrites)",
        wrong.join("\n")
    );
}

/// Every fixture is of a type; the types that have none, which recordings of the provider alone hold, are listed.
#[test]
fn types_without_a_fixture_are_listed() {
    let catalog = catalog();
    let fixtures: BTreeSet<String> = std::fs::read_dir("snapshots/types")
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let types = catalog.definitions.keys();
    let without: String = types
        .filter(|rtype| !fixtures.contains(*rtype))
        .map(|rtype| format!("{rtype}\n"))
        .collect();
    let wrong = expect(Path::new("snapshots/without-fixture.txt"), &without);
    assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
    let stray = fixtures
        .iter()
        .find(|fixture| catalog.definition(fixture).is_none());
    assert_eq!(stray, None);
}

/// No snapshot in this repository holds what looks like a secret.
#[test]
fn no_snapshot_holds_a_secret() {
    let mut found = Vec::new();
    folders(Path::new("snapshots"), &mut found);
    for dir in found {
        let mut files = Vec::new();
        support::files(&dir, &mut files);
        for (name, text) in files {
            for word in [
                "-----BEGIN PRIVATE KEY",
                "-----BEGIN RSA PRIVATE",
                "\"private_key\": \"",
                "ya29.",
            ] {
                assert!(
                    !text.contains(word),
                    "{}/{name} holds {word}",
                    dir.display()
                );
            }
        }
    }
}
