//! `driftline check`: rules of production readiness over the cloud, state or configuration.

use std::path::{Path, PathBuf};

use super::audit::places::{day, now, owners, repository, within};
use super::audit::{AuditFormat, Ended, policy};
use super::drift::{Looked, Sides, looked};
use crate::catalog::Catalog;
use crate::check::{self, Node, Priority, Rule, Rules};
use crate::cli::args::CheckArgs;
use crate::cli::error::{CommandError, Outcome};
use crate::cli::{definitions, output, terminal};
use crate::findings::{self, Asked, Glob, Policy, Run, TargetRun};
use crate::model::{Note, Unknown};
use crate::pipeline::{self, Checked};
use crate::render;

/// What the one target of a run is called.
const TARGET: &str = "check";

output::formats! {
    /// What `driftline check` writes.
    CheckFormat {
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

impl CheckFormat {
    /// The same of an audit; nothing for what a terminal shows, which goes rule by rule here.
    fn of_audit(self) -> Option<AuditFormat> {
        Some(match self {
            Self::Console => return None,
            Self::Json => AuditFormat::Json,
            Self::Ndjson => AuditFormat::Ndjson,
            Self::Markdown => AuditFormat::Markdown,
            Self::Issue => AuditFormat::Issue,
            Self::Html => AuditFormat::Html,
            Self::Sarif => AuditFormat::Sarif,
            Self::Junit => AuditFormat::Junit,
            Self::Github => AuditFormat::Github,
            Self::Gitlab => AuditFormat::Gitlab,
            Self::Slack => AuditFormat::Slack,
        })
    }
}

pub fn run(args: &CheckArgs) -> Result<Outcome, CommandError> {
    let outputs = output::outputs::<CheckFormat>(&args.out.out)?;
    let catalog = definitions::catalog()?;
    let file = file(args)?;
    let rules = chosen(args, all(file.as_deref(), &catalog)?)?;
    if args.list {
        terminal::result(&render::rules::list(&rules))?;
        return Ok(Outcome::Clean);
    }
    let at = now(args.at.as_deref())?;
    let policy = accepted(args, file.as_deref(), day(&at))?;
    let mut cloud = args.cloud.clone();
    cloud.live.kubernetes = args.kubernetes.sight();
    let looked = looked(&cloud, &args.tofu, &sides(args, &rules), &catalog)?;
    let asking = Asking {
        rules: &rules,
        least: args.min_priority.unwrap_or(Priority::P2),
        at: &at,
    };
    let (target, notes) = target(&looked, &asking, TARGET, &repository(Path::new(".")));
    terminal::notes(&notes);
    let run = Run::assemble(&at, env!("CARGO_PKG_VERSION"), TARGET, vec![target]);
    let said = findings::fold(Vec::new(), run, &policy).alone();
    let ended = Ended::new(said, &args.accept.fail_on, policy::NAME);
    for output in &outputs {
        let text = match output.format.of_audit() {
            Some(format) => ended.rendered(format),
            None => render::audit::check::report(&ended.said, ended.verdict),
        };
        output::write(output, &text)?;
    }
    Ok(ended.outcome(args.require_complete))
}

/// The file with a person's own rules: the one that is named, else the one that is here or above, if there is one.
fn file(args: &CheckArgs) -> Result<Option<PathBuf>, CommandError> {
    match &args.config_file {
        Some(file) => Ok(Some(file.clone())),
        None => Ok(policy::file().ok()),
    }
}

/// The rules that are built in, and those of a file.
///
/// # Errors
/// A rule that does not hold, with file and line.
pub(super) fn all(file: Option<&Path>, catalog: &Catalog) -> Result<Rules, CommandError> {
    let mut rules = definitions::rules(catalog)?;
    if let Some(file) = file {
        let name = file.display().to_string();
        let added = rules.add(&name, &policy::text(file)?, catalog);
        added.map_err(|error| {
            CommandError::new(error).hint("`driftline explain RULE` shows how one is written")
        })?;
    }
    Ok(rules)
}

/// The rules that arguments choose.
fn chosen(args: &CheckArgs, rules: Rules) -> Result<Rules, CommandError> {
    for wanted in &args.rules {
        let glob = Glob::new(wanted);
        if !rules.rules.iter().any(|rule| glob.fits(&rule.id, '/')) {
            let known: Vec<&str> = rules.rules.iter().map(|rule| rule.id.as_str()).collect();
            let near = similar::get_close_matches(wanted.as_str(), &known, 3, 0.6);
            let hint = match near.as_slice() {
                [] => "`driftline check --list` lists them".to_owned(),
                near => format!("did you mean {}?", near.join(", ")),
            };
            return Err(CommandError::new(format!("there is no rule `{wanted}`")).hint(hint));
        }
    }
    let least = args.min_priority.unwrap_or(Priority::P2);
    let globs: Vec<Glob> = args.rules.iter().map(|wanted| Glob::new(wanted)).collect();
    Ok(rules.only(|rule| {
        let gravest = rule.graver.as_ref().map_or(rule.priority, |(p, _)| *p);
        let named = globs.is_empty() || globs.iter().any(|glob| glob.fits(&rule.id, '/'));
        named && gravest.min(rule.priority) <= least
    }))
}

/// What is accepted: as arguments say, and what the file ignores of rules.
fn accepted(args: &CheckArgs, file: Option<&Path>, today: &str) -> Result<Policy, CommandError> {
    let mut policy = policy::accepted(&args.accept, today)?;
    if let Some(file) = file {
        let ignored = policy::read(file)?.rules;
        policy
            .rules
            .extend(ignored.into_iter().filter(findings::Rule::is_of_check));
    }
    Ok(policy)
}

/// What is looked at: what is named; the cloud where nothing is.
fn sides(args: &CheckArgs, rules: &Rules) -> Sides {
    let cloud = &args.cloud;
    let named = cloud.snapshot.is_some()
        || cloud.demo
        || !cloud.live.projects.is_empty()
        || !cloud.live.folders.is_empty()
        || !cloud.live.organizations.is_empty();
    let tofu = !args.tofu.states.is_empty() || args.tofu.config.is_some();
    Sides {
        cloud: named || !tofu,
        states: !args.tofu.states.is_empty() || cloud.demo,
        wanted: rules.types(),
    }
}

/// What is asked.
pub(super) struct Asking<'a> {
    /// The rules.
    pub rules: &'a Rules,
    /// The least grave findings that are told.
    pub least: Priority,
    /// When that is.
    pub at: &'a str,
}

/// What rules find in what was looked at, and what was wrong with the configuration.
pub(super) fn target(
    looked: &Looked,
    asking: &Asking<'_>,
    name: &str,
    root: &Path,
) -> (TargetRun, Vec<Note>) {
    let catalog = &looked.catalog;
    let around = looked.around(catalog);
    let assembled = pipeline::assembled(Checked {
        cloud: looked.cloud.then(|| (&looked.observed, looked.compared())),
        reading: &looked.reading,
        around: &around,
        catalog,
        rules: asking.rules,
        now: asking.at.to_owned(),
    });
    let estate = &assembled.estate;
    let report = check::judge(estate).down_to(asking.least);
    let unpacked = looked.folder.as_deref();
    let owners = owners(root);
    let gaps = &assembled.gaps;
    let states = looked.reading.states.iter();
    let found = findings::checked(
        &report,
        estate,
        &Asked {
            target: name,
            states: states.map(|state| state.source.clone()).collect(),
            configuration: looked
                .reading
                .workspace
                .as_ref()
                .map(|_| assembled.configuration_read),
            gaps,
            file: &|file| within(root, unpacked, file),
            owners: &|file| owners.of(file),
            reason: &|why: &Unknown| render::unknown::with_gaps(why, gaps),
            remedy: &|rule: &Rule, node: Option<&Node>| {
                let rtype = node.map(|node| node.object.rtype.as_str());
                render::rules::remedy(rule, rtype, catalog)
            },
        },
    );
    (found, assembled.notes)
}
