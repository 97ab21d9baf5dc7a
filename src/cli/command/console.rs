//! `driftline console`.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::path::Path;

use crate::catalog::Catalog;
use crate::cli::args::ConsoleArgs;
use crate::cli::error::{CommandError, Outcome};
use crate::cli::source::{self, Answered, Cloud};
use crate::cli::{configuration, definitions, output, terminal};
use crate::forecast::PlannedValues;
use crate::pipeline::{self, Around, Reading};
use crate::render::unknown::sentence;
use crate::tofu::config::{ConsoleAnswer, Workspace};

output::formats! {
    /// What `driftline console` writes.
    ConsoleFormat {
        Console = "console",
        Json = "json",
    }
}

pub fn run(args: &ConsoleArgs) -> Result<Outcome, CommandError> {
    let outputs = output::outputs::<ConsoleFormat>(&args.out.out)?;
    let folder = args.tofu.config.as_deref().unwrap_or(Path::new("."));
    let workspace = configuration::workspace(folder, &args.tofu)?;
    let catalog = definitions::catalog()?;
    let expressions = if args.expressions.is_empty() {
        lines()?
    } else {
        args.expressions.clone()
    };
    let reading = pipeline::read(Vec::new(), Some(workspace));
    let Some(workspace) = &reading.workspace else {
        return Ok(Outcome::Failed);
    };
    let seen = seen(args, &expressions, workspace, &reading, &catalog)?;
    let around = Around::new(&seen.observed, &reading, &seen.remote, &catalog);
    // Nothing is there but what blocks say: every resource is what a create would plan.
    let planned = pipeline::as_created(workspace, &around);
    let known = around.known(&planned);
    let session = workspace.session(&known);
    let answers: Vec<ConsoleAnswer> = expressions
        .iter()
        .map(|expression| session.console(expression))
        .collect();
    terminal::notes(&session.notes());
    for output in &outputs {
        let spelt = |answer: &ConsoleAnswer| match output.format {
            ConsoleFormat::Json => answer.to_line(),
            ConsoleFormat::Console => plain(answer),
        };
        let text: String = answers
            .iter()
            .map(|answer| format!("{}\n", spelt(answer)))
            .collect();
        output::write(output, &text)?;
    }
    let wrong = answers
        .iter()
        .any(|answer| matches!(answer, ConsoleAnswer::Error { .. }));
    Ok(if wrong {
        Outcome::Failed
    } else {
        Outcome::Clean
    })
}

/// Expressions from stdin, one a line; empty lines are none.
fn lines() -> Result<Vec<String>, CommandError> {
    let read: Result<Vec<String>, _> = std::io::stdin().lock().lines().collect();
    let read = read.map_err(|error| {
        CommandError::new(format!("cannot read expressions from stdin: {error}"))
    })?;
    Ok(read
        .into_iter()
        .filter(|line| !line.trim().is_empty())
        .collect())
}

fn plain(answer: &ConsoleAnswer) -> String {
    match answer {
        ConsoleAnswer::Value { json, .. } => json.clone(),
        ConsoleAnswer::Sensitive => "(sensitive value)".into(),
        ConsoleAnswer::Unknown(reason) => format!("(unknown: {})", sentence(reason)),
        ConsoleAnswer::Error { summary, detail } => format!("error: {summary}: {detail}"),
    }
}

/// What the data sources that expressions refer to ask for, and nothing else.
fn seen(
    args: &ConsoleArgs,
    expressions: &[String],
    workspace: &Workspace,
    reading: &Reading,
    catalog: &Catalog,
) -> Result<Answered, CommandError> {
    let stored = args.cloud.snapshot.is_some() || args.cloud.demo;
    let cloud = match stored {
        true => source::cloud(&args.cloud, &[], &BTreeSet::new(), catalog)?,
        false => Cloud::default(),
    };
    let ask = |around: &Around<'_>| {
        let planned = PlannedValues::default();
        let known = around.known(&planned);
        let session = workspace.session(&known);
        expressions
            .iter()
            .for_each(|expression| drop(session.console(expression)));
    };
    let cloud_args = source::configured(&args.cloud, Some(workspace), &[]);
    let rounds = if workspace.has_data() {
        source::ROUNDS
    } else {
        0
    };
    source::answering(
        &cloud_args,
        &args.tofu,
        cloud,
        reading,
        catalog,
        rounds,
        &ask,
    )
}
