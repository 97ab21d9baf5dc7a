//! From the texts of definition files to definitions, as of some releases of the provider.

pub(super) mod tables;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::Catalog;
use super::check::{self, DefinitionError, Source};
use super::data_source::{self, DataSource};
use super::definition::{Definition, Enabled, Listing, Origin, Per, Service};
use super::file::{EnabledTable, ProviderFile, TypeFile};
use super::schema::Schema;
use super::schema::foreign::{self, Foreign, ForeignData};
use crate::model::{Because, Range, Releases, Version};
use tables::Surroundings;

/// Definition files, parsed: what definitions are made of, whichever the release.
#[derive(Debug, Default)]
pub(super) struct Files {
    provider: ProviderFile,
    enabled: Option<Enabled>,
    services: BTreeMap<String, Service>,
    types: BTreeMap<String, TypeFile>,
    /// Where each type stands.
    places: Vec<Place>,
    /// Data sources, with the listings they bring.
    data_sources: Vec<(DataSource, Vec<Listing>)>,
    foreign: BTreeMap<String, Foreign>,
    foreign_data: BTreeMap<String, ForeignData>,
}

/// The files of one type.
#[derive(Debug)]
struct Place {
    file: String,
    text: String,
    service: String,
    rtype: String,
    schema: Schema,
}

impl Place {
    fn source(&self) -> Source<'_> {
        Source {
            file: &self.file,
            text: &self.text,
        }
    }
}

/// What one file of `providers/google` holds.
enum Part {
    Provider(Box<ProviderFile>, Option<Enabled>),
    Service(String, Service),
    Type(Box<TypeFile>),
}

impl Part {
    fn read(source: &Source<'_>) -> Result<Self, DefinitionError> {
        Ok(match parts(source.file) {
            (_, "provider") => {
                let provider: ProviderFile = source.toml()?;
                let enabled = enabled(source, &provider)?;
                Self::Provider(Box::new(provider), enabled)
            }
            (service, "service") => {
                Self::Service(service.to_owned(), check::service(source, service)?)
            }
            (_, stem) => {
                let read: TypeFile = source.toml()?;
                if read.rtype != stem {
                    let message = format!("the file of `{}` is named `{stem}`", read.rtype);
                    return Err(source.problem("type", message));
                }
                Self::Type(Box::new(read))
            }
        })
    }
}

impl Files {
    /// Parses `(path, text)` pairs.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, DefinitionError> {
        let (beside, files): (BTreeMap<&str, &str>, BTreeMap<&str, &str>) = files
            .into_iter()
            .partition(|(file, _)| file.starts_with("foreign/") || file.contains("/data/"));
        let mut out = Self::default();
        let definitions = files.par_iter().filter(|(file, _)| file.ends_with(".toml"));
        let read = definitions.map(|(file, text)| Part::read(&Source { file, text }));
        for part in read.collect::<Vec<_>>() {
            match part? {
                Part::Provider(provider, enabled) => {
                    (out.provider, out.enabled) = (*provider, enabled);
                }
                Part::Service(name, service) => {
                    out.services.insert(name, service);
                }
                Part::Type(read) => {
                    out.types.insert(read.rtype.clone(), *read);
                }
            }
        }
        out.provider.versions.releases.sort();
        let places = files
            .par_iter()
            .filter(|(file, _)| file.ends_with(".toml") && out.types.contains_key(parts(file).1))
            .map(|(file, text)| place(file, text, &files));
        out.places = places
            .collect::<Vec<_>>()
            .into_iter()
            .collect::<Result<_, _>>()?;
        for (file, text) in &beside {
            out.beside(&Source { file, text })?;
        }
        Ok(out)
    }

    /// What stands beside the types: data sources, and what other providers have.
    fn beside(&mut self, source: &Source<'_>) -> Result<(), DefinitionError> {
        let (folder, stem) = parts(source.file);
        if folder != "data" {
            return match stem {
                "data" => source.toml().map(|rules| self.foreign_data = rules),
                _ => foreign::read(source).map(|types| self.foreign.extend(types)),
            };
        }
        let service = source.file.rsplit('/').nth(2).unwrap_or_default();
        let (data, listings) = data_source::read(source, service, stem)?;
        if let Some(listing) = listings
            .iter()
            .find(|l| !self.services.contains_key(&l.service))
        {
            let message = format!("`{}` is no service", listing.service);
            return Err(source.problem("service", message));
        }
        if let Some(mirrored) = data
            .mirrors
            .as_ref()
            .filter(|m| !self.types.contains_key(*m))
        {
            return Err(source.problem("mirrors", format!("there is no type `{mirrored}`")));
        }
        self.data_sources.push((data, listings));
        Ok(())
    }

    /// The releases whose facts are known, the oldest first.
    pub fn releases(&self) -> &[Version] {
        &self.provider.versions.releases
    }

    /// The facts of a type over all releases.
    pub fn schema(&self, rtype: &str) -> Option<&Schema> {
        let place = self.places.iter().find(|place| place.rtype == rtype);
        place.map(|place| &place.schema)
    }
}

