//! Normalizing small captures.

use super::*;
use crate::model::{GapReason, Page, Unknown};

const SERVICE: &str = "title = \"X\"\napi = \"x.googleapis.com\"\nbase = \"https://x.googleapis.com/v1/\"\nendpoint = \"X\"\n\
links = [\"/x/v1/projects/\", \"/x/beta/projects/\"]\n";
const TYPE: &str = r#"
type = "google_x_thing"
description = "A thing."
verbatim = ["gate"]
[list]
path = "projects/{project}/things"
items = "things"
[[further]]
name = "cert"
path = "{parent}/cert"
part = "cert"
permission = "x.get"
[[further]]
name = "groups"
path = "groups"
items = "items.*.groups"
permission = "x.get"
[identity]
id = "projects/{project}/things/{name}"
import_id = ["{project}/{zone}/{name}", "{project}/{name}"]
[read]
name = "name | last"
project = "@project"
pem = "cert.pem"
size = "groups | mean google_x_thing.groups targetSize"
hidden = "never"
[import]
"disk.kind" = "plain"
[prior]
mode = "keep-if-absent"
"#;
const SCHEMA: &str = r#"{"type": "google_x_thing", "schema_version": 0, "importable": true, "custom_diff": false, "attributes": {
"name": {"kind": "string", "mode": "required"},
"project": {"kind": "string", "mode": "optional"},
"zone": {"kind": "string", "mode": "optional"},
"pem": {"kind": "string", "mode": "computed"},
"size": {"kind": "int", "mode": "computed"},
"hidden": {"kind": "string", "mode": "optional"},
"mode": {"kind": "string", "mode": "optional"},
"disk": {"kind": "list", "mode": "optional", "max_items": 1, "api": ["settings.diskConfig"]},
"disk.size_gb": {"kind": "int", "mode": "optional", "api": ["settings.diskConfig.sizeGb"]},
"disk.fast_cache": {"kind": "bool", "mode": "optional"},
"disk.kind": {"kind": "string", "mode": "optional"},
"disk.none": {"kind": "list", "mode": "optional", "max_items": 1},
"gate": {"kind": "string", "mode": "optional"},
"net": {"kind": "string", "mode": "optional"},
"users": {"kind": "list", "elem": "string", "mode": "optional"},
"nets": {"kind": "set", "mode": "optional"},
"nets.value": {"kind": "string", "mode": "optional"},
"nets.label": {"kind": "string", "mode": "optional"}
}}"#;

fn catalog() -> Catalog {
    Catalog::load([
        ("google/x/service.toml", SERVICE),
        ("google/x/google_x_thing.toml", TYPE),
        ("google/x/google_x_thing.schema.json", SCHEMA),
    ])
    .unwrap()
}

fn page(listing: &str, parent: Option<&str>, body: &str) -> Page {
    Page {
        listing: listing.to_owned(),
        scope: Scope {
            project: "p".to_owned(),
            location: None,
            parent: parent.map(str::to_owned),
            object: None,
        },
        request: "x".to_owned(),
        body: serde_json::from_str(body).unwrap(),
    }
}

fn one(body: &str, more: Vec<Page>, gaps: Vec<Gap>) -> Object {
    let mut pages = vec![page(
        "google_x_thing",
        None,
        &format!("{{\"things\":[{body}]}}"),
    )];
    pages.extend(more);
    let capture = Capture {
        projects: vec!["p".to_owned()],
        asked: Vec::new(),
        pages,
        gaps,
        looks: Default::default(),
    };
    normalize(&capture, &catalog())
        .objects
        .into_iter()
        .next()
        .unwrap()
}

#[test]
fn fields_are_found_by_facts_and_by_name() {
    let object = one(
        r#"{"name":"a/b/t","settings":{"diskConfig":{"sizeGb":"10","fastCache":true}}}"#,
        vec![],
        vec![],
    );
    let disk = &object.attributes["disk"];
    assert_eq!(
        disk.to_json().to_string(),
        r#"[{"fast_cache":true,"kind":"plain","none":[],"size_gb":10}]"#
    );
    assert_eq!(object.id, "//x.googleapis.com/projects/p/things/t");
    assert_eq!(object.import_id, "p/t");
}

