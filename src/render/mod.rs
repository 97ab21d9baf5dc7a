//! Values to text, into a string that an edge writes: nothing is printed here.

pub mod audit;
pub mod console;
pub mod document;
pub mod graph;

pub mod json;
pub mod plan;
pub mod remark;
pub mod rules;
pub mod suggest;
mod text;
pub mod trust;
pub mod types;
pub mod unknown;
pub mod version;

pub use text::{Palette, escaped};

/// Who made a machine report, and what it is about.
#[derive(Clone, Debug, Default)]
pub struct Heading {
    /// The version of the program.
    pub version: &'static str,
    /// The projects looked at.
    pub projects: Vec<String>,
    /// Where the cloud side came from: `live`, or the snapshot's folder.
    pub source: String,
    /// Where each state came from.
    pub states: Vec<String>,
    /// Whether rows that are in sync are listed too.
    pub all: bool,
}
