//! Edits of a configuration: blocks removed, keys renamed, modules moved, variables overridden; values left out, emptied, spelt
//! otherwise. What real `tofu plan` said of each lies in `tests/data/edits/ESTATE.json`, beside the edit; `prevented` names what
//! it refused to destroy.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use crate::support::binary::Run;
use crate::support::recorded::{ESTATES, Recorded};
use crate::{CATALOG, test};
use driftline::snapshot::{Redactor, redact, save};
use libtest_mimic::Trial;
use serde_json::Value;

/// Copies a folder of configuration.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target)
        } else {
            drop(std::fs::copy(entry.path(), target))
        }
    }
}

/// Makes the edits of a case in a copy of the configuration.
fn edit(case: &Value, folder: &Path) {
    for change in case["edits"].as_array().unwrap() {
        let word = |key: &str| change[key].as_str().unwrap();
        let file = folder.join(word("file"));
        let text = std::fs::read_to_string(&file).unwrap();
        let edited = match word("from") {
            "" => text.clone() + word("to"),
            from => text.replacen(from, word("to"), 1),
        };
        assert_ne!(text, edited, "{}: nothing to edit", case["name"]);
        std::fs::write(file, edited).unwrap();
    }
    std::fs::write(
        folder.join("over.tfvars"),
        case["vars"].as_str().unwrap_or_default(),
    )
    .unwrap();
}

pub fn tests() -> Vec<Trial> {
    let of = |name: &'static str| {
        // The cloud is the same for all edits of an estate: it is stored once.
        let seen = Arc::<OnceLock<tempfile::TempDir>>::default();
        let text = std::fs::read_to_string(format!("tests/data/edits/{name}.json")).unwrap();
        let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
        cases.into_iter().map(move |case| {
            let seen = Arc::clone(&seen);
            let title = format!("edits::{name}/{}", case["name"].as_str().unwrap());
            test(title, move || {
                let estate = Recorded::read(ESTATES, name);
                hold(&estate, seen.get_or_init(|| store(&estate)).path(), &case);
            })
        })
    };
    let estates = [
        "staging",
        "variety-memory-registry",
        "variety-neighbours",
        "variety-sql",
    ];
    estates.into_iter().flat_map(of).collect()
}

/// The cloud of an estate as a snapshot.
fn store(estate: &Recorded) -> tempfile::TempDir {
    let around = tempfile::tempdir().unwrap();
    let mut capture = estate.capture(None, &CATALOG);
    let removals = redact(&mut capture, &CATALOG);
    save(
        &around.path().join("seen"),
        &capture,
        &Redactor::new(&CATALOG),
        &removals,
        SystemTime::UNIX_EPOCH,
    )
    .unwrap();
    around
}

/// Holds an edit of an estate's configuration against what tofu said of it.
fn hold(estate: &Recorded, around: &Path, case: &Value) {
    let folder = around.join(case["name"].as_str().unwrap().replace(['/', ' '], "-"));
    copy(&estate.tofu(), &folder);
    edit(case, &folder);
    let args = [
        "drift",
        "--config",
        ".",
        "--state",
        "terraform.tfstate",
        "--snapshot",
        "../seen",
        "--all",
        "--var-file",
        "over.tfvars",
    ];
    let ended = Run::new(&[&args[..], &["--out", "json://-"]].concat())
        .within(&folder)
        .end();
    let report: Value =
        serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.said()));
    let rows = report["resources"].as_array().unwrap();
    let said: BTreeMap<&str, &str> = rows
        .iter()
        .filter_map(|row| Some((row["address"].as_str()?, row["forecast"].as_str()?)))
        .filter(|(_, forecast)| *forecast != "none")
        .collect();
    let kept: Vec<&Value> = rows
        .iter()
        .filter(|row| row["prevent_destroy"] == true)
        .map(|row| &row["address"])
        .collect();
    let held: Vec<&Value> = case["prevented"].as_array().into_iter().flatten().collect();
    assert_eq!(kept, held);
    if !held.is_empty() {
        let shown = Run::new(&args).within(&folder).end().stdout;
        let refused = shown
            .lines()
            .filter(|line| line.contains("tofu would destroy it; tofu refuses: prevent_destroy"));
        assert_eq!(refused.count(), held.len(), "{shown}");
        assert!(
            shown.contains(&format!("prevent_destroy holds for {}.", held.len())),
            "{shown}"
        );
    }
    let real: BTreeMap<&str, &str> = case["plan"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(address, what)| (address.as_str(), what.as_str().unwrap()))
        .collect();
    assert_eq!(said, real, "said, and planned by tofu");
}
