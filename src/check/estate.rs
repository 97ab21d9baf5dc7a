//! What rules look at: nodes, however they are known, and what refers to what among them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::rule::{Rule, Rules};
use super::view::View;
use crate::catalog::{Catalog, Definition};
use crate::graph::{Graph, Target};
use crate::hcl::{Lengths, Refinement, Type, Value};
use crate::model::{self, Address, Object, Place, Unknown};

/// How a node is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// It was read from the cloud.
    Cloud,
    /// State remembers it.
    State,
    /// Configuration declares it, and this is how an apply would make it.
    Configuration,
}

/// One thing that rules look at.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is. What has no canonical name yet has its address in its place.
    pub object: Object,
    /// How it is known.
    pub origin: Origin,
    /// Its address, where state or configuration has it.
    pub address: Option<Address>,
    /// Where its block stands.
    pub place: Option<Place>,
    /// What configuration writes, of a node that only configuration knows.
    pub written: Option<BTreeMap<String, model::Value>>,
    /// What configuration refers to by expression: path of the argument, and address of the other.
    pub refers: Vec<(String, Address)>,
}

/// Where objects may be that are not among the nodes, and why.
#[derive(Clone, Debug)]
pub struct Hidden {
    /// The project; nothing where it is any.
    pub project: Option<String>,
    /// Where it is only what lies in one object: that object's type, and its name.
    pub parent: Option<(String, String)>,
    /// Why.
    pub why: Unknown,
}

/// What was not seen, so that nothing in it is known to be absent.
#[derive(Clone, Debug, Default)]
pub struct Unseen {
    /// Where objects of a type may be that are not among the nodes.
    pub types: BTreeMap<String, Vec<Hidden>>,
    /// Why objects of any type may be.
    pub any: Option<Unknown>,
    /// Types that nobody asked for, and that are read only where that is opted in: rules that look at them are not asked.
    pub unasked: BTreeSet<String>,
}

/// What an estate is made of.
pub struct Given<'a> {
    /// The definitions, as of the releases that are told of.
    pub catalog: &'a Catalog,
    /// The rules.
    pub rules: &'a Rules,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The projects that were read.
    pub projects: Vec<String>,
    /// What was not seen.
    pub unseen: Unseen,
    /// When that is, RFC 3339.
    pub now: String,
}

/// Nodes and what they refer to.
pub struct Estate<'a> {
    /// The definitions.
    pub catalog: &'a Catalog,
    /// The rules.
    pub rules: &'a Rules,
    /// The nodes, by type and name.
    pub nodes: Vec<Node>,
    /// The projects that were read.
    pub projects: Vec<String>,
    /// When that is, RFC 3339.
    pub now: String,
    unseen: Unseen,
    /// What each node refers to, and what refers to it.
    refs: Vec<BTreeSet<usize>>,
    referrers: Vec<BTreeSet<usize>>,
    /// References to what is not there: type and name.
    dangling: Vec<BTreeSet<(String, String)>>,
    /// Types that a node may refer to by something that is not known, with why.
    loose: Vec<Vec<(String, Unknown)>>,
    /// The same of any node of a type.
    loose_types: HashMap<String, HashMap<String, Unknown>>,
    /// Nodes by type.
    by_type: HashMap<String, Vec<usize>>,
    /// Nodes as values, made when they are first looked at.
    values: RefCell<HashMap<usize, Value>>,
    all: RefCell<HashMap<(String, String), Value>>,
}

impl Hidden {
    fn is_in(&self, project: &str) -> bool {
        let place = self.project.as_deref();
        place.is_none_or(|place| project.is_empty() || place == project)
    }
}

