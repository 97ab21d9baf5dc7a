//! HCL as `tofu fmt` leaves it: a small tree of blocks and attributes, and its printer.
//!
//! Whatever text a value holds is escaped; nothing read from a cloud can end a string, open a template or close a block.

mod text;

use crate::model::Value;

pub use text::{is_identifier, quoted};

/// The longest line a list is kept on.
const WIDTH: usize = 100;

/// The inside of a block, or of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// Its items in order.
    pub items: Vec<Item>,
}

/// One item of a body.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `name = value`.
    Attribute(String, Expression),
    /// `kind "label" { … }`.
    Block(Block),
    /// `# text`, a line each.
    Comment(String),
    /// An empty line.
    Gap,
}

/// A block.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Its type: `resource`.
    pub kind: String,
    /// Its labels, without quotes.
    pub labels: Vec<String>,
    /// Its inside.
    pub body: Body,
}

/// The right side of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A value known now. What is unknown or secret has no spelling and prints as `null`.
    Value(Value),
    /// A reference or other expression without a line break, as it is to stand: `google_x.main.id`, `var.token`.
    Verbatim(String),
    /// `[a, b]`.
    List(Vec<Expression>),
    /// `{ key = value }`, in the order given.
    Map(Vec<(String, Expression)>),
    /// `name(argument)`.
    Call(String, Box<Expression>),
}

impl Body {
    /// Adds an attribute.
    pub fn attribute(&mut self, name: &str, value: Expression) {
        self.items.push(Item::Attribute(name.to_owned(), value));
    }

    /// Adds a block.
    pub fn block(&mut self, kind: &str, labels: &[&str], body: Body) {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        self.items.push(Item::Block(Block {
            kind: kind.to_owned(),
            labels,
            body,
        }));
    }

    /// Adds a comment.
    pub fn comment(&mut self, text: &str) {
        self.items.push(Item::Comment(text.to_owned()));
    }

    /// The text, as `tofu fmt` would leave it, ending in a line break unless it is empty.
    pub fn print(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out
    }

    fn write(&self, out: &mut String, depth: usize) {
        let lines: Vec<Option<String>> = self
            .items
            .iter()
            .map(|item| one_line(item, depth))
            .collect();
        for (at, item) in self.items.iter().enumerate() {
            if at > 0 && apart(&self.items[at - 1], item) {
                out.push('\n');
            }
            match item {
                Item::Gap => {}
                Item::Comment(text) => text.lines().for_each(|line| {
                    indent(out, depth);
                    out.push_str(format!("# {}", text::comment(line)).trim_end());
                    out.push('\n');
                }),
                Item::Attribute(name, value) => {
                    indent(out, depth);
                    out.push_str(name);
                    match &lines[at] {
                        Some(line) => {
                            out.push_str(&" ".repeat(self.column(&lines, at) - name.len()));
                            out.push_str(&format!("= {line}\n"));
                        }
                        None => {
                            out.push_str(" = ");
                            value.write(out, depth);
                            out.push('\n');
                        }
                    }
                }
                Item::Block(block) => block.write(out, depth),
            }
        }
    }

    /// The column of the equals sign of the run of one-line attributes around `at`.
    fn column(&self, lines: &[Option<String>], at: usize) -> usize {
        let joined = |i: usize| lines[i].is_some();
        let start = (0..at)
            .rev()
            .take_while(|i| joined(*i))
            .last()
            .unwrap_or(at);
        let end = (at..lines.len())
            .take_while(|i| joined(*i))
            .last()
            .unwrap_or(at);
        let widths = self.items[start..=end].iter().map(|item| {
            if let Item::Attribute(name, _) = item {
                name.len()
            } else {
                0
            }
        });
        widths.max().unwrap_or(0) + 1
    }
}

/// Whether an empty line stands between two items: around blocks, and before a comment that follows something else.
fn apart(before: &Item, after: &Item) -> bool {
    match (before, after) {
        (Item::Gap, _) => false,
        (_, Item::Gap) => true,
        (Item::Comment(_), _) => false,
        (Item::Block(_), _) | (_, Item::Block(_)) => true,
        (Item::Attribute(..), Item::Comment(_)) => false,
        (Item::Attribute(..), Item::Attribute(..)) => false,
    }
}

/// What stands right of the equals sign, where it does not open a bracket at the end of its line.
fn one_line(item: &Item, depth: usize) -> Option<String> {
    let Item::Attribute(_, value) = item else {
        return None;
    };
    if let Expression::Value(Value::Text(text)) = value
        && text::wants_heredoc(text)
    {
        return text.ends_with('\n').then(|| text::heredoc(text));
    }
    value
        .inline()
        .filter(|line| !value.is_collection() || line.chars().count() + 2 * depth <= WIDTH)
}

