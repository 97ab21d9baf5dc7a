//! `TF_ENCRYPTION` and override files over the `encryption` block.

use crate::tofu::root::Block;

/// Lays one `encryption` block over another, as tofu does: key providers and methods by attribute, targets by argument.
pub(super) fn over(base: &mut Block, upper: Block) {
    for block in upper.blocks {
        match base
            .blocks
            .iter_mut()
            .find(|known| known.kind == block.kind && known.labels == block.labels)
        {
            Some(known) => replace(known, block),
            None => base.blocks.push(block),
        }
    }
}

/// Arguments replace arguments of their name, nested blocks replace all of their type. `enforced` is only ever added.
fn replace(base: &mut Block, upper: Block) {
    for attribute in upper.attributes {
        match base
            .attributes
            .iter_mut()
            .find(|known| known.name == attribute.name)
        {
            Some(known) if known.name == "enforced" && known.expression.as_bool() == Some(true) => {
            }
            Some(known) => *known = attribute,
            None => base.attributes.push(attribute),
        }
    }
    base.blocks
        .retain(|known| upper.blocks.iter().all(|block| block.kind != known.kind));
    base.blocks.extend(upper.blocks);
}
