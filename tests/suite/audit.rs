//! The weekly audit: six runs over the demo's cloud as it changes, and that every format says the same.

use std::path::{Path, PathBuf};

use crate::support;
use crate::support::binary::{Ended, Run};
use serde_json::{Value, json};

/// What no report may obey: a workflow command, markup, a mention, a terminal's escape.
const HOSTILE: &str = "x\n::add-mask::secret <script>alert(1)</script> @everyone ``` | \u{1b}[31m";

const BUCKETS: &str = "google_storage_bucket";

/// A folder with the demo's snapshot and configuration, and a driftline.toml.
struct Estate(tempfile::TempDir);

impl Estate {
    fn new(toml: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in support::tree(Path::new("snapshots/demo"), "") {
            let file = dir.path().join("cloud").join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        let estate = Self(dir);
        estate.write("driftline.toml", toml);
        estate
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.path(name)).unwrap()).unwrap()
    }

    /// Puts a bucket that nobody's state has into the listing, or takes it out.
    fn stranger(&self, there: bool) {
        let manifest = self.json("cloud/snapshot.json");
        let pages = manifest["pages"].as_array().unwrap();
        let page = pages
            .iter()
            .find(|page| page["listing"] == BUCKETS)
            .unwrap();
        let file = format!("cloud/{}", page["file"].as_str().unwrap());
        let mut body = self.json(&file);
        let bucket = json!({
            "kind": "storage#bucket", "id": "stranger", "name": "stranger", "location": "US-CENTRAL1",
            "locationType": "region", "storageClass": "STANDARD", "projectNumber": "123456789012",
            "selfLink": "https://www.googleapis.com/storage/v1/b/stranger", "labels": {"note": HOSTILE},
            "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": true}, "publicAccessPrevention": "enforced"},
        });
        body["items"] = if there { json!([bucket]) } else { json!([]) };
        self.write(&file, &body.to_string());
    }

    /// Makes the listing of buckets a gap, or heals it; gives what there was.
    fn gap(&self) -> Value {
        let old = self.json("cloud/snapshot.json");
        let mut manifest = old.clone();
        let pages = manifest["pages"].as_array_mut().unwrap();
        pages.retain(|page| page["listing"] != BUCKETS);
        manifest["gaps"].as_array_mut().unwrap().push(json!({
            "listing": BUCKETS, "project": manifest_project(&old), "reason": "permission-denied",
            "detail": "Permission 'storage.buckets.list' denied (403)", "fix": "grant storage.buckets.list",
        }));
        self.write("cloud/snapshot.json", &manifest.to_string());
        old
    }

    fn audit(&self, args: &[&str]) -> Ended {
        let all: Vec<&str> = ["audit"].iter().chain(args).copied().collect();
        Run::new(&all)
            .within(self.0.path())
            .alias(
                &self.0.path().canonicalize().unwrap().display().to_string(),
                "ROOT",
            )
            .end()
    }

    /// A drift report held against what the audit accepted.
    fn drift(&self, fail_on: &str) -> Ended {
        let looked = ["--config", "cloud/tofu", "--snapshot", "cloud"];
        let judged = ["--baseline", "accepted.ndjson", "--fail-on", fail_on];
        let all = [&["drift"][..], &looked, &judged].concat();
        Run::new(&all).within(self.0.path()).end()
    }
}

fn manifest_project(manifest: &Value) -> Value {
    manifest["projects"][0].clone()
}

const WEEKLY: &str = r#"[audit]
name = "weekly"
history = "history"
baseline = "accepted.ndjson"
fail-on = ["new:all", "any:replace"]

[[target]]
name = "shop"
config = "cloud/tofu"
snapshot = "cloud"

[[ignore]]
type = "google_secret_manager_secret_version"
class = "unmanaged"
reason = "versions are made by the rotation job"
until = 2026-12-31

[[ignore]]
id = "no-such-*"
reason = "was there once"
"#;

