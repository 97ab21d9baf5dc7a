//! Small configurations that must not hang, abort or be believed: each ends within ten seconds and one gigabyte, with an answer or
//! an error.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::recorded::names;
use crate::test;
use libtest_mimic::Trial;

const FOLDER: &str = "tests/data/hostile";

/// Those that do hang or abort yet. The list only gets shorter: one that ends well fails its test.
const STILL_HOSTILE: &[&str] = &[];

pub fn tests() -> Vec<Trial> {
    (names(FOLDER).into_iter())
        .filter(|name| Path::new(FOLDER).join(name).is_dir())
        .map(|name| test(format!("hostile::{name}"), move || hold(&name)))
        .collect()
}

fn hold(name: &str) {
    let ended = ends(name);
    if STILL_HOSTILE.contains(&name) {
        assert!(ended.is_err(), "it ends well: take it off the list");
    } else {
        ended.unwrap_or_else(|why| panic!("{why}"));
    }
}

/// Runs `drift` on a folder. An error says how it ended.
fn ends(name: &str) -> Result<(), String> {
    let around = tempfile::tempdir().unwrap();
    let state = around.path().join("terraform.tfstate");
    let empty = r#"{"version":4,"terraform_version":"1.12.6","serial":1,"lineage":"none","outputs":{},"resources":[]}"#;
    std::fs::write(&state, empty).unwrap();
    // The limit is on addresses, of which threads and mapped files take some besides.
    let limited = "ulimit -v 2000000; ulimit -c 0; exec \"$0\" \"$@\"";
    let mut child = Command::new("sh")
        .args(["-c", limited, env!("CARGO_BIN_EXE_driftline"), "drift"])
        .args(["--snapshot", "snapshots/types/google_redis_instance"])
        .arg("--state")
        .arg(&state)
        .arg("--config")
        .arg(Path::new(FOLDER).join(name))
        .env_clear()
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let said = std::thread::spawn(move || {
        let mut said = Vec::new();
        drop(stderr.read_to_end(&mut said));
        String::from_utf8_lossy(&said).into_owned()
    });
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > Duration::from_secs(10) {
            child.kill().unwrap();
            child.wait().unwrap();
            return Err("it does not end".to_owned());
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let said = said.join().unwrap();
    match status.code() {
        Some(0) => Err("it is believed".to_owned()),
        Some(1..=3) if !said.contains("panicked") => Ok(()),
        _ => Err(format!("{status}: {said}")),
    }
}
