//! `driftline types`, `explain`, `completions` and `man`.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::args::{ExplainArgs, TypesArgs};
use crate::cli::error::{CommandError, Outcome};
use crate::cli::{definitions, output, source, terminal};
use crate::compare::{Inputs, compare};
use crate::model::Address;
use crate::normalize::normalize;
use crate::render::{self, Heading};

pub fn types(args: &TypesArgs) -> Result<Outcome, CommandError> {
    let catalog = definitions::catalog()?;
    for output in output::outputs(&args.out.out, &["console", "markdown", "json"])? {
        let text = match output.format.as_str() {
            "json" => render::types::json(&catalog),
            "markdown" => render::types::markdown(&catalog),
            _ => render::types::table(&catalog),
        };
        output::write(&output, &text)?;
    }
    Ok(Outcome::Clean)
}

pub fn explain(args: &ExplainArgs) -> Result<Outcome, CommandError> {
    let catalog = definitions::catalog()?;
    if let Some(definition) = catalog.definition(&args.subject) {
        terminal::result(&render::types::explain(definition, &catalog))?;
        return Ok(Outcome::Clean);
    }
    let Some(address) = Address::parse(&args.subject) else {
        definitions::known_types(std::slice::from_ref(&args.subject), &catalog)?;
        return Ok(Outcome::Clean);
    };
    let states = source::states(&args.tofu, &args.cloud, &catalog)?;
    let cloud = source::cloud(&args.cloud, &states, &BTreeSet::new(), &catalog)?;
    let normalized = normalize(&cloud.capture, &catalog);
    let mut comparison = compare(&Inputs::new(&catalog, &cloud.capture, &normalized, &states));
    comparison
        .rows
        .retain(|row| row.address.as_ref() == Some(&address));
    if comparison.rows.is_empty() {
        return Err(CommandError::new(format!(
            "no state given holds `{address}`, or its type is not supported"
        ))
        .hint("`driftline types` lists the supported types"));
    }
    comparison.gaps.retain(|gap| gap.hides.contains(&address));
    let heading = Heading {
        all: true,
        projects: cloud.capture.projects,
        ..Heading::default()
    };
    terminal::result(&render::console::drift(&comparison, &heading))?;
    Ok(Outcome::Clean)
}

pub fn completions(
    shell: clap_complete::Shell,
    command: &mut clap::Command,
) -> Result<Outcome, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, command, "driftline", &mut script);
    terminal::plain(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Clean)
}

pub fn manual(dir: Option<&Path>, command: clap::Command) -> Result<Outcome, CommandError> {
    let fail =
        |error: std::io::Error| CommandError::new(format!("cannot write the manual: {error}"));
    match dir {
        Some(dir) => {
            std::fs::create_dir_all(dir).map_err(fail)?;
            clap_mangen::generate_to(command, dir).map_err(fail)?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command)
                .render(&mut page)
                .map_err(fail)?;
            terminal::plain(&String::from_utf8_lossy(&page))?;
        }
    }
    Ok(Outcome::Clean)
}
