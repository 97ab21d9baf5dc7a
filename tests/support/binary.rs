//! The real binary, run with nothing of this machine's environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One run to come.
#[derive(Clone, Debug, Default)]
pub struct Run {
    args: Vec<String>,
    variables: BTreeMap<String, String>,
    folder: Option<PathBuf>,
    input: Vec<u8>,
    /// What to say instead of texts that differ from run to run.
    pub aliases: Vec<(String, String)>,
}

/// What a run left behind.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    line: String,
    aliases: Vec<(String, String)>,
}

impl Run {
    /// A run with arguments.
    pub fn new<S: AsRef<str>>(args: &[S]) -> Self {
        let run = Self {
            args: args.iter().map(|arg| arg.as_ref().to_owned()).collect(),
            ..Self::default()
        };
        // No metadata server answers here.
        run.var("GCE_METADATA_HOST", "127.0.0.1:1")
            .var("COLUMNS", "110")
    }

    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    pub fn var(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn vars(mut self, more: &BTreeMap<String, String>) -> Self {
        self.variables.extend(more.clone());
        self
    }

    /// Runs in this folder, which transcripts call `.`.
    pub fn within(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    pub fn input(mut self, bytes: &[u8]) -> Self {
        self.input = bytes.to_vec();
        self
    }

    /// Says `word` in a transcript wherever `text` stands.
    pub fn alias(mut self, text: &str, word: &str) -> Self {
        self.aliases.push((text.to_owned(), word.to_owned()));
        self
    }

    pub fn end(self) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftline"));
        command.args(&self.args).env_clear().envs(&self.variables);
        let empty = tempfile::tempdir().unwrap();
        command
            .env("HOME", empty.path())
            .current_dir(self.folder.as_deref().unwrap_or(empty.path()));
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = self.input;
        let feeding = std::thread::spawn(move || {
            // A run that reads nothing closes it.
            let _ = std::io::Write::write_all(&mut stdin, &input);
        });
        let output = child.wait_with_output().unwrap();
        feeding.join().unwrap();
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            line: self.args.join(" "),
            aliases: self.aliases,
        }
    }
}

impl Ended {
    /// Command line, both streams and the exit code, as a person would have seen them.
    pub fn transcript(&self) -> String {
        let mut text = format!("$ driftline {}\n{}", self.line, self.stdout);
        text.extend(self.stderr.lines().map(|line| format!("! {line}\n")));
        text.push_str(&format!("exit {}\n", self.code));
        self.aliases
            .iter()
            .fold(text, |text, (from, to)| text.replace(from, to))
    }

    /// Everything it said.
    pub fn said(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}
