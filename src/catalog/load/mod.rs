//! From the texts of definition files to definitions, as of some releases of the provider.

mod family;
mod recipe;
pub(super) mod tables;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::Catalog;
use super::check::{self, DefinitionError, Source};
use super::data_source::{self, DataSource};
use super::definition::{Definition, Enabled, Listing, Origin, Per, Service};
use super::file::{EnabledTable, ProviderFile, TypeFile};
use super::kind;
use super::schema::Schema;
use super::schema::foreign::{self, Foreign, ForeignData};
use crate::model::{Because, Range, Releases, Version};
pub(super) use recipe::Recipe;

/// The texts of definition files, by path; those built into the program are not copied.
pub(super) type Texts = BTreeMap<String, Cow<'static, str>>;

/// Definition files, parsed: what definitions are made of, whichever the release.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Whether the definitions are known to hold, so that each may be worked out when it is first asked for.
    trusted: bool,
    provider: ProviderFile,
    enabled: Option<Enabled>,
    services: Arc<BTreeMap<String, Service>>,
    types: BTreeMap<String, TypeFile>,
    /// Where each type stands.
    places: BTreeMap<String, Place>,
    /// What is asked for the types and for data sources.
    listings: Arc<BTreeMap<String, Listing>>,
    data_sources: Arc<BTreeMap<String, DataSource>>,
    /// The files of kinds of a cluster.
    kinds: Texts,
    foreign: Arc<BTreeMap<String, Foreign>>,
    foreign_data: Arc<BTreeMap<String, ForeignData>>,
}

/// The files of one type.
#[derive(Debug)]
struct Place {
    file: String,
    text: Cow<'static, str>,
    service: String,
    /// The file of its family, with its text.
    family: Option<(String, Cow<'static, str>)>,
    /// The facts over all releases, as text and as read.
    facts: Cow<'static, str>,
    schema: OnceLock<Schema>,
}

impl Place {
    fn source(&self) -> Source<'_> {
        let family = self.family.as_ref();
        Source {
            family: family.map(|(file, text)| (file.as_str(), &**text)),
            ..Source::new(&self.file, &self.text)
        }
    }

    /// The facts over all releases.
    fn schema(&self) -> Result<&Schema, DefinitionError> {
        if let Some(schema) = self.schema.get() {
            return Ok(schema);
        }
        let read = Schema::parse(&self.facts).map_err(|message| {
            let file = facts_beside(&self.file);
            Source::new(&file, &self.facts).problem("\"type\"", message)
        })?;
        Ok(self.schema.get_or_init(|| read))
    }
}

/// Where the facts of a type lie.
fn facts_beside(file: &str) -> String {
    file.replace(".toml", ".schema.json")
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
                let read = family::read(source)?;
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
    /// Parses the texts of definition files.
    pub fn read(texts: Texts, trusted: bool) -> Result<Self, DefinitionError> {
        // Rules of `check` are no definitions.
        let texts = texts
            .into_iter()
            .filter(|(file, _)| !file.starts_with("rules/"));
        let (kinds, texts): (Texts, Texts) = texts.partition(|(file, _)| kind::is_of(file));
        let (beside, texts): (Texts, Texts) = texts
            .into_iter()
            .partition(|(file, _)| file.starts_with("foreign/") || file.contains("/data/"));
        let mut out = Self {
            trusted,
            kinds,
            ..Self::default()
        };
        let mut services = BTreeMap::new();
        let definitions = texts
            .par_iter()
            .filter(|(file, _)| file.ends_with(".toml") && parts(file).0 != family::FOLDER);
        let read = definitions.map(|(file, text)| {
            let family = family::of(text, &texts);
            let source = Source {
                family: family.map(|(file, text)| (file, &**text)),
                ..Source::new(file, text)
            };
            (file, Part::read(&source))
        });
        for (file, part) in read.collect::<Vec<_>>() {
            match part? {
                Part::Provider(provider, enabled) => {
                    (out.provider, out.enabled) = (*provider, enabled);
                }
                Part::Service(name, service) => {
                    services.insert(name, service);
                }
                Part::Type(read) => {
                    (out.places).insert(read.rtype.clone(), place(file, &texts)?);
                    out.types.insert(read.rtype.clone(), *read);
                }
            }
        }
        out.services = Arc::new(services);
        out.provider.versions.releases.sort();
        out.beside(&beside)?;
        Ok(out)
    }

    /// What stands beside the types: data sources, and what other providers have.
    fn beside(&mut self, texts: &Texts) -> Result<(), DefinitionError> {
        let (mut sources, mut listings) = (BTreeMap::new(), BTreeMap::new());
        let (mut foreign, mut foreign_data) = (BTreeMap::new(), BTreeMap::new());
        for (file, text) in texts {
            let source = Source::new(file, text);
            match parts(file) {
                ("data", stem) => {
                    let (data, asked) = self.data_source(&source, stem)?;
                    sources.insert(data.rtype.clone(), data);
                    listings.extend(asked.into_iter().map(|one| (one.name.clone(), one)));
                }
                (_, "data") => foreign_data = source.toml()?,
                _ => foreign.extend(foreign::read(&source)?),
            }
        }
        for (rtype, place) in &self.places {
            let Some(read) = self.types.get(rtype) else {
                continue;
            };
            let asked = check::listings(&place.source(), &place.service, read)?;
            listings.extend(asked.into_iter().map(|one| (one.name.clone(), one)));
        }
        self.data_sources = Arc::new(sources);
        self.listings = Arc::new(listings);
        (self.foreign, self.foreign_data) = (Arc::new(foreign), Arc::new(foreign_data));
        Ok(())
    }

    /// A data source, with the listings it brings.
    fn data_source(
        &self,
        source: &Source<'_>,
        stem: &str,
    ) -> Result<(DataSource, Vec<Listing>), DefinitionError> {
        let service = source.file.rsplit('/').nth(2).unwrap_or_default();
        let (data, listings) = data_source::read(source, service, stem)?;
        let mut asked = listings.iter().map(|listing| &listing.service);
        if let Some(service) = asked.find(|service| !self.services.contains_key(*service)) {
            return Err(source.problem("service", format!("`{service}` is no service")));
        }
        let mirrored = data.mirrors.as_ref();
        if let Some(mirrored) = mirrored.filter(|mirrored| !self.types.contains_key(*mirrored)) {
            return Err(source.problem("mirrors", format!("there is no type `{mirrored}`")));
        }
        Ok((data, listings))
    }

    /// The releases whose facts are known, the oldest first.
    pub fn releases(&self) -> &[Version] {
        &self.provider.versions.releases
    }

    /// The facts of a type over all releases.
    pub fn schema(&self, rtype: &str) -> Option<&Schema> {
        self.places.get(rtype)?.schema().ok()
    }
}

