//! The inside of nested blocks: whether two agree, and one in words.

use hcl_edit::structure::Block;

use super::change::has_secret;
use crate::catalog::{Attribute, AttributeReader, Definition, Kind, Mode, Schema};
use crate::compare::{masked, same_members};
use crate::hcl::print::{Body, Expression};
use crate::model::Value;

/// Whether a block that configuration writes is one that the cloud has.
pub(super) fn agree(definition: &Definition, family: &str, says: &Value, there: &Value) -> bool {
    let mut children = definition.schema.children(family);
    children.all(|(short, full, facts)| {
        facts.mode == Mode::Computed
            || agrees(definition, full, facts, says.get(short), there.get(short))
    })
}

/// The same of one member of a block.
pub(super) fn agrees(
    definition: &Definition,
    full: &str,
    facts: &Attribute,
    says: Option<&Value>,
    there: Option<&Value>,
) -> bool {
    let there = there.unwrap_or(&Value::Null);
    let default = facts
        .default
        .clone()
        .map(Value::from_json)
        .unwrap_or_default();
    let unsaid = says.is_none_or(|says| *says == Value::Null);
    if unsaid && facts.mode == Mode::OptionalComputed {
        return true;
    }
    let says = says.filter(|_| !unsaid).unwrap_or(&default);
    if definition.schema.is_block(full) {
        let (says, there) = (
            says.as_list().unwrap_or_default(),
            there.as_list().unwrap_or_default(),
        );
        return says.len() == there.len()
            && says
                .iter()
                .zip(there)
                .all(|(says, there)| agree(definition, full, says, there));
    }
    if facts.kind == Kind::Set {
        same_members(says, there, Value::same)
    } else {
        says.same(there)
    }
}

/// Whether the provider reads nothing of an attribute, or of a block around it, from the cloud.
pub(super) fn is_unread(definition: &Definition, family: &str) -> bool {
    fn gather<'a>(readers: &'a [AttributeReader], out: &mut Vec<&'a str>) {
        for reader in readers {
            out.extend(reader.source.is_none().then_some(reader.family.as_str()));
            gather(&reader.children, out);
        }
    }
    let mut unread = Vec::new();
    gather(&definition.readers, &mut unread);
    let above = |unread: &&str| {
        family
            .strip_prefix(*unread)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    unread.iter().any(above)
        || definition
            .schema
            .ancestry(family)
            .any(|facts| facts.provider_only)
}

/// Whether a block in configuration writes something sensitive.
pub(super) fn has_sensitive(schema: &Schema, family: &str, block: &Block) -> bool {
    schema.children(family).any(|(short, full, _)| {
        let written = block.body.has_attribute(short) || block.body.has_blocks(short);
        written
            && (schema.is_sensitive(full)
                || block
                    .body
                    .get_blocks(short)
                    .any(|block| has_sensitive(schema, full, block)))
    })
}

/// A block as it would be written: what is not a default and not left to the provider.
///
/// # Errors
/// The reason why it cannot be written.
pub(super) fn print(
    definition: &Definition,
    family: &str,
    name: &str,
    value: &Value,
) -> Result<String, String> {
    if has_secret(&masked(&definition.schema, family, value)) || value.has_redacted() {
        return Err(format!(
            "the `{name}` block that would come holds something sensitive"
        ));
    }
    let mut body = Body::default();
    let set = definition
        .schema
        .ancestry(family)
        .any(|facts| facts.kind == Kind::Set);
    body.block(name, &[], written(definition, family, value, set));
    Ok(body.print())
}

fn written(definition: &Definition, family: &str, value: &Value, in_set: bool) -> Body {
    let (mut body, mut blocks) = (Body::default(), Body::default());
    for (short, full, facts) in definition.schema.children(family) {
        let there = value.get(short).unwrap_or(&Value::Null);
        let default = facts
            .default
            .clone()
            .map(Value::from_json)
            .unwrap_or_default();
        let left = facts.mode == Mode::OptionalComputed && !in_set;
        if facts.mode == Mode::Computed
            || left
            || (there.same(&default) && facts.mode != Mode::Required)
        {
            continue;
        }
        if definition.schema.is_block(full) {
            for inner in there.as_list().unwrap_or_default() {
                blocks.block(
                    short,
                    &[],
                    written(definition, full, inner, in_set || facts.kind == Kind::Set),
                );
            }
        } else if *there != Value::Null {
            body.attribute(short, Expression::Value(there.clone()));
        }
    }
    body.items.extend(blocks.items);
    body
}
