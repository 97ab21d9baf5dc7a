//! Conversions between types, and marks.

use super::{Entry, Failure, Given};
use crate::hcl::convert::convert;
use crate::hcl::types::Type;
use crate::hcl::value::{Data, Value};

pub(super) const TABLE: &[Entry] = &[
    ("ephemeralasnull", "!any*? -> any?", |a, _| Ok(a[0].clone())),
    ("issensitive", "!any*? -> bool", |a, _| issensitive(&a[0])),
    ("nonsensitive", "!any*? -> any?", |a, _| {
        Ok(Value {
            sensitive: false,
            ..a[0].clone()
        })
    }),
    ("sensitive", "!any*? -> any?", |a, _| {
        Ok(a[0].clone().marked(true))
    }),
    ("tobool", "!any*? -> bool?", |a, _| to(&a[0], &Type::Bool)),
    ("tolist", "!any*? -> list?", |a, _| {
        to(&a[0], &Type::list(Type::Dynamic))
    }),
    ("tomap", "!any*? -> map?", |a, _| {
        to(&a[0], &Type::map(Type::Dynamic))
    }),
    ("tonumber", "!any*? -> number?", |a, _| {
        to(&a[0], &Type::Number)
    }),
    ("toset", "!any*? -> set?", |a, _| {
        to(&a[0], &Type::set(Type::Dynamic))
    }),
    ("tostring", "!any*? -> string?", |a, _| {
        to(&a[0], &Type::String)
    }),
];

fn to(value: &Value, want: &Type) -> Given {
    let converted = convert(value, want).map(|converted| match &value.data {
        // Of what is not known nothing more is said than the type that was asked for.
        Data::Unknown(unknown) => {
            let plain = Value::unknown_of(want.clone(), unknown.why.clone());
            plain
                .marked(value.sensitive)
                .with_origin(value.origin.clone())
        }
        _ => converted,
    });
    converted.map_err(|_| {
        let what = if value.sensitive {
            "this sensitive value".into()
        } else {
            value.ty().name()
        };
        Failure::Argument(0, format!("cannot convert {what} to {}", want.name()))
    })
}

/// Whether a value is sensitive; not known of a value whose marks may still come.
fn issensitive(value: &Value) -> Given {
    Ok(match value.unknown_itself() {
        Some(why) => Value::unknown_of(Type::Bool, why.clone()),
        None => Value::bool(value.sensitive),
    })
}
