//! Type constraints of variables: `list(object({ name = string, size = optional(number, 10) }))`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hcl_edit::expr::{Expression, FuncCall, Object, ObjectKey};

use crate::hcl::{Data, Members, NoFiles, ObjectType, Scope, Step, Type, Value, convert, evaluate};
use crate::model::Unknown;

/// A type and the defaults of its optional attributes.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// The type.
    pub ty: Type,
    defaults: Defaults,
    /// Whether it was written so that no value can be held against it.
    wrong: bool,
}

/// Defaults by where they stand in a type.
#[derive(Clone, Debug, Default)]
struct Defaults {
    values: BTreeMap<Arc<str>, Value>,
    attributes: BTreeMap<Arc<str>, Defaults>,
    element: Option<Box<Defaults>>,
    positions: Vec<Defaults>,
}

impl Defaults {
    fn is_empty(&self) -> bool {
        self.values.is_empty()
            && self.attributes.is_empty()
            && self.element.is_none()
            && self.positions.is_empty()
    }
}

/// A scope without any names, in which defaults and variable files are evaluated.
#[derive(Default)]
pub struct Nothing(crate::hcl::Budget);

impl Scope for Nothing {
    fn resolve(&self, root: &str, _: &[Step]) -> Result<(Value, usize), crate::hcl::Diagnostic> {
        let detail = format!("Variables may not be used here: \"{root}\" is one.");
        Err(crate::hcl::Diagnostic::new("Variables not allowed", detail))
    }

    fn files(&self) -> &dyn crate::hcl::Files {
        &NoFiles
    }

    fn budget(&self) -> &crate::hcl::Budget {
        &self.0
    }
}

impl Constraint {
    /// Any value.
    pub fn any() -> Self {
        Self {
            ty: Type::Dynamic,
            defaults: Defaults::default(),
            wrong: false,
        }
    }

    /// In place of one that is no constraint: no value is known to fit it.
    pub fn wrong() -> Self {
        Self {
            wrong: true,
            ..Self::any()
        }
    }

    /// Text as it is: what the command line gives for variables without a declared type.
    pub fn text() -> Self {
        Self {
            ty: Type::String,
            ..Self::any()
        }
    }

    /// Reads a constraint.
    ///
    /// # Errors
    /// A phrase saying what is no type.
    pub fn parse(expr: &Expression) -> Result<Self, String> {
        let (ty, defaults) = parse(expr)?;
        Ok(Self {
            ty,
            defaults,
            wrong: false,
        })
    }

    /// Converts a value, filling in defaults.
    ///
    /// # Errors
    /// A phrase saying why the value does not fit.
    pub fn convert(&self, value: &Value) -> Result<Value, String> {
        if self.wrong {
            return Ok(Value::unknown(Unknown::mistaken(
                "Invalid type specification",
            )));
        }
        let filled = if self.defaults.is_empty() {
            value.clone()
        } else {
            fill(value, &self.defaults)
        };
        convert(&filled, &self.ty)
    }
}

fn parse(expr: &Expression) -> Result<(Type, Defaults), String> {
    match expr {
        Expression::Variable(name) => Ok((named(name.value().as_str())?, Defaults::default())),
        // The quoted spelling of old configurations: "string", "list", "map".
        Expression::String(name) => Ok((named(name.value())?, Defaults::default())),
        Expression::FuncCall(call) => compound(call),
        Expression::Parenthesis(inner) => parse(inner.inner()),
        _ => Err("a type is expected, such as string, list(string) or object({ … })".into()),
    }
}

fn named(name: &str) -> Result<Type, String> {
    match name {
        "string" => Ok(Type::String),
        "number" => Ok(Type::Number),
        "bool" => Ok(Type::Bool),
        "any" => Ok(Type::Dynamic),
        "list" => Ok(Type::list(Type::Dynamic)),
        "map" => Ok(Type::map(Type::Dynamic)),
        "set" => Ok(Type::set(Type::Dynamic)),
        other => Err(format!("`{other}` is not a type")),
    }
}

fn compound(call: &FuncCall) -> Result<(Type, Defaults), String> {
    let name = call.name.name.value().as_str();
    let argument = call
        .args
        .iter()
        .next()
        .ok_or_else(|| format!("`{name}` needs an argument"))?;
    match (name, argument) {
        ("object", Expression::Object(object)) => object_type(object),
        ("tuple", Expression::Array(array)) => {
            let parts = array.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
            let (types, positions): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            let positions = if positions.iter().all(Defaults::is_empty) {
                Vec::new()
            } else {
                positions
            };
            Ok((
                Type::tuple(types),
                Defaults {
                    positions,
                    ..Defaults::default()
                },
            ))
        }
        ("list" | "set" | "map", element) => {
            let (ty, inner) = parse(element)?;
            let ty = match name {
                "list" => Type::list(ty),
                "set" => Type::set(ty),
                _ => Type::map(ty),
            };
            let element = (!inner.is_empty()).then(|| Box::new(inner));
            Ok((
                ty,
                Defaults {
                    element,
                    ..Defaults::default()
                },
            ))
        }
        ("optional", _) => Err("optional is for attributes of objects only".into()),
        (other, _) => Err(format!("`{other}(…)` is not a type")),
    }
}

