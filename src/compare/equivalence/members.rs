//! Sets of blocks whose members differ, as far as state alone can tell whether the provider takes them for the same.

use crate::catalog::{Definition, Kind, Mode, Suppress};
use crate::model::Value;

/// Whether two sets of blocks hold the same members to the provider; nothing where that depends on what configuration says.
pub fn same_set(
    definition: &Definition,
    family: &str,
    configured: &Value,
    live: &Value,
) -> Option<bool> {
    let (new, old) = (
        configured.as_list().unwrap_or_default(),
        live.as_list().unwrap_or_default(),
    );
    if new.len() != old.len() {
        return Some(false);
    }
    let mut rest: Vec<&Value> = old.iter().collect();
    let mut take = |new: &&Value, sure: bool| {
        let at = rest.iter().position(|old| {
            let same = member(definition, family, new, old);
            same == Some(true) || (!sure && same.is_none())
        });
        at.map(|at| rest.remove(at)).is_some()
    };
    let open: Vec<&Value> = new.iter().filter(|new| !take(new, true)).collect();
    if open.is_empty() {
        return Some(true);
    }
    let paired = open.iter().all(|new| take(new, false));
    if paired { None } else { Some(false) }
}

/// Whether a member is the same as another.
fn member(definition: &Definition, family: &str, new: &Value, old: &Value) -> Option<bool> {
    let mut certain = true;
    for (short, full, facts) in definition.schema.children(family) {
        if facts.mode == Mode::Computed {
            continue;
        }
        let of = |block: &Value| block.get(short).cloned().unwrap_or_default();
        let (new, old) = (of(new), of(old));
        match passes(definition, full, &new, &old) {
            Some(true) => continue,
            None => {
                certain = false;
                continue;
            }
            Some(false) => {}
        }
        let same = match facts.kind {
            Kind::Set if facts.is_block() => same_set(definition, full, &new, &old),
            Kind::Set => Some(super::same_members(&new, &old, Value::same)),
            Kind::List if facts.is_block() => blocks(definition, full, &new, &old),
            Kind::List | Kind::Map | Kind::String | Kind::Int | Kind::Float | Kind::Bool => {
                Some(new.same(&old))
            }
        };
        match same {
            Some(true) => {}
            None => certain = false,
            Some(false) => return Some(false),
        }
    }
    certain.then_some(true)
}

fn blocks(definition: &Definition, family: &str, new: &Value, old: &Value) -> Option<bool> {
    let (new, old) = (
        new.as_list().unwrap_or_default(),
        old.as_list().unwrap_or_default(),
    );
    if new.len() != old.len() {
        return Some(false);
    }
    let mut certain = true;
    for (new, old) in new.iter().zip(old) {
        match member(definition, family, new, old) {
            Some(true) => {}
            None => certain = false,
            Some(false) => return Some(false),
        }
    }
    certain.then_some(true)
}

/// Whether a rule lets a difference pass; nothing where that depends on other arguments.
fn passes(definition: &Definition, family: &str, new: &Value, old: &Value) -> Option<bool> {
    if new.same(old) {
        return Some(true);
    }
    let rules = definition
        .suppress
        .get(family)
        .map_or(&[][..], Vec::as_slice);
    let open = |rule: &Suppress| match rule {
        Suppress::When(rule, _) => rule.lets_pass(new, old),
        Suppress::Unclear => true,
        Suppress::Text(_)
        | Suppress::Empty(_)
        | Suppress::Order
        | Suppress::Members(_)
        | Suppress::Plus(_)
        | Suppress::Keys(_)
        | Suppress::Lower
        | Suppress::Always
        | Suppress::Never => false,
    };
    match () {
        () if rules.iter().any(|rule| rule.lets_pass(new, old)) => Some(true),
        () if rules.iter().any(open) => None,
        () => Some(false),
    }
}
