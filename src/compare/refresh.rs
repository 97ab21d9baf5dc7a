//! What a refresh would store: the attributes as read, with prior state let through where the provider does so.

use std::collections::{BTreeMap, BTreeSet};

use super::equivalence::hollow;
use crate::catalog::{AttributeReader, Definition, Kind, Prior};
use crate::model::{Object, REDACTED, Unknown, Value};

/// The attributes of an object as the provider would store them over prior state.
pub fn refreshed(
    definition: &Definition,
    object: &Object,
    before: &Value,
) -> BTreeMap<String, Value> {
    let refresh = Refresh {
        definition,
        silent: &object.absent_fields,
        hidden: &object.hidden,
        whole: before,
    };
    refresh.block(&definition.readers, &object.attributes, before)
}

/// Refreshed attributes as a plan may take them: what was removed from the answer as a secret is taken to be what state has.
pub(super) fn assumed(after: Value, before: &Value) -> Value {
    match after {
        Value::Text(text) if text == REDACTED && before.is_empty() => {
            Value::Unknown(Unknown::Redacted)
        }
        Value::Text(text) if text == REDACTED => before.clone(),
        Value::List(items) => {
            let priors = before.as_list().unwrap_or_default();
            let element = |(at, item)| assumed(item, priors.get(at).unwrap_or(&Value::Null));
            Value::List(items.into_iter().enumerate().map(element).collect())
        }
        Value::Map(map) => {
            let member = |(key, value): (String, Value)| {
                let prior = before.get(&key).unwrap_or(&Value::Null);
                let value = assumed(value, prior);
                (key, value)
            };
            Value::Map(map.into_iter().map(member).collect())
        }
        // Null, absent and zero are one value; the spelling that a refresh keeps is state's.
        Value::Null if before.is_empty() => before.clone(),
        other => other,
    }
}

struct Refresh<'a> {
    definition: &'a Definition,
    silent: &'a BTreeSet<String>,
    hidden: &'a BTreeMap<String, String>,
    whole: &'a Value,
}

impl Refresh<'_> {
    fn block(
        &self,
        readers: &[AttributeReader],
        read: &BTreeMap<String, Value>,
        before: &Value,
    ) -> BTreeMap<String, Value> {
        let attribute = |reader: &AttributeReader| {
            let after = read.get(&reader.name).unwrap_or(&Value::Null);
            let prior = before.get(&reader.name).unwrap_or(&Value::Null);
            // Who may not see it sees nothing, where there may be something.
            if let Some(permission) = self.hidden.get(&reader.family)
                && after.is_empty()
                && !prior.is_empty()
            {
                let why = Unknown::Hidden(permission.as_str().into());
                return (reader.name.clone(), Value::Unknown(why));
            }
            let value = self
                .beside(reader, read, before)
                .unwrap_or_else(|| self.attribute(reader, after, prior));
            // Nothing read over an empty value is that value: expressions tell null from empty text.
            let value = if value == Value::Null && prior.is_empty() {
                prior.clone()
            } else {
                value
            };
            (reader.name.clone(), value)
        };
        readers.iter().map(attribute).collect()
    }

    /// What is stored where another attribute decides that it is not simply what was read: one that stands for the same, or one
    /// that says so.
    fn beside(
        &self,
        reader: &AttributeReader,
        read: &BTreeMap<String, Value>,
        before: &Value,
    ) -> Option<Value> {
        let prior = before.get(&reader.name).unwrap_or(&Value::Null);
        let silent = |family: &str| self.silent.contains(family);
        match self.definition.prior.get(&reader.family)? {
            Prior::KeepWhile(other) => self.says(other, before).then(|| prior.clone()),
            Prior::EmptyWhile(other) => self.says(other, before).then_some(Value::Null),
            Prior::Take(other) => match (silent(&reader.family), silent(other)) {
                (true, false) if !prior.is_empty() => {
                    Some(read.get(other).cloned().unwrap_or_default())
                }
                (true, _) => Some(prior.clone()),
                (false, _) => None,
            },
            Prior::Yield(_) if silent(&reader.family) => Some(prior.clone()),
            Prior::Yield(other) => {
                let stands = before.get(other).is_some_and(|value| !value.is_empty());
                (prior.is_empty() && stands).then_some(Value::Null)
            }
            Prior::Keep
            | Prior::KeepIfAbsent
            | Prior::KeepIfSet
            | Prior::IfSet
            | Prior::ConfiguredKeys
            | Prior::ConfiguredBlocks
            | Prior::ZeroBlock
            | Prior::EmptyAsState
            | Prior::StateOrder(_)
            | Prior::KeepHollow => None,
        }
    }

    /// Whether an attribute beside another, or of the whole resource, is true in state.
    fn says(&self, name: &str, beside: &Value) -> bool {
        [beside, self.whole]
            .iter()
            .any(|block| block.get(name).and_then(Value::as_bool) == Some(true))
    }

    fn attribute(&self, reader: &AttributeReader, after: &Value, before: &Value) -> Value {
        if let Some(stored) = self.let_through(reader, after, before) {
            return stored;
        }
        if reader.source.is_none() {
            return before.clone();
        }
        let (Value::List(items), false) = (after, reader.children.is_empty()) else {
            return after.clone();
        };
        let priors = before.as_list().unwrap_or_default();
        let element = |(at, item): (usize, &Value)| match item {
            Value::Map(map) if reader.kind == Kind::Set => self.member(reader, map, priors),
            Value::Map(map) => Value::Map(self.block(
                &reader.children,
                map,
                priors.get(at).unwrap_or(&Value::Null),
            )),
            other => other.clone(),
        };
        Value::List(items.iter().enumerate().map(element).collect())
    }

    /// What is stored where the attribute's rule says so by what was read and what state has of it.
    fn let_through(
        &self,
        reader: &AttributeReader,
        after: &Value,
        before: &Value,
    ) -> Option<Value> {
        let silent = self.silent.contains(&reader.family);
        match self.definition.prior.get(&reader.family)? {
            Prior::Keep => Some(before.clone()),
            Prior::KeepIfSet => (!before.is_empty()).then(|| before.clone()),
            Prior::IfSet => before.is_empty().then_some(Value::Null),
            Prior::KeepIfAbsent => {
                (silent && (after.is_empty() || !blank(before))).then(|| before.clone())
            }
            Prior::ConfiguredKeys if silent => Some(Value::Map(BTreeMap::new())),
            Prior::ConfiguredKeys => Some(configured_keys(after, before)),
            Prior::ConfiguredBlocks => Some(configured_blocks(after, before)),
            Prior::StateOrder(key) => Some(state_order(after, before, key.as_deref())),
            Prior::EmptyAsState => {
                let none = matches!(before, Value::List(blocks) if blocks.is_empty());
                (hollow(after) && none).then(|| before.clone())
            }
            Prior::KeepHollow => Some(keep_hollow(after, before)),
            Prior::ZeroBlock => (silent && !before.is_empty())
                .then(|| Value::List(vec![Value::Map(BTreeMap::new())])),
            Prior::Yield(_) | Prior::Take(_) | Prior::KeepWhile(_) | Prior::EmptyWhile(_) => None,
        }
    }

    /// An element of a set: read over the one of state's that it then equals in everything that is read, if there is one.
    fn member(
        &self,
        reader: &AttributeReader,
        map: &BTreeMap<String, Value>,
        priors: &[Value],
    ) -> Value {
        let agree = |over: &BTreeMap<String, Value>, prior: &Value| {
            let mut read = reader
                .children
                .iter()
                .filter(|child| child.source.is_some());
            read.all(|child| {
                over.get(&child.name)
                    .unwrap_or(&Value::Null)
                    .same(prior.get(&child.name).unwrap_or(&Value::Null))
            })
        };
        let over = priors
            .iter()
            .map(|prior| (self.block(&reader.children, map, prior), prior));
        let same = over
            .into_iter()
            .find(|(over, prior)| agree(over, prior))
            .map(|(over, _)| over);
        Value::Map(same.unwrap_or_else(|| self.block(&reader.children, map, &Value::Null)))
    }
}

