//! Which releases of a provider a run is about, and on whose word.

use super::{Releases, Version, VersionConstraint};

/// The google or google-beta provider, and the releases whose facts its resources are held against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderVersion {
    /// Whether it is google-beta.
    pub beta: bool,
    /// The releases it may be of.
    pub releases: Releases,
    /// Who says so.
    pub because: Because,
    /// Whether the facts of those releases are known.
    pub range: Range,
    /// The releases from the oldest to the newest whose facts are.
    pub known: Releases,
}

/// On whose word a provider is taken to be of some releases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Because {
    /// `--provider-version`.
    Asked,
    /// The lock file: its name.
    Lock(String),
    /// It is the newest known release that fits the constraints of `required_providers`: as they are written.
    Constraint(String),
    /// State holds and lacks just what these releases write.
    State,
    /// Nobody's: it is the newest that is known.
    #[default]
    Newest,
}

impl Because {
    /// The word used in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Lock(_) => "lock",
            Self::Constraint(_) => "constraint",
            Self::State => "state",
            Self::Newest => "newest",
        }
    }
}

/// Whether the facts of a release are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// They are.
    #[default]
    Known,
    /// It is older than all whose facts are: those of the oldest stand in, and nothing that rests on them is certain.
    Older,
    /// It is newer than all whose facts are: those of the newest stand in, and nothing that rests on them is certain.
    Newer,
}

impl Range {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Older => "older",
            Self::Newer => "newer",
        }
    }
}

impl ProviderVersion {
    /// `google` or `google-beta`.
    pub fn name(&self) -> &'static str {
        if self.beta { "google-beta" } else { "google" }
    }

    /// Whether this very release is what will read and plan, so that what state lacks of it is null rather than not there.
    pub fn is_decided(&self) -> bool {
        matches!(self.because, Because::Asked | Because::Lock(_))
    }
}

/// A provider as a lock file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedProvider {
    /// Whether it is google-beta.
    pub beta: bool,
    /// Its release.
    pub version: Version,
    /// The lock file.
    pub file: String,
}

/// A provider as a module requires it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredProvider {
    /// Whether it is google-beta.
    pub beta: bool,
    /// What is asked of its version.
    pub constraint: VersionConstraint,
    /// The constraint as it is written.
    pub text: String,
}
