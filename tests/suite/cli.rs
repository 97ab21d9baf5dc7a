//! What a person sees: commands, their output and exit codes, held against `tests/cli/*.txt`.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support;
use crate::support::binary::Run;
use crate::support::cloud::{Cloud, Fault};
use serde_json::{Value, json};

const PROJECT: &str = "shop-prod";
const TYPES: [&str; 4] = [
    "--type",
    "google_sql_database_instance",
    "--type",
    "google_redis_instance",
];
const SQL: &str = "sqladmin.googleapis.com/sql/v1beta4/projects/shop-prod/instances";
const REDIS: &str = "redis.googleapis.com/v1/projects/shop-prod/locations/-/instances";

/// Runs go into one file each; all that differ are shown at once.
#[derive(Default)]
struct Book(Vec<String>);

impl Book {
    fn hold(&mut self, name: &str, runs: Vec<Run>) {
        let text: Vec<String> = runs.into_iter().map(|run| run.end().transcript()).collect();
        self.0.extend(support::expect(
            &Path::new("tests/cli").join(format!("{name}.txt")),
            &text.join("\n"),
        ));
    }
}

impl Drop for Book {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(
                self.0.is_empty(),
                "{}\nUPDATE_EXPECT=1 rewrites them",
                self.0.join("\n")
            );
        }
    }
}

/// An empty project in which everything may be read.
fn project() -> Cloud {
    let cloud = Cloud::serve(&[]);
    cloud.otherwise(json!({}));
    let types = BTreeSet::from([
        "google_sql_database_instance".to_owned(),
        "google_redis_instance".to_owned(),
    ]);
    let permissions = driftline::collect::permissions(&support::catalog(), Some(&types));
    cloud.put(
        "cloudresourcemanager.googleapis.com/v3/projects/shop-prod:testIamPermissions",
        json!({"permissions": permissions}),
    );
    cloud
}

/// A run against a cloud, with a token.
fn live(cloud: &Cloud, args: &[&str]) -> Run {
    let url = |path: &str| format!("http://{}/{path}/", cloud.address);
    Run::new(args)
        .var(
            "GOOGLE_SQL_CUSTOM_ENDPOINT",
            &url("sqladmin.googleapis.com/sql/v1beta4"),
        )
        .var(
            "GOOGLE_REDIS_CUSTOM_ENDPOINT",
            &url("redis.googleapis.com/v1"),
        )
        .var(
            "GOOGLE_RESOURCE_MANAGER_V3_CUSTOM_ENDPOINT",
            &url("cloudresourcemanager.googleapis.com/v3"),
        )
        .var(
            "GOOGLE_SERVICE_USAGE_CUSTOM_ENDPOINT",
            &url("serviceusage.googleapis.com/v1"),
        )
        .var("GOOGLE_OAUTH_ACCESS_TOKEN", "token-of-the-test")
        .alias(&cloud.address, "LOOPBACK")
}

fn doctor(cloud: &Cloud) -> Run {
    live(
        cloud,
        &[&["doctor", "--project", PROJECT], &TYPES[..]].concat(),
    )
}

fn denied() -> Fault {
    let message = "Permission denied for resource.";
    Fault::Status(
        403,
        json!({"error": {"code": 403, "message": message, "errors": [{"reason": "forbidden"}]}}),
        "",
    )
}

fn disabled() -> Fault {
    let message = "Google Cloud Memorystore for Redis API has not been used in project 1 before or it is disabled.";
    let details = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}]);
    Fault::Status(
        403,
        json!({"error": {"code": 403, "message": message, "status": "PERMISSION_DENIED", "details": details}}),
        "",
    )
}

fn expired() -> Fault {
    let message = "Request had invalid authentication credentials. Expected OAuth 2 access token.";
    Fault::Status(
        401,
        json!({"error": {"code": 401, "message": message, "status": "UNAUTHENTICATED"}}),
        "",
    )
}

/// A sign-in whose refresh token no longer works.
fn signed_out(cloud: &Cloud, run: Run) -> Run {
    cloud.plant(
        "token$",
        0,
        Fault::Status(400, json!({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}), ""),
    );
    let key = json!({"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r",
        "token_uri": format!("http://{}/token", cloud.address)});
    run.var("GOOGLE_OAUTH_ACCESS_TOKEN", "")
        .var("GOOGLE_CREDENTIALS", &key.to_string())
}