/// Six weeks: a first run; a stranger appears; the listing is denied; it is gone; it is back; only one type is looked at.
#[test]
fn six_weeks_are_told_as_they_were() {
    let estate = Estate::new(WEEKLY);
    let mut story = String::new();
    let mut week = |day: &str, out: &str| {
        let at = format!("{day}T06:00:00Z");
        let ended = estate.audit(&["--at", &at, "--out", out]);
        story.push_str(&ended.transcript());
        story.push('\n');
        ended.code
    };
    assert_eq!(week("2026-10-26", "console://-"), 2);
    estate.stranger(true);
    assert_eq!(week("2026-11-02", "console://-"), 2);
    let whole = estate.gap();
    week("2026-11-09", "console://-");
    estate.write("cloud/snapshot.json", &whole.to_string());
    estate.stranger(false);
    week("2026-11-16", "console://-");
    estate.stranger(true);
    week("2026-11-23", "markdown://-");
    estate.write(
        "driftline.toml",
        &WEEKLY.replace(
            "snapshot = \"cloud\"",
            "snapshot = \"cloud\"\ntypes = [\"google_redis_instance\"]",
        ),
    );
    week("2026-11-30", "console://-");
    let list = Run::new(&["history", "history"])
        .within(estate.0.path())
        .end();
    story.push_str(&list.transcript());
    let wrong = support::expect(Path::new("tests/cli/audit-six-weeks.txt"), &story);
    assert!(
        wrong.is_none(),
        "{}\nUPDATE_EXPECT=1 rewrites it",
        wrong.unwrap_or_default()
    );
    // A run file is never changed.
    let again = estate.audit(&["--at", "2026-11-30T06:00:00Z"]);
    assert_eq!(again.code, 1);
    assert!(
        again.stderr.contains("a run file is never changed"),
        "{}",
        again.stderr
    );
}

fn life_of<'a>(lines: &'a [Value], id: &str) -> Option<&'a str> {
    let found = lines
        .iter()
        .find(|line| line["kind"] == "finding" && line["object"] == id);
    found.and_then(|line| line["life"].as_str())
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_gap_and_a_narrower_look_resolve_nothing() {
    let estate = Estate::new(WEEKLY);
    estate.stranger(true);
    let run = |day: &str| {
        let at = format!("2026-11-{day}T06:00:00Z");
        lines(&estate.audit(&["--at", &at, "--out", "ndjson://-"]).stdout)
    };
    let stranger = |lines: &[Value]| {
        let found = lines.iter().find(|line| {
            line["kind"] == "finding"
                && line["object"]
                    .as_str()
                    .is_some_and(|id| id.ends_with("stranger"))
        });
        found.map(|line| line["life"].as_str().unwrap().to_owned())
    };
    assert_eq!(stranger(&run("01")).as_deref(), Some("new"));
    let whole = estate.gap();
    let unseen = run("02");
    assert_eq!(stranger(&unseen).as_deref(), Some("unknown"));
    assert!(
        unseen
            .iter()
            .all(|line| line["kind"] != "finding" || line["life"] != "resolved"),
        "a gap resolved something"
    );
    let narrow = WEEKLY.replace(
        "snapshot = \"cloud\"",
        "snapshot = \"cloud\"\ntypes = [\"google_redis_instance\"]",
    );
    estate.write("cloud/snapshot.json", &whole.to_string());
    estate.write("driftline.toml", &narrow);
    assert_eq!(stranger(&run("03")).as_deref(), Some("unknown"));
    estate.write("driftline.toml", WEEKLY);
    assert_eq!(stranger(&run("04")).as_deref(), Some("open"));
    estate.stranger(false);
    assert_eq!(stranger(&run("05")).as_deref(), Some("resolved"));
    assert_eq!(stranger(&run("06")), None);
    estate.stranger(true);
    let back = run("07");
    assert_eq!(stranger(&back).as_deref(), Some("reopened"));
    assert!(life_of(&back, "no-such-id").is_none());
}

#[test]
fn what_is_accepted_fails_nothing_until_it_changes() {
    let estate = Estate::new(&WEEKLY.replace("fail-on = [\"new:all\", \"any:replace\"]\n", ""));
    assert_eq!(estate.audit(&["--at", "2026-11-01T06:00:00Z"]).code, 2);
    let written = estate.audit(&["--at", "2026-11-02T06:00:00Z", "--baseline", "write"]);
    // The demo has a gap: nothing fails, and not everything could be read.
    assert_eq!(written.code, 3, "{}", written.said());
    let baseline = std::fs::read_to_string(estate.path("accepted.ndjson")).unwrap();
    estate.stranger(true);
    let after = estate.audit(&["--at", "2026-11-03T06:00:00Z", "--baseline", "update"]);
    assert_eq!(after.code, 2, "{}", after.said());
    assert_eq!(
        std::fs::read_to_string(estate.path("accepted.ndjson")).unwrap(),
        baseline,
        "update added something"
    );
    // drift shares the file, though its target has another name: objects are known by their own.
    assert_eq!(estate.drift("any:unmanaged").code, 2);
    estate.stranger(false);
    assert_eq!(estate.drift("any:drifted").code, 3);
}

