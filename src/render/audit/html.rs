//! An audit as one page: no network, readable and searchable without script, which only adds the filter and the keyboard.

use base64::Engine as _;
use sha2::{Digest, Sha256};

use super::console::{closing, told};
use super::{
    TOLD_FIRST, age, cause, changes, class, day, detail, headline, many, matter, scope, shared,
    titled, value, what, word,
};
use crate::findings::{Audit, Cause, Life, Point, Severity, Tracked, Verdict};

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// Text as text of a page: the only way that anything from the cloud, a file or a person gets into it.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in crate::render::escaped(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The page.
pub fn report(audit: &Audit, verdict: Verdict) -> String {
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(SCRIPT));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'sha256-{hash}'; img-src data:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<link rel=\"icon\" href=\"data:,\">\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n",
        text(&format!(
            "driftline {}: {}",
            audit.run.audit,
            word(audit, verdict)
        ))
    );
    head(&mut out, audit, verdict);
    filter(&mut out, audit);
    out.push_str("<main>\n");
    for (of, title) in TOLD_FIRST {
        let title = titled(title, of, audit);
        list(&mut out, title, audit.lived(of).collect(), audit);
    }
    brief(&mut out, "Resolved", audit.resolved().collect(), audit);
    brief(&mut out, "Oldest", audit.oldest(), audit);
    causes(&mut out, audit);
    list(
        &mut out,
        "Still open",
        audit.lived(Life::Open).collect(),
        audit,
    );
    gaps(&mut out, audit);
    accepted(&mut out, audit);
    method(&mut out, audit);
    out.push_str("</main>\n<script>");
    out.push_str(SCRIPT);
    out.push_str("</script>\n</body>\n</html>\n");
    out
}

fn head(out: &mut String, audit: &Audit, verdict: Verdict) {
    out.push_str(&format!(
        "<header>\n<h1>{}: {}</h1>\n<p>{}.</p>\n",
        word(audit, verdict),
        text(&audit.run.audit),
        text(&headline(audit))
    ));
    if !audit.is_complete() {
        out.push_str("<p class=\"warn\"><strong>? Incomplete.</strong> Something could not be read. What is out of sight is not resolved; <a href=\"#gaps\">what to do</a>.</p>\n");
    }
    out.push_str("<ul class=\"counts\">\n");
    for (of, count) in &audit.totals().classes {
        out.push_str(&format!("<li><b>{count}</b> {}</li>\n", class(*of)));
    }
    out.push_str("</ul>\n");
    for line in scope(audit) {
        out.push_str(&format!(
            "<p class=\"soft\" dir=\"auto\">{}</p>\n",
            text(&line)
        ));
    }
    out.push_str(&format!(
        "<p class=\"soft\">{}, driftline {}, exit code {}.</p>\n",
        text(&audit.run.at),
        text(&audit.run.version),
        verdict.code()
    ));
    trend(out, audit);
    out.push_str("</header>\n");
}

/// Open findings from run to run, and the same as a table. A run that cannot be compared is not a filled bar.
fn trend(out: &mut String, audit: &Audit) {
    if audit.trend.len() < 2 {
        return;
    }
    let points: Vec<&Point> = audit
        .trend
        .iter()
        .skip(audit.trend.len().saturating_sub(26))
        .collect();
    let sum = |point: &Point| point.open.values().sum::<usize>();
    let most = points
        .iter()
        .map(|point| sum(point) + point.unknown)
        .max()
        .unwrap_or(1)
        .max(1);
    out.push_str(&format!(
        "<h2>Open findings, run by run</h2>\n<svg viewBox=\"0 0 {} 64\" preserveAspectRatio=\"xMinYMax meet\" role=\"img\" aria-label=\"Open findings of {}; the table below has the numbers\">\n",
        points.len() * 24,
        many(points.len(), "run", "runs")
    ));
    for (at, point) in points.iter().enumerate() {
        let height = |count: usize| count * 60 / most;
        let (x, seen, unseen) = (at * 24 + 4, height(sum(point)), height(point.unknown));
        let kind = if point.complete {
            ""
        } else {
            " class=\"hollow\""
        };
        out.push_str(&format!(
            "<rect{kind} x=\"{x}\" y=\"{}\" width=\"16\" height=\"{seen}\"/>\n",
            62 - seen
        ));
        if unseen > 0 {
            out.push_str(&format!(
                "<rect class=\"unseen\" x=\"{x}\" y=\"{}\" width=\"16\" height=\"{unseen}\"/>\n",
                62 - seen - unseen
            ));
        }
    }
    out.push_str("</svg>\n<details><summary>As a table</summary><div class=\"body scroll\"><table><thead><tr><th scope=\"col\">Run</th><th scope=\"col\">Open</th></tr></thead><tbody>\n");
    for point in points {
        out.push_str(&format!(
            "<tr><td>{}</td><td>{}</td></tr>\n",
            text(day(&point.at)),
            text(&told(point))
        ));
    }
    out.push_str("</tbody></table></div></details>\n");
}

