//! The network for reading state: GET requests to where backends keep it, and the one POST that unwraps a state's key.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::collect::{Credentials, Settings};
use crate::tofu::backend::{Fetch, FetchError, Request, Response, Tls};
use crate::tofu::encryption::{KmsDecrypt, KmsError, KmsRequest};
use crate::tofu::root::GoogleCredentials;

/// Time for one request.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Tries of a request that may pass.
const TRIES: u32 = 4;

/// The largest answer taken, in bytes; larger ones are refused, never cut.
const LARGEST: usize = 4 << 30;

/// Sends the requests that reading state needs.
pub struct Network {
    settings: Settings,
    /// Credentials that were asked for, so that each token is fetched once.
    credentials: Mutex<BTreeMap<GoogleCredentials, std::sync::Arc<Credentials>>>,
    /// Whether Cloud KMS may be asked to unwrap a key.
    kms: bool,
    kms_endpoint: String,
    /// The largest answer taken, in bytes.
    largest: usize,
}

impl Network {
    /// A network with the provider's settings; `kms` allows the one POST.
    pub fn new(settings: Settings, kms: bool) -> Self {
        let own = std::env::var("GOOGLE_KMS_CUSTOM_ENDPOINT")
            .ok()
            .filter(|url| !url.is_empty());
        let kms_endpoint = own.unwrap_or_else(|| "https://cloudkms.googleapis.com/v1/".to_owned());
        Self {
            settings,
            credentials: Mutex::default(),
            kms,
            kms_endpoint,
            largest: LARGEST,
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
            .map_err(|(message, _)| failed(message))
    }

    async fn send(&self, request: &Request) -> Result<Response, FetchError> {
        let client = client(&request.tls)?;
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
        let mut delay = Duration::from_millis(200);
        for attempt in 1..=TRIES {
            let answer = match client
                .get(&request.url)
                .headers(headers.clone())
                .send()
                .await
            {
                Ok(answer) => read(answer, self.largest).await,
                Err(error) => Err(error.into()),
            };
            match answer {
                Ok(response)
                    if attempt == TRIES || !(response.status == 429 || response.status >= 500) =>
                {
                    return Ok(response);
                }
                Err(Unread::TooLarge) => return Err(too_large(self.largest)),
                Err(Unread::Failed(error)) if attempt == TRIES || error.is_builder() => {
                    return Err(unreachable(request, error));
                }
                _ => tokio::time::sleep(delay).await,
            }
            delay *= 2;
        }
        Err(FetchError {
            message: "there was no answer".to_owned(),
            hint: String::new(),
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
        let client = client(&Tls::default()).map_err(|error| failed(error.message))?;
        let sending = client
            .post(&url)
            .headers(headers)
            .header("content-type", "application/json")
            .body(body.to_string());
        let answer = sending.send().await.map_err(|error| {
            failed(format!(
                "Cloud KMS was not reached: {}",
                error.without_url()
            ))
        })?;
        let response = read(answer, self.largest)
            .await
            .map_err(|_| failed("Cloud KMS did not answer to the end".to_owned()))?;
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

/// A client with the TLS settings of a backend.
fn client(tls: &Tls) -> Result<reqwest::Client, FetchError> {
    crate::collect::install_tls();
    let wrong = |what: &str| FetchError {
        message: format!("{what} of the backend is not PEM"),
        hint: String::new(),
    };
    let mut builder = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .connect_timeout(Duration::from_secs(10));
    if tls.skip_verification {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    if let Some(ca) = &tls.ca {
        let certificate = reqwest::Certificate::from_pem(ca.as_bytes())
            .map_err(|_| wrong("client_ca_certificate_pem"))?;
        builder = builder.add_root_certificate(certificate);
    }
    if let (Some(certificate), Some(key)) = (&tls.certificate, &tls.key) {
        let pem = Zeroizing::new(format!("{certificate}\n{key}"));
        builder = builder.identity(
            reqwest::Identity::from_pem(pem.as_bytes())
                .map_err(|_| wrong("the client certificate"))?,
        );
    }
    builder.build().map_err(|error| FetchError {
        message: format!("no connection can be made: {error}"),
        hint: String::new(),
    })
}

/// Why a body was not read.
enum Unread {
    Failed(reqwest::Error),
    TooLarge,
}

impl From<reqwest::Error> for Unread {
    fn from(error: reqwest::Error) -> Self {
        Self::Failed(error)
    }
}

/// The complaint about an answer that is larger than anything expected: half a state is worse than none.
fn too_large(largest: usize) -> FetchError {
    FetchError {
        message: format!("the answer is larger than {largest} bytes, the most that is taken"),
        hint:
            "is it a state? one that large can be handed over as a file: `tofu state pull > FILE`"
                .to_owned(),
    }
}

/// Reads an answer to its end.
async fn read(mut answer: reqwest::Response, largest: usize) -> Result<Response, Unread> {
    let status = answer.status().as_u16();
    let text = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers = answer.headers().iter().filter_map(text).collect();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > largest {
            return Err(Unread::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response {
        status,
        headers,
        body,
    })
}

fn unreachable(request: &Request, error: reqwest::Error) -> FetchError {
    let host = request.url.split('/').nth(2).unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or(host);
    FetchError {
        message: format!("{host} was not reached: {}", error.without_url()),
        hint: "check the address, the network and NO_PROXY".to_owned(),
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
        let mut network = Network::new(Settings::default(), false);
        network.largest = 100;
        assert_eq!(network.get(&request).await.unwrap().body.len(), 100);
        network.largest = 99;
        let error = network.get(&request).await.expect_err("too large");
        assert_eq!(
            error.message,
            "the answer is larger than 99 bytes, the most that is taken"
        );
    }
}
