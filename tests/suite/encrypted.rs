//! Encrypted state: what real OpenTofu wrote opens with its configuration, and each way to fail has its own words.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use driftline::model::State;
use driftline::tofu::encryption::{
    Encryption, Envelope, KmsDecrypt, KmsError, KmsKeys, KmsRefused, KmsRequest,
};
use driftline::tofu::root::{Environment, Inputs, Root};
use driftline::tofu::state::{StateError, StateErrorKind as Kind, parse};
use futures_util::future::BoxFuture;
use zeroize::Zeroizing;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/state/encrypted")
        .join(name)
}

fn environment(dir: &Path) -> Environment {
    let mut environment = Environment {
        cwd: dir.to_owned(),
        ..Environment::default()
    };
    if let Ok(text) = std::fs::read_to_string(dir.join("TF_ENCRYPTION")) {
        environment.variables.insert("TF_ENCRYPTION".into(), text);
    }
    environment
}

fn encryption(dir: &Path, environment: &Environment) -> Result<Option<Encryption>, StateError> {
    let mut root = Root::read(dir, &Inputs::default(), environment)?;
    root.values.set_workspace("default");
    Encryption::read(&root.encryption, &root.values, environment)
}

fn text(dir: &Path) -> String {
    std::fs::read_to_string(dir.join("terraform.tfstate")).expect("the fixture has a state")
}

