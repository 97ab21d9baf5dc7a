//! Evaluation of what may be known before any resource is: literals, `var`, `local`, `path`, `terraform`, functions.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use hcl_edit::expr::{BinaryOperator, Expression, ObjectKey, Traversal, TraversalOperator, UnaryOperator};
use hcl_edit::template::Element;

use super::{Block, functions};
use crate::model::Value;

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
    /// `path.module` and its kin, `terraform.workspace`.
    named: BTreeMap<&'static str, String>,
    /// Locals under evaluation, to notice one that refers to itself.
    open: RefCell<Vec<String>>,
}

#[derive(Default)]
struct Variable {
    /// Whether the type is left out or primitive.
    text: bool,
    default: Option<Expression>,
    value: Option<Value>,
}

impl StaticValues {
    pub(super) fn declare_locals(&mut self, block: Block) {
        self.locals.extend(block.attributes.into_iter().map(|attribute| (attribute.name, attribute.expression)));
    }

    pub(super) fn declare_variable(&mut self, block: Block) {
        let primitive = |expression: &Expression| {
            let word = expression.as_str().map_or_else(|| expression.to_string(), str::to_owned);
            matches!(word.trim(), "string" | "number" | "bool")
        };
        let text = block.attribute("type").is_none_or(|attribute| primitive(&attribute.expression));
        let default = block.attribute("default").map(|attribute| attribute.expression.clone());
        if let Some(name) = block.labels.first() {
            let earlier = self.variables.entry(name.clone()).or_default();
            earlier.text = text;
            earlier.default = default.or_else(|| earlier.default.take());
        }
    }

    /// Tofu runs inside the root module, so that is what paths and functions of files start from.
    pub(super) fn set_paths(&mut self, dir: &Path) {
        self.named.insert("path.module", ".".into());
        self.named.insert("path.root", ".".into());
        self.named.insert("path.cwd", dir.display().to_string());
    }

    /// Says which workspace is selected.
    pub fn set_workspace(&mut self, name: &str) {
        self.named.insert("workspace", name.to_owned());
    }

    /// Whether a variable takes text as it stands. One that is not declared has no say.
    pub(super) fn takes_text(&self, name: &str) -> bool {
        self.variables.get(name).is_none_or(|variable| variable.text)
    }

    /// Gives a declared variable its value; others are ignored, as in tofu.
    pub fn set_variable(&mut self, name: &str, value: Value) {
        if let Some(variable) = self.variables.get_mut(name) {
            variable.value = Some(value);
        }
    }

    fn variable(&self, name: &str) -> Value {
        let Some(variable) = self.variables.get(name) else {
            return Value::Unknown(format!("`var.{name}` is not declared in the root module"));
        };
        match (&variable.value, &variable.default) {
            (Some(value), _) => value.clone(),
            (None, Some(default)) => Self::default().evaluate(default),
            (None, None) => Value::Unknown(format!("`var.{name}` has no value: set TF_VAR_{name}, or give a tfvars file")),
        }
    }

    fn local(&self, name: &str) -> Value {
        let Some(expression) = self.locals.get(name) else {
            return Value::Unknown(format!("`local.{name}` is not declared in the root module"));
        };
        if self.open.borrow().iter().any(|open| open == name) {
            return Value::Unknown(format!("`local.{name}` refers to itself"));
        }
        self.open.borrow_mut().push(name.to_owned());
        let value = self.evaluate(expression);
        self.open.borrow_mut().pop();
        value
    }

    /// A reference: a root name and the steps behind it.
    fn traversal(&self, traversal: &Traversal) -> Value {
        let mut steps = traversal.operators.iter().map(|operator| operator.value());
        let root = match &traversal.expr {
            Expression::Variable(root) => root.as_str(),
            other => return steps.fold(self.evaluate(other), |value, step| self.step(value, step)),
        };
        let Some(TraversalOperator::GetAttr(name)) = steps.next() else {
            return Value::Unknown(format!("`{root}` cannot be used here"));
        };
        let named = |key: &str| {
            let known = self.named.get(key).map(|text| Value::text(text.clone()));
            known.unwrap_or_else(|| Value::Unknown(format!("`{root}.{}` is not known here", name.as_str())))
        };
        let start = match (root, name.as_str()) {
            ("var", name) => self.variable(name),
            ("local", name) => self.local(name),
            ("path", name) => named(&format!("path.{name}")),
            ("terraform" | "tofu", "workspace") => named("workspace"),
            (root, name) => return Value::Unknown(format!("`{root}.{name}` cannot be used here")),
        };
        steps.fold(start, |value, step| self.step(value, step))
    }

