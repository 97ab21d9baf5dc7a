//! Two looks before an alarm: which objects are to be read by themselves before a verdict rests on something absent.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::catalog::{Catalog, Definition, Get, Origin, Per};
use crate::compare::{Change, Comparison, Doubt, Inputs, Mode, Row, Shortfall, Verdict};
use crate::model::{Doubts, Gap, GapId, Look, Object, Scope, Step, Unknown, Value};

/// What is to be asked once more before the comparison can be believed: objects that a verdict rests on though something of
/// them, or all of them, was only not seen; then objects of which the list that shows them leaves something out. What was looked
/// at already is not named again.
pub fn doubts(comparison: &Comparison, inputs: &Inputs<'_>) -> Doubts {
    let catalog = inputs.catalog;
    let seen = Seen::new(inputs);
    let missing = missing(comparison);
    let mut out = Doubts::default();
    let mut named: BTreeSet<(String, String)> = inputs.cloud.looked.clone();
    let mut add = |rtype: &str, id: &str, project: &str, partial: bool| {
        let Some(Target { definition, name }) = seen.target(rtype, id) else {
            return;
        };
        let Some(listing) = catalog.listed_by(&definition.rtype) else {
            return;
        };
        if !named.insert((listing.name.clone(), name.clone())) {
            return;
        }
        let object = seen.object(&definition.rtype, &name);
        let place = || Scope {
            project: project.to_owned(),
            ..scope(&name, definition, catalog)
        };
        out.objects.push(Look {
            listing: listing.name.clone(),
            scope: Scope {
                object: Some(name.clone()),
                ..object.map_or_else(place, |object| object.scope.clone())
            },
            listed: object.is_some(),
            partial,
        });
    };
    for row in comparison.rows.iter().filter(|row| rests_on_absence(row)) {
        if let Some(id) = row.canonical.as_deref().filter(|id| !inside(id, &missing)) {
            add(&row.rtype, id, &row.project, false);
        }
    }
    for object in inputs.cloud.objects.iter().filter(|object| object.partial) {
        if inputs.looks_at(&object.rtype) {
            add(&object.rtype, &object.id, &object.scope.project, true);
        }
    }
    for row in &comparison.rows {
        let definition = catalog.definition(&row.rtype);
        if let (Some(definition), Some(Unknown::Hidden(_))) = (definition, why(row)) {
            let wanted = definition.hidden.values().cloned();
            let of = out.permissions.entry(row.project.clone()).or_default();
            of.extend(wanted);
        }
    }
    out
}

/// Whether a verdict rests on something that was only not seen: the object itself, or a value of it.
pub(in crate::compare) fn rests_on_absence(row: &Row) -> bool {
    row.address.is_some()
        && (row.gone
            || row
                .changes
                .iter()
                .any(|change| lost(&change.before, &change.after)))
}

/// Whether something that one value has is not in the other: all of it, a key, or a member.
pub(in crate::compare) fn lost(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (_, Value::Unknown(_)) => false,
        (before, after) if after.is_empty() => !before.is_empty(),
        (Value::Map(old), Value::Map(new)) => old
            .iter()
            .any(|(key, value)| lost(value, new.get(key).unwrap_or(&Value::Null))),
        (Value::List(old), Value::List(new)) => old
            .iter()
            .any(|member| !new.iter().any(|other| member.same(other))),
        _ => false,
    }
}

