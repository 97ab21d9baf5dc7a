//! Forecasts over one small type.

use super::outlook::Forecast;
use super::*;
use crate::catalog::Catalog;
use crate::model::{
    Address, Declared, Lifecycle, NotEvaluated, Place, ProviderConfig, Unknown, Value,
};

const SERVICE: &str = "title = \"X\"\napi = \"x.googleapis.com\"\nbase = \"https://x.googleapis.com/v1/\"\nendpoint = \"X\"\n";
const TYPE: &str = r#"
type = "google_x_thing"
description = "A thing."
defaults = ["project"]
[list]
path = "projects/{project}/things"
items = "things"
[identity]
id = "projects/{project}/things/{name}"
import_id = "{project}/{name}"
[prior]
labels = "configured-keys"
terraform_labels = "configured-keys"
[suppress]
network = "link"
"disk.gb" = "lower if disk.grow true"
step = "order"
"rule.note" = "always"
ip = "address"
alias = "always if mode on"
[replace]
version = "lower"
on = "turned-off"
"disk.gb" = "lower"
"#;
const SCHEMA: &str = r#"{"type": "google_x_thing", "schema_version": 0, "importable": true, "custom_diff": true, "attributes": {
"name": {"kind": "string", "mode": "required", "force_new": true},
"project": {"kind": "string", "mode": "optional+computed", "force_new": true},
"size": {"kind": "int", "mode": "optional", "default": 10},
"auto": {"kind": "string", "mode": "optional+computed"},
"out": {"kind": "string", "mode": "computed"},
"policy": {"kind": "string", "mode": "optional+computed", "provider_only": true},
"network": {"kind": "string", "mode": "optional", "force_new": true, "diff_suppressed": true},
"ip": {"kind": "string", "mode": "optional", "force_new": true, "diff_suppressed": true},
"on": {"kind": "bool", "mode": "optional"},
"mode": {"kind": "string", "mode": "optional"},
"alias": {"kind": "string", "mode": "optional", "diff_suppressed": true},
"odd": {"kind": "string", "mode": "optional", "diff_suppressed": true},
"version": {"kind": "string", "mode": "optional"},
"labels": {"kind": "map", "elem": "string", "mode": "optional"},
"terraform_labels": {"kind": "map", "elem": "string", "mode": "computed"},
"effective_labels": {"kind": "map", "elem": "string", "mode": "computed"},
"disk": {"kind": "list", "mode": "optional", "max_items": 1},
"disk.kind": {"kind": "string", "mode": "optional", "force_new": true},
"disk.gb": {"kind": "int", "mode": "optional+computed"},
"disk.grow": {"kind": "bool", "mode": "optional", "default": true},
"step": {"kind": "list", "mode": "optional"},
"step.k": {"kind": "string", "mode": "required"},
"step.n": {"kind": "int", "mode": "optional"},
"rule": {"kind": "set", "mode": "optional"},
"rule.k": {"kind": "string", "mode": "required"},
"rule.auto": {"kind": "bool", "mode": "optional+computed"},
"rule.tags": {"kind": "set", "elem": "string", "mode": "optional"},
"rule.note": {"kind": "list", "mode": "optional"},
"rule.note.n": {"kind": "int", "mode": "optional"},
"rule.part": {"kind": "set", "mode": "optional"},
"rule.part.n": {"kind": "int", "mode": "optional"},
"seal": {"kind": "list", "mode": "optional", "max_items": 1},
"seal.on": {"kind": "bool", "mode": "optional", "force_new": true},
"seal.auto": {"kind": "string", "mode": "optional+computed", "force_new": true},
"seal.note": {"kind": "string", "mode": "optional"}
}}"#;

