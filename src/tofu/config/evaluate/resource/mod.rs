//! Resource instances: as values others refer to, and as they are declared.

mod data;
mod recorded;

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use super::super::read::Resource;
use super::body::{Blocks, Body};
use super::expansion::{Expansion, Repetition};
use super::model::{from_model, to_model};
use super::scope::ModuleScope;
use super::session::{Instance, Name, Session};
use crate::hcl::{Context, Data, Members, Value, references};
use crate::model::{
    self, Address, Config, Declared, Key, ModuleStep, Origin, ProviderConfig, Unknown, UnknownBlock,
};

/// A resource instance, evaluated.
pub(super) struct Evaluated {
    pub address: Address,
    pub body: Body,
}

/// The value of a block with instances: one, a tuple, or an object by key.
pub(super) fn arranged(expansion: &Expansion, value: impl Fn(Repetition) -> Value) -> Value {
    match expansion {
        Expansion::Single => value(Repetition::None),
        Expansion::Disabled => Value::null(),
        Expansion::Count(count) => Value::tuple(
            (0..*count)
                .map(|index| value(Repetition::Count(index)))
                .collect(),
        ),
        Expansion::Each(pairs) => {
            let member = |(key, each): &(Arc<str>, Value)| {
                (
                    Arc::clone(key),
                    value(Repetition::Each(Arc::clone(key), each.clone())),
                )
            };
            Value::object(pairs.iter().map(member).collect())
        }
        Expansion::Unknown(reason) => Value::unknown(reason.clone()),
    }
}

