//! Where state lives: what each form of `--state` and each backend leads to, against servers on loopback.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use driftline::model::Note;
use driftline::tofu::backend::{
    Fetch, FetchError, Request, Resolved, Response, StateArgs, resolve,
};
use driftline::tofu::encryption::KmsRefused;
use driftline::tofu::root::Environment;
use driftline::tofu::state::{StateError, StateErrorKind as Kind};
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

mod discovery;
mod sealed;

/// A state with one instance of this name.
fn state(name: &str) -> String {
    format!(
        r#"{{"version":4,"terraform_version":"1.12.6","serial":1,"lineage":"l","outputs":{{}},"resources":[{{"mode":"managed","type":"google_compute_network","name":"{name}","provider":"provider[\"registry.opentofu.org/hashicorp/google\"]","instances":[{{"schema_version":0,"attributes":{{"name":"{name}"}}}}]}}]}}"#
    )
}

/// What a server was asked: the request line's path and the headers in lower case.
type Asked = Arc<Mutex<Vec<(String, BTreeMap<String, String>)>>>;
type Answer = (u16, String);

/// A server on loopback; `answer` gets the path with its query and the headers.
async fn serve(
    answer: impl Fn(&str, &BTreeMap<String, String>) -> Answer + Send + Sync + 'static,
) -> (u16, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    let asked = Asked::default();
    let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.expect("a request"));
                }
                let head = String::from_utf8(head).expect("text");
                let mut lines = head.lines();
                let line = lines.next().expect("a request line").to_owned();
                assert!(line.starts_with("GET "), "{line}");
                let path = line.split(' ').nth(1).expect("a path").to_owned();
                let headers: BTreeMap<String, String> = lines
                    .filter_map(|l| l.split_once(": "))
                    .map(|(n, v)| (n.to_lowercase(), v.to_owned()))
                    .collect();
                let (status, body) = answer(&path, &headers);
                log.lock().expect("log").push((path, headers));
                // A body may bring headers of its own.
                let (more, body) = body
                    .split_once("\r\n\r\n")
                    .map_or(("", &*body), |(more, body)| (more, body));
                let more = if more.is_empty() {
                    String::new()
                } else {
                    format!("{more}\r\n")
                };
                let reply = format!(
                    "HTTP/1.1 {status} X\r\n{more}content-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(reply.as_bytes()).await.expect("sent");
            });
        }
    });
    (port, asked)
}

/// Sends every request to one port on loopback, whatever its host.
struct Loopback(u16);

impl Fetch for Loopback {
    fn get<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, FetchError>> {
        Box::pin(async move {
            let (_, rest) = request.url.split_once("://").expect("a URL");
            let (host, path) = rest.split_once('/').expect("a path");
            let failed = |error: std::io::Error| FetchError {
                message: format!("no connection: {error}"),
                hint: String::new(),
            };
            let mut stream = TcpStream::connect(("127.0.0.1", self.0))
                .await
                .map_err(failed)?;
            let mut head = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n");
            for (name, value) in &request.headers {
                head += &format!("{name}: {value}\r\n");
            }
            if let Some(google) = &request.google {
                head += &format!("x-test-google: {google:?}\r\n");
            }
            stream
                .write_all(format!("{head}\r\n").as_bytes())
                .await
                .map_err(failed)?;
            let mut reply = Vec::new();
            stream.read_to_end(&mut reply).await.map_err(failed)?;
            let at = reply
                .windows(4)
                .position(|w| w == b"\r\n\r\n")
                .expect("a head");
            let status = String::from_utf8_lossy(&reply[9..12])
                .parse()
                .expect("a status");
            let head = String::from_utf8_lossy(&reply[..at]).into_owned();
            let headers = head.lines().filter_map(|line| line.split_once(": "));
            let headers = headers
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect();
            Ok(Response {
                status,
                headers,
                body: reply[at + 4..].to_vec(),
            })
        })
    }
}

/// Refuses every request: for sources that need none.
struct NoNetwork;

impl Fetch for NoNetwork {
    fn get<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, FetchError>> {
        panic!("no request was expected: {request:?}")
    }
}

