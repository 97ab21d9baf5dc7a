//! Objects against state: what is in sync, drifted, missing, unmanaged, or not known.

mod action;
mod attribute;
mod equivalence;
mod inline;
mod mask;
mod pair;
mod refresh;
mod replace;
mod row;
mod unseen;
mod verdict;

pub use action::Action;
pub use attribute::{Difference, Differences, Keyless, differences, same_members};
pub use equivalence::UNTOLD;
pub use inline::{Holder, holder_id, listed};
pub use mask::{Mask, masked, shown};
pub use pair::whole;
pub use refresh::refreshed;
pub use row::{
    Change, Claim, Comparison, Coverage, Doubt, Mode, Remark, Row, SecondLooks, Shortfall, Source,
    Stored, Verdict,
};
pub use unseen::gap::hidden_by;
pub use unseen::look::doubts;

use crate::catalog::Catalog;
use crate::model::{Capture, State};
use crate::normalize::Normalized;

/// What a comparison is made of.
pub struct Inputs<'a> {
    /// The definitions.
    pub catalog: &'a Catalog,
    /// The projects that were asked about.
    pub projects: &'a [String],
    /// The listings that were asked; none named means all there are.
    pub asked: &'a [String],
    /// The types that were asked about; all that have a definition when there is no list.
    pub types: Option<&'a [String]>,
    /// What is in the cloud.
    pub cloud: &'a Normalized,
    /// What state remembers.
    pub states: &'a [State],
    /// Whether rows keep what a refresh would store, for whoever plans on top of it.
    pub keep: bool,
}

impl<'a> Inputs<'a> {
    /// The inputs of a whole capture.
    pub fn new(
        catalog: &'a Catalog,
        capture: &'a Capture,
        cloud: &'a Normalized,
        states: &'a [State],
    ) -> Self {
        Self {
            catalog,
            projects: &capture.projects,
            asked: &capture.asked,
            types: None,
            cloud,
            states,
            keep: false,
        }
    }

    /// Whether objects of a type were asked for. Those that are read on demand are not, unless they were read.
    pub fn looks_at(&self, rtype: &str) -> bool {
        self.catalog.definition(rtype).is_some()
            && self
                .types
                .is_none_or(|types| types.iter().any(|t| t == rtype))
            && !self.undemanded(rtype)
    }

    /// Whether a type is read only where it is asked for, and nobody did.
    fn undemanded(&self, rtype: &str) -> bool {
        let listing = self
            .catalog
            .listed_by(rtype)
            .filter(|listing| listing.on_demand);
        !self.asked.is_empty() && listing.is_some_and(|listing| !self.asked.contains(&listing.name))
    }

    /// The types that were asked for; nothing where that is all of them.
    fn looked_at(&self) -> Option<Vec<String>> {
        let all = self.catalog.definitions.keys();
        let types: Vec<String> = all.filter(|rtype| self.looks_at(rtype)).cloned().collect();
        (types.len() < self.catalog.definitions.len()).then_some(types)
    }
}

/// Compares objects with state.
pub fn compare(inputs: &Inputs<'_>) -> Comparison {
    let pairs = pair::pairs(inputs);
    let mut comparison = verdict::comparison(inputs, pairs);
    unseen::look::weigh(&mut comparison, inputs);
    comparison
}

#[cfg(test)]
mod tests;
