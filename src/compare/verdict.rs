//! One verdict for each object and instance.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::action::action;
use super::inline::{self, Holder};
use super::mask::Mask;
use super::pair::{Pair, Pairs};
use super::refresh;
use super::row::{
    Change, Claim, Comparison, Coverage, Doubt, Mode, Remark, Row, SecondLooks, Shortfall, Source,
    Stored, Verdict,
};
use super::unseen::gap;
use super::{Difference, Inputs, Keyless, differences, refreshed};
use crate::model::{Address, Gap, Instance, Object, ObjectKey, Unknown, Value};
use crate::normalize::imported;

pub(super) fn comparison(inputs: &Inputs<'_>, found: Pairs<'_>) -> Comparison {
    let mut gaps = inputs.cloud.gaps.clone();
    if let Some(types) = inputs.types {
        // A capture of everything looked further than what is asked of it now.
        let asked = |gap: &Gap| {
            let hidden = gap::hidden_by(&gap.listing, inputs.catalog);
            hidden.iter().any(|rtype| types.contains(rtype))
        };
        gaps.retain(asked);
    }
    gaps.extend(gap::unasked(&found.pairs, inputs));
    let disabled = gap::disabled(&mut gaps, &found.pairs, inputs);
    let claims = claims(&found.pairs);
    let mut hides: BTreeMap<usize, Vec<Address>> = BTreeMap::new();
    let mut rows: Vec<Row> = Vec::new();
    for pair in &found.pairs {
        let row = instance(pair, &claims, &gaps, inputs);
        let behind = row
            .doubt
            .as_ref()
            .and_then(|doubt| gap::behind(&doubt.why, &gaps));
        if let Some(at) = behind.filter(|_| row.verdict == Verdict::Unknown) {
            let hidden = hides.entry(at).or_default();
            hidden.push(pair.instance.address.clone());
        }
        rows.push(row);
    }
    rows.extend(
        found
            .unreadable
            .iter()
            .map(|(state, instance)| unreadable(*state, instance)),
    );
    let held = inline::holders(inputs, &found);
    let doubtful: HashSet<&str> = found
        .unreadable
        .iter()
        .map(|(_, instance)| instance.address.rtype.as_str())
        .collect();
    let rest = found.rest.iter();
    rows.extend(rest.map(|object| unclaimed(object, &held, &doubtful, inputs)));
    rows.sort_by(|a, b| order(a).cmp(&order(b)));
    let gaps = gaps.into_iter().enumerate().map(|(at, gap)| Shortfall {
        gap,
        hides: hides.remove(&at).unwrap_or_default(),
    });
    Comparison {
        rows,
        coverage: Coverage {
            gaps: gaps.collect(),
            disabled,
            skipped: found.skipped,
            foreign: inputs.states.iter().map(|state| state.foreign).sum(),
            states: inputs
                .states
                .iter()
                .map(|state| state.source.clone())
                .collect(),
            types: inputs.looked_at(),
            projects: inputs.projects.to_vec(),
            looks: SecondLooks {
                most: inputs.cloud.most,
                made: inputs.cloud.looked.len(),
                unconfirmed: BTreeSet::new(),
            },
            versions: inputs.catalog.versions(),
        },
        held,
    }
}

/// By address, what is deposed behind what is not; then what no state knows, by type and import id.
fn order(row: &Row) -> (bool, Option<&Address>, Option<&str>, &str, &str) {
    let deposed = row
        .stored
        .as_ref()
        .and_then(|stored| stored.deposed.as_deref());
    let address = row.address.as_ref();
    (
        address.is_none(),
        address,
        deposed,
        &row.rtype,
        &row.import_id,
    )
}

/// Instances by the object they stand for. Deposed ones stand for none that another could claim.
fn claims<'a>(pairs: &'a [Pair<'_>]) -> HashMap<(&'a str, &'a str), Vec<&'a Pair<'a>>> {
    let mut out: HashMap<_, Vec<_>> = HashMap::new();
    for pair in pairs.iter().filter(|pair| pair.instance.deposed.is_none()) {
        if let Some(id) = &pair.id {
            let key = (pair.definition.rtype.as_str(), id.as_str());
            out.entry(key).or_default().push(pair);
        }
    }
    out
}

