//! Configurations read and evaluated.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use driftline::model::{
    Address, Config, Declared, NotEvaluated, Path as AttributePath, ProviderConfig, Unknown, Value,
};
use driftline::render::unknown::sentence;
use driftline::tofu::config::{Argument, Inputs, ResourceValues, Unplanned, Workspace};

fn config(folder: &Path) -> Config {
    let workspace =
        Workspace::load(folder, &Inputs::default()).unwrap_or_else(|note| panic!("{note:?}"));
    workspace.config(&Unplanned)
}

/// A folder with files, each `NAME`, then its text.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn find<'c>(config: &'c Config, address: &str) -> &'c Declared {
    let address = Address::parse(address).unwrap();
    config
        .resources
        .iter()
        .find(|declared| declared.address == address)
        .unwrap_or_else(|| panic!("{address}"))
}

fn argument<'c>(config: &'c Config, address: &str, name: &str) -> &'c Value {
    &find(config, address).arguments[name]
}

const TOPIC: &str = "resource \"google_pubsub_topic\" \"ok\" {\n  name = local.fine\n}\nlocals {\n  fine = \"fine\"\n}\n";

/// Reads files of which one is wrong: one note says where, and the rest is answered.
#[track_caller]
fn wrong(files: &[(&str, &str)], file: &str, line: usize, says: &str) -> Config {
    let mut all = vec![("ok.tf", TOPIC)];
    all.extend(files);
    let config = config(folder(&all).path());
    let [note] = config.notes.as_slice() else {
        panic!("{:#?}", config.notes)
    };
    assert!(note.message.contains(says), "{note:?}");
    let place = note.place.as_ref().unwrap_or_else(|| panic!("{note:?}"));
    assert_eq!((place.file.as_str(), place.line), (file, line), "{note:?}");
    assert!(!place.excerpt.is_empty() || place.line == 0, "{note:?}");
    assert_eq!(
        argument(&config, "google_pubsub_topic.ok", "name"),
        &Value::text("fine")
    );
    config
}

#[test]
fn a_file_that_does_not_parse_is_left_out() {
    wrong(
        &[("bad.tf", "locals {\n  a = {\n}\n")],
        "bad.tf",
        3,
        "bad.tf is not valid HCL",
    );
    wrong(
        &[("bad.tf.json", "{\n  \"locals\": }\n")],
        "bad.tf.json",
        2,
        "bad.tf.json is not valid JSON",
    );
}

#[test]
fn what_stands_twice_or_nowhere_is_left_out() {
    let topic = |inside: &str| {
        format!("resource \"google_pubsub_topic\" \"bad\" {{\n  name = \"x\"\n{inside}}}\n")
    };
    let config = wrong(
        &[("bad.tf", &topic("  name = \"y\"\n"))],
        "bad.tf",
        3,
        "the argument `name` is declared twice",
    );
    assert_eq!(
        argument(&config, "google_pubsub_topic.bad", "name"),
        &Value::text("x")
    );
    let twice = "variable \"a\" {\n  default = 1\n}\nvariable \"a\" {\n  default = 2\n}\n";
    wrong(
        &[("bad.tf", twice)],
        "bad.tf",
        4,
        "variable `a` is declared twice",
    );
    wrong(
        &[(
            "bad.tf",
            "output \"a\" {\n  value = 1\n}\noutput \"a\" {\n}\n",
        )],
        "bad.tf",
        4,
        "output `a` is declared twice",
    );
    wrong(
        &[("bad.tf", "resource \"google_pubsub_topic\" {\n}\n")],
        "bad.tf",
        1,
        "two labels",
    );
    wrong(
        &[("bad.tf", &topic("  count = 1\n  for_each = {}\n"))],
        "bad.tf",
        3,
        "not both",
    );
    let module = [
        (
            "bad.tf",
            "module \"m\" {\n  source = \"./m\"\n  nam    = 1\n}\n",
        ),
        ("m/main.tf", "variable \"name\" {\n  default = 1\n}\n"),
    ];
    wrong(&module, "bad.tf", 3, "module `m` has no variable `nam`");
    let circle = "locals {\n  a = local.b\n  b = local.a\n}\nresource \"google_pubsub_topic\" \"bad\" {\n  name = local.a\n}\n";
    wrong(
        &[("bad.tf", circle)],
        "bad.tf",
        2,
        "local.a depends on itself",
    );
}

