//! What a module declares.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use hcl_edit::expr::{Expression, ObjectKey};

use super::source::{Attribute, Block, Content, Source};
use crate::model::{Note, Place, Severity};

/// A module: its declarations by name.
#[derive(Debug, Default)]
pub struct Module {
    /// Input variables.
    pub variables: BTreeMap<Arc<str>, Variable>,
    /// Local values.
    pub locals: HashMap<Arc<str>, Attribute>,
    /// Outputs.
    pub outputs: BTreeMap<Arc<str>, Output>,
    /// Resources and data sources.
    pub resources: Vec<Resource>,
    /// Positions in `resources` by (data, type, name).
    by_name: HashMap<(bool, Arc<str>, Arc<str>), usize>,
    /// Module calls.
    pub calls: BTreeMap<Arc<str>, Call>,
    /// Provider configurations.
    pub providers: Vec<Provider>,
    /// Sources of the providers by local name.
    pub required: BTreeMap<String, String>,
    /// What is asked of their versions: the local name, the constraint as it is written, where.
    pub constraints: Vec<(String, String, Place)>,
    /// `import` blocks.
    pub imports: Vec<Block>,
    /// `moved` blocks.
    pub moved: Vec<Block>,
    /// `removed` blocks.
    pub removed: Vec<Block>,
    /// The files it is read from; those that override come first.
    pub sources: Vec<Arc<Source>>,
}

/// An input variable.
#[derive(Debug)]
pub struct Variable {
    /// Its block.
    pub block: Block,
}

/// An output.
#[derive(Debug)]
pub struct Output {
    /// `value`.
    pub value: Option<Attribute>,
    /// Whether `sensitive = true` stands there.
    pub sensitive: bool,
}

/// A resource or data source.
#[derive(Debug)]
pub struct Resource {
    /// Whether it is a data source.
    pub data: bool,
    /// The type.
    pub rtype: Arc<str>,
    /// The name.
    pub name: Arc<str>,
    /// Its block.
    pub block: Block,
}

/// A module call.
#[derive(Debug)]
pub struct Call {
    /// Its block.
    pub block: Block,
    /// `source`, when it is a plain string.
    pub source: Option<String>,
}

/// A provider configuration.
#[derive(Debug)]
pub struct Provider {
    /// The provider's local name.
    pub name: String,
    /// `alias`.
    pub alias: Option<String>,
    /// Its block.
    pub block: Block,
}

impl Module {
    /// Sorts the blocks of a module's files.
    pub fn new(content: Content, notes: &mut Vec<Note>) -> Self {
        let mut module = Self::default();
        for attribute in content.attributes {
            let message = format!("the argument `{}` is not expected here", attribute.name);
            notes.push(Note {
                severity: Severity::Warning,
                message,
                place: Some(attribute.place()),
                hint: String::new(),
            });
        }
        for block in content.blocks {
            module.add(block, notes);
        }
        module
    }

    fn add(&mut self, mut block: Block, notes: &mut Vec<Note>) {
        if block.kind != "locals" {
            drop_repeated(&mut block.content, notes);
        }
        if let Some(note) = mislabelled(&block) {
            notes.push(note);
            return;
        }
        let name: Arc<str> = block.label(0).into();
        if self.has(&block, &name) {
            notes.push(duplicate(
                &format!("{} `{name}`", block.kind),
                block.place(),
            ));
            return;
        }
        match block.kind.as_str() {
            "variable" => _ = self.variables.insert(name, Variable { block }),
            "locals" => self.add_locals(block, notes),
            "output" => {
                let value = block.content.attribute("value").cloned();
                let sensitive = block
                    .content
                    .attribute("sensitive")
                    .is_some_and(|attribute| attribute.expr.as_bool() == Some(true));
                self.outputs.insert(name, Output { value, sensitive });
            }
            "resource" | "data" => self.add_resource(block, notes),
            "module" => {
                let source = block
                    .content
                    .attribute("source")
                    .and_then(|attribute| attribute.expr.as_str())
                    .map(str::to_owned);
                self.calls.insert(name, Call { block, source });
            }
            "provider" => {
                let alias = block
                    .content
                    .attribute("alias")
                    .and_then(|attribute| attribute.expr.as_str())
                    .map(str::to_owned);
                self.providers.push(Provider {
                    name: block.label(0).to_owned(),
                    alias,
                    block,
                });
            }
            "terraform" => self.add_required(&block),
            "import" => self.imports.push(block),
            "moved" => self.moved.push(block),
            "removed" => self.removed.push(block),
            "check" | "ephemeral" | "language" => {}
            other => notes.push(Note {
                severity: Severity::Warning,
                message: format!("blocks of type `{other}` are not expected here"),
                place: Some(block.place()),
                hint: "it was left out".into(),
            }),
        }
    }

