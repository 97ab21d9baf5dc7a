//! Which request goes next: bounds on what is in flight, and the quota of each API.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::job::Job;
use super::quota::Meter;
use crate::catalog::Quota;
use crate::collect::api_error::Failure;

/// Requests that wait, by service and by who pays for them.
#[derive(Debug)]
pub(super) struct Schedule {
    /// Of each service, what may be in flight and its quota.
    limits: Vec<(usize, Quota)>,
    /// Longest pause after a refusal that does not say how long.
    pause: Duration,
    lanes: Vec<Lane>,
    by_payer: BTreeMap<(usize, String), usize>,
    /// The lane to look at first, so that no service starves another.
    turn: usize,
    in_flight: usize,
    limit: usize,
    waiting: usize,
}

#[derive(Debug)]
struct Lane {
    service: usize,
    jobs: VecDeque<Job>,
    in_flight: usize,
    limit: usize,
    meter: Meter,
    /// What the API said when it last refused for want of quota.
    refusal: Option<Failure>,
}

impl Schedule {
    /// A schedule with this many requests in flight at most, and for each service its own bound and quota.
    pub fn new(
        limit: usize,
        services: impl Iterator<Item = (usize, Quota)>,
        pause: Duration,
    ) -> Self {
        Self {
            limits: services.collect(),
            pause,
            lanes: Vec::new(),
            by_payer: BTreeMap::new(),
            turn: 0,
            in_flight: 0,
            limit: limit.max(1),
            waiting: 0,
        }
    }

    /// Adds a request that `payer` pays for; one that leads to further ones goes first.
    pub fn add(&mut self, service: usize, payer: &str, job: Job) {
        self.waiting += 1;
        let at = self.lane(service, payer);
        let jobs = &mut self.lanes[at].jobs;
        if job.number > 0 {
            jobs.push_front(job)
        } else {
            jobs.push_back(job)
        }
    }

    fn lane(&mut self, service: usize, payer: &str) -> usize {
        let key = (service, payer.to_owned());
        if let Some(at) = self.by_payer.get(&key) {
            return *at;
        }
        let (limit, quota) = self.limits[service];
        self.lanes.push(Lane {
            service,
            jobs: VecDeque::new(),
            in_flight: 0,
            limit,
            meter: Meter::new(quota, self.pause),
            refusal: None,
        });
        self.by_payer.insert(key, self.lanes.len() - 1);
        self.lanes.len() - 1
    }

    /// The next request that may go now, with its lane.
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

    /// Notes that a request of a lane has come to its end.
    pub fn done(&mut self, lane: usize) {
        self.in_flight -= 1;
        self.lanes[lane].in_flight -= 1;
        self.lanes[lane].meter.taken();
    }

    /// Takes back a request, sent at `sent`, that was refused for want of quota: it goes again, first, when the quota is there
    /// again. It is given back where that is never.
    pub fn refused(
        &mut self,
        lane: usize,
        job: Job,
        sent: Instant,
        (failure, after): (Failure, Option<Duration>),
    ) -> Option<(Job, Failure)> {
        self.in_flight -= 1;
        let lane = &mut self.lanes[lane];
        lane.in_flight -= 1;
        if !lane.meter.refused(sent, Instant::now(), after) {
            return Some((job, failure));
        }
        lane.refusal = Some(failure);
        lane.jobs.push_front(job);
        self.waiting += 1;
        None
    }

    /// Takes out the requests that cannot go before the deadline, each with the refusal that keeps it, where there was one; and
    /// all those of services of which nothing is to be asked any more.
    pub fn overdue(
        &mut self,
        now: Instant,
        deadline: Instant,
        closed: impl Fn(usize) -> Option<Failure>,
    ) -> Vec<(Job, Option<Failure>)> {
        let mut out = Vec::new();
        for lane in &mut self.lanes {
            let why = match closed(lane.service) {
                Some(failure) => Some(failure),
                None if lane.meter.opens(now).unwrap_or(now) >= deadline => lane.refusal.clone(),
                None => continue,
            };
            self.waiting -= lane.jobs.len();
            out.extend(lane.jobs.drain(..).map(|job| (job, why.clone())));
        }
        out
    }

    /// How many requests wait or are in flight.
    pub fn open(&self) -> usize {
        self.waiting + self.in_flight
    }

    /// The services that wait for their quota alone, each with the time when it may be asked again.
    pub fn waits(&self, now: Instant) -> impl Iterator<Item = (usize, Instant)> + '_ {
        let waits = |lane: &&Lane| !lane.jobs.is_empty() && lane.in_flight < lane.limit;
        let until = move |lane: &Lane| Some((lane.service, lane.meter.opens(now)?));
        self.lanes.iter().filter(waits).filter_map(until)
    }
}

