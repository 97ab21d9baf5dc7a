//! From the shape on disk to checked definitions; every problem with file and line.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::definition::{
    AttributeReader, Condition, Definition, Inline, Listing, Part, Quota, Reference, Service,
    Vanished,
};
use super::emission::emissions;
use super::expression::{Expression, Step};
use super::file::{
    ConditionTable, InlineTable, OneOrMany, ProviderFile, ReferenceValue, ServiceFile, TypeFile,
};
use super::listing::{further, get, hidden, origin, partial};
use super::rule::{prior, replacement, suppressions, unwritten};
use super::schema::{Child, Mode, Schema};
use super::template::{Template, Words};
use crate::model::Value;

/// One file and what it says, so that a problem can name its line.
pub(super) struct Source<'a> {
    pub file: &'a str,
    pub text: &'a str,
}

/// A problem in a definition.
#[derive(Debug, thiserror::Error, PartialEq)]
#[error("{file}:{line}: {message}")]
pub struct DefinitionError {
    /// The file, relative to the providers folder.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl Source<'_> {
    /// A problem at the first line that holds `near`.
    pub fn problem(&self, near: &str, message: impl Into<String>) -> DefinitionError {
        let line = self
            .text
            .lines()
            .position(|line| line.contains(near))
            .map_or(1, |at| at + 1);
        DefinitionError {
            file: self.file.to_owned(),
            line,
            message: message.into(),
        }
    }

    pub fn toml<T: serde::de::DeserializeOwned>(&self) -> Result<T, DefinitionError> {
        toml::from_str(self.text).map_err(|error| {
            let at = error
                .span()
                .map_or(0, |span| span.start.min(self.text.len()));
            let line = self.text[..at].matches('\n').count() + 1;
            DefinitionError {
                file: self.file.to_owned(),
                line,
                message: error.message().to_owned(),
            }
        })
    }

    pub(super) fn expression(&self, text: &str) -> Result<Expression, DefinitionError> {
        Expression::parse(text).map_err(|message| self.problem(text, message))
    }

    pub(super) fn expressions(&self, texts: &[String]) -> Result<Vec<Expression>, DefinitionError> {
        texts.iter().map(|text| self.expression(text)).collect()
    }

    pub(super) fn template(&self, text: &str, words: Words) -> Result<Template, DefinitionError> {
        Template::parse(text, words).map_err(|message| self.problem(text, message))
    }

    /// Alternatives over attributes.
    fn templates(&self, texts: &OneOrMany) -> Result<Vec<Template>, DefinitionError> {
        texts
            .as_slice()
            .iter()
            .map(|text| self.template(text, Words::Attributes))
            .collect()
    }

    fn conditions(&self, tables: &[ConditionTable]) -> Result<Vec<Condition>, DefinitionError> {
        let check = |table: &ConditionTable| {
            Ok(Condition {
                when: self.expressions(&table.when)?,
                because: table.because.clone(),
            })
        };
        tables.iter().map(check).collect()
    }
}

pub(super) fn service(source: &Source<'_>, name: &str) -> Result<Service, DefinitionError> {
    let file: ServiceFile = source.toml()?;
    if !file.base.starts_with("https://") || !file.base.ends_with('/') {
        return Err(source.problem("base", "`base` starts with https:// and ends with a slash"));
    }
    Ok(Service {
        name: name.to_owned(),
        title: file.title,
        api: file.api,
        base: file.base,
        endpoint: file.endpoint,
        page_size: file.page_size.map(|page| (page.key, page.size)),
        links: file.links,
        concurrency: file.concurrency.max(1),
        quota: file.quota.map_or_else(Quota::default, |quota| Quota {
            requests: quota.requests.max(1),
            seconds: quota.seconds.max(1),
        }),
    })
}

/// Everything a definition is checked against.
pub(super) struct Surroundings<'a> {
    pub provider: &'a ProviderFile,
    pub types: &'a BTreeMap<String, TypeFile>,
}

