//! Objects of clusters: kinds are read like resource types, and no resource manages them.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::{all, read};
use crate::catalog::{Catalog, ClusterKind, Context, Sight};
use crate::model::{Capture, Gap, Object, Owned, Page, Unknown, Value};

/// What a capture has of clusters.
#[derive(Debug, Default)]
pub struct Kinds {
    /// Objects, sorted by type and canonical name.
    pub objects: Vec<Object>,
    /// Bodies that make no sense.
    pub gaps: Vec<Gap>,
    /// The types that were asked for.
    pub asked: BTreeSet<String>,
}

/// The path of objects in the body of a list of a control plane.
const ITEMS: &str = "items";

/// Reads what a capture has of clusters.
pub fn kinds(capture: &Capture, catalog: &Catalog) -> Kinds {
    let pages = capture.pages.par_iter();
    let read =
        pages.filter_map(|page| Some(objects(page, catalog.kinds.get(&page.listing)?, catalog)));
    let mut out = Kinds::default();
    for page in read.collect::<Vec<_>>() {
        match page {
            Ok(objects) => out.objects.extend(objects),
            Err(gap) => out.gaps.push(*gap),
        }
    }
    out.objects
        .sort_by(|a, b| (&a.rtype, &a.id).cmp(&(&b.rtype, &b.id)));
    out.objects
        .dedup_by(|a, b| a.rtype == b.rtype && a.id == b.id);
    let asked = capture
        .asked
        .iter()
        .filter(|name| catalog.kinds.get(name).is_some());
    out.asked = asked.cloned().collect();
    out
}

fn objects(page: &Page, kind: &ClusterKind, catalog: &Catalog) -> Result<Vec<Object>, Box<Gap>> {
    let body: Value = serde_json::from_str(page.body.get())
        .map_err(|error| Box::new(super::bodies::strange(page, &error)))?;
    let items = match (kind.sight, &catalog.kinds.clusters) {
        (Sight::Registry, Some(clusters)) => clusters.images.items.clone(),
        (Sight::Registry | Sight::Whole | Sight::Metadata | Sight::Veiled, _) => {
            vec![ITEMS.to_owned()]
        }
    };
    let found = items.iter().try_fold(&body, |at, key| at.get(key));
    let found = found.and_then(Value::as_list).unwrap_or_default();
    let each = found.iter();
    Ok(each
        .filter_map(|body| object(body, page, kind, catalog))
        .collect())
}

fn object(body: &Value, page: &Page, kind: &ClusterKind, catalog: &Catalog) -> Option<Object> {
    let definition = &kind.definition;
    let context = Context {
        root: Some(body),
        project: &page.scope.project,
        location: page.scope.location.as_deref(),
        parent_key: page.scope.parent.as_deref(),
        ..Context::default()
    };
    if !all(&definition.only, body, &context) {
        return None;
    }
    let mut attributes: BTreeMap<String, Value> =
        read::attributes(definition, body, &context, &mut BTreeSet::new());
    for (name, condition) in &kind.unknown {
        if condition.holds(body, &context) {
            attributes.insert(name.clone(), Value::Unknown(Unknown::NotListed));
        }
    }
    let whole = Value::Map(attributes);
    let path = definition
        .identity
        .iter()
        .find_map(|template| template.fill(&whole, &context))?;
    let mut short = definition.import_id.iter();
    let short = short.find_map(|template| template.fill(&whole, &context));
    let Value::Map(attributes) = whole else {
        return None;
    };
    let owned = definition.owned.iter();
    let owned = owned
        .filter(|condition| all(&condition.when, body, &context))
        .map(|condition| Owned {
            reason: condition.because.clone(),
        })
        .next();
    Some(Object {
        rtype: definition.rtype.clone(),
        id: format!("//{}/{path}", api(kind, catalog)),
        import_id: short.unwrap_or(path),
        scope: page.scope.clone(),
        attributes,
        absent_fields: BTreeSet::new(),
        hidden: BTreeMap::new(),
        observed: Default::default(),
        partial: false,
        owned,
        blocked: None,
    })
}

/// The API in whose names objects of a kind have theirs: that of the clusters, or of the service that has it.
fn api<'a>(kind: &'a ClusterKind, catalog: &'a Catalog) -> &'a str {
    let own = kind.definition.service.as_str();
    let clusters = catalog.kinds.clusters.as_ref();
    let around = || catalog.definition(&clusters?.listing);
    let service = catalog.services.get(own);
    let service = service.or_else(|| catalog.services.get(&around()?.service));
    service.map_or(own, |service| &service.api)
}
