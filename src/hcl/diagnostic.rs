//! What can be wrong with an expression.

use std::ops::Range;

use super::types::Type;
use super::value::Value;
use crate::model::Unknown;

/// Why an expression has no value, in the words of tofu's own summaries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of mistake: `Invalid index`.
    pub summary: String,
    /// What exactly is wrong, in one sentence. Never the content of a value that is sensitive.
    pub detail: String,
    /// Bytes of the source it is about, where known.
    pub span: Option<Range<usize>>,
    /// Whether a reference is at fault: tofu refuses those before it evaluates anything, even inside `try`.
    pub reference: bool,
    /// Whether the budget of the evaluation is spent: nothing is decided by that, and nothing goes on behind it.
    pub over_budget: bool,
    /// The type of what evaluation goes on with: the outcome of `-x` is a number even where `x` is wrong.
    pub ty: Type,
}

impl Diagnostic {
    /// A complaint without a place.
    pub fn new(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            summary: summary.into(),
            detail: detail.into(),
            span: None,
            reference: false,
            over_budget: false,
            ty: Type::Dynamic,
        }
    }

    /// A complaint that evaluation takes more than it may.
    pub(super) fn over_budget(detail: String) -> Self {
        Self {
            over_budget: true,
            ..Self::new("Evaluation budget exceeded", detail)
        }
    }

    /// Whether nothing catches it: neither `try`, nor a result that is not chosen.
    pub fn is_final(&self) -> bool {
        self.reference || self.over_budget
    }

    /// A complaint about a reference.
    pub fn reference(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            reference: true,
            ..Self::new(summary, detail)
        }
    }

    /// The same complaint about a place, unless it has one already.
    pub fn at(mut self, span: Option<Range<usize>>) -> Self {
        self.span = self.span.or(span);
        self
    }

    /// The same complaint about an expression that has a type in spite of it.
    pub fn giving(mut self, ty: Type) -> Self {
        self.ty = ty;
        self
    }

    /// Where it stands among others: references come before all, then the order of the source.
    fn rank(&self) -> (bool, usize, usize) {
        let span = self.span.clone().unwrap_or(usize::MAX..usize::MAX);
        (!self.is_final(), span.start, span.end)
    }
}

/// The mistakes of an expression while its evaluation goes on: tofu looks at all its parts, and tells first what stands first
/// in the source.
#[derive(Default)]
pub struct Mistakes(Option<Diagnostic>);

impl Mistakes {
    /// Adds one.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        if self
            .0
            .as_ref()
            .is_none_or(|first| diagnostic.rank() < first.rank())
        {
            self.0 = Some(diagnostic);
        }
    }

    /// The value of a part; where it has none, an unknown one of the type it would have.
    pub fn value(&mut self, outcome: Outcome) -> Value {
        outcome.unwrap_or_else(|diagnostic| {
            let value = placeholder(&diagnostic.ty);
            self.add(diagnostic);
            value
        })
    }

    /// Ends an expression of a type.
    ///
    /// # Errors
    /// The first mistake, if there was one.
    pub fn end(self, ty: impl FnOnce() -> Type) -> Result<(), Diagnostic> {
        self.0
            .map_or(Ok(()), |diagnostic| Err(diagnostic.giving(ty())))
    }
}

/// An unknown value of a type; of tuples and objects only the parts are.
fn placeholder(ty: &Type) -> Value {
    match ty {
        Type::Tuple(elements) => Value::tuple(elements.iter().map(placeholder).collect()),
        Type::Object(object) => Value::object(
            object
                .attributes
                .iter()
                .map(|(name, ty)| (name.clone(), placeholder(ty)))
                .collect(),
        ),
        _ => Value::unknown_of(ty.clone(), Unknown::mistaken("")),
    }
}

/// A value, or why there is none.
pub type Outcome = Result<Value, Diagnostic>;
