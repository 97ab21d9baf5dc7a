//! One body to attributes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Number;

use crate::catalog::{AttributeReader, Context, Definition, Kind, Prior};
use crate::model::Value;

/// The attributes of one object. `absent_fields` gets the attributes whose absent field lets prior state through.
pub(super) fn attributes(
    definition: &Definition,
    body: &Value,
    context: &Context<'_>,
    absent_fields: &mut BTreeSet<String>,
) -> BTreeMap<String, Value> {
    let mut reading = Reading {
        definition,
        context,
        absent_fields,
    };
    reading.block(&definition.readers, body)
}

/// The attributes as an import leaves them.
pub(super) fn imported(
    definition: &Definition,
    readers: &[AttributeReader],
    attributes: &BTreeMap<String, Value>,
) -> BTreeMap<String, Value> {
    let mut out = attributes.clone();
    for reader in readers {
        match (
            definition.prior.get(&reader.family),
            out.get_mut(&reader.name),
        ) {
            (Some(Prior::ConfiguredKeys | Prior::ConfiguredBlocks | Prior::IfSet), Some(value)) => {
                *value = unread(reader)
            }
            (_, Some(Value::List(items))) if !reader.children.is_empty() => {
                for item in items {
                    if let Value::Map(map) = item {
                        *map = imported(definition, &reader.children, map);
                    }
                }
            }
            _ => {}
        }
    }
    out
}

struct Reading<'a, 'c> {
    definition: &'a Definition,
    context: &'a Context<'c>,
    absent_fields: &'a mut BTreeSet<String>,
}

impl Reading<'_, '_> {
    fn block(&mut self, readers: &[AttributeReader], here: &Value) -> BTreeMap<String, Value> {
        readers
            .iter()
            .map(|reader| (reader.name.clone(), self.attribute(reader, here)))
            .collect()
    }

    fn attribute(&mut self, reader: &AttributeReader, here: &Value) -> Value {
        let Some(source) = &reader.source else {
            return unread(reader);
        };
        match source.value(here, self.context) {
            Some(value) => match value.as_ref() {
                Value::Unknown(reason) => Value::Unknown(reason.clone()),
                _ if !reader.children.is_empty() => self.shape(reader, value),
                _ => {
                    let value = self.shape(reader, value);
                    self.spelt(reader, value)
                }
            },
            None => {
                if self.definition.prior.contains_key(&reader.family) {
                    self.absent_fields.insert(reader.family.clone());
                }
                self.definition
                    .imported
                    .get(&reader.family)
                    .cloned()
                    .unwrap_or_else(|| unread(reader))
            }
        }
    }

    fn shape(&mut self, reader: &AttributeReader, value: Cow<'_, Value>) -> Value {
        if matches!(reader.kind, Kind::List | Kind::Set) && block(reader) {
            return Value::List(match value.as_ref() {
                Value::List(items) => {
                    let blocks = items.iter().filter(|item| item.as_map().is_some());
                    members(
                        reader,
                        blocks.map(|item| self.element(reader, item)).collect(),
                    )
                }
                object @ Value::Map(_) => vec![self.element(reader, object)],
                _ => Vec::new(),
            });
        }
        let value = value.into_owned();
        match reader.kind {
            Kind::List | Kind::Set => Value::List(match value {
                Value::List(items) => members(
                    reader,
                    items
                        .into_iter()
                        .map(|item| scalar(elem(reader), item))
                        .collect(),
                ),
                Value::Null => Vec::new(),
                one => vec![scalar(elem(reader), one)],
            }),
            Kind::Map => match value {
                Value::Map(map) => Value::Map(
                    map.into_iter()
                        .map(|(key, value)| (key, scalar(elem(reader), value)))
                        .collect(),
                ),
                _ => Value::Map(BTreeMap::new()),
            },
            kind => scalar(kind, value),
        }
    }

    /// A value with its links as the provider stores them.
    fn spelt(&self, reader: &AttributeReader, value: Value) -> Value {
        let Some((stored, others)) = self.definition.links.split_first() else {
            return value;
        };
        if self.definition.verbatim.contains(&reader.family) {
            return value;
        }
        match value {
            Value::Text(text) => {
                let other = others
                    .iter()
                    .find(|other| text.starts_with("https://") && text.contains(other.as_str()));
                Value::Text(
                    other.map_or(text.clone(), |other| text.replace(other.as_str(), stored)),
                )
            }
            // Two spellings of one link are one member of a set.
            Value::List(items) => Value::List(members(
                reader,
                items
                    .into_iter()
                    .map(|item| self.spelt(reader, item))
                    .collect(),
            )),
            other => other,
        }
    }

    fn element(&mut self, reader: &AttributeReader, item: &Value) -> Value {
        Value::Map(self.block(&reader.children, item))
    }
}

/// Whether an attribute is made of blocks. One may have no attributes at all: then its being there is all it says.
fn block(reader: &AttributeReader) -> bool {
    !reader.children.is_empty() || reader.elem.is_none()
}

/// What stands in an attribute that was not read: no blocks, no keys, or null.
fn unread(reader: &AttributeReader) -> Value {
    match reader.kind {
        Kind::List | Kind::Set if block(reader) => Value::List(Vec::new()),
        Kind::Map => Value::Map(BTreeMap::new()),
        _ => Value::Null,
    }
}

/// The members of a list as they are; those of a set each once.
fn members(reader: &AttributeReader, items: Vec<Value>) -> Vec<Value> {
    if reader.kind != Kind::Set {
        return items;
    }
    let mut out: Vec<Value> = Vec::with_capacity(items.len());
    for item in items {
        if !out.iter().any(|other| other.same(&item)) {
            out.push(item);
        }
    }
    out
}

fn elem(reader: &AttributeReader) -> Kind {
    match reader.elem.as_deref() {
        Some("int") => Kind::Int,
        Some("float") => Kind::Float,
        Some("bool") => Kind::Bool,
        Some("map") => Kind::Map,
        _ => Kind::String,
    }
}

/// A scalar as its kind has it: int64 comes as text, enabled flags at times too.
fn scalar(kind: Kind, value: Value) -> Value {
    match (kind, value) {
        (Kind::String, Value::Number(number)) => Value::Text(number.to_string()),
        (Kind::String, Value::Bool(b)) => Value::Text(b.to_string()),
        (Kind::String, value @ (Value::Map(_) | Value::List(_))) => {
            Value::Text(value.to_json().to_string())
        }
        (Kind::Int | Kind::Float, Value::Text(text)) => {
            number(&text).map_or(Value::Null, Value::Number)
        }
        (Kind::Bool, Value::Text(text)) => Value::Bool(text.eq_ignore_ascii_case("true")),
        (_, value) => value,
    }
}

fn number(text: &str) -> Option<Number> {
    text.parse::<i64>()
        .map(Number::from)
        .ok()
        .or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64))
}
