//! `driftline console`.

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::cli::args::ConsoleArgs;
use crate::cli::error::{CommandError, Outcome};
use crate::cli::{configuration, definitions, output, terminal};
use crate::model::{Address, Value};
use crate::render::unknown::sentence;
use crate::tofu::config::{ConsoleAnswer, ResourceValues};

/// No resource has a value but what its block says; what the provider calls sensitive is not shown.
struct Written(Catalog);

impl ResourceValues for Written {
    fn resource(&self, _: &Address) -> Option<Arc<Value>> {
        None
    }

    fn is_sensitive(&self, rtype: &str, family: &str) -> bool {
        self.0
            .definition(rtype)
            .is_some_and(|definition| definition.schema.is_sensitive(family))
    }
}

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
    let written = Written(definitions::catalog()?);
    let session = workspace.session(&written);
    let expressions = if args.expressions.is_empty() {
        lines()?
    } else {
        args.expressions.clone()
    };
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
