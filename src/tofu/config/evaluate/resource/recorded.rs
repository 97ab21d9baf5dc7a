//! What state recorded of resources of other providers and of data sources: known as long as configuration says the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha1::{Digest, Sha1};

use super::super::body::{Blocks, Body};
use super::super::model::from_model;
use super::super::session::Session;
use super::super::{Facts, Record};
use crate::hcl::{Data, Members, Type, Value, convert};
use crate::input;
use crate::model::{self, Origin, Step, Unknown, is_secret_name};

/// Whether configuration says what state has.
#[derive(Debug, PartialEq)]
pub(super) enum Agreement {
    Same,
    /// These arguments differ.
    Differs(Vec<String>),
    Unknown(Unknown),
}

impl Session<'_> {
    /// The value of an instance that state recorded.
    pub(super) fn recorded(&self, body: &Body, record: &Record, origin: &Arc<Origin>) -> Value {
        let after_apply = Unknown::AfterApply(Some(Arc::clone(origin)));
        let facts = record.facts.as_ref();
        let Some(stored) = record.attributes.as_map() else {
            return body.open(&Unknown::StateUnreadable, "", &|_| false).into();
        };
        let whole = || Value::object(held(stored, record));
        let hidden = |family: &str| secret(family, record);
        let open = |why: &Unknown| -> Value { body.open(why, "", &hidden).into() };
        if record.tainted || facts.is_some_and(|facts| self.is_gone(facts, stored)) {
            return open(&after_apply);
        }
        match agreement(body, stored, record) {
            Agreement::Same => whole(),
            Agreement::Unknown(why) if facts.is_some() || !why.is_after_apply() => open(&why),
            // What becomes of the rest is known to its provider alone.
            Agreement::Unknown(_) => open(&Unknown::ProviderRule),
            Agreement::Differs(_) if facts.is_none() => open(&Unknown::ProviderRule),
            Agreement::Differs(names) => {
                let facts = facts.map_or(&[][..], |facts| &facts.stable);
                let in_place = record
                    .facts
                    .as_ref()
                    .map_or(&[][..], |facts| &facts.in_place);
                let stays = names.iter().all(|name| in_place.contains(name));
                let mut value = open(&after_apply);
                if let (true, Data::Open(members, _)) = (stays, &mut value.data) {
                    let kept = held(stored, record).into_iter();
                    let kept =
                        kept.filter(|(name, _)| facts.iter().any(|stable| **stable == **name));
                    let mut all = kept.collect::<Members>();
                    all.extend(members.as_ref().clone());
                    *members = Arc::new(all);
                }
                value
            }
        }
    }

    /// All that state recorded of an instance.
    pub(super) fn whole(&self, record: &Record) -> Value {
        Value::object(
            record
                .attributes
                .as_map()
                .map(|stored| held(stored, record))
                .unwrap_or_default(),
        )
    }

    /// Whether tofu would leave a recorded instance as it is.
    pub(super) fn is_settled(&self, body: &Body, record: &Record) -> bool {
        let stored = record.attributes.as_map();
        let gone = |stored| {
            record
                .facts
                .as_ref()
                .is_some_and(|facts| self.is_gone(facts, stored))
        };
        !record.tainted
            && stored.is_some_and(|stored| {
                !gone(stored) && agreement(body, stored, record) == Agreement::Same
            })
    }

    /// Whether a refresh would find it gone: its time has come, or its file is not what state says.
    fn is_gone(&self, facts: &Facts, stored: &BTreeMap<String, model::Value>) -> bool {
        let text = |name: &String| stored.get(name).and_then(model::Value::as_text);
        let until = facts.expires.as_ref().and_then(text);
        let passed = until
            .and_then(|time| time.parse::<jiff::Timestamp>().ok())
            .is_some_and(|time| time <= jiff::Timestamp::now());
        let changed = facts.file.as_ref().is_some_and(|file| {
            let path = text(&file.path).unwrap_or_default();
            let content = input::bytes(&self.workspace.folder.join(path), input::MOST_TEXT);
            let digest = content.map(|content| {
                let digits = Sha1::digest(&content);
                digits
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>()
            });
            digest.ok().as_deref() != text(&file.sha1)
        });
        passed || changed
    }
}

