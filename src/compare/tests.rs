//! Verdicts over small estates.

use std::sync::Arc;

use super::*;
use crate::forecast::{Outcome, by_state};
use crate::model::{
    Address, Gap, GapReason, Instance, Object, ProviderRef, RawAttributes, Scope, Value,
};

const SERVICE: &str = "title = \"X\"\napi = \"x.googleapis.com\"\nbase = \"https://x.googleapis.com/v1/\"\nendpoint = \"X\"\n";
const TYPE: &str = r#"
type = "google_x_thing"
description = "A thing."
[list]
path = "projects/{project}/things"
items = "things"
[identity]
id = "projects/{project}/locations/{region}/things/{name}"
import_id = "{project}/{name}"
[read]
project = "@project"
[prior]
mode = "keep-if-absent"
key = "keep-hollow"
links = "yield old_links"
old_links = "take links"
"#;
const SCHEMA: &str = r#"{"type": "google_x_thing", "schema_version": 0, "importable": true, "custom_diff": false, "attributes": {
"name": {"kind": "string", "mode": "required", "force_new": true},
"project": {"kind": "string", "mode": "optional+computed", "force_new": true},
"region": {"kind": "string", "mode": "optional", "force_new": true},
"size": {"kind": "int", "mode": "optional"},
"auto": {"kind": "string", "mode": "optional+computed"},
"out": {"kind": "string", "mode": "computed"},
"links": {"kind": "list", "elem": "string", "mode": "optional"},
"old_links": {"kind": "list", "elem": "string", "mode": "optional"},
"key": {"kind": "list", "mode": "optional", "max_items": 1},
"key.name": {"kind": "string", "mode": "optional", "force_new": true},
"mode": {"kind": "string", "mode": "optional"}
}}"#;

fn catalog() -> Catalog {
    let files = [
        ("google/x/service.toml", SERVICE),
        ("google/x/google_x_thing.toml", TYPE),
        ("google/x/google_x_thing.schema.json", SCHEMA),
    ];
    Catalog::load(files).unwrap()
}

fn object(attributes: &str) -> Object {
    let attributes = Value::from_json(serde_json::from_str(attributes).unwrap());
    let mut map = attributes.as_map().unwrap().clone();
    map.insert("project".to_owned(), Value::text("p"));
    map.insert("region".to_owned(), Value::text("r1"));
    let name = map["name"].as_text().unwrap().to_owned();
    Object {
        rtype: "google_x_thing".to_owned(),
        id: format!("//x.googleapis.com/projects/p/locations/r1/things/{name}"),
        import_id: format!("p/{name}"),
        scope: Scope {
            project: "p".to_owned(),
            ..Scope::default()
        },
        attributes: map,
        absent_fields: Default::default(),
        hidden: Default::default(),
        observed: Default::default(),
        partial: false,
        owned: None,
        blocked: None,
    }
}

fn instance(address: &str, attributes: &str) -> Instance {
    let mut json: serde_json::Value = serde_json::from_str(attributes).unwrap();
    json["project"] = "p".into();
    json["region"] = "r1".into();
    stored(address, &json.to_string())
}

/// An instance with just these attributes.
pub(super) fn stored(address: &str, attributes: &str) -> Instance {
    let text: Arc<str> = attributes.into();
    let range = 0..text.len();
    Instance {
        address: Address::parse(address).unwrap(),
        provider: ProviderRef::default(),
        attributes: RawAttributes::new(text, range),
        sensitive: Vec::new(),
        tainted: false,
        deposed: None,
        skip_destroy: false,
        moved_from: None,
        dependencies: Vec::new(),
        schema_version: 0,
    }
}

fn report(objects: Vec<Object>, instances: Vec<Instance>, gaps: Vec<Gap>) -> Vec<String> {
    let catalog = catalog();
    let cloud = Normalized {
        objects,
        gaps,
        ..Normalized::default()
    };
    let states = [State {
        source: "s".to_owned(),
        instances,
        ..State::default()
    }];
    let projects = ["p".to_owned()];
    let inputs = Inputs {
        catalog: &catalog,
        projects: &projects,
        asked: &[],
        types: None,
        cloud: &cloud,
        states: &states,
        keep: false,
    };
    let line = |outcome: &Outcome| {
        let row = &outcome.row;
        let paths: Vec<_> = row
            .changes
            .iter()
            .map(|c| format!(" {}:{}", c.path, c.action.as_str()))
            .collect();
        let name = row
            .address
            .as_ref()
            .map_or(row.import_id.clone(), |a| a.name.clone());
        format!(
            "{name} {} {}{}",
            row.verdict.as_str(),
            outcome.forecast.as_str(),
            paths.concat()
        )
    };
    let outlook = by_state(compare(&inputs), &catalog);
    outlook.outcomes.iter().map(line).collect()
}

