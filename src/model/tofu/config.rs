//! Configuration: resource instances as the user's files declare them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{Address, ModuleStep, Note, Path, Place, Unknown, Value};

/// One configuration of the google or google-beta provider, as far as its arguments are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderConfig {
    /// Whether it is google-beta.
    pub beta: bool,
    /// The alias, if any.
    pub alias: Option<String>,
    /// `project`, where known.
    pub project: Option<String>,
    /// `region`, where known.
    pub region: Option<String>,
    /// `zone`, where known.
    pub zone: Option<String>,
    /// `default_labels`, where known.
    pub default_labels: BTreeMap<String, Value>,
    /// `add_terraform_attribution_label`; where it is not said, the release of the provider decides.
    pub attribution_label: Option<bool>,
    /// `terraform_attribution_label_addition_strategy`.
    pub attribution_strategy: AttributionStrategy,
    /// `deletion_policy`, where known: what resources fall back to that leave it out.
    pub deletion_policy: Option<String>,
    /// `impersonate_service_account`, where known.
    pub impersonate: Option<String>,
    /// Every argument that could not be known.
    pub unknown: Vec<String>,
}

/// To which resources a provider that adds its attribution label adds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AttributionStrategy {
    /// To those that it creates, and to those that have it: the default.
    #[default]
    CreationOnly,
    /// To all.
    Proactive,
}

/// What `lifecycle` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lifecycle {
    /// `ignore_changes = all`.
    pub ignore_all: bool,
    /// Paths of `ignore_changes`: `settings[0].tier`, `labels["x"]`.
    pub ignore_changes: Vec<Path>,
    /// `prevent_destroy`.
    pub prevent_destroy: bool,
    /// `destroy`: false where a destroy leaves the object in the cloud; nothing where it is not said.
    pub destroy: Option<bool>,
    /// `create_before_destroy`.
    pub create_before_destroy: bool,
    /// Addresses (references) of `replace_triggered_by`.
    pub replace_triggered_by: Vec<String>,
}

/// One declared resource instance.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Its address with keys.
    pub address: Address,
    /// Its provider configuration, one of [`Config::providers`].
    pub provider: Option<Arc<ProviderConfig>>,
    /// The arguments written, evaluated: attributes by name, nested blocks as lists of maps; what cannot be known is
    /// [`Value::Unknown`]. Nothing that was not written is here, and meta-arguments are not.
    pub arguments: BTreeMap<String, Value>,
    /// For each argument path whose value comes straight from another resource (`google_x.y.id`), the instance and attribute
    /// referred to: `("instance", "google_sql_database_instance.main.name")`.
    pub references: Vec<(String, String)>,
    /// `lifecycle`.
    pub lifecycle: Lifecycle,
    /// Where the block stands.
    pub place: Place,
}

/// A resource block of which it is not known which instances it has.
#[derive(Clone, Debug)]
pub struct UnknownBlock {
    /// Its address; no step of it has a key that is not known.
    pub address: Address,
    /// Why.
    pub why: Unknown,
    /// Where the block stands.
    pub place: Place,
}

impl UnknownBlock {
    /// Whether an instance, of the block without keys, may be one of it.
    pub fn may_declare(&self, address: &Address, block: &Address) -> bool {
        // Steps of its own path that have keys are known module instances.
        let mut steps = self.address.modules.iter().zip(&address.modules);
        self.address.block() == *block
            && steps.all(|(known, step)| known.key.is_none() || known.key == step.key)
    }
}

/// An `import` block.
#[derive(Clone, Debug)]
pub struct ImportBlock {
    /// The address it imports to.
    pub to: Address,
    /// What it imports.
    pub object: ImportedObject,
    /// Where the block stands.
    pub place: Place,
}

/// What an `import` block names.
#[derive(Clone, Debug, PartialEq)]
pub enum ImportedObject {
    /// By the id that `tofu import` takes.
    Id(String),
    /// By the attributes of its identity.
    Identity(BTreeMap<String, Value>),
    /// Not known.
    Unknown(Unknown),
}

