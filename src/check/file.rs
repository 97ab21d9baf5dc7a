//! Files of rules: text in, checked rules out. Every problem is told with file, line and rule.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::paths::{self, Paths};
use super::rule::{About, Predicate, Priority, Rule, Rules, See};
use super::scope;
use crate::catalog::{Catalog, Definition};
use crate::hcl::{Type, parse_expression};
use crate::model::Value;

/// What stands for the project itself in place of a type.
const PROJECT: &str = "project";

/// Who else has rules: their ids stand in `see`.
const OTHERS: [&str; 4] = ["cis", "cis-gke", "checkov", "trivy"];

/// A file of rules, or one that has rules among other things.
#[derive(Deserialize)]
struct RawFile {
    #[serde(default)]
    rule: Vec<Spanned<RawRule>>,
    #[serde(default)]
    unset: BTreeMap<String, BTreeMap<String, toml::Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: Spanned<String>,
    priority: Spanned<String>,
    graver: Option<RawGraver>,
    #[serde(rename = "type")]
    about: Spanned<OneOrMany>,
    when: Option<Spanned<String>>,
    fails: Spanned<String>,
    summary: String,
    why: String,
    evidence: Option<Spanned<Vec<String>>>,
    #[serde(default)]
    shows: BTreeMap<String, Spanned<String>>,
    fix: Option<Spanned<BTreeMap<String, toml::Value>>>,
    #[serde(default)]
    remedy: String,
    #[serde(default)]
    see: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    owned: bool,
    #[serde(default)]
    #[serde(rename = "whole-project")]
    whole_project: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGraver {
    priority: Spanned<String>,
    when: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// The file that is read, so that problems can be told with their place.
struct Source<'a> {
    name: &'a str,
    text: &'a str,
    catalog: &'a Catalog,
}

/// Adds the rules of a file.
///
/// # Errors
/// The first problem, with file, line and rule.
pub(super) fn read(
    rules: &mut Rules,
    name: &str,
    text: &str,
    catalog: &Catalog,
) -> Result<(), String> {
    let source = Source {
        name,
        text,
        catalog,
    };
    let raw: RawFile = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        source.wrong(at, error.message().trim().replace('\n', " "))
    })?;
    for (rtype, values) in raw.unset {
        let definition = source.definition(0, &rtype)?;
        for (family, value) in values {
            if !definition.schema.attributes.contains_key(&family) {
                return Err(source.wrong(0, paths::unknown_attribute(definition, &family)));
            }
            let known = rules.unset.entry(rtype.clone()).or_default();
            known.insert(family, plain(value));
        }
    }
    for raw in raw.rule {
        let rule = source.rule(raw)?;
        if let Some(other) = rules.get(&rule.id) {
            let (file, line) = &other.place;
            let what = format!("rule `{}`: {file}:{line} has that id already", rule.id);
            return Err(format!("{name}:{}: {what}", rule.place.1));
        }
        rules.rules.push(rule);
    }
    Ok(())
}

