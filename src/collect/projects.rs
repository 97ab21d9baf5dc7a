//! The projects below a folder or an organization.

use std::collections::{BTreeSet, VecDeque};

use serde::Deserialize;

use super::api_error::{ApiError, Asked, Failure, Finding};
use super::endpoint::{Endpoint, path_part, query_part};
use super::settings::{PROJECTS_ENDPOINT, Settings};
use super::transport::{Channel, Method, Transport};
use super::{CollectError, Credentials};
use crate::model::{Gap, GapReason, Scope};

/// The base URL of the Resource Manager API.
pub(super) const BASE: &str = "https://cloudresourcemanager.googleapis.com/v3/";

/// The projects that were found, and the folders that could not be looked into.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundProjects {
    /// IDs of active projects, sorted.
    pub projects: Vec<String>,
    /// Folders whose projects are not known: the listing is `projects`, the scope's project the folder's name.
    pub gaps: Vec<Gap>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    projects: Vec<Project>,
    folders: Vec<Folder>,
    next_page_token: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Project {
    project_id: String,
    state: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Folder {
    name: String,
    state: String,
}

/// Finds the active projects below `folders/NUMBER` or `organizations/NUMBER`, at any depth.
///
/// It lists folder by folder: a search over everything would leave out silently what the caller may not see, a list says so.
///
/// # Errors
/// One sentence: no credential, an endpoint that cannot be used, or a name that is neither a folder's nor an organization's.
pub async fn projects_of(
    settings: &Settings,
    container: &str,
) -> Result<FoundProjects, CollectError> {
    let numbered = |kind: &str| {
        container
            .strip_prefix(kind)
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    if !numbered("folders/") && !numbered("organizations/") {
        return Err(CollectError::Endpoint(format!(
            "`{container}` is no folder or organization: write folders/NUMBER or organizations/NUMBER"
        )));
    }
    let credentials = Credentials::find(settings).await?;
    let settings = &credentials.settle(settings);
    let channel = Channel::new(
        Endpoint::new(BASE, PROJECTS_ENDPOINT, settings).map_err(CollectError::Endpoint)?,
    );
    let transport = Transport::new(settings, credentials);
    let mut found = FoundProjects::default();
    let mut projects = BTreeSet::new();
    let mut known = BTreeSet::from([container.to_owned()]);
    let mut waiting = VecDeque::from([container.to_owned()]);
    while let Some(at) = waiting.pop_front() {
        for kind in ["projects", "folders"] {
            let (bodies, failure) = list(&transport, &channel, settings, kind, &at).await;
            for body in bodies {
                projects.extend(
                    body.projects
                        .into_iter()
                        .filter(|p| p.state != "DELETE_REQUESTED")
                        .map(|p| p.project_id),
                );
                let folders = body
                    .folders
                    .into_iter()
                    .filter(|folder| folder.state != "DELETE_REQUESTED")
                    .map(|folder| folder.name);
                waiting.extend(folders.filter(|name| known.insert(name.clone())));
            }
            found
                .gaps
                .extend(failure.map(|failure| gap(&failure, kind, &at)));
        }
    }
    found.projects = projects.into_iter().filter(|id| !id.is_empty()).collect();
    found.gaps.sort();
    Ok(found)
}

/// All pages of a list, and what ended it early.
async fn list(
    transport: &Transport,
    channel: &Channel,
    settings: &Settings,
    kind: &str,
    parent: &str,
) -> (Vec<Body>, Option<Failure>) {
    let mut bodies: Vec<Body> = Vec::new();
    let mut token = String::new();
    for _ in 0..settings.page_limit {
        let more = if token.is_empty() {
            String::new()
        } else {
            format!("&pageToken={}", query_part(&token))
        };
        let path = format!("{kind}?parent={}&pageSize=300{more}", path_part(parent));
        let read = transport.send(channel, Method::Get, &path, "").await;
        let read = read.and_then(|reply| {
            serde_json::from_str::<Body>(reply.body.get()).map_err(|_| {
                Failure::Body("the answer is not a list of projects or folders".to_owned())
            })
        });
        match read {
            Ok(body) => {
                let next = body.next_page_token.clone();
                bodies.push(body);
                if next.is_empty() {
                    return (bodies, None);
                }
                if next == token {
                    break;
                }
                token = next;
            }
            Err(failure) => return (bodies, Some(failure)),
        }
    }
    (
        bodies,
        Some(Failure::Body("the pages do not come to an end".to_owned())),
    )
}

fn gap(failure: &Failure, kind: &str, container: &str) -> Gap {
    let permission = format!("resourcemanager.{kind}.list");
    let asked = Asked {
        api: "cloudresourcemanager.googleapis.com",
        project: container,
        permission: &permission,
        below: false,
    };
    let Finding {
        mut reason,
        detail,
        mut fix,
    } = failure.finding(&asked);
    if reason == GapReason::PermissionDenied
        || matches!(failure, Failure::Refused(ApiError { status: 404, .. }))
    {
        reason = GapReason::PermissionDenied;
        fix = format!("grant {permission} on {container}");
    }
    Gap {
        listing: "projects".to_owned(),
        scope: Scope {
            project: container.to_owned(),
            ..Scope::default()
        },
        reason,
        detail,
        fix,
    }
}
