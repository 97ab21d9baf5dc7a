//! The blocks that stand around an attribute, and conditions on what stands in them.

use std::collections::BTreeMap;

use super::Differ;
use crate::catalog::{Attribute, Mode, SchemaPath, Suppress, When};
use crate::model::{Unknown, Value};

/// A block as it is written and as it is there, and the blocks around it.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    /// The block; empty for the whole resource.
    pub family: &'s str,
    /// What configuration writes in it; nothing where it does not write the block.
    pub written: Option<&'s BTreeMap<String, Value>>,
    /// What is there.
    pub there: &'s Value,
    /// What stands around it.
    pub around: Option<&'s Scope<'s>>,
}

impl<'s> Scope<'s> {
    /// A block in this one.
    pub fn within<'t>(
        &'t self,
        family: &'t str,
        written: Option<&'t BTreeMap<String, Value>>,
        there: &'t Value,
    ) -> Scope<'t> {
        Scope {
            family,
            written,
            there,
            around: Some(self),
        }
    }

    /// The innermost block around an attribute that stands around this place, too, and the steps from there to it.
    fn around<'t>(&'t self, family: &'t SchemaPath) -> (&'t Scope<'s>, Vec<&'t str>) {
        match (family.below(self.family), self.around) {
            (Some(steps), _) if !steps.is_empty() => (self, steps),
            (_, Some(around)) => around.around(family),
            (steps, None) => (self, steps.unwrap_or_default()),
        }
    }
}

/// Whether all hold: no where one does not, else not known where one is not known.
pub(super) fn all(conditions: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    for condition in conditions {
        match condition {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

/// Whether any holds: yes where one does, else not known where one is not known.
pub(super) fn any(conditions: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    all(conditions.into_iter().map(|one| one.map(|one| !one))).map(|none| !none)
}

impl Differ<'_> {
    /// Whether the provider lets a difference pass; nothing where its rule is not known, or what the rule asks for is not.
    pub(super) fn lets_pass(
        &self,
        scope: &Scope<'_>,
        family: &str,
        facts: &Attribute,
        wanted: &Value,
        before: &Value,
    ) -> Option<bool> {
        match self.definition.suppress.get(family) {
            Some(rules) => any(rules
                .iter()
                .map(|rule| self.passes(scope, rule, wanted, before))),
            None if facts.diff_suppressed => None,
            None => Some(false),
        }
    }

    fn passes(
        &self,
        scope: &Scope<'_>,
        rule: &Suppress,
        wanted: &Value,
        before: &Value,
    ) -> Option<bool> {
        match rule {
            Suppress::When(rule, conditions) => all([self.passes(scope, rule, wanted, before)]
                .into_iter()
                .chain(conditions.iter().map(|when| self.stands(scope, when)))),
            Suppress::Unclear => None,
            Suppress::Text(_)
            | Suppress::Empty(_)
            | Suppress::Order
            | Suppress::Members(_)
            | Suppress::Plus(_)
            | Suppress::Keys(_)
            | Suppress::Lower
            | Suppress::Always
            | Suppress::Never => Some(rule.lets_pass(wanted, before)),
        }
    }

    /// Whether the provider lets pass what is not known: what only apply tells is to it a text like no other.
    pub(super) fn passes_unknown(
        &self,
        scope: &Scope<'_>,
        family: &str,
        reason: &Unknown,
        before: &Value,
    ) -> bool {
        let rules = self.definition.suppress.get(family);
        let text = Value::text(crate::compare::UNTOLD);
        let passes = |rule: &Suppress| {
            if reason.is_after_apply() {
                self.passes(scope, rule, &text, before)
            } else {
                always(rule).then(|| self.passes(scope, rule, &text, before))?
            }
        };
        any(rules.into_iter().flatten().map(passes)) == Some(true)
    }

    /// Whether a condition of a replacement, or of what the provider imposes, holds: of what will be.
    pub(super) fn holds(&self, scope: &Scope<'_>, condition: &When) -> Option<bool> {
        self.fits(condition, &self.outlook(scope, &condition.family, false))
    }

    /// Whether a condition under which a difference passes holds. The provider asks before there is a plan, when what
    /// configuration leaves out is still as it was.
    fn stands(&self, scope: &Scope<'_>, condition: &When) -> Option<bool> {
        self.fits(condition, &self.outlook(scope, &condition.family, true))
    }

    /// What only apply tells is empty to the provider's code; what else is not known could be anything.
    fn fits(&self, condition: &When, value: &Value) -> Option<bool> {
        match value {
            Value::Unknown(reason) if !reason.is_after_apply() => None,
            known => Some(condition.fits(&spelt(known))),
        }
    }

    /// What an attribute will be: what configuration says, or its default where its block is written; else what is there, if it
    /// is computed too or `lingers`.
    fn outlook(&self, scope: &Scope<'_>, family: &SchemaPath, lingers: bool) -> Value {
        let (scope, steps) = scope.around(family);
        let Some((last, blocks)) = steps.split_last() else {
            return Value::Null;
        };
        let (mut written, mut there) = (scope.written, Some(scope.there));
        for block in blocks {
            let inner = written.and_then(|map| map.get(*block));
            if let Some(Value::Unknown(reason)) = inner {
                return Value::Unknown(reason.clone());
            }
            let first = inner.and_then(|inner| inner.as_list()?.first());
            if let Some(Value::Unknown(reason)) = first {
                return Value::Unknown(reason.clone());
            }
            written = first.and_then(Value::as_map);
            there = there.and_then(|value| value.get(block)?.as_list()?.first());
        }
        let facts = self.definition.schema.attributes.get(family.as_str());
        let kept = facts
            .is_some_and(|facts| matches!(facts.mode, Mode::Computed | Mode::OptionalComputed));
        let here = || {
            there
                .and_then(|value| value.get(last))
                .cloned()
                .unwrap_or_default()
        };
        match written.map(|map| map.get(*last).filter(|value| **value != Value::Null)) {
            Some(Some(said)) => said.clone(),
            Some(None) if !kept => match facts.and_then(|facts| facts.default.clone()) {
                Some(default) => Value::from_json(default),
                None if lingers => here(),
                None => Value::Null,
            },
            Some(None) | None => here(),
        }
    }
}

/// Whether a rule lets anything pass, whatever it is.
fn always(rule: &Suppress) -> bool {
    match rule {
        Suppress::When(rule, _) => always(rule),
        rule => *rule == Suppress::Always,
    }
}

/// A scalar as the text that conditions are held against.
pub(super) fn spelt(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Bool(b) => b.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Unknown(_) | Value::Secret(_) => {
            String::new()
        }
    }
}
