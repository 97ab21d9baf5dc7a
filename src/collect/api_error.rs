//! What an error of an API means: its answer as a reason, a sentence and something to do about it.

use serde::Deserialize;

use super::no_token::{NoToken, SIGN_IN};
use crate::model::{GapReason, REDACTED};

/// Why one request gave no page, before it is known what that means for a listing.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Failure {
    /// The API answered with an error.
    Refused(ApiError),
    /// No answer in time.
    Timeout(String),
    /// No connection.
    Unreached(String),
    /// A connection that broke.
    Network(String),
    /// An answer that is not what the API promises.
    Body(String),
    /// No token.
    Token(NoToken),
}

/// An error answer of an API.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// The words by which APIs tell errors apart: `accessNotConfigured`, `SERVICE_DISABLED`, `rateLimitExceeded`.
    pub words: Vec<String>,
    /// The message, in one line.
    pub message: String,
}

/// What was asked for, in the words of a fix.
pub(super) struct Asked<'a> {
    /// The API's name.
    pub api: &'a str,
    /// The project.
    pub project: &'a str,
    /// The permission, or nothing where none is known.
    pub permission: &'a str,
    /// Whether something above the object asked for is known to be there.
    pub below: bool,
}

/// A reason with its sentence and fix.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    pub reason: GapReason,
    pub detail: String,
    pub fix: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Envelope {
    error: Inner,
    /// Of a control plane, which has no envelope: `Status`, its reason in a word, and its message.
    kind: String,
    reason: String,
    message: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Inner {
    message: String,
    status: String,
    errors: Vec<Item>,
    details: Vec<Item>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Item {
    reason: String,
}

impl ApiError {
    /// Reads an error body; one that is not JSON keeps the status alone.
    pub fn parse(status: u16, body: &[u8]) -> Self {
        let read = serde_json::from_slice::<Envelope>(body).unwrap_or_default();
        if read.kind == "Status" {
            return Self {
                status,
                words: vec![read.reason],
                message: one_line(&read.message),
            };
        }
        let error = read.error;
        let words = [error.status].into_iter().chain(
            error
                .errors
                .into_iter()
                .chain(error.details)
                .map(|item| item.reason),
        );
        Self {
            status,
            words: words.filter(|word| !word.is_empty()).collect(),
            message: one_line(&error.message),
        }
    }

    fn says(&self, words: &[&str]) -> bool {
        self.words.iter().any(|word| words.contains(&word.as_str()))
    }

    /// Whether asking again may help.
    pub fn passes(&self) -> bool {
        matches!(self.status, 408 | 500..=599) && self.status != 501
            || self.is_quota()
            || self.is_busy()
    }

    /// Whether it is refused for want of quota alone.
    pub fn is_quota(&self) -> bool {
        const WORDS: [&str; 5] = [
            "rateLimitExceeded",
            "userRateLimitExceeded",
            "RATE_LIMIT_EXCEEDED",
            "RESOURCE_EXHAUSTED",
            "quotaExceeded",
        ];
        self.status == 429 || self.status == 403 && self.says(&WORDS)
    }

    /// Whether another operation stands in the way just now.
    fn is_busy(&self) -> bool {
        self.status == 409
            && self.says(&["invalidState", "operationInProgress", "FAILED_PRECONDITION"])
    }

    fn sentence(&self) -> String {
        match self.message.as_str() {
            "" => format!("answered {}", self.status),
            message => format!("{message} ({})", self.status),
        }
    }
}

impl Failure {
    /// Whether asking again may help.
    pub fn passes(&self) -> bool {
        match self {
            Self::Refused(error) => error.passes(),
            Self::Timeout(_) | Self::Network(_) | Self::Unreached(_) => true,
            Self::Token(failed) => failed.passes,
            Self::Body(_) => false,
        }
    }

    /// The gap this makes.
    pub fn finding(&self, asked: &Asked<'_>) -> Finding {
        let found = |reason, detail: &str, fix: &str| Finding {
            reason,
            detail: detail.to_owned(),
            fix: fix.to_owned(),
        };
        match self {
            Self::Refused(error) => error.finding(asked),
            Self::Timeout(detail) => found(
                GapReason::Timeout,
                detail,
                "run again, or with a longer --timeout",
            ),
            Self::Network(detail) | Self::Unreached(detail) => found(
                GapReason::Unavailable,
                detail,
                "check the network, proxy and endpoint variables, then run again",
            ),
            Self::Body(detail) => found(
                GapReason::UnexpectedBody,
                detail,
                "check that no proxy or custom endpoint answers in place of the API, then run again",
            ),
            Self::Token(failed) => found(GapReason::Unauthenticated, &failed.detail, &failed.fix()),
        }
    }
}

impl ApiError {
    fn finding(&self, asked: &Asked<'_>) -> Finding {
        let Asked {
            api,
            project,
            permission,
            below,
        } = asked;
        let found = |reason, fix: String| Finding {
            reason,
            detail: self.sentence(),
            fix,
        };
        let grant = match *permission {
            "" => format!("grant a role that may read {api} on project {project}"),
            permission => format!("grant {permission} on project {project}"),
        };
        match self.status {
            401 if self.says(&["ACCESS_TOKEN_SCOPE_INSUFFICIENT"]) => {
                found(GapReason::Unauthenticated, scope())
            }
            401 => found(GapReason::Unauthenticated, SIGN_IN.to_owned()),
            429 | 403 if self.is_quota() => found(
                GapReason::Unavailable,
                "run again with a longer --timeout, or raise the API's read quota".to_owned(),
            ),
            403 if self.says(&["SERVICE_DISABLED", "accessNotConfigured", "API_DISABLED"]) => {
                found(
                    GapReason::ApiDisabled,
                    format!("enable it with: gcloud services enable {api} --project {project}"),
                )
            }
            403 if self.says(&["CONSUMER_INVALID", "CONSUMER_SUSPENDED"]) => found(
                GapReason::ProjectNotFound,
                format!("check the project ID {project}, and that the project is active"),
            ),
            403 if self.says(&["BILLING_DISABLED"]) => found(
                GapReason::Refused,
                format!("link a billing account to project {project}"),
            ),
            403 if self.says(&["USER_PROJECT_DENIED"]) => found(
                GapReason::PermissionDenied,
                "grant serviceusage.services.use on the quota project".to_owned(),
            ),
            403 if self.says(&["ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"])
                && self.message.contains("scope") =>
            {
                found(GapReason::PermissionDenied, scope())
            }
            403 if self.says(&["SECURITY_POLICY_VIOLATED", "vpcServiceControls"]) => found(
                GapReason::PermissionDenied,
                format!(
                    "let this caller through the VPC Service Controls perimeter of project {project}"
                ),
            ),
            403 => found(GapReason::PermissionDenied, grant),
            404 if !below => found(
                GapReason::ProjectNotFound,
                format!(
                    "check the project ID {project}, and that this account may see the project"
                ),
            ),
            400 if self.is_stopped() => found(
                GapReason::Stopped,
                "start the instance, or look at it without what is inside it".to_owned(),
            ),
            409 if self.is_busy() => found(
                GapReason::Unavailable,
                "run again once what is being done to it has come to its end".to_owned(),
            ),
            408 | 500..=599 => found(
                GapReason::Unavailable,
                "run again later; the API is failing".to_owned(),
            ),
            404 => found(
                GapReason::Refused,
                "run again; it may have been deleted while the scan ran".to_owned(),
            ),
            _ => found(GapReason::Refused, "see the message of the API".to_owned()),
        }
    }

    fn is_stopped(&self) -> bool {
        let message = self.message.to_ascii_lowercase();
        message.contains("not running")
            || message.contains("is stopped")
            || message.contains("not in a running state")
    }
}

fn scope() -> String {
    "use a token with the scope https://www.googleapis.com/auth/cloud-platform".to_owned()
}

/// Text from outside as one short line: no line breaks, no control characters, nothing that looks like a token.
pub(super) fn one_line(text: &str) -> String {
    const LONGEST: usize = 300;
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let mut out = String::new();
    let mut hide = false;
    for word in clean.split_whitespace() {
        let secret = hide
            || word.contains("ya29.")
            || word.contains("eyJ")
            || word.contains("PRIVATE")
            || word.len() > 200;
        hide = word.eq_ignore_ascii_case("bearer");
        if out.len() + word.len() > LONGEST {
            out.push('…');
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(if secret { REDACTED } else { word });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, reason: &str, message: &str, expected: GapReason, fix: &str) {
        let body = serde_json::json!({"error": {"code": status, "message": message, "errors": [{"reason": reason}]}});
        let error = ApiError::parse(status, body.to_string().as_bytes());
        let asked = Asked {
            api: "x.googleapis.com",
            project: "p",
            permission: "x.y.list",
            below: false,
        };
        let finding = Failure::Refused(error).finding(&asked);
        assert_eq!(finding.reason, expected);
        assert!(finding.fix.contains(fix), "{finding:?}");
    }

    #[test]
    fn every_error_has_its_reason_and_fix() {
        check(
            403,
            "forbidden",
            "no",
            GapReason::PermissionDenied,
            "grant x.y.list on project p",
        );
        check(
            403,
            "accessNotConfigured",
            "off",
            GapReason::ApiDisabled,
            "gcloud services enable x.googleapis.com --project p",
        );
        check(
            403,
            "SERVICE_DISABLED",
            "off",
            GapReason::ApiDisabled,
            "enable",
        );
        check(
            403,
            "rateLimitExceeded",
            "slow",
            GapReason::Unavailable,
            "quota",
        );
        check(
            403,
            "CONSUMER_INVALID",
            "?",
            GapReason::ProjectNotFound,
            "project ID p",
        );
        check(
            401,
            "authError",
            "expired",
            GapReason::Unauthenticated,
            "gcloud auth",
        );
        check(
            404,
            "notFound",
            "?",
            GapReason::ProjectNotFound,
            "project ID p",
        );
        check(
            400,
            "invalid",
            "Invalid request since instance is not running.",
            GapReason::Stopped,
            "start",
        );
        check(400, "invalid", "nonsense", GapReason::Refused, "message");
        check(
            409,
            "invalidState",
            "The instance or operation is not in an appropriate state to handle the request.",
            GapReason::Unavailable,
            "run again once",
        );
        check(429, "", "slow", GapReason::Unavailable, "--timeout");
        check(
            503,
            "backendError",
            "try later",
            GapReason::Unavailable,
            "later",
        );
    }

    #[test]
    fn error_bodies_of_details_and_of_no_json_are_read() {
        let body = br#"{"error": {"status": "PERMISSION_DENIED", "message": "a\nb", "details": [{"@type": "t", "reason": "SERVICE_DISABLED"}]}}"#;
        let error = ApiError::parse(403, body);
        assert_eq!((error.message.as_str(), error.words.len()), ("a b", 2));
        assert_eq!(
            ApiError::parse(502, b"<html>bad gateway").sentence(),
            "answered 502"
        );
        assert!(ApiError::parse(502, b"").passes() && !ApiError::parse(400, b"").passes());
    }

    #[test]
    fn messages_are_one_line_without_tokens() {
        assert_eq!(
            one_line("a\n\x1b[31mb Bearer abc ya29.xyz"),
            "a [31mb Bearer (redacted) (redacted)"
        );
        assert!(one_line(&"word ".repeat(200)).len() < 320);
    }
}
