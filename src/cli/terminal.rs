//! Streams, colour and progress: the only place that prints.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use zeroize::Zeroizing;

use super::args::Colour;
use super::error::CommandError;
use crate::model::{Note, Severity};
use crate::render::escaped;

/// Settles when colour is used.
pub fn set_colour(colour: Colour) {
    let choice = match colour {
        Colour::Auto => anstream::ColorChoice::Auto,
        Colour::Always => anstream::ColorChoice::Always,
        Colour::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Writes a result to stdout. A reader that went away early is no failure.
///
/// # Errors
/// If stdout cannot be written to for another reason.
pub fn result(text: &str) -> Result<(), CommandError> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CommandError::new(
            format!("cannot write to stdout: {error}"),
        )),
        _ => Ok(()),
    }
}

/// Writes bytes to stdout as they are, for machine formats.
///
/// # Errors
/// If stdout cannot be written to, other than because its reader went away.
pub fn plain(text: &str) -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CommandError::new(
            format!("cannot write to stdout: {error}"),
        )),
        _ => Ok(()),
    }
}

/// Says something to the person, on stderr.
pub fn say(text: &str) {
    let lines: Vec<String> = text.lines().map(escaped).collect();
    // There is nowhere left to complain to.
    let _ = writeln!(anstream::stderr().lock(), "{}", lines.join("\n"));
}

/// Asks for a passphrase without showing it; nothing unless a person sits at both ends.
pub fn passphrase(question: &str) -> Option<Zeroizing<String>> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return None;
    }
    let _ = write!(anstream::stderr().lock(), "{}: ", escaped(question));
    console::Term::stderr()
        .read_secure_line()
        .ok()
        .map(Zeroizing::new)
}

/// Says notes, each with its place and what to do.
pub fn notes(notes: &[Note]) {
    for note in notes {
        let word = match note.severity {
            Severity::Info => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let place = note
            .place
            .as_ref()
            .map(|place| format!("{}:{}: ", place.file, place.line))
            .unwrap_or_default();
        say(&format!("{word}: {place}{}", note.message));
        if let Some(place) = note
            .place
            .as_ref()
            .filter(|place| !place.excerpt.is_empty())
        {
            say(&format!("  {} | {}", place.line, place.excerpt));
        }
        if !note.hint.is_empty() {
            say(&format!("hint: {}", note.hint));
        }
    }
}

/// A line of progress on stderr; nothing where stderr is no terminal.
pub struct Progress(ProgressBar);

impl Progress {
    /// Starts a line.
    pub fn start(what: &str) -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    /// Says how far it is.
    pub fn at(&self, message: String) {
        self.0.set_message(message);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
