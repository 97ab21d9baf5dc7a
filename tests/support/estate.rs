//! An estate with two objects of every type of the catalog, made from the definitions and served on loopback.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use driftline::catalog::expression::Step;
use driftline::catalog::{AttributeReader, Catalog, Definition, Kind, Listing, Origin, Per, Quota};
use driftline::collect::{Settings, collect};
use driftline::model::{Capture, Page};
use driftline::normalize::normalize;
use serde_json::{Map, Value, json};

use super::cloud::Cloud;

/// The project of the estate.
pub const PROJECT: &str = "estate-project";

/// What is put into attributes.
#[derive(Clone, Debug, Default)]
pub struct Planted {
    /// In every sensitive attribute, and under names that secrets go by.
    pub secret: String,
    /// The name of every object, behind its number.
    pub name: String,
    /// The description of every object, and the value of a label.
    pub text: String,
}

/// The estate: the cloud that serves it and the definitions it was made from.
pub struct Estate {
    pub catalog: Catalog,
    pub cloud: Cloud,
    planted: Planted,
}

impl Estate {
    /// What a cloud serves, as it is. Its APIs know no quota.
    pub fn of(mut catalog: Catalog, cloud: Cloud) -> Self {
        for service in Arc::make_mut(&mut catalog.services).values_mut() {
            service.quota = Quota::default();
            service.where_enabled = false;
        }
        Self {
            catalog,
            cloud,
            planted: Planted::default(),
        }
    }

    /// Serves objects until every listing that can be asked has been answered.
    ///
    /// Its APIs know no quota: what is read again and again need not take its minute each time.
    pub async fn grow(mut catalog: Catalog, planted: Planted) -> Self {
        for service in Arc::make_mut(&mut catalog.services).values_mut() {
            service.quota = Quota::default();
            service.where_enabled = false;
        }
        let cloud = Cloud::serve(&[]);
        cloud.otherwise(json!({}));
        let estate = Self {
            catalog,
            cloud,
            planted,
        };
        let mut answered = BTreeSet::new();
        for _ in 0..8 {
            let capture = estate.read(&estate.patient()).await;
            let before = answered.len();
            for line in estate.cloud.log() {
                let path = line.trim_start_matches("GET ").to_owned();
                if path.split('?').next().unwrap().ends_with("/locations")
                    && answered.insert(path.clone())
                {
                    estate
                        .cloud
                        .put(&path, json!({"locations": [{"locationId": "us-central1"}]}));
                }
            }
            for page in &capture.pages {
                if answered.insert(page.request.clone()) {
                    estate.answer(page, &mut answered);
                }
            }
            if answered.len() == before {
                return estate;
            }
        }
        panic!("the estate does not stop growing");
    }

    /// Settings that point every API at the cloud.
    pub fn settings(&self) -> Settings {
        let mut settings = self.cloud.settings();
        settings.endpoints.extend(self.endpoints());
        settings
    }

    /// The same, with time enough on a machine that is busy: nothing is sent twice.
    pub fn patient(&self) -> Settings {
        Settings {
            timeout: Duration::from_secs(600),
            request_timeout: Duration::from_secs(300),
            ..self.settings()
        }
    }

    /// The provider's variables that point every API at the cloud.
    pub fn endpoints(&self) -> BTreeMap<String, String> {
        let url = |base: &str| {
            format!(
                "http://{}/{}",
                self.cloud.address,
                base.trim_start_matches("https://")
            )
        };
        let services = self
            .catalog
            .services
            .values()
            .map(|service| (service.endpoint.clone(), url(&service.base)));
        let fixed = [
            (
                "GOOGLE_RESOURCE_MANAGER_V3_CUSTOM_ENDPOINT",
                "cloudresourcemanager",
            ),
            ("GOOGLE_SERVICE_USAGE_CUSTOM_ENDPOINT", "serviceusage"),
        ];
        let version = |api: &str| if api == "serviceusage" { "v1" } else { "v3" };
        let fixed = fixed.map(|(name, api)| {
            (
                name.to_owned(),
                url(&format!("https://{api}.googleapis.com/{}/", version(api))),
            )
        });
        services.chain(fixed).collect()
    }

