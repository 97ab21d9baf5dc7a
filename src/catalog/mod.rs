//! The definitions in `providers/`, checked. No file is read here: the text is handed in.

mod check;
mod choice;
mod data_source;
mod definition;
mod emission;
pub mod expression;
mod file;
mod kind;
mod listing;
mod load;
pub mod rule;
mod schema;
mod schema_path;
mod suppress;
mod template;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use check::DefinitionError;
pub use choice::Evidence;
pub use data_source::{Ask, DataRule, DataSource};
pub use definition::{
    AttributeReader, Condition, Definition, Details, EFFECTIVE_LABELS, Enabled, Get, Inline,
    Listing, MERGED_LABELS, Origin, Part, Per, Prior, Quota, Reference, ReplaceIf, Replacement,
    Service, Unwritten, Vanished,
};
pub use emission::{Emission, Emit};
pub use expression::{Context, Expression, Lookup, endpoints, fits};
pub use kind::{Clusters, Images, Kind as ClusterKind, Kinds, Sight, Way};
pub use schema::foreign::{Foreign, ForeignData, LocalFile};
pub use schema::{Attribute, Fact, Kind, Mode, Schema, Turn, plain};
pub use schema_path::SchemaPath;
pub use suppress::{EmptyRule, Suppress, TextRule, When};
pub use template::{Template, Words};

use crate::model::{Because, ProviderVersion, Releases, Version};
use load::Files;

/// Every definition, by resource type, with the services and listings they need. A copy shares them.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Services by name.
    pub services: Arc<BTreeMap<String, Service>>,
    /// Definitions by resource type.
    pub definitions: Arc<BTreeMap<String, Definition>>,
    /// Kinds of a cluster, which no resource type of a provider stands for: [`Catalog::definition`] knows them by type, and no
    /// list of types has them.
    pub kinds: Arc<Kinds>,
    /// Listings by name.
    pub listings: Arc<BTreeMap<String, Listing>>,
    /// What lists the APIs that a project has enabled, where that is known.
    pub enabled: Option<Enabled>,
    /// Data sources by type.
    pub data_sources: Arc<BTreeMap<String, DataSource>>,
    /// Facts of resource types of other providers.
    pub foreign: Arc<BTreeMap<String, Foreign>>,
    /// How data sources of other providers are worked out, by type.
    pub foreign_data: Arc<BTreeMap<String, ForeignData>>,
    /// The releases of the provider whose facts these are, and on whose word.
    pub version: ProviderVersion,
    /// The same for google-beta, where that is of other releases.
    beta: Option<Arc<Catalog>>,
    /// What the definitions are made of.
    files: Arc<Files>,
}

impl Catalog {
    /// Reads definitions from `(path, text)` pairs and checks them all; paths are `google/provider.toml`,
    /// `google/SERVICE/service.toml`, `google/SERVICE/TYPE.toml` and `google/SERVICE/TYPE.schema.json`.
    ///
    /// # Errors
    /// The first problem, with file and line.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, DefinitionError> {
        let own = |(path, text): (&str, &str)| (path.to_owned(), text.to_owned().into());
        let files = Files::read(files.into_iter().map(own).collect(), false)?;
        load::catalog(&Arc::new(files), None)
    }

    /// Reads definitions that are part of this program, and are known to hold: what one says of its objects is worked out when it
    /// is first asked for.
    ///
    /// # Errors
    /// As [`Catalog::load`], as far as what a scan asks can tell.
    pub fn built_in(
        files: impl IntoIterator<Item = (&'static str, &'static str)>,
    ) -> Result<Self, DefinitionError> {
        let own = |(path, text): (&'static str, &'static str)| (path.to_owned(), text.into());
        let files = Files::read(files.into_iter().map(own).collect(), true)?;
        load::catalog(&Arc::new(files), None)
    }

    /// The definitions as of other releases of the provider: everything that is asked of the result is answered by their facts.
    ///
    /// # Errors
    /// A definition that does not hold for them, with file and line.
    pub fn at(&self, releases: Releases) -> Result<Self, DefinitionError> {
        self.with(self.version(false, releases, Because::Asked))
    }

    /// The same, with who says that they are these.
    ///
    /// # Errors
    /// As [`Catalog::at`].
    pub fn with(&self, version: ProviderVersion) -> Result<Self, DefinitionError> {
        let mut out = if version.releases == self.version.releases {
            self.clone()
        } else {
            load::catalog(&self.files, Some(version.releases))?
        };
        out.version = version;
        Ok(out)
    }

    /// The definitions as of the releases that evidence tells of each provider.
    ///
    /// # Errors
    /// As [`Catalog::at`].
    pub fn told(&self, evidence: &Evidence<'_>) -> Result<Self, DefinitionError> {
        let [google, beta] = [false, true].map(|beta| self.choose(beta, evidence));
        let mut out = self.with(google)?;
        // Where nothing is said of google-beta, it is of the same releases.
        let apart = beta.because != Because::Newest && beta.releases != out.version.releases;
        out.beta = match apart {
            true => Some(Arc::new(self.with(beta)?)),
            false => None,
        };
        Ok(out)
    }

    /// The definitions by which resources of google or google-beta are judged.
    pub fn flavour(&self, beta: bool) -> &Self {
        self.beta.as_deref().filter(|_| beta).unwrap_or(self)
    }

    /// The definitions for google-beta, where they are not the same.
    pub fn beta(&self) -> Option<&Self> {
        self.beta.as_deref()
    }

    /// Whether the provider adds its attribution label where its configuration does not say.
    pub fn is_attributed(&self) -> bool {
        let mut all = self.definitions.values();
        all.any(|definition| definition.attributed != Some(false))
    }

    /// The version of each provider that is judged by facts of its own.
    pub fn versions(&self) -> Vec<ProviderVersion> {
        let all = [Some(self), self.beta()].into_iter().flatten();
        all.map(|catalog| catalog.version.clone()).collect()
    }

    /// The releases whose facts are known, the oldest first.
    pub fn known_releases(&self) -> &[Version] {
        self.files.releases()
    }

    /// The listing that shows the objects of a type: its own, or the one of the type it is within.
    pub fn listed_by<'a>(&'a self, rtype: &'a str) -> Option<&'a Listing> {
        let mut at = rtype;
        for _ in 0..self.definitions.len() + 1 {
            match self
                .definitions
                .get(at)
                .map(|definition| &definition.origin)
            {
                Some(Origin::Within { parent, .. }) => at = parent,
                _ => return self.listings.get(at),
            }
        }
        None
    }

    /// Whether a type is read only where somebody names it, or state has it.
    pub fn is_on_demand(&self, rtype: &str) -> bool {
        self.listed_by(rtype)
            .is_some_and(|listing| listing.on_demand)
    }

    /// The listings of a type that complete its objects and are asked only where somebody names it, or state has it.
    pub fn on_demand_parts<'a>(&'a self, rtype: &'a str) -> impl Iterator<Item = &'a str> {
        let own = move |listing: &&Listing| {
            let rest = listing.name.strip_prefix(rtype);
            listing.on_demand && rest.is_some_and(|rest| rest.starts_with('.'))
        };
        let listings = self.listings.values().filter(own);
        listings.map(|listing| listing.name.as_str())
    }

    /// The definition of a type.
    pub fn definition(&self, rtype: &str) -> Option<&Definition> {
        let kind = || self.kinds.get(rtype).map(|kind| &kind.definition);
        self.definitions.get(rtype).or_else(kind)
    }
}
