//! Unary and binary operators.

use std::cmp::Ordering;

use hcl_edit::Span;
use hcl_edit::expr::{BinaryOp, BinaryOperator, Expression, UnaryOp, UnaryOperator};

use super::expression;
use crate::hcl::convert::convert;
use crate::hcl::diagnostic::{Diagnostic, Mistakes, Outcome};
use crate::hcl::number::Number;
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::value::{Data, Value};
use crate::model::Unknown;

pub(super) fn unary(operation: &UnaryOp, ctx: &Context<'_>) -> Outcome {
    let mut mistakes = Mistakes::default();
    let ty = if *operation.operator.value() == UnaryOperator::Not {
        Type::Bool
    } else {
        Type::Number
    };
    let value = operand(
        &operation.expr,
        expression(&operation.expr, ctx),
        &ty,
        "unary",
        &mut mistakes,
    );
    mistakes.end(|| ty.clone())?;
    let result = match &value.data {
        Data::Bool(value) => Value::bool(!value),
        Data::Number(number) => Value::number(number.negated()),
        Data::Unknown(_, reason) | Data::Open(_, reason) => {
            Data::Unknown(ty, reason.clone()).into()
        }
        _ => return Err(failed("argument must not be null").giving(ty)),
    };
    Ok(result.marked(value.sensitive))
}

/// The value of an operand in the type the operator wants; unknown where there is none.
fn operand(
    expr: &Expression,
    outcome: Outcome,
    ty: &Type,
    side: &str,
    mistakes: &mut Mistakes,
) -> Value {
    let value = mistakes.value(outcome);
    convert(&value, ty).unwrap_or_else(|error| {
        let invalid = Diagnostic::new(
            "Invalid operand",
            format!("Unsuitable value for {side} operand: {error}."),
        );
        mistakes.value(Err(invalid.at(expr.span()).giving(ty.clone())))
    })
}

fn failed(why: &str) -> Diagnostic {
    Diagnostic::new(
        "Operation failed",
        format!("Error during operation: {why}."),
    )
}

pub(super) fn binary(operation: &BinaryOp, ctx: &Context<'_>) -> Outcome {
    let operator = *operation.operator.value();
    match operator {
        BinaryOperator::And | BinaryOperator::Or => {
            logical(operation, operator == BinaryOperator::Or, ctx)
        }
        BinaryOperator::Eq | BinaryOperator::NotEq => {
            let mut mistakes = Mistakes::default();
            let left = mistakes.value(expression(&operation.lhs_expr, ctx));
            let right = mistakes.value(expression(&operation.rhs_expr, ctx));
            mistakes.end(|| Type::Bool)?;
            let sensitive = left.has_sensitive() || right.has_sensitive();
            let result = match equal(&left, &right) {
                Ok(same) => Value::bool(same == (operator == BinaryOperator::Eq)),
                Err(reason) => Data::Unknown(Type::Bool, reason).into(),
            };
            Ok(result.marked(sensitive))
        }
        _ => arithmetic(operation, operator, ctx),
    }
}

/// Whether two values are equal; the reason where that is not known.
///
/// Values of different types never are, except that null equals null.
pub(crate) fn equal(left: &Value, right: &Value) -> Result<bool, Unknown> {
    if left.is_null() && right.is_null() {
        return Ok(true);
    }
    if let Some(reason) = [left, right].into_iter().find_map(Value::unknown_itself) {
        return Err(reason.clone());
    }
    if left.is_null() || right.is_null() {
        return Ok(false);
    }
    match left.reason().or_else(|| right.reason()) {
        Some(reason) => parts_equal(left, right, reason),
        None => Ok(left.ty() == right.ty() && left.same(right)),
    }
}

/// Equality of values of which a part is not known: unequal for certain, or unknown.
fn parts_equal(left: &Value, right: &Value, reason: &Unknown) -> Result<bool, Unknown> {
    let differ = match (
        left.elements(),
        right.elements(),
        left.members(),
        right.members(),
    ) {
        (Some(a), Some(b), _, _) if !matches!(left.data, Data::Set(..)) => {
            a.len() != b.len()
                || a.iter()
                    .zip(b.iter())
                    .any(|(a, b)| equal(a, b) == Ok(false))
        }
        (_, _, Some(a), Some(b)) => {
            !a.keys().eq(b.keys())
                || a.iter()
                    .zip(b.iter())
                    .any(|((_, a), (_, b))| equal(a, b) == Ok(false))
        }
        _ => false,
    };
    if differ {
        Ok(false)
    } else {
        Err(reason.clone())
    }
}