impl Lane {
    fn take(&mut self, now: Instant) -> Option<Job> {
        let limit = if self.meter.doubtful() { 1 } else { self.limit };
        if self.in_flight >= limit || self.jobs.is_empty() || self.meter.opens(now).is_some() {
            return None;
        }
        self.meter.spend(now);
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

    const MUCH: Quota = Quota {
        requests: 1000,
        seconds: 60,
    };

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

    fn schedule(limit: usize, services: &[(usize, Quota)]) -> Schedule {
        Schedule::new(limit, services.iter().copied(), Duration::from_secs(60))
    }

    #[test]
    fn bounds_hold_and_services_take_turns() {
        let now = Instant::now();
        let mut schedule = schedule(3, &[(2, MUCH), (2, MUCH)]);
        for at in [0, 0, 0, 1, 1] {
            schedule.add(at, "", job("x"));
        }
        let order: Vec<usize> =
            std::iter::from_fn(|| schedule.next(now).map(|(at, _)| at)).collect();
        assert_eq!(order, [0, 1, 0]);
        schedule.done(1);
        assert_eq!(schedule.next(now).map(|(at, _)| at), Some(1));
        assert_eq!(schedule.open(), 4);
    }

    #[test]
    fn a_service_waits_for_its_quota_and_no_other_does() {
        let now = Instant::now();
        let few = Quota {
            requests: 60,
            seconds: 60,
        };
        let mut schedule = schedule(1000, &[(1000, few), (1000, MUCH)]);
        (0..100).for_each(|_| schedule.add(0, "", job("x")));
        (0..100).for_each(|_| schedule.add(1, "", job("x")));
        let sent: Vec<usize> =
            std::iter::from_fn(|| schedule.next(now).map(|(at, _)| at)).collect();
        assert_eq!(sent.iter().filter(|at| **at == 0).count(), 60);
        assert_eq!(sent.iter().filter(|at| **at == 1).count(), 100);
        let minute = now + Duration::from_secs(60);
        assert_eq!(schedule.waits(now).collect::<Vec<_>>(), [(0, minute)]);
        assert_eq!(std::iter::from_fn(|| schedule.next(minute)).count(), 40);
    }

    #[test]
    fn whoever_pays_has_a_quota_of_their_own() {
        let now = Instant::now();
        let few = Quota {
            requests: 2,
            seconds: 60,
        };
        let mut schedule = schedule(1000, &[(1000, few)]);
        for payer in ["a", "b"] {
            (0..3).for_each(|_| schedule.add(0, payer, job("x")));
        }
        assert_eq!(std::iter::from_fn(|| schedule.next(now)).count(), 4);
    }

    #[test]
    fn what_is_refused_goes_again_and_the_first_alone() {
        let now = Instant::now();
        let mut schedule = schedule(1000, &[(1000, MUCH)]);
        (0..3).for_each(|at| schedule.add(0, "", job(&at.to_string())));
        let sent: Vec<(usize, Job)> = std::iter::from_fn(|| schedule.next(now)).collect();
        for (lane, job) in sent {
            let failure = (Failure::Timeout("spent".to_owned()), None);
            assert!(schedule.refused(lane, job, now, failure).is_none());
        }
        assert!(schedule.next(now).is_none() && schedule.open() == 3);
        let (_, turn) = schedule.waits(Instant::now()).next().unwrap();
        let (lane, _) = schedule.next(turn).unwrap();
        assert!(schedule.next(turn).is_none(), "one is enough to see");
        schedule.done(lane);
        assert_eq!(std::iter::from_fn(|| schedule.next(turn)).count(), 2);
        (0..2).for_each(|_| schedule.done(lane));
        assert_eq!(schedule.open(), 0);
    }

    #[test]
    fn what_cannot_go_in_time_is_handed_back_with_what_keeps_it() {
        let now = Instant::now();
        let few = Quota {
            requests: 1,
            seconds: 60,
        };
        let mut schedule = schedule(1000, &[(1000, few), (1000, few)]);
        (0..3).for_each(|_| schedule.add(0, "", job("x")));
        (0..2).for_each(|_| schedule.add(1, "", job("x")));
        while schedule.next(now).is_some() {}
        let open = |_: usize| None;
        let late = now + Duration::from_secs(90);
        assert!(schedule.overdue(now, late, open).is_empty());
        let early = now + Duration::from_secs(30);
        let closed = |service| (service == 1).then(|| Failure::Network("off".to_owned()));
        let out = schedule.overdue(now, late, closed);
        assert_eq!(out.len(), 1);
        assert_eq!(out[0].1, Some(Failure::Network("off".to_owned())));
        let out = schedule.overdue(now, early, open);
        assert_eq!(
            out.iter().map(|(_, why)| why).collect::<Vec<_>>(),
            [&None, &None]
        );
        assert_eq!(schedule.open(), 2, "what is in flight stays");
    }
}
