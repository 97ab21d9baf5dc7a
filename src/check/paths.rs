//! What an expression of a rule refers to, held against the facts when the rule is loaded.

use std::collections::BTreeSet;

use hcl_edit::expr::{Expression, ForExpr, ObjectKey, TraversalOperator};
use hcl_edit::template::{Element, Template};

use super::rule::About;
use super::scope::{NAMES, NEIGHBOURS, SELF, STRAY};
use crate::catalog::{Attribute, Catalog, Definition};

/// What a value is, as far as facts tell.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// An object of one of these types, or a block in it by its dotted name.
    Block(Vec<String>, String),
    /// A list of such.
    List(Box<Shape>),
    /// What has no attributes that facts name.
    Any,
}

/// The walk through the expressions of one rule.
pub(super) struct Paths<'a> {
    /// What the rule is about.
    pub about: &'a About,
    catalog: &'a Catalog,
    /// Names that `for` binds.
    bound: Vec<(String, Shape)>,
    /// Attributes of the node itself that were read, in order.
    pub read: Vec<String>,
    /// Types of neighbours.
    pub neighbours: BTreeSet<String>,
}

/// What is said of a type that has no definition.
pub(super) fn unknown_type(catalog: &Catalog, rtype: &str) -> String {
    let known: Vec<&str> = catalog.definitions.keys().map(String::as_str).collect();
    format!(
        "`{rtype}` is no supported resource type{}",
        near(rtype, &known)
    )
}

/// What is said of an attribute that a type does not have.
pub(super) fn unknown_attribute(definition: &Definition, family: &str) -> String {
    let all = &definition.schema.attributes;
    let known: Vec<&str> = all.keys().map(String::as_str).collect();
    format!(
        "{} has no attribute `{family}`{}",
        definition.rtype,
        near(family, &known)
    )
}

fn near(word: &str, known: &[&str]) -> String {
    let near = similar::get_close_matches(word, known, 1, 0.6);
    near.first()
        .map(|near| format!("; did you mean `{near}`?"))
        .unwrap_or_default()
}

/// Whether a block stands for an object: of it there is one at most.
pub(super) fn is_single(facts: &Attribute) -> bool {
    facts.is_block() && facts.max_items == Some(1)
}

impl<'a> Paths<'a> {
    pub fn new(about: &'a About, catalog: &'a Catalog) -> Self {
        Self {
            about,
            catalog,
            bound: Vec::new(),
            read: Vec::new(),
            neighbours: BTreeSet::new(),
        }
    }

    /// Whether the node itself has an attribute of a dotted name.
    pub fn attribute(&self, family: &str) -> Result<(), String> {
        let types = match self.about {
            About::Types(types) => types.as_slice(),
            About::Project => &[],
        };
        if types.is_empty() {
            return Err(format!("a project has no attribute `{family}`"));
        }
        self.facts(types, family).map(|_| ())
    }

