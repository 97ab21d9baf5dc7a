//! From the shape on disk to checked definitions; every problem with file and line.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::definition::{
    AttributeReader, Condition, Definition, Inline, Listing, Part, Quota, Reference, Service,
    Vanished,
};
use super::emission::emissions;
use super::expression::{Expression, Step};
use super::file::{ConditionTable, InlineTable, OneOrMany, ReferenceValue, ServiceFile, TypeFile};
use super::listing::{further, get, hidden, origin, partial};
use super::load::tables::{Surroundings, Tables};
use super::rule::{prior, replacement, suppressions, unwritten};
use super::schema::{Child, Mode, Schema, there};
use super::schema_path::SchemaPath;
use super::template::{Template, Words};
use crate::model::{Releases, Value};

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

    /// The conditions that hold in some releases; what may or may not hold does.
    fn conditions(
        &self,
        tables: &[ConditionTable],
        releases: Releases,
    ) -> Result<Vec<Condition>, DefinitionError> {
        let check = |table: &ConditionTable| {
            Ok(Condition {
                when: self.expressions(&table.when)?,
                because: table.because.clone(),
            })
        };
        tables
            .iter()
            .filter(|table| there(&table.since, &table.until, releases).unwrap_or(true))
            .map(check)
            .collect()
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
        where_enabled: file.where_enabled,
    })
}

pub(super) fn definition(
    source: &Source<'_>,
    service: &str,
    file: &TypeFile,
    all: &Schema,
    around: &Surroundings<'_>,
) -> Result<(Definition, Vec<Listing>), DefinitionError> {
    if all.rtype != file.rtype {
        return Err(source.problem(
            "type",
            format!("the schema beside it is of `{}`", all.rtype),
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
    named(source, file, all)?;
    let mut schema = around.schema(all);
    let tables = Tables::new(source, file, all, &mut schema, around)?;
    let definition = Definition {
        service: service.to_owned(),
        origin,
        parts,
        each: keys(file.list.each.as_deref().unwrap_or_default()),
        claimed_only: file.list.claimed_only,
        part_of: file.list.part_of.clone(),
        vanished: vanished(source, file, all)?,
        only: source.expressions(&file.list.only)?,
        partial: partial(source, file)?,
        get: get(source, file, around)?,
        hidden: hidden(source, file)?,
        identity: source.templates(&file.identity.id)?,
        import_id: source.templates(&tables.import_id)?,
        stored_id: file
            .identity
            .attribute
            .as_ref()
            .map_or(Ok(Vec::new()), |texts| source.templates(texts))?,
        readers: Facts {
            source,
            children: schema.by_block(),
            schema: &schema,
            read: &tables.read,
            within: file.list.within.as_deref(),
            empty: file.empty_blocks,
        }
        .readers("", "")?,
        imported: checked(&tables.import, |value| Ok(literal(value)))?,
        prior: checked(&tables.prior, |word| prior(source, word, all))?,
        suppress: checked(&tables.suppress, |words| suppressions(source, words, all))?,
        replace: by_path(checked(&tables.replace, |word| {
            replacement(source, word, all)
        })?),
        attribution: file.attribution,
        attributed: around.provider.versions.attribution.holds(around.releases),
        verbatim: file.verbatim.iter().cloned().collect(),
        links: Vec::new(),
        unwritten: by_path(checked(&tables.unwritten, |table| {
            unwritten(source, table, all)
        })?),
        settled_later: (tables.settled_later.iter()).map(SchemaPath::new).collect(),
        planned: (file.planned.iter())
            .map(|(name, text)| Ok((name.clone(), source.template(text, Words::Attributes)?)))
            .collect::<Result<_, DefinitionError>>()?,
        defaults: file.defaults.clone(),
        references: references(source, &file.references)?,
        owned: source.conditions(&file.owned, around.releases)?,
        inline: file
            .inline
            .iter()
            .map(|table| inline(source, table, all))
            .collect::<Result<_, _>>()?,
        blocked: source.conditions(&file.blocked, around.releases)?,
        emit: checked(&tables.emit, |value| emissions(source, value))?,
        rtype: file.rtype.clone(),
        description: file.description.clone(),
        schema,
    };
    Ok((definition, listings))
}

/// A table with its entries checked.
fn checked<T, U>(
    table: &BTreeMap<String, T>,
    check: impl Fn(&T) -> Result<U, DefinitionError>,
) -> Result<BTreeMap<String, U>, DefinitionError> {
    table
        .iter()
        .map(|(name, entry)| Ok((name.clone(), check(entry)?)))
        .collect()
}

fn by_path<T>(table: BTreeMap<String, T>) -> BTreeMap<SchemaPath, T> {
    table
        .into_iter()
        .map(|(name, entry)| (SchemaPath::new(name), entry))
        .collect()
}

/// Every attribute that a type's tables name is one that some release knows.
fn named(source: &Source<'_>, file: &TypeFile, all: &Schema) -> Result<(), DefinitionError> {
    known(
        source,
        all,
        (file.read.keys())
            .chain(file.import.keys())
            .chain(file.prior.keys())
            .chain(file.suppress.keys())
            .chain(file.replace.keys())
            .chain(file.unwritten.keys())
            .chain(file.planned.keys())
            .chain(file.references.keys())
            .chain(&file.verbatim)
            .chain(file.hidden.keys())
            .chain(file.emit.keys()),
    )
}

pub(super) fn known<'a>(
    source: &Source<'_>,
    schema: &Schema,
    names: impl Iterator<Item = impl AsRef<str> + 'a>,
) -> Result<(), DefinitionError> {
    for name in names {
        let name = name.as_ref();
        if !schema.attributes.contains_key(name) {
            return Err(source.problem(name, format!("the schema has no attribute `{name}`")));
        }
    }
    Ok(())
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
