//! What each command costs on a generated project: `cargo bench --bench commands [-- OBJECTS]`.
//!
//! Snapshot, state and configuration of as many databases (and a tenth as many instances) are written to a folder; each command
//! runs over them in a process of its own, so that its time and peak memory are its own. No network is in it.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a benchmark stops where its surroundings fail it"
)]
#![allow(
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints its figures"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Instant, SystemTime};

use driftline::model::{Capture, Page, Scope};
use driftline::normalize::normalize;
use driftline::snapshot::{Redactor, save};
use serde_json::json;
use serde_json::value::RawValue;

/// Set in the processes that run one command.
const INNER: &str = "DRIFTLINE_BENCH_INNER";
const PROJECT: &str = "bench-0001";
const INSTANCE: &str = "google_sql_database_instance";
const DATABASE: &str = "google_sql_database";

fn page(listing: &str, parent: Option<&str>, path: &str, items: &[serde_json::Value]) -> Page {
    Page {
        listing: listing.to_owned(),
        scope: Scope {
            project: PROJECT.to_owned(),
            location: None,
            parent: parent.map(str::to_owned),
            object: None,
        },
        request: format!("sqladmin.googleapis.com/sql/v1beta4/projects/{PROJECT}/instances{path}"),
        body: RawValue::from_string(json!({ "items": items }).to_string()).unwrap(),
    }
}

fn capture(objects: usize) -> Capture {
    let mut pages = Vec::new();
    let mut instances = Vec::new();
    for at in 0..objects.div_ceil(10) {
        let name = format!("db-{at}");
        instances.push(json!({
            "name": name, "project": PROJECT, "region": "us-central1", "databaseVersion": "POSTGRES_16", "state": "RUNNABLE",
            "instanceType": "CLOUD_SQL_INSTANCE", "connectionName": format!("{PROJECT}:us-central1:{name}"),
            "selfLink": format!("https://sqladmin.googleapis.com/sql/v1beta4/projects/{PROJECT}/instances/{name}"),
            "settings": {"tier": "db-custom-2-7680", "edition": "ENTERPRISE", "dataDiskSizeGb": "20", "userLabels": {"env": "prod"},
                "databaseFlags": [{"name": "max_connections", "value": "200"}], "ipConfiguration": {"ipv4Enabled": true},
                "backupConfiguration": {"enabled": true, "startTime": "03:00"}}}));
        let databases: Vec<_> = (0..10)
            .map(|n| json!({"name": format!("app{n}"), "instance": name, "project": PROJECT, "charset": "UTF8", "collation": "en_US.UTF8"}))
            .collect();
        pages.push(page(
            DATABASE,
            Some(&name),
            &format!("/{name}/databases"),
            &databases,
        ));
    }
    pages.insert(0, page(INSTANCE, None, "", &instances));
    Capture {
        projects: vec![PROJECT.to_owned()],
        asked: vec![DATABASE.to_owned(), INSTANCE.to_owned()],
        pages,
        ..Capture::default()
    }
}

/// Snapshot, state and configuration of the same objects.
fn write(dir: &Path, objects: usize) {
    let catalog = support::catalog();
    let capture = capture(objects);
    save(
        &dir.join("snapshot"),
        &capture,
        &Redactor::new(&catalog),
        &[],
        SystemTime::now(),
    )
    .unwrap();
    let mut resources = Vec::new();
    let mut texts = vec![String::new(); objects.div_ceil(100)];
    let count = texts.len();
    for (at, object) in normalize(&capture, &catalog)
        .objects
        .into_iter()
        .enumerate()
    {
        let attributes: serde_json::Map<_, _> = object
            .attributes
            .iter()
            .map(|(name, value)| (name.clone(), value.to_json()))
            .collect();
        let name = format!("r{at}");
        resources.push(json!({"mode": "managed", "type": object.rtype, "name": name,
            "provider": "provider[\"registry.opentofu.org/hashicorp/google\"]",
            "instances": [{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}]}));
        let text = &mut texts[at % count];
        let said = |name: &str| attributes[name].as_str().unwrap_or_default();
        let _ = match object.rtype.as_str() {
            DATABASE => writeln!(
                text,
                "resource \"{DATABASE}\" \"{name}\" {{\n  name     = \"{}\"\n  instance = \"${{local.prefix}}{}\"\n}}",
                said("name"),
                said("instance").trim_start_matches("db-")
            ),
            _ => writeln!(
                text,
                "resource \"{INSTANCE}\" \"{name}\" {{\n  name             = \"{}\"\n  database_version = \"POSTGRES_16\"\n  region           = \"us-central1\"\n  settings {{\n    tier        = \"db-custom-2-7680\"\n    user_labels = merge(local.labels, {{ env = \"prod\" }})\n    ip_configuration {{\n      ipv4_enabled = true\n    }}\n  }}\n}}",
                said("name")
            ),
        };
    }
    let state = |resources: &[serde_json::Value]| {
        json!({"version": 4, "terraform_version": "1.12.6", "serial": 1, "lineage": "l", "outputs": {}, "resources": resources})
            .to_string()
    };
    std::fs::write(dir.join("full.tfstate"), state(&resources)).unwrap();
    std::fs::write(dir.join("empty.tfstate"), state(&[])).unwrap();
    let config = dir.join("config");
    std::fs::create_dir(&config).unwrap();
    let root = format!(
        "provider \"google\" {{\n  project = \"{PROJECT}\"\n}}\nlocals {{\n  prefix = \"db-\"\n  labels = {{ team = \"data\" }}\n}}\n"
    );
    std::fs::write(config.join("main.tf"), root).unwrap();
    for (at, text) in texts.iter().enumerate() {
        std::fs::write(config.join(format!("part{at}.tf")), text).unwrap();
    }
}

/// Runs one command in this process; what it cost goes to stderr as the last line.
fn inner() -> ExitCode {
    let code = driftline::cli::main();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .map_or("0 kB", str::trim);
    eprintln!("\n{}", peak.trim_end_matches(" kB"));
    code
}

fn main() -> ExitCode {
    if std::env::var_os(INNER).is_some() {
        return inner();
    }
    let objects = std::env::args()
        .skip(1)
        .find_map(|arg| arg.parse().ok())
        .unwrap_or(10_000);
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), objects);
    println!("{objects} databases; best of three");
    for words in [
        "--version",
        "types",
        "graph --snapshot snapshot",
        "drift --snapshot snapshot --state full.tfstate",
        "drift --snapshot snapshot --state full.tfstate --config config",
        "plan --snapshot snapshot --state empty.tfstate",
        "plan --snapshot snapshot --state empty.tfstate --config config",
    ] {
        let (mut best, mut peak) = (f64::MAX, 0.0);
        for _ in 0..3 {
            let start = Instant::now();
            let mut command = Command::new(std::env::current_exe().unwrap());
            command
                .args(words.split(' '))
                .env(INNER, "1")
                .current_dir(dir.path())
                .stdout(Stdio::null());
            let output = command.output().unwrap();
            best = best.min(start.elapsed().as_secs_f64() * 1000.0);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.code() != Some(1), "{words}: {said}");
            peak = said
                .lines()
                .last()
                .and_then(|line| line.parse::<f64>().ok())
                .unwrap_or_default()
                / 1024.0;
        }
        println!("{best:8.0} ms {peak:6.0} MiB  driftline {words}");
    }
    ExitCode::SUCCESS
}
