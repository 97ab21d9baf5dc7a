//! Suggestions: the edit of configuration, or of the values of its variables, that would make configuration say what the cloud has.
//!
//! A change is followed from the argument of the block through variables, module calls, locals and collections to the text that
//! writes it; that is edited in memory, the whole configuration is evaluated again and forecast again, and the edit stays only if
//! what it is for is gone and nothing else got worse. What has no edit is said with the reason and the place.

mod calls;
mod change;
mod collection;
mod diff;
mod edit_goal;
mod nested_block;
mod source_index;
mod splice;
mod template_parts;
mod trace;
mod verify;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::catalog::Catalog;
use crate::compare::Change;
use crate::forecast::Forecast;
use crate::model::{Address, Declared, Place, Sources, Value};

pub use splice::Edit;
pub use verify::Judge;

/// Texts by the path of their file.
pub type Texts = BTreeMap<PathBuf, String>;

/// What tofu would do of one declared instance.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Its address.
    pub address: Address,
    /// Where its block stands.
    pub place: Place,
    /// What would be done.
    pub forecast: Forecast,
    /// What would change: `before` is the cloud's, `after` configuration's.
    pub changes: Vec<Change>,
    /// What is there.
    pub live: Value,
    /// Whether it would be imported: then no state says what it was.
    pub imported: bool,
    /// Whether it was asked about.
    pub asked: bool,
    /// What configuration says of an instance that is not forecast, such as one of a type that is not read: an edit leaves it.
    pub declared: Option<Value>,
}

impl Finding {
    /// Of an instance that is not forecast.
    pub fn unforecast(declared: &Declared) -> Self {
        Self {
            address: declared.address.clone(),
            place: declared.place.clone(),
            forecast: Forecast::Unknown,
            changes: Vec::new(),
            live: Value::Null,
            imported: false,
            asked: false,
            declared: Some(Value::Map(declared.arguments.clone())),
        }
    }
}

/// What tofu would do, by address.
pub type Findings = BTreeMap<Address, Finding>;

/// An edit of one file for one instance.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// The instance.
    pub address: Address,
    /// The attributes that would no longer change.
    pub attributes: Vec<String>,
    /// The file, as the user would write it.
    pub file: String,
    /// The first line that is edited.
    pub line: usize,
    /// The edit as unified diff.
    pub diff: String,
    /// What tofu would do once everything suggested is done.
    pub leaves: Forecast,
}

/// A change for which there is no suggestion.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unsuggested {
    /// The instance.
    pub address: Address,
    /// The attribute.
    pub attribute: String,
    /// Why.
    pub reason: String,
    /// `file:line` of what stands in the way.
    pub place: String,
}

/// All suggestions.
#[derive(Clone, Debug, Default)]
pub struct Suggestions {
    /// What is suggested.
    pub suggestions: Vec<Suggestion>,
    /// What is not.
    pub unsuggested: Vec<Unsuggested>,
    /// Everything suggested, as one unified diff of all files.
    pub patch: String,
    /// How many folders above the configuration's the names of the patch count from: none, unless a file lies outside it.
    pub above: usize,
    /// How many instances tofu would update or replace.
    pub before: usize,
    /// How many of them it would then leave alone.
    pub solved: usize,
    /// The files as they would be.
    pub texts: Texts,
}

impl Suggestions {
    /// How many instances have an edit and would still be changed.
    pub fn lesser(&self) -> usize {
        let left = self
            .suggestions
            .iter()
            .filter(|suggestion| suggestion.leaves != Forecast::None);
        left.map(|suggestion| &suggestion.address)
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    }
}

/// Works out suggestions. `findings` is what `judge` says of the texts as they are.
pub fn suggest(
    catalog: &Catalog,
    sources: &Sources,
    findings: &Findings,
    judge: Judge<'_>,
) -> Suggestions {
    let mut out = Suggestions {
        before: findings.values().filter(|finding| is_open(finding)).count(),
        ..Suggestions::default()
    };
    let mut now = sources.clone();
    let mut last = findings.clone();
    // What an edit uncovers is looked at again; a few rounds are enough, or it never ends.
    for _ in 0..3 {
        let round = verify::round(catalog, &now, &last, judge);
        let done = round.accepted.is_empty();
        out.unsuggested = round.refused;
        if done {
            break;
        }
        let texts = round.texts;
        out.suggestions
            .extend(verify::described(&now, &round.accepted, &round.findings));
        out.texts.extend(texts);
        now = sources.with(&out.texts);
        last = round.findings;
    }
    for suggestion in &mut out.suggestions {
        suggestion.leaves = last
            .get(&suggestion.address)
            .map_or(Forecast::None, |finding| finding.forecast);
    }
    out.unsuggested
        .retain(|left| last.get(&left.address).is_some_and(is_open));
    out.solved = out.before
        - findings
            .keys()
            .filter(|address| {
                findings.get(*address).is_some_and(is_open)
                    && last.get(*address).is_some_and(is_open)
            })
            .count();
    let edited = || {
        sources
            .files
            .iter()
            .zip(&now.files)
            .filter(|(file, after)| file.text != after.text)
    };
    let root = diff::root(
        &sources.folder,
        &edited().map(|(file, _)| file).collect::<Vec<_>>(),
    );
    out.above = sources
        .folder
        .strip_prefix(root)
        .map_or(0, |rest| rest.components().count());
    for (file, after) in edited() {
        out.patch.push_str(&diff::header(file, root));
        out.patch
            .push_str(&diff::unified(file, &file.text, &after.text));
    }
    for suggestion in &mut out.suggestions {
        if let Some((file, _)) = edited().find(|(file, _)| file.name == suggestion.file) {
            suggestion.diff.insert_str(0, &diff::header(file, root));
        }
    }
    out
}

/// Whether tofu would change it.
fn is_open(finding: &Finding) -> bool {
    finding.asked && matches!(finding.forecast, Forecast::Update | Forecast::Replace)
}
