//! Data sources, as tofu reads them while it plans.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::super::body::{Blocks, Body};
use super::super::expansion::Repetition;
use super::super::model::{from_model, to_model};
use super::super::order;
use super::super::scope::ModuleScope;
use super::super::session::{Instance, Session};
use super::super::{AskedData, Record};
use super::arguments;
use crate::catalog::ForeignData;
use crate::hcl::{Context, Data, Members, Value, functions};
use crate::model::{self, Address, ModuleStep, NotEvaluated, Origin, Unknown};

impl Session<'_> {
    /// What a reference to an instance of a data source gives.
    pub(super) fn data_value(
        &self,
        instance: &Rc<Instance>,
        position: usize,
        repetition: &Repetition,
        address: Address,
        origin: &Arc<Origin>,
    ) -> Value {
        let resource = self.block(instance, position);
        let evaluated = self.evaluated(instance, position, repetition);
        let body = &evaluated.body;
        let open = |why: Unknown| -> Value { body.open(&why, "", &|_| false).into() };
        let value = if self.is_deferred(instance, position) {
            open(Unknown::AfterApply(Some(Arc::clone(origin))))
        } else if let Some(why) = first_unknown(body) {
            open(if why.is_after_apply() {
                Unknown::AfterApply(Some(Arc::clone(origin)))
            } else {
                why.clone()
            })
        } else {
            let asked = AskedData {
                arguments: arguments(body, "", &mut Vec::new()),
                provider: self.provider_of(instance, resource, repetition, &mut Vec::new()),
                address,
            };
            self.read(instance, body, &asked)
        };
        value.with_origin(Some(Arc::clone(origin)))
    }

    /// What reading gives, or, of what is never read here, what state recorded of the same arguments.
    fn read(&self, instance: &Rc<Instance>, body: &Body, asked: &AskedData) -> Value {
        let address = &asked.address;
        let unread = Unknown::from(NotEvaluated::DataSource(address.to_string().into()));
        let read = match self.values.foreign_data(&address.rtype) {
            Some(ForeignData::Never) => return body.open(&unread, "", &|_| false).into(),
            Some(ForeignData::RemoteState) => self.values.remote_state(asked),
            Some(rule) => self.worked_out(rule, instance, body),
            None => self.values.data(asked),
        };
        match read.as_deref() {
            Some(model::Value::Map(members)) => {
                let read = members.iter();
                let read = read.map(|(name, value)| (Arc::from(name.as_str()), from_model(value)));
                Data::Open(Arc::new(read.collect::<Members>()), unread).into()
            }
            Some(model::Value::Unknown(why)) => body.open(why, "", &|_| false).into(),
            _ => {
                let recorded = self.values.recorded(address);
                let settled = |record: &Record| self.is_settled(body, record);
                match recorded.filter(settled) {
                    Some(record) => self.whole(&record),
                    None => body.open(&unread, "", &|_| false).into(),
                }
            }
        }
    }

    /// Whether tofu puts off the read: it waits for a resource that the plan changes.
    fn is_deferred(&self, instance: &Instance, position: usize) -> bool {
        let awaited = order::awaited(self.workspace, instance.node, position);
        awaited.into_iter().any(|(node, position)| {
            let steps = self.workspace.nodes[node].calls.iter();
            let step = |name: &String| ModuleStep {
                name: name.clone(),
                key: None,
            };
            let resource = &self.workspace.nodes[node].module.resources[position];
            let block = Address {
                modules: steps.map(step).collect(),
                data: false,
                rtype: resource.rtype.to_string(),
                name: resource.name.to_string(),
                key: None,
            };
            self.values.changes(&block) || self.foreign_changes(&block)
        })
    }

    /// Whether an instance of a block that only state knows of is made, changed or made anew.
    fn foreign_changes(&self, block: &Address) -> bool {
        let changes = |instance: &Rc<Instance>| {
            let module = self.module(instance);
            let Some(position) = module.resource(false, &block.rtype, &block.name) else {
                return false;
            };
            let resource = self.block(instance, position);
            if self.flavour(instance, resource).is_some() {
                return false;
            }
            let expansion = self.resource_expansion(instance, position);
            let Ok(repetitions) = expansion.repetitions() else {
                return true;
            };
            repetitions.iter().any(|repetition| {
                let address = self.address(instance, resource, repetition.key());
                let evaluated = self.evaluated(instance, position, repetition);
                let record = self.values.recorded(&address);
                !record.is_some_and(|record| self.is_settled(&evaluated.body, &record))
            })
        };
        self.all_at(&block.modules).iter().any(changes)
    }

    /// What a data source that asks nobody gives.
    fn worked_out(
        &self,
        rule: ForeignData,
        instance: &Rc<Instance>,
        body: &Body,
    ) -> Option<Arc<model::Value>> {
        let value = match rule {
            ForeignData::Template => self.template(instance, body),
            ForeignData::Inputs => Some(inputs(body)),
            ForeignData::File => self.file(instance, body),
            ForeignData::RemoteState | ForeignData::Never => None,
        }?;
        Some(Arc::new(value))
    }

    /// A template over variables of its own.
    fn template(&self, instance: &Rc<Instance>, body: &Body) -> Option<model::Value> {
        let text = body.attributes.get("template")?.clone();
        let none = || Value::object(Members::new());
        let vars = body.attributes.get("vars").filter(|vars| !vars.is_null());
        let vars = vars.cloned().unwrap_or_else(none);
        let rendered = self.call(instance, "templatestring", vec![text, vars])?;
        let digest = self.call(instance, "sha256", vec![rendered.clone()])?;
        let mut out = written(body);
        out.insert("rendered".to_owned(), to_model(&rendered));
        out.insert("id".to_owned(), to_model(&digest));
        Some(model::Value::Map(out))
    }

    /// A file of this machine.
    fn file(&self, instance: &Rc<Instance>, body: &Body) -> Option<model::Value> {
        let path = body.attributes.get("filename")?;
        let mut out = written(body);
        for (name, function) in FILE_ATTRIBUTES {
            let value = self.call(instance, function, vec![path.clone()])?;
            out.insert((*name).to_owned(), to_model(&value));
        }
        Some(model::Value::Map(out))
    }

    /// A function of the language, called; nothing where it fails.
    fn call(&self, instance: &Rc<Instance>, name: &str, arguments: Vec<Value>) -> Option<Value> {
        let scope = ModuleScope {
            session: self,
            instance,
            repetition: &Repetition::None,
        };
        let unknown = OnceCell::new();
        let ctx = Context::new(&scope, &unknown);
        functions::find(name)?.call(arguments, &ctx).ok()
    }
}