/// Whether the verdict of a row stands though nobody looked twice: there were to be second looks, and it was not its turn.
fn is_unconfirmed(row: &Row, seen: &Seen<'_>, inputs: &Inputs<'_>) -> bool {
    let (Some(_), Some(id)) = (inputs.cloud.most, &row.canonical) else {
        return false;
    };
    let Some(Target { name, .. }) = seen.target(&row.rtype, id) else {
        return false;
    };
    let looked = |(_, object): &(String, String)| {
        let rest = name.strip_prefix(object.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    rests_on_absence(row) && !inputs.cloud.looked.iter().any(looked)
}

/// The gap of the second look that a row would have needed and that was refused.
fn refused(row: &Row, gaps: &[Gap], seen: &Seen<'_>) -> Option<GapId> {
    let Target { definition, name } = seen.target(&row.rtype, row.canonical.as_deref()?)?;
    let listing = seen.catalog.listed_by(&definition.rtype)?;
    let of = |gap: &&Gap| {
        gap.listing == listing.name && gap.scope.object.as_deref() == Some(name.as_str())
    };
    gaps.iter().find(of).map(Gap::id)
}

/// Takes back what rests on something absent where the second look at it was refused, and notes which verdicts stand without one.
pub(in crate::compare) fn weigh(comparison: &mut Comparison, inputs: &Inputs<'_>) {
    let seen = Seen::new(inputs);
    let coverage = &mut comparison.coverage;
    let gaps: Vec<Gap> = coverage
        .gaps
        .iter()
        .map(|shortfall| shortfall.gap.clone())
        .filter(|gap| gap.scope.object.is_some())
        .collect();
    for row in comparison
        .rows
        .iter_mut()
        .filter(|row| rests_on_absence(row))
    {
        if is_unconfirmed(row, &seen, inputs) {
            coverage.looks.unconfirmed.extend(row.address.clone());
        }
        let Some(gap) = refused(row, &gaps, &seen) else {
            continue;
        };
        let why = Unknown::Gap(gap);
        let (open, changes): (Vec<_>, Vec<_>) = std::mem::take(&mut row.changes)
            .into_iter()
            .partition(|change| lost(&change.before, &change.after));
        row.changes = changes;
        if let Some(live) = &mut row.live {
            let live = Arc::make_mut(live);
            for change in &open {
                put(live, &change.path.0, Value::Unknown(why.clone()));
            }
        }
        let drifted = |change: &Change| change.mode == Mode::Argument;
        row.verdict = match row.verdict {
            Verdict::Drifted | Verdict::ComputedDrift if row.changes.is_empty() => Verdict::Unknown,
            Verdict::Drifted if !row.changes.iter().any(drifted) => Verdict::ComputedDrift,
            verdict => verdict,
        };
        let first = open.into_iter().next();
        row.doubt = first.map(|change| Doubt {
            path: Some(change.path),
            why: why.clone(),
        });
        let of = |shortfall: &&mut Shortfall| Unknown::Gap(shortfall.gap.id()) == why;
        if row.verdict == Verdict::Unknown
            && let Some(shortfall) = coverage.gaps.iter_mut().find(of)
        {
            shortfall.hides.extend(row.address.clone());
        }
    }
}

/// Puts a value at a path, where there is something on the way to it.
fn put(at: &mut Value, path: &[Step], value: Value) {
    let Some((step, rest)) = path.split_first() else {
        *at = value;
        return;
    };
    let below = match (step, at) {
        (Step::Attribute(name) | Step::Key(name), Value::Map(map)) => map.get_mut(name),
        (Step::Index(index), Value::List(items)) => items.get_mut(*index),
        _ => None,
    };
    if let Some(below) = below {
        put(below, rest, value);
    }
}

/// What is read by itself in the place of an object: itself, or what it lies in.
struct Target<'a> {
    definition: &'a Definition,
    /// Its canonical name.
    name: String,
}

/// What the first look showed.
struct Seen<'a> {
    catalog: &'a Catalog,
    /// By type and canonical name.
    objects: HashMap<(&'a str, &'a str), &'a Object>,
}

impl<'a> Seen<'a> {
    fn new(inputs: &Inputs<'a>) -> Self {
        let objects = inputs.cloud.objects.iter();
        let named = |object: &'a Object| ((object.rtype.as_str(), object.id.as_str()), object);
        Self {
            catalog: inputs.catalog,
            objects: objects.map(named).collect(),
        }
    }

