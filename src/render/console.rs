//! The drift report for people, in tofu's glyphs and colours.

use std::collections::BTreeMap;

use similar::{ChangeTag, TextDiff};

use super::Heading;
use super::remark;
use super::text::{Palette, brief, escaped, lines, styled};
use crate::compare::{Action, Change, Coverage, Mode, Shortfall, Source, Verdict};
use crate::forecast::{Forecast, Outcome, Outlook};
use crate::model::{Address, Unknown, Value};

/// The report, with colours; whoever writes it strips them where they do not belong.
pub fn drift(outlook: &Outlook, heading: &Heading) -> String {
    let mut out = String::new();
    let mut module: Option<String> = None;
    for outcome in outlook
        .outcomes
        .iter()
        .filter(|outcome| shown(outcome, heading))
    {
        let Some(address) = &outcome.row.address else {
            continue;
        };
        let own = address.module();
        if module.as_ref() != Some(&own) {
            let name = if own.is_empty() { "root module" } else { &own };
            out.push_str(&format!("{}\n", styled(Palette::BOLD, &escaped(name))));
            module = Some(own);
        }
        managed(&mut out, address, outcome, outlook, heading);
    }
    for (verdict, title) in [
        (Verdict::Unmanaged, "Not in any state"),
        (Verdict::Unknown, "In no state that could be read"),
        (Verdict::Owned, "Google's own, or part of another resource"),
    ] {
        loose(&mut out, outlook, verdict, title, heading);
    }
    gaps(&mut out, &outlook.coverage.gaps);
    configuration(&mut out, outlook);
    closing(&mut out, outlook);
    out
}

fn shown(outcome: &Outcome, heading: &Heading) -> bool {
    let row = &outcome.row;
    let told = outcome.remark.is_some() || row.doubt.is_some();
    heading.all
        || row.verdict.is_difference()
        || row.verdict == Verdict::Unknown
        || outcome.forecast.is_change()
        || row.verdict == Verdict::InSync && told
}

/// What tofu would do, as a clause.
fn would(outcome: &Outcome) -> &'static str {
    match outcome.forecast {
        Forecast::None => "tofu would do nothing",
        Forecast::Unknown => match &outcome.why {
            Some(Unknown::ConfigurationNotGiven) | None => {
                "what tofu would do depends on configuration"
            }
            Some(_) => "what tofu would do is not known",
        },
        Forecast::Update => "tofu would update it in place",
        Forecast::Replace => "tofu would REPLACE it",
        Forecast::Create => "tofu would create it",
        Forecast::Delete => "tofu would destroy it",
        Forecast::Forget => "tofu would forget it and leave it in the cloud",
    }
}

/// Glyph and colour of an outcome: a replacement and an end are told by the forecast, the rest by the verdict.
fn glyph(outcome: &Outcome) -> (&'static str, anstyle::Style) {
    match outcome.forecast {
        Forecast::Replace => return ("-/+", Palette::REMOVE),
        Forecast::Delete => return ("-", Palette::REMOVE),
        Forecast::None
        | Forecast::Unknown
        | Forecast::Update
        | Forecast::Forget
        | Forecast::Create => {}
    }
    match outcome.row.verdict {
        Verdict::Missing => ("-", Palette::REMOVE),
        Verdict::Unmanaged | Verdict::Declared => ("+", Palette::ADD),
        Verdict::ClaimedTwice => ("!", Palette::REMOVE),
        Verdict::Unknown => ("?", Palette::UNKNOWN),
        Verdict::InSync if outcome.forecast == Forecast::None => (" ", Palette::DIM),
        Verdict::ComputedDrift | Verdict::Owned => (" ", Palette::DIM),
        Verdict::InSync | Verdict::Drifted | Verdict::Deposed => ("~", Palette::CHANGE),
    }
}

