//! Which request goes next: bounds on what is in flight and on how often an API is asked.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::job::Job;

/// Requests that wait, by service.
#[derive(Debug)]
pub(super) struct Schedule {
    lanes: Vec<Lane>,
    /// The lane to look at first, so that no service starves another.
    turn: usize,
    in_flight: usize,
    limit: usize,
    waiting: usize,
}

#[derive(Debug)]
struct Lane {
    jobs: VecDeque<Job>,
    in_flight: usize,
    limit: usize,
    /// Requests that may be sent now. Google counts by the minute, so a minute's worth may go at once.
    allowance: f64,
    rate: f64,
    filled: Instant,
}

const WINDOW: f64 = 60.0;

impl Schedule {
    /// A schedule with this many requests in flight at most, and for each service its own bound and requests a second.
    pub fn new(limit: usize, services: impl Iterator<Item = (usize, u32)>, now: Instant) -> Self {
        let lane = |(limit, rate)| {
            let rate = f64::from(rate);
            Lane {
                jobs: VecDeque::new(),
                in_flight: 0,
                limit,
                allowance: rate * WINDOW,
                rate,
                filled: now,
            }
        };
        Self {
            lanes: services.map(lane).collect(),
            turn: 0,
            in_flight: 0,
            limit: limit.max(1),
            waiting: 0,
        }
    }

    /// Adds a request; one that leads to further ones goes first.
    pub fn add(&mut self, service: usize, job: Job) {
        self.waiting += 1;
        let jobs = &mut self.lanes[service].jobs;
        if job.number > 0 {
            jobs.push_front(job)
        } else {
            jobs.push_back(job)
        }
    }

    /// The next request that may go now, with its service.
    pub fn next(&mut self, now: Instant) -> Option<(usize, Job)> {
        if self.in_flight >= self.limit {
            return None;
        }
        for step in 0..self.lanes.len() {
            let at = (self.turn + step) % self.lanes.len();
            if let Some(job) = self.lanes[at].take(now) {
                self.turn = at + 1;
                self.in_flight += 1;
                self.waiting -= 1;
                return Some((at, job));
            }
        }
        None
    }

    /// Notes that a request of a service has come to its end.
    pub fn done(&mut self, service: usize) {
        self.in_flight -= 1;
        self.lanes[service].in_flight -= 1;
    }

    /// How many requests wait or are in flight.
    pub fn open(&self) -> usize {
        self.waiting + self.in_flight
    }

    /// When a service that waits for its rate alone may be asked again.
    pub fn wake(&self) -> Option<Instant> {
        let waits = |lane: &&Lane| {
            !lane.jobs.is_empty() && lane.in_flight < lane.limit && lane.allowance < 1.0
        };
        let at =
            |lane: &Lane| lane.filled + Duration::from_secs_f64((1.0 - lane.allowance) / lane.rate);
        self.lanes.iter().filter(waits).map(at).min()
    }
}

impl Lane {
    fn take(&mut self, now: Instant) -> Option<Job> {
        if self.in_flight >= self.limit || self.jobs.is_empty() {
            return None;
        }
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.allowance = (self.allowance + passed * self.rate).min(self.rate * WINDOW);
        self.filled = now;
        if self.allowance < 1.0 {
            return None;
        }
        self.allowance -= 1.0;
        self.in_flight += 1;
        self.jobs.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::job::Target;
    use super::*;
    use crate::model::Scope;

    fn job(path: &str) -> Job {
        let (scope, seen) = (Scope::default(), BTreeSet::new());
        Job {
            target: Target::Listing(0),
            scope,
            path: path.to_owned(),
            number: 0,
            token: None,
            seen,
        }
    }

    #[test]
    fn bounds_hold_and_services_take_turns() {
        let now = Instant::now();
        let mut schedule = Schedule::new(3, [(2, 1000), (2, 1000)].into_iter(), now);
        for at in [0, 0, 0, 1, 1] {
            schedule.add(at, job("x"));
        }
        let order: Vec<usize> =
            std::iter::from_fn(|| schedule.next(now).map(|(at, _)| at)).collect();
        assert_eq!(order, [0, 1, 0]);
        schedule.done(1);
        assert_eq!(schedule.next(now).map(|(at, _)| at), Some(1));
        assert_eq!(schedule.open(), 4);
    }

    #[test]
    fn a_service_waits_for_its_rate() {
        let now = Instant::now();
        let mut schedule = Schedule::new(1000, [(1000, 1)].into_iter(), now);
        (0..100).for_each(|_| schedule.add(0, job("x")));
        assert_eq!(std::iter::from_fn(|| schedule.next(now)).count(), 60);
        assert_eq!(schedule.wake(), Some(now + Duration::from_secs(1)));
        assert_eq!(
            std::iter::from_fn(|| schedule.next(now + Duration::from_secs(2))).count(),
            2
        );
    }
}