#[test]
fn an_edit_of_configuration_is_no_drift_and_leaves_what_is_accepted() {
    let estate = Estate::new(WEEKLY);
    estate.audit(&["--at", "2026-11-01T06:00:00Z", "--baseline", "write"]);
    let baseline = std::fs::read_to_string(estate.path("accepted.ndjson")).unwrap();
    let main = "cloud/tofu/modules/network/main.tf";
    let text = std::fs::read_to_string(estate.path(main)).unwrap();
    let edited = text.replace("\"SSH through Identity-Aware Proxy\"", "\"SSH by proxy\"");
    assert_ne!(text, edited);
    estate.write(main, &edited);
    let at = [
        "--at",
        "2026-11-02T06:00:00Z",
        "--out",
        "ndjson://run",
        "--baseline",
        "update",
    ];
    estate.audit(&at);
    assert_eq!(
        std::fs::read_to_string(estate.path("accepted.ndjson")).unwrap(),
        baseline,
        "the edit took something out of the baseline"
    );
    let run = lines(&std::fs::read_to_string(estate.path("run")).unwrap());
    let firewall = "module.network.google_compute_firewall.iap_ssh";
    let of_firewall = run.iter().filter(|line| line["address"] == firewall);
    let told: Vec<_> = of_firewall
        .map(|line| {
            let changes = line["changes"].as_array().unwrap().iter();
            let paths: Vec<_> = changes
                .map(|change| change["path"].as_str().unwrap())
                .collect();
            (
                line["class"].as_str().unwrap(),
                line["life"].as_str().unwrap(),
                paths,
            )
        })
        .collect();
    let expected = [
        ("drifted", "open", vec!["source_ranges"]),
        ("unapplied", "new", vec!["description"]),
    ];
    assert_eq!(told, expected);
}

#[test]
fn two_runs_are_held_against_each_other() {
    let estate = Estate::new(WEEKLY);
    for (day, there) in [("01", false), ("02", true)] {
        estate.stranger(there);
        estate.audit(&[
            "--at",
            &format!("2026-11-{day}T06:00:00Z"),
            "--out",
            "console://a.txt",
        ]);
    }
    estate.gap();
    estate.audit(&["--at", "2026-11-03T06:00:00Z", "--out", "console://a.txt"]);
    let file =
        |day: &str| format!("history/runs/date=2026-11-{day}/202611{day}T060000Z-weekly.ndjson");
    let diff = |before: &str, after: &str| {
        Run::new(&["diff", &file(before), &file(after), "--out", "ndjson://-"])
            .within(estate.0.path())
            .end()
    };
    let lives = |ended: &Ended| {
        let moved = |line: &Value| line["kind"] == "finding" && line["life"] != "open";
        let lines = lines(&ended.stdout).into_iter().filter(moved);
        let told = |line: Value| format!("{} {}", line["object"], line["life"]);
        lines.map(told).collect::<Vec<_>>()
    };
    let came = diff("01", "02");
    assert_eq!((came.code, lives(&came).len()), (2, 1), "{}", came.said());
    assert!(lives(&came)[0].ends_with("\"new\""), "{:?}", lives(&came));
    let unseen = diff("02", "03");
    assert_eq!(
        (unseen.code, lives(&unseen).len()),
        (3, 1),
        "{}",
        unseen.said()
    );
    assert!(
        lives(&unseen)[0].ends_with("\"unknown\""),
        "{:?}",
        lives(&unseen)
    );
    let turned = diff("02", "01");
    assert_eq!(turned.code, 1);
    assert!(
        turned.stderr.contains("name the earlier run first"),
        "{}",
        turned.stderr
    );
}

