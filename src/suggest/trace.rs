//! Following a value to where it is written: through variables, module calls, locals, outputs, `each` and `for`.

use std::rc::Rc;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, FuncCall, Object, Traversal, TraversalOperator};
use hcl_edit::structure::Block;

use super::tree::{In, Tree, argument, key_text};
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
    pub modules: &'t [ModuleStep],
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
    Literal { file: usize, expr: &'t Expression, member: Option<&'t Object> },
    /// An object that lacks a member.
    Member { file: usize, object: &'t Object, name: String },
    /// A block that lacks an argument.
    Argument { block: In<'t, Block>, name: String },
}

impl Site<'_> {
    /// The file that would be edited.
    pub fn file(&self) -> usize {
        match self {
            Self::Literal { file, .. } | Self::Member { file, .. } => *file,
            Self::Argument { block, .. } => block.file,
        }
    }
}

/// Why nothing is suggested, and where.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub reason: String,
    pub place: String,
}

/// Longer chains of references are circles.
pub(super) const MAX_STEPS: usize = 64;

type Sites<'t> = Result<Vec<Site<'t>>, Refusal>;

impl<'t> Scope<'t> {
    pub fn new(modules: &'t [ModuleStep]) -> Self {
        Self { modules, frame: None }
    }

    /// The scope inside a block with `for_each`, for one key.
    pub fn each(self, tree_each: Option<In<'t, hcl_edit::structure::Attribute>>, key: Option<&Key>) -> Self {
        let (Some(each), Some(Key::Text(key))) = (tree_each, key) else { return self };
        let path = vec![Seg::Key(key.clone())];
        let value = Spot { file: each.file, expr: &each.of.value, scope: self.clone(), path };
        self.bound(Some("each".to_owned()), [None, None], Some(key.clone()), value)
    }

    /// The scope inside a dynamic block, for one element.
    pub fn iterating(self, iterator: &str, collection: Spot<'t>, at: usize) -> Self {
        let mut value = collection;
        value.path.push(Seg::Nth(at));
        self.bound(Some(iterator.to_owned()), [None, None], None, value)
    }

    pub(super) fn bound(self, object: Option<String>, names: [Option<String>; 2], key: Option<String>, value: Spot<'t>) -> Self {
        let [key_name, value_name] = names;
        let frame = Frame { outer: self.frame, object, key_name, value_name, key, value };
        Self { modules: self.modules, frame: Some(Rc::new(frame)) }
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

impl<'s> Tree<'s> {
    fn refuse<T>(&self, spot: &Spot<'_>, reason: impl Into<String>) -> Result<T, Refusal> {
        let offset = spot.expr.span().map_or(0, |span| span.start);
        Err(Refusal { reason: reason.into(), place: self.place(spot.file, offset) })
    }

    /// Where the value at a spot is written; the likelier place first.
    pub fn sites<'t>(&'t self, spot: Spot<'t>) -> Sites<'t>
    where
        's: 't,
    {
        self.follow(spot, None, 0)
    }

    fn follow<'t>(&'t self, spot: Spot<'t>, member: Option<&'t Object>, depth: usize) -> Sites<'t> {
        if depth > MAX_STEPS {
            return self.refuse(&spot, "it is written through too many references");
        }
        match spot.expr {
            Expression::Parenthesis(inner) => self.follow(Spot { expr: inner.inner(), ..spot }, member, depth + 1),
            Expression::Traversal(traversal) if splat(traversal) => {
                let first = spot.path.first().filter(|seg| matches!(seg, Seg::Nth(0) | Seg::Index(0)));
                match first.and_then(|_| self.before_splat(traversal, &spot)) {
                    Some(mut found) => {
                        found.path.extend(spot.path[1..].to_vec());
                        self.follow(found, None, depth + 1)
                    }
                    None => self.refuse(&spot, "it is written by a splat expression"),
                }
            }
            Expression::Variable(_) | Expression::Traversal(_) => self.reference(spot, depth),
            Expression::FuncCall(call) if spot.path.is_empty() && first_that_is(call) => {
                // Whichever argument it is that counts: each is a place, and the forecast says which.
                let sites = call.args.iter().map(|expr| self.follow(Spot { expr, ..spot.clone() }, None, depth + 1));
                let sites: Vec<Site<'t>> = sites.flatten().flatten().collect();
                if sites.is_empty() { self.refuse(&spot, "it is written by a function call") } else { Ok(sites) }
            }
            expr if spot.path.is_empty() => match expr {
                expr if super::tree::is_literal(expr) => Ok(vec![Site::Literal { file: spot.file, expr, member }]),
                expr => self.refuse(&spot, format!("it is written by {}", kind(expr))),
            },
            Expression::Object(object) => {
                let (first, rest) = (spot.path[0].clone(), spot.path[1..].to_vec());
                match (self.member(object, &first, &spot), first) {
                    (Some(expr), _) => self.follow(Spot { expr, path: rest, ..spot }, Some(object), depth + 1),
                    (None, Seg::Key(name)) if rest.is_empty() => Ok(vec![Site::Member { file: spot.file, object, name }]),
                    _ => self.refuse(&spot, "the object has no such member"),
                }
            }
            Expression::Conditional(choice) => {
                // A branch that has no members cannot be where one is written.
                let (yes, no) = (&choice.true_expr, &choice.false_expr);
                let expr = if bare(yes) { no } else { yes };
                if !bare(yes) && !bare(no) {
                    return self.refuse(&spot, "it is written by a conditional");
                }
                self.follow(Spot { expr, ..spot }, None, depth + 1)
            }
            Expression::Array(_) | Expression::FuncCall(_) | Expression::ForExpr(_) => {
                let (first, rest) = (spot.path[0].clone(), spot.path[1..].to_vec());
                let Some(mut found) = self.element(&spot, &first, depth) else {
                    return self.refuse(&spot, format!("it is written by {}", kind(spot.expr)));
                };
                found.path.extend(rest);
                self.follow(found, None, depth + 1)
            }
            expr => self.refuse(&spot, format!("it is written by {}", kind(expr))),
        }
    }

