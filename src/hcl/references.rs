//! The references an expression makes.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ForExpr, Traversal, TraversalOperator};
use hcl_edit::template::{ForDirective, Template};
use hcl_edit::visit::{Visit, visit_expr, visit_for_directive, visit_traversal_operator};

/// A reference to a name outside the expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The first name: `var`, `module`, a resource type.
    pub root: String,
    /// The attribute names behind it, at most three, leaving out indices.
    pub names: Vec<String>,
    /// Whether the first name is followed by an attribute name at once.
    pub direct: bool,
}

/// Every reference of an expression with its place, except to names that `for` binds in it.
pub fn references(expr: &Expression) -> Vec<(Reference, Option<Range<usize>>)> {
    let mut gathered = Gathered::default();
    gathered.visit_expr(expr);
    gathered.found
}

/// Every reference of a template, in the same way.
pub fn template_references(template: &Template) -> Vec<(Reference, Option<Range<usize>>)> {
    let mut gathered = Gathered::default();
    gathered.visit_template(template);
    gathered.found
}

#[derive(Default)]
struct Gathered {
    found: Vec<(Reference, Option<Range<usize>>)>,
    bound: Vec<String>,
}

impl Gathered {
    fn add(&mut self, root: &str, reference: Reference, span: Option<Range<usize>>) {
        if !self.bound.iter().any(|bound| bound == root) {
            self.found.push((reference, span));
        }
    }

    fn binding(&mut self, names: [Option<&str>; 2], visit: impl FnOnce(&mut Self)) {
        let before = self.bound.len();
        self.bound
            .extend(names.into_iter().flatten().map(str::to_owned));
        visit(self);
        self.bound.truncate(before);
    }
}

impl Visit for Gathered {
    fn visit_expr(&mut self, expr: &Expression) {
        if let Expression::Variable(name) = expr {
            let root = name.value().as_str();
            self.add(
                root,
                Reference {
                    root: root.to_owned(),
                    names: Vec::new(),
                    direct: false,
                },
                expr.span(),
            );
        }
        visit_expr(self, expr);
    }

    fn visit_traversal(&mut self, traversal: &Traversal) {
        match &traversal.expr {
            Expression::Variable(root) => {
                let attribute = |step: &TraversalOperator| match step {
                    TraversalOperator::GetAttr(name) => Some(name.value().as_str().to_owned()),
                    _ => None,
                };
                let direct = traversal
                    .operators
                    .first()
                    .is_some_and(|step| attribute(step.value()).is_some());
                let names = traversal
                    .operators
                    .iter()
                    .filter_map(|step| attribute(step.value()))
                    .take(3)
                    .collect();
                let root = root.value().as_str();
                self.add(
                    root,
                    Reference {
                        root: root.to_owned(),
                        names,
                        direct,
                    },
                    traversal.expr.span(),
                );
            }
            other => self.visit_expr(other),
        }
        for step in &traversal.operators {
            visit_traversal_operator(self, step.value());
        }
    }

    fn visit_for_expr(&mut self, for_expr: &ForExpr) {
        self.visit_expr(&for_expr.intro.collection_expr);
        let intro = &for_expr.intro;
        let names = [
            intro.key_var.as_ref().map(|name| name.value().as_str()),
            Some(intro.value_var.value().as_str()),
        ];
        self.binding(names, |gathered| {
            let inner = [
                for_expr.key_expr.as_ref(),
                Some(&for_expr.value_expr),
                for_expr.cond.as_ref().map(|cond| &cond.expr),
            ];
            inner
                .into_iter()
                .flatten()
                .for_each(|expr| gathered.visit_expr(expr));
        });
    }

    fn visit_for_directive(&mut self, directive: &ForDirective) {
        let intro = &directive.for_expr;
        let names = [
            intro.key_var.as_ref().map(|name| name.value().as_str()),
            Some(intro.value_var.value().as_str()),
        ];
        self.visit_expr(&intro.collection_expr);
        self.binding(names, |gathered| visit_for_directive(gathered, directive));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hcl::parse_expression;

    #[test]
    fn bound_names_are_no_references() {
        let expr =
            parse_expression("[for v in var.a[local.b].c : \"${v}${each.key}%{ for w in v }${w}%{ endfor }\" if x_y.z]").unwrap();
        let found: Vec<String> = references(&expr)
            .into_iter()
            .map(|(reference, _)| format!("{}.{}", reference.root, reference.names.join(".")))
            .collect();
        assert_eq!(found, ["var.a.c", "local.b", "each.key", "x_y.z"]);
    }
}
