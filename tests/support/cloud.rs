//! A small cloud on loopback that can be made to fail, and definitions to read it with.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use driftline::catalog::Catalog;
use driftline::collect::Settings;
use serde_json::{Value, json};

/// One way to fail.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A status, an error body, and more header lines.
    Status(u16, Value, &'static str),
    /// The connection is reset before an answer.
    Reset,
    /// Half of the body the header promises.
    Truncated,
    /// A body in place of the right one.
    Body(String),
    /// No answer for this long.
    Slow(Duration),
    /// The right body, changed.
    Edit(fn(&mut Value)),
}

struct Planted {
    matches: String,
    times: usize,
    fault: Fault,
}

/// So many requests of an API pass within a window; the others are refused until it turns, as Google does: without a word of when.
struct Quota {
    matches: String,
    requests: usize,
    window: Duration,
    since: Option<std::time::Instant>,
    used: usize,
    status: u16,
}

/// What list calls leave out of the objects they show, though GET has it: `-lists` of the loopback.
struct View {
    matches: String,
    drop: Vec<String>,
}

impl Planted {
    fn fits(&self, line: &str) -> bool {
        self.matches
            .strip_suffix('$')
            .map_or_else(|| line.contains(&self.matches), |end| line.ends_with(end))
    }
}

#[derive(Default)]
struct State {
    answers: BTreeMap<String, Value>,
    /// The answer to every other read; none is 404.
    otherwise: Option<Value>,
    faults: Vec<Planted>,
    quotas: Vec<Quota>,
    views: Vec<View>,
    log: Vec<String>,
    /// Refusals for want of quota.
    refused: usize,
    payers: Vec<String>,
}

/// The cloud; it serves until the test ends.
#[derive(Clone)]
pub struct Cloud {
    pub address: String,
    state: Arc<Mutex<State>>,
}

