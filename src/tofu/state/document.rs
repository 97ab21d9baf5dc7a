//! The format version 4 document: what is read of it, borrowed from its text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::sensitive;
use crate::model::{
    self, Address, Instance, Key, ModuleStep, Path, ProviderRef, RawAttributes, Recorded, State,
};

/// A string that borrows from the document unless it has escapes; serde borrows it also inside an `Option`.
#[derive(Deserialize, Default, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
pub(super) struct Str<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// The document but for its resources, which go into a [`State`] as they are read; and the marks of the documents that are
/// often handed over in its place.
#[derive(Default)]
pub(super) struct Document<'a> {
    pub(super) version: Option<&'a RawValue>,
    terraform_version: Str<'a>,
    serial: Option<u64>,
    lineage: Option<Str<'a>>,
    /// What follows is never in a state: `tofu show -json` …
    pub(super) format_version: bool,
    pub(super) values: Option<&'a RawValue>,
    pub(super) planned_values: bool,
    /// … the envelope of an encrypted state or plan …
    pub(super) encryption_version: Option<&'a RawValue>,
    pub(super) encrypted_data: bool,
    /// … and the pointer that `tofu init` leaves.
    pub(super) backend: bool,
}

/// Reads a document in one pass: attributes stay text, members without a use are skipped, of repeated members the last wins.
pub(super) fn read<'a>(
    text: &'a Arc<String>,
    state: &mut State,
) -> serde_json::Result<Document<'a>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let document = deserializer.deserialize_map(Members { state, text })?;
    deserializer.end()?;
    state.tofu_version = document.terraform_version.0.clone().into_owned();
    state.serial = document.serial.unwrap_or_default();
    state.lineage = document
        .lineage
        .as_ref()
        .map(|lineage| lineage.0.clone().into_owned())
        .unwrap_or_default();
    Ok(document)
}

impl Document<'_> {
    /// Whether it says of itself how often it was written, as states do and plans do not.
    pub(super) fn counts(&self) -> bool {
        self.serial.is_some() || self.lineage.is_some()
    }
}

struct Members<'s> {
    state: &'s mut State,
    text: &'s Arc<String>,
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Document<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Document<'de>, A::Error> {
        let mut document = Document::default();
        while let Some(name) = members.next_key::<Str<'de>>()? {
            match &*name.0 {
                "version" => document.version = members.next_value()?,
                "terraform_version" => {
                    document.terraform_version =
                        members.next_value::<Option<_>>()?.unwrap_or_default()
                }
                "serial" => document.serial = members.next_value()?,
                "lineage" => document.lineage = members.next_value()?,
                "outputs" => {
                    let outputs =
                        members.next_value::<Option<BTreeMap<Str<'de>, Output<'de>>>>()?;
                    let outputs = outputs.into_iter().flatten();
                    let outputs =
                        outputs.filter_map(|(name, output)| output.read(&name, self.text));
                    self.state.outputs = outputs.collect();
                }
                "resources" => {
                    (self.state.instances, self.state.foreign, self.state.data) =
                        (Vec::new(), 0, 0);
                    self.state.recorded = Vec::new();
                    members.next_value_seed(Resources {
                        state: self.state,
                        text: self.text,
                    })?;
                }
                "format_version" => {
                    document.format_version = members.next_value::<Option<IgnoredAny>>()?.is_some()
                }
                "values" => document.values = members.next_value()?,
                "planned_values" => {
                    document.planned_values = members.next_value::<Option<IgnoredAny>>()?.is_some()
                }
                "encryption_version" => document.encryption_version = members.next_value()?,
                "encrypted_data" => {
                    document.encrypted_data = members.next_value::<Option<IgnoredAny>>()?.is_some()
                }
                "backend" => {
                    document.backend = members.next_value::<Option<IgnoredAny>>()?.is_some()
                }
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(document)
    }
}

struct Resources<'s> {
    state: &'s mut State,
    text: &'s Arc<String>,
}

