//! Holding edits against a new forecast: one that does not do what it is for, or harms, is not made.

use std::collections::BTreeSet;

use super::change::Writer;
use super::source_index::SourceIndex;
use super::splice::{self, Edit};
use super::trace::NoEdit;
use super::{Finding, Findings, Suggestion, Texts, Unsuggested, diff, is_open};
use crate::catalog::Catalog;
use crate::forecast::Forecast;
use crate::model::{Address, Sources};

/// Says what tofu would do if some files had other texts; nothing where they cannot be read.
pub type Judge<'a> = &'a dyn Fn(&Texts) -> Option<Findings>;

/// The edits that one change asks for, or will get.
#[derive(Clone)]
pub(super) struct Unit {
    pub address: Address,
    pub attribute: String,
    ways: Vec<Vec<Edit>>,
    place: String,
}

/// What one round comes to.
pub(super) struct Round {
    pub accepted: Vec<(Unit, Vec<Edit>)>,
    pub refused: Vec<Unsuggested>,
    /// What tofu would then do.
    pub findings: Findings,
    /// The edited files.
    pub texts: Texts,
}

/// Why edits were turned down.
enum Fault {
    /// Two edits touch the same text, or the text could no longer be read.
    Text(&'static str),
    /// What they are for is not done.
    Stays,
    /// Something else would change.
    Harms(Address),
    /// A line that would be shown holds something secret.
    Private,
}

impl Fault {
    fn reason(&self) -> String {
        match self {
            Self::Text(why) => (*why).to_owned(),
            Self::Stays => {
                "it is written here, but the value of the cloud here would not end the change"
                    .to_owned()
            }
            Self::Harms(address) => {
                format!("it is shared with {address}, which the edit would change")
            }
            Self::Private => "its line also holds something secret".to_owned(),
        }
    }
}

/// One round: edits for everything that tofu would change, each verified.
pub(super) fn round(
    catalog: &Catalog,
    sources: &Sources,
    findings: &Findings,
    judge: Judge<'_>,
) -> Round {
    let index = SourceIndex::new(sources);
    let mut out = Round {
        accepted: Vec::new(),
        refused: Vec::new(),
        findings: findings.clone(),
        texts: Texts::new(),
    };
    let mut groups: Vec<Vec<Unit>> = Vec::new();
    for finding in findings.values().filter(|finding| is_open(finding)) {
        let mut group = Vec::new();
        let Some(definition) = catalog.definition(&finding.address.rtype) else {
            continue;
        };
        let writer = Writer {
            index: &index,
            definition,
            finding,
        };
        for change in &finding.changes {
            let attribute = change.path.to_string();
            match writer.ways(change) {
                Ok(ways) => {
                    let first = ways.first().and_then(|edits| edits.first());
                    let place = first
                        .map(|edit| index.place(edit.file, edit.start))
                        .unwrap_or_default();
                    group.push(Unit {
                        address: finding.address.clone(),
                        attribute,
                        ways,
                        place,
                    });
                }
                Err(NoEdit { reason, place }) => {
                    out.refused.push(Unsuggested {
                        address: finding.address.clone(),
                        attribute,
                        reason,
                        place,
                    });
                }
            }
        }
        if finding.changes.is_empty() {
            out.refused.push(triggered(finding));
        }
        groups.push(group);
    }
    let trial = Trial {
        sources,
        before: findings,
        judge,
    };
    groups.retain(|group| !group.is_empty());
    trial.run(&groups, &mut out);
    out.refused.sort();
    out
}

fn triggered(finding: &Finding) -> Unsuggested {
    Unsuggested {
        address: finding.address.clone(),
        attribute: String::new(),
        reason: "nothing of its own differs: it is tainted, or replaced along with something else"
            .to_owned(),
        place: format!("{}:{}", finding.place.file, finding.place.line),
    }
}

struct Trial<'a> {
    sources: &'a Sources,
    before: &'a Findings,
    judge: Judge<'a>,
}