/// State's attributes as values, those that must not be shown marked.
fn held(stored: &BTreeMap<String, model::Value>, record: &Record) -> Members {
    let dynamic = record
        .facts
        .as_ref()
        .map_or(&[][..], |facts| &facts.dynamic);
    let value = |(name, value): (&String, &model::Value)| {
        let value = if dynamic.contains(name) {
            unwrapped(value)
        } else {
            from_model(value)
        };
        let marks = record
            .sensitive
            .iter()
            .filter_map(|path| match path.0.split_first() {
                None => Some(&[][..]),
                Some((Step::Attribute(first), rest)) if first == name => Some(rest),
                Some(_) => None,
            });
        let value = marks.fold(value, mark).marked(secret(name, record));
        (Arc::from(name.as_str()), value)
    };
    stored.iter().map(value).collect()
}

/// Whether an attribute must not be shown: facts say so, or, where there are none, its name.
fn secret(family: &str, record: &Record) -> bool {
    match &record.facts {
        Some(facts) => facts.sensitive.iter().any(|name| name == family),
        None => is_secret_name(family.rsplit('.').next().unwrap_or(family)),
    }
}

fn mark(value: Value, path: &[Step]) -> Value {
    let Some((step, rest)) = path.split_first() else {
        return value.marked(true);
    };
    let at = |members: &Members, name: &str| {
        let mut members = members.clone();
        if let Some(member) = members.get_mut(name) {
            *member = mark(member.clone(), rest);
        }
        Arc::new(members)
    };
    let nth = |elements: &[Value], index: usize| {
        let mut elements = elements.to_vec();
        if let Some(element) = elements.get_mut(index) {
            *element = mark(element.clone(), rest);
        }
        Arc::new(elements)
    };
    let data = match (&value.data, step) {
        (Data::Object(members), Step::Attribute(name) | Step::Key(name)) => {
            Data::Object(at(members, name))
        }
        (Data::Map(ty, members), Step::Attribute(name) | Step::Key(name)) => {
            Data::Map(ty.clone(), at(members, name))
        }
        (Data::Tuple(elements), Step::Index(index)) => Data::Tuple(nth(elements, *index)),
        (Data::List(ty, elements), Step::Index(index)) => {
            Data::List(ty.clone(), nth(elements, *index))
        }
        // What the mark names cannot be told apart.
        (_, Step::Attribute(_) | Step::Key(_) | Step::Index(_)) => return value.marked(true),
    };
    Value::from(data)
        .marked(value.sensitive)
        .with_origin(value.origin)
}

/// A value of any type, as state holds it with the type.
fn unwrapped(value: &model::Value) -> Value {
    let (Some(inner), Some(ty)) = (value.get("value"), value.get("type")) else {
        return from_model(value);
    };
    let plain = from_model(inner);
    match type_of(&ty.to_json()) {
        Some(ty) => convert(&plain, &ty).unwrap_or(plain),
        None => plain,
    }
}

/// Whether what is written of an instance is what state has.
pub(super) fn agreement(
    body: &Body,
    stored: &BTreeMap<String, model::Value>,
    record: &Record,
) -> Agreement {
    let facts = record.facts.as_ref();
    let null = model::Value::Null;
    let (mut differs, mut open) = (Vec::new(), None);
    for (name, value) in body.attributes.iter().filter(|(_, value)| !value.is_null()) {
        let had = stored.get(&**name).unwrap_or(&null);
        let dynamic = facts.is_some_and(|facts| facts.dynamic.iter().any(|d| **d == **name));
        if let Some(why) = value.reason() {
            open.get_or_insert(why.clone());
        } else if !(dynamic && value.same(&unwrapped(had)) || !dynamic && agrees(value, had)) {
            differs.push(name.to_string());
        }
    }
    for (name, blocks) in &body.blocks {
        let had = stored.get(&**name).unwrap_or(&null);
        match blocks {
            Blocks::Unknown(why) => _ = open.get_or_insert(why.clone()),
            Blocks::Known(bodies) => match blocks_agree(bodies, had) {
                Ok(true) => {}
                Ok(false) => differs.push(name.to_string()),
                Err(why) => _ = open.get_or_insert(why),
            },
        }
    }
    let written = |name: &String| {
        let attribute = body.attributes.get(name.as_str());
        attribute.is_some_and(|value| !value.is_null()) || body.blocks.contains_key(name.as_str())
    };
    let (null, had) = (&null, |name: &String| stored.get(name).unwrap_or(&null));
    if let Some(facts) = facts {
        let left_out = facts
            .arguments
            .iter()
            .map(|name| (name, null))
            .chain(&facts.defaults);
        for (name, default) in left_out.filter(|(name, _)| !written(name)) {
            let had = had(name);
            // An attribute that the version which wrote state does not have is null, whatever its default.
            if !had.same(default) && !had.is_empty() {
                differs.push(name.clone());
            }
        }
    }
    match open {
        Some(why) => Agreement::Unknown(why),
        None if differs.is_empty() => Agreement::Same,
        None => Agreement::Differs(differs),
    }
}

