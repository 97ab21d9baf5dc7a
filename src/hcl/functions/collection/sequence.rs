//! Lists and tuples.

use super::super::{Failure, Given, elements_of, int_of};
use crate::hcl::convert::convert;
use crate::hcl::number::Number;
use crate::hcl::types::Type;
use crate::hcl::unify::unify;
use crate::hcl::value::{Data, Value};
use crate::model::Unknown;

/// A list of the same element type as the first argument.
fn like(arguments: &[Value], elements: Vec<Value>) -> Value {
    let element = arguments
        .first()
        .and_then(|list| list.ty().element().cloned())
        .unwrap_or(Type::Dynamic);
    Value::list(element, elements)
}

pub(super) fn chunklist(arguments: &[Value]) -> Given {
    let size = int_of(arguments, 1).map_err(|why| format!("invalid size: {why}"))?;
    let size =
        usize::try_from(size).map_err(|_| "the size argument must be positive".to_owned())?;
    let elements = elements_of(arguments, 0);
    let chunks: Vec<Value> = if size == 0 && !elements.is_empty() {
        vec![arguments[0].clone()]
    } else {
        elements
            .chunks(size.max(1))
            .map(|chunk| like(arguments, chunk.to_vec()))
            .collect()
    };
    Ok(Value::list(arguments[0].ty(), chunks))
}

pub(super) fn coalescelist(arguments: &[Value]) -> Given {
    if arguments.is_empty() {
        return Err("at least one argument is required".into());
    }
    let sensitive = arguments.iter().any(|argument| argument.sensitive);
    if let Some(unknown) = arguments.iter().find_map(Value::unknown_itself) {
        return Ok(Value::unknown(unknown.clone()).marked(sensitive));
    }
    if arguments
        .iter()
        .any(|argument| !matches!(argument.ty(), Type::List(_) | Type::Tuple(_)))
    {
        return Err("coalescelist arguments must be lists or tuples".into());
    }
    let found = arguments.iter().find(|argument| {
        argument
            .elements()
            .is_some_and(|elements| !elements.is_empty())
    });
    found
        .map(|found| found.clone().marked(sensitive))
        .ok_or_else(|| "no non-null arguments".into())
}

pub(super) fn compact(arguments: &[Value]) -> Value {
    Value::strings(
        elements_of(arguments, 0)
            .iter()
            .filter_map(Value::as_str)
            .filter(|text| !text.is_empty()),
    )
}

pub(super) fn concat(arguments: &[Value]) -> Given {
    if arguments.is_empty() {
        return Err("at least one argument is required".into());
    }
    for (at, argument) in arguments.iter().enumerate() {
        if !matches!(argument.data, Data::List(..) | Data::Tuple(_)) {
            return Err(Failure::Argument(
                at,
                format!(
                    "all arguments must be lists or tuples; got {}",
                    argument.ty().name()
                ),
            ));
        }
    }
    let types: Vec<Type> = arguments.iter().map(Value::ty).collect();
    let all_lists = types.iter().all(|ty| matches!(ty, Type::List(_)));
    let common = if all_lists { unify(&types, true) } else { None };
    let Some(Type::List(element)) = common else {
        return Ok(Value::tuple(
            arguments
                .iter()
                .filter_map(Value::elements)
                .flat_map(|elements| elements.iter().cloned())
                .collect(),
        ));
    };
    let mut all = Vec::new();
    for argument in arguments.iter().filter_map(Value::elements) {
        for value in argument.iter() {
            all.push(convert(value, &element)?);
        }
    }
    Ok(Value::list((*element).clone(), all))
}

pub(super) fn contains(arguments: &[Value]) -> Given {
    let Some(elements) = arguments[0].elements() else {
        return Err("argument must be list, tuple, or set".into());
    };
    let mut unknown = None;
    for element in elements.iter() {
        match crate::hcl::eval::equal(&arguments[1], element) {
            Ok(true) => return Ok(Value::bool(true)),
            Ok(false) => {}
            Err(reason) => unknown = Some(reason),
        }
    }
    Ok(unknown.map_or_else(
        || Value::bool(false),
        |reason| Data::Unknown(Type::Bool, reason).into(),
    ))
}

