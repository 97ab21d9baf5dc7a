//! Every declared instance, each after what it depends on: what tofu plans for one is what the next one refers to.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::instance::{Declaration, Planned, forecast};
use super::near::{Offered, Wanted, near_misses};
use crate::catalog::{Catalog, Context, Definition};
use crate::compare::{Action, Change, Comparison, Forecast, Mode, NearMiss, Row, Source, Verdict};
use crate::model::{Address, Config, Declared, ProviderConfig, RawAttributes, Value};
use crate::normalize::canonical;

/// What has been planned so far, by address: the values that references see.
#[derive(Debug, Default)]
pub struct PlannedValues(RefCell<HashMap<Address, Held>>);

#[derive(Debug)]
enum Held {
    Known(Arc<Value>),
    /// Still text: most of what state has is never referred to.
    Stored(RawAttributes),
}

impl PlannedValues {
    /// The planned object of an instance.
    pub fn get(&self, address: &Address) -> Option<Arc<Value>> {
        let mut all = self.0.borrow_mut();
        let held = all.get_mut(address)?;
        if let Held::Stored(raw) = held {
            *held = Held::Known(Arc::new(raw.value()));
        }
        if let Held::Known(value) = held {
            Some(Arc::clone(value))
        } else {
            None
        }
    }

    /// Remembers a planned object.
    pub fn set(&self, address: &Address, value: impl Into<Arc<Value>>) {
        self.0
            .borrow_mut()
            .insert(address.clone(), Held::Known(value.into()));
    }

    /// Remembers an instance as state has it.
    pub fn stored(&self, address: &Address, attributes: &RawAttributes) {
        self.0
            .borrow_mut()
            .insert(address.clone(), Held::Stored(attributes.clone()));
    }

    /// Forgets what was planned of an instance.
    pub fn forget(&self, address: &Address) {
        self.0.borrow_mut().remove(address);
    }
}

/// Configuration, as a forecast asks for it.
pub struct Declarations<'a> {
    /// Which instances there are, evaluated over what is there now.
    pub config: &'a Config,
    /// Blocks, each after those it depends on, without keys.
    pub order: &'a [Address],
    /// One instance, evaluated over what has been planned so far.
    pub evaluate: &'a dyn Fn(&Address) -> Option<Declared>,
}

/// Settles the forecast of every row of a comparison by configuration, and adds rows for what is only declared.
///
/// The comparison must keep what a refresh would store ([`crate::compare::Inputs::keep`]). What state has must be in `planned`
/// already: that is what an instance is taken to be which could not be read, or was not asked for.
///
/// Gives what is planned for each declared instance: what differs between cloud and configuration, whatever state says.
pub fn settle(
    comparison: &mut Comparison,
    declarations: &Declarations<'_>,
    planned: &PlannedValues,
    catalog: &Catalog,
) -> BTreeMap<Address, Planned> {
    let mut plans = BTreeMap::new();
    let mut rows: HashMap<Address, usize> = comparison
        .rows
        .iter()
        .enumerate()
        .filter_map(|(at, row)| Some((row.address.clone()?, at)))
        .collect();
    let mut done: HashMap<Address, Forecast> = HashMap::new();
    let mut wanted: Vec<Wanted> = Vec::new();
    let pending = Pending::new(comparison, declarations.config);
    for address in declarations.in_order() {
        let Some(definition) = catalog
            .definition(&address.rtype)
            .filter(|_| comparison.looks_at(&address.rtype))
        else {
            continue;
        };
        let Some(declared) = (declarations.evaluate)(&address) else {
            continue;
        };
        let at = *rows.entry(address.clone()).or_insert_with(|| {
            comparison
                .rows
                .push(only_declared(&address, &declared, definition, catalog));
            comparison.rows.len() - 1
        });
        let imported = pending.object(&address, &comparison.rows[at], comparison);
        let row = &mut comparison.rows[at];
        let provider = declared.provider.as_deref();
        if let Some((id, _)) = &imported {
            row.reason = format!("an import block takes over {id}");
        } else if row.verdict == Verdict::Declared {
            wanted.push(Wanted {
                address: address.clone(),
                arguments: with_provider(&declared.arguments, provider),
            });
        }
        let declaration = Declaration {
            declared: &declared,
            provider,
        };
        let assumed = if row.verdict == Verdict::Unknown && row.live.is_none() {
            planned.get(&address)
        } else {
            None
        };
        let prior = row
            .live
            .as_deref()
            .or(assumed.as_deref())
            .or(imported.as_ref().map(|(_, live)| live.as_ref()));
        let mut plan = forecast(definition, Some(declaration), prior, row.tainted);
        triggered(&mut plan, &declared, &done);
        planned.set(&address, std::mem::take(&mut plan.value));
        settled(row, plan.clone());
        plans.insert(
            address.clone(),
            Planned {
                forecast: row.forecast,
                ..plan
            },
        );
        done.insert(address, row.forecast);
    }
    undeclared(comparison, declarations, &done);
    held(comparison, declarations.config);
    prevented(comparison, declarations.config);
    let claimed = in_the_cloud(comparison);
    comparison.near = nearly(comparison, wanted, &claimed, catalog);
    comparison
        .rows
        .sort_by(|a, b| (a.address.is_none(), &a.address).cmp(&(b.address.is_none(), &b.address)));
    plans
}

