//! Which state a configuration leads to, without a flag.

use super::*;

fn configuration(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/state/backends")
        .join(name)
}

/// Runs inside a fixture; every request goes to a bucket and an `http` backend on loopback.
async fn inside(
    name: &str,
    variables: &[(&str, &str)],
    args: &StateArgs,
) -> Result<Resolved, StateError> {
    let stored = bucket(
        objects(&[
            "teams/data/default.tfstate",
            "teams/partial/prod.tfstate",
            "teams/variables/default.tfstate",
        ]),
        5,
    );
    let (port, _) = serve(move |path, headers| match path {
        "/projects/7/state" if headers.contains_key("x-team") => (200, state("http")),
        "/projects/8/state" if headers.contains_key("authorization") => {
            (200, state("http_environment"))
        }
        other => stored(other, headers),
    })
    .await;
    run(
        args,
        &environment(&configuration(name), variables),
        &Loopback(port),
    )
    .await
}

#[tokio::test]
async fn configurations_of_every_backend_find_their_state_without_a_flag() {
    const HTTP: &[(&str, &str)] = &[
        ("TF_HTTP_ADDRESS", "http://state.example/projects/8/state"),
        ("TF_HTTP_USERNAME", "u"),
        ("TF_HTTP_PASSWORD", "p"),
    ];
    type Case = (
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static str,
    );
    let cases: [Case; 12] = [
        ("local-default", &[], "terraform.tfstate: local_default"),
        ("local-path", &[], "state/prod.tfstate: local_path"),
        (
            "local-workspace",
            &[],
            "terraform.tfstate.d/staging/terraform.tfstate: local_workspace",
        ),
        (
            "local-workspace-dir",
            &[("TF_WORKSPACE", "blue")],
            "spaces/blue/terraform.tfstate: local_workspace_dir",
        ),
        (
            "data-dir",
            &[("TF_DATA_DIR", ".data")],
            "elsewhere.tfstate: data_dir",
        ),
        ("override", &[], "dev.tfstate: override"),
        ("json", &[], "from-json.tfstate: json"),
        (
            "gcs",
            &[],
            "gs://tofu-state/teams/data/default.tfstate: teams_data_default_tfstate",
        ),
        (
            "gcs-partial",
            &[],
            "gs://tofu-state/teams/partial/prod.tfstate: teams_partial_prod_tfstate",
        ),
        (
            "gcs-variables",
            &[],
            "gs://tofu-state/teams/variables/default.tfstate: teams_variables_default_tfstate",
        ),
        ("http", &[], "http://state.example/projects/7/state: http"),
        (
            "http-environment",
            HTTP,
            "http://state.example/projects/8/state: http_environment",
        ),
    ];
    for (name, variables, expected) in cases {
        let resolved = inside(name, variables, &StateArgs::default())
            .await
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(names(&resolved), [expected], "{name}");
        assert_eq!(said(&resolved.notes), Vec::<&str>::new(), "{name}");
    }
}

#[tokio::test]
async fn backend_config_overrides_and_config_names_another_folder() {
    let args = StateArgs {
        backend_config: vec!["prod.tfbackend".into()],
        ..StateArgs::default()
    };
    assert_eq!(
        names(&inside("backend-config", &[], &args).await.expect("found")),
        ["prod.tfstate: backend_config"]
    );
    let args = StateArgs {
        backend_config: vec!["bucket=tofu-state".into(), "prefix=teams/data".into()],
        workspace: Some("default".into()),
        ..StateArgs::default()
    };
    let found = inside("gcs-partial", &[], &args).await.expect("found");
    assert_eq!(
        names(&found),
        ["gs://tofu-state/teams/data/default.tfstate: teams_data_default_tfstate"]
    );
    let elsewhere = StateArgs {
        config: Some("../local-path".into()),
        ..StateArgs::default()
    };
    let found = inside("local-default", &[], &elsewhere)
        .await
        .expect("found");
    assert!(
        names(&found)[0].ends_with("local-path/state/prod.tfstate: local_path"),
        "{:?}",
        names(&found)
    );
}

