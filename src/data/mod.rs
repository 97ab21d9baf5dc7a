//! Data sources: what configuration asks of the cloud while tofu plans, answered from what was read of it.
//!
//! What a scan has read anyway is not asked again. What has not been read is demanded ([`DataSources::demands`]): the edge reads
//! it, and configuration is evaluated again over the larger capture, until nothing new is demanded.

mod policy;
mod read;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::catalog::{Ask, Catalog, Context, DataRule, DataSource};
use crate::model::{
    Capture, Demand, Gap, GapReason, NotEvaluated, Object, Page, ProviderConfig, Unknown, Value,
};
use crate::normalize::{Normalized, canonical};

/// What answers data sources.
#[derive(Debug)]
pub struct DataSources<'a> {
    catalog: &'a Catalog,
    /// Objects of the scan, by type and canonical name.
    objects: HashMap<(&'a str, &'a str), &'a Object>,
    /// Answers by listing and path.
    pages: HashMap<(&'a str, &'a str), Vec<&'a Page>>,
    /// What could not be read, by listing and path.
    gaps: HashMap<(&'a str, &'a str), &'a Gap>,
    demands: RefCell<BTreeSet<Demand>>,
}

/// The arguments that identify an object, with what the provider's configuration and other arguments add.
type Arguments = BTreeMap<String, Value>;

impl<'a> DataSources<'a> {
    /// Data sources over a capture and what it says.
    pub fn new(catalog: &'a Catalog, capture: &'a Capture, seen: &'a Normalized) -> Self {
        let mut pages: HashMap<_, Vec<&Page>> = HashMap::new();
        for page in capture
            .pages
            .iter()
            .filter(|page| is_demanded(&page.listing))
        {
            let path = page.scope.parent.as_deref().unwrap_or_default();
            pages
                .entry((page.listing.as_str(), path))
                .or_default()
                .push(page);
        }
        let gaps = capture.gaps.iter().filter(|gap| is_demanded(&gap.listing));
        let at = |gap: &'a Gap| {
            let path = gap.scope.parent.as_deref().unwrap_or_default();
            ((gap.listing.as_str(), path), gap)
        };
        let objects = seen.objects.iter();
        Self {
            catalog,
            objects: objects
                .map(|o| ((o.rtype.as_str(), o.id.as_str()), o))
                .collect(),
            pages,
            gaps: gaps.map(at).collect(),
            demands: RefCell::default(),
        }
    }

    /// What was asked for and is not in the capture.
    pub fn demands(&self) -> BTreeSet<Demand> {
        self.demands.borrow().clone()
    }

    /// The attributes of a data source with these arguments, or why they are not known; nothing where it has no definition.
    pub fn read(
        &self,
        address: &str,
        rtype: &str,
        written: &BTreeMap<String, Value>,
        provider: Option<&ProviderConfig>,
    ) -> Option<Arc<Value>> {
        let source = self.catalog.data_sources.get(rtype)?;
        let arguments = arguments(source, written, provider);
        let read = match self.attributes(source, &arguments, address) {
            Ok(attributes) => Value::Map(self.completed(source, written, &arguments, attributes)),
            Err(why) => Value::Unknown(why),
        };
        Some(Arc::new(read))
    }

    fn attributes(
        &self,
        source: &DataSource,
        arguments: &Arguments,
        address: &str,
    ) -> Result<Arguments, Unknown> {
        if let Some(DataRule::IamPolicy) = source.rule {
            return policy::document(arguments).ok_or(Unknown::ProviderRule);
        }
        if let Some(object) = self.mirrored(source, arguments) {
            return Ok(read::of_object(self.catalog, source, object));
        }
        let mut body: Option<Value> = None;
        for ask in &source.asks {
            let answer = self.answer(ask, arguments, address)?;
            match (&ask.key, &mut body) {
                (Some(key), Some(Value::Map(whole))) => _ = whole.insert(key.clone(), answer),
                (Some(key), other) => {
                    *other = Some(Value::Map(BTreeMap::from([(key.clone(), answer)])));
                }
                (None, other) => *other = Some(read::selected(answer, ask, source, arguments)),
            }
        }
        let body = body.unwrap_or_else(|| Value::Map(BTreeMap::new()));
        Ok(read::of_body(self.catalog, source, arguments, body))
    }

    /// The object of the scan that a data source shows.
    fn mirrored(&self, source: &DataSource, arguments: &Arguments) -> Option<&'a Object> {
        let (mirrored, definition) = self
            .catalog
            .definitions
            .get_key_value(source.mirrors.as_ref()?)?;
        let id = canonical(
            definition,
            &Value::Map(arguments.clone()),
            &context(arguments),
            self.catalog,
        )?;
        self.objects.get(&(mirrored.as_str(), id.as_str())).copied()
    }

    /// The answer to a request, all its pages as one; what was not asked yet is demanded.
    fn answer(&self, ask: &Ask, arguments: &Arguments, address: &str) -> Result<Value, Unknown> {
        let unread = || Unknown::from(NotEvaluated::DataSource(address.into()));
        let here = Value::Map(arguments.clone());
        let path = ask
            .path
            .fill(&here, &context(arguments))
            .ok_or_else(unread)?;
        let at = (ask.listing.as_str(), path.as_str());
        if let Some(gap) = self.gaps.get(&at) {
            let refused = matches!(
                gap.reason,
                GapReason::PermissionDenied | GapReason::ApiDisabled
            );
            if ask.may_be_refused && refused {
                return Ok(Value::Null);
            }
            return Err(Unknown::Gap(gap.id()));
        }
        match self.pages.get(&at) {
            Some(pages) => read::joined(pages, &ask.items).ok_or_else(unread),
            None => {
                let project = arguments.get("project").and_then(Value::as_text);
                self.demands.borrow_mut().insert(Demand {
                    listing: ask.listing.clone(),
                    project: project.unwrap_or_default().to_owned(),
                    path,
                });
                Err(unread())
            }
        }
    }

    /// What was read with what is written, the id, and what is never read.
    fn completed(
        &self,
        source: &DataSource,
        written: &BTreeMap<String, Value>,
        arguments: &Arguments,
        read: Arguments,
    ) -> Arguments {
        let mut all = read;
        for (name, value) in written.iter().filter(|(_, value)| **value != Value::Null) {
            all.entry(name.clone()).or_insert_with(|| value.clone());
        }
        let mut here = all.clone();
        for (name, value) in arguments {
            here.entry(name.clone()).or_insert_with(|| value.clone());
        }
        let here = Value::Map(here);
        let id = source
            .id
            .as_ref()
            .and_then(|id| id.fill(&here, &context(arguments)));
        all.remove("id");
        if let Some(id) = id {
            all.insert("id".to_owned(), Value::text(id));
        }
        for name in &source.secret {
            all.insert(name.clone(), Value::Unknown(Unknown::Redacted));
        }
        all
    }
}

