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
    let mut out = format!(
        "\n{}\n",
        styled(Palette::BOLD, "Suggested edits of the configuration")
    );
    if suggestions.above > 0 {
        let up = vec![".."; suggestions.above].join("/");
        out.push_str(&format!(
            "  for `git apply -p1` in {up} of the configuration's folder: a file lies outside it\n"
        ));
    }
    for line in suggestions.patch.split_inclusive('\n') {
        out.push_str(&patch_line(line));
    }
    let mut rest = suggestions.unsuggested.as_slice();
    while let Some(first) = rest.first() {
        let (own, others) = rest.split_at(
            rest.iter()
                .take_while(|left| left.address == first.address)
                .count(),
        );
        out.push_str(&format!(
            "  no suggestion for {}\n",
            escaped(&first.address.to_string())
        ));
        unsuggested(&mut out, own);
        rest = others;
    }
    let verb = if suggestions.solved == 1 && suggestions.before == 1 {
        "change"
    } else {
        "changes"
    };
    let (solved, before) = (suggestions.solved, suggestions.before);
    let lesser = suggestions.lesser();
    let lesser = if lesser == 0 {
        String::new()
    } else {
        format!("; {lesser} would be smaller")
    };
    out.push_str(&format!(
        "\n{}: {solved} of {before} {verb} would go away{lesser}.\n",
        styled(Palette::BOLD, "Suggestions")
    ));
    out
}

/// The changes of one instance, those together that have one reason.
fn unsuggested(out: &mut String, own: &[Unsuggested]) {
    let mut said: Vec<(&str, &str)> = Vec::new();
    for left in own {
        let why = (left.reason.as_str(), left.place.as_str());
        if said.contains(&why) {
            continue;
        }
        said.push(why);
        let alike = own
            .iter()
            .filter(|other| (other.reason.as_str(), other.place.as_str()) == why);
        let names: Vec<String> = alike
            .map(|left| escaped(&left.attribute))
            .filter(|name| !name.is_empty())
            .collect();
        let names = if names.is_empty() {
            String::new()
        } else {
            format!("{}: ", names.join(", "))
        };
        let place = if left.place.is_empty() {
            String::new()
        } else {
            format!(" ({})", escaped(&left.place))
        };
        out.push_str(&format!(
            "        {names}{}{place}\n",
            escaped(&left.reason)
        ));
    }
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

/// The members `suggestions`, `unsuggested`, `patch` and `patch_folder` of a machine report.
pub fn json(suggestions: &Suggestions) -> Map<String, Json> {
    let made = suggestions
        .suggestions
        .iter()
        .map(|suggestion| SuggestionRow {
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
    let made = super::document::value(made.collect::<Vec<_>>());
    let left = super::document::value(left.collect::<Vec<_>>());
    let patch = Json::String(suggestions.patch.clone());
    let up = if suggestions.above == 0 {
        ".".to_owned()
    } else {
        vec![".."; suggestions.above].join("/")
    };
    [
        ("suggestions", made),
        ("unsuggested", left),
        ("patch", patch),
        ("patch_folder", Json::String(up)),
    ]
    .into_iter()
    .map(|(k, v)| (k.to_owned(), v))
    .collect()
}
