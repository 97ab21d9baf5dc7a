//! State parsing beside plain serde_json on the same file: `cargo bench --bench state`, on a file of `STATE_MB` megabytes (200).
//!
//! Plain serde_json means its own best: the whole file, borrowed, attributes as raw text, nothing kept but that.
//! Criterion gives the times, reading of the file included. For its peak memory each way runs once more in a process of its own.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says aloud what it skipped"
)]
#![allow(
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints its figures"
)]

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use criterion::{Criterion, Throughput};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Plain<'a> {
    #[serde(borrow)]
    resources: Vec<Resource<'a>>,
}

#[derive(Deserialize)]
struct Resource<'a> {
    #[serde(borrow, rename = "type")]
    rtype: Cow<'a, str>,
    #[serde(borrow)]
    instances: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    attributes: &'a RawValue,
}

/// A state of about this many megabytes, indented as tofu writes it, with some of the attributes a database instance has.
fn generate(megabytes: usize) -> String {
    let attributes = serde_json::json!({
        "connection_name": "project:region:name", "database_version": "POSTGRES_16", "deletion_protection": true,
        "id": "name", "self_link": "https://sqladmin.googleapis.com/sql/v1beta4/projects/p/instances/name", "labels": {"env": "prod", "team": "data"},
        "settings": [{"activation_policy": "ALWAYS", "tier": "db-custom-2-7680", "disk_size": 100, "database_flags": [{"name": "a", "value": "b"}],
            "backup_configuration": [{"enabled": true, "start_time": "03:00"}], "ip_configuration": [{"ipv4_enabled": false, "private_network": "projects/p/global/networks/n"}],
            "user_labels": {"a": "1", "b": "2"}, "description": "a text with \"quotes\" and a \\ and ünïcode"}], "timeouts": null, "root_password": null});
    let mut text = String::from(
        "{\n  \"version\": 4,\n  \"terraform_version\": \"1.12.6\",\n  \"serial\": 1,\n  \"lineage\": \"l\",\n  \"outputs\": {},\n  \"resources\": [\n",
    );
    let mut at = 0;
    while text.len() < megabytes * 1_000_000 {
        let resource = serde_json::json!({
            "module": format!("module.m[\"{}\"]", at % 50), "mode": "managed", "type": "google_sql_database_instance", "name": format!("db{at}"),
            "provider": "provider[\"registry.opentofu.org/hashicorp/google\"]",
            "instances": [{"schema_version": 0, "attributes": attributes, "sensitive_attributes": [], "private": "e30=",
                "dependencies": ["google_compute_network.this", "google_project_service.this"]}]});
        let separator = if at == 0 { "" } else { ",\n" };
        let pretty = serde_json::to_string_pretty(&resource)
            .unwrap_or_default()
            .replace('\n', "\n    ");
        let _ = write!(text, "{separator}    {pretty}");
        at += 1;
    }
    text + "\n  ],\n  \"check_results\": null\n}\n"
}

/// Reads the file one way; gives the number of instances.
fn read(way: &str, file: &Path) -> usize {
    let bytes = std::fs::read(file).unwrap_or_default();
    if way == "driftline" {
        return driftline::tofu::state::parse("generated", bytes)
            .expect("generated")
            .instances
            .len();
    }
    let plain: Plain<'_> = serde_json::from_slice(&bytes).expect("generated");
    let held = |r: &Resource<'_>| {
        r.instances
            .iter()
            .filter(|i| i.attributes.get().len() > r.rtype.len())
            .count()
    };
    plain.resources.iter().map(held).sum()
}

/// The peak memory of a process that reads the file one way, in megabytes.
fn peak(way: &str, file: &Path) -> f64 {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .arg(way)
        .arg(file)
        .output()
        .expect("it runs");
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse::<f64>()
        .map_or(f64::NAN, |kib| kib * 1024.0 / 1e6)
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [way @ ("serde_json" | "driftline"), file] = args
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        read(way, Path::new(file));
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .map_or("0", str::trim);
        return println!("{}", peak.trim_end_matches(" kB"));
    }
    let megabytes = std::env::var("STATE_MB")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(200);
    let file = std::env::temp_dir().join(format!("driftline-bench-{}.tfstate", std::process::id()));
    let size = generate(megabytes).len();
    std::fs::write(&file, generate(megabytes)).expect("room for the file");
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("state");
    group
        .throughput(Throughput::Bytes(size as u64))
        .sample_size(10);
    for way in ["serde_json", "driftline"] {
        group.bench_function(way, |bencher| bencher.iter(|| read(way, &file)));
    }
    group.finish();
    criterion.final_summary();
    for way in ["serde_json", "driftline"] {
        let peak = peak(way, &file);
        println!(
            "{way:<11} peak {peak:5.0} MB = {:.2} x the file",
            peak * 1e6 / size as f64
        );
    }
    let _ = std::fs::remove_file(file);
}
