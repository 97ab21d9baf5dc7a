//! What a part of configuration is to say, and the edits of where it is written that make it say so.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::Attribute;

use super::change::{Ways, Writer};
use super::source_index::argument;
use super::splice::Edit;
use super::template_parts::TemplatePart;
use super::trace::{NoEdit, Scope, Seg, Site, Spot};
use crate::compare::Change;
use crate::model::Value;

/// What a part of configuration is to say.
pub(super) struct EditGoal<'t> {
    pub wanted: Value,
    /// What it says now.
    pub have: Value,
    /// The argument it is the whole value of, which may go.
    pub argument: Option<&'t Attribute>,
    /// Whether it is a member of a map.
    pub of_map: bool,
    /// Whether there must be a value.
    pub needed: bool,
    /// Whether there is to be none.
    pub absent: bool,
    /// Whether it is a set.
    pub set: bool,
}

impl EditGoal<'_> {
    /// A value that must be, of nothing larger.
    pub(super) fn of(wanted: Value, have: Value) -> Self {
        Self {
            wanted,
            have,
            argument: None,
            of_map: false,
            needed: true,
            absent: false,
            set: false,
        }
    }
}

impl<'t> Writer<'t, '_> {
    /// The ways to make a part of an expression's value another.
    pub(super) fn ways_to(&self, spot: Spot<'t>, goal: &EditGoal<'t>) -> Ways {
        let (mut ways, mut closed) = (Vec::new(), None);
        for site in self.index.sites(spot)? {
            let page = match self.page(site.file()) {
                Ok(page) => page,
                Err(no_edit) => {
                    closed.get_or_insert(no_edit);
                    continue;
                }
            };
            match site {
                Site::Literal { expr, .. }
                    if goal
                        .argument
                        .is_some_and(|own| std::ptr::eq(expr, &own.value))
                        && goal.absent
                        && !goal.needed =>
                {
                    ways.extend(
                        goal.argument
                            .and_then(Span::span)
                            .map(|span| vec![page.remove(span)]),
                    );
                }
                Site::Literal { .. } if goal.absent && goal.needed && !goal.of_map => {
                    return self.refuse("the cloud has no value for it, and configuration must");
                }
                Site::Literal { expr, member, .. } if goal.absent && goal.of_map => {
                    ways.extend(
                        member
                            .and_then(|object| page.without_member(object, expr))
                            .map(|edit| vec![edit]),
                    );
                }
                Site::Literal { expr, .. } => {
                    ways.extend(
                        spellings(expr, &goal.wanted)
                            .iter()
                            .filter_map(|wanted| page.replace(expr, wanted, goal.set)),
                    );
                }
                Site::Member { object, name, .. } if !goal.absent => {
                    ways.extend(
                        page.member(object, &name, &goal.wanted)
                            .map(|edit| vec![edit]),
                    );
                }
                Site::Merge { expr, name, .. } if !goal.absent && goal.of_map => {
                    ways.extend(
                        page.merged(expr, &name, &goal.wanted)
                            .map(|edit| vec![edit]),
                    );
                }
                Site::Argument { block, name } => {
                    ways.extend(
                        page.argument(block.of, &name, &goal.wanted)
                            .map(|edit| vec![edit]),
                    );
                }
                Site::Elements(lists) => match self.elements(&lists, goal) {
                    Ok(found) => ways.extend(found),
                    Err(no_edit) => _ = closed.get_or_insert(no_edit),
                },
                Site::Template(spot) => match self.template(&spot, goal) {
                    Ok(found) => ways.extend(found),
                    Err(no_edit) => _ = closed.get_or_insert(no_edit),
                },
                Site::Member { .. } | Site::Merge { .. } => {}
            }
        }
        match closed {
            _ if !ways.is_empty() => Ok(ways),
            Some(no_edit) => Err(no_edit),
            None => self.refuse("the text that writes it cannot be edited"),
        }
    }

    /// Lists with expressions in them: elements that differ where they are written, others go, come, or come behind the last.
    fn elements(&self, lists: &[Spot<'t>], goal: &EditGoal<'t>) -> Ways {
        let Some(first) = lists.first() else {
            return self.refuse("the text that writes it cannot be edited");
        };
        let no = || {
            self.index.refuse(
                first,
                "it is written by a collection with expressions in it",
            )
        };
        let (Some(wanted), Some(have)) = (goal.wanted.as_list(), goal.have.as_list()) else {
            return no();
        };
        let without = |list: &[Value], other: &[Value]| -> Vec<Value> {
            list.iter()
                .filter(|value| !other.iter().any(|other| other.same(value)))
                .cloned()
                .collect()
        };
        let (gone, mut new) = (without(have, wanted), without(wanted, have));
        let mut edits = Vec::new();
        let mut dropped: Vec<Vec<usize>> = vec![Vec::new(); lists.len()];
        for value in &gone {
            let Some((list, at, spot)) = self.index.holder(lists, value) else {
                return no();
            };
            let place =
                |list: &[Value], value: &Value| list.iter().position(|other| other.same(value));
            let same_place = |new: &Value| goal.set || place(have, value) == place(wanted, new);
            if wanted.len() == have.len() && new.first().is_some_and(same_place) {
                let sub = EditGoal::of(new.remove(0), value.clone());
                edits.extend(
                    self.ways_to(spot, &sub)?
                        .into_iter()
                        .next()
                        .unwrap_or_default(),
                );
            } else {
                dropped[list].push(at);
            }
        }
        let kept = without(have, &gone);
        let order = || kept.iter().chain(&new);
        let paired =
            wanted.len() == have.len() && new.is_empty() && dropped.iter().all(Vec::is_empty);
        if !goal.set
            && !paired
            && (order().count() != wanted.len() || !order().zip(wanted).all(|(a, b)| a.same(b)))
        {
            return no();
        }
        let added: Vec<&Value> = new.iter().collect();
        let way = |into: usize| -> Result<Vec<Edit>, NoEdit> {
            let mut edits = edits.clone();
            for (at, list) in lists.iter().enumerate() {
                let added = if at == into { added.as_slice() } else { &[] };
                let Expression::Array(array) = list.expr else {
                    continue;
                };
                if !added.is_empty() || !dropped[at].is_empty() {
                    edits.extend(
                        self.page(list.file)?
                            .exchange(array, &dropped[at], added)
                            .unwrap_or_default(),
                    );
                }
            }
            Ok(edits)
        };
        // What is added may stand in any of the lists.
        let into = if added.is_empty() {
            0..1
        } else {
            0..lists.len()
        };
        let ways: Vec<Vec<Edit>> = into.rev().map(way).collect::<Result<_, _>>()?;
        let ways: Vec<Vec<Edit>> = ways.into_iter().filter(|way| !way.is_empty()).collect();
        if ways.is_empty() { no() } else { Ok(ways) }
    }

    /// A text with expressions in it: the one part that differs, where it is written; else all of it, if no resource is in it.
    fn template(&self, spot: &Spot<'t>, goal: &EditGoal<'t>) -> Ways {
        let no = || self.index.refuse(spot, "it is written by a template");
        let (Some(wanted), Some(parts)) = (
            goal.wanted.as_text(),
            self.index.parts(spot, goal.have.as_text()),
        ) else {
            return no();
        };
        let page = self.page(spot.file)?;
        let mut ways = Vec::new();
        let join = |parts: &[TemplatePart<'t>]| -> String {
            parts.iter().map(|part| part.text.as_str()).collect()
        };
        let said = |part: &TemplatePart<'t>| part.expr.is_none();
        let (literal, looked_up): (Vec<usize>, Vec<usize>) =
            (0..parts.len()).partition(|at| said(&parts[*at]));
        for at in literal.into_iter().rev().chain(looked_up) {
            let between = wanted
                .strip_prefix(&*join(&parts[..at]))
                .and_then(|rest| rest.strip_suffix(&*join(&parts[at + 1..])));
            let Some(between) = between.filter(|text| !text.is_empty()) else {
                continue;
            };
            match parts[at].expr {
                None => ways.extend(
                    page.quoted_part(parts[at].span.clone(), between)
                        .map(|edit| vec![edit]),
                ),
                Some(expr) => {
                    let sub =
                        EditGoal::of(Value::text(between), Value::text(parts[at].text.as_str()));
                    ways.extend(
                        self.ways_to(
                            Spot {
                                expr,
                                ..spot.clone()
                            },
                            &sub,
                        )
                        .unwrap_or_default(),
                    );
                }
            }
        }
        if ways.is_empty() && !goal.absent && parts.iter().all(|part| part.read) {
            ways.extend(page.replace(spot.expr, &goal.wanted, false));
        }
        if ways.is_empty() { no() } else { Ok(ways) }
    }

    /// The labels that a provider adds to everything: where its block says them.
    pub(super) fn default_labels(&self, change: &Change) -> Ways {
        let no = "the provider makes it from the labels, its own defaults and what it adds itself";
        let (before, after) = (change.before.as_map(), change.after.as_map());
        let keys = || {
            before
                .into_iter()
                .chain(after)
                .flat_map(|labels| labels.keys())
        };
        let of = |labels: Option<&BTreeMap<String, Value>>, key: &String| {
            labels.and_then(|all| all.get(key)).cloned()
        };
        let wrong: BTreeSet<&String> = keys()
            .filter(|key| of(before, key) != of(after, key))
            .collect();
        let mut ways = Vec::new();
        for name in ["google", "google-beta"] {
            for block in self.index.blocks(&[], "provider", &[name]) {
                let Some(written) = argument(&[block], "default_labels") else {
                    continue;
                };
                let mut edits = Vec::new();
                for key in &wrong {
                    let goal = EditGoal::of(
                        of(before, key).unwrap_or_default(),
                        of(after, key).unwrap_or_default(),
                    );
                    let goal = EditGoal {
                        of_map: true,
                        needed: false,
                        absent: goal.wanted.is_empty(),
                        ..goal
                    };
                    let path = vec![Seg::Key((*key).clone())];
                    let spot = Spot {
                        file: written.file,
                        expr: &written.of.value,
                        scope: Scope::new(&[]),
                        path,
                    };
                    edits.extend(
                        self.ways_to(spot, &goal)
                            .ok()
                            .and_then(|ways| ways.into_iter().next())
                            .unwrap_or_default(),
                    );
                }
                ways.extend((!edits.is_empty()).then_some(edits));
            }
        }
        if ways.is_empty() {
            self.refuse(no)
        } else {
            Ok(ways)
        }
    }
}

/// A value in the ways it may be spelt: as short as what is written, if that is enough, else as the cloud has it.
fn spellings(expr: &Expression, wanted: &Value) -> Vec<Value> {
    let mut out = Vec::new();
    if let (Some(old), Value::Text(new)) = (expr.as_str(), wanted)
        && new.contains('/')
    {
        let cut = match old {
            _ if !old.contains('/') => new.rfind('/').map(|at| at + 1),
            _ if old.starts_with("projects/") => new.find("projects/").filter(|at| *at > 0),
            _ => None,
        };
        out.extend(cut.map(|at| Value::text(&new[at..])));
    }
    out.push(wanted.clone());
    out
}
