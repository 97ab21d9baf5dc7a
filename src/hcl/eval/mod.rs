//! Evaluation of expressions, as far as what they refer to is known.

mod access;
mod call;
mod conditional;
mod equality;
mod for_expr;
mod operator;
mod template;

use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::{Array, Expression, Object, ObjectKey, Traversal};

pub use access::{attribute, index};
pub(in crate::hcl) use equality::equal;
pub use template::text as template_text;

use super::convert::convert;
use super::diagnostic::{Diagnostic, Mistakes, Outcome};
use super::number::Number;
use super::scope::Context;
use super::types::Type;
use super::value::{Members, Value};
use crate::model::Unknown;

/// The value of an expression; what is not known is an unknown value with its reason.
///
/// # Errors
/// The first mistake met, with its place in the source.
pub fn expression(expr: &Expression, ctx: &Context<'_>) -> Outcome {
    let budget = ctx.scope.budget();
    let outcome = budget.step().and_then(|()| evaluated(expr, ctx));
    let makes = matches!(
        expr,
        Expression::Array(_)
            | Expression::Object(_)
            | Expression::StringTemplate(_)
            | Expression::HeredocTemplate(_)
            | Expression::FuncCall(_)
            | Expression::Traversal(_)
            | Expression::ForExpr(_)
    );
    let kept = outcome.and_then(|value| match makes {
        true => budget.made(&value).map(|()| value),
        false => Ok(value),
    });
    kept.map_err(|diagnostic| diagnostic.at(expr.span()))
}

fn evaluated(expr: &Expression, ctx: &Context<'_>) -> Outcome {
    match expr {
        Expression::Null(_) => Ok(Value::null()),
        Expression::Bool(value) => Ok(Value::bool(*value.value())),
        Expression::Number(number) => literal_number(number),
        Expression::String(text) => Ok(Value::string(text.value())),
        Expression::Array(array) => tuple(array, ctx),
        Expression::Object(object) => self::object(object, ctx),
        Expression::StringTemplate(template) => template::quoted(template, ctx),
        Expression::HeredocTemplate(heredoc) => template::heredoc(heredoc, ctx),
        Expression::Parenthesis(inner) => expression(inner.inner(), ctx),
        Expression::Variable(name) => variable(name.value().as_str(), ctx),
        Expression::Conditional(conditional) => conditional::conditional(conditional, ctx),
        Expression::FuncCall(call) => call::call(call, ctx),
        Expression::Traversal(traversal) => self::traversal(traversal, ctx),
        Expression::UnaryOp(operation) => operator::unary(operation, ctx),
        Expression::BinaryOp(operation) => operator::binary(operation, ctx),
        Expression::ForExpr(for_expr) => for_expr::for_expr(for_expr, ctx),
    }
}

/// A number as it stands in the source: the tree's own may have lost digits.
fn literal_number(number: &hcl_edit::Formatted<hcl_edit::Number>) -> Outcome {
    let source = number.as_repr().map(|raw| raw.to_string());
    let read = source
        .as_deref()
        .and_then(Number::parse)
        .or_else(|| Number::parse(&number.value().to_string()));
    read.or_else(|| number.value().as_f64().and_then(Number::float))
        .map(Value::number)
        .ok_or_else(|| Diagnostic::new("Invalid number literal", "The number is too large."))
}

fn tuple(array: &Array, ctx: &Context<'_>) -> Outcome {
    let mut mistakes = Mistakes::default();
    let value = Value::tuple(
        array
            .iter()
            .map(|element| mistakes.value(expression(element, ctx)))
            .collect(),
    );
    mistakes.end(|| value.ty())?;
    Ok(value)
}

fn object(object: &Object, ctx: &Context<'_>) -> Outcome {
    let mut members = Members::new();
    let (mut sensitive, mut unknown, mut mistakes) = (false, None, Mistakes::default());
    for (key, value) in object.iter() {
        let (key, place) = match key {
            ObjectKey::Ident(name) => (Ok(Value::string(name.value().as_str())), None),
            // A keyword in the place of a key is a name.
            ObjectKey::Expression(Expression::Null(_)) => (Ok(Value::string("null")), None),
            ObjectKey::Expression(expr) => (expression(expr, ctx), expr.span()),
        };
        let place = (place, value.expr().span());
        let value = mistakes.value(expression(value.expr(), ctx));
        let key = key.and_then(|key| member_name(&key, place).map(|name| (name, key.sensitive)));
        match key {
            Ok((Ok(name), marked)) => {
                members.insert(name, value);
                sensitive |= marked;
            }
            Ok((Err(reason), marked)) => {
                note_reason(&mut unknown, reason);
                sensitive |= marked;
            }
            Err(diagnostic) => {
                mistakes.add(diagnostic);
                unknown = unknown.or_else(|| Some(Unknown::mistaken("")));
            }
        }
    }
    let value = unknown.map_or_else(|| Value::object(members), Value::unknown);
    mistakes.end(|| value.ty())?;
    Ok(value.marked(sensitive))
}

