//! Machine reports are what their JSON schemas say, whole: no member is missing, and none is there that the schema does not name.
//!
//! The schemas use little of the language, and a library for all of it takes forty crates; a word that is not known here fails.

use std::path::Path;

use crate::support::binary::Run;
use serde_json::{Map, Value};

const REPORT: &str = include_str!("../../src/render/report.schema.json");
const PLAN: &str = include_str!("../../src/render/plan/plan.schema.json");
const GRAPH: &str = include_str!("../../src/render/graph/graph.schema.json");

/// Notes where a value is not what a schema says.
fn check(schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    let words = schema.as_object().unwrap();
    for (word, says) in words {
        let holds = match word.as_str() {
            "$schema" | "title" | "description" => true,
            "const" => value == says,
            "enum" => says.as_array().unwrap().contains(value),
            "type" => match says {
                Value::Array(kinds) => kinds.iter().any(|kind| is(value, kind)),
                kind => is(value, kind),
            },
            "required" => {
                let names = says.as_array().unwrap();
                (value.as_object()).is_none_or(|members| {
                    names
                        .iter()
                        .all(|name| members.contains_key(name.as_str().unwrap()))
                })
            }
            "properties" | "additionalProperties" => {
                if let Some(members) = value
                    .as_object()
                    .filter(|_| word == "properties" || !words.contains_key("properties"))
                {
                    for (name, member) in members {
                        match property(words, name) {
                            Some(schema) => check(schema, member, &format!("{at}.{name}"), wrong),
                            None => wrong.push(format!("{at}.{name} is not in the schema")),
                        }
                    }
                }
                true
            }
            "minimum" => value
                .as_i64()
                .is_none_or(|number| number >= says.as_i64().unwrap()),
            "uniqueItems" => {
                let members = value.as_array().map_or(&[][..], Vec::as_slice);
                let mut texts: Vec<String> = members.iter().map(Value::to_string).collect();
                texts.sort_unstable();
                texts.dedup();
                texts.len() == members.len()
            }
            "anyOf" => says.as_array().unwrap().iter().any(|one| {
                let mut not = Vec::new();
                check(one, value, at, &mut not);
                not.is_empty()
            }),
            "pattern" => value.as_str().is_none_or(|text| is_uri(text, says)),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(says, item, &format!("{at}[{index}]"), wrong);
                }
                true
            }
            other => panic!("the test does not know `{other}`"),
        };
        if !holds {
            wrong.push(format!("{at}: {word} {says}: {value}"));
        }
    }
}

/// Whether a text has no character that a URI has none of, and a scheme unless it may be a reference.
fn is_uri(text: &str, kind: &Value) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let whole = || {
        text.split_once(':')
            .is_some_and(|(scheme, _)| !scheme.is_empty() && !scheme.contains('/'))
    };
    match kind.as_str().unwrap() {
        "uri-reference" => text.bytes().all(allowed),
        "uri" => text.bytes().all(allowed) && whole(),
        other => panic!("the test does not know the pattern `{other}`"),
    }
}

fn property<'s>(words: &'s Map<String, Value>, name: &str) -> Option<&'s Value> {
    (words.get("properties").and_then(|named| named.get(name)))
        .or_else(|| words.get("additionalProperties"))
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the test does not know the type `{other}`"),
    }
}

/// What is wrong with a report, named.
pub fn wrong(schema: &str, name: &str, text: &str) -> Vec<String> {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let report: Value =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
    let mut wrong = Vec::new();
    check(&schema, &report, name, &mut wrong);
    wrong
}

/// Every stored report and graph: of the demo and of each type.
#[test]
fn stored_reports_and_graphs_are_what_their_schemas_say() {
    let mut folders = vec![Path::new("snapshots/demo").to_owned()];
    folders.extend(
        std::fs::read_dir("snapshots/types")
            .unwrap()
            .map(|entry| entry.unwrap().path()),
    );
    let (mut found, mut rows) = (Vec::new(), 0);
    for folder in &folders {
        for (schema, file) in [(REPORT, "drift.json"), (GRAPH, "graph.json")] {
            let file = folder.join("expected").join(file);
            let text = std::fs::read_to_string(&file).unwrap();
            found.extend(wrong(schema, &file.display().to_string(), &text));
            rows += text.matches("\"type\":").count();
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(folders.len() > 50 && rows > 500, "{rows} rows");
}

/// Configurations with everything a report may hold: near misses, matches, changes, suggestions, gaps, refusals.
#[test]
fn reports_of_configurations_are_what_their_schemas_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut hold = |schema, name: &str, folder: &Path, args: &[&str]| {
        let ended = Run::new(&[args, &["--out", "json://-"]].concat())
            .within(folder)
            .end();
        assert!(
            ended.code != 1 || !ended.stdout.is_empty(),
            "{}",
            ended.said()
        );
        found.extend(wrong(schema, name, &ended.stdout));
    };
    let demo = root.join("snapshots/demo");
    let state = demo.join("tofu/terraform.tfstate");
    let (demo, state) = (demo.to_str().unwrap(), state.to_str().unwrap());
    for entry in std::fs::read_dir(root.join("tests/matching")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.display().to_string();
        let args = ["--config", ".", "--snapshot", demo];
        let drift = [&["drift", "--all", "--state", state][..], &args].concat();
        hold(REPORT, &name, &folder, &drift);
        hold(PLAN, &name, &folder, &[&["plan"][..], &args].concat());
    }
    for entry in std::fs::read_dir(root.join("tests/data/suggest")).unwrap() {
        let folder = entry.unwrap().path();
        let cloud = std::fs::read_to_string(folder.join("cloud")).unwrap();
        let cloud = root.join("snapshots/types").join(cloud.trim());
        let args = [
            "--config",
            ".",
            "--suggest",
            "--snapshot",
            cloud.to_str().unwrap(),
        ];
        let (folder, name) = (folder.join("tofu"), folder.display().to_string());
        hold(PLAN, &name, &folder, &[&["plan"][..], &args].concat());
        hold(REPORT, &name, &folder, &[&["drift"][..], &args].concat());
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The test itself sees what is missing, of another type and not named.
#[test]
fn a_report_that_differs_from_its_schema_is_seen() {
    let text = r#"{"format_version": "2.0", "objects": [{"type": 1, "more": true}]}"#;
    let found = wrong(GRAPH, "graph", text);
    for part in [
        "graph: required",
        "graph.format_version: const",
        "graph.objects[0]: required",
        "graph.objects[0].type: type",
        "graph.objects[0].more is not in the schema",
    ] {
        assert!(
            found.iter().any(|wrong| wrong.starts_with(part)),
            "{part}: {found:?}"
        );
    }
}
