//! Values: what expressions give, with what is not known and what is sensitive marked.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::number::Number;
use super::refinement::{Refinement, UnknownValue};
use super::types::Type;
use crate::model::{Origin, Unknown};

/// Members of a map or attributes of an object, in key order.
pub type Members = BTreeMap<Arc<str>, Value>;

/// A value with its marks.
#[derive(Clone)]
pub struct Value {
    /// What it is.
    pub data: Data,
    /// Whether it must not be shown.
    pub sensitive: bool,
    /// The attribute of a resource it was read from unchanged, if it was.
    pub origin: Option<Arc<Origin>>,
    /// What is known of its parts without looking at them again.
    pub(super) parts: Parts,
}

/// What the parts of a value are like.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    /// How many values it is made of, however often one of them is shared; a long text counts for several.
    pub weight: u32,
    /// Whether all are known.
    whole: bool,
    /// Whether one below it is sensitive.
    sensitive: bool,
}

/// So many bytes of text weigh as much as a value.
const BYTES_A_VALUE: usize = 32;

impl Parts {
    fn of(data: &Data) -> Self {
        let mut parts = Self {
            weight: 1,
            whole: !matches!(data, Data::Unknown(_) | Data::Open(..)),
            sensitive: false,
        };
        if let Data::String(text) = data {
            parts.weight += u32::try_from(text.len() / BYTES_A_VALUE).unwrap_or(u32::MAX - 1);
        }
        for part in parts_of(data) {
            parts.weight = parts.weight.saturating_add(part.parts.weight);
            parts.whole &= part.parts.whole;
            parts.sensitive |= part.has_sensitive();
        }
        parts
    }
}

/// Elements, members or attribute values.
fn parts_of(data: &Data) -> Box<dyn Iterator<Item = &Value> + '_> {
    match data {
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            Box::new(elements.iter())
        }
        Data::Map(_, members) | Data::Object(members) | Data::Open(members, _) => {
            Box::new(members.values())
        }
        _ => Box::new(std::iter::empty()),
    }
}

/// The kinds of values. Elements of a list, set or map all have the element type.
#[derive(Clone)]
pub enum Data {
    /// Null, of a type.
    Null(Type),
    /// Not known.
    Unknown(Arc<UnknownValue>),
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text, in Unicode's composed normal form.
    String(Arc<str>),
    /// A list and its element type.
    List(Type, Arc<Vec<Value>>),
    /// A set and its element type; elements sorted and distinct.
    Set(Type, Arc<Vec<Value>>),
    /// A map and its element type.
    Map(Type, Arc<Members>),
    /// A tuple.
    Tuple(Arc<Vec<Value>>),
    /// An object.
    Object(Arc<Members>),
    /// An object of which only some attributes are known: any other attribute is unknown, for the reason.
    Open(Arc<Members>, Unknown),
}

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Self {
            parts: Parts::of(&data),
            data,
            sensitive: false,
            origin: None,
        }
    }
}

impl Value {
    /// Null of no particular type.
    pub fn null() -> Self {
        Data::Null(Type::Dynamic).into()
    }

    /// A value that is not known, and of which not even the type is.
    pub fn unknown(reason: impl Into<Unknown>) -> Self {
        Self::unknown_of(Type::Dynamic, reason)
    }

    /// A value of a type that is not known otherwise.
    pub fn unknown_of(ty: Type, reason: impl Into<Unknown>) -> Self {
        Data::Unknown(Arc::new(UnknownValue {
            ty,
            why: reason.into(),
            refinement: Refinement::default(),
        }))
        .into()
    }

    /// A boolean.
    pub fn bool(value: bool) -> Self {
        Data::Bool(value).into()
    }

    /// A whole number.
    pub fn int(value: i64) -> Self {
        Data::Number(Number::int(value)).into()
    }

    /// A count of things.
    pub fn count(value: usize) -> Self {
        Self::int(i64::try_from(value).unwrap_or(i64::MAX))
    }

    /// A number.
    pub fn number(value: Number) -> Self {
        Data::Number(value).into()
    }

    /// Text, normalized.
    pub fn string(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        if is_nfc(text) {
            Data::String(text.into()).into()
        } else {
            Data::String(text.nfc().collect::<String>().into()).into()
        }
    }

    /// A tuple.
    pub fn tuple(elements: Vec<Value>) -> Self {
        Data::Tuple(Arc::new(elements)).into()
    }

    /// An object.
    pub fn object(attributes: Members) -> Self {
        Data::Object(Arc::new(attributes)).into()
    }

    /// A list whose elements have the type already.
    pub fn list(element: Type, elements: Vec<Value>) -> Self {
        Data::List(element, Arc::new(elements)).into()
    }

