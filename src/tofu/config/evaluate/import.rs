//! `import` blocks.

use std::rc::Rc;

use hcl_edit::expr::{Expression, TraversalOperator};

use super::super::read::{Attribute, Block};
use super::expansion::Repetition;
use super::model::to_model;
use super::session::Session;
use crate::hcl::{Items, Type, Value, convert, items};
use crate::model::{
    self, Address, ImportBlock, ImportedObject, Key, ModuleStep, NotEvaluated, Severity,
};

impl Session<'_> {
    /// The import blocks of the root module, one for each element of their `for_each`.
    pub(super) fn imports(&self) -> Vec<ImportBlock> {
        self.module(&self.root)
            .imports
            .iter()
            .flat_map(|block| self.import(block))
            .collect()
    }

    fn import(&self, block: &Block) -> Vec<ImportBlock> {
        let refuse = |message: &str| {
            self.note(
                Severity::Warning,
                format!("an import block was left out: {message}"),
                Some(block.place()),
            );
            Vec::new()
        };
        let Some(to) = block.content.attribute("to") else {
            return refuse("it has no `to`");
        };
        let repetitions = match block.content.attribute("for_each") {
            None => vec![Repetition::None],
            Some(each) => match self.import_repetitions(each) {
                Some(repetitions) => repetitions,
                None => return refuse("its `for_each` is not known"),
            },
        };
        let mut found = Vec::new();
        for repetition in repetitions {
            let Some(address) = self.target(to, &repetition) else {
                return refuse("its `to` is not known");
            };
            found.push(ImportBlock {
                to: address,
                object: self.imported_object(block, &repetition),
                place: block.place(),
            });
        }
        found
    }

    /// What a block imports, by its `id` or its `identity`.
    fn imported_object(&self, block: &Block, repetition: &Repetition) -> ImportedObject {
        let value = |name: &str| {
            let attribute = block.content.attribute(name)?;
            Some(self.attribute(&self.root, repetition, attribute))
        };
        let Some(id) = value("id") else {
            return match value("identity").as_ref().map(to_model) {
                Some(model::Value::Map(identity)) => {
                    let open = identity.values().find_map(|value| match value {
                        model::Value::Unknown(why) => Some(why.clone()),
                        _ => None,
                    });
                    open.map_or(ImportedObject::Identity(identity), ImportedObject::Unknown)
                }
                Some(model::Value::Unknown(why)) => ImportedObject::Unknown(why),
                _ => ImportedObject::Unknown(NotEvaluated::ImportId.into()),
            };
        };
        match (convert(&id, &Type::String), id.reason()) {
            (_, Some(why)) => ImportedObject::Unknown(why.clone()),
            (Ok(text), None) => match text.as_str() {
                Some(text) => ImportedObject::Id(text.to_owned()),
                None => ImportedObject::Unknown(NotEvaluated::ImportId.into()),
            },
            (Err(_), None) => ImportedObject::Unknown(NotEvaluated::ImportId.into()),
        }
    }

    /// Maps, objects, sets, and here also tuples: their positions are the keys.
    fn import_repetitions(&self, each: &Attribute) -> Option<Vec<Repetition>> {
        let Ok(Items::Known(pairs)) = items(&self.attribute(&self.root, &Repetition::None, each))
        else {
            return None;
        };
        let repetition = |(key, value): (Value, Value)| {
            Some(Repetition::Each(
                convert(&key, &Type::String).ok()?.as_str()?.into(),
                value,
            ))
        };
        pairs.into_iter().map(repetition).collect()
    }

    /// The address that `to` names, its keys evaluated.
    fn target(&self, to: &Attribute, repetition: &Repetition) -> Option<Address> {
        let Expression::Traversal(traversal) = &to.expr else {
            return None;
        };
        let Expression::Variable(root) = &traversal.expr else {
            return None;
        };
        let mut parts: Vec<(String, Option<Key>)> = vec![(root.value().as_str().to_owned(), None)];
        for step in &traversal.operators {
            match step.value() {
                TraversalOperator::GetAttr(name) => {
                    parts.push((name.value().as_str().to_owned(), None))
                }
                TraversalOperator::Index(key) => {
                    let value = self.expression(&Rc::clone(&self.root), repetition, key, to);
                    parts.last_mut()?.1 = Some(key_of(&value)?);
                }
                _ => return None,
            }
        }
        address(parts)
    }
}

fn key_of(value: &Value) -> Option<Key> {
    match value.as_number() {
        Some(number) => number.to_i64().map(Key::Index),
        None => value.as_str().map(|text| Key::Text(text.to_owned())),
    }
}

fn address(parts: Vec<(String, Option<Key>)>) -> Option<Address> {
    let mut parts = parts.into_iter().peekable();
    let mut modules = Vec::new();
    while parts.next_if(|(name, _)| name == "module").is_some() {
        let (name, key) = parts.next()?;
        modules.push(ModuleStep { name, key });
    }
    parts.next_if(|(name, _)| name == "resource");
    let (rtype, _) = parts.next()?;
    let (name, key) = parts.next()?;
    parts.next().is_none().then_some(Address {
        modules,
        data: false,
        rtype,
        name,
        key,
    })
}
