//! What the process was started with, as a value, so that tests need not share one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Environment variables and the working directory.
#[derive(Clone, Default)]
pub struct Environment {
    /// Variables by name.
    pub variables: BTreeMap<String, String>,
    /// The working directory; relative paths start here.
    pub cwd: PathBuf,
}

impl Environment {
    /// The environment of this process. Variables that are not UTF-8 are left out.
    ///
    /// # Errors
    /// If there is no current folder: relative paths would lead nowhere.
    pub fn of_process() -> std::io::Result<Self> {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Ok(Self {
            variables: variables.collect(),
            cwd: std::env::current_dir()?,
        })
    }

    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The first of several variables that is set and not empty.
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// A path seen from the working directory; `~` is the home folder.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        match (path.strip_prefix("~"), self.get("HOME")) {
            (Ok(rest), Some(home)) => Path::new(home).join(rest),
            _ => self.cwd.join(path),
        }
    }
}

impl std::fmt::Debug for Environment {
    /// Never the values: some are passphrases.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} variables in {}",
            self.variables.len(),
            self.cwd.display()
        )
    }
}
