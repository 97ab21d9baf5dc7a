//! What the target folder holds already: read, never reprinted.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Block, Body, Structure};

use crate::hcl;
use crate::hcl::print::quoted;
use crate::model::Address;

/// What files of a folder declare, by folder (the empty text is the root).
#[derive(Clone, Debug, Default)]
pub struct Existing {
    /// Resource blocks: folder, type, name.
    pub resources: BTreeSet<(String, String, String)>,
    /// Import blocks of the root: the address as it stands there, and the id where it is plain text.
    pub imports: Vec<(String, Option<String>)>,
    /// Removed blocks of the root: the address as it stands there.
    pub removed: BTreeSet<String>,
    /// Folders with a configuration of the google provider.
    pub provider: BTreeSet<String>,
    /// Folders that say which google provider they need.
    pub required: BTreeSet<String>,
    /// Variables: folder, name.
    pub variables: BTreeSet<(String, String)>,
    /// Module calls: folder, name; and their source, where it is plain text.
    pub modules: BTreeMap<(String, String), Option<String>>,
}

impl Existing {
    /// Reads files by their path below the folder; what does not end in `.tf` or `.tofu` is passed over.
    ///
    /// # Errors
    /// The first file that is not HCL, with the place.
    pub fn read(files: &BTreeMap<String, String>) -> Result<Self, String> {
        let mut out = Self::default();
        for (path, text) in files
            .iter()
            .filter(|(path, _)| path.ends_with(".tf") || path.ends_with(".tofu"))
        {
            let body = hcl::parse_body(text).map_err(|error| {
                format!("{path}:{}:{}: {}", error.line, error.column, error.message)
            })?;
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            for structure in body.iter() {
                if let Structure::Block(block) = structure {
                    out.block(folder, block);
                }
            }
        }
        Ok(out)
    }

    fn block(&mut self, folder: &str, block: &Block) {
        let labels: Vec<&str> = block.labels.iter().map(|label| label.as_str()).collect();
        match (block.ident.as_str(), labels.as_slice()) {
            ("resource", [rtype, name]) => {
                self.resources
                    .insert((folder.to_owned(), (*rtype).to_owned(), (*name).to_owned()));
            }
            ("variable", [name]) => {
                self.variables
                    .insert((folder.to_owned(), (*name).to_owned()));
            }
            ("module", [name]) => {
                self.modules.insert(
                    (folder.to_owned(), (*name).to_owned()),
                    text(&block.body, "source"),
                );
            }
            ("provider", [name]) if is_google(name) => {
                self.provider.insert(folder.to_owned());
            }
            ("terraform", _)
                if block
                    .body
                    .get_blocks("required_providers")
                    .any(|inner| inner.body.has_attribute("google")) =>
            {
                self.required.insert(folder.to_owned());
            }
            ("import", _) if folder.is_empty() => {
                self.imports.extend(imports(&block.body));
            }
            ("removed", _) if folder.is_empty() => {
                self.removed.extend(
                    block
                        .body
                        .get_attribute("from")
                        .map(|from| source(&from.value)),
                );
            }
            _ => {}
        }
    }

    /// Whether the root module, or one it calls, declares a resource of a known type that nothing here imports: then somebody
    /// wrote it, and the folder is more than an earlier plan.
    pub fn is_configuration(&self, known: impl Fn(&str) -> bool) -> bool {
        let imported: BTreeSet<(String, String)> = (self.imports.iter())
            .filter_map(|(to, _)| Address::parse(to))
            .map(|address| (address.rtype, address.name))
            .collect();
        let called: BTreeSet<&str> = (self.modules.iter())
            .filter(|((folder, _), _)| folder.is_empty())
            .filter_map(|(_, source)| source.as_deref()?.strip_prefix("./"))
            .collect();
        self.resources.iter().any(|(folder, rtype, name)| {
            let here = folder.is_empty() || called.iter().any(|call| folder == call);
            here && known(rtype) && !imported.contains(&(rtype.clone(), name.clone()))
        })
    }

    /// The address an object is imported to already.
    pub fn imported(&self, import_id: &str) -> Option<&str> {
        self.imports
            .iter()
            .find(|(_, id)| id.as_deref() == Some(import_id))
            .map(|(to, _)| to.as_str())
    }
}

