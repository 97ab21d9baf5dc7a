//! Bad input of every kind, made by damaging good input: an error or an answer, never a panic, never memory without end.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::SystemTime;

use crate::support;
use crate::support::cloud::{self, Cloud, Fault};
use crate::support::estate::{Estate, Planted};
use driftline::catalog::Catalog;
use driftline::collect::collect;
use driftline::compare::{Inputs, compare};
use driftline::forecast::by_state;
use driftline::graph::Graph;
use driftline::model::{Capture, State};
use driftline::normalize::normalize;
use driftline::render::{self, Heading};
use driftline::snapshot::{Redactor, read, redact, save};
use driftline::tofu::state;
use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// One way to damage a text: at a place (in thousandths of it), what is put in, and how much goes.
#[derive(Clone, Debug)]
struct Damage {
    at: usize,
    put: Vec<u8>,
    cut: usize,
}

fn damage() -> impl Strategy<Value = Vec<Damage>> {
    let word = |text: &str| Just(text.as_bytes().to_vec());
    let put = prop_oneof![
        Just(Vec::new()),
        prop::collection::vec(any::<u8>(), 1..4),
        word("\""),
        word("{"),
        word("}"),
        word("["),
        word("]"),
        word(","),
        word(": null"),
        word("null"),
        word("true"),
        word("{}"),
        word("[[]]"),
        word("\"\""),
        word("-1"),
        word("1e999"),
        word("123456789012345678901234567890"),
        word("\"\\ud800\""),
        word("\\"),
        word("\"a\": 1, \"a\": 2,"),
        word("\0"),
        word("\u{feff}"),
        word("/../../etc/passwd"),
        Just("[".repeat(3000).into_bytes()),
        Just("{\"a\":".repeat(3000).into_bytes()),
        Just("x".repeat(70_000).into_bytes()),
    ];
    let cut = prop_oneof![4 => 0..3usize, 2 => 0..60usize, 1 => Just(usize::MAX)];
    let one = (0..1000usize, put, cut).prop_map(|(at, put, cut)| Damage { at, put, cut });
    prop::collection::vec(one, 1..4)
}

fn damaged(text: &str, damages: &[Damage]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for Damage { at, put, cut } in damages {
        let at = bytes.len() * at / 1000;
        let end = at.saturating_add(*cut).min(bytes.len());
        bytes.splice(at..end, put.iter().copied());
    }
    bytes
}

/// Other values in place of some of a document's: it stays JSON and says something else.
fn grafts() -> impl Strategy<Value = Vec<(usize, Value)>> {
    let odd = prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(-1)),
        Just(json!(1e300)),
        Just(json!(u64::MAX)),
        Just(json!("")),
        Just(json!("/")),
        Just(json!("projects/-/x/-")),
        Just(json!("..\u{0}\u{1b}[31m")),
        Just(json!("é".repeat(5000))),
        Just(json!([])),
        Just(json!([[], {}, null, "x"])),
        Just(json!({})),
        Just(json!({"": {"": []}, "name": 3, "a.b[\"": "x"})),
    ];
    prop::collection::vec((0..100_000usize, odd), 1..5)
}

fn grafted(text: &str, grafts: &[(usize, Value)]) -> String {
    let mut document: Value = serde_json::from_str(text).unwrap();
    for (at, value) in grafts {
        let mut left = at % count(&document);
        graft(&mut document, &mut left, value);
    }
    document.to_string()
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum(),
        _ => 0,
    }
}

/// Puts a value in the place of the node that is `left` nodes away.
fn graft(at: &mut Value, left: &mut usize, value: &Value) -> bool {
    if *left == 0 {
        *at = value.clone();
        return true;
    }
    *left -= 1;
    match at {
        Value::Array(items) => items.iter_mut().any(|item| graft(item, left, value)),
        Value::Object(map) => map.values_mut().any(|item| graft(item, left, value)),
        _ => false,
    }
}

/// The catalog, the estate's answers one by one, and its state.
type Good = (Catalog, Vec<(String, Capture)>, String);

/// What is damaged, made once.
fn good() -> &'static Good {
    static GOOD: OnceLock<Good> = OnceLock::new();
    GOOD.get_or_init(|| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let estate = runtime.block_on(Estate::grow(
            support::catalog(),
            Planted {
                secret: "s".into(),
                text: "t".into(),
                ..Planted::default()
            },
        ));
        let capture = runtime.block_on(estate.read(&estate.settings()));
        let state = estate.state(&capture, &|_| ()).to_string();
        let one = |page: &driftline::model::Page| {
            let pages = vec![page.clone()];
            (
                page.listing.clone(),
                Capture {
                    projects: capture.projects.clone(),
                    pages,
                    ..Capture::default()
                },
            )
        };
        let pages = capture.pages.iter().map(one).collect();
        (support::catalog(), pages, state)
    })
}

