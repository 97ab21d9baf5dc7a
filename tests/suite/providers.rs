//! The definitions themselves: facts as the provider's schema has them, every name known, every problem with its place.

use std::collections::BTreeMap;

use crate::support::{catalog, expect, shared};
use driftline::catalog::{Catalog, Context, Get, Origin};
use driftline::model::Value;
use driftline::normalize::canonical;

/// The schema files are the shared facts, one attribute a line: `UPDATE_EXPECT=1 cargo test --test suite providers::` writes them.
#[test]
fn facts_are_those_of_the_provider() {
    let Some(shared) = shared() else { return };
    let mut wrong = Vec::new();
    let mut held = 0;
    for definition in catalog().definitions.values() {
        let Ok(text) = std::fs::read_to_string(
            shared.join(format!("provider/types/{}.json", definition.rtype)),
        ) else {
            eprintln!("SKIPPED: there are no shared facts of {}", definition.rtype);
            continue;
        };
        held += 1;
        let facts: serde_json::Value = serde_json::from_str(&text).unwrap();
        let file = format!(
            "providers/google/{}/{}.schema.json",
            definition.service, definition.rtype
        );
        wrong.extend(expect(file.as_ref(), &schema(&facts)));
    }
    assert!(held > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Facts as a schema file: attributes by dotted name, sorted, a line each.
fn schema(facts: &serde_json::Value) -> String {
    let mut lines = BTreeMap::new();
    flatten(facts["attributes"].as_object().unwrap(), "", &mut lines);
    let line = |(name, facts): (&String, &serde_json::Map<String, serde_json::Value>)| {
        let members: Vec<_> = ORDER
            .iter()
            .filter_map(|key| {
                facts
                    .get(*key)
                    .map(|value| format!("\"{key}\": {}", spaced(value)))
            })
            .collect();
        let unknown: Vec<_> = facts
            .keys()
            .filter(|key| !ORDER.contains(&key.as_str()))
            .collect();
        assert!(
            unknown.is_empty(),
            "{name} has facts without a place: {unknown:?}"
        );
        format!("    \"{name}\": {{{}}}", members.join(", "))
    };
    let lines: Vec<_> = lines.iter().map(line).collect();
    format!(
        "{{\n  \"type\": {},\n  \"schema_version\": {},\n  \"importable\": {},\n  \"custom_diff\": {},\n  \"attributes\": {{\n{}\n  }}\n}}\n",
        facts["type"],
        facts["schema_version"],
        facts["importable"],
        facts["custom_diff"],
        lines.join(",\n")
    )
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
];

fn flatten(
    attributes: &serde_json::Map<String, serde_json::Value>,
    prefix: &str,
    lines: &mut BTreeMap<String, serde_json::Map<String, serde_json::Value>>,
) {
    for (name, facts) in attributes {
        let mut facts = facts.as_object().unwrap().clone();
        let name = format!("{prefix}{name}");
        if let Some(serde_json::Value::Object(inner)) = facts.remove("attributes") {
            flatten(&inner, &format!("{name}."), lines);
        }
        lines.insert(name, facts);
    }
}

/// JSON on one line with a blank behind commas and colons.
fn spaced(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Array(items) => format!(
            "[{}]",
            items.iter().map(spaced).collect::<Vec<_>>().join(", ")
        ),
        other => other.to_string(),
    }
}

#[test]
fn every_type_says_what_it_takes() {
    for definition in catalog().definitions.values() {
        assert!(
            definition.description.ends_with('.'),
            "{}: the description is a sentence",
            definition.rtype
        );
    }
}

/// A definition that does not hold is refused with its file and line.
#[test]
fn a_definition_that_does_not_hold_is_refused_with_its_place() {
    let service = "title = \"X\"\napi = \"x\"\nbase = \"https://x/\"\nendpoint = \"X\"\n";
    let schema = r#"{"type": "google_x", "schema_version": 0, "importable": true, "custom_diff": false, "attributes": {"name": {"kind": "string", "mode": "required"}}}"#;
    let good = "type = \"google_x\"\ndescription = \"X.\"\n[list]\npath = \"p\"\nitems = \"i\"\n[identity]\nid = \"{name}\"\nimport_id = \"{name}\"\n";
    let problem = |text: &str| {
        let files = [
            ("google/x/service.toml", service),
            ("google/x/google_x.toml", text),
            ("google/x/google_x.schema.json", schema),
        ];
        Catalog::load(files)
            .map(|_| "none".to_owned())
            .unwrap_or_else(|error| error.to_string())
    };
    assert_eq!(problem(good), "none");
    let cases = [
        (
            good.replace("google_x", "google_y"),
            "google/x/google_x.toml:1: the file of `google_y` is named `google_x`",
        ),
        (
            format!("{good}[read]\nnmae = \"name\"\n"),
            "google/x/google_x.toml:10: the schema has no attribute `nmae`",
        ),
        (
            format!("{good}[read]\nname = \"name | lst\"\n"),
            "google/x/google_x.toml:10: `lst` is no step; providers/README.md lists them",
        ),
        (
            format!("{good}[reed]\n"),
            "google/x/google_x.toml:9: unknown field `reed`",
        ),
        (
            good.replace("path = \"p\"\n", ""),
            "google/x/google_x.toml:3: a listing needs `path` (or `from`, or `within`)",
        ),
    ];
    let cases = cases.into_iter().chain([
        (
            good.replace("items = \"i\"\n", "items = \"i\"\nget = \"guessed\"\n"),
            "google/x/google_x.toml:6: `get` is `named` or `listed`",
        ),
        (
            good.replace("items = \"i\"\n", "items = \"i\"\npartial = [\"\"]\n"),
            "google/x/google_x.toml:6: a field that is left out has a name",
        ),
        (
            good.replace(
                "items = \"i\"\n",
                "items = \"i\"\nget = \"listed\"\npartial = [\"a\"]\n",
            ),
            "google/x/google_x.toml:7: what a list leaves out is not read by the list",
        ),
        (
            format!("{good}[hidden]\nnmae = \"x.y.get\"\n"),
            "google/x/google_x.toml:10: the schema has no attribute `nmae`",
        ),
        (
            format!("{good}[hidden]\nname = \"x.get\"\n"),
            "google/x/google_x.toml:10: `x.get` is no permission",
        ),
    ]);
    for (text, expected) in cases {
        let got = problem(&text);
        assert!(got.starts_with(expected), "{got}\n{expected}");
    }
}

/// A second look asks what the provider asks: the canonical name below the service's base URL, where that is how it reads.
#[test]
fn one_object_is_read_by_the_url_of_the_provider() {
    let Some(shared) = shared() else { return };
    let text = std::fs::read_to_string(shared.join("provider/reads.json")).unwrap();
    let reads: serde_json::Value = serde_json::from_str(&text).unwrap();
    let catalog = catalog();
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
        let name = canonical(definition, &Value::Map(words.collect()), &context, &catalog);
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
    assert!(held >= 30, "{held} types held against the provider");
}
