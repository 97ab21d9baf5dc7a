//! Forecasts over one small type.

use super::outlook::Forecast;
use std::collections::BTreeMap;

use super::*;
use crate::catalog::Catalog;
use crate::model::{
    Address, AttributionStrategy, Declared, Lifecycle, NotEvaluated, Path, Place, ProviderConfig,
    Unknown, Value,
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
[import]
deletion_policy = "DELETE"
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
"rule.weight" = "always if rule.k neg*"
[unwritten]
spare = { value = [], if = "send true" }
[replace]
"lock.on" = "turned-off"
"lock.n" = "changed if mode on"
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
"deletion_policy": {"kind": "string", "mode": "optional+computed", "provider_only": true},
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
"rule.weight": {"kind": "float", "mode": "optional"},
"lock": {"kind": "list", "mode": "optional", "max_items": 1},
"lock.on": {"kind": "bool", "mode": "optional"},
"lock.n": {"kind": "int", "mode": "optional"},
"spare": {"kind": "list", "mode": "optional+computed"},
"spare.k": {"kind": "string", "mode": "required"},
"send": {"kind": "bool", "mode": "optional"},
"disk.tags": {"kind": "map", "elem": "string", "mode": "optional"},
"seal": {"kind": "list", "mode": "optional", "max_items": 1},
"seal.on": {"kind": "bool", "mode": "optional", "force_new": true},
"seal.auto": {"kind": "string", "mode": "optional+computed", "force_new": true},
"seal.note": {"kind": "string", "mode": "optional"}
}}"#;

/// `disk[0].gb`, `labels["e"]`.
fn path(text: &str) -> Path {
    text.split(['.', '[']).fold(Path::default(), |path, step| {
        let index = step.trim_end_matches(']');
        match (index.strip_prefix('"'), index.parse()) {
            (Some(key), _) => path.key(key.trim_end_matches('"')),
            (None, Ok(at)) => path.index(at),
            (None, Err(_)) => path.attribute(step),
        }
    })
}

fn plan(config: &str, prior: &str, ignore: &[&str]) -> Planned {
    let provider = ProviderConfig {
        project: Some("p".to_owned()),
        attribution_label: Some(true),
        ..ProviderConfig::default()
    };
    planned_by(&provider, config, prior, ignore)
}

fn planned_by(provider: &ProviderConfig, config: &str, prior: &str, ignore: &[&str]) -> Planned {
    let value = |text: &str| Value::from_json(serde_json::from_str(text).unwrap());
    let mut arguments = value(config).as_map().unwrap().clone();
    for value in arguments.values_mut() {
        if value.as_text() == Some("?") {
            *value = Value::Unknown(Unknown::AFTER_APPLY);
        } else if value.as_text() == Some("??") {
            *value = Value::Unknown(NotEvaluated::Number.into());
        }
    }
    let lifecycle = Lifecycle {
        ignore_changes: ignore.iter().map(|text| path(text)).collect(),
        ..Lifecycle::default()
    };
    instance(provider, arguments, value(prior), lifecycle)
}

/// The plan of an instance with these arguments.
pub(super) fn planned(arguments: BTreeMap<String, Value>, prior: Value) -> Planned {
    let provider = ProviderConfig {
        project: Some("p".to_owned()),
        attribution_label: Some(true),
        ..ProviderConfig::default()
    };
    instance(&provider, arguments, prior, Lifecycle::default())
}