/// The numbers of every format, each counted in what the format is made of.
#[test]
fn every_format_has_the_same_findings() {
    let estate = Estate::new(WEEKLY);
    estate.audit(&["--at", "2026-11-01T06:00:00Z"]);
    estate.stranger(true);
    let ended = estate.audit(&[
        "--at",
        "2026-11-08T06:00:00Z",
        "--no-history",
        "--out",
        "json://a.json",
        "--out",
        "ndjson://a.ndjson",
        "--out",
        "markdown://a.md",
        "--out",
        "issue://a.issue",
        "--out",
        "html://a.html",
        "--out",
        "sarif://a.sarif",
        "--out",
        "junit://a.xml",
        "--out",
        "github://a.github",
        "--out",
        "gitlab://a.gitlab",
        "--out",
        "slack://a.slack",
        "--out",
        "console://a.txt",
    ]);
    assert_eq!(ended.code, 2, "{}", ended.said());
    let read = |name: &str| std::fs::read_to_string(estate.path(name)).unwrap();
    let document = estate.json("a.json");
    let totals = &document["run"]["totals"];
    let number = |name: &str| usize::try_from(totals[name].as_u64().unwrap()).unwrap();
    let (active, gaps) = (number("active"), number("gaps"));
    let accepted = number("ignored") + number("baselined");
    assert!(active > 5 && accepted > 0 && gaps == 1, "{totals}");
    let findings = document["findings"].as_array().unwrap();
    let alive = |finding: &&Value| finding["life"] != "resolved";
    assert_eq!(
        findings
            .iter()
            .filter(alive)
            .filter(|one| one.get("accepted").is_none())
            .count(),
        active
    );
    let of_lines = lines(&read("a.ndjson"));
    assert_eq!(
        of_lines
            .iter()
            .filter(|line| line["kind"] == "finding")
            .count(),
        findings.len()
    );
    assert_eq!(&of_lines[0]["totals"], totals);
    let sarif = estate.json("a.sarif");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), active);
    let quality = estate.json("a.gitlab");
    let quality = quality.as_array().unwrap();
    let prints: std::collections::BTreeSet<&str> = quality
        .iter()
        .map(|one| one["fingerprint"].as_str().unwrap())
        .collect();
    assert_eq!((quality.len(), prints.len()), (active, active));
    for one in quality {
        let severity = one["severity"].as_str().unwrap();
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
        assert!(one["location"]["lines"]["begin"].as_u64().unwrap() > 0);
        assert!(!one["description"].as_str().unwrap().is_empty());
        assert!(
            one["check_name"]
                .as_str()
                .unwrap()
                .starts_with("driftline/")
        );
        assert!(!one["location"]["path"].as_str().unwrap().starts_with('/'));
    }
    slack_is_within_its_limits(&read("a.slack"), &format!("{active} findings, "));
    every_finding_has_one_cause(findings);
    let xml = read("a.xml");
    let count = |what: &str| xml.matches(what).count();
    assert_eq!(
        (count("<failure ") + count("<error "), count("<skipped ")),
        (active + gaps, accepted)
    );
    assert_eq!(read("a.html").matches("<details data-id=").count(), active);
    for (name, head) in [
        ("a.md", "**"),
        ("a.issue", "**"),
        ("a.txt", ""),
        ("a.html", "<p>"),
        ("a.github", "::"),
    ] {
        let said = format!("{active} findings, ");
        assert!(read(name).contains(&said), "{name} {head}");
    }
    let classes = read("a.txt");
    let closing = classes.lines().last().unwrap();
    for (text, name) in [
        (read("a.md"), "md"),
        (read("a.issue"), "issue"),
        (read("a.html"), "html"),
    ] {
        assert!(text.contains(closing), "{name}: {closing}");
    }
    sarif_is_as_code_scanning_takes_it(&sarif);
    junit_counts_are_those_of_its_cases(&xml);
    page_is_whole(&read("a.html"));
    for name in [
        "a.md", "a.issue", "a.github", "a.txt", "a.html", "a.xml", "a.sarif", "a.gitlab", "a.slack",
    ] {
        let text = read(name);
        assert!(
            !text.contains("<script>alert") && !text.contains('\u{1b}'),
            "{name}"
        );
        assert!(
            text.lines()
                .all(|line| !line.trim_start().starts_with("::add-mask")),
            "{name}"
        );
    }
}

/// The limits of a webhook, and that nothing in it is markup.
fn slack_is_within_its_limits(text: &str, headline: &str) {
    let payload: Value = serde_json::from_str(text).unwrap();
    let blocks = payload["blocks"].as_array().unwrap();
    assert!(blocks.len() <= 12);
    let mut all = 0;
    for block in blocks {
        assert_eq!(block["text"]["type"], "plain_text");
        let long = block["text"]["text"].as_str().unwrap().chars().count();
        let most = if block["type"] == "header" {
            150
        } else {
            3_000
        };
        assert!(long > 0 && long <= most);
        all += long;
    }
    assert!(all <= 6_000, "{all}");
    let said = payload["text"].as_str().unwrap();
    assert!(said.contains(headline) && !said.contains('<'), "{said}");
}

/// Grouping loses nothing: what counts has a cause, what is accepted or gone has none.
fn every_finding_has_one_cause(findings: &[Value]) {
    let mut kinds = std::collections::BTreeSet::new();
    for one in findings {
        let counts = one["life"] != "resolved" && one.get("accepted").is_none();
        assert_eq!(one.get("cause").is_some(), counts, "{one}");
        if counts {
            kinds.insert(one["cause"]["kind"].as_str().unwrap());
        }
    }
    assert!(
        kinds.contains("gap") && kinds.contains("single"),
        "{kinds:?}"
    );
}

