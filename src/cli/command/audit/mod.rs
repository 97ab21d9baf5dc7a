//! `driftline audit`, `driftline history` and `driftline diff`; and what `driftline drift` shares with them.

mod demo;
pub(in crate::cli) mod diff;
pub(super) mod places;
pub(super) mod policy;
mod runs;

use std::path::{Path, PathBuf};

use self::places::{below, day, now, owners, repository, within};
use super::check;
use super::drift::{self, Looked, Sides};
use crate::catalog::Catalog;
use crate::check::{Priority, Rules};
use crate::cli::args::{
    AcceptArgs, AuditArgs, BaselineAct, CloudArgs, HistoryArgs, LiveArgs, TofuArgs,
};
use crate::cli::error::{CommandError, Outcome};
use crate::cli::{definitions, output, terminal};
use crate::findings::{
    self, Audit, AuditFile, FailOn, Policy, Run, TargetRecord, TargetRun, TargetSection, Told,
    Verdict,
};
use crate::hcl::Limit;
use crate::model::{Address, Place};
use crate::pipeline::{self, Settled};
use crate::render;

output::formats! {
    /// What `driftline audit` writes.
    AuditFormat {
        Console = "console",
        Json = "json",
        Ndjson = "ndjson",
        Markdown = "markdown",
        Issue = "issue",
        Html = "html",
        Sarif = "sarif",
        Junit = "junit",
        Github = "github",
        Gitlab = "gitlab",
        Slack = "slack",
    }
}

/// An audit with how it ends.
pub(super) struct Ended {
    /// What it says.
    pub said: Audit,
    /// How it ends.
    pub verdict: Verdict,
    /// The file that stands for what has no place in configuration.
    home: String,
}

impl Ended {
    pub fn new(said: Audit, fail_on: &[FailOn], home: &str) -> Self {
        let usual = FailOn::usual();
        let fail_on = if fail_on.is_empty() { &usual } else { fail_on };
        Self {
            verdict: Verdict::of(&said, fail_on),
            said,
            home: home.to_owned(),
        }
    }

    /// In a format.
    pub fn rendered(&self, format: AuditFormat) -> String {
        let Self {
            said,
            verdict,
            home,
        } = self;
        match format {
            AuditFormat::Console => render::audit::console::report(said, *verdict),
            AuditFormat::Json => render::audit::json::document(said, *verdict),
            AuditFormat::Ndjson => render::audit::json::lines(said, *verdict),
            AuditFormat::Markdown => render::audit::markdown::report(
                said,
                *verdict,
                render::audit::markdown::STEP_SUMMARY,
            ),
            AuditFormat::Issue => {
                render::audit::markdown::report(said, *verdict, render::audit::markdown::ISSUE)
            }
            AuditFormat::Html => render::audit::html::report(said, *verdict),
            AuditFormat::Sarif => render::audit::sarif::report(said, home),
            AuditFormat::Junit => render::audit::junit::report(said, *verdict),
            AuditFormat::Github => render::audit::github::report(said, *verdict),
            AuditFormat::Gitlab => render::audit::gitlab::report(said, home),
            AuditFormat::Slack => render::audit::slack::report(said, *verdict),
        }
    }

    /// The exit code.
    pub fn outcome(&self, require_complete: bool) -> Outcome {
        match self.verdict {
            _ if require_complete && !self.said.is_complete() => Outcome::Failed,
            Verdict::Clean => Outcome::Clean,
            Verdict::Failing => Outcome::Different,
            Verdict::Incomplete => Outcome::Incomplete,
            Verdict::Broken => Outcome::Failed,
        }
    }
}

/// What a run of `drift` has to say as an audit of one target, without memory.
///
/// # Errors
/// If a file of rules or the baseline cannot be read.
pub(super) fn of_drift(
    looked: &Looked,
    settled: &Settled,
    args: &AcceptArgs,
    catalog: &Catalog,
) -> Result<Ended, CommandError> {
    let at = now(None)?;
    let policy = policy::accepted(args, day(&at))?;
    let here = PathBuf::from(".");
    let target = target(looked, settled, "default", &repository(&here), catalog);
    let run = Run::assemble(&at, env!("CARGO_PKG_VERSION"), "drift", vec![target]);
    let said = findings::fold(Vec::new(), run, &policy);
    Ok(Ended::new(said, &args.fail_on, policy::NAME))
}

