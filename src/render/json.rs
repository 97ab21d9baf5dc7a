//! The drift report for machines, version 1.0. Own structs, so that the contract does not move with the core.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::Heading;
use crate::compare::{Change, Comparison, NearMiss, Row, Shortfall, Verdict};
use crate::model::Value;
use crate::suggest::Suggestions;

#[derive(Serialize)]
struct Report<'a> {
    format_version: &'static str,
    tool: Tool<'a>,
    scope: Scope<'a>,
    summary: Summary<'a>,
    resources: Vec<Resource<'a>>,
    gaps: Vec<Gap<'a>>,
    #[serde(flatten)]
    suggestions: serde_json::Map<String, Json>,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
struct Scope<'a> {
    projects: &'a [String],
    source: &'a str,
    states: &'a [String],
}

#[derive(Serialize)]
struct Summary<'a> {
    verdicts: BTreeMap<&'static str, usize>,
    forecasts: BTreeMap<&'static str, usize>,
    managed: usize,
    seen: usize,
    complete: bool,
    not_compared: &'a BTreeMap<String, usize>,
    other_providers: usize,
    not_enabled: Vec<String>,
}

#[derive(Serialize)]
struct Resource<'a> {
    address: Option<String>,
    #[serde(rename = "type")]
    rtype: &'a str,
    id: &'a str,
    verdict: &'static str,
    forecast: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    prevent_destroy: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    changes: Vec<Changed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    near: Vec<Near<'a>>,
}

/// A near miss, as reports and plans have it.
#[derive(Serialize)]
pub(crate) struct Near<'a> {
    id: &'a str,
    part: &'a str,
    declared: &'a str,
    live: &'a str,
    hint: String,
}

impl<'a> From<&'a NearMiss> for Near<'a> {
    fn from(miss: &'a NearMiss) -> Self {
        Self {
            id: &miss.import_id,
            part: &miss.part,
            declared: &miss.declared,
            live: &miss.live,
            hint: miss.sentence(),
        }
    }
}

#[derive(Serialize)]
struct Changed {
    path: String,
    before: Json,
    after: Json,
    mode: &'static str,
    action: &'static str,
    sensitive: bool,
    source: &'static str,
}

#[derive(Serialize)]
struct Gap<'a> {
    #[serde(rename = "type")]
    rtype: &'a str,
    scope: String,
    reason: &'static str,
    detail: &'a str,
    fix: &'a str,
    hides: Vec<String>,
}

/// The report as JSON text, ending in a newline.
pub fn drift(comparison: &Comparison, heading: &Heading) -> String {
    suggesting(comparison, heading, None)
}

/// The same with suggested edits.
pub fn suggesting(
    comparison: &Comparison,
    heading: &Heading,
    suggestions: Option<&Suggestions>,
) -> String {
    let told = |row: &Row| row.verdict == Verdict::InSync && !row.reason.is_empty();
    let shown = |row: &&Row| {
        heading.all || !matches!(row.verdict, Verdict::InSync | Verdict::Owned) || told(row)
    };
    let report = Report {
        format_version: "1.0",
        tool: Tool {
            name: "driftline",
            version: heading.version,
        },
        scope: Scope {
            projects: &heading.projects,
            source: &heading.source,
            states: &heading.states,
        },
        summary: summary(comparison),
        resources: comparison
            .rows
            .iter()
            .filter(shown)
            .map(|row| resource(row, comparison))
            .collect(),
        gaps: comparison.gaps.iter().map(gap).collect(),
        suggestions: suggestions.map(super::suggest::json).unwrap_or_default(),
    };
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

fn summary(comparison: &Comparison) -> Summary<'_> {
    let mut verdicts = BTreeMap::new();
    let mut forecasts = BTreeMap::new();
    for row in &comparison.rows {
        *verdicts.entry(row.verdict.as_str()).or_default() += 1;
        *forecasts.entry(row.forecast.as_str()).or_default() += 1;
    }
    let (managed, seen) = comparison.coverage();
    Summary {
        verdicts,
        forecasts,
        managed,
        seen,
        complete: comparison.gaps.is_empty(),
        not_compared: &comparison.skipped,
        other_providers: comparison.foreign,
        not_enabled: comparison
            .disabled
            .iter()
            .map(|gap| format!("{} in {}", gap.listing, gap.scope))
            .collect(),
    }
}

fn resource<'a>(row: &'a Row, comparison: &'a Comparison) -> Resource<'a> {
    Resource {
        address: row.address.as_ref().map(ToString::to_string),
        rtype: &row.rtype,
        id: &row.import_id,
        verdict: row.verdict.as_str(),
        forecast: row.forecast.as_str(),
        reason: &row.reason,
        prevent_destroy: row.prevented,
        state: row
            .state
            .filter(|_| comparison.states.len() > 1)
            .and_then(|at| comparison.states.get(at))
            .map(String::as_str),
        changes: row.changes.iter().map(changed).collect(),
        near: row
            .address
            .as_ref()
            .and_then(|at| comparison.near.get(at))
            .into_iter()
            .flatten()
            .map(Near::from)
            .collect(),
    }
}

fn changed(change: &Change) -> Changed {
    let hide = |value: &Value| {
        if change.sensitive {
            Json::String("(sensitive value)".to_owned())
        } else {
            value.to_json()
        }
    };
    Changed {
        path: change.path.to_string(),
        before: hide(&change.before),
        after: hide(&change.after),
        mode: change.mode.as_str(),
        action: change.action.as_str(),
        sensitive: change.sensitive,
        source: change.source.as_str(),
    }
}

fn gap(shortfall: &Shortfall) -> Gap<'_> {
    Gap {
        rtype: &shortfall.gap.listing,
        scope: shortfall.gap.scope.to_string(),
        reason: shortfall.gap.reason.as_str(),
        detail: &shortfall.gap.detail,
        fix: &shortfall.gap.fix,
        hides: shortfall.hides.iter().map(ToString::to_string).collect(),
    }
}
