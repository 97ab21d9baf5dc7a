//! What an audit says, in formats for people and for other programs: all from one model, with the same findings and totals.

pub mod check;
pub mod console;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod sarif;
pub mod slack;

use crate::compare::Mode;
use crate::findings::{
    Audit, Cause, CauseKind, ChangeRecord, Class, Evidence, Finding, Life, RuleRecord, Severity,
    Tracked, Verdict,
};
use crate::forecast::Forecast;

/// What is told first, under its title.
const TOLD_FIRST: [(Life, &str); 5] = [
    (Life::New, "New"),
    (Life::Reopened, "Reopened"),
    (Life::Changed, "Changed again"),
    (Life::NewlyVisible, "Newly visible: not looked at before"),
    (
        Life::Unknown,
        "Out of sight: not resolved, could not be looked at",
    ),
];

/// The title of findings of which something became: what nothing remembers is not new.
fn titled(title: &'static str, of: Life, audit: &Audit) -> &'static str {
    if audit.alone && of == Life::New {
        "Findings"
    } else {
        title
    }
}

/// What is the matter, or that it is no longer known.
fn matter(tracked: &Tracked) -> String {
    if tracked.life == Life::Unknown {
        life(tracked)
    } else {
        what(&tracked.finding)
    }
}

/// What a finding is: its class; of a rule of `check`, what the rule says.
fn what(finding: &Finding) -> String {
    match (&finding.rule, finding.class) {
        (Some(rule), Class::Check) => {
            format!("{} {}: {}", rule.priority.as_str(), rule.id, rule.summary)
        }
        (Some(rule), _) => format!("{} could not be checked", rule.id),
        (None, of) => class(of).to_owned(),
    }
}

/// How many of something, in words.
fn many(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// The day of a time of a run.
fn day(at: &str) -> &str {
    at.split('T').next().unwrap_or(at)
}

/// The state of everything, in one word.
fn word(audit: &Audit, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Broken => "Could not finish",
        Verdict::Failing => "Failing",
        Verdict::Incomplete => "Incomplete",
        Verdict::Clean if audit.totals().active > 0 => "Nothing that fails",
        Verdict::Clean => "Clean",
    }
}

/// The first sentence of every report: how much there is, what is news, what could not be read.
fn headline(audit: &Audit) -> String {
    let totals = audit.totals();
    let lives = |life: Life| totals.lives.get(&life).copied().unwrap_or_default();
    let mut parts = vec![many(totals.active, "finding", "findings")];
    for (priority, count) in audit.priorities() {
        parts.push(format!("{count} {}", priority.as_str()));
    }
    let since = match &audit.previous {
        Some(previous) => format!("since {}", day(previous)),
        None => "as this is the first run".to_owned(),
    };
    for (life, phrase) in [
        (Life::New, format!("new {since}")),
        (Life::Reopened, "reopened".to_owned()),
        (Life::Changed, "changed".to_owned()),
        (Life::NewlyVisible, "newly visible".to_owned()),
        (Life::Unknown, "out of sight".to_owned()),
    ] {
        if lives(life) > 0 && !(audit.alone && life == Life::New) {
            parts.push(format!("{} {phrase}", lives(life)));
        }
    }
    if totals.resolved > 0 {
        parts.push(format!("{} resolved", totals.resolved));
    }
    if totals.ignored + totals.baselined > 0 {
        parts.push(format!("{} accepted", totals.ignored + totals.baselined));
    }
    if totals.gaps > 0 {
        parts.push(many(totals.gaps, "gap", "gaps"));
    }
    parts.join(", ")
}

/// A class for people.
fn class(class: Class) -> &'static str {
    match class {
        Class::Drifted => "drifted",
        Class::Missing => "missing",
        Class::ClaimedTwice => "claimed twice",
        Class::Deposed => "deposed",
        Class::Unapplied => "not applied",
        Class::Declared => "declared only",
        Class::Unmanaged => "unmanaged",
        Class::Unknown => "unknown",
        Class::Check => "not ready",
        Class::ExpiredRule => "expired rule",
        Class::UnusedRule => "unused rule",
    }
}

