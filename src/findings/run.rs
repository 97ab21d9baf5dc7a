//! One run of an audit, as its file keeps it: what was looked at, what was found, what could not be read. One JSON object a line,
//! the first of which is the run itself; a file is never changed once it is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::finding::{Class, Finding, Known};
use super::gather::TargetRun;

/// The version of the format this program writes, and the newest it reads.
const FORMAT_VERSION: &str = "1.0";

/// What was looked at of one target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TargetRecord {
    /// Its name.
    pub name: String,
    /// Why it could not be looked at, if it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// The projects asked about.
    pub projects: Vec<String>,
    /// Where its states came from.
    pub states: Vec<String>,
    /// Whether configuration was given.
    pub configured: bool,
    /// Whether all of that could be read.
    pub configuration_read: bool,
    /// Whether tofu refuses to plan.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// The types looked for.
    pub types: Vec<String>,
    /// How many of the objects seen are managed.
    pub managed: usize,
    /// How many objects were seen.
    pub seen: usize,
    /// The ids of the rules of `check` that were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// The ids of the rules that could not be asked, because they need a whole project and none was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules_left_out: Vec<String>,
    /// How many answers rules gave, of one object each.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub checked: usize,
    /// Addresses with which nothing is the matter; run files do not keep them.
    #[serde(skip)]
    pub passed: Vec<String>,
}

/// Something of which not all is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnknownRecord {
    /// The target.
    pub target: String,
    /// The identity of the object or address.
    pub subject: String,
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether nothing at all is known of it.
    pub whole: bool,
    /// The rule of `check` whose answer is not known, where it is only that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What could not be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GapRecord {
    /// The target.
    pub target: String,
    /// The listing that failed.
    pub listing: String,
    /// What was asked about.
    pub scope: String,
    /// The project of that.
    pub project: String,
    /// Why, in a word.
    pub reason: String,
    /// What the API said.
    pub detail: String,
    /// What to do about it.
    pub fix: String,
    /// Types of which objects may have gone unseen.
    pub covers: Vec<String>,
    /// Addresses that it makes unknown.
    pub hides: Vec<String>,
    /// Whether nothing is missed: the API is off and no state mentions it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
}

/// One run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// When it was, RFC 3339 in UTC, to the second.
    pub at: String,
    /// The version of the program.
    pub version: String,
    /// The name of the audit.
    pub audit: String,
    /// What was looked at.
    pub targets: Vec<TargetRecord>,
    /// What was found, by target, address and object.
    pub findings: Vec<Finding>,
    /// What is not known.
    pub unknown: Vec<UnknownRecord>,
    /// What could not be read.
    pub gaps: Vec<GapRecord>,
}

/// What a run says of a finding of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It has it.
    There,
    /// It looked, and there is nothing of the kind.
    Gone,
    /// It looked, and could not find out.
    NotKnown,
    /// It did not look there.
    NotLooked,
}

/// What is wrong with a run file.
#[derive(Debug, PartialEq, Eq)]
pub struct RunError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

#[derive(Serialize, Deserialize)]
struct Head {
    format_version: String,
    at: String,
    version: String,
    audit: String,
    complete: bool,
    counts: BTreeMap<String, usize>,
}

/// A time as runs have it: in UTC, to the second. Nothing where it is no time.
pub fn moment(text: &str) -> Option<String> {
    let time: jiff::Timestamp = text.parse().ok()?;
    let whole = jiff::Timestamp::from_second(time.as_second()).ok()?;
    Some(whole.to_string())
}

impl Run {
    /// Puts targets together. What one target's states have is unmanaged in none, and what two saw is counted once.
    pub fn assemble(at: &str, version: &str, audit: &str, targets: Vec<TargetRun>) -> Self {
        let managed: BTreeSet<_> = targets.iter().flat_map(|one| one.managed.clone()).collect();
        let objects: BTreeSet<String> = managed
            .iter()
            .map(|(rtype, id)| super::finding::hash(&["object", rtype, id, "", ""]))
            .collect();
        let mut run = Self {
            at: at.to_owned(),
            version: version.to_owned(),
            audit: audit.to_owned(),
            ..Self::default()
        };
        let mut known = BTreeSet::new();
        for target in targets {
            run.targets.push(target.record);
            run.unknown.extend(target.unknown);
            run.gaps.extend(target.gaps);
            let mine = |finding: &Finding| {
                finding.class != Class::Unmanaged || !objects.contains(&finding.subject)
            };
            for finding in target.findings.into_iter().filter(mine) {
                if known.insert(finding.id.clone()) {
                    run.findings.push(finding);
                }
            }
        }
        run
    }

    /// Whether everything that was asked about could be read.
    pub fn is_complete(&self) -> bool {
        let known = |target: &TargetRecord| target.failed.is_none() && target.configuration_read;
        self.targets.iter().all(known)
            && self.gaps.iter().all(|gap| gap.quiet)
            && self
                .unknown
                .iter()
                .all(|one| !one.whole && one.rule.is_none())
    }

    /// What was asked about: a run of other scope cannot be compared by its numbers.
    pub fn scope(&self) -> BTreeSet<(&str, &str)> {
        let mut out = BTreeSet::new();
        for target in &self.targets {
            out.extend(
                target
                    .projects
                    .iter()
                    .map(|project| (target.name.as_str(), project.as_str())),
            );
            out.extend(
                target
                    .states
                    .iter()
                    .map(|state| (target.name.as_str(), state.as_str())),
            );
            out.extend(target.types.iter().map(|rtype| ("type", rtype.as_str())));
        }
        out
    }

