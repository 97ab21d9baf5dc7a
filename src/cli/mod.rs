//! The person's edge: arguments, settings, commands, exit codes.

pub mod args;
mod command;
mod configuration;
mod definitions;
mod demo;
mod error;
mod folder;
mod network;
mod output;
mod source;
mod terminal;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use tokio::signal::unix::{SignalKind, signal};

use args::{Cli, Command};
use command::{audit, check, console, drift, graph, plan, scan, show, trust};
pub use error::{CommandError, Outcome};

/// Parses the command line, runs it, and says how it ended.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Bad usage is 1: 2 is a difference found.
            let code = if error.use_stderr() {
                Outcome::Failed
            } else {
                Outcome::Clean
            };
            let _ = error.print();
            return ExitCode::from(code.code());
        }
    };
    terminal::set_colour(cli.color);
    outlive_limits();
    match run(cli.command) {
        Ok(outcome) => ExitCode::from(outcome.code()),
        Err(error) => {
            terminal::say(&error.to_string());
            ExitCode::from(Outcome::Failed.code())
        }
    }
}

/// SIGXFSZ, on every Unix that has it.
const FILE_TOO_LARGE: i32 = 25;

/// A file that may grow no further is an error of whoever writes it, and no end of the process: that would leave things half done.
fn outlive_limits() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build();
    if let Ok(runtime) = runtime {
        let _inside = runtime.enter();
        // Where the signal cannot be caught, the end comes as it does by default.
        let _ = signal(SignalKind::from_raw(FILE_TOO_LARGE));
    }
}

fn run(command: Command) -> Result<Outcome, CommandError> {
    match command {
        Command::Drift(args) => drift::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Audit(args) => audit::run(&args),
        Command::History(args) => audit::history(&args),
        Command::Diff(args) => audit::diff::run(&args),
        Command::Scan(args) => scan::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Console(args) => console::run(&args),
        Command::Graph(args) => graph::run(&args),
        Command::Types(args) => show::types(&args),
        Command::Explain(args) => show::explain(&args),
        Command::Doctor(args) => trust::doctor(&args),
        Command::Permissions(args) => trust::permissions(&args),
        Command::Completions { shell } => show::completions(shell, &mut Cli::command()),
        Command::Man { dir } => show::manual(dir.as_deref(), Cli::command()),
    }
}
