//! Families: what definitions of one kind have in common stands once (`families/NAME.toml`), and a type `extends` it.
//!
//! A family is the text of a type but for what makes one type of it. `$word` in it stands for what the type says under `[with]`:
//! a text, or several, where the entry it stands in becomes as many. What the type says itself wins over the family's entry;
//! conditions (`[[owned]]`, `[[blocked]]`) are those of both.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Table, Value};

use super::Texts;
use crate::catalog::check::{DefinitionError, Source};
use crate::catalog::file::{OneOrMany, TypeFile};

/// The folder of families.
pub(super) const FOLDER: &str = "families";

/// What a type says of the family it is of.
#[derive(Deserialize)]
struct Membership {
    extends: String,
    #[serde(default)]
    with: BTreeMap<String, OneOrMany>,
}

/// The file of the family a type is of, by its text.
pub(super) fn of<'a>(text: &str, texts: &'a Texts) -> Option<(&'a str, &'a Cow<'static, str>)> {
    let named = text
        .lines()
        .find_map(|line| line.strip_prefix("extends = "))?;
    let file = format!("google/{FOLDER}/{}.toml", named.trim().trim_matches('"'));
    let (file, text) = texts.get_key_value(&file)?;
    Some((file, text))
}

/// A type with what it has from its family.
pub(super) fn read(source: &Source<'_>) -> Result<TypeFile, DefinitionError> {
    let Some(name) = source
        .text
        .lines()
        .find(|line| line.starts_with("extends = "))
    else {
        return source.toml();
    };
    let Some((file, text)) = source.family else {
        return Err(source.problem(name, "there is no such family"));
    };
    let mut own: Table = source.toml()?;
    let membership: Membership = source.toml()?;
    own.retain(|key, _| key != "extends" && key != "with");
    let family = Source::new(file, text);
    let mut used = Vec::new();
    let common: Table = family.toml()?;
    let mut whole = Table::new();
    for (key, value) in common {
        let filled = filled(value, &membership.with, &mut used);
        let filled = filled.map_err(|word| {
            let message = format!("`{}` says nothing for `${word}`", membership.extends);
            source.problem("extends", message)
        })?;
        whole.insert(key, filled);
    }
    if let Some(idle) = membership.with.keys().find(|word| !used.contains(*word)) {
        let message = format!("`{}` has no `${idle}`", membership.extends);
        return Err(source.problem(&format!("{idle} ="), message));
    }
    lay(&mut whole, own);
    TypeFile::deserialize(Value::Table(whole)).map_err(|error| {
        let message = error.message();
        let near = message.split('`').nth(1).unwrap_or(name);
        source.problem(near, message)
    })
}

/// A value of a family with what a type says in the places of its words; a word that the type does not say is the error.
fn filled(
    value: Value,
    with: &BTreeMap<String, OneOrMany>,
    used: &mut Vec<String>,
) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => {
            let mut texts = several(&text, with, used)?;
            match texts.len() {
                1 => Value::String(texts.remove(0)),
                _ => Value::Array(texts.into_iter().map(Value::String).collect()),
            }
        }
        Value::Array(values) => {
            let mut out = Vec::new();
            for value in values {
                match value {
                    Value::String(text) => {
                        out.extend(several(&text, with, used)?.into_iter().map(Value::String));
                    }
                    other => out.push(filled(other, with, used)?),
                }
            }
            Value::Array(out)
        }
        Value::Table(table) => {
            let members = table.into_iter();
            let each = members.map(|(key, value)| Ok((key, filled(value, with, used)?)));
            Value::Table(each.collect::<Result<_, String>>()?)
        }
        other => other,
    })
}

/// A text once for each of what its word stands for.
fn several(
    text: &str,
    with: &BTreeMap<String, OneOrMany>,
    used: &mut Vec<String>,
) -> Result<Vec<String>, String> {
    let Some((_, rest)) = text.split_once('$') else {
        return Ok(vec![text.to_owned()]);
    };
    let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_');
    let word = &rest[..end.unwrap_or(rest.len())];
    let stands = with.get(word).ok_or_else(|| word.to_owned())?;
    used.push(word.to_owned());
    let mut out = Vec::new();
    for one in stands.as_slice() {
        out.extend(several(
            &text.replace(&format!("${word}"), one),
            with,
            used,
        )?);
    }
    Ok(out)
}

/// Lays what a type says over what it has from its family.
fn lay(common: &mut Table, own: Table) {
    for (key, value) in own {
        match (common.get_mut(&key), value) {
            (Some(Value::Table(under)), Value::Table(over)) => lay(under, over),
            (Some(Value::Array(under)), Value::Array(over))
                if over.iter().all(Value::is_table) && under.iter().all(Value::is_table) =>
            {
                under.extend(over);
            }
            (_, value) => _ = common.insert(key, value),
        }
    }
}
