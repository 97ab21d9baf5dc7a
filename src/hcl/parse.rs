//! Parsing, with the parser's two refusals of valid source worked round. Byte offsets always refer to the given text.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, Object, ObjectKey};
use hcl_edit::structure::Body;
use hcl_edit::template::Template;
use hcl_edit::visit_mut::{VisitMut, visit_expr_mut, visit_object_mut};
use hcl_edit::{Decorated, Ident, Span, parser};

/// Why a text is no configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What was expected, or what is in the way.
    pub message: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The byte offset.
    pub offset: usize,
}

/// How often a text is mended before it counts as wrong.
const MAX_REPAIRS: usize = 2_000;

/// The indent of a heredoc that begins with `<<-` and from which the parser took nothing.
pub(super) const FLUSH: usize = usize::MAX;

/// Parses a file.
///
/// # Errors
/// Where it stops being the language.
pub fn parse_body(source: &str) -> Result<Body, SyntaxError> {
    let (mut body, renamed) = mended(source, parser::parse_body)?;
    if !renamed.is_empty() {
        LastWins { renamed }.visit_body_mut(&mut body);
    }
    if source.contains("<<-") {
        MarkFlush { source }.visit_body_mut(&mut body);
    }
    Ok(body)
}

/// Parses an expression that stands alone.
///
/// # Errors
/// Where it stops being one.
pub fn parse_expression(source: &str) -> Result<Expression, SyntaxError> {
    let (mut expr, renamed) = mended(source, parser::parse_expr)?;
    if !renamed.is_empty() {
        LastWins { renamed }.visit_expr_mut(&mut expr);
    }
    if source.contains("<<-") {
        MarkFlush { source }.visit_expr_mut(&mut expr);
    }
    Ok(expr)
}

/// Parses the text of a template.
///
/// # Errors
/// Where it stops being one.
pub fn parse_template(source: &str) -> Result<Template, SyntaxError> {
    parser::parse_template(source).map_err(|error| syntax_error(&error))
}

fn syntax_error(error: &parser::Error) -> SyntaxError {
    let location = error.location();
    SyntaxError {
        message: error.message().to_owned(),
        line: location.line(),
        column: location.column(),
        offset: location.offset(),
    }
}

/// Keys that were overwritten to get past the parser: their names by where they stand.
type Renamed = BTreeMap<usize, String>;

/// Parses; where the parser refuses what the language allows, overwrites bytes (never moving any) and tries again.
fn mended<T>(
    source: &str,
    parse: fn(&str) -> Result<T, parser::Error>,
) -> Result<(T, Renamed), SyntaxError> {
    let first = match parse(source) {
        Ok(tree) => return Ok((tree, Renamed::new())),
        Err(error) => syntax_error(&error),
    };
    let mut text = source.to_owned();
    let mut renamed = Renamed::new();
    let mut error = first.clone();
    for _ in 0..MAX_REPAIRS {
        if !rename_key(&mut text, &error, &mut renamed) && !join_conditional(&mut text, &error) {
            return Err(error);
        }
        match parse(&text) {
            Ok(tree) => return Ok((tree, renamed)),
            Err(next) => error = syntax_error(&next),
        }
    }
    Err(first)
}

/// Gives a repeated key another name of the same length.
fn rename_key(text: &mut String, error: &SyntaxError, renamed: &mut Renamed) -> bool {
    if !error.message.contains("duplicate") && !error.message.contains("unique") {
        return false;
    }
    let Some(start) = text.get(error.offset..).map(|_| error.offset) else {
        return false;
    };
    let quoted = text[start..].starts_with('"');
    let start = start + usize::from(quoted);
    let rest = &text[start..];
    let length = if quoted {
        rest.find('"').unwrap_or(0)
    } else {
        rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
            .unwrap_or(rest.len())
    };
    let name = text[start..start + length].to_owned();
    let Some(other) = unused_name(text, length, renamed.len()) else {
        return false;
    };
    text.replace_range(start..start + length, &other);
    renamed.insert(start - usize::from(quoted), name);
    true
}