#[test]
fn doctor_says_what_is_wrong_and_what_to_do() {
    let mut book = Book::default();
    let cloud = project();
    book.hold(
        "doctor-ready",
        vec![doctor(&cloud), doctor(&cloud).arg("--out").arg("json://-")],
    );
    cloud.plant("sqladmin", 0, denied());
    let missing = json!({"permissions": ["redis.instances.list"]});
    cloud.put(
        "cloudresourcemanager.googleapis.com/v3/projects/shop-prod:testIamPermissions",
        missing,
    );
    book.hold("doctor-api-denied", vec![doctor(&cloud)]);
    let cloud = project();
    cloud.plant("redis", 0, disabled());
    book.hold("doctor-api-disabled", vec![doctor(&cloud)]);
    let cloud = project();
    cloud.plant("googleapis", 0, expired());
    book.hold("doctor-token-expired", vec![doctor(&cloud)]);
    let cloud = project();
    book.hold(
        "doctor-signed-out",
        vec![signed_out(&cloud, doctor(&cloud))],
    );
    book.hold(
        "doctor-no-credentials",
        vec![doctor(&project()).var("GOOGLE_OAUTH_ACCESS_TOKEN", "")],
    );
}

/// Those that work are tried in `tests/suite/access.rs`.
#[test]
fn each_credential_that_cannot_work_says_what_to_do() {
    let cloud = project();
    let key = |kind: &str, more: Value| {
        let mut key = json!({"type": kind});
        key.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        key.to_string()
    };
    let pkcs1 = "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n";
    let account = json!({"client_email": "robot@shop-prod.iam.gserviceaccount.com", "private_key_id": "1", "private_key": pkcs1});
    let program = json!({"audience": "//iam.googleapis.com/pool", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": format!("http://{}/sts", cloud.address), "credential_source": {"executable": {"command": "/bin/true"}}});
    let keys = [
        (
            "service account with an old key",
            key("service_account", account),
        ),
        (
            "workload identity by certificate",
            key(
                "external_account",
                json!({"credential_source": {"certificate": {}}}),
            ),
        ),
        (
            "workload identity by program",
            key("external_account", program),
        ),
        (
            "workforce sign-in",
            key("external_account_authorized_user", json!({})),
        ),
        ("Distributed Cloud", key("gdch_service_account", json!({}))),
        (
            "client secret",
            json!({"installed": {"client_id": "c"}}).to_string(),
        ),
        ("another kind", key("carrier_pigeon", json!({}))),
        ("not JSON", "{\"type\": ".to_owned()),
        ("no file", "/no/such/key.json".to_owned()),
    ];
    let mut text = String::new();
    for (kind, key) in keys {
        let args = [
            "drift",
            "--state",
            "-",
            "--project",
            PROJECT,
            "--type",
            "google_redis_instance",
        ];
        let run = live(&cloud, &args)
            .input(&empty())
            .var("GOOGLE_OAUTH_ACCESS_TOKEN", "")
            .var("GOOGLE_CREDENTIALS", &key);
        let ended = run.end();
        assert_eq!(ended.code, 1, "{kind}: {}", ended.said());
        text.push_str(&format!(
            "# {kind}\n{}\n",
            ended.stderr.replace(&cloud.address, "LOOPBACK")
        ));
    }
    let wrong = support::expect(Path::new("tests/cli/credentials.txt"), &text);
    assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
}

#[test]
fn doctor_looks_at_where_state_is_kept() {
    let cloud = project();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("main.tf"),
        "terraform {\n  backend \"azurerm\" {}\n}\n",
    )
    .unwrap();
    std::fs::write(folder.path().join("good.tfstate"), state().to_string()).unwrap();
    std::fs::write(
        folder.path().join("torn.tfstate"),
        "{\"version\": 4, \"serial\"",
    )
    .unwrap();
    let run = |args: &[&str]| {
        live(&cloud, &[&["doctor"], args, &TYPES[..]].concat()).within(folder.path())
    };
    Book::default().hold(
        "doctor-state",
        vec![
            run(&[
                "--state",
                "good.tfstate",
                "--state",
                "torn.tfstate",
                "--state",
                "none.tfstate",
            ]),
            run(&["--project", PROJECT, "--config", "."]),
        ],
    );
}

#[test]
fn permissions_come_in_every_form() {
    let run = |format: &str| Run::new(&[&["permissions"], &TYPES[..], &["--out", format]].concat());
    let formats = ["console://-", "yaml://-", "hcl://-", "json://-"];
    Book::default().hold(
        "permissions",
        formats.iter().map(|format| run(format)).collect(),
    );
}

/// A state with one Redis instance.
fn state() -> Value {
    let id = "projects/shop-prod/locations/europe-west1/instances/cache";
    json!({"version": 4, "terraform_version": "1.12.6", "serial": 3, "lineage": "l", "outputs": {}, "resources": [{
        "mode": "managed", "type": "google_redis_instance", "name": "cache",
        "provider": "provider[\"registry.opentofu.org/hashicorp/google\"]",
        "instances": [{"schema_version": 1, "attributes": {"id": id, "name": "cache", "project": PROJECT, "region": "europe-west1"}}]}]})
}

#[test]
fn what_could_not_be_read_is_said_and_decides_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("prod.tfstate"), state().to_string()).unwrap();
    let drift = |cloud: &Cloud| {
        live(
            cloud,
            &[&["drift", "--state", "prod.tfstate"], &TYPES[..]].concat(),
        )
        .within(folder.path())
    };
    let mut book = Book::default();
    let cloud = project();
    cloud.plant("redis", 0, denied());
    book.hold(
        "drift-api-denied",
        vec![drift(&cloud), drift(&cloud).arg("--require-complete")],
    );
    let cloud = project();
    cloud.plant("redis", 0, disabled());
    cloud.plant("sqladmin", 0, disabled());
    book.hold("drift-api-disabled", vec![drift(&cloud)]);
    let cloud = project();
    cloud.put(
        REDIS,
        json!({"instances": [], "unreachable": ["projects/shop-prod/locations/europe-west1"]}),
    );
    cloud.put(
        &format!("{REDIS}?pageSize=1000"),
        json!({"unreachable": ["projects/shop-prod/locations/europe-west1"]}),
    );
    book.hold("drift-location-away", vec![drift(&cloud)]);
    book.hold("drift-missing", vec![drift(&project())]);
    let cloud = project();
    cloud.plant("googleapis", 0, expired());
    book.hold("drift-token-expired", vec![drift(&cloud)]);
    let cloud = project();
    book.hold("drift-signed-out", vec![signed_out(&cloud, drift(&cloud))]);
    book.hold(
        "drift-no-credentials",
        vec![drift(&project()).var("GOOGLE_OAUTH_ACCESS_TOKEN", "")],
    );
    assert!(cloud.log().iter().all(|line| !line.contains(SQL)));
}