    /// What a scan brings home.
    pub async fn read(&self, settings: &Settings) -> Capture {
        // Those too that are read only where somebody names them.
        let types = self.catalog.definitions.keys();
        let parts = types
            .clone()
            .flat_map(|rtype| self.catalog.on_demand_parts(rtype));
        let parts = parts.map(str::to_owned);
        let types = types.cloned().chain(parts).collect();
        collect(
            &self.catalog,
            settings,
            &[PROJECT.to_owned()],
            Some(&types),
            &|_| (),
        )
        .await
        .unwrap()
    }

    fn answer(&self, page: &Page, answered: &mut BTreeSet<String>) {
        let listing = &self.catalog.listings[&page.listing];
        if let Some([around, members]) = self
            .catalog
            .definition(&listing.name)
            .map(|definition| definition.each.as_slice())
        {
            let granted = json!({"role": "roles/viewer", members: ["user:ann@example.com", "user:ben@example.com"]});
            return self.cloud.put(&page.request, json!({ around: [granted] }));
        }
        if listing.items.is_empty() {
            let body = match self.catalog.definition(&listing.name) {
                Some(definition) => self.object(definition, page, 0),
                None => self.part(listing),
            };
            return self.cloud.put(&page.request, body);
        }
        let joined = if page.request.contains('?') { "&" } else { "?" };
        let second = format!("{}{joined}pageToken=second", page.request);
        answered.insert(second.clone());
        let mut first = self.list(page, listing, 1);
        first["nextPageToken"] = json!("second");
        self.cloud.put(&page.request, first);
        self.cloud.put(&second, self.list(page, listing, 2));
    }

    /// A body of a listing: an object of each type that it shows.
    fn list(&self, page: &Page, listing: &Listing, number: usize) -> Value {
        let shown =
            self.catalog
                .definitions
                .values()
                .filter(|definition| match &definition.origin {
                    Origin::Listed => definition.rtype == listing.name,
                    Origin::Within { parent, path } => path.is_empty() && *parent == listing.name,
                });
        let mut objects: Vec<Value> = shown
            .map(|definition| self.object(definition, page, number))
            .collect();
        if objects.is_empty() {
            objects.push(self.basics(page, number));
        }
        let (last, around) = listing.items.split_last().unwrap();
        let last = last.split('|').next().unwrap();
        let list = json!({ last: objects });
        around.iter().rev().fold(list, |inner, key| {
            let key = if key == "*" {
                "regions/us-central1"
            } else {
                key
            };
            json!({ key: inner })
        })
    }

    fn name(&self, number: usize) -> String {
        format!("thing-{number}{}", self.planted.name)
    }

    /// What bodies have whatever they are of.
    fn basics(&self, page: &Page, number: usize) -> Value {
        let path = page.request.split(['?']).next().unwrap();
        let (api, below) = path.split_once("/projects/").unwrap_or((path, PROJECT));
        let below = below
            .replace("/-/", "/us-central1/")
            .replace("/aggregated/", "/regions/us-central1/");
        // What is asked for by itself has the name it is asked by.
        let (name, link) = match (number, below.rsplit_once('/')) {
            (0, Some((_, name))) => (name.to_owned(), format!("projects/{below}")),
            _ => {
                let name = self.name(number);
                let link = format!("projects/{below}/{name}");
                (name, link)
            }
        };
        let bare = [
            "compute",
            "sqladmin",
            "container",
            "dns",
            "storage",
            "bigquery",
        ]
        .iter()
        .any(|host| api.starts_with(host));
        let around = page.scope.parent.as_ref();
        let around = around.and_then(|parent| parent.split('/').next());
        let mut body = json!({
            "name": if bare { &name } else { &link }, "selfLink": format!("https://{api}/{link}"), "id": link,
            "region": format!("https://{api}/projects/{PROJECT}/regions/us-central1"), "location": "us-central1",
            "zone": format!("https://{api}/projects/{PROJECT}/zones/us-central1-a"), "state": "RUNNABLE",
            "description": self.planted.text,
            "routineReference": {"datasetId": around}, "tableReference": {"datasetId": around}, "instance": around,
            "labels": {"team": self.planted.text, "db_password": self.planted.secret, "pem": self.key()},
            "laterField": {"password": self.planted.secret, "env": [{"name": "API_TOKEN", "value": self.planted.secret}], "note": self.key()},
        });
        // What is asked for one of them takes its name from where the definition says; so is one that is asked for by itself.
        for listing in self.catalog.listings.values() {
            if let Per::Parent {
                listing: of, key, ..
            } = &listing.per
                && (*of == page.listing || number == 0 && listing.name == page.listing)
            {
                for path in key.paths(&[String::new()]) {
                    put(&mut body, &path, json!(name), false);
                }
            }
        }
        body
    }

