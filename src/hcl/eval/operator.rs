//! Unary and binary operators.

use std::cmp::Ordering;

use hcl_edit::expr::{BinaryOp, BinaryOperator, UnaryOp, UnaryOperator};

use super::expression;
use crate::hcl::convert::convert;
use crate::hcl::diagnostic::{Diagnostic, Outcome};
use crate::hcl::number::Number;
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::value::{Data, Value};

pub(super) fn unary(operation: &UnaryOp, ctx: &Context<'_>) -> Outcome {
    let operand = expression(&operation.expr, ctx)?;
    let ty = if *operation.operator.value() == UnaryOperator::Not { Type::Bool } else { Type::Number };
    let value = convert(&operand, &ty)
        .map_err(|error| Diagnostic::new("Invalid operand", format!("Unsuitable value for unary operand: {error}.")))?;
    let result = match &value.data {
        Data::Bool(value) => Value::bool(!value),
        Data::Number(number) => Value::number(number.negated()),
        Data::Unknown(_, reason) | Data::Open(_, reason) => Data::Unknown(ty, reason.clone()).into(),
        _ => return Err(failed("argument must not be null")),
    };
    Ok(result.marked(operand.sensitive))
}

fn failed(why: &str) -> Diagnostic {
    Diagnostic::new("Operation failed", format!("Error during operation: {why}."))
}

pub(super) fn binary(operation: &BinaryOp, ctx: &Context<'_>) -> Outcome {
    let operator = *operation.operator.value();
    match operator {
        BinaryOperator::And | BinaryOperator::Or => logical(operation, operator == BinaryOperator::Or, ctx),
        BinaryOperator::Eq | BinaryOperator::NotEq => {
            let left = expression(&operation.lhs_expr, ctx)?;
            let right = expression(&operation.rhs_expr, ctx)?;
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
pub(crate) fn equal(left: &Value, right: &Value) -> Result<bool, std::sync::Arc<str>> {
    if left.is_null() && right.is_null() {
        return Ok(true);
    }
    if let Some(reason) = [left, right].into_iter().filter(|value| value.is_unknown()).find_map(Value::reason) {
        return Err(reason.clone());
    }
    if left.is_null() || right.is_null() {
        return Ok(false);
    }
    if left.is_whole() && right.is_whole() {
        return Ok(left.ty() == right.ty() && left.same(right));
    }
    parts_equal(left, right)
}

/// Equality of values of which a part is not known: unequal for certain, or unknown.
fn parts_equal(left: &Value, right: &Value) -> Result<bool, std::sync::Arc<str>> {
    let reason = left.reason().or_else(|| right.reason()).cloned().unwrap_or_default();
    let differ = match (left.elements(), right.elements(), left.members(), right.members()) {
        (Some(a), Some(b), _, _) if !matches!(left.data, Data::Set(..)) => {
            a.len() != b.len() || a.iter().zip(b.iter()).any(|(a, b)| equal(a, b) == Ok(false))
        }
        (_, _, Some(a), Some(b)) => {
            !a.keys().eq(b.keys()) || a.iter().zip(b.iter()).any(|((_, a), (_, b))| equal(a, b) == Ok(false))
        }
        _ => false,
    };
    if differ { Ok(false) } else { Err(reason) }
}

/// `&&` and `||`: a side that decides alone does so even if the other cannot be evaluated. Null decides `&&`, and only that.
fn logical(operation: &BinaryOp, decisive: bool, ctx: &Context<'_>) -> Outcome {
    let left = operand(expression(&operation.lhs_expr, ctx)?, &Type::Bool, "left")?;
    let right = expression(&operation.rhs_expr, ctx);
    let decides = |value: &Value| value.as_bool() == Some(decisive) || (!decisive && value.is_null());
    if decides(&left) && !right.as_ref().is_err_and(|diagnostic| diagnostic.reference) {
        let sensitive = left.sensitive || right.is_ok_and(|right| right.sensitive);
        return Ok(Value::bool(decisive).marked(sensitive));
    }
    let right = operand(right?, &Type::Bool, "right")?;
    let sensitive = left.sensitive || right.sensitive;
    let result = match (&left.data, &right.data) {
        _ if decides(&right) => Value::bool(decisive),
        (Data::Null(_), _) | (_, Data::Null(_)) => return Err(failed("argument must not be null")),
        (Data::Unknown(_, reason), _) | (_, Data::Unknown(_, reason)) => Data::Unknown(Type::Bool, reason.clone()).into(),
        (_, right) => Value::from(right.clone()),
    };
    Ok(result.marked(sensitive))
}

fn operand(value: Value, ty: &Type, side: &str) -> Outcome {
    convert(&value, ty)
        .map_err(|error| Diagnostic::new("Invalid operand", format!("Unsuitable value for {side} operand: {error}.")))
}

fn arithmetic(operation: &BinaryOp, operator: BinaryOperator, ctx: &Context<'_>) -> Outcome {
    let left = operand(expression(&operation.lhs_expr, ctx)?, &Type::Number, "left")?;
    let right = operand(expression(&operation.rhs_expr, ctx)?, &Type::Number, "right")?;
    let sensitive = left.sensitive || right.sensitive;
    let comparison = !matches!(
        operator,
        BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Mul | BinaryOperator::Div | BinaryOperator::Mod
    );
    let result = match (&left.data, &right.data) {
        (Data::Number(a), Data::Number(b)) if comparison => Value::bool(holds(operator, a.cmp(b))),
        (Data::Number(a), Data::Number(b)) => {
            Value::number(computed(operator, a, b).ok_or_else(|| failed("the result is not a number"))?)
        }
        (Data::Null(_), _) | (_, Data::Null(_)) => return Err(failed("argument must not be null")),
        (Data::Unknown(_, reason), _) | (_, Data::Unknown(_, reason)) => {
            Data::Unknown(if comparison { Type::Bool } else { Type::Number }, reason.clone()).into()
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
