//! How the provider lets planned differences pass: the closed list of its rules.

use super::expression::{fits, words};
use super::schema_path::SchemaPath;

/// How a planned difference is let pass by the provider.
#[derive(Clone, Debug, PartialEq)]
pub enum Suppress {
    /// Two texts that mean the same; of two lists as long as each other, every text and its counterpart.
    Text(TextRule),
    /// What is not there on a side, or says nothing there, equals what is there on the other.
    Empty(EmptyRule),
    /// The same elements in another order are equal.
    Order,
    /// The same elements in another order are equal, each by another rule.
    Members(Box<Suppress>),
    /// A list that agrees with the configured one when these texts are added to it.
    Plus(Vec<String>),
    /// Keys of a map that fit a pattern, in which `*` is any text, need not be in configuration.
    Keys(Vec<String>),
    /// The configured number is lower.
    Lower,
    /// Any difference passes.
    Always,
    /// No difference passes: the provider's own rule has no effect.
    Never,
    /// Another rule, where all of these hold.
    When(Box<Suppress>, Vec<When>),
    /// Cannot be told by rule: the forecast is unknown.
    Unclear,
}

/// Which two texts, the configured one and the one that is there, mean the same.
#[derive(Clone, Debug, PartialEq)]
pub enum TextRule {
    /// Letter case does not matter.
    Case,
    /// Letter case does not matter, and a dash in configuration is an underscore.
    CaseDash,
    /// Links that agree from `projects/` on are equal; a bare name equals a link that ends in it.
    Link,
    /// Links are equal from `projects/` on.
    Relative,
    /// Links that differ in the project alone are equal: one may name it by number.
    AnyProject,
    /// The same last segment is equal.
    LastSegment,
    /// Durations of equal length are equal.
    Duration,
    /// A time of day may lack the zero in front: `3:00` equals `03:00`.
    Clock,
    /// Equal JSON is equal.
    Json,
    /// Two spellings of one address range, or address, are equal.
    Range,
    /// Two spellings of one address, or range, are equal; what is no address (a link to one) lets any address be.
    Address,
    /// A configured size (`/14`) equals any address range of that size.
    Size,
    /// `443` equals `443-443`.
    Span,
    /// A configured text equal to one of these in any case lets any value be that is not empty (`auto`).
    Any(Vec<String>),
    /// A configured text stands for another (`sql` for the address of that scope).
    Alias(Vec<(String, String)>),
    /// The configured text up to TEXT is equal.
    Before(String),
    /// What is there up to TEXT is equal.
    Until(String),
    /// Equal JSON of the columns of a table is equal, as BigQuery compares it.
    Columns,
    /// What follows the first TEXT in configuration is taken in small letters.
    CaseAfter(String),
    /// A prefix that ends in TEXT may be left out on one side.
    OptionalPrefix(String),
    /// Texts are equal without this at their end.
    Trim(String),
    /// Letter case, and quotes around a text, do not matter.
    Quoted,
    /// The last so many characters in configuration are not later in order than those that are there.
    NotLater(usize),
    /// A configured text equals itself followed by `_` and a number that is not below the given one.
    Numbered(String, u64),
}

/// What equals something that is not there.
#[derive(Clone, Debug, PartialEq)]
pub enum EmptyRule {
    /// Empty in configuration lets any value be.
    Config,
    /// Nothing in configuration lets any value be; false, 0 and empty text do not.
    Unsaid,
    /// A block missing on either side is no difference.
    Missing,
    /// A configured block of nothing but zeros equals no block.
    Block,
    /// A block missing on one side equals one that holds nothing but zeros and these texts.
    Blank(Vec<String>),
    /// Blocks in which configuration says nothing, or no more than false and empty text, need not be there. Texts of a list have no
    /// order.
    Mute,
    /// A configured text equal to one of these equals the empty value (`BUILT_IN`).
    ZeroNames(Vec<String>),
    /// Nothing in configuration lets this text, or a list of just this one, be.
    Unwritten(String),
    /// A block that configuration leaves out equals one in which this member is zero.
    Off(String),
    /// A configured block in which this member is zero equals no block.
    Added(String),
}

