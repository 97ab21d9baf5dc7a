//! Configurations against what real tofu applied or planned of them: the estates, and modules in the styles of well-known ones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::expect;
use crate::support::recorded::{ESTATES, Recorded, names};
use crate::{none, of_estates, test};
use driftline::model::{Address, Config, Declared, Value};
use driftline::tofu::config::{Inputs, Unplanned, Workspace};
use libtest_mimic::Trial;
use serde_json::Value as Json;

/// Modules, each with the `expected.json` that `tofu plan` gave.
const CORPUS: &str = "tests/data/config/corpus";

/// What of an estate the provider spells in another way than configuration: links, cases, durations, orders.
pub const SPELT: &str = "spelt-otherwise.txt";

pub fn tests() -> Vec<Trial> {
    let mut tests = of_estates("configurations::addresses", every_instance_is_declared);
    tests.extend(of_estates(
        "configurations::values",
        arguments_have_the_values_of_state,
    ));
    tests.extend(names(CORPUS).into_iter().map(|name| {
        test(format!("configurations::corpus::{name}"), move || {
            declared_as_planned(
                &Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join(CORPUS)
                    .join(name),
            );
        })
    }));
    tests
}

fn config(folder: &Path) -> Config {
    let workspace =
        Workspace::load(folder, &Inputs::default()).unwrap_or_else(|note| panic!("{note:?}"));
    workspace.config(&Unplanned)
}

/// The managed google instances of a state: their attributes by address.
fn state(path: &Path) -> BTreeMap<Address, Value> {
    let json: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut instances = BTreeMap::new();
    for resource in json["resources"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|resource| resource["mode"] == "managed")
    {
        if !resource["provider"]
            .as_str()
            .unwrap()
            .contains("hashicorp/google")
        {
            continue;
        }
        for instance in resource["instances"].as_array().unwrap() {
            let module = resource["module"]
                .as_str()
                .map(|module| format!("{module}."))
                .unwrap_or_default();
            let key = match &instance["index_key"] {
                Json::Null => String::new(),
                key => format!("[{key}]"),
            };
            let text = format!(
                "{module}{}.{}{key}",
                resource["type"].as_str().unwrap(),
                resource["name"].as_str().unwrap()
            );
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
                compare(
                    &format!("{path}.{name}"),
                    member,
                    state.get(name).unwrap_or(&Value::Null),
                    compared,
                );
            }
        }
        (Value::List(elements), Value::List(state)) if elements.len() == state.len() => {
            // Sets may stand in another order.
            for (at, element) in elements.iter().enumerate() {
                let same = state
                    .iter()
                    .position(|other| contains(element, other))
                    .unwrap_or(at);
                compare(&format!("{path}[{at}]"), element, &state[same], compared);
            }
        }
        // In JSON syntax a block alone need not stand in a list.
        (Value::Map(_), Value::List(state)) if state.len() == 1 => {
            compare(&format!("{path}[0]"), declared, &state[0], compared)
        }
        (Value::Null, _) => compared.equal += 1,
        (a, b) if a.same(b) => compared.equal += 1,
        (a, b) => compared
            .different
            .push(format!("{path}: declared {a:?}, state {b:?}")),
    }
}

/// Whether everything known of a declared value is in another.
fn contains(declared: &Value, other: &Value) -> bool {
    match (declared, other) {
        (Value::Unknown(_) | Value::Null, _) => true,
        (Value::Map(a), Value::Map(b)) => a
            .iter()
            .all(|(k, v)| contains(v, b.get(k).unwrap_or(&Value::Null))),
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().all(|v| b.iter().any(|w| contains(v, w)))
        }
        (a, b) => a.same(b),
    }
}

fn every_instance_is_declared(name: &str) {
    let estate = Recorded::read(ESTATES, name);
    let config = config(&estate.tofu());
    let state = state(&estate.state().unwrap());
    let declared: BTreeSet<&Address> = config
        .resources
        .iter()
        .map(|declared| &declared.address)
        .collect();
    assert_eq!(declared, state.keys().collect());
    assert!(
        config.unknown_blocks.is_empty(),
        "{:?}",
        config.unknown_blocks
    );
    assert!(config.notes.is_empty(), "{:#?}", config.notes);
}

fn arguments_have_the_values_of_state(name: &str) {
    let estate = Recorded::read(ESTATES, name);
    let mut all = Compared::default();
    let state = state(&estate.state().unwrap());
    for declared in &config(&estate.tofu()).resources {
        compare(
            &declared.address.to_string(),
            &Value::Map(declared.arguments.clone()),
            &state[&declared.address],
            &mut all,
        );
    }
    assert!(all.equal > 250, "{} are equal", all.equal);
    let spelt: String = (all.different.iter())
        .map(|line| format!("{line}\n"))
        .collect();
    none(&Vec::from_iter(expect(&estate.folder.join(SPELT), &spelt)));
}

/// A module, with what `tofu plan` planned for it.
fn declared_as_planned(folder: &Path) {
    let (mut all, mut wrong) = (Compared::default(), Vec::new());
    let expected: Json =
        serde_json::from_str(&std::fs::read_to_string(folder.join("expected.json")).unwrap())
            .unwrap();
    let config = config(folder);
    let declared: BTreeMap<String, &Declared> = config
        .resources
        .iter()
        .map(|declared| (declared.address.to_string(), declared))
        .collect();
    let planned = expected["resources"].as_object().unwrap();
    assert!(
        declared.keys().eq(planned.keys()),
        "declared {:?}, planned {:?}",
        declared.keys(),
        planned.keys()
    );
    for (address, declared) in declared {
        let after = Value::from_json(planned[&address]["after"].clone());
        for (argument, value) in &declared.arguments {
            let known = planned[&address]["after_unknown"][argument] != true;
            if known && matches!(value, Value::Unknown(_)) {
                wrong.push(format!("{address}.{argument}: {value:?}"));
            }
        }
        let arguments = Value::Map(declared.arguments.clone());
        compare(&address, &arguments, &after, &mut all);
    }
    let workspace = Workspace::load(folder, &Inputs::default()).unwrap();
    for (output, value) in workspace.session(&Unplanned).outputs() {
        let after = Value::from_json(expected["outputs"][&output]["value"].clone());
        compare(&format!("output.{output}"), &value, &after, &mut all);
    }
    wrong.extend(all.different);
    none(&wrong);
}