    /// The facts of an attribute in the first of the types that has it.
    fn facts(&self, types: &[String], family: &str) -> Result<&'a Attribute, String> {
        let definitions = || types.iter().filter_map(|t| self.catalog.definition(t));
        let found = definitions().find_map(|d| d.schema.attributes.get(family));
        found.ok_or_else(|| {
            let first = definitions().next();
            first.map_or_else(
                || format!("there is no attribute `{family}`"),
                |definition| unknown_attribute(definition, family),
            )
        })
    }

    /// Holds an expression against the facts.
    pub fn check(&mut self, expr: &Expression) -> Result<(), String> {
        self.shape(expr).map(|_| ())
    }

    fn shape(&mut self, expr: &Expression) -> Result<Shape, String> {
        match expr {
            Expression::Null(_)
            | Expression::Bool(_)
            | Expression::Number(_)
            | Expression::String(_) => Ok(Shape::Any),
            Expression::Array(array) => {
                for element in array.iter() {
                    self.shape(element)?;
                }
                Ok(Shape::Any)
            }
            Expression::Object(object) => {
                for (key, value) in object.iter() {
                    if let ObjectKey::Expression(key) = key {
                        self.shape(key)?;
                    }
                    self.shape(value.expr())?;
                }
                Ok(Shape::Any)
            }
            Expression::StringTemplate(template) => {
                template.iter().try_for_each(|part| self.element(part))?;
                Ok(Shape::Any)
            }
            Expression::HeredocTemplate(heredoc) => {
                self.template(&heredoc.template)?;
                Ok(Shape::Any)
            }
            Expression::Parenthesis(inner) => self.shape(inner.inner()),
            Expression::Variable(name) => self.named(name.value().as_str(), &[]).map(|(s, _)| s),
            Expression::Conditional(conditional) => {
                self.shape(&conditional.cond_expr)?;
                let yes = self.shape(&conditional.true_expr)?;
                let no = self.shape(&conditional.false_expr)?;
                Ok(if yes == no { yes } else { Shape::Any })
            }
            Expression::FuncCall(call) => {
                let name = call.name.name.value().to_string();
                let shapes = call.args.iter().map(|argument| self.shape(argument));
                let shapes: Vec<Shape> = shapes.collect::<Result<_, String>>()?;
                Ok(result(&name, shapes))
            }
            Expression::Traversal(traversal) => {
                let steps: Vec<&TraversalOperator> = traversal
                    .operators
                    .iter()
                    .map(|step| step.value())
                    .collect();
                let (shape, used, own) = match &traversal.expr {
                    Expression::Variable(name) => {
                        let name = name.value().as_str();
                        let own =
                            name == SELF && !self.bound.iter().any(|(bound, _)| bound == name);
                        let (shape, used) = self.named(name, &steps)?;
                        (shape, used, own)
                    }
                    other => (self.shape(other)?, 0, false),
                };
                self.walk(shape, &steps[used..], own)
            }
            Expression::UnaryOp(operation) => {
                self.shape(&operation.expr)?;
                Ok(Shape::Any)
            }
            Expression::BinaryOp(operation) => {
                self.shape(&operation.lhs_expr)?;
                self.shape(&operation.rhs_expr)?;
                Ok(Shape::Any)
            }
            Expression::ForExpr(for_expr) => self.repetition(for_expr),
        }
    }

    /// A `for`: what it binds has the shape of an element.
    fn repetition(&mut self, for_expr: &ForExpr) -> Result<Shape, String> {
        let element = match self.shape(&for_expr.intro.collection_expr)? {
            Shape::List(element) => *element,
            Shape::Block(..) | Shape::Any => Shape::Any,
        };
        let before = self.bound.len();
        if let Some(key) = &for_expr.intro.key_var {
            self.bound.push((key.value().to_string(), Shape::Any));
        }
        let name = for_expr.intro.value_var.value().to_string();
        self.bound.push((name, element));
        let parts = [
            for_expr.key_expr.as_ref(),
            for_expr.cond.as_ref().map(|cond| &cond.expr),
            Some(&for_expr.value_expr),
        ];
        let mut shape = Shape::Any;
        for part in parts.into_iter().flatten() {
            shape = self.shape(part)?;
        }
        self.bound.truncate(before);
        Ok(match for_expr.key_expr {
            Some(_) => Shape::Any,
            None => Shape::List(Box::new(shape)),
        })
    }

    fn element(&mut self, part: &Element) -> Result<(), String> {
        match part {
            Element::Literal(_) => Ok(()),
            Element::Interpolation(interpolation) => self.shape(&interpolation.expr).map(|_| ()),
            Element::Directive(_) => Err("directives (%{ }) are not for rules".to_owned()),
        }
    }

    fn template(&mut self, template: &Template) -> Result<(), String> {
        template.iter().try_for_each(|part| self.element(part))
    }

    /// What a name stands for, and how many of the steps behind it that takes.
    fn named(
        &mut self,
        name: &str,
        steps: &[&TraversalOperator],
    ) -> Result<(Shape, usize), String> {
        if let Some((_, shape)) = self.bound.iter().rev().find(|(bound, _)| bound == name) {
            return Ok((shape.clone(), 0));
        }
        let neighbours = NEIGHBOURS.contains(&name);
        if name == SELF {
            return Ok(match self.about {
                About::Types(types) => (Shape::Block(types.clone(), String::new()), 0),
                About::Project => {
                    return Err("a rule of a project has no `self`: use `all`".to_owned());
                }
            });
        }
        if neighbours || name == STRAY {
            let Some(TraversalOperator::GetAttr(rtype)) = steps.first() else {
                return Err(format!("`{name}` is followed by a type: {name}.TYPE"));
            };
            let rtype = rtype.value().as_str();
            if self.catalog.definition(rtype).is_none() {
                return Err(unknown_type(self.catalog, rtype));
            }
            self.neighbours.insert(rtype.to_owned());
            let element = match neighbours {
                true => Shape::Block(vec![rtype.to_owned()], String::new()),
                false => Shape::Any,
            };
            return Ok((Shape::List(Box::new(element)), 1));
        }
        if NAMES.contains(&name) {
            return Ok((Shape::Any, 0));
        }
        let known: Vec<&str> = [SELF, STRAY]
            .into_iter()
            .chain(NEIGHBOURS)
            .chain(NAMES)
            .collect();
        Err(format!(
            "`{name}` is not known; there are {}",
            known.join(", ")
        ))
    }

    /// Follows steps; of the node itself, what is read is remembered.
    fn walk(
        &mut self,
        start: Shape,
        steps: &[&TraversalOperator],
        own: bool,
    ) -> Result<Shape, String> {
        let mut shape = start;
        // How many lists were entered by a splat.
        let mut lists = 0;
        for step in steps {
            shape = match (step, shape) {
                (_, Shape::Any) => Shape::Any,
                (TraversalOperator::GetAttr(name), Shape::Block(types, family)) => {
                    let name = name.value().as_str();
                    let family = match family.as_str() {
                        "" => name.to_owned(),
                        around => format!("{around}.{name}"),
                    };
                    let facts = self.facts(&types, &family)?;
                    if own {
                        // Of a path only its end is shown.
                        self.read
                            .retain(|read| !family.starts_with(&format!("{read}.")));
                        if !self.read.contains(&family) {
                            self.read.push(family.clone());
                        }
                    }
                    match (facts.is_block(), is_single(facts)) {
                        (true, true) => Shape::Block(types, family),
                        (true, false) => Shape::List(Box::new(Shape::Block(types, family))),
                        (false, _) => Shape::Any,
                    }
                }
                (TraversalOperator::GetAttr(name), Shape::List(_)) => {
                    let what = "is an attribute of the elements of a list: take one with [0], all with [*]";
                    return Err(format!("`{}` {what}", name.value()));
                }
                (
                    TraversalOperator::Index(_) | TraversalOperator::LegacyIndex(_),
                    Shape::List(element),
                ) => *element,
                (TraversalOperator::Index(_) | TraversalOperator::LegacyIndex(_), block) => block,
                (
                    TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_),
                    Shape::List(element),
                ) => {
                    lists += 1;
                    *element
                }
                (TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_), block) => {
                    lists += 1;
                    block
                }
            };
        }
        Ok((0..lists).fold(shape, |shape, _| Shape::List(Box::new(shape))))
    }
}

/// What a function makes of its arguments, where it hands on their elements.
fn result(name: &str, shapes: Vec<Shape>) -> Shape {
    let mut shapes = shapes.into_iter();
    let first = shapes.next().unwrap_or(Shape::Any);
    match name {
        "concat" if shapes.all(|shape| shape == first) => first,
        "distinct" | "tolist" | "toset" | "reverse" => first,
        "flatten" => match first {
            Shape::List(inner) if matches!(*inner, Shape::List(_)) => *inner,
            _ => Shape::Any,
        },
        "one" | "element" => match first {
            Shape::List(element) => *element,
            Shape::Block(..) | Shape::Any => Shape::Any,
        },
        _ => Shape::Any,
    }
}