#[test]
fn verdicts_and_forecasts() {
    let one = |cloud: &str, state: &str| {
        report(
            vec![object(cloud)],
            vec![instance("google_x_thing.t", state)],
            vec![],
        )
    };
    assert_eq!(
        one(r#"{"name":"a","size":1}"#, r#"{"name":"a","size":1}"#),
        ["t in-sync none"]
    );
    assert_eq!(
        one(r#"{"name":"a","size":2}"#, r#"{"name":"a","size":1}"#),
        ["t drifted update size:update"]
    );
    assert_eq!(
        one(r#"{"name":"a","auto":"x"}"#, r#"{"name":"a","auto":null}"#),
        ["t drifted unknown auto:unknown"]
    );
    // What the provider that wrote state does not know has no key, and is no difference.
    assert_eq!(
        one(r#"{"name":"a","auto":"x"}"#, r#"{"name":"a"}"#),
        ["t in-sync none"]
    );
    assert_eq!(
        one(r#"{"name":"a","out":"x"}"#, r#"{"name":"a","out":null}"#),
        ["t computed-drift none out:none"]
    );
    assert_eq!(
        one(
            r#"{"name":"a","key":[{"name":"k"}]}"#,
            r#"{"name":"a","key":[]}"#
        ),
        ["t drifted replace key:replace"]
    );
    assert_eq!(
        one(r#"{"name":"a"}"#, r#"{"name":"b"}"#),
        ["t missing create", "p/a unmanaged none"]
    );
}

#[test]
fn what_depends_on_a_replaced_object_is_not_settled() {
    let mut dependent = instance("google_x_thing.u", r#"{"name":"b","size":1}"#);
    dependent.dependencies = vec!["google_x_thing.t".to_owned()];
    let instances = vec![
        instance("google_x_thing.t", r#"{"name":"a","key":[]}"#),
        dependent,
    ];
    let objects = vec![
        object(r#"{"name":"a","key":[{"name":"k"}]}"#),
        object(r#"{"name":"b","size":1}"#),
    ];
    assert_eq!(
        report(objects, instances, vec![]),
        ["t drifted replace key:replace", "u in-sync unknown"]
    );
}

#[test]
fn two_attributes_that_stand_for_the_same_follow_state() {
    let after = |read: &str, absent_fields: &[&str], before: &str| {
        let mut object = object(read);
        object.absent_fields = absent_fields
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        let before = Value::from_json(serde_json::from_str(before).unwrap());
        let catalog = catalog();
        let after = refreshed(&catalog.definitions["google_x_thing"], &object, &before);
        format!("{:?} {:?}", after["links"], after["old_links"])
    };
    let read = r#"{"name":"a","links":["x"]}"#;
    assert_eq!(
        after(read, &["old_links"], r#"{"links":["w"]}"#),
        r#"["x"] null"#
    );
    assert_eq!(
        after(read, &["old_links"], r#"{"old_links":["w"]}"#),
        r#"null ["x"]"#
    );
    assert_eq!(after(read, &["old_links"], "{}"), r#"["x"] null"#);
    assert_eq!(
        after(
            r#"{"name":"a"}"#,
            &["links", "old_links"],
            r#"{"old_links":["w"]}"#
        ),
        r#"null ["w"]"#
    );
    assert_eq!(
        after(
            r#"{"name":"a","old_links":["x"]}"#,
            &["links"],
            r#"{"links":["w"]}"#
        ),
        r#"["w"] ["x"]"#
    );
}

#[test]
fn what_the_api_leaves_out_is_what_state_has_or_what_an_import_leaves() {
    let mut object = object(r#"{"name":"a","mode":"plain"}"#);
    object.absent_fields.insert("mode".to_owned());
    let after = |before: &str| {
        let before = Value::from_json(serde_json::from_str(before).unwrap());
        refreshed(&catalog().definitions["google_x_thing"], &object, &before)["mode"].clone()
    };
    assert_eq!(after(r#"{"mode":"fine"}"#), "fine".into());
    assert_eq!(after(r#"{"mode":""}"#), "plain".into());
    assert_eq!(after("{}"), "plain".into());
}

#[test]
fn nothing_read_over_an_empty_value_is_that_value() {
    let after = |read: &str, before: &str| {
        let before = Value::from_json(serde_json::from_str(before).unwrap());
        refreshed(
            &catalog().definitions["google_x_thing"],
            &object(read),
            &before,
        )["mode"]
            .clone()
    };
    assert_eq!(after(r#"{"name":"a"}"#, r#"{"mode":""}"#), "".into());
    assert_eq!(after(r#"{"name":"a"}"#, "{}"), Value::Null);
    assert_eq!(after(r#"{"name":"a"}"#, r#"{"mode":"x"}"#), Value::Null);
    assert_eq!(after(r#"{"name":"a","mode":""}"#, "{}"), "".into());
}

#[test]
fn empty_blocks_stand_where_state_has_them_unless_as_many_are_read() {
    let after = |read: &str, before: &str| {
        let before = Value::from_json(serde_json::from_str(before).unwrap());
        refreshed(
            &catalog().definitions["google_x_thing"],
            &object(read),
            &before,
        )["key"]
            .to_json()
            .to_string()
    };
    assert_eq!(
        after(r#"{"name":"a","key":[]}"#, r#"{"key":[{"name":""}]}"#),
        r#"[{"name":""}]"#
    );
    assert_eq!(
        after(
            r#"{"name":"a","key":[{"name":"k"}]}"#,
            r#"{"key":[{"name":null},{"name":"j"}]}"#
        ),
        r#"[{"name":null},{"name":"k"}]"#
    );
    assert_eq!(
        after(
            r#"{"name":"a","key":[{"name":"k"}]}"#,
            r#"{"key":[{"name":""}]}"#
        ),
        r#"[{"name":"k"}]"#
    );
}

#[test]
fn two_addresses_for_one_object() {
    let states = vec![
        instance("google_x_thing.t", r#"{"name":"a"}"#),
        instance("google_x_thing.u", r#"{"name":"a"}"#),
    ];
    assert_eq!(
        report(vec![object(r#"{"name":"a"}"#)], states, vec![]),
        ["t claimed-twice none", "u claimed-twice none"]
    );
}

#[test]
fn what_a_gap_covers_is_unknown_and_never_missing() {
    let gap = |location: Option<&str>, parent: Option<&str>| Gap {
        listing: "google_x_thing".to_owned(),
        scope: Scope {
            project: "p".to_owned(),
            location: location.map(str::to_owned),
            parent: parent.map(str::to_owned),
            object: None,
        },
        reason: GapReason::PermissionDenied,
        detail: "denied".to_owned(),
        fix: String::new(),
    };
    let verdict = |gap: Gap| {
        report(
            vec![],
            vec![instance("google_x_thing.t", r#"{"name":"a"}"#)],
            vec![gap],
        )
    };
    assert_eq!(verdict(gap(None, None)), ["t unknown unknown"]);
    assert_eq!(verdict(gap(Some("r1"), None)), ["t unknown unknown"]);
    assert_eq!(verdict(gap(Some("r2"), None)), ["t missing create"]);
    assert_eq!(verdict(gap(None, Some("x/a"))), ["t unknown unknown"]);
    assert_eq!(verdict(gap(None, Some("b"))), ["t missing create"]);
}

#[test]
fn an_api_that_is_off_is_a_gap_only_where_state_mentions_it() {
    let gap = || Gap {
        listing: "google_x_thing".to_owned(),
        scope: Scope {
            project: "p".to_owned(),
            ..Scope::default()
        },
        reason: GapReason::ApiDisabled,
        detail: "off".to_owned(),
        fix: String::new(),
    };
    let catalog = catalog();
    let gaps = |instances: Vec<Instance>| {
        let cloud = Normalized {
            gaps: vec![gap()],
            ..Normalized::default()
        };
        let states = [State {
            source: "s".to_owned(),
            instances,
            ..State::default()
        }];
        let projects = ["p".to_owned()];
        let inputs = Inputs {
            catalog: &catalog,
            projects: &projects,
            asked: &[],
            types: None,
            cloud: &cloud,
            states: &states,
            keep: false,
        };
        let found = compare(&inputs);
        (found.coverage.gaps.len(), found.coverage.disabled.len())
    };
    assert_eq!(gaps(vec![]), (0, 1));
    assert_eq!(
        gaps(vec![instance("google_x_thing.t", r#"{"name":"a"}"#)]),
        (1, 0)
    );
}

#[test]
fn what_nobody_asked_for_is_unknown_and_never_missing() {
    let catalog = catalog();
    let cloud = Normalized::default();
    let states = [State {
        source: "s".to_owned(),
        instances: vec![instance("google_x_thing.t", r#"{"name":"a"}"#)],
        ..State::default()
    }];
    let verdict = |projects: &[String], asked: &[String]| {
        let inputs = Inputs {
            catalog: &catalog,
            projects,
            asked,
            types: None,
            cloud: &cloud,
            states: &states,
            keep: false,
        };
        compare(&inputs).rows[0].verdict
    };
    let asked = |name: &str| vec![name.to_owned()];
    assert_eq!(
        verdict(&asked("p"), &asked("google_x_thing")),
        Verdict::Missing
    );
    assert_eq!(
        verdict(&asked("p"), &asked("google_x_other")),
        Verdict::Unknown
    );
    assert_eq!(
        verdict(&asked("q"), &asked("google_x_thing")),
        Verdict::Unknown
    );
}
