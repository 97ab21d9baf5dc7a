//! `removed` blocks: what state is to forget, or tofu to destroy.

use super::Workspace;
use super::moves::Endpoint;
use crate::model::RemovedBlock;

impl Workspace {
    /// The `removed` blocks of all modules.
    pub(super) fn removed(&self) -> Vec<RemovedBlock> {
        let mut out = Vec::new();
        for (node, path) in self.paths().into_iter().enumerate() {
            for block in &self.nodes[node].module.removed {
                let from = block
                    .content
                    .attribute("from")
                    .and_then(|from| Endpoint::parse(&from.expr.to_string()));
                let Some(from) = from else { continue };
                let modules = path
                    .iter()
                    .cloned()
                    .chain(from.modules.into_iter().map(|step| step.name))
                    .collect();
                let resource = from.resource.map(|(rtype, name, _)| (rtype, name));
                let lifecycle = block
                    .content
                    .of_kind("lifecycle")
                    .find_map(|block| block.content.attribute("destroy"));
                let destroy = lifecycle
                    .and_then(|destroy| destroy.expr.as_bool())
                    .unwrap_or(false);
                out.push(RemovedBlock {
                    modules,
                    resource,
                    destroy,
                    place: block.place(),
                });
            }
        }
        out
    }
}