#[test]
fn projects_of_folders_and_organizations_are_found() {
    let cloud = project();
    let list = |kind: &str, parent: &str| {
        format!("cloudresourcemanager.googleapis.com/v3/{kind}?parent={parent}&pageSize=300")
    };
    cloud.put(
        &list("projects", "organizations/1"),
        json!({"projects": [{"projectId": PROJECT, "state": "ACTIVE"}]}),
    );
    cloud.put(
        &list("folders", "organizations/1"),
        json!({"folders": [{"name": "folders/2", "state": "ACTIVE"}]}),
    );
    cloud.plant("projects?parent=folders/2", 0, denied());
    let run = |args: &[&str]| {
        live(
            &cloud,
            &[&["drift", "--state", "-"], args, &TYPES[..]].concat(),
        )
        .input(&empty())
    };
    Book::default().hold(
        "drift-organization",
        vec![
            run(&["--organization", "1"]),
            run(&["--folder", "folders/2"]),
            run(&["--folder", "3"]),
            run(&["--folder", "shop"]),
        ],
    );
}

fn empty() -> Vec<u8> {
    br#"{"version": 4, "terraform_version": "1.12.6", "serial": 1, "lineage": "l", "outputs": {}, "resources": []}"#.to_vec()
}

#[test]
fn bad_input_has_one_clear_message() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "torn.tfstate",
        "{\n  \"version\": 4,\n  \"resources\": [{\"mode\"",
    );
    write("old.tfstate", "{\"version\": 3}");
    write("future.tfstate", "{\"version\": 5}");
    write("page.tfstate", "<html></html>");
    std::fs::create_dir_all(folder.path().join("newer")).unwrap();
    write(
        "newer/snapshot.json",
        "{\"format_version\": 7, \"cells\": {}}",
    );
    std::fs::create_dir_all(folder.path().join("torn")).unwrap();
    write("torn/snapshot.json", "{\"format_version\": 1, \"tool\"");
    let run = |args: &[&str]| Run::new(args).within(folder.path());
    let mut book = Book::default();
    let of_state = |name: &str| run(&["drift", "--project", PROJECT, "--state", name]);
    let states = [
        "torn.tfstate",
        "old.tfstate",
        "future.tfstate",
        "page.tfstate",
        "none.tfstate",
        "s3://bucket/key",
    ];
    book.hold(
        "bad-state",
        states.iter().map(|name| of_state(name)).collect(),
    );
    let of_snapshot = |name: &str| run(&["graph", "--snapshot", name]);
    book.hold(
        "bad-snapshot",
        ["newer", "torn", "none", "old.tfstate"]
            .iter()
            .map(|name| of_snapshot(name))
            .collect(),
    );
    book.hold(
        "bad-usage",
        vec![
            run(&["graph", "--project", "My Project"]),
            run(&["graph", "--project", "123456"]),
            run(&["graph"]),
            run(&["graph", "--snapshot", "a", "--project", PROJECT]),
            run(&["drift", "--demo", "--type", "google_redis_instanse"]),
            run(&["explain", "aws_s3_bucket"]),
            run(&["drift", "--sate", "x"]),
            run(&["drfit"]),
            run(&["graph", "--out", "graph.svg"]),
            run(&["graph", "--out", "xml://-"]),
            run(&[
                "scan",
                "--project",
                PROJECT,
                "--snapshot",
                "x",
                "--timeout",
                "0",
            ]),
        ],
    );
}

