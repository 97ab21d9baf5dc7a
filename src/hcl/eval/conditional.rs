//! `condition ? a : b`: both results are brought to one type.

use hcl_edit::expr::{Conditional, Expression};

use super::expression;
use crate::hcl::convert::convert;
use crate::hcl::diagnostic::{Diagnostic, Outcome};
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::unify::unify;
use crate::hcl::value::{Data, Value};

pub(super) fn conditional(conditional: &Conditional, ctx: &Context<'_>) -> Outcome {
    let results = [&conditional.true_expr, &conditional.false_expr].map(|branch| expression(branch, ctx));
    choose(&conditional.cond_expr, results, ctx)
}

/// The result that the condition chooses, converted to the type both have in common; a mistake in the other is no matter.
pub(super) fn choose(condition: &Expression, results: [Outcome; 2], ctx: &Context<'_>) -> Outcome {
    if let Some(Err(diagnostic)) = results.iter().find(|result| result.as_ref().is_err_and(|diagnostic| diagnostic.reference)) {
        return Err(diagnostic.clone());
    }
    let types = results.each_ref().map(|result| result.as_ref().map_or(Type::Dynamic, Value::ty));
    let untyped_null = |at: usize| results[at].as_ref().is_ok_and(|value| value.is_null()) && types[at] == Type::Dynamic;
    let ty = match (untyped_null(0), untyped_null(1)) {
        (true, _) => types[1].clone(),
        (_, true) => types[0].clone(),
        _ if types.contains(&Type::Dynamic) => Type::Dynamic,
        _ => unify(&types, true).ok_or_else(|| {
            Diagnostic::new(
                "Inconsistent conditional result types",
                "The true and false result expressions must have consistent types.",
            )
        })?,
    };
    let condition = expression(condition, ctx)?;
    if condition.is_null() {
        return Err(Diagnostic::new("Null condition", "The condition value is null. Conditions must either be true or false."));
    }
    let sensitive = condition.sensitive || results.iter().flatten().any(|value| value.sensitive);
    if condition.is_unknown() {
        let reason = condition.reason().cloned().unwrap_or_default();
        let null = results.iter().all(|result| result.as_ref().is_ok_and(Value::is_null));
        let data = if null { Data::Null(ty) } else { Data::Unknown(ty, reason) };
        return Ok(Value::from(data).marked(sensitive));
    }
    let Some(chosen) = convert(&condition, &Type::Bool).ok().and_then(|value| value.as_bool()) else {
        return Err(Diagnostic::new("Incorrect condition type", "The condition expression must be of type bool."));
    };
    let [yes, no] = results;
    let value = if chosen { yes } else { no }?;
    let converted = convert(&value, &ty).map_err(|error| {
        let side = if chosen { "true" } else { "false" };
        Diagnostic::new("Inconsistent conditional result types", format!("The {side} result value has the wrong type: {error}."))
    })?;
    Ok(converted.marked(sensitive))
}
