//! The machine form of a plan, version 1.0.

use serde::Serialize;

use super::super::json::Near;
use crate::plan::{ImportPlan, Match, Step, Unmatched};

#[derive(Serialize)]
struct Document<'a> {
    format_version: &'static str,
    providers: Vec<serde_json::Value>,
    steps: Vec<StepRow<'a>>,
    skips: Vec<SkipRow<'a>>,
    unmatched: Vec<UnmatchedRow<'a>>,
    removed: Vec<String>,
    gaps: Vec<GapRow<'a>>,
}

#[derive(Serialize)]
struct StepRow<'a> {
    address: String,
    #[serde(rename = "type")]
    rtype: String,
    import_id: String,
    forecast: &'static str,
    changes: Vec<ChangeRow>,
    declared: bool,
    /// `exact` or `inferred`, of what configuration declares.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    matched: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'a str>,
    refused: bool,
    /// Present where tofu refuses to replace it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    prevent_destroy: bool,
    batch: usize,
}

#[derive(Serialize)]
struct ChangeRow {
    path: String,
    before: serde_json::Value,
    after: serde_json::Value,
    reason: String,
}

#[derive(Serialize)]
struct SkipRow<'a> {
    #[serde(rename = "type")]
    rtype: &'a str,
    import_id: &'a str,
    reason: String,
}

#[derive(Serialize)]
struct UnmatchedRow<'a> {
    address: String,
    #[serde(rename = "type")]
    rtype: &'a str,
    /// `ambiguous`, `unknown` or `none`.
    #[serde(rename = "match")]
    matched: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
    candidates: &'a [String],
    near: Vec<Near<'a>>,
}

#[derive(Serialize)]
struct GapRow<'a> {
    listing: &'a str,
    project: &'a str,
    location: Option<&'a str>,
    parent: Option<&'a str>,
    reason: &'static str,
    detail: &'a str,
    fix: &'a str,
}

/// The plan as JSON: steps in order, then what is skipped, removed and unknown.
pub fn json(plan: &ImportPlan) -> serde_json::Value {
    let document = Document {
        format_version: "1.0",
        providers: plan
            .versions
            .iter()
            .map(super::super::version::json)
            .collect(),
        steps: plan.steps.iter().map(step).collect(),
        skips: plan
            .skips
            .iter()
            .map(|skip| SkipRow {
                rtype: &skip.rtype,
                import_id: &skip.import_id,
                reason: super::skip_reason(&skip.reason),
            })
            .collect(),
        unmatched: plan.unmatched.iter().map(unmatched).collect(),
        removed: plan.removed.iter().map(ToString::to_string).collect(),
        gaps: plan
            .gaps
            .iter()
            .map(|gap| GapRow {
                listing: &gap.listing,
                project: &gap.scope.project,
                location: gap.scope.location.as_deref(),
                parent: gap.scope.parent.as_deref(),
                reason: gap.reason.as_str(),
                detail: &gap.detail,
                fix: &gap.fix,
            })
            .collect(),
    };
    crate::render::document::value(document)
}

fn step(step: &Step) -> StepRow<'_> {
    StepRow {
        address: step.address.to_string(),
        rtype: step.address.rtype.clone(),
        import_id: step.import_id.clone(),
        forecast: step.forecast.as_str(),
        changes: step
            .changes
            .iter()
            .map(|change| ChangeRow {
                path: change.path.clone(),
                before: change.before.to_json(),
                after: change.after.to_json(),
                reason: change.reason.clone(),
            })
            .collect(),
        declared: step.declared,
        matched: step.matched.as_ref().map(Match::as_str),
        because: step.matched.as_ref().and_then(Match::because),
        refused: step.refused,
        prevent_destroy: step.prevented,
        batch: step.batch,
    }
}

fn unmatched(unmatched: &Unmatched) -> UnmatchedRow<'_> {
    UnmatchedRow {
        address: unmatched.address.to_string(),
        rtype: &unmatched.address.rtype,
        matched: unmatched.standing.as_str(),
        reason: &unmatched.reason,
        candidates: &unmatched.candidates,
        near: unmatched.near.iter().map(Near::from).collect(),
    }
}