/// The other instances that stand for the object of one.
fn others(pair: &Pair<'_>, claims: &HashMap<(&str, &str), Vec<&Pair<'_>>>) -> Vec<Claim> {
    let key = pair
        .id
        .as_ref()
        .map(|id| (pair.definition.rtype.as_str(), id.as_str()));
    let all = key
        .and_then(|key| claims.get(&key))
        .map_or(&[][..], Vec::as_slice);
    let claim = |other: &&Pair<'_>| Claim {
        address: other.instance.address.clone(),
        state: other.state,
    };
    let mine = |other: &&&Pair<'_>| std::ptr::eq(other.instance, pair.instance);
    if !all.iter().any(|other| mine(&other)) {
        return Vec::new();
    }
    all.iter().filter(|other| !mine(other)).map(claim).collect()
}

/// The row of an instance.
fn instance(
    pair: &Pair<'_>,
    claims: &HashMap<(&str, &str), Vec<&Pair<'_>>>,
    gaps: &[Gap],
    inputs: &Inputs<'_>,
) -> Row {
    let others = others(pair, claims);
    let after = match pair.object {
        Some(object) => Some(Value::Map(refreshed(pair.definition, object, &pair.before))),
        None if pair.outlives => Some(emptied(pair)),
        None => None,
    };
    let outcome = match &after {
        Some(after) => compared(pair, after, inputs),
        None => absent(pair, gaps, inputs),
    };
    let verdict = match outcome.verdict {
        _ if !others.is_empty() => Verdict::ClaimedTwice,
        Verdict::InSync | Verdict::Drifted | Verdict::ComputedDrift
            if pair.instance.deposed.is_some() =>
        {
            Verdict::Deposed
        }
        verdict => verdict,
    };
    let remark = match &pair.instance.moved_from {
        _ if !others.is_empty() => Some(Remark::AlsoClaimed(others)),
        Some(from) => Some(Remark::MovedFrom(from.clone())),
        None if pair.kept => Some(Remark::NotRead),
        None => None,
    };
    let keep = |after: Value| with_id(refresh::assumed(after, &pair.before), &pair.before);
    let id = pair.before.get("id").and_then(Value::as_text);
    let differs = inputs.keep && after.is_some() && !outcome.changes.is_empty();
    Row {
        address: Some(pair.instance.address.clone()),
        state: Some(pair.state),
        rtype: pair.definition.rtype.clone(),
        import_id: pair.object.map_or_else(
            || id.unwrap_or_default().to_owned(),
            |object| object.import_id.clone(),
        ),
        canonical: pair.id.clone(),
        project: pair.project.clone(),
        verdict,
        gone: outcome.verdict == Verdict::Missing,
        changes: outcome.changes,
        doubt: outcome.doubt,
        remark,
        // Where a release does not let all be that it reads, what it reads counts for a forecast by state, too.
        live: after
            .filter(|_| inputs.keep || !pair.definition.settled_later.is_empty())
            .map(|after| Arc::new(keep(after))),
        stored: Some(Stored {
            attributes: differs.then(|| Arc::new(pair.before.clone())),
            ..stored(pair.instance)
        }),
    }
}

fn stored(instance: &Instance) -> Stored {
    Stored {
        attributes: None,
        tainted: instance.tainted,
        deposed: instance.deposed.clone(),
        skip_destroy: instance.skip_destroy,
        dependencies: instance.dependencies.clone(),
        sensitive: instance.sensitive.clone(),
    }
}

/// What holding an instance against its object gives.
struct Compared {
    verdict: Verdict,
    changes: Vec<Change>,
    doubt: Option<Doubt>,
}

