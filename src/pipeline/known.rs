//! What references see while configuration is evaluated.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Observed, Reading};
use crate::catalog::{Catalog, ForeignData, Kind};
use crate::data::DataSources;
use crate::forecast::{PlannedValues, Records};
use crate::hcl::Type;
use crate::model::{Address, Demand, Unknown, Value};
use crate::tofu::config::{AskedData, Record, ResourceValues};

/// What answers references beside what is planned: what states recorded, and data sources.
#[derive(Debug)]
pub struct Around<'a> {
    pub(super) catalog: &'a Catalog,
    records: Records<'a>,
    data: DataSources<'a>,
    remote: &'a RemoteStates,
}

impl<'a> Around<'a> {
    /// Over what was observed and read.
    pub fn new(
        observed: &'a Observed,
        reading: &'a Reading,
        remote: &'a RemoteStates,
        catalog: &'a Catalog,
    ) -> Self {
        Self {
            catalog,
            records: Records::new(&reading.states, catalog),
            data: DataSources::new(catalog, &observed.capture, &observed.cloud),
            remote,
        }
    }

    /// What references see: what is planned, else what is there; and what is around.
    pub fn known<'k>(&'k self, planned: &'k PlannedValues) -> Known<'k> {
        Known {
            planned,
            around: self,
        }
    }

    /// What data sources asked for and nobody has read yet.
    pub fn demands(&self) -> BTreeSet<Demand> {
        self.data.demands()
    }
}

/// The states of other roots that configuration reads, by the arguments it reads them with.
#[derive(Debug, Default)]
pub struct RemoteStates {
    read: BTreeMap<String, Arc<Value>>,
    wanted: RefCell<BTreeMap<String, BTreeMap<String, Value>>>,
}

impl RemoteStates {
    /// The arguments of those that were asked for and not read yet, each once.
    pub fn wanted(&self) -> Vec<BTreeMap<String, Value>> {
        self.wanted.borrow().values().cloned().collect()
    }

    /// Takes what reading one gave: its attributes, or why they are not known.
    pub fn add(&mut self, arguments: &BTreeMap<String, Value>, value: Value) {
        let key = key(arguments);
        self.wanted.get_mut().remove(&key);
        self.read.insert(key, Arc::new(value));
    }

    fn get(&self, arguments: &BTreeMap<String, Value>) -> Option<Arc<Value>> {
        let key = key(arguments);
        let found = self.read.get(&key).cloned();
        if found.is_none() {
            self.wanted.borrow_mut().insert(key, arguments.clone());
        }
        found
    }
}

/// What tells arguments from others. It may hold what is secret, and goes nowhere.
fn key(arguments: &BTreeMap<String, Value>) -> String {
    let secret = |value: &Value| format!("{value:?}");
    let each = arguments.iter();
    each.map(|(name, value)| format!("{name}={}\n", secret(value)))
        .collect()
}

/// What references see while configuration is evaluated.
pub struct Known<'a> {
    planned: &'a PlannedValues,
    around: &'a Around<'a>,
}

impl ResourceValues for Known<'_> {
    fn resource(&self, address: &Address) -> Option<Arc<Value>> {
        self.planned.get(address)
    }

    fn recorded(&self, address: &Address) -> Option<Record> {
        let recorded = self.around.records.get(address)?;
        let read = recorded.attributes.value();
        let attributes = read.unwrap_or(Value::Unknown(Unknown::StateUnreadable));
        Some(Record {
            attributes: Arc::new(attributes),
            sensitive: recorded.sensitive.to_vec(),
            tainted: recorded.tainted,
            facts: self
                .around
                .catalog
                .foreign
                .get(&address.rtype)
                .filter(|_| !address.data)
                .cloned(),
        })
    }

    fn data(&self, asked: &AskedData) -> Option<Arc<Value>> {
        let address = asked.address.to_string();
        let provider = asked.provider.as_deref();
        self.around
            .data
            .read(&address, &asked.address.rtype, &asked.arguments, provider)
    }

    fn foreign_data(&self, rtype: &str) -> Option<ForeignData> {
        self.around.catalog.foreign_data.get(rtype).copied()
    }

    fn remote_state(&self, asked: &AskedData) -> Option<Arc<Value>> {
        self.around.remote.get(&asked.arguments)
    }

    fn scalar(&self, rtype: &str, name: &str) -> Option<Type> {
        let definition = self.around.catalog.definition(rtype)?;
        match definition.schema.attributes.get(name)?.kind {
            Kind::String => Some(Type::String),
            Kind::Bool => Some(Type::Bool),
            Kind::Int | Kind::Float => Some(Type::Number),
            Kind::List | Kind::Set | Kind::Map => None,
        }
    }

    fn is_sensitive(&self, rtype: &str, family: &str) -> bool {
        let definition = self.around.catalog.definition(rtype);
        definition.is_some_and(|definition| definition.schema.is_sensitive(family))
    }

    fn changes(&self, block: &Address) -> bool {
        self.planned.changes(block)
    }
}
