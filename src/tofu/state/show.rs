//! The output of `tofu show -json` for a state.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::document::{Broken, Document, Str, attributes};
use super::{provider, sensitive};
use crate::model::{Address, Instance, ProviderRef, Recorded, State};

#[derive(Deserialize)]
struct Values<'a> {
    #[serde(borrow)]
    root_module: Option<Module<'a>>,
}

#[derive(Deserialize)]
struct Module<'a> {
    #[serde(borrow, default)]
    resources: Vec<Resource<'a>>,
    #[serde(borrow, default)]
    child_modules: Vec<Module<'a>>,
}

#[derive(Deserialize)]
struct Resource<'a> {
    #[serde(borrow)]
    address: Str<'a>,
    #[serde(borrow)]
    mode: Str<'a>,
    #[serde(borrow)]
    provider_name: Option<Str<'a>>,
    schema_version: Option<u64>,
    #[serde(borrow)]
    values: Option<&'a RawValue>,
    #[serde(borrow)]
    sensitive_values: Option<&'a RawValue>,
    tainted: Option<bool>,
    #[serde(borrow)]
    deposed_key: Option<Str<'a>>,
    #[serde(borrow, default)]
    depends_on: Vec<Str<'a>>,
}

/// The state a `show` document holds. It has neither serial nor lineage, nor aliases of providers.
pub(super) fn state(
    document: &Document<'_>,
    mut state: State,
    text: &Arc<String>,
) -> Result<State, Broken> {
    // Without a single resource there is no `values`.
    if let Some(raw) = document.values {
        let values: Values<'_> = serde_json::from_str(raw.get())
            .map_err(|e| Broken(format!("`values` is malformed: {e}")))?;
        let mut open: Vec<Module<'_>> = values.root_module.into_iter().collect();
        while let Some(module) = open.pop() {
            for resource in &module.resources {
                resource.add_to(&mut state, text)?;
            }
            open.extend(module.child_modules.into_iter().rev());
        }
    }
    Ok(state)
}

impl Resource<'_> {
    fn add_to(&self, state: &mut State, text: &Arc<String>) -> Result<(), Broken> {
        if self.mode.0 == "data" {
            state.data += 1;
            state.recorded.extend(self.recorded(text));
            return Ok(());
        }
        let Some(beta) = self
            .provider_name
            .as_ref()
            .and_then(|name| provider::beta(&name.0))
        else {
            state.foreign += 1;
            state.recorded.extend(self.recorded(text));
            return Ok(());
        };
        let broken = |reason: &str| Broken(format!("`{}` {reason}", self.address.0));
        let deposed = self.deposed_key.as_ref().map(|d| d.0.clone().into_owned());
        // A deposed object's address may have its key behind it: `google_x.y (deposed 00000001)`.
        let bare = self.address.0.split(" (deposed").next().unwrap_or_default();
        // What cannot be told to be sensitive is not shown as if it were not.
        let marks = match self.sensitive_values {
            Some(raw) => serde_json::from_str(raw.get())
                .map_err(|_| broken("has `sensitive_values` that cannot be read"))?,
            None => serde_json::Value::Null,
        };
        state.instances.push(Instance {
            address: Address::parse(bare).ok_or_else(|| broken("is not an address"))?,
            provider: ProviderRef {
                beta,
                ..ProviderRef::default()
            },
            attributes: attributes(self.values, text)
                .ok_or_else(|| broken("has values that are no object"))?,
            sensitive: sensitive::tree(&marks),
            tainted: self.tainted.unwrap_or(false),
            skip_destroy: false,
            moved_from: None,
            deposed,
            dependencies: self
                .depends_on
                .iter()
                .map(|d| d.0.clone().into_owned())
                .collect(),
            schema_version: self.schema_version.unwrap_or_default(),
        });
        Ok(())
    }

    /// What others see of an instance that is not compared; nothing where it cannot be read, or awaits destruction.
    fn recorded(&self, text: &Arc<String>) -> Option<Recorded> {
        if self.deposed_key.is_some() {
            return None;
        }
        // Marks that are not understood may mean anything.
        let marks = match self.sensitive_values {
            Some(raw) => serde_json::from_str(raw.get()).unwrap_or(serde_json::Value::Bool(true)),
            None => serde_json::Value::Null,
        };
        Some(Recorded {
            address: Address::parse(&self.address.0)?,
            attributes: attributes(Some(self.values?), text)?,
            sensitive: sensitive::tree(&marks),
            tainted: self.tainted.unwrap_or(false),
        })
    }
}
