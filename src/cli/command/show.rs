//! `driftline types`, `explain`, `completions` and `man`.

use std::path::Path;

use super::audit::policy;
use super::check;
use super::drift::looked_at;
use crate::catalog::Catalog;
use crate::check::Rules;
use crate::cli::args::{ExplainArgs, TypesArgs};
use crate::cli::error::{CommandError, Outcome};
use crate::cli::{definitions, output, terminal};
use crate::model::Address;
use crate::pipeline;
use crate::render::{self, Heading};

output::formats! {
    /// What `driftline types` writes.
    TypesFormat {
        Console = "console",
        Markdown = "markdown",
        Json = "json",
    }
}

pub fn types(args: &TypesArgs) -> Result<Outcome, CommandError> {
    let catalog = definitions::catalog()?;
    for output in output::outputs::<TypesFormat>(&args.out.out)? {
        let text = match output.format {
            TypesFormat::Json => render::types::json(&catalog),
            TypesFormat::Markdown => render::types::markdown(&catalog),
            TypesFormat::Console => render::types::table(&catalog),
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
        let rules = check::all(policy::file().ok().as_deref(), &catalog)?;
        let Some(rule) = rules.get(&args.subject) else {
            return Err(no_such(&args.subject, &rules, &catalog));
        };
        terminal::result(&render::rules::explain(rule, &catalog))?;
        return Ok(Outcome::Clean);
    };
    let looked = looked_at(&args.cloud, &args.tofu, &catalog)?;
    let comparison = looked.compared();
    let around = looked.around(&looked.catalog);
    let outlook = pipeline::settle(comparison, &looked.reading, &around).outlook;
    let outlook = outlook.only(&address);
    if outlook.outcomes.is_empty() {
        return Err(CommandError::new(format!(
            "neither state nor configuration given holds `{address}`, or its type is not supported"
        ))
        .hint("`driftline types` lists the supported types"));
    }
    let heading = Heading {
        all: true,
        projects: looked.observed.capture.projects,
        ..Heading::default()
    };
    terminal::result(&render::console::drift(&outlook, &heading))?;
    Ok(Outcome::Clean)
}

/// Neither a type, nor a rule, nor an address.
fn no_such(subject: &str, rules: &Rules, catalog: &Catalog) -> CommandError {
    let ids = rules.rules.iter().map(|rule| rule.id.as_str());
    let known: Vec<&str> = catalog
        .definitions
        .keys()
        .map(String::as_str)
        .chain(ids)
        .collect();
    let near = similar::get_close_matches(subject, &known, 3, 0.6);
    let hint = match near.as_slice() {
        [] => "`driftline types` lists the types, `driftline check --list` the rules".to_owned(),
        near => format!("did you mean {}?", near.join(", ")),
    };
    let what = format!("`{subject}` is neither a supported resource type nor a rule");
    CommandError::new(what).hint(hint)
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
