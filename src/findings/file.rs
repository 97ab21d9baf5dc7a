//! `driftline.toml`: what is audited, what is accepted, what fails, and where results go. Text in, checked values out.

use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::finding::Class;
use super::policy::{FailOn, Glob, Rule};

/// The JSON Schema of the file, for editors.
pub const SCHEMA: &str = include_str!("driftline.schema.json");

/// `[audit]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AuditSection {
    /// What run files are called by.
    #[serde(default = "weekly")]
    pub name: Name,
    /// Folder of the run files, below that of this file.
    pub history: Option<String>,
    /// The baseline file, below the folder of this file.
    pub baseline: Option<String>,
    /// What makes the exit code 2; the differences that `drift` ends with 2 for, where it is not said.
    pub fail_on: Option<Vec<FailOn>>,
    /// Whether the rules of `check` are asked, too.
    #[serde(default)]
    pub check: bool,
}

impl Default for AuditSection {
    fn default() -> Self {
        Self {
            name: weekly(),
            history: None,
            baseline: None,
            fail_on: None,
            check: false,
        }
    }
}

/// A name that can be part of a file name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(pub String);

fn weekly() -> Name {
    Name("weekly".to_owned())
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || !text.chars().all(plain) {
            let what = format!("`{text}` is no name: use lower-case letters, digits and hyphens");
            return Err(serde::de::Error::custom(what));
        }
        Ok(Self(text))
    }
}

/// One `[[target]]`: what `drift` takes as arguments.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TargetSection {
    /// What reports call it.
    pub name: Name,
    /// Folder of the root module.
    pub config: Option<String>,
    /// States, as `--state` takes them.
    #[serde(default)]
    pub state: Vec<String>,
    /// Projects to read.
    #[serde(default)]
    pub projects: Vec<String>,
    /// Types to read; all where none is named.
    #[serde(default)]
    pub types: Vec<String>,
    /// Whether what is read on demand only is read too.
    #[serde(default)]
    pub deep: bool,
    /// A snapshot to read instead of the cloud.
    pub snapshot: Option<String>,
    /// Files of input variables.
    #[serde(default)]
    pub var_files: Vec<String>,
    /// Input variables, `NAME=VALUE`.
    #[serde(default)]
    pub vars: Vec<String>,
    /// Backend settings, as `tofu init` takes them.
    #[serde(default)]
    pub backend_config: Vec<String>,
    /// The workspace.
    pub workspace: Option<String>,
}

/// One `[[report]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportSection {
    /// Where it goes: `FORMAT://FILE`.
    pub out: String,
}

/// The whole file.
#[derive(Clone, Debug)]
pub struct AuditFile {
    /// `[audit]`.
    pub audit: AuditSection,
    /// Targets.
    pub targets: Vec<TargetSection>,
    /// Rules.
    pub rules: Vec<Rule>,
    /// Reports.
    pub reports: Vec<ReportSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    audit: AuditSection,
    #[serde(default)]
    target: Vec<Spanned<TargetSection>>,
    #[serde(default)]
    ignore: Vec<Spanned<RawRule>>,
    #[serde(default)]
    report: Vec<ReportSection>,
    /// Rules of `check`; [`crate::check::Rules::add`] reads them.
    #[serde(default, rename = "rule")]
    _rule: Vec<serde::de::IgnoredAny>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    #[serde(rename = "type")]
    rtype: Option<String>,
    address: Option<Glob>,
    id: Option<Glob>,
    class: Option<Class>,
    attribute: Option<String>,
    project: Option<String>,
    rule: Option<Glob>,
    reason: Option<String>,
    until: Option<Day>,
    even: Option<Even>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum Even {
    #[serde(rename = "replace")]
    Replace,
}

/// A TOML date without a time.
#[derive(Clone, Debug)]
struct Day(String);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let date = toml::value::Datetime::deserialize(from)?;
        if date.time.is_some() || date.date.is_none() {
            let what =
                format!("`{date}` is no date: write 2027-03-31, which includes that day, in UTC");
            return Err(serde::de::Error::custom(what));
        }
        Ok(Self(date.to_string()))
    }
}

/// A file of `[[ignore]]` alone, as `--ignore-file` takes it.
#[derive(Clone, Debug)]
pub struct IgnoreFile {
    /// Rules.
    pub rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIgnore {
    #[serde(default)]
    ignore: Vec<Spanned<RawRule>>,
}

impl AuditFile {
    /// Reads the file; `name` is what errors and rules call it.
    ///
    /// # Errors
    /// One sentence with file, line and what to do.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let raw: Raw = toml::from_str(text).map_err(|error| told(name, text, &error))?;
        let mut targets: Vec<TargetSection> = Vec::new();
        for target in raw.target {
            let line = line(text, target.span().start);
            let target = target.into_inner();
            if targets.iter().any(|other| other.name == target.name) {
                let own = &target.name.0;
                return Err(format!(
                    "{name}:{line}: two targets are named `{own}`: give each its own name"
                ));
            }
            if target.snapshot.is_some() && !target.projects.is_empty() {
                return Err(format!(
                    "{name}:{line}: `snapshot` and `projects` exclude each other: a snapshot has its own projects"
                ));
            }
            targets.push(target);
        }
        Ok(Self {
            audit: raw.audit,
            targets,
            rules: rules(name, text, raw.ignore)?,
            reports: raw.report,
        })
    }
}

impl IgnoreFile {
    /// Reads the file; `name` is what errors and rules call it.
    ///
    /// # Errors
    /// One sentence with file, line and what to do.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let raw: RawIgnore = toml::from_str(text).map_err(|error| told(name, text, &error))?;
        let rules = rules(name, text, raw.ignore)?;
        Ok(Self { rules })
    }
}

