//! What findings have in common: each finding that counts is in exactly one cause, by the first rule that fits.

use std::collections::BTreeMap;

use super::audit::{Audit, Life, Tracked};
use super::finding::{Class, Finding};
use super::severity::is_by_google;
use crate::compare::Mode;
use crate::model::worded;

worded! {
    /// By what findings belong together; the first that fits.
    pub enum CauseKind {
        /// Something could not be read.
        Gap = "gap",
        /// This run did not look there, as earlier ones did.
        NotLooked = "not-looked",
        /// Everything that differs is what Google changes by itself.
        Google = "google",
        /// Their instances are of one block.
        Configuration = "configuration",
        /// Objects of one type differ in the same way: what counts is what they came to be, not what they were.
        SameChange = "same-change",
        /// Nothing in common with another.
        Single = "single",
    }
}

/// Findings with one cause.
#[derive(Clone, Debug)]
pub struct Cause<'a> {
    /// By what they belong together.
    pub kind: CauseKind,
    /// What they share: a listing and its scope, a target, attributes, `file:line`, `path = value`, or the name of the one.
    pub key: String,
    /// The findings, the gravest first.
    pub findings: Vec<&'a Tracked>,
}

impl Audit {
    /// Causes of the findings that count, those with most findings first.
    pub fn causes(&self) -> Vec<Cause<'_>> {
        let active: Vec<&Tracked> = self.active().collect();
        let mut blocks: BTreeMap<String, usize> = BTreeMap::new();
        let mut changes: BTreeMap<(String, String), usize> = BTreeMap::new();
        for tracked in active.iter().filter(|one| one.life != Life::Unknown) {
            if let Some(block) = block(&tracked.finding) {
                *blocks.entry(block).or_default() += 1;
            }
            if let Some(change) = destination(&tracked.finding) {
                *changes.entry(change).or_default() += 1;
            }
        }
        let mut causes: BTreeMap<(CauseKind, String, String), Vec<&Tracked>> = BTreeMap::new();
        for tracked in active {
            let finding = &tracked.finding;
            let several = |count: Option<&usize>| count.is_some_and(|count| *count > 1);
            let shared = block(finding).filter(|block| several(blocks.get(block)));
            let same = destination(finding).filter(|change| several(changes.get(change)));
            let unseen = tracked.life == Life::Unknown;
            let gap = self.gap_of(finding);
            let gap = gap.filter(|_| unseen || finding.class == Class::Unknown);
            let key = if let Some(gap) = gap {
                (CauseKind::Gap, String::new(), gap)
            } else if unseen {
                (CauseKind::NotLooked, String::new(), finding.target.clone())
            } else if let Some(names) = by_google(finding) {
                (CauseKind::Google, String::new(), names)
            } else if let Some(block) = shared {
                (CauseKind::Configuration, String::new(), block)
            } else if let Some((rtype, change)) = same {
                (CauseKind::SameChange, rtype, change)
            } else {
                let name = finding.name();
                (CauseKind::Single, finding.id.clone(), name)
            };
            causes.entry(key).or_default().push(tracked);
        }
        let mut causes: Vec<Cause<'_>> = causes
            .into_iter()
            .map(|((kind, _, key), findings)| Cause {
                kind,
                key,
                findings,
            })
            .collect();
        causes.sort_by(|a, b| {
            let size = b.findings.len().cmp(&a.findings.len());
            size.then_with(|| a.findings[0].rank().cmp(&b.findings[0].rank()))
        });
        causes
    }

    /// The first gap that may hide a finding.
    fn gap_of(&self, finding: &Finding) -> Option<String> {
        let hides = |gap: &&super::run::GapRecord| {
            gap.target == finding.target
                && match &finding.address {
                    Some(address) => gap.hides.contains(address),
                    None => gap.covers.contains(&finding.rtype),
                }
        };
        let mut gaps = self.run.gaps.iter().filter(|gap| !gap.quiet);
        let gap = gaps.find(hides)?;
        Some(format!("{} in {}", gap.listing, gap.scope))
    }
}

/// Where its block stands.
fn block(finding: &Finding) -> Option<String> {
    let file = finding.file.as_ref()?;
    Some(format!("{file}:{}", finding.line?))
}

/// The attributes that differ, if Google alone changes all of them.
fn by_google(finding: &Finding) -> Option<String> {
    let arguments = finding.changes.iter();
    let paths: Vec<&str> = arguments
        .filter(|change| change.mode == Mode::Argument)
        .map(|change| change.path.as_str())
        .collect();
    (finding.class == Class::Drifted
        && !paths.is_empty()
        && paths.iter().all(|path| is_by_google(path)))
    .then(|| paths.join(", "))
}

/// The type, and what its arguments came to be. Nothing where a value is left out: equal ones cannot be told from others.
fn destination(finding: &Finding) -> Option<(String, String)> {
    let arguments: Vec<_> = finding
        .changes
        .iter()
        .filter(|change| change.mode == Mode::Argument)
        .collect();
    let told = finding.class == Class::Drifted
        && !arguments.is_empty()
        && arguments.iter().all(|change| !change.sensitive);
    let all: Vec<String> = arguments
        .iter()
        .map(|change| format!("{} = {}", change.path, change.after))
        .collect();
    told.then(|| (finding.rtype.clone(), all.join(", ")))
}
