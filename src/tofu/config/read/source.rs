//! Source files and places in them.

use std::ops::Range;
use std::path::{Path, PathBuf};

use hcl_edit::expr::Expression;

use super::excerpt::{excerpt, heredocs, mistaken};
use crate::model::Place;

/// A file of the configuration.
#[derive(Debug)]
pub struct Source {
    /// Its name, as the user would write it.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    text: String,
    lines: Vec<usize>,
    heredocs: Vec<Range<usize>>,
    /// Whether its lines may hold secrets and are not to be shown.
    private: bool,
}

impl Source {
    /// A file and its text.
    pub fn new(name: String, text: String) -> Self {
        let lines = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let heredocs = heredocs(&text);
        Self {
            name,
            path: PathBuf::new(),
            text,
            lines,
            heredocs,
            private: false,
        }
    }

    /// The same file, said to lie at a path.
    pub fn at(self, path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            ..self
        }
    }

    /// The same file, of which no line is ever shown: variable files hold secrets.
    pub fn private(self) -> Self {
        Self {
            private: true,
            ..self
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of a byte offset in what was parsed.
    pub fn place(&self, offset: usize) -> Place {
        self.shown_by(offset, excerpt)
    }

    /// The place of a byte offset in a file that could not be parsed.
    pub fn place_of_mistake(&self, offset: usize) -> Place {
        self.shown_by(offset, mistaken)
    }

    fn shown_by(&self, offset: usize, excerpt: fn(&str) -> String) -> Place {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines[line - 1];
        let column = self
            .text
            .get(start..offset)
            .map_or(0, |before| before.chars().count());
        let within = self.heredocs.partition_point(|lines| lines.end < line);
        let hidden = self.private
            || self
                .heredocs
                .get(within)
                .is_some_and(|lines| lines.contains(&(line - 1)));
        let shown = if hidden {
            None
        } else {
            self.text[start..].lines().next()
        };
        Place {
            file: self.name.clone(),
            line,
            column: column + 1,
            excerpt: shown.map(excerpt).unwrap_or_default(),
        }
    }

    /// Where a name in quotes stands first at or after an offset: the place of a member of a JSON file.
    pub fn find_quoted(&self, name: &str, from: usize) -> usize {
        let quoted = format!("\"{name}\"");
        self.text
            .get(from..)
            .and_then(|rest| rest.find(&quoted))
            .map_or(from, |at| from + at)
    }
}

/// An argument.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its value, not evaluated.
    pub expr: Expression,
    /// The file it stands in.
    pub file: std::sync::Arc<Source>,
    /// The bytes of its value.
    pub span: Range<usize>,
}

/// A block.
#[derive(Clone, Debug)]
pub struct Block {
    /// What stands first: `resource`, `settings`.
    pub kind: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// What is in it.
    pub content: Content,
    /// The file it stands in.
    pub file: std::sync::Arc<Source>,
    /// Its bytes.
    pub span: Range<usize>,
}

/// The inside of a block.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// Arguments.
    pub attributes: Vec<Attribute>,
    /// Blocks.
    pub blocks: Vec<Block>,
}

impl Attribute {
    /// Where its value stands.
    pub fn place(&self) -> Place {
        self.file.place(self.span.start)
    }
}

impl Block {
    /// Where it stands.
    pub fn place(&self) -> Place {
        self.file.place(self.span.start)
    }

    /// A label, empty when there are fewer.
    pub fn label(&self, at: usize) -> &str {
        self.labels.get(at).map(String::as_str).unwrap_or_default()
    }
}

impl Content {
    /// The argument of a name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    /// The blocks of a kind.
    pub fn of_kind<'c>(&'c self, kind: &'c str) -> impl Iterator<Item = &'c Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}
