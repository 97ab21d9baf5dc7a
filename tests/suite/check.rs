//! `driftline check` as a person meets it: what it says of a configuration, what is accepted, own rules, exit codes, formats.

use crate::support;
use crate::support::binary::Run;
use std::path::Path;

const MAIN: &str = r#"variable "project" {
  default = "example-project"
}

provider "google" {
  project = var.project
  region  = "us-central1"
}

module "db" {
  source = "./db"
}

resource "google_redis_instance" "cache" {
  name                    = "cache"
  memory_size_gb          = 1
  tier                    = "STANDARD_HA"
  auth_enabled            = true
  transit_encryption_mode = "SERVER_AUTHENTICATION"
  persistence_config {
    persistence_mode = "RDB"
  }
}
"#;

const DB: &str = r#"resource "google_sql_database_instance" "main" {
  name             = "main"
  database_version = "POSTGRES_16"
  settings {
    tier = "db-f1-micro"
    ip_configuration {
      authorized_networks {
        value = "0.0.0.0/0"
      }
    }
  }
}

resource "google_sql_user" "app" {
  instance = google_sql_database_instance.main.name
  name     = "app"
  password = "planted-password-8731"
}
"#;

const OWN: &str = r#"[[ignore]]
rule = "sql-*-off"
reason = "a playground"

[[rule]]
id = "own-name"
priority = "P1"
type = "google_sql_database_instance"
fails = 'self.name != "${project}-main"'
summary = "The instance is not named after its project"
why = "Names without the project are taken for those of others"
fix = { name = "PROJECT-main" }
"#;

fn write(folder: &Path, file: &str, text: &str) {
    let file = folder.join(file);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

fn check(folder: &Path, args: &[&str]) -> Run {
    let all = [&["check", "--at", "2026-12-01T06:00:00Z"], args].concat();
    Run::new(&all).within(folder)
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "infra/main.tf", MAIN);
    write(folder.path(), "infra/db/main.tf", DB);
    folder
}

#[test]
fn what_is_said_of_a_configuration_before_anything_exists() {
    let folder = folder();
    let at = folder.path();
    let config = |more: &[&str]| {
        check(at, &[&["--config", "infra"], more].concat())
            .end()
            .transcript()
    };
    let mut book = config(&["--min-priority", "P1"]);
    // What fails, by what it is to fail on.
    book.push_str(&config(&["--rule", "sql-zonal", "--fail-on", "any:P0"]));
    book.push_str(&config(&["--rule", "redis-*"]));
    // The same rules for what a variable leaves open.
    write(
        at,
        "open/main.tf",
        "variable \"mode\" {}\nresource \"google_sql_database_instance\" \"a\" {\n  name             = \"a\"\n  project          = \"example-project\"\n  database_version = \"POSTGRES_16\"\n  settings {\n    tier              = \"db-custom-2-7680\"\n    availability_type = var.mode\n  }\n}\n",
    );
    book.push_str(
        &check(at, &["--config", "open", "--rule", "sql-zonal"])
            .end()
            .transcript(),
    );
    book.push_str(&config(&["--rule", "sql-zonl"]));
    book.push_str(&config(&["--min-priority", "P3"]));
    // Own rules, and what is accepted.
    write(at, "driftline.toml", OWN);
    book.push_str(&config(&["--rule", "own-*", "--rule", "sql-backups-off"]));
    book.push_str(
        &Run::new(&["explain", "own-name"])
            .within(at)
            .end()
            .transcript(),
    );
    write(at, "driftline.toml", &OWN.replace("self.name", "self.nam"));
    book.push_str(&config(&[]));
    let wrong = support::expect(Path::new("tests/cli/check.txt"), &book);
    assert!(
        wrong.is_none(),
        "{}\nUPDATE_EXPECT=1 rewrites it",
        wrong.unwrap_or_default()
    );
}

