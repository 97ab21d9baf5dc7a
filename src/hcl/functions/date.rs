//! Dates and times, RFC 3339 in and out.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::{Entry, Failure, Given, text_of};
use crate::hcl::value::Value;
use crate::model::{NotEvaluated, Unknown};

pub(super) const TABLE: &[Entry] = &[
    ("formatdate", "string, string -> string", |a, _| {
        formatdate(text_of(a, 0), text_of(a, 1))
    }),
    ("plantimestamp", "-> string", |_, _| {
        Ok(Value::unknown(NotEvaluated::Function(
            "plantimestamp".into(),
        )))
    }),
    ("timeadd", "string, string -> string?", |a, _| {
        timeadd(text_of(a, 0), text_of(a, 1))
    }),
    ("timecmp", "string, string -> number", |a, _| {
        timecmp(text_of(a, 0), text_of(a, 1))
    }),
    ("timestamp", "-> string", |_, _| {
        Ok(Value::unknown(Unknown::AFTER_APPLY))
    }),
];

/// A civil time with the offset it was written with.
struct Instant {
    at: Timestamp,
    offset: Offset,
}

impl Instant {
    fn civil(&self) -> jiff::civil::DateTime {
        self.offset.to_datetime(self.at)
    }

    /// `+01:00`, with or without the colon.
    fn offset_text(&self, colon: &str) -> String {
        let seconds = self.offset.seconds();
        let (sign, seconds) = if seconds < 0 {
            ('-', -seconds)
        } else {
            ('+', seconds)
        };
        format!("{sign}{:02}{colon}{:02}", seconds / 3600, seconds / 60 % 60)
    }

    fn zone(&self) -> String {
        if self.offset.seconds() == 0 {
            "Z".into()
        } else {
            self.offset_text(":")
        }
    }

    fn text(&self) -> String {
        format!(
            "{}{}",
            self.civil().strftime("%Y-%m-%dT%H:%M:%S"),
            self.zone()
        )
    }
}

/// Reads RFC 3339, `T` and seconds required.
fn parse(text: &str) -> Result<Instant, String> {
    let wrong = || format!("not a valid RFC3339 timestamp: cannot use \"{text}\"");
    let (date, time) = text.split_once('T').ok_or_else(|| {
        "not a valid RFC3339 timestamp: missing required time introducer 'T'".to_owned()
    })?;
    let cut = time.find(['Z', '+', '-']).ok_or_else(wrong)?;
    let (clock, zone) = time.split_at(cut);
    let digits = |text: &str, pattern: &str| {
        text.len() == pattern.len()
            && text.bytes().zip(pattern.bytes()).all(|(b, p)| {
                if p == b'9' {
                    b.is_ascii_digit()
                } else {
                    b == p
                }
            })
    };
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let zone_fits = zone == "Z" || digits(&zone[1..], "99:99");
    if !digits(date, "9999-99-99")
        || !digits(whole, "99:99:99")
        || !fraction.bytes().all(|b| b.is_ascii_digit())
        || !zone_fits
    {
        return Err(wrong());
    }
    instant(date, clock, zone).ok_or_else(wrong)
}

fn instant(date: &str, clock: &str, zone: &str) -> Option<Instant> {
    let civil: jiff::civil::DateTime = format!("{date}T{clock}").parse().ok()?;
    let offset = if zone.eq_ignore_ascii_case("z") {
        Offset::UTC
    } else {
        zone_offset(zone)?
    };
    Some(Instant {
        at: offset.to_timestamp(civil).ok()?,
        offset,
    })
}

fn zone_offset(zone: &str) -> Option<Offset> {
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone[1..].split_once(':').unwrap_or((&zone[1..], "0"));
    Offset::from_seconds(
        sign * (hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60),
    )
    .ok()
}

fn timeadd(time: &str, duration: &str) -> Given {
    let instant = parse(time)?;
    let duration =
        parse_duration(duration).ok_or_else(|| format!("time: invalid duration \"{duration}\""))?;
    let at = instant
        .at
        .checked_add(duration)
        .map_err(|_| Failure::Call("the time is out of range".into()))?;
    Ok(Value::string(Instant { at, ..instant }.text()))
}

/// Reads `1h30m`, `-1.5h`, `300ms`.
fn parse_duration(text: &str) -> Option<SignedDuration> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(SignedDuration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut nanos = 0_i128;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, tail) = rest.split_at(digits);
        let end = tail
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        nanos += scaled(number, unit)?;
        rest = tail;
    }
    let nanos = if negative { -nanos } else { nanos };
    // A duration is a machine integer of nanoseconds, some 292 years.
    let nanos = i64::try_from(nanos).ok().map(i128::from)?;
    let seconds = i64::try_from(nanos / 1_000_000_000).ok()?;
    Some(SignedDuration::new(
        seconds,
        i32::try_from(nanos % 1_000_000_000).ok()?,
    ))
}

