//! What was there when the audit began, and is accepted until it changes: a file that the program writes, apart from the rules
//! that people write. Sorted JSON lines, so that a pull request shows what is accepted.

use serde::{Deserialize, Serialize};

use super::{Acceptance, By};
use crate::findings::finding::{Class, Finding, Known};
use crate::findings::run::{Presence, Run, RunError, line};

/// One accepted finding, with what must be known to see that it is gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The identity of the finding.
    pub id: String,
    /// The class.
    class: Class,
    /// The address, for readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// The import id, for readers.
    object: String,
    #[serde(rename = "type")]
    rtype: String,
    project: String,
    target: String,
    subject: String,
    /// The rule of `check`, where it is one that found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    /// What differed; another difference is not accepted.
    digest: String,
    /// The day it was accepted.
    since: String,
    /// What a person adds.
    #[serde(default)]
    note: String,
}

/// Everything accepted so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// By id.
    pub entries: Vec<Entry>,
}

impl Baseline {
    /// Reads the file.
    ///
    /// # Errors
    /// A line that is no entry.
    pub fn from_ndjson(text: &str) -> Result<Self, RunError> {
        let mut entries = Vec::new();
        for (at, text) in text.lines().enumerate() {
            let fail = |what: String| RunError { line: at + 1, what };
            let mut json: serde_json::Value =
                serde_json::from_str(text).map_err(|error| fail(error.to_string()))?;
            let kind = json
                .as_object_mut()
                .and_then(|object| object.remove("kind"));
            if kind.as_ref().and_then(serde_json::Value::as_str) != Some("accepted") {
                return Err(fail("the line is no entry of a baseline".to_owned()));
            }
            let entry: Entry =
                serde_json::from_value(json).map_err(|error| fail(error.to_string()))?;
            entries.push(entry);
        }
        Ok(Self { entries })
    }

    /// The file.
    pub fn to_ndjson(&self) -> String {
        self.entries
            .iter()
            .map(|entry| line("accepted", entry))
            .collect()
    }

    /// Whether a finding is in it, unchanged.
    pub(in crate::findings) fn accepts(&self, finding: &Finding) -> Option<Acceptance> {
        let digest = finding.digest();
        let entry = self.entries.iter().find(|entry| entry.id == finding.id)?;
        (entry.digest == digest).then(|| Acceptance {
            by: By::Baseline,
            reason: entry.note.clone(),
            until: None,
            since: Some(entry.since.clone()),
        })
    }

    /// A baseline of everything there is: what it has already keeps its day and note.
    #[must_use]
    pub fn written<'a>(&self, findings: impl Iterator<Item = &'a Finding>, today: &str) -> Self {
        let entry = |finding: &Finding| {
            let old = self.entries.iter().find(|entry| entry.id == finding.id);
            let same = old.filter(|old| old.digest == finding.digest());
            Entry {
                id: finding.id.clone(),
                class: finding.class,
                address: finding.address.clone(),
                object: finding.object.clone(),
                rtype: finding.rtype.clone(),
                project: finding.project.clone(),
                target: finding.target.clone(),
                subject: finding.subject.clone(),
                rule: finding.rule.as_ref().map(|rule| rule.id.clone()),
                digest: finding.digest(),
                since: same.map_or_else(|| today.to_owned(), |old| old.since.clone()),
                note: old.map(|old| old.note.clone()).unwrap_or_default(),
            }
        };
        let mut entries: Vec<Entry> = findings.map(entry).collect();
        entries.sort();
        Self { entries }
    }

    /// The same without what is gone or changed. What could not be looked at stays, and nothing comes in.
    #[must_use]
    pub fn updated(&self, run: &Run, findings: &[&Finding]) -> Self {
        let keeps = |entry: &&Entry| match run.presence(&entry.known()) {
            Presence::Gone => false,
            Presence::NotKnown | Presence::NotLooked => true,
            Presence::There => findings
                .iter()
                .find(|finding| finding.id == entry.id)
                .is_none_or(|finding| finding.digest() == entry.digest),
        };
        Self {
            entries: self.entries.iter().filter(keeps).cloned().collect(),
        }
    }
}

impl Entry {
    fn known(&self) -> Known<'_> {
        Known {
            id: &self.id,
            subject: &self.subject,
            target: &self.target,
            class: self.class,
            rtype: &self.rtype,
            address: self.address.as_deref(),
            project: &self.project,
            rule: self.rule.as_deref(),
        }
    }
}
