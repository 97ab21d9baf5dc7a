//! The import plan: from what is in the cloud and in no state to a configuration that changes nothing.
//!
//! Objects are taken in dependency order. Each is placed (a name, a module), put into the words of configuration
//! ([`emit`](self::emit())), tied to the objects before it, and held against itself: what `tofu plan` would say of the very
//! arguments about to be written. What that says is part of the step, before anything is written.

mod adopt;
mod argument;
mod emit;
mod existing;
mod files;
mod group;
mod imports;
mod name;
mod reference;
mod select;
mod skip;
mod step;

use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::compare::Comparison;
use crate::forecast::Forecast;
use crate::model::{Address, Gap, Path, ProviderVersion, Value};
use crate::normalize::Normalized;

pub use adopt::{Adopted, Configured, Evaluate, Match, Pass, Standing, Unmatched, declared};
pub use argument::{Argument, Written, body, values};
pub use emit::{Detail, Emitted, Wanted, emit};
pub use existing::Existing;
pub use files::files;
pub use select::{Mapping, Pattern, Place, mappings};
pub use skip::{Skip, SkipReason};

/// How resource blocks are spread over files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// One file for all.
    Flat,
    /// A file a service.
    #[default]
    Service,
    /// A module a service.
    Module,
}

/// What is wanted of a plan.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How much of each object is written.
    pub detail: Detail,
    /// Labels are written, at the price of an update.
    pub adopt_labels: bool,
    /// Steps that would replace an object are written all the same.
    pub allow_replace: bool,
    /// Google's own objects are planned too.
    pub include_defaults: bool,
    /// Types of which only declared objects are planned: those read for configuration's sake alone.
    pub declared_only: BTreeSet<String>,
    /// Only these objects; all if there is none.
    pub only: Vec<Pattern>,
    /// Not these objects.
    pub exclude: Vec<Pattern>,
    /// Where everything goes that no mapping places.
    pub into: Option<Place>,
    /// Where certain objects go.
    pub mappings: Vec<Mapping>,
    /// How resource blocks are spread over files.
    pub layout: Layout,
    /// How many steps a batch has; one batch if there is no number.
    pub batch: Option<usize>,
    /// Families of alike resources become one block with `for_each`.
    pub group: bool,
}

/// What a plan is made of.
#[derive(Clone, Copy)]
pub struct PlanInputs<'a> {
    /// The definitions.
    pub catalog: &'a Catalog,
    /// The projects that were asked about; the first is that of a provider block to be written.
    pub projects: &'a [String],
    /// What is in the cloud.
    pub cloud: &'a Normalized,
    /// What of it is in state.
    pub comparison: &'a Comparison,
    /// The configuration the plan goes into, if there is one.
    pub config: Option<Configured<'a>>,
    /// What the files of that folder hold.
    pub existing: &'a Existing,
    /// What is wanted.
    pub options: &'a Options,
}

/// One attribute that `tofu plan` would change.
#[derive(Clone, Debug)]
pub struct StepChange {
    /// Where.
    pub path: String,
    /// What the import leaves.
    pub before: Value,
    /// What configuration says.
    pub after: Value,
    /// Why it cannot be helped.
    pub reason: String,
}

/// One import.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where to.
    pub address: Address,
    /// What `tofu import` takes.
    pub import_id: String,
    /// The canonical name of the object.
    pub canonical: String,
    /// The project it lies in.
    pub project: String,
    /// What `tofu plan` will say beside the import.
    pub forecast: Forecast,
    /// What it will change.
    pub changes: Vec<StepChange>,
    /// Whether configuration declares the address already, so that only the import is written.
    pub declared: bool,
    /// How sure it is that the declared instance stands for this object.
    pub matched: Option<Match>,
    /// Whether it is not written, because it would replace the object.
    pub refused: bool,
    /// Whether tofu refuses to replace it: its block says `prevent_destroy`.
    pub prevented: bool,
    /// The batch, from 0.
    pub batch: usize,
    /// What is written of the object.
    pub block: Block,
}

/// The resource block of a step.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// The service, which names the file.
    pub service: String,
    /// The arguments.
    pub arguments: Vec<Argument>,
    /// Paths for `ignore_changes`.
    pub ignored: Vec<Path>,
    /// What is there and not written: the attribute and its value.
    pub unwritten: Vec<(String, Value)>,
    /// Variables it needs: the name, and the kind of the argument in HCL's words.
    pub variables: Vec<(String, &'static str)>,
}

/// What to import, in order, and what not.
#[derive(Clone, Debug, Default)]
pub struct ImportPlan {
    /// Imports, each after what it refers to.
    pub steps: Vec<Step>,
    /// What is not imported, and why.
    pub skips: Vec<Skip>,
    /// Declared instances for which nothing is imported.
    pub unmatched: Vec<Unmatched>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// Whether it is planned into a configuration, which then has its own provider settings.
    pub configured: bool,
    /// Addresses in state whose objects are gone and that configuration no longer declares.
    pub removed: Vec<Address>,
    /// The project of the provider block.
    pub project: Option<String>,
    /// How resource blocks are spread over files.
    pub layout: Layout,
    /// Whether families become one block.
    pub group: bool,
    /// The providers whose facts it rests on: google first.
    pub versions: Vec<ProviderVersion>,
    /// Whether the provider adds its attribution label unless it is told not to.
    pub attributed: bool,
}

impl ImportPlan {
    /// Steps that `tofu plan` will not pass over in silence.
    pub fn announced(&self) -> impl Iterator<Item = &Step> {
        self.steps
            .iter()
            .filter(|step| step.forecast != Forecast::None)
    }

    /// Steps left out because they would replace an object.
    pub fn refused(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.refused)
    }
}

/// Makes the plan.
pub fn plan(inputs: &PlanInputs<'_>) -> ImportPlan {
    let mut planner = step::Planner::new(inputs);
    planner.choose();
    planner.place();
    planner.steps()
}

/// The resources that `removed` blocks may name: gone from the cloud, in state, and declared nowhere.
fn removed(inputs: &PlanInputs<'_>) -> Vec<Address> {
    let Some(config) = inputs
        .config
        .map(|configured| configured.declarations.config)
    else {
        return Vec::new();
    };
    let block = |address: &Address| Address {
        key: None,
        ..address.clone()
    };
    let declared: BTreeSet<Address> = (config
        .resources
        .iter()
        .map(|declared| block(&declared.address)))
    .chain(
        config
            .unknown_blocks
            .iter()
            .map(|unknown| block(&unknown.address)),
    )
    .collect();
    let rows = || {
        inputs.comparison.rows.iter().filter_map(|row| {
            row.address
                .as_ref()
                .map(|address| (block(address), row.verdict))
        })
    };
    let alive: BTreeSet<Address> = rows()
        .filter(|(_, verdict)| *verdict != crate::compare::Verdict::Missing)
        .map(|(address, _)| address)
        .collect();
    let gone: BTreeSet<Address> = rows()
        .map(|(address, _)| address)
        .filter(|a| !alive.contains(a) && !declared.contains(a))
        .collect();
    gone.into_iter()
        .filter(|address| address.modules.iter().all(|step| step.key.is_none()))
        .collect()
}

#[cfg(test)]
mod tests;
