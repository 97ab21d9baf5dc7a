//! From the shape on disk to checked definitions; every problem with file and line.

mod readers;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::catalog::definition::{
    Condition, Definition, Details, Inline, Listing, Part, Quota, Reference, Service, Vanished,
};
use crate::catalog::emission::emissions;
use crate::catalog::expression::Expression;
use crate::catalog::file::{
    ConditionTable, FurtherTable, InlineTable, OneOrMany, ReferenceValue, ServiceFile, TypeFile,
};
use crate::catalog::listing::{further, get, hidden, origin, partial};
use crate::catalog::load::Recipe;
use crate::catalog::load::tables::{Surroundings, Tables};
use crate::catalog::rule::{prior, replacement, suppressions, unwritten};
use crate::catalog::schema::{Mode, Schema, there};
use crate::catalog::schema_path::SchemaPath;
use crate::catalog::template::{Template, Words};
use crate::model::{Releases, Value};
use readers::Facts;

/// One file and what it says, so that a problem can name its line.
pub(in crate::catalog) struct Source<'a> {
    pub file: &'a str,
    pub text: &'a str,
    /// The file of the family that the type is of, with its text: what is not said here is said there.
    pub family: Option<(&'a str, &'a str)>,
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

impl<'a> Source<'a> {
    /// A file and its text.
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            family: None,
        }
    }

    /// A problem at the first line that holds `near`.
    pub fn problem(&self, near: &str, message: impl Into<String>) -> DefinitionError {
        let own = Some((self.file, self.text));
        let place = [own, self.family].into_iter().flatten();
        let mut place = place.filter_map(|(file, text)| {
            let at = text.lines().position(|line| line.contains(near))?;
            Some((file, at + 1))
        });
        let (file, line) = place.next().unwrap_or((self.file, 1));
        DefinitionError {
            file: file.to_owned(),
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

    pub(in crate::catalog) fn expression(&self, text: &str) -> Result<Expression, DefinitionError> {
        Expression::parse(text).map_err(|message| self.problem(text, message))
    }

    pub(in crate::catalog) fn expressions(
        &self,
        texts: &[String],
    ) -> Result<Vec<Expression>, DefinitionError> {
        texts.iter().map(|text| self.expression(text)).collect()
    }

    pub(in crate::catalog) fn template(
        &self,
        text: &str,
        words: Words,
    ) -> Result<Template, DefinitionError> {
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
    pub(in crate::catalog) fn conditions(
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

pub(in crate::catalog) fn service(
    source: &Source<'_>,
    name: &str,
) -> Result<Service, DefinitionError> {
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

/// What is asked for a type.
pub(in crate::catalog) fn listings(
    source: &Source<'_>,
    service: &str,
    file: &TypeFile,
) -> Result<Vec<Listing>, DefinitionError> {
    let (_, mut listings) = origin(source, service, file)?;
    for table in &file.further {
        listings.push(further(source, service, file, table)?);
    }
    Ok(listings)
}

/// A definition but for its details.
pub(in crate::catalog) fn outline(
    source: &Source<'_>,
    service: &str,
    file: &TypeFile,
    recipe: &Recipe,
) -> Result<Definition, DefinitionError> {
    let around = recipe.around();
    let part = |table: &FurtherTable| {
        let key = table.part.clone()?;
        let listing = format!("{}.{}", file.rtype, table.name);
        Some(Part { listing, key })
    };
    Ok(Definition {
        service: service.to_owned(),
        origin: origin(source, service, file)?.0,
        parts: file.further.iter().filter_map(part).collect(),
        claimed_only: file.list.claimed_only,
        part_of: file.list.part_of.clone(),
        partial: partial(source, file)?,
        get: get(source, file, &around)?,
        hidden: hidden(source, file)?,
        attributed: around.provider.versions.attribution.holds(around.releases),
        rtype: file.rtype.clone(),
        description: file.description.clone(),
        details: OnceLock::new(),
        recipe: recipe.clone(),
    })
}

/// What an import sets and no field of the API stands behind is kept by a refresh: it must not be read from a field that is not
/// there, and so be set anew each time.
fn kept(source: &Source<'_>, tables: &Tables, schema: &Schema) -> Result<(), DefinitionError> {
    let read = |name: &String| match schema.attributes.get(name) {
        Some(facts) => {
            facts.provider_only
                || facts.write_only
                || !facts.api.is_empty()
                || tables.read.contains_key(name)
        }
        None => true,
    };
    let mut whole = tables.import.keys().filter(|name| !name.contains('.'));
    match whole.find(|name| !read(name)) {
        Some(name) => Err(source.problem(
            name,
            format!("an import sets `{name}`: say in `read` where a refresh reads it, or `never`"),
        )),
        None => Ok(()),
    }
}

/// What a definition says of its objects.
pub(in crate::catalog) fn details(
    source: &Source<'_>,
    file: &TypeFile,
    all: &Schema,
    around: &Surroundings<'_>,
) -> Result<Details, DefinitionError> {
    if all.rtype != file.rtype {
        return Err(source.problem(
            "type",
            format!("the schema beside it is of `{}`", all.rtype),
        ));
    }
    named(source, file, all)?;
    let mut schema = around.schema(all);
    let tables = Tables::new(source, file, all, &mut schema, around)?;
    kept(source, &tables, &schema)?;
    Ok(Details {
        each: keys(file.list.each.as_deref().unwrap_or_default()),
        vanished: vanished(source, file, all)?,
        only: source.expressions(&file.list.only)?,
        observed: observed(source, file)?,
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
        verbatim: file.verbatim.iter().cloned().collect(),
        links: Vec::new(),
        unwritten: by_path(checked(&tables.unwritten, |table| {
            unwritten(source, table, all)
        })?),
        settled_later: (tables.settled_later.iter()).map(SchemaPath::new).collect(),
        planned: checked(&file.planned, |text| {
            source.template(text, Words::Attributes)
        })?,
        defaults: file.defaults.clone(),
        references: references(source, &file.references)?,
        owned: source.conditions(&file.owned, around.releases)?,
        inline: (file.inline.iter().map(|table| inline(source, table, all)))
            .collect::<Result<_, _>>()?,
        blocked: source.conditions(&file.blocked, around.releases)?,
        emit: checked(&tables.emit, |value| emissions(source, value))?,
        schema,
    })
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

/// What rules see in attributes that the provider never reads.
fn observed(
    source: &Source<'_>,
    file: &TypeFile,
) -> Result<BTreeMap<String, Expression>, DefinitionError> {
    checked(&file.observed, |text| source.expression(text))
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
            .chain(file.observed.keys())
            .chain(file.emit.keys()),
    )
}

pub(in crate::catalog) fn known<'a>(
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

pub(in crate::catalog) fn keys(path: &str) -> Vec<String> {
    path.split('.')
        .filter(|key| !key.is_empty())
        .map(str::to_owned)
        .collect()
}

pub(in crate::catalog) fn literal(value: &toml::Value) -> Value {
    serde_json::to_value(value)
        .map(Value::from_json)
        .unwrap_or_default()
}

pub(in crate::catalog) fn references(
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
            selects: None,
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
            selects: table.selects.clone(),
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
pub(in crate::catalog) fn consistent(
    source: &Source<'_>,
    details: &Details,
) -> Result<(), DefinitionError> {
    for name in details.imported.keys() {
        match details.schema.attributes.get(name) {
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