pub(super) fn definition(
    source: &Source<'_>,
    service: &str,
    file: &TypeFile,
    schema: Schema,
    around: &Surroundings<'_>,
) -> Result<(Definition, Vec<Listing>), DefinitionError> {
    if schema.rtype != file.rtype {
        return Err(source.problem(
            "type",
            format!("the schema beside it is of `{}`", schema.rtype),
        ));
    }
    let (origin, mut listings) = origin(source, service, file)?;
    let mut parts = Vec::new();
    for table in &file.further {
        listings.push(further(source, service, file, table)?);
        parts.extend(table.part.iter().map(|key| Part {
            listing: format!("{}.{}", file.rtype, table.name),
            key: key.clone(),
        }));
    }
    let read = read_table(source, file, &schema, around)?;
    let mut suppress = taken(source, file, &schema, around, |other| &other.suppress)?;
    suppress.extend(file.suppress.clone());
    known(
        source,
        &schema,
        file.prior
            .keys()
            .chain(file.suppress.keys())
            .chain(file.replace.keys())
            .chain(file.unwritten.keys())
            .chain(file.references.keys())
            .chain(&file.verbatim)
            .chain(file.hidden.keys())
            .chain(file.emit.keys()),
    )?;
    let definition = Definition {
        service: service.to_owned(),
        origin,
        parts,
        each: keys(file.list.each.as_deref().unwrap_or_default()),
        claimed_only: file.list.claimed_only,
        part_of: file.list.part_of.clone(),
        vanished: vanished(source, file, &schema)?,
        only: source.expressions(&file.list.only)?,
        partial: partial(source, file)?,
        get: get(source, file, around)?,
        hidden: hidden(source, file)?,
        identity: source.templates(&file.identity.id)?,
        import_id: source.templates(&file.identity.import_id)?,
        stored_id: file
            .identity
            .attribute
            .as_ref()
            .map_or(Ok(Vec::new()), |texts| source.templates(texts))?,
        readers: Facts {
            source,
            children: schema.by_block(),
            schema: &schema,
            read: &read,
            within: file.list.within.as_deref(),
            empty: file.empty_blocks,
        }
        .readers("", "")?,
        imported: shared(&around.provider.import, &file.import, &schema)
            .map(|(name, value)| (name.clone(), literal(value)))
            .collect(),
        prior: shared(&around.provider.prior, &file.prior, &schema)
            .map(|(name, word)| Ok((name.clone(), prior(source, word, &schema)?)))
            .collect::<Result<_, DefinitionError>>()?,
        suppress: shared(&around.provider.suppress, &suppress, &schema)
            .map(|(name, words)| Ok((name.clone(), suppressions(source, words, &schema)?)))
            .collect::<Result<_, DefinitionError>>()?,
        replace: file
            .replace
            .iter()
            .map(|(name, word)| Ok((name.clone(), replacement(source, word, &schema)?)))
            .collect::<Result<_, DefinitionError>>()?,
        attribution: file.attribution,
        verbatim: file.verbatim.iter().cloned().collect(),
        links: Vec::new(),
        unwritten: file
            .unwritten
            .iter()
            .map(|(name, table)| Ok((name.clone(), unwritten(source, table, &schema)?)))
            .collect::<Result<_, DefinitionError>>()?,
        defaults: file.defaults.clone(),
        references: references(source, &file.references)?,
        owned: source.conditions(&file.owned)?,
        inline: file
            .inline
            .iter()
            .map(|table| inline(source, table, &schema))
            .collect::<Result<_, _>>()?,
        blocked: source.conditions(&file.blocked)?,
        emit: shared(&around.provider.emit, &file.emit, &schema)
            .map(|(name, value)| Ok((name.clone(), emissions(source, value)?)))
            .collect::<Result<_, DefinitionError>>()?,
        rtype: file.rtype.clone(),
        description: file.description.clone(),
        schema,
    };
    Ok((definition, listings))
}

/// A type's own entries, and the provider's for attributes that the type has.
fn shared<'a, T>(
    all: &'a BTreeMap<String, T>,
    own: &'a BTreeMap<String, T>,
    schema: &Schema,
) -> impl Iterator<Item = (&'a String, &'a T)> {
    let inherited: Vec<_> = all
        .iter()
        .filter(|(name, _)| schema.attributes.contains_key(*name) && !own.contains_key(*name))
        .collect();
    inherited.into_iter().chain(own)
}

pub(super) fn known<'a>(
    source: &Source<'_>,
    schema: &Schema,
    names: impl Iterator<Item = &'a String>,
) -> Result<(), DefinitionError> {
    for name in names {
        if !schema.attributes.contains_key(name) {
            return Err(source.problem(name, format!("the schema has no attribute `{name}`")));
        }
    }
    Ok(())
}

