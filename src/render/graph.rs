//! The graph as text tree, DOT, Mermaid and JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::{Serialize, SerializeSeq, Serializer};

use super::text::{Palette, escaped, styled};
use crate::catalog::Catalog;
use crate::compare::shown;
use crate::graph::{Graph, Target};
use crate::model::{Gap, Object};
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
            let Some(definition) = self.catalog.definition(&object.rtype) else { continue };
            let attributes = imported(definition, &object.attributes);
            objects.serialize_element(&Node {
                attributes: shown(&definition.schema, &attributes),
                id: &object.id,
                import_id: &object.import_id,
                owned: object.owned.as_ref().map(|owned| owned.reason.as_str()),
                references: self.graph.references(at).map(|edge| link(edge, self.graph)).collect(),
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
    let document =
        Document { format_version: "1.0", gaps: gaps.iter().map(missing).collect(), objects: Nodes { graph, catalog } };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn missing(gap: &Gap) -> Missing<'_> {
    Missing { detail: &gap.detail, fix: &gap.fix, reason: gap.reason.as_str(), scope: gap.scope.to_string(), rtype: &gap.listing }
}

fn link<'a>(edge: &'a crate::graph::Edge, graph: &'a Graph<'_>) -> Link<'a> {
    let (rtype, to) = match &edge.to {
        Target::Object(at) => (graph.objects[*at].rtype.as_str(), Some(graph.objects[*at].id.as_str())),
        Target::Dangling { rtype, .. } => (rtype.as_str(), None),
    };
    Link { attribute: &edge.family, label: &edge.label, to, rtype, value: &edge.value }
}

/// The graph as a tree: each object under what it stands on, each once, dangling references marked.
pub fn tree(graph: &Graph<'_>, gaps: &[Gap]) -> String {
    let mut dependents: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut has_parent = vec![false; graph.objects.len()];
    for edge in &graph.edges {
        if let Target::Object(to) = edge.to
            && to != edge.from
        {
            dependents.entry(to).or_default().insert(edge.from);
            has_parent[edge.from] = true;
        }
    }
    let mut out = String::new();
    let mut seen = vec![false; graph.objects.len()];
    let mut walk = Tree { graph, dependents: &dependents, seen: &mut seen, out: &mut out };
    for start in (0..graph.objects.len()).filter(|at| !has_parent[*at]).chain(0..graph.objects.len()) {
        if !walk.seen[start] {
            walk.node(start, 0, "");
        }
    }
    for gap in gaps {
        out.push_str(&format!(
            "{} {} in {}: {}\n",
            styled(Palette::UNKNOWN, "?"),
            gap.listing,
            escaped(&gap.scope.to_string()),
            gap.reason.as_str()
        ));
    }
    out
}

struct Tree<'a, 'g> {
    graph: &'a Graph<'g>,
    dependents: &'a BTreeMap<usize, BTreeSet<usize>>,
    seen: &'a mut Vec<bool>,
    out: &'a mut String,
}

/// How deep a tree is drawn; deeper objects stand at that depth.
const DEPTH: usize = 12;

impl Tree<'_, '_> {
    fn node(&mut self, at: usize, depth: usize, label: &str) {
        let object = &self.graph.objects[at];
        let again = std::mem::replace(&mut self.seen[at], true);
        let label = if label.is_empty() { String::new() } else { styled(Palette::DIM, &format!(" ← {label}")) };
        let owned = object.owned.as_ref().map(|owned| format!(" ({})", owned.reason)).unwrap_or_default();
        let name = escaped(short(object));
        let more = if again { " …" } else { "" };
        self.out.push_str(&format!(
            "{}{} {name}{label}{}{more}\n",
            "  ".repeat(depth),
            styled(Palette::BOLD, &object.rtype),
            escaped(&owned)
        ));
        if again {
            return;
        }
        for edge in self.graph.references(at) {
            if let Target::Dangling { rtype, name } = &edge.to {
                let line = format!("→ {} {} (not in the graph) ← {}", rtype, escaped(name), edge.label);
                self.out.push_str(&format!("{}{}\n", "  ".repeat(depth + 1), styled(Palette::DIM, &line)));
            }
        }
        for child in self.dependents.get(&at).into_iter().flatten() {
            let label =
                self.graph.references(*child).find(|edge| edge.to == Target::Object(at)).map_or("", |edge| edge.label.as_str());
            self.node(*child, (depth + 1).min(DEPTH), label);
        }
    }
}

