//! Blocks: configuration against what is there.

pub(super) mod fallback;
pub(super) mod ignored;
pub(super) mod labels;
mod scope;
mod set;
pub(super) mod whole;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Attribute, Definition, Fact, Kind, Mode, Suppress};
use crate::compare::{self, Action, Change, Source};
use crate::model::{Declared, Path, ProviderConfig, Unknown, Value};
use scope::{Scope, all};

/// Gathers the planned changes of one instance.
pub(super) struct Differ<'a> {
    pub definition: &'a Definition,
    declared: &'a Declared,
    /// What the whole resource says (as it is there, where that is ignored), and what is there.
    arguments: &'a BTreeMap<String, Value>,
    prior: &'a Value,
    provider: Option<&'a ProviderConfig>,
    pub changes: Vec<Change>,
}

impl<'a> Differ<'a> {
    pub fn new(
        definition: &'a Definition,
        declared: &'a Declared,
        arguments: &'a BTreeMap<String, Value>,
        prior: &'a Value,
        provider: Option<&'a ProviderConfig>,
    ) -> Self {
        Self {
            definition,
            declared,
            arguments,
            prior,
            provider,
            changes: Vec::new(),
        }
    }

    /// The whole resource; gives what is planned.
    pub fn top(&mut self) -> BTreeMap<String, Value> {
        let (arguments, prior) = (self.arguments, self.prior);
        let top = Scope {
            family: "",
            written: Some(arguments),
            there: prior,
            around: None,
        };
        let mut planned = self.block(&top, &Path::default());
        labels::plan(self, arguments, prior, self.provider, &mut planned);
        planned
    }

    /// One block; gives what is planned for it.
    fn block(&mut self, scope: &Scope<'_>, path: &Path) -> BTreeMap<String, Value> {
        let definition = self.definition;
        let mut planned = BTreeMap::new();
        for (short, full, facts) in definition.schema.children(scope.family) {
            let before = scope.there.get(short).unwrap_or(&Value::Null);
            let config = (scope.written)
                .and_then(|written| written.get(short))
                .unwrap_or(&Value::Null);
            let path = path.attribute(short);
            // What the provider plans after all where changes are ignored, tofu takes back.
            let after = if self.ignored(&path) && !untold(facts, config) {
                before.clone()
            } else {
                self.attribute(scope, full, facts, &path, config, before)
            };
            planned.insert(short.to_owned(), after);
        }
        planned
    }

    /// Whether `ignore_changes` covers a path.
    pub fn ignored(&self, path: &Path) -> bool {
        let ignored = &self.declared.lifecycle.ignore_changes;
        ignored.iter().any(|ignored| path.lies_in(ignored))
    }

    /// A planned attribute of the whole resource with what `ignore_changes` names in it as it is there.
    pub fn retained(&self, name: &str, planned: &Value, there: &Value) -> Value {
        let (mut out, top) = (planned.clone(), Path::default().attribute(name));
        for ignored in &self.declared.lifecycle.ignore_changes {
            if ignored.lies_in(&top) {
                let steps = &ignored.0[top.0.len()..];
                ignored::retain(&self.definition.schema, name, &mut out, there, steps);
            }
        }
        out
    }

    fn attribute(
        &mut self,
        scope: &Scope<'_>,
        family: &str,
        facts: &Attribute,
        path: &Path,
        config: &Value,
        before: &Value,
    ) -> Value {
        if facts.mode == Mode::Computed || facts.write_only {
            return before.clone();
        }
        let block = self.definition.schema.is_block(family);
        // To the provider's SDK an empty text says nothing where it may set the value itself; what is the provider's alone, its
        // own code sets to just what is written.
        let unsaid = facts.mode == Mode::OptionalComputed
            && !facts.provider_only
            && config.as_text() == Some("");
        let silent = *config == Value::Null || unsaid || (block && config.is_empty());
        if !matches!(config, Value::Unknown(_)) {
            self.unsettled(family, facts, path, config, before);
        }
        if silent && let Some(wanted) = fallback::planned(self.definition, family, self.provider) {
            return self.fallback(scope, family, path, wanted, before);
        }
        if silent && facts.mode == Mode::OptionalComputed {
            return self.imposed(scope, family, path, before);
        }
        if let Value::Unknown(reason) = config {
            return self.not_known(scope, family, path, reason, before);
        }
        match facts.kind {
            Kind::List if block => self.blocks(scope, family, facts, path, config, before),
            Kind::Set if block => set::plan(self, scope, family, path, config, before),
            Kind::Map => self.map(scope, family, facts, path, config, before),
            Kind::List | Kind::Set | Kind::String | Kind::Int | Kind::Float | Kind::Bool => {
                self.scalar(scope, family, facts, path, config, before)
            }
        }
    }