#[test]
fn a_file_that_is_not_utf8_is_named_with_its_line() {
    let files = folder(&[("ok.tf", TOPIC)]);
    std::fs::write(files.path().join("bad.tf"), b"# a comment\n# caf\xe9\n").unwrap();
    let config = config(files.path());
    let [note] = config.notes.as_slice() else {
        panic!("{:#?}", config.notes)
    };
    let place = note.place.as_ref().unwrap();
    assert_eq!(
        (place.file.as_str(), place.line, note.message.as_str()),
        ("bad.tf", 2, "bad.tf is not UTF-8 text")
    );
    assert_eq!(
        argument(&config, "google_pubsub_topic.ok", "name"),
        &Value::text("fine")
    );
}

#[test]
fn what_a_mistake_touches_is_unknown() {
    let text = "resource \"google_pubsub_topic\" \"bad\" {\n  name   = \"x\"\n  labels = { a = var.nope }\n}\n";
    let config = wrong(
        &[("bad.tf", text)],
        "bad.tf",
        3,
        "Reference to undeclared input variable",
    );
    assert_eq!(
        argument(&config, "google_pubsub_topic.bad", "name"),
        &Value::text("x")
    );
    let Value::Unknown(reason) = argument(&config, "google_pubsub_topic.bad", "labels") else {
        panic!()
    };
    assert_eq!(
        *reason,
        Unknown::mistaken("Reference to undeclared input variable at bad.tf:3")
    );
}

#[test]
fn a_module_that_is_not_downloaded_leaves_its_outputs_unknown() {
    let text = "module \"m\" {\n  source  = \"terraform-google-modules/network/google\"\n  version = \"~> 9\"\n}\nresource \"google_pubsub_topic\" \"bad\" {\n  name = module.m.name\n}\n";
    let config = wrong(&[("bad.tf", text)], "bad.tf", 1, "has not been downloaded");
    assert!(config.notes[0].hint.contains("tofu init"));
    assert!(matches!(
        argument(&config, "google_pubsub_topic.bad", "name"),
        Value::Unknown(_)
    ));
}

#[test]
fn a_downloaded_module_is_found_by_its_call_path() {
    let manifest = r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"m","Source":"registry.opentofu.org/x/y/google","Version":"1.0.0","Dir":".terraform/modules/m"}]}"#;
    let files = [
        ("main.tf", "module \"m\" {\n  source = \"x/y/google\"\n}\n"),
        (".terraform/modules/modules.json", manifest),
        (
            ".terraform/modules/m/main.tf",
            "resource \"google_pubsub_topic\" \"t\" {\n  name = path.module\n}\n",
        ),
    ];
    let config = config(folder(&files).path());
    assert_eq!(
        argument(&config, "module.m.google_pubsub_topic.t", "name"),
        &Value::text(".terraform/modules/m")
    );
}

#[test]
fn the_source_of_a_module_may_be_made_of_variables_and_locals() {
    let root = r#"variable "kind" {
  type    = string
  default = "a"
}
locals {
  base = "./modules"
}
module "m" {
  for_each = toset(["one"])
  source   = "${local.base}/${var.kind}"
  next     = "b"
}
module "made" {
  source = "./${google_pubsub_topic.made.name}"
}
resource "google_pubsub_topic" "made" {
  name = uuid()
}
"#;
    let caller = "variable \"next\" {\n  type = string\n}\nlocals {\n  inner = \"../${var.next}\"\n}\nmodule \"n\" {\n  source = local.inner\n}\n";
    let files = [
        ("main.tf", root),
        ("modules/a/main.tf", caller),
        (
            "modules/b/main.tf",
            "resource \"google_pubsub_topic\" \"t\" {\n  name = path.module\n}\n",
        ),
    ];
    let config = config(folder(&files).path());
    assert_eq!(
        argument(
            &config,
            "module.m[\"one\"].module.n.google_pubsub_topic.t",
            "name"
        ),
        &Value::text("modules/b")
    );
    let unreadable: Vec<_> = config.unreadable.iter().map(|part| &part.module).collect();
    assert_eq!(unreadable, [&["made"]]);
}

