//! Arguments in the types of their schema, as tofu converts them before anyone sees them.

use std::collections::BTreeMap;

use crate::catalog::{Attribute, Kind, Schema};
use crate::model::Value;

/// The arguments of a block, each in its attribute's type. What does not convert stays: tofu refuses it.
pub(super) fn block(schema: &Schema, family: &str, arguments: &mut BTreeMap<String, Value>) {
    for (short, full, facts) in schema.children(family) {
        if let Some(value) = arguments.get_mut(short) {
            attribute(schema, full, facts, value);
        }
    }
}

fn attribute(schema: &Schema, family: &str, facts: &Attribute, value: &mut Value) {
    if schema.is_block(family) {
        if let Value::Map(_) = value {
            *value = Value::List(vec![std::mem::take(value)]);
        }
        let Value::List(blocks) = value else { return };
        for inner in blocks {
            if let Value::Map(inner) = inner {
                block(schema, family, inner);
            }
        }
        return;
    }
    let element = facts.elem.as_deref().and_then(kind);
    match (facts.kind, &mut *value) {
        (Kind::List | Kind::Set, Value::List(elements)) => {
            for (element, kind) in elements.iter_mut().zip(std::iter::repeat(element)) {
                if let Some(kind) = kind {
                    scalar(kind, element);
                }
            }
        }
        (Kind::Map, Value::Map(members)) => {
            if let Some(kind) = element {
                members.values_mut().for_each(|member| scalar(kind, member));
            }
        }
        (kind, value) => scalar(kind, value),
    }
}

/// The kind an element type of the facts names.
fn kind(word: &str) -> Option<Kind> {
    match word {
        "string" => Some(Kind::String),
        "int" => Some(Kind::Int),
        "float" | "number" => Some(Kind::Float),
        "bool" => Some(Kind::Bool),
        _ => None,
    }
}

/// What is written as text may be a number or a boolean, and the other way round.
fn scalar(kind: Kind, value: &mut Value) {
    let typed = match (kind, &*value) {
        (Kind::Bool, Value::Text(text)) => match text.as_str() {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        (Kind::Int | Kind::Float, Value::Text(text)) => text.parse().ok().map(Value::Number),
        (Kind::String, Value::Bool(value)) => Some(Value::text(value.to_string())),
        (Kind::String, Value::Number(number)) => Some(Value::text(number.to_string())),
        _ => None,
    };
    if let Some(typed) = typed {
        *value = typed;
    }
}
