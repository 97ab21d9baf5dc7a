//! The state of a configuration, found as tofu finds it.

use std::collections::BTreeMap;

use super::settings::Settings;
use super::{Fetch, Fetched, Origin, StateArgs, gcs, http, load, local, note, pointer, s3};
use crate::model::{Note, Severity, State, Value};
use crate::tofu::encryption::KmsDecrypt;
use crate::tofu::root::Environment;
use crate::tofu::state::{StateError, StateErrorKind};

/// The documents of the configuration at `--config` or in the working directory: one, or none when there is no state yet.
pub(super) async fn documents(
    args: &StateArgs,
    environment: &Environment,
    fetch: &dyn Fetch,
    notes: &mut Vec<Note>,
) -> Result<Vec<Fetched>, StateError> {
    let dir = args
        .config
        .as_ref()
        .map_or_else(|| environment.cwd.clone(), |dir| environment.path(dir));
    let mut root = super::root_at(&dir, args, environment)?;
    notes.append(&mut root.notes);
    let workspace = pointer::workspace(&dir, args, environment)?;
    let settings = Settings::merge(
        &root,
        pointer::read(&dir, environment)?,
        args,
        environment,
        notes,
    )?;
    let found = fetched(&settings, &dir, &workspace, environment, fetch, notes).await?;
    if found.bytes.is_empty() {
        let message = format!(
            "there is no state yet at `{}` (backend `{}`, workspace `{workspace}`)",
            found.source, settings.kind
        );
        notes.push(note(
            Severity::Warning,
            message,
            "everything in the cloud is then unmanaged; name the state with `--state` if it lies elsewhere",
        ));
        return Ok(Vec::new());
    }
    Ok(vec![found])
}

/// The document that a backend keeps for a workspace; one without bytes where there is none yet.
pub(super) async fn fetched(
    settings: &Settings,
    dir: &std::path::Path,
    workspace: &str,
    environment: &Environment,
    fetch: &dyn Fetch,
    notes: &mut Vec<Note>,
) -> Result<Fetched, StateError> {
    Ok(match settings.kind.as_str() {
        "local" => {
            let path = match workspace {
                "default" => dir.join(
                    settings
                        .text("path", &[], environment)?
                        .unwrap_or_else(|| "terraform.tfstate".into()),
                ),
                other => {
                    let all = settings
                        .text("workspace_dir", &[], environment)?
                        .unwrap_or_else(|| "terraform.tfstate.d".into());
                    dir.join(all).join(other).join("terraform.tfstate")
                }
            };
            let source = local::shown(&path, environment);
            let bytes = if path.exists() {
                local::read(&path, &source, notes)?
            } else {
                Vec::new()
            };
            Fetched {
                source,
                place: None,
                bytes,
                origin: Origin::Backend,
            }
        }
        "gcs" => gcs::of_backend(settings, workspace, environment, fetch, notes).await?,
        "s3" => s3::of_backend(settings, workspace, environment, fetch, notes).await?,
        "http" => http::of_backend(settings, workspace, environment, fetch).await?,
        other => return Err(elsewhere(settings, other)),
    })
}

/// The complaint about a backend that only tofu reads from.
fn elsewhere(settings: &Settings, kind: &str) -> StateError {
    let message = match kind {
        "cloud" => {
            "state is kept by a `cloud` block, and driftline does not read from there".to_owned()
        }
        kind => {
            format!("state is kept in the backend `{kind}`, and driftline does not read from there")
        }
    };
    StateError::new(StateErrorKind::Unsupported, &settings.file, message)
        .hint("let tofu hand it over: `tofu state pull | driftline drift --state -`")
}

/// Reads the state that the arguments of a `terraform_remote_state` name: `backend`, `workspace` and `config`. Nothing where there is
/// none yet.
///
/// # Errors
/// As [`super::resolve`].
pub async fn remote(
    arguments: &BTreeMap<String, Value>,
    args: &StateArgs,
    environment: &Environment,
    fetch: &dyn Fetch,
    kms: &dyn KmsDecrypt,
) -> Result<Option<State>, StateError> {
    let text = |name: &str| arguments.get(name).and_then(Value::as_text);
    let dir = match &args.config {
        Some(dir) => environment.path(dir),
        None => environment.cwd.clone(),
    };
    let kind = text("backend").ok_or_else(|| {
        let shown = local::shown(&dir, environment);
        StateError::new(
            StateErrorKind::Configuration,
            &shown,
            "a remote state names no backend",
        )
    })?;
    let config = arguments.get("config").and_then(Value::as_map).cloned();
    let file = local::shown(&dir, environment);
    let settings = Settings::given(kind, file, config.unwrap_or_default());
    let workspace = text("workspace")
        .filter(|name| !name.is_empty())
        .unwrap_or("default");
    let mut notes = Vec::new();
    let found = fetched(&settings, &dir, workspace, environment, fetch, &mut notes).await?;
    if found.bytes.is_empty() {
        return Ok(None);
    }
    // Whether plain text is in order is said by the root that wrote it.
    let document = Fetched {
        origin: Origin::Stdin,
        ..found
    };
    let states = load::parse_all(vec![document], args, environment, kms, &mut notes).await?;
    Ok(states.into_iter().next())
}
