//! From objects to steps.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Attribute, Definition, Kind};
use crate::compare::Row;
use crate::forecast::Forecast;
use crate::forecast::{Declaration, forecast, with_provider};
use crate::graph::Graph;
use crate::model::{
    Address, Declared, Gap, GapReason, Lifecycle, ModuleStep, Object, ProviderConfig, Scope, Value,
};
use crate::plan::adopt::{self, Adopted};
use crate::plan::argument::{self, Argument, Written};
use crate::plan::emit::{Detail, Emitted, Wanted, emit};
use crate::plan::reference::{self, Knot, Links, Reachable};
use crate::plan::{Block, ImportPlan, Layout, Place, PlanInputs, SkipReason, Step, group, name};

mod choice;
mod judged;

use judged::judge;

/// An object that will be imported, as far as it is decided.
struct Candidate {
    /// Its place in the cloud's list.
    at: usize,
    address: Address,
    declared: bool,
    batch: usize,
}

/// Makes the steps of a plan.
pub(super) struct Planner<'a> {
    inputs: &'a PlanInputs<'a>,
    graph: Graph<'a>,
    adopted: BTreeMap<usize, Adopted>,
    provider: ProviderConfig,
    candidates: Vec<Candidate>,
    links: Links,
    plan: ImportPlan,
}

/// The object of a row: type and canonical name.
fn named<'r>(row: &&'r Row) -> Option<(&'r str, &'r str)> {
    Some((row.rtype.as_str(), row.canonical.as_deref()?))
}

/// What could not be read: the gaps of the comparison, and those of projects that configuration declares something in and nobody
/// looked at.
fn gaps(inputs: &PlanInputs<'_>) -> Vec<Gap> {
    let mut out: Vec<Gap> = inputs
        .comparison
        .coverage
        .gaps
        .iter()
        .map(|shortfall| shortfall.gap.clone())
        .collect();
    let config = inputs
        .config
        .map(|configured| configured.declarations.config);
    for declared in config.into_iter().flat_map(|config| &config.resources) {
        let rtype = &declared.address.rtype;
        let arguments = with_provider(&declared.arguments, declared.provider.as_deref());
        let project = arguments.get("project").and_then(Value::as_text);
        let project = project.and_then(|project| project.rsplit('/').next());
        let known = inputs.catalog.definition(rtype).is_some();
        let Some(project) = project.filter(|project| {
            known && !project.is_empty() && !inputs.projects.iter().any(|read| read == project)
        }) else {
            continue;
        };
        let gap = Gap {
            listing: rtype.clone(),
            scope: Scope {
                project: project.to_owned(),
                ..Scope::default()
            },
            reason: GapReason::NotCaptured,
            detail: format!(
                "configuration has resources in project {project}, which was not looked at"
            ),
            fix: format!("add --project {project}"),
        };
        if !out.contains(&gap) {
            out.push(gap);
        }
    }
    out
}

impl<'a> Planner<'a> {
    pub fn new(inputs: &'a PlanInputs<'a>) -> Self {
        let given = inputs
            .config
            .map(|c| c.declarations.config)
            .and_then(|c| c.providers.iter().find(|p| !p.beta && p.alias.is_none()))
            .map(|provider| ProviderConfig::clone(provider));
        let (adopted, mut unmatched) = adopt::adopted(inputs);
        // Whoever asks for some objects only does not ask what becomes of the rest.
        unmatched.retain(|one| inputs.options.only.is_empty() || !one.candidates.is_empty());
        let project = inputs.projects.first().cloned();
        let provider = given.unwrap_or_else(|| ProviderConfig {
            project,
            attribution_label: Some(false),
            ..ProviderConfig::default()
        });
        Self {
            inputs,
            graph: Graph::new(&inputs.cloud.objects, inputs.catalog),
            adopted,
            candidates: Vec::new(),
            links: Links::default(),
            plan: ImportPlan {
                gaps: gaps(inputs),
                configured: inputs.config.is_some(),
                unmatched,
                removed: super::removed(inputs),
                project: provider.project.clone(),
                layout: inputs.options.layout,
                group: inputs.options.group,
                versions: inputs.catalog.versions(),
                attributed: inputs.catalog.is_attributed(),
                ..ImportPlan::default()
            },
            provider,
        }
    }

