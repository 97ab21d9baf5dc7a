//! A secret of its own wherever a configuration, a state, the environment or an argument can hold one: no command says any of
//! them, in any format, nor do the messages about what is wrong with them.

use std::path::Path;

use crate::support;
use crate::support::binary::Run;
use crate::support::cloud::Cloud;
use crate::support::estate::{Estate, PROJECT, Planted};
use serde_json::{Value as Json, json};

/// What every planted secret begins with; the rest says where it was planted.
const MARK: &str = "hush5150";

const MAIN: &str = r#"
terraform {
  backend "http" {
    address  = "http://backend-user:hush5150-url-login@ADDRESS/state?key=hush5150-url-query"
    username = "ann"
    password = "hush5150-backend-password"
  }
}

provider "google" {
  project      = "estate-project"
  access_token = "hush5150-provider-access-token"
}

variable "db_password" {
  type      = string
  sensitive = true
  default   = "hush5150-sensitive-default"
}

variable "from_file" {
  type      = string
  sensitive = true
}

variable "from_environment" {
  type      = string
  sensitive = true
}

variable "users" {
  type = map(object({ name = string, password = string, labels = optional(map(string), {}) }))
}

locals {
  marked = sensitive("hush5150-marked")
}

output "login" {
  value     = "${var.db_password}-${local.marked}"
  sensitive = true
}

resource "google_sql_user" "new" {
  name     = "new"
  instance = "thing-1"
  password = "hush5150-argument"
}

resource "google_sql_user" "each" {
  for_each = var.users
  name     = each.value.name
  instance = "thing-1"
  password = each.value.password
}

resource "google_secret_manager_secret_version" "new" {
  secret      = "projects/estate-project/secrets/thing-1"
  secret_data = "hush5150-payload"
}

resource "google_compute_ssl_certificate" "new" {
  name        = "thing-1"
  certificate = "word"
  private_key = <<-PEM
    -----BEGIN PRIVATE KEY-----
    hush5150-heredoc
    -----END PRIVATE KEY-----
  PEM
}

resource "google_redis_instance" "cache" {
  name           = "thing-1"
  region         = "us-central1"
  memory_size_gb = 3
  display_name   = local.marked
  labels = {
    db_password = "hush5150-label"
    team        = var.from_file
  }
}

resource "google_redis_instance" "wide" {
  name = "thing-2", region = "us-central1"
}
"#;

const VALUES: &str = r#"
from_file = "hush5150-tfvars"
users = {
  app = { name = "app", password = "hush5150-tfvars-member", labels = {} }
}
"#;

