//! What an audit says: the one model that every format shows.

use std::collections::BTreeMap;

use super::finding::{Class, Finding, Severity};
use super::policy::{Acceptance, Baseline, By, Rule};
use super::run::Run;
use crate::check::Priority;
use crate::model::worded;

worded! {
    /// What became of a finding since the runs before.
    pub enum Life {
        /// An earlier run looked there and did not have it; or there is no earlier run.
        New = "new",
        /// It is back after it was resolved.
        Reopened = "reopened",
        /// It was there, and differs in other ways now.
        Changed = "changed",
        /// No earlier run looked there.
        NewlyVisible = "newly-visible",
        /// It was there, and still is.
        Open = "open",
        /// It was there, and this run could not see whether it still is.
        Unknown = "unknown",
        /// It was there, and this run looked and did not find it.
        Resolved = "resolved",
    }
}

impl Life {
    /// Whether this run is the first that has it so.
    pub fn is_news(self) -> bool {
        match self {
            Self::New | Self::Reopened | Self::Changed | Self::NewlyVisible => true,
            Self::Open | Self::Unknown | Self::Resolved => false,
        }
    }
}

/// A finding with its life.
#[derive(Clone, Debug)]
pub struct Tracked {
    /// The finding, as it was last seen.
    pub finding: Finding,
    /// What became of it.
    pub life: Life,
    /// When a run first had it, of this spell where it was resolved in between.
    pub since: String,
    /// The last run before that which looked and did not have it; nothing where none did, so that it may be older.
    pub not_before: Option<String>,
    /// The last run that had it.
    pub last_seen: String,
    /// How often it came back.
    pub reopened: usize,
    /// By what it is accepted, if it is.
    pub accepted: Option<Acceptance>,
    /// How many of its changes ignore rules took out.
    pub hidden: usize,
}

impl Tracked {
    /// Whether it is there (or may be), and nobody accepted it.
    pub fn is_active(&self) -> bool {
        self.accepted.is_none() && self.life != Life::Resolved
    }

    /// Whole days from its first run to this one.
    pub fn days(&self, now: &str) -> i64 {
        days(&self.since, now)
    }

    /// What orders a list: the gravest first, then by name.
    pub fn rank(&self) -> (std::cmp::Reverse<Severity>, Class, &str, String) {
        let finding = &self.finding;
        (
            std::cmp::Reverse(finding.severity),
            finding.class,
            &finding.target,
            finding.name(),
        )
    }
}

/// Whole days between two times of runs.
pub(super) fn days(from: &str, to: &str) -> i64 {
    let seconds = |text: &str| text.parse().map(|time: jiff::Timestamp| time.as_second());
    match (seconds(from), seconds(to)) {
        (Ok(from), Ok(to)) => (to - from).max(0) / 86_400,
        (Err(_), _) | (_, Err(_)) => 0,
    }
}

/// One run, as a trend shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// When.
    pub at: String,
    /// Findings by class that were there and are not accepted now.
    pub open: BTreeMap<Class, usize>,
    /// Findings that were there before and that this run could not see.
    pub unknown: usize,
    /// Whether everything could be read.
    pub complete: bool,
    /// Whether something else was asked about than in the run before.
    pub other_scope: bool,
    /// Whether another version of the program ran than before.
    pub other_version: bool,
}

/// How much of everything there is: the same in every format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Findings that are there, or may be, and are not accepted.
    pub active: usize,
    /// Those by class.
    pub classes: BTreeMap<Class, usize>,
    /// Those by severity.
    pub severities: BTreeMap<Severity, usize>,
    /// Those by what became of them.
    pub lives: BTreeMap<Life, usize>,
    /// Accepted by a rule.
    pub ignored: usize,
    /// Accepted by the baseline.
    pub baselined: usize,
    /// Resolved by this run.
    pub resolved: usize,
    /// What could not be read.
    pub gaps: usize,
}

/// What an audit says.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// The run it is about.
    pub run: Run,
    /// Findings with their lives, the gravest first: active, accepted and resolved ones.
    pub findings: Vec<Tracked>,
    /// The runs before and this one, the oldest first.
    pub trend: Vec<Point>,
    /// The run before, if there was one.
    pub previous: Option<String>,
    /// The rules, with how many findings each accepts or takes a change out of.
    pub rules: Vec<(Rule, usize)>,
    /// The day, in UTC.
    pub today: String,
    /// Whether nothing is remembered from run to run, so that nothing is said of what is new or how old it is.
    pub alone: bool,
}

impl Audit {
    /// The same as a run that nothing remembers.
    #[must_use]
    pub fn alone(self) -> Self {
        Self {
            alone: true,
            ..self
        }
    }

    /// Findings of `check` that count, by priority.
    pub fn priorities(&self) -> BTreeMap<Priority, usize> {
        let mut out = BTreeMap::new();
        let failing = self
            .active()
            .filter(|one| one.finding.class == Class::Check);
        for rule in failing.filter_map(|one| one.finding.rule.as_ref()) {
            *out.entry(rule.priority).or_default() += 1;
        }
        out
    }

    /// The same with another baseline.
    #[must_use]
    pub fn accepting(mut self, baseline: &Baseline) -> Self {
        for tracked in &mut self.findings {
            let by_rule = tracked
                .accepted
                .as_ref()
                .is_some_and(|one| one.by == By::Ignore);
            if !by_rule {
                tracked.accepted = baseline.accepts(&tracked.finding);
            }
        }
        self
    }

    /// Findings that count.
    pub fn active(&self) -> impl Iterator<Item = &Tracked> {
        self.findings.iter().filter(|tracked| tracked.is_active())
    }

    /// Findings that count and became something.
    pub fn lived(&self, life: Life) -> impl Iterator<Item = &Tracked> {
        self.active().filter(move |tracked| tracked.life == life)
    }

    /// Findings this run no longer found.
    pub fn resolved(&self) -> impl Iterator<Item = &Tracked> {
        let gone = |tracked: &&Tracked| tracked.life == Life::Resolved;
        self.findings.iter().filter(gone)
    }

    /// Findings that are accepted.
    pub fn accepted(&self) -> impl Iterator<Item = (&Tracked, &Acceptance)> {
        let there = self
            .findings
            .iter()
            .filter(|tracked| tracked.life != Life::Resolved);
        there.filter_map(|tracked| Some((tracked, tracked.accepted.as_ref()?)))
    }

    /// The longest known, the oldest first.
    pub fn oldest(&self) -> Vec<&Tracked> {
        let aged = |tracked: &&Tracked| tracked.days(&self.run.at) > 0;
        let mut all: Vec<&Tracked> = self.active().filter(aged).collect();
        all.sort_by(|a, b| a.since.cmp(&b.since));
        all.truncate(5);
        all
    }

    /// Whether everything that was asked about could be read, and nothing of earlier runs is out of sight.
    pub fn is_complete(&self) -> bool {
        self.run.is_complete() && self.lived(Life::Unknown).next().is_none()
    }

    /// How much of everything there is.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals {
            gaps: self.run.gaps.iter().filter(|gap| !gap.quiet).count(),
            resolved: self.resolved().count(),
            ..Totals::default()
        };
        for tracked in self.active() {
            totals.active += 1;
            *totals.classes.entry(tracked.finding.class).or_default() += 1;
            *totals
                .severities
                .entry(tracked.finding.severity)
                .or_default() += 1;
            *totals.lives.entry(tracked.life).or_default() += 1;
        }
        for (_, accepted) in self.accepted() {
            match accepted.by {
                By::Ignore => totals.ignored += 1,
                By::Baseline => totals.baselined += 1,
            }
        }
        totals
    }
}
