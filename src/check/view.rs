//! Attributes of a node as values of the language, by the facts of its type.
//!
//! A block of which there is one at most is an object, and null where it is absent; other blocks are tuples of objects. An absent
//! argument is what the provider reads in its place: its default, or the zero value of its kind (which are one to the provider);
//! an absent boolean is false whatever its default, for APIs leave out what is false. What the provider never reads of an object is
//! not known, and so is what was taken out as a secret.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::estate::{Node, Origin};
use super::paths::is_single;
use crate::catalog::{Attribute, AttributeReader, Definition, Kind, Schema};
use crate::hcl::{Data, Diagnostic, Members, Number, Step, Type, Value, convert};
use crate::model::{self, NotEvaluated, Unknown};
use hcl_edit::expr::TraversalOperator;

/// What a value is read by.
pub(super) struct View<'a> {
    pub definition: &'a Definition,
    pub node: &'a Node,
    /// What APIs take for arguments that are left out.
    pub unset: Option<&'a BTreeMap<String, model::Value>>,
}

impl View<'_> {
    fn schema(&self) -> &Schema {
        &self.definition.schema
    }

    /// The whole object.
    pub fn object(&self) -> Value {
        let attributes = Some(&self.node.object.attributes);
        Value::object(self.members("", attributes))
    }

    /// The attributes below a block.
    fn members(&self, family: &str, map: Option<&BTreeMap<String, model::Value>>) -> Members {
        let children = self.schema().children(family);
        let member = |(short, full, facts): (&str, &str, &Attribute)| {
            let value = map.and_then(|map| map.get(short));
            (Arc::from(short), self.value(full, facts, value))
        };
        children.map(member).collect()
    }

    /// The value at the steps behind `self`, and how many of them that took. Nothing on the way is an error for being absent.
    ///
    /// # Errors
    /// An attribute that the type does not have in this release.
    pub fn walk(&self, path: &[Step]) -> Result<(Value, usize), Diagnostic> {
        let mut family = String::new();
        let mut here = Some(&self.node.object.attributes);
        // Why a block on the way is not known.
        let mut lost: Option<&Unknown> = None;
        let mut used = 0;
        while let Some(TraversalOperator::GetAttr(name)) = path.get(used).map(|step| step.value()) {
            let name = name.value().as_str();
            if !family.is_empty() {
                family.push('.');
            }
            family.push_str(name);
            used += 1;
            let Some(facts) = self.schema().attributes.get(&family) else {
                return Ok((Value::unknown(Unknown::Version), path.len()));
            };
            let block = is_single(facts);
            // `[0]` of a block that stands for an object is that object.
            while block && is_first(path.get(used)) {
                used += 1;
            }
            let next = path.get(used).map(|step| step.value());
            let further = block && matches!(next, Some(TraversalOperator::GetAttr(_)));
            let value = here.and_then(|map| map.get(name));
            if !further {
                return Ok((self.found(&family, facts, value, lost), used));
            }
            let given = |why: &Unknown| self.unset(&family).filter(|_| why.is_after_apply());
            let block = match value {
                Some(model::Value::Unknown(why)) if given(why).is_none() => {
                    lost = Some(why);
                    None
                }
                Some(model::Value::Unknown(why)) => given(why),
                other => other,
            };
            let items = block.and_then(model::Value::as_list);
            here = items.and_then(|items| items.first()?.as_map());
        }
        match used {
            0 => Ok((self.object(), 0)),
            _ => Ok((Value::null(), used)),
        }
    }

    /// The attribute at the end of a path, of which a block may not be known.
    fn found(
        &self,
        family: &str,
        facts: &Attribute,
        value: Option<&model::Value>,
        lost: Option<&Unknown>,
    ) -> Value {
        match (value, lost) {
            (None, Some(why)) => {
                self.value(family, facts, Some(&model::Value::Unknown(why.clone())))
            }
            (value, _) => self.value(family, facts, value),
        }
    }

    /// One attribute.
    fn value(&self, family: &str, facts: &Attribute, value: Option<&model::Value>) -> Value {
        let ty = type_of(facts);
        let unknown = |why: Unknown| Value::unknown_of(ty.clone(), why);
        match value {
            Some(model::Value::Unknown(why)) => match self.unset(family) {
                // What configuration leaves out, the API decides; where that is known, so is the value.
                Some(given) if why.is_after_apply() => self.known(family, facts, given),
                Some(_) | None => unknown(why.clone()),
            },
            Some(model::Value::Secret(_)) => unknown(Unknown::Redacted),
            Some(value) if !value.is_empty() && self.schema().is_sensitive(family) => {
                unknown(Unknown::Redacted)
            }
            None | Some(model::Value::Null) if self.is_observed(family) => {
                match self.node.object.observed.get(family) {
                    Some(seen) => self.known(family, facts, seen),
                    None => absent(facts),
                }
            }
            None | Some(model::Value::Null) => match (self.unset(family), self.hidden(family)) {
                (Some(given), _) => self.known(family, facts, given),
                (None, Some(why)) => unknown(why),
                (None, None) => absent(facts),
            },
            Some(value) => self.known(family, facts, value),
        }
    }

    /// What an API takes for an argument that configuration leaves out: where configuration is all that is known, and where state
    /// only remembers what configuration said.
    fn unset(&self, family: &str) -> Option<&model::Value> {
        let given = self.unset?.get(family)?;
        let left_out = match (self.node.origin, &self.node.written) {
            (Origin::Configuration, Some(written)) => !is_written(written, family),
            (Origin::State, _) => !is_read(&self.definition.readers, family),
            (Origin::Configuration, None) | (Origin::Cloud, _) => false,
        };
        left_out.then_some(given)
    }

    /// Whether what the provider never reads was read for rules.
    fn is_observed(&self, family: &str) -> bool {
        self.node.origin == Origin::Cloud && self.definition.observed.contains_key(family)
    }

    /// Why an absent attribute is not known to be absent.
    fn hidden(&self, family: &str) -> Option<Unknown> {
        if let Some(permission) = self.node.object.hidden.get(family) {
            return Some(Unknown::Hidden(permission.as_str().into()));
        }
        let never = self.node.origin == Origin::Cloud && !is_read(&self.definition.readers, family);
        never.then_some(Unknown::ConfigurationNotGiven)
    }

    fn known(&self, family: &str, facts: &Attribute, value: &model::Value) -> Value {
        if value.has_redacted() && !facts.is_block() {
            return Value::unknown_of(type_of(facts), Unknown::Redacted);
        }
        if facts.is_block() {
            let block = |item: &model::Value| match item {
                model::Value::Unknown(why) => Value::unknown(why.clone()),
                item => Value::object(self.members(family, item.as_map())),
            };
            let items = value.as_list().unwrap_or_default();
            if !is_single(facts) {
                return Value::tuple(items.iter().map(block).collect());
            }
            return items.first().map_or_else(Value::null, block);
        }
        let plain = plain(value);
        convert(&plain, &type_of(facts)).unwrap_or(plain)
    }
}

