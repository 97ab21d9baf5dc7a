//! The names an expression of a module instance may refer to.

use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use hcl_edit::expr::TraversalOperator;

use super::super::read::Attribute;
use super::expansion::Repetition;
use super::session::{Instance, Name, Session};
use crate::hcl::{
    Budget, Diagnostic, Files, MOST_BYTES, Members, Outcome, Reference, Scope, Step, Unread, Value,
};
use crate::input;
use crate::model::{NotEvaluated, Unknown};

/// The surroundings of an expression: a module instance, and the repetition of the block it stands in.
pub(super) struct ModuleScope<'s> {
    pub session: &'s Session<'s>,
    pub instance: &'s Rc<Instance>,
    pub repetition: &'s Repetition,
}

/// The name a step selects.
fn selected(step: Option<&Step>) -> Option<&str> {
    match step?.value() {
        TraversalOperator::GetAttr(name) => Some(name.value().as_str()),
        _ => None,
    }
}

fn incomplete(root: &str, what: &str) -> Diagnostic {
    Diagnostic::reference(
        "Invalid reference",
        format!("A reference to \"{root}\" must be followed by {what}."),
    )
}

fn undeclared_module(name: &str) -> Diagnostic {
    Diagnostic::reference(
        "Reference to undeclared module",
        format!("No module call named \"{name}\" is declared."),
    )
}

impl Scope for ModuleScope<'_> {
    fn resolve(&self, root: &str, path: &[Step]) -> Result<(Value, usize), Diagnostic> {
        let name = selected(path.first());
        let named = |what: &str| name.ok_or_else(|| incomplete(root, what));
        match root {
            "var" => Ok((
                self.session
                    .variable(self.instance, named("the name of a variable")?)?,
                1,
            )),
            "local" => Ok((
                self.session
                    .local(self.instance, named("the name of a local value")?)?,
                1,
            )),
            "module" => self.module(named("the name of a module call")?, path),
            "each" => Ok((self.each(named("key or value")?)?, 1)),
            "count" => Ok((self.count(named("index")?)?, 1)),
            "path" => Ok((self.path(named("module, root or cwd")?)?, 1)),
            "terraform" | "tofu" => Ok((self.settings(root, named("workspace")?)?, 1)),
            "self" => Ok((Value::unknown(Unknown::AFTER_APPLY), 0)),
            "ephemeral" => Ok((Value::unknown(NotEvaluated::Ephemeral), path.len().min(2))),
            "data" => Ok((self.resource(true, named("a type")?, path, 1)?, 2)),
            "resource" => Ok((self.resource(false, named("a type")?, path, 1)?, 2)),
            rtype => Ok((self.resource(false, rtype, path, 0)?, 1)),
        }
    }

    fn files(&self) -> &dyn Files {
        self
    }

    fn budget(&self) -> &Budget {
        &self.session.budget
    }
}

