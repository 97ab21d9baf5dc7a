//! Sentences for what is not known. Nothing decides by them.

use crate::model::{Gap, NotEvaluated, Origin, Unknown};

/// Why something is not known, in a few words: lower case, no full stop.
pub fn sentence(why: &Unknown) -> String {
    match why {
        Unknown::AfterApply(None) => "known only after apply".to_owned(),
        Unknown::AfterApply(Some(origin)) => {
            format!("{} is known only after apply", attribute(origin))
        }
        Unknown::Gap(id) => format!("it could not be read: {}", id.as_str()),
        Unknown::NotAsked(listing) => {
            format!("{listing} was not asked for: read again with --deep, or with this state")
        }
        Unknown::NotListed => {
            "the list leaves it out, and the object itself was not read".to_owned()
        }
        Unknown::Hidden(permission) => {
            format!("it shows only with {permission}, which this caller may lack")
        }
        Unknown::Redacted => "it was removed from the answer as a secret".to_owned(),
        Unknown::NotEvaluated(what) => not_evaluated(what),
        Unknown::ConfigurationUnreadable(module) if module.is_empty() => {
            "the root module could not be read in full".to_owned()
        }
        Unknown::ConfigurationUnreadable(module) => {
            format!(
                "module.{} could not be read",
                module.replace('.', ".module.")
            )
        }
        Unknown::ConfigurationNotGiven => {
            "it depends on configuration, which was not given".to_owned()
        }
        Unknown::Mistaken(summary) if summary.is_empty() => "it is wrong".to_owned(),
        Unknown::Mistaken(summary) => format!("it is wrong: {summary}"),
        Unknown::ProviderRule => "the provider's own code decides".to_owned(),
        Unknown::Unidentified => "state does not hold what identifies the object".to_owned(),
        Unknown::StateUnreadable => "its attributes in state could not be read".to_owned(),
        Unknown::PlanRefused => "tofu refuses to plan".to_owned(),
        Unknown::DependencyRenewed => "what it depends on is made anew".to_owned(),
        Unknown::Version => {
            "releases of the provider differ in it, and what this one does is not known".to_owned()
        }
    }
}

/// The same, with what the API said where a gap is the reason.
pub fn with_gaps<'g>(why: &Unknown, gaps: impl IntoIterator<Item = &'g Gap>) -> String {
    let Unknown::Gap(id) = why else {
        return sentence(why);
    };
    let said = gaps.into_iter().find(|gap| gap.id() == *id);
    said.map_or_else(|| sentence(why), |gap| gap.detail.clone())
}

/// An attribute as configuration would refer to it.
fn attribute(origin: &Origin) -> String {
    let Origin { address, path } = origin;
    match path.as_str() {
        "" => address.clone(),
        path if path.starts_with('[') => format!("{address}{path}"),
        path => format!("{address}.{path}"),
    }
}

fn not_evaluated(what: &NotEvaluated) -> String {
    match what {
        NotEvaluated::DataSource(address) => {
            format!("{address}: a data source is read only by tofu")
        }
        NotEvaluated::Function(name) => format!("the function {name} is not evaluated"),
        NotEvaluated::Encoding(name) => format!("the encoding {name} is not supported here"),
        NotEvaluated::Variable(name) => {
            format!("`var.{name}` has no value: set TF_VAR_{name}, or give a tfvars file")
        }
        NotEvaluated::Undeclared(name) => format!("`{name}` is not declared in the root module"),
        NotEvaluated::NotStatic(what) => format!("`{what}` cannot be used here"),
        NotEvaluated::Workspace => "the selected workspace is not known".to_owned(),
        NotEvaluated::Ephemeral => "ephemeral resources are opened only by tofu".to_owned(),
        NotEvaluated::Reference(name) => {
            format!("`{name}` refers to itself, or lies too deep")
        }
        NotEvaluated::Machine => "it depends on the machine that tofu runs on".to_owned(),
        NotEvaluated::Number => "the number does not fit a report".to_owned(),
        NotEvaluated::Repetition => "it differs from turn to turn".to_owned(),
        NotEvaluated::Sensitive => "the value is sensitive".to_owned(),
        NotEvaluated::ImportId => "the id of the import is not known".to_owned(),
        NotEvaluated::Budget => "evaluating it takes more than it may cost".to_owned(),
        NotEvaluated::Outside(path) => {
            format!("`{path}` lies outside the repository: --allow-outside-files reads it")
        }
    }
}