fn filter(out: &mut String, audit: &Audit) {
    let totals = audit.totals();
    let option = |word: &str, name: &str| format!("<option value=\"{word}\">{name}</option>");
    let classes: String = totals
        .classes
        .keys()
        .map(|of| option(of.as_str(), class(*of)))
        .collect();
    let grave = |of: &&Severity| totals.severities.contains_key(*of);
    let severities: String = Severity::ALL
        .iter()
        .rev()
        .filter(grave)
        .map(|of| option(of.as_str(), of.as_str()))
        .collect();
    out.push_str(&format!(
        "<form hidden role=\"search\"><input type=\"search\" name=\"text\" aria-label=\"Filter findings by text\" placeholder=\"Filter ( / )\" autocomplete=\"off\">\
         <select name=\"class\" aria-label=\"Class\"><option value=\"\">every class</option>{classes}</select>\
         <select name=\"severity\" aria-label=\"Severity\"><option value=\"\">every severity</option>{severities}</select>\
         <span id=\"count\" class=\"soft\" aria-live=\"polite\"></span></form>\n"
    ));
}

fn section(out: &mut String, title: &str, count: usize, listed: bool, inner: &str) {
    if count > 0 {
        let list = if listed { " data-list" } else { "" };
        out.push_str(&format!(
            "<section{list}>\n<h2>{title} ({count})</h2>\n{inner}</section>\n"
        ));
    }
}

/// Findings in full: each of them stands in exactly one such list.
fn list(out: &mut String, title: &str, findings: Vec<&Tracked>, audit: &Audit) {
    let inner: String = findings.iter().map(|one| finding(one, audit)).collect();
    section(out, title, findings.len(), true, &inner);
}

fn finding(tracked: &Tracked, audit: &Audit) -> String {
    let finding = &tracked.finding;
    let what = matter(tracked);
    let severity = finding.severity.as_str();
    let mut out = format!(
        "<details data-id=\"{}\" data-class=\"{}\" data-severity=\"{severity}\"><summary><span class=\"{severity}\">{} {severity}</span>\
         <code dir=\"auto\">{}</code><span>{}</span></summary>\n<div class=\"body\">\n",
        text(&finding.id),
        finding.class.as_str(),
        glyph(finding.severity),
        text(&finding.name()),
        text(&what)
    );
    for line in [detail(tracked), age(tracked, audit)] {
        if !line.is_empty() {
            out.push_str(&format!("<p dir=\"auto\">{}</p>\n", text(&line)));
        }
    }
    let (arguments, outputs) = changes(tracked);
    if !arguments.is_empty() {
        out.push_str("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Attribute</th><th scope=\"col\">Before</th><th scope=\"col\">After</th></tr></thead><tbody>\n");
        for change in arguments {
            let (before, after) = if change.sensitive {
                (
                    "(sensitive value)".to_owned(),
                    "(sensitive value)".to_owned(),
                )
            } else {
                (text(&value(&change.before)), text(&value(&change.after)))
            };
            out.push_str(&format!(
                "<tr><td class=\"value\">{}</td><td class=\"value\" dir=\"auto\">{before}</td><td class=\"value\" dir=\"auto\">{after}</td></tr>\n",
                text(&change.path)
            ));
        }
        out.push_str("</tbody></table></div>\n");
    }
    if !finding.evidence.is_empty() {
        out.push_str("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">What shows it</th><th scope=\"col\">Value</th></tr></thead><tbody>\n");
        for evidence in &finding.evidence {
            out.push_str(&format!(
                "<tr><td class=\"value\">{}</td><td class=\"value\" dir=\"auto\">{}</td></tr>\n",
                text(&evidence.name),
                text(&value(&evidence.value))
            ));
        }
        out.push_str("</tbody></table></div>\n");
    }
    if outputs > 0 {
        out.push_str(&format!(
            "<p class=\"soft\">{} changed with it.</p>\n",
            many(outputs, "output", "outputs")
        ));
    }
    if tracked.hidden > 0 {
        out.push_str(&format!(
            "<p class=\"soft\">{} ignored by a rule.</p>\n",
            many(tracked.hidden, "change", "changes")
        ));
    }
    if let Some(file) = &finding.file {
        let line = finding
            .line
            .map(|line| format!(":{line}"))
            .unwrap_or_default();
        let owners = finding.owners.join(" ");
        out.push_str(&format!(
            "<p class=\"soft\">at <code>{}</code> {}</p>\n",
            text(&format!("{file}{line}")),
            text(&owners)
        ));
    }
    let subject = finding.rule.as_ref().map(|rule| &rule.id);
    if let Some(subject) = subject.or(finding.address.as_ref()) {
        let quoted = subject.replace('\'', "'\\''");
        out.push_str(&format!(
            "<p class=\"soft\"><code>{}</code></p>\n",
            text(&format!("driftline explain '{quoted}'"))
        ));
    }
    out + "</div></details>\n"
}