/// Whether nested blocks say what state has: of each, what is written.
fn blocks_agree(bodies: &[Body], had: &model::Value) -> Result<bool, Unknown> {
    let had: Vec<&model::Value> = match had {
        model::Value::List(items) => items.iter().collect(),
        model::Value::Null => Vec::new(),
        one => vec![one],
    };
    if had.len() != bodies.len() {
        return Ok(false);
    }
    let null = model::Value::Null;
    let mut all = true;
    for (body, had) in bodies.iter().zip(had) {
        for (name, value) in body.attributes.iter().filter(|(_, value)| !value.is_null()) {
            if let Some(why) = value.reason() {
                return Err(why.clone());
            }
            all &= agrees(value, had.get(name).unwrap_or(&null));
        }
        for (name, blocks) in &body.blocks {
            match blocks {
                Blocks::Unknown(why) => return Err(why.clone()),
                Blocks::Known(bodies) => {
                    all &= blocks_agree(bodies, had.get(name).unwrap_or(&null))?;
                }
            }
        }
    }
    Ok(all)
}

/// Whether a written value is what state has, once it has the type of state's.
fn agrees(written: &Value, had: &model::Value) -> bool {
    let text = |value: &Value| {
        let text = convert(value, &Type::String).ok()?;
        text.as_str().map(str::to_owned)
    };
    match had {
        model::Value::Null => written.is_null(),
        model::Value::Text(had) => text(written).is_some_and(|text| text == *had),
        model::Value::Bool(had) => {
            convert(written, &Type::Bool).is_ok_and(|w| w.as_bool() == Some(*had))
        }
        model::Value::Number(_) => {
            convert(written, &Type::Number).is_ok_and(|number| number.same(&from_model(had)))
        }
        model::Value::List(had) => {
            let Some(written) = written.elements() else {
                return false;
            };
            let in_order = |order: &[&Value]| {
                order.len() == had.len() && order.iter().zip(had).all(|(w, had)| agrees(w, had))
            };
            let as_written: Vec<&Value> = written.iter().collect();
            // A set: state has its elements in an order of its own.
            let members = || {
                let has = |w: &&Value| had.iter().any(|had| agrees(w, had));
                let said = |had: &model::Value| written.iter().any(|w| agrees(w, had));
                written.iter().all(|w| has(&w)) && had.iter().all(said)
            };
            in_order(&as_written) || members()
        }
        model::Value::Map(had) => {
            let Some(written) = written.members() else {
                return false;
            };
            let null = model::Value::Null;
            let said = written.iter().filter(|(_, value)| !value.is_null());
            let mut said = said.map(|(name, value)| (value, had.get(&**name).unwrap_or(&null)));
            let more = |(name, had): (&String, &model::Value)| {
                *had != model::Value::Null && !written.contains_key(name.as_str())
            };
            said.all(|(value, had)| agrees(value, had)) && !had.iter().any(more)
        }
        model::Value::Unknown(_) | model::Value::Secret(_) => false,
    }
}

/// A type as state spells it.
fn type_of(json: &serde_json::Value) -> Option<Type> {
    use serde_json::Value as Json;
    let parts = match json {
        Json::String(word) => {
            return match word.as_str() {
                "string" => Some(Type::String),
                "number" => Some(Type::Number),
                "bool" => Some(Type::Bool),
                "dynamic" => Some(Type::Dynamic),
                _ => None,
            };
        }
        Json::Array(parts) => parts,
        _ => return None,
    };
    let [Json::String(word), inner] = parts.as_slice() else {
        return None;
    };
    match (word.as_str(), inner) {
        ("list", inner) => Some(Type::list(type_of(inner)?)),
        ("set", inner) => Some(Type::set(type_of(inner)?)),
        ("map", inner) => Some(Type::map(type_of(inner)?)),
        ("tuple", Json::Array(all)) => {
            Some(Type::tuple(all.iter().map(type_of).collect::<Option<_>>()?))
        }
        ("object", Json::Object(all)) => {
            let each = all
                .iter()
                .map(|(name, ty)| Some((Arc::from(name.as_str()), type_of(ty)?)));
            Some(Type::object(each.collect::<Option<_>>()?))
        }
        _ => None,
    }
}
