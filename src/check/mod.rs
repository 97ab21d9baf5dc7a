//! Rules of production readiness: data, evaluated over what is there and its neighbours.
//!
//! ```text
//! providers/rules/*.toml, [[rule]] of driftline.toml ─ load ─▶ Rules ┐
//! objects, state, configuration ─────────────────────▶ Estate ───────┴─ judge ─▶ Report ─▶ findings
//! ```
//!
//! - A rule is a predicate of the configuration language over one node; the language's own evaluator answers it with true, false, or
//!   unknown and why. What is unknown is never a pass.
//! - A rule is checked when it is loaded: types, attributes, syntax, functions. One that holds there fails nowhere for its own sake.
//! - Where objects come from makes no difference to a rule, but that only the cloud shows everything a project has.

mod estate;
mod file;
mod judge;
mod paths;
mod rule;
mod scope;
mod view;

pub use estate::{Estate, Given, Hidden, Node, Origin, Unseen};
pub use judge::{Judgement, Outcome, Report, Shown, Subject, judge};
pub use rule::{About, Predicate, Priority, Rule, Rules, See};
