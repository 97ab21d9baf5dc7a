//! State behind a URL: the `http` backend, and `--state https://…`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

use super::settings::Settings;
use super::{Fetch, Fetched, Origin, Request, Response, Tls};
use crate::tofu::root::Environment;
use crate::tofu::state::{StateError, StateErrorKind};

/// The document at a URL that was named; it must be there.
pub(super) async fn named(
    url: &str,
    environment: &Environment,
    fetch: &dyn Fetch,
) -> Result<Fetched, StateError> {
    let set = |name: &str| environment.get(name).map(str::to_owned);
    let login =
        set("TF_HTTP_USERNAME").map(|user| (user, set("TF_HTTP_PASSWORD").unwrap_or_default()));
    let tls = Tls {
        skip_verification: false,
        ca: set("TF_HTTP_CLIENT_CA_CERTIFICATE_PEM"),
        certificate: set("TF_HTTP_CLIENT_CERTIFICATE_PEM"),
        key: set("TF_HTTP_CLIENT_PRIVATE_KEY_PEM"),
    };
    let fetched = get(url, login, Vec::new(), tls, fetch).await?;
    if fetched.bytes.is_empty() {
        return Err(StateError::new(
            StateErrorKind::NotFound,
            &fetched.source,
            "there is no state at this URL",
        )
        .hint("it answered with status 404, 204 or nothing; look at the address of the backend"));
    }
    Ok(fetched)
}

/// The state of an `http` backend; empty when it has none.
pub(super) async fn of_backend(
    settings: &Settings,
    workspace: &str,
    environment: &Environment,
    fetch: &dyn Fetch,
) -> Result<Fetched, StateError> {
    let address = settings.required("address", &["TF_HTTP_ADDRESS"], environment)?;
    if workspace != "default" {
        let message = format!(
            "the workspace `{workspace}` is selected, and the backend `http` has no workspaces"
        );
        return Err(
            StateError::new(StateErrorKind::Configuration, &settings.file, message)
                .hint("unset TF_WORKSPACE, or remove `.terraform/environment`"),
        );
    }
    let text = |name: &str, variable: &str| settings.text(name, &[variable], environment);
    let password = text("password", "TF_HTTP_PASSWORD")?.unwrap_or_default();
    let login = text("username", "TF_HTTP_USERNAME")?.map(|user| (user, password));
    let tls = Tls {
        skip_verification: settings.flag("skip_cert_verification"),
        ca: text(
            "client_ca_certificate_pem",
            "TF_HTTP_CLIENT_CA_CERTIFICATE_PEM",
        )?,
        certificate: text("client_certificate_pem", "TF_HTTP_CLIENT_CERTIFICATE_PEM")?,
        key: text("client_private_key_pem", "TF_HTTP_CLIENT_PRIVATE_KEY_PEM")?,
    };
    let fetched = get(&address, login, settings.map("headers"), tls, fetch).await?;
    Ok(Fetched {
        origin: Origin::Backend,
        ..fetched
    })
}

async fn get(
    url: &str,
    login: Option<(String, String)>,
    mut headers: Vec<(String, String)>,
    tls: Tls,
    fetch: &dyn Fetch,
) -> Result<Fetched, StateError> {
    let (url, inside) = without_login(url);
    if let Some((user, password)) = login.or(inside) {
        headers.push((
            "authorization".into(),
            format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))),
        ));
    }
    // A query may hold a token.
    let source = url.split('?').next().unwrap_or_default().to_owned();
    let error = |message: String, hint: &str| {
        StateError::new(StateErrorKind::Unreadable, &source, message).hint(hint)
    };
    if tls.certificate.is_some() != tls.key.is_some() {
        let message =
            "a client certificate takes both `client_certificate_pem` and `client_private_key_pem`"
                .into();
        return Err(error(
            message,
            "set the other one too, or TF_HTTP_CLIENT_CERTIFICATE_PEM and TF_HTTP_CLIENT_PRIVATE_KEY_PEM",
        ));
    }
    let request = Request {
        url,
        headers,
        google: None,
        tls,
    };
    let ask = async || {
        fetch
            .get(&request)
            .await
            .map_err(|failed| error(failed.message, &failed.hint))
    };
    let mut response = ask().await?;
    if !intact(&response) {
        // It may have been written just then.
        response = ask().await?;
    }
    if !intact(&response) {
        return Err(error(
            "what the server sent is not what its Content-MD5 says".into(),
            "it was changed on the way or is being written: try again, or `tofu state pull | driftline drift --state -`",
        ));
    }
    let bytes = match response.status {
        200 => response.body,
        204 | 404 => Vec::new(),
        401 => {
            return Err(error(
                "the server asks for credentials (status 401)".into(),
                "set TF_HTTP_USERNAME and TF_HTTP_PASSWORD",
            ));
        }
        403 => {
            return Err(error(
                "the server refuses these credentials (status 403)".into(),
                "look at TF_HTTP_USERNAME and TF_HTTP_PASSWORD",
            ));
        }
        409 | 423 => {
            return Err(error(
                format!("the state is locked (status {})", response.status),
                "look again when the lock is gone",
            ));
        }
        status => {
            return Err(error(
                format!("the server answered with status {status}"),
                "try again, or `tofu state pull | driftline drift --state -`",
            ));
        }
    };
    Ok(Fetched {
        source,
        place: Some(request.url.into()),
        bytes,
        origin: Origin::Named(None),
    })
}

/// Whether a state is the one that the answer's `Content-MD5` speaks of, where there is one.
fn intact(response: &Response) -> bool {
    let said = response
        .headers
        .iter()
        .find(|(name, _)| name == "content-md5")
        .map(|(_, value)| value.trim());
    let said = said.filter(|_| response.status == 200 && !response.body.is_empty());
    said.is_none_or(|said| said == STANDARD.encode(Md5::digest(&response.body)))
}

/// A URL without `user:password@`, and those.
fn without_login(url: &str) -> (String, Option<(String, String)>) {
    let apart = || {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, path) = rest
            .find(['/', '?'])
            .map_or((rest, ""), |at| rest.split_at(at));
        let (login, host) = authority.rsplit_once('@')?;
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let decode = |text: &str| {
            percent_encoding::percent_decode_str(text)
                .decode_utf8_lossy()
                .into_owned()
        };
        Some((
            format!("{scheme}://{host}{path}"),
            Some((decode(user), decode(password))),
        ))
    };
    apart().unwrap_or_else(|| (url.to_owned(), None))
}

#[cfg(test)]
mod tests {
    use super::without_login;

    #[test]
    fn a_login_in_a_url_is_taken_out_of_it() {
        let login = Some(("me".to_owned(), "p@s".to_owned()));
        assert_eq!(
            without_login("https://me:p%40s@h.example/x?y@z"),
            ("https://h.example/x?y@z".into(), login)
        );
        assert_eq!(
            without_login("https://h.example/a@b"),
            ("https://h.example/a@b".into(), None)
        );
    }
}
