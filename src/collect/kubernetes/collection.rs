//! What may be asked of a control plane: collections, and what there are. GET alone is no promise there, for `exec`, `attach` and a
//! node's proxy answer to it: a name, a subresource or a watch cannot be spelled.

use crate::catalog::{ClusterKind, Sight};
use crate::collect::endpoint::query_part;

/// How many objects a page has.
const PAGE: usize = 500;

/// Resources whose objects hold payloads: asked for as tables alone, whatever a definition says.
const PAYLOADS: [&str; 1] = ["secrets"];

/// One thing to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::collect) enum Collection {
    /// The versions and resources of the core group.
    Core,
    /// Those of all other groups.
    Groups,
    /// Objects of one resource.
    List(List),
}

/// How objects come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::collect) enum Form {
    /// Whole.
    Whole,
    /// Their metadata.
    Metadata,
    /// A row each, with metadata.
    Rows,
    /// A row each, and nothing else: no byte of a payload is in it.
    Names,
}

/// Objects of one resource, in all namespaces or in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::collect) struct List {
    group: String,
    version: String,
    resource: String,
    namespace: Option<String>,
    form: Form,
    limit: usize,
    token: String,
}

impl List {
    /// The list of a kind in a version; nothing where a part of it is none, or a payload would come with it.
    pub fn new(kind: &ClusterKind, version: &str, form: Form) -> Option<Self> {
        Self::of(&kind.group, version, &kind.resource, form)
    }

    /// The same by group and resource.
    pub fn of(group: &str, version: &str, resource: &str, form: Form) -> Option<Self> {
        let veiled = PAYLOADS.contains(&resource) && group.is_empty();
        let sees = matches!(form, Form::Whole | Form::Metadata);
        let parts = is_part(version) && is_part(resource) && !resource.contains('.');
        let known = parts && (group.is_empty() || is_part(group));
        (known && !(veiled && sees)).then(|| Self {
            group: group.to_owned(),
            version: version.to_owned(),
            resource: resource.to_owned(),
            namespace: None,
            form,
            limit: PAGE,
            token: String::new(),
        })
    }

    /// The same in one namespace; nothing where that is no name of one.
    pub fn within(&self, namespace: &str) -> Option<Self> {
        is_part(namespace).then(|| Self {
            namespace: Some(namespace.to_owned()),
            ..self.clone()
        })
    }

    /// The same from a page on.
    pub fn after(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// The same, of which one object is enough.
    pub fn one(&self) -> Self {
        Self {
            limit: 1,
            ..self.clone()
        }
    }

    /// The namespace, where it is one.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}

/// Whether a text is a part of a path: lower-case letters, digits, hyphens and dots, and does not climb.
fn is_part(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    !text.is_empty() && text.chars().all(plain) && !text.starts_with('.') && !text.contains("..")
}

impl Collection {
    /// Path and query below the control plane's URL.
    pub fn path(&self) -> String {
        let list = match self {
            Self::Core => return "api".to_owned(),
            Self::Groups => return "apis".to_owned(),
            Self::List(list) => list,
        };
        let root = match list.group.as_str() {
            "" => format!("api/{}", list.version),
            group => format!("apis/{group}/{}", list.version),
        };
        let place = match &list.namespace {
            Some(namespace) => format!("namespaces/{namespace}/"),
            None => String::new(),
        };
        let mut out = format!("{root}/{place}{}?limit={}", list.resource, list.limit);
        match list.form {
            Form::Whole | Form::Metadata => {}
            Form::Rows => out.push_str("&includeObject=Metadata"),
            Form::Names => out.push_str("&includeObject=None"),
        }
        if !list.token.is_empty() {
            out.push_str(&format!("&continue={}", query_part(&list.token)));
        }
        out
    }

    /// The `Accept` header. A table has no other form behind it: a server that makes none refuses, where it would send whole
    /// objects otherwise.
    pub fn accept(&self) -> &'static str {
        match self {
            Self::Core | Self::Groups => {
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
            }
            Self::List(list) => match list.form {
                Form::Whole => "application/json",
                Form::Metadata => {
                    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
                }
                Form::Rows | Form::Names => "application/json;as=Table;v=v1;g=meta.k8s.io",
            },
        }
    }
}

/// The form in which a kind is asked for; `names` where of a veiled one nothing but names is wanted.
pub(super) fn form(sight: Sight, names: bool) -> Form {
    match sight {
        Sight::Whole | Sight::Registry => Form::Whole,
        Sight::Metadata => Form::Metadata,
        Sight::Veiled if names => Form::Names,
        Sight::Veiled => Form::Rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_is_all_that_can_be_spelled() {
        let list = |group, version, resource| List::of(group, version, resource, Form::Whole);
        assert_eq!(
            Collection::List(list("apps", "v1", "deployments").unwrap()).path(),
            "apis/apps/v1/deployments?limit=500"
        );
        let pods = list("", "v1", "pods").unwrap();
        let page = pods.within("shop").unwrap().after("a b&watch=true");
        assert_eq!(
            Collection::List(page).path(),
            "api/v1/namespaces/shop/pods?limit=500&continue=a%20b%26watch%3Dtrue"
        );
        for resource in [
            "pods/x/exec",
            "pods?watch=true",
            "pods.log",
            "",
            "..",
            "Pods",
        ] {
            assert_eq!(list("", "v1", resource), None, "{resource}");
        }
        assert!(list("", "v1/watch", "pods").is_none() && pods.within("a/pods/b").is_none());
    }

    #[test]
    fn payloads_come_as_tables_alone() {
        for form in [Form::Whole, Form::Metadata] {
            assert_eq!(List::of("", "v1", "secrets", form), None);
        }
        let rows = Collection::List(List::of("", "v1", "secrets", Form::Rows).unwrap());
        assert_eq!(
            rows.accept(),
            "application/json;as=Table;v=v1;g=meta.k8s.io"
        );
        let names = Collection::List(List::of("", "v1", "secrets", Form::Names).unwrap());
        assert!(names.path().ends_with("&includeObject=None"));
    }
}
