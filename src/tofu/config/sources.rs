//! The text behind a workspace, for those who suggest edits of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Workspace;
use super::inputs::Given;
use super::read::Source;
use crate::model::{GivenBy, SourceFile, Sources};

impl Workspace {
    /// The files it was read from, by module, and where the values of variables come from.
    pub fn sources(&self) -> Sources {
        let mut out = Sources {
            folder: real(&self.folder),
            ..Sources::default()
        };
        let mut known = BTreeMap::new();
        for node in &self.nodes {
            let files = node
                .module
                .sources
                .iter()
                .map(|file| add(&mut out, &mut known, file, node.downloaded))
                .collect();
            out.modules.insert(node.calls.clone(), files);
        }
        for (name, given) in &self.given {
            let by = match given {
                Given::Text(_) => GivenBy::Text,
                Given::Json(..) => GivenBy::Json,
                Given::File(attribute) => {
                    let at = add(&mut out, &mut known, &attribute.file, false);
                    out.files[at].values = true;
                    GivenBy::File(at)
                }
            };
            out.given.insert(name.to_string(), by);
        }
        out
    }
}

fn add(
    out: &mut Sources,
    known: &mut BTreeMap<PathBuf, usize>,
    file: &Source,
    downloaded: bool,
) -> usize {
    *known.entry(file.path.clone()).or_insert_with(|| {
        let (name, path, text) = (file.name.clone(), file.path.clone(), file.text().to_owned());
        let real = real(&path);
        out.files.push(SourceFile {
            name,
            path,
            text,
            downloaded,
            values: false,
            real,
        });
        out.files.len() - 1
    })
}

fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}
