//! A backend's arguments: from its block, the pointer, `-backend-config`, the environment.

use std::collections::BTreeMap;

use hcl_edit::expr::Expression;

use super::{StateArgs, note, pointer::Pointer};
use crate::input;
use crate::model::{Note, Severity, Value};
use crate::render::unknown::sentence;
use crate::tofu::root::{self, Environment, Evaluate, GoogleCredentials, Root, StaticValues};
use crate::tofu::state::{StateError, StateErrorKind};

/// A backend and its arguments.
pub(super) struct Settings {
    /// Its type; `cloud` for a `cloud` block, `local` when nothing is configured.
    pub(super) kind: String,
    /// The file that names it, for messages.
    pub(super) file: String,
    values: BTreeMap<String, Value>,
}

impl Settings {
    /// What a data source says of another root's backend. `file` names it in messages.
    pub(super) fn given(kind: &str, file: String, values: BTreeMap<String, Value>) -> Self {
        Self {
            kind: kind.to_owned(),
            file,
            values,
        }
    }

    /// Merges what the block, the pointer and `-backend-config` say.
    ///
    /// The pointer holds what the last `tofu init` merged, and tofu goes by it until the next; so does this.
    pub(super) fn merge(
        root: &Root,
        pointer: Option<Pointer>,
        args: &StateArgs,
        environment: &Environment,
        notes: &mut Vec<Note>,
    ) -> Result<Self, StateError> {
        let block = root.backend.as_ref();
        let kind = block.map(|block| {
            if block.kind == "cloud" {
                "cloud".into()
            } else {
                block.labels.join(".")
            }
        });
        let file = block.map(|block| super::local::shown(block.place.file.as_ref(), environment));
        let mut settings = Self {
            kind: kind.clone().unwrap_or_else(|| "local".into()),
            file: file.unwrap_or_else(|| super::local::shown(&root.dir, environment)),
            values: BTreeMap::new(),
        };
        for attribute in block.into_iter().flat_map(|block| &block.attributes) {
            settings.values.insert(
                attribute.name.clone(),
                root.values.evaluate(&attribute.expression),
            );
        }
        if let Some(pointer) = pointer {
            settings.follow(pointer, kind.is_some(), notes);
        }
        for item in &args.backend_config {
            settings.override_with(item, environment)?;
        }
        Ok(settings)
    }

    fn follow(&mut self, pointer: Pointer, declared: bool, notes: &mut Vec<Note>) {
        if pointer.kind != self.kind && declared {
            let message = format!(
                "`{}` declares the backend `{}`, and the last `tofu init` used `{}`",
                self.file, self.kind, pointer.kind
            );
            return notes.push(note(
                Severity::Warning,
                message,
                "what the configuration declares is read; run `tofu init` to settle it",
            ));
        }
        for (name, value) in pointer.values {
            let changed = self
                .values
                .get(&name)
                .is_some_and(|declared| !declared.has_unknown() && !declared.same(&value));
            if changed {
                let message = format!(
                    "`{name}` of the backend in `{}` is not what the last `tofu init` used",
                    self.file
                );
                notes.push(note(
                    Severity::Warning,
                    message,
                    "state is read from where `tofu init` left it, as tofu does; run it again if the file is right",
                ));
            }
            self.values.insert(name, value);
        }
        if !declared {
            self.kind = pointer.kind;
            self.file = pointer.file;
        }
    }