#[test]
fn a_block_without_attributes_is_there_or_not() {
    let object = one(
        r#"{"name":"t","settings":{"diskConfig":{"kind":"fine","none":{}}}}"#,
        vec![],
        vec![],
    );
    assert_eq!(
        object.attributes["disk"].to_json().to_string(),
        r#"[{"fast_cache":null,"kind":"fine","none":[{}],"size_gb":null}]"#
    );
}

#[test]
fn links_are_spelt_as_the_provider_stores_them() {
    let object = one(
        r#"{"name":"t","gate":"https://h/x/beta/projects/p/g","net":"https://h/x/beta/projects/p/n","users":["https://h/x/beta/projects/p/u"],"mode":"see https://h/x/beta/projects/p"}"#,
        vec![],
        vec![],
    );
    assert_eq!(
        object.attributes["gate"].as_text(),
        Some("https://h/x/beta/projects/p/g")
    );
    assert_eq!(
        object.attributes["net"].as_text(),
        Some("https://h/x/v1/projects/p/n")
    );
    assert_eq!(
        object.attributes["users"].to_json().to_string(),
        r#"["https://h/x/v1/projects/p/u"]"#
    );
    assert_eq!(
        object.attributes["mode"].as_text(),
        Some("see https://h/x/beta/projects/p")
    );
}

#[test]
fn members_of_a_set_that_differ_in_zeros_alone_are_one() {
    let object = one(
        r#"{"name":"t","nets":[{"value":"a"},{"value":"a","label":""},{"value":"a","label":"x"}]}"#,
        vec![],
        vec![],
    );
    assert_eq!(
        object.attributes["nets"].to_json().to_string(),
        r#"[{"label":null,"value":"a"},{"label":"x","value":"a"}]"#
    );
}