/// What keeps tofu from making a plan at all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// The instance it is about, if it is about one.
    pub address: Option<Address>,
    /// What tofu refuses.
    pub what: Refused,
    /// Where in the configuration.
    pub place: Option<Place>,
}

/// What tofu refuses to plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refused {
    /// Configuration that is not valid: what is wrong with it.
    InvalidConfiguration(String),
    /// An import to an address that no block declares.
    ImportWithoutBlock,
    /// An import of an object that is not there, by its id or identity.
    ImportOfNothing(String),
    /// An import whose id only apply tells.
    ImportIdUnknown,
    /// A `moved` block whose `from` is still declared.
    MovedBesideResource,
    /// A `removed` block whose `from` is still declared.
    RemovedBesideResource,
    /// It would be destroyed, and its block says `prevent_destroy`.
    PreventDestroy,
    /// It would be destroyed, and what its block says of `prevent_destroy` cannot be known.
    PreventDestroyUnknown,
}

/// A part of the configuration that could not be read: what it declares is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// The calls that lead to the module.
    pub module: Vec<String>,
    /// Why.
    pub why: UnreadableWhy,
    /// The call.
    pub place: Place,
}

/// Why a module could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnreadableWhy {
    /// It has not been downloaded: its source, as far as it is text.
    NotDownloaded(Option<String>),
    /// Its folder is not there.
    NoFolder(String),
    /// It calls itself.
    Circle,
    /// More modules are called than are read.
    TooMany,
}

impl Unreadable {
    /// Whether an instance may be declared in it.
    pub fn covers(&self, address: &Address) -> bool {
        address.modules.len() >= self.module.len()
            && (address.modules.iter().zip(&self.module)).all(|(step, name)| step.name == *name)
    }

    /// Why what it may declare is not known.
    pub fn unknown(&self) -> Unknown {
        Unknown::ConfigurationUnreadable(self.module.join(".").into())
    }
}

/// A `removed` block.
#[derive(Clone, Debug)]
pub struct RemovedBlock {
    /// The module calls down to what it removes.
    pub modules: Vec<String>,
    /// The resource there, by type and name; the whole module where there is none.
    pub resource: Option<(String, String)>,
    /// Whether the object is destroyed; else state forgets it.
    pub destroy: bool,
    /// Where the block stands.
    pub place: Place,
}

impl RemovedBlock {
    /// Whether an instance is what the block removes.
    pub fn removes(&self, address: &Address) -> bool {
        let below = address.modules.len() >= self.modules.len()
            && address
                .modules
                .iter()
                .zip(&self.modules)
                .all(|(step, name)| step.name == *name);
        match &self.resource {
            None => below,
            Some((rtype, name)) => {
                below
                    && address.modules.len() == self.modules.len()
                    && address.rtype == *rtype
                    && address.name == *name
            }
        }
    }
}

/// A configuration, evaluated as far as it can be.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Provider configurations of google and google-beta.
    pub providers: Vec<Arc<ProviderConfig>>,
    /// Declared managed instances, in address order.
    pub resources: Vec<Declared>,
    /// Import blocks.
    pub imports: Vec<ImportBlock>,
    /// Removed blocks.
    pub removed: Vec<RemovedBlock>,
    /// Blocks whose instances cannot be known (`count` or `for_each` unknown, their own or their module's).
    pub unknown_blocks: Vec<UnknownBlock>,
    /// Blocks with `prevent_destroy`, without keys: to tofu it holds for instances that only state still has, too.
    pub prevented: BTreeSet<Address>,
    /// Blocks whose `prevent_destroy` refers to something: for an instance of a module instance that is gone tofu cannot know it.
    pub prevention_unknown: BTreeSet<Address>,
    /// The module instances there are, by their path; the root's is empty.
    pub module_instances: BTreeSet<Vec<ModuleStep>>,
    /// Parts that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// What of it tofu refuses to plan.
    pub refusals: Vec<Refusal>,
    /// What was wrong or left out.
    pub notes: Vec<Note>,
}
