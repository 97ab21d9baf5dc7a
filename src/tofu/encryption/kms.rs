//! Cloud KMS, which unwraps the key of the `gcp_kms` key provider.

use std::collections::BTreeMap;
use std::fmt;

use futures_util::future::BoxFuture;
use zeroize::Zeroizing;

use super::Encryption;
use super::envelope::Envelope;

/// What to ask Cloud KMS for: `POST https://cloudkms.googleapis.com/v1/KEY:decrypt`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KmsRequest {
    /// The resource name of the crypto key: `projects/…/cryptoKeys/…`.
    pub key: String,
    /// The wrapped key, base64 as in the request body.
    pub ciphertext: String,
    /// Additional authenticated data, base64 as in the request body, where configured.
    pub additional_data: Option<String>,
    /// With which credentials to ask.
    pub credentials: crate::tofu::root::GoogleCredentials,
}

impl fmt::Debug for KmsRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "decrypt with {}", self.key)
    }
}

/// Why Cloud KMS did not unwrap a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KmsError {
    /// The API was reached and says that this key did not wrap that text (status 400).
    NotWrapped,
    /// Anything else: no permission, no network, not allowed by the user. One line, and what to do about it.
    Failed {
        /// What went wrong.
        message: String,
        /// What to do about it.
        hint: String,
    },
}

/// The one request other than GET that reading state can need.
pub trait KmsDecrypt: Send + Sync {
    /// Unwraps a key.
    fn decrypt<'a>(
        &'a self,
        request: &'a KmsRequest,
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, KmsError>>;
}

/// The answer while the user has not allowed the request.
pub struct KmsRefused;

impl KmsDecrypt for KmsRefused {
    fn decrypt<'a>(
        &'a self,
        _: &'a KmsRequest,
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, KmsError>> {
        let refused = KmsError::Failed {
            message: "the key of this state is wrapped by Cloud KMS, and unwrapping it is a POST request".into(),
            hint: "allow it with --allow-kms-decrypt (it needs the permission cloudkms.cryptoKeyVersions.useToDecrypt), or hand the state \
                   over opened: `tofu state pull | driftline drift --state -`"
                .into(),
        };
        Box::pin(std::future::ready(Err(refused)))
    }
}

/// What Cloud KMS answered, by request.
#[derive(Default)]
pub struct KmsKeys(BTreeMap<KmsRequest, Result<Zeroizing<Vec<u8>>, KmsError>>);

impl KmsKeys {
    /// Asks for every wrapped key that opening an envelope may need.
    pub async fn unwrap_for(
        encryption: &Encryption,
        envelope: &Envelope,
        kms: &dyn KmsDecrypt,
    ) -> Self {
        let mut keys = Self::default();
        for request in encryption.kms_requests(envelope) {
            let answer = kms.decrypt(&request).await;
            keys.0.insert(request, answer);
        }
        keys
    }

    pub(super) fn get(
        &self,
        request: &KmsRequest,
    ) -> Option<&Result<Zeroizing<Vec<u8>>, KmsError>> {
        self.0.get(request)
    }
}
