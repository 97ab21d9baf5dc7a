//! Sentences for what else is to be said of a row, and for what tofu refuses.

use super::unknown;
use crate::compare::{Doubt, Remark, Shortfall};
use crate::forecast::{NearMiss, Outcome};
use crate::model::{Refusal, Refused, Unknown, Unreadable, UnreadableWhy};

/// Everything beside the verdict, in a few words; empty where there is nothing to say.
pub fn reason(outcome: &Outcome, gaps: &[Shortfall], states: &[String]) -> String {
    let remark = outcome
        .remark
        .as_ref()
        .map(|remark| sentence(remark, states));
    // That configuration was not given, whoever did not give it knows.
    let doubt = outcome
        .doubt()
        .filter(|doubt| doubt.why != Unknown::ConfigurationNotGiven);
    let doubt = doubt.map(|doubt| doubted(&doubt, gaps));
    // Whoever stands for the same object comes first: it is what is to be put right.
    let parts = match &outcome.remark {
        Some(Remark::AlsoClaimed(_)) | None => [remark, doubt],
        Some(_) => [doubt, remark],
    };
    parts.into_iter().flatten().next().unwrap_or_default()
}

/// Why something is not known.
fn doubted(doubt: &Doubt, gaps: &[Shortfall]) -> String {
    let why = unknown::with_gaps(&doubt.why, gaps.iter().map(|shortfall| &shortfall.gap));
    match &doubt.path {
        Some(path) => format!("{path} could not be read: {why}"),
        None => why,
    }
}

/// What else is to be said of a row, in a few words.
pub fn sentence(remark: &Remark, states: &[String]) -> String {
    match remark {
        Remark::AlsoClaimed(claims) => {
            let claim = |claim: &crate::compare::Claim| {
                let state = states.get(claim.state).map_or("", String::as_str);
                format!("{} in {state}", claim.address)
            };
            let all: Vec<String> = claims.iter().map(claim).collect();
            format!("also {}", all.join(", "))
        }
        Remark::Owned(reason) => reason.clone(),
        Remark::PartOf {
            holder,
            attribute,
            by_state,
        } => {
            let by = if *by_state {
                ", as its state lists it"
            } else {
                ""
            };
            format!("part of {holder} ({attribute}{by})")
        }
        Remark::MovedFrom(from) => format!("moved from {from}"),
        Remark::Imported(id) => format!("an import block takes over {id}"),
        Remark::Removed { destroy: true } => "a removed block: tofu would destroy it".to_owned(),
        Remark::Removed { destroy: false } => {
            "a removed block: tofu would forget it and leave it in the cloud".to_owned()
        }
        Remark::InTheCloud(id) => format!("it is in the cloud: import it as {id}"),
        Remark::NotRead => "what it lies in does not run always: the provider reads nothing of it and leaves state as it is".to_owned(),
    }
}

/// What differs, what comes of it, what to do.
pub fn near_miss(miss: &NearMiss) -> String {
    let NearMiss {
        import_id,
        part,
        declared,
        live,
    } = miss;
    format!(
        "declared `{declared}`, live `{live}` ({import_id}): other {part}; as declared it cannot be imported: write {part} = \
         \"{live}\" to import it, or leave both and tofu creates a second one"
    )
}

/// What tofu refuses, and the place.
pub fn refusal(refusal: &Refusal) -> String {
    let what = match &refusal.what {
        Refused::InvalidConfiguration(what) => format!("the configuration is not valid: {what}"),
        Refused::ImportWithoutBlock => "an import needs a resource block to import to".to_owned(),
        Refused::ImportOfNothing(id) => format!("there is no object `{id}` to import"),
        Refused::ImportIdUnknown => "the id of an import must be known before apply".to_owned(),
        Refused::MovedBesideResource => {
            "a moved block moves it away, and it is still declared".to_owned()
        }
        Refused::RemovedBesideResource => {
            "a removed block takes it out of state, and it is still declared".to_owned()
        }
        Refused::PreventDestroy => {
            "it would be destroyed, and its block says prevent_destroy".to_owned()
        }
        Refused::PreventDestroyUnknown => {
            "it would be destroyed, and whether its block says prevent_destroy is not known"
                .to_owned()
        }
    };
    let address = refusal
        .address
        .as_ref()
        .map(|address| format!("{address}: "));
    let place = refusal
        .place
        .as_ref()
        .map(|place| format!(" ({}:{})", place.file, place.line));
    format!(
        "{}{what}{}",
        address.unwrap_or_default(),
        place.unwrap_or_default()
    )
}

/// The word for what tofu refuses.
pub fn refused_word(what: &Refused) -> &'static str {
    match what {
        Refused::InvalidConfiguration(_) => "invalid-configuration",
        Refused::ImportWithoutBlock => "import-without-block",
        Refused::ImportOfNothing(_) => "import-of-nothing",
        Refused::ImportIdUnknown => "import-id-unknown",
        Refused::MovedBesideResource => "moved-beside-resource",
        Refused::RemovedBesideResource => "removed-beside-resource",
        Refused::PreventDestroy => "prevent-destroy",
        Refused::PreventDestroyUnknown => "prevent-destroy-unknown",
    }
}

/// A part of the configuration as the scope of a gap: `module.a.module.b`.
pub fn module(unreadable: &Unreadable) -> String {
    let steps = unreadable
        .module
        .iter()
        .map(|name| format!("module.{name}"));
    steps.collect::<Vec<_>>().join(".")
}

/// Why a part of the configuration could not be read, and what to do.
pub fn unreadable(unreadable: &Unreadable) -> (String, &'static str) {
    let place = &unreadable.place;
    let (what, fix) = match &unreadable.why {
        UnreadableWhy::NotDownloaded(Some(source)) => (
            format!("its source {source} has not been downloaded"),
            "run tofu init",
        ),
        UnreadableWhy::NotDownloaded(None) => (
            "its source is an expression that could not be evaluated".to_owned(),
            "give the variables it depends on, or run tofu init",
        ),
        UnreadableWhy::NoFolder(folder) => (
            format!("the folder {folder} is not there"),
            "correct `source`, or run tofu init",
        ),
        UnreadableWhy::Circle => ("it calls itself".to_owned(), "break the circle of calls"),
        UnreadableWhy::TooMany => (
            "more modules are called than are read".to_owned(),
            "compare a part of the configuration",
        ),
    };
    (format!("{what} ({}:{})", place.file, place.line), fix)
}
