//! Following a value to where it is written: through variables, module calls, locals, outputs, `each` and `for`.

use std::rc::Rc;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, Object, Traversal, TraversalOperator};
use hcl_edit::structure::Block;

use super::source_index::{In, SourceIndex, argument, key_text};
use crate::model::{GivenBy, Key, ModuleStep};

/// A step into a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Seg {
    /// A member.
    Key(String),
    /// An element of a list.
    Index(usize),
    /// The element at a place in the order in which `for_each` goes.
    Nth(usize),
}

/// Where an expression is evaluated: the module instance, and the names bound around it.
#[derive(Clone)]
pub(super) struct Scope<'t> {
    pub modules: Rc<[ModuleStep]>,
    frame: Option<Rc<Frame<'t>>>,
}

/// Bound names: `each`, the iterator of a dynamic block, the variables of a `for`.
pub(super) struct Frame<'t> {
    outer: Option<Rc<Frame<'t>>>,
    /// The name of an object with `key` and `value`, or nothing.
    pub object: Option<String>,
    pub key_name: Option<String>,
    value_name: Option<String>,
    pub key: Option<String>,
    value: Spot<'t>,
}

/// A part of an expression's value.
#[derive(Clone)]
pub(super) struct Spot<'t> {
    pub file: usize,
    pub expr: &'t Expression,
    pub scope: Scope<'t>,
    pub path: Vec<Seg>,
}

