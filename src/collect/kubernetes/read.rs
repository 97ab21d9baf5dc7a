//! One cluster: the way that leads there, what it has, and the lists of kinds.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::OnceCell;
use zeroize::Zeroize as _;

use super::SecretSight;
use super::access::{Access, Cluster, clusters};
use super::collection::{Collection, Form, List, form};
use super::discover::Served;
use super::keep::{self, Kept};
use crate::catalog::{Catalog, ClusterKind, Sight};
use crate::collect::api_error::{ApiError, Asked, Failure, Finding};
use crate::collect::settings::Settings;
use crate::collect::transport::{Channel, Method, Transport};
use crate::model::{Capture, Gap, GapReason, Page, Scope};

/// How many lists of a cluster are under way at once: priority and fairness of a control plane thinks of many users.
const AT_ONCE: usize = 6;

/// Most pages of one list.
const MOST_PAGES: usize = 1000;

/// The resource whose names are namespaces.
const NAMESPACES: &str = "namespaces";

/// What one cluster is read with.
pub(super) struct Reading<'a> {
    pub catalog: &'a Catalog,
    pub transport: &'a Transport,
    pub cluster: &'a Cluster,
    pub secrets: SecretSight,
}

/// A control plane that answers, and what it has.
struct Reached {
    channel: Channel,
    served: Served,
    /// The names of its namespaces, or why they are not known.
    namespaces: OnceCell<Result<Vec<String>, Arc<Failure>>>,
}

/// What reading one kind brings.
#[derive(Default)]
struct Brought {
    pages: Vec<Page>,
    gaps: Vec<Gap>,
}

