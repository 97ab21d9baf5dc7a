//! Taking secrets out of a capture before anything else sees it.
//!
//! Three reasons, in this order: the provider's schema calls an attribute sensitive; a key has a name that secrets go by (unless the
//! schema knows the field and does not call it sensitive); a text holds a private key or a token.

use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use rayon::prelude::*;
use serde_json::value::RawValue;

use super::scan::{Scan, Token, unquoted};
use crate::catalog::{AttributeReader, Catalog, Definition, Origin};
use crate::model::{Capture, Page, REDACTED, is_secret_name, is_secret_text};

/// Values that were removed, by place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Removal {
    /// The listing whose answers held them.
    pub listing: String,
    /// The path in a body, without indices.
    pub path: String,
    /// Why.
    pub because: String,
    /// How many.
    pub count: usize,
}

/// Takes secrets out of every page of a capture; the rest of each body stays as received.
pub fn redact(capture: &mut Capture, catalog: &Catalog) -> Vec<Removal> {
    Redactor::new(catalog).redact(capture)
}

/// What to remove, by listing.
#[derive(Clone, Debug, Default)]
pub struct Redactor<'a> {
    rules: BTreeMap<&'a str, Rules<'a>>,
}

#[derive(Clone, Debug, Default)]
struct Rules<'a> {
    /// The way to the objects in a body.
    items: &'a [String],
    /// The path an object stands at: empty, or the key a part is put under.
    root: &'a str,
    /// The types whose attributes are in an object, and the path they are at.
    types: Vec<(&'a Definition, String)>,
    /// Worked out when the first object is met: most listings of a project are empty.
    fields: OnceLock<Fields>,
}

/// The fields that a schema knows.
#[derive(Clone, Debug, Default)]
struct Fields {
    /// Paths of sensitive fields in an object, without indices.
    sensitive: HashSet<String>,
    /// Paths of fields that the schema knows and does not call sensitive.
    open: HashSet<String>,
}

const BY_SCHEMA: &str = "the schema calls it sensitive";
const BY_NAME: &str = "its name is one that secrets go by";
const BY_CONTENT: &str = "it holds a private key or a token";

impl<'a> Redactor<'a> {
    /// The rules that the definitions give.
    pub fn new(catalog: &'a Catalog) -> Self {
        let mut rules: BTreeMap<&str, Rules<'_>> = BTreeMap::new();
        for listing in catalog.listings.values() {
            rules.insert(
                &listing.name,
                Rules {
                    items: &listing.items,
                    ..Rules::default()
                },
            );
        }
        for definition in catalog.definitions.values() {
            let (listing, prefix) = owner(catalog, &definition.rtype);
            for part in &definition.parts {
                if let Some(rules) = rules.get_mut(part.listing.as_str()) {
                    rules.root = &part.key;
                    rules.types.push((definition, prefix.clone()));
                }
            }
            if let Some(rules) = rules.get_mut(listing) {
                rules.types.push((definition, prefix));
            }
        }
        for source in catalog.data_sources.values() {
            let mirrored = source
                .mirrors
                .as_ref()
                .and_then(|rtype| catalog.definition(rtype));
            let asked = source
                .asks
                .first()
                .and_then(|ask| rules.get_mut(ask.listing.as_str()));
            if let Some((rules, definition)) = asked.zip(mirrored) {
                rules.types.push((definition, String::new()));
            }
        }
        Self { rules }
    }

    /// Takes secrets out of every page; says what went.
    pub fn redact(&self, capture: &mut Capture) -> Vec<Removal> {
        let pages = capture.pages.par_iter_mut().map(|page| {
            let mut found = BTreeMap::new();
            if let Some(body) = self.body(page, &mut found) {
                page.body = body;
            }
            found
        });
        listed(pages.reduce(BTreeMap::new, |mut all, page| {
            page.into_iter()
                .for_each(|(place, count)| *all.entry(place).or_default() += count);
            all
        }))
    }

    /// A page's body without its secrets, if it has any, and what went.
    pub(super) fn page(&self, page: &Page) -> (Option<Box<RawValue>>, Vec<Removal>) {
        let mut found = BTreeMap::new();
        let body = self.body(page, &mut found);
        (body, listed(found))
    }