impl<'de> DeserializeSeed<'de> for Resources<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Resources<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of resources")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut resources: A) -> Result<(), A::Error> {
        while let Some(resource) = resources.next_element::<Resource<'de>>()? {
            resource
                .add_to(self.state, self.text)
                .map_err(|Broken(reason)| serde::de::Error::custom(reason))?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Output<'a> {
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    sensitive: Option<bool>,
}

impl Output<'_> {
    fn read(&self, name: &Str<'_>, text: &Arc<String>) -> Option<model::Output> {
        Some(model::Output {
            name: name.0.clone().into_owned(),
            value: part(self.value?.get(), text)?,
            sensitive: self.sensitive.unwrap_or_default(),
        })
    }
}

#[derive(Deserialize)]
struct Resource<'a> {
    #[serde(borrow)]
    module: Option<Str<'a>>,
    #[serde(borrow)]
    mode: Str<'a>,
    #[serde(borrow, rename = "type")]
    rtype: Str<'a>,
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    provider: Option<Str<'a>>,
    #[serde(borrow)]
    instances: Option<Vec<Entry<'a>>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    index_key: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<Str<'a>>,
    #[serde(borrow)]
    deposed: Option<Str<'a>>,
    #[serde(borrow)]
    provider: Option<Str<'a>>,
    schema_version: Option<u64>,
    skip_destroy: Option<bool>,
    #[serde(borrow)]
    attributes: Option<&'a RawValue>,
    #[serde(borrow)]
    attributes_flat: Option<&'a RawValue>,
    #[serde(borrow)]
    sensitive_attributes: Option<&'a RawValue>,
    #[serde(borrow)]
    dependencies: Option<Vec<Str<'a>>>,
}

/// What a rule of the format that JSON types cannot hold was broken by: the address and the reason.
pub(super) struct Broken(pub(super) String);

impl<'a> Resource<'a> {
    fn add_to(self, state: &mut State, text: &Arc<String>) -> Result<(), Broken> {
        let none = Vec::new();
        let entries = self.instances.as_ref().unwrap_or(&none);
        let label = format!("{}.{}", self.rtype.0, self.name.0);
        match &*self.mode.0 {
            "data" => {
                state.data += entries.len();
                let recorded = entries
                    .iter()
                    .filter_map(|entry| self.recorded(entry, text));
                state.recorded.extend(recorded);
                return Ok(());
            }
            "managed" => {}
            other => return Err(Broken(format!("resource `{label}` has the mode `{other}`"))),
        }
        // From OpenTofu 1.9 on the instances carry the provider where it was made by for_each.
        let named = |entry: &Entry<'_>| {
            entry
                .provider
                .as_ref()
                .or(self.provider.as_ref())
                .map(|p| super::provider::google(&p.0))
        };
        let root = Str::default();
        let module = self.module.as_ref().unwrap_or(&root);
        let mut modules: Option<Vec<ModuleStep>> = None;
        for entry in entries {
            match named(entry) {
                None => return Err(Broken(format!("resource `{label}` names no provider"))),
                Some(None) => {
                    state.foreign += 1;
                    state.recorded.extend(self.recorded(entry, text));
                }
                Some(Some(provider)) => {
                    if modules.is_none() {
                        let parsed = Address::parse_modules(&module.0);
                        modules = Some(parsed.ok_or_else(|| {
                            Broken(format!("`{}` is not a module path", module.0))
                        })?);
                    }
                    let address = Address {
                        modules: modules.clone().unwrap_or_default(),
                        data: false,
                        rtype: self.rtype.0.clone().into_owned(),
                        name: self.name.0.clone().into_owned(),
                        key: entry.key().map_err(|reason| {
                            Broken(format!("an instance of `{label}` {reason}"))
                        })?,
                    };
                    state
                        .instances
                        .push(entry.instance(address, provider, text)?);
                }
            }
        }
        Ok(())
    }
}

