//! Every declared instance, each after what it depends on: what tofu plans for one is what the next one refers to.

mod identity;
mod imports;
mod near_miss;
mod planned;
mod recorded;
mod undeclared;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::instance::{Declaration, Planned, forecast};
use super::outlook::{Forecast, NearMiss, Outcome, Outlook, leaves_no_plan};
use crate::catalog::{Catalog, Context, Definition};
use crate::compare::{Action, Change, Comparison, Doubt, Mask, Remark, Row, Source, Verdict};
use crate::model::{
    Address, Config, Declared, ObjectKey, Path, Refusal, Refused, Unknown, UnknownBlock, Value,
};
use crate::normalize::canonical;

pub use identity::{Agreement, Role, agreement, key, parts, role, with_provider};
use imports::{Import, Imports};
pub use near_miss::{Offered, Wanted, near_misses};
pub use planned::PlannedValues;
pub use recorded::{Recorded, Records};

/// Configuration, as a forecast asks for it.
pub struct Declarations<'a> {
    /// Which instances there are, evaluated over what is there now.
    pub config: &'a Config,
    /// Blocks, each after those it depends on, without keys.
    pub order: &'a [Address],
    /// One instance, evaluated over what has been planned so far.
    pub evaluate: &'a dyn Fn(&Address) -> Option<Declared>,
    /// The instances of a block, over what has been planned so far.
    pub instances: &'a dyn Fn(&Address) -> Vec<Address>,
    /// The whole configuration, over all that is planned: asked when all of it is.
    pub planned: &'a dyn Fn() -> Arc<Config>,
}

/// What tofu would do with every row of a comparison, and with what is only declared.
///
/// The comparison must keep what a refresh would store ([`crate::compare::Inputs::keep`]). What state has must be in `planned`
/// already: that is what an instance is taken to be which could not be read, or was not asked for.
///
/// Gives with it what is planned for each declared instance: what differs between cloud and configuration, whatever state says.
pub fn settle(
    comparison: Comparison,
    declarations: &Declarations<'_>,
    planned: &PlannedValues,
    catalog: &Catalog,
) -> (Outlook, BTreeMap<Address, Planned>) {
    let mut estate = Estate::new(&comparison, declarations, planned, catalog);
    for address in declarations.order.iter().flat_map(declarations.instances) {
        estate.declared(&address);
    }
    let Estate {
        plans,
        mut outcomes,
        wanted,
        imports,
        ..
    } = estate;
    let config = &*(declarations.planned)();
    let taken: HashSet<&Address> = outcomes
        .iter()
        .filter_map(|o| o.row.address.as_ref())
        .collect();
    let is_taken = |row: &Row| {
        let address = row.address.as_ref();
        address.is_some_and(|address| taken.contains(address)) && !row.is_deposed()
    };
    let rest: Vec<Row> = comparison
        .rows
        .iter()
        .filter(|row| !is_taken(row))
        .cloned()
        .collect();
    outcomes.extend(rest.into_iter().map(|row| match row.state {
        Some(_) => undeclared::outcome(row, config),
        None => unclaimed(row, &comparison, config),
    }));
    let unknown = config.unknown_blocks.iter();
    outcomes.extend(
        unknown
            .filter(|block| comparison.coverage.looks_at(&block.address.rtype))
            .filter(|block| catalog.definition(&block.address.rtype).is_some())
            .map(unknown_block),
    );
    let declared: BTreeSet<&Address> = config.resources.iter().map(|r| &r.address).collect();
    let may_declare = |address: &Address| {
        let block = address.block();
        declared.contains(address)
            || config
                .unknown_blocks
                .iter()
                .any(|unknown| unknown.address.block() == block)
            || config.unreadable.iter().any(|part| part.covers(address))
            || catalog.definition(&address.rtype).is_none()
    };
    let mut refusals = config.refusals.clone();
    refusals.extend(imports.refusals(&may_declare, &comparison, catalog));
    refusals.extend(undeclared::refusals(&outcomes, config));
    let outcomes: Vec<Outcome> = prevented(outcomes, config);
    refusals.extend(outcomes.iter().filter(|o| o.prevented).map(prevention));
    let outcomes = if refusals.iter().any(leaves_no_plan) {
        outcomes.into_iter().map(refused).collect()
    } else {
        outcomes
    };
    let (mut outcomes, claimed) = in_the_cloud(outcomes);
    let near = nearly(&outcomes, wanted, &claimed, catalog);
    outcomes.sort_by(|a, b| order(a).cmp(&order(b)));
    let outlook = Outlook {
        outcomes,
        coverage: comparison.coverage,
        near,
        unreadable: config.unreadable.clone(),
        refusals,
    };
    (outlook, plans)
}