    /// A body without its secrets; nothing if it has none.
    fn body(
        &self,
        page: &Page,
        found: &mut BTreeMap<(String, String, &'static str), usize>,
    ) -> Option<Box<RawValue>> {
        let none = Rules::default();
        let text = page.body.get();
        let mut pass = Pass {
            rules: self.rules.get(page.listing.as_str()).unwrap_or(&none),
            scan: Scan::new(text),
            path: String::new(),
            object: None,
            cuts: Vec::new(),
        };
        // An object that was read by itself is the whole body.
        let items = match page.scope.object {
            Some(_) => &[][..],
            None => pass.rules.items,
        };
        pass.start(items);
        if pass.cuts.is_empty() {
            return None;
        }
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for (start, length, path, because) in pass.cuts {
            out.push_str(&text[from..start]);
            out.extend(["\"", REDACTED, "\""]);
            from = start + length;
            *found
                .entry((page.listing.clone(), path, because))
                .or_default() += 1;
        }
        out.push_str(&text[from..]);
        RawValue::from_string(out).ok()
    }
}

impl Rules<'_> {
    fn fields(&self) -> &Fields {
        self.fields.get_or_init(|| {
            let mut all = Fields::default();
            for (definition, prefix) in &self.types {
                let (sensitive, open) = fields(definition, prefix);
                all.sensitive.extend(sensitive);
                all.open.extend(open);
            }
            all
        })
    }
}

fn listed(found: BTreeMap<(String, String, &'static str), usize>) -> Vec<Removal> {
    found
        .into_iter()
        .map(|((listing, path, because), count)| Removal {
            listing,
            path,
            because: because.to_owned(),
            count,
        })
        .collect()
}

/// The listing whose bodies hold the objects of a type, and the path of the objects in an object of that listing.
fn owner<'a>(catalog: &'a Catalog, rtype: &'a str) -> (&'a str, String) {
    let (mut at, mut prefix) = (rtype, String::new());
    for _ in 0..catalog.definitions.len() {
        let Some(Origin::Within { parent, path }) =
            catalog.definition(at).map(|definition| &definition.origin)
        else {
            break;
        };
        prefix = path.iter().map(|key| format!("{key}.")).collect::<String>() + &prefix;
        at = parent;
    }
    (at, prefix)
}

/// The API paths of a type's attributes: sensitive ones, and the others. As the facts tell them, by name, and as they are read.
fn fields(definition: &Definition, prefix: &str) -> (HashSet<String>, HashSet<String>) {
    let (mut sensitive, mut open) = (HashSet::new(), HashSet::new());
    let schema = &definition.schema;
    let mut add = |family: &str, path: String| {
        let into = if schema.is_sensitive(family) {
            &mut sensitive
        } else {
            &mut open
        };
        into.insert(path);
    };
    for (family, facts) in &schema.attributes {
        let by_name = facts
            .api
            .is_empty()
            .then(|| family.split('.').map(camel).collect::<Vec<_>>().join("."));
        for path in facts.api.iter().chain(&by_name) {
            // Facts tell the whole path of what lies within another body.
            let path = if path.starts_with(prefix) {
                path.clone()
            } else {
                format!("{prefix}{path}")
            };
            add(family, path);
        }
    }
    read_from(
        &definition.readers,
        &[prefix.trim_end_matches('.').to_owned()],
        &mut add,
    );
    open.retain(|path| !sensitive.contains(path));
    (sensitive, open)
}

/// The paths that attributes are read from; `around` is where the block they are of is read from.
fn read_from(readers: &[AttributeReader], around: &[String], add: &mut impl FnMut(&str, String)) {
    for reader in readers {
        let paths = reader
            .source
            .as_ref()
            .map(|source| source.paths(around))
            .unwrap_or_default();
        for path in paths.iter().filter(|path| !path.is_empty()) {
            add(&reader.family, path.clone());
        }
        read_from(&reader.children, &paths, add);
    }
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |out, word| {
        let mut letters = word.chars();
        let head = letters.next().map(|c| c.to_ascii_uppercase()).into_iter();
        out + &head.chain(letters).collect::<String>()
    })
}

