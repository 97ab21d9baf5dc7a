//! Labels: what the provider makes of a resource's labels and its own default ones.

use std::collections::BTreeMap;

use super::block::{Differ, first_unknown};
use crate::catalog::{Definition, MERGED_LABELS as MERGED, Prior};
use crate::compare::Action;
use crate::model::{Path, ProviderConfig, Unknown, Value};

/// The label the provider adds to what it creates.
const ATTRIBUTION: &str = "goog-terraform-provisioned";

/// Plans the merged labels: the resource's own over the provider's default ones, and the attribution label where it is there
/// already (the provider adds it to what it creates, not to what it finds).
pub(super) fn plan(
    differ: &mut Differ<'_>,
    arguments: &BTreeMap<String, Value>,
    prior: &Value,
    provider: Option<&ProviderConfig>,
    planned: &mut BTreeMap<String, Value>,
) {
    let definition = differ.definition;
    if !definition.schema.attributes.contains_key(MERGED) {
        return;
    }
    let own = definition.prior.iter().find(|(name, rule)| {
        **rule == Prior::ConfiguredKeys && *name != MERGED && definition.labelled(name)
    });
    let Some((name, _)) = own else { return };
    let had = prior.get(MERGED).unwrap_or(&Value::Null);
    let ignored = planned
        .get(name)
        .is_some_and(|value| Some(value) == prior.get(name))
        && arguments
            .get(name)
            .is_some_and(|v| Some(v) != prior.get(name));
    let written = if ignored {
        planned.get(name)
    } else {
        arguments.get(name)
    }
    .cloned()
    .unwrap_or_default();
    if let Some(reason) = first_unknown(&written) {
        let action = if reason.is_after_apply() {
            Action::Update
        } else {
            Action::Unknown
        };
        return differ.change(
            MERGED,
            &Path::default().attribute(MERGED),
            had,
            &Value::Unknown(reason.clone()),
            action,
        );
    }
    let mut wanted: BTreeMap<String, Value> = provider
        .map(|provider| provider.default_labels.clone())
        .unwrap_or_default();
    if let Some(label) = attribution(definition, prior, provider) {
        wanted.insert(ATTRIBUTION.to_owned(), label);
    }
    wanted.extend(written.as_map().cloned().unwrap_or_default());
    let wanted = Value::Map(wanted);
    let own_changes = differ
        .changes
        .iter()
        .any(|change| change.path.family() == *name);
    // A key that is gone from the cloud is read as empty text, and differs from no key.
    let keys = |labels: &Value| -> Vec<String> {
        labels
            .as_map()
            .into_iter()
            .flat_map(BTreeMap::keys)
            .cloned()
            .collect()
    };
    let agree = wanted.same(had) && keys(&wanted) == keys(had);
    if !agree && !own_changes && !differ.covers(MERGED) {
        let action = if first_unknown(&wanted).is_some() {
            Action::Unknown
        } else {
            Action::Update
        };
        differ.change(
            MERGED,
            &Path::default().attribute(MERGED),
            had,
            &wanted,
            action,
        );
    }
    planned.insert(MERGED.to_owned(), wanted);
}

/// The attribution label, where it is there and the provider keeps it.
fn attribution(
    definition: &Definition,
    prior: &Value,
    provider: Option<&ProviderConfig>,
) -> Option<Value> {
    let live = prior.get("effective_labels")?.get(ATTRIBUTION).is_some();
    let adds = provider
        .and_then(|provider| provider.attribution_label)
        .or(definition.attributed);
    if !definition.attribution || !live {
        return None;
    }
    match adds {
        Some(false) => None,
        Some(true) => Some(Value::text("true")),
        None => Some(Value::Unknown(Unknown::Version)),
    }
}
