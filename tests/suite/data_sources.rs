//! Data sources: what real tofu gives for small roots of their own, and how they are read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use driftline::catalog::Catalog;
use driftline::forecast::PlannedValues;
use driftline::model::{Capture, Demand, Page};
use driftline::pipeline::{self, Around, Reading, RemoteStates};
use driftline::tofu::config::{ConsoleAnswer, Inputs, Workspace};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::support;
use crate::support::binary::Run;
use crate::support::cloud::Cloud;

const RECORDED: &str = "tests/data/data_sources";

/// A root with one data source, `this`, and what real tofu planned for it.
#[derive(Deserialize)]
struct Root {
    #[serde(rename = "type")]
    rtype: String,
    /// What stands in its block.
    body: String,
    /// All its attributes.
    attributes: BTreeMap<String, Value>,
}

fn provider(project: &str) -> String {
    format!(
        "provider \"google\" {{\n  project = \"{project}\"\n  region  = \"us-central1\"\n  zone    = \"us-central1-a\"\n}}\n"
    )
}

fn reading(text: &str) -> Reading {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("main.tf"), text).unwrap();
    let workspace = Workspace::load(folder.path(), &Inputs::default()).unwrap();
    pipeline::read(Vec::new(), Some(workspace))
}

/// The recorded answers to what is demanded.
fn answers(demands: &BTreeSet<Demand>, catalog: &Catalog) -> Capture {
    let page = |demand: &Demand| {
        let service = &catalog.services[&catalog.listings[&demand.listing].service];
        let request = format!(
            "{}{}",
            service.base.trim_start_matches("https://"),
            demand.path
        );
        let file = PathBuf::from(RECORDED)
            .join("api")
            .join(format!("{request}.json"));
        let body = fs::read_to_string(&file)
            .unwrap_or_else(|_| panic!("{} is not recorded", file.display()));
        Page {
            listing: demand.listing.clone(),
            scope: demand.scope(),
            request,
            body: RawValue::from_string(body.trim().to_owned()).unwrap(),
        }
    };
    Capture {
        pages: demands.iter().map(page).collect(),
        ..Capture::default()
    }
}

/// The attributes of a root's data source that are known, and the names of those that are not.
fn read(root: &Root, catalog: &Catalog) -> (BTreeMap<String, Value>, Vec<String>) {
    let text = format!(
        "{}data \"{}\" \"this\" {{\n{}\n}}\n",
        provider("coditect-cloud-infra"),
        root.rtype,
        root.body
    );
    let reading = reading(&text);
    let workspace = reading.workspace.as_ref().unwrap();
    let mut observed = pipeline::observe(Capture::default(), catalog);
    let remote = RemoteStates::default();
    for _ in 0..8 {
        let around = Around::new(&observed, &reading, &remote, catalog);
        let planned = PlannedValues::default();
        let known = around.known(&planned);
        let session = workspace.session(&known);
        let (mut found, mut open) = (BTreeMap::new(), Vec::new());
        for name in root.attributes.keys() {
            match session.console(&format!("jsonencode(data.{}.this.{name})", root.rtype)) {
                ConsoleAnswer::Value { json, .. } => {
                    let text: String = serde_json::from_str(&json).unwrap();
                    found.insert(name.clone(), serde_json::from_str(&text).unwrap());
                }
                ConsoleAnswer::Unknown(_) | ConsoleAnswer::Sensitive => open.push(name.clone()),
                ConsoleAnswer::Error { summary, detail } => {
                    panic!("{}.{name}: {summary}: {detail}", root.rtype)
                }
            }
        }
        let demands = around.demands();
        if demands.is_empty() {
            return (found, open);
        }
        let more = answers(&demands, catalog);
        observed.add(more);
    }
    panic!("{} asks without end", root.rtype)
}

/// What is known is what tofu knows; what is not is listed in `open.txt`.
#[test]
fn values_are_those_of_real_tofu() {
    let catalog = support::catalog();
    let text = fs::read_to_string(Path::new(RECORDED).join("truth.json")).unwrap();
    let roots: Vec<Root> = serde_json::from_str(&text).unwrap();
    assert!(roots.len() >= 35, "only {} roots", roots.len());
    let (mut table, mut wrong, mut known) = (String::new(), Vec::new(), 0);
    for root in &roots {
        let (found, open) = read(root, &catalog);
        known += found.len();
        for (name, got) in found {
            let want = &root.attributes[&name];
            if *want != got {
                wrong.push(format!("{}.{name}: tofu {want}, said {got}", root.rtype));
            }
        }
        table.push_str(&format!(
            "{} ({} known): {}\n",
            root.rtype,
            root.attributes.len() - open.len(),
            open.join(" ")
        ));
    }
    // What is still said otherwise than tofu says it: a list that only gets shorter.
    wrong.sort();
    let wrong: String = wrong.iter().map(|line| format!("{line}\n")).collect();
    let otherwise = support::expect(&Path::new(RECORDED).join("otherwise.txt"), &wrong);
    assert!(otherwise.is_none(), "{}", otherwise.unwrap_or_default());
    assert!(known > 300, "only {known} attributes are known");
    let failed = support::expect(&Path::new(RECORDED).join("open.txt"), &table);
    assert!(failed.is_none(), "{}", failed.unwrap_or_default());
}