fn environment(cwd: &Path, variables: &[(&str, &str)]) -> Environment {
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Environment {
        variables,
        cwd: cwd.to_owned(),
    }
}

fn named(values: &[&str]) -> StateArgs {
    StateArgs {
        state: values.iter().map(|v| (*v).to_owned()).collect(),
        ..StateArgs::default()
    }
}

async fn run(
    args: &StateArgs,
    environment: &Environment,
    fetch: &dyn Fetch,
) -> Result<Resolved, StateError> {
    resolve(args, environment, fetch, &KmsRefused).await
}

/// `source: instance names`, a line each.
fn names(resolved: &Resolved) -> Vec<String> {
    let names = |s: &driftline::model::State| {
        s.instances
            .iter()
            .map(|i| i.address.name.clone())
            .collect::<Vec<_>>()
            .join(" ")
    };
    resolved
        .states
        .iter()
        .map(|s| format!("{}: {}", s.source, names(s)))
        .collect()
}

fn said(notes: &[Note]) -> Vec<&str> {
    notes.iter().map(|note| note.message.as_str()).collect()
}

#[track_caller]
fn fails(result: Result<Resolved, StateError>, kind: Kind, message: &str) -> String {
    let error = result.expect_err("must fail");
    assert_eq!((error.kind, &*error.message), (kind, message));
    assert!(!error.to_string().contains("planted"), "{error}");
    error.hint
}

fn write(dir: &Path, file: &str, text: &str) -> PathBuf {
    let path = dir.join(file);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(&path, text).expect("written");
    path
}

/// Cloud Storage with these objects in the bucket `tofu-state`, listing a few a page.
fn bucket(
    objects: BTreeMap<String, String>,
    page: usize,
) -> impl Fn(&str, &BTreeMap<String, String>) -> Answer {
    move |path, headers| {
        let Some(rest) = path.strip_prefix("/storage/v1/b/tofu-state/o") else {
            return (
                404,
                r#"{"error":{"code":404,"message":"The specified bucket does not exist."}}"#.into(),
            );
        };
        let decode = |text: &str| {
            percent_encoding::percent_decode_str(text)
                .decode_utf8_lossy()
                .into_owned()
        };
        if let Some(name) = rest
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix("?alt=media"))
        {
            let name = decode(name);
            if name.contains("forbidden") {
                return (403, r#"{"error":{"code":403,"message":"someone does not have storage.objects.get access"}}"#.into());
            }
            if name.contains("sealed-object")
                && headers
                    .get("x-goog-encryption-key-sha256")
                    .is_none_or(|sha| sha != KEY_SHA256)
            {
                return (
                    400,
                    r#"{"error":{"code":400,"message":"The target object is encrypted by a customer-supplied encryption key."}}"#
                        .into(),
                );
            }
            return objects
                .get(&name)
                .map_or((404, "No such object".into()), |body| (200, body.clone()));
        }
        let query: BTreeMap<String, String> = rest
            .trim_start_matches('?')
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), decode(value)))
            .collect();
        let prefix = query.get("prefix").cloned().unwrap_or_default();
        let deep = !query.contains_key("delimiter");
        let under = |name: &&String| {
            name.starts_with(&prefix) && (deep || !name[prefix.len()..].contains('/'))
        };
        let all: Vec<&String> = objects.keys().filter(under).collect();
        let from: usize = query
            .get("pageToken")
            .map_or(0, |token| token.parse().expect("our token"));
        let items: Vec<_> = all
            .iter()
            .skip(from)
            .take(page)
            .map(|name| serde_json::json!({"name": name}))
            .collect();
        let mut body = serde_json::json!({"items": items});
        if from + page < all.len() {
            body["nextPageToken"] = (from + page).to_string().into();
        }
        (200, body.to_string())
    }
}

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const KEY_SHA256: &str = "Yw3NKWbEM2aRElRIu7JbT/QSpJxzLbLIq8G4WBvXEN0=";

fn objects(names: &[&str]) -> BTreeMap<String, String> {
    names
        .iter()
        .map(|name| ((*name).to_owned(), state(&name.replace(['/', '.'], "_"))))
        .collect()
}

