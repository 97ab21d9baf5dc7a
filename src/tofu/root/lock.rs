//! `.terraform.lock.hcl`: the providers that `tofu init` settled on.

use std::io::ErrorKind;
use std::path::Path;

use super::block;
use crate::input;
use crate::model::{LockedProvider, Version};
use crate::tofu::state::{StateError, StateErrorKind, beta};

/// The name of the file, in the folder of the root module.
const NAME: &str = ".terraform.lock.hcl";

/// The google and google-beta providers of the lock file beside a root module; none where there is no such file.
///
/// # Errors
/// A file that cannot be read, is no HCL, or names no version of one of them.
pub fn locked_providers(dir: &Path) -> Result<Vec<LockedProvider>, StateError> {
    let path = dir.join(NAME);
    let file = path.display().to_string();
    let text = match input::text(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            let message = format!("the lock file cannot be read: {error}");
            return Err(StateError::new(StateErrorKind::Unreadable, &file, message));
        }
    };
    let whole = block::native(&file, &text)?;
    let mut out = Vec::new();
    for provider in whole.of_kind("provider") {
        let Some(beta) = provider.labels.first().and_then(|source| beta(source)) else {
            continue;
        };
        let said = provider.attribute("version");
        let said = said.and_then(|version| version.expression.as_str());
        let version: Option<Version> = said.and_then(|version| version.parse().ok());
        let version = version.ok_or_else(|| {
            StateError::new(
                StateErrorKind::Configuration,
                &file,
                format!("`{}` has no version", provider.labels[0]),
            )
            .at(provider.place.line, provider.place.column)
            .hint("run `tofu init`, which writes this file")
        })?;
        out.push(LockedProvider {
            beta,
            version,
            file: file.clone(),
        });
    }
    Ok(out)
}
