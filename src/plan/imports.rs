//! Import blocks: one an instance, or one with `for_each` for a family whose ids differ in one piece.

use std::collections::{BTreeMap, BTreeSet};

use super::{Match, Step};
use crate::hcl::print::{Body, Expression, quoted};
use crate::model::{Address, Key, Value};

/// How many instances make a family.
const LEAST: usize = 3;

/// Writes the import blocks of steps, a family where its first member stands.
pub(super) fn blocks(file: &mut Body, steps: &[&Step]) {
    let mut families: BTreeMap<usize, Family> = families(steps)
        .into_iter()
        .map(|found| (found.members[0], found))
        .collect();
    let within: BTreeSet<usize> = families
        .values()
        .flat_map(|family| family.members.iter().copied())
        .collect();
    for (at, step) in steps.iter().enumerate() {
        if let Some(family) = families.remove(&at) {
            file.block("import", &[], family.block(steps));
        } else if !within.contains(&at) {
            if let Some(because) = step.matched.as_ref().and_then(Match::because) {
                file.comment(&format!("Inferred: {because}."));
            }
            let mut block = Body::default();
            block.attribute("to", Expression::Verbatim(step.address.to_string()));
            block.attribute("id", Expression::Value(Value::text(&step.import_id)));
            file.block("import", &[], block);
        }
    }
}

/// Instances that differ in one key of their address.
struct Family {
    /// Their address, `each.key` in place of that key.
    to: String,
    /// Places in the list of steps.
    members: Vec<usize>,
    /// The key of each.
    keys: Vec<Key>,
}

/// The families among steps: by the key of the resource first, then by those of its modules from the inside.
fn families(steps: &[&Step]) -> Vec<Family> {
    // What is to be said of one alone stands alone.
    let mut open: Vec<usize> = (0..steps.len())
        .filter(|at| {
            steps[*at]
                .matched
                .as_ref()
                .is_none_or(|matched| matched.because().is_none())
        })
        .collect();
    let depth = steps
        .iter()
        .map(|step| step.address.modules.len())
        .max()
        .unwrap_or_default();
    let mut out = Vec::new();
    for up in 0..=depth {
        let mut taken: BTreeSet<usize> = BTreeSet::new();
        let mut alike: BTreeMap<String, (Vec<usize>, Vec<Key>)> = BTreeMap::new();
        for at in &open {
            if let Some((to, key)) = varied(&steps[*at].address, up) {
                let (members, keys) = alike.entry(to).or_default();
                members.push(*at);
                keys.push(key);
            }
        }
        for (to, (members, keys)) in alike {
            if members.len() >= LEAST && regular(&keys) {
                taken.extend(&members);
                out.push(Family { to, members, keys });
            }
        }
        open.retain(|at| !taken.contains(at));
    }
    out
}

/// An address with `each.key` in place of its own key (`up` is 0) or of that of a module above, and the key that stood there.
fn varied(address: &Address, up: usize) -> Option<(String, Key)> {
    if up == 0 {
        let bare = Address {
            key: None,
            ..address.clone()
        };
        return Some((format!("{bare}[each.key]"), address.key.clone()?));
    }
    let at = address.modules.len().checked_sub(up)?;
    let key = address.modules[at].key.clone()?;
    let mut above = Address {
        modules: address.modules[..=at].to_vec(),
        ..address.clone()
    };
    above.modules[at].key = None;
    let below = Address {
        modules: address.modules[at + 1..].to_vec(),
        ..address.clone()
    };
    Some((format!("{}[each.key].{below}", above.module()), key))
}

/// Whether keys can be those of a map, or the positions of a list.
fn regular(keys: &[Key]) -> bool {
    let text = keys.iter().all(|key| matches!(key, Key::Text(_)));
    let mut positions: Vec<i64> = keys
        .iter()
        .filter_map(|key| {
            if let Key::Index(at) = key {
                Some(*at)
            } else {
                None
            }
        })
        .collect();
    positions.sort_unstable();
    text || positions.len() == keys.len()
        && positions
            .iter()
            .enumerate()
            .all(|(at, position)| i64::try_from(at) == Ok(*position))
}

