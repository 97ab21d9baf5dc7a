//! The verbs, a file each.

pub(super) mod audit;
pub(super) mod check;
pub(super) mod console;
pub(super) mod drift;
pub(super) mod graph;
pub(super) mod plan;
pub(super) mod scan;
pub(super) mod show;
mod suggest;
pub(super) mod trust;
