//! Types of values, spelt in JSON as state and plans spell them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value as Json, json};

/// The type of a value, or a constraint on one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Not known, or any at all.
    Dynamic,
    /// `bool`.
    Bool,
    /// `number`.
    Number,
    /// `string`.
    String,
    /// `list(T)`.
    List(Arc<Type>),
    /// `set(T)`.
    Set(Arc<Type>),
    /// `map(T)`.
    Map(Arc<Type>),
    /// `tuple([T, …])`.
    Tuple(Arc<Vec<Type>>),
    /// `object({…})`.
    Object(Arc<ObjectType>),
}

/// The attributes of an object type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectType {
    /// Types by attribute name.
    pub attributes: BTreeMap<Arc<str>, Type>,
    /// The names that may be left out; only constraints have any.
    pub optional: BTreeSet<Arc<str>>,
}

impl Type {
    /// `list(T)`.
    pub fn list(element: Type) -> Self {
        Self::List(Arc::new(element))
    }

    /// `set(T)`.
    pub fn set(element: Type) -> Self {
        Self::Set(Arc::new(element))
    }

    /// `map(T)`.
    pub fn map(element: Type) -> Self {
        Self::Map(Arc::new(element))
    }

    /// `tuple([…])`.
    pub fn tuple(elements: Vec<Type>) -> Self {
        Self::Tuple(Arc::new(elements))
    }

    /// `object({…})` without optional attributes.
    pub fn object(attributes: BTreeMap<Arc<str>, Type>) -> Self {
        Self::Object(Arc::new(ObjectType {
            attributes,
            optional: BTreeSet::new(),
        }))
    }

    /// Whether it is `string`, `number` or `bool`.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }

    /// The element type of a list, set or map.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Self::List(element) | Self::Set(element) | Self::Map(element) => Some(element),
            _ => None,
        }
    }

    /// Whether a part of it is not known.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_dynamic(),
            Self::Tuple(elements) => elements.iter().any(Self::has_dynamic),
            Self::Object(object) => object.attributes.values().any(Self::has_dynamic),
            _ => false,
        }
    }

    /// Whether it is a type that another stands for, in which any part may be open.
    pub fn conforms(&self, want: &Type) -> bool {
        match (self, want) {
            (_, Self::Dynamic) => true,
            (Self::List(a), Self::List(b))
            | (Self::Set(a), Self::Set(b))
            | (Self::Map(a), Self::Map(b)) => a.conforms(b),
            (Self::Tuple(a), Self::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.conforms(b))
            }
            (Self::Object(a), Self::Object(b)) => {
                a.attributes.keys().eq(b.attributes.keys())
                    && a.attributes
                        .values()
                        .zip(b.attributes.values())
                        .all(|(a, b)| a.conforms(b))
            }
            (a, b) => a == b,
        }
    }

    /// The same type with no attribute optional: what values of the constraint have.
    pub fn required(&self) -> Type {
        match self {
            Self::List(element) => Self::list(element.required()),
            Self::Set(element) => Self::set(element.required()),
            Self::Map(element) => Self::map(element.required()),
            Self::Tuple(elements) => Self::tuple(elements.iter().map(Self::required).collect()),
            Self::Object(object) => Self::object(
                object
                    .attributes
                    .iter()
                    .map(|(name, ty)| (name.clone(), ty.required()))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// How messages name it.
    pub fn name(&self) -> String {
        match self {
            Self::Dynamic => "dynamic".into(),
            Self::Bool => "bool".into(),
            Self::Number => "number".into(),
            Self::String => "string".into(),
            Self::List(element) => format!("list of {}", element.name()),
            Self::Set(element) => format!("set of {}", element.name()),
            Self::Map(element) => format!("map of {}", element.name()),
            Self::Tuple(_) => "tuple".into(),
            Self::Object(_) => "object".into(),
        }
    }

    /// As state spells it: `"string"`, `["list","number"]`, `["object",{"a":"bool"}]`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::List(element) => json!(["list", element.to_json()]),
            Self::Set(element) => json!(["set", element.to_json()]),
            Self::Map(element) => json!(["map", element.to_json()]),
            Self::Tuple(elements) => json!([
                "tuple",
                elements.iter().map(Self::to_json).collect::<Vec<_>>()
            ]),
            Self::Object(object) => {
                let attributes = object
                    .attributes
                    .iter()
                    .map(|(name, ty)| (name.to_string(), ty.to_json()));
                json!(["object", Json::Object(attributes.collect())])
            }
            primitive => Json::String(primitive.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_spelt_as_in_state() {
        let object = Type::object(BTreeMap::from([("a".into(), Type::Bool)]));
        assert_eq!(
            Type::list(object).to_json().to_string(),
            r#"["list",["object",{"a":"bool"}]]"#
        );
        assert_eq!(
            Type::tuple(vec![Type::Dynamic]).to_json().to_string(),
            r#"["tuple",["dynamic"]]"#
        );
    }
}
