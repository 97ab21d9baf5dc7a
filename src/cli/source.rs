//! Where the cloud side and the states come from.

mod backends;
mod demand;
mod scope;
mod versions;

pub use demand::{Answered, ROUNDS, answered, answering};
pub use scope::configured;
pub use versions::told;

use std::collections::BTreeSet;
use std::time::Duration;

use super::args::{CloudArgs, LiveArgs, TofuArgs};
use super::error::CommandError;
use super::network::Network;
use super::terminal::{self, Progress};
use super::{definitions, demo};
use crate::catalog::Catalog;
use crate::collect::{self, Check, Session, Settings, Status};
use crate::compare;
use crate::model::{Capture, Doubts, GapReason, State};
use crate::normalize::normalize;
use crate::snapshot::{self, Removal};
use crate::tofu;
use crate::tofu::backend::StateArgs;
use crate::tofu::root::{Environment, Inputs};

/// A capture, and where it came from in a word for the report.
#[derive(Default)]
pub struct Cloud {
    /// What was seen.
    pub capture: Capture,
    /// `live`, `demo`, or the snapshot's folder.
    pub source: String,
    /// What was taken out because it is secret.
    pub removals: Vec<Removal>,
}

/// Reads the states that were asked for, or that of the configuration at hand.
///
/// # Errors
/// The first that cannot be found, read or opened, with what to do.
pub fn states(
    args: &TofuArgs,
    cloud: &CloudArgs,
    catalog: &Catalog,
) -> Result<Vec<State>, CommandError> {
    if cloud.demo && args.states.is_empty() && args.config.is_none() {
        return Ok(vec![demo::state()?]);
    }
    let asked = asked(args, args.states.clone());
    let network = Network::new(settings(&cloud.live, catalog), args.allow_kms_decrypt);
    let environment = Environment::of_process().map_err(no_folder)?;
    let resolving = tofu::backend::resolve(&asked, &environment, &network, &network);
    let found = runtime()?.block_on(resolving).map_err(CommandError::new)?;
    terminal::notes(&found.notes);
    Ok(found.states)
}

/// The error of a process whose folder is gone.
fn no_folder(error: std::io::Error) -> CommandError {
    CommandError::new(format!(
        "the current folder cannot be told: {error}; change into one that is there"
    ))
}

/// What is asked of the readers of state.
pub(super) fn asked(args: &TofuArgs, state: Vec<String>) -> StateArgs {
    StateArgs {
        state,
        config: args.config.clone(),
        backend_config: args.backend_config.clone(),
        workspace: args.workspace.clone(),
        inputs: Inputs {
            var: args.vars.clone(),
            var_file: args.var_files.clone(),
            outside: args.allow_outside_files,
        },
        ask: terminal::passphrase,
        ..StateArgs::default()
    }
}

/// Reads the cloud, a snapshot, or the demo; of what is read only on demand, what state has or configuration declares.
///
/// # Errors
/// If nothing can be read at all: no project, no credentials, no such snapshot.
pub fn cloud(
    args: &CloudArgs,
    states: &[State],
    declared: &BTreeSet<String>,
    catalog: &Catalog,
) -> Result<Cloud, CommandError> {
    definitions::known_types(&args.live.types, catalog)?;
    if let Some(dir) = &args.snapshot {
        let mut found = snapshot::open(dir).map_err(CommandError::new)?;
        // It may have been written by hand, or before an attribute was known to be sensitive.
        snapshot::redact(&mut found.capture, catalog);
        return Ok(Cloud {
            capture: found.capture,
            source: dir.display().to_string(),
            removals: found.removals,
        });
    }
    if args.demo {
        return Ok(Cloud {
            capture: demo::snapshot(args.weeks_ago)?.capture,
            source: "demo".to_owned(),
            removals: Vec::new(),
        });
    }
    live(&args.live, states, declared, catalog)
}

/// Reads the cloud itself. What is secret is taken out before anything else sees it, so that a replay says the same.
///
/// # Errors
/// If nothing can be read at all: no project, no credentials, or one that no API takes.
pub fn live(
    args: &LiveArgs,
    states: &[State],
    declared: &BTreeSet<String>,
    catalog: &Catalog,
) -> Result<Cloud, CommandError> {
    let settings = settings(args, catalog);
    let runtime = runtime()?;
    let found = runtime.block_on(scope::projects(args, states, &settings))?;
    let types = wanted(args, states, declared, catalog);
    let line = Progress::start(&format!("reading {}", found.projects.join(", ")));
    let report = |at: collect::Progress| {
        let waiting = at.waiting.map_or_else(String::new, |wait| {
            format!(
                "; waiting for {} quota, {} s",
                wait.api,
                wait.left.as_secs() + 1
            )
        });
        line.at(format!(
            "{} answers, {} to come, {} objects, {} gaps{waiting}",
            at.done, at.open, at.objects, at.gaps
        ));
    };
    let opening = Session::open(catalog, &settings, types.as_ref());
    let mut session = runtime.block_on(opening).map_err(CommandError::new)?;
    let mut capture = runtime.block_on(session.read(&found.projects, &report));
    capture.gaps.extend(found.gaps);
    capture.gaps.sort();
    if let Some(error) = shut_out(&capture) {
        return Err(error);
    }
    if let Some(secrets) = args.kubernetes {
        line.at("reading clusters".to_owned());
        let reading = collect::clusters(catalog, &settings, &capture, secrets);
        let mut inside = runtime.block_on(reading).map_err(CommandError::new)?;
        capture.asked.append(&mut inside.asked);
        capture.asked.sort();
        capture.add(inside);
    }
    let mut removals = snapshot::redact(&mut capture, catalog);
    capture.looks.most = Some(args.confirm);
    // What is found may hold something that its own list has not shown yet.
    for _ in 0..LOOKS {
        let doubts = doubts(&capture, args, states, catalog);
        if doubts.is_empty() {
            break;
        }
        let mut looks = runtime.block_on(session.look(&doubts, &report));
        removals.extend(snapshot::redact(&mut looks, catalog));
        capture.add(looks);
    }
    removals.sort();
    drop(line);
    Ok(Cloud {
        capture,
        source: "live".to_owned(),
        removals,
    })
}

