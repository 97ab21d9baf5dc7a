//! Where a token comes from: the provider's sources in the provider's order, and one sentence for each that cannot work.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use google_cloud_auth::credentials::{self as google, CacheableResource};
use google_cloud_auth::errors::CredentialsError as TokenError;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::Value as Json;
use tokio::sync::RwLock;

use super::api_error::one_line;
use super::no_token::NoToken;
use super::settings::{CredentialSettings, Settings, TOKENS_ENDPOINT};
use super::transport::install_tls;
use crate::input;

const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// The metadata server is near or not there at all.
const METADATA_TIMEOUT: Duration = Duration::from_secs(3);
const SAY_WHO: &str = "run `gcloud auth application-default login`, or set GOOGLE_CREDENTIALS to a key file or GOOGLE_OAUTH_ACCESS_TOKEN to a token";

/// Why there is no credential to start with: one sentence with what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct CredentialsError(String);

/// A source of tokens.
pub struct Credentials {
    recipe: Recipe,
    current: RwLock<google::Credentials>,
    source: String,
    whose: Option<String>,
    tries: usize,
    backoff: Duration,
}

/// How the credential is made, so that it can be made afresh after a failure that passes.
#[derive(Clone)]
struct Recipe {
    base: Base,
    impersonate: Option<Impersonate>,
    quota_project: Option<String>,
    universe: Option<String>,
}

#[derive(Clone)]
enum Base {
    Token(HeaderValue),
    File(Json),
    Metadata(Option<String>),
}

#[derive(Clone)]
struct Impersonate {
    account: String,
    delegates: Vec<String>,
    /// The base URL of the token service, where it is not Google's.
    endpoint: Option<String>,
}

impl fmt::Debug for Credentials {
    /// Where it comes from and whose it is; never what it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("source", &self.source)
            .field("whose", &self.whose)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// Finds the credential as the provider would: `GOOGLE_OAUTH_ACCESS_TOKEN`, then a key in `GOOGLE_CREDENTIALS` and its older
    /// names, then application default credentials, then the metadata server; then impersonation on top.
    ///
    /// Must run inside a Tokio runtime, which keeps tokens fresh.
    ///
    /// # Errors
    /// One sentence: nothing was found, a file cannot be read, or it is of a kind that cannot be used here.
    pub async fn find(settings: &Settings) -> Result<Self, CredentialsError> {
        install_tls();
        let asked = &settings.credentials;
        let (base, source) = base(asked)?;
        let whose = match (&asked.impersonate, &base) {
            (Some(account), _) => Some(account.clone()),
            (None, Base::File(json)) => whose(json),
            _ => None,
        };
        let endpoint = settings.endpoints.get(TOKENS_ENDPOINT).cloned();
        let delegates = asked.delegates.clone();
        let impersonate = asked.impersonate.clone().map(|account| Impersonate {
            account,
            delegates,
            endpoint,
        });
        let recipe = Recipe {
            base,
            impersonate,
            quota_project: asked.quota_project.clone(),
            universe: asked.universe.clone(),
        };
        let current = RwLock::new(recipe.make(&source)?);
        let found = Self {
            recipe,
            current,
            source,
            whose,
            tries: settings.tries,
            backoff: settings.backoff,
        };
        if let Base::Metadata(_) = found.recipe.base {
            found.first_token(settings.token_timeout.min(METADATA_TIMEOUT)).await.map_err(|failed| {
                CredentialsError(format!(
                    "no credentials found: {SAY_WHO} (no metadata server answered either: {}; behind a proxy, NO_PROXY must hold metadata.google.internal)",
                    failed.detail
                ))
            })?;
        }
        Ok(found)
    }

    /// Where it was found: a variable, a file, the metadata server.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The account it belongs to, where the credential itself says so.
    pub fn whose(&self) -> Option<&str> {
        self.whose.as_deref()
    }

