//! What real OpenTofu and the real provider said, held against what the program says: one recorded case, one test.
//!
//! Most of it lies in `tests/data/recorded`. What may not be copied into this repository is read from the folder that
//! `DRIFTLINE_SHARED` names (`../shared`, if it is not set): where that is absent, its tests are *ignored*, and fail under
//! `DRIFTLINE_REQUIRE_SHARED=1`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod browser;
mod cases;
mod configurations;
mod configured;
mod copies;
mod drafts;
mod edits;
mod expressions;
mod facts;
mod hostile;
mod live;
mod plans;
mod reports;
mod states;
mod suggestions;
#[path = "../support/mod.rs"]
mod support;
mod vectors;

use std::path::Path;
use std::process::ExitCode;
use std::sync::LazyLock;

use driftline::catalog::Catalog;
use libtest_mimic::{Arguments, Trial};
use support::recorded::{ESTATES, names};
use support::shared;

/// The definitions of this checkout.
static CATALOG: LazyLock<Catalog> = LazyLock::new(support::catalog);

fn main() -> ExitCode {
    let tests = [
        browser::tests(),
        cases::tests(),
        configurations::tests(),
        configured::tests(),
        copies::tests(),
        drafts::tests(),
        edits::tests(),
        expressions::tests(),
        facts::tests(),
        hostile::tests(),
        live::tests(),
        plans::tests(),
        reports::tests(),
        states::tests(),
        suggestions::tests(),
        vectors::tests(),
    ];
    libtest_mimic::run(
        &Arguments::from_args(),
        tests.into_iter().flatten().collect(),
    )
    .exit_code()
}

/// A test that needs nothing but this checkout.
fn test(name: String, run: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, || {
        run();
        Ok(())
    })
}

/// A test of a part of the shared folder: ignored, or failed where it is required, if that is absent.
fn shared_test(name: String, part: &str, run: impl FnOnce(&Path) + Send + 'static) -> Trial {
    match shared::part(part) {
        Some(path) => test(name, move || run(&path)),
        None => Trial::test(name, absent(part)).with_ignored_flag(!shared::required()),
    }
}

fn absent(part: &str) -> impl FnOnce() -> Result<(), libtest_mimic::Failed> + Send + 'static {
    let message =
        format!("`{part}` of the shared material is not there; DRIFTLINE_SHARED names its folder");
    || Err(message.into())
}

/// One test an estate.
fn of_estates(what: &str, run: fn(&str)) -> Vec<Trial> {
    names(ESTATES)
        .into_iter()
        .map(|estate| test(format!("{what}::{estate}"), move || run(&estate)))
        .collect()
}

fn none(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} differences\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