#[test]
fn a_present_empty_object_is_a_block_and_an_absent_one_is_not() {
    let with = one(
        r#"{"name":"t","settings":{"diskConfig":{}}}"#,
        vec![],
        vec![],
    );
    let without = one(r#"{"name":"t","settings":{}}"#, vec![], vec![]);
    assert!(!with.attributes["disk"].is_empty() && without.attributes["disk"].is_empty());
}

#[test]
fn an_absent_field_that_lets_state_through_is_named() {
    assert!(
        one(r#"{"name":"t"}"#, vec![], vec![])
            .absent_fields
            .contains("mode")
    );
    assert!(
        !one(r#"{"name":"t","mode":""}"#, vec![], vec![])
            .absent_fields
            .contains("mode")
    );
}

#[test]
fn a_stand_in_for_a_location_is_no_object() {
    let capture = Capture {
        pages: vec![page(
            "google_x_thing",
            None,
            r#"{"things":[{"name":"projects/p/locations/l/instances/-"},{"name":"t-"}]}"#,
        )],
        ..Capture::default()
    };
    let names: Vec<String> = normalize(&capture, &catalog())
        .objects
        .into_iter()
        .map(|object| object.import_id)
        .collect();
    assert_eq!(names, ["p/t-"]);
}

#[test]
fn parts_and_further_listings_complete_an_object() {
    let groups = r#"{"items":{"zones/z":{"groups":[{"selfLink":"https://h/v1/projects/p/g/1","targetSize":3}]},"zones/y":{}}}"#;
    let more = vec![
        page("google_x_thing.cert", Some("t"), r#"{"pem":"PEM"}"#),
        page("google_x_thing.groups", None, groups),
    ];
    let object = one(
        r#"{"name":"t","groups":["https://other/projects/p/g/1","projects/p/g/2"]}"#,
        more,
        vec![],
    );
    assert_eq!(object.attributes["pem"], Value::from("PEM"));
    assert_eq!(object.attributes["size"], Value::int(3));
}

#[test]
fn what_a_gap_hides_is_unknown() {
    let gap = |listing: &str, parent: Option<&str>| Gap {
        listing: listing.to_owned(),
        scope: Scope {
            project: "p".to_owned(),
            location: None,
            parent: parent.map(str::to_owned),
            object: None,
        },
        reason: GapReason::PermissionDenied,
        detail: "denied".to_owned(),
        fix: String::new(),
    };
    let gaps = vec![
        gap("google_x_thing.cert", Some("t")),
        gap("google_x_thing.groups", None),
    ];
    let hidden_by = |at: usize| Value::Unknown(Unknown::Gap(gaps[at].id()));
    let expected = (hidden_by(0), hidden_by(1));
    let object = one(r#"{"name":"t","groups":["projects/p/g/1"]}"#, vec![], gaps);
    assert_eq!(object.attributes["pem"], expected.0);
    assert_eq!(object.attributes["size"], expected.1);
}

/// Reads an own listing from another type's, and one from inside its bodies.
#[test]
fn one_listing_shows_several_types() {
    const GLOBAL: &str = r#"
type = "google_x_global"
description = "A thing without a zone."
empty_blocks = false
[list]
from = "google_x_thing"
only = ["zone | exists | not"]
[identity]
id = ["zones/{zone}/{name}", "projects/{project}/global/{name}"]
import_id = "{name}"
[read]
project = "@project"
hidden = "owner | linked google_x_thing | get zone"
"#;
    const PART: &str = r#"
type = "google_x_part"
description = "A part."
[list]
per = "google_x_thing"
within = "parts.all"
[identity]
id = "{name}"
import_id = "{name}"
"#;
    const PART_SCHEMA: &str = r#"{"type": "google_x_part", "schema_version": 0, "importable": true, "custom_diff": false, "attributes": {
"name": {"kind": "string", "mode": "required", "api": ["parts.all.name"]},
"rule": {"kind": "set", "mode": "optional"},
"rule.kind": {"kind": "string", "mode": "optional", "api": ["parts.all.rules.type"]},
"rule.deep": {"kind": "list", "mode": "optional"},
"rule.deep.n": {"kind": "int", "mode": "optional", "api": ["parts.all.rules.depth.n"]}
}}"#;
    let schema = SCHEMA.replace("google_x_thing", "google_x_global");
    let files = [
        ("google/x/service.toml", SERVICE),
        ("google/x/google_x_thing.toml", TYPE),
        ("google/x/google_x_thing.schema.json", SCHEMA),
        ("google/x/google_x_global.toml", GLOBAL),
        ("google/x/google_x_global.schema.json", &schema),
        ("google/x/google_x_part.toml", PART),
        ("google/x/google_x_part.schema.json", PART_SCHEMA),
    ];
    let catalog = Catalog::load(files).unwrap();
    let body = r#"{"things":[
{"name":"t","zone":"z","selfLink":"https://h/projects/p/t","parts":{"all":[{"name":"x","rules":[{"type":"A","depth":{"n":1}}]}]}},
{"name":"g","owner":"projects/p/t","settings":{"diskConfig":{}}}]}"#;
    let capture = Capture {
        projects: vec!["p".to_owned()],
        asked: Vec::new(),
        pages: vec![page("google_x_thing", None, body)],
        gaps: Vec::new(),
        looks: Default::default(),
    };
    let objects = normalize(&capture, &catalog).objects;
    let of = |rtype: &str| {
        objects
            .iter()
            .filter(|object| object.rtype == rtype)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (of("google_x_thing").len(), of("google_x_global").len()),
        (2, 1)
    );
    let global = of("google_x_global")[0];
    assert_eq!(global.id, "//x.googleapis.com/projects/p/global/g");
    assert_eq!(global.attributes["hidden"], Value::from("z"));
    assert!(global.attributes["disk"].is_empty());
    let rule = of("google_x_part")[0].attributes["rule"]
        .to_json()
        .to_string();
    assert_eq!(rule, r#"[{"deep":[{"n":1}],"kind":"A"}]"#);
}