/// `driftline audit`.
pub fn run(args: &AuditArgs) -> Result<Outcome, CommandError> {
    if args.schema {
        terminal::plain(findings::SCHEMA)?;
        return Ok(Outcome::Clean);
    }
    if args.init {
        return init();
    }
    let at = match (&args.at, args.demo) {
        (None, true) => demo::now(),
        (at, _) => now(at.as_deref())?,
    };
    let plan = plan(args)?;
    let folder = plan.folder.clone();
    let file = plan.file;
    let ignored = file.rules.clone();
    let baseline = file.audit.baseline.as_ref().map(|name| folder.join(name));
    if args.baseline.is_some() && baseline.is_none() {
        return Err(CommandError::new("the file names no baseline")
            .hint("add baseline = \"driftline.baseline.ndjson\" below [audit]"));
    }
    let known = baseline
        .as_deref()
        .map(|file| policy::baseline(file, false))
        .transpose()?;
    let policy = Policy {
        rules: ignored,
        baseline: known.unwrap_or_default(),
        today: day(&at).to_owned(),
    };
    let outs: Vec<String> = if args.out.out.is_empty() {
        file.reports
            .iter()
            .map(|report| below(&folder, &report.out))
            .collect()
    } else {
        args.out.out.clone()
    };
    let outputs = output::outputs::<AuditFormat>(&outs)?;
    let catalog = definitions::catalog()?;
    let rules = match (args.demo, file.audit.check || args.check) {
        (false, true) => Some(check::all(Some(&plan.path), &catalog)?),
        (_, _) => None,
    };
    if args.check {
        return Ok(Outcome::Clean);
    }
    let history = file.audit.history.as_ref().map(|name| folder.join(name));
    let before = history
        .as_deref()
        .map(runs::read)
        .transpose()?
        .unwrap_or_default();
    let root = repository(&folder);
    let how = How {
        demo: args.demo,
        weeks_ago: 0,
        folder: &folder,
        root: &root,
        catalog: &catalog,
        rules: rules.as_ref(),
        at: &at,
    };
    let before = match args.demo {
        true => demo::before(&file, &how),
        false => before.into_iter().map(|(_, run)| run).collect(),
    };
    let run = looked_at(&file, &how);
    let written = history.filter(|_| !args.no_history);
    if let Some(history) = written {
        runs::write(&history, &run)?;
    }
    let said = findings::fold(before, run, &policy);
    let said = match args.baseline.zip(baseline) {
        Some((act, file)) => accept(act, &file, said, &policy)?,
        None => said,
    };
    let of_file = file.audit.fail_on.clone().unwrap_or_default();
    let fail_on = if args.fail_on.is_empty() {
        &of_file
    } else {
        &args.fail_on
    };
    let ended = Ended::new(said, fail_on, &plan.home);
    for output in &outputs {
        output::write(output, &ended.rendered(output.format))?;
    }
    Ok(ended.outcome(false))
}

/// What is to be audited.
struct Plan {
    file: AuditFile,
    /// The folder of the file.
    folder: PathBuf,
    /// The file itself.
    path: PathBuf,
    /// The file, below the root of the repository.
    home: String,
}

fn plan(args: &AuditArgs) -> Result<Plan, CommandError> {
    if args.demo {
        return Ok(Plan {
            file: demo::file()?,
            folder: PathBuf::new(),
            path: PathBuf::new(),
            home: policy::NAME.to_owned(),
        });
    }
    let path = args.config_file.clone().map_or_else(policy::file, Ok)?;
    let file = policy::read(&path)?;
    if file.targets.is_empty() {
        return Err(
            CommandError::new(format!("{}: there is no [[target]]", path.display()))
                .hint("add one: [[target]], name = \"main\", config = \".\""),
        );
    }
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let home = within(&repository(&folder), None, &path.display().to_string());
    Ok(Plan {
        file,
        folder,
        path,
        home,
    })
}

/// Writes a first file here.
fn init() -> Result<Outcome, CommandError> {
    let file = Path::new(policy::NAME);
    if file.exists() {
        return Err(CommandError::new(format!(
            "{} is there already; it is left as it is",
            file.display()
        )));
    }
    output::file_shared(file, include_str!("first.toml"))?;
    terminal::say(&format!(
        "wrote {}; look at its target, then run `driftline audit`",
        file.display()
    ));
    Ok(Outcome::Clean)
}

/// Makes or trims the baseline, and says the audit by it.
fn accept(
    act: BaselineAct,
    file: &Path,
    said: Audit,
    policy: &Policy,
) -> Result<Audit, CommandError> {
    let baseline = match act {
        BaselineAct::Write => {
            let rule = |class| {
                matches!(
                    class,
                    findings::Class::ExpiredRule
                        | findings::Class::UnusedRule
                        | findings::Class::Unknown
                )
            };
            let there = said.findings.iter().filter(|tracked| {
                let by_rule = tracked
                    .accepted
                    .as_ref()
                    .is_some_and(|one| one.by == findings::By::Ignore);
                tracked.life != findings::Life::Resolved && !by_rule && !rule(tracked.finding.class)
            });
            policy
                .baseline
                .written(there.map(|tracked| &tracked.finding), &policy.today)
        }
        BaselineAct::Update => {
            let there: Vec<_> = said
                .findings
                .iter()
                .map(|tracked| &tracked.finding)
                .collect();
            policy.baseline.updated(&said.run, &there)
        }
    };
    let (old, new) = (policy.baseline.entries.len(), baseline.entries.len());
    output::file_shared(file, &baseline.to_ndjson())?;
    terminal::say(&format!("{}: {new} accepted, {old} before", file.display()));
    Ok(said.accepting(&baseline))
}