impl<'a> Estate<'a> {
    /// Puts nodes together.
    pub fn new(given: Given<'a>) -> Self {
        let Given {
            catalog,
            rules,
            mut nodes,
            projects,
            unseen,
            now,
        } = given;
        nodes.sort_by(|a, b| {
            let key = |node: &Node| (node.object.rtype.clone(), node.object.id.clone());
            key(a).cmp(&key(b))
        });
        let mut by_type: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, node) in nodes.iter().enumerate() {
            // Grants as authoritative bindings are seen member by member where the cloud shows them.
            let definition = catalog.definition(&node.object.rtype);
            let twice = node.origin == Origin::Cloud && definition.is_some_and(|d| d.claimed_only);
            if !twice {
                by_type
                    .entry(node.object.rtype.clone())
                    .or_default()
                    .push(at);
            }
        }
        let count = nodes.len();
        let mut out = Self {
            catalog,
            rules,
            nodes,
            projects,
            now,
            unseen,
            refs: vec![BTreeSet::new(); count],
            referrers: vec![BTreeSet::new(); count],
            dangling: vec![BTreeSet::new(); count],
            loose: vec![Vec::new(); count],
            loose_types: HashMap::new(),
            by_type,
            values: RefCell::default(),
            all: RefCell::default(),
        };
        out.connect();
        out
    }

    fn connect(&mut self) {
        let mut edges = Vec::new();
        let addresses: HashMap<&Address, usize> = (self.nodes.iter().enumerate())
            .filter_map(|(at, node)| Some((node.address.as_ref()?, at)))
            .collect();
        let mut by_expression: BTreeSet<(usize, String)> = BTreeSet::new();
        for (from, node) in self.nodes.iter().enumerate() {
            for (path, to) in &node.refers {
                if let Some(to) = addresses.get(to) {
                    by_expression.insert((from, family(path)));
                    edges.push((from, *to));
                }
            }
        }
        for (from, node) in self.nodes.iter().enumerate() {
            let definition = self.catalog.definition(&node.object.rtype);
            let references = definition.into_iter().flat_map(|one| &one.references);
            for reference in references.filter(|one| !one.implied) {
                let path: Vec<&str> = reference.family.split('.').collect();
                let why = unknown(&node.object.attributes, &path);
                let told = by_expression.contains(&(from, reference.family.clone()));
                if let Some(why) = why.filter(|_| !told) {
                    self.loose[from].push((reference.target.clone(), why.clone()));
                    let targets = self.loose_types.entry(node.object.rtype.clone());
                    let target = targets.or_default().entry(reference.target.clone());
                    target.or_insert_with(|| why.clone());
                }
            }
        }
        let objects: Vec<Object> = self.nodes.iter().map(|node| node.object.clone()).collect();
        let graph = Graph::new(&objects, self.catalog);
        for edge in &graph.edges {
            match &edge.to {
                Target::Object(to) => edges.push((edge.from, *to)),
                Target::Dangling { rtype, name } => {
                    if !by_expression.contains(&(edge.from, edge.family.clone()))
                        && self.is_within(name)
                    {
                        self.dangling[edge.from].insert((rtype.clone(), name.clone()));
                    }
                }
            }
        }
        for (from, to) in edges {
            self.refs[from].insert(to);
            self.referrers[to].insert(from);
        }
    }

    /// Whether what a name means would be among the nodes if it were there: it names no project, or one that was read.
    fn is_within(&self, name: &str) -> bool {
        let project = name
            .split('/')
            .skip_while(|part| *part != "projects")
            .nth(1);
        project.is_none_or(|project| self.projects.iter().any(|one| one == project))
    }

    /// The nodes of a type.
    pub fn of_type(&self, rtype: &str) -> &[usize] {
        self.by_type
            .get(rtype)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Whether a rule looks at what nobody asked for.
    pub(super) fn is_left_out(&self, rule: &Rule) -> bool {
        rule.types()
            .any(|rtype| self.unseen.unasked.contains(rtype))
    }

    /// Why objects of a type may be there that are not among the nodes of a project.
    pub fn unseen(&self, rtype: &str, project: &str) -> Option<&Unknown> {
        let listed = self.unseen.types.get(rtype).into_iter().flatten();
        let mut here = listed.filter(|hidden| hidden.is_in(project));
        let found = here.next().map(|hidden| &hidden.why);
        found.or(self.unseen.any.as_ref())
    }

    /// The same of objects that refer to a node: what is hidden in another object of its type does not.
    fn unseen_below(&self, rtype: &str, node: &Object) -> Option<&Unknown> {
        let elsewhere = |hidden: &Hidden| {
            let parent = hidden.parent.as_ref();
            parent.is_some_and(|(parent, name)| {
                *parent == node.rtype && !node.id.split('/').any(|part| part == name)
            })
        };
        let listed = self.unseen.types.get(rtype).into_iter().flatten();
        let mut here =
            listed.filter(|hidden| hidden.is_in(&node.scope.project) && !elsewhere(hidden));
        let found = here.next().map(|hidden| &hidden.why);
        found.or(self.unseen.any.as_ref())
    }

    pub(super) fn view<'v>(&'v self, node: &'v Node, definition: &'v Definition) -> View<'v> {
        View {
            definition,
            node,
            unset: self.rules.unset.get(&node.object.rtype),
        }
    }

    /// A node as a value of the language.
    fn value(&self, at: usize) -> Value {
        if let Some(value) = self.values.borrow().get(&at) {
            return value.clone();
        }
        let node = &self.nodes[at];
        let value = match self.catalog.definition(&node.object.rtype) {
            Some(definition) => self.view(node, definition).object(),
            None => Value::null(),
        };
        self.values.borrow_mut().insert(at, value.clone());
        value
    }

    /// A list of nodes; where more of them may be there, it is only known to have these.
    fn list(&self, found: &[usize], unseen: Option<&Unknown>) -> Value {
        match unseen {
            None => Value::tuple(found.iter().map(|at| self.value(*at)).collect()),
            Some(why) => at_least(found.len(), why),
        }
    }

    /// What a node refers to, of a type.
    pub(super) fn refs(&self, at: usize, rtype: &str) -> Value {
        let found = self.among(&self.refs[at], rtype);
        // What is named and not seen may be there all the same; and what is found by what it holds dangles nowhere.
        let stray = self.dangling[at].iter().any(|(other, _)| other == rtype);
        let stray = stray || self.is_found_by_holding(at, rtype);
        let project = self.nodes[at].object.scope.project.as_str();
        let unseen = self.unseen(rtype, project).filter(|_| stray);
        self.list(&found, unseen.or(self.loosely(at, rtype)))
    }

    /// Whether a node refers to a type by what its objects hold, not by their names.
    fn is_found_by_holding(&self, at: usize, rtype: &str) -> bool {
        let definition = self.catalog.definition(&self.nodes[at].object.rtype);
        let mut references = definition.into_iter().flat_map(|one| &one.references);
        references.any(|one| one.target == rtype && (one.by.is_some() || one.selects.is_some()))
    }

    /// What refers to a node, of a type.
    pub(super) fn referrers(&self, at: usize, rtype: &str) -> Value {
        let found = self.among(&self.referrers[at], rtype);
        let object = &self.nodes[at].object;
        let loose = self.loose_types.get(rtype);
        let loose = loose.and_then(|targets| targets.get(&object.rtype));
        let unseen = self.unseen_below(rtype, object);
        self.list(&found, unseen.or(loose))
    }

    /// Why a node may refer to something of a type though it is not known to.
    fn loosely(&self, at: usize, rtype: &str) -> Option<&Unknown> {
        let mut all = self.loose[at].iter();
        let found = all.find(|(target, _)| target == rtype);
        found.map(|(_, why)| why)
    }

    fn among(&self, nodes: &BTreeSet<usize>, rtype: &str) -> Vec<usize> {
        // Nodes of a type are in order.
        let of = self.of_type(rtype);
        let kept = nodes.iter().copied();
        kept.filter(|at| of.binary_search(at).is_ok()).collect()
    }

    /// All of a type in a project.
    pub(super) fn all(&self, rtype: &str, project: &str) -> Value {
        let key = (rtype.to_owned(), project.to_owned());
        if let Some(value) = self.all.borrow().get(&key) {
            return value.clone();
        }
        let here = |at: &usize| {
            let own = &self.nodes[*at].object.scope.project;
            project.is_empty() || own.is_empty() || own == project
        };
        let found: Vec<usize> = self.of_type(rtype).iter().copied().filter(here).collect();
        let value = self.list(&found, self.unseen(rtype, project));
        self.all.borrow_mut().insert(key, value.clone());
        value
    }

    /// The names by which a node refers to what is not there, of a type.
    pub(super) fn dangling(&self, at: usize, rtype: &str) -> Value {
        let project = self.nodes[at].object.scope.project.as_str();
        let names = self.dangling[at].iter().filter(|(other, _)| other == rtype);
        let names: Vec<&String> = names.map(|(_, name)| name).collect();
        let unseen = self.unseen(rtype, project).filter(|_| !names.is_empty());
        match unseen.or(self.loosely(at, rtype)) {
            Some(why) => Value::unknown_of(Type::list(Type::String), why.clone()),
            None => Value::strings(names),
        }
    }
}

/// A list of which only some elements are known to be there.
pub(super) fn at_least(count: usize, why: &Unknown) -> Value {
    let lengths = Lengths {
        least: count,
        most: None,
    };
    Value::unknown_of(Type::list(Type::Dynamic), why.clone())
        .refined(Refinement::of_length(lengths))
}

/// What is not known at a path of attribute names, through every block.
fn unknown<'v>(map: &'v BTreeMap<String, model::Value>, path: &[&str]) -> Option<&'v Unknown> {
    let (name, rest) = path.split_first()?;
    match map.get(*name)? {
        model::Value::Unknown(why) => Some(why),
        model::Value::List(items) => items.iter().find_map(|item| match item {
            model::Value::Unknown(why) => Some(why),
            model::Value::Map(inner) => unknown(inner, rest),
            _ => None,
        }),
        _ => None,
    }
}

/// A path by its names alone.
fn family(path: &str) -> String {
    let names = path.split(['.', '[', ']']);
    let names = names.filter(|part| !part.is_empty() && part.parse::<usize>().is_err());
    names.collect::<Vec<_>>().join(".")
}