/// A bucket of S3: objects by path, each request signed by one access key.
fn s3(path: &str, _: &BTreeMap<String, String>) -> Answer {
    let error = |status, code: &str| {
        (
            status,
            format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>"),
        )
    };
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if !query.contains("X-Amz-Signature=") || !query.contains("X-Amz-Credential=AKIATEST%2F") {
        return error(403, "InvalidAccessKeyId");
    }
    match path {
        "/tofu-state/teams/app.tfstate" => (200, state("s3_default")),
        "/tofu-state/env%3A/blue/teams/app.tfstate" | "/tofu-state/env:/blue/teams/app.tfstate" => {
            (200, state("s3_blue"))
        }
        "/tofu-state/spaces/blue/teams/app.tfstate" => (200, state("s3_spaces")),
        "/tofu-state/teams/app.tfstate.tflock" => (
            200,
            r#"{"Who":"ci@host","Operation":"OperationTypeApply"}"#.into(),
        ),
        "/tofu-state/forbidden" => error(403, "AccessDenied"),
        path if path.starts_with("/tofu-state/") => error(404, "NoSuchKey"),
        _ => error(404, "NoSuchBucket"),
    }
}

#[tokio::test]
async fn an_s3_backend_is_read_with_a_plain_access_key() {
    const KEYS: [(&str, &str); 2] = [
        ("AWS_ACCESS_KEY_ID", "AKIATEST"),
        ("AWS_SECRET_ACCESS_KEY", "planted-secret"),
    ];
    let (port, asked) = serve(s3).await;
    let dir = tempfile::tempdir().expect("a folder");
    let endpoint = format!("http://127.0.0.1:{port}");
    let with = async |arguments: &str, variables: &[(&str, &str)]| {
        let block = format!(
            "bucket = \"tofu-state\"\nregion = \"eu-west-1\"\nendpoints = {{ s3 = \"{endpoint}\" }}\n{arguments}"
        );
        write(
            dir.path(),
            "main.tf",
            &format!("terraform {{\n  backend \"s3\" {{\n{block}\n  }}\n}}\n"),
        );
        run(
            &StateArgs::default(),
            &environment(dir.path(), variables),
            &Loopback(port),
        )
        .await
    };
    let app = "key = \"teams/app.tfstate\"\n";
    let found = with(app, &KEYS).await.expect("read");
    assert_eq!(
        (names(&found), found.notes.len()),
        (
            vec!["s3://tofu-state/teams/app.tfstate: s3_default".to_owned()],
            0
        )
    );
    assert!(
        asked.lock().expect("log")[0]
            .0
            .contains("%2Feu-west-1%2Fs3%2F")
    );
    let locked = with(&format!("{app}use_lockfile = true"), &KEYS)
        .await
        .expect("read");
    assert_eq!(
        said(&locked.notes),
        [
            "the state `s3://tofu-state/teams/app.tfstate` is locked by ci@host for OperationTypeApply"
        ]
    );
    let blue = [
        KEYS[0],
        KEYS[1],
        ("TF_WORKSPACE", "blue"),
        ("AWS_SESSION_TOKEN", "planted-token"),
    ];
    assert!(
        names(&with(app, &blue).await.expect("read"))[0]
            .ends_with("env:/blue/teams/app.tfstate: s3_blue")
    );
    assert!(
        asked
            .lock()
            .expect("log")
            .last()
            .expect("asked")
            .0
            .contains("X-Amz-Security-Token=planted-token")
    );
    let spaces = format!("{app}workspace_key_prefix = \"spaces\"");
    assert!(names(&with(&spaces, &blue).await.expect("read"))[0].ends_with("s3_spaces"));
    write(
        dir.path(),
        "aws/.aws/credentials",
        "[default]\naws_access_key_id = other\n[ci]\naws_access_key_id = AKIATEST\naws_secret_access_key = planted\n",
    );
    write(
        dir.path(),
        "aws/.aws/config",
        "[profile sso]\nsso_session = x\n",
    );
    let home = dir.path().join("aws").display().to_string();
    let profile = with(app, &[("HOME", &home), ("AWS_PROFILE", "ci")])
        .await
        .expect("read");
    assert_eq!(profile.states.len(), 1);
    let none = with("key = \"not/there\"", &KEYS)
        .await
        .expect("no state yet");
    assert_eq!(
        said(&none.notes),
        [
            "there is no state yet at `s3://tofu-state/not/there` (backend `s3`, workspace `default`)"
        ]
    );
    let message = "the access key may not read this (status 403, AccessDenied)";
    assert!(
        fails(
            with("key = \"forbidden\"", &KEYS).await,
            Kind::Unreadable,
            message
        )
        .contains("s3:GetObject")
    );
    let wrong = [("AWS_ACCESS_KEY_ID", "other"), KEYS[1]];
    let message = "the access key is not valid (status 403, InvalidAccessKeyId)";
    fails(with(app, &wrong).await, Kind::Unreadable, message);
    let only = "state is kept in the backend `s3`, which driftline reads with a plain access key only, and";
    for (arguments, variables, why) in [
        (
            "role_arn = \"arn:aws:iam::1:role/x\"",
            &[][..],
            "`role_arn` is set",
        ),
        (
            "assume_role = { role_arn = \"x\" }",
            &[],
            "`assume_role` is set",
        ),
        (
            "profile = \"sso\"",
            &[("HOME", &*home)],
            "the profile `sso` has `sso_session`",
        ),
        ("", &[], "no access key was found (profile `default`)"),
    ] {
        let result = with(&format!("{app}{arguments}"), variables).await;
        let hint = fails(result, Kind::Unsupported, &format!("{only} {why}"));
        assert!(
            hint.contains("tofu state pull | driftline drift --state -"),
            "{hint}"
        );
    }
}

