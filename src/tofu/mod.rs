//! What OpenTofu knows: its state, wherever that is kept and however it is sealed.

pub mod backend;
pub mod encryption;
pub mod root;
pub mod state;
