//! Templates: text with expressions in braces, for request paths, identities and import ids.

use super::expression::{Context, Expression, Source};
use crate::model::Value;

/// What the bare words of a template mean.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// `{project}`, `{location}` and `{parent}` are the scope's; other paths look into the parent's body.
    Scope,
    /// Paths look into the attributes of the resource.
    Attributes,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    Value(Expression),
}

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template(Vec<Piece>);

impl Template {
    /// Parses `projects/{project}/instances/{name | last}`.
    ///
    /// # Errors
    /// One line saying which placeholder is not understood.
    pub fn parse(text: &str, words: Words) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inner, tail) = after.split_once('}').ok_or("a brace is not closed")?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Value(placeholder(inner.trim(), words)?));
            rest = tail;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// The attributes it looks into, by the first name of their paths.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let sources = self.0.iter().flat_map(|piece| match piece {
            Piece::Value(expression) => expression.sources.as_slice(),
            Piece::Text(_) => &[],
        });
        sources.filter_map(|source| {
            if let Source::Here(path) = source {
                path.first().map(String::as_str)
            } else {
                None
            }
        })
    }

    /// Every attribute that filling it may look at, by the first name of its path.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        let sources = self.0.iter().flat_map(|piece| match piece {
            Piece::Value(expression) => expression.looks_at(),
            Piece::Text(_) => Vec::new(),
        });
        sources.filter_map(|source| match source {
            Source::Here(path) | Source::Root(path) => path.first().map(String::as_str),
            _ => None,
        })
    }

    /// The template filled; nothing if a placeholder has no value.
    ///
    /// A placeholder that may be empty ends in `| or ""`.
    pub fn fill(&self, here: &Value, context: &Context<'_>) -> Option<String> {
        self.fill_with(here, context, |text| text.to_owned())
    }

    /// [`Template::fill`], with each value passed through `escape`.
    pub fn fill_with(
        &self,
        here: &Value,
        context: &Context<'_>,
        escape: impl Fn(&str) -> String,
    ) -> Option<String> {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Value(expression) => match expression.value(here, context)?.as_ref() {
                    Value::Text(text) => out.push_str(&escape(text)),
                    Value::Number(number) => out.push_str(&number.to_string()),
                    _ => return None,
                },
            }
        }
        Some(out)
    }

    /// What the scope's words stand for in a path that begins as the template does: location and parent. Nothing where it does
    /// not.
    ///
    /// A word goes up to where the text behind it is found first.
    pub fn scope_of(&self, path: &str) -> Option<(Option<String>, Option<String>)> {
        let (mut location, mut parent) = (None, None);
        let (words, rest) = self.read(path)?;
        for (expression, value) in words {
            match expression.sources.as_slice() {
                [Source::Project] => {}
                [Source::Location] => location = Some(value.to_owned()),
                [Source::ParentKey] => parent = Some(value.to_owned()),
                _ => return None,
            }
        }
        rest.starts_with('/').then_some((location, parent))
    }

    /// The beginning of a path that the template may have been filled to; nothing where the path begins otherwise.
    pub fn beginning<'p>(&self, path: &'p str) -> Option<&'p str> {
        let (words, rest) = self.read(path)?;
        // A word is one segment, unless the path begins with it: then it may be the name of what the object lies in.
        let one = |value: &str| !value.contains('/') || path.starts_with(value);
        let ends = rest.is_empty() || rest.starts_with('/');
        (ends && words.iter().all(|(_, value)| one(value)))
            .then(|| &path[..path.len() - rest.len()])
    }

    /// What each expression stands for in a path that begins as the template does, and the rest of the path.
    fn read<'t, 'p>(&'t self, path: &'p str) -> Option<(Vec<(&'t Expression, &'p str)>, &'p str)> {
        let mut words = Vec::new();
        let mut rest = path;
        let mut pieces = self.0.iter().peekable();
        while let Some(piece) = pieces.next() {
            let expression = match piece {
                Piece::Text(text) => {
                    rest = rest.strip_prefix(text.as_str())?;
                    continue;
                }
                Piece::Value(expression) => expression,
            };
            let length = match pieces.peek() {
                Some(Piece::Text(text)) => rest.find(text.as_str())?,
                Some(Piece::Value(_)) => return None,
                None => rest.find('/').unwrap_or(rest.len()),
            };
            let (value, after) = rest.split_at(length);
            words.push((expression, value));
            rest = after;
        }
        Some((words, rest))
    }
}

fn placeholder(text: &str, words: Words) -> Result<Expression, String> {
    let mut expression = Expression::parse(text)?;
    if words == Words::Scope {
        for source in &mut expression.sources {
            if let Source::Here(path) = source {
                *source = match path.as_slice() {
                    [word] if word == "project" => Source::Project,
                    [word] if word == "location" => Source::Location,
                    [word] if word == "parent" => Source::ParentKey,
                    _ => continue,
                };
            }
        }
    }
    Ok(expression)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_fill_or_say_nothing() {
        let here = Value::from_json(serde_json::json!({"name": "a/b", "host": ""}));
        let context = Context {
            project: "p",
            ..Context::default()
        };
        let fill = |text, words| Template::parse(text, words).unwrap().fill(&here, &context);
        assert_eq!(
            fill("projects/{project}/x/{name | last}", Words::Scope).as_deref(),
            Some("projects/p/x/b")
        );
        assert_eq!(
            fill("x/{host | or \"\"}/y", Words::Attributes).as_deref(),
            Some("x//y")
        );
        assert_eq!(fill("x/{missing}", Words::Attributes), None);
        assert!(Template::parse("x/{name", Words::Attributes).is_err());
    }

    #[test]
    fn the_path_of_an_object_tells_where_its_list_has_it() {
        let told = |template: &str, path: &str| {
            Template::parse(template, Words::Scope)
                .unwrap()
                .scope_of(path)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            told(
                "projects/{project}/locations/{location}/keyRings",
                "projects/p/locations/eu/keyRings/r"
            ),
            Some((some("eu"), None))
        );
        assert_eq!(
            told(
                "{parent}/cryptoKeys",
                "projects/p/locations/eu/keyRings/r/cryptoKeys/k"
            ),
            Some((None, some("projects/p/locations/eu/keyRings/r")))
        );
        assert_eq!(
            told(
                "projects/{project}/secrets/{parent}/versions",
                "projects/p/secrets/s/versions/1"
            ),
            Some((None, some("s")))
        );
        assert_eq!(
            told("projects/{project}/things", "projects/p/things/t"),
            Some((None, None))
        );
        for elsewhere in [
            "b?project={project}",
            "projects/{project}/aggregated/addresses",
        ] {
            assert_eq!(told(elsewhere, "projects/p/regions/r/addresses/a"), None);
        }
    }

    #[test]
    fn what_lies_in_an_object_begins_with_its_name() {
        let begins = |template: &str, path: &str| {
            let template = Template::parse(template, Words::Attributes).unwrap();
            template.beginning(path).map(str::to_owned)
        };
        let some = |text: &str| Some(text.to_owned());
        let instance = "projects/{project}/instances/{name}";
        for path in [
            "projects/p/instances/i/users//ann",
            "projects/p/instances/i",
        ] {
            assert_eq!(begins(instance, path), some("projects/p/instances/i"));
        }
        assert_eq!(
            begins("b/{name}", "b/pictures/roles/viewer"),
            some("b/pictures")
        );
        assert_eq!(begins(instance, "projects/p/zones/z/instances/i"), None);
        assert_eq!(
            begins("projects/{project}/secrets", "projects/p/secretsmore"),
            None
        );
    }
}
