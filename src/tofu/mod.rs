//! What OpenTofu knows: its state, wherever that is kept and however it is sealed.

pub mod state;
