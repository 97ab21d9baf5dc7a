//! What tofu would do with what was compared, as configuration says it.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Around, Reading};
use crate::compare::{Comparison, masked};
use crate::forecast::{self, Declarations, Outlook, Planned, PlannedValues};
use crate::model::{Address, Config, Note, Place, State, Value};
use crate::plan::{self, Configured, ImportPlan, Pass, PlanInputs};
use crate::suggest::{Finding, Findings};
use crate::tofu::config::Workspace;

/// What tofu would do.
#[derive(Debug)]
pub struct Settled {
    /// Row by row.
    pub outlook: Outlook,
    /// What is planned for each declared instance.
    pub findings: Findings,
    /// What was wrong with the configuration.
    pub notes: Vec<Note>,
}

/// What tofu would do: as configuration says, or where none is given, as far as state tells.
pub fn settle(comparison: Comparison, reading: &Reading, around: &Around<'_>) -> Settled {
    match &reading.workspace {
        Some(workspace) => configured_by(workspace, comparison, &reading.states, around),
        None => Settled {
            outlook: forecast::by_state(comparison, around.catalog),
            findings: Findings::new(),
            notes: Vec::new(),
        },
    }
}

/// What references see where nothing is there yet: every declared instance as a create plans it, with everything out of sight
/// that may not be shown.
pub fn as_created(workspace: &Workspace, around: &Around<'_>) -> PlannedValues {
    created(workspace, around).1
}

/// The same, with the configuration.
pub(super) fn created(workspace: &Workspace, around: &Around<'_>) -> (Arc<Config>, PlannedValues) {
    let Over {
        config, planned, ..
    } = over(workspace, Comparison::default(), &[], around);
    for declared in &config.resources {
        let address = &declared.address;
        let definition = around.catalog.definition(&address.rtype);
        let value = planned.get(address);
        if let (Some(definition), Some(Value::Map(members))) = (definition, value.as_deref()) {
            let hidden = |(name, value): (&String, &Value)| {
                (name.clone(), masked(&definition.schema, name, value))
            };
            planned.set(address, Value::Map(members.iter().map(hidden).collect()));
        }
    }
    (config, planned)
}

/// What was planned of a configuration, in its own order.
struct Over {
    outlook: Outlook,
    plans: BTreeMap<Address, Planned>,
    /// As it is evaluated over what is planned.
    config: Arc<Config>,
    /// What references see in the end.
    planned: PlannedValues,
}

/// Plans every declared instance over what was compared.
fn over(
    workspace: &Workspace,
    comparison: Comparison,
    states: &[State],
    around: &Around<'_>,
) -> Over {
    let catalog = around.catalog;
    let there = PlannedValues::default();
    let planned = PlannedValues::default();
    for instance in states
        .iter()
        .flat_map(|state| &state.instances)
        .filter(|instance| instance.deposed.is_none())
        .filter(|instance| catalog.definition(&instance.address.rtype).is_some())
    {
        planned.stored(&instance.address, &instance.attributes);
        there.stored(&instance.address, &instance.attributes);
    }
    for row in comparison.rows.iter().filter(|row| !row.is_deposed()) {
        if let (Some(address), Some(live)) = (&row.address, &row.live) {
            there.set(address, Arc::clone(live));
        }
    }
    let (outlook, plans, config) = {
        let now = around.known(&there);
        let config = workspace.config(&now);
        let later = around.known(&planned);
        let session = workspace.session(&later);
        let order = workspace.order();
        let evaluate = |address: &Address| session.declared(address);
        let instances = |block: &Address| session.instances(block);
        let last = OnceCell::new();
        let whole = || Arc::clone(last.get_or_init(|| Arc::new(session.config())));
        let declarations = Declarations {
            config: &config,
            order: &order,
            evaluate: &evaluate,
            instances: &instances,
            planned: &whole,
        };
        let (outlook, plans) = forecast::settle(comparison, &declarations, &planned, catalog);
        (outlook, plans, whole())
    };
    Over {
        outlook,
        plans,
        config,
        planned,
    }
}

