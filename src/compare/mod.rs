//! Objects against state: what is in sync, drifted, missing, unmanaged, or not known.

mod attribute;
mod refresh;

pub use attribute::{Difference, Differences, differences};
pub use refresh::refreshed;
