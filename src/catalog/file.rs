//! The shape of definition files on disk. Unknown keys are refused.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::emission::EmissionValue;
use super::schema::{Turns, there};
use crate::model::{Releases, Version};

/// `provider.toml`: what all types share, by the name of a top-level attribute.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderFile {
    #[serde(default)]
    pub versions: VersionsTable,
    pub enabled: Option<EnabledTable>,
    #[serde(default)]
    pub read: Rules<String>,
    #[serde(default)]
    pub import: Rules<toml::Value>,
    #[serde(default)]
    pub prior: Rules<String>,
    #[serde(default)]
    pub suppress: Rules<OneOrMany>,
    #[serde(default)]
    pub emit: Rules<EmissionValue>,
}

/// What is known of the provider's releases.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VersionsTable {
    /// The releases whose facts are known.
    pub releases: Vec<Version>,
    /// The releases whose provider adds its attribution label unless it is told not to.
    #[serde(default)]
    pub attribution: Period,
}

/// What lists the APIs that a project has enabled.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnabledTable {
    /// The listing.
    pub listing: String,
    /// The name of the API, over an object of it.
    pub api: String,
}

/// Entries of a table, by the name of an attribute.
pub(super) type Rules<T> = BTreeMap<String, Timed<T>>;

/// The releases in which something holds; all where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Period {
    #[serde(default)]
    since: Turns,
    #[serde(default)]
    until: Turns,
}

impl Period {
    /// Whether it holds; nothing where it does in some of the releases only, or that is not known.
    pub fn holds(&self, at: Releases) -> Option<bool> {
        there(&self.since, &self.until, at)
    }
}

/// An entry that always holds, or one or several that hold in some releases.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Timed<T> {
    In(Ruled<T>),
    #[serde(deserialize_with = "several")]
    Several(Vec<Ruled<T>>),
    Always(T),
}

/// No entries at all are one that always holds: an empty list.
fn several<'de, D, T>(deserializer: D) -> Result<Vec<Ruled<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    let several = Vec::deserialize(deserializer)?;
    if several.is_empty() {
        return Err(serde::de::Error::invalid_length(0, &"an entry"));
    }
    Ok(several)
}

/// An entry that holds in some releases.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ruled<T> {
    #[serde(default)]
    since: Turns,
    #[serde(default)]
    until: Turns,
    rule: T,
}

impl<T> Timed<T> {
    /// The entry that holds: the first, if several do. Nothing where none does; an error where that is not known of these
    /// releases, with the entry that may.
    pub fn at(&self, releases: Releases) -> Result<Option<&T>, &T> {
        let several = match self {
            Self::Always(rule) => return Ok(Some(rule)),
            Self::In(one) => std::slice::from_ref(one),
            Self::Several(several) => several,
        };
        for Ruled { since, until, rule } in several {
            match there(since, until, releases) {
                Some(true) => return Ok(Some(rule)),
                Some(false) => {}
                None => return Err(rule),
            }
        }
        Ok(None)
    }
}

impl<T> Timed<T> {
    /// Whether another entry holds in later releases: entries are written in the order of their releases.
    pub fn changes_after(&self, releases: Releases) -> bool {
        let several = match self {
            Self::Always(_) => return false,
            Self::In(one) => std::slice::from_ref(one),
            Self::Several(several) => several,
        };
        let came = |entry: &Ruled<T>| there(&entry.since, &Turns::default(), releases);
        let went = |entry: &Ruled<T>| there(&Turns::default(), &entry.until, releases);
        match several {
            [.., before, last] => went(before) != Some(false) || came(last) == Some(false),
            [last] => came(last) == Some(false),
            [] => false,
        }
    }
}

