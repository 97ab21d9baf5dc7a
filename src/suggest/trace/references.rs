//! References, followed one step: to variables and what gives them, locals, outputs of modules, and names bound around them.

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};

use super::{NoEdit, Scope, Seg, Site, Sites, Spot};
use crate::model::{GivenBy, Key, ModuleStep};
use crate::suggest::source_index::{SourceIndex, argument};

impl SourceIndex<'_> {
    pub(super) fn reference<'t>(&'t self, spot: Spot<'t>, depth: usize) -> Sites<'t> {
        let mut sites = Vec::new();
        let (file, expr, path) = (spot.file, spot.expr, spot.path.clone());
        for target in self.target(spot)? {
            match target {
                Target::Spot(next) => match self.follow(next, None, depth + 1) {
                    Ok(found) => sites.extend(found),
                    Err(no_edit) if sites.is_empty() => return Err(no_edit),
                    Err(_) => {}
                },
                Target::Missing(site) => sites.push(site),
            }
        }
        if let [Seg::Key(name)] = path.as_slice()
            && sites.iter().any(|site| matches!(site, Site::Member { .. }))
        {
            sites.push(Site::Merge {
                file,
                expr,
                name: name.clone(),
            });
        }
        Ok(sites)
    }

    /// What a reference leads to, one step on.
    pub(in crate::suggest) fn target<'t>(
        &'t self,
        spot: Spot<'t>,
    ) -> Result<Vec<Target<'t>>, NoEdit> {
        let (root, mut path) = match spot.expr {
            Expression::Variable(name) => (name.value().as_str(), Vec::new()),
            Expression::Traversal(traversal) => match &traversal.expr {
                Expression::Variable(name) => match self.steps(traversal, &spot) {
                    Some(path) => (name.value().as_str(), path),
                    None => {
                        return self.refuse(
                            &spot,
                            "it is written by an expression with an index that is worked out",
                        );
                    }
                },
                other => {
                    let Some(mut path) = self.steps(traversal, &spot) else {
                        return self.refuse(&spot, "it is written by an expression");
                    };
                    path.extend(spot.path.clone());
                    return Ok(vec![Target::Spot(Spot {
                        expr: other,
                        path,
                        ..spot
                    })]);
                }
            },
            _ => return self.refuse(&spot, "it is written by an expression"),
        };
        path.extend(spot.path.iter().cloned());
        if let Some(bound) = self.bound(root, &path, &spot) {
            return bound;
        }
        let name = match path.first() {
            Some(Seg::Key(name)) => name.clone(),
            _ => return self.refuse(&spot, "it is written by an expression"),
        };
        let rest = path[1..].to_vec();
        match root {
            "var" => self.variable(&name, rest, &spot),
            "local" => self.local(&name, rest, &spot),
            "module" => self.output(&name, rest, &spot),
            "data" => self.refuse(&spot, "it is read from a data source"),
            "each" | "count" | "path" | "terraform" | "tofu" | "self" => {
                self.refuse(&spot, format!("it is written by `{root}.{name}`"))
            }
            rtype => self.refuse(&spot, format!("it refers to {rtype}.{name}")),
        }
    }

    /// What a bound name stands for.
    fn bound<'t>(
        &'t self,
        root: &str,
        path: &[Seg],
        spot: &Spot<'t>,
    ) -> Option<Result<Vec<Target<'t>>, NoEdit>> {
        let first = if let Some(Seg::Key(name)) = path.first() {
            name.as_str()
        } else {
            ""
        };
        enum Found<'t> {
            Value(Spot<'t>, usize),
            Key,
        }
        let found = spot.scope.find(|frame| {
            if frame.object.as_deref() == Some(root) {
                return Some(if first == "value" {
                    Found::Value(frame.value.clone(), 1)
                } else {
                    Found::Key
                });
            }
            if frame.value_name.as_deref() == Some(root) {
                return Some(Found::Value(frame.value.clone(), 0));
            }
            (frame.key_name.as_deref() == Some(root)).then_some(Found::Key)
        })?;
        Some(match found {
            Found::Value(mut value, used) => {
                value.path.extend(path[used..].to_vec());
                Ok(vec![Target::Spot(value)])
            }
            Found::Key => self.refuse(
                spot,
                "it is the key of an element, which is part of an address",
            ),
        })
    }

    /// The operators of a traversal as steps.
    fn steps(&self, traversal: &Traversal, spot: &Spot<'_>) -> Option<Vec<Seg>> {
        traversal
            .operators
            .iter()
            .map(|operator| self.step(operator.value(), spot))
            .collect()
    }

    pub(in crate::suggest) fn step(
        &self,
        step: &TraversalOperator,
        spot: &Spot<'_>,
    ) -> Option<Seg> {
        match step {
            TraversalOperator::GetAttr(name) => Some(Seg::Key(name.value().as_str().to_owned())),
            TraversalOperator::LegacyIndex(at) => {
                Some(Seg::Index(usize::try_from(*at.value()).ok()?))
            }
            TraversalOperator::Index(Expression::Number(number)) => {
                Some(Seg::Index(usize::try_from(number.value().as_u64()?).ok()?))
            }
            TraversalOperator::Index(expr) => Some(Seg::Key(self.text(expr, spot, 1)?)),
            _ => None,
        }
    }

    fn variable<'t>(
        &'t self,
        name: &str,
        path: Vec<Seg>,
        spot: &Spot<'t>,
    ) -> Result<Vec<Target<'t>>, NoEdit> {
        let modules = &*spot.scope.modules;
        let declared = self.blocks(modules, "variable", &[name]);
        let mut out = Vec::new();
        if let Some((last, caller)) = modules.split_last() {
            let calls = self.blocks(caller, "module", &[&last.name]);
            match argument(&calls, name) {
                Some(passed) => {
                    let scope = Scope::new(caller).repeated(&calls, last.key.as_ref());
                    return Ok(vec![Target::Spot(Spot {
                        file: passed.file,
                        expr: &passed.of.value,
                        scope,
                        path,
                    })]);
                }
                None if path.is_empty() => {
                    let call = calls.last().map(|block| {
                        Target::Missing(Site::Argument {
                            block: *block,
                            name: name.to_owned(),
                        })
                    });
                    out.extend(call);
                }
                None => {}
            }
        } else {
            match self.sources.given.get(name) {
                Some(GivenBy::Text) => {
                    return self.refuse(
                        spot,
                        format!("var.{name} is given on the command line or by the environment"),
                    );
                }
                Some(GivenBy::Json) => {
                    return self.refuse(spot, format!("var.{name} is given in a JSON file"));
                }
                Some(GivenBy::File(file)) => {
                    let given = self.body(*file).and_then(|body| body.get_attribute(name));
                    let Some(given) = given else {
                        return self.refuse(spot, format!("the value of var.{name} was not found"));
                    };
                    let scope = Scope::new(modules);
                    return Ok(vec![Target::Spot(Spot {
                        file: *file,
                        expr: &given.value,
                        scope,
                        path,
                    })]);
                }
                None => {}
            }
        }
        match argument(&declared, "default") {
            Some(default) => {
                let scope = Scope::new(modules);
                out.push(Target::Spot(Spot {
                    file: default.file,
                    expr: &default.of.value,
                    scope,
                    path,
                }));
            }
            None if out.is_empty() => return self.refuse(spot, format!("var.{name} has no value")),
            None => {}
        }
        Ok(out)
    }

    fn local<'t>(
        &'t self,
        name: &str,
        path: Vec<Seg>,
        spot: &Spot<'t>,
    ) -> Result<Vec<Target<'t>>, NoEdit> {
        let Some(found) = argument(&self.blocks(&spot.scope.modules, "locals", &[]), name) else {
            return self.refuse(spot, format!("local.{name} was not found"));
        };
        let scope = Scope::new(&spot.scope.modules);
        Ok(vec![Target::Spot(Spot {
            file: found.file,
            expr: &found.of.value,
            scope,
            path,
        })])
    }

    /// An output leads into the module instance that is named.
    fn output<'t>(
        &'t self,
        call: &str,
        mut path: Vec<Seg>,
        spot: &Spot<'t>,
    ) -> Result<Vec<Target<'t>>, NoEdit> {
        let calls = self.blocks(&spot.scope.modules, "module", &[call]);
        let text = argument(&calls, "for_each").is_some();
        let key = (text || argument(&calls, "count").is_some())
            .then(|| path.first().cloned())
            .flatten();
        let key = match key {
            Some(Seg::Key(key)) if text => Some(Key::Text(key)),
            Some(Seg::Key(key)) => key.parse().ok().map(Key::Index),
            Some(Seg::Index(at)) => i64::try_from(at).ok().map(Key::Index),
            _ => None,
        };
        if key.is_some() {
            path.remove(0);
        }
        let step = ModuleStep {
            name: call.to_owned(),
            key,
        };
        let modules: Vec<ModuleStep> = spot.scope.modules.iter().cloned().chain([step]).collect();
        let (name, rest) = match path.split_first() {
            Some((Seg::Key(name), rest)) => (name, rest.to_vec()),
            _ => return self.refuse(spot, format!("it refers to module.{call}")),
        };
        let Some(value) = argument(&self.blocks(&modules, "output", &[name]), "value") else {
            return self.refuse(spot, format!("it refers to module.{call}.{name}"));
        };
        let scope = Scope::new(&modules);
        Ok(vec![Target::Spot(Spot {
            file: value.file,
            expr: &value.of.value,
            scope,
            path: rest,
        })])
    }
}

/// Where a reference leads.
pub(in crate::suggest) enum Target<'t> {
    Spot(Spot<'t>),
    Missing(Site<'t>),
}
