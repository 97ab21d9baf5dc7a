//! What tests share: the definitions, and estates as captures without a network.

#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod binary;
pub mod cloud;
pub mod control_plane;
pub mod estate;
pub mod recorded;
pub mod shared;

use driftline::catalog::{Catalog, Context, Listing, Per};
use driftline::model::{Capture, Page, Scope, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

/// The definitions of this checkout: read once, each worked out when a test first needs it. They are checked
/// by `providers::definitions_hold_for_every_release`.
pub fn catalog() -> Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
        let files = definition_files().leak();
        Catalog::built_in(
            files
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str())),
        )
        .unwrap_or_else(|error| panic!("{error}"))
    });
    CATALOG.clone()
}

/// The files of `providers`, by their paths in it.
pub fn definition_files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    gather(Path::new("providers"), "", &mut files);
    files
}

fn gather(dir: &Path, prefix: &str, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            gather(&entry.path(), &format!("{name}/"), files);
        } else if name.ends_with(".toml") || name.ends_with(".json") {
            files.push((name, std::fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

/// API objects by HOST/PATH.
#[derive(Default)]
pub struct Cloud(pub BTreeMap<String, Value>);

impl Cloud {
    /// The objects below an estate's `api` folder.
    pub fn estate(dir: &Path) -> Self {
        let mut files = Vec::new();
        gather(&dir.join("api"), "", &mut files);
        let object = |(name, text): (String, String)| {
            (
                name.strip_suffix(".json").unwrap().to_owned(),
                Value::from_json(serde_json::from_str(&text).unwrap()),
            )
        };
        Self(files.into_iter().map(object).collect())
    }

    /// What a collector would bring home from it.
    pub fn capture(&self, catalog: &Catalog, project: &str) -> Capture {
        let mut capture = Capture {
            projects: vec![project.to_owned()],
            ..Capture::default()
        };
        let mut done = BTreeSet::new();
        let order =
            |listing: &&Listing| matches!(listing.per, Per::Parent { .. } | Per::ProjectWith(_));
        let (later, first): (Vec<_>, Vec<_>) = catalog.listings.values().partition(order);
        for listing in first.into_iter().chain(later.clone()).chain(later) {
            if done.insert(&listing.name) || matches!(listing.per, Per::Parent { .. }) {
                capture.pages.retain(|page| page.listing != listing.name);
                for (scope, path) in self.requests(listing, catalog, project) {
                    let base = catalog.services[&listing.service]
                        .base
                        .strip_prefix("https://")
                        .unwrap();
                    if let Some(body) = self.answer(&format!("{base}{path}"), listing) {
                        let body = serde_json::value::to_raw_value(&body.to_json()).unwrap();
                        capture.pages.push(Page {
                            listing: listing.name.clone(),
                            scope,
                            request: path,
                            body,
                        });
                    }
                }
            }
        }
        capture
    }

    fn requests(
        &self,
        listing: &Listing,
        catalog: &Catalog,
        project: &str,
    ) -> Vec<(Scope, String)> {
        let scope = |location: Option<&str>, parent: Option<&str>| Scope {
            project: project.to_owned(),
            location: location.map(str::to_owned),
            parent: parent.map(str::to_owned),
            object: None,
        };
        let fill = |scope: &Scope, body: &Value| {
            let context = Context {
                project,
                location: scope.location.as_deref(),
                parent_key: scope.parent.as_deref(),
                ..Context::default()
            };
            listing.path.fill(body, &context)
        };
        match &listing.per {
            Per::Demand | Per::Named => Vec::new(),
            Per::Project | Per::ProjectWith(_) => fill(&scope(None, None), &Value::Null)
                .map(|path| (scope(None, None), path))
                .into_iter()
                .collect(),
            Per::Location(locations) => {
                let base = catalog.services[&listing.service]
                    .base
                    .strip_prefix("https://")
                    .unwrap();
                let path = locations
                    .fill(
                        &Value::Null,
                        &Context {
                            project,
                            ..Context::default()
                        },
                    )
                    .unwrap();
                let found = self.children(&format!("{base}{path}"));
                let ids: Vec<_> = found
                    .iter()
                    .filter_map(|(_, body)| body.get("locationId")?.as_text())
                    .collect();
                if ids.is_empty() {
                    return vec![(
                        scope(None, None),
                        fill(&scope(Some("-"), None), &Value::Null).unwrap(),
                    )];
                }
                ids.into_iter()
                    .map(|id| {
                        (
                            scope(Some(id), None),
                            fill(&scope(Some(id), None), &Value::Null).unwrap(),
                        )
                    })
                    .collect()
            }
            Per::Parent {
                listing: owner,
                key,
                when,
                ..
            } => {
                let owner = &catalog.listings[owner];
                let mut out = Vec::new();
                for (asked, path) in self.requests(owner, catalog, project) {
                    let base = catalog.services[&owner.service]
                        .base
                        .strip_prefix("https://")
                        .unwrap();
                    for body in self.items(&format!("{base}{path}"), owner) {
                        let parent_key = asked.parent.as_deref();
                        let context = Context {
                            root: Some(&body),
                            project,
                            parent_key,
                            ..Context::default()
                        };
                        if !when
                            .iter()
                            .all(|condition| condition.holds(&body, &context))
                        {
                            continue;
                        }
                        if let Some(key) = key.text(&body, &context) {
                            let scope = scope(None, Some(&key));
                            out.extend(fill(&scope, &body).map(|path| (scope, path)));
                        }
                    }
                }
                out
            }
        }
    }

    fn items(&self, path: &str, listing: &Listing) -> Vec<Value> {
        let Some(body) = self.answer(path, listing) else {
            return Vec::new();
        };
        let mut at = vec![body];
        for key in &listing.items {
            at = at
                .iter()
                .flat_map(|value| match key.as_str() {
                    "*" => value.as_map().unwrap().values().cloned().collect(),
                    key => {
                        let found = key.split('|').find_map(|key| value.get(key));
                        found.cloned().into_iter().collect::<Vec<_>>()
                    }
                })
                .collect();
        }
        at.into_iter()
            .flat_map(|value| {
                if let Value::List(items) = value {
                    items
                } else {
                    vec![value]
                }
            })
            .collect()
    }

    fn answer(&self, path: &str, listing: &Listing) -> Option<Value> {
        let path = path.split('?').next().unwrap_or(path);
        let aliases = [
            path.to_owned(),
            path.replace("/sql/v1beta4/", "/v1/"),
            path.replace("/v1/", "/v1beta1/"),
        ];
        if listing.items.is_empty() {
            return aliases.iter().find_map(|path| self.0.get(path)).cloned();
        }
        if let Some((head, kind)) = path.split_once("/aggregated/") {
            let mut groups: BTreeMap<String, Value> = BTreeMap::new();
            for (name, body) in &self.0 {
                let Some(rest) = name.strip_prefix(&format!("{head}/")) else {
                    continue;
                };
                let Some((scope, _)) = rest.split_once(&format!("/{kind}/")) else {
                    continue;
                };
                // Recorded lists hold their objects inside.
                let group = groups
                    .entry(scope.to_owned())
                    .or_insert_with(|| Value::Map(BTreeMap::new()));
                if let Value::Map(map) = group {
                    let list = map
                        .entry(kind.to_owned())
                        .or_insert_with(|| Value::List(Vec::new()));
                    if let Value::List(items) = list {
                        items.push(body.clone());
                    }
                }
            }
            return Some(Value::Map(BTreeMap::from([(
                "items".to_owned(),
                Value::Map(groups),
            )])));
        }
        let found = aliases
            .iter()
            .map(|path| self.children(path))
            .find(|found| !found.is_empty())?;
        let enabled = listing
            .query
            .iter()
            .any(|(_, value)| value == "state:ENABLED");
        let wanted = |body: &&Value| {
            !enabled || body.get("state").and_then(Value::as_text) == Some("ENABLED")
        };
        let list = Value::List(
            found
                .into_iter()
                .map(|(_, body)| body)
                .filter(wanted)
                .cloned()
                .collect(),
        );
        Some(Value::Map(BTreeMap::from([(
            listing.items[0].split('|').next().unwrap().to_owned(),
            list,
        )])))
    }

    fn children(&self, folder: &str) -> Vec<(&String, &Value)> {
        let parts: Vec<&str> = folder.split('/').collect();
        let inside = |name: &&String| {
            let own: Vec<&str> = name.split('/').collect();
            let levels = if folder.starts_with("dns.") && folder.ends_with("/rrsets") {
                2
            } else {
                1
            };
            own.len() == parts.len() + levels
                && !name.contains(":getIamPolicy")
                && own
                    .iter()
                    .zip(&parts)
                    .all(|(own, part)| own == part || *part == "-")
        };
        self.0.iter().filter(|(name, _)| inside(name)).collect()
    }
}

/// The projects an estate has objects in.
pub fn projects(cloud: &Cloud) -> BTreeSet<String> {
    let names = cloud
        .0
        .keys()
        .filter_map(|name| name.split_once("/projects/"));
    names
        .map(|(_, rest)| rest.split(['/', ':']).next().unwrap().to_owned())
        .filter(|p| p.len() > 4)
        .collect()
}

/// Every text file below a folder, by its path within it.
pub fn files(dir: &Path, found: &mut Vec<(String, String)>) {
    gather(dir, "", found);
}

/// Every file below a folder, of whatever kind, by its path within it.
pub fn tree(dir: &Path, prefix: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            found.extend(tree(&entry.path(), &format!("{name}/")));
        } else {
            found.push((name, std::fs::read_to_string(entry.path()).unwrap()));
        }
    }
    found
}

/// Holds a text against an expected file, or rewrites that with `UPDATE_EXPECT=1`. Gives what is wrong, if anything.
pub fn expect(file: &Path, text: &str) -> Option<String> {
    let old = std::fs::read_to_string(file).unwrap_or_default();
    if old == text {
        return None;
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
        return None;
    }
    let diff = similar::TextDiff::from_lines(old.as_str(), text);
    Some(format!(
        "{}\n{}",
        file.display(),
        diff.unified_diff().context_radius(2)
    ))
}
