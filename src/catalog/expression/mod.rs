//! Reading expressions: where a value comes from, and what is done to it on the way.
//!
//! An expression is one or more sources separated by `??` (the first that is there wins), then steps separated by `|`:
//!
//! ```text
//! settings.dataDiskSizeGb
//! ipAddresses | where type PRIMARY | first | get ipAddress
//! networkConfig.network ?? network | or default
//! ```
//!
//! A source is a path of keys below the value at hand; `/` in front starts at the whole object, `@parent.` at the body of the
//! parent, `@project`, `@location`, `@scope` and `@parent_key` are words of the scope, and a quoted text, a number, `true`, `{}`
//! or `[]` stands for itself. A path goes into the elements of a list one by one. The steps are the closed list of [`Step`].

mod eval;
mod parse;
mod refers;

pub(super) use parse::words;

pub use eval::{Context, Lookup, fits, truthy};
pub use refers::{EndpointPart, ImagePart, endpoints};

use std::borrow::Cow;

use crate::model::Value;

/// A parsed reading expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// Sources in order of preference.
    pub sources: Vec<Source>,
    /// Steps in order.
    pub steps: Vec<Step>,
}

/// Where a value is taken from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Below the value at hand; no key at all is the value itself (written `.`).
    Here(Vec<String>),
    /// Below the whole object (`/a.b`).
    Root(Vec<String>),
    /// Below the body of the parent object (`@parent.a.b`).
    Parent(Vec<String>),
    /// The project ID (`@project`).
    Project,
    /// The location of the scope (`@location`).
    Location,
    /// The key of the parent (`@parent_key`).
    ParentKey,
    /// The key of the group the object came in (`@group`), such as `zones/europe-west1-b` in an aggregated list.
    Group,
    /// Itself.
    Literal(Value),
}

/// What is done to a value. Nothing stays nothing, except for `or`, `not`, `equals`, `in`, `present`, `exists`.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `get PATH`: the member at a path.
    Get(Vec<String>),
    /// `field PATH`: the member at a path; null, not nothing, where the object is there without it.
    Field(Vec<String>),
    /// `first`: the first element of a list.
    First,
    /// `last`: the part behind the last slash of a text (of each text of a list).
    Last,
    /// `after WORD`: the segment that follows WORD in a slash-separated text.
    After(String),
    /// `from WORD`: a link from the segment WORD on: `from projects` makes a self link relative.
    From(String),
    /// `segment N`: the Nth slash-separated segment, from 0.
    Segment(usize),
    /// `strip TEXT`: without TEXT in front; `{project}` in TEXT is the project ID.
    Strip(String),
    /// `trim TEXT`: without TEXT at the end.
    Trim(String),
    /// `prefix TEXT`: with TEXT in front; `{project}` and `{location}` are filled.
    Prefix(String),
    /// `suffix TEXT`: with TEXT behind.
    Suffix(String),
    /// `before TEXT`: what stands before the first TEXT; all of it when there is none.
    Before(String),
    /// `behind TEXT`: what stands behind the first TEXT; nothing when there is none.
    Behind(String),
    /// `where KEY VALUE…`: the elements of a list whose KEY is one of the values, `""` for one that is not there.
    Where(String, Vec<String>),
    /// `having PATH`: the elements of a list in which PATH is there.
    Having(Vec<String>),
    /// `equals VALUE`: a boolean.
    Equals(String),
    /// `in VALUE…`: a boolean.
    In(Vec<String>),
    /// `matches PREFIX* | *SUFFIX | *PART*`: a boolean; the value fits one of the patterns, in which `*` is any text.
    Matches(Vec<String>),
    /// `not`: the opposite boolean; nothing counts as false.
    Not,
    /// `present`: whether the value is there and not empty.
    Present,
    /// `exists`: whether the value is there, even if empty.
    Exists,
    /// `some`: nothing, if the value is an object or list without members; of a list, objects without members are left out.
    Some,
    /// `nonzero`: nothing, if the value holds nothing but zeros, at any depth.
    Nonzero,
    /// `if PATH [VALUE…]`: nothing, unless the value at PATH (as a source) is true, or one of the values: `""` for what is not
    /// there, `*` for whatever is, even if it is empty.
    If(Box<Source>, Vec<String>),
    /// `unless PATH [VALUE…]`: nothing, if the value at PATH (as a source) is true, or one of the values.
    Unless(Box<Source>, Vec<String>),
    /// `or VALUE`: VALUE where there is nothing.
    Or(Value),
    /// `fallback VALUE`: VALUE where there is nothing, or only a zero.
    Fallback(Value),
    /// `words TRUE FALSE`: a boolean as one of two texts.
    Words(String, String),
    /// `rename OLD NEW …`: other texts for certain texts; others stay.
    Rename(Vec<(String, String)>),
    /// `drop PATTERN…`: nothing, if the value fits one of the patterns, in which `*` is any text; of a list, the others.
    Drop(Vec<String>),
    /// `only PATTERN…`: nothing, unless the value fits one of the patterns; of a list, those that do.
    Only(Vec<String>),
    /// `escape`: as one segment of a path, whatever slashes it holds.
    Escape,
    /// `upper`.
    Upper,
    /// `lower`.
    Lower,
    /// `entries KEY`: a map as a list of its values (objects), each with its map key under KEY.
    Entries(String),
    /// `pairs KEY VALUE`: a map as a list of `{KEY: key, VALUE: value}`.
    Pairs(String, String),
    /// `table KEY VALUE`: a list of objects as a map from one member to another, or to an element (`LIST.0`) of one that is a
    /// list, where it has that.
    Table(String, String),
    /// `keys`: the keys of a map, as a list.
    Keys,
    /// `values`: the values of a map, as a list.
    Values,
    /// `wrap KEY`: `{KEY: value}`.
    Wrap(String),
    /// `list`: a list of this one value.
    List,
    /// `flatten`: a list of lists as one list.
    Flatten,
    /// `distinct PATH…`: the first of the elements that agree in these members.
    Distinct(Vec<Vec<String>>),
    /// `without PATH`: a list without the value at PATH (as a source).
    Without(Box<Source>),
    /// `sort`: a list of texts in order.
    Sort,
    /// `split TEXT`: a text as a list.
    Split(String),
    /// `join TEXT`: a list of texts as one.
    Join(String),
    /// `count`: how many elements.
    Count,
    /// `linked LISTING`: a link to an object of another listing; its body, where it was found.
    Linked(String),
    /// `mean LISTING FIELD`: links to objects of a further listing; the sum of FIELD in them divided by how many were found,
    /// as whole numbers; 0 where none was found.
    Mean(String, Vec<String>),
    /// `found LISTING [FIELD]`: links to objects of a further listing; those that are found there, or FIELD of each.
    Found(String, Vec<String>),
    /// `seconds`: a duration such as `3600s` as a number of seconds.
    Seconds,
    /// `number`: a text of digits as a whole number.
    Number,
    /// `onto PATH`: the text at PATH (as a source) with this one behind; nothing where there is none at PATH.
    Onto(Box<Source>),
    /// `with PATH`: a list with the one at PATH (as a source) behind; either may be absent.
    With(Box<Source>),
    /// `member KEY`: the member of a map by its whole name, dots and slashes included.
    Member(String),
    /// `image PART`: a part of the reference of a container image: `host`, `path`, `tag`, `digest`, and where it is one of
    /// Artifact Registry, `repository` (its resource name) and `package`.
    Image(ImagePart),
    /// `endpoint PART`: a part of what a text names on the network, a URL, `HOST:PORT` or an address: `host`, `address` (of a
    /// host that is one), `port`, `scheme`; nothing where it names none.
    Endpoint(EndpointPart),
    /// `addresses`: the IPv4 addresses that stand in a text, each once.
    Addresses,
    /// `json`: any value, or the JSON that a text holds, as JSON text: sorted keys, no blanks, `<`, `>` and `&` escaped.
    Json,
}

