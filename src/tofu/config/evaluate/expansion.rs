//! `count` and `for_each`: which instances a block has.

use std::rc::Rc;
use std::sync::Arc;

use super::super::read::{Attribute, Content};
use super::session::{Instance, Name, Session};
use crate::hcl::{Data, Diagnostic, Items, Type, Value, any_decides, convert, items};
use crate::model::{Key, Unknown};

/// What `each` and `count` stand for.
#[derive(Clone)]
pub(super) enum Repetition {
    /// Neither may be used.
    None,
    /// `count.index`.
    Count(i64),
    /// `each.key` and `each.value`.
    Each(Arc<str>, Value),
}

impl Repetition {
    /// The key of the instance.
    pub fn key(&self) -> Option<Key> {
        match self {
            Self::None => None,
            Self::Count(index) => Some(Key::Index(*index)),
            Self::Each(key, _) => Some(Key::Text(key.to_string())),
        }
    }
}

/// The instances of a block.
pub(super) enum Expansion {
    /// One without key.
    Single,
    /// None, because `enabled` is false.
    Disabled,
    /// Those of `count`.
    Count(i64),
    /// Those of `for_each`, in key order.
    Each(Vec<(Arc<str>, Value)>),
    /// Not known which, for the reason.
    Unknown(Unknown),
}

impl Expansion {
    /// The repetition of the instance with a key, if there is one.
    pub fn repetition(&self, key: Option<&Key>) -> Option<Repetition> {
        match (self, key) {
            (Self::Single, None) => Some(Repetition::None),
            (Self::Count(count), Some(Key::Index(index))) if (0..*count).contains(index) => {
                Some(Repetition::Count(*index))
            }
            (Self::Each(pairs), Some(Key::Text(key))) => {
                let at = pairs
                    .binary_search_by(|(other, _)| other.as_ref().cmp(key))
                    .ok()?;
                let (key, value) = &pairs[at];
                Some(Repetition::Each(Arc::clone(key), value.clone()))
            }
            _ => None,
        }
    }

    /// The repetition of each instance; the reason where they are not known.
    pub fn repetitions(&self) -> Result<Vec<Repetition>, Unknown> {
        match self {
            Self::Single => Ok(vec![Repetition::None]),
            Self::Disabled => Ok(Vec::new()),
            Self::Count(count) => Ok((0..*count).map(Repetition::Count).collect()),
            Self::Each(pairs) => Ok(pairs
                .iter()
                .map(|(key, value)| Repetition::Each(Arc::clone(key), value.clone()))
                .collect()),
            Self::Unknown(reason) => Err(reason.clone()),
        }
    }
}

