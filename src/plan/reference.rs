//! References in place of values: `google_compute_network.main.id`, where that is exactly what stands in the cloud.

use std::collections::BTreeMap;

use super::argument::{Argument, Written};
use crate::catalog::Catalog;
use crate::graph::{Edge, Graph, Target};
use crate::model::{Object, Value};
use crate::normalize;

/// What an object may refer to: the text of an address, by the object's place in the graph.
pub type Reachable = BTreeMap<usize, String>;

/// Ties the arguments of one object to the objects it may refer to.
pub fn tie(arguments: &mut [Argument], from: usize, graph: &Graph<'_>, catalog: &Catalog, reachable: &Reachable) {
    let edges: Vec<&Edge> = graph.references(from).collect();
    let tier = Tier { edges, objects: graph.objects, catalog, reachable };
    tier.arguments(arguments);
}

struct Tier<'a> {
    edges: Vec<&'a Edge>,
    objects: &'a [Object],
    catalog: &'a Catalog,
    reachable: &'a Reachable,
}

impl Tier<'_> {
    fn arguments(&self, arguments: &mut [Argument]) {
        for argument in arguments {
            match &mut argument.written {
                Written::Blocks(blocks) => blocks.iter_mut().for_each(|block| self.arguments(block)),
                Written::Value(Value::Text(text)) => {
                    if let Some(reference) = self.reference(&argument.family, text) {
                        argument.written = reference;
                    }
                }
                Written::Value(Value::List(items)) => {
                    let tied: Vec<Written> = items.iter().map(|item| self.element(&argument.family, item)).collect();
                    if tied.iter().any(|item| matches!(item, Written::Reference(..))) {
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
        let edge = self.edges.iter().find(|edge| edge.family == family && edge.value == text)?;
        let Target::Object(to) = edge.to else { return None };
        let address = self.reachable.get(&to)?;
        let target = &self.objects[to];
        let imported = normalize::imported(self.catalog.definition(&target.rtype)?, &target.attributes);
        let wanted = Value::text(text);
        let names = [edge.attribute.as_str(), "id", "self_link", "name"];
        let name = names.iter().find(|name| imported.get(**name) == Some(&wanted))?;
        Some(Written::Reference(format!("{address}.{name}"), wanted))
    }
}
