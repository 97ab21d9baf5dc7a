//! What no output may show, wherever it stands: sensitive by the schema, by state's own marks, by name, by content.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Change;
use crate::catalog::Schema;
use crate::model::{Path, Secret, Step, Value, is_secret_name, is_secret_text};

/// A value at an attribute, with everything in it that may not be shown as [`Value::Secret`].
pub fn masked(schema: &Schema, family: &str, value: &Value) -> Value {
    let mask = Mask {
        schema,
        marks: Vec::new(),
    };
    if mask.covers(family) {
        secret(value)
    } else {
        mask.value(family, value)
    }
}

/// Attributes to be written, with `(sensitive value)` in the place of everything that may not be shown.
pub fn shown<'a>(
    schema: &'a Schema,
    attributes: &'a BTreeMap<String, Value>,
) -> impl Serialize + use<'a> {
    Shown {
        mask: Mask {
            schema,
            marks: Vec::new(),
        },
        attributes,
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

/// What of one instance may not be shown: by its schema, and by what state marks.
pub struct Mask<'a> {
    schema: &'a Schema,
    /// Places that state marks sensitive.
    marks: Vec<String>,
}

impl<'a> Mask<'a> {
    /// The mask of an instance of a type, with the paths that state marks sensitive.
    pub fn new(schema: &'a Schema, marked: &[Path]) -> Self {
        Self {
            schema,
            marks: marked.iter().map(place).collect(),
        }
    }

    /// A change with everything out of sight that may not be shown. Doing it again changes nothing.
    pub fn change(&self, mut change: Change) -> Change {
        let at = place(&change.path);
        let named = change
            .path
            .0
            .iter()
            .any(|step| matches!(step, Step::Key(key) if is_secret_name(key)));
        if named || change.sensitive || self.covers(&at) {
            change.sensitive = true;
            change.before = secret(&change.before);
            change.after = secret(&change.after);
        } else {
            change.before = self.value(&at, &change.before);
            change.after = self.value(&at, &change.after);
        }
        change
    }

    /// Whether all of a place is out of sight.
    fn covers(&self, at: &str) -> bool {
        self.schema.is_sensitive(at) || self.marked(at)
    }

    fn marked(&self, at: &str) -> bool {
        let within = |mark: &String| {
            at.strip_prefix(mark.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.marks.iter().any(within)
    }

    /// A value whose place is in sight, with what lies in it out of sight where it must be.
    fn value(&self, at: &str, value: &Value) -> Value {
        match value {
            Value::Text(text) if is_secret_text(text) => secret(value),
            Value::List(items) => {
                Value::List(items.iter().map(|item| self.value(at, item)).collect())
            }
            Value::Map(map) => {
                let names = names_a_secret(map);
                let member = |(key, value): (&String, &Value)| {
                    let inner = join(at, key);
                    let shown = if self.hides(&inner, key, names) {
                        secret(value)
                    } else {
                        self.value(&inner, value)
                    };
                    (key.clone(), shown)
                };
                Value::Map(map.iter().map(member).collect())
            }
            other => other.clone(),
        }
    }

    /// Whether a member, at a place whose surroundings are in sight, is not. `named`: what stands beside it names a secret.
    fn hides(&self, at: &str, key: &str, named: bool) -> bool {
        let by_facts = match self.schema.attributes.get(at) {
            Some(facts) => facts.sensitive || facts.write_only,
            None => is_secret_name(key),
        };
        by_facts || named && key == "value" || self.marked(at)
    }
}

fn join(at: &str, key: &str) -> String {
    [at, ".", key].concat()
}

/// Whether a member `value` of these would be a secret: what stands in `name` or `key` beside it says so.
fn names_a_secret(map: &BTreeMap<String, Value>) -> bool {
    let says = |key: &str| {
        map.get(key)
            .and_then(Value::as_text)
            .is_some_and(is_secret_name)
    };
    says("name") || says("key")
}

/// That there is nothing to hide, or that it is out of sight already, may be seen.
fn may_be_seen(value: &Value) -> bool {
    matches!(value, Value::Unknown(_) | Value::Secret(_)) || value.is_empty()
}

/// A value out of sight.
fn secret(value: &Value) -> Value {
    if may_be_seen(value) {
        value.clone()
    } else {
        Value::Secret(Secret::new(value))
    }
}

struct Shown<'a> {
    mask: Mask<'a>,
    attributes: &'a BTreeMap<String, Value>,
}

impl<'a> Serialize for Shown<'a> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mask = &self.mask;
        let seen = |(name, value): (&'a String, &'a Value)| {
            (
                name,
                Sight {
                    mask,
                    at: name,
                    value,
                    hidden: mask.covers(name),
                },
            )
        };
        serializer.collect_map(self.attributes.iter().map(seen))
    }
}

