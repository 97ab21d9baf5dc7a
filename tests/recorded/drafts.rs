//! First drafts of definitions, made from the provider's facts alone: how a type is listed, identified, imported, and what of it is
//! read from an object's name. `UPDATE_EXPECT=1 DRIFTLINE_DRAFT=<type> cargo test --test recorded drafts::` writes one, with its
//! schema, where there is none yet; what is special about the type is then for a human to add.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::{CATALOG, shared_test};
use driftline::catalog::{Catalog, Service};
use libtest_mimic::Trial;
use serde_json::Value as Json;

/// The type to write a draft of.
const WANTED: &str = "DRIFTLINE_DRAFT";

pub fn tests() -> Vec<Trial> {
    vec![shared_test(
        "drafts::hold".to_owned(),
        "provider",
        drafts_hold,
    )]
}

/// A draft of every type with a known read URL is a definition that loads; the wanted one is written.
fn drafts_hold(provider: &Path) {
    let reads: Json = serde_json::from_str(&text(&provider.join("reads.json"))).unwrap();
    let wanted = std::env::var(WANTED).ok();
    let mut made = 0;
    for (rtype, read) in reads.as_object().unwrap() {
        let file = provider.join(format!("types/{rtype}.json"));
        let Some(service) = service(read).filter(|_| file.exists()) else {
            assert_ne!(
                wanted.as_ref(),
                Some(rtype),
                "no facts, or no service.toml for the URL it is read from"
            );
            continue;
        };
        let facts: Json = serde_json::from_str(&text(&file)).unwrap();
        let schema = crate::facts::schema(&facts, "", &[]);
        let draft = draft(rtype, &facts, read, service);
        let folder = format!("google/{}", service.name);
        let files = [
            (
                format!("{folder}/service.toml"),
                text(format!("providers/{folder}/service.toml").as_ref()),
            ),
            (format!("{folder}/{rtype}.toml"), draft.clone()),
            (format!("{folder}/{rtype}.schema.json"), schema.clone()),
        ];
        // What a type is listed per is another file.
        if !draft.contains("\nper = ") {
            let loaded = Catalog::load(files.iter().map(|(f, t)| (f.as_str(), t.as_str())));
            let catalog = loaded.unwrap_or_else(|error| panic!("{error}\n{draft}"));
            assert!(!catalog.definitions[rtype].identity.is_empty());
        }
        made += 1;
        let own = format!("providers/{folder}/{rtype}");
        let new = !Path::new(&format!("{own}.toml")).exists();
        if wanted.as_ref() == Some(rtype) && new && std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(format!("{own}.toml"), draft).unwrap();
            std::fs::write(format!("{own}.schema.json"), schema).unwrap();
        }
    }
    assert!(made > 100, "only {made} drafts");
}

fn text(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The service whose base URL an object is read below: the longest.
fn service(read: &Json) -> Option<&'static Service> {
    let url = read["read"].as_str()?;
    let all = CATALOG.services.values();
    let below = all.filter(|service| url.starts_with(&service.base));
    below
        .filter(|service| url.len() > service.base.len())
        .max_by_key(|service| service.base.len())
}

/// A draft: tables in the order of `providers/README.md`.
fn draft(rtype: &str, facts: &Json, read: &Json, service: &Service) -> String {
    let url = read["read"].as_str().unwrap();
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let path = url[service.base.len()..].replace("{%", "{");
    let attributes = facts["attributes"].as_object().unwrap();
    let computed = |name: &&str| {
        attributes.get(*name).map(|a| &a["mode"]) == Some(&"optional+computed".into())
    };
    let defaults: Vec<String> = ["project", "region", "zone"]
        .iter()
        .filter(|name| computed(name))
        .map(|name| format!("\"{name}\""))
        .collect();
    let mut out = format!("type = \"{rtype}\"\ndescription = \"TODO.\"\nempty_blocks = false\n");
    if !defaults.is_empty() {
        writeln!(out, "defaults = [{}]", defaults.join(", ")).unwrap();
    }
    out += &list(&path, query, service);
    // Of a place that is stored as a link the name counts.
    let bare = |text: &str| {
        let text = text.replace("{%", "{");
        match service.links.is_empty() {
            true => text,
            false => text
                .replace("{region}", "{region | last}")
                .replace("{zone}", "{zone | last}"),
        }
    };
    let import = read["import"][0].as_str().unwrap_or(&path);
    let id = read["id"].as_str().unwrap_or(import);
    writeln!(
        out,
        "\n[identity]\nid = \"{}\"\nimport_id = \"{}\"",
        bare(&path),
        bare(import)
    )
    .unwrap();
    if id != import {
        writeln!(out, "attribute = \"{}\"", bare(id)).unwrap();
    }
    let named = from_name(&path, facts, !service.links.is_empty());
    if !named.is_empty() {
        out += "\n[read]\n";
        named
            .iter()
            .for_each(|(name, from)| writeln!(out, "{name} = \"{from}\"").unwrap());
    }
    let mut references = BTreeMap::new();
    refer(attributes, "", &mut references);
    if !references.is_empty() {
        out += "\n[references]\n";
        references
            .iter()
            .for_each(|(name, to)| writeln!(out, "{name} = \"{to}\"").unwrap());
    }
    out
}

