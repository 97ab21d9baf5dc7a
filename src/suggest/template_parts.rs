//! Texts, lists and blocks that are put together from parts: which part says what.

use std::collections::BTreeMap;
use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{BinaryOperator, Expression, TraversalOperator, UnaryOperator};
use hcl_edit::structure::{Block, Body};
use hcl_edit::template::Element as Part;

use super::change::{Ways, Writer, iterator};
use super::edit_goal::EditGoal;
use super::source_index::{In, SourceIndex, key_text};
use super::splice::{Edit, value_of};
use super::trace::{Scope, Spot, bare, splat};
use crate::model::Value;

/// A part of a text.
pub(super) struct TemplatePart<'t> {
    /// What is put in; nothing where the part is written out.
    pub expr: Option<&'t Expression>,
    /// Where it stands.
    pub span: Range<usize>,
    /// What it says.
    pub text: String,
    /// Whether that could be read off, and was not worked out from the whole.
    pub read: bool,
}

impl SourceIndex<'_> {
    /// The parts of a template. One that cannot be read off is what is left of the whole text.
    pub(super) fn parts<'t>(
        &self,
        spot: &Spot<'t>,
        whole: Option<&str>,
    ) -> Option<Vec<TemplatePart<'t>>> {
        let Expression::StringTemplate(template) = spot.expr else {
            return None;
        };
        let part = |part: &'t Part| {
            Some(match part {
                Part::Literal(text) => TemplatePart {
                    expr: None,
                    span: text.span()?,
                    text: text.value().clone(),
                    read: true,
                },
                Part::Interpolation(inner) => {
                    let text = self.text(&inner.expr, spot, 1);
                    let read = text.is_some();
                    TemplatePart {
                        expr: Some(&inner.expr),
                        span: part.span()?,
                        text: text.unwrap_or_default(),
                        read,
                    }
                }
                Part::Directive(_) => return None,
            })
        };
        let mut parts: Vec<TemplatePart<'t>> = template.iter().map(part).collect::<Option<_>>()?;
        let open: Vec<usize> = (0..parts.len()).filter(|at| !parts[*at].read).collect();
        if let [at] = open.as_slice() {
            let join = |parts: &[TemplatePart<'t>]| -> String {
                parts.iter().map(|part| part.text.as_str()).collect()
            };
            let (before, behind) = (join(&parts[..*at]), join(&parts[at + 1..]));
            parts[*at].text = whole?
                .strip_prefix(&*before)?
                .strip_suffix(&*behind)?
                .to_owned();
        }
        (open.len() < 2).then_some(parts)
    }

    /// The element of some lists that says a value: of which list, at which place.
    pub(super) fn holder<'t>(
        &self,
        lists: &[Spot<'t>],
        value: &Value,
    ) -> Option<(usize, usize, Spot<'t>)> {
        for (list, spot) in lists.iter().enumerate() {
            let Expression::Array(array) = spot.expr else {
                continue;
            };
            let says = |expr: &Expression| match value_of(expr) {
                Some(written) => written.same(value),
                None => self
                    .text(expr, spot, 1)
                    .is_some_and(|text| Value::text(text.as_str()).same(value)),
            };
            if let Some((at, expr)) = array.iter().enumerate().find(|(_, expr)| says(expr)) {
                return Some((
                    list,
                    at,
                    Spot {
                        expr,
                        ..spot.clone()
                    },
                ));
            }
        }
        None
    }
}

/// What stands for an element in the content of a dynamic block.
#[derive(Default)]
struct Element {
    key: Option<Value>,
    whole: Option<Value>,
    members: BTreeMap<String, Value>,
}

impl Element {
    /// Takes the values of a block apart, by the expressions that would write them.
    fn fill(&mut self, body: &Body, name: &str, wanted: &Value) {
        for attribute in body.attributes() {
            let value = wanted
                .get(attribute.key.as_str())
                .filter(|value| !value.is_empty());
            let (Some(value), Some(path)) = (value, of_iterator(&attribute.value, name)) else {
                continue;
            };
            match path.as_slice() {
                ["key"] => self.key = Some(value.clone()),
                ["value"] => self.whole = Some(value.clone()),
                ["value", member] => _ = self.members.insert((*member).to_owned(), value.clone()),
                _ => {}
            }
        }
        for block in body.blocks() {
            if let Some([inner]) = wanted.get(block.ident.as_str()).and_then(Value::as_list) {
                self.fill(&block.body, name, inner);
            }
        }
    }

