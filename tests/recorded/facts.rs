//! The schema files are the provider's facts, one attribute a line: `UPDATE_EXPECT=1 cargo test --test recorded facts::` writes
//! them. What a file says of an attribute's life stays as long as it agrees with every release whose facts are shared; else it is
//! what those alone tell.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use crate::support::{expect, shared};
use crate::{CATALOG, shared_test};
use driftline::catalog::{Attribute, Context, Get, Origin, Schema};
use driftline::model::{Releases, Value, Version};
use driftline::normalize::canonical;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    let there = shared::part("provider/types").is_some();
    let facts = |rtype: &String| {
        let (part, rtype) = (format!("provider/types/{rtype}.json"), rtype.clone());
        // Of some types no facts are shared; which, can be told only where the others are.
        let none = there && shared::part(&part).is_none();
        let held = move |file: &Path| facts_are_those_of_the_provider(&rtype, file);
        (!none).then(|| shared_test(format!("facts::{}", stem(&part)), &part, held))
    };
    let definitions = &CATALOG.definitions;
    let mut tests: Vec<Trial> = definitions.keys().filter_map(facts).collect();
    tests.push(shared_test(
        "facts::reads".to_owned(),
        "provider/reads.json",
        one_object_is_read_by_the_url_of_the_provider,
    ));
    tests
}

/// The type that a file of facts is about.
fn stem(part: &str) -> &str {
    let name = part.rsplit('/').next().unwrap_or(part);
    name.trim_end_matches(".json")
}

fn facts_are_those_of_the_provider(rtype: &str, file: &Path) {
    static DUMPS: OnceLock<Vec<Dump>> = OnceLock::new();
    let dumps = DUMPS.get_or_init(|| dumps(&shared::part("").unwrap()));
    let facts: Json = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let own = format!(
        "providers/google/{}/{rtype}.schema.json",
        CATALOG.definitions[rtype].service
    );
    let there = std::fs::read_to_string(&own).unwrap_or_default();
    let written = schema(&facts, &there, dumps);
    let read = Schema::parse(&written).unwrap();
    let mut wrong: Vec<String> = disagreeing(&read, dumps).collect();
    wrong.extend(expect(own.as_ref(), &written));
    crate::none(&wrong);
}

type Json = serde_json::Value;
type Facts = serde_json::Map<String, Json>;

/// The facts of one release: types, each with what it says of itself and its attributes by dotted name.
pub struct Dump {
    version: Version,
    types: BTreeMap<String, (Json, BTreeMap<String, Facts>)>,
}

/// The shared facts of releases, the oldest first. A release that lacks a type says nothing of it.
fn dumps(shared: &Path) -> Vec<Dump> {
    let folders = std::fs::read_dir(shared.join("versions/facts")).unwrap();
    let read = |folder: std::fs::DirEntry| {
        let version = folder.file_name().to_string_lossy().parse().unwrap();
        let types = std::fs::read_dir(folder.path()).unwrap().map(|file| {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let facts: Json = serde_json::from_str(&text).unwrap();
            let mut attributes = BTreeMap::new();
            flatten(
                facts["attributes"].as_object().unwrap(),
                "",
                &mut attributes,
            );
            let rtype = facts["type"].as_str().unwrap().to_owned();
            (rtype, (facts, attributes))
        });
        Dump {
            version,
            types: types.collect(),
        }
    };
    let mut dumps: Vec<Dump> = folders.map(|folder| read(folder.unwrap())).collect();
    dumps.sort_by_key(|dump| dump.version);
    assert!(dumps.len() >= 5, "facts of releases are missing");
    dumps
}

/// The attributes of which a schema says something else of a release than its facts do; the empty name is the type itself.
fn disagreeing(schema: &Schema, dumps: &[Dump]) -> impl Iterator<Item = String> {
    let mut out = BTreeSet::new();
    for dump in dumps {
        let Some((facts, attributes)) = dump.types.get(&schema.rtype) else {
            continue;
        };
        let then = schema.at(Releases::one(dump.version));
        if json!([then.schema_version, then.importable, then.custom_diff])
            != json!([
                facts["schema_version"],
                facts["importable"],
                facts["custom_diff"]
            ])
        {
            out.insert(String::new());
        }
        let names = then.attributes.keys().chain(attributes.keys());
        let differ = |name: &&String| match (then.attributes.get(*name), attributes.get(*name)) {
            (Some(then), Some(facts)) => !then.unsettled.is_empty() || of(then) != told(facts),
            _ => true,
        };
        out.extend(names.filter(differ).cloned());
    }
    out.into_iter()
}

/// Facts that releases are compared by, in one spelling: what is false, empty or not there is left out, groups are sorted.
fn told(facts: &Facts) -> Facts {
    let mut out = Facts::new();
    for key in COMPARED {
        let mut value = facts.get(*key).cloned().unwrap_or_default();
        if let Some(members) = value.as_array_mut() {
            members.sort_by_key(Json::to_string);
        }
        let nothing =
            value.is_null() || value == json!([]) || (value == json!(false) && *key != "default");
        if !nothing {
            out.insert((*key).to_owned(), value);
        }
    }
    out
}

