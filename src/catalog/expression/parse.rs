//! The text of an expression to its parts.

use super::{EndpointPart, Expression, ImagePart, Source, Step};
use crate::model::Value;

pub(super) fn expression(text: &str) -> Result<Expression, String> {
    let mut parts = split(text, "|").into_iter();
    let sources = split(&parts.next().unwrap_or_default(), "??")
        .iter()
        .map(|s| source(s.trim()))
        .collect::<Result<_, _>>()?;
    let steps = parts
        .map(|part| step(part.trim()))
        .collect::<Result<_, _>>()?;
    Ok(Expression { sources, steps })
}

/// Splits at a separator that stands outside of quotes.
fn split(text: &str, separator: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if !quoted && rest.starts_with(separator) {
            out.push(String::new());
            rest = &rest[separator.len()..];
            continue;
        }
        if c == '"' {
            quoted = !quoted;
        }
        if let Some(last) = out.last_mut() {
            last.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    out
}

fn path(text: &str) -> Vec<String> {
    text.split('.')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

fn source(text: &str) -> Result<Source, String> {
    if text.is_empty() {
        return Err("a source is missing".into());
    }
    if let Some(rest) = text.strip_prefix('/') {
        return Ok(Source::Root(path(rest)));
    }
    if let Some(word) = text.strip_prefix('@') {
        return match word {
            "project" => Ok(Source::Project),
            "location" => Ok(Source::Location),
            "parent_key" => Ok(Source::ParentKey),
            "group" => Ok(Source::Group),
            _ => match word.strip_prefix("parent.") {
                Some(rest) => Ok(Source::Parent(path(rest))),
                None => Err(format!(
                    "`@{word}` is no word of the scope: project, location, group, parent_key, parent.PATH"
                )),
            },
        };
    }
    if let Some(value) = literal(text) {
        return Ok(Source::Literal(value));
    }
    if text.contains(char::is_whitespace) {
        return Err(format!("`{text}` is no path; steps are separated by `|`"));
    }
    Ok(Source::Here(path(text)))
}

/// What stands for itself: quoted text, number, boolean, object, list.
fn literal(text: &str) -> Option<Value> {
    let starts =
        text.starts_with(['"', '{', '[', '-']) || text.starts_with(|c: char| c.is_ascii_digit());
    (starts || text == "true" || text == "false")
        .then(|| serde_json::from_str(text).ok().map(Value::from_json))
        .flatten()
}

/// A step's words; quotes keep blanks together.
pub(in crate::catalog) fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut any) = (false, false);
    for c in text.chars() {
        match c {
            '"' => (quoted, any) = (!quoted, true),
            c if c.is_whitespace() && !quoted => {
                if any {
                    out.push(std::mem::take(&mut word));
                }
                any = false;
            }
            c => {
                word.push(c);
                any = true;
            }
        }
    }
    if any {
        out.push(word);
    }
    out
}

/// The step of a name that takes no words.
fn bare(name: &str) -> Option<Step> {
    match name {
        "first" => Some(Step::First),
        "last" => Some(Step::Last),
        "not" => Some(Step::Not),
        "present" => Some(Step::Present),
        "exists" => Some(Step::Exists),
        "some" => Some(Step::Some),
        "nonzero" => Some(Step::Nonzero),
        "escape" => Some(Step::Escape),
        "upper" => Some(Step::Upper),
        "lower" => Some(Step::Lower),
        "keys" => Some(Step::Keys),
        "values" => Some(Step::Values),
        "list" => Some(Step::List),
        "flatten" => Some(Step::Flatten),
        "sort" => Some(Step::Sort),
        "count" => Some(Step::Count),
        "seconds" => Some(Step::Seconds),
        "number" => Some(Step::Number),
        "json" => Some(Step::Json),
        "addresses" => Some(Step::Addresses),
        _ => None,
    }
}

