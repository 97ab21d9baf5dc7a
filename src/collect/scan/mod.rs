//! A scan: requests by their quotas, and what follows from their answers, until nothing is left to ask.

mod gate;
mod job;
mod look;
mod plan;
mod quota;
mod schedule;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub(super) use job::Job;
pub(super) use plan::{Plan, needed};

use job::Outcome;
use schedule::Schedule;

use super::api_error::Failure;
use super::doctor::permitted;
use super::no_token::NoToken;
use super::settings::Settings;
use super::transport::{Channel, Transport, Unanswered};
use super::{Credentials, Progress, Wait};
use crate::model::{Capture, Demand, Doubts, Gap, Looks, Page};

/// A scan under way: a plan, a credential, and the time it has.
#[derive(Debug)]
pub(super) struct Scan {
    plan: Arc<Plan>,
    transport: Arc<Transport>,
    schedule: Schedule,
    /// Whether each project pays for the requests about it; else one pays for all of them.
    payers: bool,
    page_limit: usize,
    gathered: Gathered,
}

/// Who is told how far it is.
pub(super) type Report<'a> = &'a (dyn Fn(Progress) + Send + Sync);

/// What a task ends with: the lane, the job, when it was sent, and what came of it.
type Ended = (usize, Job, Instant, Result<Box<RawValue>, Unanswered>);

impl Scan {
    /// A scan whose time runs from now.
    pub async fn start(plan: Plan, settings: &Settings, credentials: Credentials) -> Self {
        if let Err(failed) = credentials.first_token(settings.token_timeout).await {
            for served in &plan.services {
                let failure = Failure::Token(NoToken {
                    passes: false,
                    ..failed.clone()
                });
                served.channel.refuse(failure);
            }
        }
        let services = plan.services.iter();
        let limits = services.map(|served| (served.service.concurrency, served.service.quota));
        Self {
            schedule: Schedule::new(settings.concurrency, limits, settings.quota_pause),
            transport: Arc::new(Transport::new(settings, credentials)),
            payers: settings.user_project_override && settings.billing_project.is_none(),
            page_limit: settings.page_limit,
            gathered: Gathered::default(),
            plan: Arc::new(plan),
        }
    }

    /// Reads everything that the plan says of some projects.
    pub async fn read(&mut self, projects: &[String], report: Report<'_>) -> Capture {
        let projects: BTreeSet<&String> = projects.iter().collect();
        for project in &projects {
            self.queue(Job::start(&self.plan, project, |planned| !planned.gated));
        }
        self.drive(report).await;
        let names = self.plan.listings.iter();
        let mut asked: Vec<String> = names.map(|planned| planned.listing.name.clone()).collect();
        asked.sort();
        Capture {
            projects: projects.into_iter().cloned().collect(),
            asked,
            ..self.gathered.hand_over()
        }
    }

    /// Reads what data sources demand; gives what comes of it alone.
    pub async fn demanded(&mut self, demands: &BTreeSet<Demand>, report: Report<'_>) -> Capture {
        let jobs = demands.iter();
        let jobs = jobs
            .filter_map(|demand| Job::demanded(&self.plan, demand))
            .collect();
        self.queue(jobs);
        self.drive(report).await;
        self.gathered.hand_over()
    }

    /// Looks again at objects, and at what permissions the caller has; gives what comes of it alone.
    pub async fn look(
        &mut self,
        doubts: &Doubts,
        projects: Option<&Channel>,
        report: Report<'_>,
    ) -> Capture {
        let looks = doubts.objects.iter();
        self.queue(
            looks
                .filter_map(|look| Job::look(&self.plan, look))
                .collect(),
        );
        self.drive(report).await;
        let mut capture = self.gathered.hand_over();
        for (project, permissions) in &doubts.permissions {
            let Some(channel) = projects else { continue };
            let wanted: Vec<String> = permissions.iter().cloned().collect();
            let granted = permitted(&self.transport, channel, project, &wanted).await;
            // What cannot be tested is not known to be held.
            let granted = granted.unwrap_or_default();
            let held = granted.intersection(permissions);
            let held = held.map(|permission| (project.clone(), permission.clone()));
            capture.looks.held.extend(held);
        }
        capture
    }

    fn queue(&mut self, jobs: Vec<Job>) {
        for job in jobs {
            let service = self.plan.listings[job.listing()].service;
            let payer = if self.payers {
                job.scope.project.clone()
            } else {
                String::new()
            };
            self.schedule.add(service, &payer, job);
        }
    }

    /// Sends what waits, and what follows from the answers, to the end.
    async fn drive(&mut self, report: Report<'_>) {
        let mut tasks: JoinSet<Ended> = JoinSet::new();
        loop {
            self.give_up();
            while let Some((lane, job)) = self.schedule.next(Instant::now()) {
                tasks.spawn(ask(
                    Arc::clone(&self.plan),
                    Arc::clone(&self.transport),
                    job,
                    lane,
                ));
            }
            if self.schedule.open() == 0 {
                break;
            }
            let wake = self.wake();
            tokio::select! {
                Some(ended) = tasks.join_next() => {
                    // A task ends by panic only; a page lost that way must not pass for an empty one.
                    let ended = ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
                    self.ended(ended);
                }
                () = tokio::time::sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
            }
            self.report(report);
        }
    }

