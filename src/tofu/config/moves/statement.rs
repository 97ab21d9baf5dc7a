//! One move: from where, to where, and what it has to wait for.

use crate::model::{Address, Key, ModuleStep};

/// One end of a move, relative to the module that says it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Steps to a module.
    pub modules: Vec<ModuleStep>,
    /// The resource there: type, name, key. Where there is none the module moves.
    pub resource: Option<(String, String, Option<Key>)>,
}

impl Endpoint {
    /// Reads `module.a`, `t.n` or `module.a["k"].t.n[0]`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("resource.").unwrap_or(text);
        if let Some(address) = Address::parse(text).filter(|address| !address.data) {
            return Some(Self {
                modules: address.modules,
                resource: Some((address.rtype, address.name, address.key)),
            });
        }
        let modules = Address::parse_modules(text).filter(|modules| !modules.is_empty())?;
        Some(Self {
            modules,
            resource: None,
        })
    }

    /// The key of what moves itself.
    fn key(&self) -> Option<&Key> {
        match &self.resource {
            Some((_, _, key)) => key.as_ref(),
            None => self.modules.last().and_then(|step| step.key.as_ref()),
        }
    }
}

/// One move.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// The calls down to the module that says it; it holds for all instances of these.
    within: Vec<String>,
    from: Endpoint,
    to: Endpoint,
    /// Whether one instance moves; else all of a resource or module call do, each with its key.
    one: bool,
}

impl Statement {
    /// A move said in a module. Nothing if its ends are of different kinds, or of different types of resource: whether a
    /// provider takes over a resource of another type is its own affair.
    pub fn new(within: Vec<String>, from: Endpoint, to: Endpoint) -> Option<Self> {
        let fits = match (&from.resource, &to.resource) {
            (Some((from, ..)), Some((to, ..))) => from == to,
            (None, None) => true,
            _ => false,
        };
        let one = from.key().is_some() || to.key().is_some();
        fits.then_some(Self {
            within,
            from,
            to,
            one,
        })
    }

    /// A move of one instance, between whole addresses.
    pub fn exact(from: Endpoint, to: Endpoint) -> Option<Self> {
        Self::new(Vec::new(), from, to).map(|statement| Self {
            one: true,
            ..statement
        })
    }

    /// The resource that moves away, if one does, and whether it is one instance of it: of modules without keys.
    pub fn source(&self) -> Option<(Address, bool)> {
        let (rtype, name, key) = self.from.resource.clone()?;
        let (_, to, to_key) = self.to.resource.as_ref()?;
        let outer = self.within.iter().map(|name| ModuleStep {
            name: name.clone(),
            key: None,
        });
        let stays = self.from.modules == self.to.modules && name == *to && key == *to_key;
        let address = Address {
            modules: outer.chain(self.from.modules.iter().cloned()).collect(),
            data: false,
            rtype,
            name,
            key: key.filter(|_| self.one),
        };
        (!stays).then_some((address, self.one))
    }

    /// Where an instance is after this move; nothing if it is not among those that move.
    pub fn destination(&self, address: &Address) -> Option<Address> {
        let named = |(step, name): (&ModuleStep, &String)| step.name == *name;
        if address.modules.len() < self.within.len()
            || !address.modules.iter().zip(&self.within).all(named)
        {
            return None;
        }
        let (prefix, below) = address.modules.split_at(self.within.len());
        let rest = below.get(self.from.modules.len()..)?;
        let Some((rtype, name, key)) = &self.from.resource else {
            return self.module_destination(address, prefix, below, rest);
        };
        let same = rest.is_empty()
            && below == self.from.modules
            && address.rtype == *rtype
            && address.name == *name;
        if address.data || !same || (self.one && address.key != *key) {
            return None;
        }
        let (rtype, name, to) = self.to.resource.clone()?;
        let key = if self.one { to } else { address.key.clone() };
        Some(Address {
            modules: [prefix, &self.to.modules].concat(),
            data: false,
            rtype,
            name,
            key,
        })
    }

