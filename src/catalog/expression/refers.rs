//! What a text refers to: images of registries, and places on the network.

use std::net::IpAddr;
use std::sync::LazyLock;

use regex::Regex;

/// A part of the reference of a container image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImagePart {
    /// The registry's host.
    Host,
    /// The path between host and tag.
    Path,
    /// The tag; `latest` where neither tag nor digest is named.
    Tag,
    /// The digest, with its algorithm.
    Digest,
    /// The name of its repository in Artifact Registry: `projects/P/locations/L/repositories/R`.
    Repository,
    /// The package in that repository.
    Package,
}

impl ImagePart {
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "host" => Self::Host,
            "path" => Self::Path,
            "tag" => Self::Tag,
            "digest" => Self::Digest,
            "repository" => Self::Repository,
            "package" => Self::Package,
            _ => return None,
        })
    }
}

/// A part of what a text names on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointPart {
    /// A name or an address.
    Host,
    /// A host that is an address.
    Address,
    /// The port.
    Port,
    /// The scheme of a URL, in lower case.
    Scheme,
}

impl EndpointPart {
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "host" => Self::Host,
            "address" => Self::Address,
            "port" => Self::Port,
            "scheme" => Self::Scheme,
            _ => return None,
        })
    }
}

/// Where images go that name no registry.
const DEFAULT_HOST: &str = "docker.io";

/// Hosts of Container Registry, and the location of the Artifact Registry repository, named as the host, that answers for them
/// since Container Registry was shut: Google's documentation of the transition.
const RETIRED: [(&str, &str); 4] = [
    ("gcr.io", "us"),
    ("us.gcr.io", "us"),
    ("eu.gcr.io", "europe"),
    ("asia.gcr.io", "asia"),
];

/// A part of an image reference, `HOST/PATH[:TAG][@DIGEST]`; nothing where it has none such.
pub(super) fn image(text: &str, part: ImagePart) -> Option<String> {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    // A colon before the last slash is a port.
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (rest, None),
    };
    let (host, path) = match name.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
        _ => (DEFAULT_HOST, name),
    };
    match part {
        ImagePart::Host => Some(host.to_owned()),
        ImagePart::Path => Some(path.to_owned()),
        ImagePart::Digest => digest.map(str::to_owned),
        ImagePart::Tag => match (tag, digest) {
            (Some(tag), _) => Some(tag.to_owned()),
            (None, Some(_)) => None,
            (None, None) => Some("latest".to_owned()),
        },
        ImagePart::Repository => registry(host, path).map(|(repository, _)| repository),
        ImagePart::Package => registry(host, path).map(|(_, package)| package),
    }
}

/// The repository of Artifact Registry and the package in it.
fn registry(host: &str, path: &str) -> Option<(String, String)> {
    // The project of a domain is two segments: `example.com/project`.
    let (first, rest) = path.split_once('/')?;
    let (project, rest) = match first.contains('.') {
        true => {
            let (second, rest) = rest.split_once('/')?;
            (format!("{first}:{second}"), rest)
        }
        false => (first.to_owned(), rest),
    };
    if let Some(location) = host.strip_suffix("-docker.pkg.dev") {
        let (repository, package) = rest.split_once('/')?;
        let name = format!("projects/{project}/locations/{location}/repositories/{repository}");
        return Some((name, package.to_owned()));
    }
    let (_, location) = RETIRED.iter().find(|(retired, _)| *retired == host)?;
    let name = format!("projects/{project}/locations/{location}/repositories/{host}");
    Some((name, rest.to_owned()))
}

/// A part of what a text names on the network, as a whole.
pub(super) fn endpoint(text: &str, part: EndpointPart) -> Option<String> {
    let text = text.trim();
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, text),
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    if scheme.is_none() && authority.len() != rest.len() {
        return None;
    }
    let authority = authority.rsplit('@').next()?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let port = match port {
        None => None,
        Some(port) if port.parse::<u16>().is_ok() => Some(port),
        Some(_) => return None,
    };
    let host = host.trim_matches(['[', ']']);
    let address = host.parse::<IpAddr>().is_ok();
    // A word alone is no name of a host: only a URL, a port or dots make it one.
    let named = scheme.is_some() || port.is_some() || host.contains('.');
    if !(address || named && is_host(host)) {
        return None;
    }
    match part {
        EndpointPart::Host => Some(host.to_owned()),
        EndpointPart::Address => address.then(|| host.to_owned()),
        EndpointPart::Port => port.map(str::to_owned),
        EndpointPart::Scheme => scheme.map(str::to_ascii_lowercase),
    }
}

fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        let inside = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !label.is_empty() && label.chars().all(inside)
    };
    // Versions and numbers have dots, too.
    let named = text.chars().any(|c| c.is_ascii_alphabetic());
    let last = text.rsplit('.').next().unwrap_or_default();
    let ends = text.contains('.') && last.chars().all(|c| c.is_ascii_digit());
    named && !ends && text.split('.').all(label)
}

/// The IPv4 addresses in a text, each once, in order.
pub(super) fn addresses(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for found in pieces(text) {
        let host = found.split(':').next().unwrap_or(found);
        if host.parse::<std::net::Ipv4Addr>().is_ok() && !out.iter().any(|one| one == host) {
            out.push(host.to_owned());
        }
    }
    out
}

/// Runs of what addresses with ports are made of.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let outside = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '_'));
    text.split(outside)
        .map(|piece| piece.trim_matches(['.', ':']))
}

/// What a text of any kind names on the network, as texts without user, path and query: `redis://cache:6379`, `10.0.0.7:4500`.
pub fn endpoints(text: &str) -> Vec<String> {
    static URL: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>;,|`{}()\\]+"#).ok());
    let mut out: Vec<String> = Vec::new();
    let add = |out: &mut Vec<String>, found: String| {
        if !out.contains(&found) {
            out.push(found);
        }
    };
    for url in URL.iter().flat_map(|url| url.find_iter(text)) {
        let part = |part| endpoint(url.as_str(), part);
        let (Some(scheme), Some(host)) = (part(EndpointPart::Scheme), part(EndpointPart::Host))
        else {
            continue;
        };
        let url = match part(EndpointPart::Port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        add(&mut out, url);
    }
    for piece in pieces(text) {
        let host = piece.split(':').next().unwrap_or(piece);
        // The address of a URL is told with it.
        let told = out.iter().any(|url| url.ends_with(&format!("://{piece}")));
        if !told
            && host.parse::<std::net::Ipv4Addr>().is_ok()
            && endpoint(piece, EndpointPart::Host).is_some()
        {
            add(&mut out, piece.to_owned());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_taken_apart() {
        let parts = |text| {
            use ImagePart::*;
            [Host, Path, Tag, Digest, Repository, Package]
                .map(|part| image(text, part).unwrap_or_else(|| "-".to_owned()))
                .join(" ")
        };
        assert_eq!(parts("nginx"), "docker.io nginx latest - - -");
        assert_eq!(parts("localhost:5000/a/b:1"), "localhost:5000 a/b 1 - - -");
        assert_eq!(
            parts("europe-docker.pkg.dev/p/r/a/b:v1@sha256:00"),
            "europe-docker.pkg.dev p/r/a/b v1 sha256:00 projects/p/locations/europe/repositories/r a/b"
        );
        assert_eq!(
            parts("eu.gcr.io/example.com/p/app@sha256:00"),
            "eu.gcr.io example.com/p/app - sha256:00 projects/example.com:p/locations/europe/repositories/eu.gcr.io app"
        );
        assert_eq!(
            parts("registry.k8s.io/pause:3.9"),
            "registry.k8s.io pause 3.9 - - -"
        );
    }

    #[test]
    fn endpoints_are_told_from_other_texts() {
        let parts = |text| {
            use EndpointPart::*;
            [Host, Address, Port, Scheme]
                .map(|part| endpoint(text, part).unwrap_or_else(|| "-".to_owned()))
                .join(" ")
        };
        assert_eq!(
            parts("redis://user:p%40ss@redis-service:6379/0"),
            "redis-service - 6379 redis"
        );
        assert_eq!(parts("10.1.2.3"), "10.1.2.3 10.1.2.3 - -");
        assert_eq!(parts("db.internal:5432"), "db.internal - 5432 -");
        assert_eq!(parts("[::1]:80"), "::1 ::1 80 -");
        for text in [
            "production",
            "config.settings/production",
            "1.2.3",
            "v1:2:3",
            "a b",
            "",
            "true",
            "8080",
            "sha256:abc",
        ] {
            assert_eq!(parts(text), "- - - -", "{text}");
        }
        // Nothing tells the path of a module from a name of a host: who looks it up knows which names there are.
        assert_eq!(parts("config.settings"), "config.settings - - -");
    }

    #[test]
    fn what_a_long_text_names_is_found_without_what_is_secret() {
        let text =
            "coditect:Zm9v@10.56.0.7:4500,10.56.0.8:4500\nproxy_pass http://u:secret@api:80/v1;";
        assert_eq!(addresses(text), ["10.56.0.7", "10.56.0.8"]);
        assert_eq!(
            endpoints(text),
            ["http://api:80", "10.56.0.7:4500", "10.56.0.8:4500"]
        );
    }
}
