//! Which object belongs to which instance: by identity, never by `id` alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Inputs;
use crate::catalog::{Catalog, Context, Definition};
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
    /// Whether the object is gone from an answer that the instance outlives ([`Definition::vanished`]).
    pub outlives: bool,
    /// Whether the provider does not look for it, as what it lies in is, and leaves state as it is.
    pub kept: bool,
}

/// Pairs, what was left over, and what was not looked at.
pub(super) struct Pairs<'a> {
    pub pairs: Vec<Pair<'a>>,
    /// Objects no instance stands for.
    pub rest: Vec<&'a Object>,
    /// Instances by type that were not looked at.
    pub skipped: BTreeMap<String, usize>,
    /// Instances whose attributes cannot be read, with the state each is in.
    pub unreadable: Vec<(usize, &'a Instance)>,
}

pub(super) fn pairs<'a>(inputs: &Inputs<'a>) -> Pairs<'a> {
    let by_id = by_name(&inputs.cloud.objects);
    let beta = by_name(&inputs.cloud.beta);
    let mut out = Pairs {
        pairs: Vec::new(),
        rest: Vec::new(),
        skipped: BTreeMap::new(),
        unreadable: Vec::new(),
    };
    let instances = inputs
        .states
        .iter()
        .enumerate()
        .flat_map(|(at, state)| state.instances.iter().map(move |i| (at, i)));
    for (state, instance) in instances {
        let rtype = instance.address.rtype.as_str();
        let Some(definition) = inputs
            .catalog
            .flavour(instance.provider.beta)
            .definition(rtype)
            .filter(|_| inputs.looks_at(rtype))
        else {
            *out.skipped.entry(rtype.to_owned()).or_default() += 1;
            continue;
        };
        let Ok(before) = instance.attributes.value() else {
            out.unreadable.push((state, instance));
            continue;
        };
        let project = project(&before, inputs);
        let context = Context {
            project: &project,
            ..Context::default()
        };
        let id = canonical(definition, &before, &context, inputs.catalog);
        // An id may name the project by its number, where the canonical name has its ID.
        let by_name = id
            .as_deref()
            .and_then(named)
            .filter(|_| said(&before).is_none());
        let lies_in = by_name.map_or_else(|| project.clone(), str::to_owned);
        let apart = instance.provider.beta && inputs.catalog.beta().is_some();
        let by_id = if apart { &beta } else { &by_id };
        let object = id
            .as_deref()
            .and_then(|id| by_id.get(&(rtype, id)).copied());
        let kept = object.is_none() && kept(definition, id.as_deref(), &lies_in, inputs);
        let outlives = kept || object.is_none() && outlives(definition, &before, &context, inputs);
        out.pairs.push(Pair {
            instance,
            state,
            definition,
            before,
            project: lies_in,
            id,
            object,
            outlives,
            kept,
        });
    }
    let managed: HashSet<(&str, &str)> = out
        .pairs
        .iter()
        .filter_map(|pair| pair.object)
        .map(|object| (object.rtype.as_str(), object.id.as_str()))
        .collect();
    let claimed = wholes(inputs);
    let free = |object: &&Object| {
        inputs.looks_at(&object.rtype)
            && !managed.contains(&(object.rtype.as_str(), object.id.as_str()))
            && !stood_for(object, &claimed, inputs)
    };
    out.rest = inputs.cloud.objects.iter().filter(free).collect();
    out
}

/// Objects by type and canonical name.
fn by_name(objects: &[Object]) -> HashMap<(&str, &str), &Object> {
    let named = objects
        .iter()
        .map(|object| ((object.rtype.as_str(), object.id.as_str()), object));
    named.collect()
}

/// What state has of types that hold objects of others, looked at or not: type and canonical name.
fn wholes(inputs: &Inputs<'_>) -> HashSet<(String, String)> {
    let types: HashSet<&str> = inputs
        .catalog
        .definitions
        .values()
        .filter_map(|d| d.part_of.as_deref())
        .collect();
    let instances = inputs
        .states
        .iter()
        .flat_map(|state| &state.instances)
        .filter(|instance| instance.deposed.is_none());
    let name = |instance: &Instance| {
        let definition = inputs.catalog.definition(&instance.address.rtype)?;
        let before = instance.attributes.value().ok()?;
        let project = project(&before, inputs);
        let id = canonical(
            definition,
            &before,
            &Context {
                project: &project,
                ..Context::default()
            },
            inputs.catalog,
        )?;
        Some((definition.rtype.clone(), id))
    };
    instances
        .filter(|instance| types.contains(instance.address.rtype.as_str()))
        .filter_map(name)
        .collect()
}

