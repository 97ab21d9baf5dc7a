//! Small cases from public bug reports and public modules: verdicts and forecasts of `drift --config` against real tofu's.
//!
//! What the program says otherwise than tofu, or does not know yet, is in the report's `otherwise.txt`, which only gets shorter: what
//! agrees again fails the test until `UPDATE_EXPECT=1` takes it out, and what is new fails in any case.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use crate::support::binary::Run;
use crate::support::recorded::{REPORTS, Recorded, Seen, names};
use crate::{CATALOG, test};
use driftline::catalog::Schema;
use driftline::model::Address;
use driftline::snapshot::{Redactor, redact, save};
use libtest_mimic::Trial;
use serde_json::Value as Json;

/// The file of what is said otherwise of a report.
pub const OTHERWISE: &str = "otherwise.txt";

const EMPTY: &str = r#"{"version":4,"terraform_version":"1.12.6","serial":1,"lineage":"none","outputs":{},"resources":[]}"#;

pub fn tests() -> Vec<Trial> {
    (names(REPORTS).into_iter())
        .map(|name| test(format!("reports::{name}"), move || hold(&name)))
        .collect()
}

/// What is said otherwise: of whom and what tofu says, and what the program does.
type Otherwise = BTreeMap<String, String>;

fn hold(name: &str) {
    let report = Recorded::read(REPORTS, name);
    let file = report.folder.join(OTHERWISE);
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    let otherwise = judge(&report);
    let line = |(about, said): (&String, &String)| format!("{about}, said {said}\n");
    let text: String = otherwise.iter().map(line).collect();
    let is_new = |about: &String| {
        let begins = format!("{about}, said ");
        !known.lines().any(|line| line.starts_with(&begins))
    };
    let new: String = (otherwise.iter().filter(|(about, _)| is_new(about)))
        .map(line)
        .collect();
    assert!(new.is_empty(), "new in {}:\n{new}", file.display());
    if text == known {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_EXPECT").is_some(),
        "{}: UPDATE_EXPECT=1 takes out what agrees again\n{known}is now\n{text}",
        file.display()
    );
    if text.is_empty() {
        std::fs::remove_file(file).unwrap();
    } else {
        std::fs::write(file, text).unwrap();
    }
}

/// What the program says of a report: its exit code, and the rows of its report by address, if it made one.
struct Said {
    code: i32,
    rows: Option<BTreeMap<String, Json>>,
    stderr: String,
}

impl Said {
    /// What is forecast of an instance, or of the block whose instances are not known.
    fn forecast(&self, address: &str) -> Option<&str> {
        let rows = self.rows.as_ref()?;
        let row = rows.get(address).or_else(|| rows.get(block(address)?))?;
        Some(row["forecast"].as_str().unwrap_or("none"))
    }
}

/// The address of the block that declares an instance with a key.
fn block(address: &str) -> Option<&str> {
    let (block, _) = address.strip_suffix(']')?.rsplit_once('[')?;
    Some(block)
}

fn say(report: &Recorded) -> Said {
    let around = tempfile::tempdir().unwrap();
    let mut capture = report.capture(None, &CATALOG);
    let removals = redact(&mut capture, &CATALOG);
    let seen = around.path().join("seen");
    let redactor = Redactor::new(&CATALOG);
    save(
        &seen,
        &capture,
        &redactor,
        &removals,
        SystemTime::UNIX_EPOCH,
    )
    .unwrap();
    let state = report.state().unwrap_or_else(|| {
        let state = around.path().join("terraform.tfstate");
        std::fs::write(&state, EMPTY).unwrap();
        state
    });
    let (seen, state) = (seen.to_string_lossy(), state.to_string_lossy());
    let args = ["drift", "--snapshot", &seen, "--state", &state, "--all"];
    let run = Run::new(&[&args[..], &["--config", ".", "--out", "json://-"]].concat());
    let run = (report.environment.iter()).fold(run, |run, (name, value)| run.var(name, value));
    let ended = run.within(&report.tofu()).end();
    let rows = |report: Json| -> BTreeMap<String, Json> {
        (report["resources"].as_array().unwrap().iter())
            .filter_map(|row| Some((row["address"].as_str()?.to_owned(), row.clone())))
            .collect()
    };
    Said {
        code: ended.code,
        rows: serde_json::from_str(&ended.stdout).ok().map(rows),
        stderr: ended.stderr,
    }
}

