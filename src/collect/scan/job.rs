//! One request as a unit of work, and what follows from its answer.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use super::plan::{self, Plan, Planned};
use crate::catalog::{Context, Per};
use crate::collect::api_error::{ApiError, Asked, Failure, Finding};
use crate::collect::endpoint::{path_part, query_part};
use crate::collect::envelope::{Envelope, Next, locations};
use crate::collect::transport::Method;
use crate::model::{Demand, Gap, GapReason, Page, Scope, Value};

/// One page to ask for.
#[derive(Clone, Debug)]
pub(in crate::collect) struct Job {
    pub target: Target,
    pub scope: Scope,
    /// The path below the service's base URL, without query.
    pub path: String,
    /// The number of the page, from 0.
    pub number: usize,
    pub token: Option<String>,
    /// Tokens this listing has given so far: one that comes again would go round for ever.
    pub seen: BTreeSet<String>,
}

/// What a request is for.
#[derive(Clone, Debug)]
pub(in crate::collect) enum Target {
    /// Pages of a listing.
    Listing(usize),
    /// The locations that these listings are asked in.
    Locations(Vec<usize>),
    /// One object of a listing by itself, whose name the scope has, and whether the listing showed it.
    Look(usize, bool),
}

/// What came of a job.
#[derive(Debug, Default)]
pub(in crate::collect) struct Outcome {
    pub page: Option<(Page, usize)>,
    pub gaps: Vec<Gap>,
    /// The next page first, then requests that follow from objects.
    pub next: Vec<Job>,
    /// Whether the page has objects of this listing.
    pub shows: Option<usize>,
    /// How many objects the page has.
    pub objects: usize,
    /// The object that was looked at again and is not there: listing and canonical name.
    pub gone: Option<(String, String)>,
}

impl Job {
    pub(super) fn first(target: Target, scope: Scope, path: String) -> Self {
        Self {
            target,
            scope,
            path,
            number: 0,
            token: None,
            seen: BTreeSet::new(),
        }
    }

    /// The first requests of a project for some listings: those asked once, and the locations of those asked by location, each
    /// place once.
    pub fn start(plan: &Plan, project: &str, of: impl Fn(&Planned) -> bool) -> Vec<Self> {
        let scope = Scope {
            project: project.to_owned(),
            ..Scope::default()
        };
        let mut jobs: Vec<Self> = Vec::new();
        for (at, planned) in plan.listings.iter().enumerate().filter(|(_, p)| of(p)) {
            let (template, places) = match &planned.listing.per {
                Per::Project => (&planned.listing.path, false),
                Per::Location(template) => (template, true),
                Per::Parent { .. } | Per::ProjectWith(_) | Per::Demand | Per::Named => continue,
            };
            let Some(path) = plan::path(template, &Value::Null, &plan::context(&scope, None))
            else {
                continue;
            };
            let same =
                jobs.iter_mut()
                    .filter(|job| job.path == path)
                    .find_map(|job| match &mut job.target {
                        Target::Locations(waiting)
                            if places && plan.listings[waiting[0]].service == planned.service =>
                        {
                            Some(waiting)
                        }
                        _ => None,
                    });
            match same {
                Some(waiting) => waiting.push(at),
                None if places => jobs.push(Self::first(
                    Target::Locations(vec![at]),
                    scope.clone(),
                    path,
                )),
                None => jobs.push(Self::first(Target::Listing(at), scope.clone(), path)),
            }
        }
        jobs
    }

    /// The request that a data source of a configuration needs; nothing where its listing is not of the plan.
    pub fn demanded(plan: &Plan, demand: &Demand) -> Option<Self> {
        let mut listings = plan.listings.iter();
        let at = listings.position(|planned| planned.listing.name == demand.listing)?;
        let scope = demand.scope();
        // One parameter of a query at most: what stands behind `=` is its value.
        let path = match demand.path.split_once('?') {
            Some((path, query)) => {
                let (name, value) = query.split_once('=').unwrap_or((query, ""));
                format!("{}?{name}={}", path_part(path), query_part(value))
            }
            None => path_part(&demand.path),
        };
        Some(Self::first(Target::Listing(at), scope, path))
    }

