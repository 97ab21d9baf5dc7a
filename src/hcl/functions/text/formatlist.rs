//! `formatlist`.

use super::super::{Failure, Given};
use super::format::{format_with, hiding, unknown_text};
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::value::{Data, Value, all_needed};
use crate::model::Unknown;

/// Formats once for each element of the lists among the arguments.
pub(super) fn formatlist(arguments: &[Value], ctx: &Context<'_>) -> Given {
    let sensitive = arguments.iter().any(Value::has_sensitive);
    hiding(formatted_list(arguments, ctx), sensitive).map(|list| list.marked(sensitive))
}

fn formatted_list(arguments: &[Value], ctx: &Context<'_>) -> Given {
    let rest = arguments.get(1..).unwrap_or_default();
    let unknown = |reason: &Unknown| {
        let list = Value::unknown_of(Type::list(Type::String), reason.clone());
        Ok(list.not_null())
    };
    if let Some(reason) = arguments.first().and_then(Value::unknown_itself) {
        return unknown(reason);
    }
    let spec = arguments
        .first()
        .and_then(Value::as_str)
        .unwrap_or_default();
    if rest.is_empty() {
        return Ok(Value::strings([format_with(spec, &[])?]));
    }
    let mut length = None;
    let mut uncounted = Vec::new();
    for (at, argument) in rest.iter().enumerate() {
        let count = match turns(argument) {
            Turns::Count(count) => count,
            Turns::Same => continue,
            Turns::Unknown(reason) => {
                uncounted.push(reason);
                continue;
            }
        };
        if *length.get_or_insert(count) != count {
            return Err(Failure::Argument(
                at + 1,
                format!(
                    "argument {} has another length than those before it",
                    at + 1
                ),
            ));
        }
        uncounted.extend(argument.unknown_itself());
    }
    if let Some(reason) = all_needed(uncounted.into_iter()) {
        return unknown(reason);
    }
    let mut out = Vec::new();
    let mut length_of_all = 0_usize;
    for turn in 0..length.unwrap_or(1) {
        let row = rest.iter().map(|argument| match argument.elements() {
            Some(all) => all[turn].unmarked(),
            None => argument.unmarked(),
        });
        let row: Vec<Value> = row.collect();
        if let Some(reason) = all_needed(row.iter().filter_map(Value::reason)) {
            out.push(unknown_text(reason).not_null());
            continue;
        }
        let text = format_with(spec, &row).map_err(|failure| match failure {
            Failure::Argument(_, why) | Failure::Call(why) => {
                Failure::Call(format!("error on format iteration {turn}: {why}"))
            }
            other => other,
        })?;
        length_of_all += text.len();
        ctx.scope.budget().text(length_of_all)?;
        out.push(Value::string(text));
    }
    Ok(Value::list(Type::String, out))
}

/// How often an argument makes a list be formatted.
enum Turns<'v> {
    /// Once for each of so many elements.
    Count(usize),
    /// It is the same each time.
    Same,
    /// Not known, for the reason.
    Unknown(&'v Unknown),
}

fn turns(argument: &Value) -> Turns<'_> {
    match (&argument.data, argument.elements()) {
        (Data::Set(..), Some(elements)) if elements.len() > 1 => match argument.reason() {
            Some(reason) => Turns::Unknown(reason),
            None => Turns::Count(elements.len()),
        },
        (_, Some(elements)) => Turns::Count(elements.len()),
        (Data::Unknown(unknown), _) => match &unknown.ty {
            Type::Tuple(elements) => Turns::Count(elements.len()),
            Type::List(_) | Type::Set(_) | Type::Dynamic => Turns::Unknown(&unknown.why),
            _ => Turns::Same,
        },
        _ => Turns::Same,
    }
}
