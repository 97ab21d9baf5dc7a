//! When a change replaces a resource by code of the provider.

use std::net::IpAddr;

use crate::catalog::ReplaceIf;
use crate::model::Value;

impl ReplaceIf {
    /// Whether a change from one value to another replaces the resource; nothing where that depends on what is not known. What
    /// only apply tells is empty to the provider's code.
    pub fn holds(&self, before: &Value, after: &Value) -> Option<bool> {
        let after = match after {
            Value::Unknown(reason) if reason.is_after_apply() => &Value::Null,
            Value::Unknown(_) => {
                return if self.could(before) {
                    None
                } else {
                    Some(false)
                };
            }
            known => known,
        };
        Some(match self {
            Self::Changed => !before.same(after),
            Self::TurnedOn => before.is_empty() && after.as_bool() == Some(true),
            Self::TurnedOff => before.as_bool() == Some(true) && after.is_empty(),
            Self::Removed => !before.is_empty() && after.is_empty(),
            Self::Lost => return lost(before, after),
            Self::Between(part) => [before, after].iter().all(|value| {
                value
                    .as_text()
                    .is_some_and(|text| text.contains(part.as_str()))
            }),
            Self::Narrowed => match (
                before.as_text().and_then(range),
                after.as_text().and_then(range),
            ) {
                (Some(before), Some(after)) => !holds(after, before),
                (Some(_) | None, _) => false,
            },
            Self::Lower => match (numbers(before), numbers(after)) {
                (Some(before), Some(after)) => after < before,
                (Some(_) | None, _) => false,
            },
        })
    }

    /// Whether some new value would replace the resource.
    fn could(&self, before: &Value) -> bool {
        match self {
            Self::Changed => true,
            Self::TurnedOn => before.is_empty(),
            Self::TurnedOff => before.as_bool() == Some(true),
            Self::Removed | Self::Lost => !before.is_empty(),
            Self::Between(part) => before
                .as_text()
                .is_some_and(|text| text.contains(part.as_str())),
            Self::Narrowed => before.as_text().and_then(range).is_some(),
            Self::Lower => numbers(before).is_some(),
        }
    }
}

/// Whether a member of one list is not in another; nothing where one that is not known could be it.
fn lost(before: &Value, after: &Value) -> Option<bool> {
    let after = after.as_list().unwrap_or_default();
    let gone = before
        .as_list()
        .unwrap_or_default()
        .iter()
        .any(|member| !after.iter().any(|other| other.same(member)));
    let open = |other: &Value| matches!(other, Value::Unknown(why) if !why.is_after_apply());
    if gone && after.iter().any(open) {
        None
    } else {
        Some(gone)
    }
}

/// Whether one address range holds the whole of another.
fn holds(outer: (IpAddr, Option<u8>), inner: (IpAddr, Option<u8>)) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    let ((outside, most), (inside, _)) = (bits(outer.0), bits(inner.0));
    let (wide, narrow) = (outer.1.unwrap_or(most), inner.1.unwrap_or(most));
    let mask = u128::MAX.checked_shl(128 - u32::from(wide)).unwrap_or(0);
    outer.0.is_ipv4() == inner.0.is_ipv4() && wide <= narrow && outside & mask == inside & mask
}

/// The numbers in a version or number, in order: `REDIS_6_2` → 6, 2. Nothing if there is none, or a part is a letter (`REDIS_6_X`).
fn numbers(value: &Value) -> Option<Vec<u64>> {
    let text = match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let parts = text
        .split(|c: char| !c.is_alphanumeric())
        .skip_while(|part| !part.starts_with(|c: char| c.is_ascii_digit()));
    parts
        .map(|part| part.parse().ok())
        .collect::<Option<Vec<_>>>()
        .filter(|numbers| !numbers.is_empty())
}

/// An address range as addresses and length, or an address.
pub(crate) fn range(text: &str) -> Option<(IpAddr, Option<u8>)> {
    let Some((address, length)) = text.split_once('/') else {
        return Some((text.parse().ok()?, None));
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    Some((
        address,
        Some(length.parse().ok().filter(|length| *length <= most)?),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{NotEvaluated, Unknown};

    #[test]
    fn what_has_no_numbers_is_not_lower() {
        let lower = |before: &str, after: &str| {
            ReplaceIf::Lower.holds(&before.into(), &after.into()) == Some(true)
        };
        assert!(lower("REDIS_7_0", "REDIS_6_2") && !lower("REDIS_6_2", "REDIS_7_0"));
        assert!(!lower("REDIS_7_0", "") && !lower("REDIS_7_0", "latest"));
    }

    #[test]
    fn a_member_is_lost() {
        let list =
            |texts: &[&str]| Value::List(texts.iter().map(|text| Value::text(*text)).collect());
        let lost = |before: &Value, after: &Value| ReplaceIf::Lost.holds(before, after);
        assert_eq!(lost(&list(&["a", "b"]), &list(&["b", "c"])), Some(true));
        assert_eq!(lost(&list(&["a"]), &list(&["b", "a"])), Some(false));
        let open = |why: Unknown| Value::List(vec![Value::Unknown(why)]);
        assert_eq!(
            lost(&list(&["a"]), &open(NotEvaluated::Number.into())),
            None
        );
        assert_eq!(lost(&list(&["a"]), &open(Unknown::AFTER_APPLY)), Some(true));
        assert_eq!(
            lost(&list(&[]), &Value::Unknown(NotEvaluated::Number.into())),
            Some(false)
        );
    }

    #[test]
    fn a_range_is_narrowed_unless_it_holds_the_old_one() {
        let narrowed = |before: &str, after: &str| {
            ReplaceIf::Narrowed.holds(&before.into(), &after.into()) == Some(true)
        };
        assert!(!narrowed("10.0.0.0/20", "10.0.0.0/16") && !narrowed("10.0.16.0/20", "10.0.0.0/8"));
        assert!(narrowed("10.0.0.0/16", "10.0.0.0/20") && narrowed("10.0.0.0/20", "10.1.0.0/20"));
        assert!(!narrowed("10.0.0.0/20", "10.0.0.0/202"));
        let removed = |why: Unknown| ReplaceIf::Removed.holds(&"x".into(), &Value::Unknown(why));
        assert_eq!(removed(Unknown::AFTER_APPLY), Some(true));
        assert_eq!(removed(NotEvaluated::Number.into()), None);
        assert!(narrowed("10.0.0.0/20", "0.0.0.0/32") && !narrowed("10.0.0.0/20", "0.0.0.0/0"));
    }
}
