//! The law of what is not known: a forecast over configuration of which a part is unknown says what the forecast over the whole
//! says, or that it does not know. It never claims more.

use proptest::prelude::*;

use super::outlook::Forecast;
use super::tests::planned;
use crate::model::{NotEvaluated, Unknown, Value};

/// Arguments of the small type of `tests`: any may be there, with one of a few values that suppressions and replacements look at.
fn arguments() -> impl Strategy<Value = serde_json::Value> {
    let text = |texts: &'static [&'static str]| prop::option::of(prop::sample::select(texts));
    let step = (prop::sample::select(&["x", "y"][..]), 0..3i64);
    let rule = (prop::sample::select(&["x", "y", "z"][..]), any::<bool>());
    let scalars = (
        prop::sample::select(&["a", "b"][..]),
        prop::option::of(5..12i64),
        text(&["", "x", "y"]),
        text(&["n", "projects/p/global/networks/n", "m"]),
        text(&["V_6_2", "V_7_0"]),
        prop::option::of(any::<bool>()),
        text(&["on", "off"]),
        text(&["x", "y"]),
    );
    let blocks = (
        prop::option::of((text(&["ssd", "hdd"]), prop::option::of(1..9i64))),
        prop::collection::vec(step, 0..3),
        prop::collection::vec(rule, 0..3),
        prop::option::of(prop::option::of(any::<bool>())),
    );
    (scalars, blocks).prop_map(|(scalars, (disk, steps, rules, seal))| {
        let (name, size, auto, network, version, on, mode, alias) = scalars;
        let disk = disk.map(|(kind, gb)| serde_json::json!([{"kind": kind, "gb": gb}]));
        let steps: Vec<_> =
            steps.iter().map(|(k, n)| serde_json::json!({"k": k, "n": n})).collect();
        let rules: Vec<_> =
            rules.iter().map(|(k, on)| serde_json::json!({"k": k, "auto": on})).collect();
        let seal = seal.map(|on| serde_json::json!([{"on": on}]));
        serde_json::json!({"name": name, "size": size, "auto": auto, "network": network, "version": version, "on": on,
            "mode": mode, "alias": alias, "disk": disk, "step": steps, "rule": rules, "seal": seal})
    })
}

/// What this program does not know; of what only apply tells the provider's own rules make something definite.
fn hidden() -> Value {
    Value::Unknown(Unknown::from(NotEvaluated::Repetition))
}

/// The value with some of its parts hidden: those whose turn it is, by the bits of a mask.
fn with_hidden(value: &Value, mask: u64, turn: &mut u32) -> Value {
    let hide = mask >> (*turn % 64) & 1 == 1;
    *turn += 1;
    match value {
        Value::Null => Value::Null,
        _ if hide => hidden(),
        Value::List(items) => Value::List(
            items
                .iter()
                .map(|item| with_hidden(item, mask, turn))
                .collect(),
        ),
        Value::Map(map) => {
            let member =
                |(name, value): (&String, &Value)| (name.clone(), with_hidden(value, mask, turn));
            Value::Map(map.iter().map(member).collect())
        }
        whole => whole.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_not_known_never_makes_a_forecast_claim_more(
        config in arguments(), prior in arguments(), masks in (any::<u64>(), any::<u64>()),
    ) {
        let (config, prior) = (Value::from_json(config), Value::from_json(prior));
        let whole = config.as_map().cloned().unwrap_or_default();
        // Few parts at a time.
        let mask = masks.0 & masks.1;
        let mut turn = 0;
        let partly = whole.iter().map(|(name, value)| {
            (name.clone(), with_hidden(value, mask, &mut turn))
        });
        let partly = partly.collect();
        let (known, open) = (planned(whole, prior.clone()), planned(partly, prior));
        prop_assert!(
            open.forecast == Forecast::Unknown || open.forecast == known.forecast,
            "with parts unknown {:?} for {:?}, known whole {:?} for {:?}",
            open.forecast, open.changes, known.forecast, known.changes
        );
    }
}
