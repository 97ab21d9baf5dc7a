//! Values of the root module's variables, in tofu's order of precedence.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hcl_edit::expr::Expression;

use super::constraint::{Constraint, Nothing};
use super::read::{Attribute, Block, Source, Texts, json, read_source, read_values};
use crate::hcl::{Limit, Value, evaluate, parse_expression};
use crate::input;
use crate::model::{Note, Place, ProviderConfig, Severity};

/// What is given on the command line and by the environment.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// `-var` and `-var-file`, in the order given.
    pub arguments: Vec<Argument>,
    /// Values of `TF_VAR_name`, by name.
    pub environment: BTreeMap<String, String>,
    /// `project`, `region` and `zone`, as the provider takes them from the environment.
    pub provider: ProviderConfig,
    /// The selected workspace; `default` when empty.
    pub workspace: String,
    /// The folder where tofu keeps modules it downloaded, `.terraform` when empty; relative to the root module.
    pub data_folder: PathBuf,
    /// Texts that stand in place of what files hold, by path: edits that are not made yet.
    pub texts: BTreeMap<PathBuf, String>,
    /// How much one evaluation may do.
    pub limit: Limit,
    /// Whether functions may read files outside the configuration's repository.
    pub outside: bool,
}

/// One variable argument of the command line.
#[derive(Clone, Debug)]
pub enum Argument {
    /// `-var NAME=VALUE`.
    Value(String, String),
    /// `-var-file FILE`.
    File(PathBuf),
}

impl Inputs {
    /// What the environment says: `TF_VAR_*`, `TF_WORKSPACE` or the selected workspace of a folder, `TF_DATA_DIR`.
    pub fn from_environment(folder: &Path) -> Self {
        let named =
            |(key, value): (String, String)| Some((key.strip_prefix("TF_VAR_")?.to_owned(), value));
        let data_folder = std::env::var_os("TF_DATA_DIR")
            .map(PathBuf::from)
            .unwrap_or_else(|| ".terraform".into());
        let selected = || input::text(&folder.join(&data_folder).join("environment")).ok();
        let workspace = std::env::var("TF_WORKSPACE")
            .ok()
            .filter(|name| !name.is_empty())
            .or_else(selected);
        let workspace = workspace
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty());
        Self {
            environment: std::env::vars_os()
                .filter_map(|(key, value)| {
                    Some((key.into_string().ok()?, value.into_string().ok()?))
                })
                .filter_map(named)
                .collect(),
            provider: provider_from_environment(),
            workspace: workspace.unwrap_or_else(|| "default".into()),
            data_folder,
            ..Self::default()
        }
    }
}

/// What the provider takes from the environment where its block leaves it out, by the first variable that says something.
fn provider_from_environment() -> ProviderConfig {
    let first = |names: &[&str]| {
        let mut said = names.iter().filter_map(|name| std::env::var(name).ok());
        said.find(|value| !value.is_empty())
    };
    ProviderConfig {
        project: first(&[
            "GOOGLE_PROJECT",
            "GOOGLE_CLOUD_PROJECT",
            "GCLOUD_PROJECT",
            "CLOUDSDK_CORE_PROJECT",
        ]),
        region: first(&["GOOGLE_REGION", "GCLOUD_REGION", "CLOUDSDK_COMPUTE_REGION"]),
        zone: first(&["GOOGLE_ZONE", "GCLOUD_ZONE", "CLOUDSDK_COMPUTE_ZONE"]),
        ..ProviderConfig::default()
    }
}

/// A value as it was given, before the variable's type is known.
#[derive(Clone, Debug)]
pub enum Given {
    /// Text: of the command line or the environment.
    Text(String),
    /// An argument of a variable file.
    File(Attribute),
    /// A value of a JSON variable file and where it stands.
    Json(Expression, Place),
}

