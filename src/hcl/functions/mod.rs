//! The functions of the language.

mod collection;
mod conversion;
mod date;
mod encoding;
mod file;
mod float;
mod hash;
mod network;
mod numeric;
mod signature;
mod text;
mod unknown;

use std::collections::HashMap;
use std::sync::LazyLock;

pub use encoding::json_text;
pub(super) use text::{general_digits, quoted};

use super::diagnostic::Diagnostic;
use super::scope::Context;
use super::types::Type;
use super::value::{Data, Value, all_needed};
use crate::model::Unknown;

/// Why a call has no result.
pub enum Failure {
    /// One argument, by position, is wrong.
    Argument(usize, String),
    /// The call as a whole is.
    Call(String),
    /// A mistake inside a template that the function rendered.
    Diagnostic(Diagnostic),
    /// It has one that is not known here, for the reason.
    Unknown(Unknown),
}

impl From<String> for Failure {
    fn from(why: String) -> Self {
        Self::Call(why)
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Diagnostic(diagnostic)
    }
}

impl From<&str> for Failure {
    fn from(why: &str) -> Self {
        Self::Call(why.to_owned())
    }
}

/// What a function gives.
type Given = Result<Value, Failure>;

/// The code of a function: arguments already converted to the types of its parameters.
type Run = fn(&[Value], &Context<'_>) -> Given;

/// A name, a signature such as `string, number? -> string`, and the code.
///
/// In a signature `?` lets an argument or the result be null, `*` an argument be of a type that is not known, and `...` lets
/// it repeat. Before it, `~` says that the function looks only at the outside of its arguments and so works where parts are
/// unknown, and `!` that it sees unknown and sensitive arguments itself.
type Entry = (&'static str, &'static str, Run);

/// A parameter.
#[derive(Clone)]
pub struct Parameter {
    /// What arguments are converted to.
    pub ty: Type,
    null: bool,
    /// Whether it takes an argument of which not even the type is known; with any other function the result is unknown then.
    open: bool,
}

/// How much of its arguments a function must know.
#[derive(Clone, Copy, PartialEq)]
enum Need {
    /// Every part.
    Whole,
    /// Only the outside: elements may be unknown or sensitive.
    Outside,
    /// Nothing: it deals with unknown and sensitive arguments itself.
    Nothing,
}

/// A function.
pub struct Function {
    parameters: Vec<Parameter>,
    rest: Option<Parameter>,
    result: Type,
    /// Whether the result may be null.
    nullable: bool,
    need: Need,
    /// What the result is where an argument is not known, of a function whose type depends on its arguments.
    unknown: Option<unknown::Rule>,
    run: Run,
}

static TABLE: LazyLock<HashMap<&'static str, Function>> = LazyLock::new(|| {
    let families = [
        collection::TABLE,
        conversion::TABLE,
        date::TABLE,
        encoding::TABLE,
        file::TABLE,
        hash::TABLE,
        network::TABLE,
        numeric::TABLE,
        text::TABLE,
    ];
    families
        .iter()
        .flat_map(|family| family.iter())
        .map(|entry| (entry.0, signature::function(entry)))
        .collect()
});

/// The function of a name.
pub fn find(name: &str) -> Option<&'static Function> {
    TABLE.get(name)
}

/// The names of all functions, sorted; `try` and `can` are among them.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = TABLE.keys().copied().chain(["can", "try"]).collect();
    names.sort_unstable();
    names
}

/// What is said of a failed call with sensitive arguments.
const HIDDEN: &str = "the reason is not shown because an argument is sensitive";

impl Function {
    /// Whether a call may have this many arguments.
    ///
    /// # Errors
    /// When it may not.
    pub fn check_count(&self, name: &str, count: usize) -> Result<(), Diagnostic> {
        let expected = self.parameters.len();
        if count < expected {
            let detail = format!("Function \"{name}\" expects {expected} argument(s).");
            return Err(Diagnostic::new("Not enough function arguments", detail));
        }
        if count > expected && self.rest.is_none() {
            let detail = format!("Function \"{name}\" expects only {expected} argument(s).");
            return Err(Diagnostic::new("Too many function arguments", detail));
        }
        Ok(())
    }

    /// How many arguments it wants at least.
    pub fn expected(&self) -> usize {
        self.parameters.len()
    }

    /// The parameter that takes the argument at a position. There must be one: see [`Function::check_count`].
    pub fn parameter(&self, at: usize) -> &Parameter {
        static ANY: Parameter = Parameter {
            ty: Type::Dynamic,
            null: true,
            open: true,
        };
        self.parameters
            .get(at)
            .or(self.rest.as_ref())
            .unwrap_or(&ANY)
    }