/// Opens a folder's state, with the text changed by `change` and the environment by `set`.
fn open(
    dir: &Path,
    set: &[(&str, &str)],
    change: impl FnOnce(String) -> String,
) -> Result<State, StateError> {
    let mut environment = environment(dir);
    environment.variables.extend(
        set.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    let encryption = encryption(dir, &environment)?.expect("the fixture configures encryption");
    let envelope = Envelope::parse("terraform.tfstate", &change(text(dir)))?;
    encryption.state(&envelope, &KmsKeys::default())
}

/// Compares with `tofu state list`: it names every instance but deposed ones, of all providers, and data sources.
fn check_addresses(dir: &Path, state: &State) {
    let listed = std::fs::read_to_string(dir.join("addresses")).expect("the fixture has addresses");
    let listed: BTreeSet<&str> = listed.lines().collect();
    let ours: BTreeSet<String> = state
        .instances
        .iter()
        .filter(|i| i.deposed.is_none())
        .map(|i| i.address.to_string())
        .collect();
    assert!(
        ours.iter().all(|address| listed.contains(address.as_str())),
        "{ours:?}"
    );
    assert_eq!(ours.len() + state.foreign + state.data, listed.len());
}

#[test]
fn what_tofu_sealed_opens_with_its_configuration() {
    let fixtures = [
        "sha256",
        "aad",
        "rotation",
        "variables",
        "json",
        "environment",
        "chain",
        "fallback",
        "alias",
        "chain3",
        "json-array",
        "env-refs",
        "kl24-sha512",
    ];
    for name in fixtures {
        let dir = fixture(name);
        let error = parse("terraform.tfstate", text(&dir)).expect_err("sealed");
        assert_eq!(error.kind, Kind::Encrypted, "{name}");
        let state = open(&dir, &[], |text| text).unwrap_or_else(|e| panic!("{name}: {e}"));
        check_addresses(&dir, &state);
        assert_eq!(
            state
                .instances
                .iter()
                .map(|i| i.sensitive.len())
                .sum::<usize>(),
            2,
            "{name}"
        );
    }
}

/// What tofu sealed of a whole estate, with the key provider as it is by default and tuned.
#[test]
fn states_of_an_estate_open_and_show_exactly_their_addresses() {
    for name in ["pbkdf2-default", "pbkdf2-tuned"] {
        let dir = fixture(name);
        let state = open(&dir, &[], |text| text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(state.instances.len() > 40, "{}", state.instances.len());
        check_addresses(&dir, &state);
    }
}

#[track_caller]
fn fails(result: Result<State, StateError>, kind: Kind, message: &str) {
    let error = result.expect_err("must not open");
    assert_eq!((error.kind, &*error.message), (kind, message));
    assert!(
        !error.hint.is_empty() && !error.to_string().contains("horse"),
        "{error}"
    );
}

const OTHER_PASSPHRASE: &str =
    r#"key_provider "pbkdf2" "short" { passphrase = "wrong-horse-wrong-staple" }"#;

#[test]
fn another_passphrase_a_missing_key_provider_and_a_changed_text_have_their_own_words() {
    let dir = fixture("sha256");
    fails(
        open(&dir, &[("TF_ENCRYPTION", OTHER_PASSPHRASE)], |text| text),
        Kind::WrongKey,
        "wrong passphrase or key: `key_provider.pbkdf2.short` gives a key that does not open this state",
    );
    let elsewhere = text(&fixture("aad"));
    let message = format!(
        "the state is encrypted with `key_provider.pbkdf2.main`, and the methods for state in `{}` use `key_provider.pbkdf2.short`",
        dir.join("encryption.tf").display()
    );
    fails(
        open(&dir, &[], |_| elsewhere),
        Kind::MissingKeyProvider,
        &message,
    );
}

/// The place of the encrypted data in the text.
fn data_range(text: &str) -> std::ops::Range<usize> {
    let start =
        text.find("\"encrypted_data\": \"").expect("an envelope") + "\"encrypted_data\": \"".len();
    start..start + text[start..].find('"').expect("it ends")
}

fn with_byte(text: &str, at: usize) -> String {
    let other = if text.as_bytes()[at] == b'B' {
        "C"
    } else {
        "B"
    };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

#[test]
fn a_changed_byte_is_found_wherever_it_is() {
    let dir = fixture("sha256");
    let original = text(&dir);
    let range = data_range(&original);
    let fits = "the encrypted state was changed after it was written: the key of `key_provider.pbkdf2.short` fits, and the text fails its check";
    // In the nonce, at the beginning, in the middle and in the tag.
    for at in [
        range.start,
        range.start + 9,
        range.start + 40,
        (range.start + range.end) / 2,
        range.end - 10,
    ] {
        fails(
            open(&dir, &[], |text| with_byte(&text, at)),
            Kind::Tampered,
            fits,
        );
        let both = open(&dir, &[("TF_ENCRYPTION", OTHER_PASSPHRASE)], |text| {
            with_byte(&text, at)
        });
        assert_eq!(both.expect_err("sealed").kind, Kind::WrongKey);
    }
    let cut = |text: String| format!("{}{}", &text[..range.start + 400], &text[range.end..]);
    fails(open(&dir, &[], cut), Kind::Tampered, fits);
    let changed = "the encrypted state was changed after it was written: ";
    let odd = |text: String| {
        format!(
            "{}*{}",
            &text[..range.start + 40],
            &text[range.start + 41..]
        )
    };
    fails(
        open(&dir, &[], odd),
        Kind::Tampered,
        &format!("{changed}the encrypted data is not valid base64"),
    );
    let serial = |text: String| text.replace("\"serial\": 18", "\"serial\": 19");
    fails(
        open(&dir, &[], serial),
        Kind::Tampered,
        &format!("{changed}the serial outside the encrypted text is not the one inside"),
    );
    let lineage = |text: String| text.replace("3f9a2c52", "3f9a2c53");
    fails(
        open(&dir, &[], lineage),
        Kind::Tampered,
        &format!("{changed}the lineage outside the encrypted text is not the one inside"),
    );
    let meta = |text: String| text.replace("eyJzYWx0", "eyJzYWx1");
    let not_left = format!(
        "{changed}the metadata of `key_provider.pbkdf2.short` is not what that key provider leaves"
    );
    fails(open(&dir, &[], meta), Kind::Tampered, &not_left);
}

#[test]
fn every_single_changed_character_of_the_envelope_is_an_error_or_changes_nothing() {
    let dir = fixture("sha256");
    let original = text(&dir);
    let whole = open(&dir, &[], |text| text).expect("opens").instances.len();
    for at in (0..original.len()).step_by(97) {
        let changed = with_byte(&original, at);
        match parse("x", changed.clone())
            .expect_err("sealed or broken")
            .kind
        {
            Kind::Encrypted => match open(&dir, &[], |_| changed) {
                Ok(state) => assert_eq!(state.instances.len(), whole),
                Err(error) => {
                    assert!(
                        matches!(
                            error.kind,
                            Kind::Tampered | Kind::WrongKey | Kind::MissingKeyProvider
                        ),
                        "{at}: {error}"
                    )
                }
            },
            kind => assert!(
                matches!(
                    kind,
                    Kind::Syntax
                        | Kind::Tampered
                        | Kind::Foreign
                        | Kind::Version
                        | Kind::Truncated
                        | Kind::Plan
                ),
                "{at}: {kind:?}"
            ),
        }
    }
}

#[test]
fn additional_data_is_part_of_the_key() {
    let dir = fixture("aad");
    let other = [(
        "TF_ENCRYPTION",
        "method \"aes_gcm\" \"main\" {\n aad = [1]\n}",
    )];
    fails(
        open(&dir, &other, |text| text),
        Kind::Tampered,
        "the encrypted state was changed after it was written: the key of `key_provider.pbkdf2.main` fits, and the text fails its check, or `aad` is not what it was",
    );
}

#[test]
fn a_passphrase_that_is_not_known_is_asked_for_by_name() {
    let dir = fixture("variables");
    let set = [(
        "TF_ENCRYPTION",
        "key_provider \"pbkdf2\" \"main\" {\n passphrase = var.absent\n}",
    )];
    fails(
        open(&dir, &set, |text| text),
        Kind::Unreadable,
        "the passphrase of `key_provider.pbkdf2.main` is not known: `var.absent` is not declared in the root module",
    );
}

#[test]
fn plain_text_is_accepted_where_the_chain_says_so() {
    let dir = fixture("migration");
    let configured = encryption(&dir, &environment(&dir))
        .expect("valid")
        .expect("configured");
    assert!(configured.accepts_plain());
    check_addresses(&dir, &parse("x", text(&dir)).expect("plain"));
    let dir = fixture("enforced");
    let configured = encryption(&dir, &environment(&dir))
        .expect("valid")
        .expect("configured");
    assert!(!configured.accepts_plain() && configured.enforced);
}

/// The `encryption` of one text, as `TF_ENCRYPTION` alone would give it.
fn from_text(text: &str) -> Result<Option<Encryption>, StateError> {
    let environment = Environment {
        variables: [("TF_ENCRYPTION".to_owned(), text.to_owned())].into(),
        ..Environment::default()
    };
    let root = driftline::tofu::root::StaticValues::default();
    Encryption::read(&[], &root, &environment)
}

#[test]
fn a_configuration_that_tofu_refuses_is_refused() {
    let refused = |text: &str, message: &str| {
        let error = from_text(text).expect_err("must be refused");
        assert_eq!(
            (error.kind, &*error.message),
            (Kind::Configuration, message)
        );
        assert!(!error.to_string().contains("horse"), "{error}");
    };
    refused(
        "state {\n method = method.aes_gcm.x\n}",
        "there is no method `aes_gcm.x` in the `encryption` block",
    );
    refused("state {\n}", "`state` names no method");
    refused(
        "method \"aes_gcm\" \"x\" {\n}\nstate {\n method = method.aes_gcm.x\n}",
        "`keys` is no reference to a key provider",
    );
    refused(
        "key_provider \"pbkdf2\" \"x\" {\n passphrase = \"horse",
        "not valid HCL: invalid block body; expected `}`, newline or identifier",
    );
    refused("{\"key_provider\": horse}", "not valid JSON");
    refused(
        "method \"unencrypted\" \"x\" {}\nstate {\n enforced = true\n method = method.unencrypted.x\n}",
        "`enforced = true` forbids the method `unencrypted.x` in the same target",
    );
    assert!(from_text("  \n ").expect("blank").is_none());
}

/// An envelope whose key is wrapped by Cloud KMS, sealed here: there is no Cloud KMS to run tofu against.
fn wrapped(key: &[u8; 32]) -> String {
    let state =
        r#"{"version":4,"terraform_version":"1.12.6","serial":5,"lineage":"l","resources":[]}"#;
    let gcm = aes_gcm::Aes256Gcm::new_from_slice(key).expect("32 bytes");
    let nonce = [9_u8; 12];
    let sealed = gcm
        .encrypt(
            &nonce.into(),
            Payload {
                msg: state.as_bytes(),
                aad: b"",
            },
        )
        .expect("it fits");
    let meta = STANDARD.encode(format!(
        "{{\"ciphertext\":\"{}\"}}",
        STANDARD.encode("wrapped-key")
    ));
    let data = STANDARD.encode([nonce.to_vec(), sealed].concat());
    format!(
        r#"{{"serial":5,"lineage":"l","meta":{{"key_provider.gcp_kms.k":"{meta}"}},"encrypted_data":"{data}","encryption_version":"v0"}}"#
    )
}

struct FakeKms(Result<[u8; 32], KmsError>);

impl KmsDecrypt for FakeKms {
    fn decrypt<'a>(
        &'a self,
        request: &'a KmsRequest,
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, KmsError>> {
        assert_eq!(
            request.key,
            "projects/p/locations/l/keyRings/r/cryptoKeys/k"
        );
        assert_eq!(request.ciphertext, STANDARD.encode("wrapped-key"));
        let answer = self.0.clone().map(|key| Zeroizing::new(key.to_vec()));
        Box::pin(std::future::ready(answer))
    }
}

#[tokio::test]
async fn a_key_wrapped_by_cloud_kms_is_unwrapped_on_request_only() {
    let encryption = from_text(
        "key_provider \"gcp_kms\" \"k\" {\n kms_encryption_key = \"projects/p/locations/l/keyRings/r/cryptoKeys/k\"\n key_length = 32\n}\n\
         method \"aes_gcm\" \"m\" {\n keys = key_provider.gcp_kms.k\n}\nstate {\n method = method.aes_gcm.m\n}",
    );
    let encryption = encryption.expect("valid").expect("configured");
    let envelope = Envelope::parse("s", &wrapped(&[3; 32])).expect("an envelope");
    let ask = async |kms: &dyn KmsDecrypt| {
        let keys = KmsKeys::unwrap_for(&encryption, &envelope, kms).await;
        encryption.state(&envelope, &keys)
    };
    assert_eq!(ask(&FakeKms(Ok([3; 32]))).await.expect("opens").serial, 5);
    assert_eq!(
        ask(&FakeKms(Ok([4; 32])))
            .await
            .expect_err("another key")
            .kind,
        Kind::WrongKey
    );
    assert_eq!(
        ask(&FakeKms(Err(KmsError::NotWrapped)))
            .await
            .expect_err("not its own")
            .kind,
        Kind::WrongKey
    );
    let refused = ask(&KmsRefused).await.expect_err("not allowed");
    assert!(
        refused.kind == Kind::Unreadable && refused.hint.contains("--allow-kms-decrypt"),
        "{refused}"
    );
}

#[test]
fn key_providers_without_support_say_how_else() {
    for kind in ["aws_kms", "openbao", "external", "azure_vault", "xor"] {
        let text = format!(
            "key_provider \"{kind}\" \"k\" {{\n}}\nmethod \"aes_gcm\" \"m\" {{\n keys = key_provider.{kind}.k\n}}\nstate {{\n method = method.aes_gcm.m\n}}"
        );
        let encryption = from_text(&text).expect("valid").expect("configured");
        let envelope = Envelope::parse("s", &wrapped(&[3; 32])).expect("an envelope");
        let message = format!(
            "the state is encrypted with `key_provider.gcp_kms.k`; driftline does not open the key provider `{kind}`"
        );
        fails(
            encryption.state(&envelope, &KmsKeys::default()),
            Kind::Unsupported,
            &message,
        );
    }
}

#[test]
fn nothing_secret_is_printed() {
    let text = "key_provider \"pbkdf2\" \"x\" {\n passphrase = \"planted-passphrase\"\n}\nmethod \"aes_gcm\" \"m\" {\n keys = key_provider.pbkdf2.x\n}\n\
                state {\n method = method.aes_gcm.m\n}";
    let encryption = from_text(text).expect("valid").expect("configured");
    let envelope = Envelope::parse("s", &wrapped(&[3; 32])).expect("an envelope");
    let printed = format!("{encryption:?} {envelope:?}");
    assert!(!printed.contains("planted"), "{printed}");
    let _: Arc<str> = printed.into();
}
