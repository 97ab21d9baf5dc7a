//! What a configuration may ask of a provider's version.

use std::str::FromStr;

use super::Version;

/// One condition of a version constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Equal(Version),
    Unequal(Version),
    Above(Version),
    AtLeast(Version),
    Below(Version),
    AtMost(Version),
}

/// What `required_providers` asks of a version: `>= 6.0, < 8.0`, `~> 7.45`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionConstraint(Vec<Condition>);

impl VersionConstraint {
    /// Whether a release fits.
    pub fn allows(&self, version: Version) -> bool {
        self.0.iter().all(|condition| match condition {
            Condition::Equal(other) => version == *other,
            Condition::Unequal(other) => version != *other,
            Condition::Above(other) => version > *other,
            Condition::AtLeast(other) => version >= *other,
            Condition::Below(other) => version < *other,
            Condition::AtMost(other) => version <= *other,
        })
    }

    /// The release it asks for at the least, or where it sets no lower bound, allows at the most.
    pub fn least(&self) -> Option<Version> {
        let (mut lower, mut upper): (Option<Version>, Option<Version>) = (None, None);
        for condition in &self.0 {
            match *condition {
                Condition::Equal(version)
                | Condition::Above(version)
                | Condition::AtLeast(version) => {
                    lower = lower.max(Some(version));
                }
                Condition::Below(version) | Condition::AtMost(version) => {
                    upper = Some(upper.map_or(version, |upper| upper.min(version)));
                }
                Condition::Unequal(_) => {}
            }
        }
        lower.or(upper)
    }

    /// What fits both.
    pub fn and(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }
}

impl FromStr for VersionConstraint {
    type Err = String;

    /// Reads conditions separated by commas, each an operator (`=`, `!=`, `>`, `>=`, `<`, `<=`, `~>`; none is `=`) and a version.
    /// `~> 7.45` lets the last number given grow.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut out = Vec::new();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let end = part
                .find(|c: char| c.is_ascii_digit() || c == 'v')
                .unwrap_or(part.len());
            let (operator, version) = (part[..end].trim(), part[end..].trim());
            let read: Version = version.parse()?;
            match operator {
                "" | "=" => out.push(Condition::Equal(read)),
                "!=" => out.push(Condition::Unequal(read)),
                ">" => out.push(Condition::Above(read)),
                ">=" => out.push(Condition::AtLeast(read)),
                "<" => out.push(Condition::Below(read)),
                "<=" => out.push(Condition::AtMost(read)),
                "~>" => {
                    let next = match version.split('.').count() {
                        1 | 2 => (read.major + 1, 0),
                        _ => (read.major, read.minor + 1),
                    };
                    out.push(Condition::AtLeast(read));
                    out.push(Condition::Below(Version {
                        major: next.0,
                        minor: next.1,
                        patch: 0,
                    }));
                }
                other => return Err(format!("`{other}` compares no versions")),
            }
        }
        Ok(Self(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(constraint: &str, fits: &[&str], does_not: &[&str]) {
        let constraint: VersionConstraint = constraint.parse().unwrap();
        let allows = |text: &&&str| constraint.allows(text.parse().unwrap());
        assert_eq!(fits.iter().filter(allows).count(), fits.len());
        assert_eq!(does_not.iter().filter(allows).count(), 0);
    }

    #[test]
    fn constraints_are_read_as_tofu_reads_them() {
        check("~> 7.45", &["7.45.0", "7.99.1"], &["8.0.0", "7.44.9"]);
        check("~> 7.45.1", &["7.45.1", "7.45.9"], &["7.46.0", "7.45.0"]);
        check("~> 7", &["7.0.0", "7.46.0"], &["6.50.0", "8.0.0"]);
        check(
            ">= 5.0, < 7.0, != 6.1.0",
            &["5.0.0", "6.50.0"],
            &["7.0.0", "6.1.0"],
        );
        check("6.50.0", &["6.50.0"], &["6.50.1"]);
        check("> 6, <= 7.1", &["6.0.1", "7.1.0"], &["6.0.0", "7.1.1"]);
        check("", &["1.0.0"], &[]);
        for text in [">= x", "=> 1.0", "1.2.3.4", "~>"] {
            assert!(text.parse::<VersionConstraint>().is_err(), "{text}");
        }
    }
}