/// What is wrong with a configuration, next to a secret.
const BROKEN: &[(&str, &str, &str)] = &[
    (
        "unterminated",
        "main.tf",
        "resource \"google_sql_user\" \"u\" {\n  password = \"hush5150-unterminated\n}\n",
    ),
    (
        "no-brace",
        "main.tf",
        "resource \"google_sql_user\" \"u\" {\n  password = \"hush5150-no-brace\" instance = 1\n",
    ),
    (
        "map",
        "main.tf",
        "locals {\n  logins = { app = \"hush5150-map\" ops \"hush5150-map-next\" }\n}\n",
    ),
    (
        "heredoc",
        "main.tf",
        "locals {\n  key = <<EOT\nhush5150-heredoc-body ${oops\nEOT\n}\n",
    ),
    (
        "bare",
        "main.tf",
        "locals {\n  key = hush5150-bare hush5150-bare-next\n}\n",
    ),
    ("values", "terraform.tfvars", "phrase = \"hush5150-values\n"),
    (
        "json-values",
        "terraform.tfvars.json",
        "{\"phrase\": \"hush5150-json-values\",,}",
    ),
    (
        "json",
        "main.tf.json",
        "{\"locals\": {\"phrase\": \"hush5150-json\" \"x\"}}",
    ),
    (
        "number",
        "main.tf",
        "variable \"n\" {\n  type = number\n  sensitive = true\n  default = \"hush5150-number\"\n}\nresource \"google_redis_instance\" \"r\" {\n  memory_size_gb = var.n\n}\n",
    ),
    (
        "plain-number",
        "main.tf",
        "variable \"phrase_password\" {\n  type = number\n  default = \"hush5150-plain-number\"\n}\nlocals { a = var.phrase_password }\n",
    ),
    (
        "function",
        "main.tf",
        "variable \"p\" {\n  sensitive = true\n  default = \"hush5150-function\"\n}\nresource \"google_sql_user\" \"u\" {\n  name = tonumber(var.p)\n  password = tonumber(\"hush5150-function-literal\")\n}\n",
    ),
    (
        "decode",
        "main.tf",
        "resource \"google_sql_user\" \"u\" {\n  name = \"u\"\n  password = jsondecode(\"{hush5150-decode\")\n}\n",
    ),
    (
        "index",
        "main.tf",
        "locals {\n  users = { app = \"hush5150-index\" }\n}\nresource \"google_sql_user\" \"u\" {\n  name = \"u\"\n  password = local.users[\"hush5150-index-key\"]\n}\n",
    ),
    (
        "validation",
        "main.tf",
        "variable \"p\" {\n  sensitive = true\n  default = \"hush5150-validation\"\n  validation {\n    condition = length(var.p) > 99\n    error_message = \"not ${var.p}\"\n  }\n}\n",
    ),
    (
        "for-each",
        "main.tf",
        "variable \"p\" {\n  sensitive = true\n  default = { \"hush5150-for-each\" = 1 }\n}\nresource \"google_sql_user\" \"u\" {\n  for_each = var.p\n  name = each.key\n}\n",
    ),
    (
        "credentials",
        "main.tf",
        "provider \"google\" {\n  credentials = \"{\\\"private_key\\\": \\\"hush5150-credentials\\\", oops\"\n}\nresource \"google_sql_user\" \"u\" {\n  name = \"u\"\n}\n",
    ),
    (
        "passphrase",
        "main.tf",
        "terraform {\n  encryption {\n    key_provider \"pbkdf2\" \"k\" {\n      passphrase = \"hush5150-passphrase\"\n    }\n    method \"aes_gcm\" \"m\" {\n      keys = key_provider.pbkdf2.k\n      oops = \"hush5150-passphrase-next\"\n    }\n    state {\n      method = method.aes_gcm.m\n    }\n  }\n}\n",
    ),
    (
        "passphrase-open",
        "main.tf",
        "terraform {\n  encryption {\n    key_provider \"pbkdf2\" \"k\" {\n      passphrase = \"hush5150-passphrase-open\n    }\n  }\n}\n",
    ),
    (
        "gcs",
        "main.tf",
        "terraform {\n  backend \"gcs\" {\n    bucket = \"b\"\n    encryption_key = \"hush5150-encryption-key\"\n    credentials = \"{hush5150-gcs-credentials\"\n  }\n}\n",
    ),
    (
        "s3",
        "main.tf",
        "terraform {\n  backend \"s3\" {\n    bucket = \"b\"\n    key = \"k\"\n    region = \"us-east-1\"\n    access_key = \"AKIA\"\n    secret_key = \"hush5150-s3\"\n    endpoints = { s3 = \"http://127.0.0.1:1\" }\n  }\n}\n",
    ),
];

/// Runs that went wrong or said something they must not.
#[derive(Default)]
struct Watch(Vec<String>);

impl Watch {
    fn look(&mut self, what: &str, text: &str) {
        for (at, _) in text.match_indices(MARK) {
            let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
            let line = text[start..].lines().next().unwrap_or_default();
            self.0.push(format!(
                "{what}: {}",
                line.chars().take(300).collect::<String>()
            ));
        }
    }

    fn look_at(&mut self, what: &str, dir: &Path) {
        support::tree(dir, "")
            .iter()
            .for_each(|(name, text)| self.look(&format!("{what}: {name}"), text));
    }
}

fn state(estate: &Estate) -> Json {
    let instance = |rtype: &str, name: &str, attributes: Json, sensitive: Json| {
        json!({"mode": "managed", "type": rtype, "name": name, "provider": "provider[\"registry.opentofu.org/hashicorp/google\"]",
            "instances": [{"schema_version": 1, "attributes": attributes, "sensitive_attributes": sensitive, "private": "aHVzaDUxNTA="}]})
    };
    let path = json!([[{"type": "get_attr", "value": "display_name"}]]);
    let cache = json!({"id": format!("projects/{PROJECT}/locations/us-central1/instances/thing-1"), "name": "thing-1", "project": PROJECT,
        "region": "us-central1", "memory_size_gb": 1, "display_name": "hush5150-marked-by-state", "auth_string": "hush5150-auth-string", "labels": {"db_password": "hush5150-state-label", "team": "t"}});
    let user = json!({"id": "app//thing-1", "name": "app", "instance": "thing-1", "project": PROJECT, "password": "hush5150-user",
        "host": "", "type": "BUILT_IN"});
    let foreign =
        json!({"id": "x", "result": "hush5150-foreign", "private_key_pem": "hush5150-foreign-key"});
    assert!(
        estate
            .catalog
            .definitions
            .contains_key("google_redis_instance")
    );
    json!({"version": 4, "terraform_version": "1.12.6", "serial": 1, "lineage": "l",
        "outputs": {"login": {"value": "hush5150-output", "type": "string", "sensitive": true}},
        "resources": [instance("google_redis_instance", "cache", cache, path), instance("google_sql_user", "gone", user, json!([])),
            instance("tls_private_key", "k", foreign, json!([]))]})
}

