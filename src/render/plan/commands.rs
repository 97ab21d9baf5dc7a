//! The plan as `tofu import` commands, for versions without import blocks.

use crate::plan::ImportPlan;

/// One line a step, in order, quoted for a shell.
pub fn commands(plan: &ImportPlan) -> String {
    let steps = plan.steps.iter().filter(|step| !step.refused);
    steps
        .map(|step| {
            format!(
                "tofu import {} {}\n",
                quoted(&step.address.to_string()),
                quoted(&step.import_id)
            )
        })
        .collect()
}

/// A word that a shell takes as it stands, or between single quotes.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    if !text.is_empty() && text.chars().all(plain) && !text.starts_with('-') {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_a_shell() {
        assert_eq!(quoted("projects/p/x"), "projects/p/x");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("t.n[\"it's\"]"), "'t.n[\"it'\\''s\"]'");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("$(rm)"), "'$(rm)'");
    }
}