    /// The settings of a run with this credential: its universe, where none was named.
    pub(super) fn settle(&self, settings: &Settings) -> Settings {
        let mut settings = settings.clone();
        if let (None, Base::File(json)) = (&settings.credentials.universe, &self.recipe.base) {
            settings.credentials.universe = json
                .get("universe_domain")
                .and_then(Json::as_str)
                .map(str::to_owned);
        }
        settings
    }

    /// Headers for a request: the token, and the quota project where the credential has one.
    ///
    /// # Errors
    /// If there is no token.
    pub async fn headers(&self, timeout: Duration) -> Result<HeaderMap, NoToken> {
        let current = self.current.read().await;
        self.ask(&current, timeout).await
    }

    /// Gets a first token, anew while failures may pass. Google's library keeps a failure for ten seconds, and waiting costs
    /// more than making the credential again.
    pub async fn first_token(&self, timeout: Duration) -> Result<(), NoToken> {
        let end = tokio::time::Instant::now() + timeout;
        let mut delay = self.backoff;
        for attempt in 1.. {
            let left = end.saturating_duration_since(tokio::time::Instant::now());
            let mut current = self.current.write().await;
            let failed = match self.ask(&current, left).await {
                Ok(_) => return Ok(()),
                Err(failed) => failed,
            };
            if !failed.passes || attempt >= self.tries || tokio::time::Instant::now() + delay >= end
            {
                return Err(failed);
            }
            tokio::time::sleep(delay).await;
            delay *= 2;
            *current =
                (self.recipe.make(&self.source)).map_err(|error| NoToken::other(error.0, false))?;
        }
        Ok(())
    }

    async fn ask(
        &self,
        current: &google::Credentials,
        timeout: Duration,
    ) -> Result<HeaderMap, NoToken> {
        match tokio::time::timeout(timeout, current.headers(http::Extensions::new())).await {
            Ok(Ok(CacheableResource::New { data, .. })) => Ok(data),
            Ok(Ok(CacheableResource::NotModified)) => {
                Err(NoToken::other("the token is gone", true))
            }
            Ok(Err(error)) => {
                let acts_as = self.recipe.impersonate.as_ref();
                let acts_as = acts_as.map(|impersonate| impersonate.account.as_str());
                Err(NoToken::told(&error, &self.source, acts_as))
            }
            Err(_) => {
                let (seconds, source) = (timeout.as_secs_f32(), &self.source);
                let detail = format!("no token within {seconds} s from {source}");
                Err(NoToken::other(detail, true))
            }
        }
    }
}

/// The first source that is set. The provider takes a token before a key when both are.
fn base(asked: &CredentialSettings) -> Result<(Base, String), CredentialsError> {
    if let Some(token) = &asked.access_token {
        let text = path_or_contents(token).unwrap_or_else(|_| token.clone());
        let mut header =
            HeaderValue::from_str(&format!("Bearer {}", text.trim())).map_err(|_| {
                CredentialsError(
                    "GOOGLE_OAUTH_ACCESS_TOKEN holds characters no token has".to_owned(),
                )
            })?;
        header.set_sensitive(true);
        return Ok((Base::Token(header), "GOOGLE_OAUTH_ACCESS_TOKEN".to_owned()));
    }
    if let Some((variable, value)) = &asked.key {
        let text = path_or_contents(value)
            .map_err(|error| CredentialsError(format!("{variable}: {error}")))?;
        return Ok((Base::File(parse(&text, variable)?), variable.clone()));
    }
    if let Some(file) = &asked.adc_file {
        let source = format!("{file} (GOOGLE_APPLICATION_CREDENTIALS)");
        let text = input::text(Path::new(file))
            .map_err(|error| CredentialsError(format!("cannot read {source}: {error}")))?;
        return Ok((Base::File(parse(&text, &source)?), source));
    }
    match &asked.gcloud_file {
        Some(file) if file.is_file() => {
            let source = file.display().to_string();
            let text = input::text(Path::new(file))
                .map_err(|error| CredentialsError(format!("cannot read {source}: {error}")))?;
            Ok((Base::File(parse(&text, &source)?), source))
        }
        _ => Ok((
            Base::Metadata(asked.metadata_host.clone()),
            "the metadata server".to_owned(),
        )),
    }
}