    fn value(&self) -> Value {
        self.whole
            .clone()
            .unwrap_or_else(|| Value::Map(self.members.clone()))
    }
}

/// The members of the iterator that an expression is, or tries first.
fn of_iterator<'t>(expr: &'t Expression, name: &str) -> Option<Vec<&'t str>> {
    match expr {
        Expression::Parenthesis(inner) => of_iterator(inner.inner(), name),
        Expression::FuncCall(call) => match call.name.name.value().as_str() {
            "try" | "coalesce" | "tostring" | "tonumber" => {
                of_iterator(call.args.iter().next()?, name)
            }
            "lookup" => {
                let mut path = of_iterator(call.args.iter().next()?, name)?;
                path.push(call.args.iter().nth(1)?.as_str()?);
                Some(path)
            }
            _ => None,
        },
        Expression::Traversal(traversal) => {
            let Expression::Variable(root) = &traversal.expr else {
                return None;
            };
            let step = |step: &'t TraversalOperator| match step {
                TraversalOperator::GetAttr(name) => Some(name.value().as_str()),
                TraversalOperator::Index(expr) => expr.as_str(),
                _ => None,
            };
            let path = traversal
                .operators
                .iter()
                .map(|operator| step(operator.value()))
                .collect::<Option<Vec<_>>>()?;
            (root.value().as_str() == name).then_some(path)
        }
        _ => None,
    }
}

