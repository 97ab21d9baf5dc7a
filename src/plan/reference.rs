//! References in place of values: `google_compute_network.main.id`, where that is exactly what stands in the cloud.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::argument::{Argument, Written};
use crate::catalog::{Catalog, Prior};
use crate::graph::{Edge, Graph, Target};
use crate::model::{Object, Value};

/// What an object may refer to: the text of an address, by the object's place in the graph.
pub type Reachable = BTreeMap<usize, String>;

/// Which block refers to which: a circle among them would be no configuration.
#[derive(Debug, Default)]
pub struct Links(RefCell<BTreeMap<String, BTreeSet<String>>>);

impl Links {
    /// Lets one block refer to another, unless that closes a circle. Addresses of instances stand for their blocks.
    fn allow(&self, from: &str, to: &str) -> bool {
        let block = |address: &str| address.split('[').next().unwrap_or(address).to_owned();
        let (from, to) = (block(from), block(to));
        let mut links = self.0.borrow_mut();
        let mut seen = BTreeSet::new();
        let mut open = vec![to.clone()];
        while let Some(at) = open.pop() {
            if at == from {
                return false;
            }
            if seen.insert(at.clone()) {
                open.extend(links.get(&at).into_iter().flatten().cloned());
            }
        }
        links.entry(from).or_default().insert(to);
        true
    }
}

/// An object whose arguments are tied to others.
pub struct Knot<'a> {
    /// Its place in the graph.
    pub at: usize,
    /// Its address in its module.
    pub address: String,
    /// What refers to what so far.
    pub links: &'a Links,
}

/// Ties the arguments of one object to the objects it may refer to.
pub fn tie(
    arguments: &mut [Argument],
    knot: &Knot<'_>,
    graph: &Graph<'_>,
    catalog: &Catalog,
    reachable: &Reachable,
) {
    let edges: Vec<&Edge> = graph.references(knot.at).collect();
    let tier = Tier {
        knot,
        edges,
        objects: graph.objects,
        catalog,
        reachable,
    };
    tier.arguments(arguments);
}

struct Tier<'a> {
    knot: &'a Knot<'a>,
    edges: Vec<&'a Edge>,
    objects: &'a [Object],
    catalog: &'a Catalog,
    reachable: &'a Reachable,
}

impl Tier<'_> {
    fn arguments(&self, arguments: &mut [Argument]) {
        for argument in arguments {
            match &mut argument.written {
                Written::Blocks(blocks) => {
                    blocks.iter_mut().for_each(|block| self.arguments(block))
                }
                Written::Value(Value::Text(text)) => {
                    if let Some(reference) = self.reference(&argument.family, text) {
                        argument.written = reference;
                    }
                }
                Written::Value(Value::List(items)) => {
                    let tied: Vec<Written> = items
                        .iter()
                        .map(|item| self.element(&argument.family, item))
                        .collect();
                    if tied
                        .iter()
                        .any(|item| matches!(item, Written::Reference(..)))
                    {
                        argument.written = Written::Elements(tied);
                    }
                }
                _ => {}
            }
        }
    }

    fn element(&self, family: &str, item: &Value) -> Written {
        let reference = item.as_text().and_then(|text| self.reference(family, text));
        reference.unwrap_or_else(|| Written::Value(item.clone()))
    }

    fn reference(&self, family: &str, text: &str) -> Option<Written> {
        let edge = self
            .edges
            .iter()
            .find(|edge| edge.family == family && edge.value == text && !edge.implied)?;
        let Target::Object(to) = edge.to else {
            return None;
        };
        let address = self.reachable.get(&to)?;
        let target = &self.objects[to];
        let definition = self.catalog.definition(&target.rtype)?;
        // An import takes over nothing of what is read only as far as state has it.
        let kept = |name: &str| {
            !matches!(
                definition.prior.get(name),
                Some(Prior::ConfiguredKeys | Prior::ConfiguredBlocks)
            )
        };
        let holds = |name: &str| {
            target.attributes.get(name).and_then(Value::as_text) == Some(text) && kept(name)
        };
        let name = [edge.attribute.as_str(), "id", "self_link", "name"]
            .into_iter()
            .find(|name| holds(name))?;
        let allowed = self.knot.links.allow(&self.knot.address, address);
        allowed.then(|| Written::Reference(format!("{address}.{name}"), Value::text(text)))
    }
}
