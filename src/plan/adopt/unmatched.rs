//! What is to be said of declared instances that stand for no object, or for one of several.

use std::collections::BTreeMap;

use super::matching::{Candidates, Matching};
use super::{Standing, Unmatched};
use crate::forecast::{NearMiss, Offered, Wanted, near_misses};
use crate::model::{Address, Object, Unknown, Value};

impl<'a> Matching<'a> {
    /// Why an identity is not known whole, part by part; none where all of it is. What an object's parent says of it (`projects/p/locations/l/clusters/c`) is known.
    pub(super) fn why(&self, candidates: &Candidates<'_>, at: Option<usize>) -> Vec<String> {
        let live = at.map(|at| &self.object(at).attributes);
        let told = |part: &str| {
            let value = live
                .and_then(|live| live.get(part))
                .and_then(Value::as_text);
            let links = candidates
                .arguments
                .values()
                .filter_map(Value::as_text)
                .filter(|text| text.contains('/'));
            let alone = part == "project" && self.inputs.projects.len() == 1;
            alone
                || value.is_some_and(|value| {
                    links
                        .into_iter()
                        .any(|link| link.split('/').any(|step| step == value))
                })
        };
        let said = |part: &&str| match candidates.arguments.get(*part) {
            Some(Value::Unknown(reason)) => {
                let from = match reason {
                    Unknown::AfterApply(Some(from)) if !from.path.is_empty() => {
                        format!("{}.{}", from.address, from.path)
                    }
                    Unknown::AfterApply(Some(from)) => from.address.clone(),
                    other => other.as_str().to_owned(),
                };
                Some(format!("its {part} is not known ({from})"))
            }
            None | Some(Value::Null) if *part != "condition" && !told(part) => {
                Some(format!("configuration does not say its {part}"))
            }
            _ => None,
        };
        candidates.open.iter().filter_map(said).collect()
    }

    /// What is to be said of instances that were not matched.
    pub(super) fn unmatched(
        &self,
        addresses: &[&Address],
        open: Vec<Candidates<'a>>,
    ) -> Vec<Unmatched> {
        let mut open: BTreeMap<Address, Candidates<'a>> = open
            .into_iter()
            .map(|one| (one.address.clone(), one))
            .collect();
        let free = addresses
            .iter()
            .filter(|address| !self.found.contains_key(**address));
        let mut known: Vec<(&Address, BTreeMap<String, Value>)> = Vec::new();
        let identify = self.configured.identify;
        let free: Vec<&&Address> = free
            .filter(|address| self.inputs.comparison.coverage.looks_at(&address.rtype))
            .collect();
        identify(&mut |evaluate| {
            known = free
                .iter()
                .filter_map(|address| Some((**address, self.evaluated(address, evaluate)?.2)))
                .collect();
        });
        let mut out = Vec::new();
        let mut wanted = Vec::new();
        for (address, arguments) in known {
            let incomplete = self.hidden(&address.rtype, &arguments);
            let mut unmatched = Unmatched {
                address: address.clone(),
                standing: if incomplete {
                    Standing::Unknown
                } else {
                    Standing::Absent
                },
                candidates: Vec::new(),
                reason: String::new(),
                near: Vec::new(),
            };
            if let Some(candidates) = open.remove(address) {
                unmatched.standing = Standing::Ambiguous;
                unmatched.candidates = candidates
                    .objects
                    .iter()
                    .map(|at| self.object(*at).import_id.clone())
                    .collect();
                unmatched.reason = match candidates.objects.as_slice() {
                    _ if incomplete => "not all objects of its type could be read".to_owned(),
                    [_] => format!(
                        "another declared instance fits it as well; {}",
                        self.why(&candidates, None).join(", ")
                    ),
                    _ => self.why(&candidates, None).join(", "),
                };
            } else if incomplete {
                unmatched.reason =
                    "not all objects of its type could be read: it may be there".to_owned();
            } else {
                wanted.push(Wanted {
                    address: address.clone(),
                    arguments,
                });
            }
            out.push(unmatched);
        }
        let mut near = self.near(wanted);
        out.iter_mut().for_each(|unmatched| {
            unmatched.near = near.remove(&unmatched.address).unwrap_or_default()
        });
        out
    }

    fn near(&self, wanted: Vec<Wanted>) -> BTreeMap<Address, Vec<NearMiss>> {
        let free = self
            .by_type
            .values()
            .flatten()
            .filter(|at| !self.taken.contains(at))
            .map(|at| self.object(*at));
        let offer = |object: &'a Object| Offered {
            rtype: &object.rtype,
            import_id: &object.import_id,
            attributes: &object.attributes,
        };
        let offered: Vec<Offered<'_>> = free.map(offer).collect();
        near_misses(wanted, &offered, self.inputs.catalog)
    }
}