    /// Calls it with converted arguments. What is unknown makes the result unknown, what is sensitive makes it sensitive.
    ///
    /// # Errors
    /// Why there is no result.
    pub fn call(&self, arguments: Vec<Value>, ctx: &Context<'_>) -> Given {
        for (at, argument) in arguments.iter().enumerate() {
            if argument.is_null() && !self.parameter(at).null {
                return Err(Failure::Argument(at, "argument must not be null".into()));
            }
        }
        if let Some(reason) = self.untyped(&arguments) {
            let sensitive = arguments.iter().any(Value::has_sensitive);
            return Ok(Value::unknown(reason).marked(sensitive));
        }
        let value = self.typed(self.called(arguments, ctx)?);
        Ok(if self.nullable {
            value
        } else {
            value.not_null()
        })
    }

    /// Why not even the type of the result is known, because that of an argument is not.
    fn untyped(&self, arguments: &[Value]) -> Option<Unknown> {
        let open = arguments.iter().enumerate().any(|(at, argument)| {
            let untyped = match &argument.data {
                Data::Unknown(unknown) => unknown.ty == Type::Dynamic,
                Data::Open(..) => self.need != Need::Nothing,
                _ => false,
            };
            untyped && !self.parameter(at).open
        });
        let reasons = arguments.iter().filter_map(Value::unknown_itself);
        all_needed(reasons).filter(|_| open).cloned()
    }

    /// What is not known is at least of the type that all results of the function are of.
    fn typed(&self, value: Value) -> Value {
        match &value.data {
            Data::Unknown(unknown) if unknown.ty == Type::Dynamic && self.unknown.is_none() => {
                let typed = Value::unknown_of(self.result.clone(), unknown.why.clone());
                typed.marked(value.sensitive).with_origin(value.origin)
            }
            _ => value,
        }
    }

    fn called(&self, arguments: Vec<Value>, ctx: &Context<'_>) -> Given {
        if self.need == Need::Nothing {
            return (self.run)(&arguments, ctx);
        }
        let whole = self.need == Need::Whole;
        let sensitive = arguments.iter().any(|argument| {
            if whole {
                argument.has_sensitive()
            } else {
                argument.sensitive
            }
        });
        let reasons = arguments.iter().filter_map(|argument| {
            if whole {
                argument.reason()
            } else {
                argument.unknown_itself()
            }
        });
        if let Some(reason) = all_needed(reasons) {
            return Ok(self.unresolved(&arguments, reason)?.marked(sensitive));
        }
        let bare = |argument: Value| {
            if whole {
                argument.unmarked()
            } else {
                Value {
                    sensitive: false,
                    ..argument
                }
            }
        };
        let arguments: Vec<Value> = arguments.into_iter().map(bare).collect();
        match (self.run)(&arguments, ctx) {
            Ok(value) => Ok(value.marked(sensitive)),
            Err(Failure::Unknown(reason)) => {
                Ok(Value::unknown_of(self.result.clone(), reason).marked(sensitive))
            }
            // A message may quote an argument.
            Err(Failure::Diagnostic(diagnostic)) if diagnostic.over_budget => {
                Err(Failure::Diagnostic(diagnostic))
            }
            Err(Failure::Argument(at, _)) if sensitive => Err(Failure::Argument(at, HIDDEN.into())),
            Err(_) if sensitive => Err(Failure::Call(HIDDEN.into())),
            Err(failure) => Err(failure),
        }
    }

    /// The result where an argument that it needs is not known.
    fn unresolved(&self, arguments: &[Value], reason: &Unknown) -> Given {
        let ty = match self.unknown {
            Some(rule) => rule(arguments)?,
            None => self.result.clone(),
        };
        Ok(Value::unknown_of(ty, reason.clone()))
    }
}

/// The text of an argument whose parameter is a string.
fn text_of(arguments: &[Value], at: usize) -> &str {
    arguments
        .get(at)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The whole number of an argument whose parameter is a number.
fn int_of(arguments: &[Value], at: usize) -> Result<i64, String> {
    let number = arguments.get(at).and_then(Value::as_number);
    number
        .and_then(super::Number::to_i64)
        .ok_or_else(|| "value must be a whole number, between -9223372036854775808 and 9223372036854775807 inclusive".into())
}

/// The elements of an argument that is a sequence.
fn elements_of(arguments: &[Value], at: usize) -> &[Value] {
    arguments
        .get(at)
        .and_then(Value::elements)
        .map(|elements| elements.as_slice())
        .unwrap_or_default()
}