/// A value that is a file's name or the content itself; what starts a JSON object is content.
fn path_or_contents(value: &str) -> Result<String, String> {
    if value.trim_start().starts_with('{') {
        return Ok(value.to_owned());
    }
    let shown = || {
        if value.len() > 100 {
            "a value that is neither JSON nor a file's name".to_owned()
        } else {
            format!("`{value}`")
        }
    };
    if !Path::new(value).is_file() {
        return Err(format!(
            "no file {}; give a key file's path or its JSON",
            shown()
        ));
    }
    input::text(Path::new(value)).map_err(|error| format!("cannot read {}: {error}", shown()))
}

/// A credential file, refused here where the library's own message would not say what to do.
fn parse(text: &str, source: &str) -> Result<Json, CredentialsError> {
    let refuse = |why: &str| Err(CredentialsError(format!("{source}: {why}")));
    let Ok(json) = serde_json::from_str::<Json>(text) else {
        return refuse("not JSON; give the key file as Google made it");
    };
    let text_at = |name: &str| json.get(name).and_then(Json::as_str).unwrap_or_default();
    match text_at("type") {
        "service_account" if text_at("private_key").contains("BEGIN RSA PRIVATE KEY") => refuse(
            "the key is PKCS#1; convert it: openssl pkcs8 -topk8 -nocrypt -in key.pem, or make a new key",
        ),
        "external_account" if json.pointer("/credential_source/certificate").is_some() => refuse(
            "workload identity by X.509 certificate cannot be used here; use a token of `gcloud auth print-access-token` as GOOGLE_OAUTH_ACCESS_TOKEN",
        ),
        "external_account_authorized_user" => refuse(
            "a workforce identity sign-in cannot be used here; set GOOGLE_OAUTH_ACCESS_TOKEN=$(gcloud auth print-access-token), or impersonate a service account",
        ),
        "gdch_service_account" => refuse(
            "a Google Distributed Cloud account cannot be used here; use a service account of Google Cloud",
        ),
        "service_account"
        | "authorized_user"
        | "external_account"
        | "impersonated_service_account" => Ok(json),
        "" => refuse(
            "no `type` in it, so it is no credential; `gcloud auth application-default login` makes one",
        ),
        other => refuse(&format!(
            "credentials of type `{}` cannot be used; use a service account key or `gcloud auth application-default login`",
            one_line(other)
        )),
    }
}

fn whose(json: &Json) -> Option<String> {
    let text = |name: &str| json.get(name).and_then(Json::as_str).map(str::to_owned);
    let acting = text("service_account_impersonation_url").and_then(|url| {
        url.rsplit('/')
            .next()
            .and_then(|last| last.split(':').next())
            .map(str::to_owned)
    });
    acting
        .or_else(|| text("client_email"))
        .or_else(|| text("account").filter(|account| !account.is_empty()))
}

impl Recipe {
    fn make(&self, source: &str) -> Result<google::Credentials, CredentialsError> {
        let refused = |error: google_cloud_auth::build_errors::Error| {
            CredentialsError(format!(
                "{source}: the credential cannot be used: {}",
                super::web::cause(&error)
            ))
        };
        let Some(impersonate) = &self.impersonate else {
            return self.plain().map_err(refused);
        };
        match (&self.base, &impersonate.endpoint) {
            (Base::File(json), Some(endpoint)) => self
                .redirected(json, impersonate, endpoint)
                .map_err(refused),
            _ => {
                let builder = google::impersonated::Builder::from_source_credentials(
                    self.plain().map_err(refused)?,
                )
                .with_target_principal(&impersonate.account)
                .with_delegates(&impersonate.delegates)
                .with_scopes([SCOPE]);
                let builder = self
                    .quota_project
                    .iter()
                    .fold(builder, |b, project| b.with_quota_project_id(project));
                self.universe
                    .iter()
                    .fold(builder, |b, universe| b.with_universe_domain(universe))
                    .build()
                    .map_err(refused)
            }
        }
    }