    /// One `-backend-config`: `KEY=VALUE`, or a file of arguments. Empty means nothing, as in tofu.
    fn override_with(&mut self, item: &str, environment: &Environment) -> Result<(), StateError> {
        if item.is_empty() {
            return Ok(());
        }
        if let Some((name, text)) = item.split_once('=') {
            let list = text
                .trim_start()
                .starts_with(['[', '{'])
                .then(|| text.parse::<Expression>().ok())
                .flatten();
            let value = list.map_or_else(
                || Value::text(text),
                |expression| StaticValues::default().evaluate(&expression),
            );
            self.values.insert(name.trim().to_owned(), value);
            return Ok(());
        }
        let text = input::text(&environment.path(item)).map_err(|error| {
            // What stands behind a colon was to be a value, and values may be secret.
            let shown = item
                .split_once(':')
                .map_or_else(|| item.to_owned(), |(name, _)| format!("{name}:…"));
            StateError::new(
                StateErrorKind::Configuration,
                &shown,
                format!("the backend configuration cannot be read: {error}"),
            )
            .hint("`--backend-config` takes KEY=VALUE or a file")
        })?;
        let json = text.trim_start().starts_with('{');
        let whole = if json {
            root::json(item, &text, "tfvars")?
        } else {
            root::native(item, &text)?
        };
        for attribute in whole.attributes {
            self.values.insert(
                attribute.name,
                StaticValues::default().evaluate(&attribute.expression),
            );
        }
        Ok(())
    }

    /// A text argument that is set and not empty, else the first environment variable that is.
    ///
    /// # Errors
    /// It is set to something that cannot be known before resources are, or that is no text.
    pub(super) fn text(
        &self,
        name: &str,
        variables: &[&str],
        environment: &Environment,
    ) -> Result<Option<String>, StateError> {
        let wrong = |reason: &str| {
            let message = format!(
                "`{name}` of the backend `{}` is not known: {reason}",
                self.kind
            );
            StateError::new(StateErrorKind::Configuration, &self.file, message).hint(format!(
                "run `tofu init`, or give it: `--backend-config {name}=VALUE`"
            ))
        };
        let set = match self.values.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Text(text)) => Some(text.clone()).filter(|text| !text.is_empty()),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::Unknown(reason)) => return Err(wrong(&sentence(reason))),
            Some(_) => return Err(wrong("it is no text")),
        };
        Ok(set.or_else(|| environment.first(variables).map(str::to_owned)))
    }

    /// A text argument that must be set.
    ///
    /// # Errors
    /// As [`Settings::text`], and when it is not.
    pub(super) fn required(
        &self,
        name: &str,
        variables: &[&str],
        environment: &Environment,
    ) -> Result<String, StateError> {
        self.text(name, variables, environment)?.ok_or_else(|| {
            let message = format!("`{name}` of the backend `{}` is not set", self.kind);
            StateError::new(StateErrorKind::Configuration, &self.file, message)
                .hint(format!("a partial configuration is completed by `tofu init` or by `--backend-config {name}=VALUE`"))
        })
    }

    /// A flag, `true` also as text.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.values
            .get(name)
            .is_some_and(|value| value.as_bool() == Some(true) || value.as_text() == Some("true"))
    }

    /// Whether an argument is set to something.
    pub(super) fn is_set(&self, name: &str) -> bool {
        !matches!(self.values.get(name), None | Some(Value::Null))
            && self.values.get(name).and_then(Value::as_text) != Some("")
    }

    /// A list of texts.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let items = self
            .values
            .get(name)
            .and_then(Value::as_list)
            .unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.as_text().map(str::to_owned))
            .collect()
    }

    /// A map of texts, in order of keys.
    pub(super) fn map(&self, name: &str) -> Vec<(String, String)> {
        let members = self
            .values
            .get(name)
            .and_then(Value::as_map)
            .into_iter()
            .flatten();
        members
            .filter_map(|(key, value)| Some((key.clone(), value.as_text()?.to_owned())))
            .collect()
    }

    /// The credentials of the `gcs` backend.
    ///
    /// # Errors
    /// As [`Settings::text`].
    pub(super) fn google(
        &self,
        environment: &Environment,
    ) -> Result<GoogleCredentials, StateError> {
        let delegates = self
            .values
            .get("impersonate_service_account_delegates")
            .and_then(Value::as_list)
            .unwrap_or_default();
        let credentials = GoogleCredentials {
            access_token: self.text("access_token", &[], environment)?,
            credentials: self.text("credentials", &[], environment)?,
            impersonate: self.text("impersonate_service_account", &[], environment)?,
            delegates: delegates
                .iter()
                .filter_map(|delegate| delegate.as_text().map(str::to_owned))
                .collect(),
        };
        Ok(credentials.or_environment(environment, true))
    }
}
