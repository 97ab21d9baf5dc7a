//! What kind of mistake keeps a text from being an expression, in tofu's words.

use super::parse::parse_expression;

/// What surrounds a character: an expression and how many braces are open in it, or a quoted template.
enum Surroundings {
    Expression(usize),
    Quoted,
}

/// The summary of the mistake in a text that does not parse.
pub fn syntax_summary(text: &str) -> &'static str {
    const OTHER: &str = "Invalid expression";
    if text.contains("<<") {
        return OTHER;
    }
    match lexical(text) {
        Some(summary) => summary,
        None if text.contains("%{") => directives(text).unwrap_or(OTHER),
        None if is_for(text) => "Invalid 'for' expression",
        None if goes_on(text) => "Missing newline after argument",
        None => OTHER,
    }
}

/// The first character, escape or operator that the language does not have.
fn lexical(text: &str) -> Option<&'static str> {
    let mut stack = vec![Surroundings::Expression(0)];
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let mut used = c.len_utf8();
        let after = &rest[used..];
        match stack.last_mut() {
            Some(Surroundings::Quoted) => match c {
                '\\' => match escape(after) {
                    Some(length) => used += length,
                    None => return Some("Invalid escape sequence"),
                },
                '\n' => return Some("Invalid multi-line string"),
                '"' => _ = stack.pop(),
                '$' | '%' if after.starts_with(c) && after[1..].starts_with('{') => used += 2,
                '$' | '%' if after.starts_with('{') => {
                    used += 1 + usize::from(after[1..].starts_with('~'));
                    stack.push(Surroundings::Expression(0));
                }
                _ => {}
            },
            Some(Surroundings::Expression(depth)) => match c {
                '#' => used = rest.find('\n').unwrap_or(rest.len()),
                '/' if after.starts_with('/') => used = rest.find('\n').unwrap_or(rest.len()),
                '/' if after.starts_with('*') => {
                    used = rest.find("*/").map_or(rest.len(), |at| at + 2)
                }
                '"' => stack.push(Surroundings::Quoted),
                '{' => *depth += 1,
                '}' if *depth > 0 => *depth -= 1,
                '}' if stack.len() > 1 => _ = stack.pop(),
                '~' if after.starts_with('}') && stack.len() > 1 => {}
                '&' | '|' if after.starts_with(c) => used += 1,
                '&' | '|' | '^' | '~' => return Some("Unsupported operator"),
                '\'' | '`' | ';' | '@' | '$' | '\\' => return Some("Invalid character"),
                c if !c.is_ascii() && !c.is_alphanumeric() => return Some("Invalid character"),
                _ => {}
            },
            None => return None,
        }
        rest = &rest[used..];
    }
    // Within a file the line would end inside the quotes.
    matches!(stack.last(), Some(Surroundings::Quoted)).then_some("Invalid multi-line string")
}

/// What is out of order among the directives of a template.
fn directives(text: &str) -> Option<&'static str> {
    let mut open = Vec::new();
    for directive in text.split("%{").skip(1) {
        let keyword = directive.trim_start_matches('~').trim_start();
        let keyword = keyword
            .split(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or_default();
        match (keyword, open.last()) {
            ("if" | "for", _) => open.push(keyword),
            ("else", Some(&"if")) => {}
            ("endif", Some(&"if")) | ("endfor", Some(&"for")) => _ = open.pop(),
            ("else", _) => return Some("Unexpected else directive"),
            ("endif", _) => return Some("Unexpected endif directive"),
            ("endfor", _) => return Some("Unexpected endfor directive"),
            _ => return Some("Invalid template control keyword"),
        }
    }
    (!open.is_empty()).then_some("Unexpected end of template")
}

/// Whether a text is a `for` expression from one bracket to the other.
fn is_for(text: &str) -> bool {
    let text = text.trim();
    let inside = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let inside = inside.or_else(|| {
        text.strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
    });
    inside.is_some_and(|inside| inside.trim_start().starts_with("for "))
}

/// How long the escape behind a backslash is, if it is one.
fn escape(after: &str) -> Option<usize> {
    let digits = match after.chars().next()? {
        'n' | 'r' | 't' | '"' | '\\' => 0,
        'u' => 4,
        'U' => 8,
        _ => return None,
    };
    let code = after.get(1..=digits)?;
    code.bytes()
        .all(|b| b.is_ascii_hexdigit())
        .then_some(1 + digits)
}

/// Whether an expression is followed by what cannot belong to it any more.
fn goes_on(text: &str) -> bool {
    let cuts = text
        .char_indices()
        .map(|(at, _)| at)
        .filter(|at| *at > 0)
        .rev();
    let end = cuts
        .into_iter()
        .take(MAX_CUTS)
        .find(|at| parse_expression(&text[..*at]).is_ok());
    let Some(rest) = end.map(|end| text[end..].trim_start()) else {
        return false;
    };
    let begins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '"');
    rest.starts_with(begins)
        || rest.starts_with("...")
        || (rest.starts_with('=') && !rest.starts_with("=="))
}

/// How many ends of the first expression are tried.
const MAX_CUTS: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_have_tofus_names() {
        for (text, summary) in [
            ("\"\\q\"", "Invalid escape sequence"),
            ("\"\\u12\"", "Invalid escape sequence"),
            ("a & b", "Unsupported operator"),
            ("'a'", "Invalid character"),
            ("\"abc", "Invalid multi-line string"),
            ("a b", "Missing newline after argument"),
            ("1 = 2", "Missing newline after argument"),
            ("[for x in [1] x]", "Invalid 'for' expression"),
            ("\"%{ if true }a\"", "Unexpected end of template"),
            ("\"%{ endif }\"", "Unexpected endif directive"),
            ("1 +", "Invalid expression"),
            ("\"${~ a ~} ${b &&}\"", "Invalid expression"),
        ] {
            assert_eq!(syntax_summary(text), summary, "{text}");
        }
    }
}
