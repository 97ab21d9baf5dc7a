//! Which objects declared instances stand for: by name where it is known whole, else by what is left when everything known is
//! held against what is there. What could be several is left to a person.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::neighbour;
use super::{Configured, Match, Unmatched};
use crate::catalog::{Context, Definition};
use crate::forecast::{Agreement, Role, agreement, key, parts, role, with_provider};
use crate::model::{Address, Declared, ImportedObject, Object, Unknown, Value};
use crate::normalize::{canonical, imported};
use crate::plan::{Evaluate, PlanInputs};

/// How many candidates are looked at; more are as undecided as these.
const MOST: usize = 8;

/// What came of the matching.
pub(super) struct Matched {
    /// The object of each matched instance, and how sure that is.
    pub found: BTreeMap<Address, (usize, Match)>,
    /// Instances that stand for no object, or for one of several.
    pub unmatched: Vec<Unmatched>,
}

/// What an instance that is not known whole may stand for.
pub(super) struct Candidates<'a> {
    pub(super) address: Address,
    pub(super) objects: Vec<usize>,
    /// Its arguments, with what the provider adds for identity.
    pub(super) arguments: BTreeMap<String, Value>,
    /// The parts of its identity that are not known.
    pub(super) open: Vec<&'a str>,
}

/// Finds the objects that declared instances stand for.
pub(super) struct Matching<'a> {
    pub(super) inputs: &'a PlanInputs<'a>,
    pub(super) configured: Configured<'a>,
    pub(super) by_name: HashMap<(&'a str, &'a str), usize>,
    by_import: HashMap<(&'a str, &'a str), usize>,
    /// Objects that no state knows and no other owner has, by type, part of the identity, and its key.
    by_part: HashMap<(&'a str, &'a str, String), Vec<usize>>,
    pub(super) by_type: HashMap<&'a str, Vec<usize>>,
    imports: BTreeMap<&'a Address, &'a str>,
    declared: BTreeSet<&'a Address>,
    /// What is declared inside an instance.
    pub(super) inside: HashMap<Address, Vec<&'a Address>>,
    pub(super) found: BTreeMap<Address, (usize, Match)>,
    pub(super) taken: BTreeSet<usize>,
}

impl<'a> Matching<'a> {
    pub fn new(inputs: &'a PlanInputs<'a>, configured: Configured<'a>) -> Self {
        let objects = || inputs.cloud.objects.iter().enumerate();
        let imports = configured.declarations.config.imports.iter();
        let mut matching = Self {
            inputs,
            configured,
            by_name: objects()
                .map(|(at, object)| ((object.rtype.as_str(), object.id.as_str()), at))
                .collect(),
            by_import: objects()
                .map(|(at, object)| ((object.rtype.as_str(), object.import_id.as_str()), at))
                .collect(),
            by_part: HashMap::new(),
            by_type: HashMap::new(),
            imports: imports
                .filter_map(|import| match &import.object {
                    ImportedObject::Id(id) => Some((&import.to, id.as_str())),
                    ImportedObject::Identity(_) | ImportedObject::Unknown(_) => None,
                })
                .collect(),
            declared: configured
                .declarations
                .config
                .resources
                .iter()
                .map(|declared| &declared.address)
                .collect(),
            inside: neighbour::inside(&configured.declarations.config.resources),
            found: BTreeMap::new(),
            taken: BTreeSet::new(),
        };
        matching.shelve();
        matching
    }

    /// Puts the objects that are free to be matched under each part of their identity.
    fn shelve(&mut self) {
        let held: BTreeSet<(&str, &str)> = (self.inputs.comparison.rows.iter())
            .filter(|row| row.state.is_some())
            .filter_map(|row| Some((row.rtype.as_str(), row.canonical.as_deref()?)))
            .collect();
        for (at, object) in self.inputs.cloud.objects.iter().enumerate() {
            let Some(definition) = self.inputs.catalog.definition(&object.rtype) else {
                continue;
            };
            if object.owned.is_some() || held.contains(&(object.rtype.as_str(), object.id.as_str()))
            {
                continue;
            }
            self.by_type.entry(&object.rtype).or_default().push(at);
            for part in parts(definition) {
                let own = object.attributes.get(part).map(key).unwrap_or_default();
                self.by_part
                    .entry((&object.rtype, part, own))
                    .or_default()
                    .push(at);
            }
        }
    }

