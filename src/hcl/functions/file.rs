//! Files, paths and templates.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Entry, Failure, Given, text_of};
use crate::hcl::diagnostic::Diagnostic;
use crate::hcl::eval::template_text;
use crate::hcl::parse::parse_template;
use crate::hcl::references::template_references;
use crate::hcl::scope::{Context, Variables};
use crate::hcl::types::Type;
use crate::hcl::value::{Data, Members, Value};
use crate::model::NotEvaluated;

pub(super) const TABLE: &[Entry] = &[
    ("abspath", "string -> string", |a, c| {
        let path = c.scope.files().absolute(text_of(a, 0));
        Ok(path.map_or_else(|| Value::unknown(NotEvaluated::Machine), Value::string))
    }),
    ("basename", "string -> string", |a, _| {
        Ok(Value::string(basename(text_of(a, 0))))
    }),
    ("dirname", "string -> string", |a, _| {
        Ok(Value::string(dirname(text_of(a, 0))))
    }),
    ("file", "string -> string", |a, c| {
        Ok(Value::string(read_text(a, c)?))
    }),
    ("filebase64", "string -> string", |a, c| {
        Ok(Value::string(STANDARD.encode(read(a, c)?)))
    }),
    ("fileexists", "string -> bool", |a, c| {
        Ok(Value::bool(c.scope.files().exists(text_of(a, 0))?))
    }),
    ("fileset", "string, string -> set", fileset),
    ("pathexpand", "string -> string", |a, c| {
        pathexpand(text_of(a, 0), c)
    }),
    ("templatefile", "~string, any -> any?", templatefile),
    ("templatestring", "~string, any -> any?", |a, c| {
        render(text_of(a, 0), "<templatestring argument>", a, c)
    }),
];

fn read(arguments: &[Value], ctx: &Context<'_>) -> Result<Vec<u8>, Failure> {
    ctx.scope
        .files()
        .read(text_of(arguments, 0))
        .map_err(|why| Failure::Argument(0, why))
}

fn read_text(arguments: &[Value], ctx: &Context<'_>) -> Result<String, Failure> {
    let path = text_of(arguments, 0);
    let wrong = || {
        Failure::Argument(
            0,
            format!("contents of \"{path}\" are not valid UTF-8; use the filebase64 function"),
        )
    };
    String::from_utf8(read(arguments, ctx)?).map_err(|_| wrong())
}

fn templatefile(arguments: &[Value], ctx: &Context<'_>) -> Given {
    let text = read_text(arguments, ctx)?;
    render(&text, text_of(arguments, 0), arguments, ctx)
}

/// Renders a template with the members of the second argument as its variables.
fn render(text: &str, name: &str, arguments: &[Value], ctx: &Context<'_>) -> Given {
    let values: &Members = match &arguments[1].data {
        Data::Map(_, members) | Data::Object(members) => members,
        _ => {
            return Err(Failure::Argument(
                1,
                "invalid vars value: must be a map".into(),
            ));
        }
    };
    let template = parse_template(text).map_err(|error| {
        Failure::Argument(0, format!("{name}:{}: {}", error.line, error.message))
    })?;
    if let Some(name) = values.keys().find(|name| !is_identifier(name)) {
        let why =
            "must start with a letter, followed by zero or more letters, digits, and underscores";
        return Err(Failure::Argument(
            1,
            format!("invalid template variable name \"{name}\": {why}"),
        ));
    }
    if let Some((missing, _)) = template_references(&template)
        .iter()
        .find(|(reference, _)| !values.contains_key(reference.root.as_str()))
    {
        return Err(Failure::Argument(
            1,
            format!("vars map does not contain key \"{}\"", missing.root),
        ));
    }
    let scope = Variables {
        values,
        around: ctx.scope,
    };
    let lacking = std::cell::OnceCell::new();
    template_text(&template, &Context::new(&scope, &lacking)).map_err(|diagnostic| {
        if diagnostic.over_budget {
            // Its place is the call's: the one in the template is another text's.
            return Failure::Diagnostic(Diagnostic {
                span: None,
                ..diagnostic
            });
        }
        Failure::Call(format!(
            "{name}: {}: {}",
            diagnostic.summary, diagnostic.detail
        ))
    })
}