/// What GitHub's documentation of its SARIF support calls required, and the limits it has.
fn sarif_is_as_code_scanning_takes_it(log: &Value) {
    let standard = include_str!("../data/schemas/sarif-2.1.0.json");
    let wrong = super::schemas::wrong(standard, "sarif", &log.to_string());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(log["$schema"].is_string() && log["version"] == "2.1.0");
    let run = &log["runs"][0];
    assert!(
        run["automationDetails"]["id"]
            .as_str()
            .unwrap()
            .ends_with('/')
    );
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let known: Vec<&str> = rules
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    for rule in rules {
        for text in [
            &rule["shortDescription"]["text"],
            &rule["fullDescription"]["text"],
            &rule["help"]["text"],
        ] {
            assert!(
                text.as_str()
                    .is_some_and(|text| !text.is_empty() && text.len() <= 1024)
            );
        }
        assert!(
            rule.get("security-severity").is_none()
                && rule["properties"].get("security-severity").is_none()
        );
    }
    let mut prints = std::collections::BTreeSet::new();
    for result in run["results"].as_array().unwrap() {
        assert!(known.contains(&result["ruleId"].as_str().unwrap()));
        assert!(["note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(
            !uri.starts_with('/') && !uri.contains("://") && !uri.contains(".."),
            "{uri}"
        );
        assert!(
            place["region"]["startLine"]
                .as_u64()
                .is_some_and(|line| line > 0)
        );
        let print = result["partialFingerprints"]["primaryLocationLineHash"]
            .as_str()
            .unwrap();
        let (hex, count) = print.split_once(':').unwrap();
        assert!(
            hex.len() == 16 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) && count == "1"
        );
        assert!(
            prints.insert(print.to_owned()),
            "two alerts would become one: {print}"
        );
    }
}

