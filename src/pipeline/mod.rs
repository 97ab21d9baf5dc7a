//! The one way from what was read to what is said, for every command: [`observe`] the cloud, [`read`] states and configuration,
//! [`settle`] what tofu would do. Commands differ in what they ask for and how they say it, never in how it is worked out.

mod checked;
mod known;
mod settle;

use std::collections::BTreeMap;

pub use checked::{Assembled, Checked, assembled};
pub use known::{Around, Known, RemoteStates};
pub use settle::{Settled, adopted, as_created, configured_by, plan_into, settle};

use crate::catalog::Catalog;
use crate::compare::{Comparison, Inputs, compare};
use crate::forecast::PlannedValues;
use crate::model::{Address, Capture, State};
use crate::normalize::{Normalized, kinds, normalize};
use crate::tofu::config::{Workspace, moved};

/// What is in the cloud.
#[derive(Debug)]
pub struct Observed {
    /// As the APIs said it.
    pub capture: Capture,
    /// In the words of the provider.
    pub cloud: Normalized,
}

impl Observed {
    /// Adds the objects of clusters that the capture has. Who compares and plans leaves them out: no resource stands for them.
    pub fn with_clusters(&mut self, catalog: &Catalog) {
        let found = kinds(&self.capture, catalog);
        let objects = &mut self.cloud.objects;
        objects.extend(found.objects);
        objects.sort_by(|a, b| (&a.rtype, &a.id).cmp(&(&b.rtype, &b.id)));
        self.cloud.gaps.extend(found.gaps);
        self.cloud.gaps.sort();
        self.cloud.gaps.dedup();
    }

    /// Adds what was read on demand of data sources: answers and gaps, no objects.
    pub fn add(&mut self, more: Capture) {
        let capture = &mut self.capture;
        capture.pages.extend(more.pages);
        capture
            .pages
            .sort_by(|a, b| (&a.listing, &a.scope).cmp(&(&b.listing, &b.scope)));
        self.cloud.gaps.extend(more.gaps.iter().cloned());
        self.cloud.gaps.sort();
        capture.gaps.extend(more.gaps);
        capture.gaps.sort();
    }
}

/// Normalizes what the collector, or a snapshot, has.
pub fn observe(capture: Capture, catalog: &Catalog) -> Observed {
    Observed {
        cloud: normalize(&capture, catalog),
        capture,
    }
}

/// What OpenTofu knows.
#[derive(Debug, Default)]
pub struct Reading {
    /// States, with every instance where configuration says it is now.
    pub states: Vec<State>,
    /// Configuration, if any is given.
    pub workspace: Option<Workspace>,
    /// Where state has what configuration moves, by where it is now.
    pub moved: BTreeMap<Address, Address>,
}

/// Puts states and configuration together: what `moved` blocks say is moved.
pub fn read(mut states: Vec<State>, workspace: Option<Workspace>) -> Reading {
    let moved = match &workspace {
        Some(workspace) => moved(workspace, &mut states),
        None => BTreeMap::new(),
    };
    Reading {
        states,
        workspace,
        moved,
    }
}

/// Holds the cloud against states. `types` are those that were asked for, where not all were. With `keep`, rows keep what is
/// there, for whoever plans on top of it.
pub fn compared(
    observed: &Observed,
    reading: &Reading,
    types: Option<&[String]>,
    keep: bool,
    catalog: &Catalog,
) -> Comparison {
    compare(&Inputs {
        types,
        keep,
        ..Inputs::new(catalog, &observed.capture, &observed.cloud, &reading.states)
    })
}

/// Evaluates configuration over what states hold, so that data sources say what they ask for ([`Around::demands`],
/// [`RemoteStates::wanted`]).
pub fn ask(reading: &Reading, around: &Around<'_>) {
    let Some(workspace) = &reading.workspace else {
        return;
    };
    let there = PlannedValues::default();
    let instances = reading.states.iter().flat_map(|state| &state.instances);
    for instance in instances.filter(|instance| instance.deposed.is_none()) {
        if around.catalog.definition(&instance.address.rtype).is_some() {
            there.stored(&instance.address, &instance.attributes);
        }
    }
    workspace.config(&around.known(&there));
}
