//! From the attributes of kinds and shapes to readers and facts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::file::{AttributeTable, AttributeValue, KindFile, ShapesFile};
use crate::catalog::check::{DefinitionError, Source};
use crate::catalog::definition::AttributeReader;
use crate::catalog::expression::{Source as ExpressionSource, Step};
use crate::catalog::schema::{Kind, Schema};

/// How deep blocks may lie in one another; a shape that holds itself is a mistake.
const DEEPEST: usize = 8;

/// What kinds share.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// Annotations that are kept of objects.
    pub annotations: Vec<String>,
    all: BTreeMap<String, BTreeMap<String, AttributeValue>>,
}

/// The attributes of a kind.
pub(super) struct Attributes {
    pub readers: Vec<AttributeReader>,
    pub schema: Schema,
    /// The paths in a body that they are read from.
    pub paths: Vec<Vec<String>>,
}

impl Shapes {
    /// Reads the file of shapes.
    pub fn read(source: &Source<'_>) -> Result<Self, DefinitionError> {
        let file: ShapesFile = source.toml()?;
        Ok(Self {
            annotations: file.annotations,
            all: file.shape,
        })
    }

    /// A path or expression with the words that a kind places put in.
    pub fn placed(&self, text: &str, file: &KindFile) -> String {
        let mut out = text.to_owned();
        for (word, path) in &file.at {
            out = out.replace(&format!("{{{word}}}"), path);
        }
        out
    }

    /// The attributes of a kind: its own, and those of the shapes it has.
    pub fn attributes(
        &self,
        source: &Source<'_>,
        file: &KindFile,
    ) -> Result<Attributes, DefinitionError> {
        let mut all: BTreeMap<&String, &AttributeValue> = BTreeMap::new();
        for name in &file.has {
            all.extend(self.shape(source, name)?);
        }
        all.extend(&file.attributes);
        let mut reading = Reading {
            shapes: self,
            source,
            file,
            facts: serde_json::Map::new(),
        };
        let readers = reading.block(all.into_iter(), "", 0)?;
        let facts = json!({"type": file.rtype, "schema_version": 0, "importable": false,
            "custom_diff": false, "attributes": reading.facts});
        let schema = Schema::parse(&facts.to_string());
        let mut paths = BTreeSet::new();
        gather(&readers, &[String::new()], &mut paths);
        Ok(Attributes {
            schema: schema.map_err(|message| source.problem("type", message))?,
            readers,
            paths: paths
                .iter()
                .map(|path| crate::catalog::check::keys(path))
                .collect(),
        })
    }

    fn shape<'s>(
        &'s self,
        source: &Source<'_>,
        name: &str,
    ) -> Result<&'s BTreeMap<String, AttributeValue>, DefinitionError> {
        let missing = || source.problem(name, format!("there is no shape `{name}`"));
        self.all.get(name).ok_or_else(missing)
    }
}

struct Reading<'a> {
    shapes: &'a Shapes,
    source: &'a Source<'a>,
    file: &'a KindFile,
    facts: serde_json::Map<String, serde_json::Value>,
}

impl<'a> Reading<'a> {
    fn block<'b>(
        &mut self,
        attributes: impl Iterator<Item = (&'b String, &'b AttributeValue)>,
        around: &str,
        depth: usize,
    ) -> Result<Vec<AttributeReader>, DefinitionError> {
        attributes
            .map(|(name, value)| self.attribute(name, value, around, depth))
            .collect()
    }

    fn attribute(
        &mut self,
        name: &str,
        value: &AttributeValue,
        around: &str,
        depth: usize,
    ) -> Result<AttributeReader, DefinitionError> {
        let family = match around {
            "" => name.to_owned(),
            around => format!("{around}.{name}"),
        };
        let text = AttributeTable {
            kind: "string".to_owned(),
            from: String::new(),
            shape: None,
        };
        let table = match value {
            AttributeValue::Text(from) => AttributeTable {
                from: from.clone(),
                ..text
            },
            AttributeValue::Table(table) => table.clone(),
        };
        let (kind, word, elem) = match table.kind.as_str() {
            "string" => (Kind::String, "string", None),
            "int" => (Kind::Int, "int", None),
            "bool" => (Kind::Bool, "bool", None),
            "list" => (Kind::List, "list", Some("string")),
            "map" => (Kind::Map, "map", Some("string")),
            "blocks" | "block" => (Kind::List, "list", None),
            other => {
                let what = format!("`{other}` is no kind of attribute");
                return Err(self.source.problem(name, what));
            }
        };
        let mut facts = json!({"kind": word, "mode": "computed"});
        if let Some(elem) = elem {
            facts["elem"] = json!(elem);
        }
        if table.kind == "block" {
            facts["max_items"] = json!(1);
        }
        self.facts.insert(family.clone(), facts);
        let children = match (&table.shape, kind == Kind::List && elem.is_none()) {
            (Some(_), _) if depth == DEEPEST => {
                return Err(self.source.problem(name, "a shape holds itself"));
            }
            (Some(shape), true) => {
                let shape = self.shapes.shape(self.source, shape)?;
                self.block(shape.iter(), &family, depth + 1)?
            }
            (None, false) => Vec::new(),
            (Some(_), false) | (None, true) => {
                let what = "blocks have a `shape`, and nothing else has";
                return Err(self.source.problem(name, what));
            }
        };
        let from = self.shapes.placed(&table.from, self.file);
        Ok(AttributeReader {
            name: name.to_owned(),
            source: Some(self.source.expression(&from)?),
            family,
            kind,
            elem: elem.map(str::to_owned),
            children,
        })
    }
}

/// The paths in a body that attributes are read from; `around` is where the block they are of is read from. Of what a filter
/// looks through, everything is kept.
fn gather(readers: &[AttributeReader], around: &[String], kept: &mut BTreeSet<String>) {
    for reader in readers {
        let Some(expression) = &reader.source else {
            continue;
        };
        let plain = |step: &Step| matches!(step, Step::Get(_) | Step::With(_));
        let filtered = !expression.steps.iter().all(plain);
        let starts: Vec<String> = expression
            .looks_at()
            .into_iter()
            .flat_map(|source| places(source, around))
            .collect();
        if reader.children.is_empty() || filtered {
            let whole = match filtered {
                true => starts.clone(),
                false => deeper(&starts, &expression.steps),
            };
            kept.extend(whole);
        }
        gather(&reader.children, &deeper(&starts, &expression.steps), kept);
    }
}

/// Where a source stands in a body.
fn places(source: &ExpressionSource, around: &[String]) -> Vec<String> {
    let join = |start: &str, keys: &[String]| {
        let parts = [start].into_iter().chain(keys.iter().map(String::as_str));
        parts
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(".")
    };
    match source {
        ExpressionSource::Here(keys) => around.iter().map(|start| join(start, keys)).collect(),
        ExpressionSource::Root(keys) => vec![join("", keys)],
        ExpressionSource::Parent(_)
        | ExpressionSource::Project
        | ExpressionSource::Location
        | ExpressionSource::ParentKey
        | ExpressionSource::Group
        | ExpressionSource::Literal(_) => Vec::new(),
    }
}

/// Places with what `get` adds behind.
fn deeper(starts: &[String], steps: &[Step]) -> Vec<String> {
    let mut out = starts.to_vec();
    for step in steps {
        if let Step::Get(keys) = step {
            for place in &mut out {
                *place = format!("{place}.{}", keys.join("."));
            }
        }
    }
    out
}
