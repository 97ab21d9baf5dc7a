//! The root module, as far as it says where and how state is kept: `terraform` blocks, input variables and locals.
//!
//! Expressions are evaluated as `tofu init` does it, before any resource is known.

mod block;
mod credentials;
mod environment;
mod evaluate;
mod files;
mod lock;
mod variables;

pub use block::{Attribute, Block};
pub(super) use block::{json, native};
pub use credentials::GoogleCredentials;
pub use environment::Environment;
pub use evaluate::{Evaluate, StaticValues};
pub use lock::locked_providers;

use std::path::{Path, PathBuf};

use crate::model::Note;
use crate::tofu::state::StateError;

/// What of a root module is needed to find and open its state.
pub struct Root {
    /// The folder it lies in.
    pub dir: PathBuf,
    /// The `backend` or `cloud` block in force, if any.
    pub backend: Option<Block>,
    /// The `encryption` blocks, in order of precedence: later ones override.
    pub encryption: Vec<Block>,
    /// Input variables and locals.
    pub values: StaticValues,
    /// Files that could not be read, which seem to have no part in it.
    pub notes: Vec<Note>,
}

/// Where values of input variables come from, besides files and the environment.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// `NAME=VALUE`, as `-var` takes it; later ones win.
    pub var: Vec<String>,
    /// Files as `-var-file` takes them; before `var`.
    pub var_file: Vec<PathBuf>,
    /// Whether functions may read files outside the configuration's repository.
    pub outside: bool,
}

impl Root {
    /// Reads the root module in `dir`. A folder without configuration gives an empty one, as in tofu.
    ///
    /// # Errors
    /// A file that holds the `terraform` block and cannot be parsed, a variable file that cannot be read.
    pub fn read(
        dir: &Path,
        inputs: &Inputs,
        environment: &Environment,
    ) -> Result<Self, StateError> {
        let mut files = files::read(dir)?;
        let mut root = Self {
            dir: dir.to_owned(),
            backend: None,
            encryption: Vec::new(),
            values: StaticValues::default(),
            notes: Vec::new(),
        };
        root.notes.append(&mut files.notes);
        for block in files.blocks {
            match block.kind.as_str() {
                "terraform" => root.take_settings(block),
                "locals" => root.values.declare_locals(block),
                "variable" => root.values.declare_variable(block),
                _ => {}
            }
        }
        root.values.set_folder(dir, inputs.outside, environment);
        variables::assign(&mut root.values, dir, inputs, environment)?;
        Ok(root)
    }

    /// A `terraform` block; later ones stand in override files, whose backend replaces the one before.
    fn take_settings(&mut self, block: Block) {
        for inner in block.blocks {
            match inner.kind.as_str() {
                "backend" | "cloud" => self.backend = Some(inner),
                "encryption" => self.encryption.push(inner),
                _ => {}
            }
        }
    }
}
