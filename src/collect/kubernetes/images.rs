//! What a registry has of the images that workloads name: the repositories among them, of projects that were read, are listed.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::catalog::{AttributeReader, Catalog, ClusterKind, Context, Sight};
use crate::collect::api_error::{ApiError, Asked, Failure};
use crate::collect::endpoint::{Endpoint, path_part, query_part};
use crate::collect::settings::Settings;
use crate::collect::transport::{Channel, Method, Transport};
use crate::model::{Capture, Gap, Page, Scope, Value};

/// Most pages of one repository.
const MOST_PAGES: usize = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paged {
    #[serde(default)]
    next_page_token: String,
}

/// Lists the repositories that the objects of `read` name, as far as they are of projects in `projects`.
///
/// # Errors
/// One line, where the variable of the registry's endpoint cannot be used.
pub(super) async fn images(
    catalog: &Catalog,
    settings: &Settings,
    transport: &Transport,
    read: &Capture,
    projects: &[String],
) -> Result<Capture, String> {
    let mut out = Capture::default();
    let registry = |kind: &&ClusterKind| kind.sight == Sight::Registry;
    let Some(kind) = catalog.kinds.all.values().find(registry) else {
        return Ok(out);
    };
    let known = catalog.kinds.clusters.as_ref();
    let Some(images) = known.map(|clusters| &clusters.images) else {
        return Ok(out);
    };
    let Some(service) = catalog.services.get(&images.service) else {
        return Ok(out);
    };
    let channel = Channel::new(Endpoint::new(&service.base, &service.endpoint, settings)?);
    for repository in repositories(catalog, read, &images.named) {
        let project = repository.split('/').nth(1).unwrap_or_default();
        if !projects.iter().any(|one| one == project) {
            continue;
        }
        let here = Value::Map([("value".to_owned(), Value::text(&repository))].into());
        let context = Context::default();
        let Some(path) = images.path.fill_with(&here, &context, path_part) else {
            continue;
        };
        let scope = Scope {
            project: project.to_owned(),
            location: repository.split('/').nth(3).map(str::to_owned),
            parent: Some(repository.clone()),
            object: None,
        };
        let list = Repository {
            path,
            query: &images.query,
            scope,
            kind,
        };
        if let Err(failure) = list.pages(transport, &channel, &mut out).await {
            // One that is not there has no images; that it is named is told by who names it.
            if matches!(failure, Failure::Refused(ApiError { status: 404, .. })) {
                continue;
            }
            let finding = failure.finding(&Asked {
                api: &service.api,
                project: &list.scope.project,
                permission: &kind.permission,
                below: true,
            });
            out.gaps.push(Gap {
                listing: kind.definition.rtype.clone(),
                scope: list.scope,
                reason: finding.reason,
                detail: finding.detail,
                fix: finding.fix,
            });
        }
    }
    Ok(out)
}

struct Repository<'a> {
    path: String,
    query: &'a [(String, String)],
    scope: Scope,
    kind: &'a ClusterKind,
}

impl Repository<'_> {
    async fn pages(
        &self,
        transport: &Transport,
        channel: &Channel,
        out: &mut Capture,
    ) -> Result<(), Failure> {
        let mut token = String::new();
        for _ in 0..MOST_PAGES {
            let request = self.request(&token);
            let sent = transport
                .send(channel, Method::Get, &request, &self.scope.project)
                .await?;
            let paged: Paged = serde_json::from_str(sent.body.get())
                .map_err(|error| Failure::Body(error.to_string()))?;
            out.pages.push(Page {
                listing: self.kind.definition.rtype.clone(),
                scope: self.scope.clone(),
                request: format!("{}{request}", channel.endpoint.name),
                body: sent.body,
            });
            if paged.next_page_token.is_empty() || paged.next_page_token == token {
                return Ok(());
            }
            token = paged.next_page_token;
        }
        Err(Failure::Body(format!("more than {MOST_PAGES} pages")))
    }

    fn request(&self, token: &str) -> String {
        let page = (!token.is_empty()).then_some(("pageToken", token));
        let own = self.query.iter();
        let all = own
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .chain(page);
        let pairs: Vec<String> = all
            .map(|(key, value)| format!("{}={}", query_part(key), query_part(value)))
            .collect();
        match pairs.is_empty() {
            true => self.path.clone(),
            false => format!("{}?{}", self.path, pairs.join("&")),
        }
    }
}

/// The values of an attribute (a dotted name) over all objects that were read of kinds that have it.
fn repositories(catalog: &Catalog, read: &Capture, attribute: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for page in &read.pages {
        let kind = catalog.kinds.get(&page.listing);
        let with = |kind: &&ClusterKind| {
            let schema = &kind.definition.schema;
            schema.attributes.contains_key(attribute)
        };
        if let Some(kind) = kind.filter(with) {
            for object in objects(&page.body) {
                let path: Vec<&str> = attribute.split('.').collect();
                texts(&kind.definition.readers, &path, &object, &mut out);
            }
        }
    }
    out
}

/// The objects of a page as this program wrote it.
fn objects(body: &RawValue) -> Vec<Value> {
    #[derive(Deserialize)]
    struct Items {
        items: Vec<Value>,
    }
    let read = serde_json::from_str::<Items>(body.get());
    read.map(|read| read.items).unwrap_or_default()
}

fn texts(readers: &[AttributeReader], path: &[&str], here: &Value, out: &mut BTreeSet<String>) {
    let Some((name, rest)) = path.split_first() else {
        return;
    };
    let reader = readers.iter().find(|reader| reader.name == *name);
    let context = Context {
        root: Some(here),
        ..Context::default()
    };
    let read = reader.and_then(|reader| Some((reader, reader.source.as_ref()?)));
    let Some((reader, value)) =
        read.and_then(|(r, source)| Some((r, source.value(here, &context)?)))
    else {
        return;
    };
    match value.as_ref() {
        Value::Text(text) if rest.is_empty() => {
            out.insert(text.clone());
        }
        Value::List(items) => {
            let blocks = items.iter();
            blocks.for_each(|item| texts(&reader.children, rest, item, out));
        }
        item => texts(&reader.children, rest, item, out),
    }
}