/// Whether a listing is one of data sources.
pub fn is_demanded(listing: &str) -> bool {
    listing.starts_with("data.")
}

fn context(arguments: &Arguments) -> Context<'_> {
    let text = |name: &str| arguments.get(name).and_then(Value::as_text);
    Context {
        project: text("project").unwrap_or_default(),
        location: text("location"),
        ..Context::default()
    }
}

/// What is written, what that implies, and what the provider's configuration says where neither does.
fn arguments(
    source: &DataSource,
    written: &BTreeMap<String, Value>,
    provider: Option<&ProviderConfig>,
) -> Arguments {
    let mut all: Arguments = (written.iter())
        .filter(|(_, value)| **value != Value::Null && value.as_text() != Some(""))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    derive(source, &mut all);
    let Some(provider) = provider else { return all };
    let text = |text: &Option<String>| text.clone().map(Value::Text);
    for name in &source.defaults {
        let value = match name.as_str() {
            "project" => text(&provider.project),
            "region" => text(&provider.region),
            "zone" => text(&provider.zone),
            "location" => text(&provider.region).or_else(|| text(&provider.zone)),
            "default_labels" => Some(Value::Map(provider.default_labels.clone())),
            _ => None,
        };
        if let Some(value) = value {
            all.entry(name.clone()).or_insert(value);
        }
    }
    // What the provider's configuration says may imply more.
    derive(source, &mut all);
    all
}

fn derive(source: &DataSource, all: &mut Arguments) {
    for (name, template) in &source.derived {
        if !all.contains_key(name) {
            let text = template.fill(&Value::Map(all.clone()), &context(all));
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                all.insert(name.clone(), Value::Text(text));
            }
        }
    }
}
