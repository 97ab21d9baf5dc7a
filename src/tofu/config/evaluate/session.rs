//! One evaluation: every local, variable, output and resource is evaluated once, when it is first asked for.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use hcl_edit::expr::Expression;

use super::super::constraint::Constraint;
use super::super::inputs::Given;
use super::super::read::{Attribute, Module, Source, Variable};
use super::super::{Node, Workspace};
use super::ResourceValues;
use super::expansion::{Expansion, Repetition};
use super::model::to_model;
use super::resource::Evaluated;
use super::scope::ModuleScope;
use crate::hcl::{Budget, Context, Diagnostic, Outcome, Value, evaluate, expression};
use crate::model::{self, Key, ModuleStep, NotEvaluated, Note, Place, Severity, Unknown};

/// References nest no deeper than this; what lies deeper is unknown.
const MAX_DEPTH: usize = 300;

/// What was worked out once, by what it is asked for.
type Remembered<K, V> = RefCell<HashMap<K, Rc<V>>>;

/// An instance of a module.
pub(super) struct Instance {
    /// The module's node in the workspace.
    pub node: usize,
    /// Its path from the root.
    pub path: Vec<ModuleStep>,
    /// The instance that calls it and its repetition there; none for the root.
    pub caller: Option<(Rc<Instance>, Repetition)>,
    /// Values by name.
    cache: RefCell<HashMap<Name, Slot>>,
    /// Expansions of its calls and resources.
    expansions: Remembered<Name, Expansion>,
    /// Instances of the modules it calls.
    children: Remembered<(Arc<str>, Option<Key>), Instance>,
    /// Evaluated resource instances.
    pub evaluated: Remembered<(usize, Option<Key>), Evaluated>,
}

/// What a value is remembered by.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Name {
    Variable(Arc<str>),
    Local(Arc<str>),
    Output(Arc<str>),
    Call(Arc<str>, Option<Arc<str>>),
    Resource(usize),
}

enum Slot {
    /// It is being evaluated: asked for again, it depends on itself.
    Busy,
    Done(Value),
}

/// One evaluation of a workspace.
pub struct Session<'w> {
    pub(super) workspace: &'w Workspace,
    pub(super) values: &'w dyn ResourceValues,
    pub(super) root: Rc<Instance>,
    notes: RefCell<Vec<Note>>,
    depth: Cell<usize>,
    pub(super) budget: Budget,
    /// Whether it was said that the budget is spent.
    over_budget: Cell<bool>,
    constraints: Remembered<(usize, Arc<str>), Constraint>,
}

impl Instance {
    fn new(
        node: usize,
        path: Vec<ModuleStep>,
        caller: Option<(Rc<Instance>, Repetition)>,
    ) -> Rc<Self> {
        Rc::new(Self {
            node,
            path,
            caller,
            cache: RefCell::default(),
            expansions: RefCell::default(),
            children: RefCell::default(),
            evaluated: RefCell::default(),
        })
    }
}

impl<'w> Session<'w> {
    pub(in super::super) fn new(workspace: &'w Workspace, values: &'w dyn ResourceValues) -> Self {
        Self {
            workspace,
            values,
            root: Instance::new(0, Vec::new(), None),
            notes: RefCell::default(),
            depth: Cell::new(0),
            budget: Budget::new(workspace.limit),
            over_budget: Cell::new(false),
            constraints: RefCell::default(),
        }
    }

