//! What one run of the collector saw: bodies as received, and what it could not read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde_json::value::RawValue;

/// The place a listing was asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// Project ID.
    pub project: String,
    /// Region, zone or multi-region, where the listing has one.
    pub location: Option<String>,
    /// Name of the parent object, as its own listing gives it, where the listing is asked per parent.
    pub parent: Option<String>,
    /// The one object that is meant, where it is one: its canonical name (`//API/PATH`), or its short one where an API says no
    /// more.
    pub object: Option<String>,
}

impl Scope {
    /// Whether something of this canonical name is the object that is meant, or lies in it; so is everything where no one object
    /// is.
    pub fn means(&self, canonical: &str) -> bool {
        let Some(object) = &self.object else {
            return true;
        };
        if object.starts_with("//") {
            let rest = canonical.strip_prefix(object.as_str());
            return rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        }
        canonical.split('/').any(|part| part == object)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.project)?;
        let parts = [&self.location, &self.parent, &self.object];
        for part in parts.into_iter().flatten() {
            write!(f, "/{part}")?;
        }
        Ok(())
    }
}

/// What a data source of a configuration asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Demand {
    /// The listing its answer is kept under.
    pub listing: String,
    /// The project that pays for it and is named in its scope.
    pub project: String,
    /// The path below the service's base URL, not yet escaped.
    pub path: String,
}

impl Demand {
    /// The scope its answers and gaps have: the path stands for the parent.
    pub fn scope(&self) -> Scope {
        Scope {
            project: self.project.clone(),
            parent: Some(self.path.clone()),
            ..Scope::default()
        }
    }
}

/// One answer of an API.
#[derive(Debug, Clone)]
pub struct Page {
    /// The listing it answers: a resource type, or the name a definition gives to a further listing.
    pub listing: String,
    /// What was asked about.
    pub scope: Scope,
    /// The request below the host, without host: `sqladmin.googleapis.com/sql/v1beta4/projects/p/instances?pageToken=2`.
    ///
    /// The host is the provider's default one, also when an endpoint is overridden, so that a snapshot reads the same anywhere.
    pub request: String,
    /// The body as received.
    pub body: Box<RawValue>,
}

/// Why something could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapReason {
    /// 401, or no token to be had.
    Unauthenticated,
    /// 403 for want of a permission.
    PermissionDenied,
    /// 403 because the API is not enabled in the project.
    ApiDisabled,
    /// The API named locations it could not reach.
    Unreachable,
    /// The instance is stopped, so its children cannot be listed.
    Stopped,
    /// Pages came to an end before the last one.
    CutShort,
    /// No answer within the time allowed.
    Timeout,
    /// 429 or 5xx to the end of all retries.
    Unavailable,
    /// A body that is not what the API's documentation promises.
    UnexpectedBody,
    /// Any other refusal.
    Refused,
    /// The project does not exist or cannot be seen.
    ProjectNotFound,
    /// The snapshot holds no answer for this listing.
    NotCaptured,
}

impl GapReason {
    /// The word used in reports and snapshots.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::PermissionDenied => "permission-denied",
            Self::ApiDisabled => "api-disabled",
            Self::Unreachable => "unreachable",
            Self::Stopped => "stopped",
            Self::CutShort => "cut-short",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::UnexpectedBody => "unexpected-body",
            Self::Refused => "refused",
            Self::ProjectNotFound => "project-not-found",
            Self::NotCaptured => "not-captured",
        }
    }

    /// The reason a report or snapshot named by [`GapReason::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Unauthenticated,
            Self::PermissionDenied,
            Self::ApiDisabled,
            Self::Unreachable,
            Self::Stopped,
            Self::CutShort,
            Self::Timeout,
            Self::Unavailable,
            Self::UnexpectedBody,
            Self::Refused,
            Self::ProjectNotFound,
            Self::NotCaptured,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == word)
    }
}

/// What tells a gap from every other: the listing, the scope and the reason, never the sentence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GapId(Arc<str>);

impl GapId {
    /// As reports name it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Gap {
    /// Its id.
    pub fn id(&self) -> GapId {
        let Self {
            listing,
            scope,
            reason,
            ..
        } = self;
        GapId(format!("{listing} {scope} {}", reason.as_str()).into())
    }
}

/// A type and scope that could not be read, and why. Never taken for "not there".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The listing that failed: a resource type, or a further listing of a definition.
    pub listing: String,
    /// What was asked about; a listing by wildcard names the location only when a single one failed.
    pub scope: Scope,
    /// Why.
    pub reason: GapReason,
    /// What the API said, in one line, with nothing secret in it.
    pub detail: String,
    /// What to do about it: a permission to grant, an API to enable.
    pub fix: String,
}

/// One run of the collector.
#[derive(Debug, Default)]
pub struct Capture {
    /// The projects asked about, sorted.
    pub projects: Vec<String>,
    /// The listings that were asked, sorted; none named means all there are. What was not asked is not known to be absent.
    pub asked: Vec<String>,
    /// Answers, sorted by listing, scope and order of pages.
    pub pages: Vec<Page>,
    /// What could not be read, sorted.
    pub gaps: Vec<Gap>,
    /// What came of looking again. What such a look found is a page whose scope names the object, what it was refused a gap.
    pub looks: Looks,
}

impl Capture {
    /// Adds what was read later.
    pub fn add(&mut self, later: Self) {
        self.pages.extend(later.pages);
        // Pages of one scope stay in their order.
        (self.pages).sort_by(|a, b| (&a.listing, &a.scope).cmp(&(&b.listing, &b.scope)));
        self.gaps.extend(later.gaps);
        self.gaps.sort();
        let key = |gap: &Gap| (gap.listing.clone(), gap.scope.clone(), gap.reason);
        self.gaps.dedup_by_key(|gap| key(gap));
        self.looks.gone.extend(later.looks.gone);
        self.looks.held.extend(later.looks.held);
    }
}

/// An object to be read once more, by the provider's own GET.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look {
    /// The listing that shows such objects.
    pub listing: String,
    /// Where that listing has it, or would have it; [`Scope::object`] is its canonical name.
    pub scope: Scope,
    /// Whether the listing showed it. With one that it did not show, what lies in it is read too.
    pub listed: bool,
    /// Whether it is the list that leaves something out of it, not a verdict that rests on something absent.
    pub partial: bool,
}

/// What is to be asked before a verdict rests on something absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    /// Objects, those first that a verdict rests on.
    pub objects: Vec<Look>,
    /// Permissions without which an answer leaves something out, by project: has the caller them?
    pub permissions: BTreeMap<String, BTreeSet<String>>,
}

impl Doubts {
    /// Whether there is nothing to ask.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.permissions.is_empty()
    }

    /// So many objects at most; with `partial`, over and above that all that a list leaves something out of.
    pub fn within(mut self, most: usize, partial: bool) -> Self {
        let mut left = most;
        self.objects.retain(|look| {
            let kept = left > 0 || partial && look.partial;
            left = left.saturating_sub(1);
            kept
        });
        self
    }
}

/// What came of second looks, beside pages and gaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// How many objects were to be looked at again at most; nothing where no second look was meant to be taken.
    pub most: Option<usize>,
    /// Objects that are not there (404): listing and canonical name.
    pub gone: BTreeSet<(String, String)>,
    /// Permissions that the caller has: project and permission.
    pub held: BTreeSet<(String, String)>,
}
