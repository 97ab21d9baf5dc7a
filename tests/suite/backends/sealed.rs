//! Encrypted states: whose configuration or passphrase opens them.

use super::*;

#[tokio::test]
async fn encrypted_states_open_with_the_configuration_named_or_beside_them() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/state/encrypted");
    let env = environment(&fixtures, &[]);
    let beside = run(
        &named(&["sha256/terraform.tfstate", "chain", "variables/*.tfstate"]),
        &env,
        &NoNetwork,
    )
    .await
    .expect("opened");
    assert_eq!(
        beside
            .states
            .iter()
            .map(|s| s.instances.len())
            .collect::<Vec<_>>(),
        [8, 8, 8]
    );
    let found = run(
        &StateArgs::default(),
        &environment(&fixtures.join("rotation"), &[]),
        &NoNetwork,
    )
    .await
    .expect("opened");
    assert_eq!(names(&found).len(), 1);
    let config = |dir: &str, state: &str| StateArgs {
        config: Some(dir.into()),
        ..named(&[state])
    };
    let error = run(&config("aad", "sha256/terraform.tfstate"), &env, &NoNetwork)
        .await
        .expect_err("another key provider");
    assert_eq!(error.kind, Kind::MissingKeyProvider);
    let bare = run(
        &config("environment", "sha256/terraform.tfstate"),
        &env,
        &NoNetwork,
    )
    .await;
    fails(
        bare,
        Kind::Encrypted,
        "the state is encrypted and no `encryption` configuration is at hand",
    );
    let variable =
        std::fs::read_to_string(fixtures.join("environment/TF_ENCRYPTION")).expect("there");
    let with = environment(
        &fixtures.join("environment"),
        &[("TF_ENCRYPTION", &variable)],
    );
    assert_eq!(
        run(&StateArgs::default(), &with, &NoNetwork)
            .await
            .expect("opened")
            .states
            .len(),
        1
    );
    let message = "the state is not encrypted, and `enforced/encryption.tf` accepts no plain text";
    fails(
        run(
            &config("enforced", "enforced/terraform.tfstate"),
            &env,
            &NoNetwork,
        )
        .await,
        Kind::Configuration,
        message,
    );
    assert_eq!(
        run(
            &config("migration", "migration/terraform.tfstate"),
            &env,
            &NoNetwork
        )
        .await
        .expect("plain")
        .notes
        .len(),
        0
    );
    let lenient = run(
        &config("sha256", "enforced/terraform.tfstate"),
        &env,
        &NoNetwork,
    )
    .await;
    assert!(lenient.is_err(), "sha256 enforces encryption too");
    let lenient = run(
        &config("aad", "enforced/terraform.tfstate"),
        &env,
        &NoNetwork,
    )
    .await
    .expect("plain, with a word");
    assert_eq!(
        said(&lenient.notes),
        [
            "`enforced/terraform.tfstate`: the state is not encrypted, and `aad/encryption.tf` accepts no plain text"
        ]
    );
    let piped = StateArgs {
        stdin: || Ok(state("piped").into_bytes()),
        ..config("enforced", "-")
    };
    assert_eq!(
        run(&piped, &env, &NoNetwork)
            .await
            .expect("opened on purpose")
            .states
            .len(),
        1
    );
}

/// A folder with the sealed state of a fixture and this configuration.
fn sealed(fixture: &str, configuration: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/state/encrypted")
        .join(fixture)
        .join("terraform.tfstate");
    std::fs::copy(from, dir.path().join("terraform.tfstate")).expect("copied");
    std::fs::copy(
        dir.path().join("terraform.tfstate"),
        dir.path().join("second.tfstate"),
    )
    .expect("copied");
    write(dir.path(), "main.tf", configuration);
    dir
}

const ASKING: &str = r#"
variable "passphrase" {
  type      = string
  sensitive = true
}
terraform {
  encryption {
    key_provider "pbkdf2" "short" {
      passphrase = var.passphrase
    }
    method "aes_gcm" "main" {
      keys = key_provider.pbkdf2.short
    }
    state {
      method = method.aes_gcm.main
    }
  }
}
"#;

#[tokio::test]
async fn a_passphrase_without_a_value_is_asked_for_once_if_someone_is_there() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let dir = sealed("sha256", ASKING);
    let env = environment(dir.path(), &[]);
    let typed = |ask| StateArgs {
        ask,
        ..named(&["*.tfstate"])
    };
    let right = typed(|question| {
        assert_eq!(
            question,
            "passphrase of `key_provider.pbkdf2.short`, for `second.tfstate`"
        );
        ASKED.fetch_add(1, Ordering::Relaxed);
        Some(zeroize::Zeroizing::new(
            "correct-horse-battery-staple".to_owned(),
        ))
    });
    assert_eq!(
        run(&right, &env, &NoNetwork)
            .await
            .expect("opened")
            .states
            .len(),
        2
    );
    assert_eq!(ASKED.load(Ordering::Relaxed), 1, "one question for both");
    let wrong = typed(|_| Some(zeroize::Zeroizing::new("planted-passphrase".to_owned())));
    let message = "wrong passphrase or key: `key_provider.pbkdf2.short` gives a key that does not open this state";
    fails(run(&wrong, &env, &NoNetwork).await, Kind::WrongKey, message);
    // Nobody is there, or nothing is typed.
    let message = "the passphrase of `key_provider.pbkdf2.short` is not known: `var.passphrase` has no value: set TF_VAR_passphrase, or give a tfvars file";
    for ask in [
        (|_| None) as driftline::tofu::backend::AskPassphrase,
        |_| Some(zeroize::Zeroizing::default()),
    ] {
        let hint = fails(
            run(&typed(ask), &env, &NoNetwork).await,
            Kind::Unreadable,
            message,
        );
        assert!(hint.contains("TF_ENCRYPTION"), "{hint}");
    }
    // What is known is not asked for.
    let known = environment(
        dir.path(),
        &[("TF_VAR_passphrase", "correct-horse-battery-staple")],
    );
    let never = typed(|question| panic!("{question}"));
    assert_eq!(
        run(&never, &known, &NoNetwork)
            .await
            .expect("opened")
            .states
            .len(),
        2
    );
}

#[tokio::test]
async fn a_sealed_state_without_configuration_is_opened_by_whoever_knows_its_passphrase() {
    let dir = sealed("sha256", "");
    let env = environment(dir.path(), &[]);
    let args = |ask| StateArgs {
        ask,
        ..named(&["terraform.tfstate"])
    };
    let typed = args(|_| {
        Some(zeroize::Zeroizing::new(
            "correct-horse-battery-staple".to_owned(),
        ))
    });
    assert_eq!(
        run(&typed, &env, &NoNetwork)
            .await
            .expect("opened")
            .states
            .len(),
        1
    );
    let message = "the state is encrypted and no `encryption` configuration is at hand";
    fails(
        run(&args(|_| None), &env, &NoNetwork).await,
        Kind::Encrypted,
        message,
    );
}
