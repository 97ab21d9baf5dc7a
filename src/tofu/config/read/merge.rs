//! Override files: what they say replaces what the primary files say.

use super::source::{Block, Content};

/// Lays the blocks of override files over those of the primary files.
pub fn apply(content: &mut Content, above: Content) {
    for block in above.blocks {
        if matches!(block.kind.as_str(), "locals" | "terraform") {
            lay_singleton(content, block);
            continue;
        }
        let same = content
            .blocks
            .iter_mut()
            .find(|other| identity(other) == identity(&block));
        match same {
            Some(other) => lay(&mut other.content, block.content),
            None => content.blocks.push(block),
        }
    }
}

/// What makes two blocks the same: kind and labels, and for provider configurations the alias.
fn identity(block: &Block) -> (&str, &[String], Option<String>) {
    let alias = block
        .content
        .attribute("alias")
        .filter(|_| block.kind == "provider")
        .map(|alias| alias.expr.to_string());
    (
        &block.kind,
        &block.labels,
        alias.map(|alias| alias.trim().to_owned()),
    )
}

/// `locals` replace names wherever those stand; `terraform` replaces its parts.
fn lay_singleton(content: &mut Content, block: Block) {
    let names: Vec<&str> = block
        .content
        .attributes
        .iter()
        .map(|attribute| attribute.name.as_str())
        .collect();
    for other in content
        .blocks
        .iter_mut()
        .filter(|other| other.kind == block.kind)
    {
        other
            .content
            .attributes
            .retain(|attribute| !names.contains(&attribute.name.as_str()));
    }
    content.blocks.push(block);
}

fn lay(under: &mut Content, above: Content) {
    for attribute in above.attributes {
        under
            .attributes
            .retain(|other| other.name != attribute.name);
        under.attributes.push(attribute);
    }
    let (lifecycle, others): (Vec<Block>, Vec<Block>) = above
        .blocks
        .into_iter()
        .partition(|block| block.kind == "lifecycle");
    let kind_of = |block: &Block| {
        if block.kind == "dynamic" {
            block.label(0).to_owned()
        } else {
            block.kind.clone()
        }
    };
    let replaced: Vec<String> = others.iter().map(kind_of).collect();
    under
        .blocks
        .retain(|block| !replaced.contains(&kind_of(block)));
    under.blocks.extend(others);
    for block in lifecycle {
        match under
            .blocks
            .iter_mut()
            .find(|other| other.kind == "lifecycle")
        {
            Some(other) => lay(&mut other.content, block.content),
            None => under.blocks.push(block),
        }
    }
}
