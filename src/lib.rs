//! driftline: drift reports and import plans for Google Cloud and OpenTofu.

pub mod catalog;
pub mod cli;
pub mod collect;
pub mod compare;
pub mod forecast;
pub mod graph;
pub mod hcl;
pub mod model;
pub mod normalize;
pub mod plan;
pub mod render;
pub mod snapshot;
pub mod tofu;
