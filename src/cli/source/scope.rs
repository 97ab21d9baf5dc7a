//! Which projects to read.

use std::collections::BTreeSet;

use crate::cli::args::LiveArgs;
use crate::cli::error::CommandError;
use crate::cli::terminal;
use crate::collect::{self, FoundProjects, Settings};
use crate::model::{GapReason, State, Value};

/// The projects to read: as asked, those below the folders and organizations asked for, as the provider's variables say, or
/// those that state mentions; and the folders that could not be looked into.
///
/// # Errors
/// A name that cannot be a project's, folder's or organization's; no project at all.
pub async fn projects(args: &LiveArgs, states: &[State], settings: &Settings) -> Result<FoundProjects, CommandError> {
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
        let found = collect::projects_of(settings, container).await.map_err(CommandError::new)?;
        projects.extend(found.projects);
        gaps.extend(found.gaps);
    }
    if projects.is_empty() && !containers.is_empty() {
        return Err(none_below(&containers, &gaps));
    }
    if projects.is_empty() {
        projects = mentioned(states)?;
    }
    Ok(FoundProjects { projects: projects.into_iter().collect(), gaps })
}

/// `folders/NUMBER` and `organizations/NUMBER`, written with or without the word.
fn containers(args: &LiveArgs) -> Result<Vec<String>, CommandError> {
    let kinds = [("organizations", &args.organizations), ("folders", &args.folders)];
    let asked = kinds.iter().flat_map(|(kind, numbers)| numbers.iter().map(move |number| (*kind, number)));
    let name = |(kind, given): (&str, &String)| {
        let number = given.strip_prefix(kind).and_then(|rest| rest.strip_prefix('/')).unwrap_or(given);
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
        Some(gap) => CommandError::new(format!("no project of {all} could be found: {}", gap.detail)).hint(&gap.fix),
        None => CommandError::new(format!("there is no active project below {all}")),
    }
}

/// The projects that state mentions.
fn mentioned(states: &[State]) -> Result<BTreeSet<String>, CommandError> {
    let instances = states.iter().flat_map(|state| &state.instances);
    let own = |attributes: &Value| attributes.get("project")?.as_text().filter(|id| is_project(id)).map(str::to_owned);
    let found: BTreeSet<String> = instances.filter_map(|instance| own(&instance.attributes.value())).collect();
    if found.is_empty() {
        return Err(CommandError::new("no project to read").hint("give --project ID, set GOOGLE_PROJECT, or try --demo"));
    }
    let list: Vec<&str> = found.iter().map(String::as_str).collect();
    terminal::say(&format!("reading the projects that state mentions: {}", list.join(", ")));
    Ok(found)
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
