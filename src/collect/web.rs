//! Requests to any address within the time of a run: what the API transport and the readers of state have in common.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use reqwest::redirect::{Attempt, Policy};
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::api_error::one_line;
use super::endpoint::is_loopback;
use super::settings::Settings;
use super::transport::{LONGEST, install_tls};

/// Tries of a request that may pass: a state is one request, and somebody waits for it.
const TRIES: usize = 4;

/// How many redirects are followed.
const MOST_REDIRECTS: usize = 10;

/// What a server and its client show each other; PEM texts.
#[derive(Clone, Default)]
pub struct ClientTls {
    /// Whether any certificate will do.
    pub skip_verification: bool,
    /// Whom to trust besides.
    pub ca: Option<String>,
    /// The client's certificate and key, one behind the other.
    pub identity: Option<Zeroizing<String>>,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebError {
    /// Nothing secret is sent to such an address: why.
    Unsafe(String),
    /// A text that should be PEM is none: what it was to be.
    NotPem(&'static str),
    /// The answer is larger than so many bytes.
    TooLarge(usize),
    /// The host was not reached, or did not answer to the end: the host and the cause.
    Unreachable(String, String),
}

/// What is asked.
pub struct Asked<'a> {
    /// The whole URL.
    pub url: &'a str,
    /// Headers to send.
    pub headers: HeaderMap,
    /// Of a POST, what is sent, as JSON. A request without is a GET.
    pub body: Option<String>,
    /// TLS settings.
    pub tls: ClientTls,
}

/// Sends requests until a common deadline.
pub struct Web {
    settings: Settings,
    deadline: Instant,
    /// The largest answer taken, in bytes.
    largest: usize,
}

impl Web {
    /// A client whose time runs from now.
    pub fn new(settings: &Settings, largest: usize) -> Self {
        install_tls();
        let settings = Settings {
            tries: settings.tries.min(TRIES),
            ..settings.clone()
        };
        Self {
            deadline: Instant::now() + settings.timeout.min(LONGEST),
            settings,
            largest,
        }
    }

    /// Asks until there is an answer that stands, or no time left.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn send(&self, asked: Asked<'_>) -> Result<Answer, WebError> {
        let secret = !asked.headers.is_empty() || asked.body.is_some();
        if secret {
            safe(asked.url)?;
        }
        let host = host(asked.url);
        let client = client(&self.settings, &asked.tls, secret)?;
        let mut delays = delays(&self.settings);
        loop {
            let answer = self.attempt(&client, &asked).await;
            let after = match &answer {
                Ok(answer) if passes(answer.status) => {
                    retry_after(&answer.headers, SystemTime::now())
                }
                Ok(_) | Err(Unread::TooLarge) => None,
                Err(Unread::Broken(error)) if error.is_builder() || error.is_redirect() => None,
                Err(Unread::Broken(_)) => Some(Duration::ZERO),
            };
            let again = match &answer {
                Ok(answer) => passes(answer.status),
                Err(_) => after.is_some(),
            };
            let delay = delays.next().filter(|_| again);
            let delay = delay.map(|delay| after.map_or(delay, |after| after.max(delay)));
            let next = delay.and_then(|delay| Instant::now().checked_add(delay));
            match (next.filter(|next| *next < self.deadline), answer) {
                (Some(next), _) => tokio::time::sleep_until(next).await,
                (None, Ok(answer)) => return Ok(answer),
                (None, Err(Unread::TooLarge)) => return Err(WebError::TooLarge(self.largest)),
                (None, Err(Unread::Broken(error))) => {
                    let cause = if error.is_timeout() {
                        self.too_slow()
                    } else {
                        cause(&error)
                    };
                    return Err(WebError::Unreachable(host, cause));
                }
            }
        }
    }

