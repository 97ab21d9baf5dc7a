//! Normalized attributes of recorded responses against what the real provider stored; a test for each type.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use crate::support::{Cloud, shared};
use crate::{CATALOG, none, shared_test};
use driftline::catalog::{Catalog, Context};
use driftline::compare::{Keyless, differences};
use driftline::model::{Object, Value};
use driftline::normalize::{canonical, imported, normalize};
use libtest_mimic::Trial;

pub fn tests() -> Vec<Trial> {
    let there = shared::part("vectors").is_some();
    let of = |rtype: &String| {
        let part = format!("vectors/{rtype}.jsonl");
        // Of some types nothing is recorded; which, can be told only where the others are.
        let none = there && shared::part(&part).is_none();
        let (name, rtype) = (format!("vectors::{rtype}"), rtype.clone());
        (!none).then(|| shared_test(name, &part, move |file| recordings_agree(&rtype, file)))
    };
    CATALOG.definitions.keys().filter_map(of).collect()
}

fn objects(cloud: &Cloud, catalog: &Catalog, project: &str) -> BTreeMap<String, Object> {
    let normalized = normalize(&cloud.capture(catalog, project), catalog);
    normalized
        .objects
        .into_iter()
        .map(|object| (object.id.clone(), object))
        .collect()
}

/// Recorded responses give the attributes that the real provider stored after import and read.
fn recordings_agree(rtype: &str, file: &Path) {
    static GROUPS: OnceLock<BTreeMap<String, Value>> = OnceLock::new();
    let common = GROUPS.get_or_init(|| groups(file.parent().unwrap()));
    let (mut wrong, mut compared, mut left_out) = (Vec::new(), 0, 0);
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let vector: serde_json::Value = serde_json::from_str(line).unwrap();
        // One recording imported the answer about a policy as if it were the object; some name no project to list; of some the
        // instance groups they were read from are not recorded.
        let import_id = vector["import_id"].as_str().unwrap();
        if import_id.ends_with(":getIamPolicy")
            || import_id.starts_with("projects/-/")
            || !complete(&vector["attributes"], common)
        {
            left_out += 1;
            continue;
        }
        compared += 1;
        wrong.extend(recording(&vector, rtype, &CATALOG, common));
    }
    none(&wrong);
    assert!(
        left_out <= compared,
        "{left_out} recordings left out, {compared} compared"
    );
}

/// Instance groups of all recordings: the provider that was recorded asked for a list once and then remembered it.
fn groups(vectors: &std::path::Path) -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    for file in std::fs::read_dir(vectors).unwrap() {
        for line in std::fs::read_to_string(file.unwrap().path())
            .unwrap()
            .lines()
            .filter(|line| line.contains("/instanceGroupManagers"))
        {
            let vector: serde_json::Value = serde_json::from_str(line).unwrap();
            out.extend(
                unfold(&vector["responses"])
                    .into_iter()
                    .filter(|(path, _)| path.contains("/instanceGroupManagers/")),
            );
        }
    }
    out
}

/// Whether every instance group that was read is among those recorded.
fn complete(attributes: &serde_json::Value, groups: &BTreeMap<String, Value>) -> bool {
    match attributes {
        serde_json::Value::Object(map) => map.values().all(|value| complete(value, groups)),
        serde_json::Value::Array(items) => items.iter().all(|value| complete(value, groups)),
        serde_json::Value::String(text) => {
            match text
                .split_once("/projects/")
                .filter(|_| text.contains("/instanceGroupManagers/"))
            {
                Some((_, link)) => groups.keys().any(|path| path.ends_with(link)),
                None => true,
            }
        }
        _ => true,
    }
}

