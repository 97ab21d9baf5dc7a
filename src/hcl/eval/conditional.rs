//! `condition ? a : b`: both results are brought to one type.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Conditional, Expression};

use super::expression;
use crate::hcl::convert::convert;
use crate::hcl::diagnostic::{Diagnostic, Outcome};
use crate::hcl::refinement::Refinement;
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::unify::unify;
use crate::hcl::value::{Data, Value};
use crate::model::Unknown;

pub(super) fn conditional(conditional: &Conditional, ctx: &Context<'_>) -> Outcome {
    let branches = [&conditional.true_expr, &conditional.false_expr];
    let places = branches.map(|branch| branch.span());
    choose(
        &conditional.cond_expr,
        branches.map(|branch| expression(branch, ctx)),
        places,
        ctx,
    )
}

/// A place in the source, if it has one.
type Place = Option<Range<usize>>;

/// The result that the condition chooses, converted to the type both have in common; a mistake in the other is no matter,
/// but what type it would have had is.
pub(super) fn choose(
    condition: &Expression,
    results: [Outcome; 2],
    places: [Place; 2],
    ctx: &Context<'_>,
) -> Outcome {
    if let Some(Err(diagnostic)) = results
        .iter()
        .find(|result| result.as_ref().is_err_and(Diagnostic::is_final))
    {
        return Err(diagnostic.clone());
    }
    let ty = common(&results).ok_or_else(|| {
        let both = places[0]
            .as_ref()
            .zip(places[1].as_ref())
            .map(|(yes, no)| yes.start..no.end);
        Diagnostic::new(
            "Inconsistent conditional result types",
            "The true and false result expressions must have consistent types.",
        )
        .at(both)
    })?;
    let wrong = |summary: &str, detail: &str| {
        Err(Diagnostic::new(summary, detail)
            .at(condition.span())
            .giving(ty.clone()))
    };
    let condition =
        expression(condition, ctx).map_err(|diagnostic| diagnostic.giving(ty.clone()))?;
    if condition.is_null() {
        return wrong(
            "Null condition",
            "The condition value is null. Conditions must either be true or false.",
        );
    }
    let sensitive = condition.sensitive || results.iter().flatten().any(|value| value.sensitive);
    if let Some(reason) = condition.unknown_itself() {
        return Ok(either(&results, ty, reason).marked(sensitive));
    }
    let Some(chosen) = convert(&condition, &Type::Bool)
        .ok()
        .and_then(|value| value.as_bool())
    else {
        return wrong(
            "Incorrect condition type",
            "The condition expression must be of type bool.",
        );
    };
    let [yes, no] = results;
    let [yes_place, no_place] = places;
    let (value, place, side) = if chosen {
        (yes, yes_place, "true")
    } else {
        (no, no_place, "false")
    };
    let value = value.map_err(|diagnostic| diagnostic.giving(ty.clone()))?;
    let converted = convert(&value, &ty).map_err(|error| {
        let detail = format!("The {side} result value has the wrong type: {error}.");
        Diagnostic::new("Inconsistent conditional result types", detail)
            .at(place)
            .giving(ty.clone())
    })?;
    Ok(converted.marked(sensitive))
}

/// What is known where the condition is not: what both results have in common.
fn either(results: &[Outcome; 2], ty: Type, reason: &Unknown) -> Value {
    let [Ok(yes), Ok(no)] = results else {
        return Value::unknown_of(ty, reason.clone());
    };
    if yes.is_null() && no.is_null() {
        return Data::Null(ty).into();
    }
    let bare = |value: &Value| Value {
        sensitive: false,
        ..value.clone()
    };
    let [yes, no] = [bare(yes), bare(no)];
    let reasons = [&yes, &no].map(Value::unknown_itself);
    let lacking = reasons.iter().flatten().find(|why| !why.is_after_apply());
    let reason = if reason.is_after_apply() {
        match lacking {
            // Were it the same as the other, or as empty, tofu would know the result.
            Some(lacking) if !matters_not(&yes, &no) => (*lacking).clone(),
            _ => reason.clone(),
        }
    } else if yes.is_whole() && yes.ty() == no.ty() && yes.same(&no) {
        return yes;
    } else {
        // Whichever tofu chooses is known only after apply.
        let both = reasons
            .iter()
            .all(|why| why.is_some_and(Unknown::is_after_apply));
        reasons[0].filter(|_| both).unwrap_or(reason).clone()
    };
    let alike = yes.ty() == no.ty();
    let [a, b] = [&yes, &no].map(Refinement::of);
    let common = if alike {
        a.common(&b, &ty)
    } else {
        Refinement {
            not_null: a.not_null && b.not_null,
            ..Refinement::default()
        }
    };
    let lacking = common.lacking.clone().or(lacking.map(|why| (*why).clone()));
    Value::unknown_of(ty, reason).refined(Refinement { lacking, ..common })
}

/// Whether the result of an unknown condition is unknown whatever a result that is lacking turns out to be.
fn matters_not(yes: &Value, no: &Value) -> bool {
    let plain = |ty: Type| {
        matches!(
            ty,
            Type::Bool | Type::String | Type::Tuple(_) | Type::Object(_)
        )
    };
    plain(yes.ty()) && plain(no.ty()) && !yes.is_null() && !no.is_null()
}

/// The type both results have in common; nothing where they have none.
fn common(results: &[Outcome; 2]) -> Option<Type> {
    let types = results.each_ref().map(|result| match result {
        Ok(value) => value.ty(),
        Err(diagnostic) => diagnostic.ty.clone(),
    });
    let untyped_null = |at: usize| {
        results[at].as_ref().is_ok_and(|value| value.is_null()) && types[at] == Type::Dynamic
    };
    match (untyped_null(0), untyped_null(1)) {
        (true, _) => Some(types[1].clone()),
        (_, true) => Some(types[0].clone()),
        _ if types.contains(&Type::Dynamic) => Some(Type::Dynamic),
        _ => unify(&types, true),
    }
}
