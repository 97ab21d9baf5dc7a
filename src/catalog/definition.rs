//! A resource type as checked data: how it is listed, identified, read, compared and imported.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::OnceLock;

use super::emission::Emission;
use super::expression::{Context, Expression};
use super::load::Recipe;
use super::schema::{Kind, Schema};
use super::schema_path::SchemaPath;
use super::suppress::Suppress;
use super::suppress::When;
use super::template::Template;
use crate::model::{GapReason, Value};

/// An API that definitions list from.
#[derive(Clone, Debug)]
pub struct Service {
    /// The name of its folder: `sql`.
    pub name: String,
    /// The name people use: `Cloud SQL`.
    pub title: String,
    /// The API to enable: `sqladmin.googleapis.com`.
    pub api: String,
    /// The provider's default base URL, ending in a slash.
    pub base: String,
    /// The provider's environment variable that overrides it.
    pub endpoint: String,
    /// The query key and value of the page size, where a list call takes one.
    pub page_size: Option<(String, u32)>,
    /// Parts of links that mean the same (versions of the API), the one the provider stores first.
    pub links: Vec<String>,
    /// Most requests in flight to this API.
    pub concurrency: usize,
    /// How often it may be asked, by its default read quota.
    pub quota: Quota,
    /// Whether it is asked only in projects that have it enabled, as far as [`Enabled`] is among what is asked.
    pub where_enabled: bool,
}

/// What lists the APIs that a project has enabled.
#[derive(Clone, Debug)]
pub struct Enabled {
    /// The listing.
    pub listing: String,
    /// The name of the API (`run.googleapis.com`), over the body of an object.
    pub api: Expression,
}

/// A read quota as an API documents it: counted on the project that pays for the requests, whichever projects they are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests within the window.
    pub requests: u32,
    /// The window, in seconds: most APIs count by the minute.
    pub seconds: u32,
}

impl Default for Quota {
    /// What an API is asked at most that documents no figure, or one beyond any scan.
    fn default() -> Self {
        Self {
            requests: 60_000,
            seconds: 60,
        }
    }
}

/// How the provider reads one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Get {
    /// By GET of its canonical name below the service's base URL.
    Named,
    /// By the list call that shows it: a second look would ask the same once more.
    Listed,
}

/// One kind of request of the collector.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Its name: the resource type, or `TYPE.NAME` for a further listing.
    pub name: String,
    /// The service it is asked of.
    pub service: String,
    /// The path below the service's base URL.
    pub path: Template,
    /// The path of the objects in a body, where `*` stands for every key of a map; empty when the body is the object itself.
    pub items: Vec<String>,
    /// Query parameters beside page size and token.
    pub query: Vec<(String, String)>,
    /// Query parameters of a GET of one object.
    pub get_query: Vec<(String, String)>,
    /// How often it is asked.
    pub per: Per,
    /// The IAM permission it takes.
    pub permission: String,
    /// The body (JSON) of a read that the API takes as POST; a GET where there is none.
    pub post: Option<String>,
    /// Asked only where somebody named the type, or state has such an object: not part of a plain scan.
    pub on_demand: bool,
}

impl Listing {
    /// The IAM permission that reading one object by itself takes, as far as the names of permissions tell.
    pub fn get_permission(&self) -> String {
        match self.permission.strip_suffix(".list") {
            Some(kind) => format!("{kind}.get"),
            None => self.permission.clone(),
        }
    }
}

/// How often a listing is asked.
#[derive(Clone, Debug)]
pub enum Per {
    /// Once a project.
    Project,
    /// Once a project, if the project has an object of this listing.
    ProjectWith(String),
    /// Once a location of a project; the path lists the locations (`locations[].locationId`).
    Location(Template),
    /// As often as configuration has a data source that asks it; the whole path is the scope's parent.
    Demand,
    /// Never: an object that state has is read by itself, under its canonical name.
    Named,
    /// Once an object of another listing.
    Parent {
        /// The other listing: a type, or a further listing of one (`TYPE.NAME`).
        listing: String,
        /// The key of an object of it, over its body; it becomes `{parent}`.
        key: Expression,
        /// Conditions on its body; where one fails nothing is asked.
        when: Vec<Expression>,
        /// The gap that stands in place of the answer where a condition fails; nothing when there is then nothing to know.
        otherwise: Option<GapReason>,
        /// Conditions on its body; where all of them hold the provider reads nothing and leaves what is in it as state has it, and
        /// nothing is asked. None stand for never.
        kept: Vec<Expression>,
    },
}

