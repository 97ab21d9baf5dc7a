//! The types of results where arguments are not known, of functions whose type depends on their arguments.

use super::collection::sequence_type;
use super::text::regex_type;
use super::{Failure, elements_of};
use crate::hcl::convert::convertible;
use crate::hcl::refinement::Refinement;
use crate::hcl::types::Type;
use crate::hcl::unify::unify;
use crate::hcl::value::Value;

/// The type of a call's result by its arguments, of which at least one is not known; `Dynamic` where not even that is known.
pub(super) type Rule = fn(&[Value]) -> Result<Type, Failure>;

/// The rule of a function; none for one whose results are all of one type.
pub(super) fn result(name: &str) -> Option<Rule> {
    Some(match name {
        "chunklist" => |a| Ok(Type::list(a[0].ty())),
        "distinct" | "matchkeys" => |a| Ok(a[0].ty()),
        "concat" => concat,
        "element" => element,
        "values" => values,
        "merge" => merge,
        "one" => one,
        "reverse" => reverse,
        "slice" => slice,
        "zipmap" => zipmap,
        "setintersection" | "setsubtract" | "setunion" => sets,
        "regex" => |a| regex_type(&a[0]),
        "regexall" => |a| Ok(Type::list(regex_type(&a[0])?)),
        "jsondecode" => jsondecode,
        _ => return None,
    })
}

fn concat(arguments: &[Value]) -> Result<Type, Failure> {
    let types: Vec<Type> = arguments.iter().map(Value::ty).collect();
    if types.iter().all(|ty| matches!(ty, Type::List(_)))
        && let Some(common) = unify(&types, true)
    {
        return Ok(common);
    }
    let mut elements = Vec::new();
    for (at, (argument, ty)) in arguments.iter().zip(types).enumerate() {
        match (ty, argument.elements()) {
            (Type::Tuple(types), _) => elements.extend(types.iter().cloned()),
            (Type::List(ty), Some(all)) => elements.extend(all.iter().map(|_| (*ty).clone())),
            (Type::List(_), None) => return Ok(Type::Dynamic),
            (ty, _) => {
                let why = format!("all arguments must be lists or tuples; got {}", ty.name());
                return Err(Failure::Argument(at, why));
            }
        }
    }
    Ok(Type::tuple(elements))
}

fn element(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments[0].ty() {
        Type::List(element) => Ok((*element).clone()),
        Type::Tuple(elements) => match super::int_of(arguments, 1) {
            _ if arguments[1].is_unknown() => Ok(Type::Dynamic),
            _ if elements.is_empty() => {
                Err("cannot use element function with an empty list".into())
            }
            Ok(index) => {
                let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
                let at = usize::try_from(index.rem_euclid(length)).unwrap_or(0);
                Ok(elements[at].clone())
            }
            Err(why) => Err(Failure::Call(format!("invalid index: {why}"))),
        },
        ty => Err(Failure::Call(format!(
            "cannot read elements from {}",
            ty.name()
        ))),
    }
}

fn values(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments[0].ty() {
        Type::Map(element) => Ok(Type::list((*element).clone())),
        Type::Object(object) => Ok(Type::tuple(object.attributes.values().cloned().collect())),
        _ => Err("values() requires a map as the first argument".into()),
    }
}

fn merge(arguments: &[Value]) -> Result<Type, Failure> {
    let types: Vec<Type> = arguments.iter().map(Value::ty).collect();
    for ty in &types {
        match ty {
            Type::Dynamic => return Ok(Type::Dynamic),
            Type::Map(_) | Type::Object(_) => {}
            ty => {
                let why = format!("arguments must be maps or objects, got \"{}\"", ty.name());
                return Err(Failure::Call(why));
            }
        }
    }
    if types.iter().all(|ty| *ty == types[0]) {
        return Ok(types[0].clone());
    }
    let mut attributes = std::collections::BTreeMap::new();
    for (argument, ty) in arguments.iter().zip(types) {
        match (ty, argument.members()) {
            _ if argument.is_null() => {}
            (Type::Object(object), _) => attributes.extend(object.attributes.clone()),
            (Type::Map(element), Some(members)) => {
                attributes.extend(members.keys().map(|key| (key.clone(), (*element).clone())));
            }
            _ => return Ok(Type::Dynamic),
        }
    }
    Ok(Type::object(attributes))
}

