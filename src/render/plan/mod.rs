//! The import plan for people.

mod commands;
mod json;

use std::collections::BTreeMap;

use super::text::{Palette, brief, escaped, styled};
use crate::forecast::Forecast;
use crate::plan::{ImportPlan, Match, SkipReason, Standing, Step, Unmatched};
use crate::render::{remark, unknown};

pub use commands::commands;
pub use json::json;

/// The plan: what is announced, what is skipped, and (where nothing is written) the files as they would be.
pub fn console(plan: &ImportPlan, files: &BTreeMap<String, String>, show: bool) -> String {
    let mut out = String::new();
    if show {
        for (name, text) in files {
            out.push_str(&format!(
                "{}\n{}\n",
                styled(Palette::BOLD, &format!("# {}", escaped(name))),
                shown(text)
            ));
        }
    }
    for step in plan.announced() {
        announced(&mut out, step);
    }
    plan.steps
        .iter()
        .filter(|step| !step.refused)
        .for_each(|step| inferred(&mut out, step));
    plan.unmatched
        .iter()
        .for_each(|unmatched| self::unmatched(&mut out, unmatched));
    for skip in &plan.skips {
        let line = format!(
            "  skipped {} {}: {}",
            skip.rtype,
            escaped(&skip.import_id),
            escaped(&skip_reason(&skip.reason))
        );
        out.push_str(&format!("{}\n", styled(Palette::DIM, &line)));
    }
    for gap in &plan.gaps {
        let line = format!(
            "  {} {} in {}: {}",
            styled(Palette::UNKNOWN, "?"),
            gap.listing,
            escaped(&gap.scope.to_string()),
            gap.reason.as_str()
        );
        out.push_str(&format!("{line}\n        hint: {}\n", escaped(&gap.fix)));
    }
    out.push_str(&closing(plan));
    for version in &plan.versions {
        let line = escaped(&super::version::sentence(version));
        out.push_str(&format!("Provider: {line}.\n"));
    }
    out
}

/// A file's text: line breaks stand, anything else a terminal obeys does not.
fn shown(text: &str) -> String {
    text.lines()
        .map(|line| format!("{}\n", escaped(line)))
        .collect()
}

fn announced(out: &mut String, step: &Step) {
    let (glyph, style, what) = match step.forecast {
        Forecast::Update => ("~", Palette::CHANGE, "tofu will update it in place"),
        Forecast::Replace if step.refused => (
            "-/+",
            Palette::REMOVE,
            "left out: tofu would REPLACE it (--allow-replace writes it)",
        ),
        Forecast::Replace => ("-/+", Palette::REMOVE, "tofu will REPLACE it"),
        Forecast::Unknown => ("?", Palette::UNKNOWN, "what tofu will do cannot be told"),
        _ => ("+", Palette::ADD, "imported"),
    };
    let refuses = if step.prevented {
        "; tofu refuses: prevent_destroy"
    } else {
        ""
    };
    out.push_str(&format!(
        "{} {}  {what}{refuses}\n",
        styled(style, &format!("{glyph:<3}")),
        escaped(&step.address.to_string())
    ));
    for change in &step.changes {
        let reason = if change.reason.is_empty() {
            String::new()
        } else {
            format!("  # {}", escaped(&change.reason))
        };
        out.push_str(&format!(
            "        ~ {}: {} -> {}{reason}\n",
            escaped(&change.path),
            brief(&change.before),
            brief(&change.after)
        ));
    }
}

/// An import that is written although its object is only inferred.
fn inferred(out: &mut String, step: &Step) {
    if let Some(because) = step.matched.as_ref().and_then(Match::because) {
        let (address, id) = (escaped(&step.address.to_string()), escaped(&step.import_id));
        let glyph = styled(Palette::UNKNOWN, "≈  ");
        out.push_str(&format!(
            "{glyph} {address}  inferred to be {id}: {}\n",
            escaped(because)
        ));
    }
}

/// A declared instance for which nothing is imported.
fn unmatched(out: &mut String, unmatched: &Unmatched) {
    let (glyph, style, what) = match unmatched.standing {
        Standing::Ambiguous => (
            "?",
            Palette::UNKNOWN,
            format!("ambiguous, not written: {}; it may be", unmatched.reason),
        ),
        Standing::Unknown => ("?", Palette::UNKNOWN, unmatched.reason.clone()),
        Standing::Absent => (
            "+",
            Palette::ADD,
            "declared, and not in the cloud: tofu will create it".to_owned(),
        ),
    };
    let address = escaped(&unmatched.address.to_string());
    out.push_str(&format!(
        "{} {address}  {}\n",
        styled(style, &format!("{glyph:<3}")),
        escaped(&what)
    ));
    for id in &unmatched.candidates {
        out.push_str(&format!("        {}\n", escaped(id)));
    }
    for miss in &unmatched.near {
        out.push_str(&format!(
            "        near miss: {}\n",
            escaped(&remark::near_miss(miss))
        ));
    }
}

fn closing(plan: &ImportPlan) -> String {
    let count = |forecast: Forecast| {
        plan.steps
            .iter()
            .filter(|step| step.forecast == forecast && !step.refused)
            .count()
    };
    let refused = plan.refused().count();
    let mut out = format!(
        "\n{}: {} to import, {} of them with no change, {} updated, {} replaced",
        styled(Palette::BOLD, "Plan"),
        plan.steps.len() - refused,
        count(Forecast::None),
        count(Forecast::Update),
        count(Forecast::Replace)
    );
    if refused > 0 {
        out.push_str(&format!(
            "; {refused} left out because tofu would replace them"
        ));
    }
    let (several, none) = plan
        .unmatched
        .iter()
        .partition::<Vec<_>, _>(|one| !one.candidates.is_empty());
    if !several.is_empty() {
        out.push_str(&format!("; {} declared but ambiguous", several.len()));
    }
    if !none.is_empty() {
        out.push_str(&format!("; {} declared without an object", none.len()));
    }
    if !plan.removed.is_empty() {
        out.push_str(&format!(
            "; {} gone and to be forgotten",
            plan.removed.len()
        ));
    }
    if !plan.gaps.is_empty() {
        out.push_str(&format!(
            "; INCOMPLETE: {} listings could not be read",
            plan.gaps.len()
        ));
    }
    out.push_str(&format!("; {} skipped.\n", plan.skips.len()));
    out
}

/// Why an object is not imported, in a few words.
pub(super) fn skip_reason(reason: &SkipReason) -> String {
    match reason {
        SkipReason::NoSuchType => "this release of the provider does not have the type".to_owned(),
        SkipReason::NotImportable => "the provider cannot import this type".to_owned(),
        SkipReason::Blocked(words) => words.clone(),
        SkipReason::Belongs(remark) => remark::sentence(remark, &[]),
        SkipReason::Unread { attribute, why } => {
            format!("{attribute} could not be read: {}", unknown::sentence(why))
        }
        SkipReason::RequiredUnread(attribute) => {
            format!("the argument {attribute} is required and cannot be read")
        }
        SkipReason::OneOfUnread(members) => {
            format!(
                "one of {} is required, and none was read",
                members.join(", ")
            )
        }
        SkipReason::SecretInModule(argument) => {
            format!("{argument} is secret, and a variable for it has no way into a module")
        }
        SkipReason::MayBeDeclared(why) => {
            format!("it may be declared where {}", unknown::sentence(why))
        }
    }
}
