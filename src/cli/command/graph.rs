//! `driftline graph`.

use std::collections::BTreeSet;

use crate::cli::args::GraphArgs;
use crate::cli::error::{CommandError, Outcome};
use crate::cli::{definitions, output, source};
use crate::graph::Graph;
use crate::normalize::normalize;
use crate::render;

pub fn run(args: &GraphArgs) -> Result<Outcome, CommandError> {
    let outputs = output::outputs(&args.out.out, &["console", "dot", "mermaid", "svg", "json"])?;
    let catalog = definitions::catalog()?;
    let cloud = source::cloud(&args.cloud, &[], &BTreeSet::new(), &catalog)?;
    let normalized = normalize(&cloud.capture, &catalog);
    let graph = Graph::new(&normalized.objects, &catalog);
    for output in &outputs {
        let text = match output.format.as_str() {
            "json" => render::graph::json(&graph, &normalized.gaps, &catalog),
            "dot" => render::graph::dot(&graph, &normalized.gaps, &catalog),
            "mermaid" => render::graph::mermaid(&graph, &normalized.gaps, &catalog),
            "svg" => render::graph::svg(&graph, &normalized.gaps, &catalog),
            _ => render::graph::tree(&graph, &normalized.gaps),
        };
        output::write(output, &text)?;
    }
    Ok(if normalized.gaps.is_empty() {
        Outcome::Clean
    } else {
        Outcome::Incomplete
    })
}
