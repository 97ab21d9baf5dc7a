//! Kinds of a cluster as checked data: `providers/kubernetes/KIND.toml`, the attributes that kinds share (`shapes.toml`), and how a
//! control plane is reached (`cluster.toml`).
//!
//! A kind becomes a [`Definition`] like a resource type's, with attributes that no provider has: it is in no list of types, no
//! resource manages it, and what is read of it is what its attributes name and nothing else.

mod file;
mod shape;

use std::collections::BTreeMap;

use super::check::{DefinitionError, Source};
use super::definition::{Definition, Details, Get, Origin};
use super::expression::Expression;
use super::load::Recipe;
use super::schema::Schema;
use super::template::{Template, Words};
use crate::model::{Releases, Version};
use file::{ClusterFile, KindFile};
use shape::Shapes;

/// How much of its objects is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// Whole objects, of which what attributes name is kept.
    Whole,
    /// Their metadata alone.
    Metadata,
    /// Objects that hold payloads nobody may see: asked for as a table, and only where that is opted in.
    Veiled,
    /// No objects of a cluster: what a registry has of the images that workloads name.
    Registry,
}

/// One kind.
#[derive(Clone, Debug)]
pub struct Kind {
    /// The group of its API, empty for the core's.
    pub group: String,
    /// Its name in paths: `deployments`.
    pub resource: String,
    /// The IAM permission that listing it takes.
    pub permission: String,
    /// How much of it is asked for.
    pub sight: Sight,
    /// Annotations that are kept; every other is dropped, for some hold whole objects.
    pub annotations: Vec<String>,
    /// Paths of texts that may hold anything: of each, what is short and plain is kept, else the addresses in it.
    pub sketched: Vec<Vec<String>>,
    /// Words that are kept of such texts where they stand in them.
    pub words: Vec<String>,
    /// Attributes that are not known where a condition on the body holds.
    pub unknown: Vec<(String, Expression)>,
    /// Paths in a body that its attributes are read from.
    pub paths: Vec<Vec<String>>,
    /// What its objects say.
    pub definition: Definition,
}

/// One way to a control plane.
#[derive(Clone, Debug)]
pub struct Way {
    /// What people call it.
    pub name: String,
    /// Conditions on the cluster's body.
    pub when: Vec<Expression>,
    /// The host, and the path below it, over the cluster's body.
    pub url: Template,
    /// The permission it takes beside those of kinds, where it takes one.
    pub permission: String,
    /// Whether it is one of Google's APIs, which take headers that control planes do not.
    pub google: bool,
    /// What to do where it does not answer.
    pub hint: String,
}

/// How clusters are found and reached.
#[derive(Clone, Debug)]
pub struct Clusters {
    /// What people call what lies in them.
    pub title: String,
    /// The listing that shows them.
    pub listing: String,
    /// The path of clusters in a body of it.
    pub items: Vec<String>,
    /// What names a cluster, over its body: its path below the API.
    pub id: Template,
    /// The location, over its body.
    pub location: Expression,
    /// The certificate to trust (PEM, base64) where the host is an address, over its body.
    pub certificate: Expression,
    /// The ways, in the order they are tried.
    pub ways: Vec<Way>,
    /// Namespaces that are Google's and the cluster's own: patterns.
    pub system: Vec<String>,
    /// Where a registry's images are listed.
    pub images: Images,
}

/// What lists the images of a repository.
#[derive(Clone, Debug)]
pub struct Images {
    /// The service.
    pub service: String,
    /// The path below its base URL, over a repository's name (`{value}`).
    pub path: Template,
    /// The path of the images in a body.
    pub items: Vec<String>,
    /// Query parameters.
    pub query: Vec<(String, String)>,
    /// The attribute of a workload that names repositories.
    pub named: String,
}

/// Everything that is known of kinds.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    /// Kinds by type.
    pub all: BTreeMap<String, Kind>,
    /// How clusters are reached; nothing where no definition says.
    pub clusters: Option<Clusters>,
}

impl Kinds {
    /// The kind of a type.
    pub fn get(&self, rtype: &str) -> Option<&Kind> {
        self.all.get(rtype)
    }
}

/// The folder of kinds among definitions, and its files that are none.
const FOLDER: &str = "kubernetes";
const SHAPES: &str = "shapes";
const CLUSTER: &str = "cluster";

/// Kinds have none: what is said of one holds in all.
const NO_RELEASES: Releases = Releases {
    from: Version {
        major: 0,
        minor: 0,
        patch: 0,
    },
    to: Version {
        major: u32::MAX,
        minor: 0,
        patch: 0,
    },
};

/// Whether a file is of this folder.
pub(super) fn is_of(file: &str) -> bool {
    file.strip_prefix(FOLDER)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// Reads the files of the folder.
///
/// # Errors
/// The first problem, with file and line.
pub(super) fn read<'a>(
    files: &[(&'a str, &'a str)],
    recipe: &Recipe,
) -> Result<Kinds, DefinitionError> {
    let stem = |file: &'a str| {
        file.rsplit('/')
            .next()
            .unwrap_or(file)
            .trim_end_matches(".toml")
    };
    let mut shapes = Shapes::default();
    for (file, text) in files.iter().filter(|(file, _)| stem(file) == SHAPES) {
        shapes = Shapes::read(&Source::new(file, text))?;
    }
    let mut out = Kinds::default();
    for (file, text) in files {
        let source = Source::new(file, text);
        match stem(file) {
            SHAPES => {}
            CLUSTER => out.clusters = Some(clusters(&source)?),
            _ => {
                let kind = kind(&source, &shapes, recipe)?;
                out.all.insert(kind.definition.rtype.clone(), kind);
            }
        }
    }
    Ok(out)
}

