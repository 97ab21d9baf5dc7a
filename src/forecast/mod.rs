//! What `tofu plan` would say of a declared instance: configuration, facts and what is there, attribute by attribute.
//!
//! The rules are those of the provider's SDK: a required or optional argument is what configuration says or its default; one
//! that is also computed keeps what is there where configuration is silent; blocks are counted; sets are compared by whole
//! elements; what the provider lets pass is let pass by the definition's rules. What cannot be known stays not known.

mod block;
mod by_state;
mod dependents;
mod estate;
mod instance;
mod outlook;
mod typed;

pub use by_state::by_state;
pub use estate::{
    Agreement, Declarations, Offered, PlannedValues, Recorded, Records, Role, Wanted, agreement,
    key, near_misses, parts, role, settle, with_provider,
};
pub use instance::{Declaration, Planned, forecast};
pub use outlook::{Forecast, NearMiss, Outcome, Outlook};

#[cfg(test)]
mod monotone;
#[cfg(test)]
mod tests;
