//! Suggested edits: as unified differences for people, and for machines.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::text::{Palette, escaped, styled};
use crate::suggest::{Suggestions, Unsuggested};

/// The edits as one unified diff, what has none, and how much would be settled.
pub fn console(suggestions: &Suggestions) -> String {
    if suggestions.before == 0 {
        return "\nSuggestions: none needed; tofu would change nothing that configuration declares.\n".to_owned();
    }
    let mut out = format!("\n{}\n", styled(Palette::BOLD, "Suggested edits of the configuration"));
    for line in suggestions.patch.split_inclusive('\n') {
        out.push_str(&patch_line(line));
    }
    let mut last = None;
    for left in &suggestions.unsuggested {
        if last != Some(&left.address) {
            out.push_str(&format!("  no suggestion for {}\n", escaped(&left.address.to_string())));
            last = Some(&left.address);
        }
        out.push_str(&unsuggested(left));
    }
    let verb = if suggestions.solved == 1 && suggestions.before == 1 { "change" } else { "changes" };
    let (solved, before) = (suggestions.solved, suggestions.before);
    out.push_str(&format!("\n{}: {solved} of {before} {verb} would go away.\n", styled(Palette::BOLD, "Suggestions")));
    out
}

fn unsuggested(left: &Unsuggested) -> String {
    let attribute = if left.attribute.is_empty() { String::new() } else { format!("{}: ", escaped(&left.attribute)) };
    let place = if left.place.is_empty() { String::new() } else { format!(" ({})", escaped(&left.place)) };
    format!("        {attribute}{}{place}\n", escaped(&left.reason))
}

/// A line of a diff: tabs and line ends stand as they are, so that it still applies.
fn patch_line(line: &str) -> String {
    let text = line.trim_end_matches(['\r', '\n']);
    let end = &line[text.len()..];
    let shown = text.split('\t').map(escaped).collect::<Vec<_>>().join("\t");
    let style = match text.as_bytes().first() {
        _ if text.starts_with("+++") || text.starts_with("---") => Palette::BOLD,
        Some(b'+') => Palette::ADD,
        Some(b'-') => Palette::REMOVE,
        Some(b'@') => Palette::DIM,
        _ => return format!("{shown}{end}"),
    };
    format!("{}{end}", styled(style, &shown))
}

#[derive(Serialize)]
struct SuggestionRow<'a> {
    address: String,
    attributes: &'a [String],
    file: &'a str,
    line: usize,
    diff: &'a str,
    leaves: &'static str,
}

#[derive(Serialize)]
struct UnsuggestedRow<'a> {
    address: String,
    attribute: &'a str,
    reason: &'a str,
    place: &'a str,
}

/// The members `suggestions`, `unsuggested` and `patch` of a machine report.
pub fn json(suggestions: &Suggestions) -> Map<String, Json> {
    let made = suggestions.suggestions.iter().map(|suggestion| SuggestionRow {
        address: suggestion.address.to_string(),
        attributes: &suggestion.attributes,
        file: &suggestion.file,
        line: suggestion.line,
        diff: &suggestion.diff,
        leaves: suggestion.leaves.as_str(),
    });
    let left = suggestions.unsuggested.iter().map(|left| UnsuggestedRow {
        address: left.address.to_string(),
        attribute: &left.attribute,
        reason: &left.reason,
        place: &left.place,
    });
    let made = serde_json::to_value(made.collect::<Vec<_>>()).unwrap_or_default();
    let left = serde_json::to_value(left.collect::<Vec<_>>()).unwrap_or_default();
    let patch = Json::String(suggestions.patch.clone());
    [("suggestions", made), ("unsuggested", left), ("patch", patch)].into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
}
