//! What a definition says of its objects, made when it is first asked for: a run meets objects of few of all types.

use std::sync::Arc;

use super::Files;
use super::tables::Surroundings;
use crate::catalog::check::{self, DefinitionError};
use crate::catalog::definition::Details;
use crate::model::Releases;

/// What the details of definitions are made of, and for which releases.
#[derive(Clone)]
pub(in crate::catalog) struct Recipe {
    files: Arc<Files>,
    /// Within those whose facts are known.
    releases: Releases,
    /// Whether the releases asked for are others than those whose facts are known.
    unknown: bool,
}

impl std::fmt::Debug for Recipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("Recipe");
        out.field("releases", &self.releases)
            .finish_non_exhaustive()
    }
}

impl Recipe {
    /// A recipe for some releases.
    pub fn new(files: &Arc<Files>, releases: Releases, unknown: bool) -> Self {
        let known = files.releases();
        let newest = known.last().copied().unwrap_or(super::NEWEST);
        let oldest = known.first().copied().unwrap_or_default();
        Self {
            files: Arc::clone(files),
            releases: Releases {
                from: releases.from.clamp(oldest, newest),
                to: releases.to.clamp(oldest, newest),
            },
            unknown,
        }
    }

    /// What stands around a definition.
    pub fn around(&self) -> Surroundings<'_> {
        Surroundings {
            provider: &self.files.provider,
            types: &self.files.types,
            releases: self.releases,
            unknown: self.unknown,
        }
    }

    /// The details of a type.
    ///
    /// # Errors
    /// What of its files does not hold, with file and line.
    ///
    /// # Panics
    /// If there is no such type.
    pub fn details(&self, rtype: &str) -> Result<Details, DefinitionError> {
        let (place, read) = (&self.files.places[rtype], &self.files.types[rtype]);
        let source = place.source();
        let mut details = check::details(&source, read, place.schema()?, &self.around())?;
        check::consistent(&source, &details)?;
        let service = self.files.services.get(&place.service);
        details.links = service.map(|one| one.links.clone()).unwrap_or_default();
        Ok(details)
    }
}