#[test]
fn the_demo_needs_nothing() {
    let ended = Run::new(&["drift", "--demo"]).end();
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (2, ""),
        "{}",
        ended.said()
    );
    assert!(
        ended.stdout.contains("\nDrift: ") && ended.stdout.contains("\nCoverage: "),
        "{}",
        ended.stdout
    );
    let one = Run::new(&["drift", "--demo", "--type", "google_sql_database_instance"]).end();
    assert!(
        !one.stdout.contains("REPLACE") && !one.stdout.contains("declared"),
        "what was not asked for is as state has it: {}",
        one.stdout
    );
}

/// A network that could not be read is taken to be what state has, so what stands on it is not planned anew.
#[test]
fn what_could_not_be_read_replaces_nothing() {
    let cloud = project();
    let folder = tempfile::tempdir().unwrap();
    let network = "projects/shop-prod/global/networks/main";
    let mut document = state();
    document["resources"][0]["instances"][0]["attributes"]["authorized_network"] = json!(network);
    document["resources"].as_array_mut().unwrap().push(json!({
        "mode": "managed", "type": "google_compute_network", "name": "main",
        "provider": "provider[\"registry.opentofu.org/hashicorp/google\"]",
        "instances": [{"schema_version": 0, "attributes": {"id": network, "name": "main", "project": PROJECT,
            "auto_create_subnetworks": true, "network_firewall_policy_enforcement_order": "AFTER_CLASSIC_FIREWALL", "routing_mode": "REGIONAL"}}]}));
    std::fs::write(folder.path().join("prod.tfstate"), document.to_string()).unwrap();
    let configuration = "resource \"google_compute_network\" \"main\" {\n  name = \"main\"\n}\n
resource \"google_redis_instance\" \"cache\" {\n  name = \"cache\"\n  memory_size_gb = 1\n  authorized_network = google_compute_network.main.id\n}\n";
    std::fs::write(folder.path().join("main.tf"), configuration).unwrap();
    let body = json!({"name": "projects/shop-prod/locations/europe-west1/instances/cache", "memorySizeGb": 1, "authorizedNetwork": network,
        "connectMode": "DIRECT_PEERING", "tier": "BASIC", "transitEncryptionMode": "DISABLED"});
    cloud.put(REDIS, json!({"instances": [body]}));
    cloud.put(
        &format!("{REDIS}?pageSize=1000"),
        json!({"instances": [body]}),
    );
    cloud.plant("compute", 0, denied());
    let args = [
        "drift",
        "--state",
        "prod.tfstate",
        "--config",
        ".",
        "--type",
        "google_redis_instance",
        "--type",
        "google_compute_network",
    ];
    let compute = format!(
        "http://{}/compute.googleapis.com/compute/v1/",
        cloud.address
    );
    let run = live(&cloud, &args)
        .var("GOOGLE_COMPUTE_CUSTOM_ENDPOINT", &compute)
        .within(folder.path());
    let ended = run.end();
    assert!(
        ended
            .stdout
            .contains("google_compute_network.main  unknown"),
        "{}",
        ended.said()
    );
    assert!(
        !ended.stdout.contains("REPLACE") && !ended.stdout.contains("authorized_network"),
        "{}",
        ended.said()
    );
}

