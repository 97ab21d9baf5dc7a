//! Rules of `check` for people: what to do, what a rule is, which there are.

use super::text::{Palette, brief, styled};
use crate::catalog::Catalog;
use crate::check::{About, Predicate, Rule, Rules};

/// What a rule says is to be done: arguments by their dotted names with values, and whether that makes the resource anew.
pub fn remedy(rule: &Rule, rtype: Option<&str>, catalog: &Catalog) -> String {
    let definition = rtype.and_then(|rtype| catalog.definition(rtype));
    let mut parts: Vec<String> = Vec::new();
    let mut replaces = false;
    for (family, value) in &rule.fix {
        let known = definition.map(|definition| &definition.schema);
        if let Some(schema) = known {
            // Of several types, each is told what it has.
            if !schema.attributes.contains_key(family) {
                continue;
            }
            replaces |= schema.ancestry(family).any(|facts| facts.force_new);
        }
        parts.push(format!("{family} = {}", brief(value)));
    }
    let mut out = parts.join(", ");
    if replaces {
        out.push_str(" (this replaces the resource)");
    }
    match (out.is_empty(), rule.remedy.is_empty()) {
        (true, _) => rule.remedy.clone(),
        (false, true) => out,
        (false, false) => format!("{out}; {}", rule.remedy),
    }
}

/// One rule: what it asks, of what, why, and what to do.
pub fn explain(rule: &Rule, catalog: &Catalog) -> String {
    let mut out = format!(
        "{}  {}  {}\n\n{}\n\n",
        styled(Palette::BOLD, &rule.id),
        rule.priority.as_str(),
        rule.summary,
        rule.why
    );
    let first = match &rule.about {
        About::Types(types) => {
            line(&mut out, "looks at", &types.join(", "));
            types.first().map(String::as_str)
        }
        About::Project => {
            line(&mut out, "looks at", "each project that is read");
            None
        }
    };
    let others: Vec<&str> = rule.neighbours.iter().map(String::as_str).collect();
    if !others.is_empty() {
        line(&mut out, "and at", &others.join(", "));
    }
    let predicate = |out: &mut String, name: &str, predicate: &Predicate| {
        line(out, name, predicate.text.trim());
    };
    if let Some(when) = &rule.when {
        predicate(&mut out, "applies when", when);
    }
    predicate(&mut out, "fails when", &rule.fails);
    if let Some((priority, when)) = &rule.graver {
        let name = format!("{} when", priority.as_str());
        predicate(&mut out, &name, when);
    }
    if !rule.evidence.is_empty() {
        line(&mut out, "shows", &rule.evidence.join(", "));
    }
    line(&mut out, "to do", &remedy(rule, first, catalog));
    for see in &rule.see {
        line(
            &mut out,
            "see also",
            &format!("{} {}", see.who, see.ids.join(", ")),
        );
    }
    if rule.whole {
        let needs = "all that a project has: it is not asked of configuration or state alone";
        line(&mut out, "needs", needs);
    }
    let (file, at) = &rule.place;
    line(&mut out, "stands in", &format!("{file}:{at}"));
    out
}

fn line(out: &mut String, name: &str, text: &str) {
    let name = styled(Palette::DIM, &format!("{name:<13}"));
    let text = text.replace('\n', &format!("\n{:15}", ""));
    out.push_str(&format!("  {name}{text}\n"));
}

/// All rules, one a line, by priority.
pub fn list(rules: &Rules) -> String {
    let mut all: Vec<&Rule> = rules.rules.iter().collect();
    all.sort_by(|a, b| (a.priority, &a.id).cmp(&(b.priority, &b.id)));
    let wide = all.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let line = |rule: &&Rule| {
        format!(
            "{}  {:<wide$}  {}\n",
            rule.priority.as_str(),
            rule.id,
            rule.summary
        )
    };
    let mut out: String = all.iter().map(line).collect();
    out.push_str(&format!("{} rules\n", all.len()));
    out
}