/// By address, what is deposed behind what is not; what no state knows stays in its order.
fn order(outcome: &Outcome) -> (bool, Option<&Address>, bool) {
    let address = outcome.row.address.as_ref();
    (address.is_none(), address, outcome.row.is_deposed())
}

/// The declared instances as they are planned, one after the other.
struct Estate<'a> {
    comparison: &'a Comparison,
    declarations: &'a Declarations<'a>,
    planned: &'a PlannedValues,
    catalog: &'a Catalog,
    /// Rows of instances by address.
    rows: HashMap<&'a Address, &'a Row>,
    imports: Imports<'a>,
    done: HashMap<Address, Forecast>,
    plans: BTreeMap<Address, Planned>,
    outcomes: Vec<Outcome>,
    /// What is declared and nothing brings.
    wanted: Vec<Wanted>,
}

impl<'a> Estate<'a> {
    fn new(
        comparison: &'a Comparison,
        declarations: &'a Declarations<'a>,
        planned: &'a PlannedValues,
        catalog: &'a Catalog,
    ) -> Self {
        let live = comparison.rows.iter().filter(|row| !row.is_deposed());
        Self {
            comparison,
            declarations,
            planned,
            catalog,
            rows: live
                .filter_map(|row| Some((row.address.as_ref()?, row)))
                .collect(),
            imports: Imports::new(comparison, declarations.config),
            done: HashMap::new(),
            plans: BTreeMap::new(),
            outcomes: Vec::new(),
            wanted: Vec::new(),
        }
    }

    /// Plans one declared instance.
    fn declared(&mut self, address: &Address) {
        // A data source is read, whatever there is of its name among resources.
        let looked = !address.data && self.comparison.coverage.looks_at(&address.rtype);
        let Some(definition) = self.catalog.definition(&address.rtype).filter(|_| looked) else {
            return;
        };
        let Some(declared) = (self.declarations.evaluate)(address) else {
            return;
        };
        let provider = declared.provider.as_deref();
        let beta = provider.is_some_and(|provider| provider.beta);
        let own = self.catalog.flavour(beta).definition(&address.rtype);
        let definition = own.unwrap_or(definition);
        let row = match self.rows.get(address) {
            Some(row) => (*row).clone(),
            None => only_declared(address, &declared, definition, self.catalog),
        };
        let import = match row.verdict {
            Verdict::Declared => {
                self.imports
                    .of(address, row.canonical.as_deref(), self.comparison)
            }
            _ => Import::None,
        };
        if row.verdict == Verdict::Declared && matches!(import, Import::None) {
            self.wanted.push(Wanted {
                address: address.clone(),
                arguments: with_provider(&declared.arguments, provider),
            });
        }
        let unread = row.verdict == Verdict::Unknown && row.live.is_none();
        let assumed = if unread {
            self.planned.get(address)
        } else {
            None
        };
        let prior = match &import {
            Import::Brings(brought) => Some(&*brought.live),
            Import::None | Import::Unknown(_) => row.live.as_deref().or(assumed.as_deref()),
        };
        let declaration = Declaration {
            declared: &declared,
            provider,
        };
        let mut plan = forecast(definition, Some(declaration), prior, row.is_tainted());
        triggered(&mut plan, &declared, &self.done);
        self.planned.set(address, std::mem::take(&mut plan.value));
        let marked = row
            .stored
            .as_ref()
            .map_or(&[][..], |stored| &stored.sensitive);
        let mask = Mask::new(&definition.schema, marked);
        let edited = edited(definition, declaration, &row);
        let outcome = planned_outcome(row, plan.clone(), import, &edited, &mask);
        let changes = outcome.forecast != Forecast::None;
        self.planned.decided(address, changes);
        self.done.insert(address.clone(), outcome.forecast);
        let plan = Planned {
            forecast: outcome.forecast,
            ..plan
        };
        self.plans.insert(address.clone(), plan);
        self.outcomes.push(outcome);
    }
}

impl Declarations<'_> {
    /// Declared instances in the order of their blocks; those of blocks that have none come last.
    pub fn in_order(&self) -> Vec<Address> {
        let place: HashMap<String, usize> = self
            .order
            .iter()
            .enumerate()
            .map(|(at, block)| (bare(block), at))
            .collect();
        let mut out: Vec<Address> = self
            .config
            .resources
            .iter()
            .map(|declared| declared.address.clone())
            .collect();
        out.sort_by_cached_key(|address| place.get(&bare(address)).copied().unwrap_or(usize::MAX));
        out
    }
}

