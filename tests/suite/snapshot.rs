//! Snapshots: what is written comes back, nothing secret is written, and a kill leaves the old one or the new one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::support;
use crate::support::cloud;
use crate::support::estate;
use driftline::model::{Capture, Gap, GapReason, Page, Scope};
use driftline::snapshot::{Redactor, open, redact, save};
use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// A capture of `pages` users, each of whose bodies says `mark`.
fn capture(pages: usize, mark: &str) -> Capture {
    let page = |n: usize| {
        Page {
        listing: "t_user".to_owned(),
        scope: Scope { project: "p".to_owned(), location: None, parent: Some(format!("i{n:04}")), object: None },
        request: format!("sql.example/v1/projects/p/instances/i{n:04}/users"),
        body: RawValue::from_string(
            json!({"z": 1, "items": [{"name": mark, "adminPhrase": "hunter2", "labels": {"token": "hunter2"}}]}).to_string(),
        )
        .unwrap(),
    }
    };
    let gap = Gap {
        listing: "t_instance".to_owned(),
        scope: Scope {
            project: "p".to_owned(),
            location: Some("eu".to_owned()),
            parent: None,
            object: None,
        },
        reason: GapReason::Unreachable,
        detail: "the API could not reach eu".to_owned(),
        fix: "run again".to_owned(),
    };
    Capture {
        projects: vec!["p".to_owned()],
        asked: Vec::new(),
        pages: (0..pages).map(page).collect(),
        gaps: vec![gap],
        looks: Default::default(),
    }
}

fn write(dir: &Path, capture: &Capture) -> Result<(), String> {
    save(
        dir,
        capture,
        &Redactor::new(&cloud::catalog()),
        &[],
        SystemTime::UNIX_EPOCH,
    )
    .map_err(|error| error.to_string())
}

fn bodies(capture: &Capture) -> Vec<Value> {
    capture
        .pages
        .iter()
        .map(|page| serde_json::from_str(page.body.get()).unwrap())
        .collect()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir)
        .unwrap()
        .flatten()
        .map(|entry| entry.path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                [vec![path.clone()], files(&path)].concat()
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn what_is_written_comes_back_without_secrets() {
    let around = tempfile::tempdir().unwrap();
    let dir = around.path().join("s");
    let mut live = capture(3, "u");
    let removals = redact(&mut live, &cloud::catalog());
    save(
        &dir,
        &live,
        &Redactor::new(&cloud::catalog()),
        &removals,
        SystemTime::UNIX_EPOCH,
    )
    .unwrap();
    let back = open(&dir).unwrap();
    assert_eq!(
        (back.taken.as_str(), &back.removals),
        ("1970-01-01T00:00:00Z", &removals)
    );
    assert_eq!(
        removals.iter().map(|r| r.path.as_str()).collect::<Vec<_>>(),
        ["items.adminPhrase", "items.labels.token"]
    );
    assert_eq!(
        (&back.capture.projects, &back.capture.gaps),
        (&live.projects, &live.gaps)
    );
    assert_eq!(bodies(&back.capture), bodies(&live));
    let index = |c: &Capture| {
        c.pages
            .iter()
            .map(|p| (p.listing.clone(), p.scope.clone(), p.request.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(index(&back.capture), index(&live));
    for file in files(&dir).iter().filter(|file| file.is_file()) {
        assert!(
            !fs::read_to_string(file).unwrap().contains("hunter2"),
            "{file:?}"
        );
    }
}

#[test]
fn saving_an_unredacted_capture_still_writes_no_secret() {
    let around = tempfile::tempdir().unwrap();
    write(&around.path().join("s"), &capture(1, "u")).unwrap();
    let text = fs::read_to_string(around.path().join("s/raw/sql/p/t_user/i0000.json")).unwrap();
    assert!(
        text.starts_with("{\n  \"items\": [\n    {\n      \"adminPhrase\": \"(redacted)\","),
        "{text}"
    );
    assert_eq!(open(&around.path().join("s")).unwrap().removals.len(), 2);
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let around = tempfile::tempdir().unwrap();
    write(&around.path().join("s"), &capture(2, "u")).unwrap();
    for path in [
        files(&around.path().join("s")),
        vec![around.path().join("s")],
    ]
    .concat()
    {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{path:?}");
    }
}

#[test]
fn nothing_but_a_snapshot_is_replaced() {
    let around = tempfile::tempdir().unwrap();
    let dir = around.path().join("precious");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("thesis.txt"), "text").unwrap();
    assert!(
        write(&dir, &capture(1, "u"))
            .unwrap_err()
            .contains("holds something other than a snapshot")
    );
    assert!(
        write(&dir.join("thesis.txt"), &capture(1, "u"))
            .unwrap_err()
            .contains("is a file")
    );
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&dir, around.path().join("link")).unwrap();
        assert!(
            write(&around.path().join("link"), &capture(1, "u"))
                .unwrap_err()
                .contains("symbolic link")
        );
    }
    assert_eq!(fs::read_to_string(dir.join("thesis.txt")).unwrap(), "text");
    fs::remove_file(dir.join("thesis.txt")).unwrap();
    write(&dir, &capture(1, "old")).unwrap();
    write(&dir, &capture(2, "new")).unwrap();
    assert_eq!(open(&dir).unwrap().capture.pages.len(), 2);
    assert_eq!(
        fs::read_dir(around.path()).unwrap().count(),
        if cfg!(unix) { 2 } else { 1 },
        "nothing is left beside it"
    );
}

#[test]
fn what_cannot_be_opened_says_why() {
    let around = tempfile::tempdir().unwrap();
    let message = |dir: &Path| open(dir).unwrap_err().to_string();
    assert!(message(&around.path().join("none")).contains("there is no such folder"));
    assert!(message(around.path()).contains("is not a snapshot"));
    let dir = around.path().join("s");
    write(&dir, &capture(2, "u")).unwrap();
    fs::remove_file(dir.join("raw/sql/p/t_user/i0001.json")).unwrap();
    assert!(message(&dir).contains("raw/sql/p/t_user/i0001.json"));
}

#[test]
fn a_replacement_cut_off_between_its_steps_is_found() {
    let around = tempfile::tempdir().unwrap();
    let dir = around.path().join("s");
    write(&dir, &capture(1, "old")).unwrap();
    fs::rename(&dir, around.path().join(".s.previous")).unwrap();
    assert_eq!(open(&dir).unwrap().capture.pages.len(), 1);
    write(&dir, &capture(2, "new")).unwrap();
    assert_eq!(open(&dir).unwrap().capture.pages.len(), 2);
}

/// What the killed process runs; on its own it does nothing.
#[test]
fn writer_for_the_kill() {
    let Ok(dir) = std::env::var("SNAPSHOT_TO_WRITE") else {
        return;
    };
    for round in 0.. {
        fs::write(format!("{dir}.begun"), "").unwrap();
        write(Path::new(&dir), &capture(200, &format!("round {round}"))).unwrap();
    }
}

#[test]
fn killed_at_any_moment_it_is_the_old_one_or_the_new_one() {
    let around = tempfile::tempdir().unwrap();
    let dir = around.path().join("s");
    let begun = around.path().join("s.begun");
    write(&dir, &capture(200, "first")).unwrap();
    for step in 1..=20 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "snapshot::writer_for_the_kill"])
            .env("SNAPSHOT_TO_WRITE", &dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while !begun.exists() {
            assert!(child.try_wait().unwrap().is_none(), "it wrote nothing");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(7 * step));
        child.kill().unwrap(); // SIGKILL on Unix
        child.wait().unwrap();
        fs::remove_file(&begun).unwrap();
        let back = open(&dir).unwrap().capture;
        let marks: Vec<String> = bodies(&back)
            .iter()
            .map(|body| body["items"][0]["name"].to_string())
            .collect();
        assert_eq!(marks.len(), 200);
        assert!(
            marks.iter().all(|mark| *mark == marks[0]),
            "two snapshots mixed"
        );
    }
}

