//! Import plans of the estates.
//!
//! `DRIFTLINE_PLAN_OUT=DIR` writes the files of every estate to `DIR/ESTATE`, for real `tofu plan` to judge.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::support;
use crate::support::recorded::{ESTATES, Recorded, names};
use crate::{CATALOG, none, of_estates, test};
use driftline::catalog::{Catalog, Definition, Kind, Mode};
use driftline::compare::{self, Inputs};
use driftline::forecast::{Declarations, PlannedValues};
use driftline::model::{Address, Capture, Declared, ImportedObject, Value};
use driftline::normalize::{Normalized, normalize};
use driftline::plan::{self, Configured, Detail, Existing, ImportPlan, Options, PlanInputs};
use driftline::tofu::config::{Inputs as ConfigInputs, ResourceValues, Workspace};
use libtest_mimic::Trial;

pub fn tests() -> Vec<Trial> {
    let mut tests = of_estates("plans", estates);
    tests.extend(of_estates("plans::into", into_their_own_configuration));
    if let Some(out) = std::env::var_os("DRIFTLINE_PLAN_CASES") {
        tests.extend(names(ESTATES).into_iter().flat_map(|estate| {
            let out = Path::new(&out).join(&estate);
            let cases = Recorded::read(ESTATES, &estate).cases.into_keys();
            cases.map(move |case| {
                let (estate, out) = (estate.clone(), out.join(&case));
                test(format!("plans::{estate}/{case}"), move || {
                    write_case(&estate, &case, &out);
                })
            })
        }));
    }
    tests
}

/// What is in an estate; with `DRIFTLINE_PLAN_TRUTH`, as the real provider read it.
fn cloud(catalog: &Catalog, estate: &Recorded, case: Option<&str>) -> (Vec<String>, Normalized) {
    let cloud = estate.cloud(case);
    let projects: Vec<String> = support::projects(&cloud)
        .into_iter()
        .filter(|p| p.contains('-'))
        .collect();
    let mut all = Normalized::default();
    for project in &projects {
        let one = normalize(&cloud.capture(catalog, project), catalog);
        all.objects.extend(one.objects);
        all.gaps.extend(one.gaps);
    }
    if let Some(truth) = std::env::var_os("DRIFTLINE_PLAN_TRUTH") {
        all.objects = real(
            catalog,
            &Path::new(&truth).join(format!(
                "{}.plan.json",
                estate.folder.file_name().unwrap().display()
            )),
            &projects[0],
        );
    }
    all.objects
        .sort_by(|a, b| (&a.rtype, &a.id).cmp(&(&b.rtype, &b.id)));
    all.objects
        .dedup_by(|a, b| a.rtype == b.rtype && a.id == b.id);
    (projects, all)
}

