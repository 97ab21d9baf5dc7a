//! Signatures of functions, spelt as text.

use super::{Entry, Function, Need, Parameter, unknown};
use crate::hcl::types::Type;

/// The function of a table's entry.
pub(super) fn function((name, signature, run): &Entry) -> Function {
    let (need, signature) = match signature.as_bytes().first() {
        Some(b'~') => (Need::Outside, &signature[1..]),
        Some(b'!') => (Need::Nothing, &signature[1..]),
        _ => (Need::Whole, *signature),
    };
    let (parameters, result) = signature.split_once("->").unwrap_or((signature, "any"));
    let result = result.trim();
    let mut function = Function {
        parameters: Vec::new(),
        rest: None,
        result: ty(result.trim_end_matches('?')),
        nullable: result.ends_with('?'),
        need,
        unknown: unknown::result(name),
        run: *run,
    };
    for spelt in parameters
        .split(',')
        .map(str::trim)
        .filter(|spelt| !spelt.is_empty())
    {
        let (spelt, repeats) = spelt
            .strip_suffix("...")
            .map_or((spelt, false), |spelt| (spelt, true));
        let (spelt, null) = spelt
            .strip_suffix('?')
            .map_or((spelt, false), |spelt| (spelt, true));
        let (spelt, open) = spelt
            .strip_suffix('*')
            .map_or((spelt, false), |spelt| (spelt, true));
        let parameter = Parameter {
            ty: ty(spelt),
            null,
            open,
        };
        if repeats {
            function.rest = Some(parameter);
        } else {
            function.parameters.push(parameter);
        }
    }
    function
}

fn ty(spelt: &str) -> Type {
    match spelt {
        "string" => Type::String,
        "number" => Type::Number,
        "bool" => Type::Bool,
        "strings" => Type::list(Type::String),
        "numbers" => Type::list(Type::Number),
        "bools" => Type::list(Type::Bool),
        "list" => Type::list(Type::Dynamic),
        "set" => Type::set(Type::Dynamic),
        "lists" => Type::map(Type::list(Type::String)),
        _ => Type::Dynamic,
    }
}
