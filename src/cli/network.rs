//! The network for reading state: GET requests to where backends keep it, and the one POST that unwraps a state's key.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::collect::{Asked, ClientTls, Credentials, Settings, Web, WebError};
use crate::tofu::backend::{Fetch, FetchError, Request, Response, Tls};
use crate::tofu::encryption::{KmsDecrypt, KmsError, KmsRequest};
use crate::tofu::root::GoogleCredentials;

/// The largest answer taken, in bytes; larger ones are refused, never cut.
const LARGEST: usize = 512 << 20;

/// Sends the requests that reading state needs.
pub struct Network {
    settings: Settings,
    web: Web,
    /// Credentials that were asked for, so that each token is fetched once.
    credentials: Mutex<BTreeMap<GoogleCredentials, std::sync::Arc<Credentials>>>,
    /// Whether Cloud KMS may be asked to unwrap a key.
    kms: bool,
    kms_endpoint: String,
}

impl Network {
    /// A network with the provider's settings; `kms` allows the one POST.
    pub fn new(settings: Settings, kms: bool) -> Self {
        Self::taking(settings, kms, LARGEST)
    }

    /// One that takes answers of so many bytes.
    fn taking(settings: Settings, kms: bool, largest: usize) -> Self {
        let own = std::env::var("GOOGLE_KMS_CUSTOM_ENDPOINT")
            .ok()
            .filter(|url| !url.is_empty());
        let kms_endpoint = own.unwrap_or_else(|| "https://cloudkms.googleapis.com/v1/".to_owned());
        Self {
            web: Web::new(&settings, largest),
            settings,
            credentials: Mutex::default(),
            kms,
            kms_endpoint,
        }
    }

    /// The headers of a Google credential.
    async fn google(&self, asked: &GoogleCredentials) -> Result<http::HeaderMap, FetchError> {
        let failed = |message: String| FetchError {
            message,
            hint: "`driftline doctor` looks at credentials".to_owned(),
        };
        let mut known = self.credentials.lock().await;
        let credentials = match known.get(asked) {
            Some(credentials) => credentials.clone(),
            None => {
                let mut settings = self.settings.clone();
                let own = &mut settings.credentials;
                own.access_token = asked.access_token.clone().or(own.access_token.take());
                own.key = asked
                    .credentials
                    .clone()
                    .map(|key| ("the backend's credentials".to_owned(), key))
                    .or(own.key.take());
                own.impersonate = asked.impersonate.clone().or(own.impersonate.take());
                if !asked.delegates.is_empty() {
                    own.delegates = asked.delegates.clone();
                }
                let found = std::sync::Arc::new(
                    Credentials::find(&settings)
                        .await
                        .map_err(|error| failed(error.to_string()))?,
                );
                known.insert(asked.clone(), found.clone());
                found
            }
        };
        credentials
            .headers(self.settings.token_timeout)
            .await
            .map_err(|no| failed(format!("{}; {}", no.detail, no.fix())))
    }

    async fn send(&self, request: &Request) -> Result<Response, FetchError> {
        let mut headers = match &request.google {
            Some(asked) => self.google(asked).await?,
            None => http::HeaderMap::new(),
        };
        for (name, value) in &request.headers {
            let (Ok(name), Ok(mut value)) = (
                http::HeaderName::try_from(name),
                http::HeaderValue::try_from(value),
            ) else {
                return Err(FetchError {
                    message: format!("header `{name}` cannot be sent"),
                    hint: String::new(),
                });
            };
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let asked = Asked {
            url: &request.url,
            headers,
            body: None,
            tls: tls(&request.tls),
        };
        let answer = self.web.send(asked).await.map_err(failed)?;
        let text = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        Ok(Response {
            status: answer.status,
            headers: answer.headers.iter().filter_map(text).collect(),
            body: answer.body,
        })
    }

    async fn unwrap(&self, request: &KmsRequest) -> Result<Zeroizing<Vec<u8>>, KmsError> {
        let failed = |message: String| KmsError::Failed {
            message,
            hint: "the key's permission is cloudkms.cryptoKeyVersions.useToDecrypt".to_owned(),
        };
        let headers = self
            .google(&request.credentials)
            .await
            .map_err(|error| failed(error.message))?;
        let mut body = serde_json::json!({"ciphertext": request.ciphertext});
        if let Some(data) = &request.additional_data {
            body["additionalAuthenticatedData"] = data.as_str().into();
        }
        let url = format!("{}{}:decrypt", self.kms_endpoint, request.key);
        let asked = Asked {
            url: &url,
            headers,
            body: Some(body.to_string()),
            tls: ClientTls::default(),
        };
        let response = self.web.send(asked).await;
        let response = response.map_err(|error| failed(self::failed(error).message))?;
        match response.status {
            200 => {
                let answer: Unwrapped =
                    serde_json::from_slice(&response.body).map_err(|error| {
                        failed(format!("Cloud KMS answered something else: {error}"))
                    })?;
                let text = Zeroizing::new(answer.plaintext);
                BASE64_STANDARD
                    .decode(text.as_bytes())
                    .map(Zeroizing::new)
                    .map_err(|_| failed("Cloud KMS answered something else".to_owned()))
            }
            400 => Err(KmsError::NotWrapped),
            status => Err(failed(format!(
                "Cloud KMS refused to unwrap with {}: status {status}",
                request.key
            ))),
        }
    }
}

#[derive(Deserialize)]
struct Unwrapped {
    plaintext: String,
}

impl Fetch for Network {
    fn get<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, FetchError>> {
        Box::pin(self.send(request))
    }
}

impl KmsDecrypt for Network {
    fn decrypt<'a>(
        &'a self,
        request: &'a KmsRequest,
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, KmsError>> {
        if !self.kms {
            return crate::tofu::encryption::KmsRefused.decrypt(request);
        }
        Box::pin(self.unwrap(request))
    }
}

/// The TLS settings of a backend, as the client takes them.
fn tls(asked: &Tls) -> ClientTls {
    let pair = asked.certificate.as_ref().zip(asked.key.as_ref());
    ClientTls {
        skip_verification: asked.skip_verification,
        ca: asked.ca.clone(),
        identity: pair.map(|(certificate, key)| Zeroizing::new(format!("{certificate}\n{key}"))),
    }
}

/// What is said of a request without an answer, and what to do. Half a state is worse than none.
fn failed(error: WebError) -> FetchError {
    let (message, hint) = match error {
        WebError::Unsafe(why) => (why, "use https; plain http is for loopback addresses only"),
        WebError::NotPem(what) => (format!("{what} of the backend is not PEM"), ""),
        WebError::TooLarge(largest) => (
            format!("the answer is larger than {largest} bytes, the most that is taken"),
            "is it a state? one that large can be handed over as a file: `tofu state pull > FILE`",
        ),
        WebError::Unreachable(host, cause) => (
            format!("{host} was not reached: {cause}"),
            "check the address, the network and NO_PROXY",
        ),
    };
    FetchError {
        message,
        hint: hint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn an_answer_beyond_the_limit_is_an_error_and_none_is_cut() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/state", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let reply = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{}",
                    "x".repeat(100)
                );
                stream.write_all(reply.as_bytes()).await.unwrap();
            }
        });
        let request = Request {
            url,
            ..Request::default()
        };
        let network = Network::taking(Settings::default(), false, 100);
        assert_eq!(network.get(&request).await.unwrap().body.len(), 100);
        let network = Network::taking(Settings::default(), false, 99);
        let error = network.get(&request).await.expect_err("too large");
        assert_eq!(
            error.message,
            "the answer is larger than 99 bytes, the most that is taken"
        );
    }
}
