//! An audit as a GitLab code quality report: one array, each finding with the fingerprint that outlives runs.

use serde_json::{Value as Json, json};

use super::sarif;
use crate::findings::{Audit, Severity, Tracked};

/// The report, ending in a newline. `home` is the file that stands for what has no place in configuration, below the root of the
/// repository.
pub fn report(audit: &Audit, home: &str) -> String {
    let all: Vec<Json> = audit.active().map(|one| issue(one, home)).collect();
    format!("{:#}\n", Json::Array(all))
}

fn issue(tracked: &Tracked, home: &str) -> Json {
    let finding = &tracked.finding;
    let severity = match finding.severity {
        Severity::Critical => "critical",
        Severity::High => "major",
        Severity::Medium => "minor",
        Severity::Low => "info",
    };
    let rule = sarif::rule(tracked).id;
    json!({
        "description": sarif::message(tracked),
        "check_name": rule,
        "fingerprint": finding.id.trim_start_matches("v1:"),
        "severity": severity,
        "location": {
            "path": finding.file.as_deref().unwrap_or(home),
            "lines": {"begin": finding.file.as_ref().and(finding.line).unwrap_or(1)},
        },
    })
}
