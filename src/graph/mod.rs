//! The graph: normalized objects and the references between them. References to what is not there stay visible.

use std::collections::{BTreeMap, HashMap};

use crate::catalog::{Catalog, Context, Definition, Reference};
use crate::model::{Object, Value};

/// What a reference points to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// An object of the graph, by its place in [`Graph::objects`].
    Object(usize),
    /// Something that is not in the graph: its type and the value that names it.
    Dangling {
        /// The type that would manage it.
        rtype: String,
        /// The value of the attribute.
        name: String,
    },
}

/// One reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The object that refers, by its place in [`Graph::objects`].
    pub from: usize,
    /// What it refers to.
    pub to: Target,
    /// What the reference is: `network`, `instance`.
    pub label: String,
    /// The attribute that holds it.
    pub family: String,
    /// The value that stands there.
    pub value: String,
    /// The attribute of the other resource that a configuration would write there.
    pub attribute: String,
    /// Whether the other object is needed but not named ([`Reference::implied`]).
    pub implied: bool,
}

/// Objects and references.
#[derive(Debug)]
pub struct Graph<'a> {
    /// Objects, sorted by type and canonical name.
    pub objects: &'a [Object],
    /// References, sorted.
    pub edges: Vec<Edge>,
}

impl<'a> Graph<'a> {
    /// Resolves the references of all objects.
    pub fn new(objects: &'a [Object], catalog: &Catalog) -> Self {
        let index = Index::new(objects, catalog);
        let mut edges = Vec::new();
        for (from, object) in objects.iter().enumerate() {
            let Some(definition) = catalog.definition(&object.rtype) else {
                continue;
            };
            let references = definition.references.iter();
            edges.extend(one_each(
                references
                    .flat_map(|reference| index.edges(from, object, reference, definition))
                    .collect(),
            ));
        }
        edges.sort();
        edges.dedup();
        Self { objects, edges }
    }

    /// What an object refers to.
    pub fn references(&self, from: usize) -> impl Iterator<Item = &Edge> {
        let start = self.edges.partition_point(|edge| edge.from < from);
        self.edges[start..]
            .iter()
            .take_while(move |edge| edge.from == from)
    }

    /// Objects in an order in which each comes after what it refers to; where references go in a circle, by name.
    pub fn dependency_order(&self) -> Vec<usize> {
        let mut out = Vec::with_capacity(self.objects.len());
        let mut seen = vec![false; self.objects.len()];
        for start in 0..self.objects.len() {
            self.visit(start, &mut seen, &mut out);
        }
        out
    }

    /// Depth first without recursion, so that no chain of references is too long.
    fn visit(&self, start: usize, seen: &mut [bool], out: &mut Vec<usize>) {
        let mut stack = vec![(start, false)];
        while let Some((at, done)) = stack.pop() {
            if done {
                out.push(at);
                continue;
            }
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            stack.push((at, true));
            let targets: Vec<usize> = self
                .references(at)
                .filter_map(|edge| {
                    if let Target::Object(to) = edge.to {
                        Some(to)
                    } else {
                        None
                    }
                })
                .collect();
            stack.extend(
                targets
                    .into_iter()
                    .rev()
                    .filter(|to| !seen[*to])
                    .map(|to| (to, false)),
            );
        }
    }
}

/// Of what one value may refer to, what is there; where nothing is, the first type the definition names.
fn one_each(edges: Vec<Edge>) -> Vec<Edge> {
    let found = |edge: &Edge| matches!(edge.to, Target::Object(_));
    let mut out: Vec<Edge> = Vec::new();
    for edge in edges {
        let rival = |other: &&mut Edge| {
            other.family == edge.family && other.value == edge.value && !other.implied
        };
        match out.iter_mut().find(rival) {
            _ if edge.implied => out.extend(Some(edge).filter(found)),
            Some(other) if found(&edge) && !found(other) => *other = edge,
            Some(_) => {}
            None => out.push(edge),
        }
    }
    out
}

/// Objects by type and name, in every spelling a reference may use.
struct Index<'a> {
    catalog: &'a Catalog,
    objects: &'a [Object],
    /// By type and canonical path (without API).
    paths: HashMap<(&'a str, &'a str), usize>,
    /// By type, project and last segment of the path; nothing where two share it.
    names: HashMap<(&'a str, &'a str, &'a str), Option<usize>>,
}

impl<'a> Index<'a> {
    fn new(objects: &'a [Object], catalog: &'a Catalog) -> Self {
        let mut this = Self {
            catalog,
            objects,
            paths: HashMap::new(),
            names: HashMap::new(),
        };
        for (at, object) in objects.iter().enumerate() {
            let path = object
                .id
                .trim_start_matches('/')
                .split_once('/')
                .map_or(object.id.as_str(), |(_, path)| path);
            this.paths.insert((&object.rtype, path), at);
            let name = path.rsplit('/').next().unwrap_or(path);
            this.names
                .entry((&object.rtype, &object.scope.project, name))
                .and_modify(|one| *one = None)
                .or_insert(Some(at));
        }
        this
    }

