use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::catalog::Catalog;
use crate::compare::Remark;
use crate::compare::{Inputs, compare};
use crate::model::{Capture, Page, Scope};
use crate::normalize::normalize;

const SERVICE: &str = r#"
title = "S"
api = "s.test"
base = "https://s.test/v1/"
endpoint = "S"
"#;

const TYPE: &str = r#"
type = "t"
description = "d"
[list]
path = "projects/{project}/ts"
items = "items"
permission = "p"
[identity]
id = "ts/{name}"
import_id = "ts/{name}"
[import]
guard = true
[prior]
labels = "configured-keys"
[references]
peer = { type = "t", id = "ts/{value}", attribute = "name" }
[[owned]]
when = ["name | equals default"]
because = "made by Google"
[[blocked]]
when = ["state | equals BUSY"]
because = "it is busy"
"#;

/// One definition with these attributes, and these exceptions of emission.
fn catalog(attributes: &str, emit: &str) -> Catalog {
    let schema = format!(
        r#"{{"type": "t", "schema_version": 0, "importable": true, "custom_diff": false, "attributes": {{
"name": {{"kind": "string", "mode": "required", "force_new": true}},
"peer": {{"kind": "string", "mode": "optional"}},
"labels": {{"kind": "map", "elem": "string", "mode": "optional"}},
"guard": {{"kind": "bool", "mode": "optional", "default": true, "provider_only": true}}{attributes}}}}}"#
    );
    let definition = format!("{TYPE}\n[emit]\n{emit}\n");
    let files = [
        ("g/s/service.toml", SERVICE),
        ("g/s/t.toml", &definition),
        ("g/s/t.schema.json", &schema),
    ];
    Catalog::load(files).unwrap_or_else(|error| panic!("{error}"))
}

fn planned(
    catalog: &Catalog,
    bodies: serde_json::Value,
    options: &Options,
    files: &BTreeMap<String, String>,
) -> ImportPlan {
    let body = serde_json::value::to_raw_value(&json!({ "items": bodies })).unwrap();
    let scope = Scope {
        project: "p".into(),
        ..Scope::default()
    };
    let page = Page {
        listing: "t".into(),
        scope,
        request: String::new(),
        body,
    };
    let capture = Capture {
        projects: vec!["p".into()],
        pages: vec![page],
        ..Capture::default()
    };
    let cloud = normalize(&capture, catalog);
    let comparison = compare(&Inputs::new(catalog, &capture, &cloud, &[]));
    let existing = Existing::read(files).unwrap();
    let projects = ["p".to_owned()];
    plan(&PlanInputs {
        catalog,
        projects: &projects,
        cloud: &cloud,
        comparison: &comparison,
        config: None,
        existing: &existing,
        options,
    })
}

/// The resource file of one object.
#[track_caller]
fn check(attributes: &str, emit: &str, body: serde_json::Value, expected: &str) {
    let catalog = catalog(attributes, emit);
    let mut bodies = vec![body];
    bodies[0]["name"] = json!("a");
    let plan = planned(
        &catalog,
        json!(bodies),
        &Options::default(),
        &BTreeMap::new(),
    );
    let files = files(&plan, &BTreeMap::new()).unwrap();
    let text = files.get("s.tf").map(String::as_str).unwrap_or_default();
    let inner: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with(' '))
        .map(|line| &line[2..])
        .collect();
    assert_eq!(
        inner.join("\n").trim(),
        format!("name{:1$} = \"a\"\n{expected}", "", pad(text)).trim(),
        "{text}"
    );
    assert!(
        plan.steps
            .iter()
            .all(|step| step.forecast == Forecast::None),
        "{:?}",
        plan.steps
    );
}

/// How far `name` is from its equals sign.
fn pad(text: &str) -> usize {
    let line = text
        .lines()
        .find(|line| line.starts_with("  name"))
        .unwrap_or("  name =");
    line.find('=').unwrap_or(7) - 7
}

