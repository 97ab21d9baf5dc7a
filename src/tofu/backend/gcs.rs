//! State in Cloud Storage, through its JSON API.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::settings::Settings;
use super::{Fetch, Fetched, Origin, Request, Response, lock};
use crate::input;
use crate::model::Note;
use crate::tofu::root::{Environment, GoogleCredentials};
use crate::tofu::state::{StateError, StateErrorKind};

/// What stays as it is in an object's name within a URL.
const NAME: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// How many objects are read at once.
const IN_FLIGHT: usize = 16;

/// A bucket and how to ask for it.
struct Bucket<'a> {
    /// The API up to and without `/b/…`.
    base: String,
    name: String,
    google: Option<GoogleCredentials>,
    /// Headers of a customer-supplied key, for objects; locks are never written with one.
    key_headers: Vec<(String, String)>,
    fetch: &'a dyn Fetch,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Listing {
    items: Vec<Item>,
    prefixes: Vec<String>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    name: String,
}

/// What `gs://BUCKET/PREFIX` means: one object when it ends in `.tfstate`, every workspace under the prefix, or with `/**`
/// every state below it.
pub(super) async fn named(
    rest: &str,
    environment: &Environment,
    fetch: &dyn Fetch,
    notes: &mut Vec<Note>,
) -> Result<Vec<Fetched>, StateError> {
    let source = format!("gs://{rest}");
    let (name, path) = rest.split_once('/').unwrap_or((rest, ""));
    if name.is_empty() {
        return Err(
            StateError::new(StateErrorKind::Configuration, &source, "names no bucket")
                .hint("write gs://BUCKET/PREFIX"),
        );
    }
    let google = GoogleCredentials::default().or_environment(environment, true);
    let key = environment.get("GOOGLE_ENCRYPTION_KEY").map(str::to_owned);
    let bucket = Bucket::new(
        name,
        google,
        key,
        endpoint(None, environment),
        environment,
        fetch,
    )?;
    if path.ends_with(".tfstate") {
        let held = bucket.lock(path).await?;
        notes.extend(held);
        return match bucket.read(path).await? {
            Some(bytes) if !bytes.is_empty() => Ok(vec![bucket.fetched(path, bytes)]),
            Some(_) | None => Err(bucket.absent(path).await),
        };
    }
    let (prefix, deep) = path
        .strip_suffix("**")
        .map_or((path, false), |prefix| (prefix, true));
    let listing = bucket.list(&as_prefix(prefix), deep).await?;
    let states: Vec<&str> = listing
        .items
        .iter()
        .map(|item| item.name.as_str())
        .filter(|name| name.ends_with(".tfstate"))
        .collect();
    if states.is_empty() {
        return Err(nothing_under(&source, &listing));
    }
    for item in listing
        .items
        .iter()
        .filter(|item| item.name.ends_with(".tflock"))
    {
        let state = item.name.replace(".tflock", ".tfstate");
        if states.contains(&state.as_str()) {
            notes.extend(bucket.lock(&state).await?);
        }
    }
    let names = states.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let read = stream::iter(names).map(|name| bucket.read_listed(name));
    let found: Vec<Option<Fetched>> = read.buffered(IN_FLIGHT).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

fn nothing_under(source: &str, listing: &Listing) -> StateError {
    let below: Vec<String> = listing
        .prefixes
        .iter()
        .take(5)
        .map(|prefix| format!("`{prefix}`"))
        .collect();
    let hint = if below.is_empty() {
        "look at the `prefix` of the backend; `gs://BUCKET/PREFIX/**` looks below it as well"
            .to_owned()
    } else {
        format!(
            "below it there are {}; `gs://BUCKET/PREFIX/**` looks there as well",
            below.join(", ")
        )
    };
    StateError::new(
        StateErrorKind::NotFound,
        source,
        "no object under this prefix ends in .tfstate",
    )
    .hint(hint)
}

/// The state of one workspace of a `gcs` backend; empty when it has none.
pub(super) async fn of_backend(
    settings: &Settings,
    workspace: &str,
    environment: &Environment,
    fetch: &dyn Fetch,
    notes: &mut Vec<Note>,
) -> Result<Fetched, StateError> {
    let name = settings.required("bucket", &[], environment)?;
    let prefix = settings
        .text("prefix", &[], environment)?
        .unwrap_or_default();
    let variables = [
        "GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT",
        "GOOGLE_STORAGE_CUSTOM_ENDPOINT",
    ];
    let custom = settings.text("storage_custom_endpoint", &variables, environment)?;
    let universe = settings.text(
        "universe_domain",
        &["GOOGLE_BACKEND_UNIVERSE_DOMAIN"],
        environment,
    )?;
    let custom =
        custom.or_else(|| universe.map(|domain| format!("https://storage.{domain}/storage/v1")));
    let key = settings.text("encryption_key", &["GOOGLE_ENCRYPTION_KEY"], environment)?;
    let bucket = Bucket::new(
        &name,
        settings.google(environment)?,
        key,
        endpoint(custom, environment),
        environment,
        fetch,
    )?;
    let object = object_name(&prefix, workspace);
    notes.extend(bucket.lock(&object).await?);
    let bytes = match bucket.read(&object).await? {
        Some(bytes) => bytes,
        // A bucket that is not there is an error; a workspace without state is not.
        None => bucket
            .list(&as_prefix(&prefix), false)
            .await
            .map(|_| Vec::new())?,
    };
    Ok(Fetched {
        origin: Origin::Backend,
        ..bucket.fetched(&object, bytes)
    })
}

/// `<prefix>/<workspace>.tfstate`, cleaned as Go's `path.Join` cleans it.
fn object_name(prefix: &str, workspace: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in prefix.trim_start_matches('/').split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            other => segments.push(other),
        }
    }
    let file = format!("{workspace}.tfstate");
    segments.push(&file);
    segments.join("/")
}

