//! `for` expressions.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ForExpr};

use super::{Items, collection, expression, items, note_reason};
use crate::hcl::convert::convert;
use crate::hcl::diagnostic::{Diagnostic, Mistakes, Outcome};
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::value::{Members, Value};
use crate::model::{NotEvaluated, Unknown};

/// What a `for` has gathered so far.
#[derive(Default)]
struct Gathered {
    elements: Vec<Value>,
    groups: BTreeMap<Arc<str>, Vec<Value>>,
    sensitive: bool,
    unknown: Option<Unknown>,
    mistakes: Mistakes,
    /// How many values the result is made of.
    weight: u64,
}

/// What became of one turn: it went on, or what it gives is not known.
type Turn = Result<(), Diagnostic>;

pub(super) fn for_expr(for_expr: &ForExpr, ctx: &Context<'_>) -> Outcome {
    let collection = collection(&for_expr.intro.collection_expr, ctx)?;
    let mut gathered = Gathered {
        sensitive: collection.sensitive,
        ..Gathered::default()
    };
    let pairs = items(&collection)?;
    if let Some(cond) = &for_expr.cond {
        sound(&cond.expr, for_expr, ctx)?;
    }
    let pairs = match pairs {
        Items::Known(pairs) => pairs,
        Items::Unknown(reason) => return Ok(Value::unknown(reason).marked(collection.sensitive)),
    };
    for (key, value) in pairs {
        let intro = &for_expr.intro;
        let outer = ctx.bind(
            intro
                .key_var
                .as_ref()
                .map_or("", |name| name.value().as_str()),
            key,
        );
        let outer_ctx = ctx.within(&outer);
        let inner = outer_ctx.bind(intro.value_var.value().as_str(), value);
        if let Err(diagnostic) = step(for_expr, &outer_ctx.within(&inner), &mut gathered) {
            if diagnostic.over_budget {
                return Err(diagnostic);
            }
            gathered
                .unknown
                .get_or_insert_with(|| Unknown::mistaken(""));
            gathered.mistakes.add(diagnostic);
        }
    }
    let Gathered {
        elements,
        groups,
        sensitive,
        unknown,
        mistakes,
        ..
    } = gathered;
    let value = match (unknown, &for_expr.key_expr) {
        (Some(reason), _) => Value::unknown(reason),
        (None, None) => Value::tuple(elements),
        (None, Some(_)) if for_expr.grouping => Value::object(
            groups
                .into_iter()
                .map(|(key, values)| (key, Value::tuple(values)))
                .collect(),
        ),
        (None, Some(_)) => Value::object(
            groups
                .into_iter()
                .filter_map(|(key, mut values)| Some((key, values.pop()?)))
                .collect::<Members>(),
        ),
    };
    mistakes.end(|| value.ty())?;
    Ok(value.marked(sensitive))
}

/// Looks at the `if` clause once before any turn, with nothing known of the items.
fn sound(condition: &Expression, for_expr: &ForExpr, ctx: &Context<'_>) -> Turn {
    let unknown = OnceCell::new();
    let ctx = ctx.watching(&unknown);
    let item = || Value::unknown(NotEvaluated::Repetition);
    let outer = ctx.bind(
        for_expr
            .intro
            .key_var
            .as_ref()
            .map_or("", |name| name.value().as_str()),
        item(),
    );
    let outer_ctx = ctx.within(&outer);
    let inner = outer_ctx.bind(for_expr.intro.value_var.value().as_str(), item());
    let mut mistakes = Mistakes::default();
    let value = mistakes.value(expression(condition, &outer_ctx.within(&inner)));
    if value.is_null() {
        let null = Diagnostic::new(
            "Condition is null",
            "The value of the 'if' clause must not be null.",
        );
        mistakes.add(null.at(condition.span()));
    } else if let Err(error) = convert(&value, &Type::Bool) {
        mistakes.add(
            invalid(format!("The 'if' clause value is invalid: {error}.")).at(condition.span()),
        );
    }
    mistakes.end(|| Type::Dynamic)
}

fn invalid(detail: String) -> Diagnostic {
    Diagnostic::new("Invalid 'for' condition", detail)
}

/// One turn: the condition, the key and the value.
fn step(for_expr: &ForExpr, ctx: &Context<'_>, gathered: &mut Gathered) -> Turn {
    if let Some(cond) = &for_expr.cond {
        match included(&cond.expr, ctx, gathered)? {
            Some(true) => {}
            _ => return Ok(()),
        }
    }
    let Some(key_expr) = &for_expr.key_expr else {
        let value = gathered
            .mistakes
            .value(expression(&for_expr.value_expr, ctx));
        gathered.weight += u64::from(value.parts.weight);
        gathered.elements.push(value);
        return ctx.scope.budget().fits(gathered.weight);
    };
    let raw = expression(key_expr, ctx)?;
    if raw.is_null() {
        let detail = "Key expression in 'for' expression must not produce a null value.";
        return Err(Diagnostic::new("Invalid object key", detail).at(key_expr.span()));
    }
    gathered.sensitive |= raw.sensitive;
    if raw.is_unknown() {
        if let Some(reason) = raw.reason() {
            note_reason(&mut gathered.unknown, reason.clone());
        }
        return Ok(());
    }
    let key = convert(&raw, &Type::String).map_err(|error| {
        Diagnostic::new(
            "Invalid object key",
            format!("The key expression produced an invalid result: {error}."),
        )
        .at(key_expr.span())
    })?;
    let key: Arc<str> = key.as_str().unwrap_or_default().into();
    let value = gathered
        .mistakes
        .value(expression(&for_expr.value_expr, ctx));
    let group = gathered.groups.entry(key.clone()).or_default();
    if !for_expr.grouping && !group.is_empty() {
        let shown = if raw.sensitive {
            "(sensitive value)"
        } else {
            &key
        };
        let duplicate = Diagnostic::new(
            "Duplicate object key",
            format!(
                "Two different items produced the key \"{shown}\" in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key."
            ),
        );
        gathered.mistakes.add(duplicate.at(key_expr.span()));
        return Ok(());
    }
    gathered.weight += u64::from(value.parts.weight);
    group.push(value);
    ctx.scope.budget().fits(gathered.weight)
}

/// Whether the `if` clause lets an item in; nothing when that is not known.
fn included(
    condition: &Expression,
    ctx: &Context<'_>,
    gathered: &mut Gathered,
) -> Result<Option<bool>, Diagnostic> {
    let invalid = |detail: String| invalid(detail).at(condition.span());
    let raw = expression(condition, ctx)?;
    if raw.is_null() {
        return Err(invalid(
            "The value of the 'if' clause must not be null.".into(),
        ));
    }
    gathered.sensitive |= raw.sensitive;
    if raw.is_unknown() {
        if let Some(reason) = raw.reason() {
            note_reason(&mut gathered.unknown, reason.clone());
        }
        return Ok(None);
    }
    let value = convert(&raw, &Type::Bool)
        .map_err(|error| invalid(format!("The 'if' clause value is invalid: {error}.")))?;
    Ok(value.as_bool())
}
