//! Facts of a resource type: what the provider's schema says of each attribute, in the newest release it has it in, and since
//! when that is so. One file a type, one attribute a line.

pub mod foreign;
mod life;

use std::collections::BTreeMap;
use std::ops::Bound;

use serde::Deserialize;

use life::{Former, FormerType};
pub use life::{Turn, plain};
pub(super) use life::{Turns, there};

/// The kind of value an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text.
    String,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A boolean.
    Bool,
    /// A list of scalars, or nested blocks in order.
    List,
    /// A set of scalars, or nested blocks without order.
    Set,
    /// A map of scalars.
    Map,
}

/// Who sets an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Mode {
    /// Configuration must.
    #[serde(rename = "required")]
    Required,
    /// Configuration may; left out is null or the default.
    #[serde(rename = "optional")]
    Optional,
    /// Configuration may; left out keeps what the provider last read.
    #[serde(rename = "optional+computed")]
    OptionalComputed,
    /// Only the provider.
    #[serde(rename = "computed")]
    Computed,
}

/// The facts of one attribute.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// The kind of value.
    pub kind: Kind,
    /// The kind of the elements of a list, set or map of scalars.
    #[serde(default)]
    pub elem: Option<String>,
    /// Who sets it.
    pub mode: Mode,
    /// What the provider takes where configuration says nothing.
    #[serde(default)]
    pub default: Option<serde_json::Value>,
    /// A change replaces the resource.
    #[serde(default)]
    pub force_new: bool,
    /// Never shown.
    #[serde(default)]
    pub sensitive: bool,
    /// Never stored.
    #[serde(default)]
    pub write_only: bool,
    /// Most elements; 1 marks a block that stands for an object.
    #[serde(default)]
    pub max_items: Option<u32>,
    /// Fewest elements.
    #[serde(default)]
    pub min_items: Option<u32>,
    /// The provider lets certain differences pass.
    #[serde(default)]
    pub diff_suppressed: bool,
    /// The provider rewrites what configuration says before it stores it.
    #[serde(default)]
    pub state_func: bool,
    /// No API field stands behind it.
    #[serde(default)]
    pub provider_only: bool,
    /// What the provider says of its end.
    #[serde(default)]
    pub deprecated: serde_json::Value,
    /// The API fields it is read from, as found in the provider's code.
    #[serde(default)]
    pub api: Vec<String>,
    /// Arguments that exclude it.
    #[serde(default)]
    pub conflicts_with: Vec<String>,
    /// Exactly one of these must be set.
    #[serde(default)]
    pub exactly_one_of: Vec<String>,
    /// At least one of these must be set.
    #[serde(default)]
    pub at_least_one_of: Vec<String>,
    /// These must be set beside it.
    #[serde(default)]
    pub required_with: Vec<String>,
    /// The facts that are not the same in all the releases asked about.
    #[serde(skip)]
    pub unsettled: Vec<Fact>,
    /// The releases it came with; every one from the first on where there are none.
    #[serde(default)]
    since: Turns,
    /// The releases it was gone with.
    #[serde(default)]
    until: Turns,
    /// What it was before, the latest change first.
    #[serde(default)]
    was: Vec<Former>,
    /// Whether it is made of nested blocks; worked out when a schema is read.
    #[serde(skip)]
    block: bool,
}

/// A fact that may change from release to release and that a forecast rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Whether the attribute is there at all.
    Presence,
    /// [`Attribute::kind`].
    Kind,
    /// [`Attribute::mode`].
    Mode,
    /// [`Attribute::default`].
    Default,
    /// [`Attribute::force_new`].
    ForceNew,
    /// [`Attribute::diff_suppressed`].
    Suppression,
    /// Any of them: the release is older or newer than all that are known.
    Any,
}

impl Attribute {
    /// Whether it is made of nested blocks.
    pub fn is_block(&self) -> bool {
        self.block
    }
}