/// A prefix without leading slash and with one trailing, or the empty one.
fn as_prefix(prefix: &str) -> String {
    let trimmed = prefix.trim_matches('/');
    if trimmed.is_empty() {
        String::new()
    } else {
        format!("{trimmed}/")
    }
}

/// The base of the API, and whether it is an emulator, which takes no credentials.
fn endpoint(custom: Option<String>, environment: &Environment) -> (String, bool) {
    if let Some(host) = environment.get("STORAGE_EMULATOR_HOST") {
        let scheme = if host.contains("://") { "" } else { "http://" };
        return (
            format!("{scheme}{}/storage/v1", host.trim_end_matches('/')),
            true,
        );
    }
    let custom = custom.or_else(|| {
        environment
            .first(&[
                "GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT",
                "GOOGLE_STORAGE_CUSTOM_ENDPOINT",
            ])
            .map(str::to_owned)
    });
    let base = custom.unwrap_or_else(|| "https://storage.googleapis.com/storage/v1".into());
    // The documented form ends in `/storage/v1/b`; the provider's form in `/storage/v1/`.
    let base = base.trim_end_matches('/');
    let base = base.strip_suffix("/b").unwrap_or(base);
    let bare = base
        .split_once("://")
        .is_some_and(|(_, host)| !host.contains('/'));
    (
        format!("{base}{}", if bare { "/storage/v1" } else { "" }),
        false,
    )
}

impl<'a> Bucket<'a> {
    fn new(
        name: &str,
        google: GoogleCredentials,
        key: Option<String>,
        (base, emulator): (String, bool),
        environment: &Environment,
        fetch: &'a dyn Fetch,
    ) -> Result<Self, StateError> {
        let key_headers = key
            .map(|key| key_headers(&key, name, environment))
            .transpose()?
            .unwrap_or_default();
        Ok(Self {
            base,
            name: name.to_owned(),
            google: (!emulator).then_some(google),
            key_headers,
            fetch,
        })
    }

