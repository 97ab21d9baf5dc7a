//! Values of the language as values of the model, and back.

use std::sync::Arc;

use crate::hcl::{Data, Members, Number, Value};
use crate::model::{self, NotEvaluated, Secret};

/// A value as the model has it: sets become lists, sensitive leaves secrets, what is not known unknown.
pub(super) fn to_model(value: &Value) -> model::Value {
    convert(value, false)
}

fn convert(value: &Value, sensitive: bool) -> model::Value {
    let sensitive = sensitive || value.sensitive;
    let plain = match &value.data {
        Data::Unknown(unknown) => return model::Value::Unknown(unknown.why.clone()),
        Data::Open(_, reason) => return model::Value::Unknown(reason.clone()),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements)
            if !elements.is_empty() =>
        {
            return model::Value::List(
                elements
                    .iter()
                    .map(|element| convert(element, sensitive))
                    .collect(),
            );
        }
        Data::Map(_, members) | Data::Object(members) if !members.is_empty() => {
            return model::Value::Map(
                members
                    .iter()
                    .map(|(key, member)| (key.to_string(), convert(member, sensitive)))
                    .collect(),
            );
        }
        Data::Null(_) => return model::Value::Null,
        Data::Bool(value) => model::Value::Bool(*value),
        Data::Number(number) => model_number(number),
        Data::String(text) => model::Value::Text(text.to_string()),
        Data::List(..) | Data::Set(..) | Data::Tuple(_) => model::Value::List(Vec::new()),
        Data::Map(..) | Data::Object(_) => model::Value::Map(std::collections::BTreeMap::new()),
    };
    if sensitive {
        model::Value::Secret(Secret::new(&plain))
    } else {
        plain
    }
}

fn model_number(number: &Number) -> model::Value {
    if let Some(whole) = number.to_i64() {
        return model::Value::int(whole);
    }
    let unsigned = number.to_big().and_then(|whole| u64::try_from(whole).ok());
    let json = unsigned
        .map(serde_json::Number::from)
        .or_else(|| serde_json::Number::from_f64(number.to_f64()));
    json.map_or_else(
        || model::Value::Unknown(NotEvaluated::Number.into()),
        model::Value::Number,
    )
}

/// A value of the model: maps become objects and lists tuples, since the model does not tell them apart.
pub(super) fn from_model(value: &model::Value) -> Value {
    match value {
        model::Value::Null => Value::null(),
        model::Value::Bool(value) => Value::bool(*value),
        model::Value::Number(number) => match Number::parse(&number.to_string()) {
            Some(number) => Value::number(number),
            None => Value::unknown(NotEvaluated::Number),
        },
        model::Value::Text(text) => Value::string(text),
        model::Value::List(items) => Value::tuple(items.iter().map(from_model).collect()),
        model::Value::Map(map) => Value::object(
            map.iter()
                .map(|(key, member)| (Arc::from(key.as_str()), from_model(member)))
                .collect::<Members>(),
        ),
        model::Value::Unknown(reason) => Value::unknown(reason.clone()),
        model::Value::Secret(_) => Value::unknown(NotEvaluated::Sensitive).marked(true),
    }
}
