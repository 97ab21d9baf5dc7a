//! The network, as far as reading state needs it; whoever has credentials implements it.

use std::fmt;

use futures_util::future::BoxFuture;

use crate::tofu::root::GoogleCredentials;

/// A GET request.
#[derive(Clone, Default)]
pub struct Request {
    /// The whole URL.
    pub url: String,
    /// Headers to send, secrets among them.
    pub headers: Vec<(String, String)>,
    /// Whose Google credentials to add; nothing for a request that needs none.
    pub google: Option<GoogleCredentials>,
    /// TLS settings of the `http` backend.
    pub tls: Tls,
}

/// TLS settings of the `http` backend; PEM texts.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// `skip_cert_verification`.
    pub skip_verification: bool,
    /// `client_ca_certificate_pem`: whom to trust.
    pub ca: Option<String>,
    /// `client_certificate_pem`.
    pub certificate: Option<String>,
    /// `client_private_key_pem`.
    pub key: Option<String>,
}

impl fmt::Debug for Request {
    /// The URL without its query; no header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.split('?').next().unwrap_or_default())
    }
}

/// The answer to a request, whatever its status.
#[derive(Clone, Default)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.status, self.body.len())
    }
}

/// Why there is no answer: no network, no credentials. One line with nothing secret in it, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchError {
    /// What went wrong.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

/// Sends GET requests, retries what is worth it, and follows redirects.
pub trait Fetch: Send + Sync {
    /// Sends one request; an answer of any status is an answer.
    fn get<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, FetchError>>;
}
