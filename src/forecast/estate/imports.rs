//! Imports that configuration asks for already: which objects they bring, and which tofu refuses.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::compare::{Comparison, Coverage, Row};
use crate::model::{
    Address, Config, ImportBlock, ImportedObject, NotEvaluated, ObjectKey, Refusal, Refused,
    Unknown, Value,
};

/// What an import block brings to an instance that no state has.
pub(super) struct Brought {
    /// The id it is imported by.
    pub id: String,
    /// What an import leaves.
    pub live: Arc<Value>,
}

/// What came of an import block.
pub(super) enum Import {
    /// There is none, or state has the instance already: then tofu passes it over.
    None,
    /// It brings this.
    Brings(Brought),
    /// What it imports is not known.
    Unknown(Unknown),
}

/// The import blocks of a configuration, with what is there.
pub(super) struct Imports<'a> {
    blocks: BTreeMap<&'a Address, &'a ImportBlock>,
    /// Rows that have an object, by type and import id or canonical name.
    objects: HashMap<ObjectKey, usize>,
}

impl<'a> Imports<'a> {
    pub fn new(comparison: &Comparison, config: &'a Config) -> Self {
        let blocks: BTreeMap<_, _> = config.imports.iter().map(|b| (&b.to, b)).collect();
        let mut objects = HashMap::new();
        for (at, row) in comparison
            .rows
            .iter()
            .enumerate()
            .filter(|_| !blocks.is_empty())
        {
            let names = [Some(&row.import_id), row.canonical.as_ref()];
            for name in names.into_iter().flatten().filter(|_| row.live.is_some()) {
                let key = ObjectKey {
                    rtype: row.rtype.clone(),
                    id: name.clone(),
                };
                objects.entry(key).or_insert(at);
            }
        }
        Self { blocks, objects }
    }

    /// What is imported to an instance that no state has.
    pub fn of(
        &self,
        address: &Address,
        canonical: Option<&str>,
        comparison: &Comparison,
    ) -> Import {
        let Some(block) = self.blocks.get(address) else {
            return Import::None;
        };
        let row = match &block.object {
            ImportedObject::Unknown(why) => {
                match canonical.and_then(|id| self.named(address, id)) {
                    Some(at) => Some(at),
                    None => return Import::Unknown(why.clone()),
                }
            }
            ImportedObject::Id(id) => self
                .named(address, id)
                .or_else(|| self.spelt_otherwise(address, id, comparison)),
            ImportedObject::Identity(identity) => self.identified(address, identity, comparison),
        };
        let found = row.map(|at| &comparison.rows[at]);
        match found.and_then(|row| Some((&row.import_id, row.live.as_ref()?))) {
            Some((id, live)) => Import::Brings(Brought {
                id: id.clone(),
                live: Arc::clone(live),
            }),
            None => Import::Unknown(NotEvaluated::ImportId.into()),
        }
    }

    fn named(&self, address: &Address, id: &str) -> Option<usize> {
        let key = ObjectKey {
            rtype: address.rtype.clone(),
            id: id.to_owned(),
        };
        self.objects.get(&key).copied()
    }

    /// An id may leave out what the provider adds: `projects/p/secrets/s` is also `p/s`. One object whose id has all its parts,
    /// in order, is meant.
    fn spelt_otherwise(
        &self,
        address: &Address,
        id: &str,
        comparison: &Comparison,
    ) -> Option<usize> {
        let parts: Vec<&str> = id.split('/').filter(|part| !part.is_empty()).collect();
        let within = |row: &Row| {
            let mut steps = row.import_id.split('/');
            let all = parts.iter().all(|part| steps.any(|step| step == *part));
            all && row.import_id.rsplit('/').next() == parts.last().copied()
        };
        let mut found = (comparison.rows.iter().enumerate())
            .filter(|(_, row)| row.rtype == address.rtype && row.live.is_some() && within(row));
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Some(at),
            _ => None,
        }
    }

    /// The one object that has all attributes of an identity.
    fn identified(
        &self,
        address: &Address,
        identity: &BTreeMap<String, Value>,
        comparison: &Comparison,
    ) -> Option<usize> {
        let has = |row: &Row| {
            let live = row.live.as_deref().filter(|_| row.rtype == address.rtype);
            live.is_some_and(|live| {
                let mut parts = identity.iter().filter(|(_, value)| **value != Value::Null);
                parts.all(|(name, value)| live.get(name).is_some_and(|had| had.same(value)))
            })
        };
        comparison.rows.iter().position(has)
    }

    /// The imports that tofu refuses: to what no block declares, and of what is not there. `declared` says whether a block does,
    /// or may.
    pub fn refusals(
        &self,
        declared: &dyn Fn(&Address) -> bool,
        comparison: &Comparison,
        catalog: &Catalog,
    ) -> Vec<Refusal> {
        let stored = |address: &Address| {
            let mut rows = comparison.rows.iter();
            rows.any(|row| row.state.is_some() && row.address.as_ref() == Some(address))
        };
        let refused = |block: &&ImportBlock| {
            let address = &block.to;
            if !declared(address) {
                return Some(Refused::ImportWithoutBlock);
            }
            if stored(address) {
                return None;
            }
            let named = match &block.object {
                ImportedObject::Unknown(Unknown::AfterApply(_)) => {
                    return Some(Refused::ImportIdUnknown);
                }
                ImportedObject::Unknown(_) => return None,
                ImportedObject::Id(id) => id.clone(),
                ImportedObject::Identity(identity) => {
                    let texts = identity.values().filter_map(Value::as_text);
                    texts.collect::<Vec<_>>().join("/")
                }
            };
            let looked = catalog.definition(&address.rtype).is_some()
                && comparison.coverage.looks_at(&address.rtype)
                && !self.may_hide(address, &named, &comparison.coverage);
            let meant = |row: &Row| {
                let alike = last(&row.import_id) == last(&named);
                row.rtype == address.rtype && row.live.is_some() && alike
            };
            let there = matches!(self.of(address, None, comparison), Import::Brings(_))
                || comparison.rows.iter().any(meant);
            (looked && !there).then_some(Refused::ImportOfNothing(named))
        };
        let refusal = |block: &&ImportBlock| {
            Some(Refusal {
                address: Some(block.to.clone()),
                what: refused(block)?,
                place: Some(block.place.clone()),
            })
        };
        self.blocks.values().filter_map(refusal).collect()
    }

    /// Whether an object may be there all the same: a listing of its type failed, or it may lie in a project that nobody looked
    /// at.
    fn may_hide(&self, address: &Address, id: &str, coverage: &Coverage) -> bool {
        let own = |listing: &str| {
            let rest = listing.strip_prefix(address.rtype.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let failed = coverage.gaps.iter().map(|shortfall| &shortfall.gap);
        let mut gaps = failed.chain(&coverage.disabled);
        let mut steps = id.split('/').skip_while(|step| *step != "projects").skip(1);
        let project = steps.next();
        let elsewhere = project.is_some_and(|p| !coverage.projects.iter().any(|read| read == p));
        elsewhere || gaps.any(|gap| own(&gap.listing))
    }
}

/// The last part of an id, whatever parts are set apart by.
fn last(id: &str) -> &str {
    id.rsplit(['/', ' ']).next().unwrap_or(id)
}
