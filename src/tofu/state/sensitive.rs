//! The paths that state marks sensitive.

use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::model::{Path, Step};

/// Reads `sensitive_attributes`: a list of paths, each a list of `get_attr` and `index` steps.
///
/// Nothing when it has another form.
pub(super) fn marked(raw: &RawValue) -> Option<Vec<Path>> {
    // Nearly every instance has the empty list.
    if matches!(raw.get(), "[]" | "null") {
        return Some(Vec::new());
    }
    let paths: Vec<Vec<Json>> = serde_json::from_str(raw.get()).ok()?;
    paths
        .iter()
        .map(|steps| steps.iter().map(step).collect::<Option<Vec<_>>>().map(Path))
        .collect()
}

fn step(step: &Json) -> Option<Step> {
    let value = step.get("value")?;
    match step.get("type")?.as_str()? {
        "get_attr" => Some(Step::Attribute(value.as_str()?.to_owned())),
        "index" => match value.get("value")? {
            Json::String(key) => Some(Step::Key(key.clone())),
            index => Some(Step::Index(usize::try_from(index.as_u64()?).ok()?)),
        },
        _ => None,
    }
}

/// Reads `sensitive_values` of `tofu show -json`: a tree with `true` at what is sensitive, blank elsewhere.
///
/// It does not tell an attribute of a block from a key of a map: both come back as attributes.
pub(super) fn tree(value: &Json) -> Vec<Path> {
    let mut found = Vec::new();
    walk(value, &Path::default(), &mut found);
    found
}

fn walk(value: &Json, at: &Path, found: &mut Vec<Path>) {
    match value {
        Json::Bool(true) => found.push(at.clone()),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| walk(item, &at.index(index), found)),
        Json::Object(map) => map
            .iter()
            .for_each(|(name, item)| walk(item, &at.attribute(name), found)),
        _ => {}
    }
}
