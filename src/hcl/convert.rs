//! Conversion of values between types.

use std::sync::Arc;

use super::number::Number;
use super::refinement::{Lengths, Range, Refinement, UnknownValue};
use super::types::{ObjectType, Type};
use super::unify::unify;
use super::value::{Data, Members, Value, any_decides};
use crate::model::Unknown;

/// Whether values of type `from` convert to type `to`.
///
/// With `assume` conversions that depend on the value count too; it is what converting a value does.
pub fn convertible(from: &Type, to: &Type, assume: bool) -> bool {
    match (from, to) {
        (_, Type::Dynamic) => true,
        (Type::Dynamic, _) => assume,
        (Type::Number | Type::Bool, Type::String) => true,
        (Type::String, Type::Number | Type::Bool) => assume,
        (Type::Object(from), Type::Object(to)) => object_convertible(from, to, assume),
        (Type::Tuple(from), Type::Tuple(to)) => {
            from.len() == to.len()
                && from
                    .iter()
                    .zip(to.iter())
                    .all(|(from, to)| from == to || convertible(from, to, assume))
        }
        (Type::List(from), Type::Set(to)) => assume && element_convertible(from, to, assume),
        (Type::List(from) | Type::Set(from), Type::List(to))
        | (Type::Set(from), Type::Set(to))
        | (Type::Map(from), Type::Map(to)) => element_convertible(from, to, assume),
        (Type::Tuple(from), Type::List(to) | Type::Set(to)) => parts_convertible(from, to, assume),
        (Type::Object(from), Type::Map(to)) => {
            let attributes: Vec<Type> = from.attributes.values().cloned().collect();
            parts_convertible(&attributes, to, assume)
        }
        (Type::Map(from), Type::Object(to)) => {
            // An attribute that may be left out is no matter until a map has it.
            assume
                && to.attributes.iter().all(|(name, ty)| {
                    to.optional.contains(name) || element_convertible(from, ty, assume)
                })
        }
        (from, to) => from == to && from.is_primitive(),
    }
}

fn element_convertible(from: &Type, to: &Type, assume: bool) -> bool {
    from == to || convertible(from, to, assume)
}

fn object_convertible(from: &ObjectType, to: &ObjectType, assume: bool) -> bool {
    to.attributes
        .iter()
        .all(|(name, to_type)| match from.attributes.get(name) {
            Some(from_type) => element_convertible(from_type, to_type, assume),
            None => to.optional.contains(name),
        })
}

fn parts_convertible(parts: &[Type], element: &Type, assume: bool) -> bool {
    if parts.is_empty() {
        return true;
    }
    if *element == Type::Dynamic {
        let Some(unified) = unify(parts, assume) else {
            return false;
        };
        if unified == Type::Dynamic {
            // Parts of unknown type may turn out to fit; those whose type is known must fit each other.
            let known: Vec<Type> = parts
                .iter()
                .filter(|part| **part != Type::Dynamic)
                .cloned()
                .collect();
            return known.is_empty() || unify(&known, assume).is_some();
        }
        return parts
            .iter()
            .all(|part| element_convertible(part, &unified, assume));
    }
    parts
        .iter()
        .all(|part| element_convertible(part, element, assume))
}

/// Converts a value to a type.
///
/// # Errors
/// A phrase such as `a number is required` when the value does not convert.
pub fn convert(value: &Value, want: &Type) -> Result<Value, String> {
    if let (Data::String(_), Type::String)
    | (Data::Number(_), Type::Number)
    | (Data::Bool(_), Type::Bool)
    | (_, Type::Dynamic) = (&value.data, want)
    {
        return Ok(value.clone());
    }
    let ty = value.ty();
    if ty == want.required() {
        return Ok(value.clone());
    }
    if !convertible(&ty, want, true) {
        return Err(mismatch(&ty, want));
    }
    let data = converted(value, want)?;
    Ok(Value {
        sensitive: value.sensitive || (matches!(want, Type::Set(_)) && value.has_sensitive()),
        ..Value::from(data)
    }
    .with_origin(value.origin.clone()))
}

/// Why a type does not convert.
fn mismatch(ty: &Type, want: &Type) -> String {
    match (ty, want) {
        (Type::Object(ty), Type::Object(want)) => {
            let missing = want
                .attributes
                .keys()
                .find(|name| !ty.attributes.contains_key(*name) && !want.optional.contains(*name));
            if let Some(name) = missing {
                return format!("attribute \"{name}\" is required");
            }
            let wrong = want.attributes.iter().find_map(|(name, want)| {
                let ty = ty.attributes.get(name)?;
                (!element_convertible(ty, want, true))
                    .then(|| format!("attribute \"{name}\": {}", mismatch(ty, want)))
            });
            wrong.unwrap_or_else(|| "object required".into())
        }
        (_, Type::List(_)) => format!("{} required", want.name()),
        (_, want) => {
            let article = if matches!(want, Type::Object(_)) {
                "an"
            } else {
                "a"
            };
            match want {
                Type::Bool | Type::Number | Type::String => format!("{} required", want.name()),
                want => format!("{article} {} is required", want.name()),
            }
        }
    }
}