    fn source(&self, object: &str) -> String {
        format!("gs://{}/{object}", self.name)
    }

    fn fetched(&self, object: &str, bytes: Vec<u8>) -> Fetched {
        Fetched {
            source: self.source(object),
            place: None,
            bytes,
            origin: Origin::Named(None),
        }
    }

    async fn get(
        &self,
        path: &str,
        headers: &[(String, String)],
        source: &str,
    ) -> Result<Response, StateError> {
        let url = format!(
            "{}/b/{}/o{path}",
            self.base,
            utf8_percent_encode(&self.name, NAME)
        );
        let request = Request {
            url,
            headers: headers.to_vec(),
            google: self.google.clone(),
            ..Request::default()
        };
        let response = self.fetch.get(&request).await;
        response.map_err(|error| {
            StateError::new(StateErrorKind::Unreadable, source, error.message).hint(error.hint)
        })
    }

    /// An object's bytes; nothing when it is not there.
    async fn read(&self, object: &str) -> Result<Option<Vec<u8>>, StateError> {
        let source = self.source(object);
        let path = format!("/{}?alt=media", utf8_percent_encode(object, NAME));
        let response = self.get(&path, &self.key_headers, &source).await?;
        match response.status {
            200 => Ok(Some(response.body)),
            404 => Ok(None),
            _ => Err(refused(&source, &response)),
        }
    }

    /// An object of a listing; nothing when it was deleted since, or is empty.
    async fn read_listed(&self, object: String) -> Result<Option<Fetched>, StateError> {
        Ok(self
            .read(&object)
            .await?
            .filter(|bytes| !bytes.is_empty())
            .map(|bytes| self.fetched(&object, bytes)))
    }

    /// The note about the lock of a state object, if one is held.
    async fn lock(&self, state: &str) -> Result<Option<Note>, StateError> {
        let object = format!("{}.tflock", state.strip_suffix(".tfstate").unwrap_or(state));
        let path = format!("/{}?alt=media", utf8_percent_encode(&object, NAME));
        let response = self.get(&path, &[], &self.source(&object)).await?;
        // Whoever may not read locks may still read state.
        Ok((response.status == 200).then(|| lock::held(&self.source(state), &response.body)))
    }

    /// All objects under a prefix: directly under it, or at any depth.
    async fn list(&self, prefix: &str, deep: bool) -> Result<Listing, StateError> {
        let source = self.source(prefix);
        let fields = "items(name),prefixes,nextPageToken";
        let mut all = Listing::default();
        let mut page = String::new();
        loop {
            let delimiter = if deep { "" } else { "&delimiter=%2F" };
            let path = format!(
                "?prefix={}{delimiter}&fields={fields}{page}",
                utf8_percent_encode(prefix, NAME)
            );
            let response = self.get(&path, &[], &source).await?;
            if response.status == 404 {
                return Err(StateError::new(StateErrorKind::NotFound, &source, "there is no such bucket")
                    .hint("look at the name of the bucket, and at the credentials: another project's bucket may be hidden"));
            }
            if response.status != 200 {
                return Err(refused(&source, &response));
            }
            let listing: Listing = serde_json::from_slice(&response.body).map_err(|_| {
                StateError::new(
                    StateErrorKind::Unreadable,
                    &source,
                    "the listing of the bucket is not what the API promises",
                )
            })?;
            all.items.extend(listing.items);
            all.prefixes.extend(listing.prefixes);
            match listing.next_page_token.filter(|token| !token.is_empty()) {
                Some(token) => page = format!("&pageToken={}", utf8_percent_encode(&token, NAME)),
                None => return Ok(all),
            }
        }
    }