pub(super) fn distinct(arguments: &[Value]) -> Value {
    let mut kept: Vec<Value> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for element in elements_of(arguments, 0) {
        let new = match element.as_str() {
            Some(text) => seen.insert(text.to_owned()),
            None => !kept.iter().any(|other| other.same(element)),
        };
        if new {
            kept.push(element.clone());
        }
    }
    like(arguments, kept)
}

pub(super) fn element(arguments: &[Value]) -> Given {
    let (Data::List(_, elements) | Data::Tuple(elements)) = &arguments[0].data else {
        return Err(Failure::Call(format!(
            "cannot read elements from {}",
            arguments[0].ty().name()
        )));
    };
    let index = int_of(arguments, 1).map_err(|why| format!("invalid index: {why}"))?;
    let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
    if length == 0 {
        return Err("cannot use element function with an empty list".into());
    }
    let at = usize::try_from(index.rem_euclid(length)).unwrap_or(0);
    Ok(elements[at].clone())
}

pub(super) fn flatten(arguments: &[Value]) -> Given {
    if arguments[0].elements().is_none() {
        return Err("can only flatten lists, sets and tuples".into());
    }
    let mut flat = Vec::new();
    let mut sensitive = false;
    match flatten_into(&arguments[0], &mut flat, &mut sensitive) {
        Ok(()) => Ok(Value::tuple(flat).marked(sensitive)),
        Err(reason) => Ok(Value::unknown(reason).marked(sensitive)),
    }
}

/// Adds the elements of a sequence and of the sequences in it; the reason where one of them may be a sequence or not.
fn flatten_into(value: &Value, out: &mut Vec<Value>, sensitive: &mut bool) -> Result<(), Unknown> {
    *sensitive |= value.sensitive;
    for element in value
        .elements()
        .map(|elements| elements.as_slice())
        .unwrap_or_default()
    {
        match &element.data {
            Data::List(..) | Data::Set(..) | Data::Tuple(_) => {
                flatten_into(element, out, sensitive)?
            }
            Data::Unknown(ty, reason)
                if !ty.is_primitive() && !matches!(ty, Type::Object(_) | Type::Map(_)) =>
            {
                return Err(reason.clone());
            }
            _ => out.push(element.clone()),
        }
    }
    Ok(())
}

pub(super) fn index(arguments: &[Value]) -> Given {
    let (Data::List(_, elements) | Data::Tuple(elements)) = &arguments[0].data else {
        return Err("argument must be a list or tuple".into());
    };
    if elements.is_empty() {
        return Err("cannot search an empty list".into());
    }
    let found = elements
        .iter()
        .position(|element| crate::hcl::eval::equal(element, &arguments[1]) == Ok(true));
    found
        .map(Value::count)
        .ok_or_else(|| "item not found".into())
}

pub(super) fn matchkeys(arguments: &[Value]) -> Given {
    let keys_and_search = [arguments[1].ty(), arguments[2].ty()];
    let ty = unify(&keys_and_search, true).ok_or("keys and searchset must be of the same type")?;
    let values = elements_of(arguments, 0);
    let (keys, search) = (convert(&arguments[1], &ty)?, convert(&arguments[2], &ty)?);
    let [keys, search] = [&keys, &search].map(|list| {
        list.elements()
            .map(|elements| elements.as_slice())
            .unwrap_or_default()
    });
    if values.len() != keys.len() {
        return Err("length of keys and values should be equal".into());
    }
    let matches = |key: &Value| search.iter().any(|wanted| wanted.same(key));
    Ok(like(
        arguments,
        values
            .iter()
            .zip(keys)
            .filter(|(_, key)| matches(key))
            .map(|(value, _)| value.clone())
            .collect(),
    ))
}

