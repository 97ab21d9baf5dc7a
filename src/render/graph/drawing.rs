//! What every picture of a graph shows: boxes by service, what is named and not there, arrows, and what could not be read.

use std::collections::BTreeMap;

use super::short;
use crate::catalog::Catalog;
use crate::graph::{Graph, Target};
use crate::model::{Gap, Object};

/// A picture without a language.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    /// Boxes; the first stand in groups.
    pub boxes: Vec<Shape>,
    /// Services by title, with the boxes in each.
    pub groups: Vec<(String, Vec<usize>)>,
    /// Arrows between boxes, from what refers to what is referred to.
    pub arrows: Vec<Arrow>,
    /// What could not be read, a line each.
    pub gaps: Vec<String>,
}

/// One box.
#[derive(Debug)]
pub(super) struct Shape {
    /// The resource type without the provider's name.
    pub kind: String,
    /// The name, or how many there are.
    pub name: String,
    /// Whether it is named by a reference and not in the graph.
    pub stranger: bool,
}

/// One arrow.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrow {
    pub from: usize,
    pub to: usize,
    /// The reference's label; several are one arrow each.
    pub label: String,
}

/// What people call the service of a type, or what lies in clusters.
fn title<'a>(rtype: &str, catalog: &'a Catalog) -> &'a str {
    let definition = catalog.definition(rtype);
    let service = definition.and_then(|definition| catalog.services.get(&definition.service));
    let clusters = || {
        let clusters = catalog.kinds.clusters.as_ref()?;
        catalog.kinds.get(rtype).map(|_| clusters.title.as_str())
    };
    let own = service.map(|service| service.title.as_str());
    own.or_else(clusters).unwrap_or_default()
}

impl Drawing {
    /// Every object as a box.
    pub fn of_objects(graph: &Graph<'_>, gaps: &[Gap], catalog: &Catalog) -> Self {
        let shape = |object: &Object| Shape {
            kind: kind(&object.rtype).to_owned(),
            name: name(object).to_owned(),
            stranger: false,
        };
        let place = |at: usize, _: &Object| at;
        Self::new(
            graph,
            gaps,
            catalog,
            graph.objects.iter().map(shape).collect(),
            place,
        )
    }

    /// Every type as a box: what can still be looked at where there are too many objects.
    pub fn of_types(graph: &Graph<'_>, gaps: &[Gap], catalog: &Catalog) -> Self {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for object in graph.objects {
            *counts.entry(&object.rtype).or_default() += 1;
        }
        let shape = |(rtype, count): (&&str, &usize)| Shape {
            kind: kind(rtype).to_owned(),
            name: count.to_string(),
            stranger: false,
        };
        let boxes = counts.iter().map(shape).collect();
        let order: BTreeMap<&str, usize> = counts
            .keys()
            .enumerate()
            .map(|(at, rtype)| (*rtype, at))
            .collect();
        Self::new(graph, gaps, catalog, boxes, |_, object| {
            order[object.rtype.as_str()]
        })
    }

    /// Leaves out boxes for what is not in the graph, and the arrows to them, beyond so many boxes.
    pub fn cut_strangers(&mut self, most: usize) {
        if self.boxes.len() > most {
            self.boxes.retain(|shape| !shape.stranger);
            self.arrows.retain(|arrow| arrow.to < self.boxes.len());
        }
    }

    fn new(
        graph: &Graph<'_>,
        gaps: &[Gap],
        catalog: &Catalog,
        boxes: Vec<Shape>,
        place: impl Fn(usize, &Object) -> usize,
    ) -> Self {
        let place = |at: usize| place(at, &graph.objects[at]);
        let mut services: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, object) in graph.objects.iter().enumerate() {
            services
                .entry(title(&object.rtype, catalog))
                .or_default()
                .push(place(at));
        }
        let mut drawing = Self {
            boxes,
            gaps: gaps.iter().map(line).collect(),
            ..Self::default()
        };
        for (title, mut members) in services {
            members.sort_unstable();
            members.dedup();
            drawing.groups.push((title.to_owned(), members));
        }
        let mut strangers = BTreeMap::new();
        for edge in &graph.edges {
            let to = match &edge.to {
                Target::Object(to) => place(*to),
                Target::Dangling { rtype, name } => {
                    *strangers.entry((rtype, name)).or_insert_with(|| {
                        let path = name
                            .find("projects/")
                            .map_or(name.as_str(), |start| &name[start..]);
                        drawing.boxes.push(Shape {
                            kind: kind(rtype).to_owned(),
                            name: path.to_owned(),
                            stranger: true,
                        });
                        drawing.boxes.len() - 1
                    })
                }
            };
            drawing.arrows.push(Arrow {
                from: place(edge.from),
                to,
                label: edge.label.clone(),
            });
        }
        drawing.arrows.sort();
        drawing.arrows.dedup();
        drawing
    }
}

fn kind(rtype: &str) -> &str {
    rtype.split_once('_').map_or(rtype, |(_, rest)| rest)
}

/// The name without the project's, which is that of most.
fn name(object: &Object) -> &str {
    let name = short(object);
    name.strip_prefix(&object.scope.project)
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(name)
}

fn line(gap: &Gap) -> String {
    format!("{} in {}: {}", gap.listing, gap.scope, gap.reason.as_str())
}