/// An address without any key.
fn bare(address: &Address) -> String {
    address.block().to_string()
}

/// The row of an instance that is in no state.
fn only_declared(
    address: &Address,
    declared: &Declared,
    definition: &Definition,
    catalog: &Catalog,
) -> Row {
    let identity = Value::Map(with_provider(
        &declared.arguments,
        declared.provider.as_deref(),
    ));
    let project = identity.get("project").and_then(Value::as_text);
    let project = project.unwrap_or_default().to_owned();
    let context = Context {
        project: &project,
        ..Context::default()
    };
    let mut ids = definition.import_id.iter();
    let import_id = ids.find_map(|template| template.fill(&identity, &context));
    Row {
        import_id: import_id.unwrap_or_default(),
        canonical: canonical(definition, &identity, &context, catalog),
        project,
        ..Row::empty(address.clone(), Verdict::Declared)
    }
}

/// `replace_triggered_by`: what it names is changed, so this is made anew.
fn triggered(plan: &mut Planned, declared: &Declared, done: &HashMap<Address, Forecast>) {
    let moved = |reference: &String| {
        done.iter().any(|(address, forecast)| {
            let text = address.to_string();
            let named = text == *reference
                || reference
                    .strip_prefix(&text)
                    .is_some_and(|rest| rest.starts_with('.'))
                || bare(address) == *reference;
            named && !matches!(forecast, Forecast::None | Forecast::Unknown)
        })
    };
    if matches!(plan.forecast, Forecast::None | Forecast::Update)
        && declared.lifecycle.replace_triggered_by.iter().any(moved)
    {
        plan.forecast = Forecast::Replace;
    }
}

/// A row with what is planned: who moved, and what tofu would do about each difference.
fn planned_outcome(
    row: Row,
    plan: Planned,
    import: Import,
    edited: &[Path],
    mask: &Mask<'_>,
) -> Outcome {
    let unread = row.verdict == Verdict::Unknown && row.live.is_none();
    let (forecast, why) = match &import {
        Import::Unknown(why) => (Forecast::Unknown, Some(why.clone())),
        Import::None | Import::Brings(_) if unread => {
            let why = row.doubt.as_ref().map(|doubt| doubt.why.clone());
            (Forecast::Unknown, why)
        }
        Import::None | Import::Brings(_) => (plan.forecast, first_unknown(&plan)),
    };
    let mut outcome = Outcome::of(row, forecast, why);
    if let Import::Brings(brought) = import {
        outcome.remark = Some(Remark::Imported(brought.id));
    }
    if !unread {
        outcome.changes = both(&outcome.row.changes, plan.changes, edited, mask);
    }
    outcome
}

/// Why the first change of a plan is not known.
fn first_unknown(plan: &Planned) -> Option<Unknown> {
    let open = plan
        .changes
        .iter()
        .find(|change| change.action == Action::Unknown)?;
    Some(
        super::block::first_unknown(&open.after)
            .cloned()
            .unwrap_or(Unknown::ProviderRule),
    )
}

/// Where configuration is not what state holds: what tofu would change if nobody had touched the cloud.
fn edited(definition: &Definition, declaration: Declaration<'_>, row: &Row) -> Vec<Path> {
    let stored = row.stored.as_ref();
    let Some(attributes) = stored.and_then(|stored| stored.attributes.as_deref()) else {
        return Vec::new();
    };
    let plan = forecast(definition, Some(declaration), Some(attributes), false);
    plan.changes.into_iter().map(|change| change.path).collect()
}

/// What state and cloud differ in, with what tofu would do about it, and behind it what only configuration would change.
fn both(seen: &[Change], planned: Vec<Change>, edited: &[Path], mask: &Mask<'_>) -> Vec<Change> {
    let touches = |a: &Path, b: &Path| a.lies_in(b) || b.lies_in(a);
    let told = |change: &Change| {
        let undone = planned
            .iter()
            .filter(|planned| touches(&planned.path, &change.path));
        let undone = undone.max_by_key(|planned| planned.action);
        let elsewhere = undone.is_some() && edited.iter().any(|path| touches(path, &change.path));
        Change {
            action: undone.map_or(Action::None, |planned| planned.action),
            source: if elsewhere {
                Source::Both
            } else {
                change.source
            },
            ..change.clone()
        }
    };
    let mut all: Vec<Change> = seen.iter().map(told).collect();
    let new = planned.into_iter().filter(|planned| {
        !seen
            .iter()
            .any(|change| touches(&planned.path, &change.path))
    });
    all.extend(new.map(|change| mask.change(change)));
    all
}

