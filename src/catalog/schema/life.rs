//! Facts over releases of the provider: when an attribute came and went, and what it was before.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer};

use super::{Attribute, Fact, Kind, Mode, Schema, mark_blocks};
use crate::model::{Releases, Version};

/// The release from which on something is so: `7.0.0`; `7.45.0..8.0.0` where it is only known that it was not yet so in the one
/// and was in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Turn {
    /// The last release known to lie before it; nothing where that is every older one.
    last: Option<Version>,
    /// The first release known to lie behind it.
    first: Version,
}

impl TryFrom<String> for Turn {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (last, first) = match text.split_once("..") {
            Some((last, first)) => (Some(last.parse()?), first.parse()?),
            None => (None, text.parse()?),
        };
        Ok(Self { last, first })
    }
}

impl Turn {
    /// Whether releases lie behind it; nothing where that is not known, or not of all of them.
    pub fn past(&self, at: Releases) -> Option<bool> {
        if at.from >= self.first {
            return Some(true);
        }
        let before = at.to < self.first && self.last.is_none_or(|last| at.to <= last);
        before.then_some(false)
    }
}

/// One turn, or several.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "OneOrSeveral")]
pub(in crate::catalog) struct Turns(pub Vec<Turn>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrSeveral {
    One(Turn),
    Several(Vec<Turn>),
}

impl From<OneOrSeveral> for Turns {
    fn from(turns: OneOrSeveral) -> Self {
        Self(match turns {
            OneOrSeveral::One(turn) => vec![turn],
            OneOrSeveral::Several(turns) => turns,
        })
    }
}

/// Whether something that came and went is there; nothing where that is not known.
pub(in crate::catalog) fn there(since: &Turns, until: &Turns, at: Releases) -> Option<bool> {
    let comes = since.0.iter().map(|turn| (turn, true));
    let goes = until.0.iter().map(|turn| (turn, false));
    let mut turns: Vec<_> = comes.chain(goes).collect();
    turns.sort_by_key(|(turn, _)| turn.first);
    // What first comes was not there before.
    let mut there = turns.first().is_none_or(|(_, comes)| !comes);
    for (turn, comes) in turns {
        match turn.past(at)? {
            true => there = comes,
            false => break,
        }
    }
    Some(there)
}

/// What an attribute was before a release, where that is not what it was from then on. Null is a fact that was not there.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Former {
    until: Turn,
    kind: Option<Kind>,
    #[serde(default, deserialize_with = "said")]
    elem: Option<Option<String>>,
    mode: Option<Mode>,
    #[serde(default, deserialize_with = "said")]
    default: Option<Option<serde_json::Value>>,
    force_new: Option<bool>,
    sensitive: Option<bool>,
    write_only: Option<bool>,
    #[serde(default, deserialize_with = "said")]
    max_items: Option<Option<u32>>,
    #[serde(default, deserialize_with = "said")]
    min_items: Option<Option<u32>>,
    diff_suppressed: Option<bool>,
    state_func: Option<bool>,
    conflicts_with: Option<Vec<String>>,
    exactly_one_of: Option<Vec<String>>,
    at_least_one_of: Option<Vec<String>>,
    required_with: Option<Vec<String>>,
}