    fn module_destination(
        &self,
        address: &Address,
        prefix: &[ModuleStep],
        below: &[ModuleStep],
        rest: &[ModuleStep],
    ) -> Option<Address> {
        let at = self.from.modules.len().checked_sub(1)?;
        let (own, call) = (below.get(at)?, &self.from.modules[at]);
        let same = below[..at] == self.from.modules[..at]
            && own.name == call.name
            && (!self.one || own.key == call.key);
        let mut to = self.to.modules.clone();
        if let Some(last) = to.last_mut().filter(|_| !self.one) {
            last.key.clone_from(&own.key);
        }
        same.then(|| Address {
            modules: [prefix, &to, rest].concat(),
            ..address.clone()
        })
    }

    /// What must be free at the destination, as the address of what moves: a module, a resource, or one instance.
    pub fn unit(&self, address: &Address) -> Address {
        match (&self.from.resource, self.one) {
            (Some(_), true) => address.clone(),
            (Some(_), false) => Address {
                key: None,
                ..address.clone()
            },
            (None, _) => {
                let depth = self.within.len() + self.to.modules.len();
                let modules = address.modules.iter().take(depth).cloned().collect();
                Address {
                    modules,
                    data: false,
                    rtype: String::new(),
                    name: String::new(),
                    key: None,
                }
            }
        }
    }

    /// Whether an end is this module, or a resource in it.
    pub fn speaks_of_module(&self, modules: &[ModuleStep]) -> bool {
        [&self.from, &self.to].into_iter().any(|end| {
            let path = self.path(end);
            path.len() == modules.len()
                && meet(&path, &modules.iter().map(exactly).collect::<Vec<_>>())
        })
    }

    /// Whether an end is this resource, or one of its instances.
    pub fn speaks_of_resource(&self, address: &Address) -> bool {
        let same = |end: &Endpoint| {
            let named = end
                .resource
                .as_ref()
                .is_some_and(|(rtype, name, _)| *rtype == address.rtype && *name == address.name);
            let path = self.path(end);
            named
                && path.len() == address.modules.len()
                && meet(
                    &path,
                    &address.modules.iter().map(exactly).collect::<Vec<_>>(),
                )
        };
        same(&self.from) || same(&self.to)
    }

    /// Whether another move comes before this one.
    pub fn depends_on(&self, other: &Self) -> bool {
        if self.chains(other) {
            return true;
        }
        let nested = self.nested(&self.from, other, &other.to)
            || self.nested(&self.to, other, &other.to)
            || other.nested(&other.from, self, &self.from)
            || other.nested(&other.to, self, &self.from);
        // Inside of a module of which only the key changes, a move matches before and after.
        nested && (self.path(&self.to).len() >= other.path(&other.to).len() || !self.only_keys())
    }

    /// Whether this takes up what the other moved.
    fn chains(&self, other: &Self) -> bool {
        let (from, to) = (self.path(&self.from), other.path(&other.to));
        let alike = match (&self.from.resource, &other.to.resource) {
            (None, None) => true,
            (Some((a, b, _)), Some((c, d, _))) => a == c && b == d && self.one == other.one,
            _ => false,
        };
        alike && from.len() == to.len() && meet(&from, &to)
    }

    /// Whether an end of this lies within what an end of another could name.
    fn nested(&self, end: &Endpoint, other: &Self, around: &Endpoint) -> bool {
        let (inner, outer) = (self.path(end), other.path(around));
        if outer.len() > inner.len() || !meet(&outer, &inner[..outer.len()]) {
            return false;
        }
        match (&around.resource, &end.resource) {
            (None, None) => inner.len() > outer.len(),
            (None, Some(_)) => true,
            (Some((a, b, _)), Some((c, d, _))) => {
                inner.len() == outer.len() && !other.one && self.one && a == c && b == d
            }
            (Some(_), None) => false,
        }
    }

