//! Templates: quoted strings, heredocs and the files of `templatefile`.

use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::template::{
    Directive, Element, ForTemplateExpr, HeredocTemplate, StringTemplate, Strip, Template,
};

use super::{Items, collection, conditional, expression, items, note_reason};
use crate::hcl::convert::convert;
use crate::hcl::diagnostic::{Diagnostic, Mistakes, Outcome};
use crate::hcl::parse::FLUSH;
use crate::hcl::refinement::Refinement;
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::value::Value;
use crate::model::Unknown;

/// A quoted string: alone, one interpolation is the value itself.
pub(super) fn quoted(template: &StringTemplate, ctx: &Context<'_>) -> Outcome {
    whole(template, false, ctx)
}

/// A template that stands for itself, such as a file; alone, one interpolation is the value itself.
///
/// # Errors
/// The first mistake in it.
pub fn text(template: &Template, ctx: &Context<'_>) -> Outcome {
    ctx.scope.budget().template(|| whole(template, true, ctx))
}

/// With `lines`, strip markers reach no further than the end of a line.
fn whole(template: &Template, lines: bool, ctx: &Context<'_>) -> Outcome {
    if let Some(Element::Interpolation(only)) = template.as_single_element() {
        return expression(&only.expr, ctx);
    }
    let mut tokens = Vec::new();
    flatten(template, lines, &mut tokens);
    strip(&mut tokens);
    render(&tokens, ctx)
}

/// A heredoc; its lines are the units that strip markers and the removal of indents work on.
pub(super) fn heredoc(heredoc: &HeredocTemplate, ctx: &Context<'_>) -> Outcome {
    let mut tokens = Vec::new();
    match heredoc.indent() {
        Some(indent) if indent > 0 && indent != FLUSH => {
            flatten(&indented(&heredoc.template, indent), true, &mut tokens)
        }
        _ => flatten(&heredoc.template, true, &mut tokens),
    }
    strip(&mut tokens);
    if heredoc.indent().is_some() {
        dedent(&mut tokens);
    }
    render(&tokens, ctx)
}

/// Gives the lines of a heredoc back the indent that the parser took: it counts lines that the language does not.
fn indented(template: &Template, indent: usize) -> Template {
    let pad = " ".repeat(indent);
    let mut line_start = true;
    let mut elements = Vec::new();
    for element in template.iter() {
        let Element::Literal(literal) = element else {
            if line_start {
                // An indent alone stood here, or nothing would have been taken.
                elements.push(Element::from(pad.clone()));
            }
            line_start = false;
            elements.push(element.clone());
            continue;
        };
        let mut restored = String::new();
        for line in literal.split_inclusive('\n') {
            if line_start && line != "\n" {
                restored.push_str(&pad);
            }
            restored.push_str(line);
            line_start = line.ends_with('\n');
        }
        elements.push(Element::from(restored));
    }
    Template::from(elements)
}

/// The units a template is made of, in the order of the source.
#[derive(Clone)]
enum Token {
    Literal(String),
    Value(Arc<Expression>),
    If(Arc<Expression>),
    Else,
    EndIf,
    For(Arc<ForTemplateExpr>),
    EndFor,
    /// Strip whitespace before (`true`) or after (`false`).
    Strip(bool),
}

fn flatten(template: &Template, lines: bool, out: &mut Vec<Token>) {
    for element in template.iter() {
        match element {
            Element::Literal(literal) if lines => {
                out.extend(
                    literal
                        .split_inclusive('\n')
                        .map(|line| Token::Literal(line.to_owned())),
                );
            }
            Element::Literal(literal) => out.push(Token::Literal(literal.to_string())),
            Element::Interpolation(value) => {
                wrap(out, value.strip, Token::Value(Arc::new(value.expr.clone())))
            }
            Element::Directive(directive) => flatten_directive(directive, lines, out),
        }
    }
}

fn flatten_directive(directive: &Directive, lines: bool, out: &mut Vec<Token>) {
    match directive {
        Directive::If(directive) => {
            wrap(
                out,
                directive.if_expr.strip,
                Token::If(Arc::new(directive.if_expr.cond_expr.clone())),
            );
            flatten(&directive.if_expr.template, lines, out);
            if let Some(other) = &directive.else_expr {
                wrap(out, other.strip, Token::Else);
                flatten(&other.template, lines, out);
            }
            wrap(out, directive.endif_expr.strip, Token::EndIf);
        }
        Directive::For(directive) => {
            wrap(
                out,
                directive.for_expr.strip,
                Token::For(Arc::new(directive.for_expr.clone())),
            );
            flatten(&directive.for_expr.template, lines, out);
            wrap(out, directive.endfor_expr.strip, Token::EndFor);
        }
    }
}

fn wrap(out: &mut Vec<Token>, strip: Strip, token: Token) {
    if strip.strip_start() {
        out.push(Token::Strip(true));
    }
    out.push(token);
    if strip.strip_end() {
        out.push(Token::Strip(false));
    }
}

/// Applies the `~` markers to the literals beside them.
fn strip(tokens: &mut Vec<Token>) {
    for at in 0..tokens.len() {
        let Token::Strip(before) = tokens[at] else {
            continue;
        };
        let beside = if before {
            at.checked_sub(1)
        } else {
            Some(at + 1)
        };
        if let Some(Token::Literal(literal)) = beside.and_then(|beside| tokens.get_mut(beside)) {
            *literal = if before {
                literal.trim_end().to_owned()
            } else {
                literal.trim_start().to_owned()
            };
        }
    }
    tokens.retain(|token| !matches!(token, Token::Strip(_)));
}

