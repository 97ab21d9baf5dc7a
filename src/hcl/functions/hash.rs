//! Hashes of text and of files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::file::unread;
use super::{Entry, Given, text_of};
use crate::hcl::scope::Context;
use crate::hcl::value::Value;
use crate::model::{NotEvaluated, Unknown};

pub(super) const TABLE: &[Entry] = &[
    ("base64sha256", "string -> string", |a, _| {
        text(a, sha256, base64)
    }),
    ("base64sha512", "string -> string", |a, _| {
        text(a, sha512, base64)
    }),
    ("bcrypt", "string, number... -> string", |_, _| {
        Ok(Value::unknown(Unknown::AFTER_APPLY))
    }),
    ("filebase64sha256", "string -> string", |a, c| {
        file(a, c, sha256, base64)
    }),
    ("filebase64sha512", "string -> string", |a, c| {
        file(a, c, sha512, base64)
    }),
    ("filemd5", "string -> string", |a, c| file(a, c, md5, hex)),
    ("filesha1", "string -> string", |a, c| file(a, c, sha1, hex)),
    ("filesha256", "string -> string", |a, c| {
        file(a, c, sha256, hex)
    }),
    ("filesha512", "string -> string", |a, c| {
        file(a, c, sha512, hex)
    }),
    ("md5", "string -> string", |a, _| text(a, md5, hex)),
    ("rsadecrypt", "string, string -> string", |_, _| {
        Ok(Value::unknown(NotEvaluated::Function("rsadecrypt".into())).marked(true))
    }),
    ("sha1", "string -> string", |a, _| text(a, sha1, hex)),
    ("sha256", "string -> string", |a, _| text(a, sha256, hex)),
    ("sha512", "string -> string", |a, _| text(a, sha512, hex)),
    ("uuid", "-> string", |_, _| {
        Ok(Value::unknown(Unknown::AFTER_APPLY))
    }),
    ("uuidv5", "string, string -> string", |a, _| {
        uuidv5(text_of(a, 0), text_of(a, 1))
    }),
];

type Hash = fn(&[u8]) -> Vec<u8>;
type Spell = fn(&[u8]) -> String;

fn md5(bytes: &[u8]) -> Vec<u8> {
    Md5::digest(bytes).to_vec()
}

fn sha1(bytes: &[u8]) -> Vec<u8> {
    Sha1::digest(bytes).to_vec()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

fn sha512(bytes: &[u8]) -> Vec<u8> {
    Sha512::digest(bytes).to_vec()
}

fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(arguments: &[Value], hash: Hash, spell: Spell) -> Given {
    Ok(Value::string(spell(&hash(
        text_of(arguments, 0).as_bytes(),
    ))))
}

fn file(arguments: &[Value], ctx: &Context<'_>, hash: Hash, spell: Spell) -> Given {
    let path = text_of(arguments, 0);
    let read = ctx.scope.files().read(path);
    let bytes = read.map_err(|why| unread(why, path))?;
    Ok(Value::string(spell(&hash(&bytes))))
}

/// A name-based UUID: the first 16 bytes of a SHA-1 with the version and variant bits set (RFC 9562).
fn uuidv5(namespace: &str, name: &str) -> Given {
    let namespace = match namespace {
        "dns" => "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "url" => "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
        "oid" => "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
        "x500" => "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
        other => other,
    };
    let bytes =
        uuid(namespace).ok_or_else(|| format!("uuidv5() doesn't support namespace {namespace}"))?;
    let mut hash = sha1(&[bytes.as_slice(), name.as_bytes()].concat());
    hash[6] = (hash[6] & 0x0f) | 0x50;
    hash[8] = (hash[8] & 0x3f) | 0x80;
    let text = hex(&hash[..16]);
    Ok(Value::string(format!(
        "{}-{}-{}-{}-{}",
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..]
    )))
}

/// The bytes of a UUID, spelt with hyphens, in braces, as a URN, or as digits alone.
fn uuid(text: &str) -> Option<Vec<u8>> {
    let text = match (text.len(), text.get(..9)) {
        (45, Some(urn)) if urn.eq_ignore_ascii_case("urn:uuid:") => &text[9..],
        // What the braces are is not looked at.
        (38, _) => text.get(1..37)?,
        _ => text,
    };
    let digits = match text.len() {
        32 => text.to_owned(),
        36 if [8, 13, 18, 23]
            .iter()
            .all(|at| text.as_bytes()[*at] == b'-') =>
        {
            text.split('-')
                .map(|part| part.to_owned())
                .collect::<String>()
        }
        _ => return None,
    };
    let byte = |at: usize| {
        digits
            .get(at..at + 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    (0..32).step_by(2).map(byte).collect()
}
