//! Differences between two attribute trees, under the facts of their type.

use crate::catalog::{Attribute, Kind, Schema};
use crate::model::{Path, Step, Unknown, Value};

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where.
    pub path: Path,
    /// What state holds.
    pub before: Value,
    /// What the cloud holds.
    pub after: Value,
}

/// What a comparison of two trees found.
#[derive(Debug, Default)]
pub struct Differences {
    /// What differs, in schema order.
    pub found: Vec<Difference>,
    /// What could not be compared because it could not be read, with the reason.
    pub unread: Vec<(Path, Unknown)>,
}

/// What it means that state has no key for an attribute. A provider writes all that it knows, if only as null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyless {
    /// The attribute is not there for the provider that wrote state, and that is the one that reads it: it is not compared.
    NotThere,
    /// The provider that reads it knows it, and takes it for null.
    Null,
}

/// Compares two attribute trees.
///
/// Null, absent and zero are one value, but a block present is not a block absent; sets have no order; numbers compare as
/// numbers; sensitive attributes are not compared, for a snapshot does not hold them and must give the same answer.
pub fn differences(
    schema: &Schema,
    before: &Value,
    after: &Value,
    keyless: Keyless,
) -> Differences {
    let mut walk = Walk {
        schema,
        keyless,
        path: Path::default(),
        out: Differences::default(),
    };
    walk.block("", before, after);
    walk.out
}

struct Walk<'a> {
    schema: &'a Schema,
    keyless: Keyless,
    /// Where it is.
    path: Path,
    out: Differences,
}

impl Walk<'_> {
    fn block(&mut self, family: &str, before: &Value, after: &Value) {
        for (short, full, facts) in self.schema.children(family) {
            if facts.sensitive || facts.write_only {
                continue;
            }
            let written = before.as_map().is_none_or(|map| map.contains_key(short));
            if !written && self.keyless == Keyless::NotThere {
                continue;
            }
            let before = before.get(short).unwrap_or(&Value::Null);
            let after = after.get(short).unwrap_or(&Value::Null);
            self.below(Step::Attribute(short.to_owned()), |walk| {
                walk.attribute(full, facts, before, after)
            });
        }
    }

    fn below(&mut self, step: Step, look: impl FnOnce(&mut Self)) {
        self.path.0.push(step);
        look(self);
        self.path.0.pop();
    }

    fn attribute(&mut self, family: &str, facts: &Attribute, before: &Value, after: &Value) {
        if let Value::Unknown(reason) = after {
            self.out.unread.push((self.path.clone(), reason.clone()));
            return;
        }
        let block = facts.is_block();
        let apart = facts.kind == Kind::Map || block;
        if !apart && after.has_redacted() {
            return self.removed();
        }
        match facts.kind {
            Kind::List if block => self.blocks(family, before, after),
            Kind::Set if block => self.set_of_blocks(family, before, after),
            Kind::Set => {
                if !same_members(before, after, Value::same) {
                    self.differ(before, after);
                }
            }
            Kind::Map => self.map(before, after),
            Kind::List | Kind::String | Kind::Int | Kind::Float | Kind::Bool => {
                if !before.same(after) {
                    self.differ(before, after);
                }
            }
        }
    }

    fn blocks(&mut self, family: &str, before: &Value, after: &Value) {
        let (old, new) = (
            before.as_list().unwrap_or_default(),
            after.as_list().unwrap_or_default(),
        );
        if old.len() != new.len() {
            return self.differ(before, after);
        }
        for (at, (old, new)) in old.iter().zip(new).enumerate() {
            self.below(Step::Index(at), |walk| walk.block(family, old, new));
        }
    }

    /// Elements that agree are left out. Where the others differ pairwise in outputs alone, the outputs are named; else the set.
    fn set_of_blocks(&mut self, family: &str, before: &Value, after: &Value) {
        let (old, mut new) = (
            before.as_list().unwrap_or_default(),
            after
                .as_list()
                .unwrap_or_default()
                .iter()
                .enumerate()
                .collect::<Vec<_>>(),
        );
        let mut gone = Vec::new();
        for old in old {
            match new.iter().position(|(_, new)| self.equal(family, old, new)) {
                Some(at) => drop(new.remove(at)),
                None => gone.push(old),
            }
        }
        if gone.is_empty() && new.is_empty() {
            return;
        }
        let mut inner = Walk {
            schema: self.schema,
            keyless: self.keyless,
            path: self.path.clone(),
            out: Differences::default(),
        };
        if gone.len() == new.len() {
            for (old, (at, new)) in gone.iter().zip(&new) {
                inner.below(Step::Index(*at), |walk| walk.block(family, old, new));
            }
            self.out.unread.append(&mut inner.out.unread);
            if inner
                .out
                .found
                .iter()
                .all(|d| self.schema.is_computed(&d.path.family()))
            {
                self.out.found.append(&mut inner.out.found);
                return;
            }
        }
        self.differ(before, after);
    }

    fn equal(&self, family: &str, before: &Value, after: &Value) -> bool {
        let mut walk = Walk {
            schema: self.schema,
            keyless: self.keyless,
            path: Path::default(),
            out: Differences::default(),
        };
        walk.block(family, before, after);
        walk.out.found.is_empty() && walk.out.unread.is_empty()
    }

    fn map(&mut self, before: &Value, after: &Value) {
        let empty = Default::default();
        let (old, new) = (
            before.as_map().unwrap_or(&empty),
            after.as_map().unwrap_or(&empty),
        );
        let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys {
            let (old, new) = (old.get(key), new.get(key));
            if new.is_some_and(Value::has_redacted) {
                self.below(Step::Key(key.clone()), Self::removed);
                continue;
            }
            // A key with an empty value is not a key that is gone.
            if old.is_some() != new.is_some()
                || !old
                    .unwrap_or(&Value::Null)
                    .same(new.unwrap_or(&Value::Null))
            {
                let (old, new) = (old.unwrap_or(&Value::Null), new.unwrap_or(&Value::Null));
                self.below(Step::Key(key.clone()), |walk| walk.differ(old, new));
            }
        }
    }

    /// What was taken out of the answer as a secret can be neither the same nor another.
    fn removed(&mut self) {
        self.out.unread.push((self.path.clone(), Unknown::Redacted));
    }

    fn differ(&mut self, before: &Value, after: &Value) {
        self.out.found.push(Difference {
            path: self.path.clone(),
            before: before.clone(),
            after: after.clone(),
        });
    }
}

