//! Edits of text: where they go, how they are indented and aligned. Nothing outside an edit's own bytes changes.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Array, Expression, Object};
use hcl_edit::structure::{Block, Structure};

use super::source_index::{is_literal, key_start};
use crate::hcl::print::{self, Body};
use crate::model::Value;

/// Bytes of a file and what stands in their place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The file: an index into the sources.
    pub file: usize,
    /// The bytes.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// What stands there instead.
    pub text: String,
}

/// Applies edits to a text; nothing where two touch the same bytes.
pub(super) fn apply(text: &str, edits: &[&Edit]) -> Option<String> {
    let mut edits: Vec<&&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.start, edit.end));
    edits.dedup();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        if edit.start < at {
            return None;
        }
        out.push_str(text.get(at..edit.start)?);
        out.push_str(&edit.text);
        at = edit.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// A file that is edited.
#[derive(Clone, Copy)]
pub(super) struct Page<'t> {
    pub file: usize,
    pub text: &'t str,
}

impl<'t> Page<'t> {
    fn edit(self, span: Range<usize>, text: String) -> Edit {
        let text = if self.text.contains("\r\n") {
            text.replace("\r\n", "\n").replace('\n', "\r\n")
        } else {
            text
        };
        Edit {
            file: self.file,
            start: span.start,
            end: span.end,
            text,
        }
    }

