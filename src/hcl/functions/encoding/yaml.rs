//! YAML: one document, scalars resolved by the rules of YAML 1.1 with tofu's own exceptions.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::super::super::number::Number;
use super::super::date::yaml_timestamp;
use crate::hcl::convert::convert;
use crate::hcl::types::Type;
use crate::hcl::value::{Data, Members, Value};

/// Lines of double-quoted text are folded at the first space beyond this column.
const FOLD_AT: usize = 80;

/// Reads one YAML document.
///
/// # Errors
/// A phrase with the line where it is wrong.
pub(super) fn decode(text: &str) -> Result<Value, String> {
    if text.trim_start_matches('\n').starts_with('\t') && !text.trim().is_empty() {
        return Err("found a tab where only spaces may indent".into());
    }
    let directive = |line: &&str| line.split_whitespace().next() == Some("%YAML");
    if text
        .lines()
        .take_while(|line| *line != "---")
        .find(directive)
        .is_some_and(|line| !line.contains("1.1"))
    {
        return Err("found incompatible YAML document".into());
    }
    let cut = text
        .lines()
        .next_back()
        .filter(|line| !line.trim().is_empty() && !text.ends_with('\n'));
    let open_end = cut.map_or(usize::MAX, |_| text.chars().count());
    let mut reader = Reader {
        events: Parser::new_from_str(text),
        anchors: HashMap::new(),
        depth: 0,
        line: 0,
        open_end,
    };
    while !matches!(reader.next()?, Event::DocumentStart(_)) {
        if reader.line == usize::MAX {
            return Err("missing start of document".into());
        }
    }
    let first = reader.next()?;
    let value = reader.node(first)?;
    loop {
        match reader.next()? {
            Event::DocumentStart(_) => {
                return Err(format!(
                    "on line {}: only a single document is allowed",
                    reader.line
                ));
            }
            Event::StreamEnd | Event::Nothing => return Ok(value),
            _ => {}
        }
    }
}

/// Documents nest no deeper than this; tofu reads deeper ones, of which there are none.
const MOST_NESTED: usize = 256;

struct Reader<'t> {
    events: Parser<'t, saphyr_parser::StrInput<'t>>,
    anchors: HashMap<usize, Value>,
    depth: usize,
    line: usize,
    /// Where a text ends that has no line break at its end: a block that ends there has none either.
    open_end: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Event<'t>, String> {
        match self.events.next() {
            Some(Ok((event, span))) => {
                self.line = span.start.line();
                match event {
                    Event::Scalar(
                        text,
                        style @ (ScalarStyle::Literal | ScalarStyle::Folded),
                        anchor,
                        tag,
                    ) if span.end.index() >= self.open_end => {
                        let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
                        Ok(Event::Scalar(text.into(), style, anchor, tag))
                    }
                    event => Ok(event),
                }
            }
            Some(Err(error)) => Err(format!(
                "on line {}, column {}: {}",
                error.marker().line(),
                error.marker().col() + 1,
                error.info()
            )),
            None => {
                self.line = usize::MAX;
                Ok(Event::Nothing)
            }
        }
    }

    fn node(&mut self, event: Event<'t>) -> Result<Value, String> {
        if self.depth >= MOST_NESTED {
            return Err(format!("on line {}: nested too deep", self.line));
        }
        self.depth += 1;
        let value = self.nested(event);
        self.depth -= 1;
        value
    }

    fn nested(&mut self, event: Event<'t>) -> Result<Value, String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref())?;
                self.remember(anchor, value)
            }
            Event::SequenceStart(anchor, _) => {
                let mut elements = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => elements.push(self.node(event)?),
                    }
                }
                self.remember(anchor, Value::tuple(elements))
            }
            Event::MappingStart(anchor, _) => {
                let members = self.mapping()?;
                self.remember(anchor, Value::object(members))
            }
            Event::Alias(anchor) => self
                .anchors
                .get(&anchor)
                .cloned()
                .ok_or_else(|| format!("on line {}: reference to undefined anchor", self.line)),
            _ => Err(format!("on line {}: unexpected end of document", self.line)),
        }
    }

    fn remember(&mut self, anchor: usize, value: Value) -> Result<Value, String> {
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn mapping(&mut self) -> Result<Members, String> {
        let mut members = Members::new();
        loop {
            let (text, style, tag) = match self.next()? {
                Event::MappingEnd => return Ok(members),
                Event::Scalar(text, style, _, tag) => (text, style, tag),
                _ => {
                    return Err(format!(
                        "on line {}: only strings are allowed as mapping keys",
                        self.line
                    ));
                }
            };
            let line = self.line;
            let event = self.next()?;
            let value = self.node(event)?;
            if text == "<<" && tag.is_none() && style == ScalarStyle::Plain {
                merge(&mut members, &value).map_err(|why| format!("on line {line}: {why}"))?;
                continue;
            }
            let key = convert(&scalar(&text, style, tag.as_deref())?, &Type::String)?;
            let key = key
                .as_str()
                .ok_or_else(|| format!("on line {line}: mapping key cannot be null"))?;
            members.insert(key.into(), value);
        }
    }
}

