//! One finding: an object or address, and what is the matter with it.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::check::Priority;
use crate::compare::{Action, Change, Mode, Row, Source, Verdict};
use crate::forecast::{Forecast, Outcome};
use crate::model::worded;

worded! {
    /// What is the matter. One object may have findings of several classes, each with a life of its own.
    pub enum Class {
        /// An argument differs between state and cloud.
        Drifted = "drifted",
        /// In state, gone from the cloud.
        Missing = "missing",
        /// Two addresses stand for one object.
        ClaimedTwice = "claimed-twice",
        /// State holds it as the former object of its address.
        Deposed = "deposed",
        /// tofu would change what nobody changed in the cloud, as configuration says.
        Unapplied = "unapplied",
        /// In configuration, in neither state nor cloud.
        Declared = "declared",
        /// In the cloud, in no state.
        Unmanaged = "unmanaged",
        /// It could not be found out.
        Unknown = "unknown",
        /// A rule of `check` fails.
        Check = "check",
        /// An ignore rule that no longer holds, for its date has passed.
        ExpiredRule = "expired-rule",
        /// An ignore rule that matches nothing.
        UnusedRule = "unused-rule",
    }
}

worded! {
    /// How grave a finding is, by the table `severity.toml`; the least first.
    pub enum Severity {
        /// To be known.
        Low = "low",
        /// To be put right some day.
        Medium = "medium",
        /// To be put right soon.
        High = "high",
        /// To be looked at now.
        Critical = "critical",
    }
}

/// Words in files: written by `as_str`, read by `parse`.
macro_rules! spelled {
    ($($name:ty),+) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = String::deserialize(from)?;
                let known = || Self::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
                Self::parse(&word).ok_or_else(|| D::Error::custom(format!("`{word}` is none of: {}", known())))
            }
        }
    )+};
}

spelled!(Class, Severity, Forecast, Mode, Action, Source, Priority);

/// One difference, as run files keep it. Nothing sensitive is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeRecord {
    /// Where: `settings[0].tier`.
    pub path: String,
    /// What state (or, for a planned change, the cloud) holds; null where it is sensitive.
    pub before: serde_json::Value,
    /// What the cloud (or, for a planned change, configuration) holds; null where it is sensitive.
    pub after: serde_json::Value,
    /// Whether configuration can set it.
    pub mode: Mode,
    /// What tofu would do about it.
    pub action: Action,
    /// Whether its values are left out.
    pub sensitive: bool,
    /// Who moved.
    pub source: Source,
}

impl ChangeRecord {
    pub(super) fn of(change: &Change) -> Self {
        let shown = |value: &crate::model::Value| {
            if change.sensitive {
                serde_json::Value::Null
            } else {
                value.to_json()
            }
        };
        Self {
            path: change.path.to_string(),
            before: shown(&change.before),
            after: shown(&change.after),
            mode: change.mode,
            action: change.action,
            sensitive: change.sensitive,
            source: change.source,
        }
    }
}

/// The rule of `check` that a finding is of, as reports tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRecord {
    /// Its id.
    pub id: String,
    /// How soon the finding is to be put right.
    pub priority: Priority,
    /// What is the matter, in one sentence without a full stop.
    pub summary: String,
    /// Why that matters.
    pub why: String,
    /// What to do.
    pub remedy: String,
    /// Ids of others for the same, each behind whose it is: `checkov CKV_GCP_6`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub see: Vec<String>,
}

/// What shows that a rule fails: an attribute with its value, or names. Nothing sensitive is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The attribute, or what the names are called.
    pub name: String,
    /// Its value; null where it is not set.
    pub value: serde_json::Value,
}

/// One object or address, and what is the matter with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its identity: the subject and the class.
    pub id: String,
    /// The identity of the object or address, whatever is the matter with it.
    pub subject: String,
    /// The target of the audit it belongs to.
    pub target: String,
    /// What is the matter.
    pub class: Class,
    /// How grave it is.
    pub severity: Severity,
    /// The resource type.
    #[serde(rename = "type")]
    pub rtype: String,
    /// The address; nothing for what no state knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What `tofu import` takes, as far as it is known.
    pub object: String,
    /// The project, where it is known.
    pub project: String,
    /// Where its state came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The file its block stands in, below the root of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in it, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Who owns that file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// What `tofu plan` would do.
    pub forecast: Forecast,
    /// Whether tofu refuses that: `prevent_destroy`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prevent_destroy: bool,
    /// What else a report says of it. Nothing decides by it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeRecord>,
    /// The rule of `check`, where it is one that found it, or could not be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleRecord>,
    /// What shows it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// What must be known of a finding to say whether a later run has looked at it.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// See [`Finding::id`].
    pub id: &'a str,
    /// See [`Finding::subject`].
    pub subject: &'a str,
    /// See [`Finding::target`].
    pub target: &'a str,
    /// See [`Finding::class`].
    pub class: Class,
    /// See [`Finding::rtype`].
    pub rtype: &'a str,
    /// See [`Finding::address`].
    pub address: Option<&'a str>,
    /// See [`Finding::project`].
    pub project: &'a str,
    /// The id of [`Finding::rule`].
    pub rule: Option<&'a str>,
}

