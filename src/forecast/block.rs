//! Blocks: configuration against what is there.

use std::collections::BTreeMap;

use super::{labels, set};
use crate::catalog::{Attribute, Definition, Kind, Mode, Suppress, When};
use crate::compare::{self, Action, Change, Source};
use crate::model::{Declared, Path, ProviderConfig, Unknown, Value};

/// Gathers the planned changes of one instance.
pub(super) struct Differ<'a> {
    pub definition: &'a Definition,
    declared: &'a Declared,
    /// What the whole resource says, and what is there.
    arguments: &'a BTreeMap<String, Value>,
    prior: &'a Value,
    pub changes: Vec<Change>,
}

impl<'a> Differ<'a> {
    pub fn new(
        definition: &'a Definition,
        declared: &'a Declared,
        arguments: &'a BTreeMap<String, Value>,
        prior: &'a Value,
    ) -> Self {
        Self {
            definition,
            declared,
            arguments,
            prior,
            changes: Vec::new(),
        }
    }

    /// The whole resource; gives what is planned.
    pub fn top(&mut self, provider: Option<&ProviderConfig>) -> BTreeMap<String, Value> {
        let (arguments, prior) = (self.arguments, self.prior);
        let mut planned = self.block("", &Path::default(), arguments, prior);
        labels::plan(self, arguments, prior, provider, &mut planned);
        planned
    }

    /// One block; gives what is planned for it.
    fn block(
        &mut self,
        family: &str,
        path: &Path,
        written: &BTreeMap<String, Value>,
        prior: &Value,
    ) -> BTreeMap<String, Value> {
        let children: Vec<_> = self.definition.schema.children(family).collect();
        let mut planned = BTreeMap::new();
        for (short, full, facts) in children {
            let before = prior.get(short).unwrap_or(&Value::Null);
            let config = written.get(short).unwrap_or(&Value::Null);
            let path = path.attribute(short);
            let after = if self.ignored(&path) {
                before.clone()
            } else {
                self.attribute(full, facts, &path, config, before)
            };
            planned.insert(short.to_owned(), after);
        }
        planned
    }

    /// Whether `ignore_changes` covers a path.
    fn ignored(&self, path: &Path) -> bool {
        let path = path.to_string();
        self.declared
            .lifecycle
            .ignore_changes
            .iter()
            .any(|ignored| {
                let ignored = plain(ignored);
                path == ignored
                    || path
                        .strip_prefix(&ignored)
                        .is_some_and(|rest| rest.starts_with(['.', '[']))
            })
    }

    fn attribute(
        &mut self,
        family: &str,
        facts: &Attribute,
        path: &Path,
        config: &Value,
        before: &Value,
    ) -> Value {
        if facts.mode == Mode::Computed || facts.write_only {
            return before.clone();
        }
        let typed = typed(facts.kind, config);
        let config = typed.as_ref().unwrap_or(config);
        let block = self.definition.schema.is_block(family);
        // To the provider's SDK an empty text says nothing where it may set the value itself; what is the provider's alone, its
        // own code sets to just what is written.
        let unsaid = facts.mode == Mode::OptionalComputed
            && !facts.provider_only
            && config.as_text() == Some("");
        let silent = *config == Value::Null || unsaid || (block && config.is_empty());
        if silent && facts.mode == Mode::OptionalComputed {
            self.imposed(family, path, before);
            return before.clone();
        }
        if let Value::Unknown(reason) = config {
            return self.not_known(family, path, reason, before);
        }
        match facts.kind {
            Kind::List if block => self.blocks(family, facts, path, config, before),
            Kind::Set if block => set::plan(self, family, path, config, before),
            Kind::Map => self.map(family, facts, path, config, before),
            _ => self.scalar(family, facts, path, config, before),
        }
    }

    /// What the provider's own code plans at or below an argument that configuration leaves out.
    fn imposed(&mut self, family: &str, path: &Path, before: &Value) {
        let definition = self.definition;
        for (name, unwritten) in &definition.unwritten {
            let Some(rest) = name
                .strip_prefix(family)
                .filter(|rest| rest.is_empty() || rest.starts_with('.'))
            else {
                continue;
            };
            let (mut path, mut had) = (path.clone(), Some(before));
            for step in rest.split('.').filter(|step| !step.is_empty()) {
                path = path.index(0).attribute(step);
                had = had.and_then(|blocks| blocks.as_list()?.first()?.get(step));
            }
            let had = had.filter(|had| !had.is_empty() && !had.same(&unwritten.value));
            if let Some(had) = had.filter(|_| {
                unwritten
                    .conditions
                    .iter()
                    .all(|condition| self.holds(condition))
            }) {
                let action = self.action(name, had, &unwritten.value);
                self.change(name, &path, had, &unwritten.value, action);
            }
        }
    }

