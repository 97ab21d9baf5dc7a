//! Provider addresses in state, and whether they mean Google.

use crate::model::ProviderRef;

/// A provider address of any form that a state may hold.
///
/// `module.a.provider["registry.opentofu.org/hashicorp/google"].alias["key"]`, shorter sources, and the forms of the
/// 0.12 era (`provider.google.alias`). Nothing when it is none of them, or another provider's.
pub(super) fn google(address: &str) -> Option<ProviderRef> {
    let (module, rest) = split_module(address)?;
    if let Some(rest) = rest.strip_prefix("provider[\"") {
        let (source, tail) = rest.split_once("\"]")?;
        return Some(ProviderRef {
            beta: beta(source)?,
            module,
            alias: alias(tail),
        });
    }
    let legacy = rest.strip_prefix("provider.")?;
    let (name, tail) = legacy
        .find('.')
        .map_or((legacy, ""), |dot| legacy.split_at(dot));
    Some(ProviderRef {
        beta: beta(name)?,
        module,
        alias: alias(tail),
    })
}

/// Whether a source such as `registry.terraform.io/hashicorp/google-beta` is the beta provider; nothing when it is not Google's.
///
/// The host may be any: mirrors and both registries serve the same provider under it. The namespace may be missing
/// (short form) or `-` (written by 0.12).
pub(in crate::tofu) fn beta(source: &str) -> Option<bool> {
    let lower = source.to_lowercase();
    let mut parts = lower.rsplit('/');
    let name = parts.next()?;
    if !matches!(parts.next(), None | Some("hashicorp" | "-")) {
        return None;
    }
    match name {
        "google" => Some(false),
        "google-beta" => Some(true),
        _ => None,
    }
}

/// The module path before `provider`, without keys, and the rest.
fn split_module(address: &str) -> Option<(String, &str)> {
    let mut rest = address;
    let mut consumed = 0;
    while let Some(after) = rest.strip_prefix("module.") {
        let end = after.find('.')?;
        consumed += "module.".len() + end + 1;
        rest = &after[end + 1..];
    }
    Some((address[..consumed].trim_end_matches('.').to_owned(), rest))
}

/// `.name` or `.name["key"]`: the alias, with the key of a provider made by `for_each` as a part of it.
fn alias(tail: &str) -> Option<String> {
    tail.strip_prefix('.')
        .filter(|alias| !alias.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, expected: &str) {
        let got = google(address).map_or("foreign".into(), |p| {
            format!(
                "{}|{}|{}",
                if p.beta { "beta" } else { "ga" },
                p.module,
                p.alias.unwrap_or_default()
            )
        });
        assert_eq!(got, expected, "{address}");
    }

    #[test]
    fn every_form_of_address_is_read() {
        check(
            "provider[\"registry.opentofu.org/hashicorp/google\"]",
            "ga||",
        );
        check(
            "provider[\"registry.terraform.io/hashicorp/google-beta\"].eu",
            "beta||eu",
        );
        check(
            "module.a.module.b.provider[\"registry.opentofu.org/hashicorp/google\"].x",
            "ga|module.a.module.b|x",
        );
        check(
            "provider[\"registry.opentofu.org/hashicorp/google\"].by[\"eu.west\"]",
            "ga||by[\"eu.west\"]",
        );
        check("provider[\"google\"]", "ga||");
        check("provider[\"hashicorp/google-beta\"]", "beta||");
        check("provider.google", "ga||");
        check("module.m.provider.google-beta.al", "beta|module.m|al");
        check(
            "provider[\"registry.opentofu.org/hashicorp/random\"]",
            "foreign",
        );
        check(
            "provider[\"registry.opentofu.org/someone/google\"]",
            "foreign",
        );
        check("provider[\"terraform.io/builtin/terraform\"]", "foreign");
        check("nonsense", "foreign");
    }
}