/// One pass over one body.
struct Pass<'a> {
    rules: &'a Rules<'a>,
    scan: Scan<'a>,
    /// The path reached in the body, without indices.
    path: String,
    /// Where in `path` the path in the object begins, once inside one.
    object: Option<usize>,
    /// What to cut: start, length, path, reason.
    cuts: Vec<(usize, usize, String, &'static str)>,
}

impl<'a> Pass<'a> {
    fn start(&mut self, items: &'a [String]) {
        let Some(token) = self.scan.next() else {
            return;
        };
        self.body(token, items);
    }

    /// Goes down to the objects; what lies beside the way is judged by name and content.
    fn body(&mut self, token: Token<'a>, items: &'a [String]) {
        let Some((step, rest)) = items.split_first() else {
            return self.objects(token);
        };
        if token != Token::Object {
            self.value(token, false);
            return;
        }
        while let Some(Token::Text(key, _)) = self.scan.next() {
            let key = unquoted(key);
            let Some(token) = self.scan.next() else {
                return;
            };
            let length = self.enter(&key);
            if step == "*" || *step == *key {
                self.body(token, rest)
            } else {
                self.value(token, false)
            }
            self.path.truncate(length);
        }
    }

    fn objects(&mut self, token: Token<'a>) {
        self.object = Some(self.path.len());
        match token {
            Token::List => {
                while let Some(token) = self.scan.next().filter(|token| *token != Token::End) {
                    self.value(token, false);
                }
            }
            token => self.value(token, false),
        }
        self.object = None;
    }

    /// Adds a key to the path; gives the length to cut it back to.
    fn enter(&mut self, key: &str) -> usize {
        let length = self.path.len();
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(key);
        length
    }

    /// Reads a value to its end; `hidden` says that all of it is to go.
    fn value(&mut self, token: Token<'a>, hidden: bool) {
        let hidden = hidden || self.is_sensitive();
        match token {
            Token::Object => self.members(hidden),
            Token::List => {
                while let Some(token) = self.scan.next().filter(|token| *token != Token::End) {
                    self.value(token, hidden);
                }
            }
            Token::Text(text, at) => self.text(text, at, hidden),
            Token::Number(text, at) if hidden => {
                self.cuts
                    .push((at, text.len(), self.path.clone(), BY_SCHEMA))
            }
            Token::Number(..) | Token::Word | Token::End => {}
        }
    }

    /// The members of an object. A member `value` beside a `name` or `key` is judged by what that says.
    fn members(&mut self, hidden: bool) {
        let (mut named, mut values) = (false, Vec::new());
        while let Some(Token::Text(key, _)) = self.scan.next() {
            let key = unquoted(key);
            let Some(token) = self.scan.next() else {
                return;
            };
            let length = self.enter(&key);
            if let Token::Text(text, at) = token {
                match &*key {
                    "name" | "key" => named |= is_secret_name(&unquoted(text)),
                    "value" if unquoted(text) != REDACTED => {
                        values.push((at, text.len(), self.path.clone(), BY_NAME))
                    }
                    _ => {}
                }
            }
            self.value(token, hidden);
            self.path.truncate(length);
        }
        if named {
            values.retain(|(at, length, ..)| {
                *length > 2 && !self.cuts.iter().rev().any(|(cut, ..)| cut == at)
            });
            self.cuts.extend(values);
            self.cuts.sort_by_key(|cut| cut.0);
        }
    }

    fn text(&mut self, token: &str, at: usize, hidden: bool) {
        let inner = &token[1..token.len() - 1];
        if inner.is_empty() || inner == REDACTED {
            return;
        }
        let because = if hidden {
            BY_SCHEMA
        } else if self.is_named_secret() {
            BY_NAME
        } else if is_secret_token(token) {
            BY_CONTENT
        } else {
            return;
        };
        self.cuts
            .push((at, token.len(), self.path.clone(), because));
    }

