//! Names of resource blocks: from the object alone, so that they are the same in every run.
//!
//! A name is what the canonical name says without collections and places: `orders_app` for
//! `projects/p/instances/orders/databases/app`. Where two objects of a type would share one, each gets its places in front; where
//! that is not enough, each gets a mark made from its canonical name. No name depends on the order of anything.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Object;

/// Words that mean something else in a reference or in an expression.
const RESERVED: &[&str] = &[
    "count",
    "data",
    "each",
    "else",
    "endfor",
    "endif",
    "ephemeral",
    "false",
    "for",
    "if",
    "in",
    "lifecycle",
    "local",
    "locals",
    "module",
    "null",
    "output",
    "path",
    "provider",
    "resource",
    "self",
    "terraform",
    "tofu",
    "true",
    "var",
    "variable",
];

/// Collections whose members are places.
const PLACES: &[&str] = &["locations", "regions", "zones"];

/// Names for objects, in their order; `taken` are names in use, by type.
pub fn names(objects: &[&Object], taken: &BTreeSet<(String, String)>) -> Vec<String> {
    let wide = |object: &Object| identifier(&segments(object, true));
    let marked = |object: &Object| {
        format!(
            "{}_{}",
            identifier(&segments(object, false)),
            mark(&object.id)
        )
    };
    let mut chosen: Vec<String> = objects
        .iter()
        .map(|object| identifier(&segments(object, false)))
        .collect();
    for longer in [&wide as &dyn Fn(&Object) -> String, &marked] {
        let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (object, name) in objects.iter().zip(&chosen) {
            *seen.entry((&object.rtype, name)).or_default() += 1;
        }
        let clash = |object: &Object, name: &String| {
            seen[&(object.rtype.as_str(), name.as_str())] > 1
                || taken.contains(&(object.rtype.clone(), name.clone()))
        };
        chosen = objects
            .iter()
            .zip(&chosen)
            .map(|(o, name)| {
                if clash(o, name) {
                    longer(o)
                } else {
                    name.clone()
                }
            })
            .collect();
    }
    chosen
}

/// The parts of a canonical name that tell objects of one project apart, with or without the place.
fn segments(object: &Object, places: bool) -> Vec<String> {
    let path = object.id.trim_start_matches('/');
    let path = path.split_once('/').map_or(path, |(_, path)| path);
    let mut parts = path.split('/').filter(|part| !part.is_empty()).peekable();
    let mut out: Vec<String> = Vec::new();
    while let Some(collection) = parts.next() {
        if collection == "global" {
            continue;
        }
        let Some(member) = parts.next() else {
            // A word without a member behind it says what the object is.
            out.push(word(collection));
            break;
        };
        let place = PLACES.contains(&collection);
        if collection == "projects" || (place && !places) {
            continue;
        }
        out.push(word(member));
    }
    if out.iter().all(String::is_empty) {
        out.push(word(path.rsplit('/').next().unwrap_or(path)));
    }
    out
}

/// What a person would call a segment: an address without its domain, an API without `.googleapis.com`.
fn word(segment: &str) -> String {
    let text = segment.strip_suffix(".googleapis.com").unwrap_or(segment);
    let mut words: Vec<String> = Vec::new();
    for part in text.split(' ') {
        let part = part.strip_prefix("roles/").unwrap_or(part);
        let part = match part.split_once('@') {
            Some((name, _)) if !name.is_empty() => name.rsplit(':').next().unwrap_or(name),
            _ => part,
        };
        words.push(part.to_owned());
    }
    words.join(" ")
}

/// A valid identifier made of words.
fn identifier(words: &[String]) -> String {
    let mut out = String::new();
    for c in words.join("_").chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => out.push(c),
            _ if !out.ends_with('_') && !out.is_empty() => out.push('_'),
            _ => {}
        }
    }
    let name = out.trim_end_matches('_');
    match name.chars().next() {
        None => format!("object_{}", mark(&words.join("/"))),
        Some(first) if first.is_ascii_digit() => format!("n{name}"),
        _ if RESERVED.contains(&name) => format!("{name}_"),
        _ => name.to_owned(),
    }
}

/// A short mark of a text: FNV-1a, folded to 24 bits.
pub fn mark(text: &str) -> String {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{:06x}", (hash >> 24) ^ (hash & 0x00ff_ffff))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;

    fn object(rtype: &str, id: &str) -> Object {
        Object {
            rtype: rtype.to_owned(),
            id: format!("//api/{id}"),
            import_id: id.to_owned(),
            scope: Scope::default(),
            attributes: BTreeMap::new(),
            absent_fields: BTreeSet::new(),
            hidden: Default::default(),
            observed: Default::default(),
            partial: false,
            owned: None,
            blocked: None,
        }
    }

    #[track_caller]
    fn check(ids: &[&str], expected: &[&str]) {
        let objects: Vec<Object> = ids.iter().map(|id| object("t", id)).collect();
        let all: Vec<&Object> = objects.iter().collect();
        assert_eq!(names(&all, &BTreeSet::new()), expected);
        let backwards: Vec<&Object> = objects.iter().rev().collect();
        let mut again = names(&backwards, &BTreeSet::new());
        again.reverse();
        assert_eq!(again, expected, "order must not matter");
    }

    #[test]
    fn from_the_canonical_name() {
        check(
            &["projects/p/instances/orders/databases/app"],
            &["orders_app"],
        );
        check(
            &["projects/p/locations/eu/keyRings/main/cryptoKeys/Data-1"],
            &["main_data_1"],
        );
        check(&["projects/p/global/networks/default"], &["default"]);
        check(
            &["projects/p/serviceAccounts/ci@p.iam.gserviceaccount.com"],
            &["ci"],
        );
        check(&["projects/p/services/run.googleapis.com"], &["run"]);
        check(
            &["projects/p/x/for", "projects/p/x/9lives", "projects/p/x/--"],
            &["for_", "n9lives", "object_cd1d2f"],
        );
    }

    #[test]
    fn collisions_take_the_place_and_then_a_mark() {
        check(
            &[
                "projects/p/regions/a/addresses/ip",
                "projects/p/regions/b/addresses/ip",
            ],
            &["a_ip", "b_ip"],
        );
        check(
            &["projects/p/x/a-b", "projects/p/x/a_b", "projects/p/x/c"],
            &["a_b_8ab661", "a_b_a53f82", "c"],
        );
    }

    #[test]
    fn a_name_in_use_is_left_alone() {
        let one = object("t", "projects/p/x/main");
        let taken = BTreeSet::from([("t".to_owned(), "main".to_owned())]);
        let name = names(&[&one], &taken).remove(0);
        assert!(name.starts_with("main_") && name.len() == 11, "{name}");
    }
}
