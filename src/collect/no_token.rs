//! Why there is no token, and what to do about it.

use google_cloud_auth::errors::CredentialsError as TokenError;

/// Why there is no token.
#[derive(Clone, Debug, PartialEq)]
pub struct NoToken {
    /// The kind, which decides what to do about it.
    pub why: NoTokenWhy,
    /// One line.
    pub detail: String,
    /// Whether one may come yet.
    pub passes: bool,
}

/// Kinds of why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTokenWhy {
    /// The credential no longer counts.
    SignedOut,
    /// The credential runs a program, and nobody allowed that.
    RunsProgram,
    /// Anything else.
    Other,
}

impl NoToken {
    /// What an error of Google's library says, by the words of the token service in it, with the innermost cause: its messages
    /// repeat themselves down their chain. `source` is where the credential was found, `acts_as` the account it acts as.
    pub(super) fn told(error: &TokenError, source: &str, acts_as: Option<&str>) -> Self {
        let all = chain(error);
        let passes = error.is_transient() || broke_off(error);
        if all.contains("invalid_grant") || all.contains("invalid_rapt") {
            return Self {
                why: NoTokenWhy::SignedOut,
                detail: format!("the credential of {source} has expired or was revoked"),
                passes,
            };
        }
        if all.contains(PROGRAMS) {
            return Self {
                why: NoTokenWhy::RunsProgram,
                detail: "the credential runs a program, which is not allowed".to_owned(),
                passes,
            };
        }
        let hint = match acts_as {
            Some(account) if all.contains("403") => {
                format!(" (to act as {account} takes roles/iam.serviceAccountTokenCreator on it)")
            }
            Some(_) | None => String::new(),
        };
        let cause = super::web::cause(error);
        Self::other(format!("no token from {source}: {cause}{hint}"), passes)
    }

    pub(super) fn other(detail: impl Into<String>, passes: bool) -> Self {
        Self {
            why: NoTokenWhy::Other,
            detail: detail.into(),
            passes,
        }
    }

    /// What to do about it.
    pub fn fix(&self) -> String {
        match self.why {
            NoTokenWhy::SignedOut | NoTokenWhy::Other => SIGN_IN.to_owned(),
            NoTokenWhy::RunsProgram => {
                format!(
                    "look at the program in the credential file, then allow it with {PROGRAMS}=1"
                )
            }
        }
    }
}

/// Google's word for letting a credential run a program.
const PROGRAMS: &str = "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES";

/// What to do where there is no token, or none that is taken.
pub(super) const SIGN_IN: &str = "sign in again: gcloud auth application-default login, or give a fresh GOOGLE_OAUTH_ACCESS_TOKEN";

/// Whether an answer broke off on its way, which Google's library takes for a failure that stays.
fn broke_off(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut at = Some(error);
    while let Some(error) = at {
        if error
            .downcast_ref::<reqwest::Error>()
            .is_some_and(|error| error.is_body() || error.is_decode())
        {
            return true;
        }
        at = error.source();
    }
    false
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut out = error.to_string();
    let mut at = error.source();
    while let Some(inner) = at {
        out.push_str(&inner.to_string());
        at = inner.source();
    }
    out
}
