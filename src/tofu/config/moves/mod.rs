//! `moved` blocks, and the moves tofu makes by itself when `count` comes or goes: what state has at an address is at another.
//!
//! As OpenTofu does it: statements are applied one after the other, each after those whose result it takes up or that lie
//! within it; where something is at the destination already, it stays and the move is left out; of statements in a circle
//! none is applied.

mod statement;

use std::collections::{BTreeMap, BTreeSet};

use super::Workspace;
use super::read::{Block, Content};
use crate::model::{Address, Key, ModuleStep, Place, State};
pub use statement::Endpoint;
use statement::Statement;

/// Moves instances of states to where the configuration says they are now. Gives the old address of each by the new one.
pub fn moved(workspace: &Workspace, states: &mut [State]) -> BTreeMap<Address, Address> {
    let explicit = explicit(workspace);
    let mut out = BTreeMap::new();
    for state in states {
        let mut all = explicit.clone();
        all.extend(implied(workspace, state, &explicit));
        for statement in ordered(all) {
            apply(&statement, state, &mut out);
        }
    }
    out
}

/// The `moved` blocks of all modules, the root's first.
fn explicit(workspace: &Workspace) -> Vec<Statement> {
    let mut out = Vec::new();
    for (node, path) in workspace.paths().into_iter().enumerate() {
        let blocks = &workspace.nodes[node].module.moved;
        let statement = |block: &Block| {
            let end = |name: &str| {
                block
                    .content
                    .attribute(name)
                    .and_then(|attribute| Endpoint::parse(&attribute.expr.to_string()))
            };
            Statement::new(path.clone(), end("from")?, end("to")?)
        };
        out.extend(blocks.iter().filter_map(statement));
    }
    out
}

/// The resources that `moved` blocks move away, with whether one instance is moved, and the place: those of the root module and
/// of modules that are called once.
pub(super) fn sources(workspace: &Workspace) -> Vec<(Address, bool, Place)> {
    let mut out = Vec::new();
    for (node, path) in workspace.paths().into_iter().enumerate() {
        for block in &workspace.nodes[node].module.moved {
            let end = |name: &str| {
                let attribute = block.content.attribute(name)?;
                Endpoint::parse(&attribute.expr.to_string())
            };
            let statement = end("from").zip(end("to"));
            let statement = statement.and_then(|(from, to)| Statement::new(path.clone(), from, to));
            out.extend(statement.and_then(|statement| {
                let (from, one) = statement.source()?;
                Some((from, one, block.place()))
            }));
        }
    }
    out
}

/// The moves between an instance without key and the first of `count`, of resources and modules no block speaks of.
fn implied(workspace: &Workspace, state: &State, explicit: &[Statement]) -> Vec<Statement> {
    let mut out = BTreeSet::new();
    let current = state
        .instances
        .iter()
        .filter(|instance| instance.deposed.is_none());
    let recorded = state.recorded.iter().map(|recorded| &recorded.address);
    let addresses = current
        .map(|instance| &instance.address)
        .chain(recorded.filter(|address| !address.data));
    for address in addresses {
        let mut node = 0;
        for (at, step) in address.modules.iter().enumerate() {
            let module = &workspace.nodes[node].module;
            let (Some(call), Some(child)) = (
                module.calls.get(step.name.as_str()),
                workspace.nodes[node].children.get(step.name.as_str()),
            ) else {
                break;
            };
            let above = &address.modules[..at];
            if let Some(key) = counted(&call.block.content, step.key.as_ref()) {
                let end = |key: &Option<Key>| {
                    let step = ModuleStep {
                        name: step.name.clone(),
                        key: key.clone(),
                    };
                    Endpoint {
                        modules: above.iter().cloned().chain([step]).collect(),
                        resource: None,
                    }
                };
                let said = explicit
                    .iter()
                    .any(|statement| statement.speaks_of_module(&address.modules[..=at]));
                if !said {
                    out.extend(Statement::exact(end(&step.key), end(&key)));
                }
            }
            node = *child;
        }
        out.extend(implied_resource(workspace, address, explicit));
    }
    out.into_iter().collect()
}

fn implied_resource(
    workspace: &Workspace,
    address: &Address,
    explicit: &[Statement],
) -> Option<Statement> {
    let node = address.modules.iter().try_fold(0, |node, step| {
        workspace.nodes[node]
            .children
            .get(step.name.as_str())
            .copied()
    })?;
    let module = &workspace.nodes[node].module;
    let position = module.resource(address.data, &address.rtype, &address.name)?;
    let key = counted(
        &module.resources[position].block.content,
        address.key.as_ref(),
    )?;
    let end = |key: &Option<Key>| Endpoint {
        modules: address.modules.clone(),
        resource: Some((address.rtype.clone(), address.name.clone(), key.clone())),
    };
    if explicit
        .iter()
        .any(|statement| statement.speaks_of_resource(address))
    {
        return None;
    }
    Statement::exact(end(&address.key), end(&key))
}

/// The key an instance has now by its block's `count`, where it had the other of none and 0.
fn counted(content: &Content, key: Option<&Key>) -> Option<Option<Key>> {
    match (
        content.attribute("count").is_some(),
        content.attribute("for_each").is_some(),
        key,
    ) {
        (true, _, None) => Some(Some(Key::Index(0))),
        (false, false, Some(Key::Index(0))) => Some(None),
        _ => None,
    }
}

/// Statements, each after those it depends on; none at all where they go round in a circle.
fn ordered(statements: Vec<Statement>) -> Vec<Statement> {
    let all = 0..statements.len();
    let before = |at: usize| {
        all.clone()
            .filter(|other| *other != at && statements[at].depends_on(&statements[*other]))
            .collect()
    };
    let mut waits: Vec<BTreeSet<usize>> = all.clone().map(before).collect();
    let mut open: BTreeSet<usize> = all.clone().collect();
    let mut out = Vec::new();
    while let Some(at) = open.iter().copied().find(|at| waits[*at].is_empty()) {
        open.remove(&at);
        waits.iter_mut().for_each(|waits| _ = waits.remove(&at));
        out.push(statements[at].clone());
    }
    if open.is_empty() { out } else { Vec::new() }
}

fn apply(statement: &Statement, state: &mut State, out: &mut BTreeMap<Address, Address>) {
    let recorded = state.recorded.iter().map(|recorded| &recorded.address);
    let instances = state.instances.iter().map(|instance| &instance.address);
    let taken: BTreeSet<Address> = instances
        .chain(recorded.filter(|address| !address.data))
        .map(|address| statement.unit(address))
        .collect();
    for recorded in &mut state.recorded {
        // Data sources are read anew wherever they are declared.
        let Some(to) = statement
            .destination(&recorded.address)
            .filter(|to| !to.data)
        else {
            continue;
        };
        if !taken.contains(&statement.unit(&to)) {
            recorded.address = to;
        }
    }
    for instance in &mut state.instances {
        let Some(to) = statement.destination(&instance.address) else {
            continue;
        };
        if taken.contains(&statement.unit(&to)) {
            continue;
        }
        let from = std::mem::replace(&mut instance.address, to.clone());
        instance.moved_from.get_or_insert_with(|| from.clone());
        if instance.deposed.is_none() {
            let first = out.remove(&from).unwrap_or(from);
            out.insert(to, first);
        }
    }
}