/// `&&` and `||`: a side that decides alone does so even if the other cannot be evaluated. Null decides `&&`, and only that.
fn logical(operation: &BinaryOp, decisive: bool, ctx: &Context<'_>) -> Outcome {
    let sides = [
        (&operation.lhs_expr, "left"),
        (&operation.rhs_expr, "right"),
    ];
    let outcomes = sides.map(|(expr, _)| expression(expr, ctx));
    let wrong = outcomes
        .each_ref()
        .map(|outcome| outcome.as_ref().err().cloned());
    let (mut types, mut all) = (Mistakes::default(), Mistakes::default());
    wrong
        .iter()
        .flatten()
        .for_each(|diagnostic| all.add(diagnostic.clone()));
    let [left, right] = [0, 1].map(|at| {
        let (expr, side) = sides[at];
        let given = outcomes[at]
            .clone()
            .or_else(|diagnostic| Ok(unknown(diagnostic.ty)));
        operand(expr, given, &Type::Bool, side, &mut types)
    });
    if let Err(diagnostic) = types.end(|| Type::Bool) {
        all.add(diagnostic);
        return all.end(|| Type::Bool).map(|()| left);
    }
    if let Some(reference) = wrong
        .iter()
        .flatten()
        .find(|diagnostic| diagnostic.reference)
    {
        return Err(reference.clone());
    }
    let sensitive = left.sensitive || right.sensitive;
    let decides =
        |value: &Value| value.as_bool() == Some(decisive) || (!decisive && value.is_null());
    let yields =
        |value: &Value| value.as_bool() == Some(!decisive) || (decisive && value.is_null());
    if decides(&left) || decides(&right) {
        return Ok(Value::bool(decisive).marked(sensitive));
    }
    // Where one side cannot be known, its mistake is the outcome's; where neither can, the left one's.
    let open = match (left.is_unknown(), right.is_unknown()) {
        (true, true) if wrong[0].is_none() => Some((&left, None)),
        (true, false) if yields(&right) => Some((&left, wrong[0].clone())),
        (false, true) if yields(&left) => Some((&right, wrong[1].clone())),
        _ => None,
    };
    if let Some((unknown, wrong)) = open {
        return wrong.map_or_else(
            || Ok(unknown.clone().marked(sensitive)),
            |wrong| Err(wrong.giving(Type::Bool)),
        );
    }
    all.end(|| Type::Bool)?;
    match (&left.data, &right.data) {
        (Data::Bool(_), Data::Bool(right)) => Ok(Value::bool(*right).marked(sensitive)),
        (Data::Unknown(..), _) => Ok(left.marked(sensitive)),
        (_, Data::Unknown(..)) => Ok(right.marked(sensitive)),
        _ => Err(failed("argument must not be null").giving(Type::Bool)),
    }
}

fn unknown(ty: Type) -> Value {
    Data::Unknown(ty, Unknown::mistaken("")).into()
}

fn arithmetic(operation: &BinaryOp, operator: BinaryOperator, ctx: &Context<'_>) -> Outcome {
    let mut mistakes = Mistakes::default();
    let left = operand(
        &operation.lhs_expr,
        expression(&operation.lhs_expr, ctx),
        &Type::Number,
        "left",
        &mut mistakes,
    );
    let right = operand(
        &operation.rhs_expr,
        expression(&operation.rhs_expr, ctx),
        &Type::Number,
        "right",
        &mut mistakes,
    );
    let sensitive = left.sensitive || right.sensitive;
    let comparison = !matches!(
        operator,
        BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Mul
            | BinaryOperator::Div
            | BinaryOperator::Mod
    );
    let ty = if comparison { Type::Bool } else { Type::Number };
    mistakes.end(|| ty.clone())?;
    let failed = |why: &str| failed(why).giving(ty.clone());
    let result = match (&left.data, &right.data) {
        (Data::Number(a), Data::Number(b)) if comparison => Value::bool(holds(operator, a.cmp(b))),
        (Data::Number(a), Data::Number(b)) => Value::number(
            computed(operator, a, b).ok_or_else(|| failed("the result is not a number"))?,
        ),
        (Data::Null(_), _) | (_, Data::Null(_)) => return Err(failed("argument must not be null")),
        (Data::Unknown(_, reason), _) | (_, Data::Unknown(_, reason)) => {
            Data::Unknown(ty, reason.clone()).into()
        }
        _ => return Err(failed("a number is required")),
    };
    Ok(result.marked(sensitive))
}

fn holds(operator: BinaryOperator, order: Ordering) -> bool {
    match operator {
        BinaryOperator::Less => order.is_lt(),
        BinaryOperator::LessEq => order.is_le(),
        BinaryOperator::Greater => order.is_gt(),
        _ => order.is_ge(),
    }
}

fn computed(operator: BinaryOperator, a: &Number, b: &Number) -> Option<Number> {
    match operator {
        BinaryOperator::Plus => a.plus(b),
        BinaryOperator::Minus => a.minus(b),
        BinaryOperator::Mul => a.times(b),
        BinaryOperator::Div => a.over(b),
        _ => a.modulo(b),
    }
}