/// Imports that configuration asks for already.
struct Pending {
    /// Ids by address; none where one cannot be known.
    imports: HashMap<Address, Option<String>>,
    /// Rows of objects that no state knows, by type and import id or canonical name.
    objects: HashMap<(String, String), usize>,
}

impl Pending {
    fn new(comparison: &Comparison, config: &Config) -> Self {
        let imports: HashMap<Address, Option<String>> = config
            .imports
            .iter()
            .map(|import| (import.to.clone(), import.id.clone()))
            .collect();
        let mut objects = HashMap::new();
        let free = comparison
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.address.is_none() && !imports.is_empty());
        for (at, row) in free {
            for name in [Some(&row.import_id), row.canonical.as_ref()]
                .into_iter()
                .flatten()
            {
                objects.insert((row.rtype.clone(), name.clone()), at);
            }
        }
        Self { imports, objects }
    }

    /// What an import block brings to an instance that is only declared: the id, and what an import leaves.
    fn object(
        &self,
        address: &Address,
        row: &Row,
        comparison: &Comparison,
    ) -> Option<(String, Arc<Value>)> {
        let id = self
            .imports
            .get(address)
            .filter(|_| row.verdict == Verdict::Declared)?;
        let named = |name: &String| self.objects.get(&(row.rtype.clone(), name.clone()));
        let object = &comparison.rows[*id
            .as_ref()
            .and_then(named)
            .or_else(|| row.canonical.as_ref().and_then(named))?];
        Some((object.import_id.clone(), object.live.clone()?))
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
    let project = identity
        .get("project")
        .and_then(Value::as_text)
        .unwrap_or_default()
        .to_owned();
    let context = Context {
        project: &project,
        ..Context::default()
    };
    let import_id = definition
        .import_id
        .iter()
        .find_map(|template| template.fill(&identity, &context));
    Row {
        address: Some(address.clone()),
        state: None,
        rtype: definition.rtype.clone(),
        import_id: import_id.unwrap_or_default(),
        canonical: canonical(definition, &identity, &context, catalog),
        project,
        verdict: Verdict::Declared,
        forecast: Forecast::Create,
        changes: Vec::new(),
        reason: String::new(),
        why: None,
        live: None,
        tainted: false,
        prevented: false,
    }
}

/// Arguments with what the provider's configuration adds for identity.
pub fn with_provider(
    arguments: &BTreeMap<String, Value>,
    provider: Option<&ProviderConfig>,
) -> BTreeMap<String, Value> {
    let mut out = arguments.clone();
    let Some(provider) = provider else { return out };
    let location = provider.region.as_ref().or(provider.zone.as_ref());
    let said = [
        ("project", provider.project.as_ref()),
        ("region", provider.region.as_ref()),
        ("zone", provider.zone.as_ref()),
        ("location", location),
    ];
    for (name, value) in said {
        if let Some(value) = value
            && out.get(name).is_none_or(|value| *value == Value::Null)
        {
            out.insert(name.to_owned(), Value::text(value));
        }
    }
    out
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
fn settled(row: &mut Row, plan: Planned) {
    if row.verdict == Verdict::Unknown && row.live.is_none() {
        row.forecast = Forecast::Unknown;
        return;
    }
    row.forecast = plan.forecast;
    let touches = |a: &Change, b: &Change| {
        let (a, b) = (a.path.to_string(), b.path.to_string());
        a == b || beneath(&a, &b) || beneath(&b, &a)
    };
    for change in &mut row.changes {
        let undone = plan
            .changes
            .iter()
            .filter(|planned| touches(planned, change))
            .map(|planned| (planned.action, planned))
            .max_by_key(|(action, _)| *action);
        change.action = undone.as_ref().map_or(Action::None, |(action, _)| *action);
        let elsewhere = undone.is_some_and(|(_, planned)| {
            planned.path == change.path && !planned.after.same(&change.before)
        });
        if elsewhere {
            change.source = Source::Both;
        }
    }
    let new = plan
        .changes
        .into_iter()
        .filter(|planned| !row.changes.iter().any(|change| touches(planned, change)));
    let new: Vec<Change> = new.collect();
    row.changes.extend(new);
}

/// Whether a path lies below another.
fn beneath(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.starts_with(['.', '[']))
}

