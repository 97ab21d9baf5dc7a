//! Which provider configuration a resource belongs to.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};

use super::super::read::{Attribute, Provider, Resource};
use super::expansion::Repetition;
use super::model::to_model;
use super::session::{Instance, Session};
use crate::hcl::{Type, Value, convert};
use crate::model::{self, AttributionStrategy, ProviderConfig};

/// The two providers of Google Cloud, by the last part of their source.
const STABLE: &str = "google";
const BETA: &str = "google-beta";

/// A reference to a provider configuration: `google.europe["a"]`.
struct Reference {
    name: String,
    alias: Option<String>,
    key: Option<Expression>,
}

impl Reference {
    fn parse(expr: &Expression) -> Option<Self> {
        match expr {
            Expression::Variable(name) => Some(Self {
                name: name.value().as_str().to_owned(),
                alias: None,
                key: None,
            }),
            Expression::String(text) => {
                let (name, alias) = text
                    .value()
                    .split_once('.')
                    .map_or((text.value().as_str(), None), |(name, alias)| {
                        (name, Some(alias))
                    });
                Some(Self {
                    name: name.to_owned(),
                    alias: alias.map(str::to_owned),
                    key: None,
                })
            }
            Expression::Traversal(traversal) => {
                let Expression::Variable(name) = &traversal.expr else {
                    return None;
                };
                let mut reference = Self {
                    name: name.value().as_str().to_owned(),
                    alias: None,
                    key: None,
                };
                for step in &traversal.operators {
                    match step.value() {
                        TraversalOperator::GetAttr(alias) => {
                            reference.alias = Some(alias.value().as_str().to_owned())
                        }
                        TraversalOperator::Index(key) => reference.key = Some(key.clone()),
                        _ => return None,
                    }
                }
                Some(reference)
            }
            _ => None,
        }
    }
}

/// A provider configuration in a module instance: name, alias, and key where it has `for_each`.
type Wanted = (String, Option<String>, Option<String>);

