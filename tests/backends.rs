//! Where state lives: what each form of `--state` and each backend leads to, against servers on loopback.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panicking, and says aloud what it skipped")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use driftline::model::Note;
use driftline::tofu::backend::{Fetch, FetchError, Request, Resolved, Response, StateArgs, resolve};
use driftline::tofu::encryption::KmsRefused;
use driftline::tofu::root::Environment;
use driftline::tofu::state::{StateError, StateErrorKind as Kind};
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

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
async fn serve(answer: impl Fn(&str, &BTreeMap<String, String>) -> Answer + Send + Sync + 'static) -> (u16, Asked) {
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
                let headers: BTreeMap<String, String> =
                    lines.filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect();
                let (status, body) = answer(&path, &headers);
                log.lock().expect("log").push((path, headers));
                // A body may bring headers of its own.
                let (more, body) = body.split_once("\r\n\r\n").map_or(("", &*body), |(more, body)| (more, body));
                let more = if more.is_empty() { String::new() } else { format!("{more}\r\n") };
                let reply =
                    format!("HTTP/1.1 {status} X\r\n{more}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
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
            let failed = |error: std::io::Error| FetchError { message: format!("no connection: {error}"), hint: String::new() };
            let mut stream = TcpStream::connect(("127.0.0.1", self.0)).await.map_err(failed)?;
            let mut head = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n");
            for (name, value) in &request.headers {
                head += &format!("{name}: {value}\r\n");
            }
            if let Some(google) = &request.google {
                head += &format!("x-test-google: {google:?}\r\n");
            }
            stream.write_all(format!("{head}\r\n").as_bytes()).await.map_err(failed)?;
            let mut reply = Vec::new();
            stream.read_to_end(&mut reply).await.map_err(failed)?;
            let at = reply.windows(4).position(|w| w == b"\r\n\r\n").expect("a head");
            let status = String::from_utf8_lossy(&reply[9..12]).parse().expect("a status");
            let head = String::from_utf8_lossy(&reply[..at]).into_owned();
            let headers = head.lines().filter_map(|line| line.split_once(": "));
            let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
            Ok(Response { status, headers, body: reply[at + 4..].to_vec() })
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
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Environment { variables, cwd: cwd.to_owned() }
}

fn named(values: &[&str]) -> StateArgs {
    StateArgs { state: values.iter().map(|v| (*v).to_owned()).collect(), ..StateArgs::default() }
}

async fn run(args: &StateArgs, environment: &Environment, fetch: &dyn Fetch) -> Result<Resolved, StateError> {
    resolve(args, environment, fetch, &KmsRefused).await
}

/// `source: instance names`, a line each.
fn names(resolved: &Resolved) -> Vec<String> {
    let names = |s: &driftline::model::State| s.instances.iter().map(|i| i.address.name.clone()).collect::<Vec<_>>().join(" ");
    resolved.states.iter().map(|s| format!("{}: {}", s.source, names(s))).collect()
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
fn bucket(objects: BTreeMap<String, String>, page: usize) -> impl Fn(&str, &BTreeMap<String, String>) -> Answer {
    move |path, headers| {
        let Some(rest) = path.strip_prefix("/storage/v1/b/tofu-state/o") else {
            return (404, r#"{"error":{"code":404,"message":"The specified bucket does not exist."}}"#.into());
        };
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        if let Some(name) = rest.strip_prefix('/').and_then(|rest| rest.strip_suffix("?alt=media")) {
            let name = decode(name);
            if name.contains("forbidden") {
                return (403, r#"{"error":{"code":403,"message":"someone does not have storage.objects.get access"}}"#.into());
            }
            if name.contains("sealed-object") && headers.get("x-goog-encryption-key-sha256").is_none_or(|sha| sha != KEY_SHA256) {
                return (
                    400,
                    r#"{"error":{"code":400,"message":"The target object is encrypted by a customer-supplied encryption key."}}"#
                        .into(),
                );
            }
            return objects.get(&name).map_or((404, "No such object".into()), |body| (200, body.clone()));
        }
        let query: BTreeMap<String, String> = rest
            .trim_start_matches('?')
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), decode(value)))
            .collect();
        let prefix = query.get("prefix").cloned().unwrap_or_default();
        let deep = !query.contains_key("delimiter");
        let under = |name: &&String| name.starts_with(&prefix) && (deep || !name[prefix.len()..].contains('/'));
        let all: Vec<&String> = objects.keys().filter(under).collect();
        let from: usize = query.get("pageToken").map_or(0, |token| token.parse().expect("our token"));
        let items: Vec<_> = all.iter().skip(from).take(page).map(|name| serde_json::json!({"name": name})).collect();
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
    names.iter().map(|name| ((*name).to_owned(), state(&name.replace(['/', '.'], "_")))).collect()
}

#[tokio::test]
async fn a_prefix_of_300_workspaces_is_read_whole_and_in_order() {
    let mut all: BTreeMap<String, String> =
        (0..300).map(|n| (format!("teams/data/ws{n:03}.tfstate"), state(&format!("n{n}")))).collect();
    all.extend(objects(&["teams/data/deeper/x.tfstate", "teams/database.tfstate", "other.tfstate"]));
    all.insert(
        "teams/data/ws007.tflock".into(),
        r#"{"ID":"1","Operation":"OperationTypeApply","Who":"ci@host","Created":"2026-11-20"}"#.into(),
    );
    all.insert("teams/data/readme.txt".into(), "x".into());
    let (port, asked) = serve(bucket(all, 7)).await;
    let host = format!("127.0.0.1:{port}");
    let env = environment(Path::new("/"), &[("STORAGE_EMULATOR_HOST", &host)]);
    let resolved = run(&named(&["gs://tofu-state/teams/data"]), &env, &Loopback(port)).await.expect("read");
    assert_eq!(resolved.states.len(), 300);
    assert_eq!(names(&resolved)[299], "gs://tofu-state/teams/data/ws299.tfstate: n299");
    assert_eq!(
        said(&resolved.notes),
        ["the state `gs://tofu-state/teams/data/ws007.tfstate` is locked by ci@host for OperationTypeApply since 2026-11-20"]
    );
    let asked = asked.lock().expect("log");
    assert!(asked.iter().all(|(_, headers)| !headers.contains_key("x-test-google")), "an emulator gets no credentials");
    assert_eq!(asked.len(), 300 + 1 + 302_usize.div_ceil(7));
}

#[tokio::test]
async fn one_object_a_deep_prefix_and_what_is_not_there() {
    let (port, _) = serve(bucket(objects(&["a/default.tfstate", "a/b/w.tfstate", "forbidden/x.tfstate"]), 2)).await;
    let env = environment(Path::new("/"), &[]);
    let get = async |value: &str| run(&named(&[value]), &env, &Loopback(port)).await;
    let one = get("gs://tofu-state/a/default.tfstate").await.expect("read");
    assert_eq!(names(&one), ["gs://tofu-state/a/default.tfstate: a_default_tfstate"]);
    assert_eq!(get("gs://tofu-state/a/**").await.expect("read").states.len(), 2);
    fails(get("gs://tofu-state/none").await, Kind::NotFound, "no object under this prefix ends in .tfstate");
    fails(get("gs://tofu-state/a/x.tfstate").await, Kind::NotFound, "there is no such object, or it is empty");
    fails(get("gs://elsewhere/a").await, Kind::NotFound, "there is no such bucket");
    fails(get("gs://elsewhere/a.tfstate").await, Kind::NotFound, "there is no such bucket");
    let hint = fails(
        get("gs://tofu-state/forbidden/x.tfstate").await,
        Kind::Unreadable,
        "the credentials may not read this (status 403): someone does not have storage.objects.get access",
    );
    assert!(hint.contains("roles/storage.objectViewer"));
    fails(get("gs:///a").await, Kind::Configuration, "names no bucket");
    fails(get("s3://b/k").await, Kind::Unsupported, "state cannot be read over `s3://`");
}

#[tokio::test]
async fn an_object_with_a_customer_key_is_read_with_it() {
    let (port, asked) = serve(bucket(objects(&["sealed-object.tfstate"]), 9)).await;
    let with = |key: &str| {
        environment(Path::new("/"), &[("GOOGLE_ENCRYPTION_KEY", key), ("GOOGLE_OAUTH_ACCESS_TOKEN", "planted-token")])
    };
    let args = named(&["gs://tofu-state/sealed-object.tfstate"]);
    assert_eq!(run(&args, &with(KEY), &Loopback(port)).await.expect("read").states.len(), 1);
    let log = asked.lock().expect("log").clone();
    assert!(log.iter().filter(|(path, _)| path.contains("tflock")).all(|(_, h)| !h.contains_key("x-goog-encryption-key")));
    assert!(log.iter().all(|(_, h)| h["x-test-google"].starts_with("access token")));
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
    let (port, asked) = serve(|path, headers| match (path, headers.get("authorization").map(String::as_str)) {
        ("/empty", _) => (204, String::new()),
        ("/locked", _) => (423, String::new()),
        ("/half", _) => (200, state("half")[..100].to_owned()),
        ("/page", _) => (200, "<html>sign in</html>".into()),
        (_, Some("Basic bWU6cGxhbnRlZA==")) => (200, state("over_http")),
        _ => (401, String::new()),
    })
    .await;
    let env = environment(Path::new("/"), &[]);
    let get = async |value: &str| run(&named(&[value]), &env, &Loopback(port)).await;
    let read = get("http://me:planted@state.example/s?token=planted").await.expect("read");
    assert_eq!(names(&read), ["http://state.example/s: over_http"]);
    assert!(asked.lock().expect("log")[0].0.ends_with("?token=planted"));
    fails(get("http://state.example/s").await, Kind::Unreadable, "the server asks for credentials (status 401)");
    fails(get("http://state.example/empty").await, Kind::NotFound, "there is no state at this URL");
    fails(get("http://state.example/locked").await, Kind::Unreadable, "the state is locked (status 423)");
    fails(
        get("http://state.example/half").await,
        Kind::Truncated,
        "the file is cut short: it ends in the middle of the document",
    );
    fails(get("http://state.example/page").await, Kind::Syntax, "not JSON: expected value");
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
    assert_eq!(names(&get("http://state.example/right").await.expect("read")), ["http://state.example/right: checked"]);
    assert_eq!(get("http://state.example/once").await.expect("read again").states.len(), 1);
    let message = "what the server sent is not what its Content-MD5 says";
    let hint = fails(get("http://state.example/wrong").await, Kind::Unreadable, message);
    assert!(hint.contains("tofu state pull"));
    let half = environment(Path::new("/"), &[("TF_HTTP_CLIENT_CERTIFICATE_PEM", "planted")]);
    let message = "a client certificate takes both `client_certificate_pem` and `client_private_key_pem`";
    fails(run(&named(&["http://state.example/right"]), &half, &Loopback(port)).await, Kind::Unreadable, message);
}

#[tokio::test]
async fn files_folders_patterns_and_standard_input() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    write(root, "one.json", &state("one"));
    write(root, "live/a/terraform.tfstate", &state("a"));
    write(root, "live/b/terraform.tfstate", &state("b"));
    write(root, "live/b/terraform.tfstate.backup", "not read");
    write(root, "live/b/terraform.tfstate.d/blue/terraform.tfstate", &state("blue"));
    write(root, "live/b/.terraform/terraform.tfstate", r#"{"version":3,"backend":{"type":"gcs","config":{}}}"#);
    write(root, "live/c/terraform.tfstate", "");
    write(root, "live/c/errored.tfstate", &state("errored"));
    write(root, "live/d/terraform.tfstate", r#"{"version":3,"backend":{"type":"gcs","config":{}}}"#);
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
    assert_eq!(names(&get(&["**/terraform.tfstate"]).await.expect("read")), expected[1..]);
    assert_eq!(names(&get(&["live/?/terraform.tfstate"]).await.expect("read")), expected[1..3]);
    fails(get(&["nowhere.tfstate"]).await, Kind::NotFound, "there is no such file");
    fails(get(&["nowhere/*.tfstate"]).await, Kind::NotFound, "no file matches the pattern");
    fails(get(&["empty"]).await, Kind::NotFound, "the folder holds no file that ends in .tfstate");
    fails(get(&["live/c/terraform.tfstate"]).await, Kind::Foreign, "the file is empty");
    let pointer = "this is the pointer that `tofu init` leaves: it names a backend and holds no resource";
    fails(get(&["live/d/terraform.tfstate"]).await, Kind::Pointer, pointer);
    let stdin = StateArgs { stdin: || Ok(state("piped").into_bytes()), ..named(&["-"]) };
    assert_eq!(names(&run(&stdin, &env, &NoNetwork).await.expect("read")), ["-: piped"]);
}

#[tokio::test]
async fn a_state_that_is_being_written_is_read_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let whole = state("whole");
    let path = write(dir.path(), "terraform.tfstate", &whole[..whole.len() / 2]);
    let lock = write(dir.path(), ".terraform.tfstate.lock.info", r#"{"Who":"me@host","Operation":"OperationTypeApply"}"#);
    let writer = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(120));
        std::fs::write(path, whole).expect("written");
    });
    let env = environment(dir.path(), &[]);
    let resolved = run(&named(&["terraform.tfstate"]), &env, &NoNetwork).await.expect("read in the end");
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

fn configuration(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/state/backends").join(name)
}

/// Runs inside a fixture; every request goes to a bucket and an `http` backend on loopback.
async fn inside(name: &str, variables: &[(&str, &str)], args: &StateArgs) -> Result<Resolved, StateError> {
    let stored =
        bucket(objects(&["teams/data/default.tfstate", "teams/partial/prod.tfstate", "teams/variables/default.tfstate"]), 5);
    let (port, _) = serve(move |path, headers| match path {
        "/projects/7/state" if headers.contains_key("x-team") => (200, state("http")),
        "/projects/8/state" if headers.contains_key("authorization") => (200, state("http_environment")),
        other => stored(other, headers),
    })
    .await;
    run(args, &environment(&configuration(name), variables), &Loopback(port)).await
}

#[tokio::test]
async fn configurations_of_every_backend_find_their_state_without_a_flag() {
    const HTTP: &[(&str, &str)] =
        &[("TF_HTTP_ADDRESS", "http://state.example/projects/8/state"), ("TF_HTTP_USERNAME", "u"), ("TF_HTTP_PASSWORD", "p")];
    type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str);
    let cases: [Case; 12] = [
        ("local-default", &[], "terraform.tfstate: local_default"),
        ("local-path", &[], "state/prod.tfstate: local_path"),
        ("local-workspace", &[], "terraform.tfstate.d/staging/terraform.tfstate: local_workspace"),
        ("local-workspace-dir", &[("TF_WORKSPACE", "blue")], "spaces/blue/terraform.tfstate: local_workspace_dir"),
        ("data-dir", &[("TF_DATA_DIR", ".data")], "elsewhere.tfstate: data_dir"),
        ("override", &[], "dev.tfstate: override"),
        ("json", &[], "from-json.tfstate: json"),
        ("gcs", &[], "gs://tofu-state/teams/data/default.tfstate: teams_data_default_tfstate"),
        ("gcs-partial", &[], "gs://tofu-state/teams/partial/prod.tfstate: teams_partial_prod_tfstate"),
        ("gcs-variables", &[], "gs://tofu-state/teams/variables/default.tfstate: teams_variables_default_tfstate"),
        ("http", &[], "http://state.example/projects/7/state: http"),
        ("http-environment", HTTP, "http://state.example/projects/8/state: http_environment"),
    ];
    for (name, variables, expected) in cases {
        let resolved = inside(name, variables, &StateArgs::default()).await.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(names(&resolved), [expected], "{name}");
        assert_eq!(said(&resolved.notes), Vec::<&str>::new(), "{name}");
    }
}

