//! Evaluating a configuration.

mod body;
mod console;
mod expansion;
mod import;
mod lifecycle;
mod model;
mod order;
mod provider;
mod resource;
mod scope;
mod session;

pub use console::ConsoleAnswer;
pub use order::order;
pub use session::Session;

use std::sync::Arc;

use crate::model::{Address, Value};

/// What is known of resource instances beyond their configuration.
pub trait ResourceValues {
    /// All attributes of an instance by name, a [`Value::Map`] in which parts may be unknown. Nothing when no more is known
    /// than the configuration says: then arguments have the values written, and every other attribute is unknown.
    fn resource(&self, address: &Address) -> Option<Arc<Value>>;

    /// Whether the provider calls an attribute of a resource type sensitive, by its name and those of the blocks around it
    /// (`settings.password`).
    fn is_sensitive(&self, rtype: &str, family: &str) -> bool {
        let _ = (rtype, family);
        false
    }
}

/// Nothing is known of any resource but its configuration.
pub struct Unplanned;

impl ResourceValues for Unplanned {
    fn resource(&self, _: &Address) -> Option<Arc<Value>> {
        None
    }
}
