//! `driftline plan`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::suggest::{self, Editing};
use crate::catalog::Catalog;
use crate::cli::args::{DetailArg, LayoutArg, PlanArgs, PlanChoice, TofuArgs};
use crate::cli::error::{CommandError, Outcome};
use crate::cli::{configuration, definitions, folder, output, source, terminal, verify};
use crate::input;
use crate::model::{Address, State};
use crate::pipeline::{self, Around};
use crate::plan::{
    self, Detail, Existing, ImportPlan, Layout, Mapping, Options, Pattern, Place, PlanInputs,
};
use crate::render;
use crate::suggest::Suggestions;
use crate::tofu::config::Workspace;

output::formats! {
    /// What `driftline plan` writes.
    PlanFormat {
        Console = "console",
        Json = "json",
        Commands = "commands",
    }
}

pub fn run(args: &PlanArgs) -> Result<Outcome, CommandError> {
    let outputs = output::outputs::<PlanFormat>(&args.out.out)?;
    if let Some(dir) = &args.write {
        output::folder_writable(dir)?;
    }
    let catalog = definitions::catalog()?;
    let mut options = options(&args.choice)?;
    let existing = match &args.write {
        Some(dir) => folder::read(dir)?,
        None => BTreeMap::new(),
    };
    let found = Existing::read(&existing).map_err(|error| {
        CommandError::new(error).hint("correct it, or write into another folder")
    })?;
    let tofu = tofu(args, &found, &catalog);
    let states = source::states(&tofu, &args.cloud, &catalog)?;
    let workspace = tofu
        .config
        .as_deref()
        .map(|folder| configuration::workspace(folder, &tofu))
        .transpose()?;
    options.declared_only = on_demand(workspace.as_ref(), &states, args, &catalog);
    let mut live = source::configured(&args.cloud, workspace.as_ref(), &states);
    live.live.whole = true;
    let cloud = source::cloud(&live, &states, &options.declared_only, &catalog)?;
    let catalog = source::told(&catalog, &tofu, workspace.as_ref(), &states)?;
    let reading = pipeline::read(states, workspace);
    let seen = source::answered(&args.cloud, &tofu, cloud, &reading, &catalog)?;
    let observed = &seen.observed;
    let around = Around::new(observed, &reading, &seen.remote, &catalog);
    let types = (!args.cloud.live.types.is_empty()).then_some(args.cloud.live.types.as_slice());
    let comparison = pipeline::compared(observed, &reading, types, true, &catalog);
    let inputs = PlanInputs {
        catalog: &catalog,
        projects: &observed.capture.projects,
        cloud: &observed.cloud,
        comparison: &comparison,
        config: None,
        existing: &found,
        options: &options,
    };
    let (plan, suggestions) = match tofu.config.as_deref().zip(reading.workspace.as_ref()) {
        Some((folder, workspace)) => into(folder, workspace, &tofu, args, &inputs, &around)?,
        None => (plan::plan(&inputs), None),
    };
    // What was just edited may be what is added to.
    let existing = match &args.write {
        Some(dir) if suggestions.is_some() => folder::read(dir)?,
        _ => existing,
    };
    let files = plan::files(&plan, &existing).map_err(CommandError::new)?;
    for output in &outputs {
        let text = match output.format {
            PlanFormat::Json => pretty(&plan, suggestions.as_ref()),
            PlanFormat::Commands => render::plan::commands(&plan),
            PlanFormat::Console => {
                render::plan::console(&plan, &files, args.write.is_none())
                    + &suggestions
                        .as_ref()
                        .map(render::suggest::console)
                        .unwrap_or_default()
            }
        };
        output::write(output, &text)?;
    }
    if let Some(dir) = &args.write {
        folder::write(dir, &existing, &files)?;
        terminal::say(&format!(
            "{} files written to {}",
            files.len(),
            dir.display()
        ));
        if args.verify {
            verify::verify(dir, &plan)?;
        }
    }
    Ok(outcome(&plan, &catalog))
}

