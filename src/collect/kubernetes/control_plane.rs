//! What is otherwise with a control plane than with Google's APIs: whom to trust, and which headers are sent.

use std::sync::OnceLock;

use http::HeaderMap;

/// A control plane, as the transport sees it.
#[derive(Debug, Default)]
pub(in crate::collect) struct ControlPlane {
    /// The one certificate (PEM) to trust, in place of all public authorities.
    pub certificate: Option<Vec<u8>>,
    /// Whether headers that are meant for Google's APIs are sent: to the gateway, which is one.
    pub google: bool,
    /// The client, made when first needed.
    pub client: OnceLock<Result<reqwest::Client, String>>,
}

impl ControlPlane {
    /// One that is trusted so.
    pub fn new(certificate: Option<Vec<u8>>, google: bool) -> Self {
        Self {
            certificate,
            google,
            ..Self::default()
        }
    }
}

/// Takes out every header but the token.
pub(in crate::collect) fn only_token(headers: &mut HeaderMap) {
    let token = headers.remove(http::header::AUTHORIZATION);
    headers.clear();
    headers.extend(token.map(|token| (http::header::AUTHORIZATION, token)));
}
