//! An audit as SARIF 2.1.0, as GitHub code scanning takes it: the gravest 5,000 findings (no more are shown), fingerprints that
//! outlive runs, accepted findings left out, and what a gap covers still there, so that no alert closes by it.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{detail, many, matter, shown, told};
use crate::check::Priority;
use crate::findings::{Audit, Class, Severity, Tracked};
use crate::forecast::Forecast;

/// The most results of a run that code scanning shows.
const MOST: usize = 5_000;

/// The log, ending in a newline. `home` is the file that stands for what has no place in configuration, below the root of the
/// repository.
pub fn report(audit: &Audit, home: &str) -> String {
    let active: Vec<&Tracked> = audit.active().collect();
    let kept = if active.len() > MOST {
        MOST - 1
    } else {
        active.len()
    };
    let mut rules: BTreeMap<String, Described> = BTreeMap::new();
    let mut results = Vec::new();
    for tracked in &active[..kept] {
        let rule = rule(tracked);
        results.push(result(tracked, &rule.id, home));
        rules.insert(rule.id.clone(), rule);
    }
    if kept < active.len() {
        let id = "driftline/left-out";
        let help =
            "Code scanning shows 5,000 results of a run. See another format for all of them.";
        rules.insert(
            id.to_owned(),
            Described::new(id, "Findings were left out", help),
        );
        let text = format!(
            "{} left out: code scanning shows {MOST}.",
            many(active.len() - kept, "finding was", "findings were")
        );
        results.push(json!({
            "ruleId": id, "level": "warning", "message": {"text": text}, "locations": [place(home, 1, None)],
            "partialFingerprints": {"primaryLocationLineHash": "0000000000000000:1"},
        }));
    }
    let described: Vec<Json> = rules.values().map(Described::json).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "driftline", "semanticVersion": audit.run.version, "rules": described}},
            "automationDetails": {"id": format!("driftline/{}/", audit.run.audit)},
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

/// A rule, as the log describes it.
pub(super) struct Described {
    pub id: String,
    short: String,
    help: String,
    /// The priority of a rule of `check`.
    priority: Option<Priority>,
}

impl Described {
    fn new(id: &str, short: &str, help: &str) -> Self {
        Self {
            id: id.to_owned(),
            short: short.to_owned(),
            help: help.to_owned(),
            priority: None,
        }
    }

    fn json(&self) -> Json {
        let Self {
            id, short, help, ..
        } = self;
        let tag = if self.priority.is_some() {
            "readiness"
        } else {
            "drift"
        };
        let severity = match self.priority {
            Some(Priority::P0) => "error",
            Some(Priority::P1) | None => "warning",
            Some(Priority::P2) => "recommendation",
        };
        json!({
            "id": id, "name": id.trim_start_matches("driftline/"), "shortDescription": {"text": short}, "fullDescription": {"text": help},
            "help": {"text": help}, "properties": {"tags": [tag], "precision": "very-high", "problem.severity": severity},
        })
    }
}

pub(super) fn rule(tracked: &Tracked) -> Described {
    match (&tracked.finding.rule, tracked.finding.class) {
        (Some(rule), Class::Check) => Described {
            id: rule.id.clone(),
            short: rule.summary.clone(),
            help: told(rule),
            priority: Some(rule.priority),
        },
        _ => {
            let (id, short, help) = class_rule(tracked);
            Described::new(id, short, help)
        }
    }
}

