//! Exceptions of emission: how an import plan treats an argument where facts alone decide wrongly.

use serde::Deserialize;

use super::check::{DefinitionError, Source};
use super::expression::{Context, Expression};
use crate::model::Value;

/// What is done with an argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Emit {
    /// Written as it was read, if it is not empty, also where facts would leave it out.
    Write,
    /// Left out.
    Omit,
    /// Never written as a zero: the provider refuses that.
    OmitEmpty,
    /// Left out, and named in `ignore_changes`.
    Ignore,
    /// Where it was read empty: left out, and named in `ignore_changes`.
    IgnoreEmpty,
    /// Written with this value instead.
    Value(Value),
    /// Written with this value, which stands for one that cannot be read, and named in `ignore_changes`.
    Placeholder(Value),
}

/// One exception.
#[derive(Clone, Debug, PartialEq)]
pub struct Emission {
    /// What is done.
    pub emit: Emit,
    /// Conditions on the attributes, all of which must hold; without any it holds always.
    pub when: Vec<Expression>,
    /// Why; empty where a comment in the definition says it.
    pub because: String,
}

impl Emission {
    /// Whether it holds for an object with these attributes.
    pub fn holds(&self, attributes: &Value, context: &Context<'_>) -> bool {
        self.when
            .iter()
            .all(|condition| condition.holds(attributes, context))
    }
}

/// What stands in a definition: a word, one table, or several of which the first that holds counts.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum EmissionValue {
    Word(String),
    Table(EmissionTable),
    Tables(Vec<EmissionTable>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EmissionTable {
    #[serde(rename = "do")]
    emit: String,
    value: Option<toml::Value>,
    #[serde(default)]
    when: Vec<String>,
    #[serde(default)]
    because: String,
}

pub(super) fn emissions(
    source: &Source<'_>,
    value: &EmissionValue,
) -> Result<Vec<Emission>, DefinitionError> {
    match value {
        EmissionValue::Word(word) => Ok(vec![Emission {
            emit: emit(source, word, None)?,
            when: Vec::new(),
            because: String::new(),
        }]),
        EmissionValue::Table(table) => Ok(vec![emission(source, table)?]),
        EmissionValue::Tables(tables) => {
            tables.iter().map(|table| emission(source, table)).collect()
        }
    }
}

fn emission(source: &Source<'_>, table: &EmissionTable) -> Result<Emission, DefinitionError> {
    let expression =
        |text: &String| Expression::parse(text).map_err(|message| source.problem(text, message));
    Ok(Emission {
        emit: emit(source, &table.emit, table.value.as_ref())?,
        when: table
            .when
            .iter()
            .map(expression)
            .collect::<Result<_, _>>()?,
        because: table.because.clone(),
    })
}

fn emit(
    source: &Source<'_>,
    word: &str,
    value: Option<&toml::Value>,
) -> Result<Emit, DefinitionError> {
    let given = || {
        let value =
            value.ok_or_else(|| source.problem(word, format!("`{word}` needs a `value`")))?;
        Ok(serde_json::to_value(value)
            .map(Value::from_json)
            .unwrap_or_default())
    };
    match word {
        "write" => Ok(Emit::Write),
        "omit" => Ok(Emit::Omit),
        "omit-empty" => Ok(Emit::OmitEmpty),
        "ignore" => Ok(Emit::Ignore),
        "ignore-empty" => Ok(Emit::IgnoreEmpty),
        "value" => given().map(Emit::Value),
        "placeholder" => given().map(Emit::Placeholder),
        _ => Err(source.problem(
            word,
            format!("`{word}` is no way of emission: write, omit, omit-empty, ignore, ignore-empty, value, placeholder"),
        )),
    }
}