    /// Whether a variable, output or module call of the name is there already.
    fn has(&self, block: &Block, name: &str) -> bool {
        match block.kind.as_str() {
            "variable" => self.variables.contains_key(name),
            "output" => self.outputs.contains_key(name),
            "module" => self.calls.contains_key(name),
            _ => false,
        }
    }

    fn add_locals(&mut self, block: Block, notes: &mut Vec<Note>) {
        for attribute in block.content.attributes {
            let name: Arc<str> = attribute.name.as_str().into();
            let place = attribute.place();
            if self.locals.insert(Arc::clone(&name), attribute).is_some() {
                notes.push(duplicate(&format!("local value `{name}`"), place));
            }
        }
    }

    fn add_resource(&mut self, block: Block, notes: &mut Vec<Note>) {
        let data = block.kind == "data";
        let (rtype, name): (Arc<str>, Arc<str>) = (block.label(0).into(), block.label(1).into());
        let key = (data, Arc::clone(&rtype), Arc::clone(&name));
        if self.by_name.contains_key(&key) {
            notes.push(duplicate(
                &format!(
                    "{} `{rtype}.{name}`",
                    if data { "data source" } else { "resource" }
                ),
                block.place(),
            ));
            return;
        }
        self.by_name.insert(key, self.resources.len());
        self.resources.push(Resource {
            data,
            rtype,
            name,
            block,
        });
    }

    fn add_required(&mut self, block: &Block) {
        for attribute in block
            .content
            .of_kind("required_providers")
            .flat_map(|block| &block.content.attributes)
        {
            let member = |wanted: &str| match &attribute.expr {
                Expression::Object(object) => object.iter().find_map(|(key, value)| {
                    let name = match key {
                        ObjectKey::Ident(name) => name.value().as_str(),
                        ObjectKey::Expression(expr) => expr.as_str()?,
                    };
                    (name == wanted).then(|| value.expr().as_str()).flatten()
                }),
                // The short form of old configurations: just the constraint.
                plain => plain.as_str().filter(|_| wanted == "version"),
            };
            if let Some(version) = member("version") {
                let name = attribute.name.clone();
                self.constraints
                    .push((name, version.to_owned(), attribute.place()));
            }
            let source = member("source");
            self.required.insert(
                attribute.name.clone(),
                source.unwrap_or(&attribute.name).to_owned(),
            );
        }
    }

    /// The position of a resource or data source.
    pub fn resource(&self, data: bool, rtype: &str, name: &str) -> Option<usize> {
        self.by_name
            .get(&(data, rtype.into(), name.into()))
            .copied()
    }
}

/// Leaves out arguments that stand in a block a second time.
fn drop_repeated(content: &mut Content, notes: &mut Vec<Note>) {
    let mut seen = BTreeSet::new();
    content.attributes.retain(|attribute| {
        let first = seen.insert(attribute.name.clone());
        if !first {
            notes.push(duplicate(
                &format!("the argument `{}`", attribute.name),
                attribute.place(),
            ));
        }
        first
    });
    content
        .blocks
        .iter_mut()
        .for_each(|block| drop_repeated(&mut block.content, notes));
}

/// A complaint about a block whose labels are not as many as its kind has.
fn mislabelled(block: &Block) -> Option<Note> {
    let (labels, what) = match block.kind.as_str() {
        "resource" | "data" | "ephemeral" => (2, "two labels, the type and the name"),
        "variable" | "output" | "module" | "provider" | "check" => (1, "one label, the name"),
        "locals" | "terraform" | "import" | "moved" | "removed" => (0, "no label"),
        _ => return None,
    };
    (block.labels.len() != labels).then(|| Note {
        severity: Severity::Error,
        message: format!(
            "a `{}` block has {what}; this one has {}",
            block.kind,
            block.labels.len()
        ),
        place: Some(block.place()),
        hint: "it was left out".into(),
    })
}

fn duplicate(what: &str, place: crate::model::Place) -> Note {
    Note {
        severity: Severity::Error,
        message: format!("{what} is declared twice"),
        place: Some(place),
        hint: "remove one of the two; the second was left out".into(),
    }
}