fn converted(value: &Value, want: &Type) -> Result<Data, String> {
    match (&value.data, want) {
        (Data::Null(ty), _) => Ok(Data::Null(filled(ty, &want.required()))),
        (Data::Unknown(unknown), _) => Ok(unknown_converted(unknown, want)),
        (Data::Open(members, reason), Type::Object(object)) => {
            open_to_object(members, reason, object)
        }
        (Data::Open(_, reason), _) => {
            let unknown = Value::unknown_of(want.required(), reason.clone());
            Ok(unknown.not_null().data)
        }
        (Data::Number(number), Type::String) => Ok(Data::String(number.to_string().into())),
        (Data::Bool(value), Type::String) => {
            Ok(Data::String(if *value { "true" } else { "false" }.into()))
        }
        (Data::String(text), Type::Number) => {
            let infinite = matches!(text.trim_start_matches(['+', '-']), "Inf" | "inf");
            let number = if infinite {
                Some(Number::infinity(text.starts_with('-')))
            } else {
                Number::parse(text)
            };
            number
                .map(Data::Number)
                .ok_or_else(|| "a number is required".to_owned())
        }
        (Data::String(text), Type::Bool) => parse_bool(text),
        (
            Data::List(..) | Data::Set(..) | Data::Tuple(_),
            Type::List(element) | Type::Set(element),
        ) => to_sequence(value, element, matches!(want, Type::Set(_))),
        (Data::Tuple(elements), Type::Tuple(types)) => {
            let converted = elements
                .iter()
                .zip(types.iter())
                .map(|(element, ty)| convert(element, ty))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Data::Tuple(Arc::new(converted)))
        }
        (Data::Map(_, members) | Data::Object(members), Type::Map(element)) => {
            to_map(value, members, element)
        }
        (Data::Map(_, members) | Data::Object(members), Type::Object(object)) => {
            to_object(members, object)
        }
        _ => Err(mismatch(&value.ty(), want)),
    }
}

/// What is known of a value stays known of what it is converted to: that it is not null, and how many elements it has.
fn unknown_converted(unknown: &UnknownValue, want: &Type) -> Data {
    let ty = filled(&unknown.ty, &want.required());
    let set = matches!(ty, Type::Set(_));
    let lengths = match (&unknown.ty, &ty) {
        (Type::Object(object), Type::Map(_)) => Some(Lengths::exactly(object.attributes.len())),
        (Type::Tuple(elements), Type::List(_) | Type::Set(_)) => {
            Some(Lengths::exactly(elements.len()))
        }
        (
            Type::List(_) | Type::Set(_) | Type::Map(_),
            Type::List(_) | Type::Set(_) | Type::Map(_),
        ) => Some(unknown.refinement.lengths()),
        _ => None,
    };
    let refinement = Refinement {
        not_null: unknown.refinement.not_null,
        range: lengths.map_or(Range::Any, |lengths| {
            Range::Length(if set { lengths.coalesced() } else { lengths })
        }),
        lacking: unknown.refinement.lacking.clone(),
    };
    Value::unknown_of(ty, unknown.why.clone())
        .refined(refinement)
        .data
}

fn parse_bool(text: &str) -> Result<Data, String> {
    match text {
        "true" | "1" => Ok(Data::Bool(true)),
        "false" | "0" => Ok(Data::Bool(false)),
        _ => {
            let lower = text.to_lowercase();
            let hint = if lower == "true" || lower == "false" {
                format!("; to convert from string, use lowercase \"{lower}\"")
            } else {
                String::new()
            };
            Err(format!("a bool is required{hint}"))
        }
    }
}

fn open_to_object(
    members: &Members,
    reason: &Unknown,
    object: &ObjectType,
) -> Result<Data, String> {
    let mut attributes = Members::new();
    for (name, ty) in &object.attributes {
        let value = match members.get(name) {
            Some(value) => convert(value, ty)?,
            None => Value::unknown_of(ty.required(), reason.clone()),
        };
        attributes.insert(name.clone(), value);
    }
    Ok(Data::Object(Arc::new(attributes)))
}

fn to_object(members: &Members, object: &ObjectType) -> Result<Data, String> {
    let mut attributes = Members::new();
    for (name, ty) in &object.attributes {
        let value = match members.get(name) {
            Some(value) => {
                convert(value, ty).map_err(|error| format!("attribute \"{name}\": {error}"))?
            }
            None if object.optional.contains(name) => Data::Null(ty.required()).into(),
            None => return Err(format!("attribute \"{name}\" is required")),
        };
        attributes.insert(name.clone(), value);
    }
    Ok(Data::Object(Arc::new(attributes)))
}

