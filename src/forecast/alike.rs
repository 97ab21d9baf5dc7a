//! Which object a declared instance stands for, where its canonical name alone does not tell.

use std::collections::{BTreeMap, BTreeSet};

use super::block::Differ;
use crate::catalog::{Definition, Mode};
use crate::model::{Declared, Object, Value};

/// The only one of some objects that a declared instance can stand for; nothing where there is none, or more than one.
///
/// Configuration may say less than an identity holds (a database user's host, which the API chooses), and may spell it
/// otherwise than the cloud does (a service account by its whole address). An object fits if everything that identifies it is
/// as `arguments` have it, is let pass by the provider, or is left to the provider. `arguments` are the declared ones with
/// what the provider configuration adds.
pub fn alike<'o>(
    definition: &Definition,
    declared: &Declared,
    arguments: &BTreeMap<String, Value>,
    objects: impl IntoIterator<Item = &'o Object>,
) -> Option<&'o Object> {
    let names: BTreeSet<&str> = definition.identity.iter().flat_map(|template| template.names()).filter(|n| *n != "id").collect();
    let mut fitting = objects.into_iter().filter(|object| {
        let prior = Value::Map(object.attributes.clone());
        let differ = Differ::new(definition, declared, arguments, &prior);
        object.rtype == definition.rtype && names.iter().all(|name| fits(&differ, name, arguments, &prior))
    });
    fitting.next().filter(|_| fitting.next().is_none())
}

fn fits(differ: &Differ<'_>, name: &str, arguments: &BTreeMap<String, Value>, live: &Value) -> bool {
    let Some(facts) = differ.definition.schema.attributes.get(name) else { return true };
    let live = live.get(name).unwrap_or(&Value::Null);
    match arguments.get(name).filter(|value| **value != Value::Null) {
        None if matches!(facts.mode, Mode::OptionalComputed | Mode::Computed) => true,
        None => live.is_empty(),
        Some(wanted) => wanted.same(live) || differ.lets_pass(name, facts, wanted, live) == Some(true),
    }
}
