//! Expressions over values.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Expression, Source, Step, refers};
use crate::model::Value;
use crate::model::{GapId, Unknown};

/// Finds objects of a further listing by their self link.
pub trait Lookup {
    /// The body of the object whose link (from `projects/` on) this is.
    fn find(&self, listing: &str, link: &str) -> Option<&Value>;

    /// Why the listing is incomplete, if it is: what is not found in it is then not known.
    fn incomplete(&self, listing: &str) -> Option<GapId>;
}

/// What an expression may look at beside the value at hand.
#[derive(Clone, Copy, Default)]
pub struct Context<'a> {
    /// The whole object.
    pub root: Option<&'a Value>,
    /// The body of its parent.
    pub parent: Option<&'a Value>,
    /// The project ID.
    pub project: &'a str,
    /// The location of the scope.
    pub location: Option<&'a str>,
    /// The key of the parent.
    pub parent_key: Option<&'a str>,
    /// The key of the group in a grouped list.
    pub group: Option<&'a str>,
    /// Further listings.
    pub lookup: Option<&'a dyn Lookup>,
}

/// The value of an expression; borrowed where no step made it anew.
pub(super) fn expression<'v>(
    expression: &'v Expression,
    here: &'v Value,
    context: &Context<'v>,
) -> Option<Cow<'v, Value>> {
    let mut value = expression
        .sources
        .iter()
        .find_map(|s| source(s, here, context));
    for at in &expression.steps {
        value = match (at, value) {
            (Step::Get(path), Some(Cow::Borrowed(value))) => walk(value, path),
            (Step::First, Some(Cow::Borrowed(value))) if !matches!(value, Value::Unknown(_)) => {
                value.as_list().and_then(<[_]>::first).map(Cow::Borrowed)
            }
            (Step::Some, Some(Cow::Borrowed(value))) if has_members(value) => {
                Some(Cow::Borrowed(value))
            }
            (at, value) => step(at, value.map(Cow::into_owned), here, context).map(Cow::Owned),
        };
    }
    value
}

/// True, or anything not empty.
pub fn truthy(value: &Value) -> bool {
    !value.is_empty() && value.as_text() != Some("false")
}

fn source<'v>(
    source: &'v Source,
    here: &'v Value,
    context: &Context<'v>,
) -> Option<Cow<'v, Value>> {
    let text = |text: &str| Cow::Owned(Value::text(text));
    match source {
        Source::Here(path) => walk(here, path),
        Source::Root(path) => walk(context.root.unwrap_or(here), path),
        Source::Parent(path) => walk(context.parent?, path),
        Source::Project => Some(text(context.project)),
        Source::Location => context.location.map(text),
        Source::ParentKey => context.parent_key.map(text),
        Source::Group => context.group.map(text),
        Source::Literal(value) => Some(Cow::Borrowed(value)),
    }
}

/// The value at a path; through a list, the values in all its elements. Null is nothing.
fn walk<'v>(value: &'v Value, path: &[String]) -> Option<Cow<'v, Value>> {
    let Some((key, rest)) = path.split_first() else {
        return (*value != Value::Null).then_some(Cow::Borrowed(value));
    };
    match value {
        // What could not be read stays not known, however deep one looks.
        Value::Unknown(_) => Some(Cow::Borrowed(value)),
        Value::Map(map) => walk(map.get(key)?, rest),
        Value::List(items) => match key.parse::<usize>() {
            Ok(index) => walk(items.get(index)?, rest),
            Err(_) => {
                let inside = items
                    .iter()
                    .filter_map(|item| walk(item, path).map(Cow::into_owned));
                Some(Cow::Owned(Value::List(inside.collect())))
            }
        },
        _ => None,
    }
}

