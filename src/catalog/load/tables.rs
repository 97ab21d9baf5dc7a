//! What of a type's files holds for some releases of the provider.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::check::{DefinitionError, Source};
use crate::catalog::emission::EmissionValue;
use crate::catalog::file::{OneOrMany, ProviderFile, Rules, TypeFile, UnwrittenTable};
use crate::catalog::schema::{Fact, Kind, Mode, Schema};
use crate::model::Releases;

/// Everything a definition is checked against.
pub(in crate::catalog) struct Surroundings<'a> {
    pub provider: &'a ProviderFile,
    pub types: &'a BTreeMap<String, TypeFile>,
    /// The releases the definition is to be right for.
    pub releases: Releases,
    /// Whether they are others than those whose facts are known.
    pub unknown: bool,
}

impl Surroundings<'_> {
    /// The facts as of the releases.
    pub fn schema(&self, all: &Schema) -> Schema {
        let mut schema = all.at(self.releases);
        if self.unknown {
            let attributes = schema.attributes.values_mut();
            attributes.for_each(|facts| facts.unsettled.push(Fact::Any));
        }
        schema
    }

    /// The entries of a table that hold. What may or may not hold leaves its attribute unsettled.
    fn rules<T: Clone>(&self, all: &Rules<T>, schema: &mut Schema) -> BTreeMap<String, T> {
        let mut out = BTreeMap::new();
        for (name, rule) in all {
            if !schema.attributes.contains_key(name) {
                continue;
            }
            let rule = rule.at(self.releases).unwrap_or_else(|rule| {
                if let Some(facts) = schema.attributes.get_mut(name) {
                    facts.unsettled.push(Fact::Any);
                }
                Some(rule)
            });
            out.extend(rule.map(|rule| (name.clone(), rule.clone())));
        }
        out
    }
}

/// The tables of a type that may change with the release, as they hold.
pub(in crate::catalog) struct Tables {
    pub read: BTreeMap<String, String>,
    pub import: BTreeMap<String, toml::Value>,
    pub prior: BTreeMap<String, String>,
    pub suppress: BTreeMap<String, OneOrMany>,
    pub replace: BTreeMap<String, String>,
    pub unwritten: BTreeMap<String, UnwrittenTable>,
    pub emit: BTreeMap<String, EmissionValue>,
    pub import_id: OneOrMany,
    pub settled_later: BTreeSet<String>,
}

impl Tables {
    /// The provider's entries for attributes that the type has, those taken over from other types, the type's own.
    pub fn new(
        source: &Source<'_>,
        file: &TypeFile,
        all: &Schema,
        schema: &mut Schema,
        around: &Surroundings<'_>,
    ) -> Result<Self, DefinitionError> {
        let provider = around.provider;
        let mut read = around.rules(&provider.read, schema);
        read.extend(taken(source, file, schema, around, |other| &other.read)?);
        read.extend(around.rules(&file.read, schema));
        let mut import = around.rules(&provider.import, schema);
        // What has a field of the API is read from it; what the release in question neither computes nor has a default for, no
        // import of that release fills.
        import.retain(|name, _| {
            let facts = &schema.attributes[name];
            let filled = match facts.mode {
                Mode::OptionalComputed | Mode::Computed => true,
                Mode::Required | Mode::Optional => facts.default.is_some(),
            };
            facts.api.is_empty() && filled
        });
        import.extend(around.rules(&file.import, schema));
        let mut prior = around.rules(&provider.prior, schema);
        // Labels that are not merged with others are read as any map is.
        prior.retain(|name, _| {
            name.starts_with("terraform_") || all.attributes.contains_key(&effective(name))
        });
        prior.extend(around.rules(&file.prior, schema));
        let mut suppress = around.rules(&provider.suppress, schema);
        suppress.extend(taken(source, file, schema, around, |other| {
            &other.suppress
        })?);
        suppress.extend(around.rules(&file.suppress, schema));
        // What the provider did not let pass yet, or no longer does.
        let passed = |name: &String| {
            let (then, ever) = (&schema.attributes[name], &all.attributes[name]);
            then.diff_suppressed || !ever.diff_suppressed
        };
        suppress.retain(|name, _| passed(name));
        let comes = |name: &String| {
            let (then, ever) = (&schema.attributes[name], &all.attributes[name]);
            let rule = file.suppress.get(name);
            (!then.diff_suppressed && ever.diff_suppressed)
                || (then.kind == Kind::List && ever.kind == Kind::Set)
                || (then.mode == Mode::Optional && ever.mode == Mode::OptionalComputed)
                || rule.is_some_and(|rule| rule.changes_after(around.releases))
        };
        let settled_later = schema.attributes.keys().filter(|name| comes(name));
        let settled_later = settled_later.cloned().collect();
        let mut emit = around.rules(&provider.emit, schema);
        emit.extend(around.rules(&file.emit, schema));
        Ok(Self {
            read,
            import,
            prior,
            suppress,
            emit,
            replace: around.rules(&file.replace, schema),
            unwritten: around.rules(&file.unwritten, schema),
            import_id: match file.identity.import_id.at(around.releases) {
                Ok(Some(template)) | Err(template) => template.clone(),
                Ok(None) => {
                    return Err(source.problem("import_id", "no `import_id` holds"));
                }
            },
            settled_later,
        })
    }
}

/// The attribute that holds the whole of a map of which configuration has a part.
fn effective(name: &str) -> String {
    format!("effective_{name}")
}

/// What a type takes over from others for its blocks of the same shape (`same`), from one of their tables.
fn taken<T: Clone>(
    source: &Source<'_>,
    file: &TypeFile,
    schema: &mut Schema,
    around: &Surroundings<'_>,
    table: impl Fn(&TypeFile) -> &Rules<T>,
) -> Result<BTreeMap<String, T>, DefinitionError> {
    let mut out = BTreeMap::new();
    for (block, from) in &file.same {
        let (rtype, prefix) = from.split_once('#').unwrap_or((from, ""));
        let other = around
            .types
            .get(rtype)
            .ok_or_else(|| source.problem(from, format!("there is no type `{rtype}`")))?;
        let mut renamed = Rules::new();
        for (name, entry) in table(other) {
            let rest = if prefix.is_empty() {
                Some(name.as_str())
            } else {
                name.strip_prefix(prefix)
                    .and_then(|rest| rest.strip_prefix('.'))
            };
            let name = rest
                .map(|rest| format!("{block}.{rest}"))
                .filter(|name| schema.attributes.contains_key(name));
            renamed.extend(name.map(|name| (name, entry.clone())));
        }
        out.extend(around.rules(&renamed, schema));
    }
    Ok(out)
}
