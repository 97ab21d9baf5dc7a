//! Which releases of the provider a run is about: what was asked for, the lock file, the constraints, what state holds, in this
//! order.

use super::Catalog;
use super::schema::Schema;
use crate::model::{
    Because, Instance, LockedProvider, ProviderVersion, Range, Releases, RequiredProvider, State,
    Value, Version,
};

/// What tells the version of a provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'a> {
    /// `--provider-version`.
    pub asked: Option<Version>,
    /// The lock file of the root module.
    pub locked: &'a [LockedProvider],
    /// `required_providers` of every module.
    pub required: &'a [RequiredProvider],
    /// What state remembers.
    pub states: &'a [State],
}

/// How many instances of a type are looked at in a state, which one provider wrote as a whole.
const SAMPLES: usize = 4;

impl Catalog {
    /// The releases that a provider is taken to be of.
    pub fn choose(&self, beta: bool, evidence: &Evidence<'_>) -> ProviderVersion {
        let newest = self.known_releases().last().copied().unwrap_or_default();
        let locked = evidence.locked.iter().find(|locked| locked.beta == beta);
        let (releases, because) = match (evidence.asked, locked) {
            (Some(version), _) => (Releases::one(version), Because::Asked),
            (None, Some(locked)) => (
                Releases::one(locked.version),
                Because::Lock(locked.file.clone()),
            ),
            (None, None) => self
                .required(beta, evidence.required)
                .or_else(|| Some((self.written(beta, evidence.states)?, Because::State)))
                .unwrap_or((Releases::one(newest), Because::Newest)),
        };
        self.version(beta, releases, because)
    }

    /// A provider of some releases, with what is known of them.
    pub(super) fn version(
        &self,
        beta: bool,
        releases: Releases,
        because: Because,
    ) -> ProviderVersion {
        let known = self.known_releases();
        ProviderVersion {
            beta,
            releases,
            because,
            range: self.range(releases),
            known: Releases {
                from: known.first().copied().unwrap_or_default(),
                to: known.last().copied().unwrap_or_default(),
            },
        }
    }

    /// Whether the facts of some releases are known.
    fn range(&self, releases: Releases) -> Range {
        let known = self.known_releases();
        match (known.first(), known.last()) {
            (_, Some(newest)) if releases.from > *newest => Range::Newer,
            (Some(oldest), _) if releases.to < *oldest => Range::Older,
            _ => Range::Known,
        }
    }

    /// The newest known release that fits every constraint, or where none does, the least they ask for.
    fn required(&self, beta: bool, all: &[RequiredProvider]) -> Option<(Releases, Because)> {
        let ours: Vec<_> = all.iter().filter(|one| one.beta == beta).collect();
        let (first, rest) = ours.split_first()?;
        let mut constraint = first.constraint.clone();
        rest.iter().for_each(|one| constraint.and(&one.constraint));
        let mut known = self.known_releases().iter().rev();
        let fits = known.find(|version| constraint.allows(**version)).copied();
        let version = fits.or_else(|| constraint.least())?;
        let mut texts: Vec<&str> = ours.iter().map(|one| one.text.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        Some((
            Releases::one(version),
            Because::Constraint(texts.join(", ")),
        ))
    }

    /// The known releases that write what states hold and lack; nothing where that is the newest, or where no state says.
    fn written(&self, beta: bool, states: &[State]) -> Option<Releases> {
        let mut fit: Vec<bool> = vec![true; self.known_releases().len()];
        for state in states {
            let mut seen = std::collections::BTreeMap::new();
            let ours = state
                .instances
                .iter()
                .filter(|instance| instance.provider.beta == beta && instance.deposed.is_none());
            for instance in ours {
                let count: &mut usize = seen.entry(&instance.address.rtype).or_default();
                *count += 1;
                if *count <= SAMPLES {
                    self.narrow(instance, &mut fit);
                }
            }
        }
        let known = self.known_releases();
        let fitting = || known.iter().zip(&fit).filter(|(_, fits)| **fits);
        let (from, to) = (*fitting().next()?.0, *fitting().next_back()?.0);
        (Some(&to) != known.last()).then_some(Releases { from, to })
    }

    /// Leaves of the releases those that write what an instance holds and lacks. One that leaves none is passed over: it was
    /// written by another release than those before it.
    fn narrow(&self, instance: &Instance, fit: &mut Vec<bool>) {
        let Some(schema) = self.files.schema(&instance.address.rtype) else {
            return;
        };
        let Ok(whole) = instance.attributes.value() else {
            return;
        };
        if whole.as_map().is_none_or(|map| map.is_empty()) {
            return;
        }
        let mut rest = fit.clone();
        for (release, fits) in self.known_releases().iter().zip(&mut rest) {
            let at = Releases::one(*release);
            *fits &= schema.writes(instance.schema_version, at);
        }
        self.narrow_block(schema, "", &whole, &mut rest);
        if rest.contains(&true) {
            *fit = rest;
        }
    }

    fn narrow_block(&self, schema: &Schema, family: &str, block: &Value, fit: &mut [bool]) {
        let Some(map) = block.as_map() else { return };
        for (short, _, facts) in schema.children(family) {
            if facts.is_lasting() {
                continue;
            }
            let here = map.contains_key(short);
            for (release, fits) in self.known_releases().iter().zip(fit.iter_mut()) {
                let there = facts.is_there(Releases::one(*release));
                *fits &= there.is_none_or(|there| there == here);
            }
        }
        for (short, full, facts) in schema.children(family) {
            if !facts.is_block() {
                continue;
            }
            let blocks = map.get(short).and_then(Value::as_list).unwrap_or_default();
            for inner in blocks.iter().take(1) {
                self.narrow_block(schema, full, inner, fit);
            }
        }
    }
}
