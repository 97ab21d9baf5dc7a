//! What a comparison says of each object and instance. Made once, and never changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::action::Action;
use super::inline::Holder;
use crate::model::{Address, Gap, ObjectKey, Path, ProviderVersion, Unknown, Value, worded};

worded! {
    /// The outcome for one object or instance.
    pub enum Verdict {
        /// State and cloud agree.
        InSync = "in-sync",
        /// An argument differs.
        Drifted = "drifted",
        /// Only outputs differ.
        ComputedDrift = "computed-drift",
        /// In state, gone from the cloud.
        Missing = "missing",
        /// In configuration, not in state, not in the cloud.
        Declared = "declared",
        /// Two addresses stand for one object.
        ClaimedTwice = "claimed-twice",
        /// State holds it as the former object of its address, which the next apply destroys.
        Deposed = "deposed",
        /// It is not known; [`Row::doubt`] says why.
        Unknown = "unknown",
        /// In the cloud, in no state.
        Unmanaged = "unmanaged",
        /// Google's own, or part of another object: named, not counted.
        Owned = "owned",
    }
}

impl Verdict {
    /// Whether it makes the exit code that of a difference.
    pub fn is_difference(self) -> bool {
        match self {
            Self::Drifted
            | Self::Missing
            | Self::Unmanaged
            | Self::Declared
            | Self::ClaimedTwice
            | Self::Deposed => true,
            Self::InSync | Self::ComputedDrift | Self::Unknown | Self::Owned => false,
        }
    }

    /// Whether the object is there and state stands for it, once.
    pub fn is_managed(self) -> bool {
        match self {
            Self::InSync | Self::Drifted | Self::ComputedDrift => true,
            Self::Missing
            | Self::Unmanaged
            | Self::Declared
            | Self::ClaimedTwice
            | Self::Deposed
            | Self::Unknown
            | Self::Owned => false,
        }
    }
}

worded! {
    /// Whether configuration can set an attribute.
    pub enum Mode {
        /// It can.
        Argument = "argument",
        /// Only the provider sets it.
        Computed = "computed",
    }
}

worded! {
    /// Who moved.
    pub enum Source {
        /// The cloud was changed by hand.
        Cloud = "cloud",
        /// Configuration is not applied yet.
        Configuration = "configuration",
        /// Both.
        Both = "both",
    }
}

/// One difference, with what it means.
#[derive(Clone, Debug)]
pub struct Change {
    /// Where.
    pub path: Path,
    /// What state (or, for a planned change, the cloud) holds.
    pub before: Value,
    /// What the cloud (or, for a planned change, configuration) holds.
    pub after: Value,
    /// Whether it is an argument.
    pub mode: Mode,
    /// What tofu would do about it: of a comparison, as far as state alone tells.
    pub action: Action,
    /// Never shown.
    pub sensitive: bool,
    /// Who moved.
    pub source: Source,
}

/// Why something of a row is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The attribute; nothing where it is all of it.
    pub path: Option<Path>,
    /// Why.
    pub why: Unknown,
}

impl Doubt {
    /// Of the whole row.
    pub fn whole(why: Unknown) -> Self {
        Self { path: None, why }
    }
}

/// Another instance that stands for the same object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// Its address.
    pub address: Address,
    /// Which of the states it is in.
    pub state: usize,
}

/// What else a report says of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// Others stand for the same object.
    AlsoClaimed(Vec<Claim>),
    /// Google owns it: the words of its definition.
    Owned(String),
    /// It stands among another resource's blocks: where, in which list, and whether only state says so.
    PartOf {
        /// The resource.
        holder: Address,
        /// The list.
        attribute: String,
        /// Whether configuration may say otherwise.
        by_state: bool,
    },
    /// State had it at another address, as configuration says.
    MovedFrom(Address),
    /// An import block takes it over, by this id.
    Imported(String),
    /// A `removed` block takes it out of state.
    Removed {
        /// Whether the object is destroyed, too.
        destroy: bool,
    },
    /// Declared in no state, its object is there: what an import takes.
    InTheCloud(String),
    /// The provider does not read it, as what it lies in is now, and leaves state as it is.
    NotRead,
}