    /// What it says of a finding of another run.
    pub fn presence(&self, known: &Known<'_>) -> Presence {
        if self.findings.iter().any(|finding| finding.id == known.id) {
            return Presence::There;
        }
        let mut said = Presence::NotLooked;
        // What no state has may be seen by any target; everything else is its own target's.
        for target in self
            .targets
            .iter()
            .filter(|target| known.class == Class::Unmanaged || target.name == known.target)
        {
            match self.within(target, known) {
                Presence::NotLooked => {}
                Presence::Gone if said == Presence::NotLooked => said = Presence::Gone,
                Presence::Gone | Presence::There => {}
                Presence::NotKnown => said = Presence::NotKnown,
            }
        }
        said
    }

    fn within(&self, target: &TargetRecord, known: &Known<'_>) -> Presence {
        let elsewhere = !known.project.is_empty()
            && !target
                .projects
                .iter()
                .any(|project| project == known.project);
        let untyped = !known.rtype.is_empty() && !target.types.iter().any(|one| one == known.rtype);
        if target.failed.is_some() || elsewhere || untyped {
            return Presence::NotLooked;
        }
        if let Some(rule) = known.rule
            && !target.rules.iter().any(|asked| asked == rule)
        {
            return Presence::NotLooked;
        }
        let by_configuration = matches!(known.class, Class::Declared | Class::Unapplied);
        if by_configuration && !target.configured {
            return Presence::NotLooked;
        }
        let of_part = matches!(known.class, Class::Drifted | Class::Unapplied);
        let same = |one: &UnknownRecord| {
            one.subject == known.subject
                || (known.address.is_some() && one.address.as_deref() == known.address)
        };
        let mine = self.unknown.iter().filter(|one| {
            one.target == target.name && (one.rule.is_none() || one.rule.as_deref() == known.rule)
        });
        let doubted = mine
            .filter(|one| one.whole || of_part || one.rule.is_some())
            .any(same);
        // Of an address the comparison says itself whether a gap hides it; an object without one is just not there.
        let hidden = (known.address.is_none() || known.rule.is_some())
            && self
                .gaps
                .iter()
                .filter(|gap| gap.target == target.name)
                .any(|gap| {
                    let there = known.project.is_empty()
                        || gap.project == known.project
                        || !target.projects.contains(&gap.project);
                    there && gap.covers.iter().any(|rtype| rtype == known.rtype)
                });
        if doubted || hidden || (by_configuration && !target.configuration_read) {
            Presence::NotKnown
        } else {
            Presence::Gone
        }
    }

    /// How many findings of each class it has.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.class.as_str().to_owned()).or_default() += 1;
        }
        counts
    }

    /// The file.
    pub fn to_ndjson(&self) -> String {
        let head = Head {
            format_version: FORMAT_VERSION.to_owned(),
            at: self.at.clone(),
            version: self.version.clone(),
            audit: self.audit.clone(),
            complete: self.is_complete(),
            counts: self.counts(),
        };
        let mut out = line("run", &head);
        out.extend(self.targets.iter().map(|target| line("target", target)));
        out.extend(self.findings.iter().map(|finding| line("finding", finding)));
        out.extend(self.unknown.iter().map(|unknown| line("unknown", unknown)));
        out.extend(self.gaps.iter().map(|gap| line("gap", gap)));
        out
    }

    /// Reads a file.
    ///
    /// # Errors
    /// A line that is none of a run, and a format this program does not know; nothing is left out.
    pub fn from_ndjson(text: &str) -> Result<Self, RunError> {
        let mut run = Self::default();
        for (at, text) in text.lines().enumerate() {
            let fail = |what: String| RunError { line: at + 1, what };
            let bad = |error: serde_json::Error| fail(error.to_string());
            let mut json: Json = serde_json::from_str(text).map_err(bad)?;
            let kind = json
                .as_object_mut()
                .and_then(|object| object.remove("kind"));
            let kind = kind.as_ref().and_then(Json::as_str).unwrap_or_default();
            match (at, kind) {
                (0, "run") => {
                    let head: Head = serde_json::from_value(json).map_err(bad)?;
                    if head.format_version != FORMAT_VERSION {
                        let what = format!("format version {} is not known", head.format_version);
                        return Err(fail(what));
                    }
                    run.at = moment(&head.at)
                        .ok_or_else(|| fail(format!("`{}` is no time", head.at)))?;
                    run.version = head.version;
                    run.audit = head.audit;
                }
                (0, _) => return Err(fail("the first line is not that of a run".to_owned())),
                (_, "target") => run.targets.push(serde_json::from_value(json).map_err(bad)?),
                (_, "finding") => run
                    .findings
                    .push(serde_json::from_value(json).map_err(bad)?),
                (_, "unknown") => run.unknown.push(serde_json::from_value(json).map_err(bad)?),
                (_, "gap") => run.gaps.push(serde_json::from_value(json).map_err(bad)?),
                (_, other) => return Err(fail(format!("`{other}` is no kind of line"))),
            }
        }
        if run.at.is_empty() {
            let what = "the file is empty".to_owned();
            return Err(RunError { line: 1, what });
        }
        Ok(run)
    }
}

/// One line: the kind first, then what it is made of.
pub(super) fn line(kind: &str, record: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Line<'a, T> {
        kind: &'a str,
        #[serde(flatten)]
        record: &'a T,
    }
    // Records are made of text, numbers and JSON alone: nothing of them cannot be written.
    serde_json::to_string(&Line { kind, record }).expect("a record is plain data") + "\n"
}
