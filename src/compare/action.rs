//! What tofu would do about a difference, as far as state alone can tell.

use super::attribute::{Difference, same_members};
use crate::catalog::{Attribute, Definition, Mode, Suppress};
use crate::model::Value;

/// What tofu would do about one difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Nothing.
    None,
    /// It depends on what configuration says, which is not given.
    Unknown,
    /// An update in place.
    Update,
    /// A replacement.
    Replace,
}

impl Action {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Unknown => "unknown",
            Self::Update => "update",
            Self::Replace => "replace",
        }
    }
}

/// Who moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The cloud was changed by hand.
    Cloud,
    /// Configuration is not applied yet.
    Configuration,
    /// Both.
    Both,
}

impl Source {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cloud => "cloud",
            Self::Configuration => "configuration",
            Self::Both => "both",
        }
    }
}

/// What tofu would do about a difference between state and cloud when configuration is what state was made from.
///
/// A required or optional argument is what configuration says (or its default), so tofu will undo the difference. An argument
/// that is also computed may not be in configuration at all: then tofu keeps what it reads. The same holds for everything
/// inside a block that is optional and computed.
pub(super) fn action(definition: &Definition, difference: &Difference) -> Action {
    let family = difference.path.family();
    let ancestry: Vec<&Attribute> = definition.schema.ancestry(&family).collect();
    let Some(facts) = ancestry.last() else { return Action::None };
    if ancestry.iter().any(|facts| facts.mode == Mode::Computed) {
        return Action::None;
    }
    if ancestry.iter().any(|facts| facts.mode == Mode::OptionalComputed) {
        return Action::Unknown;
    }
    match suppression(definition, &family, facts, difference) {
        Some(true) => return Action::None,
        Some(false) => {}
        None => return Action::Unknown,
    }
    if facts.force_new || replaces(definition, &family, difference) { Action::Replace } else { Action::Update }
}

/// Whether the provider lets the difference pass; nothing where its rule is not known.
fn suppression(definition: &Definition, family: &str, facts: &Attribute, difference: &Difference) -> Option<bool> {
    match definition.suppress.get(family) {
        Some(rules) if rules.contains(&Suppress::Unclear) => None,
        Some(rules) => Some(rules.iter().any(|rule| rule.lets_pass(&difference.before, &difference.after))),
        None if facts.diff_suppressed => None,
        None => Some(false),
    }
}

/// Whether blocks that come or go hold an argument that cannot be changed in place.
fn replaces(definition: &Definition, family: &str, difference: &Difference) -> bool {
    let (before, after) = (difference.before.as_list().unwrap_or_default(), difference.after.as_list().unwrap_or_default());
    if !definition.schema.is_block(family) {
        return false;
    }
    let longer = if before.len() > after.len() { before } else { after };
    longer.iter().skip(before.len().min(after.len())).any(|block| fixed(definition, family, block))
}

/// Whether an argument that forces a replacement is set somewhere in a block.
fn fixed(definition: &Definition, family: &str, block: &Value) -> bool {
    definition.schema.children(family).any(|(short, full, facts)| {
        let Some(value) = block.get(short).filter(|value| !value.is_empty()) else { return false };
        if definition.schema.is_block(full) {
            return facts.force_new || value.as_list().unwrap_or_default().iter().any(|inner| fixed(definition, full, inner));
        }
        facts.force_new && facts.mode != Mode::Computed
    })
}