/// The outcome for one object or instance, with everything a comparison knows of it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The address; nothing for what no state knows.
    pub address: Option<Address>,
    /// Which of the states it is in.
    pub state: Option<usize>,
    /// The resource type.
    pub rtype: String,
    /// The import id, as far as it is known; else what state calls it.
    pub import_id: String,
    /// The canonical name, where there is one.
    pub canonical: Option<String>,
    /// The project.
    pub project: String,
    /// The outcome.
    pub verdict: Verdict,
    /// Whether it was looked for, and is not there.
    pub gone: bool,
    /// What differs.
    pub changes: Vec<Change>,
    /// Why the verdict, or what of the row, is not known.
    pub doubt: Option<Doubt>,
    /// What else is to be said.
    pub remark: Option<Remark>,
    /// What a refresh would store: of an instance, over its state; of an object no state knows, what an import leaves. Nothing
    /// for what is missing.
    pub live: Option<Arc<Value>>,
    /// What state says of the instance; nothing where it is in none.
    pub stored: Option<Stored>,
}

/// What state says of an instance beside its attributes.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Whether it is marked for replacement.
    pub tainted: bool,
    /// The deposed key, if this object awaits destruction.
    pub deposed: Option<String>,
    /// Whether a destroy leaves the object in the cloud.
    pub skip_destroy: bool,
    /// Configuration addresses it depends on, without keys.
    pub dependencies: Vec<String>,
    /// Paths state marks sensitive.
    pub sensitive: Vec<Path>,
    /// The attributes state holds, where what is there differs from them and a forecast by configuration is to come.
    pub attributes: Option<Arc<Value>>,
}

impl Row {
    /// The row of an address that nothing else is known of.
    pub fn empty(address: Address, verdict: Verdict) -> Self {
        Self {
            rtype: address.rtype.clone(),
            address: Some(address),
            state: None,
            import_id: String::new(),
            canonical: None,
            project: String::new(),
            verdict,
            gone: false,
            changes: Vec::new(),
            doubt: None,
            remark: None,
            live: None,
            stored: None,
        }
    }

    /// The type and canonical name of the object, where it has one.
    pub fn key(&self) -> Option<ObjectKey> {
        let id = self.canonical.clone()?;
        Some(ObjectKey {
            rtype: self.rtype.clone(),
            id,
        })
    }

    /// Whether it is what state calls deposed.
    pub fn is_deposed(&self) -> bool {
        let stored = self.stored.as_ref();
        stored.is_some_and(|stored| stored.deposed.is_some())
    }

    /// Whether state marks it for replacement.
    pub fn is_tainted(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| stored.tainted)
    }
}

/// A gap, with the addresses it hides.
#[derive(Clone, Debug)]
pub struct Shortfall {
    /// The gap.
    pub gap: Gap,
    /// Addresses whose verdict it makes unknown.
    pub hides: Vec<Address>,
}

/// What a comparison looked at, and what it could not see.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Gaps.
    pub gaps: Vec<Shortfall>,
    /// Listings of APIs that are not enabled in a project whose state does not mention them: nothing is missed there.
    pub disabled: Vec<Gap>,
    /// Instances by type that were not compared, for want of a definition or because nobody asked.
    pub skipped: BTreeMap<String, usize>,
    /// Instances of other providers.
    pub foreign: usize,
    /// Where each state came from.
    pub states: Vec<String>,
    /// The types that were asked about; all that have a definition when there is no list.
    pub types: Option<Vec<String>>,
    /// The projects that were asked about.
    pub projects: Vec<String>,
    /// The providers whose facts all this rests on.
    pub versions: Vec<ProviderVersion>,
    /// Second looks.
    pub looks: SecondLooks,
}

/// What was read once more, by the provider's own GET, before a verdict rests on something absent.
#[derive(Clone, Debug, Default)]
pub struct SecondLooks {
    /// How many objects at most; nothing where no second look was meant to be taken.
    pub most: Option<usize>,
    /// How many were looked at.
    pub made: usize,
    /// Instances whose verdict rests on something absent and that were not looked at again.
    pub unconfirmed: BTreeSet<Address>,
}

impl Coverage {
    /// Whether objects of a type were asked for.
    pub fn looks_at(&self, rtype: &str) -> bool {
        self.types
            .as_ref()
            .is_none_or(|types| types.iter().any(|t| t == rtype))
    }
}

/// The outcome for everything.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Rows: instances by address, then objects no state knows, by type and import id.
    pub rows: Vec<Row>,
    /// What was looked at.
    pub coverage: Coverage,
    /// Objects that no state has as such and that stand among another resource's blocks.
    pub held: BTreeMap<ObjectKey, Holder>,
}