    fn key(&self) -> String {
        format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
            self.planted.secret
        )
    }

    fn object(&self, definition: &Definition, page: &Page, number: usize) -> Value {
        let mut body = self.basics(page, number);
        if let Origin::Within { parent, .. } = &definition.origin {
            body["name"] = json!(format!(
                "{}-{}",
                self.name(number),
                definition.rtype.replace('_', "-")
            ));
            let parent = self.catalog.definition(parent).unwrap();
            self.fill(parent, &parent.readers, &[String::new()], &mut body);
        }
        self.fill(definition, &definition.readers, &[String::new()], &mut body);
        Self::suit(definition, &mut body);
        for inner in self.catalog.definitions.values() {
            if let Origin::Within { parent, path } = &inner.origin
                && *parent == definition.rtype
                && !path.is_empty()
            {
                let mut element =
                    json!({"name": self.name(number), "description": self.planted.text});
                self.fill(inner, &inner.readers, &[String::new()], &mut element);
                put(&mut body, &path.join("."), json!([element]), true);
            }
        }
        body
    }

    /// A body that completes an object.
    fn part(&self, listing: &Listing) -> Value {
        let mut whole = json!({});
        for definition in self.catalog.definitions.values() {
            if let Some(part) = definition
                .parts
                .iter()
                .find(|part| part.listing == listing.name)
            {
                self.fill(
                    definition,
                    &definition.readers,
                    &[String::new()],
                    &mut whole,
                );
                return whole
                    .get(&part.key)
                    .filter(|value| value.is_object())
                    .cloned()
                    .unwrap_or_else(|| json!({}));
            }
        }
        json!({"name": self.name(1), "projectNumber": "12345"})
    }

    /// Makes a body one that a definition takes for its own.
    fn suit(definition: &Definition, body: &mut Value) {
        for condition in &definition.only {
            let step = format!("{:?}", condition.steps);
            for path in condition.paths(&[String::new()]) {
                if let Some(value) = step
                    .strip_prefix("[Equals(\"")
                    .and_then(|rest| rest.strip_suffix("\")]"))
                {
                    put(body, &path, json!(value), true);
                } else if step.ends_with("Not]") {
                    body.as_object_mut().unwrap().remove(&path);
                }
            }
        }
    }

    /// Puts something under every path that an attribute is read from.
    fn fill(
        &self,
        definition: &Definition,
        readers: &[AttributeReader],
        around: &[String],
        body: &mut Value,
    ) {
        for reader in readers {
            let paths = reader
                .source
                .as_ref()
                .map(|source| source.paths(around))
                .unwrap_or_default();
            let single = definition
                .schema
                .attributes
                .get(&reader.family)
                .is_some_and(|facts| facts.max_items == Some(1));
            for path in paths.iter().filter(|path| !path.is_empty()) {
                let sensitive = definition.schema.is_sensitive(&reader.family);
                put(
                    body,
                    path,
                    self.value(reader, single, sensitive),
                    sensitive && reader.children.is_empty(),
                );
                // An element that is chosen by a member has it.
                for step in reader.source.iter().flat_map(|source| &source.steps) {
                    if let Step::Where(key, words) = step {
                        let word = serde_json::from_str(&words[0]).unwrap_or(json!(words[0]));
                        put(body, &format!("{path}.{key}"), word, false);
                    }
                }
            }
            self.fill(definition, &reader.children, &paths, body);
        }
    }

    fn value(&self, reader: &AttributeReader, single: bool, sensitive: bool) -> Value {
        let block = !reader.children.is_empty() || reader.elem.is_none();
        match reader.kind {
            Kind::List | Kind::Set if block && single => json!({}),
            Kind::List | Kind::Set if block => json!([{}]),
            Kind::List | Kind::Set if sensitive => json!([self.planted.secret]),
            Kind::List | Kind::Set => json!(["one"]),
            Kind::Map if sensitive => json!({"one": self.planted.secret}),
            Kind::Map => json!({"team": self.planted.text, "db_password": self.planted.secret}),
            _ if sensitive => json!(self.planted.secret),
            Kind::Int | Kind::Float => json!(1),
            Kind::Bool => json!(true),
            Kind::String if reader.name.contains("description") => json!(self.planted.text),
            Kind::String => json!("word"),
        }
    }

    /// A state of everything the estate has, with secrets of its own in every sensitive attribute. `change` is applied to the
    /// attributes of every second object.
    pub fn state(&self, capture: &Capture, change: &dyn Fn(&mut Map<String, Value>)) -> Value {
        let normalized = normalize(capture, &self.catalog);
        let mut resources = Vec::new();
        for (at, object) in normalized.objects.iter().enumerate() {
            let definition = self.catalog.definition(&object.rtype).unwrap();
            let mut attributes: Map<String, Value> = object
                .attributes
                .iter()
                .map(|(name, value)| (name.clone(), value.to_json()))
                .collect();
            let mut whole = Value::Object(std::mem::take(&mut attributes));
            for (family, facts) in &definition.schema.attributes {
                let scalar = !matches!(facts.kind, Kind::List | Kind::Set);
                if facts.sensitive && scalar && stands(&whole, family) {
                    put(&mut whole, family, json!(self.planted.secret), true);
                }
            }
            let Value::Object(mut attributes) = whole else {
                unreachable!("it was an object")
            };
            if at % 2 == 1 {
                change(&mut attributes);
            }
            resources.push(json!({"mode": "managed", "type": object.rtype, "name": format!("r{at}"),
                "provider": "provider[\"registry.opentofu.org/hashicorp/google\"]",
                "instances": [{"schema_version": definition.schema.schema_version, "attributes": attributes, "sensitive_attributes": []}]}));
        }
        json!({"version": 4, "terraform_version": "1.12.6", "serial": 1, "lineage": "estate", "outputs": {}, "resources": resources})
    }
}

