//! One object by itself: the request, and what its answer means.

use serde_json::value::RawValue;

use super::job::{Job, Outcome, Target};
use super::plan::Plan;
use crate::collect::api_error::Failure;
use crate::collect::endpoint::{path_part, query_part};
use crate::collect::envelope::Next;
use crate::model::{Look, Page, Value};

impl Job {
    /// The request of an object by itself; nothing where its listing is not among those asked, or its name is of another API.
    pub fn look(plan: &Plan, look: &Look) -> Option<Self> {
        let at = plan
            .listings
            .iter()
            .position(|planned| planned.listing.name == look.listing)?;
        let name = look.scope.object.as_deref()?.strip_prefix("//")?;
        let path = name.strip_prefix(&plan.served(at).service.api)?;
        // A segment that was escaped in the name is, once.
        let path = path_part(path.strip_prefix('/')?);
        let mut path = path.replace("%252F", "%2F").replace("%2525", "%25");
        for (at, (key, value)) in plan.listings[at].listing.get_query.iter().enumerate() {
            let mark = if at == 0 { '?' } else { '&' };
            path += &format!("{mark}{}={}", query_part(key), query_part(value));
        }
        Some(Self::first(
            Target::Look(at, look.listed),
            look.scope.clone(),
            path,
        ))
    }

    /// Reads an object that was looked at by itself. What lies in one that no list showed has not been asked for yet.
    pub(super) fn seen(
        &self,
        plan: &Plan,
        at: usize,
        listed: bool,
        body: Box<RawValue>,
        outcome: &mut Outcome,
    ) -> Result<Next, Failure> {
        let planned = &plan.listings[at];
        let object = serde_json::from_str::<Value>(body.get())
            .map_err(|error| Failure::Body(error.to_string()))?;
        if !listed {
            self.children(plan, planned, &object, None, outcome);
        }
        outcome.objects = 1;
        let name = &plan.served(at).channel.endpoint.name;
        let page = Page {
            listing: planned.listing.name.clone(),
            scope: self.scope.clone(),
            request: format!("{name}{}", self.path),
            body,
        };
        outcome.page = Some((page, 0));
        Ok(Next::End)
    }
}
