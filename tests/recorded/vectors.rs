//! Normalized attributes of recorded and made-up responses against what the real provider stored; a test for each type.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use crate::support::recorded::names;
use crate::support::{Cloud, shared};
use crate::{CATALOG, none, shared_test, test};
use driftline::catalog::{Catalog, Context, Definition, Per};
use driftline::compare::{Keyless, differences};
use driftline::model::{Capture, Object, Page, Scope, Value};
use driftline::normalize::{canonical, imported, normalize};
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    let there = shared::part("vectors").is_some();
    let of = |rtype: &String| {
        let part = format!("vectors/{rtype}.jsonl");
        // Of some types nothing is recorded; which, can be told only where the others are.
        let none = there && shared::part(&part).is_none();
        let (name, rtype) = (format!("vectors::{rtype}"), rtype.clone());
        (!none).then(|| shared_test(name, &part, move |file| recordings_agree(&rtype, file)))
    };
    let recorded = CATALOG.definitions.keys().filter_map(of);
    recorded.chain(imports()).collect()
}

/// What the real provider stored of bodies that were made up for it, a file a type.
const IMPORTS: &str = "tests/data/recorded/imports";

/// The same over made-up bodies, in which every field of a type has a value; they lie here.
fn imports() -> Vec<Trial> {
    let of = |name: String| {
        let rtype = name.trim_end_matches(".jsonl").to_owned();
        test(format!("vectors::imports::{rtype}"), move || {
            recordings_agree(&rtype, &Path::new(IMPORTS).join(&name));
        })
    };
    names(IMPORTS).into_iter().map(of).collect()
}

/// An object that is in no list, read by its own name.
fn named(cloud: &Cloud, definition: &Definition, before: &Value) -> BTreeMap<String, Object> {
    let id = canonical(definition, before, &Context::default(), &CATALOG).unwrap();
    let service = &CATALOG.services[&definition.service];
    let base = service.base.strip_prefix("https://").unwrap();
    let path = id.replacen(&format!("//{}/", service.api), base, 1);
    let body = cloud.0.get(&path).map(Value::to_json);
    let page = |body| Page {
        listing: definition.rtype.clone(),
        scope: Scope {
            object: Some(id.clone()),
            ..Scope::default()
        },
        request: path.clone(),
        body: serde_json::value::to_raw_value(&body).unwrap(),
    };
    let capture = Capture {
        pages: body.into_iter().map(page).collect(),
        ..Capture::default()
    };
    let objects = normalize(&capture, &CATALOG).objects.into_iter();
    objects.map(|object| (object.id.clone(), object)).collect()
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
    let common = GROUPS.get_or_init(|| {
        shared::part("vectors")
            .map(|of| groups(&of))
            .unwrap_or_default()
    });
    let (mut wrong, mut compared, mut left_out) = (Vec::new(), 0, 0);
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let vector = evened(serde_json::from_str(line).unwrap());
        // One recording imported the answer about a policy as if it were the object; some name no project to list; of some the
        // instance groups they were read from are not recorded.
        let import_id = vector["import_id"].as_str().unwrap();
        let grouped = CATALOG.definitions[rtype].service == "container";
        if import_id.ends_with(":getIamPolicy")
            || import_id.starts_with("projects/-/")
            || grouped && !complete(&vector["attributes"], common)
        {
            left_out += 1;
            continue;
        }
        compared += 1;
        let found = recording(&vector, rtype, &CATALOG, common);
        match excused(rtype, import_id) {
            None => wrong.extend(found),
            Some(_) if found.is_empty() => {
                wrong.push(format!("{EXCUSED}: {rtype} {import_id} agrees"));
            }
            Some(_) => {}
        }
    }
    none(&wrong);
    assert!(
        left_out <= compared,
        "{left_out} recordings left out, {compared} compared"
    );
}

/// A recording in whose paths the name of a dataset was replaced otherwise than in the answer: by that everywhere.
fn evened(vector: serde_json::Value) -> serde_json::Value {
    let (id, own) = (&vector["import_id"], &vector["attributes"]["dataset_id"]);
    let asked = id.as_str().unwrap().split_once("/datasets/");
    let asked = asked.map(|(_, rest)| rest.split('/').next().unwrap());
    let (Some(asked), Some(own)) = (asked, own.as_str()) else {
        return vector;
    };
    let [asked, own] = [asked, own].map(|name| format!("/datasets/{name}"));
    serde_json::from_str(&vector.to_string().replace(&asked, &own)).unwrap()
}

/// Recordings that cannot be agreed with, a line each: `TYPE IMPORT_ID: REASON`.
const EXCUSED: &str = "tests/data/recorded/vectors.txt";

/// Why a recording cannot be agreed with, if it cannot.
fn excused(rtype: &str, import_id: &str) -> Option<&'static str> {
    static LINES: OnceLock<String> = OnceLock::new();
    let lines = LINES.get_or_init(|| std::fs::read_to_string(EXCUSED).unwrap());
    let name = format!("{rtype} {import_id}: ");
    lines.lines().find_map(|line| line.strip_prefix(&name))
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
    let all = match catalog.listed_by(rtype) {
        Some(listing) if matches!(listing.per, Per::Named) => named(&cloud, definition, &before),
        _ => objects(&cloud, catalog, project),
    };
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

/// The objects that one by this path lies in, by path and by name from `projects/` on: those of Compute Engine and Cloud SQL lie
/// in places alone, or are recorded.
fn around(path: &str) -> Vec<(String, String)> {
    if let Some((_, rest)) = path.split_once("/storage/v1/b/") {
        let name = rest.split('/').next().unwrap();
        let up = path.trim_end_matches(rest).to_owned() + name;
        return vec![(up, name.to_owned())];
    }
    let apart = ["compute.", "sqladmin.", "dns.", "container."];
    let Some((version, name)) = path.split_once("/projects/") else {
        return Vec::new();
    };
    if apart.iter().any(|api| path.starts_with(api)) {
        return Vec::new();
    }
    let parts: Vec<&str> = name.split('/').collect();
    let ups = (3..parts.len() - 1).step_by(2);
    let ups = ups.filter(|n| !matches!(parts[n - 2], "locations" | "zones"));
    ups.map(|n| {
        let name = format!("projects/{}", parts[..n].join("/"));
        (format!("{version}/{name}"), name)
    })
    .collect()
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
        // What an object lies in is asked for first.
        for (up, name) in around(path) {
            let parent = match name.split_once("/datasets/") {
                Some((project, set)) => {
                    let project = project.trim_start_matches("projects/");
                    json!({"id": format!("{project}:{set}"), "datasetReference": {"projectId": project, "datasetId": set}})
                }
                None => json!({"name": name}),
            };
            out.entry(up).or_insert_with(|| Value::from_json(parent));
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