fn recording(
    vector: &serde_json::Value,
    rtype: &str,
    catalog: &Catalog,
    common: &BTreeMap<String, Value>,
) -> Vec<String> {
    let name = format!("{rtype} {}", vector["import_id"].as_str().unwrap());
    let mut cloud = Cloud(unfold(&vector["responses"]));
    cloud.0.extend(common.clone());
    let definition = catalog.definition(rtype).unwrap();
    let before = Value::from_json(vector["attributes"].clone());
    let project = vector["attributes"]["project"]
        .as_str()
        .or(vector["project"].as_str())
        .unwrap();
    let all = objects(&cloud, catalog, project);
    let context = Context {
        project,
        ..Context::default()
    };
    let found = canonical(definition, &before, &context, catalog)
        .and_then(|id| all.get(&id).map(|o| (id.clone(), o)));
    let Some((_, object)) = found.filter(|(_, object)| object.rtype == rtype) else {
        let ids: Vec<_> = all.keys().collect();
        return vec![format!("{name}: not found among {ids:?}")];
    };
    // Its names were replaced unevenly: what was asked for is not what answered.
    if object.import_id != vector["import_id"] && before.get("self_link").is_some() {
        let own = before
            .get("name")
            .and_then(Value::as_text)
            .unwrap_or_default();
        if !vector["import_id"].as_str().unwrap().ends_with(own) {
            return Vec::new();
        }
    }
    let after = Value::Map(imported(definition, &object.attributes));
    let mut wrong: Vec<_> = (differences(&definition.schema, &before, &after, Keyless::Null)
        .found
        .iter())
    // An element of nothing but zeros is no element to whoever recorded these.
    .filter(|d| !(hollow(&d.before) && hollow(&d.after)))
    .map(|d| {
        format!(
            "{name}: {} provider {:?} driftline {:?}",
            d.path, d.before, d.after
        )
    })
    .collect();
    if before.get("id") != object.attributes.get("id") {
        wrong.push(format!(
            "{name}: id provider {:?} driftline {:?}",
            before.get("id"),
            object.attributes.get("id")
        ));
    }
    wrong
}

fn hollow(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().all(hollow),
        Value::Map(map) => map.values().all(hollow),
        other => other.is_empty(),
    }
}

/// Recorded bodies as objects: members of recorded lists become objects of their own, and locations are there to be listed.
fn unfold(responses: &serde_json::Value) -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    for (path, body) in responses.as_object().unwrap() {
        let body = match body {
            serde_json::Value::String(text) => serde_json::from_str(text).unwrap(),
            other => other.clone(),
        };
        if let Some((service, rest)) = path.split_once("/v1/projects/")
            && let Some((project, rest)) = rest.split_once("/locations/")
        {
            let location = rest.split('/').next().unwrap();
            let entry = serde_json::json!({"locationId": location});
            out.insert(
                format!("{service}/v1/projects/{project}/locations/{location}"),
                Value::from_json(entry),
            );
        }
        // What keys were recorded in is asked for first.
        if let Some((ring, _)) = path.split_once("/cryptoKeys/") {
            let name = ring.split_once("/v1/").unwrap().1;
            out.entry(ring.to_owned())
                .or_insert_with(|| Value::from_json(serde_json::json!({"name": name})));
        }
        let list = ["items", "nodePools"]
            .iter()
            .find_map(|key| body.get(key).and_then(|v| v.as_array()));
        match list.filter(|_| path.ends_with('s')) {
            Some(items) => {
                for item in items {
                    let name = item["name"].as_str().unwrap();
                    let host = item
                        .get("host")
                        .and_then(|h| h.as_str())
                        .unwrap_or_default();
                    let key = if path.ends_with("/users") {
                        format!("{name}{host}").replace('/', "_")
                    } else {
                        name.to_owned()
                    };
                    out.insert(format!("{path}/{key}"), Value::from_json(item.clone()));
                }
                if let Some((cluster, _)) = path.rsplit_once("/nodePools")
                    && let Some(Value::Map(map)) = out.get_mut(cluster)
                {
                    map.insert(
                        "nodePools".to_owned(),
                        Value::from_json(body["nodePools"].clone()),
                    );
                }
            }
            None => drop(out.insert(path.clone(), Value::from_json(body))),
        }
    }
    out
}