    fn not_known(&mut self, family: &str, path: &Path, reason: &Unknown, before: &Value) -> Value {
        let rules = self
            .definition
            .suppress
            .get(family)
            .map_or(&[][..], Vec::as_slice);
        if rules
            .iter()
            .any(|rule| self.passes_unknown(rule, reason, before))
        {
            return before.clone();
        }
        let after = Value::Unknown(reason.clone());
        let action = if reason.is_after_apply() {
            self.action(family, before, &after)
        } else {
            Action::Unknown
        };
        self.change(family, path, before, &after, action);
        after
    }

    fn scalar(
        &mut self,
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
            return self.not_known(family, path, reason, before);
        }
        let agree = match facts.kind {
            Kind::Set => {
                let pass = |new: &Value, old: &Value| {
                    self.lets_pass(family, facts, new, old) == Some(true)
                };
                let members = set::distinct(wanted.as_list().unwrap_or_default())
                    .cloned()
                    .collect();
                compare::same_members(&Value::List(members), before, |new, old| {
                    new.same(old) || pass(new, old)
                })
            }
            _ => wanted.same(before),
        };
        if agree {
            return before.clone();
        }
        match self.lets_pass(family, facts, &wanted, before) {
            Some(true) => return before.clone(),
            Some(false) => {
                let action = self.action(family, before, &wanted);
                self.change(family, path, before, &wanted, action);
            }
            None => self.change(family, path, before, &wanted, Action::Unknown),
        }
        wanted
    }

    /// Whether the provider lets a difference pass; nothing where its rule is not known.
    pub fn lets_pass(
        &self,
        family: &str,
        facts: &Attribute,
        wanted: &Value,
        before: &Value,
    ) -> Option<bool> {
        match self.definition.suppress.get(family) {
            Some(rules) if rules.iter().any(|rule| self.passes(rule, wanted, before)) => Some(true),
            Some(rules) if rules.contains(&Suppress::Unclear) => None,
            Some(_) => Some(false),
            None if facts.diff_suppressed => None,
            None => Some(false),
        }
    }

    fn passes(&self, rule: &Suppress, wanted: &Value, before: &Value) -> bool {
        match rule {
            Suppress::When(rule, conditions) => {
                rule.lets_pass(wanted, before)
                    && conditions.iter().all(|condition| self.stands(condition))
            }
            rule => rule.lets_pass(wanted, before),
        }
    }

    /// Whether a rule lets pass what only apply can tell: to the provider that is a text like no other.
    fn passes_unknown(&self, rule: &Suppress, reason: &Unknown, before: &Value) -> bool {
        match rule {
            Suppress::When(rule, conditions) => {
                self.passes_unknown(rule, reason, before)
                    && conditions.iter().all(|condition| self.stands(condition))
            }
            Suppress::Always => true,
            Suppress::Address => {
                reason.is_after_apply() && rule.lets_pass(&Value::text(Value::UNKNOWN), before)
            }
            _ => false,
        }
    }

    /// Whether a condition of a replacement, or of what the provider imposes, holds: of what will be.
    fn holds(&self, condition: &When) -> bool {
        condition.fits(&spelt(&self.outlook(&condition.family, false)))
    }

    /// Whether a condition under which a difference passes holds. The provider asks before there is a plan, when what
    /// configuration leaves out is still as it was.
    fn stands(&self, condition: &When) -> bool {
        condition.fits(&spelt(&self.outlook(&condition.family, true)))
    }

    /// What an attribute will be: what configuration says, or its default where its block is written; else what is there, if it
    /// is computed too or `lingers`.
    fn outlook(&self, family: &str, lingers: bool) -> Value {
        let (mut written, mut there) = (Some(self.arguments), Some(self.prior));
        let names: Vec<&str> = family.split('.').collect();
        let Some((last, blocks)) = names.split_last() else {
            return Value::Null;
        };
        for block in blocks {
            written = written.and_then(|map| map.get(*block)?.as_list()?.first()?.as_map());
            there = there.and_then(|value| value.get(block)?.as_list()?.first());
        }
        let facts = self.definition.schema.attributes.get(family);
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
            _ => here(),
        }
    }

    /// Blocks in order, each with its counterpart; where their number differs, those that come or go.
    fn blocks(
        &mut self,
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
        if free
            && compare::same_members(config, before, |new, old| set::same(self, family, new, old))
        {
            return before.clone();
        }
        let ruled = new.len() != old.len() || self.definition.suppress.contains_key(family);
        let passes = if ruled {
            self.lets_pass(family, facts, config, before)
        } else {
            Some(false)
        };
        if passes == Some(true) {
            return before.clone();
        }
        if new.len() != old.len() {
            let coming = &new[old.len().min(new.len())..];
            let going = &old[new.len().min(old.len())..];
            let fixed = coming.iter().any(|block| self.sets_fixed(family, block))
                || going.iter().any(|block| self.fixed(family, block));
            let action = match passes {
                None => Action::Unknown,
                _ if fixed => Action::Replace,
                _ => self.action(family, before, config),
            };
            self.change(family, path, before, config, action);
            return config.clone();
        }
        let new = if free {
            set::aligned(self, family, new, old)
        } else {
            new.iter().collect()
        };
        let both = new.into_iter().zip(old).enumerate();
        let inner = both.map(|(at, (new, old))| match new {
            Value::Map(written) => Value::Map(self.block(family, &path.index(at), written, old)),
            Value::Unknown(reason) => self.not_known(family, &path.index(at), reason, old),
            other => other.clone(),
        });
        Value::List(inner.collect())
    }

    /// Whether a block that comes sets an argument that cannot be changed in place, be it to false or 0, or by its default.
    pub fn sets_fixed(&self, family: &str, block: &Value) -> bool {
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
                    || self.lets_pass(full, facts, value, &Value::Null) == Some(true)
                {
                    return false;
                }
                let inside = || {
                    value
                        .as_list()
                        .unwrap_or_default()
                        .iter()
                        .any(|inner| self.sets_fixed(full, inner))
                };
                facts.force_new || (self.definition.schema.is_block(full) && inside())
            })
    }

    /// Whether a block that goes holds an argument that cannot be changed in place.
    pub fn fixed(&self, family: &str, block: &Value) -> bool {
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
                if self.definition.schema.is_block(full) {
                    return facts.force_new
                        || value
                            .as_list()
                            .unwrap_or_default()
                            .iter()
                            .any(|inner| self.fixed(full, inner));
                }
                facts.force_new
            })
    }

    fn map(
        &mut self,
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
        let keys: std::collections::BTreeSet<&String> = new.keys().chain(old.keys()).collect();
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
            if there
                && (wanted.same(had) || self.lets_pass(family, facts, wanted, had) == Some(true))
            {
                continue;
            }
            let action = match wanted {
                Value::Unknown(reason) if !reason.is_after_apply() => Action::Unknown,
                _ if facts.diff_suppressed
                    && self.lets_pass(family, facts, wanted, had).is_none() =>
                {
                    Action::Unknown
                }
                _ if facts.diff_suppressed
                    && self.lets_pass(family, facts, wanted, had) == Some(true) =>
                {
                    continue;
                }
                _ => self.action(family, had, wanted),
            };
            self.change(family, &path.key(key), had, wanted, action);
        }
        config.clone()
    }

    /// What a change of an argument takes: the schema says, or the provider's own code.
    pub fn action(&self, family: &str, before: &Value, after: &Value) -> Action {
        let forced = self
            .definition
            .schema
            .attributes
            .get(family)
            .is_some_and(|facts| facts.force_new);
        let by_code = self
            .definition
            .replace
            .get(family)
            .is_some_and(|replacement| {
                replacement.rule.holds(before, after)
                    && replacement
                        .conditions
                        .iter()
                        .all(|condition| self.holds(condition))
            });
        if forced || by_code {
            Action::Replace
        } else {
            Action::Update
        }
    }

    pub fn change(
        &mut self,
        family: &str,
        path: &Path,
        before: &Value,
        after: &Value,
        action: Action,
    ) {
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

/// A scalar as the text that conditions are held against.
fn spelt(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Bool(b) => b.to_string(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// A scalar as its attribute has it: what is written as text may be a number or a boolean, and the other way round.
fn typed(kind: Kind, value: &Value) -> Option<Value> {
    match (kind, value) {
        (Kind::Bool, Value::Text(text)) => text.parse().ok().map(Value::Bool),
        (Kind::Int | Kind::Float, Value::Text(text)) => text.parse().ok().map(Value::Number),
        (Kind::String, Value::Bool(_) | Value::Number(_)) => Some(Value::Text(spelt(value))),
        _ => None,
    }
}

/// The reason of the first value that is not known.
pub(super) fn first_unknown(value: &Value) -> Option<&Unknown> {
    match value {
        Value::Unknown(reason) => Some(reason),
        Value::List(items) => items.iter().find_map(first_unknown),
        Value::Map(map) => map.values().find_map(first_unknown),
        _ => None,
    }
}

/// `labels["env"]` as `labels.env`.
fn plain(path: &str) -> String {
    path.replace("[\"", ".").replace("\"]", "")
}

impl Differ<'_> {
    /// Whether `ignore_changes` covers a top-level attribute.
    pub fn covers(&self, name: &str) -> bool {
        self.ignored(&Path::default().attribute(name))
    }
}