/// The collection that an object is read from: over all places where the API lists it so, per object where it lies in another.
fn list(path: &str, query: &str, service: &Service) -> String {
    let segments: Vec<&str> = path.split('/').collect();
    let [around @ .., kind, last] = segments.as_slice() else {
        return format!("\n[list]\npath = \"{path}\"\n");
    };
    let api = service.api.split('.').next().unwrap_or_default();
    let mut out = "\n[list]\n".to_owned();
    let places = ["{region}", "{zone}"].map(|place| around.contains(&place));
    let grouped = !service.links.is_empty() && places != [false, false];
    if !last.starts_with('{') {
        writeln!(out, "path = \"{path}\"").unwrap();
    } else if grouped {
        let place = if places[1] { "zone" } else { "region" };
        write!(out, "path = \"projects/{{project}}/aggregated/{kind}\"\nquery = {{ returnPartialSuccess = \"true\" }}\nitems = \"items.*.{kind}\"\nonly = [\"{place} | exists\"]\n").unwrap();
    } else if let Some(parent) = parent(around, service) {
        write!(
            out,
            "per = \"{parent}\"\nkey = \"name\"\npath = \"{{parent}}/{kind}\"\nitems = \"{kind}\"\n"
        )
        .unwrap();
    } else {
        // `-` stands for every place, where the API takes it.
        let every = |segment: &&str| match segment.starts_with('{') && *segment != "{project}" {
            true => "-".to_owned(),
            false => (*segment).to_owned(),
        };
        let above: Vec<String> = around.iter().map(every).collect();
        let items = if service.links.is_empty() {
            kind
        } else {
            "items"
        };
        write!(
            out,
            "path = \"{}/{kind}\"\nitems = \"{items}\"\n",
            above.join("/")
        )
        .unwrap();
    }
    writeln!(out, "permission = \"{api}.{kind}.list\"").unwrap();
    let parameters: Vec<String> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| format!("{key} = \"{value}\""))
        .collect();
    if !parameters.is_empty() {
        writeln!(out, "get_query = {{ {} }}", parameters.join(", ")).unwrap();
    }
    out
}

/// The type whose objects are named by what stands around a collection.
fn parent(around: &[&str], service: &Service) -> Option<String> {
    let shape = |path: &str| {
        let word = |segment: &str| match segment.starts_with('{') {
            true => "{}".to_owned(),
            false => segment.to_owned(),
        };
        path.split('/').map(word).collect::<Vec<_>>()
    };
    let wanted = shape(&around.join("/"));
    let of = |definition: &&driftline::catalog::Definition| {
        if definition.service != service.name {
            return false;
        }
        let file = format!(
            "providers/google/{}/{}.toml",
            service.name, definition.rtype
        );
        let own = text(file.as_ref());
        let id = own.lines().find_map(|line| line.strip_prefix("id = \""));
        id.is_some_and(|id| shape(id.trim_end_matches('"')) == wanted)
    };
    let mut all = CATALOG.definitions.values();
    // A place is no object.
    let nested = around.len() > 4
        || around.first() == Some(&"projects")
            && around.get(2) != Some(&"locations")
            && around.len() > 3;
    all.find(of).filter(|_| nested).map(|d| d.rtype.clone())
}

/// Attributes that are parts of the object's own name (or link), by what stands before them in the URL, where no API field holds
/// them.
fn from_name(path: &str, facts: &Json, linked: bool) -> BTreeMap<String, String> {
    let source = if linked { "selfLink" } else { "name" };
    let segments: Vec<&str> = path.split('/').collect();
    let mut out = BTreeMap::new();
    for (at, segment) in segments.iter().enumerate() {
        let Some(word) = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        else {
            continue;
        };
        let Some(attribute) = facts["attributes"].get(word).filter(|_| word != "project") else {
            continue;
        };
        let field = attribute["api"].is_array();
        let from = match (at, at + 1 == segments.len()) {
            _ if linked && matches!(word, "region" | "zone") => format!("{word} | last"),
            (_, true) if linked && field => continue,
            (_, true) => format!("{source} | last"),
            _ if linked && field => continue,
            (0, _) => format!("{source} | before /{}/", segments[1]),
            _ => format!("{source} | after {}", segments[at - 1]),
        };
        out.insert(word.to_owned(), from);
    }
    out
}

/// Attributes whose name says which type they name.
fn refer(
    attributes: &serde_json::Map<String, Json>,
    prefix: &str,
    out: &mut BTreeMap<String, String>,
) {
    for (name, facts) in attributes {
        let full = format!("{prefix}{name}");
        if let Some(inner) = facts["attributes"].as_object() {
            refer(inner, &format!("{full}."), out);
            continue;
        }
        let target = match name.as_str() {
            "kms_key" | "kms_key_name" | "kms_key_self_link" | "crypto_key" => {
                "google_kms_crypto_key".to_owned()
            }
            "topic" | "pubsub_topic" => "google_pubsub_topic".to_owned(),
            name => format!("google_compute_{}", name.trim_end_matches("_link")),
        };
        let written =
            facts["mode"] != "computed" && facts["kind"] != "map" && facts["kind"] != "bool";
        if written && CATALOG.definition(&target).is_some() {
            let key = if full.contains('.') {
                format!("\"{full}\"")
            } else {
                full
            };
            out.insert(key, target);
        }
    }
}