#[test]
fn locals_in_a_circle_are_said_to_be() {
    let text = "locals {\n  a = local.b\n  b = local.a\n}\nresource \"google_pubsub_topic\" \"bad\" {\n  name = local.a\n}\nresource \"google_pubsub_topic\" \"ok\" {\n  name = \"ok\"\n}\n";
    let config = config(folder(&[("main.tf", text)]).path());
    assert_eq!(config.notes.len(), 1, "{:?}", config.notes);
    assert!(
        config.notes[0].message.contains("depends on itself"),
        "{:?}",
        config.notes
    );
    assert!(matches!(
        argument(&config, "google_pubsub_topic.bad", "name"),
        Value::Unknown(_)
    ));
    assert_eq!(
        argument(&config, "google_pubsub_topic.ok", "name"),
        &Value::text("ok")
    );
}

#[test]
fn unknown_repetitions_are_named_and_not_guessed() {
    let text = "data \"google_project\" \"p\" {}\nresource \"google_pubsub_topic\" \"t\" {\n  for_each = toset([data.google_project.p.name])\n  name     = each.key\n}\nresource \"google_pubsub_topic\" \"list\" {\n  for_each = [\"a\"]\n  name     = each.key\n}\n";
    let config = config(folder(&[("main.tf", text)]).path());
    let blocks: Vec<String> = config
        .unknown_blocks
        .iter()
        .map(|unknown| format!("{}: {}", unknown.address, sentence(&unknown.why)))
        .collect();
    let expected = [
        "google_pubsub_topic.t: data.google_project.p: a data source is read only by tofu",
        "google_pubsub_topic.list: it is wrong: Invalid for_each argument at main.tf:7",
    ];
    assert_eq!(blocks, expected);
    assert!(config.resources.is_empty());
}

#[test]
fn a_folder_without_configuration_is_one_clear_error() {
    let empty = folder(&[("README.md", "x")]);
    let error = Workspace::load(empty.path(), &Inputs::default()).unwrap_err();
    assert!(
        error.message.contains("holds no configuration"),
        "{error:?}"
    );
}

#[test]
fn a_folder_that_only_says_where_state_is_kept_is_a_configuration() {
    let text = "terraform {\n  backend \"local\" {\n    path = \"x\"\n  }\n}\n";
    for text in [text, "# nothing yet\n"] {
        let config = config(folder(&[("main.tf", text)]).path());
        assert!(
            config.resources.is_empty() && config.notes.is_empty(),
            "{:?}",
            config.notes
        );
    }
}

#[test]
fn variables_without_value_are_unknown_and_said() {
    let text = "variable \"project\" {\n  type = string\n}\nresource \"google_pubsub_topic\" \"t\" {\n  name    = \"t\"\n  project = var.project\n}\n";
    let files = folder(&[("main.tf", text)]);
    let config = config(files.path());
    assert_eq!(
        config.notes[0].message,
        "the variable `project` has no value"
    );
    assert_eq!(
        argument(&config, "google_pubsub_topic.t", "project"),
        &Value::Unknown(NotEvaluated::Variable("project".into()).into())
    );
    let inputs = Inputs {
        arguments: vec![Argument::Value("project".into(), "given".into())],
        environment: BTreeMap::from([("project".into(), "environment".into())]),
        ..Inputs::default()
    };
    let given = Workspace::load(files.path(), &inputs)
        .unwrap()
        .config(&Unplanned);
    assert_eq!(
        argument(&given, "google_pubsub_topic.t", "project"),
        &Value::text("given")
    );
    let inputs = Inputs {
        arguments: Vec::new(),
        ..inputs
    };
    let given = Workspace::load(files.path(), &inputs)
        .unwrap()
        .config(&Unplanned);
    assert_eq!(
        argument(&given, "google_pubsub_topic.t", "project"),
        &Value::text("environment")
    );
}

