//! Resources of several projects: which one each belongs to, with and without configuration.

use std::path::Path;

use crate::support::binary::Run;
use serde_json::{Value, json};

const PROJECTS: [&str; 2] = ["shop-prod-eu", "shop-prod-us"];

fn write(dir: &Path, file: &str, text: &str) {
    let path = dir.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn object(project: &str, region: &str, description: &str) -> Value {
    json!({
        "name": "main", "description": description, "address": "198.51.100.7", "addressType": "EXTERNAL", "networkTier": "PREMIUM",
        "status": "RESERVED", "id": "7", "creationTimestamp": "2026-01-01T00:00:00Z", "labelFingerprint": "x",
        "region": format!("https://www.googleapis.com/compute/v1/projects/{project}/regions/{region}"),
        "selfLink": format!("https://www.googleapis.com/compute/v1/projects/{project}/regions/{region}/addresses/main"),
    })
}

/// A snapshot of two projects, each with an address `main` in each of `regions`.
fn snapshot(dir: &Path, objects: &[(&str, &str, &str)]) {
    let mut pages = Vec::new();
    for project in PROJECTS {
        let own = objects.iter().filter(|(owner, ..)| *owner == project);
        let items: serde_json::Map<String, Value> = own
            .map(|(_, region, said)| {
                (
                    format!("regions/{region}"),
                    json!({"addresses": [object(project, region, said)]}),
                )
            })
            .collect();
        let file = format!("raw/compute/{project}/google_compute_address.json");
        write(dir, &file, &json!({"items": items}).to_string());
        pages.push(json!({"listing": "google_compute_address", "project": project, "file": file,
            "request": format!("compute.googleapis.com/compute/v1/projects/{project}/aggregated/addresses")}));
    }
    let index = json!({"format_version": 1, "tool": {"name": "driftline", "version": "0.1.0"}, "taken": "2026-11-21T00:00:00Z",
        "projects": PROJECTS, "asked": ["google_compute_address"], "pages": pages, "gaps": [], "removed": []});
    write(dir, "snapshot.json", &index.to_string());
}

/// An instance as the provider stores it.
fn stored(address: &str, provider: &str, project: &str, region: &str, description: &str) -> Value {
    let id = format!("projects/{project}/regions/{region}/addresses/main");
    json!({"mode": "managed", "type": "google_compute_address", "name": address,
    "provider": format!("provider[\"registry.opentofu.org/hashicorp/{provider}"),
    "instances": [{"schema_version": 0, "attributes": {
        "id": id, "name": "main", "project": project, "region": region, "description": description, "address": "198.51.100.7",
        "address_type": "EXTERNAL", "network_tier": "PREMIUM", "label_fingerprint": "x", "address_id": 7,
        "creation_timestamp": "2026-01-01T00:00:00Z",
        "self_link": format!("https://www.googleapis.com/compute/v1/{id}"),
    }}]})
}

fn state(dir: &Path, resources: &[Value]) {
    let state = json!({"version": 4, "terraform_version": "1.12.6", "serial": 1, "lineage": "l", "outputs": {}, "resources": resources});
    write(dir, "terraform.tfstate", &state.to_string());
}

const PROVIDERS: &str = r#"
terraform {
  required_providers {
    google      = { source = "hashicorp/google" }
    google-beta = { source = "hashicorp/google-beta" }
  }
}
provider "google" {
  project = "shop-prod-us"
  region  = "us-central1"
}
provider "google" {
  alias   = "eu"
  project = "shop-prod-eu"
  region  = "europe-west1"
}
provider "google-beta" {
  project = "shop-prod-eu"
  region  = "europe-west4"
}
"#;

const MODULE: &str = r#"
terraform {
  required_providers {
    google = {
      source                = "hashicorp/google"
      configuration_aliases = [google.edge]
    }
  }
}
resource "google_compute_address" "inner" {
  provider    = google.edge
  name        = "main"
  description = "module"
}
"#;

/// Four resources of the same name, told apart by their provider alone.
const RESOURCES: &str = r#"
resource "google_compute_address" "us" {
  name        = "main"
  description = "us"
}
resource "google_compute_address" "eu" {
  provider    = google.eu
  name        = "main"
  description = "eu"
}
resource "google_compute_address" "beta" {
  provider    = google-beta
  name        = "main"
  description = "beta"
}
module "edge" {
  source    = "./edge"
  providers = { google.edge = google.west }
}
provider "google" {
  alias   = "west"
  project = "shop-prod-us"
  region  = "us-west1"
}
"#;

const OBJECTS: [(&str, &str, &str); 4] = [
    ("shop-prod-us", "us-central1", "us"),
    ("shop-prod-eu", "europe-west1", "eu"),
    ("shop-prod-eu", "europe-west4", "beta"),
    ("shop-prod-us", "us-west1", "module"),
];

fn report(dir: &Path, args: &[&str]) -> Value {
    let ended = Run::new(&[
        "drift",
        "--snapshot",
        "snapshot",
        "--type",
        "google_compute_address",
        "--all",
        "--out",
        "json://-",
    ]);
    let ended = args
        .iter()
        .fold(ended, |run, arg| run.arg(arg))
        .within(dir)
        .end();
    serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.said()))
}

