//! What has been planned so far: what references to other instances see.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{Address, RawAttributes, Unknown, Value};

/// What has been planned so far, by address: the values that references see.
#[derive(Debug, Default)]
pub struct PlannedValues(RefCell<HashMap<Address, Held>>);

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

    /// Forgets what was planned of an instance.
    pub fn forget(&self, address: &Address) {
        self.0.borrow_mut().remove(address);
    }
}
