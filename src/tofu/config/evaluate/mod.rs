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

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use crate::catalog::Foreign as Facts;

use crate::catalog::ForeignData;
use crate::hcl::Type;
use crate::model::{Address, Path, ProviderConfig, Value};

/// What is known of resource instances beyond their configuration.
pub trait ResourceValues {
    /// All attributes of an instance by name, a [`Value::Map`] in which parts may be unknown. Nothing when no more is known
    /// than the configuration says: then arguments have the values written, and every other attribute is unknown.
    fn resource(&self, address: &Address) -> Option<Arc<Value>>;

    /// What state recorded of an instance of another provider, or of a data source.
    fn recorded(&self, address: &Address) -> Option<Record> {
        let _ = address;
        None
    }

    /// What reading a data source of Google's providers gives: its attributes by name, of which parts may be unknown, or why it
    /// is not known. Nothing where the data source has no definition.
    fn data(&self, asked: &AskedData) -> Option<Arc<Value>> {
        let _ = asked;
        None
    }

    /// How a data source of another provider is worked out.
    fn foreign_data(&self, rtype: &str) -> Option<ForeignData> {
        let _ = rtype;
        None
    }

    /// The outputs of another root's state, by the arguments of the data source that reads it; nothing where it was not read.
    fn remote_state(&self, asked: &AskedData) -> Option<Arc<Value>> {
        let _ = asked;
        None
    }

    /// Whether a plan changes an instance of a block of Google's providers, given by its address without keys.
    fn changes(&self, block: &Address) -> bool {
        let _ = block;
        false
    }

    /// The type of a top-level attribute of a resource type, where it is a scalar one.
    fn scalar(&self, rtype: &str, name: &str) -> Option<Type> {
        let _ = (rtype, name);
        None
    }

    /// Whether the provider calls an attribute of a resource type sensitive, by its name and those of the blocks around it
    /// (`settings.password`).
    fn is_sensitive(&self, rtype: &str, family: &str) -> bool {
        let _ = (rtype, family);
        false
    }
}

/// An instance as state recorded it.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its attributes.
    pub attributes: Arc<Value>,
    /// Attributes that state marks sensitive; the empty path is all of them.
    pub sensitive: Vec<Path>,
    /// Whether the next apply will replace it anyway.
    pub tainted: bool,
    /// Facts of its type, where there are any.
    pub facts: Option<Facts>,
}

/// A data source instance whose arguments are known.
#[derive(Clone, Debug)]
pub struct AskedData {
    /// Its address.
    pub address: Address,
    /// What is written, evaluated; nested blocks as lists of maps.
    pub arguments: BTreeMap<String, Value>,
    /// Its provider configuration, where it is of one of Google's providers.
    pub provider: Option<Arc<ProviderConfig>>,
}

/// Nothing is known of any resource but its configuration.
pub struct Unplanned;

impl ResourceValues for Unplanned {
    fn resource(&self, _: &Address) -> Option<Arc<Value>> {
        None
    }
}
