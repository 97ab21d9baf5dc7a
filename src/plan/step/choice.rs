//! Which objects are imported, and why others are not.

use std::collections::BTreeSet;

use super::{Candidate, Planner, named};
use crate::catalog::{Definition, Inline};
use crate::compare::{Remark, Row, Verdict, holder_id, listed, whole};
use crate::model::{Address, Object, Value};
use crate::plan::{Pattern, Skip, SkipReason};

impl<'a> Planner<'a> {
    /// Which objects are imported, in dependency order; what is not is a skip.
    pub fn choose(&mut self) {
        let (held, free): (Vec<_>, Vec<_>) = self
            .inputs
            .comparison
            .rows
            .iter()
            .partition(|row| row.state.is_some());
        let ours = |row: &&&Row| {
            matches!(
                row.verdict,
                Verdict::Unmanaged | Verdict::Owned | Verdict::Declared
            )
        };
        let free: BTreeSet<(&str, &str)> = free.iter().filter(ours).filter_map(named).collect();
        let held: BTreeSet<(&str, &str)> = held.iter().filter_map(named).collect();
        let wholes: BTreeSet<(&str, &str)> = (self.adopted.keys())
            .map(|at| &self.inputs.cloud.objects[*at])
            .map(|object| (object.rtype.as_str(), object.id.as_str()))
            .collect();
        for at in self.graph.dependency_order() {
            let object = &self.inputs.cloud.objects[at];
            let Some(definition) = self.inputs.catalog.definition(&object.rtype) else {
                continue;
            };
            let declared = self.adopted.contains_key(&at);
            let name = (object.rtype.as_str(), object.id.as_str());
            // What counts only where state has it counts where configuration declares it, too.
            let counts = free.contains(&name)
                || (declared && definition.claimed_only && !held.contains(&name));
            if !counts || !self.meant(object) {
                continue;
            }
            if !declared && self.inputs.options.declared_only.contains(&object.rtype) {
                continue;
            }
            // An authoritative resource that configuration declares stands for what it holds.
            let whole = whole(object, self.inputs.catalog).filter(|_| !declared);
            if whole.is_some_and(|(rtype, id)| wholes.contains(&(rtype.as_str(), id.as_str()))) {
                continue;
            }
            match self.obstacle(object, definition, declared) {
                Some(reason) => self.skip(object, reason),
                None => self.candidates.push(Candidate {
                    at,
                    address: Address::root(&object.rtype, ""),
                    declared,
                    batch: 0,
                }),
            }
        }
    }

    fn meant(&self, object: &Object) -> bool {
        let options = self.inputs.options;
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(object));
        (options.only.is_empty() || any(&options.only)) && !any(&options.exclude)
    }

    /// Why an object is not imported.
    fn obstacle(
        &self,
        object: &Object,
        definition: &Definition,
        declared: bool,
    ) -> Option<SkipReason> {
        if !definition.schema.there {
            return Some(SkipReason::NoSuchType);
        }
        if !definition.schema.importable {
            return Some(SkipReason::NotImportable);
        }
        if let Some(reason) = &object.blocked {
            return Some(SkipReason::Blocked(reason.clone()));
        }
        if declared {
            return None;
        }
        let config = self
            .inputs
            .config
            .map(|configured| configured.declarations.config);
        let unread = config.and_then(|config| config.unreadable.first());
        if let Some(part) = unread {
            return Some(SkipReason::MayBeDeclared(part.unknown()));
        }
        if self.inputs.options.include_defaults {
            return None;
        }
        let owned = object
            .owned
            .as_ref()
            .map(|owned| Remark::Owned(owned.reason.clone()));
        let belongs = owned.or_else(|| self.held(object, definition));
        belongs.map(SkipReason::Belongs)
    }

    /// Which resource has an object among its own blocks: one in state, or one that configuration declares and that is adopted.
    fn held(&self, object: &Object, definition: &Definition) -> Option<Remark> {
        let config = self
            .inputs
            .config
            .map(|configured| configured.declarations.config);
        let name = object.key();
        if let Some(holder) = self
            .inputs
            .comparison
            .held
            .get(&name)
            .filter(|holder| holder.holds(config))
        {
            return Some(holder.remark(config));
        }
        let attributes = Value::Map(object.attributes.clone());
        let declared = |inline: &Inline| {
            let id = holder_id(
                inline,
                &attributes,
                &object.scope.project,
                self.inputs.catalog,
            )?;
            let is = |at: &usize| {
                (
                    &self.inputs.cloud.objects[*at].id,
                    &self.inputs.cloud.objects[*at].rtype,
                ) == (&id, &inline.holder)
            };
            let (_, adopted) = self.adopted.iter().find(|(at, _)| is(at))?;
            let resource = config?
                .resources
                .iter()
                .find(|declared| declared.address == adopted.address)?;
            let name = object.attributes.get(&inline.key)?;
            let says = |name: &String| resource.arguments.get(name);
            let refused = inline
                .unless
                .as_ref()
                .and_then(says)
                .and_then(Value::as_bool)
                == Some(true);
            let own = !refused
                && name
                    .as_text()
                    .is_some_and(|name| inline.only.iter().any(|only| only == name));
            let named =
                own || says(&inline.attribute).is_some_and(|blocks| listed(inline, blocks, name));
            named.then(|| Remark::PartOf {
                holder: adopted.address.clone(),
                attribute: inline.attribute.clone(),
                by_state: false,
            })
        };
        definition.inline.iter().find_map(declared)
    }

    pub(super) fn skip(&mut self, object: &Object, reason: SkipReason) {
        self.plan.skips.push(Skip {
            rtype: object.rtype.clone(),
            import_id: object.import_id.clone(),
            reason,
        });
    }
}
