//! Texts that mean the same to the provider.

use crate::catalog::TextRule;
use crate::compare::replace::range;

impl TextRule {
    /// Whether a configured text and one that is there are one to the provider.
    pub(super) fn lets_pass(&self, a: &str, b: &str) -> bool {
        match self {
            Self::Case => a.eq_ignore_ascii_case(b),
            Self::CaseDash => a.replace('-', "_").eq_ignore_ascii_case(b),
            Self::Link => links(a, b),
            Self::Relative => relative(a) == relative(b),
            Self::AnyProject => projectless(a) == projectless(b),
            Self::LastSegment => a.rsplit('/').next() == b.rsplit('/').next(),
            Self::Duration => seconds(a).is_some() && seconds(a) == seconds(b),
            Self::Clock => clock(a) == clock(b),
            Self::Json => json(a).is_some() && json(a) == json(b),
            Self::Range => range(a).is_some() && range(a) == range(b),
            Self::Address => range(b).is_some() && (range(a).is_none() || range(a) == range(b)),
            Self::Size => a.starts_with('/') && b.ends_with(a),
            Self::Span => b
                .split_once('-')
                .is_some_and(|(from, to)| from == a && to == a),
            Self::Any(names) => {
                !b.is_empty() && names.iter().any(|name| name.eq_ignore_ascii_case(a))
            }
            Self::Alias(pairs) => pairs.iter().any(|(short, long)| short == a && long == b),
            Self::Before(mark) => a.split(mark.as_str()).next() == Some(b),
            Self::Until(mark) => b.split(mark.as_str()).next() == Some(a),
            Self::Columns => super::columns::same(a, b),
            Self::CaseAfter(mark) => a
                .split_once(mark.as_str())
                .is_some_and(|(head, tail)| format!("{head}{mark}{}", tail.to_lowercase()) == b),
            Self::OptionalPrefix(mark) => bare(a, mark, b) || bare(b, mark, a),
            Self::Trim(end) => a.trim_end_matches(end.as_str()) == b.trim_end_matches(end.as_str()),
            Self::Quoted => a
                .trim_matches('"')
                .eq_ignore_ascii_case(b.trim_matches('"')),
            Self::NotLater(count) => {
                (end(a, *count).zip(end(b, *count))).is_some_and(|(a, b)| a <= b)
            }
            Self::Numbered(stem, least) => {
                a == stem && numbered(b, stem).is_some_and(|number| number >= *least)
            }
        }
    }
}

fn clock(text: &str) -> String {
    if text.len() == 4 {
        format!("0{text}")
    } else {
        text.to_owned()
    }
}

/// Whether one text is the other without its prefix.
fn bare(text: &str, mark: &str, prefixed: &str) -> bool {
    !text.contains(mark)
        && prefixed
            .split_once(mark)
            .is_some_and(|(_, rest)| rest == text)
}

/// The last characters of a text that has more than those.
fn end(text: &str, count: usize) -> Option<&str> {
    text.get(text.len().checked_sub(count).filter(|at| *at > 0)?..)
}

fn numbered(text: &str, stem: &str) -> Option<u64> {
    text.strip_prefix(stem)?.strip_prefix('_')?.parse().ok()
}

/// A link without the project it names.
fn projectless(link: &str) -> (&str, &str) {
    let path = relative(link);
    path.strip_prefix("projects/")
        .and_then(|rest| rest.split_once('/'))
        .map_or(("", path), |(_, rest)| ("projects", rest))
}

/// A link from `projects/` on.
fn relative(link: &str) -> &str {
    link.find("projects/").map_or(link, |at| &link[at..])
}

/// Links agree from `projects/` on; a bare name agrees with a link that ends in it.
fn links(a: &str, b: &str) -> bool {
    let (a, b) = (relative(a), relative(b));
    a == b
        || (!a.contains('/') && b.rsplit('/').next() == Some(a))
        || (!b.contains('/') && a.rsplit('/').next() == Some(b))
}

/// A duration in seconds: whole numbers of d, h, m, s, also one after the other (`1h30m`).
fn seconds(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut digits = String::new();
    for c in text.chars() {
        let unit = match c {
            '0'..='9' | '.' => {
                digits.push(c);
                continue;
            }
            'd' => 86_400.0,
            'h' => 3_600.0,
            'm' => 60.0,
            's' => 1.0,
            _ => return None,
        };
        total += std::mem::take(&mut digits).parse::<f64>().ok()? * unit;
    }
    (digits.is_empty() && !text.is_empty()).then_some(total)
}

fn json(text: &str) -> Option<serde_json::Value> {
    serde_json::from_str(text).ok()
}
