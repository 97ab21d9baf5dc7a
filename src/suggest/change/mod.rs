//! One change of one instance as edits of the block that declares it, or of what that refers to.

mod blocks;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block};

use super::Finding;
use super::edit_goal::EditGoal;
use super::nested_block;
use super::source_index::{In, SourceIndex, argument, of_kind};
use super::splice::{Edit, Page};
use super::trace::{NoEdit, Scope, Seg, Spot};
use crate::catalog::{Definition, Kind, MERGED_LABELS, Mode, Prior};
use crate::compare::{Change, masked};
use crate::model::{Step, Value};

/// What would bring a change about: any one of these sets of edits, the best first.
pub(super) type Ways = Result<Vec<Vec<Edit>>, NoEdit>;

/// Where in the configuration a value belongs.
#[derive(Clone)]
struct Level<'t> {
    /// The blocks that say it; those that override come first.
    blocks: Vec<In<'t, Block>>,
    scope: Scope<'t>,
}

/// Turns changes of one instance into edits.
pub(super) struct Writer<'t, 's> {
    pub index: &'t SourceIndex<'s>,
    pub definition: &'t Definition,
    pub finding: &'t Finding,
}

impl<'t, 's> Writer<'t, 's> {
    pub(super) fn refuse<T>(&self, reason: impl Into<String>) -> Result<T, NoEdit> {
        let place = &self.finding.place;
        Err(NoEdit {
            reason: reason.into(),
            place: format!("{}:{}", place.file, place.line),
        })
    }

    /// The ways to make configuration say what is there.
    pub fn ways(&self, change: &Change) -> Ways {
        let family = change.path.family();
        self.allowed(change, &family)?;
        if family == MERGED_LABELS {
            return self.default_labels(change);
        }
        let address = &self.finding.address;
        let blocks = self.index.blocks(
            &address.modules,
            "resource",
            &[&address.rtype, &address.name],
        );
        if blocks.is_empty() {
            let json = self.index.json(&address.modules).is_some();
            return self.refuse(if json {
                "it is declared in JSON syntax"
            } else {
                "its block was not found"
            });
        }
        let scope = Scope::new(&address.modules).repeated(&blocks, address.key.as_ref());
        let mut level = Level { blocks, scope };
        let mut steps = change.path.0.as_slice();
        let mut at = String::new();
        while let [Step::Attribute(name), Step::Index(index), rest @ ..] = steps
            && !rest.is_empty()
        {
            at = if at.is_empty() {
                name.clone()
            } else {
                format!("{at}.{name}")
            };
            level = self.descend(level, name, *index)?;
            steps = rest;
        }
        let Some(Step::Attribute(name)) = steps.first() else {
            return self.refuse("its place in the block cannot be told");
        };
        let keys = steps[1..].iter().map(|step| match step {
            Step::Key(key) | Step::Attribute(key) => Seg::Key(key.clone()),
            Step::Index(at) => Seg::Index(*at),
        });
        self.at_level(
            &level,
            &family,
            name,
            keys.collect(),
            &change.before,
            &change.after,
        )
    }

    /// What is never suggested.
    fn allowed(&self, change: &Change, family: &str) -> Result<(), NoEdit> {
        let (definition, schema) = (self.definition, &self.definition.schema);
        let hidden = |value: &Value| {
            has_secret(value) || has_secret(&masked(schema, family, value)) || value.has_redacted()
        };
        let named = change
            .path
            .0
            .iter()
            .any(|step| matches!(step, Step::Key(key) if crate::model::is_secret_name(key)));
        if change.sensitive
            || named
            || schema.is_sensitive(family)
            || hidden(&change.before)
            || hidden(&change.after)
        {
            return self.refuse("it is sensitive");
        }
        if family != MERGED_LABELS && schema.is_computed(family) {
            return self.refuse("only the provider sets it");
        }
        let prior = definition.prior.get(family);
        if matches!(prior, Some(Prior::ConfiguredKeys | Prior::ConfiguredBlocks)) {
            let key = change.path.last_key();
            let effective = self.finding.live.get(&format!("effective_{family}"));
            let there = key.is_some_and(|key| effective.and_then(|all| all.get(key)).is_some());
            if change.before.is_empty() && (self.finding.imported || there) {
                return self.refuse(
                    "an import takes over nothing of it: only what state already has is read",
                );
            }
        }
        if self.finding.imported && definition.imported.contains_key(family) {
            return self.refuse("it is not read from the cloud; an import sets it to the default");
        }
        if self.finding.imported
            && change.before.is_empty()
            && nested_block::is_unread(definition, family)
        {
            return self.refuse("the provider does not read it from the cloud");
        }
        if change.before.has_unknown() {
            return self.refuse("what the cloud has is not known");
        }
        Ok(())
    }

    /// The nested block at a place.
    fn descend(&self, level: Level<'t>, name: &str, index: usize) -> Result<Level<'t>, NoEdit> {
        for block in &level.blocks {
            let statics: Vec<&'t Block> = of_kind(&block.of.body, name);
            let mut dynamics = dynamic(block.of, name);
            match (statics.get(index), dynamics.next(), dynamics.next()) {
                (Some(found), None, _) => {
                    return Ok(Level {
                        blocks: vec![In {
                            file: block.file,
                            of: found,
                        }],
                        scope: level.scope,
                    });
                }
                (None, Some(found), None) if statics.is_empty() => {
                    return self.iterated(block.file, found, name, index, level.scope);
                }
                (None, None, _) if statics.is_empty() => {}
                _ => break,
            }
        }
        self.refuse(format!("which `{name}` block says it cannot be told"))
    }

    fn iterated(
        &self,
        file: usize,
        block: &'t Block,
        name: &str,
        index: usize,
        scope: Scope<'t>,
    ) -> Result<Level<'t>, NoEdit> {
        let (Some(each), Some(content)) = (
            block.body.get_attribute("for_each"),
            block.body.get_blocks("content").next(),
        ) else {
            return self.refuse(format!("the dynamic block `{name}` is not complete"));
        };
        let collection = Spot {
            file,
            expr: &each.value,
            scope: scope.clone(),
            path: Vec::new(),
        };
        let scope = scope.iterating(iterator(block, name), collection, index);
        Ok(Level {
            blocks: vec![In { file, of: content }],
            scope,
        })
    }

