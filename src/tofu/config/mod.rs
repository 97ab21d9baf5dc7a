//! Reading configuration: a root module, the modules it calls, and the values of its variables.
//!
//! [`Workspace::load`] reads files once; [`Workspace::session`] evaluates them against what is known of the resources.
//! Whatever is wrong becomes a note and whatever cannot be known an unknown value: the rest is still answered.

mod constraint;
mod evaluate;
mod inputs;
mod load;
mod moves;
mod read;
mod refusals;
mod removed;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use evaluate::{AskedData, ConsoleAnswer, Record, ResourceValues, Session, Unplanned};
pub use inputs::{Argument, Inputs};
pub use moves::moved;

use self::inputs::Given;
use self::read::Module;
use crate::hcl::Limit;
use crate::model::{
    Address, Config, Declared, Note, ProviderConfig, RequiredProvider, Severity, Unreadable,
};
use crate::tofu::grounds::Grounds;
use crate::tofu::state::beta;

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
    /// What the environment says for arguments that a provider block leaves out.
    provider: ProviderConfig,
    /// How much one evaluation may do.
    limit: Limit,
    /// Where its functions may read files.
    grounds: Grounds,
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
        let manifest = load::manifest(folder, &folder.join(data), &mut notes);
        let mut given_notes = Vec::new();
        let given = inputs::collect(folder, inputs, &mut given_notes);
        let name = if inputs.workspace.is_empty() {
            "default".into()
        } else {
            inputs.workspace.clone()
        };
        let empty = Self {
            folder: folder.to_path_buf(),
            name,
            nodes: Vec::new(),
            given,
            provider: inputs.provider.clone(),
            limit: inputs.limit,
            grounds: Grounds::around(folder, inputs.outside),
            unreadable: Vec::new(),
            notes,
        };
        let mut workspace = load::read(empty, &inputs.texts, manifest);
        let wrong = |note: &Note| note.severity == Severity::Error;
        if !read::has_files(folder) && !workspace.notes.iter().any(wrong) {
            let hint = "give the folder that holds the root module's .tf or .tofu files";
            return Err(complaint(
                format!("{} holds no configuration", folder.display()),
                hint,
            ));
        }
        workspace.notes.extend(given_notes);
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

    /// Whether a data source is declared anywhere.
    pub fn has_data(&self) -> bool {
        let mut resources = self.nodes.iter().flat_map(|node| &node.module.resources);
        resources.any(|resource| resource.data)
    }

    /// What the modules ask of the versions of google and google-beta, and notes about constraints that are none.
    pub fn required_providers(&self) -> (Vec<RequiredProvider>, Vec<Note>) {
        let (mut out, mut notes) = (Vec::new(), Vec::new());
        let mut seen: Vec<*const Module> = Vec::new();
        for node in &self.nodes {
            let module: &Module = &node.module;
            // Calls of one folder share it.
            if seen.contains(&std::ptr::from_ref(module)) {
                continue;
            }
            seen.push(module);
            for (name, text, place) in &module.constraints {
                let source = module.required.get(name).unwrap_or(name);
                let Some(beta) = beta(source) else { continue };
                match text.parse() {
                    Ok(constraint) => out.push(RequiredProvider {
                        beta,
                        constraint,
                        text: text.clone(),
                    }),
                    Err(wrong) => notes.push(Note {
                        severity: Severity::Error,
                        message: format!("the version constraint of `{name}` is none: {wrong}"),
                        place: Some(place.clone()),
                        hint: "write it as in `>= 6.0, < 8.0` or `~> 7.45`".into(),
                    }),
                }
            }
        }
        (out, notes)
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
