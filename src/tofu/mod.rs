//! What OpenTofu knows: its configuration, and its state, wherever that is kept and however it is sealed.

pub mod backend;
pub mod config;
pub mod encryption;
mod grounds;
pub mod root;
pub mod state;