impl Given {
    /// The value, for a variable of a type.
    ///
    /// # Errors
    /// What is wrong with it and where.
    pub fn value(&self, constraint: &Constraint) -> Result<Value, (String, Option<Place>)> {
        match self {
            Self::Text(text) if constraint.ty.is_primitive() => Ok(Value::string(text)),
            Self::Text(text) => {
                let wrong = |why: String| {
                    (
                        format!("`{}` is not an expression: {why}", shortened(text)),
                        None,
                    )
                };
                let expr = parse_expression(text).map_err(|error| wrong(error.message))?;
                evaluate(&expr, &Nothing::default()).map_err(|diagnostic| wrong(diagnostic.detail))
            }
            Self::File(attribute) => {
                evaluate(&attribute.expr, &Nothing::default()).map_err(|diagnostic| {
                    let offset = diagnostic
                        .span
                        .as_ref()
                        .map_or(attribute.span.start, |span| span.start);
                    (
                        format!("{}: {}", diagnostic.summary, diagnostic.detail),
                        Some(attribute.file.place(offset)),
                    )
                })
            }
            Self::Json(expr, place) => evaluate(expr, &Nothing::default()).map_err(|diagnostic| {
                (
                    format!("{}: {}", diagnostic.summary, diagnostic.detail),
                    Some(place.clone()),
                )
            }),
        }
    }
}

/// A value given on the command line may be a secret: no more than its length is shown.
fn shortened(text: &str) -> String {
    format!("({} characters)", text.chars().count())
}

/// All values given, by variable name: later sources replace earlier ones.
pub fn collect(folder: &Path, inputs: &Inputs, notes: &mut Vec<Note>) -> BTreeMap<Arc<str>, Given> {
    let mut given = BTreeMap::new();
    for (name, text) in &inputs.environment {
        given.insert(Arc::from(name.as_str()), Given::Text(text.clone()));
    }
    for name in ["terraform.tfvars", "terraform.tfvars.json"] {
        let path = folder.join(name);
        if path.is_file() {
            add_file(&path, name, &inputs.texts, &mut given, notes);
        }
    }
    for name in automatic(folder) {
        add_file(&folder.join(&name), &name, &inputs.texts, &mut given, notes);
    }
    for argument in &inputs.arguments {
        match argument {
            Argument::Value(name, text) => {
                _ = given.insert(Arc::from(name.as_str()), Given::Text(text.clone()))
            }
            Argument::File(path) => add_file(
                path,
                &path.display().to_string(),
                &inputs.texts,
                &mut given,
                notes,
            ),
        }
    }
    given
}

fn automatic(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names
        .filter(|name| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"))
        .collect();
    names.sort();
    names
}

fn add_file(
    path: &Path,
    shown: &str,
    texts: &Texts,
    given: &mut BTreeMap<Arc<str>, Given>,
    notes: &mut Vec<Note>,
) {
    if let Err(note) = try_file(path, shown, texts, given, notes) {
        notes.push(Note {
            severity: Severity::Error,
            ..note
        });
    }
}

fn try_file(
    path: &Path,
    shown: &str,
    texts: &Texts,
    given: &mut BTreeMap<Arc<str>, Given>,
    notes: &mut Vec<Note>,
) -> Result<(), Note> {
    let file: Arc<Source> = Arc::new(read_source(path, shown.to_owned(), texts)?.private());
    if shown.ends_with(".json") {
        for (name, value) in json::parse_values(&file)? {
            let place = file.place(file.find_quoted(&name, 0));
            given.insert(name.into(), Given::Json(json::expression(&value), place));
        }
        return Ok(());
    }
    let content = read_values(&file)?;
    let mut seen = BTreeSet::new();
    for attribute in content.attributes {
        if !seen.insert(attribute.name.clone()) {
            notes.push(left_out(
                format!("the variable `{}` is given twice", attribute.name),
                attribute.place(),
            ));
            continue;
        }
        given.insert(attribute.name.as_str().into(), Given::File(attribute));
    }
    let unexpected = |block: &Block| {
        left_out(
            format!("a block `{}` cannot stand in a variable file", block.kind),
            block.place(),
        )
    };
    notes.extend(content.blocks.iter().map(unexpected));
    Ok(())
}

fn left_out(message: String, place: Place) -> Note {
    Note {
        severity: Severity::Error,
        message,
        place: Some(place),
        hint: "it was left out".into(),
    }
}
