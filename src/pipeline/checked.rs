//! What rules look at, put together of what was read: the cloud, else state; and what is only declared, as an apply would make it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Around, Observed, Reading, settle};
use crate::catalog::{Catalog, Context, Per};
use crate::check::{Estate, Given, Hidden, Node, Origin, Rules, Unseen};
use crate::compare::{Comparison, hidden_by};
use crate::forecast::PlannedValues;
use crate::model::{
    Address, Config, Declared, Gap, GapReason, Note, Object, Scope, Unknown, Value,
};
use crate::normalize::{canonical, kinds};

/// What there is to be checked.
pub struct Checked<'a> {
    /// What is in the cloud, where that was read, held against states.
    pub cloud: Option<(&'a Observed, Comparison)>,
    /// What OpenTofu knows.
    pub reading: &'a Reading,
    /// What answers references.
    pub around: &'a Around<'a>,
    /// The definitions, as of the releases that are told of.
    pub catalog: &'a Catalog,
    /// The rules.
    pub rules: &'a Rules,
    /// When that is, RFC 3339.
    pub now: String,
}

/// What rules look at, with what is beside it.
pub struct Assembled<'a> {
    /// The nodes and what refers to what.
    pub estate: Estate<'a>,
    /// What rules look at and could not be read.
    pub gaps: Vec<Gap>,
    /// What was wrong with the configuration.
    pub notes: Vec<Note>,
    /// Whether configuration, where it was given, was read in full.
    pub configuration_read: bool,
}

/// Puts together what rules look at.
pub fn assembled<'a>(given: Checked<'a>) -> Assembled<'a> {
    let Checked {
        cloud,
        reading,
        around,
        catalog,
        rules,
        now,
    } = given;
    let mut unseen = Unseen::default();
    let asked = cloud.as_ref().map(|(observed, _)| &observed.capture.asked);
    let is_asked = |rtype: &String| asked.is_some_and(|asked| asked.contains(rtype));
    let kinds = catalog.kinds.all.keys();
    unseen.unasked = kinds.filter(|rtype| !is_asked(rtype)).cloned().collect();
    let mut nodes = Nodes::default();
    let mut gaps = Vec::new();
    let mut projects = Vec::new();
    match &cloud {
        Some((observed, comparison)) => {
            projects.clone_from(&observed.capture.projects);
            gaps = self::gaps(observed, rules, catalog, &mut unseen);
            nodes.of_cloud(observed, comparison, catalog);
        }
        None => nodes.of_states(reading, catalog),
    }
    let mut notes = Vec::new();
    let mut configuration_read = true;
    if let Some(workspace) = &reading.workspace {
        let (config, planned) = settle::created(workspace, around);
        configuration_read = config.unreadable.is_empty() && config.refusals.is_empty();
        if let Some(part) = config.unreadable.first() {
            unseen.any = Some(part.unknown());
        }
        for block in &config.unknown_blocks {
            let known = unseen.types.entry(block.address.rtype.clone());
            known.or_default().push(Hidden {
                project: None,
                parent: None,
                why: block.why.clone(),
            });
        }
        nodes.declared(&config, &planned, catalog);
        notes.clone_from(&config.notes);
    }
    let estate = Estate::new(Given {
        catalog,
        rules,
        nodes: nodes.all,
        projects,
        unseen,
        now,
    });
    Assembled {
        estate,
        gaps,
        notes,
        configuration_read,
    }
}