    fn edges(
        &self,
        from: usize,
        object: &Object,
        reference: &Reference,
        definition: &Definition,
    ) -> Vec<Edge> {
        if let Some(labels) = &reference.selects {
            return self.selected(from, object, reference, labels);
        }
        let mut found = Vec::new();
        let path: Vec<&str> = reference.family.split('.').collect();
        texts(&object.attributes, &path, &mut found);
        let edge = |value: &str| {
            let to = match &reference.by {
                Some(attribute) => self
                    .holder(object, &reference.target, attribute, value)
                    .map(Target::Object)?,
                None => self.resolve(object, reference, value, definition),
            };
            Some(Edge {
                from,
                to,
                label: reference.label.clone(),
                family: reference.family.clone(),
                value: value.to_owned(),
                attribute: reference.attribute.clone(),
                implied: reference.implied,
            })
        };
        found.into_iter().filter_map(edge).collect()
    }

    fn resolve(
        &self,
        object: &Object,
        reference: &Reference,
        value: &str,
        definition: &Definition,
    ) -> Target {
        let rtype = reference.target.as_str();
        let dangling = || Target::Dangling {
            rtype: rtype.to_owned(),
            name: value.to_owned(),
        };
        let found = match &reference.id {
            Some(template) => {
                let used = template
                    .reads()
                    .filter_map(|name| object.attributes.get_key_value(name));
                let mut here: BTreeMap<String, Value> = used
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect();
                here.insert("value".to_owned(), Value::text(value));
                let context = Context {
                    project: &object.scope.project,
                    ..Context::default()
                };
                let path = template.fill(&Value::Map(here), &context);
                path.and_then(|path| self.paths.get(&(rtype, path.as_str())).copied())
            }
            None => self.link(object, rtype, value),
        };
        debug_assert!(self.catalog.definition(&definition.rtype).is_some());
        found.map_or_else(dangling, Target::Object)
    }

    /// Edges to all objects of a type that have the pairs of a map among those of theirs, where they lie beside this one.
    fn selected(
        &self,
        from: usize,
        object: &Object,
        reference: &Reference,
        labels: &str,
    ) -> Vec<Edge> {
        let pairs = object.attributes.get(&reference.family);
        let Some(pairs) = pairs.and_then(Value::as_map).filter(|map| !map.is_empty()) else {
            return Vec::new();
        };
        let has = |other: &Object| {
            let own = other.attributes.get(labels).and_then(Value::as_map);
            own.is_some_and(|own| pairs.iter().all(|(key, value)| own.get(key) == Some(value)))
        };
        let place = beside(object);
        let start = (self.objects).partition_point(|other| other.rtype < reference.target);
        let of = self.objects.iter().enumerate().skip(start);
        let of = of.take_while(|(_, other)| other.rtype == reference.target);
        let found = of.filter(|(_, other)| beside(other) == place && has(other));
        let edge = |(to, other): (usize, &Object)| Edge {
            from,
            to: Target::Object(to),
            label: reference.label.clone(),
            family: reference.family.clone(),
            value: other.id.clone(),
            attribute: reference.attribute.clone(),
            implied: reference.implied,
        };
        found.map(edge).collect()
    }

    /// The one object of a type in the same project that holds a value in an attribute.
    fn holder(&self, object: &Object, rtype: &str, attribute: &str, value: &str) -> Option<usize> {
        let start = self
            .objects
            .partition_point(|other| other.rtype.as_str() < rtype);
        let holds = |other: &Object| {
            other.scope.project == object.scope.project
                && other.attributes.get(attribute).and_then(Value::as_text) == Some(value)
        };
        let of = self
            .objects
            .iter()
            .enumerate()
            .skip(start)
            .take_while(|(_, other)| other.rtype == rtype);
        let mut found = of.filter(|(_, other)| holds(other)).map(|(at, _)| at);
        found.next().filter(|_| found.next().is_none())
    }

    /// A link by its path, in any part of it that is a canonical path; a bare name by type and project.
    fn link(&self, object: &Object, rtype: &str, value: &str) -> Option<usize> {
        let path = value.find("projects/").map_or(value, |at| &value[at..]);
        if let Some(at) = self.paths.get(&(rtype, path)) {
            return Some(*at);
        }
        // A version of a key names the key.
        let parent = path.rsplitn(3, '/').nth(2).unwrap_or(path);
        if let Some(at) = self.paths.get(&(rtype, parent)) {
            return Some(*at);
        }
        if value.contains('/') {
            return None;
        }
        self.names
            .get(&(rtype, object.scope.project.as_str(), value))
            .copied()
            .flatten()
    }
}

/// Cluster and namespace of an object.
fn beside(object: &Object) -> [Option<&str>; 2] {
    ["cluster", "namespace"].map(|name| object.attributes.get(name).and_then(Value::as_text))
}