    fn step(&self, value: Value, step: &TraversalOperator) -> Value {
        let key = match step {
            TraversalOperator::GetAttr(name) => Value::text(name.as_str()),
            TraversalOperator::LegacyIndex(index) => Value::int(i64::try_from(*index.value()).unwrap_or(i64::MAX)),
            TraversalOperator::Index(expression) => self.evaluate(expression),
            _ => return Value::Unknown("a splat cannot be used here".into()),
        };
        let found = match (&value, &key) {
            (Value::Unknown(_), _) => return value,
            (_, Value::Unknown(_)) => return key,
            (Value::Map(map), Value::Text(name)) => map.get(name).cloned(),
            (Value::List(items), Value::Number(index)) => {
                index.as_u64().and_then(|index| items.get(usize::try_from(index).ok()?).cloned())
            }
            _ => None,
        };
        found.unwrap_or_else(|| Value::Unknown("a value has no such member".into()))
    }

    fn template(&self, elements: &[&Element]) -> Value {
        let alone = elements.len() == 1;
        let mut out = String::new();
        for element in elements {
            let value = match element {
                Element::Literal(text) => Value::text(text.to_string()),
                Element::Interpolation(part) if alone => return self.evaluate(&part.expr),
                Element::Interpolation(part) => self.evaluate(&part.expr),
                Element::Directive(_) => Value::Unknown("a template directive cannot be used here".into()),
            };
            match functions::text(&value) {
                Some(text) => out.push_str(&text),
                None if matches!(value, Value::Unknown(_)) => return value,
                None => return Value::Unknown("a template holds something that is no text".into()),
            }
        }
        Value::Text(out)
    }

    fn binary(&self, left: &Expression, operator: BinaryOperator, right: &Expression) -> Value {
        match (self.evaluate(left), operator, self.evaluate(right)) {
            (unknown @ Value::Unknown(_), ..) | (_, _, unknown @ Value::Unknown(_)) => unknown,
            (left, BinaryOperator::Eq, right) => Value::Bool(left == right),
            (left, BinaryOperator::NotEq, right) => Value::Bool(left != right),
            (Value::Bool(left), BinaryOperator::And, Value::Bool(right)) => Value::Bool(left && right),
            (Value::Bool(left), BinaryOperator::Or, Value::Bool(right)) => Value::Bool(left || right),
            _ => Value::Unknown("this operation is not evaluated here".into()),
        }
    }
}

impl Evaluate for StaticValues {
    fn evaluate(&self, expression: &Expression) -> Value {
        match expression {
            Expression::Null(_) => Value::Null,
            Expression::Bool(flag) => Value::Bool(*flag.value()),
            Expression::Number(number) => {
                let text = number.value().to_string();
                serde_json::from_str(&text).map_or_else(|_| Value::Unknown("a number that cannot be read".into()), Value::Number)
            }
            Expression::String(text) => Value::text(text.value().clone()),
            Expression::Array(items) => Value::List(items.iter().map(|item| self.evaluate(item)).collect()),
            Expression::Object(members) => {
                let pair = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
                    let key = match key {
                        ObjectKey::Ident(name) => name.as_str().to_owned(),
                        ObjectKey::Expression(key) => functions::text(&self.evaluate(key))?,
                    };
                    Some((key, self.evaluate(value.expr())))
                };
                let members: Option<_> = members.iter().map(pair).collect();
                members.map_or_else(|| Value::Unknown("an object has a key that is not known".into()), Value::Map)
            }
            Expression::StringTemplate(template) => self.template(&template.iter().collect::<Vec<_>>()),
            Expression::HeredocTemplate(heredoc) => {
                let mut heredoc = heredoc.clone();
                heredoc.dedent();
                self.template(&heredoc.template.iter().collect::<Vec<_>>())
            }
            Expression::Parenthesis(inner) => self.evaluate(inner.inner()),
            Expression::Traversal(traversal) => self.traversal(traversal),
            Expression::Conditional(choice) => match self.evaluate(&choice.cond_expr) {
                Value::Bool(true) => self.evaluate(&choice.true_expr),
                Value::Bool(false) => self.evaluate(&choice.false_expr),
                unknown @ Value::Unknown(_) => unknown,
                _ => Value::Unknown("a condition is neither true nor false".into()),
            },
            Expression::FuncCall(call) => {
                let arguments = call.args.iter().map(|argument| self.evaluate(argument)).collect();
                functions::call(call.name.name.as_str(), arguments, self.named.get("path.cwd").map(String::as_str))
            }
            Expression::UnaryOp(operation) => match (operation.operator.value(), self.evaluate(&operation.expr)) {
                (UnaryOperator::Not, Value::Bool(flag)) => Value::Bool(!flag),
                (_, unknown @ Value::Unknown(_)) => unknown,
                _ => Value::Unknown("this operation is not evaluated here".into()),
            },
            Expression::BinaryOp(operation) => self.binary(&operation.lhs_expr, *operation.operator.value(), &operation.rhs_expr),
            Expression::Variable(name) => Value::Unknown(format!("`{}` cannot be used here", name.as_str())),
            Expression::ForExpr(_) => Value::Unknown("a `for` expression is not evaluated here".into()),
        }
    }
}
