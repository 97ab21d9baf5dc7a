//! Attributes, indices and splats.

use std::cell::OnceCell;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::TraversalOperator;

use super::{expression, untyped};
use crate::hcl::convert::convert;
use crate::hcl::diagnostic::{Diagnostic, Mistakes, Outcome};
use crate::hcl::refinement::{Refinement, UnknownValue};
use crate::hcl::scope::{Context, Step};
use crate::hcl::types::Type;
use crate::hcl::value::{Data, Members, Value, all_needed};
use crate::model::{Origin, Unknown};

/// Follows the steps of a traversal.
pub(super) fn walk(mut value: Value, path: &[Step], ctx: &Context<'_>) -> Outcome {
    for (at, step) in path.iter().enumerate() {
        let here = |diagnostic: Diagnostic| diagnostic.at(step.span());
        if let Data::Unknown(unknown) = &value.data
            && unknown.ty == Type::Dynamic
        {
            // Of its type tofu may know that it has no such part.
            ctx.note_lacking(&unknown.why);
        }
        value = match step.value() {
            TraversalOperator::GetAttr(name) => {
                attribute(&value, name.value().as_str()).map_err(here)?
            }
            TraversalOperator::Index(key) => {
                index(&value, &expression(key, ctx).map_err(untyped)?).map_err(here)?
            }
            TraversalOperator::LegacyIndex(_)
                if matches!(
                    path.get(at + 1).map(|step| step.value()),
                    Some(TraversalOperator::LegacyIndex(_))
                ) =>
            {
                let detail = "Two indices of the old syntax cannot follow each other; write them in brackets, [1][2].";
                return Err(here(Diagnostic::reference(
                    "Invalid legacy index syntax",
                    detail,
                )));
            }
            TraversalOperator::LegacyIndex(position) => index(
                &value,
                &Value::int(i64::try_from(*position.value()).unwrap_or(i64::MAX)),
            )
            .map_err(here)?,
            TraversalOperator::FullSplat(_) => return splat(&value, &path[at + 1..], ctx),
            TraversalOperator::AttrSplat(_) => {
                let rest = &path[at + 1..];
                let inside = rest.iter().take_while(|step| is_attribute(step)).count();
                let (inside, rest) = rest.split_at(inside);
                let all = splat(&value, inside, ctx).map_err(|wrong| {
                    if rest.is_empty() {
                        wrong
                    } else {
                        untyped(wrong)
                    }
                })?;
                return walk(all, rest, ctx);
            }
        };
    }
    Ok(value)
}

/// Whether a step belongs to the legacy splat `.*` before it.
fn is_attribute(step: &Step) -> bool {
    matches!(
        step.value(),
        TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_)
    )
}

/// The attribute of an object, or the element of a map, by name.
///
/// # Errors
/// When there is none of that name, or the value has no attributes.
pub fn attribute(value: &Value, name: &str) -> Outcome {
    let unsupported = |detail: String| Err(Diagnostic::new("Unsupported attribute", detail));
    let origin = below(value, &format!(".{name}"));
    let found = match &value.data {
        Data::Null(ty) if !ty.is_primitive() => {
            return Err(Diagnostic::new(
                "Attempt to get attribute from null value",
                "This value is null, so it does not have any attributes.",
            ));
        }
        Data::Object(members) => match members.get(name) {
            Some(member) => member.clone(),
            None => {
                return unsupported(format!(
                    "This object does not have an attribute named \"{name}\"."
                ));
            }
        },
        Data::Map(_, members) => match members.get(name) {
            Some(member) => member.clone(),
            None => {
                let detail = format!("This map does not have an element with the key \"{name}\".");
                return Err(Diagnostic::new("Missing map element", detail));
            }
        },
        Data::Open(members, reason) => open_member(members, reason, name, origin.as_deref()),
        Data::Unknown(unknown) => Value::unknown_of(
            attribute_type(&unknown.ty, name)?,
            reason_for(&unknown.why, origin.as_deref()),
        ),
        Data::List(Type::Object(_), _) => {
            return unsupported("Can't access attributes on a list of objects. Did you mean to access an attribute for a specific element of the list, or across all elements of the list?".into());
        }
        Data::Set(Type::Object(_), _) => {
            return unsupported("Can't access attributes on a set of objects. Did you mean to access an attribute across all elements of the set?".into());
        }
        Data::Bool(_) | Data::Number(_) | Data::String(_) | Data::Null(_) => {
            return unsupported(format!(
                "Can't access attributes on a primitive-typed value ({}).",
                value.ty().name()
            ));
        }
        _ => return unsupported("This value does not have any attributes.".into()),
    };
    Ok(finish(found, value, origin))
}