fn of(facts: &Attribute) -> Facts {
    let word = |debug: String| debug.to_lowercase().replace("computed", "+computed");
    let facts = json!({
        "kind": word(format!("{:?}", facts.kind)),
        "mode": word(format!("{:?}", facts.mode)).trim_start_matches('+'),
        "default": facts.default,
        "force_new": facts.force_new,
        "sensitive": facts.sensitive,
        "write_only": facts.write_only,
        "max_items": facts.max_items,
        "min_items": facts.min_items,
        "diff_suppressed": facts.diff_suppressed,
        "state_func": facts.state_func,
        "conflicts_with": facts.conflicts_with,
        "exactly_one_of": facts.exactly_one_of,
        "at_least_one_of": facts.at_least_one_of,
        "required_with": facts.required_with,
    });
    told(facts.as_object().unwrap())
}

/// The facts that every release's share.
const COMPARED: &[&str] = &[
    "kind",
    "mode",
    "default",
    "force_new",
    "sensitive",
    "write_only",
    "max_items",
    "min_items",
    "diff_suppressed",
    "state_func",
    "conflicts_with",
    "exactly_one_of",
    "at_least_one_of",
    "required_with",
];

/// Facts as a schema file: attributes by dotted name, sorted, a line each, with their lives.
pub fn schema(facts: &Json, there: &str, dumps: &[Dump]) -> String {
    let rtype = facts["type"].as_str().unwrap();
    let known = Schema::parse(there);
    let there: Json = serde_json::from_str(there).unwrap_or_default();
    let mut lines = BTreeMap::new();
    flatten(facts["attributes"].as_object().unwrap(), "", &mut lines);
    let mut wrong: BTreeSet<String> = match &known {
        Ok(known) => disagreeing(known, dumps).collect(),
        Err(_) => lines.keys().cloned().collect(),
    };
    let empty = Facts::new();
    let before = there["attributes"].as_object().unwrap_or(&empty);
    wrong.extend(lines.keys().filter(|n| !before.contains_key(*n)).cloned());
    let gone = |dump: &Dump| {
        dump.types
            .get(rtype)
            .map(|(_, all)| all.keys().cloned().collect())
    };
    let mut names: BTreeSet<String> = dumps
        .iter()
        .filter_map(gone)
        .flat_map(|n: Vec<_>| n)
        .collect();
    names.extend(lines.keys().chain(before.keys()).cloned());
    for name in names {
        let old = before.get(&name).and_then(Json::as_object);
        let life = match old.filter(|_| !wrong.contains(&name)) {
            Some(old) => old.clone(),
            None => life(rtype, &name, lines.get(&name), dumps),
        };
        let facts = lines.entry(name).or_insert_with(|| life.clone());
        for key in ["since", "until", "was"] {
            facts.remove(key);
            facts.extend(life.get(key).map(|value| (key.to_owned(), value.clone())));
        }
    }
    let line = |(name, facts): (&String, &Facts)| {
        let unknown: Vec<_> = facts
            .keys()
            .filter(|key| !ORDER.contains(&key.as_str()))
            .collect();
        assert!(
            unknown.is_empty(),
            "{name} has facts without a place: {unknown:?}"
        );
        format!("    \"{name}\": {}", members(ORDER, facts))
    };
    let head = [
        "type",
        "schema_version",
        "importable",
        "custom_diff",
        "since",
        "until",
        "was",
    ];
    let head: Vec<_> = (head.iter())
        .filter_map(|key| {
            let value = facts.get(*key).or(there.get(*key))?;
            Some(format!("  \"{key}\": {}", spaced(value)))
        })
        .collect();
    let lines: Vec<_> = lines.iter().map(line).collect();
    format!(
        "{{\n{},\n  \"attributes\": {{\n{}\n  }}\n}}\n",
        head.join(",\n"),
        lines.join(",\n")
    )
}

