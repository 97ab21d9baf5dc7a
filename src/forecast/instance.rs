//! One instance: its forecast, its planned changes, and the value others will see.

use std::collections::BTreeMap;

use super::block::Differ;
use super::block::fallback;
use super::block::ignored::retained;
use super::block::labels;
use super::block::whole::may_replace;
use super::outlook::Forecast;
use super::typed;
use crate::catalog::{Context, Definition, Mode};
use crate::compare::{Action, Change};
use crate::model::{Declared, ProviderConfig, Unknown, Value};

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
    let mut written = shaped(definition, declaration.declared);
    for name in definition.imported.keys() {
        let silent = written.get(name).is_none_or(Value::is_empty);
        let said = silent
            .then(|| fallback::planned(definition, name, declaration.provider))
            .flatten();
        if let Some(said) = said {
            written.insert(name.clone(), said);
        }
    }
    let mut value = made(definition, "", written);
    for name in &definition.defaults {
        let open = value
            .get(name)
            .is_none_or(|value| value.has_unknown() || value.is_empty());
        let said = open
            .then(|| provider_default(definition, name, declaration.provider))
            .flatten();
        if let Some(said) = said {
            value.insert(name.clone(), said);
        }
    }
    labels::create(definition, declaration.provider, &mut value);
    let whole = Value::Map(value.clone());
    for (name, template) in &definition.planned {
        if let Some(text) = template.fill(&whole, &Context::default()) {
            value.insert(name.clone(), Value::Text(text));
        }
    }
    value.insert("id".to_owned(), Value::Unknown(Unknown::AFTER_APPLY));
    Value::Map(value)
}

/// A block that is made, with what the schema says of the attributes that are not written.
fn made(
    definition: &Definition,
    family: &str,
    mut written: BTreeMap<String, Value>,
) -> BTreeMap<String, Value> {
    for (short, full, facts) in definition.schema.children(family) {
        let block = definition.schema.is_block(full);
        match written
            .get_mut(short)
            .filter(|value| **value != Value::Null)
        {
            Some(Value::List(blocks)) if block => {
                for block in blocks {
                    if let Value::Map(inner) = block {
                        *inner = made(definition, full, std::mem::take(inner));
                    }
                }
            }
            Some(_) => {}
            None => {
                let unwritten = match (facts.mode, &facts.default) {
                    (_, Some(default)) => Value::from_json(default.clone()),
                    (Mode::Computed | Mode::OptionalComputed, None) => {
                        Value::Unknown(Unknown::AFTER_APPLY)
                    }
                    (Mode::Required | Mode::Optional, None) if block => Value::List(Vec::new()),
                    (Mode::Required | Mode::Optional, None) => Value::Null,
                };
                written.insert(short.to_owned(), unwritten);
            }
        }
    }
    written
}

/// The declared arguments as the schema has them: every block in a list (configuration in JSON may leave the list out where there
/// is one), every scalar of its kind.
fn shaped(definition: &Definition, declared: &Declared) -> BTreeMap<String, Value> {
    let mut arguments = declared.arguments.clone();
    typed::block(&definition.schema, "", &mut arguments);
    arguments
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
    let mut differ = Differ::new(definition, declared, &handed, prior, declaration.provider);
    let mut value = if declared.lifecycle.ignore_all {
        prior.as_map().cloned().unwrap_or_default()
    } else {
        differ.top()
    };
    let changes = differ.changes;
    let forecast = if tainted {
        Forecast::Replace
    } else {
        combined(&changes, definition)
    };
    if forecast == Forecast::Replace {
        // What replaces it is made as configuration says, ignored or not.
        let made = created(definition, declaration);
        value = made.as_map().cloned().unwrap_or_default();
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
