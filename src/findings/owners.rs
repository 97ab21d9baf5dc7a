//! Who owns a file: CODEOWNERS as GitHub reads it, and as GitLab does where sections are headings only.

use super::policy::Glob;

/// The rules of a CODEOWNERS file, in order.
#[derive(Clone, Debug, Default)]
pub struct Owners(Vec<(String, Vec<String>)>);

impl Owners {
    /// Places where the file is looked for, the first that is there wins.
    pub const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

    /// Reads the file. Lines that GitHub does not take (`!`, `[ ]` in patterns) are left out, as it leaves them out.
    pub fn parse(text: &str) -> Self {
        let rule = |line: &str| {
            let line = line.split(" #").next().unwrap_or(line).trim();
            if line.is_empty() || line.starts_with(['#', '!', '[', '^']) {
                return None;
            }
            let mut words = line.split_whitespace();
            let pattern = words
                .next()
                .filter(|pattern| !pattern.contains(['[', ']', '\\']))?;
            Some((pattern.to_owned(), words.map(str::to_owned).collect()))
        };
        Self(text.lines().filter_map(rule).collect())
    }

    /// Who owns a file, a path below the root of the repository: the last rule that fits says so, and it may say nobody.
    pub fn of(&self, file: &str) -> Vec<String> {
        let fits = self.0.iter().rev().find(|(pattern, _)| fits(pattern, file));
        fits.map(|(_, owners)| owners.clone()).unwrap_or_default()
    }
}

fn fits(pattern: &str, file: &str) -> bool {
    let folder = pattern.ends_with('/');
    let body = pattern.trim_end_matches('/');
    let anchored = body.contains('/');
    let body = body.trim_start_matches('/');
    let glob = Glob::new(body);
    // `**/x` is `x` at the root, too.
    let short = body.strip_prefix("**/").map(Glob::new);
    let same = |text: &str| {
        glob.fits(text, '/') || short.as_ref().is_some_and(|glob| glob.fits(text, '/'))
    };
    let starts = std::iter::once(0).chain(file.match_indices('/').map(|(at, _)| at + 1));
    // `docs/*` is what lies in the folder itself, and not what lies deeper.
    let shallow = body.ends_with("/*");
    starts
        .filter(|start| !anchored || *start == 0)
        .any(|start| {
            let rest = &file[start..];
            let above = rest.match_indices('/').any(|(at, _)| same(&rest[..at]));
            (!folder && same(rest)) || (!shallow && above)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_rule_that_fits_says_who() {
        let owners = Owners::parse(
            "# all\n*  @all\n*.tf @tofu\n/infra/prod/ @prod @sre # theirs\ndocs/* @docs\n**/secrets @sec\nnobody.tf\n[Section] @x\n",
        );
        let of = |file: &str| owners.of(file).join(" ");
        assert_eq!(of("README.md"), "@all");
        assert_eq!(of("infra/dev/main.tf"), "@tofu");
        assert_eq!(of("infra/prod/net/main.tf"), "@prod @sre");
        assert_eq!(of("docs/a.md"), "@docs");
        assert_eq!(of("docs/deep/a.md"), "@all");
        assert_eq!(of("secrets/a.tf"), "@sec");
        assert_eq!(of("x/nobody.tf"), "");
    }
}