impl Cloud {
    /// Answers by path and query, below the host name: `sql.example/v1/projects/p/instances?pageToken=2`.
    pub fn serve(answers: &[(&str, Value)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let answers = answers
            .iter()
            .map(|(path, body)| ((*path).to_owned(), body.clone()))
            .collect();
        let state = Arc::new(Mutex::new(State {
            answers,
            ..State::default()
        }));
        let cloud = Self { address, state };
        let served = cloud.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let cloud = served.clone();
                std::thread::spawn(move || while cloud.answer(&stream).is_some() {});
            }
        });
        cloud
    }

    /// Answers one more path and query.
    pub fn put(&self, path: &str, body: Value) {
        self.state
            .lock()
            .unwrap()
            .answers
            .insert(path.to_owned(), body);
    }

    /// Answers every read that has no answer of its own.
    pub fn otherwise(&self, body: Value) {
        self.state.lock().unwrap().otherwise = Some(body);
    }

    /// Forgets what was planted.
    pub fn heal(&self) {
        self.state.lock().unwrap().faults.clear();
    }

    /// Makes requests whose line holds `matches` (ends in it, if that ends in `$`) fail; 0 times is always.
    pub fn plant(&self, matches: &str, times: usize, fault: Fault) {
        let times = if times == 0 { usize::MAX } else { times };
        self.state.lock().unwrap().faults.push(Planted {
            matches: matches.to_owned(),
            times,
            fault,
        });
    }

    /// Lets so many requests a window pass whose line holds `matches`; the others are refused with this status.
    pub fn quota(&self, matches: &str, requests: usize, window: Duration, status: u16) {
        self.state.lock().unwrap().quotas.push(Quota {
            matches: matches.to_owned(),
            requests,
            window,
            since: None,
            used: 0,
            status,
        });
    }

    /// How many requests were refused for want of quota.
    pub fn refused(&self) -> usize {
        self.state.lock().unwrap().refused
    }

    /// Makes answers whose line holds `matches` leave out fields of what they list, as `-lists` of the loopback does. A field is
    /// a path in an object; the objects are the members of every list at the top of a body, grouped or not.
    pub fn lists(&self, matches: &str, drop: &[&str]) {
        self.state.lock().unwrap().views.push(View {
            matches: matches.to_owned(),
            drop: drop.iter().map(|field| (*field).to_owned()).collect(),
        });
    }

    /// Every request so far: method, path, query.
    pub fn log(&self) -> Vec<String> {
        self.state.lock().unwrap().log.clone()
    }

    /// The quota project of each request that named one.
    pub fn payers(&self) -> Vec<String> {
        self.state.lock().unwrap().payers.clone()
    }

    fn answer(&self, mut stream: &TcpStream) -> Option<()> {
        let mut head = vec![0; 1 << 16];
        let (length, text) = loop {
            let n = stream.peek(&mut head).ok().filter(|n| *n > 0)?;
            if let Some(end) = head[..n].windows(4).position(|w| w == b"\r\n\r\n") {
                break (end + 4, String::from_utf8_lossy(&head[..end]).into_owned());
            }
            std::thread::sleep(Duration::from_micros(200));
        };
        let mut words = text.split(' ');
        let line = format!(
            "{} {}",
            words.next()?,
            words.next()?.trim_start_matches('/')
        );
        let header = |name: &str| {
            text.lines().find_map(|l| {
                l.to_ascii_lowercase()
                    .strip_prefix(name)
                    .map(|value| value.trim().to_owned())
            })
        };
        self.state
            .lock()
            .unwrap()
            .payers
            .extend(header("x-goog-user-project:"));
        let fault = self.note(&line);
        if let Some(Fault::Reset) = fault {
            return None; // what is unread when a socket closes makes the kernel send a reset
        }
        stream
            .read_exact(&mut vec![
                0;
                length
                    + header("content-length:")
                        .and_then(|n| n.parse::<usize>().ok())
                        .unwrap_or(0)
            ])
            .ok()?;
        let right = {
            let state = self.state.lock().unwrap();
            let otherwise = || {
                state
                    .otherwise
                    .clone()
                    .filter(|_| line.starts_with("GET ") || line.contains(":getIamPolicy"))
            };
            state
                .answers
                .get(line.split_once(' ')?.1)
                .cloned()
                .or_else(otherwise)
                .map(|body| state.listed(&line, body))
        };
        let missing = json!({"error": {"code": 404, "message": "not found", "errors": [{"reason": "notFound"}]}});
        let (status, body) = right.map_or((404, missing), |body| (200, body));
        let reply = |status: u16, more: &str, body: &str| {
            format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{more}Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        let text = match fault {
            None | Some(Fault::Reset) => reply(status, "", &body.to_string()),
            Some(Fault::Slow(time)) => {
                std::thread::sleep(time);
                reply(status, "", &body.to_string())
            }
            Some(Fault::Body(body)) => reply(200, "", &body),
            Some(Fault::Edit(edit)) => {
                let mut body = body;
                edit(&mut body);
                reply(status, "", &body.to_string())
            }
            Some(Fault::Status(status, body, more)) => reply(status, more, &body.to_string()),
            Some(Fault::Truncated) => {
                let whole = reply(200, "", &body.to_string());
                stream
                    .write_all(&whole.as_bytes()[..whole.len() - body.to_string().len() / 2])
                    .ok()?;
                return None;
            }
        };
        stream.write_all(text.as_bytes()).ok()
    }

    fn note(&self, line: &str) -> Option<Fault> {
        let mut state = self.state.lock().unwrap();
        state.log.push(line.to_owned());
        if let Some(fault) = state.spend(line) {
            return Some(fault);
        }
        let planted = state
            .faults
            .iter_mut()
            .find(|p| p.times > 0 && p.fits(line))?;
        planted.times -= 1;
        Some(planted.fault.clone())
    }

    /// Settings that point at this cloud and do not wait for long.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings {
            timeout: Duration::from_secs(5),
            request_timeout: Duration::from_millis(300),
            token_timeout: Duration::from_millis(600),
            tries: 3,
            backoff: Duration::from_millis(1),
            backoff_max: Duration::from_millis(5),
            quota_pause: Duration::from_millis(20),
            ..Settings::default()
        };
        settings.credentials.access_token = Some("token-of-the-test".to_owned());
        for (variable, host) in [
            ("GOOGLE_SQL_CUSTOM_ENDPOINT", "sql"),
            ("GOOGLE_CACHE_CUSTOM_ENDPOINT", "cache"),
            ("GOOGLE_REGISTRY_CUSTOM_ENDPOINT", "registry"),
            ("GOOGLE_RESOURCE_MANAGER_V3_CUSTOM_ENDPOINT", "projects"),
            ("GOOGLE_SERVICE_USAGE_CUSTOM_ENDPOINT", "usage"),
        ] {
            settings.endpoints.insert(
                variable.to_owned(),
                format!("http://{}/{host}.example/v1/", self.address),
            );
        }
        settings
    }
}