impl Trial<'_> {
    /// All at once; if that fails, one half of the instances after the other; of one instance, change by change and way by way.
    fn run(&self, groups: &[Vec<Unit>], out: &mut Round) {
        let all: Vec<Unit> = groups.iter().flatten().cloned().collect();
        if all.is_empty() || self.take(&all, out).is_ok() {
            return;
        }
        if groups.len() > 1 {
            let (first, second) = groups.split_at(groups.len() / 2);
            self.run(first, out);
            return self.run(second, out);
        }
        for unit in all {
            if let Err(fault) = self.ways(&unit, out) {
                let Unit {
                    address,
                    attribute,
                    place,
                    ..
                } = unit;
                let own = matches!(&fault, Fault::Harms(harmed) if *harmed == address);
                let reason = if own {
                    "with the value of the cloud here tofu would do worse to it".to_owned()
                } else {
                    fault.reason()
                };
                out.refused.push(Unsuggested {
                    address,
                    attribute,
                    reason,
                    place,
                });
            }
        }
    }

    fn ways(&self, unit: &Unit, out: &mut Round) -> Result<(), Fault> {
        let mut first = None;
        for way in &unit.ways {
            match self.take(
                &[Unit {
                    ways: vec![way.clone()],
                    ..unit.clone()
                }],
                out,
            ) {
                Ok(()) => return Ok(()),
                Err(fault) => _ = first.get_or_insert(fault),
            }
        }
        Err(first.unwrap_or(Fault::Stays))
    }

    /// Takes the first way of each unit if all of them together do what they are for.
    fn take(&self, units: &[Unit], out: &mut Round) -> Result<(), Fault> {
        let chosen = units
            .iter()
            .map(|unit| (unit.clone(), unit.ways.first().cloned().unwrap_or_default()));
        let mut accepted = out.accepted.clone();
        accepted.extend(chosen);
        let texts = self.texts(&accepted)?;
        let after = (self.judge)(&texts).ok_or(Fault::Text(
            "with the value of the cloud the configuration cannot be read",
        ))?;
        if let Some(harmed) = self.harmed(&after, &accepted) {
            return Err(Fault::Harms(harmed));
        }
        let stays = |unit: &Unit| {
            let finding = after
                .get(&unit.address)
                .filter(|finding| finding.forecast != Forecast::None);
            finding.is_some_and(|finding| {
                finding
                    .changes
                    .iter()
                    .any(|change| change.path.to_string() == unit.attribute)
            })
        };
        if accepted.iter().any(|(unit, _)| stays(unit)) {
            return Err(Fault::Stays);
        }
        (out.accepted, out.findings, out.texts) = (accepted, after, texts);
        Ok(())
    }

    fn texts(&self, accepted: &[(Unit, Vec<Edit>)]) -> Result<Texts, Fault> {
        let mut texts = Texts::new();
        let edits: BTreeSet<&Edit> = accepted.iter().flat_map(|(_, edits)| edits).collect();
        for (at, file) in self.sources.files.iter().enumerate() {
            let own: Vec<&Edit> = edits
                .iter()
                .copied()
                .filter(|edit| edit.file == at)
                .collect();
            if own.is_empty() {
                continue;
            }
            let fault = Fault::Text("what uses this text would need different values");
            let text = splice::apply(&file.text, &own).ok_or(fault)?;
            if diff::shows_private(&file.text, &text) {
                return Err(Fault::Private);
            }
            texts.insert(file.path.clone(), text);
        }
        Ok(texts)
    }

    /// The first instance that fares worse than before: a graver forecast, one more change of what no edit is for, or other
    /// arguments where nothing is forecast.
    fn harmed(&self, after: &Findings, accepted: &[(Unit, Vec<Edit>)]) -> Option<Address> {
        let gone = self
            .before
            .keys()
            .find(|address| !after.contains_key(*address));
        let own: BTreeSet<&Address> = accepted.iter().map(|(unit, _)| &unit.address).collect();
        let worse = |(address, finding): (&Address, &Finding)| {
            let worse = self.before.get(address).is_none_or(|before| {
                let had: BTreeSet<String> = before
                    .changes
                    .iter()
                    .map(|change| change.path.to_string())
                    .collect();
                let more = finding
                    .changes
                    .iter()
                    .any(|change| !had.contains(&change.path.to_string()));
                rank(finding.forecast) > rank(before.forecast)
                    || finding.declared != before.declared
                    || (rank(finding.forecast) == rank(before.forecast)
                        && more
                        && !own.contains(address))
            });
            worse.then(|| address.clone())
        };
        gone.cloned().or_else(|| after.iter().find_map(worse))
    }
}

/// How grave a forecast is. What is not known could be anything.
fn rank(forecast: Forecast) -> u8 {
    match forecast {
        Forecast::None => 0,
        Forecast::Update => 1,
        Forecast::Replace => 2,
        Forecast::Unknown => 3,
        Forecast::Create | Forecast::Delete | Forecast::Forget => 4,
    }
}

/// Accepted edits as suggestions: one for each instance and file.
pub(super) fn described(
    sources: &Sources,
    accepted: &[(Unit, Vec<Edit>)],
    after: &Findings,
) -> Vec<Suggestion> {
    let index = SourceIndex::new(sources);
    let keys: BTreeSet<(&Address, usize)> = accepted
        .iter()
        .flat_map(|(unit, edits)| edits.iter().map(|edit| (&unit.address, edit.file)))
        .collect();
    let describe = |(address, file): (&Address, usize)| {
        let mine = || {
            accepted.iter().filter(|(unit, edits)| {
                unit.address == *address && edits.iter().any(|e| e.file == file)
            })
        };
        let edits: BTreeSet<&Edit> = mine()
            .flat_map(|(_, edits)| edits)
            .filter(|edit| edit.file == file)
            .collect();
        let source = index.file(file);
        let edits: Vec<&Edit> = edits.into_iter().collect();
        let text = splice::apply(&source.text, &edits)?;
        let place = index.place(file, edits.iter().map(|edit| edit.start).min()?);
        Some(Suggestion {
            address: address.clone(),
            attributes: mine().map(|(unit, _)| unit.attribute.clone()).collect(),
            file: source.name.clone(),
            line: place
                .rsplit_once(':')
                .and_then(|(_, line)| line.parse().ok())?,
            diff: diff::unified(source, &source.text, &text),
            leaves: after
                .get(address)
                .map_or(Forecast::None, |finding| finding.forecast),
        })
    };
    keys.into_iter().filter_map(describe).collect()
}
