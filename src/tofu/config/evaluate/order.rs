//! The order in which resources depend on each other.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use hcl_edit::expr::Expression;

use super::super::Workspace;
use super::super::read::{Attribute, Content};
use crate::model::{Address, ModuleStep};

/// Something a resource may depend on, in a module's node.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Symbol {
    Variable(usize, Arc<str>),
    Local(usize, Arc<str>),
    Output(usize, Arc<str>),
    /// The repetition and `depends_on` of a module call.
    Call(usize, Arc<str>),
    Resource(usize, usize),
}

/// A reference: the root name and the names behind it, whatever indices stand between.
type Reference = (String, Vec<String>);

/// The blocks in dependency order. Of a circle some block comes first: tofu refuses circles anyway.
pub fn order(workspace: &Workspace) -> Vec<Address> {
    referred(workspace)
        .into_iter()
        .map(|(address, _)| address)
        .collect()
}

/// The blocks in dependency order, and whether something may refer to them.
pub(super) fn referred(workspace: &Workspace) -> Vec<(Address, bool)> {
    let above = above(workspace);
    let mut walk = Walk {
        workspace,
        above,
        seen: HashSet::new(),
        referred: HashSet::new(),
        order: Vec::new(),
    };
    for node in 0..workspace.nodes.len() {
        for position in 0..workspace.nodes[node].module.resources.len() {
            walk.visit(Symbol::Resource(node, position));
        }
    }
    let paths = paths(workspace);
    let Walk {
        order, referred, ..
    } = walk;
    let address = |(node, position): (usize, usize)| {
        let resource = &workspace.nodes[node].module.resources[position];
        let address = Address {
            modules: paths[node].clone(),
            data: resource.data,
            rtype: resource.rtype.to_string(),
            name: resource.name.to_string(),
            key: None,
        };
        (address, referred.contains(&(node, position)))
    };
    order.into_iter().map(address).collect()
}

/// The managed blocks that a data source waits for: what its `depends_on`, or that of a module around it, leads to, and what
/// these depend on; where it has conditions, everything it refers to.
pub(super) fn awaited(workspace: &Workspace, node: usize, position: usize) -> Vec<(usize, usize)> {
    let mut walk = Walk {
        workspace,
        above: above(workspace),
        seen: HashSet::new(),
        referred: HashSet::new(),
        order: Vec::new(),
    };
    let content = &workspace.nodes[node].module.resources[position]
        .block
        .content;
    let mut starts: Vec<Symbol> = Vec::new();
    if content
        .of_kind("lifecycle")
        .any(|block| !block.content.blocks.is_empty())
    {
        let mut references = BTreeSet::new();
        gather(content, &mut references);
        starts.extend(walk.symbols(node, references));
    } else {
        starts.extend(walk.of_attributes(node, content.attribute("depends_on")));
    }
    let mut at = node;
    while let Some((caller, call)) = walk.above.get(&at).cloned() {
        let content = &workspace.nodes[caller].module.calls[&call].block.content;
        starts.extend(walk.of_attributes(caller, content.attribute("depends_on")));
        at = caller;
    }
    for start in starts {
        walk.visit(start);
    }
    let managed = |(node, position): &(usize, usize)| {
        !workspace.nodes[*node].module.resources[*position].data
    };
    walk.order.into_iter().filter(managed).collect()
}

/// The caller of each node and the name of the call.
fn above(workspace: &Workspace) -> HashMap<usize, (usize, Arc<str>)> {
    let calls = workspace.nodes.iter().enumerate();
    calls
        .flat_map(|(at, node)| {
            node.children
                .iter()
                .map(move |(name, child)| (*child, (at, Arc::clone(name))))
        })
        .collect()
}

fn paths(workspace: &Workspace) -> Vec<Vec<ModuleStep>> {
    let mut paths = vec![Vec::new(); workspace.nodes.len()];
    // A node always stands behind its caller.
    for (at, node) in workspace.nodes.iter().enumerate() {
        for (name, child) in &node.children {
            let mut path = paths[at].clone();
            path.push(ModuleStep {
                name: name.to_string(),
                key: None,
            });
            paths[*child] = path;
        }
    }
    paths
}

struct Walk<'w> {
    workspace: &'w Workspace,
    above: HashMap<usize, (usize, Arc<str>)>,
    seen: HashSet<Symbol>,
    /// Resources that something depends on.
    referred: HashSet<(usize, usize)>,
    order: Vec<(usize, usize)>,
}

