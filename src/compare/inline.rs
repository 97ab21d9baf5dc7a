//! Objects that another resource holds as blocks of its own, such as the pools that a cluster's resource declares.
//!
//! State alone does not say who declares such an object: a refresh writes all there are into the holder's list. So the list
//! counts only where no object of the holder is managed by a resource of its own, and configuration, where it is known, has the
//! last word ([`Holder::holds`]).

use std::collections::{BTreeMap, HashMap, HashSet};

use super::pair::{Pairs, project};
use super::{Inputs, Remark};
use crate::catalog::{Context, Definition, Inline};
use crate::model::{Address, Config, Declared, Object, ObjectKey, Value};
use crate::normalize::canonical;

/// The resource whose list of blocks an object stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Where it is.
    pub address: Address,
    /// The list.
    pub attribute: String,
    /// Whether the object belongs to it as far as state says.
    pub alone: bool,
    /// Whether no configuration would change that.
    pub certain: bool,
}

impl Holder {
    /// Whether the object belongs to the holder: as its configuration says, if it is declared, else as state does.
    pub fn holds(&self, config: Option<&Config>) -> bool {
        match self.declared(config).filter(|_| !self.certain) {
            Some(declared) => declared
                .arguments
                .get(&self.attribute)
                .is_some_and(|blocks| !blocks.is_empty()),
            None => self.alone,
        }
    }

    fn declared<'c>(&self, config: Option<&'c Config>) -> Option<&'c Declared> {
        config.and_then(|config| {
            config
                .resources
                .iter()
                .find(|declared| declared.address == self.address)
        })
    }

    /// Why such an object is not counted. As far as state says it, that is said: configuration may say otherwise.
    pub fn remark(&self, config: Option<&Config>) -> Remark {
        Remark::PartOf {
            holder: self.address.clone(),
            attribute: self.attribute.clone(),
            by_state: !self.certain && self.declared(config).is_none(),
        }
    }
}

/// The name of the resource that would hold an object inline: its type's API in front, as in canonical names.
pub fn holder_id(
    inline: &Inline,
    attributes: &Value,
    project: &str,
    inputs: &crate::catalog::Catalog,
) -> Option<String> {
    let path = inline.id.fill(
        attributes,
        &Context {
            project,
            ..Context::default()
        },
    )?;
    let service = &inputs.definition(&inline.holder)?.service;
    let api = inputs
        .services
        .get(service)
        .map_or(service.as_str(), |service| &service.api);
    Some(format!("//{api}/{path}"))
}

/// Whether a list of blocks has one of this name.
pub fn listed(inline: &Inline, blocks: &Value, name: &Value) -> bool {
    let mut blocks = blocks.as_list().unwrap_or_default().iter();
    blocks.any(|block| block.get(&inline.key).is_some_and(|key| key.same(name)))
}

/// The holders of objects that no instance stands for, by type and canonical name.
pub(super) fn holders(inputs: &Inputs<'_>, found: &Pairs<'_>) -> BTreeMap<ObjectKey, Holder> {
    let free: Vec<(&Object, &Definition)> = (found.rest.iter())
        .filter(|object| object.owned.is_none())
        .filter_map(|object| {
            Some((
                *object,
                inputs
                    .catalog
                    .definition(&object.rtype)
                    .filter(|d| !d.inline.is_empty())?,
            ))
        })
        .collect();
    if free.is_empty() {
        return BTreeMap::new();
    }
    let stored = stored(inputs, &free);
    let apart = apart(inputs, found);
    let holder = |(object, definition): &(&Object, &Definition)| {
        let attributes = Value::Map(object.attributes.clone());
        let held = |inline: &Inline| {
            let name = object.attributes.get(&inline.key)?;
            let id = holder_id(inline, &attributes, &object.scope.project, inputs.catalog)?;
            let (address, before) = stored.get(&(inline.holder.as_str(), id.clone()))?;
            let certain = name
                .as_text()
                .is_some_and(|name| inline.only.iter().any(|only| only == name));
            let refused = inline
                .unless
                .as_ref()
                .and_then(|unless| before.get(unless))
                .and_then(Value::as_bool)
                == Some(true);
            let fits = (certain || inline.only.is_empty())
                && !refused
                && listed(inline, before.get(&inline.attribute)?, name);
            let alone = certain || !apart.contains(&(object.rtype.as_str(), id));
            fits.then(|| Holder {
                address: (*address).clone(),
                attribute: inline.attribute.clone(),
                alone,
                certain,
            })
        };
        let holder = definition
            .inline
            .iter()
            .filter_map(held)
            .max_by_key(|holder| holder.certain)?;
        Some((object.key(), holder))
    };
    free.iter().filter_map(holder).collect()
}

