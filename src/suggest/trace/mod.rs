//! Following a value to where it is written: through variables, module calls, locals, outputs, `each` and `for`.

mod references;

use std::rc::Rc;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, Object, Traversal, TraversalOperator};
use hcl_edit::structure::Block;

pub(super) use references::Target;

use super::source_index::{In, SourceIndex, argument, key_text};
use crate::model::{Key, ModuleStep};

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
