//! JSON as people read it in a review: two spaces, sorted keys, numbers and texts spelt as received.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// The document with sorted keys and one member a line.
pub(super) fn pretty(raw: &RawValue) -> String {
    let mut out = String::with_capacity(raw.get().len() * 3 / 2);
    write(raw, 0, &mut out);
    out.push('\n');
    out
}

fn write(raw: &RawValue, depth: usize, out: &mut String) {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{') => match serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
            Ok(members) if !members.is_empty() => {
                let lines = members
                    .into_iter()
                    .map(|(key, value)| (Some(serde_json::Value::String(key).to_string()), value));
                block(lines, ('{', '}'), depth, out);
            }
            Ok(_) => out.push_str("{}"),
            Err(_) => out.push_str(text),
        },
        Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(elements) if !elements.is_empty() => block(
                elements.into_iter().map(|element| (None, element)),
                ('[', ']'),
                depth,
                out,
            ),
            Ok(_) => out.push_str("[]"),
            Err(_) => out.push_str(text),
        },
        _ => out.push_str(text),
    }
}

fn block<'a>(
    lines: impl Iterator<Item = (Option<String>, &'a RawValue)>,
    around: (char, char),
    depth: usize,
    out: &mut String,
) {
    let indent = |depth: usize, out: &mut String| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    out.push(around.0);
    for (at, (key, value)) in lines.enumerate() {
        if at > 0 {
            out.push(',');
        }
        indent(depth + 1, out);
        if let Some(key) = key {
            out.push_str(&key);
            out.push_str(": ");
        }
        write(value, depth + 1, out);
    }
    indent(depth, out);
    out.push(around.1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_spellings_stay() {
        let raw = RawValue::from_string(
            r#"{"b":[1.0,12345678901234567890123,"\u00e9"],"a":{},"c":[]}"#.to_owned(),
        )
        .unwrap();
        let text = "{\n  \"a\": {},\n  \"b\": [\n    1.0,\n    12345678901234567890123,\n    \"\\u00e9\"\n  ],\n  \"c\": []\n}\n";
        assert_eq!(pretty(&raw), text);
        assert_eq!(
            pretty(&RawValue::from_string(text.to_owned()).unwrap()),
            text
        );
    }
}
