//! Whether the places that state is kept in can be read.

use crate::cli::args::TofuArgs;
use crate::cli::error::CommandError;
use crate::cli::network::Network;
use crate::collect::{Check, Status};
use crate::model::{Note, State};
use crate::tofu;
use crate::tofu::root::Environment;
use crate::tofu::state::StateError;

/// A check for each place that is named, or for the configuration's backend, and the states that were found.
///
/// # Errors
/// If the program cannot start its tasks.
pub fn check(args: &TofuArgs, network: Network) -> Result<(Vec<Check>, Vec<State>), CommandError> {
    let places: Vec<Vec<String>> = match (&args.states[..], &args.config) {
        ([], None) => Vec::new(),
        ([], Some(_)) => vec![Vec::new()],
        (states, _) => states.iter().map(|state| vec![state.clone()]).collect(),
    };
    let environment = Environment::of_process().map_err(super::no_folder)?;
    let runtime = super::runtime()?;
    let (mut checks, mut all) = (Vec::new(), Vec::new());
    for place in places {
        let name = match (place.first(), &args.config) {
            (None, Some(folder)) => format!("state of {}", folder.display()),
            (named, _) => format!("state {}", named.map_or("", String::as_str)),
        };
        let asked = super::asked(args, place);
        match runtime.block_on(tofu::backend::resolve(
            &asked,
            &environment,
            &network,
            &network,
        )) {
            Ok(found) => {
                checks.push(readable(name, &found.states, &found.notes));
                all.extend(found.states);
            }
            Err(error) => checks.push(unreadable(name, &error)),
        }
    }
    Ok((checks, all))
}

fn readable(name: String, states: &[State], notes: &[Note]) -> Check {
    let instances: usize = states.iter().map(|state| state.instances.len()).sum();
    let sources: Vec<&str> = states.iter().map(|state| state.source.as_str()).collect();
    let detail = match (sources.as_slice(), notes.first()) {
        ([], Some(note)) => note.message.clone(),
        ([], None) => "there is no state yet".to_owned(),
        (sources, _) => {
            let many = if instances == 1 { "" } else { "s" };
            format!(
                "readable: {} with {instances} resource instance{many}",
                sources.join(", ")
            )
        }
    };
    let fix = notes
        .first()
        .map(|note| note.hint.clone())
        .unwrap_or_default();
    let status = if notes.is_empty() {
        Status::Ok
    } else {
        Status::Warning
    };
    let detail = match notes.first().filter(|_| !states.is_empty()) {
        Some(note) => format!("{detail}; {}", note.message),
        None => detail,
    };
    Check {
        name,
        status,
        detail,
        fix,
    }
}

fn unreadable(name: String, error: &StateError) -> Check {
    let place = error.place.map_or_else(String::new, |(line, column)| {
        format!(" line {line} column {column}")
    });
    let detail = format!("`{}`{place}: {}", error.file, error.message);
    Check {
        name,
        status: Status::Failed,
        detail,
        fix: error.hint.clone(),
    }
}