    /// A change that some of the releases in question plan, and others do not: by another default, or by not keeping what is
    /// there.
    fn unsettled(
        &mut self,
        family: &str,
        facts: &Attribute,
        path: &Path,
        config: &Value,
        before: &Value,
    ) {
        let other = |fact: &Fact| match fact {
            Fact::Default => *config == Value::Null,
            Fact::Mode => *config == Value::Null && !before.is_empty(),
            Fact::Kind => !config.same(before),
            // These turn what is done about a change, and make none.
            Fact::Presence | Fact::ForceNew | Fact::Suppression | Fact::Any => false,
        };
        if facts.unsettled.iter().any(other) {
            let after = Value::Unknown(Unknown::Version);
            self.change(family, path, before, &after, Action::Unknown);
        }
    }

    /// An argument that is left out and falls back to what the provider's configuration, or its code, says.
    fn fallback(
        &mut self,
        scope: &Scope<'_>,
        family: &str,
        path: &Path,
        wanted: Value,
        before: &Value,
    ) -> Value {
        // A read fills in what no release before this one stored.
        if before.is_empty() || wanted.same(before) {
            return before.clone();
        }
        let action = match wanted {
            Value::Unknown(_) => Action::Unknown,
            _ => self.action(scope, family, before, &wanted),
        };
        self.change(family, path, before, &wanted, action);
        wanted
    }

    /// What the provider's own code plans at or below an argument that configuration leaves out; gives what is planned.
    fn imposed(&mut self, scope: &Scope<'_>, family: &str, path: &Path, before: &Value) -> Value {
        let definition = self.definition;
        let mut planned = before.clone();
        for (name, unwritten) in &definition.unwritten {
            let Some(steps) = name.below(family) else {
                continue;
            };
            let (mut path, mut had) = (path.clone(), Some(before));
            for step in &steps {
                path = path.index(0).attribute(step);
                had = had.and_then(|blocks| blocks.as_list()?.first()?.get(step));
            }
            let had = had.filter(|had| !had.is_empty() && !had.same(&unwritten.value));
            let Some(had) = had else { continue };
            let conditions = unwritten.conditions.iter();
            let action = match all(conditions.map(|condition| self.holds(scope, condition))) {
                Some(false) => continue,
                Some(true) => self.action(scope, name.as_str(), had, &unwritten.value),
                None => Action::Unknown,
            };
            self.change(name.as_str(), &path, had, &unwritten.value, action);
            put(&mut planned, &steps, &unwritten.value);
        }
        planned
    }

    fn not_known(
        &mut self,
        scope: &Scope<'_>,
        family: &str,
        path: &Path,
        reason: &Unknown,
        before: &Value,
    ) -> Value {
        if self.passes_unknown(scope, family, reason, before) {
            return before.clone();
        }
        let after = Value::Unknown(reason.clone());
        let action = if reason.is_after_apply() {
            self.action(scope, family, before, &after)
        } else {
            Action::Unknown
        };
        self.change(family, path, before, &after, action);
        after
    }

    fn scalar(
        &mut self,
        scope: &Scope<'_>,
        family: &str,
        facts: &Attribute,
        path: &Path,
        config: &Value,
        before: &Value,
    ) -> Value {
        let default = facts.default.clone().map(Value::from_json);
        let wanted = if *config == Value::Null {
            default.unwrap_or(Value::Null)
        } else {
            config.clone()
        };
        if let Some(reason) = first_unknown(&wanted) {
            return self.not_known(scope, family, path, reason, before);
        }
        let agree = if facts.kind == Kind::Set {
            let pass = |new: &Value, old: &Value| {
                self.lets_pass(scope, family, facts, new, old) == Some(true)
            };
            let members = set::distinct(wanted.as_list().unwrap_or_default())
                .cloned()
                .collect();
            compare::same_members(&Value::List(members), before, |new, old| {
                new.same(old) || pass(new, old)
            })
        } else {
            wanted.same(before)
        };
        if agree {
            return before.clone();
        }
        match self.lets_pass(scope, family, facts, &wanted, before) {
            Some(true) => return before.clone(),
            Some(false) => {
                let action = self.action(scope, family, before, &wanted);
                self.change(family, path, before, &wanted, action);
            }
            None => self.change(family, path, before, &wanted, Action::Unknown),
        }
        wanted
    }