/// A name of a length that the text does not contain; for very short names the number of tries decides.
fn unused_name(text: &str, length: usize, tries: usize) -> Option<String> {
    let alphabet: Vec<char> = ('a'..='z').chain('A'..='Z').collect();
    (tries..tries + 3_000).find_map(|number| {
        let mut number = number;
        let name: String = std::iter::repeat_with(|| {
            let letter = alphabet[number % alphabet.len()];
            number /= alphabet.len();
            letter
        })
        .take(length)
        .collect();
        let alone = text.match_indices(&name).all(|(at, _)| {
            let edge =
                |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
            edge(text[..at].chars().next_back()) || edge(text[at + name.len()..].chars().next())
        });
        (length > 0 && alone).then_some(name)
    })
}

/// Puts a space for the line break (and a comment before it) in front of `?` or `:` near the error.
fn join_conditional(text: &mut String, error: &SyntaxError) -> bool {
    let bytes = text.as_bytes();
    let mut at = error.offset.min(bytes.len());
    while at < bytes.len() && bytes[at].is_ascii_whitespace() {
        at += 1;
    }
    if !matches!(bytes.get(at), Some(b'?' | b':')) {
        return false;
    }
    let mut start = at;
    while start > 0 && bytes[start - 1].is_ascii_whitespace() {
        start -= 1;
    }
    let gap = text[start..at].to_owned();
    if !gap.contains('\n') {
        return false;
    }
    text.replace_range(start..at, &gap.replace(['\n', '\r'], " "));
    true
}

/// Marks the heredocs that begin with `<<-`: where a line starts with an interpolation the parser leaves no trace of it.
struct MarkFlush<'s> {
    source: &'s str,
}

impl VisitMut for MarkFlush<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expression) {
        let start = expr.span().map_or(0, |span| span.start);
        if let Expression::HeredocTemplate(heredoc) = expr
            && heredoc.indent().is_none()
            && self
                .source
                .get(start..)
                .is_some_and(|text| text.starts_with("<<-"))
        {
            heredoc.set_indent(FLUSH);
        }
        visit_expr_mut(self, expr);
    }
}

/// Moves the value of an overwritten key to the key it repeats.
struct LastWins {
    renamed: Renamed,
}

impl VisitMut for LastWins {
    fn visit_object_mut(&mut self, object: &mut Object) {
        let moved: Vec<(ObjectKey, String, bool)> = object
            .iter()
            .filter_map(|(key, _)| {
                let span = match key {
                    ObjectKey::Ident(ident) => ident.span(),
                    ObjectKey::Expression(expr) => expr.span(),
                };
                let name = self.renamed.get(&span?.start)?;
                Some((
                    key.clone(),
                    name.clone(),
                    matches!(key, ObjectKey::Ident(_)),
                ))
            })
            .collect();
        for (key, name, ident) in moved {
            let Some(value) = object.remove(&key) else {
                continue;
            };
            let as_ident = Ident::try_new(name.as_str())
                .ok()
                .map(|ident| ObjectKey::Ident(Decorated::new(ident)));
            let as_text = ObjectKey::Expression(Expression::String(Decorated::new(name)));
            let mut keys: Vec<ObjectKey> = as_ident.into_iter().chain([as_text]).collect();
            if !ident {
                keys.reverse();
            }
            let present = keys
                .iter()
                .position(|key| object.contains_key(key))
                .unwrap_or(0);
            object.insert(keys.swap_remove(present), value);
        }
        visit_object_mut(self, object);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_repeated_keys_wins() {
        let body = parse_body("a = { x = 1, \"y\" = 2, x = 3, \"y\" = 4 }\n").unwrap();
        let object = body
            .get_attribute("a")
            .unwrap()
            .value
            .as_object()
            .unwrap()
            .clone();
        let shown: Vec<String> = object
            .iter()
            .map(|(_, value)| value.expr().to_string().trim().to_owned())
            .collect();
        assert_eq!(shown, ["3", "4"]);
    }

    #[test]
    fn a_conditional_over_several_lines_inside_for_is_read() {
        let source = "a = { for k in [] : k =>\n  true\n  ? 1\n  : 2\n}\n";
        assert!(parse_body(source).is_ok(), "{:?}", parse_body(source));
    }

    #[test]
    fn a_real_mistake_keeps_its_place() {
        let error = parse_body("a = 1\nb = {\n").unwrap_err();
        assert_eq!(error.line, 2, "{error:?}");
    }
}
