//! The bodies of a capture, by listing, and how they hang together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;
use serde_json::value::RawValue;

use crate::catalog::{Catalog, Context, Definition, Listing, Lookup, Per};
use crate::model::{Capture, Gap, GapReason, Page, Scope, Value};
use crate::model::{GapId, Unknown};

/// One object's body, as listed or as read by itself.
#[derive(Clone)]
pub(super) struct Body {
    pub value: Value,
    pub scope: Scope,
    pub group: Option<String>,
    /// Whether it was read by itself.
    pub looked: bool,
    /// Whether something of it is not known because the list leaves it out.
    pub partial: bool,
}

/// All bodies of a capture.
pub(super) struct Bodies<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) listings: BTreeMap<&'a str, Vec<Body>>,
    /// Parents by listing, project and key.
    parents: HashMap<(&'a str, String, String), usize>,
    /// Objects of further listings by listing and link from `projects/` on.
    links: HashMap<(&'a str, String), (&'a str, usize)>,
    /// The first answer of a listing by project and the parent it was asked for.
    parts: HashMap<(&'a str, String, String), usize>,
    /// The listings that were asked; none named means all there are.
    asked: Vec<String>,
    /// Permissions that the caller is known to have: project and permission.
    held: BTreeSet<(String, String)>,
    /// The capture's gaps, and bodies that make no sense.
    pub gaps: Vec<Gap>,
}

impl<'a> Bodies<'a> {
    pub fn new(capture: &Capture, catalog: &'a Catalog) -> Self {
        let mut this = Self {
            catalog,
            listings: BTreeMap::new(),
            parents: HashMap::new(),
            links: HashMap::new(),
            parts: HashMap::new(),
            asked: capture.asked.clone(),
            held: capture.looks.held.clone(),
            gaps: capture.gaps.clone(),
        };
        let read = |page: &Page| {
            let listing = catalog.listings.get(&page.listing)?;
            Some((listing.name.as_str(), items(page, listing)))
        };
        let listed = capture.pages.par_iter();
        let listed = listed.filter(|page| page.scope.object.is_none());
        let read: Vec<_> = listed.filter_map(read).collect();
        for (name, found) in read {
            match found {
                Ok(found) => this.listings.entry(name).or_default().extend(found),
                Err(gap) => this.gaps.push(*gap),
            }
        }
        this.index();
        if this.look_again(capture) {
            this.index();
        }
        this
    }

    fn index(&mut self) {
        self.parents.clear();
        self.links.clear();
        self.parts.clear();
        let parts = self
            .catalog
            .definitions
            .values()
            .flat_map(|definition| &definition.parts);
        for name in parts.map(|part| part.listing.as_str()) {
            for (at, body) in self.listings.get(name).into_iter().flatten().enumerate() {
                if let Some(parent) = &body.scope.parent {
                    self.parts
                        .entry((name, body.scope.project.clone(), parent.clone()))
                        .or_insert(at);
                }
            }
        }
        for listing in self.catalog.listings.values() {
            if let Per::Parent {
                listing: owner,
                key,
                ..
            } = &listing.per
            {
                for (at, body) in self
                    .listings
                    .get(owner.as_str())
                    .into_iter()
                    .flatten()
                    .enumerate()
                {
                    if let Some(name) = key.text(&body.value, &body.context()) {
                        self.parents.insert(
                            (listing.name.as_str(), body.scope.project.clone(), name),
                            at,
                        );
                    }
                }
            }
            for (at, body) in self
                .listings
                .get(listing.name.as_str())
                .into_iter()
                .flatten()
                .enumerate()
            {
                if let Some(link) = body.value.get("selfLink").and_then(Value::as_text) {
                    self.links.insert(
                        (listing.name.as_str(), relative(link)),
                        (listing.name.as_str(), at),
                    );
                }
            }
        }
    }

    /// The bodies of a listing.
    pub fn listing(&self, name: &str) -> &[Body] {
        self.listings.get(name).map_or(&[], Vec::as_slice)
    }

    /// The attributes that answers leave out for want of a permission that the caller may lack.
    pub fn hidden(&self, definition: &Definition, project: &str) -> BTreeMap<String, String> {
        let open = definition.hidden.iter().filter(|(_, permission)| {
            let key = (project.to_owned(), (*permission).clone());
            !self.held.contains(&key)
        });
        open.map(|(name, permission)| (name.clone(), permission.clone()))
            .collect()
    }

    /// The objects whose contents stay as state has them: by the listing of the contents, project and the object's key.
    pub fn kept(&self) -> BTreeSet<(String, String, String)> {
        let mut out = BTreeSet::new();
        for listing in self.catalog.listings.values() {
            let Per::Parent {
                listing: owner,
                key,
                ..
            } = &listing.per
            else {
                continue;
            };
            for body in self.listing(owner) {
                let context = body.context();
                if listing.per.keeps(&body.value, &context)
                    && let Some(key) = key.text(&body.value, &context)
                {
                    out.insert((listing.name.clone(), body.scope.project.clone(), key));
                }
            }
        }
        out
    }

    /// The body of the parent that a listing was asked for.
    pub fn parent(&self, body: &Body, listing: &str) -> Option<&Value> {
        let listing = self.catalog.listings.get(listing)?;
        let Per::Parent { listing: owner, .. } = &listing.per else {
            return None;
        };
        let key = (
            listing.name.as_str(),
            body.scope.project.clone(),
            body.scope.parent.clone()?,
        );
        self.listing(owner)
            .get(*self.parents.get(&key)?)
            .map(|parent| &parent.value)
    }

    /// What a further listing says of an object: its body, or that it could not be read.
    pub fn part(&self, body: &Body, listing: &str) -> Option<Value> {
        let listing = self.catalog.listings.get(listing)?;
        let Per::Parent { key, when, .. } = &listing.per else {
            return None;
        };
        let context = body.context();
        let unasked = listing.on_demand && !self.asked.is_empty();
        if unasked && !self.asked.contains(&listing.name) {
            let asked_for = when.iter().all(|when| when.holds(&body.value, &context));
            return asked_for
                .then(|| Value::Unknown(Unknown::NotAsked(listing.name.as_str().into())));
        }
        let listing = listing.name.as_str();
        let at = (
            listing,
            body.scope.project.clone(),
            key.text(&body.value, &context)?,
        );
        if let Some(part) = self
            .parts
            .get(&at)
            .and_then(|at| self.listing(listing).get(*at))
        {
            return Some(part.value.clone());
        }
        let asked = |scope: &Scope| scope.project == at.1 && scope.parent.as_ref() == Some(&at.2);
        let gap = self
            .gaps
            .iter()
            .find(|gap| gap.listing == listing && asked(&gap.scope))?;
        Some(Value::Unknown(Unknown::Gap(gap.id())))
    }
}

impl Body {
    pub(super) fn context(&self) -> Context<'_> {
        Context {
            root: Some(&self.value),
            project: &self.scope.project,
            location: self.scope.location.as_deref(),
            parent_key: self.scope.parent.as_deref(),
            group: self.group.as_deref(),
            ..Context::default()
        }
    }
}

