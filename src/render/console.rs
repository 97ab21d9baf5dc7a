//! The drift report for people, in tofu's glyphs and colours.

use std::collections::BTreeMap;

use similar::{ChangeTag, TextDiff};

use super::Heading;
use super::text::{Palette, brief, escaped, lines, styled};
use crate::compare::{Action, Change, Comparison, Forecast, Mode, Row, Shortfall, Source, Verdict};
use crate::model::Value;

/// The report, with colours; whoever writes it strips them where they do not belong.
pub fn drift(comparison: &Comparison, heading: &Heading) -> String {
    let mut out = String::new();
    let mut module: Option<String> = None;
    for row in comparison
        .rows
        .iter()
        .filter(|row| row.address.is_some() && shown(row, heading))
    {
        let own = row
            .address
            .as_ref()
            .map(|address| address.module())
            .unwrap_or_default();
        if module.as_ref() != Some(&own) {
            let name = if own.is_empty() { "root module" } else { &own };
            out.push_str(&format!("{}\n", styled(Palette::BOLD, &escaped(name))));
            module = Some(own);
        }
        managed(&mut out, row, comparison, heading);
    }
    for (verdict, title) in [
        (Verdict::Unmanaged, "Not in any state"),
        (Verdict::Owned, "Google's own, or part of another resource"),
    ] {
        loose(&mut out, comparison, verdict, title, heading);
    }
    gaps(&mut out, &comparison.gaps);
    closing(&mut out, comparison, heading);
    out
}

fn shown(row: &Row, heading: &Heading) -> bool {
    heading.all
        || row.verdict.is_difference()
        || row.verdict == Verdict::Unknown
        || !matches!(row.forecast, Forecast::None | Forecast::Unknown)
        || row.verdict == Verdict::InSync && !row.reason.is_empty()
}

/// Glyph, colour and sentence of a row.
fn says(row: &Row) -> (&'static str, anstyle::Style, String) {
    let would = match row.forecast {
        Forecast::None => "tofu would do nothing",
        Forecast::Unknown => "what tofu would do depends on configuration",
        Forecast::Update => "tofu would update it in place",
        Forecast::Replace => "tofu would REPLACE it",
        Forecast::Create => "tofu would create it",
        Forecast::Delete => "tofu would destroy it",
    };
    let (glyph, style) = match (row.verdict, row.forecast) {
        (_, Forecast::Replace) => ("-/+", Palette::REMOVE),
        (Verdict::Missing, _) | (_, Forecast::Delete) => ("-", Palette::REMOVE),
        (Verdict::Unmanaged | Verdict::Declared, _) => ("+", Palette::ADD),
        (Verdict::ClaimedTwice, _) => ("!", Palette::REMOVE),
        (Verdict::Unknown, _) => ("?", Palette::UNKNOWN),
        (Verdict::InSync, Forecast::None) | (Verdict::ComputedDrift | Verdict::Owned, _) => {
            (" ", Palette::DIM)
        }
        _ => ("~", Palette::CHANGE),
    };
    let what = match row.verdict {
        Verdict::InSync if row.forecast == Forecast::None => "in sync".to_owned(),
        Verdict::InSync => format!("state and cloud agree; {would}"),
        Verdict::Drifted => format!("drifted; {would}"),
        Verdict::ComputedDrift => "only outputs differ".to_owned(),
        Verdict::Missing => format!("missing: in state, gone from the cloud; {would}"),
        Verdict::Unmanaged => "unmanaged".to_owned(),
        Verdict::Declared => format!("declared, not in state; {would}"),
        Verdict::ClaimedTwice => "claimed twice".to_owned(),
        Verdict::Unknown => "unknown".to_owned(),
        Verdict::Owned => "not counted".to_owned(),
    };
    let reason = if row.reason.is_empty() {
        String::new()
    } else {
        format!(" ({})", escaped(&row.reason))
    };
    let refuses = if row.prevented {
        "; tofu refuses: prevent_destroy"
    } else {
        ""
    };
    (glyph, style, format!("{what}{refuses}{reason}"))
}

