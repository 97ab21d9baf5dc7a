//! Functions of collections.

mod mapping;
mod sequence;
mod set;

use super::{Entry, Given};
use crate::hcl::types::Type;
use crate::hcl::unify::unify;
use crate::hcl::value::{Data, Value};

pub(super) const TABLE: &[Entry] = &[
    ("alltrue", "bools -> bool", |a, _| {
        Ok(Value::bool(
            super::elements_of(a, 0)
                .iter()
                .all(|value| value.as_bool() == Some(true)),
        ))
    }),
    ("anytrue", "bools -> bool", |a, _| {
        Ok(Value::bool(
            super::elements_of(a, 0)
                .iter()
                .any(|value| value.as_bool() == Some(true)),
        ))
    }),
    ("chunklist", "~list, number -> list", |a, _| {
        sequence::chunklist(a)
    }),
    ("coalesce", "!any?... -> any", |a, _| coalesce(a)),
    ("coalescelist", "!any?... -> any", |a, _| {
        sequence::coalescelist(a)
    }),
    ("compact", "strings -> strings", |a, _| {
        Ok(sequence::compact(a))
    }),
    ("concat", "~any... -> any", |a, _| sequence::concat(a)),
    ("contains", "~any, any -> bool", |a, _| {
        sequence::contains(a)
    }),
    ("distinct", "list -> list", |a, _| Ok(sequence::distinct(a))),
    ("element", "~any, number -> any", |a, _| {
        sequence::element(a)
    }),
    ("flatten", "~any -> any", |a, _| sequence::flatten(a)),
    ("index", "any, any -> number", |a, _| sequence::index(a)),
    ("keys", "~any -> any", |a, _| mapping::keys(a)),
    ("length", "~any -> number", |a, _| length(&a[0])),
    ("list", "any?... -> any", |_, _| {
        Err("the \"list\" function is not available; use tolist([ ... ]) syntax instead".into())
    }),
    ("lookup", "!any?, string?, any?... -> any", |a, _| {
        mapping::lookup(a)
    }),
    ("map", "any?... -> any", |_, _| {
        Err("the \"map\" function is not available; use tomap({ ... }) syntax instead".into())
    }),
    ("matchkeys", "list, list, list -> list", |a, _| {
        sequence::matchkeys(a)
    }),
    ("merge", "~any?... -> any", |a, _| mapping::merge(a)),
    ("one", "~any -> any", |a, _| sequence::one(a)),
    ("range", "number... -> numbers", |a, _| sequence::range(a)),
    ("reverse", "~any -> any", |a, _| sequence::reverse(a)),
    ("setintersection", "set, set... -> set", |a, _| {
        set::operation(a, |a, b| {
            a.iter().filter(|v| set::has(b, v)).cloned().collect()
        })
    }),
    ("setproduct", "~any... -> any", |a, _| set::product(a)),
    ("setsubtract", "set, set -> set", |a, _| {
        set::operation(a, |a, b| {
            a.iter().filter(|v| !set::has(b, v)).cloned().collect()
        })
    }),
    ("setunion", "set, set... -> set", |a, _| {
        set::operation(a, |a, b| a.iter().chain(b).cloned().collect())
    }),
    ("slice", "~any, number, number -> any", |a, _| {
        sequence::slice(a)
    }),
    ("sort", "strings -> strings", |a, _| sequence::sort(a)),
    ("transpose", "lists -> any", |a, _| mapping::transpose(a)),
    ("values", "~any -> any", |a, _| mapping::values(a)),
    ("zipmap", "~strings, any -> any", |a, _| mapping::zipmap(a)),
];

fn length(value: &Value) -> Given {
    use unicode_segmentation::UnicodeSegmentation;
    match &value.data {
        Data::String(text) => Ok(Value::count(text.graphemes(true).count())),
        Data::Set(_, elements) => match elements.iter().find_map(Value::reason) {
            Some(reason) => Ok(Data::Unknown(Type::Number, reason.clone()).into()),
            None => Ok(Value::count(elements.len())),
        },
        Data::List(_, elements) | Data::Tuple(elements) => Ok(Value::count(elements.len())),
        Data::Map(_, members) | Data::Object(members) => Ok(Value::count(members.len())),
        _ => Err("argument must be a string, a collection type, or a structural type".into()),
    }
}

/// The first argument that is neither null nor an empty string, in the type all have in common.
fn coalesce(arguments: &[Value]) -> Given {
    let types: Vec<Type> = arguments.iter().map(Value::ty).collect();
    let ty = unify(&types, true).ok_or("all arguments must have the same type")?;
    let sensitive = arguments.iter().any(Value::has_sensitive);
    for argument in arguments {
        let value = crate::hcl::convert::convert(argument, &ty)?;
        if let Some(reason) = value.unknown_itself() {
            // A computed attribute is hardly ever null, but it may be.
            return Ok(Value::from(Data::Unknown(ty, reason.clone())).marked(sensitive));
        }
        if value.is_null() || (ty == Type::String && value.as_str() == Some("")) {
            continue;
        }
        return Ok(value.unmarked().marked(sensitive));
    }
    Err("no non-null, non-empty-string arguments".into())
}
