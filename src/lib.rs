//! driftline: drift reports and import plans for Google Cloud and OpenTofu.

pub mod model;
pub mod tofu;