    /// Gives each object its address and batch.
    pub fn place(&mut self) {
        let mut used = self.used();
        let mut wanted: Vec<usize> = Vec::new();
        for (at, candidate) in self.candidates.iter_mut().enumerate() {
            let object = &self.inputs.cloud.objects[candidate.at];
            let before = self
                .inputs
                .existing
                .imported(&object.import_id)
                .and_then(Address::parse);
            match (
                self.adopted.get(&candidate.at),
                before.filter(|address| address.rtype == object.rtype),
            ) {
                (Some(adopted), _) => candidate.address = adopted.address.clone(),
                (None, Some(address)) => {
                    used.remove(&(address.rtype.clone(), address.name.clone()));
                    candidate.address = address;
                }
                (None, None) => wanted.push(at),
            }
        }
        let objects: Vec<&Object> = wanted
            .iter()
            .map(|at| &self.inputs.cloud.objects[self.candidates[*at].at])
            .collect();
        let fresh = wanted.clone();
        for (at, name) in wanted.into_iter().zip(name::names(&objects, &used)) {
            let candidate = &mut self.candidates[at];
            candidate.address =
                address(&self.inputs.cloud.objects[candidate.at], name, self.inputs);
        }
        if let Some(size) = self.inputs.options.batch.filter(|size| *size > 0) {
            self.candidates
                .iter_mut()
                .enumerate()
                .for_each(|(at, candidate)| candidate.batch = at / size);
        }
        if self.inputs.options.group {
            self.group(&fresh, &used);
        }
    }

    /// Makes families of the candidates that were just named.
    fn group(&mut self, fresh: &[usize], used: &BTreeSet<(String, String)>) {
        let alike = |at: &usize| {
            let candidate = &self.candidates[*at];
            let object = &self.inputs.cloud.objects[candidate.at];
            let definition = self.inputs.catalog.definition(&object.rtype)?;
            let emitted = emit(definition, object, self.wanted(self.inputs.options.detail));
            let shape = group::shape(&emitted).filter(|_| emitted.problem.is_none())?;
            Some((
                *at,
                group::Member {
                    address: candidate.address.clone(),
                    batch: candidate.batch,
                    shape,
                    id: object.id.clone(),
                },
            ))
        };
        let members: Vec<(usize, group::Member)> = fresh.iter().filter_map(alike).collect();
        let (places, members): (Vec<usize>, Vec<group::Member>) = members.into_iter().unzip();
        for (at, address) in places.into_iter().zip(group::families(&members, used)) {
            self.candidates[at].address = address;
        }
    }

    fn wanted(&self, detail: Detail) -> Wanted<'_> {
        Wanted {
            detail,
            adopt_labels: self.inputs.options.adopt_labels,
            project: self.provider.project.as_deref(),
        }
    }

    /// Names in use in configuration and state, by type.
    fn used(&self) -> BTreeSet<(String, String)> {
        let files = self
            .inputs
            .existing
            .resources
            .iter()
            .map(|(_, rtype, name)| (rtype.clone(), name.clone()));
        let config = self
            .inputs
            .config
            .map(|configured| configured.declarations.config);
        let configured = config
            .into_iter()
            .flat_map(|config| config.resources.iter().map(|declared| &declared.address));
        let unknown = config
            .into_iter()
            .flat_map(|config| config.unknown_blocks.iter().map(|unknown| &unknown.address));
        let stored = self
            .inputs
            .comparison
            .rows
            .iter()
            .filter_map(|row| row.address.as_ref());
        let addresses = configured
            .chain(unknown)
            .chain(stored)
            .map(|address| (address.rtype.clone(), address.name.clone()));
        files.chain(addresses).collect()
    }

    /// The steps, each with its forecast.
    pub fn steps(mut self) -> ImportPlan {
        let mut reachable: BTreeMap<(Vec<ModuleStep>, usize), Reachable> = BTreeMap::new();
        for adopted in &self.adopted {
            // What configuration declares may be referred to from its own module, whether or not it is imported now.
            let address = &adopted.1.address;
            let batches = self
                .candidates
                .last()
                .map_or(0, |candidate| candidate.batch);
            for batch in 0..=batches {
                let of = reachable
                    .entry((address.modules.clone(), batch))
                    .or_default();
                of.insert(*adopted.0, local(address));
            }
        }
        let candidates = std::mem::take(&mut self.candidates);
        for candidate in candidates {
            let near = reachable
                .entry((candidate.address.modules.clone(), candidate.batch))
                .or_default();
            match self.step(&candidate, near) {
                Ok(step) => {
                    if !step.refused {
                        near.insert(candidate.at, local(&candidate.address));
                    }
                    self.plan.steps.push(step);
                }
                Err(reason) => {
                    let object = &self.inputs.cloud.objects[candidate.at];
                    self.skip(object, *reason);
                }
            }
        }
        self.plan.skips.sort();
        self.plan
    }

    fn step(&self, candidate: &Candidate, reachable: &Reachable) -> Result<Step, Box<SkipReason>> {
        let object = &self.inputs.cloud.objects[candidate.at];
        let definition = self
            .inputs
            .catalog
            .definition(&object.rtype)
            .ok_or_else(|| Box::new(SkipReason::NotImportable))?;
        let mut step = Step {
            address: candidate.address.clone(),
            import_id: object.import_id.clone(),
            canonical: object.id.clone(),
            project: object.scope.project.clone(),
            forecast: Forecast::None,
            changes: Vec::new(),
            declared: candidate.declared,
            matched: self
                .adopted
                .get(&candidate.at)
                .map(|adopted| adopted.matched.clone()),
            refused: false,
            prevented: false,
            batch: candidate.batch,
            block: Block::default(),
        };
        if let Some(adopted) = self.adopted.get(&candidate.at) {
            judge(&mut step, definition, adopted.planned.clone());
        } else {
            let detail = self.inputs.options.detail;
            self.write(&mut step, candidate, definition, reachable, detail)?;
            if step.forecast != Forecast::None && detail == Detail::Full {
                self.write(&mut step, candidate, definition, reachable, Detail::Minimal)?;
            }
        }
        step.refused = step.forecast == Forecast::Replace && !self.inputs.options.allow_replace;
        Ok(step)
    }

    /// Puts an object into words and holds them against it.
    fn write(
        &self,
        step: &mut Step,
        candidate: &Candidate,
        definition: &Definition,
        reachable: &Reachable,
        detail: Detail,
    ) -> Result<(), Box<SkipReason>> {
        let object = &self.inputs.cloud.objects[candidate.at];
        let Emitted {
            mut arguments,
            imported,
            ignored,
            unwritten,
            problem,
            ..
        } = emit(definition, object, self.wanted(detail));
        if let Some(problem) = problem {
            return Err(Box::new(problem));
        }
        let knot = Knot {
            at: candidate.at,
            address: local(&candidate.address),
            links: &self.links,
        };
        reference::tie(
            &mut arguments,
            &knot,
            &self.graph,
            self.inputs.catalog,
            reachable,
        );
        let mut variables = Vec::new();
        name_variables(
            &mut arguments,
            definition,
            &candidate.address.name,
            &mut variables,
        );
        if !variables.is_empty() && !candidate.address.modules.is_empty() {
            return Err(Box::new(SkipReason::SecretInModule(variables[0].0.clone())));
        }
        let declared = Declared {
            address: candidate.address.clone(),
            provider: None,
            arguments: argument::values(&arguments),
            references: Vec::new(),
            lifecycle: Lifecycle {
                ignore_changes: ignored.clone(),
                ..Lifecycle::default()
            },
            place: crate::model::Place::default(),
        };
        let declaration = Declaration {
            declared: &declared,
            provider: Some(&self.provider),
        };
        judge(
            step,
            definition,
            forecast(
                definition,
                Some(declaration),
                Some(&Value::Map(imported)),
                false,
            ),
        );
        step.block = Block {
            service: definition.service.clone(),
            arguments,
            ignored,
            unwritten,
            variables,
        };
        Ok(())
    }
}