/// A condition on another attribute: as configuration says (or its default where its block is written), else as it is there.
#[derive(Clone, Debug, PartialEq)]
pub struct When {
    /// The attribute. Of blocks that stand around both, the very same ones are meant; of others the first.
    pub family: SchemaPath,
    /// Patterns in which `*` is any text; the value, spelt as text, fits one of them, and none of those behind a `!`. No value
    /// is the empty text.
    pub patterns: Vec<String>,
}

impl When {
    /// Whether a value, spelt as text, is one of those meant.
    pub fn fits(&self, text: &str) -> bool {
        let (not, yes): (Vec<&str>, Vec<&str>) = self
            .patterns
            .iter()
            .map(String::as_str)
            .partition(|p| p.starts_with('!'));
        (yes.is_empty() || yes.iter().any(|pattern| fits(text, pattern)))
            && !not.iter().any(|pattern| fits(text, &pattern[1..]))
    }
}

impl Suppress {
    /// Reads `RULE WORDS… [if ATTRIBUTE VALUE… [and ATTRIBUTE VALUE…]]`.
    ///
    /// # Errors
    /// One line saying what is not understood.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (words, conditions) = conditional(text)?;
        let rule = rule(&words, text)?;
        Ok(if conditions.is_empty() {
            rule
        } else {
            Self::When(Box::new(rule), conditions)
        })
    }

    /// The other attributes it depends on.
    pub fn conditions(&self) -> &[When] {
        if let Self::When(_, conditions) = self {
            conditions
        } else {
            &[]
        }
    }
}

/// A rule's words, and the conditions behind `if`.
pub(super) fn conditional(text: &str) -> Result<(Vec<String>, Vec<When>), String> {
    let words = words(text);
    let mut parts = words.splitn(2, |word| word == "if");
    let rule = parts.next().unwrap_or_default().to_vec();
    let Some(conditions) = parts.next() else {
        return Ok((rule, Vec::new()));
    };
    let when = |part: &[String]| match part {
        [family, patterns @ ..] if !patterns.is_empty() => Ok(When {
            family: SchemaPath::new(family),
            patterns: patterns.to_vec(),
        }),
        _ => Err(format!(
            "`{text}`: a condition is an attribute and the values it may have"
        )),
    };
    Ok((
        rule,
        conditions
            .split(|word| word == "and")
            .map(when)
            .collect::<Result<_, _>>()?,
    ))
}

fn rule(words: &[String], text: &str) -> Result<Suppress, String> {
    let (name, rest) = words
        .split_first()
        .ok_or_else(|| format!("`{text}` has no rule"))?;
    if let Some(rule) = text_rule(name, rest)? {
        return Ok(Suppress::Text(rule));
    }
    if let Some(rule) = empty_rule(name, rest) {
        return Ok(Suppress::Empty(rule));
    }
    Ok(match (name.as_str(), rest) {
        ("order", []) => Suppress::Order,
        ("members", [_, ..]) => Suppress::Members(Box::new(self::rule(rest, text)?)),
        ("plus", [_, ..]) => Suppress::Plus(rest.to_vec()),
        ("keys", [_, ..]) => Suppress::Keys(rest.to_vec()),
        ("lower", []) => Suppress::Lower,
        ("always", []) => Suppress::Always,
        ("never", []) => Suppress::Never,
        ("unclear", []) => Suppress::Unclear,
        _ => return Err(format!("`{text}` is no way of letting a difference pass")),
    })
}

