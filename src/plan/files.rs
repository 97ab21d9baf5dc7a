//! The plan as files: only what is not there yet, appended to what is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Existing, ImportPlan, Layout, Step, argument, group, imports};
use crate::forecast::Forecast;
use crate::hcl::print::{Body, Expression, Item};
use crate::model::{Address, ModuleStep, ProviderVersion, Value};

/// What to require of the provider: just the release that was decided on, else one from which on the plan is right.
fn required(version: &ProviderVersion) -> String {
    let to = version.releases.to;
    if version.is_decided() {
        to.to_string()
    } else {
        format!(">= {to}, < {}.0.0", to.major.saturating_add(1))
    }
}

/// New texts by path below the folder. Existing text stays as it is, at the front of what is written to its file.
///
/// # Errors
/// An existing file that is not HCL.
pub fn files(
    plan: &ImportPlan,
    existing: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, String> {
    let there = Existing::read(existing)?;
    let mut families: HashMap<_, Vec<&Step>> = HashMap::new();
    for step in plan.steps.iter().filter(|step| !step.refused) {
        families.entry(family(step)).or_default().push(step);
    }
    let mut writer = Writer {
        plan,
        there,
        families,
        bodies: BTreeMap::new(),
    };
    writer.imports();
    for step in plan.steps.iter().filter(|step| !step.refused) {
        writer.step(step);
    }
    writer.removed();
    let roots: BTreeSet<String> = plan.steps.iter().map(|step| writer.root(step)).collect();
    for root in roots {
        writer.versions(&root);
    }
    let text = |(path, body): (String, Body)| {
        let mut text = existing.get(&path).cloned().unwrap_or_default();
        if !text.is_empty() {
            text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
        }
        text.push_str(&body.print());
        (path, text)
    };
    Ok(writer
        .bodies
        .into_iter()
        .filter(|(_, body)| !body.items.is_empty())
        .map(text)
        .collect())
}

struct Writer<'a> {
    plan: &'a ImportPlan,
    there: Existing,
    /// The steps of each block.
    families: HashMap<Family<'a>, Vec<&'a Step>>,
    bodies: BTreeMap<String, Body>,
}

/// What the steps of one block have in common: modules, data, type, name and batch.
type Family<'a> = (&'a [ModuleStep], bool, &'a str, &'a str, usize);

fn family(step: &Step) -> Family<'_> {
    let Address {
        modules,
        data,
        rtype,
        name,
        key: _,
    } = &step.address;
    (modules, *data, rtype, name, step.batch)
}

impl<'a> Writer<'a> {
    /// The folder of the root module a step belongs to: one a batch, if there are several.
    fn root(&self, step: &Step) -> String {
        let batches = self.plan.steps.last().map_or(0, |step| step.batch);
        if batches == 0 {
            String::new()
        } else {
            format!(
                "batch-{:0width$}",
                step.batch + 1,
                width = (batches + 1).to_string().len().max(2)
            )
        }
    }

    fn file(&mut self, folder: &str, name: &str) -> &mut Body {
        let path = if folder.is_empty() {
            name.to_owned()
        } else {
            format!("{folder}/{name}")
        };
        self.bodies.entry(path).or_default()
    }

    /// The import blocks that are not there yet.
    fn imports(&mut self) {
        let known: BTreeSet<&str> = self
            .there
            .imports
            .iter()
            .map(|(address, _)| address.as_str())
            .collect();
        let mut fresh: BTreeMap<String, Vec<&Step>> = BTreeMap::new();
        for step in self
            .plan
            .steps
            .iter()
            .filter(|step| !step.refused && !known.contains(step.address.to_string().as_str()))
        {
            fresh.entry(self.root(step)).or_default().push(step);
        }
        for (root, steps) in fresh {
            imports::blocks(self.file(&root, "imports.tf"), &steps);
        }
    }

    fn step(&mut self, step: &'a Step) {
        let root = self.root(step);
        if step.declared {
            return;
        }
        let folder = self.folder(&root, &step.address.modules);
        let key = (
            folder.clone(),
            step.address.rtype.clone(),
            step.address.name.clone(),
        );
        if !self.there.resources.insert(key) {
            return;
        }
        let name = match self.plan.layout {
            Layout::Flat => "resources.tf".to_owned(),
            Layout::Service => format!("{}.tf", step.block.service),
            Layout::Module => "main.tf".to_owned(),
        };
        let family = self.families.remove(&family(step)).unwrap_or_default();
        let body = if step.address.key.is_some() {
            group::block(&family)
        } else {
            resource(step)
        };
        let file = self.file(&folder, &name);
        family.iter().for_each(|member| announce(file, member));
        file.block("resource", &[&step.address.rtype, &step.address.name], body);
        for (variable, kind) in &step.block.variables {
            self.variable(&folder, variable, kind, &step.address);
        }
    }