/// Removes from every line the indent that all lines have; blank lines do not count.
fn dedent(tokens: &mut [Token]) {
    let mut least = usize::MAX;
    let mut line_start = true;
    let mut adjusted = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let literal = if let Token::Literal(literal) = token {
            Some(literal)
        } else {
            None
        };
        if line_start {
            line_start = false;
            let indent = literal.map_or(0, |literal| {
                literal.chars().take_while(|c| c.is_whitespace()).count()
            });
            let blank = literal
                .is_some_and(|literal| literal.trim_start().is_empty() && literal.ends_with('\n'));
            if !blank {
                least = least.min(indent);
                adjusted.extend(literal.map(|_| at));
            }
        }
        line_start |= literal.is_some_and(|literal| literal.ends_with('\n'));
    }
    for at in adjusted {
        if let Token::Literal(literal) = &mut tokens[at] {
            *literal = literal.chars().skip(least).collect();
        }
    }
}

/// The text so far, up to what is not known, and why that is not.
#[derive(Default)]
struct Text {
    out: String,
    /// Why a part is not known.
    unknown: Option<Unknown>,
    /// Why tofu may know more of the text, where a part is lacking here.
    lacking: Option<Unknown>,
    sensitive: bool,
}

impl Text {
    fn push(&mut self, value: &Value, ctx: &Context<'_>) -> Result<(), Diagnostic> {
        let invalid =
            |detail: String| Diagnostic::new("Invalid template interpolation value", detail);
        if value.is_null() {
            return Err(invalid(
                "The expression result is null. Cannot include a null value in a string template."
                    .into(),
            ));
        }
        self.sensitive |= value.sensitive;
        if let Some(reason) = value.unknown_itself() {
            if self.unknown.is_none() && !reason.is_after_apply() {
                self.lacking = Some(reason.clone());
            }
            note_reason(&mut self.unknown, reason.clone());
            return Ok(());
        }
        let text = convert(value, &Type::String).map_err(|error| {
            invalid(format!(
                "Cannot include the given value in a string template: {error}."
            ))
        })?;
        self.literal(text.as_str().unwrap_or_default(), ctx)
    }

    /// Adds what stands for itself; behind what is not known it says nothing.
    fn literal(&mut self, text: &str, ctx: &Context<'_>) -> Result<(), Diagnostic> {
        if self.unknown.is_none() {
            ctx.scope.budget().text(self.out.len() + text.len())?;
            self.out.push_str(text);
        }
        Ok(())
    }

    /// The text; where it is not known, what it begins with.
    fn finish(self) -> Value {
        let value = match self.unknown {
            Some(reason) => {
                let begins = Refinement::starting_with(&self.out);
                Value::unknown_of(Type::String, reason)
                    .refined(begins.lacking(self.lacking.as_ref()))
            }
            None => Value::string(self.out),
        };
        value.marked(self.sensitive)
    }

    /// The text that a repetition gives, of which nothing is known unless all is.
    fn joined(self) -> Value {
        let value = match self.unknown {
            Some(reason) => Value::unknown_of(Type::String, reason),
            None => Value::string(self.out),
        };
        value.marked(self.sensitive)
    }
}

fn render(tokens: &[Token], ctx: &Context<'_>) -> Outcome {
    let mut text = Text::default();
    let mut mistakes = Mistakes::default();
    let mut at = 0;
    while at < tokens.len() {
        let (value, place, next) = match &tokens[at] {
            Token::Literal(literal) => {
                text.literal(literal, ctx)?;
                at += 1;
                continue;
            }
            Token::Value(expr) => (expression(expr, ctx), expr.span(), at + 1),
            Token::If(condition) => {
                let (middle, end) = (closing(tokens, at, true), closing(tokens, at, false));
                let yes = render(&tokens[at + 1..middle], ctx);
                let no = render(tokens.get(middle + 1..end).unwrap_or_default(), ctx);
                (
                    conditional::choose(condition, [yes, no], [None, None], ctx),
                    condition.span(),
                    end + 1,
                )
            }
            Token::For(intro) => {
                let end = closing(tokens, at, false);
                (
                    repeat(intro, &tokens[at + 1..end], ctx),
                    intro.collection_expr.span(),
                    end + 1,
                )
            }
            _ => (Ok(Value::string("")), None, at + 1),
        };
        let value = mistakes.value(value);
        if let Err(diagnostic) = text.push(&value, ctx) {
            mistakes.add(diagnostic.at(place));
        }
        at = next;
    }
    mistakes.end(|| Type::String)?;
    Ok(text.finish())
}

/// Where the directive opened at `start` ends, or its `else` stands (its end when it has none).
fn closing(tokens: &[Token], start: usize, or_else: bool) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token {
            Token::If(_) | Token::For(_) => depth += 1,
            Token::EndIf | Token::EndFor => depth -= 1,
            Token::Else if or_else && depth == 1 => return at,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

fn repeat(intro: &ForTemplateExpr, body: &[Token], ctx: &Context<'_>) -> Outcome {
    let collection = collection(&intro.collection_expr, ctx)?;
    let pairs = match items(&collection)? {
        Items::Known(pairs) => pairs,
        Items::Unknown(reason) => {
            return Ok(Value::unknown_of(Type::String, reason).marked(collection.sensitive));
        }
    };
    let mut text = Text {
        sensitive: collection.sensitive,
        ..Text::default()
    };
    for (key, value) in pairs {
        let outer = ctx.bind(
            intro
                .key_var
                .as_ref()
                .map_or("", |name| name.value().as_str()),
            key,
        );
        let outer_ctx = ctx.within(&outer);
        let inner = outer_ctx.bind(intro.value_var.value().as_str(), value);
        text.push(&render(body, &outer_ctx.within(&inner))?, ctx)?;
    }
    Ok(text.joined())
}
