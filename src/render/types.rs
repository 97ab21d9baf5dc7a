//! What is supported, and how one type is read: printed from the definitions.

use serde_json::json;

use super::text::{Palette, styled};
use crate::catalog::{AttributeReader, Catalog, Definition, Listing, Mode, Origin, Per, Prior};

/// The supported types by service, as a table.
pub fn table(catalog: &Catalog) -> String {
    let width = catalog
        .definitions
        .keys()
        .map(String::len)
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    for service in catalog.services.values() {
        let types: Vec<_> = catalog
            .definitions
            .values()
            .filter(|definition| definition.service == service.name)
            .collect();
        if types.is_empty() {
            continue;
        }
        out.push_str(&format!(
            "{} ({})\n",
            styled(Palette::BOLD, &service.title),
            service.api
        ));
        for definition in types {
            out.push_str(&format!(
                "  {:<width$}  {}\n",
                definition.rtype, definition.description
            ));
        }
    }
    out.push_str(&format!(
        "\n{} types of {} services\n",
        catalog.definitions.len(),
        used(catalog)
    ));
    out
}

fn used(catalog: &Catalog) -> usize {
    catalog
        .definitions
        .values()
        .map(|definition| &definition.service)
        .collect::<std::collections::BTreeSet<_>>()
        .len()
}

/// The supported types as a table in Markdown, for the README.
pub fn markdown(catalog: &Catalog) -> String {
    let mut out = String::from("| service | type | what it is |\n|---|---|---|\n");
    for service in catalog.services.values() {
        for definition in catalog
            .definitions
            .values()
            .filter(|definition| definition.service == service.name)
        {
            out.push_str(&format!(
                "| {} | `{}` | {} |\n",
                service.title, definition.rtype, definition.description
            ));
        }
    }
    out
}

/// The supported types for machines.
pub fn json(catalog: &Catalog) -> String {
    let entry = |definition: &Definition| {
        json!({
            "type": definition.rtype,
            "service": definition.service,
            "description": definition.description,
            "importable": definition.schema.importable,
            "permissions": permissions(definition, catalog),
        })
    };
    let document = json!({"format_version": "1.0", "types": catalog.definitions.values().map(entry).collect::<Vec<_>>()});
    super::document::pretty(&document)
}

fn own<'a>(definition: &'a Definition, catalog: &'a Catalog) -> impl Iterator<Item = &'a Listing> {
    catalog
        .listings
        .values()
        .filter(|listing| listing.name.split('.').next() == Some(definition.rtype.as_str()))
}

fn permissions<'a>(definition: &'a Definition, catalog: &'a Catalog) -> Vec<&'a str> {
    own(definition, catalog)
        .map(|listing| listing.permission.as_str())
        .filter(|permission| !permission.is_empty())
        .collect()
}

/// How a type is listed, identified, read, compared and imported.
pub fn explain(definition: &Definition, catalog: &Catalog) -> String {
    let mut out = format!(
        "{}\n{}\n\n",
        styled(Palette::BOLD, &definition.rtype),
        definition.description
    );
    if let Origin::Within { parent, .. } = &definition.origin {
        out.push_str(&format!(
            "listed      within the bodies of {parent}: no request of its own\n"
        ));
    }
    for listing in own(definition, catalog) {
        let per = match &listing.per {
            Per::Project => "once a project".to_owned(),
            Per::ProjectWith(other) => format!("once a project that has a {other}"),
            Per::Location(_) => "once a location".to_owned(),
            Per::Demand => "once a data source".to_owned(),
            Per::Named => "once an object of state".to_owned(),
            Per::Parent { listing, .. } => format!("once a {listing}"),
        };
        let needs = if listing.permission.is_empty() {
            String::new()
        } else {
            format!(", needs {}", listing.permission)
        };
        out.push_str(&format!("listed      {} {per}{needs}\n", listing.name));
    }
    for reference in &definition.references {
        out.push_str(&format!(
            "refers      {} → {}\n",
            reference.family, reference.target
        ));
    }
    for condition in &definition.owned {
        out.push_str(&format!("not counted {}\n", condition.because));
    }
    for inline in &definition.inline {
        out.push_str(&format!(
            "not counted part of a {} ({})\n",
            inline.holder, inline.attribute
        ));
    }
    for condition in &definition.blocked {
        out.push_str(&format!("not imported while {}\n", condition.because));
    }
    out.push_str("\nattributes\n");
    attributes(&mut out, definition, &definition.readers, 1);
    out
}

fn attributes(
    out: &mut String,
    definition: &Definition,
    readers: &[AttributeReader],
    depth: usize,
) {
    for reader in readers {
        let Some(facts) = definition.schema.attributes.get(&reader.family) else {
            continue;
        };
        let mut words = vec![match facts.mode {
            Mode::Required => "required",
            Mode::Optional => "optional",
            Mode::OptionalComputed => "optional, kept when left out",
            Mode::Computed => "output",
        }];
        words.extend(facts.force_new.then_some("forces replacement"));
        words.extend(facts.sensitive.then_some("sensitive, never compared"));
        words.extend(reader.source.is_none().then_some("never read"));
        words.extend(
            definition
                .prior
                .get(&reader.family)
                .map(|prior| match prior {
                    Prior::Keep => "state's value stays",
                    Prior::KeepIfAbsent => "state's value stays when the API is silent",
                    Prior::KeepHollow => "empty blocks stay as state has them",
                    Prior::StateOrder(_) => "in the order that state has",
                    Prior::EmptyAsState => "no empty block where state has none",
                    Prior::KeepIfSet => "state's value stays once it is set",
                    Prior::IfSet => "nothing is read where state has no value",
                    Prior::ConfiguredKeys => "only the keys that state has",
                    Prior::ConfiguredBlocks => "only the blocks whose key state has",
                    Prior::ZeroBlock => "read as zeros when the API is silent and state has it",
                    Prior::Yield(_) | Prior::Take(_) => {
                        "read if state has it, and not the other one that stands for the same"
                    }
                    Prior::KeepWhile(_) => "state's value stays while a switch is on",
                    Prior::EmptyWhile(_) => "not read while a switch is on",
                }),
        );
        out.push_str(&format!(
            "{}{}  {}\n",
            "  ".repeat(depth),
            reader.name,
            styled(Palette::DIM, &words.join(", "))
        ));
        attributes(out, definition, &reader.children, depth + 1);
    }
}