impl Resource<'_> {
    /// What others see of an instance that is not compared; nothing where it cannot be read, or awaits destruction.
    fn recorded(&self, entry: &Entry<'_>, text: &Arc<String>) -> Option<Recorded> {
        if entry.deposed.as_ref().is_some_and(|key| !key.0.is_empty()) {
            return None;
        }
        let module = self.module.as_ref().map_or("", |module| &*module.0);
        let marked = entry
            .sensitive_attributes
            .map_or(Some(Vec::new()), sensitive::marked);
        Some(Recorded {
            address: Address {
                modules: Address::parse_modules(module)?,
                data: self.mode.0 == "data",
                rtype: self.rtype.0.clone().into_owned(),
                name: self.name.0.clone().into_owned(),
                key: entry.key().ok()?,
            },
            attributes: attributes(Some(entry.attributes?), text)?,
            // Marks that are not understood may mean anything.
            sensitive: marked.unwrap_or_else(|| vec![Path::default()]),
            tainted: entry
                .status
                .as_ref()
                .is_some_and(|status| status.0 == "tainted"),
        })
    }
}

impl Entry<'_> {
    /// The instance key. Tofu cuts a fraction off a number, which makes another instance of it; here it is an error.
    fn key(&self) -> Result<Option<Key>, &'static str> {
        let Some(raw) = self.index_key.map(RawValue::get) else {
            return Ok(None);
        };
        if raw.starts_with('"') {
            return serde_json::from_str(raw)
                .map(|key| Some(Key::Text(key)))
                .map_err(|_| "has a key that is no text");
        }
        if let Ok(index) = raw.parse() {
            return Ok(Some(Key::Index(index)));
        }
        let number = raw.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        Err(if number {
            "has a key that is no integer"
        } else {
            "has a key that is neither an integer nor text"
        })
    }

    fn instance(
        &self,
        address: Address,
        provider: ProviderRef,
        text: &Arc<String>,
    ) -> Result<Instance, Broken> {
        let broken = |reason: &str| Broken(format!("`{address}` {reason}"));
        let tainted = match self.status.as_ref().map(|s| &*s.0) {
            None | Some("") => false,
            Some("tainted") => true,
            Some(_) => return Err(broken("has a status other than `tainted`")),
        };
        if self.attributes.is_none() && self.attributes_flat.is_some() {
            let reason = "still has the flat attributes of 0.11, which only the provider can upgrade; run `tofu apply -refresh-only` once";
            return Err(broken(reason));
        }
        let deposed = self
            .deposed
            .as_ref()
            .map(|d| d.0.clone().into_owned())
            .filter(|d| !d.is_empty());
        let sensitive = self
            .sensitive_attributes
            .map_or(Some(Vec::new()), sensitive::marked);
        Ok(Instance {
            provider,
            attributes: attributes(self.attributes, text)
                .ok_or_else(|| broken("has attributes that are no object"))?,
            sensitive: sensitive
                .ok_or_else(|| broken("has `sensitive_attributes` that are no list of paths"))?,
            tainted,
            deposed,
            skip_destroy: self.skip_destroy.unwrap_or_default(),
            moved_from: None,
            dependencies: self
                .dependencies
                .iter()
                .flatten()
                .map(|d| d.0.clone().into_owned())
                .collect(),
            schema_version: self.schema_version.unwrap_or_default(),
            address,
        })
    }
}

/// The place of a part borrowed from `text`, or an empty object where there is none. Nothing when the part is no object.
pub(super) fn attributes(raw: Option<&RawValue>, text: &Arc<String>) -> Option<RawAttributes> {
    let Some(part) = raw.map(RawValue::get).filter(|part| *part != "null") else {
        // A range that lies outside the text reads as `{}`.
        let outside = text.len() + 1;
        return Some(RawAttributes::within(text, outside..outside));
    };
    self::part(part, text).filter(|_| part.starts_with('{'))
}

/// The place of a part borrowed from `text`.
fn part(part: &str, text: &Arc<String>) -> Option<RawAttributes> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    Some(RawAttributes::within(text, start..start + part.len()))
}