/// Everything that is done with a capture and a state, for its panics alone.
fn walk(capture: &Capture, states: &[State], catalog: &Catalog) {
    let normalized = normalize(capture, catalog);
    let comparison = compare(&Inputs {
        keep: true,
        ..Inputs::new(catalog, capture, &normalized, states)
    });
    let outlook = by_state(comparison, catalog);
    let heading = Heading {
        all: true,
        ..Heading::default()
    };
    let graph = Graph::new(&normalized.objects, catalog);
    let texts = [
        render::console::drift(&outlook, &heading),
        render::json::drift(&outlook, &heading),
        render::graph::tree(&graph, &normalized.gaps),
        render::graph::dot(&graph, &normalized.gaps, catalog),
        render::graph::mermaid(&graph, &normalized.gaps, catalog),
        render::graph::svg(&graph, &normalized.gaps, catalog),
        render::graph::json(&graph, &normalized.gaps, catalog),
    ];
    assert!(texts.iter().all(|text| text.len() < 64 << 20));
}

/// The most memory this process has had, in bytes; nothing where the system does not say.
fn peak() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<usize>().ok()? << 10)
}

#[track_caller]
fn bounded() {
    const MOST: usize = 1 << 30;
    assert!(peak().is_none_or(|peak| peak < MOST), "{:?}", peak());
}