/// Names the variables of secret arguments.
fn name_variables(
    arguments: &mut [Argument],
    definition: &Definition,
    owner: &str,
    out: &mut Vec<(String, &'static str)>,
) {
    for argument in arguments {
        match &mut argument.written {
            Written::Variable(name, _) => {
                *name = format!("{owner}_{}", argument.family.replace('.', "_"));
                out.push((
                    name.clone(),
                    definition
                        .schema
                        .attributes
                        .get(&argument.family)
                        .map_or("any", kind),
                ));
            }
            Written::Blocks(blocks) => blocks
                .iter_mut()
                .for_each(|block| name_variables(block, definition, owner, out)),
            _ => {}
        }
    }
}

/// The type of an argument in HCL's words.
fn kind(facts: &Attribute) -> &'static str {
    match facts.kind {
        Kind::String => "string",
        Kind::Int | Kind::Float => "number",
        Kind::Bool => "bool",
        Kind::List => "list(string)",
        Kind::Set => "set(string)",
        Kind::Map => "map(string)",
    }
}

/// Where an object goes under a name.
fn address(object: &Object, name: String, inputs: &PlanInputs<'_>) -> Address {
    let options = inputs.options;
    let mapped = options.mappings.iter().find(|mapping| {
        mapping
            .patterns
            .iter()
            .any(|pattern| pattern.matches(object))
    });
    let service = || {
        inputs
            .catalog
            .definition(&object.rtype)
            .map_or_else(String::new, |definition| definition.service.clone())
    };
    let root = Address {
        name,
        ..Address::root(&object.rtype, "")
    };
    match mapped.map(|mapping| &mapping.to).or(options.into.as_ref()) {
        Some(Place::Address(address)) if address.rtype == object.rtype => address.clone(),
        Some(Place::Address(address)) => Address {
            modules: address.modules.clone(),
            ..root
        },
        Some(Place::Module(modules)) => Address {
            modules: modules.clone(),
            ..root
        },
        None if options.layout == Layout::Module => Address {
            modules: vec![ModuleStep {
                name: service(),
                key: None,
            }],
            ..root
        },
        None => root,
    }
}

/// An address as its own module says it.
fn local(address: &Address) -> String {
    Address {
        modules: Vec::new(),
        ..address.clone()
    }
    .to_string()
}
