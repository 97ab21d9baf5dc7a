//! The recipes of `docs/ci` do what they say.

use std::path::Path;
use std::process::{Command, Output};

fn weekly(dir: &Path, args: &[&str]) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_driftline"));
    let path = format!("{}:/usr/bin:/bin", binary.parent().unwrap().display());
    let script = Path::new("docs/ci/weekly.sh").canonicalize().unwrap();
    Command::new("sh")
        .arg(script)
        .args(args)
        .env_clear()
        .env("PATH", path)
        .env("GITHUB_STEP_SUMMARY", dir.join("summary.md"))
        .env("GITHUB_OUTPUT", dir.join("output"))
        .current_dir(dir)
        .output()
        .unwrap()
}

#[test]
fn a_difference_is_a_result_and_a_broken_run_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let found = weekly(dir.path(), &["--demo"]);
    assert!(
        found.status.success(),
        "{}",
        String::from_utf8_lossy(&found.stderr)
    );
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
    assert_eq!(read("drift-reports/exit-code"), "2\n");
    assert_eq!(read("output"), "exit-code=2\n");
    assert_eq!(read("summary.md"), read("drift-reports/drift.md"));
    for report in ["drift.html", "drift.sarif", "drift.xml"] {
        assert!(
            !read(&format!("drift-reports/{report}")).is_empty(),
            "{report}"
        );
    }
    let broken = weekly(dir.path(), &[]);
    assert_eq!(broken.status.code(), Some(1), "there is no driftline.toml");
}

#[test]
fn every_recipe_calls_it() {
    for recipe in ["github.yml", "gitlab.yml", "crontab"] {
        let text = std::fs::read_to_string(format!("docs/ci/{recipe}")).unwrap();
        assert!(text.contains("sh docs/ci/weekly.sh"), "{recipe}");
        let interpolated = text
            .lines()
            .any(|line| line.contains("run:") && line.contains("${{"));
        assert!(!interpolated, "{recipe}: an expression within a script");
    }
}