/// The step of a name that takes one word as it is.
fn of_a_word(name: &str) -> Option<fn(String) -> Step> {
    match name {
        "after" => Some(Step::After),
        "from" => Some(Step::From),
        "strip" => Some(Step::Strip),
        "trim" => Some(Step::Trim),
        "prefix" => Some(Step::Prefix),
        "suffix" => Some(Step::Suffix),
        "before" => Some(Step::Before),
        "behind" => Some(Step::Behind),
        "equals" => Some(Step::Equals),
        "entries" => Some(Step::Entries),
        "wrap" => Some(Step::Wrap),
        "split" => Some(Step::Split),
        "join" => Some(Step::Join),
        "linked" => Some(Step::Linked),
        "member" => Some(Step::Member),
        _ => None,
    }
}

fn step(text: &str) -> Result<Step, String> {
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let args = words(rest);
    let one = || match args.as_slice() {
        [one] => Ok(one.clone()),
        _ => Err(format!("step `{name}` takes one word, not `{rest}`")),
    };
    let two = || match args.as_slice() {
        [a, b] => Ok((a.clone(), b.clone())),
        _ => Err(format!("step `{name}` takes two words, not `{rest}`")),
    };
    let some = || {
        if args.is_empty() {
            Err(format!("step `{name}` takes at least one word"))
        } else {
            Ok(args.clone())
        }
    };
    let value = || literal(rest).unwrap_or_else(|| Value::text(args.join(" ")));
    let guard = || -> Result<(Box<Source>, Vec<String>), String> {
        let first = args
            .first()
            .ok_or_else(|| format!("step `{name}` takes a path"))?;
        Ok((Box::new(source(first)?), args[1..].to_vec()))
    };
    if let Some(step) = bare(name) {
        return if args.is_empty() {
            Ok(step)
        } else {
            Err(format!("step `{name}` takes no words"))
        };
    }
    if let Some(step) = of_a_word(name) {
        return Ok(step(one()?));
    }
    Ok(match name {
        "get" => Step::Get(path(&one()?)),
        "field" => Step::Field(path(&one()?)),
        "segment" => Step::Segment(
            one()?
                .parse()
                .map_err(|_| "step `segment` takes a number".to_owned())?,
        ),
        "where" => match args.split_first() {
            Some((key, values)) if !values.is_empty() => Step::Where(key.clone(), values.to_vec()),
            _ => return Err("step `where` takes a key and values".into()),
        },
        "having" => Step::Having(path(&one()?)),
        "in" => Step::In(some()?),
        "matches" => Step::Matches(some()?),
        "if" => guard().map(|(source, values)| Step::If(source, values))?,
        "unless" => guard().map(|(source, values)| Step::Unless(source, values))?,
        "or" => Step::Or(value()),
        "fallback" => Step::Fallback(value()),
        "words" => two().map(|(yes, no)| Step::Words(yes, no))?,
        "rename" if !args.is_empty() && args.len().is_multiple_of(2) => Step::Rename(
            args.chunks(2)
                .map(|pair| (pair[0].clone(), pair[1].clone()))
                .collect(),
        ),
        "rename" => return Err("step `rename` takes pairs of words".into()),
        "drop" => Step::Drop(some()?),
        "only" => Step::Only(some()?),
        "pairs" => two().map(|(key, value)| Step::Pairs(key, value))?,
        "table" => two().map(|(key, value)| Step::Table(key, value))?,
        "distinct" => Step::Distinct(some()?.iter().map(|p| path(p)).collect()),
        "without" => Step::Without(Box::new(source(&one()?)?)),
        "onto" => Step::Onto(Box::new(source(&one()?)?)),
        "with" => Step::With(Box::new(source(&one()?)?)),
        "image" => Step::Image(ImagePart::parse(&one()?).ok_or("an image has no such part")?),
        "endpoint" => {
            Step::Endpoint(EndpointPart::parse(&one()?).ok_or("an endpoint has no such part")?)
        }
        "mean" => two().map(|(listing, field)| Step::Mean(listing, path(&field)))?,
        "found" => match args.as_slice() {
            [listing] => Step::Found(listing.clone(), Vec::new()),
            [listing, field] => Step::Found(listing.clone(), path(field)),
            _ => return Err("step `found` takes a listing and at most one field".into()),
        },
        _ => {
            return Err(format!(
                "`{name}` is no step; providers/README.md lists them"
            ));
        }
    })
}