impl Source<'_> {
    /// A problem at a byte of the text.
    fn wrong(&self, at: usize, what: impl std::fmt::Display) -> String {
        let before = self.text.bytes().take(at);
        let line = before.filter(|byte| *byte == b'\n').count() + 1;
        format!("{}:{line}: {what}", self.name)
    }

    fn line(&self, at: usize) -> usize {
        let before = self.text.bytes().take(at);
        before.filter(|byte| *byte == b'\n').count() + 1
    }

    fn definition(&self, at: usize, rtype: &str) -> Result<&Definition, String> {
        (self.catalog.definition(rtype))
            .ok_or_else(|| self.wrong(at, paths::unknown_type(self.catalog, rtype)))
    }

    fn rule(&self, raw: Spanned<RawRule>) -> Result<Rule, String> {
        let start = raw.span().start;
        let raw = raw.into_inner();
        let id = raw.id.get_ref().clone();
        let at = raw.id.span().start;
        let wrong = |at: usize, what: String| self.wrong(at, format!("rule `{id}`: {what}"));
        let priority = |word: &Spanned<String>| {
            let known = Priority::parse(word.get_ref());
            known.ok_or_else(|| {
                let what = format!("`{}` is none of: P0, P1, P2", word.get_ref());
                wrong(word.span().start, what)
            })
        };
        said(&raw).map_err(|what| wrong(at, what))?;
        let about = self.about(&id, &raw.about)?;
        let mut paths = Paths::new(&about, self.catalog);
        let mut parsed = |text: Spanned<String>, when: Option<&Predicate>, wanted: Option<Type>| {
            let at = text.span().start;
            self.predicate(&mut paths, text.into_inner(), when, wanted)
                .map_err(|what| wrong(at, what))
        };
        let when = raw.when.map(|text| parsed(text, None, Some(Type::Bool)));
        let when = when.transpose()?;
        let mut predicate = |text, wanted| parsed(text, when.as_ref(), wanted);
        let fails = predicate(raw.fails, Some(Type::Bool))?;
        let graver = match raw.graver {
            Some(graver) => Some((
                priority(&graver.priority)?,
                predicate(graver.when, Some(Type::Bool))?,
            )),
            None => None,
        };
        let shows = raw.shows.into_iter();
        let shows = shows.map(|(name, text)| Ok((name, predicate(text, None)?)));
        let shows: Vec<_> = shows.collect::<Result<_, String>>()?;
        let evidence = match raw.evidence {
            Some(evidence) => {
                let at = evidence.span().start;
                let named = evidence.get_ref().iter();
                let held = named.map(|family| paths.attribute(family));
                held.collect::<Result<(), _>>()
                    .map_err(|what| wrong(at, what))?;
                evidence.into_inner()
            }
            None => self.read(&about, &fails, graver.as_ref().map(|(_, when)| when))?,
        };
        let fix = match raw.fix {
            Some(fix) => fixed(fix, &paths).map_err(|(at, what)| wrong(at, what))?,
            None => Vec::new(),
        };
        Ok(Rule {
            place: (self.name.to_owned(), self.line(start)),
            priority: priority(&raw.priority)?,
            graver,
            when,
            fails,
            summary: raw.summary.trim().trim_end_matches('.').to_owned(),
            why: raw.why.trim().to_owned(),
            evidence,
            shows,
            fix,
            remedy: raw.remedy.trim().to_owned(),
            see: (raw.see.into_iter())
                .map(|(who, ids)| See { who, ids })
                .collect(),
            owned: raw.owned,
            whole: raw.whole_project || about == About::Project,
            neighbours: paths.neighbours,
            about,
            id,
        })
    }

    fn about(&self, id: &str, raw: &Spanned<OneOrMany>) -> Result<About, String> {
        let types = match raw.get_ref() {
            OneOrMany::One(one) if one == PROJECT => return Ok(About::Project),
            OneOrMany::One(one) => vec![one.clone()],
            OneOrMany::Many(many) => many.clone(),
        };
        let at = raw.span().start;
        if types.is_empty() {
            return Err(self.wrong(at, format!("rule `{id}`: `type` names no type")));
        }
        for rtype in &types {
            if self.catalog.definition(rtype).is_none() {
                let what = paths::unknown_type(self.catalog, rtype);
                return Err(self.wrong(at, format!("rule `{id}`: {what}")));
            }
        }
        Ok(About::Types(types))
    }

    /// The attributes that a rule reads to tell that something fails. What it applies to is no evidence of that.
    fn read(
        &self,
        about: &About,
        fails: &Predicate,
        graver: Option<&Predicate>,
    ) -> Result<Vec<String>, String> {
        let mut paths = Paths::new(about, self.catalog);
        for predicate in [Some(fails), graver].into_iter().flatten() {
            paths.check(&predicate.tree)?;
        }
        Ok(paths.read)
    }

    /// Parses an expression and evaluates it once over nodes of which nothing is known, and once over empty ones, as far as the rule
    /// applies to them: what is wrong with it shows in either.
    fn predicate(
        &self,
        paths: &mut Paths<'_>,
        text: String,
        when: Option<&Predicate>,
        wanted: Option<Type>,
    ) -> Result<Predicate, String> {
        let text = text.trim().to_owned();
        // Between parentheses lines may break anywhere.
        let several = text.contains('\n').then(|| format!("({text})"));
        let tree = parse_expression(several.as_deref().unwrap_or(&text)).map_err(|error| {
            format!(
                "`{text}` is no expression: column {}: {}",
                error.column, error.message
            )
        })?;
        paths
            .check(&tree)
            .map_err(|what| format!("{what}, in `{text}`"))?;
        for known in [false, true] {
            let value = scope::tried(
                &tree,
                when.map(|when| &when.tree),
                paths.about,
                known,
                self.catalog,
            )
            .map_err(|wrong| format!("`{text}`: {}: {}", wrong.summary, wrong.detail))?;
            let ty = value.ty();
            if let Some(wanted) = wanted
                .as_ref()
                .filter(|wanted| ty != Type::Dynamic && ty != **wanted)
            {
                return Err(format!(
                    "`{text}` is a {}, where a {} is needed",
                    ty.name(),
                    wanted.name()
                ));
            }
        }
        Ok(Predicate { text, tree })
    }
}

/// Whether a rule says what every rule says.
fn said(raw: &RawRule) -> Result<(), String> {
    if !is_id(raw.id.get_ref()) {
        let what = "an id is lower-case words with hyphens between, such as `sql-backups-off`";
        return Err(what.to_owned());
    }
    if raw.summary.trim().is_empty() || raw.why.trim().is_empty() {
        return Err("`summary` and `why` must say something".to_owned());
    }
    if raw.fix.is_none() && raw.remedy.trim().is_empty() {
        let what = "say what to do: `fix` (values by attribute) or `remedy` (a sentence)";
        return Err(what.to_owned());
    }
    match raw.see.keys().find(|who| !OTHERS.contains(&who.as_str())) {
        Some(who) => Err(format!("`see` knows {}, not `{who}`", OTHERS.join(", "))),
        None => Ok(()),
    }
}

/// What is to be written, by attribute; else where a name is that none has, and what is said of it.
fn fixed(
    fix: Spanned<BTreeMap<String, toml::Value>>,
    paths: &Paths<'_>,
) -> Result<Vec<(String, Value)>, (usize, String)> {
    let at = fix.span().start;
    let checked = fix.into_inner().into_iter().map(|(family, value)| {
        paths.attribute(&family).map_err(|what| (at, what))?;
        Ok((family, plain(value)))
    });
    checked.collect()
}

/// Whether a text can be an id.
fn is_id(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    text.split('-').all(word)
}

/// A value of a file.
fn plain(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::Text(text),
        toml::Value::Integer(number) => Value::int(number),
        toml::Value::Float(number) => {
            serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number)
        }
        toml::Value::Boolean(value) => Value::Bool(value),
        toml::Value::Datetime(time) => Value::Text(time.to_string()),
        toml::Value::Array(items) => Value::List(items.into_iter().map(plain).collect()),
        toml::Value::Table(table) => Value::Map(
            table
                .into_iter()
                .map(|(name, value)| (name, plain(value)))
                .collect(),
        ),
    }
}