impl Per {
    /// Whether what lies in an object of the other listing stays as state has it.
    pub fn keeps(&self, body: &Value, context: &Context<'_>) -> bool {
        match self {
            Self::Parent { kept, .. } => {
                !kept.is_empty() && kept.iter().all(|condition| condition.holds(body, context))
            }
            Self::Project
            | Self::ProjectWith(_)
            | Self::Location(_)
            | Self::Demand
            | Self::Named => false,
        }
    }
}

/// Where the objects of a type come from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// From the listing of the type's own name.
    Listed,
    /// From the bodies of another type's objects: no request of their own.
    Within {
        /// The other type.
        parent: String,
        /// The path of the objects in its bodies; empty where the bodies themselves are the objects (one listing shows both types).
        path: Vec<String>,
    },
}

/// What a refresh does to a resource whose object is gone from the answer it lay in, where that is not to forget it.
#[derive(Clone, Debug)]
pub struct Vanished {
    /// The name of what was asked for the answer, over attributes: the first template that fills.
    pub within: Vec<Template>,
    /// The arguments that are emptied; the others stay as state has them.
    pub empties: Vec<String>,
}

/// A further listing whose answer becomes a part of the object it was asked for.
#[derive(Clone, Debug)]
pub struct Part {
    /// The listing.
    pub listing: String,
    /// The key in the object's body it is put under.
    pub key: String,
}

/// How the prior state is let through on a refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prior {
    /// State's value stays, whatever the API says.
    Keep,
    /// State's value stays where the API's field is absent; if state has none, it is what an import leaves.
    KeepIfAbsent,
    /// Of a map, only the keys that state has are read; one that is gone reads as empty text. Where the API's field is absent,
    /// no key is read.
    ConfiguredKeys,
    /// Of a list of blocks, only those whose `key` state has.
    ConfiguredBlocks,
    /// A block that the API no longer sends is read as one of zeros where state has one.
    ZeroBlock,
    /// State's value stays if it is not empty.
    KeepIfSet,
    /// Nothing is read where state has no value.
    IfSet,
    /// A block of nothing but zeros is none where state has none.
    EmptyAsState,
    /// The elements that state has in its order, and new ones behind them in alphabetical order: texts, or blocks by what this
    /// member of theirs says. Where two elements are the same, they stay as they were read.
    StateOrder(Option<String>),
    /// Where fewer blocks are read than state has, those of state that hold nothing but zeros stand where they stood.
    KeepHollow,
    /// State's value stays where the API's field is absent; if state has none but has this other attribute beside it, which stands for the
    /// same, what was read is left to that one.
    Yield(String),
    /// Where the API's field is absent and state has a value, it becomes what was read for this other attribute.
    Take(String),
    /// State's value stays while another attribute, beside it or of the whole resource, is true in state.
    KeepWhile(String),
    /// Nothing is read while another attribute, beside it or of the whole resource, is true in state.
    EmptyWhile(String),
}

/// The attribute that holds the provider's own reckoning of a resource's labels.
pub const MERGED_LABELS: &str = "terraform_labels";

/// The labels of an object as it is: the merged ones, and those that others put there.
pub const EFFECTIVE_LABELS: &str = "effective_labels";

/// A change that replaces the resource by code of the provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Replacement {
    /// Which change.
    pub rule: ReplaceIf,
    /// All of these hold.
    pub conditions: Vec<When>,
}

