//! What `tofu plan` would say of a declared instance: configuration, facts and what is there, attribute by attribute.
//!
//! The rules are those of the provider's SDK: a required or optional argument is what configuration says or its default; one
//! that is also computed keeps what is there where configuration is silent; blocks are counted; sets are compared by whole
//! elements; what the provider lets pass is let pass by the definition's rules. What cannot be known stays not known.

mod block;
mod by_state;
mod dependents;
mod estate;
mod identity;
mod imports;
mod instance;
mod labels;
mod near_miss;
mod outlook;
mod planned;
mod set;
mod undeclared;

pub use by_state::by_state;
pub use estate::{Declarations, settle, with_provider};
pub use identity::{Agreement, Role, agreement, key, parts, role};
pub use instance::{Declaration, Planned, forecast};
pub use near_miss::{Offered, Wanted, near_misses};
pub use outlook::{Forecast, NearMiss, Outcome, Outlook};
pub use planned::PlannedValues;

#[cfg(test)]
mod tests;
