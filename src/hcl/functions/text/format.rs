//! `format`.

use unicode_segmentation::UnicodeSegmentation;

use super::super::encoding::json_text;
use super::super::{Failure, Given, HIDDEN};
use crate::hcl::convert::convert;
use crate::hcl::number::{Number, round};
use crate::hcl::refinement::Refinement;
use crate::hcl::types::Type;
use crate::hcl::value::{Data, Value, all_needed};
use crate::model::Unknown;

/// One verb of a format: `%-10.2[1]f`.
#[derive(Default)]
struct Verb {
    raw: String,
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
    argument: usize,
    mode: char,
}

pub(super) fn format(arguments: &[Value]) -> Given {
    let sensitive = arguments.iter().any(Value::has_sensitive);
    let rest = arguments.get(1..).unwrap_or_default();
    let spec = match arguments.first() {
        Some(spec) => match spec.unknown_itself() {
            None => spec.as_str().unwrap_or_default(),
            Some(reason) => {
                let reasons = rest.iter().filter_map(Value::reason);
                let all = all_needed([reason].into_iter().chain(reasons));
                let text = unknown_text(all.unwrap_or(reason));
                // Were the format known, so would the beginning be.
                let lacking = spec.lacking();
                return Ok(text
                    .refined(Refinement::NOT_NULL.lacking(lacking))
                    .marked(sensitive));
            }
        },
        None => "",
    };
    if let Some(reason) = all_needed(rest.iter().filter_map(Value::reason)) {
        let begins = spec.split_once('%').map_or("", |(begins, _)| begins);
        let text = unknown_text(reason).refined(Refinement::starting_with(begins));
        return Ok(text.marked(sensitive));
    }
    let text = format_with(spec, &rest.iter().map(Value::unmarked).collect::<Vec<_>>());
    hiding(text, sensitive).map(|text| Value::string(text).marked(sensitive))
}

/// A failure that quotes no sensitive argument.
pub(super) fn hiding<T>(outcome: Result<T, Failure>, sensitive: bool) -> Result<T, Failure> {
    outcome.map_err(|failure| match failure {
        failure @ (Failure::Diagnostic(_) | Failure::Unknown(_)) => failure,
        Failure::Argument(at, _) if sensitive => Failure::Argument(at, HIDDEN.into()),
        _ if sensitive => Failure::Call(HIDDEN.into()),
        failure => failure,
    })
}

pub(super) fn unknown_text(reason: &Unknown) -> Value {
    Value::unknown_of(Type::String, reason.clone())
}

/// A wider field is refused: tofu fails at the like for want of memory.
const MOST_WIDTH: usize = 1 << 16;

pub(super) fn format_with(spec: &str, arguments: &[Value]) -> Result<String, Failure> {
    let mut out = String::new();
    let mut rest = spec;
    let (mut next, mut highest) = (1, 0);
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(tail) = rest.strip_prefix("%%") {
            out.push('%');
            rest = tail;
            continue;
        }
        let (verb, tail) = parse(rest, next)
            .ok_or_else(|| Failure::Call(format!("invalid format string: {rest}")))?;
        rest = tail;
        if verb.width.max(verb.precision) > Some(MOST_WIDTH) {
            let why = format!(
                "\"{}\" asks for more than {MOST_WIDTH} characters",
                verb.raw
            );
            return Err(Failure::Call(why));
        }
        next = verb.argument + 1;
        highest = highest.max(verb.argument);
        let argument = arguments.get(verb.argument.wrapping_sub(1));
        let argument = argument.ok_or_else(|| {
            format!(
                "not enough arguments for \"{}\": need index {} but have {} total",
                verb.raw,
                verb.argument,
                arguments.len()
            )
        })?;
        out.push_str(&rendered(&verb, argument)?);
    }
    if highest < arguments.len() {
        return Err(Failure::Argument(
            highest + 1,
            "too many arguments for the format string".into(),
        ));
    }
    out.push_str(rest);
    Ok(out)
}

/// Reads a verb from the start of a text.
fn parse(text: &str, next: usize) -> Option<(Verb, &str)> {
    let mut verb = Verb {
        argument: next,
        ..Verb::default()
    };
    let mut rest = text.strip_prefix('%')?;
    while let Some(flag) = rest.chars().next().filter(|c| "-+# 0".contains(*c)) {
        match flag {
            '-' => verb.minus = true,
            '+' => verb.plus = true,
            '#' => verb.sharp = true,
            ' ' => verb.space = true,
            _ => verb.zero = true,
        }
        rest = &rest[1..];
    }
    rest = number_at(rest, &mut verb.width);
    if let Some(tail) = rest.strip_prefix('.') {
        verb.precision = Some(0);
        rest = number_at(tail, &mut verb.precision);
    }
    if let Some(tail) = rest.strip_prefix('[') {
        let (digits, tail) = tail.split_once(']')?;
        verb.argument = digits.parse().ok()?;
        rest = tail;
    }
    verb.mode = rest.chars().next().filter(char::is_ascii_alphabetic)?;
    rest = &rest[1..];
    verb.raw = text[..text.len() - rest.len()].to_owned();
    Some((verb, rest))
}