#[test]
fn optional_arguments_are_written_where_leaving_them_out_would_change_something() {
    let attributes = r#",
"size": {"kind": "int", "mode": "optional"},
"mode": {"kind": "string", "mode": "optional", "default": "A"},
"on": {"kind": "bool", "mode": "optional", "default": true},
"zone": {"kind": "string", "mode": "optional+computed"}"#;
    check(
        attributes,
        "",
        json!({"size": 5, "mode": "A", "on": true, "zone": "z"}),
        "mode = \"A\"\nsize = 5",
    );
    check(
        attributes,
        "",
        json!({"size": 0, "mode": "B", "on": false}),
        "mode = \"B\"\non   = false",
    );
    // What the API does not say is not the default.
    check(attributes, "", json!({}), "mode = \"\"\non   = false");
}

#[test]
fn a_force_new_argument_at_its_default_is_written() {
    check(
        r#", "pace": {"kind": "int", "mode": "optional", "default": 7, "force_new": true}"#,
        "",
        json!({"pace": 7}),
        "pace = 7",
    );
}

#[test]
fn blocks_that_are_there_are_written() {
    let attributes = r#",
"b": {"kind": "list", "mode": "optional", "max_items": 1},
"b.n": {"kind": "int", "mode": "optional"},
"c": {"kind": "list", "mode": "optional+computed", "max_items": 1},
"c.n": {"kind": "int", "mode": "optional"},
"s": {"kind": "set", "mode": "optional"},
"s.k": {"kind": "string", "mode": "required"},
"s.v": {"kind": "int", "mode": "optional+computed"}"#;
    check(attributes, "", json!({"b": {}, "c": {"n": 1}}), "b {}");
    check(
        attributes,
        "",
        json!({"s": [{"k": "x", "v": 1}, {"k": "y"}]}),
        "s {\n  k = \"x\"\n  v = 1\n}\ns {\n  k = \"y\"\n}",
    );
}

#[test]
fn of_two_that_exclude_each_other_the_graver_is_written() {
    let attributes = r#",
"soft": {"kind": "string", "mode": "optional+computed", "conflicts_with": ["hard"]},
"hard": {"kind": "string", "mode": "optional", "force_new": true}"#;
    check(
        attributes,
        "soft = \"write\"",
        json!({"soft": "s"}),
        "soft = \"s\"",
    );
    check(
        &attributes.replace("conflicts_with", "required_with"),
        "soft = \"write\"",
        json!({"soft": "s", "hard": "h"}),
        "hard = \"h\"\nsoft = \"s\"",
    );
    check(
        &attributes.replace(
            "\"conflicts_with\": [\"hard\"]",
            "\"conflicts_with\": [\"name\"]",
        ),
        "soft = \"write\"",
        json!({"soft": "s"}),
        "",
    );
}

#[test]
fn a_group_that_needs_a_member_gets_one() {
    let group = |name: &str| {
        format!(
            r#", "w.{name}": {{"kind": "int", "mode": "optional", "at_least_one_of": ["w.0.day", "w.0.hour"]}}"#
        )
    };
    let attributes = format!(
        r#", "w": {{"kind": "list", "mode": "optional", "max_items": 1}}{}{}"#,
        group("day"),
        group("hour")
    );
    check(
        &attributes,
        "\"w.day\" = \"omit-empty\"",
        json!({"w": {"day": 0}}),
        "w {\n  hour = 0\n}",
    );
    check(
        &attributes,
        "",
        json!({"w": {"day": 3}}),
        "w {\n  day = 3\n}",
    );
}

#[test]
fn exceptions_of_emission() {
    let attributes = r#",
"note": {"kind": "string", "mode": "optional", "default": "made by tofu"},
"key": {"kind": "string", "mode": "optional"},
"kind": {"kind": "string", "mode": "optional+computed"}"#;
    let ignored = "\nlifecycle {\n  ignore_changes = [note]\n}";
    check(
        attributes,
        "note = \"ignore-empty\"",
        json!({}),
        ignored.trim(),
    );
    check(
        attributes,
        "note = \"ignore-empty\"",
        json!({"note": "x"}),
        "note = \"x\"",
    );
    check(
        attributes,
        "note = \"omit\"\nkey = \"omit\"",
        json!({"note": "made by tofu"}),
        "",
    );
    let when = "note = \"omit\"\nkind = { do = \"write\", when = [\"key | equals k\"] }";
    check(
        attributes,
        when,
        json!({"note": "made by tofu", "key": "k", "kind": "K"}),
        "key  = \"k\"\nkind = \"K\"",
    );
    check(
        attributes,
        when,
        json!({"note": "made by tofu", "key": "x", "kind": "K"}),
        "key  = \"x\"",
    );
}