impl Reading<'_> {
    /// Reads the cluster by the first way that answers.
    pub async fn cluster(&self, ways: Vec<Access<'_>>) -> Capture {
        let reached = match self.reach(ways).await {
            Ok(reached) => reached,
            Err(finding) => {
                let kinds = self.kinds();
                let gaps = kinds.map(|kind| self.gap(kind, &finding, None));
                return Capture {
                    gaps: gaps.collect(),
                    ..Capture::default()
                };
            }
        };
        let mut out = Capture::default();
        let kinds: Vec<&ClusterKind> = self.kinds().collect();
        let lists = kinds.into_iter().map(|kind| self.kind(&reached, kind));
        let mut lists = stream::iter(lists).buffered(AT_ONCE);
        while let Some(brought) = lists.next().await {
            out.pages.extend(brought.pages);
            out.gaps.extend(brought.gaps);
        }
        out
    }

    /// The kinds that are asked of a control plane.
    fn kinds(&self) -> impl Iterator<Item = &ClusterKind> {
        let wanted = |kind: &&ClusterKind| match kind.sight {
            Sight::Whole | Sight::Metadata => true,
            Sight::Veiled => self.secrets != SecretSight::Off,
            Sight::Registry => false,
        };
        self.catalog.kinds.all.values().filter(wanted)
    }

    /// Asks what there is, by one way after the other.
    async fn reach(&self, ways: Vec<Access<'_>>) -> Result<Reached, Finding> {
        let mut tried = Vec::new();
        let mut last = None;
        for Access { channel, way } in ways {
            match self.discover(&channel).await {
                Ok(served) => {
                    return Ok(Reached {
                        channel,
                        served,
                        namespaces: OnceCell::new(),
                    });
                }
                Err(failure) => {
                    let permission = way.map_or("", |way| way.permission.as_str());
                    let finding = failure.finding(&self.asked(permission));
                    let name = way.map_or("endpoint", |way| way.name.as_str());
                    tried.push(format!("{name}: {}", finding.detail));
                    // What refuses tells more than what does not answer.
                    let hint = match (&failure, way) {
                        (
                            Failure::Unreached(_) | Failure::Timeout(_) | Failure::Network(_),
                            Some(way),
                        ) => way.hint.clone(),
                        _ => finding.fix,
                    };
                    last = Some((finding.reason, hint));
                }
            }
        }
        let (reason, fix) = last.unwrap_or_else(|| {
            let what = "allow external traffic on the cluster's DNS endpoint";
            tried.push("no endpoint of it is open".to_owned());
            (GapReason::Unreachable, what.to_owned())
        });
        Err(Finding {
            reason,
            detail: format!(
                "{} was not reached: {}",
                self.cluster.path,
                tried.join("; ")
            ),
            fix,
        })
    }

    async fn discover(&self, channel: &Channel) -> Result<Served, Failure> {
        let mut served = Served::default();
        for collection in [Collection::Core, Collection::Groups] {
            let body = self.ask(channel, &collection).await?;
            served.add(body.get()).map_err(Failure::Body)?;
        }
        Ok(served)
    }

    async fn ask(&self, channel: &Channel, what: &Collection) -> Result<Box<RawValue>, Failure> {
        let project = &self.cluster.scope.project;
        let method = Method::Collection(what);
        let reply = self.transport.send(channel, method, "", project).await?;
        Ok(reply.body)
    }

    /// Reads a kind; one that the cluster does not have is absent, and no gap.
    async fn kind(&self, reached: &Reached, kind: &ClusterKind) -> Brought {
        let mut out = Brought::default();
        let Some(resource) = reached.served.get(&kind.group, &kind.resource) else {
            return out;
        };
        let names = self.secrets == SecretSight::Names;
        let form = form(kind.sight, names);
        let Some(list) = List::new(kind, &resource.version, form) else {
            let finding = Finding {
                reason: GapReason::Refused,
                detail: "not asked: the definition asks for payloads".to_owned(),
                fix: "correct the definition".to_owned(),
            };
            out.gaps.push(self.gap(kind, &finding, None));
            return out;
        };
        // Rows without objects do not say which namespace they are of.
        if form == Form::Names && resource.namespaced {
            self.by_namespace(reached, kind, &list, None, &mut out)
                .await;
            return out;
        }
        match self.pages(reached, kind, &list, &mut out).await {
            Ok(()) => {}
            Err(failure) if resource.namespaced && is_forbidden(&failure) => {
                self.by_namespace(reached, kind, &list, Some(failure), &mut out)
                    .await;
            }
            Err(failure) => self.failed(kind, &failure, None, &mut out),
        }
        out
    }

    /// Reads a kind namespace by namespace; `refused` is why it was not read over all of them.
    async fn by_namespace(
        &self,
        reached: &Reached,
        kind: &ClusterKind,
        list: &List,
        refused: Option<Failure>,
        out: &mut Brought,
    ) {
        let namespaces = reached
            .namespaces
            .get_or_init(|| self.namespaces(reached))
            .await;
        let names = match namespaces {
            Ok(names) => names,
            Err(failure) => {
                let failure = refused.as_ref().unwrap_or(failure);
                return self.failed(kind, failure, None, out);
            }
        };
        for name in names {
            let Some(list) = list.within(name) else {
                continue;
            };
            if let Err(failure) = self.pages(reached, kind, &list, out).await {
                self.failed(kind, &failure, Some(name), out);
            }
        }
    }

    async fn namespaces(&self, reached: &Reached) -> Result<Vec<String>, Arc<Failure>> {
        let version = reached.served.get("", NAMESPACES);
        let version = version.map_or("v1", |resource| resource.version.as_str());
        let list = List::of("", version, NAMESPACES, Form::Metadata);
        let kinds = self.catalog.kinds.all.values();
        let mut kinds = kinds.filter(|kind| kind.group.is_empty() && kind.resource == NAMESPACES);
        let (Some(list), Some(kind)) = (list, kinds.next()) else {
            return Ok(Vec::new());
        };
        let (mut names, mut token) = (Vec::new(), String::new());
        for _ in 0..MOST_PAGES {
            let page = Collection::List(list.after(&token));
            let body = self.ask(&reached.channel, &page).await.map_err(Arc::new)?;
            let kept =
                keep::objects(body.get(), kind).map_err(|why| Arc::new(Failure::Body(why)))?;
            names.extend(kept.names);
            token = kept.next;
            if token.is_empty() {
                break;
            }
        }
        Ok(names)
    }

    /// Reads the pages of a list. One whose pages have expired is read again once from the start.
    async fn pages(
        &self,
        reached: &Reached,
        kind: &ClusterKind,
        list: &List,
        out: &mut Brought,
    ) -> Result<(), Failure> {
        let mut again = true;
        'read: loop {
            let (mut pages, mut seen, mut token) = (Vec::new(), Vec::new(), String::new());
            loop {
                let collection = Collection::List(list.after(&token));
                let body = match self.ask(&reached.channel, &collection).await {
                    Ok(body) => body,
                    Err(failure) if again && !token.is_empty() && is_expired(&failure) => {
                        again = false;
                        continue 'read;
                    }
                    Err(failure) => return Err(failure),
                };
                let kept = kept(body, kind, list).map_err(Failure::Body)?;
                let request = format!("{}{}", reached.channel.endpoint.name, collection.path());
                pages.push(self.page(kind, request, &kept).map_err(Failure::Body)?);
                if kept.next.is_empty() {
                    break;
                }
                if seen.contains(&kept.next) || pages.len() >= MOST_PAGES {
                    let finding = Finding {
                        reason: GapReason::CutShort,
                        detail: "the control plane leads from page to page without an end"
                            .to_owned(),
                        fix: "run again".to_owned(),
                    };
                    out.gaps.push(self.gap(kind, &finding, list.namespace()));
                    break;
                }
                seen.push(kept.next.clone());
                token = kept.next;
            }
            out.pages.extend(pages);
            return Ok(());
        }
    }

    fn page(&self, kind: &ClusterKind, request: String, kept: &Kept) -> Result<Page, String> {
        Ok(Page {
            listing: kind.definition.rtype.clone(),
            scope: self.cluster.scope.clone(),
            request,
            body: to_raw_value(&kept.body).map_err(|error| error.to_string())?,
        })
    }

    fn asked<'f>(&'f self, permission: &'f str) -> Asked<'f> {
        Asked {
            api: "the cluster",
            project: &self.cluster.scope.project,
            permission,
            below: true,
        }
    }

    fn failed(
        &self,
        kind: &ClusterKind,
        failure: &Failure,
        namespace: Option<&str>,
        out: &mut Brought,
    ) {
        let finding = failure.finding(&self.asked(&kind.permission));
        out.gaps.push(self.gap(kind, &finding, namespace));
    }

    fn gap(&self, kind: &ClusterKind, finding: &Finding, namespace: Option<&str>) -> Gap {
        Gap {
            listing: kind.definition.rtype.clone(),
            scope: Scope {
                object: namespace.map(str::to_owned),
                ..self.cluster.scope.clone()
            },
            reason: finding.reason,
            detail: finding.detail.clone(),
            fix: finding.fix.clone(),
        }
    }
}