/// The reading table of a type: the provider's shared entries, those taken over from other types, its own.
fn read_table(
    source: &Source<'_>,
    file: &TypeFile,
    schema: &Schema,
    around: &Surroundings<'_>,
) -> Result<BTreeMap<String, String>, DefinitionError> {
    let mut read: BTreeMap<String, String> = around
        .provider
        .read
        .iter()
        .filter(|(name, _)| schema.attributes.contains_key(*name))
        .map(own)
        .collect();
    read.extend(taken(source, file, schema, around, |other| &other.read)?);
    known(source, schema, file.read.keys())?;
    read.extend(file.read.iter().map(own));
    Ok(read)
}

/// What a type takes over from others for its blocks of the same shape (`same`), from one of their tables.
fn taken<T: Clone>(
    source: &Source<'_>,
    file: &TypeFile,
    schema: &Schema,
    around: &Surroundings<'_>,
    table: impl Fn(&TypeFile) -> &BTreeMap<String, T>,
) -> Result<BTreeMap<String, T>, DefinitionError> {
    let mut out = BTreeMap::new();
    for (block, from) in &file.same {
        let (rtype, prefix) = from.split_once('#').unwrap_or((from, ""));
        let other = around
            .types
            .get(rtype)
            .ok_or_else(|| source.problem(from, format!("there is no type `{rtype}`")))?;
        for (name, entry) in table(other) {
            let rest = if prefix.is_empty() {
                Some(name.as_str())
            } else {
                name.strip_prefix(prefix)
                    .and_then(|rest| rest.strip_prefix('.'))
            };
            let name = rest
                .map(|rest| format!("{block}.{rest}"))
                .filter(|name| schema.attributes.contains_key(name));
            out.extend(name.map(|name| (name, entry.clone())));
        }
    }
    Ok(out)
}

fn inline(
    source: &Source<'_>,
    table: &InlineTable,
    schema: &Schema,
) -> Result<Inline, DefinitionError> {
    known(source, schema, [&table.key].into_iter())?;
    Ok(Inline {
        holder: table.holder.clone(),
        id: source.template(&table.id, Words::Attributes)?,
        attribute: table.attribute.clone(),
        key: table.key.clone(),
        only: table.only.clone(),
        unless: table.unless.clone(),
    })
}

fn own((name, text): (&String, &String)) -> (String, String) {
    (name.clone(), text.clone())
}

fn vanished(
    source: &Source<'_>,
    file: &TypeFile,
    schema: &Schema,
) -> Result<Option<Vanished>, DefinitionError> {
    let Some(table) = &file.vanished else {
        return Ok(None);
    };
    known(source, schema, table.empties.iter())?;
    Ok(Some(Vanished {
        within: source.templates(&table.within)?,
        empties: table.empties.clone(),
    }))
}

/// What decides where attributes are read from.
struct Facts<'a> {
    source: &'a Source<'a>,
    schema: &'a Schema,
    /// The attributes right below each block.
    children: BTreeMap<&'a str, Vec<Child<'a>>>,
    read: &'a BTreeMap<String, String>,
    /// The path of the objects in the bodies they lie in: facts are told from there.
    within: Option<&'a str>,
    /// Whether an empty object is a block.
    empty: bool,
}

impl<'a> Facts<'a> {
    /// Readers of the attributes below `family`, whose own API path (as the facts tell it) is `api`.
    fn readers(&self, family: &str, api: &str) -> Result<Vec<AttributeReader>, DefinitionError> {
        let mut out = Vec::new();
        for &(short, full, facts) in self.children.get(family).into_iter().flatten() {
            let path = self
                .api(full, api)
                .map_or_else(|| Cow::Owned(below(api, &camel(short))), Cow::Borrowed);
            let relative = if api.is_empty() {
                Some(&*path)
            } else {
                path.strip_prefix(api)
                    .and_then(|rest| rest.strip_prefix('.'))
            };
            let expression = match self.read.get(full).map(String::as_str) {
                Some("never") => None,
                Some(text) => Some(self.source.expression(text)?),
                None if facts.provider_only || facts.write_only => None,
                None => {
                    let mut plain = Expression::path(relative.unwrap_or(&camel(short)));
                    if !self.empty && self.schema.is_block(full) {
                        plain.steps.push(Step::Some);
                    }
                    Some(plain)
                }
            };
            out.push(AttributeReader {
                name: short.to_owned(),
                family: full.to_owned(),
                kind: facts.kind,
                elem: facts.elem.clone(),
                source: expression,
                children: self.readers(full, &path)?,
            });
        }
        Ok(out)
    }

