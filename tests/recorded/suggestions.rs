//! Suggested edits of the estates: imported into their own configuration, after edits of a literal, and after what changed in the
//! cloud. A few of the edits and cases; all of them with `EDITS=all`.
//!
//! For which of them there is no suggestion is in the estate's `unsuggested.txt`; each has a reason in the report.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::support::binary::Run;
use crate::support::recorded::{ESTATES, Recorded};
use crate::support::{expect, tree};
use crate::{CATALOG, none, of_estates};
use driftline::snapshot::{Redactor, save};
use libtest_mimic::Trial;
use serde_json::Value as Json;

const EMPTY: &str = r#"{"version":4,"terraform_version":"1.12.6","serial":1,"lineage":"00000000-0000-0000-0000-000000000000","outputs":{},"resources":[],"check_results":null}"#;

/// The list of what has no suggestion.
pub const UNSUGGESTED: &str = "unsuggested.txt";

/// Two tests of an estate have lines in one list.
static LISTS: Mutex<()> = Mutex::new(());

pub fn tests() -> Vec<Trial> {
    let mut tests = of_estates("suggestions::into", what_is_suggested_verifies);
    tests.extend(of_estates("suggestions::edits", edits_are_taken_back));
    tests.extend(of_estates("suggestions::drift", drift_is_settled));
    tests
}

/// How many of some are tried, and how far they lie apart.
fn few(of: usize, few: usize) -> usize {
    let all = std::env::var("EDITS").is_ok_and(|edits| edits == "all");
    if all { 1 } else { (of / few).max(1) }
}

/// An estate's configuration where it may be edited, and its cloud as a snapshot beside it.
struct Stored {
    folder: tempfile::TempDir,
    state: PathBuf,
}

impl Stored {
    fn of(estate: &Recorded, case: Option<&str>) -> Self {
        let mut capture = estate.capture(case, &CATALOG);
        let redactor = Redactor::new(&CATALOG);
        let removals = redactor.redact(&mut capture);
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in tree(&estate.tofu(), "") {
            if !file.ends_with(".tfstate") {
                let file = folder.path().join("tofu").join(file);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, text).unwrap();
            }
        }
        std::fs::write(folder.path().join("empty.tfstate"), EMPTY).unwrap();
        save(
            &folder.path().join("snapshot"),
            &capture,
            &redactor,
            &removals,
            std::time::SystemTime::UNIX_EPOCH,
        )
        .unwrap();
        Self {
            folder,
            state: estate.state().unwrap(),
        }
    }

    /// The report of a command about the configuration.
    fn said(&self, command: &str, state: &Path, more: &[&str]) -> Json {
        let state = state.to_string_lossy();
        let args = [
            command,
            "--config",
            "tofu",
            "--state",
            &state,
            "--snapshot",
            "snapshot",
            "--suggest",
            "--out",
            "json://-",
        ];
        let ended = Run::new(&[&args, more].concat())
            .within(self.folder.path())
            .end();
        serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.said()))
    }

    fn planned(&self, more: &[&str]) -> Json {
        self.said("plan", Path::new("empty.tfstate"), more)
    }

    fn drifted(&self) -> Json {
        self.said("drift", &self.state, &["--all"])
    }
}

/// The addresses of what would be updated or replaced.
fn open(rows: &Json) -> BTreeSet<&str> {
    (rows.as_array().unwrap().iter())
        .filter(|row| ["update", "replace"].contains(&row["forecast"].as_str().unwrap()))
        .map(|row| row["address"].as_str().unwrap())
        .collect()
}

