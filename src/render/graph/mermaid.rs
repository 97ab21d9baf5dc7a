//! The graph in Mermaid's language.

use super::drawing::Drawing;
use crate::catalog::Catalog;
use crate::graph::Graph;
use crate::model::Gap;
use crate::render::text::escaped;

/// The graph in Mermaid's language: a box a service; what could not be read stands by itself.
pub fn mermaid(graph: &Graph<'_>, gaps: &[Gap], catalog: &Catalog) -> String {
    let drawing = Drawing::of_objects(graph, gaps, catalog);
    let mut out = String::from("flowchart LR\n");
    let label = |at: usize| {
        format!(
            "\"{}<br/>{}\"",
            quoted(&drawing.boxes[at].kind),
            quoted(&drawing.boxes[at].name)
        )
    };
    for (number, (title, members)) in drawing.groups.iter().enumerate() {
        out.push_str(&format!("  subgraph s{number}[\"{}\"]\n", quoted(title)));
        for at in members {
            out.push_str(&format!("    n{at}[{}]\n", label(*at)));
        }
        out.push_str("  end\n");
    }
    for arrow in &drawing.arrows {
        let line = if drawing.boxes[arrow.to].stranger {
            "-.->"
        } else {
            "-->"
        };
        out.push_str(&format!(
            "  n{} {line}|{}| n{}\n",
            arrow.from,
            quoted(&arrow.label),
            arrow.to
        ));
    }
    for (at, _) in drawing
        .boxes
        .iter()
        .enumerate()
        .filter(|(_, shape)| shape.stranger)
    {
        out.push_str(&format!("  n{at}([{}])\n", label(at)));
    }
    for (at, gap) in drawing.gaps.iter().enumerate() {
        out.push_str(&format!(
            "  g{at}{{{{\"could not be read<br/>{}\"}}}}\n",
            quoted(gap)
        ));
    }
    out
}

/// Text that can stand between quotes: what has a meaning there is an entity.
fn quoted(text: &str) -> String {
    let entity = |c: char| match c {
        '"' => "#quot;".to_owned(),
        '<' => "#lt;".to_owned(),
        '>' => "#gt;".to_owned(),
        '#' => "#35;".to_owned(),
        '`' => "#96;".to_owned(),
        c => c.to_string(),
    };
    escaped(text).chars().map(entity).collect()
}