#[test]
fn what_a_provider_leaves_out_is_what_the_environment_says() {
    let text = "variable \"region\" {\n  type = string\n}\nprovider \"google\" {\n  region = var.region\n  zone   = \"\"\n}\nprovider \"google\" {\n  alias   = \"other\"\n  project = \"said\"\n}\nresource \"google_compute_address\" \"a\" {\n  name = \"a\"\n}\nresource \"google_compute_address\" \"b\" {\n  provider = google.other\n  name     = \"b\"\n}\n";
    let inputs = Inputs {
        provider: ProviderConfig {
            project: Some("environment".into()),
            region: Some("environment".into()),
            zone: Some("environment".into()),
            ..ProviderConfig::default()
        },
        ..Inputs::default()
    };
    let workspace = Workspace::load(folder(&[("main.tf", text)]).path(), &inputs).unwrap();
    let config = workspace.config(&Unplanned);
    let of = |address: &str| find(&config, address).provider.clone().unwrap();
    let (a, b) = (
        of("google_compute_address.a"),
        of("google_compute_address.b"),
    );
    assert_eq!(a.project.as_deref(), Some("environment"));
    // A region that is not known is not the environment's.
    assert_eq!((a.region.as_deref(), a.unknown.len()), (None, 1));
    assert_eq!(a.zone.as_deref(), Some("environment"));
    assert_eq!(b.project.as_deref(), Some("said"));
}