/// Imported into its own configuration: what is suggested verifies, and the rest has a reason.
fn what_is_suggested_verifies(name: &str) {
    let stored = Stored::of(&Recorded::read(ESTATES, name), None);
    let shown = stored.planned(&[]);
    let addresses = |list: &str| -> BTreeSet<String> {
        (shown[list].as_array().unwrap().iter())
            .map(|row| row["address"].as_str().unwrap().to_owned())
            .collect()
    };
    let (edited, reasoned) = (addresses("suggestions"), addresses("unsuggested"));
    let declared: Json = (shown["steps"].as_array().unwrap().iter())
        .filter(|step| step["declared"] == true)
        .cloned()
        .collect();
    let bare: Vec<_> = (open(&declared).into_iter())
        .filter(|address| !edited.contains(*address) && !reasoned.contains(*address))
        .collect();
    assert!(bare.is_empty(), "neither an edit nor a reason: {bare:?}");
    let written = stored.planned(&["--write", "out"]);
    for row in shown["suggestions"].as_array().unwrap() {
        if row["leaves"] == "none" {
            let step = (written["steps"].as_array().unwrap().iter())
                .find(|step| step["address"] == row["address"]);
            assert_eq!(step.unwrap()["forecast"], "none", "{}", row["address"]);
        }
    }
}

/// Edits of one literal each are taken back. Those that are not have a reason.
fn edits_are_taken_back(name: &str) {
    let estate = Recorded::read(ESTATES, name);
    let stored = Stored::of(&estate, None);
    let text = std::fs::read_to_string(estate.folder.join("edits.jsonl")).unwrap();
    let edits: Vec<Json> = (text.lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (mut tried, mut left) = (BTreeSet::new(), BTreeSet::new());
    for edit in edits.iter().step_by(few(edits.len(), 6)) {
        let word = |key: &str| edit[key].as_str().unwrap();
        let file = stored.folder.path().join("tofu").join(word("file"));
        let text = std::fs::read_to_string(&file).unwrap();
        let at = usize::try_from(edit["line"].as_u64().unwrap()).unwrap() - 1;
        let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        lines[at] = lines[at].replace(word("from"), word("to"));
        std::fs::write(&file, lines.join("\n")).unwrap();
        let said = stored.drifted();
        std::fs::write(&file, text).unwrap();
        let edit = format!("edit {}:{}", word("file"), edit["line"]);
        left.extend(unsuggested(&edit, &said));
        tried.insert(edit);
    }
    hold(&estate, &tried, &left);
}

/// What changed in the cloud of each case: an edit settles what tofu would undo. What is left has a reason.
fn drift_is_settled(name: &str) {
    let estate = Recorded::read(ESTATES, name);
    let (mut tried, mut left) = (BTreeSet::new(), BTreeSet::new());
    let cases: Vec<&String> = estate.cases.keys().collect();
    for name in cases.iter().step_by(few(cases.len(), 3)) {
        let said = Stored::of(&estate, Some(name)).drifted();
        let case = format!("case {name}");
        left.extend(unsuggested(&case, &said));
        tried.insert(case);
    }
    hold(&estate, &tried, &left);
}

/// What has no suggestion though tofu would change it, as lines about a case.
fn unsuggested<'a>(case: &'a str, said: &'a Json) -> impl Iterator<Item = String> + 'a {
    let reasoned: BTreeSet<&str> = (said["unsuggested"].as_array().unwrap().iter())
        .map(|row| row["address"].as_str().unwrap())
        .collect();
    // What follows from another's change goes with that one's.
    let answered = !reasoned.is_empty() || said["suggestions"] != Json::Array(Vec::new());
    let open = open(&said["resources"]);
    assert!(
        answered || open.is_empty(),
        "{case}: nothing about {open:?}"
    );
    (reasoned.into_iter()).map(move |address| format!("{case}: {address}"))
}

/// Holds what is left of the cases that were tried against the estate's list; `UPDATE_EXPECT=1` rewrites their lines.
fn hold(estate: &Recorded, tried: &BTreeSet<String>, left: &BTreeSet<String>) {
    assert!(tried.len() > 2, "{tried:?}");
    let _one = LISTS.lock().unwrap_or_else(PoisonError::into_inner);
    let file = estate.folder.join(UNSUGGESTED);
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let of_tried = |line: &&str| {
        let case = line.split_once(": ").map_or(*line, |(case, _)| case);
        tried.contains(case)
    };
    let others = text.lines().filter(|line| !of_tried(line));
    let all: BTreeSet<&str> = others.chain(left.iter().map(String::as_str)).collect();
    let now: String = all.iter().map(|line| format!("{line}\n")).collect();
    none(&Vec::from_iter(expect(&file, &now)));
}
