//! Objects that configuration declares already: matched by what identifies them, and planned each after what it depends on.

use std::collections::{BTreeMap, BTreeSet};

use super::PlanInputs;
use crate::catalog::{Context, Definition, Mode, Suppress};
use crate::forecast::{Declaration, Declarations, Planned, PlannedValues, forecast, with_provider};
use crate::model::{Address, Declared, Object, Value};
use crate::normalize::{canonical, imported};

/// Evaluates one declared instance over values that are put in as they become known.
pub type Evaluate<'a> = &'a dyn Fn(&Address) -> Option<Declared>;

/// A configuration that a plan goes into.
#[derive(Clone, Copy)]
pub struct Configured<'a> {
    /// What it declares, and how one instance is evaluated over `planned`.
    pub declarations: &'a Declarations<'a>,
    /// What is planned for each instance.
    pub planned: &'a PlannedValues,
    /// How one instance is evaluated over `there`, afresh each time: what identifies an object is what is there, not what
    /// will be.
    pub identify: Evaluate<'a>,
    /// What is there of each instance.
    pub there: &'a PlannedValues,
}

/// An object that configuration declares.
#[derive(Clone, Debug)]
pub struct Adopted {
    /// Where.
    pub address: Address,
    /// What `tofu plan` would say once it is imported.
    pub planned: Planned,
    /// What is there: what an import leaves, or a refresh.
    pub live: Value,
    /// Whether it is to be imported; else a state has it.
    pub imported: bool,
    /// Where it is declared.
    pub place: crate::model::Place,
    /// Its place in the cloud's list, if it is to be imported.
    at: Option<usize>,
}

/// Declared instances by the object (its place in the cloud's list) they stand for. Where two declare one object the first
/// counts.
pub(super) fn adopted(inputs: &PlanInputs<'_>) -> BTreeMap<usize, Adopted> {
    declared(inputs).into_iter().filter_map(|adopted| Some((adopted.at?, adopted))).collect()
}

/// Every declared instance whose object is there, with what `tofu plan` would say of it: those that would be imported, and those
/// that a state has.
pub fn declared(inputs: &PlanInputs<'_>) -> Vec<Adopted> {
    let Some(configured) = inputs.config else { return Vec::new() };
    let order = configured.declarations.in_order();
    let stored: BTreeMap<&Address, (Option<&Value>, bool)> = (inputs.comparison.rows.iter())
        .filter(|row| row.state.is_some())
        .filter_map(|row| Some((row.address.as_ref()?, (row.live.as_ref(), row.tainted))))
        .collect();
    for (address, (live, _)) in &stored {
        if let Some(live) = live {
            configured.there.set(address, (*live).clone());
        }
    }
    let free: Vec<&Address> = order.iter().filter(|address| !stored.contains_key(address)).collect();
    let matched = Matching::new(inputs, configured).run(&free);
    let mut out = Vec::new();
    for address in &order {
        let Some(definition) = inputs.catalog.definition(&address.rtype) else { continue };
        let Some(declared) = (configured.declarations.evaluate)(address) else { continue };
        let provider = declared.provider.and_then(|at| configured.declarations.config.providers.get(at));
        let declaration = Some(Declaration { declared: &declared, provider });
        let found = matched.get(address);
        let imported = found.map(|at| Value::Map(imported(definition, &inputs.cloud.objects[*at].attributes)));
        let (prior, tainted) = stored.get(address).copied().unwrap_or((imported.as_ref(), false));
        let planned = forecast(definition, declaration, prior, tainted);
        configured.planned.set(address, planned.value.clone());
        if let Some(live) = prior {
            let (live, place) = (live.clone(), declared.place.clone());
            out.push(Adopted { address: address.clone(), planned, live, imported: found.is_some(), place, at: found.copied() });
        }
    }
    out
}

/// Finds the objects that declared instances stand for.
struct Matching<'a> {
    inputs: &'a PlanInputs<'a>,
    configured: Configured<'a>,
    by_name: BTreeMap<(&'a str, &'a str), usize>,
    by_import: BTreeMap<(&'a str, &'a str), usize>,
    imports: BTreeMap<&'a Address, &'a str>,
    found: BTreeMap<Address, usize>,
    taken: BTreeSet<usize>,
}

