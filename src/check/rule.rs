//! A rule, as it is after its file was checked.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::Expression;

use super::file;
use crate::catalog::Catalog;
use crate::model::{Value, worded};

worded! {
    /// How soon a finding is to be put right.
    pub enum Priority {
        /// Now: it is open to others, loses data, or does not run.
        P0 = "P0",
        /// Before production.
        P1 = "P1",
        /// Some day.
        P2 = "P2",
    }
}

/// What a rule looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Each node of these types.
    Types(Vec<String>),
    /// Each project that was read.
    Project,
}

/// An expression of a rule.
#[derive(Clone, Debug)]
pub struct Predicate {
    /// As it is written.
    pub text: String,
    /// Parsed.
    pub(super) tree: Expression,
}

/// Where others say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct See {
    /// Who: `cis`, `cis-gke`, `checkov`, `trivy`.
    pub who: String,
    /// Their ids.
    pub ids: Vec<String>,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its id, which stays: lower-case words with hyphens, the thing first.
    pub id: String,
    /// The file it stands in, and the line.
    pub place: (String, usize),
    /// How soon a finding is to be put right.
    pub priority: Priority,
    /// Where a finding is graver than that: how grave, and when.
    pub graver: Option<(Priority, Predicate)>,
    /// What it looks at.
    pub about: About,
    /// Which of those it applies to; all where it does not say.
    pub when: Option<Predicate>,
    /// When one of those fails.
    pub fails: Predicate,
    /// What a finding says, in one sentence without a full stop.
    pub summary: String,
    /// Why that matters.
    pub why: String,
    /// Attributes that a finding shows.
    pub evidence: Vec<String>,
    /// Names of what makes it fail, by what they are called: expressions that give a text or a list of texts.
    pub shows: Vec<(String, Predicate)>,
    /// What to write: values by attribute.
    pub fix: Vec<(String, Value)>,
    /// What else to do.
    pub remedy: String,
    /// Where others say the same.
    pub see: Vec<See>,
    /// Whether what Google or another object owns is judged, too.
    pub owned: bool,
    /// Whether it needs to have seen all that a project has.
    pub whole: bool,
    /// Types of the neighbours it looks at.
    pub neighbours: BTreeSet<String>,
}

impl Rule {
    /// The types whose objects it looks at, its own and those of neighbours.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        let own = match &self.about {
            About::Types(types) => types.as_slice(),
            About::Project => &[],
        };
        own.iter().chain(&self.neighbours).map(String::as_str)
    }
}

/// Rules, checked.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The rules, those that are built in first, by id.
    pub rules: Vec<Rule>,
    /// What Google's APIs take for arguments that are left out and that the provider then only reads: by type and attribute.
    pub(super) unset: BTreeMap<String, BTreeMap<String, Value>>,
}

impl Rules {
    /// Reads rules from `(path, text)` pairs.
    ///
    /// # Errors
    /// The first problem, with file, line and rule.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        catalog: &Catalog,
    ) -> Result<Self, String> {
        let mut rules = Self::default();
        for (name, text) in files {
            rules.add(name, text, catalog)?;
        }
        rules.rules.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(rules)
    }

    /// Adds the rules of one more file, which may be a `driftline.toml`: only its `[[rule]]` are looked at.
    ///
    /// # Errors
    /// The first problem, with file, line and rule.
    pub fn add(&mut self, name: &str, text: &str, catalog: &Catalog) -> Result<(), String> {
        file::read(self, name, text, catalog)
    }

    /// The rule of an id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Those that are kept by a test.
    #[must_use]
    pub fn only(mut self, keeps: impl Fn(&Rule) -> bool) -> Self {
        self.rules.retain(|rule| keeps(rule));
        self
    }

    /// The types whose objects they look at.
    pub fn types(&self) -> BTreeSet<String> {
        let all = self.rules.iter().flat_map(Rule::types);
        all.map(str::to_owned).collect()
    }
}