fn kind(source: &Source<'_>, shapes: &Shapes, recipe: &Recipe) -> Result<Kind, DefinitionError> {
    let file: KindFile = source.toml()?;
    let read = shapes.attributes(source, &file)?;
    let sight = match file.sight.as_str() {
        "whole" => Sight::Whole,
        "metadata" => Sight::Metadata,
        "veiled" => Sight::Veiled,
        "registry" => Sight::Registry,
        other => {
            let what = format!("`{other}` is none of: whole, metadata, veiled, registry");
            return Err(source.problem("sight", what));
        }
    };
    let unknown = file.unknown.iter().map(|(name, condition)| {
        super::check::known(source, &read.schema, [name].into_iter())?;
        Ok((name.clone(), source.expression(condition)?))
    });
    let unknown: Vec<_> = unknown.collect::<Result<_, DefinitionError>>()?;
    let identity = file.id.clone().unwrap_or_else(|| path(&file));
    let identity = source.template(&identity, Words::Attributes)?;
    let details = Details {
        identity: vec![identity],
        import_id: vec![source.template(&short(&file), Words::Attributes)?],
        only: source.expressions(&file.only)?,
        readers: read.readers,
        references: super::check::references(source, &file.references)?,
        owned: source.conditions(&file.owned, NO_RELEASES)?,
        ..blank(read.schema)
    };
    super::check::known(source, &details.schema, file.references.keys())?;
    let keys = super::check::keys;
    let at = |path: &String| keys(&shapes.placed(path, &file));
    let definition = Definition {
        rtype: file.rtype.clone(),
        service: file.service.clone().unwrap_or_else(|| FOLDER.to_owned()),
        description: file.description.clone(),
        origin: Origin::Listed,
        parts: Vec::new(),
        claimed_only: false,
        part_of: None,
        partial: Vec::new(),
        get: Get::Listed,
        hidden: BTreeMap::new(),
        attributed: Some(false),
        details: std::sync::OnceLock::new(),
        recipe: recipe.clone(),
    };
    definition.settle(details);
    Ok(Kind {
        group: file.group.clone(),
        resource: file.resource.clone(),
        permission: file.permission.clone(),
        sight,
        annotations: shapes.annotations.clone(),
        sketched: file.sketched.iter().map(at).collect(),
        words: file.words.clone(),
        unknown,
        paths: read.paths,
        definition,
    })
}

/// The canonical path of an object, as Cloud Asset Inventory spells it, over its attributes.
fn path(file: &KindFile) -> String {
    let group = match file.group.as_str() {
        "" => String::new(),
        group => format!("{group}/"),
    };
    let within = match file.namespaced {
        true => "namespaces/{namespace}/",
        false => "",
    };
    format!("{{cluster}}/k8s/{within}{group}{}/{{name}}", file.resource)
}

/// What people call an object within its cluster.
fn short(file: &KindFile) -> String {
    let namespaced = file.namespaced && file.id.is_none();
    let name = if namespaced {
        "{namespace}/{name}"
    } else {
        "{name}"
    };
    name.to_owned()
}

/// Details that say nothing but the facts.
fn blank(schema: Schema) -> Details {
    Details {
        each: Vec::new(),
        vanished: None,
        only: Vec::new(),
        identity: Vec::new(),
        import_id: Vec::new(),
        stored_id: Vec::new(),
        readers: Vec::new(),
        imported: BTreeMap::new(),
        prior: BTreeMap::new(),
        suppress: BTreeMap::new(),
        replace: BTreeMap::new(),
        verbatim: Default::default(),
        links: Vec::new(),
        attribution: false,
        unwritten: BTreeMap::new(),
        settled_later: Default::default(),
        planned: BTreeMap::new(),
        defaults: Vec::new(),
        references: Vec::new(),
        owned: Vec::new(),
        inline: Vec::new(),
        blocked: Vec::new(),
        observed: Default::default(),
        emit: BTreeMap::new(),
        schema,
    }
}

fn clusters(source: &Source<'_>) -> Result<Clusters, DefinitionError> {
    let file: ClusterFile = source.toml()?;
    let keys = super::check::keys;
    let way = |table: &file::WayTable| {
        Ok(Way {
            name: table.name.clone(),
            when: source.expressions(&table.when)?,
            url: source.template(&table.url, Words::Attributes)?,
            permission: table.permission.clone(),
            google: table.google,
            hint: table.hint.clone(),
        })
    };
    Ok(Clusters {
        title: file.title.clone(),
        listing: file.listing.clone(),
        items: keys(&file.items),
        id: source.template(&file.id, Words::Attributes)?,
        location: source.expression(&file.location)?,
        certificate: source.expression(&file.certificate)?,
        ways: file.way.iter().map(way).collect::<Result<_, _>>()?,
        system: file.system.clone(),
        images: Images {
            service: file.images.service.clone(),
            path: source.template(&file.images.path, Words::Attributes)?,
            items: keys(&file.images.items),
            query: file.images.query.clone().into_iter().collect(),
            named: file.images.named.clone(),
        },
    })
}
