//! Encrypted state, as OpenTofu 1.7 and later write it.
//!
//! The envelope names the key providers it was sealed with; the `encryption` configuration (and `TF_ENCRYPTION`) says how
//! their keys are had and which methods to try, in order. What can be told apart is: a key that is not the one
//! ([`StateErrorKind::WrongKey`]), a key provider that is not configured ([`StateErrorKind::MissingKeyProvider`]) and a
//! text that is not what was written ([`StateErrorKind::Tampered`]).

mod cipher;
mod envelope;
mod keys;
mod kms;
mod merge;
mod open;
mod passphrase;
mod settings;

pub use envelope::Envelope;
pub use kms::{KmsDecrypt, KmsError, KmsKeys, KmsRefused, KmsRequest};
pub use settings::{Encryption, KeyProvider, KeySource, Method, Sealing};

#[cfg(doc)]
use crate::tofu::state::StateErrorKind;
