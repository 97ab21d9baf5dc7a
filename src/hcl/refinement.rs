//! What is known of a value that is not known itself: that it is not null, how a text begins, how many elements a
//! collection has, between which bounds a number lies.

use std::cmp::Ordering;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::number::Number;
use super::types::Type;
use super::value::{Data, Value, all_needed, any_decides};
use crate::model::Unknown;

/// What is known of a value beside its type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refinement {
    /// That it is not null.
    pub not_null: bool,
    /// In which range it lies, if it is not null.
    pub range: Range,
    /// Why tofu may know more of it than is known here.
    pub lacking: Option<Unknown>,
}

/// A range of values.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Range {
    /// Any value of the type.
    #[default]
    Any,
    /// Texts that begin so.
    Prefix(Arc<str>),
    /// Collections of that many elements.
    Length(Lengths),
    /// Numbers from a bound to another.
    Between(Option<Bound>, Option<Bound>),
}

/// The least and the greatest number of elements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lengths {
    /// There are at least so many.
    pub least: usize,
    /// There are at most so many.
    pub most: Option<usize>,
}

/// The end of a range of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The number.
    pub number: Number,
    /// Whether it is in the range itself.
    pub inclusive: bool,
}

impl Bound {
    fn of(number: Number) -> Self {
        Self {
            number,
            inclusive: true,
        }
    }
}

impl Lengths {
    /// Exactly so many elements.
    pub fn exactly(count: usize) -> Self {
        Self {
            least: count,
            most: Some(count),
        }
    }

    /// Any number of elements.
    pub const ANY: Self = Self {
        least: 0,
        most: None,
    };

    /// The lengths of what has either these lengths or those.
    fn joined(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.zip(other.most).map(|(a, b)| a.max(b)),
        }
    }

    /// The lengths once equal elements have become one.
    pub fn coalesced(self) -> Self {
        Self {
            least: self.least.min(1),
            most: self.most,
        }
    }
}

/// What a text begins with at most, as far as refinements keep it.
const LONGEST_PREFIX: usize = 128;

/// Characters that nothing behind them can combine with.
const ENDS_A_CLUSTER: &str = "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'";

impl Refinement {
    /// It is not null.
    pub const NOT_NULL: Self = Self::not_null(Range::Any);

    /// Not null, and in a range.
    const fn not_null(range: Range) -> Self {
        Self {
            not_null: true,
            range,
            lacking: None,
        }
    }

    /// The same, of which tofu may know more.
    pub fn lacking(self, why: Option<&Unknown>) -> Self {
        Self {
            lacking: why.cloned(),
            ..self
        }
    }

    /// Not null, and of a length.
    pub fn of_length(lengths: Lengths) -> Self {
        Self::not_null(Range::Length(lengths))
    }

    /// Not null, and a whole number that counts things.
    pub fn counting(lengths: Lengths) -> Self {
        let bound = |count: usize| Bound::of(Number::int(i64::try_from(count).unwrap_or(i64::MAX)));
        Self::not_null(Range::Between(
            Some(bound(lengths.least)),
            lengths.most.map(bound),
        ))
    }

    /// Not null, and beginning with a text, whatever comes behind it.
    pub fn starting_with(text: &str) -> Self {
        Self::starting_exactly(unchanging(text))
    }

    /// Not null, and beginning with a text that nothing behind it changes.
    pub fn starting_exactly(text: String) -> Self {
        Self::not_null(if text.is_empty() {
            Range::Any
        } else {
            Range::Prefix(text.into())
        })
    }

    /// What is known of a value: of one that is known itself, as much as a refinement can say.
    pub fn of(value: &Value) -> Self {
        let range = match &value.data {
            Data::Unknown(unknown) => return unknown.refinement.clone(),
            Data::Null(_) => return Self::default(),
            Data::String(text) => Range::Prefix(text.clone()),
            Data::Number(number) => {
                let bound = Some(Bound::of(number.clone()));
                Range::Between(bound.clone(), bound)
            }
            Data::List(_, elements) => Range::Length(Lengths::exactly(elements.len())),
            Data::Map(_, members) => Range::Length(Lengths::exactly(members.len())),
            // Elements that are not known may turn out to be the same.
            Data::Set(_, elements) if elements.len() > 1 && !value.is_whole() => Range::Any,
            Data::Set(_, elements) => Range::Length(Lengths::exactly(elements.len())),
            Data::Bool(_) | Data::Tuple(_) | Data::Object(_) | Data::Open(..) => Range::Any,
        };
        Self::not_null(range)
    }

    /// How long a collection is.
    pub fn lengths(&self) -> Lengths {
        match &self.range {
            Range::Length(lengths) => *lengths,
            _ => Lengths::ANY,
        }
    }

