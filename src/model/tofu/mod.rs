//! What OpenTofu has: configuration, the text it is read from, and state.

mod config;
mod source;
mod state;

pub use config::{
    AttributionStrategy, Config, Declared, ImportBlock, ImportedObject, Lifecycle, ProviderConfig,
    Refusal, Refused, RemovedBlock, UnknownBlock, Unreadable, UnreadableWhy,
};
pub use source::{GivenBy, SourceFile, Sources};
pub use state::{Instance, Output, ProviderRef, RawAttributes, Recorded, State};
