//! Which projects to read.

use std::collections::BTreeSet;

use crate::cli::args::{CloudArgs, LiveArgs};
use crate::cli::error::CommandError;
use crate::cli::terminal;
use crate::collect::{self, FoundProjects, Settings};
use crate::model::{Address, GapReason, State, Value};
use crate::tofu::config::{ResourceValues, Workspace};

/// The projects to read: as asked, those below the folders and organizations asked for, as the provider's variables say, or
/// those that state mentions; and the folders that could not be looked into.
///
/// # Errors
/// A name that cannot be a project's, folder's or organization's; no project at all.
pub async fn projects(
    args: &LiveArgs,
    states: &[State],
    settings: &Settings,
) -> Result<FoundProjects, CommandError> {
    let containers = containers(args)?;
    let named: Vec<String> = if args.projects.is_empty() && containers.is_empty() {
        from_environment().into_iter().collect()
    } else {
        args.projects.clone()
    };
    let mut projects: BTreeSet<String> = named.into_iter().collect();
    if let Some(bad) = projects.iter().find(|project| !is_project(project)) {
        return Err(CommandError::new(format!("`{bad}` is no project ID")).hint(
            "a project ID has 6 to 30 lower-case letters, digits and hyphens; it is neither the project's name nor its number",
        ));
    }
    let mut gaps = Vec::new();
    for container in &containers {
        let found = collect::projects_of(settings, container)
            .await
            .map_err(CommandError::new)?;
        projects.extend(found.projects);
        gaps.extend(found.gaps);
    }
    if projects.is_empty() && !containers.is_empty() {
        return Err(none_below(&containers, &gaps));
    }
    if projects.is_empty() {
        projects = offered(states)?;
    }
    Ok(FoundProjects {
        projects: projects.into_iter().collect(),
        gaps,
    })
}

/// `folders/NUMBER` and `organizations/NUMBER`, written with or without the word.
fn containers(args: &LiveArgs) -> Result<Vec<String>, CommandError> {
    let kinds = [
        ("organizations", &args.organizations),
        ("folders", &args.folders),
    ];
    let asked = kinds
        .iter()
        .flat_map(|(kind, numbers)| numbers.iter().map(move |number| (*kind, number)));
    let name = |(kind, given): (&str, &String)| {
        let number = given
            .strip_prefix(kind)
            .and_then(|rest| rest.strip_prefix('/'))
            .unwrap_or(given);
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            let one = kind.trim_end_matches('s');
            return Err(CommandError::new(format!("`{given}` is no {one} number"))
                .hint("`gcloud organizations list` and `gcloud resource-manager folders list` show the numbers"));
        }
        Ok(format!("{kind}/{number}"))
    };
    asked.map(name).collect()
}

fn none_below(containers: &[String], gaps: &[crate::model::Gap]) -> CommandError {
    let all = containers.join(", ");
    match gaps.first() {
        Some(gap) if gap.reason == GapReason::Unauthenticated => {
            CommandError::new(format!("nothing could be read: {}", gap.detail)).hint(&gap.fix)
        }
        Some(gap) => CommandError::new(format!(
            "no project of {all} could be found: {}",
            gap.detail
        ))
        .hint(&gap.fix),
        None => CommandError::new(format!("there is no active project below {all}")),
    }
}

/// The projects that state mentions.
fn mentioned(states: &[State]) -> BTreeSet<String> {
    let instances = states.iter().flat_map(|state| &state.instances);
    instances
        .filter_map(|instance| project_of(&instance.attributes.value().ok()?))
        .collect()
}

/// The projects that state mentions, said aloud.
fn offered(states: &[State]) -> Result<BTreeSet<String>, CommandError> {
    let found = mentioned(states);
    if found.is_empty() {
        return Err(CommandError::new("no project to read")
            .hint("give --project ID, set GOOGLE_PROJECT, or try --demo"));
    }
    let list: Vec<&str> = found.iter().map(String::as_str).collect();
    terminal::say(&format!(
        "reading the projects that state mentions: {}",
        list.join(", ")
    ));
    Ok(found)
}

/// The project an instance says it lies in, else the one its `id` goes through.
fn project_of(attributes: &Value) -> Option<String> {
    let text = |name: &str| attributes.get(name).and_then(Value::as_text);
    // Some resources keep it as configuration spells it: `projects/my-project`.
    let said = text("project").map(|project| project.strip_prefix("projects/").unwrap_or(project));
    let through = || text("id")?.strip_prefix("projects/")?.split('/').next();
    said.filter(|id| !id.is_empty())
        .or_else(through)
        .filter(|id| is_project(id))
        .map(str::to_owned)
}

/// What to read live, with what the provider blocks of the configuration add: their projects where none was asked for, and the
/// account they act as where none was named.
pub fn configured(args: &CloudArgs, workspace: Option<&Workspace>, states: &[State]) -> CloudArgs {
    let mut args = args.clone();
    let Some(workspace) = workspace.filter(|_| args.snapshot.is_none() && !args.demo) else {
        return args;
    };
    let providers = workspace.config(&NoValues).providers;
    let live = &mut args.live;
    if live.projects.is_empty() && live.folders.is_empty() && live.organizations.is_empty() {
        let mut projects: BTreeSet<String> = providers
            .iter()
            .filter_map(|provider| provider.project.clone())
            .collect();
        if !projects.is_empty() {
            // A provider block without a project takes that of the environment.
            let silent = providers.iter().any(|provider| provider.project.is_none());
            projects.extend(from_environment().filter(|_| silent));
            projects.extend(mentioned(states));
            let list: Vec<&str> = projects.iter().map(String::as_str).collect();
            terminal::say(&format!(
                "reading the projects that configuration and state mention: {}",
                list.join(", ")
            ));
            live.projects = projects.into_iter().collect();
        }
    }
    let accounts: BTreeSet<Option<&str>> = providers
        .iter()
        .map(|provider| provider.impersonate.as_deref())
        .collect();
    if live.impersonate.is_none() {
        match accounts.iter().copied().collect::<Vec<_>>().as_slice() {
            [Some(account)] => {
                terminal::say(&format!("reading as {account}, as the provider block says"));
                live.impersonate = Some((*account).to_owned());
            }
            [_, _, ..] => {
                let names: Vec<&str> = accounts.iter().copied().flatten().collect();
                terminal::say(&format!(
                    "provider blocks act as several accounts ({}), and one reads everything here: name it with --impersonate",
                    names.join(", ")
                ));
            }
            _ => {}
        }
    }
    args
}

/// No resource has a value yet: provider blocks are settled before any.
struct NoValues;

impl ResourceValues for NoValues {
    fn resource(&self, _: &Address) -> Option<std::sync::Arc<Value>> {
        None
    }
}

fn from_environment() -> Option<String> {
    let names = [
        "GOOGLE_PROJECT",
        "GOOGLE_CLOUD_PROJECT",
        "GCLOUD_PROJECT",
        "CLOUDSDK_CORE_PROJECT",
    ];
    names
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// Whether a text can be a project ID; old ones belong to a domain (`example.com:project`).
fn is_project(text: &str) -> bool {
    let name = text.rsplit(':').next().unwrap_or(text);
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_lowercase())
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && (4..=30).contains(&name.len())
}
