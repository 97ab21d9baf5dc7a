//! Whether this machine can scan: the credential, the endpoints, the clock, and each API in each project.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use serde::Deserialize;

use super::api_error::{Asked, Failure, Finding};
use super::endpoint::{Endpoint, path_part};
use super::kubernetes::{Probed, probe};
use super::no_token::NoToken;
use super::projects::BASE;
use super::scan::{Job, Plan};
use super::settings::{PROJECTS_ENDPOINT, SERVICES_ENDPOINT, Settings};
use super::transport::{Channel, Method, Transport};
use super::{Credentials, permissions, showing};
use crate::catalog::Catalog;
use crate::model::GapReason;

/// One thing looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at: `credential`, `clock`, `Cloud SQL in my-project`.
    pub name: String,
    /// How it stands.
    pub status: Status,
    /// What was found, in one line.
    pub detail: String,
    /// What to do; empty where nothing is to be done.
    pub fix: String,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// A scan will work.
    Ok,
    /// A scan may work.
    Warning,
    /// A scan will fail, or have gaps.
    Failed,
}

impl Check {
    fn new(
        name: impl Into<String>,
        status: Status,
        detail: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            status,
            detail: detail.into(),
            fix: fix.into(),
        }
    }
}

/// A clock this far off makes signed tokens fail.
const SKEW: Duration = Duration::from_secs(60);

/// Looks at everything a scan of these projects and types takes, with as few requests as that needs.
pub async fn doctor(
    catalog: &Catalog,
    settings: &Settings,
    projects: &[String],
    types: Option<&BTreeSet<String>>,
) -> Vec<Check> {
    let mut checks = overrides(catalog, settings);
    let credentials = match Credentials::find(settings).await {
        Ok(credentials) => credentials,
        Err(error) => {
            // The message says what to do.
            checks.push(Check::new(
                "credential",
                Status::Failed,
                error.to_string(),
                "",
            ));
            return checks;
        }
    };
    let settings = &credentials.settle(settings);
    let Ok(plan) = Plan::new(catalog, types, settings) else {
        return checks;
    }; // the endpoint at fault is among the checks
    let token = credentials.first_token(settings.token_timeout).await;
    checks.push(credential(&credentials, token.as_ref().err()));
    if token.is_err() {
        return checks;
    }
    let transport = Transport::new(settings, credentials);
    let mut clock = None;
    for project in projects {
        checks.extend(services(&plan, &transport, settings, project, &mut clock).await);
        let wanted = permissions(catalog, types);
        let showing = showing(catalog, types);
        checks.extend(permissions_in(&transport, settings, project, wanted, showing).await);
    }
    checks.extend(clock.map(|(theirs, ours)| skew(theirs, ours)));
    checks
}

/// Looks at whether the clusters of some projects can be read: the way to each, and each kind that it has.
pub async fn doctor_of_clusters(
    catalog: &Catalog,
    settings: &Settings,
    projects: &[String],
) -> Vec<Check> {
    const NAME: &str = "clusters";
    let wrong = |detail: String| vec![Check::new(NAME, Status::Failed, detail, "")];
    let Some(known) = &catalog.kinds.clusters else {
        return Vec::new();
    };
    let types = BTreeSet::from([known.listing.clone()]);
    let capture = match super::collect(catalog, settings, projects, Some(&types), &|_| ()).await {
        Ok(capture) => capture,
        Err(error) => return wrong(error.to_string()),
    };
    let credentials = match Credentials::find(settings).await {
        Ok(credentials) => credentials,
        Err(error) => return wrong(error.to_string()),
    };
    let settings = &credentials.settle(settings);
    let transport = Transport::new(settings, credentials);
    match probe(catalog, settings, &transport, &capture).await {
        Ok(probed) => probed.into_iter().flat_map(of_cluster).collect(),
        Err(message) => wrong(message),
    }
}

fn of_cluster((path, probed): Probed) -> Vec<Check> {
    let refused = match probed {
        Ok(refused) => refused,
        Err(why) => return vec![Check::new(path, Status::Failed, why.detail, why.fix)],
    };
    if refused.is_empty() {
        let detail = "reachable, every kind permitted";
        return vec![Check::new(path, Status::Ok, detail, "")];
    }
    let check = |(kind, why): (String, Finding)| {
        let detail = format!("{}: {}", why.reason.as_str(), why.detail);
        Check::new(format!("{kind} of {path}"), Status::Failed, detail, why.fix)
    };
    refused.into_iter().map(check).collect()
}

