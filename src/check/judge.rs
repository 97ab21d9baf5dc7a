//! Rules over nodes: what fails, what passes, and what is not known.

use std::collections::BTreeSet;

use super::estate::{Estate, Node, Origin};
use super::rule::{About, Predicate, Priority, Rule};
use super::scope::Around;
use super::view::{is_written, texts};
use crate::compare::masked;
use crate::hcl::{Budget, Data, evaluate};
use crate::model::{Unknown, Value};

/// What a rule is said of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A node, by its place in [`Estate::nodes`].
    Node(usize),
    /// A project.
    Project(String),
}

/// What a rule says of one of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It does not fail.
    Passes,
    /// It fails, as gravely as that.
    Fails(Priority),
    /// It cannot be told.
    Unknown(Unknown),
}

/// Something a finding shows: an attribute with its value, or names.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The attribute, or what the names are called.
    pub name: String,
    /// Its value; null where it is not set, and out of sight where it may not be shown.
    pub value: Value,
}

/// One rule and what it was about.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The rule, by its place in the rules.
    pub rule: usize,
    /// What it is said of.
    pub subject: Subject,
    /// What is said.
    pub outcome: Outcome,
    /// What shows it.
    pub shown: Vec<Shown>,
}

/// What rules say of an estate.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Everything a rule applies to, in the order of rules and nodes.
    pub judgements: Vec<Judgement>,
    /// Rules that could not be asked at all, because they need all that a project has and only a part was given.
    pub left_out: Vec<usize>,
    /// Types that rules look at and of which objects may have gone unseen, with why.
    pub unseen: Vec<(String, Unknown)>,
}

impl Report {
    /// The same without findings that are less grave than a priority.
    #[must_use]
    pub fn down_to(mut self, least: Priority) -> Self {
        self.judgements.retain(|one| match one.outcome {
            Outcome::Fails(priority) => priority <= least,
            Outcome::Passes | Outcome::Unknown(_) => true,
        });
        self
    }
}

/// Asks every rule of every node it is about.
pub fn judge(estate: &Estate<'_>) -> Report {
    let mut out = Report::default();
    let mut unseen = BTreeSet::new();
    for (at, rule) in estate.rules.rules.iter().enumerate() {
        let subjects = subjects(rule, estate);
        let Some(subjects) = subjects else {
            out.left_out.push(at);
            continue;
        };
        if let About::Types(types) = &rule.about {
            let why = |rtype: &String| {
                let projects = estate.projects.iter().map(String::as_str);
                let mut hidden = projects.filter_map(|project| estate.unseen(rtype, project));
                Some((rtype.clone(), hidden.next()?.clone()))
            };
            unseen.extend(types.iter().filter_map(why));
        }
        for subject in subjects {
            if let Some((outcome, shown)) = judged(rule, &subject, estate) {
                out.judgements.push(Judgement {
                    rule: at,
                    subject,
                    outcome,
                    shown,
                });
            }
        }
    }
    out.unseen = unseen.into_iter().collect();
    out
}

/// What a rule is about; nothing where it needs a whole project and none was read.
fn subjects(rule: &Rule, estate: &Estate<'_>) -> Option<Vec<Subject>> {
    if rule.whole && estate.projects.is_empty() || estate.is_left_out(rule) {
        return None;
    }
    let About::Types(types) = &rule.about else {
        let projects = estate.projects.iter().cloned();
        return Some(projects.map(Subject::Project).collect());
    };
    let nodes = types
        .iter()
        .flat_map(|rtype| estate.of_type(rtype))
        .copied();
    let judged = |at: &usize| {
        let node = &estate.nodes[*at];
        (rule.owned || node.object.owned.is_none()) && (!rule.whole || node.origin == Origin::Cloud)
    };
    Some(nodes.filter(judged).map(Subject::Node).collect())
}

