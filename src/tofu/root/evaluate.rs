//! Evaluation of what may be known before any resource is: `var`, `local`, `path`, `terraform`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hcl_edit::expr::{Expression, TraversalOperator};

use super::{Block, Environment};
use crate::hcl::{self, Data, Diagnostic, Files, Scope, Unread, parse_expression};
use crate::input;
use crate::model::Value;
use crate::model::{NotEvaluated, Unknown};
use crate::tofu::grounds::Grounds;

/// Something that gives expressions their values.
///
/// What cannot be known is [`Value::Unknown`] with the reason, which names things and never quotes values.
pub trait Evaluate {
    /// The value of an expression.
    fn evaluate(&self, expression: &Expression) -> Value;
}

/// Input variables, locals and paths of a root module.
#[derive(Default)]
pub struct StaticValues {
    variables: BTreeMap<String, Variable>,
    locals: BTreeMap<String, Expression>,
    workspace: Option<String>,
    files: Folder,
    /// Locals under evaluation, to notice one that refers to itself.
    open: RefCell<Vec<String>>,
    budget: hcl::Budget,
}

#[derive(Default)]
struct Variable {
    /// Whether the type is left out or primitive.
    text: bool,
    default: Option<Expression>,
    value: Option<hcl::Value>,
}

impl StaticValues {
    pub(super) fn declare_locals(&mut self, block: Block) {
        self.locals.extend(
            block
                .attributes
                .into_iter()
                .map(|attribute| (attribute.name, attribute.expression)),
        );
    }

    pub(super) fn declare_variable(&mut self, block: Block) {
        let primitive = |expression: &Expression| {
            let word = expression
                .as_str()
                .map_or_else(|| expression.to_string(), str::to_owned);
            matches!(word.trim(), "string" | "number" | "bool")
        };
        let text = block
            .attribute("type")
            .is_none_or(|attribute| primitive(&attribute.expression));
        let default = block
            .attribute("default")
            .map(|attribute| attribute.expression.clone());
        if let Some(name) = block.labels.first() {
            let earlier = self.variables.entry(name.clone()).or_default();
            earlier.text = text;
            earlier.default = default.or_else(|| earlier.default.take());
        }
    }

    /// Tofu runs inside the root module, so that is what paths and functions of files start from.
    pub(super) fn set_folder(&mut self, dir: &Path, outside: bool, environment: &Environment) {
        self.files = Folder {
            dir: dir.to_owned(),
            home: environment.get("HOME").map(str::to_owned),
            grounds: Grounds::around(dir, outside),
        };
    }

    /// Says which workspace is selected.
    pub fn set_workspace(&mut self, name: &str) {
        self.workspace = Some(name.to_owned());
    }

    /// Gives a declared variable a text: as it is for a primitive type or none, else as an expression.
    pub(super) fn assign_text(&mut self, name: &str, text: &str) {
        if self
            .variables
            .get(name)
            .is_none_or(|variable| variable.text)
        {
            return self.assign(name, hcl::Value::string(text));
        }
        match parse_expression(text) {
            Ok(expression) => self.assign_expression(name, &expression),
            Err(_) => self.assign(
                name,
                hcl::Value::unknown(Unknown::mistaken("invalid expression")),
            ),
        }
    }

    /// Gives a declared variable the value of an expression, which may call functions and refer to nothing.
    pub(super) fn assign_expression(&mut self, name: &str, expression: &Expression) {
        let bare = Self {
            files: self.files.clone(),
            ..Self::default()
        };
        self.assign(name, bare.value(expression));
    }

    /// Others than declared ones are ignored, as in tofu.
    fn assign(&mut self, name: &str, value: hcl::Value) {
        if let Some(variable) = self.variables.get_mut(name) {
            variable.value = Some(value);
        }
    }

    fn value(&self, expression: &Expression) -> hcl::Value {
        // The detail of a mistake may quote a value; its summary never does.
        hcl::evaluate(expression, self).unwrap_or_else(|mistake| {
            hcl::Value::unknown(Unknown::mistaken(&mistake.summary.to_lowercase()))
        })
    }

