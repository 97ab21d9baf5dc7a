//! Functions of collections.

mod mapping;
mod sequence;
mod set;

pub(super) use sequence::sequence_type;

use super::{Entry, Failure, Given};
use crate::hcl::refinement::{Lengths, Refinement, UnknownValue};
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::unify::unify;
use crate::hcl::value::{Data, Value, any_decides};
use crate::model::Unknown;

pub(super) const TABLE: &[Entry] = &[
    ("alltrue", "!bools -> bool", |a, _| Ok(alltrue(&a[0]))),
    ("anytrue", "!bools -> bool", |a, _| Ok(anytrue(&a[0]))),
    ("chunklist", "~list, number -> list", |a, _| {
        sequence::chunklist(a)
    }),
    ("coalesce", "!any*?... -> any", |a, _| coalesce(a)),
    ("coalescelist", "!any*?... -> any", |a, _| {
        sequence::coalescelist(a)
    }),
    ("compact", "strings -> strings", |a, _| {
        Ok(sequence::compact(a))
    }),
    ("concat", "~any... -> any", |a, _| sequence::concat(a)),
    ("contains", "~any, any -> bool", |a, c| {
        alike(&a[1..], &a[0], c)?;
        sequence::contains(a)
    }),
    ("distinct", "list -> list", |a, c| {
        if a[0].ty() != Type::list(Type::String) {
            alike(a, &a[0], c)?;
        }
        Ok(sequence::distinct(a))
    }),
    ("element", "~any, number -> any?", |a, _| {
        sequence::element(a)
    }),
    ("flatten", "~any -> any", |a, _| sequence::flatten(a)),
    ("index", "!any, any -> number", |a, c| {
        alike(&a[1..], &a[0], c)?;
        sequence::index(a)
    }),
    ("keys", "!any -> any", |a, _| mapping::keys(a)),
    ("length", "!any* -> number", |a, _| length(&a[0])),
    ("list", "any?... -> any", |_, _| {
        Err("the \"list\" function is not available; use tolist([ ... ]) syntax instead".into())
    }),
    ("lookup", "!any?, string?, any*?... -> any?", |a, _| {
        mapping::lookup(a)
    }),
    ("map", "any?... -> any", |_, _| {
        Err("the \"map\" function is not available; use tomap({ ... }) syntax instead".into())
    }),
    ("matchkeys", "~list, list, list -> list", |a, c| {
        alike(&a[1..2], &a[2], c)?;
        sequence::matchkeys(a)
    }),
    ("merge", "~any*?... -> any", |a, _| mapping::merge(a)),
    ("one", "~any -> any?", |a, _| sequence::one(a)),
    ("range", "number... -> numbers", |a, _| sequence::range(a)),
    ("reverse", "~any -> any", |a, _| sequence::reverse(a)),
    ("setintersection", "set, set... -> set", |a, c| {
        for other in &a[1..] {
            alike(&a[..1], other, c)?;
        }
        set::operation(a, |a, b| {
            a.iter().filter(|v| set::has(b, v)).cloned().collect()
        })
    }),
    ("setproduct", "!any... -> any", |a, c| set::product(a, c)),
    ("setsubtract", "set, set -> set", |a, c| {
        alike(&a[..1], &a[1], c)?;
        set::operation(a, |a, b| {
            a.iter().filter(|v| !set::has(b, v)).cloned().collect()
        })
    }),
    ("setunion", "~set, set... -> set", |a, _| {
        set::operation(a, |a, b| a.iter().chain(b).cloned().collect())
    }),
    ("slice", "~any, number, number -> any", |a, _| {
        sequence::slice(a)
    }),
    ("sort", "!strings -> strings", |a, _| sequence::sort(a)),
    ("transpose", "lists -> lists", |a, _| mapping::transpose(a)),
    ("values", "~any -> any", |a, _| mapping::values(a)),
    ("zipmap", "~strings, any -> any", |a, _| mapping::zipmap(a)),
];

