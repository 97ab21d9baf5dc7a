//! When the provider takes two different values for one.

use std::collections::{BTreeMap, BTreeSet};

use super::attribute::same_members;
use super::replace::range;
use crate::catalog::{Suppress, fits};
use crate::model::Value;

impl Suppress {
    /// Whether a key of a map need not be in configuration by this rule.
    pub fn frees(&self, key: &str) -> bool {
        matches!(self, Self::Keys(patterns) if patterns.iter().any(|pattern| fits(key, pattern)))
    }

    /// Whether a difference between what configuration says and what is there passes by this rule.
    ///
    /// `Unclear`, `When` and `Keys` let nothing pass here: who asks must look for them first.
    pub fn lets_pass(&self, configured: &Value, live: &Value) -> bool {
        let texts = || Some((configured.as_text()?, live.as_text()?));
        match self {
            // A rule on texts holds for each of a list.
            Self::Case
            | Self::Link
            | Self::Relative
            | Self::LastSegment
            | Self::Trim(_)
            | Self::Alias(_)
                if configured.as_list().is_some() =>
            {
                let (new, old) = (
                    configured.as_list().unwrap_or_default(),
                    live.as_list().unwrap_or_default(),
                );
                new.len() == old.len()
                    && new
                        .iter()
                        .zip(old)
                        .all(|(new, old)| new.same(old) || self.lets_pass(new, old))
            }
            Self::Case => texts().is_some_and(|(a, b)| a.eq_ignore_ascii_case(b)),
            Self::CaseDash => {
                texts().is_some_and(|(a, b)| a.replace('-', "_").eq_ignore_ascii_case(b))
            }
            Self::Relative => texts().is_some_and(|(a, b)| relative(a) == relative(b)),
            Self::Link => texts().is_some_and(|(a, b)| links(a, b)),
            Self::LastSegment => {
                texts().is_some_and(|(a, b)| a.rsplit('/').next() == b.rsplit('/').next())
            }
            Self::Duration => {
                texts().is_some_and(|(a, b)| seconds(a).is_some() && seconds(a) == seconds(b))
            }
            Self::Json => texts().is_some_and(|(a, b)| json(a).is_some() && json(a) == json(b)),
            Self::EmptyConfig => configured.is_empty(),
            Self::Unsaid => *configured == Value::Null,
            Self::Missing => configured.is_empty() || live.is_empty(),
            Self::EmptyBlock => live.is_empty() && hollow(configured),
            Self::Blank(names) => {
                (configured.is_empty() && blank(live, names))
                    || (live.is_empty() && blank(configured, names))
            }
            Self::Mute => agree_but_for_mute(configured, live),
            Self::Always => true,
            Self::ZeroNames(names) => {
                let zero = |value: &Value| {
                    value.is_empty() || spelt(value).is_some_and(|text| names.contains(&text))
                };
                zero(configured) && zero(live)
            }
            Self::Any(names) => texts().is_some_and(|(a, b)| {
                !b.is_empty() && names.iter().any(|n| n.eq_ignore_ascii_case(a))
            }),
            Self::Before(mark) => {
                texts().is_some_and(|(a, b)| a.split(mark.as_str()).next() == Some(b))
            }
            Self::CaseAfter(mark) => texts().is_some_and(|(a, b)| {
                a.split_once(mark.as_str())
                    .is_some_and(|(head, tail)| format!("{head}{mark}{}", tail.to_lowercase()) == b)
            }),
            Self::OptionalPrefix(mark) => {
                texts().is_some_and(|(a, b)| bare(a, mark, b) || bare(b, mark, a))
            }
            Self::NotLater(count) => texts().is_some_and(|(a, b)| {
                let (a, b) = (end(a, *count), end(b, *count));
                a.is_some() && b.is_some() && a <= b
            }),
            Self::Numbered(stem, least) => texts()
                .is_some_and(|(a, b)| a == stem && numbered(b, stem).is_some_and(|n| n >= *least)),
            Self::Lower => configured
                .as_f64()
                .zip(live.as_f64())
                .is_some_and(|(a, b)| a < b),
            Self::Order => same_members(configured, live, Value::same),
            Self::Members(each) => same_members(configured, live, |new, old| {
                new.same(old) || each.lets_pass(new, old)
            }),
            Self::Quoted => texts().is_some_and(|(a, b)| {
                a.trim_matches('"')
                    .eq_ignore_ascii_case(b.trim_matches('"'))
            }),
            Self::Range => texts().is_some_and(|(a, b)| range(a).is_some() && range(a) == range(b)),
            Self::Address => texts().is_some_and(|(a, b)| {
                range(b).is_some() && (range(a).is_none() || range(a) == range(b))
            }),
            Self::Span => texts().is_some_and(|(a, b)| {
                b.split_once('-')
                    .is_some_and(|(from, to)| from == a && to == a)
            }),
            Self::Trim(end) => texts().is_some_and(|(a, b)| {
                a.trim_end_matches(end.as_str()) == b.trim_end_matches(end.as_str())
            }),
            Self::AnyProject => texts().is_some_and(|(a, b)| projectless(a) == projectless(b)),
            Self::Unwritten(only) => {
                let only = Value::from(only.as_str());
                configured.is_empty() && (live.same(&only) || live.same(&Value::List(vec![only])))
            }
            Self::Alias(pairs) => texts()
                .is_some_and(|(a, b)| pairs.iter().any(|(short, long)| short == a && long == b)),
            Self::Plus(more) => {
                let texts = |value: &Value| -> BTreeSet<String> {
                    value
                        .as_list()
                        .unwrap_or_default()
                        .iter()
                        .filter_map(Value::as_text)
                        .map(str::to_owned)
                        .collect()
                };
                let mut wanted = texts(configured);
                wanted.extend(more.iter().cloned());
                wanted == texts(live)
            }
            Self::Clock => texts().is_some_and(|(a, b)| clock(a) == clock(b)),
            Self::Size => texts().is_some_and(|(a, b)| a.starts_with('/') && b.ends_with(a)),
            Self::Off(member) => configured.is_empty() && zero_in(live, member),
            Self::Added(member) => live.is_empty() && zero_in(configured, member),
            Self::When(..) | Self::Keys(_) | Self::Unclear | Self::Never => false,
        }
    }
}

