//! Inputs nobody means well with, from the tables in `tests/data/inputs`: each ends within ten seconds and one gigabyte, with what
//! the table says, and never by a panic, a signal or an abort.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::Deserialize;

const FOLDER: &str = "tests/data/inputs";
/// The command of a case that names none. A build for tests evaluates slowly, so that it may do less.
const USUAL: &str =
    "drift --snapshot $SNAP --state empty.tfstate --config . --evaluation-limit 1000000";
const EMPTY: &str = r#"{"version":4,"terraform_version":"1.12.6","serial":1,"lineage":"none","outputs":{},"resources":[]}"#;
/// Time for one case; those that share the machine with others take longer than alone.
const LONGEST: Duration = Duration::from_secs(10);
/// The most memory of one case, in kilobytes.
const LARGEST: u64 = 1_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

/// One input and what becomes of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// What `main.tf` holds.
    config: Option<String>,
    #[serde(default)]
    files: BTreeMap<String, Text>,
    #[serde(default)]
    pipes: Vec<String>,
    /// Symbolic links and where they lead.
    #[serde(default)]
    links: BTreeMap<String, String>,
    serve: Option<Server>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    stdin: Option<Text>,
    /// Arguments with a space between, where `''` is an empty one.
    run: Option<String>,
    /// How large a file may grow, in blocks of 512 bytes.
    blocks: Option<u32>,
    /// What is in the folder afterwards, beside what was put there.
    left: Option<Vec<String>>,
    exit: i32,
    says: String,
    /// What must not be said.
    #[serde(default)]
    never: Vec<String>,
}

/// A text, or parts of one of which some are repeated.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Whole(String),
    Repeated { text: String, times: usize },
    Parts(Vec<Text>),
}

impl Text {
    fn whole(&self) -> String {
        match self {
            Self::Whole(text) => text.clone(),
            Self::Repeated { text, times } => text.repeat(*times),
            Self::Parts(parts) => parts.iter().map(Self::whole).collect(),
        }
    }
}

/// A server on loopback: what it answers to each request, and what it then sends for ever.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Server {
    #[serde(default)]
    answer: String,
    forever: Option<Text>,
    /// Whether it says nothing at all.
    #[serde(default)]
    silent: bool,
}

/// Serves until the test ends; gives the port.
fn serve(server: &Server) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (answer, silent) = (server.answer.clone(), server.silent);
    let forever = server.forever.as_ref().map(Text::whole);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (answer, forever) = (answer.clone(), forever.clone());
            std::thread::spawn(move || answered(stream, &answer, forever.as_deref(), silent));
        }
    });
    port
}

fn answered(mut stream: std::net::TcpStream, answer: &str, forever: Option<&str>, silent: bool) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
        head.push(byte[0]);
    }
    if silent {
        std::thread::sleep(LONGEST);
        return;
    }
    // Who has enough hangs up.
    let mut open = stream.write_all(answer.as_bytes()).is_ok();
    while let Some(more) = forever.filter(|_| open) {
        open = stream.write_all(more.as_bytes()).is_ok();
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Puts the files of a case into a folder.
fn lay(case: &Case, folder: &Path, said: &dyn Fn(&str) -> String) {
    let place = |name: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    };
    std::fs::write(place("empty.tfstate"), EMPTY).unwrap();
    if let Some(config) = &case.config {
        std::fs::write(place("main.tf"), config).unwrap();
    }
    for (name, text) in &case.files {
        std::fs::write(place(name), said(&text.whole())).unwrap();
    }
    for name in &case.pipes {
        let made = Command::new("mkfifo").arg(place(name)).status().unwrap();
        assert!(made.success());
    }
    for (name, to) in &case.links {
        std::os::unix::fs::symlink(to, place(name)).unwrap();
    }
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// Runs a case. An error says what is wrong with how it ended.
fn ends(case: &Case) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let port = case.serve.as_ref().map_or(0, serve);
    let snapshot =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/types/google_redis_instance");
    let said = |text: &str| {
        text.replace("$SNAP", &snapshot.display().to_string())
            .replace("$URL", &format!("http://127.0.0.1:{port}"))
            .replace("$PORT", &port.to_string())
    };
    lay(case, folder, &said);
    let before = names(folder);
    let line = case.run.as_deref().unwrap_or(USUAL).split(' ');
    let args = line.map(|arg| {
        if arg == "''" {
            String::new()
        } else {
            said(arg)
        }
    });
    let blocks = case
        .blocks
        .map_or("unlimited".to_owned(), |n| n.to_string());
    let mut child = Command::new("sh")
        .args([
            "-c",
            &format!("ulimit -c 0; ulimit -v 3000000; ulimit -f {blocks}; exec \"$0\" \"$@\""),
        ])
        .arg(env!("CARGO_BIN_EXE_driftline"))
        .args(args)
        .env_clear()
        .env("GCE_METADATA_HOST", "127.0.0.1:1")
        .envs(case.env.iter().map(|(name, value)| (name, said(value))))
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = case.stdin.as_ref().map(Text::whole).unwrap_or_default();
    // Who has read enough closes it.
    let feeding = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let mut streams = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let out = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        drop(streams.0.read_to_end(&mut bytes));
        bytes
    });
    let err = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        drop(streams.1.read_to_end(&mut bytes));
        bytes
    });
    let (start, mut most) = (Instant::now(), 0);
    let status = loop {
        most = most.max(peak(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > LONGEST {
            child.kill().unwrap();
            child.wait().unwrap();
            return Err("it does not end".to_owned());
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    feeding.join().unwrap();
    let all = text(err.join().unwrap()) + &text(out.join().unwrap());
    let left: Vec<String> = names(folder);
    let left: Vec<String> = left
        .into_iter()
        .filter(|name| !before.contains(name))
        .collect();
    if status.signal().is_some() || all.contains("panicked") {
        Err(format!("{status}: {all}"))
    } else if status.code() != Some(case.exit) || !all.contains(&case.says) {
        Err(format!(
            "{status} instead of {} and `{}`: {all}",
            case.exit, case.says
        ))
    } else if let Some(said) = case.never.iter().find(|never| all.contains(*never)) {
        Err(format!("it says {said:?}"))
    } else if most > LARGEST {
        Err(format!("it takes {most} KB"))
    } else if case.left.as_ref().is_some_and(|expected| *expected != left) {
        Err(format!("it leaves {left:?}"))
    } else {
        Ok(())
    }
}

/// The most memory that a process had so far, in kilobytes; nothing where the system does not tell.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or_default()
}

/// Holds every case of a table, two at a time.
fn hold(name: &str) {
    let text = std::fs::read_to_string(Path::new(FOLDER).join(name)).unwrap();
    let table: Table = toml::from_str(&text).unwrap();
    assert!(table.case.len() > 50, "{name} has lost its cases");
    let (cases, wrong) = (Mutex::new(table.case), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = { cases.lock().unwrap().pop() } {
                    if let Err(why) = ends(&case) {
                        let why: String = why.chars().take(600).collect();
                        wrong.lock().unwrap().push(format!("{}: {why}", case.name));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "{} of {name}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn configurations_that_grow_nest_or_circle_end() {
    hold("language.toml");
}

#[test]
fn what_is_named_and_is_not_what_it_should_be_ends() {
    hold("named.toml");
}