/// Every format has every finding, with the file and line of its block; and none has a secret.
#[test]
fn every_format_has_every_finding_and_no_secret() {
    let folder = folder();
    let formats = [
        "console", "json", "ndjson", "markdown", "issue", "html", "sarif", "junit", "github",
        "gitlab", "slack",
    ];
    let rules = ["sql-open-to-world", "sql-backups-off", "sql-user-superuser"];
    let mut args = vec!["--config", "infra"];
    rules.iter().for_each(|rule| args.extend(["--rule", rule]));
    for format in formats {
        let out = format!("{format}://-");
        let mut args = args.clone();
        args.extend(["--out", out.as_str()]);
        let ended = check(folder.path(), &args).end();
        assert_eq!(ended.code, 2, "{format}: {}", ended.stderr);
        for rule in rules {
            assert!(ended.stdout.contains(rule), "{format} has no {rule}");
        }
        assert!(!ended.stdout.contains("planted-password"), "{format}");
        assert!(
            format == "slack" || ended.stdout.contains("infra/db/main.tf"),
            "{format}"
        );
    }
    let sarif = check(
        folder.path(),
        &[&args[..], &["--out", "sarif://-"]].concat(),
    )
    .end();
    let log: serde_json::Value = serde_json::from_str(&sarif.stdout).unwrap();
    let run = &log["runs"][0];
    let ids: Vec<&str> = (run["tool"]["driver"]["rules"].as_array().unwrap().iter())
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    let results = run["results"].as_array().unwrap();
    assert_eq!((ids.len(), results.len()), (3, 3));
    for result in results {
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "infra/db/main.tf");
        assert!(ids.contains(&result["ruleId"].as_str().unwrap()));
        assert_eq!(result["level"], "error");
    }
}

/// An audit that says so asks the rules of each target, and knows their findings from run to run.
#[test]
fn an_audit_asks_the_rules_where_its_file_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/demo");
    let file = |check: bool| {
        format!(
            "[audit]\nname = \"weekly\"\ncheck = {check}\nhistory = \"runs\"\nbaseline = \"accepted.ndjson\"\n\n[[target]]\nname = \"demo\"\nsnapshot = '{0}'\nstate = ['{0}/tofu/terraform.tfstate']\n",
            demo.display()
        )
    };
    let audit = |at: &str, more: &[&str]| {
        let all = [&["audit", "--at", at, "--out", "json://-"], more].concat();
        let ended = Run::new(&all).within(folder.path()).end();
        serde_json::from_str::<serde_json::Value>(&ended.stdout)
            .unwrap_or_else(|_| panic!("{}", ended.stderr))
    };
    let of_rules = |report: &serde_json::Value, life: &str| {
        let all = report["findings"].as_array().unwrap().iter();
        all.filter(|one| one["class"] == "check" && one["life"] == life)
            .count()
    };
    write(folder.path(), "driftline.toml", &file(false));
    let without = audit("2026-12-01T06:00:00Z", &[]);
    assert_eq!(
        of_rules(&without, "new") + of_rules(&without, "newly-visible"),
        0
    );
    write(folder.path(), "driftline.toml", &file(true));
    let first = audit("2026-12-02T06:00:00Z", &[]);
    let found = of_rules(&first, "newly-visible");
    assert!(found > 30, "{found}");
    let drift = |report: &serde_json::Value| {
        let all = report["findings"].as_array().unwrap().iter();
        all.filter(|one| one["class"] != "check").count()
    };
    assert_eq!(
        drift(&without),
        drift(&first),
        "rules change nothing of drift"
    );
    let second = audit("2026-12-03T06:00:00Z", &["--baseline", "write"]);
    assert_eq!(of_rules(&second, "open"), found);
    let third = audit("2026-12-04T06:00:00Z", &[]);
    assert_eq!(third["run"]["totals"]["classes"].get("check"), None);
    // Not asked is not resolved.
    write(folder.path(), "driftline.toml", &file(false));
    let fourth = audit("2026-12-05T06:00:00Z", &[]);
    assert_eq!(of_rules(&fourth, "resolved"), 0);
    assert_eq!(of_rules(&fourth, "unknown"), found);
}
