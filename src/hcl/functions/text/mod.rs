//! Functions of text.

mod format;
mod formatlist;
mod pattern;

pub(in crate::hcl) use format::{general_digits, quoted};
pub(super) use pattern::regex_type;
use unicode_segmentation::UnicodeSegmentation;

use super::{Entry, Failure, Given, elements_of, int_of, text_of};
use crate::hcl::refinement::{Refinement, undecided};
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::value::Value;
use crate::model::Unknown;

pub(super) const TABLE: &[Entry] = &[
    ("chomp", "string -> string", |a, _| {
        Ok(Value::string(text_of(a, 0).trim_end_matches(['\r', '\n'])))
    }),
    ("endswith", "string, string -> bool", |a, _| {
        Ok(Value::bool(text_of(a, 0).ends_with(text_of(a, 1))))
    }),
    ("format", "!string, any*?... -> string", |a, _| {
        format::format(a)
    }),
    ("formatlist", "!string, any*?... -> strings", |a, c| {
        formatlist::formatlist(a, c)
    }),
    ("indent", "number, string -> string", |a, c| indent(a, c)),
    ("join", "string, strings... -> string", join),
    ("lower", "string -> string", |a, _| {
        Ok(Value::string(mapped(text_of(a, 0), lower)))
    }),
    ("regex", "string, string -> any", |a, _| pattern::regex(a)),
    ("regexall", "string, string -> any", |a, _| {
        pattern::regexall(a)
    }),
    ("replace", "string, string, string -> string", |a, c| {
        pattern::replace(a, c)
    }),
    ("split", "string, string -> strings", |a, _| {
        Ok(split(text_of(a, 0), text_of(a, 1)))
    }),
    ("startswith", "!string, string -> bool", |a, _| {
        Ok(startswith(&a[0], &a[1]))
    }),
    ("strcontains", "string, string -> bool?", |a, _| {
        Ok(Value::bool(text_of(a, 0).contains(text_of(a, 1))))
    }),
    ("strrev", "string -> string", |a, _| {
        Ok(Value::string(
            text_of(a, 0).graphemes(true).rev().collect::<String>(),
        ))
    }),
    ("substr", "string, number, number -> string", |a, _| {
        substr(a)
    }),
    ("title", "string -> string", |a, _| {
        Ok(Value::string(title(text_of(a, 0))))
    }),
    ("trim", "string, string -> string", |a, _| {
        Ok(Value::string(
            text_of(a, 0).trim_matches(|c| text_of(a, 1).contains(c)),
        ))
    }),
    ("trimprefix", "string, string -> string", |a, _| {
        Ok(Value::string(
            text_of(a, 0)
                .strip_prefix(text_of(a, 1))
                .unwrap_or(text_of(a, 0)),
        ))
    }),
    ("trimspace", "string -> string", |a, _| {
        Ok(Value::string(text_of(a, 0).trim()))
    }),
    ("trimsuffix", "string, string -> string", |a, _| {
        Ok(Value::string(
            text_of(a, 0)
                .strip_suffix(text_of(a, 1))
                .unwrap_or(text_of(a, 0)),
        ))
    }),
    ("upper", "string -> string", |a, _| {
        Ok(Value::string(mapped(text_of(a, 0), upper)))
    }),
];

/// Changes the case of each character that has exactly one counterpart; `ß` has none of one character and stays.
fn mapped(text: &str, case: fn(char) -> Option<char>) -> String {
    text.chars().map(|c| case(c).unwrap_or(c)).collect()
}

fn upper(c: char) -> Option<char> {
    let mut all = c.to_uppercase();
    all.next().filter(|_| all.next().is_none())
}

fn lower(c: char) -> Option<char> {
    // The dotted capital I has a two-character lower case; its simple one is `i`.
    if c == 'İ' {
        Some('i')
    } else {
        c.to_lowercase().next()
    }
}

/// An indent beyond this is refused: tofu fails at the like for want of memory.
const MAX_INDENT: usize = 1 << 24;

