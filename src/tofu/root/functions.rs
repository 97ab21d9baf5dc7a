//! The few functions that settings of backends and encryption are written with.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::model::Value;

/// Calls a function. Unknown where an argument is, where the function is not one of these, or where it fails.
pub(super) fn call(name: &str, arguments: Vec<Value>, cwd: Option<&str>) -> Value {
    if let Some(unknown) = arguments.iter().find(|value| matches!(value, Value::Unknown(_))) {
        return unknown.clone();
    }
    let failed = || Value::Unknown(format!("the function `{name}` cannot be evaluated with these arguments"));
    let texts: Vec<String> = arguments.iter().map_while(text).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let file = |path: &str| std::fs::read_to_string(Path::new(cwd.unwrap_or_default()).join(path)).ok();
    let found = match (name, texts.as_slice()) {
        ("sensitive" | "nonsensitive", _) => return arguments.into_iter().next().unwrap_or_else(failed),
        ("coalesce", all) => all.iter().find(|text| !text.is_empty()).map(|text| (*text).to_owned()),
        ("tostring", [text]) => Some((*text).to_owned()),
        ("trimspace", [text]) => Some(text.trim().to_owned()),
        ("chomp", [text]) => Some(text.trim_end_matches(['\n', '\r']).to_owned()),
        ("lower", [text]) => Some(text.to_lowercase()),
        ("upper", [text]) => Some(text.to_uppercase()),
        ("trimprefix", [text, prefix]) => Some(text.strip_prefix(prefix).unwrap_or(text).to_owned()),
        ("trimsuffix", [text, suffix]) => Some(text.strip_suffix(suffix).unwrap_or(text).to_owned()),
        ("replace", [text, from, to]) if !from.starts_with('/') => Some(text.replace(from, to)),
        ("basename", [path]) => Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned()),
        ("dirname", [path]) => Path::new(path).parent().map(|parent| parent.display().to_string()),
        ("abspath", [path]) => Some(Path::new(cwd.unwrap_or_default()).join(path).display().to_string()),
        ("base64encode", [text]) => Some(STANDARD.encode(text)),
        ("base64decode", [text]) => STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()),
        ("file", [path]) => file(path),
        ("jsondecode", [text]) => return serde_json::from_str(text).map_or_else(|_| failed(), Value::from_json),
        ("join", [separator]) => arguments
            .get(1)
            .and_then(Value::as_list)
            .and_then(|items| Some(items.iter().map(text).collect::<Option<Vec<_>>>()?.join(separator))),
        _ => return Value::Unknown(format!("the function `{name}` is not evaluated here")),
    };
    found.map_or_else(failed, Value::Text)
}

/// A scalar as text, as a template prints it.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