fn glyph(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "■",
        Severity::High => "▲",
        Severity::Medium => "◆",
        Severity::Low => "·",
    }
}

fn brief(out: &mut String, title: &str, findings: Vec<&Tracked>, audit: &Audit) {
    let row = |one: &&Tracked| {
        format!(
            "<tr><td class=\"value\" dir=\"auto\">{}</td><td>{}</td><td>{}</td></tr>\n",
            text(&one.finding.name()),
            text(&what(&one.finding)),
            text(&age(one, audit))
        )
    };
    let rows: String = findings.iter().map(row).collect();
    let table = format!(
        "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">What</th><th scope=\"col\">Class</th><th scope=\"col\">Since</th></tr></thead><tbody>\n{rows}</tbody></table></div>\n"
    );
    section(out, title, findings.len(), false, &table);
}

/// What findings have in common, and which they are.
fn causes(out: &mut String, audit: &Audit) {
    let all = shared(audit);
    let row = |one: &Cause<'_>| {
        let [what, many, gravest, age] = cause(one, audit);
        let names = one.findings.iter().take(20);
        let names: Vec<String> = names.map(|one| text(&one.finding.name())).collect();
        let more = one.findings.len().saturating_sub(names.len());
        let more = if more > 0 {
            format!("<br>and {more} more")
        } else {
            String::new()
        };
        format!(
            "<tr><td class=\"{gravest}\">{gravest}</td><td class=\"value\" dir=\"auto\">{}</td><td>{many}</td><td>{}</td><td class=\"value\" dir=\"auto\">{}{more}</td></tr>\n",
            text(&what),
            text(&age),
            names.join("<br>")
        )
    };
    let rows: String = all.iter().map(row).collect();
    let table = format!(
        "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Gravest</th><th scope=\"col\">Cause</th><th scope=\"col\">How many</th><th scope=\"col\">Oldest</th><th scope=\"col\">Which</th></tr></thead><tbody>\n{rows}</tbody></table></div>\n"
    );
    section(out, "By cause", all.len(), false, &table);
}

fn gaps(out: &mut String, audit: &Audit) {
    let loud: Vec<_> = audit.run.gaps.iter().filter(|gap| !gap.quiet).collect();
    let row = |gap: &&crate::findings::GapRecord| {
        format!(
            "<tr><td class=\"value\">{}</td><td class=\"value\">{}</td><td>{}</td><td dir=\"auto\">{}</td><td>{}</td></tr>\n",
            text(&gap.listing),
            text(&gap.scope),
            text(&gap.reason),
            text(&gap.detail),
            text(&gap.fix)
        )
    };
    let rows: String = loud.iter().map(row).collect();
    let table = format!(
        "<div class=\"scroll\" id=\"gaps\"><table><thead><tr><th scope=\"col\">Listing</th><th scope=\"col\">In</th><th scope=\"col\">Why</th><th scope=\"col\">What the API said</th><th scope=\"col\">What to do</th></tr></thead><tbody>\n{rows}</tbody></table></div>\n"
    );
    section(out, "Could not be read", loud.len(), false, &table);
}

fn accepted(out: &mut String, audit: &Audit) {
    let all: Vec<_> = audit.accepted().collect();
    let row = |(tracked, accepted): &(&Tracked, &crate::findings::Acceptance)| {
        let until = accepted
            .until
            .as_ref()
            .map(|until| format!("until {until}"));
        let since = accepted
            .since
            .as_ref()
            .map(|since| format!("accepted {since}"));
        format!(
            "<tr><td class=\"value\" dir=\"auto\">{}</td><td>{}</td><td dir=\"auto\">{}</td><td>{}</td></tr>\n",
            text(&tracked.finding.name()),
            text(&what(&tracked.finding)),
            text(&accepted.reason),
            text(&until.or(since).unwrap_or_default())
        )
    };
    let rows: String = all.iter().map(row).collect();
    let table = format!(
        "<details><summary>What is accepted, and why</summary><div class=\"body scroll\"><table><thead><tr><th scope=\"col\">What</th><th scope=\"col\">Class</th><th scope=\"col\">Reason</th><th scope=\"col\">When</th></tr></thead><tbody>\n{rows}</tbody></table></div></details>\n"
    );
    section(out, "Accepted", all.len(), false, &table);
}

fn method(out: &mut String, audit: &Audit) {
    out.push_str(&format!(
        "<section>\n<h2>Words</h2>\n<p>{}</p>\n<p class=\"soft\">Exit codes: 0 nothing fails, 1 could not finish, 2 something fails, 3 nothing fails and something could not be read. \
         What could not be looked at is never resolved.</p>\n</section>\n",
        text(&closing(audit))
    ));
}
