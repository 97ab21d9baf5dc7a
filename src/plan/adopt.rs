//! Objects that configuration declares already: matched by what identifies them, never by name alone.

use std::collections::BTreeMap;

use super::PlanInputs;
use crate::catalog::{Context, Definition};
use crate::model::{Address, Declared, Object, ProviderConfig, Value};
use crate::normalize::{canonical, imported};

/// A declared instance with the object it stands for.
#[derive(Clone, Debug)]
pub struct Adopted<'a> {
    /// The instance, its references filled as far as they are known.
    pub declared: Declared,
    /// Its provider configuration.
    pub provider: Option<&'a ProviderConfig>,
}

/// Declared instances by the object (its place in the cloud's list) they stand for. Where two declare one object the first
/// address counts.
///
/// A name that comes from another resource is known once that resource is matched, so this goes round until nothing is new.
pub fn adopted<'a>(inputs: &PlanInputs<'a>) -> BTreeMap<usize, Adopted<'a>> {
    let Some(config) = inputs.config else { return BTreeMap::new() };
    let objects: BTreeMap<(&str, &str), usize> =
        inputs.cloud.objects.iter().enumerate().map(|(at, object)| ((object.rtype.as_str(), object.id.as_str()), at)).collect();
    let imports: BTreeMap<&Address, &str> = config.imports.iter().filter_map(|i| Some((&i.to, i.id.as_deref()?))).collect();
    let by_import: BTreeMap<(&str, &str), usize> =
        inputs.cloud.objects.iter().enumerate().map(|(at, o)| ((o.rtype.as_str(), o.import_id.as_str()), at)).collect();
    let mut known: BTreeMap<Address, BTreeMap<String, Value>> = BTreeMap::new();
    let mut open: Vec<Declared> = config.resources.clone();
    let mut out: BTreeMap<usize, Adopted<'a>> = BTreeMap::new();
    loop {
        let before = open.len();
        let mut rest = Vec::new();
        for mut declared in open {
            fill(&mut declared, &known);
            let Some(definition) = inputs.catalog.definition(&declared.address.rtype) else { continue };
            let provider = declared.provider.and_then(|at| config.providers.get(at));
            let said = imports.get(&declared.address).and_then(|id| by_import.get(&(definition.rtype.as_str(), *id)));
            let id = || name(definition, &declared, provider, inputs);
            let found = said.copied().or_else(|| objects.get(&(definition.rtype.as_str(), id()?.as_str())).copied());
            match found {
                Some(at) => {
                    let object: &Object = &inputs.cloud.objects[at];
                    known.insert(declared.address.clone(), imported(definition, &object.attributes));
                    out.entry(at).or_insert(Adopted { declared, provider });
                }
                None => rest.push(declared),
            }
        }
        if rest.is_empty() || rest.len() == before {
            break;
        }
        open = rest;
    }
    // What was matched early may refer to what was matched late.
    for adopted in out.values_mut() {
        fill(&mut adopted.declared, &known);
    }
    out
}

/// The canonical name that a declared instance stands for, as far as it is known.
fn name(
    definition: &Definition,
    declared: &Declared,
    provider: Option<&ProviderConfig>,
    inputs: &PlanInputs<'_>,
) -> Option<String> {
    let mut arguments = declared.arguments.clone();
    let said = provider.map(|provider| [("project", &provider.project), ("region", &provider.region), ("zone", &provider.zone)]);
    for (name, value) in said.into_iter().flatten() {
        let missing = arguments.get(name).is_none_or(|value| *value == Value::Null);
        if let Some(value) = value.as_ref().filter(|_| missing && definition.schema.attributes.contains_key(name)) {
            arguments.insert(name.to_owned(), Value::text(value));
        }
    }
    let own = arguments.get("project").and_then(Value::as_text).map(str::to_owned);
    let project = own.or_else(|| provider?.project.clone()).or_else(|| inputs.projects.first().cloned()).unwrap_or_default();
    // What location and region are called differs between types; a type that has one may be declared without it.
    if definition.schema.attributes.contains_key("location")
        && arguments.get("location").is_none_or(|value| *value == Value::Null)
        && let Some(region) = provider.and_then(|provider| provider.region.as_ref())
    {
        arguments.insert("location".to_owned(), Value::text(region));
    }
    let context = Context { project: &project, ..Context::default() };
    canonical(definition, &Value::Map(arguments), &context, inputs.catalog)
}

/// Puts what is known of other resources in place of references to them.
fn fill(declared: &mut Declared, known: &BTreeMap<Address, BTreeMap<String, Value>>) {
    for (path, reference) in declared.references.clone() {
        let Some(value) = resolve(&reference, known) else { continue };
        let mut steps = path.split(['.', '[', ']']).filter(|step| !step.is_empty());
        let Some(first) = steps.next() else { continue };
        let mut at = declared.arguments.get_mut(first);
        for step in steps {
            at = at.and_then(|value| match value {
                Value::Map(map) => map.get_mut(step.trim_matches('"')),
                Value::List(items) => step.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
                _ => None,
            });
        }
        if let Some(slot @ Value::Unknown(_)) = at {
            *slot = value;
        }
    }
}

/// The value of `google_x.y["k"].attribute`, where the attribute is a top-level one of a known instance.
fn resolve(reference: &str, known: &BTreeMap<Address, BTreeMap<String, Value>>) -> Option<Value> {
    let (address, attribute) = reference.rsplit_once('.')?;
    known.get(&Address::parse(address)?)?.get(attribute).cloned()
}
