//! What holds of every command: none says other than another, and no sentence decides anything.

use std::path::Path;

use driftline::catalog::Catalog;
use driftline::compare::{Inputs, compare};
use driftline::forecast::{Outcome, by_state};
use driftline::model::Capture;
use driftline::normalize::normalize;

use crate::support::binary::Run;
use crate::support::{catalog, definition_files};

/// `explain` says of an address the very lines that `drift` says of it.
#[test]
fn explain_never_says_other_than_drift() {
    let report = Run::new(&["drift", "--demo", "--all", "--out", "json://-"]).end();
    let report: serde_json::Value = serde_json::from_str(&report.stdout).unwrap();
    let whole = Run::new(&["drift", "--demo", "--all"]).end().stdout;
    let addresses: Vec<&str> = report["resources"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["address"].as_str())
        .collect();
    assert!(addresses.len() > 30, "{}", addresses.len());
    for address in addresses {
        let alone = Run::new(&["explain", address, "--demo"]).end();
        assert_eq!(alone.code, 0, "{}", alone.said());
        let about: Vec<&str> = alone
            .stdout
            .lines()
            .take_while(|line| !line.is_empty())
            .collect();
        assert!(about.len() >= 2, "{}", alone.said());
        // What of it could not be read comes behind, under a title of its own.
        let about = about
            .iter()
            .take_while(|line| **line != "Could not be read");
        let about = about.copied().collect::<Vec<_>>().join("\n");
        let (module, rows) = about.split_once('\n').unwrap();
        assert!(
            whole.contains(module) && whole.contains(rows),
            "{address}:\n{about}\n\n{whole}"
        );
    }
}

/// What a report decides, without what it says.
fn decided(outcome: &Outcome) -> String {
    let row = &outcome.row;
    let doubt = outcome.doubt().map(|doubt| doubt.why.as_str());
    let actions: Vec<&str> = outcome
        .changes
        .iter()
        .map(|change| change.action.as_str())
        .collect();
    format!(
        "{:?} {} {} {} {doubt:?} {actions:?}",
        row.address.as_ref().map(ToString::to_string),
        row.import_id,
        row.verdict.as_str(),
        outcome.forecast.as_str(),
    )
}

/// Other sentences in gaps and definitions change no verdict, no forecast and no reason's kind.
#[test]
fn sentences_decide_nothing() {
    let dir = Path::new("snapshots/demo");
    let capture = driftline::snapshot::open(dir).unwrap().capture;
    let state = std::fs::read(dir.join("tofu/terraform.tfstate")).unwrap();
    let states = [driftline::tofu::state::parse("s", state).unwrap()];
    let plain = Capture {
        projects: capture.projects.clone(),
        asked: capture.asked.clone(),
        pages: capture.pages.clone(),
        gaps: capture.gaps.clone(),
        looks: Default::default(),
    };
    let mut swapped = capture;
    for gap in &mut swapped.gaps {
        gap.detail = "known only after apply".to_owned();
        gap.fix = "it was removed from the answer as a secret".to_owned();
    }
    assert!(!swapped.gaps.is_empty());
    let usual = catalog();
    let files = definition_files();
    let swap = |(name, text): &(String, String)| {
        let other = "because = \"a removed block: tofu would forget it\"";
        let line = |line| match str::starts_with(line, "because = ") {
            true => other,
            false => line,
        };
        let text: Vec<&str> = text.lines().map(line).collect();
        (name.clone(), text.join("\n"))
    };
    let files: Vec<(String, String)> = files.iter().map(swap).collect();
    let texts = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    let other = Catalog::load(texts).unwrap();
    let said = |capture: &Capture, catalog: &Catalog| -> Vec<String> {
        let cloud = normalize(capture, catalog);
        let comparison = compare(&Inputs::new(catalog, capture, &cloud, &states));
        by_state(comparison, catalog)
            .outcomes
            .iter()
            .map(decided)
            .collect()
    };
    assert_eq!(said(&plain, &usual), said(&swapped, &other));
}
