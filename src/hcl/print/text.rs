//! Text in HCL: quoted, as heredoc, as key, as comment.

/// Whether a text may stand as a bare name.
pub fn is_identifier(text: &str) -> bool {
    let start = |c: char| c.is_ascii_alphabetic() || c == '_';
    text.starts_with(start)
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// A text between quotes; template openers, quotes, backslashes and everything unprintable escaped.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for (at, c) in text.char_indices() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' => sigil(&mut out, c, &text[at + 1..]),
            c if unprintable(c) => out.push_str(&escaped(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A `$` or `%`: doubled where it would open a template. Of a run of them before a brace only the last is the opener; those
/// before it are spelt by code, because readers differ on what a longer run means.
fn sigil(out: &mut String, c: char, rest: &str) {
    let run = rest.len() - rest.trim_start_matches(['$', '%']).len();
    match rest[run..].starts_with('{') {
        true if run == 0 => out.extend([c, c]),
        true => out.push_str(&escaped(c)),
        false => out.push(c),
    }
}

/// A key of a map: bare where it can be. A quoted key is plain ASCII, so that its width is the number of its bytes.
pub(super) fn key(text: &str) -> String {
    if is_identifier(text) && !["null", "true", "false", "for", "if"].contains(&text) {
        return text.to_owned();
    }
    quoted(text)
        .chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                escaped(c)
            }
        })
        .collect()
}

/// A line of a comment: nothing in it can end the line.
pub(super) fn comment(text: &str) -> String {
    text.chars()
        .map(|c| if unprintable(c) { ' ' } else { c })
        .collect()
}

/// Whether a text reads better over several lines: it has several, and nothing a heredoc could not hold.
pub(super) fn wants_heredoc(text: &str) -> bool {
    text.trim_end_matches('\n').contains('\n')
        && !text
            .chars()
            .any(|c| unprintable(c) && c != '\n' && c != '\t')
        && !tricky(text)
}

/// A heredoc of a text that ends in a line break.
pub(super) fn heredoc(text: &str) -> String {
    let marker = (0..)
        .map(|n| {
            if n == 0 {
                "EOT".to_owned()
            } else {
                format!("EOT{n}")
            }
        })
        .find(|marker| text.lines().all(|line| line.trim() != marker));
    let marker = marker.unwrap_or_default();
    let body = text.replace("${", "$${").replace("%{", "%%{");
    format!("<<{marker}\n{body}{marker}")
}

/// A run of `$` or `%` before a brace; a heredoc has no escape for it.
fn tricky(text: &str) -> bool {
    ["$${", "%${", "$%{", "%%{"]
        .iter()
        .any(|run| text.contains(run))
}

fn unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn escaped(c: char) -> String {
    let code = u32::from(c);
    if code > 0xffff {
        format!("\\U{code:08x}")
    } else {
        format!("\\u{code:04x}")
    }
}