/// Every endpoint that is not Google's own.
fn overrides(catalog: &Catalog, settings: &Settings) -> Vec<Check> {
    let bases: BTreeMap<&str, &str> = catalog
        .services
        .values()
        .map(|service| (service.endpoint.as_str(), service.base.as_str()))
        .collect();
    let check = |(variable, url): (&String, &String)| {
        let base = bases.get(variable.as_str()).copied().unwrap_or(BASE);
        match Endpoint::new(base, variable, settings) {
            Ok(endpoint) => Check::new(
                format!("endpoint {variable}"),
                Status::Ok,
                format!("requests go to {}", endpoint.url),
                "",
            ),
            Err(message) => Check::new(
                format!("endpoint {variable}"),
                Status::Failed,
                message,
                format!("unset it, or correct `{url}`"),
            ),
        }
    };
    settings.endpoints.iter().map(check).collect()
}

fn credential(credentials: &Credentials, failed: Option<&NoToken>) -> Check {
    let whose = credentials.whose().map_or_else(
        || "which does not say whose it is".to_owned(),
        |account| format!("as {account}"),
    );
    match failed {
        None => Check::new(
            "credential",
            Status::Ok,
            format!("from {}, {whose}", credentials.source()),
            "",
        ),
        Some(failed) => Check::new("credential", Status::Failed, &failed.detail, failed.fix()),
    }
}

/// One request to each API: is it reachable, enabled, permitted?
async fn services(
    plan: &Plan,
    transport: &Transport,
    settings: &Settings,
    project: &str,
    clock: &mut Option<(SystemTime, SystemTime)>,
) -> Vec<Check> {
    let mut probes: BTreeMap<usize, Job> = BTreeMap::new();
    for job in Job::start(plan, project, |planned| !planned.gated) {
        probes
            .entry(plan.listings[job.listing()].service)
            .or_insert(job);
    }
    let mut checks = Vec::new();
    // Of an API that is asked only where it is enabled nothing has to be in order.
    let gated: BTreeSet<usize> = (plan.listings.iter())
        .filter(|planned| planned.gated)
        .map(|planned| planned.service)
        .collect();
    let services = plan.services.iter().enumerate();
    for (at, served) in services.filter(|(at, _)| !gated.contains(at)) {
        let name = format!("{} in {project}", served.service.title);
        let asked = |permission| Asked {
            api: &served.service.api,
            project,
            permission,
            below: false,
        };
        let check = match probes.get(&at) {
            Some(job) => match transport
                .send(
                    &served.channel,
                    job.method(plan),
                    &job.request(plan),
                    project,
                )
                .await
            {
                Ok(reply) => {
                    *clock = clock.or(reply.date.map(|theirs| (theirs, SystemTime::now())));
                    Check::new(name, Status::Ok, "reachable, enabled, permitted", "")
                }
                Err(failure) => failed(
                    name,
                    &failure,
                    &asked(&plan.listings[job.listing()].listing.permission),
                ),
            },
            None => enabled(transport, settings, project, &served.service.api, name).await,
        };
        checks.push(check);
    }
    checks
}

fn failed(name: String, failure: &Failure, asked: &Asked<'_>) -> Check {
    let finding = failure.finding(asked);
    let detail = format!("{}: {}", finding.reason.as_str(), finding.detail);
    // An API that is off has no objects; that hides nothing unless state says otherwise.
    let status = if finding.reason == GapReason::ApiDisabled {
        Status::Warning
    } else {
        Status::Failed
    };
    Check::new(name, status, detail, finding.fix)
}

/// Whether an API is enabled that nothing can be asked of until an object is known.
async fn enabled(
    transport: &Transport,
    settings: &Settings,
    project: &str,
    api: &str,
    name: String,
) -> Check {
    #[derive(Deserialize)]
    struct Service {
        state: String,
    }
    let base = "https://serviceusage.googleapis.com/v1/";
    let asked = Asked {
        api,
        project,
        permission: "serviceusage.services.get",
        below: false,
    };
    let endpoint = match Endpoint::new(base, SERVICES_ENDPOINT, settings) {
        Ok(endpoint) => endpoint,
        Err(message) => return Check::new(name, Status::Failed, message, "correct the variable"),
    };
    let path = format!(
        "projects/{}/services/{}",
        path_part(project),
        path_part(api)
    );
    match transport
        .send(&Channel::new(endpoint), Method::Get, &path, project)
        .await
    {
        Ok(reply) => match serde_json::from_str::<Service>(reply.body.get()) {
            Ok(Service { state }) if state == "ENABLED" => {
                Check::new(name, Status::Ok, "enabled", "")
            }
            _ => Check::new(
                name,
                Status::Warning,
                "the API is not enabled",
                format!("enable it with: gcloud services enable {api} --project {project}"),
            ),
        },
        Err(failure) => {
            let finding = failure.finding(&asked);
            Check::new(
                name,
                Status::Warning,
                format!(
                    "whether the API is enabled cannot be told: {}",
                    finding.detail
                ),
                finding.fix,
            )
        }
    }
}

