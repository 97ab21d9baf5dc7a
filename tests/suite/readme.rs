//! What the README shows is what the program says. `UPDATE_EXPECT=1 cargo test --test suite readme::` rewrites it.

use crate::support;
use std::collections::BTreeMap;
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
            "```console\n$ cargo run --release -- check --demo --rule 'firewall-*' --rule 'image-*'\n{}```\n",
            said(&[
                "check",
                "--demo",
                "--rule",
                "firewall-*",
                "--rule",
                "image-*"
            ])
        ),
    );
    let table = said(&["types", "--out", "markdown://-"]);
    let text = with(&text, "types", &in_short(&table));
    let wrong = support::expect(file, &text);
    assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
    let title = "# What driftline reads\n\n`driftline types` says the same.\n\n";
    let wrong = support::expect(Path::new("docs/types.md"), &format!("{title}{table}"));
    assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
}

/// The services of a table of types, with the number of types of each.
fn in_short(table: &str) -> String {
    let mut services: BTreeMap<&str, usize> = BTreeMap::new();
    for row in table.lines().skip(2) {
        let service = row.trim_start_matches("| ").split(" | ").next().unwrap();
        *services.entry(service).or_default() += 1;
    }
    let types: usize = services.values().sum();
    let each: Vec<String> = services
        .iter()
        .map(|(service, types)| match types {
            1 => (*service).to_owned(),
            types => format!("{service} ({types})"),
        })
        .collect();
    format!(
        "{types} types of {} services, [each with what it is](docs/types.md): {}.\n",
        services.len(),
        each.join(", ")
    )
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