fn instance(
    provider: &ProviderConfig,
    arguments: BTreeMap<String, Value>,
    mut prior: Value,
    lifecycle: Lifecycle,
) -> Planned {
    let files = [
        ("google/x/service.toml", SERVICE),
        ("google/x/google_x_thing.toml", TYPE),
        ("google/x/google_x_thing.schema.json", SCHEMA),
    ];
    let catalog = Catalog::load(files).unwrap();
    let declared = Declared {
        address: Address::root("google_x_thing", "t"),
        provider: None,
        arguments,
        references: Vec::new(),
        lifecycle,
        place: Place::default(),
    };
    if let Value::Map(map) = &mut prior {
        map.entry("size".to_owned()).or_insert(Value::int(10));
        map.entry("project".to_owned()).or_insert(Value::text("p"));
    }
    let declaration = Declaration {
        declared: &declared,
        provider: Some(provider),
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
fn ignored_keys_of_maps() {
    let prior = r#"{"name":"a","labels":{"e":"1","f":"1"},"terraform_labels":{"e":"1","f":"1"},
        "effective_labels":{"e":"1","f":"1"},"disk":[{"tags":{"x":"1","y":"1"},"grow":true}]}"#;
    let check = |config: &str, ignore: &[&str], expected: &str| {
        let planned = plan(config, prior, ignore);
        let paths: Vec<_> = planned
            .changes
            .iter()
            .map(|change| change.path.to_string())
            .collect();
        assert_eq!(paths.join(" "), expected, "{config} {ignore:?}");
    };
    let written = r#"{"name":"a","labels":{"e":"2","g":"3"},"disk":[{"tags":{"x":"2","y":"1"}}]}"#;
    check(written, &[], "disk[0].tags.x labels.e labels.f labels.g");
    check(
        written,
        &[r#"labels["e"]"#, r#"disk[0].tags["x"]"#],
        "labels.f labels.g",
    );
    // What is not there stays away, what is there and not written stays; and an attribute of a map is no key of it.
    check(
        written,
        &[r#"labels["g"]"#, r#"labels["f"]"#, "labels.e", "disk"],
        "labels.e",
    );
    check(written, &["labels", "disk[0]"], "");
    check(
        r#"{"name":"a","disk":[{"tags":{"x":"1","y":"1"}}]}"#,
        &[r#"labels["e"]"#],
        "labels.f",
    );
    check(
        r#"{"name":"a","labels":{"e":"1","f":"1"}}"#,
        &["disk[0].tags"],
        "disk",
    );
    check(
        r#"{"name":"a","labels":"?","disk":[{"tags":{"x":"1","y":"1"}}]}"#,
        &["labels"],
        "labels terraform_labels",
    );
}

#[test]
fn rules_of_replacement_look_into_a_block_that_comes_or_goes() {
    let held = |lock: &str| format!(r#"{{"name":"a","mode":"on","lock":[{lock}]}}"#);
    let without = r#"{"name":"a","mode":"on"}"#;
    check(without, &held(r#"{"on":true}"#), "replace lock");
    check(without, &held(r#"{"on":false}"#), "update lock");
    check(without, &held(r#"{"n":1}"#), "replace lock");
    check(&held(r#"{"n":1}"#), without, "replace lock");
    check(&held(r#"{"on":true}"#), without, "update lock");
    let off = r#"{"name":"a","mode":"off"}"#;
    check(off, &held(r#"{"n":1}"#), "update lock mode");
    // What the condition asks for is not known: the change may be a replacement.
    let open = r#"{"name":"a","mode":"??"}"#;
    check(open, &held(r#"{"n":1}"#), "unknown lock mode");
    check(
        r#"{"name":"a","mode":"?"}"#,
        &held(r#"{"n":1}"#),
        "update lock mode",
    );
    check(
        r#"{"name":"a","mode":"??","lock":[{"n":2}],"size":5}"#,
        &held(r#"{"n":1}"#),
        "unknown lock[0].n mode size",
    );
}

#[test]
fn a_rule_may_ask_what_stands_beside_in_the_same_block() {
    let check = |k: &str, expected: &str| {
        let rules = |weight: &str| {
            format!(r#"{{"name":"a","rule":[{{"k":"other"}},{{"k":"{k}"{weight}}}]}}"#)
        };
        super::tests::check(&rules(""), &rules(r#","weight":0.8"#), expected);
    };
    check("neg-1", "none");
    check("zonal", "update rule");
}

#[test]
fn what_the_provider_plans_in_place_of_what_is_left_out() {
    let prior = r#"{"name":"a","spare":[{"k":"x"}],"send":true}"#;
    check(r#"{"name":"a","send":true}"#, prior, "update spare");
    check(r#"{"name":"a","send":false}"#, prior, "update send");
    check(r#"{"name":"a","send":"??"}"#, prior, "unknown send spare");
    let planned = plan(r#"{"name":"a","send":true}"#, prior, &[]);
    assert_eq!(planned.value.get("spare"), Some(&Value::List(Vec::new())));
    let kept = plan(r#"{"name":"a","send":true}"#, prior, &["spare"]);
    assert!(kept.changes.is_empty(), "{:?}", kept.changes);
}

/// What an import leaves is planned wherever it is left out, unless the provider's configuration says otherwise.
#[test]
fn an_argument_of_the_provider_alone_goes_back_to_what_it_falls_back_to() {
    let there = |policy: &str| format!(r#"{{"name":"a","deletion_policy":{policy}}}"#);
    check(r#"{"name":"a"}"#, &there(r#""DELETE""#), "none");
    check(
        r#"{"name":"a"}"#,
        &there(r#""PREVENT""#),
        "update deletion_policy",
    );
    check(r#"{"name":"a"}"#, &there("null"), "none");
    let told = |said: Option<&str>, unknown: &[&str], prior: &str| {
        let provider = ProviderConfig {
            deletion_policy: said.map(str::to_owned),
            unknown: unknown.iter().map(|name| (*name).to_owned()).collect(),
            ..ProviderConfig::default()
        };
        planned_by(&provider, r#"{"name":"a"}"#, prior, &[])
    };
    let kept = there(r#""DELETE""#);
    let abandoned = told(Some("ABANDON"), &[], &kept);
    assert_eq!(abandoned.forecast, Forecast::Update);
    let open = told(None, &["deletion_policy"], &kept);
    assert_eq!(open.forecast, Forecast::Unknown);
    // What replaces it is made with it.
    let made = told(Some("ABANDON"), &[], r#"{"name":"b"}"#);
    assert_eq!(made.forecast, Forecast::Replace);
    let policy = made.value.get("deletion_policy");
    assert_eq!(policy, Some(&Value::text("ABANDON")));
}

#[test]
fn the_label_of_attribution_is_added_as_the_provider_is_told() {
    let bare = r#"{"name":"a","labels":{},"terraform_labels":{},"effective_labels":{}}"#;
    let told = |said: bool, strategy: AttributionStrategy, unknown: &[&str]| {
        let provider = ProviderConfig {
            project: Some("p".to_owned()),
            attribution_label: Some(said),
            attribution_strategy: strategy,
            unknown: unknown.iter().map(|name| (*name).to_owned()).collect(),
            ..ProviderConfig::default()
        };
        planned_by(&provider, r#"{"name":"a"}"#, bare, &[]).forecast
    };
    let (created, all) = (
        AttributionStrategy::CreationOnly,
        AttributionStrategy::Proactive,
    );
    assert_eq!(told(true, created, &[]), Forecast::None);
    assert_eq!(told(true, all, &[]), Forecast::Update);
    assert_eq!(told(false, all, &[]), Forecast::None);
    let open = |argument: &str| told(true, created, &[argument]);
    assert_eq!(open("default_labels"), Forecast::Unknown);
    assert_eq!(
        open("terraform_attribution_label_addition_strategy"),
        Forecast::Unknown
    );
    assert_eq!(open("request_reason"), Forecast::None);
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