fn judge(report: &Recorded) -> Otherwise {
    let (truth, said) = (report.truth.as_ref().unwrap(), say(report));
    let mut otherwise = Otherwise::new();
    let Some(plan) = &truth.plan else {
        // Where tofu refuses to plan nothing is forecast, and nothing said to be in order.
        let forecasts: BTreeSet<&str> = (said.rows.iter().flatten())
            .filter_map(|(address, _)| said.forecast(address))
            .filter(|forecast| *forecast != "unknown")
            .collect();
        if said.code != 1 && (said.code == 0 || !forecasts.is_empty()) {
            let exit = format!("exit {} with {forecasts:?}", said.code);
            otherwise.insert("everything: tofu refuses".to_owned(), exit);
        }
        return otherwise;
    };
    let Some(rows) = &said.rows else {
        let exit = format!("exit {}: {}", said.code, said.stderr.trim());
        otherwise.insert("everything: tofu plans".to_owned(), exit);
        return otherwise;
    };
    let planned: BTreeSet<&str> = plan.keys().filter_map(|address| block(address)).collect();
    // A block whose instances are not known stands for them.
    let own = |address: &&String| schema(address).is_some() && !planned.contains(address.as_str());
    let addresses: BTreeSet<&String> = plan.keys().chain(rows.keys()).filter(own).collect();
    for address in addresses {
        let want = plan.get(address).map_or("none", String::as_str);
        let forecast = said.forecast(address);
        if forecast.unwrap_or("none") != want {
            let forecast = forecast.unwrap_or("nothing");
            otherwise.insert(format!("{address}: tofu {want}"), forecast.to_owned());
        }
    }
    if let Some(seen) = &truth.refresh_only {
        verdicts(seen, rows, &mut otherwise);
    }
    otherwise
}

/// Holds verdicts against what a refresh sees.
fn verdicts(
    seen: &BTreeMap<String, Seen>,
    rows: &BTreeMap<String, Json>,
    otherwise: &mut Otherwise,
) {
    let want: BTreeMap<&String, &str> = (seen.iter())
        .filter_map(|(address, seen)| Some((address, verdict(schema(address)?, seen)?)))
        .collect();
    let verdict_of = |address: &str| {
        (rows.get(address)).map_or("nothing", |row| row["verdict"].as_str().unwrap())
    };
    for (address, want) in &want {
        let said = verdict_of(address);
        if said != *want {
            otherwise.insert(format!("{address}: verdict {want}"), said.to_owned());
        }
    }
    for address in rows.keys().filter(|address| !want.contains_key(address)) {
        let said = verdict_of(address);
        if schema(address).is_some() && ["drifted", "missing"].contains(&said) {
            otherwise.insert(format!("{address}: verdict in-sync"), said.to_owned());
        }
    }
}

/// The verdict that what a refresh sees of an address makes.
fn verdict(schema: &Schema, seen: &Seen) -> Option<&'static str> {
    let mut paths = (seen.attributes.iter())
        .map(|path| crate::cases::plain(path))
        .filter(|path| !schema.is_sensitive(&crate::cases::family(schema, path)))
        .peekable();
    match () {
        () if seen.gone => Some("missing"),
        () if paths.peek().is_none() => None,
        () if paths.all(|path| schema.is_computed(&path)) => Some("computed-drift"),
        () => Some("drifted"),
    }
}

fn schema(address: &str) -> Option<&'static Schema> {
    let rtype = Address::parse(address)?.rtype;
    CATALOG
        .definition(&rtype)
        .map(|definition| &definition.schema)
}
