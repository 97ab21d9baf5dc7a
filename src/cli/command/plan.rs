//! `driftline plan`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::suggest::{self, Editing};
use crate::catalog::Catalog;
use crate::cli::args::{DetailArg, LayoutArg, PlanArgs, PlanChoice};
use crate::cli::error::{CommandError, Outcome};
use crate::cli::{configuration, definitions, folder, output, source, terminal, verify};
use crate::compare::{Inputs, compare};
use crate::model::Address;
use crate::normalize::normalize;
use crate::plan::{self, Detail, Existing, ImportPlan, Layout, Mapping, Options, Pattern, Place, PlanInputs};
use crate::render;
use crate::suggest::Suggestions;
use crate::tofu::config::Workspace;

pub fn run(args: &PlanArgs) -> Result<Outcome, CommandError> {
    let outputs = output::outputs(&args.out.out, &["console", "json", "commands"])?;
    let catalog = definitions::catalog()?;
    let options = options(&args.choice)?;
    let states = source::states(&args.tofu, &args.cloud, &catalog)?;
    let cloud = source::cloud(&args.cloud, &states, &catalog)?;
    let normalized = normalize(&cloud.capture, &catalog);
    let types = (!args.cloud.live.types.is_empty()).then_some(args.cloud.live.types.as_slice());
    let comparison = compare(&Inputs { types, keep: true, ..Inputs::new(&catalog, &cloud.capture, &normalized, &states) });
    let existing = match &args.write {
        Some(dir) => folder::read(dir)?,
        None => BTreeMap::new(),
    };
    let found =
        Existing::read(&existing).map_err(|error| CommandError::new(error).hint("correct it, or write into another folder"))?;
    let inputs = PlanInputs {
        catalog: &catalog,
        projects: &cloud.capture.projects,
        cloud: &normalized,
        comparison: &comparison,
        config: None,
        existing: &found,
        options: &options,
    };
    let (plan, suggestions) = match &args.tofu.config {
        Some(folder) => into(folder, args, &inputs)?,
        None => (plan::plan(&inputs), None),
    };
    // What was just edited may be what is added to.
    let existing = match &args.write {
        Some(dir) if suggestions.is_some() => folder::read(dir)?,
        _ => existing,
    };
    let files = plan::files(&plan, &existing).map_err(CommandError::new)?;
    for output in &outputs {
        let text = match output.format.as_str() {
            "json" => pretty(&plan, suggestions.as_ref()),
            "commands" => render::plan::commands(&plan),
            _ => {
                render::plan::console(&plan, &files, args.write.is_none())
                    + &suggestions.as_ref().map(render::suggest::console).unwrap_or_default()
            }
        };
        output::write(output, &text)?;
    }
    if let Some(dir) = &args.write {
        folder::write(dir, &existing, &files)?;
        terminal::say(&format!("{} files written to {}", files.len(), dir.display()));
        if args.verify {
            verify::verify(dir, &plan)?;
        }
    }
    Ok(outcome(&plan, &catalog))
}

/// Plans into a configuration. With `--suggest` its edits are worked out, and with `--write` too they are made, and the plan is
/// that of the edited configuration.
fn into(folder: &Path, args: &PlanArgs, inputs: &PlanInputs<'_>) -> Result<(ImportPlan, Option<Suggestions>), CommandError> {
    let mut workspace = configuration::workspace(folder, &args.tofu)?;
    let plan = configuration::plan_into(&workspace, inputs);
    if !args.suggest {
        return Ok((plan, None));
    }
    let asked: BTreeSet<&Address> = plan.steps.iter().filter(|step| step.declared).map(|step| &step.address).collect();
    let again = |workspace: &Workspace| {
        let mut settled = configuration::adopted(workspace, inputs);
        settled.findings.values_mut().for_each(|finding| finding.asked = asked.contains(&finding.address));
        settled
    };
    let editing = Editing { folder, tofu: &args.tofu, catalog: inputs.catalog };
    let suggestions = editing.suggest(&workspace, &again(&workspace), &again);
    if args.write.is_none() || suggestions.texts.is_empty() {
        return Ok((plan, Some(suggestions)));
    }
    suggest::write(&workspace.sources(), &suggestions)?;
    workspace = configuration::workspace(folder, &args.tofu)?;
    Ok((configuration::plan_into(&workspace, inputs), Some(suggestions)))
}

fn pretty(plan: &ImportPlan, suggestions: Option<&Suggestions>) -> String {
    let mut json = render::plan::json(plan);
    if let (Some(object), Some(suggestions)) = (json.as_object_mut(), suggestions) {
        object.extend(render::suggest::json(suggestions));
    }
    let mut text = serde_json::to_string_pretty(&json).unwrap_or_default();
    text.push('\n');
    text
}

/// Something to import is a difference; a gap leaves the plan incomplete.
fn outcome(plan: &ImportPlan, _: &Catalog) -> Outcome {
    match (plan.steps.is_empty(), plan.gaps.is_empty()) {
        (false, _) => Outcome::Different,
        (true, true) => Outcome::Clean,
        (true, false) => Outcome::Incomplete,
    }
}

fn options(choice: &PlanChoice) -> Result<Options, CommandError> {
    let patterns = |texts: &[String]| texts.iter().map(|text| Pattern::new(text)).collect();
    Ok(Options {
        detail: match choice.detail {
            DetailArg::Minimal => Detail::Minimal,
            DetailArg::Full => Detail::Full,
        },
        adopt_labels: choice.adopt_labels,
        allow_replace: choice.allow_replace,
        include_defaults: choice.include_defaults,
        only: patterns(&choice.only),
        exclude: patterns(&choice.exclude),
        into: choice.into.as_deref().map(Place::parse).transpose().map_err(CommandError::new)?,
        mappings: mappings(choice)?,
        layout: match choice.layout {
            LayoutArg::Flat => Layout::Flat,
            LayoutArg::Service => Layout::Service,
            LayoutArg::Module => Layout::Module,
        },
        batch: choice.batch.map(|steps| steps as usize),
        group: choice.group,
    })
}

fn mappings(choice: &PlanChoice) -> Result<Vec<Mapping>, CommandError> {
    let Some(file) = &choice.map else { return Ok(Vec::new()) };
    let text =
        std::fs::read_to_string(file).map_err(|error| CommandError::new(format!("cannot read {}: {error}", file.display())))?;
    plan::mappings(&text).map_err(|error| CommandError::new(format!("{}: {error}", file.display())))
}
