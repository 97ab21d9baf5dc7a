//! What depends on an object that is made anew.

use std::collections::BTreeSet;

use super::outlook::Forecast;
use crate::compare::Row;
use crate::model::Unknown;

/// Forecasts by state alone, taken back for whatever depends on an object that is replaced or made again: a reference to it may
/// hold another value then, which state alone does not tell.
pub(super) fn unsettled(
    rows: &[Row],
    forecasts: Vec<(Forecast, Option<Unknown>)>,
) -> Vec<(Forecast, Option<Unknown>)> {
    let renewed: BTreeSet<(usize, String)> = (rows.iter().zip(&forecasts))
        .filter(|(_, (forecast, _))| matches!(forecast, Forecast::Replace | Forecast::Create))
        .filter_map(|(row, _)| Some((row.state?, row.address.as_ref()?.block().to_string())))
        .collect();
    let depends = |row: &Row| {
        let on = row.stored.iter().flat_map(|stored| &stored.dependencies);
        let state = row.state;
        on.into_iter()
            .any(|on| state.is_some_and(|state| renewed.contains(&(state, on.clone()))))
    };
    let settle = |(row, (forecast, why)): (&Row, (Forecast, Option<Unknown>))| match forecast {
        Forecast::None | Forecast::Update if !renewed.is_empty() && depends(row) => {
            (Forecast::Unknown, Some(Unknown::DependencyRenewed))
        }
        _ => (forecast, why),
    };
    rows.iter().zip(forecasts).map(settle).collect()
}
