//! Rules of `check`: each with what it finds and what it nearly finds (`tests/data/rules`), and what is said of one that does not
//! hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use driftline::catalog::Catalog;
use driftline::check::{
    About, Estate, Given, Judgement, Node, Origin, Outcome, Rule, Rules, Subject, Unseen, judge,
};
use driftline::hcl::{Budget, Diagnostic, Files, NoFiles, Scope, Step, evaluate, functions};
use driftline::model::{self, Object, Unknown, Value};
use driftline::pipeline::{self, Around, Checked, Reading, RemoteStates};
use hcl_edit::structure::{Block, Body, Structure};

use crate::support;
use crate::support::recorded::{ESTATES, Recorded, names};

const PROJECT: &str = "example-project";

static CATALOG: LazyLock<Catalog> = LazyLock::new(support::catalog);

static RULES: LazyLock<Rules> = LazyLock::new(rules);

fn rules() -> Rules {
    let folder = std::path::Path::new("providers/rules");
    let texts: BTreeMap<String, String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (
                format!("rules/{name}"),
                std::fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    let texts = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    Rules::load(texts, &CATALOG).unwrap_or_else(|error| panic!("{error}"))
}

/// What a rule is tried on.
#[derive(Default)]
struct Fixture {
    fires: Vec<Node>,
    near: Vec<Node>,
}

/// Nothing is named in a fixture.
struct Literals(Budget);

impl Scope for Literals {
    fn resolve(
        &self,
        root: &str,
        _: &[Step],
    ) -> Result<(driftline::hcl::Value, usize), Diagnostic> {
        Err(Diagnostic::new("Unknown name", root))
    }

    fn files(&self) -> &dyn Files {
        &NoFiles
    }

    fn budget(&self) -> &Budget {
        &self.0
    }
}

fn attributes(body: &Body) -> BTreeMap<String, Value> {
    let mut out: BTreeMap<String, Value> = BTreeMap::new();
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                let value = evaluate(&attribute.value, &Literals(Budget::default())).unwrap();
                let json = serde_json::from_str(&functions::json_text(&value)).unwrap();
                out.insert(
                    attribute.key.to_string().trim().to_owned(),
                    Value::from_json(json),
                );
            }
            Structure::Block(block) => {
                let inner = Value::Map(attributes(&block.body));
                let list = out.entry(block.ident.to_string().trim().to_owned());
                match list.or_insert_with(|| Value::List(Vec::new())) {
                    Value::List(items) => items.push(inner),
                    _ => panic!("{} is an attribute and a block", block.ident.as_str()),
                }
            }
        }
    }
    out
}

fn node(block: &Block) -> Node {
    let [rtype, name] = block.labels.as_slice() else {
        panic!("a node has a type and a name");
    };
    let (rtype, name) = (rtype.as_str(), name.as_str());
    let definition = CATALOG
        .definition(rtype)
        .unwrap_or_else(|| panic!("{rtype}"));
    let mut attributes = attributes(&block.body);
    let known = |name: &String| {
        assert!(
            definition.schema.attributes.contains_key(name),
            "{rtype} has no {name}"
        );
    };
    attributes.keys().for_each(known);
    for (argument, value) in [("name", name), ("project", PROJECT)] {
        if definition.schema.attributes.contains_key(argument) {
            let argument = attributes.entry(argument.to_owned());
            argument.or_insert_with(|| Value::text(value));
        }
    }
    let whole = Value::Map(attributes.clone());
    let context = driftline::catalog::Context {
        project: PROJECT,
        ..Default::default()
    };
    let id = driftline::normalize::canonical(definition, &whole, &context, &CATALOG);
    Node {
        object: Object {
            rtype: rtype.to_owned(),
            id: id.unwrap_or_else(|| format!("{rtype}.{name}")),
            import_id: name.to_owned(),
            scope: model::Scope {
                project: PROJECT.to_owned(),
                ..Default::default()
            },
            attributes,
            absent_fields: BTreeSet::new(),
            hidden: BTreeMap::new(),
            observed: Default::default(),
            partial: false,
            owned: None,
            blocked: None,
        },
        origin: Origin::Cloud,
        address: None,
        place: None,
        written: None,
        refers: Vec::new(),
    }
}

