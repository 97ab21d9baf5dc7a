//! `for` expressions.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::expr::{Expression, ForExpr};

use super::{Items, expression, items};
use crate::hcl::convert::convert;
use crate::hcl::diagnostic::{Diagnostic, Outcome};
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::value::{Members, Value};

/// What a `for` has gathered so far.
#[derive(Default)]
struct Gathered {
    elements: Vec<Value>,
    groups: BTreeMap<Arc<str>, Vec<Value>>,
    sensitive: bool,
    unknown: Option<Arc<str>>,
}

pub(super) fn for_expr(for_expr: &ForExpr, ctx: &Context<'_>) -> Outcome {
    let collection = expression(&for_expr.intro.collection_expr, ctx)?;
    let mut gathered = Gathered { sensitive: collection.sensitive, ..Gathered::default() };
    let pairs = match items(&collection)? {
        Items::Known(pairs) => pairs,
        Items::Unknown(reason) => return Ok(Value::unknown(reason).marked(collection.sensitive)),
    };
    for (key, value) in pairs {
        let intro = &for_expr.intro;
        let outer = ctx.bind(intro.key_var.as_ref().map_or("", |name| name.value().as_str()), key);
        let outer_ctx = ctx.within(&outer);
        let inner = outer_ctx.bind(intro.value_var.value().as_str(), value);
        step(for_expr, &outer_ctx.within(&inner), &mut gathered)?;
    }
    let Gathered { elements, groups, sensitive, unknown } = gathered;
    let value = match (unknown, &for_expr.key_expr) {
        (Some(reason), _) => Value::unknown(reason),
        (None, None) => Value::tuple(elements),
        (None, Some(_)) if for_expr.grouping => {
            Value::object(groups.into_iter().map(|(key, values)| (key, Value::tuple(values))).collect())
        }
        (None, Some(_)) => {
            Value::object(groups.into_iter().filter_map(|(key, mut values)| Some((key, values.pop()?))).collect::<Members>())
        }
    };
    Ok(value.marked(sensitive))
}

/// One turn: the condition, the key and the value.
fn step(for_expr: &ForExpr, ctx: &Context<'_>, gathered: &mut Gathered) -> Result<(), Diagnostic> {
    if let Some(cond) = &for_expr.cond {
        match included(&cond.expr, ctx, gathered)? {
            Some(true) => {}
            _ => return Ok(()),
        }
    }
    let Some(key_expr) = &for_expr.key_expr else {
        gathered.elements.push(expression(&for_expr.value_expr, ctx)?);
        return Ok(());
    };
    let raw = expression(key_expr, ctx)?;
    if raw.is_null() {
        return Err(Diagnostic::new("Invalid object key", "Key expression in 'for' expression must not produce a null value."));
    }
    gathered.sensitive |= raw.sensitive;
    if raw.is_unknown() {
        gathered.unknown = gathered.unknown.take().or_else(|| raw.reason().cloned());
        return Ok(());
    }
    let key = convert(&raw, &Type::String).map_err(|error| {
        Diagnostic::new("Invalid object key", format!("The key expression produced an invalid result: {error}."))
    })?;
    let key: Arc<str> = key.as_str().unwrap_or_default().into();
    let value = expression(&for_expr.value_expr, ctx)?;
    let group = gathered.groups.entry(key.clone()).or_default();
    if !for_expr.grouping && !group.is_empty() {
        let shown = if raw.sensitive { "(sensitive value)" } else { &key };
        return Err(Diagnostic::new(
            "Duplicate object key",
            format!(
                "Two different items produced the key \"{shown}\" in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key."
            ),
        ));
    }
    group.push(value);
    Ok(())
}

/// Whether the `if` clause lets an item in; nothing when that is not known.
fn included(condition: &Expression, ctx: &Context<'_>, gathered: &mut Gathered) -> Result<Option<bool>, Diagnostic> {
    let invalid = |detail: String| Diagnostic::new("Invalid 'for' condition", detail);
    let raw = expression(condition, ctx)?;
    if raw.is_null() {
        return Err(invalid("The value of the 'if' clause must not be null.".into()));
    }
    gathered.sensitive |= raw.sensitive;
    if raw.is_unknown() {
        gathered.unknown = gathered.unknown.take().or_else(|| raw.reason().cloned());
        return Ok(None);
    }
    let value = convert(&raw, &Type::Bool).map_err(|error| invalid(format!("The 'if' clause value is invalid: {error}.")))?;
    Ok(value.as_bool())
}
