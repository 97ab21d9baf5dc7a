//! Which listings a run needs, and which follow from which.

use std::collections::{BTreeMap, BTreeSet};

use super::gate::Gate;
use crate::catalog::{Catalog, Context, Listing, Origin, Per, Service, Template};
use crate::collect::endpoint::{Endpoint, path_part, query_part};
use crate::collect::settings::Settings;
use crate::collect::transport::Channel;
use crate::model::{Scope, Value};

/// The listings of one run with their services.
#[derive(Debug)]
pub(in crate::collect) struct Plan {
    pub services: Vec<Served>,
    pub listings: Vec<Planned>,
    /// What says which APIs a project has enabled, where that is among the listings.
    pub gate: Option<Gate>,
}

/// A service with the way to it.
#[derive(Debug)]
pub(in crate::collect) struct Served {
    pub service: Service,
    pub channel: Channel,
}

/// A listing with what follows from it.
#[derive(Debug)]
pub(in crate::collect) struct Planned {
    pub listing: Listing,
    /// Its service, in [`Plan::services`].
    pub service: usize,
    /// Whether it waits for [`Plan::gate`] to name its service.
    pub gated: bool,
    /// Listings asked once an object of this one.
    pub children: Vec<usize>,
    /// Listings asked once a project that has an object of this one.
    pub once: Vec<usize>,
    /// Everything that cannot be known where this one is not, itself first: listings, and types read from its bodies.
    pub shadow: Vec<String>,
}

impl Plan {
    /// The listings that the wanted types take; all there are, when none are named.
    ///
    /// # Errors
    /// One line naming the variable of an endpoint that cannot be used.
    pub fn new(
        catalog: &Catalog,
        types: Option<&BTreeSet<String>>,
        settings: &Settings,
    ) -> Result<Self, String> {
        let names = needed(catalog, types);
        let listings: Vec<&Listing> = names
            .iter()
            .filter_map(|name| catalog.listings.get(*name))
            .collect();
        let used: BTreeSet<&str> = listings
            .iter()
            .map(|listing| listing.service.as_str())
            .collect();
        let services = catalog
            .services
            .values()
            .filter(|service| used.contains(service.name.as_str()));
        let services = services
            .map(|service| served(service, settings))
            .collect::<Result<Vec<_>, _>>()?;
        let at = |name: &str| {
            services
                .iter()
                .position(|served| served.service.name == name)
        };
        let gate = Gate::among(catalog, &listings);
        let mut planned: Vec<Planned> = listings
            .into_iter()
            .filter_map(|listing| {
                let (children, once, shadow) = (Vec::new(), Vec::new(), Vec::new());
                let service = at(&listing.service)?;
                Some(Planned {
                    service,
                    gated: gate.is_some() && services[service].service.where_enabled,
                    listing: listing.clone(),
                    children,
                    once,
                    shadow,
                })
            })
            .collect();
        let index: BTreeMap<String, usize> = planned
            .iter()
            .enumerate()
            .map(|(i, p)| (p.listing.name.clone(), i))
            .collect();
        for i in 0..planned.len() {
            let (above, once) = match &planned[i].listing.per {
                Per::Parent { listing, .. } => (listing, false),
                Per::ProjectWith(listing) => (listing, true),
                Per::Project | Per::Location(_) | Per::Demand | Per::Named => continue,
            };
            let Some(&above) = source(catalog, above).and_then(|name| index.get(name)) else {
                continue;
            };
            if once {
                planned[above].once.push(i)
            } else {
                planned[above].children.push(i)
            }
        }
        for i in 0..planned.len() {
            let mut shadow = Vec::new();
            cast(catalog, &planned, i, types, &mut shadow);
            planned[i].shadow = shadow;
        }
        Ok(Self {
            services,
            listings: planned,
            gate,
        })
    }

    /// The service of a listing.
    pub fn served(&self, listing: usize) -> &Served {
        &self.services[self.listings[listing].service]
    }
}