fn write(dir: &Path, name: &str, text: &str) {
    let file = dir.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_command_says_a_secret() {
    let planted = Planted {
        secret: format!("{MARK}-cloud"),
        name: String::new(),
        text: "a text".to_owned(),
    };
    let estate = Estate::grow(support::catalog(), planted).await;
    let store = Cloud::serve(&[]);
    store.otherwise(state(&estate));
    let folder = tempfile::tempdir().unwrap();
    let infra = folder.path().join("infra");
    let main = MAIN
        .replace("ADDRESS", &store.address)
        .replace("resource \"google_redis_instance\" \"wide\" {\n  name = \"thing-2\", region = \"us-central1\"\n}\n", "");
    write(&infra, "main.tf", &main);
    write(&infra, "prod.auto.tfvars", VALUES);
    write(folder.path(), "s.tfstate", &state(&estate).to_string());
    let mut watch = Watch::default();
    let mut run = |args: &[&str]| {
        let run = Run::new(args)
            .vars(&estate.endpoints())
            .within(folder.path());
        let run = run
            .var("GOOGLE_OAUTH_ACCESS_TOKEN", "hush5150-token")
            .var("GOOGLE_PROJECT", PROJECT)
            .var("RUST_LOG", "trace");
        let run = run
            .var("TF_VAR_from_environment", "hush5150-environment")
            .var("TF_HTTP_PASSWORD", "hush5150-http-password");
        let ended = run
            .var("TF_LOG", "TRACE")
            .var("AWS_SECRET_ACCESS_KEY", "hush5150-aws")
            .var("RUST_BACKTRACE", "1")
            .end();
        watch.look(&args.join(" "), &ended.said());
        assert!(ended.code >= 0, "{args:?}: {}", ended.stderr);
        ended
    };
    let ended = run(&["drift", "--config", "infra", "--all"]);
    assert!(
        ended.stdout.contains("google_redis_instance.cache"),
        "{}",
        ended.said()
    );
    let both = ["--config", "infra", "--state", "s.tfstate"];
    let with = |first: &[&'static str], more: &[&'static str]| -> Vec<&'static str> {
        [first, &both[..], more].concat()
    };
    for format in ["console://-", "json://-"] {
        run(&with(&["drift", "--all", "--suggest"], &["--out", format]));
        run(&with(&["plan", "--suggest"], &["--out", format]));
        run(&with(&["doctor"], &["--out", format]));
        run(&["types", "--out", format]);
        run(&["permissions", "--out", format]);
        for expression in [
            "var.db_password",
            "local.marked",
            "[var.from_file]",
            "output.login",
            "google_sql_user.new",
            "google_redis_instance.cache",
            "tonumber(var.db_password)",
            "var.db_password.x",
            "[1][var.db_password]",
            "jsondecode(var.from_environment)",
            "file(var.db_password)",
            "tomap(var.from_file)",
            "templatefile(\"x\", {p = var.db_password})",
            "google_sql_user.each",
            "[for user in google_sql_user.each : user.password]",
            "values(google_sql_user.each)[0].password",
            "google_sql_user.new.password",
            "google_secret_manager_secret_version.new",
            "google_compute_ssl_certificate.new",
            "terraform",
            "path",
            "module",
            "local",
            "var",
        ] {
            run(&[
                "console",
                "--config",
                "infra",
                "--state",
                "s.tfstate",
                "--out",
                format,
                expression,
            ]);
        }
    }
    for format in ["console", "dot", "mermaid", "svg", "json"] {
        run(&["graph", "--out", &format!("{format}://-")]);
    }
    for address in [
        "google_redis_instance.cache",
        "google_sql_user.gone",
        "google_sql_user.new",
        "google_sql_user.each[\"app\"]",
    ] {
        run(&[
            "explain",
            address,
            "--config",
            "infra",
            "--state",
            "s.tfstate",
        ]);
    }
    run(&["scan", "--snapshot", "stored"]);
    // First into a folder that is not there.
    for _ in 0..2 {
        run(&"drift --snapshot stored --config infra --state s.tfstate --all --out json://out/report.json"
            .split(' ')
            .collect::<Vec<_>>());
        std::fs::create_dir_all(folder.path().join("out")).unwrap();
    }
    run(&[
        "plan",
        "--write",
        "written",
        "--detail",
        "full",
        "--include-defaults",
    ]);
    run(&["plan", "--out", "commands://-"]);
    run(&["completions", "bash"]);
    run(&["man"]);
    // Arguments that are wrong, and hold a secret.
    run(&["drift", "--config", "infra", "--var", "hush5150-var"]);
    run(&[
        "drift",
        "--config",
        "infra",
        "--var",
        "from_file:hush5150-var",
    ]);
    run(&["drift", "--config", "infra", "--var", "nobody=hush5150-var"]);
    run(&[
        "drift",
        "--config",
        "infra",
        "--var",
        "users=hush5150-var {",
    ]);
    run(&[
        "drift",
        "--config",
        "infra",
        "--backend-config",
        "password:hush5150-backend-config",
    ]);
    run(&[
        "drift",
        "--state",
        "http://ann:hush5150-login@127.0.0.1:1/state?token=hush5150-query",
    ]);
    run(&[
        "drift",
        "--state",
        "ftp://ann:hush5150-login@127.0.0.1:1/state",
    ]);
    watch.look_at("snapshot", &folder.path().join("stored"));
    watch.look_at("report", &folder.path().join("out"));
    watch.look_at("plan", &folder.path().join("written"));
    assert!(
        watch.0.is_empty(),
        "{} leaks\n{}",
        watch.0.len(),
        watch.0.join("\n")
    );
}

