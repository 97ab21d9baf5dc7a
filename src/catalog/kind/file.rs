//! The shape of the files of kinds on disk. Unknown keys are refused.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalog::file::{ConditionTable, ReferenceValue};

/// `KIND.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KindFile {
    #[serde(rename = "type")]
    pub rtype: String,
    pub description: String,
    #[serde(default)]
    pub group: String,
    pub resource: String,
    /// The service, where it is no kind of a cluster's.
    pub service: Option<String>,
    #[serde(default = "yes")]
    pub namespaced: bool,
    #[serde(default)]
    pub permission: String,
    #[serde(default = "whole")]
    pub sight: String,
    /// Shapes whose attributes it has.
    #[serde(default)]
    pub has: Vec<String>,
    /// What stands for a word in braces in the paths of shapes.
    #[serde(default)]
    pub at: BTreeMap<String, String>,
    /// The identity, where it is not the path of an object in a cluster.
    pub id: Option<String>,
    #[serde(default)]
    pub only: Vec<String>,
    #[serde(default)]
    pub attributes: BTreeMap<String, AttributeValue>,
    #[serde(default)]
    pub references: BTreeMap<String, ReferenceValue>,
    #[serde(default)]
    pub owned: Vec<ConditionTable>,
    #[serde(default)]
    pub unknown: BTreeMap<String, String>,
    #[serde(default)]
    pub sketched: Vec<String>,
    #[serde(default)]
    pub words: Vec<String>,
}

fn yes() -> bool {
    true
}

fn whole() -> String {
    "whole".to_owned()
}

/// `shapes.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShapesFile {
    /// Annotations that are kept.
    pub annotations: Vec<String>,
    pub shape: BTreeMap<String, BTreeMap<String, AttributeValue>>,
}

/// One attribute: an expression that gives a text, or a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum AttributeValue {
    Text(String),
    Table(AttributeTable),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttributeTable {
    /// `string`, `int`, `bool`, `list`, `map`, `blocks` or `block`.
    pub kind: String,
    pub from: String,
    /// The shape of its blocks.
    pub shape: Option<String>,
}

/// `cluster.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterFile {
    pub title: String,
    pub listing: String,
    pub items: String,
    pub id: String,
    pub location: String,
    pub certificate: String,
    pub system: Vec<String>,
    pub way: Vec<WayTable>,
    pub images: ImagesTable,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WayTable {
    pub name: String,
    #[serde(default)]
    pub when: Vec<String>,
    pub url: String,
    #[serde(default)]
    pub permission: String,
    #[serde(default)]
    pub google: bool,
    pub hint: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImagesTable {
    pub service: String,
    pub path: String,
    pub items: String,
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    pub named: String,
}