/// The element of a sequence by number, or of a map or object by name.
///
/// # Errors
/// When there is no such element, or the value has no indices.
pub fn index(value: &Value, key: &Value) -> Outcome {
    if value.is_null() && !value.ty().is_primitive() {
        return Err(Diagnostic::new(
            "Attempt to index null value",
            "This value is null, so it does not have any indices.",
        ));
    }
    if key.is_null() {
        return Err(Diagnostic::new(
            "Invalid index",
            "Can't use a null value as an indexing key.",
        ));
    }
    if let Some(reason) = key.unknown_itself() {
        let reason = all_needed(value.unknown_itself().into_iter().chain([reason]));
        return unknown_element(value, key, reason.unwrap_or(&Unknown::AFTER_APPLY));
    }
    let found = match &value.data {
        Data::List(_, elements) | Data::Tuple(elements) => return nth(value, elements, key),
        Data::Map(_, members) | Data::Object(members) => {
            let name = key_text(key)?;
            let Some(member) = members.get(name.as_str()) else {
                return Err(no_element("."));
            };
            return Ok(finish(member.clone(), value, below_key(value, &name)));
        }
        Data::Open(members, reason) => {
            let name = key_text(key)?;
            let origin = below_key(value, &name);
            open_member(members, reason, &name, origin.as_deref())
        }
        Data::Unknown(unknown) => return element_of_unknown(value, unknown, key),
        Data::Set(..) => return Err(no_index_of_set()),
        _ => return Err(no_indices()),
    };
    let origin = found.origin.clone();
    Ok(finish(found, value, origin))
}

/// The element of a value that is not known.
fn element_of_unknown(value: &Value, unknown: &UnknownValue, key: &Value) -> Outcome {
    let ty = match &unknown.ty {
        // tofu looks for the attribute only in an object that it knows.
        Type::Object(_) => {
            key_text(key)?;
            Type::Dynamic
        }
        Type::Tuple(elements) => {
            let position = position(key)?;
            let ty = position.and_then(|position| elements.get(position));
            ty.cloned().ok_or_else(|| no_element("."))?
        }
        Type::List(element) => {
            position(key)?;
            (**element).clone()
        }
        Type::Map(element) => {
            key_text(key)?;
            (**element).clone()
        }
        Type::Set(_) => return Err(no_index_of_set()),
        Type::Dynamic => Type::Dynamic,
        Type::Bool | Type::Number | Type::String => return Err(no_indices()),
    };
    let shown = key
        .as_number()
        .map_or_else(|| "…".into(), ToString::to_string);
    let origin = below(value, &format!("[{shown}]"));
    let reason = reason_for(&unknown.why, origin.as_deref());
    Ok(finish(Value::unknown_of(ty, reason), value, origin))
}

/// The element that a key selects which is not known.
fn unknown_element(value: &Value, key: &Value, reason: &Unknown) -> Outcome {
    let ty = match value.ty() {
        Type::List(element) => {
            convert(key, &Type::Number).map_err(|error| no_element(&format!(": {error}.")))?;
            (*element).clone()
        }
        Type::Map(element) => {
            convert(key, &Type::String).map_err(|error| no_element(&format!(": {error}.")))?;
            (*element).clone()
        }
        Type::Set(_) => return Err(no_index_of_set()),
        Type::Bool | Type::Number | Type::String => return Err(no_indices()),
        Type::Dynamic | Type::Tuple(_) | Type::Object(_) => Type::Dynamic,
    };
    // A key that is only lacking here may select an element that tofu knows.
    let unknown = Value::unknown_of(ty, reason.clone());
    Ok(unknown.marked(value.sensitive || key.sensitive))
}

