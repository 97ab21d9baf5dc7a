//! Where the cloud side and the states come from.

use std::collections::BTreeSet;
use std::time::Duration;

use super::args::{CloudArgs, LiveArgs, TofuArgs};
use super::error::CommandError;
use super::network::Network;
use super::terminal::{self, Progress};
use super::{definitions, demo};
use crate::catalog::Catalog;
use crate::collect::{self, Settings};
use crate::model::{Capture, State};
use crate::snapshot::{self, Removal};
use crate::tofu;
use crate::tofu::backend::StateArgs;
use crate::tofu::root::{Environment, Inputs};

/// A capture, and where it came from in a word for the report.
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
pub fn states(args: &TofuArgs, cloud: &CloudArgs, catalog: &Catalog) -> Result<Vec<State>, CommandError> {
    if cloud.demo && args.states.is_empty() && args.config.is_none() {
        return Ok(vec![demo::state()?]);
    }
    let asked = StateArgs {
        state: args.states.clone(),
        config: args.config.clone(),
        backend_config: args.backend_config.clone(),
        workspace: args.workspace.clone(),
        inputs: Inputs { var: args.vars.clone(), var_file: args.var_files.clone() },
        ..StateArgs::default()
    };
    let network = Network::new(settings(&cloud.live, catalog), args.allow_kms_decrypt);
    let environment = Environment::of_process();
    let resolving = tofu::backend::resolve(&asked, &environment, &network, &network);
    let found = runtime()?.block_on(resolving).map_err(CommandError::new)?;
    terminal::notes(&found.notes);
    Ok(found.states)
}

/// Reads the cloud, a snapshot, or the demo.
///
/// # Errors
/// If nothing can be read at all: no project, no credentials, no such snapshot.
pub fn cloud(args: &CloudArgs, states: &[State], catalog: &Catalog) -> Result<Cloud, CommandError> {
    definitions::known_types(&args.live.types, catalog)?;
    if let Some(dir) = &args.snapshot {
        let found = snapshot::open(dir).map_err(CommandError::new)?;
        return Ok(Cloud { capture: found.capture, source: dir.display().to_string(), removals: found.removals });
    }
    if args.demo {
        return Ok(Cloud { capture: demo::snapshot()?.capture, source: "demo".to_owned(), removals: Vec::new() });
    }
    live(&args.live, states, catalog)
}

/// Reads the cloud itself. What is secret is taken out before anything else sees it, so that a replay says the same.
///
/// # Errors
/// If nothing can be read at all: no project, no credentials.
pub fn live(args: &LiveArgs, states: &[State], catalog: &Catalog) -> Result<Cloud, CommandError> {
    let projects = projects(args, states)?;
    let settings = settings(args, catalog);
    let types: Option<BTreeSet<String>> = (!args.types.is_empty()).then(|| args.types.iter().cloned().collect());
    let line = Progress::start(&format!("reading {}", projects.join(", ")));
    let report = |at: collect::Progress| {
        line.at(format!("{} answers, {} to come, {} objects, {} gaps", at.done, at.open, at.objects, at.gaps));
    };
    let reading = collect::collect(catalog, &settings, &projects, types.as_ref(), &report);
    let mut capture = runtime()?.block_on(reading).map_err(CommandError::new)?;
    drop(line);
    let removals = snapshot::redact(&mut capture, catalog);
    Ok(Cloud { capture, source: "live".to_owned(), removals })
}

/// Looks at everything a scan takes.
///
/// # Errors
/// If there is no project to look at.
pub fn doctor(args: &LiveArgs, catalog: &Catalog) -> Result<Vec<collect::Check>, CommandError> {
    let projects = projects(args, &[])?;
    let types: Option<BTreeSet<String>> = (!args.types.is_empty()).then(|| args.types.iter().cloned().collect());
    Ok(runtime()?.block_on(collect::doctor(catalog, &settings(args, catalog), &projects, types.as_ref())))
}

/// What the environment and the arguments say of how to read.
fn settings(args: &LiveArgs, catalog: &Catalog) -> Settings {
    let endpoints = catalog.services.values().map(|service| service.endpoint.clone());
    let mut settings = Settings::from_env(&|name| std::env::var(name).ok(), endpoints);
    settings.concurrency = usize::from(args.concurrency);
    settings.timeout = Duration::from_secs(u64::from(args.timeout));
    settings.credentials.impersonate = args.impersonate.clone().or(settings.credentials.impersonate);
    settings.credentials.delegates = args.delegates.clone();
    settings
}

fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    let made = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    made.map_err(|error| CommandError::new(format!("cannot start: {error}")))
}

/// The projects to read: as asked, as the provider's variables say, or those that state mentions.
fn projects(args: &LiveArgs, states: &[State]) -> Result<Vec<String>, CommandError> {
    let named: Vec<String> =
        if args.projects.is_empty() { from_environment().into_iter().collect() } else { args.projects.clone() };
    let projects: BTreeSet<String> = named.into_iter().collect();
    if let Some(bad) = projects.iter().find(|project| !is_project(project)) {
        return Err(CommandError::new(format!("`{bad}` is no project ID")).hint(
            "a project ID has 6 to 30 lower-case letters, digits and hyphens; it is neither the project's name nor its number",
        ));
    }
    if !projects.is_empty() {
        return Ok(projects.into_iter().collect());
    }
    let mentioned: BTreeSet<String> =
        states.iter().flat_map(|state| &state.instances).filter_map(|i| mentioned(&i.attributes.value())).collect();
    if mentioned.is_empty() {
        return Err(CommandError::new("no project to read").hint("give --project ID, set GOOGLE_PROJECT, or try --demo"));
    }
    let list: Vec<String> = mentioned.into_iter().collect();
    terminal::say(&format!("reading the projects that state mentions: {}", list.join(", ")));
    Ok(list)
}

fn mentioned(attributes: &crate::model::Value) -> Option<String> {
    attributes.get("project")?.as_text().filter(|project| is_project(project)).map(str::to_owned)
}

fn from_environment() -> Option<String> {
    let names = ["GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"];
    names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// Whether a text can be a project ID; old ones belong to a domain (`example.com:project`).
fn is_project(text: &str) -> bool {
    let name = text.rsplit(':').next().unwrap_or(text);
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_lowercase())
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && (4..=30).contains(&name.len())
}
