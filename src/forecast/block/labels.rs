//! Labels: what the provider makes of a resource's labels and its own default ones.

use std::collections::BTreeMap;

use super::{Differ, first_unknown};
use crate::catalog::{Definition, EFFECTIVE_LABELS as EFFECTIVE, MERGED_LABELS as MERGED, Prior};
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
    let Some(name) = own(definition) else { return };
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
    let label = attribution(definition, prior, provider);
    let wanted = differ.retained(MERGED, &merged(provider, label, &written), had);
    let open = open(definition, provider);
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

/// The labels of what is made: the provider's default ones, its attribution, and the resource's own over them. What is not known
/// of them leaves all of them to apply.
pub(in crate::forecast) fn create(
    definition: &Definition,
    provider: Option<&ProviderConfig>,
    value: &mut BTreeMap<String, Value>,
) {
    let Some(name) = own(definition) else { return };
    let written = value.get(name).cloned().unwrap_or_default();
    let labels = if first_unknown(&written).is_some() {
        return;
    } else if open(definition, provider) {
        Value::Unknown(Unknown::ProviderRule)
    } else {
        // Either strategy adds the provider's label to what is created.
        let label = added(definition, provider);
        merged(provider, label, &written)
    };
    for name in [MERGED, EFFECTIVE] {
        if definition.schema.attributes.contains_key(name) {
            value.insert(name.to_owned(), labels.clone());
        }
    }
}

/// The argument that holds a resource's own labels.
fn own(definition: &Definition) -> Option<&str> {
    let mut rules = definition.prior.iter();
    let own = rules.find(|(name, rule)| {
        **rule == Prior::ConfiguredKeys && *name != MERGED && definition.labelled(name)
    });
    own.map(|(name, _)| name.as_str())
}

/// The provider's default labels, its attribution, and a resource's own over them.
fn merged(provider: Option<&ProviderConfig>, label: Option<Value>, written: &Value) -> Value {
    let mut all: BTreeMap<String, Value> = provider
        .map(|provider| provider.default_labels.clone())
        .unwrap_or_default();
    if let Some(label) = label {
        all.insert(ATTRIBUTION.to_owned(), label);
    }
    all.extend(written.as_map().cloned().unwrap_or_default());
    Value::Map(all)
}

/// Whether what the provider's configuration says of labels is not known.
fn open(definition: &Definition, provider: Option<&ProviderConfig>) -> bool {
    provider.is_some_and(|provider| {
        provider.unknown.iter().any(|argument| {
            argument == "default_labels"
                || (definition.attribution && ATTRIBUTING.contains(&&**argument))
        })
    })
}

/// The attribution label, where it is there and the provider keeps it, or it is to be added to all.
fn attribution(
    definition: &Definition,
    prior: &Value,
    provider: Option<&ProviderConfig>,
) -> Option<Value> {
    let marked = (prior.get(EFFECTIVE))
        .and_then(|labels| labels.get(ATTRIBUTION))
        .is_some();
    let marks = match provider.map(|provider| provider.attribution_strategy) {
        None | Some(AttributionStrategy::CreationOnly) => marked,
        Some(AttributionStrategy::Proactive) => true,
    };
    if marks {
        added(definition, provider)
    } else {
        None
    }
}

/// The label that the provider adds, if it is told to add one.
fn added(definition: &Definition, provider: Option<&ProviderConfig>) -> Option<Value> {
    if !definition.attribution {
        return None;
    }
    let said = provider.and_then(|provider| provider.attribution_label);
    match said.or(definition.attributed) {
        Some(false) => None,
        Some(true) => Some(Value::text("true")),
        None => Some(Value::Unknown(Unknown::Version)),
    }
}