    fn variable(&self, name: &str) -> hcl::Value {
        match self.variables.get(name) {
            None => hcl::Value::unknown(NotEvaluated::Undeclared(format!("var.{name}").into())),
            Some(Variable {
                value: Some(value), ..
            }) => value.clone(),
            Some(Variable {
                default: Some(default),
                ..
            }) => self.value(default),
            Some(_) => hcl::Value::unknown(NotEvaluated::Variable(name.into())),
        }
    }

    fn local(&self, name: &str) -> hcl::Value {
        let Some(expression) = self.locals.get(name) else {
            return hcl::Value::unknown(NotEvaluated::Undeclared(format!("local.{name}").into()));
        };
        if self.open.borrow().iter().any(|open| open == name) {
            return hcl::Value::unknown(NotEvaluated::Reference(format!("local.{name}").into()));
        }
        self.open.borrow_mut().push(name.to_owned());
        let value = self.value(expression);
        self.open.borrow_mut().pop();
        value
    }
}

impl Evaluate for StaticValues {
    fn evaluate(&self, expression: &Expression) -> Value {
        plain(&self.value(expression))
    }
}

impl Scope for StaticValues {
    fn resolve(&self, root: &str, path: &[hcl::Step]) -> Result<(hcl::Value, usize), Diagnostic> {
        let refused = |what: &str| {
            Ok((
                hcl::Value::unknown(NotEvaluated::NotStatic(what.into())),
                path.len(),
            ))
        };
        let Some(TraversalOperator::GetAttr(name)) = path.first().map(|step| step.value()) else {
            return refused(root);
        };
        let value = match (root, name.as_str()) {
            ("var", name) => self.variable(name),
            ("local", name) => self.local(name),
            ("path", "module" | "root") => hcl::Value::string("."),
            ("path", "cwd") => hcl::Value::string(self.files.dir.display().to_string()),
            ("terraform" | "tofu", "workspace") => match &self.workspace {
                Some(workspace) => hcl::Value::string(workspace),
                None => hcl::Value::unknown(NotEvaluated::Workspace),
            },
            (root, name) => return refused(&format!("{root}.{name}")),
        };
        Ok((value, 1))
    }

    fn files(&self) -> &dyn Files {
        &self.files
    }

    fn budget(&self) -> &hcl::Budget {
        &self.budget
    }
}

/// The files below the root module's folder.
#[derive(Clone, Default)]
struct Folder {
    dir: PathBuf,
    home: Option<String>,
    grounds: Grounds,
}

impl Folder {
    fn located(&self, path: &str) -> Result<PathBuf, Unread> {
        let located = self.dir.join(path);
        let inside = self.grounds.hold(&located);
        inside.then_some(located).ok_or(Unread::Outside)
    }
}

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, Unread> {
        let located = self.located(path)?;
        input::bytes(&located, input::MOST_TEXT)
            .map_err(|_| format!("no file exists at \"{path}\"").into())
    }

    fn exists(&self, path: &str) -> Result<bool, Unread> {
        Ok(self.located(path)?.is_file())
    }

    fn below(&self, _: &str) -> Result<Vec<String>, Unread> {
        Err(Unread::Wrong(
            "`fileset` is not evaluated where state is looked for".into(),
        ))
    }

    fn absolute(&self, path: &str) -> Option<String> {
        Some(
            self.dir
                .join(path)
                .components()
                .collect::<PathBuf>()
                .display()
                .to_string(),
        )
    }

    fn home(&self) -> Option<String> {
        self.home.clone()
    }
}

/// A value without the language's types and marks.
fn plain(value: &hcl::Value) -> Value {
    match &value.data {
        Data::Null(_) => Value::Null,
        Data::Unknown(unknown) => Value::Unknown(unknown.why.clone()),
        Data::Open(_, reason) => Value::Unknown(reason.clone()),
        Data::Bool(flag) => Value::Bool(*flag),
        Data::String(text) => Value::text(&**text),
        Data::Number(number) => match number.to_i64() {
            Some(whole) => Value::int(whole),
            None => {
                serde_json::Number::from_f64(number.to_f64()).map_or(Value::Null, Value::Number)
            }
        },
        Data::List(_, items) | Data::Set(_, items) | Data::Tuple(items) => {
            Value::List(items.iter().map(plain).collect())
        }
        Data::Map(_, members) | Data::Object(members) => Value::Map(
            members
                .iter()
                .map(|(name, value)| (name.to_string(), plain(value)))
                .collect(),
        ),
    }
}
