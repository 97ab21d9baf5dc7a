//! What a run of the collector is told: endpoints, limits, credentials. Read once, at the edge.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Everything the collector takes from outside.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base URLs by the provider's variable: `GOOGLE_SQL_CUSTOM_ENDPOINT` → `http://127.0.0.1:8470/sqladmin.googleapis.com/…/`.
    pub endpoints: BTreeMap<String, String>,
    /// Where the control plane of every cluster is to be asked, in place of what its cluster says: https, or this machine.
    pub control_plane: Option<String>,
    /// Where a token comes from.
    pub credentials: CredentialSettings,
    /// The project that pays and whose quota counts, sent only with [`Settings::user_project_override`].
    pub billing_project: Option<String>,
    /// Whether `x-goog-user-project` is sent: the billing project, or the project asked about.
    pub user_project_override: bool,
    /// The reason written to the audit log with each request.
    pub request_reason: Option<String>,
    /// Most requests in flight, over all APIs.
    pub concurrency: usize,
    /// Time for the whole run; what is unread then is a gap.
    pub timeout: Duration,
    /// Time for one try of one request.
    pub request_timeout: Duration,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Time for a token.
    pub token_timeout: Duration,
    /// Tries of one request, the first included.
    pub tries: usize,
    /// Delay before the second try; it doubles, with jitter.
    pub backoff: Duration,
    /// Longest delay between tries, where the API does not ask for more.
    pub backoff_max: Duration,
    /// Longest pause of an API that refuses for want of quota without saying how long. Google counts by the minute.
    pub quota_pause: Duration,
    /// Largest body taken, in bytes, after decompression.
    pub body_limit: usize,
    /// Most pages of one listing; an API that never ends is cut off there.
    pub page_limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            endpoints: BTreeMap::new(),
            control_plane: None,
            credentials: CredentialSettings::default(),
            billing_project: None,
            user_project_override: false,
            request_reason: None,
            concurrency: 200,
            timeout: Duration::from_secs(600),
            request_timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            token_timeout: Duration::from_secs(20),
            tries: 6,
            backoff: Duration::from_millis(200),
            backoff_max: Duration::from_secs(30),
            quota_pause: Duration::from_secs(60),
            body_limit: 256 << 20,
            page_limit: 10_000,
        }
    }
}

/// Where a token comes from, in the order the provider looks.
#[derive(Clone, Default)]
pub struct CredentialSettings {
    /// A token as it is, or the name of a file that holds one.
    pub access_token: Option<String>,
    /// A key file's name, or its JSON, with the variable it was found in.
    pub key: Option<(String, String)>,
    /// The file of application default credentials that was named.
    pub adc_file: Option<String>,
    /// Where gcloud keeps application default credentials.
    pub gcloud_file: Option<PathBuf>,
    /// The metadata server's `host:port`, where it is not the usual one.
    pub metadata_host: Option<String>,
    /// The service account to act as.
    pub impersonate: Option<String>,
    /// The chain of accounts between the credential and the one to act as.
    pub delegates: Vec<String>,
    /// The project whose quota counts, as Google's client libraries take it.
    pub quota_project: Option<String>,
    /// The universe, where it is not `googleapis.com`.
    pub universe: Option<String>,
}

impl fmt::Debug for CredentialSettings {
    /// Which sources are set; never what they hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialSettings")
            .field("access_token", &self.access_token.is_some())
            .field("key", &self.key.as_ref().map(|(name, _)| name))
            .field("adc_file", &self.adc_file)
            .field("impersonate", &self.impersonate)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The settings that environment variables give, by the provider's names and precedence; empty counts as not set.
    pub fn from_env(
        env: &impl Fn(&str) -> Option<String>,
        endpoints: impl IntoIterator<Item = String>,
    ) -> Self {
        let var = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| env(name).filter(|value| !value.is_empty()))
        };
        let fixed = [PROJECTS_ENDPOINT, SERVICES_ENDPOINT, TOKENS_ENDPOINT].map(str::to_owned);
        let endpoints = endpoints
            .into_iter()
            .chain(fixed)
            .filter_map(|name| var(&[&name]).map(|url| (name, url)))
            .collect();
        Self {
            endpoints,
            control_plane: var(&[CONTROL_PLANE]),
            credentials: CredentialSettings::from_env(env),
            billing_project: var(&["GOOGLE_BILLING_PROJECT"]),
            user_project_override: var(&["USER_PROJECT_OVERRIDE"]).is_some_and(|text| {
                matches!(text.as_str(), "1" | "t" | "T" | "true" | "True" | "TRUE")
            }),
            request_reason: var(&["CLOUDSDK_CORE_REQUEST_REASON"]),
            ..Self::default()
        }
    }
}

