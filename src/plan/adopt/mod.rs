//! Objects that configuration declares already: matched by what identifies them, and planned each after what it depends on.

mod matching;
mod neighbour;
mod unmatched;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::PlanInputs;
use crate::forecast::NearMiss;
use crate::forecast::{Declaration, Declarations, Planned, PlannedValues, forecast};
use crate::model::{Address, Declared, Place, Value, worded};
use crate::normalize::imported;
use matching::Matching;

/// Evaluates one declared instance over values that are put in as they become known.
pub type Evaluate<'a> = &'a dyn Fn(&Address) -> Option<Declared>;

/// One pass over declared instances, which evaluates them as it goes.
pub type Pass<'p> = dyn FnMut(Evaluate<'_>) + 'p;

/// A configuration that a plan goes into.
#[derive(Clone, Copy)]
pub struct Configured<'a> {
    /// What it declares, and how one instance is evaluated over `planned`.
    pub declarations: &'a Declarations<'a>,
    /// What is planned for each instance.
    pub planned: &'a PlannedValues,
    /// How instances are evaluated over `there`, afresh in each pass over all of them in order: what identifies an object is
    /// what is there, not what will be.
    pub identify: &'a dyn Fn(&mut Pass<'_>),
    /// What is there of each instance.
    pub there: &'a PlannedValues,
}

/// How sure it is that a declared instance stands for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// Everything that identifies it is known, and equal.
    Exact,
    /// It is the only one left by what is known; why no more is.
    Inferred(String),
}

impl Match {
    /// The word used in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Inferred(_) => "inferred",
        }
    }

    /// Why it is not exact.
    pub fn because(&self) -> Option<&str> {
        match self {
            Self::Exact => None,
            Self::Inferred(because) => Some(because),
        }
    }
}

worded! {
    /// How a declared instance stands for which nothing is imported.
    pub enum Standing {
        /// It may be one of several objects, or one that another instance may be as well.
        Ambiguous = "ambiguous",
        /// Not everything could be read: its object may be there.
        Unknown = "unknown",
        /// Nothing in the cloud fits: tofu would create it.
        Absent = "none",
    }
}

/// A declared instance for which nothing is imported.
#[derive(Clone, Debug)]
pub struct Unmatched {
    /// Where it is declared.
    pub address: Address,
    /// How it stands.
    pub standing: Standing,
    /// Import ids of what it may stand for; none where nothing in the cloud fits.
    pub candidates: Vec<String>,
    /// What to say of it: why it is not decided, or not known.
    pub reason: String,
    /// Objects that differ in one part of what identifies them, the nearest first.
    pub near: Vec<NearMiss>,
}

/// An object that configuration declares.
#[derive(Clone, Debug)]
pub struct Adopted {
    /// Where.
    pub address: Address,
    /// How sure that is; what a state has is exact.
    pub matched: Match,
    /// What `tofu plan` would say once it is imported.
    pub planned: Planned,
    /// What is there: what an import leaves, or a refresh.
    pub live: Value,
    /// Whether it is to be imported; else a state has it.
    pub imported: bool,
    /// Where it is declared.
    pub place: Place,
    /// Its place in the cloud's list, if it is to be imported.
    at: Option<usize>,
}

/// Declared instances by the object (its place in the cloud's list) they stand for. Where two declare one object the first
/// counts. With them, the instances that stand for none.
pub(super) fn adopted(inputs: &PlanInputs<'_>) -> (BTreeMap<usize, Adopted>, Vec<Unmatched>) {
    let (all, unmatched) = matched(inputs);
    (
        all.into_iter()
            .filter_map(|adopted| Some((adopted.at?, adopted)))
            .collect(),
        unmatched,
    )
}

/// Every declared instance whose object is there, with what `tofu plan` would say of it: those that would be imported, and those
/// that a state has.
pub fn declared(inputs: &PlanInputs<'_>) -> Vec<Adopted> {
    matched(inputs).0
}

fn matched(inputs: &PlanInputs<'_>) -> (Vec<Adopted>, Vec<Unmatched>) {
    let Some(configured) = inputs.config else {
        return Default::default();
    };
    let order = configured.declarations.in_order();
    let stored: BTreeMap<&Address, (Option<&Arc<Value>>, bool)> = (inputs.comparison.rows.iter())
        .filter(|row| row.state.is_some() && !row.is_deposed())
        .filter_map(|row| Some((row.address.as_ref()?, (row.live.as_ref(), row.is_tainted()))))
        .collect();
    for (address, (live, _)) in &stored {
        if let Some(live) = live {
            configured.there.set(address, Arc::clone(live));
        }
    }
    let free: Vec<&Address> = order
        .iter()
        .filter(|address| !stored.contains_key(address))
        .collect();
    let matched = Matching::new(inputs, configured).run(&free);
    let mut out = Vec::new();
    for address in &order {
        let Some(definition) = inputs.catalog.definition(&address.rtype) else {
            continue;
        };
        let Some(declared) = (configured.declarations.evaluate)(address) else {
            continue;
        };
        let provider = declared.provider.as_deref();
        let declaration = Some(Declaration {
            declared: &declared,
            provider,
        });
        let found = matched.found.get(address);
        let imported = found
            .map(|(at, _)| Value::Map(imported(definition, &inputs.cloud.objects[*at].attributes)));
        let stored = stored
            .get(address)
            .map(|(live, tainted)| (live.map(Arc::as_ref), *tainted));
        let (prior, tainted) = stored.unwrap_or((imported.as_ref(), false));
        let planned = forecast(definition, declaration, prior, tainted);
        configured.planned.set(address, planned.value.clone());
        if let Some(live) = prior {
            out.push(Adopted {
                address: address.clone(),
                matched: found.map_or(Match::Exact, |(_, matched)| matched.clone()),
                planned,
                live: live.clone(),
                imported: found.is_some(),
                place: declared.place.clone(),
                at: found.map(|(at, _)| *at),
            });
        }
    }
    (out, matched.unmatched)
}
