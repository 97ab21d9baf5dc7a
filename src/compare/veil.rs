//! What no output may show, wherever it stands: sensitive by the schema, by state's own marks, by name, by content.

use super::verdict::{Change, Comparison};
use crate::catalog::{Catalog, Schema};
use crate::model::{Path, Secret, State, Step, Value, is_secret_name, is_secret_text};

/// A value at an attribute, with everything in it that may not be shown as [`Value::Secret`].
pub fn veiled(schema: &Schema, family: &str, value: &Value) -> Value {
    Veil { schema, marks: Vec::new() }.value(family, value)
}

/// Takes out of sight what the changes of a comparison may not show. Once is enough; after new changes it is due again.
pub fn hide(comparison: &mut Comparison, states: &[State], catalog: &Catalog) {
    let marks: std::collections::HashMap<_, _> = (states.iter().enumerate())
        .flat_map(|(at, state)| state.instances.iter().map(move |instance| ((at, &instance.address), instance)))
        .filter(|(_, instance)| !instance.sensitive.is_empty())
        .map(|(key, instance)| (key, instance.sensitive.iter().map(place).collect::<Vec<_>>()))
        .collect();
    for row in &mut comparison.rows {
        let Some(definition) = catalog.definition(&row.rtype) else { continue };
        let marked = row.state.zip(row.address.as_ref()).and_then(|key| marks.get(&key));
        let veil = Veil { schema: &definition.schema, marks: marked.cloned().unwrap_or_default() };
        row.changes.iter_mut().for_each(|change| veil.change(change));
    }
}

/// A path by its names alone: elements of lists and sets have no fixed place.
fn place(path: &Path) -> String {
    let names = path.0.iter().filter_map(|step| match step {
        Step::Attribute(name) | Step::Key(name) => Some(name.as_str()),
        Step::Index(_) => None,
    });
    names.collect::<Vec<_>>().join(".")
}

struct Veil<'a> {
    schema: &'a Schema,
    /// Places that state marks sensitive.
    marks: Vec<String>,
}

impl Veil<'_> {
    fn change(&self, change: &mut Change) {
        let at = place(&change.path);
        let named = change.path.0.iter().any(|step| matches!(step, Step::Key(key) if is_secret_name(key)));
        if named || change.sensitive || self.covers(&at) {
            change.sensitive = true;
            change.before = secret(&change.before);
            change.after = secret(&change.after);
        } else {
            change.before = self.value(&at, &change.before);
            change.after = self.value(&at, &change.after);
        }
    }

    /// Whether all of a place is out of sight.
    fn covers(&self, at: &str) -> bool {
        let within = |mark: &String| at.strip_prefix(mark.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.schema.is_sensitive(at) || self.marks.iter().any(within)
    }

    fn value(&self, at: &str, value: &Value) -> Value {
        match value {
            _ if self.covers(at) => secret(value),
            Value::Text(text) if is_secret_text(text) => secret(value),
            Value::List(items) => Value::List(items.iter().map(|item| self.value(at, item)).collect()),
            Value::Map(map) => {
                // A member `value` beside a `name` or `key` is what that says.
                let says = |key: &str| map.get(key).and_then(Value::as_text).is_some_and(is_secret_name);
                let named = says("name") || says("key");
                let member = |(key, value): (&String, &Value)| {
                    let inner = format!("{at}.{key}");
                    let by_name = is_secret_name(key) && !self.schema.attributes.contains_key(&inner);
                    let shown = if by_name || named && key == "value" { secret(value) } else { self.value(&inner, value) };
                    (key.clone(), shown)
                };
                Value::Map(map.iter().map(member).collect())
            }
            other => other.clone(),
        }
    }
}

/// A value out of sight; that there is none may be seen.
fn secret(value: &Value) -> Value {
    match value {
        Value::Null | Value::Unknown(_) | Value::Secret(_) => value.clone(),
        value if value.is_empty() => value.clone(),
        value => Value::Secret(Secret::new(value)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SCHEMA: &str = r#"{"type": "t", "schema_version": 0, "importable": true, "custom_diff": false, "attributes": {
"auth": {"kind": "list", "mode": "optional"},
"auth.key": {"kind": "string", "mode": "optional", "sensitive": true},
"auth.user": {"kind": "string", "mode": "optional"},
"secret": {"kind": "string", "mode": "optional"},
"env": {"kind": "set", "mode": "optional"},
"env.name": {"kind": "string", "mode": "optional"},
"env.value": {"kind": "string", "mode": "optional"},
"labels": {"kind": "map", "elem": "string", "mode": "optional"},
"note": {"kind": "string", "mode": "optional"}
}}"#;

    #[track_caller]
    fn check(marks: &[&str], family: &str, value: serde_json::Value, expected: serde_json::Value) {
        let schema = Schema::parse(SCHEMA).unwrap();
        let veil = Veil { schema: &schema, marks: marks.iter().map(|mark| (*mark).to_owned()).collect() };
        assert_eq!(veil.value(family, &Value::from_json(value)).to_json(), expected);
    }

    #[test]
    fn secrets_inside_of_blocks_and_maps_are_hidden() {
        let hidden = "(sensitive value)";
        check(&[], "auth", json!([{"key": "x", "user": "u"}]), json!([{"key": hidden, "user": "u"}]));
        check(&[], "labels", json!({"db_password": "x", "env": "dev"}), json!({"db_password": hidden, "env": "dev"}));
        check(
            &[],
            "env",
            json!([{"name": "API_KEY", "value": "x"}, {"name": "A", "value": "x"}]),
            json!([{"name": "API_KEY", "value": hidden}, {"name": "A", "value": "x"}]),
        );
        check(&[], "note", json!("-----BEGIN PRIVATE KEY-----\nabc"), json!(hidden));
        check(&[], "secret", json!("projects/p/secrets/s"), json!("projects/p/secrets/s"));
        check(&["auth.user"], "auth", json!([{"key": "", "user": "u"}]), json!([{"key": "", "user": hidden}]));
        check(&["labels.a"], "labels", json!({"a": "x", "ab": "y"}), json!({"a": hidden, "ab": "y"}));
    }
}
