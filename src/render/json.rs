//! The drift report for machines, version 1.0. Own structs, so that the contract does not move with the core.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::Heading;
use super::remark;
use crate::compare::{Change, Shortfall, Verdict};
use crate::forecast::{Forecast, NearMiss, Outcome, Outlook};
use crate::model::{Refusal, Unknown, Unreadable, Value};
use crate::suggest::Suggestions;

#[derive(Serialize)]
struct Report<'a> {
    format_version: &'static str,
    tool: Tool<'a>,
    scope: Scope<'a>,
    summary: Summary<'a>,
    resources: Vec<Resource<'a>>,
    gaps: Vec<Gap<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable_configuration: Vec<UnreadablePart>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<RefusedPlan>,
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
    providers: Vec<Json>,
}

#[derive(Serialize)]
struct Summary<'a> {
    verdicts: BTreeMap<&'static str, usize>,
    forecasts: BTreeMap<&'static str, usize>,
    managed: usize,
    seen: usize,
    complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    second_looks: Option<Looks>,
    not_compared: &'a BTreeMap<String, usize>,
    other_providers: usize,
    not_enabled: Vec<String>,
}

#[derive(Serialize)]
struct Looks {
    made: usize,
    most: usize,
    not_confirmed: usize,
}

#[derive(Serialize)]
struct Resource<'a> {
    address: Option<String>,
    #[serde(rename = "type")]
    rtype: &'a str,
    id: &'a str,
    verdict: &'static str,
    forecast: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<Why>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposed: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    prevent_destroy: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    changes: Vec<Changed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    planned: Vec<Changed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed: Option<bool>,
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
            hint: remark::near_miss(miss),
        }
    }
}

/// Why something is not known: the kind, and the gap where it is one.
#[derive(Serialize)]
struct Why {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<String>,
}

impl From<&Unknown> for Why {
    fn from(why: &Unknown) -> Self {
        let gap = match why {
            Unknown::Gap(id) => Some(id.as_str().to_owned()),
            _ => None,
        };
        Self {
            kind: why.as_str(),
            gap,
        }
    }
}

#[derive(Serialize)]
struct UnreadablePart {
    module: String,
    file: String,
    line: usize,
    detail: String,
    fix: &'static str,
}

#[derive(Serialize)]
struct RefusedPlan {
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    detail: String,
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
    id: String,
    #[serde(rename = "type")]
    rtype: &'a str,
    scope: String,
    reason: &'static str,
    detail: &'a str,
    fix: &'a str,
    hides: Vec<String>,
}

/// The report as JSON text, ending in a newline.
pub fn drift(outlook: &Outlook, heading: &Heading) -> String {
    suggesting(outlook, heading, None)
}

/// The same with suggested edits.
pub fn suggesting(
    outlook: &Outlook,
    heading: &Heading,
    suggestions: Option<&Suggestions>,
) -> String {
    let shown = |outcome: &&Outcome| {
        let told = outcome.remark.is_some() || outcome.row.doubt.is_some();
        heading.all
            || match outcome.row.verdict {
                Verdict::InSync => told,
                Verdict::Owned => false,
                Verdict::Drifted
                | Verdict::ComputedDrift
                | Verdict::Missing
                | Verdict::Unmanaged
                | Verdict::Declared
                | Verdict::ClaimedTwice
                | Verdict::Deposed
                | Verdict::Unknown => true,
            }
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
            providers: outlook
                .coverage
                .versions
                .iter()
                .map(super::version::json)
                .collect(),
        },
        summary: summary(outlook),
        resources: outlook
            .outcomes
            .iter()
            .filter(shown)
            .map(|outcome| resource(outcome, outlook))
            .collect(),
        gaps: outlook.coverage.gaps.iter().map(gap).collect(),
        unreadable_configuration: outlook.unreadable.iter().map(unreadable).collect(),
        refused: outlook.refusals.iter().map(refused).collect(),
        suggestions: suggestions.map(super::suggest::json).unwrap_or_default(),
    };
    super::document::pretty(&report)
}

fn summary(outlook: &Outlook) -> Summary<'_> {
    let verdicts = Verdict::ALL
        .iter()
        .map(|verdict| (verdict.as_str(), outlook.count(*verdict)));
    let forecasts = Forecast::ALL.iter();
    let forecasts = forecasts.map(|one| (one.as_str(), outlook.count_forecast(*one)));
    let some = |(_, count): &(&'static str, usize)| *count > 0;
    let (managed, seen) = outlook.managed();
    let disabled = outlook.coverage.disabled.iter();
    let looks = &outlook.coverage.looks;
    Summary {
        verdicts: verdicts.filter(some).collect(),
        forecasts: forecasts.filter(some).collect(),
        managed,
        seen,
        complete: outlook.is_complete(),
        second_looks: looks.most.map(|most| Looks {
            made: looks.made,
            most,
            not_confirmed: looks.unconfirmed.len(),
        }),
        not_compared: &outlook.coverage.skipped,
        other_providers: outlook.coverage.foreign,
        not_enabled: disabled
            .map(|gap| format!("{} in {}", gap.listing, gap.scope))
            .collect(),
    }
}

fn resource<'a>(outcome: &'a Outcome, outlook: &'a Outlook) -> Resource<'a> {
    let (row, coverage) = (&outcome.row, &outlook.coverage);
    let near = row
        .address
        .as_ref()
        .and_then(|address| outlook.near.get(address));
    let state = row.state.filter(|_| coverage.states.len() > 1);
    let doubt = outcome.doubt();
    let unconfirmed = &coverage.looks.unconfirmed;
    let open = row
        .address
        .as_ref()
        .is_some_and(|address| unconfirmed.contains(address));
    Resource {
        address: row.address.as_ref().map(ToString::to_string),
        rtype: &row.rtype,
        id: &row.import_id,
        verdict: row.verdict.as_str(),
        forecast: outcome.forecast.as_str(),
        reason: remark::reason(outcome, &coverage.gaps, &coverage.states),
        unknown: doubt.as_ref().map(|doubt| Why::from(&doubt.why)),
        deposed: row
            .stored
            .as_ref()
            .and_then(|stored| stored.deposed.as_deref()),
        prevent_destroy: outcome.prevented,
        state: state
            .and_then(|at| coverage.states.get(at))
            .map(String::as_str),
        changes: outcome.moved().map(changed).collect(),
        planned: outcome.planned().map(changed).collect(),
        confirmed: open.then_some(false),
        near: near.into_iter().flatten().map(Near::from).collect(),
    }
}

fn unreadable(part: &Unreadable) -> UnreadablePart {
    let (detail, fix) = remark::unreadable(part);
    UnreadablePart {
        module: remark::module(part),
        file: part.place.file.clone(),
        line: part.place.line,
        detail,
        fix,
    }
}

fn refused(refusal: &Refusal) -> RefusedPlan {
    RefusedPlan {
        what: remark::refused_word(&refusal.what),
        address: refusal.address.as_ref().map(ToString::to_string),
        detail: remark::refusal(refusal),
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
        id: shortfall.gap.id().as_str().to_owned(),
        rtype: &shortfall.gap.listing,
        scope: shortfall.gap.scope.to_string(),
        reason: shortfall.gap.reason.as_str(),
        detail: &shortfall.gap.detail,
        fix: &shortfall.gap.fix,
        hides: shortfall.hides.iter().map(ToString::to_string).collect(),
    }
}
