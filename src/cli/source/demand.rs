//! What data sources of a configuration ask for, read until they ask for nothing more.

use std::collections::{BTreeMap, BTreeSet};

use super::Cloud;
use crate::catalog::Catalog;
use crate::cli::args::{CloudArgs, TofuArgs};
use crate::cli::error::CommandError;
use crate::cli::network::Network;
use crate::cli::terminal;
use crate::collect;
use crate::model::{
    Capture, Demand, Gap, GapReason, Note, Secret, Severity, State, Unknown, Value,
};
use crate::pipeline::{self, Around, Observed, Reading, RemoteStates};
use crate::snapshot::{self, Removal};
use crate::tofu;
use crate::tofu::root::Environment;

/// How deep data sources may lie one behind the other.
pub const ROUNDS: usize = 16;

/// The cloud with what data sources asked for.
pub struct Answered {
    /// What is in the cloud.
    pub observed: Observed,
    /// Other roots' states.
    pub remote: RemoteStates,
    /// Where the cloud side came from.
    pub source: String,
    /// What was taken out because it is secret.
    pub removals: Vec<Removal>,
}

/// Reads what the data sources of a configuration ask for: evaluated, read, evaluated again, until nothing new is asked. Nothing
/// is asked of the network where the cloud side is a snapshot: what that does not hold is a gap.
///
/// # Errors
/// If nothing can be asked at all.
pub fn answered(
    args: &CloudArgs,
    tofu: &TofuArgs,
    cloud: Cloud,
    reading: &Reading,
    catalog: &Catalog,
) -> Result<Answered, CommandError> {
    let ask = |around: &Around<'_>| pipeline::ask(reading, around);
    let has = |workspace: &tofu::config::Workspace| workspace.has_data();
    let rounds = if reading.workspace.as_ref().is_some_and(has) {
        ROUNDS
    } else {
        0
    };
    answering(args, tofu, cloud, reading, catalog, rounds, &ask)
}

/// The same for whatever asks.
///
/// # Errors
/// As [`answered`].
pub fn answering(
    args: &CloudArgs,
    tofu: &TofuArgs,
    cloud: Cloud,
    reading: &Reading,
    catalog: &Catalog,
    rounds: usize,
    ask: &dyn Fn(&Around<'_>),
) -> Result<Answered, CommandError> {
    let mut out = Answered {
        observed: pipeline::observe(cloud.capture, catalog),
        remote: RemoteStates::default(),
        source: cloud.source,
        removals: cloud.removals,
    };
    for _ in 0..rounds {
        let demands = {
            let around = Around::new(&out.observed, reading, &out.remote, catalog);
            ask(&around);
            around.demands()
        };
        let wanted = out.remote.wanted();
        if demands.is_empty() && wanted.is_empty() {
            break;
        }
        if !demands.is_empty() {
            let mut more = if args.snapshot.is_some() || args.demo {
                not_captured(&demands)
            } else {
                read(args, &demands, catalog)?
            };
            out.removals.extend(snapshot::redact(&mut more, catalog));
            out.observed.add(more);
        }
        for arguments in wanted {
            let value = remote(args, tofu, &arguments, catalog)?;
            out.remote.add(&arguments, value);
        }
    }
    Ok(out)
}

fn read(
    args: &CloudArgs,
    demands: &BTreeSet<Demand>,
    catalog: &Catalog,
) -> Result<Capture, CommandError> {
    let settings = super::settings(&args.live, catalog);
    let reading = collect::demanded(catalog, &settings, demands);
    super::runtime()?
        .block_on(reading)
        .map_err(CommandError::new)
}

fn not_captured(demands: &BTreeSet<Demand>) -> Capture {
    let gap = |demand: &Demand| Gap {
        listing: demand.listing.clone(),
        scope: demand.scope(),
        reason: GapReason::NotCaptured,
        detail: format!("the snapshot holds no answer of {}", demand.path),
        fix: "take one with the configuration: driftline scan --config DIR".to_owned(),
    };
    Capture {
        gaps: demands.iter().map(gap).collect(),
        ..Capture::default()
    }
}

/// The attributes of a remote state.
fn remote(
    args: &CloudArgs,
    tofu: &TofuArgs,
    arguments: &BTreeMap<String, Value>,
    catalog: &Catalog,
) -> Result<Value, CommandError> {
    let network = Network::new(super::settings(&args.live, catalog), tofu.allow_kms_decrypt);
    let environment = Environment::of_process().map_err(super::no_folder)?;
    let asked = super::asked(tofu, Vec::new());
    let reading = tofu::backend::remote(arguments, &asked, &environment, &network, &network);
    let value = match super::runtime()?.block_on(reading) {
        Ok(Some(state)) => attributes(arguments, &state),
        Ok(None) => {
            terminal::notes(&[note("a remote state is not there yet".to_owned(), "")]);
            Value::Unknown(Unknown::StateUnreadable)
        }
        Err(error) => {
            terminal::notes(&[note(error.to_string(), &error.hint)]);
            Value::Unknown(Unknown::StateUnreadable)
        }
    };
    Ok(value)
}

fn note(message: String, hint: &str) -> Note {
    Note {
        severity: Severity::Warning,
        message,
        place: None,
        hint: hint.to_owned(),
    }
}

/// `outputs` over `defaults`, those that are sensitive out of sight.
fn attributes(arguments: &BTreeMap<String, Value>, state: &State) -> Value {
    let defaults = arguments.get("defaults").and_then(Value::as_map);
    let mut outputs = defaults.cloned().unwrap_or_default();
    for output in &state.outputs {
        let value = output
            .value
            .value()
            .unwrap_or(Value::Unknown(Unknown::StateUnreadable));
        let value = if output.sensitive {
            Value::Secret(Secret::new(&value))
        } else {
            value
        };
        outputs.insert(output.name.clone(), value);
    }
    let mut all = arguments.clone();
    all.insert("outputs".to_owned(), Value::Map(outputs));
    Value::Map(all)
}
