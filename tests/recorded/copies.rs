//! The copies in `tests/data/recorded` are what the shared material says. `UPDATE_EXPECT=1 cargo test --test recorded copies::`
//! copies it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::configurations::SPELT;
use crate::reports::OTHERWISE;
use crate::shared_test;
use crate::suggestions::UNSUGGESTED;
use crate::support::recorded::{Case, ESTATES, REPORTS, Recorded, Seen, Truth, merge, names};
use crate::support::{expect, shared, tree};
use libtest_mimic::Trial;
use serde_json::Value as Json;

pub fn tests() -> Vec<Trial> {
    let both = [("estates", ESTATES), ("reports", REPORTS)];
    let kind = |(kind, folder): (&'static str, &'static str)| {
        // What was added to the shared material since is to be copied, too.
        let there = shared::part(kind).map_or_else(Vec::new, |path| names(&path.to_string_lossy()));
        let all: BTreeSet<String> = names(folder).into_iter().chain(there).collect();
        all.into_iter().map(move |name| {
            let part = format!("{kind}/{name}");
            let to = Path::new(folder).join(&name);
            shared_test(format!("copies::{part}"), &part, move |from| {
                same(&copy(from), &to);
            })
        })
    };
    let verbatim = VERBATIM.iter().map(|(part, to)| {
        shared_test(format!("copies::{part}"), part, move |from| {
            same(&verbatim(from), Path::new(to));
        })
    });
    both.into_iter().flat_map(kind).chain(verbatim).collect()
}

/// What the tests themselves have beside the copies.
const OWN: &[&str] = &[OTHERWISE, SPELT, UNSUGGESTED];

/// Folders that are copied as they are.
const VERBATIM: &[(&str, &str)] = &[
    (
        "encrypted/pbkdf2-default",
        "tests/data/state/encrypted/pbkdf2-default",
    ),
    (
        "encrypted/pbkdf2-tuned",
        "tests/data/state/encrypted/pbkdf2-tuned",
    ),
    ("expressions", "tests/data/recorded/expressions"),
    ("hostile", "tests/data/hostile"),
];

fn verbatim(from: &Path) -> BTreeMap<String, String> {
    tree(from, "").into_iter().collect()
}

/// Holds the files of a folder against what they should be.
fn same(files: &BTreeMap<String, String>, folder: &Path) {
    let wrong: Vec<String> = files
        .iter()
        .filter_map(|(name, text)| expect(&folder.join(name), text))
        .map(|difference| difference.chars().take(2000).collect())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // A case of the project's own lies in a folder of its own.
    let case = |name: &str| name.split_once('/').map(|(case, _)| case.to_owned());
    let copied: BTreeSet<String> = files.keys().filter_map(|name| case(name)).collect();
    let own = |name: &str| case(name).is_some_and(|case| !copied.contains(&case));
    let more: Vec<String> = tree(folder, "")
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !files.contains_key(name) && !OWN.contains(&name.as_str()) && !own(name))
        .collect();
    assert!(more.is_empty(), "{}: also {more:?}", folder.display());
}