/// Which of these permissions the caller has in a project.
pub(super) async fn permitted(
    transport: &Transport,
    channel: &Channel,
    project: &str,
    wanted: &[String],
) -> Result<BTreeSet<String>, Failure> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Granted {
        permissions: BTreeSet<String>,
    }
    let path = format!("projects/{}", path_part(project));
    let method = Method::TestIamPermissions(wanted);
    let reply = transport.send(channel, method, &path, project).await?;
    let granted = serde_json::from_str::<Granted>(reply.body.get());
    let granted =
        granted.map_err(|_| Failure::Body("the answer is not a list of permissions".to_owned()))?;
    Ok(granted.permissions)
}

/// Whether the permissions that a scan takes are there.
async fn permissions_in(
    transport: &Transport,
    settings: &Settings,
    project: &str,
    wanted: BTreeSet<String>,
    showing: BTreeMap<String, BTreeSet<String>>,
) -> Vec<Check> {
    let name = format!("permissions in {project}");
    let endpoint = match Endpoint::new(BASE, PROJECTS_ENDPOINT, settings) {
        Ok(endpoint) => endpoint,
        Err(message) => {
            let fix = "correct the variable";
            return vec![Check::new(name, Status::Failed, message, fix)];
        }
    };
    let all: BTreeSet<&String> = wanted.iter().chain(showing.keys()).collect();
    let list: Vec<String> = all.into_iter().cloned().collect();
    let granted = match permitted(transport, &Channel::new(endpoint), project, &list).await {
        Ok(granted) => granted,
        Err(failure) => {
            let asked = Asked {
                api: "cloudresourcemanager.googleapis.com",
                project,
                permission: "resourcemanager.projects.get",
                below: false,
            };
            let finding = failure.finding(&asked);
            let detail = format!("cannot be tested: {}", finding.detail);
            return vec![Check::new(name, Status::Warning, detail, finding.fix)];
        }
    };
    let missing: Vec<&str> = wanted.difference(&granted).map(String::as_str).collect();
    let needed = if missing.is_empty() {
        let detail = format!("all {} that a scan takes", wanted.len());
        Check::new(name, Status::Ok, detail, "")
    } else {
        let fix = "`driftline permissions` writes a role that holds them";
        let detail = format!("missing: {}", missing.join(", "));
        Check::new(name, Status::Failed, detail, fix)
    };
    let lacking = showing
        .into_iter()
        .filter(|(permission, _)| !granted.contains(permission));
    let hidden = lacking.map(|(permission, shown)| {
        let shown: Vec<String> = shown.into_iter().collect();
        Check::new(
            format!("{permission} in {project}"),
            Status::Warning,
            format!("missing; not known without it: {}", shown.join(", ")),
            "grant it if these are to be compared; a scan does without",
        )
    });
    std::iter::once(needed).chain(hidden).collect()
}

fn skew(theirs: SystemTime, ours: SystemTime) -> Check {
    let off = theirs
        .duration_since(ours)
        .unwrap_or_else(|error| error.duration());
    if off <= SKEW {
        return Check::new("clock", Status::Ok, "agrees with the APIs'", "");
    }
    let way = if ours < theirs { "behind" } else { "ahead" };
    Check::new(
        "clock",
        Status::Failed,
        format!(
            "{} s {way} of the APIs'; tokens signed here will be refused",
            off.as_secs()
        ),
        "set the clock, or run a time service",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_said_to_be() {
        let now = SystemTime::now();
        assert_eq!(skew(now + Duration::from_secs(2), now).status, Status::Ok);
        let check = skew(now, now + Duration::from_secs(400));
        assert!(
            check.status == Status::Failed && check.detail.starts_with("400 s ahead"),
            "{check:?}"
        );
    }
}
