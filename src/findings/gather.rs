//! Findings of one target: what an outlook has to report.

use std::collections::BTreeSet;

use super::finding::{self, ChangeRecord, Class, Finding};
use super::run::{GapRecord, TargetRecord, UnknownRecord};
use super::severity::{Judged, severity};
use crate::catalog::Catalog;
use crate::compare::hidden_by;
use crate::forecast::{Forecast, Outcome, Outlook};
use crate::model::{Address, Gap, Place};

/// What an outlook does not say of itself.
pub struct Told<'a> {
    /// The name of the target.
    pub target: &'a str,
    /// Whether configuration was given.
    pub configured: bool,
    /// The definitions.
    pub catalog: &'a Catalog,
    /// Where the block of an instance stands: a file below the root of the repository.
    pub place: &'a dyn Fn(&Address) -> Option<Place>,
    /// Who owns a file.
    pub owners: &'a dyn Fn(&str) -> Vec<String>,
    /// What a report says of an outcome.
    pub reason: &'a dyn Fn(&Outcome) -> String,
}

/// What one target has for a run.
#[derive(Clone, Debug, Default)]
pub struct TargetRun {
    /// What was looked at.
    pub record: TargetRecord,
    /// What is the matter.
    pub findings: Vec<Finding>,
    /// What is not known.
    pub unknown: Vec<UnknownRecord>,
    /// What could not be read.
    pub gaps: Vec<GapRecord>,
    /// Types and canonical names that its states have.
    pub managed: BTreeSet<(String, String)>,
}

impl TargetRun {
    /// Adds what rules found in the same target.
    pub fn add_checked(&mut self, checked: Self) {
        self.findings.extend(checked.findings);
        self.unknown.extend(checked.unknown);
        for gap in checked.gaps {
            let same = |other: &GapRecord| {
                (&other.listing, &other.scope, &other.reason)
                    == (&gap.listing, &gap.scope, &gap.reason)
            };
            if !self.gaps.iter().any(same) {
                self.gaps.push(gap);
            }
        }
        let types = checked.record.types.into_iter();
        let more: Vec<String> = types
            .filter(|one| !self.record.types.contains(one))
            .collect();
        self.record.types.extend(more);
        self.record.rules = checked.record.rules;
        self.record.rules_left_out = checked.record.rules_left_out;
        self.record.checked = checked.record.checked;
        self.record.configuration_read &= checked.record.configuration_read;
    }
}

/// What is the matter with a target.
pub fn gather(outlook: &Outlook, told: &Told<'_>) -> TargetRun {
    let coverage = &outlook.coverage;
    let all = || told.catalog.definitions.keys().cloned().collect();
    let (managed, seen) = outlook.managed();
    let passed = outlook
        .outcomes
        .iter()
        .filter(|outcome| finding::classes(outcome).next().is_none())
        .filter_map(|outcome| outcome.row.address.as_ref())
        .map(ToString::to_string)
        .collect();
    let record = TargetRecord {
        name: told.target.to_owned(),
        failed: None,
        projects: coverage.projects.clone(),
        states: coverage.states.clone(),
        configured: told.configured,
        configuration_read: outlook.unreadable.is_empty(),
        refused: outlook.is_refused(),
        types: coverage.types.clone().unwrap_or_else(all),
        managed,
        seen,
        passed,
        ..TargetRecord::default()
    };
    let gap = |gap: &Gap, hides: &[Address], quiet: bool| {
        GapRecord::of(gap, hides, quiet, told.target, told.catalog)
    };
    let loud = coverage
        .gaps
        .iter()
        .map(|one| gap(&one.gap, &one.hides, false));
    let quiet = coverage.disabled.iter().map(|one| gap(one, &[], true));
    let key = |outcome: &Outcome| {
        outcome.row.address.as_ref()?;
        Some((outcome.row.rtype.clone(), outcome.row.canonical.clone()?))
    };
    TargetRun {
        record,
        findings: outlook
            .outcomes
            .iter()
            .flat_map(|outcome| {
                finding::classes(outcome).map(|class| found(outcome, class, outlook, told))
            })
            .collect(),
        unknown: outlook
            .outcomes
            .iter()
            .filter_map(|outcome| unknown(outcome, told))
            .collect(),
        gaps: loud.chain(quiet).collect(),
        managed: outlook.outcomes.iter().filter_map(key).collect(),
    }
}

impl GapRecord {
    /// What a gap is in the run of a target.
    pub(super) fn of(
        gap: &Gap,
        hides: &[Address],
        quiet: bool,
        target: &str,
        catalog: &Catalog,
    ) -> Self {
        Self {
            target: target.to_owned(),
            listing: gap.listing.clone(),
            scope: gap.scope.to_string(),
            project: gap.scope.project.clone(),
            reason: gap.reason.as_str().to_owned(),
            detail: gap.detail.clone(),
            fix: gap.fix.clone(),
            covers: hidden_by(&gap.listing, catalog),
            hides: hides.iter().map(ToString::to_string).collect(),
            quiet,
        }
    }
}

fn found(outcome: &Outcome, class: Class, outlook: &Outlook, told: &Told<'_>) -> Finding {
    let row = &outcome.row;
    let subject = finding::subject(row, told.target);
    let changes: Vec<ChangeRecord> = match class {
        Class::Unapplied => outcome.planned().map(ChangeRecord::of).collect(),
        Class::Drifted
        | Class::Missing
        | Class::ClaimedTwice
        | Class::Deposed
        | Class::Declared
        | Class::Unmanaged
        | Class::Unknown
        | Class::Check
        | Class::ExpiredRule
        | Class::UnusedRule => outcome.moved().map(ChangeRecord::of).collect(),
    };
    let place = row
        .address
        .as_ref()
        .and_then(|address| (told.place)(address));
    let place = place.filter(|place| !place.file.is_empty());
    let judged = Judged {
        class,
        forecast: outcome.forecast,
        changes: changes
            .iter()
            .map(|change| (change.path.as_str(), change.mode))
            .collect(),
    };
    let owners = place.as_ref().map(|place| (told.owners)(&place.file));
    Finding {
        id: finding::identity(&subject, class),
        subject,
        target: told.target.to_owned(),
        class,
        severity: severity(&judged),
        rtype: row.rtype.clone(),
        address: row.address.as_ref().map(ToString::to_string),
        object: row.import_id.clone(),
        project: row.project.clone(),
        state: row
            .state
            .and_then(|at| outlook.coverage.states.get(at))
            .cloned(),
        line: place
            .as_ref()
            .map(|place| place.line)
            .filter(|line| *line > 0),
        file: place.map(|place| place.file),
        owners: owners.unwrap_or_default(),
        forecast: outcome.forecast,
        prevent_destroy: outcome.prevented,
        reason: (told.reason)(outcome),
        changes,
        rule: None,
        evidence: Vec::new(),
    }
}

/// What of an outcome is not known, so that no finding of it is called resolved.
fn unknown(outcome: &Outcome, told: &Told<'_>) -> Option<UnknownRecord> {
    let row = &outcome.row;
    let whole = finding::classes(outcome).any(|class| class == Class::Unknown);
    let part = row.doubt.is_some() || (told.configured && outcome.forecast == Forecast::Unknown);
    (whole || part).then(|| UnknownRecord {
        target: told.target.to_owned(),
        subject: finding::subject(row, told.target),
        address: row.address.as_ref().map(ToString::to_string),
        whole,
        rule: None,
    })
}
