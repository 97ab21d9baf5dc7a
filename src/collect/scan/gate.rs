//! What is asked only where the project has the API enabled: one list tells.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use super::job::{Job, Target};
use super::plan;
use crate::catalog::{Catalog, Expression, Listing};
use crate::collect::envelope::Envelope;
use crate::model::{Page, Value};

/// The listing that says which APIs a project has enabled.
#[derive(Debug)]
pub(in crate::collect) struct Gate {
    /// Its place in the plan.
    listing: usize,
    /// The path of the objects in a body.
    items: Vec<String>,
    /// The name of the API, over an object.
    api: Expression,
}

impl Gate {
    /// The gate, if what lists the APIs is among the listings of a run.
    pub fn among(catalog: &Catalog, listings: &[&Listing]) -> Option<Self> {
        let enabled = catalog.enabled.as_ref()?;
        let mut names = listings.iter();
        let listing = names.position(|listing| listing.name == enabled.listing)?;
        Some(Self {
            listing,
            items: listings[listing].items.clone(),
            api: enabled.api.clone(),
        })
    }

    /// Whether a request is for it.
    pub fn is_asked(&self, job: &Job) -> bool {
        matches!(job.target, Target::Listing(at) if at == self.listing)
    }

    /// The APIs that a page names; nothing where it cannot be told.
    pub fn named(&self, page: &Page) -> Option<BTreeSet<String>> {
        let envelope = Envelope::read(&page.body, &self.items).ok()?;
        let context = plan::context(&page.scope, None);
        let api = |object: &RawValue| {
            let object: Value = serde_json::from_str(object.get()).ok()?;
            self.api.text(&object, &context)
        };
        let objects = envelope.objects.into_iter();
        Some(objects.filter_map(|(_, object)| api(object)).collect())
    }
}
