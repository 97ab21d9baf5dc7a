//! Pages to objects: the attributes the provider stores after import and read.
//!
//! General rules first: an attribute is read from the field its facts name (or its own name in camelCase), below the object
//! its block is read from; an object is a block of one, an array a block each, and what is absent is no block; numbers that
//! come as text become numbers. What is left is said in the definition, by the closed list of steps in
//! [`crate::catalog::expression`].

mod bodies;
mod kinds;
mod look;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::catalog::{Catalog, Context, Definition, Expression, Origin};
use crate::model::{Capture, Gap, Object, Owned, Scope, Value};
use bodies::{Bodies, Body};
pub use kinds::{Kinds, kinds};

/// What a capture says in the words of the provider.
#[derive(Debug, Default)]
pub struct Normalized {
    /// Objects, sorted by type and canonical name.
    pub objects: Vec<Object>,
    /// The same as google-beta reads them, where that is of other releases than google.
    pub beta: Vec<Object>,
    /// What could not be read: the capture's gaps, and bodies that make no sense.
    pub gaps: Vec<Gap>,
    /// What gave an answer, by type and name, where a resource outlives its object there ([`Definition::vanished`]).
    pub answered: BTreeSet<(String, String)>,
    /// Objects whose contents the provider does not read and leaves as state has them, by the listing of those contents, project
    /// and the object's key ([`crate::catalog::Per::keeps`]).
    pub kept: BTreeSet<(String, String, String)>,
    /// Objects that were looked at again, whatever came of it: listing and canonical name.
    pub looked: BTreeSet<(String, String)>,
    /// How many were to be looked at again at most; nothing where no second look was meant to be taken.
    pub most: Option<usize>,
}

/// Normalizes a capture.
pub fn normalize(capture: &Capture, catalog: &Catalog) -> Normalized {
    let bodies = Bodies::new(capture, catalog);
    let read = |(definition, listed): (&Definition, Listed<'_>)| {
        let answered = name_of_answer(&listed, definition, &bodies)
            .map(|name| (definition.rtype.clone(), name));
        let each = each(listed, &definition.each);
        (
            answered,
            each.iter()
                .filter_map(|each| object(each, definition, catalog, &bodies))
                .collect::<Vec<_>>(),
        )
    };
    let definitions = catalog.definitions.par_iter();
    let listed = definitions.flat_map(|(_, definition)| {
        bodies
            .of(definition)
            .into_par_iter()
            .map(move |body| (definition, body))
    });
    let (answered, objects): (Vec<_>, Vec<_>) = listed.map(read).unzip();
    let answered = answered.into_iter().flatten().collect();
    let mut objects: Vec<_> = objects.into_iter().flatten().collect();
    objects.sort_by(|a, b| (&a.rtype, &a.id).cmp(&(&b.rtype, &b.id)));
    objects.dedup_by(|a, b| a.rtype == b.rtype && a.id == b.id);
    let kept = bodies.kept();
    let mut gaps = bodies.gaps;
    gaps.sort();
    gaps.dedup();
    Normalized {
        objects,
        beta: catalog
            .beta()
            .map(|beta| normalize(capture, beta).objects)
            .unwrap_or_default(),
        gaps,
        answered,
        kept,
        looked: look::looked(capture),
        most: capture.looks.most,
    }
}

/// A body with what stands around it.
struct Listed<'a> {
    body: std::borrow::Cow<'a, Value>,
    parent: Option<&'a Value>,
    scope: &'a Scope,
    group: Option<&'a str>,
    partial: bool,
}

impl Listed<'_> {
    fn context<'c>(&'c self, bodies: &'c Bodies<'_>) -> Context<'c> {
        Context {
            root: Some(&self.body),
            parent: self.parent,
            project: &self.scope.project,
            location: self.scope.location.as_deref(),
            parent_key: self.scope.parent.as_deref(),
            group: self.group,
            lookup: Some(bodies),
        }
    }
}

impl<'a> Bodies<'a> {
    /// The bodies of a type, wherever they come from, completed by their parts.
    fn of<'b>(&'b self, definition: &'b Definition) -> Vec<Listed<'b>> {
        match &definition.origin {
            Origin::Listed => self
                .listing(&definition.rtype)
                .iter()
                .map(|body| self.complete(body, definition))
                .collect(),
            Origin::Within { parent, path } if path.is_empty() => self
                .listing(parent)
                .iter()
                .map(|body| self.complete(body, definition))
                .collect(),
            Origin::Within { parent, path } => {
                let owners = self.listing(parent);
                owners
                    .iter()
                    .flat_map(|owner| within(owner, path))
                    .collect()
            }
        }
    }

    fn complete<'b>(&'b self, body: &'b Body, definition: &'b Definition) -> Listed<'b> {
        let parent = self.parent(body, &definition.rtype);
        let mut whole = std::borrow::Cow::Borrowed(&body.value);
        for part in &definition.parts {
            if let (Some(value), Value::Map(map)) = (self.part(body, &part.listing), whole.to_mut())
            {
                map.insert(part.key.clone(), value);
            }
        }
        Listed {
            body: whole,
            parent,
            scope: &body.scope,
            group: body.group.as_deref(),
            partial: body.partial,
        }
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
        partial: owner.partial,
    };
    items.iter().map(listed).collect()
}

