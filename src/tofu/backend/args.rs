//! What `--state` takes.

use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::{Fetch, Fetched, Origin, gcs, http, local};
use crate::input;
use crate::model::Note;
use crate::tofu::root::{Environment, Inputs};
use crate::tofu::state::{StateError, StateErrorKind};

/// Asks a person for a passphrase; the text says which.
pub type AskPassphrase = fn(&str) -> Option<Zeroizing<String>>;

/// Which states to read.
#[derive(Clone)]
pub struct StateArgs {
    /// `--state` values: a file, a folder, a pattern, `gs://BUCKET/PREFIX`, `http(s)://…`, `-`. Empty: what the
    /// configuration says.
    pub state: Vec<String>,
    /// `--config DIR`; the working directory when absent.
    pub config: Option<PathBuf>,
    /// `--backend-config` values, as `tofu init` takes them: `KEY=VALUE` or a file.
    pub backend_config: Vec<String>,
    /// The workspace, over `TF_WORKSPACE` and what was selected.
    pub workspace: Option<String>,
    /// Input variables.
    pub inputs: Inputs,
    /// How standard input is read.
    pub stdin: fn() -> std::io::Result<Vec<u8>>,
    /// How a person is asked for a passphrase that nothing else gives; nothing when nobody is there or nothing was typed.
    pub ask: AskPassphrase,
}

impl Default for StateArgs {
    fn default() -> Self {
        Self {
            state: Vec::new(),
            config: None,
            backend_config: Vec::new(),
            workspace: None,
            inputs: Inputs::default(),
            stdin: read_stdin,
            ask: |_| None,
        }
    }
}

impl fmt::Debug for StateArgs {
    /// Without variables and backend settings: both may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "state {:?}, config {:?}, workspace {:?}",
            self.state, self.config, self.workspace
        )
    }
}

fn read_stdin() -> std::io::Result<Vec<u8>> {
    input::state_of(&mut std::io::stdin().lock())
}

/// The documents that one `--state` value means.
pub(super) async fn documents(
    value: &str,
    args: &StateArgs,
    environment: &Environment,
    fetch: &dyn Fetch,
    notes: &mut Vec<Note>,
) -> Result<Vec<Fetched>, StateError> {
    if value.is_empty() {
        return Err(
            StateError::new(StateErrorKind::NotFound, "--state", "it names nothing").hint(
                "give a file, a folder, a pattern, gs://BUCKET/PREFIX, a URL or `-`; is a variable of the shell empty?",
            ),
        );
    }
    if value == "-" {
        let failed = |error: std::io::Error| {
            StateError::new(
                StateErrorKind::Unreadable,
                "-",
                format!("cannot be read: {error}"),
            )
        };
        let bytes = (args.stdin)().map_err(failed)?;
        return Ok(vec![Fetched {
            source: "-".into(),
            place: None,
            bytes,
            origin: Origin::Stdin,
        }]);
    }
    if let Some(rest) = value.strip_prefix("gs://") {
        return gcs::named(rest, environment, fetch, notes).await;
    }
    if value.starts_with("http://") || value.starts_with("https://") {
        return http::named(value, environment, fetch)
            .await
            .map(|document| vec![document]);
    }
    if let Some((scheme, _)) = value.split_once("://") {
        let message = format!("state cannot be read over `{scheme}://`");
        // A URL may hold a login, and its query a token.
        let rest = value
            .split_once("://")
            .map_or("", |(_, rest)| rest)
            .split('?')
            .next()
            .unwrap_or_default();
        let shown = format!(
            "{scheme}://{}",
            rest.rsplit_once('@').map_or(rest, |(_, host)| host)
        );
        return Err(
            StateError::new(StateErrorKind::Unsupported, &shown, message)
                .hint("let tofu fetch it: `tofu state pull | driftline drift --state -`"),
        );
    }
    local::named(value, environment, notes)
}
