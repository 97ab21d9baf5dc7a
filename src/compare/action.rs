//! What tofu would do about a difference, as far as state alone can tell.

use super::attribute::Difference;
use super::equivalence::same_set;
use crate::catalog::{Attribute, Definition, Kind, MERGED_LABELS, Mode, Suppress};
use crate::model::{Path, Step, Value, worded};

worded! {
    /// What tofu would do about one difference, the least first.
    pub enum Action {
        /// Nothing.
        None = "none",
        /// It is not known: configuration, a rule of the provider, or a value is missing.
        Unknown = "unknown",
        /// An update in place.
        Update = "update",
        /// A replacement.
        Replace = "replace",
    }
}

/// What tofu would do about a difference between state and cloud when configuration is what state was made from.
///
/// A required or optional argument is what configuration says (or its default), so tofu will undo the difference. An argument
/// that is also computed may not be in configuration at all: then tofu keeps what it reads. The same holds for everything
/// inside a block that is optional and computed. An attribute that `state` does not name at all is newer than the provider that
/// wrote it: configuration could not say it then, and tofu keeps what it reads.
pub(super) fn action(definition: &Definition, difference: &Difference, state: &Value) -> Action {
    let family = difference.path.family();
    let ancestry: Vec<&Attribute> = definition.schema.ancestry(&family).collect();
    let Some(facts) = ancestry.last() else {
        return Action::None;
    };
    if family == MERGED_LABELS {
        // What it holds is planned anew from configuration, computed or not; a key that is read at all differs from that.
        return if difference.after == Value::Null {
            Action::Unknown
        } else {
            Action::Update
        };
    }
    if ancestry.iter().any(|facts| facts.mode == Mode::Computed) {
        return Action::None;
    }
    if ancestry.iter().any(|facts| !facts.unsettled.is_empty()) {
        return Action::Unknown;
    }
    let unnamed = unnamed(state, &difference.path);
    if ancestry
        .iter()
        .any(|facts| facts.mode == Mode::OptionalComputed)
    {
        return if unnamed {
            Action::None
        } else {
            Action::Unknown
        };
    }
    // What configuration could not say yet is planned as its default.
    let default = facts.default.clone().map(Value::from_json);
    if unnamed && default.is_some_and(|default| default.same(&difference.after)) {
        return Action::None;
    }
    // In which order blocks were written, state alone does not tell.
    let unordered = |(at, _): (usize, &str)| {
        definition
            .suppress
            .get(&family[..at])
            .is_some_and(|r| r.contains(&Suppress::Order))
    };
    if family.match_indices('.').any(unordered) {
        return Action::Unknown;
    }
    match suppression(definition, &family, facts, difference) {
        Some(true) => return Action::None,
        Some(false) => {}
        None => return Action::Unknown,
    }
    if facts.kind == Kind::Set && facts.is_block() {
        match same_set(definition, &family, &difference.before, &difference.after) {
            Some(true) => return Action::None,
            Some(false) => {}
            None => return Action::Unknown,
        }
    }
    if facts.force_new || comes_or_goes(definition, &family, difference) {
        return Action::Replace;
    }
    by_code(definition, &family, &difference.after, &difference.before)
}

/// What the provider's code makes of a change back from what is there to what state has: of the argument itself, or of what lies
/// in blocks that come or go with it.
fn by_code(definition: &Definition, family: &str, there: &Value, wanted: &Value) -> Action {
    let own = definition.replace.get(family).map(|replacement| {
        match replacement.rule.holds(there, wanted) {
            Some(false) => Action::Update,
            Some(true) if replacement.conditions.is_empty() => Action::Replace,
            // State alone does not tell what other arguments say.
            Some(true) | None => Action::Unknown,
        }
    });
    let (old, new) = (
        there.as_list().unwrap_or_default(),
        wanted.as_list().unwrap_or_default(),
    );
    let blocks = if definition.schema.is_block(family) {
        old.len().min(new.len())..old.len().max(new.len())
    } else {
        0..0
    };
    let within = blocks.flat_map(|at| {
        let of = move |blocks: &[Value], name: &str| {
            let block = blocks.get(at);
            block
                .and_then(|block| block.get(name))
                .cloned()
                .unwrap_or_default()
        };
        let children = definition.schema.children(family);
        children
            .filter(|(_, _, facts)| facts.mode != Mode::Computed)
            .map(move |(short, full, _)| (full, of(old, short), of(new, short)))
            .filter(|(_, old, new)| !old.same(new))
            .map(|(full, old, new)| by_code(definition, full, &old, &new))
    });
    own.into_iter()
        .chain(within)
        .max_by_key(|action| graver(*action))
        .unwrap_or(Action::Update)
}