fn merge(members: &mut Members, value: &Value) -> Result<(), String> {
    let add = |members: &mut Members, from: &Value| {
        let from = from
            .members()
            .ok_or_else(|| format!("cannot merge {} into mapping", from.ty().name()))?;
        members.extend(from.iter().map(|(key, value)| (key.clone(), value.clone())));
        Ok::<(), String>(())
    };
    match value.elements() {
        Some(elements) => elements
            .iter()
            .try_for_each(|element| add(members, element)),
        None => add(members, value),
    }
}

/// The value a scalar stands for.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let tag = tag.map(|tag| {
        if tag.handle == "!" {
            format!("!{}", tag.suffix)
        } else {
            tag.suffix.clone()
        }
    });
    let cannot = |kind: &str| Err(format!("cannot parse \"{text}\" as !!{kind}"));
    let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
    let typed = matches!(
        tag.as_deref(),
        Some("null" | "bool" | "int" | "float" | "timestamp")
    );
    // Quotes outweigh a tag, where the text could be such a scalar at all.
    if quoted
        && typed
        && text
            .chars()
            .next()
            .is_none_or(|c| c.is_ascii_digit() || "+-.yYnNtTfFoO~<mM".contains(c))
    {
        return Ok(Value::string(text));
    }
    match tag.as_deref() {
        None => {}
        Some("str" | "binary") => return Ok(Value::string(text)),
        Some("null") => return Ok(Value::null()),
        Some("bool") => {
            return boolean(text).map_or_else(|| cannot("bool"), |value| Ok(Value::bool(value)));
        }
        Some("int" | "float") => {
            return number(text).map_or_else(|| cannot("float"), |value| Ok(Value::number(value)));
        }
        Some("timestamp") => {
            return yaml_timestamp(text)
                .map_or_else(|| cannot("timestamp"), |value| Ok(Value::string(value)));
        }
        Some(other) => return Err(format!("unsupported tag \"{other}\"")),
    }
    if quoted {
        return Ok(Value::string(text));
    }
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Ok(Value::null());
    }
    if let Some(value) = boolean(text) {
        return Ok(Value::bool(value));
    }
    let infinity = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(infinity, ".inf" | ".Inf" | ".INF") {
        return Ok(Value::number(Number::infinity(text.starts_with('-'))));
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err("floating point NaN is not supported".into());
    }
    if let Some(value) = yaml_timestamp(text) {
        return Ok(Value::string(value));
    }
    Ok(number(text).map_or_else(|| Value::string(text), Value::number))
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(false)
        }
        _ => None,
    }
}

