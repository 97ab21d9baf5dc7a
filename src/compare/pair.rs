//! Which object belongs to which instance: by identity, never by `id` alone.

use std::collections::{BTreeMap, HashMap};

use super::Inputs;
use crate::catalog::{Context, Definition};
use crate::model::{Instance, Object, Value};
use crate::normalize::canonical;

/// One instance of state with the object it stands for.
pub(super) struct Pair<'a> {
    pub instance: &'a Instance,
    /// Which of the states it is in.
    pub state: usize,
    pub definition: &'a Definition,
    /// Its attributes as state has them.
    pub before: Value,
    /// The project it lies in, as far as state says.
    pub project: String,
    /// Its canonical name; nothing if state does not hold enough of it.
    pub id: Option<String>,
    pub object: Option<&'a Object>,
}

/// Pairs, what was left over, and what was not looked at.
pub(super) struct Pairs<'a> {
    pub pairs: Vec<Pair<'a>>,
    /// Objects no instance stands for.
    pub rest: Vec<&'a Object>,
    /// Instances by type that were not looked at.
    pub skipped: BTreeMap<String, usize>,
}

pub(super) fn pairs<'a>(inputs: &Inputs<'a>) -> Pairs<'a> {
    let by_id: HashMap<(&str, &str), &Object> =
        inputs.cloud.objects.iter().map(|object| ((object.rtype.as_str(), object.id.as_str()), object)).collect();
    let mut out = Pairs { pairs: Vec::new(), rest: Vec::new(), skipped: BTreeMap::new() };
    let instances = inputs.states.iter().enumerate().flat_map(|(at, state)| state.instances.iter().map(move |i| (at, i)));
    for (state, instance) in instances.filter(|(_, instance)| instance.deposed.is_none()) {
        let rtype = instance.address.rtype.as_str();
        let Some(definition) = inputs.catalog.definition(rtype).filter(|_| inputs.looks_at(rtype)) else {
            *out.skipped.entry(rtype.to_owned()).or_default() += 1;
            continue;
        };
        let before = instance.attributes.value();
        let project = project(&before, inputs);
        let context = Context { project: &project, ..Context::default() };
        let id = canonical(definition, &before, &context, inputs.catalog);
        // An id may name the project by its number, where the canonical name has its ID.
        let by_name = id.as_deref().and_then(named).filter(|_| said(&before).is_none());
        let project = by_name.map_or(project, str::to_owned);
        let object = id.as_deref().and_then(|id| by_id.get(&(rtype, id)).copied());
        out.pairs.push(Pair { instance, state, definition, before, project, id, object });
    }
    let managed: std::collections::HashSet<(&str, &str)> =
        out.pairs.iter().filter_map(|pair| pair.object).map(|object| (object.rtype.as_str(), object.id.as_str())).collect();
    let free =
        |object: &&Object| inputs.looks_at(&object.rtype) && !managed.contains(&(object.rtype.as_str(), object.id.as_str()));
    out.rest = inputs.cloud.objects.iter().filter(free).collect();
    out
}

/// The project of an instance: as it says, as its id says, or the only one asked about.
fn project(before: &Value, inputs: &Inputs<'_>) -> String {
    let in_id = || named(before.get("id").and_then(Value::as_text)?);
    let only = || inputs.projects.first().filter(|_| inputs.projects.len() == 1).map(String::as_str);
    said(before).or_else(in_id).or_else(only).unwrap_or_default().to_owned()
}

/// The project that an instance says it lies in.
fn said(before: &Value) -> Option<&str> {
    before.get("project").and_then(Value::as_text).filter(|project| !project.is_empty())
}

/// The project that a name goes through.
fn named(name: &str) -> Option<&str> {
    name.split('/').skip_while(|part| *part != "projects").nth(1)
}
