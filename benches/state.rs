//! State parsing beside plain serde_json on the same file: `cargo bench --bench state [-- MEGABYTES]`.
//!
//! Plain serde_json means its own best: the whole file, borrowed, attributes as raw text, nothing kept but that.
//! Each way runs in a process of its own, so that its peak memory is its own.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panicking, and says aloud what it skipped")]
#![allow(clippy::print_stdout, missing_docs, reason = "a benchmark prints its figures")]

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

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
        let pretty = serde_json::to_string_pretty(&resource).unwrap_or_default().replace('\n', "\n    ");
        let _ = write!(text, "{separator}    {pretty}");
        at += 1;
    }
    text + "\n  ],\n  \"check_results\": null\n}\n"
}

/// One way, timed with the reading of the file: the best of five in milliseconds, and the peak memory of this process in KiB.
fn measure(way: &str, file: &Path) {
    let mut best = f64::MAX;
    let mut instances = 0;
    for _ in 0..5 {
        let start = Instant::now();
        let bytes = std::fs::read(file).unwrap_or_default();
        instances = match way {
            "plain" => {
                let plain: Plain<'_> = serde_json::from_slice(&bytes).expect("generated");
                plain
                    .resources
                    .iter()
                    .map(|r| r.instances.iter().filter(|i| i.attributes.get().len() > r.rtype.len()).count())
                    .sum()
            }
            _ => driftline::tofu::state::parse("generated", bytes).expect("generated").instances.len(),
        };
        best = best.min(start.elapsed().as_secs_f64() * 1000.0);
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map_or("0 kB", str::trim);
    println!("{best} {} {instances}", peak.trim_end_matches(" kB"));
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [way, file] = args.as_slice() {
        return measure(way, Path::new(file));
    }
    let megabytes = args.first().and_then(|arg| arg.parse().ok()).unwrap_or(200);
    let file = std::env::temp_dir().join(format!("driftline-bench-{}.tfstate", std::process::id()));
    let text = generate(megabytes);
    std::fs::write(&file, &text).expect("room for the file");
    let size = text.len() as f64 / 1e6;
    drop(text);
    let run = |way: &str| {
        let program = std::env::current_exe().expect("this program");
        let output = Command::new(program).arg(way).arg(&file).output().expect("it runs");
        let figures: Vec<f64> =
            String::from_utf8_lossy(&output.stdout).split_whitespace().filter_map(|n| n.parse().ok()).collect();
        (figures[0], figures[1] * 1024.0 / 1e6, figures[2])
    };
    let (plain, ours) = (run("plain"), run("ours"));
    println!("{size:.0} MB, {} instances", ours.2);
    for (name, (ms, peak, _)) in [("serde_json", plain), ("driftline", ours)] {
        println!("{name:<11} {ms:7.0} ms {:7.0} MB/s  peak {peak:5.0} MB = {:.2} x the file", size / ms * 1000.0, peak / size);
    }
    println!("driftline has {:.0} % of serde_json's speed", plain.0 / ours.0 * 100.0);
    let _ = std::fs::remove_file(file);
}