impl Lookup for Bodies<'_> {
    fn find(&self, listing: &str, link: &str) -> Option<&Value> {
        let listing = self.catalog.listings.get(listing)?;
        let (name, at) = self.links.get(&(listing.name.as_str(), relative(link)))?;
        self.listing(name).get(*at).map(|body| &body.value)
    }

    fn incomplete(&self, listing: &str) -> Option<GapId> {
        self.gaps
            .iter()
            .find(|gap| gap.listing == listing)
            .map(Gap::id)
    }
}

/// A link without what stands before `projects/`.
fn relative(link: &str) -> String {
    link.find("projects/")
        .map_or(link, |at| &link[at..])
        .to_owned()
}

/// The objects on a page.
fn items(page: &Page, listing: &Listing) -> Result<Vec<Body>, Box<Gap>> {
    let body = |value, group| Body {
        value,
        scope: page.scope.clone(),
        group,
        looked: false,
        partial: false,
    };
    let mut out = Vec::new();
    let parsed: Value = serde_json::from_str(RawValue::get(&page.body))
        .map_err(|error| Box::new(strange(page, &error)))?;
    gather(parsed, &listing.items, None, &mut |value, group| {
        if !is_placeholder(&value) && !is_nameless(&value) {
            out.push(body(value, group));
        }
    });
    Ok(out)
}

/// Whether an object stands for all those of a location that did not answer (`…/locations/L/instances/-`): no object, and a gap
/// that the collector has noted.
fn is_placeholder(body: &Value) -> bool {
    body.get("name")
        .and_then(Value::as_text)
        .is_some_and(|name| name.ends_with("/-"))
}

/// Whether an object has something other than text for a name: it is known to nobody by it, and the collector has noted a gap.
fn is_nameless(body: &Value) -> bool {
    let name = body.get("name");
    name.is_some_and(|name| !matches!(name, Value::Text(_) | Value::Null))
}

/// Goes down a path of keys, `*` standing for every key of a map and `a|b` for whichever is there, to the elements of the list at
/// its end.
fn gather(
    value: Value,
    path: &[String],
    group: Option<String>,
    found: &mut impl FnMut(Value, Option<String>),
) {
    match (path.split_first(), value) {
        (None, Value::List(items)) => items
            .into_iter()
            .for_each(|item| found(item, group.clone())),
        (None, Value::Null) => {}
        (None, value) => found(value, group),
        (Some((key, rest)), Value::Map(mut map)) => {
            if key == "*" {
                for (name, inner) in map {
                    gather(inner, rest, Some(name), found);
                }
            } else if let Some(inner) = key.split('|').find_map(|key| map.remove(key)) {
                gather(inner, rest, group, found);
            }
        }
        _ => {}
    }
}

pub(super) fn strange(page: &Page, error: &serde_json::Error) -> Gap {
    Gap {
        listing: page.listing.clone(),
        scope: page.scope.clone(),
        reason: GapReason::UnexpectedBody,
        detail: format!("the answer to {} is not JSON: {error}", page.request),
        fix: "ask again; if it stays so, report it with the request named here".to_owned(),
    }
}
