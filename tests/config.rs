//! Configurations read and evaluated.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panicking, and says aloud what it skipped")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use driftline::model::{Address, Config, Declared, Secret, Value};
use driftline::tofu::config::{Inputs, Unplanned, Workspace};
use serde_json::Value as Json;

/// The shared estates, or nothing (said loudly) when they are not there.
fn estates() -> Vec<PathBuf> {
    let shared = std::env::var("DRIFTLINE_SHARED").unwrap_or_else(|_| "../shared".into());
    let folder = PathBuf::from(shared).join("estates");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED: {} is not there; set DRIFTLINE_SHARED", folder.display());
        return Vec::new();
    };
    let mut estates: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.join("tofu").is_dir()).collect();
    estates.sort();
    estates
}

fn config(folder: &Path) -> Config {
    let workspace = Workspace::load(folder, &Inputs::default()).unwrap_or_else(|note| panic!("{note:?}"));
    workspace.config(&Unplanned)
}

/// The managed google instances of a state: their attributes by address.
fn state(path: &Path) -> BTreeMap<Address, Value> {
    let json: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut instances = BTreeMap::new();
    for resource in json["resources"].as_array().unwrap().iter().filter(|resource| resource["mode"] == "managed") {
        if !resource["provider"].as_str().unwrap().contains("hashicorp/google") {
            continue;
        }
        for instance in resource["instances"].as_array().unwrap() {
            let module = resource["module"].as_str().map(|module| format!("{module}.")).unwrap_or_default();
            let key = match &instance["index_key"] {
                Json::Null => String::new(),
                key => format!("[{key}]"),
            };
            let text = format!("{module}{}.{}{key}", resource["type"].as_str().unwrap(), resource["name"].as_str().unwrap());
            let address = Address::parse(&text).unwrap_or_else(|| panic!("{text}"));
            instances.insert(address, Value::from_json(instance["attributes"].clone()));
        }
    }
    instances
}

/// Counts of arguments compared with state.
#[derive(Default)]
struct Compared {
    equal: usize,
    unknown: usize,
    different: Vec<String>,
}

/// Holds what is declared against what state has: every known argument must be there with the same value.
fn compare(path: &str, declared: &Value, state: &Value, compared: &mut Compared) {
    match (declared, state) {
        (Value::Unknown(_), _) => compared.unknown += 1,
        (Value::Map(members), Value::Map(state)) => {
            for (name, member) in members {
                compare(&format!("{path}.{name}"), member, state.get(name).unwrap_or(&Value::Null), compared);
            }
        }
        (Value::List(elements), Value::List(state)) if elements.len() == state.len() => {
            // Sets may stand in another order.
            for (at, element) in elements.iter().enumerate() {
                let same = state.iter().position(|other| contains(element, other)).unwrap_or(at);
                compare(&format!("{path}[{at}]"), element, &state[same], compared);
            }
        }
        (Value::Null, _) => compared.equal += 1,
        (a, b) if a.same(b) => compared.equal += 1,
        (a, b) => compared.different.push(format!("{path}: declared {a:?}, state {b:?}")),
    }
}

/// Whether everything known of a declared value is in another.
fn contains(declared: &Value, other: &Value) -> bool {
    match (declared, other) {
        (Value::Unknown(_) | Value::Null, _) => true,
        (Value::Map(a), Value::Map(b)) => a.iter().all(|(k, v)| contains(v, b.get(k).unwrap_or(&Value::Null))),
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().all(|v| b.iter().any(|w| contains(v, w))),
        (a, b) => a.same(b),
    }
}

#[test]
fn every_instance_of_the_estates_is_declared_at_its_address() {
    for estate in estates() {
        let config = config(&estate.join("tofu"));
        let state = state(&estate.join("tofu/terraform.tfstate"));
        let declared: BTreeSet<&Address> = config.resources.iter().map(|declared| &declared.address).collect();
        let expected: BTreeSet<&Address> = state.keys().collect();
        let missing: Vec<String> = expected.difference(&declared).map(|address| address.to_string()).collect();
        let extra: Vec<String> = declared.difference(&expected).map(|address| address.to_string()).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{}: missing {missing:?}, extra {extra:?}", estate.display());
        assert!(config.unknown_blocks.is_empty(), "{:?}", config.unknown_blocks);
        assert!(config.notes.is_empty(), "{}: {:#?}", estate.display(), config.notes);
    }
}

#[test]
fn arguments_of_the_estates_have_the_values_state_has() {
    let mut all = Compared::default();
    for estate in estates() {
        let config = config(&estate.join("tofu"));
        let state = state(&estate.join("tofu/terraform.tfstate"));
        for declared in &config.resources {
            let arguments = Value::Map(declared.arguments.clone());
            compare(&declared.address.to_string(), &arguments, &state[&declared.address], &mut all);
        }
    }
    eprintln!("{} arguments equal, {} unknown, {} different", all.equal, all.unknown, all.different.len());
    for line in &all.different {
        eprintln!("{line}");
    }
}

#[allow(dead_code)]
fn secret(text: &str) -> Value {
    Value::Secret(Secret::new(&Value::text(text)))
}

#[allow(dead_code)]
fn find<'c>(config: &'c Config, address: &str) -> &'c Declared {
    let address = Address::parse(address).unwrap();
    config.resources.iter().find(|declared| declared.address == address).unwrap_or_else(|| panic!("{address}"))
}
