//! Reading the modules of a workspace, each where it is called.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::read::{self, Module, read_module};
use super::{Node, Unplanned, Workspace, complaint};
use crate::input;
use crate::model::{Note, Severity, Unreadable, UnreadableWhy};

/// Where downloaded modules are, by their dotted call path.
pub(super) type Manifest = BTreeMap<String, String>;

pub(super) fn manifest(root: &Path, data: &Path, notes: &mut Vec<Note>) -> Manifest {
    let path = data.join("modules").join("modules.json");
    if !path.exists() {
        return Manifest::new();
    }
    let shown = path
        .strip_prefix(root)
        .unwrap_or(&path)
        .display()
        .to_string();
    let text = match input::text(&path) {
        Ok(text) => text,
        Err(error) => {
            notes.push(complaint(
                format!("{shown} cannot be read: {error}"),
                "run tofu init again",
            ));
            return Manifest::new();
        }
    };
    let json: serde_json::Value = match serde_json::from_str(&text) {
        Ok(json) => json,
        Err(error) => {
            notes.push(complaint(
                format!("{shown} is not valid JSON: {error}"),
                "run tofu init again",
            ));
            return Manifest::new();
        }
    };
    let entry = |entry: &serde_json::Value| {
        Some((
            entry["Key"].as_str()?.to_owned(),
            entry["Dir"].as_str()?.to_owned(),
        ))
    };
    json["Modules"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(entry)
        .collect()
}

/// Reads the root module of a workspace that has none yet, and the modules it calls.
pub(super) fn read(
    workspace: Workspace,
    texts: &BTreeMap<PathBuf, String>,
    manifest: Manifest,
) -> Workspace {
    let root = workspace.folder.clone();
    let mut loader = Loader {
        texts,
        manifest,
        modules: BTreeMap::new(),
        workspace,
    };
    loader.node(root, &[], ".".into(), Vec::new(), false);
    loader.workspace
}

/// Reads modules as they are called.
struct Loader<'f> {
    texts: &'f BTreeMap<PathBuf, String>,
    manifest: Manifest,
    modules: BTreeMap<PathBuf, Arc<Module>>,
    /// What is read so far: where a call's `source` is an expression, it is evaluated in that.
    workspace: Workspace,
}

/// Deeper than this modules call themselves.
const MAX_DEPTH: usize = 64;
/// More calls than any configuration has.
const MOST_CALLS: usize = 5_000;

