//! Who wrote which field of an object, where it is not who owns it: told by `managedFields`, without looking at any value.

use serde_json::{Value, json};

/// Managers that own objects: what they wrote is as it is meant to be.
const OWNERS: [&str; 8] = [
    "HashiCorp",
    "Terraform",
    "OpenTofu",
    "helm",
    "argocd",
    "kustomize-controller",
    "helm-controller",
    "config-management",
];

/// Managers that a person sits in front of.
const PEOPLE: [&str; 4] = ["kubectl", "Mozilla", "GoogleCloudConsole", "k9s"];

/// What people wrote of an object that a tool owns, as `[{manager, operation, time, fields}]`; nothing where no tool owns it, or
/// nobody did.
pub(super) fn touched(object: &Value) -> Option<Value> {
    let managed = object.pointer("/metadata/managedFields")?.as_array()?;
    let manager = |entry: &Value| entry["manager"].as_str().unwrap_or_default().to_owned();
    let starts = |list: &[&str], name: &str| {
        let fits = |one: &&str| {
            let rest = name.strip_prefix(*one);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '/']))
        };
        list.iter().any(fits)
    };
    if !managed.iter().any(|entry| starts(&OWNERS, &manager(entry))) {
        return None;
    }
    let mut out = Vec::new();
    for entry in managed {
        let by = manager(entry);
        if !starts(&PEOPLE, &by) || entry["subresource"] == "status" {
            continue;
        }
        let mut fields = Vec::new();
        paths(&entry["fieldsV1"], "", &mut fields);
        // What holds values of payloads and of annotations is told by name alone.
        fields.retain(|path| !path.starts_with("status"));
        fields.sort();
        if !fields.is_empty() {
            out.push(
                json!({"manager": by, "operation": entry["operation"], "time": entry["time"],
                "fields": fields}),
            );
        }
    }
    (!out.is_empty()).then_some(Value::Array(out))
}

/// The paths of fields in a set of them: `f:NAME` is a field, `k:{…}` the element of a list with these keys, `.` the whole.
fn paths(set: &Value, at: &str, out: &mut Vec<String>) {
    let Some(members) = set.as_object() else {
        return;
    };
    let inner: Vec<_> = members.iter().filter(|(key, _)| *key != ".").collect();
    if inner.is_empty() {
        if !at.is_empty() {
            out.push(at.to_owned());
        }
        return;
    }
    for (key, below) in inner {
        let path = match (key.strip_prefix("f:"), key.strip_prefix("k:")) {
            (Some(name), _) if at.is_empty() => name.to_owned(),
            (Some(name), _) => format!("{at}.{name}"),
            (None, Some(keys)) => format!("{at}[{}]", element(keys)),
            // The value of a list of texts.
            (None, None) => at.to_owned(),
        };
        paths(below, &path, out);
    }
}

/// The keys of an element: `name=backend`.
fn element(keys: &str) -> String {
    let read: Value = serde_json::from_str(keys).unwrap_or_default();
    let pairs = read.as_object().into_iter().flatten();
    let each = pairs.map(|(key, value)| match value.as_str() {
        Some(text) => format!("{key}={text}"),
        None => format!("{key}={value}"),
    });
    each.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(manager: &str, fields: Value) -> Value {
        json!({"manager": manager, "operation": "Update", "time": "2026-11-01T00:00:00Z", "fieldsV1": fields})
    }

    #[test]
    fn what_a_person_wrote_of_what_a_tool_owns() {
        let image = json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {
            "k:{\"name\":\"backend\"}": {"f:image": {}}}}}}});
        let owned = |owner: &str| {
            json!({"metadata": {"managedFields": [
                entry(owner, json!({"f:spec": {"f:replicas": {}}})),
                entry("kubectl-set", image.clone()),
                entry("kube-controller-manager", json!({"f:spec": {"f:paused": {}}}))]}})
        };
        let found = touched(&owned("HashiCorp")).unwrap();
        assert_eq!(
            found,
            json!([{"manager": "kubectl-set", "operation": "Update", "time": "2026-11-01T00:00:00Z",
                "fields": ["spec.template.spec.containers[name=backend].image"]}])
        );
        // The application server has a name that only begins as that of a tool, and nobody owns it.
        assert_eq!(touched(&owned("helmsman")), None);
        assert_eq!(touched(&owned("kubectl-create")), None);
    }
}