#[test]
fn labels_stay_out_and_are_named_or_are_taken_over_and_announced() {
    let catalog = catalog("", "");
    let bodies = json!([{"name": "a", "labels": {"env": "prod", "goog-x": "1"}}]);
    let plan = planned(
        &catalog,
        bodies.clone(),
        &Options::default(),
        &BTreeMap::new(),
    );
    let text = &files(&plan, &BTreeMap::new()).unwrap()["s.tf"];
    assert!(
        text.contains("# labels in the cloud, not taken over by an import: {\"env\":\"prod\"}"),
        "{text}"
    );
    let plan = planned(
        &catalog,
        bodies,
        &Options {
            adopt_labels: true,
            ..Options::default()
        },
        &BTreeMap::new(),
    );
    assert_eq!(plan.steps[0].forecast, Forecast::Update);
    assert_eq!(plan.steps[0].changes[0].path, "labels.env");
}

#[test]
fn what_is_not_imported_says_why() {
    let catalog = catalog("", "");
    let bodies = json!([{"name": "default"}, {"name": "b", "state": "BUSY"}, {"name": "c"}]);
    let plan = planned(
        &catalog,
        bodies.clone(),
        &Options::default(),
        &BTreeMap::new(),
    );
    let skips: Vec<_> = plan.skips.iter().map(|skip| &skip.reason).collect();
    assert_eq!(
        (plan.steps.len(), skips),
        (
            1,
            vec![
                &SkipReason::Blocked("it is busy".to_owned()),
                &SkipReason::Belongs(Remark::Owned("made by Google".to_owned())),
            ]
        )
    );
    let plan = planned(
        &catalog,
        bodies,
        &Options {
            include_defaults: true,
            ..Options::default()
        },
        &BTreeMap::new(),
    );
    assert_eq!(plan.steps.len(), 2);
}

#[test]
fn what_is_required_and_cannot_be_read_is_a_skip() {
    let catalog = catalog(
        r#", "secret": {"kind": "string", "mode": "required", "provider_only": true}"#,
        "",
    );
    let plan = planned(
        &catalog,
        json!([{"name": "a"}]),
        &Options::default(),
        &BTreeMap::new(),
    );
    assert_eq!(
        plan.skips[0].reason,
        SkipReason::RequiredUnread("secret".to_owned())
    );
}

#[test]
fn references_go_one_way() {
    let catalog = catalog("", "");
    let bodies =
        json!([{"name": "a", "peer": "b"}, {"name": "b", "peer": "a"}, {"name": "c", "peer": "c"}]);
    let plan = planned(&catalog, bodies, &Options::default(), &BTreeMap::new());
    let text = &files(&plan, &BTreeMap::new()).unwrap()["s.tf"];
    assert_eq!(
        (
            text.matches("t.b.name").count(),
            text.matches("t.a.name").count(),
            text.matches("t.c.name").count()
        ),
        (1, 0, 0)
    );
    let order: Vec<_> = plan
        .steps
        .iter()
        .map(|step| step.address.to_string())
        .collect();
    assert_eq!(order, ["t.b", "t.a", "t.c"]);
}

#[test]
fn secrets_become_variables() {
    let catalog = catalog(
        r#", "token": {"kind": "string", "mode": "optional", "sensitive": true}"#,
        "",
    );
    let plan = planned(
        &catalog,
        json!([{"name": "a", "token": "hunter2"}]),
        &Options::default(),
        &BTreeMap::new(),
    );
    let files = files(&plan, &BTreeMap::new()).unwrap();
    assert!(
        files["s.tf"].contains("token = var.a_token")
            && files["variables.tf"].contains("variable \"a_token\"")
    );
    assert!(
        files.values().all(|text| !text.contains("hunter2"))
            && !format!("{plan:?}").contains("hunter2")
    );
}