    fn too_slow(&self) -> String {
        if self.left().is_zero() {
            out_of_time(&self.settings)
        } else {
            format!(
                "no answer within {} s",
                self.settings.request_timeout.as_secs_f32()
            )
        }
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    async fn attempt(&self, client: &reqwest::Client, asked: &Asked<'_>) -> Result<Answer, Unread> {
        let request = match &asked.body {
            Some(body) => client
                .post(asked.url)
                .header("content-type", "application/json")
                .body(body.clone()),
            None => client.get(asked.url),
        };
        let answer = request
            .headers(asked.headers.clone())
            .timeout(self.settings.request_timeout.min(self.left()))
            .send()
            .await
            .map_err(Unread::Broken)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Ok(Answer {
            status: status.as_u16(),
            headers,
            body: body(answer, self.largest).await?,
        })
    }
}

/// Why a body was not read.
pub(super) enum Unread {
    Broken(reqwest::Error),
    TooLarge,
}

/// Reads an answer to its end.
pub(super) async fn body(mut answer: reqwest::Response, largest: usize) -> Result<Vec<u8>, Unread> {
    let expected = answer
        .content_length()
        .and_then(|size| usize::try_from(size).ok());
    let mut body = Vec::with_capacity(expected.unwrap_or(0).min(largest).min(1 << 20));
    while let Some(chunk) = answer.chunk().await.map_err(Unread::Broken)? {
        if body.len() + chunk.len() > largest {
            return Err(Unread::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The pauses between tries of one request.
pub(super) fn delays(settings: &Settings) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(settings.backoff)
        .with_max_delay(settings.backoff_max)
        .with_max_times(settings.tries.saturating_sub(1))
        .with_jitter()
        .build()
}

/// What every client has.
pub(super) fn builder(settings: &Settings) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("driftline/", env!("CARGO_PKG_VERSION")))
        .retry(reqwest::retry::never())
        .connect_timeout(settings.connect_timeout)
        .tcp_nodelay(true)
}

/// How long the other side asks to wait, in either form of the header.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than a number can hold is as good as for ever.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(now).unwrap_or_default())
}

/// What is said of a request that found no place within the time of the run.
pub(super) fn out_of_time(settings: &Settings) -> String {
    format!(
        "not answered within the {} s that --timeout allows the run",
        settings.timeout.as_secs_f32()
    )
}

/// The innermost cause, in one line: the outer ones repeat it, with the URL.
pub(super) fn cause(error: &dyn std::error::Error) -> String {
    let mut at = error;
    while let Some(inner) = at.source() {
        at = inner;
    }
    one_line(&at.to_string())
}

/// Whether an answer of this status may be another one soon.
fn passes(status: u16) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS.as_u16() || status >= 500
}

/// Whether something secret may be sent there: encrypted, or to this machine.
fn safe(url: &str) -> Result<(), WebError> {
    let parsed = reqwest::Url::parse(url)
        .map_err(|error| WebError::Unreachable(host(url), format!("not a URL: {error}")))?;
    let loopback = parsed.host_str().is_some_and(is_loopback);
    match parsed.scheme() {
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        scheme => Err(WebError::Unsafe(format!(
            "credentials are not sent over `{scheme}://` to {}",
            host(url)
        ))),
    }
}

/// The host of a URL, with its port, without a login.
fn host(url: &str) -> String {
    let host = url.split('/').nth(2).unwrap_or_default();
    let host = host.split('?').next().unwrap_or(host);
    host.rsplit('@').next().unwrap_or(host).to_owned()
}

/// A client; one that carries secrets follows no redirect to anybody else.
fn client(settings: &Settings, tls: &ClientTls, secret: bool) -> Result<reqwest::Client, WebError> {
    let policy = move |attempt: Attempt<'_>| {
        let from = attempt.previous().first();
        let elsewhere = from.is_some_and(|from| from.origin() != attempt.url().origin());
        if attempt.previous().len() > MOST_REDIRECTS {
            attempt.error("redirected too often")
        } else if secret && elsewhere {
            attempt.stop()
        } else {
            attempt.follow()
        }
    };
    let mut builder = builder(settings).redirect(Policy::custom(policy));
    if tls.skip_verification {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    if let Some(ca) = &tls.ca {
        let certificate = reqwest::Certificate::from_pem(ca.as_bytes())
            .map_err(|_| WebError::NotPem("client_ca_certificate_pem"))?;
        builder = builder.add_root_certificate(certificate);
    }
    if let Some(pem) = &tls.identity {
        let identity = reqwest::Identity::from_pem(pem.as_bytes());
        builder =
            builder.identity(identity.map_err(|_| WebError::NotPem("the client certificate"))?);
    }
    let made = builder.build();
    made.map_err(|error| WebError::Unreachable(String::new(), cause(&error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::HeaderValue;

    #[test]
    fn both_forms_of_retry_after() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let wait = |text: &'static str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]);
            retry_after(&headers, now).map(|d| d.as_secs())
        };
        assert_eq!(wait("7"), Some(7));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:47 GMT"), Some(10));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:27 GMT"), Some(0));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("99999999999999999999999"), Some(u64::MAX));
    }

    #[test]
    fn secrets_go_to_loopback_or_encrypted() {
        for url in [
            "https://h.example/x",
            "http://127.0.0.1:1/",
            "http://[::1]/",
        ] {
            assert_eq!(safe(url), Ok(()), "{url}");
        }
        let refused = safe("http://me:secret@h.example:80/x").unwrap_err();
        let said = "credentials are not sent over `http://` to h.example:80";
        assert_eq!(refused, WebError::Unsafe(said.to_owned()));
        assert!(safe("ftp://h.example/").is_err() && safe("x").is_err());
    }
}
