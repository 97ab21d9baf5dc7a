//! From the `[list]` and `[[further]]` tables of a type to its listings.

use std::collections::BTreeMap;

use super::check::{DefinitionError, Source, keys};
use super::definition::{Get, Listing, Origin, Per};
use super::file::{FurtherTable, ListTable, TypeFile};
use super::load::tables::Surroundings;
use super::template::Words;
use crate::model::GapReason;

pub(super) fn origin(
    source: &Source<'_>,
    service: &str,
    file: &TypeFile,
) -> Result<(Origin, Vec<Listing>), DefinitionError> {
    let list = &file.list;
    if let Some(parent) = &list.from {
        return Ok((
            Origin::Within {
                parent: parent.clone(),
                path: Vec::new(),
            },
            Vec::new(),
        ));
    }
    if let Some(path) = &list.within {
        let parent = list.per.clone().ok_or_else(|| {
            source.problem("within", "`within` needs `per`, the type it is within")
        })?;
        return Ok((
            Origin::Within {
                parent,
                path: keys(path),
            },
            Vec::new(),
        ));
    }
    let nowhere = String::new();
    let path = list.path.as_ref().or(list.named.then_some(&nowhere));
    let path = path.ok_or_else(|| {
        source.problem("[list]", "a listing needs `path` (or `from`, or `within`)")
    })?;
    let per = match (&list.per, &list.locations) {
        _ if list.named => Per::Named,
        (Some(parent), _) => Per::Parent {
            listing: parent.clone(),
            key: source.expression(list.key.as_deref().unwrap_or("name"))?,
            when: source.expressions(&list.when)?,
            otherwise: match &list.otherwise {
                Some(word) => Some(
                    GapReason::parse(word)
                        .ok_or_else(|| source.problem("otherwise", "no such gap"))?,
                ),
                None => None,
            },
            kept: source.expressions(&list.kept)?,
        },
        (None, Some(locations)) => Per::Location(source.template(locations, Words::Scope)?),
        (None, None) => Per::Project,
    };
    let listing = Listing {
        name: file.rtype.clone(),
        service: service.to_owned(),
        path: source.template(path, Words::Scope)?,
        items: keys(&list.items),
        query: list.query.clone().into_iter().collect(),
        get_query: list.get_query.clone().into_iter().collect(),
        on_demand: list.on_demand || list.named,
        per,
        permission: list.permission.clone(),
        post: post(source, list, path)?,
    };
    Ok((Origin::Listed, vec![listing]))
}

pub(super) fn further(
    source: &Source<'_>,
    service: &str,
    file: &TypeFile,
    table: &FurtherTable,
) -> Result<Listing, DefinitionError> {
    let owner = match (&file.list.from, &file.list.within) {
        (Some(other), _) => other.clone(),
        (None, Some(_)) => file.list.per.clone().unwrap_or_default(),
        (None, None) => file.rtype.clone(),
    };
    let per = if table.per.as_deref() == Some("project") {
        Per::Project
    } else if table.part.is_some() || table.per.is_some() {
        Per::Parent {
            listing: table.per.clone().unwrap_or(owner),
            key: source.expression(table.key.as_deref().unwrap_or("name"))?,
            when: source.expressions(&table.when)?,
            otherwise: None,
            kept: Vec::new(),
        }
    } else {
        Per::ProjectWith(owner)
    };
    Ok(Listing {
        name: format!("{}.{}", file.rtype, table.name),
        service: table.service.clone().unwrap_or_else(|| service.to_owned()),
        path: source.template(&table.path, Words::Scope)?,
        items: keys(&table.items),
        query: table.query.clone().into_iter().collect(),
        get_query: Vec::new(),
        per,
        permission: table.permission.clone(),
        post: None,
        on_demand: file.list.on_demand || table.on_demand,
    })
}

/// The body of a POST. There is one kind that only reads.
fn post(
    source: &Source<'_>,
    list: &ListTable,
    path: &str,
) -> Result<Option<String>, DefinitionError> {
    let Some(table) = &list.post else {
        return Ok(None);
    };
    if !path.ends_with(":getIamPolicy") {
        return Err(source.problem("post", "only `…:getIamPolicy` is read by POST"));
    }
    let body =
        serde_json::to_string(table).map_err(|error| source.problem("post", error.to_string()))?;
    Ok(Some(body))
}

/// The fields that a list leaves out.
pub(super) fn partial(
    source: &Source<'_>,
    file: &TypeFile,
) -> Result<Vec<Vec<String>>, DefinitionError> {
    let path = |text: &String| match keys(text).as_slice() {
        [] => Err(source.problem("partial", "a field that is left out has a name")),
        path => Ok(path.to_vec()),
    };
    if file.list.within.is_some() && !file.list.partial.is_empty() {
        return Err(source.problem(
            "partial",
            "`partial` is said of a listed body, by the type that is listed",
        ));
    }
    file.list.partial.iter().map(path).collect()
}

/// How one object is read: as said, or as the type that its listing is taken from.
pub(super) fn get(
    source: &Source<'_>,
    file: &TypeFile,
    around: &Surroundings<'_>,
) -> Result<Get, DefinitionError> {
    let above = file.list.from.as_ref().and_then(|from| {
        let other = around.types.get(from)?;
        other.list.get.as_deref()
    });
    match file.list.get.as_deref().or(above) {
        None | Some("named") => Ok(Get::Named),
        Some("listed") if file.list.partial.is_empty() => Ok(Get::Listed),
        Some("listed") => Err(source.problem(
            "partial",
            "what a list leaves out is not read by the list: `get` cannot be `listed`",
        )),
        Some(_) => Err(source.problem("get", "`get` is `named` or `listed`")),
    }
}

/// The attributes that a permission shows.
pub(super) fn hidden(
    source: &Source<'_>,
    file: &TypeFile,
) -> Result<BTreeMap<String, String>, DefinitionError> {
    for permission in file.hidden.values() {
        let words: Vec<&str> = permission.split('.').collect();
        if words.len() != 3 || words.contains(&"") {
            return Err(source.problem(
                permission,
                format!("`{permission}` is no permission: write SERVICE.KIND.VERB"),
            ));
        }
    }
    Ok(file.hidden.clone())
}