/// Whether a template could refer to a variable of the name.
fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    first && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// The last part of a path.
fn basename(path: &str) -> String {
    if path.is_empty() {
        return ".".into();
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        "/".into()
    } else {
        trimmed.rsplit('/').next().unwrap_or(trimmed).into()
    }
}

/// What stands before the last part of a path, cleaned.
fn dirname(path: &str) -> String {
    clean(path.rfind('/').map_or("", |at| &path[..=at]))
}

/// A path without empty parts, `.` and `..` where it can do without.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".into(),
        (false, false) => joined,
    }
}

fn pathexpand(path: &str, ctx: &Context<'_>) -> Given {
    let Some(rest) = path.strip_prefix('~') else {
        return Ok(Value::string(path));
    };
    if !rest.is_empty() && !rest.starts_with('/') {
        return Err("cannot expand user-specific home dir".into());
    }
    Ok(match ctx.scope.files().home() {
        Some(home) => Value::string(format!("{home}{rest}")),
        None => Value::unknown(NotEvaluated::Machine),
    })
}

fn fileset(arguments: &[Value], ctx: &Context<'_>) -> Given {
    let (folder, pattern) = (text_of(arguments, 0), text_of(arguments, 1));
    // Where the pattern begins with folders, those are gone into; what leads out leads back in every path found.
    let (mut inner, mut ahead) = (pattern, Vec::new());
    while let Some((part, rest)) = inner
        .split_once('/')
        .filter(|(part, _)| !part.contains(['*', '?', '[', '{', '}', '\\']))
    {
        ahead.push(part);
        inner = rest;
    }
    let ahead = clean(&ahead.join("/"));
    let folder = if folder.is_empty() { "." } else { folder };
    let files = ctx.scope.files().below(&if ahead == "." {
        folder.to_owned()
    } else {
        clean(&format!("{folder}/{ahead}"))
    })?;
    let alternatives = expand_braces(inner);
    let parts: Vec<Vec<&str>> = alternatives
        .iter()
        .map(|pattern| pattern.split('/').collect())
        .collect();
    let matches = |path: &String| {
        parts
            .iter()
            .any(|pattern| glob(pattern, &path.split('/').collect::<Vec<_>>()))
    };
    if !is_pattern(pattern) {
        return Err(Failure::Call(format!(
            "failed to glob pattern \"{pattern}\": syntax error in pattern"
        )));
    }
    let found = files
        .iter()
        .filter(|path| matches(path))
        .map(|path| Value::string(relative(folder, &ahead, path)))
        .collect();
    Ok(Value::set(Type::String, found))
}

/// The path from `folder` to a file below `folder/ahead`.
fn relative(folder: &str, ahead: &str, path: &str) -> String {
    let whole = clean(&format!("{ahead}/{path}"));
    let up = whole.split('/').take_while(|part| *part == "..").count();
    let own = clean(folder);
    let own: Vec<&str> = own.split('/').filter(|part| *part != ".").collect();
    let Some(left) = own.len().checked_sub(up) else {
        return whole;
    };
    // Of the folders left behind, those that are entered again need not be left.
    let parts: Vec<&str> = whole.split('/').skip(up).collect();
    let same = own[left..]
        .iter()
        .zip(&parts)
        .take_while(|(own, part)| own == part)
        .count();
    [vec![".."; up - same], parts[same..].to_vec()]
        .concat()
        .join("/")
}

/// Whether every bracket and brace of a pattern is closed and every backslash has something behind it.
fn is_pattern(pattern: &str) -> bool {
    let mut depth = 0_usize;
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        let sound = match c {
            '\\' => chars.next().is_some(),
            '{' => {
                depth += 1;
                true
            }
            '}' if depth == 0 => false,
            '}' => {
                depth -= 1;
                true
            }
            '[' => {
                _ = chars.next_if(|c| matches!(c, '^' | '!'));
                chars.peek() != Some(&']') && closes_class(&mut chars)
            }
            _ => true,
        };
        if !sound {
            return false;
        }
    }
    depth == 0
}

