//! Edits of a configuration: blocks removed, keys renamed, modules moved, variables overridden; values left out, emptied, spelt
//! otherwise. What real `tofu plan` said of each lies in `tests/data/edits/ESTATE.json`, beside the edit; `prevented` names what
//! it refused to destroy.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use crate::support;
use crate::support::binary::Run;
use driftline::snapshot::{Redactor, redact, save};
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

#[test]
fn bigger_edits_are_forecast_as_tofu_plans_them() {
    hold("staging", "coditect-cloud-infra");
}

#[test]
fn edits_of_neighbours_are_forecast_as_tofu_plans_them() {
    hold("variety-neighbours", "orchard-prod-3f21");
}

#[test]
fn edits_of_databases_are_forecast_as_tofu_plans_them() {
    hold("variety-sql", "tidewater-data-prod");
}

#[test]
fn edits_of_stores_and_registries_are_forecast_as_tofu_plans_them() {
    hold("variety-memory-registry", "harborline-commerce-prd");
}

/// Holds every edit of an estate's configuration against what tofu said of it.
#[track_caller]
fn hold(name: &str, project: &str) {
    let Some(shared) = support::shared() else {
        return;
    };
    let (estate, catalog) = (shared.join("estates").join(name), support::catalog());
    let around = tempfile::tempdir().unwrap();
    let cloud = support::Cloud::estate(&estate);
    let mut capture = cloud.capture(&catalog, project);
    let removals = redact(&mut capture, &catalog);
    save(
        &around.path().join("seen"),
        &capture,
        &Redactor::new(&catalog),
        &removals,
        SystemTime::UNIX_EPOCH,
    )
    .unwrap();
    let cases: Value = serde_json::from_str(
        &std::fs::read_to_string(format!("tests/data/edits/{name}.json")).unwrap(),
    )
    .unwrap();
    let mut wrong = Vec::new();
    for (number, case) in cases.as_array().unwrap().iter().enumerate() {
        let folder = around.path().join(format!("case-{number}"));
        copy(&estate.join("tofu"), &folder);
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
        ];
        let ended = Run::new(&[&args[..], &["over.tfvars", "--out", "json://-"]].concat())
            .within(&folder)
            .end();
        let report: Value =
            serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.said()));
        let said: BTreeMap<&str, &str> = (report["resources"].as_array().unwrap().iter())
            .filter_map(|row| Some((row["address"].as_str()?, row["forecast"].as_str()?)))
            .filter(|(_, forecast)| *forecast != "none")
            .collect();
        let kept: Vec<&Value> = (report["resources"].as_array().unwrap().iter())
            .filter(|row| row["prevent_destroy"] == true)
            .map(|row| &row["address"])
            .collect();
        let held: Vec<&Value> = case["prevented"].as_array().into_iter().flatten().collect();
        assert_eq!(kept, held, "{}", case["name"]);
        if !held.is_empty() {
            let shown = Run::new(&[&args[..], &["over.tfvars"]].concat())
                .within(&folder)
                .end()
                .stdout;
            let refused = shown.lines().filter(|line| {
                line.contains("tofu would destroy it; tofu refuses: prevent_destroy")
            });
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
        if said != real {
            let only = |a: &BTreeMap<&str, &str>, b: &BTreeMap<&str, &str>| {
                a.iter()
                    .filter(|(key, value)| b.get(*key) != Some(value))
                    .map(|(k, v)| format!("{k} {v}"))
                    .collect::<Vec<_>>()
            };
            wrong.push(format!(
                "{}: tofu {:?}, said {:?}",
                case["name"],
                only(&real, &said),
                only(&said, &real)
            ));
        }
    }
    eprintln!("{} edits", cases.as_array().unwrap().len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
