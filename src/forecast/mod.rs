//! What `tofu plan` would say of a declared instance: configuration, facts and what is there, attribute by attribute.
//!
//! The rules are those of the provider's SDK: a required or optional argument is what configuration says or its default; one
//! that is also computed keeps what is there where configuration is silent; blocks are counted; sets are compared by whole
//! elements; what the provider lets pass is let pass by the definition's rules. What cannot be known stays not known.

mod block;
mod estate;
mod identity;
mod instance;
mod labels;
mod near;
mod set;

pub use estate::{Declarations, PlannedValues, settle, with_provider};
pub use identity::{Agreement, Role, agreement, key, parts, role};
pub use instance::{Declaration, Planned, forecast};
pub use near::{Offered, Wanted, near_misses};

#[cfg(test)]
mod tests;
