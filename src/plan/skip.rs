//! Why an object is not imported.

use crate::compare::Remark;
use crate::model::Unknown;

/// An object that is not imported.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    /// Its type.
    pub rtype: String,
    /// What `tofu import` would take.
    pub import_id: String,
    /// Why.
    pub reason: SkipReason,
}

/// Why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// This release of the provider does not have its type.
    NoSuchType,
    /// The provider cannot import its type.
    NotImportable,
    /// An import would fail or hang just now: the words of its definition.
    Blocked(String),
    /// Google owns it, or another resource has it among its blocks.
    Belongs(Remark),
    /// What an argument says could not be read.
    Unread {
        /// The attribute.
        attribute: String,
        /// Why.
        why: Unknown,
    },
    /// An argument that must be written cannot be read.
    RequiredUnread(String),
    /// One of these must be written, and none was read.
    OneOfUnread(Vec<String>),
    /// An argument is secret, and a variable for it has no way into the module that is to declare it.
    SecretInModule(String),
    /// A module that could not be read may declare it.
    MayBeDeclared(Unknown),
}
