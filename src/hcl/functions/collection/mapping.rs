//! Maps and objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::{Failure, Given, elements_of};
use crate::hcl::convert::convert;
use crate::hcl::types::Type;
use crate::hcl::value::{Data, Members, Value, all_needed};
use crate::model::Unknown;

pub(super) fn keys(arguments: &[Value]) -> Given {
    let sensitive = arguments[0].sensitive;
    match &arguments[0].data {
        Data::Map(_, members) => Ok(Value::strings(members.keys()).marked(sensitive)),
        Data::Object(members) => {
            let names = members.keys().map(Value::string);
            Ok(Value::tuple(names.collect()).marked(sensitive))
        }
        // The names of attributes are known of an object whose attributes are not.
        Data::Unknown(unknown) => match &unknown.ty {
            Type::Object(object) => {
                let names = object.attributes.keys().map(Value::string);
                Ok(Value::tuple(names.collect()).marked(sensitive))
            }
            Type::Map(_) => Ok(
                Value::unknown_of(Type::list(Type::String), unknown.why.clone()).marked(sensitive),
            ),
            _ => Err(Failure::Argument(0, "must have map or object type".into())),
        },
        Data::Open(_, reason) => Ok(Value::unknown(reason.clone())),
        _ => Err(Failure::Argument(0, "must have map or object type".into())),
    }
}

pub(super) fn values(arguments: &[Value]) -> Given {
    match &arguments[0].data {
        Data::Map(element, members) => Ok(Value::list(
            element.clone(),
            members.values().cloned().collect(),
        )),
        Data::Object(members) => Ok(Value::tuple(members.values().cloned().collect())),
        _ => Err("values() requires a map as the first argument".into()),
    }
}

pub(super) fn lookup(arguments: &[Value]) -> Given {
    if arguments.len() > 3 {
        return Err(Failure::Call(format!(
            "lookup() takes two or three arguments, got {}",
            arguments.len()
        )));
    }
    for (at, argument) in arguments[..2].iter().enumerate() {
        if argument.is_null() {
            return Err(Failure::Argument(at, "argument must not be null".into()));
        }
    }
    let (map, key) = (&arguments[0], &arguments[1]);
    let sensitive = map.sensitive || key.sensitive;
    if let Some(reason) = key.unknown_itself() {
        let reason = all_needed(map.unknown_itself().into_iter().chain([reason]));
        let ty = match map.ty() {
            Type::Map(element) => (*element).clone(),
            Type::Object(_) | Type::Dynamic => Type::Dynamic,
            _ => return Err(no_map()),
        };
        let reason = reason.cloned().unwrap_or(Unknown::AFTER_APPLY);
        return Ok(Value::unknown_of(ty, reason).marked(sensitive));
    }
    let Some(name) = key.as_str() else {
        return Err(Failure::Argument(1, "string required".into()));
    };
    let found = found(map, name, arguments.get(2), sensitive)?;
    Ok(found.marked(sensitive))
}

fn no_map() -> Failure {
    Failure::Argument(0, "lookup() requires a map as the first argument".into())
}

/// The member of a name, or the default.
fn found(map: &Value, name: &str, default: Option<&Value>, sensitive: bool) -> Given {
    let default_of = |element: &Type| {
        let converted = default.map(|default| convert(default, element)).transpose();
        converted.map_err(|_| {
            let why = "the default value must have the same type as the map elements";
            Failure::Argument(2, why.into())
        })
    };
    let no_attribute =
        || Failure::Argument(0, format!("the given object has no attribute \"{name}\""));
    match &map.data {
        Data::Map(element, members) => {
            let default = default_of(element)?;
            let missing = || {
                let shown = if sensitive { "(sensitive value)" } else { name };
                Failure::Call(format!("lookup failed to find key \"{shown}\""))
            };
            members.get(name).cloned().or(default).ok_or_else(missing)
        }
        Data::Object(members) => {
            let found = members.get(name).or(default);
            found.cloned().ok_or_else(no_attribute)
        }
        Data::Open(members, reason) => Ok(match members.get(name) {
            Some(member) => member.clone(),
            None => Value::unknown(reason.clone()),
        }),
        Data::Unknown(unknown) => {
            let ty = match &unknown.ty {
                Type::Map(element) => {
                    default_of(element)?;
                    (**element).clone()
                }
                Type::Object(object) => {
                    let ty = object.attributes.get(name).cloned();
                    ty.or_else(|| default.map(Value::ty))
                        .ok_or_else(no_attribute)?
                }
                Type::Dynamic => Type::Dynamic,
                _ => return Err(no_map()),
            };
            Ok(Value::unknown_of(ty, unknown.why.clone()))
        }
        _ => Err(no_map()),
    }
}

