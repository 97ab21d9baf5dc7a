//! The inside of a resource block: arguments, nested blocks, dynamic blocks.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::read::{Attribute, Block, Content};
use super::session::Session;
use crate::hcl::{Context, Data, Items, Members, Value, items};
use crate::model::{Severity, Unknown};

/// Arguments of a resource that are tofu's, not the provider's.
const META_ARGUMENTS: [&str; 4] = ["count", "for_each", "provider", "depends_on"];
/// Blocks of a resource that are tofu's, not the provider's.
const META_BLOCKS: [&str; 3] = ["lifecycle", "connection", "provisioner"];

/// An evaluated block.
#[derive(Default)]
pub(super) struct Body {
    /// Arguments by name.
    pub attributes: Members,
    /// Nested blocks by type.
    pub blocks: BTreeMap<Arc<str>, Blocks>,
}

/// The nested blocks of one type.
pub(super) enum Blocks {
    /// These, in order.
    Known(Vec<Body>),
    /// Not known how many, for the reason.
    Unknown(Unknown),
}

impl Body {
    /// The body as a value whose other attributes are unknown. `sensitive` says which are, by their names and those of the
    /// blocks around them.
    pub fn open(&self, reason: &Unknown, around: &str, sensitive: &dyn Fn(&str) -> bool) -> Data {
        let mut members = Members::new();
        for (name, value) in &self.attributes {
            // Null leaves a computed attribute to the provider.
            if !value.is_null() {
                members.insert(
                    Arc::clone(name),
                    value.clone().marked(sensitive(&format!("{around}{name}"))),
                );
            }
        }
        for (name, blocks) in &self.blocks {
            let value = match blocks {
                Blocks::Unknown(reason) => Value::unknown(reason.clone()),
                Blocks::Known(bodies) => {
                    let inner = format!("{around}{name}.");
                    Value::tuple(
                        bodies
                            .iter()
                            .map(|body| body.open(reason, &inner, sensitive).into())
                            .collect(),
                    )
                }
            };
            members.insert(Arc::clone(name), value);
        }
        Data::Open(Arc::new(members), reason.clone())
    }

    fn add(&mut self, kind: &str, body: Body) {
        match self
            .blocks
            .entry(kind.into())
            .or_insert_with(|| Blocks::Known(Vec::new()))
        {
            Blocks::Known(bodies) => bodies.push(body),
            Blocks::Unknown(_) => {}
        }
    }
}

impl Session<'_> {
    /// The body of a resource, without what is tofu's own.
    pub(super) fn resource_body(&self, content: &Content, ctx: &Context<'_>) -> Body {
        let mut body = Body::default();
        let plain = content
            .attributes
            .iter()
            .filter(|attribute| !META_ARGUMENTS.contains(&attribute.name.as_str()));
        self.add_attributes(plain, ctx, &mut body);
        for block in content
            .blocks
            .iter()
            .filter(|block| !META_BLOCKS.contains(&block.kind.as_str()))
        {
            if block.kind == "_" {
                // The escape for provider arguments that are named like tofu's own.
                self.add_attributes(block.content.attributes.iter(), ctx, &mut body);
                self.add_blocks(&block.content.blocks, ctx, &mut body);
            } else {
                self.add_block(block, ctx, &mut body);
            }
        }
        body
    }

    fn add_attributes<'c>(
        &self,
        attributes: impl Iterator<Item = &'c Attribute>,
        ctx: &Context<'_>,
        body: &mut Body,
    ) {
        for attribute in attributes {
            body.attributes.insert(
                attribute.name.as_str().into(),
                self.attribute_within(attribute, ctx),
            );
        }
    }

    fn add_blocks(&self, blocks: &[Block], ctx: &Context<'_>, body: &mut Body) {
        for block in blocks {
            self.add_block(block, ctx, body);
        }
    }

    fn content_body(&self, content: &Content, ctx: &Context<'_>) -> Body {
        let mut body = Body::default();
        self.add_attributes(content.attributes.iter(), ctx, &mut body);
        self.add_blocks(&content.blocks, ctx, &mut body);
        body
    }

    fn add_block(&self, block: &Block, ctx: &Context<'_>, body: &mut Body) {
        if block.kind == "dynamic" {
            return self.add_dynamic(block, ctx, body);
        }
        let inner = self.content_body(&block.content, ctx);
        body.add(&block.kind, inner);
    }

    /// One block for each element of `for_each`.
    fn add_dynamic(&self, block: &Block, ctx: &Context<'_>, body: &mut Body) {
        let kind = block.label(0);
        let (Some(each), Some(content)) = (
            block.content.attribute("for_each"),
            block.content.of_kind("content").next(),
        ) else {
            let message =
                format!("the dynamic block `{kind}` needs `for_each` and a `content` block");
            self.note(Severity::Error, message, Some(block.place()));
            body.blocks.insert(
                kind.into(),
                Blocks::Unknown(Unknown::mistaken("Missing dynamic content block")),
            );
            return;
        };
        let iterator = block
            .content
            .attribute("iterator")
            .and_then(|attribute| attribute.expr.as_variable());
        let iterator = iterator.map_or(kind, |name| name.as_str());
        let collection = self.attribute_within(each, ctx);
        let pairs = match items(&collection) {
            Ok(Items::Known(pairs)) => Ok(pairs),
            Ok(Items::Unknown(reason)) => Err(reason),
            Err(diagnostic) => Err(self.complain(&diagnostic, &each.file, each.span.start)),
        };
        let pairs = match pairs {
            Ok(pairs) => pairs,
            Err(reason) => {
                body.blocks.insert(kind.into(), Blocks::Unknown(reason));
                return;
            }
        };
        for (key, value) in pairs {
            let element = Value::object(Members::from([
                ("key".into(), key),
                ("value".into(), value),
            ]));
            let frame = ctx.bind(iterator, element.marked(collection.sensitive));
            let inner = self.content_body(&content.content, &ctx.within(&frame));
            body.add(kind, inner);
        }
        if let Some(Blocks::Known(bodies)) = body.blocks.get(kind)
            && bodies.is_empty()
        {
            body.blocks.remove(kind);
        }
    }
}
