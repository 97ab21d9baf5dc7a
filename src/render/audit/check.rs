//! What `check` says at a terminal: rule by rule, the gravest first, each with what it found, why it asks and what to do.

use super::console::{acceptances, gaps};
use super::{many, scope, shown, word};
use crate::check::Priority;
use crate::findings::{Audit, Class, Finding, RuleRecord, Verdict};
use crate::render::text::{Palette, escaped, styled};

/// How many findings of a rule are listed; the rest are counted.
const MOST: usize = 20;

/// The report, with colours.
pub fn report(audit: &Audit, verdict: Verdict) -> String {
    let unknown = findings(audit, Class::Unknown);
    let mut out = format!(
        "{}: {}.\n",
        styled(Palette::BOLD, word(audit, verdict)),
        summary(audit, unknown.len())
    );
    for line in scope(audit) {
        let line = styled(Palette::DIM, &escaped(&line));
        out.push_str(&format!("  {line}\n"));
    }
    for (rule, findings) in by_rule(findings(audit, Class::Check)) {
        out.push_str(&format!("\n{}\n", title(rule)));
        listed(&mut out, &findings);
        advice(&mut out, rule);
    }
    if !unknown.is_empty() {
        let title = styled(Palette::BOLD, "Could not be checked");
        out.push_str(&format!("\n{title}\n"));
    }
    for (rule, findings) in by_rule(unknown) {
        let mark = styled(Palette::UNKNOWN, "?");
        for finding in findings.iter().take(MOST) {
            let line = format!("{}  {}: {}", rule.id, finding.name(), finding.reason);
            out.push_str(&format!("  {mark} {}\n", escaped(&line)));
        }
        more(&mut out, findings.len(), "  ");
    }
    for class in [Class::ExpiredRule, Class::UnusedRule] {
        for finding in findings(audit, class) {
            let line = format!("{}: {}", super::class(class), finding.name());
            out.push_str(&format!("\n  {}\n", escaped(&line)));
        }
    }
    acceptances(&mut out, audit);
    gaps(&mut out, audit);
    if audit.active().any(|one| one.finding.class == Class::Check) {
        let hint = "driftline explain RULE says more of a rule";
        out.push_str(&format!("\n{}\n", styled(Palette::DIM, hint)));
    }
    out
}

/// How much there is, how much of it is accepted, and what could not be told.
fn summary(audit: &Audit, unknown: usize) -> String {
    let failing = findings(audit, Class::Check).len();
    let priorities = audit.priorities();
    let of: Vec<String> = priorities
        .iter()
        .map(|(priority, count)| format!("{count} {}", priority.as_str()))
        .collect();
    let of = match of.len() {
        0 => String::new(),
        _ => format!(" ({})", of.join(", ")),
    };
    let mut parts = vec![format!("{}{of}", many(failing, "finding", "findings"))];
    if unknown > 0 {
        parts.push(format!("{unknown} could not be checked"));
    }
    let totals = audit.totals();
    if totals.ignored + totals.baselined > 0 {
        parts.push(format!("{} accepted", totals.ignored + totals.baselined));
    }
    if totals.gaps > 0 {
        parts.push(many(totals.gaps, "gap", "gaps"));
    }
    parts.join(", ")
}

/// Findings of a class that count.
fn findings(audit: &Audit, class: Class) -> Vec<&Finding> {
    let all = audit.active().map(|tracked| &tracked.finding);
    all.filter(|finding| finding.class == class).collect()
}

/// Findings by rule and priority, the gravest first.
fn by_rule(findings: Vec<&Finding>) -> Vec<(&RuleRecord, Vec<&Finding>)> {
    let mut out: Vec<(&RuleRecord, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        let Some(rule) = &finding.rule else {
            continue;
        };
        let same = |(other, _): &&mut (&RuleRecord, _)| {
            other.id == rule.id && other.priority == rule.priority
        };
        match out.iter_mut().find(same) {
            Some((_, all)) => all.push(finding),
            None => out.push((rule, vec![finding])),
        }
    }
    out.sort_by(|(a, _), (b, _)| (a.priority, &a.id).cmp(&(b.priority, &b.id)));
    out
}

fn title(rule: &RuleRecord) -> String {
    let style = match rule.priority {
        Priority::P0 => Palette::REMOVE,
        Priority::P1 => Palette::CHANGE,
        Priority::P2 => Palette::DIM,
    };
    format!(
        "{}  {}  {}",
        styled(style, rule.priority.as_str()),
        styled(Palette::BOLD, &escaped(&rule.summary)),
        styled(Palette::DIM, &escaped(&rule.id))
    )
}

fn listed(out: &mut String, findings: &[&Finding]) {
    for finding in findings.iter().take(MOST) {
        let place = match (&finding.file, finding.line) {
            (Some(file), Some(line)) => format!("  {file}:{line}"),
            (Some(file), None) => format!("  {file}"),
            (None, _) => String::new(),
        };
        let owners = match finding.owners.as_slice() {
            [] => String::new(),
            owners => format!("  {}", owners.join(" ")),
        };
        let place = styled(Palette::DIM, &escaped(&format!("{place}{owners}")));
        out.push_str(&format!("    {}{place}\n", escaped(&finding.name())));
        for evidence in &finding.evidence {
            out.push_str(&format!("      {}\n", shown(evidence)));
        }
    }
    more(out, findings.len(), "    ");
}

fn more(out: &mut String, count: usize, indent: &str) {
    if count > MOST {
        let rest = format!("and {}", many(count - MOST, "more", "more"));
        out.push_str(&format!("{indent}{}\n", styled(Palette::DIM, &rest)));
    }
}

fn advice(out: &mut String, rule: &RuleRecord) {
    for (word, text) in [("why", &rule.why), ("fix", &rule.remedy)] {
        let word = styled(Palette::DIM, word);
        out.push_str(&format!("    {word}  {}\n", escaped(text)));
    }
}