    /// Blocks in order, each with its counterpart; where their number differs, those that come or go.
    fn blocks(
        &mut self,
        scope: &Scope<'_>,
        family: &str,
        facts: &Attribute,
        path: &Path,
        config: &Value,
        before: &Value,
    ) -> Value {
        let (new, old) = (
            config.as_list().unwrap_or_default(),
            before.as_list().unwrap_or_default(),
        );
        let free = self
            .definition
            .suppress
            .get(family)
            .is_some_and(|rules| rules.contains(&Suppress::Order));
        let alike =
            |new: &Value, old: &Value| set::same(self, scope, family, new, old) == Some(true);
        if free && compare::same_members(config, before, alike) {
            return before.clone();
        }
        let ruled = new.len() != old.len() || self.definition.suppress.contains_key(family);
        let passes = if ruled {
            self.lets_pass(scope, family, facts, config, before)
        } else {
            Some(false)
        };
        if passes == Some(true) {
            return before.clone();
        }
        if new.len() != old.len() {
            let both = new.len().min(old.len());
            let (coming, going): (Vec<_>, Vec<_>) =
                (new[both..].iter().collect(), old[both..].iter().collect());
            // What is not known in a block could be what is fixed in it, or nothing at all.
            let open = coming.iter().any(|block| untellable(block));
            let action = match passes {
                None => Action::Unknown,
                Some(_) if open => Action::Unknown,
                Some(_) => self.action_of_blocks(scope, family, (before, config), &coming, &going),
            };
            self.change(family, path, before, config, action);
            return config.clone();
        }
        let new = if free {
            set::aligned(self, scope, family, new, old)
        } else {
            new.iter().collect()
        };
        let mut planned = Vec::new();
        for (at, (new, old)) in new.into_iter().zip(old).enumerate() {
            let path = path.index(at);
            planned.push(match new {
                Value::Map(written) => {
                    Value::Map(self.block(&scope.within(family, Some(written), old), &path))
                }
                Value::Unknown(reason) => self.not_known(scope, family, &path, reason, old),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Text(_)
                | Value::List(_)
                | Value::Secret(_) => new.clone(),
            });
        }
        Value::List(planned)
    }

    fn map(
        &mut self,
        scope: &Scope<'_>,
        family: &str,
        facts: &Attribute,
        path: &Path,
        config: &Value,
        before: &Value,
    ) -> Value {
        let empty = BTreeMap::new();
        let (new, old) = (
            config.as_map().unwrap_or(&empty),
            before.as_map().unwrap_or(&empty),
        );
        let keys: BTreeSet<&String> = new.keys().chain(old.keys()).collect();
        for key in keys {
            let (wanted, had) = (
                new.get(key).unwrap_or(&Value::Null),
                old.get(key).unwrap_or(&Value::Null),
            );
            let free = self
                .definition
                .suppress
                .get(family)
                .is_some_and(|rules| rules.iter().any(|rule| rule.frees(key)));
            if free && wanted.is_empty() {
                continue;
            }
            let there = new.contains_key(key) == old.contains_key(key);
            if there && wanted.same(had) {
                continue;
            }
            let passes = if there || facts.diff_suppressed {
                self.lets_pass(scope, family, facts, wanted, had)
            } else {
                Some(false)
            };
            let action = match (wanted, passes) {
                (_, Some(true)) => continue,
                (Value::Unknown(reason), _) if !reason.is_after_apply() => Action::Unknown,
                (_, None) => Action::Unknown,
                (_, Some(false)) => self.action(scope, family, had, wanted),
            };
            self.change(family, &path.key(key), had, wanted, action);
        }
        config.clone()
    }

    pub fn change(
        &mut self,
        family: &str,
        path: &Path,
        before: &Value,
        after: &Value,
        action: Action,
    ) {
        let mut around = self.definition.schema.ancestry(family);
        let action = match around.any(|facts| !facts.unsettled.is_empty()) {
            true => Action::Unknown,
            false => action,
        };
        self.changes.push(Change {
            path: path.clone(),
            before: before.clone(),
            after: after.clone(),
            mode: compare::Mode::Argument,
            action,
            sensitive: self.definition.schema.is_sensitive(family),
            source: Source::Configuration,
        });
    }
}

/// The reason of the first value that is not known.
pub(super) fn first_unknown(value: &Value) -> Option<&Unknown> {
    match value {
        Value::Unknown(reason) => Some(reason),
        Value::List(items) => items.iter().find_map(first_unknown),
        Value::Map(map) => map.values().find_map(first_unknown),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Secret(_) => None,
    }
}

/// Whether something in a value is not known that tofu knows.
pub(super) fn untellable(value: &Value) -> bool {
    match value {
        Value::Unknown(reason) => !reason.is_after_apply(),
        Value::List(items) => items.iter().any(untellable),
        Value::Map(map) => map.values().any(untellable),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Secret(_) => {
            false
        }
    }
}

/// Whether a map is one that only apply tells: of that, tofu ignores no change.
fn untold(facts: &Attribute, config: &Value) -> bool {
    facts.kind == Kind::Map && matches!(config, Value::Unknown(reason) if reason.is_after_apply())
}

/// Puts a value where steps lead to through the first block of each list.
fn put(planned: &mut Value, steps: &[&str], value: &Value) {
    let Some((step, rest)) = steps.split_first() else {
        return planned.clone_from(value);
    };
    if let Value::List(blocks) = planned
        && let Some(Value::Map(block)) = blocks.first_mut()
        && let Some(inner) = block.get_mut(*step)
    {
        put(inner, rest, value);
    }
}