    /// The path in the object, as the schema would say it.
    fn field(&self) -> Option<std::borrow::Cow<'_, str>> {
        let path = self.path.get(self.object?..)?.trim_start_matches('.');
        Some(if self.rules.root.is_empty() {
            path.into()
        } else {
            format!("{}.{path}", self.rules.root).into()
        })
    }

    fn is_sensitive(&self) -> bool {
        if self.object.is_none() {
            return false;
        }
        let sensitive = &self.rules.fields().sensitive;
        !sensitive.is_empty() && self.field().is_some_and(|path| sensitive.contains(&*path))
    }

    fn is_named_secret(&self) -> bool {
        let name = self.path.rsplit('.').next().unwrap_or_default();
        let payload = name == "data" && self.path.ends_with("payload.data");
        (payload || is_secret_name(name))
            && !self
                .field()
                .is_some_and(|path| self.rules.fields().open.contains(&*path))
    }
}

/// Whether a text, quotes and escapes included, holds a private key or a token.
fn is_secret_token(token: &str) -> bool {
    is_secret_text(token) || token.contains("\\u") && is_secret_text(&unquoted(token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;

    /// Redacts a body of a listing with the items path `items`, whose objects have these sensitive and open fields.
    fn check(body: &str, sensitive: &[&str], open: &[&str]) -> (String, Vec<String>) {
        let set = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
        let fields = Fields {
            sensitive: set(sensitive),
            open: set(open),
        };
        let items = ["items".to_owned()];
        let rules = Rules {
            items: &items,
            fields: fields.into(),
            ..Rules::default()
        };
        let redactor = Redactor {
            rules: [("t", rules)].into(),
        };
        let page = Page {
            listing: "t".into(),
            scope: Scope::default(),
            request: String::new(),
            body: RawValue::from_string(body.to_owned()).unwrap(),
        };
        let mut capture = Capture {
            pages: vec![page],
            ..Capture::default()
        };
        let removals = redactor
            .redact(&mut capture)
            .iter()
            .map(|r| format!("{} {}", r.path, r.count))
            .collect();
        (capture.pages[0].body.get().to_owned(), removals)
    }

    #[test]
    fn the_schema_decides_and_the_rest_stays_as_received() {
        let (body, removals) = check(
            r#"{ "items": [{"ca": {"cert": "c", "n": 1, "on": true}}, {"ca":{"cert":"d"}}], "ca": "x" }"#,
            &["ca"],
            &[],
        );
        assert_eq!(
            body,
            r#"{ "items": [{"ca": {"cert": "(redacted)", "n": "(redacted)", "on": true}}, {"ca":{"cert":"(redacted)"}}], "ca": "x" }"#
        );
        assert_eq!(removals, ["items.ca.cert 2", "items.ca.n 1"]);
    }

    #[test]
    fn names_decide_where_the_schema_does_not_know() {
        let (body, _) = check(
            r#"{"items":[{"rootPassword":"a","labels":{"db_password":"b"},"secret":"projects/s","token":""}]}"#,
            &[],
            &["secret"],
        );
        assert_eq!(
            body,
            r#"{"items":[{"rootPassword":"(redacted)","labels":{"db_password":"(redacted)"},"secret":"projects/s","token":""}]}"#
        );
        let (body, _) = check(
            r#"{"items":[{"env":[{"value":"v","name":"DB_PASSWORD"},{"name":"MODE","value":"x"}],"payload":{"data":"d"}}]}"#,
            &[],
            &[],
        );
        assert_eq!(
            body,
            r#"{"items":[{"env":[{"value":"(redacted)","name":"DB_PASSWORD"},{"name":"MODE","value":"x"}],"payload":{"data":"(redacted)"}}]}"#
        );
    }

    #[test]
    fn private_keys_go_wherever_they_are() {
        let (body, _) = check(
            r#"{"items":[{"description":"-----BEGIN RSA PRIVATE KEY-----\nabc"}],"x":"\u0079a29.abcdefghijklmnop"}"#,
            &[],
            &["description"],
        );
        assert_eq!(
            body,
            r#"{"items":[{"description":"(redacted)"}],"x":"(redacted)"}"#
        );
    }

    #[test]
    fn twice_is_once() {
        let once = check(r#"{"items":[{"password":"a"}]}"#, &[], &[]).0;
        assert_eq!(check(&once, &[], &[]), (once.clone(), Vec::new()));
    }
}
