//! Sets.

use super::super::{Failure, Given};
use crate::hcl::convert::convert;
use crate::hcl::types::Type;
use crate::hcl::unify::unify;
use crate::hcl::value::{Data, Value};

/// Whether an element is among others.
pub(super) fn has(elements: &[Value], wanted: &Value) -> bool {
    elements.iter().any(|element| element.same(wanted))
}

/// Folds sets of one common element type.
pub(super) fn operation(arguments: &[Value], fold: fn(&[Value], &[Value]) -> Vec<Value>) -> Given {
    let untyped = |set: &&Value| {
        set.ty() == Type::set(Type::Dynamic) && set.elements().is_some_and(|all| all.is_empty())
    };
    let elements = arguments
        .iter()
        .filter(|set| !untyped(set))
        .filter_map(|set| set.ty().element().cloned());
    let elements: Vec<Type> = elements.collect();
    let element = if elements.is_empty() {
        Type::Dynamic
    } else {
        unify(&elements, true).ok_or("given sets must all have compatible element types")?
    };
    if element == Type::Dynamic && elements.iter().any(|ty| *ty != elements[0]) {
        return Err("sets of unlike elements cannot be put together".into());
    }
    let mut result: Option<Vec<Value>> = None;
    for (at, argument) in arguments.iter().enumerate() {
        let set = convert(argument, &Type::set(element.clone()))
            .map_err(|why| Failure::Argument(at, why))?;
        let set = set.elements().cloned().unwrap_or_default();
        result = Some(match result {
            None => set.to_vec(),
            Some(so_far) => fold(&so_far, &set),
        });
    }
    Ok(Value::set(element, result.unwrap_or_default()))
}

/// Every combination of one element of each argument, the last varying fastest.
pub(super) fn product(arguments: &[Value]) -> Given {
    if arguments.len() < 2 {
        return Err("at least two arguments are required".into());
    }
    let mut types = Vec::new();
    for (at, argument) in arguments.iter().enumerate() {
        types.push(match argument.ty() {
            Type::List(element) | Type::Set(element) => (*element).clone(),
            Type::Tuple(elements) if elements.is_empty() => Type::Dynamic,
            Type::Tuple(elements) => unify(&elements, true).ok_or_else(|| {
                Failure::Argument(at, "all elements must be of the same type".into())
            })?,
            _ => return Err(Failure::Argument(at, "a set or a list is required".into())),
        });
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for (argument, ty) in arguments.iter().zip(&types) {
        let mut longer = Vec::new();
        for row in &rows {
            for element in argument
                .elements()
                .map(|elements| elements.as_slice())
                .unwrap_or_default()
            {
                let mut row = row.clone();
                row.push(convert(element, ty)?);
                longer.push(row);
            }
        }
        rows = longer;
    }
    let tuples: Vec<Value> = rows.into_iter().map(Value::tuple).collect();
    if let Some(first) = tuples.first()
        && tuples
            .iter()
            .any(|tuple| tuple.is_whole() && tuple.ty() != first.ty())
        && first.is_whole()
    {
        return Err("the elements of the combinations have no type in common".into());
    }
    let ordered = arguments
        .iter()
        .all(|argument| !matches!(argument.data, Data::Set(..)));
    let ty = Type::tuple(types);
    Ok(if ordered {
        Value::list(ty, tuples)
    } else {
        Value::set(ty, tuples)
    })
}
