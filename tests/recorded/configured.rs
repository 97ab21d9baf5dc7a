//! The cases of the estates once more, by the configuration that made them: forecasts are those of real `tofu plan`, and what
//! changed in the cloud alone is never said to have changed in configuration. `cargo test --test recorded configured::`.

use crate::support::recorded::{ESTATES, Recorded, names};
use crate::{CATALOG, none, test};
use driftline::compare::Source;
use driftline::forecast::Outcome;
use driftline::pipeline::{self, Around, RemoteStates};
use driftline::tofu::config::{Inputs, Workspace};
use driftline::tofu::state;
use libtest_mimic::Trial;

pub fn tests() -> Vec<Trial> {
    let of = |estate: String| {
        let cases = Recorded::read(ESTATES, &estate).cases.into_keys();
        cases.map(move |case| {
            let estate = estate.clone();
            test(format!("configured::{estate}/{case}"), move || {
                none(&judge(&Recorded::read(ESTATES, &estate), &case));
            })
        })
    };
    names(ESTATES).into_iter().flat_map(of).collect()
}

/// What is said otherwise than tofu plans it.
fn judge(estate: &Recorded, case: &str) -> Vec<String> {
    let catalog = &*CATALOG;
    let observed = pipeline::observe(estate.capture(Some(case), catalog), catalog);
    let text = std::fs::read(estate.state().unwrap()).unwrap();
    let states = vec![state::parse("terraform.tfstate", text).unwrap()];
    let workspace = Workspace::load(&estate.tofu(), &Inputs::default())
        .unwrap_or_else(|note| panic!("{note:?}"));
    let reading = pipeline::read(states, Some(workspace));
    let remote = RemoteStates::default();
    let around = Around::new(&observed, &reading, &remote, catalog);
    let comparison = pipeline::compared(&observed, &reading, None, true, catalog);
    let settled = pipeline::settle(comparison, &reading, &around);
    let outcomes = settled.outlook.outcomes.iter();
    outcomes
        .flat_map(|outcome| wrong(outcome, estate, case))
        .collect()
}

/// What of an outcome is not as tofu plans it.
fn wrong(outcome: &Outcome, estate: &Recorded, case: &str) -> Vec<String> {
    let case = &estate.cases[case];
    let Some(address) = outcome.row.address.as_ref().map(ToString::to_string) else {
        return Vec::new();
    };
    let plan = case.truth.plan.as_ref().unwrap();
    let is = plan.get(&address).map_or("none", String::as_str);
    let said = outcome.forecast.as_str();
    let hidden = !estate.faults.is_empty() || !case.faults.is_empty();
    let open = said == "unknown" && (hidden || case.truth.failed_to_plan.contains(&address));
    let mut wrong = Vec::new();
    if said != is && !open && !case.truth.failed_to_plan.contains(&address) {
        wrong.push(format!("{address}: said {said}, is {is}"));
    }
    let twice = |change: &&driftline::compare::Change| change.source == Source::Both;
    let twice = outcome.changes.iter().filter(twice);
    wrong.extend(twice.map(|change| {
        format!(
            "{address}: {} is said to have changed in configuration, too",
            change.path
        )
    }));
    wrong
}
