//! The machine form of a plan, version 1.0.

use serde::Serialize;

use crate::plan::{ImportPlan, Step};

#[derive(Serialize)]
struct Document<'a> {
    format_version: &'static str,
    steps: Vec<StepRow>,
    skips: Vec<SkipRow<'a>>,
    removed: Vec<String>,
    gaps: Vec<GapRow<'a>>,
}

#[derive(Serialize)]
struct StepRow {
    address: String,
    #[serde(rename = "type")]
    rtype: String,
    import_id: String,
    forecast: &'static str,
    changes: Vec<ChangeRow>,
    declared: bool,
    refused: bool,
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
    reason: &'a str,
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
        steps: plan.steps.iter().map(step).collect(),
        skips: plan
            .skips
            .iter()
            .map(|skip| SkipRow { rtype: &skip.rtype, import_id: &skip.import_id, reason: &skip.reason })
            .collect(),
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
    serde_json::to_value(document).unwrap_or_default()
}

fn step(step: &Step) -> StepRow {
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
        refused: step.refused,
        batch: step.batch,
    }
}