fn number_at<'t>(text: &'t str, into: &mut Option<usize>) -> &'t str {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        *into = Some(text[..digits].parse().unwrap_or(usize::MAX));
    }
    &text[digits..]
}

fn rendered(verb: &Verb, argument: &Value) -> Result<String, Failure> {
    let unsupported =
        |why: String| Failure::Call(format!("unsupported value for \"{}\": {why}", verb.raw));
    let to = |ty: &Type| convert(argument, ty).map_err(unsupported);
    if verb.mode != 'v' && argument.is_null() {
        return Err(unsupported("null value cannot be formatted".into()));
    }
    match verb.mode {
        'v' => Ok(padded(verb, as_is(verb, argument))),
        't' => Ok(if to(&Type::Bool)?.as_bool() == Some(true) {
            "true"
        } else {
            "false"
        }
        .to_owned()),
        'b' | 'd' | 'o' | 'x' | 'X' => {
            let value = to(&Type::Number)?;
            let number = value.as_number().and_then(Number::to_big);
            let number = number.ok_or_else(|| {
                Failure::Call(format!(
                    "unsupported value for \"{}\": an integer is required",
                    verb.raw
                ))
            })?;
            Ok(integer(verb, &number))
        }
        'e' | 'E' | 'f' | 'g' | 'G' => {
            let value = to(&Type::Number)?;
            Ok(value
                .as_number()
                .map(|number| float(verb, number))
                .unwrap_or_default())
        }
        's' | 'q' => {
            let value = to(&Type::String)?;
            let mut text = value.as_str().unwrap_or_default().to_owned();
            if let Some(precision) = verb.precision.filter(|precision| *precision > 0) {
                text = text.graphemes(true).take(precision).collect();
            }
            Ok(padded(
                verb,
                if verb.mode == 'q' {
                    json_text(&Value::string(text))
                } else {
                    text
                },
            ))
        }
        other => Err(Failure::Call(format!(
            "unsupported format verb '{other}' in \"{}\"",
            verb.raw
        ))),
    }
}

fn as_is(verb: &Verb, argument: &Value) -> String {
    match &argument.data {
        Data::String(text) if !verb.sharp => text.to_string(),
        Data::Number(number) if !verb.sharp => general(number, None, 'e'),
        _ => json_text(argument),
    }
}

/// Pads to the width, which counts grapheme clusters.
fn padded(verb: &Verb, text: String) -> String {
    let missing = verb
        .width
        .unwrap_or(0)
        .saturating_sub(text.graphemes(true).count());
    if missing == 0 {
        return text;
    }
    if verb.minus {
        return text + &" ".repeat(missing);
    }
    let fill = if verb.zero { "0" } else { " " };
    fill.repeat(missing) + &text
}

/// A sign and digits padded to the width, zeros between them if asked for.
fn signed(verb: &Verb, negative: bool, prefix: &str, digits: &str, zeros: bool) -> String {
    let sign = if negative {
        "-"
    } else if verb.plus {
        "+"
    } else if verb.space {
        " "
    } else {
        ""
    };
    let width = verb.width.unwrap_or(0);
    let missing = width.saturating_sub(sign.len() + prefix.len() + digits.len());
    if verb.minus {
        return format!("{sign}{prefix}{digits}{}", " ".repeat(missing));
    }
    if verb.zero && zeros {
        return format!("{sign}{prefix}{}{digits}", "0".repeat(missing));
    }
    format!("{}{sign}{prefix}{digits}", " ".repeat(missing))
}

fn integer(verb: &Verb, number: &num_bigint::BigInt) -> String {
    let radix = match verb.mode {
        'b' => 2,
        'o' => 8,
        'd' => 10,
        _ => 16,
    };
    let mut digits = number.magnitude().to_str_radix(radix);
    if verb.mode == 'X' {
        digits = digits.to_uppercase();
    }
    if let Some(precision) = verb.precision {
        digits = "0".repeat(precision.saturating_sub(digits.len())) + &digits;
    }
    let prefix = match verb.mode {
        'x' if verb.sharp => "0x",
        'X' if verb.sharp => "0X",
        'o' if verb.sharp => "0",
        _ => "",
    };
    signed(
        verb,
        number.sign() == num_bigint::Sign::Minus,
        prefix,
        &digits,
        verb.precision.is_none(),
    )
}

