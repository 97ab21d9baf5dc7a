//! Why something is not known: a closed list that code decides by. Sentences about it are made in `render`.

use std::sync::Arc;

use super::GapId;

/// Why a value, a forecast or a verdict is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unknown {
    /// tofu itself learns it only at apply; of the attribute of a resource, where it comes from one.
    AfterApply(Option<Arc<Origin>>),
    /// It could not be read: the gap says why.
    Gap(GapId),
    /// Nobody asked this listing: it is asked only where it is named, and state did not have the type when the cloud was read.
    NotAsked(Arc<str>),
    /// The list that shows the object leaves it out, and the object itself was not read.
    NotListed,
    /// Every answer leaves it out for who lacks this permission, and whether this caller has it is not known.
    Hidden(Arc<str>),
    /// It was taken out of an answer, a state or a snapshot as a secret.
    Redacted,
    /// tofu knows it when it plans, and this program does not work it out.
    NotEvaluated(NotEvaluated),
    /// A part of the configuration could not be read: the call path of the module, empty for the root.
    ConfigurationUnreadable(Arc<str>),
    /// It depends on configuration, and none was given.
    ConfigurationNotGiven,
    /// What it is made of is wrong, as a note of the configuration says: tofu's summary of the mistake, with
    /// its place where it has one.
    Mistaken(Arc<str>),
    /// The provider's own code decides, by a rule that its definition does not have.
    ProviderRule,
    /// What state holds of it does not say which object it stands for.
    Unidentified,
    /// What state holds of it cannot be read.
    StateUnreadable,
    /// tofu refuses to make a plan at all; the refusals say why.
    PlanRefused,
    /// What it depends on is made anew, and state does not tell what becomes of it.
    DependencyRenewed,
    /// Releases of the provider differ in it, and which of them it is, is not known; or it is one whose facts are not known.
    Version,
}

/// What tofu would evaluate and this program does not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotEvaluated {
    /// The data source of this address.
    DataSource(Arc<str>),
    /// A function, by name.
    Function(Arc<str>),
    /// An encoding of characters, by name.
    Encoding(Arc<str>),
    /// A root variable that was given no value, by name.
    Variable(Arc<str>),
    /// A name that the root module does not declare.
    Undeclared(Arc<str>),
    /// A reference to what only resources or modules tell, where tofu takes none: in backends and encryption.
    NotStatic(Arc<str>),
    /// The name of the selected workspace, where it is not known.
    Workspace,
    /// What an ephemeral resource gives.
    Ephemeral,
    /// A name that depends on itself, or lies too deep to follow.
    Reference(Arc<str>),
    /// A place of the machine tofu would run on: its working or home folder.
    Machine,
    /// A number that does not fit a report.
    Number,
    /// A value that differs from turn to turn of a repetition.
    Repetition,
    /// A value that is hidden from this program as sensitive.
    Sensitive,
    /// The id of an import.
    ImportId,
    /// What takes more than evaluation may cost.
    Budget,
    /// A file or folder, by the path that names it, that lies outside the configuration's repository.
    Outside(Arc<str>),
}

/// A resource instance and the path of an attribute in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The address of the instance.
    pub address: String,
    /// The path below it, empty for the whole: `name`, `network_interface[0].network`.
    pub path: String,
}

impl Unknown {
    /// What a mistake leaves, in tofu's summary.
    pub fn mistaken(summary: &str) -> Self {
        Self::Mistaken(summary.into())
    }

    /// Known only after apply, whatever it comes from.
    pub const AFTER_APPLY: Self = Self::AfterApply(None);

    /// Whether tofu says of it that it is known after apply. Anything else is this program's own want of knowledge.
    pub fn is_after_apply(&self) -> bool {
        matches!(self, Self::AfterApply(_))
    }

    /// The word that stands for the kind in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::AfterApply(_) => "after-apply",
            Self::Gap(_) => "gap",
            Self::NotAsked(_) => "not-asked",
            Self::NotListed => "not-listed",
            Self::Hidden(_) => "hidden",
            Self::Redacted => "redacted",
            Self::NotEvaluated(_) => "not-evaluated",
            Self::ConfigurationUnreadable(_) => "configuration-unreadable",
            Self::ConfigurationNotGiven => "configuration-not-given",
            Self::Mistaken(_) => "mistaken",
            Self::ProviderRule => "provider-rule",
            Self::Unidentified => "unidentified",
            Self::StateUnreadable => "state-unreadable",
            Self::PlanRefused => "plan-refused",
            Self::DependencyRenewed => "dependency-renewed",
            Self::Version => "version",
        }
    }
}

impl From<NotEvaluated> for Unknown {
    fn from(what: NotEvaluated) -> Self {
        Self::NotEvaluated(what)
    }
}
