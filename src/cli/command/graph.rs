//! `driftline graph`.

use std::collections::BTreeSet;

use crate::cli::args::GraphArgs;
use crate::cli::error::{CommandError, Outcome};
use crate::cli::{definitions, output, source};
use crate::graph::Graph;
use crate::pipeline;
use crate::render;

output::formats! {
    /// What `driftline graph` writes.
    GraphFormat {
        Console = "console",
        Dot = "dot",
        Mermaid = "mermaid",
        Svg = "svg",
        Json = "json",
    }
}

pub fn run(args: &GraphArgs) -> Result<Outcome, CommandError> {
    let outputs = output::outputs::<GraphFormat>(&args.out.out)?;
    let catalog = definitions::catalog()?;
    let mut reads = args.cloud.clone();
    reads.live.kubernetes = args.kubernetes.sight();
    let cloud = source::cloud(&reads, &[], &BTreeSet::new(), &catalog)?;
    let mut observed = pipeline::observe(cloud.capture, &catalog);
    if args.kubernetes.kubernetes {
        observed.with_clusters(&catalog);
    }
    let normalized = &observed.cloud;
    let graph = Graph::new(&normalized.objects, &catalog);
    for output in &outputs {
        let text = match output.format {
            GraphFormat::Json => render::graph::json(&graph, &normalized.gaps, &catalog),
            GraphFormat::Dot => render::graph::dot(&graph, &normalized.gaps, &catalog),
            GraphFormat::Mermaid => render::graph::mermaid(&graph, &normalized.gaps, &catalog),
            GraphFormat::Svg => render::graph::svg(&graph, &normalized.gaps, &catalog),
            GraphFormat::Console => render::graph::tree(&graph, &normalized.gaps),
        };
        output::write(output, &text)?;
    }
    Ok(if normalized.gaps.is_empty() {
        Outcome::Clean
    } else {
        Outcome::Incomplete
    })
}