impl Suppress {
    /// Whether a difference between what configuration says and what is there passes by this rule.
    ///
    /// `Unclear` lets nothing pass here: who asks must look for it first.
    pub fn lets_pass(&self, configured: &Value, live: &Value) -> bool {
        let texts = || Some((configured.as_text()?, live.as_text()?));
        match self {
            // A rule on texts holds for each of a list.
            Self::Case | Self::Link | Self::Relative | Self::LastSegment if configured.as_list().is_some() => {
                let (new, old) = (configured.as_list().unwrap_or_default(), live.as_list().unwrap_or_default());
                new.len() == old.len() && new.iter().zip(old).all(|(new, old)| new.same(old) || self.lets_pass(new, old))
            }
            Self::Case => texts().is_some_and(|(a, b)| a.eq_ignore_ascii_case(b)),
            Self::Relative => texts().is_some_and(|(a, b)| relative(a) == relative(b)),
            Self::Link => texts().is_some_and(|(a, b)| links(a, b)),
            Self::LastSegment => texts().is_some_and(|(a, b)| a.rsplit('/').next() == b.rsplit('/').next()),
            Self::Duration => texts().is_some_and(|(a, b)| seconds(a).is_some() && seconds(a) == seconds(b)),
            Self::Json => texts().is_some_and(|(a, b)| json(a).is_some() && json(a) == json(b)),
            Self::EmptyConfig => configured.is_empty(),
            Self::Missing => configured.is_empty() || live.is_empty(),
            Self::Always => true,
            Self::ZeroNames(names) => {
                let zero =
                    |value: &Value| value.is_empty() || value.as_text().is_some_and(|text| names.iter().any(|n| n == text));
                zero(configured) && zero(live)
            }
            Self::Order => same_members(configured, live, Value::same),
            Self::Range => texts().is_some_and(|(a, b)| range(a).is_some() && range(a) == range(b)),
            Self::Unwritten(only) => configured.is_empty() && live.same(&Value::List(vec![only.as_str().into()])),
            Self::Unclear => false,
        }
    }
}

/// A link from `projects/` on.
fn relative(link: &str) -> &str {
    link.find("projects/").map_or(link, |at| &link[at..])
}

/// Links agree from `projects/` on; a bare name agrees with a link that ends in it.
fn links(a: &str, b: &str) -> bool {
    let (a, b) = (relative(a), relative(b));
    a == b || (!a.contains('/') && b.rsplit('/').next() == Some(a)) || (!b.contains('/') && a.rsplit('/').next() == Some(b))
}

/// A duration in seconds: whole numbers of d, h, m, s, also one after the other (`1h30m`).
pub(super) fn seconds(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut digits = String::new();
    for c in text.chars() {
        let unit = match c {
            '0'..='9' | '.' => {
                digits.push(c);
                continue;
            }
            'd' => 86_400.0,
            'h' => 3_600.0,
            'm' => 60.0,
            's' => 1.0,
            _ => return None,
        };
        total += std::mem::take(&mut digits).parse::<f64>().ok()? * unit;
    }
    (digits.is_empty() && !text.is_empty()).then_some(total)
}

/// An address range as addresses and length, or an address.
pub(crate) fn range(text: &str) -> Option<(std::net::IpAddr, Option<u8>)> {
    match text.split_once('/') {
        Some((address, length)) => Some((address.parse().ok()?, Some(length.parse().ok()?))),
        None => Some((text.parse().ok()?, None)),
    }
}

fn json(text: &str) -> Option<serde_json::Value> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equivalences() {
        let pass = |rule: Suppress, a: &str, b: &str| rule.lets_pass(&a.into(), &b.into());
        assert!(pass(Suppress::Case, "Docker", "DOCKER") && !pass(Suppress::Case, "a", "b"));
        assert!(pass(Suppress::Link, "net", "https://h/compute/v1/projects/p/global/networks/net"));
        assert!(!pass(Suppress::Relative, "net", "projects/p/global/networks/net"));
        assert!(pass(Suppress::Duration, "30d", "2592000s") && !pass(Suppress::Duration, "x", "x1"));
        assert!(pass(Suppress::ZeroNames(vec!["BUILT_IN".into()]), "BUILT_IN", ""));
        assert!(pass(Suppress::Range, "fd20:0:0:1::/64", "fd20:0:0:1:0:0:0:0/64") && !pass(Suppress::Range, "x", "x1"));
        let list = |texts: &[&str]| Value::List(texts.iter().map(|text| Value::text(*text)).collect());
        assert!(Suppress::Order.lets_pass(&list(&["a", "b"]), &list(&["b", "a"])));
        assert!(Suppress::Link.lets_pass(&list(&["a", "b"]), &list(&["projects/p/x/a", "b"])));
        assert!(Suppress::Unwritten("any".into()).lets_pass(&Value::Null, &list(&["any"])));
        assert!(!Suppress::Unwritten("any".into()).lets_pass(&list(&["x"]), &list(&["any"])));
        assert!(pass(Suppress::Json, "{\"a\": 1}", "{\"a\":1}") && pass(Suppress::EmptyConfig, "", "x"));
    }
}
