//! What becomes of findings from run to run: a fold over runs that nothing else remembers. In which order runs are given does not
//! matter.

use std::collections::BTreeMap;

use super::audit::{Audit, Life, Point, Tracked};
use super::finding::{Class, Finding, hash, identity};
use super::policy::{Judgement, Policy, Rule};
use super::run::{Presence, Run};
use super::severity::{Judged, severity};
use crate::forecast::Forecast;

/// What is known of a finding after some runs.
struct Track {
    finding: Finding,
    judgement: Judgement,
    digest: String,
    life: Life,
    since: String,
    not_before: Option<String>,
    last_seen: String,
    resolved: Option<String>,
    reopened: usize,
}

/// What an audit says of a run, after the runs before it. Runs of other audits, and those that are not before it, are left out.
pub fn fold(mut before: Vec<Run>, run: Run, policy: &Policy) -> Audit {
    before.retain(|earlier| earlier.audit == run.audit && earlier.at < run.at);
    before.sort_by(|a, b| a.at.cmp(&b.at));
    let previous = before.last().map(|run| run.at.clone());
    let mut tracks: BTreeMap<String, Track> = BTreeMap::new();
    let mut trend: Vec<Point> = Vec::new();
    let all: Vec<&Run> = before.iter().chain([&run]).collect();
    for (at, one) in all.iter().enumerate() {
        step(&mut tracks, one, &all[..at], policy);
        trend.push(point(&tracks, one, at.checked_sub(1).map(|at| all[at])));
    }
    let mut used = vec![0; policy.rules.len()];
    for track in tracks.values().filter(|track| track.life != Life::Resolved) {
        for rule in &track.judgement.used {
            used[*rule] += 1;
        }
    }
    let mut findings: Vec<Tracked> = tracks
        .into_values()
        // What was resolved long ago is history.
        .filter(|track| track.life != Life::Resolved || track.resolved.as_ref() == Some(&run.at))
        .map(Track::told)
        .collect();
    let mut rules: Vec<(Rule, usize)> = policy.rules.iter().cloned().zip(used).collect();
    rules.sort_by(|a, b| a.0.place.cmp(&b.0.place));
    let complete = run.is_complete();
    findings.extend(
        rules
            .iter()
            .filter_map(|(rule, used)| stale(rule, *used, complete, &run.at, policy)),
    );
    findings.sort_by(|a, b| a.rank().cmp(&b.rank()));
    Audit {
        run,
        findings,
        trend,
        previous,
        rules,
        today: policy.today.clone(),
        alone: false,
    }
}

fn step(tracks: &mut BTreeMap<String, Track>, run: &Run, before: &[&Run], policy: &Policy) {
    for track in tracks
        .values_mut()
        .filter(|track| track.life != Life::Resolved)
    {
        match run.presence(&track.finding.known()) {
            Presence::There => {}
            Presence::Gone => {
                track.life = Life::Resolved;
                track.resolved = Some(run.at.clone());
            }
            Presence::NotKnown | Presence::NotLooked => track.life = Life::Unknown,
        }
    }
    // That something was not known is no finding of the past once it is.
    tracks.retain(|_, track| track.finding.class != Class::Unknown || track.life != Life::Resolved);
    for finding in &run.findings {
        let hidden = finding.class == Class::Unknown
            && tracks.values().any(|track| {
                track.life == Life::Unknown
                    && track.finding.class != Class::Unknown
                    && track.finding.target == finding.target
                    && track.finding.known().rule == finding.known().rule
                    && (track.finding.subject == finding.subject
                        || track.finding.address == finding.address)
            });
        // It is told as what it was when it was last seen.
        if !hidden {
            see(tracks, finding, run, before, policy);
        }
    }
}

fn see(
    tracks: &mut BTreeMap<String, Track>,
    finding: &Finding,
    run: &Run,
    before: &[&Run],
    policy: &Policy,
) {
    let mut finding = finding.clone();
    let judgement = policy.judge(&mut finding);
    let digest = finding.digest();
    let known = finding.known();
    let clean = || {
        let looked = before
            .iter()
            .rev()
            .find(|earlier| earlier.presence(&known) == Presence::Gone);
        looked.map(|earlier| earlier.at.clone())
    };
    let seen = run.at.clone();
    let track = match tracks.remove(known.id) {
        None => {
            let not_before = clean();
            let life = match &not_before {
                None if !before.is_empty() => Life::NewlyVisible,
                Some(_) | None => Life::New,
            };
            Track {
                judgement,
                digest,
                life,
                since: seen.clone(),
                not_before,
                last_seen: seen,
                resolved: None,
                reopened: 0,
                finding,
            }
        }
        Some(old) if old.life == Life::Resolved => Track {
            judgement,
            digest,
            life: Life::Reopened,
            since: seen.clone(),
            not_before: clean(),
            last_seen: seen,
            resolved: None,
            reopened: old.reopened + 1,
            finding,
        },
        Some(old) => {
            let life = if old.digest == digest {
                Life::Open
            } else {
                Life::Changed
            };
            Track {
                judgement,
                digest,
                life,
                last_seen: seen,
                finding,
                ..old
            }
        }
    };
    tracks.insert(track.finding.id.clone(), track);
}

fn point(tracks: &BTreeMap<String, Track>, run: &Run, before: Option<&Run>) -> Point {
    let mut open = BTreeMap::new();
    let mut unknown = 0;
    for track in tracks
        .values()
        .filter(|track| track.judgement.accepted.is_none())
    {
        match track.life {
            Life::Resolved => {}
            Life::Unknown => unknown += 1,
            Life::New | Life::Reopened | Life::Changed | Life::NewlyVisible | Life::Open => {
                *open.entry(track.finding.class).or_default() += 1;
            }
        }
    }
    Point {
        at: run.at.clone(),
        open,
        unknown,
        complete: run.is_complete(),
        other_scope: before.is_some_and(|before| before.scope() != run.scope()),
        other_version: before.is_some_and(|before| before.version != run.version),
    }
}

impl Track {
    fn told(self) -> Tracked {
        Tracked {
            finding: self.finding,
            life: self.life,
            since: self.since,
            not_before: self.not_before,
            last_seen: self.last_seen,
            reopened: self.reopened,
            accepted: self.judgement.accepted,
            hidden: self.judgement.hidden,
        }
    }
}

/// A rule that no longer holds, or that matches nothing. That it matches nothing is known only where everything could be read.
fn stale(rule: &Rule, used: usize, complete: bool, now: &str, policy: &Policy) -> Option<Tracked> {
    let class = match (rule.is_expired(&policy.today), used) {
        (true, _) => Class::ExpiredRule,
        (false, 0) if complete => Class::UnusedRule,
        (false, _) => return None,
    };
    let severity = severity(&Judged {
        class,
        forecast: Forecast::None,
        changes: Vec::new(),
    });
    let subject = hash(&["rule", &rule.place.0, &rule.text()]);
    let finding = Finding {
        id: identity(&subject, class),
        subject,
        target: String::new(),
        class,
        severity,
        rtype: String::new(),
        address: None,
        object: rule.text(),
        project: String::new(),
        state: None,
        file: Some(rule.place.0.clone()),
        line: Some(rule.place.1),
        owners: Vec::new(),
        forecast: Forecast::None,
        prevent_destroy: false,
        reason: rule.reason.clone(),
        changes: Vec::new(),
        rule: None,
        evidence: Vec::new(),
    };
    Some(Tracked {
        finding,
        life: Life::Open,
        since: now.to_owned(),
        not_before: None,
        last_seen: now.to_owned(),
        reopened: 0,
        accepted: None,
        hidden: 0,
    })
}
