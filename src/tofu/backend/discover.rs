//! The state of a configuration, found as tofu finds it.

use super::settings::Settings;
use super::{Fetch, Fetched, Origin, StateArgs, gcs, http, local, note, pointer, s3};
use crate::model::{Note, Severity};
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
    let found = match settings.kind.as_str() {
        "local" => {
            let path = match workspace.as_str() {
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
                bytes,
                origin: Origin::Backend,
            }
        }
        "gcs" => gcs::of_backend(&settings, &workspace, environment, fetch, notes).await?,
        "s3" => s3::of_backend(&settings, &workspace, environment, fetch, notes).await?,
        "http" => http::of_backend(&settings, &workspace, environment, fetch).await?,
        other => return Err(elsewhere(&settings, other)),
    };
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