fn place(file: &str, texts: &Texts) -> Result<Place, DefinitionError> {
    let text = texts.get(file).cloned().unwrap_or_default();
    let beside = facts_beside(file);
    let facts = texts.get(&beside).cloned();
    let facts = facts.ok_or_else(|| {
        Source::new(file, &text).problem("type", format!("`{beside}` is missing"))
    })?;
    let family = family::of(&text, texts).map(|(file, text)| (file.to_owned(), text.clone()));
    Ok(Place {
        file: file.to_owned(),
        service: parts(file).0.to_owned(),
        text,
        family,
        facts,
        schema: OnceLock::new(),
    })
}

/// Makes the definitions as of some releases; those of the newest known where none are named.
pub(super) fn catalog(
    files: &Arc<Files>,
    wanted: Option<Releases>,
) -> Result<Catalog, DefinitionError> {
    let newest = files.releases().last().copied().unwrap_or(NEWEST);
    let releases = wanted.unwrap_or(Releases::one(newest));
    let mut catalog = Catalog {
        data_sources: Arc::clone(&files.data_sources),
        listings: Arc::clone(&files.listings),
        foreign: Arc::clone(&files.foreign),
        foreign_data: Arc::clone(&files.foreign_data),
        services: Arc::clone(&files.services),
        enabled: files.enabled.clone(),
        files: Arc::clone(files),
        ..Catalog::default()
    };
    catalog.version = catalog.version(false, releases, Because::Newest);
    let unknown = catalog.version.range != Range::Known;
    let recipe = Recipe::new(files, releases, unknown);
    let each = files.places.par_iter().filter_map(|(rtype, place)| {
        let read = files.types.get(rtype)?;
        let made = check::outline(&place.source(), &place.service, read, &recipe);
        Some(made.and_then(|definition| {
            if !files.trusted {
                definition.settle(recipe.details(rtype)?);
            }
            Ok((rtype.clone(), definition))
        }))
    });
    let each: Result<BTreeMap<_, _>, _> = each.collect::<Vec<_>>().into_iter().collect();
    catalog.definitions = Arc::new(each?);
    let kinds: Vec<(&str, &str)> = (files.kinds.iter())
        .map(|(file, text)| (file.as_str(), text.as_ref()))
        .collect();
    catalog.kinds = Arc::new(kind::read(&kinds, &recipe)?);
    if !files.trusted {
        for (rtype, place) in &files.places {
            if let Some(definition) = catalog.definition(rtype) {
                cross_check(&catalog, definition, &place.source())?;
            }
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
        if let Per::Parent { listing: above, .. } | Per::ProjectWith(above) = &listing.per
            && catalog.listed_by(above).is_some_and(|one| one.on_demand)
            && !listing.on_demand
        {
            let message = format!("`{above}` is asked on demand: so is what is asked per each");
            return Err(source.problem("per", message));
        }
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