/// What a rule says; nothing where it does not apply.
fn judged(rule: &Rule, subject: &Subject, estate: &Estate<'_>) -> Option<(Outcome, Vec<Shown>)> {
    let around = || match subject {
        Subject::Node(at) => around(
            rule,
            Some(*at),
            &estate.nodes[*at].object.scope.project,
            estate,
        ),
        Subject::Project(project) => around(rule, None, project, estate),
    };
    let applies = match &rule.when {
        Some(when) => answer(when, &around()),
        None => Ok(true),
    };
    if applies == Ok(false) {
        return None;
    }
    let fails = answer(&rule.fails, &around());
    let outcome = match (applies, fails) {
        (_, Ok(false)) => Outcome::Passes,
        (Ok(_), Ok(true)) => Outcome::Fails(priority(rule, &around())),
        (Err(why), Ok(true)) | (_, Err(why)) => Outcome::Unknown(why),
    };
    let shown = match (&outcome, subject) {
        (Outcome::Passes, _) => Vec::new(),
        (_, Subject::Node(at)) => {
            let node = &estate.nodes[*at];
            let own = rule
                .evidence
                .iter()
                .filter_map(|f| attribute(f, node, estate));
            own.chain(names(rule, &around())).collect()
        }
        (_, Subject::Project(_)) => names(rule, &around()).collect(),
    };
    Some((outcome, shown))
}

fn around<'a>(
    rule: &'a Rule,
    at: Option<usize>,
    project: &'a str,
    estate: &'a Estate<'a>,
) -> Around<'a> {
    Around {
        estate,
        at,
        project,
        types: match &rule.about {
            About::Types(types) => types,
            About::Project => &[],
        },
        budget: Budget::default(),
    }
}

/// Whether a predicate holds, or why that is not known.
fn answer(predicate: &Predicate, around: &Around<'_>) -> Result<bool, Unknown> {
    let value = evaluate(&predicate.tree, around)
        .map_err(|wrong| Unknown::mistaken(&format!("{}: {}", wrong.summary, wrong.detail)))?;
    match (&value.data, value.reason()) {
        (Data::Bool(holds), _) => Ok(*holds),
        (_, Some(why)) => Err(why.clone()),
        (_, None) => Err(Unknown::mistaken("the rule gives neither true nor false")),
    }
}

/// How grave a finding is. What cannot be told of it does not make it graver.
fn priority(rule: &Rule, around: &Around<'_>) -> Priority {
    match &rule.graver {
        Some((graver, when)) if answer(when, around) == Ok(true) => *graver,
        Some(_) | None => rule.priority,
    }
}

/// Names that a rule shows.
fn names<'r>(rule: &'r Rule, around: &Around<'_>) -> impl Iterator<Item = Shown> + use<'r> {
    let shown = |(name, predicate): &'r (String, Predicate)| {
        let value = evaluate(&predicate.tree, around).ok()?;
        let texts = texts(&value);
        (!texts.is_empty()).then(|| Shown {
            name: name.clone(),
            value: Value::List(texts.into_iter().map(Value::Text).collect()),
        })
    };
    let all: Vec<Shown> = rule.shows.iter().filter_map(shown).collect();
    all.into_iter()
}

/// Blocks without their empty members: what is not set shows nothing.
fn without_empty(value: Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.into_iter().map(without_empty).collect()),
        Value::Map(map) => Value::Map(
            map.into_iter()
                .filter(|(_, member)| !member.is_empty())
                .map(|(name, member)| (name, without_empty(member)))
                .collect(),
        ),
        other => other,
    }
}

/// An attribute of a node, with what may not be shown out of sight. Nothing where the type does not have it.
fn attribute(family: &str, node: &Node, estate: &Estate<'_>) -> Option<Shown> {
    let definition = estate.catalog.definition(&node.object.rtype)?;
    definition.schema.attributes.get(family)?;
    let mut found = vec![&node.object.attributes];
    let (above, last) = family.rsplit_once('.').unwrap_or(("", family));
    for name in above.split('.').filter(|name| !name.is_empty()) {
        let inner = found.iter().filter_map(|map| map.get(name)?.as_list());
        found = inner.flatten().filter_map(Value::as_map).collect();
    }
    let mut values = found.iter().filter_map(|map| map.get(last));
    let value = match (values.next(), values.next()) {
        (None, _) | (Some(Value::Null), None) => node
            .object
            .observed
            .get(family)
            .cloned()
            .unwrap_or_default(),
        (Some(one), None) => one.clone(),
        (Some(one), Some(two)) => {
            let all = [one, two].into_iter().chain(values);
            Value::List(all.cloned().collect())
        }
    };
    // What configuration leaves out is not set, whatever an apply makes of it.
    let left_out = (node.written.as_ref()).is_some_and(|written| !is_written(written, family));
    let value = match value {
        Value::Unknown(_) if left_out => Value::Null,
        value => without_empty(masked(&definition.schema, family, &value)),
    };
    Some(Shown {
        name: family.to_owned(),
        value,
    })
}