    /// The complaint about an object that is not there.
    async fn absent(&self, object: &str) -> StateError {
        let folder = object.rsplit_once('/').map_or("", |(folder, _)| folder);
        match self.list(&as_prefix(folder), false).await {
            Err(error) => error,
            Ok(_) => StateError::new(
                StateErrorKind::NotFound,
                &self.source(object),
                "there is no such object, or it is empty",
            )
            .hint("name the prefix alone to see every workspace under it: gs://BUCKET/PREFIX"),
        }
    }
}

/// What Cloud Storage said, and what to do about it.
fn refused(source: &str, response: &Response) -> StateError {
    let said: Option<serde_json::Value> = serde_json::from_slice(&response.body).ok();
    let said = said.and_then(|json| {
        json.pointer("/error/message")?
            .as_str()
            .map(|text| text.lines().next().unwrap_or_default().to_owned())
    });
    let said = said.map(|text| format!(": {text}")).unwrap_or_default();
    let (what, hint) = match response.status {
        401 => (
            "the credentials are not valid",
            "run `gcloud auth application-default login`, or set GOOGLE_BACKEND_CREDENTIALS",
        ),
        403 => (
            "the credentials may not read this",
            "grant `roles/storage.objectViewer` on the bucket",
        ),
        400 => (
            "Cloud Storage refuses the request",
            "an object with a customer-supplied key needs it: `encryption_key` or GOOGLE_ENCRYPTION_KEY",
        ),
        _ => (
            "Cloud Storage did not answer the request",
            "try again; `tofu state pull | driftline drift --state -` is another way",
        ),
    };
    StateError::new(
        StateErrorKind::Unreadable,
        source,
        format!("{what} (status {}){said}", response.status),
    )
    .hint(hint)
}

/// The headers of a customer-supplied key: base64 of 32 bytes, as text or in a file.
fn key_headers(
    key: &str,
    bucket: &str,
    environment: &Environment,
) -> Result<Vec<(String, String)>, StateError> {
    let text = input::text(&environment.path(key)).unwrap_or_else(|_| key.to_owned());
    let bytes = STANDARD.decode(text.trim()).ok().filter(|bytes| bytes.len() == 32).ok_or_else(|| {
        StateError::new(
            StateErrorKind::Configuration,
            &format!("gs://{bucket}"),
            "the customer-supplied encryption key is no base64 of 32 bytes",
        )
        .hint("`encryption_key` and GOOGLE_ENCRYPTION_KEY take the key as base64, or the path of a file that holds it")
    })?;
    let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
    let header = |name: &str, value: String| (format!("x-goog-encryption-{name}"), value);
    Ok(vec![
        header("algorithm", "AES256".into()),
        header("key", STANDARD.encode(&bytes)),
        header("key-sha256", STANDARD.encode(digest)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_names_are_cleaned_as_go_cleans_them() {
        assert_eq!(object_name("", "default"), "default.tfstate");
        assert_eq!(object_name("/a//b/", "w"), "a/b/w.tfstate");
        assert_eq!(object_name("a/../b/./c", "w"), "b/c/w.tfstate");
    }

    #[test]
    fn endpoints_of_every_form_lead_to_one_base() {
        let plain = Environment::default();
        let custom = |text: &str| endpoint(Some(text.to_owned()), &plain).0;
        for form in [
            "https://x.example",
            "https://x.example/storage/v1/",
            "https://x.example/storage/v1/b",
            "https://x.example/storage/v1/b/",
        ] {
            assert_eq!(custom(form), "https://x.example/storage/v1", "{form}");
        }
        assert_eq!(
            endpoint(None, &plain),
            ("https://storage.googleapis.com/storage/v1".into(), false)
        );
        let emulated = Environment {
            variables: [("STORAGE_EMULATOR_HOST".into(), "127.0.0.1:9".into())].into(),
            ..plain
        };
        assert_eq!(
            endpoint(None, &emulated),
            ("http://127.0.0.1:9/storage/v1".into(), true)
        );
    }
}
