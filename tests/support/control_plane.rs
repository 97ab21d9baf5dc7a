//! A control plane on loopback: discovery, lists with pages, tables and metadata as a real one answers them, and refusals. What it
//! answers was taken from a real API server.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// Group and version, kind, resource, and whether it lies in namespaces.
pub const RESOURCES: [(&str, &str, &str, bool); 28] = [
    ("v1", "Namespace", "namespaces", false),
    ("v1", "Node", "nodes", false),
    ("v1", "Pod", "pods", true),
    ("v1", "Service", "services", true),
    ("v1", "ConfigMap", "configmaps", true),
    ("v1", "Secret", "secrets", true),
    ("v1", "ServiceAccount", "serviceaccounts", true),
    ("v1", "PersistentVolume", "persistentvolumes", false),
    (
        "v1",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
        true,
    ),
    ("apps/v1", "Deployment", "deployments", true),
    ("apps/v1", "ReplicaSet", "replicasets", true),
    ("apps/v1", "StatefulSet", "statefulsets", true),
    ("apps/v1", "DaemonSet", "daemonsets", true),
    ("batch/v1", "Job", "jobs", true),
    ("batch/v1", "CronJob", "cronjobs", true),
    (
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        true,
    ),
    (
        "policy/v1",
        "PodDisruptionBudget",
        "poddisruptionbudgets",
        true,
    ),
    (
        "discovery.k8s.io/v1",
        "EndpointSlice",
        "endpointslices",
        true,
    ),
    ("networking.k8s.io/v1", "Ingress", "ingresses", true),
    (
        "networking.k8s.io/v1",
        "NetworkPolicy",
        "networkpolicies",
        true,
    ),
    ("storage.k8s.io/v1", "StorageClass", "storageclasses", false),
    ("gateway.networking.k8s.io/v1", "Gateway", "gateways", true),
    (
        "gateway.networking.k8s.io/v1",
        "HTTPRoute",
        "httproutes",
        true,
    ),
    (
        "cloud.google.com/v1",
        "BackendConfig",
        "backendconfigs",
        true,
    ),
    (
        "networking.gke.io/v1",
        "HealthCheckPolicy",
        "healthcheckpolicies",
        true,
    ),
    (
        "networking.gke.io/v1",
        "GCPBackendPolicy",
        "gcpbackendpolicies",
        true,
    ),
    (
        "networking.gke.io/v1",
        "ManagedCertificate",
        "managedcertificates",
        true,
    ),
    ("events.k8s.io/v1", "Event", "events", true),
];

/// What it does beside answering.
#[derive(Default)]
pub struct Behaviour {
    /// Groups it does not have.
    pub absent: BTreeSet<&'static str>,
    /// Resources that may be listed in single namespaces alone, and in which.
    pub scoped: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// Resources that may not be listed at all.
    pub refused: BTreeSet<&'static str>,
    /// Objects a page, whatever is asked for, if fewer.
    pub page: Option<usize>,
    /// How many further pages have expired when they are asked for.
    pub expired: usize,
    /// Answers of other APIs, by path and query.
    pub others: BTreeMap<String, Value>,
}

struct State {
    objects: Vec<Value>,
    behaviour: Behaviour,
    log: Vec<String>,
}

/// The control plane; it serves until the test ends.
#[derive(Clone)]
pub struct ControlPlane {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl ControlPlane {
    /// Serves these objects, whole as `kubectl get -o json` shows them.
    pub fn serve(objects: Vec<Value>, behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = State {
            objects,
            behaviour,
            log: Vec::new(),
        };
        let out = Self {
            url,
            state: Arc::new(Mutex::new(state)),
        };
        let served = out.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let plane = served.clone();
                std::thread::spawn(move || plane.talk(stream));
            }
        });
        out
    }

    /// Every request: method, path and query, `Accept`, whether a token came, and headers for Google's APIs.
    pub fn log(&self) -> Vec<String> {
        self.state.lock().unwrap().log.clone()
    }

    fn talk(&self, stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut stream = stream;
        loop {
            let mut first = String::new();
            reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
            let (mut accept, mut more, mut length) = (String::new(), Vec::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).ok()?;
                let Some((name, value)) = line.trim_end().split_once(": ") else {
                    break;
                };
                match name.to_ascii_lowercase().as_str() {
                    "accept" => accept = value.to_owned(),
                    "authorization" => more.push("token".to_owned()),
                    "content-length" => length = value.parse().ok()?,
                    name if name.starts_with("x-goog") => more.push(name.to_owned()),
                    _ => {}
                }
            }
            reader.read_exact(&mut vec![0; length]).ok()?;
            let mut words = first.split(' ');
            let line = format!("{} {}", words.next()?, words.next()?);
            let (status, kind, body) = {
                let mut state = self.state.lock().unwrap();
                state
                    .log
                    .push(format!("{line} {accept} {}", more.join(",")));
                state.answer(line.split_once(' ')?.1, &accept)
            };
            let reply = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(reply.as_bytes()).ok()?;
        }
    }
}

