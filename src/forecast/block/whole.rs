//! Blocks that come or go as a whole, and what a change of an argument takes.

use std::collections::BTreeMap;

use super::Differ;
use super::scope::{Scope, all, any};
use crate::catalog::{Attribute, Definition, Mode};
use crate::compare::Action;
use crate::model::Value;

impl Differ<'_> {
    /// What a change of an argument takes: the schema says, or the provider's own code.
    pub(super) fn action(
        &self,
        scope: &Scope<'_>,
        family: &str,
        before: &Value,
        after: &Value,
    ) -> Action {
        let facts = self.definition.schema.attributes.get(family);
        if facts.is_some_and(|facts| facts.force_new) {
            return Action::Replace;
        }
        taken(self.replaces(scope, family, before, after, &[]))
    }

    /// What it takes that blocks come or go, of all there were and all there will be.
    pub(super) fn action_of_blocks(
        &self,
        scope: &Scope<'_>,
        family: &str,
        (before, after): (&Value, &Value),
        coming: &[&Value],
        going: &[&Value],
    ) -> Action {
        let facts = self.definition.schema.attributes.get(family);
        let fixed = coming
            .iter()
            .any(|block| self.sets_fixed(scope, family, block))
            || going.iter().any(|block| self.fixed(family, block));
        if fixed || facts.is_some_and(|facts| facts.force_new) {
            return Action::Replace;
        }
        let pairs: Vec<_> = (0..coming.len().max(going.len()))
            .map(|at| (going.get(at).copied(), coming.get(at).copied()))
            .collect();
        taken(self.replaces(scope, family, before, after, &pairs))
    }

    /// Whether the provider's own code makes a change a replacement: by a rule on the argument itself, or on what lies in blocks
    /// that come or go with it. To such a rule, what is not there is a zero.
    fn replaces(
        &self,
        scope: &Scope<'_>,
        family: &str,
        before: &Value,
        after: &Value,
        pairs: &[(Option<&Value>, Option<&Value>)],
    ) -> Option<bool> {
        let own = match self.definition.replace.get(family) {
            None => Some(false),
            Some(replacement) => all([replacement.rule.holds(before, after)].into_iter().chain(
                replacement
                    .conditions
                    .iter()
                    .map(|condition| self.holds(scope, condition)),
            )),
        };
        let within = pairs
            .iter()
            .map(|(old, new)| self.replaces_within(scope, family, *old, *new));
        any([own].into_iter().chain(within))
    }

    fn replaces_within(
        &self,
        scope: &Scope<'_>,
        family: &str,
        old: Option<&Value>,
        new: Option<&Value>,
    ) -> Option<bool> {
        let nothing = BTreeMap::new();
        let there = old.unwrap_or(&Value::Null);
        // A block that goes is written nowhere: its arguments are zeros then, not what was there.
        let written = new.and_then(Value::as_map).unwrap_or(&nothing);
        let scope = scope.within(family, Some(written), there);
        any(self
            .definition
            .schema
            .children(family)
            .map(|(short, full, facts)| {
                let default = facts.default.clone().map(Value::from_json);
                let said = written.get(short).filter(|value| **value != Value::Null);
                let after = match (said, new) {
                    (Some(said), _) => said.clone(),
                    (None, Some(_)) => default.unwrap_or_default(),
                    (None, None) => Value::Null,
                };
                let before = there.get(short).unwrap_or(&Value::Null);
                if facts.mode == Mode::Computed || after.same(before) {
                    return Some(false);
                }
                let (old, new) = (
                    before.as_list().unwrap_or_default(),
                    after.as_list().unwrap_or_default(),
                );
                let blocks = if facts.is_block() {
                    old.len().max(new.len())
                } else {
                    0
                };
                let pairs: Vec<_> = (0..blocks).map(|at| (old.get(at), new.get(at))).collect();
                self.replaces(&scope, full, before, &after, &pairs)
            }))
    }

    /// Whether a block that comes sets an argument that cannot be changed in place, be it to false or 0, or by its default.
    pub(super) fn sets_fixed(&self, scope: &Scope<'_>, family: &str, block: &Value) -> bool {
        let scope = scope.within(family, block.as_map(), &Value::Null);
        self.definition
            .schema
            .children(family)
            .any(|(short, full, facts)| {
                let default = facts
                    .default
                    .clone()
                    .map(Value::from_json)
                    .unwrap_or_default();
                let value = block
                    .get(short)
                    .filter(|value| **value != Value::Null)
                    .unwrap_or(&default);
                let says = matches!(value, Value::Bool(_) | Value::Number(_)) || !value.is_empty();
                if facts.mode == Mode::Computed
                    || !says
                    || self.lets_pass(&scope, full, facts, value, &Value::Null) == Some(true)
                {
                    return false;
                }
                let inside = || {
                    value
                        .as_list()
                        .unwrap_or_default()
                        .iter()
                        .any(|inner| self.sets_fixed(&scope, full, inner))
                };
                facts.force_new || (facts.is_block() && inside())
            })
    }

    /// Whether a block that goes holds an argument that cannot be changed in place.
    pub(super) fn fixed(&self, family: &str, block: &Value) -> bool {
        self.definition
            .schema
            .children(family)
            .any(|(short, full, facts)| {
                let Some(value) = block.get(short).filter(|value| !value.is_empty()) else {
                    return false;
                };
                if facts.mode == Mode::Computed || facts.mode == Mode::OptionalComputed {
                    return false;
                }
                let inside = || {
                    value
                        .as_list()
                        .unwrap_or_default()
                        .iter()
                        .any(|inner| self.fixed(full, inner))
                };
                facts.force_new || (facts.is_block() && inside())
            })
    }
}

/// Whether a change at an attribute, or in it, could replace the resource: the schema, or a rule of the provider's code, says so
/// of it, of a block around it, or of something in it.
pub(in crate::forecast) fn may_replace(definition: &Definition, family: &str) -> bool {
    let schema = &definition.schema;
    let mut around = schema.ancestry(family);
    around.any(|facts| facts.force_new || !facts.unsettled.is_empty()) || grave(definition, family)
}

fn taken(replaces: Option<bool>) -> Action {
    match replaces {
        Some(true) => Action::Replace,
        Some(false) => Action::Update,
        None => Action::Unknown,
    }
}

/// Whether an attribute, or something in it, replaces the resource.
fn grave(definition: &Definition, family: &str) -> bool {
    let facts = definition.schema.attributes.get(family);
    facts.is_some_and(|facts| facts.force_new && facts.mode != Mode::Computed)
        || definition.replace.contains_key(family)
        || (facts.is_some_and(Attribute::is_block)
            && definition
                .schema
                .children(family)
                .any(|(_, full, _)| grave(definition, full)))
}
