//! Expressions against the values and errors that real tofu gave.

use std::path::Path;

use crate::support::shared;
use driftline::tofu::config::{ConsoleAnswer, Inputs, Unplanned, Workspace};
use serde_json::Value as Json;

/// What became of some expressions.
#[derive(Default)]
struct Tally {
    agreed: usize,
    not_evaluated: usize,
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
            tally.not_evaluated += 1;
            eprintln!("not evaluated: {expression}: {answer:?}");
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

#[track_caller]
fn assert_none_wrong(tally: &Tally, at_least: usize) {
    eprintln!(
        "{} agree, {} not evaluated, {} wrong",
        tally.agreed,
        tally.not_evaluated,
        tally.wrong.len()
    );
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    assert!(tally.agreed >= at_least, "only {} agreed", tally.agreed);
}

#[test]
fn the_shared_expressions_agree() {
    let Some(folder) = shared::part("expressions") else {
        return;
    };
    assert_none_wrong(&compare(&folder, &folder.join("expressions.jsonl")), 153);
}

#[test]
fn the_recorded_expressions_agree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config/expressions");
    assert_none_wrong(&compare(&folder, &folder.join("expressions.jsonl")), 400);
}