/// Values are held against each element of a list.
fn alike(values: &[Value], list: &Value, ctx: &Context<'_>) -> Result<(), Failure> {
    let times = list.elements().map_or(0, |elements| elements.len());
    Ok(ctx.scope.budget().look(values, times)?)
}

/// Whether all are true: the first that is not known leaves it unknown, unless one before it is false.
fn alltrue(list: &Value) -> Value {
    let unknown = |reason: &Unknown| Value::unknown_of(Type::Bool, reason.clone());
    let value = match (list.unknown_itself(), list.elements()) {
        (Some(reason), _) => unknown(reason),
        (None, elements) => {
            let mut elements = elements.into_iter().flat_map(|all| all.iter());
            match elements.find(|element| element.as_bool() != Some(true)) {
                None => Value::bool(true),
                Some(other) => other
                    .unknown_itself()
                    .map_or_else(|| Value::bool(false), unknown),
            }
        }
    };
    value.marked(list.has_sensitive())
}

/// Whether any is true.
fn anytrue(list: &Value) -> Value {
    let unknown = |reason: &Unknown| Value::unknown_of(Type::Bool, reason.clone());
    let elements = || list.elements().into_iter().flat_map(|all| all.iter());
    let value = if let Some(reason) = list.unknown_itself() {
        unknown(reason)
    } else if elements().any(|element| element.as_bool() == Some(true)) {
        Value::bool(true)
    } else {
        any_decides(elements().filter_map(Value::unknown_itself))
            .map_or_else(|| Value::bool(false), unknown)
    };
    value.marked(list.has_sensitive())
}

/// The number of elements, as far as what is known of a value tells.
fn length(value: &Value) -> Given {
    use unicode_segmentation::UnicodeSegmentation;
    let count = match &value.data {
        Data::String(text) => Value::count(text.graphemes(true).count()),
        Data::Set(_, elements) if elements.len() > 1 && !value.is_whole() => {
            let reason = value.lacking().or(value.reason()).cloned();
            let number = Value::unknown_of(Type::Number, reason.unwrap_or(Unknown::mistaken("")));
            number.refined(Refinement::counting(Lengths {
                least: 1,
                most: Some(elements.len()),
            }))
        }
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            Value::count(elements.len())
        }
        Data::Map(_, members) | Data::Object(members) => Value::count(members.len()),
        Data::Open(_, reason) => Value::unknown_of(Type::Number, reason.clone()),
        Data::Unknown(unknown) => length_of_unknown(unknown)?,
        Data::Null(_) | Data::Bool(_) | Data::Number(_) => return Err(NO_LENGTH.into()),
    };
    Ok(count.marked(value.sensitive))
}

const NO_LENGTH: &str = "argument must be a string, a collection type, or a structural type";

fn length_of_unknown(unknown: &UnknownValue) -> Given {
    use unicode_segmentation::UnicodeSegmentation;
    let refinement = &unknown.refinement;
    let lengths = match &unknown.ty {
        Type::Tuple(elements) => Lengths::exactly(elements.len()),
        Type::Object(object) => Lengths::exactly(object.attributes.len()),
        Type::String => Lengths {
            least: refinement.prefix().graphemes(true).count(),
            most: None,
        },
        Type::List(_) | Type::Set(_) | Type::Map(_) => refinement.lengths(),
        Type::Dynamic => {
            return Ok(Value::unknown_of(Type::Number, unknown.why.clone()));
        }
        Type::Bool | Type::Number => return Err(NO_LENGTH.into()),
    };
    let counted = Refinement::counting(lengths).lacking(refinement.lacking.as_ref());
    Ok(Value::unknown_of(Type::Number, unknown.why.clone()).refined(counted))
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
            return Ok(Value::unknown_of(ty, reason.clone()).marked(sensitive));
        }
        if value.is_null() || (ty == Type::String && value.as_str() == Some("")) {
            continue;
        }
        return Ok(value.unmarked().marked(sensitive));
    }
    Err("no non-null, non-empty-string arguments".into())
}