    /// What is evaluated.
    pub(in super::super) fn workspace(&self) -> &'w Workspace {
        self.workspace
    }

    /// What was wrong so far, without repetition; what was wrong with the files comes first.
    pub fn notes(&self) -> Vec<Note> {
        let held = self.notes.borrow();
        let mut seen: BTreeSet<&Note> = self.workspace.notes.iter().collect();
        let mut all = self.workspace.notes.clone();
        all.extend(held.iter().filter(|note| seen.insert(note)).cloned());
        all
    }

    pub(super) fn note(&self, severity: Severity, message: String, place: Option<Place>) {
        self.notes.borrow_mut().push(Note {
            severity,
            message,
            place,
            hint: String::new(),
        });
    }

    /// Notes that a file was not read because of where it lies.
    pub(super) fn outside(&self, path: &str) {
        self.notes.borrow_mut().push(Note {
            severity: Severity::Warning,
            message: format!(
                "`{path}` lies outside the configuration's repository and was not read"
            ),
            place: None,
            hint: "what depends on it is unknown; --allow-outside-files reads it".to_owned(),
        });
    }

    pub(super) fn node(&self, instance: &Instance) -> &'w Node {
        &self.workspace.nodes[instance.node]
    }

    pub(super) fn module(&self, instance: &Instance) -> &'w Module {
        &self.node(instance).module
    }

    /// The call path of a module that an instance calls: `network.subnet`.
    pub(super) fn call_path(&self, instance: &Instance, call: &str) -> String {
        let mut names: Vec<&str> = self
            .node(instance)
            .calls
            .iter()
            .map(String::as_str)
            .collect();
        names.push(call);
        names.join(".")
    }

    /// The instance of a called module, made when it is first asked for.
    pub(super) fn child(
        &self,
        caller: &Rc<Instance>,
        call: &Arc<str>,
        key: Option<Key>,
        repetition: Repetition,
    ) -> Option<Rc<Instance>> {
        let node = *self.node(caller).children.get(call)?;
        let at = (Arc::clone(call), key);
        if let Some(child) = caller.children.borrow().get(&at) {
            return Some(Rc::clone(child));
        }
        let mut path = caller.path.clone();
        path.push(ModuleStep {
            name: call.to_string(),
            key: at.1.clone(),
        });
        let child = Instance::new(node, path, Some((Rc::clone(caller), repetition)));
        caller.children.borrow_mut().insert(at, Rc::clone(&child));
        Some(child)
    }

    /// The value of a name, evaluated once. What depends on itself, or lies too deep, is unknown.
    pub(super) fn once(
        &self,
        instance: &Rc<Instance>,
        name: Name,
        shown: &str,
        make: impl FnOnce() -> Value,
    ) -> Value {
        match instance.cache.borrow().get(&name) {
            Some(Slot::Done(value)) => return value.clone(),
            Some(Slot::Busy) => {
                self.note(
                    Severity::Error,
                    format!("{shown} depends on itself"),
                    self.place(instance, &name),
                );
                return Value::unknown(NotEvaluated::Reference(shown.into()));
            }
            None => {}
        }
        if self.depth.get() >= MAX_DEPTH {
            return Value::unknown(NotEvaluated::Reference(shown.into()));
        }
        self.depth.set(self.depth.get() + 1);
        instance.cache.borrow_mut().insert(name.clone(), Slot::Busy);
        let value = make();
        self.depth.set(self.depth.get() - 1);
        instance
            .cache
            .borrow_mut()
            .insert(name, Slot::Done(value.clone()));
        value
    }

    /// Where a name is declared.
    fn place(&self, instance: &Instance, name: &Name) -> Option<Place> {
        let module = self.module(instance);
        match name {
            Name::Variable(name) => module
                .variables
                .get(name)
                .map(|variable| variable.block.place()),
            Name::Local(name) => module.locals.get(name).map(Attribute::place),
            Name::Output(name) => module
                .outputs
                .get(name)?
                .value
                .as_ref()
                .map(Attribute::place),
            Name::Call(name, _) => module.calls.get(name).map(|call| call.block.place()),
            Name::Resource(at) => module
                .resources
                .get(*at)
                .map(|resource| resource.block.place()),
        }
    }

    /// The expansion of a call or resource, worked out once.
    pub(super) fn expansion_once(
        &self,
        instance: &Rc<Instance>,
        name: Name,
        make: impl FnOnce() -> Expansion,
    ) -> Rc<Expansion> {
        if let Some(expansion) = instance.expansions.borrow().get(&name) {
            return Rc::clone(expansion);
        }
        let expansion = Rc::new(make());
        instance
            .expansions
            .borrow_mut()
            .insert(name, Rc::clone(&expansion));
        expansion
    }

    /// The value of an argument in a module instance; a mistake becomes a note and an unknown value.
    pub(super) fn attribute(
        &self,
        instance: &Rc<Instance>,
        repetition: &Repetition,
        attribute: &Attribute,
    ) -> Value {
        let scope = ModuleScope {
            session: self,
            instance,
            repetition,
        };
        self.settled(evaluate(&attribute.expr, &scope), attribute)
    }

    /// The same inside bound names.
    pub(super) fn attribute_within(&self, attribute: &Attribute, ctx: &Context<'_>) -> Value {
        self.settled(expression(&attribute.expr, ctx), attribute)
    }

    /// An expression of an argument, such as an element of its list.
    pub(super) fn expression(
        &self,
        instance: &Rc<Instance>,
        repetition: &Repetition,
        expr: &Expression,
        of: &Attribute,
    ) -> Value {
        let scope = ModuleScope {
            session: self,
            instance,
            repetition,
        };
        self.settled(evaluate(expr, &scope), of)
    }

    fn settled(&self, outcome: Outcome, attribute: &Attribute) -> Value {
        outcome.unwrap_or_else(|diagnostic| {
            Value::unknown(self.complain(&diagnostic, &attribute.file, attribute.span.start))
        })
    }

    /// Notes a mistake; the reason why what depends on it is unknown.
    pub(super) fn complain(
        &self,
        diagnostic: &Diagnostic,
        file: &Source,
        otherwise: usize,
    ) -> Unknown {
        let offset = diagnostic
            .span
            .as_ref()
            .map(|span| span.start)
            .filter(|start| *start >= otherwise)
            .unwrap_or(otherwise);
        let place = file.place(offset);
        let message = format!(
            "{}: {}",
            diagnostic.summary,
            diagnostic.detail.trim_end_matches('.')
        );
        if diagnostic.over_budget {
            // Whatever is evaluated then costs too much as well.
            if !self.over_budget.replace(true) {
                self.note(Severity::Error, message, Some(place));
            }
            return NotEvaluated::Budget.into();
        }
        let reason = format!("{} at {}:{}", diagnostic.summary, place.file, place.line);
        self.note(Severity::Error, message, Some(place));
        Unknown::mistaken(&reason)
    }

    /// A local value.
    ///
    /// # Errors
    /// When it is not declared.
    pub(super) fn local(&self, instance: &Rc<Instance>, name: &str) -> Outcome {
        let Some((name, attribute)) = self.module(instance).locals.get_key_value(name) else {
            let detail = format!("A local value with the name \"{name}\" has not been declared.");
            return Err(Diagnostic::reference(
                "Reference to undeclared local value",
                detail,
            ));
        };
        let shown = format!("local.{name}");
        Ok(
            self.once(instance, Name::Local(Arc::clone(name)), &shown, || {
                self.attribute(instance, &Repetition::None, attribute)
            }),
        )
    }

    /// The outputs of the root module, evaluated.
    pub fn outputs(&self) -> BTreeMap<String, model::Value> {
        let names = self.module(&self.root).outputs.keys();
        names
            .filter_map(|name| Some((name.to_string(), to_model(&self.output(&self.root, name)?))))
            .collect()
    }

    /// An output.
    pub(super) fn output(&self, instance: &Rc<Instance>, name: &str) -> Option<Value> {
        let (name, output) = self.module(instance).outputs.get_key_value(name)?;
        let shown = format!("output.{name}");
        let make = || match &output.value {
            Some(attribute) => self
                .attribute(instance, &Repetition::None, attribute)
                .marked(output.sensitive),
            None => Value::unknown(Unknown::mistaken("Missing required argument")),
        };
        Some(self.once(instance, Name::Output(Arc::clone(name)), &shown, make))
    }

    /// An input variable.
    ///
    /// # Errors
    /// When it is not declared.
    pub(super) fn variable(&self, instance: &Rc<Instance>, name: &str) -> Outcome {
        let Some((name, variable)) = self.module(instance).variables.get_key_value(name) else {
            let detail =
                format!("An input variable with the name \"{name}\" has not been declared.");
            return Err(Diagnostic::reference(
                "Reference to undeclared input variable",
                detail,
            ));
        };
        let shown = format!("var.{name}");
        let make = || self.variable_value(instance, name, variable, &shown);
        Ok(self.once(instance, Name::Variable(Arc::clone(name)), &shown, make))
    }

    fn variable_value(
        &self,
        instance: &Rc<Instance>,
        name: &Arc<str>,
        variable: &Variable,
        shown: &str,
    ) -> Value {
        let content = &variable.block.content;
        let flag = |name: &str, otherwise: bool| {
            content
                .attribute(name)
                .and_then(|attribute| attribute.expr.as_bool())
                .unwrap_or(otherwise)
        };
        let (nullable, sensitive) = (
            flag("nullable", true),
            flag("sensitive", false) || flag("ephemeral", false),
        );
        let constraint = self.constraint(instance, name, variable);
        let default = || {
            let attribute = content.attribute("default")?;
            let value = self.attribute(instance, &Repetition::None, attribute);
            Some(self.converted(&constraint, &value, shown, attribute.place()))
        };
        let given = match &instance.caller {
            None => self.root_value(name, variable, &constraint, shown),
            Some((caller, repetition)) => {
                self.passed(caller, repetition, instance, name, &constraint, shown)
            }
        };
        let value = match given.filter(|value| nullable || !value.is_null()) {
            Some(value) => value,
            None => default().unwrap_or_else(|| {
                let missing = self.missing(name, variable, instance);
                constraint.convert(&missing).unwrap_or(missing)
            }),
        };
        value.marked(sensitive)
    }

    fn missing(&self, name: &str, variable: &Variable, instance: &Instance) -> Value {
        let owner = instance
            .path
            .last()
            .map_or_else(String::new, |step| format!(" of module `{}`", step.name));
        let message = format!("the variable `{name}`{owner} has no value");
        let hint = if owner.is_empty() {
            "give one with -var, -var-file or TF_VAR_…"
        } else {
            "the module call must give one"
        };
        let note = Note {
            severity: Severity::Warning,
            message,
            place: Some(variable.block.place()),
            hint: hint.into(),
        };
        self.notes.borrow_mut().push(note);
        Value::unknown(NotEvaluated::Variable(name.into()))
    }

    /// The value the module call passes.
    fn passed(
        &self,
        caller: &Rc<Instance>,
        repetition: &Repetition,
        instance: &Instance,
        name: &str,
        constraint: &Constraint,
        shown: &str,
    ) -> Option<Value> {
        let call = self
            .module(caller)
            .calls
            .get(instance.path.last()?.name.as_str())?;
        let attribute = call.block.content.attribute(name)?;
        let value = self.attribute(caller, repetition, attribute);
        Some(self.converted(constraint, &value, shown, attribute.place()))
    }

    /// The value given from outside for a variable of the root module.
    fn root_value(
        &self,
        name: &Arc<str>,
        variable: &Variable,
        constraint: &Constraint,
        shown: &str,
    ) -> Option<Value> {
        let given = self.workspace.given.get(name)?;
        let untyped =
            variable.block.content.attribute("type").is_none() && matches!(given, Given::Text(_));
        let place = match given {
            Given::File(attribute) => attribute.place(),
            Given::Json(_, place) => place.clone(),
            Given::Text(_) => variable.block.place(),
        };
        let text = Constraint::text();
        match given.value(if untyped { &text } else { constraint }) {
            Ok(value) => Some(self.converted(constraint, &value, shown, place)),
            Err((why, at)) => {
                self.note(
                    Severity::Error,
                    format!("the value given for {shown}: {why}"),
                    at.or(Some(place)),
                );
                Some(Value::unknown(Unknown::mistaken(
                    "Invalid value for input variable",
                )))
            }
        }
    }

    fn converted(
        &self,
        constraint: &Constraint,
        value: &Value,
        shown: &str,
        place: Place,
    ) -> Value {
        constraint.convert(value).unwrap_or_else(|why| {
            self.note(
                Severity::Error,
                format!("the value for {shown} does not fit its type: {why}"),
                Some(place),
            );
            Value::unknown(Unknown::mistaken("Invalid value for input variable"))
        })
    }

    fn constraint(
        &self,
        instance: &Instance,
        name: &Arc<str>,
        variable: &Variable,
    ) -> Rc<Constraint> {
        let key = (instance.node, Arc::clone(name));
        if let Some(found) = self.constraints.borrow().get(&key) {
            return Rc::clone(found);
        }
        let parsed = variable
            .block
            .content
            .attribute("type")
            .map(|attribute| (Constraint::parse(&attribute.expr), attribute));
        let constraint = Rc::new(match parsed {
            None => Constraint::any(),
            Some((Ok(constraint), _)) => constraint,
            Some((Err(why), attribute)) => {
                self.note(
                    Severity::Error,
                    format!("the type of var.{name}: {why}"),
                    Some(attribute.place()),
                );
                Constraint::wrong()
            }
        });
        self.constraints
            .borrow_mut()
            .insert(key, Rc::clone(&constraint));
        constraint
    }
}