/// What the provider plans in place of keeping what is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Unwritten {
    /// The planned value.
    pub value: Value,
    /// All of these hold.
    pub conditions: Vec<When>,
}

/// When a planned change of an argument replaces the resource although the schema does not say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplaceIf {
    /// Any change.
    Changed,
    /// The new value is a lower version or number.
    Lower,
    /// It was false and becomes true.
    TurnedOn,
    /// It was true and becomes false.
    TurnedOff,
    /// The new value is empty, or the block is gone.
    Removed,
    /// A member of the old value is not in the new one.
    Lost,
    /// The new address range does not hold the whole of the old one.
    Narrowed,
    /// Both values hold this text.
    Between(String),
}

/// How one attribute is read.
#[derive(Clone, Debug)]
pub struct AttributeReader {
    /// Its short name.
    pub name: String,
    /// Its full dotted name.
    pub family: String,
    /// Its kind.
    pub kind: Kind,
    /// The kind of its elements, if they are scalars.
    pub elem: Option<String>,
    /// Where it is read from; nothing for what the provider never reads.
    pub source: Option<Expression>,
    /// The attributes of its blocks.
    pub children: Vec<AttributeReader>,
}

/// An attribute that names another object.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The dotted name of the attribute.
    pub family: String,
    /// The type it points to.
    pub target: String,
    /// The identity of the other object, over the attributes of this one with `@value` as `{value}`; the target's own identity
    /// when the value is a link.
    pub id: Option<Template>,
    /// The attribute of the other object that holds the value, where it is found by that; a value found nowhere then refers to
    /// nothing.
    pub by: Option<String>,
    /// The map of the other object that has all pairs of this map, where it is found by that, as labels are by a selector: all such
    /// objects of the same cluster and namespace.
    pub selects: Option<String>,
    /// The attribute of the other resource that a configuration writes here.
    pub attribute: String,
    /// The word on the edge: `network`, `key`.
    pub label: String,
    /// It needs the other object without naming it: an edge beside the others of the value, where that object is there, and
    /// nothing to write.
    pub implied: bool,
}

/// A condition on an object's body, with the reason it stands for.
#[derive(Clone, Debug)]
pub struct Condition {
    /// All of these hold.
    pub when: Vec<Expression>,
    /// What that means, in a few words.
    pub because: String,
}

/// A type whose resources may declare objects of this one as blocks of their own.
#[derive(Clone, Debug)]
pub struct Inline {
    /// The type of such a resource.
    pub holder: String,
    /// The canonical name of the resource that would hold an object, over the object's attributes, without the API in front.
    pub id: Template,
    /// The holder's list of blocks.
    pub attribute: String,
    /// What names an object among the blocks, and in its own attributes.
    pub key: String,
    /// The names that belong to the holder however others are managed; none where it is all of them or none.
    pub only: Vec<String>,
    /// A boolean of the holder that says that they do not.
    pub unless: Option<String>,
}

/// One resource type: what a scan asks is told at once, what is said of its objects ([`Details`]) when it is first asked for.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The resource type.
    pub rtype: String,
    /// The folder it lies in.
    pub service: String,
    /// What it is, in a sentence.
    pub description: String,
    /// Where its objects come from.
    pub origin: Origin,
    /// Further answers that complete an object.
    pub parts: Vec<Part>,
    /// Objects count only where state has them: another type stands for those that it does not have.
    pub claimed_only: bool,
    /// The type whose object, named by the attributes of this one, holds this one: where state has that, it has this.
    pub part_of: Option<String>,
    /// Paths in a body that the list leaves out and GET of the object has. Such a field is missing where what it lies in is there.
    pub partial: Vec<Vec<String>>,
    /// How the provider reads one object.
    pub get: Get,
    /// Attributes whose field every answer leaves out for who lacks a permission, with the permission: absent, it is not known to
    /// be gone.
    pub hidden: BTreeMap<String, String>,
    /// Whether the provider adds its attribution label where its configuration does not say; nothing where that is not known of
    /// the release.
    pub attributed: Option<bool>,
    pub(super) details: OnceLock<Box<Details>>,
    pub(super) recipe: Recipe,
}