fn indent(arguments: &[Value], ctx: &Context<'_>) -> Given {
    let spaces = int_of(arguments, 0)
        .map_err(|why| Failure::Call(format!("invalid number of spaces: {why}")))?;
    let spaces = usize::try_from(spaces)
        .ok()
        .filter(|spaces| *spaces <= MAX_INDENT);
    let pad = " ".repeat(spaces.ok_or("the number of spaces is negative or too large")?);
    let text = text_of(arguments, 1);
    let lines = text.matches('\n').count();
    ctx.scope
        .budget()
        .text(lines.saturating_mul(pad.len()).saturating_add(text.len()))?;
    Ok(Value::string(text.replace('\n', &format!("\n{pad}"))))
}

fn join(arguments: &[Value], ctx: &Context<'_>) -> Given {
    if arguments.len() < 2 {
        return Err("at least one list is required".into());
    }
    let mut parts = Vec::new();
    for at in 1..arguments.len() {
        for (position, element) in elements_of(arguments, at).iter().enumerate() {
            let null = || {
                Failure::Argument(
                    at,
                    format!("element {position} is null; cannot concatenate null values"),
                )
            };
            parts.push(element.as_str().ok_or_else(null)?);
        }
    }
    let separator = text_of(arguments, 0);
    let length = parts.iter().map(|part| part.len() + separator.len());
    ctx.scope.budget().text(length.sum())?;
    Ok(Value::string(parts.join(separator)))
}

/// What a text begins with may be known of one that is not.
fn startswith(text: &Value, prefix: &Value) -> Value {
    let sensitive = text.sensitive || prefix.sensitive;
    let known = Refinement::of(text);
    let begins = known.prefix();
    let decided = match (text.as_str(), prefix.as_str()) {
        (Some(text), Some(prefix)) => Some(text.starts_with(prefix)),
        (None, Some(prefix)) if begins.starts_with(prefix) => Some(true),
        (None, Some(prefix)) if !begins.is_empty() && begins.len() >= prefix.len() => Some(false),
        _ => None,
    };
    let value = match decided {
        Some(result) => Value::bool(result),
        None => {
            let reason = undecided([text, prefix]).unwrap_or(Unknown::mistaken(""));
            Value::unknown_of(Type::Bool, reason)
        }
    };
    value.marked(sensitive)
}

fn split(separator: &str, text: &str) -> Value {
    if separator.is_empty() {
        return Value::strings(text.chars().map(String::from));
    }
    Value::strings(text.split(separator))
}

/// Part of a text by grapheme clusters; a negative offset counts from the end, a negative length takes the rest.
fn substr(arguments: &[Value]) -> Given {
    let given = int_of(arguments, 1)?;
    let length = int_of(arguments, 2)?;
    if given >= 0 && length == 0 {
        return Ok(Value::string(""));
    }
    let clusters: Vec<&str> = text_of(arguments, 0).graphemes(true).collect();
    let offset = if given < 0 {
        given + i64::try_from(clusters.len()).unwrap_or(0)
    } else {
        given
    };
    let start = usize::try_from(offset).unwrap_or(0).min(clusters.len());
    let rest = &clusters[start..];
    // A length of zero from the end takes the rest too: tofu's own loop never meets it.
    let take = if length <= 0 {
        rest.len()
    } else {
        usize::try_from(length)
            .unwrap_or(usize::MAX)
            .min(rest.len())
    };
    Ok(Value::string(rest[..take].concat()))
}

/// Capitalizes the first letter of each word; letters, digits and underscores make words.
fn title(text: &str) -> String {
    let mut previous = ' ';
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        out.push(if separates(previous) { titled(c) } else { c });
        previous = c;
    }
    out
}

/// The title case of a character: digraphs have one of their own, Georgian letters are theirs.
fn titled(c: char) -> char {
    match u32::from(c) {
        0x1c4..=0x1c6 => '\u{1c5}',
        0x1c7..=0x1c9 => '\u{1c8}',
        0x1ca..=0x1cc => '\u{1cb}',
        0x1f1..=0x1f3 => '\u{1f2}',
        0x10d0..=0x10ff => c,
        _ => upper(c).unwrap_or(c),
    }
}

fn separates(c: char) -> bool {
    if c.is_ascii() {
        !(c.is_ascii_alphanumeric() || c == '_')
    } else {
        !c.is_alphanumeric() && c.is_whitespace()
    }
}