    fn line_start(self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |at| at + 1)
    }

    /// Behind the line break of a line.
    fn line_end(self, at: usize) -> usize {
        self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |end| at + end + 1)
    }

    fn indent(self, at: usize) -> &'t str {
        let line = &self.text[self.line_start(at)..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    /// Bytes widened to whole lines where nothing else but a comment stands on them.
    fn lines(self, span: Range<usize>) -> Option<Range<usize>> {
        let (start, end) = (self.line_start(span.start), self.line_end(span.end));
        let behind = self.text[span.end..end]
            .trim()
            .trim_start_matches(',')
            .trim_start();
        let alone = self.text[start..span.start].trim().is_empty();
        (alone && (behind.is_empty() || behind.starts_with('#') || behind.starts_with("//")))
            .then_some(start..end)
    }

    /// A value in place of an expression.
    pub fn replace(self, expr: &Expression, value: &Value, set: bool) -> Option<Vec<Edit>> {
        let span = expr.span()?;
        if let (Expression::Array(array), Value::List(wanted)) = (expr, value)
            && self.text[span.clone()].contains('\n')
            && let Some(edits) = self.elements(array, wanted, set)
        {
            return Some(edits);
        }
        // The line break behind a heredoc's marker is not its own.
        let end = span.start + self.text[span.clone()].trim_end_matches(['\n', '\r']).len();
        let several =
            self.text[span.clone()].contains('\n') && matches!(expr, Expression::Array(_));
        let text = literal(value, self.indent(span.start), several);
        Some(vec![self.edit(span.start..end, text)])
    }

    /// Lines of a list that go, and lines that come behind the last that stays; nothing where order does not allow that.
    fn elements(self, array: &Array, wanted: &[Value], set: bool) -> Option<Vec<Edit>> {
        let have: Vec<Value> = array.iter().map(value_of).collect::<Option<_>>()?;
        let gone: Vec<usize> = (0..have.len())
            .filter(|at| !wanted.iter().any(|w| w.same(&have[*at])))
            .collect();
        let new: Vec<&Value> = wanted
            .iter()
            .filter(|w| !have.iter().any(|value| value.same(w)))
            .collect();
        let kept = || {
            (0..have.len())
                .filter(|at| !gone.contains(at))
                .map(|at| &have[at])
        };
        let order = kept().chain(new.iter().copied());
        if !set
            && (order.clone().count() != wanted.len() || !order.zip(wanted).all(|(a, b)| a.same(b)))
        {
            return None;
        }
        kept().next()?;
        self.exchange(array, &gone, &new)
    }

    /// Elements of a list that go, by their place, and some that come behind the last that stays.
    pub fn exchange(self, array: &Array, gone: &[usize], new: &[&Value]) -> Option<Vec<Edit>> {
        let spans: Vec<Range<usize>> = array.iter().map(Span::span).collect::<Option<_>>()?;
        let Some(last) = (0..spans.len())
            .rfind(|at| !gone.contains(at))
            .map(|at| spans[at].clone())
        else {
            let whole = array.span()?;
            let new = Value::List(new.iter().map(|value| (*value).clone()).collect());
            let several = self.text[whole.clone()].contains('\n');
            return Some(vec![self.edit(
                whole.clone(),
                literal(&new, self.indent(whole.start), several),
            )]);
        };
        let mut edits = Vec::new();
        for at in gone.iter().copied() {
            let span = spans[at].clone();
            edits.push(match (self.lines(span.clone()), spans.get(at + 1)) {
                // The last element may have no comma; then what stays before it needs none either.
                (Some(lines), _) => self.edit(lines, String::new()),
                (None, Some(next)) => self.edit(span.start..next.start, String::new()),
                (None, None) => self.edit(spans[at.checked_sub(1)?].end..span.end, String::new()),
            });
        }
        if new.is_empty() {
            return Some(edits);
        }
        let indent = self.indent(last.start);
        if self.lines(last.clone()).is_none() || !self.text[array.span()?].contains('\n') {
            let text: String = new
                .iter()
                .map(|value| format!(", {}", literal(value, indent, false)))
                .collect();
            edits.push(self.edit(last.end..last.end, text));
            return Some(edits);
        }
        if !self.text[last.end..].trim_start().starts_with(',') {
            edits.push(self.edit(last.end..last.end, ",".to_owned()));
        }
        let text: String = new
            .iter()
            .map(|value| format!("{indent}{},\n", literal(value, indent, false)))
            .collect();
        let at = self.line_end(last.end);
        edits.push(self.edit(at..at, text));
        Some(edits)
    }

    /// Some bytes, said otherwise inside quotes.
    pub fn quoted_part(self, span: Range<usize>, text: &str) -> Option<Edit> {
        let quoted = print::quoted(text);
        Some(self.edit(
            span,
            quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned(),
        ))
    }

    /// A reference to an object, merged with one more member.
    pub fn merged(self, expr: &Expression, name: &str, value: &Value) -> Option<Edit> {
        let span = expr.span()?;
        let text = self.text[span.clone()].trim_end_matches(['\n', '\r']);
        let end = span.start + text.len();
        let key = if print::is_identifier(name) {
            name.to_owned()
        } else {
            print::quoted(name)
        };
        let value = literal(value, self.indent(span.start), false);
        Some(self.edit(
            span.start..end,
            format!("merge({text}, {{ {key} = {value} }})"),
        ))
    }

    /// Takes away an argument or a block, with its lines where it has them alone.
    pub fn remove(self, span: Range<usize>) -> Edit {
        let end = span.start + self.text[span.clone()].trim_end_matches(['\n', '\r']).len();
        let span = span.start..end;
        let Some(mut lines) = self.lines(span.clone()) else {
            return self.edit(span, String::new());
        };
        // An empty line before, where nothing or a closing brace follows, or another empty line.
        let before = self.line_start(lines.start.saturating_sub(1));
        let follows = self.text[lines.end..]
            .lines()
            .next()
            .unwrap_or_default()
            .trim();
        if before < lines.start
            && self.text[before..lines.start].trim().is_empty()
            && (follows.is_empty() || follows == "}")
        {
            lines.start = before;
        }
        self.edit(lines, String::new())
    }

    /// The braces of a block: behind the opening one, before the closing one.
    fn inside(self, block: &Block) -> Option<Range<usize>> {
        let span = block.span()?;
        let head = block
            .labels
            .iter()
            .filter_map(Span::span)
            .map(|span| span.end)
            .max();
        let head = head.or_else(|| block.ident.span().map(|span| span.end))?;
        let open = head + self.text.get(head..span.end)?.find('{')? + 1;
        let close = open + self.text.get(open..span.end)?.rfind('}')?;
        Some(open..close)
    }

    /// A block written on one line, opened up to take one more item.
    fn opened(self, inside: Range<usize>, indent: &str, item: &str) -> Edit {
        let inner = self.text[inside.clone()].trim();
        let inner = if inner.is_empty() {
            String::new()
        } else {
            format!("{indent}  {inner}\n")
        };
        self.edit(inside, format!("\n{inner}{item}{indent}"))
    }

    /// Adds an argument behind the first run of arguments.
    pub fn argument(self, block: &Block, name: &str, value: &Value) -> Option<Edit> {
        let inside = self.inside(block)?;
        let indent = self.indent(block.span()?.start);
        let inner = format!("{indent}  ");
        let text = literal(value, &inner, false);
        if !self.text[inside.clone()].contains('\n') {
            return Some(self.opened(inside, indent, &format!("{inner}{name} = {text}\n")));
        }
        let run = block
            .body
            .iter()
            .take_while(|item| matches!(item, Structure::Attribute(_)));
        let last = run
            .filter_map(|item| item.as_attribute())
            .take_while(|attribute| !attribute.has_key("depends_on"))
            .last();
        let Some(last) = last else {
            let at = self.line_end(inside.start);
            return Some(self.edit(at..at, format!("{inner}{name} = {text}\n")));
        };
        let (key, value) = (last.key.span()?, last.value.span()?);
        let value =
            value.start..value.start + self.text[value].trim_end_matches(['\n', '\r']).len();
        let at = self.line_end(value.end);
        let name = self.aligned(key, value, name);
        Some(self.edit(
            at..at,
            format!("{}{name}= {text}\n", self.indent(last.key.span()?.start)),
        ))
    }

    /// A name filled up so that its equals sign stands below the one of the line before.
    fn aligned(self, key: Range<usize>, value: Range<usize>, name: &str) -> String {
        let column = self.text[key.end..value.start]
            .find('=')
            .map_or(0, |at| key.end + at - key.start);
        let one_line = !self.text[value].contains('\n');
        let width = if one_line && column > name.len() {
            column
        } else {
            name.len() + 1
        };
        format!("{name:<width$}")
    }

    /// Adds a nested block, behind another or at the end.
    pub fn block(self, parent: &Block, after: Option<Range<usize>>, text: &str) -> Option<Edit> {
        let inside = self.inside(parent)?;
        let indent = self.indent(parent.span()?.start);
        let inner = format!("{indent}  ");
        let item: String = text
            .lines()
            .map(|l| {
                if l.is_empty() {
                    "\n".to_owned()
                } else {
                    format!("{inner}{l}\n")
                }
            })
            .collect();
        if !self.text[inside.clone()].contains('\n') {
            return Some(self.opened(inside, indent, &item));
        }
        if let Some(after) = after {
            let at = self.line_end(after.end);
            return Some(self.edit(at..at, format!("\n{item}")));
        }
        let at = self.line_start(inside.end);
        let before = self.text[..at]
            .lines()
            .next_back()
            .unwrap_or_default()
            .trim();
        let gap = if before.is_empty() || before.ends_with('{') {
            ""
        } else {
            "\n"
        };
        Some(self.edit(at..at, format!("{gap}{item}")))
    }

    /// Adds a member to an object.
    pub fn member(self, object: &Object, name: &str, value: &Value) -> Option<Edit> {
        let span = object.span()?;
        let key = if print::is_identifier(name) {
            name.to_owned()
        } else {
            print::quoted(name)
        };
        let Some((last_key, last)) = object.iter().last() else {
            return Some(self.edit(
                span.clone(),
                format!(
                    "{{ {key} = {} }}",
                    literal(value, self.indent(span.start), false)
                ),
            ));
        };
        let (start, value_span) = (key_start(last_key)?, last.expr().span()?);
        let end = value_span.start
            + self.text[value_span.clone()]
                .trim_end_matches(['\n', '\r'])
                .len();
        if !self.text[end..span.end].contains('\n') {
            return Some(self.edit(
                end..end,
                format!(", {key} = {}", literal(value, self.indent(start), false)),
            ));
        }
        let at = self.line_end(end);
        let key_end = start
            + self.text[start..]
                .find(|c: char| c == '=' || c == ':' || c.is_whitespace())
                .unwrap_or(0);
        let key = self.aligned(start..key_end, value_span.start..end, &key);
        let comma = if self.text[end..]
            .trim_start_matches([' ', '\t'])
            .starts_with(',')
        {
            ","
        } else {
            ""
        };
        let indent = self.indent(start);
        Some(self.edit(
            at..at,
            format!("{indent}{key}= {}{comma}\n", literal(value, indent, false)),
        ))
    }

    /// Takes a member from an object.
    pub fn without_member(self, object: &Object, expr: &Expression) -> Option<Edit> {
        let at = object
            .iter()
            .position(|(_, value)| std::ptr::eq(value.expr(), expr))?;
        let members: Vec<_> = object.iter().collect();
        let start = key_start(members[at].0)?;
        let end = expr.span()?.end;
        if let Some(lines) = self.lines(start..end) {
            return Some(self.edit(lines, String::new()));
        }
        let next = members.get(at + 1).and_then(|(key, _)| key_start(key));
        let previous = at.checked_sub(1).and_then(|at| members[at].1.expr().span());
        Some(match (next, previous) {
            (Some(next), _) => self.edit(start..next, String::new()),
            (None, Some(previous)) => self.edit(previous.end..end, String::new()),
            (None, None) => self.edit(object.span()?, "{}".to_owned()),
        })
    }
}

