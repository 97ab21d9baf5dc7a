//! Keys: what a key provider yields for the metadata that an envelope holds.

use std::num::NonZeroU32;

use base64::Engine as _;
use ring::pbkdf2;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::envelope::{BASE64, Envelope};
use super::kms::{KmsError, KmsKeys, KmsRequest};
use super::settings::{Encryption, KeySource};
/// More rounds than anyone would wait for: a number that was changed, not chosen.
const ITERATIONS_LIMIT: u32 = 100_000_000;

/// Why there is no key.
pub(super) enum NoKey {
    /// The envelope holds no metadata of this name: something else sealed it.
    NotUsed,
    /// The `encryption` block does not declare the key provider that is referred to.
    Undeclared(String),
    /// The metadata is not what a key provider leaves.
    Changed(String),
    /// KMS says that another key wrapped it.
    NotWrapped(String),
    /// The passphrase or the name of the key is not known, or KMS did not answer: what, and what to do.
    Unavailable(String, String),
    /// A type without support.
    Unsupported(String),
}

/// What `pbkdf2` leaves.
#[derive(Deserialize)]
struct Derivation {
    salt: String,
    iterations: u32,
    hash_function: String,
    key_length: usize,
}

/// What `gcp_kms` leaves.
#[derive(Deserialize)]
struct Wrapped {
    ciphertext: String,
}

impl Encryption {
    /// The key that a key provider (`TYPE.NAME`) yields for an envelope.
    pub(super) fn key(
        &self,
        address: &str,
        envelope: &Envelope,
        kms: &KmsKeys,
    ) -> Result<Zeroizing<Vec<u8>>, NoKey> {
        self.key_at(address, envelope, kms, 0)
    }

    fn key_at(
        &self,
        address: &str,
        envelope: &Envelope,
        kms: &KmsKeys,
        depth: usize,
    ) -> Result<Zeroizing<Vec<u8>>, NoKey> {
        let provider = self
            .providers
            .get(address)
            .ok_or_else(|| NoKey::Undeclared(address.to_owned()))?;
        if depth > self.providers.len() {
            return Err(NoKey::Unavailable(
                format!("the key provider `{address}` is chained to itself"),
                String::new(),
            ));
        }
        if let KeySource::Unsupported(kind) = &provider.source {
            return Err(NoKey::Unsupported(kind.clone()));
        }
        let meta = envelope.meta.get(&provider.meta).ok_or(NoKey::NotUsed)?;
        let changed = || NoKey::Changed(provider.meta.clone());
        let secret = match &provider.source {
            KeySource::Unsupported(_) => return Err(changed()),
            KeySource::CloudKms { .. } => {
                let request = self
                    .kms_request(address, envelope)
                    .ok_or_else(|| self.kms_key_unknown(address, changed))?;
                return match kms.get(&request) {
                    Some(Ok(key)) => Ok(key.clone()),
                    Some(Err(KmsError::NotWrapped)) => Err(NoKey::NotWrapped(request.key)),
                    Some(Err(KmsError::Failed { message, hint })) => {
                        Err(NoKey::Unavailable(message.clone(), hint.clone()))
                    }
                    None => Err(NoKey::Unavailable(
                        "Cloud KMS was not asked".into(),
                        String::new(),
                    )),
                };
            }
            KeySource::Chain(upstream) => self.key_at(upstream, envelope, kms, depth + 1)?,
            KeySource::Passphrase(Ok(passphrase)) => Zeroizing::new(passphrase.as_bytes().to_vec()),
            KeySource::Passphrase(Err(reason)) => {
                let message =
                    format!("the passphrase of `key_provider.{address}` is not known: {reason}");
                return Err(NoKey::Unavailable(
                    message,
                    "give it as tofu gets it: TF_ENCRYPTION, TF_VAR_…, or a tfvars file".into(),
                ));
            }
        };
        derive(&secret, meta).ok_or_else(changed)
    }

    fn kms_key_unknown(&self, address: &str, changed: impl Fn() -> NoKey) -> NoKey {
        match self.providers.get(address).map(|provider| &provider.source) {
            Some(KeySource::CloudKms {
                key: Err(reason), ..
            }) => NoKey::Unavailable(
                format!("the crypto key of `key_provider.{address}` is not known: {reason}"),
                "set `kms_encryption_key`, or the variable it is made of".into(),
            ),
            _ => changed(),
        }
    }

    /// What to ask Cloud KMS about one key provider; nothing when it is of another type or left no metadata.
    fn kms_request(&self, address: &str, envelope: &Envelope) -> Option<KmsRequest> {
        let provider = self.providers.get(address)?;
        let KeySource::CloudKms {
            key: Ok(key),
            additional_data,
            credentials,
        } = &provider.source
        else {
            return None;
        };
        let wrapped: Wrapped = serde_json::from_slice(envelope.meta.get(&provider.meta)?).ok()?;
        BASE64
            .decode(&wrapped.ciphertext)
            .ok()
            .filter(|bytes| !bytes.is_empty())?;
        Some(KmsRequest {
            key: key.clone(),
            ciphertext: wrapped.ciphertext,
            additional_data: additional_data.clone(),
            credentials: credentials.clone(),
        })
    }

    /// Every question to Cloud KMS that opening an envelope can need.
    pub fn kms_requests(&self, envelope: &Envelope) -> Vec<KmsRequest> {
        self.providers
            .keys()
            .filter_map(|address| self.kms_request(address, envelope))
            .collect()
    }
}

/// PBKDF2 with the numbers that the metadata has, whatever the configuration says today.
fn derive(secret: &[u8], meta: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let meta: Derivation = serde_json::from_slice(meta).ok()?;
    let salt = BASE64
        .decode(&meta.salt)
        .ok()
        .filter(|salt| !salt.is_empty())?;
    let rounds =
        NonZeroU32::new(meta.iterations).filter(|rounds| rounds.get() <= ITERATIONS_LIMIT)?;
    let algorithm = match meta.hash_function.as_str() {
        "sha256" => pbkdf2::PBKDF2_HMAC_SHA256,
        "sha512" => pbkdf2::PBKDF2_HMAC_SHA512,
        _ => return None,
    };
    if !(1..=1024).contains(&meta.key_length) {
        return None;
    }
    let mut key = Zeroizing::new(vec![0_u8; meta.key_length]);
    pbkdf2::derive(algorithm, rounds, &salt, secret, &mut key);
    Some(key)
}