    /// A list of strings.
    pub fn strings(elements: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        Self::list(
            Type::String,
            elements.into_iter().map(Self::string).collect(),
        )
    }

    /// A map whose members have the type already.
    pub fn map(element: Type, members: Members) -> Self {
        Data::Map(element, Arc::new(members)).into()
    }

    /// A set whose elements have the type already; sorts them and drops repetitions.
    ///
    /// Elements that are sensitive make the whole set so: which element is which cannot be told from outside.
    pub fn set(element: Type, mut elements: Vec<Value>) -> Self {
        let sensitive = elements.iter().any(Self::has_sensitive);
        if sensitive {
            elements = elements.iter().map(Self::unmarked).collect();
        }
        elements.sort_by(compare_elements);
        elements.dedup_by(|a, b| a.is_whole() && a.same(b));
        Self {
            sensitive,
            ..Data::Set(element, Arc::new(elements)).into()
        }
    }

    /// The same value, sensitive if `sensitive` says so or it already was.
    pub fn marked(mut self, sensitive: bool) -> Self {
        self.sensitive |= sensitive;
        self
    }

    /// The same value said to come from an attribute.
    pub fn with_origin(mut self, origin: Option<Arc<Origin>>) -> Self {
        self.origin = origin;
        self
    }

    /// The type, as far as the value tells.
    pub fn ty(&self) -> Type {
        match &self.data {
            Data::Null(ty) => ty.clone(),
            Data::Unknown(unknown) => unknown.ty.clone(),
            Data::Bool(_) => Type::Bool,
            Data::Number(_) => Type::Number,
            Data::String(_) => Type::String,
            Data::List(element, _) => Type::list(element.clone()),
            Data::Set(element, _) => Type::set(element.clone()),
            Data::Map(element, _) => Type::map(element.clone()),
            Data::Tuple(elements) => Type::tuple(elements.iter().map(Self::ty).collect()),
            Data::Object(members) => Type::object(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), value.ty()))
                    .collect(),
            ),
            Data::Open(..) => Type::Dynamic,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null(_))
    }

    /// Whether it is unknown itself; its parts may be even if it is not.
    pub fn is_unknown(&self) -> bool {
        self.unknown_itself().is_some()
    }

    /// Why the value itself is not known; nothing if at most parts of it are not.
    pub fn unknown_itself(&self) -> Option<&Unknown> {
        match &self.data {
            Data::Unknown(unknown) => Some(&unknown.why),
            Data::Open(_, reason) => Some(reason),
            _ => None,
        }
    }

    /// Why the value, or a part of it, is not known: where tofu itself does not know a part, that; else why the first is not.
    pub fn reason(&self) -> Option<&Unknown> {
        match &self.data {
            Data::Unknown(unknown) => Some(&unknown.why),
            Data::Open(_, reason) => Some(reason),
            _ if self.parts.whole => None,
            _ => all_needed(self.parts().filter_map(Self::reason)),
        }
    }

    /// Why the value, or a part of it, is not known, as far as it is this program that lacks it and not tofu.
    pub fn lacking(&self) -> Option<&Unknown> {
        let own = |reason| Some(reason).filter(|reason: &&Unknown| !reason.is_after_apply());
        match &self.data {
            _ if self.parts.whole => None,
            Data::Unknown(unknown) => own(&unknown.why),
            Data::Open(members, reason) => {
                own(reason).or_else(|| members.values().find_map(Self::lacking))
            }
            _ => self.parts().find_map(Self::lacking),
        }
    }

    /// Whether it and all its parts are known.
    pub fn is_whole(&self) -> bool {
        self.parts.whole
    }

    /// Whether it or a part of it is sensitive.
    pub fn has_sensitive(&self) -> bool {
        self.sensitive || self.parts.sensitive
    }

    /// Its elements, members or attribute values.
    pub fn parts(&self) -> Box<dyn Iterator<Item = &Value> + '_> {
        parts_of(&self.data)
    }

    /// The value with no part of it sensitive.
    pub fn unmarked(&self) -> Self {
        if !self.has_sensitive() {
            return self.clone();
        }
        let each =
            |elements: &[Value]| Arc::new(elements.iter().map(Self::unmarked).collect::<Vec<_>>());
        let all = |members: &Members| {
            Arc::new(
                members
                    .iter()
                    .map(|(k, v)| (k.clone(), v.unmarked()))
                    .collect::<Members>(),
            )
        };
        let data = match &self.data {
            Data::List(ty, elements) => Data::List(ty.clone(), each(elements)),
            Data::Set(ty, elements) => Data::Set(ty.clone(), each(elements)),
            Data::Tuple(elements) => Data::Tuple(each(elements)),
            Data::Map(ty, members) => Data::Map(ty.clone(), all(members)),
            Data::Object(members) => Data::Object(all(members)),
            Data::Open(members, reason) => Data::Open(all(members), reason.clone()),
            other => other.clone(),
        };
        Self::from(data).with_origin(self.origin.clone())
    }

    /// The text inside, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        if let Data::String(text) = &self.data {
            Some(text)
        } else {
            None
        }
    }

    /// The boolean inside, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Data::Bool(value) = &self.data {
            Some(*value)
        } else {
            None
        }
    }

    /// The number inside, if it is one.
    pub fn as_number(&self) -> Option<&Number> {
        if let Data::Number(number) = &self.data {
            Some(number)
        } else {
            None
        }
    }

    /// The elements of a list, set or tuple.
    pub fn elements(&self) -> Option<&Arc<Vec<Value>>> {
        match &self.data {
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                Some(elements)
            }
            _ => None,
        }
    }

    /// The members of a map or the attributes of an object.
    pub fn members(&self) -> Option<&Arc<Members>> {
        if let Data::Map(_, members) | Data::Object(members) = &self.data {
            Some(members)
        } else {
            None
        }
    }

    /// Whether two known values are equal, ignoring marks and the types of nulls.
    pub fn same(&self, other: &Self) -> bool {
        match (&self.data, &other.data) {
            (Data::Null(_), Data::Null(_)) => true,
            (Data::Bool(a), Data::Bool(b)) => a == b,
            (Data::Number(a), Data::Number(b)) => a == b,
            (Data::String(a), Data::String(b)) => a == b,
            (Data::List(_, a), Data::List(_, b))
            | (Data::Set(_, a), Data::Set(_, b))
            | (Data::Tuple(a), Data::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.same(b))
            }
            (Data::Map(_, a), Data::Map(_, b)) | (Data::Object(a), Data::Object(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .zip(b.iter())
                        .all(|((k, v), (l, w))| k == l && v.same(w))
            }
            _ => false,
        }
    }
}

