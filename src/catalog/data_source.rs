//! Data sources: what tofu asks the cloud while it plans. `providers/google/SERVICE/data/TYPE.toml`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::check::{DefinitionError, Source};
use super::definition::{Listing, Per};
use super::expression::Expression;
use super::template::{Template, Words};

/// A data source as checked data.
#[derive(Clone, Debug)]
pub struct DataSource {
    /// The data source's type.
    pub rtype: String,
    /// What it is, in a sentence.
    pub description: String,
    /// The resource type whose attributes and reader it has.
    pub mirrors: Option<String>,
    /// Arguments that fall back to the provider's own: `project`, `region`, `zone`, `default_labels`.
    pub defaults: Vec<String>,
    /// Arguments that others imply, in order: the first template over what is known that fills.
    pub derived: Vec<(String, Template)>,
    /// What is asked, the first being the object itself; nothing for one that asks nothing.
    pub asks: Vec<Ask>,
    /// Which attributes of the mirrored type it has, those in blocks with a dot; all where none are named.
    pub take: Vec<String>,
    /// The `id`, over arguments and what was read; nothing where it cannot be known.
    pub id: Option<Template>,
    /// Elements of the first answer's list that count: an expression over an element, by the argument it must equal where that
    /// is given.
    pub select: BTreeMap<String, Expression>,
    /// Lists of texts, at any depth of the whole, of which only those count that begin with an argument, where that is given.
    pub prefix: BTreeMap<String, Vec<Vec<String>>>,
    /// Attributes by name, over the answers with the arguments under `arguments`.
    pub yields: BTreeMap<String, Expression>,
    /// Attributes that are secret: never asked for, never known.
    pub secret: BTreeSet<String>,
    /// What is worked out by a rule of its own.
    pub rule: Option<DataRule>,
}

/// One request of a data source.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The listing its answers are kept under: `data.TYPE`, or `data.TYPE.KEY`.
    pub listing: String,
    /// The path below the service's base URL, over arguments.
    pub path: Template,
    /// The way to a list in the answer; empty where it is an object.
    pub items: Vec<String>,
    /// The key it is put under in the whole; nothing for the first.
    pub key: Option<String>,
    /// Whether the provider takes a refusal (403) as if there were nothing.
    pub may_be_refused: bool,
}

/// A data source that is worked out and not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataRule {
    /// A policy document of bindings and audit configurations.
    IamPolicy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "type")]
    rtype: String,
    description: String,
    mirrors: Option<String>,
    #[serde(default)]
    defaults: Vec<String>,
    #[serde(default)]
    derived: Vec<(String, String)>,
    get: Option<String>,
    #[serde(default)]
    items: String,
    #[serde(default)]
    permission: String,
    service: Option<String>,
    #[serde(default)]
    further: Vec<Further>,
    id: Option<String>,
    #[serde(default)]
    take: Vec<String>,
    #[serde(default)]
    select: BTreeMap<String, String>,
    #[serde(default)]
    prefix: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    yields: BTreeMap<String, String>,
    #[serde(default)]
    secret: BTreeSet<String>,
    rule: Option<DataRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Further {
    key: String,
    service: Option<String>,
    get: String,
    #[serde(default)]
    items: String,
    #[serde(default)]
    permission: String,
    #[serde(default)]
    may_be_refused: bool,
}

/// The path of a listing of a data source: what was filled in for one.
const WHOLE_PATH: &str = "{parent}";

/// One file's data source, and the listings it brings.
pub(super) fn read(
    source: &Source<'_>,
    service: &str,
    stem: &str,
) -> Result<(DataSource, Vec<Listing>), DefinitionError> {
    let file: File = source.toml()?;
    if file.rtype != stem {
        let message = format!("the file of `{}` is named `{stem}`", file.rtype);
        return Err(source.problem("type", message));
    }
    let arguments = |text: &str| source.template(text, Words::Attributes);
    let expressions = |table: &BTreeMap<String, String>| {
        let each = table.iter();
        each.map(|(name, text)| Ok((name.clone(), source.expression(text)?)))
            .collect::<Result<BTreeMap<_, _>, DefinitionError>>()
    };
    let (asks, listings) = asks(source, &file, service)?;
    let derived = file.derived.iter();
    let data = DataSource {
        mirrors: file.mirrors.clone(),
        take: file.take.clone(),
        defaults: file.defaults.clone(),
        derived: derived
            .map(|(name, text)| Ok((name.clone(), arguments(text)?)))
            .collect::<Result<_, DefinitionError>>()?,
        asks,
        id: file.id.as_deref().map(arguments).transpose()?,
        select: expressions(&file.select)?,
        prefix: (file.prefix.iter())
            .map(|(name, paths)| (name.clone(), paths.iter().map(|path| keys(path)).collect()))
            .collect(),
        yields: expressions(&file.yields)?,
        secret: file.secret.clone(),
        rule: file.rule,
        description: file.description,
        rtype: file.rtype,
    };
    Ok((data, listings))
}

/// The requests of a data source, with the listings their answers are kept under.
fn asks(
    source: &Source<'_>,
    file: &File,
    service: &str,
) -> Result<(Vec<Ask>, Vec<Listing>), DefinitionError> {
    let (mut asks, mut listings) = (Vec::new(), Vec::new());
    let mut add = |key: Option<&String>, further: &Further| {
        let listing = match key {
            Some(key) => format!("data.{}.{key}", file.rtype),
            None => format!("data.{}", file.rtype),
        };
        let of = further.service.as_ref().or(file.service.as_ref());
        listings.push(Listing {
            name: listing.clone(),
            service: of.map_or(service, String::as_str).to_owned(),
            path: source.template(WHOLE_PATH, Words::Scope)?,
            items: keys(&further.items),
            query: Vec::new(),
            get_query: Vec::new(),
            per: Per::Demand,
            permission: further.permission.clone(),
            post: None,
            on_demand: true,
        });
        asks.push(Ask {
            listing,
            path: source.template(&further.get, Words::Attributes)?,
            items: keys(&further.items),
            key: key.cloned(),
            may_be_refused: further.may_be_refused,
        });
        Ok::<_, DefinitionError>(())
    };
    if let Some(get) = &file.get {
        let first = Further {
            key: String::new(),
            service: None,
            get: get.clone(),
            items: file.items.clone(),
            permission: file.permission.clone(),
            may_be_refused: false,
        };
        add(None, &first)?;
    }
    for further in &file.further {
        add(Some(&further.key), further)?;
    }
    Ok((asks, listings))
}

fn keys(path: &str) -> Vec<String> {
    let keys = path.split('.').filter(|key| !key.is_empty());
    keys.map(str::to_owned).collect()
}
