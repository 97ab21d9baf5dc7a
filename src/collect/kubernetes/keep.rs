//! What is kept of an answer of a control plane: what attributes are read from, and of texts that may hold anything what is short and
//! plain, or the addresses in them. Nothing else leaves this file.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::touched::touched;
use crate::catalog::{ClusterKind, endpoints};
use crate::model::{REDACTED, is_secret_name, is_secret_text};

/// A page of objects.
pub(super) struct Kept {
    /// The body to be kept: `{"items": [...]}`.
    pub body: Value,
    /// The token of the next page; empty at the end.
    pub next: String,
    /// Names of the objects.
    pub names: Vec<String>,
}

/// Paths in a body.
#[derive(Default)]
struct Tree {
    /// Whether all that stands here is kept.
    whole: bool,
    below: BTreeMap<String, Tree>,
}

impl Tree {
    fn new(paths: &[Vec<String>]) -> Self {
        let mut out = Self::default();
        for path in paths {
            let mut at = &mut out;
            for key in path.iter().filter(|key| key.parse::<usize>().is_err()) {
                at = at.below.entry(key.clone()).or_default();
            }
            at.whole = true;
        }
        out
    }

    /// What of a value stands at the paths, through lists; all of it at their ends.
    fn cut(&self, value: &mut Value) {
        if self.whole {
            return;
        }
        match value {
            Value::Object(members) => {
                members.retain(|key, _| self.below.contains_key(key));
                for (key, inner) in members {
                    self.below[key].cut(inner);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.cut(item)),
            _ => {}
        }
    }
}

/// What is kept of a list of objects, whole or their metadata.
///
/// # Errors
/// One line, if it is no list.
pub(super) fn objects(body: &str, kind: &ClusterKind) -> Result<Kept, String> {
    let mut body: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
    let next = body.pointer("/metadata/continue").and_then(Value::as_str);
    let next = next.unwrap_or_default().to_owned();
    let Some(Value::Array(mut items)) = body.get_mut("items").map(Value::take) else {
        return Err("the answer has no `items`".to_owned());
    };
    let tree = Tree::new(&kind.paths);
    let mut names = Vec::new();
    for item in &mut items {
        if let Some(touched) = touched(item) {
            item["metadata"]["touched"] = touched;
        }
        tree.cut(item);
        annotations(item, kind);
        for path in &kind.sketched {
            sketched(item, path, &kind.words);
        }
        let name = item.pointer("/metadata/name").and_then(Value::as_str);
        names.extend(name.map(str::to_owned));
    }
    if names.len() != items.len() {
        return Err("an object in the answer has no name".to_owned());
    }
    Ok(Kept {
        body: json!({ "items": items }),
        next,
        names,
    })
}

/// Annotations that a definition names; the rest may hold anything.
fn annotations(item: &mut Value, kind: &ClusterKind) {
    let all = item.pointer_mut("/metadata/annotations");
    if let Some(Value::Object(all)) = all {
        all.retain(|key, _| kind.annotations.contains(key));
    }
}

/// Sketches the texts at a path, through lists.
fn sketched(value: &mut Value, path: &[String], words: &[String]) {
    match (value, path.split_first()) {
        (Value::Array(items), _) => items
            .iter_mut()
            .for_each(|item| sketched(item, path, words)),
        (Value::Object(members), Some((key, rest))) => {
            let named = members.get("name").and_then(Value::as_str);
            let secret = rest.is_empty() && named.is_some_and(is_secret_name);
            match members.get_mut(key) {
                Some(Value::String(text)) if secret => *text = hidden(text),
                Some(inner) => sketched(inner, rest, words),
                None => {}
            }
        }
        (Value::Object(members), None) => {
            for (key, inner) in members {
                match inner {
                    Value::String(text) if is_secret_name(key) => *text = hidden(text),
                    inner => sketched(inner, path, words),
                }
            }
        }
        (Value::String(text), None) => *text = sketch(text, words),
        _ => {}
    }
}

fn hidden(text: &str) -> String {
    match text {
        "" => String::new(),
        _ => REDACTED.to_owned(),
    }
}

/// What may be said of a text: itself, where it is short and made of words and numbers; else the places it names on the network,
/// without users, passwords and paths, and which of some words stand in it; else that it was there.
fn sketch(text: &str, words: &[String]) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut out: Vec<String> = Vec::new();
    let held = |word: &&String| {
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .any(|one| one == word.as_str())
    };
    out.extend(words.iter().filter(held).cloned());
    out.extend(endpoints(text));
    match out.is_empty() {
        true => REDACTED.to_owned(),
        false => out.join(" "),
    }
}

/// Whether a text is short and says nothing that chance made: no secret text, no user in a URL, no long run of letters and digits
/// mixed.
fn is_plain(text: &str) -> bool {
    const LONGEST: usize = 80;
    const RUN: usize = 16;
    let fits = |c: char| c.is_ascii_alphanumeric() || " ._*,:/+-[]()'\"".contains(c);
    let mixed = |run: &str| {
        run.len() >= RUN
            && run.contains(|c: char| c.is_ascii_digit())
            && run.contains(|c: char| c.is_ascii_alphabetic())
    };
    let runs = || text.split(|c: char| !c.is_ascii_alphanumeric());
    text.len() <= LONGEST && text.chars().all(fits) && !is_secret_text(text) && !runs().any(mixed)
}