/// The import id without the words every id has.
fn short(object: &Object) -> &str {
    object.import_id.strip_prefix("projects/").and_then(|rest| rest.split_once('/')).map_or(&object.import_id, |(_, rest)| rest)
}

/// What a drawing says of an object: its type without the provider's name, and its name without the project's.
fn caption(object: &Object) -> (&str, &str) {
    let rtype = object.rtype.split_once('_').map_or(object.rtype.as_str(), |(_, rest)| rest);
    let name = short(object);
    (rtype, name.strip_prefix(&object.scope.project).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name))
}

/// The graph in Graphviz' language: a box a service, so that it reads like the architecture.
pub fn dot(graph: &Graph<'_>, catalog: &Catalog) -> String {
    let inner = |text: &str| escaped(text).replace('\\', "\\\\").replace('"', "\\\"");
    let mut out = String::from(
        "digraph driftline {\n  rankdir = LR\n  fontname = \"Helvetica\"\n  node [shape = box, fontname = \"Helvetica\", style = \"rounded,filled\", fillcolor = white]\n  \
         edge [fontname = \"Helvetica\", fontsize = 10]\n",
    );
    let mut services: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, object) in graph.objects.iter().enumerate() {
        let service = catalog.definition(&object.rtype).and_then(|definition| catalog.services.get(&definition.service));
        services.entry(service.map_or("", |service| service.title.as_str())).or_default().push(at);
    }
    for (number, (title, objects)) in services.iter().enumerate() {
        out.push_str(&format!(
            "  subgraph cluster_{number} {{\n    label = \"{}\"\n    style = \"rounded,filled\"\n    color = \"#e8eaed\"\n",
            inner(title)
        ));
        for at in objects {
            let (rtype, name) = caption(&graph.objects[*at]);
            out.push_str(&format!("    n{at} [label = \"{}\\n{}\"]\n", inner(rtype), inner(name)));
        }
        out.push_str("  }\n");
    }
    let mut strangers = BTreeMap::new();
    for edge in &graph.edges {
        let to = match &edge.to {
            Target::Object(to) => format!("n{to}"),
            Target::Dangling { rtype, name } => {
                let count = strangers.len();
                let at = *strangers.entry((rtype, name)).or_insert(count);
                format!("d{at}")
            }
        };
        out.push_str(&format!("  n{} -> {to} [label = \"{}\"]\n", edge.from, inner(&edge.label)));
    }
    for ((rtype, name), at) in strangers {
        let path = name.find("projects/").map_or(name.as_str(), |start| &name[start..]);
        let label = format!("{}\\n{}", inner(rtype.split_once('_').map_or(rtype.as_str(), |(_, rest)| rest)), inner(path));
        out.push_str(&format!("  d{at} [label = \"{label}\", style = \"rounded,dashed\", color = gray]\n"));
    }
    out.push_str("}\n");
    out
}

/// The graph in Mermaid's language.
pub fn mermaid(graph: &Graph<'_>) -> String {
    let quote = |text: &str| {
        let entity = |c: char| match c {
            '"' => "#quot;".to_owned(),
            '<' => "#lt;".to_owned(),
            '>' => "#gt;".to_owned(),
            '#' => "#35;".to_owned(),
            '`' => "#96;".to_owned(),
            c => c.to_string(),
        };
        escaped(text).chars().map(entity).collect::<String>()
    };
    let mut out = String::from("flowchart LR\n");
    for (at, object) in graph.objects.iter().enumerate() {
        out.push_str(&format!("  n{at}[\"{}<br/>{}\"]\n", quote(&object.rtype), quote(short(object))));
    }
    let mut strangers = BTreeMap::new();
    for edge in &graph.edges {
        match &edge.to {
            Target::Object(to) => out.push_str(&format!("  n{} -->|{}| n{to}\n", edge.from, quote(&edge.label))),
            Target::Dangling { rtype, name } => {
                let count = strangers.len();
                let at = *strangers.entry((rtype, name)).or_insert(count);
                out.push_str(&format!("  n{} -.->|{}| d{at}\n", edge.from, quote(&edge.label)));
            }
        }
    }
    for ((rtype, name), at) in strangers {
        out.push_str(&format!("  d{at}([\"{}<br/>{}\"])\n", quote(rtype), quote(name)));
    }
    out
}
