//! An audit as annotations of a GitHub workflow: the ten gravest, for no more of a kind are shown, and the totals.

use super::{detail, headline, what};
use crate::findings::{Audit, Life, Severity, Tracked, Verdict};

/// The most annotations of a kind that a step shows.
const MOST: usize = 10;

/// Workflow commands, one a line.
pub fn report(audit: &Audit, verdict: Verdict) -> String {
    let mut out = String::new();
    let failing = audit
        .active()
        .filter(|tracked| tracked.life != Life::Unknown);
    for tracked in failing.take(MOST) {
        out.push_str(&annotation(tracked));
    }
    let totals = audit.totals();
    let shown = totals.active.min(MOST);
    let rest = format!("{}; {shown} of {} shown", headline(audit), totals.active);
    let title = format!(
        "driftline {}: exit code {}",
        audit.run.audit,
        verdict.code()
    );
    out.push_str(&format!(
        "::notice title={}::{}\n",
        property(&title),
        data(&rest)
    ));
    out
}

fn annotation(tracked: &Tracked) -> String {
    let finding = &tracked.finding;
    let kind = match finding.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "notice",
    };
    let mut properties = Vec::new();
    if let Some(file) = &finding.file {
        properties.push(format!("file={}", property(file)));
        properties.extend(finding.line.map(|line| format!("line={line}")));
    }
    let title = format!("{} {}", what(finding), finding.name());
    properties.push(format!("title={}", property(&title)));
    let changed = finding.changes.iter().map(|change| change.path.as_str());
    let shown = finding.evidence.iter().map(|shown| shown.name.as_str());
    let paths: Vec<&str> = changed.chain(shown).take(5).collect();
    let changes = if paths.is_empty() {
        String::new()
    } else {
        format!(" ({})", paths.join(", "))
    };
    let message = format!("{}: {}{changes}", finding.name(), said(tracked));
    format!("::{kind} {}::{}\n", properties.join(","), data(&message))
}

fn said(tracked: &Tracked) -> String {
    let detail = detail(tracked);
    let what = what(&tracked.finding);
    if detail.is_empty() {
        what
    } else {
        format!("{what}; {detail}")
    }
}

/// The message of a command: no line of it begins another.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_a_command() {
        assert_eq!(data("a\n::add-mask::x\r%"), "a%0A::add-mask::x%0D%25");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
    }
}
