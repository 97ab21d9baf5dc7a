//! Lists and tuples.

use super::super::{Failure, Given, elements_of, int_of};
use crate::hcl::convert::convert;
use crate::hcl::number::Number;
use crate::hcl::refinement::Refinement;
use crate::hcl::types::Type;
use crate::hcl::unify::unify;
use crate::hcl::value::{Data, Value, all_needed, any_decides};
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
    for argument in arguments {
        if argument.is_unknown() {
            break;
        }
        if !matches!(argument.ty(), Type::List(_) | Type::Tuple(_)) {
            return Err("coalescelist arguments must be lists or tuples".into());
        }
    }
    let empty = |argument: &&Value| match argument.elements() {
        Some(elements) => elements.is_empty(),
        None => argument.is_null(),
    };
    let found = arguments.iter().find(|argument| !empty(argument));
    let found = found.ok_or("no non-null arguments")?;
    let value = match found.unknown_itself() {
        Some(reason) => Value::unknown(reason.clone()),
        None => found.clone(),
    };
    Ok(value.marked(sensitive))
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
    let mut unknown = Vec::new();
    for element in elements.iter() {
        match crate::hcl::eval::equal(&arguments[1], element) {
            Ok(true) => return Ok(Value::bool(true)),
            Ok(false) => {}
            Err(reason) => unknown.push(reason),
        }
    }
    Ok(any_decides(unknown.iter()).map_or_else(
        || Value::bool(false),
        |reason| Value::unknown_of(Type::Bool, reason.clone()),
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
    let mut flat = Flat::default();
    flat.add(&arguments[0]);
    let value = match all_needed(flat.unknown.iter()) {
        None => Value::tuple(flat.elements),
        Some(reason) => Value::unknown(reason.clone()),
    };
    Ok(value.marked(flat.sensitive))
}

/// Elements of sequences and of the sequences in them.
#[derive(Default)]
struct Flat {
    elements: Vec<Value>,
    sensitive: bool,
    /// Why it is not known of some elements whether they are sequences, and of which elements.
    unknown: Vec<Unknown>,
}

impl Flat {
    fn add(&mut self, value: &Value) {
        self.sensitive |= value.sensitive;
        let elements = value.elements().into_iter().flat_map(|all| all.iter());
        if let Data::Set(_, elements) = &value.data
            && elements.len() > 1
        {
            self.unknown
                .extend(elements.iter().filter_map(Value::reason).cloned());
        }
        for element in elements {
            match &element.data {
                Data::List(..) | Data::Set(..) | Data::Tuple(_) => self.add(element),
                Data::Unknown(unknown)
                    if !unknown.ty.is_primitive()
                        && !matches!(unknown.ty, Type::Object(_) | Type::Map(_)) =>
                {
                    self.sensitive |= element.sensitive;
                    self.unknown.push(unknown.why.clone());
                }
                _ => self.elements.push(element.clone()),
            }
        }
    }
}

pub(super) fn index(arguments: &[Value]) -> Given {
    let sensitive = arguments.iter().any(Value::has_sensitive);
    let unknown =
        |reason: &Unknown| Ok(Value::unknown_of(Type::Number, reason.clone()).marked(sensitive));
    if !matches!(
        arguments[0].ty(),
        Type::List(_) | Type::Tuple(_) | Type::Dynamic
    ) {
        return Err("argument must be a list or tuple".into());
    }
    if let Some(reason) = all_needed(arguments.iter().filter_map(Value::unknown_itself)) {
        return unknown(reason);
    }
    let elements = elements_of(arguments, 0);
    if elements.is_empty() {
        return Err("cannot search an empty list".into());
    }
    for (at, element) in elements.iter().enumerate() {
        match crate::hcl::eval::equal(element, &arguments[1]) {
            Ok(true) => return Ok(Value::count(at).marked(sensitive)),
            Ok(false) => {}
            // tofu looks no further.
            Err(reason) => return unknown(&reason),
        }
    }
    Err("item not found".into())
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
    let sensitive = arguments.iter().any(Value::has_sensitive);
    if search.is_empty() {
        return Ok(like(arguments, Vec::new()).marked(sensitive));
    }
    let parts = || values.iter().chain(keys);
    let lacking = parts().chain(search).find_map(Value::lacking);
    if let Some(reason) = lacking.or_else(|| parts().find_map(Value::reason)) {
        return Ok(Value::unknown_of(arguments[0].ty(), reason.clone()).marked(sensitive));
    }
    let mut matched = Vec::new();
    for (value, key) in values.iter().zip(keys) {
        for wanted in search {
            match crate::hcl::eval::equal(key, wanted) {
                Ok(true) => {
                    matched.push(value.unmarked());
                    break;
                }
                Ok(false) => {}
                // tofu finds nothing at all where it does not know what to look for.
                Err(_) => return Ok(like(arguments, Vec::new()).marked(sensitive)),
            }
        }
    }
    Ok(like(arguments, matched).marked(sensitive))
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

/// The type of what can be sliced.
pub(in crate::hcl::functions) fn sequence_type(value: &Value) -> Result<Type, Failure> {
    match value.ty() {
        ty @ (Type::List(_) | Type::Tuple(_)) => Ok(ty),
        Type::Set(_) => Err(Failure::Argument(
            0,
            "cannot slice a set, because its elements do not have indices".into(),
        )),
        _ => Err(Failure::Argument(0, "must be a list or tuple value".into())),
    }
}

pub(super) fn slice(arguments: &[Value]) -> Given {
    sequence_type(&arguments[0])?;
    let elements = elements_of(arguments, 0);
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
    let list = &arguments[0];
    let sensitive = list.has_sensitive();
    if let Some(reason) = list.reason() {
        // In which order is not known, but how many is.
        let known = Refinement::of(list);
        let sorted = Value::unknown_of(Type::list(Type::String), reason.clone());
        let lengths = Refinement::of_length(known.lengths()).lacking(known.lacking.as_ref());
        return Ok(sorted.refined(lengths).marked(sensitive));
    }
    let mut texts = Vec::new();
    for (at, element) in elements_of(arguments, 0).iter().enumerate() {
        texts.push(element.as_str().ok_or_else(|| {
            format!("given list element {at} is null; a null string cannot be sorted")
        })?);
    }
    texts.sort_unstable();
    Ok(Value::strings(texts).marked(sensitive))
}
