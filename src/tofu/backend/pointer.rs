//! The pointer `.terraform/terraform.tfstate` and the selected workspace: what `tofu init` and `tofu workspace` leave.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::StateArgs;
use crate::input;
use crate::model::Value;
use crate::tofu::root::Environment;
use crate::tofu::state::{StateError, StateErrorKind};

/// The backend as the last `tofu init` merged it.
pub(super) struct Pointer {
    /// The backend type.
    pub(super) kind: String,
    /// Arguments that were set.
    pub(super) values: BTreeMap<String, Value>,
    /// The file.
    pub(super) file: String,
}

#[derive(Deserialize)]
struct Document {
    backend: Option<Backend>,
}

#[derive(Deserialize)]
struct Backend {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    config: Option<BTreeMap<String, serde_json::Value>>,
}

/// The data folder of a root module: `TF_DATA_DIR`, else `.terraform`.
pub(super) fn data_dir(dir: &Path, environment: &Environment) -> PathBuf {
    dir.join(environment.get("TF_DATA_DIR").unwrap_or(".terraform"))
}

/// Reads the pointer; nothing when `tofu init` has not run or has found no backend.
pub(super) fn read(dir: &Path, environment: &Environment) -> Result<Option<Pointer>, StateError> {
    let path = data_dir(dir, environment).join("terraform.tfstate");
    let file = super::local::shown(&path, environment);
    if !path.exists() {
        return Ok(None);
    }
    let wrong = |why: String| StateError::new(StateErrorKind::Unreadable, &file, why);
    let bytes = input::bytes(&path, input::MOST_TEXT)
        .map_err(|error| wrong(format!("the pointer to a backend cannot be read: {error}")))?;
    let document: Document = serde_json::from_slice(&bytes).map_err(|error| {
        StateError::new(
            StateErrorKind::Configuration,
            &file,
            "not a valid pointer to a backend",
        )
        .at(error.line(), error.column())
        .hint("`tofu init` writes it anew")
    })?;
    Ok(document.backend.map(|backend| {
        let set = backend
            .config
            .unwrap_or_default()
            .into_iter()
            .filter(|(_, value)| !value.is_null());
        Pointer {
            kind: backend.kind,
            values: set
                .map(|(name, value)| (name, Value::from_json(value)))
                .collect(),
            file,
        }
    }))
}

/// Whether a document is such a pointer.
pub(super) fn is_pointer(bytes: &[u8]) -> bool {
    // A pointer is small; a state of any size is not parsed for this.
    bytes.len() < 64 * 1024
        && serde_json::from_slice::<Document>(bytes)
            .is_ok_and(|document| document.backend.is_some())
}

/// The selected workspace: the argument, `TF_WORKSPACE`, what `tofu workspace select` left, else `default`.
///
/// # Errors
/// If what is selected cannot be read: another workspace's state would be taken for it.
pub(super) fn workspace(
    dir: &Path,
    args: &StateArgs,
    environment: &Environment,
) -> Result<String, StateError> {
    let given = args
        .workspace
        .clone()
        .or_else(|| environment.get("TF_WORKSPACE").map(str::to_owned));
    let name = match given {
        Some(name) => name,
        None => selected(&data_dir(dir, environment).join("environment"))?,
    };
    Ok(match name.trim() {
        "" => "default".to_owned(),
        name => name.to_owned(),
    })
}

/// What `tofu workspace select` left; empty where nothing was selected.
fn selected(file: &Path) -> Result<String, StateError> {
    match input::text(file) {
        Ok(name) => Ok(name),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => {
            let message = format!("the selected workspace cannot be read: {error}");
            let file = file.display().to_string();
            Err(
                StateError::new(StateErrorKind::Unreadable, &file, message).hint(
                    "select it again with `tofu workspace select`, or name it: `--workspace NAME`",
                ),
            )
        }
    }
}
