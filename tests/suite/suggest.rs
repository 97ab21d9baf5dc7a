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
    let Ok(git) = git else {
        eprintln!("SKIPPED: there is no git to apply patches with");
        return None;
    };
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
    match git {
        Ok(git) => assert!(
            git.status.success(),
            "{}\n{patch}",
            String::from_utf8_lossy(&git.stderr)
        ),
        Err(_) => return eprintln!("SKIPPED: there is no git to apply patches with"),
    }
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

/// In every estate, imported into its own configuration: what is suggested verifies, and the rest has a reason.
#[test]
fn estates() {
    let Some(shared) = support::shared() else {
        return;
    };
    let catalog = support::catalog();
    for estate in [
        "staging",
        "variety-gke",
        "variety-memory-registry",
        "variety-neighbours",
        "variety-sql",
    ] {
        let dir = shared.join("estates").join(estate);
        let case = stored(&dir, &catalog, estate);
        let shown = report(&case, &["--suggest"]);
        let open: Vec<_> = forecasts(&shown)
            .into_iter()
            .filter(|(_, forecast)| forecast == "update" || forecast == "replace")
            .collect();
        let of = |list: &str, address: &str| {
            shown[list]
                .as_array()
                .unwrap()
                .iter()
                .any(|row| row["address"] == address)
        };
        let bare = open
            .iter()
            .filter(|(address, _)| !of("suggestions", address) && !of("unsuggested", address));
        assert_eq!(bare.count(), 0, "{estate}: neither an edit nor a reason");
        let solved: Vec<_> = shown["suggestions"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["leaves"] == "none")
            .collect();
        let written = report(&case, &["--suggest", "--write", "out"]);
        for row in &solved {
            let address = row["address"].as_str().unwrap();
            assert!(
                forecasts(&written).contains(&(address.to_owned(), "none".to_owned())),
                "{estate}: {address}"
            );
        }
        eprintln!(
            "{estate}: {} not no-op, {} suggestions make a no-op",
            open.len(),
            solved.len()
        );
    }
}

/// Edits of one literal each: how many a suggestion takes back. Those that do not come back have a reason.
#[test]
fn edits_of_estates_are_taken_back() {
    let Some(shared) = support::shared() else {
        return;
    };
    let catalog = support::catalog();
    let (mut back, mut left) = (0, Vec::new());
    // All of them with EDITS=all; else a few of each estate.
    let few = if std::env::var("EDITS").is_ok_and(|edits| edits == "all") {
        usize::MAX
    } else {
        6
    };
    for estate in [
        "staging",
        "variety-gke",
        "variety-memory-registry",
        "variety-neighbours",
        "variety-sql",
    ] {
        let dir = shared.join("estates").join(estate);
        let case = stored(&dir, &catalog, estate);
        let edits = std::fs::read_to_string(dir.join("edits.jsonl")).unwrap();
        for edit in edits
            .lines()
            .take(few)
            .map(|line| serde_json::from_str::<Json>(line).unwrap())
        {
            let file = case
                .folder
                .path()
                .join("tofu")
                .join(edit["file"].as_str().unwrap());
            let text = std::fs::read_to_string(&file).unwrap();
            let at = usize::try_from(edit["line"].as_u64().unwrap()).unwrap() - 1;
            let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
            lines[at] =
                lines[at].replace(edit["from"].as_str().unwrap(), edit["to"].as_str().unwrap());
            std::fs::write(&file, lines.join("\n")).unwrap();
            let state = dir
                .join("tofu/terraform.tfstate")
                .to_string_lossy()
                .into_owned();
            let snapshot = case.snapshot.to_string_lossy().into_owned();
            let args = [
                "drift",
                "--config",
                "tofu",
                "--state",
                &state,
                "--snapshot",
                &snapshot,
                "--all",
                "--suggest",
            ];
            let ended = Run::new(&args)
                .arg("--out")
                .arg("json://-")
                .within(case.folder.path())
                .end();
            let said: Json = serde_json::from_str(&ended.stdout)
                .unwrap_or_else(|_| panic!("{estate}: {}", ended.stderr));
            std::fs::write(&file, text).unwrap();
            let open =
                said["resources"].as_array().unwrap().iter().filter(|row| {
                    ["update", "replace"].contains(&row["forecast"].as_str().unwrap())
                });
            let open = open.count();
            let reasons = said["unsuggested"].as_array().unwrap();
            match open {
                0 => {}
                _ if reasons.is_empty() => back += 1,
                _ => left.push(format!(
                    "{estate} {}:{}: {}",
                    edit["file"], edit["line"], reasons[0]
                )),
            }
        }
    }
    eprintln!(
        "{back} taken back, {} not:\n{}",
        left.len(),
        left.join("\n")
    );
    assert!(back > left.len() * 5);
}

