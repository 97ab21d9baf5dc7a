//! What the provider's own code plans, each time anew, for an argument of its own that is left out.

use crate::catalog::{Definition, Mode};
use crate::model::{ProviderConfig, Unknown, Value};

/// What is planned for a top-level argument that no API field stands behind, where configuration leaves it out: what the
/// provider's configuration says by the same name, else the constant that an import leaves, too. Nothing for arguments that keep
/// what is there. (Of the provider: `deletion_policy`, on nearly every type from 7.33.0 on.)
pub fn planned(
    definition: &Definition,
    name: &str,
    provider: Option<&ProviderConfig>,
) -> Option<Value> {
    let facts = definition.schema.attributes.get(name)?;
    let constant = definition.imported.get(name)?;
    if !facts.provider_only || facts.mode != Mode::OptionalComputed {
        return None;
    }
    let open = provider.is_some_and(|provider| provider.unknown.iter().any(|open| open == name));
    if open {
        return Some(Value::Unknown(Unknown::ProviderRule));
    }
    let said = match name {
        "deletion_policy" => provider.and_then(|provider| provider.deletion_policy.as_deref()),
        _ => None,
    };
    Some(said.map_or_else(|| constant.clone(), Value::text))
}