/// The sentence of an outcome.
fn says(outcome: &Outcome, coverage: &Coverage) -> String {
    let would = would(outcome);
    let what = match outcome.row.verdict {
        Verdict::InSync if outcome.forecast == Forecast::None => "in sync".to_owned(),
        Verdict::InSync => format!("state and cloud agree; {would}"),
        Verdict::Drifted => format!("drifted; {would}"),
        Verdict::ComputedDrift => "only outputs differ".to_owned(),
        Verdict::Missing => format!("missing: in state, gone from the cloud; {would}"),
        Verdict::Unmanaged => "unmanaged".to_owned(),
        Verdict::Declared => format!("declared, not in state; {would}"),
        Verdict::ClaimedTwice => "claimed twice".to_owned(),
        Verdict::Deposed => format!("deposed: the former object of its address; {would}"),
        Verdict::Unknown => "unknown".to_owned(),
        Verdict::Owned => "not counted".to_owned(),
    };
    let reason = remark::reason(outcome, &coverage.gaps, &coverage.states);
    let reason = if reason.is_empty() {
        String::new()
    } else {
        format!(" ({})", escaped(&reason))
    };
    let looks = &coverage.looks;
    let address = outcome.row.address.as_ref();
    let open = if address.is_some_and(|address| looks.unconfirmed.contains(address)) {
        "; not confirmed"
    } else {
        ""
    };
    let refuses = if outcome.prevented {
        "; tofu refuses: prevent_destroy"
    } else {
        ""
    };
    format!("{what}{open}{refuses}{reason}")
}

fn managed(
    out: &mut String,
    address: &Address,
    outcome: &Outcome,
    outlook: &Outlook,
    heading: &Heading,
) {
    let (glyph, style) = glyph(outcome);
    let what = says(outcome, &outlook.coverage);
    let local = address.to_string();
    let module = address.module();
    let local = local.strip_prefix(&format!("{module}.")).unwrap_or(&local);
    let states = &outlook.coverage.states;
    let state = outcome.row.state.filter(|_| states.len() > 1);
    let state = state.and_then(|at| states.get(at));
    let state = state.map_or(String::new(), |state| format!(" [{}]", escaped(state)));
    out.push_str(&format!(
        "  {} {}{state}  {what}\n",
        styled(style, &format!("{glyph:<3}")),
        escaped(local)
    ));
    for miss in outlook.near.get(address).into_iter().flatten() {
        let miss = escaped(&remark::near_miss(miss));
        out.push_str(&format!("        near miss: {miss}\n"));
    }
    let mut hidden = 0;
    for change in &outcome.changes {
        if change.mode == Mode::Computed && !heading.all {
            hidden += 1;
        } else {
            changed(out, change);
        }
    }
    if hidden > 0 {
        let outputs = format!(
            "        ({hidden} output{} changed with it; --all shows them)\n",
            if hidden == 1 { "" } else { "s" }
        );
        out.push_str(&styled(Palette::DIM, &outputs));
    }
}

fn changed(out: &mut String, change: &Change) {
    let note = match (change.action, change.mode) {
        (_, Mode::Computed) => styled(Palette::DIM, "  # output"),
        (Action::Replace, _) => styled(Palette::REMOVE, "  # forces replacement"),
        (Action::None, _) => styled(Palette::DIM, "  # tofu lets it be"),
        _ => String::new(),
    };
    let source = match change.source {
        Source::Cloud => "",
        Source::Configuration => "  # configuration not applied",
        Source::Both => "  # changed in configuration and in the cloud",
    };
    let path = escaped(&change.path.to_string());
    let glyph = styled(Palette::CHANGE, "~");
    if change.sensitive {
        out.push_str(&format!(
            "        {glyph} {path}: (sensitive value){note}\n"
        ));
        return;
    }
    if let (Some(before), Some(after)) = (several(&change.before), several(&change.after)) {
        out.push_str(&format!("        {glyph} {path}:{note}{source}\n"));
        return difference(out, &before, &after);
    }
    if let (Value::List(before), Value::List(after)) = (&change.before, &change.after)
        && before.len().max(after.len()) > 1
    {
        out.push_str(&format!("        {glyph} {path}:{note}{source}\n"));
        return members(out, before, after);
    }
    let (before, after) = (brief(&change.before), brief(&change.after));
    out.push_str(&format!(
        "        {glyph} {path}: {before} -> {after}{note}{source}\n"
    ));
}

/// Lines of a value that is text of several lines; an absent one has none.
fn several(value: &Value) -> Option<String> {
    if value.is_empty() { None } else { lines(value) }
}

/// A real difference of two texts of several lines, with two lines around each change.
fn difference(out: &mut String, before: &str, after: &str) {
    let diff = TextDiff::from_lines(before, after);
    for (at, group) in diff.grouped_ops(2).iter().enumerate() {
        if at > 0 {
            out.push_str("              …\n");
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = escaped(change.value().trim_end_matches('\n'));
            let line = match change.tag() {
                ChangeTag::Delete => styled(Palette::REMOVE, &format!("- {line}")),
                ChangeTag::Insert => styled(Palette::ADD, &format!("+ {line}")),
                ChangeTag::Equal => format!("  {line}"),
            };
            out.push_str(&format!("            {line}\n"));
        }
    }
}

