//! Rules between arguments: those that exclude each other, and groups that need a member.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Attribute, Definition, Emit, Kind, Mode, plain};
use crate::model::Value;
use crate::plan::argument::{Argument, Written};
use crate::plan::skip::SkipReason;

/// What was decided so far.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Written although it would not be.
    pub forced: BTreeSet<String>,
    /// Left out although it would be written.
    pub dropped: BTreeSet<String>,
    /// A group that no valid configuration satisfies.
    pub problem: Option<SkipReason>,
}

/// Settles the next open rule; false once there is none.
pub fn settle(
    definition: &Definition,
    arguments: &[Argument],
    imported: &BTreeMap<String, Value>,
    choice: &mut Choice,
) -> bool {
    let mut written = BTreeSet::new();
    gather(arguments, &mut written);
    if let Some(weaker) = conflict(definition, &written, choice) {
        return choice.dropped.insert(weaker);
    }
    for (family, facts) in &definition.schema.attributes {
        let parent = family.rsplit_once('.').map(|(parent, _)| parent);
        if facts.mode == Mode::Computed || parent.is_some_and(|parent| !written.contains(parent)) {
            continue;
        }
        for group in [&facts.exactly_one_of, &facts.at_least_one_of] {
            let members: Vec<String> = group.iter().map(|name| plain(name)).collect();
            if members.is_empty() || members.iter().any(|member| written.contains(member)) {
                continue;
            }
            match member(definition, &members, imported, choice) {
                Some(member) => return choice.forced.insert(member),
                None => {
                    let members = || members.iter().map(ToString::to_string).collect();
                    choice
                        .problem
                        .get_or_insert_with(|| SkipReason::OneOfUnread(members()));
                }
            }
        }
    }
    false
}

fn gather(arguments: &[Argument], out: &mut BTreeSet<String>) {
    for argument in arguments {
        out.insert(argument.family.clone());
        if let Written::Blocks(blocks) = &argument.written {
            blocks.iter().for_each(|block| gather(block, out));
        }
    }
}

/// The weaker of two written arguments that exclude each other.
fn conflict(
    definition: &Definition,
    written: &BTreeSet<String>,
    choice: &Choice,
) -> Option<String> {
    for family in written {
        let facts = definition.schema.attributes.get(family)?;
        for other in facts
            .conflicts_with
            .iter()
            .map(|name| plain(name))
            .filter(|other| other != family && written.contains(other))
        {
            let strength = |name: &str| {
                (
                    strength(definition, name),
                    std::cmp::Reverse(name.to_owned()),
                )
            };
            let weaker = if strength(family) < strength(&other) {
                family.clone()
            } else {
                other
            };
            if !choice.dropped.contains(&weaker) {
                return Some(weaker);
            }
        }
    }
    None
}

/// How bad it is to leave an argument out.
fn strength(definition: &Definition, family: &str) -> u8 {
    let said = definition
        .emit
        .get(family)
        .is_some_and(|rules| rules.iter().any(|rule| rule.emit == Emit::Write));
    match definition.schema.attributes.get(family) {
        Some(facts) if facts.mode == Mode::Required => 4,
        _ if said => 3,
        Some(facts) if facts.mode == Mode::Optional && facts.force_new => 2,
        Some(facts) if facts.mode == Mode::Optional => 1,
        _ => 0,
    }
}

/// The member of a group to write: one that was read, else one that may be written as zero.
fn member(
    definition: &Definition,
    members: &[String],
    imported: &BTreeMap<String, Value>,
    choice: &Choice,
) -> Option<String> {
    let free =
        |member: &&String| !choice.dropped.contains(*member) && !choice.forced.contains(*member);
    let facts = |member: &str| definition.schema.attributes.get(member);
    let never = |member: &str, emit: &[Emit]| {
        definition
            .emit
            .get(member)
            .is_some_and(|rules| rules.iter().any(|rule| emit.contains(&rule.emit)))
    };
    let writable = |member: &&String| {
        facts(member).is_some_and(|f| f.mode != Mode::Computed && !f.write_only)
            && !never(member, &[Emit::Omit, Emit::Ignore])
    };
    let candidates: Vec<&String> = members.iter().filter(free).filter(writable).collect();
    let there = candidates
        .iter()
        .find(|member| !read(imported, member).is_empty());
    let rank = |facts: &Attribute| match facts.kind {
        Kind::Bool => 0,
        Kind::Int | Kind::Float => 1,
        Kind::String => 2,
        _ => 3,
    };
    let zero = || {
        let zeros = candidates.iter().filter(|member| {
            !never(member, &[Emit::OmitEmpty]) && !definition.schema.is_block(member)
        });
        zeros
            .filter(|m| facts(m).is_some_and(|f| f.exactly_one_of.is_empty()))
            .min_by_key(|member| facts(member).map(rank))
    };
    there.or_else(zero).map(|member| (*member).clone())
}

/// The value at a dotted name, through the first block of each list.
fn read(imported: &BTreeMap<String, Value>, family: &str) -> Value {
    let mut at = Value::Map(imported.clone());
    for name in family.split('.') {
        if let Value::List(items) = &at {
            at = items.first().cloned().unwrap_or_default();
        }
        at = at.get(name).cloned().unwrap_or_default();
    }
    at
}
