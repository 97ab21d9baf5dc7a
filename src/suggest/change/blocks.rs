//! Nested blocks of a resource: those that are there stay and are corrected, others go or come.

use hcl_edit::Span;
use hcl_edit::structure::Block;

use super::{Level, Ways, Writer, dynamic};
use crate::catalog::Mode;
use crate::model::Value;
use crate::suggest::nested_block;
use crate::suggest::source_index::{In, of_kind};
use crate::suggest::splice::{Edit, Page};
use crate::suggest::trace::NoEdit;

/// Blocks of one kind that are written out in a block.
struct Written<'t> {
    parent: In<'t, Block>,
    page: Page<'t>,
    blocks: Vec<&'t Block>,
}

impl<'t> Writer<'t, '_> {
    /// Nested blocks: those that are there stay and are corrected, others go or come.
    pub(super) fn blocks(
        &self,
        level: &Level<'t>,
        family: &str,
        name: &str,
        wanted: &Value,
        have: &Value,
    ) -> Ways {
        let (wanted, have) = (
            wanted.as_list().unwrap_or_default(),
            have.as_list().unwrap_or_default(),
        );
        if let Some(block) = level
            .blocks
            .iter()
            .find(|block| dynamic(block.of, name).next().is_some())
        {
            return self.iterated_blocks(level, *block, family, name, (wanted, have));
        }
        let with = level
            .blocks
            .iter()
            .find(|block| block.of.body.has_blocks(name))
            .or(level.blocks.last());
        let Some(parent) = with else {
            return self.refuse("its block was not found");
        };
        let statics: Vec<&'t Block> = of_kind(&parent.of.body, name);
        if statics.len() != have.len() {
            return self.refuse(format!("which `{name}` block says it cannot be told"));
        }
        let page = self.page(parent.file)?;
        let mut rest: Vec<&Value> = wanted.iter().collect();
        let mut wrong = Vec::new();
        for (block, says) in statics.iter().zip(have) {
            match rest
                .iter()
                .position(|wanted| nested_block::agree(self.definition, family, says, wanted))
            {
                Some(at) => drop(rest.remove(at)),
                None => wrong.push((*block, says)),
            }
        }
        let statics = Written {
            parent: *parent,
            page,
            blocks: statics,
        };
        let mut edits = Vec::new();
        let mut rest = rest.into_iter();
        for (block, says) in wrong {
            match rest.next() {
                Some(wanted) => {
                    let level = Level {
                        blocks: vec![In {
                            file: parent.file,
                            of: block,
                        }],
                        scope: level.scope.clone(),
                    };
                    self.inside(&level, family, wanted, says, &mut edits)?;
                }
                None if self.required(family) && wanted.is_empty() => {
                    return self
                        .refuse(format!("the cloud has no `{name}`, and configuration must"));
                }
                None => edits.push(self.without(&statics, family, name, block)?),
            }
        }
        for value in rest {
            edits.extend(self.with(&statics, family, name, value)?);
        }
        if edits.is_empty() {
            self.refuse("nothing in its blocks differs from what the cloud has")
        } else {
            Ok(vec![edits])
        }
    }

    /// The edit that takes a nested block away.
    fn without(
        &self,
        statics: &Written<'t>,
        family: &str,
        name: &str,
        block: &'t Block,
    ) -> Result<Edit, NoEdit> {
        match block.span() {
            Some(_) if nested_block::has_sensitive(&self.definition.schema, family, block) => self
                .refuse(format!(
                    "the `{name}` block that would go holds something sensitive"
                )),
            Some(span) => Ok(statics.page.remove(span)),
            None => self.refuse("its block cannot be edited"),
        }
    }

    /// The edit that writes another nested block behind those that are there.
    fn with(
        &self,
        statics: &Written<'t>,
        family: &str,
        name: &str,
        value: &Value,
    ) -> Result<Option<Edit>, NoEdit> {
        let parent = statics.parent;
        let text = nested_block::print(self.definition, family, name, value).map_err(|reason| {
            let start = parent.of.span().map_or(0, |span| span.start);
            NoEdit {
                reason,
                place: self.index.place(parent.file, start),
            }
        })?;
        let last = statics.blocks.last().and_then(|block| block.span());
        Ok(statics.page.block(parent.of, last, &text))
    }

    /// Nested blocks that a dynamic block writes: as many as there are, each corrected where its element is written.
    fn iterated_blocks(
        &self,
        level: &Level<'t>,
        block: In<'t, Block>,
        family: &str,
        name: &str,
        (wanted, have): (&[Value], &[Value]),
    ) -> Ways {
        let offset = dynamic(block.of, name)
            .next()
            .and_then(Span::span)
            .map_or(0, |span| span.start);
        let mut rest: Vec<&Value> = wanted.iter().collect();
        let mut wrong = Vec::new();
        for (at, says) in have.iter().enumerate() {
            match rest
                .iter()
                .position(|wanted| nested_block::agree(self.definition, family, says, wanted))
            {
                Some(found) => drop(rest.remove(found)),
                None => wrong.push((at, says)),
            }
        }
        let corrected = || -> Result<Vec<Edit>, NoEdit> {
            let mut edits = Vec::new();
            for ((at, says), wanted) in wrong.iter().zip(&rest) {
                let inside = self.descend(level.clone(), name, *at)?;
                self.inside(&inside, family, wanted, says, &mut edits)?;
            }
            Ok(edits)
        };
        let corrected = if wrong.len() == rest.len() {
            corrected().map(|edits| vec![edits])
        } else {
            Ok(Vec::new())
        };
        if corrected.as_ref().is_ok_and(|ways| !ways.is_empty()) {
            return corrected;
        }
        let gone: Vec<usize> = wrong.iter().map(|(at, _)| *at).collect();
        let mut written = dynamic(block.of, name);
        if let (Some(one), None) = (written.next(), written.next())
            && let Some(ways) = self.other_elements(
                In {
                    file: block.file,
                    of: one,
                },
                &level.scope,
                name,
                &gone,
                &rest,
            )
        {
            return Ok(ways);
        }
        corrected.and_then(|_| {
            let reason = format!(
                "`{name}` is written by a dynamic block, and the cloud has another number of them"
            );
            Err(NoEdit {
                reason,
                place: self.index.place(block.file, offset),
            })
        })
    }

    /// Everything in a block that does not say what is wanted.
    fn inside(
        &self,
        level: &Level<'t>,
        family: &str,
        wanted: &Value,
        have: &Value,
        edits: &mut Vec<Edit>,
    ) -> Result<(), NoEdit> {
        for (short, full, facts) in self.definition.schema.children(family) {
            if facts.mode == Mode::Computed
                || nested_block::agrees(
                    self.definition,
                    full,
                    facts,
                    have.get(short),
                    wanted.get(short),
                )
            {
                continue;
            }
            if facts.sensitive || facts.write_only {
                return self.refuse("it is sensitive");
            }
            let (wanted, have) = (
                wanted.get(short).unwrap_or(&Value::Null),
                have.get(short).unwrap_or(&Value::Null),
            );
            let ways = self.at_level(level, full, short, Vec::new(), wanted, have)?;
            edits.extend(ways.into_iter().next().unwrap_or_default());
        }
        Ok(())
    }
}