impl<'w> Session<'w> {
    pub(super) fn block(&self, instance: &Instance, position: usize) -> &'w Resource {
        &self.module(instance).resources[position]
    }

    pub(super) fn resource_expansion(
        &self,
        instance: &Rc<Instance>,
        position: usize,
    ) -> Rc<Expansion> {
        self.expand(
            instance,
            Name::Resource(position),
            &self.block(instance, position).block.content,
        )
    }

    pub(super) fn address(
        &self,
        instance: &Instance,
        resource: &Resource,
        key: Option<Key>,
    ) -> Address {
        Address {
            modules: instance.path.clone(),
            data: resource.data,
            rtype: resource.rtype.to_string(),
            name: resource.name.to_string(),
            key,
        }
    }

    /// What a reference to a resource gives.
    pub(super) fn resource_value(&self, instance: &Rc<Instance>, position: usize) -> Value {
        let resource = self.block(instance, position);
        let shown = self.address(instance, resource, None).to_string();
        self.once(instance, Name::Resource(position), &shown, || {
            let expansion = self.resource_expansion(instance, position);
            arranged(&expansion, |repetition| {
                self.instance_value(instance, position, resource, &repetition)
            })
        })
    }

    fn instance_value(
        &self,
        instance: &Rc<Instance>,
        position: usize,
        resource: &Resource,
        repetition: &Repetition,
    ) -> Value {
        let address = self.address(instance, resource, repetition.key());
        let shown = address.to_string();
        let origin = Arc::new(Origin {
            address: shown.clone(),
            path: String::new(),
        });
        if resource.data {
            return self.data_value(instance, position, repetition, address, &origin);
        }
        let reason = Unknown::AfterApply(Some(Arc::clone(&origin)));
        let value: Value = match self.values.resource(&address).as_deref() {
            Some(model::Value::Map(members)) => {
                let members = members
                    .iter()
                    .map(|(name, value)| {
                        let value = match (value, self.values.scalar(&resource.rtype, name)) {
                            // What is not known has its attribute's type all the same.
                            (model::Value::Unknown(why), Some(ty)) => {
                                Value::unknown_of(ty, why.clone())
                            }
                            (value, _) => from_model(value),
                        };
                        (Arc::from(name.as_str()), value)
                    })
                    .collect::<Members>();
                Data::Open(Arc::new(members), reason).into()
            }
            Some(model::Value::Unknown(reason)) => Value::unknown(reason.clone()),
            _ => {
                let sensitive = |family: &str| self.values.is_sensitive(&resource.rtype, family);
                let evaluated = self.evaluated(instance, position, repetition);
                match self.values.recorded(&address) {
                    Some(record) => self.recorded(&evaluated.body, &record, &origin),
                    None => evaluated.body.open(&reason, "", &sensitive).into(),
                }
            }
        };
        value.with_origin(Some(origin))
    }

    /// Evaluates a resource that nothing refers to, as far as its values would be taken from its block.
    fn evaluate_alone(&self, instance: &Rc<Instance>, position: usize) {
        let resource = self.block(instance, position);
        let expansion = self.resource_expansion(instance, position);
        for repetition in expansion.repetitions().unwrap_or_default() {
            let address = self.address(instance, resource, repetition.key());
            let value = self.values.resource(&address);
            let known = matches!(
                value.as_deref(),
                Some(model::Value::Map(_) | model::Value::Unknown(_))
            );
            // A data source that nothing refers to is read all the same, and decides nothing.
            if !known && !resource.data {
                self.evaluated(instance, position, &repetition);
            }
        }
    }

    /// The evaluated block of an instance.
    pub(super) fn evaluated(
        &self,
        instance: &Rc<Instance>,
        position: usize,
        repetition: &Repetition,
    ) -> Rc<Evaluated> {
        let at = (position, repetition.key());
        if let Some(found) = instance.evaluated.borrow().get(&at) {
            return Rc::clone(found);
        }
        let evaluated = Rc::new(self.evaluate(instance, position, repetition));
        instance
            .evaluated
            .borrow_mut()
            .insert(at, Rc::clone(&evaluated));
        evaluated
    }

    fn evaluate(
        &self,
        instance: &Rc<Instance>,
        position: usize,
        repetition: &Repetition,
    ) -> Evaluated {
        let resource = self.block(instance, position);
        let scope = ModuleScope {
            session: self,
            instance,
            repetition,
        };
        let unknown = OnceCell::new();
        let body = self.resource_body(&resource.block.content, &Context::new(&scope, &unknown));
        Evaluated {
            address: self.address(instance, resource, repetition.key()),
            body,
        }
    }

    /// The instance of a module path; nothing when there is none.
    fn at_path(&self, path: &[ModuleStep]) -> Option<Rc<Instance>> {
        let mut instance = Rc::clone(&self.root);
        for step in path {
            let (name, call) = self
                .module(&instance)
                .calls
                .get_key_value(step.name.as_str())?;
            let expansion = self.expand(
                &instance,
                Name::Call(Arc::clone(name), None),
                &call.block.content,
            );
            let repetition = expansion.repetition(step.key.as_ref())?;
            instance = self.child(&instance, name, step.key.clone(), repetition)?;
        }
        Some(instance)
    }

    /// All instances of a module call path without keys.
    pub(super) fn all_at(&self, path: &[ModuleStep]) -> Vec<Rc<Instance>> {
        let mut instances = vec![Rc::clone(&self.root)];
        for step in path {
            instances = instances
                .iter()
                .flat_map(|instance| self.children_of(instance, &step.name).unwrap_or_default())
                .collect();
        }
        instances
    }

    /// The instances of one call; the reason where they are not known.
    fn children_of(
        &self,
        instance: &Rc<Instance>,
        call: &str,
    ) -> Result<Vec<Rc<Instance>>, Unknown> {
        let Some((name, call)) = self.module(instance).calls.get_key_value(call) else {
            return Ok(Vec::new());
        };
        let expansion = self.expand(
            instance,
            Name::Call(Arc::clone(name), None),
            &call.block.content,
        );
        let repetitions = expansion.repetitions()?;
        Ok(repetitions
            .into_iter()
            .filter_map(|repetition| {
                self.child(instance, name, repetition.key(), repetition.clone())
            })
            .collect())
    }

    /// The instances of a block, given by its address without keys; those that cannot be known are not among them.
    pub fn instances(&self, block: &Address) -> Vec<Address> {
        let mut addresses = Vec::new();
        for instance in self.all_at(&block.modules) {
            let Some(position) =
                self.module(&instance)
                    .resource(block.data, &block.rtype, &block.name)
            else {
                continue;
            };
            let repetitions = self
                .resource_expansion(&instance, position)
                .repetitions()
                .unwrap_or_default();
            let resource = self.block(&instance, position);
            addresses.extend(
                repetitions
                    .iter()
                    .map(|repetition| self.address(&instance, resource, repetition.key())),
            );
        }
        addresses
    }

    /// One managed instance as it is declared, in terms of what is known when this is called; nothing when it is not declared.
    ///
    /// What it refers to is evaluated once in a session: ask in the order of [`Workspace::order`](super::super::Workspace::order)
    /// when the answers of [`ResourceValues`](super::ResourceValues) come about while asking.
    pub fn declared(&self, address: &Address) -> Option<Declared> {
        let instance = self.at_path(&address.modules)?;
        let position =
            self.module(&instance)
                .resource(address.data, &address.rtype, &address.name)?;
        let repetition = self
            .resource_expansion(&instance, position)
            .repetition(address.key.as_ref())?;
        let provider = self.provider_of(
            &instance,
            self.block(&instance, position),
            &repetition,
            &mut Vec::new(),
        );
        let known = instance
            .evaluated
            .borrow()
            .get(&(position, repetition.key()))
            .cloned();
        // Asked for one by one, bodies are not kept: of most nothing refers to what is only written there.
        let evaluated =
            known.unwrap_or_else(|| Rc::new(self.evaluate(&instance, position, &repetition)));
        Some(self.declare(&instance, position, &repetition, &evaluated, provider))
    }

    fn declare(
        &self,
        instance: &Rc<Instance>,
        position: usize,
        repetition: &Repetition,
        evaluated: &Evaluated,
        provider: Option<Arc<ProviderConfig>>,
    ) -> Declared {
        let resource = self.block(instance, position);
        let mut references = Vec::new();
        let arguments = arguments(&evaluated.body, "", &mut references);
        let lifecycle = self.lifecycle(instance, repetition, &resource.block.content);
        Declared {
            address: evaluated.address.clone(),
            provider,
            arguments,
            references,
            lifecycle,
            place: resource.block.place(),
        }
    }

    /// The whole configuration. Resources of other providers than Google's two are left out.
    pub fn config(&self) -> Config {
        // In dependency order, so that no chain of references grows deep.
        for (block, referred) in super::order::referred(self.workspace) {
            for instance in self.all_at(&block.modules) {
                match self
                    .module(&instance)
                    .resource(block.data, &block.rtype, &block.name)
                {
                    Some(position) if referred => drop(self.resource_value(&instance, position)),
                    Some(position) => self.evaluate_alone(&instance, position),
                    None => {}
                }
            }
        }
        let mut config = Config::default();
        self.collect(&Rc::clone(&self.root), &mut config);
        self.providers_of_root(&mut config.providers);
        config.resources.sort_by(|a, b| a.address.cmp(&b.address));
        config.imports = self.imports();
        config.removed = self.workspace.removed();
        config.unreadable = self.workspace.unreadable.clone();
        config.notes = self.notes();
        config.refusals = self.refusals(&config);
        config
    }

    fn collect(&self, instance: &Rc<Instance>, config: &mut Config) {
        config.module_instances.insert(instance.path.clone());
        for (position, resource) in self
            .module(instance)
            .resources
            .iter()
            .enumerate()
            .filter(|(_, resource)| !resource.data)
        {
            if self.flavour(instance, resource).is_none() {
                continue;
            }
            self.prevented(instance, resource, true, config);
            match self.resource_expansion(instance, position).repetitions() {
                Ok(repetitions) => {
                    for repetition in repetitions {
                        let provider = self.provider_of(
                            instance,
                            resource,
                            &repetition,
                            &mut config.providers,
                        );
                        let evaluated = self.evaluated(instance, position, &repetition);
                        config.resources.push(self.declare(
                            instance,
                            position,
                            &repetition,
                            &evaluated,
                            provider,
                        ));
                    }
                }
                Err(why) => config.unknown_blocks.push(UnknownBlock {
                    address: self.address(instance, resource, None),
                    why,
                    place: resource.block.place(),
                }),
            }
        }
        for (name, call) in &self.module(instance).calls {
            match self.children_of(instance, name) {
                Ok(children) if children.is_empty() => self.prevented_below(instance, name, config),
                Ok(children) => children
                    .iter()
                    .for_each(|child| self.collect(child, config)),
                Err(reason) => self.unknown_module(instance, name, &reason, config),
            }
            // The call is mentioned even where the module itself could not be read.
            _ = call;
        }
    }

    /// Notes a block that keeps its instances from being destroyed. `there` says whether its module has this instance.
    fn prevented(
        &self,
        instance: &Rc<Instance>,
        resource: &Resource,
        there: bool,
        config: &mut Config,
    ) {
        let content = &resource.block.content;
        let mut said = content
            .of_kind("lifecycle")
            .filter_map(|block| block.content.attribute("prevent_destroy"));
        let Some(said) = said.next() else { return };
        let block = || self.address(instance, resource, None).block();
        let refers = !references(&said.expr).is_empty();
        if refers {
            config.prevention_unknown.insert(block());
        }
        let lifecycle = || self.lifecycle(instance, &Repetition::None, content);
        if (there || !refers) && lifecycle().prevent_destroy {
            config.prevented.insert(block());
        }
    }

    /// The same in a module without instances, whose former ones state may still have.
    fn prevented_below(&self, instance: &Rc<Instance>, call: &Arc<str>, config: &mut Config) {
        let Some(child) = self.child(instance, call, None, Repetition::None) else {
            return;
        };
        for resource in self
            .module(&child)
            .resources
            .iter()
            .filter(|resource| !resource.data)
        {
            self.prevented(&child, resource, false, config);
        }
        for name in self.module(&child).calls.keys() {
            self.prevented_below(&child, name, config);
        }
    }

    /// The resources of a module of which it is not known how many instances it has.
    fn unknown_module(
        &self,
        instance: &Rc<Instance>,
        call: &Arc<str>,
        reason: &Unknown,
        config: &mut Config,
    ) {
        let Some(child) = self.child(instance, call, None, Repetition::None) else {
            return;
        };
        for resource in self
            .module(&child)
            .resources
            .iter()
            .filter(|resource| !resource.data)
        {
            if self.flavour(&child, resource).is_some() {
                config.unknown_blocks.push(UnknownBlock {
                    address: self.address(&child, resource, None),
                    why: reason.clone(),
                    place: resource.block.place(),
                });
            }
        }
        for name in self.module(&child).calls.keys() {
            self.unknown_module(&child, name, reason, config);
        }
    }
}