    /// The request of a listing that a project turned out to need.
    pub fn once(plan: &Plan, listing: usize, project: &str) -> Option<Self> {
        let scope = Scope {
            project: project.to_owned(),
            ..Scope::default()
        };
        let path = plan::path(
            &plan.listings[listing].listing.path,
            &Value::Null,
            &plan::context(&scope, None),
        )?;
        Some(Self::first(Target::Listing(listing), scope, path))
    }

    /// The listing the request is made as, where several wait for it the first.
    pub fn listing(&self) -> usize {
        match &self.target {
            Target::Listing(at) | Target::Look(at, _) => *at,
            Target::Locations(waiting) => waiting[0],
        }
    }

    /// Path and query.
    pub fn request(&self, plan: &Plan) -> String {
        let at = self.listing();
        if let Target::Look(..) = self.target {
            return self.path.clone();
        }
        let listing = matches!(self.target, Target::Listing(_)).then(|| &plan.listings[at].listing);
        plan::with_query(plan.served(at), listing, &self.path, self.token.as_deref())
    }

    /// How it is asked.
    pub fn method<'p>(&self, plan: &'p Plan) -> Method<'p> {
        match &self.target {
            Target::Listing(at) => plan.listings[*at]
                .listing
                .post
                .as_deref()
                .map_or(Method::Get, Method::GetIamPolicy),
            Target::Locations(_) | Target::Look(..) => Method::Get,
        }
    }

    /// What the answer means.
    pub fn outcome(
        self,
        plan: &Plan,
        answer: Result<Box<RawValue>, Failure>,
        page_limit: usize,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let read = match answer {
            Ok(body) => match &self.target {
                Target::Listing(at) => self.page(plan, *at, body, &mut outcome),
                Target::Locations(waiting) => self.locations(plan, waiting, &body, &mut outcome),
                Target::Look(at, listed) => self.seen(plan, *at, *listed, body, &mut outcome),
            },
            Err(failure) => Err(failure),
        };
        match read {
            Ok(Next::Page(token)) => self.turn(plan, token, page_limit, &mut outcome),
            Ok(Next::End) => {}
            Ok(Next::Malformed) => {
                let finding = malformed("the page token in the answer is no text");
                self.gap(plan, &finding, &mut outcome.gaps);
            }
            Err(failure) => self.failed(plan, &failure, &mut outcome),
        }
        outcome
    }

    /// Reads a page of a listing: its objects, their children, what is missing, the next token.
    fn page(
        &self,
        plan: &Plan,
        at: usize,
        body: Box<RawValue>,
        outcome: &mut Outcome,
    ) -> Result<Next, Failure> {
        let planned = &plan.listings[at];
        let envelope = Envelope::read(&body, &planned.listing.items).map_err(Failure::Body)?;
        for missing in &envelope.unreachable {
            let scope = Scope {
                location: (missing.location.clone()).or_else(|| self.scope.location.clone()),
                object: missing.object.clone(),
                ..self.scope.clone()
            };
            let fix = "run again; if the location stays away, see https://status.cloud.google.com"
                .to_owned();
            shade(
                planned,
                &scope,
                &Finding {
                    reason: GapReason::Unreachable,
                    detail: missing.detail.clone(),
                    fix,
                },
                &mut outcome.gaps,
            );
        }
        if envelope.nameless {
            let finding = malformed("an object in the answer has a name that is no text");
            shade(planned, &self.scope, &finding, &mut outcome.gaps);
        }
        if !planned.children.is_empty() {
            for (group, object) in &envelope.objects {
                let value = serde_json::from_str::<Value>(object.get())
                    .map_err(|e| Failure::Body(e.to_string()))?;
                self.children(plan, planned, &value, group.as_deref(), outcome);
            }
        }
        outcome.objects = envelope.objects.len();
        outcome.shows = (outcome.objects > 0).then_some(at);
        let next = envelope.next;
        let request = format!(
            "{}{}",
            plan.served(at).channel.endpoint.name,
            self.request(plan)
        );
        let page = Page {
            listing: planned.listing.name.clone(),
            scope: self.scope.clone(),
            request,
            body,
        };
        outcome.page = Some((page, self.number));
        Ok(next)
    }

    fn locations(
        &self,
        plan: &Plan,
        waiting: &[usize],
        body: &RawValue,
        outcome: &mut Outcome,
    ) -> Result<Next, Failure> {
        let (names, next) = locations(body).map_err(Failure::Body)?;
        // A service that names no place is asked about all of them at once: what it refuses is a gap, never missing.
        if names.is_empty() && next == Next::End && self.token.is_none() {
            for &at in waiting {
                let everywhere = Scope {
                    location: Some("-".to_owned()),
                    ..self.scope.clone()
                };
                let path = plan::path(
                    &plan.listings[at].listing.path,
                    &Value::Null,
                    &plan::context(&everywhere, None),
                );
                outcome.next.extend(
                    path.map(|path| Self::first(Target::Listing(at), self.scope.clone(), path)),
                );
            }
        }
        for name in names {
            let scope = Scope {
                location: Some(name),
                ..self.scope.clone()
            };
            for &at in waiting {
                let path = plan::path(
                    &plan.listings[at].listing.path,
                    &Value::Null,
                    &plan::context(&scope, None),
                );
                outcome
                    .next
                    .extend(path.map(|path| Self::first(Target::Listing(at), scope.clone(), path)));
            }
        }
        Ok(next)
    }

    /// Requests about one object.
    pub(super) fn children(
        &self,
        plan: &Plan,
        planned: &Planned,
        object: &Value,
        group: Option<&str>,
        outcome: &mut Outcome,
    ) {
        for &below in &planned.children {
            let child = &plan.listings[below];
            let Per::Parent {
                key,
                when,
                otherwise,
                ..
            } = &child.listing.per
            else {
                continue;
            };
            let about = Context {
                group,
                root: Some(object),
                ..plan::context(&self.scope, None)
            };
            if child.listing.per.keeps(object, &about) {
                continue;
            }
            let scope = Scope {
                parent: key.text(object, &about),
                object: None,
                ..self.scope.clone()
            };
            let holds = when.iter().all(|condition| condition.holds(object, &about));
            if !holds {
                if let Some(reason) = otherwise {
                    shade(child, &scope, &unmet(*reason, &scope), &mut outcome.gaps);
                }
                continue;
            }
            let context = Context {
                group,
                ..plan::context(&scope, Some(object))
            };
            let path = scope
                .parent
                .is_some()
                .then(|| plan::path(&child.listing.path, object, &context))
                .flatten();
            match path {
                Some(path) => outcome
                    .next
                    .push(Self::first(Target::Listing(below), scope, path)),
                None => {
                    let detail = format!(
                        "an object of {} lacks the fields that the request for what is inside it takes",
                        planned.listing.name
                    );
                    let fix = "report this: the definition does not fit the API".to_owned();
                    shade(
                        child,
                        &scope,
                        &Finding {
                            reason: GapReason::UnexpectedBody,
                            detail,
                            fix,
                        },
                        &mut outcome.gaps,
                    );
                }
            }
        }
    }

    /// Goes on to the next page, unless the API leads in a circle.
    fn turn(mut self, plan: &Plan, token: String, page_limit: usize, outcome: &mut Outcome) {
        let again = !self.seen.insert(token.clone());
        if again || self.number + 1 >= page_limit {
            let detail = if again {
                "the API gave the same page token twice".to_owned()
            } else {
                format!("more than {page_limit} pages")
            };
            let fix = "run again; if it stays so, report it to the API's support".to_owned();
            self.gap(
                plan,
                &Finding {
                    reason: GapReason::CutShort,
                    detail,
                    fix,
                },
                &mut outcome.gaps,
            );
            return;
        }
        self.token = Some(token);
        self.number += 1;
        outcome.next.insert(0, self);
    }

    fn failed(&self, plan: &Plan, failure: &Failure, outcome: &mut Outcome) {
        let at = self.listing();
        let planned = &plan.listings[at];
        // A part (`TYPE.NAME`) of an object that is gone by now is missed by nobody; what is an object of its own might be.
        let part = matches!(self.target, Target::Listing(_))
            && !matches!(planned.listing.per, Per::Demand)
            && planned.listing.items.is_empty()
            && planned.listing.name.contains('.');
        if part && matches!(failure, Failure::Refused(ApiError { status: 404, .. })) {
            return;
        }
        let not_found = matches!(failure, Failure::Refused(ApiError { status: 404, .. }));
        if let (Target::Look(..), Some(object), true) =
            (&self.target, &self.scope.object, not_found)
        {
            outcome.gone = Some((planned.listing.name.clone(), object.clone()));
            return;
        }
        let permission = match &self.target {
            Target::Look(..) => planned.listing.get_permission(),
            Target::Listing(_) | Target::Locations(_) => planned.listing.permission.clone(),
        };
        let asked = Asked {
            api: &plan.served(at).service.api,
            project: &self.scope.project,
            permission: &permission,
            below: self.scope.location.is_some() || self.scope.parent.is_some() || self.number > 0,
        };
        let mut finding = failure.finding(&asked);
        if self.number > 0 {
            finding.detail = format!("page {}: {}", self.number + 1, finding.detail);
        }
        self.gap(plan, &finding, &mut outcome.gaps);
    }

    fn gap(&self, plan: &Plan, finding: &Finding, gaps: &mut Vec<Gap>) {
        match &self.target {
            Target::Listing(at) => shade(&plan.listings[*at], &self.scope, finding, gaps),
            Target::Locations(waiting) => waiting
                .iter()
                .for_each(|at| shade(&plan.listings[*at], &self.scope, finding, gaps)),
            // What lies in it is hidden by its name.
            Target::Look(at, _) => gaps.push(Gap {
                listing: plan.listings[*at].listing.name.clone(),
                scope: self.scope.clone(),
                reason: finding.reason,
                detail: finding.detail.clone(),
                fix: finding.fix.clone(),
            }),
        }
    }
}