/// Goes behind the bracket that ends a class.
fn closes_class(chars: &mut impl Iterator<Item = char>) -> bool {
    while let Some(c) = chars.next() {
        match c {
            ']' => return true,
            '\\' => _ = chars.next(),
            _ => {}
        }
    }
    false
}

/// `a{b,c}` as `ab` and `ac`.
fn expand_braces(pattern: &str) -> Vec<String> {
    let Some(open) = pattern.find('{') else {
        return vec![pattern.to_owned()];
    };
    let mut depth = 0;
    let mut cuts = vec![open];
    for (at, c) in pattern.char_indices().skip_while(|(at, _)| *at < open) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => cuts.push(at),
            _ => {}
        }
        if depth == 0 {
            cuts.push(at);
            break;
        }
    }
    let Some(close) = cuts.last().copied().filter(|_| depth == 0) else {
        return vec![pattern.to_owned()];
    };
    let choices = cuts.windows(2).map(|pair| &pattern[pair[0] + 1..pair[1]]);
    choices
        .flat_map(|choice| {
            expand_braces(&format!(
                "{}{choice}{}",
                &pattern[..open],
                &pattern[close + 1..]
            ))
        })
        .collect()
}

/// Whether the parts of a path match those of a pattern; `**` stands for any number of parts.
fn glob(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            glob(rest, path)
                || path
                    .split_first()
                    .is_some_and(|(_, tail)| glob(pattern, tail))
        }
        (Some((part, rest)), Some((name, tail))) => glob_part(part, name) && glob(rest, tail),
        _ => false,
    }
}

/// Whether a name matches a pattern of `*`, `?` and `[…]`.
fn glob_part(pattern: &str, name: &str) -> bool {
    let mut chars = pattern.chars();
    let Some(first) = chars.next() else {
        return name.is_empty();
    };
    let rest = chars.as_str();
    let mut tail = name.chars();
    let next = tail.next();
    match first {
        '*' => glob_part(rest, name) || (next.is_some() && glob_part(pattern, tail.as_str())),
        '?' => next.is_some() && glob_part(rest, tail.as_str()),
        '[' => match (rest.find(']'), next) {
            (Some(close), Some(next)) => {
                in_class(&rest[..close], next) && glob_part(&rest[close + 1..], tail.as_str())
            }
            _ => false,
        },
        '\\' => match chars.next() {
            Some(literal) => next == Some(literal) && glob_part(chars.as_str(), tail.as_str()),
            None => false,
        },
        literal => next == Some(literal) && glob_part(rest, tail.as_str()),
    }
}

fn in_class(class: &str, c: char) -> bool {
    let (class, negated) = class
        .strip_prefix(['^', '!'])
        .map_or((class, false), |class| (class, true));
    let chars: Arc<[char]> = class.chars().collect();
    let mut at = 0;
    let mut found = false;
    while at < chars.len() {
        if chars.get(at + 1) == Some(&'-') && at + 2 < chars.len() {
            found |= (chars[at]..=chars[at + 2]).contains(&c);
            at += 3;
        } else {
            found |= chars[at] == c;
            at += 1;
        }
    }
    found != negated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_paths() {
        let matches = |pattern: &str, path: &str| {
            let path: Vec<&str> = path.split('/').collect();
            expand_braces(pattern)
                .iter()
                .any(|pattern| glob(&pattern.split('/').collect::<Vec<_>>(), &path))
        };
        assert!(matches("*.{yaml,yml}", "a.yml") && !matches("*.{yaml,yml}", "d/a.yml"));
        assert!(
            matches("**/*.json", "a.json")
                && matches("**/*.json", "x/y/a.json")
                && matches("[a-c]?", "b1")
        );
    }

    #[test]
    fn paths_are_taken_apart() {
        assert_eq!(
            (dirname("a/b/c.txt"), basename("a/b/c.txt")),
            ("a/b".into(), "c.txt".into())
        );
        assert_eq!(
            (dirname("c.txt"), basename("a/b/")),
            (".".into(), "b".into())
        );
    }
}
