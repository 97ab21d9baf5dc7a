//! Near misses: a declared instance without an object, and an object nobody claims that differs from it in one part of its
//! identity alone.
//!
//! Objects meet instances under what the other parts say, so that nothing is held against everything; where many meet, a name
//! is held only against its neighbours in alphabetical order, read from either end.

use std::collections::{BTreeMap, HashMap};

use super::identity::{Agreement, Role, agreement, key, parts, role};
use crate::catalog::{Catalog, Definition};
use crate::forecast::NearMiss;
use crate::model::{Address, Value};

/// How many near misses are named of one instance.
const MOST: usize = 3;
/// Up to how many names are all held against each other.
const FEW: usize = 48;
/// How many neighbours are looked at on either side where there are more.
const NEIGHBOURS: usize = 8;

/// A declared instance that stands for no object.
pub struct Wanted {
    /// Where it is declared.
    pub address: Address,
    /// Its arguments, with what the provider adds for identity.
    pub arguments: BTreeMap<String, Value>,
}

/// An object that nobody claims.
#[derive(Clone, Copy)]
pub struct Offered<'a> {
    /// Its type.
    pub rtype: &'a str,
    /// What `tofu import` takes.
    pub import_id: &'a str,
    /// Its attributes.
    pub attributes: &'a BTreeMap<String, Value>,
}

/// The near misses of each instance that has some, the nearest first.
pub fn near_misses(
    wanted: Vec<Wanted>,
    offered: &[Offered<'_>],
    catalog: &Catalog,
) -> BTreeMap<Address, Vec<NearMiss>> {
    let mut by_type: HashMap<&str, Vec<Offered<'_>>> = HashMap::new();
    let mut sought: BTreeMap<&str, Vec<&Wanted>> = BTreeMap::new();
    let wanted: Vec<Wanted> = wanted.into_iter().map(|one| placed(one, catalog)).collect();
    for one in &wanted {
        sought.entry(&one.address.rtype).or_default().push(one);
    }
    for object in offered
        .iter()
        .filter(|object| sought.contains_key(object.rtype))
    {
        by_type.entry(object.rtype).or_default().push(*object);
    }
    let mut out = BTreeMap::new();
    for (rtype, instances) in sought {
        let (Some(definition), Some(objects)) = (catalog.definition(rtype), by_type.get(rtype))
        else {
            continue;
        };
        let shelf = Shelf::new(definition, objects, &instances);
        for instance in instances {
            let found = shelf.near(instance);
            if !found.is_empty() {
                out.insert(instance.address.clone(), found);
            }
        }
    }
    out
}

/// An instance with the project and the place that the link to what it lies in tells (`projects/p/locations/l/clusters/c`).
fn placed(mut wanted: Wanted, catalog: &Catalog) -> Wanted {
    let Some(definition) = catalog.definition(&wanted.address.rtype) else {
        return wanted;
    };
    let parts = parts(definition);
    let inside = parts
        .iter()
        .filter(|part| role(part, &parts) == Role::Parent);
    let link = inside
        .filter_map(|part| wanted.arguments.get(*part)?.as_text())
        .find(|text| text.contains("projects/"));
    let Some(link) = link.map(str::to_owned) else {
        return wanted;
    };
    let after = |words: &[&str]| {
        link.split('/')
            .skip_while(|step| !words.contains(step))
            .nth(1)
    };
    for part in &parts {
        let told = match role(part, &parts) {
            Role::Project => after(&["projects"]),
            Role::Location => after(&["locations", "regions", "zones"]),
            Role::Parent | Role::Name => None,
        };
        if let Some(told) = told {
            wanted
                .arguments
                .insert((*part).to_owned(), Value::text(told));
        }
    }
    wanted
}

/// Which part was left out, and the keys of the others.
type Others = (usize, Vec<String>);

/// The objects of one type, by all parts of their identity but one.
struct Shelf<'a> {
    definition: &'a Definition,
    parts: Vec<&'a str>,
    objects: &'a [Offered<'a>],
    /// Keys of the left out part, in order, each with its object.
    rows: HashMap<Others, Vec<(String, usize)>>,
    /// The same with the keys reversed.
    backwards: HashMap<Others, Vec<(String, usize)>>,
    /// How many instances seek under the same other parts.
    seekers: HashMap<Others, usize>,
}

