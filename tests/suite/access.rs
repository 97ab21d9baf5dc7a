//! Credentials of every kind, what a doctor says, and the projects of a folder, against a small cloud.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::support::cloud::{self, Cloud, Fault};
use driftline::collect::{
    CredentialSettings, Credentials, Settings, Status, collect, doctor, permissions, projects_of,
};
use serde_json::{Value, json};

const SECRET: &str = "planted-secret";

fn token() -> Value {
    json!({"access_token": "a-token", "expires_in": 3600, "token_type": "Bearer"})
}

fn user(cloud: &Cloud) -> Value {
    json!({"type": "authorized_user", "client_id": "c", "client_secret": SECRET, "refresh_token": SECRET, "account": "ann@example.com",
        "token_uri": format!("http://{}/token", cloud.address)})
}

/// Settings with no credential of their own and no metadata server.
fn bare(cloud: &Cloud) -> Settings {
    let metadata_host = Some("127.0.0.1:1".to_owned());
    Settings {
        credentials: CredentialSettings {
            metadata_host,
            ..CredentialSettings::default()
        },
        token_timeout: Duration::from_secs(20),
        ..cloud.settings()
    }
}

fn with_key(cloud: &Cloud, key: &Value) -> Settings {
    let mut settings = bare(cloud);
    settings.credentials.key = Some(("GOOGLE_CREDENTIALS".to_owned(), key.to_string()));
    settings
}

/// Reads with a credential; gives whose it is and what was asked for a token.
async fn reads(cloud: &Cloud, settings: &Settings) -> (Option<String>, Vec<String>) {
    let found = Credentials::find(settings).await.unwrap();
    assert!(!format!("{found:?}").contains(SECRET));
    let capture = collect(
        &cloud::catalog(),
        settings,
        &["p".to_owned()],
        None,
        &|_| (),
    )
    .await
    .unwrap();
    assert!(capture.pages.len() == 10, "{:?}", capture.gaps);
    let asked = cloud
        .log()
        .into_iter()
        .filter(|line| !line.contains(".example/v1/projects/p/") || line.starts_with("POST"));
    (
        found.whose().map(str::to_owned),
        asked.collect::<BTreeSet<_>>().into_iter().collect(),
    )
}

