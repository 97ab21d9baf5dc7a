//! The graph for machines.

use serde::ser::{Serialize, SerializeSeq, Serializer};

use crate::catalog::Catalog;
use crate::compare::shown;
use crate::graph::{Graph, Target};
use crate::model::Gap;
use crate::normalize::imported;

/// Members stand in the order of their names, here and below.
#[derive(serde::Serialize)]
struct Document<'a> {
    format_version: &'static str,
    gaps: Vec<Missing<'a>>,
    objects: Nodes<'a>,
}

/// The objects one after the other: each is made when it is written, and gone then.
struct Nodes<'a> {
    graph: &'a Graph<'a>,
    catalog: &'a Catalog,
}

impl Serialize for Nodes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut objects = serializer.serialize_seq(None)?;
        for (at, object) in self.graph.objects.iter().enumerate() {
            let Some(definition) = self.catalog.definition(&object.rtype) else {
                continue;
            };
            let attributes = imported(definition, &object.attributes);
            objects.serialize_element(&Node {
                attributes: shown(&definition.schema, &attributes),
                id: &object.id,
                import_id: &object.import_id,
                owned: object.owned.as_ref().map(|owned| owned.reason.as_str()),
                references: self
                    .graph
                    .references(at)
                    .map(|edge| link(edge, self.graph))
                    .collect(),
                rtype: &object.rtype,
            })?;
        }
        objects.end()
    }
}

#[derive(serde::Serialize)]
struct Node<'a, A: Serialize> {
    attributes: A,
    id: &'a str,
    import_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    owned: Option<&'a str>,
    references: Vec<Link<'a>>,
    #[serde(rename = "type")]
    rtype: &'a str,
}

#[derive(serde::Serialize)]
struct Link<'a> {
    attribute: &'a str,
    label: &'a str,
    to: Option<&'a str>,
    #[serde(rename = "type")]
    rtype: &'a str,
    value: &'a str,
}

#[derive(serde::Serialize)]
struct Missing<'a> {
    detail: &'a str,
    fix: &'a str,
    reason: &'static str,
    scope: String,
    #[serde(rename = "type")]
    rtype: &'a str,
}

/// The graph for machines: objects with whole normalized attributes (sensitive ones hidden), references and gaps.
pub fn json(graph: &Graph<'_>, gaps: &[Gap], catalog: &Catalog) -> String {
    let document = Document {
        format_version: "1.0",
        gaps: gaps.iter().map(missing).collect(),
        objects: Nodes { graph, catalog },
    };
    crate::render::document::pretty(&document)
}

fn missing(gap: &Gap) -> Missing<'_> {
    Missing {
        detail: &gap.detail,
        fix: &gap.fix,
        reason: gap.reason.as_str(),
        scope: gap.scope.to_string(),
        rtype: &gap.listing,
    }
}

fn link<'a>(edge: &'a crate::graph::Edge, graph: &'a Graph<'_>) -> Link<'a> {
    let (rtype, to) = match &edge.to {
        Target::Object(at) => (
            graph.objects[*at].rtype.as_str(),
            Some(graph.objects[*at].id.as_str()),
        ),
        Target::Dangling { rtype, .. } => (rtype.as_str(), None),
    };
    Link {
        attribute: &edge.family,
        label: &edge.label,
        to,
        rtype,
        value: &edge.value,
    }
}
