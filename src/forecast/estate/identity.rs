//! What identifies a declared instance, part by part, held against an object.

use std::collections::BTreeMap;

use crate::catalog::{Definition, Mode, Suppress};
use crate::model::{ProviderConfig, Value};

/// How one part of a declared identity stands to that of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// It is the same, or the provider takes it for the same.
    Same,
    /// It is another.
    Other,
    /// Configuration leaves it to the provider, or it cannot be known.
    Open,
}

/// What a part of an identity says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Which project.
    Project,
    /// Where in it.
    Location,
    /// What it lies in.
    Parent,
    /// Its own name there.
    Name,
}

/// The arguments that identify an object, each once, in the order of the canonical name.
pub fn parts(definition: &Definition) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for name in definition
        .identity
        .iter()
        .flat_map(|template| template.names())
    {
        if !out.contains(&name) && definition.schema.attributes.contains_key(name) {
            out.push(name);
        }
    }
    out
}

/// The role of a part among `parts`: a part called `name` is the name, else the last that is no place.
pub fn role(part: &str, parts: &[&str]) -> Role {
    let place = |part: &str| match part {
        "project" => Some(Role::Project),
        "region" | "zone" | "location" => Some(Role::Location),
        _ => None,
    };
    let own = parts
        .iter()
        .find(|part| **part == "name")
        .or_else(|| parts.iter().rev().find(|part| place(part).is_none()));
    place(part).unwrap_or(if own == Some(&part) {
        Role::Name
    } else {
        Role::Parent
    })
}

/// Holds one argument of a declared instance against the attribute of an object. What configuration leaves to the provider may
/// be anything, and what the provider takes for equal is equal.
pub fn agreement(
    definition: &Definition,
    name: &str,
    arguments: &BTreeMap<String, Value>,
    attributes: &BTreeMap<String, Value>,
) -> Agreement {
    let Some(facts) = definition.schema.attributes.get(name) else {
        return Agreement::Same;
    };
    let live = attributes.get(name).unwrap_or(&Value::Null);
    let verdict = |same: bool| {
        if same {
            Agreement::Same
        } else {
            Agreement::Other
        }
    };
    match arguments.get(name) {
        None | Some(Value::Null) => {
            let prefix = arguments
                .get(&format!("{name}_prefix"))
                .and_then(Value::as_text);
            match (facts.mode, prefix.zip(live.as_text())) {
                (_, Some((prefix, live))) if !live.starts_with(prefix) => Agreement::Other,
                (Mode::Computed | Mode::OptionalComputed, _) => Agreement::Open,
                _ => verdict(live.is_empty()),
            }
        }
        Some(Value::Unknown(_)) => Agreement::Open,
        Some(written) => {
            let rules = definition.suppress.get(name).map_or(&[][..], Vec::as_slice);
            let link = |(a, b): (&str, &str)| {
                a.ends_with(&format!("/{b}")) || b.ends_with(&format!("/{a}"))
            };
            verdict(
                written.same(live)
                    || rules
                        .iter()
                        .any(|rule| unconditional(rule).lets_pass(written, live))
                    || written.as_text().zip(live.as_text()).is_some_and(link),
            )
        }
    }
}

fn unconditional(rule: &Suppress) -> &Suppress {
    if let Suppress::When(inner, _) = rule {
        unconditional(inner)
    } else {
        rule
    }
}

/// A value as a key under which equal ones meet: of a link the last part, in small letters.
pub fn key(value: &Value) -> String {
    match value {
        Value::Text(text) => text.rsplit('/').next().unwrap_or_default().to_lowercase(),
        value if value.is_empty() => String::new(),
        value => value.to_json().to_string(),
    }
}

/// Arguments with what the provider's configuration adds for identity.
pub fn with_provider(
    arguments: &BTreeMap<String, Value>,
    provider: Option<&ProviderConfig>,
) -> BTreeMap<String, Value> {
    let mut out = arguments.clone();
    let Some(provider) = provider else { return out };
    let location = provider.region.as_ref().or(provider.zone.as_ref());
    let said = [
        ("project", provider.project.as_ref()),
        ("region", provider.region.as_ref()),
        ("zone", provider.zone.as_ref()),
        ("location", location),
    ];
    for (name, value) in said {
        if let Some(value) = value
            && out.get(name).is_none_or(|value| *value == Value::Null)
        {
            out.insert(name.to_owned(), Value::text(value));
        }
    }
    out
}