/// Whether `some` leaves a value as it is.
fn has_members(value: &Value) -> bool {
    match value {
        Value::Map(map) => !map.is_empty(),
        Value::List(items) => {
            !items.is_empty()
                && items
                    .iter()
                    .all(|item| !matches!(item, Value::Map(map) if map.is_empty()))
        }
        _ => true,
    }
}

fn step(step: &Step, value: Option<Value>, here: &Value, context: &Context<'_>) -> Option<Value> {
    match (step, value) {
        (_, Some(unknown @ Value::Unknown(_))) => Some(unknown),
        (Step::Or(other), None) => Some(other.clone()),
        (Step::Fallback(other), value) => Some(
            value
                .filter(|v| !v.is_empty())
                .unwrap_or_else(|| other.clone()),
        ),
        (Step::Not, value) => Some(Value::Bool(!value.is_some_and(|v| truthy(&v)))),
        (Step::Present, value) => Some(Value::Bool(value.is_some_and(|v| !v.is_empty()))),
        (Step::Exists, value) => Some(Value::Bool(value.is_some())),
        (Step::With(path), value) => {
            let more = source(path, here, context).map(Cow::into_owned);
            let lists = [value, more].into_iter().flatten();
            let items = lists.flat_map(|list| match list {
                Value::List(items) => items,
                one => vec![one],
            });
            Some(Value::List(items.collect()))
        }
        (Step::Equals(word), value) => Some(Value::Bool(
            value.is_some_and(|v| spelt(&v).as_deref() == Some(word)),
        )),
        (Step::In(words), value) => Some(Value::Bool(value.is_some_and(|v| one_of(&v, words)))),
        (Step::Matches(patterns), value) => {
            let text = value.as_ref().and_then(Value::as_text);
            Some(Value::Bool(text.is_some_and(|text| {
                patterns.iter().any(|pattern| fits(text, pattern))
            })))
        }
        (_, None) => None,
        (step, Some(value)) => change(step, value, here, context),
    }
}

fn change(step: &Step, value: Value, here: &Value, context: &Context<'_>) -> Option<Value> {
    match step {
        Step::Get(path) => walk(&value, path).map(Cow::into_owned),
        Step::Field(path) => value
            .as_map()
            .map(|_| walk(&value, path).map(Cow::into_owned).unwrap_or_default()),
        Step::First => value.as_list()?.first().cloned(),
        Step::Json => Some(Value::Text(json(&value))),
        Step::Member(key) => value.as_map()?.get(key).cloned(),
        Step::Onto(path) => {
            let front = source(path, here, context)?;
            Some(Value::text(front.as_text()?.to_owned() + &spelt(&value)?))
        }
        Step::Where(..)
        | Step::Having(_)
        | Step::Distinct(_)
        | Step::Without(_)
        | Step::Flatten
        | Step::Sort => elements(step, value, here, context),
        Step::If(path, words) => guard(path, words, here, context).then_some(value),
        Step::Unless(path, words) => (!guard(path, words, here, context)).then_some(value),
        Step::Some => members(value),
        Step::Nonzero => (!hollow(&value)).then_some(value),
        Step::Or(_) => Some(value),
        Step::Words(yes, no) => Some(Value::text(if truthy(&value) { yes } else { no })),
        Step::Drop(patterns) => sift(value, |text| {
            !patterns.iter().any(|pattern| fits(text, pattern))
        }),
        Step::Only(patterns) => sift(value, |text| {
            patterns.iter().any(|pattern| fits(text, pattern))
        }),
        Step::Wrap(key) => Some(Value::Map(BTreeMap::from([(key.clone(), value)]))),
        Step::List => Some(Value::List(vec![value])),
        Step::Count => Some(Value::int(value.as_list().map_or(0, <[_]>::len) as i64)),
        Step::Join(separator) => {
            let texts: Vec<_> = value.as_list()?.iter().filter_map(Value::as_text).collect();
            Some(Value::text(texts.join(separator)))
        }
        Step::Linked(listing) => context.lookup?.find(listing, value.as_text()?).cloned(),
        Step::Mean(listing, field) => Some(mean(&value, listing, field, context)),
        Step::Found(listing, field) => Some(found(&value, listing, field, context)),
        Step::Entries(_) | Step::Pairs(..) | Step::Table(..) | Step::Keys | Step::Values => {
            maps(step, value)
        }
        _ => each_text(step, value, context),
    }
}

