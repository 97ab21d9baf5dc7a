//! Reading configuration: a root module, the modules it calls, and the values of its variables.
//!
//! [`Workspace::load`] reads files once; [`Workspace::session`] evaluates them against what is known of the resources.
//! Whatever is wrong becomes a note and whatever cannot be known an unknown value: the rest is still answered.

mod constraint;
mod evaluate;
mod inputs;
mod moves;
mod read;
mod refusals;
mod removed;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use evaluate::{ConsoleAnswer, ResourceValues, Session, Unplanned};
pub use inputs::{Argument, Inputs};
pub use moves::moved;

use self::inputs::Given;
use self::read::{Module, read_module};
use crate::model::{Address, Config, Declared, Note, Severity, Unreadable, UnreadableWhy};

/// A configuration, read.
#[derive(Debug)]
pub struct Workspace {
    /// The folder of the root module.
    folder: PathBuf,
    /// The name of the selected workspace.
    name: String,
    /// The root module first.
    nodes: Vec<Node>,
    given: BTreeMap<Arc<str>, Given>,
    /// Called modules that could not be read.
    unreadable: Vec<Unreadable>,
    notes: Vec<Note>,
}

/// A module where it is called: one for each call, however many instances it has.
#[derive(Debug)]
struct Node {
    /// What it declares; calls of one folder share it.
    module: Arc<Module>,
    /// The folder, as `path.module` gives it.
    shown: String,
    /// The names of the calls that lead to it.
    calls: Vec<String>,
    /// Whether it, or a module around it, was downloaded.
    downloaded: bool,
    /// The called modules by call name; a call whose module is not there has none.
    children: BTreeMap<Arc<str>, usize>,
}

impl Workspace {
    /// Reads a root module, the modules below it, and the values of variables.
    ///
    /// What is wrong in some file is a note of the configuration; the rest is read.
    ///
    /// # Errors
    /// When the folder has no configuration at all.
    pub fn load(folder: &Path, inputs: &Inputs) -> Result<Self, Note> {
        let mut notes = Vec::new();
        if !folder.is_dir() {
            return Err(complaint(
                format!("{} is not a folder", folder.display()),
                "give the folder of a root module",
            ));
        }
        let data = if inputs.data_folder.as_os_str().is_empty() {
            Path::new(".terraform")
        } else {
            &inputs.data_folder
        };
        let manifest = manifest(folder, &folder.join(data), &mut notes);
        let texts = &inputs.texts;
        let mut loader = Loader {
            folder,
            texts,
            manifest,
            modules: BTreeMap::new(),
            nodes: Vec::new(),
            unreadable: Vec::new(),
            notes,
        };
        loader.node(folder.to_path_buf(), ".".into(), "", false);
        let Loader {
            nodes,
            unreadable,
            mut notes,
            ..
        } = loader;
        if !read::has_files(folder) && !notes.iter().any(|note| note.severity == Severity::Error) {
            let hint = "give the folder that holds the root module's .tf or .tofu files";
            return Err(complaint(
                format!("{} holds no configuration", folder.display()),
                hint,
            ));
        }
        let given = inputs::collect(folder, inputs, &mut notes);
        let name = if inputs.workspace.is_empty() {
            "default".into()
        } else {
            inputs.workspace.clone()
        };
        let workspace = Self {
            folder: folder.to_path_buf(),
            name,
            nodes,
            given,
            unreadable,
            notes,
        };
        Ok(workspace.checked(inputs))
    }

    /// Adds notes about values given for variables that nobody declares.
    fn checked(mut self, inputs: &Inputs) -> Self {
        let declared = |name: &str| self.nodes[0].module.variables.contains_key(name);
        for argument in &inputs.arguments {
            if let Argument::Value(name, _) = argument
                && !declared(name)
            {
                let hint = "declare it with a variable block, or leave the argument out";
                self.notes.push(complaint(
                    format!("a value was given for the variable `{name}`, which is not declared"),
                    hint,
                ));
            }
        }
        self
    }

    /// Begins an evaluation in which references to other resources are answered by `values`.
    pub fn session<'w>(&'w self, values: &'w dyn ResourceValues) -> Session<'w> {
        Session::new(self, values)
    }

    /// The whole configuration, evaluated.
    pub fn config(&self, values: &dyn ResourceValues) -> Config {
        self.session(values).config()
    }

    /// One resource instance, evaluated. For many of them one [`Session`] is faster.
    pub fn declared(&self, address: &Address, values: &dyn ResourceValues) -> Option<Declared> {
        self.session(values).declared(address)
    }