/// A place in the source, if it has one.
type Place = Option<Range<usize>>;

/// The name a key stands for, or why it is not known; `places` are the key's and its value's.
fn member_name(
    key: &Value,
    places: (Place, Place),
) -> Result<Result<Arc<str>, Unknown>, Diagnostic> {
    if key.is_null() {
        return Err(
            Diagnostic::new("Null value as key", "Can't use a null value as a key.").at(places.1),
        );
    }
    let name = convert(key, &Type::String).map_err(|error| {
        Diagnostic::new(
            "Incorrect key type",
            format!("Can't use this value as a key: {error}."),
        )
        .at(places.0)
    })?;
    Ok(match (name.as_str(), name.reason()) {
        (Some(text), _) => Ok(text.into()),
        (None, Some(reason)) => Err(reason.clone()),
        (None, None) => Err(Unknown::mistaken("Incorrect key type")),
    })
}

fn variable(name: &str, ctx: &Context<'_>) -> Outcome {
    let value = match ctx.bound(name) {
        Some(value) => value.clone(),
        None => ctx.scope.resolve(name, &[])?.0,
    };
    Ok(noted(value, ctx))
}

fn traversal(traversal: &Traversal, ctx: &Context<'_>) -> Outcome {
    let path = &traversal.operators;
    let (value, used) = match &traversal.expr {
        Expression::Variable(name) => {
            let name = name.value().as_str();
            match ctx.bound(name) {
                Some(value) => (value.clone(), 0),
                None => ctx.scope.resolve(name, path)?,
            }
        }
        other => (expression(other, ctx).map_err(untyped)?, 0),
    };
    Ok(noted(
        access::walk(value, &path[used.min(path.len())..], ctx)?,
        ctx,
    ))
}

/// A mistake that leaves no trace of a type.
fn untyped(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.giving(Type::Dynamic)
}

/// Lets the context know of references of which a part is lacking here.
fn noted(value: Value, ctx: &Context<'_>) -> Value {
    if let Some(why) = value.lacking() {
        ctx.note_lacking(why);
    }
    value
}

/// One more reason why what needs all its parts is not known.
fn note_reason(reason: &mut Option<Unknown>, next: Unknown) {
    let stays = |first: &Unknown| first.is_after_apply() || !next.is_after_apply();
    if !reason.as_ref().is_some_and(stays) {
        *reason = Some(next);
    }
}

/// What iterating over a value gives: keys and elements.
pub(crate) enum Items {
    /// Each key with its element, in the language's order.
    Known(Vec<(Value, Value)>),
    /// Not known which, for the reason.
    Unknown(Unknown),
}

/// The value to iterate over; where it is wrong and could not be iterated over anyway, that is said first.
fn collection(expr: &Expression, ctx: &Context<'_>) -> Outcome {
    let mut mistakes = Mistakes::default();
    let value = mistakes.value(expression(expr, ctx));
    if let Err(diagnostic) = items(&value) {
        mistakes.add(diagnostic.at(expr.span()));
    }
    mistakes.end(|| Type::Dynamic)?;
    Ok(value)
}

/// The elements of a collection, tuple or object with their keys.
///
/// # Errors
/// When the value is null or cannot be iterated over.
pub(crate) fn items(value: &Value) -> Result<Items, Diagnostic> {
    use super::value::Data;
    match &value.data {
        Data::Null(ty) if !ty.is_primitive() => Err(Diagnostic::new(
            "Iteration over null value",
            "A null value cannot be used as the collection in a 'for' expression.",
        )),
        Data::Unknown(unknown) if !unknown.ty.is_primitive() => {
            Ok(Items::Unknown(unknown.why.clone()))
        }
        Data::Open(_, reason) => Ok(Items::Unknown(reason.clone())),
        Data::List(_, elements) | Data::Tuple(elements) => Ok(Items::Known(
            elements
                .iter()
                .enumerate()
                .map(|(at, element)| (Value::count(at), element.clone()))
                .collect(),
        )),
        // tofu iterates over elements that only apply tells; one that is only lacking here may turn out to be another.
        Data::Set(_, elements) => match elements.iter().find_map(Value::lacking) {
            Some(reason) if elements.len() > 1 => Ok(Items::Unknown(reason.clone())),
            _ => Ok(Items::Known(
                elements
                    .iter()
                    .map(|element| (element.clone(), element.clone()))
                    .collect(),
            )),
        },
        Data::Map(_, members) | Data::Object(members) => Ok(Items::Known(
            members
                .iter()
                .map(|(key, member)| (Value::string(key), member.clone()))
                .collect(),
        )),
        _ => Err(Diagnostic::new(
            "Iteration over non-iterable value",
            format!(
                "A value of type {} cannot be used as the collection in a 'for' expression.",
                value.ty().name()
            ),
        )),
    }
}