/// Gaps that hide what rules look at; an API that is not enabled hides nothing.
fn gaps(observed: &Observed, rules: &Rules, catalog: &Catalog, unseen: &mut Unseen) -> Vec<Gap> {
    let wanted = rules.types();
    let mut gaps: Vec<Gap> = observed.cloud.gaps.clone();
    let capture = &observed.capture;
    for rtype in &wanted {
        let listing = catalog.listed_by(rtype).map(|listing| &listing.name);
        let asked = |name: &String| capture.asked.is_empty() || capture.asked.contains(name);
        let Some(listing) = listing.filter(|name| !asked(name)) else {
            continue;
        };
        for project in &capture.projects {
            if is_off(listing, project, observed, catalog) {
                continue;
            }
            gaps.push(Gap {
                listing: listing.clone(),
                scope: Scope {
                    project: project.clone(),
                    ..Scope::default()
                },
                reason: GapReason::NotCaptured,
                detail: "it was not asked for when the snapshot was taken".to_owned(),
                fix: format!("take it again with --deep, or with --type {listing}"),
            });
        }
    }
    gaps.sort();
    gaps.dedup_by(|a, b| a.id() == b.id());
    gaps.retain(|gap| {
        let hidden = hidden_by(&gap.listing, catalog);
        let mine: Vec<String> = hidden
            .into_iter()
            .filter(|one| wanted.contains(one))
            .collect();
        if gap.reason != GapReason::ApiDisabled {
            for rtype in &mine {
                let known = unseen.types.entry(rtype.clone()).or_default();
                known.push(Hidden {
                    project: Some(gap.scope.project.clone()),
                    parent: parent(gap, catalog),
                    why: Unknown::Gap(gap.id()),
                });
            }
        }
        !mine.is_empty()
    });
    gaps
}

/// Whether a project is known not to have the API of a listing enabled: then there is nothing there to be missed.
fn is_off(listing: &str, project: &str, observed: &Observed, catalog: &Catalog) -> bool {
    let enabled = catalog.enabled.as_ref().map(|enabled| &enabled.listing);
    let service =
        (catalog.listings.get(listing)).and_then(|one| catalog.services.get(&one.service));
    let (Some(enabled), Some(service)) = (enabled, service) else {
        return false;
    };
    let capture = &observed.capture;
    let read = (capture.pages.iter())
        .any(|page| page.listing == *enabled && page.scope.project == *project);
    let partly = (observed.cloud.gaps.iter())
        .any(|gap| gap.listing == *enabled && gap.scope.project == *project);
    // What lists the APIs names each by its host.
    let api = |object: &Object| object.id.rsplit('/').next() == Some(service.api.as_str());
    let mut named = (observed.cloud.objects.iter())
        .filter(|object| object.rtype == *enabled && object.scope.project == *project);
    read && !partly && !named.any(api)
}

/// The object whose contents alone a gap hides: its type and name.
fn parent(gap: &Gap, catalog: &Catalog) -> Option<(String, String)> {
    let name = gap.scope.parent.as_ref()?;
    let name = name.rsplit('/').next().unwrap_or(name);
    match &catalog.listings.get(&gap.listing)?.per {
        Per::Parent { listing, .. } => Some((listing.clone(), name.to_owned())),
        Per::Project | Per::ProjectWith(_) | Per::Location(_) | Per::Demand | Per::Named => None,
    }
}

/// Nodes as they come together.
#[derive(Default)]
struct Nodes {
    all: Vec<Node>,
    /// By type and canonical name.
    named: BTreeMap<(String, String), usize>,
    addresses: BTreeMap<Address, usize>,
}

impl Nodes {
    fn add(&mut self, node: Node) {
        let at = self.all.len();
        let key = (node.object.rtype.clone(), node.object.id.clone());
        self.named.entry(key).or_insert(at);
        if let Some(address) = &node.address {
            self.addresses.insert(address.clone(), at);
        }
        self.all.push(node);
    }

