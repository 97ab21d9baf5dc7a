//! Families of alike resources as one block with `for_each`.

use std::collections::{BTreeMap, BTreeSet};

use super::Step;
use super::argument::{self, Argument, Written};
use super::emit::Emitted;
use super::name::mark;
use crate::hcl::print::{Body, Expression, Item};
use crate::model::{Address, Key, Value};

/// How many resources make a family.
const LEAST: usize = 3;

/// A resource that may belong to a family.
pub(super) struct Member {
    pub address: Address,
    pub batch: usize,
    pub shape: String,
    pub id: String,
}

/// What members of a family have in common: everything but the values of plain top-level arguments. Nothing for a resource
/// that goes into no family, because something is to be said of it alone.
pub(super) fn shape(emitted: &Emitted) -> Option<String> {
    if !emitted.unwritten.is_empty() || !emitted.secrets.is_empty() {
        return None;
    }
    let part = |argument: &Argument| match &argument.written {
        Written::Value(Value::Text(_) | Value::Number(_) | Value::Bool(_)) => argument.name.clone(),
        other => format!("{}={other:?}", argument.name),
    };
    Some(format!(
        "{:?} {:?}",
        emitted.arguments.iter().map(part).collect::<Vec<_>>(),
        emitted.ignored
    ))
}

/// The addresses of members: those of a family get one name and a key each, the others keep theirs.
pub(super) fn families(members: &[Member], used: &BTreeSet<(String, String)>) -> Vec<Address> {
    let mut alike: BTreeMap<(&str, String, usize, &str), Vec<usize>> = BTreeMap::new();
    for (at, member) in members.iter().enumerate() {
        let key = (
            member.address.rtype.as_str(),
            member.address.module(),
            member.batch,
            member.shape.as_str(),
        );
        alike.entry(key).or_default().push(at);
    }
    let mut out: Vec<Address> = members
        .iter()
        .map(|member| member.address.clone())
        .collect();
    let mut taken: BTreeSet<(String, String)> = used.iter().cloned().collect();
    taken.extend(
        members
            .iter()
            .map(|member| (member.address.rtype.clone(), member.address.name.clone())),
    );
    for ((rtype, _, _, shape), family) in alike
        .into_iter()
        .filter(|(_, family)| family.len() >= LEAST)
    {
        let keys: BTreeSet<&str> = family.iter().map(|at| last(&members[*at].id)).collect();
        let name = free(
            rtype,
            prefix(family.iter().map(|at| members[*at].address.name.as_str())),
            shape,
            &taken,
        );
        taken.insert((rtype.to_owned(), name.clone()));
        for at in &family {
            let short = last(&members[*at].id);
            let key = if keys.len() == family.len() {
                short.to_owned()
            } else {
                members[*at].address.name.clone()
            };
            out[*at] = Address {
                name: name.clone(),
                key: Some(Key::Text(key)),
                ..out[*at].clone()
            };
        }
    }
    out
}

fn last(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// What names have in common, up to a word's end.
fn prefix<'a>(mut names: impl Iterator<Item = &'a str>) -> String {
    let first: Vec<&str> = names.next().unwrap_or_default().split('_').collect();
    let common = names.fold(first, |common, name| {
        let same = common
            .iter()
            .zip(name.split('_'))
            .take_while(|(a, b)| **a == *b)
            .count();
        common[..same].to_vec()
    });
    common.join("_")
}

/// A name nobody has: what is common, `this`, or `this` with a mark.
fn free(rtype: &str, common: String, shape: &str, taken: &BTreeSet<(String, String)>) -> String {
    let names = [common, "this".to_owned(), format!("this_{}", mark(shape))];
    let usable =
        |name: &&String| !name.is_empty() && !taken.contains(&(rtype.to_owned(), (*name).clone()));
    names.iter().find(usable).unwrap_or(&names[2]).clone()
}

/// What is written for an argument of a step.
fn written<'s>(step: &'s Step, name: &str) -> Option<&'s Written> {
    step.block
        .arguments
        .iter()
        .find(|argument| argument.name == name)
        .map(|argument| &argument.written)
}

/// The block of a family.
pub(super) fn block(members: &[&Step]) -> Body {
    let Some(first) = members.first() else {
        return Body::default();
    };
    let key = |step: &Step| {
        if let Some(Key::Text(key)) = &step.address.key {
            key.clone()
        } else {
            String::new()
        }
    };
    let mut shared: Vec<Argument> = Vec::new();
    let mut varying: Vec<&str> = Vec::new();
    for argument in &first.block.arguments {
        let name = argument.name.as_str();
        let written = if members
            .iter()
            .all(|step| written(step, name) == Some(&argument.written))
        {
            argument.written.clone()
        } else if members
            .iter()
            .all(|step| written(step, name) == Some(&Written::Value(Value::Text(key(step)))))
        {
            Written::Reference("each.key".to_owned(), Value::Null)
        } else {
            varying.push(name);
            Written::Reference(format!("each.value.{name}"), Value::Null)
        };
        shared.push(Argument {
            written,
            ..argument.clone()
        });
    }
    let keys = members
        .iter()
        .map(|step| Expression::Value(Value::Text(key(step))));
    let each = if varying.is_empty() {
        Expression::Call(
            "toset".to_owned(),
            Box::new(Expression::List(keys.collect())),
        )
    } else {
        let values = |step: &Step| {
            let pairs = varying
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), written(step, name)?.expression())));
            Expression::Map(pairs.collect())
        };
        Expression::Map(
            members
                .iter()
                .map(|step| (key(step), values(step)))
                .collect(),
        )
    };
    let mut body = argument::body(&shared);
    body.items.splice(
        0..0,
        [Item::Attribute("for_each".to_owned(), each), Item::Gap],
    );
    if !first.block.ignored.is_empty() {
        let mut lifecycle = Body::default();
        let paths = first
            .block
            .ignored
            .iter()
            .map(|path| Expression::Verbatim(path.to_string()))
            .collect();
        lifecycle.attribute("ignore_changes", Expression::List(paths));
        body.block("lifecycle", &[], lifecycle);
    }
    body
}