/// The same with one configuration, which may be an edited one.
pub fn configured_by(
    workspace: &Workspace,
    comparison: Comparison,
    states: &[State],
    around: &Around<'_>,
) -> Settled {
    let Over {
        outlook,
        plans,
        config,
        ..
    } = over(workspace, comparison, states, around);
    let mut findings = Findings::new();
    let places: BTreeMap<&Address, &Place> = config
        .resources
        .iter()
        .map(|r| (&r.address, &r.place))
        .collect();
    let rows = outlook.outcomes.iter().map(|outcome| &outcome.row);
    let live: BTreeMap<&Address, &Value> = rows
        .filter(|row| !row.is_deposed())
        .filter_map(|row| Some((row.address.as_ref()?, row.live.as_deref()?)))
        .collect();
    for (address, plan) in plans {
        let finding = Finding {
            place: places
                .get(&address)
                .map(|place| (*place).clone())
                .unwrap_or_default(),
            forecast: plan.forecast,
            changes: plan.changes,
            live: live
                .get(&address)
                .map(|value| (*value).clone())
                .unwrap_or_default(),
            imported: false,
            asked: true,
            declared: None,
            address: address.clone(),
        };
        findings.insert(address, finding);
    }
    unforecast(&mut findings, &config);
    Settled {
        outlook,
        findings,
        notes: config.notes.clone(),
    }
}

/// Plans imports into a configuration: what it declares is matched with what is there, and planned in its order. Gives with it
/// what is wrong with the configuration.
pub fn plan_into(
    workspace: &Workspace,
    inputs: &PlanInputs<'_>,
    around: &Around<'_>,
) -> (ImportPlan, Vec<Note>) {
    let (plan, config) = configured(workspace, inputs, around, plan::plan);
    (plan, config.notes)
}

/// What tofu would do with every declared instance that is there, once what can be imported is. Gives with it what is wrong with
/// the configuration.
pub fn adopted(
    workspace: &Workspace,
    inputs: &PlanInputs<'_>,
    around: &Around<'_>,
) -> (Findings, Vec<Note>) {
    let (all, config) = configured(workspace, inputs, around, plan::declared);
    let finding = |found: plan::Adopted| {
        let finding = Finding {
            address: found.address.clone(),
            place: found.place,
            forecast: found.planned.forecast,
            changes: found.planned.changes,
            live: found.live,
            imported: found.imported,
            asked: found.imported,
            declared: None,
        };
        (found.address, finding)
    };
    let mut findings = all.into_iter().map(finding).collect();
    unforecast(&mut findings, &config);
    (findings, config.notes)
}

/// What is declared and not forecast counts too: no edit may change it.
fn unforecast(findings: &mut Findings, config: &Config) {
    for declared in &config.resources {
        findings
            .entry(declared.address.clone())
            .or_insert_with(|| Finding::unforecast(declared));
    }
}

/// Asks something of a configuration over what is there.
fn configured<T>(
    workspace: &Workspace,
    inputs: &PlanInputs<'_>,
    around: &Around<'_>,
    ask: impl FnOnce(&PlanInputs<'_>) -> T,
) -> (T, Config) {
    let (there, planned) = (PlannedValues::default(), PlannedValues::default());
    let (now, later) = (around.known(&there), around.known(&planned));
    for row in inputs
        .comparison
        .rows
        .iter()
        .filter(|row| !row.is_deposed())
    {
        if let (Some(address), Some(live)) = (&row.address, &row.live) {
            there.set(address, Arc::clone(live));
        }
    }
    let config = workspace.config(&now);
    let session = workspace.session(&later);
    let order = workspace.order();
    let evaluate = |address: &Address| session.declared(address);
    let instances = |block: &Address| session.instances(block);
    let last = OnceCell::new();
    let whole = || Arc::clone(last.get_or_init(|| Arc::new(session.config())));
    let declarations = Declarations {
        config: &config,
        order: &order,
        evaluate: &evaluate,
        instances: &instances,
        planned: &whole,
    };
    let identify = |pass: &mut Pass<'_>| {
        let session = workspace.session(&now);
        pass(&|address| session.declared(address));
    };
    let configured = Configured {
        declarations: &declarations,
        planned: &planned,
        identify: &identify,
        there: &there,
    };
    let answer = ask(&PlanInputs {
        config: Some(configured),
        ..*inputs
    });
    (answer, config)
}