/// Objects as a real `tofu plan` of their import read them.
fn real(catalog: &Catalog, file: &Path, project: &str) -> Vec<driftline::model::Object> {
    use driftline::model::{Object, Scope};
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let changes = json["resource_changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|r| r["change"]["importing"].is_object());
    let object = |r: &serde_json::Value| {
        let definition = catalog.definition(r["type"].as_str().unwrap())?;
        let attributes = Value::from_json(r["change"]["before"].clone());
        let project = attributes
            .get("project")
            .and_then(Value::as_text)
            .unwrap_or(project)
            .to_owned();
        let context = driftline::catalog::Context {
            project: &project,
            ..Default::default()
        };
        Some(Object {
            rtype: definition.rtype.clone(),
            id: driftline::normalize::canonical(definition, &attributes, &context, catalog)?,
            import_id: r["change"]["importing"]["id"].as_str().unwrap().to_owned(),
            scope: Scope {
                project: project.clone(),
                ..Scope::default()
            },
            attributes: attributes.as_map().unwrap().clone(),
            absent_fields: Default::default(),
            hidden: Default::default(),
            observed: Default::default(),
            partial: false,
            owned: None,
            blocked: None,
        })
    };
    changes.filter_map(object).collect()
}

/// Full detail with `DRIFTLINE_PLAN_DETAIL=full`.
fn options() -> Options {
    let full = std::env::var("DRIFTLINE_PLAN_DETAIL").is_ok_and(|detail| detail == "full");
    let given = |name: &str| std::env::var(name).ok();
    Options {
        detail: if full { Detail::Full } else { Detail::Minimal },
        group: given("DRIFTLINE_PLAN_GROUP").is_some(),
        batch: given("DRIFTLINE_PLAN_BATCH").and_then(|n| n.parse().ok()),
        into: given("DRIFTLINE_PLAN_INTO").map(|to| plan::Place::parse(&to).unwrap()),
        layout: match given("DRIFTLINE_PLAN_LAYOUT").as_deref() {
            Some("flat") => plan::Layout::Flat,
            Some("module") => plan::Layout::Module,
            _ => plan::Layout::Service,
        },
        adopt_labels: given("DRIFTLINE_PLAN_LABELS").is_some(),
        include_defaults: given("DRIFTLINE_PLAN_DEFAULTS").is_some(),
        ..Options::default()
    }
}

fn planned(
    catalog: &Catalog,
    projects: &[String],
    cloud: &Normalized,
    options: &Options,
) -> ImportPlan {
    let capture = Capture {
        projects: projects.to_vec(),
        ..Capture::default()
    };
    let comparison = compare::compare(&Inputs::new(catalog, &capture, cloud, &[]));
    let existing = Existing::default();
    plan::plan(&PlanInputs {
        catalog,
        projects,
        cloud,
        comparison: &comparison,
        config: None,
        existing: &existing,
        options,
    })
}

/// Writes the plan of a case, for real `tofu plan` to judge.
fn write_case(estate: &str, case: &str, out: &Path) {
    let (projects, all) = cloud(&CATALOG, &Recorded::read(ESTATES, estate), Some(case));
    let plan = planned(&CATALOG, &projects, &all, &options());
    reads_back(&CATALOG, &all, &plan);
    write(out, &plan);
}

/// Writes a plan's files, and the plan itself as `plan.json`.
fn write(dir: &Path, plan: &ImportPlan) {
    let _ = std::fs::remove_dir_all(dir);
    for (name, text) in plan::files(plan, &BTreeMap::new()).unwrap() {
        let path = dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::fs::write(
        dir.join("plan.json"),
        driftline::render::plan::json(plan).to_string(),
    )
    .unwrap();
}

/// What a plan writes reads back, says what the reference says, and announces nothing.
fn estates(name: &str) {
    let estate = Recorded::read(ESTATES, name);
    let (projects, cloud) = cloud(&CATALOG, &estate, None);
    let plan = planned(&CATALOG, &projects, &cloud, &options());
    if let Some(out) = std::env::var_os("DRIFTLINE_PLAN_OUT") {
        write(&Path::new(&out).join(name), &plan);
    }
    reads_back(&CATALOG, &cloud, &plan);
    as_in_the_reference(&CATALOG, &cloud, &plan, &estate.folder.join("imports"));
    let announced: Vec<_> = plan
        .announced()
        .map(|step| format!("{}: {:?}", step.address, step.changes))
        .collect();
    assert!(
        announced.is_empty() || options().adopt_labels,
        "announced {announced:#?}"
    );
    assert!(plan.steps.len() > 30, "{} steps", plan.steps.len());
}

/// The files as a folder that a configuration is read from.
fn workspace(files: &BTreeMap<String, String>) -> (tempfile::TempDir, Workspace) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let workspace = Workspace::load(dir.path(), &ConfigInputs::default()).unwrap();
    (dir, workspace)
}

/// What a folder declares, evaluated over the objects its import blocks name.
fn evaluated(
    workspace: &Workspace,
    catalog: &Catalog,
    cloud: &Normalized,
) -> (Vec<Declared>, BTreeMap<Address, String>) {
    let planned = PlannedValues::default();
    let imports = workspace.config(&Values(&planned)).imports;
    let imports: BTreeMap<Address, String> = imports
        .into_iter()
        .filter_map(|import| match import.object {
            ImportedObject::Id(id) => Some((import.to, id)),
            ImportedObject::Identity(_) | ImportedObject::Unknown(_) => None,
        })
        .collect();
    for (to, id) in &imports {
        let Some(object) = cloud
            .objects
            .iter()
            .find(|object| object.rtype == to.rtype && same_id(&object.import_id, id))
        else {
            continue;
        };
        let definition = catalog.definition(&object.rtype).unwrap();
        planned.set(
            to,
            Value::Map(driftline::normalize::imported(
                definition,
                &object.attributes,
            )),
        );
    }
    (workspace.config(&Values(&planned)).resources, imports)
}

/// The files, read as configuration, say what the plan says, import what it imports, and need nothing more on a second run.
#[track_caller]
fn reads_back(catalog: &Catalog, cloud: &Normalized, plan: &ImportPlan) {
    let files = plan::files(plan, &BTreeMap::new()).unwrap();
    assert_eq!(
        plan::files(plan, &files).unwrap(),
        BTreeMap::new(),
        "a second run adds nothing"
    );
    let (_dir, workspace) = workspace(&files);
    let (declared, imports) = evaluated(&workspace, catalog, cloud);
    assert_eq!(imports.len(), plan.steps.len());
    for step in &plan.steps {
        assert_eq!(imports.get(&step.address), Some(&step.import_id));
        let block = declared
            .iter()
            .find(|declared| declared.address == step.address)
            .unwrap();
        let said = Value::Map(block.arguments.clone());
        let wanted = Value::Map(plan::values(&step.block.arguments));
        assert!(
            said.same(&wanted),
            "{}: {said:?} is not {wanted:?}",
            step.address
        );
    }
}

/// What the reference configuration must say, the plan says too: every argument that is not computed.
#[track_caller]
fn as_in_the_reference(catalog: &Catalog, cloud: &Normalized, plan: &ImportPlan, folder: &Path) {
    let workspace = Workspace::load(folder, &ConfigInputs::default()).unwrap();
    let (declared, imports) = evaluated(&workspace, catalog, cloud);
    let mut wrong = Vec::new();
    for block in declared {
        // Without a state, what binds several grants is told grant by grant.
        let definition = catalog
            .definition(&block.address.rtype)
            .filter(|definition| !definition.claimed_only);
        let Some(definition) = definition else {
            continue;
        };
        let Some(id) = imports.get(&block.address) else {
            continue;
        };
        let Some(step) = plan
            .steps
            .iter()
            .find(|step| step.address.rtype == definition.rtype && same_id(&step.import_id, id))
        else {
            let named = plan
                .skips
                .iter()
                .any(|skip| skip.rtype == definition.rtype && same_id(&skip.import_id, id));
            wrong.extend((!named).then(|| format!("{id}: {} is not in the plan", block.address)));
            continue;
        };
        let ours = Value::Map(plan::values(&step.block.arguments));
        let theirs = Value::Map(block.arguments.clone());
        let skipped = |path: &str| {
            block
                .lifecycle
                .ignore_changes
                .iter()
                .any(|ignored| path.starts_with(&ignored.to_string()))
        };
        let mut found = Vec::new();
        lacks(definition, "", "", &theirs, &ours, &mut found);
        wrong.extend(
            found
                .into_iter()
                .filter(|path| !skipped(path))
                .map(|path| format!("{}.{path}", step.address)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether two import ids are one, the short form or the long: all the parts of one are in the other, in order.
fn same_id(a: &str, b: &str) -> bool {
    let (a, b) = (a.replace("%2F", "/"), b.replace("%2F", "/"));
    let within = |short: &str, long: &str| {
        let mut rest = long.split('/');
        short.split('/').all(|part| rest.any(|other| other == part))
    };
    within(&a, &b) || within(&b, &a)
}

/// Optional arguments that one block has and the other lacks, or has otherwise.
fn lacks(
    definition: &Definition,
    family: &str,
    path: &str,
    theirs: &Value,
    ours: &Value,
    out: &mut Vec<String>,
) {
    for (short, full, facts) in definition.schema.children(family) {
        let (Some(wanted), had) = (theirs.get(short), ours.get(short).unwrap_or(&Value::Null))
        else {
            continue;
        };
        let path = format!("{path}{short}");
        if matches!(facts.mode, Mode::Computed | Mode::OptionalComputed) && had.is_empty()
            || wanted.has_unknown()
        {
            continue;
        }
        match (wanted, had) {
            (Value::List(wanted), Value::List(had))
                if definition.schema.is_block(full) && facts.kind == Kind::List =>
            {
                if wanted.len() != had.len() {
                    out.push(path.clone());
                }
                for (at, (wanted, had)) in wanted.iter().zip(had).enumerate() {
                    lacks(
                        definition,
                        full,
                        &format!("{path}[{at}]."),
                        wanted,
                        had,
                        out,
                    );
                }
            }
            (Value::List(wanted), Value::List(had)) if facts.kind == Kind::Set => {
                if wanted.len() != had.len() {
                    out.push(path);
                }
            }
            _ => {
                let default = facts
                    .default
                    .clone()
                    .map(Value::from_json)
                    .unwrap_or_default();
                let left_out = had.is_empty() && wanted.same(&default);
                let link = wanted
                    .as_text()
                    .zip(had.as_text())
                    .is_some_and(|(a, b)| a.ends_with(b) || b.ends_with(a) || a.starts_with(b));
                let provider_only = facts.provider_only && had.is_empty();
                if !(wanted.same(had) || left_out || link || provider_only) {
                    out.push(format!("{path}: {wanted:?} is not {had:?}"));
                }
            }
        }
    }
}

struct Values<'a>(&'a PlannedValues);

impl ResourceValues for Values<'_> {
    fn resource(&self, address: &Address) -> Option<Arc<Value>> {
        self.0.get(address)
    }
}

/// The plan of an estate into its own configuration, nothing in state.
fn planned_into(
    catalog: &Catalog,
    projects: &[String],
    cloud: &Normalized,
    folder: &Path,
) -> ImportPlan {
    let capture = Capture {
        projects: projects.to_vec(),
        ..Capture::default()
    };
    let comparison = compare::compare(&Inputs::new(catalog, &capture, cloud, &[]));
    let workspace = Workspace::load(folder, &ConfigInputs::default()).unwrap();
    let (there, planned) = (PlannedValues::default(), PlannedValues::default());
    let (now, later) = (Values(&there), Values(&planned));
    let config = workspace.config(&now);
    let session = workspace.session(&later);
    let order = workspace.order();
    let evaluate = |address: &Address| session.declared(address);
    let instances = |block: &Address| session.instances(block);
    let whole = || std::sync::Arc::new(session.config());
    let declarations = Declarations {
        config: &config,
        order: &order,
        evaluate: &evaluate,
        instances: &instances,
        planned: &whole,
    };
    let identify = |pass: &mut plan::Pass<'_>| {
        let session = workspace.session(&now);
        pass(&|address| session.declared(address));
    };
    let configured = Configured {
        declarations: &declarations,
        planned: &planned,
        identify: &identify,
        there: &there,
    };
    let (existing, options) = (
        Existing::default(),
        Options {
            only: vec![],
            ..Options::default()
        },
    );
    let inputs = PlanInputs {
        catalog,
        projects,
        cloud,
        comparison: &comparison,
        config: Some(configured),
        existing: &existing,
        options: &options,
    };
    plan::plan(&inputs)
}

/// What configuration does not identify and is therefore not imported, by estate: the number of a secret's version. The same list
/// as is, so that it gets shorter when more is.
fn into_their_own_configuration(name: &str) {
    let estate = Recorded::read(ESTATES, name);
    let (projects, cloud) = cloud(&CATALOG, &estate, None);
    let plan = planned_into(&CATALOG, &projects, &cloud, &estate.tofu());
    let truth: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(estate.folder.join("into.json")).unwrap())
            .unwrap();
    let steps: BTreeMap<String, &plan::Step> = plan
        .steps
        .iter()
        .map(|step| (step.address.to_string(), step))
        .collect();
    let (mut wrong, mut right, mut nothing) = (Vec::new(), 0, Vec::new());
    for (address, real) in truth.as_object().unwrap() {
        if Address::parse(address).is_none_or(|a| CATALOG.definition(&a.rtype).is_none()) {
            continue;
        }
        let truly = real["action"].as_str().unwrap();
        match steps.get(address) {
            None => nothing.push(address.as_str()),
            Some(step) if step.forecast.as_str() == truly => right += 1,
            Some(step) => wrong.push(format!(
                "{address}: tofu {truly}, said {}: {} | {:?}",
                step.forecast.as_str(),
                real["attributes"],
                step.changes
            )),
        }
    }
    none(&wrong);
    let allowed = |address: &&str| address.contains("google_secret_manager_secret_version.");
    assert!(nothing.iter().all(allowed), "{nothing:#?}");
    assert!(right > 30, "{right} as tofu says");
}