    /// The managed resources and data sources as they depend on each other: each after all it refers to, through locals,
    /// variables, outputs and `depends_on`. Addresses carry no keys.
    pub fn order(&self) -> Vec<Address> {
        evaluate::order(self)
    }

    /// The types of the managed resources that are declared anywhere.
    pub fn types(&self) -> BTreeSet<String> {
        let resources = self.nodes.iter().flat_map(|node| &node.module.resources);
        resources
            .filter(|resource| !resource.data)
            .map(|resource| resource.rtype.to_string())
            .collect()
    }

    /// The call path of each module.
    fn paths(&self) -> Vec<Vec<String>> {
        let mut paths = vec![Vec::new(); self.nodes.len()];
        // A node always stands behind its caller.
        for (at, node) in self.nodes.iter().enumerate() {
            for (name, child) in &node.children {
                paths[*child] = paths[at]
                    .iter()
                    .cloned()
                    .chain([name.to_string()])
                    .collect();
            }
        }
        paths
    }

    /// What was wrong with the files.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

fn complaint(message: String, hint: &str) -> Note {
    Note {
        severity: Severity::Error,
        message,
        place: None,
        hint: hint.to_owned(),
    }
}

/// Where downloaded modules are, by their dotted call path.
type Manifest = BTreeMap<String, String>;

fn manifest(root: &Path, data: &Path, notes: &mut Vec<Note>) -> Manifest {
    let path = data.join("modules").join("modules.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        return Manifest::new();
    };
    let shown = path
        .strip_prefix(root)
        .unwrap_or(&path)
        .display()
        .to_string();
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

/// Reads modules as they are called.
struct Loader<'f> {
    folder: &'f Path,
    texts: &'f BTreeMap<PathBuf, String>,
    manifest: Manifest,
    modules: BTreeMap<PathBuf, Arc<Module>>,
    nodes: Vec<Node>,
    unreadable: Vec<Unreadable>,
    notes: Vec<Note>,
}

/// Deeper than this modules call themselves.
const MAX_DEPTH: usize = 64;

impl Loader<'_> {
    /// Reads a module and those it calls; the position of its node.
    fn node(&mut self, folder: PathBuf, shown: String, path: &str, downloaded: bool) -> usize {
        let module = match self.modules.get(&folder) {
            Some(module) => Arc::clone(module),
            None => {
                let module = Arc::new(read_module(&folder, &shown, self.texts, &mut self.notes));
                self.modules.insert(folder.clone(), Arc::clone(&module));
                module
            }
        };
        let at = self.nodes.len();
        let calls = path
            .split('.')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        let node = Node {
            module: Arc::clone(&module),
            shown: shown.clone(),
            calls,
            downloaded,
            children: BTreeMap::new(),
        };
        self.nodes.push(node);
        for (name, call) in &module.calls {
            let key = if path.is_empty() {
                name.to_string()
            } else {
                format!("{path}.{name}")
            };
            let Some(below) = self.locate(&key, call, &shown) else {
                continue;
            };
            let foreign = downloaded || !call.source.as_deref().is_some_and(is_local);
            let child = self.node(self.folder.join(&below), below, &key, foreign);
            let called = Arc::clone(&self.nodes[child].module);
            self.notes.extend(unexpected_inputs(call, &called));
            self.nodes[at].children.insert(Arc::clone(name), child);
        }
        at
    }

    /// The folder of a called module relative to the root; where it is not there, a note, and a part that is not known.
    fn locate(&mut self, key: &str, call: &read::Call, caller: &str) -> Option<String> {
        let local = call.source.as_deref().filter(|source| is_local(source));
        let below = match (self.manifest.get(key), local) {
            _ if key.split('.').count() > MAX_DEPTH => Err(UnreadableWhy::Circle),
            (_, Some(source)) => Ok(joined(caller, source)),
            (Some(folder), None) => Ok(folder.clone()),
            (None, None) => Err(UnreadableWhy::NotDownloaded(call.source.clone())),
        };
        let there = |below: String| {
            let is_there = self.folder.join(&below).is_dir();
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
            UnreadableWhy::NoFolder(below) => (
                format!("the folder {below} of module `{name}` is not there"),
                "correct `source`, or run tofu init",
            ),
        };
        self.notes.push(Note {
            severity: Severity::Warning,
            message,
            place: Some(call.block.place()),
            hint: hint.to_owned(),
        });
        self.unreadable.push(Unreadable {
            module: key.split('.').map(str::to_owned).collect(),
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
