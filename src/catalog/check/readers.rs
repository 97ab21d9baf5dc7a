//! Where attributes are read from: what definitions say, and the facts where they are silent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Source;
use crate::catalog::check::DefinitionError;
use crate::catalog::definition::AttributeReader;
use crate::catalog::expression::{Expression, Step};
use crate::catalog::schema::{Child, Schema};

/// What decides where attributes are read from.
pub(super) struct Facts<'a> {
    pub source: &'a Source<'a>,
    pub schema: &'a Schema,
    /// The attributes right below each block.
    pub children: BTreeMap<&'a str, Vec<Child<'a>>>,
    pub read: &'a BTreeMap<String, String>,
    /// The path of the objects in the bodies they lie in: facts are told from there.
    pub within: Option<&'a str>,
    /// Whether an empty object is a block.
    pub empty: bool,
}

impl<'a> Facts<'a> {
    /// Readers of the attributes below `family`, whose own API path (as the facts tell it) is `api`.
    pub fn readers(
        &self,
        family: &str,
        api: &str,
    ) -> Result<Vec<AttributeReader>, DefinitionError> {
        let mut out = Vec::new();
        for &(short, full, facts) in self.children.get(family).into_iter().flatten() {
            let path = self
                .api(full, api)
                .map_or_else(|| Cow::Owned(below(api, &camel(short))), Cow::Borrowed);
            let relative = if api.is_empty() {
                Some(&*path)
            } else {
                path.strip_prefix(api)
                    .and_then(|rest| rest.strip_prefix('.'))
            };
            let expression = match self.read.get(full).map(String::as_str) {
                Some("never") => None,
                Some(text) => Some(self.source.expression(text)?),
                None if facts.provider_only || facts.write_only => None,
                None => {
                    let mut plain = Expression::path(relative.unwrap_or(&camel(short)));
                    if !self.empty && self.schema.is_block(full) {
                        plain.steps.push(Step::Some);
                    }
                    Some(plain)
                }
            };
            out.push(AttributeReader {
                name: short.to_owned(),
                family: full.to_owned(),
                kind: facts.kind,
                elem: facts.elem.clone(),
                source: expression,
                children: self.readers(full, &path)?,
            });
        }
        Ok(out)
    }

    /// The API path of an attribute: as the facts tell it; of a block they are silent about, what most of its members lie in.
    fn api(&self, family: &str, parent: &str) -> Option<&'a str> {
        if let Some([only]) = self
            .schema
            .attributes
            .get(family)
            .map(|facts| facts.api.as_slice())
        {
            let inside = self
                .within
                .and_then(|within| only.strip_prefix(within)?.strip_prefix('.'));
            return Some(inside.unwrap_or(only));
        }
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, member, _) in self.children.get(family).into_iter().flatten() {
            let around = self
                .api(member, parent)
                .and_then(|path| path.rsplit_once('.'))
                .map(|(around, _)| around);
            let deeper = |around: &&str| {
                parent.is_empty()
                    || around
                        .strip_prefix(parent)
                        .is_some_and(|rest| rest.starts_with('.'))
            };
            if let Some(around) = around.filter(deeper) {
                *votes.entry(around).or_default() += 1;
            }
        }
        votes
            .into_iter()
            .max_by_key(|(path, count)| (*count, std::cmp::Reverse(path.len())))
            .map(|(path, _)| path)
    }
}

/// A path below another.
fn below(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}.{name}")
    }
}

/// `disk_size_gb` → `diskSizeGb`.
fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        match c {
            '_' => upper = true,
            c if upper => {
                out.extend(c.to_uppercase());
                upper = false;
            }
            c => out.push(c),
        }
    }
    out
}
