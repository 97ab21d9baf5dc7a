//! One verdict for each object and instance.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::action::{Action, Source, action};
use super::gap;
use super::inline::{self, Holder};
use super::pair::{Pair, Pairs};
use super::refresh;
use super::{Inputs, differences, refreshed, renewal};
use crate::model::{Address, Gap, Object, Path, Unknown, Value};
use crate::normalize::imported;

/// The outcome for one object or instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// State and cloud agree.
    InSync,
    /// An argument differs.
    Drifted,
    /// Only outputs differ.
    ComputedDrift,
    /// In state, gone from the cloud.
    Missing,
    /// In the cloud, in no state.
    Unmanaged,
    /// In configuration, not in state, not in the cloud.
    Declared,
    /// Two addresses stand for one object.
    ClaimedTwice,
    /// A gap covers it.
    Unknown,
    /// Google's own, or part of another object: named, not counted.
    Owned,
}

impl Verdict {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InSync => "in-sync",
            Self::Drifted => "drifted",
            Self::ComputedDrift => "computed-drift",
            Self::Missing => "missing",
            Self::Unmanaged => "unmanaged",
            Self::Declared => "declared",
            Self::ClaimedTwice => "claimed-twice",
            Self::Unknown => "unknown",
            Self::Owned => "owned",
        }
    }

    /// Whether it makes the exit code that of a difference.
    pub fn is_difference(self) -> bool {
        matches!(
            self,
            Self::Drifted | Self::Missing | Self::Unmanaged | Self::Declared | Self::ClaimedTwice
        )
    }
}

/// What `tofu plan` would do with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Forecast {
    /// Nothing.
    None,
    /// It depends on configuration that is not given or not known.
    Unknown,
    /// An update in place.
    Update,
    /// Destroy it.
    Delete,
    /// Make it.
    Create,
    /// Destroy it and make it anew.
    Replace,
}

impl Forecast {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Unknown => "unknown",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Create => "create",
            Self::Replace => "replace",
        }
    }
}

/// Whether configuration can set an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It can.
    Argument,
    /// Only the provider sets it.
    Computed,
}

impl Mode {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Argument => "argument",
            Self::Computed => "computed",
        }
    }
}

/// One difference, with what it means.
#[derive(Clone, Debug)]
pub struct Change {
    /// Where.
    pub path: Path,
    /// What state (or, for a planned change, the cloud) holds.
    pub before: Value,
    /// What the cloud (or, for a planned change, configuration) holds.
    pub after: Value,
    /// Whether it is an argument.
    pub mode: Mode,
    /// What tofu would do about it.
    pub action: Action,
    /// Never shown.
    pub sensitive: bool,
    /// Who moved.
    pub source: Source,
}

/// The outcome for one object or instance, with everything a report says of it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The address; nothing for what no state knows.
    pub address: Option<Address>,
    /// Which of the states it is in.
    pub state: Option<usize>,
    /// The resource type.
    pub rtype: String,
    /// The import id, as far as it is known; else what state calls it.
    pub import_id: String,
    /// The canonical name, where there is one.
    pub canonical: Option<String>,
    /// The project.
    pub project: String,
    /// The outcome.
    pub verdict: Verdict,
    /// What `tofu plan` would do.
    pub forecast: Forecast,
    /// What differs.
    pub changes: Vec<Change>,
    /// Why, where the verdict alone does not say: the gap, the owner, the other address.
    pub reason: String,
    /// Why the verdict, or the value that it is unknown for, is not known.
    pub why: Option<Unknown>,
    /// What a refresh would store: of an instance, over its state; of an object no state knows, what an import leaves. Nothing
    /// for what is missing.
    pub live: Option<Arc<Value>>,
    /// Whether state marks it for replacement.
    pub tainted: bool,
    /// Whether tofu would destroy it, for good or to replace it, and refuses to: its block says `prevent_destroy`.
    pub prevented: bool,
}

