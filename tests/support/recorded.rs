//! What was recorded of real OpenTofu and the real provider: estates with their cases, and reports. Each is a folder below
//! `tests/data/recorded` with a `recorded.json`; its README says what is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use driftline::model::{Capture, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Cloud;

/// Where the estates are.
pub const ESTATES: &str = "tests/data/recorded/estates";
/// Where the reports are.
pub const REPORTS: &str = "tests/data/recorded/reports";

/// What there was, and what real tofu said of it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// What the program is asked to read; of an estate, all it has objects in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<String>,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Patterns of requests that fail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// API objects by HOST/PATH.
    pub objects: BTreeMap<String, Json>,
    /// What changed in the cloud, and what tofu said then.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cases: BTreeMap<String, Case>,
    /// What tofu said of it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truth: Option<Truth>,
    /// The folder it is in.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// One change of the cloud.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// In a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// Objects that changed or came, as JSON merge patches (RFC 7386).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub objects: BTreeMap<String, Json>,
    /// Objects that went, with what is below them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// Patterns of requests that fail, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// What tofu said.
    pub truth: Truth,
}

/// What real tofu said.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// What `tofu plan -refresh-only` sees changed or gone, by address; nothing where it refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_only: Option<BTreeMap<String, Seen>>,
    /// What `tofu plan` does, in the words of a forecast, by address; nothing where it refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<BTreeMap<String, String>>,
    /// Addresses whose refresh fails with the parent gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_to_refresh: Vec<String>,
    /// Addresses whose plan fails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_to_plan: Vec<String>,
}

/// What a refresh sees of one address.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Whether it is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
    /// The paths that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
}

/// The names of what is recorded below a folder.
pub fn names(folder: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

impl Recorded {
    /// Reads one, such as `staging` of the estates.
    pub fn read(folder: &str, name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(folder)
            .join(name);
        let file = folder.join("recorded.json");
        let text = std::fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let read: Self = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Self { folder, ..read }
    }

    /// The configuration, with the state beside it.
    pub fn tofu(&self) -> PathBuf {
        self.folder.join("tofu")
    }

    /// The state that tofu left; nothing where nothing was applied.
    pub fn state(&self) -> Option<PathBuf> {
        Some(self.tofu().join("terraform.tfstate")).filter(|file| file.exists())
    }

    /// The API objects, after a case if one is named.
    pub fn cloud(&self, case: Option<&str>) -> Cloud {
        let mut objects = self.objects.clone();
        if let Some(case) = case.map(|name| &self.cases[name]) {
            for (path, patch) in &case.objects {
                merge(objects.entry(path.clone()).or_default(), patch);
            }
            for gone in &case.gone {
                let below = format!("{gone}/");
                objects.retain(|name, _| name != gone && !name.starts_with(&below));
            }
        }
        Cloud(
            objects
                .into_iter()
                .map(|(path, body)| (path, Value::from_json(body)))
                .collect(),
        )
    }

    /// The names right below a folder of objects, such as the locations of an API.
    pub fn places(&self, folder: &str) -> BTreeSet<&str> {
        let rest = self
            .objects
            .keys()
            .filter_map(|path| path.strip_prefix(folder));
        let below = rest.filter_map(|rest| rest.strip_prefix('/')?.split('/').next());
        below.collect()
    }

    /// What a scan of everything would bring home.
    pub fn capture(&self, case: Option<&str>, catalog: &driftline::catalog::Catalog) -> Capture {
        let cloud = self.cloud(case);
        let projects = match self.projects.as_slice() {
            [] => super::projects(&cloud).into_iter().collect(),
            named => named.to_vec(),
        };
        let mut capture = Capture::default();
        for project in projects {
            let part = cloud.capture(catalog, &project);
            capture.projects.push(project);
            capture.pages.extend(part.pages);
            capture.gaps.extend(part.gaps);
        }
        let faults = case.map(|name| self.cases[name].faults.as_slice());
        let faults: Vec<&str> = (self.faults.iter().chain(faults.unwrap_or_default()))
            .map(String::as_str)
            .collect();
        refuse(&mut capture, catalog, &faults);
        capture
    }

    /// As text: an object a line, a case a line.
    pub fn to_text(&self) -> String {
        let all = serde_json::to_value(self).unwrap();
        let member = |(name, value): (&String, &Json)| match (name.as_str(), value) {
            ("objects" | "cases", Json::Object(members)) if !members.is_empty() => {
                let lines: Vec<String> = members
                    .iter()
                    .map(|(key, value)| format!("    {}: {value}", Json::from(key.as_str())))
                    .collect();
                format!("  \"{name}\": {{\n{}\n  }}", lines.join(",\n"))
            }
            _ => format!("  \"{name}\": {value}"),
        };
        let members: Vec<String> = all.as_object().unwrap().iter().map(member).collect();
        format!("{{\n{}\n}}\n", members.join(",\n"))
    }
}

/// Applies a JSON merge patch.
pub fn merge(target: &mut Json, patch: &Json) {
    let Json::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Json::Object(serde_json::Map::new());
    }
    let members = target.as_object_mut().unwrap();
    for (name, value) in patch {
        if value.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name.clone()).or_insert(Json::Null), value);
        }
    }
}

/// Requests that a fault stands in the way of become gaps.
fn refuse(capture: &mut Capture, catalog: &driftline::catalog::Catalog, faults: &[&str]) {
    use driftline::model::{Gap, GapReason};
    let Capture { pages, gaps, .. } = capture;
    pages.retain(|page| {
        let base = &catalog.services[&catalog.listings[&page.listing].service].base;
        let line = format!(
            "GET {}{}",
            base.trim_start_matches("https://"),
            page.request
        );
        let hit = faults.iter().any(|fault| fits(&line, fault));
        if hit {
            gaps.push(Gap {
                listing: page.listing.clone(),
                scope: page.scope.clone(),
                reason: GapReason::Stopped,
                detail: "refused".to_owned(),
                fix: String::new(),
            });
        }
        !hit
    });
}

/// Whether a line holds what a pattern of a fault says: text, `.*`, and one group of alternatives.
pub fn fits(line: &str, pattern: &str) -> bool {
    if let Some((head, rest)) = pattern.split_once('(')
        && let Some((words, tail)) = rest.split_once(')')
    {
        return words
            .split('|')
            .any(|word| fits(line, &format!("{head}{word}{tail}")));
    }
    let mut rest = line;
    pattern.split(".*").all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}