impl State {
    /// Counts a request against its quota; what is beyond it is refused.
    fn spend(&mut self, line: &str) -> Option<Fault> {
        let quota = self
            .quotas
            .iter_mut()
            .find(|quota| line.contains(&quota.matches))?;
        let now = std::time::Instant::now();
        if quota
            .since
            .is_none_or(|since| now.duration_since(since) >= quota.window)
        {
            (quota.since, quota.used) = (Some(now), 0);
        }
        quota.used += 1;
        if quota.used <= quota.requests {
            return None;
        }
        self.refused += 1;
        let reason = "rateLimitExceeded";
        let body = json!({"error": {"code": quota.status, "message": "Quota exceeded for quota metric 'Read requests'",
            "status": "RESOURCE_EXHAUSTED", "errors": [{"reason": reason}]}});
        Some(Fault::Status(quota.status, body, ""))
    }

    /// A body as a list call shows it.
    fn listed(&self, line: &str, mut body: Value) -> Value {
        for view in self
            .views
            .iter()
            .filter(|view| line.contains(&view.matches))
        {
            for field in &view.drop {
                let path: Vec<&str> = field.split('.').collect();
                shorten(&mut body, &path);
            }
        }
        body
    }
}

/// Takes a field out of every object that a list within `body` holds.
fn shorten(body: &mut Value, path: &[&str]) {
    match body {
        Value::Array(objects) => {
            for object in objects {
                let (last, around) = path.split_last().unwrap();
                let holder = (around.iter()).try_fold(object, |at, key| at.get_mut(*key));
                if let Some(holder) = holder.and_then(Value::as_object_mut) {
                    holder.remove(*last);
                }
            }
        }
        Value::Object(members) => members
            .values_mut()
            .filter(|member| member.is_array() || member.is_object())
            .for_each(|member| shorten(member, path)),
        _ => {}
    }
}

