//! What a gap hides.

use crate::catalog::{Catalog, Definition, Origin, Per};
use crate::compare::Inputs;
use crate::compare::pair::Pair;
use crate::model::{Gap, GapReason, Scope, Unknown, Value};

/// The gap that covers an instance without an object, if there is one; then it is unknown, not missing.
pub(in crate::compare) fn covering<'a>(
    pair: &Pair<'_>,
    gaps: &'a [Gap],
    inputs: &Inputs<'_>,
) -> Option<&'a Gap> {
    gaps.iter().find(|gap| covers(gap, pair, inputs))
}

/// The gap that is the reason why something is not known.
pub(in crate::compare) fn behind(why: &Unknown, gaps: &[Gap]) -> Option<usize> {
    let Unknown::Gap(id) = why else {
        return None;
    };
    gaps.iter().position(|gap| gap.id() == *id)
}

/// A gap for each type and project that state knows and nobody asked about.
pub(in crate::compare) fn unasked(pairs: &[Pair<'_>], inputs: &Inputs<'_>) -> Vec<Gap> {
    let mut out: Vec<Gap> = Vec::new();
    for pair in pairs
        .iter()
        .filter(|pair| pair.object.is_none() && !pair.outlives)
    {
        // Of some, state does not say where they lie.
        let elsewhere = !pair.project.is_empty() && !inputs.projects.contains(&pair.project);
        if !elsewhere && captured(pair, inputs) {
            continue;
        }
        let known = out
            .iter()
            .any(|gap| gap.scope.project == pair.project && gap.listing == pair.definition.rtype);
        if !known {
            out.push(Gap {
                listing: pair.definition.rtype.clone(),
                scope: Scope {
                    project: pair.project.clone(),
                    ..Scope::default()
                },
                reason: GapReason::NotCaptured,
                detail: if elsewhere {
                    format!(
                        "state has resources in project {}, which was not looked at",
                        pair.project
                    )
                } else {
                    "the snapshot was taken without this type".to_owned()
                },
                fix: if elsewhere {
                    format!("add --project {}", pair.project)
                } else {
                    "take the snapshot again".to_owned()
                },
            });
        }
    }
    out
}

/// Takes out the gaps of APIs that are not enabled and that no state mentions: there is nothing there to be missed.
pub(in crate::compare) fn disabled(
    gaps: &mut Vec<Gap>,
    pairs: &[Pair<'_>],
    inputs: &Inputs<'_>,
) -> Vec<Gap> {
    let mentioned = |gap: &Gap| {
        pairs.iter().any(|pair| {
            pair.project == gap.scope.project
                && chain(pair.definition, inputs.catalog)
                    .iter()
                    .any(|listing| gap.listing.starts_with(listing))
        })
    };
    let (quiet, rest) = gaps
        .drain(..)
        .partition(|gap| gap.reason == GapReason::ApiDisabled && !mentioned(gap));
    *gaps = rest;
    quiet
}

/// Whether every listing that an instance is found through was asked.
fn captured(pair: &Pair<'_>, inputs: &Inputs<'_>) -> bool {
    let listed = |name: &&str| {
        !inputs.catalog.listings.contains_key(*name)
            || inputs.asked.iter().any(|asked| asked == name)
    };
    inputs.asked.is_empty() || chain(pair.definition, inputs.catalog).iter().all(listed)
}

fn covers(gap: &Gap, pair: &Pair<'_>, inputs: &Inputs<'_>) -> bool {
    (gap.scope.project == pair.project || pair.project.is_empty())
        && chain(pair.definition, inputs.catalog)
            .iter()
            .any(|listing| *listing == gap.listing)
        && located(gap, &pair.before)
        && parented(gap, pair)
        && (pair.id.as_deref()).is_none_or(|id| gap.scope.means(id))
}

/// The listings an object of a type is found through: its own, that of its parent, that of the parent's parent.
fn chain<'a>(definition: &'a Definition, catalog: &'a Catalog) -> Vec<&'a str> {
    let mut out = Vec::new();
    let mut at = Some(definition.rtype.as_str());
    while let Some(name) = at.filter(|name| !out.contains(name)) {
        out.push(name);
        at = match catalog
            .definition(name)
            .map(|definition| &definition.origin)
        {
            Some(Origin::Within { parent, .. }) => Some(parent.as_str()),
            _ => match catalog.listings.get(name).map(|listing| &listing.per) {
                Some(Per::Parent { listing, .. } | Per::ProjectWith(listing)) => {
                    Some(listing.as_str())
                }
                _ => None,
            },
        };
    }
    out
}

/// The types of which objects may go unseen where a listing could not be read; all there are, where it is no listing of a type
/// (the projects of a folder).
pub fn hidden_by(listing: &str, catalog: &Catalog) -> Vec<String> {
    // What lies in a cluster hides nothing outside it.
    if catalog.kinds.get(listing).is_some() {
        return vec![listing.to_owned()];
    }
    let base = listing.split('.').next().unwrap_or(listing);
    let known = catalog.listings.contains_key(listing) || catalog.definition(base).is_some();
    let through = |definition: &&Definition| {
        !known
            || definition.rtype == base
            || chain(definition, catalog).contains(&listing)
            || (catalog.listed_by(&definition.rtype)).is_some_and(|one| one.name == listing)
    };
    let types = catalog.definitions.values().filter(through);
    types.map(|definition| definition.rtype.clone()).collect()
}

/// Whether a gap of one location can hide an instance: a region hides its zones, and a zone what is in all of its region. An
/// instance that does not say is hidden.
fn located(gap: &Gap, before: &Value) -> bool {
    let Some(location) = &gap.scope.location else {
        return true;
    };
    let id = before
        .get("id")
        .and_then(Value::as_text)
        .unwrap_or_default();
    let in_id = ["locations", "regions", "zones"]
        .iter()
        .find_map(|word| id.split('/').skip_while(|part| part != word).nth(1));
    let said = ["location", "region", "zone"]
        .iter()
        .find_map(|name| before.get(name)?.as_text().filter(|text| !text.is_empty()));
    // Some are stored as links.
    match said.and_then(|place| place.rsplit('/').next()).or(in_id) {
        Some(own) => own == location || is_zone(own, location) || is_zone(location, own),
        None => true,
    }
}

/// Whether a place is a zone of a region: `us-east1-b` of `us-east1`, but not `us-east1` of the multi-region `us`.
fn is_zone(zone: &str, region: &str) -> bool {
    zone.strip_prefix(region)
        .and_then(|rest| rest.strip_prefix('-'))
        .is_some_and(|rest| region.contains('-') && !rest.contains('-'))
}

/// Whether a gap of one parent can hide an instance: its canonical name goes through the parent.
fn parented(gap: &Gap, pair: &Pair<'_>) -> bool {
    let Some(parent) = &gap.scope.parent else {
        return true;
    };
    let name = parent.rsplit('/').next().unwrap_or(parent);
    pair.id
        .as_deref()
        .is_none_or(|id| id.split('/').any(|part| part == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_and_zones_hide_each_other_and_nothing_else() {
        let hides = |gap: &str, own: &str| {
            let gap = Gap {
                listing: String::new(),
                scope: Scope {
                    location: Some(gap.to_owned()),
                    ..Scope::default()
                },
                reason: GapReason::Unreachable,
                detail: String::new(),
                fix: String::new(),
            };
            located(
                &gap,
                &Value::Map([("location".to_owned(), own.into())].into()),
            )
        };
        assert!(
            hides("us-east1", "us-east1")
                && hides("us-east1", "us-east1-b")
                && hides("us-east1-b", "us-east1")
        );
        assert!(hides("us-central1", "us-central1-ai1a"));
        assert!(
            !hides("us-east1-b", "us-east1-c")
                && !hides("us-east1", "us-east4")
                && !hides("us-east1", "us-east10")
        );
        assert!(!hides("us-east1", "us") && !hides("us", "us-east1") && hides("us-east1", ""));
    }
}