/// What is kept of an answer; one that may hold payloads is wiped.
fn kept(body: Box<RawValue>, kind: &ClusterKind, list: &List) -> Result<Kept, String> {
    if kind.sight != Sight::Veiled {
        return keep::objects(body.get(), kind);
    }
    let mut text: Box<str> = body.into();
    let kept = keep::rows(&text, list.namespace());
    text.zeroize();
    kept
}

fn is_forbidden(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused(ApiError { status: 403, .. }))
}

fn is_expired(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused(ApiError { status: 410, .. }))
}

/// What `doctor` says of a cluster: its path, and what it has or why that is not known.
pub(in crate::collect) type Probed = (String, Result<Vec<(String, Finding)>, Finding>);

/// Asks each cluster what it has, and of each kind for one object.
///
/// # Errors
/// As [`super::read_clusters`].
pub(in crate::collect) async fn probe(
    catalog: &Catalog,
    settings: &Settings,
    transport: &Transport,
    capture: &Capture,
) -> Result<Vec<Probed>, String> {
    let mut out = Vec::new();
    let Some(known) = &catalog.kinds.clusters else {
        return Ok(out);
    };
    for cluster in &clusters(capture, known) {
        let reading = Reading {
            catalog,
            transport,
            cluster,
            secrets: SecretSight::Off,
        };
        let probed = match reading.reach(cluster.ways(known, settings)?).await {
            Ok(reached) => Ok(reading.refusals(&reached).await),
            Err(finding) => Err(finding),
        };
        out.push((cluster.path.clone(), probed));
    }
    Ok(out)
}

impl Reading<'_> {
    /// The kinds that may not be listed over all namespaces.
    async fn refusals(&self, reached: &Reached) -> Vec<(String, Finding)> {
        let mut out = Vec::new();
        for kind in self.kinds() {
            let resource = reached.served.get(&kind.group, &kind.resource);
            let list = resource
                .and_then(|resource| List::new(kind, &resource.version, form(kind.sight, false)));
            let Some(list) = list else { continue };
            let one = Collection::List(list.one());
            if let Err(failure) = self.ask(&reached.channel, &one).await {
                let finding = failure.finding(&self.asked(&kind.permission));
                out.push((kind.resource.clone(), finding));
            }
        }
        out
    }
}