/// `service.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceFile {
    pub title: String,
    pub api: String,
    pub base: String,
    pub endpoint: String,
    pub page_size: Option<PageSize>,
    #[serde(default)]
    pub links: Vec<String>,
    #[serde(default = "default_concurrency")]
    pub concurrency: usize,
    pub quota: Option<QuotaTable>,
    #[serde(default)]
    pub where_enabled: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuotaTable {
    pub requests: u32,
    pub seconds: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageSize {
    pub key: String,
    pub size: u32,
}

fn default_true() -> bool {
    true
}

fn default_concurrency() -> usize {
    100
}

/// `TYPE.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeFile {
    #[serde(rename = "type")]
    pub rtype: String,
    pub description: String,
    /// Whether an empty object in a body is a block; generated provider code takes it for none.
    #[serde(default = "default_true")]
    pub empty_blocks: bool,
    #[serde(default = "default_true")]
    pub attribution: bool,
    /// Links that the provider stores as the API spells them, whichever version they name.
    #[serde(default)]
    pub verbatim: Vec<String>,
    pub list: ListTable,
    #[serde(default)]
    pub further: Vec<FurtherTable>,
    pub identity: IdentityTable,
    pub vanished: Option<VanishedTable>,
    #[serde(default)]
    pub read: Rules<String>,
    /// Attributes whose field is left out for who lacks a permission, with the permission.
    #[serde(default)]
    pub hidden: BTreeMap<String, String>,
    /// What rules see of the API in attributes that the provider never reads.
    #[serde(default)]
    pub observed: BTreeMap<String, String>,
    #[serde(default)]
    pub same: BTreeMap<String, String>,
    #[serde(default)]
    pub import: Rules<toml::Value>,
    #[serde(default)]
    pub prior: Rules<String>,
    #[serde(default)]
    pub suppress: Rules<OneOrMany>,
    #[serde(default)]
    pub replace: Rules<String>,
    #[serde(default)]
    pub unwritten: Rules<UnwrittenTable>,
    #[serde(default)]
    pub planned: BTreeMap<String, String>,
    #[serde(default)]
    pub defaults: Vec<String>,
    #[serde(default)]
    pub references: BTreeMap<String, ReferenceValue>,
    #[serde(default)]
    pub owned: Vec<ConditionTable>,
    #[serde(default)]
    pub inline: Vec<InlineTable>,
    #[serde(default)]
    pub blocked: Vec<ConditionTable>,
    #[serde(default)]
    pub emit: Rules<EmissionValue>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListTable {
    pub path: Option<String>,
    /// Whether there is no list to be had: objects that state has are read each by itself.
    #[serde(default)]
    pub named: bool,
    #[serde(default)]
    pub items: String,
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Parameters of the provider's own GET of an object.
    #[serde(default)]
    pub get_query: BTreeMap<String, String>,
    pub locations: Option<String>,
    pub per: Option<String>,
    pub key: Option<String>,
    #[serde(default)]
    pub when: Vec<String>,
    pub otherwise: Option<String>,
    /// Conditions on a parent's body under which the provider leaves state as it is.
    #[serde(default)]
    pub kept: Vec<String>,
    pub within: Option<String>,
    pub from: Option<String>,
    pub each: Option<String>,
    pub post: Option<toml::Table>,
    #[serde(default)]
    pub on_demand: bool,
    #[serde(default)]
    pub claimed_only: bool,
    pub part_of: Option<String>,
    #[serde(default)]
    pub only: Vec<String>,
    /// Fields that the list leaves out of a body and GET of the object has.
    #[serde(default)]
    pub partial: Vec<String>,
    /// How one object is read: `named` or `listed`.
    pub get: Option<String>,
    #[serde(default)]
    pub permission: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FurtherTable {
    pub name: String,
    pub service: Option<String>,
    pub per: Option<String>,
    pub path: String,
    #[serde(default)]
    pub items: String,
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    pub key: Option<String>,
    #[serde(default)]
    pub when: Vec<String>,
    pub part: Option<String>,
    #[serde(default)]
    pub on_demand: bool,
    pub permission: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentityTable {
    pub id: OneOrMany,
    pub import_id: Timed<OneOrMany>,
    pub attribute: Option<OneOrMany>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VanishedTable {
    pub within: OneOrMany,
    pub empties: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum ReferenceValue {
    Type(String),
    Full(ReferenceTable),
    Any(Vec<ReferenceValue>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReferenceTable {
    #[serde(rename = "type")]
    pub target: String,
    pub id: Option<String>,
    pub by: Option<String>,
    pub selects: Option<String>,
    pub attribute: Option<String>,
    pub label: Option<String>,
    #[serde(default)]
    pub implied: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnwrittenTable {
    pub value: toml::Value,
    #[serde(rename = "if", default)]
    pub condition: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InlineTable {
    #[serde(rename = "in")]
    pub holder: String,
    pub id: String,
    pub attribute: String,
    pub key: String,
    #[serde(default)]
    pub only: Vec<String>,
    pub unless: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConditionTable {
    pub when: Vec<String>,
    pub because: String,
    #[serde(default)]
    pub since: Turns,
    #[serde(default)]
    pub until: Turns,
}
