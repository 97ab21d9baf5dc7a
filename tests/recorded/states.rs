//! The states that real OpenTofu left: read, and refreshed on the estate they were left from.

use std::collections::BTreeMap;

use crate::support::recorded::{ESTATES, Recorded};
use crate::{CATALOG, none, of_estates};
use driftline::catalog::Context;
use driftline::compare::{Keyless, differences, refreshed};
use driftline::model::{Object, Value};
use driftline::normalize::{canonical, normalize};
use driftline::tofu::state::parse;
use libtest_mimic::Trial;

pub fn tests() -> Vec<Trial> {
    of_estates("states", agrees)
}

/// A refresh over the state that real OpenTofu left, on the estate it left it from, changes nothing.
fn agrees(name: &str) {
    let estate = Recorded::read(ESTATES, name);
    let text = std::fs::read(estate.state().unwrap()).unwrap();
    let state = parse("terraform.tfstate", text).unwrap_or_else(|error| panic!("{error}"));
    let objects = normalize(&estate.capture(None, &CATALOG), &CATALOG).objects;
    let all: BTreeMap<&str, &Object> = (objects.iter())
        .map(|object| (object.id.as_str(), object))
        .collect();
    let (mut wrong, mut compared, mut unlisted) = (Vec::new(), 0, Vec::new());
    for instance in &state.instances {
        let before = instance.attributes.value().unwrap();
        let address = &instance.address;
        assert!(before.get("id").is_some(), "{address}");
        let Some(definition) = CATALOG.definition(&address.rtype) else {
            continue;
        };
        let project = before.get("project").and_then(Value::as_text);
        let context = Context {
            project: project.unwrap_or_default(),
            ..Context::default()
        };
        let Some(id) = canonical(definition, &before, &context, &CATALOG) else {
            wrong.push(format!("{address}: no identity"));
            continue;
        };
        let Some(object) = all.get(id.as_str()) else {
            unlisted.push(id);
            continue;
        };
        compared += 1;
        let after = Value::Map(refreshed(definition, object, &before));
        for difference in differences(&definition.schema, &before, &after, Keyless::Null).found {
            wrong.push(format!(
                "{address}: {} state {:?} driftline {:?}",
                difference.path, difference.before, difference.after
            ));
        }
    }
    none(&wrong);
    // A stopped instance does not list its children.
    let stopped = unlisted.iter().all(|id| id.contains("sandbox"));
    assert!(stopped && compared > 10 * unlisted.len(), "{unlisted:?}");
    assert!(compared > 30, "{compared} instances compared");
}
