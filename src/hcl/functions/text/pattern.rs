//! Regular expressions, in the dialect of RE2.

use std::sync::Arc;

use regex::{Captures, Regex};

use super::super::{Failure, Given, text_of};
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::value::{Members, Value};

/// Compiles a pattern: what both dialects write alike but mean differently is spelt out.
fn compile(pattern: &str) -> Result<Regex, String> {
    if repeats_repetition(pattern) {
        return Err("error parsing pattern: invalid nested repetition operator".into());
    }
    if counts(pattern).any(|count| count > MAX_COUNT) {
        return Err("error parsing pattern: invalid repeat count".into());
    }
    Regex::new(&translated(pattern))
        .map_err(|_| "error parsing pattern: it is not a valid regular expression".into())
}

/// RE2 repeats nothing more often than this.
const MAX_COUNT: u64 = 1000;

/// The counts of a pattern's `{n}` and `{n,m}`.
fn counts(pattern: &str) -> impl Iterator<Item = u64> {
    let braced = pattern
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(count, _)| count);
    braced.flat_map(|count| count.split(',').filter_map(|count| count.parse().ok()))
}

/// Whether a repetition is itself repeated, `a**`, which RE2 refuses; a `?` behind one makes it lazy.
fn repeats_repetition(pattern: &str) -> bool {
    let (mut repeated, mut lazy, mut class, mut escaped) = (false, false, false, false);
    for c in pattern.chars() {
        if escaped || class {
            class &= escaped || c != ']';
            escaped = !escaped && c == '\\';
            repeated = false;
            continue;
        }
        match c {
            '*' | '+' if repeated => return true,
            '?' if repeated && lazy => return true,
            '?' if repeated => lazy = true,
            '*' | '+' | '?' => (repeated, lazy) = (true, false),
            _ => {
                repeated = false;
                escaped = c == '\\';
                class = c == '[';
            }
        }
    }
    false
}

/// The pattern with its ASCII-only classes spelt out, brackets inside classes escaped, and `\Q…\E` expanded.
fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut chars = pattern.chars().peekable();
    let mut class_start: Option<usize> = None;
    while let Some(c) = chars.next() {
        match (c, class_start) {
            ('\\', _) => match chars.next() {
                Some('Q') => quote_literal(&mut chars, &mut out),
                Some(escaped) => out.push_str(&escape(escaped, class_start.is_some())),
                None => out.push('\\'),
            },
            ('[', None) => {
                out.push('[');
                if chars.peek() == Some(&'^') {
                    out.extend(chars.next());
                }
                class_start = Some(out.len());
            }
            ('[', Some(_)) if chars.peek() != Some(&':') => out.push_str("\\["),
            ('[', Some(_)) => {
                out.push('[');
                for inner in chars.by_ref() {
                    out.push(inner);
                    if inner == ']' {
                        break;
                    }
                }
            }
            (']', Some(start)) if out.len() == start => out.push_str("\\]"),
            (']', Some(_)) => {
                out.push(']');
                class_start = None;
            }
            ('&' | '~', Some(_)) => out.extend(['\\', c]),
            ('-', Some(_)) if chars.peek() == Some(&'-') => out.push_str("\\-"),
            _ => out.push(c),
        }
    }
    out
}

fn quote_literal(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    let mut literal = String::new();
    while let Some(c) = chars.next() {
        if c == '\\' && chars.peek() == Some(&'E') {
            chars.next();
            break;
        }
        literal.push(c);
    }
    out.push_str(&regex::escape(&literal));
}

fn escape(escaped: char, in_class: bool) -> String {
    let set = match escaped.to_ascii_lowercase() {
        'd' => "0-9",
        'w' => "0-9A-Za-z_",
        's' => "\\t\\n\\f\\r ",
        'b' if !in_class => return format!("(?-u:\\{escaped})"),
        _ => return format!("\\{escaped}"),
    };
    match (escaped.is_ascii_uppercase(), in_class) {
        (false, true) => set.to_owned(),
        (false, false) => format!("[{set}]"),
        (true, _) => format!("[^{set}]"),
    }
}

/// What a pattern's matches are made of.
enum Shape {
    Whole,
    Groups,
    Named(Vec<String>),
}