fn object_type(object: &Object) -> Result<(Type, Defaults), String> {
    let mut attributes = BTreeMap::new();
    let mut optional = BTreeSet::new();
    let mut defaults = Defaults::default();
    for (key, value) in object.iter() {
        let name: Arc<str> = match key {
            ObjectKey::Ident(name) => name.value().as_str().into(),
            ObjectKey::Expression(expr) => {
                expr.as_str().ok_or("attribute names must be plain")?.into()
            }
        };
        let (ty, inner) = match value.expr() {
            Expression::FuncCall(call) if call.name.name.value().as_str() == "optional" => {
                optional.insert(Arc::clone(&name));
                let mut arguments = call.args.iter();
                let (ty, inner) = parse(arguments.next().ok_or("optional needs a type")?)?;
                if let Some(default) = arguments.next() {
                    let value = evaluate(default, &Nothing::default()).map_err(|diagnostic| {
                        format!("default of `{name}`: {}", diagnostic.detail)
                    })?;
                    let value = convert(&fill(&value, &inner), &ty)
                        .map_err(|why| format!("default of `{name}`: {why}"))?;
                    defaults.values.insert(Arc::clone(&name), value);
                }
                (ty, inner)
            }
            plain => parse(plain)?,
        };
        if !inner.is_empty() {
            defaults.attributes.insert(Arc::clone(&name), inner);
        }
        attributes.insert(name, ty);
    }
    Ok((
        Type::Object(Arc::new(ObjectType {
            attributes,
            optional,
        })),
        defaults,
    ))
}

/// The value with defaults in place of attributes that are missing or null.
fn fill(value: &Value, defaults: &Defaults) -> Value {
    let inner = |name: &Arc<str>, value: &Value| match defaults
        .attributes
        .get(name)
        .or(defaults.element.as_deref())
    {
        Some(inner) => fill(value, inner),
        None => value.clone(),
    };
    let data = match &value.data {
        Data::Object(members) => Data::Object(Arc::new(fill_members(members, defaults, inner))),
        Data::Open(members, reason) => {
            let filled = members
                .iter()
                .map(|(name, value)| (Arc::clone(name), inner(name, value)))
                .collect();
            Data::Open(Arc::new(filled), reason.clone())
        }
        // A map may stand for an object; with defaults its members need no longer be of one type.
        Data::Map(element, members) if defaults.element.is_none() => {
            let filled = fill_members(members, defaults, inner);
            if defaults.values.is_empty() {
                Data::Map(element.clone(), Arc::new(filled))
            } else {
                Data::Object(Arc::new(filled))
            }
        }
        Data::Map(_, members) => Data::Object(Arc::new(fill_members(members, defaults, inner))),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            let at = |position: usize| {
                defaults
                    .element
                    .as_deref()
                    .or_else(|| defaults.positions.get(position))
            };
            let each = elements
                .iter()
                .enumerate()
                .map(|(position, element)| match at(position) {
                    Some(inner) => fill(element, inner),
                    None => element.clone(),
                });
            Data::Tuple(Arc::new(each.collect()))
        }
        other => other.clone(),
    };
    Value::from(data)
        .marked(value.sensitive)
        .with_origin(value.origin.clone())
}

fn fill_members(
    members: &Members,
    defaults: &Defaults,
    inner: impl Fn(&Arc<str>, &Value) -> Value,
) -> Members {
    let mut filled: Members = members
        .iter()
        .map(|(name, value)| (Arc::clone(name), inner(name, value)))
        .collect();
    for (name, default) in &defaults.values {
        match filled.remove(name).filter(|given| !given.is_null()) {
            // With a default in the place of null, what is not known is not null either.
            Some(given) if !default.is_null() => filled.insert(Arc::clone(name), given.not_null()),
            Some(given) => filled.insert(Arc::clone(name), given),
            None => filled.insert(Arc::clone(name), default.clone()),
        };
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hcl::parse_expression;

    #[test]
    fn defaults_fill_in_at_any_depth() {
        let constraint = "map(object({ a = string, b = optional(number, 20), c = optional(list(object({ d = optional(bool, true) })), []) }))";
        let constraint = Constraint::parse(&parse_expression(constraint).unwrap()).unwrap();
        let value = evaluate(
            &parse_expression("{ x = { a = 1 }, y = { a = \"s\", c = [{}] } }").unwrap(),
            &Nothing::default(),
        )
        .unwrap();
        let members = constraint
            .convert(&value)
            .unwrap()
            .members()
            .unwrap()
            .clone();
        let x = members["x"].members().unwrap();
        assert!(
            x["b"].same(&Value::int(20))
                && x["a"].same(&Value::string("1"))
                && x["c"].elements().unwrap().is_empty()
        );
        assert!(
            members["y"].members().unwrap()["c"].elements().unwrap()[0]
                .members()
                .unwrap()["d"]
                .same(&Value::bool(true))
        );
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in ["strin", "list()", "object([])", "optional(string)", "1"] {
            assert!(
                Constraint::parse(&parse_expression(text).unwrap()).is_err(),
                "{text}"
            );
        }
    }
}
