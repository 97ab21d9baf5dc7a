//! What states recorded of what is not compared with the cloud: resources of other providers, data sources, and types of Google's
//! providers that have no definition.

use std::collections::HashMap;

use crate::catalog::Catalog;
use crate::model::{Address, Path, RawAttributes, State};

/// Instances by address, as states recorded them.
#[derive(Debug, Default)]
pub struct Records<'a>(HashMap<&'a Address, Recorded<'a>>);

/// One of them.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    /// Its attributes, still text.
    pub attributes: &'a RawAttributes,
    /// Attributes that state marks sensitive.
    pub sensitive: &'a [Path],
    /// Whether the next apply will replace it anyway.
    pub tainted: bool,
}

impl<'a> Records<'a> {
    /// The records of states. Of two that have an address the first counts.
    pub fn new(states: &'a [State], catalog: &Catalog) -> Self {
        let mut all = HashMap::new();
        for state in states {
            for recorded in &state.recorded {
                let one = Recorded {
                    attributes: &recorded.attributes,
                    sensitive: &recorded.sensitive,
                    tainted: recorded.tainted,
                };
                all.entry(&recorded.address).or_insert(one);
            }
            let undefined = state.instances.iter().filter(|instance| {
                instance.deposed.is_none() && catalog.definition(&instance.address.rtype).is_none()
            });
            for instance in undefined {
                let one = Recorded {
                    attributes: &instance.attributes,
                    sensitive: &instance.sensitive,
                    tainted: instance.tainted,
                };
                all.entry(&instance.address).or_insert(one);
            }
        }
        Self(all)
    }

    /// What was recorded at an address.
    pub fn get(&self, address: &Address) -> Option<Recorded<'a>> {
        self.0.get(address).copied()
    }
}