/// Objects among another resource's blocks: configuration says whether they are that resource's.
fn held(comparison: &mut Comparison, config: &Config) {
    let held = &comparison.held;
    for row in comparison
        .rows
        .iter_mut()
        .filter(|row| row.address.is_none())
    {
        let name = row
            .canonical
            .as_ref()
            .map(|id| (row.rtype.clone(), id.clone()));
        let Some(holder) = name.and_then(|name| held.get(&name)) else {
            continue;
        };
        (row.verdict, row.reason) = match holder.holds(Some(config)) {
            true => (Verdict::Owned, holder.reason(Some(config))),
            false => (Verdict::Unmanaged, String::new()),
        };
    }
}

/// Instances that state has and configuration does not.
fn undeclared(
    comparison: &mut Comparison,
    declarations: &Declarations<'_>,
    done: &HashMap<Address, Forecast>,
) {
    let open: Vec<String> = declarations
        .config
        .unknown_blocks
        .iter()
        .map(|unknown| bare(&unknown.address))
        .collect();
    for row in comparison.rows.iter_mut().filter(|row| row.state.is_some()) {
        let Some(address) = row
            .address
            .as_ref()
            .filter(|address| !done.contains_key(*address))
        else {
            continue;
        };
        let removed = declarations
            .config
            .removed
            .iter()
            .find(|removed| removed.removes(address));
        let removed = removed.filter(|_| row.verdict != Verdict::Missing);
        if let Some(removed) = removed {
            let what = if removed.destroy {
                "destroy it"
            } else {
                "forget it and leave it in the cloud"
            };
            row.reason = format!("a removed block: tofu would {what}");
        }
        row.forecast = match row.verdict {
            _ if removed.is_some_and(|removed| !removed.destroy) => Forecast::None,
            _ if open.contains(&bare(address)) => Forecast::Unknown,
            Verdict::Missing => Forecast::None,
            Verdict::Unknown => Forecast::Unknown,
            _ => Forecast::Delete,
        };
        for change in row
            .changes
            .iter_mut()
            .filter(|change| change.mode == Mode::Argument)
        {
            change.action = Action::None;
        }
    }
}

/// Says of what would be destroyed whether its block keeps it from that: then tofu refuses the whole plan.
fn prevented(comparison: &mut Comparison, config: &Config) {
    for row in &mut comparison.rows {
        let destroyed = matches!(row.forecast, Forecast::Replace | Forecast::Delete);
        row.prevented = destroyed
            && row
                .address
                .as_ref()
                .is_some_and(|address| config.prevented.contains(&address.block()));
    }
}

/// Says of a declared instance that its object is there already: a create would fail, an import is wanted. Gives type and canonical name of those objects.
fn in_the_cloud(comparison: &mut Comparison) -> HashSet<String> {
    let there: HashMap<String, String> = (comparison.rows.iter())
        .filter(|row| row.address.is_none())
        .filter_map(|row| {
            Some((
                format!("{} {}", row.rtype, row.canonical.as_ref()?),
                row.import_id.clone(),
            ))
        })
        .collect();
    let mut claimed = HashSet::new();
    for row in comparison
        .rows
        .iter_mut()
        .filter(|row| row.verdict == Verdict::Declared)
    {
        let key = row
            .canonical
            .as_ref()
            .map(|id| format!("{} {id}", row.rtype));
        if let Some((key, id)) = key.and_then(|key| there.get_key_value(&key)) {
            if row.reason.is_empty() {
                row.reason = format!("it is in the cloud: import it as {id}");
            }
            claimed.insert(key.clone());
        }
    }
    claimed
}

/// The near misses of what is declared and stands for no object, among the objects that nothing stands for.
fn nearly(
    comparison: &Comparison,
    mut wanted: Vec<Wanted>,
    claimed: &HashSet<String>,
    catalog: &Catalog,
) -> BTreeMap<Address, Vec<NearMiss>> {
    let stands = |row: &Row| {
        row.canonical
            .as_ref()
            .is_some_and(|id| claimed.contains(&format!("{} {id}", row.rtype)))
    };
    let found: HashSet<&Address> = comparison
        .rows
        .iter()
        .filter(|row| stands(row))
        .filter_map(|row| row.address.as_ref())
        .collect();
    wanted.retain(|wanted| !found.contains(&wanted.address));
    let free = comparison
        .rows
        .iter()
        .filter(|row| row.verdict == Verdict::Unmanaged && !stands(row));
    let offered: Vec<Offered<'_>> = free
        .filter_map(|row| {
            let attributes = row.live.as_ref()?.as_map()?;
            Some(Offered {
                rtype: &row.rtype,
                import_id: &row.import_id,
                attributes,
            })
        })
        .collect();
    near_misses(wanted, &offered, catalog)
}