/// A decimal number of units as nanoseconds.
fn scaled(number: &str, unit: &str) -> Option<i128> {
    let unit: i128 = match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut nanos = if whole.is_empty() {
        0
    } else {
        whole.parse::<i128>().ok()?
    } * unit;
    if !fraction.is_empty() {
        let places = u32::try_from(fraction.len().min(18)).ok()?;
        nanos += fraction
            .get(..fraction.len().min(18))?
            .parse::<i128>()
            .ok()?
            * unit
            / 10_i128.pow(places);
    }
    Some(nanos)
}

fn timecmp(a: &str, b: &str) -> Given {
    let a = parse(a).map_err(|why| Failure::Argument(0, why))?;
    let b = parse(b).map_err(|why| Failure::Argument(1, why))?;
    Ok(Value::int(match a.at.cmp(&b.at) {
        std::cmp::Ordering::Less => -1,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => 1,
    }))
}

fn formatdate(format: &str, time: &str) -> Given {
    let instant = parse(time).map_err(|why| Failure::Argument(1, why))?;
    let mut out = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let (literal, tail) = literal(rest)
                .ok_or_else(|| Failure::Argument(0, "unterminated literal '".into()))?;
            out.push_str(&literal);
            rest = tail;
        } else if first.is_ascii_alphabetic() {
            let length = rest.chars().take_while(|c| *c == first).count();
            let (verb, tail) = rest.split_at(length);
            let text = verb_text(&instant, first, length);
            out.push_str(&text.ok_or_else(|| {
                Failure::Argument(0, format!("invalid date format verb \"{verb}\""))
            })?);
            rest = tail;
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    Ok(Value::string(out))
}

/// A quoted part; two quotes in it stand for one, and so do two alone.
fn literal(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut rest = text.strip_prefix('\'')?;
    if let Some(tail) = rest.strip_prefix('\'') {
        return Some(("'".into(), tail));
    }
    loop {
        let (part, tail) = rest.split_once('\'')?;
        out.push_str(part);
        let Some(tail_after) = tail.strip_prefix('\'') else {
            return Some((out, tail));
        };
        out.push('\'');
        rest = tail_after;
    }
}

fn verb_text(instant: &Instant, verb: char, length: usize) -> Option<String> {
    let civil = instant.civil();
    let padded = |value: i8| match length {
        1 => Some(value.to_string()),
        2 => Some(format!("{value:02}")),
        _ => None,
    };
    let named = |pattern: &str, short: usize| match length {
        3 if short == 3 => Some(
            civil
                .strftime(pattern)
                .to_string()
                .chars()
                .take(3)
                .collect(),
        ),
        4 => Some(civil.strftime(pattern).to_string()),
        _ => None,
    };
    match verb {
        'Y' if length == 2 => Some(format!("{:02}", civil.year() % 100)),
        'Y' if length == 4 => Some(format!("{:04}", civil.year())),
        'M' if length < 3 => padded(civil.month()),
        'M' => named("%B", 3),
        'D' => padded(civil.day()),
        'E' => named("%A", 3),
        'h' => padded(civil.hour()),
        'H' => padded(if civil.hour() % 12 == 0 {
            12
        } else {
            civil.hour() % 12
        }),
        'A' if length == 2 => Some(if civil.hour() < 12 { "AM" } else { "PM" }.into()),
        'a' if length == 2 => Some(if civil.hour() < 12 { "am" } else { "pm" }.into()),
        'm' => padded(civil.minute()),
        's' => padded(civil.second()),
        'Z' => match length {
            1 => Some(instant.zone()),
            3 if instant.offset.seconds() == 0 => Some("UTC".into()),
            3 | 4 => Some(instant.offset_text("")),
            5 => Some(instant.offset_text(":")),
            _ => None,
        },
        _ => None,
    }
}

/// A YAML timestamp as RFC 3339; nothing when the text is none. A bare date is midnight UTC.
pub(super) fn yaml_timestamp(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if bytes.len() < 6 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return None;
    }
    let cut = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let (date, rest) = text.split_at(cut);
    let mut parts = date.split('-').map(|part| {
        part.parse::<i16>()
            .ok()
            .filter(|_| !part.is_empty() && part.len() <= 4)
    });
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() {
        return None;
    }
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    if rest.is_empty() {
        return Some(format!("{date}T00:00:00Z"));
    }
    let (spaced, rest) = (rest.starts_with(' '), &rest[1..]);
    let cut = rest.find(['Z', '+', '-']);
    let (clock, zone) = match cut {
        Some(cut) if !spaced => rest.split_at(cut),
        None if spaced => (rest, "Z"),
        _ => return None,
    };
    let numbers = clock.splitn(3, ':').map(|part| {
        if part.find('.').unwrap_or(part.len()) == 1 {
            format!("0{part}")
        } else {
            part.to_owned()
        }
    });
    let clock = numbers.collect::<Vec<_>>().join(":");
    instant(&date.to_string(), &clock, zone).map(|instant| instant.text())
}