/// Why an operation that needs all its operands has no result: what only apply tells stays unknown whatever the others are;
/// else the first reason.
pub fn all_needed<'u>(reasons: impl Iterator<Item = &'u Unknown>) -> Option<&'u Unknown> {
    let mut first = None;
    for reason in reasons {
        if reason.is_after_apply() {
            return Some(reason);
        }
        first = first.or(Some(reason));
    }
    first
}

/// Why an operation that any of its operands may decide has no result: as long as one of them is only lacking here, tofu
/// may know the result.
pub fn any_decides<'u>(reasons: impl Iterator<Item = &'u Unknown>) -> Option<&'u Unknown> {
    let mut first = None;
    for reason in reasons {
        if !reason.is_after_apply() {
            return Some(reason);
        }
        first = first.or(Some(reason));
    }
    first
}

/// The order of the elements of a set: primitives by value, then unknown ones, nulls behind, other kinds by a fixed spelling.
fn compare_elements(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| 2 * u8::from(value.is_null()) + u8::from(value.is_unknown());
    rank(a)
        .cmp(&rank(b))
        .then_with(|| match (&a.data, &b.data) {
            (Data::String(a), Data::String(b)) => a.cmp(b),
            (Data::Number(a), Data::Number(b)) => a.cmp(b),
            (Data::Bool(a), Data::Bool(b)) => a.cmp(b),
            _ => spelling(a).cmp(&spelling(b)),
        })
}

/// A spelling of a value by which elements of sets that are not primitive are ordered.
fn spelling(value: &Value) -> String {
    let join = |open: char, parts: Vec<String>, close: char| {
        format!(
            "{open}{}{close}",
            parts
                .iter()
                .map(|part| format!("{part};"))
                .collect::<String>()
        )
    };
    match &value.data {
        Data::Null(_) => "~".into(),
        Data::Unknown(..) | Data::Open(..) => "?".into(),
        Data::Bool(value) => if *value { "T" } else { "F" }.into(),
        Data::Number(number) => super::functions::general_digits(number, 10),
        Data::String(text) => super::functions::quoted(text),
        Data::List(_, elements) | Data::Set(_, elements) => {
            join('[', elements.iter().map(spelling).collect(), ']')
        }
        Data::Tuple(elements) => join('<', elements.iter().map(spelling).collect(), '>'),
        Data::Object(members) => join('<', members.values().map(spelling).collect(), '>'),
        Data::Map(_, members) => {
            let member = |(key, value): (&Arc<str>, &Value)| {
                format!("{}:{}", super::functions::quoted(key), spelling(value))
            };
            join('{', members.iter().map(member).collect(), '}')
        }
    }
}

impl fmt::Debug for Value {
    /// The value's type and whether it is known: never its content, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "({}{})",
            self.ty().name(),
            if self.is_whole() { "" } else { ", unknown" }
        )
    }
}
