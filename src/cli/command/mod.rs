//! The verbs, a file each.

pub(super) mod drift;
pub(super) mod graph;
pub(super) mod scan;
pub(super) mod show;
pub(super) mod trust;