/// Whether there is a block that an attribute would stand in.
fn stands(body: &Value, family: &str) -> bool {
    let around = family.rsplit_once('.').map_or("", |(around, _)| around);
    let mut blocks = around.split('.').filter(|block| !block.is_empty());
    let first = |at: &Value, block: &str| at.get(block)?.get(0).cloned();
    let mut at = body.clone();
    blocks.all(|block| match first(&at, block) {
        Some(inner) => {
            at = inner;
            true
        }
        None => false,
    })
}

/// Puts a value under a path, going into the first element of lists; what stands there stays unless `over`.
fn put(body: &mut Value, path: &str, value: Value, over: bool) {
    let mut at = body;
    let keys: Vec<&str> = path.split('.').collect();
    for (n, key) in keys.iter().enumerate() {
        while at.is_array() {
            if at.as_array().unwrap().is_empty() {
                *at = json!([{}]);
            }
            at = at.get_mut(0).unwrap();
        }
        if at.is_null() {
            *at = json!({});
        }
        let Some(map) = at.as_object_mut() else {
            return;
        };
        let last = n + 1 == keys.len();
        if last && (over || map.get(*key).is_none_or(Value::is_null)) {
            map.insert((*key).to_owned(), value);
            return;
        }
        if last {
            return;
        }
        at = map.entry((*key).to_owned()).or_insert_with(|| json!({}));
    }
}
