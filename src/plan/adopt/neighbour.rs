//! Several candidates told apart by what is declared inside: of three database instances one has the database `orders`.

use std::collections::HashMap;

use super::matching::Matching;
use crate::model::{Address, Declared, Value};
use crate::normalize::imported;

/// How many instances inside are looked at.
const MOST: usize = 16;

/// The one candidate that holds more of what is declared inside an instance than any other, with the reason.
pub(super) fn only(
    matching: &Matching<'_>,
    address: &Address,
    candidates: &[usize],
) -> Option<(usize, String)> {
    let inside = matching.inside.get(address)?;
    let definition = matching.inputs.catalog.definition(&address.rtype)?;
    let mut held: Vec<(usize, Vec<&Address>)> = Vec::new();
    for at in candidates {
        let attributes = imported(definition, &matching.inputs.cloud.objects[*at].attributes);
        matching
            .configured
            .there
            .set(address, Value::Map(attributes));
        let there = |inner: &&&Address| {
            let mut name = None;
            (matching.configured.identify)(&mut |evaluate| {
                let evaluated = matching.evaluated(inner, evaluate);
                name = evaluated
                    .and_then(|(definition, _, arguments)| matching.name(definition, &arguments));
            });
            name.is_some_and(|name| {
                matching
                    .by_name
                    .contains_key(&(inner.rtype.as_str(), name.as_str()))
            })
        };
        held.push((*at, inside.iter().filter(there).copied().collect()));
    }
    matching.configured.there.forget(address);
    held.sort_by_key(|(_, inner)| std::cmp::Reverse(inner.len()));
    let [(at, first), rest @ ..] = held.as_slice() else {
        return None;
    };
    let ahead = rest.iter().all(|(_, inner)| inner.len() < first.len());
    let witness = first
        .iter()
        .find(|inner| rest.iter().all(|(_, others)| !others.contains(inner)))?;
    ahead.then(|| {
        (
            *at,
            format!(
                "of {} that fit, only this one holds {witness}",
                candidates.len()
            ),
        )
    })
}

/// What is declared with a reference to an instance in it, by that instance.
pub(super) fn inside(declared: &[Declared]) -> HashMap<Address, Vec<&Address>> {
    let mut out: HashMap<Address, Vec<&Address>> = HashMap::new();
    for inner in declared {
        for (outer, _) in inner
            .references
            .iter()
            .filter_map(|(_, target)| self::target(target))
        {
            let inside = out.entry(outer).or_default();
            if inside.len() < MOST && inside.last() != Some(&&inner.address) {
                inside.push(&inner.address);
            }
        }
    }
    out
}

/// The instance and the attribute that a reference names: `google_sql_database_instance.main.name`.
pub(super) fn target(text: &str) -> Option<(Address, &str)> {
    text.rmatch_indices('.')
        .find_map(|(at, _)| Some((Address::parse(&text[..at])?, &text[at + 1..])))
}
