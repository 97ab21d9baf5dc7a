//! An audit as Markdown for a step summary or an issue: never longer than a budget, and what was left out is said.

use super::console::{closing, told};
use super::{
    TOLD_FIRST, age, cause, day, detail, headline, lines, many, matter, scope, shared, titled,
    what, word,
};
use crate::findings::{Audit, Life, Tracked, Verdict};

/// The most bytes of a GitHub step summary: above 1 MiB the whole upload fails.
pub const STEP_SUMMARY: usize = 1_000_000;

/// The most bytes of the body of an issue or a pull request: 65,536 characters, with room for what a wrapper adds.
pub const ISSUE: usize = 60_000;

/// The report, within a budget of bytes.
pub fn report(audit: &Audit, verdict: Verdict, budget: usize) -> String {
    let mut out = format!(
        "# {}\n\n**{}**: {}.\n\n",
        code(&format!("driftline {}", audit.run.audit)),
        word(audit, verdict),
        headline(audit)
    );
    if !audit.is_complete() {
        out.push_str("> **Incomplete**: something could not be read. What is out of sight is not resolved.\n\n");
    }
    let closing = format!("{}\n", closing(audit));
    let room = budget.saturating_sub(closing.len() + 400);
    let mut left_out = Vec::new();
    for (title, pieces) in sections(audit) {
        if pieces.is_empty() {
            continue;
        }
        let head = format!("## {title} ({})\n\n", pieces.len());
        let mut dropped = 0;
        let mut text = head;
        for piece in &pieces {
            if dropped > 0 || out.len() + text.len() + piece.len() > room {
                dropped += 1;
            } else {
                text.push_str(piece);
            }
        }
        if dropped < pieces.len() {
            out.push_str(&text);
            out.push('\n');
        }
        if dropped > 0 {
            left_out.push(format!("{dropped} of “{title}”"));
        }
    }
    if !left_out.is_empty() {
        let all: String = left_out.join(", ").chars().take(150).collect();
        out.push_str(&format!("Left out for length: {all}.\n\n"));
    }
    out + &closing
}

fn sections(audit: &Audit) -> Vec<(&'static str, Vec<String>)> {
    let full = |life: Life| -> Vec<String> {
        audit
            .lived(life)
            .map(|one| finding(one, audit, true))
            .collect()
    };
    let brief = |one: &Tracked| finding(one, audit, false);
    let gap = |gap: &crate::findings::GapRecord| {
        let fix = if gap.fix.is_empty() {
            String::new()
        } else {
            format!("; {}", plain(&gap.fix))
        };
        format!(
            "- {} in {}: {}: {}{fix}\n",
            code(&gap.listing),
            code(&gap.scope),
            gap.reason,
            plain(&gap.detail)
        )
    };
    let accepted = |(tracked, accepted): (&Tracked, &crate::findings::Acceptance)| {
        let until = accepted
            .until
            .as_ref()
            .map(|until| format!(", until {until}"));
        let since = accepted
            .since
            .as_ref()
            .map(|since| format!(", accepted {since}"));
        format!(
            "- {} {}: {}{}{}\n",
            code(&tracked.finding.name()),
            plain(&what(&tracked.finding)),
            plain(&accepted.reason),
            until.unwrap_or_default(),
            since.unwrap_or_default()
        )
    };
    let runs: Vec<&crate::findings::Point> = if audit.trend.len() < 2 {
        Vec::new()
    } else {
        audit.trend.iter().rev().take(26).collect()
    };
    let run = |point: &crate::findings::Point| format!("- {}: {}\n", day(&point.at), told(point));
    let loud = audit.run.gaps.iter().filter(|gap| !gap.quiet);
    let told_first = TOLD_FIRST.map(|(life, title)| (titled(title, life, audit), full(life)));
    let rest = [
        ("Resolved", audit.resolved().map(brief).collect()),
        ("Oldest", audit.oldest().into_iter().map(brief).collect()),
        (
            "By cause",
            shared(audit)
                .iter()
                .map(|one| {
                    let [what, many, gravest, age] = cause(one, audit);
                    format!("- **{gravest}** {}: {many} — {age}\n", code(&what))
                })
                .collect(),
        ),
        ("Could not be read", loud.map(gap).collect()),
        ("Runs", runs.into_iter().rev().map(run).collect()),
        (
            "Targets",
            scope(audit)
                .iter()
                .map(|line| format!("- {}\n", plain(line)))
                .collect(),
        ),
        ("Still open", full(Life::Open)),
        ("Accepted", audit.accepted().map(accepted).collect()),
    ];
    told_first.into_iter().chain(rest).collect()
}

fn finding(tracked: &Tracked, audit: &Audit, full: bool) -> String {
    let finding = &tracked.finding;
    let what = plain(&matter(tracked));
    let age = age(tracked, audit);
    let age = if age.is_empty() {
        age
    } else {
        format!(" — {age}")
    };
    let mut out = format!(
        "- **{}** {} {what}{age}\n",
        finding.severity.as_str(),
        code(&finding.name())
    );
    if !full {
        return out;
    }
    let detail = detail(tracked);
    if !detail.is_empty() {
        out.push_str(&format!("  {}  \n", plain(&detail)));
    }
    let (lines, outputs) = lines(tracked);
    for line in lines {
        out.push_str(&format!("  - {}\n", code(&line)));
    }
    if outputs > 0 {
        out.push_str(&format!(
            "  - {} changed with it\n",
            many(outputs, "output", "outputs")
        ));
    }
    if let Some(file) = &finding.file {
        let line = finding
            .line
            .map(|line| format!(":{line}"))
            .unwrap_or_default();
        let owners: Vec<String> = finding
            .owners
            .iter()
            .map(|owner| format!(" {}", code(owner)))
            .collect();
        out.push_str(&format!(
            "  - at {}{}\n",
            code(&format!("{file}{line}")),
            owners.concat()
        ));
    }
    out
}

/// Untrusted text as a code span: on one line, in a fence longer than any run of backticks in it. Mentions do nothing there.
pub(super) fn code(text: &str) -> String {
    let text = crate::render::escaped(text);
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Untrusted text as text: nothing of it is markup, a link or a mention.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in crate::render::escaped(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    // A line of a list begins so.
    if out.starts_with(['+', '-']) {
        out.insert(0, '\\');
    }
    // A link without markup is one to GitHub all the same.
    out.replace("://", ":&#47;/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untrusted_text_stays_text() {
        assert_eq!(code("a``b\n@x"), "```a``b\\n@x```");
        assert_eq!(code("`x`"), "`` `x` ``");
        assert_eq!(
            plain("<b>@a [x](http://y)|"),
            "&lt;b&gt;&#64;a \\[x\\](http:&#47;/y)\\|"
        );
        assert_eq!(plain("- x"), "\\- x");
    }
}