fn rules(name: &str, text: &str, raw: Vec<Spanned<RawRule>>) -> Result<Vec<Rule>, String> {
    let one = |raw: Spanned<RawRule>| {
        let line = line(text, raw.span().start);
        let raw = raw.into_inner();
        let reason = raw.reason.filter(|reason| !reason.trim().is_empty());
        let reason = reason.ok_or_else(|| {
            format!("{name}:{line}: the rule has no reason: add reason = \"why this may differ\"")
        })?;
        let rule = Rule {
            place: (name.to_owned(), line),
            rtype: raw.rtype,
            address: raw.address,
            id: raw.id,
            class: raw.class,
            attribute: raw.attribute,
            project: raw.project,
            rule: raw.rule,
            reason,
            until: raw.until.map(|day| day.0),
            even_replace: raw.even.is_some(),
        };
        if rule.text().is_empty() {
            return Err(format!(
                "{name}:{line}: the rule would ignore everything: name a type, address, id, class, attribute, project or rule"
            ));
        }
        Ok(rule)
    };
    raw.into_iter().map(one).collect()
}

/// The line, from 1, that a byte of a text lies in.
fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// A mistake with its place; a key that is not known, with the one that may be meant.
fn told(name: &str, text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(1, |span| line(text, span.start));
    let message = error.message().trim().replace('\n', " ");
    let mut words = message.split('`').skip(1).step_by(2);
    let hint = words
        .next()
        .filter(|_| message.starts_with("unknown field"))
        .and_then(|key| {
            let known: Vec<&str> = words.collect();
            let near = similar::get_close_matches(key, &known, 1, 0.6);
            near.first().map(|near| format!("; did you mean `{near}`?"))
        });
    format!("{name}:{at}: {message}{}", hint.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        AuditFile::parse("driftline.toml", text)
            .map(|_| ())
            .unwrap_err()
    }

    #[test]
    fn mistakes_are_told_with_their_place_and_what_to_do() {
        let typo = wrong("[audit]\nname = \"weekly\"\nhistori = \"x\"\n");
        assert!(
            typo.starts_with("driftline.toml:3: unknown field `histori`"),
            "{typo}"
        );
        assert!(typo.ends_with("did you mean `history`?"), "{typo}");
        let class = wrong("[[ignore]]\nclass = \"gone\"\nreason = \"x\"\n");
        assert!(
            class.starts_with("driftline.toml:2: `gone` is none of: drifted, missing"),
            "{class}"
        );
        let reason = wrong("\n[[ignore]]\ntype = \"t\"\n");
        assert!(
            reason.starts_with("driftline.toml:2: the rule has no reason"),
            "{reason}"
        );
        let all = wrong("[[ignore]]\nreason = \"noise\"\n");
        assert!(all.contains("would ignore everything"), "{all}");
        let time = wrong("[[ignore]]\ntype=\"t\"\nreason=\"x\"\nuntil = 2027-03-31T00:00:00Z\n");
        assert!(
            time.starts_with("driftline.toml:4: `2027-03-31T00:00:00Z` is no date"),
            "{time}"
        );
        let fail = wrong("[audit]\nfail-on = [\"new:drifting\"]\n");
        assert!(
            fail.starts_with("driftline.toml:2: `drifting` is none of: drifted"),
            "{fail}"
        );
        let twice = wrong("[[target]]\nname = \"a\"\n[[target]]\nname = \"a\"\n");
        assert!(
            twice.starts_with("driftline.toml:3: two targets are named `a`"),
            "{twice}"
        );
        let name = wrong("[audit]\nname = \"../x\"\n");
        assert!(
            name.starts_with("driftline.toml:2: `../x` is no name"),
            "{name}"
        );
    }

    /// The keys that the schema has are the keys that the program takes.
    #[test]
    fn the_schema_has_the_keys_that_are_read() {
        let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
        let keys = |object: &serde_json::Value| -> Vec<String> {
            object["properties"]
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect()
        };
        let read = |text: &str| -> Vec<String> {
            let message = wrong(text);
            let words = message.split('`').skip(1).step_by(2).skip(1);
            let mut words: Vec<String> = words.map(str::to_owned).collect();
            if message.contains("did you mean") {
                words.pop();
            }
            words.sort();
            words
        };
        for (at, text) in [
            (&schema, "q = 1\n"),
            (&schema["properties"]["audit"], "[audit]\nq = 1\n"),
            (
                &schema["properties"]["target"]["items"],
                "[[target]]\nq = 1\n",
            ),
            (
                &schema["properties"]["ignore"]["items"],
                "[[ignore]]\nq = 1\n",
            ),
        ] {
            let mut known = keys(at);
            known.sort();
            assert_eq!(known, read(text), "{text}");
        }
        let report = wrong("[[report]]\nq = 1\n");
        assert!(
            report.contains("unknown field `q`, expected `out`"),
            "{report}"
        );
        assert_eq!(keys(&schema["properties"]["report"]["items"]), ["out"]);
        let classes = schema["properties"]["ignore"]["items"]["properties"]["class"]["enum"]
            .as_array()
            .unwrap();
        let classes: Vec<&str> = classes
            .iter()
            .filter_map(serde_json::Value::as_str)
            .collect();
        let all: Vec<&str> = Class::ALL
            .iter()
            .map(|class| class.as_str())
            .filter(|word| !word.ends_with("-rule"))
            .collect();
        assert_eq!(classes, all);
    }
}
