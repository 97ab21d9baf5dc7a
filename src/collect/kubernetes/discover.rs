//! Which resources a control plane has, and in which version.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Resources that can be listed, by group and name, with the version that the server prefers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Served {
    resources: BTreeMap<(String, String), Resource>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    pub version: String,
    pub namespaced: bool,
}

#[derive(Deserialize)]
struct Groups {
    kind: String,
    items: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    metadata: Name,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Deserialize, Default)]
struct Name {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Version {
    version: String,
    #[serde(default)]
    resources: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    resource: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    verbs: Vec<String>,
}

impl Served {
    /// Adds what an answer tells.
    ///
    /// # Errors
    /// One line, if it is no such answer.
    pub fn add(&mut self, body: &str) -> Result<(), String> {
        let read: Groups = serde_json::from_str(body)
            .map_err(|error| format!("the answer lists no resources: {error}"))?;
        if read.kind != "APIGroupDiscoveryList" {
            return Err(format!("the answer is a `{}`", read.kind));
        }
        for group in read.items {
            for version in group.versions {
                for one in version.resources {
                    if !one.verbs.iter().any(|verb| verb == "list") {
                        continue;
                    }
                    let resource = Resource {
                        version: version.version.clone(),
                        namespaced: one.scope == "Namespaced",
                    };
                    // Versions come in the order of preference.
                    let key = (group.metadata.name.clone(), one.resource);
                    self.resources.entry(key).or_insert(resource);
                }
            }
        }
        Ok(())
    }

    /// A resource, if it is there.
    pub fn get(&self, group: &str, resource: &str) -> Option<&Resource> {
        let key = (group.to_owned(), resource.to_owned());
        self.resources.get(&key)
    }
}