impl Walk<'_> {
    /// Visits what a symbol depends on, then the symbol. Without recursion: chains may be long.
    fn visit(&mut self, start: Symbol) {
        let mut stack = vec![(start, false)];
        while let Some((symbol, done)) = stack.pop() {
            if done {
                if let Symbol::Resource(node, position) = symbol {
                    self.order.push((node, position));
                }
                continue;
            }
            if !self.seen.insert(symbol.clone()) {
                continue;
            }
            let below = self.below(&symbol);
            self.referred
                .extend(below.iter().filter_map(|symbol| match symbol {
                    Symbol::Resource(node, position) => Some((*node, *position)),
                    _ => None,
                }));
            stack.push((symbol, true));
            stack.extend(
                below
                    .into_iter()
                    .rev()
                    .filter(|symbol| !self.seen.contains(symbol))
                    .map(|symbol| (symbol, false)),
            );
        }
    }

    /// What a symbol refers to.
    fn below(&self, symbol: &Symbol) -> BTreeSet<Symbol> {
        let nodes = &self.workspace.nodes;
        match symbol {
            Symbol::Local(node, name) => {
                self.of_attributes(*node, nodes[*node].module.locals.get(name))
            }
            Symbol::Output(node, name) => {
                let value = nodes[*node]
                    .module
                    .outputs
                    .get(name)
                    .and_then(|output| output.value.as_ref());
                self.of_attributes(*node, value)
                    .into_iter()
                    .chain(self.enclosing(*node))
                    .collect()
            }
            Symbol::Variable(node, name) => {
                let Some((caller, call)) = self.above.get(node) else {
                    return BTreeSet::new();
                };
                let content = &nodes[*caller].module.calls[call].block.content;
                let mut below = self.of_attributes(*caller, content.attribute(name));
                below.insert(Symbol::Call(*caller, Arc::clone(call)));
                below
            }
            Symbol::Call(node, name) => {
                let content = &nodes[*node].module.calls[name].block.content;
                let meta = content.attributes.iter().filter(|attribute| {
                    matches!(attribute.name.as_str(), "count" | "for_each" | "depends_on")
                });
                self.of_attributes(*node, meta)
                    .into_iter()
                    .chain(self.enclosing(*node))
                    .collect()
            }
            Symbol::Resource(node, position) => {
                let mut references = BTreeSet::new();
                gather(
                    &nodes[*node].module.resources[*position].block.content,
                    &mut references,
                );
                self.symbols(*node, references)
                    .chain(self.enclosing(*node))
                    .collect()
            }
        }
    }

    /// The call that a module's instances come from.
    fn enclosing(&self, node: usize) -> Option<Symbol> {
        self.above
            .get(&node)
            .map(|(caller, name)| Symbol::Call(*caller, Arc::clone(name)))
    }

    fn of_attributes<'c>(
        &self,
        node: usize,
        attributes: impl IntoIterator<Item = &'c Attribute>,
    ) -> BTreeSet<Symbol> {
        let mut references = BTreeSet::new();
        for attribute in attributes {
            collect(&attribute.expr, &mut references);
        }
        self.symbols(node, references).collect()
    }

    /// What references mean in a module.
    fn symbols(
        &self,
        node: usize,
        references: BTreeSet<Reference>,
    ) -> impl Iterator<Item = Symbol> {
        references
            .into_iter()
            .flat_map(move |(root, names)| self.meaning(node, &root, &names))
    }

    fn meaning(&self, node: usize, root: &str, names: &[String]) -> Vec<Symbol> {
        let here = &self.workspace.nodes[node];
        let Some(first) = names.first() else {
            return Vec::new();
        };
        let resource = |data: bool, rtype: &str, name: Option<&String>| {
            let position = name.and_then(|name| here.module.resource(data, rtype, name));
            position
                .map(|position| Symbol::Resource(node, position))
                .into_iter()
                .collect()
        };
        match root {
            "var" => vec![Symbol::Variable(node, first.as_str().into())],
            "local" => vec![Symbol::Local(node, first.as_str().into())],
            "module" => self.outputs(node, first, names.get(1)),
            "data" => resource(true, first, names.get(1)),
            "resource" => resource(false, first, names.get(1)),
            rtype => resource(false, rtype, Some(first)),
        }
    }

    /// The outputs of a call that a reference needs: the one named, or all and with them every resource.
    fn outputs(&self, node: usize, call: &str, output: Option<&String>) -> Vec<Symbol> {
        let Some((name, child)) = self.workspace.nodes[node].children.get_key_value(call) else {
            return Vec::new();
        };
        let module = &self.workspace.nodes[*child].module;
        let call = Symbol::Call(node, Arc::clone(name));
        match output.filter(|output| module.outputs.contains_key(output.as_str())) {
            Some(output) => vec![call, Symbol::Output(*child, output.as_str().into())],
            None => {
                let outputs = module
                    .outputs
                    .keys()
                    .map(|name| Symbol::Output(*child, Arc::clone(name)));
                let resources =
                    (0..module.resources.len()).map(|position| Symbol::Resource(*child, position));
                std::iter::once(call)
                    .chain(outputs)
                    .chain(resources)
                    .collect()
            }
        }
    }
}

fn gather(content: &Content, references: &mut BTreeSet<Reference>) {
    for attribute in content
        .attributes
        .iter()
        .filter(|attribute| attribute.name != "ignore_changes")
    {
        collect(&attribute.expr, references);
    }
    for block in &content.blocks {
        gather(&block.content, references);
    }
}

fn collect(expr: &Expression, references: &mut BTreeSet<Reference>) {
    references.extend(
        crate::hcl::references(expr)
            .into_iter()
            .map(|(reference, _)| (reference.root, reference.names)),
    );
}
