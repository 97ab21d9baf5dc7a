//! Objects: what exists in the cloud, in the words of the provider.

use std::collections::{BTreeMap, BTreeSet};

use super::{Scope, Value};

/// Why an object is named in a report and not counted as unmanaged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owned {
    /// The reason in a few words, from the definition: `default database`, `made by Autopilot`.
    pub reason: String,
}

/// What tells an object from every other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    /// The resource type that manages such objects.
    pub rtype: String,
    /// The canonical name.
    pub id: String,
}

/// One object of the cloud, normalized.
#[derive(Clone, Debug)]
pub struct Object {
    /// The resource type that manages such objects.
    pub rtype: String,
    /// The canonical name, unique over all types: the definition's identity template, filled.
    pub id: String,
    /// What `tofu import` takes.
    pub import_id: String,
    /// Where it lies.
    pub scope: Scope,
    /// The attributes as a read gives them. Where a read takes only what state already has (labels, taints), everything the
    /// API has is here; `normalize::imported` gives what an import leaves.
    pub attributes: BTreeMap<String, Value>,
    /// Attribute families whose API field was absent, where the definition lets prior state through then.
    pub absent_fields: BTreeSet<String>,
    /// Attributes that every answer leaves out for who lacks a permission, with the permission, where it is not known that the
    /// caller has it.
    pub hidden: BTreeMap<String, String>,
    /// What the API says in attributes that the provider never reads; nothing but rules looks at it.
    pub observed: BTreeMap<String, Value>,
    /// Whether something of it is not known because the list that shows it leaves it out.
    pub partial: bool,
    /// Who owns it, if it is not a person's to manage.
    pub owned: Option<Owned>,
    /// Why an import would fail or hang just now, if it would.
    pub blocked: Option<String>,
}

impl Object {
    /// Its key.
    pub fn key(&self) -> ObjectKey {
        ObjectKey {
            rtype: self.rtype.clone(),
            id: self.id.clone(),
        }
    }
}
