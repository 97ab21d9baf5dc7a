//! Which arguments are written so that a plan right after the import changes nothing.
//!
//! From the facts: a required argument is written; an optional one where leaving it out would mean another value; one that is
//! also computed keeps what was read, so it is left out, except inside the element of a set, which the provider compares whole.
//! What the provider never reads is left out. A block that is there is written, even if there is nothing in it.
//! Then the rules between arguments: of two that exclude each other the weaker is left out, and of a group that needs a member
//! one is written.

mod constraint;

use std::collections::{BTreeMap, BTreeSet};

use super::argument::{Argument, Written};
use super::skip::SkipReason;
use crate::catalog::{
    Attribute, AttributeReader, Context, Definition, Emission, Emit, Kind, Mode, Prior,
};
use crate::model::Unknown;
use crate::model::{Object, Path, Secret, Value};
use crate::normalize;

/// How much is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// What must be.
    #[default]
    Minimal,
    /// Also what the provider would otherwise take from the cloud.
    Full,
}

/// What is wanted of emission.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// How much is written.
    pub detail: Detail,
    /// Whether labels are written, at the price of an update.
    pub adopt_labels: bool,
    /// The project of the provider configuration; an object of another project says so.
    pub project: Option<&'a str>,
}

/// An object in the words of configuration.
#[derive(Clone, Debug, Default)]
pub struct Emitted {
    /// The arguments.
    pub arguments: Vec<Argument>,
    /// The attributes as the import leaves them.
    pub imported: BTreeMap<String, Value>,
    /// Paths for `ignore_changes`.
    pub ignored: Vec<Path>,
    /// What is there and not written, by attribute: labels and the like.
    pub unwritten: Vec<(String, Value)>,
    /// Arguments that hold secrets: the path and the value to be given.
    pub secrets: Vec<String>,
    /// Why no valid configuration can be written.
    pub problem: Option<SkipReason>,
}

/// Emits one object.
pub fn emit(definition: &Definition, object: &Object, wanted: Wanted<'_>) -> Emitted {
    let imported = normalize::imported(definition, &object.attributes);
    let mut rules = constraint::Choice::default();
    loop {
        let mut emitter = Emitter::new(definition, object, wanted, &rules, &imported);
        let arguments = emitter.block("", &imported, false);
        let mut out = std::mem::take(&mut emitter.out);
        out.arguments = arguments;
        if !constraint::settle(definition, &out.arguments, &imported, &mut rules) {
            out.problem = out.problem.or_else(|| rules.problem.take());
            out.imported = imported;
            out.ignored.sort();
            out.ignored.dedup();
            return out;
        }
    }
}

struct Emitter<'a> {
    definition: &'a Definition,
    object: &'a Object,
    wanted: Wanted<'a>,
    rules: &'a constraint::Choice,
    /// What the provider never reads.
    unread: BTreeSet<&'a str>,
    /// What stands in the import id.
    identity: BTreeSet<&'a str>,
    whole: Value,
    out: Emitted,
}

/// What is decided of one argument.
enum Decision {
    Write,
    /// Written, with this value.
    Put(Value),
    Omit,
}

impl<'a> Emitter<'a> {
    fn new(
        definition: &'a Definition,
        object: &'a Object,
        wanted: Wanted<'a>,
        rules: &'a constraint::Choice,
        imported: &BTreeMap<String, Value>,
    ) -> Self {
        let mut unread = BTreeSet::new();
        gather_unread(&definition.readers, &mut unread);
        let identity = definition
            .import_id
            .iter()
            .flat_map(|template| template.names())
            .collect();
        Self {
            definition,
            object,
            wanted,
            rules,
            unread,
            identity,
            whole: Value::Map(imported.clone()),
            out: Emitted::default(),
        }
    }

