//! Which objects a plan is about, and where they go.

use serde::Deserialize;

use crate::model::{Address, ModuleStep, Object, Value};

/// What names objects: a type, an import id or name (`*` stands for any text), or a label as `KEY=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// A pattern as it was given.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether an object is meant.
    pub fn matches(&self, object: &Object) -> bool {
        let name = object.id.rsplit('/').next().unwrap_or_default();
        let labelled = self
            .0
            .split_once('=')
            .is_some_and(|(key, value)| label(object, key).is_some_and(|live| glob(value, live)));
        labelled
            || [object.rtype.as_str(), &object.import_id, &object.id, name]
                .iter()
                .any(|text| glob(&self.0, text))
    }
}

/// The value of a label of an object.
fn label<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    let maps = object
        .attributes
        .iter()
        .filter(|(name, _)| name.ends_with("labels"));
    maps.filter_map(|(_, value)| value.get(key))
        .find_map(Value::as_text)
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    let parts: Vec<&str> = rest.split('*').collect();
    let Some((last, middle)) = parts.split_last() else {
        return true;
    };
    for part in middle {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(last)
}

/// Where an object goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Into a module, under the name it would have anyway.
    Module(Vec<ModuleStep>),
    /// To an address.
    Address(Address),
}

impl Place {
    /// Reads `module.database` or a whole address.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(address) = Address::parse(text).filter(|address| !address.data) {
            return Ok(Self::Address(address));
        }
        let modules = Address::parse_modules(text).filter(|modules| !modules.is_empty());
        modules.map(Self::Module).ok_or_else(|| {
            format!("`{text}` is neither a module (module.database) nor a resource address")
        })
    }
}

/// One entry of a mapping file.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Which objects.
    pub patterns: Vec<Pattern>,
    /// Where they go.
    pub to: Place,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MappingFile {
    #[serde(default)]
    map: Vec<MappingTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MappingTable {
    r#match: OneOrMany,
    to: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Reads a mapping file: `[[map]]` tables with `match` (a pattern or several) and `to`. The first that fits counts.
///
/// # Errors
/// What is wrong, with the line.
pub fn mappings(text: &str) -> Result<Vec<Mapping>, String> {
    let file: MappingFile = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| {
            text[..span.start.min(text.len())].matches('\n').count() + 1
        });
        format!("line {line}: {}", error.message())
    })?;
    let line = |to: &str| {
        text.lines()
            .position(|line| line.contains(to))
            .map_or(1, |at| at + 1)
    };
    let mapping = |table: MappingTable| {
        let patterns = match table.r#match {
            OneOrMany::One(one) => vec![Pattern(one)],
            OneOrMany::Many(many) => many.into_iter().map(Pattern).collect(),
        };
        let to = Place::parse(&table.to)
            .map_err(|message| format!("line {}: {message}", line(&table.to)))?;
        Ok(Mapping { patterns, to })
    };
    file.map.into_iter().map(mapping).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars() {
        for (pattern, text, fits) in [
            ("a", "a", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c", "abc", true),
            ("a*b*c", "a-b-c", true),
            ("*", "", true),
            ("a*a", "a", false),
            ("b*", "abc", false),
            ("a*x*c", "abc", false),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn mapping_files() {
        let read = mappings(
            "[[map]]\nmatch = [\"google_sql_*\", \"env=prod\"]\nto = \"module.database\"\n",
        )
        .unwrap();
        assert_eq!(read[0].patterns.len(), 2);
        assert!(matches!(&read[0].to, Place::Module(modules) if modules[0].name == "database"));
        assert!(
            mappings("[[map]]\nmatch = \"x\"\nto = \"nowhere\"\n")
                .unwrap_err()
                .starts_with("line 3: `nowhere`")
        );
        assert!(
            mappings("[[map]]\nmatch = \"x\"\n")
                .unwrap_err()
                .contains("to")
        );
    }
}
