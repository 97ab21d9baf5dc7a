//! Sets.

use super::super::unknown::sets as set_type;
use super::super::{Failure, Given};
use crate::hcl::convert::convert;
use crate::hcl::refinement::{Lengths, Refinement};
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::unify::unify;
use crate::hcl::value::{Data, Value, all_needed};

/// Whether an element is among others.
pub(super) fn has(elements: &[Value], wanted: &Value) -> bool {
    elements.iter().any(|element| element.same(wanted))
}

/// Folds sets of one common element type.
pub(super) fn operation(arguments: &[Value], fold: fn(&[Value], &[Value]) -> Vec<Value>) -> Given {
    let ty = set_type(arguments)?;
    let mut result: Option<Vec<Value>> = None;
    for (at, argument) in arguments.iter().enumerate() {
        let set = convert(argument, &ty).map_err(|why| Failure::Argument(at, why))?;
        let set = set.elements().cloned().unwrap_or_default();
        result = Some(match result {
            None => set.to_vec(),
            Some(so_far) => fold(&so_far, &set),
        });
    }
    let element = ty.element().cloned().unwrap_or(Type::Dynamic);
    Ok(Value::set(element, result.unwrap_or_default()))
}

/// Every combination of one element of each argument, the last varying fastest.
pub(super) fn product(arguments: &[Value], ctx: &Context<'_>) -> Given {
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
    let ordered = arguments
        .iter()
        .all(|argument| !matches!(argument.ty(), Type::Set(_)));
    let sensitive = arguments.iter().any(|argument| argument.sensitive);
    if let Some(product) = unknown_product(arguments, &types, ordered) {
        return Ok(product.marked(sensitive));
    }
    let rows = arguments
        .iter()
        .map(|argument| argument.elements().map_or(0, |elements| elements.len()))
        .map(|length| u64::try_from(length).unwrap_or(u64::MAX))
        .fold(1, u64::saturating_mul);
    let columns = u64::try_from(arguments.len()).unwrap_or(u64::MAX);
    ctx.scope.budget().fits(rows.saturating_mul(columns))?;
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
    let ty = Type::tuple(types);
    let product = if ordered {
        Value::list(ty, tuples)
    } else {
        Value::set(ty, tuples)
    };
    Ok(product.marked(sensitive))
}

/// tofu says nothing of the number of combinations beyond this, nor where an argument has more than half of it.
const MOST_COMBINATIONS: usize = 2048;

/// The combinations where it is not known how many elements an argument has; nothing where that is known.
fn unknown_product(arguments: &[Value], types: &[Type], ordered: bool) -> Option<Value> {
    let uncounted = |argument: &&Value| {
        argument.is_unknown()
            || matches!(&argument.data, Data::Set(_, all) if all.len() > 1 && !argument.is_whole())
    };
    let reason = all_needed(arguments.iter().filter(uncounted).filter_map(Value::reason))?;
    let lacking = arguments.iter().filter(uncounted).find_map(Value::lacking);
    let tuple = Type::tuple(types.to_vec());
    let ty = if ordered {
        Type::list(tuple)
    } else {
        Type::set(tuple)
    };
    let product = Value::unknown_of(ty, reason.clone()).not_null();
    let mut most = 1_usize;
    for argument in arguments {
        let length = match argument.ty() {
            Type::Tuple(elements) => Some(elements.len()),
            _ => Refinement::of(argument).lengths().most,
        };
        let Some(length) = length.filter(|length| *length <= MOST_COMBINATIONS / 2) else {
            return Some(product.refined(Refinement::NOT_NULL.lacking(lacking)));
        };
        most *= length;
        if most > MOST_COMBINATIONS {
            return Some(product.refined(Refinement::NOT_NULL.lacking(lacking)));
        }
    }
    let lengths = Lengths {
        least: most.min(1),
        most: Some(most),
    };
    Some(product.refined(Refinement::of_length(lengths).lacking(lacking)))
}
