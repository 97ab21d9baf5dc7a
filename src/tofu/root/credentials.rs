//! Credentials that a configuration gives in its own words.

use std::fmt;

use super::Environment;

/// How to ask Google: what the `gcs` backend and the `gcp_kms` key provider may say. All empty means application default
/// credentials.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GoogleCredentials {
    /// An access token; it beats `credentials`.
    pub access_token: Option<String>,
    /// The text of a credentials file (JSON), or the path of one.
    pub credentials: Option<String>,
    /// The account to impersonate.
    pub impersonate: Option<String>,
    /// The chain of delegates for it.
    pub delegates: Vec<String>,
}

impl GoogleCredentials {
    /// Fills what is not set from the environment, in tofu's order. `backend` adds the variables that only backends read.
    #[must_use]
    pub fn or_environment(mut self, environment: &Environment, backend: bool) -> Self {
        let set = |names: &[&str]| environment.first(names).map(str::to_owned);
        let own: &[&str] = &["GOOGLE_BACKEND_CREDENTIALS", "GOOGLE_CREDENTIALS"];
        self.access_token = self
            .access_token
            .or_else(|| set(&["GOOGLE_OAUTH_ACCESS_TOKEN"]));
        self.credentials = self
            .credentials
            .or_else(|| set(if backend { own } else { &own[1..] }));
        let account = [
            "GOOGLE_BACKEND_IMPERSONATE_SERVICE_ACCOUNT",
            "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
        ];
        self.impersonate = self.impersonate.or_else(|| set(&account));
        self
    }
}

impl fmt::Debug for GoogleCredentials {
    /// Never the token nor the file's text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match (&self.access_token, &self.credentials) {
            (Some(_), _) => "access token",
            (_, Some(_)) => "credentials given",
            _ => "default credentials",
        };
        write!(f, "{kind}, impersonating {:?}", self.impersonate)
    }
}