fn plan(config: &str, prior: &str, ignore: &[&str]) -> Planned {
    let files = [
        ("google/x/service.toml", SERVICE),
        ("google/x/google_x_thing.toml", TYPE),
        ("google/x/google_x_thing.schema.json", SCHEMA),
    ];
    let catalog = Catalog::load(files).unwrap();
    let mut arguments = Value::from_json(serde_json::from_str(config).unwrap())
        .as_map()
        .unwrap()
        .clone();
    for value in arguments.values_mut() {
        if value.as_text() == Some("?") {
            *value = Value::Unknown(Unknown::AFTER_APPLY);
        } else if value.as_text() == Some("??") {
            *value = Value::Unknown(NotEvaluated::Number.into());
        }
    }
    let lifecycle = Lifecycle {
        ignore_changes: ignore.iter().map(|s| (*s).to_owned()).collect(),
        ..Lifecycle::default()
    };
    let declared = Declared {
        address: Address::root("google_x_thing", "t"),
        provider: None,
        arguments,
        references: Vec::new(),
        lifecycle,
        place: Place::default(),
    };
    let provider = ProviderConfig {
        project: Some("p".to_owned()),
        attribution_label: Some(true),
        ..ProviderConfig::default()
    };
    let mut prior = Value::from_json(serde_json::from_str(prior).unwrap());
    if let Value::Map(map) = &mut prior {
        map.entry("size".to_owned()).or_insert(Value::int(10));
        map.entry("project".to_owned()).or_insert(Value::text("p"));
    }
    let declaration = Declaration {
        declared: &declared,
        provider: Some(&provider),
    };
    forecast(
        &catalog.definitions["google_x_thing"],
        Some(declaration),
        Some(&prior),
        false,
    )
}

#[track_caller]
fn check(config: &str, prior: &str, expected: &str) {
    let planned = plan(config, prior, &[]);
    let paths: Vec<_> = planned
        .changes
        .iter()
        .map(|c| format!(" {}", c.path))
        .collect();
    assert_eq!(
        format!("{}{}", planned.forecast.as_str(), paths.concat()),
        expected
    );
}