/// What changed in the cloud of each case: how many of the differences that tofu would undo an edit settles instead. What is
/// left has a reason. All cases with `EDITS=all`; else a few of each estate.
#[test]
fn drift_of_cases_is_settled() {
    let Some(shared) = support::shared() else {
        return;
    };
    let catalog = support::catalog();
    let (mut before, mut solved, mut left) = (0, 0, Vec::new());
    let few = if std::env::var("EDITS").is_ok_and(|edits| edits == "all") {
        usize::MAX
    } else {
        3
    };
    for estate in [
        "staging",
        "variety-gke",
        "variety-memory-registry",
        "variety-neighbours",
        "variety-sql",
    ] {
        let dir = shared.join("estates").join(estate);
        let mut names: Vec<_> = std::fs::read_dir(dir.join("cases"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        names.sort();
        for case_dir in names.iter().step_by(if few == usize::MAX {
            1
        } else {
            names.len() / few
        }) {
            let case = changed(&dir, Some(case_dir), &catalog, estate);
            let state = dir
                .join("tofu/terraform.tfstate")
                .to_string_lossy()
                .into_owned();
            let snapshot = case.snapshot.to_string_lossy().into_owned();
            let args = [
                "drift",
                "--config",
                "tofu",
                "--state",
                &state,
                "--snapshot",
                &snapshot,
                "--all",
                "--suggest",
            ];
            let ended = Run::new(&args)
                .arg("--out")
                .arg("json://-")
                .within(case.folder.path())
                .end();
            let said: Json = serde_json::from_str(&ended.stdout)
                .unwrap_or_else(|_| panic!("{estate}: {}", ended.stderr));
            let rows = said["resources"].as_array().unwrap();
            let open = rows
                .iter()
                .filter(|row| ["update", "replace"].contains(&row["forecast"].as_str().unwrap()))
                .count();
            let reasons = said["unsuggested"].as_array().unwrap();
            let unsolved: std::collections::BTreeSet<_> = reasons
                .iter()
                .map(|row| row["address"].as_str().unwrap())
                .collect();
            (before, solved) = (before + open, solved + open - unsolved.len());
            let name = case_dir.file_name().unwrap().to_string_lossy();
            left.extend(
                reasons
                    .iter()
                    .map(|reason| format!("{estate} {name}: {reason}")),
            );
        }
    }
    eprintln!(
        "{solved} of {before} changes are settled; not:\n{}",
        left.join("\n")
    );
    assert!(solved * 2 > before);
}

/// An estate as a snapshot beside its configuration.
fn stored(dir: &Path, catalog: &driftline::catalog::Catalog, name: &str) -> Case {
    changed(dir, None, catalog, name)
}

/// An estate with the changes of a case, as a snapshot beside its configuration.
fn changed(
    dir: &Path,
    case: Option<&Path>,
    catalog: &driftline::catalog::Catalog,
    name: &str,
) -> Case {
    let mut cloud = support::Cloud::estate(dir);
    if let Some(case) = case {
        cloud.0.extend(if case.join("api").is_dir() {
            support::Cloud::estate(case).0
        } else {
            support::Cloud::default().0
        });
        let gone = std::fs::read_to_string(case.join("gone")).unwrap_or_default();
        for path in gone.lines().map(str::trim).filter(|path| !path.is_empty()) {
            cloud
                .0
                .retain(|name, _| name != path && !name.starts_with(&format!("{path}/")));
        }
    }
    let mut capture = driftline::model::Capture::default();
    for project in support::projects(&cloud)
        .into_iter()
        .filter(|project| project.contains('-'))
    {
        let one = cloud.capture(catalog, &project);
        capture.projects.extend(one.projects);
        capture.pages.extend(one.pages);
    }
    let redactor = driftline::snapshot::Redactor::new(catalog);
    let removals = redactor.redact(&mut capture);
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in support::tree(&dir.join("tofu"), "") {
        if !file.ends_with(".tfstate") {
            let file = folder.path().join("tofu").join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
    }
    std::fs::write(folder.path().join("empty.tfstate"), EMPTY).unwrap();
    let snapshot = folder.path().join("snapshot");
    driftline::snapshot::save(
        &snapshot,
        &capture,
        &redactor,
        &removals,
        std::time::SystemTime::UNIX_EPOCH,
    )
    .unwrap();
    Case {
        name: name.to_owned(),
        snapshot,
        folder,
    }
}
