//! The graph in Graphviz' language.

use super::drawing::Drawing;
use crate::catalog::Catalog;
use crate::graph::Graph;
use crate::model::Gap;
use crate::render::text::escaped;

const HEAD: &str = "digraph driftline {
  rankdir = LR
  fontname = \"Helvetica\"
  node [shape = box, fontname = \"Helvetica\", style = \"rounded,filled\", fillcolor = white]
  edge [fontname = \"Helvetica\", fontsize = 10]
";

/// The graph in Graphviz' language: a box a service, so that it reads like the architecture; what could not be read stands by itself.
pub fn dot(graph: &Graph<'_>, gaps: &[Gap], catalog: &Catalog) -> String {
    let drawing = Drawing::of_objects(graph, gaps, catalog);
    let inner = |text: &str| escaped(text).replace('\\', "\\\\").replace('"', "\\\"");
    let mut out = HEAD.to_owned();
    let label = |at: usize| {
        format!(
            "{}\\n{}",
            inner(&drawing.boxes[at].kind),
            inner(&drawing.boxes[at].name)
        )
    };
    for (number, (title, members)) in drawing.groups.iter().enumerate() {
        out.push_str(&format!(
            "  subgraph cluster_{number} {{\n    label = \"{}\"\n    style = \"rounded,filled\"\n    color = \"#e8eaed\"\n",
            inner(title)
        ));
        for at in members {
            out.push_str(&format!("    n{at} [label = \"{}\"]\n", label(*at)));
        }
        out.push_str("  }\n");
    }
    for arrow in &drawing.arrows {
        out.push_str(&format!(
            "  n{} -> n{} [label = \"{}\"]\n",
            arrow.from,
            arrow.to,
            inner(&arrow.label)
        ));
    }
    for (at, _) in drawing
        .boxes
        .iter()
        .enumerate()
        .filter(|(_, shape)| shape.stranger)
    {
        out.push_str(&format!(
            "  n{at} [label = \"{}\", style = \"rounded,dashed\", color = gray]\n",
            label(at)
        ));
    }
    for (at, gap) in drawing.gaps.iter().enumerate() {
        out.push_str(&format!(
            "  g{at} [label = \"could not be read\\n{}\", style = dashed, color = red]\n",
            inner(gap)
        ));
    }
    out.push_str("}\n");
    out
}
