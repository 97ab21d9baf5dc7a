//! Unification: the one type that several values can all be converted to.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::convert::convertible;
use super::types::Type;

/// The type all of `types` convert to; nothing when there is none.
///
/// With `assume` a conversion that may fail for some values (text to number) counts, without it only those that never do.
pub fn unify(types: &[Type], assume: bool) -> Option<Type> {
    let first = types.first()?;
    if types.iter().all(|ty| ty == first) {
        return Some(first.clone());
    }
    let kinds = Kinds::of(types);
    let dynamic = kinds.dynamic > 0;
    let all = |count: usize| count > 0 && count + kinds.dynamic == types.len();
    if all(kinds.map) || all(kinds.list) || all(kinds.set) {
        return if dynamic {
            Some(Type::Dynamic)
        } else {
            collections(types, assume)
        };
    }
    if kinds.map > 0 && all(kinds.map + kinds.object) {
        if let Some(found) = as_collections(types, assume, objects_to_map) {
            return Some(found);
        }
    } else if kinds.list > 0 && all(kinds.list + kinds.tuple) {
        if let Some(found) = as_collections(types, assume, tuples_to_list) {
            return Some(found);
        }
    } else if all(kinds.object) {
        return if dynamic {
            Some(Type::Dynamic)
        } else {
            objects(types, assume)
        };
    } else if all(kinds.tuple) {
        return if dynamic {
            Some(Type::Dynamic)
        } else {
            tuples(types, assume)
        };
    } else if kinds.object > 0 && kinds.tuple > 0 {
        return None;
    }
    let fits = |want: &&Type| {
        types
            .iter()
            .all(|ty| ty == *want || convertible(ty, want, assume))
    };
    preferred(types).into_iter().find(fits).cloned()
}

/// How many of some types are of each kind that unification treats apart.
#[derive(Default)]
struct Kinds {
    map: usize,
    list: usize,
    set: usize,
    object: usize,
    tuple: usize,
    dynamic: usize,
}

impl Kinds {
    fn of(types: &[Type]) -> Self {
        let mut kinds = Self::default();
        for ty in types {
            match ty {
                Type::Map(_) => kinds.map += 1,
                Type::List(_) => kinds.list += 1,
                Type::Set(_) => kinds.set += 1,
                Type::Object(_) => kinds.object += 1,
                Type::Tuple(_) => kinds.tuple += 1,
                Type::Dynamic => kinds.dynamic += 1,
                _ => {}
            }
        }
        kinds
    }
}

/// Lists with lists, sets with sets, maps with maps: by their element types.
fn collections(types: &[Type], assume: bool) -> Option<Type> {
    let elements: Vec<Type> = types
        .iter()
        .filter_map(|ty| ty.element().cloned())
        .collect();
    let element = unify(&elements, assume)?;
    Some(match types.first()? {
        Type::List(_) => Type::list(element),
        Type::Set(_) => Type::set(element),
        _ => Type::map(element),
    })
}

/// Tuples among lists (objects among maps): the structural ones become a collection first.
fn as_collections(
    types: &[Type],
    assume: bool,
    gather: fn(&[Type], bool) -> Option<Type>,
) -> Option<Type> {
    let structural = |ty: &Type| matches!(ty, Type::Tuple(_) | Type::Object(_));
    let own: Vec<Type> = types.iter().filter(|ty| structural(ty)).cloned().collect();
    let gathered = gather(&own, assume)?;
    let replaced: Vec<Type> = types
        .iter()
        .map(|ty| {
            if structural(ty) {
                gathered.clone()
            } else {
                ty.clone()
            }
        })
        .collect();
    unify(&replaced, assume).filter(|ty| matches!(ty, Type::List(_) | Type::Map(_)))
}

fn objects(types: &[Type], assume: bool) -> Option<Type> {
    let all: Vec<_> = types
        .iter()
        .filter_map(|ty| {
            if let Type::Object(object) = ty {
                Some(&object.attributes)
            } else {
                None
            }
        })
        .collect();
    let first = all.first()?;
    if all
        .iter()
        .any(|attributes| !attributes.keys().eq(first.keys()))
    {
        return objects_to_map(types, assume);
    }
    let mut unified = BTreeMap::new();
    for name in first.keys() {
        let across: Vec<Type> = all
            .iter()
            .filter_map(|attributes| attributes.get(name).cloned())
            .collect();
        unified.insert(name.clone(), unify(&across, assume)?);
    }
    Some(Type::object(unified))
}

fn objects_to_map(types: &[Type], assume: bool) -> Option<Type> {
    let attributes = types.iter().filter_map(|ty| {
        if let Type::Object(object) = ty {
            Some(object.attributes.values())
        } else {
            None
        }
    });
    let element = unify(&attributes.flatten().cloned().collect::<Vec<_>>(), assume)?;
    converting(types, Type::map(element), assume)
}