/// Where a value is written.
pub(super) enum Site<'t> {
    /// An expression that is written out; the object it is a member of, if it is one.
    Literal {
        file: usize,
        expr: &'t Expression,
        member: Option<&'t Object>,
    },
    /// An object that lacks a member.
    Member {
        file: usize,
        object: &'t Object,
        name: String,
    },
    /// A block that lacks an argument.
    Argument { block: In<'t, Block>, name: String },
    /// A reference to an object that lacks a member, which can be merged with one that has it.
    Merge {
        file: usize,
        expr: &'t Expression,
        name: String,
    },
    /// Lists with expressions in them that make up one list together.
    Elements(Vec<Spot<'t>>),
    /// A text with expressions in it.
    Template(Spot<'t>),
}

impl Site<'_> {
    /// The file that would be edited.
    pub fn file(&self) -> usize {
        match self {
            Self::Literal { file, .. } | Self::Member { file, .. } | Self::Merge { file, .. } => {
                *file
            }
            Self::Argument { block, .. } => block.file,
            Self::Template(spot) => spot.file,
            // The last is where elements are added.
            Self::Elements(lists) => lists.last().map_or(0, |spot| spot.file),
        }
    }
}

/// Why nothing is suggested, and where.
#[derive(Clone, Debug)]
pub(super) struct NoEdit {
    pub reason: String,
    pub place: String,
}

/// Longer chains of references are circles.
pub(super) const MAX_STEPS: usize = 64;

pub(super) type Sites<'t> = Result<Vec<Site<'t>>, NoEdit>;

impl<'t> Scope<'t> {
    pub fn new(modules: &[ModuleStep]) -> Self {
        Self {
            modules: Rc::from(modules),
            frame: None,
        }
    }

    /// The scope inside some blocks with `for_each` or `count`, for one key.
    pub fn repeated(self, blocks: &[In<'t, Block>], key: Option<&Key>) -> Self {
        let (name, key, path) = match key {
            Some(Key::Text(key)) => ("for_each", key.clone(), vec![Seg::Key(key.clone())]),
            Some(Key::Index(at)) => ("count", at.to_string(), Vec::new()),
            None => return self,
        };
        let Some(by) = argument(blocks, name) else {
            return self;
        };
        let value = Spot {
            file: by.file,
            expr: &by.of.value,
            scope: self.clone(),
            path,
        };
        let bound = if name == "count" { "count" } else { "each" };
        self.bound(Some(bound.to_owned()), [None, None], Some(key), value)
    }

    /// The scope inside a dynamic block, for one element.
    pub fn iterating(self, iterator: &str, collection: Spot<'t>, at: usize) -> Self {
        let mut value = collection;
        value.path.push(Seg::Nth(at));
        self.bound(Some(iterator.to_owned()), [None, None], None, value)
    }

    pub(super) fn bound(
        self,
        object: Option<String>,
        names: [Option<String>; 2],
        key: Option<String>,
        value: Spot<'t>,
    ) -> Self {
        let [key_name, value_name] = names;
        let frame = Frame {
            outer: self.frame,
            object,
            key_name,
            value_name,
            key,
            value,
        };
        Self {
            modules: self.modules,
            frame: Some(Rc::new(frame)),
        }
    }

    pub(super) fn find<T>(&self, f: impl Fn(&Frame<'t>) -> Option<T>) -> Option<T> {
        let mut frame = self.frame.as_ref();
        while let Some(current) = frame {
            if let Some(found) = f(current) {
                return Some(found);
            }
            frame = current.outer.as_ref();
        }
        None
    }
}

impl<'s> SourceIndex<'s> {
    pub(super) fn refuse<T>(
        &self,
        spot: &Spot<'_>,
        reason: impl Into<String>,
    ) -> Result<T, NoEdit> {
        let offset = spot.expr.span().map_or(0, |span| span.start);
        Err(NoEdit {
            reason: reason.into(),
            place: self.place(spot.file, offset),
        })
    }

    /// Where the value at a spot is written; the likelier place first.
    pub fn sites<'t>(&'t self, spot: Spot<'t>) -> Sites<'t>
    where
        's: 't,
    {
        self.follow(spot, None, 0)
    }

    pub(super) fn follow<'t>(
        &'t self,
        spot: Spot<'t>,
        member: Option<&'t Object>,
        depth: usize,
    ) -> Sites<'t> {
        if depth > MAX_STEPS {
            return self.refuse(&spot, "it is written through too many references");
        }
        match spot.expr {
            Expression::Parenthesis(inner) => self.follow(
                Spot {
                    expr: inner.inner(),
                    ..spot
                },
                member,
                depth + 1,
            ),
            Expression::Traversal(traversal) if splat(traversal) => {
                let first = spot
                    .path
                    .first()
                    .filter(|seg| matches!(seg, Seg::Nth(0) | Seg::Index(0)));
                match first.and_then(|_| self.before_splat(traversal, &spot)) {
                    Some(mut found) => {
                        found.path.extend(spot.path[1..].to_vec());
                        self.follow(found, None, depth + 1)
                    }
                    None => self.refuse(&spot, "it is written by a splat expression"),
                }
            }
            Expression::Variable(_) | Expression::Traversal(_) => self.reference(spot, depth),
            Expression::FuncCall(call) => self.called(call, spot, depth),
            Expression::Conditional(choice) => self.chosen(choice, spot, depth),
            expr if spot.path.is_empty() => match expr {
                expr if super::source_index::is_literal(expr) => Ok(vec![Site::Literal {
                    file: spot.file,
                    expr,
                    member,
                }]),
                Expression::Array(_) => Ok(vec![Site::Elements(vec![spot])]),
                Expression::StringTemplate(_) => Ok(vec![Site::Template(spot)]),
                expr => self.refuse(&spot, format!("it is written by {}", kind(expr))),
            },
            Expression::Object(object) => {
                let (first, rest) = (spot.path[0].clone(), spot.path[1..].to_vec());
                match (self.member(object, &first, &spot), first) {
                    (Some(expr), _) => self.follow(
                        Spot {
                            expr,
                            path: rest,
                            ..spot
                        },
                        Some(object),
                        depth + 1,
                    ),
                    (None, Seg::Key(name)) if rest.is_empty() => Ok(vec![Site::Member {
                        file: spot.file,
                        object,
                        name,
                    }]),
                    _ => self.refuse(&spot, "the object has no such member"),
                }
            }
            Expression::Array(_) | Expression::ForExpr(_) => self.inside(spot, depth),
            expr => self.refuse(&spot, format!("it is written by {}", kind(expr))),
        }
    }

    /// An element of something that lists elements.
    pub(super) fn inside<'t>(&'t self, spot: Spot<'t>, depth: usize) -> Sites<'t> {
        let first = spot
            .path
            .first()
            .and_then(|first| self.element(&spot, first, depth));
        let Some(mut found) = first else {
            return self.refuse(&spot, format!("it is written by {}", kind(spot.expr)));
        };
        found.path.extend(spot.path[1..].to_vec());
        self.follow(found, None, depth + 1)
    }

    pub(super) fn member<'t>(
        &'t self,
        object: &'t Object,
        seg: &Seg,
        spot: &Spot<'t>,
    ) -> Option<&'t Expression> {
        match seg {
            Seg::Key(name) => {
                let text = |key: &hcl_edit::expr::ObjectKey| match key {
                    hcl_edit::expr::ObjectKey::Expression(expr) if expr.as_str().is_none() => {
                        self.text(expr, spot, 0)
                    }
                    key => key_text(key).map(str::to_owned),
                };
                object
                    .iter()
                    .find(|(key, _)| text(key).as_deref() == Some(name))
                    .map(|(_, value)| value.expr())
            }
            Seg::Nth(at) => {
                let mut members: Vec<(&str, &Expression)> = object
                    .iter()
                    .map(|(key, value)| Some((key_text(key)?, value.expr())))
                    .collect::<Option<_>>()?;
                members.sort_by_key(|(key, _)| *key);
                members.get(*at).map(|(_, expr)| *expr)
            }
            Seg::Index(_) => None,
        }
    }

    fn reference<'t>(&'t self, spot: Spot<'t>, depth: usize) -> Sites<'t> {
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
    pub(super) fn target<'t>(&'t self, spot: Spot<'t>) -> Result<Vec<Target<'t>>, NoEdit> {
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

    pub(super) fn step(&self, step: &TraversalOperator, spot: &Spot<'_>) -> Option<Seg> {
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
pub(super) enum Target<'t> {
    Spot(Spot<'t>),
    Missing(Site<'t>),
}

/// Whether a traversal ends in `[*]`.
pub(super) fn splat(traversal: &Traversal) -> bool {
    matches!(
        traversal.operators.last().map(|step| step.value()),
        Some(TraversalOperator::FullSplat(_))
    )
}

/// Whether an expression has no members at all.
pub(super) fn bare(expr: &Expression) -> bool {
    match expr {
        Expression::Null(_) => true,
        Expression::Array(array) => array.is_empty(),
        Expression::Object(object) => object.is_empty(),
        Expression::Parenthesis(inner) => bare(inner.inner()),
        _ => false,
    }
}

/// What an expression is, in words.
pub(super) fn kind(expr: &Expression) -> &'static str {
    match expr {
        Expression::StringTemplate(_) | Expression::HeredocTemplate(_) => "a template",
        Expression::FuncCall(_) => "a function call",
        Expression::Conditional(_) => "a conditional",
        Expression::ForExpr(_) => "a `for` expression",
        Expression::Array(_) | Expression::Object(_) => "a collection with expressions in it",
        _ => "an expression",
    }
}
