//! Unified differences that show no line of a file that may hold a secret.

use std::path::Path;

use similar::{ChangeTag, TextDiff};

use crate::model::{SourceFile, is_secret_name, is_secret_text};

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// Whether a line may hold a secret: by what it calls itself, or by what it says.
pub(super) fn is_private(line: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let named = line.match_indices(['=', ':']).any(|(at, _)| {
        let before = line[..at].trim_end_matches([' ', '\t', '"']);
        is_secret_name(&before[before.rfind(|c| !word(c)).map_or(0, |at| at + 1)..])
    });
    named || is_secret_text(line)
}

/// One line of a difference.
struct Line<'t> {
    tag: ChangeTag,
    text: &'t str,
    old: usize,
    new: usize,
}

/// What is between two texts of a file, as `git apply -p1` takes it behind [`header`]. In files of values only what belongs to the changed lines
/// is shown as context; lines that may hold a secret are never.
pub(super) fn unified(file: &SourceFile, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let (mut old, mut new) = (1, 1);
    let mut lines = Vec::new();
    for change in diff.iter_all_changes() {
        lines.push(Line {
            tag: change.tag(),
            text: change.value(),
            old,
            new,
        });
        old += usize::from(change.tag() != ChangeTag::Insert);
        new += usize::from(change.tag() != ChangeTag::Delete);
    }
    let shown = shown(&lines, file.values);
    let mut out = String::new();
    let mut at = 0;
    while at < lines.len() {
        let end = at + shown[at..].iter().take_while(|shown| **shown).count();
        if end > at {
            hunk(&mut out, &lines[at..end]);
        }
        at = end.max(at + 1);
    }
    out
}

/// Which lines are shown: changed ones, and those around them up to the first that may not be.
fn shown(lines: &[Line<'_>], values: bool) -> Vec<bool> {
    let mut shown: Vec<bool> = lines
        .iter()
        .map(|line| line.tag != ChangeTag::Equal)
        .collect();
    let changed: Vec<usize> = (0..lines.len()).filter(|at| shown[*at]).collect();
    let harmless = |at: &usize| {
        let line = lines[*at].text;
        let other = values && line.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        lines[*at].tag == ChangeTag::Equal && !is_private(line) && !other
    };
    for at in changed {
        for near in (at + 1..lines.len()).take_while(harmless).take(CONTEXT) {
            shown[near] = true;
        }
        for near in (0..at).rev().take_while(harmless).take(CONTEXT) {
            shown[near] = true;
        }
    }
    shown
}

/// The lines before the difference of a file, whose name counts from `root`.
pub(super) fn header(file: &SourceFile, root: &Path) -> String {
    let name = file
        .real
        .strip_prefix(root)
        .map_or_else(|_| file.name.clone(), slashed);
    format!("--- a/{name}\n+++ b/{name}\n")
}

/// A path with `/` between its parts, as patches have it.
fn slashed(path: &Path) -> String {
    path.components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

/// The folder that the names in a patch count from: the configuration's, or the nearest above it that holds every file.
pub(super) fn root<'p>(folder: &'p Path, files: &[&SourceFile]) -> &'p Path {
    let holds = |folder: &&Path| files.iter().all(|file| file.real.starts_with(folder));
    folder.ancestors().find(holds).unwrap_or(folder)
}

fn hunk(out: &mut String, lines: &[Line<'_>]) {
    let old = lines
        .iter()
        .filter(|line| line.tag != ChangeTag::Insert)
        .count();
    let new = lines
        .iter()
        .filter(|line| line.tag != ChangeTag::Delete)
        .count();
    // Of nothing, the line before is named.
    let start = |at: usize, count: usize| if count == 0 { at - 1 } else { at };
    let (from, to) = (start(lines[0].old, old), start(lines[0].new, new));
    out.push_str(&format!("@@ -{from},{old} +{to},{new} @@\n"));
    for line in lines {
        let sign = match line.tag {
            ChangeTag::Equal => ' ',
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        out.push(sign);
        out.push_str(line.text);
        if !line.text.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// Whether what goes or comes between two texts may be a secret.
pub(super) fn shows_private(before: &str, after: &str) -> bool {
    let diff = TextDiff::from_lines(before, after);
    diff.iter_all_changes()
        .any(|change| change.tag() != ChangeTag::Equal && is_private(change.value()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(values: bool) -> SourceFile {
        let path = std::path::PathBuf::from("/infra/x.tf");
        SourceFile {
            name: "x.tf".to_owned(),
            real: path.clone(),
            path,
            text: String::new(),
            downloaded: false,
            values,
        }
    }

    #[test]
    fn lines_around_a_change_show_no_secret() {
        let before = "a = 1\nroot_password = \"hunter2\"\nb = 1\nc = 1\n";
        let after = "a = 1\nroot_password = \"hunter2\"\nb = 2\nc = 1\n";
        let diff = unified(&file(false), before, after);
        assert_eq!(diff, "@@ -3,2 +3,2 @@\n-b = 1\n+b = 2\n c = 1\n");
        assert!(
            !unified(&file(true), before, after).contains("c = 1"),
            "another variable's value"
        );
    }

    #[test]
    fn names_count_from_a_folder_that_holds_them_all() {
        let (inside, mut outside) = (file(false), file(true));
        outside.real = Path::new("/values/prod.tfvars").to_path_buf();
        let folder = Path::new("/infra");
        assert_eq!(root(folder, &[&inside]), folder);
        assert_eq!(header(&inside, folder), "--- a/x.tf\n+++ b/x.tf\n");
        let above = root(folder, &[&inside, &outside]);
        assert_eq!(
            header(&inside, above) + &header(&outside, above),
            "--- a/infra/x.tf\n+++ b/infra/x.tf\n--- a/values/prod.tfvars\n+++ b/values/prod.tfvars\n"
        );
    }

    #[test]
    fn secrets_are_told_by_what_they_are_called() {
        assert!(is_private(
            "  users = { app = { name = \"a\", \"password\" = \"hunter2\" } }"
        ));
        assert!(
            !is_private("  secret_id = \"bootstrap-token\"")
                && !is_private("# the password lies elsewhere")
        );
    }
}