/// The texts at a path of attribute names, through every block.
fn texts<'v>(map: &'v BTreeMap<String, Value>, path: &[&str], found: &mut Vec<&'v str>) {
    let Some((name, rest)) = path.split_first() else {
        return;
    };
    match map.get(*name) {
        Some(Value::Text(text)) if rest.is_empty() && !text.is_empty() => found.push(text),
        Some(Value::List(items)) => {
            for item in items {
                match item {
                    Value::Map(inner) => texts(inner, rest, found),
                    Value::Text(text) if rest.is_empty() && !text.is_empty() => found.push(text),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;

    const SERVICE: &str = "title = \"X\"\napi = \"x.googleapis.com\"\nbase = \"https://x.googleapis.com/v1/\"\nendpoint = \"X\"\n";
    const SCHEMA: &str = r#"{"type": "google_x_TYPE", "schema_version": 0, "importable": true, "custom_diff": false, "attributes": {
"name": {"kind": "string", "mode": "required"},
"ip": {"kind": "string", "mode": "optional"},
"backend": {"kind": "string", "mode": "optional"}
}}"#;
    const TYPE: &str = r#"
type = "google_x_TYPE"
description = "X."
[list]
path = "TYPE"
[identity]
id = "projects/p/TYPE/{name}"
import_id = "{name}"
"#;
    const FRONT: &str = r#"
[references]
backend = ["google_x_service", "google_x_bucket"]
ip = { type = "google_x_address", by = "ip" }
name = ["google_x_bucket", { type = "google_x_address", id = "projects/p/address/{value}", implied = true }]
"#;

    fn catalog() -> Catalog {
        let mut files = vec![("google/x/service.toml".to_owned(), SERVICE.to_owned())];
        for name in ["front", "service", "bucket", "address"] {
            let extra = if name == "front" { FRONT } else { "" };
            files.push((
                format!("google/x/google_x_{name}.toml"),
                format!("{}{extra}", TYPE.replace("TYPE", name)),
            ));
            files.push((
                format!("google/x/google_x_{name}.schema.json"),
                SCHEMA.replace("TYPE", name),
            ));
        }
        Catalog::load(
            files
                .iter()
                .map(|(file, text)| (file.as_str(), text.as_str())),
        )
        .unwrap()
    }

    fn object(kind: &str, name: &str, more: &[(&str, &str)]) -> Object {
        let pairs = more
            .iter()
            .map(|(key, value)| ((*key).to_owned(), Value::text(*value)));
        Object {
            rtype: format!("google_x_{kind}"),
            id: format!("//x.googleapis.com/projects/p/{kind}/{name}"),
            import_id: name.to_owned(),
            scope: Scope {
                project: "p".to_owned(),
                ..Scope::default()
            },
            attributes: pairs.collect(),
            absent_fields: Default::default(),
            hidden: Default::default(),
            observed: Default::default(),
            partial: false,
            owned: None,
            blocked: None,
        }
    }

    fn edges(backend: &str, ip: &str) -> Vec<String> {
        let objects = [
            object("address", "a", &[("ip", "1.1.1.1")]),
            object("address", "b", &[("ip", "2.2.2.2")]),
            object("address", "c", &[("ip", "2.2.2.2")]),
            object("bucket", "k", &[]),
            object("front", "f", &[("backend", backend), ("ip", ip)]),
        ];
        let graph = Graph::new(&objects, &catalog());
        let target = |edge: &Edge| match &edge.to {
            Target::Object(at) => format!("{}.{}", objects[*at].import_id, edge.attribute),
            Target::Dangling { rtype, .. } => rtype.clone(),
        };
        graph.edges.iter().map(target).collect()
    }

    #[test]
    fn what_is_needed_without_being_named_is_an_edge_where_it_is_there() {
        let edges = |name: &str| {
            let objects = [
                object("address", "a", &[]),
                object("bucket", "a", &[]),
                object("front", "f", &[("name", name)]),
            ];
            let graph = Graph::new(&objects, &catalog());
            graph
                .edges
                .into_iter()
                .map(|edge| (edge.to, edge.implied))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            edges("a"),
            [(Target::Object(0), true), (Target::Object(1), false)]
        );
        let gone = Target::Dangling {
            rtype: "google_x_bucket".to_owned(),
            name: "b".to_owned(),
        };
        assert_eq!(edges("b"), [(gone, false)]);
    }

    #[test]
    fn a_value_refers_to_the_type_that_has_it() {
        assert_eq!(edges("projects/p/bucket/k", ""), ["k.id"]);
        assert_eq!(edges("projects/p/service/gone", ""), ["google_x_service"]);
    }

    #[test]
    fn a_value_is_found_by_the_attribute_that_holds_it() {
        assert_eq!(edges("", "1.1.1.1"), ["a.ip"]);
        assert!(edges("", "2.2.2.2").is_empty() && edges("", "3.3.3.3").is_empty());
    }
}