/// A member that is there, if only as null.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl Former {
    /// Takes an attribute back to what it was.
    fn restore(self, facts: &mut Attribute) {
        fn put<T>(to: &mut T, was: Option<T>) {
            if let Some(was) = was {
                *to = was;
            }
        }
        put(&mut facts.kind, self.kind);
        put(&mut facts.elem, self.elem);
        put(&mut facts.mode, self.mode);
        put(&mut facts.default, self.default);
        put(&mut facts.force_new, self.force_new);
        put(&mut facts.sensitive, self.sensitive);
        put(&mut facts.write_only, self.write_only);
        put(&mut facts.max_items, self.max_items);
        put(&mut facts.min_items, self.min_items);
        put(&mut facts.diff_suppressed, self.diff_suppressed);
        put(&mut facts.state_func, self.state_func);
        put(&mut facts.conflicts_with, self.conflicts_with);
        put(&mut facts.exactly_one_of, self.exactly_one_of);
        put(&mut facts.at_least_one_of, self.at_least_one_of);
        put(&mut facts.required_with, self.required_with);
    }

    /// The facts it holds that a forecast rests on.
    fn facts(&self) -> impl Iterator<Item = Fact> {
        [
            self.kind.is_some().then_some(Fact::Kind),
            self.mode.is_some().then_some(Fact::Mode),
            self.default.is_some().then_some(Fact::Default),
            self.force_new.is_some().then_some(Fact::ForceNew),
            self.diff_suppressed.is_some().then_some(Fact::Suppression),
        ]
        .into_iter()
        .flatten()
    }
}

/// What a type was before a release.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FormerType {
    until: Turn,
    schema_version: Option<u64>,
    importable: Option<bool>,
    custom_diff: Option<bool>,
}

impl Schema {
    /// The facts as of some releases: attributes there were, as they were. What one of those releases has and another has not
    /// is kept, and said to be unsettled.
    pub fn at(&self, at: Releases) -> Self {
        let mut out = Self {
            rtype: self.rtype.clone(),
            schema_version: self.schema_version,
            importable: self.importable,
            custom_diff: self.custom_diff,
            there: there(&self.since, &self.until, at).unwrap_or(true),
            since: self.since.clone(),
            until: self.until.clone(),
            was: Vec::new(),
            attributes: BTreeMap::new(),
        };
        for was in &self.was {
            match was.until.past(at) {
                Some(true) => break,
                Some(false) => {
                    out.schema_version = was.schema_version.unwrap_or(out.schema_version);
                    out.importable = was.importable.unwrap_or(out.importable);
                    out.custom_diff = was.custom_diff.unwrap_or(out.custom_diff);
                }
                // Nothing is refused for a version that may be the newer one.
                None => {}
            }
        }
        let attributes = self.attributes.iter();
        out.attributes = attributes
            .filter_map(|(name, facts)| Some((name.clone(), facts.at(at)?)))
            .collect();
        let gone: BTreeSet<&str> = self
            .attributes
            .keys()
            .filter(|name| !out.attributes.contains_key(*name))
            .map(String::as_str)
            .collect();
        for facts in out.attributes.values_mut() {
            for group in [
                &mut facts.conflicts_with,
                &mut facts.exactly_one_of,
                &mut facts.at_least_one_of,
                &mut facts.required_with,
            ] {
                group.retain(|member| !gone.contains(plain(member).as_str()));
            }
        }
        mark_blocks(&mut out.attributes);
        out
    }
}

impl Schema {
    /// Whether releases may have written a state object of this schema version.
    pub(in crate::catalog) fn writes(&self, schema_version: u64, at: Releases) -> bool {
        let mut version = self.schema_version;
        for was in &self.was {
            match was.until.past(at) {
                Some(true) => break,
                Some(false) => version = was.schema_version.unwrap_or(version),
                None => return true,
            }
        }
        there(&self.since, &self.until, at) != Some(false) && version == schema_version
    }
}

impl Attribute {
    /// The attribute as of some releases; nothing where they do not know it.
    fn at(&self, at: Releases) -> Option<Self> {
        let mut out = Self {
            since: Turns::default(),
            until: Turns::default(),
            was: Vec::new(),
            ..self.clone()
        };
        match there(&self.since, &self.until, at) {
            Some(false) => return None,
            Some(true) => {}
            None => out.unsettled.push(Fact::Presence),
        }
        for was in &self.was {
            match was.until.past(at) {
                Some(true) => break,
                Some(false) => was.clone().restore(&mut out),
                None => out.unsettled.extend(was.facts()),
            }
        }
        Some(out)
    }

    /// Whether every release knows it.
    pub(in crate::catalog) fn is_lasting(&self) -> bool {
        self.since.0.is_empty() && self.until.0.is_empty()
    }

