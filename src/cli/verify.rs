//! Real `tofu plan` over what was written, held against the forecast.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::error::CommandError;
use super::terminal;
use crate::plan::ImportPlan;

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    resource_changes: Vec<Changed>,
}

#[derive(Deserialize)]
struct Changed {
    address: String,
    change: Change,
}

#[derive(Deserialize)]
struct Change {
    actions: Vec<String>,
}

/// Runs `tofu init`, `tofu plan` and `tofu show` in a folder and says where tofu disagrees.
///
/// # Errors
/// If tofu is not on PATH, fails, or plans something else than was forecast; then the message is a report ready to file.
pub fn verify(dir: &Path, plan: &ImportPlan) -> Result<(), CommandError> {
    let saved = tempfile::tempdir()
        .map_err(|error| CommandError::new(format!("cannot make a folder: {error}")))?;
    let file = saved.path().join("plan").display().to_string();
    tofu(dir, &["init", "-input=false", "-no-color"])?;
    tofu(
        dir,
        &[
            "plan",
            "-input=false",
            "-no-color",
            "-lock=false",
            &format!("-out={file}"),
        ],
    )?;
    let shown: Shown =
        serde_json::from_str(&tofu(dir, &["show", "-json", &file])?).map_err(|error| {
            CommandError::new(format!("`tofu show -json` said something else: {error}"))
        })?;
    // What is declared and not imported is made.
    let created = plan
        .refused()
        .map(|step| &step.address)
        .chain(plan.unmatched.iter().map(|one| &one.address));
    let imported = plan
        .steps
        .iter()
        .map(|step| (step.address.to_string(), step.forecast.as_str()));
    let said: BTreeMap<String, &str> = imported
        .chain(created.map(|address| (address.to_string(), "create")))
        .collect();
    let mut wrong = Vec::new();
    for changed in &shown.resource_changes {
        let tofu = match changed.change.actions.join("/").as_str() {
            "no-op" | "read" => "none",
            "update" => "update",
            "create" => "create",
            "delete" => "delete",
            _ => "replace",
        };
        let forecast = said.get(&changed.address).copied().unwrap_or("none");
        if tofu != forecast {
            wrong.push(format!(
                "- {}: forecast {forecast}, tofu plans {tofu}",
                changed.address
            ));
        }
    }
    if wrong.is_empty() {
        terminal::say(&format!(
            "tofu agrees with the forecast of all {} imports",
            plan.steps.len()
        ));
        return Ok(());
    }
    let report = format!(
        "tofu plans something else than was forecast; please report it as it stands:\n\ndriftline {}\n{}",
        env!("CARGO_PKG_VERSION"),
        wrong.join("\n")
    );
    Err(CommandError::new(report))
}

fn tofu(dir: &Path, args: &[&str]) -> Result<String, CommandError> {
    let ran = Command::new("tofu")
        .args(args)
        .current_dir(dir)
        .env("TF_IN_AUTOMATION", "1")
        .output();
    let output = ran.map_err(|error| {
        CommandError::new(format!("cannot run tofu: {error}"))
            .hint("install OpenTofu and put it on PATH, or leave --verify out")
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(CommandError::new(format!(
            "`tofu {}` failed:\n{}",
            args[0],
            said.trim()
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