/// How grave it is that something may be done: a replacement more than what is not known, that more than an update.
fn graver(action: Action) -> u8 {
    match action {
        Action::None => 0,
        Action::Update => 1,
        Action::Unknown => 2,
        Action::Replace => 3,
    }
}

/// Whether state lacks an attribute on a path, where it has what the attribute stands in. A state names all that its provider
/// knows, if only as null.
fn unnamed(state: &Value, path: &Path) -> bool {
    let mut at = state;
    for step in &path.0 {
        let inner = match step {
            Step::Attribute(name) if at.as_map().is_some_and(|map| !map.contains_key(name)) => {
                return true;
            }
            Step::Attribute(name) | Step::Key(name) => at.get(name),
            Step::Index(index) => at.as_list().and_then(|items| items.get(*index)),
        };
        match inner {
            Some(inner) => at = inner,
            None => return false,
        }
    }
    false
}

/// Whether the provider lets the difference pass; nothing where its rule is not known.
fn suppression(
    definition: &Definition,
    family: &str,
    facts: &Attribute,
    difference: &Difference,
) -> Option<bool> {
    match definition.suppress.get(family) {
        Some(rules)
            if difference.before.is_empty() && rules.iter().any(|rule| freed(rule, difference)) =>
        {
            Some(true)
        }
        Some(rules)
            if rules
                .iter()
                .any(|rule| rule.lets_pass(&difference.before, &difference.after)) =>
        {
            Some(true)
        }
        // State alone does not tell what other arguments say.
        Some(rules) if rules.iter().any(|rule| may_pass(rule, difference)) => None,
        Some(_) => Some(false),
        None if facts.diff_suppressed => None,
        None => Some(false),
    }
}

/// Whether a rule could let the difference pass, for all that state alone tells.
fn may_pass(rule: &Suppress, difference: &Difference) -> bool {
    match rule {
        Suppress::Unclear => true,
        Suppress::When(rule, _) => rule.lets_pass(&difference.before, &difference.after),
        Suppress::Text(_)
        | Suppress::Empty(_)
        | Suppress::Order
        | Suppress::Members(_)
        | Suppress::Plus(_)
        | Suppress::Keys(_)
        | Suppress::Lower
        | Suppress::Always
        | Suppress::Never => false,
    }
}

/// Whether the difference is a key of a map that need not be in configuration.
fn freed(rule: &Suppress, difference: &Difference) -> bool {
    matches!(difference.path.last_key(), Some(key) if rule.frees(key))
}

/// Whether blocks that come or go hold an argument that cannot be changed in place.
fn comes_or_goes(definition: &Definition, family: &str, difference: &Difference) -> bool {
    let (before, after) = (
        difference.before.as_list().unwrap_or_default(),
        difference.after.as_list().unwrap_or_default(),
    );
    if !definition.schema.is_block(family) {
        return false;
    }
    let longer = if before.len() > after.len() {
        before
    } else {
        after
    };
    longer
        .iter()
        .skip(before.len().min(after.len()))
        .any(|block| fixed(definition, family, block))
}

/// Whether an argument that forces a replacement is set somewhere in a block.
fn fixed(definition: &Definition, family: &str, block: &Value) -> bool {
    definition
        .schema
        .children(family)
        .any(|(short, full, facts)| {
            let Some(value) = block.get(short).filter(|value| !value.is_empty()) else {
                return false;
            };
            if definition.schema.is_block(full) {
                return facts.force_new
                    || value
                        .as_list()
                        .unwrap_or_default()
                        .iter()
                        .any(|inner| fixed(definition, full, inner));
            }
            facts.force_new && facts.mode != Mode::Computed
        })
}
