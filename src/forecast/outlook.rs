//! What `tofu plan` would do with everything a comparison has, and with what is only declared. Made once, from a comparison
//! that stays what it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::{Change, Coverage, Doubt, Remark, Row, Source, Verdict};
use crate::model::{Address, Refusal, Refused, Unknown, Unreadable, worded};

worded! {
    /// What `tofu plan` would do with an address.
    pub enum Forecast {
        /// Nothing.
        None = "none",
        /// It is not known; [`Outcome::why`] says why.
        Unknown = "unknown",
        /// An update in place.
        Update = "update",
        /// Take it out of state and leave it in the cloud.
        Forget = "forget",
        /// Destroy it.
        Delete = "delete",
        /// Make it.
        Create = "create",
        /// Destroy it and make it anew.
        Replace = "replace",
    }
}

impl Forecast {
    /// Whether the object at the address is destroyed, or left and made anew.
    pub fn ends_object(self) -> bool {
        match self {
            Self::Delete | Self::Replace => true,
            Self::None | Self::Unknown | Self::Update | Self::Forget | Self::Create => false,
        }
    }

    /// Whether something is done.
    pub fn is_change(self) -> bool {
        match self {
            Self::Update | Self::Forget | Self::Delete | Self::Create | Self::Replace => true,
            Self::None | Self::Unknown => false,
        }
    }
}

/// One row with what tofu would do.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the comparison says.
    pub row: Row,
    /// What tofu would do.
    pub forecast: Forecast,
    /// Why the forecast is not known, where it is not.
    pub why: Option<Unknown>,
    /// What differs between state and cloud, and between cloud and configuration: with what tofu would do about each.
    pub changes: Vec<Change>,
    /// What else is to be said.
    pub remark: Option<Remark>,
    /// Whether tofu would destroy it, for good or to replace it, and refuses to: its block says `prevent_destroy`.
    pub prevented: bool,
}

impl Outcome {
    /// A row whose changes and remark stay as they were compared.
    pub(super) fn of(row: Row, forecast: Forecast, why: Option<Unknown>) -> Self {
        let (changes, remark) = (row.changes.clone(), row.remark.clone());
        Self {
            row,
            forecast,
            why: why.filter(|_| forecast == Forecast::Unknown),
            changes,
            remark,
            prevented: false,
        }
    }

    /// What differs between state and cloud.
    pub fn moved(&self) -> impl Iterator<Item = &Change> {
        self.by(|source| source != Source::Configuration)
    }

    /// What only configuration would change.
    pub fn planned(&self) -> impl Iterator<Item = &Change> {
        self.by(|source| source == Source::Configuration)
    }

    fn by(&self, whose: impl Fn(Source) -> bool) -> impl Iterator<Item = &Change> {
        let changes = self.changes.iter();
        changes.filter(move |change| whose(change.source))
    }

    /// Why the verdict or the forecast is not known.
    pub fn doubt(&self) -> Option<Doubt> {
        let whole = || self.why.clone().map(Doubt::whole);
        self.row.doubt.clone().or_else(whole)
    }
}

/// An object that nobody claims and that a declared instance would stand for, were it not for one part of its identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// What `tofu import` takes.
    pub import_id: String,
    /// The argument that differs.
    pub part: String,
    /// What is declared.
    pub declared: String,
    /// What is there.
    pub live: String,
}

/// The outcome for everything.
#[derive(Clone, Debug, Default)]
pub struct Outlook {
    /// Outcomes: instances and blocks by address, then objects no state knows.
    pub outcomes: Vec<Outcome>,
    /// What was looked at.
    pub coverage: Coverage,
    /// Near misses of instances that are declared and in no state, the nearest first.
    pub near: BTreeMap<Address, Vec<NearMiss>>,
    /// Parts of the configuration that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// What keeps tofu from planning at all.
    pub refusals: Vec<Refusal>,
}

impl Outlook {
    /// Whether everything that was asked about could be read, in the cloud and in configuration, and which instances are
    /// declared is known.
    pub fn is_complete(&self) -> bool {
        let known = |outcome: &Outcome| outcome.row.verdict != Verdict::Unknown;
        self.coverage.gaps.is_empty()
            && self.unreadable.is_empty()
            && self.outcomes.iter().all(known)
    }

    /// Whether tofu would refuse the plan.
    pub fn is_refused(&self) -> bool {
        !self.refusals.is_empty()
    }

    /// How many outcomes have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        let has = |outcome: &&Outcome| outcome.row.verdict == verdict;
        self.outcomes.iter().filter(has).count()
    }

    /// How many outcomes have a forecast.
    pub fn count_forecast(&self, forecast: Forecast) -> usize {
        let has = |outcome: &&Outcome| outcome.forecast == forecast;
        self.outcomes.iter().filter(has).count()
    }

    /// How many of the objects seen are managed, and how many were seen. Google's own are not counted.
    pub fn managed(&self) -> (usize, usize) {
        let rows = || self.outcomes.iter().map(|outcome| &outcome.row);
        let once = rows().filter(|row| row.verdict.is_managed()).count();
        let twice: BTreeSet<_> = rows()
            .filter(|row| row.verdict == Verdict::ClaimedTwice)
            .map(|row| &row.canonical)
            .collect();
        let managed = once + twice.len();
        (managed, managed + self.count(Verdict::Unmanaged))
    }

    /// The same, of one address alone.
    pub fn only(self, address: &Address) -> Self {
        let of = |outcome: &Outcome| outcome.row.address.as_ref() == Some(address);
        let mut coverage = self.coverage;
        coverage.gaps.retain(|gap| gap.hides.contains(address));
        Self {
            outcomes: self.outcomes.into_iter().filter(of).collect(),
            coverage,
            ..self
        }
    }
}

/// Refusals that leave no plan to speak of. Where tofu would destroy and may not, what it would do is known all the same.
pub(super) fn leaves_no_plan(refusal: &Refusal) -> bool {
    match refusal.what {
        Refused::InvalidConfiguration(_)
        | Refused::ImportWithoutBlock
        | Refused::ImportOfNothing(_)
        | Refused::ImportIdUnknown
        | Refused::MovedBesideResource
        | Refused::RemovedBesideResource
        | Refused::PreventDestroyUnknown => true,
        Refused::PreventDestroy => false,
    }
}
