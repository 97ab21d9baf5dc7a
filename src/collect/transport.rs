//! Requests and their retries. Nothing but a read can be sent: [`Method`] has no word for anything else.

use std::sync::{Mutex, Once, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue, LOCATION};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::api_error::{ApiError, Failure, one_line};
use super::credentials::Credentials;
use super::endpoint::Endpoint;
use super::kubernetes::{Collection, ControlPlane, only_token};
use super::settings::Settings;
use super::web::{self, Unread, cause, retry_after};
use crate::snapshot::is_shallow;

/// The longest run that is reckoned with: a clock has an end.
pub(super) const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// The methods there are: reads, two of which Google spells as POST.
#[derive(Clone, Copy, Debug)]
pub(super) enum Method<'a> {
    /// GET.
    Get,
    /// POST to `PATH:testIamPermissions`: which of these permissions the caller has.
    TestIamPermissions(&'a [String]),
    /// POST to a path that ends in `:getIamPolicy`, with this body.
    GetIamPolicy(&'a str),
    /// GET of a collection of a control plane: path, query and form are its own, and a path beside it is refused.
    Collection(&'a Collection),
}

/// One service as the transport sees it.
#[derive(Debug)]
pub(super) struct Channel {
    pub endpoint: Endpoint,
    /// No request before this, because the API asked for a pause.
    pause: Mutex<Option<Instant>>,
    /// The first refusal of the credential itself; after it nothing more is asked.
    refused: OnceLock<Failure>,
    /// Of a control plane, what is otherwise than with Google's APIs.
    pub control_plane: Option<ControlPlane>,
}

impl Channel {
    /// The way to a control plane.
    pub fn of_cluster(endpoint: Endpoint, control_plane: ControlPlane) -> Self {
        Self {
            control_plane: Some(control_plane),
            ..Self::new(endpoint)
        }
    }

    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            control_plane: None,
            endpoint,
            pause: Mutex::default(),
            refused: OnceLock::new(),
        }
    }

    /// Nothing is asked here any more: there is no token.
    pub fn refuse(&self, failure: Failure) {
        self.refused.get_or_init(|| failure);
    }

    /// Why nothing is asked here any more, if that is so.
    pub fn closed(&self) -> Option<Failure> {
        self.refused.get().cloned()
    }

    /// Whether a control plane that was not reached is not tried again: it may be meant not to be, and another way may lead there.
    fn gives_up(&self, failure: &Failure) -> bool {
        self.control_plane.is_some() && matches!(failure, Failure::Unreached(_))
    }

    fn paused_until(&self) -> Option<Instant> {
        *self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pause(&self, until: Instant) {
        let mut pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        *pause = (*pause).max(Some(until));
    }
}

/// An answer: JSON, and when the API says it was given.
#[derive(Debug)]
pub(super) struct Reply {
    pub body: Box<RawValue>,
    pub date: Option<SystemTime>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Unanswered {
    pub failure: Failure,
    /// Of a refusal for want of quota, how long the API asks to wait, where it does.
    pub quota: Option<Option<Duration>>,
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        let quota = None;
        Self { failure, quota }
    }
}

/// Sends requests, again where that may help, until a common deadline.
#[derive(Debug)]
pub(super) struct Transport {
    settings: Settings,
    credentials: Credentials,
    deadline: Instant,
    secure: OnceLock<Result<reqwest::Client, String>>,
    plain: OnceLock<Result<reqwest::Client, String>>,
}

/// Makes ring the TLS implementation of this process; the first caller decides.
pub fn install_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Another part of the process may have chosen already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

impl Transport {
    /// A transport whose time runs from now.
    pub fn new(settings: &Settings, credentials: Credentials) -> Self {
        install_tls();
        Self {
            deadline: Instant::now() + settings.timeout.min(LONGEST),
            settings: settings.clone(),
            credentials,
            secure: OnceLock::new(),
            plain: OnceLock::new(),
        }
    }

    /// Asks until there is an answer, a refusal that stands, or no time left.
    pub async fn send(
        &self,
        channel: &Channel,
        method: Method<'_>,
        path: &str,
        project: &str,
    ) -> Result<Reply, Failure> {
        loop {
            let Unanswered { failure, quota } = match self.ask(channel, method, path, project).await
            {
                Ok(reply) => return Ok(reply),
                Err(unanswered) => unanswered,
            };
            let pause = quota.map(|after| after.unwrap_or(self.settings.quota_pause));
            let next = pause.and_then(|pause| Instant::now().checked_add(pause));
            match next.filter(|next| *next < self.deadline) {
                Some(next) => tokio::time::sleep_until(next).await,
                None => return Err(failure),
            }
        }
    }

    /// Asks until there is an answer or a refusal that stands, or the quota is spent: who knows what else is to be asked of the
    /// API waits for that.
    pub async fn ask(
        &self,
        channel: &Channel,
        method: Method<'_>,
        path: &str,
        project: &str,
    ) -> Result<Reply, Unanswered> {
        if asks_for_a_secret(path) {
            let why = "not asked: the answer would be a secret";
            return Err(Failure::Body(why.to_owned()).into());
        }
        let mut delays = web::delays(&self.settings);
        loop {
            self.wait(channel).await?;
            if let Some(refused) = channel.refused.get() {
                return Err(refused.clone().into());
            }
            let (failure, after) = match self.attempt(channel, method, path, project).await {
                Ok(reply) => return Ok(reply),
                Err(failed) => failed,
            };
            if matches!(&failure, Failure::Refused(error) if error.is_quota()) {
                return Err(Unanswered {
                    failure,
                    quota: Some(after),
                });
            }
            if !failure.passes() {
                if matches!(
                    &failure,
                    Failure::Refused(ApiError { status: 401, .. }) | Failure::Token(..)
                ) {
                    return Err(channel.refused.get_or_init(|| failure).clone().into());
                }
                return Err(failure.into());
            }
            let Some(delay) = delays.next().filter(|_| !channel.gives_up(&failure)) else {
                return Err(failure.into());
            };
            let delay = after.map_or(delay, |after| after.max(delay));
            // An API may name a time beyond every clock.
            let next = Instant::now().checked_add(delay);
            let Some(next) = next.filter(|next| *next < self.deadline) else {
                return Err(failure.into());
            };
            if matches!(&failure, Failure::Refused(error) if error.status != 500) && after.is_some()
            {
                channel.pause(next);
            }
            tokio::time::sleep_until(next).await;
        }
    }

    async fn wait(&self, channel: &Channel) -> Result<(), Failure> {
        while let Some(until) = channel
            .paused_until()
            .filter(|until| *until > Instant::now())
        {
            tokio::time::sleep_until(until.min(self.deadline)).await;
            if Instant::now() >= self.deadline {
                break;
            }
        }
        if Instant::now() >= self.deadline {
            Err(Failure::Timeout(self.out_of_time()))
        } else {
            Ok(())
        }
    }

    /// When the time of the run is over.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// What is said of a request that found no place within the time of the run.
    pub fn out_of_time(&self) -> String {
        web::out_of_time(&self.settings)
    }

    async fn attempt(
        &self,
        channel: &Channel,
        method: Method<'_>,
        path: &str,
        project: &str,
    ) -> Result<Reply, (Failure, Option<Duration>)> {
        let request = self
            .request(channel, method, path, project)
            .await
            .map_err(|failure| (failure, None))?;
        let response = request
            .send()
            .await
            .map_err(|error| (self.broken(&error), None))?;
        let status = response.status();
        let headers = response.headers().clone();
        let body = self
            .body(response)
            .await
            .map_err(|failure| (failure, None))?;
        if status.is_success() {
            let date = headers
                .get(http::header::DATE)
                .and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
            return Ok(Reply {
                body: json(body).map_err(|failure| (failure, None))?,
                date,
            });
        }
        let mut error = ApiError::parse(status.as_u16(), &body);
        if let Some(to) = headers.get(LOCATION).filter(|_| status.is_redirection()) {
            error.message = format!(
                "redirects to {}, which is not followed",
                one_line(&String::from_utf8_lossy(to.as_bytes()))
            );
        }
        Err((
            Failure::Refused(error),
            retry_after(&headers, SystemTime::now()),
        ))
    }

    async fn request(
        &self,
        channel: &Channel,
        method: Method<'_>,
        path: &str,
        project: &str,
    ) -> Result<reqwest::RequestBuilder, Failure> {
        let client = self.client(channel)?;
        let url = &channel.endpoint.url;
        let request = match method {
            Method::Get => client.get(format!("{url}{path}")),
            Method::TestIamPermissions(permissions) => {
                let body = serde_json::json!({ "permissions": permissions });
                client
                    .post(format!("{url}{path}:testIamPermissions"))
                    .header("content-type", "application/json")
                    .body(body.to_string())
            }
            Method::GetIamPolicy(body)
                if path
                    .split('?')
                    .next()
                    .is_some_and(|path| path.ends_with(":getIamPolicy")) =>
            {
                client
                    .post(format!("{url}{path}"))
                    .header("content-type", "application/json")
                    .body(body.to_owned())
            }
            Method::Collection(collection) if path.is_empty() => client
                .get(format!("{url}{}", collection.path()))
                .header(http::header::ACCEPT, collection.accept()),
            Method::Collection(_) => {
                return Err(Failure::Body(
                    "not asked: a collection has its own path".to_owned(),
                ));
            }
            Method::GetIamPolicy(_) => {
                return Err(Failure::Body(
                    "not asked: this POST might do more than read".to_owned(),
                ));
            }
        };
        let headers = self
            .credentials
            .headers(self.settings.token_timeout.min(self.left()))
            .await;
        let mut headers = headers.map_err(Failure::Token)?;
        match &channel.control_plane {
            // The credential may name a quota project, too: control planes know none.
            Some(plane) if !plane.google => only_token(&mut headers),
            Some(_) | None => self.own_headers(&mut headers, project),
        }
        Ok(request
            .headers(headers)
            .timeout(self.settings.request_timeout.min(self.left())))
    }

    fn own_headers(&self, headers: &mut HeaderMap, project: &str) {
        let mut set = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        if self.settings.user_project_override {
            set(
                "x-goog-user-project",
                self.settings.billing_project.as_deref().unwrap_or(project),
            );
        }
        if let Some(reason) = &self.settings.request_reason {
            set("x-goog-request-reason", reason);
        }
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// One client for loopback, which needs no certificates and no proxy, one for everything else, made when first needed.
    /// A control plane has one of its own, for it is trusted on its own.
    fn client<'a>(&'a self, channel: &'a Channel) -> Result<&'a reqwest::Client, Failure> {
        let plain = channel.endpoint.plain();
        let own = channel.control_plane.as_ref();
        let trusted = own.and_then(|plane| plane.certificate.as_deref());
        let cell = match own {
            Some(plane) => &plane.client,
            None if plain => &self.plain,
            None => &self.secure,
        };
        let client = cell.get_or_init(|| {
            let common = web::builder(&self.settings)
                .redirect(reqwest::redirect::Policy::none())
                .pool_max_idle_per_host(self.settings.concurrency.max(1));
            let builder = match (plain, trusted) {
                (true, _) => common.tls_certs_only([]).no_proxy().http1_only(),
                (false, None) => common.https_only(true),
                (false, Some(pem)) => {
                    let certificate = reqwest::Certificate::from_pem(pem)
                        .map_err(|error| format!("the cluster's certificate: {}", cause(&error)))?;
                    common.https_only(true).tls_certs_only([certificate])
                }
            };
            builder
                .build()
                .map_err(|error| format!("no HTTPS client can be made: {}", cause(&error)))
        });
        client
            .as_ref()
            .map_err(|message| Failure::Network(message.clone()))
    }

    async fn body(&self, response: reqwest::Response) -> Result<Vec<u8>, Failure> {
        let limit = self.settings.body_limit;
        web::body(response, limit)
            .await
            .map_err(|unread| match unread {
                Unread::Broken(error) => self.broken(&error),
                Unread::TooLarge => {
                    Failure::Body(format!("the answer is larger than {limit} bytes"))
                }
            })
    }

    fn broken(&self, error: &reqwest::Error) -> Failure {
        if error.is_timeout() && error.is_connect() {
            let limit = self.settings.connect_timeout.as_secs_f32();
            return Failure::Unreached(format!("no connection within {limit} s"));
        }
        if error.is_timeout() {
            let limit = if self.left().is_zero() {
                self.out_of_time()
            } else {
                format!(
                    "no answer within {} s",
                    self.settings.request_timeout.as_secs_f32()
                )
            };
            return Failure::Timeout(limit);
        }
        if error.is_connect() {
            return Failure::Unreached(format!("cannot connect: {}", cause(error)));
        }
        Failure::Network(format!("the connection broke: {}", cause(error)))
    }
}

/// The body as JSON. One that breaks off is a broken connection; one that is something else is not asked for again.
fn json(body: Vec<u8>) -> Result<Box<RawValue>, Failure> {
    let text =
        String::from_utf8(body).map_err(|_| Failure::Body("the answer is not text".to_owned()))?;
    if text.trim_start().is_empty() {
        return Err(Failure::Network("the answer is empty".to_owned()));
    }
    let start = text.trim_start().as_bytes()[0];
    if start != b'{' {
        return Err(Failure::Body("the answer is not a JSON object".to_owned()));
    }
    if !is_shallow(&text) {
        return Err(Failure::Body(
            "the answer is nested deeper than any the API gives".to_owned(),
        ));
    }
    RawValue::from_string(text).map_err(|error| {
        if error.is_eof() {
            Failure::Network("the answer breaks off".to_owned())
        } else {
            Failure::Body(format!("the answer is not JSON: {error}"))
        }
    })
}

/// Paths whose answers are secrets. No definition asks for one; this holds even if one did.
fn asks_for_a_secret(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or(path);
    let last = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    last == "authstring"
        || last.contains("kubeconfig")
        || last
            .rsplit_once(':')
            .is_some_and(|(_, verb)| verb == "access" || verb.contains("token"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_asked_for() {
        for path in [
            "projects/p/locations/l/instances/i/authString",
            "projects/p/secrets/s/versions/1:access",
            "x/kubeConfig?a=b",
        ] {
            assert!(asks_for_a_secret(path), "{path}");
        }
        assert!(!asks_for_a_secret(
            "projects/example.com:p/instances?pageToken=x"
        ));
    }

    #[test]
    fn bodies_that_break_off_are_told_from_those_that_are_wrong() {
        assert!(matches!(
            json(b"{\"a\": [1".to_vec()),
            Err(Failure::Network(_))
        ));
        assert!(matches!(json(b"<html>".to_vec()), Err(Failure::Body(_))));
        assert!(matches!(json(b"{\"a\" 1}".to_vec()), Err(Failure::Body(_))));
        assert!(matches!(
            json(format!("{{\"a\":{}", "[".repeat(9000)).into_bytes()),
            Err(Failure::Body(_))
        ));
        assert!(json(b" {\"a\": 1}\n".to_vec()).is_ok());
    }
}