    /// Goes round until nothing is new: a name may come from a resource that is matched later. Names known whole come first,
    /// and what is only inferred is inferred from what they leave.
    pub fn run(mut self, addresses: &[&Address]) -> Matched {
        loop {
            while self.exact(addresses) {}
            let open = self.candidates(addresses);
            if !self.infer(&open) {
                let unmatched = self.unmatched(addresses, open);
                return Matched {
                    found: self.found,
                    unmatched,
                };
            }
        }
    }

    fn exact(&mut self, addresses: &[&Address]) -> bool {
        let before = self.found.len();
        let open: Vec<&Address> = addresses
            .iter()
            .copied()
            .filter(|address| !self.found.contains_key(*address))
            .collect();
        let identify = self.configured.identify;
        identify(&mut |evaluate| self.named(&open, evaluate));
        self.found.len() > before
    }

    fn named(&mut self, addresses: &[&Address], evaluate: Evaluate<'_>) {
        for address in addresses {
            let Some((definition, declared, arguments)) = self.evaluated(address, evaluate) else {
                continue;
            };
            let rtype = definition.rtype.as_str();
            let said = self
                .imports
                .get(address)
                .and_then(|id| self.by_import.get(&(rtype, *id)))
                .copied();
            let named = || {
                Some(
                    *self
                        .by_name
                        .get(&(rtype, self.name(definition, &arguments)?.as_str()))?,
                )
            };
            let Some(at) = said.or_else(named) else {
                continue;
            };
            let matched = self
                .through(&declared, definition)
                .filter(|_| said.is_none())
                .unwrap_or(Match::Exact);
            self.take(address, definition, at, matched);
        }
    }

    /// What is known of an instance now: its definition, its block, its arguments with what the provider adds.
    pub(super) fn evaluated(
        &self,
        address: &Address,
        evaluate: Evaluate<'_>,
    ) -> Option<(&'a Definition, Declared, BTreeMap<String, Value>)> {
        let definition = self.inputs.catalog.definition(&address.rtype)?;
        let declared = evaluate(address)?;
        let arguments = with_provider(&declared.arguments, declared.provider.as_deref());
        Some((definition, declared, arguments))
    }

    /// The canonical name that a declared instance stands for, as far as it is known.
    pub(super) fn name(
        &self,
        definition: &Definition,
        arguments: &BTreeMap<String, Value>,
    ) -> Option<String> {
        let own = arguments
            .get("project")
            .and_then(Value::as_text)
            .map(str::to_owned);
        let project = own
            .or_else(|| self.inputs.projects.first().cloned())
            .unwrap_or_default();
        let context = Context {
            project: &project,
            ..Context::default()
        };
        canonical(
            definition,
            &Value::Map(arguments.clone()),
            &context,
            self.inputs.catalog,
        )
    }

    /// An instance that is named by one that was only inferred is as sure as that one.
    fn through(&self, declared: &Declared, definition: &Definition) -> Option<Match> {
        let parts = parts(definition);
        let of_identity =
            |path: &str| parts.contains(&path.split(['.', '[']).next().unwrap_or(path));
        let inferred = |target: &String| {
            let (address, _) = neighbour::target(target)?;
            matches!(self.found.get(&address), Some((_, Match::Inferred(_)))).then_some(address)
        };
        let references = declared
            .references
            .iter()
            .filter(|(path, _)| of_identity(path));
        let by = references
            .filter_map(|(_, target)| inferred(target))
            .next()?;
        Some(Match::Inferred(format!(
            "it is named by {by}, whose object is inferred"
        )))
    }

    fn take(&mut self, address: &Address, definition: &Definition, at: usize, matched: Match) {
        if self.taken.insert(at) {
            let attributes = imported(definition, &self.inputs.cloud.objects[at].attributes);
            self.configured.there.set(address, Value::Map(attributes));
            self.found.insert(address.clone(), (at, matched));
        }
    }