fn text_rule(name: &str, rest: &[String]) -> Result<Option<TextRule>, String> {
    Ok(Some(match (name, rest) {
        ("case", []) => TextRule::Case,
        ("case-dash", []) => TextRule::CaseDash,
        ("link", []) => TextRule::Link,
        ("relative", []) => TextRule::Relative,
        ("any-project", []) => TextRule::AnyProject,
        ("last-segment", []) => TextRule::LastSegment,
        ("duration", []) => TextRule::Duration,
        ("clock", []) => TextRule::Clock,
        ("json", []) => TextRule::Json,
        ("range", []) => TextRule::Range,
        ("address", []) => TextRule::Address,
        ("size", []) => TextRule::Size,
        ("span", []) => TextRule::Span,
        ("any", [_, ..]) => TextRule::Any(rest.to_vec()),
        ("alias", [_, ..]) if rest.len().is_multiple_of(2) => TextRule::Alias(
            rest.chunks(2)
                .map(|pair| (pair[0].clone(), pair[1].clone()))
                .collect(),
        ),
        ("before", [mark]) => TextRule::Before(mark.clone()),
        ("until", [mark]) => TextRule::Until(mark.clone()),
        ("columns", []) => TextRule::Columns,
        ("case-after", [mark]) => TextRule::CaseAfter(mark.clone()),
        ("optional-prefix", [mark]) => TextRule::OptionalPrefix(mark.clone()),
        ("trim", [end]) => TextRule::Trim(end.clone()),
        ("quoted", []) => TextRule::Quoted,
        ("not-later", [count]) => TextRule::NotLater(number(count)?),
        ("numbered", [stem, least]) => TextRule::Numbered(stem.clone(), number(least)?),
        _ => return Ok(None),
    }))
}

fn empty_rule(name: &str, rest: &[String]) -> Option<EmptyRule> {
    Some(match (name, rest) {
        ("empty-config", []) => EmptyRule::Config,
        ("unsaid", []) => EmptyRule::Unsaid,
        ("missing", []) => EmptyRule::Missing,
        ("empty-block", []) => EmptyRule::Block,
        ("blank", names) => EmptyRule::Blank(names.to_vec()),
        ("mute", []) => EmptyRule::Mute,
        ("zero-names", [_, ..]) => EmptyRule::ZeroNames(rest.to_vec()),
        ("unwritten", [only]) => EmptyRule::Unwritten(only.clone()),
        ("off", [member]) => EmptyRule::Off(member.clone()),
        ("added", [member]) => EmptyRule::Added(member.clone()),
        _ => return None,
    })
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("`{word}` is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_words_and_conditions() {
        let case = || Suppress::Text(TextRule::Case);
        assert_eq!(Suppress::parse("case").unwrap(), case());
        assert_eq!(
            Suppress::parse("members case").unwrap(),
            Suppress::Members(Box::new(case()))
        );
        assert_eq!(
            Suppress::parse("zero-names A B").unwrap(),
            Suppress::Empty(EmptyRule::ZeroNames(vec!["A".into(), "B".into()]))
        );
        let Suppress::When(rule, conditions) =
            Suppress::parse("lower if a.b true and c \"\" X*").unwrap()
        else {
            panic!()
        };
        assert_eq!(*rule, Suppress::Lower);
        let when = |family: &str, patterns: &[&str]| When {
            family: SchemaPath::new(family),
            patterns: patterns.iter().map(|p| (*p).to_owned()).collect(),
        };
        assert_eq!(conditions, [when("a.b", &["true"]), when("c", &["", "X*"])]);
        assert!(conditions[1].fits("") && conditions[1].fits("XY") && !conditions[1].fits("Y"));
        let not = when("c", &["!X*", "!Y"]);
        assert!(
            not.fits("")
                && !not.fits("XY")
                && !not.fits("Y")
                && !when("c", &["X*", "!XY"]).fits("XY")
        );
        for text in [
            "",
            "nosuch",
            "case x",
            "numbered A x",
            "always if",
            "always if a",
            "members nosuch",
        ] {
            assert!(Suppress::parse(text).is_err(), "{text}");
        }
    }
}
