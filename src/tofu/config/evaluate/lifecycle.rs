//! `lifecycle` blocks.

use std::rc::Rc;

use hcl_edit::expr::{Expression, TraversalOperator};

use super::super::read::{Attribute, Content};
use super::expansion::Repetition;
use super::session::{Instance, Session};
use crate::hcl::parse_expression;
use crate::model::{Lifecycle, Path, Severity};

impl Session<'_> {
    /// What a resource's `lifecycle` says.
    pub(super) fn lifecycle(
        &self,
        instance: &Rc<Instance>,
        repetition: &Repetition,
        content: &Content,
    ) -> Lifecycle {
        let mut lifecycle = Lifecycle::default();
        for block in content.of_kind("lifecycle") {
            let flag = |name: &str| {
                let attribute = block.content.attribute(name)?;
                self.attribute(instance, repetition, attribute).as_bool()
            };
            lifecycle.prevent_destroy |= flag("prevent_destroy").unwrap_or(false);
            lifecycle.destroy = flag("destroy").or(lifecycle.destroy);
            lifecycle.create_before_destroy |= flag("create_before_destroy").unwrap_or(false);
            if let Some(attribute) = block.content.attribute("ignore_changes") {
                match &attribute.expr {
                    Expression::Variable(all) if all.value().as_str() == "all" => {
                        lifecycle.ignore_all = true
                    }
                    _ => lifecycle.ignore_changes.extend(self.paths(attribute)),
                }
            }
            if let Some(attribute) = block.content.attribute("replace_triggered_by") {
                lifecycle.replace_triggered_by.extend(spelt(attribute));
            }
        }
        lifecycle
    }

    /// The paths that a list of references names; what is no path is a note, as tofu refuses it.
    fn paths(&self, attribute: &Attribute) -> Vec<Path> {
        let one = [attribute.expr.clone()];
        let written: Vec<&Expression> = match &attribute.expr {
            Expression::Array(array) => array.iter().collect(),
            _ => one.iter().collect(),
        };
        let mut paths = Vec::new();
        for expr in written {
            match path(expr) {
                Some(path) => paths.push(path),
                None => self.note(
                    Severity::Error,
                    format!(
                        "Invalid expression: `ignore_changes` takes paths of arguments; `{}` is none",
                        text(expr)
                    ),
                    Some(attribute.place()),
                ),
            }
        }
        paths
    }
}

/// The path an expression names. The old spelling in quotes names the same.
fn path(expr: &Expression) -> Option<Path> {
    let traversal = match expr {
        Expression::Variable(name) => {
            return Some(Path::default().attribute(name.value().as_str()));
        }
        Expression::Traversal(traversal) => traversal,
        Expression::String(quoted) => return path(&parse_expression(quoted.value()).ok()?),
        _ => return None,
    };
    let Expression::Variable(root) = &traversal.expr else {
        return None;
    };
    let top = Path::default().attribute(root.value().as_str());
    traversal
        .operators
        .iter()
        .try_fold(top, |path, operator| match operator.value() {
            TraversalOperator::GetAttr(name) => Some(path.attribute(name.value().as_str())),
            TraversalOperator::Index(Expression::String(key)) => Some(path.key(key.value())),
            TraversalOperator::Index(Expression::Number(at)) => {
                Some(path.index(usize::try_from(at.value().as_u64()?).ok()?))
            }
            TraversalOperator::LegacyIndex(at) => {
                Some(path.index(usize::try_from(*at.value()).ok()?))
            }
            TraversalOperator::Index(_)
            | TraversalOperator::AttrSplat(_)
            | TraversalOperator::FullSplat(_) => None,
        })
}

/// The elements of a list of references, as they are written.
fn spelt(attribute: &Attribute) -> Vec<String> {
    match &attribute.expr {
        Expression::Array(array) => array.iter().map(text).collect(),
        other => vec![text(other)],
    }
}

/// A reference without the space around it; the old spelling in quotes is the same reference.
fn text(expr: &Expression) -> String {
    let written = expr.to_string();
    let written = written.trim();
    match expr {
        Expression::String(quoted) => quoted.value().clone(),
        _ => written.to_owned(),
    }
}
