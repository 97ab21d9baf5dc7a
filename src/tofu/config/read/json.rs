//! Files in JSON syntax: strings are templates, and which member is a block depends on where it stands.

use std::sync::Arc;

use hcl_edit::Decorated;
use hcl_edit::expr::{Array, Expression, Object, ObjectKey, ObjectValue};
use hcl_edit::template::{Element, StringTemplate};
use serde_json::Value as Json;

use super::source::{Attribute, Block, Content, Source};
use crate::hcl::{parse_expression, parse_template};
use crate::model::{Note, Severity};

/// Reads a file's blocks and arguments.
///
/// # Errors
/// One complaint with the place where the file stops being JSON.
pub fn parse(file: &Arc<Source>) -> Result<Content, Note> {
    let json: Json = serde_json::from_str(file.text()).map_err(|error| Note {
        severity: Severity::Error,
        message: format!("{} is not valid JSON: {error}", file.name),
        place: Some(line_place(file, error.line())),
        hint: String::new(),
    })?;
    let mut content = Content::default();
    for part in objects(&json) {
        for (kind, value) in part {
            add_blocks(
                &mut content,
                file,
                kind,
                labels_of(kind),
                value,
                &mut Vec::new(),
                0,
            );
        }
    }
    Ok(content)
}

/// Reads a file of variable values.
///
/// # Errors
/// One complaint with the place where the file stops being JSON.
pub fn parse_values(file: &Arc<Source>) -> Result<Vec<(String, Json)>, Note> {
    let json: serde_json::Map<String, Json> =
        serde_json::from_str(file.text()).map_err(|error| Note {
            severity: Severity::Error,
            message: format!("{} is not a JSON object", file.name),
            place: Some(line_place(file, error.line())),
            hint: String::new(),
        })?;
    Ok(json.into_iter().collect())
}

fn line_place(file: &Source, line: usize) -> crate::model::Place {
    let offset = file
        .text()
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    file.place_of_mistake(offset)
}

/// How many labels the blocks of the top level have.
fn labels_of(kind: &str) -> usize {
    match kind {
        "resource" | "data" | "ephemeral" => 2,
        "module" | "provider" | "variable" | "output" | "check" => 1,
        _ => 0,
    }
}

/// An object, or the objects of an array.
fn objects(json: &Json) -> Vec<&serde_json::Map<String, Json>> {
    match json {
        Json::Object(object) => vec![object],
        Json::Array(items) => items.iter().flat_map(objects).collect(),
        _ => Vec::new(),
    }
}

fn add_blocks(
    content: &mut Content,
    file: &Arc<Source>,
    kind: &str,
    labels: usize,
    value: &Json,
    given: &mut Vec<String>,
    from: usize,
) {
    let from = file.find_quoted(given.last().map_or(kind, String::as_str), from);
    for object in objects(value) {
        if labels > given.len() {
            for (label, inner) in object {
                given.push(label.clone());
                add_blocks(content, file, kind, labels, inner, given, from);
                given.pop();
            }
            continue;
        }
        let inside = inside(file, kind, object, from);
        let block = Block {
            kind: kind.to_owned(),
            labels: given.clone(),
            content: inside,
            file: Arc::clone(file),
            span: from..from,
        };
        content.blocks.push(block);
    }
}

/// The inside of a block: members that are known to be blocks, and arguments.
fn inside(
    file: &Arc<Source>,
    kind: &str,
    object: &serde_json::Map<String, Json>,
    from: usize,
) -> Content {
    let mut content = Content::default();
    for (name, value) in object.iter().filter(|(name, _)| *name != "//") {
        match (kind, name.as_str()) {
            ("resource" | "data" | "ephemeral" | "module", "lifecycle")
            | ("resource" | "data", "connection") => {
                add_blocks(&mut content, file, name, 0, value, &mut Vec::new(), from);
            }
            ("dynamic", "content")
            | ("terraform", "required_providers" | "encryption" | "cloud") => {
                add_blocks(&mut content, file, name, 0, value, &mut Vec::new(), from);
            }
            ("variable", "validation")
            | ("output" | "lifecycle", "precondition" | "postcondition") => {
                add_blocks(&mut content, file, name, 0, value, &mut Vec::new(), from);
            }
            ("resource" | "data" | "content", "dynamic")
            | ("resource", "provisioner")
            | ("terraform", "backend") => {
                add_blocks(&mut content, file, name, 1, value, &mut Vec::new(), from);
            }
            _ => {
                let at = file.find_quoted(name, from);
                let expr = if is_reference(kind, name) {
                    reference(value)
                } else {
                    expression(value)
                };
                content.attributes.push(Attribute {
                    name: name.clone(),
                    expr,
                    file: Arc::clone(file),
                    span: at..at,
                });
            }
        }
    }
    content
}

/// Arguments whose strings are references or types, not templates.
fn is_reference(kind: &str, name: &str) -> bool {
    match kind {
        "resource" | "data" | "ephemeral" | "module" | "output" => {
            matches!(name, "provider" | "depends_on" | "providers")
        }
        "lifecycle" => matches!(name, "ignore_changes" | "replace_triggered_by"),
        "import" => matches!(name, "to" | "provider"),
        "moved" | "removed" => matches!(name, "from" | "to"),
        "variable" => name == "type",
        _ => false,
    }
}

fn reference(json: &Json) -> Expression {
    match json {
        Json::String(text) => {
            parse_expression(text).unwrap_or_else(|_| Expression::from(text.as_str()))
        }
        Json::Array(items) => Expression::Array(items.iter().map(reference).collect::<Array>()),
        Json::Object(object) => {
            let mut out = Object::new();
            for (key, value) in object {
                out.insert(
                    object_key(
                        parse_expression(key).unwrap_or_else(|_| Expression::from(key.as_str())),
                    ),
                    reference(value),
                );
            }
            Expression::Object(out)
        }
        other => expression(other),
    }
}

/// A key given as an expression; a bare name is a name, not a reference.
fn object_key(expr: Expression) -> ObjectKey {
    match expr {
        Expression::Variable(name) => ObjectKey::Ident(Decorated::new(name.value().clone())),
        other => ObjectKey::Expression(other),
    }
}

/// The expression a JSON value stands for.
pub fn expression(json: &Json) -> Expression {
    match json {
        Json::Null => Expression::null(),
        Json::Bool(value) => Expression::from(*value),
        Json::Number(number) => {
            parse_expression(&number.to_string()).unwrap_or_else(|_| Expression::null())
        }
        Json::String(text) => template(text),
        Json::Array(items) => Expression::Array(items.iter().map(expression).collect::<Array>()),
        Json::Object(object) => {
            let mut out = Object::new();
            for (key, value) in object.iter().filter(|(key, _)| *key != "//") {
                out.insert(
                    ObjectKey::Expression(template(key)),
                    ObjectValue::new(expression(value)),
                );
            }
            Expression::Object(out)
        }
    }
}

fn template(text: &str) -> Expression {
    if !text.contains("${") && !text.contains("%{") {
        return Expression::from(text);
    }
    match parse_template(text) {
        Ok(template) => {
            let elements: Vec<Element> = template.iter().cloned().collect();
            Expression::StringTemplate(StringTemplate::from(elements))
        }
        Err(_) => Expression::from(text),
    }
}
