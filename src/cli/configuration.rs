//! The configuration at hand, and what it makes of a comparison.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::args::TofuArgs;
use super::error::CommandError;
use super::terminal;
use crate::catalog::Catalog;
use crate::compare::{self, Comparison, Row};
use crate::forecast::{self, Declarations, PlannedValues};
use crate::model::{Address, Config, Note, Place, State, Value};
use crate::plan::{self, Configured, ImportPlan, Pass, PlanInputs};
use crate::suggest::{Finding, Findings, Texts};
use crate::tofu;
use crate::tofu::config::{Argument, Inputs, ResourceValues, Workspace};

/// Reads the configuration that was named.
///
/// # Errors
/// If the folder holds none.
pub fn workspace(folder: &Path, args: &TofuArgs) -> Result<Workspace, CommandError> {
    edited(folder, args, Texts::new())
}

/// Reads it as if some files held other texts.
///
/// # Errors
/// If the folder holds none.
pub fn edited(folder: &Path, args: &TofuArgs, texts: Texts) -> Result<Workspace, CommandError> {
    let mut inputs = Inputs {
        texts,
        ..Inputs::from_environment(folder)
    };
    for var in &args.vars {
        let (name, value) = var.split_once('=').ok_or_else(|| {
            CommandError::new("a value of `--var` is not NAME=VALUE")
                .hint("write --var 'region=europe-west4'")
        })?;
        inputs
            .arguments
            .push(Argument::Value(name.to_owned(), value.to_owned()));
    }
    inputs
        .arguments
        .extend(args.var_files.iter().cloned().map(Argument::File));
    if let Some(name) = &args.workspace {
        inputs.workspace = name.clone();
    }
    Workspace::load(folder, &inputs).map_err(|note| CommandError::new(note.message).hint(note.hint))
}

/// What references see: what is planned, else what is there.
struct Values<'a>(&'a PlannedValues);

impl ResourceValues for Values<'_> {
    fn resource(&self, address: &Address) -> Option<Arc<Value>> {
        self.0.get(address)
    }
}

/// Moves what states have to where `moved` blocks say it is now. Gives the old addresses by the new.
pub fn moved(workspace: Option<&Workspace>, states: &mut [State]) -> BTreeMap<Address, Address> {
    workspace.map_or_else(BTreeMap::new, |workspace| {
        tofu::config::moved(workspace, states)
    })
}

/// Says of rows where state still has them.
pub fn tell_moved(comparison: &mut Comparison, moved: &BTreeMap<Address, Address>) {
    let was = |row: &Row| {
        row.address
            .as_ref()
            .and_then(|address| moved.get(address))
            .cloned()
    };
    for row in comparison
        .rows
        .iter_mut()
        .filter(|row| row.reason.is_empty())
    {
        if let Some(from) = was(row) {
            row.reason = format!("moved from {from}");
        }
    }
}

/// What a configuration makes of a comparison.
pub struct Settled {
    /// What is planned for each declared instance.
    pub findings: Findings,
    /// What was wrong with the configuration.
    pub notes: Vec<Note>,
}

/// Settles a comparison's forecasts by a configuration.
pub fn settle(
    workspace: &Workspace,
    comparison: &mut Comparison,
    states: &[State],
    catalog: &Catalog,
) -> Settled {
    let there = PlannedValues::default();
    let planned = PlannedValues::default();
    for instance in states
        .iter()
        .flat_map(|state| &state.instances)
        .filter(|instance| instance.deposed.is_none())
    {
        planned.stored(&instance.address, &instance.attributes);
        there.stored(&instance.address, &instance.attributes);
    }
    for row in &comparison.rows {
        if let (Some(address), Some(live)) = (&row.address, &row.live) {
            there.set(address, Arc::clone(live));
        }
    }
    let now = Values(&there);
    let config = workspace.config(&now);
    let later = Values(&planned);
    let session = workspace.session(&later);
    let order = workspace.order();
    let evaluate = |address: &Address| session.declared(address);
    let declarations = Declarations {
        config: &config,
        order: &order,
        evaluate: &evaluate,
    };
    let plans = forecast::settle(comparison, &declarations, &planned, catalog);
    let mut findings = Findings::new();
    let places: BTreeMap<&Address, &Place> = config
        .resources
        .iter()
        .map(|r| (&r.address, &r.place))
        .collect();
    let live: BTreeMap<&Address, &Value> = comparison
        .rows
        .iter()
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
    compare::hide(comparison, states, catalog);
    Settled {
        findings,
        notes: config.notes,
    }
}

/// Plans imports into a configuration: what it declares is matched with what is there, and planned in its order.
pub fn plan_into(workspace: &Workspace, inputs: &PlanInputs<'_>) -> ImportPlan {
    let (plan, config) = configured(workspace, inputs, plan::plan);
    terminal::notes(&config.notes);
    plan
}

/// What tofu would do of every declared instance that is there, once what can be imported is.
pub fn adopted(workspace: &Workspace, inputs: &PlanInputs<'_>) -> Settled {
    let (all, config) = configured(workspace, inputs, plan::declared);
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
    Settled {
        findings,
        notes: config.notes,
    }
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
    ask: impl FnOnce(&PlanInputs<'_>) -> T,
) -> (T, Config) {
    let (there, planned) = (PlannedValues::default(), PlannedValues::default());
    let (now, later) = (Values(&there), Values(&planned));
    for row in &inputs.comparison.rows {
        if let (Some(address), Some(live)) = (&row.address, &row.live) {
            there.set(address, Arc::clone(live));
        }
    }
    let config = workspace.config(&now);
    let session = workspace.session(&later);
    let order = workspace.order();
    let evaluate = |address: &Address| session.declared(address);
    let declarations = Declarations {
        config: &config,
        order: &order,
        evaluate: &evaluate,
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
