//! Function calls.

use std::cell::Cell;

use hcl_edit::expr::{Expression, FuncCall};

use super::expression;
use crate::hcl::convert::convert;
use crate::hcl::diagnostic::{Diagnostic, Outcome};
use crate::hcl::functions::{self, Failure};
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::value::{Data, Value};

pub(super) fn call(call: &FuncCall, ctx: &Context<'_>) -> Outcome {
    let name = call.name.name.value().as_str();
    let namespace: Vec<&str> = call.name.namespace.iter().map(|part| part.value().as_str()).collect();
    match namespace.as_slice() {
        [] | ["core"] => {}
        ["provider", ..] => return Ok(Value::unknown(format!("{}::{name} is a function of a provider", namespace.join("::")))),
        other => {
            let detail = format!("There are no functions in namespace \"{}::\".", other.join("::"));
            return Err(Diagnostic::new("Call to unknown function", detail));
        }
    }
    match name {
        "try" => return attempt(call, ctx),
        "can" => return can(call, ctx),
        _ => {}
    }
    let Some(function) = functions::find(name) else {
        return Err(Diagnostic::new("Call to unknown function", format!("There is no function named \"{name}\".")));
    };
    let arguments = match arguments(call, ctx)? {
        Ok(arguments) => arguments,
        Err(unknown) => return Ok(unknown),
    };
    function.check_count(name, arguments.len())?;
    let mut converted = Vec::with_capacity(arguments.len());
    for (at, argument) in arguments.iter().enumerate() {
        let parameter = function.parameter(at);
        converted.push(convert(argument, &parameter.ty).map_err(|error| invalid_argument(name, at, &error))?);
    }
    function.call(converted, ctx).map_err(|failure| match failure {
        Failure::Argument(at, why) => invalid_argument(name, at, &why),
        Failure::Call(why) => Diagnostic::new("Error in function call", format!("Call to function \"{name}\" failed: {why}.")),
        Failure::Diagnostic(diagnostic) => diagnostic,
    })
}

fn invalid_argument(name: &str, at: usize, why: &str) -> Diagnostic {
    Diagnostic::new("Invalid function argument", format!("Invalid value for argument {} of \"{name}\": {why}.", at + 1))
}

/// The arguments, with a final `...` expanded; an unknown value where it cannot be.
fn arguments(call: &FuncCall, ctx: &Context<'_>) -> Result<Result<Vec<Value>, Value>, Diagnostic> {
    let exprs: Vec<&Expression> = call.args.iter().collect();
    let fixed = if call.args.expand_final() { exprs.len().saturating_sub(1) } else { exprs.len() };
    let mut values = exprs[..fixed].iter().map(|expr| expression(expr, ctx)).collect::<Result<Vec<_>, _>>()?;
    let Some(last) = exprs.get(fixed) else { return Ok(Ok(values)) };
    let last = expression(last, ctx)?;
    let invalid = |detail: &str| Diagnostic::new("Invalid expanding argument value", detail);
    if last.is_null() {
        return Err(invalid("The expanding argument (indicated by ...) must not be null."));
    }
    if let Data::Unknown(_, reason) | Data::Open(_, reason) = &last.data {
        return Ok(Err(Value::unknown(reason.clone())));
    }
    let Some(elements) = last.elements() else {
        return Err(invalid("The expanding argument (indicated by ...) must be of a tuple, list, or set type."));
    };
    values.extend(elements.iter().map(|element| element.clone().marked(last.sensitive)));
    Ok(Ok(values))
}

/// `try`: the first argument that evaluates without a mistake.
fn attempt(call: &FuncCall, ctx: &Context<'_>) -> Outcome {
    if call.args.is_empty() {
        return Err(Diagnostic::new(
            "Error in function call",
            "Call to function \"try\" failed: at least one argument is required.",
        ));
    }
    let mut last = None;
    for expr in call.args.iter() {
        let unknown = Cell::new(false);
        let outcome = expression(expr, &ctx.watching(&unknown));
        if unknown.get() {
            ctx.note_unknown();
        }
        match outcome {
            Ok(value) if !unknown.get() || is_reference(expr) => return Ok(value),
            Ok(value) => {
                return Ok(Value::unknown(value.reason().cloned().unwrap_or_else(|| "it depends on what is unknown".into())));
            }
            Err(diagnostic) if diagnostic.reference => return Err(diagnostic),
            Err(_) if unknown.get() => return Ok(Value::unknown("whether it fails depends on what is unknown")),
            Err(diagnostic) => last = Some(diagnostic),
        }
    }
    let why = last.map(|diagnostic| diagnostic.detail).unwrap_or_default();
    Err(Diagnostic::new("Error in function call", format!("Call to function \"try\" failed: no expression succeeded: {why}")))
}

/// A reference alone: what is unknown inside its value cannot make it fail.
fn is_reference(expr: &Expression) -> bool {
    match expr {
        Expression::Traversal(traversal) => matches!(traversal.expr, Expression::Variable(_)),
        Expression::Variable(_) => true,
        _ => false,
    }
}

fn can(call: &FuncCall, ctx: &Context<'_>) -> Outcome {
    let mut exprs = call.args.iter();
    let (Some(expr), None) = (exprs.next(), exprs.next()) else {
        let summary = if call.args.is_empty() { "Not enough function arguments" } else { "Too many function arguments" };
        return Err(Diagnostic::new(summary, "Function \"can\" expects 1 argument(s)."));
    };
    let unknown = Cell::new(false);
    let outcome = expression(expr, &ctx.watching(&unknown));
    if let Err(diagnostic) = &outcome
        && diagnostic.reference
    {
        return outcome;
    }
    if unknown.get() {
        ctx.note_unknown();
        return Ok(Data::Unknown(Type::Bool, "whether it fails depends on what is unknown".into()).into());
    }
    Ok(Value::bool(outcome.is_ok()))
}
