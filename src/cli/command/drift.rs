//! `driftline drift`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::audit::{self, AuditFormat};
use super::suggest::{self, Editing};
use crate::catalog::Catalog;
use crate::cli::args::{CloudArgs, DriftArgs, TofuArgs};
use crate::cli::error::{CommandError, Outcome};
use crate::cli::{configuration, definitions, demo, output, source, terminal};
use crate::compare::Comparison;
use crate::forecast::Outlook;
use crate::model::Sources;
use crate::pipeline::{self, Around, Observed, Reading, RemoteStates};
use crate::render::{self, Heading};
use crate::suggest::Suggestions;
use crate::tofu::config::Workspace;

output::formats! {
    /// What `driftline drift` writes.
    DriftFormat {
        Console = "console",
        Json = "json",
        Markdown = "markdown",
        Html = "html",
        Sarif = "sarif",
        Junit = "junit",
        Github = "github",
        Gitlab = "gitlab",
        Slack = "slack",
        Ndjson = "ndjson",
        Diff = "diff",
    }
}

/// Cloud, states and configuration, as arguments name them.
pub(super) struct Looked {
    /// The definitions as of the provider's releases that are told of.
    pub catalog: Catalog,
    /// What is in the cloud.
    pub observed: Observed,
    /// States of other roots that configuration reads.
    pub remote: RemoteStates,
    /// Where that came from.
    pub source: String,
    /// What OpenTofu knows.
    pub reading: Reading,
    /// The folder of the configuration, if one is given.
    pub folder: Option<PathBuf>,
    /// Whether the cloud was read at all.
    pub cloud: bool,
    /// The types asked for; all where none is named.
    types: Vec<String>,
    /// Types that only rules asked for: drift is not told of them.
    aside: BTreeSet<String>,
    /// What the demo was unpacked to.
    _demo: Option<tempfile::TempDir>,
}

impl Looked {
    /// What answers references beside what is planned.
    pub fn around<'a>(&'a self, catalog: &'a Catalog) -> Around<'a> {
        Around::new(&self.observed, &self.reading, &self.remote, catalog)
    }

    /// The cloud held against states.
    pub fn compared(&self) -> Comparison {
        let all = self.catalog.definitions.keys();
        let usual = all.filter(|rtype| !self.aside.contains(*rtype)).cloned();
        let types: Vec<String> = match (self.types.is_empty(), self.aside.is_empty()) {
            (false, _) => self.types.clone(),
            (true, true) => Vec::new(),
            (true, false) => usual.collect(),
        };
        let types = (!types.is_empty()).then_some(types.as_slice());
        let keep = self.reading.workspace.is_some();
        pipeline::compared(&self.observed, &self.reading, types, keep, &self.catalog)
    }
}

/// What is read.
pub(super) struct Sides {
    /// Whether the cloud is.
    pub cloud: bool,
    /// Whether states are.
    pub states: bool,
    /// Types that are wanted though they are read on demand only.
    pub wanted: BTreeSet<String>,
}

/// Reads states, configuration and the cloud.
///
/// # Errors
/// If one of them cannot be read at all.
pub(super) fn looked_at(
    cloud: &CloudArgs,
    tofu: &TofuArgs,
    catalog: &Catalog,
) -> Result<Looked, CommandError> {
    let all = Sides {
        cloud: true,
        states: true,
        wanted: BTreeSet::new(),
    };
    looked(cloud, tofu, &all, catalog)
}

/// The same of some of them only. Without the cloud nothing is asked of the network for configuration.
///
/// # Errors
/// As [`looked_at`].
pub(super) fn looked(
    cloud: &CloudArgs,
    tofu: &TofuArgs,
    sides: &Sides,
    catalog: &Catalog,
) -> Result<Looked, CommandError> {
    let states = match sides.states {
        true => source::states(tofu, cloud, catalog)?,
        false => Vec::new(),
    };
    let demo = (cloud.demo && tofu.config.is_none() && tofu.states.is_empty())
        .then(demo::configuration)
        .transpose()?;
    let unpacked = demo.as_ref().map(|folder| folder.path().to_owned());
    let folder = tofu.config.clone().or(unpacked);
    let workspace = folder.as_deref();
    let workspace = workspace
        .map(|folder| configuration::workspace(folder, tofu))
        .transpose()?;
    let mut declared = workspace.as_ref().map(Workspace::types).unwrap_or_default();
    let held = states.iter().flat_map(|state| &state.instances);
    let held: BTreeSet<&str> = held.map(|one| one.address.rtype.as_str()).collect();
    let only_rules = |rtype: &&String| {
        !cloud.live.deep
            && catalog.is_on_demand(rtype)
            && !held.contains(rtype.as_str())
            && !declared.contains(*rtype)
    };
    let aside = sides.wanted.iter().filter(only_rules).cloned().collect();
    declared.extend(sides.wanted.iter().cloned());
    let seen = match sides.cloud {
        true => {
            let configured = source::configured(cloud, workspace.as_ref(), &states);
            source::cloud(&configured, &states, &declared, catalog)?
        }
        false => source::Cloud::default(),
    };
    let catalog = source::told(catalog, tofu, workspace.as_ref(), &states)?;
    let reading = pipeline::read(states, workspace);
    let seen = match sides.cloud {
        true => source::answered(cloud, tofu, seen, &reading, &catalog)?,
        false => source::answering(cloud, tofu, seen, &reading, &catalog, 0, &|_| ())?,
    };
    Ok(Looked {
        observed: seen.observed,
        remote: seen.remote,
        catalog,
        source: seen.source,
        reading,
        folder,
        cloud: sides.cloud,
        types: cloud.live.types.clone(),
        aside,
        _demo: demo,
    })
}

