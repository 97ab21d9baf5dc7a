//! `ignore_changes`: what it names is handed to the provider as it was.

use std::collections::BTreeMap;

use crate::catalog::{Kind, Schema};
use crate::model::{Path, Step, Value};

/// The arguments as tofu hands them to the provider: at every path that is ignored they hold what is there.
pub fn retained(
    schema: &Schema,
    arguments: &BTreeMap<String, Value>,
    prior: &Value,
    ignored: &[Path],
) -> BTreeMap<String, Value> {
    let mut whole = Value::Map(arguments.clone());
    for path in ignored {
        retain(schema, "", &mut whole, prior, &path.0);
    }
    match whole {
        Value::Map(arguments) => arguments,
        _ => arguments.clone(),
    }
}

/// Puts what is there in the place of what is written, where the steps lead to it. Where they lead to nothing on a side (a block
/// that is not there, an attribute of a map, an element of a set) tofu ignores nothing.
pub fn retain(schema: &Schema, family: &str, written: &mut Value, there: &Value, steps: &[Step]) {
    let kind = schema.attributes.get(family).map(|facts| facts.kind);
    match steps {
        // Of a map that only apply tells, tofu keeps nothing.
        [] if kind == Some(Kind::Map) && after_apply(written) => {}
        [] => *written = there.clone(),
        [Step::Key(key)] if kind == Some(Kind::Map) => retain_key(written, there, key),
        [Step::Attribute(name), rest @ ..] if kind != Some(Kind::Map) => {
            let Value::Map(members) = written else { return };
            let full = if family.is_empty() {
                name.clone()
            } else {
                format!("{family}.{name}")
            };
            let mut member = members.remove(name).unwrap_or_default();
            let had = there.get(name).unwrap_or(&Value::Null);
            retain(schema, &full, &mut member, had, rest);
            if member != Value::Null {
                members.insert(name.clone(), member);
            }
        }
        [Step::Index(at), rest @ ..] if kind == Some(Kind::List) => {
            if let Value::List(items) = written
                && let Some(item) = items.get_mut(*at)
                && let Some(had) = there.as_list().and_then(|items| items.get(*at))
            {
                retain(schema, family, item, had, rest);
            }
        }
        [Step::Key(_) | Step::Attribute(_) | Step::Index(_), ..] => {}
    }
}

fn after_apply(value: &Value) -> bool {
    matches!(value, Value::Unknown(reason) if reason.is_after_apply())
}

/// One key of a map: as it is there, or not at all where it is not there.
fn retain_key(written: &mut Value, there: &Value, key: &str) {
    let had = there.get(key);
    match (&mut *written, had) {
        (Value::Map(map), Some(had)) => drop(map.insert(key.to_owned(), had.clone())),
        (Value::Map(map), None) => drop(map.remove(key)),
        (Value::Null, Some(had)) => {
            *written = Value::Map(BTreeMap::from([(key.to_owned(), had.clone())]));
        }
        // What is not known has no keys.
        (_, _) => {}
    }
}