impl Session<'_> {
    /// The instances of a resource or module call.
    pub(super) fn expand(
        &self,
        instance: &Rc<Instance>,
        name: Name,
        content: &Content,
    ) -> Rc<Expansion> {
        self.expansion_once(instance, name, || {
            if let (Some(attribute), Some(_)) =
                (content.attribute("count"), content.attribute("for_each"))
            {
                let detail = "A block may have \"count\" or \"for_each\", not both.";
                return self.refuse("count", detail.to_owned(), attribute);
            }
            if let Some(attribute) = content.attribute("count") {
                return self.expand_count(instance, attribute);
            }
            if let Some(attribute) = content.attribute("for_each") {
                return self.expand_each(instance, attribute);
            }
            let enabled = content
                .of_kind("lifecycle")
                .find_map(|block| block.content.attribute("enabled"));
            let Some(attribute) = enabled else {
                return Expansion::Single;
            };
            self.expand_enabled(instance, attribute)
        })
    }

    fn expand_enabled(&self, instance: &Rc<Instance>, attribute: &Attribute) -> Expansion {
        let value = self.attribute(instance, &Repetition::None, attribute);
        let refuse = |detail: String| self.refuse("enabled", detail, attribute);
        if let Some(reason) = value.unknown_itself() {
            return Expansion::Unknown(reason.clone());
        }
        if value.sensitive {
            return refuse(
                "Sensitive values, or values derived from sensitive values, cannot be used in \"enabled\" arguments.".into(),
            );
        }
        let unsuitable = |why: &str| {
            refuse(format!(
                "The given \"enabled\" argument value is unsuitable: {why}."
            ))
        };
        match convert(&value, &Type::Bool) {
            Ok(value) => match value.as_bool() {
                Some(true) => Expansion::Single,
                Some(false) => Expansion::Disabled,
                None => unsuitable("the given value is null"),
            },
            Err(why) => unsuitable(&why),
        }
    }

    fn refuse(&self, what: &str, detail: String, attribute: &Attribute) -> Expansion {
        let diagnostic = Diagnostic::new(format!("Invalid {what} argument"), detail);
        Expansion::Unknown(self.complain(&diagnostic, &attribute.file, attribute.span.start))
    }

    fn expand_count(&self, instance: &Rc<Instance>, attribute: &Attribute) -> Expansion {
        let value = self.attribute(instance, &Repetition::None, attribute);
        let refuse = |detail: &str| self.refuse("count", detail.to_owned(), attribute);
        if let Some(reason) = value.reason() {
            return Expansion::Unknown(reason.clone());
        }
        if value.is_null() {
            return refuse("The given \"count\" argument value is null. An integer is required.");
        }
        // A sensitive number is taken: it tells no more than how many there are.
        let number = convert(&value, &Type::Number)
            .ok()
            .and_then(|value| value.as_number().cloned());
        match number.and_then(|number| number.to_i64()) {
            Some(count) if count >= 0 => {
                self.affordable(count.unsigned_abs(), attribute, Expansion::Count(count))
            }
            Some(_) => refuse(
                "The given \"count\" argument value is unsuitable: must be greater than or equal to zero.",
            ),
            None => refuse(
                "The given \"count\" argument value is unsuitable: a whole number is required.",
            ),
        }
    }

    /// An expansion, unless there are more instances than are evaluated.
    fn affordable(&self, count: u64, attribute: &Attribute, expansion: Expansion) -> Expansion {
        match self.budget.instances(count) {
            Ok(()) => expansion,
            Err(diagnostic) => Expansion::Unknown(self.complain(
                &diagnostic,
                &attribute.file,
                attribute.span.start,
            )),
        }
    }

    fn expand_each(&self, instance: &Rc<Instance>, attribute: &Attribute) -> Expansion {
        let value = self.attribute(instance, &Repetition::None, attribute);
        let refuse = |detail: &str| self.refuse("for_each", detail.to_owned(), attribute);
        if value.sensitive {
            return refuse(
                "Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments.",
            );
        }
        if value.is_null() {
            return refuse(
                "The given \"for_each\" argument value is null. A map, or set of strings is allowed.",
            );
        }
        match value.ty() {
            Type::List(_) | Type::Tuple(_) => {
                return refuse(
                    "The \"for_each\" argument must be a map, or set of strings: use toset(…) to make a set of a list.",
                );
            }
            Type::Bool | Type::Number | Type::String => {
                return refuse("The \"for_each\" argument must be a map, or set of strings.");
            }
            Type::Set(element) if !matches!(*element, Type::String | Type::Dynamic) => {
                return refuse("The \"for_each\" set must contain only strings.");
            }
            Type::Set(_) | Type::Map(_) | Type::Object(_) | Type::Dynamic => {}
        }
        if let Data::Set(_, elements) = &value.data {
            if let Some(reason) = any_decides(elements.iter().filter_map(Value::reason)) {
                return Expansion::Unknown(reason.clone());
            }
            if elements.iter().any(Value::is_null) {
                return refuse("The \"for_each\" set must not contain null.");
            }
        }
        match items(&value) {
            Ok(Items::Known(pairs)) => {
                let pairs: Vec<(Arc<str>, Value)> = pairs
                    .into_iter()
                    .filter_map(|(key, value)| Some((key.as_str()?.into(), value)))
                    .collect();
                let count = u64::try_from(pairs.len()).unwrap_or(u64::MAX);
                self.affordable(count, attribute, Expansion::Each(pairs))
            }
            Ok(Items::Unknown(reason)) => Expansion::Unknown(reason),
            Err(diagnostic) => Expansion::Unknown(self.complain(
                &diagnostic,
                &attribute.file,
                attribute.span.start,
            )),
        }
    }
}