/// Whether the provider reads an attribute of an object, wherever in it that is.
fn is_read(readers: &[AttributeReader], family: &str) -> bool {
    let around = |reader: &&AttributeReader| {
        let rest = family.strip_prefix(reader.family.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    match readers.iter().find(around) {
        None => true,
        Some(reader) if reader.source.is_none() => false,
        Some(reader) => is_read(&reader.children, family),
    }
}

/// Whether configuration writes an argument, in any block of its family.
pub(super) fn is_written(map: &BTreeMap<String, model::Value>, family: &str) -> bool {
    let (name, rest) = family.split_once('.').unwrap_or((family, ""));
    match map.get(name) {
        // What is written as null is left out.
        None | Some(model::Value::Null) => false,
        Some(model::Value::List(items)) if !rest.is_empty() => {
            let mut blocks = items.iter();
            blocks.any(|item| match item {
                model::Value::Map(inner) => is_written(inner, rest),
                _ => true,
            })
        }
        Some(_) => true,
    }
}

/// Whether a step is `[0]`.
fn is_first(step: Option<&Step>) -> bool {
    match step.map(|step| step.value()) {
        Some(TraversalOperator::Index(hcl_edit::expr::Expression::Number(number))) => {
            number.value().as_u64() == Some(0)
        }
        Some(TraversalOperator::LegacyIndex(number)) => *number.value() == 0,
        _ => false,
    }
}

/// The type that an attribute has in the language, as far as one type stands for it.
pub(super) fn type_of(facts: &Attribute) -> Type {
    if facts.is_block() {
        return Type::Dynamic;
    }
    let element = match facts.elem.as_deref() {
        Some("int" | "float" | "number") => Type::Number,
        Some("bool") => Type::Bool,
        Some("string") | None => Type::String,
        Some(_) => Type::Dynamic,
    };
    match facts.kind {
        Kind::String => Type::String,
        Kind::Int | Kind::Float => Type::Number,
        Kind::Bool => Type::Bool,
        Kind::List | Kind::Set => Type::list(element),
        Kind::Map => Type::map(element),
    }
}

/// What stands for an argument that is not there.
fn absent(facts: &Attribute) -> Value {
    if is_single(facts) {
        return Value::null();
    }
    if facts.is_block() {
        return Value::tuple(Vec::new());
    }
    let default = facts.default.as_ref().filter(|_| facts.kind != Kind::Bool);
    let ty = type_of(facts);
    if let Some(default) = default {
        let value = plain(&model::Value::from_json(default.clone()));
        if let Ok(value) = convert(&value, &ty) {
            return value;
        }
    }
    match facts.kind {
        Kind::String => Value::string(""),
        Kind::Int | Kind::Float => Value::int(0),
        Kind::Bool => Value::bool(false),
        Kind::List | Kind::Set => {
            Value::list(ty.element().cloned().unwrap_or(Type::Dynamic), Vec::new())
        }
        Kind::Map => Value::map(
            ty.element().cloned().unwrap_or(Type::Dynamic),
            Members::new(),
        ),
    }
}

/// A value without facts.
fn plain(value: &model::Value) -> Value {
    match value {
        model::Value::Null => Value::null(),
        model::Value::Bool(value) => Value::bool(*value),
        model::Value::Number(number) => Number::parse(&number.to_string())
            .map_or_else(|| Value::unknown(NotEvaluated::Number), Value::number),
        model::Value::Text(text) => Value::string(text),
        model::Value::List(items) => Value::tuple(items.iter().map(plain).collect()),
        model::Value::Map(map) => Value::object(
            map.iter()
                .map(|(name, member)| (Arc::from(name.as_str()), plain(member)))
                .collect(),
        ),
        model::Value::Unknown(why) => Value::unknown(why.clone()),
        model::Value::Secret(_) => Value::unknown(Unknown::Redacted),
    }
}

/// The texts of a value: of one, or of a list of them.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match &value.data {
        Data::String(text) => vec![text.to_string()],
        Data::Number(number) => vec![number.to_string()],
        Data::Bool(value) => vec![value.to_string()],
        Data::List(..) | Data::Set(..) | Data::Tuple(_) => value.parts().flat_map(texts).collect(),
        Data::Map(..) | Data::Object(_) | Data::Open(..) | Data::Null(_) | Data::Unknown(_) => {
            Vec::new()
        }
    }
}