/// Whether another object stands for this one: one that state has and that holds it, or always, where a type counts only as far
/// as state has it.
fn stood_for(object: &Object, claimed: &HashSet<(String, String)>, inputs: &Inputs<'_>) -> bool {
    let Some(definition) = inputs.catalog.definition(&object.rtype) else {
        return false;
    };
    definition.claimed_only
        || whole(object, inputs.catalog).is_some_and(|whole| claimed.contains(&whole))
}

/// The object that holds this one, where a type says there may be one ([`Definition::part_of`]): type and canonical name.
pub fn whole(object: &Object, catalog: &Catalog) -> Option<(String, String)> {
    let definition = catalog.definition(catalog.definition(&object.rtype)?.part_of.as_ref()?)?;
    let context = Context {
        project: &object.scope.project,
        ..Context::default()
    };
    let id = canonical(
        definition,
        &Value::Map(object.attributes.clone()),
        &context,
        catalog,
    )?;
    Some((definition.rtype.clone(), id))
}

/// Whether what an instance lay in gave an answer that it is not in, and it lives on for all that.
fn outlives(
    definition: &Definition,
    before: &Value,
    context: &Context<'_>,
    inputs: &Inputs<'_>,
) -> bool {
    let within = definition
        .vanished
        .iter()
        .flat_map(|vanished| &vanished.within);
    let name = within
        .filter_map(|template| template.fill(before, context))
        .next();
    name.is_some_and(|name| {
        inputs
            .cloud
            .answered
            .contains(&(definition.rtype.clone(), name))
    })
}

/// Whether an instance lies in an object whose contents the provider leaves as state has them.
fn kept(definition: &Definition, id: Option<&str>, project: &str, inputs: &Inputs<'_>) -> bool {
    let through = |key: &str| {
        let name = key.rsplit('/').next().unwrap_or(key);
        id.is_some_and(|id| id.split('/').any(|part| part == name))
    };
    inputs.cloud.kept.iter().any(|(listing, lies_in, key)| {
        *listing == definition.rtype && lies_in == project && through(key)
    })
}

/// The project of an instance: as it says, as its id says, or the only one asked about.
pub(super) fn project(before: &Value, inputs: &Inputs<'_>) -> String {
    let in_id = || named(before.get("id").and_then(Value::as_text)?);
    let only = || {
        inputs
            .projects
            .first()
            .filter(|_| inputs.projects.len() == 1)
            .map(String::as_str)
    };
    said(before)
        .or_else(in_id)
        .or_else(only)
        .unwrap_or_default()
        .to_owned()
}

/// The project that an instance says it lies in.
fn said(before: &Value) -> Option<&str> {
    let text = before
        .get("project")
        .and_then(Value::as_text)
        .filter(|project| !project.is_empty())?;
    // Some resources keep it as configuration spells it: `projects/my-project`.
    text.rsplit('/').next()
}

/// The project that a name starts with, or a link goes through; not one that stands further behind, as in a grant's member.
fn named(name: &str) -> Option<&str> {
    if name.starts_with("https://") {
        return name
            .split('/')
            .skip_while(|part| *part != "projects")
            .nth(1);
    }
    // A canonical name has its API in front.
    let path = name
        .strip_prefix("//")
        .map_or(Some(name), |rest| Some(rest.split_once('/')?.1))?;
    path.strip_prefix("projects/")?.split('/').next()
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_name_tells_its_project_by_its_start() {
        assert_eq!(named("projects/shop/secrets/key"), Some("shop"));
        assert_eq!(
            named("https://www.googleapis.com/compute/v1/projects/shop/global/networks/n"),
            Some("shop")
        );
        assert_eq!(
            named("//cloudkms.googleapis.com/projects/shop/locations/eu/keyRings/r"),
            Some("shop")
        );
        assert_eq!(
            named(
                "//storage.googleapis.com/b/pictures/projects/other/roles/reader/user:ann@example.com"
            ),
            None
        );
        assert_eq!(
            named("b/pictures/projects/other/roles/reader/user:ann@example.com"),
            None
        );
        assert_eq!(
            named(
                "b/pictures/roles/viewer/principalSet://iam.googleapis.com/projects/17/locations/global/x"
            ),
            None
        );
        assert_eq!(named("pictures"), None);
    }
}
