//! Secrets planted in every sensitive attribute of every type, and where no schema speaks: no output holds one.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support;
use crate::support::binary::Run;
use crate::support::estate::{Estate, PROJECT, Planted};
use driftline::model::Value;
use driftline::normalize::normalize;
use serde_json::{Map, Value as Json, json};

const SECRET: &str = "planted-hunter2";

async fn planted() -> Estate {
    let planted = Planted {
        secret: SECRET.to_owned(),
        name: String::new(),
        text: "a text".to_owned(),
    };
    Estate::grow(support::catalog(), planted).await
}

/// Makes every attribute differ: blocks are doubled or dropped, texts changed, labels of a secret's name added.
fn upset(attributes: &mut Map<String, Json>) {
    for (name, value) in attributes.iter_mut() {
        match value {
            Json::Array(items) if items.is_empty() => {}
            Json::Array(items) if name.len() % 2 == 0 => items.push(items[0].clone()),
            Json::Array(_) => *value = json!([]),
            Json::Object(map) if name.contains("label") => {
                map.insert("auth_token".to_owned(), json!(SECRET));
                map.insert(
                    "pem".to_owned(),
                    json!(format!("-----BEGIN PRIVATE KEY-----\n{SECRET}")),
                );
            }
            _ => {}
        }
    }
    attributes.insert(
        "description".to_owned(),
        json!(format!("-----BEGIN PRIVATE KEY-----\n{SECRET}")),
    );
}

/// Marks an attribute that the schema takes for harmless as sensitive, and plants a secret in it.
fn mark(state: &mut Json) {
    for resource in state["resources"].as_array_mut().unwrap() {
        let instance = &mut resource["instances"][0];
        if instance["attributes"]["labels"].is_object() {
            instance["attributes"]["labels"]["hobby"] = json!(SECRET);
            instance["sensitive_attributes"] = json!([[{"type": "get_attr", "value": "labels"}, {"type": "index", "value": {"value": "hobby", "type": "string"}}]]);
        }
    }
}

#[track_caller]
fn clean(what: &str, text: &str) {
    if let Some(at) = text.find(SECRET) {
        let from = text[..at]
            .char_indices()
            .rev()
            .nth(300)
            .map_or(0, |(at, _)| at);
        panic!("{what} shows a secret: {}", &text[from..at + SECRET.len()]);
    }
}

