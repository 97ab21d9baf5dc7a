//! The nouns: values only, without files, network or any other module of this crate.

mod address;
mod capture;
mod nesting;
mod note;
mod object;
mod path;
mod redaction;
mod tofu;
mod unknown;
mod value;
mod version;
mod worded;

pub use address::{Address, Key, ModuleStep};
pub use capture::{Capture, Demand, Doubts, Gap, GapId, GapReason, Look, Looks, Page, Scope};
pub(crate) use nesting::nesting;
pub use note::{Note, Place, Severity};
pub use object::{Object, ObjectKey, Owned};
pub use path::{Path, Step};
pub use redaction::{REDACTED, is_secret_name, is_secret_text};
pub use tofu::{
    AttributionStrategy, Config, Declared, GivenBy, ImportBlock, ImportedObject, Instance,
    Lifecycle, Output, ProviderConfig, ProviderRef, RawAttributes, Recorded, Refusal, Refused,
    RemovedBlock, SourceFile, Sources, State, UnknownBlock, Unreadable, UnreadableWhy,
};
pub use unknown::{NotEvaluated, Origin, Unknown};
pub use value::{Secret, Value};
pub use version::{
    Because, LockedProvider, ProviderVersion, Range, Releases, RequiredProvider, Version,
    VersionConstraint,
};
pub(crate) use worded::worded;
