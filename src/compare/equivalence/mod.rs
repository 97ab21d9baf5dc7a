//! When the provider takes two different values for one.

mod columns;
mod empty;
mod members;
mod text;

use std::collections::BTreeSet;

use super::attribute::same_members;
use crate::catalog::{Suppress, fits};
use crate::model::Value;

pub(super) use empty::hollow;
pub(super) use members::same_set;

/// What the provider's SDK has in the place of a text that only apply tells: a text like no other.
pub const UNTOLD: &str = "74D93920-ED26-11E3-AC10-0800200C9A66";

impl Suppress {
    /// Whether a key of a map need not be in configuration by this rule.
    pub fn frees(&self, key: &str) -> bool {
        matches!(self, Self::Keys(patterns) if patterns.iter().any(|pattern| fits(key, pattern)))
    }

    /// Whether a difference between what configuration says and what is there passes by this rule.
    ///
    /// `Unclear`, `When` and `Keys` let nothing pass here: who asks must look for them first.
    pub fn lets_pass(&self, configured: &Value, live: &Value) -> bool {
        match self {
            Self::Text(rule) => match (configured.as_list(), live.as_list()) {
                (Some(new), Some(old)) => {
                    new.len() == old.len()
                        && (new.iter().zip(old))
                            .all(|(new, old)| new.same(old) || self.lets_pass(new, old))
                }
                _ => (configured.as_text().zip(live.as_text()))
                    .is_some_and(|(new, old)| rule.lets_pass(new, old)),
            },
            Self::Empty(rule) => rule.lets_pass(configured, live),
            Self::Order => same_members(configured, live, Value::same),
            Self::Members(each) => same_members(configured, live, |new, old| {
                new.same(old) || each.lets_pass(new, old)
            }),
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
            Self::Lower => configured
                .as_f64()
                .zip(live.as_f64())
                .is_some_and(|(a, b)| a < b),
            Self::Always => true,
            Self::When(..) | Self::Keys(_) | Self::Unclear | Self::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equivalences() {
        let pass = |rule: &str, a: &str, b: &str| {
            Suppress::parse(rule)
                .unwrap()
                .lets_pass(&a.into(), &b.into())
        };
        let parsed = |rule: &str| Suppress::parse(rule).unwrap();
        assert!(pass("case", "Docker", "DOCKER") && !pass("case", "a", "b"));
        assert!(pass(
            "link",
            "net",
            "https://h/compute/v1/projects/p/global/networks/net"
        ));
        assert!(!pass("relative", "net", "projects/p/global/networks/net"));
        assert!(pass("duration", "30d", "2592000s") && !pass("duration", "x", "x1"));
        assert!(pass("zero-names BUILT_IN", "BUILT_IN", ""));
        assert!(pass("case-dash", "pd-ssd", "PD_SSD") && !pass("case-dash", "PD_SSD", "pd-ssd"));
        assert!(pass("any auto", "AUTO", "10.0.0.0/29"));
        assert!(pass("before @", "svc@p.iam.gserviceaccount.com", "svc"));
        assert!(pass("optional-prefix :", "p:a", "a") && pass("optional-prefix :", "a", "p:a"));
        assert!(!pass("optional-prefix :", "p:a", "q:a"));
        assert!(pass("not-later 3", "x_R1", "y_R2") && !pass("not-later 3", "x_R2", "y_R1"));
        let minor = "numbered V_8_0 35";
        assert!(
            pass(minor, "V_8_0", "V_8_0_36")
                && !pass(minor, "V_8_0", "V_8_0_31")
                && !pass(minor, "V_8_1", "V_8_1_40")
        );
        assert!(
            pass("range", "fd20:0:0:1::/64", "fd20:0:0:1:0:0:0:0/64") && !pass("range", "x", "x1")
        );
        let list =
            |texts: &[&str]| Value::List(texts.iter().map(|text| Value::text(*text)).collect());
        assert!(parsed("order").lets_pass(&list(&["a", "b"]), &list(&["b", "a"])));
        assert!(parsed("link").lets_pass(&list(&["a", "b"]), &list(&["projects/p/x/a", "b"])));
        assert!(
            pass("address", "projects/p/global/addresses/a", "1.2.3.4")
                && !pass("address", "1.2.3.5", "1.2.3.4")
        );
        let group = "case-after @";
        assert!(
            pass(group, "a@X.example", "a@x.example") && !pass(group, "A@x.example", "a@x.example")
        );
        assert!(pass("span", "443", "443-443") && !pass("span", "443", "443-444"));
        assert!(pass("trim .", "a.b.", "a.b") && !pass("trim .", "a.b.", "a.c"));
        assert!(pass("any-project", "projects/12/x/y", "projects/p/x/y"));
        assert!(!pass("any-project", "projects/12/x/y", "projects/p/x/z"));
        assert!(parsed("zero-names 80").lets_pass(&Value::Null, &Value::int(80)));
        assert!(parsed("unwritten any").lets_pass(&Value::Null, &list(&["any"])));
        assert!(!parsed("unwritten any").lets_pass(&list(&["x"]), &list(&["any"])));
        assert!(pass("json", "{\"a\": 1}", "{\"a\":1}") && pass("empty-config", "", "x"));
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
        let pass = |rule: &str, a: serde_json::Value, b: serde_json::Value| {
            Suppress::parse(rule)
                .unwrap()
                .lets_pass(&Value::from_json(a), &Value::from_json(b))
        };
        assert!(
            pass("empty-block", json!([{"a": ""}]), json!([]))
                && !pass("empty-block", json!([]), json!([{}]))
        );
        assert!(
            pass("unsaid", json!(null), json!(true)) && !pass("unsaid", json!(false), json!(true))
        );
        let blank = "blank NONE";
        assert!(
            pass(blank, json!([]), json!([{"a": "NONE", "b": false}]))
                && pass(blank, json!([{"a": ""}]), json!([]))
        );
        assert!(
            !pass(blank, json!([{"a": "NONE", "b": true}]), json!([]))
                && !pass(blank, json!([{"a": ""}]), json!([{"a": "x"}]))
        );
        let mute = |a: serde_json::Value, b: serde_json::Value| pass("mute", a, b);
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
        assert!(pass("lower", json!(10), json!(20)) && !pass("lower", json!(20), json!(10)));
        assert!(pass(
            "order",
            json!([{"a": 1}, {"a": 2}]),
            json!([{"a": 2}, {"a": 1, "b": ""}])
        ));
    }
}
