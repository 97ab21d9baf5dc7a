//! Clusters: what is asked of a control plane, what is kept, and what becomes of what it refuses.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use driftline::catalog::Catalog;
use driftline::collect::{self, SecretSight, Settings};
use driftline::graph::{Graph, Target};
use driftline::model::{Capture, Page, Scope};
use driftline::normalize::kinds;
use driftline::snapshot;
use serde_json::{Value, json};

use crate::support;
use crate::support::binary::Run;
use crate::support::control_plane::{Behaviour, ControlPlane};

const PROJECT: &str = "my-project";
const CLUSTER: &str = "projects/my-project/locations/europe-west1/clusters/main";

/// A capture that saw one cluster.
fn seen() -> Capture {
    let catalog = support::catalog();
    let listing = catalog.kinds.clusters.as_ref().unwrap().listing.clone();
    let body = json!({"clusters": [{"name": "main", "location": "europe-west1", "endpoint": "203.0.113.1"}]});
    Capture {
        projects: vec![PROJECT.to_owned()],
        pages: vec![Page {
            listing,
            scope: Scope {
                project: PROJECT.to_owned(),
                ..Scope::default()
            },
            request: String::new(),
            body: serde_json::value::to_raw_value(&body).unwrap(),
        }],
        ..Capture::default()
    }
}

fn settings(plane: &ControlPlane) -> Settings {
    let mut settings = Settings {
        timeout: Duration::from_secs(10),
        control_plane: Some(plane.url.clone()),
        backoff: Duration::from_millis(1),
        ..Settings::default()
    };
    settings.credentials.access_token = Some("token-of-the-test".to_owned());
    settings.billing_project = Some("payer".to_owned());
    settings.user_project_override = true;
    settings.endpoints.insert(
        "GOOGLE_ARTIFACT_REGISTRY_CUSTOM_ENDPOINT".to_owned(),
        format!("{}/registry/", plane.url),
    );
    settings
}

fn read(plane: &ControlPlane, secrets: SecretSight) -> Capture {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let catalog = support::catalog();
    let (settings, seen) = (settings(plane), seen());
    let reading = collect::clusters(&catalog, &settings, &seen, secrets);
    runtime.block_on(reading).unwrap()
}

