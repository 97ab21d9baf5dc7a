//! Declared instances and the objects they stand for: configurations against the objects of a snapshot. Each folder of
//! `tests/matching` holds one, with what `plan --config` and `drift --config` say of it in `expected.txt`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::support::binary::Run;
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/matching")
        .join(name)
}

/// A run over the objects of a snapshot, as JSON.
fn run(command: &[&str], config: &Path, snapshot: &str) -> Value {
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("snapshots")
        .join(snapshot);
    let run = Run::new(command)
        .arg("--config")
        .arg(config.to_str().unwrap())
        .arg("--snapshot")
        .arg(snapshot.to_str().unwrap());
    let ended = run.arg("--out").arg("json://-").end();
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.said()))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// What a plan says of declared instances.
fn plan(json: &Value) -> String {
    let mut out = String::new();
    for step in json["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["declared"] == true)
    {
        let refused = if step["refused"] == true {
            ", left out"
        } else {
            ""
        };
        let line = format!(
            "{} = {}: {}{refused}",
            text(step, "address"),
            text(step, "import_id"),
            text(step, "forecast")
        );
        writeln!(out, "{:<9} {line}", text(step, "match")).unwrap();
        step["because"]
            .as_str()
            .iter()
            .for_each(|because| writeln!(out, "            because {because}").unwrap());
    }
    for one in json["unmatched"].as_array().unwrap() {
        writeln!(
            out,
            "{:<9} {} {}",
            text(one, "match"),
            text(one, "address"),
            text(one, "reason")
        )
        .unwrap();
        for candidate in one["candidates"].as_array().unwrap() {
            writeln!(out, "            maybe {}", candidate.as_str().unwrap()).unwrap();
        }
        near(&mut out, one);
    }
    out
}

/// What a report says of addresses.
fn drift(json: &Value) -> String {
    let mut out = String::new();
    for row in json["resources"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["address"].is_string())
    {
        let line = format!(
            "{}: {}, {}",
            text(row, "address"),
            text(row, "verdict"),
            text(row, "forecast")
        );
        writeln!(out, "{line} {}", text(row, "reason")).unwrap();
        near(&mut out, row);
    }
    out
}

fn near(out: &mut String, row: &Value) {
    for near in row["near"].as_array().into_iter().flatten() {
        writeln!(out, "            near {}", text(near, "hint")).unwrap();
    }
}

/// Holds a text against a file; `UPDATE_EXPECT=1` writes it.
#[track_caller]
fn expect(file: &Path, text: &str) {
    let text: String = text
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    let wanted = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        wanted == text,
        "{} differs; now it is:\n{text}",
        file.display()
    );
}

#[track_caller]
fn both(name: &str, snapshot: &str) {
    let folder = folder(name);
    let (plan, drift) = (
        plan(&run(&["plan"], &folder, snapshot)),
        drift(&run(&["drift"], &folder, snapshot)),
    );
    expect(
        &folder.join("expected.txt"),
        &format!("plan --config\n\n{plan}\ndrift --config\n\n{drift}"),
    );
}

#[test]
fn near_misses_are_named() {
    both("near", "demo");
}

#[test]
fn a_report_with_near_misses_is_what_its_schema_says() {
    let schema: Value =
        serde_json::from_str(include_str!("../../src/render/report.schema.json")).unwrap();
    let near = &schema["properties"]["resources"]["items"]["properties"]["near"]["items"];
    let report = run(&["drift"], &folder("near"), "demo");
    let found: Vec<&Value> = report["resources"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["near"].is_array())
        .collect();
    assert!(!found.is_empty());
    for miss in found.iter().flat_map(|row| row["near"].as_array().unwrap()) {
        for key in near["required"].as_array().unwrap() {
            assert!(miss[key.as_str().unwrap()].is_string(), "{miss}");
        }
        assert_eq!(
            miss.as_object().unwrap().len(),
            near["properties"].as_object().unwrap().len()
        );
    }
}

#[test]
fn a_match_says_how_sure_it_is() {
    both("confidence", "demo");
}

#[test]
fn what_is_declared_inside_tells_candidates_apart() {
    both("neighbour", "types/google_sql_database");
}

#[test]
fn a_number_the_api_gives_is_inferred_where_only_one_is_there() {
    both("versions", "demo");
}