    /// The folder of a module, calling it where nobody does yet.
    fn folder(&mut self, root: &str, modules: &[ModuleStep]) -> String {
        let mut folder = root.to_owned();
        for step in modules {
            let key = (folder.clone(), step.name.clone());
            let source = match self.there.modules.get(&key) {
                Some(source) => source
                    .clone()
                    .unwrap_or_else(|| format!("./modules/{}", step.name)),
                None => {
                    let source = format!("./modules/{}", step.name);
                    let mut call = Body::default();
                    call.attribute("source", Expression::Value(Value::text(&source)));
                    self.file(&folder, "modules.tf")
                        .block("module", &[&step.name], call);
                    self.there.modules.insert(key, Some(source.clone()));
                    source
                }
            };
            folder = joined(&folder, &source);
        }
        folder
    }

    fn variable(&mut self, folder: &str, name: &str, kind: &str, address: &Address) {
        if !self
            .there
            .variables
            .insert((folder.to_owned(), name.to_owned()))
        {
            return;
        }
        let mut block = Body::default();
        block.attribute(
            "description",
            Expression::Value(Value::Text(format!(
                "A secret of {address}, as it is in the cloud."
            ))),
        );
        block.attribute("type", Expression::Verbatim(kind.to_owned()));
        block.attribute("sensitive", Expression::Value(Value::Bool(true)));
        self.file(folder, "variables.tf")
            .block("variable", &[name], block);
    }

    /// Blocks that let state forget what is gone.
    fn removed(&mut self) {
        for address in &self.plan.removed {
            let from = address.to_string();
            if !self.there.removed.insert(from.clone()) {
                continue;
            }
            let mut lifecycle = Body::default();
            lifecycle.attribute("destroy", Expression::Value(Value::Bool(false)));
            let mut block = Body::default();
            block.attribute("from", Expression::Verbatim(from));
            block.block("lifecycle", &[], lifecycle);
            self.file("", "removed.tf").block("removed", &[], block);
        }
    }

    /// The provider, where the folder has none.
    fn versions(&mut self, root: &str) {
        // A configuration without a provider block has its settings elsewhere; a block would change what is in state already.
        if self.plan.configured {
            return;
        }
        let project = self.plan.project.clone();
        if !self.there.required.contains(root) {
            let google = self.plan.versions.first().map(required);
            let pair =
                |name: &str, value: &str| (name.to_owned(), Expression::Value(Value::text(value)));
            let mut required = Body::default();
            required.attribute(
                "google",
                Expression::Map(
                    std::iter::once(pair("source", "hashicorp/google"))
                        .chain(google.map(|version| pair("version", &version)))
                        .collect(),
                ),
            );
            let mut terraform = Body::default();
            terraform.block("required_providers", &[], required);
            self.file(root, "versions.tf")
                .block("terraform", &[], terraform);
        }
        if !self.there.provider.contains(root) {
            let mut provider = Body::default();
            if let Some(project) = project {
                provider.attribute("project", Expression::Value(Value::Text(project)));
            }
            if self.plan.attributed {
                provider.items.push(Item::Gap);
                provider
                    .comment("Right after an import state knows no label; a label the provider adds by itself would be a change.");
                provider.attribute(
                    "add_terraform_attribution_label",
                    Expression::Value(Value::Bool(false)),
                );
            }
            self.file(root, "versions.tf")
                .block("provider", &["google"], provider);
        }
    }
}

/// The inside of a resource block.
fn resource(step: &Step) -> Body {
    let mut body = argument::body(&step.block.arguments);
    let notes: Vec<Item> = (step.block.unwritten.iter())
        .map(|(name, value)| {
            Item::Comment(format!(
                "{name} in the cloud, not taken over by an import: {}",
                value.to_json()
            ))
        })
        .collect();
    if !notes.is_empty() {
        let blocks = body
            .items
            .iter()
            .position(|item| matches!(item, Item::Block(_)))
            .unwrap_or(body.items.len());
        body.items.splice(
            blocks..blocks,
            std::iter::once(Item::Gap).chain(notes).chain([Item::Gap]),
        );
    }
    if !step.block.ignored.is_empty() {
        let mut lifecycle = Body::default();
        let paths = step
            .block
            .ignored
            .iter()
            .map(|path| Expression::Verbatim(path.to_string()))
            .collect();
        lifecycle.attribute("ignore_changes", Expression::List(paths));
        body.block("lifecycle", &[], lifecycle);
    }
    body
}

/// Says above a block what `tofu plan` will change.
fn announce(file: &mut Body, step: &Step) {
    if step.forecast == Forecast::None {
        return;
    }
    file.comment(&format!("tofu plan says {} here:", step.forecast.as_str()));
    for change in &step.changes {
        file.comment(&format!("  {}: {}", change.path, change.reason));
    }
}

/// A module source below a folder: `./x` and `../x` from there.
fn joined(folder: &str, source: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in source.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