fn object(api: &str, kind: &str, namespace: &str, name: &str, rest: Value) -> Value {
    let mut out = json!({"apiVersion": api, "kind": kind, "metadata": {"name": name, "uid": format!("uid-{name}")}});
    if !namespace.is_empty() {
        out["metadata"]["namespace"] = json!(namespace);
    }
    merge(&mut out, rest);
    out
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

fn namespace(name: &str) -> Value {
    object("v1", "Namespace", "", name, json!({}))
}

/// A Deployment, and what it needs and has not.
fn shop() -> Vec<Value> {
    let container = json!({"name": "web", "image": "europe-docker.pkg.dev/my-project/apps/web:v1",
        "ports": [{"containerPort": 8080}], "args": ["--password=planted-argument"],
        "env": [{"name": "REDIS_URL", "value": "redis://:planted-password@10.0.0.3:6379/0"},
            {"name": "API_TOKEN", "value": "planted-token"},
            {"name": "SETTINGS", "value": "config.settings.production"},
            {"name": "DB_USER", "valueFrom": {"secretKeyRef": {"name": "db", "key": "user"}}}],
        "envFrom": [{"configMapRef": {"name": "app"}}, {"configMapRef": {"name": "extra", "optional": true}}]});
    let annotations = json!({"kubectl.kubernetes.io/last-applied-configuration": "{\"planted-annotation\":1}",
        "cloud.google.com/neg": "{\"ingress\":true}"});
    let written = |keys: &[&str]| {
        let set: serde_json::Map<String, Value> = keys
            .iter()
            .map(|key| (format!("f:{key}"), json!({})))
            .collect();
        json!([{"manager": "kubectl-client-side-apply", "operation": "Update", "fieldsV1": {"f:data": set}}])
    };
    vec![
        namespace("shop"),
        namespace("other"),
        object(
            "apps/v1",
            "Deployment",
            "shop",
            "web",
            json!({"metadata": {"annotations": annotations},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {
                "metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}}}),
        ),
        object(
            "v1",
            "ConfigMap",
            "shop",
            "app",
            json!({"data": {"ALLOWED_HOSTS": "*", "PASSWORD": "planted-value",
            "conf": "server {\n resolver kube-dns; proxy_pass http://api:80/planted-path; # planted-comment\n}"}}),
        ),
        object(
            "v1",
            "Secret",
            "shop",
            "db",
            json!({"type": "Opaque",
            "metadata": {"managedFields": written(&["user", "pass"]), "annotations": annotations},
            "data": {"user": "cGxhbnRlZC11c2Vy", "pass": "cGxhbnRlZC1wYXNz"}}),
        ),
        object(
            "v1",
            "Secret",
            "other",
            "reset",
            json!({"type": "Opaque", "metadata": {"managedFields": [{}]},
            "data": {"user": "cGxhbnRlZC11c2Vy"}}),
        ),
        object(
            "v1",
            "Service",
            "shop",
            "web",
            json!({"spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}}),
        ),
    ]
}

fn bodies(capture: &Capture) -> String {
    let pages = capture.pages.iter();
    let each = pages.map(|page| format!("{} {}\n", page.listing, page.body.get()));
    each.collect()
}

#[test]
fn every_definition_of_a_kind_holds() {
    let catalog = support::catalog();
    assert!(catalog.kinds.all.len() > 25);
    for kind in catalog.kinds.all.values() {
        let own = &kind.definition;
        assert!(!kind.permission.is_empty(), "{}", own.rtype);
        for reference in &own.references {
            assert!(
                catalog.definition(&reference.target).is_some(),
                "{} refers to {}",
                own.rtype,
                reference.target
            );
        }
    }
}

#[test]
fn requests_of_a_cluster_are_two_and_one_for_each_kind() {
    let plane = ControlPlane::serve(shop(), Behaviour::default());
    let capture = read(&plane, SecretSight::Keys);
    assert_eq!(capture.gaps, []);
    let log = plane.log();
    let kinds = support::catalog().kinds.all.len();
    // The registry is no kind of a cluster's; of its repositories one is named.
    let own: Vec<&String> = log
        .iter()
        .filter(|line| !line.contains("/registry/"))
        .collect();
    assert_eq!(own.len(), 2 + kinds - 1, "{log:#?}");
    assert_eq!(log.len() - own.len(), 1);
    let shape = regex::Regex::new(
        r"^GET /(apis?|api/v1/[a-z]+\?limit=500(&includeObject=Metadata)?|apis/[a-z0-9.]+/v[0-9a-z]+/[a-z]+\?limit=500) [^ ]+ token$",
    )
    .unwrap();
    for line in own {
        assert!(shape.is_match(line), "{line}");
        let table = line.contains("as=Table");
        assert_eq!(line.contains("/secrets?"), table, "{line}");
    }
}

#[test]
fn nothing_that_is_secret_is_kept() {
    let plane = ControlPlane::serve(shop(), Behaviour::default());
    for sight in [SecretSight::Off, SecretSight::Names, SecretSight::Keys] {
        let capture = read(&plane, sight);
        let kept = bodies(&capture);
        assert!(
            !kept.contains("planted") && !kept.contains("cGxhbnRlZ"),
            "{kept}"
        );
        assert!(
            kept.contains("redis://10.0.0.3:6379") && kept.contains("config.settings.production")
        );
        assert!(
            kept.contains("resolver http://api:80") && kept.contains("(redacted)"),
            "{kept}"
        );
    }
}

/// What the capture says of an attribute of all objects of a type, by name.
fn attribute(capture: &Capture, rtype: &str, name: &str) -> BTreeMap<String, String> {
    let found = kinds(capture, &support::catalog());
    let of = found.objects.iter().filter(|object| object.rtype == rtype);
    of.map(|object| {
        (
            object.import_id.clone(),
            format!("{:?}", object.attributes[name]),
        )
    })
    .collect()
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    let own = |(a, b): (&str, &str)| (a.to_owned(), b.to_owned());
    pairs.into_iter().map(own).collect()
}

#[test]
fn secrets_are_seen_as_far_as_is_asked() {
    let plane = ControlPlane::serve(shop(), Behaviour::default());
    let secret = "k8s_secret";
    let off = read(&plane, SecretSight::Off);
    assert!(!off.asked.contains(&secret.to_owned()) && attribute(&off, secret, "keys").is_empty());
    let names = read(&plane, SecretSight::Names);
    assert_eq!(
        attribute(&names, secret, "count"),
        pairs([("other/reset", "1"), ("shop/db", "2")])
    );
    let hidden = "\"(known after apply)\"";
    assert_eq!(
        attribute(&names, secret, "keys"),
        pairs([("other/reset", hidden), ("shop/db", hidden)])
    );
    let asked = plane.log();
    let rows = asked
        .iter()
        .filter(|line| line.contains("includeObject=None"));
    let rows: Vec<&str> = rows.map(|line| line.split(' ').nth(1).unwrap()).collect();
    assert_eq!(
        rows,
        [
            "/api/v1/namespaces/shop/secrets?limit=500&includeObject=None",
            "/api/v1/namespaces/other/secrets?limit=500&includeObject=None",
        ]
    );
    let keys = read(&plane, SecretSight::Keys);
    let known = pairs([("other/reset", hidden), ("shop/db", r#"["pass","user"]"#)]);
    assert_eq!(attribute(&keys, secret, "keys"), known);
}

fn gaps(capture: &Capture) -> Vec<String> {
    let gaps = capture.gaps.iter();
    gaps.map(|gap| {
        let place = gap.scope.object.as_deref().unwrap_or("-");
        format!(
            "{} {place} {}: {}",
            gap.listing,
            gap.reason.as_str(),
            gap.fix
        )
    })
    .collect()
}

#[test]
fn what_may_be_read_in_one_namespace_alone_is_read_there() {
    let behaviour = Behaviour {
        scoped: BTreeMap::from([("deployments", BTreeSet::from(["shop"]))]),
        refused: BTreeSet::from(["nodes"]),
        absent: BTreeSet::from(["gateway.networking.k8s.io"]),
        ..Behaviour::default()
    };
    let plane = ControlPlane::serve(shop(), behaviour);
    let capture = read(&plane, SecretSight::Off);
    assert_eq!(
        gaps(&capture),
        [
            "k8s_deployment other permission-denied: grant container.deployments.list on project my-project",
            "k8s_node - permission-denied: grant container.nodes.list on project my-project",
        ]
    );
    assert_eq!(
        attribute(&capture, "k8s_deployment", "replicas"),
        pairs([("shop/web", "2")])
    );
    assert!(
        capture.asked.contains(&"k8s_gateway".to_owned()),
        "that there is none is known"
    );
}

#[test]
fn pages_are_read_to_the_end_and_again_where_they_expire() {
    for (expired, complete) in [(0, true), (1, true), (2, false)] {
        let behaviour = Behaviour {
            page: Some(1),
            expired,
            ..Behaviour::default()
        };
        let services = ["a", "b", "c"].map(|name| object("v1", "Service", "shop", name, json!({})));
        let plane = ControlPlane::serve(services.to_vec(), behaviour);
        let capture = read(&plane, SecretSight::Off);
        let found = attribute(&capture, "k8s_service", "service_type");
        assert_eq!(found.len(), if complete { 3 } else { 0 });
        assert_eq!(
            capture.gaps.len(),
            usize::from(!complete),
            "{:?}",
            capture.gaps
        );
    }
}

#[test]
fn a_cluster_out_of_reach_hides_what_is_in_it() {
    let mut plane = ControlPlane::serve(Vec::new(), Behaviour::default());
    plane.url = "http://127.0.0.1:1".to_owned();
    let capture = read(&plane, SecretSight::Off);
    assert!(capture.pages.is_empty());
    let catalog = support::catalog();
    // Neither Secrets, which were not wanted, nor the registry are hidden.
    assert_eq!(capture.gaps.len(), catalog.kinds.all.len() - 2);
    let first = &capture.gaps[0];
    assert_eq!(first.reason.as_str(), "unavailable");
    assert!(first.detail.starts_with(&format!(
        "{CLUSTER} was not reached: endpoint: cannot connect"
    )));
}

#[test]
fn references_lead_from_workloads_to_what_they_need() {
    let plane = ControlPlane::serve(shop(), Behaviour::default());
    let capture = read(&plane, SecretSight::Keys);
    let catalog: Catalog = support::catalog();
    let found = kinds(&capture, &catalog);
    let graph = Graph::new(&found.objects, &catalog);
    let mut lines: Vec<String> = (graph.edges.iter())
        .filter(|edge| found.objects[edge.from].rtype == "k8s_deployment")
        .map(|edge| match &edge.to {
            Target::Object(to) => format!("{} {}", edge.label, found.objects[*to].import_id),
            Target::Dangling { rtype, name } => format!("{} ? {rtype} {name}", edge.label),
        })
        .collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "config_map shop/app",
            "image ? google_artifact_registry_repository projects/my-project/locations/europe/repositories/apps",
            "secret shop/db",
            "service_account ? k8s_service_account default",
        ]
    );
}

#[test]
fn a_snapshot_of_a_cluster_replays_to_the_same_bytes() {
    let plane = ControlPlane::serve(shop(), Behaviour::default());
    let catalog = support::catalog();
    let mut capture = seen();
    let mut inside = read(&plane, SecretSight::Keys);
    capture.asked.append(&mut inside.asked);
    capture.add(inside);
    let removals = snapshot::redact(&mut capture, &catalog);
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("snapshot");
    let redactor = snapshot::Redactor::new(&catalog);
    snapshot::save(
        &at,
        &capture,
        &redactor,
        &removals,
        std::time::SystemTime::now(),
    )
    .unwrap();
    let drawn = |form: &str| {
        let out = format!("{form}://-");
        let at = at.display().to_string();
        let ended = Run::new(&["graph", "--kubernetes", "--snapshot", &at, "--out", &out]).end();
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        ended.stdout
    };
    assert_eq!(drawn("json"), drawn("json"));
    assert!(
        drawn("console").contains("shop/web"),
        "{}",
        drawn("console")
    );
    for (name, text) in support::tree(&at, "") {
        assert!(
            !text.contains("planted") && !text.contains("cGxhbnRlZ"),
            "{name}"
        );
    }
}

/// The demo's clusters are what the collector makes of these objects: `UPDATE_EXPECT=1` reads them anew.
#[test]
fn the_demo_is_what_the_collector_reads() {
    let catalog = support::catalog();
    let demo = std::path::Path::new("snapshots/demo");
    let opened = snapshot::open(demo).unwrap();
    let (mut capture, removals) = (opened.capture, opened.removals);
    let is_inside = |name: &str| catalog.kinds.get(name).is_some();
    let (inside, outside): (Vec<_>, Vec<_>) = std::mem::take(&mut capture.pages)
        .into_iter()
        .partition(|page| is_inside(&page.listing));
    capture.pages = outside;
    let text = std::fs::read_to_string("tests/data/kubernetes/demo.json").unwrap();
    let told: Value = serde_json::from_str(&text).unwrap();
    let path = "/registry/projects/coditect-cloud-infra/locations/us-central1/repositories/coditect-backend/dockerImages?pageSize=1000";
    let behaviour = Behaviour {
        others: BTreeMap::from([(path.to_owned(), told["images"].clone())]),
        ..Behaviour::default()
    };
    let plane = ControlPlane::serve(told["objects"].as_array().unwrap().clone(), behaviour);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let settings = settings(&plane);
    let reading = collect::clusters(&catalog, &settings, &capture, SecretSight::Keys);
    let mut read = runtime.block_on(reading).unwrap();
    assert_eq!(read.gaps, []);
    snapshot::redact(&mut read, &catalog);
    let lines = |pages: &[Page]| -> BTreeSet<String> {
        let value = |page: &Page| serde_json::from_str::<Value>(page.body.get()).unwrap();
        let each = pages.iter();
        each.map(|page| format!("{} {} {}", page.listing, page.request, value(page)))
            .collect()
    };
    if lines(&inside) == lines(&read.pages) {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_EXPECT").is_some(),
        "the demo holds something else"
    );
    capture.asked.retain(|name| !is_inside(name));
    capture.asked.append(&mut read.asked);
    capture.asked.sort();
    capture.add(read);
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("demo");
    let taken = std::time::UNIX_EPOCH + Duration::from_secs(1_795_219_200);
    snapshot::save(
        &at,
        &capture,
        &snapshot::Redactor::new(&catalog),
        &removals,
        taken,
    )
    .unwrap();
    for (name, text) in support::tree(&at, "") {
        let file = demo.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
}

#[derive(serde::Deserialize)]
struct Incidents {
    incident: Vec<Incident>,
}

#[derive(serde::Deserialize)]
struct Incident {
    what: String,
    rules: Vec<String>,
}

/// What `check --demo` finds by the rules of clusters: rule, object, and what it shows, in the order of the report.
fn found_in_the_demo() -> Vec<(String, String, String)> {
    let args = [
        "check",
        "--demo",
        "--at",
        "2026-12-01T00:00:00Z",
        "--out",
        "json://-",
    ];
    let ended = Run::new(&args).end();
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let text = std::fs::read_to_string("providers/rules/kubernetes.toml").unwrap();
    let shown = |finding: &Value| {
        let each = finding["evidence"].as_array().unwrap().iter();
        let line = |one: &Value| {
            let value = match &one["value"] {
                Value::Array(items) => {
                    let texts = items.iter().map(|item| item.as_str().unwrap().to_owned());
                    texts.collect::<Vec<_>>().join(", ")
                }
                other => other.to_string(),
            };
            format!("{}: {value}", one["name"].as_str().unwrap())
        };
        each.map(line).collect::<Vec<_>>().join("; ")
    };
    let findings = report["findings"].as_array().unwrap().iter();
    let mine = findings.filter_map(|finding| {
        let rule = finding["rule"]["id"].as_str()?;
        let own = text.contains(&format!("id = \"{rule}\"\n"));
        let object = finding["object"].as_str()?.to_owned();
        own.then(|| (rule.to_owned(), object, shown(finding)))
    });
    mine.collect()
}

/// Every incident is found in the demo by one command, and nothing but them; the table of the README is made of it.
#[test]
fn the_demo_has_every_incident_and_nothing_else_that_is_wrong() {
    let text = std::fs::read_to_string("tests/data/kubernetes/incidents.toml").unwrap();
    let incidents: Incidents = toml::from_str(&text).unwrap();
    assert_eq!(incidents.incident.len(), 22);
    let found = found_in_the_demo();
    let mut rows =
        String::from("| | incident | rule | what `check --demo` says |\n|---|---|---|---|\n");
    let mut told: BTreeSet<&str> = BTreeSet::from(["workload-touched"]);
    for (at, incident) in incidents.incident.iter().enumerate() {
        for (nth, rule) in incident.rules.iter().enumerate() {
            told.insert(rule);
            let mut of = found.iter().filter(|(id, ..)| id == rule);
            let (_, object, shown) = of.next().unwrap_or_else(|| panic!("{rule} finds nothing"));
            let shown: String = shown.chars().take(150).collect();
            let (number, what) = match nth {
                0 => ((at + 1).to_string(), incident.what.as_str()),
                _ => (String::new(), ""),
            };
            let name = object
                .rsplit_once("/secrets/")
                .map_or(object.as_str(), |(_, name)| name);
            rows.push_str(&format!(
                "| {number} | {what} | `{rule}` | {name}: {} |\n",
                shown.replace('|', "\\|")
            ));
        }
    }
    let rest: Vec<_> = found
        .iter()
        .filter(|(rule, ..)| !told.contains(rule.as_str()))
        .collect();
    assert!(rest.is_empty(), "{rest:#?}");
    let list: String = found
        .iter()
        .map(|(rule, object, _)| format!("{rule} {object}\n"))
        .collect();
    let wrong = support::expect(
        std::path::Path::new("tests/data/kubernetes/demo-findings.txt"),
        &list,
    );
    assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
    let readme = std::fs::read_to_string("README.md").unwrap();
    let (before, rest) = readme.split_once("<!-- incidents -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- /incidents -->").unwrap();
    let whole = format!("{before}<!-- incidents -->\n{rows}<!-- /incidents -->{after}");
    let wrong = support::expect(std::path::Path::new("README.md"), &whole);
    assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
}

#[test]
fn permissions_and_doctor_know_of_clusters() {
    let said = |args: &[&str]| {
        let ended = Run::new(args).end();
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        ended
    };
    let without = said(&["permissions"]).stdout;
    let with = said(&["permissions", "--kubernetes"]).stdout;
    assert!(!without.contains("container.pods.list") && with.contains("container.pods.list\n"));
    assert!(with.contains("container.clusters.connect\n") && !with.contains("container.secrets"));
    let keys = said(&[
        "permissions",
        "--kubernetes",
        "--kubernetes-secrets",
        "keys",
    ]);
    assert!(keys.stdout.contains("container.secrets.list\n"));
    assert!(
        keys.stderr
            .contains("whoever may list Secrets may read them")
    );

    let clusters = json!({"clusters": [{"name": "main", "location": "europe-west1", "endpoint": "203.0.113.1"}]});
    let path = format!("/container/projects/{PROJECT}/locations/-/clusters");
    let behaviour = || Behaviour {
        others: BTreeMap::from([(path.clone(), clusters.clone())]),
        ..Behaviour::default()
    };
    let asked = |plane: &ControlPlane| {
        let mut settings = settings(plane);
        let endpoint = format!("{}/container/", plane.url);
        let variable = "GOOGLE_CONTAINER_CUSTOM_ENDPOINT".to_owned();
        settings.endpoints.insert(variable, endpoint);
        let catalog = support::catalog();
        let projects = [PROJECT.to_owned()];
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let checks = collect::doctor_of_clusters(&catalog, &settings, &projects);
        let checks = runtime.block_on(checks).into_iter();
        checks
            .map(|check| format!("{} {:?}", check.name, check.status))
            .collect::<Vec<_>>()
    };
    let plane = ControlPlane::serve(Vec::new(), behaviour());
    assert_eq!(asked(&plane), [format!("{CLUSTER} Ok")]);
    let refused = Behaviour {
        refused: BTreeSet::from(["jobs"]),
        ..behaviour()
    };
    let plane = ControlPlane::serve(Vec::new(), refused);
    assert_eq!(asked(&plane), [format!("jobs of {CLUSTER} Failed")]);
}