/// The members that came and went, of lists and sets.
fn members(out: &mut String, before: &[Value], after: &[Value]) {
    let mut rest: Vec<&Value> = after.iter().collect();
    let mut same = 0;
    for old in before {
        if let Some(at) = rest.iter().position(|new| new.same(old)) {
            rest.remove(at);
            same += 1;
        } else {
            out.push_str(&format!(
                "            {}\n",
                styled(Palette::REMOVE, &format!("- {}", brief(old)))
            ));
        }
    }
    for new in &rest {
        out.push_str(&format!(
            "            {}\n",
            styled(Palette::ADD, &format!("+ {}", brief(new)))
        ));
    }
    if rest.is_empty() && same == before.len() {
        out.push_str("              (the same members in another order)\n");
    } else if same > 0 {
        out.push_str(&styled(
            Palette::DIM,
            &format!("              ({same} the same)\n"),
        ));
    }
}

/// Objects no state knows, by type.
fn loose(out: &mut String, outlook: &Outlook, verdict: Verdict, title: &str, heading: &Heading) {
    let of = |outcome: &&Outcome| outcome.row.address.is_none() && outcome.row.verdict == verdict;
    let outcomes: Vec<&Outcome> = outlook.outcomes.iter().filter(of).collect();
    if outcomes.is_empty() || (verdict == Verdict::Owned && !heading.all) {
        return;
    }
    out.push_str(&format!("{}\n", styled(Palette::BOLD, title)));
    for outcome in outcomes {
        let (glyph, style) = glyph(outcome);
        let what = if verdict == Verdict::Unmanaged {
            String::new()
        } else {
            format!("  {}", says(outcome, &outlook.coverage))
        };
        out.push_str(&format!(
            "  {} {}  {}{what}\n",
            styled(style, &format!("{glyph:<3}")),
            outcome.row.rtype,
            escaped(&outcome.row.import_id)
        ));
    }
}

/// What of the configuration could not be read, and what of it tofu refuses.
fn configuration(out: &mut String, outlook: &Outlook) {
    if !outlook.unreadable.is_empty() {
        let title = "Configuration that could not be read";
        out.push_str(&format!("{}\n", styled(Palette::BOLD, title)));
    }
    for part in &outlook.unreadable {
        let (detail, fix) = remark::unreadable(part);
        let glyph = styled(Palette::UNKNOWN, "?  ");
        let module = escaped(&remark::module(part));
        out.push_str(&format!("  {glyph} {module}: {}\n", escaped(&detail)));
        out.push_str(&format!("        hint: {fix}\n"));
    }
    if outlook.is_refused() {
        let title = "tofu refuses to plan";
        out.push_str(&format!("{}\n", styled(Palette::BOLD, title)));
    }
    for refusal in &outlook.refusals {
        let glyph = styled(Palette::REMOVE, "!  ");
        out.push_str(&format!(
            "  {glyph} {}\n",
            escaped(&remark::refusal(refusal))
        ));
    }
}

/// Gaps, one line a cause.
fn gaps(out: &mut String, gaps: &[Shortfall]) {
    if gaps.is_empty() {
        return;
    }
    out.push_str(&format!("{}\n", styled(Palette::BOLD, "Could not be read")));
    let mut causes: BTreeMap<(&str, &str, &str), Vec<&Shortfall>> = BTreeMap::new();
    for gap in gaps {
        causes
            .entry((&gap.gap.listing, gap.gap.reason.as_str(), &gap.gap.fix))
            .or_default()
            .push(gap);
    }
    for ((listing, reason, fix), gaps) in causes {
        let scopes: Vec<String> = gaps
            .iter()
            .take(3)
            .map(|gap| escaped(&gap.gap.scope.to_string()))
            .collect();
        let more = if gaps.len() > 3 {
            format!(" and {} more", gaps.len() - 3)
        } else {
            String::new()
        };
        let hidden: usize = gaps.iter().map(|gap| gap.hides.len()).sum();
        let hides = if hidden > 0 {
            format!(
                "; {hidden} address{} unknown",
                if hidden == 1 { "" } else { "es" }
            )
        } else {
            String::new()
        };
        let line = format!(
            "  {} {listing} in {}{more}: {reason}{hides}\n",
            styled(Palette::UNKNOWN, "?  "),
            scopes.join(", ")
        );
        out.push_str(&line);
        if let Some(first) = gaps.first().filter(|gap| !gap.gap.detail.is_empty()) {
            out.push_str(&format!("        {}\n", escaped(&first.gap.detail)));
        }
        if !fix.is_empty() {
            out.push_str(&format!("        hint: {}\n", escaped(fix)));
        }
    }
}

