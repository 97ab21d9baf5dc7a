//! Answers to attributes.

use super::{Arguments, context};
use crate::catalog::{Ask, Catalog, Context, DataSource, Definition};
use crate::model::{Object, Page, REDACTED, Scope, Unknown, Value};
use crate::normalize::read_body;

/// The key that a data source's expressions find its arguments under.
const ARGUMENTS: &str = "arguments";

/// The attributes of an object that a scan has read, as a data source gives them.
pub(super) fn of_object(catalog: &Catalog, source: &DataSource, object: &Object) -> Arguments {
    match catalog.definition(&object.rtype) {
        Some(definition) => mirrored(definition, source, object.attributes.clone()),
        None => object.attributes.clone(),
    }
}

/// The attributes of an answer: as the mirrored type reads it, with what the definition says itself.
pub(super) fn of_body(
    catalog: &Catalog,
    source: &DataSource,
    arguments: &Arguments,
    body: Value,
) -> Arguments {
    let mirrored = source
        .mirrors
        .as_ref()
        .and_then(|mirrored| catalog.definition(mirrored));
    let scope = Scope {
        project: context(arguments).project.to_owned(),
        location: context(arguments).location.map(str::to_owned),
        ..Scope::default()
    };
    let read = mirrored.map(|definition| {
        let read = read_body(definition, &body, &scope, catalog);
        self::mirrored(definition, source, read)
    });
    let mut all = read.unwrap_or_default();
    let Value::Map(mut whole) = body else {
        return all;
    };
    whole.insert(ARGUMENTS.to_owned(), Value::Map(arguments.clone()));
    let whole = Value::Map(whole);
    let around = Context {
        root: Some(&whole),
        ..context(arguments)
    };
    for (name, expression) in &source.yields {
        // What the answer does not tell stays open.
        if let Some(value) = expression.value(&whole, &around) {
            let mut value = value.into_owned();
            hide(&mut value);
            all.insert(name.clone(), value);
        }
    }
    all
}

/// The pages of an answer as one: their lists joined.
pub(super) fn joined(pages: &[&Page], items: &[String]) -> Option<Value> {
    let mut pages = pages
        .iter()
        .map(|page| serde_json::from_str::<Value>(page.body.get()).ok());
    let mut whole = pages.next()??;
    for page in pages {
        let more = at(&mut page?, items)?.as_list()?.to_vec();
        match at(&mut whole, items) {
            Some(Value::List(all)) => all.extend(more),
            _ => return None,
        }
    }
    Some(whole)
}

fn at<'v>(value: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, key| match value {
        Value::Map(map) => map.get_mut(key),
        _ => None,
    })
}

/// An answer with only those elements of its list that arguments select.
pub(super) fn selected(
    mut answer: Value,
    ask: &Ask,
    source: &DataSource,
    arguments: &Arguments,
) -> Value {
    let around = context(arguments);
    if let Some(Value::List(all)) = at(&mut answer, &ask.items).filter(|_| !ask.items.is_empty()) {
        all.retain(|element| {
            source.select.iter().all(|(argument, expression)| {
                let wanted = arguments.get(argument).and_then(Value::as_text);
                wanted.is_none_or(|wanted| {
                    expression.text(element, &around).as_deref() == Some(wanted)
                })
            })
        });
    }
    for (argument, paths) in &source.prefix {
        if let Some(prefix) = arguments.get(argument).and_then(Value::as_text) {
            paths
                .iter()
                .for_each(|path| keep(&mut answer, path, prefix));
        }
    }
    answer
}

/// Leaves in the lists at a path only texts that begin with a prefix.
fn keep(value: &mut Value, path: &[String], prefix: &str) {
    match (path.split_first(), value) {
        (Some((key, rest)), Value::Map(map)) => {
            if let Some(inner) = map.get_mut(key) {
                keep(inner, rest, prefix);
            }
        }
        (Some(_), Value::List(elements)) => {
            elements
                .iter_mut()
                .for_each(|element| keep(element, path, prefix));
        }
        (None, Value::List(texts)) => {
            texts.retain(|text| text.as_text().is_none_or(|text| text.starts_with(prefix)));
        }
        _ => {}
    }
}

/// The attributes of a mirrored type as a data source has them: all labels, not only those that a configuration would name;
/// nothing that only an import sets. What was not read stays open: the provider has it null or zero, as its code goes.
fn mirrored(definition: &Definition, source: &DataSource, mut read: Arguments) -> Arguments {
    let effective = read.get(crate::catalog::EFFECTIVE_LABELS).cloned();
    let names = definition.schema.children("").map(|(short, ..)| short);
    for name in names.filter(|name| definition.labelled(name)) {
        if let Some(labels) = &effective {
            read.insert(name.to_owned(), labels.clone());
        }
    }
    read.retain(|name, value| *value != Value::Null && !definition.imported.contains_key(name));
    // A block or map that the provider never reads is null there, and not empty.
    for reader in definition
        .readers
        .iter()
        .filter(|reader| reader.source.is_none())
    {
        if let Some(value) = read.get_mut(&reader.name).filter(|value| value.is_empty()) {
            *value = Value::Null;
        }
    }
    if !source.take.is_empty() {
        read.retain(|name, value| taken(source, name, value));
    }
    read.values_mut().for_each(opened);
    read
}

/// Whether a data source has an attribute, which of its blocks keeps only what the data source has.
fn taken(source: &DataSource, name: &str, value: &mut Value) -> bool {
    let inner: Vec<&str> = source
        .take
        .iter()
        .filter_map(|taken| taken.strip_prefix(name)?.strip_prefix('.'))
        .collect();
    if inner.is_empty() {
        return source.take.iter().any(|taken| taken == name);
    }
    if let Value::List(blocks) = value {
        for block in blocks {
            if let Value::Map(members) = block {
                members.retain(|name, _| inner.contains(&name.as_str()));
            }
        }
    }
    true
}

/// What a block does not tell is not known, nor what was removed as a secret.
fn opened(value: &mut Value) {
    hide(value);
    let Value::List(items) = value else { return };
    for item in items {
        let Value::Map(members) = item else { continue };
        for member in members.values_mut() {
            match member {
                Value::Null => *member = Value::Unknown(Unknown::ProviderRule),
                member => opened(member),
            }
        }
    }
}

/// What was removed as a secret is not known.
fn hide(value: &mut Value) {
    match value {
        Value::Text(text) if text == REDACTED => *value = Value::Unknown(Unknown::Redacted),
        Value::List(items) => items.iter_mut().for_each(hide),
        Value::Map(members) => members.values_mut().for_each(hide),
        _ => {}
    }
}
