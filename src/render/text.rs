//! Pieces of terminal text: colours, cut values, escaped text.

use anstyle::{AnsiColor, Style};

use crate::model::Value;

/// The colours of a report, as tofu has them. The text says everything without them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Palette;

impl Palette {
    /// Something added, or in the cloud only.
    pub const ADD: Style = AnsiColor::Green.on_default();
    /// Something changed.
    pub const CHANGE: Style = AnsiColor::Yellow.on_default();
    /// Something gone, or about to be destroyed.
    pub const REMOVE: Style = AnsiColor::Red.on_default();
    /// Something not known.
    pub const UNKNOWN: Style = AnsiColor::Magenta.on_default();
    /// Headings.
    pub const BOLD: Style = Style::new().bold();
    /// What matters less.
    pub const DIM: Style = Style::new().dimmed();
}

/// Text in a style.
pub fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Text from the cloud or from a file, without anything a terminal would obey.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Bidirectional overrides reorder what a reader sees.
        if c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
        {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// The longest a value may be on one line.
const WIDTH: usize = 96;

/// A value on one line, cut in the middle when it is long.
pub fn brief(value: &Value) -> String {
    let text = match value {
        Value::Null => "null".to_owned(),
        Value::Unknown(_) => "(known after apply)".to_owned(),
        Value::Secret(_) => "(sensitive value)".to_owned(),
        Value::List(items) if items.is_empty() => "[]".to_owned(),
        Value::Map(map) if map.is_empty() => "{}".to_owned(),
        other => escaped(&without_empty(other).to_json().to_string()),
    };
    cut(&text)
}

/// Text cut in the middle to one line's length.
pub fn cut(text: &str) -> String {
    let count = text.chars().count();
    if count <= WIDTH {
        return text.to_owned();
    }
    let half = WIDTH / 2 - 1;
    let head: String = text.chars().take(half).collect();
    let tail: String = text.chars().skip(count - half).collect();
    format!("{head} … {tail}")
}

/// Blocks without their empty members, for people.
fn without_empty(value: &Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.iter().map(without_empty).collect()),
        Value::Map(map) => Value::Map(
            map.iter()
                .filter(|(_, v)| !v.is_empty())
                .map(|(k, v)| (k.clone(), without_empty(v)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// The lines of a value that has several: multi-line text, or text that holds JSON.
pub fn lines(value: &Value) -> Option<String> {
    let text = value.as_text()?;
    if text.trim_end().contains('\n') {
        return Some(text.to_owned());
    }
    let json: serde_json::Value = serde_json::from_str(text)
        .ok()
        .filter(|json: &serde_json::Value| json.is_object() || json.is_array())?;
    serde_json::to_string_pretty(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_terminal_obeys_gets_through() {
        assert_eq!(escaped("a\u{1b}[31mb\u{202e}"), "a\\u{1b}[31mb\\u{202e}");
        assert_eq!(brief(&Value::text("x\ny")), "\"x\\ny\"");
    }

    #[test]
    fn long_values_are_cut_in_the_middle() {
        let long = cut(&"a".repeat(300));
        assert!(long.chars().count() < 100 && long.contains('…'));
    }
}
