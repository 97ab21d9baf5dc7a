//! Encodings of text and data.

mod charset;
mod csv;
mod json;
mod yaml;

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
pub use json::json_text;

use super::{Entry, Failure, Given, text_of};
use crate::hcl::budget::MOST_BYTES;
use crate::hcl::refinement::Refinement;
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::value::Value;
use crate::model::NotEvaluated;

pub(super) const TABLE: &[Entry] = &[
    ("base64decode", "string -> string", |a, _| {
        base64decode(text_of(a, 0))
    }),
    ("base64encode", "string -> string", |a, _| {
        Ok(Value::string(STANDARD.encode(text_of(a, 0))))
    }),
    ("base64gunzip", "string -> string", |a, c| {
        base64gunzip(text_of(a, 0), c)
    }),
    ("base64gzip", "string -> string", |_, _| {
        Ok(Value::unknown(NotEvaluated::Function("base64gzip".into())))
    }),
    ("csvdecode", "string -> any", |a, c| {
        fits(text_of(a, 0), b",\n", c)?;
        csv::decode(text_of(a, 0))
    }),
    ("jsondecode", "string -> any?", |a, c| {
        fits(text_of(a, 0), b",", c)?;
        json::decode(text_of(a, 0)).map_err(Failure::Call)
    }),
    ("jsonencode", "!any*? -> string", |a, _| {
        Ok(jsonencode(&a[0]))
    }),
    ("textdecodebase64", "string, string -> string", |a, _| {
        charset::decode(text_of(a, 0), text_of(a, 1))
    }),
    ("textencodebase64", "string, string -> string", |a, _| {
        charset::encode(text_of(a, 0), text_of(a, 1))
    }),
    ("urldecode", "string -> string", |a, _| {
        urldecode(text_of(a, 0))
    }),
    ("urlencode", "string -> string", |a, _| {
        Ok(Value::string(urlencode(text_of(a, 0))))
    }),
    ("yamldecode", "string -> any?", |a, _| {
        yaml::decode(text_of(a, 0)).map_err(Failure::Call)
    }),
    ("yamlencode", "any*? -> string?", |a, _| {
        Ok(Value::string(yaml::encode(&a[0])))
    }),
];

/// Reads base64 whose last digit says more than the last byte needs.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The bytes behind base64 text; line breaks in it do not count.
fn base64_bytes(text: &str) -> Result<Vec<u8>, String> {
    let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    LENIENT
        .decode(text)
        .map_err(|_| "failed to decode base64 data".into())
}

/// A value as JSON; of what is not known in full, how it begins.
fn jsonencode(value: &Value) -> Value {
    let text = match value.reason() {
        None => Value::string(json_text(value)),
        Some(reason) => {
            let known = Refinement::of(value);
            let begins = match value.ty() {
                _ if !known.not_null => "",
                Type::String => "\"",
                Type::Object(_) | Type::Map(_) => "{",
                Type::Tuple(_) | Type::List(_) | Type::Set(_) => "[",
                Type::Bool | Type::Number | Type::Dynamic => "",
            };
            let begins = Refinement::starting_exactly(begins.to_owned());
            Value::unknown_of(Type::String, reason.clone())
                .refined(begins.lacking(known.lacking.as_ref()))
        }
    };
    text.marked(value.has_sensitive())
}

/// Refuses a document whose separators say that it holds more values than one may, before any is made.
fn fits(text: &str, separators: &[u8], ctx: &Context<'_>) -> Result<(), Failure> {
    let count = text
        .bytes()
        .filter(|byte| separators.contains(byte))
        .count();
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    Ok(ctx.scope.budget().fits(count)?)
}

fn base64decode(text: &str) -> Given {
    let text = String::from_utf8(base64_bytes(text)?);
    text.map(Value::string)
        .map_err(|_| "the result of decoding the provided string is not valid UTF-8".into())
}

fn base64gunzip(text: &str, ctx: &Context<'_>) -> Given {
    let bytes = base64_bytes(text)?;
    let mut out = Vec::new();
    // A byte more than may be, to see that there is more.
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX) + 1;
    let read = flate2::read::MultiGzDecoder::new(bytes.as_slice())
        .take(most)
        .read_to_end(&mut out);
    read.map_err(|_| "failed to gunzip bytestream")?;
    ctx.scope.budget().text(out.len())?;
    Ok(Value::string(String::from_utf8_lossy(&out)))
}

fn urlencode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(byte.into())
            }
            b' ' => out.push('+'),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

fn urldecode(text: &str) -> Given {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = tail
                    .get(..2)
                    .and_then(|pair| std::str::from_utf8(pair).ok());
                let value = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                bytes.push(
                    value.ok_or_else(|| {
                        format!("failed to decode URL '{text}': invalid URL escape")
                    })?,
                );
                rest = &tail[2..];
            }
            other => bytes.push(*other),
        }
    }
    Ok(Value::string(String::from_utf8_lossy(&bytes)))
}
