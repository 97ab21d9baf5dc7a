//! The definitions in `providers/`, checked. No file is read here: the text is handed in.

mod check;
mod definition;
mod emission;
pub mod expression;
mod file;
mod listing;
pub mod rule;
mod schema;
mod suppress;
mod template;

use std::collections::BTreeMap;

use rayon::prelude::*;

pub use check::DefinitionError;
pub use definition::{
    AttributeReader, Condition, Definition, Get, Inline, Listing, MERGED_LABELS, Origin, Part, Per,
    Prior, Quota, Reference, ReplaceIf, Replacement, Service, Unwritten, Vanished,
};
pub use emission::{Emission, Emit};
pub use expression::{Context, Expression, Lookup, fits};
pub use schema::{Attribute, Kind, Mode, Schema};
pub use suppress::{Suppress, When};
pub use template::{Template, Words};

use check::{Source, Surroundings};
use file::{ProviderFile, TypeFile};

/// Every definition, by resource type, with the services and listings they need.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Services by name.
    pub services: BTreeMap<String, Service>,
    /// Definitions by resource type.
    pub definitions: BTreeMap<String, Definition>,
    /// Listings by name.
    pub listings: BTreeMap<String, Listing>,
}

impl Catalog {
    /// Reads definitions from `(path, text)` pairs; paths are `google/provider.toml`, `google/SERVICE/service.toml`,
    /// `google/SERVICE/TYPE.toml` and `google/SERVICE/TYPE.schema.json`.
    ///
    /// # Errors
    /// The first problem, with file and line.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, DefinitionError> {
        let files: BTreeMap<&str, &str> = files.into_iter().collect();
        let mut catalog = Self::default();
        let mut provider = ProviderFile::default();
        let mut types: BTreeMap<String, TypeFile> = BTreeMap::new();
        for (file, text) in files.iter().filter(|(file, _)| file.ends_with(".toml")) {
            let source = Source { file, text };
            match parts(file) {
                (_, "provider") => provider = source.toml()?,
                (service, "service") => {
                    catalog
                        .services
                        .insert(service.to_owned(), check::service(&source, service)?);
                }
                (_, stem) => {
                    let read: TypeFile = source.toml()?;
                    if read.rtype != stem {
                        return Err(source.problem(
                            "type",
                            format!("the file of `{}` is named `{stem}`", read.rtype),
                        ));
                    }
                    types.insert(stem.to_owned(), read);
                }
            }
        }
        let around = Surroundings {
            provider: &provider,
            types: &types,
        };
        let worked_out = files
            .par_iter()
            .filter(|(file, _)| file.ends_with(".toml"))
            .filter_map(|(file, text)| {
                let (service, stem) = parts(file);
                Some(definition(
                    &Source { file, text },
                    service,
                    types.get(stem)?,
                    &files,
                    &around,
                ))
            });
        for each in worked_out.collect::<Vec<_>>() {
            let (mut definition, listings) = each?;
            definition.links = catalog
                .services
                .get(&definition.service)
                .map(|service| service.links.clone())
                .unwrap_or_default();
            catalog.listings.extend(
                listings
                    .into_iter()
                    .map(|listing| (listing.name.clone(), listing)),
            );
            catalog
                .definitions
                .insert(definition.rtype.clone(), definition);
        }
        catalog.cross_check(&files)?;
        Ok(catalog)
    }

    /// Every name one definition says of another is there.
    fn cross_check(&self, files: &BTreeMap<&str, &str>) -> Result<(), DefinitionError> {
        for definition in self.definitions.values() {
            let name = format!("{}.toml", definition.rtype);
            let file = files
                .keys()
                .find(|file| file.rsplit('/').next() == Some(&*name))
                .copied()
                .unwrap_or_default();
            let source = Source {
                file,
                text: files.get(file).copied().unwrap_or_default(),
            };
            if !self.services.contains_key(&definition.service) {
                return Err(source.problem(
                    "type",
                    format!("`{}` has no service.toml", definition.service),
                ));
            }
            if let Origin::Within { parent, .. } = &definition.origin
                && !self.definitions.contains_key(parent)
            {
                return Err(source.problem(parent, format!("there is no type `{parent}`")));
            }
            if let Some(whole) = definition
                .part_of
                .as_ref()
                .filter(|whole| !self.definitions.contains_key(*whole))
            {
                return Err(source.problem(whole, format!("there is no type `{whole}`")));
            }
            for listing in self
                .listings
                .values()
                .filter(|l| l.name.split('.').next() == Some(&definition.rtype))
            {
                let missing = match &listing.per {
                    Per::Parent { listing, .. } | Per::ProjectWith(listing) => {
                        !self.definitions.contains_key(listing)
                            && !self.listings.contains_key(listing)
                    }
                    _ => false,
                };
                if missing || !self.services.contains_key(&listing.service) {
                    return Err(source.problem(
                        "per",
                        format!(
                            "`{}` is asked of a service or per a type there is not",
                            listing.name
                        ),
                    ));
                }
            }
        }
        Ok(())
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
        self.definitions.get(rtype)
    }
}

/// One type's definition, and the listings that it brings.
fn definition(
    source: &Source<'_>,
    service: &str,
    read: &TypeFile,
    files: &BTreeMap<&str, &str>,
    around: &Surroundings<'_>,
) -> Result<(Definition, Vec<Listing>), DefinitionError> {
    let beside = source.file.replace(".toml", ".schema.json");
    let text = files
        .get(beside.as_str())
        .ok_or_else(|| source.problem("type", format!("`{beside}` is missing")))?;
    let schema = Schema::parse(text).map_err(|message| {
        Source {
            file: &beside,
            text,
        }
        .problem("\"type\"", message)
    })?;
    let (definition, listings) = check::definition(source, service, read, schema, around)?;
    check::consistent(source, &definition)?;
    Ok((definition, listings))
}

/// `google/sql/x.toml` → (`sql`, `x`).
fn parts(file: &str) -> (&str, &str) {
    let stem = file.rsplit('/').next().unwrap_or(file);
    let stem = stem
        .strip_suffix(".schema.json")
        .or_else(|| stem.strip_suffix(".toml"))
        .unwrap_or(stem);
    (file.rsplit('/').nth(1).unwrap_or_default(), stem)
}
