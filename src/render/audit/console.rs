//! An audit for people at a terminal: what is new, what is resolved, what is oldest, then the rest.

use super::{
    TOLD_FIRST, age, cause, class, day, detail, headline, lines, many, matter, scope, word,
};
use crate::findings::{Audit, Class, Life, Severity, Tracked, Verdict};
use crate::render::text::{Palette, escaped, styled};

/// The report, with colours.
pub fn report(audit: &Audit, verdict: Verdict) -> String {
    let mut out = format!(
        "{}: {}.\n",
        styled(Palette::BOLD, word(audit, verdict)),
        headline(audit)
    );
    for line in scope(audit) {
        out.push_str(&format!("  {}\n", escaped(&line)));
    }
    for (life, title) in TOLD_FIRST {
        section(&mut out, title, audit.lived(life), audit, true);
    }
    section(&mut out, "Resolved", audit.resolved(), audit, false);
    section(&mut out, "Oldest", audit.oldest().into_iter(), audit, false);
    causes(&mut out, audit);
    section(&mut out, "Still open", audit.lived(Life::Open), audit, true);
    acceptances(&mut out, audit);
    gaps(&mut out, audit);
    trend(&mut out, audit);
    out.push_str(&format!("\n{}\n", closing(audit)));
    out
}

/// What findings have in common.
fn causes(out: &mut String, audit: &Audit) {
    let shared = super::shared(audit);
    if !shared.is_empty() {
        out.push_str(&format!("\n{}\n", styled(Palette::BOLD, "By cause")));
    }
    for one in shared {
        let [what, many, gravest, age] = cause(&one, audit);
        let line = format!("{gravest:<8} {what}: {many} [{age}]");
        out.push_str(&format!("  {}\n", escaped(&line)));
    }
}

/// The totals, as every format has them.
pub(super) fn closing(audit: &Audit) -> String {
    let totals = audit.totals();
    let all = totals
        .classes
        .iter()
        .map(|(of, count)| format!("{count} {}", class(*of)));
    let classes: Vec<String> = all.collect();
    let classes = if classes.is_empty() {
        "none".to_owned()
    } else {
        classes.join(", ")
    };
    format!(
        "Findings: {classes}. Accepted: {} by rules, {} by the baseline. Resolved: {}. Gaps: {}.",
        totals.ignored, totals.baselined, totals.resolved, totals.gaps
    )
}

fn section<'a>(
    out: &mut String,
    title: &str,
    findings: impl Iterator<Item = &'a Tracked>,
    audit: &Audit,
    full: bool,
) {
    let mut titled = false;
    for tracked in findings {
        if !titled {
            out.push_str(&format!("\n{}\n", styled(Palette::BOLD, title)));
            titled = true;
        }
        finding(out, tracked, audit, full);
    }
}

fn finding(out: &mut String, tracked: &Tracked, audit: &Audit, full: bool) {
    let finding = &tracked.finding;
    let style = match finding.severity {
        Severity::Critical | Severity::High => Palette::REMOVE,
        Severity::Medium => Palette::CHANGE,
        Severity::Low => Palette::DIM,
    };
    let severity = styled(style, &format!("{:<8}", finding.severity.as_str()));
    let what = matter(tracked);
    let age = age(tracked, audit);
    let age = if age.is_empty() {
        age
    } else {
        format!(" [{age}]")
    };
    out.push_str(&format!(
        "  {severity} {}  {}{age}\n",
        escaped(&finding.name()),
        escaped(&what)
    ));
    if !full {
        return;
    }
    let detail = detail(tracked);
    if !detail.is_empty() {
        out.push_str(&format!("           {}\n", escaped(&detail)));
    }
    let (lines, outputs) = lines(tracked);
    for line in lines {
        out.push_str(&format!("           {line}\n"));
    }
    let mut rest = Vec::new();
    if outputs > 0 {
        rest.push(format!(
            "{} changed with it",
            many(outputs, "output", "outputs")
        ));
    }
    if tracked.hidden > 0 {
        rest.push(format!(
            "{} ignored by a rule",
            many(tracked.hidden, "change", "changes")
        ));
    }
    if !rest.is_empty() {
        let rest = format!("           ({})", rest.join("; "));
        out.push_str(&format!("{}\n", styled(Palette::DIM, &rest)));
    }
    if let Some(file) = &finding.file {
        let line = finding
            .line
            .map(|line| format!(":{line}"))
            .unwrap_or_default();
        let owners = if finding.owners.is_empty() {
            String::new()
        } else {
            format!("  {}", finding.owners.join(" "))
        };
        let place = escaped(&format!("at {file}{line}{owners}"));
        out.push_str(&format!("           {}\n", styled(Palette::DIM, &place)));
    }
}