/// What tofu would do, in tofu's glyphs and a word.
fn would(tracked: &Tracked) -> &'static str {
    match tracked.finding.forecast {
        Forecast::None => "tofu would do nothing",
        Forecast::Unknown => "what tofu would do is not known",
        Forecast::Update => "~ tofu would update it in place",
        Forecast::Replace => "-/+ tofu would REPLACE it",
        Forecast::Create => "+ tofu would create it",
        Forecast::Delete => "- tofu would destroy it",
        Forecast::Forget => "tofu would forget it",
    }
}

/// How long it has been so, with what bounds that.
fn age(tracked: &Tracked, audit: &Audit) -> String {
    if matches!(
        tracked.finding.class,
        Class::ExpiredRule | Class::UnusedRule
    ) {
        return String::new();
    }
    if audit.alone {
        return String::new();
    }
    let days = tracked.days(&audit.run.at);
    let long = match days {
        0 => "today".to_owned(),
        1..14 => many(usize::try_from(days).unwrap_or_default(), "day", "days"),
        _ => format!("{} weeks", days / 7),
    };
    let again = match tracked.reopened {
        0 => String::new(),
        1 => ", back for the 1st time".to_owned(),
        times => format!(", back {times} times"),
    };
    let seen = if tracked.life == Life::Unknown {
        format!(", last seen {}", day(&tracked.last_seen))
    } else {
        String::new()
    };
    match &tracked.not_before {
        Some(before) => format!(
            "between {} and {} ({long}){again}{seen}",
            day(before),
            day(&tracked.since)
        ),
        None if days == 0 && audit.previous.is_none() => format!("age not known: first run{seen}"),
        None => format!(
            "≥ {long}, since {} or before{again}{seen}",
            day(&tracked.since)
        ),
    }
}

/// What became of it.
fn life(tracked: &Tracked) -> String {
    match (tracked.life, tracked.finding.class) {
        (Life::Unknown, _) => format!("unknown, last seen {}", what(&tracked.finding)),
        (life, _) => life.as_str().to_owned(),
    }
}

/// What findings have in common, where that is more than nothing.
fn shared(audit: &Audit) -> Vec<Cause<'_>> {
    let mut causes = audit.causes();
    // Rules say themselves what their findings have in common.
    causes.retain(|cause| cause.kind != CauseKind::Single && !audit.alone);
    causes
}

/// A cause for people: what it is, how much it explains, the gravest of that and since when.
fn cause(cause: &Cause<'_>, audit: &Audit) -> [String; 4] {
    let key = super::text::cut(&cause.key);
    let what = match cause.kind {
        CauseKind::Gap => format!("could not be read: {key}"),
        CauseKind::NotLooked => format!("not looked at this time, in {key}"),
        CauseKind::Google => format!("Google changed it: {key}"),
        CauseKind::Configuration => format!("one block: {key}"),
        CauseKind::SameChange => format!("the same change: {key}"),
        CauseKind::Single => key.to_string(),
    };
    let gravest = cause.findings.iter().map(|one| one.finding.severity).max();
    let oldest = cause
        .findings
        .iter()
        .max_by_key(|one| one.days(&audit.run.at));
    [
        what,
        many(cause.findings.len(), "finding", "findings"),
        gravest.map(Severity::as_str).unwrap_or_default().to_owned(),
        oldest.map(|one| age(one, audit)).unwrap_or_default(),
    ]
}