fn fixtures() -> BTreeMap<String, Fixture> {
    let mut out: BTreeMap<String, Fixture> = BTreeMap::new();
    let mut files: Vec<_> = std::fs::read_dir("tests/data/rules").unwrap().collect();
    files.sort_by_key(|file| file.as_ref().unwrap().path());
    for file in files {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "hcl") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let body = driftline::hcl::parse_body(&text)
            .unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        for rule in body.blocks() {
            let fixture = out.entry(rule.labels[0].as_str().to_owned()).or_default();
            for block in rule.body.blocks() {
                match block.ident.as_str() {
                    "fires" => fixture.fires.push(node(block)),
                    "near" => fixture.near.push(node(block)),
                    other => panic!("{}: `{other}` is neither fires nor near", path.display()),
                }
            }
        }
    }
    out
}

fn judged(rule: &Rule, nodes: &[Node], unseen: Unseen) -> Vec<(String, Judgement)> {
    let rules = RULES.clone().only(|one| one.id == rule.id);
    let estate = Estate::new(Given {
        catalog: &CATALOG,
        rules: &rules,
        nodes: nodes.to_vec(),
        projects: vec![PROJECT.to_owned()],
        unseen,
        now: "2026-12-01T00:00:00Z".to_owned(),
    });
    let name = |subject: &Subject| match subject {
        Subject::Node(at) => {
            let object = &estate.nodes[*at].object;
            format!("{}.{}", object.rtype, object.import_id)
        }
        Subject::Project(project) => project.clone(),
    };
    let report = judge(&estate);
    let judgements = report.judgements.into_iter();
    judgements
        .map(|judgement| (name(&judgement.subject), judgement))
        .collect()
}

