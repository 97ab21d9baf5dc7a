//! The configuration language: values, types, and expressions evaluated as far as what they refer to is known.
//!
//! A function of its arguments: names come from a [`Scope`], files from [`Files`]. Messages use tofu's own summaries.

mod budget;
mod convert;
mod diagnostic;
mod eval;
pub mod functions;
mod lexical;
mod number;
mod parse;
pub mod print;
mod references;
mod refinement;
mod scope;
mod types;
mod unify;
mod value;

pub use budget::{Budget, Limit, MOST_BYTES};
pub use convert::{convert, convertible};
pub use diagnostic::{Diagnostic, Outcome};
pub(crate) use eval::{Items, items};
pub use eval::{attribute, expression, index, template_text};
pub use lexical::syntax_summary;
pub use number::Number;
pub use parse::{SyntaxError, parse_body, parse_expression, parse_template};
pub use references::{Reference, references, template_references};
pub use refinement::{Bound, Lengths, Range, Refinement, UnknownValue, undecided};
pub use scope::{Context, Files, Frame, NoFiles, Scope, Step, Unread, Variables, evaluate};
pub use types::{ObjectType, Type};
pub use unify::unify;
pub use value::{Data, Members, Value, all_needed, any_decides};
