//! driftline: drift reports and import plans for Google Cloud and OpenTofu.

pub mod catalog;
pub mod collect;
pub mod model;