/// Every element is closed, and the counts on suites are those of their cases.
fn junit_counts_are_those_of_its_cases(xml: &str) {
    super::junit::holds(xml);
    let attribute = |tag: &str, name: &str| -> usize {
        let (_, rest) = tag.split_once(&format!(" {name}=\"")).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let mut sums = [0; 4];
    let names = ["tests", "failures", "errors", "skipped"];
    for suite in xml.split("<testsuite ").skip(1) {
        let (tag, inner) = suite.split_once('>').unwrap();
        let tag = format!(" {tag}");
        let count = |what: &str| inner.matches(what).count();
        let own = [
            count("<testcase "),
            count("<failure "),
            count("<error "),
            count("<skipped "),
        ];
        for ((name, own), sum) in names.iter().zip(own).zip(&mut sums) {
            assert_eq!(attribute(&tag, name), own, "{name} of {tag}");
            *sum += own;
        }
    }
    let root = xml
        .split("<testsuites ")
        .nth(1)
        .unwrap()
        .split('>')
        .next()
        .unwrap();
    for (name, sum) in names.iter().zip(sums) {
        assert_eq!(attribute(&format!(" {root}"), name), sum);
    }
    for element in ["testsuites", "testsuite", "failure", "error", "skipped"] {
        let open = xml.matches(&format!("<{element} ")).count();
        assert_eq!(
            open,
            xml.matches(&format!("</{element}>")).count(),
            "{element}"
        );
    }
    assert!(xml.chars().all(|c| !c.is_control() || c == '\n'));
    let mut cases: Vec<&str> = xml
        .lines()
        .filter(|line| line.contains("<testcase "))
        .map(|line| line.split(" time=").next().unwrap())
        .collect();
    let all = cases.len();
    cases.sort_unstable();
    cases.dedup();
    assert_eq!(
        cases.len(),
        all,
        "cases of one name are dropped by some readers"
    );
}

/// Nothing is loaded, the script is the one the policy lets run, and tags are balanced.
fn page_is_whole(page: &str) {
    use base64::Engine as _;
    use sha2::Digest as _;
    let script = page
        .split("<script>")
        .nth(1)
        .unwrap()
        .split("</script>")
        .next()
        .unwrap();
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(script));
    assert!(page.contains(&format!("script-src 'sha256-{hash}'")));
    assert!(page.contains("default-src 'none'"));
    for word in [
        "http://",
        "https://",
        " src=",
        "@import",
        "url(",
        "innerHTML",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    for tag in [
        "html", "head", "body", "main", "header", "section", "details", "summary", "div", "table",
        "tbody", "tr", "td", "p", "code", "span", "form",
    ] {
        let open =
            page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(open, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    assert_eq!(page.matches("<h1>").count(), 1);
}

/// Contrast of text against what it stands on, in both schemes, by the page's own colours.
#[test]
fn colours_of_the_page_can_be_read() {
    let style = std::fs::read_to_string("src/render/audit/report.css").unwrap();
    let luminance = |hex: &str| -> f64 {
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    };
    let roots: Vec<&str> = style
        .split(":root {")
        .skip(1)
        .map(|part| part.split('}').next().unwrap())
        .collect();
    assert_eq!(roots.len(), 2);
    for root in roots {
        let colour = |name: &str| {
            let (_, rest) = root.split_once(&format!("--{name}: ")).unwrap();
            luminance(&rest[..7])
        };
        let contrast = |a: f64, b: f64| (a.max(b) + 0.05) / (a.min(b) + 0.05);
        for ink in ["fg", "soft", "link", "critical", "high", "medium", "low"] {
            for ground in ["bg", "panel"] {
                let found = contrast(colour(ink), colour(ground));
                assert!(found >= 4.5, "{ink} on {ground}: {found:.2}");
            }
        }
        assert!(contrast(colour("warn-fg"), colour("warn-bg")) >= 4.5);
    }
}

#[test]
fn mistakes_in_the_file_are_told_with_their_place() {
    let estate =
        Estate::new(&WEEKLY.replace("reason = \"was there once\"", "resaon = \"was there once\""));
    let mut book = estate.audit(&["--check"]).transcript();
    estate.write(
        "driftline.toml",
        &WEEKLY.replace("reason = \"was there once\"\n", ""),
    );
    book.push_str(&estate.audit(&["--check"]).transcript());
    estate.write("driftline.toml", "[audit]\nfail-on = [\"drifted\"]\n");
    book.push_str(&estate.audit(&["--check"]).transcript());
    estate.write("driftline.toml", "[audit]\nname = \"x\"\n");
    book.push_str(&estate.audit(&["--check"]).transcript());
    estate.write("driftline.toml", WEEKLY);
    estate.write("accepted.ndjson", "{\"kind\":\"accepted\"\n");
    book.push_str(&estate.audit(&["--check"]).transcript());
    std::fs::remove_file(estate.path("driftline.toml")).unwrap();
    std::fs::create_dir(estate.path(".git")).unwrap();
    book.push_str(&estate.audit(&["--check"]).transcript());
    book.push_str(&estate.audit(&["--init"]).transcript());
    book.push_str(&estate.audit(&["--check"]).transcript());
    let wrong = support::expect(Path::new("tests/cli/audit-mistakes.txt"), &book);
    assert!(
        wrong.is_none(),
        "{}\nUPDATE_EXPECT=1 rewrites it",
        wrong.unwrap_or_default()
    );
}

/// A run of so many findings, as a file holds them.
fn crowd(count: usize) -> driftline::findings::Audit {
    let head = json!({"kind": "run", "format_version": "1.0", "at": "2026-11-01T06:00:00Z", "version": "0", "audit": "crowd",
        "complete": true, "counts": {}});
    let mut text = head.to_string() + "\n";
    for at in 0..count {
        let finding = json!({"kind": "finding", "id": format!("v1:{0:016x}{0:016x}", at + 1), "subject": format!("{at:032x}"), "target": "t",
            "class": "drifted", "severity": if at % 100 == 0 { "critical" } else { "low" }, "type": "a_b",
            "address": format!("a_b.c[{at}]"), "object": format!("o/{at}"), "project": "p", "file": "main.tf", "line": 1,
            "forecast": "update", "changes": [{"path": "labels.x", "before": "a", "after": HOSTILE, "mode": "argument",
            "action": "update", "sensitive": false, "source": "cloud"}]});
        text.push_str(&finding.to_string());
        text.push('\n');
    }
    let run = driftline::findings::Run::from_ndjson(&text).unwrap();
    let again = driftline::findings::Run::from_ndjson(&run.to_ndjson()).unwrap();
    assert_eq!(run, again, "a run reads back as it was written");
    driftline::findings::fold(Vec::new(), run, &driftline::findings::Policy::default())
}

#[test]
fn great_reports_are_cut_and_say_so() {
    use driftline::findings::{FailOn, Verdict};
    use driftline::render::audit::{github, markdown, sarif, slack};
    let audit = crowd(30_000);
    let verdict = Verdict::of(&audit, &FailOn::usual());
    let log: Value = serde_json::from_str(&sarif::report(&audit, "driftline.toml")).unwrap();
    sarif_is_as_code_scanning_takes_it(&log);
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 5_000);
    let critical = results.iter().filter(|one| one["level"] == "error").count();
    assert_eq!(critical, 300, "the gravest come first");
    let last = results.last().unwrap()["message"]["text"].as_str().unwrap();
    assert_eq!(
        last,
        "25001 findings were left out: code scanning shows 5000."
    );
    for budget in [markdown::STEP_SUMMARY, markdown::ISSUE] {
        let text = markdown::report(&audit, verdict, budget);
        assert!(
            text.len() <= budget && text.len() > budget / 2,
            "{}",
            text.len()
        );
        assert!(
            text.contains("Left out for length: ") && text.contains("Findings: 30000 drifted.")
        );
    }
    slack_is_within_its_limits(&slack::report(&audit, verdict), "30000 findings, ");
    let causes = audit.causes();
    let (kind, count) = (causes[0].kind.as_str(), causes[0].findings.len());
    assert_eq!((causes.len(), kind, count), (1, "configuration", 30_000));
    let annotations = github::report(&audit, verdict);
    assert_eq!(annotations.lines().count(), 11);
    assert!(annotations.contains("10 of 30000 shown"));
}

/// A month of the demo: what is new, changed, back, out of sight, resolved and oldest, each in its place.
#[test]
fn the_demo_tells_a_month() {
    let ended = Run::new(&["audit", "--demo"]).end();
    let wrong = support::expect(Path::new("tests/cli/audit-demo.txt"), &ended.transcript());
    assert!(
        wrong.is_none(),
        "{}\nUPDATE_EXPECT=1 rewrites it",
        wrong.unwrap_or_default()
    );
    let told = lines(
        &Run::new(&["audit", "--demo", "--out", "ndjson://-"])
            .end()
            .stdout,
    );
    let of = |life: &str| {
        let told = told.iter().filter(|line| line["kind"] == "finding");
        told.filter(|line| line["life"] == life).count()
    };
    for life in ["new", "open", "changed", "reopened", "unknown", "resolved"] {
        assert!(of(life) > 0, "{life}");
    }
    assert_eq!(
        told.iter()
            .filter(|line| line["class"] == "expired-rule")
            .count(),
        1
    );
}

/// An earlier week of the demo looked at all that the last one looks at, and could read what is a gap now.
#[test]
fn every_week_of_the_demo_looks_at_the_same() {
    let connection = "google_service_networking_connection";
    let text = std::fs::read_to_string("snapshots/demo/snapshot.json").unwrap();
    let mut then: Value = serde_json::from_str(&text).unwrap();
    then["taken"] = json!("2026-11-16T00:00:00Z");
    let gaps = then["gaps"].as_array_mut().unwrap();
    let before = gaps.len();
    gaps.retain(|gap| gap["listing"] != connection);
    assert_eq!(gaps.len() + 1, before);
    let project = manifest_project(&then);
    let name = project.as_str().unwrap();
    let page = json!({
        "listing": connection, "project": project, "parent": "coditect-vpc",
        "request": "servicenetworking.googleapis.com/v1/services/servicenetworking.googleapis.com/connections\
            ?network=projects/374018562915/global/networks/coditect-vpc",
        "file": format!("raw/servicenetworking/{name}/{connection}/coditect-vpc.json"),
    });
    let pages = then["pages"].as_array_mut().unwrap();
    let after = |one: &Value| one["listing"].as_str().unwrap() > connection;
    let at = pages.iter().position(after).unwrap();
    pages.insert(at, page);
    let file = Path::new("snapshots/demo/weeks/2026-11-16/snapshot.json");
    let wrong = support::expect(file, &format!("{then:#}\n"));
    assert!(
        wrong.is_none(),
        "{}\nUPDATE_EXPECT=1 rewrites it",
        wrong.unwrap_or_default()
    );
}

/// Findings of a class, by what they are about.
fn of_class(estate: &Estate, at: &str, class: &str) -> Vec<String> {
    let told = lines(
        &estate
            .audit(&["--at", at, "--no-history", "--out", "ndjson://-"])
            .stdout,
    );
    let of = told
        .iter()
        .filter(|line| line["class"] == class && line.get("accepted").is_none());
    let mut named: Vec<String> = of
        .map(|line| line["object"].as_str().unwrap().to_owned())
        .collect();
    named.sort();
    named
}

/// A rule holds to the end of its last day; from the next on it is a finding, and what it accepted counts again.
#[test]
fn a_rule_whose_date_has_passed_is_a_finding() {
    let estate = Estate::new(WEEKLY);
    let versions = |at: &str| {
        let all = of_class(&estate, at, "unmanaged");
        all.iter().filter(|id| id.contains("/versions/")).count()
    };
    let expired = |at: &str| of_class(&estate, at, "expired-rule");
    let (last, next) = ("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z");
    assert_eq!((versions(last), expired(last).len()), (0, 0));
    assert!(versions(next) > 0);
    let named = expired(next);
    assert!(
        named.len() == 1 && named[0].contains("google_secret_manager_secret_version"),
        "{named:?}"
    );
    let failing = estate.audit(&[
        "--at",
        next,
        "--no-history",
        "--fail-on",
        "any:expired-rule",
    ]);
    assert_eq!(failing.code, 2, "{}", failing.said());
    let before = estate.audit(&[
        "--at",
        last,
        "--no-history",
        "--fail-on",
        "any:expired-rule",
    ]);
    assert_eq!(before.code, 3, "{}", before.said());
}

/// That a rule matches nothing is said only where everything could be read: else what it is for may be out of sight.
#[test]
fn a_rule_that_matches_nothing_is_a_finding_where_all_was_seen() {
    let estate = Estate::new(WEEKLY);
    let at = "2026-11-01T06:00:00Z";
    assert!(
        of_class(&estate, at, "unused-rule").is_empty(),
        "the demo has a gap"
    );
    let narrow = "snapshot = \"cloud\"\ntypes = [\"google_storage_bucket\", \"google_secret_manager_secret_version\"]";
    estate.write(
        "driftline.toml",
        &WEEKLY.replace("snapshot = \"cloud\"", narrow),
    );
    let unused = of_class(&estate, at, "unused-rule");
    assert!(
        unused.len() == 1 && unused[0].contains("no-such-*"),
        "{unused:?}"
    );
    let failing = estate.audit(&["--at", at, "--no-history", "--fail-on", "any:unused-rule"]);
    assert_eq!(failing.code, 2, "{}", failing.said());
}

/// What is to be committed may be read by whom new files may be read by, and keeps what its owner gave it.
#[test]
fn files_to_be_committed_follow_the_umask() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |file: &Path| std::fs::metadata(file).unwrap().permissions().mode() & 0o777;
    for (umask, expected) in [("022", 0o644), ("077", 0o600), ("002", 0o664)] {
        let dir = tempfile::tempdir().unwrap();
        let line = format!(
            "umask {umask}; exec {} audit --init",
            env!("CARGO_BIN_EXE_driftline")
        );
        let mut command = std::process::Command::new("sh");
        let ended = command
            .args(["-c", &line])
            .current_dir(dir.path())
            .output()
            .unwrap();
        assert!(ended.status.success(), "{ended:?}");
        assert_eq!(
            mode(&dir.path().join("driftline.toml")),
            expected,
            "{umask}"
        );
    }
    let estate = Estate::new(WEEKLY);
    let write = || {
        estate.audit(&[
            "--at",
            "2026-11-01T06:00:00Z",
            "--no-history",
            "--baseline",
            "write",
        ])
    };
    write();
    let baseline = estate.path("accepted.ndjson");
    std::fs::set_permissions(&baseline, std::fs::Permissions::from_mode(0o640)).unwrap();
    write();
    assert_eq!(mode(&baseline), 0o640);
}

#[test]
fn a_folder_in_the_place_of_a_run_is_told_which_file_it_has() {
    let estate = Estate::new(WEEKLY);
    estate.audit(&["--at", "2026-11-01T06:00:00Z", "--out", "console://a.txt"]);
    let diff = |before: &str| {
        let ended = Run::new(&["diff", before, "history"])
            .within(estate.0.path())
            .end();
        assert_eq!(ended.code, 1);
        ended.stderr
    };
    let run = "history/runs/date=2026-11-01/20261101T060000Z-weekly.ndjson";
    let said = diff(run);
    assert!(
        said.contains("history is a folder") && said.contains(&format!("its newest run is {run}")),
        "{said}"
    );
    let said = diff("cloud");
    assert!(
        said.contains("cloud is a folder") && said.contains("runs/date="),
        "{said}"
    );
    let said = diff("history/none.ndjson");
    assert!(said.contains("driftline history DIR"), "{said}");
}

/// Ten thousand objects, one in twenty of which drifted in three places.
#[test]
fn the_page_of_ten_thousand_objects_is_small() {
    use driftline::findings::{FailOn, Policy, Verdict, fold};
    let mut run = crowd(500).run;
    let change = run.findings[0].changes[0].clone();
    for finding in &mut run.findings {
        finding.changes = ["labels.x", "settings[0].tier", "description"]
            .map(|path| {
                let mut change = change.clone();
                path.clone_into(&mut change.path);
                change
            })
            .to_vec();
    }
    run.targets.push(driftline::findings::TargetRecord {
        name: "t".to_owned(),
        managed: 10_000,
        seen: 10_000,
        configuration_read: true,
        passed: (0..9_500).map(|at| format!("a_b.sync[{at}]")).collect(),
        ..Default::default()
    });
    let audit = fold(Vec::new(), run, &Policy::default());
    let verdict = Verdict::of(&audit, &FailOn::usual());
    let start = std::time::Instant::now();
    let page = driftline::render::audit::html::report(&audit, verdict);
    assert!(start.elapsed() < std::time::Duration::from_secs(2));
    assert!(page.len() <= 1_000_000, "{} bytes", page.len());
    assert_eq!(page.matches("<details data-id=").count(), 500);
    page_is_whole(&page);
}