    /// The arguments of one block. In a set what is optional and computed is not kept, so it is written.
    fn block(
        &mut self,
        family: &str,
        values: &BTreeMap<String, Value>,
        in_set: bool,
    ) -> Vec<Argument> {
        let definition = self.definition;
        let children: Vec<_> = definition.schema.children(family).collect();
        let mut out = Vec::new();
        for (short, full, facts) in children {
            let value = values.get(short).cloned().unwrap_or_default();
            let written = match self.decide(full, facts, &value, in_set) {
                Decision::Omit => None,
                // What the definition says itself is no secret.
                Decision::Put(value) if !self.definition.schema.is_block(full) => {
                    Some(Written::Value(value))
                }
                Decision::Put(value) => Some(self.write(full, facts, &value, in_set)),
                Decision::Write => Some(self.write(full, facts, &value, in_set)),
            };
            let spare = facts.mode == Mode::OptionalComputed
                && !in_set
                && !self.rules.forced.contains(full);
            let written =
                written.filter(|written| !(spare && self.full(facts) && self.doubtful(written)));
            out.extend(written.map(|written| Argument {
                name: short.to_owned(),
                family: full.to_owned(),
                written,
            }));
        }
        out
    }

    fn decide(&mut self, full: &str, facts: &Attribute, value: &Value, in_set: bool) -> Decision {
        if facts.mode == Mode::Computed
            || full == "id"
            || full == "timeouts"
            || self.rules.dropped.contains(full)
        {
            return Decision::Omit;
        }
        if let Some(decision) = self.exception(full, value) {
            return decision;
        }
        if facts.write_only || (self.unread.contains(full) && facts.mode != Mode::Required) {
            return Decision::Omit;
        }
        if let Some(Prior::ConfiguredKeys | Prior::ConfiguredBlocks) =
            self.definition.prior.get(full)
        {
            return self.adopted(full);
        }
        if self.rules.forced.contains(full) || facts.mode == Mode::Required {
            return Decision::Write;
        }
        if full == "project"
            && facts.mode == Mode::OptionalComputed
            && value.as_text() == self.wanted.project
        {
            return Decision::Omit;
        }
        let kept = facts.mode == Mode::OptionalComputed && !in_set;
        let written = match () {
            () if self.definition.schema.is_block(full) => {
                !value.is_empty() && (!kept || self.full(facts) || self.compelled(full, value))
            }
            () if kept => !value.is_empty() && (self.identity.contains(full) || self.full(facts)),
            () => {
                let default = facts
                    .default
                    .clone()
                    .map(Value::from_json)
                    .unwrap_or_default();
                // Providers change the words they default to, so those are said, and what cannot be changed in place.
                !value.same(&default)
                    || (!value.is_empty() && (facts.force_new || default.as_text().is_some()))
            }
        };
        if written {
            Decision::Write
        } else {
            Decision::Omit
        }
    }

    /// Whether an argument that may be left out is written for completeness.
    fn full(&self, facts: &Attribute) -> bool {
        self.wanted.detail == Detail::Full && facts.deprecated.as_str().is_none_or(str::is_empty)
    }

    /// Whether something in a block that may be left out must be written by the definition.
    fn compelled(&self, full: &str, value: &Value) -> bool {
        self.definition
            .schema
            .children(full)
            .any(|(short, inner, _)| {
                let items = value.as_list().unwrap_or_default();
                items
                    .iter()
                    .filter_map(|item| item.get(short))
                    .filter(|value| !value.is_empty())
                    .any(|value| {
                        let said = self
                            .rule(inner)
                            .is_some_and(|rule| rule.emit == Emit::Write);
                        said || self.compelled(inner, value)
                    })
            })
    }

