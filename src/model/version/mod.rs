//! Releases of a provider.

mod constraint;
mod provider;

pub use constraint::VersionConstraint;
pub use provider::{Because, LockedProvider, ProviderVersion, Range, RequiredProvider};

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// A release: `7.45.0`. A pre-release (`8.0.0-beta1`) counts as the release it leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Version {
    /// Breaking changes.
    pub major: u32,
    /// New things.
    pub minor: u32,
    /// Repairs.
    pub patch: u32,
}

impl FromStr for Version {
    type Err = String;

    /// Reads `8`, `8.1`, `8.1.2`, `v8.1.2` or `8.1.2-rc1`; what is left out is 0.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no version: write MAJOR.MINOR.PATCH");
        let plain = text.trim().trim_start_matches('v');
        let plain = plain.split(['-', '+']).next().unwrap_or(plain);
        let mut parts = [0; 3];
        let mut given = plain.split('.');
        for (at, part) in given.by_ref().take(3).enumerate() {
            parts[at] = part.parse().map_err(|_| wrong())?;
        }
        if given.next().is_some() {
            return Err(wrong());
        }
        let [major, minor, patch] = parts;
        Ok(Self {
            major,
            minor,
            patch,
        })
    }
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// Releases from one to another, both among them: which of them it is, is not known unless they are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Releases {
    /// The oldest it may be.
    pub from: Version,
    /// The newest it may be.
    pub to: Version,
}

impl Releases {
    /// Just one release.
    pub fn one(version: Version) -> Self {
        Self {
            from: version,
            to: version,
        }
    }

    /// The release, where it is known.
    pub fn exact(&self) -> Option<Version> {
        (self.from == self.to).then_some(self.from)
    }
}

impl fmt::Display for Releases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.exact() {
            Some(version) => version.fmt(f),
            None => write!(f, "{} to {}", self.from, self.to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_ordered_by_their_numbers() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("6.9.0") < version("6.10.0") && version("v8.0.0-dev") == version("8"));
        assert_eq!(version("7.45").to_string(), "7.45.0");
    }
}
