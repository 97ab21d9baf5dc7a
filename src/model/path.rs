//! Paths into an attribute tree, spelt as tofu's plan JSON would index them.

use std::fmt;

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An attribute of an object or block.
    Attribute(String),
    /// An element of a list or set, by position.
    Index(usize),
    /// A key of a map.
    Key(String),
}

/// Where a value stands: `settings[0].tier`, `labels.env`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The path of an attribute below this one.
    pub fn attribute(&self, name: &str) -> Self {
        self.with(Step::Attribute(name.to_owned()))
    }

    /// The path of an element of this list.
    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    /// The path of a key of this map.
    pub fn key(&self, key: &str) -> Self {
        self.with(Step::Key(key.to_owned()))
    }

    /// Whether it is another path, or lies below it: by steps, so that a key is no attribute of the same name.
    pub fn lies_in(&self, outer: &Self) -> bool {
        self.0.starts_with(&outer.0)
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The key of a map that it ends in.
    pub fn last_key(&self) -> Option<&str> {
        if let Some(Step::Key(key)) = self.0.last() {
            Some(key)
        } else {
            None
        }
    }

    /// The attribute names alone, joined by dots: the key of the schema's facts.
    pub fn family(&self) -> String {
        let names = self.0.iter().filter_map(|step| {
            if let Step::Attribute(name) = step {
                Some(name.as_str())
            } else {
                None
            }
        });
        names.collect::<Vec<_>>().join(".")
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Attribute(name) | Step::Key(name) => {
                    write!(f, "{}{name}", if at == 0 { "" } else { "." })?
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_by_steps() {
        let top = Path::default().attribute("labels");
        assert!(top.key("a").lies_in(&top) && top.key("a").lies_in(&top.key("a")));
        assert!(!top.lies_in(&top.key("a")) && !top.key("ab").lies_in(&top.key("a")));
        assert!(!top.key("a").lies_in(&top.attribute("a")));
        assert!(
            !Path::default()
                .attribute("labels_x")
                .lies_in(&Path::default().attribute("labels"))
        );
    }
}
