//! A policy document, as the provider writes it from blocks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::Arguments;
use crate::model::Value;

/// A condition as it is sorted: none first, then by expression, title and description.
type Condition = Option<(String, String, String)>;

/// `policy_data` of `binding` and `audit_config` blocks: bindings of one role and condition are one, sorted by both; members are
/// sorted. Nothing where the provider's order is that of its hashes.
pub(super) fn document(arguments: &Arguments) -> Option<Arguments> {
    let mut bindings: BTreeMap<(String, Condition), Vec<String>> = BTreeMap::new();
    for block in blocks(arguments, "binding") {
        let conditions = block
            .get("condition")
            .and_then(Value::as_list)
            .unwrap_or_default();
        let condition = conditions.first().map(|condition| {
            let text = |name| text(condition, name);
            (text("expression"), text("title"), text("description"))
        });
        let members = block
            .get("members")
            .and_then(Value::as_list)
            .unwrap_or_default();
        let members: BTreeSet<String> = members
            .iter()
            .filter_map(Value::as_text)
            .map(str::to_owned)
            .collect();
        bindings
            .entry((text(&block, "role"), condition))
            .or_default()
            .extend(members);
    }
    let binding = |((role, condition), mut members): ((String, Condition), Vec<String>)| {
        members.sort();
        let mut out = Map::new();
        if let Some((expression, title, description)) = condition {
            let parts = [
                ("description", description),
                ("expression", expression),
                ("title", title),
            ];
            let written = parts.into_iter().filter(|(_, text)| !text.is_empty());
            let written = written.map(|(name, text)| (name.to_owned(), json!(text)));
            out.insert("condition".to_owned(), Json::Object(written.collect()));
        }
        if !members.is_empty() {
            out.insert("members".to_owned(), json!(members));
        }
        out.insert("role".to_owned(), json!(role));
        Json::Object(out)
    };
    let mut policy = Map::new();
    let audits = blocks(arguments, "audit_config");
    let logs = |audit: &Value| blocks_of(audit, "audit_log_configs");
    if audits.len() > 1 || audits.iter().any(|audit| logs(audit).len() > 1) {
        return None;
    }
    if !audits.is_empty() {
        policy.insert(
            "auditConfigs".to_owned(),
            audits.iter().map(audit).collect(),
        );
    }
    let bindings: Vec<Json> = bindings.into_iter().map(binding).collect();
    if !bindings.is_empty() {
        policy.insert("bindings".to_owned(), Json::Array(bindings));
    }
    // As Go writes JSON.
    let text = Json::Object(policy).to_string();
    let text = text
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    Some(BTreeMap::from([(
        "policy_data".to_owned(),
        Value::text(text),
    )]))
}

fn text(block: &Value, name: &str) -> String {
    block
        .get(name)
        .and_then(Value::as_text)
        .unwrap_or_default()
        .to_owned()
}

fn blocks(arguments: &Arguments, name: &str) -> Vec<Value> {
    let found = arguments.get(name).and_then(Value::as_list);
    found.unwrap_or_default().to_vec()
}

fn blocks_of(block: &Value, name: &str) -> Vec<Value> {
    block
        .get(name)
        .and_then(Value::as_list)
        .unwrap_or_default()
        .to_vec()
}

fn audit(block: &Value) -> Json {
    let log = |log: &Value| {
        let mut out = Map::new();
        let exempted = blocks_of(log, "exempted_members");
        if !exempted.is_empty() {
            let exempted: Vec<&str> = exempted.iter().filter_map(Value::as_text).collect();
            out.insert("exemptedMembers".to_owned(), json!(exempted));
        }
        out.insert("logType".to_owned(), json!(text(log, "log_type")));
        Json::Object(out)
    };
    let logs: Vec<Json> = blocks_of(block, "audit_log_configs")
        .iter()
        .map(log)
        .collect();
    json!({ "auditLogConfigs": logs, "service": text(block, "service") })
}
