//! The rules of a definition's tables, from their words: prior state, suppression, replacement, what is planned unwritten.

use super::check::{DefinitionError, Source, known, literal};
use super::definition::{Prior, ReplaceIf, Replacement, Unwritten};
use super::file::{OneOrMany, UnwrittenTable};
use super::schema::Schema;
use super::suppress::{Suppress, conditional};

pub(super) fn prior(
    source: &Source<'_>,
    text: &str,
    schema: &Schema,
) -> Result<Prior, DefinitionError> {
    let (word, other) = text.split_once(' ').unwrap_or((text, ""));
    let beside = matches!(word, "keep-while" | "empty-while" | "yield" | "state-order");
    known(
        source,
        schema,
        [other.to_owned()]
            .iter()
            .filter(|other| !other.is_empty() && !beside),
    )?;
    Ok(match (word, other) {
        ("keep", "") => Prior::Keep,
        ("keep-if-absent", "") => Prior::KeepIfAbsent,
        ("keep-if-set", "") => Prior::KeepIfSet,
        ("if-set", "") => Prior::IfSet,
        ("configured-keys", "") => Prior::ConfiguredKeys,
        ("configured-blocks", "") => Prior::ConfiguredBlocks,
        ("zero-block", "") => Prior::ZeroBlock,
        ("empty-as-state", "") => Prior::EmptyAsState,
        ("keep-hollow", "") => Prior::KeepHollow,
        ("state-order", key) => {
            Prior::StateOrder(Some(key.to_owned()).filter(|key| !key.is_empty()))
        }
        ("keep-while", other) if !other.is_empty() => Prior::KeepWhile(other.to_owned()),
        ("empty-while", other) if !other.is_empty() => Prior::EmptyWhile(other.to_owned()),
        ("yield", other) if !other.is_empty() => Prior::Yield(other.to_owned()),
        ("take", other) if !other.is_empty() => Prior::Take(other.to_owned()),
        _ => {
            return Err(source.problem(
                text,
                format!("`{text}` is no way of letting prior state through"),
            ));
        }
    })
}

pub(super) fn replacement(
    source: &Source<'_>,
    text: &str,
    schema: &Schema,
) -> Result<Replacement, DefinitionError> {
    let (words, conditions) = conditional(text).map_err(|message| source.problem(text, message))?;
    known(
        source,
        schema,
        conditions.iter().map(|when| when.family.as_str()),
    )?;
    let rule = match words.join(" ").as_str() {
        "changed" => ReplaceIf::Changed,
        "lower" => ReplaceIf::Lower,
        "turned-on" => ReplaceIf::TurnedOn,
        "turned-off" => ReplaceIf::TurnedOff,
        "removed" => ReplaceIf::Removed,
        "lost" => ReplaceIf::Lost,
        "narrowed" => ReplaceIf::Narrowed,
        text if text.starts_with("between ") => {
            ReplaceIf::Between(text["between ".len()..].to_owned())
        }
        _ => return Err(source.problem(text, format!("`{text}` is no reason to replace"))),
    };
    Ok(Replacement { rule, conditions })
}

pub(super) fn unwritten(
    source: &Source<'_>,
    table: &UnwrittenTable,
    schema: &Schema,
) -> Result<Unwritten, DefinitionError> {
    let text = if table.condition.is_empty() {
        String::new()
    } else {
        format!("if {}", table.condition)
    };
    let (_, conditions) =
        conditional(&text).map_err(|message| source.problem(&table.condition, message))?;
    known(
        source,
        schema,
        conditions.iter().map(|when| when.family.as_str()),
    )?;
    Ok(Unwritten {
        value: literal(&table.value),
        conditions,
    })
}

pub(super) fn suppressions(
    source: &Source<'_>,
    texts: &OneOrMany,
    schema: &Schema,
) -> Result<Vec<Suppress>, DefinitionError> {
    let rule = |text: &String| {
        let rule = Suppress::parse(text).map_err(|message| source.problem(text, message))?;
        known(
            source,
            schema,
            rule.conditions().iter().map(|when| when.family.as_str()),
        )?;
        Ok(rule)
    };
    texts.as_slice().iter().map(rule).collect()
}
