//! The tests that need nothing but this checkout, a file a subject: `cargo test --test suite cli::` runs those of `cli.rs`.
//! One binary, for linking one for each subject takes longer than running them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod access;
mod audit;
mod backends;
mod check;
mod cli;
mod collect;
mod config;
mod corpus;
mod data_services;
mod data_sources;
mod encrypted;
mod hostile;
mod inputs;
mod junit;
mod kubernetes;
mod leaks;
mod looks;
mod matching;
mod matrix;
mod pipeline;
mod projects;
mod providers;
mod quota;
mod readme;
mod recipes;
mod requests;
mod risks;
mod rules;
mod schemas;
mod secrets;
mod snapshot;
mod snapshots;
mod state;
mod suggest;
#[path = "../support/mod.rs"]
mod support;