/// Whether a member is zero in every block of a list.
fn zero_in(blocks: &Value, member: &str) -> bool {
    blocks.as_list().is_some_and(|blocks| {
        blocks
            .iter()
            .all(|block| block.get(member).is_none_or(Value::is_empty))
    })
}

fn clock(text: &str) -> String {
    if text.len() == 4 {
        format!("0{text}")
    } else {
        text.to_owned()
    }
}

/// Whether one text is the other without its prefix.
fn bare(text: &str, mark: &str, prefixed: &str) -> bool {
    !text.contains(mark)
        && prefixed
            .split_once(mark)
            .is_some_and(|(_, rest)| rest == text)
}

/// The last characters of a text that has more than those.
fn end(text: &str, count: usize) -> Option<&str> {
    text.get(text.len().checked_sub(count).filter(|at| *at > 0)?..)
}

/// A text or number as text.
fn spelt(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn numbered(text: &str, stem: &str) -> Option<u64> {
    text.strip_prefix(stem)?.strip_prefix('_')?.parse().ok()
}

/// Whether nothing but zeros stands in a value, at any depth.
pub(super) fn hollow(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().all(hollow),
        Value::Map(map) => map.values().all(hollow),
        other => other.is_empty(),
    }
}

/// Whether nothing but zeros and these texts stands in a value, at any depth.
fn blank(value: &Value, names: &[String]) -> bool {
    match value {
        Value::List(items) => items.iter().all(|item| blank(item, names)),
        Value::Map(map) => map.values().all(|member| blank(member, names)),
        other => {
            other.is_empty()
                || other
                    .as_text()
                    .is_some_and(|text| names.iter().any(|name| name == text))
        }
    }
}

/// Whether values agree, save for configured blocks that say nothing.
fn agree_but_for_mute(configured: &Value, live: &Value) -> bool {
    match (configured, live) {
        (Value::Map(new), Value::Map(old)) => new.keys().chain(old.keys()).all(|key| {
            let of = |map: &BTreeMap<String, Value>| map.get(key).cloned().unwrap_or_default();
            agree_but_for_mute(&of(new), &of(old))
        }),
        (Value::List(new), Value::List(_) | Value::Null) => {
            let old = live.as_list().unwrap_or_default();
            match () {
                () if old.is_empty() => mute(configured),
                () if new.iter().all(|item| item.as_text().is_some()) => {
                    same_members(configured, live, Value::same)
                }
                () => {
                    new.len() == old.len()
                        && new
                            .iter()
                            .zip(old)
                            .all(|(new, old)| agree_but_for_mute(new, old))
                }
            }
        }
        _ => configured.same(live),
    }
}

