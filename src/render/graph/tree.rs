//! The graph as a text tree.

use std::collections::{BTreeMap, BTreeSet};

use super::short;
use crate::graph::{Graph, Target};
use crate::model::Gap;
use crate::render::text::{Palette, escaped, styled};

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
    let mut walk = Tree {
        graph,
        dependents: &dependents,
        seen: &mut seen,
        out: &mut out,
    };
    for start in (0..graph.objects.len())
        .filter(|at| !has_parent[*at])
        .chain(0..graph.objects.len())
    {
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
        let label = if label.is_empty() {
            String::new()
        } else {
            styled(Palette::DIM, &format!(" ← {label}"))
        };
        let owned = object
            .owned
            .as_ref()
            .map(|owned| format!(" ({})", owned.reason))
            .unwrap_or_default();
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
                let line = format!(
                    "→ {} {} (not in the graph) ← {}",
                    rtype,
                    escaped(name),
                    edge.label
                );
                self.out.push_str(&format!(
                    "{}{}\n",
                    "  ".repeat(depth + 1),
                    styled(Palette::DIM, &line)
                ));
            }
        }
        for child in self.dependents.get(&at).into_iter().flatten() {
            let label = self
                .graph
                .references(*child)
                .find(|edge| edge.to == Target::Object(at))
                .map_or("", |edge| edge.label.as_str());
            self.node(*child, (depth + 1).min(DEPTH), label);
        }
    }
}
