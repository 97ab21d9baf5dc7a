//! Unary and binary operators.

use std::cmp::Ordering;

use hcl_edit::Span;
use hcl_edit::expr::{BinaryOp, BinaryOperator, Expression, UnaryOp, UnaryOperator};

use super::equality::equal;
use super::expression;
use crate::hcl::convert::convert;
use crate::hcl::diagnostic::{Diagnostic, Mistakes, Outcome};
use crate::hcl::number::Number;
use crate::hcl::refinement::{Refinement, undecided};
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::value::{Data, Value, all_needed, any_decides};
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
        Data::Unknown(_) | Data::Open(..) => unresolved(ty, [&value]),
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
            let budget = ctx.scope.budget();
            budget.look(&[left.clone(), right.clone()], 1)?;
            let sensitive = left.has_sensitive() || right.has_sensitive();
            let result = match equal(&left, &right) {
                Ok(same) => Value::bool(same == (operator == BinaryOperator::Eq)),
                Err(reason) => Value::unknown_of(Type::Bool, reason).not_null(),
            };
            Ok(result.marked(sensitive))
        }
        _ => arithmetic(operation, operator, ctx),
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
        .find(|diagnostic| diagnostic.is_final())
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
        (true, true) if wrong[0].is_none() => Some(None),
        (true, false) if yields(&right) => Some(wrong[0].clone()),
        (false, true) if yields(&left) => Some(wrong[1].clone()),
        _ => None,
    };
    if let Some(wrong) = open {
        let reasons = [&left, &right].into_iter().filter_map(Value::reason);
        let reason = any_decides(reasons).cloned();
        let unknown = || Value::unknown_of(Type::Bool, reason.unwrap_or(Unknown::mistaken("")));
        return wrong.map_or_else(
            || Ok(unknown().not_null().marked(sensitive)),
            |wrong| Err(wrong.giving(Type::Bool)),
        );
    }
    all.end(|| Type::Bool)?;
    match (&left.data, &right.data) {
        (Data::Bool(_), Data::Bool(right)) => Ok(Value::bool(*right).marked(sensitive)),
        (Data::Unknown(_), _) | (_, Data::Unknown(_)) => {
            Ok(unresolved(Type::Bool, [&left, &right]).marked(sensitive))
        }
        _ => Err(failed("argument must not be null").giving(Type::Bool)),
    }
}

fn unknown(ty: Type) -> Value {
    Value::unknown_of(ty, Unknown::mistaken(""))
}

/// The result of an operation that needs all its operands to be known, where one is not.
fn unresolved<const N: usize>(ty: Type, operands: [&Value; N]) -> Value {
    let reason = all_needed(operands.into_iter().filter_map(Value::reason));
    Value::unknown_of(ty, reason.cloned().unwrap_or(Unknown::mistaken(""))).not_null()
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
        (Data::Number(a), Data::Number(b)) => {
            let number = computed(operator, a, b);
            let number = number.ok_or_else(|| failed("the result is not a number"))?;
            if number.is_immense() {
                let detail = "This makes a number of more digits than any real configuration has.";
                return Err(ctx.scope.budget().over(detail).giving(ty));
            }
            Value::number(number)
        }
        (Data::Null(_), _) | (_, Data::Null(_)) => return Err(failed("argument must not be null")),
        (Data::Unknown(_), _) | (_, Data::Unknown(_)) if comparison => {
            compared(operator, &left, &right)
        }
        (Data::Unknown(_), _) | (_, Data::Unknown(_)) => unresolved(ty, [&left, &right]),
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

/// A comparison of numbers of which one is not known: their bounds may decide it.
fn compared(operator: BinaryOperator, left: &Value, right: &Value) -> Value {
    let [a, b] = [left, right].map(Refinement::of);
    let below = |a: &Refinement, b: &Refinement| {
        let bounds = a.bounds().1.zip(b.bounds().0);
        bounds.is_some_and(|(most, least)| most.number < least.number)
    };
    let order = match (below(&a, &b), below(&b, &a)) {
        (true, _) => Some(Ordering::Less),
        (_, true) => Some(Ordering::Greater),
        _ => None,
    };
    match order {
        Some(order) => Value::bool(holds(operator, order)),
        None => {
            let reason = undecided([left, right]).unwrap_or(Unknown::mistaken(""));
            Value::unknown_of(Type::Bool, reason).not_null()
        }
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