/// What is said of state and configuration; a folder to write into that holds somebody's configuration is that configuration.
fn tofu(args: &PlanArgs, found: &Existing, catalog: &Catalog) -> TofuArgs {
    let mut tofu = args.tofu.clone();
    if let (None, Some(dir)) = (&tofu.config, &args.write)
        && found.is_configuration(|rtype| catalog.definition(rtype).is_some())
    {
        terminal::say(&format!(
            "{0} holds configuration: planned into it, as with --config {0}",
            dir.display()
        ));
        tofu.config = Some(dir.clone());
    }
    tofu
}

/// The types read on demand that configuration alone asks for.
fn on_demand(
    workspace: Option<&Workspace>,
    states: &[State],
    args: &PlanArgs,
    catalog: &Catalog,
) -> BTreeSet<String> {
    let named = &args.cloud.live.types;
    let held: BTreeSet<&str> = states
        .iter()
        .flat_map(|state| &state.instances)
        .map(|instance| instance.address.rtype.as_str())
        .collect();
    let declared = workspace.map(Workspace::types).unwrap_or_default();
    let asked = |rtype: &String| {
        catalog.is_on_demand(rtype)
            && !args.cloud.live.deep
            && !held.contains(rtype.as_str())
            && !named.contains(rtype)
    };
    declared.into_iter().filter(asked).collect()
}

/// Plans into a configuration. With `--suggest` its edits are worked out, and with `--write` too they are made, and the plan is
/// that of the edited configuration.
fn into(
    folder: &Path,
    workspace: &Workspace,
    tofu: &TofuArgs,
    args: &PlanArgs,
    inputs: &PlanInputs<'_>,
    around: &Around<'_>,
) -> Result<(ImportPlan, Option<Suggestions>), CommandError> {
    let (plan, notes) = pipeline::plan_into(workspace, inputs, around);
    terminal::notes(&notes);
    if !args.suggest {
        return Ok((plan, None));
    }
    let asked: BTreeSet<&Address> = plan
        .steps
        .iter()
        .filter(|step| step.declared)
        .map(|step| &step.address)
        .collect();
    let again = |workspace: &Workspace| {
        let (mut findings, notes) = pipeline::adopted(workspace, inputs, around);
        findings
            .values_mut()
            .for_each(|finding| finding.asked = asked.contains(&finding.address));
        (findings, notes)
    };
    let editing = Editing {
        folder,
        tofu,
        catalog: inputs.catalog,
    };
    let (findings, notes) = again(workspace);
    let suggestions = editing.suggest(workspace, &findings, &notes, &again);
    if args.write.is_none() || suggestions.texts.is_empty() {
        return Ok((plan, Some(suggestions)));
    }
    suggest::write(&workspace.sources(), &suggestions)?;
    let edited = configuration::workspace(folder, tofu)?;
    let (plan, notes) = pipeline::plan_into(&edited, inputs, around);
    terminal::notes(&notes);
    Ok((plan, Some(suggestions)))
}

fn pretty(plan: &ImportPlan, suggestions: Option<&Suggestions>) -> String {
    let mut json = render::plan::json(plan);
    if let (Some(object), Some(suggestions)) = (json.as_object_mut(), suggestions) {
        object.extend(render::suggest::json(suggestions));
    }
    render::document::pretty(&json)
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
        into: choice
            .into
            .as_deref()
            .map(Place::parse)
            .transpose()
            .map_err(CommandError::new)?,
        mappings: mappings(choice)?,
        layout: match choice.layout {
            LayoutArg::Flat => Layout::Flat,
            LayoutArg::Service => Layout::Service,
            LayoutArg::Module => Layout::Module,
        },
        batch: choice.batch.map(|steps| steps as usize),
        group: choice.group,
        declared_only: BTreeSet::new(),
    })
}

fn mappings(choice: &PlanChoice) -> Result<Vec<Mapping>, CommandError> {
    let Some(file) = &choice.map else {
        return Ok(Vec::new());
    };
    let text = input::text(file)
        .map_err(|error| CommandError::new(format!("cannot read {}: {error}", file.display())))?;
    plan::mappings(&text).map_err(|error| CommandError::new(format!("{}: {error}", file.display())))
}