#[tokio::test]
async fn what_only_tofu_reads_and_what_is_not_there_yet_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let env = environment(dir.path(), &[]);
    let with = async |text: &str, variables: &[(&str, &str)]| {
        write(dir.path(), "main.tf", text);
        let env = environment(dir.path(), variables);
        run(&StateArgs::default(), &env, &NoNetwork).await
    };
    let none = run(&StateArgs::default(), &env, &NoNetwork)
        .await
        .expect("an empty folder");
    assert!(none.states.is_empty());
    assert_eq!(
        said(&none.notes),
        ["there is no state yet at `terraform.tfstate` (backend `local`, workspace `default`)"]
    );
    for kind in [
        "remote",
        "azurerm",
        "kubernetes",
        "consul",
        "pg",
        "oss",
        "cos",
        "inmem",
    ] {
        let message = format!(
            "state is kept in the backend `{kind}`, and driftline does not read from there"
        );
        let hint = fails(
            with(
                &format!("terraform {{\n  backend \"{kind}\" {{}}\n}}\n"),
                &[],
            )
            .await,
            Kind::Unsupported,
            &message,
        );
        assert!(hint.contains("tofu state pull | driftline drift --state -"));
    }
    let cloud = "terraform {\n  cloud {\n    organization = \"x\"\n    workspaces {\n      name = \"y\"\n    }\n  }\n}\n";
    fails(
        with(cloud, &[]).await,
        Kind::Unsupported,
        "state is kept by a `cloud` block, and driftline does not read from there",
    );
    let partial = "terraform {\n  backend \"gcs\" {}\n}\n";
    fails(
        with(partial, &[]).await,
        Kind::Configuration,
        "`bucket` of the backend `gcs` is not set",
    );
    let unknown =
        "variable \"b\" {}\nterraform {\n  backend \"gcs\" {\n    bucket = var.b\n  }\n}\n";
    let message = "`bucket` of the backend `gcs` is not known: `var.b` has no value: set TF_VAR_b, or give a tfvars file";
    fails(with(unknown, &[]).await, Kind::Configuration, message);
    let http =
        "terraform {\n  backend \"http\" {\n    address = \"http://state.example/x\"\n  }\n}\n";
    let message = "the workspace `w` is selected, and the backend `http` has no workspaces";
    fails(
        with(http, &[("TF_WORKSPACE", "w")]).await,
        Kind::Configuration,
        message,
    );
    let broken = "terraform {\n  backend \"gcs\" {\n    bucket = \n  }\n}\n";
    let error = with(broken, &[]).await.expect_err("broken");
    assert_eq!(
        (error.kind, error.place.map(|(line, _)| line)),
        (Kind::Configuration, Some(3)),
        "{error}"
    );
}

#[tokio::test]
async fn settings_are_evaluated_as_init_evaluates_them() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "settings.json", r#"{"env":"prod"}"#);
    let text = r#"