    /// What a text begins with.
    pub fn prefix(&self) -> &str {
        match &self.range {
            Range::Prefix(prefix) => prefix,
            _ => "",
        }
    }

    /// The bounds of a number.
    pub fn bounds(&self) -> (Option<&Bound>, Option<&Bound>) {
        match &self.range {
            Range::Between(least, most) => (least.as_ref(), most.as_ref()),
            _ => (None, None),
        }
    }

    /// What is known of a value that is one of two of a type.
    ///
    /// Prefixes that both begin with are not kept: tofu does not, either.
    pub fn common(&self, other: &Self, ty: &Type) -> Self {
        let range = match ty {
            Type::Number => {
                let ((a, b), (c, d)) = (self.bounds(), other.bounds());
                Range::Between(
                    a.zip(c).map(|(a, c)| outer(a, c, Ordering::Less)),
                    b.zip(d).map(|(b, d)| outer(b, d, Ordering::Greater)),
                )
            }
            Type::List(_) | Type::Set(_) | Type::Map(_) => {
                Range::Length(self.lengths().joined(other.lengths()))
            }
            _ => Range::Any,
        };
        Self {
            not_null: self.not_null && other.not_null,
            range,
            lacking: self.lacking.clone().or_else(|| other.lacking.clone()),
        }
    }

    /// Whether a value that is known, or at least known to be null or not, is none of those that are refined so and have a
    /// type. A value of another type is none, be they nullable or not: that is how tofu decides.
    pub fn excludes(&self, ty: &Type, value: &Value) -> bool {
        if value.is_null() {
            return self.not_null;
        }
        if !value.ty().conforms(ty) {
            return true;
        }
        match &self.range {
            Range::Any => false,
            Range::Prefix(prefix) => value
                .as_str()
                .is_some_and(|text| !text.starts_with(&**prefix)),
            Range::Length(lengths) => {
                let known = Self::of(value).lengths();
                known.most.is_some_and(|most| most < lengths.least)
                    || lengths.most.is_some_and(|most| known.least > most)
            }
            Range::Between(least, most) => value.as_number().is_some_and(|number| {
                let beyond = |bound: &Option<Bound>, side: Ordering| {
                    bound.as_ref().is_some_and(|bound| {
                        let order = number.cmp(&bound.number);
                        order == side || (order == Ordering::Equal && !bound.inclusive)
                    })
                };
                beyond(least, Ordering::Less) || beyond(most, Ordering::Greater)
            }),
        }
    }

    /// This and what else is known.
    fn and(self, other: Self) -> Self {
        let range = match (self.range, other.range) {
            (range, Range::Any) | (Range::Any, range) => range,
            (Range::Length(a), Range::Length(b)) => Range::Length(Lengths {
                least: a.least.max(b.least),
                most: a.most.into_iter().chain(b.most).min(),
            }),
            (Range::Prefix(a), Range::Prefix(b)) => {
                Range::Prefix(if a.len() >= b.len() { a } else { b })
            }
            (_, range) => range,
        };
        Self {
            not_null: self.not_null || other.not_null,
            range,
            lacking: self.lacking.or(other.lacking),
        }
    }
}

/// The bound that lies farther out on a side.
fn outer(a: &Bound, b: &Bound, side: Ordering) -> Bound {
    match a.number.cmp(&b.number) {
        Ordering::Equal => Bound {
            inclusive: a.inclusive || b.inclusive,
            ..a.clone()
        },
        order if order == side => a.clone(),
        _ => b.clone(),
    }
}

/// The beginning of a text that stays as it is whatever is written behind it: the last character goes, unless it is one
/// that never combines with others.
fn unchanging(text: &str) -> String {
    let cut = (0..=text.len().min(LONGEST_PREFIX))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    let mut kept: String = text[..cut].nfc().collect();
    let last = kept.graphemes(true).next_back().unwrap_or_default();
    let mut chars = last.chars();
    let firm = chars.next().is_some_and(|c| ENDS_A_CLUSTER.contains(c)) && chars.next().is_none();
    if !firm {
        kept.truncate(kept.len() - last.len());
    }
    kept
}

/// Why an operation has no result that what is known of its operands did not decide.
///
/// Where tofu may know more of one of them than is known here, it may know the result, too; else what only apply tells
/// keeps it from being known.
pub fn undecided<'v>(operands: impl IntoIterator<Item = &'v Value> + Clone) -> Option<Unknown> {
    let unknown = operands.clone().into_iter();
    let refinements = unknown.filter_map(|value| match &value.data {
        Data::Unknown(unknown) => Some(&unknown.refinement),
        _ => None,
    });
    let mut refined = false;
    for refinement in refinements {
        if let Some(lacking) = &refinement.lacking {
            return Some(lacking.clone());
        }
        refined |= refinement.not_null || refinement.range != Range::Any;
    }
    let reasons = operands.into_iter().filter_map(Value::reason);
    let reason = if refined {
        any_decides(reasons)
    } else {
        all_needed(reasons)
    };
    reason.cloned()
}

