//! One pass over the text of a JSON document that is known to be valid.

use crate::model::nesting;

/// The text of a document and how far it has been read.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
}

/// What stands at the place reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// An object begins.
    Object,
    /// A list begins.
    List,
    /// An object or list ends.
    End,
    /// A string, with its quotes and escapes, starting at this byte.
    Text(&'a str, usize),
    /// A number, starting at this byte.
    Number(&'a str, usize),
    /// `true`, `false` or `null`.
    Word,
}

impl<'a> Scan<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token; commas and colons are passed over.
    pub fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        while matches!(
            bytes.get(self.at)?,
            b' ' | b'\n' | b'\r' | b'\t' | b',' | b':'
        ) {
            self.at += 1;
        }
        let start = self.at;
        self.at += 1;
        Some(match bytes[start] {
            b'{' => Token::Object,
            b'[' => Token::List,
            b'}' | b']' => Token::End,
            b'"' => {
                loop {
                    let rest = &bytes[self.at..];
                    let stop = rest.iter().position(|b| matches!(b, b'"' | b'\\'))?;
                    self.at += stop + if rest[stop] == b'"' { 1 } else { 2 };
                    if rest[stop] == b'"' {
                        break;
                    }
                }
                Token::Text(&self.text[start..self.at], start)
            }
            first => {
                let rest = &bytes[self.at..];
                self.at += rest
                    .iter()
                    .position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'))
                    .unwrap_or(rest.len());
                if first == b'-' || first.is_ascii_digit() {
                    Token::Number(&self.text[start..self.at], start)
                } else {
                    Token::Word
                }
            }
        })
    }
}

/// Whether a document, valid or not, is nested no deeper than JSON readers go: what walks it may then use the stack.
pub(crate) fn is_shallow(text: &str) -> bool {
    const DEEPEST: usize = 127;
    nesting(text) <= DEEPEST
}

/// A string token without quotes and escapes.
pub(super) fn unquoted(token: &str) -> std::borrow::Cow<'_, str> {
    if token.contains('\\') {
        // An escape may stand for half a character, which is no text; what it is part of is looked at as it is written.
        if let Ok(text) = serde_json::from_str::<String>(token) {
            return text.into();
        }
    }
    token.trim_matches('"').into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_outside_of_texts() {
        assert!(is_shallow(&format!(
            "{{\"a\\\"{}\": [1]}}",
            "[".repeat(500)
        )));
        assert!(!is_shallow(&"[".repeat(200)) && is_shallow(&"[]".repeat(200)));
    }

    #[test]
    fn tokens_of_a_document() {
        let mut scan = Scan::new(r#"{"a\"b" : [1, -2.5e3,true,null, "x"], "c":{}}"#);
        let tokens: Vec<Token<'_>> = std::iter::from_fn(|| scan.next()).collect();
        let text = |token: &Token<'_>| match token {
            Token::Text(t, _) | Token::Number(t, _) => (*t).to_owned(),
            other => format!("{other:?}"),
        };
        let all: Vec<String> = tokens.iter().map(text).collect();
        assert_eq!(
            all.join(" "),
            r#"Object "a\"b" List 1 -2.5e3 Word Word "x" End "c" Object End End"#
        );
    }
}