impl Expression {
    /// Parses an expression.
    ///
    /// # Errors
    /// One line saying which part is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse::expression(text)
    }

    /// The plain expression that reads one path.
    pub fn path(path: &str) -> Self {
        Self {
            sources: vec![Source::Here(path.split('.').map(str::to_owned).collect())],
            steps: Vec::new(),
        }
    }

    /// The paths in the object's body that it reads; `around` is where the value at hand stands, empty for the body itself.
    pub fn paths(&self, around: &[String]) -> Vec<String> {
        let deeper = self.steps.iter().filter_map(|step| match step {
            Step::Get(keys) | Step::Field(keys) => Some(keys),
            _ => None,
        });
        let deeper: Vec<&String> = deeper.flatten().collect();
        let path = |start: &str, keys: &[String]| {
            let parts = [start].into_iter().chain(
                keys.iter()
                    .chain(deeper.iter().copied())
                    .map(String::as_str),
            );
            parts
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(".")
        };
        let below = |source: &Source| match source {
            Source::Here(keys) => around.iter().map(|start| path(start, keys)).collect(),
            Source::Root(keys) => vec![path("", keys)],
            _ => Vec::new(),
        };
        self.sources.iter().flat_map(below).collect()
    }

    /// Its sources, and those that its steps compare with.
    pub(super) fn looks_at(&self) -> Vec<&Source> {
        let beside = self.steps.iter().filter_map(|step| match step {
            Step::If(source, _)
            | Step::Unless(source, _)
            | Step::Without(source)
            | Step::With(source)
            | Step::Onto(source) => Some(source.as_ref()),
            _ => None,
        });
        self.sources.iter().chain(beside).collect()
    }

    /// The value at `here`, borrowed where it stands there as it is; nothing where the API gave nothing.
    pub fn value<'v>(&'v self, here: &'v Value, context: &Context<'v>) -> Option<Cow<'v, Value>> {
        eval::expression(self, here, context)
    }

    /// The value as text; nothing where there is none, or an empty one.
    pub fn text(&self, here: &Value, context: &Context<'_>) -> Option<String> {
        match self.value(here, context)?.as_ref() {
            Value::Text(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(b) => Some(b.to_string()),
            _ => None,
        }
    }

    /// Whether the value is there and true (or not empty).
    pub fn holds(&self, here: &Value, context: &Context<'_>) -> bool {
        self.value(here, context)
            .is_some_and(|value| truthy(&value))
    }
}
