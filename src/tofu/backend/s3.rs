//! State in S3 and what speaks its API: one signed GET, with a plain access key. Roles and single sign-on are tofu's to use.

use std::collections::BTreeMap;
use std::time::Duration;

use rusty_s3::{Bucket, Credentials, S3Action as _, UrlStyle};

use super::settings::Settings;
use super::{Fetch, Fetched, Origin, Request, Response, lock};
use crate::input;
use crate::model::Note;
use crate::tofu::root::Environment;
use crate::tofu::state::{StateError, StateErrorKind};

/// How long a signed URL holds; it is used at once.
const SIGNED_FOR: Duration = Duration::from_secs(300);

/// Ways to a credential that take more than reading it: by argument of the backend, or of a profile.
const ROLES: [&str; 4] = [
    "assume_role",
    "assume_role_with_web_identity",
    "role_arn",
    "custom_ca_bundle",
];
const PROFILE_ROLES: [&str; 4] = [
    "role_arn",
    "sso_session",
    "sso_start_url",
    "credential_process",
];

/// The sections of an INI file, by name, with their settings.
type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// The state of one workspace of an `s3` backend; empty when it has none.
pub(super) async fn of_backend(
    settings: &Settings,
    workspace: &str,
    environment: &Environment,
    fetch: &dyn Fetch,
    notes: &mut Vec<Note>,
) -> Result<Fetched, StateError> {
    let name = settings.required("bucket", &[], environment)?;
    let object = object_key(settings, workspace, environment)?;
    let source = format!("s3://{name}/{object}");
    let credentials = credentials(settings, environment)?;
    let bucket = bucket(settings, &name, environment)?;
    let customer_key = settings.text("sse_customer_key", &["AWS_SSE_CUSTOMER_KEY"], environment)?;
    if customer_key.is_some() {
        return Err(handed_over(
            settings,
            "a customer-supplied key is set for its objects",
        ));
    }
    let get = async |key: &str| {
        let url = bucket.get_object(Some(&credentials), key).sign(SIGNED_FOR);
        let request = Request {
            url: url.to_string(),
            ..Request::default()
        };
        let response = fetch.get(&request).await;
        response.map_err(|error| {
            StateError::new(StateErrorKind::Unreadable, &source, error.message).hint(error.hint)
        })
    };
    let response = get(&object).await?;
    let bytes = match (response.status, code(&response).as_str()) {
        (200, _) => response.body,
        (404, "" | "NoSuchKey") => Vec::new(),
        (status, said) => return Err(refused(&source, status, said)),
    };
    if settings.flag("use_lockfile") {
        let held = get(&format!("{object}.tflock")).await?;
        notes.extend((held.status == 200).then(|| lock::held(&source, &held.body)));
    }
    Ok(Fetched {
        source,
        place: None,
        bytes,
        origin: Origin::Backend,
    })
}

/// `KEY`, or `PREFIX/WORKSPACE/KEY` for another workspace than `default`.
fn object_key(
    settings: &Settings,
    workspace: &str,
    environment: &Environment,
) -> Result<String, StateError> {
    let key = settings.required("key", &[], environment)?;
    if workspace == "default" {
        return Ok(key);
    }
    let prefix = settings
        .text("workspace_key_prefix", &[], environment)?
        .unwrap_or_else(|| "env:".into());
    let parts = prefix.split('/').chain([workspace]).chain(key.split('/'));
    Ok(parts
        .filter(|part| !part.is_empty() && *part != ".")
        .collect::<Vec<_>>()
        .join("/"))
}

