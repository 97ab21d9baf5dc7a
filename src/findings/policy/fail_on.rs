//! What an audit fails on: `new:drifted`, `any:replace`, `gap`, `never`.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::check::Priority;
use crate::findings::audit::{Audit, Life, Tracked};
use crate::findings::finding::{Class, Severity};
use crate::forecast::Forecast;

/// Of what kind a finding must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    All,
    Class(Class),
    Forecast(Forecast),
    Severity(Severity),
    Priority(Priority),
}

/// One thing to fail on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailOn(What);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Findings { new: bool, kind: Kind },
    Gap,
    Never,
}

/// How an audit ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was looked at, and nothing fails it.
    Clean,
    /// Something fails it.
    Failing,
    /// Nothing fails it, and something could not be read.
    Incomplete,
    /// A target could not be looked at, or tofu refuses to plan it.
    Broken,
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (new, word) = match text.split_once(':') {
            None if text == "gap" => return Ok(Self(What::Gap)),
            None if text == "never" => return Ok(Self(What::Never)),
            Some(("new", word)) => (true, word),
            Some(("any", word)) => (false, word),
            Some(_) | None => {
                return Err(format!(
                    "`{text}` is none of: new:KIND, any:KIND, gap, never"
                ));
            }
        };
        let kind = (word == "all").then_some(Kind::All);
        let kind = kind.or_else(|| Class::parse(word).map(Kind::Class));
        let kind = kind.or_else(|| Severity::parse(word).map(Kind::Severity));
        let kind = kind.or_else(|| Priority::parse(word).map(Kind::Priority));
        let ending = |forecast: &Forecast| forecast.ends_object();
        let kind = kind.or_else(|| Forecast::parse(word).filter(ending).map(Kind::Forecast));
        let kind = kind.ok_or_else(|| {
            let classes = Class::ALL.iter().map(|class| class.as_str());
            let severities = Severity::ALL.iter().map(|severity| severity.as_str());
            let priorities = Priority::ALL.iter().map(|priority| priority.as_str());
            let words = classes
                .chain(severities)
                .chain(priorities)
                .chain(["replace", "delete", "all"]);
            format!(
                "`{word}` is none of: {}",
                words.collect::<Vec<_>>().join(", ")
            )
        })?;
        Ok(Self(What::Findings { new, kind }))
    }
}

impl<'de> Deserialize<'de> for FailOn {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl FailOn {
    /// What fails where nothing else is said: the differences that make `drift` end with 2.
    pub fn usual() -> Vec<Self> {
        let differences = [
            Class::Drifted,
            Class::Missing,
            Class::Unmanaged,
            Class::Declared,
            Class::ClaimedTwice,
            Class::Deposed,
            Class::Check,
        ];
        let any = |class| {
            Self(What::Findings {
                new: false,
                kind: Kind::Class(class),
            })
        };
        differences.into_iter().map(any).collect()
    }

    /// Whether an audit has it. What a run could not see is a gap, not a finding of that run.
    fn fails(self, audit: &Audit) -> bool {
        match self.0 {
            What::Never => false,
            What::Gap => !audit.is_complete(),
            What::Findings { new, kind } => audit
                .active()
                .filter(|tracked| tracked.life != Life::Unknown)
                .any(|tracked| (!new || tracked.life.is_news()) && kind.is(tracked)),
        }
    }
}

impl Kind {
    fn is(self, tracked: &Tracked) -> bool {
        let finding = &tracked.finding;
        match self {
            Self::All => true,
            Self::Class(class) => finding.class == class,
            Self::Forecast(forecast) => finding.forecast == forecast,
            Self::Severity(severity) => finding.severity >= severity,
            // The gravest comes first.
            Self::Priority(priority) => {
                let rule = finding.rule.as_ref();
                finding.class == Class::Check && rule.is_some_and(|rule| rule.priority <= priority)
            }
        }
    }
}

impl Verdict {
    /// How an audit ends, by what it is to fail on.
    pub fn of(audit: &Audit, fail_on: &[FailOn]) -> Self {
        let broken =
            |target: &crate::findings::TargetRecord| target.failed.is_some() || target.refused;
        if audit.run.targets.iter().any(broken) {
            Self::Broken
        } else if fail_on.iter().any(|one| one.fails(audit)) {
            Self::Failing
        } else if audit.is_complete() {
            Self::Clean
        } else {
            Self::Incomplete
        }
    }

    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Broken => 1,
            Self::Failing => 2,
            Self::Incomplete => 3,
        }
    }
}
