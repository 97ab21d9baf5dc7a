//! What the README shows is what the program says. `UPDATE_EXPECT=1 cargo test --test suite readme::` rewrites it.

use crate::support;
use std::path::Path;
use std::process::Command;

fn said(args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftline"));
    let output = command
        .args(args)
        .env_clear()
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A text with what stands between two marks replaced.
fn with(text: &str, mark: &str, inner: &str) -> String {
    let (head, rest) = text.split_once(&format!("<!-- {mark} -->\n")).unwrap();
    let (_, tail) = rest.split_once(&format!("<!-- /{mark} -->")).unwrap();
    format!("{head}<!-- {mark} -->\n{inner}<!-- /{mark} -->{tail}")
}

#[test]
fn the_readme_shows_what_the_program_says() {
    let file = Path::new("README.md");
    let text = std::fs::read_to_string(file).unwrap();
    let text = with(
        &text,
        "demo",
        &format!(
            "```console\n$ cargo run --release -- drift --demo\n{}```\n",
            said(&["drift", "--demo"])
        ),
    );
    let text = with(
        &text,
        "check",
        &format!(
            "```console\n$ cargo run --release -- check --demo --min-priority P0\n{}```\n",
            said(&["check", "--demo", "--min-priority", "P0"])
        ),
    );
    let text = with(&text, "types", &said(&["types", "--out", "markdown://-"]));
    let wrong = support::expect(file, &text);
    assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
}

/// Each verdict has its place in the demo.
#[test]
fn the_demo_shows_every_verdict() {
    let report: serde_json::Value =
        serde_json::from_str(&said(&["drift", "--demo", "--all", "--out", "json://-"])).unwrap();
    let verdicts: Vec<&str> = report["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["verdict"].as_str().unwrap())
        .collect();
    for verdict in [
        "in-sync",
        "drifted",
        "computed-drift",
        "missing",
        "unmanaged",
        "declared",
        "claimed-twice",
        "unknown",
        "owned",
    ] {
        assert!(verdicts.contains(&verdict), "{verdict}");
    }
}
