//! Whether two values are equal, as far as what is known of them tells.

use crate::hcl::refinement::{Refinement, undecided};
use crate::hcl::types::Type;
use crate::hcl::value::{Data, Members, Value, any_decides};
use crate::model::Unknown;

/// Whether two values are equal; the reason where that is not known.
///
/// Values of different types never are, except that null equals null.
pub(crate) fn equal(left: &Value, right: &Value) -> Result<bool, Unknown> {
    match (left.is_null(), right.is_null()) {
        (true, true) => return Ok(true),
        (true, false) if Refinement::of(right).not_null => return Ok(false),
        (false, true) if Refinement::of(left).not_null => return Ok(false),
        _ => {}
    }
    match (left.is_unknown(), right.is_unknown()) {
        (false, false) => known(left, right),
        (true, false) if Refinement::of(left).excludes(&left.ty(), right) => Ok(false),
        (false, true) if Refinement::of(right).excludes(&right.ty(), left) => Ok(false),
        _ => Err(unknown(left, right)),
    }
}

/// Why it is not known whether values are equal of which one is not known itself.
fn unknown(left: &Value, right: &Value) -> Unknown {
    let lacking = [left, right]
        .into_iter()
        .filter(|value| value.is_unknown())
        .find_map(|value| value.unknown_itself().filter(|why| !why.is_after_apply()));
    let alike = left.ty() == right.ty() && !left.ty().has_dynamic();
    match lacking {
        // What is lacking may turn out to be of another type.
        Some(lacking) if !alike => lacking.clone(),
        _ => undecided([left, right]).unwrap_or(Unknown::mistaken("")),
    }
}

/// Equality of values that are known, be it that their parts are not.
fn known(left: &Value, right: &Value) -> Result<bool, Unknown> {
    if left.is_null() || right.is_null() {
        return Ok(false);
    }
    let types = (left.ty(), right.ty());
    if !(typed(left) && typed(right)) {
        if !types.0.conforms(&types.1) && !types.1.conforms(&types.0) {
            return Ok(false);
        }
        let reasons = [left, right].into_iter().filter_map(Value::reason);
        return Err(any_decides(reasons)
            .cloned()
            .unwrap_or(Unknown::mistaken("")));
    }
    if types.0 != types.1 {
        return Ok(false);
    }
    match (&left.data, &right.data) {
        (Data::Set(_, a), Data::Set(_, b)) => sets(a, b),
        (Data::List(_, a), Data::List(_, b)) | (Data::Tuple(a), Data::Tuple(b)) => sequences(a, b),
        (Data::Map(_, a), Data::Map(_, b)) | (Data::Object(a), Data::Object(b)) => members(a, b),
        _ => Ok(left.same(right)),
    }
}

/// Whether the types of all parts are known.
fn typed(value: &Value) -> bool {
    match &value.data {
        Data::Null(_) => true,
        Data::Unknown(unknown) => !unknown.ty.has_dynamic(),
        Data::Open(..) => false,
        Data::List(ty, _) | Data::Set(ty, _) | Data::Map(ty, _)
            if !ty.has_dynamic() || *ty == Type::Dynamic && value.parts().next().is_none() =>
        {
            true
        }
        _ => value.parts().all(typed),
    }
}

/// Element by element, until one differs or is not known to be equal.
fn sequences(a: &[Value], b: &[Value]) -> Result<bool, Unknown> {
    if a.len() != b.len() {
        return Ok(false);
    }
    let mut lacking = None;
    for (a, b) in a.iter().zip(b) {
        match equal(a, b) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            // tofu looks no further.
            Err(reason) if reason.is_after_apply() => return Err(lacking.unwrap_or(reason)),
            Err(reason) => lacking = lacking.or(Some(reason)),
        }
    }
    lacking.map_or(Ok(true), Err)
}

/// Member by member: in no certain order, so that one not known leaves all unknown.
fn members(a: &Members, b: &Members) -> Result<bool, Unknown> {
    if a.len() != b.len() {
        return Ok(false);
    }
    let mut unknown = Vec::new();
    let mut same = a.keys().eq(b.keys());
    for (key, value) in a {
        match b.get(key).map(|other| equal(value, other)) {
            Some(Err(reason)) => unknown.push(reason),
            Some(Ok(equal)) => same &= equal,
            None => {}
        }
    }
    any_decides(unknown.iter()).map_or(Ok(same), |reason| Err(reason.clone()))
}

/// Sets, of which each must have the elements of the other.
fn sets(a: &[Value], b: &[Value]) -> Result<bool, Unknown> {
    let all = || a.iter().chain(b);
    let reasons = if all().any(Value::is_unknown) {
        any_decides(all().filter_map(Value::reason)).cloned()
    } else {
        // An element that is not known in part is taken for one that no other set has.
        all().find_map(Value::lacking).cloned()
    };
    if let Some(reason) = reasons {
        return Err(reason);
    }
    let within = |a: &[Value], b: &[Value]| a.iter().all(|a| b.iter().any(|b| a.same(b)));
    Ok(within(a, b) && within(b, a))
}