/// The facts of one resource type.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// The resource type.
    #[serde(rename = "type")]
    pub rtype: String,
    /// The version of the schema.
    pub schema_version: u64,
    /// Whether the provider can import it.
    pub importable: bool,
    /// Whether the provider adjusts plans by code of its own.
    pub custom_diff: bool,
    /// Whether the provider has the type at all.
    #[serde(skip, default = "yes")]
    pub there: bool,
    /// The releases it came with; every one from the first on where there are none.
    #[serde(default)]
    since: Turns,
    /// The releases it was gone with.
    #[serde(default)]
    until: Turns,
    /// What it was before, the latest change first.
    #[serde(default)]
    was: Vec<FormerType>,
    /// Facts by dotted attribute name, blocks included: `settings`, `settings.tier`.
    pub attributes: BTreeMap<String, Attribute>,
}

fn yes() -> bool {
    true
}

/// Works out which attributes are made of nested blocks.
fn mark_blocks(attributes: &mut BTreeMap<String, Attribute>) {
    // What lies in an attribute comes right behind it in the order of names.
    let mut last = String::new();
    for (name, facts) in attributes.iter_mut().rev() {
        let inside = last
            .strip_prefix(name.as_str())
            .is_some_and(|rest| rest.starts_with('.'));
        facts.block =
            matches!(facts.kind, Kind::List | Kind::Set) && (facts.elem.is_none() || inside);
        last.clone_from(name);
    }
}

/// An attribute below a block: short name, full name, facts.
pub(super) type Child<'a> = (&'a str, &'a str, &'a Attribute);

impl Schema {
    /// Reads a schema file.
    ///
    /// # Errors
    /// What is wrong, with line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut schema: Self = serde_json::from_str(text).map_err(|e| e.to_string())?;
        mark_blocks(&mut schema.attributes);
        Ok(schema)
    }

    /// The attributes right below a block (or at the top, for the empty name): short name, full name, facts.
    pub fn children<'a>(
        &'a self,
        family: &str,
    ) -> impl Iterator<Item = (&'a str, &'a str, &'a Attribute)> + use<'a> {
        let prefix = if family.is_empty() {
            String::new()
        } else {
            format!("{family}.")
        };
        let within = self
            .attributes
            .range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded));
        within
            .map_while(move |(name, facts)| {
                Some((name.strip_prefix(&prefix)?, name.as_str(), facts))
            })
            .filter(|(short, ..)| !short.contains('.'))
    }

    /// The attributes right below each block, and at the top for the empty name.
    pub(super) fn by_block(&self) -> BTreeMap<&str, Vec<Child<'_>>> {
        let mut out: BTreeMap<&str, Vec<Child<'_>>> = BTreeMap::new();
        for (name, facts) in &self.attributes {
            let (block, short) = name.rsplit_once('.').unwrap_or(("", name));
            out.entry(block).or_default().push((short, name, facts));
        }
        out
    }

    /// Whether an attribute is made of nested blocks. One may have no attributes at all: then its being there is all it says.
    pub fn is_block(&self, family: &str) -> bool {
        self.attributes.get(family).is_some_and(Attribute::is_block)
    }

    /// Whether an attribute, or a block around it, is sensitive.
    pub fn is_sensitive(&self, family: &str) -> bool {
        self.ancestry(family)
            .any(|facts| facts.sensitive || facts.write_only)
    }

    /// Whether an attribute, or a block around it, is set by the provider alone.
    pub fn is_computed(&self, family: &str) -> bool {
        self.ancestry(family)
            .any(|facts| facts.mode == Mode::Computed)
    }

    /// The facts of an attribute and of the blocks around it, outermost first.
    pub fn ancestry<'a>(&'a self, family: &'a str) -> impl Iterator<Item = &'a Attribute> {
        let ends = family
            .match_indices('.')
            .map(|(at, _)| at)
            .chain([family.len()]);
        ends.filter_map(|end| self.attributes.get(&family[..end]))
    }
}