/// What state has of the types that hold others, looked at or not: address and attributes by type and canonical name.
fn stored<'a>(
    inputs: &Inputs<'a>,
    free: &[(&Object, &'a Definition)],
) -> HashMap<(&'a str, String), (&'a Address, Value)> {
    let types: HashSet<&str> = free
        .iter()
        .flat_map(|(_, d)| &d.inline)
        .map(|inline| inline.holder.as_str())
        .collect();
    let instances = inputs
        .states
        .iter()
        .flat_map(|state| &state.instances)
        .filter(|instance| instance.deposed.is_none());
    let of = instances.filter_map(|instance| {
        let definition = inputs
            .catalog
            .definition(&instance.address.rtype)
            .filter(|d| types.contains(d.rtype.as_str()))?;
        let before = instance.attributes.value().ok()?;
        let project = project(&before, inputs);
        let id = canonical(
            definition,
            &before,
            &Context {
                project: &project,
                ..Context::default()
            },
            inputs.catalog,
        )?;
        Some(((definition.rtype.as_str(), id), (&instance.address, before)))
    });
    of.collect()
}

/// Holders of which an object is managed by a resource of its own: the object's type and the holder's canonical name.
fn apart<'a>(inputs: &Inputs<'_>, found: &Pairs<'a>) -> HashSet<(&'a str, String)> {
    let of = found.pairs.iter().flat_map(|pair| {
        let id = |inline: &Inline| holder_id(inline, &pair.before, &pair.project, inputs.catalog);
        pair.definition
            .inline
            .iter()
            .filter_map(id)
            .map(|id| (pair.definition.rtype.as_str(), id))
    });
    of.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::compare::compare;
    use crate::compare::tests::stored;
    use crate::model::{Declared, Lifecycle, Place, Scope, State};
    use crate::normalize::Normalized;
    use crate::render::remark::sentence;

    const SERVICE: &str = "title = \"X\"\napi = \"x.googleapis.com\"\nbase = \"https://x.googleapis.com/v1/\"\nendpoint = \"X\"\n";
    const BOX: &str = r#"
type = "google_x_box"
description = "A box."
[list]
path = "projects/{project}/boxes"
items = "boxes"
[identity]
id = "projects/{project}/boxes/{name}"
import_id = "{project}/{name}"
"#;
    const ITEM: &str = r#"
type = "google_x_item"
description = "An item."
[list]
per = "google_x_box"
within = "items"
[identity]
id = "projects/{project}/boxes/{box | last}/items/{name}"
import_id = "{box}/{name}"
[[inline]]
in = "google_x_box"
id = "projects/{project}/boxes/{box | last}"
attribute = "item"
key = "name"
unless = "emptied"
[[inline]]
in = "google_x_box"
id = "projects/{project}/boxes/{box | last}"
attribute = "item"
key = "name"
only = ["first"]
unless = "emptied"
"#;
    const BOX_FACTS: &str = r#"{"type": "google_x_box", "schema_version": 0, "importable": true, "custom_diff": false, "attributes": {
"name": {"kind": "string", "mode": "required"}, "project": {"kind": "string", "mode": "optional+computed"},
"emptied": {"kind": "bool", "mode": "optional"}, "item": {"kind": "list", "mode": "optional+computed"},
"item.name": {"kind": "string", "mode": "optional+computed"}}}"#;
    const ITEM_FACTS: &str = r#"{"type": "google_x_item", "schema_version": 0, "importable": true, "custom_diff": false, "attributes": {