/// Elements converted to one type: the constraint where it is whole, else what they have in common.
fn to_sequence(value: &Value, element: &Type, set: bool) -> Result<Data, String> {
    if let Data::Set(own, elements) = &value.data
        && !set
        && elements.len() > 1
        && let Some(reason) = any_decides(elements.iter().filter_map(Value::reason))
    {
        // Elements that are not known may turn out to be the same, so that the list has fewer.
        return Ok(Value::unknown_of(Type::list(own.clone()), reason.clone()).data);
    }
    let elements = value
        .elements()
        .map(|elements| elements.as_slice())
        .unwrap_or_default();
    let target = element_target(elements.iter(), element, value.ty().element());
    let converted = elements
        .iter()
        .map(|element| convert(element, &target))
        .collect::<Result<Vec<_>, _>>()?;
    // What a constraint leaves open, elements of a tuple still settle among themselves; those of a set do not.
    let alike = matches!(value.data, Data::Tuple(_)) && !set;
    let (ty, converted) = settled(converted, &target, alike)?;
    Ok(if set {
        Value::set(ty, converted).data
    } else {
        Data::List(ty, Arc::new(converted))
    })
}

fn to_map(value: &Value, members: &Members, element: &Type) -> Result<Data, String> {
    let target = element_target(members.values(), element, value.ty().element());
    let convert_member = |(key, member): (&Arc<str>, &Value)| {
        let converted =
            convert(member, &target).map_err(|error| format!("element \"{key}\": {error}"))?;
        Ok((key.clone(), converted))
    };
    let converted = members
        .iter()
        .map(convert_member)
        .collect::<Result<Members, String>>()?;
    let (names, converted): (Vec<_>, Vec<_>) = converted.into_iter().unzip();
    let alike = target.element().is_some() || matches!(target, Type::Object(_));
    let (ty, converted) = settled(converted, &target, alike)?;
    Ok(Data::Map(
        ty,
        Arc::new(names.into_iter().zip(converted).collect()),
    ))
}

fn element_target<'v>(
    parts: impl Iterator<Item = &'v Value>,
    element: &Type,
    own: Option<&Type>,
) -> Type {
    match own {
        Some(own) if *element == Type::Dynamic => own.clone(),
        Some(_) => element.clone(),
        None if *element == Type::Dynamic => {
            unify(&parts.map(Value::ty).collect::<Vec<_>>(), true).unwrap_or(Type::Dynamic)
        }
        None => element.clone(),
    }
}

/// The element type of converted elements, and the elements in it: where the type wanted leaves parts open, they must agree.
fn settled(elements: Vec<Value>, target: &Type, alike: bool) -> Result<(Type, Vec<Value>), String> {
    let target = target.required();
    if !target.has_dynamic() || elements.is_empty() {
        return Ok((target, elements));
    }
    let types: Vec<Type> = elements.iter().map(Value::ty).collect();
    let unified = unify(&types, true).ok_or("element types must all match for conversion")?;
    if elements.iter().any(|element| !element.is_whole()) {
        // What is not known may turn out to fit.
        return Ok((unified, elements));
    }
    let elements = if alike {
        elements
            .iter()
            .map(|element| convert(element, &unified))
            .collect::<Result<Vec<_>, _>>()?
    } else {
        elements
    };
    let mut typed = elements
        .iter()
        .map(Value::ty)
        .filter(|ty| *ty != Type::Dynamic);
    let first = typed.next().unwrap_or(Type::Dynamic);
    if typed.any(|ty| ty != first) {
        return Err("element types must all match for conversion".into());
    }
    Ok((first, elements))
}

/// The wanted type with its unknown parts taken from the type at hand.
fn filled(from: &Type, to: &Type) -> Type {
    match (from, to) {
        (Type::Dynamic, to) => to.clone(),
        (from, Type::Dynamic) => from.clone(),
        (Type::Map(from), Type::Map(to)) => Type::map(filled(from, to)),
        (Type::List(from) | Type::Set(from), Type::List(to)) => Type::list(filled(from, to)),
        (Type::List(from) | Type::Set(from), Type::Set(to)) => Type::set(filled(from, to)),
        (_, to) => to.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primitives_convert_as_the_language_says() {
        assert!(
            convert(&Value::string("12.50"), &Type::Number)
                .unwrap()
                .same(&Value::number(Number::parse("12.5").unwrap()))
        );
        assert_eq!(
            convert(&Value::bool(true), &Type::String).unwrap().as_str(),
            Some("true")
        );
        assert_eq!(
            convert(&Value::string("True"), &Type::Bool).unwrap_err(),
            "a bool is required; to convert from string, use lowercase \"true\""
        );
    }

    #[test]
    fn a_tuple_becomes_a_set_of_what_its_elements_have_in_common() {
        let tuple = Value::tuple(vec![Value::int(2), Value::string("a"), Value::int(2)]);
        let set = convert(&tuple, &Type::set(Type::Dynamic)).unwrap();
        assert_eq!(set.ty(), Type::set(Type::String));
        assert!(
            set.elements().unwrap()[0].same(&Value::string("2"))
                && set.elements().unwrap().len() == 2
        );
    }
}
