//! Expressions in the root module's scope, as `tofu console` evaluates them.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::expansion::Repetition;
use super::scope::ModuleScope;
use super::session::Session;
use crate::hcl::{
    Data, Members, Type, Value, evaluate, functions, parse_expression, references, syntax_summary,
};
use crate::model::{NotEvaluated, Unknown};
use crate::render::unknown::sentence;

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
    /// It depends on what is not known, for the reason.
    Unknown(Unknown),
    /// It is sensitive, wholly or in part, and not shown.
    Sensitive,
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
    ///
    /// It says what tofu says of a root module's output of that value, which may not be sensitive unless it is declared so.
    pub fn to_line(&self) -> String {
        match self {
            // The value's own text: numbers may have more digits than a parsed document would keep.
            Self::Value { json, ty } => format!("{{\"value\":{json},\"type\":{ty}}}"),
            Self::Unknown(why) => {
                json!({ "unknown": sentence(why), "kind": why.as_str() }).to_string()
            }
            Self::Sensitive => json!({ "error": "Output refers to sensitive values" }).to_string(),
            Self::Error { summary, .. } => json!({ "error": summary }).to_string(),
        }
    }
}

impl Session<'_> {
    /// Evaluates an expression in the root module's scope.
    pub fn console(&self, text: &str) -> ConsoleAnswer {
        let error = |summary: &str, detail: String| ConsoleAnswer::Error {
            summary: summary.to_owned(),
            detail,
        };
        let expr = match parse_expression(text) {
            Ok(expr) => expr,
            Err(wrong) => {
                return error(
                    syntax_summary(text),
                    format!(
                        "line {}, column {}: {}",
                        wrong.line, wrong.column, wrong.message
                    ),
                );
            }
        };
        let scope = ModuleScope {
            session: self,
            instance: &self.root,
            repetition: &Repetition::None,
        };
        // References come first, even in parts that are never evaluated.
        let checked = references(&expr)
            .iter()
            .try_for_each(|(reference, _)| scope.check(reference));
        match checked.and_then(|()| evaluate(&expr, &scope)) {
            Ok(value) => answer(&value),
            Err(diagnostic) => error(&diagnostic.summary, diagnostic.detail),
        }
    }
}

fn answer(value: &Value) -> ConsoleAnswer {
    if value.reason() == Some(&NotEvaluated::Sensitive.into()) {
        return ConsoleAnswer::Sensitive;
    }
    if let Some(reason) = value.reason() {
        return ConsoleAnswer::Unknown(reason.clone());
    }
    if value.has_sensitive() {
        return ConsoleAnswer::Sensitive;
    }
    if infinite(value) {
        return ConsoleAnswer::Error {
            summary: "Failed to save state".into(),
            detail: "An infinite number cannot be written as JSON.".into(),
        };
    }
    let ty = if value.is_null() {
        Json::String("null".into())
    } else {
        value.ty().to_json()
    };
    ConsoleAnswer::Value {
        json: functions::json_text(&stored(value)),
        ty,
    }
}

/// The value with its numbers as a plan keeps them, which is how tofu comes to print them.
fn stored(value: &Value) -> Value {
    let each = |elements: &[Value]| Arc::new(elements.iter().map(stored).collect::<Vec<_>>());
    let all = |members: &Members| {
        Arc::new(
            members
                .iter()
                .map(|(name, member)| (name.clone(), stored(member)))
                .collect(),
        )
    };
    let data = match &value.data {
        Data::Number(number) => Data::Number(number.stored()),
        Data::List(ty, elements) => Data::List(ty.clone(), each(elements)),
        Data::Set(ty, elements) => Data::Set(ty.clone(), each(elements)),
        Data::Tuple(elements) => Data::Tuple(each(elements)),
        Data::Map(ty, members) => Data::Map(ty.clone(), all(members)),
        Data::Object(members) => Data::Object(all(members)),
        other => other.clone(),
    };
    data.into()
}

fn infinite(value: &Value) -> bool {
    value.ty() == Type::Number && value.as_number().is_some_and(|number| number.is_infinite())
        || value.parts().any(infinite)
}