/// The real scan, killed at every tenth of its time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_killed_at_any_moment_leaves_the_earlier_snapshot_or_the_new_one() {
    let planted = estate::Planted {
        text: "text".to_owned(),
        ..estate::Planted::default()
    };
    let estate = estate::Estate::grow(support::catalog(), planted).await;
    let around = tempfile::tempdir().unwrap();
    let dir = around.path().join("s");
    let scan = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftline"));
        command
            .args(["scan", "--project", estate::PROJECT, "--snapshot"])
            .arg(&dir)
            .env_clear()
            .envs(estate.endpoints());
        command
            .env("GOOGLE_OAUTH_ACCESS_TOKEN", "t")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().unwrap()
    };
    let start = std::time::Instant::now();
    assert!(scan().wait().unwrap().success());
    let (time, pages) = (start.elapsed(), open(&dir).unwrap().capture.pages.len());
    assert!(pages > 20);
    for tenth in 1..=10 {
        let mut child = scan();
        std::thread::sleep(time * tenth / 10);
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().unwrap();
        assert_eq!(
            open(&dir).unwrap().capture.pages.len(),
            pages,
            "killed at {tenth} tenths"
        );
    }
}

/// Any body: objects whose keys are often those of secrets.
fn body() -> impl Strategy<Value = serde_json::Value> {
    let key = prop_oneof![
        Just("password"),
        Just("items"),
        Just("adminPhrase"),
        Just("name"),
        Just("value"),
        Just("db_token"),
        Just("labels"),
        Just("a\"b\\\u{e9}")
    ];
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        Just(json!("-----BEGIN PRIVATE KEY-----\nhunter2")),
        Just(json!("DB_PASSWORD")),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let members =
            prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner.clone(), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Value::from),
            members.prop_map(|m| Value::Object(m.into_iter().collect()))
        ]
    })
}

/// The same tree with every leaf that was removed put back.
fn restored(after: &Value, before: &Value) -> Value {
    match (after, before) {
        (Value::String(text), _) if text == "(redacted)" => before.clone(),
        (Value::Array(a), Value::Array(b)) => {
            a.iter().zip(b).map(|(a, b)| restored(a, b)).collect()
        }
        (Value::Object(a), Value::Object(b)) => a
            .iter()
            .map(|(k, v)| (k.clone(), restored(v, &b[k])))
            .collect(),
        _ => after.clone(),
    }
}

proptest! {
    #[test]
    fn any_body_keeps_its_shape_and_loses_its_secrets(tree in body()) {
        let before = json!({"items": [tree]});
        let mut one = capture(1, "u");
        one.pages[0].body = RawValue::from_string(before.to_string()).unwrap();
        redact(&mut one, &cloud::catalog());
        let text = one.pages[0].body.get().to_owned();
        let after: Value = serde_json::from_str(&text).unwrap();
        prop_assert!(!text.contains("hunter2"));
        prop_assert_eq!(restored(&after, &before), before);
        prop_assert!(redact(&mut one, &cloud::catalog()).is_empty(), "once is enough");
    }
}