/// An object that nobody claims and that a declared instance would stand for, were it not for one part of its identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// What `tofu import` takes.
    pub import_id: String,
    /// The argument that differs.
    pub part: String,
    /// What is declared.
    pub declared: String,
    /// What is there.
    pub live: String,
}

impl NearMiss {
    /// One sentence: what differs, what comes of it, what to do.
    pub fn sentence(&self) -> String {
        let Self {
            import_id,
            part,
            declared,
            live,
        } = self;
        format!(
            "declared `{declared}`, live `{live}` ({import_id}): other {part}; as declared it cannot be imported: write {part} = \
             \"{live}\" to import it, or leave both and tofu creates a second one"
        )
    }
}

/// A gap, with the addresses it hides.
#[derive(Clone, Debug)]
pub struct Shortfall {
    /// The gap.
    pub gap: Gap,
    /// Addresses whose verdict it makes unknown.
    pub hides: Vec<Address>,
}

/// The outcome for everything.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Rows: instances by address, then objects no state knows, by type and import id.
    pub rows: Vec<Row>,
    /// Gaps.
    pub gaps: Vec<Shortfall>,
    /// Listings of APIs that are not enabled in a project whose state does not mention them: nothing is missed there.
    pub disabled: Vec<Gap>,
    /// Instances by type that were not compared, for want of a definition or because nobody asked.
    pub skipped: BTreeMap<String, usize>,
    /// Instances of other providers.
    pub foreign: usize,
    /// Where each state came from.
    pub states: Vec<String>,
    /// The types that were asked about; all that have a definition when there is no list.
    pub types: Option<Vec<String>>,
    /// Near misses of instances that are declared and in no state, the nearest first.
    pub near: BTreeMap<Address, Vec<NearMiss>>,
    /// Objects that no state has as such and that stand among another resource's blocks: by type and canonical name.
    pub held: BTreeMap<(String, String), Holder>,
}

impl Comparison {
    /// Whether objects of a type were asked for.
    pub fn looks_at(&self, rtype: &str) -> bool {
        self.types
            .as_ref()
            .is_none_or(|types| types.iter().any(|t| t == rtype))
    }

    /// How many rows have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows
            .iter()
            .filter(|row| row.verdict == verdict)
            .count()
    }

    /// How many of the objects seen are managed, and how many were seen. Google's own are not counted.
    pub fn coverage(&self) -> (usize, usize) {
        let managed = [Verdict::InSync, Verdict::Drifted, Verdict::ComputedDrift]
            .iter()
            .map(|verdict| self.count(*verdict))
            .sum::<usize>();
        let twice: std::collections::BTreeSet<_> = self
            .rows
            .iter()
            .filter(|row| row.verdict == Verdict::ClaimedTwice)
            .map(|row| &row.canonical)
            .collect();
        let managed = managed + twice.len();
        (managed, managed + self.count(Verdict::Unmanaged))
    }
}