/// The files of a copy.
fn copy(from: &Path) -> BTreeMap<String, String> {
    let text = |name: &str| std::fs::read_to_string(from.join(name)).ok();
    let json = |name: &str| text(name).map(|text| serde_json::from_str::<Json>(&text).unwrap());
    let mut recorded = Recorded {
        projects: words(&text("projects").unwrap_or_default()),
        environment: (text("env").unwrap_or_default().lines())
            .filter_map(|line| line.trim().split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        faults: faults(from),
        objects: objects(from),
        truth: json("truth.json").map(|truth| report_truth(&truth)),
        ..Recorded::default()
    };
    if from.join("cases").is_dir() {
        for name in names(&from.join("cases").to_string_lossy()) {
            let case = case(&from.join("cases").join(&name), &recorded.objects);
            recorded.cases.insert(name, case);
        }
    }
    let mut files = BTreeMap::from([("recorded.json".to_owned(), recorded.to_text())]);
    for folder in ["tofu", "imports"] {
        if from.join(folder).is_dir() {
            files.extend(
                tree(&from.join(folder), &format!("{folder}/"))
                    .into_iter()
                    .filter_map(|(name, text)| match name.as_str() {
                        name if name.ends_with("README.md") => None,
                        name if name.ends_with(".tfstate") => {
                            Some((name.to_owned(), compact(&text)))
                        }
                        _ => Some((name, text)),
                    }),
            );
        }
    }
    files.extend(text("edits.jsonl").map(|text| ("edits.jsonl".to_owned(), text)));
    files.extend(json("into/truth.json").map(|truth| ("into.json".to_owned(), into(&truth))));
    files
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The API objects of a folder.
fn objects(from: &Path) -> BTreeMap<String, Json> {
    if !from.join("api").is_dir() {
        return BTreeMap::new();
    }
    tree(&from.join("api"), "")
        .into_iter()
        .map(|(name, text)| {
            let name = name.strip_suffix(".json").unwrap().to_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect()
}

/// The patterns of requests that fail.
fn faults(from: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(from.join("faults")).unwrap_or_default();
    let fault = |line: &str| {
        let fault: Json = serde_json::from_str(line).unwrap();
        fault["match"].as_str().unwrap().to_owned()
    };
    (text.lines().filter(|line| !line.trim().is_empty()))
        .map(fault)
        .collect()
}

fn case(from: &Path, estate: &BTreeMap<String, Json>) -> Case {
    let text = |name: &str| std::fs::read_to_string(from.join(name)).unwrap_or_default();
    let patch = |(path, body): (String, Json)| {
        let before = estate.get(&path).cloned().unwrap_or_default();
        let patch = difference(&before, &body);
        let mut again = before;
        merge(&mut again, &patch);
        assert_eq!(again, body, "{path} has no merge patch");
        (path, patch)
    };
    Case {
        about: text("about").trim().to_owned(),
        objects: objects(from).into_iter().map(patch).collect(),
        gone: words(&text("gone")),
        faults: faults(from),
        truth: case_truth(&serde_json::from_str(&text("truth.json")).unwrap()),
    }
}

/// The merge patch from one document to another.
fn difference(before: &Json, after: &Json) -> Json {
    let (Json::Object(before), Json::Object(after)) = (before, after) else {
        return after.clone();
    };
    let gone = before
        .keys()
        .filter(|name| !after.contains_key(*name))
        .map(|name| (name.clone(), Json::Null));
    let new = after
        .iter()
        .filter(|(name, value)| before.get(*name) != Some(value))
        .map(|(name, value)| {
            let before = before.get(name).unwrap_or(&Json::Null);
            (name.clone(), difference(before, value))
        });
    Json::Object(gone.chain(new).collect())
}

/// What tofu does with a row, in the words of a forecast.
fn action(actions: &Json) -> String {
    let joined = match actions {
        Json::Array(actions) => {
            let actions: Vec<&str> = actions.iter().map(|a| a.as_str().unwrap()).collect();
            actions.join("/")
        }
        other => other.as_str().unwrap().to_owned(),
    };
    match joined.as_str() {
        "no-op" => "none",
        one @ ("create" | "update" | "delete" | "forget") => one,
        "delete/create" | "create/delete" | "forget/create" => "replace",
        other => panic!("the action {other} has no forecast"),
    }
    .to_owned()
}

fn list(rows: &Json) -> &[Json] {
    rows.as_array().map_or(&[], Vec::as_slice)
}

fn address(row: &Json) -> String {
    row["address"].as_str().unwrap().to_owned()
}

fn seen(rows: &Json) -> BTreeMap<String, Seen> {
    let row = |row: &Json| {
        let paths = list(&row["attributes"]).iter();
        let seen = Seen {
            gone: action(&row["actions"]) == "delete",
            attributes: paths
                .map(|attribute| attribute["path"].as_str().unwrap().to_owned())
                .collect(),
        };
        (address(row), seen)
    };
    let all = list(rows).iter().map(row);
    all.filter(|(_, seen)| seen.gone || !seen.attributes.is_empty())
        .collect()
}

fn planned(rows: &Json) -> BTreeMap<String, String> {
    list(rows)
        .iter()
        .map(|row| (address(row), action(&row["actions"])))
        .filter(|(_, action)| action != "none")
        .collect()
}

fn case_truth(truth: &Json) -> Truth {
    let failed = |list_of: &str| {
        list(&truth["errors"][list_of])
            .iter()
            .map(address)
            .collect()
    };
    Truth {
        refresh_only: Some(seen(&truth["refresh_only"])),
        plan: Some(planned(&truth["plan"])),
        failed_to_refresh: failed("refresh_only"),
        failed_to_plan: failed("plan"),
    }
}

fn report_truth(truth: &Json) -> Truth {
    let made = |part: &str| Some(&truth[part]).filter(|part| part.get("error").is_none());
    Truth {
        refresh_only: made("refresh_only").map(|part| seen(&part["drift"])),
        plan: made("plan").map(|part| planned(&part["changes"])),
        ..Truth::default()
    }
}

/// What tofu does with what is imported into an estate's own configuration, and which attributes change.
fn into(truth: &Json) -> String {
    let rows = truth["plan"].as_object().unwrap();
    let line = |(address, row): (&String, &Json)| {
        let paths: Vec<&str> = list(&row["attributes"])
            .iter()
            .map(|attribute| attribute["path"].as_str().unwrap())
            .collect();
        let row = serde_json::json!({"action": action(&row["actions"]), "attributes": paths});
        format!("  {}: {row}", Json::from(address.as_str()))
    };
    let lines: Vec<String> = rows.iter().map(line).collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

/// JSON without its layout: a line for each member of the document and of its lists, every token as it was.
fn compact(text: &str) -> String {
    let (mut out, mut depth, mut quoted, mut escaped) = (String::new(), 0, false, false);
    for c in text.chars() {
        if quoted {
            out.push(c);
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            c if c.is_whitespace() => continue,
            '"' => quoted = true,
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ => {}
        }
        out.push(c);
        if depth <= 2 && matches!(c, ',' | '{' | '[') {
            out.push('\n');
        }
    }
    out.push('\n');
    out
}
