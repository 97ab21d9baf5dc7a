//! What an audit finds, and what becomes of it from run to run.
//!
//! ```text
//! Outlook ─ gather ─▶ TargetRun … ─ Run::assemble ─▶ Run ⇄ one NDJSON file
//!                                                    │ fold over earlier runs, with the Policy (ignore rules, baseline)
//!                                                    ▼
//!                                                  Audit ─▶ render: every format shows the same findings and totals
//! ```
//!
//! - A finding is one object (or address) and class. Its identity is made of neither values, lines nor sentences, so that it
//!   outlives runs.
//! - Age, new, resolved and reopened are folds over runs; nothing else remembers.
//! - What a run did not look at, or could not read, is never resolved by it.

mod audit;
mod cause;
mod checks;
mod file;
mod finding;
mod gather;
mod life;
mod owners;
mod policy;
mod run;
mod severity;

pub use audit::{Audit, Life, Point, Totals, Tracked};
pub use cause::{Cause, CauseKind};
pub use checks::{Asked, checked};
pub use file::{AuditFile, AuditSection, IgnoreFile, Name, ReportSection, SCHEMA, TargetSection};
pub use finding::{ChangeRecord, Class, Evidence, Finding, Known, RuleRecord, Severity};
pub use gather::{TargetRun, Told, gather};
pub use life::fold;
pub use owners::Owners;
pub use policy::{Acceptance, Baseline, By, Entry, FailOn, Glob, Policy, Rule, Verdict};
pub use run::{GapRecord, Presence, Run, RunError, TargetRecord, UnknownRecord, moment};