fn cases(count: u32) -> ProptestConfig {
    // `CORPUS_CASES` asks for more.
    let count = std::env::var("CORPUS_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(count);
    ProptestConfig {
        cases: count,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn damaged_states_are_refused_or_read(damages in damage()) {
        let (catalog, pages, text) = good();
        match state::parse("damaged.tfstate", damaged(text, &damages)) {
            Ok(state) => walk(&pages[0].1, &[state], catalog),
            Err(error) => {
                let said = error.to_string();
                prop_assert!(said.contains("damaged.tfstate") && said.len() < 1000, "{}", said);
            }
        }
        bounded();
    }

    #[test]
    fn grafted_states_are_refused_or_read(grafts in grafts(), page in any::<prop::sample::Index>()) {
        let (catalog, pages, text) = good();
        match state::parse("grafted.tfstate", grafted(text, &grafts).into_bytes()) {
            Ok(state) => walk(&page.get(pages).1, &[state], catalog),
            Err(error) => prop_assert!(error.to_string().contains("grafted.tfstate"), "{}", error),
        }
        bounded();
    }

    #[test]
    fn grafted_answers_are_gaps_or_read(page in any::<prop::sample::Index>(), grafts in grafts()) {
        let (catalog, pages, text) = good();
        let (_, whole) = page.get(pages);
        let mut capture = Capture { projects: whole.projects.clone(), pages: whole.pages.clone(), ..Capture::default() };
        capture.pages[0].body = RawValue::from_string(grafted(whole.pages[0].body.get(), &grafts)).unwrap();
        redact(&mut capture, catalog);
        let state = state::parse("s", text.clone().into_bytes()).unwrap();
        walk(&capture, &[state], catalog);
        bounded();
    }

    #[test]
    fn grafted_indexes_of_snapshots_are_refused_or_read(grafts in grafts()) {
        let (catalog, files) = stored();
        let index = grafted(&files["snapshot.json"], &grafts);
        let text = |path: &str| -> std::io::Result<String> {
            let text = if path == "snapshot.json" { Some(&index) } else { files.get(path) };
            Ok(text.ok_or(std::io::ErrorKind::NotFound)?.clone())
        };
        match read("stored", &text) {
            Ok(snapshot) => walk(&snapshot.capture, &[], catalog),
            Err(error) => prop_assert!(error.to_string().starts_with("snapshot stored: "), "{}", error),
        }
        bounded();
    }

    #[test]
    fn grafted_facts_are_refused_or_read(file in any::<prop::sample::Index>(), grafts in grafts()) {
        let files = definitions();
        let schemas: Vec<usize> = (0..files.len()).filter(|at| files[*at].0.ends_with(".json")).collect();
        let at = *file.get(&schemas);
        let text = grafted(&files[at].1, &grafts);
        let texts = files.iter().enumerate().map(|(n, (name, good))| (name.as_str(), if n == at { text.as_str() } else { good.as_str() }));
        if let Ok(catalog) = Catalog::load(texts) {
            let (_, pages, state) = good();
            let state = state::parse("s", state.clone().into_bytes()).unwrap();
            pages.iter().filter(|(listing, _)| listing.contains("redis")).for_each(|(_, capture)| walk(capture, std::slice::from_ref(&state), &catalog));
        }
        bounded();
    }

    #[test]
    fn damaged_answers_are_gaps_or_read(page in any::<prop::sample::Index>(), damages in damage()) {
        let (catalog, pages, text) = good();
        let (_, whole) = page.get(pages);
        let bytes = damaged(whole.pages[0].body.get(), &damages);
        if let Some(body) = String::from_utf8(bytes).ok().and_then(|text| RawValue::from_string(text).ok()) {
            let mut capture = Capture { projects: whole.projects.clone(), pages: whole.pages.clone(), ..Capture::default() };
            capture.pages[0].body = body;
            redact(&mut capture, catalog);
            let state = state::parse("s", text.clone().into_bytes()).unwrap();
            walk(&capture, &[state], catalog);
        }
        bounded();
    }

    #[test]
    fn damaged_snapshots_are_refused_or_read(file in any::<prop::sample::Index>(), damages in damage()) {
        let (catalog, files) = stored();
        let name = file.get(&files.keys().collect::<Vec<_>>()).to_string();
        let text = |path: &str| -> std::io::Result<String> {
            let text = files.get(path).ok_or(std::io::ErrorKind::NotFound)?;
            if path != name {
                return Ok(text.clone());
            }
            String::from_utf8(damaged(text, &damages)).map_err(std::io::Error::other)
        };
        match read("stored", &text) {
            Ok(snapshot) => walk(&snapshot.capture, &[], catalog),
            Err(error) => prop_assert!(error.to_string().starts_with("snapshot stored: "), "{}", error),
        }
        bounded();
    }

    #[test]
    fn damaged_definitions_are_refused_with_their_place(file in any::<prop::sample::Index>(), damages in damage()) {
        let files = definitions();
        let at = file.index(files.len());
        let bytes = damaged(&files[at].1, &damages);
        if let Ok(text) = String::from_utf8(bytes) {
            let texts = files.iter().enumerate().map(|(n, (name, good))| (name.as_str(), if n == at { text.as_str() } else { good.as_str() }));
            if let Err(error) = Catalog::load(texts) {
                let said = error.to_string();
                prop_assert!(said.contains("google/") && said.len() < 1 << 20, "{}", said);
            }
        }
        bounded();
    }
}

/// A snapshot of a few answers, by file.
fn stored() -> &'static (Catalog, BTreeMap<String, String>) {
    static STORED: OnceLock<(Catalog, BTreeMap<String, String>)> = OnceLock::new();
    STORED.get_or_init(|| {
        let (catalog, pages, _) = good();
        let folder = tempfile::tempdir().unwrap();
        let some = pages
            .iter()
            .step_by(8)
            .flat_map(|(_, capture)| capture.pages.clone())
            .collect();
        let capture = Capture {
            projects: vec!["p".to_owned()],
            pages: some,
            ..Capture::default()
        };
        let dir = folder.path().join("s");
        save(
            &dir,
            &capture,
            &Redactor::new(catalog),
            &[],
            SystemTime::UNIX_EPOCH,
        )
        .unwrap();
        (
            support::catalog(),
            support::tree(&dir, "").into_iter().collect(),
        )
    })
}

/// The definitions of one service.
fn definitions() -> &'static Vec<(String, String)> {
    static FILES: OnceLock<Vec<(String, String)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut files = support::tree(std::path::Path::new("providers"), "");
        files.retain(|(name, _)| {
            name.starts_with("google/redis/") || name == "google/provider.toml"
        });
        let _ = files
            .iter()
            .find(|(name, _)| name.ends_with("service.toml"))
            .expect("the service");
        files
    })
}

/// Answers on the wire: the collector gives a page or a gap for each, whatever comes.
#[test]
fn damaged_answers_on_the_wire_are_pages_or_gaps() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(cases(60));
    let good = cloud::project();
    let result = runner.run(
        &(any::<prop::sample::Index>(), damage()),
        |(place, damages)| {
            let cloud = Cloud::serve(&good);
            let (path, body) = place.get(&good);
            let text = String::from_utf8_lossy(&damaged(&body.to_string(), &damages)).into_owned();
            cloud.plant(&format!("{path}$"), 0, Fault::Body(text));
            let (catalog, settings) = (cloud::catalog(), cloud.settings());
            let capture = runtime
                .block_on(collect(
                    &catalog,
                    &settings,
                    &["p".to_owned()],
                    None,
                    &|_| (),
                ))
                .unwrap();
            let objects = capture
                .pages
                .iter()
                .all(|page| page.body.get().trim_start().starts_with(char::from(b'{')));
            prop_assert!(objects);
            prop_assert!(
                capture.gaps.iter().all(|gap| gap.detail.len() < 2000),
                "{:?}",
                capture.gaps
            );
            walk(&capture, &[], &catalog);
            bounded();
            Ok(())
        },
    );
    result.unwrap();
}