/// The address and id of an import block, for each member of a `for_each` that is spelled out.
fn imports(body: &Body) -> Vec<(String, Option<String>)> {
    let Some(to) = body.get_attribute("to").map(|to| source(&to.value)) else {
        return Vec::new();
    };
    let Some(each) = body.get_attribute("for_each") else {
        return vec![(to, text(body, "id"))];
    };
    let id = body
        .get_attribute("id")
        .map(|id| source(&id.value))
        .unwrap_or_default();
    // Escapes stand for other text; of an id with one nothing is said.
    let inner = id
        .strip_prefix('"')
        .and_then(|id| id.strip_suffix('"'))
        .filter(|id| !id.contains(['\\', '"']) && !id.contains("$$"));
    let filled = |key: &str, value: &str| match id.as_str() {
        "each.value" => Some(value.to_owned()),
        "each.key" => Some(key.to_owned()),
        _ => inner.map(|id| {
            id.replace("${each.value}", value)
                .replace("${each.key}", key)
        }),
    };
    members(&each.value)
        .iter()
        .map(|(at, key, value)| {
            (
                to.replace("[each.key]", &format!("[{at}]")),
                filled(key, value),
            )
        })
        .collect()
}

/// The members of a `for_each` that is spelled out: the key as an address has it, the key, the value.
fn members(each: &Expression) -> Vec<(String, String, String)> {
    let own = |item: &Expression| item.as_str().map(str::to_owned);
    match each {
        Expression::Object(object) => {
            let key = |key: &ObjectKey| match key {
                ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
                ObjectKey::Expression(expression) => own(expression),
            };
            let pairs = object
                .iter()
                .filter_map(|(name, value)| Some((key(name)?, own(value.expr())?)));
            pairs
                .map(|(key, value)| (quoted(&key), key, value))
                .collect()
        }
        Expression::Array(items) => {
            let items = items
                .iter()
                .enumerate()
                .filter_map(|(at, item)| Some((at.to_string(), own(item)?)));
            items.map(|(at, value)| (at.clone(), at, value)).collect()
        }
        Expression::FuncCall(call) => match call.args.iter().next() {
            Some(Expression::Array(items)) => items
                .iter()
                .filter_map(own)
                .map(|key| (quoted(&key), key.clone(), key))
                .collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn is_google(name: &str) -> bool {
    name == "google"
}

/// A traversal as it stands in the file.
fn source(expression: &Expression) -> String {
    expression.to_string().trim().to_owned()
}

fn text(body: &Body, name: &str) -> Option<String> {
    body.get_attribute(name)?.value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there() {
        let files = BTreeMap::from([
            (
                "main.tf".to_owned(),
                "import {\n  to = t.a[\"k\"]\n  id = \"x\"\n}\nresource \"t\" \"a\" {}\nprovider \"google\" {}\n".to_owned(),
            ),
            ("modules/db/main.tf".to_owned(), "resource \"t\" \"b\" {}\nvariable \"v\" {}\n".to_owned()),
            ("notes.txt".to_owned(), "{{{".to_owned()),
        ]);
        let read = Existing::read(&files).unwrap();
        assert_eq!(read.imported("x"), Some("t.a[\"k\"]"));
        assert!(
            read.provider.contains("")
                && read
                    .resources
                    .contains(&("modules/db".into(), "t".into(), "b".into()))
        );
        let each = "import {\n  for_each = {\n    a = \"x\"\n    \"b c\" = \"y\"\n  }\n  to = t.a[each.key]\n  id = \"p/${each.value}\"\n}\n";
        let list =
            "import {\n  for_each = [\"x\", \"z\"]\n  to = t.b[each.key]\n  id = each.value\n}\n";
        let set = "import {\n  for_each = toset([\"k\"])\n  to = module.m[each.key].t.c\n  id = \"q/${each.key}\"\n}\n";
        let read = Existing::read(&BTreeMap::from([(
            "imports.tf".to_owned(),
            format!("{each}{list}{set}"),
        )]))
        .unwrap();
        let found = ["p/x", "p/y", "z", "q/k"].map(|id| read.imported(id).unwrap_or_default());
        assert_eq!(
            found,
            [
                "t.a[\"a\"]",
                "t.a[\"b c\"]",
                "t.b[1]",
                "module.m[\"k\"].t.c"
            ]
        );
        let bad = BTreeMap::from([("a.tf".to_owned(), "x = 1\ny = = 2\n".to_owned())]);
        assert!(Existing::read(&bad).unwrap_err().starts_with("a.tf:2:"));
    }
}
