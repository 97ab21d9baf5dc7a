//! driftline: drift reports and import plans for Google Cloud and OpenTofu.
//!
//! ```text
//! args → settings → collect → Capture{pages, gaps} ⇄ snapshot
//!                      │ normalize (catalog: definitions + facts)
//!                      ▼
//!                 objects → graph ─────────────┐
//! state files, configuration → tofu ─▶ compare → Comparison → forecast → Outlook
//!                                                  └──────────▶ plan        │
//!                                                                └──────────┴──▶ render → console, json, hcl, dot …
//! ```
//!
//! Nothing made is rewritten: a [`compare::Comparison`] stays what it is, and a [`forecast::Outlook`] stands beside it.
//! [`pipeline`] is the one way through, which every command takes.
//!
//! Modules in reading order: [`model`] (the nouns), [`catalog`] (`providers/` as checked data), [`normalize`] (bodies to attributes),
//! [`graph`], [`compare`] (verdicts), [`hcl`] (the configuration language, and its printer), [`forecast`] (what `tofu plan` would
//! say), [`check`] (rules of readiness), [`plan`] (imports), [`suggest`] (edits that make configuration follow the cloud),
//! [`findings`] (what an audit finds, and what becomes of it from run to run), [`render`]; then the edges, which alone touch files, network, clock and environment: [`collect`],
//! [`input`], [`snapshot`], [`tofu`], [`pipeline`], [`cli`]. `tests/layers.rs` holds who may use whom, and how big things may get.
//!
//! Invariants:
//! - No source names a resource type: a type is `providers/google/SERVICE/TYPE.toml` and its facts.
//! - What could not be read is a gap, and what a gap covers is unknown: absence is said only of what was looked for in full.
//! - A live run is redacted before anything else sees it, so that its snapshot replays to the same bytes. Sensitive attributes are
//!   therefore not compared at all, where the design compares them in memory: a difference that only a live run could see
//!   would make the two disagree, and the provider's outputs of that kind (certificates, auth strings) need no action.
//! - What is not known is a value with a typed reason ([`model::Unknown`]), never the answer that would hold if it were nothing.
//!   Sentences are made in [`render`] alone, which no module that decides may use; so no sentence can decide.
//! - Nothing is guessed about configuration: a forecast that depends on it is unknown until it is given, and a value of it that cannot
//!   be evaluated stays unknown with its reason.
//!
//! Departures from the design, and why: the forecast is a module of its own between comparison and plan, because drift and
//! plan both ask it; the language (`hcl`) is core and takes files through a trait, so that evaluation is tested without any; further
//! listings (`TYPE.NAME`) complete objects whose own body does not say everything (certificates, instance groups).

pub mod catalog;
pub mod check;
pub mod cli;
pub mod collect;
pub mod compare;
pub mod data;
pub mod findings;
pub mod forecast;
pub mod graph;
pub mod hcl;
pub mod input;
pub mod model;
pub mod normalize;
pub mod pipeline;
pub mod plan;
pub mod render;
pub mod snapshot;
pub mod suggest;
pub mod tofu;
