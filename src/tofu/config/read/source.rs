//! Source files and places in them.

use std::ops::Range;
use std::path::{Path, PathBuf};

use hcl_edit::expr::Expression;

use crate::model::Place;

/// A longer line is cut where it is shown.
const MAX_EXCERPT: usize = 300;

/// What of a line may be shown: the head of a block, or the name of an argument. Anything written in it may be a secret.
fn harmless(line: &str) -> String {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '"' | '.' | ' ' | '\t' | '{');
    let head = line.trim_end().strip_suffix('{').filter(|head| head.trim_start().starts_with(|c: char| c.is_alphabetic()));
    if head.is_some_and(|head| head.chars().all(|c| word(c) && c != '{')) {
        return line.to_owned();
    }
    if line.chars().all(|c| c.is_whitespace() || "{}[](),".contains(c)) {
        return line.to_owned();
    }
    let Some((name, rest)) = line.find(['=', ':']).map(|at| line.split_at(at)) else { return String::new() };
    // Text that ends in `=` is no argument.
    let said = rest[1..].trim_start();
    if said.is_empty() || said.starts_with('=') || !name.chars().all(word) {
        return String::new();
    }
    format!("{name}{} …", &rest[..1])
}

/// A file of the configuration.
#[derive(Debug)]
pub struct Source {
    /// Its name, as the user would write it.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    text: String,
    lines: Vec<usize>,
    /// Whether its lines may hold secrets and are not to be shown.
    private: bool,
}

impl Source {
    /// A file and its text.
    pub fn new(name: String, text: String) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name, path: PathBuf::new(), text, lines, private: false }
    }

    /// The same file, said to lie at a path.
    pub fn at(self, path: &Path) -> Self {
        Self { path: path.to_path_buf(), ..self }
    }

    /// The same file, of which no line is ever shown: variable files hold secrets.
    pub fn private(self) -> Self {
        Self { private: true, ..self }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of a byte offset.
    pub fn place(&self, offset: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines[line - 1];
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count());
        let shown = if self.private { None } else { self.text[start..].lines().next() };
        let excerpt = shown.map(harmless).unwrap_or_default().chars().take(MAX_EXCERPT).collect();
        Place { file: self.name.clone(), line, column: column + 1, excerpt }
    }

    /// Where a name in quotes stands first at or after an offset: the place of a member of a JSON file.
    pub fn find_quoted(&self, name: &str, from: usize) -> usize {
        let quoted = format!("\"{name}\"");
        self.text.get(from..).and_then(|rest| rest.find(&quoted)).map_or(from, |at| from + at)
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
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The blocks of a kind.
    pub fn of_kind<'c>(&'c self, kind: &'c str) -> impl Iterator<Item = &'c Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}
