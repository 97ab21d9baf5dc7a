//! Expressions that pass on one of several values: conditionals and function calls.

use hcl_edit::expr::{BinaryOperator, Conditional, Expression, FuncCall, UnaryOperator};

use super::source_index::SourceIndex;
use super::trace::{MAX_STEPS, Seg, Site, Sites, Spot, bare, kind};

impl SourceIndex<'_> {
    /// The branch that is taken comes first; where that cannot be told both are places, and the forecast says which.
    pub(super) fn chosen<'t>(
        &'t self,
        choice: &'t Conditional,
        spot: Spot<'t>,
        depth: usize,
    ) -> Sites<'t> {
        let (yes, no) = (&choice.true_expr, &choice.false_expr);
        let taken = self.truth(&choice.cond_expr, &spot, depth + 1);
        // A branch that has no members cannot be where one is written.
        let only = |expr: &Expression| !spot.path.is_empty() && bare(expr);
        let branches = match taken {
            Some(true) => vec![yes],
            Some(false) => vec![no],
            None => [yes, no].into_iter().filter(|expr| !only(expr)).collect(),
        };
        self.any(branches.into_iter(), spot, depth)
    }

    /// Where any of some expressions is written.
    fn any<'t>(
        &'t self,
        expressions: impl Iterator<Item = &'t Expression>,
        spot: Spot<'t>,
        depth: usize,
    ) -> Sites<'t> {
        let (mut sites, mut no_edit) = (Vec::new(), None);
        for expr in expressions {
            match self.follow(
                Spot {
                    expr,
                    ..spot.clone()
                },
                None,
                depth + 1,
            ) {
                Ok(found) => sites.extend(found),
                Err(why) => _ = no_edit.get_or_insert(why),
            }
        }
        match no_edit {
            _ if !sites.is_empty() => Ok(sites),
            Some(no_edit) => Err(no_edit),
            None => self.refuse(&spot, format!("it is written by {}", kind(spot.expr))),
        }
    }

    /// The argument that a call passes on.
    pub(super) fn called<'t>(
        &'t self,
        call: &'t FuncCall,
        spot: Spot<'t>,
        depth: usize,
    ) -> Sites<'t> {
        let args = call.args.iter();
        let whole = spot.path.is_empty();
        match call.name.name.value().as_str() {
            "try" | "coalesce" | "coalescelist" => {
                // One that is empty is passed over.
                let (empty, full): (Vec<&Expression>, Vec<_>) =
                    call.args.iter().partition(|expr| bare(expr));
                self.any(full.into_iter().chain(empty), spot, depth)
            }
            "lookup" => self.looked_up_by_key(call, spot, depth),
            "element" => self.element_at(call, spot, depth),
            "merge" if matches!(spot.path.first(), Some(Seg::Key(_))) => {
                self.merged(call, spot, depth)
            }
            "concat" | "flatten" | "distinct" | "sort" | "compact" | "toset" | "tolist"
                if whole =>
            {
                self.joined(call, spot, depth)
            }
            "tostring" | "tonumber" | "tobool" | "tomap" | "nonsensitive" | "trimspace" => {
                self.any(args.take(1), spot, depth)
            }
            _ if whole => self.refuse(&spot, "it is written by a function call"),
            _ => self.inside(spot, depth),
        }
    }

    /// A member by its key, or the default beside it.
    fn looked_up_by_key<'t>(
        &'t self,
        call: &'t FuncCall,
        spot: Spot<'t>,
        depth: usize,
    ) -> Sites<'t> {
        let mut args = call.args.iter();
        let (Some(expr), Some(key)) = (args.next(), args.next()) else {
            return self.refuse(&spot, "it is written by a function call");
        };
        let Some(key) = self.text(key, &spot, depth + 1) else {
            return self.refuse(
                &spot,
                "it is written by a `lookup` of a key that is worked out",
            );
        };
        let path = [vec![Seg::Key(key)], spot.path.clone()].concat();
        let found = self.follow(
            Spot {
                expr,
                path,
                ..spot.clone()
            },
            None,
            depth + 1,
        );
        let default = args
            .next()
            .map(|expr| self.follow(Spot { expr, ..spot }, None, depth + 1));
        match (found, default) {
            (Ok(found), Some(Ok(default))) => Ok(found.into_iter().chain(default).collect()),
            (Err(_), Some(default)) => default,
            (found, _) => found,
        }
    }

    /// An element by its place.
    fn element_at<'t>(&'t self, call: &'t FuncCall, spot: Spot<'t>, depth: usize) -> Sites<'t> {
        let mut args = call.args.iter();
        let (Some(expr), Some(at)) = (args.next(), args.next()) else {
            return self.refuse(&spot, "it is written by a function call");
        };
        let Some(at) = self.text(at, &spot, depth + 1) else {
            return self.refuse(
                &spot,
                "it is written by an expression with an index that is worked out",
            );
        };
        let path = [vec![Seg::Key(at)], spot.path.clone()].concat();
        self.follow(Spot { expr, path, ..spot }, None, depth + 1)
    }

    /// A member of one of the maps that are put together.
    fn merged<'t>(&'t self, call: &'t FuncCall, spot: Spot<'t>, depth: usize) -> Sites<'t> {
        // Later arguments win; what is written comes before what could be.
        let args: Vec<&Expression> = call.args.iter().collect();
        let mut sites = self.any(args.into_iter().rev(), spot, depth)?;
        sites.sort_by_key(|site| {
            !matches!(
                site,
                Site::Literal { .. } | Site::Template(_) | Site::Elements(_)
            )
        });
        Ok(sites)
    }

    /// A collection put together from lists.
    fn joined<'t>(&'t self, call: &'t FuncCall, spot: Spot<'t>, depth: usize) -> Sites<'t> {
        let mut sites = match call.args.iter().next() {
            Some(expr) if call.args.iter().count() == 1 => self
                .follow(
                    Spot {
                        expr,
                        ..spot.clone()
                    },
                    None,
                    depth + 1,
                )
                .unwrap_or_default(),
            _ => Vec::new(),
        };
        let mut lists = self.written_out(&spot, depth);
        lists.retain(|list| matches!(list.expr, Expression::Array(_)));
        // What is added goes into the last that has something.
        lists.sort_by_key(|list| !bare(list.expr));
        if sites.is_empty() && !lists.is_empty() {
            sites.push(Site::Elements(lists));
        }
        if sites.is_empty() {
            self.refuse(&spot, "it is written by a function call")
        } else {
            Ok(sites)
        }
    }

    /// The lists and objects that are written out and make up a collection.
    pub(super) fn written_out<'t>(&'t self, spot: &Spot<'t>, depth: usize) -> Vec<Spot<'t>> {
        if depth > MAX_STEPS || !spot.path.is_empty() {
            return Vec::new();
        }
        let of = |expr: &'t Expression| {
            self.written_out(
                &Spot {
                    expr,
                    ..spot.clone()
                },
                depth + 1,
            )
        };
        match spot.expr {
            Expression::Array(_) | Expression::Object(_) => vec![spot.clone()],
            Expression::Parenthesis(inner) => of(inner.inner()),
            Expression::Conditional(choice) => match self.truth(&choice.cond_expr, spot, depth + 1)
            {
                Some(true) => of(&choice.true_expr),
                Some(false) => of(&choice.false_expr),
                None => [of(&choice.true_expr), of(&choice.false_expr)].concat(),
            },
            Expression::FuncCall(call) => match call.name.name.value().as_str() {
                "concat" | "flatten" | "distinct" | "sort" | "compact" | "toset" | "tolist"
                | "merge" | "tomap" => call.args.iter().flat_map(of).collect(),
                _ => Vec::new(),
            },
            Expression::Variable(_) | Expression::Traversal(_) => {
                let found = self.enter(spot, depth + 1);
                found.map_or_else(Vec::new, |(next, expr)| {
                    self.written_out(
                        &Spot {
                            expr,
                            path: Vec::new(),
                            ..next
                        },
                        depth + 1,
                    )
                })
            }
            _ => Vec::new(),
        }
    }

    /// Whether a condition holds, where that can be read off.
    pub(super) fn truth(&self, expr: &Expression, spot: &Spot<'_>, depth: usize) -> Option<bool> {
        if depth > MAX_STEPS {
            return None;
        }
        match expr {
            Expression::Parenthesis(inner) => self.truth(inner.inner(), spot, depth + 1),
            Expression::UnaryOp(unary) if *unary.operator.value() == UnaryOperator::Not => {
                self.truth(&unary.expr, spot, depth + 1).map(|holds| !holds)
            }
            Expression::BinaryOp(binary) => {
                let both = || {
                    Some((
                        self.truth(&binary.lhs_expr, spot, depth + 1),
                        self.truth(&binary.rhs_expr, spot, depth + 1),
                    ))
                };
                let same = || {
                    let side = |expr| self.text(expr, spot, depth + 1);
                    Some(side(&binary.lhs_expr)? == side(&binary.rhs_expr)?)
                };
                match binary.operator.value() {
                    BinaryOperator::Eq => same(),
                    BinaryOperator::NotEq => same().map(|same| !same),
                    BinaryOperator::And => match both()? {
                        (Some(false), _) | (_, Some(false)) => Some(false),
                        (Some(true), Some(true)) => Some(true),
                        _ => None,
                    },
                    BinaryOperator::Or => match both()? {
                        (Some(true), _) | (_, Some(true)) => Some(true),
                        (Some(false), Some(false)) => Some(false),
                        _ => None,
                    },
                    _ => None,
                }
            }
            expr => self
                .text(expr, spot, depth + 1)
                .and_then(|text| text.parse().ok()),
        }
    }
}