/// The word for a verdict in the sum of a report; nothing for what is said elsewhere.
fn counted(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::InSync => Some("in sync"),
        Verdict::Drifted => Some("drifted"),
        Verdict::ComputedDrift => Some("with changed outputs only"),
        Verdict::Missing => Some("missing"),
        Verdict::Unmanaged => Some("unmanaged"),
        Verdict::Declared => Some("declared only"),
        Verdict::ClaimedTwice => Some("claimed twice"),
        Verdict::Deposed => Some("deposed"),
        Verdict::Unknown => Some("unknown"),
        Verdict::Owned => None,
    }
}

/// How many of something: nothing where there is none.
fn some(out: &mut Vec<String>, count: usize, one: &str, several: &str) {
    match count {
        0 => {}
        1 => out.push(format!("1 {one}")),
        _ => out.push(format!("{count} {several}")),
    }
}

fn closing(out: &mut String, outlook: &Outlook) {
    if !out.is_empty() {
        out.push('\n');
    }
    let mut counts = Vec::new();
    for verdict in Verdict::ALL {
        if let Some(word) = counted(*verdict) {
            some(&mut counts, outlook.count(*verdict), word, word);
        }
    }
    let counts = if counts.is_empty() {
        "nothing to compare".to_owned()
    } else {
        counts.join(", ")
    };
    out.push_str(&format!("{}: {counts}.\n", styled(Palette::BOLD, "Drift")));
    out.push_str(&format!("Coverage: {}.\n", coverage(outlook)));
    let mut loud = Vec::new();
    let replaced = outlook.count_forecast(Forecast::Replace);
    if replaced > 0 {
        loud.push(format!("{replaced} would be REPLACED by the next apply."));
    }
    let prevented = outlook
        .outcomes
        .iter()
        .filter(|outcome| outcome.prevented)
        .count();
    if prevented > 0 {
        loud.push(format!(
            "tofu refuses the whole plan: prevent_destroy holds for {prevented}."
        ));
    }
    for version in &outlook.coverage.versions {
        let line = escaped(&super::version::sentence(version));
        out.push_str(&format!("Provider: {line}.\n"));
    }
    for line in loud {
        out.push_str(&format!("{}\n", styled(Palette::REMOVE, &line)));
    }
}

/// What was looked at, and what not.
fn coverage(outlook: &Outlook) -> String {
    let coverage = &outlook.coverage;
    let (managed, seen) = outlook.managed();
    let owned = outlook.count(Verdict::Owned);
    let owned = if owned > 0 {
        format!(" ({owned} of Google's own or part of others not counted)")
    } else {
        String::new()
    };
    let mut parts = vec![format!(
        "{managed} of {seen} objects seen are managed{owned}"
    )];
    let skipped: usize = coverage.skipped.values().sum();
    if skipped > 0 {
        let types = coverage.skipped.len();
        let s = if types == 1 { "" } else { "s" };
        parts.push(format!(
            "{skipped} in state of {types} other type{s} not compared"
        ));
    }
    if coverage.foreign > 0 {
        parts.push(format!(
            "{} of other providers left alone",
            coverage.foreign
        ));
    }
    if coverage.looks.made > 0 {
        parts.push(format!("{} read a second time", coverage.looks.made));
    }
    if !coverage.looks.unconfirmed.is_empty() {
        parts.push(format!(
            "{} not confirmed by a second look (--confirm)",
            coverage.looks.unconfirmed.len()
        ));
    }
    let off = "listings of APIs that are not enabled";
    some(
        &mut parts,
        coverage.disabled.len(),
        "listing of APIs that are not enabled",
        off,
    );
    let mut missing = Vec::new();
    some(&mut missing, coverage.gaps.len(), "listing", "listings");
    some(
        &mut missing,
        outlook.unreadable.len(),
        "part of the configuration",
        "parts of the configuration",
    );
    if !missing.is_empty() {
        parts.push(format!(
            "INCOMPLETE: {} could not be read",
            missing.join(" and ")
        ));
    } else if !outlook.is_complete() {
        parts.push("INCOMPLETE: not everything is known".to_owned());
    }
    parts.join("; ")
}