"name": {"kind": "string", "mode": "required"}, "project": {"kind": "string", "mode": "optional+computed"},
"box": {"kind": "string", "mode": "required"}}}"#;

    fn object(name: &str) -> Object {
        let attributes = [("name", name), ("box", "b"), ("project", "p")];
        Object {
            rtype: "google_x_item".to_owned(),
            id: format!("//x.googleapis.com/projects/p/boxes/b/items/{name}"),
            import_id: format!("b/{name}"),
            scope: Scope {
                project: "p".to_owned(),
                ..Scope::default()
            },
            attributes: attributes
                .into_iter()
                .map(|(key, value)| (key.to_owned(), Value::text(value)))
                .collect(),
            absent_fields: Default::default(),
            hidden: Default::default(),
            observed: Default::default(),
            partial: false,
            owned: None,
            blocked: None,
        }
    }

    /// What is said of the items `first`, `second` and `third` of a box.
    fn said(instances: &[(&str, &str)]) -> Vec<String> {
        let files = [
            ("google/x/service.toml", SERVICE),
            ("google/x/google_x_box.toml", BOX),
            ("google/x/google_x_box.schema.json", BOX_FACTS),
            ("google/x/google_x_item.toml", ITEM),
            ("google/x/google_x_item.schema.json", ITEM_FACTS),
        ];
        let catalog = Catalog::load(files).unwrap();
        let cloud = Normalized {
            objects: ["first", "second", "third"].map(object).to_vec(),
            ..Normalized::default()
        };
        let instances = instances
            .iter()
            .map(|(address, attributes)| stored(address, attributes))
            .collect();
        let states = [State {
            source: "s".to_owned(),
            instances,
            ..State::default()
        }];
        let projects = ["p".to_owned()];
        let inputs = Inputs {
            catalog: &catalog,
            projects: &projects,
            asked: &[],
            types: None,
            cloud: &cloud,
            states: &states,
            keep: false,
        };
        let rows = compare(&inputs).rows;
        let free = rows.iter().filter(|row| row.address.is_none());
        free.map(|row| {
            let said = row.remark.as_ref().map(|remark| sentence(remark, &[]));
            let said = said.unwrap_or_default();
            format!("{} {} {said}", row.import_id, row.verdict.as_str())
                .trim_end()
                .to_owned()
        })
        .collect()
    }

    const FULL: &str = r#"{"name":"b","project":"p","item":[{"name":"first"},{"name":"second"}]}"#;

    #[test]
    fn what_stands_among_the_blocks_of_a_resource_is_part_of_it() {
        let first = "b/first owned part of google_x_box.b (item)";
        let second = "b/second owned part of google_x_box.b (item, as its state lists it)";
        assert_eq!(
            said(&[("google_x_box.b", FULL)]),
            [first, second, "b/third unmanaged"]
        );
    }

    #[test]
    fn beside_a_resource_of_its_own_only_the_given_names_are() {
        let second = r#"{"name":"second","project":"p","box":"projects/p/boxes/b"}"#;
        let apart = said(&[("google_x_box.b", FULL), ("google_x_item.i", second)]);
        assert_eq!(
            apart,
            [
                "b/first owned part of google_x_box.b (item)",
                "b/third unmanaged"
            ]
        );
        let emptied = FULL.replace("\"item\"", "\"emptied\":true,\"item\"");
        let all = [
            "b/first unmanaged",
            "b/second unmanaged",
            "b/third unmanaged",
        ];
        assert_eq!(said(&[("google_x_box.b", &emptied)]), all);
        assert_eq!(said(&[]), all);
    }

    #[test]
    fn configuration_has_the_last_word() {
        let holder = |certain| Holder {
            address: Address::parse("google_x_box.b").unwrap(),
            attribute: "item".to_owned(),
            alone: true,
            certain,
        };
        let config = |blocks: Vec<Value>| Config {
            resources: vec![Declared {
                address: Address::parse("google_x_box.b").unwrap(),
                provider: None,
                arguments: BTreeMap::from([("item".to_owned(), Value::List(blocks))]),
                references: Vec::new(),
                lifecycle: Lifecycle::default(),
                place: Place::default(),
            }],
            ..Config::default()
        };
        let block = || Value::Map(BTreeMap::new());
        assert!(holder(false).holds(None) && holder(false).holds(Some(&Config::default())));
        assert!(
            holder(false).holds(Some(&config(vec![block()])))
                && !holder(false).holds(Some(&config(vec![])))
        );
        assert!(holder(true).holds(Some(&config(vec![]))));
    }
}