/// A value at its place, as it may be seen: what [`Mask::value`] makes, written without being made.
struct Sight<'a> {
    mask: &'a Mask<'a>,
    at: &'a str,
    value: &'a Value,
    hidden: bool,
}

impl Serialize for Sight<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { mask, at, .. } = *self;
        match self.value {
            value if self.hidden && !may_be_seen(value) => Value::SENSITIVE.serialize(serializer),
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(number) => number.serialize(serializer),
            Value::Text(text) if is_secret_text(text) => Value::SENSITIVE.serialize(serializer),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => serializer.collect_seq(items.iter().map(|value| Sight {
                mask,
                at,
                value,
                hidden: false,
            })),
            Value::Map(map) => {
                let names = names_a_secret(map);
                let mut members = serializer.serialize_map(Some(map.len()))?;
                for (key, value) in map {
                    let inner = join(at, key);
                    let hidden = mask.hides(&inner, key, names);
                    members.serialize_entry(
                        key,
                        &Sight {
                            mask,
                            at: &inner,
                            value,
                            hidden,
                        },
                    )?;
                }
                members.end()
            }
            Value::Unknown(_) => Value::UNKNOWN.serialize(serializer),
            Value::Secret(_) => Value::SENSITIVE.serialize(serializer),
        }
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
        let mask = Mask {
            schema: &schema,
            marks: marks.iter().map(|mark| (*mark).to_owned()).collect(),
        };
        let value = Value::from_json(value);
        let hidden = mask.covers(family);
        let made = if hidden {
            secret(&value)
        } else {
            mask.value(family, &value)
        };
        assert_eq!(made.to_json(), expected);
        let attributes = BTreeMap::from([(family.to_owned(), value)]);
        assert_eq!(
            serde_json::to_value(Shown {
                mask,
                attributes: &attributes
            })
            .unwrap()[family],
            expected,
            "as written"
        );
    }

    #[test]
    fn secrets_inside_of_blocks_and_maps_are_hidden() {
        let hidden = "(sensitive value)";
        check(
            &[],
            "auth",
            json!([{"key": "x", "user": "u"}]),
            json!([{"key": hidden, "user": "u"}]),
        );
        check(
            &[],
            "labels",
            json!({"db_password": "x", "env": "dev"}),
            json!({"db_password": hidden, "env": "dev"}),
        );
        check(
            &[],
            "env",
            json!([{"name": "API_KEY", "value": "x"}, {"name": "A", "value": "x"}]),
            json!([{"name": "API_KEY", "value": hidden}, {"name": "A", "value": "x"}]),
        );
        check(
            &[],
            "note",
            json!("-----BEGIN PRIVATE KEY-----\nabc"),
            json!(hidden),
        );
        check(
            &[],
            "secret",
            json!("projects/p/secrets/s"),
            json!("projects/p/secrets/s"),
        );
        check(
            &["auth.user"],
            "auth",
            json!([{"key": "", "user": "u"}]),
            json!([{"key": "", "user": hidden}]),
        );
        check(
            &["labels.a"],
            "labels",
            json!({"a": "x", "ab": "y"}),
            json!({"a": hidden, "ab": "y"}),
        );
    }
}
