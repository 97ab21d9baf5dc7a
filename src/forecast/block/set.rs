//! Sets of blocks: compared by whole elements, as the provider's SDK hashes them.

use super::scope::{Scope, all, any};
use super::{Differ, untellable};
use crate::catalog::{Attribute, Kind, Mode};
use crate::compare::{self, Action};
use crate::model::{Path, Value};

/// Plans a set of blocks.
///
/// An element's computed members are no part of it; a member that is optional and computed and not written counts as empty,
/// because the SDK finds no prior value for an element it does not recognize.
pub(super) fn plan(
    differ: &mut Differ<'_>,
    scope: &Scope<'_>,
    family: &str,
    path: &Path,
    config: &Value,
    before: &Value,
) -> Value {
    let (new, old) = (
        config.as_list().unwrap_or_default(),
        before.as_list().unwrap_or_default(),
    );
    let alike = |element: &Value, old: &Value| same(differ, scope, family, element, old);
    let mut rest: Vec<&Value> = old.iter().collect();
    let mut came = Vec::new();
    for element in distinct(new) {
        let at = rest
            .iter()
            .position(|old| alike(element, old) == Some(true));
        match at {
            Some(at) => drop(rest.swap_remove(at)),
            None => came.push(element),
        }
    }
    // A set has each element once, however often it is written.
    let there = |element: &Value| old.iter().any(|old| alike(element, old) == Some(true));
    came.retain(|element| !there(element));
    if came.is_empty() && rest.is_empty() {
        return before.clone();
    }
    let passes = match differ.definition.schema.attributes.get(family) {
        Some(facts) => differ.lets_pass(scope, family, facts, config, before),
        None => Some(false),
    };
    if passes == Some(true) {
        return before.clone();
    }
    let not_known = came.iter().any(|element| untellable(element));
    let may_be = |element: &&Value| rest.iter().any(|old| alike(element, old).is_none());
    let action = if not_known || passes.is_none() || came.iter().any(may_be) {
        Action::Unknown
    } else {
        differ.action_of_blocks(scope, family, (before, config), &came, &rest)
    };
    differ.change(family, path, before, config, action);
    config.clone()
}

/// The members of a set: what is written twice is one, and two that are not known may be two.
pub(super) fn distinct(written: &[Value]) -> impl Iterator<Item = &Value> {
    let first = |(at, element): &(usize, &Value)| {
        !written[..*at]
            .iter()
            .any(|earlier| earlier.same(element) && !earlier.has_unknown())
    };
    written
        .iter()
        .enumerate()
        .filter(first)
        .map(|(_, element)| element)
}

/// Whether an element that configuration writes is one that is there; nothing where a rule decides that depends on what is not
/// known.
pub(super) fn same(
    differ: &Differ<'_>,
    scope: &Scope<'_>,
    family: &str,
    new: &Value,
    old: &Value,
) -> Option<bool> {
    let scope = scope.within(family, new.as_map(), old);
    let schema = &differ.definition.schema;
    let members = schema.children(family);
    all(members
        .filter(|(_, _, facts)| facts.mode != Mode::Computed)
        .map(|(short, full, facts)| {
            let default = facts
                .default
                .clone()
                .map(Value::from_json)
                .unwrap_or_default();
            let wanted = new
                .get(short)
                .filter(|value| **value != Value::Null)
                .unwrap_or(&default);
            let had = old.get(short).unwrap_or(&Value::Null);
            any([
                Some(agree(differ, &scope, (full, facts), wanted, had)),
                differ.lets_pass(&scope, full, facts, wanted, had),
            ])
        }))
}

/// Whether a member is as it is there, whatever else passes for it.
fn agree(
    differ: &Differ<'_>,
    scope: &Scope<'_>,
    (family, facts): (&str, &Attribute),
    wanted: &Value,
    had: &Value,
) -> bool {
    let alike = |new: &Value, old: &Value| same(differ, scope, family, new, old) == Some(true);
    match (facts.kind == Kind::Set, facts.is_block()) {
        (false, false) => wanted.same(had),
        (true, false) => compare::same_members(wanted, had, Value::same),
        (true, true) => compare::same_members(wanted, had, alike),
        (false, true) => {
            let (new, old) = (
                wanted.as_list().unwrap_or_default(),
                had.as_list().unwrap_or_default(),
            );
            new.len() == old.len() && new.iter().zip(old).all(|(new, old)| alike(new, old))
        }
    }
}

/// As many blocks as there are, each with its equal at the same place; the others in the order they have.
pub(super) fn aligned<'v>(
    differ: &Differ<'_>,
    scope: &Scope<'_>,
    family: &str,
    new: &'v [Value],
    old: &[Value],
) -> Vec<&'v Value> {
    let mut rest: Vec<&Value> = new.iter().collect();
    let mut take = |old: &Value| {
        let at = rest
            .iter()
            .position(|new| same(differ, scope, family, new, old) == Some(true))?;
        Some(rest.remove(at))
    };
    let equal: Vec<Option<&Value>> = old.iter().map(&mut take).collect();
    let mut rest = rest.into_iter();
    equal
        .into_iter()
        .filter_map(|found| found.or_else(|| rest.next()))
        .collect()
}
