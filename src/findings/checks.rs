//! Findings of `check`: what a report of rules has to tell.

use super::finding::{self, Class, Evidence, Finding, RuleRecord, Severity};
use super::gather::TargetRun;
use super::run::{GapRecord, TargetRecord, UnknownRecord};
use crate::check::{Estate, Judgement, Node, Origin, Outcome, Priority, Report, Rule, Subject};
use crate::forecast::Forecast;
use crate::model::{Gap, GapReason, Unknown};

/// What a report of rules does not say of itself.
pub struct Asked<'a> {
    /// The name of the target.
    pub target: &'a str,
    /// Where states came from.
    pub states: Vec<String>,
    /// Whether configuration was given, and whether it was read in full.
    pub configuration: Option<bool>,
    /// What rules look at and could not be read.
    pub gaps: &'a [Gap],
    /// The file of a block, below the root of the repository.
    pub file: &'a dyn Fn(&str) -> String,
    /// Who owns a file.
    pub owners: &'a dyn Fn(&str) -> Vec<String>,
    /// What a report says of what is not known.
    pub reason: &'a dyn Fn(&Unknown) -> String,
    /// What a report says is to be done.
    pub remedy: &'a dyn Fn(&Rule, Option<&Node>) -> String,
}

/// What rules found in a target.
pub fn checked(report: &Report, estate: &Estate<'_>, asked: &Asked<'_>) -> TargetRun {
    let rules = &estate.rules.rules;
    let id = |at: usize| rules.get(at).map(|rule| rule.id.clone());
    let left_out = report.left_out.iter().copied();
    let asked_of = (0..rules.len()).filter(|at| !report.left_out.contains(at));
    let mut types: Vec<String> = estate.rules.types().into_iter().collect();
    types.sort();
    let addressed = |node: &&Node| node.address.is_some() && node.origin == Origin::Cloud;
    let record = TargetRecord {
        name: asked.target.to_owned(),
        projects: estate.projects.clone(),
        states: asked.states.clone(),
        configured: asked.configuration.is_some(),
        configuration_read: asked.configuration.unwrap_or(true),
        types,
        managed: estate.nodes.iter().filter(addressed).count(),
        seen: estate.nodes.len(),
        rules: asked_of.filter_map(id).collect(),
        rules_left_out: left_out.filter_map(id).collect(),
        checked: report.judgements.len(),
        ..TargetRecord::default()
    };
    let gap = |gap: &Gap| {
        let quiet = gap.reason == GapReason::ApiDisabled;
        GapRecord::of(gap, &[], quiet, asked.target, estate.catalog)
    };
    let mut out = TargetRun {
        record,
        gaps: asked.gaps.iter().map(gap).collect(),
        ..TargetRun::default()
    };
    for judgement in &report.judgements {
        let Some(rule) = rules.get(judgement.rule) else {
            continue;
        };
        match &judgement.outcome {
            Outcome::Passes => {}
            Outcome::Fails(priority) => {
                let class = Class::Check;
                out.findings
                    .push(found(judgement, rule, class, *priority, estate, asked));
            }
            Outcome::Unknown(why) => {
                let class = Class::Unknown;
                let mut finding = found(judgement, rule, class, rule.priority, estate, asked);
                finding.severity = Severity::Medium;
                finding.reason = (asked.reason)(why);
                out.unknown.push(UnknownRecord {
                    target: asked.target.to_owned(),
                    subject: finding.subject.clone(),
                    address: finding.address.clone(),
                    whole: false,
                    rule: Some(rule.id.clone()),
                });
                out.findings.push(finding);
            }
        }
    }
    out
}

fn found(
    judgement: &Judgement,
    rule: &Rule,
    class: Class,
    priority: Priority,
    estate: &Estate<'_>,
    asked: &Asked<'_>,
) -> Finding {
    let node = match &judgement.subject {
        Subject::Node(at) => estate.nodes.get(*at),
        Subject::Project(_) => None,
    };
    let subject = match (&judgement.subject, node) {
        (Subject::Project(project), _) => finding::hash(&["project", project]),
        (Subject::Node(_), Some(node)) => subject(node, asked.target),
        (Subject::Node(_), None) => String::new(),
    };
    let object = match (&judgement.subject, node) {
        (Subject::Project(project), _) => format!("project {project}"),
        (Subject::Node(_), node) => node
            .map(|node| node.object.import_id.clone())
            .unwrap_or_default(),
    };
    let project = match (&judgement.subject, node) {
        (Subject::Project(project), _) => project.clone(),
        (Subject::Node(_), node) => node
            .map(|node| node.object.scope.project.clone())
            .unwrap_or_default(),
    };
    let place = node.and_then(|node| node.place.as_ref());
    let file = place.map(|place| (asked.file)(&place.file));
    let file = file.filter(|file| !file.is_empty());
    let shown = |shown: &crate::check::Shown| Evidence {
        name: shown.name.clone(),
        value: shown.value.to_json(),
    };
    let see = rule.see.iter();
    let see = see.flat_map(|see| see.ids.iter().map(move |id| format!("{} {id}", see.who)));
    Finding {
        id: finding::identity_of_rule(&subject, class, &rule.id),
        subject,
        target: asked.target.to_owned(),
        class,
        severity: severity(priority),
        rtype: node
            .map(|node| node.object.rtype.clone())
            .unwrap_or_default(),
        address: node
            .and_then(|node| node.address.as_ref())
            .map(ToString::to_string),
        object,
        project,
        state: None,
        line: place.map(|place| place.line).filter(|line| *line > 0),
        owners: file.as_deref().map(asked.owners).unwrap_or_default(),
        file,
        forecast: Forecast::None,
        prevent_destroy: false,
        reason: String::new(),
        changes: Vec::new(),
        rule: Some(RuleRecord {
            id: rule.id.clone(),
            priority,
            summary: rule.summary.clone(),
            why: rule.why.clone(),
            remedy: (asked.remedy)(rule, node),
            see: see.collect(),
        }),
        evidence: judgement.shown.iter().map(shown).collect(),
    }
}

/// The identity of a node: as that of a row of a comparison, so that a later run knows it again.
fn subject(node: &Node, target: &str) -> String {
    let object = &node.object;
    if object.id.starts_with("//") {
        return finding::hash(&["object", &object.rtype, &object.id, "", ""]);
    }
    let project = &object.scope.project;
    finding::hash(&["address", &object.rtype, target, project, &object.id, ""])
}

/// How grave a finding of a priority is among others.
fn severity(priority: Priority) -> Severity {
    match priority {
        Priority::P0 => Severity::Critical,
        Priority::P1 => Severity::High,
        Priority::P2 => Severity::Medium,
    }
}