#[tokio::test]
async fn a_prefix_of_300_workspaces_is_read_whole_and_in_order() {
    let mut all: BTreeMap<String, String> = (0..300)
        .map(|n| {
            (
                format!("teams/data/ws{n:03}.tfstate"),
                state(&format!("n{n}")),
            )
        })
        .collect();
    all.extend(objects(&[
        "teams/data/deeper/x.tfstate",
        "teams/database.tfstate",
        "other.tfstate",
    ]));
    all.insert(
        "teams/data/ws007.tflock".into(),
        r#"{"ID":"1","Operation":"OperationTypeApply","Who":"ci@host","Created":"2026-11-20"}"#
            .into(),
    );
    all.insert("teams/data/readme.txt".into(), "x".into());
    let (port, asked) = serve(bucket(all, 7)).await;
    let host = format!("127.0.0.1:{port}");
    let env = environment(Path::new("/"), &[("STORAGE_EMULATOR_HOST", &host)]);
    let resolved = run(
        &named(&["gs://tofu-state/teams/data"]),
        &env,
        &Loopback(port),
    )
    .await
    .expect("read");
    assert_eq!(resolved.states.len(), 300);
    assert_eq!(
        names(&resolved)[299],
        "gs://tofu-state/teams/data/ws299.tfstate: n299"
    );
    assert_eq!(
        said(&resolved.notes),
        [
            "the state `gs://tofu-state/teams/data/ws007.tfstate` is locked by ci@host for OperationTypeApply since 2026-11-20"
        ]
    );
    let asked = asked.lock().expect("log");
    assert!(
        asked
            .iter()
            .all(|(_, headers)| !headers.contains_key("x-test-google")),
        "an emulator gets no credentials"
    );
    assert_eq!(asked.len(), 300 + 1 + 302_usize.div_ceil(7));
}

#[tokio::test]
async fn one_object_a_deep_prefix_and_what_is_not_there() {
    let (port, _) = serve(bucket(
        objects(&["a/default.tfstate", "a/b/w.tfstate", "forbidden/x.tfstate"]),
        2,
    ))
    .await;
    let env = environment(Path::new("/"), &[]);
    let get = async |value: &str| run(&named(&[value]), &env, &Loopback(port)).await;
    let one = get("gs://tofu-state/a/default.tfstate")
        .await
        .expect("read");
    assert_eq!(
        names(&one),
        ["gs://tofu-state/a/default.tfstate: a_default_tfstate"]
    );
    assert_eq!(
        get("gs://tofu-state/a/**")
            .await
            .expect("read")
            .states
            .len(),
        2
    );
    fails(
        get("gs://tofu-state/none").await,
        Kind::NotFound,
        "no object under this prefix ends in .tfstate",
    );
    fails(
        get("gs://tofu-state/a/x.tfstate").await,
        Kind::NotFound,
        "there is no such object, or it is empty",
    );
    fails(
        get("gs://elsewhere/a").await,
        Kind::NotFound,
        "there is no such bucket",
    );
    fails(
        get("gs://elsewhere/a.tfstate").await,
        Kind::NotFound,
        "there is no such bucket",
    );
    let hint = fails(
        get("gs://tofu-state/forbidden/x.tfstate").await,
        Kind::Unreadable,
        "the credentials may not read this (status 403): someone does not have storage.objects.get access",
    );
    assert!(hint.contains("roles/storage.objectViewer"));
    fails(get("gs:///a").await, Kind::Configuration, "names no bucket");
    fails(
        get("s3://b/k").await,
        Kind::Unsupported,
        "state cannot be read over `s3://`",
    );
}

