//! The name of an attribute in a schema.

use std::borrow::Borrow;
use std::fmt;

/// The dotted name of an attribute in a schema, without indices: `settings.backup_configuration.enabled`. What lies in what is
/// told by steps, never by how texts begin.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaPath(String);

impl SchemaPath {
    /// From its dotted name.
    pub fn new(dotted: impl Into<String>) -> Self {
        Self(dotted.into())
    }

    /// Its dotted name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names of its steps, outermost first.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.0.split('.').filter(|step| !step.is_empty())
    }

    /// The steps that lead to it from a block (the top for the empty name), none where it is the block itself; nothing if it
    /// does not lie there.
    pub fn below(&self, block: &str) -> Option<Vec<&str>> {
        let mut steps = self.steps();
        for outer in block.split('.').filter(|step| !step.is_empty()) {
            if steps.next() != Some(outer) {
                return None;
            }
        }
        Some(steps.collect())
    }
}

impl Borrow<str> for SchemaPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SchemaPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_what_is_told_by_steps() {
        let path = SchemaPath::new("disk.size");
        assert_eq!(path.below("disk"), Some(vec!["size"]));
        assert_eq!(path.below(""), Some(vec!["disk", "size"]));
        assert_eq!(path.below("disk.size"), Some(vec![]));
        assert_eq!(path.below("dis"), None);
        assert_eq!(path.below("disk.size.x"), None);
        assert_eq!(SchemaPath::new("disks.size").below("disk"), None);
    }
}
