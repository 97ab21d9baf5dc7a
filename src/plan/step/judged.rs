//! What a plan right after the import would change.

use crate::catalog::{Definition, Prior};
use crate::forecast::{Forecast, Planned};
use crate::model::Value;
use crate::plan::{Step, StepChange};

/// Takes over what `tofu plan` would say.
pub(super) fn judge(step: &mut Step, definition: &Definition, planned: Planned) {
    step.forecast = planned.forecast;
    step.prevented = planned.kept && planned.forecast == Forecast::Replace;
    step.changes = planned
        .changes
        .into_iter()
        .map(|change| {
            let hide = |value: Value| {
                if change.sensitive {
                    Value::Secret(crate::model::Secret::new(&value))
                } else {
                    value
                }
            };
            StepChange {
                reason: reason(definition, &change.path.family(), &change.before).to_owned(),
                path: change.path.to_string(),
                before: hide(change.before),
                after: hide(change.after),
            }
        })
        .collect();
}

/// Why a plan right after the import changes an attribute.
fn reason(definition: &Definition, family: &str, before: &Value) -> &'static str {
    match definition.prior.get(family) {
        Some(Prior::ConfiguredKeys | Prior::ConfiguredBlocks) => {
            "an import takes over nothing of it: only what state already has is read"
        }
        _ if definition.imported.contains_key(family) => {
            "it is not read from the cloud; an import sets it to the default"
        }
        _ if before.is_empty() => "the cloud does not say it, or the provider does not read it",
        _ => "it differs from what is there",
    }
}
