//! What is accepted: by a rule that a person wrote, or by the baseline that the program wrote.

mod baseline;
mod fail_on;
mod glob;

pub use baseline::{Baseline, Entry};
pub use fail_on::{FailOn, Verdict};
pub use glob::Glob;
use serde::Serialize;

use super::finding::{Class, Finding};
use super::severity::names;
use crate::compare::{Action, Mode};
use crate::forecast::Forecast;

/// One `[[ignore]]`. Everything it names must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// The file it stands in, and the line.
    pub place: (String, usize),
    /// The resource type.
    pub rtype: Option<String>,
    /// Of the address.
    pub address: Option<Glob>,
    /// Of the import id.
    pub id: Option<Glob>,
    /// The class.
    pub class: Option<Class>,
    /// The attribute: the rule is about that change alone.
    pub attribute: Option<String>,
    /// The project.
    pub project: Option<String>,
    /// Of the id of a rule of `check`.
    pub rule: Option<Glob>,
    /// Why.
    pub reason: String,
    /// The last day it holds, `2027-03-31`, in UTC.
    pub until: Option<String>,
    /// Whether it may hide what tofu would replace or destroy.
    pub even_replace: bool,
}

impl Rule {
    /// Whether its date has passed.
    pub fn is_expired(&self, today: &str) -> bool {
        self.until.as_deref().is_some_and(|until| until < today)
    }

    /// What it is about, in one line, as it is written.
    pub fn text(&self) -> String {
        let glob = |glob: &Option<Glob>| glob.as_ref().map(|glob| glob.as_str().to_owned());
        let parts = [
            ("type", self.rtype.clone()),
            ("address", glob(&self.address)),
            ("id", glob(&self.id)),
            ("class", self.class.map(|class| class.as_str().to_owned())),
            ("attribute", self.attribute.clone()),
            ("project", self.project.clone()),
            ("rule", glob(&self.rule)),
        ];
        let said = parts
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        said.collect::<Vec<_>>().join(" ")
    }

    /// Whether it is about findings of `check` and no others.
    pub fn is_of_check(&self) -> bool {
        self.rule.is_some() || self.class == Some(Class::Check)
    }

    /// Whether a finding is what it is about, its attribute apart.
    fn fits(&self, finding: &Finding) -> bool {
        let same =
            |own: &Option<String>, other: &str| own.as_deref().is_none_or(|own| own == other);
        let address = finding.address.as_deref();
        let rule = finding.rule.as_ref().map(|rule| rule.id.as_str());
        same(&self.rtype, &finding.rtype)
            && same(&self.project, &finding.project)
            && self.class.is_none_or(|class| class == finding.class)
            && (self.address.as_ref())
                .is_none_or(|glob| address.is_some_and(|address| glob.fits(address, '.')))
            && (self.rule.as_ref()).is_none_or(|glob| rule.is_some_and(|rule| glob.fits(rule, '/')))
            && self
                .id
                .as_ref()
                .is_none_or(|glob| glob.fits(&finding.object, '/'))
    }

    /// Whether it takes out a change.
    fn takes(&self, path: &str, action: Action) -> bool {
        let Some(attribute) = &self.attribute else {
            return false;
        };
        let own = names(attribute);
        names(path).starts_with(&own) && (action != Action::Replace || self.even_replace)
    }
}

/// Who accepted a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// A rule.
    Ignore,
    /// The baseline.
    Baseline,
}

/// That a finding is accepted: it is counted and listed, and fails nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Acceptance {
    /// By what.
    pub by: By,
    /// Why: the reason of the rule, or the note of the baseline.
    pub reason: String,
    /// Until when, or since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Since when, where the baseline accepts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// What is accepted, as of a day.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Rules.
    pub rules: Vec<Rule>,
    /// The baseline.
    pub baseline: Baseline,
    /// The day, in UTC.
    pub today: String,
}

/// What a policy made of a finding.
#[derive(Clone, Debug, Default)]
pub(super) struct Judgement {
    /// Whether, and by what, it is accepted.
    pub accepted: Option<Acceptance>,
    /// How many of its changes rules took out.
    pub hidden: usize,
    /// The rules that had a part in it.
    pub used: Vec<usize>,
}

impl Policy {
    /// Whether a finding is accepted. Changes that rules take out of it are gone from it after, unless all are.
    pub(super) fn judge(&self, finding: &mut Finding) -> Judgement {
        let mut judgement = Judgement::default();
        let mut whole = None;
        let mut taken = vec![false; finding.changes.len()];
        for (at, rule) in self.rules.iter().enumerate() {
            if rule.is_expired(&self.today) || !rule.fits(finding) {
                continue;
            }
            if rule.attribute.is_some() {
                for (change, taken) in finding.changes.iter().zip(&mut taken) {
                    if rule.takes(&change.path, change.action) {
                        *taken = true;
                        judgement.used.push(at);
                        whole = whole.or(Some(at));
                    }
                }
            } else if rule.even_replace || !ends(finding) {
                judgement.used.push(at);
                return self.ignored(at, judgement);
            }
        }
        judgement.used.dedup();
        let left = (finding.changes.iter().zip(&taken))
            .any(|(change, taken)| change.mode == Mode::Argument && !taken);
        if let Some(at) = whole.filter(|_| !left) {
            return self.ignored(at, judgement);
        }
        judgement.hidden = taken.iter().filter(|taken| **taken).count();
        let mut kept = taken.iter().map(|taken| !taken);
        finding.changes.retain(|_| kept.next().unwrap_or(true));
        judgement.accepted = self.baseline.accepts(finding);
        judgement
    }

    fn ignored(&self, at: usize, judgement: Judgement) -> Judgement {
        let accepted = self.rules.get(at).map(|rule| Acceptance {
            by: By::Ignore,
            reason: rule.reason.clone(),
            until: rule.until.clone(),
            since: None,
        });
        Judgement {
            accepted,
            ..judgement
        }
    }
}

/// Whether tofu would end the object.
fn ends(finding: &Finding) -> bool {
    match finding.forecast {
        Forecast::Replace | Forecast::Delete => true,
        Forecast::None
        | Forecast::Unknown
        | Forecast::Update
        | Forecast::Forget
        | Forecast::Create => false,
    }
}
