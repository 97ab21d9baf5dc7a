//! Names, descriptions and labels that would break out of a terminal, a graph language, JSON or a path, and must not.

use std::path::Path;

use crate::support;
use crate::support::binary::Run;
use crate::support::estate::{Estate, PROJECT, Planted};
use regex::Regex;
use serde_json::{Map, Value as Json};

/// What one would try.
const HOSTILE: [&str; 8] = [
    "\"; rm -rf ~; \"",
    "</script><img src=x onerror=alert(1)>",
    "../../../x",
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m",
    "a\r\nn0 -> n1\n\"]; evil [label=\"",
    "${file(\"/etc/passwd\")}%{ if true }",
    "`id` $(id) | tee",
    "\u{202e}gpj.exe\u{2066}\\",
];

#[track_caller]
fn harmless(what: &str, text: &str) {
    let obeyed = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if let Some(c) = text.chars().find(obeyed) {
        panic!("{what}: {c:?} in {text:?}");
    }
}

/// Every line of a text has one of these shapes.
#[track_caller]
fn shaped(text: &str, shapes: &[&str]) {
    let shapes: Vec<Regex> = shapes
        .iter()
        .map(|shape| Regex::new(&format!("^{shape}$")).unwrap())
        .collect();
    for line in text.lines() {
        assert!(shapes.iter().any(|shape| shape.is_match(line)), "{line}");
    }
}