/// Where the bucket is asked for.
fn bucket(
    settings: &Settings,
    name: &str,
    environment: &Environment,
) -> Result<Bucket, StateError> {
    let profile = profile(settings, environment)?;
    let region =
        match settings.text("region", &["AWS_REGION", "AWS_DEFAULT_REGION"], environment)? {
            Some(region) => region,
            None => config(settings, environment)?
                .remove(&profile)
                .and_then(|mut own| own.remove("region"))
                .ok_or_else(|| {
                    StateError::new(
                        StateErrorKind::Configuration,
                        &settings.file,
                        "`region` of the backend `s3` is not set",
                    )
                    .hint("set it there, or AWS_REGION")
                })?,
        };
    let listed = settings
        .map("endpoints")
        .into_iter()
        .find(|(service, _)| service == "s3")
        .map(|(_, url)| url);
    let own = match listed {
        Some(url) => Some(url),
        None => settings.text(
            "endpoint",
            &["AWS_ENDPOINT_URL_S3", "AWS_S3_ENDPOINT", "AWS_ENDPOINT_URL"],
            environment,
        )?,
    };
    let endpoint = own.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
    let endpoint = if endpoint.contains("://") {
        endpoint
    } else {
        format!("https://{endpoint}")
    };
    let authority = endpoint
        .split("://")
        .nth(1)
        .unwrap_or_default()
        .split('/')
        .next()
        .unwrap_or_default();
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    let by_path = settings.flag("use_path_style")
        || settings.flag("force_path_style")
        || name.contains('.')
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok();
    let style = if by_path {
        UrlStyle::Path
    } else {
        UrlStyle::VirtualHost
    };
    let wrong = || {
        StateError::new(
            StateErrorKind::Configuration,
            &settings.file,
            "the endpoint of the backend `s3` is no URL",
        )
    };
    let url = endpoint
        .parse()
        .map_err(|_| wrong().hint("write https://HOST, or leave it out"))?;
    Bucket::new(url, style, name.to_owned(), region)
        .map_err(|_| wrong().hint("write https://HOST, and the bucket's plain name"))
}

/// The access key: of the block, of the environment, of a profile in the shared files. A profile that the block names comes before
/// the environment.
fn credentials(settings: &Settings, environment: &Environment) -> Result<Credentials, StateError> {
    if let Some(name) = ROLES.iter().find(|name| settings.is_set(name)) {
        return Err(handed_over(settings, &format!("`{name}` is set")));
    }
    let text = |name: &str| settings.text(name, &[], environment);
    if let (Some(key), Some(secret)) = (text("access_key")?, text("secret_key")?) {
        return Ok(of_parts(key, secret, text("token")?));
    }
    let set = |name: &str| environment.get(name).map(str::to_owned);
    if text("profile")?.is_none()
        && let (Some(key), Some(secret)) = (set("AWS_ACCESS_KEY_ID"), set("AWS_SECRET_ACCESS_KEY"))
    {
        return Ok(of_parts(key, secret, set("AWS_SESSION_TOKEN")));
    }
    let profile = profile(settings, environment)?;
    let mut all = config(settings, environment)?;
    for (section, values) in shared(
        settings,
        "shared_credentials_files",
        "AWS_SHARED_CREDENTIALS_FILE",
        "credentials",
        environment,
    )? {
        all.entry(section).or_default().extend(values);
    }
    let mut own = all.remove(&profile).unwrap_or_default();
    if let Some(way) = PROFILE_ROLES.iter().find(|way| own.contains_key(**way)) {
        return Err(handed_over(
            settings,
            &format!("the profile `{profile}` has `{way}`"),
        ));
    }
    let (key, secret) = (
        own.remove("aws_access_key_id"),
        own.remove("aws_secret_access_key"),
    );
    let (Some(key), Some(secret)) = (key, secret) else {
        let error = handed_over(
            settings,
            &format!("no access key was found (profile `{profile}`)"),
        );
        let hint = format!(
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or {}",
            error.hint
        );
        return Err(StateError { hint, ..error });
    };
    Ok(of_parts(key, secret, own.remove("aws_session_token")))
}

fn of_parts(key: String, secret: String, token: Option<String>) -> Credentials {
    match token.filter(|token| !token.is_empty()) {
        Some(token) => Credentials::new_with_token(key, secret, token),
        None => Credentials::new(key, secret),
    }
}

fn profile(settings: &Settings, environment: &Environment) -> Result<String, StateError> {
    Ok(settings
        .text(
            "profile",
            &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"],
            environment,
        )?
        .unwrap_or_else(|| "default".into()))
}

/// The profiles of the shared configuration files, where a section is called `profile NAME`.
fn config(settings: &Settings, environment: &Environment) -> Result<Sections, StateError> {
    let sections = shared(
        settings,
        "shared_config_files",
        "AWS_CONFIG_FILE",
        "config",
        environment,
    )?;
    Ok(sections
        .into_iter()
        .map(|(name, values)| {
            (
                name.trim_start_matches("profile ").trim().to_owned(),
                values,
            )
        })
        .collect())
}