/// A mistake next to a secret is told without it.
#[test]
fn no_message_about_a_mistake_quotes_a_secret() {
    let mut watch = Watch::default();
    for (name, file, text) in BROKEN {
        let folder = tempfile::tempdir().unwrap();
        write(
            folder.path(),
            "variables.tf",
            "variable \"phrase\" {\n  sensitive = true\n  default = \"d\"\n}\n",
        );
        write(folder.path(), file, text);
        write(
            folder.path(),
            "s.tfstate",
            &json!({"version": 4, "serial": 1, "lineage": "l", "outputs": {}, "resources": []})
                .to_string(),
        );
        for args in [
            &[
                "drift",
                "--demo",
                "--config",
                ".",
                "--state",
                "s.tfstate",
                "--all",
                "--suggest",
            ][..],
            &[
                "drift",
                "--demo",
                "--config",
                ".",
                "--suggest",
                "--out",
                "json://-",
            ],
            &[
                "plan",
                "--demo",
                "--config",
                ".",
                "--state",
                "s.tfstate",
                "--suggest",
            ],
            &["plan", "--demo", "--write", "."],
            &[
                "console",
                "--config",
                ".",
                "local",
                "var",
                "google_sql_user.u",
                "var.p",
                "var.n",
            ],
        ] {
            let run = Run::new(args)
                .var("TF_VAR_phrase", "hush5150-phrase")
                .var("GOOGLE_PROJECT", PROJECT)
                .within(folder.path());
            let run = run.var("GOOGLE_OAUTH_ACCESS_TOKEN", "hush5150-token").var(
                "GOOGLE_CREDENTIALS",
                "{\"private_key\": \"hush5150-key\", oops",
            );
            let ended = run.var("HTTPS_PROXY", "http://127.0.0.1:1").end();
            watch.look(&format!("{name}: {}", args.join(" ")), &ended.said());
            assert!(
                ended.code >= 0 && !ended.stderr.contains("panicked"),
                "{name}: {}",
                ended.stderr
            );
        }
    }
    for text in [
        "{\"version\": 4, \"x\": \"hush5150-state\" oops",
        "hush5150-state",
        "{\"version\": \"hush5150-state\"}",
        "{\"version\": 4, \"resources\": \"hush5150-state\"}",
    ] {
        let ended = Run::new(&["drift", "--demo", "--state", "-"])
            .input(text.as_bytes())
            .end();
        assert_eq!(ended.code, 1, "{}", ended.said());
        watch.look(text, &ended.said());
    }
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "map.toml", "hush5150-map = [");
    watch.look(
        "map",
        &Run::new(&["plan", "--demo", "--map", "map.toml"])
            .within(folder.path())
            .end()
            .said(),
    );
    write(
        folder.path(),
        "key.json",
        "{\"type\": \"service_account\", \"private_key\": \"hush5150-key-file\" oops",
    );
    let run = Run::new(&["drift", "--project", "some-project"])
        .var("GOOGLE_APPLICATION_CREDENTIALS", "key.json")
        .within(folder.path());
    watch.look("key file", &run.end().said());
    let run = Run::new(&["drift", "--project", "some-project"]).var(
        "GOOGLE_CREDENTIALS",
        "{\"type\": \"service_account\", \"private_key\": \"hush5150-key\", \"client_email\": \"e\", \"token_uri\": \"u\"}",
    );
    watch.look("key", &run.end().said());
    let run = Run::new(&["drift", "--demo", "--config", "."]).var(
        "TF_ENCRYPTION",
        "key_provider \"pbkdf2\" \"k\" { passphrase = \"hush5150-tf-encryption }",
    );
    write(folder.path(), "main.tf", "locals {}\n");
    watch.look("TF_ENCRYPTION", &run.within(folder.path()).end().said());
    assert!(
        watch.0.is_empty(),
        "{} leaks\n{}",
        watch.0.len(),
        watch.0.join("\n")
    );
}
