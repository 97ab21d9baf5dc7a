//! Expressions in the root module's scope, as `tofu console` evaluates them.

use serde_json::{Value as Json, json};

use super::expansion::Repetition;
use super::scope::ModuleScope;
use super::session::Session;
use crate::hcl::{Type, Value, evaluate, functions, parse_expression, references};

/// The answer to an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ConsoleAnswer {
    /// Its value as JSON text, and its type as state spells types.
    Value {
        /// Compact JSON; numbers keep all their digits.
        json: String,
        /// Such as `"string"` or `["list","number"]`; `"null"` for null.
        ty: Json,
    },
    /// It depends on what is not known, for the reason; or it is sensitive and not shown.
    Unknown(String),
    /// It is wrong.
    Error {
        /// The kind of mistake, in tofu's words.
        summary: String,
        /// What exactly is wrong.
        detail: String,
    },
}

impl ConsoleAnswer {
    /// The answer as one JSON object on one line: `value` and `type`, or `unknown`, or `error`.
    pub fn to_line(&self) -> String {
        match self {
            // The value's own text: numbers may have more digits than a parsed document would keep.
            Self::Value { json, ty } => format!("{{\"value\":{json},\"type\":{ty}}}"),
            Self::Unknown(reason) => json!({ "unknown": reason }).to_string(),
            Self::Error { summary, .. } => json!({ "error": summary }).to_string(),
        }
    }
}

impl Session<'_> {
    /// Evaluates an expression in the root module's scope.
    pub fn console(&self, text: &str) -> ConsoleAnswer {
        let error = |summary: &str, detail: String| ConsoleAnswer::Error { summary: summary.to_owned(), detail };
        let expr = match parse_expression(text) {
            Ok(expr) => expr,
            Err(wrong) => {
                return error("Invalid expression", format!("line {}, column {}: {}", wrong.line, wrong.column, wrong.message));
            }
        };
        let scope = ModuleScope { session: self, instance: &self.root, repetition: &Repetition::None };
        // References come first, even in parts that are never evaluated.
        let checked = references(&expr).iter().try_for_each(|(reference, _)| scope.check(reference));
        match checked.and_then(|()| evaluate(&expr, &scope)) {
            Ok(value) => answer(&value),
            Err(diagnostic) => error(&diagnostic.summary, diagnostic.detail),
        }
    }
}

fn answer(value: &Value) -> ConsoleAnswer {
    if let Some(reason) = value.reason() {
        return ConsoleAnswer::Unknown(reason.to_string());
    }
    if value.has_sensitive() {
        return ConsoleAnswer::Unknown("the value is sensitive and not shown".into());
    }
    if infinite(value) {
        return ConsoleAnswer::Error {
            summary: "Failed to save state".into(),
            detail: "An infinite number cannot be written as JSON.".into(),
        };
    }
    let ty = if value.is_null() { Json::String("null".into()) } else { value.ty().to_json() };
    ConsoleAnswer::Value { json: functions::json_text(value), ty }
}

fn infinite(value: &Value) -> bool {
    value.ty() == Type::Number && value.as_number().is_some_and(|number| number.is_infinite()) || value.parts().any(infinite)
}
