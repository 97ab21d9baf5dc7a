//! An audit as the payload of a Slack webhook, as a file that a step of the job posts: headline, what is new and resolved, the
//! gravest, totals. Plain text throughout, so that nothing from the cloud is markup or a mention.

use serde_json::{Value as Json, json};

use super::console::closing;
use super::{headline, titled, what, word};
use crate::findings::{Audit, Life, Tracked, Verdict};

/// The most findings of a section.
const MOST: usize = 5;

/// The most characters of a line, so that all sections together stay below 6,000.
const WIDE: usize = 160;

/// The most characters of a header that Slack takes.
const HEADER: usize = 150;

/// The payload, ending in a newline.
pub fn report(audit: &Audit, verdict: Verdict) -> String {
    let title = format!("driftline {}: {}", audit.run.audit, word(audit, verdict));
    let said = format!("{}.", headline(audit));
    let mut blocks = vec![
        json!({"type": "header", "text": plain(&cut(&title, HEADER))}),
        json!({"type": "section", "text": plain(&cut(&said, 400))}),
    ];
    let news = audit.active().filter(|one| one.life.is_news());
    section(&mut blocks, titled("New", Life::New, audit), news);
    section(&mut blocks, "Resolved", audit.resolved());
    let known = audit.active().filter(|one| one.life == Life::Open);
    section(&mut blocks, "Still open", known);
    section(&mut blocks, "Out of sight", audit.lived(Life::Unknown));
    blocks.push(json!({"type": "section", "text": plain(&cut(&closing(audit), 400))}));
    // `text` is what notifications show; unlike blocks of plain text it knows markup.
    let text = cut(&format!("{title}: {said}"), 600);
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("{:#}\n", json!({"text": text, "blocks": blocks}))
}

/// The gravest findings of a kind, and how many there are.
fn section<'a>(blocks: &mut Vec<Json>, title: &str, findings: impl Iterator<Item = &'a Tracked>) {
    let all: Vec<&Tracked> = findings.collect();
    if all.is_empty() {
        return;
    }
    let mut lines = vec![format!("{title} ({})", all.len())];
    for tracked in all.iter().take(MOST) {
        let finding = &tracked.finding;
        let line = format!(
            "{} {} {}",
            finding.severity.as_str(),
            what(finding),
            finding.name()
        );
        lines.push(cut(&line, WIDE));
    }
    if all.len() > MOST {
        lines.push(format!("and {} more", all.len() - MOST));
    }
    blocks.push(json!({"type": "section", "text": plain(&lines.join("\n"))}));
}

fn plain(text: &str) -> Json {
    json!({"type": "plain_text", "text": text, "emoji": false})
}

/// Text on one line, of so many characters at most.
fn cut(text: &str, most: usize) -> String {
    let text = crate::render::escaped(text);
    if text.chars().count() <= most {
        return text;
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{kept}…")
}