/// The sections of shared files: those the block lists, the variable's, else the one in the home folder. Files that are not there
/// hold nothing.
fn shared(
    settings: &Settings,
    name: &str,
    variable: &str,
    usual: &str,
    environment: &Environment,
) -> Result<Sections, StateError> {
    let mut files = settings.list(name);
    if files.is_empty() {
        let one = settings.text(name.trim_end_matches('s'), &[variable], environment)?;
        let home = || {
            environment
                .get("HOME")
                .map(|home| format!("{home}/.aws/{usual}"))
        };
        files.extend(one.or_else(home));
    }
    let mut out = Sections::new();
    for file in files {
        let path = match (file.strip_prefix("~/"), environment.get("HOME")) {
            (Some(rest), Some(home)) => format!("{home}/{rest}"),
            _ => file,
        };
        let text = match input::text(&environment.path(&path)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                let message = format!("cannot be read: {error}");
                return Err(
                    StateError::new(StateErrorKind::Configuration, &path, message)
                        .hint("correct the file or its permissions, or name another profile file"),
                );
            }
        };
        for (section, values) in sections(&text) {
            out.entry(section).or_default().extend(values);
        }
    }
    Ok(out)
}

/// Reads an INI text; nested settings (indented) are passed over.
fn sections(text: &str) -> Sections {
    let mut out = Sections::new();
    let mut section = String::new();
    for line in text
        .lines()
        .filter(|line| !line.starts_with(['#', ';', ' ', '\t']))
    {
        if let Some(name) = line
            .trim_end()
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            section = name.trim().to_owned();
        } else if let Some((name, value)) = line.split_once('=') {
            out.entry(section.clone())
                .or_default()
                .insert(name.trim().to_lowercase(), value.trim().to_owned());
        }
    }
    out
}

/// The `<Code>` of an error document.
fn code(response: &Response) -> String {
    let text = String::from_utf8_lossy(
        response
            .body
            .get(..response.body.len().min(4096))
            .unwrap_or_default(),
    );
    let inside = || {
        text.split_once("<Code>")?
            .1
            .split_once("</Code>")
            .map(|(code, _)| code.trim().to_owned())
    };
    if response.status == 200 {
        String::new()
    } else {
        inside().unwrap_or_default()
    }
}

/// What S3 said, and what to do about it.
fn refused(source: &str, status: u16, code: &str) -> StateError {
    let said = if code.is_empty() {
        String::new()
    } else {
        format!(", {code}")
    };
    let (kind, what, hint) = match (status, code) {
        (404, "NoSuchBucket") => (
            StateErrorKind::NotFound,
            "there is no such bucket",
            "look at `bucket` and `endpoint`",
        ),
        (
            301 | 307 | 400,
            "PermanentRedirect"
            | "AuthorizationHeaderMalformed"
            | "AuthorizationQueryParametersError"
            | "",
        ) => (
            StateErrorKind::Unreadable,
            "the bucket lies in another region",
            "look at `region`",
        ),
        (
            400 | 401 | 403,
            "ExpiredToken" | "InvalidToken" | "InvalidAccessKeyId" | "SignatureDoesNotMatch",
        ) => (
            StateErrorKind::Unreadable,
            "the access key is not valid",
            "look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
        ),
        (401 | 403, _) => (
            StateErrorKind::Unreadable,
            "the access key may not read this",
            "grant s3:GetObject on the object, and s3:ListBucket on the bucket: without it a state that is not there yet looks the same",
        ),
        _ => (
            StateErrorKind::Unreadable,
            "S3 did not answer the request",
            "try again; `tofu state pull | driftline drift --state -` is another way",
        ),
    };
    StateError::new(kind, source, format!("{what} (status {status}{said})")).hint(hint)
}

/// The complaint about a way to S3 that only tofu goes.
fn handed_over(settings: &Settings, why: &str) -> StateError {
    let message = format!(
        "state is kept in the backend `s3`, which driftline reads with a plain access key only, and {why}"
    );
    StateError::new(StateErrorKind::Unsupported, &settings.file, message)
        .hint("let tofu hand it over: `tofu state pull | driftline drift --state -`")
}

#[cfg(test)]
mod tests {
    use super::sections;

    #[test]
    fn shared_files_are_read_by_section() {
        let text = "# x\n[default]\naws_access_key_id = A\ns3 =\n  max = 1\n\n[profile dev]\nregion=eu-west-1\n";
        let read = sections(text);
        assert_eq!(read["default"]["aws_access_key_id"], "A");
        assert_eq!(read["profile dev"]["region"], "eu-west-1");
        assert!(!read["default"].contains_key("max"));
    }
}
