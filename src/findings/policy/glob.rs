//! Patterns over addresses and import ids.

use serde::Deserialize;

/// `*` is any text within one part, `**` any text at all; everything else, brackets too, stands for itself. Parts of an address
/// end at dots (but not within brackets), those of an id at slashes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Glob(String);

impl Glob {
    /// A pattern.
    pub fn new(pattern: &str) -> Self {
        Self(pattern.to_owned())
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it fits the whole text.
    pub fn fits(&self, text: &str, end: char) -> bool {
        let pattern: Vec<char> = self.0.chars().collect();
        let mut depth = 0_usize;
        // What ends a part: not what a key in brackets holds.
        let text: Vec<(char, bool)> = text
            .chars()
            .map(|c| {
                depth = match c {
                    '[' => depth + 1,
                    ']' => depth.saturating_sub(1),
                    _ => depth,
                };
                (c, c == end && depth == 0)
            })
            .collect();
        fits(&pattern, &text)
    }
}

/// Whether a pattern fits, by the set of places in it that can be reached: no backtracking, so no pattern is slow.
fn fits(pattern: &[char], text: &[(char, bool)]) -> bool {
    let mut reached = vec![false; pattern.len() + 1];
    reached[0] = true;
    open(pattern, &mut reached);
    for (c, ends) in text {
        let mut next = vec![false; pattern.len() + 1];
        for (at, p) in pattern.iter().enumerate().filter(|(at, _)| reached[*at]) {
            if *p != '*' {
                next[at + 1] |= p == c;
                continue;
            }
            let double = pattern.get(at + 1) == Some(&'*') || (at > 0 && pattern[at - 1] == '*');
            next[at] |= double || !ends;
        }
        open(pattern, &mut next);
        reached = next;
    }
    reached[pattern.len()]
}

/// A star may stand for nothing.
fn open(pattern: &[char], reached: &mut [bool]) {
    for (at, p) in pattern.iter().enumerate() {
        if *p == '*' && reached[at] {
            reached[at + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_stays_within_a_part() {
        let fits = |pattern: &str, text: &str| Glob(pattern.to_owned()).fits(text, '.');
        assert!(fits("module.db.*", "module.db.x") && !fits("module.db.*", "module.db.x.y"));
        assert!(fits("module.db.**", "module.db.x.y") && fits("**", "") && fits("*", "abc"));
        assert!(fits("x.y[*]", "x.y[\"a.b\"]") && fits("x.y[\"a\"]", "x.y[\"a\"]"));
        assert!(!fits("x.y", "x.yz") && !fits("x.*z", "x.y") && fits("x.*z", "x.yz"));
        assert!(!fits("*.c", "a.b.c") && fits("**.c", "a.b.c"));
        assert!(!fits(&"*a".repeat(40), &"a".repeat(39)));
    }
}