fn float(verb: &Verb, number: &Number) -> String {
    if number.is_infinite() {
        return signed(
            verb,
            number.is_negative(),
            if number.is_negative() || verb.plus {
                ""
            } else {
                "+"
            },
            "Inf",
            false,
        );
    }
    let digits = match verb.mode {
        'f' => fixed(number, verb.precision.unwrap_or(6)),
        'e' | 'E' => exponential(number, Some(verb.precision.unwrap_or(6)), verb.mode),
        'g' => general(&magnitude(number), verb.precision, 'e'),
        _ => general(&magnitude(number), verb.precision, 'E'),
    };
    signed(verb, number.is_negative(), "", &digits, true)
}

fn magnitude(number: &Number) -> Number {
    if number.is_negative() {
        number.negated()
    } else {
        number.clone()
    }
}

/// The digits of a magnitude without zeros around, and the point's place in them.
fn trimmed(number: &Number, shortest: bool) -> (Vec<u8>, i64) {
    let (digits, point) = if shortest {
        number.shortest()
    } else {
        number.exact()
    };
    let lead = digits.iter().take_while(|digit| **digit == b'0').count();
    let mut digits = digits[lead..].to_vec();
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    if digits.is_empty() {
        (digits, 0)
    } else {
        (digits, point - i64::try_from(lead).unwrap_or(0))
    }
}

/// The digits rounded to `keep` places, and the point's place in them.
fn rounded(number: &Number, keep: i64) -> (Vec<u8>, i64) {
    let (digits, point) = trimmed(number, false);
    let Ok(keep) = usize::try_from(keep) else {
        return (Vec::new(), 0);
    };
    if keep >= digits.len() {
        return (digits, point);
    }
    // A zero in front takes the carry of 9.99.
    let carried = round([vec![b'0'], digits].concat(), keep + 1);
    if carried[0] == b'0' {
        (carried[1..=keep].to_vec(), point)
    } else {
        (carried[..=keep].to_vec(), point + 1)
    }
}

fn fixed(number: &Number, precision: usize) -> String {
    let (_, point) = trimmed(number, false);
    let (digits, point) = rounded(number, point + i64::try_from(precision).unwrap_or(0));
    let at = |place: i64| {
        usize::try_from(place)
            .ok()
            .and_then(|place| digits.get(place))
            .map_or('0', |digit| char::from(*digit))
    };
    let whole: String = (0..point.max(0)).map(at).collect();
    let fraction: String = (0..i64::try_from(precision).unwrap_or(0))
        .map(|place| at(point + place))
        .collect();
    let whole = if whole.is_empty() {
        "0".to_owned()
    } else {
        whole
    };
    if fraction.is_empty() {
        whole
    } else {
        format!("{whole}.{fraction}")
    }
}

fn exponential(number: &Number, precision: Option<usize>, letter: char) -> String {
    let (digits, point) = match precision {
        Some(precision) => rounded(number, i64::try_from(precision).unwrap_or(0) + 1),
        None => trimmed(number, true),
    };
    let exponent = if digits.is_empty() { 0 } else { point - 1 };
    let text: String = digits.iter().map(|digit| char::from(*digit)).collect();
    let (first, tail) = if text.is_empty() {
        ("0", "")
    } else {
        text.split_at(1)
    };
    let tail = match precision {
        Some(precision) => format!("{tail:0<precision$}"),
        None => tail.to_owned(),
    };
    let sign = if exponent < 0 { '-' } else { '+' };
    let dot = if tail.is_empty() { "" } else { "." };
    format!("{first}{dot}{tail}{letter}{sign}{:02}", exponent.abs())
}

/// `%g`: an exponent where the number is very large or small. Without a precision the shortest digits are used.
fn general(number: &Number, precision: Option<usize>, letter: char) -> String {
    if number.is_infinite() {
        return number.to_string();
    }
    let sign = if number.is_negative() { "-" } else { "" };
    let magnitude = magnitude(number);
    let (digits, point) = match precision {
        Some(precision) => rounded(&magnitude, i64::try_from(precision.max(1)).unwrap_or(1)),
        None => trimmed(&magnitude, true),
    };
    let count = i64::try_from(digits.len()).unwrap_or(0);
    let limit = match precision.map(|precision| i64::try_from(precision.max(1)).unwrap_or(1)) {
        None => 6,
        Some(limit) if limit > count && count >= point => count,
        Some(limit) => limit,
    };
    let exponent = point - 1;
    if !digits.is_empty() && (exponent < -4 || exponent >= limit) {
        let precision = precision.map(|_| digits.len().saturating_sub(1));
        return format!("{sign}{}", exponential(&magnitude, precision, letter));
    }
    let places = usize::try_from((count - point).max(0)).unwrap_or(0);
    format!("{sign}{}", fixed(&magnitude, places))
}

/// The digits that order numbers inside the elements of a set.
pub(in crate::hcl) fn general_digits(number: &Number, precision: usize) -> String {
    general(number, Some(precision), 'e')
}

/// A text in quotes with escapes, as Go's `%q` writes it.
pub(in crate::hcl) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