fn no_index_of_set() -> Diagnostic {
    Diagnostic::new(
        "Invalid index",
        "Elements of a set are identified only by their value and don't have any separate index or key to select with, so it's only possible to perform operations across all elements of the set.",
    )
}

fn no_indices() -> Diagnostic {
    Diagnostic::new("Invalid index", "This value does not have any indices.")
}

/// The position a key stands for; nothing where it is beyond all positions.
fn position(key: &Value) -> Result<Option<usize>, Diagnostic> {
    let number = convert(key, &Type::Number).map_err(|error| no_element(&format!(": {error}.")))?;
    let Some(number) = number.as_number() else {
        return Err(no_element("."));
    };
    if !number.is_whole() {
        return Err(no_element(
            ": indexing a sequence requires a whole number, but the given index has a fractional part.",
        ));
    }
    if number.signum() < 0 {
        return Err(no_element(
            ": a negative number is not a valid index for a sequence.",
        ));
    }
    let position = number.to_i64();
    Ok(position.and_then(|position| usize::try_from(position).ok()))
}

fn nth(value: &Value, elements: &[Value], key: &Value) -> Outcome {
    let position = position(key)?;
    let element = position.and_then(|position| Some((position, elements.get(position)?)));
    match element {
        Some((position, element)) => Ok(finish(
            element.clone(),
            value,
            below(value, &format!("[{position}]")),
        )),
        None if elements.is_empty() => Err(no_element(": the collection has no elements.")),
        None => Err(no_element(
            ": the given index is greater than or equal to the length of the collection.",
        )),
    }
}

fn no_element(tail: &str) -> Diagnostic {
    Diagnostic::new(
        "Invalid index",
        format!("The given key does not identify an element in this collection value{tail}"),
    )
}

fn key_text(key: &Value) -> Result<String, Diagnostic> {
    let text = convert(key, &Type::String).map_err(|error| no_element(&format!(": {error}.")))?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}

fn open_member(members: &Members, reason: &Unknown, name: &str, origin: Option<&Origin>) -> Value {
    members
        .get(name)
        .cloned()
        .unwrap_or_else(|| Value::unknown(reason_for(reason, origin)))
}

/// Of what only apply tells, which attribute it is.
fn reason_for(reason: &Unknown, origin: Option<&Origin>) -> Unknown {
    match (reason, origin) {
        (Unknown::AfterApply(_), Some(origin)) if !origin.path.is_empty() => {
            Unknown::AfterApply(Some(Arc::new(origin.clone())))
        }
        _ => reason.clone(),
    }
}

fn attribute_type(ty: &Type, name: &str) -> Result<Type, Diagnostic> {
    let unsupported = |detail: String| Err(Diagnostic::new("Unsupported attribute", detail));
    match ty {
        Type::Dynamic => Ok(Type::Dynamic),
        Type::Map(element) => Ok((**element).clone()),
        Type::Object(object) => match object.attributes.get(name) {
            Some(ty) => Ok(ty.clone()),
            None => unsupported(format!(
                "This object does not have an attribute named \"{name}\"."
            )),
        },
        _ => unsupported("This value does not have any attributes.".into()),
    }
}

/// Where a part of a value comes from, if the value comes from a resource.
fn below(value: &Value, step: &str) -> Option<Arc<Origin>> {
    let origin = value.origin.as_ref()?;
    let path = format!("{}{step}", origin.path);
    let path = path.strip_prefix('.').unwrap_or(&path).to_owned();
    Some(Arc::new(Origin {
        address: origin.address.clone(),
        path,
    }))
}

fn below_key(value: &Value, name: &str) -> Option<Arc<Origin>> {
    below(value, &format!("[\"{name}\"]"))
}

/// A part with the marks of the whole.
fn finish(part: Value, whole: &Value, origin: Option<Arc<Origin>>) -> Value {
    let origin = origin.or_else(|| part.origin.clone());
    part.marked(whole.sensitive).with_origin(origin)
}