#[test]
fn outputs_replace_files_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("report.txt"), "old").unwrap();
    std::fs::write(at("precious"), "precious").unwrap();
    std::fs::create_dir(at("folder")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(at("precious"), at("link")).unwrap();
    let run = |file: &str| {
        Run::new(&[
            "permissions",
            "--type",
            "google_redis_instance",
            "--out",
            file,
        ])
        .within(folder.path())
    };
    let targets = [
        "console://report.txt",
        "console://link",
        "console://folder",
        "console://none/report.txt",
        "console:///dev/null",
    ];
    Book::default().hold(
        "outputs",
        targets.iter().map(|target| run(target)).collect(),
    );
    assert!(
        std::fs::read_to_string(at("report.txt"))
            .unwrap()
            .contains("redis.instances.list")
    );
    assert_eq!(std::fs::read_to_string(at("precious")).unwrap(), "precious");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(at("report.txt"))
                .unwrap()
                .permissions()
                .mode()
                & 0o777,
            0o600
        );
    }
}

#[test]
fn two_results_do_not_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let run = |second: &str| {
        Run::new(&["drift", "--demo", "--out", "json://x", "--out", second])
            .within(folder.path())
            .end()
    };
    let ended = run("console://x");
    assert!(
        ended.code == 1 && ended.stderr.contains("two results would go to `x`"),
        "{}",
        ended.stderr
    );
    assert!(!folder.path().join("x").exists());
    assert_eq!(run("console://-").code, 2);
}

/// Which release of the provider a report goes by, and why: the lock file, the constraint, the argument.
#[test]
fn the_release_that_a_report_goes_by_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/demo");
    let snapshot = demo.to_str().unwrap();
    let drift = |name: &str, locked: Option<&str>, more: &[&str]| {
        let root = folder.path().join(name);
        for (file, text) in support::tree(&demo.join("tofu"), "") {
            let file = root.join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            let text = text.replace(">= 8.0.0, < 9.0.0", ">= 5.0, < 9.0.0");
            std::fs::write(file, text).unwrap();
        }
        if let Some(version) = locked {
            let lock = format!(
                "provider \"registry.opentofu.org/hashicorp/google\" {{\n  version = \"{version}\"\n}}\n"
            );
            std::fs::write(root.join(".terraform.lock.hcl"), lock).unwrap();
        }
        let state = ["--state", "terraform.tfstate", "--snapshot", snapshot];
        let about = ["--config", ".", "--type", "google_redis_instance"];
        Run::new(&[&["drift"][..], &state, &about, more].concat())
            .within(&root)
            .alias(snapshot, "DEMO")
    };
    let runs = vec![
        drift("a", Some("5.45.2"), &[]),
        drift("b", Some("6.50.0"), &[]),
        drift("c", Some("7.45.0"), &[]),
        drift("d", Some("8.0.0"), &[]),
        drift("e", Some("99.0.0"), &[]),
        drift("f", None, &[]),
        drift("g", Some("6.50.0"), &["--provider-version", "8.0.0"]),
        drift("h", None, &["--provider-version", "eight"]),
    ];
    Book::default().hold("versions", runs);
}