#[test]
fn a_second_run_adds_only_what_is_new_and_touches_nothing() {
    let catalog = catalog("", "");
    let options = Options::default();
    let first = planned(&catalog, json!([{"name": "a"}]), &options, &BTreeMap::new());
    let mut there = files(&first, &BTreeMap::new()).unwrap();
    there.insert(
        "mine.tf".into(),
        "resource \"t\" \"b\" {\n  name=\"other\"   # mine\n}\n".into(),
    );
    let again = planned(&catalog, json!([{"name": "a"}]), &options, &there);
    assert_eq!(files(&again, &there).unwrap(), BTreeMap::new());
    // The name is in use: the new object takes another.
    let more = planned(
        &catalog,
        json!([{"name": "a"}, {"name": "b"}]),
        &options,
        &there,
    );
    let new = files(&more, &there).unwrap();
    assert_eq!(new.keys().collect::<Vec<_>>(), ["imports.tf", "s.tf"]);
    assert!(
        new.iter()
            .all(|(name, text)| text.starts_with(&there[name]))
    );
    assert!(
        more.steps[1].address.name.starts_with("b_"),
        "{}",
        more.steps[1].address
    );
}

#[test]
fn places() {
    let catalog = catalog("", "");
    let bodies = json!([{"name": "a"}, {"name": "b", "peer": "a"}]);
    let mappings = mappings("[[map]]\nmatch = \"b\"\nto = \"module.m.t.main\"\n").unwrap();
    let options = Options {
        mappings,
        ..Options::default()
    };
    let there = BTreeMap::from([(
        "main.tf".to_owned(),
        "module \"m\" {\n  source = \"./mods/m\"\n}\n".to_owned(),
    )]);
    let plan = planned(&catalog, bodies.clone(), &options, &there);
    let new = files(&plan, &there).unwrap();
    assert!(new["imports.tf"].contains("to = module.m.t.main\n"));
    // A literal: no reference goes through the wall of a module.
    assert!(
        new["mods/m/s.tf"].contains("peer = \"a\"") && !new.contains_key("modules.tf"),
        "{new:?}"
    );
    let only = Options {
        only: vec![Pattern::new("b")],
        ..Options::default()
    };
    assert_eq!(
        planned(&catalog, bodies.clone(), &only, &BTreeMap::new())
            .steps
            .len(),
        1
    );
    let batch = planned(
        &catalog,
        bodies,
        &Options {
            batch: Some(1),
            ..Options::default()
        },
        &BTreeMap::new(),
    );
    let names: Vec<_> = files(&batch, &BTreeMap::new())
        .unwrap()
        .into_keys()
        .filter(|name| name.ends_with("s.tf"))
        .collect();
    assert_eq!(
        names
            .iter()
            .filter(|name| name.ends_with("/s.tf"))
            .collect::<Vec<_>>(),
        ["batch-01/s.tf", "batch-02/s.tf"]
    );
}

#[test]
fn families() {
    let catalog = catalog("", "");
    let bodies = json!([{"name": "x-a"}, {"name": "x-b"}, {"name": "x-c"}, {"name": "y", "labels": {"k": "v"}}]);
    let plan = planned(
        &catalog,
        bodies,
        &Options {
            group: true,
            ..Options::default()
        },
        &BTreeMap::new(),
    );
    let text = &files(&plan, &BTreeMap::new()).unwrap()["s.tf"];
    let block = "resource \"t\" \"x\" {\n  for_each = toset([\"x-a\", \"x-b\", \"x-c\"])\n\n  name = each.key\n}\n";
    assert!(text.contains(block), "{text}");
    assert_eq!(plan.steps[0].address.to_string(), "t.x[\"x-a\"]");
}
