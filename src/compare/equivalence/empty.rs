//! What is not there on a side, and what equals it on the other.

use std::collections::BTreeMap;

use crate::catalog::EmptyRule;
use crate::compare::attribute::same_members;
use crate::model::Value;

impl EmptyRule {
    /// Whether what configuration says and what is there are one to the provider.
    pub(super) fn lets_pass(&self, configured: &Value, live: &Value) -> bool {
        match self {
            Self::Config => configured.is_empty(),
            Self::Unsaid => *configured == Value::Null,
            Self::Missing => configured.is_empty() || live.is_empty(),
            Self::Block => live.is_empty() && hollow(configured),
            Self::Blank(names) => {
                (configured.is_empty() && blank(live, names))
                    || (live.is_empty() && blank(configured, names))
            }
            Self::Mute => agree_but_for_mute(configured, live),
            Self::ZeroNames(names) => {
                let zero = |value: &Value| {
                    value.is_empty() || spelt(value).is_some_and(|text| names.contains(&text))
                };
                zero(configured) && zero(live)
            }
            Self::Unwritten(only) => {
                let only = Value::from(only.as_str());
                configured.is_empty() && (live.same(&only) || live.same(&Value::List(vec![only])))
            }
            Self::Off(member) => configured.is_empty() && zero_in(live, member),
            Self::Added(member) => live.is_empty() && zero_in(configured, member),
        }
    }
}

/// Whether a member is zero in every block of a list.
fn zero_in(blocks: &Value, member: &str) -> bool {
    blocks.as_list().is_some_and(|blocks| {
        blocks
            .iter()
            .all(|block| block.get(member).is_none_or(Value::is_empty))
    })
}

/// A text or number as text.
fn spelt(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether nothing but zeros stands in a value, at any depth.
pub fn hollow(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().all(hollow),
        Value::Map(map) => map.values().all(hollow),
        other => other.is_empty(),
    }
}

/// Whether nothing but zeros and these texts stands in a value, at any depth.
fn blank(value: &Value, names: &[String]) -> bool {
    match value {
        Value::List(items) => items.iter().all(|item| blank(item, names)),
        Value::Map(map) => map.values().all(|member| blank(member, names)),
        other => {
            other.is_empty()
                || other
                    .as_text()
                    .is_some_and(|text| names.iter().any(|name| name == text))
        }
    }
}

/// Whether values agree, save for configured blocks that say nothing.
fn agree_but_for_mute(configured: &Value, live: &Value) -> bool {
    match (configured, live) {
        (Value::Map(new), Value::Map(old)) => new.keys().chain(old.keys()).all(|key| {
            let of = |map: &BTreeMap<String, Value>| map.get(key).cloned().unwrap_or_default();
            agree_but_for_mute(&of(new), &of(old))
        }),
        (Value::List(new), Value::List(_) | Value::Null) => {
            let old = live.as_list().unwrap_or_default();
            match () {
                () if old.is_empty() => mute(configured),
                () if new.iter().all(|item| item.as_text().is_some()) => {
                    same_members(configured, live, Value::same)
                }
                () => {
                    new.len() == old.len()
                        && new
                            .iter()
                            .zip(old)
                            .all(|(new, old)| agree_but_for_mute(new, old))
                }
            }
        }
        _ => configured.same(live),
    }
}

/// Whether nothing is said in a value but false and empty text.
fn mute(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().all(mute),
        Value::Map(map) => map.values().all(mute),
        other => matches!(other, Value::Null | Value::Bool(false)) || other.as_text() == Some(""),
    }
}