/// A table of rows, as far as it may be looked at: what else stands in it is skipped unread, annotations among it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Table {
    #[serde(default)]
    metadata: ListMetadata,
    #[serde(default)]
    column_definitions: Vec<Column>,
    #[serde(default)]
    rows: Vec<Row>,
}

#[derive(Deserialize, Default)]
struct ListMetadata {
    #[serde(default, rename = "continue")]
    next: String,
}

#[derive(Deserialize)]
struct Column {
    name: String,
}

#[derive(Deserialize)]
struct Row {
    cells: Vec<Value>,
    object: Option<RowObject>,
}

#[derive(Deserialize)]
struct RowObject {
    #[serde(default)]
    metadata: RowMetadata,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RowMetadata {
    namespace: Option<String>,
    managed_fields: Vec<Managed>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Managed {
    fields_v1: Fields,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Fields {
    #[serde(rename = "f:data")]
    data: BTreeMap<String, IgnoredAny>,
}

/// What is kept of a table of objects with payloads: name, namespace, type, how many keys, and their names as far as who wrote
/// them is recorded. `namespace` is that which was asked, where it was one.
///
/// # Errors
/// One line, if it is no such table.
pub(super) fn rows(body: &str, namespace: Option<&str>) -> Result<Kept, String> {
    let table: Table = serde_json::from_str(body).map_err(|error| {
        // What stands there is not shown.
        format!("the answer is no table: line {}", error.line())
    })?;
    let column = |name: &str| {
        let mut columns = table.column_definitions.iter();
        columns.position(|column| column.name == name)
    };
    let (Some(name), Some(kind), Some(count)) = (column("Name"), column("Type"), column("Data"))
    else {
        return Err("the table in the answer lacks one of the columns Name, Type, Data".to_owned());
    };
    let (mut items, mut names) = (Vec::new(), Vec::new());
    for row in &table.rows {
        let own = row.cells.get(name).and_then(Value::as_str);
        let own = own.ok_or("a row of the table has no name")?;
        let text = |at: usize| row.cells.get(at).and_then(Value::as_str);
        let number = row.cells.get(count).and_then(Value::as_u64);
        let metadata = row.object.as_ref().map(|object| &object.metadata);
        let place = metadata.and_then(|metadata| metadata.namespace.as_deref());
        let keys: BTreeSet<&str> = metadata
            .into_iter()
            .flat_map(|metadata| &metadata.managed_fields)
            .flat_map(|managed| managed.fields_v1.data.keys())
            .filter_map(|key| key.strip_prefix("f:"))
            .collect();
        let mut item = Map::new();
        let complete = number == u64::try_from(keys.len()).ok();
        item.insert(
            "metadata".to_owned(),
            json!({"name": own, "namespace": place.or(namespace)}),
        );
        item.insert("type".to_owned(), json!(text(kind)));
        item.insert("count".to_owned(), json!(number));
        item.insert("keys".to_owned(), json!(keys));
        item.insert("complete".to_owned(), json!(complete));
        items.push(Value::Object(item));
        names.push(own.to_owned());
    }
    Ok(Kept {
        body: json!({ "items": items }),
        next: table.metadata.next,
        names,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_texts_only_what_cannot_be_secret_is_kept() {
        let words = ["resolver".to_owned()];
        for plain in [
            "config.settings.production",
            "*",
            "true",
            "redis://redis-service:6379/0",
            "api.example.com, www.example.com",
        ] {
            assert_eq!(sketch(plain, &words), plain);
        }
        for (text, kept) in [
            ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", REDACTED),
            (
                "postgres://app:hunter2@10.1.0.3:5432/app",
                "postgres://10.1.0.3:5432",
            ),
            ("desc:Zm9vYmFy@10.56.0.7:4500", "10.56.0.7:4500"),
            (
                "server { resolver kube-dns;\n proxy_pass http://api:8000/v1; }",
                "resolver http://api:8000",
            ),
            ("-----BEGIN PRIVATE KEY-----", REDACTED),
        ] {
            assert_eq!(sketch(text, &words), kept);
        }
    }

    #[test]
    fn keys_are_known_where_as_many_are_named_as_there_are() {
        let table = |fields: &str, count: u64| {
            let body = format!(
                r#"{{"columnDefinitions":[{{"name":"Name"}},{{"name":"Type"}},{{"name":"Data"}},{{"name":"Age"}}],
                "rows":[{{"cells":["db","Opaque",{count},"1d"],"object":{{"metadata":{{"name":"db","namespace":"shop",
                "annotations":{{"kubectl.kubernetes.io/last-applied-configuration":"planted-payload"}},
                "managedFields":[{fields}]}}}}}}]}}"#
            );
            rows(&body, None).unwrap().body.to_string()
        };
        let both = r#"{"fieldsV1":{"f:data":{".":{},"f:db-user":{}}}},{"fieldsV1":{"f:data":{"f:db-password":{}}}}"#;
        assert_eq!(
            table(both, 2),
            r#"{"items":[{"complete":true,"count":2,"keys":["db-password","db-user"],"metadata":{"name":"db","namespace":"shop"},"type":"Opaque"}]}"#
        );
        assert!(table(both, 3).contains(r#""complete":false"#));
        let stale = r#"{"fieldsV1":{"f:stringData":{"f:gone":{}}}}"#;
        assert!(table(stale, 1).contains(r#""complete":false"#));
        assert!(!table(both, 2).contains("planted"));
    }
}
