//! Functions of numbers.

use num_bigint::BigInt;

use super::float::{ln, pow};
use super::{Entry, Failure, Given, elements_of, int_of};
use crate::hcl::convert::convert;
use crate::hcl::number::Number;
use crate::hcl::scope::Context;
use crate::hcl::types::Type;
use crate::hcl::value::{Data, Value};

pub(super) const TABLE: &[Entry] = &[
    ("abs", "number -> number", |a, _| {
        Ok(Value::number(if num(a, 0).is_negative() {
            num(a, 0).negated()
        } else {
            num(a, 0)
        }))
    }),
    ("ceil", "number -> number", |a, _| {
        Ok(Value::number(num(a, 0).ceil()))
    }),
    ("floor", "number -> number", |a, _| {
        Ok(Value::number(num(a, 0).floor()))
    }),
    ("log", "number, number -> number", |a, _| {
        float(ln(num(a, 0).to_f64()) / ln(num(a, 1).to_f64()))
    }),
    ("max", "number... -> number", |a, _| extreme(a, true)),
    ("min", "number... -> number", |a, _| extreme(a, false)),
    ("parseint", "any, number -> number", parseint),
    ("pow", "number, number -> number", |a, _| {
        float(pow(num(a, 0).to_f64(), num(a, 1).to_f64()))
    }),
    ("signum", "number -> number", |a, _| {
        Ok(Value::int(int_of(a, 0)?.signum()))
    }),
    ("sum", "any -> number", sum),
];

fn num(arguments: &[Value], at: usize) -> Number {
    arguments
        .get(at)
        .and_then(Value::as_number)
        .cloned()
        .unwrap_or_else(|| Number::int(0))
}

fn float(value: f64) -> Given {
    Number::float(value)
        .map(Value::number)
        .ok_or_else(|| "the result is not a number".into())
}

fn extreme(arguments: &[Value], greatest: bool) -> Given {
    let numbers = arguments.iter().filter_map(Value::as_number);
    let found = if greatest {
        numbers.max()
    } else {
        numbers.min()
    };
    found
        .cloned()
        .map(Value::number)
        .ok_or_else(|| "must pass at least one number".into())
}

/// More digits than any number that is written down has.
const MOST_DIGITS: usize = 20_000;

fn parseint(arguments: &[Value], _: &Context<'_>) -> Given {
    let Some(text) = arguments.first().and_then(Value::as_str) else {
        return Err(Failure::Argument(
            0,
            "first argument must be a string".into(),
        ));
    };
    let base = int_of(arguments, 1).map_err(|why| Failure::Argument(1, why))?;
    if !(2..=62).contains(&base) {
        return Err(Failure::Argument(
            1,
            "base must be a whole number between 2 and 62 inclusive".into(),
        ));
    }
    let cannot = || {
        Failure::Argument(
            0,
            format!("cannot parse \"{text}\" as a base {base} integer"),
        )
    };
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.len() > MOST_DIGITS {
        return Err(cannot());
    }
    let mut value = BigInt::from(0);
    for digit in digits.bytes() {
        let digit = digit_value(digit, base).ok_or_else(cannot)?;
        value = value * base + digit;
    }
    if digits.is_empty() {
        return Err(cannot());
    }
    Ok(Value::number(Number::big(if negative {
        -value
    } else {
        value
    })))
}

/// The value of a digit; letters of either case are the same up to base 36, beyond it small ones come first.
fn digit_value(digit: u8, base: i64) -> Option<i64> {
    let value = match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'z' => digit - b'a' + 10,
        b'A'..=b'Z' if base <= 36 => digit - b'A' + 10,
        b'A'..=b'Z' => digit - b'A' + 36,
        _ => return None,
    };
    (i64::from(value) < base).then_some(value.into())
}

fn sum(arguments: &[Value], _: &Context<'_>) -> Given {
    let wrong = |why: &str| Failure::Argument(0, why.into());
    match arguments.first().map(|list| &list.data) {
        Some(Data::Map(..) | Data::Object(_)) => {
            return Err(wrong("argument must be list, set, or tuple"));
        }
        Some(Data::List(..) | Data::Set(..) | Data::Tuple(_)) => {}
        _ => return Err(wrong("cannot sum noniterable")),
    }
    let mut total: Option<Number> = None;
    for element in elements_of(arguments, 0) {
        let value = convert(element, &Type::Number).ok();
        let number = value.as_ref().and_then(Value::as_number);
        let number =
            number.ok_or_else(|| wrong("argument must be list, set, or tuple of number values"))?;
        total = Some(match total {
            None => number.clone(),
            Some(total) => total
                .plus(number)
                .ok_or("can't compute sum of opposing infinities")?,
        });
    }
    total
        .map(Value::number)
        .ok_or_else(|| wrong("cannot sum an empty list"))
}