fn shape(regex: &Regex) -> Result<Shape, Failure> {
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    let named: Vec<String> = names
        .iter()
        .flatten()
        .map(|name| (*name).to_owned())
        .collect();
    if names.is_empty() {
        return Ok(Shape::Whole);
    }
    if named.is_empty() {
        return Ok(Shape::Groups);
    }
    if named.len() != names.len() {
        return Err(Failure::Argument(
            0,
            "invalid regexp pattern: cannot mix both named and unnamed capture groups".into(),
        ));
    }
    Ok(Shape::Named(named))
}

impl Shape {
    fn ty(&self, groups: usize) -> Type {
        match self {
            Self::Whole => Type::String,
            Self::Groups => Type::tuple(vec![Type::String; groups]),
            Self::Named(names) => Type::object(
                names
                    .iter()
                    .map(|name| (Arc::from(name.as_str()), Type::String))
                    .collect(),
            ),
        }
    }

    fn value(&self, captures: &Captures<'_>) -> Value {
        let text = |part: Option<regex::Match<'_>>| {
            part.map_or_else(
                || crate::hcl::value::Data::Null(Type::String).into(),
                |part| Value::string(part.as_str()),
            )
        };
        match self {
            Self::Whole => text(captures.get(0)),
            Self::Groups => Value::tuple(
                (1..captures.len())
                    .map(|at| text(captures.get(at)))
                    .collect(),
            ),
            Self::Named(names) => {
                let members = names
                    .iter()
                    .map(|name| (Arc::from(name.as_str()), text(captures.name(name))));
                Value::object(members.collect::<Members>())
            }
        }
    }
}

pub(super) fn regex(arguments: &[Value]) -> Given {
    let regex = compile(text_of(arguments, 0)).map_err(|why| Failure::Argument(0, why))?;
    let shape = shape(&regex)?;
    let captures = regex
        .captures(text_of(arguments, 1))
        .ok_or("pattern did not match any part of the given string")?;
    Ok(shape.value(&captures))
}

/// The type of what a pattern finds; not known of a pattern that is not.
pub(in crate::hcl::functions) fn regex_type(pattern: &Value) -> Result<Type, Failure> {
    let Some(pattern) = pattern.as_str() else {
        return Ok(Type::Dynamic);
    };
    let regex = compile(pattern).map_err(|why| Failure::Argument(0, why))?;
    Ok(shape(&regex)?.ty(regex.captures_len() - 1))
}

pub(super) fn regexall(arguments: &[Value]) -> Given {
    let regex = compile(text_of(arguments, 0)).map_err(|why| Failure::Argument(0, why))?;
    let shape = shape(&regex)?;
    let found = regex
        .captures_iter(text_of(arguments, 1))
        .map(|captures| shape.value(&captures))
        .collect();
    Ok(Value::list(shape.ty(regex.captures_len() - 1), found))
}

/// Replaces text, or what a pattern between slashes matches.
pub(super) fn replace(arguments: &[Value], ctx: &Context<'_>) -> Given {
    let [text, old, new] = [0, 1, 2].map(|at| text_of(arguments, at));
    if new.len() > 1 {
        // At worst, something is found before each character and at the end.
        let found = if old.len() > 1 && !old.starts_with('/') {
            text.matches(old).count()
        } else {
            text.len() + 1
        };
        let most = found.saturating_mul(new.len());
        ctx.scope.budget().text(most.saturating_add(text.len()))?;
    }
    match old.strip_prefix('/').and_then(|old| old.strip_suffix('/')) {
        Some(pattern) => Ok(Value::string(compile(pattern)?.replace_all(text, new))),
        None => Ok(Value::string(text.replace(old, new))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_re2_means() {
        for (pattern, text, found) in [
            ("\\d+", "٣ 42", "42"),
            ("[\\w-]+", "é a-b", "a-b"),
            ("[[:alpha:]]+", "12ab", "ab"),
            ("[[]x", "[x", "[x"),
            ("\\Qa.b\\E", "axb a.b", "a.b"),
            ("[^\\s]+", "  x y", "x"),
        ] {
            let regex = compile(pattern).unwrap();
            assert_eq!(
                regex.find(text).map(|found| found.as_str()),
                Some(found),
                "{pattern}"
            );
        }
    }
}