#[tokio::test]
async fn backend_config_overrides_and_config_names_another_folder() {
    let args = StateArgs { backend_config: vec!["prod.tfbackend".into()], ..StateArgs::default() };
    assert_eq!(names(&inside("backend-config", &[], &args).await.expect("found")), ["prod.tfstate: backend_config"]);
    let args = StateArgs {
        backend_config: vec!["bucket=tofu-state".into(), "prefix=teams/data".into()],
        workspace: Some("default".into()),
        ..StateArgs::default()
    };
    let found = inside("gcs-partial", &[], &args).await.expect("found");
    assert_eq!(names(&found), ["gs://tofu-state/teams/data/default.tfstate: teams_data_default_tfstate"]);
    let elsewhere = StateArgs { config: Some("../local-path".into()), ..StateArgs::default() };
    let found = inside("local-default", &[], &elsewhere).await.expect("found");
    assert!(names(&found)[0].ends_with("local-path/state/prod.tfstate: local_path"), "{:?}", names(&found));
}

/// A bucket of S3: objects by path, each request signed by one access key.
fn s3(path: &str, _: &BTreeMap<String, String>) -> Answer {
    let error = |status, code: &str| (status, format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>"));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if !query.contains("X-Amz-Signature=") || !query.contains("X-Amz-Credential=AKIATEST%2F") {
        return error(403, "InvalidAccessKeyId");
    }
    match path {
        "/tofu-state/teams/app.tfstate" => (200, state("s3_default")),
        "/tofu-state/env%3A/blue/teams/app.tfstate" | "/tofu-state/env:/blue/teams/app.tfstate" => (200, state("s3_blue")),
        "/tofu-state/spaces/blue/teams/app.tfstate" => (200, state("s3_spaces")),
        "/tofu-state/teams/app.tfstate.tflock" => (200, r#"{"Who":"ci@host","Operation":"OperationTypeApply"}"#.into()),
        "/tofu-state/forbidden" => error(403, "AccessDenied"),
        path if path.starts_with("/tofu-state/") => error(404, "NoSuchKey"),
        _ => error(404, "NoSuchBucket"),
    }
}

#[tokio::test]
async fn an_s3_backend_is_read_with_a_plain_access_key() {
    const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIATEST"), ("AWS_SECRET_ACCESS_KEY", "planted-secret")];
    let (port, asked) = serve(s3).await;
    let dir = tempfile::tempdir().expect("a folder");
    let endpoint = format!("http://127.0.0.1:{port}");
    let with = async |arguments: &str, variables: &[(&str, &str)]| {
        let block =
            format!("bucket = \"tofu-state\"\nregion = \"eu-west-1\"\nendpoints = {{ s3 = \"{endpoint}\" }}\n{arguments}");
        write(dir.path(), "main.tf", &format!("terraform {{\n  backend \"s3\" {{\n{block}\n  }}\n}}\n"));
        run(&StateArgs::default(), &environment(dir.path(), variables), &Loopback(port)).await
    };
    let app = "key = \"teams/app.tfstate\"\n";
    let found = with(app, &KEYS).await.expect("read");
    assert_eq!((names(&found), found.notes.len()), (vec!["s3://tofu-state/teams/app.tfstate: s3_default".to_owned()], 0));
    assert!(asked.lock().expect("log")[0].0.contains("%2Feu-west-1%2Fs3%2F"));
    let locked = with(&format!("{app}use_lockfile = true"), &KEYS).await.expect("read");
    assert_eq!(
        said(&locked.notes),
        ["the state `s3://tofu-state/teams/app.tfstate` is locked by ci@host for OperationTypeApply"]
    );
    let blue = [KEYS[0], KEYS[1], ("TF_WORKSPACE", "blue"), ("AWS_SESSION_TOKEN", "planted-token")];
    assert!(names(&with(app, &blue).await.expect("read"))[0].ends_with("env:/blue/teams/app.tfstate: s3_blue"));
    assert!(asked.lock().expect("log").last().expect("asked").0.contains("X-Amz-Security-Token=planted-token"));
    let spaces = format!("{app}workspace_key_prefix = \"spaces\"");
    assert!(names(&with(&spaces, &blue).await.expect("read"))[0].ends_with("s3_spaces"));
    write(
        dir.path(),
        "aws/.aws/credentials",
        "[default]\naws_access_key_id = other\n[ci]\naws_access_key_id = AKIATEST\naws_secret_access_key = planted\n",
    );
    write(dir.path(), "aws/.aws/config", "[profile sso]\nsso_session = x\n");
    let home = dir.path().join("aws").display().to_string();
    let profile = with(app, &[("HOME", &home), ("AWS_PROFILE", "ci")]).await.expect("read");
    assert_eq!(profile.states.len(), 1);
    let none = with("key = \"not/there\"", &KEYS).await.expect("no state yet");
    assert_eq!(said(&none.notes), ["there is no state yet at `s3://tofu-state/not/there` (backend `s3`, workspace `default`)"]);
    let message = "the access key may not read this (status 403, AccessDenied)";
    assert!(fails(with("key = \"forbidden\"", &KEYS).await, Kind::Unreadable, message).contains("s3:GetObject"));
    let wrong = [("AWS_ACCESS_KEY_ID", "other"), KEYS[1]];
    let message = "the access key is not valid (status 403, InvalidAccessKeyId)";
    fails(with(app, &wrong).await, Kind::Unreadable, message);
    let only = "state is kept in the backend `s3`, which driftline reads with a plain access key only, and";
    for (arguments, variables, why) in [
        ("role_arn = \"arn:aws:iam::1:role/x\"", &[][..], "`role_arn` is set"),
        ("assume_role = { role_arn = \"x\" }", &[], "`assume_role` is set"),
        ("profile = \"sso\"", &[("HOME", &*home)], "the profile `sso` has `sso_session`"),
        ("", &[], "no access key was found (profile `default`)"),
    ] {
        let result = with(&format!("{app}{arguments}"), variables).await;
        let hint = fails(result, Kind::Unsupported, &format!("{only} {why}"));
        assert!(hint.contains("tofu state pull | driftline drift --state -"), "{hint}");
    }
}

#[tokio::test]
async fn what_only_tofu_reads_and_what_is_not_there_yet_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let env = environment(dir.path(), &[]);
    let with = async |text: &str, variables: &[(&str, &str)]| {
        write(dir.path(), "main.tf", text);
        let env = environment(dir.path(), variables);
        run(&StateArgs::default(), &env, &NoNetwork).await
    };
    let none = run(&StateArgs::default(), &env, &NoNetwork).await.expect("an empty folder");
    assert!(none.states.is_empty());
    assert_eq!(said(&none.notes), ["there is no state yet at `terraform.tfstate` (backend `local`, workspace `default`)"]);
    for kind in ["remote", "azurerm", "kubernetes", "consul", "pg", "oss", "cos", "inmem"] {
        let message = format!("state is kept in the backend `{kind}`, and driftline does not read from there");
        let hint = fails(with(&format!("terraform {{\n  backend \"{kind}\" {{}}\n}}\n"), &[]).await, Kind::Unsupported, &message);
        assert!(hint.contains("tofu state pull | driftline drift --state -"));
    }
    let cloud = "terraform {\n  cloud {\n    organization = \"x\"\n    workspaces {\n      name = \"y\"\n    }\n  }\n}\n";
    fails(with(cloud, &[]).await, Kind::Unsupported, "state is kept by a `cloud` block, and driftline does not read from there");
    let partial = "terraform {\n  backend \"gcs\" {}\n}\n";
    fails(with(partial, &[]).await, Kind::Configuration, "`bucket` of the backend `gcs` is not set");
    let unknown = "variable \"b\" {}\nterraform {\n  backend \"gcs\" {\n    bucket = var.b\n  }\n}\n";
    let message = "`bucket` of the backend `gcs` is not known: `var.b` has no value: set TF_VAR_b, or give a tfvars file";
    fails(with(unknown, &[]).await, Kind::Configuration, message);
    let http = "terraform {\n  backend \"http\" {\n    address = \"http://state.example/x\"\n  }\n}\n";
    let message = "the workspace `w` is selected, and the backend `http` has no workspaces";
    fails(with(http, &[("TF_WORKSPACE", "w")]).await, Kind::Configuration, message);
    let broken = "terraform {\n  backend \"gcs\" {\n    bucket = \n  }\n}\n";
    let error = with(broken, &[]).await.expect_err("broken");
    assert_eq!((error.kind, error.place.map(|(line, _)| line)), (Kind::Configuration, Some(3)), "{error}");
}