variable "names" {
  type    = map(string)
  default = {}
}
locals {
  settings = jsondecode(file("${path.module}/settings.json"))
  path     = format("%s-%s", var.names["a"], local.settings.env == "prod" ? "live" : "test")
}
terraform {
  backend "local" {
    path = "${local.path}.tfstate"
  }
}
"#;
    write(dir.path(), "main.tf", text);
    write(
        dir.path(),
        "broken.tf",
        "resource \"x\" \"y\" {\n  a = \n}\n",
    );
    write(dir.path(), "x-live.tfstate", &state("evaluated"));
    let env = environment(dir.path(), &[("TF_VAR_names", r#"{ a = "x" }"#)]);
    let resolved = run(&StateArgs::default(), &env, &NoNetwork)
        .await
        .expect("found");
    assert_eq!(names(&resolved), ["x-live.tfstate: evaluated"]);
    assert!(
        said(&resolved.notes)[0].starts_with("not valid HCL"),
        "{:?}",
        said(&resolved.notes)
    );
    let looped = "locals {\n  a = local.b\n  b = local.a\n}\nterraform {\n  backend \"local\" {\n    path = local.a\n  }\n}\n";
    write(dir.path(), "main.tf", looped);
    let message =
        "`path` of the backend `local` is not known: `local.a` refers to itself, or lies too deep";
    fails(
        run(&StateArgs::default(), &env, &NoNetwork).await,
        Kind::Configuration,
        message,
    );
}

#[tokio::test]
async fn a_backend_changed_since_init_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    write(
        dir.path(),
        "main.tf",
        "terraform {\n  backend \"local\" {\n    path = \"new.tfstate\"\n  }\n}\n",
    );
    write(
        dir.path(),
        ".terraform/terraform.tfstate",
        r#"{"version":3,"backend":{"type":"local","config":{"path":"old.tfstate"},"hash":1}}"#,
    );
    write(dir.path(), "old.tfstate", &state("old"));
    let resolved = run(
        &StateArgs::default(),
        &environment(dir.path(), &[]),
        &NoNetwork,
    )
    .await
    .expect("read");
    assert_eq!(names(&resolved), ["old.tfstate: old"]);
    assert_eq!(
        said(&resolved.notes),
        ["`path` of the backend in `main.tf` is not what the last `tofu init` used"]
    );
    write(
        dir.path(),
        ".terraform/terraform.tfstate",
        r#"{"version":3,"backend":{"type":"gcs","config":{"bucket":"b"}}}"#,
    );
    let resolved = run(
        &StateArgs::default(),
        &environment(dir.path(), &[]),
        &NoNetwork,
    )
    .await
    .expect("read");
    assert_eq!(
        said(&resolved.notes)[0],
        "`main.tf` declares the backend `local`, and the last `tofu init` used `gcs`"
    );
    assert!(resolved.states.is_empty());
}

/// Without it the default workspace's state would be taken for the selected one's.
#[tokio::test]
async fn a_selected_workspace_that_cannot_be_read_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        "main.tf",
        "terraform {\n  backend \"local\" {}\n}\n",
    );
    write(dir.path(), ".terraform/environment/not-a-file", "");
    let result = run(
        &StateArgs::default(),
        &environment(dir.path(), &[]),
        &Loopback(0),
    )
    .await;
    let error = result.expect_err("no workspace");
    assert_eq!(error.kind, Kind::Unreadable);
    assert!(
        error
            .message
            .starts_with("the selected workspace cannot be read: ")
    );
}

/// A profile file that is there and cannot be read is not one without the profile.
#[tokio::test]
async fn a_profile_file_that_cannot_be_read_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let block = "terraform {\n  backend \"s3\" {\n    bucket = \"b\"\n    key = \"k\"\n    region = \"eu-west-1\"\n    shared_credentials_files = [\"keys\"]\n  }\n}\n";
    write(dir.path(), "main.tf", block);
    write(dir.path(), "keys/not-a-file", "");
    let result = run(
        &StateArgs::default(),
        &environment(dir.path(), &[]),
        &Loopback(0),
    )
    .await;
    let error = result.expect_err("no profile");
    assert_eq!(
        (error.kind, error.file.as_str()),
        (Kind::Configuration, "keys")
    );
    assert!(error.message.starts_with("cannot be read: "));
}