/// An object or list, unless it has no members; objects without members in a list are left out.
fn members(mut value: Value) -> Option<Value> {
    let hollow = |value: &Value| matches!(value, Value::Map(map) if map.is_empty());
    if let Value::List(items) = &mut value {
        items.retain(|item| !hollow(item));
    }
    (!hollow(&value) && !matches!(&value, Value::List(items) if items.is_empty())).then_some(value)
}

/// Steps that turn maps into lists and back.
fn maps(step: &Step, value: Value) -> Option<Value> {
    if let Step::Table(key, member) = step {
        let rows = value.as_list()?.iter().filter_map(|row| {
            let name = row.get(key).and_then(spelt)?;
            let Some((list, at)) = member.split_once('.') else {
                return Some((name, row.get(member).cloned().unwrap_or_default()));
            };
            // An element of a list there; no row where there is none.
            let element = row.get(list)?.as_list()?.get(at.parse::<usize>().ok()?)?;
            Some((name, element.clone()))
        });
        return Some(Value::Map(rows.collect()));
    }
    let Value::Map(map) = value else { return None };
    let list = match step {
        Step::Entries(name) => map
            .into_iter()
            .map(|(key, value)| {
                let mut members = if let Value::Map(members) = value {
                    members
                } else {
                    BTreeMap::new()
                };
                members.insert(name.clone(), Value::Text(key));
                Value::Map(members)
            })
            .collect(),
        Step::Pairs(name, member) => {
            let pair = |(key, value)| {
                Value::Map(BTreeMap::from([
                    (name.clone(), Value::Text(key)),
                    (member.clone(), value),
                ]))
            };
            map.into_iter().map(pair).collect()
        }
        Step::Keys => map.into_keys().map(Value::Text).collect(),
        _ => map.into_values().collect(),
    };
    Some(Value::List(list))
}

/// Steps that choose among or order the elements of a list.
fn elements(step: &Step, value: Value, here: &Value, context: &Context<'_>) -> Option<Value> {
    let Value::List(mut items) = value else {
        return None;
    };
    match step {
        Step::Where(key, words) => items.retain(|item| match item.get(key) {
            Some(value) => one_of(value, words),
            None => words.iter().any(String::is_empty),
        }),
        Step::Having(path) => items.retain(|item| walk(item, path).is_some()),
        Step::Distinct(paths) => {
            let mut seen = Vec::new();
            items.retain(|item| {
                let key: Vec<_> = paths
                    .iter()
                    .map(|path| walk(item, path).map(Cow::into_owned))
                    .collect();
                let new = !seen.contains(&key);
                seen.push(key);
                new
            });
        }
        Step::Without(path) => {
            if let Some(unwanted) = source(path, here, context) {
                items.retain(|item| *item != *unwanted);
            }
        }
        Step::Flatten => {
            items = items
                .into_iter()
                .flat_map(|item| {
                    if let Value::List(inner) = item {
                        inner
                    } else {
                        vec![item]
                    }
                })
                .collect();
        }
        _ => items.sort_by_key(|item| item.as_text().unwrap_or_default().to_owned()),
    }
    Some(Value::List(items))
}