fn served(service: &Service, settings: &Settings) -> Result<Served, String> {
    let endpoint = Endpoint::new(&service.base, &service.endpoint, settings)?;
    Ok(Served {
        service: service.clone(),
        channel: Channel::new(endpoint),
    })
}

/// The name of the listing that shows the objects of a type.
fn source<'a>(catalog: &'a Catalog, rtype: &'a str) -> Option<&'a str> {
    catalog
        .listed_by(rtype)
        .map(|listing| listing.name.as_str())
}

/// The listings that types take, with those above them; without a list of types, those that need not be asked for by name. Among
/// the types may be listings, which are then asked as such.
pub(in crate::collect) fn needed<'a>(
    catalog: &'a Catalog,
    types: Option<&'a BTreeSet<String>>,
) -> BTreeSet<&'a str> {
    let Some(types) = types else {
        return catalog
            .listings
            .values()
            .filter(|listing| !listing.on_demand)
            .map(|listing| listing.name.as_str())
            .collect();
    };
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for rtype in types {
        let further = catalog.listings.values().filter(|listing| {
            let rest = listing.name.strip_prefix(rtype.as_str());
            // A type that is read on demand is named here, and all of it is.
            let demanded = !listing.on_demand || catalog.is_on_demand(rtype);
            demanded && rest.is_some_and(|rest| rest.starts_with('.'))
        });
        names.extend(
            source(catalog, rtype)
                .into_iter()
                .chain(further.map(|listing| listing.name.as_str())),
        );
    }
    let mut waiting: Vec<&str> = names.iter().copied().collect();
    while let Some(name) = waiting.pop() {
        if let Some(Per::Parent { listing, .. } | Per::ProjectWith(listing)) =
            catalog.listings.get(name).map(|listing| &listing.per)
            && let Some(above) = source(catalog, listing)
            && names.insert(above)
        {
            waiting.push(above);
        }
    }
    names
}

fn cast(
    catalog: &Catalog,
    planned: &[Planned],
    at: usize,
    types: Option<&BTreeSet<String>>,
    out: &mut Vec<String>,
) {
    let name = &planned[at].listing.name;
    if out.contains(name) {
        return;
    }
    out.push(name.clone());
    let wanted = |rtype: &str| types.is_none_or(|types| types.contains(rtype));
    let inside = catalog
        .definitions
        .values()
        .filter(|d| matches!(d.origin, Origin::Within { .. }) && wanted(&d.rtype));
    for definition in inside.filter(|d| source(catalog, &d.rtype) == Some(name.as_str())) {
        if !out.contains(&definition.rtype) {
            out.push(definition.rtype.clone());
        }
    }
    for &below in planned[at].children.iter().chain(&planned[at].once) {
        cast(catalog, planned, below, types, out);
    }
}

/// The path of a template, with every value percent-encoded; nothing if a value is missing.
pub(in crate::collect) fn path(
    template: &Template,
    here: &Value,
    context: &Context<'_>,
) -> Option<String> {
    template.fill_with(here, context, path_part)
}

/// A path with the query of one page: the definition's parameters, page size where one is taken, token.
pub(in crate::collect) fn with_query(
    served: &Served,
    listing: Option<&Listing>,
    path: &str,
    token: Option<&str>,
) -> String {
    let mut out = path.to_owned();
    let mut add = |key: &str, value: &str| {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(&format!("{}={}", query_part(key), query_part(value)));
    };
    for (key, value) in listing.iter().flat_map(|listing| &listing.query) {
        add(key, value);
    }
    if let Some((key, size)) = served
        .service
        .page_size
        .as_ref()
        .filter(|_| listing.is_none_or(|listing| !listing.items.is_empty()))
    {
        add(key, &size.to_string());
    }
    if let Some(token) = token {
        add("pageToken", token);
    }
    out
}

/// The words a template may use for a scope.
pub(in crate::collect) fn context<'a>(scope: &'a Scope, parent: Option<&'a Value>) -> Context<'a> {
    Context {
        root: parent,
        parent,
        project: &scope.project,
        location: scope.location.as_deref(),
        parent_key: scope.parent.as_deref(),
        group: None,
        lookup: None,
    }
}
