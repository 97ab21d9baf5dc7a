//! `driftline diff`: what became of findings between two runs of an audit.

use std::path::Path;

use super::places::day;
use super::policy::NAME;
use super::{AuditFormat, Ended, runs};
use crate::cli::args::DiffArgs;
use crate::cli::error::{CommandError, Outcome};
use crate::cli::output;
use crate::findings::{self, Life, Policy, Run, Verdict};

pub fn run(args: &DiffArgs) -> Result<Outcome, CommandError> {
    let outputs = output::outputs::<AuditFormat>(&args.out.out)?;
    let before = runs::one(&args.before)?;
    let after = runs::one(&args.after)?;
    comparable((&args.before, &before), (&args.after, &after))?;
    let policy = Policy {
        today: day(&after.at).to_owned(),
        ..Policy::default()
    };
    let said = findings::fold(vec![before], after, &policy);
    let moved = |life: Life| life.is_news() || life == Life::Resolved;
    let verdict = if said.findings.iter().any(|one| moved(one.life)) {
        Verdict::Failing
    } else if said.is_complete() {
        Verdict::Clean
    } else {
        Verdict::Incomplete
    };
    let ended = Ended {
        said,
        verdict,
        home: NAME.to_owned(),
    };
    for output in &outputs {
        output::write(output, &ended.rendered(output.format))?;
    }
    Ok(ended.outcome(false))
}

/// Whether two runs can be held against each other.
fn comparable(before: (&Path, &Run), after: (&Path, &Run)) -> Result<(), CommandError> {
    let ((first, before), (second, after)) = (before, after);
    let (first, second) = (first.display(), second.display());
    if before.audit != after.audit {
        let what = format!(
            "{first} is a run of `{}`, {second} one of `{}`",
            before.audit, after.audit
        );
        return Err(CommandError::new(what).hint("name two runs of one audit"));
    }
    if before.at >= after.at {
        let what = format!("{first} is not before {second}");
        return Err(CommandError::new(what).hint("name the earlier run first"));
    }
    Ok(())
}