fn managed(out: &mut String, row: &Row, comparison: &Comparison, heading: &Heading) {
    let (glyph, style, what) = says(row);
    let Some(address) = &row.address else { return };
    let local = address.to_string();
    let module = address.module();
    let local = local.strip_prefix(&format!("{module}.")).unwrap_or(&local);
    let state = row
        .state
        .filter(|_| comparison.states.len() > 1)
        .and_then(|at| comparison.states.get(at));
    let state = state.map_or(String::new(), |state| format!(" [{}]", escaped(state)));
    out.push_str(&format!(
        "  {} {}{state}  {what}\n",
        styled(style, &format!("{glyph:<3}")),
        escaped(local)
    ));
    for miss in comparison.near.get(address).into_iter().flatten() {
        out.push_str(&format!(
            "        near miss: {}\n",
            escaped(&miss.sentence())
        ));
    }
    let mut hidden = 0;
    for change in &row.changes {
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
fn loose(
    out: &mut String,
    comparison: &Comparison,
    verdict: Verdict,
    title: &str,
    heading: &Heading,
) {
    let rows: Vec<&Row> = comparison
        .rows
        .iter()
        .filter(|row| row.address.is_none() && row.verdict == verdict)
        .collect();
    if rows.is_empty() || (verdict == Verdict::Owned && !heading.all) {
        return;
    }
    out.push_str(&format!("{}\n", styled(Palette::BOLD, title)));
    for row in rows {
        let (glyph, style, what) = says(row);
        let what = if verdict == Verdict::Unmanaged {
            String::new()
        } else {
            format!("  {what}")
        };
        out.push_str(&format!(
            "  {} {}  {}{what}\n",
            styled(style, &format!("{glyph:<3}")),
            row.rtype,
            escaped(&row.import_id)
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

fn closing(out: &mut String, comparison: &Comparison, heading: &Heading) {
    if !out.is_empty() {
        out.push('\n');
    }
    let count = |verdict| comparison.count(verdict);
    let words = [
        (Verdict::InSync, "in sync"),
        (Verdict::Drifted, "drifted"),
        (Verdict::ComputedDrift, "with changed outputs only"),
        (Verdict::Missing, "missing"),
        (Verdict::Declared, "declared only"),
        (Verdict::ClaimedTwice, "claimed twice"),
        (Verdict::Unknown, "unknown"),
        (Verdict::Unmanaged, "unmanaged"),
    ];
    let counts: Vec<_> = words
        .iter()
        .filter(|(verdict, _)| count(*verdict) > 0)
        .map(|(verdict, word)| format!("{} {word}", count(*verdict)))
        .collect();
    let counts = if counts.is_empty() {
        "nothing to compare".to_owned()
    } else {
        counts.join(", ")
    };
    let (managed, seen) = comparison.coverage();
    out.push_str(&format!("{}: {counts}.\n", styled(Palette::BOLD, "Drift")));
    out.push_str(&format!(
        "Coverage: {managed} of {seen} objects seen are managed"
    ));
    let owned = count(Verdict::Owned);
    if owned > 0 {
        out.push_str(&format!(
            " ({owned} of Google's own or part of others not counted)"
        ));
    }
    let skipped: usize = comparison.skipped.values().sum();
    if skipped > 0 {
        let types = comparison.skipped.len();
        out.push_str(&format!(
            "; {skipped} in state of {types} other type{} not compared",
            if types == 1 { "" } else { "s" }
        ));
    }
    if comparison.foreign > 0 {
        out.push_str(&format!(
            "; {} of other providers left alone",
            comparison.foreign
        ));
    }
    if !comparison.disabled.is_empty() {
        let count = comparison.disabled.len();
        out.push_str(&format!(
            "; {count} listing{} of APIs that are not enabled",
            if count == 1 { "" } else { "s" }
        ));
    }
    if !comparison.gaps.is_empty() {
        let gaps = comparison.gaps.len();
        out.push_str(&format!(
            "; INCOMPLETE: {gaps} listing{} could not be read",
            if gaps == 1 { "" } else { "s" }
        ));
    }
    out.push_str(".\n");
    let replaced = comparison
        .rows
        .iter()
        .filter(|row| row.forecast == Forecast::Replace)
        .count();
    if replaced > 0 {
        let line = format!("{replaced} would be REPLACED by the next apply.");
        out.push_str(&format!("{}\n", styled(Palette::REMOVE, &line)));
    }
    let prevented = comparison.rows.iter().filter(|row| row.prevented).count();
    if prevented > 0 {
        let line = format!("tofu refuses the whole plan: prevent_destroy holds for {prevented}.");
        out.push_str(&format!("{}\n", styled(Palette::REMOVE, &line)));
    }
    let _ = heading;
}