#[tokio::test]
async fn settings_are_evaluated_as_init_evaluates_them() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "settings.json", r#"{"env":"prod"}"#);
    let text = r#"
variable "names" {
  type    = map(string)
  default = {}
}
locals {
  settings = jsondecode(file("${path.module}/settings.json"))
  path     = format("%s-%s", var.names["a"], local.settings.env == "prod" ? "live" : "test")
}
terraform {
  backend "local" {
    path = "${local.path}.tfstate"
  }
}
"#;
    write(dir.path(), "main.tf", text);
    write(dir.path(), "broken.tf", "resource \"x\" \"y\" {\n  a = \n}\n");
    write(dir.path(), "x-live.tfstate", &state("evaluated"));
    let env = environment(dir.path(), &[("TF_VAR_names", r#"{ a = "x" }"#)]);
    let resolved = run(&StateArgs::default(), &env, &NoNetwork).await.expect("found");
    assert_eq!(names(&resolved), ["x-live.tfstate: evaluated"]);
    assert!(said(&resolved.notes)[0].starts_with("not valid HCL"), "{:?}", said(&resolved.notes));
    let looped = "locals {\n  a = local.b\n  b = local.a\n}\nterraform {\n  backend \"local\" {\n    path = local.a\n  }\n}\n";
    write(dir.path(), "main.tf", looped);
    let message = "`path` of the backend `local` is not known: `local.a` refers to itself";
    fails(run(&StateArgs::default(), &env, &NoNetwork).await, Kind::Configuration, message);
}

#[tokio::test]
async fn a_backend_changed_since_init_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "main.tf", "terraform {\n  backend \"local\" {\n    path = \"new.tfstate\"\n  }\n}\n");
    write(
        dir.path(),
        ".terraform/terraform.tfstate",
        r#"{"version":3,"backend":{"type":"local","config":{"path":"old.tfstate"},"hash":1}}"#,
    );
    write(dir.path(), "old.tfstate", &state("old"));
    let resolved = run(&StateArgs::default(), &environment(dir.path(), &[]), &NoNetwork).await.expect("read");
    assert_eq!(names(&resolved), ["old.tfstate: old"]);
    assert_eq!(said(&resolved.notes), ["`path` of the backend in `main.tf` is not what the last `tofu init` used"]);
    write(dir.path(), ".terraform/terraform.tfstate", r#"{"version":3,"backend":{"type":"gcs","config":{"bucket":"b"}}}"#);
    let resolved = run(&StateArgs::default(), &environment(dir.path(), &[]), &NoNetwork).await.expect("read");
    assert_eq!(said(&resolved.notes)[0], "`main.tf` declares the backend `local`, and the last `tofu init` used `gcs`");
    assert!(resolved.states.is_empty());
}

#[tokio::test]
async fn encrypted_states_open_with_the_configuration_named_or_beside_them() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/state/encrypted");
    let env = environment(&fixtures, &[]);
    let beside =
        run(&named(&["sha256/terraform.tfstate", "chain", "variables/*.tfstate"]), &env, &NoNetwork).await.expect("opened");
    assert_eq!(beside.states.iter().map(|s| s.instances.len()).collect::<Vec<_>>(), [8, 8, 8]);
    let found = run(&StateArgs::default(), &environment(&fixtures.join("rotation"), &[]), &NoNetwork).await.expect("opened");
    assert_eq!(names(&found).len(), 1);
    let config = |dir: &str, state: &str| StateArgs { config: Some(dir.into()), ..named(&[state]) };
    let error = run(&config("aad", "sha256/terraform.tfstate"), &env, &NoNetwork).await.expect_err("another key provider");
    assert_eq!(error.kind, Kind::MissingKeyProvider);
    let bare = run(&config("environment", "sha256/terraform.tfstate"), &env, &NoNetwork).await;
    fails(bare, Kind::Encrypted, "the state is encrypted and no `encryption` configuration is at hand");
    let variable = std::fs::read_to_string(fixtures.join("environment/TF_ENCRYPTION")).expect("there");
    let with = environment(&fixtures.join("environment"), &[("TF_ENCRYPTION", &variable)]);
    assert_eq!(run(&StateArgs::default(), &with, &NoNetwork).await.expect("opened").states.len(), 1);
    let message = "the state is not encrypted, and `enforced/encryption.tf` accepts no plain text";
    fails(run(&config("enforced", "enforced/terraform.tfstate"), &env, &NoNetwork).await, Kind::Configuration, message);
    assert_eq!(run(&config("migration", "migration/terraform.tfstate"), &env, &NoNetwork).await.expect("plain").notes.len(), 0);
    let lenient = run(&config("sha256", "enforced/terraform.tfstate"), &env, &NoNetwork).await;
    assert!(lenient.is_err(), "sha256 enforces encryption too");
    let lenient = run(&config("aad", "enforced/terraform.tfstate"), &env, &NoNetwork).await.expect("plain, with a word");
    assert_eq!(
        said(&lenient.notes),
        ["`enforced/terraform.tfstate`: the state is not encrypted, and `aad/encryption.tf` accepts no plain text"]
    );
    let piped = StateArgs { stdin: || Ok(state("piped").into_bytes()), ..config("enforced", "-") };
    assert_eq!(run(&piped, &env, &NoNetwork).await.expect("opened on purpose").states.len(), 1);
}

