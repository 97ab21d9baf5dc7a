//! Function calls.

use std::cell::OnceCell;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, FuncCall};

use super::expression;
use crate::hcl::convert::convert;
use crate::hcl::diagnostic::{Diagnostic, Mistakes, Outcome};
use crate::hcl::functions::{self, Failure};
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::value::{Data, Value};
use crate::model::{NotEvaluated, Unknown};

pub(super) fn call(call: &FuncCall, ctx: &Context<'_>) -> Outcome {
    let name = call.name.name.value().as_str();
    let namespace: Vec<&str> = call
        .name
        .namespace
        .iter()
        .map(|part| part.value().as_str())
        .collect();
    match namespace.as_slice() {
        [] | ["core"] => {}
        ["provider", ..] => {
            let name = format!("{}::{name}", namespace.join("::"));
            return Ok(Value::unknown(NotEvaluated::Function(name.into())));
        }
        other => {
            let detail = format!(
                "There are functions in the namespaces core and provider only, not in {}.",
                other.join("::")
            );
            return Err(Diagnostic::reference("Unknown function namespace", detail)
                .at(call.name.name.span()));
        }
    }
    match name {
        "try" => return attempt(call, ctx),
        "can" => return can(call, ctx),
        _ => {}
    }
    let place = call.name.name.span();
    let Some(function) = functions::find(name) else {
        let unknown = Diagnostic::new(
            "Call to unknown function",
            format!("There is no function named \"{name}\"."),
        );
        return Err(unknown.at(place));
    };
    let exprs: Vec<&Expression> = call.args.iter().collect();
    let expanded = match expanded(call, ctx)? {
        Expanded::Values(values) => values,
        Expanded::Unknown(reason) => return Ok(Value::unknown(reason)),
    };
    let fixed = exprs.len() - usize::from(call.args.expand_final());
    check_count(call, function, fixed + expanded.len())?;
    let mut mistakes = Mistakes::default();
    let given: Vec<Value> = exprs[..fixed]
        .iter()
        .map(|expr| mistakes.value(expression(expr, ctx)))
        .chain(expanded)
        .collect();
    let invalid = |at: usize, why: &str| {
        let expr = exprs.get(at).or(exprs.last());
        let start = expr
            .and_then(|expr| expr.span())
            .map(|span| span.start..span.start);
        Diagnostic::new(
            "Invalid function argument",
            format!(
                "Invalid value for argument {} of \"{name}\": {why}.",
                at + 1
            ),
        )
        .at(start)
    };
    let mut converted = Vec::with_capacity(given.len());
    for (at, argument) in given.iter().enumerate() {
        let value = convert(argument, &function.parameter(at).ty);
        converted.push(mistakes.value(value.map_err(|error| invalid(at, &error))));
    }
    mistakes.end(|| Type::Dynamic)?;
    ctx.scope.budget().look(&converted, 1)?;
    function
        .call(converted, ctx)
        .map_err(|failure| match failure {
            Failure::Argument(at, why) => invalid(at, &why),
            Failure::Call(why) => Diagnostic::new(
                "Error in function call",
                format!("Call to function \"{name}\" failed: {why}."),
            )
            .at(place),
            Failure::Diagnostic(diagnostic) => diagnostic,
            Failure::Unknown(_) => Diagnostic::new("Error in function call", "it is not known"),
        })
}

/// Refuses a call with too few or too many arguments, at the place where tofu says so.
fn check_count(
    call: &FuncCall,
    function: &functions::Function,
    count: usize,
) -> Result<(), Diagnostic> {
    let end = call.span().map(|span| span.end.saturating_sub(1)..span.end);
    let name = call.name.name.value().as_str();
    function.check_count(name, count).map_err(|diagnostic| {
        let beyond = call
            .args
            .iter()
            .nth(function.expected())
            .and_then(|expr| expr.span())
            .map(|span| span.start..span.start);
        diagnostic.at(if count < function.expected() {
            end
        } else {
            beyond.or(end)
        })
    })
}

/// What a final `...` gives.
enum Expanded {
    /// Arguments; none where there is no `...`.
    Values(Vec<Value>),
    /// They are not known, for the reason.
    Unknown(Unknown),
}

