//! An audit for other programs: one document, or one JSON object a line.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::findings::{Acceptance, Audit, Finding, GapRecord, TargetRecord, Tracked, Verdict};

#[derive(Serialize)]
struct Head<'a> {
    format_version: &'static str,
    at: &'a str,
    version: &'a str,
    audit: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<&'a str>,
    complete: bool,
    exit_code: u8,
    totals: Sums,
    trend: Vec<Sum<'a>>,
}

/// Totals by the words of reports.
#[derive(Serialize)]
struct Sums {
    active: usize,
    classes: BTreeMap<&'static str, usize>,
    severities: BTreeMap<&'static str, usize>,
    lives: BTreeMap<&'static str, usize>,
    ignored: usize,
    baselined: usize,
    resolved: usize,
    gaps: usize,
}

#[derive(Serialize)]
struct Sum<'a> {
    at: &'a str,
    open: BTreeMap<&'static str, usize>,
    unknown: usize,
    complete: bool,
    other_scope: bool,
    other_version: bool,
}

#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    life: &'static str,
    since: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<&'a str>,
    last_seen: &'a str,
    days: i64,
    reopened: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<&'a Acceptance>,
    ignored_changes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a Shared>,
}

/// What a finding that counts has in common with others.
#[derive(Serialize)]
struct Shared {
    kind: &'static str,
    key: String,
}

/// Causes by the identity of the finding.
fn causes(audit: &Audit) -> BTreeMap<String, Shared> {
    let mut out = BTreeMap::new();
    for cause in audit.causes() {
        for one in &cause.findings {
            let kind = cause.kind.as_str();
            let key = cause.key.clone();
            out.insert(one.finding.id.clone(), Shared { kind, key });
        }
    }
    out
}

#[derive(Serialize)]
struct Document<'a> {
    run: Head<'a>,
    targets: &'a [TargetRecord],
    findings: Vec<Told<'a>>,
    gaps: Vec<&'a GapRecord>,
}

/// One document, ending in a newline.
pub fn document(audit: &Audit, verdict: Verdict) -> String {
    let causes = causes(audit);
    let document = Document {
        run: head(audit, verdict),
        targets: &audit.run.targets,
        findings: audit
            .findings
            .iter()
            .map(|tracked| told(tracked, audit, &causes))
            .collect(),
        gaps: audit.run.gaps.iter().collect(),
    };
    // Made of text and numbers alone.
    serde_json::to_string_pretty(&document).expect("a report is plain data") + "\n"
}

/// One object a line: the run, then targets, findings and gaps, each with its kind.
pub fn lines(audit: &Audit, verdict: Verdict) -> String {
    let mut out = line("run", &head(audit, verdict));
    out.extend(
        audit
            .run
            .targets
            .iter()
            .map(|target| line("target", target)),
    );
    let causes = causes(audit);
    let findings = audit
        .findings
        .iter()
        .map(|tracked| line("finding", &told(tracked, audit, &causes)));
    out.extend(findings);
    out.extend(audit.run.gaps.iter().map(|gap| line("gap", gap)));
    out
}

fn line(kind: &str, record: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Line<'a, T> {
        kind: &'a str,
        #[serde(flatten)]
        record: &'a T,
    }
    serde_json::to_string(&Line { kind, record }).expect("a report is plain data") + "\n"
}

fn head(audit: &Audit, verdict: Verdict) -> Head<'_> {
    let totals = audit.totals();
    let by_word = |counts: &BTreeMap<crate::findings::Class, usize>| {
        counts
            .iter()
            .map(|(class, count)| (class.as_str(), *count))
            .collect()
    };
    Head {
        format_version: "1.0",
        at: &audit.run.at,
        version: &audit.run.version,
        audit: &audit.run.audit,
        previous: audit.previous.as_deref(),
        complete: audit.is_complete(),
        exit_code: verdict.code(),
        totals: Sums {
            active: totals.active,
            classes: by_word(&totals.classes),
            severities: totals
                .severities
                .iter()
                .map(|(of, n)| (of.as_str(), *n))
                .collect(),
            lives: totals
                .lives
                .iter()
                .map(|(of, n)| (of.as_str(), *n))
                .collect(),
            ignored: totals.ignored,
            baselined: totals.baselined,
            resolved: totals.resolved,
            gaps: totals.gaps,
        },
        trend: audit
            .trend
            .iter()
            .map(|point| Sum {
                at: &point.at,
                open: by_word(&point.open),
                unknown: point.unknown,
                complete: point.complete,
                other_scope: point.other_scope,
                other_version: point.other_version,
            })
            .collect(),
    }
}

fn told<'a>(tracked: &'a Tracked, audit: &Audit, causes: &'a BTreeMap<String, Shared>) -> Told<'a> {
    Told {
        finding: &tracked.finding,
        life: tracked.life.as_str(),
        since: &tracked.since,
        not_before: tracked.not_before.as_deref(),
        last_seen: &tracked.last_seen,
        days: tracked.days(&audit.run.at),
        reopened: tracked.reopened,
        accepted: tracked.accepted.as_ref(),
        ignored_changes: tracked.hidden,
        cause: causes.get(&tracked.finding.id),
    }
}
