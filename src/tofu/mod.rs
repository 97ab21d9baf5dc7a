//! OpenTofu's files: configuration and state.

pub mod config;
