//! Expressions against the values and errors that real tofu gave.

use std::path::Path;

use crate::{none, test};
use driftline::tofu::config::{ConsoleAnswer, Inputs, Unplanned, Workspace};
use libtest_mimic::Trial;
use serde_json::Value as Json;

/// Folders with a `context.tf`, and expressions over it in an `expressions.jsonl`: how many of them are evaluated at least.
const FOLDERS: &[(&str, &str, usize)] = &[
    ("language", "tests/data/config/expressions", 400),
    ("context", "tests/data/recorded/expressions", 153),
];

pub fn tests() -> Vec<Trial> {
    let of = |(name, folder, at_least): &(&'static str, &'static str, usize)| {
        let (folder, at_least) = (*folder, *at_least);
        test(format!("expressions::{name}"), move || {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let tally = compare(&folder, &folder.join("expressions.jsonl"));
            none(&tally.wrong);
            assert!(
                tally.agreed >= at_least,
                "only {} agreed, and not evaluated are {:#?}",
                tally.agreed,
                tally.not_evaluated
            );
        })
    };
    let folder = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let unknowns = test("expressions::unknowns".into(), move || {
        none(&known_as_tofu_knows(&folder("tests/data/config/unknowns")));
    });
    let lacking = test("expressions::lacking".into(), move || {
        none(&lacking_here(&folder("tests/data/config/lacking")));
    });
    let all = FOLDERS.iter().map(of);
    all.chain([unknowns, lacking]).collect()
}

/// What became of some expressions.
#[derive(Default)]
struct Tally {
    agreed: usize,
    not_evaluated: Vec<String>,
    wrong: Vec<String>,
}

/// Holds every recorded expression of a file against the evaluator.
fn compare(config: &Path, recorded: &Path) -> Tally {
    let workspace =
        Workspace::load(config, &Inputs::default()).unwrap_or_else(|note| panic!("{note:?}"));
    let session = workspace.session(&Unplanned);
    let mut tally = Tally::default();
    for line in std::fs::read_to_string(recorded).unwrap().lines() {
        let expected: Json = serde_json::from_str(line).unwrap();
        let expression = expected["expression"].as_str().unwrap();
        let answer = session.console(expression);
        if matches!(answer, ConsoleAnswer::Unknown(_)) {
            tally
                .not_evaluated
                .push(format!("{expression}: {answer:?}"));
            continue;
        }
        let given: Json = serde_json::from_str(&answer.to_line()).unwrap();
        if agrees(&expected, &given) {
            tally.agreed += 1;
        } else {
            tally.wrong.push(format!(
                "{expression}\n  tofu: {expected}\n  here: {given} {answer:?}"
            ));
        }
    }
    tally
}

fn agrees(expected: &Json, given: &Json) -> bool {
    match expected.get("error") {
        Some(error) => given.get("error") == Some(error),
        None => expected["type"] == given["type"] && same(&expected["value"], &given["value"]),
    }
}

/// Equality of JSON with numbers compared as numbers.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => {
            // The reader of this test keeps fewer digits than either side wrote.
            let (a, b) = (
                a.as_f64().unwrap_or(f64::NAN),
                b.as_f64().unwrap_or(f64::NAN),
            );
            a == b || (a - b).abs() <= a.abs() * f64::EPSILON
        }
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        _ => a == b,
    }
}

/// Holds recorded expressions over values that only apply tells against what tofu knows of them.
fn known_as_tofu_knows(config: &Path) -> Vec<String> {
    let workspace =
        Workspace::load(config, &Inputs::default()).unwrap_or_else(|note| panic!("{note:?}"));
    let session = workspace.session(&Unplanned);
    let recorded = std::fs::read_to_string(config.join("expressions.jsonl")).unwrap();
    let mut wrong = Vec::new();
    for line in recorded.lines() {
        let expected: Json = serde_json::from_str(line).unwrap();
        let expression = expected["expression"].as_str().unwrap();
        let answer = session.console(expression);
        let given: Json = serde_json::from_str(&answer.to_line()).unwrap();
        let agrees = match (&answer, expected.get("error"), expected.get("unknown")) {
            (ConsoleAnswer::Unknown(why), _, unknown) => unknown.is_some() && why.is_after_apply(),
            (_, Some(error), _) => given.get("error") == Some(error),
            (_, None, unknown) => unknown.is_none() && same(&expected["value"], &given["value"]),
        };
        if !agrees {
            wrong.push(format!("{expression}\n  tofu: {expected}\n  here: {given}"));
        }
    }
    wrong
}

/// Holds expressions over values that only this program lacks against whether tofu knows them: such a one is never said to
/// be known after apply, unless it needs a value that is.
fn lacking_here(folder: &Path) -> Vec<String> {
    let workspace =
        Workspace::load(folder, &Inputs::default()).unwrap_or_else(|note| panic!("{note:?}"));
    let session = workspace.session(&Unplanned);
    let table = std::fs::read_to_string(folder.join("expressions.txt")).unwrap();
    let mut wrong = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let (expression, expected) = line.rsplit_once(" => ").unwrap();
        let given: Json = serde_json::from_str(&session.console(expression).to_line()).unwrap();
        let given = match given.get("kind") {
            Some(kind) => kind.as_str().unwrap().to_owned(),
            None => given["value"].to_string(),
        };
        if given != expected {
            wrong.push(format!("{expression}: {expected} expected, {given} given"));
        }
    }
    wrong
}