    fn object(&self, rtype: &str, name: &str) -> Option<&'a Object> {
        self.objects.get(&(rtype, name)).copied()
    }

    /// Nothing where the provider reads the object by the list that shows it, and that list has been asked.
    fn target(&self, rtype: &str, id: &str) -> Option<Target<'a>> {
        let mut definition = self.catalog.definition(rtype)?;
        let mut name = id;
        while let Origin::Within { parent, path } = &definition.origin
            && !path.is_empty()
        {
            // The name of what lies in another goes on from that one's by its kind and its own name.
            name = name.rsplitn(3, '/').nth(2)?;
            definition = self.catalog.definition(parent)?;
        }
        match definition.get {
            Get::Named => Some(Target {
                definition,
                name: name.to_owned(),
            }),
            Get::Listed => self.around(definition, name),
        }
    }

    /// What an object lies in that only a list within that shows, where nobody saw that either: so its list was not asked.
    fn around(&self, definition: &Definition, id: &str) -> Option<Target<'a>> {
        let Per::Parent { listing, .. } = &self.catalog.listed_by(&definition.rtype)?.per else {
            return None;
        };
        let parent = self.catalog.definition(listing)?;
        let api = &self.catalog.services.get(&parent.service)?.api;
        let path = id.strip_prefix("//")?.strip_prefix(api.as_str())?;
        let path = path.strip_prefix('/')?;
        let name = (parent.identity.iter()).find_map(|template| template.beginning(path))?;
        let name = format!("//{api}/{name}");
        let unseen = parent.get == Get::Named && self.object(&parent.rtype, &name).is_none();
        unseen.then_some(Target {
            definition: parent,
            name,
        })
    }
}

/// Where a listing would have an object that it does not show: as the object's path tells.
fn scope(name: &str, definition: &Definition, catalog: &Catalog) -> Scope {
    let listing = catalog.listed_by(&definition.rtype);
    let path = name
        .strip_prefix("//")
        .and_then(|name| name.split_once('/'));
    let found = listing.zip(path);
    let (location, parent) = found
        .and_then(|(listing, (_, path))| listing.path.scope_of(path))
        .unwrap_or_default();
    Scope {
        location,
        parent,
        ..Scope::default()
    }
}

/// The canonical names of what is missing.
fn missing(comparison: &Comparison) -> BTreeSet<&str> {
    let rows = comparison.rows.iter();
    rows.filter(|row| row.gone)
        .filter_map(|row| row.canonical.as_deref())
        .collect()
}

/// Whether something lies in what is missing: what comes of a second look at that holds for it too.
fn inside(id: &str, missing: &BTreeSet<&str>) -> bool {
    let ends = id.match_indices('/').map(|(at, _)| at);
    ends.map(|at| &id[..at])
        .any(|around| missing.contains(around))
}

/// Why a row is not known.
fn why(row: &Row) -> Option<&Unknown> {
    row.doubt.as_ref().map(|doubt| &doubt.why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_is_told_from_what_became_another() {
        let value = |text: &str| Value::from_json(serde_json::from_str(text).unwrap());
        let lost = |before: &str, after: &str| super::lost(&value(before), &value(after));
        for (before, after) in [
            ("true", "false"),
            ("5", "null"),
            (r#""a""#, r#""""#),
            (r#"["a","b"]"#, r#"["a","c"]"#),
            (r#"["a"]"#, "[]"),
            (r#"{"a":1,"b":2}"#, r#"{"a":1}"#),
            (r#"[{"a":1}]"#, r#"[{"a":null}]"#),
        ] {
            assert!(lost(before, after), "{before} -> {after}");
        }
        for (before, after) in [
            ("1", "2"),
            ("null", "5"),
            ("false", "true"),
            (r#"["a"]"#, r#"["a","b"]"#),
            (r#"{"a":1}"#, r#"{"a":2,"b":2}"#),
            (r#"["a","b"]"#, r#"["b","a"]"#),
        ] {
            assert!(!lost(before, after), "{before} -> {after}");
        }
    }
}
