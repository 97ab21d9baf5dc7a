//! Files, paths and templates.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Entry, Failure, Given, text_of};
use crate::hcl::diagnostic::Diagnostic;
use crate::hcl::eval::template_text;
use crate::hcl::parse::parse_template;
use crate::hcl::references::template_references;
use crate::hcl::scope::{Context, Unread, Variables};
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
        let found = c.scope.files().exists(text_of(a, 0));
        Ok(Value::bool(
            found.map_err(|why| unread(why, text_of(a, 0)))?,
        ))
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
    let path = text_of(arguments, 0);
    let read = ctx.scope.files().read(path);
    read.map_err(|why| match why {
        Unread::Wrong(why) => Failure::Argument(0, why),
        Unread::Outside => unread(why, path),
    })
}

/// What becomes of a call whose file or folder was not looked at.
pub(super) fn unread(why: Unread, path: &str) -> Failure {
    match why {
        Unread::Wrong(why) => Failure::Call(why),
        Unread::Outside => Failure::Unknown(NotEvaluated::Outside(path.into()).into()),
    }
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
    });
    let files = files.map_err(|why| unread(why, folder))?;
    let alternatives = expand_braces(inner).ok_or_else(|| {
        let most = format!("This pattern stands for more than {MOST_ALTERNATIVES} others.");
        Failure::Diagnostic(ctx.scope.budget().over(most))
    })?;
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

/// A pattern with braces stands for so many without, at most.
const MOST_ALTERNATIVES: usize = 1024;

/// The patterns without braces that one with braces stands for; nothing where there are too many.
fn expand_braces(pattern: &str) -> Option<Vec<String>> {
    let whole = || Some(vec![pattern.to_owned()]);
    let Some(open) = pattern.find('{') else {
        return whole();
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
        return whole();
    };
    let mut out = Vec::new();
    for pair in cuts.windows(2) {
        let choice = &pattern[pair[0] + 1..pair[1]];
        let (before, behind) = (&pattern[..open], &pattern[close + 1..]);
        out.extend(expand_braces(&format!("{before}{choice}{behind}"))?);
        if out.len() > MOST_ALTERNATIVES {
            return None;
        }
    }
    Some(out)
}

/// Whether the parts of a path match those of a pattern; `**` stands for any number of parts.
fn glob(pattern: &[&str], path: &[&str]) -> bool {
    let step = |part: &&str, name: &&str| match *part {
        "**" => Step::Stay,
        part if glob_part(part, name) => Step::Next,
        _ => Step::Stop,
    };
    walked(pattern, path, |part| *part == "**", step)
}

/// One place of a pattern of `*`, `?` and `[…]`.
enum Place<'p> {
    Any,
    One,
    Class(&'p str),
    Literal(char),
}

/// Whether a name matches a pattern of `*`, `?` and `[…]`.
fn glob_part(pattern: &str, name: &str) -> bool {
    let Some(places) = places(pattern) else {
        return false;
    };
    let name: Vec<char> = name.chars().collect();
    let step = |place: &Place<'_>, c: &char| {
        let fits = match place {
            Place::Any => return Step::Stay,
            Place::One => true,
            Place::Class(class) => in_class(class, *c),
            Place::Literal(literal) => literal == c,
        };
        if fits { Step::Next } else { Step::Stop }
    };
    walked(&places, &name, |place| matches!(place, Place::Any), step)
}

/// The places of a pattern; nothing where it is none.
fn places(pattern: &str) -> Option<Vec<Place<'_>>> {
    let mut out = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '*' => Place::Any,
            '?' => Place::One,
            '[' => {
                let rest = chars.as_str();
                let close = rest.find(']')?;
                chars = rest[close + 1..].chars();
                Place::Class(&rest[..close])
            }
            '\\' => Place::Literal(chars.next()?),
            literal => Place::Literal(literal),
        });
    }
    Some(out)
}

/// What one element of a text does to a place of a pattern.
enum Step {
    /// The place stands for this element and may stand for more.
    Stay,
    /// The place stands for this element.
    Next,
    /// It does not.
    Stop,
}

/// Whether a pattern stands for a text, in time of their product: all ways are gone at once. A place that is `open` may stand
/// for nothing.
fn walked<P, T>(
    pattern: &[P],
    text: &[T],
    open: impl Fn(&P) -> bool,
    step: impl Fn(&P, &T) -> Step,
) -> bool {
    let mut reached = vec![false; pattern.len() + 1];
    reached[0] = true;
    let pass = |reached: &mut Vec<bool>| {
        for (at, place) in pattern.iter().enumerate() {
            reached[at + 1] |= reached[at] && open(place);
        }
    };
    pass(&mut reached);
    for element in text {
        let mut next = vec![false; reached.len()];
        for (at, place) in pattern.iter().enumerate().filter(|(at, _)| reached[*at]) {
            match step(place, element) {
                Step::Stay => next[at] = true,
                Step::Next => next[at + 1] = true,
                Step::Stop => {}
            }
        }
        pass(&mut next);
        reached = next;
    }
    reached.last() == Some(&true)
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
                .unwrap()
                .iter()
                .any(|pattern| glob(&pattern.split('/').collect::<Vec<_>>(), &path))
        };
        assert!(matches("*.{yaml,yml}", "a.yml") && !matches("*.{yaml,yml}", "d/a.yml"));
        assert!(
            matches("**/*.json", "a.json")
                && matches("**/*.json", "x/y/a.json")
                && matches("[a-c]?", "b1")
                && matches("**/a/**/a", "x/a/a")
                && !matches("**/a/**/a", "a/x")
        );
        let long = "a".repeat(2000);
        assert!(!matches(&format!("{}b", "*a".repeat(200)), &long));
        assert!(matches(
            "**/".repeat(200).trim_end_matches('/'),
            &"a/".repeat(200)
        ));
        assert!(expand_braces(&"{a,b}".repeat(60)).is_none());
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
