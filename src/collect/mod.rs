//! Reading the cloud: from a catalog's listings to a [`Capture`]. Only reads are sent, and what cannot be read is a gap.
//!
//! ```text
//! settings ─▶ credentials ─▶ transport (one request, its retries)
//! catalog ─▶ plan (listings, what follows from what) ─▶ jobs ─▶ schedule (who goes next) ─▶ Capture
//! ```

mod api_error;
mod credentials;
mod doctor;
mod endpoint;
mod envelope;
mod job;
mod plan;
mod projects;
mod schedule;
mod settings;
mod transport;

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::Instant;

pub use credentials::{Credentials, CredentialsError};
pub use doctor::{Check, Status, doctor};
pub use projects::{FoundProjects, projects_of};
pub use settings::{CredentialSettings, Settings};
pub use transport::install_tls;

use api_error::Failure;
use job::{Job, Outcome};
use plan::Plan;
use schedule::Schedule;
use transport::Transport;

use crate::catalog::{Catalog, Per};
use crate::model::{Capture, Gap, Page};

/// Why nothing could be collected at all: one sentence with what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CollectError {
    /// There is no credential, or one that cannot be used.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// An endpoint variable holds something that cannot be used.
    #[error("{0}")]
    Endpoint(String),
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Requests answered.
    pub done: usize,
    /// Requests that wait or are in flight.
    pub open: usize,
    /// Objects seen.
    pub objects: usize,
    /// Gaps found.
    pub gaps: usize,
}

/// Reads the objects of the wanted types (all, when none are named) of some projects.
///
/// Whatever could not be read is a gap of the capture; the order of the capture does not depend on the order of answers.
///
/// # Errors
/// One sentence, where nothing can be asked: no credential, or an endpoint that cannot be used.
pub async fn collect(
    catalog: &Catalog,
    settings: &Settings,
    projects: &[String],
    types: Option<&BTreeSet<String>>,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Capture, CollectError> {
    let credentials = Credentials::find(settings).await?;
    let settings = credentials.settle(settings);
    let plan = Plan::new(catalog, types, &settings).map_err(CollectError::Endpoint)?;
    Ok(run(Arc::new(plan), &settings, credentials, projects, progress).await)
}

/// The IAM permissions that reading these types takes (all types, when none are named), on each project.
pub fn permissions(catalog: &Catalog, types: Option<&BTreeSet<String>>) -> BTreeSet<String> {
    let listings = plan::needed(catalog, types)
        .into_iter()
        .filter_map(|name| catalog.listings.get(name));
    let mut out = BTreeSet::new();
    for listing in listings.filter(|listing| !listing.permission.is_empty()) {
        out.insert(listing.permission.clone());
        if let (Per::Location(_), Some((service, _))) =
            (&listing.per, listing.permission.split_once('.'))
        {
            out.insert(format!("{service}.locations.list"));
        }
    }
    out
}

async fn run(
    plan: Arc<Plan>,
    settings: &Settings,
    credentials: Credentials,
    projects: &[String],
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Capture {
    if let Err(message) = credentials.first_token(settings.token_timeout).await {
        plan.services.iter().for_each(|served| {
            served
                .channel
                .refuse(Failure::Token(message.clone(), false))
        });
    }
    let transport = Arc::new(Transport::new(settings, credentials));
    let limits = plan
        .services
        .iter()
        .map(|served| (served.service.concurrency, served.service.rate));
    let mut schedule = Schedule::new(settings.concurrency, limits, Instant::now());
    let mut gathered = Gathered::default();
    let projects: BTreeSet<&String> = projects.iter().collect();
    for project in &projects {
        gathered.queue(&plan, &mut schedule, Job::start(&plan, project));
    }
    let mut tasks = JoinSet::new();
    loop {
        while let Some((service, job)) = schedule.next(Instant::now()) {
            tasks.spawn(ask(
                Arc::clone(&plan),
                Arc::clone(&transport),
                job,
                service,
                settings.page_limit,
            ));
        }
        if schedule.open() == 0 {
            break;
        }
        let wake = schedule.wake();
        tokio::select! {
            Some(ended) = tasks.join_next() => {
                // A task ends by panic only; a page lost that way must not pass for an empty one.
                let (service, project, outcome) = ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
                schedule.done(service);
                gathered.take(&plan, &mut schedule, &project, outcome);
                gathered.progress.open = schedule.open();
                progress(gathered.progress);
            }
            () = tokio::time::sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
        }
    }
    let mut asked: Vec<String> = plan
        .listings
        .iter()
        .map(|planned| planned.listing.name.clone())
        .collect();
    asked.sort();
    gathered.capture(projects.into_iter().cloned().collect(), asked)
}

async fn ask(
    plan: Arc<Plan>,
    transport: Arc<Transport>,
    job: Job,
    service: usize,
    page_limit: usize,
) -> (usize, String, Outcome) {
    let channel = &plan.services[service].channel;
    let answer = transport
        .send(
            channel,
            job.method(&plan),
            &job.request(&plan),
            &job.scope.project,
        )
        .await;
    let project = job.scope.project.clone();
    (
        service,
        project,
        job.outcome(&plan, answer.map(|reply| reply.body), page_limit),
    )
}

/// What has come in so far.
#[derive(Default)]
struct Gathered {
    pages: Vec<(Page, usize)>,
    gaps: Vec<Gap>,
    /// Listings asked once a project, that have been.
    asked: BTreeSet<(usize, String)>,
    progress: Progress,
}

impl Gathered {
    fn queue(&self, plan: &Plan, schedule: &mut Schedule, jobs: Vec<Job>) {
        for job in jobs {
            schedule.add(plan.listings[job.listing()].service, job);
        }
    }

    fn take(&mut self, plan: &Plan, schedule: &mut Schedule, project: &str, outcome: Outcome) {
        self.progress.done += 1;
        self.progress.objects += outcome.objects;
        self.gaps.extend(outcome.gaps);
        self.progress.gaps = self.gaps.len();
        self.pages.extend(outcome.page);
        self.queue(plan, schedule, outcome.next);
        for &listing in outcome.shows.iter().flat_map(|at| &plan.listings[*at].once) {
            if self.asked.insert((listing, project.to_owned())) {
                self.queue(
                    plan,
                    schedule,
                    Job::once(plan, listing, project).into_iter().collect(),
                );
            }
        }
    }

    fn capture(mut self, projects: Vec<String>, asked: Vec<String>) -> Capture {
        self.pages
            .sort_by(|(a, n), (b, m)| (&a.listing, &a.scope, n).cmp(&(&b.listing, &b.scope, m)));
        self.gaps.sort();
        self.gaps
            .dedup_by(|a, b| (&a.listing, &a.scope, a.reason) == (&b.listing, &b.scope, b.reason));
        Capture {
            projects,
            asked,
            pages: self.pages.into_iter().map(|(page, _)| page).collect(),
            gaps: self.gaps,
        }
    }
}