fn paths(dir: &Path) -> Vec<String> {
    support::tree(dir, "")
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

fn change(attributes: &mut Map<String, Json>) {
    let old: Vec<String> = attributes
        .iter()
        .filter(|(_, v)| v.is_string())
        .map(|(name, _)| name.clone())
        .collect();
    for name in old
        .iter()
        .filter(|name| !["id", "name", "project"].contains(&name.as_str()))
    {
        attributes[name] = Json::from(format!("was {}", HOSTILE.concat()));
    }
}

/// Files of a plan: plainly named, and nothing in them but the blocks a plan writes, whose texts do not evaluate anything.
fn configured(dir: &Path) {
    let file = Regex::new("^[a-z0-9_-]+\\.tf$").unwrap();
    let plain = Regex::new("^[a-z_][a-z0-9_-]*$").unwrap();
    for (name, text) in support::tree(dir, "") {
        assert!(file.is_match(&name), "{name}");
        harmless(&name, &text);
        let body: hcl_edit::structure::Body = text
            .parse()
            .unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        for structure in &body {
            let block = structure
                .as_block()
                .unwrap_or_else(|| panic!("{name}: a loose attribute"));
            assert!(
                ["import", "resource", "variable", "terraform", "provider"]
                    .contains(&block.ident.as_str()),
                "{name}: {}",
                block.ident
            );
            assert!(
                block
                    .labels
                    .iter()
                    .all(|label| plain.is_match(label.as_str())),
                "{name}: {:?}",
                block.labels
            );
        }
        let opened = text.replace("$${", "").replace("%%{", "");
        assert!(
            !opened.contains("${file") && !opened.contains("%{"),
            "{name}: {text}"
        );
    }
}

async fn try_out(hostile: &str, number: usize) {
    let planted = Planted {
        secret: "s".to_owned(),
        name: hostile.to_owned(),
        text: HOSTILE.concat(),
    };
    let estate = Estate::grow(support::catalog(), planted).await;
    let capture = estate.read(&estate.settings()).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("here")).unwrap();
    std::fs::write(
        folder.path().join("here/a.tfstate"),
        estate.state(&capture, &change).to_string(),
    )
    .unwrap();
    let run = |args: &[&str]| {
        let run = Run::new(args)
            .vars(&estate.endpoints())
            .var("GOOGLE_OAUTH_ACCESS_TOKEN", "t")
            .var("GOOGLE_PROJECT", PROJECT);
        let ended = run.within(&folder.path().join("here")).end();
        assert!(ended.code != 1, "{args:?}: {}", ended.stderr);
        harmless(&args.join(" "), &ended.stderr);
        ended.stdout
    };
    let scan = run(&["scan", "--snapshot", "stored"]);
    assert!(scan.is_empty());
    let plain = Regex::new("^[A-Za-z0-9._/-]+$").unwrap();
    let stored = paths(&folder.path().join("here/stored"));
    assert!(
        stored.len() > 20 && stored.iter().all(|path| plain.is_match(path)),
        "{stored:?}"
    );
    assert!(
        stored
            .iter()
            .all(|path| path.split('/').all(|part| !part.starts_with('.'))),
        "{stored:?}"
    );
    assert!(
        estate.cloud.log().iter().all(|line| !line.contains("/..")),
        "no name leads a request elsewhere"
    );
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is written elsewhere"
    );
    assert_eq!(
        std::fs::read_dir(folder.path().join("here"))
            .unwrap()
            .count(),
        2
    );
    let drift = [
        "drift",
        "--all",
        "--state",
        "a.tfstate",
        "--snapshot",
        "stored",
    ];
    let shown = run(&drift);
    assert!(shown.contains("drifted"), "{shown}");
    harmless("drift", &shown);
    let coloured = run(&[&drift[..], &["--color", "always"]].concat());
    harmless(
        "drift in colour",
        &Regex::new("\u{1b}\\[[0-9;]*m")
            .unwrap()
            .replace_all(&coloured, ""),
    );
    let json: Json =
        serde_json::from_str(&run(&[&drift[..], &["--out", "json://-"]].concat())).unwrap();
    assert!(json["resources"].as_array().unwrap().len() > 30);
    let plan = run(&[
        "plan",
        "--snapshot",
        "stored",
        "--adopt-labels",
        "--detail",
        "full",
        "--write",
        "written",
    ]);
    harmless("plan", &plan);
    configured(&folder.path().join("here/written"));
    let texts: String = support::tree(&folder.path().join("here/written"), "")
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    assert!(
        texts.contains("alert(1)") && texts.contains("rm -rf"),
        "the plan holds what is tried"
    );
    let graph = |format: &str| {
        run(&[
            "graph",
            "--snapshot",
            "stored",
            "--out",
            &format!("{format}://-"),
        ])
    };
    harmless("graph", &graph("console"));
    let json: Json = serde_json::from_str(&graph("json")).unwrap();
    assert!(
        json["objects"]
            .as_array()
            .unwrap()
            .iter()
            .any(|object| object["id"].as_str().unwrap().contains(hostile)),
        "{number}"
    );
    let quoted = r#""(?:[^"\\]|\\.)*""#;
    let dot = graph("dot");
    harmless("dot", &dot);
    let node = format!(
        "  (  )?[ng][0-9]+ \\[label = {quoted}(, style = \"?[a-z,]+\"?, color = (gray|red))?\\]"
    );
    let edge = format!("  n[0-9]+ -> n[0-9]+ \\[label = {quoted}\\]");
    let label = format!("    label = {quoted}");
    let set = "(  )?  (rankdir|fontname|style|color) = [\"#a-zA-Z0-9,]+";
    let kinds = "  (node|edge) \\[[a-zA-Z0-9\", =]*\\]";
    let service = "  subgraph cluster_[0-9]+ \\{";
    shaped(
        &dot,
        &[
            "digraph driftline \\{",
            set,
            kinds,
            service,
            &label,
            &node,
            &edge,
            "  \\}",
            "\\}",
        ],
    );
    let mermaid = graph("mermaid");
    harmless("mermaid", &mermaid);
    let text = "[^\"<>`]*<br/>[^\"<>`]*";
    let node = format!(
        "  (  )?(n[0-9]+(\\[\"{text}\"\\]|\\(\\[\"{text}\"\\]\\))|g[0-9]+\\{{\\{{\"{text}\"\\}}\\}})"
    );
    let service = "  (subgraph s[0-9]+\\[\"[A-Za-z ]+\"\\]|end)";
    shaped(
        &mermaid,
        &[
            "flowchart LR",
            &node,
            service,
            "  n[0-9]+ -(\\.-|-)>\\|[a-z_. ]*\\| n[0-9]+",
        ],
    );
    let svg = graph("svg");
    harmless("svg", &svg);
    assert!(svg.contains("<title>"), "{svg}");
    let tag = r#"</?(svg|style|defs|marker|rect|g|title|text|path)( [a-zA-Z-]+="[^"<>]*")*/?>"#;
    let between = Regex::new(tag).unwrap().replace_all(&svg, "").into_owned();
    assert!(
        !between.contains(['<', '>', '"']),
        "no other tag, and no open quote: {between}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_names_do_no_harm_in_any_format() {
    let rest = [HOSTILE[1], HOSTILE[3], &HOSTILE[5..].concat()].concat();
    for (number, hostile) in [HOSTILE[0], HOSTILE[2], HOSTILE[4], &rest]
        .into_iter()
        .enumerate()
    {
        try_out(hostile, number).await;
    }
}

#[test]
fn hostile_arguments_and_addresses_are_shown_without_effect() {
    let hostile = HOSTILE[3];
    for args in [
        vec!["explain", hostile],
        vec!["drift", "--snapshot", hostile],
        vec!["drift", "--demo", "--state", hostile],
        vec!["graph", "--demo", "--out", hostile],
        vec!["scan", "--project", hostile, "--snapshot", "x"],
        vec!["permissions", "--type", hostile],
    ] {
        let ended = Run::new(&args).end();
        assert_eq!(ended.code, 1, "{args:?}: {}", ended.said());
        harmless(&args.join(" "), &ended.said());
    }
}