/// Types that are listed in every way there is: once a project, per parent, per location, within, as a part, on condition.
pub fn catalog() -> Catalog {
    let service = |name: &str, variable: &str| {
        format!(
            "title = \"{name}\"\napi = \"{name}.example\"\nbase = \"https://{name}.example/v1/\"\nendpoint = \"{variable}\"\n"
        )
    };
    let schema = |rtype: &str| {
        let attribute = |more: Value| {
            let mut facts = json!({"kind": "string", "mode": "optional"});
            facts
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            facts
        };
        json!({"type": rtype, "schema_version": 0, "importable": true, "custom_diff": false, "attributes": {
            "name": attribute(json!({})), "admin_phrase": attribute(json!({"sensitive": true, "api": ["adminPhrase"]})),
            "labels": {"kind": "map", "elem": "string", "mode": "optional"}}})
        .to_string()
    };
    let mut files = vec![
        (
            "google/sql/service.toml".to_owned(),
            service("sql", "GOOGLE_SQL_CUSTOM_ENDPOINT"),
        ),
        (
            "google/cache/service.toml".to_owned(),
            service("cache", "GOOGLE_CACHE_CUSTOM_ENDPOINT")
                + "page_size = { key = \"pageSize\", size = 2 }\n",
        ),
        (
            "google/registry/service.toml".to_owned(),
            service("registry", "GOOGLE_REGISTRY_CUSTOM_ENDPOINT"),
        ),
    ];
    let list = |lines: &str| lines.to_owned();
    for (folder, rtype, list) in [
        (
            "sql",
            "t_instance",
            list(
                "path = \"projects/{project}/instances\"\nitems = \"items\"\npermission = \"sql.instances.list\"",
            ),
        ),
        (
            "sql",
            "t_user",
            list(
                "per = \"t_instance\"\npath = \"projects/{project}/instances/{parent}/users\"\nitems = \"items\"\nwhen = [\"state | in RUNNABLE\"]\notherwise = \"stopped\"\npermission = \"sql.users.list\"",
            ),
        ),
        (
            "cache",
            "t_cache",
            list(
                "path = \"projects/{project}/locations/-/caches\"\nitems = \"caches\"\npermission = \"cache.caches.list\"\n[[further]]\nname = \"ca\"\nkey = \"name\"\npart = \"ca\"\npath = \"{parent}/ca\"\npermission = \"cache.caches.get\"\n[[further]]\nname = \"machines\"\nservice = \"sql\"\npath = \"projects/{project}/machines\"\nitems = \"items.*.machines\"\npermission = \"sql.machines.list\"",
            ),
        ),
        (
            "cache",
            "t_node",
            list("per = \"t_cache\"\nwithin = \"nodes\""),
        ),
        (
            "registry",
            "t_repository",
            list(
                "locations = \"projects/{project}/locations\"\npath = \"projects/{project}/locations/{location}/repositories\"\nitems = \"repositories\"\npermission = \"registry.repositories.list\"",
            ),
        ),
    ] {
        files.push((format!("google/{folder}/{rtype}.toml"), format!("type = \"{rtype}\"\ndescription = \"x\"\n[identity]\nid = \"{{name}}\"\nimport_id = \"{{name}}\"\n[list]\n{list}\n")));
        files.push((
            format!("google/{folder}/{rtype}.schema.json"),
            schema(rtype),
        ));
    }
    Catalog::load(
        files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str())),
    )
    .unwrap()
}

/// A project in which every listing has two pages or places, and one instance is stopped.
pub fn project() -> Vec<(&'static str, Value)> {
    let cache = |name: &str| json!({"name": format!("projects/p/locations/l/caches/{name}"), "nodes": [{"name": "n"}]});
    vec![
        (
            "sql.example/v1/projects/p/instances",
            json!({"items": [{"name": "a", "state": "RUNNABLE"}, {"name": "b", "state": "SUSPENDED"}], "nextPageToken": "2"}),
        ),
        (
            "sql.example/v1/projects/p/instances?pageToken=2",
            json!({"items": [{"name": "c", "state": "RUNNABLE"}]}),
        ),
        (
            "sql.example/v1/projects/p/instances/a/users",
            json!({"items": [{"name": "u"}]}),
        ),
        ("sql.example/v1/projects/p/instances/c/users", json!({})),
        (
            "sql.example/v1/projects/p/machines",
            json!({"items": {"zones/z": {"machines": [{"name": "m"}]}}}),
        ),
        (
            "cache.example/v1/projects/p/locations/-/caches?pageSize=2",
            json!({"caches": [cache("a"), cache("b")], "nextPageToken": "x/y"}),
        ),
        (
            "cache.example/v1/projects/p/locations/-/caches?pageSize=2&pageToken=x/y",
            json!({"caches": [cache("c")]}),
        ),
        (
            "cache.example/v1/projects/p/locations/l/caches/a/ca",
            json!({"cert": "x"}),
        ),
        (
            "registry.example/v1/projects/p/locations",
            json!({"locations": [{"locationId": "eu"}, {"locationId": "us"}]}),
        ),
        (
            "registry.example/v1/projects/p/locations/eu/repositories",
            json!({"repositories": [{"name": "r"}]}),
        ),
        (
            "registry.example/v1/projects/p/locations/us/repositories",
            json!({}),
        ),
    ]
}