fn tuples(types: &[Type], assume: bool) -> Option<Type> {
    let all: Vec<&Arc<Vec<Type>>> = types
        .iter()
        .filter_map(|ty| {
            if let Type::Tuple(elements) = ty {
                Some(elements)
            } else {
                None
            }
        })
        .collect();
    let length = all.first()?.len();
    if all.iter().any(|elements| elements.len() != length) {
        return tuples_to_list(types, assume);
    }
    let across = |at: usize| {
        all.iter()
            .map(|elements| elements[at].clone())
            .collect::<Vec<_>>()
    };
    let unified = (0..length)
        .map(|at| unify(&across(at), assume))
        .collect::<Option<Vec<_>>>()?;
    Some(Type::tuple(unified))
}

fn tuples_to_list(types: &[Type], assume: bool) -> Option<Type> {
    let elements = types.iter().filter_map(|ty| {
        if let Type::Tuple(elements) = ty {
            Some(elements.iter())
        } else {
            None
        }
    });
    let element = unify(&elements.flatten().cloned().collect::<Vec<_>>(), assume)?;
    converting(types, Type::list(element), assume)
}

fn converting(types: &[Type], want: Type, assume: bool) -> Option<Type> {
    types
        .iter()
        .all(|ty| *ty == want || convertible(ty, &want, assume))
        .then_some(want)
}

/// The types with the most general first.
fn preferred(types: &[Type]) -> Vec<&Type> {
    let mut rest: Vec<&Type> = types.iter().collect();
    let mut order = Vec::new();
    while !rest.is_empty() {
        let above = |at: &usize| {
            rest.iter()
                .all(|other| compare(other, rest[*at]) != Ordering::Less)
        };
        let next = (0..rest.len()).find(above).unwrap_or(0);
        order.push(rest.remove(next));
    }
    order
}

/// Which of two types is the more general (`Less` when it is the first).
fn compare(a: &Type, b: &Type) -> Ordering {
    match (a, b) {
        (Type::Dynamic, Type::Dynamic) => Ordering::Equal,
        (Type::Dynamic, _) => Ordering::Greater,
        (_, Type::Dynamic) => Ordering::Less,
        (Type::String, Type::String) => Ordering::Equal,
        (Type::String, other) if other.is_primitive() => Ordering::Less,
        (other, Type::String) if other.is_primitive() => Ordering::Greater,
        (Type::List(a), Type::List(b))
        | (Type::Set(a), Type::Set(b))
        | (Type::Map(a), Type::Map(b)) => compare(a, b),
        (Type::Tuple(_) | Type::List(_), Type::Set(_))
        | (Type::List(_), Type::Tuple(_))
        | (Type::Map(_), Type::Object(_)) => Ordering::Less,
        (Type::Set(_), Type::Tuple(_) | Type::List(_))
        | (Type::Tuple(_), Type::List(_))
        | (Type::Object(_), Type::Map(_)) => Ordering::Greater,
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => consensus(a.iter().zip(b.iter())),
        (Type::Object(a), Type::Object(b)) if a.attributes.keys().eq(b.attributes.keys()) => {
            consensus(a.attributes.values().zip(b.attributes.values()))
        }
        _ => Ordering::Equal,
    }
}

fn consensus<'t>(pairs: impl Iterator<Item = (&'t Type, &'t Type)>) -> Ordering {
    let orders: Vec<Ordering> = pairs.map(|(a, b)| compare(a, b)).collect();
    match (
        orders.contains(&Ordering::Less),
        orders.contains(&Ordering::Greater),
    ) {
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_general_type_wins() {
        assert_eq!(
            unify(&[Type::Number, Type::String], true),
            Some(Type::String)
        );
        assert_eq!(unify(&[Type::Bool, Type::Number], true), None);
        let pair = Type::tuple(vec![Type::Number, Type::String]);
        assert_eq!(
            unify(&[Type::tuple(vec![Type::Number]), pair], true),
            Some(Type::list(Type::String))
        );
        assert_eq!(
            unify(&[Type::String, Type::Dynamic], true),
            Some(Type::String)
        );
    }

    #[test]
    fn objects_unify_by_attribute_or_become_maps() {
        let object = |pairs: &[(&str, Type)]| {
            Type::object(
                pairs
                    .iter()
                    .map(|(k, t)| ((*k).into(), t.clone()))
                    .collect(),
            )
        };
        let same = unify(
            &[
                object(&[("a", Type::Number)]),
                object(&[("a", Type::String)]),
            ],
            true,
        );
        assert_eq!(same, Some(object(&[("a", Type::String)])));
        let other = unify(&[object(&[("a", Type::Number)]), object(&[])], true);
        assert_eq!(other, Some(Type::map(Type::Number)));
    }
}
