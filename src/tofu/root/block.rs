//! Blocks of native and of JSON syntax as one tree.

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::{Element, StringTemplate, Template};
use serde_json::Value as Json;

use crate::model::Place;
use crate::tofu::state::{StateError, StateErrorKind};

/// One block: `key_provider "pbkdf2" "main" { … }`.
#[derive(Clone)]
pub struct Block {
    /// Its type: `key_provider`.
    pub kind: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Its attributes, in order.
    pub attributes: Vec<Attribute>,
    /// The blocks in it, in order.
    pub blocks: Vec<Block>,
    /// Where it stands.
    pub place: Place,
}

/// One attribute, not yet evaluated. It may hold a passphrase, so it is never printed.
#[derive(Clone)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// What it is set to.
    pub expression: Expression,
    /// Where it stands.
    pub place: Place,
}

impl Block {
    /// The expression of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    /// The blocks of one type in it.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}

/// Reads a file of native syntax: its top-level attributes and blocks as one nameless block.
///
/// # Errors
/// The first place that is no HCL.
pub(in crate::tofu) fn native(file: &str, text: &str) -> Result<Block, StateError> {
    read(file, text, |_| true)
}

/// The same of a file of which only blocks of some types are wanted.
///
/// # Errors
/// The first place that is no HCL.
pub(super) fn top(file: &str, text: &str, kinds: &[&str]) -> Result<Block, StateError> {
    read(
        file,
        text,
        |structure| matches!(structure, Structure::Block(block) if kinds.contains(&block.ident.as_str())),
    )
}

fn read(file: &str, text: &str, wanted: impl Fn(&Structure) -> bool) -> Result<Block, StateError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let body = crate::hcl::parse_body(text).map_err(|error| {
        StateError::new(
            StateErrorKind::Configuration,
            file,
            format!("not valid HCL: {}", error.message),
        )
        .at(error.line, error.column)
        .hint("`tofu validate` says more about it")
    })?;
    let place = Place {
        file: file.to_owned(),
        ..Place::default()
    };
    let lines = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let body = body.into_iter().filter(wanted).collect();
    Ok(Reading { file, text, lines }.block(body, String::new(), Vec::new(), place))
}

/// A file as it is taken over.
struct Reading<'a> {
    file: &'a str,
    text: &'a str,
    /// Where its lines begin.
    lines: Vec<usize>,
}

impl Reading<'_> {
    fn at(&self, span: Option<std::ops::Range<usize>>) -> Place {
        let offset = span.map_or(0, |span| span.start);
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let column = self
            .text
            .get(self.lines[line - 1]..offset)
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        // The excerpt stays empty: the line may hold a passphrase.
        Place {
            file: self.file.to_owned(),
            line,
            column,
            excerpt: String::new(),
        }
    }

    fn block(&self, body: Body, kind: String, labels: Vec<String>, place: Place) -> Block {
        let mut block = Block {
            kind,
            labels,
            attributes: Vec::new(),
            blocks: Vec::new(),
            place,
        };
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => block.attributes.push(Attribute {
                    place: self.at(hcl_edit::Span::span(&attribute)),
                    name: attribute.key.to_string().trim().to_owned(),
                    expression: attribute.value,
                }),
                Structure::Block(inner) => {
                    let labels = inner
                        .labels
                        .iter()
                        .map(|label| label.as_str().to_owned())
                        .collect();
                    let here = self.at(hcl_edit::Span::span(&inner));
                    block.blocks.push(self.block(
                        inner.body,
                        inner.ident.to_string().trim().to_owned(),
                        labels,
                        here,
                    ));
                }
            }
        }
        block
    }
}

/// Reads a file of JSON syntax. `kind` says what its top level is: empty for a file, `encryption` for `TF_ENCRYPTION`.
///
/// # Errors
/// The first place that is no JSON.
pub(in crate::tofu) fn json(file: &str, text: &str, kind: &str) -> Result<Block, StateError> {
    let json: Json = serde_json::from_str(text).map_err(|error| {
        StateError::new(StateErrorKind::Configuration, file, "not valid JSON")
            .at(error.line(), error.column())
    })?;
    let place = Place {
        file: file.to_owned(),
        ..Place::default()
    };
    let mut found = Vec::new();
    from_json(&json, kind, &mut Vec::new(), 0, &place, &mut found);
    let mut whole = Block {
        kind: kind.to_owned(),
        labels: Vec::new(),
        attributes: Vec::new(),
        blocks: Vec::new(),
        place,
    };
    for block in found {
        whole.attributes.extend(block.attributes);
        whole.blocks.extend(block.blocks);
    }
    Ok(whole)
}

/// The block types read in a block of a type, with their number of labels; everything else in it is an attribute.
fn children(kind: &str) -> &'static [(&'static str, usize)] {
    match kind {
        "" => &[("terraform", 0), ("variable", 1), ("locals", 0)],
        "terraform" => &[("backend", 1), ("cloud", 0), ("encryption", 0)],
        "encryption" => &[
            ("key_provider", 2),
            ("method", 2),
            ("state", 0),
            ("plan", 0),
            ("remote_state_data_sources", 0),
        ],
        "state" | "plan" | "fallback" => &[("fallback", 0)],
        "cloud" => &[("workspaces", 0)],
        _ => &[],
    }
}

/// Blocks stand in JSON as an object or a list of objects, one level of objects a label.
fn from_json(
    json: &Json,
    kind: &str,
    labels: &mut Vec<String>,
    missing: usize,
    place: &Place,
    found: &mut Vec<Block>,
) {
    match json {
        Json::Array(items) => items
            .iter()
            .for_each(|item| from_json(item, kind, labels, missing, place, found)),
        Json::Object(members) if missing > 0 => {
            for (label, inner) in members {
                labels.push(label.clone());
                from_json(inner, kind, labels, missing - 1, place, found);
                labels.pop();
            }
        }
        Json::Object(members) => {
            let mut block = Block {
                kind: kind.to_owned(),
                labels: labels.clone(),
                attributes: Vec::new(),
                blocks: Vec::new(),
                place: place.clone(),
            };
            for (name, value) in members.iter().filter(|(name, _)| *name != "//") {
                match children(kind).iter().find(|(child, _)| child == name) {
                    Some((child, count)) => from_json(
                        value,
                        child,
                        &mut Vec::new(),
                        *count,
                        place,
                        &mut block.blocks,
                    ),
                    None => block.attributes.push(Attribute {
                        name: name.clone(),
                        expression: expression(value),
                        place: place.clone(),
                    }),
                }
            }
            found.push(block);
        }
        _ => {}
    }
}

/// A value of JSON syntax, whose strings are templates.
fn expression(json: &Json) -> Expression {
    match json {
        Json::Null => Expression::null(),
        Json::Bool(flag) => Expression::from(*flag),
        Json::Number(number) => number
            .to_string()
            .parse()
            .unwrap_or_else(|_| Expression::null()),
        Json::Array(items) => items.iter().map(expression).collect(),
        Json::Object(members) => {
            let mut object = hcl_edit::expr::Object::new();
            for (name, value) in members {
                let key = hcl_edit::expr::ObjectKey::Expression(Expression::from(name.clone()));
                object.insert(key, hcl_edit::expr::ObjectValue::new(expression(value)));
            }
            Expression::from(object)
        }
        Json::String(text) => match text
            .parse::<Template>()
            .map(|template| template.into_iter().collect::<Vec<Element>>())
        {
            Ok(elements) if elements.iter().any(|element| !element.is_literal()) => {
                Expression::StringTemplate(StringTemplate::from(elements))
            }
            _ => Expression::from(text.clone()),
        },
    }
}
