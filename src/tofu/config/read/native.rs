//! Files in HCL's native syntax.

use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::Traversal;
use hcl_edit::structure::{Body, Structure};
use hcl_edit::visit_mut::{VisitMut, visit_traversal_mut};

use super::source::{Attribute, Block, Content, Source};
use crate::hcl::parse_body;
use crate::model::{Note, Severity};

/// Reads a file's blocks and arguments.
///
/// # Errors
/// One complaint with the place where the file stops being HCL.
pub fn parse(file: &Arc<Source>) -> Result<Content, Note> {
    // A byte order mark is no part of the text; a space in its place keeps offsets as they are.
    let text = file
        .text()
        .strip_prefix('\u{feff}')
        .map(|rest| format!("   {rest}"));
    let mut body = parse_body(text.as_deref().unwrap_or(file.text())).map_err(|error| Note {
        severity: Severity::Error,
        message: format!("{} is not valid HCL: {}", file.name, error.message),
        place: Some(file.place_of_mistake(error.offset)),
        hint: hint(file.text()),
    })?;
    Trim.visit_body_mut(&mut body);
    Ok(content(body, file))
}

/// Gives back the room that the parser left in references: most of what a large configuration takes up.
struct Trim;

impl VisitMut for Trim {
    fn visit_traversal_mut(&mut self, traversal: &mut Traversal) {
        traversal.operators.shrink_to_fit();
        visit_traversal_mut(self, traversal);
    }
}

fn content(body: Body, file: &Arc<Source>) -> Content {
    let mut content = Content::default();
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                let span = attribute
                    .value
                    .span()
                    .or_else(|| attribute.span())
                    .unwrap_or_default();
                // The source's own spelling: a repeated name was parsed under another.
                let key = attribute.key.span().and_then(|span| file.text().get(span));
                let name = key.unwrap_or(attribute.key.value().as_str()).to_owned();
                content.attributes.push(Attribute {
                    name,
                    expr: attribute.value,
                    file: Arc::clone(file),
                    span,
                });
            }
            Structure::Block(block) => {
                let span: Range<usize> = block.span().unwrap_or_default();
                let labels = block
                    .labels
                    .iter()
                    .map(|label| label.as_str().to_owned())
                    .collect();
                let kind = block.ident.value().as_str().to_owned();
                content.blocks.push(Block {
                    kind,
                    labels,
                    content: self::content(block.body, file),
                    file: Arc::clone(file),
                    span,
                });
            }
        }
    }
    content.attributes.shrink_to_fit();
    content.blocks.shrink_to_fit();
    content
}

/// What is likely to be wrong: brackets that were opened and not closed, or closed twice.
fn hint(text: &str) -> String {
    let count = |open: char| text.chars().filter(|c| *c == open).count();
    for (open, close) in [('{', '}'), ('[', ']'), ('(', ')')] {
        let (opened, closed) = (count(open), count(close));
        if opened > closed {
            return format!("{} `{open}` without `{close}` in the file", opened - closed);
        }
        if closed > opened {
            return format!("{} `{close}` without `{open}` in the file", closed - opened);
        }
    }
    String::new()
}