/// Whether nothing is said in a value but false and empty text.
fn mute(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().all(mute),
        Value::Map(map) => map.values().all(mute),
        other => matches!(other, Value::Null | Value::Bool(false)) || other.as_text() == Some(""),
    }
}

/// A link without the project it names.
fn projectless(link: &str) -> (&str, &str) {
    let path = relative(link);
    path.strip_prefix("projects/")
        .and_then(|rest| rest.split_once('/'))
        .map_or(("", path), |(_, rest)| ("projects", rest))
}

/// A link from `projects/` on.
fn relative(link: &str) -> &str {
    link.find("projects/").map_or(link, |at| &link[at..])
}

/// Links agree from `projects/` on; a bare name agrees with a link that ends in it.
fn links(a: &str, b: &str) -> bool {
    let (a, b) = (relative(a), relative(b));
    a == b
        || (!a.contains('/') && b.rsplit('/').next() == Some(a))
        || (!b.contains('/') && a.rsplit('/').next() == Some(b))
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

fn json(text: &str) -> Option<serde_json::Value> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equivalences() {
        let pass = |rule: Suppress, a: &str, b: &str| rule.lets_pass(&a.into(), &b.into());
        assert!(pass(Suppress::Case, "Docker", "DOCKER") && !pass(Suppress::Case, "a", "b"));
        assert!(pass(
            Suppress::Link,
            "net",
            "https://h/compute/v1/projects/p/global/networks/net"
        ));
        assert!(!pass(
            Suppress::Relative,
            "net",
            "projects/p/global/networks/net"
        ));
        assert!(
            pass(Suppress::Duration, "30d", "2592000s") && !pass(Suppress::Duration, "x", "x1")
        );
        assert!(pass(
            Suppress::ZeroNames(vec!["BUILT_IN".into()]),
            "BUILT_IN",
            ""
        ));
        assert!(
            pass(Suppress::CaseDash, "pd-ssd", "PD_SSD")
                && !pass(Suppress::CaseDash, "PD_SSD", "pd-ssd")
        );
        assert!(pass(
            Suppress::Any(vec!["auto".into()]),
            "AUTO",
            "10.0.0.0/29"
        ));
        assert!(pass(
            Suppress::Before("@".into()),
            "svc@p.iam.gserviceaccount.com",
            "svc"
        ));
        assert!(
            pass(Suppress::OptionalPrefix(":".into()), "p:a", "a")
                && pass(Suppress::OptionalPrefix(":".into()), "a", "p:a")
        );
        assert!(!pass(Suppress::OptionalPrefix(":".into()), "p:a", "q:a"));
        assert!(
            pass(Suppress::NotLater(3), "x_R1", "y_R2")
                && !pass(Suppress::NotLater(3), "x_R2", "y_R1")
        );
        let minor = || Suppress::Numbered("V_8_0".into(), 35);
        assert!(
            pass(minor(), "V_8_0", "V_8_0_36")
                && !pass(minor(), "V_8_0", "V_8_0_31")
                && !pass(minor(), "V_8_1", "V_8_1_40")
        );
        assert!(
            pass(Suppress::Range, "fd20:0:0:1::/64", "fd20:0:0:1:0:0:0:0/64")
                && !pass(Suppress::Range, "x", "x1")
        );
        let list =
            |texts: &[&str]| Value::List(texts.iter().map(|text| Value::text(*text)).collect());
        assert!(Suppress::Order.lets_pass(&list(&["a", "b"]), &list(&["b", "a"])));
        assert!(Suppress::Link.lets_pass(&list(&["a", "b"]), &list(&["projects/p/x/a", "b"])));
        assert!(
            pass(
                Suppress::Address,
                "projects/p/global/addresses/a",
                "1.2.3.4"
            ) && !pass(Suppress::Address, "1.2.3.5", "1.2.3.4")
        );
        let group = || Suppress::CaseAfter("@".into());
        assert!(
            pass(group(), "a@X.example", "a@x.example")
                && !pass(group(), "A@x.example", "a@x.example")
        );
        assert!(pass(Suppress::Span, "443", "443-443") && !pass(Suppress::Span, "443", "443-444"));
        assert!(
            pass(Suppress::Trim(".".into()), "a.b.", "a.b")
                && !pass(Suppress::Trim(".".into()), "a.b.", "a.c")
        );
        assert!(pass(
            Suppress::AnyProject,
            "projects/12/x/y",
            "projects/p/x/y"
        ));
        assert!(!pass(
            Suppress::AnyProject,
            "projects/12/x/y",
            "projects/p/x/z"
        ));
        assert!(Suppress::ZeroNames(vec!["80".into()]).lets_pass(&Value::Null, &Value::int(80)));
        assert!(Suppress::Unwritten("any".into()).lets_pass(&Value::Null, &list(&["any"])));
        assert!(!Suppress::Unwritten("any".into()).lets_pass(&list(&["x"]), &list(&["any"])));
        assert!(
            pass(Suppress::Json, "{\"a\": 1}", "{\"a\":1}") && pass(Suppress::EmptyConfig, "", "x")
        );
    }

    #[test]
    fn equivalences_of_defaults_and_keys() {
        let pass = |rule: &str, a: serde_json::Value, b: serde_json::Value| {
            Suppress::parse(rule)
                .unwrap()
                .lets_pass(&Value::from_json(a), &Value::from_json(b))
        };
        assert!(
            pass("unwritten SEV", json!(null), json!("SEV"))
                && !pass("unwritten SEV", json!("SEV"), json!(""))
        );
        assert!(
            pass("alias a A b B", json!("a"), json!("A"))
                && !pass("alias a A", json!("A"), json!("a"))
        );
        assert!(
            pass("plus x", json!(["a"]), json!(["x", "a"]))
                && !pass("plus x", json!(["a"]), json!(["a"]))
        );
        assert!(
            pass("members case", json!(["a", "B"]), json!(["b", "A"]))
                && !pass("members case", json!(["a"]), json!(["c"]))
        );
        assert!(
            pass("members quoted", json!(["v=X"]), json!(["\"V=x\""]))
                && !pass("quoted", json!("v=x"), json!("v=y"))
        );
        assert!(
            pass("clock", json!("3:00"), json!("03:00"))
                && !pass("clock", json!("3:00"), json!("04:00"))
        );
        assert!(
            pass("size", json!("/14"), json!("10.56.0.0/14"))
                && !pass("size", json!("/16"), json!("10.56.0.0/14"))
        );
        assert!(
            pass("off on", json!([]), json!([{"on": false}]))
                && !pass("off on", json!([]), json!([{"on": true}]))
        );
        assert!(!pass("off on", json!([{"on": false}]), json!([])));
        assert!(
            pass("added p", json!([{"p": null}]), json!([]))
                && !pass("added p", json!([]), json!([{}]))
        );
        let keys = Suppress::parse("keys goog-*").unwrap();
        assert!(keys.frees("goog-x") && !keys.frees("x"));
    }

    #[test]
    fn equivalences_of_blocks_and_numbers() {
        let pass = |rule: Suppress, a: serde_json::Value, b: serde_json::Value| {
            rule.lets_pass(&Value::from_json(a), &Value::from_json(b))
        };
        assert!(
            pass(Suppress::EmptyBlock, json!([{"a": ""}]), json!([]))
                && !pass(Suppress::EmptyBlock, json!([]), json!([{}]))
        );
        assert!(
            pass(Suppress::Unsaid, json!(null), json!(true))
                && !pass(Suppress::Unsaid, json!(false), json!(true))
        );
        let blank = || Suppress::Blank(vec!["NONE".into()]);
        assert!(
            pass(blank(), json!([]), json!([{"a": "NONE", "b": false}]))
                && pass(blank(), json!([{"a": ""}]), json!([]))
        );
        assert!(
            !pass(blank(), json!([{"a": "NONE", "b": true}]), json!([]))
                && !pass(blank(), json!([{"a": ""}]), json!([{"a": "x"}]))
        );
        let mute = |a: serde_json::Value, b: serde_json::Value| pass(Suppress::Mute, a, b);
        assert!(mute(
            json!({"o": [{"p": "", "q": false}]}),
            json!({"o": []})
        ));
        assert!(
            !mute(json!({"o": [{"p": "x"}]}), json!({"o": []}))
                && !mute(json!({"o": [{"p": 0}]}), json!({"o": []}))
        );
        assert!(!mute(json!({"n": 1}), json!({"n": 1, "o": [{"p": ""}]})));
        assert!(mute(
            json!({"n": 1, "l": ["b", "a"]}),
            json!({"n": 1, "l": ["a", "b"]})
        ));
        assert!(
            pass(Suppress::Lower, json!(10), json!(20))
                && !pass(Suppress::Lower, json!(20), json!(10))
        );
        assert!(pass(
            Suppress::Order,
            json!([{"a": 1}, {"a": 2}]),
            json!([{"a": 2}, {"a": 1, "b": ""}])
        ));
    }
}