impl<'a> Matching<'a> {
    fn new(inputs: &'a PlanInputs<'a>, configured: Configured<'a>) -> Self {
        let objects = || inputs.cloud.objects.iter().enumerate();
        let imports = configured.declarations.config.imports.iter();
        Self {
            inputs,
            configured,
            by_name: objects().map(|(at, object)| ((object.rtype.as_str(), object.id.as_str()), at)).collect(),
            by_import: objects().map(|(at, object)| ((object.rtype.as_str(), object.import_id.as_str()), at)).collect(),
            imports: imports.filter_map(|import| Some((&import.to, import.id.as_deref()?))).collect(),
            found: BTreeMap::new(),
            taken: BTreeSet::new(),
        }
    }

    /// Goes round until nothing is new: a name may come from a resource that is matched later. Exact names come first.
    fn run(mut self, addresses: &[&Address]) -> BTreeMap<Address, usize> {
        loop {
            let before = self.found.len();
            for exact in [true, false] {
                for address in addresses {
                    if !self.found.contains_key(*address) {
                        self.find(address, exact);
                    }
                }
            }
            if self.found.len() == before {
                return self.found;
            }
        }
    }

    fn find(&mut self, address: &Address, exact: bool) {
        let Some(definition) = self.inputs.catalog.definition(&address.rtype) else { return };
        let Some(declared) = (self.configured.identify)(address) else { return };
        let provider = declared.provider.and_then(|at| self.configured.declarations.config.providers.get(at));
        let arguments = with_provider(&declared.arguments, provider);
        let rtype = definition.rtype.as_str();
        let found = if exact {
            let said = self.imports.get(address).and_then(|id| self.by_import.get(&(rtype, *id)));
            let named = name(definition, &arguments, self.inputs);
            said.or_else(|| self.by_name.get(&(rtype, named.as_deref()?))).copied()
        } else {
            let fits = |(at, object): &(usize, &Object)| {
                object.rtype == rtype && !self.taken.contains(at) && agrees(definition, &declared.arguments, object)
            };
            let all: Vec<usize> = self.inputs.cloud.objects.iter().enumerate().filter(fits).map(|(at, _)| at).collect();
            all.first().copied().filter(|_| all.len() == 1)
        };
        let Some(at) = found.filter(|at| self.taken.insert(*at)) else { return };
        let attributes = imported(definition, &self.inputs.cloud.objects[at].attributes);
        self.configured.there.set(address, Value::Map(attributes));
        self.found.insert(address.clone(), at);
    }
}

/// Whether what configuration says of an object's identity is that object: what it leaves to the provider may be anything,
/// and what the provider takes for equal is equal.
fn agrees(definition: &Definition, arguments: &BTreeMap<String, Value>, object: &Object) -> bool {
    definition.identity.iter().flat_map(|template| template.names()).all(|name| {
        let Some(facts) = definition.schema.attributes.get(name) else { return true };
        let live = object.attributes.get(name).unwrap_or(&Value::Null);
        match arguments.get(name) {
            None | Some(Value::Null) => facts.mode == Mode::OptionalComputed,
            Some(Value::Unknown(_)) => false,
            Some(written) => {
                let rules = definition.suppress.get(name).map_or(&[][..], Vec::as_slice);
                written.same(live)
                    || rules.iter().any(|rule| unconditional(rule).lets_pass(written, live))
                    || written
                        .as_text()
                        .zip(live.as_text())
                        .is_some_and(|(a, b)| a.ends_with(&format!("/{b}")) || b.ends_with(&format!("/{a}")))
            }
        }
    })
}

fn unconditional(rule: &Suppress) -> &Suppress {
    if let Suppress::When(inner, _) = rule { unconditional(inner) } else { rule }
}

/// The canonical name that a declared instance stands for, as far as it is known.
fn name(definition: &Definition, arguments: &BTreeMap<String, Value>, inputs: &PlanInputs<'_>) -> Option<String> {
    let own = arguments.get("project").and_then(Value::as_text).map(str::to_owned);
    let project = own.or_else(|| inputs.projects.first().cloned()).unwrap_or_default();
    let context = Context { project: &project, ..Context::default() };
    canonical(definition, &Value::Map(arguments.clone()), &context, inputs.catalog)
}