fn indent(out: &mut String, depth: usize) {
    out.push_str(&"  ".repeat(depth));
}

impl Block {
    fn write(&self, out: &mut String, depth: usize) {
        indent(out, depth);
        out.push_str(&self.kind);
        for label in &self.labels {
            out.push(' ');
            out.push_str(&quoted(label));
        }
        if self.body.items.is_empty() {
            out.push_str(" {}\n");
            return;
        }
        out.push_str(" {\n");
        self.body.write(out, depth + 1);
        indent(out, depth);
        out.push_str("}\n");
    }
}

impl Expression {
    fn is_collection(&self) -> bool {
        matches!(
            self,
            Self::List(_)
                | Self::Map(_)
                | Self::Call(..)
                | Self::Value(Value::List(_) | Value::Map(_))
        )
    }

    /// The elements of a list, whichever way it is held.
    fn elements(&self) -> Option<Vec<Self>> {
        match self {
            Self::List(items) => Some(items.clone()),
            Self::Value(Value::List(items)) => {
                Some(items.iter().cloned().map(Self::Value).collect())
            }
            _ => None,
        }
    }

    /// The members of a map, whichever way it is held.
    fn members(&self) -> Option<Vec<(String, Self)>> {
        match self {
            Self::Map(members) => Some(members.clone()),
            Self::Value(Value::Map(map)) => Some(
                map.iter()
                    .map(|(key, value)| (key.clone(), Self::Value(value.clone())))
                    .collect(),
            ),
            _ => None,
        }
    }

    /// The expression on one line; nothing for a map with members, which always takes several.
    fn inline(&self) -> Option<String> {
        if let Some(items) = self.elements() {
            let inner: Option<Vec<String>> = items.iter().map(Self::inline).collect();
            return inner.map(|inner| format!("[{}]", inner.join(", ")));
        }
        if let Some(members) = self.members() {
            return members.is_empty().then(|| "{}".to_owned());
        }
        if let Self::Call(name, argument) = self {
            return argument.inline().map(|inner| format!("{name}({inner})"));
        }
        Some(match self {
            Self::Verbatim(text) => text.clone(),
            Self::Value(Value::Bool(b)) => b.to_string(),
            Self::Value(Value::Number(number)) => number.to_string(),
            Self::Value(Value::Text(text)) => quoted(text),
            _ => "null".to_owned(),
        })
    }

    /// The expression over several lines, beginning on the current one.
    fn write(&self, out: &mut String, depth: usize) {
        if let Self::Call(name, argument) = self {
            out.push_str(&format!("{name}("));
            argument.write(out, depth);
            out.push(')');
        } else if let Some(items) = self.elements().filter(|items| !items.is_empty()) {
            out.push_str("[\n");
            for item in items {
                indent(out, depth + 1);
                item.element(out, depth + 1);
                out.push_str(",\n");
            }
            indent(out, depth);
            out.push(']');
        } else if let Some(members) = self.members().filter(|members| !members.is_empty()) {
            out.push_str("{\n");
            let body = Body {
                items: members
                    .into_iter()
                    .map(|(key, value)| Item::Attribute(text::key(&key), value))
                    .collect(),
            };
            body.members(out, depth + 1);
            indent(out, depth);
            out.push('}');
        } else if let Self::Value(Value::Text(text)) = self
            && text::wants_heredoc(text)
        {
            // A heredoc always ends in a line break; this text does not.
            out.push_str(&format!("chomp({}\n", text::heredoc(&format!("{text}\n"))));
            indent(out, depth);
            out.push(')');
        } else {
            out.push_str(&self.inline().unwrap_or_default());
        }
    }

    /// An element of a list: on its line if it fits.
    fn element(&self, out: &mut String, depth: usize) {
        match self
            .inline()
            .filter(|line| !self.is_collection() || line.chars().count() + 2 * depth <= WIDTH)
        {
            Some(line) => out.push_str(&line),
            None => self.write(out, depth),
        }
    }
}

impl Body {
    /// The members of a map: like attributes, but text stays on its line.
    fn members(&self, out: &mut String, depth: usize) {
        let line = |item: &Item| match item {
            Item::Attribute(_, value) => value
                .inline()
                .filter(|line| !value.is_collection() || line.chars().count() + 2 * depth <= WIDTH),
            _ => None,
        };
        let lines: Vec<Option<String>> = self.items.iter().map(line).collect();
        for (at, item) in self.items.iter().enumerate() {
            let Item::Attribute(key, value) = item else {
                continue;
            };
            indent(out, depth);
            out.push_str(key);
            match &lines[at] {
                Some(line) => {
                    out.push_str(&" ".repeat(self.column(&lines, at) - key.len()));
                    out.push_str(&format!("= {line}\n"));
                }
                None => {
                    out.push_str(" = ");
                    value.write(out, depth);
                    out.push('\n');
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