pub(super) fn comparison(inputs: &Inputs<'_>, found: Pairs<'_>) -> Comparison {
    let mut gaps = inputs.cloud.gaps.clone();
    gaps.extend(gap::unasked(&found.pairs, inputs));
    let disabled = gap::disabled(&mut gaps, &found.pairs, inputs);
    let claims = claims(&found.pairs);
    let mut hides: BTreeMap<usize, Vec<Address>> = BTreeMap::new();
    let mut rows: Vec<Row> = Vec::new();
    for pair in &found.pairs {
        let mut row = instance(pair, inputs);
        if pair.object.is_none()
            && !pair.outlives
            && let Some(at) = gap::covering(pair, &gaps, inputs)
                .and_then(|gap| gaps.iter().position(|g| g == gap))
        {
            row.verdict = Verdict::Unknown;
            row.forecast = Forecast::Unknown;
            row.reason = gaps[at].detail.clone();
            row.why = Some(Unknown::Gap(gaps[at].id()));
            hides
                .entry(at)
                .or_default()
                .push(pair.instance.address.clone());
        } else if row.verdict == Verdict::Unknown
            && let Some(at) = gap::behind(row.why.as_ref(), &gaps)
        {
            hides
                .entry(at)
                .or_default()
                .push(pair.instance.address.clone());
        }
        if let Some(others) = pair
            .id
            .as_ref()
            .and_then(|id| claims.get(&(pair.definition.rtype.as_str(), id.as_str())))
            .filter(|all| all.len() > 1)
        {
            claimed(&mut row, pair, others, inputs);
        }
        rows.push(row);
    }
    renewal::unsettle(&mut rows, &found.pairs);
    let held = inline::holders(inputs, &found);
    rows.extend(
        found
            .rest
            .iter()
            .map(|object| unclaimed(object, &held, inputs)),
    );
    rows.sort_by(|a, b| order(a).cmp(&order(b)));
    let gaps = gaps
        .into_iter()
        .enumerate()
        .map(|(at, gap)| Shortfall {
            gap,
            hides: hides.remove(&at).unwrap_or_default(),
        })
        .collect();
    Comparison {
        rows,
        gaps,
        disabled,
        skipped: found.skipped,
        foreign: inputs.states.iter().map(|state| state.foreign).sum(),
        states: inputs
            .states
            .iter()
            .map(|state| state.source.clone())
            .collect(),
        types: inputs.looked_at(),
        near: BTreeMap::new(),
        held,
    }
}

fn order(row: &Row) -> (bool, Option<&Address>, &str, &str) {
    (
        row.address.is_none(),
        row.address.as_ref(),
        &row.rtype,
        &row.import_id,
    )
}

/// Instances by the object they stand for.
fn claims<'a>(pairs: &'a [Pair<'_>]) -> HashMap<(&'a str, &'a str), Vec<&'a Pair<'a>>> {
    let mut out: HashMap<_, Vec<_>> = HashMap::new();
    for pair in pairs {
        if let Some(id) = &pair.id {
            out.entry((pair.definition.rtype.as_str(), id.as_str()))
                .or_default()
                .push(pair);
        }
    }
    out
}

fn claimed(row: &mut Row, pair: &Pair<'_>, all: &[&Pair<'_>], inputs: &Inputs<'_>) {
    let name = |other: &&&Pair<'_>| {
        format!(
            "{} in {}",
            other.instance.address, inputs.states[other.state].source
        )
    };
    let others: Vec<_> = all
        .iter()
        .filter(|other| !std::ptr::eq(other.instance, pair.instance))
        .map(|other| name(&other))
        .collect();
    row.verdict = Verdict::ClaimedTwice;
    row.reason = format!("also {}", others.join(", "));
}