impl Value {
    /// The same value with what else is known of it; where that leaves one value only, that value.
    pub fn refined(self, refinement: Refinement) -> Self {
        let Data::Unknown(unknown) = &self.data else {
            return self;
        };
        if unknown.ty == Type::Dynamic {
            return self;
        }
        let mut unknown = (**unknown).clone();
        unknown.refinement = unknown.refinement.and(refinement);
        Self::from(unknown.settled())
            .marked(self.sensitive)
            .with_origin(self.origin)
    }

    /// The same value, known not to be null.
    pub fn not_null(self) -> Self {
        self.refined(Refinement::NOT_NULL)
    }
}

/// A value that is not known: its type, why, and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownValue {
    /// Its type.
    pub ty: Type,
    /// Why it is not known.
    pub why: Unknown,
    /// What is known of it beside its type; of a value whose type is not known, nothing is.
    pub refinement: Refinement,
}

impl UnknownValue {
    /// The value, known as far as its refinement leaves but one.
    fn settled(self) -> Data {
        if !self.refinement.not_null {
            return Data::Unknown(Arc::new(self));
        }
        if let (Some(least), Some(most)) = self.refinement.bounds()
            && least == most
            && least.inclusive
            && self.ty == Type::Number
        {
            return Data::Number(least.number.clone());
        }
        let lengths = self.refinement.lengths();
        if lengths.most != Some(lengths.least) {
            return Data::Unknown(Arc::new(self));
        }
        let elements =
            |ty: &Type| vec![Value::unknown_of(ty.clone(), self.why.clone()); lengths.least];
        match (&self.ty, lengths.least) {
            (Type::List(ty), 0..=MOST_UNKNOWN_ELEMENTS) => {
                Data::List((**ty).clone(), Arc::new(elements(ty)))
            }
            (Type::Set(ty), 0..=1) => Data::Set((**ty).clone(), Arc::new(elements(ty))),
            (Type::Map(ty), 0) => Data::Map((**ty).clone(), Arc::default()),
            _ => Data::Unknown(Arc::new(self)),
        }
    }
}

/// A list that is known to be longer is left unknown.
const MOST_UNKNOWN_ELEMENTS: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_nothing_can_combine() {
        for (text, kept) in [
            ("x-", "x-"),
            ("abc", "ab"),
            ("a", ""),
            ("ab\n", "ab"),
            ("a=", "a"),
            ("日本", "日"),
            ("ae\u{301}", "a"),
            ("é-", "é-"),
            ("a👍🏽", "a"),
            ("a-\u{200d}", "a"),
        ] {
            assert_eq!(unchanging(text), kept, "{text:?}");
        }
        assert_eq!(unchanging(&"a/".repeat(100)), "a/".repeat(64));
    }

    #[test]
    fn a_range_of_one_value_is_that_value() {
        let unknown = |ty| Value::unknown_of(ty, Unknown::AFTER_APPLY);
        let two = unknown(Type::Number).refined(Refinement::counting(Lengths::exactly(2)));
        assert!(two.same(&Value::int(2)));
        let list = unknown(Type::list(Type::String));
        let list = list.refined(Refinement::of_length(Lengths::exactly(3)));
        assert_eq!(list.elements().map(|all| all.len()), Some(3));
        let set = unknown(Type::set(Type::String));
        assert!(
            set.clone()
                .refined(Refinement::of_length(Lengths::exactly(2)))
                .is_unknown()
        );
        assert!(
            !set.refined(Refinement::of_length(Lengths::exactly(1)))
                .is_unknown()
        );
    }

    #[test]
    fn what_is_out_of_range_is_excluded() {
        let begins = Refinement::starting_with("x-");
        assert!(begins.excludes(&Type::String, &Value::string("y")));
        assert!(!begins.excludes(&Type::String, &Value::string("x-1")));
        assert!(begins.excludes(&Type::String, &Value::null()));
        assert!(Refinement::default().excludes(&Type::String, &Value::int(1)));
        assert!(!Refinement::default().excludes(&Type::String, &Value::null()));
        let positive = Refinement::counting(Lengths {
            least: 1,
            most: None,
        });
        assert!(positive.excludes(&Type::Number, &Value::int(0)));
        assert!(!positive.excludes(&Type::Number, &Value::int(1)));
    }
}
