//! From a service to the URL its requests go to.

use std::net::IpAddr;

use super::settings::Settings;

/// Where the requests of one service go.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    /// The base URL in use, ending in a slash.
    pub url: String,
    /// Host and base path of the provider's default, without scheme: what a page's request starts with.
    pub name: String,
}

impl Endpoint {
    /// The endpoint of a service with this default base URL and this variable.
    ///
    /// # Errors
    /// One line naming the variable, if its value is no https URL and no loopback URL.
    pub fn new(base: &str, variable: &str, settings: &Settings) -> Result<Self, String> {
        let name = base.trim_start_matches("https://").to_owned();
        let Some(custom) = settings.endpoints.get(variable) else {
            return Ok(Self {
                url: in_universe(base, settings),
                name,
            });
        };
        let url = named(custom, variable)?;
        Ok(Self { url, name })
    }

    /// A URL as it stands, which a body or a variable gives, and what its pages start with.
    ///
    /// # Errors
    /// One line naming where it is from, if it is no https URL and no loopback URL.
    pub fn at(url: &str, from: &str, name: String) -> Result<Self, String> {
        let url = named(url, from)?;
        Ok(Self { url, name })
    }

    /// Whether the host is an address and no name.
    pub fn is_address(&self) -> bool {
        let parsed = reqwest::Url::parse(&self.url).ok();
        let host = parsed.as_ref().and_then(|url| url.host_str());
        host.is_some_and(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok())
    }

    /// Whether requests go out in the clear, which only loopback may.
    pub fn plain(&self) -> bool {
        self.url.starts_with("http://")
    }
}

/// A URL with a slash behind, if requests may go there.
fn named(custom: &str, variable: &str) -> Result<String, String> {
    let url = if custom.ends_with('/') {
        custom.to_owned()
    } else {
        format!("{custom}/")
    };
    let parsed = reqwest::Url::parse(&url).map_err(|e| format!("{variable} is not a URL: {e}"))?;
    let loopback = parsed.host_str().is_some_and(is_loopback);
    match parsed.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        "http" => Err(format!(
            "{variable} is plain http to {}; only a loopback address may be: use https",
            parsed.host_str().unwrap_or("?")
        )),
        other => Err(format!("{variable} starts with `{other}:`; use https://")),
    }
}

fn in_universe(base: &str, settings: &Settings) -> String {
    match &settings.credentials.universe {
        Some(universe) if universe != "googleapis.com" => {
            base.replacen("googleapis.com", universe, 1)
        }
        _ => base.to_owned(),
    }
}

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

/// A value as part of a path: letters, digits and what paths commonly hold stay, slashes too; the rest is percent-encoded.
///
/// A name cannot climb: a segment of dots alone is encoded.
pub(super) fn path_part(text: &str) -> String {
    text.split('/')
        .map(|segment| {
            if matches!(segment, "." | "..") {
                segment.replace('.', "%2E%2E")
            } else {
                encode(segment, b"-._~:@$!*',;()+=&")
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// A value of a query parameter, percent-encoded.
pub(super) fn query_part(text: &str) -> String {
    encode(text, b"-._~:,*@/")
}

fn encode(text: &str, also: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || also.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(custom: Option<&str>) -> Result<Endpoint, String> {
        let mut settings = Settings::default();
        settings
            .endpoints
            .extend(custom.map(|url| ("V".to_owned(), url.to_owned())));
        Endpoint::new("https://x.googleapis.com/v1/", "V", &settings)
    }

    #[test]
    fn plain_http_goes_to_loopback_only() {
        assert!(
            endpoint(Some("http://127.0.0.1:80/x"))
                .is_ok_and(|e| e.url.ends_with("/x/") && e.name == "x.googleapis.com/v1/")
        );
        assert!(endpoint(Some("http://[::1]:80/")).is_ok_and(|e| e.plain()));
        assert!(
            endpoint(Some("http://example.com/")).is_err_and(|e| e.contains("V is plain http"))
        );
        assert!(
            endpoint(Some("ftp://example.com/")).is_err() && endpoint(Some("nonsense")).is_err()
        );
    }

    #[test]
    fn another_universe_replaces_the_host_but_not_the_name() {
        let mut settings = Settings::default();
        settings.credentials.universe = Some("example.cloud".to_owned());
        let endpoint = Endpoint::new("https://x.googleapis.com/v1/", "V", &settings).unwrap();
        assert_eq!(
            (endpoint.url.as_str(), endpoint.name.as_str()),
            ("https://x.example.cloud/v1/", "x.googleapis.com/v1/")
        );
    }

    #[test]
    fn names_cannot_leave_their_segment() {
        assert_eq!(path_part("a/../b?c#d e"), "a/%2E%2E%2E%2E/b%3Fc%23d%20e");
        assert_eq!(
            path_part("projects/p/instances/i"),
            "projects/p/instances/i"
        );
        assert_eq!(query_part("a&b=c d"), "a%26b%3Dc%20d");
    }
}
