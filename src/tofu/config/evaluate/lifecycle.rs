//! `lifecycle` blocks.

use std::rc::Rc;

use hcl_edit::expr::Expression;

use super::super::read::{Attribute, Content};
use super::expansion::Repetition;
use super::session::{Instance, Session};
use crate::model::Lifecycle;

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
                    _ => lifecycle.ignore_changes.extend(spelt(attribute)),
                }
            }
            if let Some(attribute) = block.content.attribute("replace_triggered_by") {
                lifecycle.replace_triggered_by.extend(spelt(attribute));
            }
        }
        lifecycle
    }
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
