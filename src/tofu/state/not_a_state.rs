//! Telling a person what a text is, when it is not a state.

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::document::Document;
use super::{StateError, StateErrorKind as Kind};

/// Refuses what shows itself by its first bytes.
pub(super) fn by_first_bytes(source: &str, bytes: &[u8]) -> Result<(), StateError> {
    let error =
        |kind, message: &str, hint: &str| Err(StateError::new(kind, source, message).hint(hint));
    let binary_json = "write it again as UTF-8 without a byte order mark; in PowerShell use `tofu state pull | Out-File -Encoding utf8NoBOM FILE`";
    match bytes {
        [] => error(
            Kind::Foreign,
            "the file is empty",
            "an empty file is no state; `tofu state pull` prints the one the backend has",
        ),
        [b'P', b'K', 3, 4, ..] => error(
            Kind::Plan,
            "this is a plan file, not a state",
            "give the state itself, or let `tofu state pull` print it: `tofu state pull | driftline drift --state -`",
        ),
        [0xEF, 0xBB, 0xBF, ..] => error(
            Kind::Syntax,
            "the file begins with a byte order mark, which tofu refuses",
            binary_json,
        ),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => error(
            Kind::Syntax,
            "the file is UTF-16, and state is UTF-8",
            binary_json,
        ),
        [b't', b'f', b's', b't', b'a', b't', b'e', ..] => error(
            Kind::Version,
            "state format version 0, which no current tofu reads",
            "it was written before Terraform 0.3; import the resources anew",
        ),
        _ => Ok(()),
    }
}

/// Refuses well-formed JSON by what it says it is.
pub(super) fn by_members(source: &str, document: &Document<'_>) -> Result<(), StateError> {
    let head = Head {
        version: document.version,
        format_version: document.format_version,
        planned_values: document.planned_values,
        encryption_version: document.encryption_version,
        encrypted_data: document.encrypted_data,
        serial: document.counts(),
        backend: document.backend,
    };
    head.refuse(source)
}

/// Explains why the document could not be read: what it is instead, or where its text breaks.
pub(super) fn explain(source: &str, text: &str, error: &serde_json::Error) -> StateError {
    // Of a document that is JSON, what it says about itself is better than where it differs from a state.
    if error.classify() == Category::Data
        && let Ok(loose) = serde_json::from_str::<Loose<'_>>(text)
        && let Err(refused) = loose.head().refuse(source)
    {
        return refused;
    }
    let (line, column) = (error.line(), error.column());
    let backup = "restore it from a backup (`terraform.tfstate.backup`) or the backend's history, or pull it again: `tofu state pull`";
    match error.classify() {
        Category::Eof => StateError::new(Kind::Truncated, source, "the file is cut short: it ends in the middle of the document")
            .at(line, column)
            .hint(backup),
        Category::Data if text.trim_start().starts_with('{') => broken(source, &without_place(error)).at(line, column),
        Category::Data => StateError::new(Kind::Foreign, source, "this JSON is not a state: a state is one object")
            .hint("`--state` takes a state file, a folder, a pattern, gs://BUCKET/PREFIX, a URL, or `-` for standard input"),
        Category::Syntax | Category::Io => {
            let message = format!("not JSON: {}", without_place(error));
            StateError::new(Kind::Syntax, source, message)
                .at(line, column)
                .hint("`--state` takes the JSON that tofu writes or that `tofu state pull` prints")
        }
    }
}

/// The complaint about a state that breaks a rule of its format.
pub(super) fn broken(source: &str, reason: &str) -> StateError {
    StateError::new(Kind::Foreign, source, format!("not a valid state: {reason}"))
        .hint("tofu refuses it as well; restore it from a backup (`terraform.tfstate.backup`) or the backend's history")
}

/// serde's sentence without the place at its end, which stands before it already, and without any value of the document.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(sentence, _)| sentence);
    // `invalid type: string "…", expected u64`: the value might be a secret.
    match (
        text.find('"').or_else(|| text.find('`')),
        text.find(", expected"),
    ) {
        (Some(quote), Some(expected)) if quote < expected => {
            format!("{}{}", text[..quote].trim_end(), &text[expected..])
        }
        _ => text.to_owned(),
    }
}