fn served(more: &[(&'static str, Value)]) -> Cloud {
    let mut answers = cloud::project();
    answers.extend(more.iter().cloned());
    Cloud::serve(&answers)
}

const ACCOUNT: &str = "iam.example/v1/projects/-/serviceAccounts/robot@p.iam:generateAccessToken";

fn robot() -> Value {
    json!({"accessToken": "robot-token", "expireTime": "2199-01-01T00:00:00Z"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_signs_in() {
    let cloud = served(&[("token", token())]);
    assert_eq!(
        reads(&cloud, &with_key(&cloud, &user(&cloud))).await,
        (
            Some("ann@example.com".to_owned()),
            vec!["POST token".to_owned()]
        )
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_metadata_server_gives_a_token() {
    let cloud = served(&[(
        "computeMetadata/v1/instance/service-accounts/default/token",
        token(),
    )]);
    let mut settings = bare(&cloud);
    settings.credentials.metadata_host = Some(cloud.address.clone());
    let (whose, asked) = reads(&cloud, &settings).await;
    assert!(
        whose.is_none() && asked.iter().any(|line| line.ends_with("default/token")),
        "{asked:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workload_identity_is_exchanged() {
    let folder = tempfile::tempdir().unwrap();
    let subject = folder.path().join("subject");
    std::fs::write(&subject, SECRET).unwrap();
    let mut answer = token();
    answer["issued_token_type"] = json!("urn:ietf:params:oauth:token-type:access_token");
    let cloud = served(&[("sts", answer)]);
    let key = json!({"type": "external_account", "audience": "//iam.example/pool", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": format!("http://{}/sts", cloud.address), "credential_source": {"file": subject}});
    assert_eq!(
        reads(&cloud, &with_key(&cloud, &key)).await,
        (None, vec!["POST sts".to_owned()])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_acts_as_a_service_account() {
    let cloud = served(&[("token", token()), (ACCOUNT, robot())]);
    let named = json!({"type": "impersonated_service_account", "source_credentials": user(&cloud), "delegates": [],
        "service_account_impersonation_url": format!("http://{}/{ACCOUNT}", cloud.address)});
    let by_file = reads(&cloud, &with_key(&cloud, &named)).await;
    let mut settings = with_key(&cloud, &user(&cloud));
    settings.credentials.impersonate = Some("robot@p.iam".to_owned());
    settings.endpoints.insert(
        "GOOGLE_IAM_CREDENTIALS_CUSTOM_ENDPOINT".to_owned(),
        format!("http://{}/iam.example/v1/", cloud.address),
    );
    for (whose, asked) in [by_file, reads(&cloud, &settings).await] {
        assert_eq!(whose.as_deref(), Some("robot@p.iam"));
        assert_eq!(asked, [format!("POST {ACCOUNT}"), "POST token".to_owned()]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_account_key_signs_for_itself() {
    // Made for this test; it opens nothing.
    let made = include_str!("../data/key-of-nobody.pem");
    let cloud = served(&[]);
    let key = json!({"type": "service_account", "client_email": "robot@p.iam", "private_key_id": "1", "project_id": "p",
        "private_key": made, "token_uri": "https://unused.example"});
    assert_eq!(
        reads(&cloud, &with_key(&cloud, &key)).await,
        (Some("robot@p.iam".to_owned()), Vec::new())
    );
}

#[tokio::test]
async fn a_token_wins_over_a_key_and_may_be_a_file() {
    let cloud = served(&[]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "a-token\n").unwrap();
    let mut settings = with_key(&cloud, &user(&cloud));
    settings.credentials.access_token = Some(folder.path().join("token").display().to_string());
    assert_eq!(reads(&cloud, &settings).await, (None, Vec::new()));
}

#[tokio::test]
async fn each_credential_that_cannot_work_has_one_clear_message() {
    let cloud = served(&[]);
    let message = async |key: &str| {
        let mut settings = bare(&cloud);
        settings.credentials.key = Some(("GOOGLE_CREDENTIALS".to_owned(), key.to_owned()));
        let message = Credentials::find(&settings).await.unwrap_err().to_string();
        assert!(
            message.starts_with("GOOGLE_CREDENTIALS: ")
                && !message.contains(SECRET)
                && !message.contains('\n'),
            "{message}"
        );
        message
    };
    let of = |kind: &str, more: Value| {
        let mut key = json!({"type": kind, "private_key": SECRET, "refresh_token": SECRET});
        key.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        key.to_string()
    };
    assert!(
        message(&of("external_account_authorized_user", json!({})))
            .await
            .contains("gcloud auth print-access-token")
    );
    assert!(
        message(&of(
            "external_account",
            json!({"credential_source": {"certificate": {}}})
        ))
        .await
        .contains("X.509")
    );
    let pkcs1 =
        format!("-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----\n");
    assert!(
        message(&of(
            "service_account",
            json!({"client_email": "e", "private_key_id": "i", "private_key": pkcs1})
        ))
        .await
        .contains("PKCS#1")
    );
    assert!(
        message(&of("gdch_service_account", json!({})))
            .await
            .contains("Distributed Cloud")
    );
    assert!(
        message(&of("oauth_thing", json!({})))
            .await
            .contains("`oauth_thing` cannot be used")
    );
    assert!(
        message("{\"client_id\": \"x\"}")
            .await
            .contains("no `type`")
    );
    assert!(message("{\"type\": ").await.contains("not JSON"));
    assert!(
        message("/no/such/key.json")
            .await
            .contains("no file `/no/such/key.json`")
    );
    assert!(
        message(&of("service_account", json!({})))
            .await
            .contains("cannot be used")
    );
    assert!(
        message(&SECRET.repeat(20))
            .await
            .contains("neither JSON nor a file's name")
    );
}

#[tokio::test]
async fn without_any_credential_the_message_says_what_to_do() {
    let cloud = served(&[]);
    let mut settings = bare(&cloud);
    let error = collect(
        &cloud::catalog(),
        &settings,
        &["p".to_owned()],
        None,
        &|_| (),
    )
    .await
    .unwrap_err()
    .to_string();
    assert!(
        error.starts_with("no credentials found: run `gcloud auth application-default login`"),
        "{error}"
    );
    settings.credentials.adc_file = Some("/no/such/adc.json".to_owned());
    let error = Credentials::find(&settings).await.unwrap_err().to_string();
    assert!(
        error.contains("/no/such/adc.json (GOOGLE_APPLICATION_CREDENTIALS)"),
        "{error}"
    );
    assert!(cloud.log().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_sign_in_says_so_without_its_secrets() {
    let cloud = served(&[]);
    let body = json!({"error": "invalid_grant", "error_description": format!("Token {SECRET} has been expired or revoked.")});
    cloud.plant("token$", 0, Fault::Status(400, body, ""));
    let capture = collect(
        &cloud::catalog(),
        &with_key(&cloud, &user(&cloud)),
        &["p".to_owned()],
        None,
        &|_| (),
    )
    .await
    .unwrap();
    let text = format!("{:?}", capture.gaps);
    assert!(
        text.contains("expired or was revoked") && !text.contains(SECRET),
        "{text}"
    );
}

#[tokio::test]
async fn plain_http_to_another_machine_is_refused() {
    let cloud = served(&[]);
    let mut settings = cloud.settings();
    settings.endpoints.insert(
        "GOOGLE_SQL_CUSTOM_ENDPOINT".to_owned(),
        "http://sql.example/".to_owned(),
    );
    let error = collect(
        &cloud::catalog(),
        &settings,
        &["p".to_owned()],
        None,
        &|_| (),
    )
    .await
    .unwrap_err()
    .to_string();
    assert!(
        error.starts_with("GOOGLE_SQL_CUSTOM_ENDPOINT is plain http"),
        "{error}"
    );
}

#[tokio::test]
async fn the_project_that_pays_is_named_as_the_provider_names_it() {
    let read = async |billing: Option<&str>, on: bool| {
        let cloud = served(&[]);
        let settings = Settings {
            billing_project: billing.map(str::to_owned),
            user_project_override: on,
            ..cloud.settings()
        };
        collect(
            &cloud::catalog(),
            &settings,
            &["p".to_owned()],
            None,
            &|_| (),
        )
        .await
        .unwrap();
        cloud
            .payers()
            .into_iter()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert_eq!(read(Some("bill"), false).await, Vec::<String>::new());
    assert_eq!(read(Some("bill"), true).await, ["bill"]);
    assert_eq!(read(None, true).await, ["p"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_speaks_no_tls_is_a_gap() {
    let cloud = served(&[]);
    let mut settings = cloud.settings();
    settings.endpoints.insert(
        "GOOGLE_SQL_CUSTOM_ENDPOINT".to_owned(),
        format!("https://{}/sql.example/v1/", cloud.address),
    );
    let capture = collect(
        &cloud::catalog(),
        &settings,
        &["p".to_owned()],
        None,
        &|_| (),
    )
    .await
    .unwrap();
    let gap = capture
        .gaps
        .iter()
        .find(|gap| gap.listing == "t_instance")
        .unwrap();
    assert!(
        gap.reason == driftline::model::GapReason::Unavailable
            || gap.reason == driftline::model::GapReason::Timeout,
        "{gap:?}"
    );
    assert!(
        capture
            .pages
            .iter()
            .any(|page| page.listing == "t_repository")
    );
}

async fn checks(cloud: &Cloud, settings: &Settings) -> Vec<(String, Status, String)> {
    let checks = doctor(&cloud::catalog(), settings, &["p".to_owned()], None).await;
    assert!(
        cloud
            .log()
            .iter()
            .all(|line| line.starts_with("GET ") || line.ends_with(":testIamPermissions"))
    );
    checks
        .into_iter()
        .filter(|check| !check.name.starts_with("endpoint"))
        .map(|c| (c.name, c.status, format!("{} | {}", c.detail, c.fix)))
        .collect()
}

#[tokio::test]
async fn the_doctor_finds_what_ails() {
    let all = permissions(&cloud::catalog(), None);
    assert!(
        all.contains("registry.locations.list") && all.len() == 10,
        "{all:?}"
    );
    let cloud = served(&[(
        "projects.example/v1/projects/p:testIamPermissions",
        json!({"permissions": all}),
    )]);
    let well = checks(&cloud, &cloud.settings()).await;
    assert!(well.iter().all(|check| check.1 == Status::Ok), "{well:?}");
    assert_eq!(
        well.iter().map(|c| c.0.as_str()).collect::<Vec<_>>(),
        [
            "credential",
            "cache in p",
            "registry in p",
            "sql in p",
            "permissions in p"
        ]
    );

    let cloud = served(&[(
        "projects.example/v1/projects/p:testIamPermissions",
        json!({"permissions": ["sql.users.list"]}),
    )]);
    let error =
        |reason: &str| json!({"error": {"message": "injected", "errors": [{"reason": reason}]}});
    cloud.plant(
        "sql.example",
        0,
        Fault::Status(403, error("accessNotConfigured"), ""),
    );
    cloud.plant(
        "cache.example",
        0,
        Fault::Status(403, error("forbidden"), ""),
    );
    let ill = checks(&cloud, &cloud.settings()).await;
    let of = |name: &str| ill.iter().find(|check| check.0 == name).unwrap();
    assert!(
        of("sql in p").1 == Status::Warning
            && of("sql in p")
                .2
                .contains("gcloud services enable sql.example --project p")
    );
    assert!(
        of("cache in p").1 == Status::Failed
            && of("cache in p").2.contains("grant cache.caches.list")
    );
    assert!(
        of("permissions in p")
            .2
            .contains("missing: cache.caches.get, cache.caches.list"),
        "{ill:?}"
    );

    let cloud = served(&[]);
    cloud.plant("", 0, Fault::Status(401, error("authError"), ""));
    let expired = checks(&cloud, &cloud.settings()).await;
    assert!(
        expired
            .iter()
            .any(|check| check.1 == Status::Failed && check.2.contains("unauthenticated")),
        "{expired:?}"
    );
    let none = checks(&served(&[]), &bare(&cloud)).await;
    assert!(
        none.len() == 1 && none[0].0 == "credential" && none[0].2.contains("no credentials found"),
        "{none:?}"
    );
}

#[tokio::test]
async fn projects_of_a_folder_are_found_at_any_depth_and_blind_spots_said() {
    let path = |kind: &str, parent: &str, more: &str| {
        format!("projects.example/v1/{kind}?parent={parent}&pageSize=300{more}")
    };
    let answers = [
        (
            path("projects", "organizations/1", ""),
            json!({"projects": [{"projectId": "a", "state": "ACTIVE"}], "nextPageToken": "2"}),
        ),
        (
            path("projects", "organizations/1", "&pageToken=2"),
            json!({"projects": [{"projectId": "z", "state": "DELETE_REQUESTED"}]}),
        ),
        (
            path("folders", "organizations/1", ""),
            json!({"folders": [{"name": "folders/2"}, {"name": "folders/3"}]}),
        ),
        (
            path("projects", "folders/2", ""),
            json!({"projects": [{"projectId": "b", "state": "ACTIVE"}]}),
        ),
        (path("folders", "folders/2", ""), json!({})),
        (
            path("folders", "folders/3", ""),
            json!({"folders": [{"name": "folders/2"}]}),
        ),
    ];
    let answers: Vec<(&str, Value)> = answers
        .iter()
        .map(|(path, body)| (path.as_str(), body.clone()))
        .collect();
    let cloud = Cloud::serve(&answers);
    cloud.plant(
        "projects?parent=folders/3",
        0,
        Fault::Status(
            403,
            json!({"error": {"message": "The caller does not have permission"}}),
            "",
        ),
    );
    let found = projects_of(&cloud.settings(), "organizations/1")
        .await
        .unwrap();
    assert_eq!(found.projects, ["a", "b"]);
    assert_eq!(
        found
            .gaps
            .iter()
            .map(|gap| gap.fix.as_str())
            .collect::<Vec<_>>(),
        ["grant resourcemanager.projects.list on folders/3"]
    );
    assert!(
        projects_of(&cloud.settings(), "folders/x/../y")
            .await
            .is_err()
    );
}