/// An object that no state knows. Where it stands among another resource's blocks, configuration says whether it is that
/// resource's.
fn unclaimed(row: Row, comparison: &Comparison, config: &Config) -> Outcome {
    let holder = row.key().and_then(|key| comparison.held.get(&key));
    let (verdict, remark) = match holder {
        Some(holder) if holder.holds(Some(config)) => {
            (Verdict::Owned, Some(holder.remark(Some(config))))
        }
        Some(_) => (Verdict::Unmanaged, None),
        None => (row.verdict, row.remark.clone()),
    };
    let row = Row {
        verdict,
        remark,
        ..row
    };
    Outcome::of(row, Forecast::None, None)
}

/// The outcome of a block of which it is not known which instances it has.
fn unknown_block(block: &UnknownBlock) -> Outcome {
    let row = Row {
        doubt: Some(Doubt::whole(block.why.clone())),
        ..Row::empty(block.address.clone(), Verdict::Unknown)
    };
    Outcome::of(row, Forecast::Unknown, Some(block.why.clone()))
}

/// Says of what would be destroyed whether its block keeps it from that: then tofu refuses the whole plan.
fn prevented(outcomes: Vec<Outcome>, config: &Config) -> Vec<Outcome> {
    let keeps = |outcome: &Outcome| {
        let block = outcome.row.address.as_ref().map(Address::block);
        outcome.forecast.ends_object()
            && !outcome.row.is_deposed()
            && block.is_some_and(|block| config.prevented.contains(&block))
    };
    let mark = |outcome: Outcome| Outcome {
        prevented: keeps(&outcome),
        ..outcome
    };
    outcomes.into_iter().map(mark).collect()
}

fn prevention(outcome: &Outcome) -> Refusal {
    Refusal {
        address: outcome.row.address.clone(),
        what: Refused::PreventDestroy,
        place: None,
    }
}

/// An outcome of which nothing can be forecast, since tofu makes no plan.
fn refused(outcome: Outcome) -> Outcome {
    Outcome {
        forecast: Forecast::Unknown,
        why: Some(Unknown::PlanRefused),
        prevented: false,
        changes: outcome.row.changes.clone(),
        ..outcome
    }
}

/// Says of a declared instance that its object is there already: a create would fail, an import is wanted. Gives with it the
/// keys of those objects.
fn in_the_cloud(outcomes: Vec<Outcome>) -> (Vec<Outcome>, HashSet<ObjectKey>) {
    let there: HashMap<ObjectKey, String> = (outcomes.iter())
        .filter(|outcome| outcome.row.address.is_none())
        .filter_map(|outcome| Some((outcome.row.key()?, outcome.row.import_id.clone())))
        .collect();
    let mut claimed = HashSet::new();
    let mut tell = |mut outcome: Outcome| {
        let key = outcome
            .row
            .key()
            .filter(|_| outcome.row.verdict == Verdict::Declared);
        if let Some((key, id)) = key.and_then(|key| there.get_key_value(&key)) {
            claimed.insert(key.clone());
            outcome.remark = outcome
                .remark
                .or_else(|| Some(Remark::InTheCloud(id.clone())));
        }
        outcome
    };
    (outcomes.into_iter().map(&mut tell).collect(), claimed)
}

/// The near misses of what is declared and stands for no object, among the objects that nothing stands for.
fn nearly(
    outcomes: &[Outcome],
    mut wanted: Vec<Wanted>,
    claimed: &HashSet<ObjectKey>,
    catalog: &Catalog,
) -> BTreeMap<Address, Vec<NearMiss>> {
    let stands = |row: &Row| row.key().is_some_and(|key| claimed.contains(&key));
    let rows = || outcomes.iter().map(|outcome| &outcome.row);
    let found: HashSet<&Address> = rows()
        .filter(|row| stands(row))
        .filter_map(|row| row.address.as_ref())
        .collect();
    wanted.retain(|wanted| !found.contains(&wanted.address));
    let free = rows().filter(|row| row.verdict == Verdict::Unmanaged && !stands(row));
    let offered: Vec<Offered<'_>> = free
        .filter_map(|row| {
            Some(Offered {
                rtype: &row.rtype,
                import_id: &row.import_id,
                attributes: row.live.as_ref()?.as_map()?,
            })
        })
        .collect();
    near_misses(wanted, &offered, catalog)
}
