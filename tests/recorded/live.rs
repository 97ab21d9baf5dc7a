//! The collector with the real definitions against the estates, served by a loopback that others wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

use crate::support::recorded::{ESTATES, names};
use crate::{CATALOG, shared_test};
use driftline::catalog::Catalog;
use driftline::collect::{Settings, collect};
use driftline::model::{Capture, GapReason};
use driftline::snapshot::{Redactor, open, redact, save};
use libtest_mimic::Trial;
use serde_json::Value;

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir)
        .unwrap()
        .flatten()
        .map(|entry| entry.path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

pub fn tests() -> Vec<Trial> {
    let of = |name: String| {
        shared_test(
            format!("live::{name}"),
            &format!("estates/{name}"),
            |estate| {
                let source = estate.join("../../loopback/main.go");
                let binary = loopback(&source).unwrap_or_else(|why| panic!("{why}"));
                tokio::runtime::Runtime::new()
                    .unwrap()
                    .block_on(is_read_whole(estate, binary));
            },
        )
    };
    names(ESTATES).into_iter().map(of).collect()
}

/// An estate on a loopback port, until dropped.
struct Served(Child, String, PathBuf);

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Served {
    fn start(binary: &Path, estate: &Path, log: PathBuf, flags: &[&str]) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .to_string();
        let mut command = Command::new(binary);
        command
            .arg("-estate")
            .arg(estate)
            .args(["-listen", &free])
            .arg("-requests")
            .arg(&log)
            .args(flags);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut String::new())
            .unwrap();
        Self(child, free, log)
    }

    fn settings(&self, catalog: &Catalog) -> Settings {
        let base =
            |base: &str| format!("http://{}/{}", self.1, base.trim_start_matches("https://"));
        let endpoints = catalog
            .services
            .values()
            .map(|service| (service.endpoint.clone(), base(&service.base)))
            .collect::<BTreeMap<_, _>>();
        let mut settings = Settings {
            endpoints,
            ..Settings::default()
        };
        settings.credentials.access_token = Some("loopback".to_owned());
        settings
    }

    fn log(&self) -> Vec<String> {
        fs::read_to_string(&self.2)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

/// The loopback, built once for all estates; an error says why it is not.
fn loopback(source: &Path) -> Result<&'static Path, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let build = || {
        let binary = Path::new(env!("CARGO_TARGET_TMPDIR")).join("loopback");
        let built = Command::new("go")
            .args(["build", "-o"])
            .arg(&binary)
            .arg(source)
            .output()
            .map_err(|error| format!("go, which builds the loopback, does not run: {error}"))?;
        let said = String::from_utf8_lossy(&built.stderr).into_owned();
        built.status.success().then_some(binary).ok_or(said)
    };
    BUILT.get_or_init(build).as_deref().map_err(Clone::clone)
}

/// Project IDs by the folders of an estate.
fn projects(estate: &Path) -> Vec<String> {
    let id = |path: PathBuf| {
        let parts: Vec<String> = path
            .strip_prefix(estate)
            .unwrap()
            .components()
            .map(|c| c.as_os_str().to_string_lossy().into_owned())
            .collect();
        let at = parts.iter().position(|part| part == "projects")? + 1;
        parts
            .get(at)
            .filter(|part| {
                part.len() > 4
                    && at + 1 < parts.len()
                    && part.starts_with(|c: char| c.is_ascii_lowercase())
            })
            .cloned()
    };
    files(estate)
        .into_iter()
        .filter_map(id)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// Everything in a capture but how it was cut into pages.
fn content(capture: &Capture) -> BTreeMap<String, BTreeSet<String>> {
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for page in &capture.pages {
        let body: Value = serde_json::from_str(page.body.get()).unwrap();
        let lists = body
            .as_object()
            .unwrap()
            .values()
            .filter_map(Value::as_array)
            .flatten();
        out.entry(format!("{} {}", page.listing, page.scope))
            .or_default()
            .extend(lists.map(Value::to_string));
    }
    out
}

async fn is_read_whole(estate: &Path, binary: &Path) {
    let work = tempfile::tempdir().unwrap();
    let projects = projects(estate);
    let paged = Served::start(binary, estate, work.path().join("paged"), &["-page", "2"]);
    let read = |served: &Served| served.settings(&CATALOG);
    let mut capture = collect(&CATALOG, &read(&paged), &projects, None, &|_| ())
        .await
        .unwrap();
    let whole = Served::start(binary, estate, work.path().join("whole"), &[]);
    let at_once = collect(&CATALOG, &read(&whole), &projects, None, &|_| ())
        .await
        .unwrap();
    assert!(!at_once.pages.is_empty());
    assert_eq!(content(&capture), content(&at_once));
    assert!(
        (capture.gaps.iter()).all(|gap| gap.reason == GapReason::Stopped),
        "{:?}",
        capture.gaps
    );
    let asked = [paged.log(), whole.log()].concat();
    assert!(asked.iter().all(|line| line.starts_with("GET ")));
    let sql = |line: &&String| line.contains("sqladmin.googleapis.com");
    let instances = files(&estate.join("api"))
        .iter()
        .filter(|path| {
            path.parent().is_some_and(|p| p.ends_with("instances"))
                && path.to_string_lossy().contains("sqladmin")
        })
        .count();
    assert!(whole.log().iter().filter(sql).count() <= projects.len() + 2 * instances);
    let removals = redact(&mut capture, &CATALOG);
    let dir = work.path().join("snapshot");
    save(
        &dir,
        &capture,
        &Redactor::new(&CATALOG),
        &removals,
        SystemTime::now(),
    )
    .unwrap();
    let back = open(&dir).unwrap();
    assert_eq!(
        (content(&back.capture), &back.capture.gaps, back.removals),
        (content(&capture), &capture.gaps, removals)
    );
}