impl Finding {
    /// What must be known of it to look for it in another run.
    pub fn known(&self) -> Known<'_> {
        Known {
            id: &self.id,
            subject: &self.subject,
            target: &self.target,
            class: self.class,
            rtype: &self.rtype,
            address: self.address.as_deref(),
            project: &self.project,
            rule: self.rule.as_ref().map(|rule| rule.id.as_str()),
        }
    }

    /// What people call it: its address, else its type and import id.
    pub fn name(&self) -> String {
        match &self.address {
            Some(address) => address.clone(),
            None if self.rtype.is_empty() => self.object.clone(),
            None => format!("{} {}", self.rtype, self.object),
        }
    }

    /// A hash over what differs, by which a change of it is told: arguments only, and nothing of sensitive values, for the hash of
    /// a password is an oracle.
    pub fn digest(&self) -> String {
        let mut parts = Vec::new();
        let shown = |change: &&ChangeRecord| change.mode == Mode::Argument && !change.sensitive;
        for change in self.changes.iter().filter(shown) {
            parts.push(change.path.clone());
            parts.push(change.before.to_string());
            parts.push(change.after.to_string());
        }
        for shown in &self.evidence {
            parts.push(shown.name.clone());
            parts.push(shown.value.to_string());
        }
        hash(&parts.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

/// The classes of an outcome, each a finding of its own; none where nothing is the matter. What only configuration would change is
/// never part of what the cloud did: an edit of the one leaves the other as it was accepted.
pub(super) fn classes(outcome: &Outcome) -> impl Iterator<Item = Class> {
    let class = match outcome.row.verdict {
        Verdict::Drifted => Some(Class::Drifted),
        Verdict::Missing => Some(Class::Missing),
        Verdict::Declared => Some(Class::Declared),
        Verdict::ClaimedTwice => Some(Class::ClaimedTwice),
        Verdict::Deposed => Some(Class::Deposed),
        Verdict::Unmanaged => Some(Class::Unmanaged),
        Verdict::Unknown => Some(Class::Unknown),
        Verdict::InSync | Verdict::ComputedDrift => {
            outcome.forecast.is_change().then_some(Class::Unapplied)
        }
        Verdict::Owned => None,
    };
    let beside = outcome.forecast.is_change() && outcome.planned().next().is_some();
    let beside = beside && class.is_some_and(|class| class != Class::Unapplied);
    class.into_iter().chain(beside.then_some(Class::Unapplied))
}

/// The identity of what a row is about: its canonical name where there is one, so that a move to another address keeps it; else
/// target, project and address.
pub(super) fn subject(row: &Row, target: &str) -> String {
    let address = row.address.as_ref().map(ToString::to_string);
    let address = address.unwrap_or_default();
    let deposed = row
        .stored
        .as_ref()
        .and_then(|stored| stored.deposed.clone());
    let deposed = deposed.unwrap_or_default();
    // Two addresses of one object are two things to put right.
    let claim = if row.verdict == Verdict::ClaimedTwice {
        address.as_str()
    } else {
        ""
    };
    match &row.canonical {
        Some(id) => hash(&["object", &row.rtype, id, claim, &deposed]),
        None if address.is_empty() => hash(&["import", &row.rtype, &row.project, &row.import_id]),
        None => hash(&[
            "address",
            &row.rtype,
            target,
            &row.project,
            &address,
            &deposed,
        ]),
    }
}

/// The identity of a finding.
pub(super) fn identity(subject: &str, class: Class) -> String {
    format!("v1:{}", hash(&["v1", subject, class.as_str()]))
}

/// The identity of a finding of `check`.
pub(super) fn identity_of_rule(subject: &str, class: Class, rule: &str) -> String {
    format!("v1:{}", hash(&["v1", subject, class.as_str(), rule]))
}

/// The first half of a SHA-256 over parts, each told from the next by its length.
pub(super) fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let all = hasher.finalize();
    all.iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
