//! What of a configuration tofu refuses to plan, whatever is in the cloud.

use std::collections::BTreeSet;

use super::evaluate::Session;
use super::moves;
use crate::model::{Address, Config, Refusal, Refused, Severity};

impl Session<'_> {
    /// What tofu refuses of a configuration that is otherwise evaluated.
    pub(super) fn refusals(&self, config: &Config) -> Vec<Refusal> {
        let invalid = config
            .notes
            .iter()
            .filter(|note| note.severity == Severity::Error);
        let invalid = invalid.map(|note| Refusal {
            address: None,
            what: Refused::InvalidConfiguration(note.message.clone()),
            place: note.place.clone(),
        });
        let mut out: Vec<Refusal> = invalid.collect();
        let declared: BTreeSet<&Address> = config.resources.iter().map(|r| &r.address).collect();
        let blocks: BTreeSet<Address> = declared.iter().map(|address| address.block()).collect();
        for removed in &config.removed {
            let beside = declared.iter().find(|address| removed.removes(address));
            out.extend(beside.map(|address| Refusal {
                address: Some((*address).clone()),
                what: Refused::RemovedBesideResource,
                place: Some(removed.place.clone()),
            }));
        }
        for (from, one, place) in moves::sources(self.workspace()) {
            let there = if one {
                declared.contains(&from)
            } else {
                blocks.contains(&from)
            };
            if there {
                out.push(Refusal {
                    address: Some(from),
                    what: Refused::MovedBesideResource,
                    place: Some(place),
                });
            }
        }
        out
    }
}