impl ModuleScope<'_> {
    /// Whether what a reference names is declared, without evaluating it.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&self, reference: &Reference) -> Result<(), Diagnostic> {
        let root = reference.root.as_str();
        let first = reference
            .names
            .first()
            .filter(|_| reference.direct)
            .map(String::as_str);
        let second = reference.names.get(1).map(String::as_str);
        let module = self.session.module(self.instance);
        match root {
            "var" if first.is_some_and(|name| module.variables.contains_key(name)) => Ok(()),
            "local" if first.is_some_and(|name| module.locals.contains_key(name)) => Ok(()),
            "var" => self
                .session
                .variable(self.instance, first.unwrap_or_default())
                .map(drop),
            "local" => self
                .session
                .local(self.instance, first.unwrap_or_default())
                .map(drop),
            "module" => match first {
                Some(name) if !module.calls.contains_key(name) => Err(undeclared_module(name)),
                Some(_) => Ok(()),
                None => Err(incomplete(root, "the name of a module call")),
            },
            "each" | "count" | "path" | "terraform" | "tofu" if first.is_none() => {
                Err(Diagnostic::reference(
                    format!("Invalid \"{root}\" attribute"),
                    incomplete(root, "an attribute").detail,
                ))
            }
            "each" => self.each(first.unwrap_or_default()).map(drop),
            "count" => self.count(first.unwrap_or_default()).map(drop),
            "path" => self.path(first.unwrap_or_default()).map(drop),
            "terraform" | "tofu" => self.settings(root, first.unwrap_or_default()).map(drop),
            "self" => Err(Diagnostic::reference(
                "Invalid \"self\" reference",
                "The \"self\" object can be used only in provisioner, connection and postcondition blocks.",
            )),
            "ephemeral" => Ok(()),
            "data" | "resource" => self
                .position(root == "data", first.unwrap_or_default(), first.and(second))
                .map(drop),
            rtype => self.position(false, rtype, first).map(drop),
        }
    }

    fn each(&self, name: &str) -> Outcome {
        match (self.repetition, name) {
            (Repetition::Each(key, _), "key") => Ok(Value::string(key)),
            (Repetition::Each(_, value), "value") => Ok(value.clone()),
            (_, "key") => Err(Diagnostic::reference(
                "Reference to \"each\" in context without for_each",
                "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \"for_each\" argument is set.",
            )),
            (_, "value") => Err(Diagnostic::reference(
                "each.value cannot be used in this context",
                "A reference to \"each.value\" needs a \"for_each\" argument in the block around it.",
            )),
            (_, other) => Err(Diagnostic::reference(
                "Invalid \"each\" attribute",
                format!("The \"each\" object does not have an attribute named \"{other}\"."),
            )),
        }
    }

    fn count(&self, name: &str) -> Outcome {
        match (self.repetition, name) {
            (Repetition::Count(index), "index") => Ok(Value::int(*index)),
            (_, "index") => Err(Diagnostic::reference(
                "Reference to \"count\" in non-counted context",
                "The \"count\" object can only be used in \"module\", \"resource\", and \"data\" blocks, and only when the \"count\" argument is set.",
            )),
            (_, other) => Err(Diagnostic::reference(
                "Invalid \"count\" attribute",
                format!("The \"count\" object does not have an attribute named \"{other}\"."),
            )),
        }
    }

    fn path(&self, name: &str) -> Outcome {
        match name {
            "module" => Ok(Value::string(&self.session.node(self.instance).shown)),
            "root" => Ok(Value::string(".")),
            "cwd" => Ok(self
                .absolute(".")
                .map_or_else(|| Value::unknown(NotEvaluated::Machine), Value::string)),
            other => Err(Diagnostic::reference(
                "Invalid \"path\" attribute",
                format!("The \"path\" object does not have an attribute named \"{other}\"."),
            )),
        }
    }

    fn settings(&self, root: &str, name: &str) -> Outcome {
        match name {
            "workspace" => Ok(Value::string(&self.session.workspace.name)),
            "applying" => Ok(Value::unknown(Unknown::AFTER_APPLY)),
            other => Err(Diagnostic::reference(
                format!("Invalid \"{root}\" attribute"),
                format!("The \"{root}\" object does not have an attribute named \"{other}\"."),
            )),
        }
    }

    fn resource(&self, data: bool, rtype: &str, path: &[Step], at: usize) -> Outcome {
        let position = self.position(data, rtype, selected(path.get(at)))?;
        Ok(self.session.resource_value(self.instance, position))
    }

    /// Where a resource or data source stands in the module.
    fn position(&self, data: bool, rtype: &str, name: Option<&str>) -> Result<usize, Diagnostic> {
        let Some(name) = name else {
            let detail = "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.";
            return Err(Diagnostic::reference("Invalid reference", detail));
        };
        self.session
            .module(self.instance)
            .resource(data, rtype, name)
            .ok_or_else(|| {
                let what = if data {
                    "A data resource"
                } else {
                    "A managed resource"
                };
                let owner = self.instance.path.last().map_or_else(
                    || "the root module".to_owned(),
                    |step| format!("module.{}", step.name),
                );
                let detail =
                    format!("{what} \"{rtype}\" \"{name}\" has not been declared in {owner}.");
                Diagnostic::reference("Reference to undeclared resource", detail)
            })
    }

    /// The outputs of a module call: only the one named behind it, if one is.
    fn module(&self, name: &str, path: &[Step]) -> Result<(Value, usize), Diagnostic> {
        let calls = &self.session.module(self.instance).calls;
        let (name, call) = calls
            .get_key_value(name)
            .ok_or_else(|| undeclared_module(name))?;
        let output = match path.get(1).map(|step| step.value()) {
            Some(TraversalOperator::GetAttr(output)) => Some(output.value().as_str()),
            Some(_) => selected(path.get(2)),
            None => None,
        };
        let remembered = Name::Call(Arc::clone(name), output.map(Arc::from));
        let shown = format!("module.{name}");
        let below = self.session.call_path(self.instance, name);
        let value = self.session.once(self.instance, remembered, &shown, || {
            let expansion = self.session.expand(
                self.instance,
                Name::Call(Arc::clone(name), None),
                &call.block.content,
            );
            super::resource::arranged(&expansion, |repetition| {
                let key = repetition.key();
                match self.session.child(self.instance, name, key, repetition) {
                    Some(child) => self.outputs(&child, output),
                    None => Value::unknown(Unknown::ConfigurationUnreadable(below.as_str().into())),
                }
            })
        });
        Ok((value, 1))
    }

    fn outputs(&self, child: &Rc<Instance>, only: Option<&str>) -> Value {
        let names = self
            .session
            .module(child)
            .outputs
            .keys()
            .filter(|name| only.is_none_or(|only| only == name.as_ref()));
        let outputs =
            names.filter_map(|name| Some((Arc::clone(name), self.session.output(child, name)?)));
        Value::object(outputs.collect::<Members>())
    }
}