fn clean_folder(dir: &Path) -> usize {
    let found = support::tree(dir, "");
    found.iter().for_each(|(name, text)| clean(name, text));
    found.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_output_of_any_command_holds_a_planted_secret() {
    let estate = planted().await;
    let capture = estate.read(&estate.settings()).await;
    let folder = tempfile::tempdir().unwrap();
    let mut state = estate.state(&capture, &upset);
    mark(&mut state);
    std::fs::write(folder.path().join("planted.tfstate"), state.to_string()).unwrap();
    let run = |args: &[&str]| {
        let ended = Run::new(args)
            .vars(&estate.endpoints())
            .var("GOOGLE_OAUTH_ACCESS_TOKEN", SECRET)
            .var("GOOGLE_PROJECT", PROJECT)
            .within(folder.path())
            .end();
        clean(&args.join(" "), &ended.said());
        assert!(ended.code != 1, "{args:?}: {}", ended.stderr);
        ended.said()
    };
    let drift = run(&["drift", "--state", "planted.tfstate", "--all"]);
    assert!(
        drift.contains("(sensitive value)") && drift.contains("drifted"),
        "{drift}"
    );
    run(&[
        "drift",
        "--state",
        "planted.tfstate",
        "--all",
        "--out",
        "json://-",
        "--color",
        "always",
    ]);
    for format in ["console", "json", "dot", "mermaid"] {
        run(&["graph", "--out", &format!("{format}://-")]);
    }
    for address in ["google_sql_database_instance", "google_redis_instance"] {
        run(&["explain", address]);
    }
    let resources = state["resources"].as_array().unwrap();
    let some = resources.iter().step_by(resources.len() / 4).map(|r| {
        format!(
            "{}.{}",
            r["type"].as_str().unwrap(),
            r["name"].as_str().unwrap()
        )
    });
    for address in some {
        run(&["explain", &address, "--state", "planted.tfstate"]);
    }
    run(&["scan", "--snapshot", "stored"]);
    assert!(clean_folder(&folder.path().join("stored")) > 20);
    run(&[
        "drift",
        "--state",
        "planted.tfstate",
        "--all",
        "--snapshot",
        "stored",
        "--out",
        "json://report.json",
        "--out",
        "console://-",
    ]);
    clean(
        "report.json",
        &std::fs::read_to_string(folder.path().join("report.json")).unwrap(),
    );
    run(&["doctor", "--state", "planted.tfstate"]);
    run(&["plan", "--state", "planted.tfstate"]);
    for format in ["console", "json", "commands"] {
        run(&["plan", "--out", &format!("{format}://-")]);
    }
    run(&[
        "plan",
        "--detail",
        "full",
        "--adopt-labels",
        "--include-defaults",
        "--write",
        "written",
    ]);
    assert!(clean_folder(&folder.path().join("written")) > 0);
}

/// What a configuration calls sensitive, or writes into sensitive arguments, is in no report either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_of_a_configuration_is_shown() {
    let estate = planted().await;
    let folder = tempfile::tempdir().unwrap();
    let configuration = format!(
        "variable \"phrase\" {{\n  sensitive = true\n  default   = \"{SECRET}\"\n}}\n\n\
         resource \"google_sql_user\" \"new\" {{\n  name     = \"u\"\n  instance = \"thing-1\"\n  password = \"{SECRET}\"\n}}\n\n\
         resource \"google_redis_instance\" \"new\" {{\n  name           = \"n\"\n  memory_size_gb = 1\n  display_name   = var.phrase\n  \
         labels = {{\n    db_password = \"{SECRET}\"\n  }}\n}}\n"
    );
    std::fs::write(folder.path().join("main.tf"), configuration).unwrap();
    let state = json!({"version": 4, "terraform_version": "1.12.6", "serial": 1, "lineage": "l", "outputs": {}, "resources": [
        {"mode": "managed", "type": "google_redis_instance", "name": "new", "provider": "provider[\"registry.opentofu.org/hashicorp/google\"]",
         "instances": [{"schema_version": 1, "attributes": {"id": format!("projects/{PROJECT}/locations/us-central1/instances/thing-1"),
            "name": "thing-1", "project": PROJECT, "region": "us-central1", "display_name": "old", "labels": {"db_password": SECRET}}}]}]});
    std::fs::write(folder.path().join("s.tfstate"), state.to_string()).unwrap();
    let run = |args: &[&str]| {
        let run = Run::new(args)
            .vars(&estate.endpoints())
            .var("GOOGLE_OAUTH_ACCESS_TOKEN", "t")
            .var("GOOGLE_PROJECT", PROJECT);
        let ended = run.within(folder.path()).end();
        clean(&args.join(" "), &ended.said());
        ended
    };
    let base = ["--config", ".", "--state", "s.tfstate"];
    for format in ["console", "json"] {
        let ended = run(&[
            &["drift", "--all", "--out", &format!("{format}://-")],
            &base[..],
        ]
        .concat());
        assert!(
            ended.code == 2 && ended.stdout.contains("display_name"),
            "{}",
            ended.said()
        );
        run(&[&["plan", "--out", &format!("{format}://-")], &base[..]].concat());
    }
    for expression in ["var.phrase", "[upper(var.phrase)]"] {
        for format in ["console://-", "json://-"] {
            let ended = run(&["console", "--config", ".", "--out", format, expression]);
            assert!(
                !ended.said().contains(&SECRET.to_uppercase()),
                "{}",
                ended.said()
            );
        }
    }
}

/// What the estate has teeth for: most types are there, and a secret stands in what each reads as sensitive.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_planted_secrets_are_where_they_would_be() {
    let estate = planted().await;
    let capture = estate.read(&estate.settings()).await;
    let objects = normalize(&capture, &estate.catalog).objects;
    let seen: BTreeSet<&str> = objects.iter().map(|object| object.rtype.as_str()).collect();
    let unseen: Vec<&String> = estate
        .catalog
        .definitions
        .keys()
        .filter(|rtype| !seen.contains(rtype.as_str()))
        .collect();
    assert!(
        seen.len() * 10 >= estate.catalog.definitions.len() * 8,
        "too few types: not {unseen:?}"
    );
    let mut blind = Vec::new();
    for object in &objects {
        let definition = estate.catalog.definition(&object.rtype).unwrap();
        let whole = Value::Map(object.attributes.clone()).to_json().to_string();
        let readable = |readers: &[driftline::catalog::AttributeReader]| {
            readers
                .iter()
                .any(|r| r.source.is_some() && definition.schema.is_sensitive(&r.family))
        };
        if readable(&definition.readers) && !whole.contains(SECRET) {
            blind.push(object.rtype.clone());
        }
    }
    assert!(blind.is_empty(), "{blind:?}");
}