/// What a definition says of its objects.
#[derive(Clone, Debug)]
pub struct Details {
    /// The path of lists in a listed body whose elements are the objects; empty where the body itself is one. What an element
    /// that is an object holds is laid over what stands around its list; another takes the list's place.
    pub each: Vec<String>,
    /// What is left of a resource whose object is gone from its answer.
    pub vanished: Option<Vanished>,
    /// Conditions on a listed body for it to be an object of this type at all.
    pub only: Vec<Expression>,
    /// What the API says in attributes that the provider never reads: rules look at it, and nothing else does.
    pub observed: BTreeMap<String, Expression>,
    /// The canonical name, over attributes: the first template that fills; the service's API is put in front.
    pub identity: Vec<Template>,
    /// What `tofu import` takes, over attributes: the first template that fills.
    pub import_id: Vec<Template>,
    /// The attribute `id` as the provider stores it, over attributes: the first template that fills; the import id where none
    /// does.
    pub stored_id: Vec<Template>,
    /// How attributes are read.
    pub readers: Vec<AttributeReader>,
    /// What import leaves in attributes that no API field stands behind.
    pub imported: BTreeMap<String, Value>,
    /// How prior state is let through.
    pub prior: BTreeMap<String, Prior>,
    /// How planned differences are let pass.
    pub suppress: BTreeMap<String, Vec<Suppress>>,
    /// Changes that replace the resource by code of the provider rather than by its schema.
    pub replace: BTreeMap<SchemaPath, Replacement>,
    /// Attributes whose links the provider stores as the API spells them; in others they name the version of [`Service::links`]
    /// that comes first.
    pub verbatim: BTreeSet<String>,
    /// The service's parts of links that mean the same, the one to store first.
    pub links: Vec<String>,
    /// Whether the provider adds its attribution label to the labels of such a resource.
    pub attribution: bool,
    /// What the provider plans for arguments that configuration leaves out and that are not empty, though they are computed too.
    pub unwritten: BTreeMap<SchemaPath, Unwritten>,
    /// Attributes that this release plans to change over and over where what it reads is not just as configuration writes it, and
    /// later ones let be: by their facts, or a rule.
    pub settled_later: BTreeSet<SchemaPath>,
    /// What the provider's own code works out of an object that is made (anew), over what is planned of it.
    pub planned: BTreeMap<String, Template>,
    /// Arguments that fall back to the provider configuration's argument of the same name: `project`, `region`, `zone`.
    pub defaults: Vec<String>,
    /// Attributes that name other objects.
    pub references: Vec<Reference>,
    /// Objects that are Google's own or another object's.
    pub owned: Vec<Condition>,
    /// Resources that may hold such objects inline.
    pub inline: Vec<Inline>,
    /// Objects whose import would fail or hang just now.
    pub blocked: Vec<Condition>,
    /// Exceptions of emission.
    pub emit: BTreeMap<String, Vec<Emission>>,
    /// The facts.
    pub schema: Schema,
}

impl Deref for Definition {
    type Target = Details;

    /// The details.
    ///
    /// # Panics
    /// If a definition that is built in does not hold; the tests make them all.
    fn deref(&self) -> &Details {
        self.details.get_or_init(|| {
            let made = self.recipe.details(&self.rtype);
            Box::new(made.unwrap_or_else(|error| panic!("a definition that is built in: {error}")))
        })
    }
}

impl Definition {
    /// Takes details that have been checked.
    pub(super) fn settle(&self, details: Details) {
        self.details.get_or_init(|| Box::new(details));
    }

    /// Whether an attribute holds labels as configuration writes them: a map of the kind the provider merges its own into.
    pub fn labelled(&self, name: &str) -> bool {
        name.ends_with("labels")
            && self
                .schema
                .attributes
                .get(name)
                .is_some_and(|facts| facts.kind == Kind::Map)
    }
}