impl<'t> Writer<'t, '_> {
    /// Elements of what a dynamic block goes over that go or come; nothing where that cannot be told.
    pub(super) fn other_elements(
        &self,
        block: In<'t, Block>,
        scope: &Scope<'t>,
        name: &str,
        gone: &[usize],
        new: &[&Value],
    ) -> Option<Vec<Vec<Edit>>> {
        let each = block.of.body.get_attribute("for_each")?;
        let content = block.of.body.get_blocks("content").next()?;
        let new = new.iter().map(|wanted| {
            let mut element = Element::default();
            element.fill(&content.body, iterator(block.of, name), wanted);
            element
        });
        let new: Vec<Element> = new.collect();
        let collection = Spot {
            file: block.file,
            expr: &each.value,
            scope: scope.clone(),
            path: Vec::new(),
        };
        if let Some(ways) = self.at_most_one(&collection, gone, &new) {
            return ways.ok();
        }
        let lists = self.index.written_out(&collection, 0);
        let [list] = lists.as_slice() else {
            let keyed = new.iter().all(|element| element.key.is_some());
            let whole = match new.as_slice() {
                [element] if keyed => Value::Map(
                    [(element.key.as_ref()?.as_text()?.to_owned(), element.value())].into(),
                ),
                [element] => Value::List(vec![element.value()]),
                _ => return None,
            };
            return gone.is_empty().then(|| {
                self.ways_to(collection, &EditGoal::of(whole, Value::Null))
                    .ok()
            })?;
        };
        let page = self.page(list.file).ok()?;
        match list.expr {
            Expression::Array(array) => {
                let values: Vec<Value> = new.iter().map(Element::value).collect();
                let way =
                    |gone: &[usize]| page.exchange(array, gone, &values.iter().collect::<Vec<_>>());
                // Where the order is not that of the text, any could be meant.
                let others = (0..array.len())
                    .filter(|at| !gone.contains(at))
                    .map(|at| vec![at]);
                let others = others.take(if gone.len() == 1 { 8 } else { 0 });
                Some(
                    std::iter::once(gone.to_vec())
                        .chain(others)
                        .filter_map(|gone| way(&gone))
                        .collect(),
                )
            }
            Expression::Object(object) => {
                let mut members: Vec<_> = object
                    .iter()
                    .map(|(key, value)| Some((key_text(key)?, value.expr())))
                    .collect::<Option<_>>()?;
                members.sort_by_key(|(key, _)| *key);
                let dropped = gone
                    .iter()
                    .map(|at| page.without_member(object, members.get(*at)?.1));
                let added = new.iter().map(|element| {
                    page.member(object, element.key.as_ref()?.as_text()?, &element.value())
                });
                Some(vec![dropped.chain(added).collect::<Option<_>>()?])
            }
            _ => None,
        }
    }

    /// The same where there is one element or none: `x[*]`, `x == null ? [] : [x]`, `on ? [1] : []`.
    fn at_most_one(&self, collection: &Spot<'t>, gone: &[usize], new: &[Element]) -> Option<Ways> {
        let (spot, expr) = self.index.enter(collection, 0)?;
        let spot = Spot {
            expr,
            path: Vec::new(),
            ..spot
        };
        let of = |expr| Spot {
            expr,
            ..spot.clone()
        };
        let change = match (gone, new) {
            ([_], []) => None,
            ([], [element]) => Some(element),
            _ => return None,
        };
        match expr {
            Expression::Traversal(traversal) if splat(traversal) => {
                let inner = self.index.before_splat(traversal, &spot)?;
                Some(match change {
                    Some(element) => {
                        self.ways_to(inner, &EditGoal::of(element.value(), Value::Null))
                    }
                    None => self.none(inner),
                })
            }
            Expression::Conditional(choice)
                if bare(&choice.true_expr) != bare(&choice.false_expr) =>
            {
                let full = if bare(&choice.true_expr) {
                    &choice.false_expr
                } else {
                    &choice.true_expr
                };
                let held = match full {
                    Expression::Array(array) if array.len() == 1 => array.get(0),
                    _ => None,
                };
                let held = held.filter(|expr| {
                    matches!(expr, Expression::Traversal(_) | Expression::Variable(_))
                });
                let on = change.is_some() != bare(&choice.true_expr);
                Some(self.turned(of(&choice.cond_expr), on).or_else(|no_edit| {
                    match (held, change) {
                        (Some(held), Some(element)) => {
                            self.ways_to(of(held), &EditGoal::of(element.value(), Value::Null))
                        }
                        (Some(held), None) => self.none(of(held)),
                        (None, _) => Err(no_edit),
                    }
                }))
            }
            _ => None,
        }
    }

    /// Takes a value away: its member of an object, or it becomes null.
    fn none(&self, spot: Spot<'t>) -> Ways {
        let null = EditGoal::of(Value::Null, Value::Null);
        let member = EditGoal {
            absent: true,
            of_map: true,
            ..EditGoal::of(Value::Null, Value::Null)
        };
        let mut ways = self.ways_to(spot.clone(), &member).unwrap_or_default();
        ways.extend(self.ways_to(spot, &null)?);
        Ok(ways)
    }

    /// Makes a switch hold or not.
    fn turned(&self, spot: Spot<'t>, on: bool) -> Ways {
        match spot.expr {
            Expression::Parenthesis(inner) => self.turned(
                Spot {
                    expr: inner.inner(),
                    ..spot
                },
                on,
            ),
            Expression::UnaryOp(unary) if *unary.operator.value() == UnaryOperator::Not => self
                .turned(
                    Spot {
                        expr: &unary.expr,
                        ..spot
                    },
                    !on,
                ),
            Expression::BinaryOp(binary) => {
                let (left, right) = (&binary.lhs_expr, &binary.rhs_expr);
                let tested = if right.is_null() { left } else { right };
                match binary.operator.value() {
                    BinaryOperator::Eq if on && (left.is_null() || right.is_null()) => {
                        self.none(Spot {
                            expr: tested,
                            ..spot
                        })
                    }
                    BinaryOperator::NotEq if !on && (left.is_null() || right.is_null()) => self
                        .none(Spot {
                            expr: tested,
                            ..spot
                        }),
                    _ => self.refuse("it is switched by a condition that is worked out"),
                }
            }
            _ => self.ways_to(spot, &EditGoal::of(Value::Bool(on), Value::Bool(!on))),
        }
    }
}