/// What a body holds, by the lists on a path: the members of an element that is an object are laid over what stands around its
/// list; another takes the list's place.
fn each<'a>(listed: Listed<'a>, path: &[String]) -> Vec<Listed<'a>> {
    let Some((key, rest)) = path.split_first() else {
        return vec![listed];
    };
    let Value::Map(mut around) = listed.body.into_owned() else {
        return Vec::new();
    };
    let Some(Value::List(elements)) = around.remove(key) else {
        return Vec::new();
    };
    let laid = |element| {
        let mut body = around.clone();
        match element {
            Value::Map(members) => body.extend(members),
            other => drop(body.insert(key.clone(), other)),
        }
        Listed {
            body: std::borrow::Cow::Owned(Value::Map(body)),
            ..listed
        }
    };
    elements
        .into_iter()
        .map(laid)
        .flat_map(|element| self::each(element, rest))
        .collect()
}

/// The name of what gave a body, where that is told apart from what is in it.
fn name_of_answer(
    listed: &Listed<'_>,
    definition: &Definition,
    bodies: &Bodies<'_>,
) -> Option<String> {
    let vanished = definition.vanished.as_ref()?;
    let context = listed.context(bodies);
    let attributes = Value::Map(read::attributes(
        definition,
        &listed.body,
        &context,
        &mut BTreeSet::new(),
    ));
    vanished
        .within
        .iter()
        .find_map(|template| template.fill(&attributes, &context))
}

/// One object; nothing if the body is not of this type, or has no name to be known by.
fn object(
    listed: &Listed<'_>,
    definition: &Definition,
    catalog: &Catalog,
    bodies: &Bodies<'_>,
) -> Option<Object> {
    let body = listed.body.as_ref();
    let context = listed.context(bodies);
    if !all(&definition.only, body, &context) {
        return None;
    }
    let mut absent_fields = BTreeSet::new();
    let mut attributes = read::attributes(definition, body, &context, &mut absent_fields);
    // What stands below a block is filled in where it is read.
    for (name, value) in definition
        .imported
        .iter()
        .filter(|(name, _)| !name.contains('.'))
    {
        attributes
            .entry(name.clone())
            .and_modify(|v| *v = value.clone())
            .or_insert_with(|| value.clone());
    }
    let whole = Value::Map(attributes);
    let (id, import_id, stored) = identify(definition, &whole, &context, catalog)?;
    let Value::Map(mut attributes) = whole else {
        return None;
    };
    attributes.insert("id".to_owned(), Value::Text(stored));
    Some(Object {
        rtype: definition.rtype.clone(),
        id,
        import_id,
        scope: listed.scope.clone(),
        attributes,
        absent_fields,
        hidden: bodies.hidden(definition, &listed.scope.project),
        observed: (definition.observed.iter())
            .filter_map(|(name, source)| {
                Some((name.clone(), source.value(body, &context)?.into_owned()))
            })
            .collect(),
        partial: listed.partial,
        owned: definition
            .owned
            .iter()
            .find(|c| all(&c.when, body, &context))
            .map(|c| Owned {
                reason: c.because.clone(),
            }),
        blocked: definition
            .blocked
            .iter()
            .find(|c| all(&c.when, body, &context))
            .map(|c| c.because.clone()),
    })
}

/// The attributes that the provider stores after import and read: what a read takes only as far as state has it is empty.
pub fn imported(
    definition: &Definition,
    attributes: &BTreeMap<String, Value>,
) -> BTreeMap<String, Value> {
    read::imported(definition, &definition.readers, attributes)
}

/// The attributes of one body that stands alone, as a read of the type leaves them.
pub fn read_body(
    definition: &Definition,
    body: &Value,
    scope: &Scope,
    catalog: &Catalog,
) -> BTreeMap<String, Value> {
    let nothing = Capture::default();
    let bodies = Bodies::new(&nothing, catalog);
    let listed = Listed {
        body: std::borrow::Cow::Borrowed(body),
        parent: None,
        scope,
        group: None,
        partial: false,
    };
    let context = listed.context(&bodies);
    let mut attributes = read::attributes(definition, body, &context, &mut BTreeSet::new());
    for (name, value) in definition
        .imported
        .iter()
        .filter(|(name, _)| !name.contains('.'))
    {
        attributes.insert(name.clone(), value.clone());
    }
    attributes
}

fn all(conditions: &[Expression], body: &Value, context: &Context<'_>) -> bool {
    conditions
        .iter()
        .all(|condition| condition.holds(body, context))
}

/// Canonical name, import id and stored id of attributes.
fn identify(
    definition: &Definition,
    here: &Value,
    context: &Context<'_>,
    catalog: &Catalog,
) -> Option<(String, String, String)> {
    let id = canonical(definition, here, context, catalog)?;
    let import_id = definition
        .import_id
        .iter()
        .find_map(|template| template.fill(here, context))?;
    let stored = definition
        .stored_id
        .iter()
        .find_map(|template| template.fill(here, context));
    let stored = stored.unwrap_or_else(|| import_id.clone());
    Some((id, import_id, stored))
}

/// The canonical name that a set of attributes stands for, in the cloud or in state: `//API/PATH`.
pub fn canonical(
    definition: &Definition,
    attributes: &Value,
    context: &Context<'_>,
    catalog: &Catalog,
) -> Option<String> {
    let path = definition
        .identity
        .iter()
        .find_map(|template| template.fill(attributes, context))?;
    let api = catalog
        .services
        .get(&definition.service)
        .map_or(definition.service.as_str(), |service| &service.api);
    Some(format!("//{api}/{path}"))
}

#[cfg(test)]
mod tests;