    /// The exception that holds for an argument.
    fn rule(&self, full: &str) -> Option<&'a Emission> {
        let context = Context {
            project: &self.object.scope.project,
            ..Context::default()
        };
        self.definition
            .emit
            .get(full)?
            .iter()
            .find(|rule| rule.holds(&self.whole, &context))
    }

    /// Whether a block that may as well be left out holds a zero where the default is none: what reads a zero there often
    /// refuses to have it written.
    fn doubtful(&self, written: &Written) -> bool {
        let Written::Blocks(blocks) = written else {
            return false;
        };
        blocks.iter().flatten().any(|argument| {
            let facts = self.definition.schema.attributes.get(&argument.family);
            let zero =
                matches!(&argument.written, Written::Value(value @ (Value::Text(_) | Value::Number(_))) if value.is_empty());
            let unlike = facts.is_some_and(|f| f.mode == Mode::Required || f.default.as_ref().is_some_and(|d| !d.is_null()));
            (zero && unlike) || self.doubtful(&argument.written)
        })
    }

    /// What the definition says of an argument.
    fn exception(&mut self, full: &str, value: &Value) -> Option<Decision> {
        match &self.rule(full)?.emit {
            Emit::Write => (!value.is_empty()).then_some(Decision::Write),
            Emit::Omit => Some(Decision::Omit),
            Emit::OmitEmpty => value.is_empty().then_some(Decision::Omit),
            Emit::Ignore => {
                self.ignore(full);
                Some(Decision::Omit)
            }
            Emit::IgnoreEmpty if value.is_empty() => {
                self.ignore(full);
                Some(Decision::Omit)
            }
            Emit::IgnoreEmpty => None,
            Emit::Value(value) => Some(Decision::Put(value.clone())),
            Emit::Placeholder(value) => {
                self.ignore(full);
                Some(Decision::Put(value.clone()))
            }
        }
    }

    fn ignore(&mut self, full: &str) {
        let mut names = full.split('.');
        let top = Path::default().attribute(names.next().unwrap_or_default());
        let path = names.fold(top, |path, name| path.index(0).attribute(name));
        self.out.ignored.push(path);
    }

    /// What is read only as far as state has it: noted, or written if that is asked for.
    fn adopted(&mut self, full: &str) -> Decision {
        let live = match self.object.attributes.get(full) {
            Some(Value::Map(map)) => Value::Map(
                map.iter()
                    .filter(|(key, _)| !provided(key))
                    .map(own)
                    .collect(),
            ),
            _ => Value::Null,
        };
        if live.is_empty() || self.definition.schema.is_computed(full) {
            return Decision::Omit;
        }
        if self.wanted.adopt_labels {
            return Decision::Put(live);
        }
        self.out.unwritten.push((full.to_owned(), live));
        Decision::Omit
    }

    fn write(&mut self, full: &str, facts: &Attribute, value: &Value, in_set: bool) -> Written {
        if self.definition.schema.is_block(full) {
            return Written::Blocks(self.blocks(full, facts, value, in_set));
        }
        if let Value::Unknown(reason) = value {
            self.out
                .problem
                .get_or_insert_with(|| unread(full, reason.clone()));
        }
        if facts.mode == Mode::Required && *value == Value::Null && self.unread.contains(full) {
            self.out
                .problem
                .get_or_insert_with(|| SkipReason::RequiredUnread(full.to_owned()));
        }
        if self.definition.schema.is_sensitive(full) {
            self.out.secrets.push(full.to_owned());
            return Written::Variable(String::new(), Value::Secret(Secret::new(value)));
        }
        if value.has_redacted() {
            self.out
                .problem
                .get_or_insert_with(|| unread(full, Unknown::Redacted));
        }
        Written::Value(if *value == Value::Null {
            zero(facts)
        } else {
            value.clone()
        })
    }

    fn blocks(
        &mut self,
        full: &str,
        facts: &Attribute,
        value: &Value,
        in_set: bool,
    ) -> Vec<Vec<Argument>> {
        let in_set = in_set || facts.kind == Kind::Set;
        let empty = BTreeMap::new();
        match value.as_list().unwrap_or_default() {
            // A block that must be there and was not read: as empty as it may be.
            [] => vec![self.block(full, &empty, in_set)],
            items => items
                .iter()
                .map(|item| self.block(full, item.as_map().unwrap_or(&empty), in_set))
                .collect(),
        }
    }
}

/// Labels that Google and the provider set by themselves.
fn provided(key: &str) -> bool {
    key.starts_with("goog-")
}

fn own((key, value): (&String, &Value)) -> (String, Value) {
    (key.clone(), value.clone())
}

fn zero(facts: &Attribute) -> Value {
    match facts.kind {
        Kind::String => Value::text(""),
        Kind::Int | Kind::Float => Value::int(0),
        Kind::Bool => Value::Bool(false),
        Kind::List | Kind::Set => Value::List(Vec::new()),
        Kind::Map => Value::Map(BTreeMap::new()),
    }
}

fn gather_unread<'a>(readers: &'a [AttributeReader], out: &mut BTreeSet<&'a str>) {
    for reader in readers {
        if reader.source.is_none() {
            out.insert(&reader.family);
        }
        gather_unread(&reader.children, out);
    }
}

fn unread(attribute: &str, why: Unknown) -> SkipReason {
    SkipReason::Unread {
        attribute: attribute.to_owned(),
        why,
    }
}