/// `value[*]` followed by `path` for each element.
fn splat(value: &Value, path: &[Step], ctx: &Context<'_>) -> Outcome {
    let sequence = matches!(value.ty(), Type::Tuple(_) | Type::List(_) | Type::Set(_));
    match &value.data {
        Data::Null(ty) if !sequence => {
            // Where the type is known what follows must fit it, null or not: tofu checks that before there is a value.
            each_type(ty, path, ctx)?;
            return Ok(Value::tuple(Vec::new()).marked(value.sensitive));
        }
        Data::Null(_) => {
            return Err(Diagnostic::new(
                "Splat of null value",
                "Splat expressions (with the * symbol) cannot be applied to null sequences.",
            ));
        }
        Data::Unknown(unknown) if sequence || unknown.ty == Type::Dynamic => {
            return Ok(splat_unknown(unknown, path, ctx)?.marked(value.sensitive));
        }
        _ => {}
    }
    let Some(elements) = value.elements() else {
        let bare = Value {
            sensitive: false,
            ..value.clone()
        };
        let only = walk(bare, path, ctx)?;
        // What may be null gives no element then.
        let tuple = match &value.data {
            Data::Unknown(unknown) if !unknown.refinement.not_null => {
                Value::unknown(unknown.why.clone())
            }
            _ => Value::tuple(vec![only]),
        };
        return Ok(tuple.marked(value.sensitive));
    };
    let mut mistakes = Mistakes::default();
    let each: Vec<Value> = elements
        .iter()
        .map(|element| mistakes.value(walk(element.clone(), path, ctx)))
        .collect();
    mistakes.end(|| match &value.data {
        Data::List(..) | Data::Set(..) => Type::list(each.first().map_or(Type::Dynamic, Value::ty)),
        _ => Type::tuple(each.iter().map(Value::ty).collect()),
    })?;
    let result = match &value.data {
        Data::List(element, _) | Data::Set(element, _) => splat_list(element, each, path, ctx)?,
        _ => Value::tuple(each),
    };
    Ok(result.marked(value.sensitive))
}

/// The type of what follows a splat, for an element of a type.
fn each_type(element: &Type, path: &[Step], ctx: &Context<'_>) -> Result<Type, Diagnostic> {
    let element = Value::unknown_of(element.clone(), Unknown::mistaken(""));
    let lacking = OnceCell::new();
    Ok(walk(element, path, &ctx.watching(&lacking))?.ty())
}

/// A splat over a sequence that is not known: of the type it would have, and as long as the sequence.
fn splat_unknown(unknown: &UnknownValue, path: &[Step], ctx: &Context<'_>) -> Outcome {
    let ty = match &unknown.ty {
        Type::List(element) | Type::Set(element) => Type::list(each_type(element, path, ctx)?),
        Type::Tuple(elements) => {
            let each = elements
                .iter()
                .map(|element| each_type(element, path, ctx))
                .collect::<Result<_, _>>()?;
            Type::tuple(each)
        }
        _ => Type::Dynamic,
    };
    let refinement = match &unknown.ty {
        Type::List(_) | Type::Set(_) => Refinement::of_length(unknown.refinement.lengths()),
        _ => Refinement::NOT_NULL,
    };
    Ok(Value::unknown_of(ty, unknown.why.clone()).refined(refinement))
}

/// A splat over a list or set is a list, even an empty one of the right type.
fn splat_list(element: &Type, each: Vec<Value>, path: &[Step], ctx: &Context<'_>) -> Outcome {
    let ty = match each.first() {
        Some(first) => first.ty(),
        None => each_type(element, path, ctx)?,
    };
    if each
        .iter()
        .any(|value| value.ty() != ty && !value.is_unknown())
    {
        return Err(Diagnostic::new(
            "Invalid nested splat expressions",
            "The second level of splat expression produced elements of different types, so it isn't possible to construct a valid list to represent the top-level result.",
        ));
    }
    Ok(Value::list(ty, each))
}