    /// Whether the ends differ in keys of modules alone.
    fn only_keys(&self) -> bool {
        let names = |end: &Endpoint| {
            end.modules
                .iter()
                .map(|step| step.name.clone())
                .collect::<Vec<_>>()
        };
        names(&self.from) == names(&self.to) && self.from.resource == self.to.resource
    }

    /// The modules down to an end; no key stands for any.
    fn path(&self, end: &Endpoint) -> Vec<Rung> {
        let mut out: Vec<_> = self
            .within
            .iter()
            .map(|name| (name.clone(), None))
            .collect();
        out.extend(end.modules.iter().map(exactly));
        if let Some(last) = out
            .last_mut()
            .filter(|_| end.resource.is_none() && !self.one)
        {
            last.1 = None;
        }
        out
    }
}

/// A module by name and key; any key where that is left open.
type Rung = (String, Option<Option<Key>>);

fn exactly(step: &ModuleStep) -> Rung {
    (step.name.clone(), Some(step.key.clone()))
}

/// Whether two paths could be one.
fn meet(a: &[Rung], b: &[Rung]) -> bool {
    a.iter()
        .zip(b)
        .all(|((a, x), (b, y))| a == b && (x.is_none() || y.is_none() || x == y))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(within: &[&str], from: &str, to: &str) -> Statement {
        let within = within.iter().map(|name| (*name).to_owned()).collect();
        Statement::new(
            within,
            Endpoint::parse(from).unwrap(),
            Endpoint::parse(to).unwrap(),
        )
        .unwrap()
    }

    #[track_caller]
    fn moves(statement: &Statement, from: &str, to: &str) {
        let found = statement
            .destination(&Address::parse(from).unwrap())
            .map(|address| address.to_string());
        assert_eq!(found.unwrap_or_default(), to);
    }

    #[test]
    fn where_things_go() {
        moves(&statement(&[], "t.a", "t.b"), "t.a[\"k\"]", "t.b[\"k\"]");
        moves(&statement(&[], "t.a[\"k\"]", "t.b"), "t.a[\"k\"]", "t.b");
        moves(&statement(&[], "t.a[\"k\"]", "t.b"), "t.a", "");
        moves(
            &statement(&[], "t.a", "module.m[0].t.a"),
            "t.a[1]",
            "module.m[0].t.a[1]",
        );
        moves(
            &statement(&["m"], "t.a", "t.b"),
            "module.m[\"x\"].t.a",
            "module.m[\"x\"].t.b",
        );
        moves(&statement(&["m"], "t.a", "t.b"), "t.a", "");
        moves(
            &statement(&[], "module.m", "module.n"),
            "module.m[2].module.o.t.a",
            "module.n[2].module.o.t.a",
        );
        moves(
            &statement(&[], "module.m", "module.n[\"k\"]"),
            "module.m.t.a",
            "module.n[\"k\"].t.a",
        );
        moves(
            &statement(&[], "module.m", "module.n[\"k\"]"),
            "module.m[0].t.a",
            "",
        );
        assert_eq!(
            Statement::new(
                Vec::new(),
                Endpoint::parse("t.a").unwrap(),
                Endpoint::parse("u.a").unwrap()
            ),
            None
        );
    }

    #[test]
    fn which_comes_first() {
        let (first, second) = (statement(&[], "t.a", "t.b"), statement(&[], "t.b", "t.c"));
        assert!(second.depends_on(&first) && !first.depends_on(&second));
        // A resource leaves a module before the module moves, and moves within it after.
        let (module, out) = (
            statement(&[], "module.m", "module.n"),
            statement(&[], "module.m.t.a", "t.a"),
        );
        assert!(module.depends_on(&out) && !out.depends_on(&module));
        let into = statement(&[], "t.a", "module.n.t.a");
        assert!(into.depends_on(&module) && !module.depends_on(&into));
    }
}
