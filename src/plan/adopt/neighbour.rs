//! Several candidates told apart by what is declared inside: of three database instances one has the database `orders`.

use super::matching::Matching;
use crate::model::{Address, Value};
use crate::normalize::imported;

/// How many instances inside are looked at.
const MOST: usize = 16;

/// The one candidate that holds more of what is declared inside an instance than any other, with the reason.
pub(super) fn only(matching: &Matching<'_>, address: &Address, candidates: &[usize]) -> Option<(usize, String)> {
    let inside = inside(matching, address);
    let definition = matching.inputs.catalog.definition(&address.rtype)?;
    let mut held: Vec<(usize, Vec<&Address>)> = Vec::new();
    for at in candidates.iter().filter(|_| !inside.is_empty()) {
        let attributes = imported(definition, &matching.inputs.cloud.objects[*at].attributes);
        matching.configured.there.set(address, Value::Map(attributes));
        let there = |inner: &&&Address| {
            let evaluated = matching.evaluated(inner);
            let name = evaluated.and_then(|(definition, _, arguments)| matching.name(definition, &arguments));
            name.is_some_and(|name| matching.by_name.contains_key(&(inner.rtype.as_str(), name.as_str())))
        };
        held.push((*at, inside.iter().filter(there).copied().collect()));
    }
    matching.configured.there.forget(address);
    held.sort_by_key(|(_, inner)| std::cmp::Reverse(inner.len()));
    let [(at, first), rest @ ..] = held.as_slice() else { return None };
    let ahead = rest.iter().all(|(_, inner)| inner.len() < first.len());
    let witness = first.iter().find(|inner| rest.iter().all(|(_, others)| !others.contains(inner)))?;
    ahead.then(|| (*at, format!("of {} that fit, only this one holds {witness}", candidates.len())))
}

/// What is declared with a reference to an instance in it.
fn inside<'a>(matching: &Matching<'a>, address: &Address) -> Vec<&'a Address> {
    let refers = |target: &str| self::target(target).is_some_and(|(to, _)| to == *address);
    let declared = matching.configured.declarations.config.resources.iter();
    let inside = declared.filter(|declared| declared.references.iter().any(|(_, target)| refers(target)));
    inside.map(|declared| &declared.address).take(MOST).collect()
}

/// The instance and the attribute that a reference names: `google_sql_database_instance.main.name`.
pub(super) fn target(text: &str) -> Option<(Address, &str)> {
    text.rmatch_indices('.').find_map(|(at, _)| Some((Address::parse(&text[..at])?, &text[at + 1..])))
}