    /// The API path of an attribute: as the facts tell it; of a block they are silent about, what most of its members lie in.
    fn api(&self, family: &str, parent: &str) -> Option<&'a str> {
        if let Some([only]) = self
            .schema
            .attributes
            .get(family)
            .map(|facts| facts.api.as_slice())
        {
            let inside = self
                .within
                .and_then(|within| only.strip_prefix(within)?.strip_prefix('.'));
            return Some(inside.unwrap_or(only));
        }
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, member, _) in self.children.get(family).into_iter().flatten() {
            let around = self
                .api(member, parent)
                .and_then(|path| path.rsplit_once('.'))
                .map(|(around, _)| around);
            let deeper = |around: &&str| {
                parent.is_empty()
                    || around
                        .strip_prefix(parent)
                        .is_some_and(|rest| rest.starts_with('.'))
            };
            if let Some(around) = around.filter(deeper) {
                *votes.entry(around).or_default() += 1;
            }
        }
        votes
            .into_iter()
            .max_by_key(|(path, count)| (*count, std::cmp::Reverse(path.len())))
            .map(|(path, _)| path)
    }
}

/// A path below another.
fn below(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}.{name}")
    }
}

/// `disk_size_gb` → `diskSizeGb`.
fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        match c {
            '_' => upper = true,
            c if upper => {
                out.extend(c.to_uppercase());
                upper = false;
            }
            c => out.push(c),
        }
    }
    out
}

pub(super) fn keys(path: &str) -> Vec<String> {
    path.split('.')
        .filter(|key| !key.is_empty())
        .map(str::to_owned)
        .collect()
}

pub(super) fn literal(value: &toml::Value) -> Value {
    serde_json::to_value(value)
        .map(Value::from_json)
        .unwrap_or_default()
}

fn references(
    source: &Source<'_>,
    all: &BTreeMap<String, ReferenceValue>,
) -> Result<Vec<Reference>, DefinitionError> {
    let mut out = Vec::new();
    for (family, value) in all {
        reference(source, family, value, &mut out)?;
    }
    Ok(out)
}

fn reference(
    source: &Source<'_>,
    family: &str,
    value: &ReferenceValue,
    out: &mut Vec<Reference>,
) -> Result<(), DefinitionError> {
    let label = |label: Option<&String>| {
        label
            .cloned()
            .unwrap_or_else(|| family.rsplit('.').next().unwrap_or(family).to_owned())
    };
    out.push(match value {
        ReferenceValue::Any(values) => {
            return values
                .iter()
                .try_for_each(|value| reference(source, family, value, out));
        }
        ReferenceValue::Type(target) => Reference {
            family: family.to_owned(),
            target: target.clone(),
            id: None,
            by: None,
            attribute: "id".to_owned(),
            label: label(None),
            implied: false,
        },
        ReferenceValue::Full(table) => Reference {
            family: family.to_owned(),
            target: table.target.clone(),
            id: table
                .id
                .as_deref()
                .map(|id| source.template(id, Words::Attributes))
                .transpose()?,
            by: table.by.clone(),
            attribute: table
                .attribute
                .clone()
                .or_else(|| table.by.clone())
                .unwrap_or_else(|| "id".to_owned()),
            label: label(table.label.as_ref()),
            implied: table.implied,
        },
    });
    Ok(())
}

/// Facts that no definition may contradict: a required attribute is never one the provider does not know.
pub(super) fn consistent(
    source: &Source<'_>,
    definition: &Definition,
) -> Result<(), DefinitionError> {
    for name in definition.imported.keys() {
        match definition.schema.attributes.get(name) {
            None => {
                return Err(source.problem(name, format!("the schema has no attribute `{name}`")));
            }
            Some(facts) if facts.mode == Mode::Computed => {
                return Err(source.problem(
                    name,
                    format!("`{name}` is computed; `read` says where it comes from"),
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}