/// What is said of a finding behind its name.
fn detail(tracked: &Tracked) -> String {
    let finding = &tracked.finding;
    let mut parts = Vec::new();
    match finding.class {
        Class::ExpiredRule => {
            parts.push("its date has passed: take it out, or give it a new one".to_owned())
        }
        Class::UnusedRule => parts.push("it matches nothing: take it out".to_owned()),
        Class::Unmanaged | Class::Unknown => {}
        Class::Check => parts.extend(finding.rule.iter().map(told)),
        Class::Drifted
        | Class::Missing
        | Class::ClaimedTwice
        | Class::Deposed
        | Class::Unapplied
        | Class::Declared => parts.push(would(tracked).to_owned()),
    }
    if finding.prevent_destroy {
        parts.push("tofu refuses: prevent_destroy".to_owned());
    }
    if !finding.reason.is_empty() {
        parts.push(finding.reason.clone());
    }
    parts.join("; ")
}

/// Why a rule asks, and what to do.
fn told(rule: &RuleRecord) -> String {
    let see = if rule.see.is_empty() {
        String::new()
    } else {
        format!(" ({})", rule.see.join(", "))
    };
    let why = rule.why.trim_end_matches('.');
    format!("{why}. To do: {}{see}", rule.remedy)
}

/// A value on one line.
fn value(value: &serde_json::Value) -> String {
    super::text::cut(&super::escaped(&value.to_string()))
}

/// A change on one line.
fn change(change: &ChangeRecord) -> String {
    if change.sensitive {
        return format!("{}: (sensitive value)", super::escaped(&change.path));
    }
    let path = super::escaped(&change.path);
    format!(
        "{path}: {} -> {}",
        value(&change.before),
        value(&change.after)
    )
}

/// What shows that a rule fails, on one line.
fn shown(evidence: &Evidence) -> String {
    let name = super::escaped(&evidence.name);
    match &evidence.value {
        serde_json::Value::Null => format!("{name} is not set"),
        other => format!("{name} = {}", value(other)),
    }
}

/// What differs, or what shows that a rule fails, each on one line; and how many outputs changed with it.
fn lines(tracked: &Tracked) -> (Vec<String>, usize) {
    let (arguments, outputs) = changes(tracked);
    let evidence = tracked.finding.evidence.iter().map(shown);
    let all = arguments.into_iter().map(change).chain(evidence);
    (all.collect(), outputs)
}

/// Changes of arguments, and how many outputs changed with them.
fn changes(tracked: &Tracked) -> (Vec<&ChangeRecord>, usize) {
    let all = &tracked.finding.changes;
    let arguments: Vec<_> = all
        .iter()
        .filter(|change| change.mode == Mode::Argument)
        .collect();
    let outputs = all.len() - arguments.len();
    (arguments, outputs)
}

/// Places of a run, for heads of reports.
fn scope(audit: &Audit) -> Vec<String> {
    let of = |target: &crate::findings::TargetRecord| {
        let projects = target.projects.join(", ");
        match &target.failed {
            Some(why) => format!("{}: could not be looked at: {why}", target.name),
            None if audit.alone => asked(target),
            None => {
                let rules = match target.rules.len() {
                    0 => String::new(),
                    count => format!("; {} asked", many(count, "rule", "rules")),
                };
                format!(
                    "{}: {} of {} managed ({projects}){rules}",
                    target.name,
                    target.managed,
                    many(target.seen, "object", "objects")
                )
            }
        }
    };
    audit.run.targets.iter().map(of).collect()
}

/// What rules were asked of.
fn asked(target: &crate::findings::TargetRecord) -> String {
    let rules = many(target.rules.len(), "rule", "rules");
    let seen = many(target.seen, "object", "objects");
    let mut of: Vec<String> = target.projects.clone();
    if target.configured {
        of.push("configuration".to_owned());
    }
    of.extend(target.states.iter().cloned());
    let left = match target.rules_left_out.len() {
        0 => String::new(),
        count => format!(
            "; {} not asked, for {} at what was not read: all of a project (--project, --snapshot), or its clusters (--kubernetes)",
            many(count, "rule", "rules"),
            if count == 1 { "it looks" } else { "they look" }
        ),
    };
    let answers = many(target.checked, "answer", "answers");
    format!("{rules} over {seen} of {}, {answers}{left}", of.join(", "))
}
