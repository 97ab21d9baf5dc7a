//! JSON as the language reads and writes it: numbers keep all their digits, `<`, `>` and `&` are escaped.

use std::fmt::Write as _;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use crate::hcl::number::Number;
use crate::hcl::value::{Data, Members, Value};
use crate::model::nesting;

/// A wholly known value as compact JSON.
pub fn json_text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match &value.data {
        Data::Null(_) | Data::Unknown(..) | Data::Open(..) => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) => write_text(text, out),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                write(element, out);
            }
            out.push(']');
        }
        Data::Map(_, members) | Data::Object(members) => {
            out.push('{');
            for (at, (key, member)) in members.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                write_text(key, out);
                out.push(':');
                write(member, out);
            }
            out.push('}');
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c if u32::from(c) < 0x20 => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Documents nest no deeper than this; tofu reads deeper ones, of which there are none.
const MOST_NESTED: usize = 256;

/// Reads a JSON document: objects become objects, arrays tuples.
///
/// # Errors
/// A phrase saying where it stops being JSON.
pub(super) fn decode(text: &str) -> Result<Value, String> {
    // Each level is read again for those inside it.
    if nesting(text) > MOST_NESTED {
        return Err("nested too deep".into());
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Nested(MOST_NESTED)
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| match error.classify() {
            serde_json::error::Category::Eof => "EOF".into(),
            _ => format!(
                "invalid JSON at line {} column {}",
                error.line(),
                error.column()
            ),
        })
}

/// A value that may hold others so many levels deep.
#[derive(Clone, Copy)]
struct Nested(usize);

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        // Raw text first: numbers must keep digits that a machine float loses.
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        match raw.as_bytes().first() {
            Some(b'-' | b'0'..=b'9') => Number::parse(raw)
                .map(Value::number)
                .ok_or_else(|| D::Error::custom("number")),
            _ => {
                let inner = self.0.checked_sub(1);
                let inner = inner.ok_or_else(|| D::Error::custom("nested too deep"))?;
                serde_json::Deserializer::from_str(raw)
                    .deserialize_any(Inside(Nested(inner)))
                    .map_err(D::Error::custom)
            }
        }
    }
}

struct Inside(Nested);

impl<'de> Visitor<'de> for Inside {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::null())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::bool(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::string(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element_seed(self.0)? {
            elements.push(element);
        }
        Ok(Value::tuple(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Members::new();
        while let Some(key) = access.next_key::<String>()? {
            members.insert(key.into(), access.next_value_seed(self.0)?);
        }
        Ok(Value::object(members))
    }
}
