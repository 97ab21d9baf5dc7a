//! Which releases of a provider a report rests on, and on whose word.

use serde_json::{Value as Json, json};

use crate::model::{Because, ProviderVersion, Range};

/// One sentence, without a full stop: the provider, its release, who says so, and what that means for the report.
pub fn sentence(version: &ProviderVersion) -> String {
    let because = match &version.because {
        Because::Asked => "as asked for".to_owned(),
        Because::Lock(file) => format!("{file} says so"),
        Because::Constraint(text) => {
            format!("the newest known that `{text}` allows; there is no lock file")
        }
        Because::State => "state is as these write it; there is no lock file".to_owned(),
        Because::Newest => "the newest known; nothing says which it is".to_owned(),
    };
    let name = version.name();
    let releases = version.releases;
    let facts = match version.range {
        Range::Known => String::new(),
        Range::Older => format!(
            ": OLDER than all that is known (from {} on), so what its facts would decide is unknown",
            version.known.from
        ),
        Range::Newer => format!(
            ": NEWER than all that is known (up to {}), so what its facts would decide is unknown",
            version.known.to
        ),
    };
    format!("{name} {releases} ({because}){facts}")
}

/// The same for machines.
pub fn json(version: &ProviderVersion) -> Json {
    let on = match &version.because {
        Because::Lock(file) => Json::String(file.clone()),
        Because::Constraint(text) => Json::String(text.clone()),
        Because::Asked | Because::State | Because::Newest => Json::Null,
    };
    json!({
        "name": version.name(),
        "version": version.releases.exact().map(|version| version.to_string()),
        "from": version.releases.from.to_string(),
        "to": version.releases.to.to_string(),
        "because": version.because.as_str(),
        "on": on,
        "facts": version.range.as_str(),
    })
}