impl Loader<'_> {
    /// Reads a module, which becomes the next node, and those it calls; `around` are the folders of the modules it is called in.
    fn node(
        &mut self,
        folder: PathBuf,
        around: &[&str],
        shown: String,
        calls: Vec<String>,
        downloaded: bool,
    ) {
        let module = match self.modules.get(&folder) {
            Some(module) => Arc::clone(module),
            None => {
                let module = Arc::new(read_module(
                    &folder,
                    &shown,
                    self.texts,
                    &mut self.workspace.notes,
                ));
                self.modules.insert(folder.clone(), Arc::clone(&module));
                if !module.sources.is_empty() {
                    self.workspace.grounds.add(&folder);
                }
                module
            }
        };
        let at = self.workspace.nodes.len();
        self.workspace.nodes.push(Node {
            module: Arc::clone(&module),
            shown: shown.clone(),
            calls: calls.clone(),
            downloaded,
            children: BTreeMap::new(),
        });
        let around: Vec<&str> = around.iter().copied().chain([shown.as_str()]).collect();
        for (name, call) in &module.calls {
            let path: Vec<String> = calls.iter().cloned().chain([name.to_string()]).collect();
            let source = self.source(&calls, call);
            let Some(below) = self.locate(&path, call, source.as_deref(), &around) else {
                continue;
            };
            let child = self.workspace.nodes.len();
            let children = &mut self.workspace.nodes[at].children;
            children.insert(Arc::clone(name), child);
            let foreign = downloaded || !source.as_deref().is_some_and(is_local);
            let folder = self.workspace.folder.join(&below);
            self.node(folder, &around, below, path, foreign);
            let called = Arc::clone(&self.workspace.nodes[child].module);
            self.workspace
                .notes
                .extend(unexpected_inputs(call, &called));
        }
    }

    /// The source of a call: what is written, or what variables and locals make of it where it is no plain text.
    fn source(&self, calls: &[String], call: &read::Call) -> Option<String> {
        let literal = call.source.clone();
        literal.or_else(|| {
            let attribute = call.block.content.attribute("source")?;
            let session = self.workspace.session(&Unplanned);
            session.static_text(calls, attribute)
        })
    }

    /// The folder of a called module relative to the root; where it is not there, a note, and a part that is not known.
    fn locate(
        &mut self,
        path: &[String],
        call: &read::Call,
        source: Option<&str>,
        around: &[&str],
    ) -> Option<String> {
        let caller = around.last().copied().unwrap_or(".");
        let local = source.filter(|source| is_local(source));
        let below = match (self.manifest.get(&path.join(".")), local) {
            _ if path.len() > MAX_DEPTH => Err(UnreadableWhy::Circle),
            _ if self.workspace.nodes.len() >= MOST_CALLS => Err(UnreadableWhy::TooMany),
            (_, Some(source)) => {
                let below = joined(caller, source);
                // What is written down leads there each time; an expression may lead elsewhere in the end.
                match call.source.is_some() && around.contains(&below.as_str()) {
                    true => Err(UnreadableWhy::Circle),
                    false => Ok(below),
                }
            }
            (Some(folder), None) => Ok(folder.clone()),
            (None, None) => Err(UnreadableWhy::NotDownloaded(source.map(str::to_owned))),
        };
        let there = |below: String| {
            let is_there = self.workspace.folder.join(&below).is_dir();
            is_there
                .then_some(below.clone())
                .ok_or(UnreadableWhy::NoFolder(below))
        };
        let why = match below.and_then(there) {
            Ok(below) => return Some(below),
            Err(why) => why,
        };
        let name = call.block.label(0);
        let (message, hint) = match &why {
            UnreadableWhy::Circle => (
                format!("module `{name}` calls itself"),
                "break the circle of module calls",
            ),
            UnreadableWhy::NotDownloaded(source) => (
                format!(
                    "module `{name}` ({}) has not been downloaded",
                    source.as_deref().unwrap_or("an expression")
                ),
                "run tofu init in this folder; until then what depends on the module is unknown",
            ),
            UnreadableWhy::TooMany => (
                format!("module `{name}` is one of more than {MOST_CALLS} calls, and was not read"),
                "compare a part of the configuration",
            ),
            UnreadableWhy::NoFolder(below) => (
                format!("the folder {below} of module `{name}` is not there"),
                "correct `source`, or run tofu init",
            ),
        };
        self.workspace.notes.push(Note {
            severity: Severity::Warning,
            message,
            place: Some(call.block.place()),
            hint: hint.to_owned(),
        });
        self.workspace.unreadable.push(Unreadable {
            module: path.to_vec(),
            why,
            place: call.block.place(),
        });
        None
    }
}

/// Complaints about arguments of a call for which the module has no variable.
fn unexpected_inputs(call: &read::Call, module: &Module) -> Vec<Note> {
    let own = [
        "source",
        "version",
        "count",
        "for_each",
        "providers",
        "depends_on",
        "enabled",
    ];
    // A module that could not be read whole may declare more.
    let whole = !module.sources.is_empty();
    let unknown = call.block.content.attributes.iter().filter(|attribute| {
        let name = attribute.name.as_str();
        whole && !own.contains(&name) && !module.variables.contains_key(name)
    });
    let complaint = |attribute: &read::Attribute| Note {
        severity: Severity::Error,
        message: format!(
            "module `{}` has no variable `{}`",
            call.block.label(0),
            attribute.name
        ),
        place: Some(attribute.place()),
        hint: "declare it in the module, or leave the argument out".into(),
    };
    unknown.map(complaint).collect()
}

/// Whether a source is a folder of the same configuration.
fn is_local(source: &str) -> bool {
    source.starts_with("./") || source.starts_with("../")
}

/// A relative source joined to the caller's folder: `modules/a` and `../b` give `modules/b`.
fn joined(caller: &str, source: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in caller.split('/').chain(source.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    let rooted = if caller.starts_with('/') { "/" } else { "" };
    if joined.is_empty() {
        ".".into()
    } else {
        format!("{rooted}{joined}")
    }
}