#[tokio::test]
async fn an_object_with_a_customer_key_is_read_with_it() {
    let (port, asked) = serve(bucket(objects(&["sealed-object.tfstate"]), 9)).await;
    let with = |key: &str| {
        environment(
            Path::new("/"),
            &[
                ("GOOGLE_ENCRYPTION_KEY", key),
                ("GOOGLE_OAUTH_ACCESS_TOKEN", "planted-token"),
            ],
        )
    };
    let args = named(&["gs://tofu-state/sealed-object.tfstate"]);
    assert_eq!(
        run(&args, &with(KEY), &Loopback(port))
            .await
            .expect("read")
            .states
            .len(),
        1
    );
    let log = asked.lock().expect("log").clone();
    assert!(
        log.iter()
            .filter(|(path, _)| path.contains("tflock"))
            .all(|(_, h)| !h.contains_key("x-goog-encryption-key"))
    );
    assert!(
        log.iter()
            .all(|(_, h)| h["x-test-google"].starts_with("access token"))
    );
    let plain = environment(Path::new("/"), &[]);
    let hint = fails(
        run(&args, &plain, &Loopback(port)).await,
        Kind::Unreadable,
        "Cloud Storage refuses the request (status 400): The target object is encrypted by a customer-supplied encryption key.",
    );
    assert!(hint.contains("GOOGLE_ENCRYPTION_KEY"));
    fails(
        run(&args, &with("planted"), &Loopback(port)).await,
        Kind::Configuration,
        "the customer-supplied encryption key is no base64 of 32 bytes",
    );
}

#[tokio::test]
async fn urls_are_read_with_a_login_and_errors_name_them_without_it() {
    let (port, asked) =
        serve(
            |path, headers| match (path, headers.get("authorization").map(String::as_str)) {
                ("/empty", _) => (204, String::new()),
                ("/locked", _) => (423, String::new()),
                ("/half", _) => (200, state("half")[..100].to_owned()),
                ("/page", _) => (200, "<html>sign in</html>".into()),
                (_, Some("Basic bWU6cGxhbnRlZA==")) => (200, state("over_http")),
                _ => (401, String::new()),
            },
        )
        .await;
    let env = environment(Path::new("/"), &[]);
    let get = async |value: &str| run(&named(&[value]), &env, &Loopback(port)).await;
    let read = get("http://me:planted@state.example/s?token=planted")
        .await
        .expect("read");
    assert_eq!(names(&read), ["http://state.example/s: over_http"]);
    assert!(asked.lock().expect("log")[0].0.ends_with("?token=planted"));
    fails(
        get("http://state.example/s").await,
        Kind::Unreadable,
        "the server asks for credentials (status 401)",
    );
    fails(
        get("http://state.example/empty").await,
        Kind::NotFound,
        "there is no state at this URL",
    );
    fails(
        get("http://state.example/locked").await,
        Kind::Unreadable,
        "the state is locked (status 423)",
    );
    fails(
        get("http://state.example/half").await,
        Kind::Truncated,
        "the file is cut short: it ends in the middle of the document",
    );
    fails(
        get("http://state.example/page").await,
        Kind::Syntax,
        "not JSON: expected value",
    );
}

#[tokio::test]
async fn a_checksum_that_comes_along_must_fit() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let asked = AtomicUsize::new(0);
    let (port, _) = serve(move |path, _| {
        let body = state("checked");
        let right = "content-md5: ICwU5cdMgmaiQMH8Y80IBA==";
        let wrong = "content-md5: AAAAAAAAAAAAAAAAAAAAAA==";
        let header = match path {
            "/right" => right,
            "/once" if asked.fetch_add(1, Ordering::Relaxed) > 0 => right,
            _ => wrong,
        };
        (200, format!("{header}\r\n\r\n{body}"))
    })
    .await;
    let env = environment(Path::new("/"), &[]);
    let get = async |value: &str| run(&named(&[value]), &env, &Loopback(port)).await;
    assert_eq!(
        names(&get("http://state.example/right").await.expect("read")),
        ["http://state.example/right: checked"]
    );
    assert_eq!(
        get("http://state.example/once")
            .await
            .expect("read again")
            .states
            .len(),
        1
    );
    let message = "what the server sent is not what its Content-MD5 says";
    let hint = fails(
        get("http://state.example/wrong").await,
        Kind::Unreadable,
        message,
    );
    assert!(hint.contains("tofu state pull"));
    let half = environment(
        Path::new("/"),
        &[("TF_HTTP_CLIENT_CERTIFICATE_PEM", "planted")],
    );
    let message =
        "a client certificate takes both `client_certificate_pem` and `client_private_key_pem`";
    fails(
        run(
            &named(&["http://state.example/right"]),
            &half,
            &Loopback(port),
        )
        .await,
        Kind::Unreadable,
        message,
    );
}

