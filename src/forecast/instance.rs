//! One instance: its forecast, its planned changes, and the value others will see.

use std::collections::BTreeMap;

use super::block::Differ;
use super::block::ignored::retained;
use super::block::whole::may_replace;
use super::outlook::Forecast;
use crate::catalog::{Definition, Mode};
use crate::compare::{Action, Change};
use crate::model::{Declared, Lifecycle, ProviderConfig, Unknown, Value};

/// What configuration says of an instance.
#[derive(Clone, Copy)]
pub struct Declaration<'a> {
    /// The declared block.
    pub declared: &'a Declared,
    /// Its provider configuration, if one is known.
    pub provider: Option<&'a ProviderConfig>,
}

/// What tofu would plan.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What would be done.
    pub forecast: Forecast,
    /// What would change: `before` is what is there, `after` what is planned.
    pub changes: Vec<Change>,
    /// The whole object as planned; what only apply can tell is [`Value::Unknown`].
    pub value: Value,
    /// Whether the block says `prevent_destroy`.
    pub kept: bool,
}

/// Plans one instance against what is there (refreshed attributes; nothing if the object does not exist).
pub fn forecast(
    definition: &Definition,
    declaration: Option<Declaration<'_>>,
    prior: Option<&Value>,
    tainted: bool,
) -> Planned {
    match (declaration, prior) {
        (None, Some(prior)) => Planned {
            forecast: Forecast::Delete,
            changes: Vec::new(),
            value: prior.clone(),
            kept: false,
        },
        (None, None) => Planned {
            forecast: Forecast::None,
            changes: Vec::new(),
            value: Value::Null,
            kept: false,
        },
        (Some(declaration), None) => {
            let value = created(definition, declaration);
            Planned {
                forecast: Forecast::Create,
                changes: Vec::new(),
                value,
                kept: declaration.declared.lifecycle.prevent_destroy,
            }
        }
        (Some(declaration), Some(prior)) => changed(definition, declaration, prior, tainted),
    }
}

/// The object a create would leave, as far as it is known before.
fn created(definition: &Definition, declaration: Declaration<'_>) -> Value {
    let mut value = shaped(definition, declaration.declared);
    for (short, _, facts) in definition.schema.children("") {
        let written = value.get(short).is_some_and(|value| *value != Value::Null);
        if written {
            continue;
        }
        let fallback = provider_default(definition, short, declaration.provider);
        let unwritten = match (facts.mode, &facts.default) {
            (_, Some(default)) => Value::from_json(default.clone()),
            (Mode::Computed | Mode::OptionalComputed, _) => {
                fallback.unwrap_or_else(|| Value::Unknown(Unknown::AFTER_APPLY))
            }
            _ => Value::Null,
        };
        value.insert(short.to_owned(), unwritten);
    }
    value.insert("id".to_owned(), Value::Unknown(Unknown::AFTER_APPLY));
    Value::Map(value)
}

/// The declared arguments with every block in a list: configuration in JSON may leave the list out where there is one.
fn shaped(definition: &Definition, declared: &Declared) -> BTreeMap<String, Value> {
    let mut arguments = declared.arguments.clone();
    arguments
        .iter_mut()
        .for_each(|(name, value)| shape(definition, name, value));
    arguments
}

fn shape(definition: &Definition, family: &str, value: &mut Value) {
    if !definition.schema.is_block(family) {
        return;
    }
    if let Value::Map(_) = value {
        *value = Value::List(vec![std::mem::take(value)]);
    }
    let Value::List(blocks) = value else { return };
    for block in blocks {
        let Value::Map(inner) = block else { continue };
        inner
            .iter_mut()
            .for_each(|(name, value)| shape(definition, &format!("{family}.{name}"), value));
    }
}

/// What the provider's own configuration says for an argument that was not written.
fn provider_default(
    definition: &Definition,
    name: &str,
    provider: Option<&ProviderConfig>,
) -> Option<Value> {
    let provider =
        provider.filter(|_| definition.defaults.iter().any(|default| default == name))?;
    let said = match name {
        "project" => &provider.project,
        "region" => &provider.region,
        "zone" => &provider.zone,
        _ => return None,
    };
    said.clone().map(Value::Text)
}

fn changed(
    definition: &Definition,
    declaration: Declaration<'_>,
    prior: &Value,
    tainted: bool,
) -> Planned {
    let declared = declaration.declared;
    // An argument that falls back to the provider's own is computed too: left out, what is there stays whatever the provider
    // says now. An empty text asks for the provider's.
    let mut arguments = shaped(definition, declared);
    for name in definition
        .defaults
        .iter()
        .filter(|name| declared.arguments.get(*name).and_then(Value::as_text) == Some(""))
    {
        if let Some(value) = provider_default(definition, name, declaration.provider) {
            arguments.insert(name.clone(), value);
        }
    }
    let ignored = &declared.lifecycle.ignore_changes;
    let handed = retained(&definition.schema, &arguments, prior, ignored);
    let mut differ = Differ::new(definition, declared, &handed, prior);
    let mut value = if declared.lifecycle.ignore_all {
        prior.as_map().cloned().unwrap_or_default()
    } else {
        differ.top(declaration.provider)
    };
    let changes = differ.changes;
    let forecast = if tainted {
        Forecast::Replace
    } else {
        combined(&changes, definition)
    };
    if forecast == Forecast::Replace {
        // What replaces it is made as configuration says, ignored or not.
        if declared.lifecycle.ignore_all || !declared.lifecycle.ignore_changes.is_empty() {
            let heeded = Declared {
                lifecycle: Lifecycle::default(),
                ..declared.clone()
            };
            value = Differ::new(definition, &heeded, &arguments, prior).top(declaration.provider);
        }
        renew(definition, &arguments, &mut value);
    } else if let Some(id) = prior.get("id") {
        value.insert("id".to_owned(), id.clone());
    }
    Planned {
        forecast,
        changes,
        value: Value::Map(value),
        kept: declared.lifecycle.prevent_destroy,
    }
}

/// What a replacement leaves unknown: everything that the provider sets.
fn renew(
    definition: &Definition,
    arguments: &BTreeMap<String, Value>,
    value: &mut BTreeMap<String, Value>,
) {
    for (short, _, facts) in definition.schema.children("") {
        let written = arguments
            .get(short)
            .is_some_and(|value| *value != Value::Null);
        if !written
            && matches!(facts.mode, Mode::Computed | Mode::OptionalComputed)
            && facts.default.is_none()
        {
            value.insert(short.to_owned(), Value::Unknown(Unknown::AFTER_APPLY));
        }
    }
    value.insert("id".to_owned(), Value::Unknown(Unknown::AFTER_APPLY));
}

/// The forecast that changes add up to.
fn combined(changes: &[Change], definition: &Definition) -> Forecast {
    let any = |action: Action| changes.iter().any(|change| change.action == action);
    // What is not known could still be what forces a replacement.
    let graver = |change: &Change| may_replace(definition, &change.path.family());
    let open = changes
        .iter()
        .any(|change| change.action == Action::Unknown && graver(change));
    match () {
        () if any(Action::Replace) => Forecast::Replace,
        () if open => Forecast::Unknown,
        () if any(Action::Update) => Forecast::Update,
        () if any(Action::Unknown) => Forecast::Unknown,
        () => Forecast::None,
    }
}