/// What of a drift report is accepted, and how the rest is counted.
pub fn accepted(audit: &Audit) -> String {
    let mut out = String::new();
    acceptances(&mut out, audit);
    let stale = |tracked: &&Tracked| {
        matches!(
            tracked.finding.class,
            Class::ExpiredRule | Class::UnusedRule
        )
    };
    section(&mut out, "Rules", audit.active().filter(stale), audit, true);
    out.push_str(&format!("\n{}\n", closing(audit)));
    out
}

/// Runs, one a line: when, which audit, how much.
pub fn runs(runs: &[crate::findings::Run]) -> String {
    let line = |run: &crate::findings::Run| {
        let counts = run.counts();
        let counts: Vec<String> = counts
            .iter()
            .map(|(class, count)| format!("{count} {class}"))
            .collect();
        let counts = if counts.is_empty() {
            "no findings".to_owned()
        } else {
            counts.join(", ")
        };
        let marks = if run.is_complete() {
            ""
        } else {
            "  [incomplete]"
        };
        format!(
            "{}  {}  {counts}{marks}\n",
            escaped(&run.at),
            escaped(&run.audit)
        )
    };
    let mut out: String = runs.iter().map(line).collect();
    out.push_str(&format!("{}\n", many(runs.len(), "run", "runs")));
    out
}

pub(super) fn acceptances(out: &mut String, audit: &Audit) {
    let all: Vec<_> = audit.accepted().collect();
    if all.is_empty() {
        return;
    }
    out.push_str(&format!("\n{}\n", styled(Palette::BOLD, "Accepted")));
    for (rule, used) in audit.rules.iter().filter(|(_, used)| *used > 0) {
        let until = rule.until.as_ref().map(|until| format!(", until {until}"));
        let line = format!(
            "{}: {} ({}{})",
            many(*used, "finding", "findings"),
            rule.text(),
            rule.reason,
            until.unwrap_or_default()
        );
        out.push_str(&format!("  {}\n", escaped(&line)));
    }
    for (tracked, accepted) in all.iter().filter(|(_, accepted)| accepted.since.is_some()) {
        let since = accepted.since.as_deref().unwrap_or_default();
        let note = if accepted.reason.is_empty() {
            String::new()
        } else {
            format!(": {}", accepted.reason)
        };
        let name = tracked.finding.name();
        let line = format!(
            "{name}  {}, accepted {since}{note}",
            super::what(&tracked.finding)
        );
        out.push_str(&format!("  {}\n", escaped(&line)));
    }
}

pub(super) fn gaps(out: &mut String, audit: &Audit) {
    let mut titled = false;
    for gap in audit.run.gaps.iter().filter(|gap| !gap.quiet) {
        if !titled {
            out.push_str(&format!(
                "\n{}\n",
                styled(Palette::BOLD, "Could not be read")
            ));
            titled = true;
        }
        let line = format!(
            "{} in {}: {}: {}",
            gap.listing, gap.scope, gap.reason, gap.detail
        );
        out.push_str(&format!(
            "  {} {}\n",
            styled(Palette::UNKNOWN, "?  "),
            escaped(&line)
        ));
        if !gap.fix.is_empty() {
            out.push_str(&format!("        hint: {}\n", escaped(&gap.fix)));
        }
    }
}

/// The runs so far, one line each; what cannot be compared is marked.
fn trend(out: &mut String, audit: &Audit) {
    if audit.trend.len() < 2 {
        return;
    }
    out.push_str(&format!("\n{}\n", styled(Palette::BOLD, "Runs")));
    for point in audit.trend.iter().rev().take(26).rev() {
        out.push_str(&format!("  {}  {}\n", day(&point.at), told(point)));
    }
}

/// One run, as a line of a trend.
pub(super) fn told(point: &crate::findings::Point) -> String {
    let open: usize = point.open.values().sum();
    let mut marks = Vec::new();
    if point.unknown > 0 {
        marks.push(format!("{} out of sight", point.unknown));
    }
    if !point.complete {
        marks.push("incomplete".to_owned());
    }
    if point.other_scope {
        marks.push("other scope".to_owned());
    }
    if point.other_version {
        marks.push("other version of driftline".to_owned());
    }
    let classes: Vec<String> = (point.open.iter())
        .filter(|(of, _)| !matches!(of, Class::ExpiredRule | Class::UnusedRule))
        .map(|(of, count)| format!("{count} {}", class(*of)))
        .collect();
    let classes = if classes.is_empty() {
        String::new()
    } else {
        format!(" ({})", classes.join(", "))
    };
    let marks = if marks.is_empty() {
        String::new()
    } else {
        format!("  [{}]", marks.join(", "))
    };
    format!("{open} open{classes}{marks}")
}