/// The row of an instance, gaps aside.
fn instance(pair: &Pair<'_>, inputs: &Inputs<'_>) -> Row {
    let stored = pair
        .before
        .get("id")
        .and_then(Value::as_text)
        .unwrap_or_default();
    let mut row = Row {
        address: Some(pair.instance.address.clone()),
        state: Some(pair.state),
        rtype: pair.definition.rtype.clone(),
        import_id: pair
            .object
            .map_or(stored.to_owned(), |object| object.import_id.clone()),
        canonical: pair.id.clone(),
        project: pair.project.clone(),
        verdict: Verdict::Missing,
        forecast: Forecast::Create,
        changes: Vec::new(),
        reason: String::new(),
        why: None,
        live: None,
        tainted: pair.instance.tainted,
        prevented: false,
    };
    let after = match pair.object {
        Some(object) => Some(Value::Map(refreshed(pair.definition, object, &pair.before))),
        None if pair.outlives => Some(emptied(pair)),
        None => None,
    };
    let Some(after) = after else {
        if pair.id.is_none() {
            row.verdict = Verdict::Unknown;
            row.forecast = Forecast::Unknown;
            row.why = Some(Unknown::Unidentified);
            row.reason = "state does not hold what identifies the object".to_owned();
        }
        return row;
    };
    let found = differences(&pair.definition.schema, &pair.before, &after);
    let change = |difference: super::Difference| {
        let family = difference.path.family();
        let computed = pair.definition.schema.is_computed(&family);
        Change {
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
        }
    };
    row.changes = found.found.into_iter().map(change).collect();
    row.verdict = match () {
        () if row
            .changes
            .iter()
            .any(|change| change.mode == Mode::Argument) =>
        {
            Verdict::Drifted
        }
        () if !row.changes.is_empty() => Verdict::ComputedDrift,
        () if !found.unread.is_empty() => Verdict::Unknown,
        () => Verdict::InSync,
    };
    row.forecast = forecast(&row, pair);
    if let Some((path, why)) = found.unread.first() {
        row.reason = format!("{path} could not be read: {}", why.as_str());
        row.why = Some(why.clone());
    }
    if inputs.keep {
        row.live = Some(Arc::new(with_id(
            refresh::assumed(after, &pair.before),
            &pair.before,
        )));
    }
    row
}

/// What a refresh leaves of an instance whose object is gone from an answer that it outlives.
fn emptied(pair: &Pair<'_>) -> Value {
    let mut after = pair.before.clone();
    if pair.kept {
        return after;
    }
    if let Value::Map(map) = &mut after {
        for name in pair
            .definition
            .vanished
            .iter()
            .flat_map(|vanished| &vanished.empties)
        {
            let list = matches!(map.get(name), Some(Value::List(_)));
            map.insert(
                name.clone(),
                if list {
                    Value::List(Vec::new())
                } else {
                    Value::Null
                },
            );
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

/// What tofu would do, when configuration is what state was made from.
fn forecast(row: &Row, pair: &Pair<'_>) -> Forecast {
    if pair.instance.tainted {
        return Forecast::Replace;
    }
    let actions = |wanted: Action| {
        row.changes
            .iter()
            .filter(move |change| change.action == wanted)
    };
    if actions(Action::Replace).next().is_some() {
        return Forecast::Replace;
    }
    // What configuration may or may not say could still force a replacement.
    let open = actions(Action::Unknown).any(|change| {
        pair.definition
            .schema
            .ancestry(&change.path.family())
            .any(|facts| facts.force_new || facts.diff_suppressed)
    });
    match (
        actions(Action::Update).next().is_some(),
        actions(Action::Unknown).next().is_some(),
    ) {
        (true, _) if !open => Forecast::Update,
        (true, _) | (false, true) => Forecast::Unknown,
        (false, false) => Forecast::None,
    }
}

/// The row of an object that no state knows.
fn unclaimed(
    object: &Object,
    held: &BTreeMap<(String, String), Holder>,
    inputs: &Inputs<'_>,
) -> Row {
    let holder = held
        .get(&(object.rtype.clone(), object.id.clone()))
        .filter(|holder| holder.holds(None));
    let owner = object
        .owned
        .as_ref()
        .map(|owned| owned.reason.clone())
        .or_else(|| Some(holder?.reason(None)));
    Row {
        address: None,
        state: None,
        rtype: object.rtype.clone(),
        import_id: object.import_id.clone(),
        canonical: Some(object.id.clone()),
        project: object.scope.project.clone(),
        verdict: if owner.is_some() {
            Verdict::Owned
        } else {
            Verdict::Unmanaged
        },
        forecast: Forecast::None,
        changes: Vec::new(),
        reason: owner.unwrap_or_default(),
        why: None,
        live: inputs
            .catalog
            .definition(&object.rtype)
            .filter(|_| inputs.keep)
            .map(|d| Arc::new(Value::Map(imported(d, &object.attributes)))),
        tainted: false,
        prevented: false,
    }
}