/// The life of an attribute as the releases alone tell it, with its facts where the newest lacks it: every change lies
/// somewhere between two of them.
fn life(rtype: &str, name: &str, newest: Option<&Facts>, dumps: &[Dump]) -> Facts {
    let mut then: Vec<(Version, Option<Facts>)> = dumps
        .iter()
        .filter_map(|dump| {
            let (_, attributes) = dump.types.get(rtype)?;
            Some((dump.version, attributes.get(name).map(told)))
        })
        .collect();
    if let (Some(last), Some(newest)) = (then.last_mut(), newest) {
        last.1 = Some(told(newest));
    }
    let mut out = Facts::new();
    let mut former = Vec::new();
    let mut last: Option<(&Facts, Version)> = None;
    for pair in then.windows(2) {
        let between = json!(format!("{}..{}", pair[0].0, pair[1].0));
        match (&pair[0].1, &pair[1].1) {
            (None, Some(_)) => drop(out.insert("since".into(), between)),
            (Some(_), None) => drop(out.insert("until".into(), between)),
            (Some(old), Some(new)) if old != new => {
                let mut was = Facts::from_iter([("until".to_owned(), between)]);
                for key in COMPARED
                    .iter()
                    .filter(|key| old.get(**key) != new.get(**key))
                {
                    let value = old.get(*key).cloned();
                    was.insert((*key).to_owned(), value.unwrap_or_else(|| absent_fact(key)));
                }
                former.push(Json::Object(was));
            }
            _ => {}
        }
        last = pair[0].1.as_ref().map(|facts| (facts, pair[0].0)).or(last);
    }
    if let (Some((facts, _)), None) = (last, &then.last().and_then(|(_, facts)| facts.clone())) {
        out.extend(facts.clone());
    }
    former.reverse();
    if !former.is_empty() {
        out.insert("was".into(), Json::Array(former));
    }
    out
}

/// How a fact is written that was not there.
fn absent_fact(key: &str) -> Json {
    match key {
        "default" | "max_items" | "min_items" => Json::Null,
        "conflicts_with" | "exactly_one_of" | "at_least_one_of" | "required_with" => json!([]),
        _ => json!(false),
    }
}

/// An object on one line, its members in an order.
fn members(order: &[&str], facts: &Facts) -> String {
    let members: Vec<_> = order
        .iter()
        .filter_map(|key| {
            facts
                .get(*key)
                .map(|value| format!("\"{key}\": {}", spaced(value)))
        })
        .collect();
    format!("{{{}}}", members.join(", "))
}

/// The order of facts on a line.
const ORDER: &[&str] = &[
    "kind",
    "elem",
    "mode",
    "default",
    "force_new",
    "sensitive",
    "write_only",
    "max_items",
    "min_items",
    "diff_suppressed",
    "state_func",
    "provider_only",
    "deprecated",
    "api",
    "conflicts_with",
    "exactly_one_of",
    "at_least_one_of",
    "required_with",
    "since",
    "until",
    "was",
];

fn flatten(attributes: &Facts, prefix: &str, lines: &mut BTreeMap<String, Facts>) {
    for (name, facts) in attributes {
        let mut facts = facts.as_object().unwrap().clone();
        let name = format!("{prefix}{name}");
        if let Some(Json::Object(inner)) = facts.remove("attributes") {
            flatten(&inner, &format!("{name}."), lines);
        }
        lines.insert(name, facts);
    }
}

/// JSON on one line with a blank behind commas and colons; facts in their order.
fn spaced(value: &Json) -> String {
    match value {
        Json::Array(items) => format!(
            "[{}]",
            items.iter().map(spaced).collect::<Vec<_>>().join(", ")
        ),
        Json::Object(facts) => {
            let mut order = vec!["until", "schema_version", "importable", "custom_diff"];
            order.extend(ORDER.iter().filter(|key| **key != "until"));
            members(&order, facts)
        }
        other => other.to_string(),
    }
}

/// A second look asks what the provider asks: the canonical name below the service's base URL, where that is how it reads.
fn one_object_is_read_by_the_url_of_the_provider(file: &Path) {
    let text = std::fs::read_to_string(file).unwrap();
    let reads: serde_json::Value = serde_json::from_str(&text).unwrap();
    let catalog = &*CATALOG;
    let mut held = 0;
    for definition in catalog.definitions.values() {
        // What lies in another's body is read with that.
        if matches!(&definition.origin, Origin::Within { path, .. } if !path.is_empty()) {
            continue;
        }
        let url = reads[&definition.rtype]["read"].as_str();
        let Some(url) = url.filter(|url| url.matches('{').count() > 1) else {
            continue;
        };
        let (url, query) = url.split_once('?').unwrap_or((url, ""));
        let listing = catalog.listed_by(&definition.rtype).unwrap();
        let asked = listing.get_query.iter();
        let asked: Vec<String> = asked.map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(asked.join("&"), query, "{}", definition.rtype);
        let url = url.replace("{%", "{");
        assert_eq!(definition.get, Get::Named, "{}", definition.rtype);
        let words = url
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next());
        let words = words.map(|word| (word.to_owned(), Value::Text(format!("{{{word}}}"))));
        let context = Context {
            project: "{project}",
            ..Context::default()
        };
        let name = canonical(definition, &Value::Map(words.collect()), &context, catalog);
        let name = name.unwrap_or_else(|| panic!("{}: no name", definition.rtype));
        let service = &catalog.services[&definition.service];
        let path = name.strip_prefix(&format!("//{}/", service.api)).unwrap();
        assert_eq!(
            format!("{}{path}", service.base),
            url,
            "{}",
            definition.rtype
        );
        held += 1;
    }
    assert!(held >= 28, "{held} types held against the provider");
}