/// The arguments that a final `...` stands for.
fn expanded(call: &FuncCall, ctx: &Context<'_>) -> Result<Expanded, Diagnostic> {
    let last = call.args.iter().last().filter(|_| call.args.expand_final());
    let Some(expr) = last else {
        return Ok(Expanded::Values(Vec::new()));
    };
    let value = expression(expr, ctx).map_err(|diagnostic| diagnostic.giving(Type::Dynamic))?;
    let invalid =
        |detail: &str| Diagnostic::new("Invalid expanding argument value", detail).at(expr.span());
    if value.is_null() {
        return Err(invalid(
            "The expanding argument (indicated by ...) must not be null.",
        ));
    }
    match &value.data {
        Data::Unknown(unknown)
            if !unknown.ty.is_primitive()
                && !matches!(unknown.ty, Type::Map(_) | Type::Object(_)) =>
        {
            return Ok(Expanded::Unknown(unknown.why.clone()));
        }
        Data::Open(_, reason) => return Ok(Expanded::Unknown(reason.clone())),
        _ => {}
    }
    let Some(elements) = value.elements() else {
        return Err(invalid(
            "The expanding argument (indicated by ...) must be of a tuple, list, or set type.",
        ));
    };
    Ok(Expanded::Values(
        elements
            .iter()
            .map(|element| element.clone().marked(value.sensitive))
            .collect(),
    ))
}

/// `try`: the first argument that evaluates without a mistake.
fn attempt(call: &FuncCall, ctx: &Context<'_>) -> Outcome {
    let expanded = match expanded(call, ctx)? {
        Expanded::Values(values) => values,
        Expanded::Unknown(reason) => return Ok(Value::unknown(reason)),
    };
    let fixed = call.args.len() - usize::from(call.args.expand_final());
    let mut last = None;
    for expr in call.args.iter().take(fixed) {
        let lacking = OnceCell::new();
        let outcome = expression(expr, &ctx.watching(&lacking));
        if let Some(why) = lacking.get() {
            ctx.note_lacking(why);
        }
        match outcome {
            // What is lacking inside the value of a reference cannot make it fail.
            Ok(value) if is_reference(expr) => return Ok(or_untyped(value)),
            Ok(value) => return Ok(or_untyped(in_spite_of(value, lacking.get()))),
            Err(diagnostic) if diagnostic.is_final() => return Err(diagnostic),
            // More knowledge takes no mistake away.
            Err(diagnostic) => last = Some(diagnostic),
        }
    }
    if let Some(first) = expanded.into_iter().next() {
        return Ok(or_untyped(first));
    }
    let why = match last {
        Some(diagnostic) => format!("no expression succeeded: {}", diagnostic.detail),
        None => "at least one argument is required.".into(),
    };
    Err(Diagnostic::new(
        "Error in function call",
        format!("Call to function \"try\" failed: {why}"),
    )
    .at(call.name.name.span()))
}

/// A value that came about in spite of what is lacking, with which it might have failed.
fn in_spite_of(value: Value, lacking: Option<&Unknown>) -> Value {
    match lacking {
        Some(why) => Value::unknown(why.clone()),
        None => value,
    }
}

/// The value; of one that is not known in full not even the type is certain.
fn or_untyped(value: Value) -> Value {
    match value.reason() {
        Some(why) => Value::unknown(why.clone()),
        None => value,
    }
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
    let expanded = match expanded(call, ctx)? {
        Expanded::Values(values) => values,
        Expanded::Unknown(reason) => return Ok(Value::unknown(reason)),
    };
    let fixed = call.args.len() - usize::from(call.args.expand_final());
    let count = fixed + expanded.len();
    if count != 1 {
        let summary = if count == 0 {
            "Not enough function arguments"
        } else {
            "Too many function arguments"
        };
        let end = call.span().map(|span| span.end.saturating_sub(1)..span.end);
        return Err(Diagnostic::new(summary, "Function \"can\" expects 1 argument(s).").at(end));
    }
    let Some(expr) = call.args.iter().next().filter(|_| fixed == 1) else {
        return Ok(Value::bool(true));
    };
    let lacking = OnceCell::new();
    let outcome = expression(expr, &ctx.watching(&lacking));
    if let Some(why) = lacking.get() {
        ctx.note_lacking(why);
    }
    match outcome {
        Err(diagnostic) if diagnostic.is_final() => Err(diagnostic),
        Err(_) => Ok(Value::bool(false)),
        Ok(value) => Ok(match lacking.get().or_else(|| value.reason()) {
            // Whether it fails depends on what is unknown.
            Some(why) => Value::unknown_of(Type::Bool, why.clone()),
            None => Value::bool(true),
        }),
    }
}
