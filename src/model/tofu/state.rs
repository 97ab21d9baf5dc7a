//! State: resource instances as OpenTofu remembers them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::model::{Address, Path, Value};

/// One state document.
#[derive(Debug, Default)]
pub struct State {
    /// Where it came from, as a person would name it: a path, `gs://…`, `-`.
    pub source: String,
    /// The version that wrote it.
    pub tofu_version: String,
    /// How often it was written.
    pub serial: u64,
    /// The identity of this line of states.
    pub lineage: String,
    /// Managed instances of the google and google-beta providers, in document order.
    pub instances: Vec<Instance>,
    /// How many managed instances belong to other providers.
    pub foreign: usize,
    /// How many instances are data sources.
    pub data: usize,
    /// The outputs of the root module, by name.
    pub outputs: Vec<Output>,
    /// What state recorded of these two: what others refer to, nothing that is compared with the cloud.
    pub recorded: Vec<Recorded>,
}

/// An output of the root module, as state has it.
#[derive(Debug, Clone)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Its value, still text.
    pub value: RawAttributes,
    /// Whether it must not be shown.
    pub sensitive: bool,
}

/// An instance of another provider, or of a data source, as state has it.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Its address.
    pub address: Address,
    /// Its attributes, still text.
    pub attributes: RawAttributes,
    /// Attributes that state marks sensitive; the empty path is all of them.
    pub sensitive: Vec<Path>,
    /// Whether the next apply will replace it anyway.
    pub tainted: bool,
}

/// Which configuration of the provider an instance belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProviderRef {
    /// Whether it is google-beta.
    pub beta: bool,
    /// The module path (without keys) whose configuration it is; empty for the root.
    pub module: String,
    /// The alias, if any.
    pub alias: Option<String>,
}

/// One resource instance in state.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Its address.
    pub address: Address,
    /// Its provider configuration.
    pub provider: ProviderRef,
    /// Its attributes, still text.
    pub attributes: RawAttributes,
    /// Attributes that state marks sensitive.
    pub sensitive: Vec<Path>,
    /// Whether the next apply will replace it anyway.
    pub tainted: bool,
    /// The deposed key, if this object awaits destruction.
    pub deposed: Option<String>,
    /// Whether destroying it leaves the object in the cloud, as its block said when it was last applied.
    pub skip_destroy: bool,
    /// Where state has it, if configuration moves it to [`Instance::address`].
    pub moved_from: Option<Address>,
    /// Configuration addresses it depends on, without keys.
    pub dependencies: Vec<String>,
    /// The schema version its attributes have.
    pub schema_version: u64,
}

/// The attributes of an instance as a part of the state's text, read when they are needed.
///
/// A state of hundreds of megabytes is thus held once, as text, and one tree at a time.
#[derive(Clone)]
pub struct RawAttributes {
    // Not `Arc<str>`: making that of a text just read would copy the whole state.
    text: Arc<String>,
    range: Range<usize>,
}

impl RawAttributes {
    /// A part of `text` that holds one JSON object. Copies the text; [`RawAttributes::within`] shares it.
    pub fn new(text: Arc<str>, range: Range<usize>) -> Self {
        Self {
            text: Arc::new(text.to_string()),
            range,
        }
    }

    /// A part of a text that many share, which holds one JSON object.
    pub fn within(text: &Arc<String>, range: Range<usize>) -> Self {
        Self {
            text: Arc::clone(text),
            range,
        }
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        self.text.get(self.range.clone()).unwrap_or("{}")
    }

    /// The attribute tree.
    ///
    /// # Errors
    /// When the text nests deeper than can be read, or is no JSON.
    pub fn value(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_str(self.as_str())
    }
}

impl fmt::Debug for RawAttributes {
    /// Never the text: it holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} bytes)", self.range.len())
    }
}