/// Whether state says nothing at all: false and 0 say something.
fn blank(before: &Value) -> bool {
    matches!(before, Value::Null) || before.as_text() == Some("")
}

/// Of a map that is there, the keys that state has; one that is gone in the cloud reads as empty text.
fn configured_keys(after: &Value, before: &Value) -> Value {
    let keys = before.as_map().into_iter().flat_map(BTreeMap::keys);
    Value::Map(
        keys.map(|key| {
            (
                key.clone(),
                after.get(key).cloned().unwrap_or_else(|| Value::text("")),
            )
        })
        .collect(),
    )
}

/// The blocks read; where state has more, with those of state that hold nothing but zeros at their places.
fn keep_hollow(after: &Value, before: &Value) -> Value {
    let (mut blocks, had) = (
        after.as_list().unwrap_or_default().to_vec(),
        before.as_list().unwrap_or_default(),
    );
    if blocks.len() < had.len() {
        for (at, block) in had.iter().enumerate().filter(|(_, block)| hollow(block)) {
            blocks.insert(at.min(blocks.len()), block.clone());
        }
    }
    Value::List(blocks)
}

/// The elements read: those that state has in its order, then the others by what they say; as they are, where one of them says
/// nothing or the same as another.
fn state_order(after: &Value, before: &Value, key: Option<&str>) -> Value {
    let says = |element: &Value| {
        let element = key.map_or(Some(element), |key| element.get(key));
        element.and_then(Value::as_text).map(str::to_owned)
    };
    let named = |list: &Value| -> Option<Vec<String>> {
        let names: Option<Vec<String>> = list.as_list()?.iter().map(says).collect();
        let distinct = |names: &Vec<String>| names.iter().collect::<BTreeSet<_>>().len();
        names.filter(|names| names.len() == distinct(names))
    };
    let (Some(read), Some(had)) = (named(after), named(before)) else {
        return after.clone();
    };
    let place = |name: &String| had.iter().position(|had| had == name);
    let elements = after.as_list().unwrap_or_default().iter().zip(read);
    let mut ordered: Vec<(Value, String)> = elements
        .map(|(element, name)| (element.clone(), name))
        .collect();
    ordered.sort_by_key(|(_, name)| (place(name).unwrap_or(usize::MAX), name.clone()));
    Value::List(ordered.into_iter().map(|(element, _)| element).collect())
}

/// Of a list of blocks, those whose `key` state has.
fn configured_blocks(after: &Value, before: &Value) -> Value {
    let known: Vec<_> = before
        .as_list()
        .unwrap_or_default()
        .iter()
        .filter_map(|block| block.get("key"))
        .collect();
    let kept = after
        .as_list()
        .unwrap_or_default()
        .iter()
        .filter(|block| block.get("key").is_some_and(|key| known.contains(&key)));
    Value::List(kept.cloned().collect())
}