fn compared(pair: &Pair<'_>, after: &Value, inputs: &Inputs<'_>) -> Compared {
    let provider = inputs.catalog.flavour(pair.instance.provider.beta);
    let keyless = match provider.version.is_decided() {
        true => Keyless::Null,
        false => Keyless::NotThere,
    };
    let found = differences(&pair.definition.schema, &pair.before, after, keyless);
    let mask = Mask::new(&pair.definition.schema, &pair.instance.sensitive);
    let change = |difference: Difference| {
        let family = difference.path.family();
        let computed = pair.definition.schema.is_computed(&family);
        mask.change(Change {
            action: action(pair.definition, &difference, &pair.before),
            sensitive: pair.definition.schema.is_sensitive(&family),
            mode: if computed {
                Mode::Computed
            } else {
                Mode::Argument
            },
            path: difference.path,
            before: difference.before,
            after: difference.after,
            source: Source::Cloud,
        })
    };
    let changes: Vec<Change> = found.found.into_iter().map(change).collect();
    let drifted = changes.iter().any(|change| change.mode == Mode::Argument);
    let verdict = match () {
        () if drifted => Verdict::Drifted,
        () if !changes.is_empty() => Verdict::ComputedDrift,
        () if !found.unread.is_empty() => Verdict::Unknown,
        () => Verdict::InSync,
    };
    let doubt = found.unread.into_iter().next().map(|(path, why)| Doubt {
        path: Some(path),
        why,
    });
    Compared {
        verdict,
        changes,
        doubt,
    }
}

/// An instance without an object: gone, unless a gap hides it or state does not say what it stands for.
fn absent(pair: &Pair<'_>, gaps: &[Gap], inputs: &Inputs<'_>) -> Compared {
    let why = match gap::covering(pair, gaps, inputs) {
        Some(gap) => Some(Unknown::Gap(gap.id())),
        None if pair.id.is_none() => Some(Unknown::Unidentified),
        None => None,
    };
    Compared {
        verdict: if why.is_some() {
            Verdict::Unknown
        } else {
            Verdict::Missing
        },
        changes: Vec::new(),
        doubt: why.map(Doubt::whole),
    }
}

/// The row of an instance whose attributes in state cannot be read.
fn unreadable(state: usize, instance: &Instance) -> Row {
    Row {
        state: Some(state),
        doubt: Some(Doubt::whole(Unknown::StateUnreadable)),
        stored: Some(stored(instance)),
        ..Row::empty(instance.address.clone(), Verdict::Unknown)
    }
}

/// What a refresh leaves of an instance whose object is gone from an answer that it outlives.
fn emptied(pair: &Pair<'_>) -> Value {
    let mut after = pair.before.clone();
    if pair.kept {
        return after;
    }
    if let Value::Map(map) = &mut after {
        let vanished = pair.definition.vanished.iter();
        for name in vanished.flat_map(|vanished| &vanished.empties) {
            let empty = if matches!(map.get(name), Some(Value::List(_))) {
                Value::List(Vec::new())
            } else {
                Value::Null
            };
            map.insert(name.clone(), empty);
        }
    }
    after
}

/// Refreshed attributes with the stored id.
fn with_id(mut after: Value, before: &Value) -> Value {
    if let (Value::Map(map), Some(id)) = (&mut after, before.get("id")) {
        map.insert("id".to_owned(), id.clone());
    }
    after
}

/// The row of an object that no state knows. Where an instance of its type could not be read, it may be that one's.
fn unclaimed(
    object: &Object,
    held: &BTreeMap<ObjectKey, Holder>,
    doubtful: &HashSet<&str>,
    inputs: &Inputs<'_>,
) -> Row {
    let holder = held.get(&object.key()).filter(|holder| holder.holds(None));
    let remark = match (&object.owned, holder) {
        (Some(owned), _) => Some(Remark::Owned(owned.reason.clone())),
        (None, Some(holder)) => Some(holder.remark(None)),
        (None, None) => None,
    };
    let open = remark.is_none() && doubtful.contains(object.rtype.as_str());
    let definition = inputs.catalog.definition(&object.rtype);
    Row {
        address: None,
        state: None,
        rtype: object.rtype.clone(),
        import_id: object.import_id.clone(),
        canonical: Some(object.id.clone()),
        project: object.scope.project.clone(),
        verdict: match () {
            () if remark.is_some() => Verdict::Owned,
            () if open => Verdict::Unknown,
            () => Verdict::Unmanaged,
        },
        gone: false,
        changes: Vec::new(),
        doubt: open.then(|| Doubt::whole(Unknown::StateUnreadable)),
        remark,
        live: definition
            .filter(|_| inputs.keep)
            .map(|d| Arc::new(Value::Map(imported(d, &object.attributes)))),
        stored: None,
    }
}