pub(super) fn one(arguments: &[Value]) -> Given {
    let wrong = || {
        Failure::Argument(
            0,
            "must be a list, set, or tuple value with either zero or one elements".into(),
        )
    };
    let elements = arguments[0].elements().ok_or_else(wrong)?;
    match elements.as_slice() {
        [] => Ok(Data::Null(
            arguments[0]
                .ty()
                .element()
                .cloned()
                .unwrap_or(Type::Dynamic),
        )
        .into()),
        [only] => Ok(only.clone()),
        _ => Err(wrong()),
    }
}

pub(super) fn range(arguments: &[Value]) -> Given {
    let numbers: Vec<Number> = arguments
        .iter()
        .filter_map(Value::as_number)
        .cloned()
        .collect();
    let zero = Number::int(0);
    let towards = |start: &Number, end: &Number| Number::int(if end < start { -1 } else { 1 });
    let (start, end, step) = match numbers.as_slice() {
        [end] => (zero.clone(), end.clone(), towards(&zero, end)),
        [start, end] => (start.clone(), end.clone(), towards(start, end)),
        [start, end, step] => (start.clone(), end.clone(), step.clone()),
        _ => return Err("must have one, two, or three arguments".into()),
    };
    if step.is_zero() {
        return Err("step must not be zero".into());
    }
    let down = step.signum() < 0;
    if (down && end > start) || (!down && end < start) {
        return Err(Failure::Argument(
            1,
            "end must lie in the direction of the step".into(),
        ));
    }
    let mut out = Vec::new();
    let mut next = start;
    while if down { next > end } else { next < end } {
        if out.len() >= 1024 {
            return Err("more than 1024 values were generated; either decrease the difference between start and end or use a smaller step".into());
        }
        out.push(Value::number(next.clone()));
        next = next.plus(&step).ok_or("the step is not finite")?;
    }
    Ok(Value::list(Type::Number, out))
}

pub(super) fn reverse(arguments: &[Value]) -> Given {
    let reversed = |elements: &[Value]| elements.iter().rev().cloned().collect::<Vec<_>>();
    match &arguments[0].data {
        Data::Tuple(elements) => Ok(Value::tuple(reversed(elements))),
        Data::List(_, elements) | Data::Set(_, elements) => Ok(like(arguments, reversed(elements))),
        _ => Err(Failure::Argument(
            0,
            format!(
                "can only reverse list or tuple values, not {}",
                arguments[0].ty().name()
            ),
        )),
    }
}

pub(super) fn slice(arguments: &[Value]) -> Given {
    let elements = match &arguments[0].data {
        Data::List(_, elements) | Data::Tuple(elements) => elements,
        Data::Set(..) => {
            return Err(Failure::Argument(
                0,
                "cannot slice a set, because its elements do not have indices".into(),
            ));
        }
        _ => return Err(Failure::Argument(0, "must be a list or tuple value".into())),
    };
    let bound = |at: usize, name: &str| {
        let index = int_of(arguments, at)
            .map_err(|why| Failure::Argument(at, format!("invalid {name} index: {why}")))?;
        let index = usize::try_from(index).map_err(|_| {
            Failure::Argument(at, format!("{name} index must not be less than zero"))
        })?;
        let long = || {
            Failure::Argument(
                at,
                format!("{name} index must not be greater than the length of the list"),
            )
        };
        (index <= elements.len()).then_some(index).ok_or_else(long)
    };
    let (start, end) = (bound(1, "start")?, bound(2, "end")?);
    if start > end {
        return Err(Failure::Argument(
            1,
            "start index must not be greater than end index".into(),
        ));
    }
    let part = elements[start..end].to_vec();
    Ok(if matches!(arguments[0].data, Data::Tuple(_)) {
        Value::tuple(part)
    } else {
        like(arguments, part)
    })
}

pub(super) fn sort(arguments: &[Value]) -> Given {
    let mut texts = Vec::new();
    for (at, element) in elements_of(arguments, 0).iter().enumerate() {
        texts.push(element.as_str().ok_or_else(|| {
            format!("given list element {at} is null; a null string cannot be sorted")
        })?);
    }
    texts.sort_unstable();
    Ok(Value::strings(texts))
}
