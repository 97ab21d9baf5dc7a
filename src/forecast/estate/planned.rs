//! What has been planned so far: what references to other instances see.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::{Address, RawAttributes, Unknown, Value};

/// What has been planned so far, by address: the values that references see.
#[derive(Debug, Default)]
pub struct PlannedValues(RefCell<HashMap<Address, Held>>, RefCell<HashSet<Address>>);

#[derive(Debug)]
enum Held {
    Known(Arc<Value>),
    /// Still text: most of what state has is never referred to.
    Stored(RawAttributes),
}

impl PlannedValues {
    /// The planned object of an instance.
    pub fn get(&self, address: &Address) -> Option<Arc<Value>> {
        let mut all = self.0.borrow_mut();
        let held = all.get_mut(address)?;
        if let Held::Stored(raw) = held {
            // What cannot be read is not known to anyone who refers to it.
            let read = raw
                .value()
                .unwrap_or(Value::Unknown(Unknown::StateUnreadable));
            *held = Held::Known(Arc::new(read));
        }
        if let Held::Known(value) = held {
            Some(Arc::clone(value))
        } else {
            None
        }
    }

    /// Remembers a planned object.
    pub fn set(&self, address: &Address, value: impl Into<Arc<Value>>) {
        self.0
            .borrow_mut()
            .insert(address.clone(), Held::Known(value.into()));
    }

    /// Remembers an instance as state has it.
    pub fn stored(&self, address: &Address, attributes: &RawAttributes) {
        self.0
            .borrow_mut()
            .insert(address.clone(), Held::Stored(attributes.clone()));
    }

    /// Remembers whether the plan changes an instance.
    pub fn decided(&self, address: &Address, changes: bool) {
        if changes {
            self.1.borrow_mut().insert(address.block());
        }
    }

    /// Whether the plan changes an instance of a block, given by its address without keys.
    pub fn changes(&self, block: &Address) -> bool {
        self.1.borrow().contains(block)
    }

    /// Forgets what was planned of an instance.
    pub fn forget(&self, address: &Address) {
        self.0.borrow_mut().remove(address);
    }
}