#[test]
fn what_a_resource_declares_inline_is_not_imported_beside_it() {
    let state = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("snapshots/types/google_container_node_pool/tofu/terraform.tfstate");
    let mut text = String::new();
    for (title, more) in [
        ("without state", vec![]),
        ("with state", vec!["--state", state.to_str().unwrap()]),
    ] {
        let command: Vec<&str> = ["plan"].into_iter().chain(more).collect();
        let json = run(
            &command,
            &folder("inline"),
            "types/google_container_node_pool",
        );
        writeln!(text, "plan --config, {title}\n").unwrap();
        let names = |key: &str| json[key].as_array().unwrap().clone();
        names("steps")
            .iter()
            .for_each(|step| writeln!(text, "import    {}", self::text(step, "address")).unwrap());
        let skips = names("skips");
        let skips = skips.iter().map(|skip| {
            format!(
                "{} {}",
                self::text(skip, "import_id"),
                self::text(skip, "reason")
            )
        });
        skips.for_each(|skip| writeln!(text, "not       {skip}").unwrap());
        text.push('\n');
    }
    expect(&folder("inline").join("expected.txt"), &text);
}

/// Copies a folder of text files.
fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        let to = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copied(&entry, &to)
        } else {
            _ = std::fs::copy(&entry, &to).unwrap()
        }
    }
}

#[test]
fn a_family_is_imported_by_one_block() {
    let dir = tempfile::tempdir().unwrap();
    copied(&folder("families"), dir.path());
    std::fs::remove_file(dir.path().join("expected.txt")).unwrap();
    let at = dir.path().to_str().unwrap();
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/demo");
    let write = |more: &[&str]| {
        let run = Run::new(&[
            "plan",
            "--config",
            at,
            "--write",
            at,
            "--allow-replace",
            "--snapshot",
            snapshot.to_str().unwrap(),
        ]);
        more.iter().fold(run, |run, arg| run.arg(arg)).end()
    };
    let types = [
        "google_secret_manager_secret",
        "google_project_service",
        "google_service_account",
        "google_sql_database",
    ];
    let only: Vec<&str> = types.iter().flat_map(|rtype| ["--only", rtype]).collect();
    let first = write(&only);
    assert!(first.stderr.contains("files written"), "{}", first.said());
    expect(
        &folder("families").join("expected.txt"),
        &std::fs::read_to_string(dir.path().join("imports.tf")).unwrap(),
    );
    // What stands there is known again.
    assert!(write(&only).stderr.contains("0 files written"));
}

#[test]
fn what_moved_is_neither_gone_nor_new() {
    let state = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/demo/tofu/terraform.tfstate");
    let types = [
        "kms_key_ring",
        "kms_crypto_key",
        "redis_instance",
        "service_account",
        "sql_database",
        "sql_user",
    ];
    let types: Vec<String> = types
        .iter()
        .flat_map(|name| ["--type".to_owned(), format!("google_{name}")])
        .collect();
    let mut command = vec!["drift", "--all", "--state", state.to_str().unwrap()];
    command.extend(types.iter().map(String::as_str));
    let report = run(&command, &folder("moved"), "demo");
    expect(
        &folder("moved").join("expected.txt"),
        &drift(&report).replace(env!("CARGO_MANIFEST_DIR"), "."),
    );
}

#[test]
fn a_folder_with_configuration_is_planned_into() {
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/demo");
    let write = |dir: &Path| {
        let dir = dir.to_str().unwrap();
        let only = [
            "--only",
            "google_secret_manager_secret",
            "--only",
            "google_sql_database",
        ];
        let run = Run::new(&[
            "plan",
            "--write",
            dir,
            "--allow-replace",
            "--snapshot",
            snapshot.to_str().unwrap(),
        ]);
        only.iter().fold(run, |run, arg| run.arg(arg)).end()
    };
    let text = |dir: &Path, file: &str| std::fs::read_to_string(dir.join(file)).unwrap_or_default();
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(
        folder("versions").join("main.tf"),
        dir.path().join("main.tf"),
    )
    .unwrap();
    let ended = write(dir.path());
    assert!(
        ended
            .stderr
            .contains("holds configuration: planned into it, as with --config"),
        "{}",
        ended.said()
    );
    let imports = text(dir.path(), "imports.tf");
    assert!(
        imports.contains("to = google_secret_manager_secret.stripe\n"),
        "{imports}"
    );
    assert!(!text(dir.path(), "secretmanager.tf").contains("\"stripe-secret-key\""));
    // What an earlier plan wrote is not somebody's configuration.
    let dir = tempfile::tempdir().unwrap();
    for files in ["4 files written", "0 files written"] {
        let ended = write(dir.path());
        assert!(
            ended.stderr.contains(files) && !ended.stderr.contains("holds configuration"),
            "{}",
            ended.said()
        );
    }
}