impl CredentialSettings {
    fn from_env(env: &impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let keys = [
            "GOOGLE_CREDENTIALS",
            "GOOGLE_CLOUD_KEYFILE_JSON",
            "GCLOUD_KEYFILE_JSON",
        ];
        let folder = set("CLOUDSDK_CONFIG")
            .map(PathBuf::from)
            .or_else(|| set("APPDATA").map(|roaming| PathBuf::from(roaming).join("gcloud")))
            .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".config/gcloud")));
        Self {
            access_token: set("GOOGLE_OAUTH_ACCESS_TOKEN"),
            key: keys
                .iter()
                .find_map(|name| set(name).map(|value| ((*name).to_owned(), value))),
            adc_file: set("GOOGLE_APPLICATION_CREDENTIALS"),
            gcloud_file: folder.map(|folder| folder.join("application_default_credentials.json")),
            metadata_host: set("GCE_METADATA_HOST"),
            impersonate: set("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT"),
            delegates: Vec::new(),
            quota_project: set("GOOGLE_CLOUD_QUOTA_PROJECT"),
            universe: set("GOOGLE_UNIVERSE_DOMAIN").or_else(|| set("GOOGLE_CLOUD_UNIVERSE_DOMAIN")),
        }
    }
}

/// The variable that names one control plane for all clusters.
pub(super) const CONTROL_PLANE: &str = "DRIFTLINE_KUBERNETES_ENDPOINT";
/// The variable of the API that finds projects and tests permissions.
pub(super) const PROJECTS_ENDPOINT: &str = "GOOGLE_RESOURCE_MANAGER_V3_CUSTOM_ENDPOINT";
/// The variable of the API that says which APIs are enabled.
pub(super) const SERVICES_ENDPOINT: &str = "GOOGLE_SERVICE_USAGE_CUSTOM_ENDPOINT";
/// The variable of the API that makes tokens of other accounts.
pub(super) const TOKENS_ENDPOINT: &str = "GOOGLE_IAM_CREDENTIALS_CUSTOM_ENDPOINT";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Settings {
        let vars: BTreeMap<String, String> = vars
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Settings::from_env(
            &|name| vars.get(name).cloned(),
            ["GOOGLE_SQL_CUSTOM_ENDPOINT".to_owned()],
        )
    }

    #[test]
    fn the_first_key_variable_wins_and_empty_is_not_set() {
        let settings = read(&[
            ("GOOGLE_CREDENTIALS", ""),
            ("GCLOUD_KEYFILE_JSON", "b"),
            ("GOOGLE_CLOUD_KEYFILE_JSON", "a"),
        ]);
        assert_eq!(
            settings.credentials.key,
            Some(("GOOGLE_CLOUD_KEYFILE_JSON".to_owned(), "a".to_owned()))
        );
        assert_eq!(settings.credentials.access_token, None);
    }

    #[test]
    fn only_known_endpoints_are_taken() {
        let settings = read(&[
            ("GOOGLE_SQL_CUSTOM_ENDPOINT", "http://127.0.0.1:1/"),
            ("GOOGLE_OTHER_CUSTOM_ENDPOINT", "x"),
        ]);
        assert_eq!(settings.endpoints.len(), 1);
    }

    #[test]
    fn debug_output_holds_no_token_or_key() {
        let settings = read(&[
            ("GOOGLE_OAUTH_ACCESS_TOKEN", "hunter2"),
            ("GOOGLE_CREDENTIALS", "{\"private_key\": \"hunter2\"}"),
        ]);
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
