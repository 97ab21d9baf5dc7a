//! driftline: drift reports and import plans for Google Cloud and OpenTofu.

pub mod hcl;
pub mod model;
pub mod tofu;
