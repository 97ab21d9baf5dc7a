//! Instances that state has and configuration does not declare: destroyed, forgotten, or not known.

use crate::compare::{Action, Change, Mode, Remark, Row, Verdict};
use crate::forecast::outlook::{Forecast, Outcome};
use crate::model::{Address, Config, Refusal, Refused, RemovedBlock, Unknown};

/// What tofu would do with an instance that is not among those declared.
pub(super) fn outcome(row: Row, config: &Config) -> Outcome {
    let removed = row
        .address
        .as_ref()
        .and_then(|address| removed(address, config));
    let removed = removed.filter(|_| !row.gone);
    let (forecast, why) = forecast(&row, removed, config);
    let mut outcome = Outcome::of(row, forecast, why);
    if let Some(removed) = removed {
        outcome.remark = Some(Remark::Removed {
            destroy: removed.destroy,
        });
    }
    let undone = |change: Change| match change.mode {
        Mode::Argument => Change {
            action: Action::None,
            ..change
        },
        Mode::Computed => change,
    };
    outcome.changes = outcome.changes.into_iter().map(undone).collect();
    outcome
}

fn removed<'c>(address: &Address, config: &'c Config) -> Option<&'c RemovedBlock> {
    config
        .removed
        .iter()
        .find(|removed| removed.removes(address))
}

fn forecast(
    row: &Row,
    removed: Option<&RemovedBlock>,
    config: &Config,
) -> (Forecast, Option<Unknown>) {
    let Some(address) = &row.address else {
        return (Forecast::None, None);
    };
    let skips = row
        .stored
        .as_ref()
        .is_some_and(|stored| stored.skip_destroy);
    let forgotten = match removed {
        Some(removed) => !removed.destroy,
        None => skips,
    };
    if !row.is_deposed()
        && let Some(why) = undecided(address, config)
    {
        return (Forecast::Unknown, Some(why));
    }
    match row.verdict {
        Verdict::Missing => (Forecast::None, None),
        Verdict::ClaimedTwice if row.gone => (Forecast::None, None),
        // To forget it tofu need not read it.
        _ if forgotten => (Forecast::Forget, None),
        Verdict::Unknown if row.live.is_none() => {
            let why = row.doubt.as_ref().map(|doubt| doubt.why.clone());
            (Forecast::Unknown, why)
        }
        Verdict::InSync
        | Verdict::Drifted
        | Verdict::ComputedDrift
        | Verdict::ClaimedTwice
        | Verdict::Deposed
        | Verdict::Unknown => (Forecast::Delete, None),
        Verdict::Unmanaged | Verdict::Declared | Verdict::Owned => (Forecast::None, None),
    }
}

/// Why it is not known whether an instance is declared: its block, or its module's, may or may not have it, or is in a part that
/// could not be read.
fn undecided(address: &Address, config: &Config) -> Option<Unknown> {
    let block = address.block();
    let unknown = config
        .unknown_blocks
        .iter()
        .find(|unknown| unknown.may_declare(address, &block));
    let unreadable = config.unreadable.iter().find(|part| part.covers(address));
    unknown
        .map(|unknown| unknown.why.clone())
        .or_else(|| unreadable.map(|part| part.unknown()))
}

/// What tofu refuses of instances that it would destroy: where their module instance is gone, what `prevent_destroy` refers to
/// cannot be known.
pub(super) fn refusals(outcomes: &[Outcome], config: &Config) -> Vec<Refusal> {
    let refused = |outcome: &&Outcome| {
        let address = outcome.row.address.as_ref();
        address.is_some_and(|address| {
            outcome.forecast.ends_object()
                && !outcome.row.is_deposed()
                && config.prevention_unknown.contains(&address.block())
                && !config.module_instances.contains(&address.modules)
        })
    };
    let refusal = |outcome: &Outcome| Refusal {
        address: outcome.row.address.clone(),
        what: Refused::PreventDestroyUnknown,
        place: None,
    };
    outcomes.iter().filter(refused).map(refusal).collect()
}
