//! Labels: what the provider makes of a resource's labels and its own default ones.

use std::collections::BTreeMap;

use super::{Differ, first_unknown};
use crate::catalog::{Definition, MERGED_LABELS as MERGED, Prior};
use crate::compare::Action;
use crate::model::{AttributionStrategy, Path, ProviderConfig, Unknown, Value};

/// The label the provider adds to what it creates.
const ATTRIBUTION: &str = "goog-terraform-provisioned";

/// The arguments of the provider that say which resources get it.
const ATTRIBUTING: [&str; 2] = [
    "add_terraform_attribution_label",
    "terraform_attribution_label_addition_strategy",
];

/// Plans the merged labels: the resource's own over the provider's default ones, and the attribution label where it is there
/// already or the provider is told to add it to all.
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
    let written = arguments.get(name).cloned().unwrap_or_default();
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
    let wanted = differ.retained(MERGED, &Value::Map(wanted), had);
    let open = provider.is_some_and(|provider| {
        provider.unknown.iter().any(|argument| {
            argument == "default_labels"
                || (definition.attribution && ATTRIBUTING.contains(&&**argument))
        })
    });
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
    if (!agree || open) && !own_changes && !differ.ignored(&Path::default().attribute(MERGED)) {
        let action = if open || first_unknown(&wanted).is_some() {
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

/// The attribution label, where it is there and the provider keeps it, or it is to be added to all.
fn attribution(
    definition: &Definition,
    prior: &Value,
    provider: Option<&ProviderConfig>,
) -> Option<Value> {
    let marked = (prior.get("effective_labels"))
        .and_then(|labels| labels.get(ATTRIBUTION))
        .is_some();
    let marks = match provider.map(|provider| provider.attribution_strategy) {
        None | Some(AttributionStrategy::CreationOnly) => marked,
        Some(AttributionStrategy::Proactive) => true,
    };
    let adds = provider
        .and_then(|provider| provider.attribution_label)
        .or(definition.attributed);
    if !definition.attribution || !marks {
        return None;
    }
    match adds {
        Some(false) => None,
        Some(true) => Some(Value::text("true")),
        None => Some(Value::Unknown(Unknown::Version)),
    }
}