type Answer = (u16, &'static str, String);

const JSON: &str = "application/json";

fn json_of(status: u16, body: &Value) -> Answer {
    (status, JSON, body.to_string())
}

fn refusal(status: u16, reason: &str, message: &str) -> Answer {
    json_of(
        status,
        &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": reason, "code": status}),
    )
}

impl State {
    fn answer(&mut self, target: &str, accept: &str) -> Answer {
        if let Some(body) = self.behaviour.others.get(target) {
            return json_of(200, body);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query: BTreeMap<&str, &str> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let (group, rest) = match parts.as_slice() {
            ["api"] => return self.discovery(accept, true),
            ["apis"] => return self.discovery(accept, false),
            ["api", version, rest @ ..] => ((*version).to_owned(), rest),
            ["apis", group, version, rest @ ..] => (format!("{group}/{version}"), rest),
            _ => return (404, "text/plain", "404 page not found\n".to_owned()),
        };
        let (namespace, resource) = match rest {
            [resource] => (None, *resource),
            ["namespaces", namespace, resource] => (Some(*namespace), *resource),
            _ => panic!("{target} is no collection"),
        };
        let known = RESOURCES
            .iter()
            .find(|(g, _, r, _)| *g == group && *r == resource);
        let absent = self
            .behaviour
            .absent
            .contains(group.split('/').next().unwrap());
        let Some((_, kind, ..)) = known.filter(|_| !absent) else {
            return (404, "text/plain", "404 page not found\n".to_owned());
        };
        if !self.permits(resource, namespace) {
            let place = namespace.map_or("at the cluster scope".to_owned(), |namespace| {
                format!("in the namespace \"{namespace}\"")
            });
            let group = group.split_once('/').map_or("", |(group, _)| group);
            let message = format!(
                "{resource} is forbidden: User \"u\" cannot list resource \"{resource}\" in API group \"{group}\" {place}"
            );
            return refusal(403, "Forbidden", &message);
        }
        self.list(&group, kind, namespace, &query, accept)
    }

    fn permits(&self, resource: &str, namespace: Option<&str>) -> bool {
        let scoped = self.behaviour.scoped.get(resource);
        let here = scoped.is_none_or(|places| namespace.is_some_and(|one| places.contains(one)));
        here && !self.behaviour.refused.contains(resource)
    }

    fn discovery(&self, accept: &str, core: bool) -> Answer {
        assert!(accept.contains("APIGroupDiscoveryList"), "{accept}");
        let mut groups: BTreeMap<(&str, &str), Vec<Value>> = BTreeMap::new();
        for (group_version, kind, resource, namespaced) in RESOURCES {
            let (group, version) = group_version.split_once('/').unwrap_or(("", group_version));
            let scope = if namespaced { "Namespaced" } else { "Cluster" };
            if group.is_empty() == core && !self.behaviour.absent.contains(group) {
                groups.entry((group, version)).or_default().push(json!({
                    "resource": resource, "scope": scope, "verbs": ["get", "list", "watch"],
                    "responseKind": {"group": group, "version": version, "kind": kind}}));
            }
        }
        let items: Vec<Value> = groups
            .into_iter()
            .map(|((group, version), resources)| {
                json!({"metadata": {"name": group},
                    "versions": [{"version": version, "freshness": "Current", "resources": resources}]})
            })
            .collect();
        json_of(
            200,
            &json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2",
                "metadata": {}, "items": items}),
        )
    }

    fn list(
        &mut self,
        group: &str,
        kind: &str,
        namespace: Option<&str>,
        query: &BTreeMap<&str, &str>,
        accept: &str,
    ) -> Answer {
        let found: Vec<&Value> = self
            .objects
            .iter()
            .filter(|object| object["apiVersion"] == group && object["kind"] == kind)
            .filter(|object| {
                namespace.is_none_or(|namespace| object["metadata"]["namespace"] == namespace)
            })
            .collect();
        let start: usize = match query.get("continue") {
            Some(_) if self.behaviour.expired > 0 => {
                self.behaviour.expired -= 1;
                return refusal(410, "Expired", "The provided continue parameter is too old");
            }
            Some(token) => token.strip_prefix("after-").unwrap().parse().unwrap(),
            None => 0,
        };
        let asked: usize = query["limit"].parse().unwrap();
        let limit = asked.min(self.behaviour.page.unwrap_or(usize::MAX));
        let page: Vec<&Value> = found.iter().skip(start).take(limit).copied().collect();
        let end = start + page.len();
        let mut metadata = json!({"resourceVersion": "100"});
        if end < found.len() {
            metadata["continue"] = json!(format!("after-{end}"));
            metadata["remainingItemCount"] = json!(found.len() - end);
        }
        if accept.contains("as=Table") {
            assert!(!accept.contains(','), "a table has no other form behind it");
            return json_of(200, &table(&page, &metadata, query.get("includeObject")));
        }
        let items: Vec<Value> = match accept.contains("as=PartialObjectMetadataList") {
            true => page
                .iter()
                .map(|object| json!({"metadata": object["metadata"]}))
                .collect(),
            // A server leaves kind and version out of what it lists.
            false => page
                .iter()
                .map(|object| {
                    let mut object = (*object).clone();
                    let members = object.as_object_mut().unwrap();
                    members.remove("kind");
                    members.remove("apiVersion");
                    object
                })
                .collect(),
        };
        json_of(
            200,
            &json!({"kind": format!("{kind}List"), "apiVersion": group, "metadata": metadata, "items": items}),
        )
    }
}

/// A table of Secrets, the one kind that is asked for so.
fn table(page: &[&Value], metadata: &Value, include: Option<&&str>) -> Value {
    let column = |name: &str| json!({"name": name, "type": "string", "format": "", "description": "", "priority": 0});
    let row = |object: &&Value| {
        let count = object["data"].as_object().map_or(0, serde_json::Map::len);
        let mut row = json!({"cells": [object["metadata"]["name"], object["type"], count, "12d"]});
        if include != Some(&"None") {
            row["object"] = json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                "metadata": object["metadata"]});
        }
        row
    };
    let columns = ["Name", "Type", "Data", "Age"].map(column);
    json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "columnDefinitions": columns,
        "rows": page.iter().map(row).collect::<Vec<_>>()})
}