/// `address|id: verdict forecast`, a line each.
fn rows(report: &Value) -> Vec<String> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let row = |row: &Value| {
        format!(
            "{}|{}: {} {}",
            text(row, "address"),
            text(row, "id"),
            text(row, "verdict"),
            text(row, "forecast")
        )
    };
    report["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(row)
        .collect()
}

fn folder(resources: &str, objects: &[(&str, &str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        "config/main.tf",
        &format!("{PROVIDERS}{resources}"),
    );
    write(dir.path(), "config/edge/main.tf", MODULE);
    let modules = json!({"Modules": [{"Key": "", "Source": "", "Dir": "."}, {"Key": "edge", "Source": "./edge", "Dir": "edge"}]});
    write(
        dir.path(),
        "config/.terraform/modules/modules.json",
        &modules.to_string(),
    );
    snapshot(&dir.path().join("snapshot"), objects);
    dir
}

#[test]
fn instances_of_two_projects_pair_by_what_state_says() {
    let dir = folder("", &OBJECTS);
    state(
        dir.path(),
        &[
            stored("us", "google\"]", "shop-prod-us", "us-central1", "us"),
            stored(
                "eu",
                "google\"].eu",
                "shop-prod-eu",
                "europe-west1",
                "another",
            ),
            stored(
                "beta",
                "google-beta\"]",
                "shop-prod-eu",
                "europe-west4",
                "beta",
            ),
        ],
    );
    let found = report(dir.path(), &["--state", "terraform.tfstate"]);
    let expected = [
        "google_compute_address.beta|projects/shop-prod-eu/regions/europe-west4/addresses/main: in-sync none",
        "google_compute_address.eu|projects/shop-prod-eu/regions/europe-west1/addresses/main: drifted replace",
        "google_compute_address.us|projects/shop-prod-us/regions/us-central1/addresses/main: in-sync none",
        "|projects/shop-prod-us/regions/us-west1/addresses/main: unmanaged none",
    ];
    assert_eq!(rows(&found), expected);
}

#[test]
fn the_provider_of_a_declared_resource_says_its_project_and_region() {
    let dir = folder(RESOURCES, &OBJECTS);
    state(dir.path(), &[]);
    let found = report(
        dir.path(),
        &["--state", "terraform.tfstate", "--config", "config"],
    );
    let reasons: Vec<String> = found["resources"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| {
            Some(format!(
                "{} {}",
                row["address"].as_str()?,
                row["reason"].as_str()?
            ))
        })
        .collect();
    let there = |address: &str, path: &str| {
        format!("{address} it is in the cloud: import it as projects/{path}/addresses/main")
    };
    let expected = [
        there(
            "google_compute_address.beta",
            "shop-prod-eu/regions/europe-west4",
        ),
        there(
            "google_compute_address.eu",
            "shop-prod-eu/regions/europe-west1",
        ),
        there(
            "google_compute_address.us",
            "shop-prod-us/regions/us-central1",
        ),
        there(
            "module.edge.google_compute_address.inner",
            "shop-prod-us/regions/us-west1",
        ),
    ];
    assert_eq!(reasons, expected);
}

/// The steps of a plan: `address <- id`.
fn steps(dir: &Path) -> Vec<String> {
    let run = Run::new(&[
        "plan",
        "--snapshot",
        "snapshot",
        "--state",
        "terraform.tfstate",
        "--config",
        "config",
        "--type",
        "google_compute_address",
        "--out",
        "json://-",
    ]);
    let ended = run.within(dir).end();
    let plan: Value =
        serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.said()));
    let step = |step: &Value| {
        format!(
            "{} <- {}",
            step["address"].as_str().unwrap(),
            step["import_id"].as_str().unwrap()
        )
    };
    let mut steps: Vec<String> = plan["steps"]
        .as_array()
        .unwrap_or_else(|| panic!("{plan}"))
        .iter()
        .map(step)
        .collect();
    steps.sort();
    steps
}

#[test]
fn imports_go_to_the_resource_whose_provider_names_the_project() {
    let dir = folder(RESOURCES, &OBJECTS);
    state(dir.path(), &[]);
    let expected = [
        "google_compute_address.beta <- projects/shop-prod-eu/regions/europe-west4/addresses/main",
        "google_compute_address.eu <- projects/shop-prod-eu/regions/europe-west1/addresses/main",
        "google_compute_address.us <- projects/shop-prod-us/regions/us-central1/addresses/main",
        "module.edge.google_compute_address.inner <- projects/shop-prod-us/regions/us-west1/addresses/main",
    ];
    assert_eq!(steps(dir.path()), expected);
}

