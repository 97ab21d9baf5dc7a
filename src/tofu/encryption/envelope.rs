//! The JSON around encrypted data.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::GeneralPurposeConfig;
use base64::engine::general_purpose::GeneralPurpose;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::tofu::state::{StateError, StateErrorKind};

/// The standard alphabet with padding; like Go's decoder, it does not mind stray bits in the last character.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// An encrypted state, taken apart but not opened.
pub struct Envelope {
    /// Where it came from.
    pub source: String,
    /// The serial written outside the encrypted text.
    pub serial: Option<u64>,
    /// The lineage written outside the encrypted text.
    pub lineage: Option<String>,
    /// What key providers left, as JSON text, by `key_provider.TYPE.NAME` or alias.
    pub meta: BTreeMap<String, Vec<u8>>,
    /// Nonce, ciphertext and tag.
    pub data: Vec<u8>,
}

#[derive(Deserialize)]
struct Document<'a> {
    serial: Option<u64>,
    lineage: Option<String>,
    #[serde(borrow)]
    meta: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(borrow)]
    encrypted_data: Option<&'a RawValue>,
}

impl Envelope {
    /// Takes an envelope apart.
    ///
    /// # Errors
    /// [`StateErrorKind::Tampered`] for whatever tofu would not have written.
    pub fn parse(source: &str, text: &str) -> Result<Self, StateError> {
        let tampered = |what: &str| tampered(source, what);
        let document: Document<'_> = serde_json::from_str(text).map_err(|_| {
            tampered("a member of the envelope has a type that tofu does not write")
        })?;
        let decode = |raw: &RawValue, what: &str| {
            // Base64 needs no JSON escape but for `/`, which some writers escape.
            let inner: String = serde_json::from_str(raw.get())
                .map_err(|_| tampered(&format!("{what} is no text")))?;
            BASE64
                .decode(inner)
                .map_err(|_| tampered(&format!("{what} is not valid base64")))
        };
        let mut meta = BTreeMap::new();
        for (name, raw) in document.meta.unwrap_or_default() {
            let bytes = decode(raw, &format!("the metadata of `{name}`"))?;
            meta.insert(name, bytes);
        }
        let raw = document
            .encrypted_data
            .ok_or_else(|| tampered("the encrypted data is missing"))?;
        let data = decode(raw, "the encrypted data")?;
        Ok(Self {
            source: source.to_owned(),
            serial: document.serial,
            lineage: document.lineage,
            meta,
            data,
        })
    }

    /// Compares what stands outside the encrypted text with what stands inside.
    ///
    /// # Errors
    /// [`StateErrorKind::Tampered`] when they differ: tofu writes both from one document.
    pub fn agrees(&self, serial: u64, lineage: &str) -> Result<(), StateError> {
        if self.serial.is_some_and(|outside| outside != serial) {
            return Err(tampered(
                &self.source,
                "the serial outside the encrypted text is not the one inside",
            ));
        }
        let outside = self.lineage.as_deref().unwrap_or_default();
        if !outside.is_empty() && outside != lineage {
            return Err(tampered(
                &self.source,
                "the lineage outside the encrypted text is not the one inside",
            ));
        }
        Ok(())
    }
}

/// The complaint about a text that is not as tofu wrote it.
pub(super) fn tampered(source: &str, what: &str) -> StateError {
    StateError::new(
        StateErrorKind::Tampered,
        source,
        format!("the encrypted state was changed after it was written: {what}"),
    )
    .hint("restore it from a backup (`terraform.tfstate.backup`) or the backend's history")
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "encrypted state, {} bytes, keys of {:?}",
            self.data.len(),
            self.meta.keys().collect::<Vec<_>>()
        )
    }
}