/// A folder with the sealed state of a fixture and this configuration.
fn sealed(fixture: &str, configuration: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/state/encrypted").join(fixture).join("terraform.tfstate");
    std::fs::copy(from, dir.path().join("terraform.tfstate")).expect("copied");
    std::fs::copy(dir.path().join("terraform.tfstate"), dir.path().join("second.tfstate")).expect("copied");
    write(dir.path(), "main.tf", configuration);
    dir
}

const ASKING: &str = r#"
variable "passphrase" {
  type      = string
  sensitive = true
}
terraform {
  encryption {
    key_provider "pbkdf2" "short" {
      passphrase = var.passphrase
    }
    method "aes_gcm" "main" {
      keys = key_provider.pbkdf2.short
    }
    state {
      method = method.aes_gcm.main
    }
  }
}
"#;

#[tokio::test]
async fn a_passphrase_without_a_value_is_asked_for_once_if_someone_is_there() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let dir = sealed("sha256", ASKING);
    let env = environment(dir.path(), &[]);
    let typed = |ask| StateArgs { ask, ..named(&["*.tfstate"]) };
    let right = typed(|question| {
        assert_eq!(question, "passphrase of `key_provider.pbkdf2.short`, for `second.tfstate`");
        ASKED.fetch_add(1, Ordering::Relaxed);
        Some(zeroize::Zeroizing::new("correct-horse-battery-staple".to_owned()))
    });
    assert_eq!(run(&right, &env, &NoNetwork).await.expect("opened").states.len(), 2);
    assert_eq!(ASKED.load(Ordering::Relaxed), 1, "one question for both");
    let wrong = typed(|_| Some(zeroize::Zeroizing::new("planted-passphrase".to_owned())));
    let message = "wrong passphrase or key: `key_provider.pbkdf2.short` gives a key that does not open this state";
    fails(run(&wrong, &env, &NoNetwork).await, Kind::WrongKey, message);
    // Nobody is there, or nothing is typed.
    let message = "the passphrase of `key_provider.pbkdf2.short` is not known: `var.passphrase` has no value: set TF_VAR_passphrase, or give a tfvars file";
    for ask in [(|_| None) as driftline::tofu::backend::AskPassphrase, |_| Some(zeroize::Zeroizing::default())] {
        let hint = fails(run(&typed(ask), &env, &NoNetwork).await, Kind::Unreadable, message);
        assert!(hint.contains("TF_ENCRYPTION"), "{hint}");
    }
    // What is known is not asked for.
    let known = environment(dir.path(), &[("TF_VAR_passphrase", "correct-horse-battery-staple")]);
    let never = typed(|question| panic!("{question}"));
    assert_eq!(run(&never, &known, &NoNetwork).await.expect("opened").states.len(), 2);
}

#[tokio::test]
async fn a_sealed_state_without_configuration_is_opened_by_whoever_knows_its_passphrase() {
    let dir = sealed("sha256", "");
    let env = environment(dir.path(), &[]);
    let args = |ask| StateArgs { ask, ..named(&["terraform.tfstate"]) };
    let typed = args(|_| Some(zeroize::Zeroizing::new("correct-horse-battery-staple".to_owned())));
    assert_eq!(run(&typed, &env, &NoNetwork).await.expect("opened").states.len(), 1);
    let message = "the state is encrypted and no `encryption` configuration is at hand";
    fails(run(&args(|_| None), &env, &NoNetwork).await, Kind::Encrypted, message);
}

#[test]
fn resolving_may_move_between_threads() {
    fn send<T: Send>(_: T) {}
    let (args, env) = (StateArgs::default(), Environment::default());
    send(resolve(&args, &env, &NoNetwork, &KmsRefused));
}
