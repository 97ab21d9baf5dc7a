//! Arguments as they are to be written, before they are text.

use std::collections::BTreeMap;

use crate::hcl::print::{Body, Expression};
use crate::model::Value;

/// One argument of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Its name in its block.
    pub name: String,
    /// Its full dotted name.
    pub family: String,
    /// What stands there.
    pub written: Written,
}

/// What stands in an argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// A value.
    Value(Value),
    /// A reference, with the value it has.
    Reference(String, Value),
    /// A variable without default, with the value it must be given, out of sight.
    Variable(String, Value),
    /// A list of which some elements are references.
    Elements(Vec<Written>),
    /// Nested blocks.
    Blocks(Vec<Vec<Argument>>),
}

impl Written {
    /// What configuration says here, once evaluated.
    pub fn value(&self) -> Value {
        match self {
            Self::Value(value) | Self::Reference(_, value) | Self::Variable(_, value) => {
                value.clone()
            }
            Self::Elements(items) => Value::List(items.iter().map(Self::value).collect()),
            Self::Blocks(blocks) => Value::List(
                blocks
                    .iter()
                    .map(|block| Value::Map(values(block)))
                    .collect(),
            ),
        }
    }

    /// What configuration says here, before it is evaluated.
    pub fn expression(&self) -> Expression {
        match self {
            Self::Value(value) => Expression::Value(value.clone()),
            Self::Reference(text, _) => Expression::Verbatim(text.clone()),
            Self::Variable(name, _) => Expression::Verbatim(format!("var.{name}")),
            Self::Elements(items) => Expression::List(items.iter().map(Self::expression).collect()),
            Self::Blocks(_) => Expression::Value(self.value()),
        }
    }
}

/// Arguments as the evaluated configuration would hold them.
pub fn values(arguments: &[Argument]) -> BTreeMap<String, Value> {
    arguments
        .iter()
        .map(|argument| (argument.name.clone(), argument.written.value()))
        .collect()
}

/// Arguments as the inside of a block: what identifies first, blocks last.
pub fn body(arguments: &[Argument]) -> Body {
    let mut ordered: Vec<&Argument> = arguments.iter().collect();
    ordered.sort_by_key(|argument| rank(argument));
    let mut body = Body::default();
    for argument in ordered {
        match &argument.written {
            Written::Blocks(blocks) => {
                for block in blocks {
                    body.block(&argument.name, &[], self::body(block));
                }
            }
            written => body.attribute(&argument.name, written.expression()),
        }
    }
    body
}

/// The words people look for first, in their order.
const FIRST: &[&str] = &[
    "name",
    "project",
    "location",
    "region",
    "zone",
    "instance",
    "cluster",
    "description",
    "database_version",
    "tier",
    "type",
];

fn rank(argument: &Argument) -> (u8, usize, &str) {
    let name = argument.name.as_str();
    let first = FIRST
        .iter()
        .position(|word| *word == name)
        .unwrap_or_else(|| match name {
            // `account_id`, `secret_id`: what identifies where there is no name.
            _ if name.ends_with("_id") && !argument.family.contains('.') => 0,
            _ => FIRST.len(),
        });
    let kind = match &argument.written {
        Written::Blocks(_) => 2,
        Written::Value(Value::Map(map)) if !map.is_empty() => 1,
        _ => 0,
    };
    (kind, first, name)
}