#[test]
fn scalars() {
    check(
        r#"{"name":"a"}"#,
        r#"{"name":"a","auto":"x","out":"y"}"#,
        "none",
    );
    check(r#"{"name":"b"}"#, r#"{"name":"a"}"#, "replace name");
    check(
        r#"{"name":"a"}"#,
        r#"{"name":"a","size":20}"#,
        "update size",
    );
    check(
        r#"{"name":"a","auto":"y"}"#,
        r#"{"name":"a","auto":"x"}"#,
        "update auto",
    );
    check(
        r#"{"name":"a","network":"n"}"#,
        r#"{"name":"a","network":"projects/p/global/networks/n"}"#,
        "none",
    );
    check(
        r#"{"name":"a","network":"m"}"#,
        r#"{"name":"a","network":"projects/p/global/networks/n"}"#,
        "replace network",
    );
    check(
        r#"{"name":"a","odd":"m"}"#,
        r#"{"name":"a","odd":"n"}"#,
        "unknown odd",
    );
    check(
        r#"{"name":"a","auto":"","project":""}"#,
        r#"{"name":"a","auto":"x"}"#,
        "none",
    );
    check(r#"{"name":"a","odd":""}"#, r#"{"name":"a"}"#, "none");
    check(
        r#"{"name":"a","policy":""}"#,
        r#"{"name":"a","policy":"DELETE"}"#,
        "update policy",
    );
}

#[test]
fn what_the_provider_would_fill_in_stays() {
    check(
        r#"{"name":"a"}"#,
        r#"{"name":"a","project":"other"}"#,
        "none",
    );
    check(
        r#"{"name":"a","auto":""}"#,
        r#"{"name":"a","auto":"x"}"#,
        "none",
    );
    check(
        r#"{"name":"a","project":""}"#,
        r#"{"name":"a","project":"other"}"#,
        "replace project",
    );
    check(
        r#"{"name":"a","version":""}"#,
        r#"{"name":"a","version":"V"}"#,
        "update version",
    );
}

#[test]
fn values_have_the_kind_of_their_attribute() {
    check(
        r#"{"name":"a","on":"true","size":"10"}"#,
        r#"{"name":"a","on":true}"#,
        "none",
    );
    check(
        r#"{"name":"a","on":"false"}"#,
        r#"{"name":"a","on":true}"#,
        "replace on",
    );
    check(
        r#"{"name":"a","version":7}"#,
        r#"{"name":"a","version":"7"}"#,
        "none",
    );
}

#[test]
fn what_a_rule_depends_on_is_still_there_when_it_is_left_out() {
    check(
        r#"{"name":"a","alias":"x"}"#,
        r#"{"name":"a","alias":"y","mode":"on"}"#,
        "update mode",
    );
    check(
        r#"{"name":"a","alias":"x","mode":"off"}"#,
        r#"{"name":"a","alias":"y","mode":"on"}"#,
        "update alias mode",
    );
}

#[test]
fn replaced_by_code() {
    check(
        r#"{"name":"a","version":"V_6_2"}"#,
        r#"{"name":"a","version":"V_7_0"}"#,
        "replace version",
    );
    check(
        r#"{"name":"a","version":"V_7_2"}"#,
        r#"{"name":"a","version":"V_7_0"}"#,
        "update version",
    );
}

#[test]
fn a_block_that_comes_replaces_by_what_it_says_and_one_that_goes_by_what_it_held() {
    check(
        r#"{"name":"a","seal":[{"on":false}]}"#,
        r#"{"name":"a","seal":[]}"#,
        "replace seal",
    );
    check(
        r#"{"name":"a","seal":[{"auto":"x"}]}"#,
        r#"{"name":"a","seal":[]}"#,
        "replace seal",
    );
    check(
        r#"{"name":"a","seal":[{"auto":"","note":"x"}]}"#,
        r#"{"name":"a","seal":[]}"#,
        "update seal",
    );
    check(
        r#"{"name":"a"}"#,
        r#"{"name":"a","seal":[{"on":false,"auto":"x"}]}"#,
        "update seal",
    );
    check(
        r#"{"name":"a"}"#,
        r#"{"name":"a","seal":[{"on":true}]}"#,
        "replace seal",
    );
}

#[test]
fn a_member_of_a_set_written_twice_is_one() {
    check(
        r#"{"name":"a","rule":[{"k":"x"},{"k":"x"}]}"#,
        r#"{"name":"a","rule":[{"k":"x"}]}"#,
        "none",
    );
    check(
        r#"{"name":"a","rule":[{"k":"x"},{"k":"x"}]}"#,
        r#"{"name":"a","rule":[{"k":"y"}]}"#,
        "update rule",
    );
    check(
        r#"{"name":"a","rule":[{"k":"x","note":[{"n":1}]}]}"#,
        r#"{"name":"a","rule":[{"k":"x","note":[]}]}"#,
        "none",
    );
}

#[test]
fn what_is_not_known() {
    check(r#"{"name":"?"}"#, r#"{"name":"a"}"#, "replace name");
    check(
        r#"{"name":"a","auto":"?"}"#,
        r#"{"name":"a","auto":"x"}"#,
        "update auto",
    );
    check(
        r#"{"name":"a","ip":"?"}"#,
        r#"{"name":"a","ip":"1.2.3.4"}"#,
        "none",
    );
    check(
        r#"{"name":"a","ip":"??"}"#,
        r#"{"name":"a","ip":"1.2.3.4"}"#,
        "unknown ip",
    );
    check(
        r#"{"name":"a","alias":"?","mode":"on"}"#,
        r#"{"name":"a","alias":"y","mode":"on"}"#,
        "none",
    );
    check(r#"{"name":"??"}"#, r#"{"name":"a"}"#, "unknown name");
    check(
        r#"{"name":"a","auto":"??","size":5}"#,
        r#"{"name":"a","auto":"x"}"#,
        "update auto size",
    );
}

#[test]
fn blocks() {
    check(
        r#"{"name":"a","disk":[{"kind":"ssd"}]}"#,
        r#"{"name":"a","disk":[{"kind":"ssd","gb":7,"grow":true}]}"#,
        "none",
    );
    check(
        r#"{"name":"a"}"#,
        r#"{"name":"a","disk":[{"gb":7}]}"#,
        "update disk",
    );
    check(
        r#"{"name":"a"}"#,
        r#"{"name":"a","disk":[{"kind":"ssd"}]}"#,
        "replace disk",
    );
    check(
        r#"{"name":"a","disk":[{"gb":8}]}"#,
        r#"{"name":"a","disk":[{"gb":7,"grow":true}]}"#,
        "update disk[0].gb",
    );
}

#[test]
fn a_block_of_json_syntax_need_not_stand_in_a_list() {
    check(
        r#"{"name":"a","disk":{"kind":"ssd"}}"#,
        r#"{"name":"a","disk":[{"kind":"ssd","gb":7,"grow":true}]}"#,
        "none",
    );
    let prior = r#"{"name":"a","rule":[{"k":"x","part":[{"n":1}]}]}"#;
    check(
        r#"{"name":"a","rule":[{"k":"x","part":{"n":1}}]}"#,
        prior,
        "none",
    );
    check(
        r#"{"name":"a","rule":{"k":"x","part":[{"n":2}]}}"#,
        prior,
        "update rule",
    );
}

#[test]
fn let_pass_where_another_argument_says_so() {
    let prior = r#"{"name":"a","disk":[{"gb":7,"grow":true}]}"#;
    check(r#"{"name":"a","disk":[{"gb":5}]}"#, prior, "none");
    check(
        r#"{"name":"a","disk":[{"gb":5,"grow":false}]}"#,
        prior,
        "replace disk[0].gb disk[0].grow",
    );
    check(
        r#"{"name":"a","disk":[{"gb":9}]}"#,
        prior,
        "update disk[0].gb",
    );
}

#[test]
fn sets() {
    check(
        r#"{"name":"a","rule":[{"k":"x"},{"k":"y"}]}"#,
        r#"{"name":"a","rule":[{"k":"y"},{"k":"x"}]}"#,
        "none",
    );
    check(
        r#"{"name":"a","rule":[{"k":"x"}]}"#,
        r#"{"name":"a","rule":[{"k":"x","auto":true}]}"#,
        "update rule",
    );
    check(
        r#"{"name":"a","rule":[{"k":"x"},{"k":"x"}]}"#,
        r#"{"name":"a","rule":[{"k":"x"}]}"#,
        "none",
    );
}

#[test]
fn sets_in_sets_have_no_order_either() {
    let prior = r#"{"name":"a","rule":[{"k":"x","tags":["b","a"],"part":[{"n":1},{"n":2}]}]}"#;
    check(
        r#"{"name":"a","rule":[{"k":"x","tags":["a","b"],"part":[{"n":2},{"n":1}]}]}"#,
        prior,
        "none",
    );
    check(
        r#"{"name":"a","rule":[{"k":"x","tags":["a"],"part":[{"n":2},{"n":1}]}]}"#,
        prior,
        "update rule",
    );
}

#[test]
fn blocks_whose_order_does_not_matter() {
    let prior = r#"{"name":"a","step":[{"k":"x","n":1},{"k":"y","n":2},{"k":"z","n":3}]}"#;
    check(
        r#"{"name":"a","step":[{"k":"z","n":3},{"k":"x","n":1},{"k":"y","n":2}]}"#,
        prior,
        "none",
    );
    check(
        r#"{"name":"a","step":[{"k":"z","n":3},{"k":"y","n":7},{"k":"x","n":1}]}"#,
        prior,
        "update step[1].n",
    );
}

#[test]
fn labels() {
    let prior = r#"{"name":"a","labels":{"e":"1"},"terraform_labels":{"e":"1","goog-terraform-provisioned":"true"},
        "effective_labels":{"e":"1","goog-terraform-provisioned":"true"}}"#;
    check(r#"{"name":"a","labels":{"e":"1"}}"#, prior, "none");
    check(
        r#"{"name":"a","labels":{"e":"2"}}"#,
        prior,
        "update labels.e",
    );
    let found = r#"{"name":"a","labels":{},"terraform_labels":{},"effective_labels":{"goog-terraform-provisioned":"true"}}"#;
    check(r#"{"name":"a"}"#, found, "update terraform_labels");
}

#[test]
fn ignored_changes() {
    let planned = plan(
        r#"{"name":"a","size":5,"disk":[{"gb":8}]}"#,
        r#"{"name":"a","disk":[{"gb":7,"grow":true}]}"#,
        &["size", "disk[0].gb"],
    );
    assert!(planned.changes.is_empty(), "{:?}", planned.changes);
}

#[test]
fn a_replacement_is_made_as_configuration_says_ignored_or_not() {
    let planned = plan(r#"{"name":"b","size":5}"#, r#"{"name":"a"}"#, &["size"]);
    assert_eq!(
        (planned.forecast, planned.value.get("size")),
        (Forecast::Replace, Some(&Value::int(5)))
    );
    let planned = plan(r#"{"name":"a","size":5}"#, r#"{"name":"a"}"#, &["size"]);
    assert_eq!(
        (planned.forecast, planned.value.get("size")),
        (Forecast::None, Some(&Value::int(10)))
    );
}