    /// Impersonation by way of another token service than Google's, which only the file form can name.
    fn redirected(
        &self,
        json: &Json,
        impersonate: &Impersonate,
        endpoint: &str,
    ) -> Result<google::Credentials, google_cloud_auth::build_errors::Error> {
        let base = endpoint.trim_end_matches('/');
        let file = serde_json::json!({
            "type": "impersonated_service_account",
            "service_account_impersonation_url":
                format!("{base}/projects/-/serviceAccounts/{}:generateAccessToken", impersonate.account),
            "delegates": impersonate.delegates,
            "source_credentials": json,
        });
        google::impersonated::Builder::new(file)
            .with_scopes([SCOPE])
            .build()
    }

    fn plain(&self) -> Result<google::Credentials, google_cloud_auth::build_errors::Error> {
        let quota = self.quota_project.as_ref();
        let universe = self.universe.as_ref();
        match &self.base {
            Base::Token(header) => Ok(google::Credentials::from(Fixed {
                header: header.clone(),
                quota: self.quota_project.clone(),
            })),
            Base::Metadata(host) => {
                let builder = google::mds::Builder::default();
                let builder = host
                    .iter()
                    .fold(builder, |b, host| b.with_endpoint(format!("http://{host}")));
                quota
                    .into_iter()
                    .fold(builder, |b, project| b.with_quota_project_id(project))
                    .build()
            }
            Base::File(json) => match json.get("type").and_then(Json::as_str).unwrap_or_default() {
                "authorized_user" => {
                    let builder = google::user_account::Builder::new(json.clone());
                    quota
                        .into_iter()
                        .fold(builder, |b, project| b.with_quota_project_id(project))
                        .build()
                }
                "external_account" => {
                    let builder =
                        google::external_account::Builder::new(json.clone()).with_scopes([SCOPE]);
                    let builder = quota
                        .into_iter()
                        .fold(builder, |b, project| b.with_quota_project_id(project));
                    universe
                        .into_iter()
                        .fold(builder, |b, universe| b.with_universe_domain(universe))
                        .build()
                }
                "impersonated_service_account" => {
                    let builder =
                        google::impersonated::Builder::new(json.clone()).with_scopes([SCOPE]);
                    quota
                        .into_iter()
                        .fold(builder, |b, project| b.with_quota_project_id(project))
                        .build()
                }
                _ => {
                    let access = google::service_account::AccessSpecifier::from_scopes([SCOPE]);
                    let builder = google::service_account::Builder::new(json.clone())
                        .with_access_specifier(access);
                    let builder = quota
                        .into_iter()
                        .fold(builder, |b, project| b.with_quota_project_id(project));
                    universe
                        .into_iter()
                        .fold(builder, |b, universe| b.with_universe_domain(universe))
                        .build()
                }
            },
        }
    }
}

/// A token that was given as it is.
#[derive(Debug)]
struct Fixed {
    header: HeaderValue,
    quota: Option<String>,
}

impl google::CredentialsProvider for Fixed {
    async fn headers(
        &self,
        _: http::Extensions,
    ) -> Result<CacheableResource<HeaderMap>, TokenError> {
        let mut data = HeaderMap::from_iter([(AUTHORIZATION, self.header.clone())]);
        if let Some(quota) = self
            .quota
            .as_deref()
            .and_then(|quota| HeaderValue::from_str(quota).ok())
        {
            data.insert("x-goog-user-project", quota);
        }
        Ok(CacheableResource::New {
            entity_tag: google::EntityTag::new(),
            data,
        })
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}
