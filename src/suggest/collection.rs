//! Collections as lists of where their elements are written, and texts that can be read off.

use hcl_edit::expr::{Expression, ForExpr, FuncCall, Traversal, TraversalOperator};
use hcl_edit::template::Element as Part;

use super::source_index::{SourceIndex, key_text};
use super::trace::{MAX_STEPS, Seg, Spot, Target, bare, splat};

/// An element of a collection: its key where it is known, and its value.
type Element<'t> = (Option<String>, Spot<'t>);

impl SourceIndex<'_> {
    /// One element of whatever lists elements.
    pub(super) fn element<'t>(
        &'t self,
        spot: &Spot<'t>,
        seg: &Seg,
        depth: usize,
    ) -> Option<Spot<'t>> {
        let whole = Spot {
            path: Vec::new(),
            ..spot.clone()
        };
        let elements = self.elements(&whole, depth + 1)?;
        match seg {
            Seg::Index(at) => elements.into_iter().nth(*at).map(|(_, spot)| spot),
            Seg::Key(name) => {
                let named = elements
                    .iter()
                    .rposition(|(key, _)| key.as_ref() == Some(name));
                // An index that was worked out is a text that says a number.
                let at = named.or_else(|| {
                    name.parse::<usize>()
                        .ok()
                        .filter(|at| elements.get(*at).is_some_and(|(key, _)| key.is_none()))
                })?;
                elements.into_iter().nth(at).map(|(_, spot)| spot)
            }
            Seg::Nth(at) => {
                let mut elements = elements;
                if elements.iter().all(|(key, _)| key.is_some()) {
                    elements.sort_by(|a, b| a.0.cmp(&b.0));
                }
                elements.into_iter().nth(*at).map(|(_, spot)| spot)
            }
        }
    }

    /// The elements of a collection, each where it is written; nothing where that cannot be told.
    fn elements<'t>(&'t self, spot: &Spot<'t>, depth: usize) -> Option<Vec<Element<'t>>> {
        if depth > MAX_STEPS {
            return None;
        }
        if !spot.path.is_empty() {
            let (site, at) = self.enter(spot, depth + 1)?;
            return self.elements(
                &Spot {
                    expr: at,
                    file: site.file,
                    scope: site.scope,
                    path: Vec::new(),
                },
                depth + 1,
            );
        }
        let inside = |expr: &'t Expression| Spot {
            expr,
            ..spot.clone()
        };
        match spot.expr {
            Expression::Parenthesis(inner) => self.elements(&inside(inner.inner()), depth + 1),
            Expression::Array(array) => {
                Some(array.iter().map(|expr| (None, inside(expr))).collect())
            }
            Expression::Object(object) => {
                let each = object.iter();
                each.map(|(key, value)| {
                    Some((Some(key_text(key)?.to_owned()), inside(value.expr())))
                })
                .collect()
            }
            // `x[*]` of something that is no list is a list of it.
            Expression::Traversal(traversal) if splat(traversal) => {
                Some(vec![(None, self.before_splat(traversal, spot)?)])
            }
            Expression::Traversal(_) | Expression::Variable(_) => {
                let (found, expr) = self.enter(spot, depth + 1)?;
                self.elements(
                    &Spot {
                        expr,
                        path: Vec::new(),
                        ..found
                    },
                    depth + 1,
                )
            }
            Expression::Conditional(choice) => {
                let (yes, no) = (&choice.true_expr, &choice.false_expr);
                let taken = self.truth(&choice.cond_expr, spot, depth + 1);
                let taken = taken.or_else(|| (bare(yes) != bare(no)).then(|| bare(no)))?;
                self.elements(&inside(if taken { yes } else { no }), depth + 1)
            }
            Expression::FuncCall(call) => self.call(call, spot, depth),
            Expression::ForExpr(for_expr) => self.for_elements(for_expr, spot, depth),
            _ => None,
        }
    }

    fn call<'t>(
        &'t self,
        call: &'t FuncCall,
        spot: &Spot<'t>,
        depth: usize,
    ) -> Option<Vec<Element<'t>>> {
        let of = |expr: &'t Expression| {
            self.elements(
                &Spot {
                    expr,
                    ..spot.clone()
                },
                depth + 1,
            )
        };
        if call.name.name.value().as_str() == "try" {
            return call.args.iter().next().and_then(of);
        }
        let arguments: Vec<Vec<Element<'t>>> = call.args.iter().map(of).collect::<Option<_>>()?;
        let mut all: Vec<Element<'t>> = arguments.into_iter().flatten().collect();
        match call.name.name.value().as_str() {
            // Members of later arguments win: they are found from behind.
            "merge" | "concat" | "tomap" | "tolist" => Some(all),
            // An element of a set of texts is its own key.
            "toset" => {
                for (key, element) in &mut all {
                    *key = self.text(element.expr, element, depth + 1);
                }
                Some(all)
            }
            "values" => {
                all.sort_by(|a, b| a.0.cmp(&b.0));
                Some(all.into_iter().map(|(_, spot)| (None, spot)).collect())
            }
            "flatten" => {
                let mut out = Vec::new();
                for (_, element) in all {
                    match self.elements(&element, depth + 1) {
                        Some(inner) => out.extend(inner),
                        None => out.push((None, element)),
                    }
                }
                Some(out)
            }
            _ => None,
        }
    }

    fn for_elements<'t>(
        &'t self,
        for_expr: &'t ForExpr,
        spot: &Spot<'t>,
        depth: usize,
    ) -> Option<Vec<Element<'t>>> {
        let intro = &for_expr.intro;
        let collection = Spot {
            expr: &intro.collection_expr,
            ..spot.clone()
        };
        let names = [
            intro
                .key_var
                .as_ref()
                .map(|name| name.value().as_str().to_owned()),
            Some(intro.value_var.value().as_str().to_owned()),
        ];
        if for_expr.grouping || (for_expr.cond.is_some() && for_expr.key_expr.is_none()) {
            return None;
        }
        let mut out = Vec::new();
        for (key, value) in self.elements(&collection, depth + 1)? {
            let scope = spot.scope.clone().bound(None, names.clone(), key, value);
            let inner = Spot {
                expr: &for_expr.value_expr,
                file: spot.file,
                scope,
                path: Vec::new(),
            };
            let key = match &for_expr.key_expr {
                Some(expr) => Some(self.text(expr, &inner, depth + 1)?),
                None => None,
            };
            out.push((key, inner));
        }
        Some(out)
    }

    /// The text an expression stands for, where it can be read off.
    pub(super) fn text(&self, expr: &Expression, spot: &Spot<'_>, depth: usize) -> Option<String> {
        if depth > MAX_STEPS {
            return None;
        }
        match expr {
            Expression::String(text) => Some(text.value().clone()),
            Expression::Number(number) => Some(number.value().to_string()),
            Expression::Bool(value) => Some(value.value().to_string()),
            Expression::Conditional(choice) => {
                let taken = self.truth(&choice.cond_expr, spot, depth + 1)?;
                self.text(
                    if taken {
                        &choice.true_expr
                    } else {
                        &choice.false_expr
                    },
                    spot,
                    depth + 1,
                )
            }
            Expression::Parenthesis(inner) => self.text(inner.inner(), spot, depth + 1),
            Expression::StringTemplate(template) => {
                let part = |part: &Part| match part {
                    Part::Literal(text) => Some(text.value().clone()),
                    Part::Interpolation(inner) => self.text(&inner.expr, spot, depth + 1),
                    Part::Directive(_) => None,
                };
                template.iter().map(part).collect()
            }
            Expression::Variable(name) => {
                let name = name.value().as_str();
                let key = spot.scope.find(|frame| {
                    (frame.key_name.as_deref() == Some(name)).then(|| frame.key.clone())
                });
                key.flatten().or_else(|| self.looked_up(expr, spot, depth))
            }
            Expression::Traversal(traversal) => {
                if let (Expression::Variable(root), [step]) =
                    (&traversal.expr, traversal.operators.as_slice())
                    && matches!(step.value(), TraversalOperator::GetAttr(name) if ["key", "index"].contains(&name.value().as_str()))
                {
                    let root = root.value().as_str();
                    let key = spot.scope.find(|frame| {
                        (frame.object.as_deref() == Some(root)).then(|| frame.key.clone())
                    });
                    if let Some(key) = key {
                        return key;
                    }
                }
                self.looked_up(expr, spot, depth)
            }
            _ => None,
        }
    }

    fn looked_up(&self, expr: &Expression, spot: &Spot<'_>, depth: usize) -> Option<String> {
        let inner = Spot {
            expr,
            file: spot.file,
            scope: spot.scope.clone(),
            path: Vec::new(),
        };
        let (found, at) = self.enter(&inner, depth + 1)?;
        self.text(at, &found, depth + 1)
    }

    /// The expression that gives a spot's value, with its scope, references and members followed as far as they go.
    pub(super) fn enter<'t>(
        &'t self,
        spot: &Spot<'t>,
        depth: usize,
    ) -> Option<(Spot<'t>, &'t Expression)> {
        if depth > MAX_STEPS {
            return None;
        }
        match spot.expr {
            Expression::Traversal(_) | Expression::Variable(_) => {
                let targets = self.target(spot.clone()).ok()?.into_iter();
                let mut known = targets.filter_map(|target| {
                    if let Target::Spot(next) = target {
                        Some(next)
                    } else {
                        None
                    }
                });
                self.enter(&known.next()?, depth + 1)
            }
            expr if spot.path.is_empty() => Some((spot.clone(), expr)),
            Expression::Parenthesis(inner) => self.enter(
                &Spot {
                    expr: inner.inner(),
                    ..spot.clone()
                },
                depth + 1,
            ),
            Expression::Object(object) => {
                let expr = self.member(object, &spot.path[0], spot)?;
                self.enter(
                    &Spot {
                        expr,
                        path: spot.path[1..].to_vec(),
                        ..spot.clone()
                    },
                    depth + 1,
                )
            }
            _ => {
                let mut found = self.element(spot, &spot.path[0], depth + 1)?;
                found.path.extend(spot.path[1..].to_vec());
                self.enter(&found, depth + 1)
            }
        }
    }

    /// What stands before `[*]`, as far as it is a plain reference.
    pub(super) fn before_splat<'t>(
        &'t self,
        traversal: &'t Traversal,
        spot: &Spot<'t>,
    ) -> Option<Spot<'t>> {
        let Expression::Variable(_) = &traversal.expr else {
            return None;
        };
        let (_, before) = traversal.operators.split_last()?;
        let path = before
            .iter()
            .map(|step| self.step(step.value(), spot))
            .collect::<Option<Vec<Seg>>>()?;
        Some(Spot {
            expr: &traversal.expr,
            path,
            file: spot.file,
            scope: spot.scope.clone(),
        })
    }
}
