//! The configuration's files, parsed: modules, their blocks, and what they are called.

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Attribute, Block, Body};

use crate::hcl::parse_body;
use crate::model::{ModuleStep, SourceFile, Sources};

/// A parsed configuration.
pub(super) struct SourceIndex<'s> {
    pub sources: &'s Sources,
    /// The tree of each file; nothing where it is JSON or no HCL.
    bodies: Vec<Option<Body>>,
}

/// A part of the tree and the file it stands in.
pub(super) struct In<'t, T> {
    pub file: usize,
    pub of: &'t T,
}

impl<T> Clone for In<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for In<'_, T> {}

impl<'s> SourceIndex<'s> {
    pub fn new(sources: &'s Sources) -> Self {
        Self {
            sources,
            bodies: sources.files.iter().map(parsed).collect(),
        }
    }

    pub fn file(&self, at: usize) -> &'s SourceFile {
        &self.sources.files[at]
    }

    pub fn body(&self, file: usize) -> Option<&Body> {
        self.bodies.get(file)?.as_ref()
    }

    fn files(&self, modules: &[ModuleStep]) -> &'s [usize] {
        let calls: Vec<String> = modules.iter().map(|step| step.name.clone()).collect();
        self.sources.modules.get(&calls).map_or(&[], Vec::as_slice)
    }

    /// Whether a module has files in JSON syntax.
    pub fn json(&self, modules: &[ModuleStep]) -> Option<&'s SourceFile> {
        self.files(modules)
            .iter()
            .map(|at| self.file(*at))
            .find(|file| file.name.ends_with(".json"))
    }

    /// The blocks of a kind and labels in a module; those that override come first.
    pub fn blocks(
        &self,
        modules: &[ModuleStep],
        kind: &str,
        labels: &[&str],
    ) -> Vec<In<'_, Block>> {
        let mut out = Vec::new();
        for file in self.files(modules) {
            for block in self
                .body(*file)
                .into_iter()
                .flat_map(|body| of_kind(body, kind))
            {
                let own = block.labels.iter().map(|label| label.as_str());
                if own.eq(labels.iter().copied()) {
                    out.push(In {
                        file: *file,
                        of: block,
                    });
                }
            }
        }
        out
    }

    /// `file:line` of an offset.
    pub fn place(&self, file: usize, offset: usize) -> String {
        let source = self.file(file);
        let before = source.text.as_bytes().get(..offset).unwrap_or_default();
        format!(
            "{}:{}",
            source.name,
            before.iter().filter(|byte| **byte == b'\n').count() + 1
        )
    }
}

/// The tree of a file. A byte order mark becomes spaces, so that offsets stay.
fn parsed(file: &SourceFile) -> Option<Body> {
    if file.name.ends_with(".json") {
        return None;
    }
    let text = file
        .text
        .strip_prefix('\u{feff}')
        .map(|rest| format!("   {rest}"));
    parse_body(text.as_deref().unwrap_or(&file.text)).ok()
}

/// The blocks of a kind in a body.
pub(super) fn of_kind<'t>(body: &'t Body, kind: &str) -> Vec<&'t Block> {
    body.iter()
        .filter_map(|item| item.as_block())
        .filter(|block| block.has_ident(kind))
        .collect()
}

/// The argument of a name in the first block that has it.
pub(super) fn argument<'t>(blocks: &[In<'t, Block>], name: &str) -> Option<In<'t, Attribute>> {
    blocks.iter().find_map(|block| {
        Some(In {
            file: block.file,
            of: block.of.body.get_attribute(name)?,
        })
    })
}

/// The text of a key of an object, where it is plain.
pub(super) fn key_text(key: &ObjectKey) -> Option<&str> {
    match key {
        ObjectKey::Ident(name) => Some(name.value().as_str()),
        ObjectKey::Expression(Expression::Variable(name)) => Some(name.value().as_str()),
        ObjectKey::Expression(expr) => expr.as_str(),
    }
}

/// Where a key of an object begins.
pub(super) fn key_start(key: &ObjectKey) -> Option<usize> {
    match key {
        ObjectKey::Ident(name) => name.span().map(|span| span.start),
        ObjectKey::Expression(expr) => expr.span().map(|span| span.start),
    }
}

/// Whether an expression is written out: nothing in it is looked up or worked out.
pub(super) fn is_literal(expr: &Expression) -> bool {
    match expr {
        Expression::Null(_)
        | Expression::Bool(_)
        | Expression::Number(_)
        | Expression::String(_) => true,
        Expression::Array(array) => array.iter().all(is_literal),
        Expression::Object(object) => object
            .iter()
            .all(|(key, value)| key_text(key).is_some() && is_literal(value.expr())),
        Expression::HeredocTemplate(heredoc) => {
            heredoc.template.iter().all(|element| element.is_literal())
        }
        Expression::StringTemplate(template) => template.iter().all(|element| element.is_literal()),
        Expression::Parenthesis(inner) => is_literal(inner.inner()),
        Expression::UnaryOp(unary) => is_literal(&unary.expr),
        _ => false,
    }
}