/// Whether two lists hold the same members in any order.
pub fn same_members(before: &Value, after: &Value, same: impl Fn(&Value, &Value) -> bool) -> bool {
    let (old, new) = (
        before.as_list().unwrap_or_default(),
        after.as_list().unwrap_or_default(),
    );
    let mut rest: Vec<&Value> = new.iter().collect();
    old.len() == new.len()
        && old.iter().all(|old| {
            rest.iter()
                .position(|new| same(old, new))
                .map(|at| rest.swap_remove(at))
                .is_some()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SCHEMA: &str = r#"{"type": "t", "schema_version": 0, "importable": true, "custom_diff": false, "attributes": {
"b": {"kind": "list", "mode": "optional", "max_items": 1},
"b.n": {"kind": "int", "mode": "optional"},
"s": {"kind": "set", "mode": "optional"},
"s.k": {"kind": "string", "mode": "optional"},
"s.out": {"kind": "string", "mode": "computed"},
"m": {"kind": "map", "elem": "string", "mode": "optional"},
"z": {"kind": "set", "elem": "string", "mode": "optional"},
"p": {"kind": "string", "mode": "optional", "sensitive": true}
}}"#;

    #[track_caller]
    fn check(before: serde_json::Value, after: serde_json::Value, expected: &str) {
        let schema = Schema::parse(SCHEMA).unwrap();
        let found = differences(
            &schema,
            &Value::from_json(before),
            &Value::from_json(after),
            Keyless::Null,
        )
        .found;
        let paths: Vec<_> = found.iter().map(|d| d.path.to_string()).collect();
        assert_eq!(paths.join(" "), expected);
    }

    #[test]
    fn presence_of_a_block_counts_and_zeros_in_it_do_not() {
        check(json!({"b": [{"n": null}]}), json!({"b": [{"n": 0}]}), "");
        check(json!({"b": []}), json!({"b": null}), "");
        check(json!({"b": [{}]}), json!({"b": []}), "b");
        check(
            json!({"b": [{"n": 1}]}),
            json!({"b": [{"n": "2"}]}),
            "b[0].n",
        );
    }

    #[test]
    fn sets_have_no_order() {
        check(json!({"z": ["a", "b"]}), json!({"z": ["b", "a"]}), "");
        check(json!({"z": ["a"]}), json!({"z": ["a", "b"]}), "z");
        check(
            json!({"s": [{"k": "a"}, {"k": "b"}]}),
            json!({"s": [{"k": "b"}, {"k": "a"}]}),
            "",
        );
        check(json!({"s": [{"k": "a"}]}), json!({"s": [{"k": "b"}]}), "s");
    }

    #[test]
    fn outputs_in_a_set_are_named_alone() {
        check(
            json!({"s": [{"k": "a", "out": "1"}]}),
            json!({"s": [{"k": "a", "out": "2"}]}),
            "s[0].out",
        );
    }

    #[test]
    fn maps_differ_by_key() {
        check(
            json!({"m": {"a": "1", "b": ""}}),
            json!({"m": {"a": "2"}}),
            "m.a m.b",
        );
    }

    #[test]
    fn secrets_are_not_compared() {
        check(json!({"p": "x"}), json!({"p": null}), "");
    }

    #[test]
    fn what_was_removed_is_not_compared_and_the_rest_is() {
        check(
            json!({"m": {"token": "x", "a": "1"}}),
            json!({"m": {"token": "(redacted)", "a": "2"}}),
            "m.a",
        );
        check(json!({"z": ["a"]}), json!({"z": ["(redacted)", "b"]}), "");
        check(
            json!({"s": [{"k": "a"}, {"k": "b"}]}),
            json!({"s": [{"k": "(redacted)"}, {"k": "b"}]}),
            "",
        );
        let schema = Schema::parse(SCHEMA).unwrap();
        let found = differences(
            &schema,
            &Value::from_json(json!({"z": ["a"]})),
            &Value::from_json(json!({"z": ["(redacted)"]})),
            Keyless::Null,
        );
        assert_eq!(found.unread[0].0.to_string(), "z");
    }

    #[test]
    fn what_state_has_no_key_for_is_not_there_or_null() {
        let schema = Schema::parse(SCHEMA).unwrap();
        let check = |before: serde_json::Value, keyless| {
            let after = json!({"b": [{"n": 1}], "s": [{"k": "a", "out": "1"}], "m": {"a": "1"}});
            let (before, after) = (Value::from_json(before), Value::from_json(after));
            let found = differences(&schema, &before, &after, keyless).found;
            let paths: Vec<_> = found.iter().map(|d| d.path.to_string()).collect();
            paths.join(" ")
        };
        let before = json!({"b": [{}], "s": [{"k": "a"}]});
        assert_eq!(check(before.clone(), Keyless::NotThere), "");
        assert_eq!(check(before, Keyless::Null), "b[0].n m.a s[0].out");
        assert_eq!(check(json!({"b": null}), Keyless::NotThere), "b");
    }
}
