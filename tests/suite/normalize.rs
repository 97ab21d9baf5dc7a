//! Normalized attributes against what the real provider stored, for estates and for recorded responses.

use std::collections::BTreeMap;

use crate::support::{Cloud, catalog, projects, shared};
use driftline::catalog::{Catalog, Context};
use driftline::compare::{differences, refreshed};
use driftline::model::{Object, Value};
use driftline::normalize::{canonical, imported, normalize};

/// Only this type, where `DRIFTLINE_TYPE` names one: for work on a definition.
fn wanted(rtype: &str) -> bool {
    std::env::var("DRIFTLINE_TYPE").map_or(true, |only| only == rtype)
}

fn objects(cloud: &Cloud, catalog: &Catalog, project: &str) -> BTreeMap<String, Object> {
    let normalized = normalize(&cloud.capture(catalog, project), catalog);
    normalized
        .objects
        .into_iter()
        .map(|object| (object.id.clone(), object))
        .collect()
}

/// A refresh over the state that real OpenTofu left, on the estate it left it from, changes nothing.
#[test]
fn estates_agree_with_their_state() {
    let Some(shared) = shared() else { return };
    let catalog = catalog();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for estate in std::fs::read_dir(shared.join("estates")).unwrap() {
        let estate = estate.unwrap().path();
        let cloud = Cloud::estate(&estate);
        let state: serde_json::Value = serde_json::from_str(
            &std::fs::read_to_string(estate.join("tofu/terraform.tfstate")).unwrap(),
        )
        .unwrap();
        let all: BTreeMap<String, Object> = projects(&cloud)
            .iter()
            .flat_map(|p| objects(&cloud, &catalog, p))
            .collect();
        for resource in state["resources"].as_array().unwrap() {
            let rtype = resource["type"].as_str().unwrap();
            let Some(definition) = catalog
                .definition(rtype)
                .filter(|_| wanted(rtype) && resource["mode"] == "managed")
            else {
                continue;
            };
            for instance in resource["instances"].as_array().unwrap() {
                let before = Value::from_json(instance["attributes"].clone());
                let name = format!(
                    "{} {rtype}.{} {}",
                    estate.file_name().unwrap().display(),
                    resource["name"],
                    instance["index_key"]
                );
                let project = before
                    .get("project")
                    .and_then(Value::as_text)
                    .unwrap_or_default()
                    .to_owned();
                let context = Context {
                    project: &project,
                    ..Context::default()
                };
                let Some(id) = canonical(definition, &before, &context, &catalog) else {
                    wrong.push(format!("{name}: no identity"));
                    continue;
                };
                let Some(object) = all.get(&id) else {
                    // A stopped instance does not list its children.
                    if !name.contains("sandbox") {
                        wrong.push(format!("{name}: no object {id}"));
                    }
                    continue;
                };
                compared += 1;
                let after = Value::Map(refreshed(definition, object, &before));
                for d in differences(&definition.schema, &before, &after).found {
                    wrong.push(format!(
                        "{name}: {} state {:?} driftline {:?}",
                        d.path, d.before, d.after
                    ));
                }
            }
        }
    }
    eprintln!("{compared} instances compared");
    assert!(compared > 0 || std::env::var("DRIFTLINE_TYPE").is_ok());
    assert!(
        wrong.is_empty(),
        "{} differences\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Recorded responses give the attributes that the real provider stored after import and read.
#[test]
fn recordings_agree_with_the_provider() {
    let Some(shared) = shared() else { return };
    let catalog = catalog();
    let mut wrong = Vec::new();
    let mut compared = 0;
    let common = groups(&shared.join("vectors"));
    for rtype in catalog.definitions.keys().filter(|rtype| wanted(rtype)) {
        let Ok(text) = std::fs::read_to_string(shared.join(format!("vectors/{rtype}.jsonl")))
        else {
            continue;
        };
        for line in text.lines() {
            let vector: serde_json::Value = serde_json::from_str(line).unwrap();
            // One recording imported the answer about a policy as if it were the object; some name no project to list.
            let import_id = vector["import_id"].as_str().unwrap();
            if import_id.ends_with(":getIamPolicy") || import_id.starts_with("projects/-/") {
                continue;
            }
            if !complete(&vector["attributes"], &common) {
                eprintln!(
                    "left out, for the instance groups it was read from are not recorded: {rtype} {}",
                    vector["import_id"]
                );
                continue;
            }
            compared += 1;
            wrong.extend(recording(&vector, rtype, &catalog, &common));
        }
    }
    eprintln!("{compared} recordings compared");
    assert!(
        wrong.is_empty(),
        "{} differences\n{}",
        wrong.len(),
        wrong.join("\n")
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
    let mut wrong: Vec<_> = (differences(&definition.schema, &before, &after)
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