/// An answer that breaks a promise of the API without being unreadable: what it says is kept, and that there may be more is said.
fn malformed(detail: &str) -> Finding {
    Finding {
        reason: GapReason::UnexpectedBody,
        detail: detail.to_owned(),
        fix: "run again; if it stays so, report it to the API's support".to_owned(),
    }
}

/// A gap for a listing and for everything that could only be known through it.
fn shade(planned: &Planned, scope: &Scope, finding: &Finding, gaps: &mut Vec<Gap>) {
    gaps.extend(planned.shadow.iter().enumerate().map(|(at, name)| Gap {
        listing: name.clone(),
        scope: scope.clone(),
        reason: finding.reason,
        detail: if at == 0 {
            finding.detail.clone()
        } else {
            format!(
                "not asked, as {} is not known: {}",
                planned.listing.name, finding.detail
            )
        },
        fix: finding.fix.clone(),
    }));
}

fn unmet(reason: GapReason, scope: &Scope) -> Finding {
    let parent = scope.parent.as_deref().unwrap_or("the parent");
    let (detail, fix) = match reason {
        GapReason::Stopped => (
            format!("{parent} is not running, so what is inside it cannot be listed"),
            format!("start {parent}, or look at it without what is inside it"),
        ),
        _ => (
            format!("{parent} is in a state in which what is inside it cannot be listed"),
            "run again later".to_owned(),
        ),
    };
    Finding {
        reason,
        detail,
        fix,
    }
}
