//! What depends on an object that is made anew.

use std::collections::BTreeSet;

use super::pair::Pair;
use super::verdict::{Forecast, Row};
use crate::model::Address;

/// Takes back the forecast of whatever depends on an object that is replaced or made again: a reference to it may hold another
/// value then, which state alone does not tell.
pub(super) fn unsettle(rows: &mut [Row], pairs: &[Pair<'_>]) {
    let renewed: BTreeSet<(usize, String)> = (rows.iter().zip(pairs))
        .filter(|(row, _)| matches!(row.forecast, Forecast::Replace | Forecast::Create))
        .map(|(_, pair)| (pair.state, block(&pair.instance.address)))
        .collect();
    if renewed.is_empty() {
        return;
    }
    for (row, pair) in rows.iter_mut().zip(pairs) {
        let depends = || {
            pair.instance
                .dependencies
                .iter()
                .any(|on| renewed.contains(&(pair.state, on.clone())))
        };
        if matches!(row.forecast, Forecast::None | Forecast::Update) && depends() {
            row.forecast = Forecast::Unknown;
        }
    }
}

/// The address of the block that an instance is of, without keys, as state names dependencies.
fn block(address: &Address) -> String {
    let mut address = address.clone();
    address.key = None;
    address.modules.iter_mut().for_each(|step| step.key = None);
    address.to_string()
}