#[tokio::test]
async fn files_folders_patterns_and_standard_input() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    write(root, "one.json", &state("one"));
    write(root, "live/a/terraform.tfstate", &state("a"));
    write(root, "live/b/terraform.tfstate", &state("b"));
    write(root, "live/b/terraform.tfstate.backup", "not read");
    write(
        root,
        "live/b/terraform.tfstate.d/blue/terraform.tfstate",
        &state("blue"),
    );
    write(
        root,
        "live/b/.terraform/terraform.tfstate",
        r#"{"version":3,"backend":{"type":"gcs","config":{}}}"#,
    );
    write(root, "live/c/terraform.tfstate", "");
    write(root, "live/c/errored.tfstate", &state("errored"));
    write(
        root,
        "live/d/terraform.tfstate",
        r#"{"version":3,"backend":{"type":"gcs","config":{}}}"#,
    );
    write(root, "empty/readme", "");
    let env = environment(root, &[]);
    let get = async |values: &[&str]| run(&named(values), &env, &NoNetwork).await;
    let whole = get(&["one.json", "live"]).await.expect("read");
    let expected = [
        "one.json: one",
        "live/a/terraform.tfstate: a",
        "live/b/terraform.tfstate: b",
        "live/b/terraform.tfstate.d/blue/terraform.tfstate: blue",
    ];
    assert_eq!(names(&whole), expected);
    assert_eq!(whole.notes.len(), 3, "{:?}", said(&whole.notes));
    assert_eq!(
        names(&get(&["**/terraform.tfstate"]).await.expect("read")),
        expected[1..]
    );
    assert_eq!(
        names(&get(&["live/?/terraform.tfstate"]).await.expect("read")),
        expected[1..3]
    );
    fails(
        get(&["nowhere.tfstate"]).await,
        Kind::NotFound,
        "there is no such file",
    );
    fails(
        get(&["nowhere/*.tfstate"]).await,
        Kind::NotFound,
        "no file matches the pattern",
    );
    fails(
        get(&["empty"]).await,
        Kind::NotFound,
        "the folder holds no file that ends in .tfstate",
    );
    fails(
        get(&["live/c/terraform.tfstate"]).await,
        Kind::Foreign,
        "the file is empty",
    );
    let pointer =
        "this is the pointer that `tofu init` leaves: it names a backend and holds no resource";
    fails(
        get(&["live/d/terraform.tfstate"]).await,
        Kind::Pointer,
        pointer,
    );
    let stdin = StateArgs {
        stdin: || Ok(state("piped").into_bytes()),
        ..named(&["-"])
    };
    assert_eq!(
        names(&run(&stdin, &env, &NoNetwork).await.expect("read")),
        ["-: piped"]
    );
}

#[tokio::test]
async fn a_state_that_is_being_written_is_read_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let whole = state("whole");
    let path = write(dir.path(), "terraform.tfstate", &whole[..whole.len() / 2]);
    let lock = write(
        dir.path(),
        ".terraform.tfstate.lock.info",
        r#"{"Who":"me@host","Operation":"OperationTypeApply"}"#,
    );
    let writer = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(120));
        std::fs::write(path, whole).expect("written");
    });
    let env = environment(dir.path(), &[]);
    let resolved = run(&named(&["terraform.tfstate"]), &env, &NoNetwork)
        .await
        .expect("read in the end");
    writer.join().expect("done");
    assert_eq!(names(&resolved), ["terraform.tfstate: whole"]);
    assert_eq!(
        said(&resolved.notes),
        [
            "`terraform.tfstate` was written while it was read, and was read again",
            "the state `terraform.tfstate` is locked by me@host for OperationTypeApply"
        ]
    );
    assert!(lock.exists());
}

#[test]
fn resolving_may_move_between_threads() {
    fn send<T: Send>(_: T) {}
    let (args, env) = (StateArgs::default(), Environment::default());
    send(resolve(&args, &env, &NoNetwork, &KmsRefused));
}