/// The members by which a document says what it is.
struct Head<'a> {
    version: Option<&'a RawValue>,
    format_version: bool,
    planned_values: bool,
    encryption_version: Option<&'a RawValue>,
    encrypted_data: bool,
    serial: bool,
    backend: bool,
}

/// [`Head`] without any promise about types.
#[derive(Deserialize)]
struct Loose<'a> {
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(borrow)]
    format_version: Option<&'a RawValue>,
    #[serde(borrow)]
    planned_values: Option<&'a RawValue>,
    #[serde(borrow)]
    encryption_version: Option<&'a RawValue>,
    #[serde(borrow)]
    encrypted_data: Option<&'a RawValue>,
    #[serde(borrow)]
    serial: Option<&'a RawValue>,
    #[serde(borrow)]
    backend: Option<&'a RawValue>,
}

impl<'a> Loose<'a> {
    fn head(&self) -> Head<'a> {
        Head {
            version: self.version,
            format_version: self.format_version.is_some(),
            planned_values: self.planned_values.is_some(),
            encryption_version: self.encryption_version,
            encrypted_data: self.encrypted_data.is_some(),
            serial: self.serial.is_some(),
            backend: self.backend.is_some(),
        }
    }
}

impl Head<'_> {
    fn refuse(&self, source: &str) -> Result<(), StateError> {
        let error = |kind, message: String, hint: &str| {
            Err(StateError::new(kind, source, message).hint(hint))
        };
        let pull = "hand the state over as JSON: `tofu state pull | driftline drift --state -`";
        if let Some(sealed) = self
            .encryption_version
            .map(RawValue::get)
            .filter(|v| !matches!(*v, "null" | "\"\""))
        {
            return match (sealed, self.serial) {
                ("\"v0\"", true) => error(
                    Kind::Encrypted,
                    "the state is encrypted and no `encryption` configuration is at hand".into(),
                    "name the configuration it was written with (`--config DIR`), set TF_ENCRYPTION, or `tofu state pull | driftline drift --state -`",
                ),
                ("\"v0\"", false) => error(
                    Kind::Plan,
                    "this is an encrypted plan, not a state".into(),
                    pull,
                ),
                (other, _) => error(
                    Kind::Version,
                    format!("encryption version {other}, and this driftline reads \"v0\""),
                    pull,
                ),
            };
        }
        if self.planned_values {
            return error(
                Kind::Plan,
                "this is the JSON of a plan, not of a state".into(),
                pull,
            );
        }
        if self.encrypted_data {
            return error(
                Kind::Tampered,
                "encrypted data without an encryption version: the envelope is not as tofu wrote it".into(),
                "restore the state from a backup or the backend's history",
            );
        }
        let Some(version) = self.version.map(RawValue::get) else {
            if self.format_version {
                return Ok(());
            }
            return error(
                Kind::Foreign,
                "this JSON is not a state: it has no `version`".into(),
                pull,
            );
        };
        if self.backend {
            return error(
                Kind::Pointer,
                "this is the pointer that `tofu init` leaves: it names a backend and holds no resource".into(),
                "name the folder of the configuration instead: `--config DIR`",
            );
        }
        match version.parse::<u64>() {
            Ok(4) => Ok(()),
            Ok(0) => error(
                Kind::Version,
                "state format version 0, which no tofu reads".into(),
                pull,
            ),
            Ok(old @ 1..4) => error(
                Kind::Version,
                format!("state format version {old}; driftline reads version 4"),
                "upgrade it: `tofu state pull` with tofu 1.12 or older prints version 4, and `tofu apply -refresh-only` rewrites it",
            ),
            Ok(new) => error(
                Kind::Version,
                format!("state format version {new}, newer than this driftline reads (4)"),
                "use a newer driftline",
            ),
            Err(_) => error(
                Kind::Foreign,
                "this JSON is not a state: its `version` is not a whole number".into(),
                pull,
            ),
        }
    }
}
