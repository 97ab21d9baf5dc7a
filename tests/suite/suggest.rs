//! Suggested edits: configurations beside a stored cloud, and what the program would make of them.
//!
//! A folder below `tests/data/suggest` has `cloud` (the name of a snapshot below `snapshots/types`), `tofu/` and what
//! `plan --suggest` says of it. `UPDATE_EXPECT=1` rewrites that.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support;
use crate::support::binary::{self, Run};
use serde_json::{Value as Json, json};

const EMPTY: &str = r#"{"version":4,"terraform_version":"1.12.6","serial":1,"lineage":"00000000-0000-0000-0000-000000000000","outputs":{},"resources":[],"check_results":null}"#;

struct Case {
    name: String,
    snapshot: PathBuf,
    folder: tempfile::TempDir,
}

/// The folders of cases, each copied where it may be edited.
fn cases() -> Vec<Case> {
    let mut names: Vec<String> = std::fs::read_dir("tests/data/suggest")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.into_iter().map(|name| case(&name)).collect()
}

fn case(name: &str) -> Case {
    let dir = Path::new("tests/data/suggest").join(name);
    let cloud = std::fs::read_to_string(dir.join("cloud")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in support::tree(&dir.join("tofu"), "") {
        let file = folder.path().join("tofu").join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    std::fs::write(folder.path().join("empty.tfstate"), EMPTY).unwrap();
    let snapshot = std::fs::canonicalize(Path::new("snapshots/types").join(cloud.trim())).unwrap();
    Case {
        name: name.to_owned(),
        snapshot,
        folder,
    }
}

fn plan(case: &Case, more: &[&str]) -> binary::Ended {
    let snapshot = case.snapshot.to_string_lossy().into_owned();
    let mut args = vec![
        "plan",
        "--config",
        "tofu",
        "--state",
        "empty.tfstate",
        "--snapshot",
        &snapshot,
    ];
    args.extend(more);
    Run::new(&args).within(case.folder.path()).end()
}

fn report(case: &Case, more: &[&str]) -> Json {
    let ended = plan(case, &[more, &["--out", "json://-"]].concat());
    serde_json::from_str(&ended.stdout)
        .unwrap_or_else(|_| panic!("{}: {}{}", case.name, ended.stdout, ended.stderr))
}

fn forecasts(report: &Json) -> Vec<(String, String)> {
    let steps = report["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["declared"] == true);
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    steps
        .map(|step| (text(&step["address"]), text(&step["forecast"])))
        .collect()
}

#[test]
fn edits_are_as_expected() {
    let mut wrong = Vec::new();
    for case in cases() {
        let said = plan(&case, &["--suggest"]).stdout;
        let (_, said) = said
            .split_once("Suggest")
            .unwrap_or_else(|| panic!("{}: {said}", case.name));
        let file = Path::new("tests/data/suggest")
            .join(&case.name)
            .join("expected.txt");
        wrong.extend(support::expect(&file, &format!("Suggest{said}")));
    }
    assert!(
        wrong.is_empty(),
        "{}\n(UPDATE_EXPECT=1 rewrites)",
        wrong.join("\n")
    );
}

/// What is written is what was shown; what it was for is gone, the rest is as it was, and a second run has nothing to add.
#[test]
fn written_edits_do_what_they_say() {
    for case in cases() {
        let shown = report(&case, &["--suggest"]);
        let before = support::tree(&case.folder.path().join("tofu"), "");
        let patched = patched(&case, shown["patch"].as_str().unwrap());
        let written = report(&case, &["--suggest", "--write", "out"]);
        assert_eq!(
            shown["suggestions"], written["suggestions"],
            "{}",
            case.name
        );
        let after = support::tree(&case.folder.path().join("tofu"), "");
        if let Some(patched) = patched {
            assert_eq!(
                patched, after,
                "{}: git apply makes something else",
                case.name
            );
        }
        for suggestion in shown["suggestions"].as_array().unwrap() {
            let now = forecasts(&written);
            let address = suggestion["address"].as_str().unwrap();
            let found = now.iter().find(|(name, _)| name == address).unwrap();
            assert_eq!(
                found.1,
                suggestion["leaves"].as_str().unwrap(),
                "{}: {address}",
                case.name
            );
        }
        assert_eq!(before.len(), after.len());
        assert_eq!(
            report(&case, &["--suggest"])["suggestions"],
            json!([]),
            "{}: a second run adds to it",
            case.name
        );
    }
}

/// The files with the patch applied by git; nothing, said aloud, without git.
fn patched(case: &Case, patch: &str) -> Option<Vec<(String, String)>> {
    let copy = tempfile::tempdir().unwrap();
    for (file, text) in support::tree(&case.folder.path().join("tofu"), "") {
        let file = copy.path().join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let file = case.folder.path().join("patch");
    std::fs::write(&file, patch).unwrap();
    if patch.is_empty() {
        return None;
    }
    let git = Command::new("git")
        .args(["apply", "--whitespace=nowarn", "-p1"])
        .arg(&file)
        .current_dir(copy.path())
        .output();
    let git = git.expect("git, which applies the patches");
    assert!(
        git.status.success(),
        "{}: {}\n{patch}",
        case.name,
        String::from_utf8_lossy(&git.stderr)
    );
    Some(support::tree(copy.path(), ""))
}

/// Line ends, byte order marks and comments stay, and so does everything outside the edits.
#[test]
fn layout_stays() {
    let case = case("literals");
    let file = case.folder.path().join("tofu/windows.tf");
    let before = std::fs::read_to_string(&file).unwrap();
    plan(&case, &["--suggest", "--write", "out"]);
    let after = std::fs::read_to_string(&file).unwrap();
    assert!(before != after && after.starts_with('\u{feff}') && after.contains("# Grüße\r\n"));
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
}

#[test]
fn nothing_is_written_unless_asked_or_through_a_link() {
    let case = case("shared");
    let before = support::tree(&case.folder.path().join("tofu"), "");
    plan(&case, &["--suggest"]);
    assert_eq!(before, support::tree(&case.folder.path().join("tofu"), ""));
    let ended = Run::new(&["drift", "--write", "--demo"]).end();
    assert!(
        ended.code == 1 && ended.stderr.contains("--suggest"),
        "{}",
        ended.stderr
    );
    let case = self::case("literals");
    let file = case.folder.path().join("tofu/main.tf");
    std::fs::rename(&file, case.folder.path().join("real.tf")).unwrap();
    std::os::unix::fs::symlink("../real.tf", &file).unwrap();
    let ended = plan(&case, &["--suggest", "--write", "out"]);
    assert!(
        ended.code == 1 && ended.stderr.contains("symbolic link"),
        "{}",
        ended.stderr
    );
}

/// A patch of files outside the configuration's folder names them from a folder above, where git takes it.
#[test]
fn files_outside_the_configuration_are_patched_from_above() {
    let case = case("modules");
    let outside = case.folder.path().join("shared");
    std::fs::create_dir(&outside).unwrap();
    std::fs::rename(
        case.folder.path().join("tofu/prod.auto.tfvars"),
        outside.join("prod.tfvars"),
    )
    .unwrap();
    std::fs::rename(
        case.folder.path().join("tofu/records"),
        outside.join("records"),
    )
    .unwrap();
    let file = case.folder.path().join("tofu/main.tf");
    let text = std::fs::read_to_string(&file)
        .unwrap()
        .replace("./records", "../shared/records");
    std::fs::write(&file, text).unwrap();
    let more = ["--suggest", "--var-file", "shared/prod.tfvars"];
    let shown = report(&case, &more);
    let patch = shown["patch"].as_str().unwrap();
    assert!(
        patch.contains("+++ b/shared/prod.tfvars\n") && patch.contains("+++ b/tofu/main.tf\n"),
        "{patch}"
    );
    assert_eq!(shown["patch_folder"], "..");
    assert!(
        plan(&case, &more)
            .stdout
            .contains("`git apply -p1` in .. of the configuration's folder")
    );
    std::fs::write(case.folder.path().join("patch"), patch).unwrap();
    let git = Command::new("git")
        .args(["apply", "--whitespace=nowarn", "-p1", "patch"])
        .current_dir(case.folder.path())
        .output();
    let git = git.expect("git, which applies the patches");
    assert!(
        git.status.success(),
        "{}\n{patch}",
        String::from_utf8_lossy(&git.stderr)
    );
    assert_eq!(report(&case, &more)["suggestions"], json!([]));
}

/// What is shared with a resource of a type that is not read is not edited either.
#[test]
fn an_edit_leaves_resources_that_are_not_forecast() {
    let case = case("shared");
    let file = case.folder.path().join("tofu/main.tf");
    let own = std::fs::read_to_string(&file).unwrap();
    let alone: String = own
        .split_inclusive("}\n")
        .filter(|block| !block.contains("\" \"a\""))
        .collect();
    std::fs::write(&file, &alone).unwrap();
    assert_eq!(
        report(&case, &["--suggest"])["suggestions"]
            .as_array()
            .unwrap()
            .len(),
        1,
        "{alone}"
    );
    let topic = format!(
        "{alone}\nresource \"google_pubsub_topic\" \"t\" {{\n  name = \"t-${{local.ttl}}\"\n}}\n"
    );
    std::fs::write(&file, &topic).unwrap();
    let left = report(&case, &["--suggest"]);
    assert_eq!(left["suggestions"], json!([]), "{topic}");
    assert!(
        left["unsuggested"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("shared with google_pubsub_topic.t"),
        "{left}"
    );
}