impl Session<'_> {
    /// The text of an argument that must need no resource, such as the `source` of a module call, in the module behind a path
    /// of calls. Nothing where it is none.
    pub(in super::super) fn static_text(&self, calls: &[String], of: &Attribute) -> Option<String> {
        let mut instance = Rc::clone(&self.root);
        for call in calls {
            instance = self.child(&instance, &call.as_str().into(), None, Repetition::None)?;
        }
        let value = self.attribute(&instance, &Repetition::None, of);
        value
            .as_str()
            .filter(|_| !value.sensitive)
            .map(str::to_owned)
    }
}

impl ModuleScope<'_> {
    /// Refuses what lies outside the configuration's repository, with a word about it.
    fn allowed(&self, located: &Path, path: &str) -> Result<(), Unread> {
        if self.session.workspace.grounds.hold(located) {
            return Ok(());
        }
        self.session.outside(path);
        Err(Unread::Outside)
    }

    /// A path as the file system has it: relative ones start at the root module.
    fn located(&self, path: &str) -> PathBuf {
        match path.strip_prefix("~/") {
            Some(rest) => self
                .home()
                .map_or_else(|| PathBuf::from(path), |home| Path::new(&home).join(rest)),
            None => self.session.workspace.folder.join(path),
        }
    }
}

impl Files for ModuleScope<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, Unread> {
        let located = self.located(path);
        self.allowed(&located, path)?;
        let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
        let read = match std::fs::metadata(&located) {
            Ok(found) if !found.is_file() => Err(std::io::Error::other("it is not a regular file")),
            _ => input::bytes(&located, most),
        };
        read.map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("no file exists at \"{path}\"").into(),
            _ => format!("failed to read file \"{path}\": {error}").into(),
        })
    }

    fn exists(&self, path: &str) -> Result<bool, Unread> {
        let located = self.located(path);
        self.allowed(&located, path)?;
        if located.is_dir() {
            return Err(format!("\"{path}\" is a directory, not a file").into());
        }
        Ok(located.is_file())
    }

    fn below(&self, folder: &str) -> Result<Vec<String>, Unread> {
        let mut found = Vec::new();
        // A `~` is no home folder here, nor in an absolute path.
        let located = self.session.workspace.folder.join(folder);
        self.allowed(&located, folder)?;
        walk(&located, "", &mut 0, &mut found)?;
        found.sort();
        Ok(found)
    }

    fn absolute(&self, path: &str) -> Option<String> {
        let joined = std::path::absolute(self.session.workspace.folder.join(path)).ok()?;
        let mut clean = PathBuf::new();
        for part in joined.components() {
            match part {
                Component::ParentDir => _ = clean.pop(),
                Component::CurDir => {}
                other => clean.push(other),
            }
        }
        clean.to_str().map(str::to_owned)
    }

    fn home(&self) -> Option<String> {
        std::env::var("HOME").ok().filter(|home| !home.is_empty())
    }
}

/// More files than any folder has from which a configuration picks some.
const MOST_FILES: usize = 50_000;

/// Gathers the files below a folder. A link to a folder is followed unless it leads back to where it stands.
fn walk(
    folder: &Path,
    prefix: &str,
    seen: &mut usize,
    found: &mut Vec<String>,
) -> Result<(), String> {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        *seen += 1;
        if *seen > MOST_FILES {
            return Err(format!("there are more than {MOST_FILES} files below it"));
        }
        let shown = if prefix.is_empty() {
            name
        } else {
            format!("{prefix}/{name}")
        };
        let path = entry.path();
        if !path.is_dir() {
            found.push(shown);
        } else if !(path.is_symlink() && leads_back(&path)) {
            walk(&path, &shown, seen, found)?;
        }
    }
    Ok(())
}

/// Whether a link leads to a folder around it, below which it would be met again.
fn leads_back(link: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    let around = link.parent().and_then(real);
    real(link)
        .zip(around)
        .is_none_or(|(to, around)| around.starts_with(to))
}
