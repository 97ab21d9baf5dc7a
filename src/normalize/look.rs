//! What second looks change: what was read by itself stands in the place of what was listed, what is gone is taken out, and what
//! a list leaves out of the others is not known.

use std::collections::{BTreeMap, BTreeSet};

use super::bodies::{Bodies, Body};
use super::{canonical, read};
use crate::catalog::{Catalog, Context, Definition, Get, Origin};
use crate::model::{Capture, Gap, Page, Scope, Unknown, Value};

impl Bodies<'_> {
    /// Lays second looks over the listings; whether that changed anything.
    pub(super) fn look_again(&mut self, capture: &Capture) -> bool {
        let mut pages: BTreeMap<&str, Vec<(&str, &Page)>> = BTreeMap::new();
        for page in &capture.pages {
            if let Some(object) = &page.scope.object {
                let of = pages.entry(page.listing.as_str()).or_default();
                of.push((object, page));
            }
        }
        let catalog = self.catalog;
        let mut changed = false;
        for listing in catalog.listings.keys().map(String::as_str) {
            let of = pages.remove(listing).unwrap_or_default();
            let partial = self.partial(listing);
            let refused = |gap: &Gap| gap.listing == listing && gap.scope.object.is_some();
            let named = !of.is_empty()
                || capture.looks.gone.iter().any(|(of, _)| of == listing)
                || !partial.is_empty() && self.gaps.iter().any(refused);
            if !named && partial.is_empty() {
                continue;
            }
            changed = true;
            let mut bodies = self.listings.remove(listing).unwrap_or_default();
            let names: Vec<Vec<String>> = bodies
                .iter()
                .map(|body| {
                    if named {
                        self.names(listing, body)
                    } else {
                        Vec::new()
                    }
                })
                .collect();
            let at: BTreeMap<&str, usize> = names
                .iter()
                .enumerate()
                .flat_map(|(at, names)| names.iter().map(move |name| (name.as_str(), at)))
                .collect();
            for (object, page) in of {
                self.replace(&mut bodies, at.get(object).copied(), page);
            }
            for (body, names) in bodies.iter_mut().zip(&names) {
                self.leave_out(body, listing, names, &partial);
            }
            let mut names = names.iter();
            let is_gone = |name: &String| {
                let key = (listing.to_owned(), name.clone());
                capture.looks.gone.contains(&key)
            };
            // What was added has no name here: it was read just now.
            bodies.retain(|_| !names.next().is_some_and(|names| names.iter().any(is_gone)));
            self.listings.insert(listing, bodies);
        }
        changed
    }

    /// The fields that a list leaves out, of all types that are read from it.
    fn partial(&self, listing: &str) -> Vec<Vec<String>> {
        let shown = shown(self.catalog, listing);
        shown
            .flat_map(|definition| definition.partial.iter().cloned())
            .collect()
    }

    /// The canonical names that a listed body has, one for each type that it is of.
    fn names(&self, listing: &str, body: &Body) -> Vec<String> {
        let context = Context {
            parent: self.parent(body, listing),
            lookup: Some(self),
            ..body.context()
        };
        let name = |definition: &Definition| {
            let attributes =
                read::attributes(definition, &body.value, &context, &mut Default::default());
            canonical(definition, &Value::Map(attributes), &context, self.catalog)
        };
        let shown = shown(self.catalog, listing).filter(|definition| {
            definition.get == Get::Named
                && (definition.only.iter()).all(|only| only.holds(&body.value, &context))
        });
        shown.filter_map(name).collect()
    }

    fn replace(&mut self, bodies: &mut Vec<Body>, at: Option<usize>, page: &Page) {
        let value = match serde_json::from_str::<Value>(page.body.get()) {
            Ok(value) => value,
            Err(error) => return self.gaps.push(super::bodies::strange(page, &error)),
        };
        match at {
            Some(at) => {
                bodies[at].value = value;
                bodies[at].looked = true;
            }
            None => bodies.push(Body {
                value,
                scope: Scope {
                    object: None,
                    ..page.scope.clone()
                },
                group: None,
                looked: true,
                partial: false,
            }),
        }
    }

    /// Says of what a list leaves out of an object that it is not known, unless the object was read by itself.
    fn leave_out(&self, body: &mut Body, listing: &str, names: &[String], partial: &[Vec<String>]) {
        if body.looked {
            return;
        }
        let refused = |gap: &&Gap| {
            let object = gap.scope.object.as_ref();
            gap.listing == listing && object.is_some_and(|object| names.contains(object))
        };
        let why = (self.gaps.iter().find(refused))
            .map_or(Unknown::NotListed, |gap| Unknown::Gap(gap.id()));
        for path in partial {
            let Some((field, around)) = path.split_last() else {
                continue;
            };
            let around = (around.iter()).try_fold(&mut body.value, |at, key| match at {
                Value::Map(map) => map.get_mut(key),
                _ => None,
            });
            if let Some(Value::Map(map)) = around
                && !map.contains_key(field)
            {
                map.insert(field.clone(), Value::Unknown(why.clone()));
                body.partial = true;
            }
        }
    }
}

/// The types whose objects the bodies of a listing are.
fn shown<'a>(catalog: &'a Catalog, listing: &'a str) -> impl Iterator<Item = &'a Definition> {
    catalog
        .definitions
        .values()
        .filter(move |definition| match &definition.origin {
            Origin::Listed => definition.rtype == listing,
            Origin::Within { parent, path } => path.is_empty() && parent == listing,
        })
}

/// The objects that were looked at again, whatever came of it.
pub(super) fn looked(capture: &Capture) -> BTreeSet<(String, String)> {
    let pages = capture
        .pages
        .iter()
        .map(|page| (&page.listing, &page.scope));
    let gaps = capture.gaps.iter().map(|gap| (&gap.listing, &gap.scope));
    let named = pages.chain(gaps).filter_map(|(listing, scope)| {
        let object = scope.object.as_ref()?;
        Some((listing.clone(), object.clone()))
    });
    named.chain(capture.looks.gone.iter().cloned()).collect()
}
