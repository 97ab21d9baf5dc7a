//! `snapshot.json`: what a snapshot holds, and reading it back.

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Removal, Snapshot, SnapshotError};
use crate::model::{Capture, Gap, GapReason, Looks, Page, Scope};

/// The version of the format this program writes, and the newest it reads.
pub const FORMAT_VERSION: u64 = 1;

pub(super) const MANIFEST: &str = "snapshot.json";

/// The file as it is written.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub format_version: u64,
    pub tool: Tool,
    /// When it was taken, RFC 3339.
    pub taken: String,
    pub projects: Vec<String>,
    /// The listings that were asked.
    #[serde(default)]
    pub asked: Vec<String>,
    pub pages: Vec<PageEntry>,
    pub gaps: Vec<GapEntry>,
    /// What came of second looks.
    #[serde(default, skip_serializing_if = "LooksEntry::is_empty")]
    pub looks: LooksEntry,
    pub removed: Vec<RemovalEntry>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Tool {
    pub name: String,
    pub version: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PageEntry {
    pub listing: String,
    #[serde(flatten)]
    pub scope: ScopeEntry,
    pub request: String,
    pub file: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ScopeEntry {
    pub project: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct GapEntry {
    pub listing: String,
    #[serde(flatten)]
    pub scope: ScopeEntry,
    pub reason: String,
    pub detail: String,
    pub fix: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct LooksEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<usize>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<GoneEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<HeldEntry>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct GoneEntry {
    pub listing: String,
    pub object: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HeldEntry {
    pub project: String,
    pub permission: String,
}

impl LooksEntry {
    fn is_empty(&self) -> bool {
        self.most.is_none() && self.gone.is_empty() && self.held.is_empty()
    }
}

impl From<&Looks> for LooksEntry {
    fn from(looks: &Looks) -> Self {
        let gone = |(listing, object): &(String, String)| GoneEntry {
            listing: listing.clone(),
            object: object.clone(),
        };
        let held = |(project, permission): &(String, String)| HeldEntry {
            project: project.clone(),
            permission: permission.clone(),
        };
        Self {
            most: looks.most,
            gone: looks.gone.iter().map(gone).collect(),
            held: looks.held.iter().map(held).collect(),
        }
    }
}

impl From<LooksEntry> for Looks {
    fn from(entry: LooksEntry) -> Self {
        let gone = entry.gone.into_iter();
        let held = entry.held.into_iter();
        Self {
            most: entry.most,
            gone: gone.map(|gone| (gone.listing, gone.object)).collect(),
            held: held.map(|held| (held.project, held.permission)).collect(),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RemovalEntry {
    pub listing: String,
    pub path: String,
    pub because: String,
    pub count: usize,
}

impl From<&Scope> for ScopeEntry {
    fn from(scope: &Scope) -> Self {
        Self {
            project: scope.project.clone(),
            location: scope.location.clone(),
            parent: scope.parent.clone(),
            object: scope.object.clone(),
        }
    }
}

impl From<ScopeEntry> for Scope {
    fn from(entry: ScopeEntry) -> Self {
        Self {
            project: entry.project,
            location: entry.location,
            parent: entry.parent,
            object: entry.object,
        }
    }
}

impl From<&Gap> for GapEntry {
    fn from(gap: &Gap) -> Self {
        let reason = gap.reason.as_str().to_owned();
        Self {
            listing: gap.listing.clone(),
            scope: (&gap.scope).into(),
            reason,
            detail: gap.detail.clone(),
            fix: gap.fix.clone(),
        }
    }
}

/// Reads a snapshot through a function that gives the text of a file by its path within it.
///
/// # Errors
/// One sentence naming the file: missing, torn, edited into something else, or written by a newer version of this program.
pub fn read(
    name: &str,
    file: &dyn Fn(&str) -> std::io::Result<String>,
) -> Result<Snapshot, SnapshotError> {
    let problem = |message: String| SnapshotError(format!("snapshot {name}: {message}"));
    let text =
        file(MANIFEST).map_err(|error| problem(format!("cannot read {MANIFEST}: {error}")))?;
    let manifest = parse(&text).map_err(|message| problem(format!("{MANIFEST}: {message}")))?;
    let mut capture = Capture {
        projects: manifest.projects,
        asked: manifest.asked,
        looks: manifest.looks.into(),
        ..Capture::default()
    };
    for entry in manifest.pages {
        let at = entry.file.clone();
        let wrong = |message: &str| problem(format!("{at}: {message}; take the snapshot again"));
        if !Path::new(&entry.file)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        {
            return Err(problem(format!(
                "{MANIFEST} names a page outside the snapshot: {at}"
            )));
        }
        let text = file(&entry.file)
            .map_err(|error| wrong(&format!("this page cannot be read ({error})")))?;
        let body = RawValue::from_string(text)
            .map_err(|error| wrong(&format!("this page is not JSON ({error})")))?;
        if !body.get().trim_start().starts_with('{') {
            return Err(wrong("this page is not a JSON object"));
        }
        if !super::is_shallow(body.get()) {
            return Err(wrong("this page is nested deeper than any answer"));
        }
        capture.pages.push(Page {
            listing: entry.listing,
            scope: entry.scope.into(),
            request: entry.request,
            body,
        });
    }
    for entry in manifest.gaps {
        let reason = GapReason::parse(&entry.reason).ok_or_else(|| {
            problem(format!(
                "{MANIFEST}: there is no gap reason `{}`",
                entry.reason.escape_debug()
            ))
        })?;
        capture.gaps.push(Gap {
            listing: entry.listing,
            scope: entry.scope.into(),
            reason,
            detail: entry.detail,
            fix: entry.fix,
        });
    }
    let removals = manifest.removed.into_iter().map(|entry| {
        let RemovalEntry {
            listing,
            path,
            because,
            count,
        } = entry;
        Removal {
            listing,
            path,
            because,
            count,
        }
    });
    Ok(Snapshot {
        capture,
        removals: removals.collect(),
        taken: manifest.taken,
        version: manifest.tool.version,
    })
}

/// The version is looked at before anything else: a newer format may have any other shape.
fn parse(text: &str) -> Result<Manifest, String> {
    #[derive(Deserialize)]
    struct Versioned {
        format_version: u64,
    }
    let torn = |error: serde_json::Error| match error.classify() {
        serde_json::error::Category::Eof => {
            format!("the file breaks off ({error}); take the snapshot again")
        }
        serde_json::error::Category::Syntax => {
            format!("not JSON ({error}); take the snapshot again")
        }
        _ => format!("not the index of a snapshot ({error})"),
    };
    let version = serde_json::from_str::<Versioned>(text)
        .map_err(torn)?
        .format_version;
    match version {
        1..=FORMAT_VERSION => serde_json::from_str(text).map_err(torn),
        0 => Err(
            "format version 0 was never written; this is not the index of a snapshot".to_owned(),
        ),
        newer => Err(format!(
            "written by a newer driftline (format {newer}; this one reads up to {FORMAT_VERSION}): update driftline"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn error(files: &[(&str, &str)]) -> String {
        let file = |path: &str| {
            let found = files.iter().find(|(name, _)| *name == path);
            found
                .map(|(_, text)| (*text).to_owned())
                .ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))
        };
        read("s", &file).expect_err("must be refused").to_string()
    }

    fn manifest(version: u64, file: &str) -> String {
        serde_json::json!({"format_version": version, "tool": {"name": "driftline", "version": "0"}, "taken": "", "projects": [],
            "pages": [{"listing": "t", "project": "p", "request": "r", "file": file}], "gaps": [], "removed": []})
        .to_string()
    }

    #[test]
    fn each_damage_has_one_clear_error() {
        assert!(error(&[]).contains("snapshot s: cannot read snapshot.json"));
        assert!(error(&[("snapshot.json", "{\"format_version\": 1, \"to")]).contains("breaks off"));
        assert!(error(&[("snapshot.json", "hello")]).contains("not JSON"));
        assert!(
            error(&[("snapshot.json", "{\"format_version\": 9}")])
                .contains("newer driftline (format 9")
        );
        assert!(
            error(&[("snapshot.json", "{\"format_version\": 1}")])
                .contains("not the index of a snapshot")
        );
        assert!(
            error(&[("snapshot.json", &manifest(1, "raw/a.json"))])
                .contains("raw/a.json: this page cannot be read")
        );
        assert!(
            error(&[("snapshot.json", &manifest(1, "../a.json"))]).contains("outside the snapshot")
        );
        assert!(
            error(&[("snapshot.json", &manifest(1, "/etc/passwd"))])
                .contains("outside the snapshot")
        );
        assert!(
            error(&[("snapshot.json", &manifest(1, "a")), ("a", "{\"x\":")])
                .contains("a: this page is not JSON")
        );
    }
}