pub fn run(args: &DriftArgs) -> Result<Outcome, CommandError> {
    let outputs = output::outputs::<DriftFormat>(&args.out.out)?;
    let catalog = definitions::catalog()?;
    let looked = looked_at(&args.cloud, &args.tofu, &catalog)?;
    let catalog = &looked.catalog;
    if args.suggest && looked.folder.is_none() {
        return Err(CommandError::new("--suggest needs a configuration to edit")
            .hint("give its folder with --config"));
    }
    if !args.suggest
        && outputs
            .iter()
            .any(|output| output.format == DriftFormat::Diff)
    {
        return Err(CommandError::new("the format diff is of suggested edits")
            .hint("add --suggest, and the folder of the configuration with --config"));
    }
    let comparison = looked.compared();
    let base = args.suggest.then(|| comparison.clone());
    let settled = pipeline::settle(comparison, &looked.reading, &looked.around(catalog));
    terminal::notes(&settled.notes);
    let suggested = base.and_then(|base| suggested(args, &looked, base, &settled, catalog));
    let audit = audit::of_drift(&looked, &settled, &args.accept, catalog)?;
    let outlook = settled.outlook;
    let heading = Heading {
        version: env!("CARGO_PKG_VERSION"),
        projects: looked.observed.capture.projects.clone(),
        source: looked.source.clone(),
        states: outlook.coverage.states.clone(),
        all: args.all,
    };
    let suggestions = suggested.as_ref().map(|(_, suggestions)| suggestions);
    for output in &outputs {
        let text = match output.format {
            DriftFormat::Json => render::json::suggesting(&outlook, &heading, suggestions),
            DriftFormat::Console => {
                let edits = suggestions.map(render::suggest::console);
                let accepted = args
                    .accept
                    .is_given()
                    .then(|| render::audit::console::accepted(&audit.said));
                render::console::drift(&outlook, &heading)
                    + &accepted.unwrap_or_default()
                    + &edits.unwrap_or_default()
            }
            DriftFormat::Markdown => audit.rendered(AuditFormat::Markdown),
            DriftFormat::Html => audit.rendered(AuditFormat::Html),
            DriftFormat::Sarif => audit.rendered(AuditFormat::Sarif),
            DriftFormat::Junit => audit.rendered(AuditFormat::Junit),
            DriftFormat::Github => audit.rendered(AuditFormat::Github),
            DriftFormat::Gitlab => audit.rendered(AuditFormat::Gitlab),
            DriftFormat::Slack => audit.rendered(AuditFormat::Slack),
            DriftFormat::Diff => suggestions.map(|all| all.patch.clone()).unwrap_or_default(),
            DriftFormat::Ndjson => audit.rendered(AuditFormat::Ndjson),
        };
        output::write(output, &text)?;
    }
    if let Some((sources, suggestions)) = suggested.as_ref().filter(|_| args.write) {
        suggest::write(sources, suggestions)?;
    }
    if args.accept.is_given() {
        return Ok(audit.outcome(args.require_complete));
    }
    Ok(outcome(&outlook, args.require_complete))
}

/// The edits that would make configuration say what the cloud has.
fn suggested(
    args: &DriftArgs,
    looked: &Looked,
    base: Comparison,
    settled: &pipeline::Settled,
    catalog: &Catalog,
) -> Option<(Sources, Suggestions)> {
    let (workspace, folder) = looked
        .reading
        .workspace
        .as_ref()
        .zip(looked.folder.as_deref())?;
    let around = looked.around(catalog);
    let again = |workspace: &Workspace| {
        let states = &looked.reading.states;
        let settled = pipeline::configured_by(workspace, base.clone(), states, &around);
        (settled.findings, settled.notes)
    };
    let edits = Editing {
        folder,
        tofu: &args.tofu,
        catalog,
    };
    let suggestions = edits.suggest(workspace, &settled.findings, &settled.notes, &again);
    Some((workspace.sources(), suggestions))
}

/// The exit code of an outlook.
fn outcome(outlook: &Outlook, require_complete: bool) -> Outcome {
    let complete = outlook.is_complete();
    let different = outlook
        .outcomes
        .iter()
        .any(|outcome| outcome.row.verdict.is_difference());
    match (outlook.is_refused(), different) {
        (true, _) => Outcome::Failed,
        _ if require_complete && !complete => Outcome::Failed,
        (false, true) => Outcome::Different,
        (false, false) if complete => Outcome::Clean,
        (false, false) => Outcome::Incomplete,
    }
}