impl Family {
    fn block(&self, steps: &[&Step]) -> Body {
        let mut pairs: Vec<(&Key, &str)> = self
            .keys
            .iter()
            .zip(self.members.iter().map(|at| steps[*at].import_id.as_str()))
            .collect();
        pairs.sort();
        let ids: Vec<&str> = pairs.iter().map(|(_, id)| *id).collect();
        let (front, back) = (front(&ids), back(&ids));
        let piece = |id: &str| id.get(front..id.len() - back).unwrap_or(id).to_owned();
        let text = |text: String| Expression::Value(Value::Text(text));
        let named = |key: &Key| {
            if let Key::Text(text) = key {
                Some(text.clone())
            } else {
                None
            }
        };
        let plain = pairs
            .iter()
            .all(|(key, id)| named(key).as_deref() == Some(piece(id).as_str()));
        let (each, word) = if plain {
            let keys = pairs.iter().filter_map(|(key, _)| named(key)).map(text);
            (
                Expression::Call(
                    "toset".to_owned(),
                    Box::new(Expression::List(keys.collect())),
                ),
                "each.key",
            )
        } else if pairs.iter().all(|(key, _)| named(key).is_some()) {
            let entries = pairs
                .iter()
                .filter_map(|(key, id)| Some((named(key)?, text(piece(id)))));
            (Expression::Map(entries.collect()), "each.value")
        } else {
            (
                Expression::List(ids.iter().map(|id| text(piece(id))).collect()),
                "each.value",
            )
        };
        let (before, after) = ids
            .first()
            .map_or(("", ""), |id| (&id[..front], &id[id.len() - back..]));
        let mut block = Body::default();
        block.attribute("for_each", each);
        block.attribute("to", Expression::Verbatim(self.to.clone()));
        block.attribute("id", Expression::Verbatim(template(before, word, after)));
        block
    }
}

/// `"before${word}after"`.
fn template(before: &str, word: &str, after: &str) -> String {
    if before.is_empty() && after.is_empty() {
        return word.to_owned();
    }
    let (before, after) = (quoted(before), quoted(after));
    format!(
        "{}${{{word}}}{}",
        before.strip_suffix('"').unwrap_or(&before),
        after.strip_prefix('"').unwrap_or(&after)
    )
}

fn ends_a_piece(c: char) -> bool {
    matches!(c, '/' | ' ' | ':')
}

/// How many bytes texts have in common in front, up to the end of a piece.
fn front(ids: &[&str]) -> usize {
    let Some(first) = ids.first() else { return 0 };
    let ends = first
        .char_indices()
        .filter(|(_, c)| ends_a_piece(*c))
        .map(|(at, c)| at + c.len_utf8());
    ends.filter(|end| ids.iter().all(|id| id.starts_with(&first[..*end])))
        .max()
        .unwrap_or_default()
}

/// How many bytes they have in common at the back, from the beginning of a piece, with something left before it.
fn back(ids: &[&str]) -> usize {
    let Some(first) = ids.first() else { return 0 };
    let front = front(ids);
    let starts = first
        .char_indices()
        .filter(|(at, c)| *at > front && ends_a_piece(*c))
        .map(|(at, _)| at);
    let common = |at: &usize| {
        ids.iter()
            .all(|id| id.ends_with(&first[*at..]) && id.len() - (first.len() - at) > front)
    };
    starts.filter(common).min().map_or(0, |at| first.len() - at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ids_have_in_common() {
        let ids = [
            "projects/p/instances/a/databases/x",
            "projects/p/instances/bb/databases/x",
        ];
        assert_eq!(
            (front(&ids), back(&ids)),
            ("projects/p/instances/".len(), "/databases/x".len())
        );
        assert_eq!((front(&["a", "b"]), back(&["a", "b"])), (0, 0));
        let one = ["p/x/x", "p/x/x"];
        assert!(front(&one) + back(&one) <= one[0].len());
        assert_eq!(
            template("p ${x}/", "each.key", ""),
            "\"p $${x}/${each.key}\""
        );
    }
}
