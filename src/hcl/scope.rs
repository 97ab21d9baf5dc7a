//! What an expression sees: names of its surroundings, and files.

use std::cell::OnceCell;
use std::sync::Arc;

use hcl_edit::Decorated;
use hcl_edit::expr::TraversalOperator;

use super::budget::Budget;
use super::diagnostic::{Diagnostic, Outcome};
use super::value::Value;
use crate::model::Unknown;

/// One step of a reference: `.name`, `[0]`, `[*]`.
pub type Step = Decorated<TraversalOperator>;

/// The names an expression may refer to.
pub trait Scope {
    /// The value behind `root` followed by as many of `path` as it takes to name a value, and how many those are.
    ///
    /// For `var.network.name` the root is `var` and the first step of the path is consumed; the caller goes on from there.
    ///
    /// # Errors
    /// When nothing of that name is declared.
    fn resolve(&self, root: &str, path: &[Step]) -> Result<(Value, usize), Diagnostic>;

    /// The files that `file`, `templatefile` and their kin read.
    fn files(&self) -> &dyn Files;

    /// What evaluation may still cost.
    fn budget(&self) -> &Budget;
}

/// Why a file or folder was not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is not there, or not what it should be: a phrase saying what is wrong.
    Wrong(String),
    /// It lies where nothing is read without being allowed; tofu would read it.
    Outside,
}

impl From<String> for Unread {
    fn from(wrong: String) -> Self {
        Self::Wrong(wrong)
    }
}

/// Files as functions see them: relative paths start at the working directory.
pub trait Files {
    /// The bytes of a file.
    ///
    /// # Errors
    /// Why there are none.
    fn read(&self, path: &str) -> Result<Vec<u8>, Unread>;

    /// Whether a regular file is there.
    ///
    /// # Errors
    /// When the path is something else than a file, or is not looked at.
    fn exists(&self, path: &str) -> Result<bool, Unread>;

    /// The regular files below a folder, as paths relative to it with `/` between parts, sorted.
    ///
    /// # Errors
    /// When the folder cannot be read, or is not looked at.
    fn below(&self, folder: &str) -> Result<Vec<String>, Unread>;

    /// The path made absolute, without `.` and `..`; nothing where there is no working directory.
    fn absolute(&self, path: &str) -> Option<String>;

    /// The user's home folder.
    fn home(&self) -> Option<String>;
}

/// No files at all.
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, Unread> {
        Err(format!("no file exists at \"{path}\"").into())
    }

    fn exists(&self, _: &str) -> Result<bool, Unread> {
        Ok(false)
    }

    fn below(&self, _: &str) -> Result<Vec<String>, Unread> {
        Ok(Vec::new())
    }

    fn absolute(&self, _: &str) -> Option<String> {
        None
    }

    fn home(&self) -> Option<String> {
        None
    }
}

/// Where an expression is evaluated: a scope, the names that `for` bound inside it, and whether anything was met that is lacking.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The surroundings.
    pub scope: &'a dyn Scope,
    frame: Option<&'a Frame<'a>>,
    lacking: &'a OnceCell<Unknown>,
}

/// A name bound by `for`, or the iterator of a dynamic block.
pub struct Frame<'a> {
    outer: Option<&'a Frame<'a>>,
    name: &'a str,
    value: Value,
}

impl<'a> Context<'a> {
    /// A context without bound names; `lacking` is set when a reference turns out not to be known to this program.
    pub fn new(scope: &'a dyn Scope, lacking: &'a OnceCell<Unknown>) -> Self {
        Self {
            scope,
            frame: None,
            lacking,
        }
    }

    /// A frame that binds one more name.
    pub fn bind(&self, name: &'a str, value: Value) -> Frame<'a> {
        Frame {
            outer: self.frame,
            name,
            value,
        }
    }

    /// The context inside a frame.
    pub fn within<'b>(&self, frame: &'b Frame<'b>) -> Context<'b>
    where
        'a: 'b,
    {
        Context {
            scope: self.scope,
            frame: Some(frame),
            lacking: self.lacking,
        }
    }

    /// The same context with its own memory of what was lacking.
    pub fn watching<'b>(&self, lacking: &'b OnceCell<Unknown>) -> Context<'b>
    where
        'a: 'b,
    {
        Context {
            scope: self.scope,
            frame: self.frame,
            lacking,
        }
    }

    /// The value bound to a name by the innermost frame that binds it.
    pub fn bound(&self, name: &str) -> Option<&'a Value> {
        let mut frame = self.frame;
        while let Some(current) = frame {
            if current.name == name {
                return Some(&current.value);
            }
            frame = current.outer;
        }
        None
    }

    /// Takes note that tofu may know more than was known here, so that what went well here may fail there.
    pub fn note_lacking(&self, why: &Unknown) {
        // The first reason stays.
        _ = self.lacking.set(why.clone());
    }
}

/// A scope of values held by name: the variables of a template.
pub struct Variables<'a> {
    /// Values by name.
    pub values: &'a super::value::Members,
    /// The scope around.
    pub around: &'a dyn Scope,
}

impl Scope for Variables<'_> {
    fn resolve(&self, root: &str, _: &[Step]) -> Result<(Value, usize), Diagnostic> {
        let found = self.values.get(&Arc::from(root));
        found.map(|value| (value.clone(), 0)).ok_or_else(|| {
            Diagnostic::new(
                "Error in function call",
                format!("vars map does not contain key \"{root}\""),
            )
        })
    }

    fn files(&self) -> &dyn Files {
        self.around.files()
    }

    fn budget(&self) -> &Budget {
        self.around.budget()
    }
}

/// Evaluates in a scope without bound names.
///
/// # Errors
/// The first mistake met.
pub fn evaluate(expression: &hcl_edit::expr::Expression, scope: &dyn Scope) -> Outcome {
    let lacking = OnceCell::new();
    super::eval::expression(expression, &Context::new(scope, &lacking))
}