    /// Whether releases know the attribute; nothing where that is not known.
    pub(in crate::catalog) fn is_there(&self, at: Releases) -> Option<bool> {
        there(&self.since, &self.until, at)
    }
}

/// `settings.0.ip` as the facts name the attribute itself.
pub fn plain(name: &str) -> String {
    let parts: Vec<&str> = name
        .split('.')
        .filter(|part| part.parse::<usize>().is_err())
        .collect();
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    fn one(text: &str) -> Releases {
        Releases::one(version(text))
    }

    fn turns(texts: &[&str]) -> Turns {
        let turn = |text: &&str| Turn::try_from((*text).to_owned()).unwrap();
        Turns(texts.iter().map(turn).collect())
    }

    #[test]
    fn a_turn_between_two_releases_is_not_known_between_them() {
        let turn = turns(&["7.45.0..8.0.0"]).0[0];
        let told = ["7.45.0", "7.46.0", "8.0.0"].map(|text| turn.past(one(text)));
        assert_eq!(told, [Some(false), None, Some(true)]);
        let both = Releases {
            from: version("6.0.0"),
            to: version("7.1.0"),
        };
        let past = |text: &str| turns(&[text]).0[0].past(both);
        assert_eq!(past("6.0.0"), Some(true));
        assert_eq!(past("7.1.1"), Some(false));
        assert_eq!(past("6.5.0"), None);
    }

    #[test]
    fn what_came_twice_is_gone_between() {
        let (since, until) = (turns(&["5.44.0", "6.2.0"]), turns(&["6.0.0"]));
        let told =
            ["5.43.0", "5.45.2", "6.1.0", "6.2.0"].map(|text| there(&since, &until, one(text)));
        assert_eq!(told, [Some(false), Some(true), Some(false), Some(true)]);
        let always = there(&Turns::default(), &Turns::default(), one("1.0.0"));
        assert_eq!(always, Some(true));
        assert_eq!(
            there(&Turns::default(), &turns(&["7.0.0"]), one("6.0.0")),
            Some(true)
        );
    }

    const SCHEMA: &str = r#"{"type": "t", "schema_version": 1, "importable": true, "custom_diff": true,
"was": [{"until": "6.0.0", "schema_version": 0}], "attributes": {
"a": {"kind": "set", "elem": "string", "mode": "optional", "conflicts_with": ["b", "c"],
  "was": [{"until": "7.0.0", "kind": "list", "force_new": true}, {"until": "6.0.0", "force_new": false, "default": 1}]},
"b": {"kind": "string", "mode": "optional", "since": "6.0.0..7.0.0"},
"c": {"kind": "string", "mode": "optional", "until": "7.0.0"}
}}"#;

    #[test]
    fn facts_are_as_of_a_release() {
        let schema = Schema::parse(SCHEMA).unwrap();
        let told = |text: &str| {
            let then = schema.at(one(text));
            let names: Vec<_> = then.attributes.keys().cloned().collect();
            let a = &then.attributes["a"];
            (
                names.join(" "),
                a.kind,
                a.force_new,
                a.default.clone(),
                a.conflicts_with.join(" "),
            )
        };
        let text = str::to_owned;
        assert_eq!(
            told("7.0.0"),
            (text("a b"), Kind::Set, false, None, text("b"))
        );
        assert_eq!(
            told("6.0.0"),
            (text("a c"), Kind::List, true, None, text("c"))
        );
        let oldest = (text("a c"), Kind::List, false, Some(1.into()), text("c"));
        assert_eq!(told("5.0.0"), oldest);
        assert_eq!(schema.at(one("5.9.9")).schema_version, 0);
        let between = schema.at(one("6.5.0"));
        assert_eq!(between.attributes["b"].unsettled, [Fact::Presence]);
        let either = schema.at(Releases {
            from: version("6.1.0"),
            to: version("7.0.0"),
        });
        assert_eq!(
            either.attributes["a"].unsettled,
            [Fact::Kind, Fact::ForceNew]
        );
    }
}