fn one(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments[0].ty() {
        Type::List(element) | Type::Set(element) => Ok((*element).clone()),
        Type::Tuple(elements) if elements.len() < 2 => {
            Ok(elements.first().cloned().unwrap_or(Type::Dynamic))
        }
        _ => Err(Failure::Argument(
            0,
            "must be a list, set, or tuple value with either zero or one elements".into(),
        )),
    }
}

fn reverse(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments[0].ty() {
        Type::Tuple(elements) => Ok(Type::tuple(elements.iter().rev().cloned().collect())),
        Type::List(element) | Type::Set(element) => Ok(Type::list((*element).clone())),
        ty => {
            let why = format!("can only reverse list or tuple values, not {}", ty.name());
            Err(Failure::Argument(0, why))
        }
    }
}

fn slice(arguments: &[Value]) -> Result<Type, Failure> {
    let bounds = [1, 2].map(|at| super::int_of(arguments, at).ok());
    let bounds = bounds.map(|bound| bound.and_then(|bound| usize::try_from(bound).ok()));
    match (sequence_type(&arguments[0])?, bounds) {
        (Type::Tuple(elements), [Some(start), Some(end)]) => Ok(elements
            .get(start..end)
            .map_or(Type::Dynamic, |part| Type::tuple(part.to_vec()))),
        (Type::Tuple(_), _) => Ok(Type::Dynamic),
        (ty, _) => Ok(ty),
    }
}

fn zipmap(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments[1].ty() {
        Type::List(element) => Ok(Type::map((*element).clone())),
        Type::Tuple(elements) => {
            let keys = elements_of(arguments, 0);
            let named = keys.iter().map(|key| key.as_str().map(Into::into));
            Ok(match named.collect::<Option<Vec<_>>>() {
                Some(names) if names.len() == elements.len() && !arguments[0].is_unknown() => {
                    Type::object(names.into_iter().zip(elements.iter().cloned()).collect())
                }
                _ => Type::Dynamic,
            })
        }
        _ => Err("values argument must be a list or tuple value".into()),
    }
}

/// The set type that several have in common; an empty set of no type says nothing.
pub(super) fn sets(arguments: &[Value]) -> Result<Type, Failure> {
    let untyped = |set: &&Value| {
        set.ty() == Type::set(Type::Dynamic) && set.elements().is_some_and(|all| all.is_empty())
    };
    let elements: Vec<Type> = arguments
        .iter()
        .filter(|set| !untyped(set))
        .filter_map(|set| set.ty().element().cloned())
        .collect();
    if elements.is_empty() {
        return Ok(Type::set(Type::Dynamic));
    }
    let element =
        unify(&elements, true).ok_or("given sets must all have compatible element types")?;
    if element == Type::Dynamic && elements.iter().any(|ty| *ty != elements[0]) {
        return Err("sets of unlike elements cannot be put together".into());
    }
    let fits = |ty: &Type| *ty == element || convertible(ty, &element, true);
    match elements.iter().all(fits) {
        true => Ok(Type::set(element)),
        false => Err("given sets must all have compatible element types".into()),
    }
}

/// How a document begins tells what it is.
fn jsondecode(arguments: &[Value]) -> Result<Type, Failure> {
    let refinement = Refinement::of(&arguments[0]);
    let Some(first) = refinement.prefix().trim_start().chars().next() else {
        return Ok(Type::Dynamic);
    };
    match first {
        '"' => Ok(Type::String),
        't' | 'f' => Ok(Type::Bool),
        '-' | '.' | '0'..='9' => Ok(Type::Number),
        '{' | '[' | 'n' => Ok(Type::Dynamic),
        other => Err(Failure::Argument(
            0,
            format!("a JSON document cannot begin with the character '{other}'"),
        )),
    }
}
