//! The value tree that attributes, state and configuration share.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use zeroize::Zeroize;

use super::{REDACTED, Unknown};

/// One attribute value. Blocks are lists of maps, as in state; sets are lists whose order a schema says to ignore.
#[derive(Clone, Default, PartialEq)]
pub enum Value {
    /// Null, and what is absent.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A number; `1` and `1.0` are kept as written and compared by [`Value::same`].
    Number(Number),
    /// Text.
    Text(String),
    /// A list, set, tuple, or the instances of a nested block.
    List(Vec<Value>),
    /// A map, an object, or the attributes of one block.
    Map(BTreeMap<String, Value>),
    /// What is not known, and why.
    Unknown(Unknown),
    /// A value that may be compared and never shown.
    Secret(Secret),
}

/// A value that cannot be printed or serialized, wiped when dropped.
///
/// Two secrets are equal when their canonical JSON is.
#[derive(Clone, PartialEq)]
pub struct Secret(String);

impl Secret {
    /// Takes a value out of sight.
    pub fn new(value: &Value) -> Self {
        Self(value.to_json().to_string())
    }

    /// Whether the hidden value is null, zero or empty.
    pub fn is_empty(&self) -> bool {
        serde_json::from_str(&self.0).map_or(true, |value: Value| value.is_empty())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Value::SENSITIVE)
    }
}

impl fmt::Debug for Value {
    /// JSON with `(unknown)` and `(sensitive value)` where a value is not known or not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_json())
    }
}

impl Value {
    /// What stands in the place of a value that apply will give, in tofu's words.
    pub const UNKNOWN: &str = "(known after apply)";
    /// What stands in the place of a value that may not be shown, in tofu's words.
    pub const SENSITIVE: &str = "(sensitive value)";

    /// Takes over a JSON document.
    pub fn from_json(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(b) => Self::Bool(b),
            serde_json::Value::Number(n) => Self::Number(n),
            serde_json::Value::String(s) => Self::Text(s),
            serde_json::Value::Array(items) => {
                Self::List(items.into_iter().map(Self::from_json).collect())
            }
            serde_json::Value::Object(map) => Self::Map(
                map.into_iter()
                    .map(|(k, v)| (k, Self::from_json(v)))
                    .collect(),
            ),
        }
    }

    /// The value as JSON; what is secret or unknown becomes a fixed phrase in its place.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(b) => serde_json::Value::Bool(*b),
            Self::Number(n) => serde_json::Value::Number(n.clone()),
            Self::Text(s) => serde_json::Value::String(s.clone()),
            Self::List(items) => {
                serde_json::Value::Array(items.iter().map(Self::to_json).collect())
            }
            Self::Map(map) => serde_json::Value::Object(
                map.iter().map(|(k, v)| (k.clone(), v.to_json())).collect(),
            ),
            Self::Unknown(_) => serde_json::Value::String(Self::UNKNOWN.into()),
            Self::Secret(_) => serde_json::Value::String(Self::SENSITIVE.into()),
        }
    }

    /// Text, from anything that turns into it.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A whole number.
    pub fn int(number: i64) -> Self {
        Self::Number(number.into())
    }

    /// The text inside, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(s) = self {
            Some(s)
        } else {
            None
        }
    }

    /// The boolean inside, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(b) = self {
            Some(*b)
        } else {
            None
        }
    }

    /// The number inside as a float, also when it is spelt as text.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(n) => n.as_f64(),
            Self::Text(s) => s.parse().ok(),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Self::List(items) = self {
            Some(items)
        } else {
            None
        }
    }

    /// The members, if it is a map.
    pub fn as_map(&self) -> Option<&BTreeMap<String, Value>> {
        if let Self::Map(map) = self {
            Some(map)
        } else {
            None
        }
    }

    /// The member of a map; nothing for any other kind.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_map().and_then(|map| map.get(key))
    }

    /// Null, zero, false, `""`, or an empty list or map: one value to the provider's SDK.
    ///
    /// A list with an element is never empty, even if the element is: a block present is not a block absent.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(b) => !b,
            Self::Number(n) => n.as_f64() == Some(0.0),
            Self::Text(s) => s.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(map) => map.is_empty(),
            Self::Unknown(_) => false,
            Self::Secret(secret) => secret.is_empty(),
        }
    }

    /// Whether a value that is not known stands anywhere in it.
    pub fn has_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::List(items) => items.iter().any(Self::has_unknown),
            Self::Map(map) => map.values().any(Self::has_unknown),
            _ => false,
        }
    }

    /// Whether a value that was removed before it was stored stands anywhere in it: nothing can be said of such a value.
    pub fn has_redacted(&self) -> bool {
        match self {
            Self::Text(text) => text == REDACTED,
            Self::List(items) => items.iter().any(Self::has_redacted),
            Self::Map(map) => map.values().any(Self::has_redacted),
            _ => false,
        }
    }

    /// Equality of scalars as the provider's SDK has it: empty equals empty, numbers compare as numbers.
    pub fn same(&self, other: &Self) -> bool {
        if self.is_empty() && other.is_empty() {
            return true;
        }
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a == b || a.as_f64() == b.as_f64(),
            (Self::Number(_), Self::Text(_)) | (Self::Text(_), Self::Number(_)) => {
                self.as_f64() == other.as_f64()
            }
            (Self::Bool(a), Self::Text(b)) | (Self::Text(b), Self::Bool(a)) => b.parse() == Ok(*a),
            (Self::Secret(secret), open) | (open, Self::Secret(secret))
                if !matches!(open, Self::Secret(_)) =>
            {
                Secret::new(open) == *secret
            }
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b))
            }
            (Self::Map(a), Self::Map(b)) => {
                a.iter()
                    .all(|(k, v)| v.same(b.get(k).unwrap_or(&Self::Null)))
                    && b.iter().all(|(k, v)| a.contains_key(k) || v.is_empty())
            }
            _ => self == other,
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    /// Takes over a JSON document as it is read, with no tree in between.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Json)
    }
}

struct Json;

impl<'de> Visitor<'de> for Json {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((name, value)) = members.next_entry()? {
            map.insert(name, value);
        }
        Ok(Value::Map(map))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn same(a: serde_json::Value, b: serde_json::Value) -> bool {
        Value::from_json(a).same(&Value::from_json(b))
    }

    #[test]
    fn empty_is_one_value_but_a_present_block_is_not() {
        assert!(
            same(json!(null), json!(false))
                && same(json!(""), json!([]))
                && same(json!(0), json!(null))
        );
        assert!(!same(json!([{}]), json!([])));
        assert!(same(json!([{"a": null}]), json!([{}])));
    }

    #[test]
    fn numbers_compare_as_numbers() {
        assert!(
            same(json!(1), json!(1.0))
                && same(json!("10"), json!(10))
                && !same(json!("10"), json!("10.0"))
        );
    }

    #[test]
    fn a_secret_compares_and_never_shows() {
        let secret = Value::Secret(Secret::new(&Value::text("hunter2")));
        assert!(secret.same(&Value::text("hunter2")) && !secret.same(&Value::text("other")));
        assert!(!format!("{secret:?}{}", secret.to_json()).contains("hunter2"));
    }
}