    pub(super) fn member<'t>(&'t self, object: &'t Object, seg: &Seg, spot: &Spot<'t>) -> Option<&'t Expression> {
        match seg {
            Seg::Key(name) => {
                let text = |key: &hcl_edit::expr::ObjectKey| match key {
                    hcl_edit::expr::ObjectKey::Expression(expr) if expr.as_str().is_none() => self.text(expr, spot, 0),
                    key => key_text(key).map(str::to_owned),
                };
                object.iter().find(|(key, _)| text(key).as_deref() == Some(name)).map(|(_, value)| value.expr())
            }
            Seg::Nth(at) => {
                let mut members: Vec<(&str, &Expression)> =
                    object.iter().map(|(key, value)| Some((key_text(key)?, value.expr()))).collect::<Option<_>>()?;
                members.sort_by_key(|(key, _)| *key);
                members.get(*at).map(|(_, expr)| *expr)
            }
            Seg::Index(_) => None,
        }
    }

    fn reference<'t>(&'t self, spot: Spot<'t>, depth: usize) -> Sites<'t> {
        let mut sites = Vec::new();
        for target in self.target(spot)? {
            match target {
                Target::Spot(next) => match self.follow(next, None, depth + 1) {
                    Ok(found) => sites.extend(found),
                    Err(refusal) if sites.is_empty() => return Err(refusal),
                    Err(_) => {}
                },
                Target::Missing(site) => sites.push(site),
            }
        }
        Ok(sites)
    }

    /// What a reference leads to, one step on.
    pub(super) fn target<'t>(&'t self, spot: Spot<'t>) -> Result<Vec<Target<'t>>, Refusal> {
        let (root, mut path) = match spot.expr {
            Expression::Variable(name) => (name.value().as_str(), Vec::new()),
            Expression::Traversal(traversal) => match &traversal.expr {
                Expression::Variable(name) => match self.steps(traversal, &spot) {
                    Some(path) => (name.value().as_str(), path),
                    None => return self.refuse(&spot, "it is written by an expression with an index that is worked out"),
                },
                other => {
                    let Some(mut path) = self.steps(traversal, &spot) else {
                        return self.refuse(&spot, "it is written by an expression");
                    };
                    path.extend(spot.path.clone());
                    return Ok(vec![Target::Spot(Spot { expr: other, path, ..spot })]);
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
    fn bound<'t>(&'t self, root: &str, path: &[Seg], spot: &Spot<'t>) -> Option<Result<Vec<Target<'t>>, Refusal>> {
        let first = if let Some(Seg::Key(name)) = path.first() { name.as_str() } else { "" };
        enum Found<'t> {
            Value(Spot<'t>, usize),
            Key,
        }
        let found = spot.scope.find(|frame| {
            if frame.object.as_deref() == Some(root) {
                return Some(if first == "value" { Found::Value(frame.value.clone(), 1) } else { Found::Key });
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
            Found::Key => self.refuse(spot, "it is the key of an element, which is part of an address"),
        })
    }

    /// The operators of a traversal as steps.
    fn steps(&self, traversal: &Traversal, spot: &Spot<'_>) -> Option<Vec<Seg>> {
        traversal.operators.iter().map(|operator| self.step(operator.value(), spot)).collect()
    }

    pub(super) fn step(&self, step: &TraversalOperator, spot: &Spot<'_>) -> Option<Seg> {
        match step {
            TraversalOperator::GetAttr(name) => Some(Seg::Key(name.value().as_str().to_owned())),
            TraversalOperator::LegacyIndex(at) => Some(Seg::Index(usize::try_from(*at.value()).ok()?)),
            TraversalOperator::Index(Expression::Number(number)) => {
                Some(Seg::Index(usize::try_from(number.value().as_u64()?).ok()?))
            }
            TraversalOperator::Index(expr) => Some(Seg::Key(self.text(expr, spot, 1)?)),
            _ => None,
        }
    }

    fn variable<'t>(&'t self, name: &str, path: Vec<Seg>, spot: &Spot<'t>) -> Result<Vec<Target<'t>>, Refusal> {
        let modules = spot.scope.modules;
        let declared = self.blocks(modules, "variable", &[name]);
        let mut out = Vec::new();
        if let Some((last, caller)) = modules.split_last() {
            let calls = self.blocks(caller, "module", &[&last.name]);
            match argument(&calls, name) {
                Some(passed) => {
                    let scope = Scope::new(caller).each(argument(&calls, "for_each"), last.key.as_ref());
                    return Ok(vec![Target::Spot(Spot { file: passed.file, expr: &passed.of.value, scope, path })]);
                }
                None if path.is_empty() => {
                    let call = calls.last().map(|block| Target::Missing(Site::Argument { block: *block, name: name.to_owned() }));
                    out.extend(call);
                }
                None => {}
            }
        } else {
            match self.sources.given.get(name) {
                Some(GivenBy::Text) => {
                    return self.refuse(spot, format!("var.{name} is given on the command line or by the environment"));
                }
                Some(GivenBy::Json) => return self.refuse(spot, format!("var.{name} is given in a JSON file")),
                Some(GivenBy::File(file)) => {
                    let given = self.body(*file).and_then(|body| body.get_attribute(name));
                    let Some(given) = given else { return self.refuse(spot, format!("the value of var.{name} was not found")) };
                    let scope = Scope::new(modules);
                    return Ok(vec![Target::Spot(Spot { file: *file, expr: &given.value, scope, path })]);
                }
                None => {}
            }
        }
        match argument(&declared, "default") {
            Some(default) => {
                let scope = Scope::new(modules);
                out.push(Target::Spot(Spot { file: default.file, expr: &default.of.value, scope, path }));
            }
            None if out.is_empty() => return self.refuse(spot, format!("var.{name} has no value")),
            None => {}
        }
        Ok(out)
    }

    fn local<'t>(&'t self, name: &str, path: Vec<Seg>, spot: &Spot<'t>) -> Result<Vec<Target<'t>>, Refusal> {
        let Some(found) = argument(&self.blocks(spot.scope.modules, "locals", &[]), name) else {
            return self.refuse(spot, format!("local.{name} was not found"));
        };
        let scope = Scope::new(spot.scope.modules);
        Ok(vec![Target::Spot(Spot { file: found.file, expr: &found.of.value, scope, path })])
    }

    /// Outputs of a module lead into it where it has one instance; else the way is not followed.
    fn output<'t>(&'t self, name: &str, _: Vec<Seg>, spot: &Spot<'t>) -> Result<Vec<Target<'t>>, Refusal> {
        self.refuse(spot, format!("it refers to module.{name}"))
    }
}

/// Where a reference leads.
pub(super) enum Target<'t> {
    Spot(Spot<'t>),
    Missing(Site<'t>),
}

/// Whether a traversal ends in `[*]`.
pub(super) fn splat(traversal: &Traversal) -> bool {
    matches!(traversal.operators.last().map(|step| step.value()), Some(TraversalOperator::FullSplat(_)))
}

/// Whether a function gives the first of its arguments that has a value.
fn first_that_is(call: &FuncCall) -> bool {
    matches!(call.name.name.value().as_str(), "try" | "coalesce")
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
fn kind(expr: &Expression) -> &'static str {
    match expr {
        Expression::StringTemplate(_) | Expression::HeredocTemplate(_) => "a template",
        Expression::FuncCall(_) => "a function call",
        Expression::Conditional(_) => "a conditional",
        Expression::ForExpr(_) => "a `for` expression",
        Expression::Array(_) | Expression::Object(_) => "a collection with expressions in it",
        _ => "an expression",
    }
}