    /// When to look again although nothing came in: a service's quota is there again, the time is up, or it is time to say how
    /// long it still takes.
    fn wake(&self) -> Option<Instant> {
        let now = Instant::now();
        let first = self.schedule.waits(now).map(|(_, at)| at).min()?;
        Some(
            first
                .min(self.transport.deadline())
                .min(now + Duration::from_secs(1)),
        )
    }

    fn report(&mut self, report: Report<'_>) {
        let now = Instant::now();
        let longest = self.schedule.waits(now).max_by_key(|(_, at)| *at);
        let progress = &mut self.gathered.progress;
        progress.open = self.schedule.open();
        progress.waiting = longest.map(|(service, until)| Wait {
            api: self.plan.services[service].service.title.clone(),
            left: until - now,
        });
        report(progress.clone());
    }

    fn ended(&mut self, (lane, job, sent, answer): Ended) {
        let (job, answer) = match answer {
            Err(Unanswered {
                failure,
                quota: Some(after),
            }) => match self.schedule.refused(lane, job, sent, (failure, after)) {
                None => return,
                Some((job, failure)) => (job, Err(failure)),
            },
            Err(unanswered) => {
                self.schedule.done(lane);
                (job, Err(unanswered.failure))
            }
            Ok(body) => {
                self.schedule.done(lane);
                (job, Ok(body))
            }
        };
        self.take(job, answer);
    }

    /// Asks of APIs that an answer says a project has enabled; of all others where it says nothing.
    fn open(&mut self, project: &str, page: Option<&Page>) {
        let plan = Arc::clone(&self.plan);
        let Some(gate) = &plan.gate else { return };
        let opened = &mut self.gathered.opened;
        let named = page.and_then(|page| gate.named(page));
        let mut fresh = BTreeSet::new();
        for served in &plan.services {
            let api = &served.service.api;
            let opens = named.as_ref().is_none_or(|named| named.contains(api));
            if opens && opened.insert((project.to_owned(), api.clone())) {
                fresh.insert(api.as_str());
            }
        }
        let waiting = |planned: &plan::Planned| {
            let api = plan.services[planned.service].service.api.as_str();
            planned.gated && fresh.contains(api)
        };
        self.queue(Job::start(&plan, project, waiting));
    }

    /// Takes out what there is no time for, or no credential.
    fn give_up(&mut self) {
        let plan = Arc::clone(&self.plan);
        let closed = |service: usize| plan.services[service].channel.closed();
        let late = self
            .schedule
            .overdue(Instant::now(), self.transport.deadline(), closed);
        for (job, failure) in late {
            let timeout = || Failure::Timeout(self.transport.out_of_time());
            let failure = failure.unwrap_or_else(timeout);
            self.take(job, Err(failure));
        }
    }

    fn take(&mut self, job: Job, answer: Result<Box<RawValue>, Failure>) {
        let project = job.scope.project.clone();
        let asked = self.plan.gate.as_ref().filter(|gate| gate.is_asked(&job));
        let asked = asked.is_some();
        let outcome = job.outcome(&self.plan, answer, self.page_limit);
        if asked {
            self.open(&project, outcome.page.as_ref().map(|(page, _)| page));
        }
        let (shows, next) = self.gathered.take(outcome);
        self.queue(next);
        let plan = Arc::clone(&self.plan);
        for &listing in shows.iter().flat_map(|at| &plan.listings[*at].once) {
            if self.gathered.asked.insert((listing, project.clone())) {
                self.queue(Job::once(&plan, listing, &project).into_iter().collect());
            }
        }
    }
}

async fn ask(plan: Arc<Plan>, transport: Arc<Transport>, job: Job, lane: usize) -> Ended {
    let channel = &plan.served(job.listing()).channel;
    let sent = Instant::now();
    let (method, request) = (job.method(&plan), job.request(&plan));
    let answer = transport
        .ask(channel, method, &request, &job.scope.project)
        .await;
    (lane, job, sent, answer.map(|reply| reply.body))
}

/// What has come in so far.
#[derive(Debug, Default)]
struct Gathered {
    pages: Vec<(Page, usize)>,
    gaps: Vec<Gap>,
    /// Objects that were looked at again and are not there.
    gone: BTreeSet<(String, String)>,
    /// APIs of which all that waited for them has been asked, by project.
    opened: BTreeSet<(String, String)>,
    /// Listings asked once a project, that have been.
    asked: BTreeSet<(usize, String)>,
    progress: Progress,
}

impl Gathered {
    /// Keeps what an outcome brings; what it leads to is handed back.
    fn take(&mut self, outcome: Outcome) -> (Option<usize>, Vec<Job>) {
        self.progress.done += 1;
        self.progress.objects += outcome.objects;
        self.gaps.extend(outcome.gaps);
        self.progress.gaps = self.gaps.len();
        self.pages.extend(outcome.page);
        self.gone.extend(outcome.gone);
        (outcome.shows, outcome.next)
    }

    /// What has come in since the last time, in the order of a capture.
    fn hand_over(&mut self) -> Capture {
        let mut pages = std::mem::take(&mut self.pages);
        pages.sort_by(|(a, n), (b, m)| (&a.listing, &a.scope, n).cmp(&(&b.listing, &b.scope, m)));
        let mut capture = Capture::default();
        capture.add(Capture {
            pages: pages.into_iter().map(|(page, _)| page).collect(),
            gaps: std::mem::take(&mut self.gaps),
            looks: Looks {
                gone: std::mem::take(&mut self.gone),
                ..Looks::default()
            },
            ..Capture::default()
        });
        capture
    }
}