/// Steps on a text, or on each text of a list.
fn each_text(step: &Step, value: Value, context: &Context<'_>) -> Option<Value> {
    if let Value::List(items) = value {
        return Some(Value::List(
            items
                .into_iter()
                .filter_map(|item| each_text(step, item, context))
                .collect(),
        ));
    }
    let text = match value {
        Value::Text(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(b) => b.to_string(),
        _ => return None,
    };
    if let Step::Split(separator) = step {
        return Some(Value::List(
            text.split(separator.as_str()).map(Value::from).collect(),
        ));
    }
    if let Step::Number = step {
        let number = text.parse::<u64>().ok()?;
        return Some(Value::Number(number.into()));
    }
    if let Step::Seconds = step {
        return text.strip_suffix('s')?.parse::<i64>().ok().map(Value::int);
    }
    let out = match step {
        Step::Image(part) => refers::image(&text, *part)?,
        Step::Endpoint(part) => refers::endpoint(&text, *part)?,
        Step::Addresses => {
            let found = refers::addresses(&text).into_iter();
            return Some(Value::List(found.map(Value::text).collect()));
        }
        Step::Last => text.rsplit('/').next()?.to_owned(),
        Step::After(word) => text
            .split('/')
            .skip_while(|part| part != word)
            .nth(1)?
            .to_owned(),
        Step::From(word) => text
            .find(&format!("{word}/"))
            .map_or(text.clone(), |at| text[at..].to_owned()),
        Step::Segment(index) => text.split('/').nth(*index)?.to_owned(),
        Step::Strip(prefix) => text
            .strip_prefix(&fill(prefix, context))
            .unwrap_or(&text)
            .to_owned(),
        Step::Trim(suffix) => text
            .strip_suffix(suffix.as_str())
            .unwrap_or(&text)
            .to_owned(),
        Step::Prefix(prefix) => format!("{}{text}", fill(prefix, context)),
        Step::Suffix(suffix) => format!("{text}{suffix}"),
        Step::Before(word) => text.split(word.as_str()).next()?.to_owned(),
        Step::Behind(word) => text.split_once(word.as_str())?.1.to_owned(),
        Step::Rename(pairs) => pairs
            .iter()
            .find(|(old, _)| *old == text)
            .map_or(text, |(_, new)| new.clone()),
        Step::Upper => text.to_uppercase(),
        Step::Escape => text.replace('%', "%25").replace('/', "%2F"),
        Step::Lower => text.to_lowercase(),
        _ => text,
    };
    Some(Value::Text(out))
}

/// JSON as the provider's language writes it: keys in order, no blanks, and what a web page could mistake for markup escaped.
fn json(value: &Value) -> String {
    let text = match value {
        Value::Text(text) => match serde_json::from_str::<serde_json::Value>(text) {
            Ok(json) => json.to_string(),
            Err(_) => return text.clone(),
        },
        other => other.to_json().to_string(),
    };
    let escapes = [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026")];
    let escaped = |text: String, (mark, code): (char, &str)| text.replace(mark, code);
    escapes.into_iter().fold(text, escaped)
}

fn fill(template: &str, context: &Context<'_>) -> String {
    template
        .replace("{project}", context.project)
        .replace("{location}", context.location.unwrap_or_default())
}

fn guard(path: &Source, words: &[String], here: &Value, context: &Context<'_>) -> bool {
    let value = source(path, here, context);
    match value {
        None => words.iter().any(String::is_empty),
        Some(value) if words.is_empty() => truthy(&value),
        Some(_) if words.iter().any(|word| word == "*") => true,
        Some(value) => one_of(&value, words),
    }
}

fn one_of(value: &Value, words: &[String]) -> bool {
    spelt(value).is_some_and(|text| words.contains(&text))
}

/// A text that is wanted, or the texts of a list that are; what is no text stays.
fn sift(value: Value, wanted: impl Fn(&str) -> bool) -> Option<Value> {
    let keep = |value: &Value| spelt(value).is_none_or(|text| wanted(&text));
    match value {
        Value::List(items) => Some(Value::List(items.into_iter().filter(keep).collect())),
        one => keep(&one).then_some(one),
    }
}

fn spelt(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}

/// Whether a text fits a pattern in which `*` is any text.
pub fn fits(text: &str, pattern: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else {
        return text == pattern;
    };
    let Some(rest) = text.strip_prefix(head) else {
        return false;
    };
    if tail.is_empty() {
        return true;
    }
    rest.char_indices()
        .map(|(at, _)| at)
        .chain([rest.len()])
        .any(|at| fits(&rest[at..], tail))
}

/// Whether nothing but zeros stands in a value.
fn hollow(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().all(hollow),
        Value::Map(map) => map.values().all(hollow),
        other => other.is_empty(),
    }
}

fn mean(links: &Value, listing: &str, field: &[String], context: &Context<'_>) -> Value {
    let texts = links
        .as_list()
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_text);
    let (mut sizes, mut links) = (Vec::new(), 0);
    for link in texts {
        links += 1;
        let found = context.lookup.and_then(|lookup| lookup.find(listing, link));
        sizes.extend(
            found.map(|body| walk(body, field).and_then(|v| v.as_f64()).unwrap_or(0.0) as i64),
        );
    }
    if sizes.len() < links
        && let Some(reason) = context.lookup.and_then(|lookup| lookup.incomplete(listing))
    {
        return Value::Unknown(Unknown::Gap(reason));
    }
    Value::int(if sizes.is_empty() {
        0
    } else {
        sizes.iter().sum::<i64>() / sizes.len() as i64
    })
}