fn place(file: &str, text: &str, files: &BTreeMap<&str, &str>) -> Result<Place, DefinitionError> {
    let (service, rtype) = parts(file);
    let beside = file.replace(".toml", ".schema.json");
    let facts = files
        .get(beside.as_str())
        .ok_or_else(|| Source { file, text }.problem("type", format!("`{beside}` is missing")))?;
    let schema = Schema::parse(facts).map_err(|message| {
        Source {
            file: &beside,
            text: facts,
        }
        .problem("\"type\"", message)
    })?;
    Ok(Place {
        file: file.to_owned(),
        text: text.to_owned(),
        service: service.to_owned(),
        rtype: rtype.to_owned(),
        schema,
    })
}

/// Makes the definitions as of some releases; those of the newest known where none are named.
pub(super) fn catalog(
    files: &Arc<Files>,
    wanted: Option<Releases>,
) -> Result<Catalog, DefinitionError> {
    let newest = files.releases().last().copied().unwrap_or(NEWEST);
    let oldest = files.releases().first().copied().unwrap_or_default();
    let releases = wanted.unwrap_or(Releases::one(newest));
    let sources = files.data_sources.iter();
    let demanded = files.data_sources.iter().flat_map(|(_, listings)| listings);
    let mut catalog = Catalog {
        data_sources: sources.map(|(s, _)| (s.rtype.clone(), s.clone())).collect(),
        listings: demanded
            .map(|listing| (listing.name.clone(), listing.clone()))
            .collect(),
        foreign: files.foreign.clone(),
        foreign_data: files.foreign_data.clone(),
        services: files.services.clone(),
        enabled: files.enabled.clone(),
        files: Arc::clone(files),
        ..Catalog::default()
    };
    catalog.version = catalog.version(false, releases, Because::Newest);
    let around = Surroundings {
        provider: &files.provider,
        types: &files.types,
        releases: Releases {
            from: releases.from.clamp(oldest, newest),
            to: releases.to.clamp(oldest, newest),
        },
        unknown: catalog.version.range != Range::Known,
    };
    let worked_out = files.places.par_iter().filter_map(|place| {
        let read = files.types.get(&place.rtype)?;
        let source = place.source();
        let made = check::definition(&source, &place.service, read, &place.schema, &around);
        Some(made.and_then(|made| check::consistent(&source, &made.0).map(|()| made)))
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
    for place in &files.places {
        if let Some(definition) = catalog.definition(&place.rtype) {
            cross_check(&catalog, definition, &place.source())?;
        }
    }
    Ok(catalog)
}

fn enabled(
    source: &Source<'_>,
    provider: &ProviderFile,
) -> Result<Option<Enabled>, DefinitionError> {
    let read = |table: &EnabledTable| {
        Ok(Enabled {
            listing: table.listing.clone(),
            api: source.expression(&table.api)?,
        })
    };
    provider.enabled.as_ref().map(read).transpose()
}

/// The release that is newer than all, for definitions that name none.
const NEWEST: Version = Version {
    major: u32::MAX,
    minor: 0,
    patch: 0,
};

/// Every name one definition says of another is there.
fn cross_check(
    catalog: &Catalog,
    definition: &Definition,
    source: &Source<'_>,
) -> Result<(), DefinitionError> {
    if !catalog.services.contains_key(&definition.service) {
        return Err(source.problem(
            "type",
            format!("`{}` has no service.toml", definition.service),
        ));
    }
    if let Origin::Within { parent, .. } = &definition.origin
        && !catalog.definitions.contains_key(parent)
    {
        return Err(source.problem(parent, format!("there is no type `{parent}`")));
    }
    if let Some(whole) = definition
        .part_of
        .as_ref()
        .filter(|whole| !catalog.definitions.contains_key(*whole))
    {
        return Err(source.problem(whole, format!("there is no type `{whole}`")));
    }
    let own = |listing: &&Listing| listing.name.split('.').next() == Some(&definition.rtype);
    for listing in catalog.listings.values().filter(own) {
        let missing = match &listing.per {
            Per::Parent { listing, .. } | Per::ProjectWith(listing) => {
                !catalog.definitions.contains_key(listing)
                    && !catalog.listings.contains_key(listing)
            }
            Per::Project | Per::Location(_) | Per::Demand | Per::Named => false,
        };
        if missing || !catalog.services.contains_key(&listing.service) {
            return Err(source.problem(
                "per",
                format!(
                    "`{}` is asked of a service or per a type there is not",
                    listing.name
                ),
            ));
        }
    }
    Ok(())
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
