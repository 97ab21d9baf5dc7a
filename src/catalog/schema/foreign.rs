//! Resources of other providers: what decides whether state's values of them still hold. `providers/foreign/PROVIDER.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalog::check::{DefinitionError, Source};
use crate::model::Value;

/// Facts of a resource type of another provider.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Foreign {
    /// Arguments that are null where configuration leaves them out. Any other attribute that configuration leaves out is
    /// the provider's to say.
    pub arguments: Vec<String>,
    /// What arguments are where configuration leaves them out.
    pub defaults: BTreeMap<String, Value>,
    /// Attributes that must not be shown.
    pub sensitive: Vec<String>,
    /// Attributes that state holds as `{"value": …, "type": …}`, since any type may be given.
    pub dynamic: Vec<String>,
    /// Arguments whose change is an update in place.
    pub in_place: Vec<String>,
    /// What such an update leaves as it is.
    pub stable: Vec<String>,
    /// The attribute that holds the time (RFC 3339) at which it is made anew.
    pub expires: Option<String>,
    /// The file it stands for.
    pub file: Option<LocalFile>,
}

/// A file that a resource stands for: where it is gone or holds something else, the resource is made anew.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalFile {
    /// The attribute that holds its path.
    pub path: String,
    /// The attribute that holds the SHA-1 of its content, in hexadecimal digits.
    pub sha1: String,
}

/// How a data source of another provider is worked out: `providers/foreign/data.toml`, by its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForeignData {
    /// `template` over `vars` gives `rendered`.
    Template,
    /// `inputs` come out as `outputs`.
    Inputs,
    /// The file `filename` with its digests.
    File,
    /// The outputs of another root's state.
    RemoteState,
    /// It runs something, asks somebody, or makes a file: never done here.
    Never,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    arguments: Vec<String>,
    #[serde(default)]
    defaults: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    sensitive: Vec<String>,
    #[serde(default)]
    dynamic: Vec<String>,
    #[serde(default)]
    in_place: Vec<String>,
    #[serde(default)]
    stable: Vec<String>,
    expires: Option<String>,
    file: Option<LocalFile>,
}

/// The types of one file.
pub(in crate::catalog) fn read(
    source: &Source<'_>,
) -> Result<BTreeMap<String, Foreign>, DefinitionError> {
    let tables: BTreeMap<String, Table> = source.toml()?;
    let facts = |table: Table| Foreign {
        arguments: table.arguments,
        defaults: table
            .defaults
            .into_iter()
            .map(|(name, value)| (name, Value::from_json(value)))
            .collect(),
        sensitive: table.sensitive,
        dynamic: table.dynamic,
        in_place: table.in_place,
        stable: table.stable,
        expires: table.expires,
        file: table.file,
    };
    Ok(tables
        .into_iter()
        .map(|(name, table)| (name, facts(table)))
        .collect())
}
