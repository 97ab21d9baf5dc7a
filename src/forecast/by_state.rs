//! What tofu would do as far as state alone tells: when configuration is what state was made from.

use super::block::whole::may_replace;
use super::dependents;
use super::outlook::{Forecast, Outcome, Outlook};
use crate::catalog::{Catalog, Definition, SchemaPath};
use crate::compare::{Action, Change, Comparison, Row, Verdict};
use crate::model::{Path, Unknown, Value};

/// A forecast, and why it is not known where it is not.
pub(super) type Reasoned = (Forecast, Option<Unknown>);

/// What tofu would do with every row of a comparison, where no configuration is given.
pub fn by_state(comparison: Comparison, catalog: &Catalog) -> Outlook {
    let Comparison { rows, coverage, .. } = comparison;
    let forecasts: Vec<Reasoned> = rows.iter().map(|row| of_row(row, catalog)).collect();
    let forecasts = dependents::unsettled(&rows, forecasts);
    let outcome = |(row, (forecast, why))| Outcome::of(row, forecast, why);
    Outlook {
        outcomes: rows.into_iter().zip(forecasts).map(outcome).collect(),
        coverage,
        ..Outlook::default()
    }
}

fn of_row(row: &Row, catalog: &Catalog) -> Reasoned {
    let definition = catalog.definition(&row.rtype);
    let unknown = || {
        let why = row.doubt.as_ref().map(|doubt| doubt.why.clone());
        (Forecast::Unknown, why)
    };
    // Of what could not be read, only an argument may be something that tofu would change.
    let open = |path: &Path| definition.is_none_or(|d| !d.schema.is_computed(&path.family()));
    match (row.verdict, &row.doubt) {
        (Verdict::Unmanaged | Verdict::Owned, _) => (Forecast::None, None),
        (Verdict::Declared, _) => unknown(),
        (Verdict::Deposed, _) => (Forecast::Delete, None),
        (_, Some(doubt)) if doubt.path.as_ref().is_none_or(open) => unknown(),
        _ if row.gone && row.is_deposed() => (Forecast::None, None),
        _ if row.gone => (Forecast::Create, None),
        (
            Verdict::InSync
            | Verdict::Drifted
            | Verdict::ComputedDrift
            | Verdict::ClaimedTwice
            | Verdict::Missing
            | Verdict::Unknown,
            _,
        ) => changed(row, definition),
    }
}

/// What the changes of a row add up to. What is not known of one that may be grave could still force a replacement.
fn changed(row: &Row, definition: Option<&Definition>) -> Reasoned {
    let any = |wanted: Action| row.changes.iter().any(|change| change.action == wanted);
    let grave = |change: &Change| {
        let family = change.path.family();
        let mut ancestry = definition
            .into_iter()
            .flat_map(|d| d.schema.ancestry(&family));
        ancestry
            .any(|facts| facts.force_new || facts.diff_suppressed || !facts.unsettled.is_empty())
    };
    let open = |change: &Change| change.action == Action::Unknown && grave(change);
    let unknown = (Forecast::Unknown, Some(Unknown::ConfigurationNotGiven));
    let restless = |grave: bool| {
        let said = |d: &Definition, name: &SchemaPath| {
            says(row.live.as_deref(), &name.steps().collect::<Vec<_>>())
                && (!grave || may_replace(d, name.as_str()))
        };
        definition.is_some_and(|d| d.settled_later.iter().any(|name| said(d, name)))
    };
    match () {
        () if row.is_tainted() || any(Action::Replace) => (Forecast::Replace, None),
        () if row.changes.iter().any(open) => unknown,
        // Configuration may have it otherwise than state, after every apply.
        () if any(Action::Update) && restless(true) => unknown,
        () if any(Action::Update) => (Forecast::Update, None),
        () if any(Action::Unknown) => unknown,
        () if restless(false) => unknown,
        () => (Forecast::None, None),
    }
}

/// Whether something is said where steps lead to, in any block of a list; of a list, more than one thing, which may have an order.
fn says(value: Option<&Value>, steps: &[&str]) -> bool {
    match (value, steps) {
        (None | Some(Value::Null), _) => false,
        (Some(Value::List(items)), []) => items.len() > 1,
        (Some(Value::Bool(value)), []) => *value,
        (Some(value), []) => !value.is_empty(),
        (Some(Value::List(blocks)), steps) => blocks.iter().any(|block| says(Some(block), steps)),
        (Some(value), [step, rest @ ..]) => says(value.get(step), rest),
    }
}
