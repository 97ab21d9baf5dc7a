//! Pages to objects: the attributes the provider stores after import and read.
//!
//! General rules first: an attribute is read from the field its facts name (or its own name in camelCase), below the object
//! its block is read from; an object is a block of one, an array a block each, and what is absent is no block; numbers that
//! come as text become numbers. What is left is said in the definition, by the closed list of steps in
//! [`crate::catalog::expression`].

mod bodies;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, Context, Definition, Expression, Origin};
use crate::model::{Capture, Gap, Object, Owned, Scope, Value};
use bodies::{Bodies, Body};

/// What a capture says in the words of the provider.
#[derive(Debug, Default)]
pub struct Normalized {
    /// Objects, sorted by type and canonical name.
    pub objects: Vec<Object>,
    /// What could not be read: the capture's gaps, and bodies that make no sense.
    pub gaps: Vec<Gap>,
}

/// Normalizes a capture.
pub fn normalize(capture: &Capture, catalog: &Catalog) -> Normalized {
    let bodies = Bodies::new(capture, catalog);
    let mut objects = Vec::new();
    for definition in catalog.definitions.values() {
        for listed in bodies.of(definition) {
            objects.extend(object(&listed, definition, catalog, &bodies));
        }
    }
    objects.sort_by(|a, b| (&a.rtype, &a.id).cmp(&(&b.rtype, &b.id)));
    objects.dedup_by(|a, b| a.rtype == b.rtype && a.id == b.id);
    let mut gaps = bodies.gaps;
    gaps.sort();
    gaps.dedup();
    Normalized { objects, gaps }
}

/// A body with what stands around it.
struct Listed<'a> {
    body: std::borrow::Cow<'a, Value>,
    parent: Option<&'a Value>,
    scope: &'a Scope,
    group: Option<&'a str>,
}

impl<'a> Bodies<'a> {
    /// The bodies of a type, wherever they come from, completed by their parts.
    fn of<'b>(&'b self, definition: &'b Definition) -> Vec<Listed<'b>> {
        match &definition.origin {
            Origin::Listed => self.listing(&definition.rtype).iter().map(|body| self.complete(body, definition)).collect(),
            Origin::Within { parent, path } if path.is_empty() => {
                self.listing(parent).iter().map(|body| self.complete(body, definition)).collect()
            }
            Origin::Within { parent, path } => {
                let owners = self.listing(parent);
                owners.iter().flat_map(|owner| within(owner, path)).collect()
            }
        }
    }

    fn complete<'b>(&'b self, body: &'b Body, definition: &'b Definition) -> Listed<'b> {
        let parent = self.parent(body, &definition.rtype);
        let mut whole = std::borrow::Cow::Borrowed(&body.value);
        for part in &definition.parts {
            if let (Some(value), Value::Map(map)) = (self.part(body, &part.listing), whole.to_mut()) {
                map.insert(part.key.clone(), value);
            }
        }
        Listed { body: whole, parent, scope: &body.scope, group: body.group.as_deref() }
    }
}

/// Objects that lie inside the body of another.
fn within<'a>(owner: &'a Body, path: &[String]) -> Vec<Listed<'a>> {
    let mut at = Some(&owner.value);
    for key in path {
        at = at.and_then(|value| value.get(key));
    }
    let items = at.and_then(Value::as_list).unwrap_or_default();
    let listed = |body| Listed {
        body: std::borrow::Cow::Borrowed(body),
        parent: Some(&owner.value),
        scope: &owner.scope,
        group: owner.group.as_deref(),
    };
    items.iter().map(listed).collect()
}

/// One object; nothing if the body is not of this type, or has no name to be known by.
fn object(listed: &Listed<'_>, definition: &Definition, catalog: &Catalog, bodies: &Bodies<'_>) -> Option<Object> {
    let body = listed.body.as_ref();
    let context = Context {
        root: Some(body),
        parent: listed.parent,
        project: &listed.scope.project,
        location: listed.scope.location.as_deref(),
        parent_key: listed.scope.parent.as_deref(),
        group: listed.group,
        lookup: Some(bodies),
    };
    if !all(&definition.only, body, &context) {
        return None;
    }
    let mut silent = BTreeSet::new();
    let mut attributes = read::attributes(definition, body, &context, &mut silent);
    // What stands below a block is filled in where it is read.
    for (name, value) in definition.imported.iter().filter(|(name, _)| !name.contains('.')) {
        attributes.entry(name.clone()).and_modify(|v| *v = value.clone()).or_insert_with(|| value.clone());
    }
    let (id, import_id, stored) = identify(definition, &attributes, &context, catalog)?;
    attributes.insert("id".to_owned(), Value::Text(stored));
    Some(Object {
        rtype: definition.rtype.clone(),
        id,
        import_id,
        scope: listed.scope.clone(),
        attributes,
        silent,
        owned: definition.owned.iter().find(|c| all(&c.when, body, &context)).map(|c| Owned { reason: c.because.clone() }),
        blocked: definition.blocked.iter().find(|c| all(&c.when, body, &context)).map(|c| c.because.clone()),
    })
}

/// The attributes that the provider stores after import and read: what a read takes only as far as state has it is empty.
pub fn imported(definition: &Definition, attributes: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    read::imported(definition, &definition.readers, attributes)
}

fn all(conditions: &[Expression], body: &Value, context: &Context<'_>) -> bool {
    conditions.iter().all(|condition| condition.holds(body, context))
}

/// Canonical name, import id and stored id of attributes.
fn identify(
    definition: &Definition,
    attributes: &BTreeMap<String, Value>,
    context: &Context<'_>,
    catalog: &Catalog,
) -> Option<(String, String, String)> {
    let here = Value::Map(attributes.clone());
    let id = canonical(definition, &here, context, catalog)?;
    let import_id = definition.import_id.iter().find_map(|template| template.fill(&here, context))?;
    let stored = definition.stored_id.as_ref().and_then(|template| template.fill(&here, context));
    let stored = stored.unwrap_or_else(|| import_id.clone());
    Some((id, import_id, stored))
}

/// The canonical name that a set of attributes stands for, in the cloud or in state: `//API/PATH`.
pub fn canonical(definition: &Definition, attributes: &Value, context: &Context<'_>, catalog: &Catalog) -> Option<String> {
    let path = definition.identity.iter().find_map(|template| template.fill(attributes, context))?;
    let api = catalog.services.get(&definition.service).map_or(definition.service.as_str(), |service| &service.api);
    Some(format!("//{api}/{path}"))
}

#[cfg(test)]
mod tests;
