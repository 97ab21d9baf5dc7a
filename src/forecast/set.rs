//! Sets of blocks: compared by whole elements, as the provider's SDK hashes them.

use super::block::{Differ, first_unknown};
use crate::catalog::{Kind, Mode};
use crate::compare::{self, Action};
use crate::model::{Path, Value};

/// Plans a set of blocks.
///
/// An element's computed members are no part of it; a member that is optional and computed and not written counts as empty,
/// because the SDK finds no prior value for an element it does not recognize.
pub(super) fn plan(
    differ: &mut Differ<'_>,
    family: &str,
    path: &Path,
    config: &Value,
    before: &Value,
) -> Value {
    let (new, old) = (
        config.as_list().unwrap_or_default(),
        before.as_list().unwrap_or_default(),
    );
    let mut rest: Vec<&Value> = old.iter().collect();
    let mut came = Vec::new();
    for element in distinct(new) {
        match rest
            .iter()
            .position(|old| same(differ, family, element, old))
        {
            Some(at) => drop(rest.swap_remove(at)),
            None => came.push(element),
        }
    }
    // A set has each element once, however often it is written.
    let there = |element: &Value| old.iter().any(|old| same(differ, family, element, old));
    came.retain(|element| !there(element));
    if came.is_empty() && rest.is_empty() {
        return before.clone();
    }
    let facts = differ.definition.schema.attributes.get(family);
    if facts.is_some_and(|facts| differ.lets_pass(family, facts, config, before) == Some(true)) {
        return before.clone();
    }
    let reason = came
        .iter()
        .find_map(|element| first_unknown(element))
        .filter(|reason| !reason.is_after_apply());
    let unclear =
        facts.is_some_and(|facts| differ.lets_pass(family, facts, config, before).is_none());
    let fixed = came
        .iter()
        .any(|element| differ.sets_fixed(family, element))
        || rest.iter().any(|element| differ.fixed(family, element));
    let action = match () {
        () if reason.is_some() || unclear => Action::Unknown,
        () if fixed => Action::Replace,
        () => differ.action(family, before, config),
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

/// Whether an element that configuration writes is one that is there.
pub(super) fn same(differ: &Differ<'_>, family: &str, new: &Value, old: &Value) -> bool {
    differ
        .definition
        .schema
        .children(family)
        .filter(|(_, _, facts)| facts.mode != Mode::Computed)
        .all(|(short, full, facts)| {
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
            let set = facts.kind == Kind::Set;
            if !differ.definition.schema.is_block(full) {
                let agree = if set {
                    compare::same_members(wanted, had, Value::same)
                } else {
                    wanted.same(had)
                };
                return agree || differ.lets_pass(full, facts, wanted, had) == Some(true);
            }
            if differ.lets_pass(full, facts, wanted, had) == Some(true) {
                return true;
            }
            if set {
                return compare::same_members(wanted, had, |new, old| same(differ, full, new, old));
            }
            let (new, old) = (
                wanted.as_list().unwrap_or_default(),
                had.as_list().unwrap_or_default(),
            );
            new.len() == old.len()
                && new
                    .iter()
                    .zip(old)
                    .all(|(new, old)| same(differ, full, new, old))
        })
}

/// As many blocks as there are, each with its equal at the same place; the others in the order they have.
pub(super) fn aligned<'v>(
    differ: &Differ<'_>,
    family: &str,
    new: &'v [Value],
    old: &[Value],
) -> Vec<&'v Value> {
    let mut rest: Vec<&Value> = new.iter().collect();
    let mut take = |old: &Value| {
        let at = rest.iter().position(|new| same(differ, family, new, old))?;
        Some(rest.remove(at))
    };
    let equal: Vec<Option<&Value>> = old.iter().map(&mut take).collect();
    let mut rest = rest.into_iter();
    equal
        .into_iter()
        .filter_map(|found| found.or_else(|| rest.next()))
        .collect()
}