/// Every rule finds what its fixture says it finds, and nothing of what is nearly so; the expected file shows both.
#[test]
fn each_rule_finds_what_it_is_for_and_not_what_is_nearly_so() {
    let rules = &*RULES;
    let mut fixtures = fixtures();
    let mut wrong = Vec::new();
    let mut text = String::new();
    for rule in &rules.rules {
        let Some(fixture) = fixtures.remove(&rule.id) else {
            wrong.push(format!("{}: no fixture", rule.id));
            continue;
        };
        text.push_str(&format!(
            "{} {}: {}\n",
            rule.id,
            rule.priority.as_str(),
            rule.summary
        ));
        for (name, judgement) in judged(rule, &fixture.fires, Unseen::default()) {
            if let Outcome::Fails(priority) = judgement.outcome {
                text.push_str(&format!("  fires {} {name}\n", priority.as_str()));
                for shown in &judgement.shown {
                    text.push_str(&format!("           {} = {:?}\n", shown.name, shown.value));
                }
            } else {
                wrong.push(format!("{}: {name} {:?}", rule.id, judgement.outcome));
            }
        }
        let about = |node: &&Node| match &rule.about {
            About::Types(types) => types.contains(&node.object.rtype),
            About::Project => true,
        };
        if fixture.fires.iter().filter(about).count() == 0 || fixture.near.is_empty() {
            wrong.push(format!("{}: nothing that fires, or nothing near", rule.id));
        }
        let near = judged(rule, &fixture.near, Unseen::default());
        let applies: BTreeMap<&str, &Judgement> = near
            .iter()
            .map(|(name, judgement)| (name.as_str(), judgement))
            .collect();
        for node in fixture.near.iter().filter(about) {
            let name = match &rule.about {
                About::Types(_) => format!("{}.{}", node.object.rtype, node.object.import_id),
                About::Project => PROJECT.to_owned(),
            };
            let said = match applies
                .get(name.as_str())
                .map(|judgement| &judgement.outcome)
            {
                None => "is not asked of",
                Some(Outcome::Passes) => "passes",
                Some(other) => {
                    wrong.push(format!("{}: near: {name} {other:?}", rule.id));
                    continue;
                }
            };
            let line = format!("  near     {name} ({said})\n");
            if !text.ends_with(&line) {
                text.push_str(&line);
            }
        }
    }
    wrong.extend(
        fixtures
            .keys()
            .map(|id| format!("{id}: there is no such rule")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    if let Some(wrong) =
        support::expect(std::path::Path::new("tests/data/rules/expected.txt"), &text)
    {
        panic!("{wrong}");
    }
}

/// With nothing known of what a rule looks at, it is never said that it passes, nor that it fails.
#[test]
fn what_is_not_known_is_neither_found_nor_passed() {
    let fixtures = fixtures();
    for rule in &RULES.rules {
        let fixture = &fixtures[&rule.id];
        let blank = |node: &Node| {
            let mut node = node.clone();
            let definition = CATALOG.definition(&node.object.rtype).unwrap();
            node.object.attributes = (definition.schema.children(""))
                .map(|(name, ..)| (name.to_owned(), Value::Unknown(Unknown::NotListed)))
                .collect();
            node
        };
        let nodes: Vec<Node> = fixture.fires.iter().map(blank).collect();
        let unseen = Unseen {
            any: Some(Unknown::NotListed),
            ..Unseen::default()
        };
        let said = judged(rule, &nodes, unseen);
        assert!(!said.is_empty(), "{}", rule.id);
        for (name, judgement) in said {
            assert!(
                matches!(judgement.outcome, Outcome::Unknown(_)),
                "{}: {name}: {:?}",
                rule.id,
                judgement.outcome
            );
        }
    }
}

/// What rules find in an estate as its cloud is: rule, priority and object.
fn found(estate: &Recorded, case: Option<&str>) -> BTreeSet<String> {
    let observed = pipeline::observe(estate.capture(case, &CATALOG), &CATALOG);
    let reading = Reading::default();
    let remote = RemoteStates::default();
    let around = Around::new(&observed, &reading, &remote, &CATALOG);
    let comparison = pipeline::compared(&observed, &reading, None, false, &CATALOG);
    let assembled = pipeline::assembled(Checked {
        cloud: Some((&observed, comparison)),
        reading: &reading,
        around: &around,
        catalog: &CATALOG,
        rules: &RULES,
        now: "2026-12-01T00:00:00Z".to_owned(),
    });
    let told = |judgement: Judgement| {
        let rule = &RULES.rules[judgement.rule];
        let name = match &judgement.subject {
            Subject::Node(at) => {
                let object = &assembled.estate.nodes[*at].object;
                format!("{} {}", object.rtype, object.import_id)
            }
            Subject::Project(project) => format!("project {project}"),
        };
        match judgement.outcome {
            Outcome::Passes => None,
            Outcome::Fails(priority) => {
                Some(format!("{} {:<30} {name}", priority.as_str(), rule.id))
            }
            Outcome::Unknown(why) => Some(format!("?  {:<30} {name}: {}", rule.id, why.as_str())),
        }
    };
    let report = judge(&assembled.estate);
    report.judgements.into_iter().filter_map(told).collect()
}

/// What rules find in the recorded estates, and what each case of them adds or takes away: read by hand, once.
#[test]
fn what_is_found_in_the_estates_was_looked_at() {
    let mut text = String::new();
    for name in names(ESTATES) {
        let estate = Recorded::read(ESTATES, &name);
        let base = found(&estate, None);
        text.push_str(&format!("{name}\n"));
        base.iter()
            .for_each(|line| text.push_str(&format!("  {line}\n")));
        for case in estate.cases.keys() {
            let now = found(&estate, Some(case));
            let lines = now.difference(&base).map(|line| format!("    + {line}\n"));
            let gone = base.difference(&now).map(|line| format!("    - {line}\n"));
            let lines: String = lines.chain(gone).collect();
            if !lines.is_empty() {
                text.push_str(&format!("  case {case}\n{lines}"));
            }
        }
    }
    let file = std::path::Path::new("tests/data/rules/estates.txt");
    let wrong = support::expect(file, &text);
    assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
}

fn wrong(text: &str) -> String {
    let mut rules = Rules::default();
    rules.add("driftline.toml", text, &CATALOG).unwrap_err()
}

/// A rule that does not hold is refused when it is loaded, with file, line and what may be meant.
#[test]
fn mistakes_are_told_with_their_place() {
    let rule = |more: &str| {
        format!(
            "[[rule]]\nid = \"own-rule\"\npriority = \"P1\"\nsummary = \"x\"\nwhy = \"y\"\nremedy = \"z\"\n{more}"
        )
    };
    let sql = "type = \"google_sql_database_instance\"\n";
    let cases = [
        (
            rule("type = \"google_sql_databas\"\nfails = \"true\"\n"),
            "driftline.toml:7: rule `own-rule`: `google_sql_databas` is no supported resource type; did you mean `google_sql_database`?",
        ),
        (
            rule(&format!("{sql}fails = \"self.settings.tir == 1\"\n")),
            "driftline.toml:8: rule `own-rule`: google_sql_database_instance has no attribute `settings.tir`; did you mean `settings.tier`?, in `self.settings.tir == 1`",
        ),
        (
            rule(&format!("{sql}fails = \"self.settings.tier ==\"\n")),
            "driftline.toml:8: rule `own-rule`: `self.settings.tier ==` is no expression",
        ),
        (
            rule(&format!("{sql}fails = \"self.settings.tier\"\n")),
            "driftline.toml:8: rule `own-rule`: `self.settings.tier` is a string, where a bool is needed",
        ),
        (
            rule(&format!("{sql}fails = \"nosuch(self.name)\"\n")),
            "There is no function named \"nosuch\"",
        ),
        (
            rule(&format!(
                "{sql}fails = \"anytrue([for n in self.settings.ip_configuration.authorized_networks : n.valu == 1])\"\n"
            )),
            "no attribute `settings.ip_configuration.authorized_networks.valu`",
        ),
        (
            rule(&format!(
                "{sql}fails = \"length(referrers.google_sql_usr) == 0\"\n"
            )),
            "`google_sql_usr` is no supported resource type; did you mean `google_sql_user`?",
        ),
        (
            rule(&format!("{sql}fails = \"other.name == 1\"\n")),
            "`other` is not known; there are self, dangling, refs",
        ),
        (
            rule(&format!("{sql}fails = \"file(self.name) == 1\"\n")),
            "driftline.toml:8",
        ),
        (
            rule("type = \"project\"\nfails = \"self.name == 1\"\n"),
            "a rule of a project has no `self`",
        ),
        (
            rule(&format!("{sql}fails = \"false\"\nevidence = [\"nam\"]\n")),
            "driftline.toml:9: rule `own-rule`: google_sql_database_instance has no attribute `nam`; did you mean `name`?",
        ),
        (
            rule(&format!("{sql}fails = \"false\"\nfix = {{ nam = 1 }}\n")),
            "no attribute `nam`",
        ),
        (
            rule(&format!(
                "{sql}fails = \"false\"\nsee = {{ cys = [\"1\"] }}\n"
            )),
            "`see` knows cis, cis-gke, checkov, trivy, not `cys`",
        ),
        (
            rule(&format!("{sql}fails = \"false\"\nseverity = \"x\"\n")),
            "driftline.toml:9: unknown field `severity`",
        ),
        (
            rule(&format!("{sql}fails = \"false\"\n")).replace("P1", "P7"),
            "driftline.toml:3: rule `own-rule`: `P7` is none of: P0, P1, P2",
        ),
        (
            rule(&format!("{sql}fails = \"false\"\n")).replace("own-rule", "Own_Rule"),
            "an id is lower-case words with hyphens",
        ),
        (
            rule(&format!("{sql}fails = \"false\"\n")).repeat(2),
            "driftline.toml:9: rule `own-rule`: driftline.toml:1 has that id already",
        ),
    ];
    for (text, said) in cases {
        let message = wrong(&text);
        assert!(message.contains(said), "{message}\nnot: {said}");
    }
}