#[test]
fn an_object_of_another_project_is_never_taken_for_the_declared_one() {
    let text = "resource \"google_compute_address\" \"eu\" {\n  provider = google.eu\n  name = \"main\"\n}\n";
    let dir = folder(text, &[("shop-prod-us", "us-central1", "us")]);
    state(dir.path(), &[]);
    assert!(
        steps(dir.path())
            .iter()
            .all(|step| !step.starts_with("google_compute_address.eu ")),
        "{:?}",
        steps(dir.path())
    );
}

#[test]
fn an_update_forecast_follows_the_own_provider() {
    let dir = folder(RESOURCES, &OBJECTS);
    state(
        dir.path(),
        &[
            stored("us", "google\"]", "shop-prod-us", "us-central1", "us"),
            stored("eu", "google\"].eu", "shop-prod-eu", "europe-west1", "eu"),
            stored(
                "beta",
                "google-beta\"]",
                "shop-prod-eu",
                "europe-west4",
                "beta",
            ),
        ],
    );
    let found = report(
        dir.path(),
        &["--state", "terraform.tfstate", "--config", "config"],
    );
    let forecasts = rows(&found);
    assert!(
        forecasts[..3]
            .iter()
            .all(|row| row.ends_with("in-sync none")),
        "{forecasts:#?}"
    );
}

#[test]
fn projects_to_read_are_those_of_configuration_and_state() {
    let dir = folder(RESOURCES, &OBJECTS);
    state(
        dir.path(),
        &[stored(
            "other",
            "google\"]",
            "shop-prod-other",
            "us-central1",
            "x",
        )],
    );
    let run = |args: &[&str]| {
        let run = Run::new(&[
            "drift",
            "--type",
            "google_compute_address",
            "--state",
            "terraform.tfstate",
        ]);
        let run = run
            .var("GOOGLE_COMPUTE_CUSTOM_ENDPOINT", "http://127.0.0.1:1/")
            .var("GOOGLE_OAUTH_ACCESS_TOKEN", "t");
        args.iter()
            .fold(run, |run, arg| run.arg(arg))
            .arg("--timeout")
            .arg("1")
            .within(dir.path())
            .end()
            .stderr
    };
    let said = run(&["--config", "config"]);
    let line = "reading the projects that configuration and state mention: shop-prod-eu, shop-prod-other, shop-prod-us";
    assert!(said.contains(line), "{said}");
    let said = run(&[]);
    assert!(
        said.contains("reading the projects that state mentions: shop-prod-other"),
        "{said}"
    );
}

#[test]
fn with_many_states_every_address_names_its_own() {
    let dir = folder("", &OBJECTS);
    let us = stored("us", "google\"]", "shop-prod-us", "us-central1", "us");
    let eu = stored(
        "eu",
        "google\"].eu",
        "shop-prod-eu",
        "europe-west1",
        "another",
    );
    state(&dir.path().join("live/net"), std::slice::from_ref(&us));
    state(&dir.path().join("live/app"), &[eu, us]);
    // What terragrunt copies into its cache claims nothing.
    let copy = std::fs::read_to_string(dir.path().join("live/net/terraform.tfstate")).unwrap();
    write(
        dir.path(),
        "live/net/.terragrunt-cache/a/b/terraform.tfstate",
        &copy,
    );
    for states in ["live", "**/terraform.tfstate"] {
        let found = report(dir.path(), &["--state", states]);
        let said: Vec<String> = found["resources"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|row| {
                let text = |name: &str| row[name].as_str();
                Some(format!(
                    "{} [{}] {} {}",
                    text("address")?,
                    text("state")?,
                    text("verdict")?,
                    text("reason").unwrap_or_default()
                ))
            })
            .collect();
        let twice = |own: &str, other: &str| {
            format!(
                "google_compute_address.us [live/{own}/terraform.tfstate] claimed-twice also google_compute_address.us in \
                 live/{other}/terraform.tfstate"
            )
        };
        let drifted = "google_compute_address.eu [live/app/terraform.tfstate] drifted ".to_owned();
        assert_eq!(said, [drifted, twice("app", "net"), twice("net", "app")]);
    }
    let console = Run::new(&[
        "drift",
        "--snapshot",
        "snapshot",
        "--type",
        "google_compute_address",
        "--state",
        "live",
    ]);
    let said = console.within(dir.path()).end().stdout;
    assert!(
        said.contains("[live/app/terraform.tfstate]")
            && said.contains("[live/net/terraform.tfstate]"),
        "{said}"
    );
}
