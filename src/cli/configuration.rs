//! The configuration that arguments name.

use std::path::Path;

use super::args::TofuArgs;
use super::error::CommandError;
use crate::hcl::Limit;
use crate::suggest::Texts;
use crate::tofu::config::{Argument, Inputs, Workspace};

/// Reads the configuration that was named.
///
/// # Errors
/// If the folder holds none.
pub fn workspace(folder: &Path, args: &TofuArgs) -> Result<Workspace, CommandError> {
    edited(folder, args, Texts::new())
}

/// Reads it as if some files held other texts.
///
/// # Errors
/// If the folder holds none.
pub fn edited(folder: &Path, args: &TofuArgs, texts: Texts) -> Result<Workspace, CommandError> {
    let mut inputs = Inputs {
        texts,
        limit: Limit::of(args.evaluation_limit),
        outside: args.allow_outside_files,
        ..Inputs::from_environment(folder)
    };
    for var in &args.vars {
        let (name, value) = var.split_once('=').ok_or_else(|| {
            CommandError::new("a value of `--var` is not NAME=VALUE")
                .hint("write --var 'region=europe-west4'")
        })?;
        inputs
            .arguments
            .push(Argument::Value(name.to_owned(), value.to_owned()));
    }
    inputs
        .arguments
        .extend(args.var_files.iter().cloned().map(Argument::File));
    if let Some(name) = &args.workspace {
        inputs.workspace = name.clone();
    }
    Workspace::load(folder, &inputs).map_err(|note| CommandError::new(note.message).hint(note.hint))
}