/// The arguments of a body as attributes by name, nested blocks as lists of maps; notes which come straight from a resource.
pub(super) fn arguments(
    body: &Body,
    prefix: &str,
    references: &mut Vec<(String, String)>,
) -> std::collections::BTreeMap<String, model::Value> {
    let mut arguments = std::collections::BTreeMap::new();
    for (name, value) in &body.attributes {
        refer(&format!("{prefix}{name}"), value, references);
        arguments.insert(name.to_string(), to_model(value));
    }
    for (name, blocks) in &body.blocks {
        let value = match blocks {
            Blocks::Unknown(reason) => model::Value::Unknown(reason.clone()),
            Blocks::Known(bodies) => {
                let each = bodies.iter().enumerate();
                let each = each.map(|(at, body)| {
                    model::Value::Map(self::arguments(
                        body,
                        &format!("{prefix}{name}[{at}]."),
                        references,
                    ))
                });
                model::Value::List(each.collect())
            }
        };
        arguments.insert(name.to_string(), value);
    }
    arguments
}

/// Notes the attribute a value, or an element of it, was read from.
fn refer(path: &str, value: &Value, references: &mut Vec<(String, String)>) {
    if let Some(origin) = &value.origin {
        let dot = if origin.path.is_empty() || origin.path.starts_with('[') {
            ""
        } else {
            "."
        };
        references.push((
            path.to_owned(),
            format!("{}{dot}{}", origin.address, origin.path),
        ));
        return;
    }
    match &value.data {
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            for (at, element) in elements.iter().enumerate() {
                refer(&format!("{path}[{at}]"), element, references);
            }
        }
        Data::Map(_, members) | Data::Object(members) => {
            for (key, member) in members.iter() {
                refer(&format!("{path}.{key}"), member, references);
            }
        }
        _ => {}
    }
}