/// How often what was found by a second look is looked through for more: as deep as objects lie in one another.
const LOOKS: usize = 3;

/// What is to be looked at again before what was read can be believed, as far as `--confirm` allows.
fn doubts(capture: &Capture, args: &LiveArgs, states: &[State], catalog: &Catalog) -> Doubts {
    let cloud = normalize(capture, catalog);
    let types = (!args.types.is_empty()).then_some(args.types.as_slice());
    let inputs = compare::Inputs {
        types,
        ..compare::Inputs::new(catalog, capture, &cloud, states)
    };
    let doubts = compare::doubts(&compare::compare(&inputs), &inputs);
    doubts.within(args.confirm.saturating_sub(cloud.looked.len()), args.whole)
}

/// The types to read, and by name the parts of objects that are read on demand: the types named; else all, with those read on
/// demand that state has or configuration declares. None stands for all that are not.
fn wanted(
    args: &LiveArgs,
    states: &[State],
    declared: &BTreeSet<String>,
    catalog: &Catalog,
) -> Option<BTreeSet<String>> {
    let with_parts = |types: BTreeSet<String>| {
        let parts = types
            .iter()
            .flat_map(|rtype| catalog.on_demand_parts(rtype));
        let parts: Vec<String> = parts.map(str::to_owned).collect();
        types.into_iter().chain(parts).collect()
    };
    if !args.types.is_empty() {
        return Some(with_parts(args.types.iter().cloned().collect()));
    }
    if args.deep {
        return Some(with_parts(catalog.definitions.keys().cloned().collect()));
    }
    let held = states
        .iter()
        .flat_map(|state| &state.instances)
        .map(|instance| &instance.address.rtype);
    let demanded = |rtype: &&String| {
        catalog.is_on_demand(rtype) || catalog.on_demand_parts(rtype).next().is_some()
    };
    let held: BTreeSet<String> = held.chain(declared).filter(demanded).cloned().collect();
    let usual = catalog
        .definitions
        .keys()
        .filter(|rtype| !catalog.is_on_demand(rtype));
    (!held.is_empty()).then(|| usual.cloned().chain(with_parts(held)).collect())
}

/// The one thing to say when the credential opened nothing at all.
fn shut_out(capture: &Capture) -> Option<CommandError> {
    let first = capture.gaps.first().filter(|_| capture.pages.is_empty())?;
    let all = capture
        .gaps
        .iter()
        .all(|gap| gap.reason == GapReason::Unauthenticated);
    let error = || CommandError::new(format!("nothing could be read: {}", first.detail));
    all.then(|| error().hint(&first.fix))
}

/// Looks at everything a scan takes, and at where state is kept if that is named.
///
/// # Errors
/// If there is no project to look at.
pub fn doctor(
    args: &LiveArgs,
    tofu: &TofuArgs,
    catalog: &Catalog,
) -> Result<Vec<Check>, CommandError> {
    let settings = settings(args, catalog);
    let (checks, states) =
        backends::check(tofu, Network::new(settings.clone(), tofu.allow_kms_decrypt))?;
    let runtime = runtime()?;
    let found = runtime.block_on(scope::projects(args, &states, &settings))?;
    let types: Option<BTreeSet<String>> =
        (!args.types.is_empty()).then(|| args.types.iter().cloned().collect());
    let mut out = runtime.block_on(collect::doctor(
        catalog,
        &settings,
        &found.projects,
        types.as_ref(),
    ));
    if args.kubernetes.is_some() {
        let reading = collect::doctor_of_clusters(catalog, &settings, &found.projects);
        out.extend(runtime.block_on(reading));
    }
    out.extend(found.gaps.into_iter().map(|gap| Check {
        name: format!("projects below {}", gap.scope.project),
        status: Status::Failed,
        detail: format!("{}: {}", gap.reason.as_str(), gap.detail),
        fix: gap.fix,
    }));
    out.extend(checks);
    Ok(out)
}

/// What the environment and the arguments say of how to read.
fn settings(args: &LiveArgs, catalog: &Catalog) -> Settings {
    let endpoints = catalog
        .services
        .values()
        .map(|service| service.endpoint.clone());
    let mut settings = Settings::from_env(&|name| std::env::var(name).ok(), endpoints);
    settings.concurrency = usize::from(args.concurrency);
    settings.timeout = Duration::from_secs(u64::from(args.timeout));
    settings.credentials.impersonate = args
        .impersonate
        .clone()
        .or(settings.credentials.impersonate);
    settings.credentials.delegates = args.delegates.clone();
    settings
}

pub(super) fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    let made = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    made.map_err(|error| CommandError::new(format!("cannot start: {error}")))
}
