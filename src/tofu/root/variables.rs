//! Values of input variables, in tofu's order of precedence.

use std::path::{Path, PathBuf};

use super::evaluate::StaticValues;
use super::{Environment, Inputs, block};
use crate::input;
use crate::tofu::state::{StateError, StateErrorKind};

/// Gives variables their values: `TF_VAR_…`, `terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars` and
/// `*.auto.tfvars.json` by name, `-var-file`, `-var`. Later ones replace earlier ones.
pub(super) fn assign(
    values: &mut StaticValues,
    dir: &Path,
    inputs: &Inputs,
    environment: &Environment,
) -> Result<(), StateError> {
    for (name, text) in &environment.variables {
        if let Some(name) = name.strip_prefix("TF_VAR_") {
            values.assign_text(name, text);
        }
    }
    for path in automatic(dir) {
        assign_file(values, &path)?;
    }
    for path in &inputs.var_file {
        assign_file(values, &environment.path(path))?;
    }
    for assignment in &inputs.var {
        let (name, text) = assignment.split_once('=').ok_or_else(|| {
            StateError::new(
                StateErrorKind::Configuration,
                "-var",
                "a variable is given as NAME=VALUE",
            )
            .hint("write `--var NAME=VALUE`")
        })?;
        values.assign_text(name, text);
    }
    Ok(())
}

/// The variable files that tofu reads without being told.
fn automatic(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return Vec::new();
    };
    let names = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok());
    let mut automatic: Vec<String> = names
        .filter(|name| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"))
        .collect();
    automatic.sort();
    let fixed = ["terraform.tfvars", "terraform.tfvars.json"].map(str::to_owned);
    fixed
        .into_iter()
        .chain(automatic)
        .map(|name| dir.join(name))
        .filter(|path| path.is_file())
        .collect()
}

fn assign_file(values: &mut StaticValues, path: &Path) -> Result<(), StateError> {
    let file = path.display().to_string();
    let text = input::text(path).map_err(|error| {
        StateError::new(
            StateErrorKind::Unreadable,
            &file,
            format!("the variable file cannot be read: {error}"),
        )
    })?;
    let whole = if file.ends_with(".json") {
        block::json(&file, &text, "tfvars")?
    } else {
        block::native(&file, &text)?
    };
    for attribute in whole.attributes {
        values.assign_expression(&attribute.name, &attribute.expression);
    }
    Ok(())
}