    /// Makes one argument or kind of block say `wanted` where it now says `have`.
    fn at_level(
        &self,
        level: &Level<'t>,
        family: &str,
        name: &str,
        keys: Vec<Seg>,
        wanted: &Value,
        have: &Value,
    ) -> Ways {
        if self.definition.schema.is_block(family) && keys.is_empty() {
            return self.blocks(level, family, name, wanted, have);
        }
        match argument(&level.blocks, name) {
            Some(written) => self.written(level, family, written, keys, (wanted, have)),
            None => Ok(vec![vec![
                self.unwritten(level, family, name, keys, wanted)?,
            ]]),
        }
    }

    /// An argument that is not written: it is added.
    fn unwritten(
        &self,
        level: &Level<'t>,
        family: &str,
        name: &str,
        keys: Vec<Seg>,
        wanted: &Value,
    ) -> Result<Edit, NoEdit> {
        let value = match keys.as_slice() {
            [] => self.explicit(family, wanted),
            [Seg::Key(key)] => Value::Map([(key.clone(), wanted.clone())].into()),
            _ => return self.refuse("its place in the block cannot be told"),
        };
        let Some(block) = level.blocks.last() else {
            return self.refuse("its block was not found");
        };
        self.page(block.file)?
            .argument(block.of, name, &value)
            .ok_or(())
            .or_else(|()| self.refuse("its block cannot be edited"))
    }

    /// A value that says what null means, for an argument that would else have its default.
    fn explicit(&self, family: &str, wanted: &Value) -> Value {
        let kind = self
            .definition
            .schema
            .attributes
            .get(family)
            .map(|facts| facts.kind);
        match (wanted, kind) {
            (Value::Null, Some(Kind::Bool)) => Value::Bool(false),
            (Value::Null, Some(Kind::Int | Kind::Float)) => Value::int(0),
            (Value::Null, Some(Kind::String)) => Value::text(""),
            (Value::Null, Some(Kind::List | Kind::Set)) => Value::List(Vec::new()),
            (other, _) => other.clone(),
        }
    }

    /// An argument that is written, here or where it refers to.
    fn written(
        &self,
        level: &Level<'t>,
        family: &str,
        written: In<'t, Attribute>,
        keys: Vec<Seg>,
        (wanted, have): (&Value, &Value),
    ) -> Ways {
        let facts = self.definition.schema.attributes.get(family);
        let of_map = !keys.is_empty();
        let needed = facts.is_some_and(|facts| facts.mode == Mode::Required);
        // What a switch is left at is said better than left out.
        let plain = !of_map && (needed || facts.is_some_and(|facts| facts.kind == Kind::Bool));
        let wanted = if plain {
            self.explicit(family, wanted)
        } else {
            wanted.clone()
        };
        let absent = wanted == Value::Null
            || (wanted.is_empty() && facts.is_some_and(|facts| facts.kind == Kind::String));
        let set = facts.is_some_and(|facts| facts.kind == Kind::Set);
        let goal = EditGoal {
            wanted,
            have: have.clone(),
            argument: Some(written.of),
            of_map,
            needed,
            absent,
            set,
        };
        self.ways_to(
            Spot {
                file: written.file,
                expr: &written.of.value,
                scope: level.scope.clone(),
                path: keys,
            },
            &goal,
        )
    }

    /// Whether configuration must say it.
    fn required(&self, family: &str) -> bool {
        let facts = self.definition.schema.attributes.get(family);
        facts.is_some_and(|facts| {
            facts.mode == Mode::Required || facts.min_items.is_some_and(|least| least > 0)
        })
    }

    /// The file as text; not one of a downloaded module.
    pub(super) fn page(&self, file: usize) -> Result<Page<'t>, NoEdit> {
        let source = self.index.file(file);
        if source.downloaded {
            let reason = "it is written in a downloaded module, which is never edited".to_owned();
            return Err(NoEdit {
                reason,
                place: source.name.clone(),
            });
        }
        Ok(Page {
            file,
            text: &source.text,
        })
    }
}

/// What the elements of a dynamic block are called in it.
pub(super) fn iterator<'t>(block: &'t Block, name: &'t str) -> &'t str {
    let given = block
        .body
        .get_attribute("iterator")
        .and_then(|attribute| match &attribute.value {
            Expression::Variable(name) => Some(name.value().as_str()),
            _ => None,
        });
    given.unwrap_or(name)
}

/// The dynamic blocks of a kind.
fn dynamic<'t>(block: &'t Block, name: &str) -> impl Iterator<Item = &'t Block> {
    let mut found = of_kind(&block.body, "dynamic");
    found.retain(|block| {
        block
            .labels
            .first()
            .is_some_and(|label| label.as_str() == name)
    });
    found.into_iter()
}

/// Whether a secret stands anywhere in a value.
pub(super) fn has_secret(value: &Value) -> bool {
    match value {
        Value::Secret(_) => true,
        Value::List(items) => items.iter().any(has_secret),
        Value::Map(map) => map.values().any(has_secret),
        _ => false,
    }
}