impl Session<'_> {
    /// Whether a resource is of one of Google's providers, and if so whether of the beta one.
    pub(super) fn flavour(&self, instance: &Instance, resource: &Resource) -> Option<bool> {
        let reference = resource
            .block
            .content
            .attribute("provider")
            .and_then(|attribute| Reference::parse(&attribute.expr));
        let implied = || {
            resource
                .rtype
                .split('_')
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        self.beta(
            instance,
            &reference.map_or_else(implied, |reference| reference.name),
        )
    }

    /// Whether a local name means google-beta; nothing when it is neither of the two.
    fn beta(&self, instance: &Instance, name: &str) -> Option<bool> {
        let source = self
            .module(instance)
            .required
            .get(name)
            .map_or(name, String::as_str);
        match source.rsplit('/').next() {
            Some(STABLE) => Some(false),
            Some(BETA) => Some(true),
            _ => None,
        }
    }

    /// The provider configuration of a resource instance; it is added to `known` if it is not there yet.
    pub(super) fn provider_of(
        &self,
        instance: &Rc<Instance>,
        resource: &Resource,
        repetition: &Repetition,
        known: &mut Vec<Arc<ProviderConfig>>,
    ) -> Option<Arc<ProviderConfig>> {
        let beta = self.flavour(instance, resource)?;
        let wanted = match resource.block.content.attribute("provider") {
            Some(attribute) => self.wanted(instance, repetition, attribute, &attribute.expr)?,
            None => (
                resource
                    .rtype
                    .split('_')
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
                None,
                None,
            ),
        };
        let config = self.provider_config(instance, &wanted, beta);
        let same = known.iter().find(|other| ***other == config).cloned();
        Some(same.unwrap_or_else(|| {
            let config = Arc::new(config);
            known.push(Arc::clone(&config));
            config
        }))
    }

    /// Adds the root module's own configurations of Google's two providers to `known`: what is written beside them comes under
    /// them, whether or not a resource does already.
    pub(super) fn providers_of_root(&self, known: &mut Vec<Arc<ProviderConfig>>) {
        let root = Rc::clone(&self.root);
        for provider in self
            .module(&root)
            .providers
            .iter()
            .filter(|provider| provider.alias.is_none())
        {
            let Some(beta) = self.beta(&root, &provider.name) else {
                continue;
            };
            let config = self.evaluate_provider(&root, provider, None, beta);
            if !known.iter().any(|other| **other == config) {
                known.push(Arc::new(config));
            }
        }
    }

    fn wanted(
        &self,
        instance: &Rc<Instance>,
        repetition: &Repetition,
        attribute: &Attribute,
        expr: &Expression,
    ) -> Option<Wanted> {
        let Reference { name, alias, key } = Reference::parse(expr)?;
        let key = key.and_then(|key| {
            let value = self.expression(instance, repetition, &key, attribute);
            convert(&value, &Type::String)
                .ok()?
                .as_str()
                .map(str::to_owned)
        });
        Some((name, alias, key))
    }

    /// The configuration a name stands for in a module: its own, one the call passes, or the caller's of the same provider.
    fn provider_config(
        &self,
        instance: &Rc<Instance>,
        wanted: &Wanted,
        beta: bool,
    ) -> ProviderConfig {
        let (name, alias, key) = wanted;
        let own = self
            .module(instance)
            .providers
            .iter()
            .find(|provider| provider.name == *name && provider.alias == *alias);
        if let Some(provider) = own.filter(|provider| {
            alias.is_none()
                || instance.caller.is_none()
                || !provider.block.content.attributes.is_empty()
        }) {
            return self.evaluate_provider(instance, provider, key.as_deref(), beta);
        }
        let Some((caller, repetition)) = &instance.caller else {
            return self.implicit(beta, alias.clone());
        };
        if let Some(passed) =
            self.passed_provider(caller, repetition, instance, name, alias.as_deref())
        {
            return self.provider_config(caller, &passed, beta);
        }
        if alias.is_some() {
            return ProviderConfig {
                unknown: vec!["provider".into()],
                ..self.implicit(beta, alias.clone())
            };
        }
        // The caller may know the same provider by another name.
        let named = self
            .module(caller)
            .required
            .keys()
            .find(|other| self.beta(caller, other) == Some(beta));
        let name = if self.beta(caller, name) == Some(beta) {
            name.clone()
        } else {
            named.cloned().unwrap_or_else(|| name.clone())
        };
        self.provider_config(caller, &(name, None, None), beta)
    }

    /// What the call's `providers` argument says of a name.
    fn passed_provider(
        &self,
        caller: &Rc<Instance>,
        repetition: &Repetition,
        instance: &Instance,
        name: &str,
        alias: Option<&str>,
    ) -> Option<Wanted> {
        let call = self
            .module(caller)
            .calls
            .get(instance.path.last()?.name.as_str())?;
        let attribute = call.block.content.attribute("providers")?;
        let Expression::Object(object) = &attribute.expr else {
            return None;
        };
        object.iter().find_map(|(key, value)| {
            let reference = match key {
                ObjectKey::Ident(name) => Reference {
                    name: name.value().as_str().to_owned(),
                    alias: None,
                    key: None,
                },
                ObjectKey::Expression(expr) => Reference::parse(expr)?,
            };
            let same = reference.name == name && reference.alias.as_deref() == alias;
            same.then(|| self.wanted(caller, repetition, attribute, value.expr()))
                .flatten()
        })
    }

    fn evaluate_provider(
        &self,
        instance: &Rc<Instance>,
        provider: &Provider,
        key: Option<&str>,
        beta: bool,
    ) -> ProviderConfig {
        let repetition = self.provider_repetition(instance, provider, key);
        let mut config = self.implicit(beta, provider.alias.clone());
        for attribute in &provider.block.content.attributes {
            if matches!(attribute.name.as_str(), "alias" | "for_each" | "version") {
                continue;
            }
            let value = self.attribute(instance, &repetition, attribute);
            if !set(&mut config, &attribute.name, &value) {
                config.unknown.push(attribute.name.clone());
            }
        }
        config.unknown.sort();
        config
    }

    /// What a provider without any argument has: what the environment says.
    fn implicit(&self, beta: bool, alias: Option<String>) -> ProviderConfig {
        ProviderConfig {
            beta,
            alias,
            ..self.workspace.provider.clone()
        }
    }

    fn provider_repetition(
        &self,
        instance: &Rc<Instance>,
        provider: &Provider,
        key: Option<&str>,
    ) -> Repetition {
        let (Some(each), Some(key)) = (provider.block.content.attribute("for_each"), key) else {
            return Repetition::None;
        };
        let value = self.attribute(instance, &Repetition::None, each);
        let member = value
            .members()
            .and_then(|members| members.get(key))
            .cloned();
        Repetition::Each(key.into(), member.unwrap_or_else(|| Value::string(key)))
    }
}

/// Sets an argument; false when its value is not known.
fn set(config: &mut ProviderConfig, name: &str, value: &Value) -> bool {
    if !value.is_whole() && name != "default_labels" {
        // Whatever the environment says, it is not that.
        match name {
            "project" => config.project = None,
            "region" => config.region = None,
            "zone" => config.zone = None,
            _ => {}
        }
        return false;
    }
    let text = convert(value, &Type::String)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .filter(|text| !text.is_empty());
    match name {
        "project" => config.project = text.or(config.project.take()),
        "region" => config.region = text.or(config.region.take()),
        "zone" => config.zone = text.or(config.zone.take()),
        "impersonate_service_account" => config.impersonate = text,
        "deletion_policy" => config.deletion_policy = text,
        "add_terraform_attribution_label" => {
            config.attribution_label = convert(value, &Type::Bool)
                .ok()
                .and_then(|value| value.as_bool());
        }
        "terraform_attribution_label_addition_strategy" => match text.as_deref() {
            None | Some("CREATION_ONLY") => {}
            Some("PROACTIVE") => config.attribution_strategy = AttributionStrategy::Proactive,
            // The provider refuses any other word.
            Some(_) => return false,
        },
        "default_labels" => match to_model(value) {
            model::Value::Map(labels) => config.default_labels = labels,
            model::Value::Unknown(_) => return false,
            _ => config.default_labels = BTreeMap::new(),
        },
        _ => {}
    }
    true
}