fn class_rule(tracked: &Tracked) -> (&'static str, &'static str, &'static str) {
    if matches!(
        tracked.finding.forecast,
        Forecast::Replace | Forecast::Delete
    ) && tracked.finding.address.is_some()
    {
        return (
            "driftline/replace",
            "tofu would destroy it",
            "The next apply would destroy the object, for good or to make it anew.",
        );
    }
    match tracked.finding.class {
        Class::Drifted => (
            "driftline/drifted",
            "State and cloud differ",
            "An argument differs between state and cloud: apply to undo it, or write it down in configuration.",
        ),
        Class::Missing => (
            "driftline/missing",
            "Gone from the cloud",
            "State has it, the cloud does not: apply to make it anew, or take it out of state.",
        ),
        Class::ClaimedTwice => (
            "driftline/claimed-twice",
            "Two addresses stand for one object",
            "Take the object out of one of the states.",
        ),
        Class::Deposed => (
            "driftline/deposed",
            "A former object of its address",
            "The next apply destroys it.",
        ),
        Class::Unapplied => (
            "driftline/unapplied",
            "Configuration is not applied",
            "State and cloud agree, and configuration says otherwise: apply it.",
        ),
        Class::Declared => (
            "driftline/declared",
            "Declared, and nowhere else",
            "It is in neither state nor cloud: apply, or import it.",
        ),
        Class::Unmanaged => (
            "driftline/unmanaged",
            "In no state",
            "The object is in the cloud and in no state: import it (driftline plan), or accept it with a rule.",
        ),
        Class::Unknown => (
            "driftline/unknown",
            "It could not be found out",
            "Something could not be read; the gaps of the report say what, and what to do.",
        ),
        Class::Check => (
            "driftline/check",
            "A rule of readiness fails",
            "The finding says which, why, and what to do.",
        ),
        Class::ExpiredRule => (
            "driftline/expired-rule",
            "The date of an ignore rule has passed",
            "Take the rule out, or give it a new date.",
        ),
        Class::UnusedRule => (
            "driftline/unused-rule",
            "An ignore rule matches nothing",
            "Take the rule out.",
        ),
    }
}

fn result(tracked: &Tracked, rule: &str, home: &str) -> Json {
    let finding = &tracked.finding;
    let priority = finding.rule.as_ref().map(|rule| rule.priority);
    let level = match (priority, finding.severity) {
        (Some(Priority::P0), _) | (None, Severity::Critical | Severity::High) => "error",
        (Some(Priority::P1), _) | (None, Severity::Medium) => "warning",
        (Some(Priority::P2), _) | (None, Severity::Low) => "note",
    };
    let name = finding.name();
    let location = match &finding.file {
        Some(file) => place(file, finding.line.unwrap_or(1), Some(&name)),
        None => place(home, 1, Some(&name)),
    };
    // Only this fingerprint is read: 16 hexadecimal digits and a count.
    let print = finding.id.trim_start_matches("v1:");
    let print = print.get(..16).unwrap_or(print);
    json!({
        "ruleId": rule,
        "level": level,
        "message": {"text": message(tracked)},
        "locations": [location],
        "partialFingerprints": {"primaryLocationLineHash": format!("{print}:1"), "driftlineFinding/v1": finding.id},
    })
}

/// What a result says: its first sentence is shown where space is short.
pub(super) fn message(tracked: &Tracked) -> String {
    let finding = &tracked.finding;
    let what = matter(tracked);
    let detail = detail(tracked);
    let paths: Vec<&str> = finding
        .changes
        .iter()
        .map(|change| change.path.as_str())
        .collect();
    let mut text = format!("{}: {what}.", finding.name());
    if !detail.is_empty() {
        text.push_str(&format!(" {detail}."));
    }
    if !paths.is_empty() {
        text.push_str(&format!(" Differs: {}.", paths.join(", ")));
    }
    let evidence: Vec<String> = finding.evidence.iter().map(shown).collect();
    if !evidence.is_empty() {
        text.push_str(&format!(" Shown by: {}.", evidence.join(", ")));
    }
    crate::render::escaped(&text)
}

/// A place below the root of the repository.
fn place(file: &str, line: usize, name: Option<&str>) -> Json {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(file)},
            "region": {"startLine": line, "startColumn": 1, "endLine": line, "endColumn": 1},
        },
    });
    if let Some(name) = name {
        location["logicalLocations"] = json!([{"fullyQualifiedName": name}]);
    }
    location
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let escape = |byte: u8| {
        if kept(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    path.bytes().map(escape).collect()
}