const PROJECT: &str = "p-one";

fn endpoints(cloud: &Cloud, run: Run) -> Run {
    let at = |path: &str| format!("http://{}/{path}", cloud.address);
    run.var("GOOGLE_OAUTH_ACCESS_TOKEN", "planted-token")
        .var("GOOGLE_RESOURCE_MANAGER_CUSTOM_ENDPOINT", &at("crm/v1/"))
        .var("GOOGLE_CLOUD_BILLING_CUSTOM_ENDPOINT", &at("billing/v1/"))
        .var("GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT", &at("secrets/v1/"))
}

fn root(folder: &Path) {
    let text = format!(
        "{}{}",
        provider(PROJECT),
        r#"
data "google_project" "this" {}
data "google_project" "again" { project_id = "p-one" }
data "google_secret_manager_secret_version" "key" { secret = "key" }
data "google_client_config" "me" {}
output "number" { value = data.google_project.this.number }
output "again" { value = data.google_project.again.number }
output "key" { value = data.google_secret_manager_secret_version.key.version }
"#
    );
    fs::write(folder.join("main.tf"), text).unwrap();
}

fn cloud() -> Cloud {
    Cloud::serve(&[
        (
            "crm/v1/projects/p-one",
            json!({"projectId": PROJECT, "projectNumber": "4711", "name": "One"}),
        ),
        (
            "billing/v1/projects/p-one/billingInfo",
            json!({"billingAccountName": "billingAccounts/00-11"}),
        ),
        (
            "secrets/v1/projects/p-one/secrets/key/versions/latest",
            json!({"name": "projects/4711/secrets/key/versions/3", "state": "ENABLED", "createTime": "2026-01-01T00:00:00Z"}),
        ),
        (
            "secrets/v1/projects/p-one/secrets/key/versions/latest:access",
            json!({"payload": {"data": "planted-payload"}}),
        ),
    ])
}

fn console(cloud: &Cloud, folder: &Path, expressions: &[&str]) -> crate::support::binary::Ended {
    let mut args = vec!["console", "--config", folder.to_str().unwrap()];
    args.extend(expressions);
    endpoints(cloud, Run::new(&args)).end()
}

#[test]
fn console_reads_each_once_and_never_a_secret() {
    let (cloud, folder) = (cloud(), tempfile::tempdir().unwrap());
    root(folder.path());
    let expressions = [
        "data.google_project.this.number",
        "data.google_project.again.billing_account",
        "data.google_secret_manager_secret_version.key.version",
        "data.google_secret_manager_secret_version.key.secret_data",
        "data.google_client_config.me.access_token",
        "data.google_client_config.me.region",
    ];
    let ended = console(&cloud, folder.path(), &expressions);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines[0], "\"4711\"", "{}{}", ended.stdout, ended.stderr);
    assert_eq!(lines[1], "\"00-11\"");
    assert_eq!(lines[2], "\"3\"");
    assert!(lines[3].starts_with("(unknown"), "{}", lines[3]);
    assert!(lines[4].starts_with("(unknown"), "{}", lines[4]);
    assert_eq!(lines[5], "\"us-central1\"");
    let log = cloud.log();
    let once: BTreeSet<&String> = log.iter().collect();
    assert_eq!(once.len(), log.len(), "{log:?}");
    assert_eq!(log.len(), 3, "{log:?}");
    assert!(!log.iter().any(|line| line.contains(":access")), "{log:?}");
    for planted in ["planted-token", "planted-payload"] {
        assert!(!ended.stdout.contains(planted) && !ended.stderr.contains(planted));
    }
}

#[test]
fn what_is_refused_is_unknown_because_of_its_gap() {
    let (cloud, folder) = (Cloud::serve(&[]), tempfile::tempdir().unwrap());
    root(folder.path());
    let ended = console(&cloud, folder.path(), &["data.google_project.this.number"]);
    assert!(ended.stdout.starts_with("(unknown"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("only by tofu"), "{}", ended.stdout);
}
