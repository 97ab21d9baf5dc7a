//! The definitions themselves: facts as the provider's schema has them, every name known, every problem with its place.

use crate::support::{catalog, definition_files};
use driftline::catalog::{Catalog, Context};
use driftline::model::{Releases, Value};
use serde_json::json;

/// Definitions hold for every release whose facts are known, and for those that are older and newer.
#[test]
fn definitions_hold_for_every_release() {
    let files = definition_files();
    let texts = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    let catalog = Catalog::load(texts).unwrap_or_else(|problem| panic!("{problem}"));
    let known = catalog.known_releases().to_vec();
    assert!(known.len() > 100 && known.is_sorted());
    let outside = ["4.85.0", "7.46.0", "99.0.0"].map(|text| text.parse().unwrap());
    for version in known.into_iter().chain(outside) {
        let then = catalog.at(Releases::one(version));
        then.unwrap_or_else(|problem| panic!("{version}: {problem}"));
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
    let schema = r#"{"type": "google_x", "schema_version": 0, "importable": true, "custom_diff": false, "attributes": {"kept": {"kind": "bool", "mode": "optional"}, "name": {"kind": "string", "mode": "required"}}}"#;
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
            format!("{good}[import]\nkept = true\n"),
            "google/x/google_x.toml:10: an import sets `kept`: say in `read` where a refresh reads it, or `never`",
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

/// What a family says holds for each of its types, and a problem has its place in whichever file it is.
#[test]
fn a_family_says_what_its_types_share() {
    let service = "title = \"X\"\napi = \"x\"\nbase = \"https://x/\"\nendpoint = \"X\"\n";
    let schema = r#"{"type": "google_x", "schema_version": 0, "importable": true, "custom_diff": false, "attributes": {"name": {"kind": "string", "mode": "required"}, "owner": {"kind": "string", "mode": "optional"}}}"#;
    let family = "[list]\npath = \"p\"\nitems = \"i\"\n[identity]\nid = \"$on/{name}\"\nimport_id = \"{name}\"\n[read]\nname = \"title\"\nowner = \"boss\"\n[[owned]]\nwhen = [\"google\"]\nbecause = \"Google's\"\n";
    let own = "type = \"google_x\"\ndescription = \"X.\"\nextends = \"grant\"\n[with]\non = [\"a\", \"b\"]\n[read]\nowner = \"chief\"\n[[owned]]\nwhen = [\"mine\"]\nbecause = \"mine\"\n";
    let load = |family: &str, own: &str| {
        Catalog::load([
            ("google/families/grant.toml", family),
            ("google/x/service.toml", service),
            ("google/x/google_x.toml", own),
            ("google/x/google_x.schema.json", schema),
        ])
    };
    let catalog = load(family, own).unwrap();
    let definition = &catalog.definitions["google_x"];
    assert_eq!(definition.identity.len(), 2, "one for each of `on`");
    let read: Vec<String> = (definition.readers.iter())
        .map(|reader| {
            reader
                .source
                .as_ref()
                .unwrap()
                .paths(&[String::new()])
                .join(" ")
        })
        .collect();
    assert_eq!(read, ["title", "chief"], "what the type says wins");
    let owned: Vec<&str> = definition.owned.iter().map(|one| &*one.because).collect();
    assert_eq!(owned, ["Google's", "mine"]);
    let problem = |family: &str, own: &str| load(family, own).map(|_| ()).unwrap_err().to_string();
    let cases = [
        (
            problem(family, &own.replace("grant", "gift")),
            "google/x/google_x.toml:3: there is no such family",
        ),
        (
            problem(family, &own.replace("on = [\"a\", \"b\"]", "")),
            "google/x/google_x.toml:3: `grant` says nothing for `$on`",
        ),
        (
            problem(family, &own.replace("on = [", "of = \"x\"\non = [")),
            "google/x/google_x.toml:5: `grant` has no `$of`",
        ),
        (
            problem(
                &family.replace("boss", "boss | lst"),
                &own.replace("owner = \"chief\"", ""),
            ),
            "google/families/grant.toml:9: `lst` is no step",
        ),
        (
            problem(&family.replace("items", "itmes"), own),
            "google/families/grant.toml:3: unknown field `itmes`",
        ),
    ];
    for (got, expected) in cases {
        assert!(got.starts_with(expected), "{got}\n{expected}");
    }
}

/// A rule may hold in some releases only.
#[test]
fn rules_are_those_of_the_release() {
    let provider = "[versions]\nreleases = [\"5.0.0\", \"6.0.0\", \"7.0.0\"]\nattribution = { since = \"6.0.0\" }\n";
    let service = "title = \"X\"\napi = \"x\"\nbase = \"https://x/\"\nendpoint = \"X\"\n";
    let schema = r#"{"type": "google_x", "schema_version": 0, "importable": true, "custom_diff": false, "attributes": {
"link": {"kind": "string", "mode": "optional", "diff_suppressed": true, "was": [{"until": "7.0.0", "diff_suppressed": false}]},
"name": {"kind": "string", "mode": "required"},
"new": {"kind": "string", "mode": "optional", "since": "7.0.0"}}}"#;
    let text = "type = \"google_x\"\ndescription = \"X.\"\n[list]\npath = \"p\"\nitems = \"i\"\n[identity]\nid = \"{name}\"
import_id = [{ until = \"6.0.0\", rule = \"{name}\" }, { rule = \"x/{name}\" }]
[read]\nname = { until = \"6.0.0\", rule = \"other\" }\nnew = \"fresh\"
[suppress]\nlink = \"case\"
[emit]\nlink = [{ since = \"7.0.0\", rule = \"omit\" }]
[[blocked]]\nwhen = [\"kind\"]\nbecause = \"of its kind\"\nuntil = \"7.0.0\"\n";
    let files = [
        ("google/provider.toml", provider),
        ("google/x/service.toml", service),
        ("google/x/google_x.toml", text),
        ("google/x/google_x.schema.json", schema),
    ];
    let catalog = Catalog::load(files).unwrap();
    let told = |version: &str| {
        let then = catalog.at(Releases::one(version.parse().unwrap())).unwrap();
        let definition = then.definition("google_x").unwrap();
        let context = Context {
            project: "p",
            ..Context::default()
        };
        let named = Value::from_json(json!({"name": "n"}));
        let read: Vec<_> = definition
            .readers
            .iter()
            .map(|reader| {
                let source = reader.source.as_ref().unwrap();
                let body = Value::from_json(json!({"name": 1, "other": 2, "fresh": 3}));
                let value = source.value(&body, &context);
                value.map_or("-".to_owned(), |value| {
                    format!("{}={}", reader.name, value.to_json())
                })
            })
            .collect();
        format!(
            "{} {} suppress {} emit {} blocked {} label {:?}",
            definition.import_id[0].fill(&named, &context).unwrap(),
            read.join(" "),
            definition.suppress.len(),
            definition.emit.len(),
            definition.blocked.len(),
            definition.attributed,
        )
    };
    let expected = [
        (
            "5.0.0",
            "n - name=2 suppress 0 emit 0 blocked 1 label Some(false)",
        ),
        (
            "6.0.0",
            "x/n - name=1 suppress 0 emit 0 blocked 1 label Some(true)",
        ),
        (
            "7.0.0",
            "x/n - name=1 new=3 suppress 1 emit 1 blocked 0 label Some(true)",
        ),
    ];
    for (version, expected) in expected {
        assert_eq!(told(version), expected, "{version}");
    }
}
