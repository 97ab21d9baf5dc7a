//! CSV with a header line, as strictly as RFC 4180 has it.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use super::super::{Failure, Given};
use crate::hcl::types::Type;
use crate::hcl::value::{Members, Value};

/// Reads rows as objects with the attributes that the first row names.
pub(super) fn decode(text: &str) -> Given {
    let mut rows = rows(text)?.into_iter();
    let Some((_, header)) = rows.next() else {
        return Err("missing header line".into());
    };
    let mut attributes = BTreeMap::new();
    for name in &header {
        if attributes
            .insert(name.as_str().into(), Type::String)
            .is_some()
        {
            return Err(Failure::Call(format!("duplicate column name \"{name}\"")));
        }
    }
    let mut objects = Vec::new();
    for (line, fields) in rows {
        if fields.len() != header.len() {
            return Err(Failure::Call(format!(
                "CSV parse error on line {line}: wrong number of fields"
            )));
        }
        let members = header
            .iter()
            .zip(&fields)
            .map(|(name, field)| (name.as_str().into(), Value::string(field)));
        objects.push(Value::object(members.collect::<Members>()));
    }
    Ok(Value::list(Type::object(attributes), objects))
}

/// The rows that are not empty, each with its line.
fn rows(text: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
    let text = text.replace("\r\n", "\n");
    let mut chars = text.chars().peekable();
    let (mut rows, mut line) = (Vec::new(), 1);
    while chars.peek().is_some() {
        let start = line;
        if chars.next_if_eq(&'\n').is_some() {
            line += 1;
            continue;
        }
        let mut fields = vec![field(&mut chars, &mut line)?];
        while chars.next_if_eq(&',').is_some() {
            fields.push(field(&mut chars, &mut line)?);
        }
        chars.next_if_eq(&'\n');
        line += 1;
        rows.push((start, fields));
    }
    Ok(rows)
}

fn field(chars: &mut Peekable<Chars<'_>>, line: &mut usize) -> Result<String, String> {
    let mut out = String::new();
    if chars.next_if_eq(&'"').is_none() {
        while let Some(c) = chars.next_if(|c| !matches!(c, ',' | '\n')) {
            if c == '"' {
                return Err(format!(
                    "CSV parse error on line {line}: bare \" in non-quoted field"
                ));
            }
            out.push(c);
        }
        return Ok(out);
    }
    loop {
        match chars.next() {
            None => {
                return Err(format!(
                    "CSV parse error on line {line}: extraneous or missing \" in quoted field"
                ));
            }
            Some('"') if chars.next_if_eq(&'"').is_some() => out.push('"'),
            Some('"') if matches!(chars.peek(), None | Some(',' | '\n')) => return Ok(out),
            Some('"') => {
                return Err(format!(
                    "CSV parse error on line {line}: extraneous or missing \" in quoted field"
                ));
            }
            Some(c) => {
                *line += usize::from(c == '\n');
                out.push(c);
            }
        }
    }
}
