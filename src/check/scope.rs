//! What the expressions of a rule see.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, TraversalOperator};

use super::estate::{Estate, Node, Origin, at_least};
use super::rule::About;
use super::view::View;
use crate::catalog::{Catalog, Definition};
use crate::hcl::{Budget, Diagnostic, Files, NoFiles, Outcome, Scope, Step, Type, Value, evaluate};
use crate::model::{self, Object, Unknown};

/// The node itself.
pub(super) const SELF: &str = "self";
/// Neighbours by type: what the node refers to, what refers to it, all of its project.
pub(super) const NEIGHBOURS: [&str; 3] = ["refs", "referrers", "all"];
/// Names, by type, of what the node refers to and that is not there.
pub(super) const STRAY: &str = "dangling";
/// Texts: the project, the type of the node, and the time.
pub(super) const NAMES: [&str; 3] = ["project", "type", "now"];

/// A node, or a project, among its neighbours.
pub(super) struct Around<'a> {
    pub estate: &'a Estate<'a>,
    /// The node; nothing where the rule is about the project.
    pub at: Option<usize>,
    pub project: &'a str,
    /// The types the rule is about, of which each may have some of the attributes only.
    pub types: &'a [String],
    pub budget: Budget,
}

impl Scope for Around<'_> {
    fn resolve(&self, root: &str, path: &[Step]) -> Result<(Value, usize), Diagnostic> {
        let node = || {
            let at = self.at.ok_or_else(|| unknown_name(root))?;
            Ok::<_, Diagnostic>((at, &self.estate.nodes[at]))
        };
        match root {
            SELF => {
                let (_, node) = node()?;
                let definition = self.estate.catalog.definition(&node.object.rtype);
                let definition = definition.ok_or_else(|| unknown_name(root))?;
                let view = self.estate.view(node, definition);
                own(&view, path, self.types, self.estate.catalog)
            }
            "all" => Ok((self.estate.all(rtype(root, path)?, self.project), 1)),
            "refs" => Ok((self.estate.refs(node()?.0, rtype(root, path)?), 1)),
            "referrers" => Ok((self.estate.referrers(node()?.0, rtype(root, path)?), 1)),
            STRAY => Ok((self.estate.dangling(node()?.0, rtype(root, path)?), 1)),
            "project" => Ok((Value::string(self.project), 0)),
            "type" => Ok((Value::string(&node()?.1.object.rtype), 0)),
            "now" => Ok((Value::string(&self.estate.now), 0)),
            other => Err(unknown_name(other)),
        }
    }

    fn files(&self) -> &dyn Files {
        &NoFiles
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }
}

/// Attributes of the node itself; of several types, what this one does not have is as if it were absent in one that has it.
fn own(
    view: &View<'_>,
    path: &[Step],
    types: &[String],
    catalog: &Catalog,
) -> Result<(Value, usize), Diagnostic> {
    let Some(TraversalOperator::GetAttr(name)) = path.first().map(|step| step.value()) else {
        return view.walk(path);
    };
    let has = |definition: &&Definition| {
        let all = &definition.schema.attributes;
        all.contains_key(name.value().as_str())
    };
    let others = types.iter().filter_map(|rtype| catalog.definition(rtype));
    match others.into_iter().find(has) {
        Some(other) if !has(&view.definition) => {
            let node = blank(other, BTreeMap::new());
            let view = View {
                definition: other,
                node: &node,
                unset: None,
            };
            view.walk(path)
        }
        Some(_) | None => view.walk(path),
    }
}

/// A node with nothing but attributes.
fn blank(definition: &Definition, attributes: BTreeMap<String, model::Value>) -> Node {
    Node {
        object: Object {
            rtype: definition.rtype.clone(),
            id: String::new(),
            import_id: String::new(),
            scope: model::Scope::default(),
            attributes,
            absent_fields: Default::default(),
            hidden: Default::default(),
            observed: Default::default(),
            partial: false,
            owned: None,
            blocked: None,
        },
        origin: Origin::State,
        address: None,
        place: None,
        written: None,
        refers: Vec::new(),
    }
}

fn unknown_name(name: &str) -> Diagnostic {
    Diagnostic::reference(
        "Unknown name",
        format!("A rule knows no name \"{name}\" here."),
    )
}

fn rtype<'p>(root: &str, path: &'p [Step]) -> Result<&'p str, Diagnostic> {
    match path.first().map(|step| step.value()) {
        Some(TraversalOperator::GetAttr(name)) => Ok(name.value().as_str()),
        Some(_) | None => Err(unknown_name(root)),
    }
}

/// A node of which nothing is known, or that is empty: to try expressions on.
struct Tried<'a> {
    node: Option<(Node, &'a Definition)>,
    types: &'a [String],
    catalog: &'a Catalog,
    known: bool,
    budget: Budget,
}

impl Scope for Tried<'_> {
    fn resolve(&self, root: &str, path: &[Step]) -> Result<(Value, usize), Diagnostic> {
        match (root, &self.node) {
            (SELF, Some((node, definition))) => {
                let view = View {
                    definition,
                    node,
                    unset: None,
                };
                own(&view, path, self.types, self.catalog)
            }
            ("all", _) | ("refs" | "referrers", Some(_)) if self.known => {
                Ok((Value::tuple(Vec::new()), 1))
            }
            ("all", _) | ("refs" | "referrers", Some(_)) => {
                Ok((at_least(0, &Unknown::NotListed), 1))
            }
            (STRAY, Some(_)) => Ok((Value::strings([""; 0]), 1)),
            ("type", Some((node, _))) => Ok((Value::string(&node.object.rtype), 0)),
            ("project", _) => Ok((Value::string("x"), 0)),
            ("now", _) => Ok((Value::string("2026-01-01T00:00:00Z"), 0)),
            (other, _) => Err(unknown_name(other)),
        }
    }

    fn files(&self) -> &dyn Files {
        &NoFiles
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }
}

/// Evaluates an expression where nothing is known, or everything is empty; not where the rule does not apply then.
///
/// # Errors
/// What is wrong with it whatever it is about.
pub(super) fn tried(
    tree: &Expression,
    when: Option<&Expression>,
    about: &About,
    known: bool,
    catalog: &Catalog,
) -> Outcome {
    let types = match about {
        About::Types(types) => types.as_slice(),
        About::Project => &[],
    };
    let tried = |definition: &Definition| {
        let all = definition.schema.children("");
        let unknown = || model::Value::Unknown(Unknown::NotListed);
        blank(
            definition,
            match known {
                true => BTreeMap::new(),
                false => all.map(|(name, ..)| (name.to_owned(), unknown())).collect(),
            },
        )
    };
    let definitions = types.iter().filter_map(|rtype| catalog.definition(rtype));
    let mut nodes: Vec<Option<(Node, &Definition)>> =
        definitions.map(|d| Some((tried(d), d))).collect();
    if nodes.is_empty() {
        nodes.push(None);
    }
    let mut last = Value::unknown_of(Type::Dynamic, Unknown::NotListed);
    for node in nodes {
        let scope = Tried {
            node,
            types,
            catalog,
            known,
            budget: Budget::default(),
        };
        let applies = when.map(|when| evaluate(when, &scope)).transpose()?;
        if applies.and_then(|applies| applies.as_bool()) != Some(false) {
            last = evaluate(tree, &scope)?;
        }
    }
    Ok(last)
}
