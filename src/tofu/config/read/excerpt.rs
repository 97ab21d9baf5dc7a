//! What of a line of configuration may be shown: its code, without what is written in it as text, which may be a secret.

use std::ops::Range;

use crate::model::is_secret_name;

/// A longer line is cut where it is shown.
const LONGEST: usize = 300;
/// What stands where text is left out.
const LEFT_OUT: char = '…';

/// The lines of a file, counted from 0, that are the text of a heredoc.
pub(super) fn heredocs(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(usize, &str)> = None;
    let mut count = 0;
    for (at, line) in text.lines().enumerate() {
        count = at + 1;
        match open {
            Some((start, end)) if line.trim() == end => {
                found.push(start..at);
                open = None;
            }
            Some(_) => {}
            None => {
                open = line
                    .rsplit_once("<<")
                    .map(|(_, end)| end.trim_start_matches('-').trim())
                    .filter(|end| is_word(end))
                    .map(|end| (at + 1, end))
            }
        }
    }
    found.extend(open.map(|(start, _)| start..count));
    found
}

/// A line outside of heredocs as it may be shown. The labels of a block stay; every other text is `…`, as is all that an argument
/// with a secret's name says, and a comment.
pub(super) fn excerpt(line: &str) -> String {
    let line: String = line.chars().take(LONGEST).collect();
    if is_head(&line) {
        return line;
    }
    let named = line.split(['=', ':']).next().unwrap_or_default();
    if named.len() < line.len()
        && named
            .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-')
            .any(is_secret_name)
    {
        return if named.contains('"') {
            LEFT_OUT.to_string()
        } else {
            format!("{named}= {LEFT_OUT}")
        };
    }
    let mut masked = Masked::default();
    let mut rest = line.as_str();
    while let Some(c) = rest.chars().next() {
        let taken = masked.take(c, rest);
        if taken == 0 {
            break;
        }
        rest = &rest[taken..];
    }
    masked.out.trim_end().to_owned()
}

/// A line that is no configuration, as it may be shown: what should have been quoted may stand bare, so of an argument just its name.
pub(super) fn mistaken(line: &str) -> String {
    let line: String = line.chars().take(LONGEST).collect();
    if is_head(&line)
        || line
            .chars()
            .all(|c| c.is_whitespace() || "{}[](),".contains(c))
    {
        return line;
    }
    let Some((name, said)) = line.split_once(['=', ':']) else {
        return String::new();
    };
    // Text that ends in `=` is no argument.
    let said = said.trim_start();
    if said.is_empty() || said.starts_with('=') || !is_word(name.trim().trim_matches('"')) {
        return String::new();
    }
    format!("{name}= {LEFT_OUT}")
}

/// `resource "TYPE" "NAME" {` and the like.
fn is_head(line: &str) -> bool {
    let head = line
        .trim_end()
        .strip_suffix('{')
        .filter(|head| head.trim_start().starts_with(char::is_alphabetic));
    head.is_some_and(|head| {
        head.chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '"' | ' ' | '\t'))
    })
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// A line on its way through quotes and interpolations.
#[derive(Default)]
struct Masked {
    out: String,
    /// The braces open in each interpolation that is open.
    braces: Vec<usize>,
    /// Whether the place is inside of quotes, not of an interpolation there.
    quoted: bool,
}

impl Masked {
    /// Takes what stands at the start of `rest`; the number of bytes, and 0 where nothing more is shown.
    fn take(&mut self, c: char, rest: &str) -> usize {
        if self.quoted {
            return self.text(c, rest);
        }
        match c {
            '#' => return 0,
            '/' if rest.starts_with("//") || rest.starts_with("/*") => return 0,
            '"' => self.quoted = true,
            '{' => self
                .braces
                .iter_mut()
                .last()
                .into_iter()
                .for_each(|open| *open += 1),
            '}' => match self.braces.last_mut() {
                Some(0) => {
                    self.braces.pop();
                    self.quoted = true;
                }
                Some(open) => *open -= 1,
                None => {}
            },
            _ => {}
        }
        self.out.push(c);
        c.len_utf8()
    }

    /// Inside of quotes: text is left out, what is worked out stays.
    fn text(&mut self, c: char, rest: &str) -> usize {
        let literal = ["$${", "%%{"]
            .into_iter()
            .find(|escape| rest.starts_with(escape));
        let opening = ["${", "%{"]
            .into_iter()
            .find(|opening| rest.starts_with(opening));
        match (literal, opening) {
            (None, Some(opening)) => {
                self.braces.push(0);
                self.quoted = false;
                self.out.push_str(opening);
                return opening.len();
            }
            (None, None) if c == '"' => {
                self.quoted = false;
                self.out.push('"');
                return 1;
            }
            _ => {}
        }
        if !self.out.ends_with(LEFT_OUT) {
            self.out.push(LEFT_OUT);
        }
        let escaped = || 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
        literal.map_or_else(
            || if c == '\\' { escaped() } else { c.len_utf8() },
            str::len,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, shown: &str) {
        assert_eq!(excerpt(line), shown);
    }

    #[test]
    fn code_is_shown_and_text_is_not() {
        check(
            "  name = \"a-${var.env}-b\" # hunter2",
            "  name = \"…${var.env}…\"",
        );
        check(
            "  size = var.missing + lookup(var.x, \"k\", { a = \"b\" })",
            "  size = var.missing + lookup(var.x, \"…\", { a = \"…\" })",
        );
        check(
            "  x = \"${join(\",\", [for k, v in { \"a\" = \"b\" } : \"${k}=x\"])} tail\"",
            "  x = \"${join(\"…\", [for k, v in { \"…\" = \"…\" } : \"${k}…\"])}…\"",
        );
        check("  x = \"$${no} \\\"quoted\\\" and more\"", "  x = \"…\"");
        check("  open = \"never closed hunter2", "  open = \"…");
        check(
            "resource \"google_x\" \"main\" {",
            "resource \"google_x\" \"main\" {",
        );
        check("}", "}");
        check("  count = 3 // three", "  count = 3");
    }

    #[test]
    fn arguments_named_as_secrets_show_nothing() {
        check("  password = 123456", "  password = …");
        check("  db_password: hunter2", "  db_password= …");
        check("  \"api_key\": \"hunter2\"", "…");
        check("  password_length = var.x", "  password_length = var.x");
    }

    #[test]
    fn of_a_mistake_only_the_name_of_an_argument_is_shown() {
        assert_eq!(mistaken("  key = hunter2 next"), "  key = …");
        assert_eq!(mistaken("hunter2 hunter2=="), "");
        assert_eq!(mistaken("resource \"x\" \"y\" {"), "resource \"x\" \"y\" {");
    }

    #[test]
    fn heredocs_are_told_apart() {
        let lines = heredocs(
            "a = <<EOT\nhunter2\nEOT\nb = <<-END\n  x\n  y\n  END\nc = 1 << 2\nd = <<OPEN\nz",
        );
        assert_eq!(lines, [1..2, 4..6, 9..10]);
    }
}