impl<'a> Shelf<'a> {
    fn new(definition: &'a Definition, objects: &'a [Offered<'a>], instances: &[&Wanted]) -> Self {
        let parts = parts(definition);
        let mut rows: HashMap<Others, Vec<(String, usize)>> = HashMap::new();
        for (at, object) in objects.iter().enumerate() {
            let keys = keys(&parts, object.attributes);
            for (left, own) in keys.iter().enumerate() {
                rows.entry(others(&keys, left))
                    .or_default()
                    .push((own.clone(), at));
            }
        }
        let by_id = |a: &(String, usize), b: &(String, usize)| {
            (&a.0, objects[a.1].import_id).cmp(&(&b.0, objects[b.1].import_id))
        };
        let mut backwards = HashMap::new();
        for (others, row) in &mut rows {
            row.sort_by(by_id);
            if row.len() > FEW {
                let turned =
                    |(key, at): &(String, usize)| (key.chars().rev().collect::<String>(), *at);
                let mut back: Vec<(String, usize)> = row.iter().map(turned).collect();
                back.sort_by(by_id);
                backwards.insert(others.clone(), back);
            }
        }
        let mut seekers = HashMap::new();
        for instance in instances
            .iter()
            .filter(|instance| known(&parts, &instance.arguments))
        {
            let keys = keys(&parts, &instance.arguments);
            for left in 0..keys.len() {
                *seekers.entry(others(&keys, left)).or_default() += 1;
            }
        }
        Self {
            definition,
            parts,
            objects,
            rows,
            backwards,
            seekers,
        }
    }

    fn near(&self, instance: &Wanted) -> Vec<NearMiss> {
        if !known(&self.parts, &instance.arguments) {
            return Vec::new();
        }
        let keys = keys(&self.parts, &instance.arguments);
        let mut found: Vec<(usize, NearMiss)> = Vec::new();
        for (left, own) in keys.iter().enumerate() {
            let others = others(&keys, left);
            for at in self.around(&others, own) {
                let alone = self.rows.get(&others).is_some_and(|row| row.len() == 1)
                    && self.seekers.get(&others) == Some(&1);
                found.extend(self.miss(instance, left, own, at, alone));
            }
        }
        found.sort_by(|a, b| (a.0, &a.1.import_id).cmp(&(b.0, &b.1.import_id)));
        found.dedup_by(|a, b| a.1.import_id == b.1.import_id);
        found.into_iter().take(MOST).map(|(_, miss)| miss).collect()
    }

    /// The objects that agree in the other parts and may be alike in this one.
    fn around(&self, others: &Others, own: &str) -> Vec<usize> {
        let Some(row) = self.rows.get(others) else {
            return Vec::new();
        };
        let Some(back) = self.backwards.get(others) else {
            return row.iter().map(|(_, at)| *at).collect();
        };
        let turned: String = own.chars().rev().collect();
        let mut out: Vec<usize> = neighbours(row, own)
            .chain(neighbours(back, &turned))
            .map(|(_, at)| *at)
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    fn miss(
        &self,
        instance: &Wanted,
        left: usize,
        own: &str,
        at: usize,
        alone: bool,
    ) -> Option<(usize, NearMiss)> {
        let (part, object) = (self.parts[left], &self.objects[at]);
        let agrees = |name: &str| {
            agreement(
                self.definition,
                name,
                &instance.arguments,
                object.attributes,
            ) == Agreement::Same
        };
        let rest = self
            .parts
            .iter()
            .filter(|name| **name != part && **name != "project")
            .all(|name| agrees(name));
        if !rest || agrees(part) {
            return None;
        }
        let live = key(object.attributes.get(part).unwrap_or(&Value::Null));
        let inside = self
            .parts
            .iter()
            .any(|name| role(name, &self.parts) == Role::Parent);
        let distance = match role(part, &self.parts) {
            Role::Name => alikeness(own, &live)
                .or((alone && inside && part == "name").then_some(usize::MAX))?,
            Role::Project | Role::Location | Role::Parent => 0,
        };
        let shown = |attributes: &BTreeMap<String, Value>| {
            attributes
                .get(part)
                .map(plain)
                .filter(|text| !text.is_empty())
        };
        let miss = NearMiss {
            import_id: object.import_id.to_owned(),
            part: part.to_owned(),
            declared: shown(&instance.arguments)?,
            live: shown(object.attributes)?,
        };
        Some((distance, miss))
    }
}

/// Whether every part of an identity is known; the project may be left to whoever runs.
fn known(parts: &[&str], arguments: &BTreeMap<String, Value>) -> bool {
    let known = |part: &&str| match arguments.get(*part) {
        None | Some(Value::Null) => *part == "project" || *part == "condition",
        Some(value) => !value.has_unknown(),
    };
    parts.iter().all(known)
}

fn keys(parts: &[&str], attributes: &BTreeMap<String, Value>) -> Vec<String> {
    parts
        .iter()
        .map(|part| attributes.get(*part).map(key).unwrap_or_default())
        .collect()
}

fn others(keys: &[String], left: usize) -> Others {
    let rest = keys.iter().enumerate().filter(|(at, _)| *at != left);
    (left, rest.map(|(_, key)| key.clone()).collect())
}

fn neighbours<'r>(
    row: &'r [(String, usize)],
    own: &str,
) -> impl Iterator<Item = &'r (String, usize)> {
    let at = row.partition_point(|(key, _)| key.as_str() < own);
    row[at.saturating_sub(NEIGHBOURS)..(at + NEIGHBOURS).min(row.len())].iter()
}

fn plain(value: &Value) -> String {
    value
        .as_text()
        .map_or_else(|| value.to_json().to_string(), str::to_owned)
}

/// How far two names are from being one; nothing if they are not alike. Alike are names a few letters apart, and those of which
/// one has all the words of the other and few more.
fn alikeness(a: &str, b: &str) -> Option<usize> {
    let longer = a.chars().count().max(b.chars().count());
    let most = (longer / 4).min(2);
    if let Some(distance) = distance(a, b, most) {
        return Some(distance);
    }
    let (a, b) = (words(a), words(b));
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let held = few.iter().all(|word| many.contains(word));
    (held && !few.is_empty() && few.len() * 2 >= many.len())
        .then(|| most + 1 + many.len() - few.len())
}

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect()
}

/// The edit distance of two texts, if it is no more than `most`: letters put in, left out, exchanged.
fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
        if row.iter().all(|cell| *cell > most) {
            return None;
        }
    }
    row.last().copied().filter(|found| *found <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_alike() {
        assert_eq!(alikeness("orders-db", "orders-dv"), Some(1));
        assert!(alikeness("primary-pool", "primary-node-pool").is_some());
        assert_eq!(alikeness("main", "prod-main-eu-x"), None);
        assert_eq!(alikeness("a", "b"), None);
        assert_eq!(alikeness("orders", "ledger"), None);
        assert_eq!(distance("kitten", "sitting", 2), None);
        assert_eq!(distance("kitten", "sitting", 3), Some(3));
        assert_eq!(distance("", "ab", 2), Some(2));
    }
}
