//! The text of a configuration: which files it is read from, and where the values of its variables come from.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file of the configuration.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its name, as the user would write it.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Its whole text.
    pub text: String,
    /// Whether it belongs to a downloaded module, which is nobody's to edit.
    pub downloaded: bool,
    /// Whether it holds values of variables.
    pub values: bool,
    /// Its path in full, without links and `..`.
    pub real: PathBuf,
}

/// Where the value of a root variable comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenBy {
    /// A file in native syntax; an index into [`Sources::files`].
    File(usize),
    /// A JSON file.
    Json,
    /// The command line or the environment.
    Text,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The folder of the root module in full, without links and `..`.
    pub folder: PathBuf,
    /// Files; a module that is called twice has its files here once.
    pub files: Vec<SourceFile>,
    /// The files of each module by the names of the calls that lead to it; those that override come first.
    pub modules: BTreeMap<Vec<String>, Vec<usize>>,
    /// What was given for the variables of the root module.
    pub given: BTreeMap<String, GivenBy>,
}

impl Sources {
    /// The same with other texts of some files.
    pub fn with(&self, texts: &BTreeMap<PathBuf, String>) -> Self {
        let mut out = self.clone();
        for file in &mut out.files {
            if let Some(text) = texts.get(&file.path) {
                file.text.clone_from(text);
            }
        }
        out
    }
}