/// How targets are looked at.
#[derive(Clone, Copy)]
struct How<'a> {
    demo: bool,
    /// Of the demo, how many weeks ago.
    weeks_ago: usize,
    /// The folder of the file.
    folder: &'a Path,
    /// The root of the repository.
    root: &'a Path,
    catalog: &'a Catalog,
    /// Rules to ask, if any are asked.
    rules: Option<&'a Rules>,
    at: &'a str,
}

/// Looks at every target.
fn looked_at(file: &AuditFile, how: &How<'_>) -> Run {
    let targets = file.targets.iter();
    let targets = targets.map(|section| look(section, how)).collect();
    let name = &file.audit.name.0;
    Run::assemble(how.at, env!("CARGO_PKG_VERSION"), name, targets)
}

/// Looks at one target. One that cannot be looked at is said to be so; the others are looked at all the same.
fn look(section: &TargetSection, how: &How<'_>) -> TargetRun {
    let How {
        demo,
        folder,
        root,
        catalog,
        ..
    } = *how;
    let path = |name: &String| below(folder, name);
    let cloud = CloudArgs {
        live: LiveArgs {
            projects: section.projects.clone(),
            types: section.types.clone(),
            deep: section.deep,
            concurrency: 200,
            timeout: 600,
            ..LiveArgs::default()
        },
        snapshot: section.snapshot.as_ref().map(path).map(PathBuf::from),
        demo,
        weeks_ago: how.weeks_ago,
    };
    let tofu = TofuArgs {
        states: section.state.iter().map(path).collect(),
        config: section.config.as_ref().map(path).map(PathBuf::from),
        vars: section.vars.clone(),
        var_files: section
            .var_files
            .iter()
            .map(path)
            .map(PathBuf::from)
            .collect(),
        backend_config: section.backend_config.clone(),
        workspace: section.workspace.clone(),
        provider_version: None,
        allow_outside_files: false,
        evaluation_limit: Limit::USUAL,
        allow_kms_decrypt: false,
    };
    let name = &section.name.0;
    let sides = Sides {
        cloud: true,
        states: true,
        wanted: how.rules.map(Rules::types).unwrap_or_default(),
    };
    match drift::looked(&cloud, &tofu, &sides, catalog) {
        Ok(looked) => {
            let around = looked.around(&looked.catalog);
            let settled = pipeline::settle(looked.compared(), &looked.reading, &around);
            terminal::notes(&settled.notes);
            let mut found = target(&looked, &settled, name, root, &looked.catalog);
            if let Some(rules) = how.rules {
                let asking = check::Asking {
                    rules,
                    least: Priority::P2,
                    at: how.at,
                };
                found.add_checked(check::target(&looked, &asking, name, root).0);
            }
            found
        }
        Err(error) => {
            terminal::say(&format!("target {name}: {error}"));
            let failed = error.to_string();
            let failed = failed
                .strip_prefix("error: ")
                .unwrap_or(&failed)
                .replace('\n', "; ");
            TargetRun {
                record: TargetRecord {
                    name: name.clone(),
                    failed: Some(failed),
                    ..TargetRecord::default()
                },
                ..TargetRun::default()
            }
        }
    }
}

/// What is the matter with a target.
fn target(
    looked: &Looked,
    settled: &Settled,
    name: &str,
    root: &Path,
    catalog: &Catalog,
) -> TargetRun {
    let outlook = &settled.outlook;
    let unpacked = looked.folder.as_deref();
    let place = |address: &Address| {
        let found = settled.findings.get(address)?;
        let file = within(root, unpacked, &found.place.file);
        Some(Place {
            file,
            ..found.place.clone()
        })
    };
    let owners = owners(root);
    let reason = |outcome: &crate::forecast::Outcome| {
        render::remark::reason(outcome, &outlook.coverage.gaps, &outlook.coverage.states)
    };
    findings::gather(
        outlook,
        &Told {
            target: name,
            configured: looked.reading.workspace.is_some(),
            catalog,
            place: &place,
            owners: &|file| owners.of(file),
            reason: &reason,
        },
    )
}

/// `driftline history`.
pub fn history(args: &HistoryArgs) -> Result<Outcome, CommandError> {
    if !args.folder.is_dir() {
        return Err(
            CommandError::new(format!("there is no folder {}", args.folder.display()))
                .hint("name the folder that `history` of driftline.toml names"),
        );
    }
    if let Some(before) = &args.prune_before {
        if before.parse::<jiff::civil::Date>().is_err() || before.len() != 10 {
            return Err(
                CommandError::new(format!("`--prune-before {before}` is no day"))
                    .hint("write 2026-06-01"),
            );
        }
        let count = runs::prune(&args.folder, before)?;
        terminal::say(&format!("{count} taken out"));
    }
    let runs = runs::read(&args.folder)?;
    let runs: Vec<Run> = runs.into_iter().map(|(_, run)| run).collect();
    terminal::result(&render::audit::console::runs(&runs))?;
    Ok(Outcome::Clean)
}