/// What is known of a file, by the functions of the language that say the same.
const FILE_ATTRIBUTES: &[(&str, &str)] = &[
    ("content", "file"),
    ("content_base64", "filebase64"),
    ("content_md5", "filemd5"),
    ("content_sha1", "filesha1"),
    ("content_sha256", "filesha256"),
    ("content_base64sha256", "filebase64sha256"),
    ("content_sha512", "filesha512"),
    ("content_base64sha512", "filebase64sha512"),
    ("id", "filesha1"),
];

/// Inputs that come out as they are.
fn inputs(body: &Body) -> model::Value {
    let mut out = written(body);
    let inputs = out.get("inputs").cloned().unwrap_or_default();
    out.insert("outputs".to_owned(), inputs);
    out.insert("id".to_owned(), model::Value::text("static"));
    model::Value::Map(out)
}

fn written(body: &Body) -> BTreeMap<String, model::Value> {
    arguments(body, "", &mut Vec::new())
}

/// Why the first argument that is not known is not.
fn first_unknown(body: &Body) -> Option<&Unknown> {
    let nested = body.blocks.values().find_map(|blocks| match blocks {
        Blocks::Unknown(why) => Some(why),
        Blocks::Known(bodies) => bodies.iter().find_map(first_unknown),
    });
    body.attributes.values().find_map(Value::reason).or(nested)
}