#[test]
fn sensitive_variables_never_show() {
    let text = "variable \"password\" {\n  sensitive = true\n}\nresource \"google_sql_user\" \"u\" {\n  name     = \"u-${length(var.password)}\"\n  password = \"x${var.password}\"\n}\n";
    let inputs = Inputs {
        arguments: vec![Argument::Value("password".into(), "hunter2".into())],
        ..Inputs::default()
    };
    let workspace = Workspace::load(folder(&[("main.tf", text)]).path(), &inputs).unwrap();
    let config = workspace.config(&Unplanned);
    assert!(argument(&config, "google_sql_user.u", "password").same(&Value::text("xhunter2")));
    let shown = format!(
        "{config:?}{:?}",
        workspace.session(&Unplanned).console("var.password")
    );
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn messages_never_quote_what_is_sensitive() {
    let text = "variable \"password\" {\n  sensitive = true\n}\nvariable \"list\" {\n  type = list(string)\n}\nlocals {\n  a = parseint(var.password, 10)\n  b = cidrhost(var.password, 1)\n  c = { for k in [var.password, var.password] : k => 1 }\n  d = tonumber(var.password)\n  e = file(var.password)\n}\nresource \"google_sql_user\" \"u\" {\n  name = jsonencode([local.a, local.b, local.c, local.d, local.e, var.list])\n}\n";
    let files = [
        ("main.tf", text),
        (
            "terraform.tfvars",
            "password = \"hunter2\"\nlist = \"hunter2\"\n",
        ),
    ];
    let config = config(folder(&files).path());
    assert_eq!(config.notes.len(), 6, "{:#?}", config.notes);
    assert!(
        !format!("{config:?}").contains("hunter2"),
        "{:#?}",
        config.notes
    );
    let files = [
        ("main.tf", text),
        ("terraform.tfvars", "password = \"hunter2\n"),
    ];
    assert!(!format!("{:?}", self::config(folder(&files).path())).contains("hunter2"));
}

/// Answers for resources, filled while a plan is made.
#[derive(Default)]
struct Planned(RefCell<BTreeMap<String, Value>>);

impl ResourceValues for Planned {
    fn resource(&self, address: &Address) -> Option<Arc<Value>> {
        self.0
            .borrow()
            .get(&address.to_string())
            .cloned()
            .map(Arc::new)
    }
}

#[test]
fn a_plan_in_order_sees_what_was_planned_before() {
    let text = r#"
resource "google_compute_subnetwork" "sub" {
  for_each = local.subs
  name     = each.key
  network  = module.net.id
}
locals {
  subs = toset([module.net.name])
}
module "net" {
  source = "./net"
}
"#;
    let net = r#"
resource "google_compute_network" "this" {
  count = 1
  name  = "vpc"
}
output "id" {
  value = google_compute_network.this[0].id
}
output "name" {
  value = one(google_compute_network.this[*].name)
}
"#;
    let files = folder(&[("main.tf", text), ("net/main.tf", net)]);
    let workspace = Workspace::load(files.path(), &Inputs::default()).unwrap();
    let order: Vec<String> = workspace.order().iter().map(ToString::to_string).collect();
    assert_eq!(
        order,
        [
            "module.net.google_compute_network.this",
            "google_compute_subnetwork.sub"
        ]
    );
    let planned = Planned::default();
    let session = workspace.session(&planned);
    for block in workspace.order() {
        for address in session.instances(&block) {
            let declared = session.declared(&address).unwrap();
            let mut attributes = declared.arguments.clone();
            attributes.insert("id".into(), Value::text(format!("id of {address}")));
            planned
                .0
                .borrow_mut()
                .insert(address.to_string(), Value::Map(attributes));
        }
    }
    let declared = session
        .declared(&Address::parse("google_compute_subnetwork.sub[\"vpc\"]").unwrap())
        .unwrap();
    assert_eq!(
        declared.arguments["network"],
        Value::text("id of module.net.google_compute_network.this[0]")
    );
    assert_eq!(
        declared.references,
        [(
            "network".to_owned(),
            "module.net.google_compute_network.this[0].id".to_owned()
        )]
    );
}

#[test]
fn a_provider_that_no_resource_uses_yet_is_known() {
    let text = "provider \"google\" {\n  project = \"shop\"\n  add_terraform_attribution_label = false\n}\nprovider \"random\" {}\n";
    let files = folder(&[("main.tf", text)]);
    let config = self::config(files.path());
    let known: Vec<_> = config
        .providers
        .iter()
        .map(|p| (p.project.as_deref(), p.attribution_label))
        .collect();
    assert_eq!(known, [(Some("shop"), Some(false))]);
}

#[test]
fn providers_and_lifecycle_are_read() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config/corpus");
    let config = self::config(&corpus.join("provider-alias"));
    let provider = |address: &str| find(&config, address).provider.as_deref().unwrap();
    let us = provider("google_pubsub_topic.us");
    assert_eq!(
        (
            us.project.as_deref(),
            us.region.as_deref(),
            us.attribution_label
        ),
        (Some("main"), Some("us-central1"), None)
    );
    assert_eq!(us.default_labels["owner"], Value::text("platform"));
    let eu = provider("google_pubsub_topic.eu");
    assert_eq!(
        (
            eu.alias.as_deref(),
            eu.project.as_deref(),
            eu.attribution_label
        ),
        (Some("eu"), Some("main-eu"), Some(false))
    );
    assert_eq!(provider("module.m.google_pubsub_topic.m"), eu);
    let config = self::config(&corpus.join("alias-in-module"));
    let project = |address: &str| {
        find(&config, address)
            .provider
            .as_ref()
            .unwrap()
            .project
            .clone()
    };
    assert_eq!(
        project("module.m.google_pubsub_topic.default").as_deref(),
        Some("a")
    );
    assert_eq!(
        project("module.m.google_pubsub_topic.other").as_deref(),
        Some("b")
    );
    let config = self::config(&corpus.join("sql-instance"));
    let lifecycle = &find(&config, "google_sql_database_instance.main").lifecycle;
    let settings = AttributePath::default().attribute("settings").index(0);
    assert_eq!(
        lifecycle.ignore_changes,
        [
            settings.attribute("disk_size"),
            settings.attribute("user_labels").key("x")
        ]
    );
    assert!(lifecycle.prevent_destroy && !lifecycle.ignore_all);
}

#[test]
fn import_blocks_are_expanded() {
    let text = "locals {\n  ids = { a = \"x/a\", b = \"x/b\" }\n}\nimport {\n  for_each = local.ids\n  to       = module.m[each.key].google_pubsub_topic.t[0]\n  id       = \"projects/${each.value}\"\n}\n";
    let config = config(folder(&[("main.tf", text)]).path());
    let found: Vec<String> = config
        .imports
        .iter()
        .map(|import| format!("{} = {:?}", import.to, import.object))
        .collect();
    assert_eq!(
        found,
        [
            "module.m[\"a\"].google_pubsub_topic.t[0] = Id(\"projects/x/a\")",
            "module.m[\"b\"].google_pubsub_topic.t[0] = Id(\"projects/x/b\")"
        ]
    );
}