/// A value as it is written at an indentation.
fn literal(value: &Value, indent: &str, several: bool) -> String {
    if let Value::Text(text) = value {
        return print::quoted(text);
    }
    if let (Value::List(items), true) = (value, several)
        && !items.is_empty()
    {
        let inner = format!("{indent}  ");
        let items: String = items
            .iter()
            .map(|item| format!("{inner}{},\n", literal(item, &inner, false)))
            .collect();
        return format!("[\n{items}{indent}]");
    }
    let mut body = Body::default();
    body.attribute("x", print::Expression::Value(value.clone()));
    let printed = body.print();
    let printed = printed.trim_end().strip_prefix("x = ").unwrap_or_default();
    printed.replace('\n', &format!("\n{indent}"))
}

/// The value of an expression that is written out.
pub(super) fn value_of(expr: &Expression) -> Option<Value> {
    Some(match expr {
        Expression::Null(_) => Value::Null,
        Expression::Bool(value) => Value::Bool(*value.value()),
        Expression::Number(number) => {
            Value::from_json(serde_json::from_str(&number.value().to_string()).ok()?)
        }
        Expression::String(text) => Value::text(text.value().as_str()),
        Expression::Array(array) if is_literal(expr) => {
            Value::List(array.iter().map(value_of).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}
