//! The `encryption` block, evaluated.

use std::collections::BTreeMap;
use std::fmt;

use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::template::Element;
use zeroize::Zeroizing;

use super::merge;
use crate::model::Value;
use crate::render::unknown::sentence;
use crate::tofu::root::{self, Block, Environment, Evaluate, GoogleCredentials};
use crate::tofu::state::{StateError, StateErrorKind};

/// How state is sealed, as far as reading it needs to know.
#[derive(Clone, Debug)]
pub struct Encryption {
    /// Key providers by `TYPE.NAME`.
    pub providers: BTreeMap<String, KeyProvider>,
    /// The methods of the `state` target: its own, then its fallbacks. Empty when state is not a target.
    pub methods: Vec<Method>,
    /// Whether state must never be plain text.
    pub enforced: bool,
    /// The file that says so, or `TF_ENCRYPTION`.
    pub file: String,
}

/// One `key_provider` block.
#[derive(Clone, Debug)]
pub struct KeyProvider {
    /// `TYPE.NAME`.
    pub address: String,
    /// The name of its metadata in the envelope.
    pub meta: String,
    /// Where its key comes from.
    pub source: KeySource,
}

/// Where a key comes from.
#[derive(Clone)]
pub enum KeySource {
    /// `pbkdf2` from a passphrase; or why the passphrase cannot be known.
    Passphrase(Result<Zeroizing<String>, String>),
    /// `pbkdf2` from the key of another key provider, by `TYPE.NAME`.
    Chain(String),
    /// `gcp_kms`.
    CloudKms {
        /// The resource name of the crypto key; or why it cannot be known.
        key: Result<String, String>,
        /// `additional_authenticated_data`.
        additional_data: Option<String>,
        /// With which credentials to ask.
        credentials: GoogleCredentials,
    },
    /// A type that driftline has no keys from.
    Unsupported(String),
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passphrase(_) => "pbkdf2",
            Self::Chain(_) => "pbkdf2 in a chain",
            Self::CloudKms { .. } => "gcp_kms",
            Self::Unsupported(kind) => kind,
        })
    }
}

/// One `method` block, as a target uses it.
#[derive(Clone, Debug)]
pub struct Method {
    /// `TYPE.NAME`.
    pub address: String,
    /// What it does.
    pub sealing: Sealing,
}

/// What a method does.
#[derive(Clone, Debug)]
pub enum Sealing {
    /// `aes_gcm` with the key of a key provider (`TYPE.NAME`) and additional data.
    AesGcm {
        /// The key provider.
        keys: String,
        /// `aad`, empty by default.
        aad: Vec<u8>,
    },
    /// `unencrypted`.
    Plain,
    /// A type that driftline does not open.
    Unsupported(String),
}

impl Encryption {
    /// The encryption that a configuration and `TF_ENCRYPTION` ask for; nothing when neither does.
    ///
    /// `blocks` are the `encryption` blocks of the root module, later ones overriding.
    ///
    /// # Errors
    /// A block that tofu would refuse too, or `TF_ENCRYPTION` that is neither HCL nor JSON.
    pub fn read(
        blocks: &[Block],
        values: &dyn Evaluate,
        environment: &Environment,
    ) -> Result<Option<Self>, StateError> {
        let text = environment
            .get("TF_ENCRYPTION")
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let from_environment = match text {
            Some(text) if text.starts_with('{') => {
                Some(root::json("TF_ENCRYPTION", text, "encryption")?)
            }
            Some(text) => Some(root::native("TF_ENCRYPTION", text)?),
            None => None,
        };
        let mut merged: Option<Block> = None;
        for block in blocks.iter().cloned().chain(from_environment) {
            match &mut merged {
                Some(base) => merge::over(base, block),
                None => merged = Some(block),
            }
        }
        merged
            .map(|block| {
                Reader {
                    block: &block,
                    values,
                    environment,
                }
                .read()
            })
            .transpose()
    }

    /// Whether plain text is among the methods of the target.
    pub fn accepts_plain(&self) -> bool {
        self.methods.is_empty()
            || self
                .methods
                .iter()
                .any(|method| matches!(method.sealing, Sealing::Plain))
    }
}

struct Reader<'a> {
    block: &'a Block,
    values: &'a dyn Evaluate,
    environment: &'a Environment,
}

