//! The collector with the real definitions against the estates, served by a loopback that others wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use crate::support::shared;
use driftline::catalog::Catalog;
use driftline::collect::{Settings, collect};
use driftline::model::{Capture, GapReason};
use driftline::snapshot::{Redactor, open, redact, save};
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

fn catalog() -> Catalog {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/providers"));
    let read = |path: &PathBuf| {
        (
            path.strip_prefix(root).unwrap().display().to_string(),
            fs::read_to_string(path).unwrap(),
        )
    };
    let wanted = |path: &&PathBuf| {
        path.to_string_lossy().ends_with(".toml")
            || path.to_string_lossy().ends_with(".schema.json")
    };
    let texts: Vec<(String, String)> = files(root).iter().filter(wanted).map(read).collect();
    Catalog::load(
        texts
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str())),
    )
    .unwrap()
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

fn loopback(folder: &Path) -> Option<PathBuf> {
    let source = shared::part("loopback/main.go")?;
    let binary = folder.join("loopback");
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&binary)
        .arg(source)
        .status();
    if !built.as_ref().is_ok_and(std::process::ExitStatus::success) {
        eprintln!("SKIPPED: go is not here to build the loopback ({built:?})");
        return None;
    }
    Some(binary)
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn estates_are_read_whole_with_few_reads_and_written_and_read_again() {
    let work = tempfile::tempdir().unwrap();
    let (Some(binary), Some(estates)) = (loopback(work.path()), shared::part("estates")) else {
        return;
    };
    let catalog = catalog();
    for estate in fs::read_dir(estates)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("api").is_dir())
    {
        let name = estate.file_name().unwrap().to_string_lossy().into_owned();
        let projects = projects(&estate);
        let paged = Served::start(
            &binary,
            &estate,
            work.path().join(format!("{name}.paged")),
            &["-page", "2"],
        );
        let mut capture = collect(
            &catalog,
            &paged.settings(&catalog),
            &projects,
            None,
            &|_| (),
        )
        .await
        .unwrap();
        let whole = Served::start(
            &binary,
            &estate,
            work.path().join(format!("{name}.whole")),
            &[],
        );
        let at_once = collect(
            &catalog,
            &whole.settings(&catalog),
            &projects,
            None,
            &|_| (),
        )
        .await
        .unwrap();
        assert_eq!(content(&capture), content(&at_once), "{name}");
        assert!(
            capture
                .gaps
                .iter()
                .all(|gap| gap.reason == GapReason::Stopped),
            "{name}: {:?}",
            capture.gaps
        );
        assert!(
            [paged.log(), whole.log()]
                .concat()
                .iter()
                .all(|line| line.starts_with("GET ")),
            "{name}"
        );
        let sql = |line: &&String| line.contains("sqladmin.googleapis.com");
        let instances = files(&estate.join("api"))
            .iter()
            .filter(|path| {
                path.parent().is_some_and(|p| p.ends_with("instances"))
                    && path.to_string_lossy().contains("sqladmin")
            })
            .count();
        assert!(
            whole.log().iter().filter(sql).count() <= projects.len() + 2 * instances,
            "{name}"
        );
        let removals = redact(&mut capture, &catalog);
        let dir = work.path().join(format!("{name}.snapshot"));
        save(
            &dir,
            &capture,
            &Redactor::new(&catalog),
            &removals,
            SystemTime::now(),
        )
        .unwrap();
        let back = open(&dir).unwrap();
        assert_eq!(
            (content(&back.capture), &back.capture.gaps, back.removals),
            (content(&capture), &capture.gaps, removals),
            "{name}"
        );
    }
}
