//! What was not seen: what a gap hides, and what is to be looked at again before it is called gone.

pub(super) mod gap;
pub(super) mod look;