fn number(text: &str) -> Option<Number> {
    let based = |digits: &str, radix: u32| {
        let valid = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        let value = valid
            .then(|| num_bigint::BigInt::parse_bytes(digits.as_bytes(), radix))
            .flatten();
        value.map(Number::big)
    };
    if let Some(digits) = text.strip_prefix("0x") {
        return based(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return based(digits, 8);
    }
    // A sign alone, letters or underscores make it text.
    Number::parse(text)
}

/// A wholly known value as a YAML document.
pub(super) fn encode(value: &Value) -> String {
    let mut out = String::new();
    match &value.data {
        _ if has_members(value) => mapping(value, 0, true, &mut out),
        _ if has_elements(value) => sequence(value, 0, true, &mut out),
        _ => plain(value, 2, &mut out),
    }
    if matches!(value.data, Data::Bool(_) | Data::Number(_) | Data::Null(_)) {
        // A plain scalar alone leaves the document open; the mark closes it.
        out.push_str("\n...");
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn has_members(value: &Value) -> bool {
    value.members().is_some_and(|members| !members.is_empty())
}

fn has_elements(value: &Value) -> bool {
    value
        .elements()
        .is_some_and(|elements| !elements.is_empty())
}

fn start_line(indent: usize, out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(&" ".repeat(indent));
}

fn mapping(value: &Value, indent: usize, inline: bool, out: &mut String) {
    let members: Arc<Members> = value.members().cloned().unwrap_or_default();
    for (at, (key, member)) in members.iter().enumerate() {
        if at > 0 || !inline {
            start_line(indent, out);
        }
        double_quoted(key, usize::MAX, out);
        out.push(':');
        if has_members(member) {
            mapping(member, indent + 2, false, out);
        } else if has_elements(member) {
            sequence(member, indent, false, out);
        } else {
            out.push(' ');
            plain(member, indent + 2, out);
        }
    }
}

fn sequence(value: &Value, indent: usize, inline: bool, out: &mut String) {
    let elements = value.elements().cloned().unwrap_or_default();
    for (at, element) in elements.iter().enumerate() {
        if at > 0 || !inline {
            start_line(indent, out);
        }
        out.push_str("- ");
        if has_members(element) {
            mapping(element, indent + 2, true, out);
        } else if has_elements(element) {
            sequence(element, indent + 2, true, out);
        } else {
            plain(element, indent + 2, out);
        }
    }
}

/// A scalar, or a collection without elements.
fn plain(value: &Value, indent: usize, out: &mut String) {
    match &value.data {
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) if text.contains('\n') && literal_allowed(text) => {
            literal(text, indent, out)
        }
        Data::String(text) => double_quoted(text, indent, out),
        Data::List(..) | Data::Set(..) | Data::Tuple(_) => out.push_str("[]"),
        Data::Map(..) | Data::Object(_) => out.push_str("{}"),
        _ => out.push_str("null"),
    }
}

fn printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
        && !matches!(c, '\u{2028}' | '\u{2029}')
}

fn literal_allowed(text: &str) -> bool {
    !text.contains(" \n") && !text.ends_with(' ') && text.chars().all(printable)
}

fn literal(text: &str, indent: usize, out: &mut String) {
    out.push('|');
    if text.starts_with([' ', '\n']) {
        out.push('2');
    }
    let body = text.strip_suffix('\n');
    match body {
        None => out.push('-'),
        Some(body) if body.is_empty() || body.ends_with('\n') => out.push('+'),
        Some(_) => {}
    }
    out.push('\n');
    for line in body.unwrap_or(text).split('\n') {
        if !line.is_empty() {
            out.push_str(&" ".repeat(indent));
            out.push_str(line);
        }
        out.push('\n');
    }
}

fn double_quoted(text: &str, indent: usize, out: &mut String) {
    out.push('"');
    let chars: Vec<char> = text.chars().collect();
    let mut column = out.rsplit('\n').next().unwrap_or_default().chars().count();
    let mut after_space = false;
    for (at, c) in chars.iter().enumerate() {
        let inner = at > 0 && at + 1 < chars.len();
        if *c == ' ' && indent != usize::MAX && !after_space && column > FOLD_AT && inner {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
            if chars[at + 1] == ' ' {
                out.push('\\');
                column += 1;
            }
            after_space = true;
            continue;
        }
        let before = out.len();
        push_escaped(*c, out);
        column += out[before..].chars().count();
        after_space = *c == ' ';
    }
    out.push('"');
}

fn push_escaped(c: char, out: &mut String) {
    let short = match c {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '\u{85}' => "\\N",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        c if printable(c) => return out.push(c),
        c => {
            let code = u32::from(c);
            _ = match code {
                0..=0xff => write!(out, "\\x{code:02X}"),
                0x100..=0xffff => write!(out, "\\u{code:04X}"),
                _ => write!(out, "\\U{code:08X}"),
            };
            return;
        }
    };
    out.push_str(short);
}
