//! The graph: JSON, a text tree, and pictures in Graphviz' and Mermaid's languages and as SVG.

mod dot;
mod drawing;
mod json;
mod mermaid;
mod svg;
mod tree;

pub use dot::dot;
pub use json::json;
pub use mermaid::mermaid;
pub use svg::svg;
pub use tree::tree;

use crate::model::Object;

/// The import id without the words every id has.
fn short(object: &Object) -> &str {
    object
        .import_id
        .strip_prefix("projects/")
        .and_then(|rest| rest.split_once('/'))
        .map_or(&object.import_id, |(_, rest)| rest)
}