    pub(super) fn object(&self, at: usize) -> &'a Object {
        &self.inputs.cloud.objects[at]
    }

    /// What each instance may stand for that is not matched yet.
    fn candidates(&self, addresses: &[&Address]) -> Vec<Candidates<'a>> {
        let free: Vec<&&Address> = addresses
            .iter()
            .filter(|address| !self.found.contains_key(**address))
            .collect();
        let mut out = Vec::new();
        (self.configured.identify)(&mut |evaluate| {
            let found = free
                .iter()
                .filter_map(|address| self.fitting(address, evaluate));
            out = found.filter(|found| !found.objects.is_empty()).collect();
        });
        out
    }

    /// The free objects that an instance fits as far as it is known.
    fn fitting(&self, address: &Address, evaluate: Evaluate<'_>) -> Option<Candidates<'a>> {
        let (definition, declared, provided) = self.evaluated(address, evaluate)?;
        let parts = parts(definition);
        let arguments = &declared.arguments;
        let open: Vec<&str> = parts
            .iter()
            .copied()
            .filter(|part| is_open(arguments.get(*part)))
            .collect();
        if open.iter().any(|part| self.absent(&declared, part)) {
            return None;
        }
        let written = |part: &&&str| !open.contains(*part);
        let told = parts
            .iter()
            .filter(written)
            .any(|part| matches!(role(part, &parts), Role::Name | Role::Parent));
        let asked = |part: &&str| matches!(arguments.get(*part), Some(Value::Unknown(_)));
        let prefixed = |part: &&str| arguments.contains_key(&format!("{part}_prefix"));
        // Of what says nothing of itself but where it lies, anything there could be meant.
        if !told && !open.iter().any(|part| asked(part) || prefixed(part)) {
            return None;
        }
        // By itself, or by the provider it comes under.
        let project = provided.get("project").and_then(Value::as_text);
        let fits = |at: &usize| {
            let live = &self.object(*at).attributes;
            let other =
                |part: &&str| agreement(definition, part, arguments, live) == Agreement::Other;
            let another = parts.iter().any(other)
                || (open.iter().any(asked) && renewed(definition, arguments, live));
            let elsewhere =
                project.is_some_and(|project| project != self.object(*at).scope.project);
            !self.taken.contains(at) && !another && !elsewhere
        };
        let objects = self
            .shelf(definition, &parts, arguments)
            .iter()
            .copied()
            .filter(fits)
            .take(MOST)
            .collect();
        Some(Candidates {
            address: address.clone(),
            objects,
            arguments: provided,
            open,
        })
    }

    /// The shortest list of objects among which an instance's must be.
    fn shelf(
        &self,
        definition: &'a Definition,
        parts: &[&'a str],
        arguments: &BTreeMap<String, Value>,
    ) -> &[usize] {
        let all = self
            .by_type
            .get(definition.rtype.as_str())
            .map_or(&[][..], Vec::as_slice);
        // Where the provider takes other spellings for equal they may stand elsewhere; few are all looked at.
        if all.len() <= 64 {
            return all;
        }
        let known = parts.iter().filter_map(|part| {
            Some((
                *part,
                arguments.get(*part).filter(|value| !is_open(Some(value)))?,
            ))
        });
        let lists = known.map(|(part, value)| {
            self.by_part
                .get(&(definition.rtype.as_str(), part, key(value)))
                .map_or(&[][..], Vec::as_slice)
        });
        lists.min_by_key(|list| list.len()).unwrap_or(all)
    }

    /// Whether a part is not known because it comes from a declared resource that stands for no object (yet): inside of what
    /// is not there nothing is.
    fn absent(&self, declared: &Declared, part: &str) -> bool {
        let Some(Value::Unknown(reason)) = declared.arguments.get(part) else {
            return false;
        };
        let referred = declared
            .references
            .iter()
            .filter(|(path, _)| path == part)
            .map(|(_, target)| target.as_str());
        // A part of a longer text is no reference; why that is not known names where it comes from.
        let named = match reason {
            Unknown::AfterApply(Some(origin)) => Some(origin.address.as_str()),
            _ => None,
        };
        let mut from = referred.chain(named).filter_map(|text| {
            Address::parse(text).or_else(|| neighbour::target(text).map(|(address, _)| address))
        });
        from.any(|address| {
            self.declared.contains(&address)
                && !self.found.contains_key(&address)
                && !self.stored(&address)
        })
    }

    /// Whether state has an instance, so that what it is is known.
    fn stored(&self, address: &Address) -> bool {
        self.configured.there.get(address).is_some()
    }

    /// Matches what has one candidate that no other instance has alone. Says whether there was any.
    fn infer(&mut self, open: &[Candidates<'a>]) -> bool {
        let mut settled: Vec<(&Address, usize, Match)> = Vec::new();
        for candidates in open {
            if self.hidden(&candidates.address.rtype, &candidates.arguments) {
                continue;
            }
            match candidates.objects.as_slice() {
                [at] => {
                    let open = self.why(candidates, Some(*at));
                    let matched = if open.is_empty() {
                        Match::Exact
                    } else {
                        Match::Inferred(format!("{}; nothing else there fits", open.join(", ")))
                    };
                    settled.push((&candidates.address, *at, matched));
                }
                several => {
                    if let Some((at, because)) = neighbour::only(self, &candidates.address, several)
                    {
                        settled.push((&candidates.address, at, Match::Inferred(because)));
                    }
                }
            }
        }
        let mut claims: BTreeMap<usize, usize> = BTreeMap::new();
        settled
            .iter()
            .for_each(|(_, at, _)| *claims.entry(*at).or_default() += 1);
        settled.retain(|(_, at, _)| claims[at] == 1);
        for (address, at, matched) in &settled {
            let Some(definition) = self.inputs.catalog.definition(&address.rtype) else {
                continue;
            };
            self.take(address, definition, *at, matched.clone());
        }
        !settled.is_empty()
    }

    /// Whether an instance's object may be there although it was not seen.
    pub(super) fn hidden(&self, rtype: &str, arguments: &BTreeMap<String, Value>) -> bool {
        let Some(definition) = self.inputs.catalog.definition(rtype) else {
            return true;
        };
        let listing = self
            .inputs
            .catalog
            .listed_by(rtype)
            .map(|listing| listing.name.as_str());
        let parts = parts(definition);
        let known = |wanted: Role| -> Vec<String> {
            let of = parts
                .iter()
                .filter(|part| role(part, &parts) == wanted)
                .filter_map(|part| arguments.get(*part));
            of.filter(|value| !is_open(Some(value))).map(key).collect()
        };
        let (locations, parents) = (known(Role::Location), known(Role::Parent));
        // A gap inside one parent hides nothing of another.
        let touches = |place: &Option<String>, known: &[String]| {
            let place = place.as_ref().map(|place| key(&Value::text(place)));
            place.is_none_or(|place| known.is_empty() || known.contains(&place))
        };
        self.inputs.cloud.gaps.iter().any(|gap| {
            (gap.listing == rtype || Some(gap.listing.as_str()) == listing)
                && touches(&gap.scope.location, &locations)
                && touches(&gap.scope.parent, &parents)
        })
    }
}

fn is_open(value: Option<&Value>) -> bool {
    matches!(value, None | Some(Value::Null | Value::Unknown(_)))
}

/// Whether what is known of an instance would have an object made anew: then it is another.
fn renewed(
    definition: &Definition,
    arguments: &BTreeMap<String, Value>,
    live: &BTreeMap<String, Value>,
) -> bool {
    arguments.iter().any(|(name, value)| {
        let scalar = matches!(value, Value::Text(_) | Value::Number(_) | Value::Bool(_));
        let there = live
            .get(name)
            .is_some_and(|value| !value.is_empty() && !value.has_unknown());
        let decisive = definition
            .schema
            .attributes
            .get(name)
            .is_some_and(|facts| facts.force_new);
        scalar
            && there
            && decisive
            && agreement(definition, name, arguments, live) == Agreement::Other
    })
}
