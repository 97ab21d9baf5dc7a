//! Import plans of the estates.
//!
//! `DRIFTLINE_PLAN_OUT=DIR` writes the files of every estate to `DIR/ESTATE`, for real `tofu plan` to judge.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::support;
use driftline::catalog::{Catalog, Definition, Kind, Mode};
use driftline::compare::{self, Inputs};
use driftline::forecast::{Declarations, PlannedValues};
use driftline::model::{Address, Capture, Declared, ImportedObject, Value};
use driftline::normalize::{Normalized, normalize};
use driftline::plan::{self, Configured, Detail, Existing, ImportPlan, Options, PlanInputs};
use driftline::tofu::config::{Inputs as ConfigInputs, ResourceValues, Workspace};

const ESTATES: &[&str] = &[
    "staging",
    "variety-gke",
    "variety-memory-registry",
    "variety-neighbours",
    "variety-sql",
];

/// What is in an estate; with `DRIFTLINE_PLAN_TRUTH`, as the real provider read it.
fn cloud(catalog: &Catalog, dir: &Path, estate: &str) -> (Vec<String>, Normalized) {
    let cloud = support::Cloud::estate(dir);
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
            &Path::new(&truth).join(format!("{estate}.plan.json")),
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

/// Writes the plan of every case of every estate to `DRIFTLINE_PLAN_CASES`, for real `tofu plan` to judge.
#[test]
fn cases() {
    let (Some(shared), Some(out)) = (support::shared(), std::env::var_os("DRIFTLINE_PLAN_CASES"))
    else {
        return;
    };
    let catalog = support::catalog();
    for estate in ESTATES {
        let dir = shared.join("estates").join(estate);
        for case in std::fs::read_dir(dir.join("cases"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            let mut cloud = support::Cloud::estate(&dir);
            if case.join("api").is_dir() {
                cloud.0.extend(support::Cloud::estate(&case).0);
            }
            for gone in std::fs::read_to_string(case.join("gone"))
                .unwrap_or_default()
                .lines()
            {
                cloud
                    .0
                    .retain(|name, _| name != gone && !name.starts_with(&format!("{gone}/")));
            }
            let projects: Vec<String> = support::projects(&cloud)
                .into_iter()
                .filter(|p| p.contains('-'))
                .collect();
            let mut all = Normalized::default();
            for project in &projects {
                all.objects
                    .extend(normalize(&cloud.capture(&catalog, project), &catalog).objects);
            }
            let plan = planned(&catalog, &projects, &all, &options());
            write(
                &Path::new(&out).join(estate).join(case.file_name().unwrap()),
                &plan,
            );
        }
    }
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

#[test]
fn estates() {
    let Some(shared) = support::shared() else {
        return;
    };
    let catalog = support::catalog();
    for estate in ESTATES {
        let (projects, cloud) = cloud(&catalog, &shared.join("estates").join(estate), estate);
        let plan = planned(&catalog, &projects, &cloud, &options());
        if let Some(out) = std::env::var_os("DRIFTLINE_PLAN_OUT") {
            write(&Path::new(&out).join(estate), &plan);
        }
        reads_back(&catalog, &cloud, &plan);
        as_in_the_reference(
            &catalog,
            &cloud,
            &plan,
            &shared.join("estates").join(estate).join("imports"),
        );
        let announced: Vec<_> = plan
            .announced()
            .map(|step| format!("{}: {:?}", step.address, step.changes))
            .collect();
        eprintln!(
            "{estate}: {} steps, {} skips, announced {announced:#?}",
            plan.steps.len(),
            plan.skips.len()
        );
        assert!(announced.is_empty() || options().adopt_labels);
    }
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
                .any(|ignored| path.starts_with(ignored.as_str()))
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
    let declarations = Declarations {
        config: &config,
        order: &order,
        evaluate: &evaluate,
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

#[test]
fn into_their_own_configuration() {
    let Some(shared) = support::shared() else {
        return;
    };
    let catalog = support::catalog();
    let mut wrong = Vec::new();
    for estate in ESTATES {
        let dir = shared.join("estates").join(estate);
        let (projects, cloud) = cloud(&catalog, &dir, estate);
        let plan = planned_into(&catalog, &projects, &cloud, &dir.join("tofu"));
        let truth: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(dir.join("into/truth.json")).unwrap())
                .unwrap();
        let steps: BTreeMap<String, &plan::Step> = plan
            .steps
            .iter()
            .map(|step| (step.address.to_string(), step))
            .collect();
        let (mut seen, mut right) = (0, 0);
        for (address, real) in truth["plan"].as_object().unwrap() {
            let Some(parsed) =
                Address::parse(address).filter(|a| catalog.definition(&a.rtype).is_some())
            else {
                continue;
            };
            seen += 1;
            let actions: Vec<&str> = real["actions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|a| a.as_str().unwrap())
                .collect();
            let said = steps
                .get(address)
                .map_or("nothing", |step| step.forecast.as_str());
            let truly = match actions.as_slice() {
                ["no-op"] => "none",
                [one] => one,
                _ => "replace",
            };
            if said == truly {
                right += 1;
            } else {
                let changes = steps
                    .get(address)
                    .map(|step| format!("{:?}", step.changes))
                    .unwrap_or_default();
                let paths: Vec<_> = real["attributes"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|a| a["path"].to_string())
                    .collect();
                wrong.push(format!(
                    "{estate} {parsed}: tofu {truly}, said {said}: {} | {}",
                    paths.join(" "),
                    changes
                ));
            }
        }
        eprintln!("{estate}: {right} of {seen} as tofu says");
    }
    eprintln!("{}", wrong.join("\n"));
    // What depends on a type that has no definition yet is not known; and what configuration does not identify (the number of a
    // secret's version) is not imported, so nothing is said of it.
    assert!(
        wrong
            .iter()
            .all(|line| line.contains("said unknown") || line.contains("said nothing")),
        "{}",
        wrong.join("\n")
    );
}