pub(super) fn merge(arguments: &[Value]) -> Given {
    let mut merged = Members::new();
    let mut types = Vec::new();
    // Behind a null of no type nothing is said about the type of the result, nor are other nulls looked at.
    let mut untyped = false;
    for argument in arguments {
        match &argument.data {
            Data::Map(_, members) | Data::Object(members) => {
                merged.extend(
                    members
                        .iter()
                        .map(|(key, value)| (key.clone(), value.clone())),
                );
            }
            Data::Null(Type::Dynamic) => untyped = true,
            Data::Null(Type::Map(_) | Type::Object(_)) => {}
            Data::Null(_) if untyped => {}
            _ => {
                return Err(Failure::Call(format!(
                    "arguments must be maps or objects, got \"{}\"",
                    argument.ty().name()
                )));
            }
        }
        types.push(argument.ty());
    }
    match types.first() {
        Some(Type::Map(element)) if types.iter().all(|ty| *ty == types[0]) => {
            Ok(Value::map((**element).clone(), merged))
        }
        _ => Ok(Value::object(merged)),
    }
}

pub(super) fn transpose(arguments: &[Value]) -> Given {
    let mut turned: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
    let members = arguments[0].members().cloned().unwrap_or_default();
    for (key, list) in members.iter() {
        let null =
            |what: &str| Failure::Argument(0, format!("cannot use null {what} for key \"{key}\""));
        for text in list.elements().ok_or_else(|| null("list"))?.iter() {
            let text = text.as_str().ok_or_else(|| null("string"))?;
            turned.entry(text.into()).or_default().push(key.clone());
        }
    }
    let lists = turned.into_iter().map(|(key, mut keys)| {
        keys.sort();
        (key, Value::strings(keys))
    });
    Ok(Value::map(Type::list(Type::String), lists.collect()))
}

pub(super) fn zipmap(arguments: &[Value]) -> Given {
    let keys = elements_of(arguments, 0);
    let sensitive = keys.iter().any(|key| key.sensitive);
    if let Some(reason) = all_needed(keys.iter().filter_map(Value::reason)) {
        let ty = match arguments[1].ty() {
            Type::List(element) => Type::map((*element).clone()),
            _ => Type::Dynamic,
        };
        return Ok(Value::unknown_of(ty, reason.clone()).marked(sensitive));
    }
    let (element, values) = match &arguments[1].data {
        Data::List(element, values) => (Some(element), values),
        Data::Tuple(values) => (None, values),
        _ => return Err("values argument must be a list or tuple value".into()),
    };
    if keys.len() != values.len() {
        return Err(Failure::Call(format!(
            "number of keys ({}) does not match number of values ({})",
            keys.len(),
            values.len()
        )));
    }
    let mut members = Members::new();
    for (at, (key, value)) in keys.iter().zip(values.iter()).enumerate() {
        let key = key
            .as_str()
            .ok_or_else(|| Failure::Call(format!("keys list has null value at index {at}")))?;
        members.insert(key.into(), value.clone());
    }
    let value = match element {
        Some(element) => Value::map(element.clone(), members),
        None => Value::object(members),
    };
    Ok(value.marked(sensitive))
}
