//! Where the functions of a configuration may read files without being allowed more.

use std::path::{Path, PathBuf};

/// Folders whose files a configuration may read: its repository, or where it is in none, its own folders.
#[derive(Clone, Debug)]
pub struct Grounds {
    folders: Vec<PathBuf>,
    /// Whether everything may be read.
    all: bool,
}

impl Default for Grounds {
    /// Everything: where no configuration was read nothing is hidden from it.
    fn default() -> Self {
        Self {
            folders: Vec::new(),
            all: true,
        }
    }
}

impl Grounds {
    /// The grounds of the configuration in a folder; `all` allows everything.
    pub fn around(folder: &Path, all: bool) -> Self {
        let here = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let repository = here.ancestors().find(|folder| folder.join(".git").exists());
        let folders = vec![repository.unwrap_or(&here).to_owned()];
        Self { folders, all }
    }

    /// Takes in the folder of a module that was read.
    pub fn add(&mut self, folder: &Path) {
        if !self.hold(folder)
            && let Ok(folder) = folder.canonicalize()
        {
            self.folders.push(folder);
        }
    }

    /// Whether a path lies inside, whatever links it goes through. Of one that is not there its nearest folder counts.
    pub fn hold(&self, path: &Path) -> bool {
        if self.all {
            return true;
        }
        let real = path.ancestors().find_map(|part| part.canonicalize().ok());
        real.is_some_and(|real| self.folders.iter().any(|folder| real.starts_with(folder)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_links_lead_to_counts() {
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("inside");
        std::fs::create_dir(&inside).unwrap();
        std::os::unix::fs::symlink("/etc", inside.join("link")).unwrap();
        let mut grounds = Grounds::around(&inside, false);
        assert!(grounds.hold(&inside.join("a/b.txt")));
        assert!(!grounds.hold(&inside.join("../a.txt")) && !grounds.hold(Path::new("/etc/passwd")));
        assert!(!grounds.hold(&inside.join("link/passwd")));
        assert!(Grounds::around(&inside, true).hold(Path::new("/etc/passwd")));
        grounds.add(dir.path());
        assert!(grounds.hold(&inside.join("../a.txt")));
        std::fs::create_dir(dir.path().join(".git")).unwrap();
        assert!(Grounds::around(&inside, false).hold(&inside.join("../a.txt")));
    }
}
