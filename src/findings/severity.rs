//! How grave a finding is: the table `severity.toml`, in which the first rule that fits says so.

use std::sync::LazyLock;

use serde::Deserialize;

use super::finding::{Class, Severity};
use crate::compare::Mode;
use crate::forecast::Forecast;

/// What a finding is judged by.
pub(super) struct Judged<'a> {
    pub class: Class,
    pub forecast: Forecast,
    /// Paths of what differs, and whether configuration can set it.
    pub changes: Vec<(&'a str, Mode)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    by_google: Vec<String>,
    rule: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    severity: Severity,
    #[serde(rename = "why")]
    _why: String,
    #[serde(default)]
    class: Vec<Class>,
    #[serde(default)]
    forecast: Vec<Forecast>,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    only: Vec<String>,
}

/// The table; a test holds that it can be read and that its last rule fits everything.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("severity.toml")).expect("the table is part of this program")
});

impl Rule {
    fn fits(&self, judged: &Judged<'_>) -> bool {
        let arguments = || {
            let argument = judged
                .changes
                .iter()
                .filter(|(_, mode)| *mode == Mode::Argument);
            argument.map(|(path, _)| *path)
        };
        let named = |path: &str, names: &[String]| names.iter().any(|name| lies_in(path, name));
        (self.class.is_empty() || self.class.contains(&judged.class))
            && (self.forecast.is_empty() || self.forecast.contains(&judged.forecast))
            && (self.any.is_empty() || arguments().any(|path| named(path, &self.any)))
            && (self.only.is_empty()
                || (arguments().next().is_some()
                    && arguments().all(|path| named(path, &self.only))))
    }
}

/// How grave it is.
pub(super) fn severity(judged: &Judged<'_>) -> Severity {
    let fits = TABLE.rule.iter().find(|rule| rule.fits(judged));
    fits.map_or(Severity::Medium, |rule| rule.severity)
}

/// Whether an attribute is one that Google changes by itself.
pub(super) fn is_by_google(path: &str) -> bool {
    TABLE.by_google.iter().any(|name| lies_in(path, name))
}

/// The names of a path, without indexes: `settings[0].tier` is `settings`, `tier`.
pub(super) fn names(path: &str) -> Vec<&str> {
    let parts = path.split(['.', '[', ']', '"']);
    parts
        .filter(|part| !part.is_empty() && !part.bytes().all(|byte| byte.is_ascii_digit()))
        .collect()
}

/// Whether a path is the attribute of a name, or lies in it.
fn lies_in(path: &str, name: &str) -> bool {
    let (path, name) = (names(path), names(name));
    path.windows(name.len().max(1)).any(|part| part == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(class: Class, forecast: Forecast, paths: &[&'static str]) -> Severity {
        severity(&Judged {
            class,
            forecast,
            changes: paths.iter().map(|path| (*path, Mode::Argument)).collect(),
        })
    }

    #[test]
    fn the_table_can_be_read_and_its_last_rule_fits_everything() {
        let table: Table = toml::from_str(include_str!("severity.toml")).unwrap();
        let last = table.rule.last().unwrap();
        assert!(last.class.is_empty() && last.forecast.is_empty() && last.any.is_empty());
        assert_eq!(table.rule.len(), TABLE.rule.len());
    }

    #[test]
    fn destruction_and_exposure_come_before_descriptions() {
        use Class::{Drifted, Unmanaged};
        use Forecast::{None, Replace, Update};
        assert_eq!(judge(Drifted, Replace, &["labels.env"]), Severity::Critical);
        assert_eq!(
            judge(Drifted, Update, &["deletion_protection"]),
            Severity::Critical
        );
        let inside = ["settings[0].ip_configuration[0].authorized_networks"];
        assert_eq!(judge(Drifted, Update, &inside), Severity::Critical);
        assert_eq!(judge(Drifted, Update, &["labels.env"]), Severity::Low);
        assert_eq!(
            judge(Drifted, Update, &["labels.env", "settings[0].tier"]),
            Severity::Medium
        );
        assert_eq!(judge(Unmanaged, None, &[]), Severity::Low);
    }
}
