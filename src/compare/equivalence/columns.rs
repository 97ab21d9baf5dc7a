//! The columns of a table as JSON, compared as the provider compares them (google `resource_bigquery_table.go`).

use serde_json::{Map, Value};

/// Whether configured columns and those that are there are one to the provider: in any order, with what the API adds to a column.
pub(super) fn same(configured: &str, there: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    // A table without columns is told as null.
    let there = read(if there == "null" { "[]" } else { there });
    read(configured)
        .zip(there)
        .is_some_and(|(a, b)| values("fields", &a, &b))
}

fn values(key: &str, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            let (mut a, mut b): (Vec<&Value>, Vec<&Value>) =
                (a.iter().collect(), b.iter().collect());
            if key == "fields" {
                for columns in [&mut a, &mut b] {
                    columns.sort_by_key(|column| column["name"].as_str().unwrap_or_default());
                }
            }
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| values("", a, b))
        }
        (Value::Object(a), Value::Object(b)) => members(a, b),
        (a, b) => a == b,
    }
}

/// Whether two objects agree in every member that counts.
fn members(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    let foreign = [a, b]
        .iter()
        .any(|map| map.contains_key("foreignTypeDefinition"));
    let counts = |key: &&String| !(foreign && matches!(key.as_str(), "type" | "fields"));
    let mut keys = a.keys().chain(b.keys()).filter(counts);
    keys.all(|key| {
        let (one, other) = (a.get(key), b.get(key));
        let both = || one.zip(other).is_some_and(|(a, b)| values(key, a, b));
        alike(key, one, other) || both()
    })
}

/// What a member may be instead of being left out, or is called otherwise.
fn alike(key: &str, configured: Option<&Value>, there: Option<&Value>) -> bool {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_uppercase);
    match key {
        "mode" => {
            let mode = |value| text(value).unwrap_or_else(|| "NULLABLE".to_owned());
            mode(configured) == mode(there)
        }
        "type" => {
            let plain = |value| text(value).map(|name| canonical(&name).to_owned());
            configured.is_some() && plain(configured) == plain(there)
        }
        "description" => is_hollow(configured) && is_hollow(there),
        // What configuration leaves out is the dataset's.
        "collation" => configured.is_none() || (is_hollow(configured) && is_hollow(there)),
        "policyTags" | "dataGovernanceTagsInfo" => is_hollow(configured) && is_hollow(there),
        _ => false,
    }
}

/// The type by the name that the API gives it.
fn canonical(name: &str) -> &str {
    match name {
        "INT64" => "INTEGER",
        "FLOAT64" => "FLOAT",
        "BOOL" => "BOOLEAN",
        other => other,
    }
}

/// Whether a value says nothing: not there, empty, or made of what says nothing.
fn is_hollow(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.iter().all(|item| is_hollow(Some(item))),
        Some(Value::Object(map)) => map.values().all(|value| is_hollow(Some(value))),
        Some(Value::Bool(_) | Value::Number(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn columns_are_compared_as_the_provider_does() {
        let there = r#"[{"mode":"NULLABLE","name":"b","type":"INTEGER"},{"mode":"REQUIRED","name":"a","type":"RECORD","fields":[
            {"name":"y","type":"STRING","mode":"NULLABLE"},{"name":"x","type":"BOOLEAN","collation":"und:ci"}]}]"#;
        let configured = r#"[{"name":"a","type":"record","mode":"required","description":"","fields":[
            {"name":"x","type":"BOOL"},{"name":"y","type":"STRING","policyTags":{"names":[]}}]},{"name":"b","type":"INT64"}]"#;
        assert!(same(configured, there));
        let cases = [
            (
                r#"[{"name":"b","type":"STRING"}]"#,
                r#"[{"name":"b","type":"INTEGER"}]"#,
            ),
            (
                r#"[{"name":"b","type":"STRING","mode":"REQUIRED"}]"#,
                r#"[{"name":"b","type":"STRING"}]"#,
            ),
            (
                r#"[{"name":"b","type":"STRING","description":"B."}]"#,
                r#"[{"name":"b","type":"STRING"}]"#,
            ),
            (r#"[]"#, r#"[{"name":"b","type":"STRING"}]"#),
            ("no JSON", "null"),
        ];
        for (configured, there) in cases {
            assert!(!same(configured, there), "{configured} {there}");
        }
        assert!(same("[]", "null"));
    }
}