impl Reader<'_> {
    fn read(&self) -> Result<Encryption, StateError> {
        let mut encryption = Encryption {
            providers: BTreeMap::new(),
            methods: Vec::new(),
            enforced: false,
            file: self.block.place.file.clone(),
        };
        for block in self.block.of_kind("key_provider") {
            let provider = self.provider(block)?;
            encryption
                .providers
                .insert(provider.address.clone(), provider);
        }
        let mut target = self.block.of_kind("state").next();
        encryption.enforced =
            target.is_some_and(|state| self.value(state, "enforced") == Value::Bool(true));
        while let Some(block) = target {
            encryption.methods.push(self.method(block)?);
            target = block.of_kind("fallback").next();
        }
        if let Some(plain) = encryption
            .methods
            .iter()
            .find(|m| encryption.enforced && matches!(m.sealing, Sealing::Plain))
        {
            let message = format!(
                "`enforced = true` forbids the method `{}` in the same target",
                plain.address
            );
            return Err(self.wrong(self.block, message).hint(
                "remove `enforced` while the migration lasts, or the unencrypted method after it",
            ));
        }
        Ok(encryption)
    }

    fn wrong(&self, block: &Block, message: impl Into<String>) -> StateError {
        StateError::new(StateErrorKind::Configuration, &block.place.file, message)
            .at(block.place.line, block.place.column)
    }

    fn value(&self, block: &Block, name: &str) -> Value {
        block
            .attribute(name)
            .map(|attribute| self.values.evaluate(&attribute.expression))
            .unwrap_or_default()
    }

    /// A text argument, or why it cannot be known.
    fn text(&self, block: &Block, name: &str) -> Result<String, String> {
        match self.value(block, name) {
            Value::Text(text) => Ok(text),
            Value::Number(number) => Ok(number.to_string()),
            Value::Unknown(reason) => Err(sentence(&reason)),
            Value::Null => Err(format!("`{name}` is not set")),
            _ => Err(format!("`{name}` is no text")),
        }
    }

    fn address(&self, block: &Block) -> Result<(String, String), StateError> {
        match block.labels.as_slice() {
            [kind, name] => Ok((kind.clone(), format!("{kind}.{name}"))),
            _ => Err(self.wrong(block, format!("`{}` takes a type and a name", block.kind))),
        }
    }

    fn provider(&self, block: &Block) -> Result<KeyProvider, StateError> {
        let (kind, address) = self.address(block)?;
        let source = match kind.as_str() {
            "pbkdf2" => match block.attribute("chain") {
                Some(chain) => KeySource::Chain(
                    reference(&chain.expression, "key_provider", self.values).ok_or_else(|| {
                        self.wrong(block, "`chain` is no reference to a key provider")
                    })?,
                ),
                None => KeySource::Passphrase(self.text(block, "passphrase").map(Zeroizing::new)),
            },
            "gcp_kms" => {
                let credentials = GoogleCredentials {
                    access_token: self.text(block, "access_token").ok(),
                    credentials: self.text(block, "credentials").ok(),
                    impersonate: self.text(block, "impersonate_service_account").ok(),
                    delegates: texts(&self.value(block, "impersonate_service_account_delegates")),
                };
                KeySource::CloudKms {
                    key: self.text(block, "kms_encryption_key"),
                    additional_data: self.text(block, "additional_authenticated_data").ok(),
                    credentials: credentials.or_environment(self.environment, false),
                }
            }
            _ => KeySource::Unsupported(kind),
        };
        let alias = self
            .text(block, "encrypted_metadata_alias")
            .ok()
            .filter(|alias| !alias.is_empty());
        Ok(KeyProvider {
            meta: alias.unwrap_or_else(|| format!("key_provider.{address}")),
            address,
            source,
        })
    }

    /// The method that a target or a fallback names.
    fn method(&self, target: &Block) -> Result<Method, StateError> {
        let named = target
            .attribute("method")
            .and_then(|attribute| reference(&attribute.expression, "method", self.values));
        let named = named
            .ok_or_else(|| self.wrong(target, format!("`{}` names no method", target.kind)))?;
        let block = self
            .block
            .of_kind("method")
            .find(|block| block.labels.join(".") == named);
        let block = block.ok_or_else(|| {
            self.wrong(
                target,
                format!("there is no method `{named}` in the `encryption` block"),
            )
        })?;
        let (kind, address) = self.address(block)?;
        let sealing = match kind.as_str() {
            "unencrypted" => Sealing::Plain,
            "aes_gcm" => {
                let keys = block
                    .attribute("keys")
                    .and_then(|keys| reference(&keys.expression, "key_provider", self.values));
                let keys = keys
                    .ok_or_else(|| self.wrong(block, "`keys` is no reference to a key provider"))?;
                let byte = |value: &Value| u8::try_from(value.as_f64()? as i64).ok();
                let aad = match self.value(block, "aad") {
                    Value::Null => Some(Vec::new()),
                    Value::List(bytes) => bytes.iter().map(byte).collect(),
                    _ => None,
                };
                Sealing::AesGcm {
                    keys,
                    aad: aad.ok_or_else(|| self.wrong(block, "`aad` is no list of bytes"))?,
                }
            }
            _ => Sealing::Unsupported(kind),
        };
        Ok(Method { address, sealing })
    }
}

/// `TYPE.NAME` of a reference `ROOT.TYPE.NAME`, also as a template or as the plain text that JSON syntax allows.
fn reference(expression: &Expression, root: &str, values: &dyn Evaluate) -> Option<String> {
    match expression {
        Expression::Traversal(traversal) => {
            let names = traversal
                .operators
                .iter()
                .map(|operator| match operator.value() {
                    TraversalOperator::GetAttr(name) => Some(name.as_str()),
                    _ => None,
                });
            let names: Vec<&str> = names.collect::<Option<_>>()?;
            let rooted =
                matches!(&traversal.expr, Expression::Variable(name) if name.as_str() == root);
            (rooted && names.len() == 2).then(|| names.join("."))
        }
        Expression::StringTemplate(template) => {
            match template.iter().collect::<Vec<_>>().as_slice() {
                [Element::Interpolation(inner)] => reference(&inner.expr, root, values),
                _ => None,
            }
        }
        other => {
            let text = values.evaluate(other);
            let names = text.as_text()?.strip_prefix(root)?.strip_prefix('.')?;
            (names.split('.').count() == 2).then(|| names.to_owned())
        }
    }
}

fn texts(value: &Value) -> Vec<String> {
    value
        .as_list()
        .unwrap_or_default()
        .iter()
        .filter_map(|item| item.as_text().map(str::to_owned))
        .collect()
}