fn found(links: &Value, listing: &str, field: &[String], context: &Context<'_>) -> Value {
    let mut out = Vec::new();
    for link in links.as_list().unwrap_or_default() {
        match context
            .lookup
            .and_then(|lookup| lookup.find(listing, link.as_text()?))
        {
            Some(_) if field.is_empty() => out.push(link.clone()),
            Some(body) => out.extend(walk(body, field).map(Cow::into_owned)),
            None => {
                if let Some(reason) = context.lookup.and_then(|lookup| lookup.incomplete(listing)) {
                    return Value::Unknown(Unknown::Gap(reason));
                }
            }
        }
    }
    Value::List(out)
}

#[cfg(test)]
mod tests {
    use super::super::Expression;
    use super::*;

    #[track_caller]
    fn check(expression: &str, here: &str, expected: &str) {
        let here = Value::from_json(serde_json::from_str(here).unwrap());
        let context = Context {
            root: Some(&here),
            project: "p1",
            location: Some("r1"),
            ..Context::default()
        };
        let parsed = Expression::parse(expression).unwrap();
        let got = parsed
            .value(&here, &context)
            .map_or("nothing".to_owned(), |value| value.to_json().to_string());
        assert_eq!(got, expected, "{expression}");
    }

    #[test]
    fn paths_and_sources() {
        check("a.b", r#"{"a":{"b":1}}"#, "1");
        check("a.b", r#"{"a":{}}"#, "nothing");
        check("a", r#"{"a":null}"#, "nothing");
        check("x ?? a", r#"{"a":2}"#, "2");
        check(
            "items.name",
            r#"{"items":[{"name":"x"},{},{"name":"y"}]}"#,
            r#"["x","y"]"#,
        );
        check("items.0.name", r#"{"items":[{"name":"x"}]}"#, r#""x""#);
        check("@project", "{}", r#""p1""#);
        check("\"a | b\"", "{}", r#""a | b""#);
    }

    #[test]
    fn texts() {
        check("n | last", r#"{"n":"a/b/c"}"#, r#""c""#);
        check(
            "n | after locations",
            r#"{"n":"projects/p/locations/l/x/y"}"#,
            r#""l""#,
        );
        check(
            "n | from projects",
            r#"{"n":"https://h/v1/projects/p"}"#,
            r#""projects/p""#,
        );
        check("n | strip {project}:", r#"{"n":"p1:x"}"#, r#""x""#);
        check("n | rename A B", r#"{"n":"A"}"#, r#""B""#);
        check("n | matches goog-* *-agent", r#"{"n":"goog-x"}"#, "true");
        check(
            "n | matches *@gcp-sa-*.com",
            r#"{"n":"s@gcp-sa-x.iam.com"}"#,
            "true",
        );
        check("n | seconds", r#"{"n":"90s"}"#, "90");
        check("n | number", r#"{"n":"007"}"#, "7");
        check(
            "n | prefix ?id= | onto m",
            r#"{"n":"7","m":"x"}"#,
            r#""x?id=7""#,
        );
        check("n | onto m", r#"{"n":"7"}"#, "nothing");
        let json = r#""{\"a\":1,\"b\":\"\\u003cx\\u003e\"}""#;
        check("n | json", r#"{"n":{"b":"<x>","a":1}}"#, json);
        check("n | json", r#"{"n":"{ \"b\":\"<x>\", \"a\": 1}"}"#, json);
        check("n | json", r#"{"n":"no json"}"#, r#""no json""#);
    }

    #[test]
    fn booleans_and_absence() {
        check("n | equals X", "{}", "false");
        check("n | not", r#"{"n":false}"#, "true");
        check("n | exists", r#"{"n":{}}"#, "true");
        check("n | present", r#"{"n":{}}"#, "false");
        check("n | or {}", "{}", "{}");
        check("n | some", r#"{"n":{}}"#, "nothing");
        check("n | some", r#"{"n":[{},{"a":0}]}"#, r#"[{"a":0}]"#);
        check("n | nonzero", r#"{"n":{"a":0,"b":[""]}}"#, "nothing");
        check("n | if enabled", r#"{"n":1,"enabled":true}"#, "1");
        check("n | if mode ON", r#"{"n":1,"mode":"OFF"}"#, "nothing");
        check("n | if mode ON \"\"", r#"{"n":1}"#, "1");
        check("n | if o *", r#"{"n":1,"o":{}}"#, "1");
        check("n | if o *", r#"{"n":1,"o":null}"#, "nothing");
        check("n | unless o *", r#"{"n":1,"o":[]}"#, "nothing");
        check("n | field a", r#"{"n":{}}"#, "null");
        check("n | field a", "{}", "nothing");
        check("n | words TRUE FALSE", r#"{"n":false}"#, r#""FALSE""#);
    }

    #[test]
    fn lists_and_maps() {
        check(
            r#"l | where t B "" | get v"#,
            r#"{"l":[{"t":"A","v":1},{"v":2},{"t":"B","v":3}]}"#,
            "[2,3]",
        );
        check(
            "l | where t A | first | get v",
            r#"{"l":[{"t":"B","v":1},{"t":"A","v":2}]}"#,
            "2",
        );
        check("l | only //x/*", r#"{"l":["//x/1","y"]}"#, r#"["//x/1"]"#);
        check("l | drop //x/* z", r#"{"l":["//x/1","y"]}"#, r#"["y"]"#);
        check("l | drop y", r#"{"l":"y"}"#, "nothing");
        check(
            "m | entries id",
            r#"{"m":{"x":{"a":1}}}"#,
            r#"[{"a":1,"id":"x"}]"#,
        );
        check("m | pairs k v", r#"{"m":{"x":1}}"#, r#"[{"k":"x","v":1}]"#);
        check("l | table k v", r#"{"l":[{"k":"a","v":1}]}"#, r#"{"a":1}"#);
        check(
            "l | distinct a",
            r#"{"l":[{"a":1,"b":1},{"a":1,"b":2}]}"#,
            r#"[{"a":1,"b":1}]"#,
        );
        check("l | without z", r#"{"l":["x","y"],"z":"x"}"#, r#"["y"]"#);
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in [
            "",
            "a | nosuch",
            "@nobody",
            "a b",
            "a | first x",
            "a | rename x",
            "a | where k",
        ] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
    }
}
