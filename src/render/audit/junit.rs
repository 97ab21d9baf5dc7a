//! An audit as JUnit XML: a suite a target, a case an address or object. What is in sync passes, what is accepted is skipped, what
//! could not be seen is an error. Of rules a case is a rule and an object: where it could not be told, it is skipped.

use std::collections::BTreeMap;

use super::{age, detail, life, lines, what};
use crate::findings::{Audit, Class, Life, Tracked, Verdict};

#[derive(Default)]
struct Suite {
    cases: Vec<String>,
    failures: usize,
    errors: usize,
    skipped: usize,
}

/// The report. Gaps are errors of a suite of their own.
pub fn report(audit: &Audit, verdict: Verdict) -> String {
    let mut suites: BTreeMap<String, Suite> = BTreeMap::new();
    for target in &audit.run.targets {
        let suite = suites.entry(target.name.clone()).or_default();
        for address in &target.passed {
            suite.cases.push(case(&target.name, address, None, ""));
        }
    }
    for tracked in audit
        .findings
        .iter()
        .filter(|tracked| tracked.life != Life::Resolved)
    {
        let name = if tracked.finding.target.is_empty() {
            "driftline.toml"
        } else {
            &tracked.finding.target
        };
        found(
            suites.entry(name.to_owned()).or_default(),
            name,
            tracked,
            audit,
        );
    }
    for gap in audit.run.gaps.iter().filter(|gap| !gap.quiet) {
        let suite = suites.entry("gaps".to_owned()).or_default();
        let inner = element("error", &gap.detail, &gap.reason, &gap.fix);
        let name = format!("{} in {} ({})", gap.listing, gap.scope, gap.reason);
        suite
            .cases
            .push(case(&format!("gaps.{}", gap.target), &name, None, &inner));
        suite.errors += 1;
    }
    let sum = |of: fn(&Suite) -> usize| suites.values().map(of).sum::<usize>();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"driftline {}, exit code {}\" tests=\"{}\" failures=\"{}\" \
         errors=\"{}\" skipped=\"{}\" time=\"0\" timestamp=\"{}\">\n",
        xml(&audit.run.audit),
        verdict.code(),
        sum(|suite| suite.cases.len()),
        sum(|suite| suite.failures),
        sum(|suite| suite.errors),
        sum(|suite| suite.skipped),
        xml(audit.run.at.trim_end_matches('Z'))
    );
    for (name, suite) in &suites {
        out.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"0\" timestamp=\"{}\">\n",
            xml(name),
            suite.cases.len(),
            suite.failures,
            suite.errors,
            suite.skipped,
            xml(audit.run.at.trim_end_matches('Z'))
        ));
        suite.cases.iter().for_each(|case| out.push_str(case));
        out.push_str("  </testsuite>\n");
    }
    out + "</testsuites>\n"
}

fn found(suite: &mut Suite, target: &str, tracked: &Tracked, audit: &Audit) {
    let finding = &tracked.finding;
    let (lines, _) = lines(tracked);
    let mut text = vec![detail(tracked), age(tracked, audit)];
    text.extend(lines);
    text.retain(|line| !line.is_empty());
    let text = text.join("\n");
    let inner = match (&tracked.accepted, tracked.life) {
        (Some(accepted), _) => {
            suite.skipped += 1;
            let until = accepted
                .until
                .as_ref()
                .map(|until| format!(", until {until}"));
            let why = format!("accepted: {}{}", accepted.reason, until.unwrap_or_default());
            format!(
                "<skipped message=\"{}\">{}</skipped>",
                xml(&why),
                xml(&text)
            )
        }
        (None, Life::Unknown) => {
            suite.errors += 1;
            element("error", &life(tracked), finding.class.as_str(), &text)
        }
        (None, _) if finding.rule.is_some() && finding.class == Class::Unknown => {
            suite.skipped += 1;
            let why = format!("could not be checked: {}", finding.reason);
            format!("<skipped message=\"{}\"/>", xml(&why))
        }
        (None, _) => {
            suite.failures += 1;
            let message = format!("{} ({})", what(finding), finding.severity.as_str());
            element("failure", &message, finding.class.as_str(), &text)
        }
    };
    // The class is part of the name: cases of one name are dropped by some readers.
    let of = finding.rule.as_ref().map(|rule| rule.id.as_str());
    let of = of.unwrap_or(finding.class.as_str());
    let name = format!("{} {of}", finding.name());
    suite
        .cases
        .push(case(target, &name, finding.file.as_deref(), &inner));
}

fn case(classname: &str, name: &str, file: Option<&str>, inner: &str) -> String {
    let file = file
        .map(|file| format!(" file=\"{}\"", xml(file)))
        .unwrap_or_default();
    let head = format!(
        "<testcase classname=\"{}\" name=\"{}\"{file} time=\"0\"",
        xml(classname),
        xml(name)
    );
    if inner.is_empty() {
        format!("    {head}/>\n")
    } else {
        format!("    {head}>{inner}</testcase>\n")
    }
}

fn element(kind: &str, message: &str, of: &str, text: &str) -> String {
    format!(
        "<{kind} message=\"{}\" type=\"{}\">{}</{kind}>",
        xml(message),
        xml(of),
        xml(text)
    )
}

/// Text in XML: markup escaped, and what XML has no place for left as an escape.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                out.extend(c.escape_default())
            }
            c => out.push(c),
        }
    }
    out
}
