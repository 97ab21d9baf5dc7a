//! Read quotas: how many requests an API takes within a window, whoever they are about.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::catalog::Quota;

/// The requests of one API that one project pays for, as far back as its quota looks.
///
/// An API counts from the turn of its own minute, which nobody outside knows: what is within the quota in every window that
/// could be laid is within it in the API's.
#[derive(Debug)]
pub(super) struct Meter {
    requests: usize,
    window: Duration,
    /// Longest pause after a refusal that does not say how long.
    longest: Duration,
    sent: VecDeque<Instant>,
    paused: Option<Instant>,
    refusals: u32,
}

impl Meter {
    pub fn new(quota: Quota, longest: Duration) -> Self {
        Self {
            requests: quota.requests as usize,
            window: Duration::from_secs(u64::from(quota.seconds)),
            longest,
            sent: VecDeque::new(),
            paused: None,
            refusals: 0,
        }
    }

    /// When the next request may go; nothing where it may go at once.
    pub fn opens(&self, now: Instant) -> Option<Instant> {
        let full = (self.sent.len() >= self.requests)
            .then(|| self.sent[self.sent.len() - self.requests] + self.window);
        full.max(self.paused).filter(|at| *at > now)
    }

    /// Notes a request.
    pub fn spend(&mut self, now: Instant) {
        while (self.sent.front()).is_some_and(|first| *first + self.window <= now) {
            self.sent.pop_front();
        }
        self.sent.push_back(now);
    }

    /// Whether the last refusal still stands: one request is enough to see whether it does.
    pub fn doubtful(&self) -> bool {
        self.refusals > 0
    }

    /// Notes that the API took a request.
    pub fn taken(&mut self) {
        self.refusals = 0;
    }

    /// Notes a refusal for want of quota of a request sent at `sent`: nothing goes until the time the API names, else until its
    /// window turns, as far as that can be told, and longer each time it refuses once more. Nothing where the time named is
    /// further off than any clock shows.
    pub fn refused(&mut self, sent: Instant, now: Instant, after: Option<Duration>) -> bool {
        // Several may be on their way when the first one is refused.
        if self.paused.is_none_or(|until| sent >= until) {
            self.refusals = self.refusals.saturating_add(1);
        }
        let until = match after {
            Some(after) => now.checked_add(after),
            None => {
                let turn = self.sent.front().map(|first| *first + self.window);
                let step = (self.window / 60) * 2u32.saturating_pow(self.refusals.min(7));
                let turns = turn.unwrap_or(now).max(now + step.min(self.window));
                Some(turns.min(now + self.longest))
            }
        };
        if let Some(until) = until {
            self.paused = self.paused.max(Some(until));
        }
        until.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(requests: u32, seconds: u32) -> Meter {
        Meter::new(Quota { requests, seconds }, Duration::from_secs(60))
    }

    #[test]
    fn no_window_wherever_it_is_laid_holds_more_than_the_quota() {
        let start = Instant::now();
        let mut meter = meter(300, 60);
        let mut sent: Vec<u64> = Vec::new();
        for tenth in 0..2400u64 {
            let now = start + Duration::from_millis(100 * tenth);
            while meter.opens(now).is_none() {
                meter.spend(now);
                sent.push(tenth);
            }
        }
        let within = |first: &u64| {
            sent.iter()
                .filter(|t| (*first..first + 600).contains(t))
                .count()
        };
        assert_eq!(sent.iter().map(within).max(), Some(300));
        assert_eq!(sent.len(), 4 * 300, "the quota is used to its end");
    }

    #[test]
    fn a_refusal_pauses_until_the_window_turns_and_longer_if_it_was_not_enough() {
        let start = Instant::now();
        let second = |n| start + Duration::from_secs(n);
        let mut meter = meter(300, 60);
        meter.spend(start);
        meter.spend(second(5));
        assert!(meter.refused(second(5), second(6), None));
        assert_eq!(meter.opens(second(6)), Some(second(60)));
        // One that was on its way already says nothing new.
        assert!(meter.refused(second(5), second(7), None));
        assert_eq!(meter.opens(second(7)), Some(second(60)));
        let mut waits = Vec::new();
        let mut now = 60;
        for _ in 0..6 {
            meter.spend(second(now));
            meter.refused(second(now), second(now), None);
            let opens = meter.opens(second(now)).unwrap();
            waits.push((opens - second(now)).as_secs());
            now += waits[waits.len() - 1];
        }
        assert!(
            waits.iter().all(|wait| (1..=60).contains(wait)),
            "{waits:?}"
        );
        assert!(meter.doubtful());
        meter.taken();
        assert!(!meter.doubtful());
    }

    #[test]
    fn a_time_beyond_every_clock_is_none() {
        let now = Instant::now();
        let mut meter = meter(1, 1);
        assert!(!meter.refused(now, now, Some(Duration::MAX)));
        assert!(meter.refused(now, now, Some(Duration::from_secs(7))));
        assert_eq!(meter.opens(now), Some(now + Duration::from_secs(7)));
    }
}