    /// What is in the cloud, at the addresses that states have it at.
    fn of_cloud(&mut self, observed: &Observed, comparison: &Comparison, catalog: &Catalog) {
        let rows = comparison.rows.iter().filter(|row| !row.is_deposed());
        let known: BTreeMap<(&str, &str), &Address> = rows
            .filter_map(|row| {
                let key = (row.rtype.as_str(), row.canonical.as_deref()?);
                Some((key, row.address.as_ref()?))
            })
            .collect();
        let inside = kinds(&observed.capture, catalog).objects;
        for object in observed.cloud.objects.iter().chain(&inside) {
            let address = known.get(&(object.rtype.as_str(), object.id.as_str()));
            self.add(Node {
                origin: Origin::Cloud,
                address: address.map(|address| (*address).clone()),
                place: None,
                written: None,
                refers: Vec::new(),
                object: object.clone(),
            });
        }
    }

    /// What states remember.
    fn of_states(&mut self, reading: &Reading, catalog: &Catalog) {
        let instances = reading.states.iter().flat_map(|state| &state.instances);
        for instance in instances.filter(|instance| instance.deposed.is_none()) {
            let Ok(Value::Map(attributes)) = instance.attributes.value() else {
                continue;
            };
            let address = &instance.address;
            if let Some(object) = object(address, attributes, catalog) {
                self.add(Node {
                    object,
                    origin: Origin::State,
                    address: Some(address.clone()),
                    place: None,
                    written: None,
                    refers: Vec::new(),
                });
            }
        }
    }

    /// What is declared: the place of what is there already, else a node as an apply would make it.
    fn declared(&mut self, config: &Config, planned: &PlannedValues, catalog: &Catalog) {
        let blocks: BTreeSet<&Address> = config.resources.iter().map(|one| &one.address).collect();
        for declared in &config.resources {
            let address = &declared.address;
            let value = planned.get(address);
            let Some(Value::Map(attributes)) = value.as_deref() else {
                continue;
            };
            let Some(object) = object(address, attributes.clone(), catalog) else {
                continue;
            };
            let key = (object.rtype.clone(), object.id.clone());
            let there = self.addresses.get(address).or_else(|| self.named.get(&key));
            let there = there.and_then(|at| self.all.get_mut(*at));
            if let Some(node) = there.filter(|node| node.origin != Origin::Configuration) {
                node.place = Some(declared.place.clone());
                node.address.get_or_insert_with(|| address.clone());
                continue;
            }
            self.add(Node {
                object,
                origin: Origin::Configuration,
                address: Some(address.clone()),
                place: Some(declared.place.clone()),
                written: Some(declared.arguments.clone()),
                refers: refers(declared, &blocks),
            });
        }
    }
}

/// An instance as an object; what has no canonical name yet is named by its address. Nothing where its type has no definition.
fn object(
    address: &Address,
    attributes: BTreeMap<String, Value>,
    catalog: &Catalog,
) -> Option<Object> {
    let definition = catalog.definition(&address.rtype)?;
    let text = |name: &str| attributes.get(name).and_then(Value::as_text);
    let project = text("project").unwrap_or_default().to_owned();
    let whole = Value::Map(attributes);
    let context = Context {
        project: &project,
        ..Context::default()
    };
    let id = canonical(definition, &whole, &context, catalog);
    let import_id = (definition.import_id.iter()).find_map(|one| one.fill(&whole, &context));
    let Value::Map(attributes) = whole else {
        return None;
    };
    Some(Object {
        rtype: address.rtype.clone(),
        id: id.unwrap_or_else(|| address.to_string()),
        import_id: import_id.unwrap_or_default(),
        scope: Scope {
            project,
            ..Scope::default()
        },
        attributes,
        absent_fields: BTreeSet::new(),
        hidden: BTreeMap::new(),
        observed: Default::default(),
        partial: false,
        owned: None,
        blocked: None,
    })
}

/// The other instances that an instance refers to by expression.
fn refers(declared: &Declared, blocks: &BTreeSet<&Address>) -> Vec<(String, Address)> {
    let to = |(path, to): &(String, String)| {
        let (instance, _) = to.rsplit_once('.')?;
        let address = Address::parse(instance)?;
        blocks.contains(&address).then(|| (path.clone(), address))
    };
    declared.references.iter().filter_map(to).collect()
}
